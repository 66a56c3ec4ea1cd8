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
    /// Position among the recipients.
    recipient: usize,
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
    let (legs, failed) = legs_from(case, sender, &recipients);
    let mut copies = copies_at(case, sender, &legs);
    // D37. Legs are in the order of the command line.
    copies.iter_mut().for_each(|copy| copy.legs.sort_unstable());
    copies.sort_by_key(|copy| (hop_order(case.org, copy.next_hop), copy.legs[0]));
    let mut answer = Map::new();
    answer.insert(
        "copies".into(),
        copies
            .iter()
            .map(|copy| copy_json(case, &recipients, &legs, copy))
            .collect(),
    );
    if !failed.is_empty() {
        answer.insert("failed".into(), Value::Array(failed));
    }
    Value::Object(answer)
}

/// Where `sender` would send each recipient, and a record for those whom it can't send anything.
fn legs_from(case: &Case<'_>, sender: Sender, recipients: &[Recipient]) -> (Vec<Leg>, Vec<Value>) {
    let mut legs = Vec::new();
    let mut failed = Vec::new();
    for (at, recipient) in recipients.iter().enumerate() {
        let decision = decide(case, sender, &recipient.target);
        match (decision.outcome, decision.place) {
            ("deliver" | "route", Some(place)) => legs.push(Leg {
                delivery_group: match (place, decision.connector, recipient.delivery_group) {
                    // D4: towards legacy groups 2013 computes as 2010 does, which knows the group only.
                    (Place::Group(_), ..) | (_, None, None) => DeliveryGroup::Place(place),
                    (_, Some(connector), _) => DeliveryGroup::Connector(connector),
                    (_, None, Some(group)) => group,
                },
                recipient: at,
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
    (legs, failed)
}

/// D37: sites, groups, connectors; then by name.
fn hop_order(org: &Org, hop: NextHop) -> (u8, &Name) {
    match hop {
        NextHop::Place(place) => org.place_order(place),
        NextHop::Connector(connector) => (2, &org.connectors[connector].name),
    }
}

fn copy_json(case: &Case<'_>, recipients: &[Recipient], legs: &[Leg], copy: &Copy) -> Value {
    let served: Vec<Recipient> = copy
        .legs
        .iter()
        .map(|&leg| recipients[legs[leg].recipient].clone())
        .collect();
    let texts: Vec<&str> = served.iter().map(|recipient| recipient.text.as_str()).collect();
    let next_hop = match copy.next_hop {
        NextHop::Place(place) => place_json(case.org, place),
        NextHop::Connector(connector) => {
            json!({ "connector": case.org.connectors[connector].name.written })
        }
    };
    let mut record = Map::new();
    record.insert("next_hop".into(), next_hop);
    record.insert("recipients".into(), json!(texts));
    let end = |leg: &usize| (legs[*leg].place, legs[*leg].connector);
    let has_several_ends = copy.legs.iter().any(|leg| end(leg) != end(&copy.legs[0]));
    if has_several_ends && let Some(place) = split_at(case, &served, copy.next_hop) {
        record.insert("split_at".into(), place_json(case.org, place));
    }
    Value::Object(record)
}

/// The copies that leave `sender`.
fn copies_at(case: &Case<'_>, sender: Sender, legs: &[Leg]) -> Vec<Copy> {
    let mut copies: Vec<Copy> = Vec::new();
    let mut remote: Vec<(usize, Route)> = Vec::new();
    for (at, leg) in legs.iter().enumerate() {
        if leg.place == sender.place {
            let next_hop = leg.connector.map_or(NextHop::Place(leg.place), NextHop::Connector);
            add(&mut copies, next_hop, &[at]);
            continue;
        }
        let route = case.all_up(|sight| plan(case.org, case.options, sender, leg.place, sight));
        remote.push((at, route.expect("what can be decided has a route")));
    }
    match sender.generation(case.org) {
        Generation::Legacy => copies.extend(apart(&remote, |leg| (legs[leg].place, legs[leg].connector))),
        Generation::E2007 | Generation::E2010 => copies.extend(delayed_fan_out(case.org, legs, &remote)),
        Generation::E2013AndLater => copies.extend(by_delivery_group(case.org, legs, &remote)),
    }
    copies
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
    // D34: the legacy side splits what one routing group takes.
    let is_hub_next = |route: &Route| match route.next_hop {
        Place::Site(site) => org.is_hub_stop(site),
        Place::Group(_) => true,
    };
    let (by_hub, others): (Vec<_>, Vec<_>) = remote.iter().cloned().partition(|(_, route)| is_hub_next(route));
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
        let into_group = matches!(part[0].1.path[1], Place::Group(_));
        let stop = if into_group {
            Some(part[0].1.path[1])
        } else {
            fork(org, &part).map(Place::Site)
        };
        match stop {
            Some(stop) => copies.push(Copy {
                next_hop: NextHop::Place(stop),
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

/// D36: goes along with the copy until it is one no more. Every stop decides anew.
fn split_at(case: &Case<'_>, served: &[Recipient], mut next_hop: NextHop) -> Option<Place> {
    let mut seen = Vec::new();
    while let NextHop::Place(here) = next_hop {
        if seen.contains(&here) {
            return None;
        }
        seen.push(here);
        let sender = Sender::of_place(case.org, here)?;
        let (legs, failed) = legs_from(case, sender, served);
        let copies = copies_at(case, sender, &legs);
        match copies.as_slice() {
            [one] if failed.is_empty() => {
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
