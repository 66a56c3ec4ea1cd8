//! Small organizations in which mail loops: a few legacy groups around the 2007 group, and everything that makes
//! the two sides disagree.

use serde_json::{Value, json};

use super::dice::Dice;
use super::hours;

const SITES: [&str; 3] = ["S2", "s10", "Zürich"];
const GROUPS: [&str; 5] = ["HKG", "hkg2", "B", "_rg", "a b"];
const GROUP_2007: [&str; 2] = ["DWBGZMFD01QNBJR", "Exchange Routing Group (DWBGZMFD01QNBJR)"];

/// The names to refer to, by site and by group.
#[derive(Debug)]
struct Cast {
    hubs: Vec<Vec<String>>,
    bridgeheads: Vec<Vec<String>>,
}

/// A valid topology file, for verification.
pub(crate) fn coexistence(seed: u64) -> Value {
    let dice = &mut Dice::of(seed, "coexistence");
    let site_count = dice.pick(&[1, 1, 2, 2, 3]);
    let group_count = dice.pick(&[2, 2, 3, 3, 3, 4, 5]);
    let mut sites = dice.some(&SITES, site_count, site_count);
    sites.truncate(site_count);
    let groups = dice.some(&GROUPS, group_count, group_count);
    let (cast, servers) = servers(&mut Dice::of(seed, "loop servers"), &sites, &groups);
    let mut connectors = Dice::of(seed, "loop connectors");
    let outside = outside(&mut Dice::of(seed, "loop outside"), &cast, &groups);
    let mut file = json!({
        "sites": sites.iter().map(|name| site(dice, name)).collect::<Value>(),
        "site_links": site_links(dice, &sites),
        "servers": servers,
        "routing_groups": groups.iter().map(|name| group(dice, name)).collect::<Value>(),
        "routing_group_connectors": between(&mut connectors, &cast, &groups),
        "connectors": outside,
    });
    hours::seldom(&mut Dice::of(seed, "loop hours"), &mut file);
    file
}

/// What `coexistence` of the same seed may have been before a change: connectors of other costs, to other groups, with
/// other hours, or not there; now and then another organization altogether.
pub(crate) fn earlier(seed: u64) -> Value {
    let dice = &mut Dice::of(seed, "earlier");
    let mut file = coexistence(if dice.percent(10) { seed + 1 } else { seed });
    let groups: Vec<Value> = connectors(&mut file)
        .iter()
        .map(|connector| connector["to"].clone())
        .collect();
    let connectors = connectors(&mut file);
    connectors.retain(|_| !dice.percent(12));
    for connector in connectors {
        if dice.percent(30) {
            connector["cost"] = json!(dice.pick(&[1, 2, 3, 10]));
        }
        if dice.percent(6) {
            connector["to"] = dice.pick(&groups);
            connector.as_object_mut().expect("a record").remove("target_servers");
        }
    }
    let dice = &mut Dice::of(seed, "earlier hours");
    if hours::is_there(&file) {
        match dice.between(0, 5) {
            0 => hours::remove(&mut file),
            1 | 2 => hours::add(dice, &mut file),
            _ => {}
        }
    } else if dice.percent(2) {
        hours::add(dice, &mut file);
    }
    file
}

/// `coexistence` of the same seed, with nothing suppressed, and with more groups without a master, more closed ports and more
/// ways in one direction.
pub(crate) fn news_kept(seed: u64) -> Value {
    let dice = &mut Dice::of(seed, "news kept");
    let mut file = coexistence(seed);
    for server in file["servers"].as_array_mut().expect("a list") {
        let server = server.as_object_mut().expect("a record");
        server.remove("suppress_state_changes");
        server.remove("suppression_in_effect");
        if server.contains_key("routing_group") && dice.percent(25) {
            server.insert("link_state_blocked".to_owned(), json!(true));
        }
    }
    for group in file["routing_groups"].as_array_mut().expect("a list") {
        if dice.percent(15) {
            group["master"] = json!("");
        }
    }
    connectors(&mut file).retain(|_| !dice.percent(10));
    if dice.percent(75) {
        // Every class of messages is walked through for every moment: few have several.
        for list in ["site_links", "routing_group_connectors", "connectors"] {
            for record in file[list].as_array_mut().expect("a list") {
                let record = record.as_object_mut().expect("a record");
                record.remove("max_message_size");
                record.remove("restrictions");
            }
        }
        hours::seldom(&mut Dice::of(seed, "hours of news"), &mut file);
    }
    file
}

