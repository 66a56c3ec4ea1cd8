//! Connectors that fail unnoticed while the mail of a legacy router has another way.

use serde_json::{Value, json};

use super::super::address::Target;
use super::super::explain::decide;
use super::super::org::{Node, Place};
use super::super::restrictions::Message;
use super::super::route::{Crossed, place_json};
use super::choices::{Choice, choices};
use super::classes::{MessageClass, Recipient};
use super::graph::Step;
use super::link_state::{Wire, name};
use super::routers::Network;
use super::witnesses::{classes_json, listed_once};

/// One connector has failed and nobody can believe it down; the way of the group crosses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BlackHole {
    wire: Wire,
    group: usize,
}

/// By recipient, connector, group, class.
pub(super) fn black_holes(network: &Network, recipients: &[Recipient], classes: &[MessageClass]) -> Value {
    let org = &network.org;
    let mut records = Vec::new();
    for to in recipients {
        let by_class = classes.iter().map(|class| of_class(network, class, to));
        let mut listed = listed_once(&by_class.collect::<Vec<_>>());
        listed.sort_by_key(|(hole, classes)| {
            let at = &org.groups[hole.group].name;
            (name(org, hole.wire), at, classes.clone())
        });
        for (hole, at) in listed {
            let mut record = classes_json(classes, &at);
            record.insert("recipient".to_owned(), to.shown.clone());
            record.insert("failed".to_owned(), json!([name(org, hole.wire).written]));
            record.insert("at".to_owned(), place_json(org, Place::Group(hole.group)));
            records.push(Value::Object(record));
        }
    }
    Value::Array(records)
}

fn of_class(network: &Network, class: &MessageClass, to: &Recipient) -> Vec<BlackHole> {
    let message = class.message();
    let mut found = Vec::new();
    for wire in network.link_state.unnoticed(&network.org) {
        for router in &network.routers {
            let Place::Group(group) = router.place else { continue };
            if matches!(to.target, Target::Place(Place::Group(home)) if home == group) {
                continue;
            }
            let crosses = network.choices(&message, group, &to.target, &[]);
            let without = choices(&network.case(&message), group, &to.target, &|other| other == wire);
            let walks_into = |choice: &Choice| walks_into(network, &message, to, choice, wire);
            if crosses.iter().any(walks_into) && !without.is_empty() {
                found.push(BlackHole { wire, group });
            }
        }
    }
    found
}

/// Up to the entry into the 2007 group a group's mail keeps to its choice. From there on it goes as it is sent on, so that it
/// has to be followed.
fn walks_into(network: &Network, message: &Message, to: &Recipient, choice: &Choice, wire: Wire) -> bool {
    let enters = |&&at: &&usize| network.org.group_connectors[at].to == Node::E2007;
    let Some(entry) = choice.crossed.iter().find(enters) else {
        return choice.crosses(wire);
    };
    for connector in &choice.crossed {
        if Wire::Between(*connector) == wire {
            return true;
        }
        if connector == entry {
            break;
        }
    }
    let follow = |step: &Step| match step {
        Step::To(router) => comes_to(network, message, to, *router, wire, &mut Vec::new()),
        Step::End(_) => false,
    };
    choice.crosses(wire) && network.across(*entry).iter().any(follow)
}

/// Whether mail that a router holds may be sent over `wire` by it or by anyone who gets it from there.
fn comes_to(
    network: &Network,
    message: &Message,
    to: &Recipient,
    at: usize,
    wire: Wire,
    seen: &mut Vec<usize>,
) -> bool {
    if seen.contains(&at) {
        return false;
    }
    seen.push(at);
    let mut next = Vec::new();
    match network.routers[at].place {
        Place::Group(group) if matches!(to.target, Target::Place(Place::Group(home)) if home == group) => {}
        Place::Group(group) => {
            for choice in network.choices(message, group, &to.target, &[]) {
                match (choice.crossed.first(), choice.exit) {
                    (Some(first), _) if Wire::Between(*first) == wire => return true,
                    (None, Some(exit)) if Wire::Outside(exit) == wire => return true,
                    (Some(first), _) => next.extend(network.across(*first)),
                    (None, _) => {}
                }
            }
        }
        Place::Site(_) => {
            let sender = network.routers[at];
            let decision = decide(&network.case(message), sender, &to.target);
            if decision.outcome == "deliver" {
                return decision.connector.is_some_and(|exit| Wire::Outside(exit) == wire);
            }
            next = network.modern_steps(message, sender, &to.target);
            let first = decision.route.map(|route| route.crossed[0]);
            let leaves =
                |step: &Step| matches!(step, Step::To(to) if matches!(network.routers[*to].place, Place::Group(_)));
            if next.iter().any(leaves) && matches!(first, Some(Crossed::Connector(over)) if Wire::Between(over) == wire)
            {
                return true;
            }
        }
    }
    next.into_iter().any(|step| match step {
        Step::To(router) => comes_to(network, message, to, router, wire, seen),
        Step::End(_) => false,
    })
}
