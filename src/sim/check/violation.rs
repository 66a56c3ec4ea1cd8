//! What a checker says.

use std::fmt;

use crate::model::{MessageIdx, ServerIdx, SimTime};
use crate::sim::trace::{CopyIdx, RecipientIdx};

/// What has to hold in every run: `I1` to `I19` of shadow redundancy, `T20` of queues, and `C1` to `C4`, which are so plain that
/// no document numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// Explained loss: what was acknowledged is done, held, or lost in a way that is known.
    I1,
    /// 2013: one server lost loses no mail.
    I2,
    /// Partitions, pauses and restarts with the same database lose no mail.
    I3,
    /// 2013: no acknowledgement before the shadow.
    I4,
    /// Where shadows are put.
    I5,
    /// A shadow is released only when the message is done.
    I6,
    /// Only who shadows a message hears that it is done.
    I7,
    /// A shadow becomes the message only after silence, or for a new database.
    I8,
    /// Two copies while nothing has failed.
    I9,
    /// A recipient of a copy is in one state at a time.
    I10,
    /// Acknowledgements of 2010, and of items in an Outbox (A11).
    I11,
    /// One copy in a mailbox, and every other one explained.
    I12,
    /// Nothing outlives its timer.
    I13,
    /// What was on disk before a restart is there afterwards.
    I14,
    /// No shadow, no notification and no replay crosses a boundary.
    I15,
    /// 2010: a takeover comes in its time (T4).
    I16,
    /// When faults stop, everything is done in the end.
    I17,
    /// A message stays what it is.
    I19,
    /// Retries, delay notifications, expiry and rerouting of queues.
    T20,
    /// A server that is down does nothing.
    C1,
    /// Mail enters mounted stores that have the mailbox.
    C2,
    /// Nothing crosses a cut.
    C3,
    /// What somebody knows has happened before.
    C4,
}

/// A loss that is known to happen (section 7.2 of the documents).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the document's")]
pub enum LossId {
    L07_1,
    L10_2,
    L10_3,
    L10_4,
    L10_5,
    L10_6,
    L10_7,
    L10_8,
    L10_9,
    L10_10,
    L10_11,
    L10_12,
    L13_1,
    L13_2,
    L13_3,
    L13_4,
    L13_5,
    L13_6,
    L13_7,
    L13_8,
    L13_9,
    L13_10,
    L13_11,
    L13_12,
}

/// Why a message can be there twice (section 7.3 of the documents).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DupId {
    /// Sender's timeout after the shadow was made (S41).
    Dup1,
    /// A primary server that comes back with its database (S82).
    Dup2,
    /// A primary server that was only cut off.
    Dup3,
    /// A primary server that was done with a part (A23).
    Dup4,
    /// A next hop that had taken it, which nobody knew (A38).
    Dup5,
    /// A notification of 2010 that a restart has lost.
    Dup6,
    /// A notification that was dropped (T5).
    Dup7,
    /// Safety Net or dumpster (X21).
    Dup8,
    /// A sender that sends again (A56).
    Dup9,
    /// An Outbox that submits again (A15, A16).
    Dup10,
    /// No fault: two ways through groups lead to the recipient (N60).
    Groups,
}

/// Several reasons for duplicates, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DupIds(u16);

