//! `man`: the manual page.

use std::io::{self, Write};

use clap::{Args, Command};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use super::failure::Failure;
use super::output::Output;

/// The manual page of this program and all its commands, in roff.
#[derive(Args)]
pub(super) struct Man {}

impl Man {
    pub(super) fn run(&self, output: Output, mut program: Command) -> Result<(), Failure> {
        program.build();
        output.write(|out| {
            Page::new(program.clone()).render(out)?;
            commands(&program, "", out)
        })
    }
}

/// A section for each command, and for those below it. Options that every command takes are told once.
fn commands(parent: &Command, path: &str, out: &mut dyn Write) -> io::Result<()> {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        let path = format!("{path}{}", command.get_name());
        let about = command
            .get_long_about()
            .or(command.get_about())
            .map(ToString::to_string);
        let own = command
            .clone()
            .mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        let mut roff = Roff::default();
        roff.control("SH", [path.to_uppercase().as_str()]);
        roff.text([roman(about.unwrap_or_default())]);
        roff.to_writer(&mut *out)?;
        let page = Page::new(own);
        page.render_synopsis_section(&mut *out)?;
        page.render_options_section(&mut *out)?;
        commands(command, &format!("{path} "), out)?;
    }
    Ok(())
}
