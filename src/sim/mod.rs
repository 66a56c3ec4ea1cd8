//! Messages through time: what waits where, what is tried again, what arrives twice, what is lost.
//!
//! A [`Stage`] is an organization with a scenario; a run of it is a discrete simulation on one thread. Events are handled in
//! the order of (instant, class, sequence), so that the same stage always gives the same trace; no clock is read and no dice
//! are rolled. Everything that happens is told as a [`TraceEvent`] to a [`Sink`], and everything that is said about a run is
//! read from there: [`Fates`] says what became of each message without having seen the kernel, and an [`Observer`] why. What
//! is not told to anybody is forgotten: memory grows with what is alive and with what mailboxes have been given, not with the
//! trace.
//!
//! * `kernel`: the loop; `agenda`: what is to come; `state`: what servers hold, on disk and in memory;
//! * `router`: where mail goes next, by the decisions of [`crate::delivery`]; `transport`: queues and retries; `queue`: one of them;
//!   `patience`: what waits too long; `returns`: what comes back;
//! * `entry`: how messages come in; `stores`: mailbox databases, their logs and their moves;
//! * `protection`: what keeps mail alive when servers die: nothing before 2010, `shadow_2010`, `shadow_2013`;
//! * `check`: what has to hold of every trace, said a second time; `observe`, `causes`: what is said of a run;
//! * `explore`: the same scenario with servers that stop at every moment; `chance`: with faults by chance;
//! * `faults`: what the scenario breaks; `network`: who reaches whom; `legacy`: what 2000/2003 servers believe meanwhile;
//! * `queue`, `patience`, `databases`: what the kernel keeps in order; `groups`, `tallies`, `recipients`, `subject`, `ascending`: what those who read traces do;
//! * `alive`: where either keeps what it knows of copies;
//! * `mutant`: mistakes that tests have it make.
//!
//! # What is simplified
//!
#![doc = include_str!("DECISIONS.md")]

mod agenda;
mod alive;
mod ascending;
mod cast;
mod causes;
mod chance;
mod check;
mod configuration;
mod databases;
mod entry;
mod expect;
mod explore;
mod fates;
mod faults;
mod groups;
mod kernel;
mod legacy;
mod mutant;
mod network;
mod observe;
mod patience;
mod protection;
mod queue;
mod reasons;
mod recipients;
mod returns;
mod router;
mod shadow_2010;
mod shadow_2013;
mod sink;
mod state;
mod stores;
mod subject;
mod tallies;
mod trace;
mod transport;

use std::sync::Arc;

pub use cast::Cast;
pub use causes::Cause;
pub use chance::{ByChance, Chances, chances, chances_telling, faults, with_faults};
pub use check::{Checker, DupId, DupIds, Duplicate, Evidence, Invariant, Loss, LossId, Remembered, Violation};
pub use expect::{Unmet, Wanted, unmet};
pub use explore::{Cut, CutKind, Exploration, Found, explore, explore_telling};
pub use fates::{Fate, Fates, Place};
#[cfg(feature = "mutants")]
pub use mutant::Mutant;
pub use observe::{Observed, Observer, Outcome, observe};
pub use shadow_2010::{HopClass, Party, classify};
pub use sink::Sink;
pub use trace::{
    Actor, CopyIdx, Hop, Promotion, RecipientIdx, Recipients, Resubmission, Return, Safe, Side, Store, TraceEvent, What,
};

use self::configuration::Configuration;
use self::kernel::Kernel;
use crate::linkstate::Timers;
use crate::model::{MessageIdx, Organization, Scenario, Schedule, SimTime, WeekMinute};
use crate::route::Options;

/// An organization and what happens to it: everything that a run depends on.
#[derive(Debug)]
pub struct Stage {
    org: Arc<Organization>,
    scenario: Scenario,
    options: Options,
    timers: Timers,
    cast: Cast,
    base: Arc<Configuration>,
    /// Minutes of the week at which a window of a legacy connector opens or closes, ascending.
    boundaries: Vec<WeekMinute>,
    #[cfg(feature = "mutants")]
    mutant: Option<mutant::Mutant>,
}

