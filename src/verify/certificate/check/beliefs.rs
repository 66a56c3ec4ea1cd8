//! Which legacy groups act on which failures, as the checker works it out.

use std::collections::{BTreeMap, BTreeSet};

use super::super::format::Decisions;
use super::ground::{Arc, Wire, bridgeheads, home};
use crate::model::{ConnectorKind, GroupRef, Organization, RoutingGroupIdx, ServerIdx, Version};

/// Who acts on what once the news has settled.
pub(super) struct Beliefs {
    /// By legacy group: whose failures it acts on. `None`: nobody's.
    island: Vec<Option<usize>>,
    /// By routing-group connector, then by connector to the outside: the island that hears of its failure.
    heard: (Vec<Option<usize>>, Vec<Option<usize>>),
}

impl Beliefs {
    /// O(connectors × bridgeheads).
    pub(super) fn new(org: &Organization, decisions: Decisions, arcs: &[Arc]) -> Beliefs {
        let groups = org.routing_groups().len();
        let islands = islands(org, arcs);
        let deaf = |group: usize| org.routing_groups()[RoutingGroupIdx::from_usize(group)].is_stale();
        let stubborn = |group: usize| {
            let servers = org.group_servers(RoutingGroupIdx::from_usize(group));
            let old = servers
                .iter()
                .filter(|server| org.servers()[**server].version == Version::Exchange55);
            old.count() == servers.len() && servers.iter().any(|server| org.servers()[*server].least_cost_only)
        };
        let leaf = leaves(org);
        let silent = |servers: &[ServerIdx]| {
            servers
                .iter()
                .any(|server| org.servers()[*server].suppression_in_effect)
        };
        let told = |group: RoutingGroupIdx, servers: &[ServerIdx], other: Option<GroupRef>| {
            let at_leaf = leaf[group.index()] || matches!(other, Some(GroupRef::Legacy(to)) if leaf[to.index()]);
            (!deaf(group.index()) && !at_leaf && !silent(servers)).then(|| islands[group.index()])
        };
        let only_way = match decisions.exempt_without_alternative {
            true => only_ways(org),
            false => vec![false; org.routing_group_connectors().len()],
        };
        let mut heard = (
            vec![None; org.routing_group_connectors().len()],
            vec![None; org.connectors().len()],
        );
        for arc in arcs.iter().filter(|arc| !only_way[arc.index.index()]) {
            if let GroupRef::Legacy(group) = arc.from {
                heard.0[arc.index.index()] = told(group, &arc.sources, Some(arc.to));
            }
        }
        for (index, connector) in org.connectors().iter_enumerated() {
            let by_dns = connector.kind == ConnectorKind::LegacySmtp && connector.smart_hosts.is_empty();
            if let (Some(group), false) = (home(connector), by_dns && !decisions.dns_connectors_fail) {
                heard.1[index.index()] = told(group, &bridgeheads(org, connector), None);
            }
        }
        Beliefs {
            island: (0..groups)
                .map(|group| (!deaf(group) && !stubborn(group)).then(|| islands[group]))
                .collect(),
            heard,
        }
    }

    /// Whether a group routes around a connector that has failed.
    pub(super) fn acts_on(&self, group: RoutingGroupIdx, wire: Wire) -> bool {
        let heard = match wire {
            Wire::Between(index) => self.heard.0[index.index()],
            Wire::Outside(index) => self.heard.1[index.index()],
        };
        heard.is_some() && heard == self.island[group.index()]
    }

    /// The island whose failures a group acts on; `None`: it acts on none.
    pub(super) fn view(&self, group: RoutingGroupIdx) -> Option<usize> {
        self.island[group.index()]
    }

    /// Whether two groups see the same failures, whatever fails.
    pub(super) fn same_view(&self, a: RoutingGroupIdx, b: RoutingGroupIdx) -> bool {
        self.view(a) == self.view(b)
    }
}

