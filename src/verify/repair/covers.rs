//! Which edits together clear every witness, judged by what each clears alone: a weighted hitting set.

use std::collections::BTreeSet;

use super::trial::Trials;
use super::{Edit, Repair, rank};

/// Steps in search of sets of edits that clear all witnesses between them.
const STEPS_MAX: u64 = 200_000;

/// One edit, and the positions of the witnesses that are gone after it.
pub(super) struct Tried {
    pub(super) edit: Edit,
    pub(super) cleared: BTreeSet<usize>,
    /// It makes no other loop.
    pub(super) nothing_new: bool,
}

/// For each witness the edits that clear it, by position: those that are cleared alike once, those with fewest edits first.
pub(super) struct Covers {
    wanted: Vec<Vec<usize>>,
    weights: Vec<u32>,
}

/// Sets of edits of one weight.
#[derive(Default)]
pub(super) struct OfWeight {
    /// By position, ascending.
    pub(super) sets: BTreeSet<Vec<usize>>,
    /// There may be heavier ones.
    pub(super) more: bool,
}

impl Covers {
    /// `None`: some witness is cleared by no edit alone. O(edits × witnesses).
    pub(super) fn new(tried: &[Tried], witnesses: usize) -> Option<Covers> {
        let clearing = |witness: usize| -> Vec<usize> {
            let all = tried.iter().enumerate();
            let clearing = all.filter(|(_, edit)| edit.cleared.contains(&witness));
            clearing.map(|(at, _)| at).collect()
        };
        let wanted: BTreeSet<Vec<usize>> = (0..witnesses).map(clearing).collect();
        let mut wanted: Vec<Vec<usize>> = wanted.into_iter().collect();
        wanted.sort_by_key(Vec::len);
        let weights = tried.iter().map(|tried| tried.edit.weight()).collect();
        wanted
            .iter()
            .all(|edits| !edits.is_empty())
            .then_some(Covers { wanted, weights })
    }

    /// Every set of exactly this weight that clears all, but for sets with an edit that clears nothing more. Stops after
    /// `steps`.
    pub(super) fn of_weight(&self, weight: u32, steps: &mut u64) -> OfWeight {
        let mut found = OfWeight::default();
        self.extend(&mut Vec::new(), weight, steps, &mut found);
        found
    }

    /// Whatever is chosen, the first witness that is left needs one of its edits. No deeper than a set is heavy.
    fn extend(&self, chosen: &mut Vec<usize>, left: u32, steps: &mut u64, found: &mut OfWeight) {
        let is_left = |edits: &&Vec<usize>| !edits.iter().any(|edit| chosen.contains(edit));
        let Some(edits) = self.wanted.iter().find(is_left) else {
            if left == 0 {
                let mut set = chosen.clone();
                set.sort_unstable();
                found.sets.insert(set);
            }
            return;
        };
        for edit in edits {
            if *steps == 0 {
                return;
            }
            *steps -= 1;
            match left.checked_sub(self.weights[*edit]) {
                None => found.more = true,
                Some(left) => {
                    chosen.push(*edit);
                    self.extend(chosen, left, steps, found);
                    chosen.pop();
                }
            }
        }
    }
}

/// Edits that clear every witness between them, by weight, verified.
pub(super) fn lightest(tried: &[Tried], witnesses: usize, trials: &mut Trials<'_>) -> Option<Repair> {
    let covers = Covers::new(tried, witnesses)?;
    let mut steps = STEPS_MAX;
    for weight in 1.. {
        let found = covers.of_weight(weight, &mut steps);
        let edits = |set: &Vec<usize>| set.iter().map(|at| tried[*at].edit.clone()).collect();
        let mut sets: Vec<Vec<Edit>> = found.sets.iter().map(edits).collect();
        // Of those that are alike in this, what touches a circle itself comes first.
        sets.sort_by_cached_key(|edits| {
            let (_, away, number, _) = rank(edits);
            (away, number)
        });
        for edits in sets {
            // What one does alone is known.
            let new_loops = |one: &Tried| edits == [one.edit.clone()] && !one.nothing_new;
            if tried.iter().any(new_loops) {
                continue;
            }
            if let Some(repair) = offered(edits, trials) {
                return Some(repair);
            }
            if trials.ran_out {
                return None;
            }
        }
        if steps == 0 {
            trials.ran_out = true;
            return greedy(tried, witnesses, trials);
        }
        if !found.more {
            break;
        }
    }
    None
}

/// Where looking for the lightest takes too long: suppressions, each time the one that clears most.
fn greedy(tried: &[Tried], witnesses: usize, trials: &mut Trials<'_>) -> Option<Repair> {
    let mut left: BTreeSet<usize> = (0..witnesses).collect();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        let suppressions = tried.iter().filter(|tried| matches!(tried.edit, Edit::Suppress(_)));
        // The first of several.
        let best = suppressions
            .rev()
            .max_by_key(|tried| tried.cleared.intersection(&left).count())?;
        let before = left.len();
        left.retain(|witness| !best.cleared.contains(witness));
        if left.len() == before {
            return None;
        }
        chosen.push(best.edit.clone());
    }
    offered(chosen, trials)
}

fn offered(mut edits: Vec<Edit>, trials: &mut Trials<'_>) -> Option<Repair> {
    edits.sort();
    let repaired = trials.cleared(&edits)?;
    Some(Repair { edits, repaired })
}
