//! What benches of routing share: organizations, and the graph that peers get.

use bridgehead::load::resolve;
use bridgehead::model::{NameOrder, Organization};
use bridgehead::synth::{self, Shape};
use petgraph::graph::{NodeIndex, UnGraph};

/// A generated organization, the same in every run.
pub(crate) fn organization(shape: Shape, sites: u32) -> Organization {
    let document = synth::generate(synth::Options { shape, sites, seed: 1 }).expect("within the limits");
    resolve(&document, NameOrder::default()).expect("generated organizations have no problems")
}

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
