//! Everything that is said of a run, by who has seen its trace: fates with their causes, what was expected, what does not hold.

use super::causes::{self, Cause};
use super::check::{Checker, Invariant, Violation};
use super::expect::{Unmet, unmet};
use super::fates::{Fate, Fates};
use super::sink::Sink;
use super::trace::{RecipientIdx, TraceEvent, What};
use super::{Bounds, Cut, Run, Stage};
use crate::model::{FateKind, MessageIdx, ScenarioEventKind, SimTime};

/// Watches a run: [`Fates`] and a [`Checker`] in one.
#[derive(Debug)]
pub struct Observer<'a> {
    stage: &'a Stage,
    fates: Fates<'a>,
    checker: Checker<'a>,
    stopped_at: Vec<SimTime>,
}

/// What there is to say of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What became of every message, and why; as [`Fates::fates`] lists them.
    pub fates: Vec<Fate>,
    /// Expectations that were not met.
    pub unmet: Vec<Unmet>,
    /// What may not be and was: a mistake of the simulation, or of its checker.
    pub violations: Vec<Violation>,
    /// When each [`Cut`] came. Fewer than there are cuts: the run was over first.
    pub stopped_at: Vec<SimTime>,
    /// How the run went.
    pub run: Run,
}

impl<'a> Observer<'a> {
    /// Nothing has happened yet. O(organization + scenario).
    pub fn new(stage: &'a Stage) -> Observer<'a> {
        Observer {
            stage,
            fates: Fates::new(stage),
            checker: Checker::new(stage),
            stopped_at: Vec::new(),
        }
    }

    /// The run is over. O(fates × log fates).
    pub fn end(self, run: Run) -> Observed {
        let Observer {
            stage,
            fates: told,
            mut checker,
            stopped_at,
        } = self;
        checker.finish(&run);
        let mut fates = told.fates();
        drop(told);
        let unexplained = causes::settle(&mut fates, &checker, &run);
        let mut violations = checker.violations().to_vec();
        violations.extend(unexplained);
        drop(checker);
        Observed {
            unmet: unmet(stage, &fates),
            fates,
            violations,
            stopped_at,
            run,
        }
    }
}

impl Sink for Observer<'_> {
    fn take(&mut self, event: &TraceEvent) {
        self.fates.take(event);
        self.checker.take(event);
        if matches!(
            event.what,
            What::Struck(ScenarioEventKind::ServerDown(_) | ScenarioEventKind::Destroy(_))
        ) {
            self.stopped_at.push(event.at);
        }
    }
}

impl Observed {
    /// Whether something is not as it has to be: an expectation has failed, or the run could not have been.
    pub fn is_wrong(&self) -> bool {
        !self.violations.is_empty() || self.failed().next().is_some()
    }

    /// Expectations that have failed for good.
    pub fn failed(&self) -> impl Iterator<Item = &Unmet> {
        self.unmet.iter().filter(|unmet| unmet.has_failed(&self.run))
    }
}

/// Lets a scenario happen with servers that stop besides, and watches. O(a run).
pub fn observe(stage: &Stage, cuts: &[Cut], bounds: &Bounds) -> Observed {
    let mut observer = Observer::new(stage);
    let run = stage.run_with(cuts, bounds, &mut observer);
    observer.end(run)
}

/// What there is to say of a run, without when and where: two runs with equal ones are told as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    ends: Vec<End>,
    /// Positions of expectations that have failed.
    failed: Vec<usize>,
    broken: Vec<(Invariant, &'static str)>,
    /// Whether [`Bounds`] ended the run: what waits then might not wait for long.
    limit_hit: bool,
}

type End = (MessageIdx, RecipientIdx, FateKind, u32, Option<Cause>);

impl Outcome {
    /// The outcome of a run. O(fates).
    pub fn new(observed: &Observed) -> Outcome {
        let end = |fate: &Fate| (fate.message, fate.recipient, fate.kind, fate.copies, fate.cause);
        let mut failed: Vec<usize> = observed.failed().map(|unmet| unmet.expectation).collect();
        failed.dedup();
        let violations = observed.violations.iter();
        let mut broken: Vec<_> = violations
            .map(|violation| (violation.invariant, violation.what))
            .collect();
        broken.sort_unstable();
        broken.dedup();
        Outcome {
            ends: observed.fates.iter().map(end).collect(),
            failed,
            broken,
            limit_hit: observed.run.limit_hit,
        }
    }
}
