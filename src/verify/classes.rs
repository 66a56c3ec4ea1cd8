//! Classes of messages that every router treats alike.

use std::collections::BTreeSet;

use crate::model::{
    Address, Connector, ConnectorKind, Message, MessageType, NameOrder, Organization, Priority, Restrictions, Schedule,
    SizeLimit, WeekMinute, Windows,
};
use crate::route::DefaultSize;

/// Messages that pass the same limits and lists (contract, `message_class`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageClass {
    /// Sizes in bytes, both ends included; `None`: no limit in the file.
    pub size: Option<SizeBucket>,
    /// An address that a list names; `None`: anybody else.
    pub sender: Option<Address>,
    /// Priority.
    pub priority: Priority,
    /// Whether the system wrote it.
    pub message_type: MessageType,
    /// The earliest minute of those at which the same connectors with windows are open; `None`: no connector has windows.
    pub at: Option<WeekMinute>,
}

/// Sizes between two limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SizeBucket {
    /// Smallest size in bytes.
    pub min: u64,
    /// Largest size in bytes, which is a limit of the file; `None`: larger than every limit.
    pub max: Option<u64>,
}

impl MessageClass {
    /// A message of the class.
    pub fn message(&self) -> Message {
        Message {
            size: self.size.map(|size| size.max.unwrap_or(size.min)),
            sender: self.sender.clone(),
            priority: self.priority,
            message_type: self.message_type,
            at: self.at,
        }
    }

    /// All of it but its hour.
    pub(crate) fn but_for_the_hour(&self) -> (Option<SizeBucket>, &Option<Address>, Priority, MessageType) {
        (self.size, &self.sender, self.priority, self.message_type)
    }
}

/// How to tell of which classes something holds that holds of `class` and of `also_in`, ascending: whether their hour matters, and how many
/// classes there are besides. Where the hour does not matter, classes that differ in nothing else are no more classes.
pub(crate) fn in_words(all: &[MessageClass], class: usize, also_in: &[usize]) -> (bool, usize) {
    let same = all[class].but_for_the_hour();
    let at_other_hours = |at: &usize| *at != class && all[*at].but_for_the_hour() == same;
    let hours: Vec<usize> = (0..all.len()).filter(at_other_hours).collect();
    let matters = hours.iter().any(|at| also_in.binary_search(at).is_err());
    let told = if matters { 0 } else { hours.len() };
    (matters, also_in.len() - told)
}

/// Limits, senders, priorities and hours multiply; a file in which each of thousands matters to each is asked for a part.
const CLASSES_MAX: usize = 100_000;

/// Every class: by size, then sender (those whom no list names first, then by address), priority, type and hours, each
/// dimension only as far as the file looks at it. The ordinary message is first in its size. `false`: there are more than 100,000, and
/// these are the first.
///
/// O(limits × senders × priorities × types × hours, and minutes of a week × schedules × log windows).
pub fn message_classes(org: &Organization, default_size: DefaultSize) -> (Vec<MessageClass>, bool) {
    classes_of(&[org], default_size)
}

/// The same, cut wherever one of several organizations cuts.
pub(super) fn classes_of(orgs: &[&Organization], default_size: DefaultSize) -> (Vec<MessageClass>, bool) {
    let lists: Vec<&Restrictions> = orgs.iter().flat_map(|org| restrictions(org)).collect();
    let sizes = size_buckets(orgs, default_size);
    let senders = senders(orgs[0].name_order(), &lists);
    let priorities: &[Priority] = if lists.iter().all(|list| list.priorities.is_empty()) {
        &[Priority::Normal]
    } else {
        &[Priority::Normal, Priority::Low, Priority::High]
    };
    // What is too large for somebody passes the limits of 2007 if the system wrote it (V7).
    let by_size = sizes.len() > 1;
    let types: &[MessageType] = if by_size || lists.iter().any(|list| !list.message_types.is_empty()) {
        &[MessageType::NonSystem, MessageType::System]
    } else {
        &[MessageType::NonSystem]
    };
    let hours = Hours::new(&lists).classes();
    let mut classes = Vec::new();
    for size in &sizes {
        for sender in &senders {
            for priority in priorities {
                for message_type in types {
                    for at in &hours {
                        if classes.len() == CLASSES_MAX {
                            return (classes, false);
                        }
                        classes.push(MessageClass {
                            size: *size,
                            sender: sender.clone(),
                            priority: *priority,
                            message_type: *message_type,
                            at: *at,
                        });
                    }
                }
            }
        }
    }
    (classes, true)
}

fn restrictions(org: &Organization) -> impl Iterator<Item = &Restrictions> {
    let between = org
        .routing_group_connectors()
        .iter()
        .map(|connector| &connector.restrictions);
    between.chain(org.connectors().iter().map(|connector| &connector.restrictions))
}

