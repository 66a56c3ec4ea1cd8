//! What came of many runs of one scenario: every outcome once, with the smallest way there.

use std::io::{self, Write};
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::disturbed::{Disturbed, FaultRecord, StopRecord};
use super::names::Names;
use super::record::{EndedRecord, ExpectationRecord, FateRecord, SIMULATE_FORMAT};
use super::violation::ViolationRecord;
use super::{SimulateFormat, labelled_lines, lines, outcomes_text};
use crate::report::text::{Page, Palette};
use crate::sim::{Chances, Exploration, Fate, Found, Observed, Outcome, Stage, faults};

/// Many runs of one scenario.
#[derive(Clone, Debug)]
pub enum Many<'a> {
    /// With servers that stop, so many at most.
    Stops(&'a Exploration, usize),
    /// With the faults of these seeds.
    Seeds(&'a Chances, Range<u64>),
}

/// `simulate --explore`, `simulate --seeds`: what came of many runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutcomesRecord<'a> {
    /// `bridgehead.simulate/1`.
    pub format: &'static str,
    /// What comes of the scenario as it is.
    pub undisturbed: UndisturbedRecord<'a>,
    /// Every outcome once; those with fewest stops first, then by event; or by seed.
    pub outcomes: Vec<OutcomeRecord<'a>>,
    /// What was tried.
    pub searched: SearchedRecord,
}

/// What comes of the scenario when nothing disturbs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UndisturbedRecord<'a> {
    /// What became of each message for each recipient.
    pub fates: Vec<FateRecord<'a>>,
    /// Expectations that fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<ExpectationRecord<'a>>,
    /// What may not be and was; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationRecord<'a>>,
    /// How it ended.
    pub ended: EndedRecord,
}

/// An outcome, by the smallest schedule of stops, or the first seed, that leads there. Two runs have the same outcome when what
/// becomes of every message is the same, with copies and cause, and the same expectations fail; instants may differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutcomeRecord<'a> {
    /// The arguments that `simulate` takes instead of `--explore` or `--seeds` to show this run; none: nothing disturbs it.
    pub replay: Vec<String>,
    /// Servers that stop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<StopRecord<'a>>,
    /// The seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Its faults.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRecord>,
    /// How many schedules or seeds lead there.
    pub runs: u64,
    /// What became of messages for whom that is not as in the undisturbed run, where one more or less of what can be seen is a
    /// difference, and when it happens is none.
    pub fates: Vec<FateRecord<'a>>,
    /// Expectations that fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<ExpectationRecord<'a>>,
    /// What may not be and was; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationRecord<'a>>,
    /// How that run ended.
    pub ended: EndedRecord,
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SearchedRecord {
    /// Most servers that stop in a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_stops: Option<usize>,
    /// Seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seeds: Option<SeedsRecord>,
    /// Runs, the undisturbed one included.
    pub runs: u64,
    /// Schedules that are known and were not tried.
    pub left: u64,
    /// Whether everything was tried and every run went to its end; else there may be more outcomes.
    pub complete: bool,
}

/// Seeds, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeedsRecord {
    /// The first.
    pub from: u64,
    /// The first that was not tried.
    pub to: u64,
}

/// An outcome as both kinds of searches have it.
pub(super) struct One<'a> {
    pub(super) disturbed: Disturbed,
    pub(super) observed: &'a Observed,
    pub(super) runs: u64,
    /// Whether it is that of the undisturbed run.
    pub(super) is_usual: bool,
}

impl<'a> Many<'a> {
    pub(super) fn undisturbed(&self) -> &'a Observed {
        match self {
            // The search begins with it.
            Many::Stops(exploration, _) => &exploration.found[0].observed,
            Many::Seeds(chances, _) => &chances.undisturbed,
        }
    }

    /// Every run that stands for an outcome, with what disturbs it; the undisturbed one first.
    pub fn observed(&self, stage: &Stage) -> Vec<(&'a Observed, Disturbed)> {
        let outcomes = self.outcomes(stage).into_iter();
        let outcomes = outcomes.map(|one| (one.observed, one.disturbed));
        match self {
            Many::Stops(..) => outcomes.collect(),
            Many::Seeds(..) => [(self.undisturbed(), Disturbed::Not)]
                .into_iter()
                .chain(outcomes)
                .collect(),
        }
    }

    /// Whether a bound ended the search or a run: more outcomes may exist.
    pub fn limit_hit(&self) -> bool {
        match self {
            Many::Stops(exploration, _) => exploration.limit_hit,
            Many::Seeds(chances, _) => chances.limit_hit,
        }
    }

    /// Every outcome, in the order of the search.
    pub(super) fn outcomes(&self, stage: &Stage) -> Vec<One<'a>> {
        match self {
            Many::Stops(exploration, _) => exploration.found.iter().map(stopped).collect(),
            Many::Seeds(chances, _) => {
                let usual = Outcome::new(&chances.undisturbed);
                let one = |one: &'a crate::sim::ByChance| One {
                    disturbed: Disturbed::Seed(one.seed, faults(stage, one.seed)),
                    observed: &one.observed,
                    runs: one.seeds,
                    is_usual: Outcome::new(&one.observed) == usual,
                };
                chances.outcomes.iter().map(one).collect()
            }
        }
    }

    pub(super) fn searched(&self) -> SearchedRecord {
        let (max_stops, seeds, runs, left) = match self {
            Many::Stops(exploration, stops) => (Some(*stops), None, exploration.runs, exploration.left),
            Many::Seeds(_, seeds) => {
                let (from, to) = (seeds.start, seeds.end);
                (None, Some(SeedsRecord { from, to }), (to - from).saturating_add(1), 0)
            }
        };
        SearchedRecord {
            max_stops,
            seeds,
            runs,
            left,
            complete: !self.limit_hit(),
        }
    }
}

