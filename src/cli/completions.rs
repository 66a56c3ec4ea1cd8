//! `completions`: what a shell has to know to complete the arguments.

use clap::{Args, Command};
use clap_complete::{Generator, Shell};

use super::failure::Failure;
use super::output::Output;

/// A script that completes the arguments of this program in a shell.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, output: Output, mut program: Command) -> Result<(), Failure> {
        program.set_bin_name("bridgehead");
        program.build();
        output.write(|out| self.shell.try_generate(&program, out))
    }
}
