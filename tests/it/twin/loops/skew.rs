//! LC7: the 2007 side acts on a change at once, legacy groups when they have polled.

use serde_json::{Value, json};

use super::super::org::Place;
use super::super::route::place_json;
use super::classes::{MessageClass, Recipient};
use super::routers::{Network, Previous};
use super::witnesses::{Loop, classes_json, listed_once, loops_in, record, sets_up_to, sort};

/// A loop that is there while some groups are unaware of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Transient {
    found: Loop,
    /// By legacy group.
    unaware: Vec<bool>,
}

/// The loops of every mix of groups that have polled: each circle with the least that has to fail, under the first mix
/// that has it then.
pub(super) fn transient(
    network: &Network,
    old: &Network,
    recipients: &[Recipient],
    classes: &[MessageClass],
    most: usize,
) -> Value {
    let sets = sets_up_to(most, &network.link_state.believable(&network.org));
    let mut records = Vec::new();
    for to in recipients {
        let by_class = classes.iter().map(|class| {
            let message = class.message();
            let mut known: Vec<Loop> = Vec::new();
            let mut found: Vec<Transient> = Vec::new();
            for failed in &sets {
                let settled = network.graph(&message, &to.target, failed, None);
                known.extend(loops_in(network, &settled, failed));
                for unaware in mixes(network) {
                    let previous = Previous {
                        network: old,
                        unaware: &unaware,
                    };
                    let graph = network.graph(&message, &to.target, failed, Some(previous));
                    for one in loops_in(network, &graph, failed) {
                        let is_known = |other: &Loop| other.cycle == one.cycle && is_within(&other.failed, &one.failed);
                        if !known.iter().any(is_known) {
                            known.push(one.clone());
                            let unaware = unaware.clone();
                            found.push(Transient { found: one, unaware });
                        }
                    }
                }
            }
            found
        });
        let listed = listed_once(&by_class.collect::<Vec<_>>());
        let mut listed: Vec<(Loop, Vec<usize>, Vec<bool>)> = listed
            .into_iter()
            .map(|(one, at)| (one.found, at, one.unaware))
            .collect();
        let mut order: Vec<(Loop, Vec<usize>)> = listed.iter().map(|(one, at, _)| (one.clone(), at.clone())).collect();
        sort(network, &mut order);
        listed.sort_by_key(|(one, at, _)| {
            order
                .iter()
                .position(|(other, other_at)| (other, other_at) == (one, at))
        });
        for (found, at, unaware) in listed {
            let mut witness = record(network, to, &found, classes_json(classes, &at));
            witness["views"] = views(network, &unaware);
            records.push(witness);
        }
    }
    Value::Array(records)
}

fn is_within<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|one| all.contains(one))
}

/// The legacy groups with a server, in name order.
fn groups(network: &Network) -> Vec<usize> {
    let groups = network.routers.iter().filter_map(|router| match router.place {
        Place::Group(group) => Some(group),
        Place::Site(_) => None,
    });
    groups.collect()
}

/// Every set of groups that have not polled, but for the empty one: few before many, then in name order.
fn mixes(network: &Network) -> Vec<Vec<bool>> {
    let groups = groups(network);
    let mut sets: Vec<Vec<usize>> = (1..1_usize << groups.len())
        .map(|bits| (0..groups.len()).filter(|at| bits >> at & 1 == 1).collect())
        .collect();
    sets.sort_by_key(|set| (set.len(), set.clone()));
    let mix = |set: Vec<usize>| {
        let mut unaware = vec![false; network.org.groups.len()];
        for at in set {
            unaware[groups[at]] = true;
        }
        unaware
    };
    sets.into_iter().map(mix).collect()
}

/// The groups that act on the previous file.
fn views(network: &Network, unaware: &[bool]) -> Value {
    let old = groups(network).into_iter().filter(|&group| unaware[group]);
    let nodes: Value = old.map(|group| place_json(&network.org, Place::Group(group))).collect();
    json!({ "previous": nodes })
}