fn connectors(file: &mut Value) -> &mut Vec<Value> {
    file["routing_group_connectors"].as_array_mut().expect("a list")
}

fn site(dice: &mut Dice, name: &str) -> Value {
    json!({ "name": name, "hub_site": dice.percent(15) })
}

/// Most pairs, so that most sites reach each other.
fn site_links(dice: &mut Dice, sites: &[&str]) -> Vec<Value> {
    let mut links = Vec::new();
    for (at, &a) in sites.iter().enumerate() {
        for &b in &sites[at + 1..] {
            if dice.percent(80) {
                let cost = dice.pick(&[1, 1, 2, 10]);
                let mut link = json!({ "name": format!("{a}-{b}"), "sites": [a, b], "cost": cost });
                if dice.percent(6) {
                    link["max_message_size"] = limit(dice);
                }
                links.push(link);
            }
        }
    }
    links
}

fn group(dice: &mut Dice, name: &str) -> Value {
    let mut group = json!({ "name": name });
    match dice.between(0, 19) {
        0 => group["stale"] = json!(true),
        1 => group["master"] = json!(""),
        _ => {}
    }
    group
}

fn servers(dice: &mut Dice, sites: &[&str], groups: &[&str]) -> (Cast, Vec<Value>) {
    let mut records = Vec::new();
    let eras: &[&str] = dice.pick(&[
        ["Exchange2007Sp1", "Exchange2007Sp1"].as_slice(),
        &["Exchange2007Rtm", "Exchange2007Rtm"],
        &["Exchange2007Rtm", "Exchange2007Sp3"],
        &["Exchange2007Rtm", "Exchange2010Sp1"],
        &["Exchange2007Sp1", "Exchange2010Rtm"],
    ]);
    // Which site's server is lowest is a matter of chance.
    let mut hubs = Vec::new();
    for site in sites {
        let mut here = Vec::new();
        for _ in 0..dice.pick(&[1, 1, 2]) {
            let name = format!("{}{}", dice.pick(&["h", "H", "_"]), records.len());
            records.push(json!({ "name": name, "version": dice.pick(eras), "site": site }));
            here.push(name);
        }
        hubs.push(here);
    }
    let suppressing = dice.pick(&[0, 0, 0, 20, 50, 100]);
    let mut bridgeheads = Vec::new();
    for group in groups {
        let mut here = Vec::new();
        for _ in 0..dice.pick(&[1, 1, 1, 2]) {
            let name = format!("{}{}", dice.pick(&["b", "B", "_"]), records.len());
            let version = dice.pick(&[
                "Exchange2003",
                "Exchange2003",
                "Exchange2003",
                "Exchange2000",
                "Exchange55",
            ]);
            let mut record = json!({ "name": name, "version": version, "routing_group": group });
            if dice.percent(suppressing) {
                record["suppress_state_changes"] = json!(true);
            }
            match dice.between(0, 19) {
                0 => record["link_state_blocked"] = json!(true),
                1 => record["suppression_in_effect"] = json!(dice.percent(50)),
                2..=4 => record["least_cost_only"] = json!(true),
                _ => {}
            }
            records.push(record);
            here.push(name);
        }
        bridgeheads.push(here);
    }
    (Cast { hubs, bridgeheads }, records)
}

/// Both ways more often than not, at low costs.
fn between(dice: &mut Dice, cast: &Cast, groups: &[&str]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let two_ways = |dice: &mut Dice| dice.percent(85);
    // A position beyond the legacy groups stands for the 2007 group.
    for a in 0..=groups.len() {
        for b in a + 1..=groups.len() {
            let chance = if b == groups.len() { 65 } else { 45 };
            if dice.percent(chance) {
                found.push(one_way(dice, cast, groups, found.len(), (a, b)));
                if two_ways(dice) {
                    found.push(one_way(dice, cast, groups, found.len(), (b, a)));
                }
            }
        }
    }
    if dice.percent(15) && !found.is_empty() {
        // A second one beside another.
        let mut parallel = dice.pick(&found);
        parallel["name"] = json!("Parallel");
        found.push(parallel);
    }
    found
}

