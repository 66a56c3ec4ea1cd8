//! What a 2007+ server plans: to other sites (RT-2.2, RT-2.3) and to routing groups (RT-2.7).

use std::borrow::Cow;
use std::cmp::Ordering;

use fixedbitset::FixedBitSet;
use oxc_index::IndexVec;
use smallvec::SmallVec;

use super::group_search::{self, Admission, Best, GroupTree};
use super::site_search::{PathCost, SitePath, SiteTree};
use super::{Backoff, Clause, Leg, LegacyTie, Plan, Relay, Sender, View};
use crate::graph::UsableConnector;
use crate::model::{
    Cost, Generation, GroupRef, Node, Organization, RoutingGroupConnectorKind, RoutingGroupIdx, SiteIdx,
};

/// One sender and everything it computes once for all its destinations.
pub(super) struct FromSite<'v, 'a> {
    view: &'v View<'a>,
    sender: Sender,
    site: SiteIdx,
    tree: Cow<'v, SiteTree>,
    stops: IndexVec<SiteIdx, SiteIdx>,
}

/// The closest of several sites, and how far it is (D10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closest {
    pub(super) site: SiteIdx,
    pub(super) distance: PathCost,
}

/// The site among `sites` that is least far by (cost, hops, name), if any can be reached (D10).
pub(super) fn closest(tree: &SiteTree, sites: impl IntoIterator<Item = SiteIdx>) -> Option<Closest> {
    sites
        .into_iter()
        .filter_map(|site| {
            Some(Closest {
                site,
                distance: tree.cost(site)?,
            })
        })
        .min_by_key(|closest| (closest.distance, closest.site))
}

/// For every site, where mail for it is handed to: the first hub site on the path that has a transport server, otherwise
/// the site itself (RT-2.3, D8). O(sites).
pub fn next_stops(org: &Organization, tree: &SiteTree) -> IndexVec<SiteIdx, SiteIdx> {
    let mut stops: IndexVec<SiteIdx, SiteIdx> = org.sites().iter_enumerated().map(|(site, _)| site).collect();
    // One pass in order; what follows jumps about.
    let hubs = org
        .sites()
        .iter_enumerated()
        .filter(|(site, entry)| entry.hub_site && org.has_transport(*site));
    let mut is_hub = FixedBitSet::with_capacity(org.sites().len());
    hubs.for_each(|(site, _)| is_hub.insert(site.index()));
    for site in tree.order() {
        if let Some((before, _)) = tree.before(*site) {
            // A stop that is not the site before it is a hub further back, or that site is a hub itself.
            let stop = stops[before];
            if before != tree.source() && (stop != before || is_hub.contains(before.index())) {
                stops[*site] = stop;
            }
        }
    }
    stops
}

/// Best paths towards `target` that stay among legacy groups, as 2007 sees them (D12).
pub(super) fn legacy_half(view: &View<'_>, rtm: bool, target: RoutingGroupIdx) -> GroupTree {
    let org = view.org;
    // R72: 2007 RTM does not see connectors that are not SMTP. R73: SP1 does.
    let seen = |connector: &UsableConnector| {
        view.without != Some(connector.index)
            && !(rtm && org.routing_group_connectors()[connector.index].kind == RoutingGroupConnectorKind::X400)
    };
    let admission = Admission {
        connector: &seen,
        through_2007: false,
        count_connectors: view.options.legacy_tie == LegacyTie::Hops,
    };
    let groups = org.routing_groups().len();
    group_search::search(&view.graphs.combined, groups, GroupRef::Legacy(target), &admission)
}

/// A way from the sender to a routing group: a first connector, and the best way on from its far end.
#[derive(Clone, Copy)]
struct Way<'t> {
    connector: &'t UsableConnector,
    source: Closest,
    ahead: &'t Best,
}

