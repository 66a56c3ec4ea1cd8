//! Attributes of one object, and which of them anybody has looked at.

use crate::model::Name;

/// The attributes of one object, found without regard to case. Each look-up is remembered, so that the report can list
/// what nothing looked at without a second list of names to keep in step.
pub(super) struct Attributes<V> {
    entries: Vec<Entry<V>>,
}

struct Entry<V> {
    name: String,
    folded: String,
    value: V,
    used: bool,
}

impl<V> Attributes<V> {
    /// Attributes in the order of the file; those with several values occur several times.
    pub(super) fn new(entries: impl IntoIterator<Item = (String, V)>) -> Attributes<V> {
        let entry = |(name, value): (String, V)| Entry {
            folded: Name::fold(&name),
            name,
            value,
            used: false,
        };
        Attributes {
            entries: entries.into_iter().map(entry).collect(),
        }
    }

    /// All values of `name`.
    pub(super) fn all(&mut self, name: &str) -> Vec<&V> {
        let folded = Name::fold(name);
        let mut found = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.folded == folded) {
            entry.used = true;
            found.push(&entry.value);
        }
        found
    }

    /// The first value of `name`.
    pub(super) fn first(&mut self, name: &str) -> Option<&V> {
        self.all(name).into_iter().next()
    }

    /// Whether there is a `name`, without looking at it.
    pub(super) fn has(&self, name: &str) -> bool {
        let folded = Name::fold(name);
        self.entries.iter().any(|entry| entry.folded == folded)
    }

    /// Marks `names` as looked at: what every object has and routing has no use for.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for entry in &mut self.entries {
            entry.used |= names.iter().any(|name| entry.name.eq_ignore_ascii_case(name));
        }
    }

    /// Names that occur more than once, each once.
    pub(super) fn repeated(&self) -> Vec<&str> {
        let mut names = self.names(|_| true);
        names.sort_unstable();
        names
            .chunk_by(|(a, _), (b, _)| a == b)
            .filter(|same| same.len() > 1)
            .map(|same| same[0].1)
            .collect()
    }

    /// Names that nobody looked at, each once.
    pub(super) fn unused(&self) -> Vec<&str> {
        let mut names = self.names(|entry| !entry.used);
        names.sort_unstable();
        names.dedup_by_key(|(folded, _)| *folded);
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Folded names and names as written.
    fn names(&self, wanted: impl Fn(&Entry<V>) -> bool) -> Vec<(&str, &str)> {
        let entries = self.entries.iter().filter(|entry| wanted(entry));
        entries
            .map(|entry| (entry.folded.as_str(), entry.name.as_str()))
            .collect()
    }
}
