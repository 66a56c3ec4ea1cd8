//! Several recipients: how many copies leave the sender, and where they are split (D34 to D37).

use serde_json::{Map, Value, json};

use super::address::{DeliveryGroup, Recipient};
use super::explain::{Case, decide};
use super::file::Generation;
use super::names::Name;
use super::org::{Org, Place};
use super::route::{Route, Sender, place_json, plan};

/// A recipient that can be routed.
#[derive(Debug)]
struct Leg {
    recipient: String,
    place: Place,
    connector: Option<usize>,
    delivery_group: DeliveryGroup,
}

/// Where a copy goes first. A connector is one of the place that hands over to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NextHop {
    Place(Place),
    Connector(usize),
}

#[derive(Debug)]
struct Copy {
    next_hop: NextHop,
    legs: Vec<usize>,
}

/// `copies`, and `failed` for the recipients that no copy is for.
pub(super) fn explain(case: &Case<'_>, sender: Sender, recipients: Vec<Recipient>) -> Value {
    let mut legs = Vec::new();
    let mut failed = Vec::new();
    for recipient in recipients {
        let decision = decide(case, sender, &recipient.target);
        match (decision.outcome, decision.place) {
            ("deliver" | "route", Some(place)) => legs.push(Leg {
                delivery_group: match (place, decision.connector, recipient.delivery_group) {
                    // D4: towards legacy groups 2013 computes as 2010 does, which knows the group only.
                    (Place::Group(_), ..) | (_, None, None) => DeliveryGroup::Place(place),
                    (_, Some(connector), _) => DeliveryGroup::Connector(connector),
                    (_, None, Some(group)) => group,
                },
                recipient: recipient.text,
                place,
                connector: decision.connector,
            }),
            (outcome, _) => {
                let mut record = Map::new();
                record.insert("recipient".into(), json!(recipient.text));
                record.insert("outcome".into(), json!(outcome));
                if let Some(code) = decision.code {
                    record.insert("code".into(), json!(code));
                }
                failed.push(Value::Object(record));
            }
        }
    }
    let all: Vec<usize> = (0..legs.len()).collect();
    let (mut copies, _) = copies_at(case, sender, &legs, &all);
    copies.sort_by_key(|copy| hop_order(case.org, copy.next_hop));
    let mut answer = Map::new();
    answer.insert(
        "copies".into(),
        copies
            .iter()
            .map(|copy| copy_json(case, &legs, copy))
            .collect(),
    );
    if !failed.is_empty() {
        answer.insert("failed".into(), Value::Array(failed));
    }
    Value::Object(answer)
}

/// D37: sites, groups, connectors; then by name.
fn hop_order(org: &Org, hop: NextHop) -> (u8, &Name) {
    match hop {
        NextHop::Place(place) => org.place_order(place),
        NextHop::Connector(connector) => (2, &org.connectors[connector].name),
    }
}

fn copy_json(case: &Case<'_>, legs: &[Leg], copy: &Copy) -> Value {
    let recipients: Vec<&str> = copy
        .legs
        .iter()
        .map(|&leg| legs[leg].recipient.as_str())
        .collect();
    let next_hop = match copy.next_hop {
        NextHop::Place(place) => place_json(case.org, place),
        NextHop::Connector(connector) => {
            json!({ "connector": case.org.connectors[connector].name.written })
        }
    };
    let mut record = Map::new();
    record.insert("next_hop".into(), next_hop);
    record.insert("recipients".into(), json!(recipients));
    if let Some(place) = split_at(case, legs, copy) {
        record.insert("split_at".into(), place_json(case.org, place));
    }
    Value::Object(record)
}

/// The copies that leave `sender` for some of the legs, and whether some leg cannot go on from here.
fn copies_at(case: &Case<'_>, sender: Sender, legs: &[Leg], wanted: &[usize]) -> (Vec<Copy>, bool) {
    let mut copies: Vec<Copy> = Vec::new();
    let mut remote: Vec<(usize, Route)> = Vec::new();
    let mut is_stuck = false;
    for &leg in wanted {
        let Leg {
            place, connector, ..
        } = legs[leg];
        if place == sender.place {
            add(
                &mut copies,
                connector.map_or(NextHop::Place(place), NextHop::Connector),
                &[leg],
            );
            continue;
        }
        match plan(case.org, case.options, sender, place, &|connector| {
            case.legacy_permits(connector)
        }) {
            Some(route) => remote.push((leg, route)),
            None => is_stuck = true,
        }
    }
    match sender.generation(case.org) {
        Generation::Legacy => {
            copies.extend(apart(&remote, |leg| (legs[leg].place, legs[leg].connector)))
        }
        Generation::E2007 | Generation::E2010 => {
            copies.extend(delayed_fan_out(case.org, legs, &remote))
        }
        Generation::E2013AndLater => copies.extend(by_delivery_group(case.org, legs, &remote)),
    }
    (copies, is_stuck)
}

