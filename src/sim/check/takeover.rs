//! When a shadow becomes the message again, and when it goes (I8, I13), and senders that send again.

use std::time::Duration;

use super::Checker;
use super::ledger::Gone;
use super::stores::verify;
use super::violation::{DupId, DupIds, Invariant};
use super::world::Condition;
use crate::model::{Generation, ServerIdx, SimTime, Version};
use crate::sim::trace::{Actor, CopyIdx, Promotion, Recipients, Store};

impl Checker<'_> {
    /// Missed heartbeats after which 2010 takes over (T3).
    pub(super) fn misses_allowed(&self, holder: ServerIdx) -> u32 {
        let default = if self.world.version(holder) == Version::Exchange2010Rtm {
            3
        } else {
            12
        };
        let config = self.world.stage.org().transport_config();
        config.shadow_heartbeat_retry_count.unwrap_or(default)
    }

    /// When a server last had a session with another; what it knew before its start it has forgotten (N24, N43).
    pub(super) fn last_contact(&self, server: ServerIdx, primary: Actor, outbox: Option<Store>) -> SimTime {
        let contact = self.contacts.get(&(server, primary, outbox));
        let started = self.world.machine(server).started;
        contact.map_or(started, |contact| contact.last.max(started))
    }

    /// 2010: whether T3 heartbeats were missed, one every T2 (X2, X3; D41 for Outboxes).
    pub(super) fn is_silent(&self, server: ServerIdx, primary: Actor, outbox: Option<Store>) -> bool {
        let allowed = self.misses_allowed(server).max(1);
        let contact = self.contacts.get(&(server, primary, outbox));
        let silence = self.heartbeat_interval(server, outbox).saturating_mul(allowed);
        contact.is_some_and(|contact| contact.misses >= allowed)
            && self.now >= self.last_contact(server, primary, outbox) + silence
    }

    /// T2 of 2010, or what an Outbox waits for instead (D41).
    pub(super) fn heartbeat_interval(&self, server: ServerIdx, outbox: Option<Store>) -> Duration {
        let config = self.world.stage.org().transport_config();
        let minutes = match self.world.version(server) {
            Version::Exchange2010Rtm => 5,
            _ => 15,
        };
        let interval = config.shadow_heartbeat_timeout_interval;
        let interval = interval.unwrap_or(Duration::from_secs(60 * minutes));
        let allowed = self.misses_allowed(server).max(1);
        let given = self.world.stage.scenario().settings.submission_owner_timeout;
        match given.filter(|_| outbox.is_some()) {
            Some(timeout) => timeout / allowed,
            None => interval,
        }
    }

    /// Takeover: only after silence or for a new database (I8).
    pub(super) fn promoted(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        primary: Actor,
        of: &Recipients,
        why: Promotion,
    ) {
        let now = self.now;
        let known = &self.copies[&copy];
        let (shadows, mut since) = (
            known.protection().shadows.iter().filter(|s| s.primary == primary),
            known.received_at,
        );
        since = shadows.map(|shadow| shadow.since).min().unwrap_or(since);
        let newer = self.world.generation(server) == Generation::Exchange2013;
        let sound = match (why, primary) {
            (Promotion::NewDatabase, Actor::Server(at)) => {
                self.world.machine(at).database_lost.is_some_and(|lost| lost >= since)
            }
            (Promotion::NewDatabase, _) => true,
            (Promotion::Silence, _) if newer => {
                now >= self.last_contact(server, primary, None) + self.world.resubmit_span()
            }
            (Promotion::Silence, _) => self.is_silent(server, primary, None),
        };
        if !sound {
            self.blame(
                Invariant::I8,
                copy,
                "a shadow becomes the message without silence or a new database",
            );
        }
        let restarts = self.world.stage.scenario().settings.expiry_restarts_at_promotion;
        let reason = self.lineage_of_takeover(copy, primary, why);
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let mut recipients = Recipients::new();
        let mut children = Vec::new();
        if let Some((_, of, held)) = known
            .protection_mut()
            .held
            .take_if(|(at, _, _)| Actor::Server(*at) == primary)
        {
            recipients.extend(held);
            children.push(of);
        }
        if let Some(shadow) = known.take_shadow(primary, of) {
            recipients.extend(shadow.recipients);
            children.extend(shadow.child);
        }
        let again = |branch: &super::ledger::Branch| {
            branch.to == Some(primary) && branch.recipients.iter().any(|recipient| recipients.contains(recipient))
        };
        known.branches.retain(|branch| !again(branch));
        if recipients.is_empty() {
            self.blame(
                Invariant::I10,
                copy,
                "a copy is promoted that is no shadow for this server",
            );
            return;
        }
        known
            .pending
            .extend(recipients.iter().map(|recipient| (*recipient, None)));
        known.lineage.join(reason);
        known.protection_mut().promoted = Some(now);
        known.protection_mut().taken_over.extend(recipients.iter().copied());
        if newer && restarts {
            known.accepted_at = now;
        }
        verify(known, now);
        let message = known.message;
        children.into_iter().for_each(|child| self.release(child));
        self.account(message).waiting.push(copy);
        self.arm(copy);
    }

    /// Why two copies can arrive after a takeover (DUP-2, DUP-3, DUP-4, DUP-6, DUP-7).
    fn lineage_of_takeover(&self, copy: CopyIdx, primary: Actor, why: Promotion) -> DupIds {
        let mut lineage = DupIds::default();
        let known = &self.copies[&copy];
        let children = known
            .protection()
            .shadows
            .iter()
            .filter(|s| s.primary == primary)
            .filter_map(|s| s.child);
        let children = children.chain(known.protection().held.iter().map(|(_, of, _)| *of));
        let mut done = false;
        for child in children.filter_map(|child| self.copies.get(&child)) {
            lineage.join(child.lineage);
            done |= !child.protection().notified.is_empty() || !child.branches.is_empty();
        }
        if let Actor::Server(at) = primary {
            let machine = self.world.machine(at);
            let restarted = machine.restarted_since(known.received_at);
            // A38: what a next hop had taken, and the primary server did not know yet, is no fork that was done.
            let unknown = self.accounts.get(&known.message).is_some_and(|account| {
                let mut open = account.handovers.iter();
                let mut mailboxes = account.tallies.values().flat_map(|tally| &tally.mailbox);
                open.any(|handover| handover.from == at) || mailboxes.any(|delivery| delivery.by == at)
            });
            let reason = match self.reason_of(primary, why) {
                DupId::Dup4 if done => Some(DupId::Dup4),
                DupId::Dup4 => unknown.then_some(DupId::Dup5),
                reason => Some(reason),
            };
            reason.into_iter().for_each(|reason| lineage.add(reason));
            let forgets = !self.world.stage.scenario().settings.discards_survive_restart;
            if restarted && done && forgets && self.world.generation(at) == Generation::Exchange2010 {
                lineage.add(DupId::Dup6);
            }
        }
        lineage
    }

    /// Why two copies can arrive when something is sent again since `primary` is taken to be lost.
    pub(super) fn reason_of(&self, primary: Actor, why: Promotion) -> DupId {
        let condition = match primary {
            Actor::Server(at) => self.world.machine(at).condition,
            _ => Condition::Up,
        };
        match (why, condition) {
            (Promotion::NewDatabase, _) | (_, Condition::Destroyed) => DupId::Dup4,
            (Promotion::Silence, Condition::Down) => DupId::Dup2,
            (Promotion::Silence, _) => DupId::Dup3,
        }
    }

    /// How long a shadow lives: T13 in 2013; in 2010 until no notification can come any more (N22).
    pub(super) fn shadow_life(&self, server: ServerIdx) -> Duration {
        let expiry = self.world.stage.org().servers()[server].message_expiration_timeout;
        expiry.saturating_add(match self.world.generation(server) {
            Generation::Exchange2013 => self.safety_net_hold(),
            _ => self.discard_life(),
        })
    }

    pub(super) fn shadow_expired(&mut self, copy: CopyIdx, of: &Recipients) {
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let (server, message, since) = (known.server, known.message, known.received_at);
        // N71: one whose server could not take over before it expired is lost with it.
        let gone = Gone {
            shadow: true,
            ..known.gone(self.now, (self.world.generation(server), None))
        };
        let held = known.protection_mut().held.take();
        let concerned = |shadow: &mut super::ledger::Shadow| shadow.recipients.iter().all(|r| of.contains(r));
        let shadows: Vec<_> = known.protection_mut().shadows.extract_if(.., concerned).collect();
        let mut recipients: Recipients = shadows.iter().flat_map(|s| s.recipients.iter().copied()).collect();
        let children = shadows
            .iter()
            .filter_map(|s| s.child)
            .chain(held.iter().map(|(_, of, _)| *of));
        let children: Vec<CopyIdx> = children.collect();
        recipients.extend(held.into_iter().flat_map(|(_, _, held)| held));
        if self.now < since + self.shadow_life(server) {
            self.blame(Invariant::I13, copy, "a shadow goes before its time");
        }
        if since + self.shadow_life(server) < self.world.machine(server).since {
            let gone: Vec<_> = recipients.iter().map(|recipient| (*recipient, gone.clone())).collect();
            self.note_gone((message, since), &gone, &children);
        }
        for child in children {
            self.release(child);
        }
        self.ending.push(copy);
        self.settle(message, &recipients);
    }
}
