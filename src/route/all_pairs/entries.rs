//! The ways between vertices of the kernel that go over nothing else of it, as their ends see them.

use super::chains::{Chains, KernelAt};
use super::graph::{Graph, Key, NONE, Vertex};

/// In place of a site: the one before a source, or behind a destination, that is a wide link.
pub(super) const BEYOND: Vertex = (NONE >> 1) - 1;

/// A way from one vertex of the kernel to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) from: KernelAt,
    pub(super) key: Key,
    /// The site before the end, which is also the first on the way back; [`BEYOND`]: the one before `from`, which is a wide link
    /// beside the end.
    pub(super) last: Vertex,
}

/// Every way that ends in a vertex of the kernel.
#[derive(Debug)]
pub(super) struct Entries {
    start: Vec<u32>,
    entries: Vec<Entry>,
    /// Wide links first, for what is before a site may be what is before the link beside it.
    pub(super) order: Vec<KernelAt>,
    /// How many of them are wide links.
    pub(super) wide: usize,
}

impl Entries {
    /// O(kernel + vertices of chains).
    pub(super) fn new(graph: &Graph, chains: &Chains) -> Entries {
        let mut into: Vec<(KernelAt, Entry)> = Vec::with_capacity(2 * chains.chains.len());
        for chain in chains.chains.iter().filter(|chain| chain.ends[0] != chain.ends[1]) {
            let [begin, end] = chain.ends;
            let [from, to] = [begin, end].map(|at| chains.kernel[at as usize]);
            let inner = chains.between(chain);
            let is_site = |vertex: &Vertex| graph.is_site(*vertex);
            let behind_begin = inner.iter().copied().chain([to]).find(is_site);
            let before_end = inner.iter().rev().copied().chain([from]).find(is_site);
            let entry = |from, last: Option<Vertex>| Entry {
                from,
                key: chain.length,
                last: last.unwrap_or(BEYOND),
            };
            into.push((end, entry(begin, before_end)));
            into.push((begin, entry(end, behind_begin)));
        }
        let all = 0..KernelAt::try_from(chains.kernel.len()).expect("vertices are counted in 32 bits");
        let (sites, mut order): (Vec<KernelAt>, Vec<KernelAt>) =
            all.partition(|at| graph.is_site(chains.kernel[*at as usize]));
        let wide = order.len();
        order.extend(sites);
        Entries::grouped(into, order, wide)
    }

    /// Brings those of every end together.
    fn grouped(mut into: Vec<(KernelAt, Entry)>, order: Vec<KernelAt>, wide: usize) -> Entries {
        into.sort_by_key(|(to, entry)| (*to, entry.from));
        let mut start = vec![0; order.len() + 1];
        for (to, _) in &into {
            start[*to as usize + 1] += 1;
        }
        for at in 0..order.len() {
            start[at + 1] += start[at];
        }
        Entries {
            start,
            entries: into.into_iter().map(|(_, entry)| entry).collect(),
            order,
            wide,
        }
    }

    /// Of edges between sites, given by their ends and keys.
    #[cfg(test)]
    pub(super) fn of(edges: &[(KernelAt, KernelAt, Key)]) -> Entries {
        let both = edges.iter().flat_map(|(a, b, key)| [(*a, *b, *key), (*b, *a, *key)]);
        let into = both
            .map(|(from, to, key)| (to, Entry { from, key, last: from }))
            .collect();
        let size = edges.iter().map(|(a, b, _)| a.max(b) + 1).max().unwrap_or(0);
        Entries::grouped(into, (0..size).collect(), 0)
    }

    /// How many vertices the kernel has.
    pub(super) fn size(&self) -> usize {
        self.start.len() - 1
    }

    /// Those that end in a vertex, by where they come from.
    pub(super) fn into(&self, at: usize) -> &[Entry] {
        &self.entries[self.start[at] as usize..self.start[at + 1] as usize]
    }
}
