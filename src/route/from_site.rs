//! What a 2007+ server plans: to other sites (RT-2.2, RT-2.3) and to routing groups (RT-2.7).

use std::borrow::Cow;
use std::sync::OnceLock;

use fixedbitset::FixedBitSet;
use oxc_index::IndexVec;
use smallvec::SmallVec;

use super::group_search::{self, Admission, Best, GroupTree, Start};
use super::site_search::{PathCost, SiteClause, SitePath, SiteTree};
use super::towards::Towards;
use super::{Backoff, Leg, LegacyTie, Plan, Relay, Sender, View};
use crate::graph::UsableConnector;
use crate::model::{
    Cost, Generation, GroupRef, Node, Organization, RoutingGroupConnectorIdx, RoutingGroupConnectorKind,
    RoutingGroupIdx, SiteIdx,
};

/// One sender, with what its site computes once for all destinations.
pub(super) struct FromSite<'v, 'a> {
    view: &'v View<'a>,
    sender: Sender,
    site: SiteIdx,
    reach: Cow<'v, Reach>,
}

/// What a site computes once, whichever of its servers asks.
#[derive(Clone)]
pub(super) struct Reach {
    tree: SiteTree,
    stops: IndexVec<SiteIdx, SiteIdx>,
    /// As SP1+ and as 2007 RTM see it; when first needed.
    groups: [OnceLock<GroupReach>; 2],
}

/// How a site comes to routing groups.
#[derive(Clone)]
pub(super) struct GroupReach {
    /// Connectors that can be first on a path, ascending, each with its closest source site.
    first: Vec<(RoutingGroupConnectorIdx, Closest)>,
    /// Best paths that begin with them.
    tree: GroupTree,
}

impl Reach {
    pub(super) fn new(view: &View<'_>, site: SiteIdx) -> Reach {
        let tree = view.site_tree(site);
        Reach {
            stops: next_stops(view.org, &tree),
            tree,
            groups: [OnceLock::new(), OnceLock::new()],
        }
    }

    pub(super) fn tree(&self) -> &SiteTree {
        &self.tree
    }
}

impl GroupReach {
    /// Paths over usable connectors from the 2007 group, which never come back to it (D12), ranked as D13 says: routing-group
    /// costs first (R53), then the site cost of reaching the first connector (R54), then hops, unless they are left out,
    /// then names (RT-2.7).
    pub(super) fn new(view: &View<'_>, rtm: bool, distance: impl Fn(SiteIdx) -> Option<PathCost>) -> GroupReach {
        let org = view.org;
        // R72: 2007 RTM does not see connectors that are not SMTP. R73: SP1 does.
        let seen = |connector: &UsableConnector| {
            view.without != Some(connector.index)
                && !(rtm && org.routing_group_connectors()[connector.index].kind == RoutingGroupConnectorKind::X400)
        };
        let graph = &view.graphs.combined;
        let connectors = graph.connectors_from(GroupRef::Exchange2007).filter(|c| seen(c));
        let first: Vec<_> = connectors
            .filter_map(|connector| {
                let sources = connector.source_sites.iter().copied();
                Some((connector.index, closest_by(&distance, sources)?))
            })
            .collect();
        let starts: Vec<Start> = first
            .iter()
            .map(|(connector, source)| Start {
                connector: *connector,
                distance: source.distance,
            })
            .collect();
        let admission = Admission {
            connector: &seen,
            count_hops: view.options.legacy_tie == LegacyTie::Hops,
        };
        GroupReach {
            tree: group_search::search(graph, GroupRef::Exchange2007, &starts, &admission),
            first,
        }
    }

    /// The best path to a group.
    pub(super) fn best(&self, to: RoutingGroupIdx) -> Option<&Best> {
        self.tree.best(GroupRef::Legacy(to))
    }

    /// The connectors of that path, and the closest source site of the first.
    pub(super) fn path(&self, to: RoutingGroupIdx) -> Option<(Vec<RoutingGroupConnectorIdx>, Closest)> {
        let connectors = self.tree.path(GroupRef::Legacy(to))?;
        let source = self.source(*connectors.first()?)?;
        Some((connectors, source))
    }