/// Which minutes of a week are alike: at those the same connectors with windows are open (V19).
pub(super) struct Hours {
    /// By minute, the earliest one like it; `None`: no connector has windows.
    earliest: Option<Vec<WeekMinute>>,
}

impl Hours {
    /// Those of an organization.
    pub(super) fn of(org: &Organization) -> Hours {
        Hours::new(&restrictions(org).collect::<Vec<_>>())
    }

    /// O(minutes of a week × schedules × log windows).
    fn new(lists: &[&Restrictions]) -> Hours {
        let schedules = lists.iter().filter_map(|list| match &list.schedule {
            Schedule::Windows(windows) => Some(windows),
            Schedule::Always | Schedule::Never => None,
        });
        // Connectors that keep the same hours tell no minutes apart that one of them does not.
        let schedules: BTreeSet<&Windows> = schedules.collect();
        if schedules.is_empty() {
            return Hours { earliest: None };
        }
        let mut earliest = vec![WeekMinute::FIRST; WeekMinute::all().len()];
        for windows in schedules {
            split(&mut earliest, windows);
        }
        Hours {
            earliest: Some(earliest),
        }
    }

    /// The earliest minute of each class, ascending.
    fn classes(&self) -> Vec<Option<WeekMinute>> {
        match &self.earliest {
            None => vec![None],
            Some(earliest) => {
                let minutes = WeekMinute::all().zip(earliest);
                let firsts = minutes.filter(|(minute, first)| minute == *first);
                firsts.map(|(minute, _)| Some(minute)).collect()
            }
        }
    }

    /// The class that a minute is in.
    pub(super) fn class_of(&self, at: Option<WeekMinute>) -> Option<WeekMinute> {
        let earliest = self.earliest.as_ref()?;
        at.map(|at| earliest[at.index()])
    }
}

/// Parts each class of minutes into those at which `windows` are open and those at which they are not.
fn split(earliest: &mut [WeekMinute], windows: &Windows) {
    // By the first minute of a class of before, that of its closed and of its open part.
    let mut parts = vec![[None; 2]; earliest.len()];
    for (minute, first) in WeekMinute::all().zip(earliest) {
        let part = &mut parts[first.index()][usize::from(windows.contain(minute))];
        *first = *part.get_or_insert(minute);
    }
}

/// Sizes cut at every limit; a size equal to the limit passes it (D18, V18).
fn size_buckets(orgs: &[&Organization], default_size: DefaultSize) -> Vec<Option<SizeBucket>> {
    let mut limits: Vec<u64> = orgs.iter().flat_map(|org| limits(org, default_size)).collect();
    limits.sort_unstable();
    limits.dedup();
    if limits.is_empty() {
        return vec![None];
    }
    let mut buckets = Vec::new();
    let mut min = Some(0);
    for limit in limits {
        let Some(from) = min else { break };
        buckets.push(Some(SizeBucket {
            min: from,
            max: Some(limit),
        }));
        min = limit.checked_add(1);
    }
    if let Some(from) = min {
        buckets.push(Some(SizeBucket { min: from, max: None }));
    }
    buckets
}

fn limits(org: &Organization, default_size: DefaultSize) -> Vec<u64> {
    let links = org.site_links().iter().map(|link| link.max_message_size);
    let between = org.routing_group_connectors().iter();
    let outside = org
        .connectors()
        .iter()
        .filter_map(|connector| connector.max_message_size);
    let states_none =
        |connector: &Connector| connector.kind == ConnectorKind::Send && connector.max_message_size.is_none();
    // D30: the limits of Send connectors that state none.
    let products: &[SizeLimit] = match default_size {
        DefaultSize::Product if org.connectors().iter().any(states_none) => {
            &[SizeLimit::Bytes(10 << 20), SizeLimit::Bytes(35 << 20)]
        }
        _ => &[],
    };
    let all = links.chain(between.map(|connector| connector.max_message_size));
    let all = all.chain(outside).chain(products.iter().copied());
    let bytes = all.filter_map(|limit| match limit {
        SizeLimit::Bytes(bytes) => Some(bytes),
        SizeLimit::Unlimited => None,
    });
    bytes.collect()
}

/// Anybody whom no list names, then everybody whom one does (V19).
fn senders(order: NameOrder, lists: &[&Restrictions]) -> Vec<Option<Address>> {
    let named = lists
        .iter()
        .flat_map(|list| list.allowed_senders.iter().chain(&list.denied_senders));
    let mut named: Vec<&Address> = named.collect();
    named.sort_by(|a, b| {
        let by_value = order.compare(a.value(), b.value());
        let by_kind = order.compare(a.kind(), b.kind());
        // Of several ways to write an address, the first by code points.
        by_kind
            .then(by_value)
            .then_with(|| a.value().as_str().cmp(b.value().as_str()))
    });
    named.dedup();
    std::iter::once(None)
        .chain(named.into_iter().cloned().map(Some))
        .collect()
}
