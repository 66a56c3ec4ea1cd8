//! Two copies of what is protected and not done, as long as nothing has failed (I9).

use super::Checker;
use super::ledger::{Copy, Tally};
use super::violation::Invariant;
use crate::model::{Generation, MessageIdx, ServerIdx};
use crate::sim::trace::{Actor, RecipientIdx};

impl Checker<'_> {
    /// A copy less holds a message, or its sender has let go: when this instant is over, two servers have to have it.
    pub(super) fn look_for_pairs(&mut self, message: MessageIdx, recipients: &[RecipientIdx]) {
        if self.world.broken_at.is_none() {
            self.unpaired
                .extend(recipients.iter().map(|recipient| (message, *recipient)));
        }
    }

    /// The instant is over.
    pub(super) fn look_at_pairs(&mut self) {
        if self.unpaired.is_empty() {
            return;
        }
        let mut unpaired = std::mem::take(&mut self.unpaired);
        unpaired.sort_unstable();
        unpaired.dedup();
        for (message, recipient) in unpaired.drain(..) {
            if self.world.broken_at.is_none() && !self.is_in_two_places(message, recipient) {
                let what = "fewer than two servers have a message, and nothing has failed";
                self.report(Invariant::I9, (Some(message), Some(recipient)), what, &[]);
            }
        }
        // Its room is used again: there is something to look at in most instants.
        self.unpaired = unpaired;
    }

    /// Whether two servers have a message that is protected, or need not have it.
    fn is_in_two_places(&self, message: MessageIdx, recipient: RecipientIdx) -> bool {
        let Some(account) = self.accounts.get(&message) else {
            return true;
        };
        // A group of which no copy was told is nobody that anything is owed to.
        let done = account.tallies.get(&recipient).is_none_or(Tally::is_done);
        // A system outside that speaks XSHADOW has the second copy (A26).
        if done || !account.is_owed() || account.peer_keeps.is_some() {
            return true;
        }
        // A copy for a group is there, whoever has left that meanwhile.
        let since = account.sent_at;
        let cover = |of: &[RecipientIdx]| self.world.groups.covered(of, recipient, since);
        // Where the far side protects nothing, the near side lets go at its 250 (A42, S36).
        // N22: a shadow lives so long from when its server took the message.
        let expired = |copy: &Copy| match copy.from {
            Actor::Server(before) => self.now >= since + self.shadow_life(before),
            _ => false,
        };
        let unprotected = |copy: &Copy| {
            self.world.generation(copy.server) < Generation::Exchange2010 || !copy.paired || expired(copy)
        };
        // The last that came is the likeliest to hold it.
        let copies = account.copies.iter().rev().filter_map(|copy| self.copies.get(copy));
        let mut only: Option<ServerIdx> = None;
        for holder in copies.filter(|copy| copy.holds(cover)) {
            if unprotected(holder) || only.is_some_and(|server| server != holder.server) {
                return true;
            }
            only = Some(holder.server);
        }
        // What nobody has is lost, and that is looked at elsewhere (I1).
        only.is_none()
    }
}
