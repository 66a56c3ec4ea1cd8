//! The doors of the engine, as the comparison with the twin goes through them: text in, JSON out.

use std::time::Duration;

use bridgehead::delivery::{Recipient, copies, expand, explain};
use bridgehead::diagnostic::Source;
use bridgehead::linkstate::{self, Input, Propagation, Timers};
use bridgehead::load::{Format, Limits, organization};
use bridgehead::model::{
    Address, FailureSet, Message, MessageType, Name, NameOrder, Node, NodeKind, Organization, Priority, SimTime,
    WeekMinute,
};
use bridgehead::report::record::{ExplainRecord, RouteRecord, VerifyRecord};
use bridgehead::report::{Findings, InBetween};
use bridgehead::route::{self, Graphs, Sender, View};
use bridgehead::verify::{
    self, Bounds, Certificate, Checked, Repairs, Verification, World, certify, check, flood, skew, verify,
};
use serde_json::Value;

use crate::twin::loops::Moment;
use crate::twin::{self, Query};

/// The organization in a topology file in JSON.
pub(crate) fn read(json_text: &str) -> Organization {
    let source = Source::new("organization.json", json_text);
    organization(&source, Format::Json, &Limits::default(), NameOrder::IgnoreCase)
        .unwrap_or_else(|problems| panic!("a valid file has no problems: {problems:#?}"))
}

pub(crate) fn options(twin: &twin::Options) -> route::Options {
    route::Options {
        backoff: match twin.backoff {
            twin::Backoff::Linear => route::Backoff::Linear,
            twin::Backoff::Binary => route::Backoff::Binary,
        },
        legacy_tie: match twin.legacy_tie {
            twin::LegacyTie::Hops => route::LegacyTie::Hops,
            twin::LegacyTie::Names => route::LegacyTie::Names,
        },
        legacy_cost: match twin.legacy_cost {
            twin::LegacyCost::Pair => route::LegacyCost::Pair,
            twin::LegacyCost::Sum => route::LegacyCost::Sum,
        },
        default_size: match twin.default_size {
            twin::DefaultSize::None => route::DefaultSize::None,
            twin::DefaultSize::Product => route::DefaultSize::Product,
        },
    }
}

pub(crate) fn link_state(twin: &twin::Options) -> linkstate::Options {
    linkstate::Options {
        dns_always_up: !twin.dns_connectors_fail,
        exempt_without_alternative: twin.exempt_without_alternative,
    }
}

/// The `routes` array for a topology file in JSON.
pub(crate) fn engine_routes(json_text: &str, twin_options: &twin::Options) -> Value {
    let org = read(json_text);
    let graphs = Graphs::new(&org);
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(&org, &graphs, options(twin_options), &message, &down);
    let records: Vec<RouteRecord<'_>> = org
        .routers()
        .flat_map(|from| {
            let sender = Sender::node(&org, from).expect("a router can send");
            let table = view.table(sender);
            table.into_iter().map(move |(to, plan)| (from, to, plan))
        })
        .map(|(from, to, plan)| RouteRecord::new(&org, from, to, plan.as_ref()))
        .collect();
    serde_json::to_value(records).expect("records are JSON")
}

/// The `verify` document for a topology file in JSON, without what its steps went by and without repairs.
pub(crate) fn engine_verify(json_text: &str, twin_options: &twin::Options, failures_max: usize) -> Value {
    let org = read(json_text);
    let graphs = Graphs::new(&org);
    let world = World::new(&org, &graphs, options(twin_options), link_state(twin_options));
    let bounds = Bounds {
        failures_max,
        ..Bounds::default()
    };
    let verification = verify(&world, bounds, &mut |_, _| {});
    let repairs = Repairs::default();
    let findings = Findings {
        verification: &verification,
        repairs: &repairs,
        max_failures: failures_max,
        between: None,
        flood: None,
    };
    serde_json::to_value(VerifyRecord::new(&world, &findings)).expect("records are JSON")
}

/// What a certificate is made and checked under.
#[derive(Clone, Copy)]
pub(crate) struct CheckSetting {
    pub(crate) options: route::Options,
    pub(crate) link_state: linkstate::Options,
    pub(crate) failures_max: usize,
}

impl CheckSetting {
    /// The documented defaults.
    pub(crate) fn failures(failures_max: usize) -> CheckSetting {
        CheckSetting {
            options: route::Options::default(),
            link_state: linkstate::Options::default(),
            failures_max,
        }
    }

