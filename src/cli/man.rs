//! `man`: the manual page.

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
            for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
                let page = Page::new(command.clone());
                let mut roff = Roff::default();
                roff.control("SH", [command.get_name().to_uppercase().as_str()]);
                roff.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
                roff.to_writer(out)?;
                page.render_synopsis_section(out)?;
                page.render_options_section(out)?;
            }
            Ok(())
        })
    }
}