/// Where a run stops although more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events that are handled (10 million).
    pub events_max: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { events_max: 10_000_000 }
    }
}

/// How a run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The last instant at which anything happened.
    pub ended_at: SimTime,
    /// Events that were handled.
    pub events: u64,
    /// Whether [`Bounds`] ended it: then nothing is said about what would have come.
    pub limit_hit: bool,
    /// Whether nothing was left to happen.
    pub over: bool,
}

impl Stage {
    /// A scenario about `org`. O(organization + scenario).
    pub fn new(org: Organization, scenario: Scenario, options: Options, timers: Timers) -> Stage {
        Stage {
            cast: Cast::new(&org, &scenario),
            base: Arc::new(Configuration::new(org.clone())),
            boundaries: boundaries(&org),
            org: Arc::new(org),
            scenario,
            options,
            timers,
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }

    /// Another scenario about the same organization. O(scenario).
    pub fn with_scenario(&self, scenario: Scenario) -> Stage {
        Stage {
            cast: Cast::new(&self.org, &scenario),
            base: Arc::clone(&self.base),
            boundaries: self.boundaries.clone(),
            org: Arc::clone(&self.org),
            timers: self.timers.clone(),
            options: self.options,
            #[cfg(feature = "mutants")]
            mutant: self.mutant,
            scenario,
        }
    }

    /// The organization as it is at first.
    pub fn org(&self) -> &Organization {
        &self.org
    }

    /// What happens to it.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Everybody that mail can be for.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Whom a message is for, before groups are expanded; ascending, each once.
    pub fn recipients_of(&self, message: MessageIdx) -> Recipients {
        let to = &self.scenario.messages[message].to;
        let mut recipients: Recipients = to.iter().map(|address| self.cast.recipient(address)).collect();
        recipients.sort_unstable();
        recipients.dedup();
        recipients
    }

    /// Lets everything happen. O(events × log events) and what routing costs, which is asked once for messages that are alike.
    pub fn run(&self, bounds: &Bounds, sink: &mut dyn Sink) -> Run {
        self.run_with(&[], bounds, sink)
    }

    /// The same with servers that stop besides, in the order of [`Cut::after`].
    pub fn run_with(&self, cuts: &[Cut], bounds: &Bounds, sink: &mut dyn Sink) -> Run {
        Kernel::new(self, sink).run(cuts, bounds)
    }

    /// The next instant at which a window opens or closes, after `now`.
    fn next_boundary(&self, now: SimTime) -> Option<SimTime> {
        let start = u64::try_from(self.scenario.settings.start?.index()).ok()?;
        let week = u64::try_from(WeekMinute::all().len()).ok()?;
        let minute = now.ms() / 60_000;
        let ahead = |boundary: &WeekMinute| {
            let boundary = u64::try_from(boundary.index()).unwrap_or(0);
            let wait = (boundary + week - (start + minute) % week) % week;
            if wait == 0 { week } else { wait }
        };
        let wait = self.boundaries.iter().map(ahead).min()?;
        Some(SimTime::from_ms((minute + wait) * 60_000))
    }
}

/// When windows of legacy connectors open and close.
fn boundaries(org: &Organization) -> Vec<WeekMinute> {
    let of_groups = org
        .routing_group_connectors()
        .iter()
        .map(|connector| &connector.restrictions.schedule);
    let of_connectors = org
        .connectors()
        .iter()
        .map(|connector| &connector.restrictions.schedule);
    let mut minutes: Vec<WeekMinute> = of_groups
        .chain(of_connectors)
        .filter_map(|schedule| match schedule {
            Schedule::Windows(windows) => Some(windows.as_slice()),
            _ => None,
        })
        .flatten()
        .flat_map(|window| [window.opens(), window.closes()])
        .collect();
    minutes.sort_unstable();
    minutes.dedup();
    minutes
}
