//! What hangs on the rest of the graph by one edge, and on that in turn: trees, each under the vertex that is left.

use super::graph::{Arc, Graph, Key, NONE, Vertex};

/// The trees, under roots. A vertex that hangs on nothing is a root.
#[derive(Debug)]
pub(super) struct Trees {
    /// The vertex above; [`NONE`] for roots.
    parent: Vec<Vertex>,
    root: Vec<Vertex>,
    /// Key of the way up to the root.
    depth: Vec<Key>,
    /// Places in an order in which every vertex comes before those below it, and those directly after it.
    place: Vec<u32>,
    /// The first place behind those below.
    end: Vec<u32>,
    /// The vertex at each place.
    order: Vec<Vertex>,
    /// Edges up to the root.
    level: Vec<u32>,
    /// `child[child_start[v] .. child_start[v + 1]]`: what hangs on `v` directly, by place.
    child_start: Vec<u32>,
    child: Vec<Vertex>,
    /// For common ancestors (Schieber and Vishkin, SIAM J. Comput. 17, 1988): a name of the path that a vertex is on, the paths
    /// above it as bits, and the top of each path.
    path: Vec<u32>,
    above: Vec<u32>,
    top: Vec<Vertex>,
}

impl Trees {
    /// Takes vertices of one neighbour off again and again. O(edges).
    pub(super) fn new(graph: &Graph) -> Trees {
        let count = graph.vertices() as usize;
        let mut left: Vec<u32> = (0..graph.vertices())
            .map(|vertex| u32::try_from(graph.arcs(vertex).len()).expect("memberships are counted in 32 bits"))
            .collect();
        let mut parent = vec![NONE; count];
        let mut up = vec![0; count];
        let mut is_off = vec![false; count];
        let mut taken: Vec<Vertex> = Vec::new();
        let mut next: Vec<Vertex> = (0..graph.vertices()).filter(|v| left[*v as usize] == 1).collect();
        while let Some(vertex) = next.pop() {
            let rest = |arc: &&Arc| !is_off[arc.to as usize];
            // The last two of a tree have each other; one of them stays: a wide link rather than a site of it, so that what hangs
            // there hangs on the root.
            let Some(arc) = graph.arcs(vertex).iter().find(rest).copied() else {
                continue;
            };
            if !graph.is_site(vertex) && left[arc.to as usize] == 1 {
                continue;
            }
            is_off[vertex as usize] = true;
            taken.push(vertex);
            parent[vertex as usize] = arc.to;
            up[vertex as usize] = arc.key;
            left[arc.to as usize] -= 1;
            if left[arc.to as usize] == 1 {
                next.push(arc.to);
            }
        }
        // Parents were taken after their children, so that from the end they come first.
        let mut trees = Trees {
            root: (0..graph.vertices()).collect(),
            depth: vec![0; count],
            place: vec![0; count],
            end: vec![1; count],
            order: vec![NONE; count],
            level: vec![0; count],
            child_start: vec![0; count + 1],
            child: vec![NONE; taken.len()],
            path: vec![0; count],
            above: vec![0; count],
            top: vec![NONE; count + 1],
            parent,
        };
        for vertex in taken.iter().rev().map(|vertex| *vertex as usize) {
            let above = trees.parent[vertex] as usize;
            trees.root[vertex] = trees.root[above];
            trees.depth[vertex] = trees.depth[above] + up[vertex];
            trees.level[vertex] = trees.level[above] + 1;
        }
        trees.put_in_order(&taken);
        trees.name_paths();
        trees
    }

    /// Fills `place`, `end`, `order` and the children. `taken`: what hangs on something, children before parents.
    fn put_in_order(&mut self, taken: &[Vertex]) {
        // First the sizes, in `end`.
        for vertex in taken {
            self.end[self.parent[*vertex as usize] as usize] += self.end[*vertex as usize];
        }
        // Every root has the places behind the one before, every child those behind the last of its siblings.
        let mut free = 0;
        let mut next = vec![0; self.parent.len()];
        let roots = (0..self.parent.len()).filter(|vertex| self.parent[*vertex] == NONE);
        for root in roots.collect::<Vec<_>>() {
            self.place[root] = free;
            free += self.end[root];
            next[root] = self.place[root] + 1;
        }
        for vertex in taken.iter().rev().map(|vertex| *vertex as usize) {
            let above = self.parent[vertex] as usize;
            self.place[vertex] = next[above];
            next[above] += self.end[vertex];
            next[vertex] = self.place[vertex] + 1;
        }
        for vertex in 0..self.parent.len() {
            self.end[vertex] += self.place[vertex];
            self.order[self.place[vertex] as usize] =
                Vertex::try_from(vertex).expect("vertices are counted in 32 bits");
        }
        for vertex in taken {
            self.child_start[self.parent[*vertex as usize] as usize + 1] += 1;
        }
        for vertex in 0..self.parent.len() {
            self.child_start[vertex + 1] += self.child_start[vertex];
        }
        let mut filled = self.child_start.clone();
        for vertex in &self.order {
            let above = self.parent[*vertex as usize];
            if above != NONE {
                let at = &mut filled[above as usize];
                self.child[*at as usize] = *vertex;
                *at += 1;
            }
        }
    }

