//! What the checker knows of an organization, worked out from the model alone.
//!
//! Names are compared as positions; everything else is recomputed the plainest way that is not slow.

use crate::model::{
    Connector, ConnectorIdx, ConnectorKind, Generation, GroupRef, Home, Master, Organization, RoutingGroupConnectorIdx,
    RoutingGroupConnectorKind, RoutingGroupIdx, ServerIdx, SiteIdx, Version,
};

/// A routing-group connector that can carry mail (D11), with its bridgeheads.
pub(super) struct Arc {
    pub(super) index: RoutingGroupConnectorIdx,
    pub(super) from: GroupRef,
    pub(super) to: GroupRef,
    pub(super) cost: u64,
    pub(super) sources: Vec<ServerIdx>,
    pub(super) targets: Vec<ServerIdx>,
}

/// Everything about failures that depends on neither recipient nor message.
pub(super) struct Ground<'a> {
    pub(super) org: &'a Organization,
    pub(super) arcs: Vec<Arc>,
    /// By legacy group: whose failures it acts on. `None`: nobody's.
    island: Vec<Option<usize>>,
    /// By routing-group connector, then by connector to the outside: the island that hears of its failure.
    heard: (Vec<Option<usize>>, Vec<Option<usize>>),
}

/// A connector that has failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wire {
    Between(RoutingGroupConnectorIdx),
    Outside(ConnectorIdx),
}

