//! Connectors between groups, and connectors to the outside.

use serde_json::{Value, json};

use super::Cast;
use super::dice::Dice;
use super::servers::{Actor, Era};

const GROUP_2007: [&str; 3] = [
    "DWBGZMFD01QNBJR",
    "dwbgzmfd01qnbjr",
    "Exchange Routing Group (DWBGZMFD01QNBJR)",
];

/// One direction each, with its mirror image more often than not.
pub(super) fn group_connectors(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    // A position beyond the legacy groups stands for the 2007 group.
    let groups: Vec<usize> = (0..=cast.groups.len()).collect();
    let wanted = if cast.groups.is_empty() { 0 } else { dice.between(1, 10) };
    let mut found: Vec<Value> = Vec::new();
    while found.len() < wanted {
        let (from, to) = match dice.some(&groups, 2, 2).as_slice() {
            [from, _] if dice.percent(2) => (*from, *from),
            [_, to] if cast.legacy_outside && dice.percent(60) => (cast.groups.len(), *to),
            [from, to] => (*from, *to),
            _ => break,
        };
        let ends = if dice.percent(70) {
            vec![(from, to), (to, from)]
        } else {
            vec![(from, to)]
        };
        for (from, to) in ends {
            let at = found.len();
            found.push(group_connector(dice, cast, at, from, to));
        }
    }
    found
}

fn group_connector(dice: &mut Dice, cast: &Cast, at: usize, from: usize, to: usize) -> Value {
    let mut name = |group: usize| match cast.groups.get(group) {
        Some(name) => dice.reference(name),
        None => dice.pick(&GROUP_2007).to_owned(),
    };
    let (from_name, to_name) = (name(from), name(to));
    let letter = dice.pick(&["r", "R", "_", "c", "Q"]);
    let mut connector = json!({ "name": format!("{letter}{at}"), "from": from_name, "to": to_name });
    if dice.percent(80) {
        connector["cost"] = json!(dice.cost());
    }
    match dice.between(0, 19) {
        0..=2 => connector["kind"] = json!("X400"),
        3 => connector["kind"] = json!("Smtp"),
        4 => connector["kind"] = json!("RoutingGroup"),
        _ => {}
    }
    let left_out = if from < cast.groups.len() { 30 } else { 5 };
    if !cast.servers.is_empty() {
        if !dice.percent(left_out) {
            connector["source_servers"] = json!(servers_in(dice, cast, from));
        }
        if !dice.percent(30) {
            connector["target_servers"] = json!(servers_in(dice, cast, to));
        }
    }
    add_limits(dice, &mut connector);
    connector
}

/// Servers of a group, and sometimes one that is not in it.
fn servers_in(dice: &mut Dice, cast: &Cast, group: usize) -> Vec<String> {
    let belongs = |server: &&Actor| match cast.groups.get(group) {
        Some(_) => server.group == Some(group),
        None => server.site.is_some(),
    };
    let inside: Vec<Actor> = cast.servers.iter().filter(belongs).cloned().collect();
    names(dice, cast, &inside)
}

fn names(dice: &mut Dice, cast: &Cast, inside: &[Actor]) -> Vec<String> {
    let mut chosen = dice.some(inside, 1, 2);
    if !cast.servers.is_empty() && dice.percent(8) {
        let other = dice.pick(&cast.servers);
        if !chosen.contains(&other) {
            chosen.push(other);
        }
    }
    chosen.iter().map(|server| dice.reference(&server.name)).collect()
}

/// Sizes and restrictions.
fn add_limits(dice: &mut Dice, connector: &mut Value) {
    if dice.percent(15) {
        connector["max_message_size"] = dice.size_limit();
    }
    if dice.percent(15) {
        connector["restrictions"] = match dice.between(0, 6) {
            0 => json!({ "allowed_senders": ["ann@contoso.example"] }),
            1 => json!({ "denied_senders": ["Ann@Contoso.example", "x@partner.example"] }),
            2 => json!({ "priorities": ["High", "Normal"] }),
            3 => json!({ "message_types": ["NonSystem"], "priorities": ["Low"] }),
            4 => json!({ "schedule": "Never" }),
            5 => json!({ "schedule": ["Mon 08:00-18:00"], "integrated_authentication": true }),
            _ => json!({ "message_types": ["System"] }),
        };
    }
}

