//! What a 2000/2003 server plans: by the cost of connectors alone (RT-2.8, R61, D14).
//!
//! The 2007 group is one node to it; sites do not exist. The table shows where its mail enters the 2007 group and where it
//! would leave again, since that is what a person looking for a message wants to know.

use smallvec::SmallVec;

use super::from_site::closest;
use super::group_search::{self, Admission, Best, GroupTree};
use super::site_search::SitePath;
use super::{Clause, Leg, Plan, Regard, Relay, View};
use crate::graph::UsableConnector;
use crate::model::{Cost, GroupRef, Node, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, SiteIdx};

/// Best paths towards `target` over what legacy servers admit: not down, not too small, not refused (D19, D20, D40).
pub(super) fn legacy_view(view: &View<'_>, target: GroupRef, regard: Regard) -> GroupTree {
    let admits = |connector: &UsableConnector| {
        let entry = &view.org.routing_group_connectors()[connector.index];
        view.without != Some(connector.index)
            && view.message.passes(&entry.restrictions)
            && view.message.size.is_none_or(|size| entry.max_message_size.passes(size))
            && (regard == Regard::AllUp || !believed_down(view, connector))
    };
    let admission = Admission {
        connector: &admits,
        through_2007: true,
        count_connectors: true,
    };
    group_search::search(
        &view.graphs.combined,
        view.org.routing_groups().len(),
        target,
        &admission,
    )
}

/// D40: named as down, or nobody left at one of its ends.
pub(super) fn believed_down(view: &View<'_>, connector: &UsableConnector) -> bool {
    view.down.routing_group_connectors.contains(&connector.index)
        || connector.sources.iter().all(|server| is_down(view, *server))
        || connector.targets.iter().all(|server| is_down(view, *server))
}

/// Whether a server is down, by itself or with its site.
pub(crate) fn is_down(view: &View<'_>, server: ServerIdx) -> bool {
    view.down.servers.contains(&server)
        || view
            .org
            .transport_site(server)
            .or_else(|| view.org.subscribed_site(server))
            .is_some_and(|site| view.down.sites.contains(&site))
}

/// The plan of a routing group for `to`; `None` when it cannot be reached.
pub(super) fn plan(view: &View<'_>, from: RoutingGroupIdx, to: Node) -> Option<Plan> {
    plan_by(view, view.tree_as_legacy(target_of(to)), Regard::WhatIsDown, from, to)
}

/// Whether there would be a plan if nothing were down.
pub(super) fn has_path_all_up(view: &View<'_>, from: RoutingGroupIdx, to: Node) -> bool {
    plan_by(view, view.tree_as_legacy_all_up(target_of(to)), Regard::AllUp, from, to).is_some()
}

/// Where mail of `from` enters the 2007 group, or would if nothing were down (D15).
pub(super) fn entry_site(view: &View<'_>, from: RoutingGroupIdx) -> Option<SiteIdx> {
    let target = GroupRef::Exchange2007;
    let entry = |tree: &GroupTree, regard: Regard| {
        let crossed = tree.path(&view.graphs.combined, GroupRef::Legacy(from))?;
        let last = view.graphs.combined.connector(*crossed.last()?)?;
        Some(view.entry(last, regard)?.0)
    };
    entry(view.tree_as_legacy(target), Regard::WhatIsDown)
        .or_else(|| entry(view.tree_as_legacy_all_up(target), Regard::AllUp))
}

fn target_of(to: Node) -> GroupRef {
    match to {
        Node::Site(_) => GroupRef::Exchange2007,
        Node::RoutingGroup(group) => GroupRef::Legacy(group),
    }
}

fn plan_by(view: &View<'_>, tree: &GroupTree, regard: Regard, from: RoutingGroupIdx, to: Node) -> Option<Plan> {
    let best = tree.best(GroupRef::Legacy(from))?;
    let connectors = tree.path(&view.graphs.combined, GroupRef::Legacy(from))?;
    let drawn = draw(view, regard, from, to, &connectors)?;
    Some(Plan {
        from: Node::RoutingGroup(from),
        to,
        routing_group_cost: best.key.cost,
        site_cost: drawn.site_cost,
        next_hop: *drawn.path.get(1)?,
        path: drawn.path,
        legs: drawn.legs,
        relay: Relay::RoutingGroup,
        backoff: SmallVec::new(),
        decided_by: clause(best),
        ambiguous: best.paths_of_cost > 1 || drawn.entry_ambiguous,
    })
}

/// What singled out a legacy path (D14).
pub(super) fn clause(best: &Best) -> Clause {
    match (best.paths_of_cost, best.paths_of_key) {
        (..=1, _) => Clause::RoutingGroupCost,
        (_, ..=1) => Clause::Hops,
        _ => Clause::Name,
    }
}

struct Drawn {
    path: SmallVec<[Node; 8]>,
    legs: SmallVec<[Leg; 8]>,
    site_cost: Cost,
    entry_ambiguous: bool,
}

/// Draws a sequence of connectors with the sites between entry and exit (D15). `None` when those are not joined.
fn draw(
    view: &View<'_>,
    regard: Regard,
    from: RoutingGroupIdx,
    to: Node,
    connectors: &[RoutingGroupConnectorIdx],
) -> Option<Drawn> {
    let mut drawn = Drawn {
        path: SmallVec::from_slice(&[Node::RoutingGroup(from)]),
        legs: SmallVec::new(),
        site_cost: 0,
        entry_ambiguous: false,
    };
    for (at, index) in connectors.iter().enumerate() {
        let connector = view.graphs.combined.connector(*index)?;
        drawn.legs.push(Leg::Connector(*index));
        match connector.to {
            GroupRef::Legacy(group) => drawn.path.push(Node::RoutingGroup(group)),
            GroupRef::Exchange2007 => {
                let (entry, ambiguous) = view.entry(connector, regard)?;
                drawn.entry_ambiguous = ambiguous;
                let tree = view.entry_tree(entry);
                let exit = match (connectors.get(at + 1), to) {
                    (Some(next), _) => {
                        let next = view.graphs.combined.connector(*next)?;
                        closest(tree, next.source_sites.iter().copied())?.site
                    }
                    (None, Node::Site(site)) => site,
                    (None, Node::RoutingGroup(_)) => return None,
                };
                drawn.site_cost = tree.cost(exit)?.cost;
                let SitePath { sites, links } = tree.path(exit)?;
                drawn.path.extend(sites.into_iter().map(Node::Site));
                drawn.legs.extend(links.into_iter().map(Leg::SiteLink));
            }
        }
    }
    Some(drawn)
}
