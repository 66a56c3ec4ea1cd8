//! `simulate`: messages through time.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use bridgehead::linkstate::Timers;
use bridgehead::report::{Disturbed, Many, SimulateFormat, Telling, violation_text, write_outcomes};
use bridgehead::sim::{
    Bounds, Cut, Observed, Observer, Stage, chances_telling, explore_telling, faults, observe, with_faults,
};
use clap::{Args, ValueEnum};

use super::Status;
use super::failure::Failure;
use super::input::InputArgs;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;
use super::progress::Progress;
use super::stops::{seeds, stops};

/// Messages through time: what waits where, what is tried again, what arrives, is returned, or is lost.
///
/// With `--explore` the scenario happens again and again, and every server stops at every moment; with `--seeds` there are
/// faults by chance. Every outcome is told once, with the arguments (`--stop`, `--seed`) that show its time line.
///
/// Ends with status 1 when an expectation of the scenario failed, in any of the runs, with 4 when a bound was reached and
/// none had.
#[derive(Args)]
pub(super) struct Simulate {
    /// Scenario file, RON or JSON; `-` for standard input.
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    disturbances: Disturbances,
    /// Most events that are handled in a run; what would come after them is never taken to be known.
    #[arg(long, value_name = "N", default_value_t = Bounds::default().events_max)]
    max_events: u64,
    /// How the result is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
}

/// What happens besides the scenario.
#[derive(Args)]
struct Disturbances {
    /// Stop every server at every moment: between any two events of the run, and in every way: back after a minute or after
    /// four hours, with its queue database or with an empty one, or never.
    #[arg(long, conflicts_with_all = ["seeds", "seed", "stop"], help_heading = "What happens besides")]
    explore: bool,
    /// Most stops in a run. Two take about as many times longer as one run has moments.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=2), default_value_t = 1,
          requires = "explore", conflicts_with_all = ["seeds", "seed", "stop"], help_heading = "What happens besides")]
    max_stops: u8,
    /// Most runs of `--explore`; what was not tried is never taken to be harmless.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), default_value_t = 200_000,
          requires = "explore", conflicts_with_all = ["seeds", "seed", "stop"], help_heading = "What happens besides")]
    max_runs: u64,
    /// Let one to four faults happen by chance in each run: as many runs, with the seeds from 0 on, or those of A..B (without
    /// B). Everything is mended in the end. A seed gives the same faults in every release.
    #[arg(long, value_name = "N|A..B", value_parser = seeds, conflicts_with_all = ["seed", "stop"],
          help_heading = "What happens besides")]
    seeds: Option<Range<u64>>,
    /// Let the faults of this seed happen.
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "stop",
        help_heading = "What happens besides"
    )]
    seed: Option<u64>,
    /// Stop a server after so many events of the run: `HUB-A@17:same:1min` (back after a minute with what was on its disks),
    /// `HUB-A@17:new:4h` (back after four hours with an empty queue database), `HUB-A@17:destroy`. May be given several times.
    #[arg(
        long,
        value_name = "SERVER@EVENTS:KIND",
        allow_hyphen_values = true,
        help_heading = "What happens besides"
    )]
    stop: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A time line, then what became of the messages; of many runs, every outcome.
    Text,
    /// One document, `bridgehead.simulate/1`.
    Json,
    /// One record a line: events as they happen, then what became of the messages; of many runs, every outcome.
    Jsonl,
}

