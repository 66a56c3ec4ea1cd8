//! Whom mail can be for, as far as routing can tell: sites, routing groups, and classes of external addresses.

use std::collections::BTreeSet;

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
/// Edge servers read. O(routers + mailboxes + groups + spaces × (1 + accepted domains) × (spaces +
/// accepted domains)), of X.400 spaces that overlap O(spaces³).
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
    let unheard = Unheard::new(org, &texts);
    let mut classes: Vec<Recipient> = texts
        .iter()
        .filter_map(|(kind, value)| {
            Some(Recipient::AddressSpace {
                space: as_written(org, kind, value),
                example: example(org, kind, value, &spaces, &unheard)?,
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

/// What no address, domain or space of the file has a part in.
struct Unheard {
    label: String,
    letter: char,
}

impl Unheard {
    /// O(texts × length of the label), one letter more than `ANY` as a rule.
    fn new(org: &Organization, spaces: &[(String, String)]) -> Unheard {
        let mut known: Vec<&str> = spaces.iter().map(|(_, value)| value.as_str()).collect();
        known.extend(org.mailboxes().iter().map(|mailbox| mailbox.address.value().folded()));
        known.extend(org.groups().iter().map(|group| group.address.value().folded()));
        known.extend(org.accepted_domains().iter().map(|accepted| accepted.domain.folded()));
        let mut label = "ANY".to_owned();
        while known.iter().any(|text| text.contains(&label)) {
            label.push('X');
        }
        let letters: BTreeSet<char> = known.iter().flat_map(|text| text.chars()).collect();
        // Without case, and more than a file names.
        let mut without_case = ('\u{4e00}'..='\u{9fff}').chain('\u{20000}'..='\u{2a6df}');
        Unheard {
            label,
            letter: without_case
                .find(|letter| !letters.contains(letter))
                .unwrap_or('\u{3007}'),
        }
    }
}

/// An external address that none of `spaces` fits better than this one, if there is one.
///
/// What a space leaves open is filled with `ANY`, and, since that may be named elsewhere, with a label that nothing in the file
/// has a part in: if any address below a domain or with a prefix is of this class, that one is. O(spaces + accepted domains ×
/// spaces).
fn example(org: &Organization, kind: &str, value: &str, spaces: &[AddressSpace], unheard: &Unheard) -> Option<Address> {
    let own = parsed(kind, value)?;
    let label = unheard.label.as_str();
    let labels = ["ANY", label];
    let values: Vec<String> = match (kind, value.strip_suffix('*')) {
        ("SMTP", _) => {
            let below = |domain: &str| labels.map(|label| format!("{label}.{domain}"));
            let mut domains = match value.strip_prefix("*.") {
                // The domain itself comes late: it is one of its subdomains here (D25).
                Some(domain) => [below(domain).as_slice(), &[domain.to_owned()]].concat(),
                None if value == "*" => vec!["ANY.INVALID".to_owned(), format!("{label}.{label}")],
                None => vec![value.to_owned()],
            };
            // Below an authoritative domain there may be one that is not.
            for accepted in org.accepted_domains() {
                let domain = accepted.domain.folded();
                match domain.strip_prefix("*.") {
                    Some(parent) => domains.extend([format!("{label}.{parent}"), parent.to_owned()]),
                    None => domains.extend((domain != "*").then(|| domain.to_owned())),
                }
            }
            // A domain alone may be somebody's address.
            let somebody = |domain: String| [domain.clone(), format!("{label}@{domain}")];
            domains.into_iter().flat_map(somebody).collect()
        }
        ("X400", _) => {
            let open = [("C".to_owned(), "*".to_owned())].to_vec();
            let named = if value == "*" { open } else { attributes(value) };
            let filled = labels.map(|label| {
                let parts = named
                    .iter()
                    .map(|(name, value)| format!("{name}={}", if value == "*" { label } else { value }));
                parts.collect::<Vec<_>>().join(";")
            });
            // What a space names in full may be somebody's address.
            let more = |text: String| [text.clone(), format!("{text};{label}={label}")];
            filled.into_iter().flat_map(more).collect()
        }
        // After a prefix the first letter decides, since prefixes take all that begins alike.
        (_, Some(prefix)) => vec![
            format!("{prefix}ANY"),
            format!("{prefix}{label}"),
            format!("{prefix}{}{label}", unheard.letter),
        ],
        _ => vec![value.to_owned()],
    };
    let addresses = values
        .into_iter()
        .map(|value| Address::parse(&format!("{kind}:{value}")));
    let fits_best = |address: &Address| {
        let fit = own.matches(address);
        fit.is_some() && spaces.iter().all(|space| space.matches(address) <= fit)
    };
    addresses
        .into_iter()
        .find(|address| fits_best(address) && is_external(org, address))
}

/// Adds, for X.400 spaces that one address can match together, the space of these addresses. `false`: there are more.
fn join_x400(spaces: &mut Vec<(String, String)>) -> bool {
    let mut joined: Vec<Vec<(String, String)>> = spaces
        .iter()
        .filter(|(kind, _)| kind == "X400")
        .map(|(_, value)| named(value))
        .filter(|named| !named.is_empty())
        .collect();
    joined.sort();
    joined.dedup();
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

/// What an X.400 value names; `*` is any value, and says nothing.
fn named(value: &str) -> Vec<(String, String)> {
    let mut named = attributes(value);
    named.retain(|(_, value)| value != "*");
    named
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
        match both.iter().find(|(known, _)| known == name) {
            Some((_, known)) if known == value => {}
            Some(_) => return None,
            None => both.push((name.clone(), value.clone())),
        }
    }
    both.sort();
    Some(both)
}
