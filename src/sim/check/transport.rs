//! Mail on its way: taken from somebody who had it, handed over once, for people it is for, across no cut.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::Checker;
use super::ledger::{Ack, Copy, Gone, Handover, Item};
use super::stores::verify;
use super::violation::{DupId, DupIds, Invariant};
use crate::model::{Entry, Generation, MessageIdx, ServerIdx, SimTime};
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Return, What};

impl Checker<'_> {
    pub(super) fn take_transport(&mut self, what: &What) {
        match what {
            What::Receive {
                server,
                copy,
                message,
                recipients,
                from,
                headers,
            } => self.received((*server, *copy), *message, recipients, *from, *headers),
            What::Expand {
                server,
                copy,
                recipients,
            } => {
                self.expanded(*server, *copy, recipients);
            }
            What::Transfer {
                server,
                copy,
                recipients,
                hop,
            } => {
                self.transferred(*server, *copy, recipients, *hop);
            }
            What::Send {
                server,
                copy,
                recipients,
                to,
                ..
            } => {
                self.sent(*server, *copy, recipients, *to);
            }
            What::Outside {
                to,
                copy,
                message,
                recipients,
            } => self.left(*to, *copy, *message, recipients),
            What::Fail {
                server,
                copy,
                message,
                recipients,
                cause,
            }
            | What::Silent {
                server,
                copy,
                message,
                recipients,
                cause,
            } => {
                self.returned(*server, *copy, *message, *cause);
                let told = matches!(what, What::Fail { .. });
                self.given_back(*copy, *message, recipients, told);
            }
            _ => {}
        }
    }

    fn received(
        &mut self,
        (server, copy): (ServerIdx, CopyIdx),
        message: MessageIdx,
        recipients: &Recipients,
        from: Actor,
        headers: u32,
    ) {
        let now = self.now;
        let about = (Some(message), None);
        let evidence = [(now, "it comes", Some(server), Some(copy))];
        if self.copies.contains_key(&copy) {
            self.report(Invariant::C4, about, "a new copy that is there already", &evidence);
            return;
        }
        if !self.entry_fits(message, from) {
            self.report(
                Invariant::I19,
                about,
                "a message comes from who does not send it",
                &evidence,
            );
        }
        if now < self.account(message).sent_at {
            self.report(Invariant::C4, about, "a message comes before it is sent", &evidence);
        }
        if from != Actor::Server(server) && !self.world.reaches(from, Actor::Server(server)) {
            self.report(Invariant::C3, about, "a message crosses a cut", &evidence);
        }
        // The first header of a message that was pulled from an Outbox is that of who pulled it.
        let replay = self.replays(message, server, recipients);
        let first = headers == 1 && !replay;
        let pulled = first && matches!(self.world.stage.scenario().messages[message].entry, Entry::Mapi { .. });
        let lineage = match (from, replay) {
            (_, true) => self.lineage_of_replay(),
            _ if pulled => self.pulled(message),
            (Actor::Server(sender), _) => self.relayed(sender, (server, copy), message, recipients, headers),
            _ => self.submitted(message),
        };
        let reroutes = match from {
            Actor::Server(sender) if !pulled && !replay => self.rerouted_before(sender, server, message, recipients),
            _ => (0, 0),
        };
        let record = Copy {
            reroutes,
            pulled,
            replay,
            lineage,
            pending: recipients.iter().map(|recipient| (*recipient, None)).collect(),
            paired: !pulled && self.world.shadows(from, Actor::Server(server)),
            acknowledged: replay,
            ..Copy::new(server, message, now, (from, headers))
        };
        self.copies.insert(copy, record);
        if pulled
            && let (Actor::Server(sender), Entry::Mapi { mailbox }) =
                (from, &self.world.stage.scenario().messages[message].entry)
        {
            let store = self.world.store_of_mailbox(*mailbox);
            self.touch(sender, Actor::Server(server), Some(store));
        }
        let entered = pulled || !matches!(from, Actor::Server(_));
        let account = self.account(message);
        if account.item == Item::Unknown {
            account.item = Item::Sender;
        }
        account.copies.push(copy);
        account.waiting.push(copy);
        if entered {
            account.entries.push((server, copy));
        }
        for recipient in recipients {
            account.tallies.or_default(*recipient);
        }
        self.arm(copy);
    }

    /// Whether a server has just begun to replay a message for these recipients; then that is over.
    fn replays(&mut self, message: MessageIdx, server: ServerIdx, recipients: &Recipients) -> bool {
        let Some(account) = self.accounts.get_mut(&message) else {
            return false;
        };
        let fits = |(at, replayed): &(ServerIdx, Recipients)| *at == server && replayed == recipients;
        let found = account.detours().replays.iter().position(fits);
        found.map(|at| account.detours_mut().replays.remove(at)).is_some()
    }

    fn lineage_of_replay(&self) -> DupIds {
        let mut lineage = DupIds::default();
        lineage.add(DupId::Dup8);
        lineage
    }

    /// From an Outbox, which has to have it.
    fn pulled(&mut self, message: MessageIdx) -> DupIds {
        let mut lineage = DupIds::default();
        let account = self.account(message);
        let again = !account.entries.is_empty();
        let there = matches!(account.item, Item::Outbox(..));
        if again {
            lineage.add(DupId::Dup10);
        }
        if !there {
            let what = "an item is taken from an Outbox that does not have it";
            self.report(Invariant::C4, (Some(message), None), what, &[]);
        }
        lineage
    }

    /// From a client or a system outside: not after it has heard that the message was taken.
    fn submitted(&mut self, message: MessageIdx) -> DupIds {
        let mut lineage = DupIds::default();
        let first = self.account(message).entries.first().copied();
        let released = self.account(message).is_owed();
        lineage.join(self.account(message).again);
        if let Some((server, copy)) = first {
            // N64: who took it first says which resending it is, unless its sender has kept it and knows better.
            if lineage.is_empty() {
                lineage.add(match self.world.generation(server) {
                    Generation::Exchange2013 => DupId::Dup1,
                    _ => DupId::Dup9,
                });
            }
            if released {
                let evidence = [(self.now, "it had taken the message", Some(server), Some(copy))];
                let what = "a message is sent again that was acknowledged";
                self.report(Invariant::C4, (Some(message), None), what, &evidence);
            }
        }
        lineage
    }

    /// From another server, which has to hold it.
    fn relayed(
        &mut self,
        sender: ServerIdx,
        (server, copy): (ServerIdx, CopyIdx),
        message: MessageIdx,
        recipients: &Recipients,
        headers: u32,
    ) -> DupIds {
        self.met(sender, server);
        let mut lineage = DupIds::default();
        let waiting = self.waiting(message);
        let account = self.account(message);
        let again = account.handovers.iter().any(|handover| {
            handover.from == sender
                && handover
                    .recipients
                    .iter()
                    .any(|recipient| recipients.contains(recipient))
        });
        let delivered = recipients.iter().filter_map(|recipient| {
            let tally = account.tallies.get(recipient)?;
            let delivery = tally.mailbox.iter().find(|delivery| delivery.by == sender)?;
            Some((*recipient, delivery.copy))
        });
        let delivered: SmallVec<[(RecipientIdx, CopyIdx); 1]> = delivered.collect();
        account.handovers.push(Handover {
            from: sender,
            to: Actor::Server(server),
            recipients: recipients.clone(),
            child: Some(copy),
        });
        // A38: a mailbox has it from a copy that waits for it all the same.
        let unheard = delivered.iter().any(|(recipient, copy)| {
            let delivered = self.copies.get(copy);
            delivered.is_some_and(|copy| copy.on_disk && copy.pending.contains_key(recipient))
        });
        if again || unheard {
            lineage.add(DupId::Dup5);
        }
        let mut parents: SmallVec<[(DupIds, u32); 2]> = SmallVec::new();
        for parent in waiting.iter().filter_map(|copy| self.copies.get(copy)) {
            let waits = |recipient: &RecipientIdx| parent.pending.contains_key(recipient);
            if parent.server == sender && parent.on_disk && recipients.iter().all(waits) {
                parents.push((parent.lineage, parent.headers));
            }
        }
        let evidence = [(self.now, "it comes", Some(server), Some(copy))];
        if parents.is_empty() {
            let what = "a message comes from a server that does not have it for these recipients";
            self.report(
                Invariant::I19,
                (Some(message), recipients.first().copied()),
                what,
                &evidence,
            );
        } else if !parents.iter().any(|(_, before)| before + 1 == headers) {
            let what = "Received headers do not grow by one";
            self.report(Invariant::I19, (Some(message), None), what, &evidence);
        }
        for (parent, _) in parents {
            lineage.join(parent);
        }
        if !self.world.sends(sender, self.now) {
            let what = "a message comes from a server that is down";
            self.report(Invariant::C1, (Some(message), None), what, &evidence);
        }
        lineage
    }

    /// The copies with which a message waits for somebody. Most are shadows or only kept, which may be thousands.
    pub(super) fn waiting(&mut self, message: MessageIdx) -> SmallVec<[CopyIdx; 4]> {
        let Some(account) = self.accounts.get_mut(&message) else {
            return SmallVec::new();
        };
        let copies = &self.copies;
        let waits = |copy: &Copy| copy.on_disk && !copy.pending.is_empty();
        account.waiting.retain(|copy| copies.get(copy).is_some_and(waits));
        account.waiting.clone()
    }

    /// Groups make room for their members, for all of them and for nobody else.
    fn expanded(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients) {
        let now = self.now;
        let known = &self.copies[&copy];
        let message = known.message;
        let after: BTreeSet<RecipientIdx> = recipients.iter().copied().collect();
        let gone: Recipients = known.pending.keys().filter(|r| !after.contains(r)).copied().collect();
        let came = recipients.iter().filter(|r| !known.pending.contains_key(r));
        let came: Recipients = came.copied().collect();
        // Everybody below the groups that are gone.
        let below = self.world.groups.with_members(&gone);
        let all_below: BTreeSet<RecipientIdx> = below.iter().copied().collect();
        let strangers = came.iter().any(|r| !all_below.contains(r));
        let removed = gone.iter().any(|r| self.world.groups.members(*r).is_none());
        let is_person = |r: &&RecipientIdx| self.world.groups.members(**r).is_none();
        // Who is in a group in a group that another server expands is in good hands.
        let covered: BTreeSet<RecipientIdx> = self.world.groups.with_members(recipients).into_iter().collect();
        let mut otherwise = None;
        let mut is_known = |r: &RecipientIdx| {
            let otherwise = otherwise.get_or_insert_with(|| self.known_otherwise(message, &below, &gone));
            otherwise.contains(r)
        };
        let mut persons = below.iter().filter(is_person);
        let forgotten = persons.find(|r| !covered.contains(r) && !is_known(r)).copied();
        if strangers || removed {
            self.blame(Invariant::I1, copy, "a group is replaced by others than its members");
        }
        if let Some(recipient) = forgotten {
            let evidence = [(self.now, "the group is expanded", Some(server), Some(copy))];
            let about = (Some(message), Some(recipient));
            self.report(Invariant::I1, about, "a member of a group is left out", &evidence);
        }
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        for recipient in &gone {
            if let Some(Some(hop)) = known.pending.remove(recipient) {
                self.queues.leave(server, hop, false);
            }
        }
        for recipient in &came {
            known.pending.insert(*recipient, None);
        }
        // What has taken over for a group has done so for its members.
        if gone.iter().any(|group| known.protection().taken_over.contains(group)) {
            known.protection_mut().taken_over.extend(came.iter().copied());
        }
        // Nobody may be left in a group.
        verify(known, now);
        // With a group the groups in it are replaced, but for those that somebody else expands.
        let replaced = self.world.groups.within(&gone, recipients);
        let passed_over = self.passed_over(message, &gone);
        let account = self.account(message);
        let mut left = Recipients::new();
        for recipient in gone.iter().chain(&replaced) {
            let tally = account.tallies.or_default(*recipient);
            let outside = !tally.expanded && (tally.outside > 0 || tally.beyond);
            left.extend(outside.then_some(*recipient));
            tally.expanded = true;
        }
        for recipient in &passed_over {
            account.tallies.or_default(*recipient).passed_over = true;
        }
        // What went with the group went for its members, too.
        let went = gone.iter().filter_map(|group| account.tallies.get(group));
        let went: Vec<Gone> = went.flat_map(|tally| tally.mishaps().gone.iter().cloned()).collect();
        for recipient in &came {
            // N60: whoever is reached over two groups, or over a group and by name, gets two copies without any fault.
            let there = account.tallies.contains_key(recipient);
            let tally = account.tallies.or_default(*recipient);
            tally.passed_over = false;
            if there {
                tally.lineage.add(DupId::Groups);
            } else {
                tally.mishaps_mut().gone.extend(went.iter().cloned());
            }
        }
        self.takes_along(message, &left);
        self.ending.push(copy);
    }

    /// N91: a group that is outside has taken its members along, whether it was replaced before it left or after.
    fn takes_along(&mut self, message: MessageIdx, groups: &[RecipientIdx]) {
        for member in self.world.groups.with_members(groups) {
            if let Some(tally) = self.account(message).tallies.get_mut(&member) {
                tally.beyond = true;
            }
        }
    }

    /// Who of those below groups that are replaced has a message by another way: under their own name, or with a group that
    /// was replaced before or waits for its server elsewhere (N88).
    fn known_otherwise(&self, message: MessageIdx, below: &[RecipientIdx], gone: &[RecipientIdx]) -> Vec<RecipientIdx> {
        let Some(account) = self.accounts.get(&message) else {
            return Vec::new();
        };
        let known = below
            .iter()
            .filter(|r| !gone.contains(r) && account.tallies.contains_key(r));
        self.world.groups.with_members(&known.copied().collect::<Recipients>())
    }

    fn transferred(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients, hop: Hop) {
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        for recipient in recipients {
            match known.pending.insert(*recipient, Some(hop)).flatten() {
                Some(before) if before == hop => {}
                Some(before) => {
                    self.queues.enter(server, hop);
                    self.queues.leave(server, before, false);
                }
                None => self.queues.enter(server, hop),
            }
        }
    }

    fn sent(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients, to: Actor) {
        if let Actor::Server(to) = to {
            self.met(server, to);
        }
        let message = self.copies[&copy].message;
        let fits =
            |handover: &Handover| handover.from == server && handover.to == to && handover.recipients == *recipients;
        // Of several alike, one whose receiver can have answered; the others are of sessions that broke off.
        let handovers = self
            .accounts
            .get(&message)
            .map_or(&[][..], |account| &account.handovers);
        let ready = handovers
            .iter()
            .rposition(|handover| fits(handover) && self.can_answer(handover.child));
        let found = ready.or_else(|| handovers.iter().position(fits));
        let account = self.account(message);
        let child = found.map(|at| account.handovers.remove(at).child);
        if child.is_none() {
            let what = "mail counts as taken that nobody took";
            let evidence = [(self.now, "it is sent", Some(server), Some(copy))];
            self.report(
                Invariant::C4,
                (Some(message), recipients.first().copied()),
                what,
                &evidence,
            );
        }
        let child = child.flatten();
        if let Some(child) = child {
            self.acknowledged_copy(child);
            if let Some(child) = self.copies.get_mut(&child) {
                child.parent = Some(copy);
            }
        }
        self.done(copy, recipients, Some((to, child)), true);
    }

    /// Whether the server of a copy that was made can have said that it has it (I4).
    pub(super) fn can_answer(&self, child: Option<CopyIdx>) -> bool {
        let known = child.and_then(|child| self.copies.get(&child));
        known.is_none_or(|known| match self.world.generation(known.server) {
            Generation::Exchange2013 => {
                known.protection().redirect.is_some() || known.protection().failed_tries.is_some()
            }
            Generation::Exchange2010 => !matches!(known.ack, Ack::Delayed(_)),
            _ => true,
        })
    }

    /// Somebody outside has it.
    fn left(&mut self, to: Actor, copy: CopyIdx, message: MessageIdx, recipients: &Recipients) {
        let Some(known) = self.copies.get(&copy) else {
            self.blame(Invariant::I10, copy, "mail leaves from a copy that is not there");
            return;
        };
        let (server, lineage) = (known.server, known.lineage);
        if known.message != message {
            self.blame(Invariant::I19, copy, "a copy leaves as another message");
        }
        self.sends(server);
        if !self.world.reaches(Actor::Server(server), to) {
            self.blame(Invariant::C3, copy, "a message crosses a cut");
        }
        self.waits(copy, recipients);
        let account = self.account(message);
        let mut reason = lineage;
        let again = account.handovers.iter().any(|handover| {
            handover.from == server
                && handover
                    .recipients
                    .iter()
                    .any(|recipient| recipients.contains(recipient))
        });
        if again {
            reason.add(DupId::Dup5);
        }
        account.handovers.push(Handover {
            from: server,
            to,
            recipients: recipients.clone(),
            child: None,
        });
        self.takes_along(message, recipients);
        for recipient in recipients {
            let tally = self.account(message).tallies.or_default(*recipient);
            let before = tally.outside;
            tally.outside += 1;
            tally.lineage.join(reason);
            let id = reason.apart_from(tally.last).or(tally.lineage.first());
            tally.last = reason;
            if before > 0 {
                self.explain(message, *recipient, id, true);
            }
        }
    }

    fn returned(&mut self, server: ServerIdx, copy: CopyIdx, message: MessageIdx, cause: Return) {
        let known = &self.copies[&copy];
        let org = self.world.stage.org();
        let timeout = org.servers()[server].message_expiration_timeout;
        let resumed: SimTime = self.world.machine(server).since;
        let (accepted_at, promoted) = (known.accepted_at, known.protection().promoted);
        if known.message != message {
            self.blame(Invariant::I19, copy, "a copy is returned as another message");
        }
        if cause == Return::Expired {
            let due = (accepted_at + timeout).max(resumed);
            let due = promoted.map_or(due, |at| at.max(due));
            // N68: what is under way when its time is up comes back first.
            if self.now < due || self.now > due + self.longest_session() {
                self.blame(Invariant::I13, copy, "a copy is returned before or after its time");
            }
        }
    }

    /// N93: whoever had a message with some groups and has left them since.
    fn passed_over(&self, message: MessageIdx, groups: &[RecipientIdx]) -> Recipients {
        let Some(account) = self.accounts.get(&message) else {
            return Recipients::new();
        };
        let has_left = |r: &RecipientIdx| self.world.groups.has_left_one_of(groups, *r, account.sent_at);
        account.tallies.keys().copied().filter(has_left).collect()
    }

    /// The sender has the message back, unless nobody tells it: what comes from a Safety Net is given up in silence (X19).
    fn given_back(&mut self, copy: CopyIdx, message: MessageIdx, recipients: &Recipients, told: bool) {
        if told {
            for recipient in self.passed_over(message, recipients) {
                self.account(message).tallies.or_default(recipient).passed_over = true;
            }
            // Whoever was to hear of a group hears of its members.
            for recipient in self.world.groups.with_members(recipients) {
                self.account(message).tallies.or_default(recipient).returned = true;
            }
        } else if self.copies[&copy].replay {
            for recipient in self.world.groups.with_members(recipients) {
                self.account(message).tallies.or_default(recipient).mishaps_mut().silent = true;
            }
        } else {
            self.blame(
                Invariant::I1,
                copy,
                "mail is given up in silence that no Safety Net has delivered again",
            );
        }
        self.done(copy, recipients, None, false);
    }
}
