//! Whom mail can be for, as far as routing can tell: sites, routing groups, and classes of external addresses.

use crate::delivery;
use crate::model::{AcceptedDomainKind, Address, AddressSpace, Node, NodeKind, Organization};

/// A class of recipients that every router treats alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Anybody at a site or in a legacy routing group.
    Node(Node),
    /// Every external address that matches the same address spaces.
    AddressSpace {
        /// The most specific of these spaces, `TYPE:VALUE`; of X.400 spaces that overlap, their attributes together.
        space: String,
        /// One address of the class.
        example: Address,
    },
}

impl Recipient {
    /// The same for [`delivery::explain`].
    pub(super) fn for_delivery(&self) -> delivery::Recipient {
        match self {
            Recipient::Node(Node::Site(site)) => delivery::Recipient::Node(NodeKind::Site(*site)),
            Recipient::Node(Node::RoutingGroup(group)) => delivery::Recipient::Node(NodeKind::RoutingGroup(*group)),
            Recipient::AddressSpace { example, .. } => delivery::Recipient::Address(example.clone()),
        }
    }
}

/// X.400 spaces overlap without one holding the other, and every combination is a class of its own (V17).
const X400_CLASSES_MAX: usize = 256;

/// Every class of recipients: sites, routing groups, then address spaces, each in alphanumeric order. `false`: X.400 spaces
/// overlap in more ways than are looked at.
///
/// Addresses in authoritative domains are left out: they are returned wherever they start (D21, V17). So is `--`, which only
/// Edge servers read. O(spaces² · length of a space).
pub fn recipients(org: &Organization) -> (Vec<Recipient>, bool) {
    let mut all: Vec<Recipient> = org.routers().map(Recipient::Node).collect();
    let (classes, complete) = address_classes(org);
    all.extend(classes);
    (all, complete)
}

fn address_classes(org: &Organization) -> (Vec<Recipient>, bool) {
    let spaces = org.connectors().iter().flat_map(|connector| &connector.address_spaces);
    let mut texts: Vec<(String, String)> = spaces
        .filter(|space| !space.is_accepted_domains())
        .map(|space| (space.kind().folded().to_owned(), space.value().folded().to_owned()))
        .collect();
    texts.sort();
    texts.dedup();
    let complete = join_x400(&mut texts);
    let mut classes: Vec<Recipient> = texts
        .iter()
        .filter_map(|(kind, value)| {
            Some(Recipient::AddressSpace {
                space: as_written(org, kind, value),
                example: external_example(org, kind, value, &texts)?,
            })
        })
        .collect();
    classes.sort_by(|a, b| {
        let key = |class: &Recipient| match class {
            Recipient::AddressSpace { space, .. } => crate::model::Name::new(space.clone()),
            Recipient::Node(_) => unreachable!("only address spaces are made here"),
        };
        org.name_order().compare(&key(a), &key(b))
    });
    (classes, complete)
}

/// `TYPE:VALUE`, the value as it is written; of several ways to write it the first by code points.
fn as_written(org: &Organization, kind: &str, value: &str) -> String {
    let spaces = org.connectors().iter().flat_map(|connector| &connector.address_spaces);
    let same = |space: &&AddressSpace| space.kind().folded() == kind && space.value().folded() == value;
    let written = spaces.filter(same).map(|space| space.value().as_str()).min();
    format!("{kind}:{}", written.unwrap_or(value))
}

/// D21: an address of no mailbox, no group and no authoritative domain.
fn is_external(org: &Organization, address: &Address) -> bool {
    let kind = org.accepted_domain(address).map(|accepted| accepted.kind);
    let authoritative = kind == Some(AcceptedDomainKind::Authoritative);
    org.mailbox(address).is_none() && org.group(address).is_none() && !authoritative
}

