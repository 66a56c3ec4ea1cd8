//! Failures that a legacy group walks into although it has another way.
//!
//! A connector that nobody can believe down stays on best paths when it fails, and mail waits in front of it. That is no
//! loop, and no verdict: it is what suppression and blind spots cost.
//!
//! Past the entry into the 2007 group the servers there choose, and not the legacy group's view: they see no restrictions, RTM
//! sees no X.400 connectors, and legacy groups do not see that a Send connector is disabled. So a group walks into what is behind
//! the entry only if its mail gets there as every router on its way decides.
//!
//! Whether there is another way is a question of dominators: a connector is on every path from a group to the target
//! exactly when it dominates the group in the reversed graph, with a vertex for each connector.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::dominators::{Dominators, simple_fast};
use petgraph::graph::{DiGraph, NodeIndex};

use super::scene::{Choice, Router, Scene};
use super::{MessageClass, Recipient, World};
use crate::model::{ConnectorRef, FailureSet, GroupRef, Node, RoutingGroupIdx};
use crate::route::View;

/// A connector that keeps its place on best paths when it fails, and where mail waits that had another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlackHole {
    /// The connector, by position in [`crate::linkstate::Believable::all`].
    pub failed: u32,
    /// Groups whose best path crosses it although they have another, ascending.
    pub at: Vec<RoutingGroupIdx>,
    /// Whose mail that is, by position in [`super::Verification::recipients`].
    pub recipients: Vec<usize>,
    /// Position in [`super::Verification::classes`].
    pub class: usize,
    /// Other classes of which the same is true.
    pub also_in: Vec<usize>,
}

/// Every black hole of single connectors: by connector, class and groups.
///
/// A group's view is that of nothing believed down, and a best path is any of least cost. For each recipient and class that is told apart: O(connectors log
/// groups + connectors that nobody can believe down × routers), and a decision for each site that mail passes.
pub(super) fn black_holes(world: &World<'_>, recipients: &[Recipient], all_classes: &[MessageClass]) -> Vec<BlackHole> {
    let mut found: BTreeMap<(u32, Vec<usize>, Vec<RoutingGroupIdx>), Vec<usize>> = BTreeMap::new();
    let nothing_down = FailureSet::default();
    for classes in super::search::alike(world, all_classes) {
        let message = all_classes[classes[0]].message();
        let view = View::new(world.org, world.graphs, world.options, &message, &nothing_down);
        // To legacy groups every site is the 2007 group.
        let mut of_sites: Option<Vec<(u32, Vec<RoutingGroupIdx>)>> = None;
        for (index, recipient) in recipients.iter().enumerate() {
            let of_scene = || holes(&mut Scene::new(world, &view, recipient));
            let holes = match recipient {
                Recipient::Node(Node::Site(_)) => of_sites.get_or_insert_with(of_scene).clone(),
                _ => of_scene(),
            };
            for (failed, at) in holes {
                found.entry((failed, classes.clone(), at)).or_default().push(index);
            }
        }
    }
    // What is the same for several classes stands once.
    let mut merged: BTreeMap<(u32, Vec<RoutingGroupIdx>, Vec<usize>), Vec<usize>> = BTreeMap::new();
    for ((failed, classes, at), recipients) in found {
        merged.entry((failed, at, recipients)).or_default().extend(classes);
    }
    let merged = merged.into_iter().map(|((failed, at, recipients), mut classes)| {
        classes.sort_unstable();
        BlackHole {
            failed,
            at,
            recipients,
            class: classes[0],
            also_in: classes[1..].to_vec(),
        }
    });
    merged.collect()
}

/// The connectors of one scene that groups walk into, with these groups.
fn holes(scene: &mut Scene<'_>) -> Vec<(u32, Vec<RoutingGroupIdx>)> {
    let mut found: BTreeMap<u32, BTreeSet<RoutingGroupIdx>> = BTreeMap::new();
    for target in 0..scene.targets() {
        let tight = scene.tight(target);
        // By entry into the 2007 group, who takes the mail there.
        let mut entries: Vec<(GroupRef, Vec<Router>)> = Vec::new();
        let mut into: BTreeMap<GroupRef, Vec<GroupRef>> = BTreeMap::new();
        for way in &tight {
            match (way.to, way.connector) {
                (Some(GroupRef::Exchange2007), ConnectorRef::RoutingGroup(connector)) => {
                    entries.push((way.from, scene.world.far_end(connector).collect()));
                }
                (Some(to), _) => into.entry(to).or_default().push(way.from),
                (None, _) => {}
            }
        }
        let mut unavoidable = None;
        let mut onward = None;
        for way in &tight {
            let position = scene.position(way.connector);
            if scene.world.beliefs.is_heard(position) || is_only_way_in(scene, way.to, target) {
                continue;
            }
            let mut groups = behind(&into, &[way.from]);
            if groups.contains(&GroupRef::Exchange2007) {
                let onward = onward.get_or_insert_with(|| Onward::new(scene, &entries));
                let crosses = onward.crosses(way.connector);
                let entries = entries
                    .iter()
                    .filter(|(_, takers)| takers.iter().any(|taker| crosses.contains(taker)));
                let before: Vec<GroupRef> = entries.map(|(from, _)| *from).collect();
                groups.extend(behind(&into, &before));
            }
            let unavoidable = unavoidable.get_or_insert_with(|| Unavoidable::new(scene, target));
            for group in groups {
                if let GroupRef::Legacy(group) = group
                    && scene.heads_for(group, target)
                    && !unavoidable.is(way.connector, group)
                {
                    found.entry(position).or_default().insert(group);
                }
            }
        }
    }
    let found = found.into_iter();
    found
        .map(|(position, at)| (position, at.into_iter().collect()))
        .collect()
}

