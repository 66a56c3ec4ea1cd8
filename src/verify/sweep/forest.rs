//! What hangs on the rest by one link, and what hangs on that: trees. Where nothing else leads, a failure has no other way, and
//! what it does is counted and not searched.
//!
//! A link of three or more sites is a vertex here, half a link away from each of its sites. Vertices are numbered: sites
//! first, wide links behind them.

use std::ops::Range;

use crate::graph::CompactSites;
use crate::model::{SiteIdx, SiteLinkIdx};

pub(super) type Vertex = u32;

/// No vertex, no link.
pub(super) const NONE: u32 = u32::MAX;

/// The trees of an organization. What is left when they are taken off is the core; a component that is a tree leaves one site
/// or wide link of it.
#[derive(Debug)]
pub(super) struct Forest {
    sites: u32,
    /// What it hangs on; [`NONE`] in the core.
    parent: Vec<Vertex>,
    /// Sites that are routers in what hangs below, itself included.
    below: Vec<u64>,
    /// Vertices in an order in which what hangs on one stands right behind it: `order[first[v] .. end[v]]`.
    order: Vec<Vertex>,
    first: Vec<u32>,
    end: Vec<u32>,
    /// Whether each site is a router.
    router: Vec<bool>,
    component: Vec<u32>,
    /// Routers of each component.
    routers: Vec<u64>,
}

impl Forest {
    /// O(memberships).
    pub(super) fn new(graph: &CompactSites, router: Vec<bool>) -> Forest {
        let sites = u32::try_from(graph.sites()).expect("sites are counted in 32 bits");
        let vertices = graph.sites() + graph.wide().len();
        let mut forest = Forest {
            sites,
            parent: vec![NONE; vertices],
            below: (0..vertices)
                .map(|v| u64::from(router.get(v).copied().unwrap_or(false)))
                .collect(),
            order: vec![NONE; vertices],
            first: vec![0; vertices],
            end: vec![0; vertices],
            router,
            component: vec![NONE; vertices],
            routers: Vec::new(),
        };
        let taken = forest.peel(graph);
        forest.lay_out(&taken);
        forest.find_components(graph);
        forest
    }

    /// Takes vertices with one edge off, again and again. In which order they went.
    fn peel(&mut self, graph: &CompactSites) -> Vec<Vertex> {
        let vertices = 0..u32::try_from(self.parent.len()).expect("vertices are counted in 32 bits");
        let mut edges: Vec<u32> = vertices
            .clone()
            .map(|v| {
                neighbours(graph, v)
                    .count()
                    .try_into()
                    .expect("fewer than bytes of input")
            })
            .collect();
        let mut gone = vec![false; self.parent.len()];
        let mut taken = Vec::new();
        let mut waiting: Vec<Vertex> = vertices.filter(|v| edges[*v as usize] == 1).collect();
        while let Some(v) = waiting.pop() {
            if edges[v as usize] != 1 {
                continue;
            }
            let on = neighbours(graph, v).find(|on| !gone[*on as usize]);
            let on = on.expect("it has one edge left");
            gone[v as usize] = true;
            self.parent[v as usize] = on;
            self.below[on as usize] += self.below[v as usize];
            taken.push(v);
            edges[on as usize] -= 1;
            if edges[on as usize] == 1 {
                waiting.push(on);
            }
        }
        taken
    }

    /// Fills `order`, `first` and `end`. Whoever was taken later hangs higher.
    fn lay_out(&mut self, taken: &[Vertex]) {
        let mut size = vec![1_u32; self.parent.len()];
        for v in taken {
            size[self.parent[*v as usize] as usize] += size[*v as usize];
        }
        let mut next = vec![0; self.parent.len()];
        let mut free = 0;
        let in_core = (0..self.parent.len()).filter(|v| self.parent[*v] == NONE);
        let core: Vec<usize> = in_core.collect();
        let later = taken.iter().rev().map(|v| *v as usize);
        for v in core.into_iter().chain(later) {
            let at = match self.parent[v] {
                NONE => &mut free,
                parent => &mut next[parent as usize],
            };
            let first = *at;
            *at += size[v];
            next[v] = first + 1;
            (self.first[v], self.end[v]) = (first, first + size[v]);
            self.order[first as usize] = Vertex::try_from(v).expect("vertices are counted in 32 bits");
        }
    }

