//! Names: kept as written, compared in alphanumeric order.

use std::cmp::Ordering;

/// A name of the file, with the text by which it is compared.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) written: String,
    /// Contract, section 1: upper-cased character by character. Comparing UTF-8 is comparing code points.
    upper: String,
}

impl Name {
    pub(crate) fn new(written: &str) -> Self {
        Self {
            written: written.to_owned(),
            upper: upper(written),
        }
    }

    pub(super) fn is(&self, other: &str) -> bool {
        self.upper == upper(other)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.upper == other.upper
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.upper.cmp(&other.upper)
    }
}

/// The text without regard to case. A character whose upper case is several characters (`ß`) stays as it is.
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.chars()
        .map(|character| {
            let mut upper = character.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) => one,
                _ => character,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_compare_by_upper_case_code_points() {
        for (why, low, high) in [
            ("digits are characters", "Site10", "Site2"),
            ("case does not count", "a", "B"),
            ("an underscore is above every upper-case letter", "z", "_"),
            ("sharp s stays, it does not become SS", "sz", "ß"),
            ("a prefix is lower", "A", "A 1"),
            ("accents are upper-cased too", "éa", "Éb"),
        ] {
            assert!(Name::new(low) < Name::new(high), "{why}: {low} before {high}");
        }
        assert_eq!(Name::new("Zürich"), Name::new("zÜRICH"));
    }
}
