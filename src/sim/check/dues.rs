//! What has a last moment, the first of them first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::model::SimTime;
use crate::sim::trace::CopyIdx;

/// What has a last moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// Mail is returned (T12).
    Expiry,
    /// The sender hears that it is late (T20).
    Delay,
    /// A shadow goes (T13).
    Shadow,
    /// What is kept goes (T7, T11).
    Kept,
    /// A notification goes (T5).
    Discard,
}

const KINDS: [Due; 5] = [Due::Expiry, Due::Delay, Due::Shadow, Due::Kept, Due::Discard];

/// What is due when, and of which copy: in the order of (instant, what, copy).
///
/// Each kind comes so long after something that happens now, nearly always the same time. So it comes in order, and a line for each
/// kind takes it at its end at once. What does not come in order goes to a heap.
#[derive(Debug, Default)]
pub(super) struct Dues {
    lines: [VecDeque<(SimTime, CopyIdx)>; KINDS.len()],
    others: BinaryHeap<Reverse<(SimTime, Due, CopyIdx)>>,
}

impl Dues {
    pub(super) fn push(&mut self, at: SimTime, due: Due, copy: CopyIdx) {
        let line = &mut self.lines[due as usize];
        if line.back().is_none_or(|last| *last <= (at, copy)) {
            line.push_back((at, copy));
        } else {
            self.others.push(Reverse((at, due, copy)));
        }
    }

    /// Takes the first, if it is due before an instant.
    pub(super) fn pop_before(&mut self, before: SimTime) -> Option<(SimTime, Due, CopyIdx)> {
        let heads = KINDS.into_iter().zip(&self.lines);
        let heads = heads.filter_map(|(due, line)| line.front().map(|(at, copy)| (*at, due, *copy)));
        let in_line = heads.filter(|(at, ..)| *at < before).min();
        let other = self.others.peek().map(|Reverse(next)| *next);
        match (in_line, other.filter(|(at, ..)| *at < before)) {
            (in_line, Some(other)) if in_line.is_none_or(|in_line| other < in_line) => {
                self.others.pop();
                Some(other)
            }
            (in_line, _) => {
                let (at, due, copy) = in_line?;
                self.lines[due as usize].pop_front();
                Some((at, due, copy))
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum::<usize>() + self.others.len()
    }

    /// Forgets what is due of other copies than these.
    pub(super) fn retain(&mut self, is_known: impl Fn(CopyIdx) -> bool) {
        for line in &mut self.lines {
            line.retain(|(_, copy)| is_known(*copy));
        }
        self.others.retain(|Reverse((_, _, copy))| is_known(*copy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_comes_first_in_whatever_order_they_were_noted() {
        let mut dues = Dues::default();
        let noted = [
            (5, Due::Expiry, 1),
            (3, Due::Delay, 1),
            (5, Due::Expiry, 2),
            (4, Due::Expiry, 3),
            (5, Due::Delay, 0),
            (4, Due::Delay, 4),
            (9, Due::Kept, 5),
        ];
        let noted = noted.map(|(at, due, copy)| (SimTime::from_secs(at), due, CopyIdx::from_raw(copy)));
        noted.into_iter().for_each(|(at, due, copy)| dues.push(at, due, copy));
        assert_eq!(dues.len(), 7);
        dues.retain(|copy| copy.index() != 4);
        let mut sorted: Vec<_> = noted.into_iter().filter(|(.., copy)| copy.index() != 4).collect();
        sorted.sort_unstable();
        assert_eq!(dues.pop_before(SimTime::from_secs(3)), None);
        let all: Vec<_> = std::iter::from_fn(|| dues.pop_before(SimTime::from_secs(9))).collect();
        assert_eq!(all, sorted[..5]);
        assert_eq!(dues.len(), 1);
    }
}
