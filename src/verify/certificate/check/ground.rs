//! What the checker knows of an organization, worked out from the model alone: connectors that can carry mail, who may hold
//! it, and what connectors to the outside leave from.
//!
//! Names are compared as positions; everything else is recomputed the plainest way that is not slow.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::format::Decisions;
use super::beliefs::Beliefs;
use crate::model::{
    Connector, ConnectorIdx, ConnectorKind, Generation, GroupRef, Home, Organization, RoutingGroupConnectorIdx,
    RoutingGroupConnectorKind, RoutingGroupIdx, ServerIdx, SiteIdx, SizeLimit,
};

/// Who may hold a message (V1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// The servers of one generation in a site.
    Site(SiteIdx, Generation),
    /// A legacy routing group.
    Group(RoutingGroupIdx),
}

/// A connector that may fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wire {
    Between(RoutingGroupConnectorIdx),
    Outside(ConnectorIdx),
}

/// A routing-group connector that can carry mail (D11).
pub(super) struct Arc {
    pub(super) index: RoutingGroupConnectorIdx,
    pub(super) from: GroupRef,
    pub(super) to: GroupRef,
    pub(super) cost: u64,
    /// Whether 2007 RTM is blind to it (R72).
    pub(super) x400: bool,
    pub(super) limit: SizeLimit,
    pub(super) sources: Rc<[ServerIdx]>,
    pub(super) targets: Rc<[ServerIdx]>,
    /// Who may get what goes over it (V4), ascending.
    pub(super) takers: Rc<[Holder]>,
}

/// What depends on neither recipient nor message.
pub(super) struct Ground<'a> {
    pub(super) org: &'a Organization,
    pub(super) decisions: Decisions,
    /// By name of the connector.
    pub(super) arcs: Vec<Arc>,
    /// By slot: positions of the arcs that start there, ascending.
    pub(super) leaving: Vec<Vec<usize>>,
    /// By site: the generations of transport servers there, ascending, each with the server that it routes as (D3).
    generations: Vec<Vec<(Generation, Option<ServerIdx>)>>,
    /// By connector to the outside of 2007+: its usable source servers and their sites (D23).
    pub(super) sources: Vec<Vec<(ServerIdx, SiteIdx)>>,
    pub(super) beliefs: Beliefs,
    wires: BTreeMap<&'a str, Wire>,
}

impl<'a> Ground<'a> {
    /// O(connectors × listed servers).
    pub(super) fn new(org: &'a Organization, decisions: Decisions) -> Ground<'a> {
        let arcs = arcs(org);
        let slots = org.routing_groups().len() + 1;
        let mut leaving = vec![Vec::new(); slots];
        for (at, arc) in arcs.iter().enumerate() {
            leaving[slot(org, arc.from)].push(at);
        }
        let between = org.routing_group_connectors().iter_enumerated();
        let between = between.map(|(index, connector)| (connector.name.as_str(), Wire::Between(index)));
        let outside = org.connectors().iter_enumerated();
        let outside = outside.map(|(index, connector)| (connector.name.as_str(), Wire::Outside(index)));
        Ground {
            beliefs: Beliefs::new(org, decisions, &arcs),
            generations: org
                .sites()
                .iter_enumerated()
                .map(|(site, _)| generations(org, site))
                .collect(),
            sources: org
                .connectors()
                .iter()
                .map(|connector| sources(org, connector))
                .collect(),
            wires: between.chain(outside).collect(),
            org,
            decisions,
            arcs,
            leaving,
        }
    }

    /// Legacy groups by index, the 2007 group last.
    pub(super) fn slot(&self, group: GroupRef) -> usize {
        slot(self.org, group)
    }

    /// Where connectors out of the 2007 group are found.
    pub(super) fn slot_of_2007(&self) -> usize {
        self.leaving.len() - 1
    }

    /// Everybody in a site who may hold mail.
    pub(super) fn holders(&self, site: SiteIdx) -> impl Iterator<Item = Holder> + '_ {
        let here = self.generations[site.index()].iter();
        here.map(move |(generation, _)| Holder::Site(site, *generation))
    }

    /// The server that a generation in a site routes as.
    pub(super) fn server(&self, site: SiteIdx, generation: Generation) -> Option<ServerIdx> {
        let mut here = self.generations[site.index()].iter();
        here.find(|(known, _)| *known == generation)
            .and_then(|(_, server)| *server)
    }

    /// Generations of those of `servers` that are in a site.
    pub(super) fn generations_among(&self, servers: &[ServerIdx], site: SiteIdx) -> BTreeSet<Generation> {
        let here = servers
            .iter()
            .filter(|server| self.org.transport_site(**server) == Some(site));
        here.map(|server| generation(self.org, *server)).collect()
    }

    /// The connector of that name.
    pub(super) fn wire(&self, name: &str) -> Option<Wire> {
        self.wires.get(name).copied()
    }

    pub(super) fn name(&self, wire: Wire) -> &str {
        match wire {
            Wire::Between(index) => self.org.routing_group_connectors()[index].name.as_str(),
            Wire::Outside(index) => self.org.connectors()[index].name.as_str(),
        }
    }

    /// Holders at least one of which every circle passes: where connectors enter the 2007 group, where they enter a group of
    /// another view, and every site where RTM and later versions disagree.
    pub(super) fn anchors(&self) -> BTreeSet<Holder> {
        let mut anchors = BTreeSet::new();
        for arc in &self.arcs {
            let meet = match (arc.from, arc.to) {
                (_, GroupRef::Exchange2007) => true,
                (GroupRef::Legacy(from), GroupRef::Legacy(to)) => !self.beliefs.same_view(from, to),
                (GroupRef::Exchange2007, GroupRef::Legacy(_)) => false,
            };
            if meet {
                anchors.extend(arc.takers.iter().copied());
            }
        }
        let sites = self.org.sites().iter_enumerated();
        let all: Vec<Holder> = sites.flat_map(|(site, _)| self.holders(site)).collect();
        let rtm = |holder: &&Holder| matches!(holder, Holder::Site(_, Generation::Exchange2007Rtm));
        let rtm = all.iter().filter(rtm).count();
        if !self.org.routing_groups().is_empty() && rtm > 0 && rtm < all.len() {
            anchors.extend(all);
        }
        anchors
    }

