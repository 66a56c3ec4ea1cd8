//! What rules share: computed once, when the first rule asks.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use oxc_index::IndexVec;
use petgraph::unionfind::UnionFind;

use super::proof::Proof;
use super::{About, Asked, Stage};
use crate::diagnostic::{Span, Subject, SubjectKind};
use crate::graph::UsableConnector;
use crate::linkstate;
use crate::model::{
    ConnectorIdx, ConnectorRef, Generation, GroupRef, Node, Organization, ReceiveConnector, RoutingGroupConnectorIdx,
    RoutingGroupIdx, ServerIdx, SiteIdx, SiteLinkIdx,
};
use crate::route::site_search::SiteTree;
use crate::route::{Graphs, Options, View};
use crate::verify::{Bounds, World};

/// How rules look, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Open decisions of routing.
    pub routing: Options,
    /// Open decisions of link state.
    pub link_state: linkstate::Options,
    /// How far the search for loops goes.
    pub bounds: Bounds,
    /// Most changes that are tried in search of one that ends every loop.
    pub repairs_max: usize,
    /// Most searches over all sites that one rule makes, of 1000 sites; of more sites proportionally fewer, of fewer more.
    pub searches_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            routing: Options::default(),
            link_state: linkstate::Options::default(),
            bounds: Bounds::default(),
            repairs_max: 10_000,
            searches_max: 256,
        }
    }
}

