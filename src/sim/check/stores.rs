//! Mailboxes: what is delivered, what is seen twice, what stores forget.

use smallvec::SmallVec;

use super::ledger::{Branch, Copy, Delivery, Item};
use super::violation::{DupId, Invariant};
use super::{Checker, Duplicate};
use crate::model::{Entry, Generation, MessageIdx, SimTime, Version};
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Store, What};

impl Checker<'_> {
    pub(super) fn take_store(&mut self, what: &What) {
        match what {
            What::Mounted { store, server } => {
                if !self.world.disks(*store).contains(server) {
                    let evidence = [(self.now, "it is mounted", Some(*server), None)];
                    let what = "a store is mounted where it has no copy";
                    self.report(Invariant::C2, (None, None), what, &evidence);
                }
                self.world.mount(*store, *server);
                // Whoever has its Outboxes now waits for their hubs from now on (N24).
                self.contacts.retain(|(_, _, outbox), _| *outbox != Some(*store));
                let lost = self
                    .log_lost
                    .as_ref()
                    .filter(|(at, of, _)| (*at, *of) == (self.now, *store));
                let lost = lost.map(|(_, _, messages)| messages.clone());
                let newer = self.world.generation(*server) == Generation::Exchange2013;
                self.look_who_is_asked(*store, *server);
                self.bound_mount(*store, *server);
                if let Some(messages) = lost.filter(|_| newer) {
                    self.bound_replays(*store, &messages);
                }
            }
            What::LogLost { store, since } => {
                let mut messages = self.lose_log(*store, *since);
                if let Some((at, of, before)) = self.log_lost.take()
                    && (at, of) == (self.now, *store)
                {
                    messages.extend(before);
                    messages.sort_unstable();
                }
                self.log_lost = Some((self.now, *store, messages));
            }
            What::Stored { message, store } => self.stored(*message, *store),
            What::InMailbox {
                store,
                copy,
                message,
                recipient,
            } => self.in_mailbox(*store, *copy, *message, *recipient),
            What::Deliver { copy, recipient, .. } => {
                let message = self.copies[copy].message;
                let tally = self.account(message).tallies.or_default(*recipient);
                let forgotten = tally.mishaps().forgotten.iter().map(|forgotten| &forgotten.delivery);
                if !tally
                    .mailbox
                    .iter()
                    .chain(forgotten)
                    .any(|delivery| delivery.copy == *copy)
                {
                    self.blame(Invariant::C4, *copy, "delivered, and it is in no mailbox");
                }
                self.done(*copy, &[*recipient], None, true);
            }
            What::DuplicateDeliver {
                copy,
                message,
                recipient,
                ..
            } => {
                self.suppressed(*copy, *message, *recipient);
                self.done(*copy, &[*recipient], None, true);
            }
            _ => {}
        }
    }

    fn stored(&mut self, message: MessageIdx, store: Store) {
        let now = self.now;
        if self.world.host(store).is_none() {
            let what = "an item is stored where nothing is mounted";
            self.report(Invariant::C2, (Some(message), None), what, &[]);
        }
        let recipients = self.world.stage.recipients_of(message);
        self.written.add(store, now, message);
        let account = self.account(message);
        account.item = Item::Outbox(store, now);
        for recipient in recipients {
            account.tallies.or_default(recipient);
        }
    }

    /// How long a store remembers what it was given (T19).
    fn memory(&self, store: Store) -> std::time::Duration {
        let old = self
            .world
            .disks(store)
            .iter()
            .any(|server| self.world.version(*server) <= Version::Exchange2003);
        match old {
            true => std::time::Duration::from_secs(3600),
            false => self.world.stage.scenario().settings.duplicate_detection_window,
        }
    }

    fn in_mailbox(&mut self, store: Store, copy: CopyIdx, message: MessageIdx, recipient: RecipientIdx) {
        let about = (Some(message), Some(recipient));
        let host = self.world.host(store);
        if host.is_none() {
            self.report(Invariant::C2, about, "delivered into a store that is not mounted", &[]);
        }
        if self.world.store_of(recipient) != Some(store) {
            self.report(
                Invariant::C2,
                about,
                "delivered into a store that does not have the mailbox",
                &[],
            );
        }
        let Some(known) = self.copies.get(&copy) else {
            self.blame(Invariant::I10, copy, "delivered from a copy that is not there");
            return;
        };
        let (by, lineage) = (known.server, known.lineage);
        let same = known.message == message;
        self.sends(by);
        if !same {
            self.report(Invariant::I19, about, "a copy is delivered as another message", &[]);
        }
        if let Some(host) = host
            && host != by
            && !self.world.reaches(Actor::Server(by), Actor::Server(host))
        {
            self.report(Invariant::C3, about, "delivered across a cut", &[]);
        }
        self.waits(copy, &[recipient]);
        let now = self.now;
        self.written.add(store, now, message);
        let window = self.memory(store);
        let tally = self.account(message).tallies.or_default(recipient);
        let earlier = tally.mailbox.last().copied();
        tally.lineage.join(lineage);
        let reason = lineage.apart_from(tally.last).or(tally.lineage.first());
        tally.last = lineage;
        tally.mailbox.push(Delivery {
            at: now,
            store,
            copy,
            by,
            local: host == Some(by),
        });
        let Some(earlier) = earlier else { return };
        if now < earlier.at + window {
            let evidence = [(earlier.at, "the first", Some(earlier.by), Some(earlier.copy))];
            self.report(
                Invariant::I12,
                about,
                "a second copy in the mailbox, within T19",
                &evidence,
            );
        } else {
            let again = (earlier.copy == copy).then_some(DupId::Dup5);
            self.explain(message, recipient, reason.or(again), true);
        }
    }

    fn suppressed(&mut self, copy: CopyIdx, message: MessageIdx, recipient: RecipientIdx) {
        let now = self.now;
        let about = (Some(message), Some(recipient));
        let lineage = self.copies[&copy].lineage;
        let window = self.world.store_of(recipient).map(|store| self.memory(store));
        let Some(tally) = self
            .accounts
            .get(&message)
            .and_then(|account| account.tallies.get(&recipient))
        else {
            self.report(Invariant::I12, about, "taken for a duplicate of nothing", &[]);
            return;
        };
        let reason = lineage.apart_from(tally.last).or(tally.lineage.first());
        let again = tally.mailbox.iter().any(|delivery| delivery.copy == copy);
        match tally.mailbox.last().copied() {
            Some(delivery) if window.is_none_or(|window| now <= delivery.at + window) => {
                let reason = reason.or(again.then_some(DupId::Dup5));
                self.explain(message, recipient, reason, false);
            }
            Some(delivery) => {
                let evidence = [(delivery.at, "the first", Some(delivery.by), Some(delivery.copy))];
                self.report(Invariant::I12, about, "taken for a duplicate after T19", &evidence);
            }
            None => self.report(
                Invariant::I12,
                about,
                "taken for a duplicate, and the mailbox has none",
                &[],
            ),
        }
    }

    /// A copy too many: `id` says why, or nothing does.
    pub(super) fn explain(&mut self, message: MessageIdx, recipient: RecipientIdx, id: Option<DupId>, visible: bool) {
        let at = self.now;
        // Somebody has taken it of whom its server does not know, whatever way it went then (A38).
        let unknown = self.accounts.get(&message).is_some_and(|account| {
            let mut open = account.handovers.iter();
            open.any(|handover| handover.recipients.contains(&recipient))
        });
        let id = id.or(unknown.then_some(DupId::Dup5));
        match id {
            Some(id) => self.duplicates.push(Duplicate {
                at,
                message,
                recipient,
                id,
                visible,
            }),
            None => self.report(
                Invariant::I12,
                (Some(message), Some(recipient)),
                "a copy too many, and nothing explains it",
                &[],
            ),
        }
    }

    /// Whether recipients wait in a copy; else that is noted.
    pub(super) fn waits(&mut self, copy: CopyIdx, recipients: &[RecipientIdx]) -> bool {
        let known = &self.copies[&copy];
        let refused = known.refused;
        let absent = recipients
            .iter()
            .find(|recipient| !known.pending.contains_key(recipient))
            .copied();
        let (message, server, at) = (known.message, known.server, known.received_at);
        if refused {
            self.blame(Invariant::I4, copy, "a message goes on that was refused (S22)");
        }
        if let Some(recipient) = absent {
            let what = "a copy is used for a recipient for whom it does not wait";
            let evidence = [(at, "it came", Some(server), Some(copy))];
            self.report(Invariant::I10, (Some(message), Some(recipient)), what, &evidence);
        }
        absent.is_none()
    }

    /// For some recipients a copy is done: somebody took it (`to`), a mailbox has it, or it is returned. `served`: their queue
    /// leads somewhere.
    pub(super) fn done(
        &mut self,
        copy: CopyIdx,
        recipients: &[RecipientIdx],
        to: Option<(Actor, Option<CopyIdx>)>,
        served: bool,
    ) {
        let now = self.now;
        let known = self.copies.get_mut(&copy).expect("who calls has looked");
        let server = Actor::Server(known.server);
        let hops: SmallVec<[Hop; 1]> = recipients
            .iter()
            .filter_map(|r| known.pending.remove(r))
            .flatten()
            .collect();
        known.branches.push(Branch {
            recipients: Recipients::from_slice(recipients),
            to: to.map(|(to, _)| to),
            hop: hops.first().copied(),
            child: to.and_then(|(_, child)| child),
            verified: to.is_none_or(|(to, _)| !self.world.shadows(server, to)),
        });
        verify(known, now);
        let (message, at) = (known.message, known.server);
        for hop in hops {
            self.queues.leave(at, hop, served);
        }
        self.ending.push(copy);
        self.settle(message, recipients);
    }

    /// Whether the entry of a message can be what the trace says.
    pub(super) fn entry_fits(&self, message: MessageIdx, from: Actor) -> bool {
        // A relay, or an Outbox.
        if let Actor::Server(_) = from {
            return true;
        }
        match (self.world.stage.scenario().messages[message].entry, from) {
            (Entry::Peer { peer, .. }, Actor::Peer(other)) => peer == other,
            (Entry::Client { .. }, Actor::Client) => true,
            _ => false,
        }
    }
}

/// Notes when every branch of a copy is verified (A52b), and forgets it where one no longer is.
pub(super) fn verify(copy: &mut Copy, now: SimTime) {
    let verified = copy.pending.is_empty() && copy.branches.iter().all(|branch| branch.verified);
    copy.verified_at = match (verified, copy.verified_at) {
        (true, None) => Some(now),
        (true, before) => before,
        (false, _) => None,
    };
}