impl Simulate {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let order = self.open.name_order();
        let (_, org, scenario) = self.input.scenario(&self.scenario, order, &output, messages)?;
        let stage = Stage::new(org, scenario, self.open.options(), Timers::default());
        let disturbances = &self.disturbances;
        match (disturbances.explore, &disturbances.seeds) {
            (true, _) => self.explore(&stage, output, messages),
            (_, Some(seeds)) => self.by_chance(&stage, seeds, output, messages),
            _ => self.once(stage, output, messages),
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            events_max: self.max_events,
        }
    }

    fn format(&self) -> SimulateFormat {
        match self.format {
            Format::Text => SimulateFormat::Text,
            Format::Json => SimulateFormat::Json,
            Format::Jsonl => SimulateFormat::JsonLines,
        }
    }

    /// One run, told while it happens.
    fn once(&self, stage: Stage, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let bounds = self.bounds();
        let (stage, disturbed, cuts) = self.disturbed(stage, &bounds)?;
        let palette = output.palette();
        let mut told = None;
        let written = output.write(|out| {
            let mut telling = Telling::new(&stage, self.format(), palette, out).of(disturbed);
            let mut observer = Observer::new(&stage);
            let run = stage.run_with(&cuts, &bounds, &mut (&mut observer, &mut telling));
            let observed = told.insert(observer.end(run));
            telling.end(observed)
        });
        // Whoever has read enough of the result has not read these.
        let observed = told.as_ref().into_iter();
        tell_violations(&stage, observed.map(|observed| (observed, None)), messages);
        written?;
        Ok(status(
            told.iter(),
            told.as_ref().is_some_and(|told| told.run.limit_hit),
        ))
    }

    /// What happens besides in the one run that is asked for, and the stage where that is part of the scenario.
    fn disturbed(&self, stage: Stage, bounds: &Bounds) -> Result<(Stage, Disturbed, Vec<Cut>), Failure> {
        if let Some(seed) = self.disturbances.seed {
            let disturbed = Disturbed::Seed(seed, faults(&stage, seed));
            return Ok((with_faults(&stage, seed), disturbed, Vec::new()));
        }
        let texts = &self.disturbances.stop;
        if texts.is_empty() {
            return Ok((stage, Disturbed::Not, Vec::new()));
        }
        let cuts = stops(stage.org(), texts)?;
        // When they come is known only afterwards, and whether they do.
        let observed = observe(&stage, &cuts, bounds);
        let came = observed.stopped_at.len();
        if let Some(cut) = cuts.get(came) {
            // What is still to stop keeps a run from its end.
            let (after, events) = (cut.after, observe(&stage, &cuts[..came], bounds).run.events);
            let message = format!("a server is to stop after {after} events, and the run ends after {events}");
            return Err(Failure::usage(message).help(match observed.run.limit_hit {
                true => "raise `--max-events`",
                false => "give `--stop` fewer events",
            }));
        }
        let stops = cuts.iter().copied().zip(observed.stopped_at).collect();
        Ok((stage, Disturbed::Stops(stops), cuts))
    }

    fn explore(&self, stage: &Stage, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let stops = usize::from(self.disturbances.max_stops);
        let mut progress = Progress::new(messages);
        let mut tell = |done: u64, of: u64| progress.tell("stopping servers", count(done), count(of));
        let exploration = explore_telling(stage, stops, self.disturbances.max_runs, &self.bounds(), &mut tell);
        drop(progress);
        self.outcomes(stage, &Many::Stops(&exploration, stops), output, messages)
    }

    fn by_chance(
        &self,
        stage: &Stage,
        seeds: &Range<u64>,
        output: Output,
        messages: &Messages,
    ) -> Result<Status, Failure> {
        let mut progress = Progress::new(messages);
        let of = count(seeds.end - seeds.start);
        let mut tell = |done: u64| progress.tell_left("trying seeds", count(done), of);
        let chances = chances_telling(stage, seeds.clone(), &self.bounds(), &mut tell);
        drop(progress);
        self.outcomes(stage, &Many::Seeds(&chances, seeds.clone()), output, messages)
    }

    fn outcomes(&self, stage: &Stage, many: &Many<'_>, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let palette = output.palette();
        let written = output.write(|out| write_outcomes(stage, many, self.format(), palette, out));
        let outcomes = many.observed(stage);
        let told = outcomes
            .iter()
            .map(|(observed, disturbed)| (*observed, Some(disturbed)));
        tell_violations(stage, told, messages);
        written?;
        Ok(status(outcomes.iter().map(|(observed, _)| *observed), many.limit_hit()))
    }
}

fn count(many: u64) -> usize {
    usize::try_from(many).unwrap_or(usize::MAX)
}

fn status<'o>(mut runs: impl Iterator<Item = &'o Observed>, limit_hit: bool) -> Status {
    match runs.any(Observed::is_wrong) {
        true => Status::Findings,
        false if limit_hit => Status::Inconclusive,
        false => Status::Done,
    }
}

/// Tells what Bridgehead contradicts itself in: each mistake once, where it is met first. Runs of many come with what has
/// disturbed them.
fn tell_violations<'o>(
    stage: &Stage,
    runs: impl Iterator<Item = (&'o Observed, Option<&'o Disturbed>)>,
    messages: &Messages,
) {
    let all = runs.flat_map(|(observed, disturbed)| {
        let violations = observed.violations.iter();
        violations.map(move |violation| (violation, disturbed))
    });
    let mut kinds = BTreeSet::new();
    for (violation, disturbed) in all {
        if !kinds.insert((violation.invariant, violation.what)) {
            continue;
        }
        let again = match disturbed.map(|disturbed| disturbed.command(stage)) {
            None => "the same command shows it again".to_owned(),
            Some(command) if command.is_empty() => "the scenario alone shows it".to_owned(),
            Some(command) => format!("`{command}` shows it"),
        };
        let message = format!("Bridgehead contradicts itself: {}", violation_text(stage, violation));
        let help = format!("please report it with the scenario and its topology: {again}");
        messages.error(&message, Some(&help));
    }
}