    fn name_paths(&mut self) {
        // The place below a vertex, counted from 1, that has the most zeros at its end: those of one name are a path.
        for vertex in 0..self.parent.len() {
            let (first, last) = (self.place[vertex] + 1, self.end[vertex]);
            let highest = (first - 1) ^ last;
            let shift = u32::BITS - 1 - highest.leading_zeros();
            self.path[vertex] = last >> shift << shift;
        }
        for at in 0..self.order.len() {
            let vertex = self.order[at] as usize;
            let (path, above) = (self.path[vertex], self.parent[vertex]);
            let own = path & path.wrapping_neg();
            self.above[vertex] = match above {
                NONE => own,
                above => self.above[above as usize] | own,
            };
            if above == NONE || self.path[above as usize] != path {
                self.top[path as usize] = self.order[at];
            }
        }
    }

    /// The vertex that a tree hangs on, for every vertex of it and for itself.
    pub(super) fn root(&self, vertex: Vertex) -> Vertex {
        self.root[vertex as usize]
    }

    /// The vertex directly above, unless it is a root.
    pub(super) fn parent(&self, vertex: Vertex) -> Option<Vertex> {
        let above = self.parent[vertex as usize];
        (above != NONE).then_some(above)
    }

    /// Key of the way up to the root.
    pub(super) fn depth(&self, vertex: Vertex) -> Key {
        self.depth[vertex as usize]
    }

    /// Whether `low` is `high` or hangs below it.
    pub(super) fn is_below(&self, low: Vertex, high: Vertex) -> bool {
        (self.place[high as usize]..self.end[high as usize]).contains(&self.place[low as usize])
    }

    /// Every vertex, before those below it, and those directly after it.
    pub(super) fn in_order(&self) -> impl Iterator<Item = Vertex> {
        self.order.iter().copied()
    }

    /// The places of a vertex and of those below it in that order.
    pub(super) fn places(&self, vertex: Vertex) -> std::ops::Range<usize> {
        self.place[vertex as usize] as usize..self.end[vertex as usize] as usize
    }

    /// What hangs on a vertex directly.
    pub(super) fn children(&self, vertex: Vertex) -> &[Vertex] {
        let at = vertex as usize;
        &self.child[self.child_start[at] as usize..self.child_start[at + 1] as usize]
    }

    /// What hangs on `high` directly and has `low`, which is below `high`, below it, or is it. O(log of what hangs on `high`).
    pub(super) fn child_towards(&self, high: Vertex, low: Vertex) -> Vertex {
        let children = self.children(high);
        let behind = children.partition_point(|child| self.place[*child as usize] <= self.place[low as usize]);
        children[behind - 1]
    }

    /// The lowest vertex that both are below, or are. They have one root. O(1).
    pub(super) fn common(&self, one: Vertex, other: Vertex) -> Vertex {
        let (path, beside) = (self.path[one as usize], self.path[other as usize]);
        if path == beside {
            return self.higher(one, other);
        }
        let apart = u32::BITS - 1 - (path ^ beside).leading_zeros();
        // Paths have names whose last bit says how high they are, so the common one is no lower than where they part.
        let lowest = path & path.wrapping_neg() | beside & beside.wrapping_neg();
        let apart = apart.max(u32::BITS - 1 - lowest.leading_zeros());
        let both = self.above[one as usize] & self.above[other as usize] & (u32::MAX << apart);
        let bit = both.trailing_zeros();
        self.higher(self.entry(one, bit), self.entry(other, bit))
    }

    /// Where the way up from a vertex comes to its path whose name ends with this bit.
    fn entry(&self, vertex: Vertex, bit: u32) -> Vertex {
        let at = vertex as usize;
        if self.path[at].trailing_zeros() == bit {
            return vertex;
        }
        let below = self.above[at] & ((1 << bit) - 1);
        let last = u32::BITS - 1 - below.leading_zeros();
        let name = (self.path[at] >> last | 1) << last;
        self.parent[self.top[name as usize] as usize]
    }

    fn higher(&self, one: Vertex, other: Vertex) -> Vertex {
        match self.level[one as usize] <= self.level[other as usize] {
            true => one,
            false => other,
        }
    }
}
