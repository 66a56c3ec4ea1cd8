//! Who watches whom, and takes over what the other was given.
//!
//! A holder waits for T2 after the last session with a primary, then asks. Each try that fails counts, and T3 of them in a row
//! make the primary count as lost: 3 × 5 min in RTM, 12 × 15 min from SP1 on. Shadows that have no other way to go wait on.

use std::time::Duration;

use super::super::agenda::{Class, some_time};
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::router::Fork;
use super::super::trace::{Actor, CopyIdx, Hop, Promotion, Store, What};
use super::Event;
use super::queues::Held;
use crate::model::{Entry, PeerIdx, ServerIdx, SimTime, Version};

/// Who keeps something until somebody else is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sim) enum Keeper {
    /// The shadow queues of a server.
    Queues(ServerIdx),
    /// The Outboxes of a store, at the server where it is mounted.
    Outbox(ServerIdx, Store),
    /// A system outside.
    Peer(PeerIdx),
}

impl Keeper {
    /// Whose Outboxes it is about.
    pub(super) fn outbox(self) -> Option<Store> {
        match self {
            Keeper::Outbox(_, store) => Some(store),
            Keeper::Queues(_) | Keeper::Peer(_) => None,
        }
    }

    /// Who has the sessions.
    pub(super) fn actor(self) -> Actor {
        match self {
            Keeper::Queues(server) | Keeper::Outbox(server, _) => Actor::Server(server),
            Keeper::Peer(peer) => Actor::Peer(peer),
        }
    }
}

/// What a keeper knows of a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Watch {
    /// The last session that worked, or when the watch began.
    since: SimTime,
    /// The last one in which it was asked what is done, or when the watch began.
    asked: SimTime,
    /// Tries that failed since.
    misses: u32,
    /// When it is looked at next.
    planned: SimTime,
}

