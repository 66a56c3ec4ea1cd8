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
    let spaces: Vec<AddressSpace> = texts.iter().filter_map(|(kind, value)| parsed(kind, value)).collect();
    let stranger = stranger(org);
    let mut classes: Vec<Recipient> = texts
        .iter()
        .filter_map(|(kind, value)| {
            Some(Recipient::AddressSpace {
                space: as_written(org, kind, value),
                example: example(org, kind, value, &spaces, &stranger)?,
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

fn parsed(kind: &str, value: &str) -> Option<AddressSpace> {
    AddressSpace::parse(&format!("{kind}:{value};1")).ok()
}

/// D21: an address of no mailbox, no group and no authoritative domain.
fn is_external(org: &Organization, address: &Address) -> bool {
    let kind = org.accepted_domain(address).map(|accepted| accepted.kind);
    let authoritative = kind == Some(AcceptedDomainKind::Authoritative);
    org.mailbox(address).is_none() && org.group(address).is_none() && !authoritative
}

/// Text that is part of the address of no mailbox and no group.
fn stranger(org: &Organization) -> String {
    let mailboxes = org.mailboxes().iter().map(|mailbox| mailbox.address.value().folded());
    let known: Vec<&str> = mailboxes
        .chain(org.groups().iter().map(|group| group.address.value().folded()))
        .collect();
    let mut text = "ANY".to_owned();
    while known.iter().any(|address| address.contains(&text)) {
        text.push('X');
    }
    text
}

/// An external address that none of `spaces` fits better than this one, if there is one.
///
/// Every space and every accepted domain takes one label at most, but for those that take all of them, so that one label
/// more than there are of both decides. O(labels × spaces), one label as a rule.
fn example(org: &Organization, kind: &str, value: &str, spaces: &[AddressSpace], stranger: &str) -> Option<Address> {
    let own = parsed(kind, value)?;
    let tries = spaces.len() + org.accepted_domains().len() + 1;
    let labels = (0..tries).map(|number| match number {
        0 => "ANY".to_owned(),
        _ => format!("ANY{number}"),
    });
    // Below an authoritative domain there may be one that is not.
    let accepted = org.accepted_domains().iter();
    let accepted = accepted.flat_map(|accepted| below(accepted.domain.folded()));
    // What a value alone names may be a mailbox.
    let values: Box<dyn Iterator<Item = [String; 2]>> = match (kind, value) {
        ("SMTP", "*") => {
            let nowhere = labels.map(|label| format!("{label}.{}", label.replace("ANY", "INVALID")));
            Box::new(nowhere.chain(accepted).map(|domain| at(domain, stranger)))
        }
        ("SMTP", value) => match value.strip_prefix("*.") {
            // The domain itself comes late: it is one of its subdomains here (D25).
            Some(domain) => {
                let subdomains = labels.map(move |label| format!("{label}.{domain}"));
                let all = subdomains.chain([domain.to_owned()]).chain(accepted);
                Box::new(all.map(|domain| at(domain, stranger)))
            }
            None => Box::new(std::iter::once(at(value.to_owned(), stranger))),
        },
        ("X400", _) => {
            let named = if value == "*" {
                vec![("C".to_owned(), "*".to_owned())]
            } else {
                attributes(value)
            };
            Box::new(labels.map(move |label| {
                let filled = |value: &str| if value == "*" { label.clone() } else { value.to_owned() };
                let parts: Vec<String> = named
                    .iter()
                    .map(|(name, value)| format!("{name}={}", filled(value)))
                    .collect();
                let parts = parts.join(";");
                let more = format!("{parts};{stranger}={stranger}");
                [parts, more]
            }))
        }
        (_, value) => match value.strip_suffix('*') {
            Some(prefix) => {
                // After a prefix the first letter decides, since prefixes take all that begins alike. Characters without case:
                // there are more of them than spaces in a file.
                let letters = ('A'..='Z').chain('0'..='9').chain('\u{4e00}'..='\u{9fff}').take(tries);
                let first = [format!("{prefix}ANY"), format!("{prefix}{stranger}")];
                let others =
                    letters.map(move |letter| [format!("{prefix}{letter}"), format!("{prefix}{letter}{stranger}")]);
                Box::new(std::iter::once(first).chain(others))
            }
            None => Box::new(std::iter::once([value.to_owned(), value.to_owned()])),
        },
    };
    values
        .flatten()
        .map(|value| Address::parse(&format!("{kind}:{value}")))
        .find(|address| {
            let best = spaces.iter().filter_map(|space| space.matches(address)).max();
            own.matches(address).is_some() && own.matches(address) >= best && is_external(org, address)
        })
}

/// A domain, and somebody in it.
fn at(domain: String, somebody: &str) -> [String; 2] {
    let address = format!("{somebody}@{domain}");
    [domain, address]
}

/// Domains that an accepted domain takes.
fn below(accepted: &str) -> Vec<String> {
    match accepted.strip_prefix("*.") {
        Some(domain) => vec![format!("ANY.{domain}"), domain.to_owned()],
        None if accepted == "*" => Vec::new(),
        None => vec![accepted.to_owned()],
    }
}

/// Adds, for X.400 spaces that one address can match together, the space of these addresses. `false`: there are more.
fn join_x400(spaces: &mut Vec<(String, String)>) -> bool {
    let mut joined: Vec<Vec<(String, String)>> = spaces
        .iter()
        .filter(|(kind, value)| kind == "X400" && value != "*")
        .map(|(_, value)| attributes(value))
        .collect();
    let listed = joined.len();
    let mut complete = true;
    let mut at = 0;
    while at < joined.len() && complete {
        for other in 0..listed {
            if let Some(both) = union(&joined[at], &joined[other])
                && !joined.contains(&both)
            {
                complete = joined.len() < listed + X400_CLASSES_MAX;
                if !complete {
                    break;
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
    complete
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
