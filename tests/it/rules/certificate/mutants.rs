//! Every field of a certificate changed, one at a time: it is refused, or what it says is still true.

use std::collections::BTreeSet;

use bridgehead::model::{
    Address, Connector, ConnectorKind, Message, MessageType, Organization, Priority, SizeLimit, Version, WeekMinute,
};
use bridgehead::verify::{Certificate, Origin, Urgency, Whom};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::cities;
use crate::engine::{CheckSetting, engine_certify, read};
use crate::twin::random::{coexistence, options};

/// Everything that a value may be replaced by.
fn replacements(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![
            json!(0),
            json!([0, 0]),
            json!([7, 1]),
            json!(""),
            json!("SMTP:NOBODY@NOWHERE"),
        ],
        Value::Bool(known) => vec![json!(!known)],
        Value::Number(number) => {
            let known = number.as_u64().expect("certificates hold no other numbers");
            let others = [known.wrapping_add(1), known.wrapping_sub(1), 0, u64::MAX];
            let mut found: Vec<Value> = others.iter().map(|other| json!(other)).collect();
            found.extend([Value::Null, json!(-1), json!("1")]);
            found
        }
        Value::String(known) => {
            let words = [
                "",
                "?",
                "Low",
                "High",
                "System",
                "CHI",
                "CHI-LON",
                "SMTP:ELSEWHERE.EXAMPLE",
            ];
            let mut found: Vec<Value> = words.iter().map(|word| json!(word)).collect();
            found.extend([json!(format!("{known}x")), Value::Null]);
            found
        }
        Value::Array(items) => {
            let mut found = Vec::new();
            for at in 0..items.len() {
                let (mut dropped, mut doubled) = (items.clone(), items.clone());
                dropped.remove(at);
                doubled.push(items[at].clone());
                found.extend([Value::Array(dropped), Value::Array(doubled)]);
            }
            found.push(Value::Array(items.iter().rev().cloned().collect()));
            found.extend([json!([]), Value::Null]);
            found
        }
        Value::Object(fields) => {
            let mut found = Vec::new();
            for name in fields.keys() {
                let mut dropped = fields.clone();
                dropped.remove(name);
                found.push(Value::Object(dropped));
            }
            found.push(Value::Null);
            found
        }
    }
}

/// The place of every value in `value`, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                places(item, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// One organization and its certificate.
struct Case {
    org: Organization,
    setting: CheckSetting,
    certificate: Certificate,
}

impl Case {
    fn new(file: &Value, setting: CheckSetting) -> Case {
        let org = read(&file.to_string());
        let (_, certificate) = engine_certify(&org, setting);
        assert!(setting.check(&org, &certificate).flaws.is_empty());
        Case {
            org,
            setting,
            certificate,
        }
    }

    /// Mutants that were refused, and what is wrong with those that were not.
    fn run(&self) -> (usize, Vec<String>) {
        let value = serde_json::to_value(&self.certificate).expect("certificates are JSON");
        let mut all = Vec::new();
        places(&value, "", &mut all);
        let mut refused = 0;
        let mut wrong = Vec::new();
        for place in &all {
            let before = value.pointer(place).expect("a place of this certificate");
            for after in replacements(before) {
                let mut mutant = value.clone();
                *mutant.pointer_mut(place).expect("a place of this certificate") = after.clone();
                let Ok(mutant) = serde_json::from_value::<Certificate>(mutant) else {
                    refused += 1;
                    continue;
                };
                if mutant == self.certificate {
                    continue;
                }
                if !self.setting.check(&self.org, &mutant).flaws.is_empty() {
                    refused += 1;
                } else if !self.is_still_true(&mutant) {
                    let short = |value: &Value| value.to_string().chars().take(80).collect::<String>();
                    wrong.push(format!("{place}: {} became {}", short(before), short(&after)));
                }
            }
        }
        (refused, wrong)
    }

    /// Whether a certificate that differs in one place says nothing else, or nothing that is not so.
    fn is_still_true(&self, mutant: &Certificate) -> bool {
        let own = &self.certificate;
        // Other bounds: what the search claims for them is the same. No more can fail than there is.
        if mutant.max_failures != own.max_failures {
            let all = self.org.routing_group_connectors().len() + self.org.connectors().len();
            let setting = CheckSetting {
                failures_max: mutant.max_failures.min(all),
                ..self.setting
            };
            let (_, claimed) = engine_certify(&self.org, setting);
            return claimed.claims == mutant.claims;
        }
        let (told, known) = (self.told(mutant), self.told(own));
        is_part(&mutant.sites, &own.sites)
            && is_part(&mutant.groups, &own.groups)
            && told.0 == known.0
            && told.1.is_subset(&known.1)
    }