    fn find_components(&mut self, graph: &CompactSites) {
        let mut waiting = Vec::new();
        for start in 0..self.sites {
            if self.component[start as usize] != NONE {
                continue;
            }
            let number = u32::try_from(self.routers.len()).expect("no more than sites");
            self.routers.push(0);
            self.component[start as usize] = number;
            waiting.push(start);
            while let Some(v) = waiting.pop() {
                self.routers[number as usize] += u64::from(self.is_router(v));
                for to in neighbours(graph, v) {
                    if self.component[to as usize] == NONE {
                        self.component[to as usize] = number;
                        waiting.push(to);
                    }
                }
            }
        }
    }

    pub(super) fn vertices(&self) -> Range<Vertex> {
        0..u32::try_from(self.parent.len()).expect("vertices are counted in 32 bits")
    }

    /// The vertex of a wide link by its position among wide links.
    pub(super) fn wide(&self, at: u32) -> Vertex {
        self.sites + at
    }

    pub(super) fn is_router(&self, v: Vertex) -> bool {
        self.router.get(v as usize).copied().unwrap_or(false)
    }

    pub(super) fn parent(&self, v: Vertex) -> Option<Vertex> {
        Some(self.parent[v as usize]).filter(|parent| *parent != NONE)
    }

    /// The vertex of the core that it hangs on, itself if it is in the core. O(depth).
    pub(super) fn root(&self, v: Vertex) -> Vertex {
        std::iter::successors(Some(v), |v| self.parent(*v))
            .last()
            .expect("it begins with one")
    }

    /// Routers in what hangs below a vertex, itself included.
    pub(super) fn below(&self, v: Vertex) -> u64 {
        self.below[v as usize]
    }

    /// Whether `v` is `top` or hangs below it.
    pub(super) fn is_below(&self, v: Vertex, top: Vertex) -> bool {
        (self.first[top as usize]..self.end[top as usize]).contains(&self.first[v as usize])
    }

    /// What hangs on a vertex itself.
    pub(super) fn children(&self, v: Vertex) -> impl Iterator<Item = Vertex> {
        let end = self.end[v as usize];
        let mut at = self.first[v as usize] + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then(|| self.order[at as usize])?;
            at = self.end[child as usize];
            Some(child)
        })
    }

    /// Which component a vertex is in, and how many routers that has.
    pub(super) fn component(&self, v: Vertex) -> (u32, u64) {
        let number = self.component[v as usize];
        (number, self.routers[number as usize])
    }

    /// How many routers each component has.
    pub(super) fn components(&self) -> impl Iterator<Item = u64> {
        self.routers.iter().copied()
    }

    /// Of a link of two sites: the one that hangs on the other by it; `None` when the link is in the core.
    pub(super) fn hanging_by(&self, ends: [SiteIdx; 2]) -> Option<Vertex> {
        let [a, b] = ends.map(SiteIdx::raw);
        // Where two links lie side by side neither of the sites has been taken off by one.
        match (self.parent[a as usize] == b, self.parent[b as usize] == a) {
            (true, _) => Some(a),
            (_, true) => Some(b),
            (false, false) => None,
        }
    }
}

/// The other end of every edge of a vertex; one that several edges lead to comes several times.
fn neighbours(graph: &CompactSites, v: Vertex) -> impl Iterator<Item = Vertex> + '_ {
    let sites = u32::try_from(graph.sites()).expect("sites are counted in 32 bits");
    let site = (v < sites).then(|| SiteIdx::from_raw(v));
    let wide: Option<SiteLinkIdx> = v.checked_sub(sites).map(|at| graph.wide()[at as usize]);
    let steps = site
        .into_iter()
        .flat_map(|site| graph.steps_from(site))
        .map(|step| step.to.raw());
    let wides = site
        .into_iter()
        .flat_map(|site| graph.wide_links_of(site))
        .map(move |at| sites + at);
    let members = wide
        .into_iter()
        .flat_map(|link| graph.members(link))
        .map(|site| site.raw());
    steps.chain(wides).chain(members)
}