    /// The closest source site of a connector that can be first.
    fn source(&self, connector: RoutingGroupConnectorIdx) -> Option<Closest> {
        let at = self.first.binary_search_by_key(&connector, |(first, _)| *first).ok()?;
        Some(self.first[at].1)
    }
}

/// The closest of several sites, and how far it is (D10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closest {
    pub(super) site: SiteIdx,
    pub(super) distance: PathCost,
}

/// The site among `sites` that is least far by (cost, hops, name), if any can be reached (D10).
pub(super) fn closest(tree: &SiteTree, sites: impl IntoIterator<Item = SiteIdx>) -> Option<Closest> {
    closest_by(|site| tree.cost(site), sites)
}

/// The same by distances from wherever they are known.
pub(super) fn closest_by(
    distance: impl Fn(SiteIdx) -> Option<PathCost>,
    sites: impl IntoIterator<Item = SiteIdx>,
) -> Option<Closest> {
    sites
        .into_iter()
        .filter_map(|site| {
            let distance = distance(site)?;
            Some(Closest { site, distance })
        })
        .min_by_key(|closest| (closest.distance, closest.site))
}

/// Sites where mail is handed to on its way (RT-2.3, D8): hub sites with a transport server. O(sites).
pub(super) fn stopping_hubs(org: &Organization) -> FixedBitSet {
    let mut hubs = FixedBitSet::with_capacity(org.sites().len());
    for (site, entry) in org.sites().iter_enumerated() {
        hubs.set(site.index(), entry.hub_site && org.has_transport(site));
    }
    hubs
}

/// For every site, where mail for it is handed to: the first hub site on the path that has a transport server, otherwise
/// the site itself (RT-2.3, D8). O(sites).
pub fn next_stops(org: &Organization, tree: &SiteTree) -> IndexVec<SiteIdx, SiteIdx> {
    let mut stops: IndexVec<SiteIdx, SiteIdx> = org.sites().iter_enumerated().map(|(site, _)| site).collect();
    // One pass in order; what follows jumps about.
    let is_hub = stopping_hubs(org);
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

impl<'v, 'a> FromSite<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>, sender: Sender, site: SiteIdx) -> FromSite<'v, 'a> {
        FromSite {
            view,
            sender,
            site,
            reach: Cow::Owned(Reach::new(view, site)),
        }
    }

    /// The same with what the view keeps, for questions that come one by one.
    pub(super) fn kept(view: &'v View<'a>, sender: Sender, site: SiteIdx) -> FromSite<'v, 'a> {
        FromSite {
            view,
            sender,
            site,
            reach: Cow::Borrowed(view.reach(site)),
        }
    }

    pub(super) fn tree(&self) -> &SiteTree {
        &self.reach.tree
    }

    /// The plan for `to`; `None` when it cannot be reached.
    pub(super) fn plan(&self, to: Node) -> Option<Plan> {
        match to {
            Node::Site(site) => self.to_site(site),
            Node::RoutingGroup(group) => self.to_group(group),
        }
    }

    fn to_site(&self, to: SiteIdx) -> Option<Plan> {
        let distance = self.tree().cost(to)?;
        let path = self.tree().path(to)?;
        let stop = self.reach.stops[to];
        Some(site_plan(
            self.view,
            self.sender,
            path,
            distance.cost,
            stop,
            self.tree().decided_by(to),
        ))
    }

    fn to_group(&self, to: RoutingGroupIdx) -> Option<Plan> {
        let rtm = self.sender.generation == Generation::Exchange2007Rtm;
        let groups = self.reach.groups[usize::from(rtm)]
            .get_or_init(|| GroupReach::new(self.view, rtm, |site| self.tree().cost(site)));
        let best = groups.best(to)?;
        let (connectors, source) = groups.path(to)?;

        let to_source = self.tree().path(source.site)?;
        let mut path: SmallVec<[Node; 8]> = to_source.sites.iter().copied().map(Node::Site).collect();
        let mut legs: SmallVec<[Leg; 8]> = to_source.links.iter().copied().map(Leg::SiteLink).collect();
        for index in connectors {
            legs.push(Leg::Connector(index));
            if let GroupRef::Legacy(group) = self.view.org.routing_group_connectors()[index].to {
                path.push(Node::RoutingGroup(group));
            }
        }
        let (next_hop, relay, backoff) = self.first_stop(&to_source, &path);
        Some(Plan {
            from: Node::Site(self.site),
            to: Node::RoutingGroup(to),
            routing_group_cost: best.key.cost,
            site_cost: source.distance.cost,
            path,
            legs,
            next_hop,
            relay,
            backoff,
            decided_by: best.decided_by(),
            ambiguous: false,
        })
    }

    /// D17: straight over the connector when its source is here, otherwise towards the source site.
    fn first_stop(&self, to_source: &SitePath, path: &[Node]) -> (Node, Relay, SmallVec<[SiteIdx; 4]>) {
        let source = to_source.destination();
        if source == self.site {
            return (path[1], Relay::RoutingGroup, SmallVec::new());
        }
        let stop = self.reach.stops[source];
        let relay = if stop == source {
            Relay::ConnectorSource
        } else {
            Relay::HubSite
        };
        let backoff = backoff(self.view, self.sender, to_source, stop);
        (Node::Site(stop), relay, backoff)
    }
}