/// For each legacy group the same number as for those that hear of each other (LS-1.6).
fn islands(org: &Organization, arcs: &[Arc]) -> Vec<usize> {
    let speaks = |server: &ServerIdx| {
        let server = &org.servers()[*server];
        !server.link_state_blocked && [Version::Exchange2000, Version::Exchange2003].contains(&server.version)
    };
    let mut beside = vec![Vec::new(); org.routing_groups().len()];
    for arc in arcs {
        let speak = arc.sources.iter().any(speaks) && arc.targets.iter().any(speaks);
        if let (true, GroupRef::Legacy(a), GroupRef::Legacy(b)) = (speak, arc.from, arc.to) {
            beside[a.index()].push(b.index());
            beside[b.index()].push(a.index());
        }
    }
    let mut of = vec![usize::MAX; beside.len()];
    for first in 0..beside.len() {
        let mut pending = vec![first];
        while let Some(at) = pending.pop() {
            if of[at] == usize::MAX {
                of[at] = first;
                pending.extend(&beside[at]);
            }
        }
    }
    of
}

/// By legacy group, event 994: one way in at most, one way out at most, and if both, there and back.
fn leaves(org: &Organization) -> Vec<bool> {
    let groups = org.routing_groups().len();
    // `None`: to the outside.
    let mut out: Vec<Vec<Option<GroupRef>>> = vec![Vec::new(); groups];
    let mut back: Vec<Vec<GroupRef>> = vec![Vec::new(); groups];
    for connector in org.routing_group_connectors() {
        if let GroupRef::Legacy(from) = connector.from {
            out[from.index()].push(Some(connector.to));
        }
        if let GroupRef::Legacy(to) = connector.to {
            back[to.index()].push(connector.from);
        }
    }
    for connector in org.connectors().iter().filter(|connector| connector.enabled) {
        if let Some(group) = home(connector) {
            out[group.index()].push(None);
        }
    }
    let is_leaf = |(out, back): (&Vec<Option<GroupRef>>, &Vec<GroupRef>)| match (&out[..], &back[..]) {
        ([to], [from]) => *to == Some(*from),
        (out, back) => out.len() <= 1 && back.len() <= 1,
    };
    out.iter().zip(&back).map(is_leaf).collect()
}

/// By routing-group connector: whether its ends are not joined without it and its mirror images (V11). So it is when no other
/// leads the same way, and the two groups are a bridge of the graph of neighbours. O(connectors log connectors).
fn only_ways(org: &Organization) -> Vec<bool> {
    let slot = |group: GroupRef| match group {
        GroupRef::Legacy(group) => group.index(),
        GroupRef::Exchange2007 => org.routing_groups().len(),
    };
    let ends = org.routing_group_connectors().iter();
    let ends: Vec<(usize, usize)> = ends
        .map(|connector| (slot(connector.from), slot(connector.to)))
        .collect();
    let mut same_way: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for way in &ends {
        *same_way.entry(*way).or_default() += 1;
    }
    let neighbours: BTreeSet<(usize, usize)> = ends.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
    let bridges = bridges(org.routing_groups().len() + 1, neighbours);
    let only = |way: &(usize, usize)| same_way[way] == 1 && bridges.contains(&(way.0.min(way.1), way.0.max(way.1)));
    ends.iter().map(only).collect()
}

/// Pairs of neighbours that nothing else joins: on the way down a depth-first walk, the steps to a part from which no edge
/// leads back up.
fn bridges(vertices: usize, neighbours: BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    let mut beside = vec![Vec::new(); vertices];
    for (a, b) in neighbours.into_iter().filter(|(a, b)| a != b) {
        beside[a].push(b);
        beside[b].push(a);
    }
    // When a vertex was come to, and the earliest that an edge out of what is below it leads to.
    let (mut came, mut earliest) = (vec![usize::MAX; vertices], vec![usize::MAX; vertices]);
    let mut bridges = BTreeSet::new();
    let mut clock = 0;
    for first in 0..vertices {
        // Each with the one above it, and how many of its neighbours were looked at.
        let mut path = vec![(first, usize::MAX, 0)];
        if came[first] != usize::MAX {
            continue;
        }
        while let Some((at, above, looked)) = path.pop() {
            if looked == 0 {
                (came[at], earliest[at]) = (clock, clock);
                clock += 1;
            }
            match beside[at].get(looked) {
                Some(next) => {
                    path.push((at, above, looked + 1));
                    if came[*next] == usize::MAX {
                        path.push((*next, at, 0));
                    } else if *next != above {
                        earliest[at] = earliest[at].min(came[*next]);
                    }
                }
                None if above != usize::MAX => {
                    earliest[above] = earliest[above].min(earliest[at]);
                    if earliest[at] > came[above] {
                        bridges.insert((at.min(above), at.max(above)));
                    }
                }
                None => {}
            }
        }
    }
    bridges
}
