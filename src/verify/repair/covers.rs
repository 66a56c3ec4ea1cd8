//! Which edits together clear every witness, judged by what each clears alone: a weighted hitting set.

use std::collections::BTreeSet;

use super::Edit;

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