/// What a sender plans over a path between sites that costs so much, `stop` being where its mail is handed to.
fn site_plan(
    view: &View<'_>,
    sender: Sender,
    path: SitePath,
    cost: Cost,
    stop: SiteIdx,
    decided_by: SiteClause,
) -> Plan {
    let to = path.destination();
    Plan {
        from: Node::Site(path.sites[0]),
        to: Node::Site(to),
        routing_group_cost: 0,
        site_cost: cost,
        backoff: backoff(view, sender, &path, stop),
        path: path.sites.into_iter().map(Node::Site).collect(),
        legs: path.links.into_iter().map(Leg::SiteLink).collect(),
        next_hop: Node::Site(stop),
        relay: if stop == to { Relay::Direct } else { Relay::HubSite },
        decided_by: decided_by.into(),
        ambiguous: false,
    }
}

/// What [`FromSite::plan`] says for one site, from paths towards it.
pub(super) fn plan_towards(view: &View<'_>, sender: Sender, from: SiteIdx, towards: &Towards) -> Option<Plan> {
    let distance = towards.cost(from)?;
    let path = towards.path(from)?;
    let org = view.org;
    // RT-2.3: the first hub site between the ends that has a transport server (D8), otherwise the destination.
    let inner = path.sites.get(1..path.sites.len() - 1);
    let hub = inner
        .unwrap_or_default()
        .iter()
        .find(|site| org.sites()[**site].hub_site && org.has_transport(**site));
    let stop = hub.copied().unwrap_or_else(|| towards.to());
    Some(site_plan(
        view,
        sender,
        path,
        distance.cost,
        stop,
        towards.decided_by(from),
    ))
}

/// Who is tried, in order, when `stop` does not answer (RT-2.4, D9).
fn backoff(view: &View<'_>, sender: Sender, path: &SitePath, stop: SiteIdx) -> SmallVec<[SiteIdx; 4]> {
    let org = view.org;
    let at_stop = path
        .sites
        .iter()
        .position(|site| *site == stop)
        .unwrap_or(path.sites.len() - 1);
    let halves = view.options.backoff == Backoff::Binary
        && sender.generation < Generation::Exchange2013
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

/// Paths of more hops than this are halved when binary back-off is on (RT-2.4).
const BINARY_BACKOFF_HOPS: usize = 4;

/// Points of `0..=high` halfway to the start, again and again, the start itself left out.
fn halving(high: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(high / 2), |middle| Some(middle / 2)).take_while(|middle| *middle > 0)
}