impl Way<'_> {
    fn group_cost(&self) -> Cost {
        Cost::from(self.connector.cost) + self.ahead.key.cost
    }

    fn hops(&self) -> (u32, u32) {
        (self.source.distance.hops, self.ahead.key.connectors)
    }
}

/// D13. Several ways over one first connector are ranked by the search; between ways the first connector is the first name.
fn prefer(tie: LegacyTie, a: &Way<'_>, b: &Way<'_>) -> Ordering {
    // R53: the sum of all routing-group connector costs, nothing else.
    a.group_cost()
        .cmp(&b.group_cost())
        // R54: the site cost of reaching the first connector.
        .then(a.source.distance.cost.cmp(&b.source.distance.cost))
        // RT-2.7 (a) and (b), unless left out: site hops to it, then the number of connectors.
        .then_with(|| match tie {
            LegacyTie::Hops => a.hops().cmp(&b.hops()),
            LegacyTie::Names => Ordering::Equal,
        })
        // RT-2.7 (c): names in order. Index order is name order, and no two ways share their first connector.
        .then(a.connector.index.cmp(&b.connector.index))
}

impl<'v, 'a> FromSite<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>, sender: Sender, site: SiteIdx) -> FromSite<'v, 'a> {
        FromSite::over(view, sender, site, Cow::Owned(view.site_tree(site)))
    }

    /// The same over a tree that the view keeps, for questions that come one by one.
    pub(super) fn kept(view: &'v View<'a>, sender: Sender, site: SiteIdx) -> FromSite<'v, 'a> {
        FromSite::over(view, sender, site, Cow::Borrowed(view.entry_tree(site)))
    }

    fn over(view: &'v View<'a>, sender: Sender, site: SiteIdx, tree: Cow<'v, SiteTree>) -> FromSite<'v, 'a> {
        let stops = next_stops(view.org, &tree);
        FromSite {
            view,
            sender,
            site,
            tree,
            stops,
        }
    }

    pub(super) fn tree(&self) -> &SiteTree {
        &self.tree
    }

    /// The plan for `to`; `None` when it cannot be reached.
    pub(super) fn plan(&self, to: Node) -> Option<Plan> {
        match to {
            Node::Site(site) => self.to_site(site),
            Node::RoutingGroup(group) => self.to_group(group),
        }
    }

    fn to_site(&self, to: SiteIdx) -> Option<Plan> {
        let distance = self.tree.cost(to)?;
        let path = self.tree.path(to)?;
        let stop = self.stops[to];
        Some(Plan {
            from: Node::Site(self.site),
            to: Node::Site(to),
            routing_group_cost: 0,
            site_cost: distance.cost,
            backoff: self.backoff(&path, stop),
            path: path.sites.into_iter().map(Node::Site).collect(),
            legs: path.links.into_iter().map(Leg::SiteLink).collect(),
            next_hop: Node::Site(stop),
            relay: if stop == to { Relay::Direct } else { Relay::HubSite },
            decided_by: self.tree.decided_by(to).into(),
            ambiguous: false,
        })
    }

    fn to_group(&self, to: RoutingGroupIdx) -> Option<Plan> {
        let tie = self.view.options.legacy_tie;
        let tree = self.view.tree_as_2007(self.sender.generation, to);
        let ways = self.ways(tree);
        let best = ways.iter().min_by(|a, b| prefer(tie, a, b))?;

        let to_source = self.tree.path(best.source.site)?;
        let rest = tree.path(&self.view.graphs.combined, best.connector.to)?;
        let mut path: SmallVec<[Node; 8]> = to_source.sites.iter().copied().map(Node::Site).collect();
        let mut legs: SmallVec<[Leg; 8]> = to_source.links.iter().copied().map(Leg::SiteLink).collect();
        for index in std::iter::once(best.connector.index).chain(rest) {
            legs.push(Leg::Connector(index));
            if let GroupRef::Legacy(group) = self.view.org.routing_group_connectors()[index].to {
                path.push(Node::RoutingGroup(group));
            }
        }
        let (next_hop, relay, backoff) = self.first_stop(&to_source, &path);
        Some(Plan {
            from: Node::Site(self.site),
            to: Node::RoutingGroup(to),
            routing_group_cost: best.group_cost(),
            site_cost: best.source.distance.cost,
            path,
            legs,
            next_hop,
            relay,
            backoff,
            decided_by: decided_by(tie, &ways, best),
            ambiguous: false,
        })
    }

    /// Every usable first connector whose source can be reached and whose far end leads to the target (D12).
    fn ways<'t>(&'t self, tree: &'t GroupTree) -> Vec<Way<'t>> {
        let connectors = self.view.graphs.combined.connectors_from(GroupRef::Exchange2007);
        connectors
            .filter(|connector| self.view.without != Some(connector.index))
            .filter_map(|connector| {
                Some(Way {
                    connector,
                    source: closest(&self.tree, connector.source_sites.iter().copied())?,
                    ahead: tree.best(connector.to)?,
                })
            })
            .collect()
    }

    /// D17: straight over the connector when its source is here, otherwise towards the source site.
    fn first_stop(&self, to_source: &SitePath, path: &[Node]) -> (Node, Relay, SmallVec<[SiteIdx; 4]>) {
        let source = to_source.destination();
        if source == self.site {
            return (path[1], Relay::RoutingGroup, SmallVec::new());
        }
        let stop = self.stops[source];
        let relay = if stop == source {
            Relay::ConnectorSource
        } else {
            Relay::HubSite
        };
        (Node::Site(stop), relay, self.backoff(to_source, stop))
    }

    /// Who is tried, in order, when `stop` does not answer (RT-2.4, D9).
    fn backoff(&self, path: &SitePath, stop: SiteIdx) -> SmallVec<[SiteIdx; 4]> {
        let org = self.view.org;
        let at_stop = path
            .sites
            .iter()
            .position(|site| *site == stop)
            .unwrap_or(path.sites.len() - 1);
        let halves = self.view.options.backoff == Backoff::Binary
            && self.sender.generation < Generation::Exchange2013
            && path.links.len() > BINARY_BACKOFF_HOPS;
        let tried: SmallVec<[usize; 8]> = if halves {
            halving(at_stop).collect()
        } else {
            (1..at_stop).rev().collect()
        };
        tried
            .into_iter()
            .map(|at| path.sites[at])
            .filter(|site| org.has_transport(*site))
            .collect()
    }
}

