//! One edit or two that clear everything: all that can, the lightest first.
//!
//! What clears every loop ends any one of them, so that one of the edits is a candidate for the first loop; and what that one
//! leaves, the other must end. So each edit is joined with the candidates for a loop that it leaves, whatever it clears alone.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::candidates::{Before, Breadth, Suspect, circled, is_beside, is_between, touched};
use super::trial::{Judged, Trials};
use super::{Edit, Rank, Repair, is_lighter, rank};
use crate::model::RoutingGroupConnectorIdx;
use crate::verify::{Verification, World};

/// Witnesses of which the one with the fewest candidates is taken.
const FIRST_OF: usize = 16;

/// Its place in the order in which sets are tried; of equal weight what touches a circle itself comes before what is beside it,
/// what some witness suggests before what none does, and costs at the ends of the scale before others.
type Place = (u32, usize, usize, usize, usize, Vec<Edit>);

/// Sets that wait for their turn.
struct Waiting<'a> {
    sets: BTreeSet<Place>,
    suggested: &'a BTreeSet<Edit>,
    circled: BTreeSet<RoutingGroupConnectorIdx>,
    best: Option<Rank>,
}

impl Waiting<'_> {
    /// Adds a set, if it would be lighter than what was found.
    fn push(&mut self, edits: Vec<Edit>) {
        let rank = rank(&edits);
        if is_lighter(&rank, self.best.as_ref()) {
            let beside = |edit: &&Edit| is_beside(edit, &self.circled);
            let strange = edits.iter().filter(|edit| !self.suggested.contains(edit));
            let strange = edits.iter().filter(beside).count() + strange.count();
            let between = edits.iter().filter(|edit| is_between(edit)).count();
            let (weight, away, number, edits) = rank;
            self.sets.insert((weight, away, number, strange, between, edits));
        }
    }
}

/// The lightest edit or two edits that clear all, if they are lighter than `best`.
pub(super) fn lightest(
    world: &World<'_>,
    verification: &Verification,
    suggested: &BTreeSet<Edit>,
    best: Option<Rank>,
    trials: &mut Trials<'_>,
) -> Option<Repair> {
    let sets = BTreeSet::new();
    let mut waiting = Waiting {
        sets,
        suggested,
        circled: circled(verification),
        best,
    };
    for edit in first(world, verification) {
        waiting.push(vec![edit]);
    }
    while let Some((.., edits)) = waiting.sets.pop_first() {
        let others = |suspect: &Suspect<'_>, before: &Before| match &edits[..] {
            // Two costs between the ends of the scale are not tried together.
            [one] if !is_between(one) => suspect.candidates(before, Breadth::Wide),
            _ => BTreeSet::new(),
        };
        match trials.judge(&edits, others)? {
            Judged::Clear(repaired) => {
                let repaired = *repaired;
                return Some(Repair { edits, repaired });
            }
            Judged::Unknown => {}
            Judged::Left(others) => {
                for other in others {
                    let same = touched(&other).is_some() && touched(&other) == touched(&edits[0]);
                    if !same && !edits.contains(&other) {
                        waiting.push([&edits[..], &[other]].concat());
                    }
                }
            }
        }
    }
    None
}

/// What can end one of the loops.
fn first(world: &World<'_>, verification: &Verification) -> BTreeSet<Edit> {
    let same = Before::new(world.org, world.org);
    let witnesses = verification.witnesses.iter().take(FIRST_OF);
    let candidates = witnesses.map(|witness| {
        let recipient = &verification.recipients[witness.recipient];
        let message = verification.classes[witness.class].message();
        let suspect = Suspect {
            world,
            recipient,
            message,
            reasons: OnceCell::new(),
            witness,
        };
        suspect.candidates(&same, Breadth::EveryCost)
    });
    candidates.min_by_key(BTreeSet::len).unwrap_or_default()
}
