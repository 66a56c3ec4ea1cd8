//! The order in which rows list the sites: what hangs on one vertex of the core lies together.

use super::graph::{Graph, Key, NONE, Vertex};
use super::trees::Trees;

/// Sites in the order of the trees, and what is the same for every source outside the tree.
#[derive(Debug)]
pub(super) struct Columns {
    /// The site of every column.
    pub(super) sites: Vec<Vertex>,
    /// `start[place]`: how many sites are at lower places of [`Trees`].
    start: Vec<u32>,
    /// The site above; [`NONE`] for roots, and below a wide link that is one.
    pub(super) above: Vec<Vertex>,
    /// The first site below the root; [`NONE`] for the root.
    pub(super) top: Vec<Vertex>,
    /// Key of the way up to the root.
    pub(super) depth: Vec<Key>,
    /// What hangs on nothing.
    pub(super) roots: Vec<Vertex>,
}

impl Columns {
    /// O(vertices).
    pub(super) fn new(graph: &Graph, trees: &Trees) -> Columns {
        let count = graph.vertices() as usize;
        let mut columns = Columns {
            sites: Vec::with_capacity(count),
            start: Vec::with_capacity(count + 1),
            above: Vec::with_capacity(count),
            top: Vec::with_capacity(count),
            depth: Vec::with_capacity(count),
            roots: (0..graph.vertices())
                .filter(|vertex| trees.parent(*vertex).is_none())
                .collect(),
        };
        // By vertex, the first site below the root.
        let mut top = vec![NONE; count];
        for vertex in trees.in_order() {
            let column = u32::try_from(columns.sites.len()).expect("sites are counted in 32 bits");
            columns.start.push(column);
            let top_above = trees.parent(vertex).map_or(NONE, |parent| top[parent as usize]);
            top[vertex as usize] = match trees.parent(vertex) {
                Some(_) if top_above == NONE && graph.is_site(vertex) => vertex,
                _ => top_above,
            };
            if graph.is_site(vertex) {
                columns.sites.push(vertex);
                columns.above.push(site_above(graph, trees, vertex).unwrap_or(NONE));
                columns.top.push(top[vertex as usize]);
                columns.depth.push(trees.depth(vertex));
            }
        }
        columns
            .start
            .push(u32::try_from(columns.sites.len()).expect("sites are counted in 32 bits"));
        columns
    }

    /// The columns of a vertex and of what hangs on it.
    pub(super) fn below(&self, trees: &Trees, vertex: Vertex) -> std::ops::Range<usize> {
        let places = trees.places(vertex);
        self.start[places.start] as usize..self.start[places.end] as usize
    }
}

/// The first site on the way up.
pub(super) fn site_above(graph: &Graph, trees: &Trees, vertex: Vertex) -> Option<Vertex> {
    let above = trees.parent(vertex)?;
    match graph.is_site(above) {
        true => Some(above),
        false => trees.parent(above),
    }
}
