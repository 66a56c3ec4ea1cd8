//! What is best from one vertex of the core to every other.

use super::chains::Spot;
use super::entries::BEYOND;
use super::graph::{FAR, Key, NONE, Vertex};
use super::{AllPairs, Way};

/// Keys, last and first steps from one root to every other root, by vertex.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) key: Vec<Key>,
    /// The site before; [`NONE`] where there is none but what the source hangs on.
    pub(super) before: Vec<Vertex>,
    /// The first site; [`NONE`]: what comes first is the first site that hangs on the destination.
    pub(super) first: Vec<Vertex>,
    /// Of the kernel, by its numbers.
    kernel: Vec<(Key, Vertex)>,
    /// Roots whose first site is looked for.
    open: Vec<Vertex>,
}

/// In place of a first site: not known yet.
const UNKNOWN: Vertex = NONE - 1;

impl Base {
    pub(super) fn new(all: &AllPairs) -> Base {
        let count = all.graph.vertices() as usize;
        Base {
            key: vec![FAR; count],
            before: vec![NONE; count],
            first: vec![NONE; count],
            kernel: vec![(FAR, NONE); all.kernel_size()],
            open: Vec::new(),
        }
    }

    /// What is best from `root`, which is one of the `roots`. O(roots).
    pub(super) fn fill(&mut self, all: &AllPairs, roots: &[Vertex], root: Vertex) {
        let ways = all.ways(root);
        for at in 0..self.kernel.len() {
            self.kernel[at] = best(all, &ways, at);
            let vertex = all.chains.kernel[at] as usize;
            (self.key[vertex], self.before[vertex]) = self.kernel[at];
        }
        for number in 0..all.chains.chains.len() {
            self.fill_chain(all, number, root);
        }
        (self.key[root as usize], self.before[root as usize]) = (0, NONE);
        for vertex in roots {
            self.first[*vertex as usize] = UNKNOWN;
        }
        for vertex in roots {
            self.first_step(all, *vertex, root);
        }
    }

    /// The vertices between the ends of a chain.
    fn fill_chain(&mut self, all: &AllPairs, number: usize, root: Vertex) {
        let chain = &all.chains.chains[number];
        let inner = all.chains.between(chain);
        let own = match all.chains.spot(root) {
            Spot::Chain { chain, from_first, .. } if chain as usize == number => Some(from_first),
            _ => None,
        };
        let over = chain.ends.map(|end| self.kernel[end as usize].0);
        // By which of its neighbours each is reached: both when they are as good.
        let sides = |from_first: Key| {
            let mut keys = [over[0] + from_first, over[1] + chain.length - from_first];
            if let Some(there) = own {
                let side = usize::from(there > from_first);
                keys[side] = keys[side].min(there.abs_diff(from_first));
            }
            let key = keys[0].min(keys[1]);
            (key, keys.map(|side| side == key && key < FAR))
        };
        let beside = |at: usize| {
            let end = |side: usize| all.chains.kernel[chain.ends[side] as usize];
            [
                if at == 0 { end(0) } else { inner[at - 1] },
                inner.get(at + 1).copied().unwrap_or_else(|| end(1)),
            ]
        };
        // Wide links first: what is before a site may be what is before the link beside it.
        for is_site in [false, true] {
            for (at, vertex) in inner.iter().enumerate() {
                if all.graph.is_site(*vertex) != is_site || *vertex == root {
                    continue;
                }
                let Spot::Chain { from_first, .. } = all.chains.spot(*vertex) else {
                    unreachable!("it is a vertex of a chain")
                };
                let (key, are_best) = sides(from_first);
                let steps = beside(at).map(|vertex| match all.graph.is_site(vertex) {
                    true => vertex,
                    false if vertex == root => NONE,
                    false => self.before[vertex as usize],
                });
                let best = steps.into_iter().zip(are_best).filter(|(_, is_best)| *is_best);
                self.key[*vertex as usize] = key.min(FAR);
                self.before[*vertex as usize] = best.map(|(step, _)| step).min().unwrap_or(NONE);
            }
        }
    }

    /// Follows last steps back until a first one is known.
    fn first_step(&mut self, all: &AllPairs, mut at: Vertex, root: Vertex) {
        while self.first[at as usize] == UNKNOWN {
            let before = self.before[at as usize];
            if before == root || before == NONE {
                // A site is first itself; behind a wide link it is what hangs there.
                self.first[at as usize] = if all.graph.is_site(at) { at } else { NONE };
                break;
            }
            self.open.push(at);
            at = before;
        }
        let first = self.first[at as usize];
        for vertex in self.open.drain(..) {
            self.first[vertex as usize] = first;
        }
    }
}

/// Key of the best of the ways into the kernel and on to one of its vertices, and the site before that.
fn best(all: &AllPairs, ways: &[Way], at: usize) -> (Key, Vertex) {
    let at = u32::try_from(at).expect("vertices are counted in 32 bits");
    let each = ways.iter().map(|way| {
        let key = way.key + all.kernel.key(way.to, at);
        let last = match all.kernel.before(way.to, at) {
            _ if way.to == at => way.last,
            BEYOND => way.last,
            last => last,
        };
        (key, last)
    });
    // Of ways that are as good the lowest name.
    let (key, last) = each.min().expect("there is a way");
    match key < FAR {
        true => (key, last),
        false => (FAR, NONE),
    }
}