/// Paths of more hops than this are halved when binary back-off is on (RT-2.4).
const BINARY_BACKOFF_HOPS: usize = 4;

/// Points of `0..=high` halfway to the start, again and again, the start itself left out.
fn halving(high: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(high / 2), |middle| Some(middle / 2)).take_while(|middle| *middle > 0)
}

/// What singled out `best` among all connector sequences (D13), not only among first connectors.
fn decided_by(tie: LegacyTie, ways: &[Way<'_>], best: &Way<'_>) -> Clause {
    let several = |paths: &mut dyn Iterator<Item = u8>| paths.map(u32::from).sum::<u32>() > 1;
    let of_cost = || ways.iter().filter(|way| way.group_cost() == best.group_cost());
    if !several(&mut of_cost().map(|way| way.ahead.paths_of_cost)) {
        return Clause::RoutingGroupCost;
    }
    let of_site_cost = || of_cost().filter(|way| way.source.distance.cost == best.source.distance.cost);
    if !several(&mut of_site_cost().map(|way| way.ahead.paths_of_cost)) {
        return Clause::SiteCost;
    }
    let mut of_hops = of_site_cost()
        .filter(|way| way.hops() == best.hops())
        .map(|way| way.ahead.paths_of_key);
    if tie == LegacyTie::Hops && !several(&mut of_hops) {
        return Clause::Hops;
    }
    Clause::Name
}
