//! What is told apart: recipients, and messages by the limits and restrictions of the file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::address::{Target, recipients};
use super::super::file::{self, Restrictions, Schedule, Topology};
use super::super::hours::{self, Window};
use super::super::names::{Name, upper};
use super::super::org::{Org, Place, without_smtp};
use super::super::restrictions::Message;
use super::super::route::place_json;
use super::super::spaces::{Address, Space};
use super::super::{DefaultSize, Options};

/// A recipient of the contract's `verify`, with what stands for it.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    pub(super) shown: Value,
    pub(super) target: Target,
}

/// Sites, groups, then classes of addresses, each in alphanumeric order.
pub(super) fn all_recipients(org: &Org) -> Vec<Recipient> {
    let sites = (0..org.sites.len()).map(Place::Site);
    let groups = (0..org.groups.len()).map(Place::Group);
    let mut places: Vec<Place> = sites.chain(groups).filter(|&place| org.is_router(place)).collect();
    places.sort_by_key(|&place| org.place_order(place));
    let at_places = places.into_iter().map(|place| Recipient {
        shown: place_json(org, place),
        target: Target::Place(place),
    });
    at_places.chain(address_classes(org)).collect()
}

/// One class for every address space that a connector of the file has: the addresses for which that space is
/// the most specific of all.
fn address_classes(org: &Org) -> Vec<Recipient> {
    let spaces: Vec<&Space> = org.connectors.iter().flat_map(|connector| &connector.spaces).collect();
    let written = |space: &&Space| format!("{}:{}", space.kind, space.value);
    // Of several ways to write a space, the one that is first by code points.
    let mut shown: Vec<String> = spaces.iter().map(written).collect();
    shown.extend(crosswise(&spaces));
    shown.sort_by_key(|text| (Name::new(text), text.clone()));
    shown.dedup_by_key(|text| Name::new(text));
    let class = |text: String| {
        let target = example(org, &spaces, &text)?;
        let shown = json!({ "address_space": text });
        Some(Recipient { shown, target })
    };
    shown.into_iter().filter_map(class).collect()
}

/// X.400 spaces that one address can fit without one holding the other: the attributes of each set of them together.
fn crosswise(spaces: &[&Space]) -> Vec<String> {
    let of_x400 = spaces.iter().filter(|space| space.kind == "X400" && space.value != "*");
    let mut listed: Vec<Attributes> = of_x400.map(|space| attributes(&space.value)).collect();
    // `*` is any value, and says nothing.
    listed
        .iter_mut()
        .for_each(|named| named.retain(|_, value| value != "*"));
    listed.retain(|named| !named.is_empty());
    listed.sort();
    listed.dedup();
    let mut together: Vec<Attributes> = Vec::new();
    for chosen in 1_u32..1 << listed.len() {
        let mut members = (0..listed.len())
            .filter(|at| chosen >> at & 1 == 1)
            .map(|at| &listed[at]);
        let all: Option<Attributes> = members.try_fold(Attributes::new(), with);
        together.extend(all.filter(|all| !listed.contains(all)));
    }
    let text = |(name, value): (&String, &String)| format!("{name}={value}");
    let texts = together
        .iter()
        .map(|all| all.iter().map(text).collect::<Vec<String>>().join(";"));
    texts.map(|text| format!("X400:{text}")).collect()
}

/// In upper case; no attribute of the generator comes twice in one space.
type Attributes = BTreeMap<String, String>;

fn attributes(value: &str) -> Attributes {
    let parts = value.split([';', '/']).filter_map(|part| part.split_once('='));
    parts
        .map(|(name, value)| (upper(name.trim()), upper(value.trim())))
        .collect()
}

/// `None` when no address has the attributes of both.
fn with(mut all: Attributes, more: &Attributes) -> Option<Attributes> {
    for (name, value) in more {
        if all.entry(name.clone()).or_insert_with(|| value.clone()) != value {
            return None;
        }
    }
    Some(all)
}

