//! Circles in a graph of choices, and whether mail can leave them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::{Choice, Router};

/// Whether a circle is bound to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Certainty {
    /// Some choice among equally good ways loops.
    May,
    /// No sequence of choices delivers, queues or ends in an NDR.
    Must,
}

/// What each router may do: those that mail from some starting points can reach.
pub(super) type Choices = BTreeMap<Router, Vec<Choice>>;

/// Every simple circle, as routers in the order in which they hold the message, the first in table order first; circles in
/// ascending order. Stops after `steps` steps and says so with `false`; then at least one circle is there of every set of
/// routers that reach each other, so that whether mail can circle never depends on `steps`.
///
/// O(choices + steps); the number of circles is exponential only where many equally good ways meet.
pub(super) fn circles(choices: &Choices, steps: &mut u64) -> (Vec<(Vec<Router>, Certainty)>, bool) {
    let mut graph: DiGraphMap<Router, ()> = DiGraphMap::new();
    for (router, options) in choices {
        for choice in options {
            if let Choice::Hands { to, .. } = choice {
                graph.add_edge(*router, *to, ());
            }
        }
    }
    let mut found = Vec::new();
    let mut complete = true;
    for mut component in tarjan_scc(&graph) {
        let is_circle = component.len() > 1 || graph.contains_edge(component[0], component[0]);
        if !is_circle {
            continue;
        }
        component.sort_unstable();
        let certainty = certainty(choices, component[0]);
        found.push((shortest(&graph, component[0]), certainty));
        for (at, first) in component.iter().enumerate() {
            // Circles whose lowest router is `first`: only through routers above it.
            let mut walk = Walk {
                graph: &graph,
                first: *first,
                above: &component[at..],
                path: vec![*first],
                found: Vec::new(),
                steps,
            };
            complete &= walk.extend();
            found.extend(walk.found.into_iter().map(|circle| (circle, certainty)));
        }
    }
    found.sort();
    found.dedup();
    (found, complete)
}

/// A shortest circle through a router that is on one, breadth first; the lowest routers first. O(choices).
fn shortest(graph: &DiGraphMap<Router, ()>, first: Router) -> Vec<Router> {
    let mut from: BTreeMap<Router, Router> = BTreeMap::new();
    let mut pending = VecDeque::from([first]);
    while let Some(router) = pending.pop_front() {
        let mut next: Vec<Router> = graph.neighbors(router).collect();
        next.sort_unstable();
        for to in next {
            if to == first {
                let mut circle = vec![router];
                while *circle.last().expect("it has a router") != first {
                    circle.push(from[circle.last().expect("it has a router")]);
                }
                circle.reverse();
                return circle;
            }
            if let Entry::Vacant(unseen) = from.entry(to) {
                unseen.insert(router);
                pending.push_back(to);
            }
        }
    }
    unreachable!("routers of a component reach each other")
}

/// Whether mail that is at `entry` can end otherwise than by circling (V21).
pub(super) fn certainty(choices: &Choices, entry: Router) -> Certainty {
    let mut seen = std::collections::BTreeSet::from([entry]);
    let mut pending = vec![entry];
    while let Some(router) = pending.pop() {
        for choice in choices.get(&router).into_iter().flatten() {
            match choice {
                Choice::Hands { to, .. } if seen.insert(*to) => pending.push(*to),
                Choice::Hands { .. } => {}
                Choice::Delivers | Choice::Leaves(_) | Choice::Waits(_) | Choice::Ends(_) | Choice::Teaches(_) => {
                    return Certainty::May;
                }
            }
        }
    }
    Certainty::Must
}

struct Walk<'g> {
    graph: &'g DiGraphMap<Router, ()>,
    first: Router,
    above: &'g [Router],
    path: Vec<Router>,
    found: Vec<Vec<Router>>,
    steps: &'g mut u64,
}

impl Walk<'_> {
    /// Depth first without recursion: paths are as long as an organization has groups.
    fn extend(&mut self) -> bool {
        let next = |router: Router| {
            let mut next: Vec<Router> = self.graph.neighbors(router).collect();
            next.sort_unstable_by(|a, b| b.cmp(a));
            next
        };
        let mut open = vec![next(self.first)];
        while let Some(options) = open.last_mut() {
            if *self.steps == 0 {
                return false;
            }
            *self.steps -= 1;
            let Some(to) = options.pop() else {
                open.pop();
                self.path.pop();
                continue;
            };
            if to == self.first {
                self.found.push(self.path.clone());
            } else if self.above.binary_search(&to).is_ok() && !self.path.contains(&to) {
                self.path.push(to);
                open.push(next(to));
            }
        }
        true
    }
}
