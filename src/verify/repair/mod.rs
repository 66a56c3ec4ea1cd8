//! The smallest change that no longer lets mail circle (LS-3.6).
//!
//! Changes are tried, not derived: each is made to a copy of the organization, which is verified again, and only what comes
//! out free of loops for everybody is offered. In order:
//!
//! 1. `alone`: what each edit that a witness suggests clears by itself;
//! 2. `covers`: sets of these that clear every witness between them, by weight: with suppressions alone that is a least hitting
//!    set of the minimal witnesses. If none does, suppression on all servers of 2000 and 2003, which is what the vendor recommends
//!    (R37, R41);
//! 3. `lightest`: one edit or two that are lighter, by weight, also of such as clear nothing alone. In organizations of up to 64
//!    routing-group connectors these are all that can end a loop (`candidates`), beyond that what the loops suggest.
//!
//! Of equal weight, what takes no way away comes first. Costs are tried from 1 to 100 alone, and 1 and 100 in pairs. Not tried are three
//! edits or more of which one clears nothing alone, and whatever lies beyond the bounds (`complete`).

mod alone;
mod candidates;
mod covers;
mod edit;
mod lightest;
mod trial;
mod wording;

use std::collections::BTreeSet;

use self::alone::Alone;
pub(crate) use self::edit::apply as after;
pub use self::edit::{Edit, names_of_connect};
use self::trial::Trials;
pub(crate) use self::wording::restart_phrase;
pub use self::wording::{describe, phrase, powershell};
use super::{Bounds, Verification, World};
use crate::linkstate::has_table;
use crate::model::Organization;

/// Edits that clear every witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What to change, in the order of [`Edit`].
    pub edits: Vec<Edit>,
    /// The organization after it: free of loops within the same bounds.
    pub repaired: Organization,
}

/// What was looked for, and what clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// The lightest edits of those tried that clear every witness; `None`: none of them do.
    pub all: Option<Repair>,
    /// For each witness, the lightest single edit tried that clears it and makes no other loop for anybody, if there is one.
    pub single: Vec<Option<Edit>>,
    /// Everything that was worth trying was tried.
    pub complete: bool,
}

/// Servers, sites and connectors that all tries of one kind may look at, each as often as there are failure sets.
const STEPS_MAX: u64 = 25_000_000;

/// Looks for the lightest repair of what `verification` found in `world` within `bounds`. Tries at most `tries_max` changes, and no more once
/// they have looked at some 75 million connectors: in an organization of a thousand groups one verification takes that many.
///
/// O(tries × verification), most tries being one failure set only.
pub fn repair(world: &World<'_>, verification: &Verification, bounds: Bounds, tries_max: usize) -> Repairs {
    let mut repairs = Repairs {
        all: None,
        single: vec![None; verification.witnesses.len()],
        complete: true,
    };
    if verification.witnesses.is_empty() {
        return repairs;
    }
    let mut trials = Trials::new(world, verification, bounds);
    let suggested = candidates::suggested(world, verification);
    let known: BTreeSet<Edit> = suggested.iter().cloned().collect();
    // One half for what single edits do alone, what is left of it and the other for what they do together.
    trials.tries_left = tries_max.div_ceil(2);
    trials.steps_left = STEPS_MAX;
    let tried = Alone::new(world, verification).run(suggested, &mut trials, &mut repairs.single);
    trials.tries_left += tries_max / 2;
    trials.steps_left = STEPS_MAX;
    let offered = |edits: Vec<Edit>, repaired| Repair { edits, repaired };
    repairs.all = covers::lightest(&tried, verification.witnesses.len(), &mut trials);
    if repairs.all.is_none() {
        let everywhere = suppression_everywhere(world.org);
        let repaired = trials.cleared(&everywhere);
        repairs.all = repaired.map(|repaired| offered(everywhere, repaired));
    }
    let best = repairs.all.as_ref().map(|repair| rank(&repair.edits));
    trials.steps_left = STEPS_MAX;
    let lighter = lightest::lightest(world, verification, &known, best, &mut trials);
    repairs.all = lighter.or(repairs.all);
    repairs.complete = !trials.ran_out;
    repairs
}

/// SuppressStateChanges on every server of 2000 and 2003 where it is not in effect: what the vendor recommends (R37, R41).
pub fn suppression_everywhere(org: &Organization) -> Vec<Edit> {
    let servers = org.servers().iter_enumerated();
    let legacy = servers.filter(|(index, server)| {
        org.legacy_group(*index).is_some() && has_table(org, *index) && !server.suppression_in_effect
    });
    legacy.map(|(index, _)| Edit::Suppress(index)).collect()
}

/// By what repairs are compared: weight, how many edits take a way away, how many there are, which.
type Rank = (u32, usize, usize, Vec<Edit>);

fn rank(edits: &[Edit]) -> Rank {
    let mut edits = edits.to_vec();
    edits.sort();
    let weight = edits.iter().map(Edit::weight).sum();
    let away = edits.iter().filter(|edit| edit.takes_away()).count();
    (weight, away, edits.len(), edits)
}

/// Whether edits are better than what was found, not only another way to do as well.
fn is_lighter(edits: &Rank, best: Option<&Rank>) -> bool {
    let known = |rank: &Rank| (rank.0, rank.1, rank.2);
    best.is_none_or(|best| known(edits) < known(best))
}