/// An address that the space fits better than any other; `None` when no address outside is like that. Of labels that
/// begin alike one pattern may take all.
fn example(org: &Org, spaces: &[&Space], text: &str) -> Option<Target> {
    let own = Space::parse(&format!("{text};1"));
    let labels = (0..100).map(|at| format!("{}{at}", char::from(b"xkqg7"[at % 5])));
    let values = labels.map(|label| match own.value.as_str() {
        "*" if own.kind == "X400" => format!("x={label}"),
        value if own.kind == "X400" => value.to_owned(),
        value => value.replace('*', &label),
    });
    // `*.d` is `d` itself too.
    let parent = own.value.strip_prefix("*.").filter(|_| own.kind == "SMTP");
    values.chain(parent.map(str::to_owned)).find_map(|value| {
        let address = Address {
            kind: own.kind.clone(),
            value,
        };
        let best = spaces.iter().filter_map(|space| space.specificity(&address)).max();
        if own.specificity(&address).is_none() || own.specificity(&address) < best {
            return None;
        }
        let text = format!("{}:{}", address.kind, address.value);
        let mut found = recipients(org, &[text]);
        // D21: mail for a domain that is ours alone never leaves.
        let found = found.pop().map(|found| found.target);
        found.filter(|target| matches!(target, Target::External(_)))
    })
}

/// `message_class` of the contract: messages that no limit and no restriction of the file tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MessageClass {
    /// The smallest and the largest size; the last bucket has no largest.
    size: Option<(u64, Option<u64>)>,
    sender: Option<String>,
    priority: &'static str,
    message_type: &'static str,
    /// The earliest minute of the week that is like this one; `None` where no connector has windows.
    minute: Option<u16>,
}