    /// Open decisions of routing as the twin's, and those of link state by two bits.
    pub(crate) fn of(twin: &twin::Options, link_state: u64, failures_max: usize) -> CheckSetting {
        CheckSetting {
            options: options(twin),
            link_state: linkstate::Options {
                dns_always_up: link_state & 1 == 0,
                exempt_without_alternative: link_state & 2 != 0,
            },
            failures_max,
        }
    }

    /// What the checker says of a certificate.
    pub(crate) fn check(&self, org: &Organization, certificate: &Certificate) -> Checked {
        check(org, self.options, self.link_state, certificate)
    }
}

/// Recipients, as certificates call them, and failures with which mail can circle, each once.
pub(crate) type Loops = Vec<(String, Vec<String>)>;

/// The loops that a verification finds, and its certificate.
pub(crate) fn engine_certify(org: &Organization, setting: CheckSetting) -> (Loops, Certificate) {
    let graphs = Graphs::new(org);
    let world = World::new(org, &graphs, setting.options, setting.link_state);
    let bounds = Bounds {
        failures_max: setting.failures_max,
        ..Bounds::default()
    };
    let (verification, certificate) = certify(&world, bounds, &mut |_, _| {});
    let believable = world.beliefs.believable();
    let mut loops: Loops = verification
        .witnesses
        .iter()
        .map(|witness| {
            let recipient = match &verification.recipients[witness.recipient] {
                verify::Recipient::Node(node @ Node::Site(_)) => format!("site:{}", org.node_name(*node)),
                verify::Recipient::Node(node @ Node::RoutingGroup(_)) => format!("rg:{}", org.node_name(*node)),
                verify::Recipient::AddressSpace { example, .. } => format!("{}:{}", example.kind(), example.value()),
            };
            let failed = witness.failed.iter().map(|position| believable.connector(*position));
            let failed = failed
                .map(|connector| org.connector_name(connector).to_string())
                .collect();
            (recipient, failed)
        })
        .collect();
    loops.sort();
    loops.dedup();
    (loops, certificate)
}

/// `transient` of the `verify` document for a topology file and an older one.
pub(crate) fn engine_skew(new: &str, old: &str, twin_options: &twin::Options, failures_max: usize) -> Value {
    let (new, old) = (read(new), read(old));
    let (new_graphs, old_graphs) = (Graphs::new(&new), Graphs::new(&old));
    let world = |org, graphs| World::new(org, graphs, options(twin_options), link_state(twin_options));
    let (new, old) = (world(&new, &new_graphs), world(&old, &old_graphs));
    let bounds = Bounds {
        failures_max,
        ..Bounds::default()
    };
    let skew = skew(&new, &old, bounds);
    let (verification, repairs) = (Verification::default(), Repairs::default());
    let findings = Findings {
        verification: &verification,
        repairs: &repairs,
        max_failures: failures_max,
        between: Some(InBetween { old: &old, skew: &skew }),
        flood: None,
    };
    let record = serde_json::to_value(VerifyRecord::new(&new, &findings)).expect("records are JSON");
    record["transient"].clone()
}

/// What `transient` of the `verify` document says of news that takes `wait` from group to group.
pub(crate) fn engine_flood(
    json_text: &str,
    twin_options: &twin::Options,
    failures_max: usize,
    wait: Duration,
) -> Value {
    let org = read(json_text);
    let graphs = Graphs::new(&org);
    let world = World::new(&org, &graphs, options(twin_options), linkstate::Options::default());
    let bounds = Bounds {
        failures_max,
        ..Bounds::default()
    };
    let flood = flood(&world, &timers(wait), bounds);
    assert!(flood.complete(), "nothing here is large");
    let (verification, repairs) = (Verification::default(), Repairs::default());
    let findings = Findings {
        verification: &verification,
        repairs: &repairs,
        max_failures: failures_max,
        between: None,
        flood: Some(&flood),
    };
    let record = serde_json::to_value(VerifyRecord::new(&world, &findings)).expect("records are JSON");
    record["transient"].clone()
}

fn timers(wait: Duration) -> Timers {
    Timers {
        on_session: Some(wait),
        ..Timers::default()
    }
}

