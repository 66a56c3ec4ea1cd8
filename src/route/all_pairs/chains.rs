//! What is left of a graph without its trees: vertices where ways part, the kernel, and chains of vertices with two neighbours
//! between those.

use super::graph::{Graph, Key, Vertex};
use super::trees::Trees;

/// A position in the kernel.
pub(super) type KernelAt = u32;

/// A way from one vertex of the kernel to another over nothing else of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// What it leads from and to, which may be one vertex.
    pub(super) ends: [KernelAt; 2],
    /// Key of the whole way.
    pub(super) length: Key,
    /// Where its vertices are in [`Chains::inner`].
    first: u32,
    behind: u32,
}

/// Where a root is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spot {
    /// In the kernel.
    Kernel(KernelAt),
    /// The vertex of a chain at this position of [`Chains::inner`], so far from its first end.
    Chain { chain: u32, at: u32, from_first: Key },
    /// It hangs on something.
    Tree,
}

/// The kernel, and the chains in it.
#[derive(Debug)]
pub(super) struct Chains {
    spot: Vec<Spot>,
    /// The vertices of the kernel.
    pub(super) kernel: Vec<Vertex>,
    /// Chains, those without a vertex in between among them.
    pub(super) chains: Vec<Chain>,
    /// Vertices of chains, chain after chain, from the first end to the other.
    inner: Vec<Vertex>,
}

impl Chains {
    /// Follows every chain from its ends. A ring without an end gets one in its lowest vertex. O(edges).
    pub(super) fn new(graph: &Graph, trees: &Trees) -> Chains {
        let mut chains = Chains {
            spot: vec![Spot::Tree; graph.vertices() as usize],
            kernel: Vec::new(),
            chains: Vec::new(),
            inner: Vec::new(),
        };
        let is_core = |vertex: Vertex| trees.parent(vertex).is_none();
        let degree = |vertex: Vertex| graph.arcs(vertex).iter().filter(|arc| is_core(arc.to)).count();
        let core: Vec<Vertex> = (0..graph.vertices()).filter(|vertex| is_core(*vertex)).collect();
        let mut is_inner = vec![false; graph.vertices() as usize];
        for vertex in &core {
            is_inner[*vertex as usize] = degree(*vertex) == 2;
        }
        for vertex in ends_of_rings(graph, trees, &core, &is_inner) {
            is_inner[vertex as usize] = false;
        }
        for vertex in core.iter().filter(|vertex| !is_inner[**vertex as usize]) {
            let at = u32::try_from(chains.kernel.len()).expect("vertices are counted in 32 bits");
            chains.spot[*vertex as usize] = Spot::Kernel(at);
            chains.kernel.push(*vertex);
        }
        for at in 0..chains.kernel.len() {
            let start = chains.kernel[at];
            for arc in graph.arcs(start).iter().filter(|arc| is_core(arc.to)) {
                // A chain is followed once: an edge from its lower end, the others from where they are met first.
                let is_new = match chains.spot[arc.to as usize] {
                    Spot::Kernel(_) => start < arc.to,
                    Spot::Chain { .. } => false,
                    Spot::Tree => true,
                };
                if is_new {
                    chains.follow(graph, trees, start, (arc.to, arc.key));
                }
            }
        }
        chains
    }

    fn follow(&mut self, graph: &Graph, trees: &Trees, start: Vertex, (mut at, mut length): (Vertex, Key)) {
        let number = u32::try_from(self.chains.len()).expect("edges are counted in 32 bits");
        let position = |inner: &Vec<Vertex>| u32::try_from(inner.len()).expect("vertices are counted in 32 bits");
        let first = position(&self.inner);
        let mut before = start;
        let end = loop {
            if let Spot::Kernel(end) = self.spot[at as usize] {
                break end;
            }
            self.spot[at as usize] = Spot::Chain {
                chain: number,
                at: position(&self.inner),
                from_first: length,
            };
            self.inner.push(at);
            let mut onward = graph.arcs(at).iter().filter(|arc| trees.parent(arc.to).is_none());
            let arc = onward.find(|arc| arc.to != before).expect("it has two neighbours");
            (before, at, length) = (at, arc.to, length + arc.key);
        };
        let Spot::Kernel(begin) = self.spot[start as usize] else {
            unreachable!("chains are followed from the kernel")
        };
        self.chains.push(Chain {
            ends: [begin, end],
            length,
            first,
            behind: position(&self.inner),
        });
    }

    /// Gives every vertex of the kernel the number at its old one.
    pub(super) fn renumber(&mut self, number: &[KernelAt]) {
        let mut kernel = vec![0; self.kernel.len()];
        for (vertex, new) in self.kernel.iter().zip(number) {
            kernel[*new as usize] = *vertex;
            self.spot[*vertex as usize] = Spot::Kernel(*new);
        }
        self.kernel = kernel;
        for chain in &mut self.chains {
            chain.ends = chain.ends.map(|end| number[end as usize]);
        }
    }

    pub(super) fn spot(&self, vertex: Vertex) -> Spot {
        self.spot[vertex as usize]
    }

    /// The vertices between the ends of a chain, from the first.
    pub(super) fn between(&self, chain: &Chain) -> &[Vertex] {
        &self.inner[chain.first as usize..chain.behind as usize]
    }

    /// The same from one of its ends.
    pub(super) fn seen_from(&self, chain: u32, side: usize) -> impl Iterator<Item = Vertex> {
        let inner = self.between(&self.chains[chain as usize]);
        let (forth, back) = match side {
            0 => (Some(inner.iter()), None),
            _ => (None, Some(inner.iter().rev())),
        };
        forth.into_iter().flatten().chain(back.into_iter().flatten()).copied()
    }

    /// The neighbours of a vertex of a chain towards its first end, and towards the other.
    pub(super) fn beside(&self, chain: u32, at: u32) -> [Vertex; 2] {
        let chain = &self.chains[chain as usize];
        let end = |side: usize| self.kernel[chain.ends[side] as usize];
        [
            if at == chain.first {
                end(0)
            } else {
                self.inner[at as usize - 1]
            },
            if at + 1 == chain.behind {
                end(1)
            } else {
                self.inner[at as usize + 1]
            },
        ]
    }
}

/// The lowest vertex of every ring that nothing else of the core touches.
fn ends_of_rings(graph: &Graph, trees: &Trees, core: &[Vertex], is_inner: &[bool]) -> Vec<Vertex> {
    let mut is_known = vec![false; is_inner.len()];
    let mut ends = Vec::new();
    for start in core.iter().copied() {
        if is_known[start as usize] || !is_inner[start as usize] {
            continue;
        }
        // Everything that is joined to it over inner vertices.
        let (mut next, mut is_ring) = (vec![start], true);
        is_known[start as usize] = true;
        while let Some(vertex) = next.pop() {
            for arc in graph.arcs(vertex).iter().filter(|arc| trees.parent(arc.to).is_none()) {
                is_ring &= is_inner[arc.to as usize];
                if is_inner[arc.to as usize] && !std::mem::replace(&mut is_known[arc.to as usize], true) {
                    next.push(arc.to);
                }
            }
        }
        if is_ring {
            ends.push(start);
        }
    }
    ends
}
