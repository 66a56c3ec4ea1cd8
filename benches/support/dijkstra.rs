//! Dijkstra as a textbook has it, on the graph that peers get: a binary heap of cost and site, predecessors, no hops and no
//! names. What is left when somebody writes it by hand for this purpose alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::graph::UnGraph;
use petgraph::visit::EdgeRef;

/// The edges of all sites one after the other.
pub(crate) struct Adjacency {
    /// `edges[start[s] .. start[s + 1]]` lead from site `s`.
    start: Vec<usize>,
    edges: Vec<(u32, u32)>,
}

impl Adjacency {
    pub(crate) fn new(graph: &UnGraph<(), u64>) -> Adjacency {
        let (mut start, mut edges) = (vec![0], Vec::with_capacity(2 * graph.edge_count()));
        for site in graph.node_indices() {
            let from_here = graph.edges(site).map(|edge| {
                let to = u32::try_from(edge.target().index()).expect("sites are counted in 32 bits");
                (to, u32::try_from(*edge.weight()).expect("costs have 32 bits"))
            });
            edges.extend(from_here);
            start.push(edges.len());
        }
        Adjacency { start, edges }
    }

    /// Cost and predecessor of every site.
    pub(crate) fn dijkstra(&self, source: usize) -> (Vec<u64>, Vec<u32>) {
        let sites = self.start.len() - 1;
        let (mut cost, mut before) = (vec![u64::MAX; sites], vec![u32::MAX; sites]);
        let mut queue = BinaryHeap::new();
        cost[source] = 0;
        queue.push(Reverse((0, source)));
        while let Some(Reverse((here, site))) = queue.pop() {
            if here > cost[site] {
                continue;
            }
            for (to, link) in &self.edges[self.start[site]..self.start[site + 1]] {
                let (to, offered) = (*to as usize, here + u64::from(*link));
                if offered < cost[to] {
                    cost[to] = offered;
                    before[to] = u32::try_from(site).expect("sites are counted in 32 bits");
                    queue.push(Reverse((offered, to)));
                }
            }
        }
        (cost, before)
    }
}
