//! Names as a format writes them, made once: a table of 10,000 sites says each of them a hundred thousand times.

use crate::model::{Node, Organization};
use crate::route::Leg;

/// Texts side by side, each with what a format wants to know of it.
struct Texts<T> {
    text: String,
    /// Where each ends.
    entries: Vec<(usize, T)>,
}

impl<T: Copy> Texts<T> {
    /// What `write` appends for each of these names, and what it says of it.
    fn new<'n>(names: impl Iterator<Item = &'n str>, mut write: impl FnMut(&mut String, &str) -> T) -> Texts<T> {
        let mut text = String::new();
        let entries = names
            .map(|name| {
                let about = write(&mut text, name);
                (text.len(), about)
            })
            .collect();
        Texts { text, entries }
    }

    fn get(&self, at: usize) -> (&str, T) {
        let start = at.checked_sub(1).map_or(0, |before| self.entries[before].0);
        let (end, about) = self.entries[at];
        (&self.text[start..end], about)
    }
}

/// The names of everything that a route passes.
pub(super) struct Words<T = ()> {
    sites: Texts<T>,
    groups: Texts<T>,
    site_links: Texts<T>,
    connectors: Texts<T>,
}

/// What a name is of.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Site,
    RoutingGroup,
    /// A site link or a connector.
    Leg,
}

impl<T: Copy> Words<T> {
    /// What `write` appends for each name. O(what it writes).
    pub(super) fn new(org: &Organization, write: impl Fn(&mut String, Kind, &str) -> T) -> Words<T> {
        let of = |kind| {
            let write = &write;
            move |text: &mut String, name: &str| write(text, kind, name)
        };
        Words {
            sites: Texts::new(org.sites().iter().map(|site| site.name.as_str()), of(Kind::Site)),
            groups: Texts::new(
                org.routing_groups().iter().map(|group| group.name.as_str()),
                of(Kind::RoutingGroup),
            ),
            site_links: Texts::new(org.site_links().iter().map(|link| link.name.as_str()), of(Kind::Leg)),
            connectors: Texts::new(
                org.routing_group_connectors()
                    .iter()
                    .map(|connector| connector.name.as_str()),
                of(Kind::Leg),
            ),
        }
    }

    /// The text of a node, and what was said of it.
    pub(super) fn node(&self, node: Node) -> (&str, T) {
        match node {
            Node::Site(site) => self.sites.get(site.index()),
            Node::RoutingGroup(group) => self.groups.get(group.index()),
        }
    }

    /// The same of a link or connector.
    pub(super) fn leg(&self, leg: Leg) -> (&str, T) {
        match leg {
            Leg::SiteLink(link) => self.site_links.get(link.index()),
            Leg::Connector(connector) => self.connectors.get(connector.index()),
        }
    }
}

/// Appends a whole number in digits.
pub(super) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    // 20 digits are enough for any.
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_digits() {
        for number in [0, 7, 10, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(String::from_utf8(out), Ok(number.to_string()));
        }
    }
}
