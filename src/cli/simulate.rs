//! `simulate`: messages through time.

use std::path::PathBuf;

use bridgehead::linkstate::Timers;
use bridgehead::report::{SimulateFormat, Telling};
use bridgehead::sim::{Bounds, Fates, Stage, unmet};
use clap::{Args, ValueEnum};

use super::Status;
use super::failure::Failure;
use super::input::InputArgs;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;

/// Messages through time: what waits where, what is tried again, what arrives, is returned, or is lost.
///
/// Ends with status 1 when an expectation of the scenario failed, with 4 when a bound was reached and none had.
#[derive(Args)]
pub(super) struct Simulate {
    /// Scenario file, RON or JSON; `-` for standard input.
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    /// Most events that are handled; what would come after them is never taken to be known.
    #[arg(long, value_name = "N", default_value_t = Bounds::default().events_max)]
    max_events: u64,
    /// How the result is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A time line, then what became of the messages.
    Text,
    /// One document, `bridgehead.simulate/1`.
    Json,
    /// One record a line: events as they happen, then what became of the messages.
    Jsonl,
}

impl Simulate {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let order = self.open.name_order();
        let (_, org, scenario) = self.input.scenario(&self.scenario, order, &output, messages)?;
        let stage = Stage::new(org, scenario, self.open.options(), Timers::default());
        let bounds = Bounds {
            events_max: self.max_events,
        };
        let format = match self.format {
            Format::Text => SimulateFormat::Text,
            Format::Json => SimulateFormat::Json,
            Format::Jsonl => SimulateFormat::JsonLines,
        };
        let palette = output.palette();
        let mut status = Status::Done;
        output.write(|out| {
            let mut telling = Telling::new(&stage, format, palette, out);
            let mut fates = Fates::new(&stage);
            let run = stage.run(&bounds, &mut (&mut fates, &mut telling));
            let fates = fates.fates();
            let unmet = unmet(&stage, &fates);
            status = match unmet.iter().any(|unmet| unmet.has_failed(&run)) {
                true => Status::Findings,
                false if run.limit_hit => Status::Inconclusive,
                false => Status::Done,
            };
            telling.end(&fates, &unmet, &run)
        })?;
        Ok(status)
    }
}
