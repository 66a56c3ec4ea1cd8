//! Sites, site links and routing groups in one petgraph.

use petgraph::graph::{DiGraph, NodeIndex};
use smallvec::SmallVec;

use crate::model::{
    GroupRef, Organization, RoutingGroupConnectorIdx, RoutingGroupConnectorKind, RoutingGroupIdx, ServerIdx, SiteIdx,
    SiteLinkIdx,
};

/// What a vertex stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vertex {
    /// A site.
    Site(SiteIdx),
    /// A routed site link: adjacent to its sites instead of joining every two of them.
    SiteLink(SiteLinkIdx),
    /// The routing group of 2007 and later; adjacent to every site with a transport server.
    Exchange2007,
    /// A legacy routing group.
    RoutingGroup(RoutingGroupIdx),
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arc {
    /// A site is in a site link. Both directions are there.
    InLink,
    /// A site with a transport server is in the 2007 group (R14, R25). Both directions are there.
    InExchange2007,
    /// A usable routing-group connector, in its one direction.
    Connector(RoutingGroupConnectorIdx),
}

/// A routing-group connector that can carry mail (D11), with the servers that really count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsableConnector {
    /// Which one.
    pub index: RoutingGroupConnectorIdx,
    /// Where mail enters it.
    pub from: GroupRef,
    /// Where mail leaves it.
    pub to: GroupRef,
    /// Its cost.
    pub cost: u32,
    /// Usable source servers, ascending, at least one.
    pub sources: SmallVec<[ServerIdx; 4]>,
    /// Their sites, ascending, when it starts at the 2007 group.
    pub source_sites: SmallVec<[SiteIdx; 4]>,
    /// Usable target servers, ascending, at least one; every one of the group when the file lists none.
    pub targets: SmallVec<[ServerIdx; 4]>,
    /// When it ends at the 2007 group: the site of the lowest-named usable target server (D15).
    pub entry: Option<SiteIdx>,
    /// Whether usable target servers are in several sites.
    pub entry_ambiguous: bool,
}

/// The combined graph of site links and routing-group connectors.
#[derive(Clone, Debug)]
pub struct CombinedGraph {
    graph: DiGraph<Vertex, Arc, u32>,
    sites: usize,
    exchange_2007: NodeIndex<u32>,
    first_group: usize,
    /// By index of the connector; `None` where it cannot carry mail.
    connectors: Vec<Option<UsableConnector>>,
    /// By position of a group: the usable connectors that start there, ascending.
    leaving: Vec<Vec<RoutingGroupConnectorIdx>>,
}

impl CombinedGraph {
    /// The graph of an organization. O(memberships + servers × connectors that list none).
    pub fn new(org: &Organization) -> CombinedGraph {
        let mut graph = DiGraph::default();
        for (site, _) in org.sites().iter_enumerated() {
            graph.add_node(Vertex::Site(site));
        }
        let exchange_2007 = graph.add_node(Vertex::Exchange2007);
        let first_group = graph.node_count();
        for (group, _) in org.routing_groups().iter_enumerated() {
            graph.add_node(Vertex::RoutingGroup(group));
        }
        let join = |a: NodeIndex<u32>, b: NodeIndex<u32>, arc: Arc, graph: &mut DiGraph<_, _, u32>| {
            graph.add_edge(a, b, arc);
            graph.add_edge(b, a, arc);
        };
        for (site, _) in org
            .sites()
            .iter_enumerated()
            .filter(|(site, _)| org.has_transport(*site))
        {
            join(
                NodeIndex::new(site.index()),
                exchange_2007,
                Arc::InExchange2007,
                &mut graph,
            );
        }
        for (link, entry) in org.site_links().iter_enumerated().filter(|(_, link)| link.is_routed()) {
            let vertex = graph.add_node(Vertex::SiteLink(link));
            for site in &entry.sites {
                join(NodeIndex::new(site.index()), vertex, Arc::InLink, &mut graph);
            }
        }
        let all_transport: Vec<ServerIdx> = org
            .servers()
            .iter_enumerated()
            .map(|(server, _)| server)
            .filter(|server| org.transport_site(*server).is_some())
            .collect();
        let connectors: Vec<Option<UsableConnector>> = org
            .routing_group_connectors()
            .iter_enumerated()
            .map(|(index, _)| usable(org, index, &all_transport))
            .collect();
        let vertex = |group: GroupRef| match group {
            GroupRef::Exchange2007 => exchange_2007,
            GroupRef::Legacy(group) => NodeIndex::new(first_group + group.index()),
        };
        let mut leaving = vec![Vec::new(); org.routing_groups().len() + 1];
        for connector in connectors.iter().flatten() {
            let position = match connector.from {
                GroupRef::Legacy(group) => group.index(),
                GroupRef::Exchange2007 => org.routing_groups().len(),
            };
            leaving[position].push(connector.index);
            graph.add_edge(
                vertex(connector.from),
                vertex(connector.to),
                Arc::Connector(connector.index),
            );
        }
        CombinedGraph {
            graph,
            sites: org.sites().len(),
            exchange_2007,
            first_group,
            connectors,
            leaving,
        }
    }