impl DupIds {
    /// The reasons, in the order of the documents.
    pub fn iter(self) -> impl Iterator<Item = DupId> {
        DupId::ALL.into_iter().filter(move |id| self.has(*id))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One more.
    #[must_use]
    pub fn with(self, id: DupId) -> DupIds {
        DupIds(self.0 | bit(id))
    }

    fn has(self, id: DupId) -> bool {
        self.0 & bit(id) != 0
    }

    pub(super) fn add(&mut self, id: DupId) {
        *self = self.with(id);
    }

    pub(super) fn join(&mut self, other: DupIds) {
        self.0 |= other.0;
    }

    /// The reason that says most.
    pub(super) fn first(self) -> Option<DupId> {
        DupId::BY_WEIGHT.into_iter().find(|id| self.has(*id))
    }

    /// Why a copy with these reasons arrives besides one with those of `earlier`: what it has alone, else what the other one has
    /// alone. A sender that has sent again comes first, since whatever became of its attempts later, each of them was to be delivered.
    pub(super) fn apart_from(self, earlier: DupIds) -> Option<DupId> {
        let again = |ids: DupIds| DupId::SENT_AGAIN.into_iter().find(|id| ids.has(*id));
        let alone = [DupIds(self.0 & !earlier.0), DupIds(earlier.0 & !self.0)];
        let mut alone = alone.into_iter().filter(|ids| !ids.is_empty());
        let found = alone.find_map(|ids| again(ids).or(ids.first()));
        found.or_else(|| again(self))
    }
}

fn bit(id: DupId) -> u16 {
    1 << id as u16
}

impl FromIterator<DupId> for DupIds {
    fn from_iter<I: IntoIterator<Item = DupId>>(ids: I) -> DupIds {
        ids.into_iter().fold(DupIds::default(), DupIds::with)
    }
}

/// Something that bears a violation out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When it happened or is due.
    pub at: SimTime,
    /// What.
    pub fact: &'static str,
    /// At which server.
    pub server: Option<ServerIdx>,
    /// To which copy.
    pub copy: Option<CopyIdx>,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When that was seen.
    pub at: SimTime,
    /// For which message, if it is about one.
    pub message: Option<MessageIdx>,
    /// For whom.
    pub recipient: Option<RecipientIdx>,
    /// What is wrong.
    pub what: &'static str,
    /// What bears it out.
    pub evidence: Vec<Evidence>,
}

impl LossId {
    /// Every id, in the order of their names.
    pub const ALL: [LossId; 24] = [
        LossId::L07_1,
        LossId::L10_2,
        LossId::L10_3,
        LossId::L10_4,
        LossId::L10_5,
        LossId::L10_6,
        LossId::L10_7,
        LossId::L10_8,
        LossId::L10_9,
        LossId::L10_10,
        LossId::L10_11,
        LossId::L10_12,
        LossId::L13_1,
        LossId::L13_2,
        LossId::L13_3,
        LossId::L13_4,
        LossId::L13_5,
        LossId::L13_6,
        LossId::L13_7,
        LossId::L13_8,
        LossId::L13_9,
        LossId::L13_10,
        LossId::L13_11,
        LossId::L13_12,
    ];

    /// The name in the documents, such as `L10-3`.
    pub fn name(self) -> &'static str {
        match self {
            LossId::L07_1 => "L07-1",
            LossId::L10_2 => "L10-2",
            LossId::L10_3 => "L10-3",
            LossId::L10_4 => "L10-4",
            LossId::L10_5 => "L10-5",
            LossId::L10_6 => "L10-6",
            LossId::L10_7 => "L10-7",
            LossId::L10_8 => "L10-8",
            LossId::L10_9 => "L10-9",
            LossId::L10_10 => "L10-10",
            LossId::L10_11 => "L10-11",
            LossId::L10_12 => "L10-12",
            LossId::L13_1 => "L13-1",
            LossId::L13_2 => "L13-2",
            LossId::L13_3 => "L13-3",
            LossId::L13_4 => "L13-4",
            LossId::L13_5 => "L13-5",
            LossId::L13_6 => "L13-6",
            LossId::L13_7 => "L13-7",
            LossId::L13_8 => "L13-8",
            LossId::L13_9 => "L13-9",
            LossId::L13_10 => "L13-10",
            LossId::L13_11 => "L13-11",
            LossId::L13_12 => "L13-12",
        }
    }
}

impl DupId {
    /// Every id, in the order of the documents.
    pub const ALL: [DupId; 11] = [
        DupId::Dup1,
        DupId::Dup2,
        DupId::Dup3,
        DupId::Dup4,
        DupId::Dup5,
        DupId::Dup6,
        DupId::Dup7,
        DupId::Dup8,
        DupId::Dup9,
        DupId::Dup10,
        DupId::Groups,
    ];

