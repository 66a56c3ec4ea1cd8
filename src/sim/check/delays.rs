//! How late mail may be that a fault holds up (7.4): a takeover by the end of silence, by the first heartbeat that finds a new
//! database, a delivery when its database is mounted, a replay when a Safety Net is there or its shadows are due (I2, I16).

use std::time::Duration;

use super::Checker;
use super::ledger::{Copy, Tally};
use super::violation::Invariant;
use crate::model::{Generation, MessageIdx, Node, ServerIdx, SimTime};
use crate::sim::ascending::Ascending;
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Safe, Store};

/// A delay that is bounded, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delay {
    /// A shadow whose primary server is silent becomes the message (T4, T9).
    Silence(CopyIdx),
    /// So does one whose primary server is back, since then, with another database (T8; T2 in 2010).
    Return(CopyIdx, ServerIdx, SimTime),
    /// Mail for a database is delivered when that has moved (D17, D25).
    Mount(CopyIdx, Store, SimTime),
    /// A Safety Net gives back what a database has lost: that of the primary server at once, its shadow after T14.
    Replay(MessageIdx, RecipientIdx, SimTime, Safe),
}

impl Checker<'_> {
    /// Looks at everything whose time is up before an instant.
    pub(super) fn look_at_delays(&mut self, before: SimTime) {
        while let Some((at, delay)) = self.delays.first().copied().filter(|(at, _)| *at < before) {
            self.delays.pop_first();
            match delay {
                Delay::Silence(copy) => self.silence_is_over(at, copy),
                Delay::Return(copy, primary, since) => self.return_is_over(at, copy, (primary, since)),
                Delay::Mount(copy, store, since) => self.mount_is_over(copy, (store, since)),
                Delay::Replay(message, recipient, lost, safe) => {
                    self.replay_is_over(at, (message, recipient), lost, safe)
                }
            }
        }
    }

    fn bound(&mut self, at: SimTime, delay: Delay) {
        self.delays.insert((at, delay));
    }

    /// Nothing has changed since this instant that a bound could depend on.
    fn calm_since(&self) -> SimTime {
        self.changed_at.unwrap_or(SimTime::ZERO)
    }

    /// Mail has gone from one server to another: each knows that the other lives.
    pub(super) fn met(&mut self, one: ServerIdx, other: ServerIdx) {
        self.sessions.insert((one.min(other), one.max(other)), self.now);
    }

    /// How often a holder of shadows asks (T2, T8), and after how long a silence it takes over (T4, T9).
    fn patience(&self, holder: ServerIdx) -> (Duration, Duration) {
        let config = self.world.stage.org().transport_config();
        match self.world.generation(holder) {
            Generation::Exchange2013 => {
                let tick = config.shadow_heartbeat_frequency.unwrap_or(Duration::from_secs(120));
                (tick, self.world.resubmit_span())
            }
            _ => {
                let tick = self.heartbeat_interval(holder, None);
                (tick, tick.saturating_mul(self.misses_allowed(holder).max(1)))
            }
        }
    }

    /// Who is responsible for what a copy is the shadow of.
    fn primaries(copy: &Copy) -> impl Iterator<Item = ServerIdx> {
        let held = copy.protection().held.iter().map(|(primary, _, _)| *primary);
        let shadows = copy
            .protection()
            .shadows
            .iter()
            .filter_map(|shadow| match shadow.primary {
                Actor::Server(primary) => Some(primary),
                _ => None,
            });
        held.chain(shadows)
    }

    /// A shadow has come into being.
    pub(super) fn bound_silence(&mut self, holder: ServerIdx, copy: CopyIdx) {
        let (tick, span) = self.patience(holder);
        self.bound(self.now + span + tick, Delay::Silence(copy));
    }

    /// Since the last contact, T4 or T9 have passed, and the tick at which that is seen.
    fn silence_is_over(&mut self, at: SimTime, index: CopyIdx) {
        let Some(copy) = self.copies.get(&index).filter(|copy| copy.on_disk) else {
            return;
        };
        let (holder, came) = (copy.server, copy.received_at);
        let (tick, span) = self.patience(holder);
        let newer = self.world.generation(holder) == Generation::Exchange2013;
        let mut again: Option<SimTime> = None;
        let mut late = false;
        for primary in Checker::primaries(copy) {
            let last = self.last_contact(holder, Actor::Server(primary), None).max(came);
            let last = self
                .sessions
                .get(&(holder.min(primary), holder.max(primary)))
                .copied()
                .map_or(last, |met| last.max(met));
            let machine = self.world.machine(holder);
            // Who could do nothing meanwhile does it with its next tick; in 2010 it asks as often again as it has to.
            let end = match newer {
                true => (last + span).max(machine.since) + tick,
                false => last.max(machine.since) + span + tick,
            };
            let works = self.world.is_up(holder);
            if !works || end > at {
                let next = if works { end } else { at + span };
                again = Some(again.map_or(next, |before| before.min(next)));
            } else if newer || self.has_another_way(copy, primary) {
                late = true;
            } else {
                again = Some(again.map_or(at + span, |before| before.min(at + span)));
            }
        }
        if late {
            let (invariant, what) = match newer {
                true => (
                    Invariant::I2,
                    "a shadow waits although its primary server was silent for T9",
                ),
                false => (
                    Invariant::I16,
                    "a shadow waits although T4 is over and there is another way",
                ),
            };
            self.blame(invariant, index, what);
        } else if let Some(next) = again {
            self.bound(next, Delay::Silence(index));
        }
    }

    /// X3: whether what was handed to one server of a site can go to another, as far as the trace tells without doubt: it went to the
    /// site for a mailbox there, and every transport server of the site is of 2010. Where the site was only on the way, to a
    /// connector whose source server was the lost one, others hand over to that again (N21).
    fn has_another_way(&self, copy: &Copy, primary: ServerIdx) -> bool {
        let org = self.world.stage.org();
        let Some(site) = org.transport_site(primary) else {
            return false;
        };
        let there = || {
            let servers = org.servers().iter_enumerated().map(|(at, _)| at);
            servers.filter(|at| org.transport_site(*at) == Some(site))
        };
        let plain = there().all(|at| self.world.generation(at) == Generation::Exchange2010);
        let lives_there = |recipient: &RecipientIdx| {
            let disks = self.world.store_of(*recipient).map(|store| self.world.disks(store));
            disks.is_some_and(|disks| disks.iter().all(|disk| self.world.site(*disk) == Some(site)))
        };
        let to_site = copy.branches.iter().any(|branch| {
            branch.to == Some(Actor::Server(primary))
                && branch.hop == Some(Hop::Site(Node::Site(site), None))
                && branch.recipients.iter().any(lives_there)
        });
        let home = org.transport_site(copy.server) != Some(site);
        plain
            && to_site
            && home
            && there().any(|at| at != primary)
            && self.reconfigured_at.is_none_or(|at| at < copy.received_at)
    }

    /// A server is back with another queue database: whoever has shadows for it finds that out with its next heartbeat (S81, X3).
    pub(super) fn bound_return(&mut self, primary: ServerIdx) {
        let now = self.now;
        let holders: Vec<(CopyIdx, ServerIdx)> = self
            .copies
            .iter()
            .filter(|(_, copy)| copy.on_disk && Checker::primaries(copy).any(|of| of == primary))
            .map(|(index, copy)| (*index, copy.server))
            .collect();
        for (copy, holder) in holders {
            let tick = self.patience(holder).0;
            self.bound(now + tick, Delay::Return(copy, primary, now));
        }
    }

    fn return_is_over(&mut self, at: SimTime, index: CopyIdx, (primary, since): (ServerIdx, SimTime)) {
        let Some(copy) = self.copies.get(&index).filter(|copy| copy.on_disk) else {
            return;
        };
        let holder = copy.server;
        // It may have handed over to the new database since.
        let shadows = copy.protection().shadows.iter().filter(|shadow| shadow.since < since);
        let before =
            copy.received_at < since && copy.protection().held.as_ref().is_some_and(|(of, _, _)| *of == primary);
        let open = before
            || shadows
                .into_iter()
                .any(|shadow| shadow.primary == Actor::Server(primary));
        let back = self.world.machine(primary).started == since && self.world.is_up(primary);
        if !open || !back {
            return;
        }
        let (tick, calm) = (self.patience(holder).0, self.calm_since().max(since));
        if !self.world.is_up(holder) || !self.world.talk(holder, primary) || calm + tick > at {
            return self.bound((calm + tick).max(at + tick), Delay::Return(index, primary, since));
        }
        let invariant = match self.world.generation(holder) {
            Generation::Exchange2013 => Invariant::I2,
            _ => Invariant::I16,
        };
        let what = "a shadow waits although its primary server is back with another database";
        self.blame(invariant, index, what);
    }

    /// A database is mounted: what waits for it has its time.
    pub(super) fn bound_mount(&mut self, store: Store, host: ServerIdx) {
        let now = self.now;
        // D17: at once. What is under way to where it was comes back first, which is a hand-over.
        let mut end = now + self.world.slowest().saturating_mul(2);
        // N9: that it is back where it was is found by the next retry.
        if self.hosts.insert(store, host).or_else(|| self.first_host(store)) == Some(host) {
            end = end
                + self
                    .world
                    .stage
                    .scenario()
                    .settings
                    .mailbox_delivery_queue_retry_interval;
        }
        let wait: Vec<CopyIdx> = self
            .copies
            .iter()
            .filter(|(_, copy)| copy.on_disk && !copy.refused && copy.waits_for(store))
            .map(|(index, _)| *index)
            .collect();
        for copy in wait {
            self.bound(end, Delay::Mount(copy, store, now));
        }
    }

    fn first_host(&self, store: Store) -> Option<ServerIdx> {
        match store {
            Store::Database(database) => self.world.stage.org().mounted_on(database),
            Store::Server(server) => Some(server),
        }
    }

    fn mount_is_over(&mut self, index: CopyIdx, (store, since): (Store, SimTime)) {
        let copy = self.copies.get(&index);
        let Some(copy) = copy.filter(|copy| copy.on_disk && !copy.refused && copy.waits_for(store)) else {
            return;
        };
        let Some(host) = self.world.host(store) else { return };
        let (server, host_up) = (copy.server, self.world.machine(host).since <= since);
        let up = self.world.is_up(server) && self.world.machine(server).since <= since;
        let talk = server == host || self.world.talk(server, host);
        // What waited for who was paused before may have been put off with it (N6).
        let paused = |of: ServerIdx| self.world.machine(of).since > self.world.machine(of).started;
        if !(host_up && up && talk) || self.calm_since() > since || paused(server) || paused(host) {
            return;
        }
        let what = "mail waits for a database that is mounted (D17, D25)";
        self.blame(Invariant::I2, index, what);
    }

    /// A database of a DAG of 2013 comes up elsewhere without the end of its log: what it lacks is given back.
    pub(super) fn bound_replays(&mut self, store: Store, messages: &[MessageIdx]) {
        let now = self.now;
        let after = self.world.stage.scenario().settings.safety_net_broadcast_after;
        let wait = self.world.stage.scenario().settings.safety_net_retry_interval;
        let mut lost: Vec<(MessageIdx, RecipientIdx)> = Vec::new();
        for message in messages {
            let tallies = self.accounts.get(message).map(|account| &account.tallies);
            for (recipient, tally) in tallies.into_iter().flat_map(Ascending::iter) {
                let forgotten = |known: &super::ledger::Forgotten| known.at == now && known.delivery.store == store;
                if !tally.is_done() && tally.loss.is_none() && tally.mishaps().forgotten.iter().any(forgotten) {
                    lost.push((*message, *recipient));
                }
            }
        }
        for (message, recipient) in lost {
            self.bound(now, Delay::Replay(message, recipient, now, Safe::PrimarySafetyNet));
            let end = now + after + wait;
            self.bound(end, Delay::Replay(message, recipient, now, Safe::ShadowSafetyNet));
        }
    }

    fn replay_is_over(&mut self, at: SimTime, about: (MessageIdx, RecipientIdx), lost: SimTime, safe: Safe) {
        let (message, recipient) = about;
        let Some(account) = self.accounts.get(&message) else {
            return;
        };
        let open = |tally: &Tally| {
            !tally.is_done() && tally.loss.is_none() && tally.mishaps().replayed.is_none_or(|at| at < lost)
        };
        let waits = account.tallies.get(&recipient).is_some_and(open);
        let Some(store) = self.world.store_of(recipient).filter(|_| waits) else {
            return;
        };
        let Some(host) = self.world.host(store) else { return };
        let is_kept = |copy: &&Copy| {
            let mut kept = copy.protection().kept.iter();
            let there = self.world.is_up(copy.server) && self.world.machine(copy.server).since <= lost;
            // X15: nobody who can be asked is in another boundary, and nothing is asked for twice.
            copy.on_disk
                && there
                && (copy.server == host
                    || (self.world.in_boundary(host, copy.server) && self.world.talk(host, copy.server)))
                && copy.received_at < lost
                && kept.any(|(of, whom, since)| *of == safe && *since <= lost && whom.contains(&recipient))
        };
        let copies = account.copies.iter().filter_map(|copy| self.copies.get(copy));
        let server = copies.into_iter().find(is_kept).map(|copy| copy.server);
        let Some(server) = server.filter(|_| self.calm_since() <= lost) else {
            return;
        };
        let what = match safe {
            Safe::PrimarySafetyNet => {
                "a database has lost mail, and the Safety Net that has it does not give it back at once"
            }
            _ => "a database has lost mail, and nobody is asked for its shadow (T14)",
        };
        let evidence = [
            (lost, "it was lost", Some(server), None),
            (at, "it was due", None, None),
        ];
        self.report(Invariant::I2, (Some(message), Some(recipient)), what, &evidence);
    }
}
