//! The known word that a misspelt one was probably meant to be.

/// The candidate closest to `word`, if one is close enough to be worth suggesting; the first among equally close ones.
///
/// Distance is Damerau–Levenshtein over lower-cased scalars, at most a third of the word's length, and at least one is
/// always allowed. O(candidates × length²).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let length = wanted.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        // Distance is at least the difference in length: most candidates need no matrix.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
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
}
