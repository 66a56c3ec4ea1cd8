//! Which legacy groups act on which failures, as the checker works it out.

use super::super::format::Decisions;
use super::ground::{Arc, Wire, bridgeheads, home, slot};
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
            let servers = servers.iter().map(|server| &org.servers()[*server]);
            let reads_it = |version: Version| matches!(version, Version::Exchange2000 | Version::Exchange2003);
            servers
                .into_iter()
                .any(|server| reads_it(server.version) && server.suppression_in_effect)
        };
        let told = |group: RoutingGroupIdx, servers: &[ServerIdx], other: Option<GroupRef>| {
            let at_leaf = leaf[group.index()] || other.is_some_and(|to| leaf[slot(org, to)]);
            (!deaf(group.index()) && !at_leaf && !silent(servers)).then(|| islands[group.index()])
        };
        let only_way = match decisions.exempt_without_alternative {
            true => only_ways(org, arcs),
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

/// By slot, event 994: one way in at most, one way out at most, and if both, there and back (V11).
fn leaves(org: &Organization) -> Vec<bool> {
    // `None`: to the outside.
    let mut out: Vec<Vec<Option<GroupRef>>> = vec![Vec::new(); org.routing_groups().len() + 1];
    let mut back: Vec<Vec<GroupRef>> = vec![Vec::new(); out.len()];
    for connector in org.routing_group_connectors() {
        out[slot(org, connector.from)].push(Some(connector.to));
        back[slot(org, connector.to)].push(connector.from);
    }
    for connector in org.connectors().iter().filter(|connector| connector.enabled) {
        let group = match connector.kind.is_legacy() {
            true => home(connector).map(GroupRef::Legacy),
            false => Some(GroupRef::Exchange2007),
        };
        if let Some(group) = group {
            out[slot(org, group)].push(None);
        }
    }
    let is_leaf = |(out, back): (&Vec<Option<GroupRef>>, &Vec<GroupRef>)| match (&out[..], &back[..]) {
        ([to], [from]) => *to == Some(*from),
        (out, back) => out.len() <= 1 && back.len() <= 1,
    };
    out.iter().zip(&back).map(is_leaf).collect()
}

/// By routing-group connector: whether nobody gets from its source to its end without it (V11): over connectors that carry mail,
/// in their direction. O(connectors²).
fn only_ways(org: &Organization, arcs: &[Arc]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); org.routing_groups().len() + 1];
    for arc in arcs {
        leaving[slot(org, arc.from)].push((arc.index, slot(org, arc.to)));
    }
    let is_only = |arc: &Arc| {
        let mut came = vec![false; leaving.len()];
        let mut pending = vec![slot(org, arc.from)];
        while let Some(at) = pending.pop() {
            if !std::mem::replace(&mut came[at], true) {
                let others = leaving[at].iter().filter(|(index, _)| *index != arc.index);
                pending.extend(others.map(|(_, end)| *end));
            }
        }
        !came[slot(org, arc.to)]
    };
    let mut only = vec![false; org.routing_group_connectors().len()];
    for arc in arcs {
        only[arc.index.index()] = is_only(arc);
    }
    only
}
