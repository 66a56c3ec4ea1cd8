//! The delayed acknowledgement: a sender that keeps no shadow waits for its answer until the message is safe, but no longer
//! than MaxAcknowledgementDelay of the Receive connector (A46–A60).
//!
//! A branch is verified when its mailboxes are delivered (C), when a discard notification has come (D), or when somebody
//! without shadows has taken it (E): when the copy is neither in a queue nor in a shadow queue any more (A52b).

use std::rc::Rc;
use std::time::Duration;

use smallvec::SmallVec;

use super::super::agenda::{Class, some_time};
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::router::one_ring;
use super::super::state::{TransferKey, Waiting};
use super::super::trace::{Actor, CopyIdx, Hop, What};
use super::Event;
use super::heartbeats::Keeper;
use crate::delivery::DeliveryGroup;
use crate::model::{Generation, Node, ServerIdx};

/// An acknowledgement that waits.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Delayed {
    /// The session that waits for it.
    transfer: TransferKey,
    /// MaxAcknowledgementDelay.
    delay: Duration,
    /// Its time was up, and the message is on its way to another server of the site (X5).
    promoting: bool,
}

/// MaxAcknowledgementDelay where no Receive connector says otherwise (T1).
const USUAL: Duration = Duration::from_secs(30);

impl Kernel<'_> {
    /// Keeps a sender waiting (A49), and returns whether it does.
    pub(super) fn delay_answer(&mut self, transfer: TransferKey, server: ServerIdx, copy: CopyIdx) -> bool {
        let Some(under_way) = self.transfers.get(transfer) else {
            return false;
        };
        // N27: where nobody says which, a server's only one counts.
        let only = || match self.stage.org.receive_connectors_of(server) {
            [only] => Some(only),
            _ => None,
        };
        let delay = self
            .named_receive_connector(under_way)
            .or_else(only)
            .map_or(USUAL, |connector| connector.max_acknowledgement_delay);
        if delay.is_zero() || !self.shadows_are_on() {
            return false;
        }
        let until = self.now + delay;
        let delayed = Delayed {
            transfer,
            delay,
            promoting: false,
        };
        self.servers[server].shadow_2010.delayed.insert(copy, delayed);
        self.tell(What::AckDelayed { server, copy, until });
        self.later_2010(until, Class::Timer, Event::AckDeadline(server, copy));
        true
    }

    /// A60: while an acknowledgement waits for a primary, that is asked again and again.
    pub(super) fn delayed_was_handed_on(&mut self, server: ServerIdx, copy: CopyIdx, primary: Actor) {
        let state = &mut self.servers[server].shadow_2010;
        let Some(delayed) = state.delayed.get(&copy) else {
            return;
        };
        if delayed.promoting && self.is_sibling(server, primary) {
            // X5: a shadow exists now.
            return self.ack_due(server, copy, false);
        }
        if self.servers[server].shadow_2010.polled.insert(primary) {
            self.plan_poll(server, primary);
        }
    }

    fn plan_poll(&mut self, server: ServerIdx, primary: Actor) {
        let interval = self.stage.scenario.settings.delayed_ack_poll;
        let at = self.now + some_time(interval);
        let epoch = self.servers[server].epoch;
        // A59: what it brings comes before a deadline of the same instant.
        self.later_2010(at, Class::Contact, Event::Poll(server, primary, epoch));
    }

    pub(super) fn poll(&mut self, server: ServerIdx, primary: Actor, epoch: u32) {
        if self.servers[server].epoch != epoch {
            return;
        }
        let state = &mut self.servers[server].shadow_2010;
        let queue = state.shadows.get(&primary);
        // Those that wait for an answer came last.
        let mut shadows = queue.into_iter().flatten().rev();
        let waits = shadows.any(|(_, held)| state.delayed.contains_key(&held.copy));
        if !waits {
            state.polled.remove(&primary);
            return;
        }
        if self.answers(Actor::Server(server), primary) {
            self.ask(Keeper::Queues(server), primary);
        }
        self.plan_poll(server, primary);
    }

    /// A52: every branch may be verified now.
    pub(super) fn verify(&mut self, server: ServerIdx, copy: CopyIdx) {
        let held = &self.servers[server];
        let state = &held.shadow_2010;
        let waits = state.delayed.contains_key(&copy);
        if waits && !held.items.contains_key(&copy) && !state.forks.contains_key(&copy) {
            self.ack_due(server, copy, true);
        }
    }

    fn ack_due(&mut self, server: ServerIdx, copy: CopyIdx, verified: bool) {
        let Some(delayed) = self.servers[server].shadow_2010.delayed.remove(&copy) else {
            return;
        };
        // The sender may have given up (K3).
        if self.transfers.contains_key(delayed.transfer) {
            self.tell(What::AckDue { server, copy, verified });
            self.answer(delayed.transfer);
        }
    }

    /// A54: the time is up.
    pub(super) fn ack_deadline(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(delayed) = self.servers[server].shadow_2010.delayed.get(&copy).copied() else {
            if self.is(Mutant::AckTimerRunsOn) {
                let verified = false;
                self.tell(What::AckDue { server, copy, verified });
            }
            return;
        };
        let may = self.stage.scenario.settings.shadow_redundancy_promotion && !delayed.promoting;
        if !(may && self.transfers.contains_key(delayed.transfer) && self.relay_for_shadow(server, copy)) {
            return self.ack_due(server, copy, false);
        }
        // N28: as long again, and then whatever has happened.
        let until = self.now + delayed.delay;
        self.later_2010(until, Class::Timer, Event::AckDeadline(server, copy));
    }

    fn is_sibling(&self, server: ServerIdx, other: Actor) -> bool {
        let site = self.stage.org.transport_site(server);
        matches!(other, Actor::Server(other) if site.is_some() && self.stage.org.transport_site(other) == site)
    }

    /// The other 2010 transport servers of a server's site that answer.
    pub(super) fn siblings_2010(&self, server: ServerIdx) -> SmallVec<[ServerIdx; 4]> {
        let org = &self.stage.org;
        let Some(site) = org.transport_site(server) else {
            return SmallVec::new();
        };
        let fits = |other: &ServerIdx| {
            *other != server
                && org.servers()[*other].version.generation() == Generation::Exchange2010
                && self.answers(Actor::Server(server), Actor::Server(*other))
        };
        org.transport_servers(site).iter().copied().filter(fits).collect()
    }

    /// X5: what waits of a copy goes to another server of the site, so that there is a shadow. Returns whether anything does.
    fn relay_for_shadow(&mut self, server: ServerIdx, copy: CopyIdx) -> bool {
        let servers = self.siblings_2010(server);
        let Some(site) = self.stage.org.transport_site(server).filter(|_| !servers.is_empty()) else {
            return false;
        };
        let aside = Hop::Within(DeliveryGroup::Node(Node::Site(site)));
        let mut moved: Vec<Waiting> = Vec::new();
        let mut left = Vec::new();
        let of_copy = |waiting: &Waiting| waiting.copy == copy;
        // What came last waits at the end.
        let queues = self.servers[server].queues.iter_mut();
        for (hop, queue) in queues.filter(|(_, queue)| queue.iter().rev().any(of_copy)) {
            moved.extend(queue.extract(of_copy));
            left.push(*hop);
        }
        left.into_iter().for_each(|hop| self.forget_if_empty(server, hop));
        if moved.is_empty() {
            return false;
        }
        let rings = one_ring(servers.into_iter());
        for waiting in moved {
            let rings = Rc::clone(&rings);
            self.wait_for(server, aside, Waiting { rings, ..waiting });
        }
        if let Some(delayed) = self.servers[server].shadow_2010.delayed.get_mut(&copy) {
            delayed.promoting = true;
        }
        self.drain(server, aside);
        true
    }
}
