//! What is known of few things: a map in the order of its keys that needs no memory of its own for the first of them.

use smallvec::SmallVec;

/// A map in the order of its keys. Most messages are for one recipient, and most copies wait for one: a tree would take room for
/// eleven of each.
#[derive(Clone, Debug)]
pub(super) struct Ascending<K, V>(SmallVec<[(K, V); 1]>);

impl<K, V> Default for Ascending<K, V> {
    fn default() -> Ascending<K, V> {
        Ascending(SmallVec::new())
    }
}

impl<K: Copy + Ord, V> Ascending<K, V> {
    pub(super) fn new() -> Ascending<K, V> {
        Ascending::default()
    }

    fn at(&self, key: &K) -> Result<usize, usize> {
        // What comes in order goes to the end at once.
        match self.0.last() {
            Some((last, _)) if last < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(known, _)| known.cmp(key)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.at(key).is_ok()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.at(key).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.at(key).ok().map(|at| &mut self.0[at].1)
    }

    /// The value of a key, which begins as its default.
    pub(super) fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let at = match self.at(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, V::default()));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Sets a value; returns the one before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.at(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.at(key).ok().map(|at| self.0.remove(at).1)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }
}

impl<K: Copy + Ord, V> Extend<(K, V)> for Ascending<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, all: I) {
        for (key, value) in all {
            self.insert(key, value);
        }
    }
}

impl<K: Copy + Ord, V> FromIterator<(K, V)> for Ascending<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Ascending<K, V> {
        let mut map = Ascending::new();
        map.extend(all);
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ascend_however_they_come() {
        let mut map: Ascending<u32, &str> = [(5, "five"), (1, "one"), (3, "three")].into_iter().collect();
        assert_eq!(map.insert(3, "again"), Some("three"));
        *map.or_default(2) = "two";
        assert_eq!(map.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 5]);
        assert_eq!(
            map.values().copied().collect::<Vec<_>>(),
            ["one", "two", "again", "five"]
        );
        assert_eq!((map.remove(&1), map.remove(&1)), (Some("one"), None));
        assert_eq!((map.get(&5), map.get(&4)), (Some(&"five"), None));
        assert!(map.contains_key(&2) && !map.contains_key(&6));
    }
}
