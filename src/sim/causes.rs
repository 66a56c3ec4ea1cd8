//! Why messages come to their ends: what was returned says so itself, what was lost or came twice is looked up in the checker.

use super::Run;
use super::check::{Checker, DupIds, Invariant, LossId, Violation};
use super::fates::Fate;
use super::reasons::Return;
use crate::model::{FateKind, SimTime};

/// Why a message came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It was returned.
    Returned(Return),
    /// It was lost: which loss of the documents it is.
    Lost(LossId),
    /// It came again: why every copy too many was there, whether the recipient sees it or not.
    Duplicate(DupIds),
}

/// Gives `fates` the causes that `checker` knows. What it should know and does not is a violation: either the run or the
/// checker is wrong then; but a run that a bound has ended may have stopped between a loss and what makes it good, at one
/// instant. O(fates × log fates + losses + duplicates).
pub(super) fn settle(fates: &mut [Fate], checker: &Checker<'_>, run: &Run) -> Vec<Violation> {
    for loss in checker.losses() {
        let key = (loss.message, loss.recipient);
        if let Some(fate) = find(fates, key).filter(|fate| fate.kind == FateKind::Lost) {
            fate.cause = Some(Cause::Lost(loss.id));
        }
    }
    for duplicate in checker.duplicates() {
        let kind = match duplicate.visible {
            true => FateKind::Duplicate,
            false => FateKind::SuppressedDuplicate,
        };
        let key = (duplicate.message, duplicate.recipient);
        if let Some(fate) = find(fates, key).filter(|fate| fate.kind == kind) {
            let known = match fate.cause {
                Some(Cause::Duplicate(ids)) => ids,
                _ => DupIds::default(),
            };
            fate.cause = Some(Cause::Duplicate(known.with(duplicate.id)));
        }
    }
    for fate in fates
        .iter_mut()
        .filter(|fate| fate.cause.is_none() && fate.kind == FateKind::Lost)
    {
        fate.cause = checker.old_loss(fate.message, fate.recipient).map(Cause::Lost);
    }
    let unexplained = fates.iter().filter(|fate| fate.cause.is_none() && !run.limit_hit);
    unexplained
        .filter_map(|fate| complaint(fate, checker, run.ended_at))
        .collect()
}

/// `fates` are in the order of the key.
fn find(fates: &mut [Fate], key: (crate::model::MessageIdx, super::RecipientIdx)) -> Option<&mut Fate> {
    let at = fates
        .binary_search_by_key(&key, |fate| (fate.message, fate.recipient))
        .ok()?;
    Some(&mut fates[at])
}

/// That a fate has no cause, unless the checker has complained of it or nothing would be a cause.
fn complaint(fate: &Fate, checker: &Checker<'_>, at: SimTime) -> Option<Violation> {
    let (invariant, what) = match fate.kind {
        FateKind::Lost => (Invariant::I1, "lost, and the checker knows of no loss"),
        FateKind::Duplicate | FateKind::SuppressedDuplicate => {
            (Invariant::I12, "a copy too many, and the checker knows of none")
        }
        _ => return None,
    };
    let about = (Some(fate.message), Some(fate.recipient));
    let known = checker
        .violations()
        .iter()
        .any(|violation| (violation.message, violation.recipient) == about);
    (!known).then(|| Violation {
        invariant,
        at,
        message: about.0,
        recipient: about.1,
        what,
        evidence: Vec::new(),
    })
}
