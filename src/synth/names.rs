//! Names that could be those of towns.

use super::random::Stream;

const STARTS: [&str; 80] = [
    "Ash", "Alder", "Amber", "Apple", "Arrow", "Badger", "Barley", "Beacon", "Birch", "Black", "Bram", "Bridge",
    "Bright", "Brook", "Buck", "Castle", "Cedar", "Chester", "Clear", "Clover", "Cold", "Copper", "Crane", "Cross",
    "Dark", "Deer", "Drum", "Eagle", "Elm", "Fair", "Falcon", "Fern", "Fox", "Glen", "Gold", "Grand", "Green", "Grey",
    "Hal", "Hart", "Haven", "Hazel", "Heron", "High", "Holly", "Iron", "Ivy", "Juniper", "Kings", "Lake", "Lang",
    "Lark", "Lin", "Long", "Maple", "Mar", "Mill", "Moss", "Oak", "Otter", "Pine", "Queens", "Raven", "Red", "River",
    "Rose", "Salt", "Shep", "Silver", "Spring", "Stan", "Stone", "Summer", "Swan", "Thorn", "Tim", "Wake", "White",
    "Willow", "Wolf",
];

const ENDS: [&str; 64] = [
    "acre", "bank", "beck", "berg", "borough", "bourne", "brae", "burg", "burn", "bury", "by", "cliff", "combe",
    "cote", "crest", "croft", "dale", "dell", "den", "don", "down", "edge", "fall", "fell", "field", "firth", "ford",
    "garth", "gate", "grove", "hall", "ham", "haugh", "heim", "helm", "hill", "holm", "holt", "hurst", "keld", "kirk",
    "land", "leigh", "ley", "low", "marsh", "mere", "minster", "mond", "moor", "mouth", "over", "pool", "port",
    "reach", "ridge", "shaw", "side", "stead", "stoke", "thorpe", "ton", "ville", "worth",
];

/// The first is for names that stand alone.
const QUALIFIERS: [&str; 40] = [
    "",
    "North ",
    "South ",
    "East ",
    "West ",
    "New ",
    "Old ",
    "Upper ",
    "Lower ",
    "Great ",
    "Little ",
    "Port ",
    "Fort ",
    "Mount ",
    "Lake ",
    "Cape ",
    "Bay ",
    "Long ",
    "Far ",
    "Near ",
    "Inner ",
    "Outer ",
    "High ",
    "Low ",
    "Nether ",
    "Over ",
    "Royal ",
    "Abbey ",
    "Market ",
    "Castle ",
    "Bishop ",
    "Priors ",
    "Kirk ",
    "Glen ",
    "Loch ",
    "Isle ",
    "Hook ",
    "Point ",
    "Point of ",
    "Saint ",
];

/// As many different names, in an order that follows from the seed. Names of one word come first: there are 5120.
pub(super) fn site_names(count: u32, seed: u64) -> Vec<String> {
    let mut words: Vec<(&str, &str)> = STARTS
        .iter()
        .flat_map(|start| ENDS.iter().map(move |end| (*start, *end)))
        .collect();
    Stream::new(seed, "site names").shuffle(&mut words);
    QUALIFIERS
        .iter()
        .flat_map(|qualifier| words.iter().map(move |(start, end)| format!("{qualifier}{start}{end}")))
        .take(count as usize)
        .collect()
}

/// A short name for what belongs to site `number`: three letters of its name and the number, such as `OAK17`.
pub(super) fn code(name: &str, number: usize) -> String {
    let letters = name.chars().filter(char::is_ascii_alphabetic).take(3);
    let mut code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    code.push_str(&(number + 1).to_string());
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::SITES;

    #[test]
    fn there_are_enough_names_and_none_twice() {
        let mut names = site_names(*SITES.end(), 7);
        assert_eq!(names.len(), *SITES.end() as usize);
        names.iter_mut().for_each(|name| name.make_ascii_uppercase());
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None);
    }
}
