//! From a view of the organization to decisions: pure functions, one file for each set of rules.
//!
//! * [`site_search`], [`group_search`]: best paths over site links and over routing-group connectors; [`towards`]: those from all
//!   sites to one; [`all_pairs`]: those between all sites at once;
//! * [`everywhere`]: what every router plans for every other, in numbers;
//! * `from_site`: what a 2007+ server plans; `from_group`: what a 2000/2003 server plans;
//! * `runner_up`: the second best path, for who asks why the best one won;
//! * `connector`, `legacy_connector`: which connector serves an external address, as either side sees it.
//!
//! Every clause of a comparison stands on a line with its source, and the last one cannot tie, since names are unique. The
//! losing candidates are kept, not recomputed for printing.
//!
//! Availability is never an input of 2007+ routing (RT-2.2): only legacy servers look at the [`FailureSet`]. This layer
//! must not know link state (who believes what) or time; it is told what is down.
//!
#![doc = include_str!("DECISIONS.md")]

pub mod all_pairs;
mod connector;
pub mod everywhere;
mod from_group;
mod from_site;
pub mod group_search;
mod legacy_connector;
mod legacy_network;
mod plan;
mod runner_up;
pub mod site_search;
pub mod towards;

use std::sync::OnceLock;

pub use connector::{Candidate, ConnectorClause, Exclusion, Exit, Selection, Standing, Verdict};
pub(crate) use connector::{size_limit, usable_sources};
pub(crate) use from_group::is_down;
pub use from_site::next_stops;
pub use legacy_network::{Crossing, LegacyDistances, LegacyExit, LegacyNetwork};
pub use plan::{Clause, Leg, Plan, Relay};
pub use runner_up::{Rival, runner_up};

use self::group_search::GroupTree;
use self::site_search::SiteTree;
use self::towards::Towards;
use crate::graph::{CombinedGraph, CompactSites, UsableConnector};
use crate::model::{
    ConnectorIdx, ConnectorRef, FailureSet, Generation, Home, Message, Node, Organization, RoutingGroupConnectorIdx,
    RoutingGroupIdx, ServerIdx, SiteIdx, Specificity,
};

/// How the sites between sender and next hop are tried when the next hop does not answer (D9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// Hop by hop, nearest the next hop first.
    #[default]
    Linear,
    /// 2007 and 2010 on paths of more than four hops: halve the path again and again.
    Binary,
}

/// What separates paths to a routing group of equal routing-group and site cost (D13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LegacyTie {
    /// Site hops to the first connector, number of connectors, names.
    #[default]
    Hops,
    /// Names alone.
    Names,
}

/// How 2007+ servers compare the cost of legacy connectors (D27).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LegacyCost {
    /// (routing groups + address space, sites), compared from left to right.
    #[default]
    Pair,
    /// One sum.
    Sum,
}

/// What a Send connector without a size limit lets through (D30).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DefaultSize {
    /// Everything.
    #[default]
    None,
    /// 10 MB for 2007 and 2010, 35 MB from 2013 on.
    Product,
}

/// Decisions that the documents leave open, each with the documented default. The order of names is fixed earlier, when
/// the organization is built ([`crate::model::NameOrder`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is the option of its type")]
pub struct Options {
    pub backoff: Backoff,
    pub legacy_tie: LegacyTie,
    pub legacy_cost: LegacyCost,
    pub default_size: DefaultSize,
}

/// Who routes: a site or a routing group, as a certain server or generation (D3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Where.
    pub node: Node,
    /// As which server; `None` for a routing group asked as such and in a plain site graph.
    pub server: Option<ServerIdx>,
    /// By which rules.
    pub generation: Generation,
}

impl Sender {
    /// A site as its representative, or a routing group; `None` where mail cannot stop.
    pub fn node(org: &Organization, node: Node) -> Option<Sender> {
        match node {
            Node::Site(site) => Some(Sender {
                node,
                server: org.representative(site),
                generation: org.site_generation(site)?,
            }),
            Node::RoutingGroup(_) => org.is_router(node).then_some(Sender {
                node,
                server: None,
                generation: Generation::Legacy,
            }),
        }
    }

    /// A server as itself; one that routes nothing sends as its site does. `None` where that is impossible (D2).
    pub fn server(org: &Organization, server: ServerIdx) -> Option<Sender> {
        let generation = org.servers()[server].version.generation();
        let as_itself = |node| Sender {
            node,
            server: Some(server),
            generation,
        };
        if let Some(group) = org.legacy_group(server) {
            return Some(as_itself(Node::RoutingGroup(group)));
        }
        if let Some(site) = org.transport_site(server) {
            return Some(as_itself(Node::Site(site)));
        }
        if let Some(site) = org.subscribed_site(server) {
            return Some(as_itself(Node::Site(site)));
        }
        match org.servers()[server].home {
            Home::Site(site) if generation != Generation::Legacy => Sender::node(org, Node::Site(site)),
            _ => None,
        }
    }

