//! `diff`: which routes move between two files.

use std::path::{Path, PathBuf};

use bridgehead::model::{FailureSet, Message};
use bridgehead::report::{DiffFormat, write_diff};
use bridgehead::route::{Graphs, View};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::input::InputArgs;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;

/// Which routes move between two files, by how much, and which rule decides them now.
#[derive(Args)]
pub(super) struct Diff {
    /// Topology file of before; `-` for standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Topology file of now; `-` for standard input.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How the differences are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    open: OpenDecisions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table for each sender whose routes move.
    Text,
    /// One document, `bridgehead.diff/1`.
    Json,
}

impl Diff {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<(), Failure> {
        output.spare(&self.old)?;
        output.spare(&self.new)?;
        let order = self.open.name_order();
        let stdin = Path::new("-");
        if self.old == stdin && self.new == stdin {
            return Err(Failure::usage(
                "both files are standard input, which can be read only once",
            ));
        }
        let (_, old) = self.input.organization(&self.old, order, messages)?;
        let (_, new) = self.input.organization(&self.new, order, messages)?;
        let (old_graphs, new_graphs) = (Graphs::new(&old), Graphs::new(&new));
        let (message, down) = (Message::default(), FailureSet::default());
        let options = self.open.options();
        let before = View::new(&old, &old_graphs, options, &message, &down);
        let after = View::new(&new, &new_graphs, options, &message, &down);
        let format = match self.format {
            Format::Text => DiffFormat::Text,
            Format::Json => DiffFormat::Json,
        };
        let palette = output.palette();
        output.write(|out| write_diff(&before, &after, format, palette, out))
    }
}