impl Kernel<'_> {
    fn watches(&mut self, keeper: Keeper) -> &mut std::collections::BTreeMap<(Keeper, Actor), Watch> {
        match keeper {
            Keeper::Queues(server) | Keeper::Outbox(server, _) => &mut self.servers[server].shadow_2010.watches,
            Keeper::Peer(peer) => &mut self.outside_2010.entry(peer).or_default().watches,
        }
    }

    /// T2 and T3 of a keeper. An override of the organization counts for all of its servers.
    pub(super) fn detection(&self, keeper: Keeper) -> (Duration, u32) {
        let config = self.stage.org.transport_config();
        let rtm = match keeper {
            Keeper::Queues(server) | Keeper::Outbox(server, _) => {
                self.stage.org.servers()[server].version == Version::Exchange2010Rtm
            }
            Keeper::Peer(_) => false,
        };
        let (minutes, count) = if rtm { (5, 3) } else { (15, 12) };
        let usual = Duration::from_secs(60 * minutes);
        let interval = config.shadow_heartbeat_timeout_interval.unwrap_or(usual);
        let count = config.shadow_heartbeat_retry_count.unwrap_or(count).max(1);
        let count = if self.is(Mutant::TakeoverAtFirstMiss) { 1 } else { count };
        let interval = match (keeper, self.stage.scenario.settings.submission_owner_timeout) {
            // D41: the same number of tries in the time that is given.
            (Keeper::Outbox(..), Some(timeout)) => timeout / count,
            _ => interval,
        };
        (some_time(interval), count)
    }

    /// A session has worked: the primary is there. Only one in which it was asked puts the next question off (X2).
    pub(super) fn contact(&mut self, keeper: Keeper, primary: Actor, asked: bool) {
        let now = self.now;
        if let Some(watch) = self.watches(keeper).get_mut(&(keeper, primary)) {
            watch.since = now;
            watch.misses = 0;
            if asked {
                watch.asked = now;
            }
        }
    }

    /// Something is kept from now on until a primary is done: it is watched.
    pub(super) fn watch(&mut self, keeper: Keeper, primary: Actor) {
        let now = self.now;
        let (interval, _) = self.detection(keeper);
        let watches = self.watches(keeper);
        if watches.contains_key(&(keeper, primary)) {
            return self.contact(keeper, primary, false);
        }
        let planned = now + interval;
        let watch = Watch {
            since: now,
            asked: now,
            misses: 0,
            planned,
        };
        watches.insert((keeper, primary), watch);
        self.later_2010(planned, Class::Timer, Event::Beat(keeper, primary));
    }

    /// Whether enough tries have failed.
    pub(super) fn is_lost(&mut self, keeper: Keeper, primary: Actor) -> bool {
        let (_, count) = self.detection(keeper);
        let watch = self.watches(keeper).get(&(keeper, primary));
        watch.is_some_and(|watch| watch.misses >= count)
    }

    fn keeps(&self, keeper: Keeper, primary: Actor) -> bool {
        match keeper {
            Keeper::Queues(server) => {
                let queue = self.servers[server].shadow_2010.shadows.get(&primary);
                queue.is_some_and(|queue| !queue.is_empty())
            }
            Keeper::Outbox(..) => !self.items_taken(keeper, primary).is_empty(),
            Keeper::Peer(peer) => self.peer_keeps(peer, primary),
        }
    }

    /// It is time to hear from a primary (X2).
    pub(super) fn beat(&mut self, keeper: Keeper, primary: Actor) {
        let now = self.now;
        let (interval, count) = self.detection(keeper);
        let keeps = self.keeps(keeper, primary);
        let watches = self.watches(keeper);
        let Some(watch) = watches
            .get(&(keeper, primary))
            .copied()
            .filter(|watch| watch.planned <= now)
        else {
            return;
        };
        if !keeps {
            watches.remove(&(keeper, primary));
            return;
        }
        let due = watch.asked + interval;
        let is_due = watch.misses > 0 || due <= now;
        // What is not there counts as missed only when it was silent for as long.
        let silent = watch.misses > 0 || watch.since + interval <= now;
        let (silence, next) = (watch.since + interval, now + interval);
        let answers = is_due && self.answers(keeper.actor(), primary);
        let planned = match is_due {
            false => due,
            true if !answers && !silent => silence,
            true => next,
        };
        if let Some(watch) = self.watches(keeper).get_mut(&(keeper, primary)) {
            watch.planned = planned;
        }
        self.later_2010(planned, Class::Timer, Event::Beat(keeper, primary));
        if answers {
            return self.ask(keeper, primary);
        }
        if !(is_due && silent) {
            return;
        }
        let Some(watch) = self.watches(keeper).get_mut(&(keeper, primary)) else {
            return;
        };
        watch.misses = watch.misses.saturating_add(1);
        let misses = watch.misses;
        if let Actor::Server(holder) = keeper.actor() {
            self.tell(What::HeartbeatMissed {
                holder,
                primary,
                outbox: keeper.outbox(),
                misses,
            });
        }
        if misses >= count {
            self.take_over(keeper, primary);
        }
    }

    /// A35: the primary is taken to be lost.
    fn take_over(&mut self, keeper: Keeper, primary: Actor) {
        match keeper {
            Keeper::Queues(server) => {
                let queue = self.servers[server].shadow_2010.shadows.get(&primary);
                let all: Vec<(CopyIdx, Held)> = queue
                    .into_iter()
                    .flatten()
                    .map(|(theirs, held)| (*theirs, held.clone()))
                    .collect();
                let mut which = Vec::new();
                for (theirs, held) in all {
                    if self.has_another_way(server, &held, primary) {
                        which.push(theirs);
                    }
                }
                self.promote(server, primary, &which, Promotion::Silence);
            }
            Keeper::Outbox(_, store) => self.outbox_takes_over(store, primary),
            Keeper::Peer(peer) => {
                // X3: without another server to turn to, what is kept waits.
                if self.peer_has_another_way(peer, primary) {
                    self.peer_sends_again(peer, primary, None, Promotion::Silence);
                }
            }
        }
    }

    /// X3, N21: whether any recipient of a shadow is reached without its primary.
    fn has_another_way(&mut self, server: ServerIdx, held: &Held, primary: Actor) -> bool {
        let split = self.split(server, held.item.message, &held.recipients);
        split.forks.iter().any(|fork| self.avoids(server, fork, primary))
    }

    fn avoids(&self, server: ServerIdx, fork: &Fork, primary: Actor) -> bool {
        match fork.hop {
            Hop::Unreachable => false,
            Hop::Store(_) => true,
            Hop::Connector(connector) => {
                if let Some(hubs) = self.inbound_hubs(server, connector) {
                    return hubs.iter().any(|hub| Actor::Server(*hub) != primary);
                }
                let hosts = &self.hosts[connector];
                let is_primary = |host: &Option<PeerIdx>| host.map(Actor::Peer) == Some(primary);
                hosts.is_empty() || !hosts.iter().all(is_primary)
            }
            _ => {
                let Actor::Server(lost) = primary else { return true };
                // Sites before the goal lead to the same server again, unless it was one of them.
                let is_there = |ring: &super::super::router::Ring| ring.servers.contains(&lost);
                let last = fork.rings.iter().position(is_there);
                let nearer = &fork.rings[..last.map_or(fork.rings.len(), |last| last + 1)];
                nearer
                    .iter()
                    .any(|ring| ring.servers.iter().any(|server| *server != lost))
            }
        }
    }

    /// The servers that a system outside turns to for a message.
    pub(super) fn turned_to(&self, message: crate::model::MessageIdx) -> Vec<ServerIdx> {
        match self.stage.scenario.messages[message].entry {
            Entry::Peer { server, .. } => self.with_siblings(server),
            _ => Vec::new(),
        }
    }
}
