//! The Safety Net: what is done is kept for SafetyNetHoldTime (S12, X10–X12), by the primary server as it was handed on and by
//! the shadow server as it was received (X18), and is delivered again for a database that has lost it (X13).

use super::super::agenda::Class;
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::router;
use super::super::state::Trail;
use super::super::trace::{Actor, CopyIdx, Recipients, Safe, What};
use super::Event;
use super::requests::Request;
use crate::model::{MessageIdx, ServerIdx, SimTime};

/// Something that is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) copy: CopyIdx,
    pub(super) safe: Safe,
    pub(super) message: MessageIdx,
    /// In a primary Safety Net those who have it; in a shadow Safety Net those it was for at first (X18).
    pub(super) recipients: Recipients,
    pub(super) trail: Trail,
    /// Whose message it was.
    pub(super) primary: ServerIdx,
    /// It has left the boundary: it is never delivered again (S32, S37).
    pub(super) left: bool,
    /// When it was handed on; of a shadow all that is known is that it was in this interval (N49).
    pub(super) time: (SimTime, SimTime),
    /// When it is dropped.
    pub(super) until: SimTime,
}

impl Kernel<'_> {
    /// A primary server keeps what is in mailboxes (X25).
    pub(in crate::sim) fn keep_primary(
        &mut self,
        server: ServerIdx,
        done: (CopyIdx, MessageIdx, Trail),
        recipients: &Recipients,
    ) {
        if self.is_transport_2013(server) {
            self.keep_done(server, done, recipients, false);
        }
    }

    /// A primary server keeps what another one has taken (S31, S36).
    pub(in crate::sim) fn keep_handed_on(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        recipients: &Recipients,
        to: Actor,
    ) {
        let Some(item) = self.servers[server].items.get(&copy) else {
            return;
        };
        if !self.is_transport_2013(server) {
            return;
        }
        let done = (copy, item.message, item.trail.clone());
        let left = match to {
            _ if self.is(Mutant::CrossedReplayed) => false,
            Actor::Server(to) => !self.stays_inside(server, to),
            Actor::Peer(_) | Actor::Client | Actor::Outside => true,
        };
        self.keep_done(server, done, recipients, left);
    }

    /// Keeps what a primary server is done with now. `left`: it has left the boundary.
    fn keep_done(
        &mut self,
        server: ServerIdx,
        (copy, message, trail): (CopyIdx, MessageIdx, Trail),
        recipients: &Recipients,
        left: bool,
    ) {
        let kept = Kept {
            copy,
            safe: Safe::PrimarySafetyNet,
            message,
            recipients: recipients.clone(),
            trail,
            primary: server,
            left,
            time: (self.now, self.now),
            until: self.now,
        };
        self.keep(server, kept);
    }

    /// Keeps something from now on.
    pub(super) fn keep(&mut self, server: ServerIdx, mut kept: Kept) {
        kept.until = self.now + self.safety_net_hold_time();
        self.tell(What::Kept {
            server,
            copy: kept.copy,
            safe: kept.safe,
            message: kept.message,
            recipients: kept.recipients.clone(),
        });
        self.put_2013(kept.until, Class::Timer, Event::KeptExpires(server));
        self.disk(server).kept.push_back(kept);
    }

    /// Drops what is too old (T11): the hold time is the same for all, so that the oldest comes first.
    pub(super) fn drop_kept(&mut self, server: ServerIdx) {
        let now = self.now;
        while self.disk(server).kept.front().is_some_and(|kept| kept.until <= now) {
            let Some(kept) = self.disk(server).kept.pop_front() else {
                return;
            };
            self.tell(What::Dropped {
                server,
                copy: kept.copy,
                safe: kept.safe,
                recipients: kept.recipients,
            });
        }
    }

    /// A Safety Net delivers again what is asked for.
    pub(super) fn replay(&mut self, request: &Request) {
        let server = request.server;
        self.drop_kept(server);
        let disk = &self.servers[server].shadow_2013.disk;
        let asked: Vec<Kept> = disk
            .kept
            .iter()
            .filter(|kept| request.is_about(kept))
            .cloned()
            .collect();
        for kept in asked {
            let recipients = self.in_database(request, &kept);
            if recipients.is_empty() {
                continue;
            }
            self.tell(What::Replay {
                server,
                of: kept.copy,
                safe: kept.safe,
                store: request.store,
                recipients: recipients.clone(),
            });
            let copy = self.take_in(
                server,
                kept.message,
                recipients,
                Actor::Server(server),
                kept.trail.clone(),
            );
            if let Some(item) = self.servers[server].items.get_mut(&copy) {
                item.silent = true;
            }
            self.categorize(server, copy);
        }
    }

    /// The recipients of what is kept whose mailboxes are in the database that asks. A shadow knows groups, not their members:
    /// those of today get it (X18, X20).
    fn in_database(&self, request: &Request, kept: &Kept) -> Recipients {
        let org = self.org();
        let expanded = router::expand(org, &self.stage.cast, request.server, &kept.recipients, &kept.trail);
        let all = expanded.map_or_else(|| kept.recipients.clone(), |expanded| expanded.recipients);
        all.into_iter()
            .filter(|recipient| self.lives_in(*recipient, request.store))
            .collect()
    }
}
