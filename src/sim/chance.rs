//! The same scenario with faults by chance.
//!
//! A seed says which faults there are and when; all of them are mended in the end, so that what remains is what the faults have
//! done and not what they go on doing. The same seed gives the same faults in every release.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use rayon::prelude::*;

use super::{Bounds, Observed, Outcome, Stage, observe};
use crate::model::{
    Cut, DatabaseHome, Place, ScenarioEvent, ScenarioEventKind as Kind, ServerIdx, SimTime, TransportDatabase,
};
use crate::synth::random::Stream;

/// What came of some seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByChance {
    /// The first seed that leads there.
    pub seed: u64,
    /// What there is to say of its run.
    pub observed: Observed,
    /// How many of the seeds lead there.
    pub seeds: u64,
}

/// Runs of many seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chances {
    /// The run without faults.
    pub undisturbed: Observed,
    /// Every outcome once, by its first seed.
    pub outcomes: Vec<ByChance>,
    /// Whether a bound ended a run: its fates are those of that moment.
    pub limit_hit: bool,
}

/// Runs that are held at a time, as many as keep every thread busy.
const AT_A_TIME: u64 = 512;
/// Faults are at most this long after the last thing that the scenario does.
const AFTERWARDS_MS: u64 = 600_000;
/// Everything works again after so long at most: longer than anybody takes to notice (T4, T9).
const AWAY_MS: u32 = 6 * 3_600_000;

/// The faults of a seed, in the order of time: one to four, each mended in the end. O(servers + databases).
pub fn faults(stage: &Stage, seed: u64) -> Vec<ScenarioEvent> {
    let mut dice = Stream::new(seed, "faults");
    let scenario = stage.scenario();
    let entries = scenario.messages.iter().map(|message| message.at);
    let last = entries
        .chain(scenario.events.iter().map(|event| event.at))
        .max()
        .unwrap_or(SimTime::ZERO);
    let window = u32::try_from(last.ms().saturating_add(AFTERWARDS_MS)).unwrap_or(u32::MAX);
    let mut events = Vec::new();
    for _ in 0..=dice.below(4) {
        // Half of the faults are early: most of what can go wrong does so while mail is under way.
        let within = if dice.one_in(2) { window.min(30_000) } else { window };
        let at = SimTime::from_ms(u64::from(dice.below(within.max(1))));
        let back = at + Duration::from_millis(u64::from(dice.below(AWAY_MS)));
        if let Some((fault, mending)) = fault(stage, &mut dice) {
            events.push((at, fault));
            events.extend(mending.map(|mending| (back, mending)));
        }
    }
    // Stable: what happens at one instant keeps the order in which it was drawn.
    events.sort_by_key(|(at, _)| *at);
    let event = |(at, what)| ScenarioEvent {
        at,
        what,
        span: Default::default(),
    };
    events.into_iter().map(event).collect()
}

/// One fault, and what mends it.
fn fault(stage: &Stage, dice: &mut Stream) -> Option<(Kind, Option<Kind>)> {
    let org = stage.org();
    let servers: Vec<ServerIdx> = org.servers().iter_enumerated().map(|(server, _)| server).collect();
    if servers.is_empty() {
        return None;
    }
    let server = *dice.pick(&servers);
    let other = *dice.pick(&servers);
    let (here, there) = (Place::Server(server), Place::Server(other));
    let up = |database| Some(Kind::ServerUp(server, database));
    Some(match dice.below(9) {
        0 | 1 => (Kind::ServerDown(server), up(TransportDatabase::Same)),
        2 => (Kind::ServerDown(server), up(TransportDatabase::New)),
        3 => (Kind::Destroy(server), up(TransportDatabase::New)),
        4 => (Kind::Pause(server), up(TransportDatabase::Same)),
        // Nobody is cut off from himself.
        kind @ (5 | 6) if kind == 5 || server == other => {
            let cut = Cut::Off(here);
            (Kind::NetworkCut(cut), Some(Kind::NetworkRestore(cut)))
        }
        6 => {
            let cut = if dice.one_in(2) {
                Cut::OneWay(here, there)
            } else {
                Cut::Between(here, there)
            };
            (Kind::NetworkCut(cut), Some(Kind::NetworkRestore(cut)))
        }
        7 => {
            let place = here;
            let other = (server != other).then_some(there);
            (Kind::SessionCut { place, other }, None)
        }
        _ => {
            let databases: Vec<_> = org
                .databases()
                .iter_enumerated()
                .map(|(database, _)| database)
                .collect();
            let database = *databases.get(dice.below(u32::try_from(databases.len().max(1)).ok()?) as usize)?;
            let in_dag = matches!(org.databases()[database].home, DatabaseHome::Dag(_));
            if in_dag && dice.one_in(2) {
                let lost_log = Duration::from_secs(u64::from(dice.below(120)));
                let to = None;
                (Kind::Failover { database, to, lost_log }, None)
            } else {
                (Kind::Dismount(database), Some(Kind::Mount(database)))
            }
        }
    })
}

/// The stage whose scenario has the faults of a seed besides.
pub fn with_faults(stage: &Stage, seed: u64) -> Stage {
    let mut scenario = stage.scenario().clone();
    scenario.events.extend(faults(stage, seed));
    scenario.events.sort_by_key(|event| event.at);
    stage.with_scenario(scenario)
}

/// Runs the scenario with the faults of many seeds, and without any. The result does not depend on the number of threads.
/// O(seeds × a run); memory grows with outcomes.
pub fn chances(stage: &Stage, seeds: Range<u64>, bounds: &Bounds) -> Chances {
    chances_telling(stage, seeds, bounds, &mut |_| {})
}

/// The same, and says meanwhile how many seeds are done.
pub fn chances_telling(stage: &Stage, seeds: Range<u64>, bounds: &Bounds, progress: &mut dyn FnMut(u64)) -> Chances {
    let undisturbed = observe(stage, &[], bounds);
    let mut limit_hit = undisturbed.run.limit_hit;
    let mut outcomes: BTreeMap<Outcome, ByChance> = BTreeMap::new();
    let mut first = seeds.start;
    while first < seeds.end {
        let next = seeds.end.min(first.saturating_add(AT_A_TIME));
        let one = |seed: u64| (seed, observe(&with_faults(stage, seed), &[], bounds));
        let ran: Vec<(u64, Observed)> = (first..next).into_par_iter().map(one).collect();
        for (seed, observed) in ran {
            limit_hit |= observed.run.limit_hit;
            let found = outcomes.entry(Outcome::new(&observed)).or_insert_with(|| ByChance {
                seed,
                observed,
                seeds: 0,
            });
            found.seeds += 1;
        }
        first = next;
        progress(first - seeds.start);
    }
    let mut outcomes: Vec<ByChance> = outcomes.into_values().collect();
    outcomes.sort_by_key(|outcome| outcome.seed);
    Chances {
        undisturbed,
        outcomes,
        limit_hit,
    }
}
