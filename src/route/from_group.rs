//! What a 2000/2003 server plans: by the cost of connectors alone (RT-2.8, R61, D14).
//!
//! The 2007 group is one node to it; sites do not exist. The table shows where its mail enters the 2007 group and where it
//! would leave again, since that is what a person looking for a message wants to know.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::from_site::closest_by;
use super::group_search::{self, Admission, GroupTree, Start};
use super::site_search::{PathCost, SitePath, SiteTree};
use super::{Leg, Plan, Regard, Relay, View};
use crate::graph::UsableConnector;
use crate::model::{Cost, GroupRef, Node, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, SiteIdx};

/// Best paths from a group over what legacy servers admit: not down, not too small, not refused (D19, D20, D40). The 2007
/// group is one node among others.
pub(super) fn legacy_view(view: &View<'_>, from: RoutingGroupIdx, regard: Regard) -> GroupTree {
    let admits = |connector: &UsableConnector| {
        let entry = &view.org.routing_group_connectors()[connector.index];
        view.without != Some(connector.index)
            && view.message.passes(&entry.restrictions)
            && view.message.size.is_none_or(|size| entry.max_message_size.passes(size))
            && (regard == Regard::AllUp || !believed_down(view, connector))
    };
    let graph = &view.graphs.combined;
    let from = GroupRef::Legacy(from);
    let starts: Vec<Start> = graph
        .connectors_from(from)
        .filter(|connector| admits(connector))
        .map(|connector| Start {
            connector: connector.index,
            distance: PathCost::default(),
        })
        .collect();
    let admission = Admission {
        connector: &admits,
        count_hops: true,
    };
    group_search::search(graph, from, &starts, &admission)
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

/// One routing group, with what it computes once for all destinations.
pub(super) struct FromGroup<'v, 'a> {
    view: &'v View<'a>,
    from: RoutingGroupIdx,
    regard: Regard,
    tree: Cow<'v, GroupTree>,
    /// Best paths from the site where its mail enters the 2007 group: all of it enters at one, since the best path to
    /// anything beyond begins with the best path to the 2007 group.
    beyond_entry: Option<Cow<'v, SiteTree>>,
}

/// Where mail enters the 2007 group on a tree's paths (D15).
fn entry(view: &View<'_>, tree: &GroupTree, regard: Regard) -> Option<SiteIdx> {
    let connectors = tree.path(GroupRef::Exchange2007)?;
    let last = view.graphs.combined.connector(*connectors.last()?)?;
    Some(view.entry(last, regard)?.0)
}

/// Where mail of `from` enters the 2007 group, or would if nothing were down (D15).
pub(super) fn entry_site(view: &View<'_>, from: RoutingGroupIdx) -> Option<SiteIdx> {
    entry(view, view.tree_as_legacy(from), Regard::WhatIsDown)
        .or_else(|| entry(view, view.tree_as_legacy_all_up(from), Regard::AllUp))
}

/// Where mail for `to` leaves the 2007 group, or stays in it: at the closest source of the next connector, by distances from where it
/// entered (D15).
pub(super) fn exit(
    view: &View<'_>,
    next: Option<&RoutingGroupConnectorIdx>,
    to: Node,
    distance: impl Fn(SiteIdx) -> Option<PathCost>,
) -> Option<SiteIdx> {
    match (next, to) {
        (Some(next), _) => {
            let connector = view.graphs.combined.connector(*next)?;
            closest_by(distance, connector.source_sites.iter().copied()).map(|closest| closest.site)
        }
        (None, Node::Site(site)) => Some(site),
        (None, Node::RoutingGroup(_)) => None,
    }
}

/// Whether there would be a plan if nothing were down.
pub(super) fn has_path_all_up(view: &View<'_>, from: RoutingGroupIdx, to: Node) -> bool {
    FromGroup::over(view, from, view.tree_as_legacy_all_up(from), Regard::AllUp)
        .plan(to)
        .is_some()
}

struct Drawn {
    path: SmallVec<[Node; 8]>,
    legs: SmallVec<[Leg; 8]>,
    site_cost: Cost,
    entry_ambiguous: bool,
}

impl<'v, 'a> FromGroup<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>, from: RoutingGroupIdx) -> FromGroup<'v, 'a> {
        let tree = legacy_view(view, from, Regard::WhatIsDown);
        FromGroup {
            view,
            from,
            regard: Regard::WhatIsDown,
            beyond_entry: entry(view, &tree, Regard::WhatIsDown).map(|site| Cow::Owned(view.site_tree(site))),
            tree: Cow::Owned(tree),
        }
    }

    /// The same with what the view keeps, for questions that come one by one.
    pub(super) fn kept(view: &'v View<'a>, from: RoutingGroupIdx) -> FromGroup<'v, 'a> {
        FromGroup::over(view, from, view.tree_as_legacy(from), Regard::WhatIsDown)
    }

    fn over(view: &'v View<'a>, from: RoutingGroupIdx, tree: &'v GroupTree, regard: Regard) -> FromGroup<'v, 'a> {
        FromGroup {
            view,
            from,
            regard,
            beyond_entry: entry(view, tree, regard).map(|site| Cow::Borrowed(view.reach(site).tree())),
            tree: Cow::Borrowed(tree),
        }
    }

    /// The plan for `to`; `None` when it cannot be reached.
    pub(super) fn plan(&self, to: Node) -> Option<Plan> {
        let target = match to {
            Node::Site(_) => GroupRef::Exchange2007,
            Node::RoutingGroup(group) => GroupRef::Legacy(group),
        };
        let best = self.tree.best(target)?;
        let drawn = self.draw(to, &self.tree.path(target)?)?;
        Some(Plan {
            from: Node::RoutingGroup(self.from),
            to,
            routing_group_cost: best.key.cost,
            site_cost: drawn.site_cost,
            next_hop: *drawn.path.get(1)?,
            path: drawn.path,
            legs: drawn.legs,
            relay: Relay::RoutingGroup,
            backoff: SmallVec::new(),
            decided_by: best.decided_by(),
            ambiguous: best.is_tied() || drawn.entry_ambiguous,
        })
    }

    /// Draws a sequence of connectors with the sites between entry and exit (D15). `None` when those are not joined.
    fn draw(&self, to: Node, connectors: &[RoutingGroupConnectorIdx]) -> Option<Drawn> {
        let graph = &self.view.graphs.combined;
        let mut drawn = Drawn {
            path: SmallVec::from_slice(&[Node::RoutingGroup(self.from)]),
            legs: SmallVec::new(),
            site_cost: 0,
            entry_ambiguous: false,
        };
        for (at, index) in connectors.iter().enumerate() {
            let connector = graph.connector(*index)?;
            drawn.legs.push(Leg::Connector(*index));
            match connector.to {
                GroupRef::Legacy(group) => drawn.path.push(Node::RoutingGroup(group)),
                GroupRef::Exchange2007 => {
                    (_, drawn.entry_ambiguous) = self.view.entry(connector, self.regard)?;
                    let tree = self.beyond_entry.as_deref()?;
                    let exit = exit(self.view, connectors.get(at + 1), to, |site| tree.cost(site))?;
                    drawn.site_cost = tree.cost(exit)?.cost;
                    let SitePath { sites, links } = tree.path(exit)?;
                    drawn.path.extend(sites.into_iter().map(Node::Site));
                    drawn.legs.extend(links.into_iter().map(Leg::SiteLink));
                }
            }
        }
        Some(drawn)
    }
}
