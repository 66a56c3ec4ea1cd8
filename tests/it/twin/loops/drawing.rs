//! Organizations in a line for the tests: one 2007 site `E`, and legacy groups.

use serde_json::{Value, json};

use super::super::Options;
use super::super::drawing::{E2007, coexistence, group_connector};
use super::classes::{Recipient, all_recipients, message_classes};
use super::graph::{Fate, Step};
use super::link_state::Wire;
use super::routers::Network;
use super::verify;
use super::witnesses::{loops_in, sets_up_to};

pub(crate) const NONE: [&str; 0] = [];

/// `"A-B 10, E>A 1"`: connectors both ways or one way, named `A>B`. `E` is the 2007 group, in site `E`.
pub(crate) fn groups(text: &str) -> Value {
    let mut names: Vec<&str> = Vec::new();
    let mut connectors = Vec::new();
    for edge in text.split(", ") {
        let (pair, cost) = edge.rsplit_once(' ').expect("a cost");
        let two_ways = pair.split_once('-');
        let (from, to) = two_ways.or(pair.split_once('>')).expect("two ends");
        let cost: u64 = cost.parse().expect("a number");
        connectors.push(between(from, to, cost));
        if two_ways.is_some() {
            connectors.push(between(to, from, cost));
        }
        for end in [from, to] {
            if end != "E" && !names.contains(&end) {
                names.push(end);
            }
        }
    }
    let sites: &[&str] = if text.contains("E-") || text.contains("-E") || text.contains("E>") || text.contains(">E") {
        &["E"]
    } else {
        &[]
    };
    let mut file = coexistence(sites, &names);
    file["routing_group_connectors"] = json!(connectors);
    file
}

pub(crate) fn between(from: &str, to: &str, cost: u64) -> Value {
    let group = |end: &str| if end == "E" { E2007.to_owned() } else { end.to_owned() };
    let server = |end: &str| {
        if end == "E" {
            "H-E".to_owned()
        } else {
            format!("BH-{end}")
        }
    };
    group_connector(
        &format!("{from}>{to}"),
        &group(from),
        &group(to),
        cost,
        &server(from),
        &server(to),
    )
}

/// The record of that name in one of the collections.
pub(crate) fn named<'a>(file: &'a mut Value, collection: &str, name: &str) -> &'a mut Value {
    let records = file[collection].as_array_mut().expect("a collection");
    let found = records.iter_mut().find(|record| record["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {collection}"))
}

pub(crate) fn suppress_all(file: &mut Value) {
    for server in file["servers"].as_array_mut().expect("servers") {
        if server.get("routing_group").is_some() {
            server["suppress_state_changes"] = json!(true);
        }
    }
}

fn node_name(node: &Value) -> &str {
    let named = ["site", "routing_group", "address_space"];
    let name = named.iter().find_map(|field| node[field].as_str());
    name.expect("a node has a name")
}

