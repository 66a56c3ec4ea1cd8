//! Copies that are alive, by number: they come and go all the time, and few of all there were are there at once.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::trace::CopyIdx;

/// Where nothing is.
const NOWHERE: u32 = u32::MAX;
/// How far numbers of copies may lie apart that are looked up by number: so many for each that is alive, and a few besides.
const APART: usize = 32;
const APART_MIN: usize = 64;

/// What is known of copies that are alive.
///
/// Each stays where it is put, and the place of one that is gone is taken by the next that comes: nothing is moved when a copy goes,
/// and what was touched last is used again first. There are never more places than there were copies at once. Copies are numbered as
/// they come, so that most of those that are alive lie close together: of them a line says by number where each is, and needs no
/// hashing. Those that stay when the others have gone are in a table.
#[derive(Clone, Debug)]
pub(super) struct Alive<T> {
    places: Vec<Option<(CopyIdx, T)>>,
    free: Vec<u32>,
    /// Where copies are from the one with the number `first` on.
    line: VecDeque<u32>,
    first: usize,
    /// Where the others are. Never iterated.
    others: FxHashMap<CopyIdx, u32>,
}

impl<T> Default for Alive<T> {
    fn default() -> Alive<T> {
        Alive {
            places: Vec::new(),
            free: Vec::new(),
            line: VecDeque::new(),
            first: 0,
            others: FxHashMap::default(),
        }
    }
}

impl<T> Alive<T> {
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    fn place(&self, copy: CopyIdx) -> Option<usize> {
        let in_line = copy.index().checked_sub(self.first);
        match in_line.and_then(|at| self.line.get(at)).copied() {
            Some(place) if place != NOWHERE => Some(place as usize),
            _ if self.others.is_empty() => None,
            _ => self.others.get(&copy).map(|place| *place as usize),
        }
    }

    pub(super) fn contains_key(&self, copy: &CopyIdx) -> bool {
        self.place(*copy).is_some()
    }

    pub(super) fn get(&self, copy: &CopyIdx) -> Option<&T> {
        let place = self.place(*copy)?;
        self.places[place].as_ref().map(|(_, known)| known)
    }

    pub(super) fn get_mut(&mut self, copy: &CopyIdx) -> Option<&mut T> {
        let place = self.place(*copy)?;
        self.places[place].as_mut().map(|(_, known)| known)
    }

    /// A copy is there from now on. What was known of it before is forgotten.
    pub(super) fn insert(&mut self, copy: CopyIdx, known: T) {
        if let Some(place) = self.place(copy) {
            self.places[place] = Some((copy, known));
            return;
        }
        let place = match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = Some((copy, known));
                place
            }
            None => {
                self.places.push(Some((copy, known)));
                u32::try_from(self.places.len() - 1).expect("copies are counted in 32 bits")
            }
        };
        self.note(copy, place);
    }

    /// Notes where a copy is.
    fn note(&mut self, copy: CopyIdx, place: u32) {
        if self.line.is_empty() {
            self.first = copy.index();
        }
        let Some(mut at) = copy.index().checked_sub(self.first) else {
            self.others.insert(copy, place);
            return;
        };
        if at >= APART * self.len() + APART_MIN {
            // Those before it are few, or long gone.
            for (before, place) in (self.first..).zip(self.line.drain(..)) {
                if place != NOWHERE {
                    self.others.insert(CopyIdx::from_usize(before), place);
                }
            }
            (self.first, at) = (copy.index(), 0);
        }
        if self.line.len() <= at {
            self.line.resize(at + 1, NOWHERE);
        }
        self.line[at] = place;
    }

    pub(super) fn remove(&mut self, copy: &CopyIdx) -> Option<T> {
        let place = self.place(*copy)?;
        let in_line = copy.index().checked_sub(self.first);
        match in_line.and_then(|at| self.line.get_mut(at)) {
            Some(place) if *place != NOWHERE => *place = NOWHERE,
            _ => {
                self.others.remove(copy);
            }
        }
        while self.line.front() == Some(&NOWHERE) {
            self.line.pop_front();
            self.first += 1;
        }
        self.free
            .push(u32::try_from(place).expect("copies are counted in 32 bits"));
        self.places[place].take().map(|(_, known)| known)
    }

    /// Which they are, in no order that means anything.
    pub(super) fn keys(&self) -> impl Iterator<Item = CopyIdx> {
        self.iter().map(|(copy, _)| *copy)
    }

    /// What is known of each, in the same order.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, known)| known)
    }

    /// All of them, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&CopyIdx, &T)> {
        self.places.iter().flatten().map(|(copy, known)| (copy, known))
    }
}

impl<T> std::ops::Index<&CopyIdx> for Alive<T> {
    type Output = T;

    fn index(&self, copy: &CopyIdx) -> &T {
        self.get(copy).expect("who asks has looked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_again() {
        let copy = CopyIdx::from_raw;
        let mut alive = Alive::default();
        for at in 0..1_000 {
            alive.insert(copy(at), at);
            if at >= 3 {
                assert_eq!(alive.remove(&copy(at - 3)), Some(at - 3));
            }
        }
        assert_eq!((alive.len(), alive.places.len()), (3, 4));
        assert!(alive.others.is_empty() && alive.line.len() == 3);
        alive.insert(copy(998), 7);
        *alive.get_mut(&copy(999)).expect("it is there") += 1;
        assert_eq!((alive[&copy(998)], alive[&copy(999)]), (7, 1_000));
        assert!(alive.get(&copy(0)).is_none() && alive.remove(&copy(0)).is_none());
        let mut all: Vec<u32> = alive.iter().map(|(_, known)| *known).collect();
        all.sort_unstable();
        assert_eq!(all, [7, 997, 1_000]);
    }

    /// One that stays costs nothing for all that pass it.
    #[test]
    fn what_stays_is_found_among_what_passes() {
        let copy = CopyIdx::from_raw;
        let mut alive = Alive::default();
        alive.insert(copy(3), 3);
        for at in 10..10_000 {
            alive.insert(copy(at), at);
            assert_eq!(alive.remove(&copy(at - 1)).is_some(), at > 10);
            assert!(alive.line.len() <= APART * 3 + APART_MIN, "{}", alive.line.len());
        }
        alive.insert(copy(1), 1);
        alive.insert(copy(100_000), 0);
        let mut all: Vec<CopyIdx> = alive.keys().collect();
        all.sort_unstable();
        assert_eq!(all, [1, 3, 9_999, 100_000].map(copy));
        assert!(
            [1, 3, 9_999, 100_000]
                .into_iter()
                .all(|at| alive.remove(&copy(at)).is_some())
        );
        assert_eq!((alive.len(), alive.line.len(), alive.others.len()), (0, 0, 0));
    }
}