    /// Every id, the one that says most first: of several that fit, the first is named.
    pub(super) const BY_WEIGHT: [DupId; 11] = [
        DupId::Dup8,
        DupId::Dup7,
        DupId::Dup6,
        DupId::Dup4,
        DupId::Dup3,
        DupId::Dup2,
        DupId::Dup10,
        DupId::Dup9,
        DupId::Dup1,
        DupId::Dup5,
        DupId::Groups,
    ];

    /// A sender has sent the message again.
    const SENT_AGAIN: [DupId; 3] = [DupId::Dup1, DupId::Dup9, DupId::Dup10];

    /// The name in the documents, such as `DUP-5`.
    pub fn name(self) -> &'static str {
        match self {
            DupId::Dup1 => "DUP-1",
            DupId::Dup2 => "DUP-2",
            DupId::Dup3 => "DUP-3",
            DupId::Dup4 => "DUP-4",
            DupId::Dup5 => "DUP-5",
            DupId::Dup6 => "DUP-6",
            DupId::Dup7 => "DUP-7",
            DupId::Dup8 => "DUP-8",
            DupId::Dup9 => "DUP-9",
            DupId::Dup10 => "DUP-10",
            DupId::Groups => "groups",
        }
    }
}

/// `25:00:00 I13 message 3 for 2: queued beyond its time (48:00:01 expiry is due, copy 7)`
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.at, self.invariant)?;
        if let Some(message) = self.message {
            write!(f, " message {}", message.index())?;
        }
        if let Some(recipient) = self.recipient {
            write!(f, " for {}", recipient.index())?;
        }
        write!(f, ": {}", self.what)?;
        for evidence in &self.evidence {
            write!(f, " ({} {}", evidence.at, evidence.fact)?;
            if let Some(server) = evidence.server {
                write!(f, ", server {}", server.index())?;
            }
            if let Some(copy) = evidence.copy {
                write!(f, ", copy {}", copy.index())?;
            }
            write!(f, ")")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_kept_once_and_in_the_order_of_the_documents() {
        for (at, id) in DupId::ALL.into_iter().enumerate() {
            assert_eq!(id as usize, at, "{id:?}");
        }
        let ids: DupIds = [DupId::Groups, DupId::Dup10, DupId::Dup2, DupId::Dup10]
            .into_iter()
            .collect();
        assert_eq!(
            ids.iter().collect::<Vec<_>>(),
            [DupId::Dup2, DupId::Dup10, DupId::Groups]
        );
        assert!(!ids.is_empty() && DupIds::default().is_empty());
    }

    #[test]
    fn the_reason_is_what_tells_two_copies_apart() {
        let ids = |ids: &[DupId]| ids.iter().copied().collect::<DupIds>();
        let none = ids(&[]);
        for (why, this, earlier, expect) in [
            ("the same copy", none, none, None),
            ("a takeover", ids(&[DupId::Dup4]), none, Some(DupId::Dup4)),
            ("the other way round", none, ids(&[DupId::Dup4]), Some(DupId::Dup4)),
            (
                "replayed besides what was sent again",
                ids(&[DupId::Dup8]),
                ids(&[DupId::Dup1]),
                Some(DupId::Dup8),
            ),
            (
                "sent again (A56), then taken over",
                ids(&[DupId::Dup4, DupId::Dup9]),
                none,
                Some(DupId::Dup9),
            ),
            (
                "taken over after it was sent again",
                ids(&[DupId::Dup4, DupId::Dup9]),
                ids(&[DupId::Dup9]),
                Some(DupId::Dup4),
            ),
            (
                "sent again twice",
                ids(&[DupId::Dup9]),
                ids(&[DupId::Dup9]),
                Some(DupId::Dup9),
            ),
        ] {
            assert_eq!(this.apart_from(earlier), expect, "{why}");
        }
    }
}