fn one_way(dice: &mut Dice, cast: &Cast, groups: &[&str], at: usize, (from, to): (usize, usize)) -> Value {
    let mut name = |group: usize| match groups.get(group) {
        Some(name) => dice.reference(name),
        None => dice.pick(&GROUP_2007).to_owned(),
    };
    let (from_name, to_name) = (name(from), name(to));
    let letter = dice.pick(&["r", "R", "_", "c"]);
    let mut connector = json!({
        "name": format!("{letter}{at}"), "from": from_name, "to": to_name,
        "cost": dice.pick(&[1, 1, 2, 2, 3, 10]),
    });
    let legacy_ends = from < groups.len() && to < groups.len();
    match dice.between(0, 19) {
        0..=2 if legacy_ends => connector["kind"] = json!("X400"),
        3 => connector["kind"] = json!(dice.pick(&["Smtp", "X400"])),
        _ => {}
    }
    if from == groups.len() || dice.percent(60) {
        connector["source_servers"] = json!(ends(dice, cast, from));
    }
    if dice.percent(60) {
        connector["target_servers"] = json!(ends(dice, cast, to));
    }
    add_limits(dice, &mut connector);
    connector
}

/// Servers of a group, or of the 2007 group: mostly of one site.
fn ends(dice: &mut Dice, cast: &Cast, group: usize) -> Vec<String> {
    let from = match cast.bridgeheads.get(group) {
        Some(here) => here.clone(),
        None if dice.percent(75) => dice.pick(&cast.hubs),
        None => cast.hubs.concat(),
    };
    dice.some(&from, 1, 2)
}

fn limit(dice: &mut Dice) -> Value {
    json!(dice.pick(&["1MB", "1MB", "2MB", "unlimited"]))
}

/// Seldom: every value makes classes, and every class is walked through.
fn add_limits(dice: &mut Dice, connector: &mut Value) {
    if dice.percent(10) {
        connector["max_message_size"] = limit(dice);
    }
    if dice.percent(10) {
        connector["restrictions"] = match dice.between(0, 4) {
            0 => json!({ "allowed_senders": ["ann@contoso.example"] }),
            1 => json!({ "denied_senders": [dice.pick(&["Ann@contoso.example", "bob@contoso.example"])] }),
            2 => json!({ "priorities": dice.some(&["Low", "Normal", "High"], 1, 2) }),
            3 => json!({ "message_types": [dice.pick(&["System", "NonSystem"])] }),
            _ => json!({ "schedule": dice.pick(&["Always", "Never"]) }),
        };
    }
}

/// Two kinds of domains that contain each other, and other types. Of some, an address has to be looked for: what comes to mind
/// first fits another space better.
const SPACES: [&str; 17] = [
    "*",
    "SMTP:*;2",
    "*;10",
    "partner.example",
    "Partner.example;3",
    "*.example;1",
    "X400:c=us;a=x;1",
    "X400:c=us;2",
    "FAX:+49*;1",
    "*.invalid",
    "X400:*;1",
    "X400:c=*;1",
    "X400:o=y;1",
    "X400:o=*;a=x;3",
    "NOTES:*",
    "NOTES:A*;2",
    "notes:any",
];

fn outside(dice: &mut Dice, cast: &Cast, groups: &[&str]) -> Vec<Value> {
    let count = dice.pick(&[0, 1, 2, 2, 3, 3, 4]);
    (0..count).map(|at| connector(dice, cast, groups, at)).collect()
}

fn connector(dice: &mut Dice, cast: &Cast, groups: &[&str], at: usize) -> Value {
    let legacy = dice.percent(65);
    let kinds: &[&str] = if legacy {
        &["LegacySmtp", "LegacySmtp", "LegacyX400"]
    } else {
        &["Send", "Send", "Foreign", "DeliveryAgent"]
    };
    let few = if dice.percent(80) { 1 } else { 2 };
    let likely = if dice.percent(60) { &SPACES[..4] } else { &SPACES };
    let letter = dice.pick(&["o", "O", "_", "x"]);
    let mut connector = json!({
        "name": format!("{letter} {at}"), "kind": dice.pick(kinds), "address_spaces": dice.some(likely, 1, few),
        "enabled": !dice.percent(15), "scoped": dice.percent(12),
    });
    if legacy {
        let group = dice.between(0, groups.len() - 1);
        connector["routing_group"] = json!(dice.reference(groups[group]));
        connector["source_servers"] = json!(ends(dice, cast, group));
        if dice.percent(75) {
            connector["smart_hosts"] = json!(["relay.example"]);
        }
    } else {
        connector["source_servers"] = json!(ends(dice, cast, groups.len()));
    }
    add_limits(dice, &mut connector);
    connector
}

#[cfg(test)]
mod tests {
    use super::coexistence;

    #[test]
    fn a_seed_makes_the_same_organization() {
        assert_eq!(coexistence(7), coexistence(7));
        assert_ne!(coexistence(7), coexistence(8));
    }
}