    /// The server, unless it is the one that its site routes as (D3). O(1).
    pub fn itself(&self, org: &Organization) -> Option<ServerIdx> {
        self.server.filter(|_| Sender::node(org, self.node) != Some(*self))
    }

    /// Whether it is an Edge server, which knows nothing but its own connectors (RT-2.14).
    pub fn is_edge(&self, org: &Organization) -> bool {
        self.server.is_some_and(|server| org.subscribed_site(server).is_some())
    }
}

/// Whether a search regards what is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Regard {
    WhatIsDown,
    AllUp,
}

/// Both graphs of an organization.
#[derive(Clone, Debug)]
pub struct Graphs {
    /// Sites as flat arrays.
    pub sites: CompactSites,
    /// Everything in one petgraph.
    pub combined: CombinedGraph,
}

impl Graphs {
    /// The graphs of an organization. O(memberships + connectors × servers).
    pub fn new(org: &Organization) -> Graphs {
        Graphs {
            sites: CompactSites::new(org),
            combined: CombinedGraph::new(org),
        }
    }
}

/// One view of an organization, ready to be asked: what is there, what is down, and for which message.
///
/// Trees that many answers share are computed once, when first needed; answers do not depend on the order of questions.
pub struct View<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Its graphs.
    pub graphs: &'a Graphs,
    /// Open decisions.
    pub options: Options,
    /// The message. Sizes and restrictions filter what legacy servers see; 2007+ looks at the size afterwards.
    pub message: &'a Message,
    /// What is down, as legacy servers believe it.
    pub down: &'a FailureSet,
    /// A routing-group connector that is taken not to exist: what would be chosen without it.
    without: Option<RoutingGroupConnectorIdx>,
    trees: Trees,
}

/// What is kept for questions that come one by one, by where they start.
#[derive(Default)]
struct Trees {
    /// From senders, and from sites where connectors enter the 2007 group.
    from_site: Vec<OnceLock<Box<from_site::Reach>>>,
    /// From legacy groups as their servers see it.
    from_group: Vec<OnceLock<GroupTree>>,
    /// The same with nothing down.
    from_group_all_up: Vec<OnceLock<GroupTree>>,
}

