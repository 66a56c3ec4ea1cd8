//! The shadow comes before the acknowledgement (S2, S26–S29): from the last byte of a message to the answer about it.
//!
//! The primary server has the message in its queue database (M1), keeps the session open in which it came, and hands a copy to
//! one partner after the other. Two sessions can fail meanwhile (S38): that with the partner, and the next partner is
//! tried; and that in which the message came, and no shadow is made any more (S39, S40).

use std::collections::VecDeque;
use std::time::Duration;

use super::super::agenda::Class;
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::state::{Life, Load, Transfer, TransferKey};
use super::super::trace::{Actor, CopyIdx, Hop, What};
use super::{Event, MINUTE};
use crate::model::{Generation, ServerIdx, SimTime};

/// The making of a shadow.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// The session that waits for its answer; `None`: nobody waits for it.
    sender: Option<TransferKey>,
    /// The servers that are left to be tried.
    partners: VecDeque<ServerIdx>,
    /// How many were tried.
    tries: u32,
    /// The session with the one that is tried.
    session: Option<TransferKey>,
    /// Servers that may have a shadow although nobody has said so.
    doubtful: Vec<ServerIdx>,
}

/// 451 4.4.0 (S22).
const NOT_REDUNDANT: u16 = 451;

impl Kernel<'_> {
    pub(in crate::sim) fn protect_2013(&mut self, transfer: TransferKey, server: ServerIdx, copy: CopyIdx) {
        self.journal(server, copy);
        if !self.shadows_are_on() || !self.is_transport_2013(server) {
            self.answer(transfer);
            return self.categorize(server, copy);
        }
        let (inactivity, absolute) = self.session_limits(transfer);
        let begun = self.transfers.get(transfer).map_or(self.now, |transfer| transfer.begun);
        let limit = (self.now + inactivity).min(begun + absolute);
        self.put_2013(limit, Class::Timer, Event::TimeOut(server, copy));
        let early = self.is(Mutant::AckBeforeShadow);
        if early {
            self.answer(transfer);
        }
        self.look_for_partner(server, copy, (!early).then_some(transfer));
    }

    /// Begins to make a shadow of a copy.
    pub(super) fn look_for_partner(&mut self, server: ServerIdx, copy: CopyIdx, sender: Option<TransferKey>) {
        let turn = self.ram(server).turn;
        self.ram(server).turn = turn.wrapping_add(1);
        let attempt = Attempt {
            sender,
            partners: self.partners(server, turn),
            tries: 0,
            session: None,
            doubtful: Vec::new(),
        };
        self.ram(server).attempts.insert(copy, attempt);
        self.next_partner(server, copy);
    }

    fn next_partner(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(message) = self.servers[server].items.get(&copy).map(|item| item.message) else {
            return;
        };
        loop {
            let Some(attempt) = self.ram(server).attempts.get_mut(&copy) else {
                return;
            };
            let Some(partner) = attempt.partners.pop_front() else {
                return self.no_shadow(server, copy);
            };
            attempt.tries += 1;
            let (from, to) = (Actor::Server(server), Actor::Server(partner));
            if self.answers(from, to) {
                let load = Load::Shadow { of: copy, shadow: None };
                let session = self.begin(from, to, load, message);
                if let Some(attempt) = self.ram(server).attempts.get_mut(&copy) {
                    attempt.session = Some(session);
                }
                return;
            }
        }
    }

    /// A primary server knows that its shadow is there, and acknowledges the message (S29).
    pub(in crate::sim) fn shadow_is_made(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        partner: Actor,
        shadow: Option<CopyIdx>,
    ) {
        let (Actor::Server(partner), Some(shadow)) = (partner, shadow) else {
            return;
        };
        let Some(attempt) = self.ram(server).attempts.remove(&copy) else {
            return;
        };
        let mut guards = attempt.doubtful;
        guards.push(partner);
        self.guard(server, copy, guards);
        self.tell(What::HaRedirect {
            server,
            copy,
            shadow_server: partner,
            shadow,
        });
        self.accept(server, copy, attempt.sender);
    }

    /// Puts down who has to learn when a copy is done.
    fn guard(&mut self, server: ServerIdx, copy: CopyIdx, holders: Vec<ServerIdx>) {
        if !holders.is_empty() {
            self.disk(server).guards.insert(copy, holders.into());
        }
    }

    /// S41: a message whose sender no longer waits is accepted all the same.
    fn accept(&mut self, server: ServerIdx, copy: CopyIdx, sender: Option<TransferKey>) {
        if let Some(sender) = sender {
            self.answer(sender);
        }
        self.categorize(server, copy);
    }

    /// No partner is left: the message goes on without a shadow (S21), or is rejected (S22). Who has no sender any more cannot
    /// reject it.
    fn no_shadow(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(attempt) = self.ram(server).attempts.remove(&copy) else {
            return;
        };
        self.tell(What::HaRedirectFail {
            server,
            copy,
            tries: attempt.tries,
        });
        match attempt.sender {
            Some(sender) if self.rejects() => {
                self.reject(server, copy, Some(sender), &attempt.doubtful);
            }
            sender => {
                self.guard(server, copy, attempt.doubtful);
                self.accept(server, copy, sender);
            }
        }
    }

    /// Nothing of an attempt that is rejected is ever delivered: the copy goes, and whoever may have a shadow is told.
    fn reject(&mut self, server: ServerIdx, copy: CopyIdx, sender: Option<TransferKey>, doubtful: &[ServerIdx]) {
        match self.is(Mutant::DeliveredAfterRefusal) {
            true => self.categorize(server, copy),
            false => self.abandon(server, copy),
        }
        let now = self.now;
        for holder in doubtful {
            self.queue_discard(server, *holder, copy, now, true);
        }
        let Some(key) = sender else { return };
        let Some(waiting) = self.transfers.get_mut(key) else {
            return;
        };
        waiting.refused = true;
        let (to, message) = (waiting.from, waiting.message);
        self.tell(What::Refuse {
            server,
            to,
            message,
            code: NOT_REDUNDANT,
        });
        self.answer(key);
    }

    /// A copy that was not accepted leaves the queue database.
    pub(super) fn abandon(&mut self, server: ServerIdx, copy: CopyIdx) {
        if self.servers[server].items.remove(&copy).is_some() {
            self.open_items -= 1;
            self.disk(server).sides.remove(&copy);
            // What goes with its disk is told by that.
            if self.servers[server].life != Life::Destroyed {
                self.tell(What::Abandon { server, copy });
            }
        }
    }

    /// The session with a partner is gone; the next one is tried.
    pub(super) fn partner_is_gone(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        session: TransferKey,
        doubtful: Option<ServerIdx>,
    ) {
        let Some(attempt) = self.ram(server).attempts.get_mut(&copy) else {
            return;
        };
        if attempt.session != Some(session) {
            return;
        }
        attempt.session = None;
        attempt.doubtful.extend(doubtful);
        self.next_partner(server, copy);
    }

    /// The session in which the message came has waited too long for its answer: it is one now, without a shadow (S39, S40, N76).
    pub(super) fn shadow_takes_too_long(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(attempt) = self.stop_attempt(server, copy) else {
            return;
        };
        if self.rejects() {
            return self.reject(server, copy, attempt.sender, &attempt.doubtful);
        }
        self.guard(server, copy, attempt.doubtful);
        self.accept(server, copy, attempt.sender);
    }

    /// The session in which the message came is gone before the shadow was there.
    pub(super) fn sender_is_gone(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(attempt) = self.stop_attempt(server, copy) else {
            return;
        };
        match self.rejects() {
            true => self.reject(server, copy, None, &attempt.doubtful),
            false => {
                self.guard(server, copy, attempt.doubtful);
                self.categorize(server, copy);
            }
        }
    }

    /// Ends the making of a shadow, and the session with the partner.
    fn stop_attempt(&mut self, server: ServerIdx, copy: CopyIdx) -> Option<Attempt> {
        let mut attempt = self.ram(server).attempts.remove(&copy)?;
        let session = attempt
            .session
            .take()
            .and_then(|session| self.transfers.remove(session));
        if let Some(Transfer {
            taken: true,
            to: Actor::Server(partner),
            ..
        }) = session
        {
            attempt.doubtful.push(partner);
        }
        self.tell(What::HaRedirectFail {
            server,
            copy,
            tries: attempt.tries,
        });
        Some(attempt)
    }

    /// ConnectionInactivityTimeout and ConnectionTimeout of the Receive connector of a session (S52, S53).
    fn session_limits(&self, transfer: TransferKey) -> (Duration, Duration) {
        let usual = (MINUTE * 5, MINUTE * 10);
        let Some(transfer) = self.transfers.get(transfer) else {
            return usual;
        };
        let Actor::Server(server) = transfer.to else {
            return usual;
        };
        match self.named_receive_connector(transfer) {
            Some(connector) => (connector.connection_inactivity_timeout, connector.connection_timeout),
            None if self.stage.org.servers()[server].is_edge() => (MINUTE, MINUTE * 5),
            None => usual,
        }
    }

    /// A session has begun, in which all has been sent at an instant. An endless one is ended although data flows (S53).
    pub(in crate::sim) fn session_begins_2013(&mut self, transfer: TransferKey, sent_at: SimTime) {
        let Some(session) = self.transfers.get(transfer) else {
            return;
        };
        let Actor::Server(to) = session.to else { return };
        let delivery = matches!(session.load, Load::Mail { hop: Hop::Store(_), .. });
        if delivery || self.generation(to) != Generation::Exchange2013 {
            return;
        }
        let limit = session.begun + self.session_limits(transfer).1;
        if limit < sent_at {
            self.put_2013(limit, Class::Timer, Event::Endless(transfer));
        }
    }

    pub(super) fn session_is_endless(&mut self, transfer: TransferKey) {
        let Some(session) = self.transfers.get(transfer) else {
            return;
        };
        // Who is paused does not hear it, and goes on when it wakes up.
        let hears = super::super::network::server_of(session.from).is_none_or(|from| self.works(from));
        match session.load {
            Load::Shadow { .. } => self.break_off(transfer),
            _ if !hears => self.break_off(transfer),
            _ => {
                if let Some(session) = self.transfers.remove(transfer) {
                    self.refused(session);
                }
            }
        }
    }

    /// A session has ended before its answer.
    pub(in crate::sim) fn session_ends_2013(&mut self, key: TransferKey, ended: &Transfer) {
        let now = self.now;
        match (&ended.load, ended.from, ended.to) {
            (Load::Shadow { of, .. }, Actor::Server(primary), _) => {
                let doubtful = super::super::network::server_of(ended.to).filter(|_| ended.taken);
                let event = Event::PartnerGone(primary, *of, key, doubtful);
                self.put_2013(now, Class::Contact, event);
            }
            (_, _, Actor::Server(server)) if ended.taken => {
                let attempts = &self.servers[server].shadow_2013.memory.attempts;
                let waits = attempts.iter().find(|(_, attempt)| attempt.sender == Some(key));
                if let Some(copy) = waits.map(|(copy, _)| *copy) {
                    self.put_2013(now, Class::Contact, Event::SenderGone(server, copy));
                }
            }
            _ => {}
        }
    }
}