/// Adds legs to the copy that goes to the same next hop, or starts one.
fn add(copies: &mut Vec<Copy>, next_hop: NextHop, legs: &[usize]) {
    match copies.iter_mut().find(|copy| copy.next_hop == next_hop) {
        Some(copy) => copy.legs.extend(legs),
        None => copies.push(Copy {
            next_hop,
            legs: legs.to_vec(),
        }),
    }
}

/// One copy for every destination, each to its own next hop.
fn apart<K: PartialEq>(remote: &[(usize, Route)], destination: impl Fn(usize) -> K) -> Vec<Copy> {
    let mut copies: Vec<(K, Copy)> = Vec::new();
    for (leg, route) in remote {
        let key = destination(*leg);
        match copies.iter_mut().find(|(other, _)| *other == key) {
            Some((_, copy)) => copy.legs.push(*leg),
            None => copies.push((
                key,
                Copy {
                    next_hop: NextHop::Place(route.next_hop),
                    legs: vec![*leg],
                },
            )),
        }
    }
    copies.into_iter().map(|(_, copy)| copy).collect()
}

/// D35: mail that stops at a hub site travels there as one; otherwise every delivery group has its copy.
fn by_delivery_group(org: &Org, legs: &[Leg], remote: &[(usize, Route)]) -> Vec<Copy> {
    let is_hub_next =
        |route: &Route| matches!(route.next_hop, Place::Site(site) if org.is_hub_stop(site));
    let (by_hub, others): (Vec<_>, Vec<_>) = remote
        .iter()
        .cloned()
        .partition(|(_, route)| is_hub_next(route));
    let mut copies = Vec::new();
    for (leg, route) in &by_hub {
        add(&mut copies, NextHop::Place(route.next_hop), &[*leg]);
    }
    copies.extend(apart(&others, |leg| legs[leg].delivery_group));
    copies
}

/// RT-2.5, D34: one copy as far as the paths are the same.
fn delayed_fan_out(org: &Org, legs: &[Leg], remote: &[(usize, Route)]) -> Vec<Copy> {
    let mut parts: Vec<(Place, Vec<(usize, Route)>)> = Vec::new();
    for (leg, route) in remote {
        let first = route.path[1];
        match parts.iter_mut().find(|(other, _)| *other == first) {
            Some((_, part)) => part.push((*leg, route.clone())),
            None => parts.push((first, vec![(*leg, route.clone())])),
        }
    }
    let mut copies = Vec::new();
    for (_, part) in parts {
        match fork(org, &part) {
            Some(stop) => copies.push(Copy {
                next_hop: NextHop::Place(Place::Site(stop)),
                legs: part.iter().map(|(leg, _)| *leg).collect(),
            }),
            None => copies.extend(apart(&part, |leg| legs[leg].place)),
        }
    }
    copies
}

/// The first hub site of the longest common prefix, or else its last site with a transport server. `None` when
/// that is the sender itself.
fn fork(org: &Org, part: &[(usize, Route)]) -> Option<usize> {
    let (_, first) = part.first()?;
    let is_common = |at: &usize| {
        part.iter()
            .all(|(_, route)| route.path.get(*at) == Some(&first.path[*at]))
    };
    let common: Vec<Place> = (1..first.path.len())
        .take_while(is_common)
        .map(|at| first.path[at])
        .collect();
    let sites: Vec<usize> = common
        .iter()
        .filter_map(|place| match place {
            Place::Site(site) if org.has_transport(*site) => Some(*site),
            _ => None,
        })
        .collect();
    sites
        .iter()
        .copied()
        .find(|&site| org.is_hub_stop(site))
        .or(sites.last().copied())
}

/// D36: goes along with the copy until it is one no more.
fn split_at(case: &Case<'_>, legs: &[Leg], copy: &Copy) -> Option<Place> {
    let mut next_hop = copy.next_hop;
    let mut seen = Vec::new();
    while let NextHop::Place(here) = next_hop {
        if seen.contains(&here) {
            return None;
        }
        seen.push(here);
        let sender = Sender::of_place(case.org, here)?;
        let (copies, is_stuck) = copies_at(case, sender, legs, &copy.legs);
        match copies.as_slice() {
            [one] if !is_stuck => {
                if one.next_hop == next_hop {
                    // Delivered here, all of it.
                    return None;
                }
                next_hop = one.next_hop;
            }
            _ => return Some(here),
        }
    }
    None
}
