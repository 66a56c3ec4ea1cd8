//! Every set of failures, every recipient, every class: the loops, the smallest of them, and how they are listed.

use serde_json::{Map, Value, json};

use super::super::org::Place;
use super::super::route::place_json;
use super::classes::{MessageClass, Recipient};
use super::graph::ChoiceGraph;
use super::link_state::{Wire, name};
use super::routers::Network;

/// A loop as it is shown: places instead of routers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loop {
    /// In name order.
    pub(super) failed: Vec<Wire>,
    /// Positions of places in table order, the lowest turn of the circle.
    pub(super) cycle: Vec<usize>,
    pub(super) must: bool,
}

/// The loops of a choice graph, in the order of their cycles.
pub(super) fn loops_in(network: &Network, graph: &ChoiceGraph, failed: &[Wire]) -> Vec<Loop> {
    let places = places(network);
    let place_of = |router: &usize| {
        let place = network.routers[*router].place;
        places
            .iter()
            .position(|&other| other == place)
            .expect("every router has a place")
    };
    let mut found: Vec<Loop> = Vec::new();
    for routers in graph.cycles() {
        let shown: Vec<usize> = routers.iter().map(place_of).collect();
        let (entry, cycle) = lowest_turn(&shown);
        let must = graph.never_ends(routers[entry]);
        match found.iter_mut().find(|other| other.cycle == cycle) {
            // Two generations of a site: the page shows one loop, the surer one.
            Some(other) => other.must |= must,
            None => found.push(Loop {
                failed: failed.to_vec(),
                cycle,
                must,
            }),
        }
    }
    found.sort_by(|a, b| a.cycle.cmp(&b.cycle));
    found
}

/// The places of all routers, in table order.
pub(super) fn places(network: &Network) -> Vec<Place> {
    let mut places: Vec<Place> = network.routers.iter().map(|router| router.place).collect();
    places.dedup();
    places
}

/// Of all positions to begin a circle at, the one that gives the lowest list.
fn lowest_turn(circle: &[usize]) -> (usize, Vec<usize>) {
    let turned = |at: usize| [&circle[at..], &circle[..at]].concat();
    let turns = (0..circle.len()).map(|at| (turned(at), at));
    let (cycle, at) = turns.min().expect("a cycle has a router");
    (at, cycle)
}

/// Every set of up to `most` of them, small ones first, each in the given order.
pub(super) fn sets_up_to(most: usize, of: &[Wire]) -> Vec<Vec<Wire>> {
    let mut all = vec![Vec::new()];
    let mut of_this_size: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..most {
        let mut larger = Vec::new();
        for set in &of_this_size {
            let first = set.last().map_or(0, |last| last + 1);
            larger.extend((first..of.len()).map(|next| [set.as_slice(), &[next]].concat()));
        }
        all.extend(larger.iter().map(|set| set.iter().map(|&at| of[at]).collect()));
        of_this_size = larger;
    }
    all
}

fn is_smaller(a: &[Wire], b: &[Wire]) -> bool {
    a.len() < b.len() && a.iter().all(|wire| b.contains(wire))
}

/// Contract, `failed`: a `must` goes when a smaller `must` exists, a `may` when anything smaller exists.
pub(super) fn minimal(found: &[Loop]) -> Vec<Loop> {
    let is_dropped = |one: &Loop| {
        let mut smaller = found.iter().filter(|other| is_smaller(&other.failed, &one.failed));
        smaller.any(|other| other.must || !one.must)
    };
    found.iter().filter(|one| !is_dropped(one)).cloned().collect()
}

/// The smallest loops of a recipient and a class, in order.
pub(super) fn of_class(network: &Network, class: &MessageClass, to: &Recipient, sets: &[Vec<Wire>]) -> Vec<Loop> {
    let message = class.message();
    let mut found = Vec::new();
    for failed in sets {
        let graph = network.graph(&message, &to.target, failed, None);
        found.extend(loops_in(network, &graph, failed));
    }
    minimal(&found)
}

/// All settled witnesses.
pub(super) fn witnesses(network: &Network, recipients: &[Recipient], classes: &[MessageClass], most: usize) -> Value {
    let sets = sets_up_to(most, &network.link_state.believable(&network.org));
    let mut records = Vec::new();
    for to in recipients {
        let by_class = classes.iter().map(|class| of_class(network, class, to, &sets));
        let mut listed = listed_once(&by_class.collect::<Vec<_>>());
        sort(network, &mut listed);
        let with_classes = listed.iter().map(|(found, at)| (found, classes_json(classes, at)));
        records.extend(with_classes.map(|(found, classes)| record(network, to, found, classes)));
    }
    Value::Array(records)
}

/// What is the same in several classes stands under the first: each thing with the positions of its classes.
pub(super) fn listed_once<T: PartialEq + Clone>(by_class: &[Vec<T>]) -> Vec<(T, Vec<usize>)> {
    let mut listed: Vec<(T, Vec<usize>)> = Vec::new();
    for (class, found) in by_class.iter().enumerate() {
        for one in found {
            match listed.iter_mut().find(|(other, _)| other == one) {
                Some((_, classes)) => classes.push(class),
                None => listed.push((one.clone(), vec![class])),
            }
        }
    }
    listed
}

/// By size of `failed`, its names, class, cycle.
pub(super) fn sort(network: &Network, listed: &mut [(Loop, Vec<usize>)]) {
    let names = |found: &Loop| {
        found
            .failed
            .iter()
            .map(|&wire| name(&network.org, wire))
            .collect::<Vec<_>>()
    };
    listed.sort_by(|(a, a_classes), (b, b_classes)| {
        let size = a.failed.len().cmp(&b.failed.len());
        let names = size.then_with(|| names(a).cmp(&names(b)));
        let class = names.then_with(|| a_classes[0].cmp(&b_classes[0]));
        class.then_with(|| a.cycle.cmp(&b.cycle))
    });
}

/// `message_class`, and `also_in` when there are others.
pub(super) fn classes_json(classes: &[MessageClass], at: &[usize]) -> Map<String, Value> {
    let mut all = at.iter().map(|&at| classes[at].json());
    let mut fields = Map::new();
    fields.insert("message_class".to_owned(), all.next().expect("at least one class"));
    let others: Vec<Value> = all.collect();
    if !others.is_empty() {
        fields.insert("also_in".to_owned(), Value::Array(others));
    }
    fields
}

/// A witness without `steps` and `fix`.
pub(super) fn record(network: &Network, to: &Recipient, found: &Loop, classes: Map<String, Value>) -> Value {
    let places = places(network);
    let node = |&at: &usize| place_json(&network.org, places[at]);
    let failed = found.failed.iter().map(|&wire| json!(name(&network.org, wire).written));
    let mut record = classes;
    record.insert("recipient".to_owned(), to.shown.clone());
    record.insert("failed".to_owned(), failed.collect());
    record.insert("entry".to_owned(), node(&found.cycle[0]));
    record.insert("cycle".to_owned(), found.cycle.iter().map(node).collect());
    let certainty = if found.must { "must" } else { "may" };
    record.insert("certainty".to_owned(), json!(certainty));
    Value::Object(record)
}
