//! What is to come, in the order in which it happens.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
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

/// The number of classes.
const CLASSES: usize = 5;

/// Events by (instant, class, sequence): never does the order depend on anything else.
///
/// Most of what is put down comes after all that was put down of its class before: answers are for the instant that it is, and
/// hand-overs take the same time. Lines take that at their end and give it from their front, at a cost that does not grow with what
/// waits. What is for the instant that it is has lines of its own, since it comes before all the rest of its class.
#[derive(Clone, Debug)]
pub(super) struct Agenda<E> {
    /// By class, for the instant that it is and for later.
    soon: [VecDeque<Entry<E>>; CLASSES],
    later: [VecDeque<Entry<E>>; CLASSES],
    /// What came earlier than something of its line.
    others: BinaryHeap<Reverse<Entry<E>>>,
    /// The next event: its key, and where it is. It is asked for more often than it changes.
    next: Option<(Key, Place)>,
    now: SimTime,
    sequence: u64,
}

type Key = (SimTime, Class, u64);

/// Where an event is put down.
#[derive(Clone, Copy, Debug)]
enum Place {
    Soon(Class),
    Later(Class),
    Others,
}

#[derive(Clone, Debug)]
struct Entry<E> {
    at: SimTime,
    class: Class,
    sequence: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> Key {
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
            soon: [const { VecDeque::new() }; CLASSES],
            later: [const { VecDeque::new() }; CLASSES],
            others: BinaryHeap::new(),
            next: None,
            now: SimTime::ZERO,
            sequence: 0,
        }
    }
}

impl<E> Agenda<E> {
    /// Puts an event down. O(1) in order, else O(log events).
    pub(super) fn push(&mut self, at: SimTime, class: Class, event: E) {
        let sequence = self.sequence;
        self.sequence += 1;
        let key = (at, class, sequence);
        let entry = Entry {
            at,
            class,
            sequence,
            event,
        };
        let (line, in_line) = match at <= self.now {
            true => (&mut self.soon[class as usize], Place::Soon(class)),
            false => (&mut self.later[class as usize], Place::Later(class)),
        };
        let place = match line.back() {
            Some(last) if last.at > at => Place::Others,
            _ => in_line,
        };
        match place {
            Place::Others => self.others.push(Reverse(entry)),
            _ => line.push_back(entry),
        }
        if self.next.is_none_or(|(next, _)| key < next) {
            self.next = Some((key, place));
        }
    }

    /// It is `now`, though nothing was put down for that.
    pub(super) fn reach(&mut self, now: SimTime) {
        self.now = now;
    }

    /// Takes the next event. O(1) from a line, else O(log events).
    pub(super) fn pop(&mut self) -> Option<(SimTime, E)> {
        let entry = match self.next?.1 {
            Place::Soon(class) => self.soon[class as usize].pop_front()?,
            Place::Later(class) => self.later[class as usize].pop_front()?,
            Place::Others => self.others.pop()?.0,
        };
        self.now = entry.at;
        self.next = self.first();
        Some((entry.at, entry.event))
    }

    /// Looks for the next event.
    fn first(&self) -> Option<(Key, Place)> {
        let mut first: Option<(Key, Place)> = None;
        let mut look = |entry: Option<&Entry<E>>, place: fn(Class) -> Place| {
            if let Some(entry) = entry
                && first.is_none_or(|(key, _)| entry.key() < key)
            {
                first = Some((entry.key(), place(entry.class)));
            }
        };
        // What is for the instant that it is comes by class before all that comes later.
        for line in &self.soon {
            look(line.front(), Place::Soon);
        }
        for line in &self.later {
            look(line.front(), Place::Later);
        }
        look(self.others.peek().map(|Reverse(entry)| entry), |_| Place::Others);
        first
    }

    /// When the next event is, and of which class.
    pub(super) fn next(&self) -> Option<(SimTime, Class)> {
        self.next.map(|((at, class, _), _)| (at, class))
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
