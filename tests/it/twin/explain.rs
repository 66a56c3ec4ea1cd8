//! One decision: what a sender does with mail for one recipient, or for several.

use serde_json::{Map, Value, json};

use super::address::{Target, recipients, sender};
use super::copies;
use super::failures::{Down, Journey, follow};
use super::hours::minute_of_the_week;
use super::org::{Org, Place};
use super::restrictions::{Message, is_too_large, permits};
use super::route::{Crossed, Route, Sender, Sight, entry_from_group, place_json, plan, record_json};
use super::selection::{Considered, NothingChosen, Selection};
use super::site_paths::closest;
use super::spaces::Address;
use super::{Options, legacy_selection, selection};

/// The arguments of `explain`, as on the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) size: Option<u64>,
    pub(crate) sender: Option<String>,
    pub(crate) priority: Option<String>,
    pub(crate) message_type: Option<String>,
    pub(crate) at: Option<String>,
    /// Kind and name.
    pub(crate) down: Vec<(String, String)>,
}

/// What a decision depends on besides sender and recipient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) org: &'a Org,
    pub(super) options: &'a Options,
    pub(super) message: &'a Message,
    pub(super) down: &'a Down,
}

impl Case<'_> {
    /// D19: a legacy sender leaves out connectors that refuse the message, or are too small for it.
    pub(super) fn legacy_permits(&self, connector: usize) -> bool {
        let connector = &self.org.group_connectors[connector];
        permits(&connector.restrictions, self.message) && !is_too_large(self.message.size, connector.max_message_size)
    }

    /// D40: and those that it believes down.
    pub(super) fn legacy_may_cross(&self, connector: usize) -> bool {
        self.legacy_permits(connector) && !self.down.is_group_connector_believed_down(connector)
    }

    /// What a legacy sender sees of all that with what is down.
    pub(super) fn as_it_is<T>(&self, ask: impl FnOnce(Sight<'_>) -> T) -> T {
        ask(Sight {
            may_cross: &|connector| self.legacy_may_cross(connector),
            is_up: &|server| !self.down.is_server_down(server),
        })
    }

    /// And what it would see with all up.
    pub(super) fn all_up<T>(&self, ask: impl FnOnce(Sight<'_>) -> T) -> T {
        ask(Sight::all_up(&|connector| self.legacy_permits(connector)))
    }
}

#[derive(Debug)]
pub(super) struct Decision {
    pub(super) outcome: &'static str,
    pub(super) code: Option<&'static str>,
    /// Where the mail goes, when it goes anywhere.
    pub(super) place: Option<Place>,
    pub(super) connector: Option<usize>,
    pub(super) route: Option<Route>,
    decided_by: Option<&'static str>,
    considered: Vec<Considered>,
    ambiguous: bool,
    journey: Option<Journey>,
}

impl Decision {
    fn new(outcome: &'static str) -> Self {
        Self {
            outcome,
            code: None,
            place: None,
            connector: None,
            route: None,
            decided_by: None,
            considered: Vec::new(),
            ambiguous: false,
            journey: None,
        }
    }

    fn ndr(code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..Self::new("ndr")
        }
    }
}

pub(super) fn decide(case: &Case<'_>, sender: Sender, target: &Target) -> Decision {
    match target {
        Target::Nowhere => Decision::new("unreachable"),
        Target::NoSuchMailbox => Decision::ndr("5.1.1"),
        Target::Place(place) => towards(case, sender, *place, None, &[]),
        Target::AnySite(sites) => match closest_to_sender(case, sender, sites) {
            Some(site) => towards(case, sender, Place::Site(site), None, sites),
            None => Decision::new("unreachable"),
        },
        Target::External(address) => to_outside(case, sender, address),
    }
}

