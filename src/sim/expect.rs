//! What was expected and did not come.

use smallvec::SmallVec;

use super::fates::{Fate, Place};
use super::trace::RecipientIdx;
use super::{Run, Stage};
use crate::model::{Expectation, FateKind, ServerIdx, SimTime};

/// A part of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What becomes of the message.
    Fate(FateKind),
    /// That is decided before this instant.
    Before(SimTime),
    /// That is decided at this instant or later.
    After(SimTime),
    /// So many copies arrive where they can be seen.
    Copies(u32),
    /// It waits in a queue of this server.
    QueuedAt(ServerIdx),
}

/// An expectation that was not met for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Its position in [`crate::model::Scenario::expectations`].
    pub expectation: usize,
    /// For whom; `None`: the message was for nobody in the end whom the expectation is about.
    pub recipient: Option<RecipientIdx>,
    /// What was expected and is not so, in the order of [`Wanted`].
    pub wanted: SmallVec<[Wanted; 2]>,
    /// What came; `None`: see `recipient`.
    pub came: Option<Fate>,
}

impl Unmet {
    /// Whether it might have come if the run had gone on: the message still waits, or the group that the recipient is a member
    /// of does.
    fn is_open(&self) -> bool {
        self.came.as_ref().is_none_or(|fate| fate.waits.is_some())
    }

    /// Whether it has failed for good: of a run that [`super::Bounds`] ended, what still waits is neither met nor failed.
    pub fn has_failed(&self, run: &Run) -> bool {
        !(run.limit_hit && self.is_open())
    }
}

/// Every expectation that is not met, in the order of the scenario, then by recipient. An expectation without a recipient is
/// about everybody whom the message is for in the end.
///
/// A group that was replaced by its members is nobody's recipient any more, and nor is who has left it: zero copies may be
/// expected there, and nothing else. `fates` are those of [`super::Fates::fates`].
/// O((expectations + fates) × log fates).
pub fn unmet(stage: &Stage, fates: &[Fate]) -> Vec<Unmet> {
    let mut found = Vec::new();
    for (position, expectation) in stage.scenario().expectations.iter().enumerate() {
        let first = fates.partition_point(|fate| fate.message < expectation.message);
        let of_message = &fates[first..];
        let of_message = &of_message[..of_message.partition_point(|fate| fate.message == expectation.message)];
        let concerns = |fate: &&Fate| {
            let address = stage.cast().address(fate.recipient);
            expectation.recipient.as_ref().is_none_or(|wanted| wanted == address)
        };
        let mut anybody = false;
        for fate in of_message.iter().filter(concerns) {
            anybody = true;
            let wanted = missing(expectation, fate);
            if !wanted.is_empty() {
                found.push(Unmet {
                    expectation: position,
                    recipient: Some(fate.recipient),
                    wanted,
                    came: Some(fate.clone()),
                });
            }
        }
        if !anybody {
            let wanted: SmallVec<[Wanted; 2]> = parts(expectation)
                .filter(|wanted| *wanted != Wanted::Copies(0))
                .collect();
            if !wanted.is_empty() {
                found.push(Unmet {
                    expectation: position,
                    recipient: None,
                    wanted,
                    came: None,
                });
            }
        }
    }
    found
}

/// The parts of an expectation.
fn parts(expectation: &Expectation) -> impl Iterator<Item = Wanted> {
    [
        expectation.fate.map(Wanted::Fate),
        expectation.before.map(Wanted::Before),
        expectation.after.map(Wanted::After),
        expectation.copies.map(Wanted::Copies),
        expectation.queued_at.map(Wanted::QueuedAt),
    ]
    .into_iter()
    .flatten()
}

/// The parts of an expectation that a fate does not meet.
fn missing(expectation: &Expectation, fate: &Fate) -> SmallVec<[Wanted; 2]> {
    // Of what waits `at` says since when; nothing is decided unless just that is expected.
    let decided = fate.waits.is_none() || expectation.fate == Some(fate.kind);
    let met = |wanted: &Wanted| match *wanted {
        Wanted::Fate(kind) => fate.kind == kind,
        Wanted::Before(instant) => decided && fate.at < instant,
        Wanted::After(instant) => decided && fate.at >= instant,
        Wanted::Copies(copies) => fate.copies == copies,
        Wanted::QueuedAt(server) => match fate.waits {
            Some(Place::Queue(at, _) | Place::UnderWay(at)) => at == server,
            Some(Place::Sender | Place::Outbox(_) | Place::Shadow(..)) | None => false,
        },
    };
    parts(expectation).filter(|wanted| !met(wanted)).collect()
}
