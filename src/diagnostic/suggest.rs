//! The known word that a misspelt one was probably meant to be.

/// Whether `c` steers a terminal or hides from the reader: control characters, and those that change the direction of text
/// or show nothing.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E01EF}')
}

/// The candidate closest to `word`, if one is close enough to be worth suggesting; the first among equally close ones.
///
/// Distance is Damerau–Levenshtein over lower-cased scalars: at most a third of the word's length, or one, and less than the whole word.
/// A candidate without a character that can be seen is no help to anybody. O(candidates × length²).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let length = wanted.chars().count();
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    candidates
        .into_iter()
        // Distance is at least the difference in length: most candidates need no matrix.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .filter(|candidate| candidate.chars().any(|c| !c.is_whitespace() && !is_hidden(c)))
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = ["Lisboa", "London", "hub_site"];
        assert_eq!(nearest("Lisbon", known), Some("Lisboa"));
        assert_eq!(nearest("hubsite", known), Some("hub_site"));
        assert_eq!(nearest("Paris", known), None);
    }

    #[test]
    fn another_letter_is_no_misspelling_of_one() {
        assert_eq!(nearest("A", ["B", "AB"]), None);
        assert_eq!(nearest("a", ["B", "A"]), Some("A"));
        assert_eq!(nearest("AB", ["C", "B"]), Some("B"));
        assert_eq!(nearest("", ["B"]), None);
    }

    #[test]
    fn what_cannot_be_seen_is_not_suggested() {
        for hidden in [
            "\u{200b}",
            "\u{7}",
            "\u{3000}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{feff}",
        ] {
            assert_eq!(nearest(&format!("{hidden}a"), [hidden]), None, "{hidden:?}");
        }
        assert_eq!(nearest("Lisboa", ["Lis\u{200b}boa"]), Some("Lis\u{200b}boa"));
    }
}
