//! Whether every message is somewhere: with its sender, on a disk, with its recipient, or back.

use smallvec::SmallVec;

use super::ledger::{Account, Copy, Forgotten, Gone, Item};
use super::losses::{classify, of_outbox};
use super::violation::Invariant;
use super::world::World;
use super::{Checker, Fact, Loss};
use crate::model::{Address, Generation, MessageIdx, ServerIdx, SimTime};
use crate::sim::Run;
use crate::sim::trace::{Actor, CopyIdx, RecipientIdx, Recipients, Safe, Store};

impl Checker<'_> {
    /// Whether anybody still has a message for a recipient.
    fn is_held(&self, message: MessageIdx, recipient: RecipientIdx, kept: bool) -> bool {
        let Some(account) = self.accounts.get(&message) else {
            return false;
        };
        let asked = |copy: &CopyIdx| {
            let copy = self.copies.get(copy);
            copy.is_some_and(|copy| self.may_be_asked_for(copy, account, recipient))
        };
        self.is_with_anybody(message, account, |of| self.world.groups.cover(of, recipient))
            || kept && account.copies.iter().any(asked)
    }

    /// Whether its sender or a server has a message for some recipients that `cover` somebody.
    fn is_with_anybody(&self, message: MessageIdx, account: &Account, cover: impl Fn(&[RecipientIdx]) -> bool) -> bool {
        let with_sender = matches!(account.item, Item::Outbox(..) | Item::Sender) || account.peer_keeps.is_some();
        // The last that came is the likeliest to hold it.
        let mut copies = account.copies.iter().rev().filter_map(|copy| self.copies.get(copy));
        with_sender && cover(&self.world.stage.recipients_of(message)) || copies.any(|copy| copy.holds(&cover))
    }

    /// N72: whether a recipient for whom nobody has a message has left the groups that those who have it have it for. Whose mailbox
    /// has lost it is another matter (L13-7).
    fn has_left(&self, message: MessageIdx, recipient: RecipientIdx) -> bool {
        let Some(account) = self.accounts.get(&message) else {
            return false;
        };
        let tally = account.tallies.get(&recipient);
        let since = account.sent_at;
        tally.is_some_and(|tally| {
            let with_group = |of: &[RecipientIdx]| self.world.groups.covered(of, recipient, since);
            tally.mishaps().forgotten.is_empty()
                && (tally.passed_over || self.is_with_anybody(message, account, with_group))
        })
    }

    /// Whether what a copy is only kept for can come back to a recipient.
    fn may_be_asked_for(&self, copy: &Copy, account: &Account, recipient: RecipientIdx) -> bool {
        // Only a database with several copies asks for what was kept (X8, X13).
        let Some(store) = self
            .world
            .store_of(recipient)
            .filter(|store| self.world.replicated(*store))
        else {
            return false;
        };
        let forgotten = account
            .tallies
            .get(&recipient)
            .map(|tally| tally.mishaps().forgotten.as_slice());
        let forgotten = forgotten.unwrap_or_default();
        let nobody_asks = forgotten.iter().any(|forgotten| forgotten.whole || forgotten.unasked);
        // N69: when it asked, the dumpster did not have it.
        let came_later = forgotten.last().is_some_and(|forgotten| forgotten.partly);
        let disks = self.world.disks(store);
        // S32, S37: Safety Net is asked by databases of its boundary, the dumpster by those of 2010.
        let asks = |safe: Safe| match safe {
            Safe::Dumpster => {
                let older = |at: &ServerIdx| self.world.generation(*at) == Generation::Exchange2010;
                !came_later && disks.iter().all(older)
            }
            Safe::PrimarySafetyNet | Safe::ShadowSafetyNet => {
                // N47: of the boundary of the server where the database comes up.
                let reached = |at: &ServerIdx| *at == copy.server || self.world.in_boundary(*at, copy.server);
                disks.iter().any(reached)
            }
        };
        // X20: of groups those hear who are in them now.
        let covers = |of: &[RecipientIdx]| self.world.groups.cover(of, recipient);
        let mut kept = copy.protection().kept.iter();
        !nobody_asks && copy.on_disk && !copy.refused && kept.any(|(safe, of, _)| asks(*safe) && covers(of))
    }

    /// Whether a shadow is kept for a group that its recipient has left since, so that it does not come back to him (X20).
    fn has_left_what_is_kept(&self, message: MessageIdx, recipient: RecipientIdx) -> bool {
        let account = self.accounts.get(&message);
        let copies = account.into_iter().flat_map(|account| &account.copies);
        copies.filter_map(|copy| self.copies.get(copy)).any(|copy| {
            let lost = |of: &[RecipientIdx]| {
                let is_group = of.iter().any(|of| self.world.groups.members(*of).is_some());
                is_group && !self.world.groups.cover(of, recipient)
            };
            let mut kept = copy.protection().kept.iter();
            copy.on_disk
                && kept.any(|(safe, of, _)| *safe == Safe::ShadowSafetyNet && lost(of))
                && self.world.groups.has_left(recipient, copy.received_at)
        })
    }

    /// Whoever has left a group gets nothing that is still for the group (X20, N72), and who joins it does.
    pub(super) fn members_changed(&mut self, added: &[Address], removed: &[Address]) {
        let cast = self.world.stage.cast();
        let below = |changed: &[Address]| {
            let changed: Recipients = changed.iter().filter_map(|address| cast.find(address)).collect();
            self.world.groups.with_members(&changed)
        };
        let (added, removed) = (below(added), below(removed));
        let messages: Vec<MessageIdx> = self.accounts.iter().map(|(message, _)| message).collect();
        for message in messages {
            self.settle_each(message, &removed);
            for recipient in &added {
                let held = self.is_held(message, *recipient, false);
                let account = self.accounts.get_mut(&message);
                if let Some(tally) = account.and_then(|account| account.tallies.get_mut(recipient)) {
                    tally.left &= !held;
                }
            }
        }
    }

    /// Something that held a message no longer does: for whom it is nowhere now, it is lost.
    pub(super) fn settle(&mut self, message: MessageIdx, recipients: &[RecipientIdx]) {
        // A group stood for its members.
        if recipients
            .iter()
            .any(|recipient| self.world.groups.members(*recipient).is_some())
        {
            return self.settle_all(message);
        }
        self.settle_each(message, recipients);
    }

    /// The same for everybody whom a message is or was for.
    pub(super) fn settle_all(&mut self, message: MessageIdx) {
        let known = self.accounts.get(&message);
        let everybody: Recipients = known
            .into_iter()
            .flat_map(|account| account.tallies.keys().copied())
            .collect();
        self.settle_each(message, &everybody);
    }

    fn settle_each(&mut self, message: MessageIdx, recipients: &[RecipientIdx]) {
        self.look_for_pairs(message, recipients);
        for recipient in recipients {
            let Some(account) = self.accounts.get(&message) else {
                return;
            };
            let Some(tally) = account.tallies.get(recipient) else {
                continue;
            };
            let owed = account.is_owed() || account.item == Item::Lost;
            if tally.is_done() || tally.loss.is_some() || self.is_held(message, *recipient, true) {
                continue;
            }
            if self.has_left(message, *recipient) {
                self.account(message).tallies.or_default(*recipient).left = true;
                continue;
            }
            if !owed {
                continue;
            }
            let id = match account.item {
                // D38: once it was in the mailbox, what has become of the item is all the same.
                Item::Lost if tally.mishaps().forgotten.is_empty() => {
                    let generation = self.sender_generation(message).unwrap_or(Generation::Legacy);
                    Some(of_outbox(generation, tally))
                }
                _ => classify(&self.world, tally, self.has_left_what_is_kept(message, *recipient)),
            };
            self.lost(message, *recipient, id);
        }
    }

    fn lost(&mut self, message: MessageIdx, recipient: RecipientIdx, id: Option<super::LossId>) {
        let now = self.now;
        let account = self.account(message);
        let since = account.entries.first().copied();
        let tally = account.tallies.or_default(recipient);
        tally.loss = Some(id);
        let gone: SmallVec<[Fact; 4]> = tally
            .mishaps()
            .gone
            .iter()
            .map(|gone| (gone.at, "a copy went with a disk", Some(gone.server), None))
            .chain(tally.mishaps().forgotten.iter().map(|Forgotten { delivery, at, .. }| {
                (*at, "a store forgot it", Some(delivery.by), Some(delivery.copy))
            }))
            .collect();
        if let Some(id) = id {
            self.losses.push(Loss {
                at: now,
                message,
                recipient,
                id,
            });
            return;
        }
        let servers = gone
            .iter()
            .map(|(_, _, server, _)| *server)
            .collect::<std::collections::BTreeSet<_>>()
            .len();
        let newer = since.is_some_and(|(server, _)| self.world.generation(server) == Generation::Exchange2013);
        let (invariant, what) = match servers {
            0 => (Invariant::I3, "lost although no disk was"),
            1 if newer => (Invariant::I2, "lost although one server was"),
            _ => (Invariant::I1, "lost, and nothing explains it"),
        };
        self.report(invariant, (Some(message), Some(recipient)), what, &gone);
    }

    /// The generation of the mailbox server or transport server that first had a message.
    fn sender_generation(&self, message: MessageIdx) -> Option<Generation> {
        let scenario = self.world.stage.scenario();
        match scenario.messages[message].entry {
            crate::model::Entry::Mapi { mailbox } => {
                let store = self.world.store_of_mailbox(mailbox);
                self.world
                    .disks(store)
                    .first()
                    .map(|server| self.world.generation(*server))
            }
            crate::model::Entry::Client { server, .. } | crate::model::Entry::Peer { server, .. } => {
                Some(self.world.generation(server))
            }
        }
    }

    /// The trace says that a queue database is gone.
    pub(super) fn queues_lost(&mut self, server: ServerIdx) {
        let machine = self.world.machine(server);
        if machine.database_lost != Some(self.now) && machine.condition != super::Condition::Destroyed {
            let what = "a queue database is gone, and the scenario took none";
            let evidence = [(machine.since, "it last started", Some(server), None)];
            self.report(Invariant::I14, (None, None), what, &evidence);
        }
        self.lose_queues(server);
    }

    /// A queue database is gone, with every copy in it.
    pub(super) fn lose_queues(&mut self, server: ServerIdx) {
        let now = self.now;
        self.world.queues_lost(server, now);
        let mut here: Vec<CopyIdx> = self
            .copies
            .iter()
            .filter(|(_, copy)| copy.server == server && copy.on_disk)
            .map(|(index, _)| *index)
            .collect();
        here.sort_unstable();
        let mut touched: Vec<(MessageIdx, Recipients)> = Vec::new();
        for index in here {
            let generation = self.world.generation(server);
            let copy = self.copies.get_mut(&index).expect("it was listed");
            copy.on_disk = false;
            let everybody = copy.everybody();
            let from = match copy.from {
                Actor::Server(from) if !copy.pulled => Some(self.world.generation(from)),
                _ => None,
            };
            let gone = copy.gone(now, (generation, from));
            let gone: Vec<(RecipientIdx, Gone)> = everybody
                .iter()
                .map(|recipient| (*recipient, copy.gone_for(*recipient, &gone)))
                .collect();
            let (message, since) = (copy.message, copy.received_at);
            let primaries: Vec<CopyIdx> = copy.primaries().collect();
            if let Some(protection) = &mut copy.protection {
                protection.shadows.clear();
                protection.held = None;
            }
            let recipients = self.note_gone((message, since), &gone, &primaries);
            primaries.into_iter().for_each(|primary| self.release(primary));
            touched.push((message, recipients));
            self.ending.push(index);
        }
        self.queues.server_lost(server);
        self.dumpsters.lose(server);
        for (message, recipients) in touched {
            self.settle(message, &recipients);
        }
    }

    /// A copy went that had come at an instant, and was a shadow of `primaries`: whom that concerns. N87: those, too, who have left a
    /// group since.
    pub(super) fn note_gone(
        &mut self,
        (message, since): (MessageIdx, SimTime),
        gone: &[(RecipientIdx, Gone)],
        primaries: &[CopyIdx],
    ) -> Recipients {
        let mut recipients = Recipients::new();
        for (recipient, gone) in gone {
            for concerned in self.world.groups.with_former_members(&[*recipient], since) {
                let mut primaries = primaries.iter().filter_map(|primary| self.copies.get(primary));
                let cover = |of: &[RecipientIdx]| self.world.groups.covered(of, concerned, since);
                let handed_on = gone.shadow && primaries.any(|primary| primary.has_handed_on(cover));
                if let Some(tally) = self.account(message).tallies.get_mut(&concerned) {
                    tally.mishaps_mut().gone.push(Gone {
                        handed_on,
                        ..gone.clone()
                    });
                }
                recipients.push(concerned);
            }
        }
        recipients
    }

    /// What a store has had since an instant is no longer there. Returns of which messages that was something.
    pub(super) fn lose_log(&mut self, store: Store, since: SimTime) -> Vec<MessageIdx> {
        let now = self.now;
        let mut touched: Vec<(MessageIdx, Recipients)> = Vec::new();
        let messages = self.written.take_since(store, since);
        for message in &messages {
            let Some(account) = self.accounts.get_mut(message) else {
                continue;
            };
            let mut recipients = Recipients::new();
            if matches!(account.item, Item::Outbox(at, stored) if at == store && stored >= since) {
                account.item = Item::Lost;
                recipients.extend(account.tallies.keys().copied());
            }
            // The store has forgotten that the item had left: there it is again (D15).
            if let Some((at, stored, left)) = account.detours().left_outbox
                && at == store
                && left >= since
                && stored < since
            {
                account.item = Item::Outbox(store, stored);
                account.detours_mut().left_outbox = None;
            }
            for (recipient, tally) in account.tallies.iter_mut() {
                let lost = |delivery: &super::ledger::Delivery| delivery.store == store && delivery.at >= since;
                let (gone, kept): (Vec<_>, Vec<_>) = tally.mailbox.drain(..).partition(lost);
                tally.mailbox = kept.into();
                if !gone.is_empty() {
                    let dropped = |of: CopyIdx| {
                        let mut dropped = tally.mishaps().dropped.iter();
                        dropped.any(|dropped| dropped.safe == Safe::Dumpster && dropped.copy == of)
                    };
                    let partly = |of: CopyIdx| {
                        let copy = self.copies.get(&of);
                        copy.is_some_and(|copy| waits_in_part(&self.world, copy, *recipient)) && !dropped(of)
                    };
                    let forgotten: Vec<Forgotten> = gone
                        .into_iter()
                        .map(|delivery| Forgotten {
                            delivery,
                            at: now,
                            whole: since == SimTime::ZERO,
                            partly: partly(delivery.copy),
                            unasked: !self.world.is_up(delivery.by)
                                && self.world.generation(delivery.by) == Generation::Exchange2010,
                        })
                        .collect();
                    tally.mishaps_mut().forgotten.extend(forgotten);
                    recipients.push(*recipient);
                }
            }
            if !recipients.is_empty() {
                touched.push((*message, recipients));
            }
        }
        for (message, recipients) in touched {
            self.settle(message, &recipients);
        }
        messages
    }

    /// 2010: hubs that the new host of a database does not reach are not asked for what it has lost (N29).
    pub(super) fn look_who_is_asked(&mut self, store: Store, host: ServerIdx) {
        let Some((at, of, messages)) = self.log_lost.take() else {
            return;
        };
        if (at, of) != (self.now, store) {
            return;
        }
        let (now, world) = (self.now, &self.world);
        let away = |by: ServerIdx| world.generation(by) == Generation::Exchange2010 && !world.talk(host, by);
        let mut touched: Vec<(MessageIdx, RecipientIdx)> = Vec::new();
        for message in messages {
            let Some(account) = self.accounts.get_mut(&message) else {
                continue;
            };
            for (recipient, tally) in account.tallies.iter_mut() {
                let lost_now = |known: &&mut Forgotten| known.at == now && known.delivery.store == store;
                if tally.mishaps().forgotten.is_empty() {
                    continue;
                }
                for forgotten in tally.mishaps_mut().forgotten.iter_mut().filter(lost_now) {
                    forgotten.unasked |= away(forgotten.delivery.by);
                    touched.push((message, *recipient));
                }
            }
        }
        for (message, recipient) in touched {
            self.settle(message, &[recipient]);
        }
    }

    /// The disks of a server are gone, and with them the stores that are nowhere else.
    pub(super) fn lose_stores(&mut self, server: ServerIdx) {
        let databases = self.world.stage.org().databases().iter_enumerated();
        let stores: Vec<Store> = databases.map(|(at, _)| Store::Database(at)).collect();
        for store in stores.into_iter().chain([Store::Server(server)]) {
            let disks = self.world.disks(store);
            let destroyed = |at: &ServerIdx| self.world.machine(*at).condition == super::Condition::Destroyed;
            if disks.contains(&server) && disks.iter().all(destroyed) {
                self.lose_log(store, SimTime::ZERO);
            }
        }
    }

    /// The run has ended. When nothing was left to happen and nothing is broken, everything is done (I17).
    pub fn finish(&mut self, run: &Run) {
        self.look_at_pairs();
        self.look_at_delays(run.ended_at);
        if run.limit_hit || !run.over {
            return;
        }
        // What is due at the very end has no later event that would show it missing.
        self.forget_copies();
        if !self.world.healed() {
            return;
        }
        let mut open: Vec<(MessageIdx, RecipientIdx)> = Vec::new();
        for (message, account) in self.accounts.iter() {
            let owed = account.is_owed() || matches!(account.item, Item::Outbox(..) | Item::Sender);
            let tallies = account
                .tallies
                .iter()
                .filter(|(_, tally)| owed && !tally.is_done() && tally.loss.is_none());
            open.extend(tallies.map(|(recipient, _)| (message, *recipient)));
        }
        for (message, recipient) in open {
            // What is only kept is nowhere in the end, unless a database has lost it and asks.
            let tally = self
                .accounts
                .get(&message)
                .and_then(|account| account.tallies.get(&recipient));
            let left = self.has_left_what_is_kept(message, recipient);
            let id = tally.and_then(|tally| classify(&self.world, tally, left));
            if id.is_some() && !self.is_held(message, recipient, false) {
                self.lost(message, recipient, id);
                continue;
            }
            let what = "nothing is broken and nothing is left to happen, and the message is neither done nor returned";
            self.report(Invariant::I17, (Some(message), Some(recipient)), what, &[]);
        }
        let copies = self.copies.iter();
        let shadows = copies.filter(|(_, copy)| {
            copy.on_disk && (copy.protection().held.is_some() || !copy.protection().shadows.is_empty())
        });
        let mut shadows: Vec<CopyIdx> = shadows.map(|(index, _)| *index).collect();
        shadows.sort_unstable();
        for shadow in shadows {
            self.blame(Invariant::I17, shadow, "a shadow stays although nothing is broken");
        }
    }
}

/// N69: whether a hub has to deliver a copy to other mailboxes of its site still, so that the dumpster does not have it for a
/// recipient yet (A19). Mail for other sites is nothing that it waits for.
fn waits_in_part(world: &World<'_>, copy: &Copy, recipient: RecipientIdx) -> bool {
    let of_site = |other: &RecipientIdx| {
        let disks = world.store_of(*other).map(|store| world.disks(store));
        let mut disks = disks.into_iter().flatten();
        disks.any(|disk| world.site(disk) == world.site(copy.server))
    };
    let mut kept = copy.protection().kept.iter();
    copy.on_disk
        && copy.pending.keys().any(of_site)
        && !kept.any(|(safe, of, _)| *safe == Safe::Dumpster && of.contains(&recipient))
}
