//! What becomes of a message for each recipient, as small as it gets: it is kept to the end for every message there was.

use smallvec::SmallVec;

use super::ascending::Ascending;
use super::trace::{Hop, RecipientIdx, Recipients, Return, Store};
use crate::model::{MessageIdx, ServerIdx, SimTime};

/// A copy that a server holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) server: ServerIdx,
    pub(super) message: MessageIdx,
    pub(super) pending: Recipients,
    /// Where recipients wait, and since when.
    pub(super) queued: SmallVec<[(Recipients, Hop, SimTime); 1]>,
}

/// An item in an Outbox.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) store: Store,
    pub(super) stored_at: SimTime,
    /// When a transport server took it.
    pub(super) submitted_at: Option<SimTime>,
}

/// What is known of a message for one recipient. There is one for each to the very end: it has to be small.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// When copies came that can be seen, and whether each is in the mailbox; the others were taken outside.
    pub(super) seen: SmallVec<[(SimTime, bool); 1]>,
    /// When the last copy of it was lost.
    pub(super) lost_at: SimTime,
    /// What happens to few.
    pub(super) rare: Option<Box<Rare>>,
}

/// What happens to a message besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    /// The last copy that a mailbox refused since it had the message.
    pub(super) suppressed: Option<SimTime>,
    /// When somebody outside took a copy for a group that the recipient is in (N91).
    pub(super) beyond: Option<SimTime>,
    /// When and why it was returned with a group, while a copy still waited for the recipient.
    pub(super) returned_with_group: Option<(Return, SimTime)>,
    /// When it was last returned, and why.
    pub(super) returned: Option<(Return, SimTime)>,
    /// Its mailbox has lost it.
    pub(super) forgotten: bool,
    /// A group was expanded once more that the recipient had left, while another copy still named it (N93).
    pub(super) passed_over: bool,
    /// No copy names the recipient, who has left the groups that copies are for (N72).
    left: bool,
}

impl Tally {
    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The recipient has left the groups that copies are for, or has not (N72).
    pub(super) fn leaves(&mut self, left: bool) {
        if left != self.has_left() {
            self.rare().left = left;
        }
    }

    pub(super) fn has_left(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.left)
    }

    /// When somebody outside took a copy, under the recipient's own name or for a group that it is in.
    pub(super) fn outside_at(&self) -> Option<SimTime> {
        let mut outside = self.seen.iter().filter(|(_, in_mailbox)| !in_mailbox);
        let beyond = || self.rare.as_deref()?.beyond;
        outside.next().map(|(at, _)| *at).or_else(beyond)
    }

    /// Whether nobody has ever seen the message, and it is not back with its sender.
    pub(super) fn is_open(&self) -> bool {
        let open = |rare: &Rare| rare.returned.is_none() && !rare.forgotten;
        self.seen.is_empty() && self.rare.as_deref().is_none_or(open)
    }
}

/// What is known of a message, by recipient.
pub(super) type Tallies = Ascending<RecipientIdx, Tally>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_takes_little_room() {
        assert!(size_of::<Tallies>() <= 72, "{}", size_of::<Tallies>());
    }
}