    /// The limit of a connector to the outside, by default that of the product if that is wanted (D30).
    pub(super) fn limit(&self, index: ConnectorIdx) -> SizeLimit {
        let connector = &self.org.connectors()[index];
        match connector.max_message_size {
            Some(limit) => limit,
            None if !self.decisions.default_size_product || connector.kind != ConnectorKind::Send => {
                SizeLimit::Unlimited
            }
            None => {
                let usable = self.sources[index.index()].iter();
                let newest = usable.map(|(server, _)| generation(self.org, *server)).max();
                SizeLimit::Bytes(if newest == Some(Generation::Exchange2013) {
                    35 << 20
                } else {
                    10 << 20
                })
            }
        }
    }
}

pub(super) fn slot(org: &Organization, group: GroupRef) -> usize {
    match group {
        GroupRef::Legacy(group) => group.index(),
        GroupRef::Exchange2007 => org.routing_groups().len(),
    }
}

fn generation(org: &Organization, server: ServerIdx) -> Generation {
    org.servers()[server].version.generation()
}

/// D3: of each generation the newest server, of several the first.
fn generations(org: &Organization, site: SiteIdx) -> Vec<(Generation, Option<ServerIdx>)> {
    let mut newest: BTreeMap<Generation, ServerIdx> = BTreeMap::new();
    for server in org.transport_servers(site) {
        let known = newest.entry(generation(org, *server)).or_insert(*server);
        if org.servers()[*server].version > org.servers()[*known].version {
            *known = *server;
        }
    }
    let mut found: Vec<_> = newest
        .into_iter()
        .map(|(generation, server)| (generation, Some(server)))
        .collect();
    if org.is_plain() {
        // D1: a nameless 2010 hub.
        found.push((Generation::Exchange2010, None));
    }
    found
}

/// The legacy group that a connector to the outside is in.
pub(super) fn home(connector: &Connector) -> Option<RoutingGroupIdx> {
    connector.routing_group.filter(|_| connector.kind.is_legacy())
}

/// The servers that a legacy connector to the outside leaves from (D23).
pub(super) fn bridgeheads(org: &Organization, connector: &Connector) -> Vec<ServerIdx> {
    let here = |server: &&ServerIdx| {
        connector.routing_group.is_some() && org.legacy_group(**server) == connector.routing_group
    };
    connector.source_servers.iter().filter(here).copied().collect()
}

/// D23 for 2007 and later: transport servers, and for Send connectors Edge servers of a site that has one.
fn sources(org: &Organization, connector: &Connector) -> Vec<(ServerIdx, SiteIdx)> {
    if connector.kind.is_legacy() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for server in &connector.source_servers {
        let subscribed = org.subscribed_site(*server).filter(|site| org.has_transport(*site));
        let subscribed = subscribed.filter(|_| connector.kind == ConnectorKind::Send);
        found.extend(org.transport_site(*server).or(subscribed).map(|site| (*server, site)));
    }
    found
}

/// D11, once more.
fn arcs(org: &Organization) -> Vec<Arc> {
    let belongs = |server: ServerIdx, group: GroupRef| match group {
        GroupRef::Legacy(group) => org.legacy_group(server) == Some(group),
        GroupRef::Exchange2007 => {
            matches!(org.servers()[server].home, Home::Site(_)) && org.transport_site(server).is_some()
        }
    };
    let all = org.servers().iter_enumerated().map(|(server, _)| server);
    let transport: Rc<[ServerIdx]> = all.filter(|server| belongs(*server, GroupRef::Exchange2007)).collect();
    let everywhere: Rc<[Holder]> = takers(org, GroupRef::Exchange2007, &transport);
    let everybody = |group: GroupRef| -> Rc<[ServerIdx]> {
        match group {
            GroupRef::Legacy(group) => org.group_servers(group).into(),
            GroupRef::Exchange2007 => transport.clone(),
        }
    };
    let listed = |servers: &[ServerIdx], group: GroupRef| -> Rc<[ServerIdx]> {
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
            (true, GroupRef::Exchange2007) => continue,
        };
        let unlisted = connector.target_servers.is_empty();
        let targets = if unlisted {
            everybody(to)
        } else {
            listed(&connector.target_servers, to)
        };
        if sources.is_empty() || targets.is_empty() {
            continue;
        }
        arcs.push(Arc {
            index,
            from,
            to,
            cost: u64::from(connector.cost),
            x400: connector.kind == RoutingGroupConnectorKind::X400,
            limit: connector.max_message_size,
            takers: match (unlisted, to) {
                (true, GroupRef::Exchange2007) => everywhere.clone(),
                _ => takers(org, to, &targets),
            },
            sources,
            targets,
        });
    }
    arcs
}

/// Who may get what goes to `servers` of a group.
fn takers(org: &Organization, group: GroupRef, servers: &[ServerIdx]) -> Rc<[Holder]> {
    if let GroupRef::Legacy(group) = group {
        return [Holder::Group(group)].into();
    }
    let mut found = BTreeSet::new();
    for server in servers {
        let site = org.transport_site(*server);
        found.extend(site.map(|site| Holder::Site(site, generation(org, *server))));
    }
    found.into_iter().collect()
}