const SPACES: [&str; 16] = [
    "*",
    "SMTP:*;1",
    "*;2",
    "*;3",
    "partner.example",
    "smtp:Partner.example;2",
    "*.partner.example;1",
    "*.PARTNER.example;3",
    "*.eu.partner.example",
    "*.example",
    "--",
    "X400:c=us;a=adatum;1",
    "X400:c=us;2",
    "X400:*;1",
    "FAX:*;2",
    "fax:+49*",
];

/// Connectors of all kinds, sometimes one that an Edge subscription would imply.
pub(super) fn connectors(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    let count = if dice.percent(70) {
        dice.between(2, 5)
    } else {
        dice.between(0, 8)
    };
    let legacy = match () {
        () if cast.groups.is_empty() => 0,
        // Only where no 2007 connector matches do the legacy ones compete (R60).
        () if cast.legacy_outside => 100,
        () => 35,
    };
    let mut found: Vec<Value> = (0..count).map(|at| connector(dice, cast, at, legacy)).collect();
    if dice.percent(6) && cast.servers.iter().any(|server| server.era == Era::Edge) {
        let site = dice.pick(&cast.sites);
        let named = connector(dice, cast, found.len(), legacy);
        let name = dice.pick(&[
            format!("EdgeSync - Inbound to {site}"),
            format!("edgesync - {site} TO internet"),
        ]);
        found.push(named);
        if let Some(last) = found.last_mut() {
            last["name"] = json!(name);
        }
    }
    found
}

/// A connector to the outside, a legacy one with the given chance.
fn connector(dice: &mut Dice, cast: &Cast, at: usize, legacy: u32) -> Value {
    let legacy = dice.percent(legacy);
    let kinds: &[&str] = if legacy {
        &["LegacySmtp", "LegacySmtp", "LegacyX400"]
    } else {
        &["Send", "Send", "Send", "Foreign", "DeliveryAgent"]
    };
    let usual = if cast.legacy_outside { 90 } else { 45 };
    let spaces: Vec<&str> = if dice.percent(usual) {
        vec![dice.pick(&["*", "*;2", "*", "partner.example"])]
    } else {
        dice.some(&SPACES, 1, 3)
    };
    let letter = dice.pick(&["s", "S", "_", "x", "T"]);
    let mut connector = json!({ "name": format!("{letter} {at}"), "kind": dice.pick(kinds), "address_spaces": spaces });
    if legacy {
        let group = dice.between(0, cast.groups.len() - 1);
        if dice.percent(60) {
            connector["routing_group"] = json!(dice.reference(&cast.groups[group]));
        }
        if !dice.percent(5) {
            connector["source_servers"] = json!(servers_in(dice, cast, group));
        }
    } else if !dice.percent(5) {
        connector["source_servers"] = json!(modern_sources(dice, cast));
    }
    if dice.percent(10) {
        connector["enabled"] = json!(false);
    }
    if dice.percent(15) {
        connector["scoped"] = json!(true);
    }
    add_limits(dice, &mut connector);
    connector
}

/// Servers of one site, of several, or an Edge server.
fn modern_sources(dice: &mut Dice, cast: &Cast) -> Vec<String> {
    let site = dice.between(0, cast.sites.len() - 1);
    let (anywhere, edge) = (dice.percent(25), dice.percent(15));
    let fits = |server: &&Actor| {
        (edge && server.era == Era::Edge) || server.site.is_some_and(|other| anywhere || other == site)
    };
    let inside: Vec<Actor> = cast.servers.iter().filter(fits).cloned().collect();
    names(dice, cast, &inside)
}
