//! What failures take off where nothing else leads: pieces of trees, cut off at their roots. Their mail is counted.
//!
//! A pair of routers in different pieces has no route left. Its mail waits before the first failure on the path, at the last
//! site with a transport server: seen from a piece, that is on the way up to where it was cut off (`wait_below`); seen from
//! elsewhere, on the way down (`engine`).

use smallvec::SmallVec;

use super::forest::{Forest, Vertex};

/// What failed among the trees.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// The link by which a site hangs on another.
    Above(Vertex),
    /// A site or a wide link with all its edges.
    Whole(Vertex),
}

impl Cut {
    fn vertex(self) -> Vertex {
        match self {
            Cut::Above(v) | Cut::Whole(v) => v,
        }
    }
}

/// Everything that one failure cuts off.
#[derive(Debug)]
pub(super) struct Cuts<'f> {
    forest: &'f Forest,
    cuts: SmallVec<[Cut; 2]>,
    /// What no longer hangs on its parent, which may have failed itself.
    pub(super) roots: Vec<Vertex>,
    /// The site that failed, if it is a router: nobody's mail is counted from or to it.
    dead: Option<Vertex>,
}

impl<'f> Cuts<'f> {
    pub(super) fn new(forest: &'f Forest, cuts: SmallVec<[Cut; 2]>) -> Cuts<'f> {
        let mut roots = Vec::new();
        for cut in &cuts {
            let v = cut.vertex();
            if forest.parent(v).is_some() {
                roots.push(v);
            }
            if matches!(cut, Cut::Whole(_)) {
                roots.extend(forest.children(v));
            }
        }
        let failed = cuts.iter().copied();
        let dead = failed.filter(|cut| matches!(cut, Cut::Whole(v) if forest.is_router(*v)));
        Cuts {
            forest,
            dead: dead.map(Cut::vertex).next(),
            cuts,
            roots,
        }
    }

    /// Where they are.
    pub(super) fn vertices(&self) -> impl Iterator<Item = Vertex> {
        self.cuts.iter().map(|cut| cut.vertex())
    }

    /// Whether a vertex failed with all its edges.
    pub(super) fn has_failed(&self, v: Vertex) -> bool {
        self.cuts
            .iter()
            .any(|cut| matches!(cut, Cut::Whole(failed) if *failed == v))
    }

    /// Whether a vertex no longer hangs on its parent. O(failures).
    pub(super) fn is_root(&self, v: Vertex) -> bool {
        let parent = self.forest.parent(v);
        self.cuts.iter().any(|cut| match cut {
            Cut::Above(cut) => *cut == v,
            Cut::Whole(failed) => parent.is_some() && (*failed == v || parent == Some(*failed)),
        })
    }

    /// Routers below a vertex that did not fail, in pieces of their own or not.
    pub(super) fn alive_below(&self, v: Vertex) -> u64 {
        let dead = self.dead.is_some_and(|dead| self.forest.is_below(dead, v));
        self.forest.below(v) - u64::from(dead)
    }

    /// Routers that still hang together with `v` below it.
    pub(super) fn rest_below(&self, v: Vertex) -> u64 {
        if self.has_failed(v) {
            return 0;
        }
        let tops = self.cuts.iter().map(|cut| cut.vertex());
        // Of two that hang below `v`, one may hang below the other.
        let below = |top: Vertex| top != v && self.forest.parent(top).is_some() && self.forest.is_below(top, v);
        let highest = tops.clone().filter(|top| {
            below(*top)
                && !tops
                    .clone()
                    .any(|other| other != *top && below(other) && self.forest.is_below(*top, other))
        });
        self.alive_below(v) - highest.map(|top| self.alive_below(top)).sum::<u64>()
    }

    /// The site of the least position among routers that still hang together with `v` below it.
    pub(super) fn first_below(&self, v: Vertex) -> Option<u32> {
        if self.has_failed(v) {
            return None;
        }
        let mut first = None;
        let mut waiting = vec![v];
        while let Some(v) = waiting.pop() {
            if self.forest.is_router(v) {
                first = Some(first.map_or(v, |first: u32| first.min(v)));
            }
            waiting.extend(self.forest.children(v).filter(|child| !self.is_root(*child)));
        }
        first
    }

    /// Where mail waits on its way up to `v`, for the routers that still hang together with it below it: sites, each with so many
    /// routers.
    pub(super) fn wait_below(&self, v: Vertex, wait: &mut dyn FnMut(Vertex, u64)) {
        let mut waiting = vec![v];
        while let Some(v) = waiting.pop() {
            if self.has_failed(v) {
                continue;
            }
            if self.forest.is_router(v) {
                wait(v, self.rest_below(v));
            } else {
                waiting.extend(self.forest.children(v).filter(|child| !self.is_root(*child)));
            }
        }
    }

    /// The root of the piece that `v` is in; `None` when it still hangs on the core. O(depth).
    pub(super) fn piece(&self, v: Vertex) -> Option<Vertex> {
        let mut up = std::iter::successors(Some(v), |v| self.forest.parent(*v));
        up.find(|v| self.is_root(*v))
    }
}
