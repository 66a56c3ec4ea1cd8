//! Of which queue databases a server holds shadows.

use std::collections::BTreeMap;

/// How many shadows there are of each queue database of each primary: whoever shows another one than before has lost what it was
/// given, and nobody has to look through all shadows to see that it has not.
#[derive(Debug)]
pub(super) struct Databases<P>(BTreeMap<(P, u32), usize>);

impl<P> Default for Databases<P> {
    fn default() -> Databases<P> {
        Databases(BTreeMap::new())
    }
}

impl<P: Copy + Ord> Databases<P> {
    pub(super) fn add(&mut self, primary: P, database: u32) {
        *self.0.entry((primary, database)).or_default() += 1;
    }

    pub(super) fn remove(&mut self, primary: P, database: u32) {
        let Some(count) = self.0.get_mut(&(primary, database)) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.0.remove(&(primary, database));
        }
    }

    /// Whether there is a shadow of another database of a primary.
    pub(super) fn has_others(&self, primary: P, database: u32) -> bool {
        let mut of_primary = self.0.range((primary, 0)..=(primary, u32::MAX));
        of_primary.any(|((_, other), _)| *other != database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_is_seen_as_long_as_a_shadow_of_it_is_there() {
        let mut databases = Databases::default();
        databases.add('a', 1);
        databases.add('a', 1);
        databases.add('b', 2);
        assert!(!databases.has_others('a', 1) && databases.has_others('a', 2));
        databases.add('a', 2);
        assert!(databases.has_others('a', 2));
        databases.remove('a', 1);
        assert!(databases.has_others('a', 2));
        databases.remove('a', 1);
        databases.remove('a', 1);
        assert!(!databases.has_others('a', 2) && !databases.has_others('b', 2));
    }
}
