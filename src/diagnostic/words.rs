//! Numbers, lists and quotations in sentences, the same wherever a sentence is made.

use std::borrow::Cow;
use std::fmt::Display;

/// `text`, cut if it is long: nobody reads a message of a megabyte.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const CHARS_MAX: usize = 60;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// `1 server`, `2 servers`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(n: N, noun: &str) -> String {
    counted_as(n, noun, &format!("{noun}s"))
}

/// The same where more than an `s` tells many from one: `1 more class of messages`, `2 legacy servers are`.
pub(crate) fn counted_as<N: Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    let noun = if n == N::from(1) { one } else { many };
    format!("{n} {noun}")
}

/// `a`, `a and b`, `a, b and c`; nothing of an empty list.
pub(crate) fn enumeration(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

/// Names that a sentence lists; the others are counted.
const NAMES_SHOWN: usize = 5;

/// `none`, `A`, `A and B`, `A, B, C, D, E and 3 more`.
pub(crate) fn some_names<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<String> = all.into_iter().map(|name| name.to_string()).collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    if names.len() > NAMES_SHOWN {
        let more = format!("{} more", names.len() - NAMES_SHOWN);
        names.truncate(NAMES_SHOWN);
        names.push(more);
    }
    enumeration(&names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_and_counted() {
        assert_eq!(some_names([""; 0]), "none");
        assert_eq!(some_names(["A"]), "A");
        assert_eq!(some_names(["A", "B"]), "A and B");
        assert_eq!(some_names(1..=5), "1, 2, 3, 4 and 5");
        assert_eq!(some_names(1..=8), "1, 2, 3, 4, 5 and 3 more");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            [counted(1_usize, "site"), counted(0_usize, "site")],
            ["1 site", "0 sites"]
        );
        let classes = |n: u64| counted_as(n, "class", "classes");
        assert_eq!([classes(1), classes(21)], ["1 class", "21 classes"]);
    }
}
