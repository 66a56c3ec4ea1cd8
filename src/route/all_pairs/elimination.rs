//! An order of the kernel in which shortest paths are found by few steps.
//!
//! Vertices are eliminated, those of the fewest neighbours first: what was joined over the vertex is joined directly, at the
//! cheaper of the old way and the one over it. Then the distance of a vertex to one eliminated later is the least, over its
//! neighbours of that moment, of the way to the neighbour and the neighbour's distance: the last ones eliminated come first, and
//! every other follows from few of those before it ("Snowball": Planken, de Weerdt and van der Krogt, JAIR 43, 2012).
//!
//! Eliminating fills the graph. When what is left is nearly complete, lists of neighbours are slower than a matrix, so
//! that the rest is eliminated in one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::lanes::{Number, Width};

/// How many rows of a matrix are eliminated together.
const PIVOTS: usize = 4;

/// Lists are left when the least number of neighbours is the part of the rest that this divides it into.
const SPARSE: usize = 10;

/// The position of what is not eliminated yet.
const OPEN: u32 = u32::MAX;

/// Every vertex with its neighbours at the time when it was eliminated. The last one eliminated is at position 0.
#[derive(Debug)]
pub(super) struct Elimination<K> {
    /// Positions by vertex.
    pub(super) position: Vec<u32>,
    start: Vec<u32>,
    /// Neighbours by position, all of them at lower ones, and keys of the ways to them.
    up: Vec<(u32, K)>,
}

impl<K: Number> Elimination<K> {
    /// Of a graph given by the neighbours of every vertex, each once, and keys of the ways to them, the same in both directions.
    /// At worst O(n³), which is half of what it takes to find the distances then.
    pub(super) fn new(mut neighbours: Vec<Vec<(u32, K)>>, width: Width) -> Elimination<K> {
        let size = neighbours.len();
        let order = eliminate(&mut neighbours);
        let dense = size - order.len();
        let mut position = vec![OPEN; size];
        for (before, vertex) in order.iter().enumerate() {
            position[*vertex as usize] = number(size - 1 - before);
        }
        let open = position.iter_mut().filter(|at| **at == OPEN);
        open.zip(0..).for_each(|(at, next)| *at = next);

        let mut matrix = vec![K::FAR; dense * dense];
        for (vertex, own) in neighbours.iter().enumerate() {
            let row = position[vertex] as usize;
            for (to, key) in own.iter().filter(|_| row < dense) {
                matrix[row * dense + position[*to as usize] as usize] = *key;
            }
        }
        width.run(
            #[inline(always)]
            || eliminate_matrix(dense, &mut matrix),
        );

        let mut result = Elimination {
            position,
            start: vec![0],
            up: Vec::new(),
        };
        for row in 0..dense {
            let own = &matrix[row * dense..][..row];
            result.close((0..).zip(own.iter().copied()).filter(|(_, key)| *key < K::FAR));
        }
        for vertex in order.iter().rev() {
            let own = std::mem::take(&mut neighbours[*vertex as usize]);
            let to = own.into_iter().map(|(to, key)| (result.position[to as usize], key));
            let to: Vec<(u32, K)> = to.collect();
            result.close(to.into_iter());
        }
        result
    }

    fn close(&mut self, own: impl Iterator<Item = (u32, K)>) {
        self.up.extend(own);
        self.start.push(number(self.up.len()));
    }

    /// The neighbours of the vertex at a position.
    pub(super) fn up(&self, at: usize) -> &[(u32, K)] {
        &self.up[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("a kernel whose tables fit into memory has fewer edges")
}

/// Eliminates vertices as long as lists are quicker. Returns them in this order; each keeps the neighbours that it had last, and the
/// others those that are left.
fn eliminate<K: Number>(neighbours: &mut [Vec<(u32, K)>]) -> Vec<u32> {
    let size = neighbours.len();
    let mut queue: BinaryHeap<Reverse<(usize, u32)>> = (0..)
        .zip(neighbours.iter())
        .map(|(vertex, own)| Reverse((own.len(), vertex)))
        .collect();
    let mut is_gone = vec![false; size];
    let mut order = Vec::new();
    // Where a vertex is in the list that is being changed; behind all lists: nowhere.
    let mut place = vec![usize::MAX; size];
    while let Some(Reverse((degree, vertex))) = queue.pop() {
        if is_gone[vertex as usize] || neighbours[vertex as usize].len() != degree {
            continue;
        }
        let left = size - order.len();
        if degree * SPARSE > left && left > 1 {
            break;
        }
        is_gone[vertex as usize] = true;
        order.push(vertex);
        let own = std::mem::take(&mut neighbours[vertex as usize]);
        for (to, key) in &own {
            let list = &mut neighbours[*to as usize];
            let before = list.len();
            let at = list.iter().position(|(other, _)| *other == vertex);
            list.swap_remove(at.expect("neighbours have each other"));
            for (at, (other, _)) in list.iter().enumerate() {
                place[*other as usize] = at;
            }
            for (other, onward) in own.iter().filter(|(other, _)| other != to) {
                let through = K::FAR.min(*key + *onward);
                match list.get_mut(place[*other as usize]) {
                    Some((there, known)) if there == other => *known = through.min(*known),
                    _ => list.push((*other, through)),
                }
            }
            if list.len() != before {
                queue.push(Reverse((list.len(), *to)));
            }
        }
        neighbours[vertex as usize] = own;
    }
    order
}

/// Eliminates what is left in a matrix, from its last row: every row gets the ways over the vertices behind it. Four at a time, so that
/// a row is read and written once for all of them.
#[inline(always)]
fn eliminate_matrix<K: Number>(size: usize, matrix: &mut [K]) {
    let mut rest = size;
    while rest > PIVOTS {
        eliminate_rows(size, matrix, rest - PIVOTS..rest);
        rest -= PIVOTS;
        let (before, pivots) = matrix.split_at_mut(rest * size);
        for row in 1..rest {
            let keys: [K; PIVOTS] = std::array::from_fn(|at| pivots[at * size + row]);
            if keys == [K::FAR; PIVOTS] {
                continue;
            }
            let [a, b, c, d]: [&[K]; PIVOTS] = std::array::from_fn(|at| &pivots[at * size..][..row]);
            let known = &mut before[row * size..][..row];
            for ((((known, a), b), c), d) in known.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let (ab, cd) = ((keys[0] + *a).min(keys[1] + *b), (keys[2] + *c).min(keys[3] + *d));
                *known = (*known).min(ab.min(cd));
            }
        }
    }
    eliminate_rows(size, matrix, 0..rest);
}

/// Gives each of some rows the ways over those of them that are behind it.
#[inline(always)]
fn eliminate_rows<K: Number>(size: usize, matrix: &mut [K], rows: Range<usize>) {
    for pivot in rows.clone().rev() {
        let (before, own) = matrix.split_at_mut(pivot * size);
        for row in rows.start..pivot {
            let key = own[row];
            for (known, onward) in before[row * size..][..row].iter_mut().zip(&own[..row]) {
                *known = (*known).min(key + *onward);
            }
        }
    }
}
