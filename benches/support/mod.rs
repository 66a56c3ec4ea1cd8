//! What benches of routing share: organizations, and the graph that peers get.

mod organization;

use bridgehead::model::Organization;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;

pub(crate) use organization::organization;

/// Every pair of sites of every link, the cheapest link of each pair kept by `dijkstra` itself.
pub(crate) fn expanded(org: &Organization) -> UnGraph<(), u64> {
    let mut graph = UnGraph::default();
    for _ in org.sites() {
        graph.add_node(());
    }
    for link in org.site_links().iter().filter(|link| link.is_routed()) {
        for (at, a) in link.sites.iter().enumerate() {
            for b in &link.sites[at + 1..] {
                graph.add_edge(
                    NodeIndex::new(a.index()),
                    NodeIndex::new(b.index()),
                    u64::from(link.effective_cost()),
                );
            }
        }
    }
    graph
}

/// The neighbours of a site with their costs, as pathfinding asks for them.
pub(crate) fn neighbours(graph: &UnGraph<(), u64>, site: usize) -> Vec<(usize, u64)> {
    let edges = graph.edges(NodeIndex::new(site));
    edges.map(|edge| (edge.target().index(), *edge.weight())).collect()
}