/// D10. Seen from a legacy group, the site where its mail comes in is what the others are close to.
fn closest_to_sender(case: &Case<'_>, sender: Sender, sites: &[usize]) -> Option<usize> {
    let from = match sender.place {
        Place::Site(site) => Some(site),
        Place::Group(group) => case
            .as_it_is(|sight| entry_from_group(case.org, group, sight))
            .or_else(|| case.all_up(|sight| entry_from_group(case.org, group, sight))),
    };
    closest(case.org, from?, sites).map(|(site, _)| site)
}

/// The way to a router, and out by `connector` when the recipient is outside. `ends` are all sites in which the mail
/// can end, when those are several.
fn towards(case: &Case<'_>, sender: Sender, place: Place, connector: Option<usize>, ends: &[usize]) -> Decision {
    let org = case.org;
    if !org.is_router(place) {
        return Decision::new("unreachable");
    }
    let decision = Decision {
        place: Some(place),
        connector,
        ..Decision::new("route")
    };
    if place == sender.place {
        return with_failures(
            case,
            sender,
            connector,
            ends,
            Decision {
                outcome: "deliver",
                ..decision
            },
        );
    }
    let route = case.as_it_is(|sight| plan(org, case.options, sender, place, sight));
    let Some(route) = route else {
        let all_up = case.all_up(|sight| plan(org, case.options, sender, place, sight));
        return match all_up {
            // D40: only what is down keeps the mail from going on.
            Some(_) => waiting_at(sender.place, decision),
            None => Decision {
                outcome: "unreachable",
                ..decision
            },
        };
    };
    let is_too_large = exceeds_a_limit(case, sender, &route);
    let decision = Decision {
        decided_by: Some(route.decided_by),
        route: Some(route),
        ..decision
    };
    if is_too_large {
        // R68, R69: no other path is tried.
        return Decision {
            outcome: "ndr",
            code: Some("5.3.4"),
            ..decision
        };
    }
    with_failures(case, sender, connector, ends, decision)
}

fn waiting_at(place: Place, decision: Decision) -> Decision {
    let journey = Journey {
        queued_at: Some(place),
        ..Journey::default()
    };
    Decision {
        outcome: "queue",
        journey: Some(journey),
        ..decision
    }
}

/// D39 for mail that starts on the 2007 side. A legacy sender has looked at what is down before it chose.
fn with_failures(
    case: &Case<'_>,
    sender: Sender,
    connector: Option<usize>,
    ends: &[usize],
    decision: Decision,
) -> Decision {
    // D38: who is down does nothing.
    if case.down.is_sender_down(case.org, sender) {
        return waiting_at(sender.place, decision);
    }
    let (Place::Site(_), Some(place)) = (sender.place, decision.place) else {
        return Decision {
            journey: Some(Journey::default()),
            ..decision
        };
    };
    let journey = follow(case, sender, place, connector, ends);
    let outcome = if journey.queued_at.is_some() {
        "queue"
    } else {
        decision.outcome
    };
    Decision {
        outcome,
        journey: Some(journey),
        ..decision
    }
}

/// D18, D19.
fn exceeds_a_limit(case: &Case<'_>, sender: Sender, route: &Route) -> bool {
    let org = case.org;
    let (judge, judges_connectors) = match sender.place {
        Place::Site(_) => (Some(sender), true),
        // The connectors have been chosen by their size. The 2007 side judges the links between its sites.
        Place::Group(_) => (
            route.entry().and_then(|site| Sender::of_place(org, Place::Site(site))),
            false,
        ),
    };
    let limit = |crossed: &Crossed| match *crossed {
        Crossed::SiteLink(link) => org.links[link].max_message_size,
        Crossed::Connector(connector) if judges_connectors => org.group_connectors[connector].max_message_size,
        Crossed::Connector(_) => None,
    };
    let size = case.message.size_for_2007();
    judge.is_some_and(|judge| judge.sees_limits(org))
        && route.crossed.iter().any(|crossed| is_too_large(size, limit(crossed)))
}