fn stopped(found: &Found) -> One<'_> {
    let stops = found.schedule.iter().copied();
    let stops: Vec<_> = stops.zip(found.observed.stopped_at.iter().copied()).collect();
    One {
        disturbed: match stops.is_empty() {
            true => Disturbed::Not,
            false => Disturbed::Stops(stops),
        },
        observed: &found.observed,
        runs: found.schedules,
        is_usual: found.schedule.is_empty(),
    }
}

impl<'a> OutcomeRecord<'a> {
    pub(super) fn new(stage: &'a Stage, usual: &Observed, one: &One<'_>) -> OutcomeRecord<'a> {
        let names = Names { stage };
        let observed = one.observed;
        let differs = |fate: &&Fate| {
            let key = |fate: &Fate| (fate.message, fate.recipient);
            let usual = usual
                .fates
                .binary_search_by_key(&key(fate), key)
                .map(|at| &usual.fates[at]);
            !usual.is_ok_and(|usual| is_alike(usual, fate))
        };
        OutcomeRecord {
            replay: one.disturbed.arguments(stage),
            stops: one.disturbed.stops(stage),
            seed: one.disturbed.seed(),
            faults: one.disturbed.faults(stage),
            runs: one.runs,
            fates: observed
                .fates
                .iter()
                .filter(differs)
                .map(|fate| FateRecord::new(names, fate))
                .collect(),
            expectations: failed(stage, observed),
            violations: violations(stage, observed),
            ended: EndedRecord::new(&observed.run),
        }
    }
}

fn failed<'a>(stage: &'a Stage, observed: &Observed) -> Vec<ExpectationRecord<'a>> {
    let mut all = ExpectationRecord::all(stage, &observed.unmet, &observed.run);
    all.retain(|expectation| expectation.outcome == "failed");
    all
}

fn violations<'a>(stage: &'a Stage, observed: &Observed) -> Vec<ViolationRecord<'a>> {
    let names = Names { stage };
    let violations = observed.violations.iter();
    violations.map(|one| ViolationRecord::new(names, one)).collect()
}

/// Whether the same becomes of a message for a recipient, whenever and wherever.
fn is_alike(one: &Fate, other: &Fate) -> bool {
    let of = |fate: &Fate| (fate.kind, fate.copies, fate.cause);
    of(one) == of(other)
}

/// Writes what came of many runs of `stage`.
///
/// # Errors
/// Those of the handle.
pub fn write_outcomes(
    stage: &Stage,
    many: &Many<'_>,
    format: SimulateFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let usual = many.undisturbed();
    let names = Names { stage };
    let outcomes = many.outcomes(stage);
    let record = |one: &One<'_>| OutcomeRecord::new(stage, usual, one);
    let undisturbed = || UndisturbedRecord {
        fates: usual.fates.iter().map(|fate| FateRecord::new(names, fate)).collect(),
        expectations: failed(stage, usual),
        violations: violations(stage, usual),
        ended: EndedRecord::new(&usual.run),
    };
    match format {
        SimulateFormat::Text => outcomes_text::write(stage, many, &outcomes, &mut Page::new(out, palette)),
        SimulateFormat::Json => {
            let document = OutcomesRecord {
                format: SIMULATE_FORMAT,
                undisturbed: undisturbed(),
                outcomes: outcomes.iter().map(record).collect(),
                searched: many.searched(),
            };
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        SimulateFormat::JsonLines => {
            labelled_lines("undisturbed", &[undisturbed()], out)?;
            outcomes
                .iter()
                .try_for_each(|one| lines([record(one)].into_iter(), out))?;
            labelled_lines("searched", &[many.searched()], out)
        }
    }
}
