//! What is to come, in the order in which it happens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::model::SimTime;

/// What comes first of things that happen at the same instant (the order of criterion A59 and its like).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// Somebody learns that something has worked.
    Answer,
    /// Somebody hands something over.
    Contact,
    /// The scenario breaks or mends something.
    Fault,
    /// A deadline passes.
    Timer,
    /// Something is tried again.
    Retry,
}

/// A wait as it is set, but never none: time goes on whatever is set.
pub(super) fn some_time(wait: Duration) -> Duration {
    wait.max(Duration::from_millis(1))
}

/// Events by (instant, class, sequence): never does the order depend on anything else.
///
/// What is put down for the instant that it is, as most answers are, is kept apart from what comes later: otherwise each would
/// pass all of that twice.
#[derive(Clone, Debug)]
pub(super) struct Agenda<E> {
    later: BinaryHeap<Reverse<Entry<E>>>,
    soon: BinaryHeap<Reverse<Entry<E>>>,
    now: SimTime,
    sequence: u64,
}

#[derive(Clone, Debug)]
struct Entry<E> {
    at: SimTime,
    class: Class,
    sequence: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> (SimTime, Class, u64) {
        (self.at, self.class, self.sequence)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<E> Default for Agenda<E> {
    fn default() -> Agenda<E> {
        Agenda {
            later: BinaryHeap::new(),
            soon: BinaryHeap::new(),
            now: SimTime::ZERO,
            sequence: 0,
        }
    }
}

impl<E> Agenda<E> {
    /// Puts an event down. O(log events).
    pub(super) fn push(&mut self, at: SimTime, class: Class, event: E) {
        let sequence = self.sequence;
        self.sequence += 1;
        let heap = if at <= self.now {
            &mut self.soon
        } else {
            &mut self.later
        };
        heap.push(Reverse(Entry {
            at,
            class,
            sequence,
            event,
        }));
    }

    /// Whether the next event is one that was put down when its instant had come.
    fn next_is_soon(&self) -> bool {
        match (self.soon.peek(), self.later.peek()) {
            // The greater of two reversed ones comes first.
            (Some(soon), Some(later)) => soon > later,
            (soon, _) => soon.is_some(),
        }
    }

    /// It is `now`, though nothing was put down for that.
    pub(super) fn reach(&mut self, now: SimTime) {
        self.now = now;
    }

    /// Takes the next event. O(log events).
    pub(super) fn pop(&mut self) -> Option<(SimTime, E)> {
        let heap = if self.next_is_soon() {
            &mut self.soon
        } else {
            &mut self.later
        };
        let Reverse(entry) = heap.pop()?;
        self.now = entry.at;
        Some((entry.at, entry.event))
    }

    /// How many events are to come.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.soon.len() + self.later.len()
    }

    /// When the next event is, and of which class.
    pub(super) fn next(&self) -> Option<(SimTime, Class)> {
        let heap = if self.next_is_soon() { &self.soon } else { &self.later };
        heap.peek().map(|Reverse(entry)| (entry.at, entry.class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_is_ordered_by_class_and_then_by_arrival() {
        let mut agenda = Agenda::default();
        let later = SimTime::from_secs(2);
        let now = SimTime::from_secs(1);
        for (at, class, name) in [
            (later, Class::Answer, "later"),
            (now, Class::Timer, "deadline"),
            (now, Class::Fault, "second"),
            (now, Class::Answer, "first"),
            (now, Class::Fault, "third"),
        ] {
            agenda.push(at, class, name);
        }
        assert_eq!(agenda.next(), Some((now, Class::Answer)));
        let order: Vec<&str> = std::iter::from_fn(|| agenda.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, ["first", "second", "third", "deadline", "later"]);
    }

    /// What is put down when its instant has come keeps its place among what was there before.
    #[test]
    fn what_comes_at_once_is_in_the_same_order() {
        let mut agenda = Agenda::default();
        let at = SimTime::from_secs;
        agenda.push(at(1), Class::Answer, "begins");
        agenda.push(at(1), Class::Timer, "deadline");
        agenda.push(at(2), Class::Answer, "later");
        assert_eq!(agenda.pop(), Some((at(1), "begins")));
        agenda.push(at(1), Class::Retry, "again");
        agenda.push(at(1), Class::Answer, "answer");
        agenda.push(at(1), Class::Timer, "second deadline");
        let order: Vec<&str> = std::iter::from_fn(|| agenda.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, ["answer", "deadline", "second deadline", "again", "later"]);
    }
}