impl<'a> View<'a> {
    /// A view of `org` for `message`, `down` being down.
    pub fn new(
        org: &'a Organization,
        graphs: &'a Graphs,
        options: Options,
        message: &'a Message,
        down: &'a FailureSet,
    ) -> View<'a> {
        let groups = org.routing_groups().len();
        View {
            org,
            graphs,
            options,
            message,
            down,
            without: None,
            trees: Trees {
                from_site: (0..org.sites().len()).map(|_| OnceLock::new()).collect(),
                from_group: (0..groups).map(|_| OnceLock::new()).collect(),
                from_group_all_up: (0..groups).map(|_| OnceLock::new()).collect(),
            },
        }
    }

    /// The same view as if a routing-group connector did not exist.
    fn without(&self, connector: RoutingGroupConnectorIdx) -> View<'a> {
        View {
            without: Some(connector),
            ..View::new(self.org, self.graphs, self.options, self.message, self.down)
        }
    }

    /// Best paths from a site. Not cached: ten thousand of them would not fit. O(memberships + links log links).
    pub fn site_tree(&self, site: SiteIdx) -> SiteTree {
        site_search::search(&self.graphs.sites, site, None)
    }

    /// What a site computes once. Kept.
    fn reach(&self, site: SiteIdx) -> &from_site::Reach {
        self.trees.from_site[site.index()].get_or_init(|| Box::new(from_site::Reach::new(self, site)))
    }

    /// Best paths from a group as legacy servers see them (D14). Kept.
    fn tree_as_legacy(&self, from: RoutingGroupIdx) -> &GroupTree {
        self.trees.from_group[from.index()].get_or_init(|| from_group::legacy_view(self, from, Regard::WhatIsDown))
    }

    /// Best paths from a group as legacy servers would see them with nothing down. Kept.
    fn tree_as_legacy_all_up(&self, from: RoutingGroupIdx) -> &GroupTree {
        if self.down.is_empty() {
            return self.tree_as_legacy(from);
        }
        self.trees.from_group_all_up[from.index()].get_or_init(|| from_group::legacy_view(self, from, Regard::AllUp))
    }

    /// The plan of `sender` for mail to every router but itself, in table order; `None`: unreachable.
    pub fn table(&self, sender: Sender) -> Vec<(Node, Option<Plan>)> {
        let to = self.org.routers().filter(|node| *node != sender.node);
        self.plans(sender, to).collect()
    }

    /// The plan of `sender` for mail to each of some other routers, in their order, one at a time; `None`: unreachable.
    pub fn plans<'v>(
        &'v self,
        sender: Sender,
        to: impl Iterator<Item = Node> + 'v,
    ) -> Box<dyn Iterator<Item = (Node, Option<Plan>)> + 'v> {
        match sender.node {
            Node::Site(site) => {
                let from = from_site::FromSite::new(self, sender, site);
                Box::new(to.map(move |to| (to, from.plan(to))))
            }
            Node::RoutingGroup(group) => {
                let from = from_group::FromGroup::new(self, group);
                Box::new(to.map(move |to| (to, from.plan(to))))
            }
        }
    }

    /// Best paths from all sites to one, for [`View::plan_towards`]. O(memberships log memberships).
    pub fn towards(&self, to: SiteIdx) -> Towards {
        Towards::new(&self.graphs.sites, to)
    }

    /// The plan of `sender`, which is in a site, for mail to another one: what [`View::plan`] says, without a search from there.
    /// `None`: unreachable. O(length of the path).
    pub fn plan_towards(&self, sender: Sender, from: SiteIdx, to: &Towards) -> Option<Plan> {
        from_site::plan_towards(self, sender, from, to)
    }

    /// The plan of `sender` for mail to one other router; `None`: unreachable. The view keeps the paths from that sender:
    /// for the tables of many, [`View::table`] needs less memory.
    pub fn plan(&self, sender: Sender, to: Node) -> Option<Plan> {
        match sender.node {
            Node::Site(site) => from_site::FromSite::kept(self, sender, site).plan(to),
            Node::RoutingGroup(group) => from_group::FromGroup::kept(self, group).plan(to),
        }
    }

    /// The site among `sites` closest to `from` (D10); `None` when none can be reached.
    pub fn closest_site(&self, from: SiteIdx, sites: impl IntoIterator<Item = SiteIdx>) -> Option<SiteIdx> {
        from_site::closest(self.reach(from).tree(), sites).map(|closest| closest.site)
    }

    /// Whether a legacy group would have a path to `to` if nothing were down.
    pub fn has_path_all_up(&self, from: RoutingGroupIdx, to: Node) -> bool {
        from_group::has_path_all_up(self, from, to)
    }

    /// Where mail that crosses `connector` enters the 2007 group (D15), and whether it may be elsewhere as well. Target
    /// servers that are down are passed over (RT-2.10); where all are, it is as if all were up.
    fn entry(&self, connector: &UsableConnector, regard: Regard) -> Option<(SiteIdx, bool)> {
        let up = connector.targets.iter().filter(|server| !is_down(self, **server));
        let mut sites = up.filter_map(|server| self.org.transport_site(*server));
        // Servers ascend by name, so the first one that is up is the lowest-named.
        match sites.next() {
            Some(first) if regard == Regard::WhatIsDown && !self.down.is_empty() => {
                Some((first, sites.any(|site| site != first)))
            }
            _ => Some((connector.entry?, connector.entry_ambiguous)),
        }
    }

    /// Where mail of a legacy group enters the 2007 group, or would with nothing down (D15).
    pub fn entry_site(&self, from: RoutingGroupIdx) -> Option<SiteIdx> {
        from_group::entry_site(self, from)
    }

    /// The connectors among which a legacy group chooses by cost for an external address, nothing being down (D29).
    pub fn legacy_exits(&self, from: RoutingGroupIdx, address: &crate::model::Address) -> Vec<LegacyExit> {
        legacy_connector::exits(self, from, address)
    }

    /// Whether legacy servers take a connector as down: it is named, or all its servers at one end are down (D40). O(servers of
    /// the connector).
    pub fn legacy_takes_as_down(&self, connector: ConnectorRef) -> bool {
        match connector {
            ConnectorRef::RoutingGroup(index) => {
                let usable = self.graphs.combined.connector(index);
                usable.is_some_and(|connector| from_group::believed_down(self, connector))
            }
            ConnectorRef::External(index) => {
                let has_source = usable_sources(self.org, &self.org.connectors()[index]).next().is_some();
                has_source && legacy_connector::connector_down(self, index)
            }
        }
    }

    /// Those among which it would choose if none refused the message, the most specific first. Some may be out of reach.
    pub fn legacy_exits_unrefused(
        &self,
        from: RoutingGroupIdx,
        address: &crate::model::Address,
    ) -> Vec<(Specificity, LegacyExit)> {
        legacy_connector::exits_unrefused(self, from, address)
    }

    /// Whether legacy servers refuse the message at a connector to the outside: restrictions and size.
    pub fn legacy_refuses_outside(&self, connector: ConnectorIdx) -> bool {
        legacy_connector::refuses(self, connector)
    }

    /// Which connector serves an external address (RT-2.6), as `sender` sees it.
    pub fn select(&self, sender: Sender, address: &crate::model::Address) -> Selection {
        match sender.node {
            Node::Site(site) => connector::select(self, sender, site, address),
            Node::RoutingGroup(group) => legacy_connector::select(self, group, address),
        }
    }
}
