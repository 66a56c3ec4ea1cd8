//! Connectors that fail unnoticed while the mail of a legacy router has another way.

use serde_json::{Value, json};

use super::super::address::Target;
use super::super::org::Place;
use super::super::route::place_json;
use super::choices::choices;
use super::classes::{MessageClass, Recipient};
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
            if crosses.iter().any(|choice| choice.crosses(wire)) && !without.is_empty() {
                found.push(BlackHole { wire, group });
            }
        }
    }
    found
}