    /// The petgraph itself, for what petgraph can do: components, cuts, pictures.
    pub fn petgraph(&self) -> &DiGraph<Vertex, Arc, u32> {
        &self.graph
    }

    /// The vertex of a site.
    pub fn site(&self, site: SiteIdx) -> NodeIndex<u32> {
        debug_assert!(site.index() < self.sites);
        NodeIndex::new(site.index())
    }

    /// The vertex of a routing group.
    pub fn group(&self, group: GroupRef) -> NodeIndex<u32> {
        match group {
            GroupRef::Exchange2007 => self.exchange_2007,
            GroupRef::Legacy(group) => NodeIndex::new(self.first_group + group.index()),
        }
    }

    /// A connector, if it can carry mail.
    pub fn connector(&self, index: RoutingGroupConnectorIdx) -> Option<&UsableConnector> {
        self.connectors[index.index()].as_ref()
    }

    /// The servers that may send over a connector (D23), ascending; none if it carries no mail.
    pub fn sources(&self, index: RoutingGroupConnectorIdx) -> &[ServerIdx] {
        self.connector(index).map_or(&[], |connector| &connector.sources)
    }

    /// The servers that may take mail from a connector (D23), ascending; none if it carries no mail.
    pub fn targets(&self, index: RoutingGroupConnectorIdx) -> &[ServerIdx] {
        self.connector(index).map_or(&[], |connector| &connector.targets)
    }

    /// How many legacy routing groups there are.
    pub fn groups(&self) -> usize {
        self.leaving.len() - 1
    }

    /// Position of a group in arrays: legacy ones by index, the 2007 one after them.
    pub fn position(&self, group: GroupRef) -> usize {
        match group {
            GroupRef::Legacy(group) => group.index(),
            GroupRef::Exchange2007 => self.groups(),
        }
    }

    /// Usable connectors that start at a group, ascending.
    pub fn connectors_from(&self, group: GroupRef) -> impl Iterator<Item = &UsableConnector> {
        self.connectors_at(self.position(group))
    }

    /// The same for the group at a [position](CombinedGraph::position).
    pub fn connectors_at(&self, position: usize) -> impl Iterator<Item = &UsableConnector> {
        self.leaving[position].iter().filter_map(|index| self.connector(*index))
    }
}

