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
#[derive(Clone, Debug)]
pub(super) struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
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
            heap: BinaryHeap::new(),
            sequence: 0,
        }
    }
}

impl<E> Agenda<E> {
    /// Puts an event down. O(log events).
    pub(super) fn push(&mut self, at: SimTime, class: Class, event: E) {
        let sequence = self.sequence;
        self.sequence += 1;
        self.heap.push(Reverse(Entry {
            at,
            class,
            sequence,
            event,
        }));
    }

    /// Takes the next event. O(log events).
    pub(super) fn pop(&mut self) -> Option<(SimTime, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }

    /// When the next event is.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
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
        assert_eq!(agenda.next_at(), Some(now));
        let order: Vec<&str> = std::iter::from_fn(|| agenda.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, ["first", "second", "third", "deadline", "later"]);
    }
}
