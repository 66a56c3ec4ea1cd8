//! What every group acts on while the news of a failure, or of its end, is under way.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::linkstate::{Input, Propagation, Timers};
use crate::model::{RoutingGroupIdx, SimTime};
use crate::verify::World;
use crate::verify::scene::Failed;

/// What the news is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum News {
    /// Connectors have failed, and are down.
    Failure,
    /// They work again.
    End,
}

/// From one instant to the next, who acts on what.
#[derive(Clone, Debug)]
pub(super) struct Instant {
    pub(super) news: News,
    /// Since the failure, or since its end.
    pub(super) since: SimTime,
    /// What each group takes to be down.
    believed: Vec<Failed>,
}

impl Instant {
    /// Before anything has failed: nobody takes anything to be down.
    pub(super) fn calm(groups: usize) -> Instant {
        Instant::of(vec![Failed::new(); groups])
    }

    /// By group, what it takes to be down, while that has failed.
    pub(super) fn of(believed: Vec<Failed>) -> Instant {
        Instant {
            news: News::Failure,
            since: SimTime::ZERO,
            believed,
        }
    }

    pub(super) fn believed(&self, group: RoutingGroupIdx) -> &Failed {
        &self.believed[group.index()]
    }
}

/// Runs of link state, each computed once for all recipients and classes.
pub(super) struct Runs<'w> {
    world: &'w World<'w>,
    /// All is up.
    calm: Propagation<'w>,
    /// How long everything takes that can happen after connectors fail, or come back.
    settles_after: Duration,
    known: BTreeMap<Failed, Rc<Vec<Instant>>>,
}

impl<'w> Runs<'w> {
    pub(super) fn new(world: &'w World<'w>, timers: &Timers) -> Runs<'w> {
        Runs {
            world,
            calm: Propagation::new(world.org, &world.graphs.combined, timers.clone()),
            settles_after: settles_after(world, timers),
            known: BTreeMap::new(),
        }
    }

    /// All of `failed` fail at one instant, and work again at one instant when all has settled: every instant at which
    /// a group changes what it acts on, and that of the end.
    pub(super) fn of(&mut self, failed: &Failed) -> Rc<Vec<Instant>> {
        if let Some(known) = self.known.get(failed) {
            return known.clone();
        }
        let mut state = self.calm.clone();
        let mut instants = Vec::new();
        let begin = SimTime::ZERO;
        let end = begin + self.settles_after;
        let connectors = failed
            .iter()
            .map(|position| self.world.beliefs.believable().connector(*position));
        for connector in connectors {
            state.schedule(begin, Input::ConnectorFails(connector));
            state.schedule(end, Input::ConnectorRecovers(connector));
        }
        for (news, begin) in [(News::Failure, begin), (News::End, end)] {
            let until = begin + self.settles_after;
            let before = |at: &SimTime| *at < until;
            while let Some(at) = state.next_at().filter(before) {
                state.advance(at);
                let instant = Instant {
                    news,
                    since: SimTime::from_ms(at.ms() - begin.ms()),
                    believed: self.believed(&state),
                };
                let last = instants.last().map_or(News::Failure, |last: &Instant| last.news);
                let same = match instants.last() {
                    Some(last) => last.believed == instant.believed,
                    None => instant.believed.iter().all(Failed::is_empty),
                };
                if !same || last != news {
                    instants.push(instant);
                }
            }
        }
        let instants = Rc::new(instants);
        self.known.insert(failed.clone(), instants.clone());
        instants
    }

    /// How many sets were run.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    fn believed(&self, state: &Propagation<'_>) -> Vec<Failed> {
        let groups = (0..self.world.org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
        let believable = self.world.beliefs.believable();
        groups
            .map(|group| {
                let down = state.believed_down(group).iter();
                let mut down: Failed = down.map(|connector| believable.position(*connector)).collect();
                down.sort_unstable();
                down
            })
            .collect()
    }
}

/// The longest way of news: all tries of a bridgehead, the wait of its master, and a session for every group; in whole hours,
/// so that a connector that works again is probed just then, and news of that begins at once.
fn settles_after(world: &World<'_>, timers: &Timers) -> Duration {
    let tries = timers
        .down_after_failures_2003
        .max(timers.down_after_failures_2000)
        .saturating_add(1);
    let wait = timers.glitch_wait.max(timers.down_probe);
    let hold = timers.minor_hold_2003.max(timers.minor_hold_2000);
    let hop = timers.on_session.unwrap_or_default() + timers.within_group * 2;
    let groups = u32::try_from(world.org.routing_groups().len()).unwrap_or(u32::MAX);
    let longest =
        timers.first_attempt + wait.saturating_mul(tries) + hold + hop.saturating_mul(groups.saturating_add(1));
    Duration::from_secs((longest.as_secs() / 3600 + 1).saturating_mul(3600))
}
