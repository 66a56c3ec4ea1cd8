//! Ranking by steps: every step keeps the candidates that are equally good, and the next one looks at those only.
//!
//! This is how the documents write every choice ("only on a tie of ..."), so all choices of the twin are
//! made here, and `decided_by` is simply the first step that leaves one.

use std::cmp::Ordering;

/// The name of a step, and how it compares two candidates. Less is better.
pub(super) type Step<'a, T> = (&'static str, &'a dyn Fn(&T, &T) -> Ordering);

#[derive(Debug)]
pub(super) struct Ranking {
    /// Position of the one that is left.
    pub(super) winner: usize,
    /// The first step after which one was left.
    pub(super) decided_by: &'static str,
    /// For every candidate the step at which it fell out; `None` for the winner.
    pub(super) fell_at: Vec<Option<&'static str>>,
}

/// `None` without candidates. The last step has to tell all candidates apart.
pub(super) fn rank<T>(candidates: &[T], steps: &[Step<'_, T>]) -> Option<Ranking> {
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut fell_at = vec![None; candidates.len()];
    let mut decided_by = None;
    for (name, compare) in steps {
        let best = left.iter().copied().reduce(|best, other| {
            if compare(&candidates[other], &candidates[best]).is_lt() {
                other
            } else {
                best
            }
        })?;
        left.retain(|&candidate| {
            let stays = compare(&candidates[candidate], &candidates[best]).is_eq();
            if !stays {
                fell_at[candidate] = Some(*name);
            }
            stays
        });
        if left.len() == 1 {
            decided_by = decided_by.or(Some(*name));
        }
    }
    assert_eq!(left.len(), 1, "the last step has to leave one candidate");
    Some(Ranking {
        winner: left[0],
        decided_by: decided_by?,
        fell_at,
    })
}

/// The order that the steps make when they are applied one after the other.
pub(super) fn compare<T>(steps: &[Step<'_, T>], a: &T, b: &T) -> Ordering {
    steps
        .iter()
        .map(|(_, compare)| compare(a, b))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
