//! What is kept of mail that is done: the dumpster of 2010 and Safety Net (X8, X10–X22).

use super::ledger::Dropped;
use super::violation::Invariant;
use super::{Checker, Due};
use crate::model::{Generation, ServerIdx, SimTime};
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Safe, Store, What};

impl Checker<'_> {
    pub(super) fn take_safe(&mut self, what: &What) {
        match what {
            What::Kept {
                copy, safe, recipients, ..
            } => {
                self.kept(*copy, *safe, recipients);
            }
            What::Dropped {
                copy, safe, recipients, ..
            } => {
                self.dropped(*copy, *safe, recipients);
            }
            What::Replay {
                server,
                of,
                safe,
                store,
                recipients,
            } => {
                self.replayed(*server, *of, (*safe, *store), recipients);
            }
            What::ReplayDefer { store, server, .. } => {
                self.deferred.insert((*store, *server), self.now);
            }
            _ => {}
        }
    }

    fn kept(&mut self, copy: CopyIdx, safe: Safe, recipients: &Recipients) {
        let now = self.now;
        let known = &self.copies[&copy];
        // A19: the dumpster waits for every mailbox that its hub delivers to; a Safety Net takes what is done (S12).
        let for_store = |hop: &Option<Hop>| matches!(hop, Some(Hop::Store(_)));
        let open = match safe {
            Safe::Dumpster => known.pending.values().any(for_store),
            Safe::PrimarySafetyNet => recipients.iter().any(|recipient| known.pending.contains_key(recipient)),
            Safe::ShadowSafetyNet => known.protection().held.is_some(),
        };
        let generation = self.world.generation(known.server);
        let fits = match safe {
            Safe::Dumpster => generation == Generation::Exchange2010,
            Safe::PrimarySafetyNet | Safe::ShadowSafetyNet => generation == Generation::Exchange2013,
        };
        if open {
            self.blame(Invariant::I10, copy, "a copy is kept as done before it is (A19, S12)");
        }
        if !fits {
            self.blame(Invariant::I15, copy, "a copy is kept where its version keeps none");
        }
        let unreplicated = recipients
            .iter()
            .any(|r| self.world.store_of(*r).is_some_and(|s| !self.world.replicated(s)));
        if safe == Safe::Dumpster && unreplicated {
            self.blame(
                Invariant::I10,
                copy,
                "the dumpster keeps mail for a database without copies (X8)",
            );
        }
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        known.protection_mut().kept.push((safe, recipients.clone(), now));
        let message = known.message;
        if safe == Safe::Dumpster {
            self.dumpster_takes(copy, message, recipients);
        }
        let due = now + self.kept_for(safe, self.safety_net_hold());
        self.dues.push(due, Due::Kept, copy);
    }

    fn dropped(&mut self, copy: CopyIdx, safe: Safe, of: &Recipients) {
        let now = self.now;
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let message = known.message;
        let (mut recipients, mut since) = (Recipients::new(), None);
        if let Some(at) = known
            .protection()
            .kept
            .iter()
            .position(|(kept, for_whom, _)| *kept == safe && for_whom == of)
        {
            let kept = known.protection_mut().kept.remove(at);
            (recipients, since) = (kept.1, Some(kept.2));
        }
        if recipients.is_empty() {
            self.blame(Invariant::C4, copy, "what is dropped was not kept");
        }
        self.look_at_drop(copy, safe, since);
        let limits = match (safe, since) {
            (Safe::Dumpster, Some(since)) => self.dumpster_lets_go(copy, since, &recipients),
            _ => false,
        };
        let known = &self.copies[&copy];
        let server = known.server;
        // Of a shadow the Safety Net of its primary server is asked first (X15).
        let primary = (safe == Safe::ShadowSafetyNet).then_some(known.from);
        let asked = [Some(Actor::Server(server)), primary];
        let awaited = |store: Store| {
            let servers = asked.into_iter().flatten().filter_map(|actor| match actor {
                Actor::Server(server) => Some(server),
                _ => None,
            });
            servers
                .filter_map(|server| self.deferred.get(&(store, server)).copied())
                .max()
        };
        let concerned = self.world.groups.with_members(&recipients).into_iter();
        let concerned = concerned.map(|recipient| (recipient, self.world.store_of(recipient).and_then(awaited)));
        let concerned: Vec<(RecipientIdx, Option<SimTime>)> = concerned.collect();
        let account = self.account(message);
        for (recipient, awaited) in concerned {
            if let Some(tally) = account.tallies.get_mut(&recipient) {
                tally.mishaps_mut().dropped.push(Dropped {
                    safe,
                    copy,
                    at: now,
                    limits,
                    awaited,
                });
            }
        }
        self.ending.push(copy);
        self.settle(message, &recipients);
    }

    /// T11: what a Safety Net has is dropped when its time is up, and not before. The dumpster drops what every copy has, too (X8).
    fn look_at_drop(&mut self, copy: CopyIdx, safe: Safe, since: Option<SimTime>) {
        let early = since.is_some_and(|since| self.now < since + self.safety_net_hold());
        if early && safe != Safe::Dumpster {
            self.blame(Invariant::I13, copy, "what a Safety Net has is dropped before its time");
        }
    }

    fn replayed(&mut self, server: ServerIdx, of: CopyIdx, (safe, store): (Safe, Store), recipients: &Recipients) {
        let now = self.now;
        let known = &self.copies[&of];
        let message = known.message;
        let hold = self.safety_net_hold();
        let kept = known.protection().kept.iter().find(|(kept, _, _)| *kept == safe);
        let age = kept.map(|(_, _, since)| *since + self.kept_for(safe, hold));
        if kept.is_none() {
            self.blame(Invariant::C4, of, "what is replayed was not kept");
        }
        if age.is_some_and(|until| until < self.now) {
            self.blame(Invariant::I13, of, "what is replayed was kept too long");
        }
        if recipients.iter().any(|recipient| {
            let group = self.world.groups.members(*recipient).is_some();
            !group && self.world.store_of(*recipient) != Some(store)
        }) {
            self.blame(
                Invariant::I15,
                of,
                "mail is replayed that was not for the database (S32, X15)",
            );
        }
        // What a dumpster delivers again comes into it anew (N29).
        if safe == Safe::Dumpster
            && let Some(known) = self.copies.get_mut(&of)
            && let Some(at) = known
                .protection()
                .kept
                .iter()
                .position(|(kept, of, _)| *kept == safe && of == recipients)
        {
            let (_, _, since) = known.protection_mut().kept.remove(at);
            self.dumpster_lets_go(of, since, recipients);
            self.ending.push(of);
        }
        let account = self.account(message);
        account.detours_mut().replays.push((server, recipients.clone()));
        for recipient in self.world.groups.with_members(recipients) {
            self.account(message)
                .tallies
                .or_default(recipient)
                .mishaps_mut()
                .replayed = Some(now);
        }
    }
}
