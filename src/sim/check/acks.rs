//! Acknowledgements: what a server has done before it says that it has a message (I4, I11, A11).

use std::time::Duration;

use super::Checker;
use super::ledger::{Ack, Branch, Copy, Item};
use super::violation::{DupId, Invariant};
use super::world::Condition;
use crate::model::{Entry, Generation, MessageIdx, ServerIdx, SimTime};
use crate::sim::trace::{Actor, CopyIdx, Promotion, RecipientIdx, Store, What};

/// MaxAcknowledgementDelay where no Receive connector says otherwise (T1).
const ACKNOWLEDGEMENT_DELAY: Duration = Duration::from_secs(30);

impl Checker<'_> {
    pub(super) fn take_ack(&mut self, what: &What) {
        match what {
            What::Submit { store, message } => self.released_from_outbox(*message, *store),
            What::SendAgain {
                from,
                message,
                primary,
                why,
            } => self.sent_again(*from, *message, *primary, *why),
            What::LetGo {
                from,
                message,
                returned,
            } => self.let_go(*from, *message, *returned),
            What::Abandon { server, copy } => {
                self.abandoned(*server, *copy);
            }
            What::Acknowledge { server, to, message } => self.acknowledged(*server, *to, *message),
            What::Own { copy, message, .. } => self.owns(*copy, *message),
            What::AckDelayed { server, copy, until } => {
                self.ack_delayed(*server, *copy, *until);
            }
            What::AckDue { copy, verified, .. } => {
                self.ack_due(*copy, *verified);
            }
            What::Refuse {
                server,
                to,
                message,
                code,
            } => self.refused(*server, *to, *message, *code),
            _ => {}
        }
    }

    fn released_from_outbox(&mut self, message: MessageIdx, store: Store) {
        let about = (Some(message), None);
        if self.world.host(store).is_none() {
            self.report(
                Invariant::C2,
                about,
                "an item leaves the Outbox of a store that is not mounted",
                &[],
            );
        }
        let item = self.account(message).item;
        if !matches!(item, Item::Outbox(at, _) if at == store) {
            self.report(
                Invariant::C4,
                about,
                "an item leaves an Outbox that does not have it",
                &[],
            );
        }
        let entries = self.account(message).entries.clone();
        if entries.is_empty() {
            let what = "an item leaves the Outbox before anybody took it (A8)";
            self.report(Invariant::I11, about, what, &[]);
        }
        // Whoever has handed it on, the first or another that it was offered to, lets it go.
        let waits =
            |(_, copy): &(ServerIdx, CopyIdx)| self.copies.get(copy).is_some_and(|copy| !copy.pending.is_empty());
        if let Some((server, copy)) = entries.last().copied() {
            match self.world.generation(server) {
                Generation::Exchange2010 if entries.iter().all(waits) && !self.has_owner(message) => {
                    let what = "an item leaves the Outbox before it is handed on (A11)";
                    self.blame(Invariant::I11, copy, what);
                }
                Generation::Exchange2013 => self.acknowledged_copy(copy),
                _ => {}
            }
            self.knows_of(copy);
        }
        self.release_item(message);
    }

    /// The sender lets go: from now on transport is responsible.
    fn release_item(&mut self, message: MessageIdx) {
        let now = self.now;
        let account = self.account(message);
        if let Item::Outbox(store, stored) = account.item {
            account.detours_mut().left_outbox = Some((store, stored, now));
            self.written.add(store, now, message);
        }
        self.account(message).item = Item::Released;
        self.settle_all(message);
    }

    fn acknowledged(&mut self, server: ServerIdx, to: Actor, message: MessageIdx) {
        let about = (Some(message), None);
        let evidence = [(self.now, "it is acknowledged", Some(server), None)];
        if !self.world.reaches(Actor::Server(server), to) {
            self.report(Invariant::C3, about, "an acknowledgement crosses a cut", &evidence);
        }
        // Of several attempts the one that can have been answered, the last of them if there are more.
        let entries = self.accounts.get(&message).map(|account| account.entries.clone());
        let entries = entries.unwrap_or_default().into_iter().rev();
        let here: Vec<CopyIdx> = entries.filter(|(at, _)| *at == server).map(|(_, copy)| copy).collect();
        let ready = here.iter().copied().find(|copy| self.can_answer(Some(*copy)));
        let Some(copy) = ready.or(here.first().copied()) else {
            self.report(
                Invariant::I4,
                about,
                "a message is acknowledged that has not come",
                &evidence,
            );
            return;
        };
        self.acknowledged_copy(copy);
        if matches!(to, Actor::Peer(_)) && self.world.shadows(to, Actor::Server(server)) {
            let done = self
                .copies
                .get(&copy)
                .is_none_or(|copy| copy.protection().notified.contains(&to));
            self.account(message).peer_keeps = (!done).then_some(copy);
        }
        self.release_item(message);
    }

    /// What a system outside has kept of a message need not be kept longer.
    pub(super) fn peer_may_forget(&mut self, message: MessageIdx, copy: CopyIdx) {
        let done = self.copies.get(&copy).map(|copy| (copy.server, self.now));
        let account = self.account(message);
        account.detours_mut().done_for_peer = done.or(account.detours().done_for_peer);
        if account.peer_keeps == Some(copy) {
            account.peer_keeps = None;
            self.settle_all(message);
        }
    }

    /// Who keeps what it has handed over sends it again (A15, D18, D29): a system outside, or an Outbox, which has it anyway.
    fn sent_again(&mut self, from: Actor, message: MessageIdx, primary: Actor, why: Promotion) {
        let about = (Some(message), None);
        let now = self.now;
        let evidence = [(now, "it is sent again", None, None)];
        let lost = match primary {
            Actor::Server(at) => self.world.machine(at).database_lost,
            _ => None,
        };
        let entry = self.accounts.get(&message).and_then(|account| account.entries.last());
        let known = entry.and_then(|(_, copy)| self.copies.get(copy));
        let since = known.map_or(SimTime::ZERO, |copy| copy.received_at);
        let there = known.is_some_and(|copy| copy.on_disk && !copy.pending.is_empty());
        // An item that a hub owns and knows no more of is offered again, whatever has become of the hub (N25).
        let outbox = matches!(from, Actor::Server(_));
        let sound = match why {
            Promotion::NewDatabase if outbox => !there,
            Promotion::NewDatabase => lost.is_some_and(|lost| lost >= since),
            // What systems outside hear is not told (N23).
            Promotion::Silence => match (from, primary) {
                (Actor::Server(server), _) => self.is_silent(server, primary, self.outbox_of(message)),
                _ => true,
            },
        };
        if !sound {
            let what = "a message is sent again although its primary server has it";
            self.report(Invariant::I8, about, what, &evidence);
        }
        if outbox {
            return;
        }
        let reasons = [Some(self.reason_of(primary, why)), self.reason_of_silence(message)];
        let account = self.account(message);
        if account.peer_keeps.is_none() && !account.is_owed() {
            let what = "a message is sent again that nobody has taken";
            self.report(Invariant::C4, about, what, &evidence);
            return;
        }
        account.peer_keeps = None;
        account.item = Item::Sender;
        account.detours_mut().done_for_peer = None;
        reasons
            .into_iter()
            .flatten()
            .for_each(|reason| account.again.add(reason));
    }

    /// A system outside lets go what it has kept, or returns it (N22, with the usual expiry).
    fn let_go(&mut self, from: Actor, message: MessageIdx, returned: bool) {
        let sent = self.world.stage.scenario().messages[message].at;
        let usual = Duration::from_secs(2 * 86_400);
        let evidence = [(sent, "it was sent", None, None)];
        let about = (Some(message), None);
        if !matches!(from, Actor::Peer(_)) || self.now < sent + usual + self.discard_life() {
            let what = "a system outside lets a message go before its time";
            self.report(Invariant::I13, about, what, &evidence);
        }
        if returned && self.world.broken_at.is_none() {
            let what = "a message comes back as if a server were lost, and nothing has failed";
            self.report(Invariant::I8, about, what, &evidence);
        }
        let account = self.account(message);
        account.peer_keeps = None;
        if returned {
            account.tallies.iter_mut().for_each(|(_, tally)| tally.returned = true);
        }
        self.settle_all(message);
    }

    /// Why a system outside has not heard that a message is done which it sends again: a restart has forgotten it (M6), or it was
    /// dropped after its time (T5).
    fn reason_of_silence(&self, message: MessageIdx) -> Option<DupId> {
        let (server, since) = self.accounts.get(&message)?.detours().done_for_peer?;
        let machine = self.world.machine(server);
        let until = match machine.condition {
            Condition::Down | Condition::Destroyed => machine.stopped,
            _ => self.now,
        };
        match () {
            () if machine.restarted_since(since) => Some(DupId::Dup6),
            () if since + self.discard_life() <= until => Some(DupId::Dup7),
            () => None,
        }
    }

    /// A hub says that it is done with a message that it has pulled.
    fn owns(&mut self, copy: CopyIdx, message: MessageIdx) {
        let waits = self.copies.get(&copy).is_some_and(|copy| !copy.pending.is_empty());
        if waits {
            self.blame(Invariant::I11, copy, "a hub owns what it has not handed on (A11)");
        }
        self.account(message).owned = true;
    }

    fn has_owner(&self, message: MessageIdx) -> bool {
        self.accounts.get(&message).is_some_and(|account| account.owned)
    }

    /// The store whose Outbox a message comes from.
    fn outbox_of(&self, message: MessageIdx) -> Option<Store> {
        match self.world.stage.scenario().messages[message].entry {
            Entry::Mapi { mailbox } => Some(self.world.store_of_mailbox(mailbox)),
            _ => None,
        }
    }

    /// Whoever handed a copy over knows that it was taken.
    fn knows_of(&mut self, copy: CopyIdx) {
        if let Some(known) = self.copies.get_mut(&copy) {
            known.acknowledged = true;
        }
    }

    /// The final 250 for a copy: its server has done before what its version does.
    pub(super) fn acknowledged_copy(&mut self, copy: CopyIdx) {
        self.knows_of(copy);
        let Some(known) = self.copies.get(&copy) else { return };
        if known.refused {
            self.blame(Invariant::I4, copy, "a message is acknowledged that was refused");
            return;
        }
        match self.world.generation(known.server) {
            Generation::Exchange2013 => {
                let shadowed = known.protection().redirect.is_some();
                let tried = known.protection().failed_tries.is_some();
                // N40: Edge servers make no shadows.
                let edge = self.world.stage.org().servers()[known.server].is_edge();
                if !self.world.protects() || shadowed || edge {
                    return;
                }
                if !tried {
                    self.blame(
                        Invariant::I4,
                        copy,
                        "a message is acknowledged before its shadow is made",
                    );
                } else if self.world.rejects() {
                    self.blame(
                        Invariant::I4,
                        copy,
                        "a message without a shadow is acknowledged and not rejected",
                    );
                }
            }
            Generation::Exchange2010 if !known.pulled => {
                let plain = !self.world.shadows(known.from, Actor::Server(known.server));
                let delay = self.delay_of(known);
                let due = matches!(known.ack, Ack::Verified | Ack::TimedOut);
                // Who was paused meanwhile hears it later.
                let paused = match known.from {
                    Actor::Server(from) => self.world.machine(from).since >= known.received_at,
                    _ => false,
                };
                let prompt = known.received_at == self.now || paused;
                if plain && self.world.protects() && !delay.is_zero() && !due {
                    self.blame(
                        Invariant::I11,
                        copy,
                        "a message is acknowledged before it is verified or its time is up",
                    );
                }
                if plain && delay.is_zero() && !prompt {
                    self.blame(Invariant::I11, copy, "an acknowledgement is delayed although T1 is 0");
                }
            }
            _ => {}
        }
    }

    /// MaxAcknowledgementDelay of the Receive connector that a copy came through (T1, A54).
    fn delay_of(&self, copy: &Copy) -> Duration {
        let named = match self.world.stage.scenario().messages[copy.message].entry {
            _ if matches!(copy.from, Actor::Server(_)) => None,
            Entry::Client { receive_connector, .. } | Entry::Peer { receive_connector, .. } => receive_connector,
            Entry::Mapi { .. } => None,
        };
        let connectors = self.world.stage.org().receive_connectors();
        let named = named.and_then(|index| connectors.get(index.index()));
        let named = named.filter(|connector| connector.server == copy.server);
        // N27: where nobody says which, the only one of the server counts.
        let mut own = connectors.iter().filter(|connector| connector.server == copy.server);
        let only = own.next().filter(|_| own.next().is_none());
        let connector = named.or(only);
        connector.map_or(ACKNOWLEDGEMENT_DELAY, |connector| connector.max_acknowledgement_delay)
    }

    fn ack_delayed(&mut self, server: ServerIdx, copy: CopyIdx, until: SimTime) {
        let known = &self.copies[&copy];
        let due = known.received_at + self.delay_of(known);
        let fits = self.world.generation(server) == Generation::Exchange2010
            && !self.world.shadows(known.from, Actor::Server(server))
            && self.world.protects();
        if !fits {
            self.blame(
                Invariant::I11,
                copy,
                "an acknowledgement is delayed that no rule delays",
            );
        }
        if until != due {
            self.blame(
                Invariant::I11,
                copy,
                "an acknowledgement is delayed for another time than T1",
            );
        }
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        known.ack = Ack::Delayed(until);
    }

    /// X5, N28: whether an acknowledgement by timeout may come later than its time: when another server of the site has taken the
    /// message for its sake, or after as long again.
    fn promotion_is_over(&self, copy: CopyIdx, until: SimTime) -> bool {
        let Some(known) = self.copies.get(&copy) else {
            return false;
        };
        let sibling = |branch: &Branch| match branch.to {
            Some(Actor::Server(at)) => {
                self.world.site(at).is_some()
                    && self.world.site(at) == self.world.site(known.server)
                    && self.world.shadows(Actor::Server(known.server), Actor::Server(at))
            }
            _ => false,
        };
        let end = until + self.delay_of(known);
        self.world.stage.scenario().settings.shadow_redundancy_promotion
            && (self.now == end || (self.now < end && known.branches.iter().any(sibling)))
    }

    fn ack_due(&mut self, copy: CopyIdx, verified: bool) {
        let now = self.now;
        let promoted = |until: SimTime| until < now && self.promotion_is_over(copy, until);
        let late = match self.copies[&copy].ack {
            Ack::Delayed(until) => promoted(until),
            _ => false,
        };
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let (ack, at, server) = (known.ack, known.verified_at, known.server);
        known.ack = if verified { Ack::Verified } else { Ack::TimedOut };
        self.ending.push(copy);
        let Ack::Delayed(until) = ack else {
            self.blame(Invariant::I11, copy, "an acknowledgement is due that was not delayed");
            return;
        };
        // A server that was paused at that instant does it when it works again.
        let due = until.max(self.world.machine(server).since);
        let what = match (verified, at) {
            (true, None) => "an acknowledgement counts as verified, and a branch is not",
            (true, Some(at)) if at != now => "a verified acknowledgement comes later than its verification",
            (false, Some(_)) => "an acknowledgement comes by timeout although it is verified",
            (false, None) if now != due && !late => "an acknowledgement comes by timeout at another time",
            _ => return,
        };
        self.blame(Invariant::I11, copy, what);
    }

    fn refused(&mut self, server: ServerIdx, _to: Actor, message: MessageIdx, code: u16) {
        let about = (Some(message), None);
        let evidence = [(self.now, "it is refused", Some(server), None)];
        if code == 451 && !self.world.rejects() {
            self.report(
                Invariant::I4,
                about,
                "a message is refused although it may go without a shadow",
                &evidence,
            );
        }
        let Some(account) = self.accounts.get(&message) else {
            return;
        };
        if account.detours().abandoned == Some((server, self.now)) {
            return;
        }
        // The copy that this attempt left, if it left one: the last that came and was not acknowledged.
        let copies = account.copies.clone();
        let here = copies.iter().rev().find(|copy| {
            let known = self.copies.get(copy);
            known.is_some_and(|known| {
                known.server == server && known.protection().held.is_none() && !known.pending.is_empty()
            })
        });
        let Some(copy) = here.copied() else { return };
        if self.copies[&copy].protection().redirect.is_some() {
            self.blame(Invariant::I4, copy, "a message is refused although its shadow was made");
        }
        self.abandoned(server, copy);
    }

    /// A server drops a copy that it has not accepted: whoever handed it over still has the message (S22).
    pub(super) fn abandoned(&mut self, server: ServerIdx, copy: CopyIdx) {
        let message = self.copies[&copy].message;
        let known = self.copies.get_mut(&copy).expect("it was found");
        known.refused = true;
        let waiting: Vec<_> = known.pending.values().flatten().copied().collect();
        for hop in waiting {
            self.queues.leave(server, hop, false);
        }
        self.ending.push(copy);
        let abandoned = Some((server, self.now));
        let account = self.account(message);
        account.handovers.retain(|handover| handover.child != Some(copy));
        // Who rejects all that comes does so thousands of times, and nothing comes of any of them.
        account.copies.retain(|other| *other != copy);
        account.waiting.retain(|other| *other != copy);
        account.detours_mut().abandoned = abandoned;
        let recipients: Vec<RecipientIdx> = self.copies[&copy].pending.keys().copied().collect();
        self.settle(message, &recipients);
    }
}
