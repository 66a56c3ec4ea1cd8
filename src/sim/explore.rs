//! The same scenario again and again, with servers that stop at every moment.
//!
//! A run is a sequence of events, and between any two of them a server can stop: that is finer than any clock, since what
//! happens at one instant happens in steps. Every server is stopped at every boundary of the undisturbed run, in every way
//! ([`CutKind`]); then every two of these stops are combined, the second counted in the events of the run that the first one
//! makes. Outcomes that are the same for every message and recipient are one [`Found`], with the first schedule, in the order of
//! the search, that leads there: fewest stops, then earliest.

use std::collections::BTreeMap;
use std::time::Duration;

use rayon::prelude::*;

use super::{Bounds, Fate, Fates, Outcome, Stage};
use crate::model::ServerIdx;

/// A server that stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cut {
    /// After so many events of the run.
    pub after: u64,
    /// Which server.
    pub server: ServerIdx,
    /// In which way.
    pub kind: CutKind,
}

/// In which way a server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CutKind {
    /// It comes back after so long with what was on its disks.
    SameDatabase(Duration),
    /// It comes back after so long with an empty queue database.
    NewDatabase(Duration),
    /// It never comes back.
    Destroyed,
}

impl CutKind {
    /// Every way that is tried: back after a minute, or when everybody has long noticed (T4 and T9 are three hours at most).
    pub const ALL: [CutKind; 5] = [
        CutKind::SameDatabase(Duration::from_secs(60)),
        CutKind::NewDatabase(Duration::from_secs(60)),
        CutKind::SameDatabase(Duration::from_secs(4 * 3600)),
        CutKind::NewDatabase(Duration::from_secs(4 * 3600)),
        CutKind::Destroyed,
    ];
}

/// One outcome, and how to come to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The smallest schedule that leads there; empty: nothing stops.
    pub schedule: Vec<Cut>,
    /// What became of every message.
    pub fates: Vec<Fate>,
    /// How many schedules lead there.
    pub schedules: u64,
}

/// What an exploration has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// Every outcome once, by its smallest schedule.
    pub found: Vec<Found>,
    /// Runs, the undisturbed one included.
    pub runs: u64,
    /// Whether a bound ended the search or a run: more outcomes may exist.
    pub limit_hit: bool,
}

struct Ran {
    schedule: Vec<Cut>,
    fates: Vec<Fate>,
    events: u64,
    limit_hit: bool,
}

/// Tries every schedule of at most `cuts_max` stops, and not more than `runs_max` runs. The result does not depend on the number of
/// threads. O(runs × events).
pub fn explore(stage: &Stage, cuts_max: usize, runs_max: u64, bounds: &Bounds) -> Exploration {
    let mut outcomes: BTreeMap<Outcome, Found> = BTreeMap::new();
    let mut exploration = Exploration::default();
    let mut layer = vec![run(stage, Vec::new(), bounds)];
    exploration.runs = 1;
    exploration.limit_hit = layer[0].limit_hit;
    note(&mut outcomes, &layer);
    for _ in 0..cuts_max {
        let mut schedules: Vec<Vec<Cut>> = layer.iter().flat_map(|ran| longer(stage, ran)).collect();
        let room = usize::try_from(runs_max.saturating_sub(exploration.runs)).unwrap_or(usize::MAX);
        exploration.limit_hit |= schedules.len() > room;
        schedules.truncate(room);
        layer = schedules
            .into_par_iter()
            .map(|schedule| run(stage, schedule, bounds))
            .collect();
        exploration.runs += u64::try_from(layer.len()).unwrap_or(u64::MAX);
        exploration.limit_hit |= layer.iter().any(|ran| ran.limit_hit);
        note(&mut outcomes, &layer);
    }
    exploration.found = outcomes.into_values().collect();
    exploration
        .found
        .sort_by(|a, b| (a.schedule.len(), &a.schedule).cmp(&(b.schedule.len(), &b.schedule)));
    exploration
}

/// The schedules with one stop more, not before the last one.
fn longer(stage: &Stage, ran: &Ran) -> Vec<Vec<Cut>> {
    let first = ran.schedule.last().map_or(0, |cut| cut.after);
    let servers = stage.org().servers().iter_enumerated().map(|(server, _)| server);
    let with = |after: u64, server: ServerIdx, kind: CutKind| {
        let mut schedule = ran.schedule.clone();
        schedule.push(Cut { after, server, kind });
        schedule
    };
    let mut schedules = Vec::new();
    for server in servers {
        for after in first..=ran.events {
            schedules.extend(CutKind::ALL.into_iter().map(|kind| with(after, server, kind)));
        }
    }
    schedules.sort_unstable();
    schedules
}

fn run(stage: &Stage, schedule: Vec<Cut>, bounds: &Bounds) -> Ran {
    let mut fates = Fates::new(stage);
    let run = stage.run_with(&schedule, bounds, &mut fates);
    Ran {
        fates: fates.fates(),
        schedule,
        events: run.events,
        limit_hit: run.limit_hit,
    }
}

fn note(outcomes: &mut BTreeMap<Outcome, Found>, layer: &[Ran]) {
    for ran in layer {
        let found = outcomes.entry(Outcome::new(&ran.fates)).or_insert_with(|| Found {
            schedule: ran.schedule.clone(),
            fates: ran.fates.clone(),
            schedules: 0,
        });
        found.schedules += 1;
    }
}
