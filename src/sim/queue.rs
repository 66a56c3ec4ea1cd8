//! A delivery queue: what waits, in the order in which it is handed on, and when something in it is due.

use std::collections::{BTreeSet, VecDeque};

use super::state::Waiting;
use crate::model::SimTime;

/// A delivery queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    /// What waits, with its place; places ascend.
    waiting: VecDeque<(i64, Waiting)>,
    /// When what waits is due, by place. It is kept from when it is asked for until the queue is empty: mail that goes on at
    /// once passes without. What is gone is still listed, and passed over when it is its turn.
    dues: Option<BTreeSet<(SimTime, i64)>>,
    /// Tries that failed in a row; 0: it is not in Retry.
    pub(super) failures: u32,
    /// When the first of them was.
    pub(super) failing_since: SimTime,
    /// When it is tried again, if it is in Retry.
    pub(super) retry_at: Option<SimTime>,
    /// When something in it is next told late, returned, or routed anew.
    pub(super) deadline: Option<SimTime>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Waiting> {
        self.waiting.iter().map(|(_, waiting)| waiting)
    }

    pub(super) fn into_waiting(self) -> impl Iterator<Item = Waiting> {
        self.waiting.into_iter().map(|(_, waiting)| waiting)
    }

    /// Something waits from now on, after all others. `due`: when, as [`Queue::next_due`] is told; asked where that matters.
    pub(super) fn push_back(&mut self, waiting: Waiting, due: impl FnOnce(&Waiting) -> Option<SimTime>) {
        let place = self.waiting.back().map_or(0, |(last, _)| last + 1);
        self.note_due(place, &waiting, due);
        self.waiting.push_back((place, waiting));
    }

    /// The same before all others.
    pub(super) fn push_front(&mut self, waiting: Waiting, due: impl FnOnce(&Waiting) -> Option<SimTime>) {
        let place = self.waiting.front().map_or(0, |(first, _)| first - 1);
        self.note_due(place, &waiting, due);
        self.waiting.push_front((place, waiting));
    }

    fn note_due(&mut self, place: i64, waiting: &Waiting, due: impl FnOnce(&Waiting) -> Option<SimTime>) {
        if let Some(dues) = &mut self.dues
            && let Some(due) = due(waiting)
        {
            dues.insert((due, place));
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<Waiting> {
        let (_, waiting) = self.waiting.pop_front()?;
        self.forget_dues_if_empty();
        Some(waiting)
    }

    /// Takes what waits and for which something holds, in order.
    pub(super) fn extract(&mut self, holds: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let all = std::mem::take(&mut self.waiting);
        let (taken, left) = all.into_iter().partition(|(_, waiting)| holds(waiting));
        self.waiting = left;
        self.forget_dues_if_empty();
        let taken: VecDeque<(i64, Waiting)> = taken;
        taken.into_iter().map(|(_, waiting)| waiting).collect()
    }

    fn forget_dues_if_empty(&mut self) {
        if self.waiting.is_empty() {
            self.dues = None;
        }
    }

    fn at(&self, place: i64) -> Option<usize> {
        self.waiting.binary_search_by_key(&place, |(place, _)| *place).ok()
    }

    /// When something that waits is next due. `due` says when each is, and may say later what it has said before, never earlier.
    /// O(log waiting) when it was asked before, and what is no longer due.
    pub(super) fn next_due(&mut self, due: impl Fn(&Waiting) -> Option<SimTime>) -> Option<SimTime> {
        let mut dues = self.dues.take().unwrap_or_else(|| {
            let all = self.waiting.iter();
            all.filter_map(|(place, waiting)| Some((due(waiting)?, *place)))
                .collect()
        });
        let next = loop {
            let Some((at, place)) = dues.first().copied() else {
                break None;
            };
            let now = self.at(place).and_then(|index| due(&self.waiting[index].1));
            if now == Some(at) {
                break now;
            }
            dues.pop_first();
            dues.extend(now.map(|now| (now, place)));
        };
        self.dues = (!self.waiting.is_empty()).then_some(dues);
        next
    }

    /// What is due by now, with its place, in the order in which it waits; `due` as in [`Queue::next_due`].
    pub(super) fn due_by(&mut self, now: SimTime, due: impl Fn(&Waiting) -> Option<SimTime>) -> Vec<(i64, Waiting)> {
        self.next_due(&due);
        let dues = self.dues.iter().flatten();
        let mut places: Vec<i64> = dues.take_while(|(at, _)| *at <= now).map(|(_, place)| *place).collect();
        places.sort_unstable();
        places.dedup();
        let found = places
            .into_iter()
            .filter_map(|place| Some(&self.waiting[self.at(place)?]));
        found
            .filter(|(_, waiting)| due(waiting).is_some_and(|at| at <= now))
            .cloned()
            .collect()
    }

    /// Takes something out that [`Queue::due_by`] has named. Nothing happens when it is not there any more.
    pub(super) fn remove(&mut self, place: i64, known: &Waiting) {
        let same = |index: &usize| {
            let waiting = &self.waiting[*index].1;
            waiting.copy == known.copy && waiting.recipients == known.recipients
        };
        if let Some(index) = self.at(place).filter(same) {
            self.waiting.remove(index);
            self.forget_dues_if_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::sim::trace::CopyIdx;

    fn waiting(copy: u32) -> Waiting {
        Waiting {
            copy: CopyIdx::from_raw(copy),
            recipients: Default::default(),
            rings: Rc::default(),
        }
    }

    fn due(waiting: &Waiting) -> Option<SimTime> {
        let copy = u64::try_from(waiting.copy.index()).expect("few copies");
        Some(SimTime::from_secs(100 - copy))
    }

    fn copies(of: impl IntoIterator<Item = Waiting>) -> Vec<usize> {
        of.into_iter().map(|waiting| waiting.copy.index()).collect()
    }

    #[test]
    fn what_is_due_first_is_found_wherever_it_waits() {
        let mut queue = Queue::default();
        for copy in [3, 7, 5] {
            queue.push_back(waiting(copy), |_| unreachable!("nobody has asked yet"));
        }
        assert_eq!(queue.next_due(due), Some(SimTime::from_secs(93)));
        queue.push_back(waiting(9), due);
        queue.push_front(waiting(8), due);
        assert_eq!(queue.next_due(due), Some(SimTime::from_secs(91)));
        assert_eq!(copies(queue.iter().cloned()), [8, 3, 7, 5, 9]);
        let all = queue.due_by(SimTime::from_secs(93), due);
        assert_eq!(copies(all.iter().map(|(_, waiting)| waiting.clone())), [8, 7, 9]);
        for (place, known) in &all[1..] {
            queue.remove(*place, known);
        }
        assert_eq!(copies(queue.iter().cloned()), [8, 3, 5]);
        assert_eq!(queue.next_due(due), Some(SimTime::from_secs(92)));
        // It is told late, and is due later.
        let told = |waiting: &Waiting| due(waiting).map(|at| at + std::time::Duration::from_secs(50));
        assert_eq!(queue.next_due(told), Some(SimTime::from_secs(142)));
        assert_eq!(copies(queue.extract(|waiting| waiting.copy.index() == 3)), [3]);
        assert_eq!(copies(queue.into_waiting()), [8, 5]);
    }

    /// A thousand that wait cost a thousand looks at when they are due, not a thousand each.
    #[test]
    fn what_waits_is_not_looked_at_for_each_that_comes() {
        let looks = Cell::new(0u32);
        let counted = |waiting: &Waiting| {
            looks.set(looks.get() + 1);
            due(waiting).map(|at| at + std::time::Duration::from_secs(10 * waiting.copy.index() as u64))
        };
        let mut queue = Queue::default();
        for copy in 0..100 {
            queue.push_back(waiting(copy), counted);
            queue.next_due(counted);
        }
        assert!(looks.get() <= 300, "{}", looks.get());
        let mut gone = 0;
        while let Some(next) = queue.next_due(counted) {
            for (place, known) in queue.due_by(next, counted) {
                queue.remove(place, &known);
                gone += 1;
            }
        }
        assert_eq!(gone, 100);
        assert!(looks.get() <= 1_000, "{}", looks.get());
    }
}