/// An organization, and what rules ask of it again and again.
pub struct Facts<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Its graphs.
    pub graphs: &'a Graphs,
    /// An ordinary message, everything up.
    pub view: &'a View<'a>,
    /// How far rules look.
    pub settings: &'a Settings,
    older: Option<(&'a Organization, &'a Graphs)>,
    /// Is told how far the search for loops is.
    pub(super) progress: &'a dyn Fn(Stage),
    world: OnceCell<World<'a>>,
    previous: OnceCell<Option<World<'a>>>,
    proof: OnceCell<Proof>,
    components: OnceCell<IndexVec<SiteIdx, usize>>,
    all_trees: OnceCell<Vec<SiteTree>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(view: &'a View<'a>, settings: &'a Settings, asked: Asked<'a>) -> Facts<'a> {
        Facts {
            org: view.org,
            graphs: view.graphs,
            view,
            settings,
            older: asked.previous,
            progress: asked.progress,
            world: OnceCell::new(),
            previous: OnceCell::new(),
            proof: OnceCell::new(),
            components: OnceCell::new(),
            all_trees: OnceCell::new(),
        }
    }

    /// What legacy groups believe, and how they see connectors.
    pub(super) fn world(&self) -> &World<'a> {
        self.world.get_or_init(|| {
            let settings = self.settings;
            World::new(self.org, self.graphs, settings.routing, settings.link_state)
        })
    }

    /// The organization before a change, if there is one.
    pub(super) fn previous(&self) -> Option<&World<'a>> {
        let settings = self.settings;
        let world = |(org, graphs)| World::new(org, graphs, settings.routing, settings.link_state);
        self.previous.get_or_init(|| self.older.map(world)).as_ref()
    }

    /// Whether mail can circle: searched when the first rule asks.
    pub(super) fn proof(&self) -> &Proof {
        self.proof.get_or_init(|| Proof::new(self))
    }

    /// For each site a number that it shares with exactly those that site links join it with.
    pub(super) fn components(&self) -> &IndexVec<SiteIdx, usize> {
        self.components.get_or_init(|| {
            let mut sets = UnionFind::<usize>::new(self.org.sites().len());
            for link in self.org.site_links().iter().filter(|link| link.is_routed()) {
                for pair in link.sites.windows(2) {
                    sets.union(pair[0].index(), pair[1].index());
                }
            }
            self.org
                .sites()
                .iter_enumerated()
                .map(|(site, _)| sets.find(site.index()))
                .collect()
        })
    }

    /// How many searches over all sites one rule may make: so many that they stay near the time of reading the file.
    pub(super) fn searches_max(&self) -> usize {
        (self.settings.searches_max.saturating_mul(1000) / self.org.sites().len().max(1)).max(1)
    }

    /// Best paths from every site with a transport server; none when there are more than [`Facts::searches_max`].
    pub(super) fn all_trees(&self) -> &[SiteTree] {
        self.all_trees
            .get_or_init(|| match self.transport_sites().count() > self.searches_max() {
                true => Vec::new(),
                false => self.transport_sites().map(|site| self.view.site_tree(site)).collect(),
            })
    }

    /// Sites with a transport server.
    pub(super) fn transport_sites(&self) -> impl Iterator<Item = SiteIdx> {
        let sites = self.org.sites().iter_enumerated().map(|(site, _)| site);
        sites.filter(|site| self.org.has_transport(*site))
    }

    /// Legacy groups with a server.
    pub(super) fn legacy_groups(&self) -> impl Iterator<Item = RoutingGroupIdx> {
        let groups = self.org.routing_groups().iter_enumerated().map(|(group, _)| group);
        groups.filter(|group| !self.org.group_servers(*group).is_empty())
    }

    /// Servers that count in a legacy group.
    pub(super) fn legacy_servers(&self) -> impl Iterator<Item = ServerIdx> {
        let servers = self.org.servers().iter_enumerated().map(|(server, _)| server);
        servers.filter(|server| self.org.legacy_group(*server).is_some())
    }

    /// Those of them that take part in link state: 2000 and 2003, not 5.5 (LS-1.7).
    pub(super) fn with_tables(&self) -> impl Iterator<Item = ServerIdx> {
        self.legacy_servers()
            .filter(|server| linkstate::has_table(self.org, *server))
    }

    /// Connectors that carry mail between routing groups, in name order.
    pub(super) fn usable(&self) -> impl Iterator<Item = &'a UsableConnector> {
        let graphs = self.graphs;
        let connectors = self.org.routing_group_connectors().iter_enumerated();
        connectors.filter_map(move |(index, _)| graphs.combined.connector(index))
    }

    /// Legacy groups that a usable connector joins with the 2007 group, in either direction.
    pub(super) fn attached(&self) -> BTreeSet<RoutingGroupIdx> {
        let ends = self
            .usable()
            .filter_map(|connector| match (connector.from, connector.to) {
                (GroupRef::Exchange2007, GroupRef::Legacy(group))
                | (GroupRef::Legacy(group), GroupRef::Exchange2007) => Some(group),
                _ => None,
            });
        ends.collect()
    }

    /// Transport servers of 2007 RTM, ascending.
    pub(super) fn rtm_hubs(&self) -> Vec<ServerIdx> {
        let servers = self.org.servers().iter_enumerated();
        let is_rtm = |server: ServerIdx| {
            self.org.servers()[server].version.generation() == Generation::Exchange2007Rtm
                && self.org.transport_site(server).is_some()
        };
        servers
            .map(|(index, _)| index)
            .filter(|server| is_rtm(*server))
            .collect()
    }

    /// Whether some site routes by the rules of 2007 SP1 or later.
    pub(super) fn has_sp1(&self) -> bool {
        let mut generations = self.transport_sites().filter_map(|site| self.org.site_generation(site));
        generations.any(|generation| generation > Generation::Exchange2007Rtm)
    }

    /// Groups that mail from the 2007 group gets to over usable connectors, itself included.
    pub(super) fn reached_from_2007(&self) -> BTreeSet<GroupRef> {
        let network = &self.world().network;
        let mut reached = BTreeSet::from([GroupRef::Exchange2007]);
        let mut pending = vec![GroupRef::Exchange2007];
        while let Some(group) = pending.pop() {
            let next = network.starting_at(group).iter().map(|crossing| crossing.other);
            pending.extend(next.filter(|group| reached.insert(*group)));
        }
        reached
    }

    pub(super) fn organization(&self) -> About {
        (subject(SubjectKind::Organization, self.org.name()), Span::NONE)
    }

    pub(super) fn site(&self, site: SiteIdx) -> About {
        let site = &self.org.sites()[site];
        (subject(SubjectKind::Site, site.name.as_str()), site.span)
    }

    pub(super) fn link(&self, link: SiteLinkIdx) -> About {
        let link = &self.org.site_links()[link];
        (subject(SubjectKind::Link, link.name.as_str()), link.span)
    }

    pub(super) fn server(&self, server: ServerIdx) -> About {
        let server = &self.org.servers()[server];
        (subject(SubjectKind::Server, server.name.as_str()), server.span)
    }

    pub(super) fn group(&self, group: RoutingGroupIdx) -> About {
        let group = &self.org.routing_groups()[group];
        (subject(SubjectKind::RoutingGroup, group.name.as_str()), group.span)
    }

    pub(super) fn between(&self, connector: RoutingGroupConnectorIdx) -> About {
        self.connector(ConnectorRef::RoutingGroup(connector))
    }

    pub(super) fn outside(&self, connector: ConnectorIdx) -> About {
        self.connector(ConnectorRef::External(connector))
    }

    pub(super) fn connector(&self, connector: ConnectorRef) -> About {
        let span = match connector {
            ConnectorRef::RoutingGroup(index) => self.org.routing_group_connectors()[index].span,
            ConnectorRef::External(index) => self.org.connectors()[index].span,
        };
        (
            subject(SubjectKind::Connector, self.org.connector_name(connector).as_str()),
            span,
        )
    }

    pub(super) fn receive(&self, connector: &ReceiveConnector) -> About {
        let name = self.receive_name(connector);
        (subject(SubjectKind::ReceiveConnector, &name), connector.span)
    }

    /// A receive connector as the product's tools name it: `SERVER\NAME`.
    pub(super) fn receive_name(&self, connector: &ReceiveConnector) -> String {
        format!("{}\\{}", self.org.servers()[connector.server].name, connector.name)
    }

    pub(super) fn node(&self, node: Node) -> About {
        match node {
            Node::Site(site) => self.site(site),
            Node::RoutingGroup(group) => self.group(group),
        }
    }

    pub(super) fn group_name(&self, group: GroupRef) -> String {
        match group {
            GroupRef::Exchange2007 => "the 2007 group".to_owned(),
            GroupRef::Legacy(group) => format!("routing group {}", self.org.routing_groups()[group].name),
        }
    }
}

pub(super) fn subject(kind: SubjectKind, name: &str) -> Subject {
    Subject {
        kind,
        name: name.to_owned(),
    }
}