impl MessageClass {
    pub(super) fn message(&self) -> Message {
        Message {
            size: self.size.map(|(least, most)| most.unwrap_or(least)),
            sender: self.sender.clone(),
            priority: self.priority.to_owned(),
            message_type: self.message_type.to_owned(),
            minute: self.minute,
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut class = json!({
            "size": self.size.map(|(min, max)| json!({ "min": min, "max": max })),
            "sender": self.sender.as_deref().unwrap_or("other"),
            "priority": self.priority,
            "type": self.message_type,
        });
        if let Some(minute) = self.minute {
            class["at"] = json!(hours::written(minute));
        }
        class
    }
}

/// All classes of messages, in the order in which they are listed.
///
/// # Panics
///
/// On a file that is not valid.
pub(super) fn message_classes(texts: &[&str], options: &Options) -> Vec<MessageClass> {
    let parse = |text: &&str| serde_json::from_str(text).expect("a valid topology file");
    let files: Vec<Topology> = texts.iter().map(parse).collect();
    let restrictions: Vec<&Restrictions> = files.iter().flat_map(restrictions).collect();
    let priorities: &[&'static str] = if restrictions.iter().any(|r| !r.priorities.is_empty()) {
        &["Normal", "Low", "High"]
    } else {
        &["Normal"]
    };
    let sizes = size_buckets(&files, options.default_size);
    // D18: a limit of the 2007 side is none for what the system sends.
    let told_apart = sizes.len() > 1 || restrictions.iter().any(|r| !r.message_types.is_empty());
    let message_types: &[&'static str] = if told_apart {
        &["NonSystem", "System"]
    } else {
        &["NonSystem"]
    };
    let minutes = minutes(&restrictions);
    let mut classes = Vec::new();
    for size in sizes {
        for sender in senders(&restrictions) {
            for &priority in priorities {
                for &message_type in message_types {
                    for &minute in &minutes {
                        classes.push(MessageClass {
                            size,
                            sender: sender.clone(),
                            priority,
                            message_type,
                            minute,
                        });
                    }
                }
            }
        }
    }
    classes
}

fn restrictions(file: &Topology) -> Vec<&Restrictions> {
    let between = file.routing_group_connectors.iter().map(|c| &c.restrictions);
    between.chain(file.connectors.iter().map(|c| &c.restrictions)).collect()
}

/// A limit is the largest size of a bucket: what is as large as the limit passes (D18).
fn size_buckets(files: &[Topology], default_size: DefaultSize) -> Vec<Option<(u64, Option<u64>)>> {
    let in_file = |file: &Topology| {
        let links = file.site_links.iter().map(|link| link.max_message_size);
        let between = file.routing_group_connectors.iter().map(|c| c.max_message_size);
        let outside = file.connectors.iter().map(|c: &file::Connector| c.max_message_size);
        links.chain(between).chain(outside).flatten().collect::<Vec<u64>>()
    };
    let mut limits: Vec<u64> = files.iter().flat_map(in_file).collect();
    // D30: the limits of Send connectors that state none.
    let states_none = |c: &file::Connector| c.kind == file::ConnectorKind::Send && c.max_message_size.is_none();
    if default_size == DefaultSize::Product && files.iter().any(|file| file.connectors.iter().any(states_none)) {
        limits.extend([10 << 20, 35 << 20]);
    }
    limits.retain(|&limit| limit < u64::MAX);
    limits.sort_unstable();
    limits.dedup();
    if limits.is_empty() {
        return vec![None];
    }
    let mut least = 0;
    let mut buckets = Vec::new();
    for limit in limits {
        buckets.push(Some((least, Some(limit))));
        least = limit + 1;
    }
    buckets.push(Some((least, None)));
    buckets
}

/// The week minute by minute: the first minute of each kind, two being of one kind when the same connectors with windows are
/// open. Without such a connector there are no kinds.
fn minutes(restrictions: &[&Restrictions]) -> Vec<Option<u16>> {
    let mut by_connector: Vec<&[Window]> = Vec::new();
    for restrictions in restrictions {
        if let Some(Schedule::Windows(windows)) = &restrictions.schedule {
            by_connector.push(windows);
        }
    }
    if by_connector.is_empty() {
        return vec![None];
    }
    let mut kinds: Vec<Vec<bool>> = Vec::new();
    let mut first_ones = Vec::new();
    for minute in 0..hours::MINUTES_OF_THE_WEEK {
        let open: Vec<bool> = by_connector
            .iter()
            .map(|windows| hours::is_open(windows, minute))
            .collect();
        if !kinds.contains(&open) {
            kinds.push(open);
            first_ones.push(Some(minute));
        }
    }
    first_ones
}

/// `None` is everybody whom no restriction names.
fn senders(restrictions: &[&Restrictions]) -> Vec<Option<String>> {
    let lists = restrictions
        .iter()
        .flat_map(|r| r.allowed_senders.iter().chain(&r.denied_senders));
    let mut named: Vec<String> = lists.map(|sender| without_smtp(sender).to_owned()).collect();
    named.sort_by_key(|sender| (Name::new(sender), sender.clone()));
    named.dedup_by_key(|sender| Name::new(sender));
    std::iter::once(None).chain(named.into_iter().map(Some)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::Options;
    use super::super::super::org::Org;
    use super::{all_recipients, message_classes};

    fn connector(name: &str, spaces: &[&str]) -> Value {
        json!({ "name": name, "kind": "Send", "source_servers": ["H"], "address_spaces": spaces })
    }

    #[test]
    fn every_address_space_is_a_class_of_recipients() {
        let file = json!({
            "sites": [{ "name": "b" }, { "name": "A" }],
            "routing_groups": [{ "name": "Empty" }, { "name": "HKG" }],
            "servers": [
                { "name": "H", "version": "Exchange2010Rtm", "site": "b" },
                { "name": "BH", "version": "Exchange2003", "routing_group": "HKG" },
            ],
            "accepted_domains": [
                { "domain": "ours.example", "kind": "Authoritative" },
                { "domain": "relay.example", "kind": "InternalRelay" },
            ],
            "connectors": [
                connector("1", &["*;7", "fax:+49*", "X400:c=us;a=x;1", "--", "ours.example"]),
                connector("2", &["relay.example", "RELAY.example;3", "smtp:*", "*.ours.example"]),
            ],
        });
        let shown: Vec<Value> = all_recipients(&Org::parse(&file.to_string()))
            .into_iter()
            .map(|recipient| recipient.shown)
            .collect();
        let expected = json!([
            { "site": "b" },
            { "routing_group": "HKG" },
            { "address_space": "FAX:+49*" },
            { "address_space": "SMTP:*" },
            { "address_space": "SMTP:*.ours.example" },
            { "address_space": "SMTP:RELAY.example" },
            { "address_space": "X400:c=us;a=x" },
        ]);
        assert_eq!(Value::Array(shown), expected);
    }

    #[test]
    fn classes_are_cut_where_the_file_cuts() {
        let classes = |file: Value| {
            let all = message_classes(&[&file.to_string()], &Options::default());
            all.iter().map(super::MessageClass::json).collect::<Vec<Value>>()
        };
        let normal = json!({ "size": null, "sender": "other", "priority": "Normal", "type": "NonSystem" });
        assert_eq!(classes(json!({})), [normal]);
        let file = json!({
            "site_links": [{ "name": "l", "max_message_size": "2KB" }],
            "routing_group_connectors": [
                { "name": "r", "from": "A", "to": "B", "max_message_size": 2048,
                  "restrictions": { "denied_senders": ["x@d", "SMTP:B@d"], "priorities": ["High"] } },
            ],
            "connectors": [
                { "name": "c", "kind": "Send", "max_message_size": "unlimited",
                  "restrictions": { "allowed_senders": ["b@D"] } },
            ],
        });
        let found = classes(file);
        assert_eq!(found.len(), 2 * 3 * 3 * 2);
        let of = |max: Value, min: u64, sender: &str, priority: &str| json!({ "size": { "min": min, "max": max }, "sender": sender, "priority": priority, "type": "NonSystem" });
        assert_eq!(found[2], of(json!(2048), 0, "other", "Low"));
        assert_eq!(found[6], of(json!(2048), 0, "B@d", "Normal"));
        assert_eq!(found[34], of(Value::Null, 2049, "x@d", "High"));
        assert_eq!(found[35]["type"], "System");
    }

    /// The hours of the classes of connectors with these schedules, `null` where a class has none.
    fn hours(files: &[&[Value]]) -> Vec<Value> {
        let file = |schedules: &&[Value]| {
            let connector =
                |schedule| json!({ "name": "r", "from": "A", "to": "B", "restrictions": { "schedule": schedule } });
            let connectors: Value = schedules.iter().map(connector).collect();
            json!({ "routing_group_connectors": connectors }).to_string()
        };
        let texts: Vec<String> = files.iter().map(file).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let classes = message_classes(&texts, &Options::default());
        classes.iter().map(|class| class.json()["at"].clone()).collect()
    }

    #[test]
    fn the_week_is_cut_where_a_connector_opens_or_closes() {
        let working = || json!(["Mon 08:00-18:00"]);
        assert_eq!(hours(&[&[working()]]), ["Mon 00:00", "Mon 08:00"]);
        let from_the_start = json!(["Mon 00:00-00:01", "Sun 23:59-24:00"]);
        assert_eq!(hours(&[&[from_the_start]]), ["Mon 00:00", "Mon 00:01"]);
        let late = || json!(["Mon 12:00-24:00", "Tue 00:00-06:00"]);
        assert_eq!(
            hours(&[&[working(), late()]]),
            ["Mon 00:00", "Mon 08:00", "Mon 12:00", "Mon 18:00"],
            "none, the first, both, the second"
        );
        let in_pieces = json!(["Mon 08:00-12:00", "Mon 12:00-15:00", "Mon 14:00-18:00"]);
        assert_eq!(
            hours(&[&[working(), in_pieces]]),
            ["Mon 00:00", "Mon 08:00"],
            "windows that overlap or touch make no difference"
        );
        // Which ones are open counts, not how many.
        assert_eq!(
            hours(&[&[working(), json!(["Wed 08:00-18:00"])]]),
            ["Mon 00:00", "Mon 08:00", "Wed 08:00"]
        );
        assert_eq!(
            hours(&[&[working()], &[late()]]),
            ["Mon 00:00", "Mon 08:00", "Mon 12:00", "Mon 18:00"],
            "both files cut"
        );
    }

    #[test]
    fn only_windows_make_hours() {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let always: Vec<String> = days.iter().map(|day| format!("{day} 00:00-24:00")).collect();
        assert_eq!(hours(&[&[json!(always)]]), ["Mon 00:00"], "they are told even so");
        let words = [json!("Always"), json!("Never")];
        assert_eq!(hours(&[&words]), [Value::Null]);
        let text = json!({
            "connectors": [{ "name": "c", "kind": "Send", "restrictions": { "schedule": "Never" } }],
        });
        let classes = message_classes(&[&text.to_string()], &Options::default());
        assert_eq!(classes[0].json().get("at"), None, "no field");
    }

    #[test]
    fn hours_are_the_innermost_order() {
        let text = json!({
            "connectors": [{
                "name": "c", "kind": "Send",
                "restrictions": { "schedule": ["Sun 08:00-18:00"], "message_types": ["System"] },
            }],
        });
        let classes = message_classes(&[&text.to_string()], &Options::default());
        let class = |message_type: &str, at: &str| json!({ "size": null, "sender": "other", "priority": "Normal", "type": message_type, "at": at });
        let found: Vec<Value> = classes.iter().map(super::MessageClass::json).collect();
        let expected = [
            class("NonSystem", "Mon 00:00"),
            class("NonSystem", "Sun 08:00"),
            class("System", "Mon 00:00"),
            class("System", "Sun 08:00"),
        ];
        assert_eq!(found, expected);
        let minutes: Vec<Option<u16>> = classes.iter().map(|class| class.message().minute).collect();
        assert_eq!(minutes, [Some(0), Some(9120), Some(0), Some(9120)]);
    }
}
