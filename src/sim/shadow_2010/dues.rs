//! Things that end in time: however many there are, one event stands for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::SimTime;

/// When each of some things is due. One event is put down for the first of them, so that what is gone leaves nothing behind.
#[derive(Debug)]
pub(super) struct Dues<K> {
    of: BTreeMap<K, SimTime>,
    order: BTreeSet<(SimTime, K)>,
    planned: Option<SimTime>,
}

impl<K> Default for Dues<K> {
    fn default() -> Dues<K> {
        Dues {
            of: BTreeMap::new(),
            order: BTreeSet::new(),
            planned: None,
        }
    }
}

impl<K: Copy + Ord> Dues<K> {
    pub(super) fn add(&mut self, key: K, at: SimTime) {
        self.remove(key);
        self.of.insert(key, at);
        self.order.insert((at, key));
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, key: K) -> bool {
        let at = self.of.remove(&key);
        at.is_some_and(|at| self.order.remove(&(at, key)))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        self.of.keys().copied()
    }

    /// When an event has to be put down, unless one is that is early enough.
    pub(super) fn plan(&mut self) -> Option<SimTime> {
        let (first, _) = *self.order.first()?;
        if self.planned.is_some_and(|planned| planned <= first) {
            return None;
        }
        self.planned = Some(first);
        Some(first)
    }

    /// What was planned before is void.
    pub(super) fn forget_plan(&mut self) {
        self.planned = None;
    }

    /// Takes what is due, in order; nothing at an event that is void.
    pub(super) fn take_due(&mut self, now: SimTime) -> Vec<K> {
        if self.planned.is_none_or(|planned| planned > now) {
            return Vec::new();
        }
        self.planned = None;
        let mut due = Vec::new();
        while let Some((at, key)) = self.order.first().copied().filter(|(at, _)| *at <= now) {
            self.order.remove(&(at, key));
            self.of.remove(&key);
            due.push(key);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_stands_for_all() {
        let mut dues: Dues<u32> = Dues::default();
        let at = SimTime::from_secs;
        dues.add(1, at(10));
        assert_eq!(dues.plan(), Some(at(10)));
        dues.add(2, at(20));
        assert_eq!(dues.plan(), None);
        dues.add(3, at(5));
        assert_eq!(dues.plan(), Some(at(5)));
        assert_eq!(dues.take_due(at(4)), [0; 0]);
        assert_eq!(dues.take_due(at(5)), [3]);
        assert_eq!(dues.plan(), Some(at(10)));
        assert!(dues.remove(1));
        assert!(!dues.remove(1));
        assert_eq!(dues.take_due(at(10)), [0; 0]);
        assert_eq!(dues.plan(), Some(at(20)));
        assert_eq!(dues.take_due(at(20)), [2]);
        assert_eq!(dues.plan(), None);
    }
}
