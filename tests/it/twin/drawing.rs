//! Small organizations in a line or two, for the tests of the twin, and what to ask them.

use serde_json::{Value, json};

use super::{Options, Org, Query, explain, routes};

/// A plain site graph (D1), drawn like the examples: `"A-B 5, B-C 10"`, with `C*` for a hub site.
pub(super) fn drawing(text: &str) -> Value {
    let mut sites: Vec<Value> = Vec::new();
    let mut links = Vec::new();
    for edge in text.split(", ") {
        let (pair, cost) = edge.split_once(' ').expect("a cost");
        let ends: Vec<&str> = pair.split('-').map(|end| end.trim_end_matches('*')).collect();
        for (end, name) in pair.split('-').zip(&ends) {
            let hub_site = end.ends_with('*');
            match sites.iter_mut().find(|site| site["name"] == json!(name)) {
                Some(site) => site["hub_site"] = json!(hub_site || site["hub_site"] == json!(true)),
                None => sites.push(json!({ "name": name, "hub_site": hub_site })),
            }
        }
        let cost: u64 = cost.parse().expect("a number");
        links.push(json!({ "name": ends.join("-"), "sites": ends, "cost": cost }));
    }
    json!({ "sites": sites, "site_links": links })
}

fn org(file: &Value) -> Org {
    Org::parse(&file.to_string())
}

/// The record from one site to another.
pub(super) fn record(file: &Value, from: &str, to: &str) -> Value {
    let routes = routes(&org(file), &Options::default());
    let wanted = |record: &&Value| {
        let is = |end: &Value, name: &str| end["site"] == name || end["routing_group"] == name;
        is(&record["from"], from) && is(&record["to"], to)
    };
    routes
        .as_array()
        .and_then(|records| records.iter().find(wanted))
        .expect("a record of the pair")
        .clone()
}

/// `"A C D"`.
pub(super) fn names(nodes: &Value) -> String {
    let name = |node: &Value| {
        let name = node["site"].as_str().or(node["routing_group"].as_str());
        name.expect("a node has a name").to_owned()
    };
    let nodes = nodes.as_array().expect("a list of nodes");
    nodes.iter().map(name).collect::<Vec<_>>().join(" ")
}

pub(super) fn path(file: &Value, from: &str, to: &str) -> String {
    names(&record(file, from, to)["path"])
}

/// The stops that mail makes on its way, each planning in its turn: `"A C E"`.
pub(super) fn relays(file: &Value, from: &str, to: &str) -> String {
    let mut here = from.to_owned();
    let mut stops = vec![here.clone()];
    while here != to {
        let next = record(file, &here, to)["next_hop"].clone();
        here = names(&json!([next]));
        stops.push(here.clone());
    }
    stops.join(" ")
}

pub(super) fn ask(file: &Value, query: &Query) -> Value {
    explain(&org(file), &Options::default(), query)
}

pub(super) fn query(from: &str, to: &[&str]) -> Query {
    Query {
        from: from.to_owned(),
        to: to.iter().map(|&to| to.to_owned()).collect(),
        ..Query::default()
    }
}

pub(super) fn sized(from: &str, to: &str, size: u64) -> Query {
    Query {
        size: Some(size),
        ..query(from, &[to])
    }
}

/// A 2007 hub in each site and a 2003 bridgehead in each group, named `H-` and `BH-` after where they stand.
pub(super) fn coexistence(sites: &[&str], groups: &[&str]) -> Value {
    let hub = |site: &&str| json!({ "name": format!("H-{site}"), "version": "Exchange2007Sp1", "site": site });
    let bridgehead =
        |group: &&str| json!({ "name": format!("BH-{group}"), "version": "Exchange2003", "routing_group": group });
    json!({
        "sites": sites.iter().map(|site| json!({ "name": site })).collect::<Value>(),
        "routing_groups": groups.iter().map(|group| json!({ "name": group })).collect::<Value>(),
        "servers": sites.iter().map(hub).chain(groups.iter().map(bridgehead)).collect::<Value>(),
    })
}

/// A connector between groups; `source` names a site when it comes from the 2007 group.
pub(super) fn group_connector(name: &str, from: &str, to: &str, cost: u64, source: &str, target: &str) -> Value {
    json!({
        "name": name, "from": from, "to": to, "cost": cost,
        "source_servers": [source], "target_servers": [target],
    })
}

pub(super) const E2007: &str = "DWBGZMFD01QNBJR";