    /// What a certificate claims, for whom and for which kind of message: sets of failures, and costs. In which order, how
    /// often, and by which example, says nothing.
    fn told(&self, certificate: &Certificate) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut sets, mut costs) = (BTreeSet::new(), BTreeSet::new());
        for claim in &certificate.claims {
            let about = format!(
                "{} {}",
                self.about(&claim.recipient),
                self.kind(certificate, claim.message)
            );
            let failed = claim.sets.iter().map(|set| BTreeSet::from_iter(set.iter().cloned()));
            sets.insert(format!("{about} {:?}", BTreeSet::from_iter(failed)));
            for known in &claim.costs {
                let ends: BTreeSet<_> = known.ends.iter().collect();
                let believed: BTreeSet<_> = known.believed.iter().collect();
                costs.insert(format!("{about} {ends:?} {believed:?} {:?}", known.costs));
            }
        }
        (sets, costs)
    }

    /// A site, a group, or the spaces that an address fits.
    fn about(&self, recipient: &Whom) -> String {
        let Whom::Address(address) = recipient else {
            return recipient.to_string();
        };
        let address = Address::parse(address);
        let spaces = self
            .org
            .connectors()
            .iter()
            .flat_map(|connector| &connector.address_spaces);
        format!("{:?}", spaces.map(|space| space.matches(&address)).collect::<Vec<_>>())
    }

    /// Which limits and lists let a message through, and whether 2007 looks at its size.
    fn kind(&self, certificate: &Certificate, message: usize) -> String {
        let letter = &certificate.messages[message];
        let message = Message {
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
            at: letter.at.as_deref().and_then(WeekMinute::parse),
        };
        let between = self.org.routing_group_connectors();
        let mut limits: Vec<SizeLimit> = between.iter().map(|connector| connector.max_message_size).collect();
        limits.extend(self.org.site_links().iter().map(|link| link.max_message_size));
        limits.extend(
            self.org
                .connectors()
                .iter()
                .filter_map(|connector| connector.max_message_size),
        );
        let unstated =
            |connector: &Connector| connector.kind == ConnectorKind::Send && connector.max_message_size.is_none();
        if certificate.decisions.default_size_product && self.org.connectors().iter().any(unstated) {
            // D30. The greater one counts only where there is a server of 2013 or later.
            let newest = self.org.servers().iter().map(|server| server.version).max();
            limits.push(SizeLimit::Bytes(10 << 20));
            limits.extend((newest >= Some(Version::Exchange2013)).then_some(SizeLimit::Bytes(35 << 20)));
        }
        let lists = between.iter().map(|connector| &connector.restrictions);
        let lists = lists.chain(self.org.connectors().iter().map(|connector| &connector.restrictions));
        let fits = limits
            .iter()
            .map(|limit| letter.size.is_none_or(|size| limit.passes(size)));
        let passes = lists.map(|list| message.passes(list));
        let (fits, passes): (Vec<bool>, Vec<bool>) = (fits.collect(), passes.collect());
        format!("{fits:?} {passes:?} {}", message.size_for_2007().is_some())
    }
}

/// Whether nothing is in `some` that is not in `all`. What is left out proves nothing false.
fn is_part<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|item| all.contains(item))
}

/// Two sites with hubs between, RTM beside SP1, an X.400 connector, sizes, a list, hours, and ways to the outside.
fn everything() -> Value {
    json!({
        "sites": [{ "name": "A" }, { "name": "B", "hub_site": true }, { "name": "C" }],
        "site_links": [
            { "name": "A-B", "sites": ["A", "B"], "cost": 5 },
            { "name": "B-C", "sites": ["B", "C"], "cost": 5, "max_message_size": "10MB" },
        ],
        "servers": [
            { "name": "HUB-A", "version": "Exchange2007Rtm", "site": "A" },
            { "name": "HUB-B", "version": "Exchange2007Sp1", "site": "B" },
            { "name": "HUB-C", "version": "Exchange2010Sp3", "site": "C" },
            { "name": "V1", "version": "Exchange2003", "routing_group": "V" },
            { "name": "W1", "version": "Exchange2003", "routing_group": "W" },
        ],
        "routing_groups": [{ "name": "V" }, { "name": "W" }],
        "routing_group_connectors": [
            { "name": "A>V", "from": "DWBGZMFD01QNBJR", "to": "V", "source_servers": ["HUB-A"] },
            { "name": "V>A", "from": "V", "to": "DWBGZMFD01QNBJR", "target_servers": ["HUB-A"] },
            { "name": "C>W", "from": "DWBGZMFD01QNBJR", "to": "W", "cost": 3, "source_servers": ["HUB-C"] },
            { "name": "W>C", "from": "W", "to": "DWBGZMFD01QNBJR", "cost": 3, "target_servers": ["HUB-C"] },
            { "name": "V>W", "from": "V", "to": "W", "kind": "X400",
              "restrictions": { "denied_senders": ["ann@a.example"] } },
            { "name": "W>V", "from": "W", "to": "V", "restrictions": { "schedule": ["Mon 08:00-18:00"] } },
        ],
        "connectors": [
            { "name": "Internet", "kind": "Send", "source_servers": ["HUB-C"], "address_spaces": ["*;1"] },
            { "name": "Partner", "kind": "LegacySmtp", "routing_group": "W", "source_servers": ["W1"],
              "smart_hosts": ["relay.example"], "address_spaces": ["*.partner.example;1", "FAX:*;2"] },
        ],
    })
}

#[test]
fn a_changed_claim_is_refused_or_still_true() {
    let mut cases = vec![
        (cities(), CheckSetting::failures(1)),
        (everything(), CheckSetting::failures(1)),
    ];
    // Small ones, so that each of their numbers can be changed.
    let small = (0..400).filter(|seed| {
        let file = coexistence(*seed);
        file["routing_groups"].as_array().map_or(0, Vec::len) <= 2 && file["sites"].as_array().map_or(0, Vec::len) <= 2
    });
    cases.extend(small.take(12).map(|seed| {
        let setting = CheckSetting::of(&options(seed), seed % 4, 1);
        (coexistence(seed), setting)
    }));
    let results: Vec<(usize, Vec<String>)> = cases
        .into_par_iter()
        .map(|(file, setting)| Case::new(&file, setting).run())
        .collect();
    let wrong: Vec<&String> = results.iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} passed:\n{wrong:#?}", wrong.len());
    let refused: usize = results.iter().map(|(refused, _)| refused).sum();
    assert!(refused > 10_000, "{refused} were refused");
}
