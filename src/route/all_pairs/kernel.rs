//! The kernel: best paths between every two of its vertices.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chains::{Chains, KernelAt};
use super::graph::{FAR, Graph, Key, NONE, Vertex};

/// In place of a site: the one before a source, or behind a destination, that is a wide link.
pub(super) const BEYOND: Vertex = NONE - 1;

/// A way from one vertex of the kernel to another over nothing else of it, as the end sees it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    from: KernelAt,
    key: Key,
    /// The site before the end; [`BEYOND`]: the one before `from`, which is a wide link beside the end.
    last: Vertex,
    /// The site behind `from`; [`BEYOND`]: the one behind the end, which is a wide link beside `from`.
    first: Vertex,
}

/// Every way that ends in a vertex of the kernel.
struct Entries {
    start: Vec<u32>,
    entries: Vec<Entry>,
}

impl Entries {
    fn new(graph: &Graph, chains: &Chains) -> Entries {
        let mut into: Vec<(KernelAt, Entry)> = Vec::with_capacity(2 * chains.chains.len());
        for chain in chains.chains.iter().filter(|chain| chain.ends[0] != chain.ends[1]) {
            let [begin, end] = chain.ends;
            let [from, to] = [begin, end].map(|at| chains.kernel[at as usize]);
            let inner = chains.between(chain);
            let is_site = |vertex: &Vertex| graph.is_site(*vertex);
            let behind_begin = inner.iter().copied().chain([to]).find(is_site).unwrap_or(BEYOND);
            let before_end = inner
                .iter()
                .rev()
                .copied()
                .chain([from])
                .find(is_site)
                .unwrap_or(BEYOND);
            let entry = |from, last, first| Entry {
                from,
                key: chain.length,
                last,
                first,
            };
            into.push((end, entry(begin, before_end, behind_begin)));
            into.push((begin, entry(end, behind_begin, before_end)));
        }
        into.sort_by_key(|(to, _)| *to);
        let mut start = vec![0; chains.kernel.len() + 1];
        for (to, _) in &into {
            start[*to as usize + 1] += 1;
        }
        for at in 0..chains.kernel.len() {
            start[at + 1] += start[at];
        }
        Entries {
            start,
            entries: into.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    fn into(&self, at: usize) -> &[Entry] {
        &self.entries[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

/// Distances, last steps and first steps between all vertices of the kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    size: usize,
    /// Row by row, in order of [`Chains::kernel`]; [`FAR`]: no path.
    keys: Vec<Key>,
    /// The site before each vertex on the best path to it from that of the row; [`BEYOND`]: the one before that of the row.
    before: Vec<Vertex>,
    /// The site behind that of the row on the best path to each vertex; [`BEYOND`]: the one behind the vertex.
    behind: Vec<Vertex>,
}

impl Kernel {
    /// O(n² m) at worst, n vertices of the kernel and m ways between them.
    pub(super) fn new(graph: &Graph, chains: &Chains) -> Kernel {
        let size = chains.kernel.len();
        let entries = Entries::new(graph, chains);
        let mut kernel = Kernel {
            size,
            keys: vec![FAR; size * size],
            before: vec![NONE; size * size],
            behind: vec![NONE; size * size],
        };
        let mut chooser = Chooser::new(graph, chains, &entries);
        for row in 0..size {
            let part = row * size..(row + 1) * size;
            distances(&entries, row, &mut kernel.keys[part.clone()]);
            let (before, behind) = (&mut kernel.before[part.clone()], &mut kernel.behind[part.clone()]);
            chooser.choose(row, &kernel.keys[part], before, behind);
        }
        kernel
    }

    fn at(&self, from: KernelAt, to: KernelAt) -> usize {
        from as usize * self.size + to as usize
    }

    pub(super) fn key(&self, from: KernelAt, to: KernelAt) -> Key {
        self.keys[self.at(from, to)]
    }

    pub(super) fn before(&self, from: KernelAt, to: KernelAt) -> Vertex {
        self.before[self.at(from, to)]
    }

    pub(super) fn behind(&self, from: KernelAt, to: KernelAt) -> Vertex {
        self.behind[self.at(from, to)]
    }
}

/// Fills a row with distances, which are the same there and back.
fn distances(entries: &Entries, row: usize, keys: &mut [Key]) {
    let mut queue = BinaryHeap::new();
    keys[row] = 0;
    queue.push(Reverse((0, row)));
    while let Some(Reverse((key, at))) = queue.pop() {
        if keys[at] < key {
            continue;
        }
        for entry in entries.into(at) {
            let (to, through) = (entry.from as usize, key + entry.key);
            if through < keys[to] {
                keys[to] = through;
                queue.push(Reverse((through, to)));
            }
        }
    }
}

/// Settles which of several equally good paths it is.
struct Chooser<'a> {
    entries: &'a Entries,
    /// Wide links first: what is before a site may be what is before the link beside it.
    order: Vec<usize>,
    chosen: Vec<Option<Entry>>,
    /// Vertices whose first step is looked for.
    open: Vec<usize>,
}

impl<'a> Chooser<'a> {
    fn new(graph: &Graph, chains: &Chains, entries: &'a Entries) -> Chooser<'a> {
        let is_site: Vec<bool> = chains.kernel.iter().map(|vertex| graph.is_site(*vertex)).collect();
        let (sites, wide): (Vec<usize>, Vec<usize>) = (0..is_site.len()).partition(|at| is_site[*at]);
        Chooser {
            entries,
            order: wide.into_iter().chain(sites).collect(),
            chosen: vec![None; is_site.len()],
            open: Vec::new(),
        }
    }

    /// Fills the last and first steps of a row of distances.
    fn choose(&mut self, row: usize, keys: &[Key], before: &mut [Vertex], behind: &mut [Vertex]) {
        for &at in &self.order {
            self.chosen[at] = None;
            if at == row || keys[at] == FAR {
                continue;
            }
            // RT-2.2 step 3: the lowest name among the sites that are equally good just before.
            let mut lowest = NONE;
            for entry in self.entries.into(at) {
                let from = entry.from as usize;
                if keys[from] + entry.key != keys[at] {
                    continue;
                }
                let last = match entry.last {
                    BEYOND if from != row => before[from],
                    last => last,
                };
                if last < lowest {
                    lowest = last;
                    self.chosen[at] = Some(*entry);
                }
            }
            before[at] = lowest;
        }
        for at in 0..keys.len() {
            self.first_step(at, row, behind);
        }
    }

    /// Follows last steps back until a first step is known.
    fn first_step(&mut self, mut at: usize, row: usize, behind: &mut [Vertex]) {
        while behind[at] == NONE {
            let Some(entry) = self.chosen[at] else { break };
            if entry.from as usize == row {
                behind[at] = entry.first;
                break;
            }
            self.open.push(at);
            at = entry.from as usize;
        }
        while let Some(next) = self.open.pop() {
            let entry = self.chosen[next].expect("only what has a last step is open");
            behind[next] = match behind[at] {
                // `from` is a wide link beside the source: the site behind it is the first.
                BEYOND => entry.first,
                first => first,
            };
            at = next;
        }
    }
}
