//! The same scenario again and again, with servers that stop at every moment.
//!
//! A run is a sequence of events, and between any two of them a server can stop: that is finer than any clock, since what
//! happens at one instant happens in steps. Every server is stopped at every boundary of the undisturbed run, in every way
//! ([`CutKind`]); then every two of these stops are combined, the second counted in the events of the run that the first one
//! makes. Outcomes that are the same ([`Outcome`]) are one [`Found`], with the first schedule, in the order of the search, that
//! leads there: fewest stops, then earliest. Runs are folded into outcomes as they come: nothing is kept of one that ended as
//! another did.

use std::collections::BTreeMap;
use std::time::Duration;

use rayon::prelude::*;

use super::{Bounds, Observed, Outcome, Stage, observe};
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
    /// What there is to say of its run.
    pub observed: Observed,
    /// How many schedules lead there.
    pub schedules: u64,
}

/// What an exploration has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// Every outcome once, by its smallest schedule; that of the undisturbed run first.
    pub found: Vec<Found>,
    /// Runs, the undisturbed one included.
    pub runs: u64,
    /// Schedules that are known and were not tried; there may be more that contain them.
    pub left: u64,
    /// Whether a bound ended the search or a run: more outcomes may exist.
    pub limit_hit: bool,
}

/// A run that longer schedules begin with.
struct Base {
    schedule: Vec<Cut>,
    events: u64,
}

/// Runs that are held at a time, as many as keep every thread busy.
const AT_A_TIME: usize = 512;

/// Tries every schedule of at most `cuts_max` stops, and not more than `runs_max` runs. The result does not depend on the number of
/// threads. O(runs × events); memory grows with schedules of fewer than `cuts_max` stops, and with outcomes.
pub fn explore(stage: &Stage, cuts_max: usize, runs_max: u64, bounds: &Bounds) -> Exploration {
    explore_telling(stage, cuts_max, runs_max, bounds, &mut |_, _| {})
}

/// The same, and says meanwhile how many runs are done, and of how many with as many stops.
pub fn explore_telling(
    stage: &Stage,
    cuts_max: usize,
    runs_max: u64,
    bounds: &Bounds,
    progress: &mut dyn FnMut(u64, u64),
) -> Exploration {
    let mut search = Search {
        stage,
        runs_max,
        bounds,
        outcomes: BTreeMap::new(),
        exploration: Exploration::default(),
    };
    let undisturbed = observe(stage, &[], bounds);
    let mut layer = vec![Base {
        schedule: Vec::new(),
        events: undisturbed.run.events,
    }];
    search.note(Vec::new(), undisturbed);
    for cuts in 1..=cuts_max {
        layer = search.lengthen(&layer, cuts < cuts_max, progress);
    }
    let mut exploration = search.exploration;
    exploration.limit_hit |= exploration.left > 0;
    exploration.found = search.outcomes.into_values().collect();
    exploration
        .found
        .sort_by(|a, b| (a.schedule.len(), &a.schedule).cmp(&(b.schedule.len(), &b.schedule)));
    exploration
}

struct Search<'a> {
    stage: &'a Stage,
    runs_max: u64,
    bounds: &'a Bounds,
    outcomes: BTreeMap<Outcome, Found>,
    exploration: Exploration,
}

impl Search<'_> {
    /// Runs every schedule with one stop more, and gives them back if they are `wanted`.
    fn lengthen(&mut self, layer: &[Base], wanted: bool, progress: &mut dyn FnMut(u64, u64)) -> Vec<Base> {
        let (stage, bounds) = (self.stage, self.bounds);
        let schedules: u64 = layer.iter().map(|base| longer_count(stage, base)).sum();
        let room = schedules.min(self.runs_max.saturating_sub(self.exploration.runs));
        self.exploration.left += schedules - room;
        let all = self.exploration.runs + room;
        let mut longer = layer.iter().flat_map(|base| longer(stage, base));
        let mut next = Vec::new();
        while self.exploration.runs < all {
            let some = usize::try_from(all - self.exploration.runs).map_or(AT_A_TIME, |left| left.min(AT_A_TIME));
            let some: Vec<Vec<Cut>> = longer.by_ref().take(some).collect();
            let run = |schedule: Vec<Cut>| {
                let observed = observe(stage, &schedule, bounds);
                (schedule, observed)
            };
            let ran: Vec<(Vec<Cut>, Observed)> = some.into_par_iter().map(run).collect();
            for (schedule, observed) in ran {
                if wanted && came(&schedule, &observed) {
                    next.push(Base {
                        schedule: schedule.clone(),
                        events: observed.run.events,
                    });
                }
                self.note(schedule, observed);
            }
            progress(self.exploration.runs, all);
        }
        next
    }

    /// Counts a run, and keeps it if none has ended like this. Runs come in the order of the search.
    fn note(&mut self, schedule: Vec<Cut>, observed: Observed) {
        self.exploration.runs += 1;
        self.exploration.limit_hit |= observed.run.limit_hit;
        if !came(&schedule, &observed) {
            return;
        }
        let found = self.outcomes.entry(Outcome::new(&observed)).or_insert_with(|| Found {
            schedule,
            observed,
            schedules: 0,
        });
        found.schedules += 1;
    }
}

/// Whether every stop came: when the run was over before the last one, the schedule is none of its own.
fn came(schedule: &[Cut], observed: &Observed) -> bool {
    observed.stopped_at.len() == schedule.len()
}

/// How many schedules [`longer`] lists.
fn longer_count(stage: &Stage, base: &Base) -> u64 {
    let first = base.schedule.last().map_or(0, |cut| cut.after);
    let ways = stage.org().servers().len() * CutKind::ALL.len();
    let ways = u64::try_from(ways).unwrap_or(u64::MAX);
    (base.events + 1).saturating_sub(first).saturating_mul(ways)
}

/// The schedules with one stop more, not before the last one; ascending.
fn longer(stage: &Stage, base: &Base) -> impl Iterator<Item = Vec<Cut>> {
    let first = base.schedule.last().map_or(0, |cut| cut.after);
    let mut kinds = CutKind::ALL;
    kinds.sort_unstable();
    (first..=base.events).flat_map(move |after| {
        let servers = stage.org().servers().iter_enumerated().map(|(server, _)| server);
        servers.flat_map(move |server| {
            kinds.into_iter().map(move |kind| {
                let mut schedule = base.schedule.clone();
                schedule.push(Cut { after, server, kind });
                schedule
            })
        })
    })
}