/// Whether a connector that leads to `to` is the only one that leads to the target, so that nobody has another way: mostly so, and cheaper to
/// see than to work out what cannot be avoided. O(connectors into the group).
fn is_only_way_in(scene: &Scene<'_>, to: Option<GroupRef>, target: usize) -> bool {
    let Some(to) = to.filter(|to| scene.target_group(target) == Some(*to)) else {
        return false;
    };
    let ways_in = scene.world.network.ending_at(to).iter();
    let mut open = ways_in.filter(|crossing| !scene.refuses(ConnectorRef::RoutingGroup(crossing.connector)));
    open.nth(1).is_none()
}

/// Everybody who gets to one of `ends`, these included; `into`: who is one step before each. O(steps log N).
fn behind<N: Copy + Ord>(into: &BTreeMap<N, Vec<N>>, ends: &[N]) -> BTreeSet<N> {
    let mut seen: BTreeSet<N> = ends.iter().copied().collect();
    let mut pending = ends.to_vec();
    while let Some(at) = pending.pop() {
        let from = into.get(&at).into_iter().flatten();
        pending.extend(from.copied().filter(|from| seen.insert(*from)));
    }
    seen
}

/// Where mail goes that has entered the 2007 group, as every router decides. What nobody can believe down changes no choice.
struct Onward {
    /// Who hands mail to each router.
    into: BTreeMap<Router, Vec<Router>>,
    /// Who sends over each connector.
    over: BTreeMap<ConnectorRef, Vec<Router>>,
}

impl Onward {
    fn new(scene: &mut Scene<'_>, entries: &[(GroupRef, Vec<Router>)]) -> Onward {
        let takers: Vec<Router> = entries.iter().flat_map(|(_, takers)| takers).copied().collect();
        let mut onward = Onward {
            into: BTreeMap::new(),
            over: BTreeMap::new(),
        };
        for (router, choices) in scene.reached(&takers, &[]) {
            for choice in choices {
                let crossed = match choice {
                    Choice::Hands { over, to } => {
                        onward.into.entry(to).or_default().push(router);
                        over.map(ConnectorRef::RoutingGroup)
                    }
                    Choice::Leaves(connector) => Some(ConnectorRef::External(connector)),
                    Choice::Delivers | Choice::Waits(_) | Choice::Ends(_) | Choice::Teaches(_) => None,
                };
                if let Some(connector) = crossed {
                    onward.over.entry(connector).or_default().push(router);
                }
            }
        }
        onward
    }

    /// Every router whose mail may cross `connector`.
    fn crosses(&self, connector: ConnectorRef) -> BTreeSet<Router> {
        let senders = self.over.get(&connector).map_or(&[][..], Vec::as_slice);
        behind(&self.into, senders)
    }
}

/// Which connectors no path from a group to the target avoids.
struct Unavoidable {
    dominators: Dominators<NodeIndex<u32>>,
    groups: BTreeMap<GroupRef, NodeIndex<u32>>,
    connectors: BTreeMap<ConnectorRef, NodeIndex<u32>>,
}

impl Unavoidable {
    fn new(scene: &Scene<'_>, target: usize) -> Unavoidable {
        let mut reversed: DiGraph<(), (), u32> = DiGraph::default();
        let end = reversed.add_node(());
        let groups: BTreeMap<GroupRef, NodeIndex<u32>> = scene
            .world
            .network
            .groups()
            .map(|group| (group, reversed.add_node(())))
            .collect();
        let mut connectors = BTreeMap::new();
        for way in scene.admitted(target) {
            let vertex = reversed.add_node(());
            connectors.insert(way.connector, vertex);
            reversed.add_edge(way.to.map_or(end, |to| groups[&to]), vertex, ());
            reversed.add_edge(vertex, groups[&way.from], ());
        }
        if let Some(group) = scene.target_group(target) {
            reversed.add_edge(end, groups[&group], ());
        }
        Unavoidable {
            dominators: simple_fast(&reversed, end),
            groups,
            connectors,
        }
    }

    /// Whether every path of `group` crosses `connector`. O(length of the longest chain of such).
    fn is(&self, connector: ConnectorRef, group: RoutingGroupIdx) -> bool {
        let vertex = self.connectors[&connector];
        let above = self.dominators.dominators(self.groups[&GroupRef::Legacy(group)]);
        above.into_iter().flatten().any(|dominator| dominator == vertex)
    }
}