/// D11: a connector carries mail when both its ends have a server that counts.
fn usable(org: &Organization, index: RoutingGroupConnectorIdx, all_transport: &[ServerIdx]) -> Option<UsableConnector> {
    let connector = &org.routing_group_connectors()[index];
    // Event 5028: only a routing group connector proper reaches the 2007 group.
    if connector.from == connector.to
        || (connector.touches_2007() && connector.kind != RoutingGroupConnectorKind::RoutingGroup)
    {
        return None;
    }
    let counts = |server: ServerIdx, group: GroupRef| match group {
        GroupRef::Exchange2007 => org.transport_site(server).is_some(),
        GroupRef::Legacy(group) => org.legacy_group(server) == Some(group),
    };
    let every = |group: GroupRef| match group {
        GroupRef::Exchange2007 => all_transport,
        GroupRef::Legacy(group) => org.group_servers(group),
    };
    let pick = |listed: &[ServerIdx], group: GroupRef| -> SmallVec<[ServerIdx; 4]> {
        listed.iter().copied().filter(|server| counts(*server, group)).collect()
    };
    let sources = match (connector.source_servers.is_empty(), connector.from) {
        // Event 5014: the 2007 group has no default source.
        (true, GroupRef::Exchange2007) => return None,
        (true, group) => SmallVec::from_slice(every(group)),
        (false, group) => pick(&connector.source_servers, group),
    };
    let targets = match connector.target_servers.is_empty() {
        true => SmallVec::from_slice(every(connector.to)),
        false => pick(&connector.target_servers, connector.to),
    };
    if sources.is_empty() || targets.is_empty() {
        return None;
    }
    let sites = |servers: &[ServerIdx]| -> SmallVec<[SiteIdx; 4]> {
        let mut sites: SmallVec<_> = servers
            .iter()
            .filter_map(|server| org.transport_site(*server))
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    };
    Some(UsableConnector {
        index,
        from: connector.from,
        to: connector.to,
        cost: connector.cost,
        source_sites: sites(&sources),
        // Servers ascend by name, so the first target is the lowest-named one.
        entry: org.transport_site(targets[0]),
        entry_ambiguous: sites(&targets).len() > 1,
        sources,
        targets,
    })
}

#[cfg(test)]
mod tests {
    use petgraph::algo::{connected_components, has_path_connecting};
    use petgraph::visit::EdgeRef;

    use super::*;
    use crate::diagnostic::Source;
    use crate::load::{Format, Limits, organization};
    use crate::model::NameOrder;

    #[test]
    fn both_topologies_are_one_graph() {
        let text = r#"(
            sites: [(name: "A"), (name: "B"), (name: "Far")],
            site_links: [(name: "A-B", sites: ["A", "B"])],
            servers: [(name: "HUB", version: Exchange2010Sp3, site: "A"), (name: "BH", version: Exchange2003, routing_group: "K")],
            routing_groups: [(name: "K")],
            routing_group_connectors: [
                (name: "E-K", from: "DWBGZMFD01QNBJR", to: "K", source_servers: ["HUB"]),
                (name: "no source", from: "DWBGZMFD01QNBJR", to: "K"),
            ],
        )"#;
        let source = Source::new("graph.ron", text);
        let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).expect("a valid file");
        let combined = CombinedGraph::new(&org);
        let graph = combined.petgraph();
        let group = combined.group(GroupRef::Legacy(RoutingGroupIdx::from_usize(0)));
        let site = |at| combined.site(SiteIdx::from_usize(at));
        assert_eq!(connected_components(graph), 2, "site Far is in no link");
        assert!(
            has_path_connecting(graph, site(1), group, None),
            "B, link, A, 2007 group, connector, K"
        );
        assert!(
            !has_path_connecting(graph, group, site(0), None),
            "connectors have one direction"
        );
        let into: Vec<Arc> = graph
            .edges_directed(group, petgraph::Incoming)
            .map(|edge| *edge.weight())
            .collect();
        assert_eq!(into, [Arc::Connector(RoutingGroupConnectorIdx::from_usize(0))]);
        let ends = graph.edge_references().filter(|edge| *edge.weight() == Arc::InLink);
        let at_b = ends
            .filter(|edge| edge.source() == site(1))
            .map(|edge| graph[edge.target()]);
        assert_eq!(at_b.collect::<Vec<_>>(), [Vertex::SiteLink(SiteLinkIdx::from_usize(0))]);
    }
}