/// An external address that the space fits, and no more specific one of `spaces`; `None`: there is none.
fn external_example(org: &Organization, kind: &str, value: &str, spaces: &[(String, String)]) -> Option<Address> {
    let parse = |value: &str| Address::parse(&format!("{kind}:{value}"));
    let plain = parse(&example(org, kind, value, spaces));
    if is_external(org, &plain) {
        return Some(plain);
    }
    if kind != "SMTP" {
        return None;
    }
    // Below an authoritative domain there may be one that is not; or what looks like a domain is a mailbox.
    let accepted = org.accepted_domains().iter().map(|accepted| accepted.domain.folded());
    let below = accepted
        .filter(|domain| *domain != "*")
        .map(|domain| example(org, kind, domain, spaces));
    let others = below.chain([format!("ANY@{}", plain.domain())]);
    let fits_best = |address: &Address| {
        let all = org.connectors().iter().flat_map(|connector| &connector.address_spaces);
        let best = all
            .filter_map(|space| Some((space.matches(address)?, space)))
            .max_by_key(|(fit, _)| *fit);
        best.is_some_and(|(_, space)| space.value().folded() == value)
    };
    others
        .map(|other| parse(&other))
        .find(|other| fits_best(other) && is_external(org, other))
}

/// A value that matches the space, and no more specific one of `spaces`.
fn example(org: &Organization, kind: &str, value: &str, spaces: &[(String, String)]) -> String {
    let unlisted = |make: &dyn Fn(&str) -> String| {
        let mut label = "ANY".to_owned();
        let somebody = |label: &str| {
            let address = Address::parse(&format!("{kind}:{}", make(label)));
            org.mailbox(&address).is_some() || org.group(&address).is_some()
        };
        // Every space that could match holds the label in full, so that one longer than all of them is in none.
        while spaces.iter().any(|(_, space)| space.contains(&label)) || somebody(&label) {
            label.push('X');
        }
        make(&label)
    };
    match (kind, value) {
        ("SMTP", "*") => unlisted(&|label| format!("{label}.INVALID")),
        ("SMTP", value) => match value.strip_prefix("*.") {
            Some(domain) => unlisted(&|label| format!("{label}.{domain}")),
            None => value.to_owned(),
        },
        ("X400", "*") => unlisted(&|label| format!("C={label}")),
        // With something more, since what a space names in full may be a mailbox.
        ("X400", value) => unlisted(&|label| format!("{};{label}={label}", value.replace('*', label))),
        (_, value) => match value.strip_suffix('*') {
            Some(prefix) => unlisted(&|label| format!("{prefix}{label}")),
            None => value.to_owned(),
        },
    }
}

/// Adds, for X.400 spaces that one address can match together, the space of these addresses.
fn join_x400(spaces: &mut Vec<(String, String)>) -> bool {
    let mut joined: Vec<Vec<(String, String)>> = spaces
        .iter()
        .filter(|(kind, value)| kind == "X400" && value != "*")
        .map(|(_, value)| attributes(value))
        .collect();
    let listed = joined.len();
    let mut at = 0;
    while at < joined.len() {
        for other in 0..listed {
            if let Some(both) = union(&joined[at], &joined[other])
                && !joined.contains(&both)
            {
                if joined.len() >= listed + X400_CLASSES_MAX {
                    return false;
                }
                joined.push(both);
            }
        }
        at += 1;
    }
    for attributes in &joined[listed..] {
        let parts: Vec<String> = attributes
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        spaces.push(("X400".to_owned(), parts.join(";")));
    }
    true
}

fn attributes(value: &str) -> Vec<(String, String)> {
    let parts = value.split([';', '/']).map(str::trim).filter(|part| !part.is_empty());
    let mut named: Vec<(String, String)> = parts
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    named.sort();
    named.dedup();
    named
}

/// The attributes of addresses that match both; `None` when none does.
fn union(a: &[(String, String)], b: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let mut both = a.to_vec();
    for (name, value) in b {
        match both.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) if known == value || value == "*" => {}
            Some((_, known)) if known == "*" => known.clone_from(value),
            Some(_) => return None,
            None => both.push((name.clone(), value.clone())),
        }
    }
    both.sort();
    Some(both)
}