impl<'a> Ground<'a> {
    pub(super) fn new(org: &'a Organization, dns_always_up: bool) -> Ground<'a> {
        let arcs = arcs(org);
        let groups = org.routing_groups().len();
        let islands = islands(org, &arcs);
        let deaf = |group: usize| {
            let entry = &org.routing_groups()[RoutingGroupIdx::from_usize(group)];
            entry.stale || entry.master == Master::Nobody
        };
        let stubborn = |group: usize| {
            let servers = org.group_servers(RoutingGroupIdx::from_usize(group));
            let old = servers
                .iter()
                .filter(|server| org.servers()[**server].version == Version::Exchange55);
            old.count() == servers.len() && servers.iter().any(|server| org.servers()[*server].least_cost_only)
        };
        let legacy = (0..groups).map(|group| GroupRef::Legacy(RoutingGroupIdx::from_usize(group)));
        let leaf: Vec<GroupRef> = legacy
            .chain([GroupRef::Exchange2007])
            .filter(|group| is_leaf(org, *group))
            .collect();
        let silent = |servers: &[ServerIdx]| {
            servers
                .iter()
                .any(|server| org.servers()[*server].suppression_in_effect)
        };
        let told = |group: RoutingGroupIdx, servers: &[ServerIdx], other: Option<GroupRef>| {
            let at_leaf = leaf.contains(&GroupRef::Legacy(group)) || other.is_some_and(|to| leaf.contains(&to));
            (!deaf(group.index()) && !at_leaf && !silent(servers)).then(|| islands[group.index()])
        };
        let mut heard = (
            vec![None; org.routing_group_connectors().len()],
            vec![None; org.connectors().len()],
        );
        for arc in &arcs {
            if let GroupRef::Legacy(group) = arc.from {
                heard.0[arc.index.index()] = told(group, &arc.sources, Some(arc.to));
            }
        }
        for (index, connector) in org.connectors().iter_enumerated() {
            let by_dns = connector.kind == ConnectorKind::LegacySmtp && connector.smart_hosts.is_empty();
            if let (Some(group), false) = (home(connector), by_dns && dns_always_up) {
                heard.1[index.index()] = told(group, &bridgeheads(org, connector), None);
            }
        }
        Ground {
            org,
            island: (0..groups)
                .map(|group| (!deaf(group) && !stubborn(group)).then(|| islands[group]))
                .collect(),
            arcs,
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

    /// Whether two groups see the same failures, whatever fails.
    pub(super) fn same_view(&self, a: RoutingGroupIdx, b: RoutingGroupIdx) -> bool {
        self.island[a.index()] == self.island[b.index()]
    }

    /// The connector of that name.
    pub(super) fn wire(&self, name: &str) -> Option<Wire> {
        let between = self.org.routing_group_connectors().iter_enumerated();
        let outside = self.org.connectors().iter_enumerated();
        let between = between.map(|(index, connector)| (connector.name.as_str(), Wire::Between(index)));
        let outside = outside.map(|(index, connector)| (connector.name.as_str(), Wire::Outside(index)));
        between
            .chain(outside)
            .find(|(known, _)| *known == name)
            .map(|(_, wire)| wire)
    }

    pub(super) fn name(&self, wire: Wire) -> &str {
        match wire {
            Wire::Between(index) => self.org.routing_group_connectors()[index].name.as_str(),
            Wire::Outside(index) => self.org.connectors()[index].name.as_str(),
        }
    }

    /// Legacy groups by index, the 2007 group last.
    pub(super) fn slot(&self, group: GroupRef) -> usize {
        match group {
            GroupRef::Legacy(group) => group.index(),
            GroupRef::Exchange2007 => self.island.len(),
        }
    }

    pub(super) fn generation(&self, server: ServerIdx) -> Generation {
        self.org.servers()[server].version.generation()
    }

    /// The generations of transport servers in a site, each once.
    pub(super) fn generations(&self, site: SiteIdx) -> Vec<Generation> {
        let servers = self.org.transport_servers(site).iter();
        let mut found: Vec<Generation> = servers.map(|server| self.generation(*server)).collect();
        if found.is_empty() {
            found.extend(self.org.site_generation(site));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The legacy group that a connector to the outside is in.
pub(super) fn home(connector: &Connector) -> Option<RoutingGroupIdx> {
    connector.routing_group.filter(|_| connector.kind.is_legacy())
}

/// The servers that a legacy connector to the outside leaves from.
fn bridgeheads(org: &Organization, connector: &Connector) -> Vec<ServerIdx> {
    let here = |server: &&ServerIdx| {
        connector.routing_group.is_some() && org.legacy_group(**server) == connector.routing_group
    };
    connector.source_servers.iter().filter(here).copied().collect()
}

/// Whether a connector to the outside has anybody to leave from (D23).
pub(super) fn has_source(org: &Organization, connector: &Connector) -> bool {
    if connector.kind.is_legacy() {
        return !bridgeheads(org, connector).is_empty();
    }
    connector.source_servers.iter().any(|server| {
        let by_subscription = org.subscribed_site(*server).is_some_and(|site| org.has_transport(site));
        org.transport_site(*server).is_some() || (connector.kind == ConnectorKind::Send && by_subscription)
    })
}

/// D11, once more.
fn arcs(org: &Organization) -> Vec<Arc> {
    let belongs = |server: ServerIdx, group: GroupRef| match group {
        GroupRef::Legacy(group) => org.legacy_group(server) == Some(group),
        GroupRef::Exchange2007 => {
            matches!(org.servers()[server].home, Home::Site(_)) && org.transport_site(server).is_some()
        }
    };
    let everybody = |group: GroupRef| -> Vec<ServerIdx> {
        let servers = org.servers().iter_enumerated().map(|(server, _)| server);
        servers.filter(|server| belongs(*server, group)).collect()
    };
    let listed = |servers: &[ServerIdx], group: GroupRef| -> Vec<ServerIdx> {
        servers
            .iter()
            .copied()
            .filter(|server| belongs(*server, group))
            .collect()
    };
    let mut arcs = Vec::new();
    for (index, connector) in org.routing_group_connectors().iter_enumerated() {
        let (from, to) = (connector.from, connector.to);
        let with_2007 = from == GroupRef::Exchange2007 || to == GroupRef::Exchange2007;
        if from == to || (with_2007 && connector.kind != RoutingGroupConnectorKind::RoutingGroup) {
            continue;
        }
        let sources = match (connector.source_servers.is_empty(), from) {
            (false, _) => listed(&connector.source_servers, from),
            (true, GroupRef::Legacy(_)) => everybody(from),
            (true, GroupRef::Exchange2007) => Vec::new(),
        };
        let targets = match connector.target_servers.is_empty() {
            false => listed(&connector.target_servers, to),
            true => everybody(to),
        };
        if !sources.is_empty() && !targets.is_empty() {
            arcs.push(Arc {
                index,
                from,
                to,
                cost: u64::from(connector.cost),
                sources,
                targets,
            });
        }
    }
    arcs
}

/// For each legacy group the same number as for those that hear of each other (LS-1.6).
fn islands(org: &Organization, arcs: &[Arc]) -> Vec<usize> {
    let speaks = |server: &ServerIdx| {
        let server = &org.servers()[*server];
        !server.link_state_blocked && [Version::Exchange2000, Version::Exchange2003].contains(&server.version)
    };
    let mut of: Vec<usize> = (0..org.routing_groups().len()).collect();
    let joined: Vec<(usize, usize)> = arcs
        .iter()
        .filter(|arc| arc.sources.iter().any(speaks) && arc.targets.iter().any(speaks))
        .filter_map(|arc| match (arc.from, arc.to) {
            (GroupRef::Legacy(a), GroupRef::Legacy(b)) => Some((a.index(), b.index())),
            _ => None,
        })
        .collect();
    // The lowest number spreads until nothing changes.
    let mut changed = true;
    while changed {
        changed = false;
        for (a, b) in &joined {
            let lowest = of[*a].min(of[*b]);
            changed |= of[*a] != lowest || of[*b] != lowest;
            (of[*a], of[*b]) = (lowest, lowest);
        }
    }
    of
}

/// Event 994: one way in at most, one way out at most, and if both, there and back.
fn is_leaf(org: &Organization, here: GroupRef) -> bool {
    let between = org.routing_group_connectors();
    let mut out: Vec<Option<GroupRef>> = between.iter().filter(|c| c.from == here).map(|c| Some(c.to)).collect();
    let back: Vec<GroupRef> = between.iter().filter(|c| c.to == here).map(|c| c.from).collect();
    let outside = org.connectors().iter().filter(|connector| connector.enabled);
    out.extend(
        outside
            .filter(|c| match home(c) {
                Some(group) => GroupRef::Legacy(group) == here,
                None => !c.kind.is_legacy() && here == GroupRef::Exchange2007,
            })
            .map(|_| None),
    );
    out.len() <= 1 && back.len() <= 1 && (out.is_empty() || back.is_empty() || out[0] == Some(back[0]))
}