/// Who acts on what from when on, as link state itself says, for connectors that fail at once and work again at once when all has
/// settled.
pub(crate) fn moments(org: &Organization, failed: &[String], wait: Duration) -> Vec<Moment> {
    let graphs = Graphs::new(org);
    let mut state = Propagation::new(org, &graphs.combined, timers(wait));
    let connectors = org.connectors_of_both_kinds();
    let mut found: Vec<Moment> = Vec::new();
    for (after, begins) in [("failure", 0), ("end", 7200)] {
        for connector in &connectors {
            if failed.contains(&org.connector_name(*connector).to_string()) {
                let input = match after {
                    "failure" => Input::ConnectorFails(*connector),
                    _ => Input::ConnectorRecovers(*connector),
                };
                state.schedule(SimTime::from_secs(begins), input);
            }
        }
        // Every timer is a multiple of this.
        for from in (0..7200).step_by(30) {
            state.advance(SimTime::from_secs(begins + from));
            let moment = Moment {
                after,
                from,
                acting: acting(org, &state),
            };
            let none_yet = found.is_empty() && moment.acting.iter().all(|(_, down)| down.is_empty());
            let as_before = found
                .last()
                .is_some_and(|last| (last.after, &last.acting) == (after, &moment.acting));
            if !none_yet && !as_before {
                found.push(moment);
            }
        }
    }
    found
}

fn acting(org: &Organization, state: &Propagation<'_>) -> Vec<(String, Vec<String>)> {
    let groups = org.routing_groups().iter_enumerated();
    let acting = groups.map(|(index, group)| {
        let down = state.believed_down(index).iter();
        let down = down
            .map(|connector| org.connector_name(*connector).to_string())
            .collect();
        (group.name.to_string(), down)
    });
    acting.collect()
}

/// The `explain` document for one query, of which the twin's fields are compared.
pub(crate) fn engine_explain(json_text: &str, twin_options: &twin::Options, query: &Query) -> Value {
    let org = read(json_text);
    let graphs = Graphs::new(&org);
    let message = message(query);
    let down = failures(&org, &query.down);
    let view = View::new(&org, &graphs, options(twin_options), &message, &down);
    let sender = match org.find(&query.from).expect("a query names a sender") {
        NodeKind::Site(site) => Sender::node(&org, Node::Site(site)),
        NodeKind::RoutingGroup(group) => Sender::node(&org, Node::RoutingGroup(group)),
        NodeKind::Server(server) => Sender::server(&org, server),
    }
    .expect("a query names somebody who can send");
    let recipients: Vec<Recipient> = query
        .to
        .iter()
        .map(|to| Recipient::parse(&org, to).expect("a query names recipients"))
        .collect();
    let expanded = expand(&org, &recipients);
    let record = match expanded.as_slice() {
        [one] if query.to.len() == 1 => ExplainRecord::one(&view, &explain(&view, sender, one)),
        several => {
            // Copies are asked for as such: of no size, with nothing down.
            let (message, down) = (
                Message {
                    size: None,
                    ..message.clone()
                },
                FailureSet::default(),
            );
            let view = View::new(&org, &graphs, options(twin_options), &message, &down);
            ExplainRecord::several(&org, several, &copies(&view, sender, several))
        }
    };
    serde_json::to_value(record).expect("records are JSON")
}

fn message(query: &Query) -> Message {
    let word = |word: &Option<String>, known: &[&str]| {
        let found = word.as_ref().map(|word| known.iter().position(|known| known == word));
        found.map(|found| found.expect("a query uses known words"))
    };
    let priority = word(&query.priority, &["Low", "Normal", "High"]);
    let message_type = word(&query.message_type, &["System", "NonSystem"]);
    Message {
        size: query.size,
        sender: query.sender.as_deref().map(Address::parse),
        priority: priority.map_or(Priority::Normal, |at| {
            [Priority::Low, Priority::Normal, Priority::High][at]
        }),
        message_type: message_type.map_or(MessageType::NonSystem, |at| {
            [MessageType::System, MessageType::NonSystem][at]
        }),
        at: query
            .at
            .as_deref()
            .map(|at| WeekMinute::parse(at).expect("a query names a minute of the week")),
    }
}

fn failures(org: &Organization, down: &[(String, String)]) -> FailureSet {
    let mut set = FailureSet::default();
    for (kind, name) in down {
        let name = Name::new(name.as_str());
        macro_rules! add {
            ($arena:ident) => {
                set.$arena.extend(
                    org.$arena()
                        .iter_enumerated()
                        .filter(|(_, item)| item.name == name)
                        .map(|(at, _)| at),
                )
            };
        }
        match kind.as_str() {
            "server" => add!(servers),
            "site" => add!(sites),
            "link" => add!(site_links),
            "connector" => {
                add!(routing_group_connectors);
                add!(connectors);
            }
            other => panic!("no such kind: {other}"),
        }
    }
    set
}
