//! What has to be claimed: whom mail can be for, and which messages are told apart (V17–V19), as the checker works it out.
//!
//! Neither is taken from the search. Of every address and every message one example is made for each way in which spaces,
//! limits and lists can fit, and each must fit like something that is claimed.

use std::collections::{BTreeMap, BTreeSet};

use super::super::format::{Letter, Origin, Urgency, Whom};
use super::ground::Ground;
use crate::diagnostic::shortened;
use crate::model::{
    AcceptedDomainKind, Address, AddressSpace, Message, MessageType, Node, Organization, Priority, Restrictions,
    RoutingGroupIdx, Schedule, SiteIdx, SizeLimit, WeekMinute,
};

/// What routers tell recipients apart by: where, or which address spaces fit, by position in [`Spaces`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Recipient {
    Node(Node),
    Outside(Vec<usize>),
}

/// Distinct address spaces of all connectors.
pub(super) struct Spaces<'a> {
    org: &'a Organization,
    all: Vec<&'a AddressSpace>,
    sites: BTreeMap<&'a str, SiteIdx>,
    groups: BTreeMap<&'a str, RoutingGroupIdx>,
}

impl<'a> Spaces<'a> {
    pub(super) fn new(org: &'a Organization) -> Spaces<'a> {
        let spaces = org.connectors().iter().flat_map(|connector| &connector.address_spaces);
        let distinct: BTreeMap<(&str, &str), &AddressSpace> = spaces
            .filter(|space| !space.is_accepted_domains())
            .map(|space| ((space.kind().folded(), space.value().folded()), space))
            .collect();
        let sites = org.sites().iter_enumerated();
        let groups = org.routing_groups().iter_enumerated();
        Spaces {
            org,
            all: distinct.into_values().collect(),
            sites: sites.map(|(site, entry)| (entry.name.as_str(), site)).collect(),
            groups: groups.map(|(group, entry)| (entry.name.as_str(), group)).collect(),
        }
    }

    /// What a claim is about; for external addresses with the address. `None`: there is no such recipient.
    pub(super) fn recipient(&self, whom: &Whom) -> Option<(Recipient, Option<Address>)> {
        let node = match whom {
            Whom::Address(text) => {
                let address = Address::parse(text);
                let external = is_external(self.org, &address);
                return external.then(|| (Recipient::Outside(self.fitting(&address)), Some(address)));
            }
            Whom::Site(name) => Node::Site(*self.sites.get(name.as_str())?),
            Whom::RoutingGroup(name) => Node::RoutingGroup(*self.groups.get(name.as_str())?),
        };
        self.org.is_router(node).then_some((Recipient::Node(node), None))
    }

    fn fitting(&self, address: &Address) -> Vec<usize> {
        let spaces = self.all.iter().enumerate();
        spaces
            .filter(|(_, space)| space.matches(address).is_some())
            .map(|(at, _)| at)
            .collect()
    }

    /// Every recipient for which something has to be claimed, with what to call it. X.400 addresses that more spaces fit than
    /// those of a recipient that is not `claimed` are left out. O(spaces²), of X.400 for each recipient.
    pub(super) fn needed(&self, claimed: &BTreeSet<Recipient>) -> BTreeMap<Recipient, String> {
        let mut needed = BTreeMap::new();
        for node in self.org.routers() {
            let kind = if matches!(node, Node::Site(_)) { "site" } else { "rg" };
            needed.insert(Recipient::Node(node), format!("{kind}:{}", self.org.node_name(node)));
        }
        let new = self.new_label();
        let mut examples = self.plain_examples(&new);
        examples.retain(|address| is_external(self.org, address));
        let mut pending = vec![BTreeMap::new()];
        let mut seen = BTreeSet::new();
        while let Some(attributes) = pending.pop() {
            let address = x400_address(&attributes, &new);
            let recipient = Recipient::Outside(self.fitting(&address));
            if seen.insert(recipient.clone()) {
                // Beyond what is not claimed there may be thousands, and one is enough to refuse the certificate.
                if claimed.contains(&recipient) || attributes.is_empty() {
                    pending.extend(self.x400_larger(&attributes));
                }
                examples.push(address);
            }
        }
        for address in examples {
            let fitting = self.fitting(&address);
            let closest = fitting.iter().max_by_key(|at| self.all[**at].matches(&address));
            if let Some(space) = closest.map(|at| self.all[*at]) {
                let text = format!("{}:{}", space.kind(), space.value());
                needed.entry(Recipient::Outside(fitting)).or_insert(text);
            }
        }
        needed
    }

    /// Text that is part of no name of an address, domain or space.
    fn new_label(&self) -> String {
        let org = self.org;
        let mut taken: Vec<&str> = self.all.iter().map(|space| space.value().folded()).collect();
        taken.extend(org.accepted_domains().iter().map(|accepted| accepted.domain.folded()));
        taken.extend(org.mailboxes().iter().map(|mailbox| mailbox.address.value().folded()));
        taken.extend(org.groups().iter().map(|group| group.address.value().folded()));
        let longest = taken.iter().map(|text| text.len()).max().unwrap_or(0);
        "Z".repeat(longest + 1)
    }

    /// A letter that is in no space, so that no longer prefix takes what it begins.
    fn new_letter(&self) -> char {
        let taken: BTreeSet<char> = self
            .all
            .iter()
            .flat_map(|space| space.value().folded().chars())
            .collect();
        let mut letters = ('\u{4e00}'..='\u{9fff}').chain('\u{20000}'..='\u{2a6df}');
        letters.find(|letter| !taken.contains(letter)).unwrap_or('\u{e000}')
    }

    /// One address for each space but those of X.400, and, since accepted domains tell SMTP addresses apart too, for each of
    /// these: what it names, or something that no other names below it.
    fn plain_examples(&self, new: &str) -> Vec<Address> {
        let accepted = self.org.accepted_domains().iter();
        let accepted = accepted.map(|accepted| ("SMTP", accepted.domain.folded()));
        let spaces = self
            .all
            .iter()
            .map(|space| (space.kind().folded(), space.value().folded()));
        let examples = |(kind, value): (&str, &str)| match (kind, value.strip_suffix('*')) {
            ("X400", _) => Vec::new(),
            ("SMTP", Some(_)) => vec![format!("SMTP:{new}@{new}")],
            ("SMTP", None) => match value.strip_prefix("*.") {
                Some(domain) => vec![format!("SMTP:{new}@{new}.{domain}"), format!("SMTP:{new}@{domain}")],
                None => vec![format!("SMTP:{new}@{value}")],
            },
            (kind, Some(prefix)) => vec![format!("{kind}:{prefix}{}{new}", self.new_letter())],
            (kind, None) => vec![format!("{kind}:{value}")],
        };
        accepted
            .chain(spaces)
            .flat_map(examples)
            .map(|text| Address::parse(&text))
            .collect()
    }

    /// `attributes` and those that one space more names, for every X.400 space that does not contradict them.
    fn x400_larger(&self, attributes: &BTreeMap<String, String>) -> Vec<BTreeMap<String, String>> {
        let x400 = self
            .all
            .iter()
            .filter(|space| space.kind().folded() == "X400" && space.value().folded() != "*");
        let joined = x400.filter_map(|space| {
            let mut joined = attributes.clone();
            for (name, value) in x400_attributes(space.value().folded()) {
                if value != "*" && joined.entry(name).or_insert_with(|| value.clone()) != &value {
                    return None;
                }
            }
            Some(joined)
        });
        joined.collect()
    }
}

/// An X.400 address with these attributes and one that no space names.
fn x400_address(attributes: &BTreeMap<String, String>, new: &str) -> Address {
    let named = attributes.iter().map(|(name, value)| format!("{name}={value};"));
    Address::parse(&format!("X400:{}{new}={new}", named.collect::<String>()))
}

fn x400_attributes(value: &str) -> Vec<(String, String)> {
    let parts = value.split([';', '/']).filter_map(|part| part.split_once('='));
    parts
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// D21: in no mailbox, no group, and no authoritative domain.
fn is_external(org: &Organization, address: &Address) -> bool {
    let kind = org.accepted_domain(address).map(|accepted| accepted.kind);
    org.mailbox(address).is_none() && org.group(address).is_none() && kind != Some(AcceptedDomainKind::Authoritative)
}

/// What routers tell messages apart by: how many limits are too small, whether that counts for 2007 and later, and which
/// lists of restrictions let it through, by position in [`Kinds`].
pub(super) type Kind = (usize, bool, usize);

/// Kinds of messages.
pub(super) struct Kinds<'a> {
    lists: Vec<&'a Restrictions>,
    /// Every limit, ascending.
    limits: Vec<u64>,
    /// What lists let through, each once.
    passing: BTreeMap<Vec<bool>, usize>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(ground: &Ground<'a>) -> Kinds<'a> {
        let org = ground.org;
        let between = org.routing_group_connectors().iter();
        let outside = org.connectors().iter_enumerated();
        let links = org.site_links().iter().map(|link| link.max_message_size);
        let limits = links.chain(between.clone().map(|connector| connector.max_message_size));
        let limits = limits.chain(outside.clone().map(|(index, _)| ground.limit(index)));
        let limits: BTreeSet<u64> = limits
            .filter_map(|limit| match limit {
                SizeLimit::Bytes(bytes) => Some(bytes),
                SizeLimit::Unlimited => None,
            })
            .collect();
        let lists = between.map(|connector| &connector.restrictions);
        Kinds {
            lists: lists
                .chain(outside.map(|(_, connector)| &connector.restrictions))
                .collect(),
            limits: limits.into_iter().collect(),
            passing: BTreeMap::new(),
        }
    }

    /// O(limits + lists × names).
    pub(super) fn of(&mut self, message: &Message) -> Kind {
        let too_small = message
            .size
            .map_or(0, |size| self.limits.partition_point(|limit| *limit < size));
        let passing = self.lists.iter().map(|list| message.passes(list)).collect();
        let next = self.passing.len();
        let passing = *self.passing.entry(passing).or_insert(next);
        (too_small, message.size_for_2007().is_some(), passing)
    }

    /// A minute for every set of connectors with windows that are open together; `None`: none has windows.
    ///
    /// Which are open changes only where a window begins or ends, so that no other minutes have to be looked at. O(windows × lists).
    fn minutes(&self) -> Vec<Option<WeekMinute>> {
        let schedules = self.lists.iter().map(|list| &list.schedule);
        let windows = schedules.clone().flat_map(|schedule| match schedule {
            Schedule::Windows(windows) => windows.as_slice(),
            Schedule::Always | Schedule::Never => &[],
        });
        let mut edges: BTreeSet<WeekMinute> = windows.flat_map(|window| [window.opens(), window.closes()]).collect();
        if edges.is_empty() {
            return vec![None];
        }
        edges.insert(WeekMinute::FIRST);
        let mut together: BTreeMap<Vec<bool>, WeekMinute> = BTreeMap::new();
        for at in edges {
            let open = schedules.clone().map(|schedule| schedule.is_open(Some(at)));
            together.entry(open.collect()).or_insert(at);
        }
        together.into_values().map(Some).collect()
    }

    /// Every kind for which something has to be claimed. O(senders × minutes that differ × lists × names + limits).
    pub(super) fn needed(&mut self) -> BTreeSet<Kind> {
        let named = self.lists.iter();
        let named = named.flat_map(|list| list.allowed_senders.iter().chain(&list.denied_senders));
        let senders: Vec<Option<Address>> = std::iter::once(None).chain(named.cloned().map(Some)).collect();
        let above = self.limits.last().and_then(|largest| largest.checked_add(1));
        let mut sizes: Vec<Option<u64>> = self.limits.iter().copied().chain(above).map(Some).collect();
        if sizes.is_empty() {
            sizes.push(None);
        }
        // V19: as far as a list looks at it, or a limit, which system messages pass on the 2007 side alone.
        let named = self.lists.iter().any(|list| !list.message_types.is_empty());
        let types: &[MessageType] = match named || sizes.len() > 1 {
            true => &[MessageType::NonSystem, MessageType::System],
            false => &[MessageType::NonSystem],
        };
        let minutes = self.minutes();
        let mut seen = BTreeSet::new();
        let mut needed = BTreeSet::new();
        for sender in senders
            .into_iter()
            .filter(|sender| seen.insert(sender.as_ref().map(Address::to_string)))
        {
            for priority in [Priority::Low, Priority::Normal, Priority::High] {
                for (message_type, at) in types.iter().flat_map(|one| minutes.iter().map(move |at| (*one, *at))) {
                    let mut message = Message {
                        size: sizes[0],
                        sender: sender.clone(),
                        priority,
                        message_type,
                        at,
                    };
                    let (_, counts, passing) = self.of(&message);
                    for size in &sizes {
                        message.size = *size;
                        let too_small = size.map_or(0, |size| self.limits.partition_point(|limit| *limit < size));
                        needed.insert((too_small, counts, passing));
                    }
                }
            }
        }
        needed
    }
}

/// The message of a certificate. An error: it is sent in no minute of a week.
pub(super) fn message(letter: &Letter) -> Result<Message, String> {
    let at = match &letter.at {
        None => None,
        Some(text) => {
            let minute = WeekMinute::parse(text);
            Some(minute.ok_or_else(|| format!("`{}` is no minute of a week", shortened(text)))?)
        }
    };
    Ok(Message {
        size: letter.size,
        sender: letter.sender.as_deref().map(Address::parse),
        priority: match letter.priority {
            Urgency::Low => Priority::Low,
            Urgency::Normal => Priority::Normal,
            Urgency::High => Priority::High,
        },
        message_type: match letter.message_type {
            Origin::System => MessageType::System,
            Origin::NonSystem => MessageType::NonSystem,
        },
        at,
    })
}
