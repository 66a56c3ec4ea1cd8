//! How far mail gets before a server takes it for a message that circles.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Facts, Found, named, rules};
use crate::delivery::hop_limit;
use crate::model::{GroupRef, RoutingGroupConnectorIdx, ServerIdx};
use crate::route::Crossing;

rules! {
    RG023 "hop-budget" Warning Certain hop_budget;
}

/// Received headers, and the group in which the message began. Of equally many the group of the lowest name.
type Headers = (u32, Reverse<GroupRef>);

/// The most headers with which some message gets to a server, and the group that it is for.
type Most = BTreeMap<ServerIdx, (Headers, Reverse<GroupRef>)>;

/// LS-1.8, LS-3.7: every server that handles a message adds a header, and the limit is the same for long ways and for loops.
fn hop_budget(facts: &Facts<'_>, found: &mut Found) {
    let world = facts.world();
    if world.org.routing_groups().is_empty() {
        return;
    }
    let mut most = Most::new();
    for (searches, target) in world.network.groups().enumerate() {
        if searches == facts.searches_max() {
            found.unchecked(format!(
                "the longest ways for {searches} routing groups were looked at; `--max-searches` raises the bound"
            ));
            break;
        }
        to_group(facts, target, &mut most);
    }
    for (server, ((count, Reverse(from)), Reverse(to))) in most {
        let Some(limit) = hop_limit(world.org, server) else {
            continue;
        };
        if count.saturating_mul(2) <= limit {
            continue;
        }
        let name = &facts.org.servers()[server].name;
        let message = match count > limit {
            true => {
                named!("{name} returns mail that does not circle: it may be Received header {count}, and {limit} pass")
            }
            false => named!("{name} may add Received header {count} to mail that does not circle, and {limit} pass"),
        };
        let enough = count.saturating_mul(2).max(30);
        let advice = match facts.org.servers()[server].version.is_legacy() {
            true => format!("raise its maximum hop count to {enough}"),
            false => format!("raise MaxHopCount of its Receive connectors to {enough}"),
        };
        let finding = found
            .about(facts.server(server), message)
            .fact(format!(
                "on a least-cost path from {} to {}, relays inside groups counted",
                facts.group_name(from),
                facts.group_name(to)
            ))
            .fact("more than half of the limit is used up, and a way around a failure is longer")
            .advice(advice);
        found.push(finding);
    }
}

/// Follows every least-cost path to a group, the farthest groups first. O(connectors log groups), and pairs of connectors that follow
/// each other on such paths.
fn to_group(facts: &Facts<'_>, target: GroupRef, most: &mut Most) {
    let network = &facts.world().network;
    let graph = &facts.graphs.combined;
    let distances = network.distances([(target, 0)], |_| true);
    let reached = network
        .groups()
        .filter_map(|group| Some((network.cost(&distances, group)?, group)));
    let mut groups: Vec<_> = reached.collect();
    groups.sort_by_key(|(cost, _)| Reverse(*cost));
    // By group: what leads to it on a least-cost path, and the headers of what comes over it.
    let mut arriving: BTreeMap<GroupRef, Vec<(RoutingGroupConnectorIdx, Headers)>> = BTreeMap::new();
    for (_, group) in groups {
        let into = arriving.remove(&group).unwrap_or_default();
        let mut count = |server: ServerIdx, headers: Headers| {
            let known = most.entry(server).or_insert((headers, Reverse(target)));
            *known = (*known).max((headers, Reverse(target)));
        };
        for (over, headers) in &into {
            graph
                .targets(*over)
                .iter()
                .for_each(|server| count(*server, one_more(*headers)));
        }
        if group == target {
            arrived(facts, group, &into, &mut count);
            continue;
        }
        let firsts: Vec<Crossing> = network.best_first(group, &distances, |_| true).collect();
        for first in firsts {
            let sources = graph.sources(first.connector);
            let mut sent = begun(facts, group, sources);
            for (over, headers) in &into {
                let taken = one_more(*headers);
                let relayed = graph.targets(*over).iter().any(|server| !sources.contains(server));
                let there = if relayed { one_more(taken) } else { taken };
                if relayed {
                    sources.iter().for_each(|server| count(*server, there));
                }
                sent = sent.max(Some(there));
            }
            if let Some(sent) = sent {
                arriving.entry(first.other).or_default().push((first.connector, sent));
            }
        }
    }
}

fn one_more((count, from): Headers) -> Headers {
    (count + 1, from)
}

/// Headers of a message that begins in a group when it leaves; in the 2007 group, whose servers may all send themselves, at least one.
fn begun(facts: &Facts<'_>, group: GroupRef, sources: &[ServerIdx]) -> Option<Headers> {
    let relayed = match group {
        GroupRef::Legacy(group) => {
            let servers = facts.org.group_servers(group);
            servers.iter().any(|server| !sources.contains(server))
        }
        GroupRef::Exchange2007 => false,
    };
    (!sources.is_empty()).then_some((1 + u32::from(relayed), Reverse(group)))
}

/// From the server that takes a message in to that of the mailbox, in the group that it is for.
fn arrived(
    facts: &Facts<'_>,
    group: GroupRef,
    into: &[(RoutingGroupConnectorIdx, Headers)],
    count: &mut impl FnMut(ServerIdx, Headers),
) {
    let GroupRef::Legacy(group) = group else { return };
    for (over, headers) in into {
        let takers = facts.graphs.combined.targets(*over);
        for server in facts.org.group_servers(group) {
            if takers.iter().any(|taker| taker != server) {
                count(*server, one_more(one_more(*headers)));
            }
        }
    }
}