fn to_outside(case: &Case<'_>, sender: Sender, address: &Address) -> Decision {
    let org = case.org;
    let Selection { chosen, considered } = match (sender.place, sender.server) {
        (Place::Site(site), Some(server)) => selection::select(case, sender, server, site, address),
        (Place::Group(group), _) => legacy_selection::select(case, group, address),
        (Place::Site(_), None) => unreachable!("a site sends as a transport server"),
    };
    let decision = match chosen {
        Ok(chosen) => {
            let ends = org.sites_of(&org.connectors[chosen.connector].usable_sources);
            let way = towards(case, sender, chosen.place, Some(chosen.connector), &ends);
            Decision {
                connector: Some(chosen.connector),
                decided_by: Some(chosen.decided_by),
                ambiguous: chosen.ambiguous,
                ..way
            }
        }
        // D24, D29.
        Err(NothingChosen::TooLarge) => Decision::ndr("5.3.4"),
        Err(NothingChosen::NoConnector) if address.kind == "SMTP" => Decision::new("unreachable"),
        Err(NothingChosen::NoConnector) => Decision::ndr("5.4.4"),
        // LS-2.1: without a path mail of every type goes to the Unreachable queue.
        Err(NothingChosen::NoWay) => Decision::new("unreachable"),
        Err(NothingChosen::AllDown) => waiting_at(sender.place, Decision::new("queue")),
    };
    Decision { considered, ..decision }
}

/// The answer to a query, without the prose. Fields that do not apply are absent.
///
/// # Panics
///
/// When the sender is not known, or cannot send.
pub(crate) fn explain(org: &Org, options: &Options, query: &Query) -> Value {
    let sender = sender(org, &query.from).unwrap_or_else(|| panic!("no sender: {}", query.from));
    let recipients = recipients(org, &query.to);
    let is_single = query.to.len() == 1 && recipients.len() == 1;
    let message = Message {
        size: query.size.filter(|_| is_single),
        sender: query.sender.clone(),
        priority: query.priority.clone().unwrap_or_else(|| "Normal".to_owned()),
        message_type: query.message_type.clone().unwrap_or_else(|| "NonSystem".to_owned()),
        minute: query
            .at
            .as_deref()
            .map(|at| minute_of_the_week(at).expect("a minute of the week")),
    };
    let down = Down::new(org, if is_single { &query.down } else { &[] });
    let case = Case {
        org,
        options,
        message: &message,
        down: &down,
    };
    if let ([recipient], true) = (recipients.as_slice(), is_single) {
        let decision = decide(&case, sender, &recipient.target);
        decision_json(org, sender, &decision, !query.down.is_empty())
    } else {
        copies::explain(&case, sender, recipients)
    }
}

fn decision_json(org: &Org, sender: Sender, decision: &Decision, asked_about_failures: bool) -> Value {
    let mut answer = Map::new();
    let mut insert = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            answer.insert(field.to_owned(), value);
        }
    };
    let connector = |at: usize| json!(org.connectors[at].name.written);
    let considered = |considered: &Considered| {
        json!({
            "name": connector(considered.connector),
            "verdict": considered.verdict,
            "rule": considered.rule,
        })
    };
    insert("outcome", Some(json!(decision.outcome)));
    insert("code", decision.code.map(|code| json!(code)));
    insert("connector", decision.connector.map(connector));
    let to = decision.place.unwrap_or(sender.place);
    insert(
        "route",
        decision
            .route
            .as_ref()
            .map(|route| record_json(org, sender.place, to, Some(route))),
    );
    insert("decided_by", decision.decided_by.map(|step| json!(step)));
    insert("ambiguous", decision.ambiguous.then_some(json!(true)));
    if !decision.considered.is_empty() {
        insert("considered", Some(decision.considered.iter().map(considered).collect()));
    }
    if asked_about_failures && let Some(journey) = &decision.journey {
        insert("queued_at", journey.queued_at.map(|place| place_json(org, place)));
        insert(
            "tried",
            Some(journey.tried.iter().map(|&place| place_json(org, place)).collect()),
        );
    }
    Value::Object(answer)
}