fn list(nodes: &Value, name: impl Fn(&Value) -> &str) -> String {
    let nodes = nodes.as_array().expect("a list");
    nodes.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// `"London [Chicago>London] E Chicago must"` for every witness.
pub(super) fn told(file: &Value, most: usize) -> Vec<String> {
    let found = verify(&file.to_string(), &Options::default(), most);
    lines(&found["witnesses"])
}

pub(super) fn lines(witnesses: &Value) -> Vec<String> {
    let line = |witness: &Value| {
        assert_eq!(witness["entry"], witness["cycle"][0]);
        let failed = list(&witness["failed"], |name| name.as_str().expect("a name"));
        let certainty = witness["certainty"].as_str().expect("a word");
        let cycle = list(&witness["cycle"], node_name);
        format!("{} [{failed}] {cycle} {certainty}", node_name(&witness["recipient"]))
    };
    witnesses.as_array().expect("a list").iter().map(line).collect()
}

/// The witnesses for one recipient.
pub(super) fn told_for(file: &Value, recipient: &str, most: usize) -> Vec<String> {
    let prefix = format!("{recipient} ");
    told(file, most)
        .into_iter()
        .filter(|line| line.starts_with(&prefix))
        .collect()
}

/// `"A X BH-A>X"` style black holes: recipient, what has failed, who sends into it.
pub(super) fn holes(file: &Value) -> Vec<String> {
    let found = verify(&file.to_string(), &Options::default(), 1);
    let line = |hole: &Value| {
        let failed = list(&hole["failed"], |name| name.as_str().expect("a name"));
        format!(
            "{} [{failed}] {}",
            node_name(&hole["recipient"]),
            node_name(&hole["at"])
        )
    };
    found["black_holes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(line)
        .collect()
}

/// A file in the hands of a test, for one recipient and one class of messages.
pub(super) struct Walker {
    pub(super) network: Network,
    text: String,
}

impl Walker {
    pub(super) fn new(file: &Value) -> Self {
        let text = file.to_string();
        let network = Network::parse(&text, &Options::default());
        Self { network, text }
    }

    pub(super) fn recipient(&self, name: &str) -> Recipient {
        let all = all_recipients(&self.network.org);
        let found = all.into_iter().find(|recipient| node_name(&recipient.shown) == name);
        found.unwrap_or_else(|| panic!("no recipient {name}"))
    }

    pub(super) fn wire(&self, wanted: &str) -> Wire {
        let org = &self.network.org;
        let between = org.group_connectors.iter().position(|c| c.name.is(wanted));
        let outside = org.connectors.iter().position(|c| c.name.is(wanted));
        let wire = between.map(Wire::Between).or(outside.map(Wire::Outside));
        wire.unwrap_or_else(|| panic!("no connector {wanted}"))
    }

    fn router_name(&self, at: usize) -> &str {
        use super::super::org::Place;
        match self.network.routers[at].place {
            Place::Site(site) => &self.network.org.sites[site].name.written,
            Place::Group(group) => &self.network.org.groups[group].name.written,
        }
    }

    /// `"A E B, delivered"`: who has the mail in turn, as long as there is no choice and nobody has it twice. The
    /// message is of the given class, by its position.
    pub(super) fn way(&self, class: usize, from: &str, to: &str, failed: &[&str]) -> String {
        let message = message_classes(&[&self.text], &Options::default())[class].message();
        let failed: Vec<Wire> = failed.iter().map(|name| self.wire(name)).collect();
        let graph = self.network.graph(&message, &self.recipient(to).target, &failed, None);
        let routers = 0..self.network.routers.len();
        let mut here = routers
            .into_iter()
            .find(|&at| self.router_name(at) == from)
            .expect("a router");
        let mut holders = vec![here];
        let end = loop {
            match graph.steps(here) {
                [Step::To(next)] if holders.contains(next) => break "loops",
                [Step::To(next)] => {
                    here = *next;
                    holders.push(here);
                }
                [Step::End(Fate::Delivered)] => break "delivered",
                [Step::End(Fate::Waits)] => break "waits",
                [Step::End(Fate::Returned)] => break "returned",
                _ => break "open",
            }
        };
        let names: Vec<&str> = holders.iter().map(|&at| self.router_name(at)).collect();
        format!("{}, {end}", names.join(" "))
    }

    /// Whether a normal message for `to` loops for certain, for each set of up to `most` failures.
    pub(super) fn loops_by_set(&self, to: &Recipient, most: usize) -> Vec<(Vec<Wire>, bool)> {
        let message = message_classes(&[&self.text], &Options::default())[0].message();
        let sets = sets_up_to(most, &self.network.link_state.believable(&self.network.org));
        let judged = sets.into_iter().map(|failed| {
            let graph = self.network.graph(&message, &to.target, &failed, None);
            let loops = !loops_in(&self.network, &graph, &failed).is_empty();
            (failed, loops)
        });
        judged.collect()
    }
}
