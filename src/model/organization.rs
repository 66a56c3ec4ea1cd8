//! The organization: its arenas, and what follows from them.

use oxc_index::{IndexSlice, IndexVec};
use smallvec::SmallVec;

use super::address::{is_domain, is_in_domain};
use super::site::SiteServers;
use super::*;
use crate::diagnostic::{Span, nearest};

/// The one routing group of all 2007 and 2010 servers (R14).
pub const EXCHANGE_2007_GROUP: &str = "Exchange Routing Group (DWBGZMFD01QNBJR)";
/// The name that also means it.
pub const EXCHANGE_2007_GROUP_SHORT: &str = "DWBGZMFD01QNBJR";

/// A node of the combined graph that mail stops at: sites before routing groups, then name order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An Active Directory site.
    Site(SiteIdx),
    /// A legacy routing group.
    RoutingGroup(RoutingGroupIdx),
}

/// What a `N` of the command line stands for (contract, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// `site:NAME`
    Site(SiteIdx),
    /// `rg:NAME`
    RoutingGroup(RoutingGroupIdx),
    /// `server:NAME`
    Server(ServerIdx),
}

/// Why a text names no node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownNode {
    /// No such name; perhaps this one was meant.
    NotFound {
        /// A name that is close.
        suggestion: Option<String>,
    },
    /// A bare name that several kinds have; these prefixed names would be clear.
    Ambiguous(Vec<String>),
}

/// What an accepted domain means for recipients that are not in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AcceptedDomainKind {
    /// There are none: NDR.
    Authoritative,
    /// Relayed inside the organization.
    InternalRelay,
    /// Relayed to the outside.
    ExternalRelay,
}

/// A domain that the organization takes mail for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedDomain {
    /// `d`, `*.d` or `*`.
    pub domain: Name,
    /// What it means.
    pub kind: AcceptedDomainKind,
    /// Place in the file.
    pub span: Span,
}

impl AcceptedDomain {
    /// Whether `text` can be an accepted domain.
    pub fn is_valid(text: &str) -> bool {
        text == "*" || is_domain(text.strip_prefix("*.").unwrap_or(text))
    }

    /// How closely it fits a folded domain: an exact one before `*.d`, a longer `d` before a shorter.
    fn fits(&self, domain: &str) -> Option<(bool, usize)> {
        let own = self.domain.folded();
        match own.strip_prefix("*.") {
            _ if own == "*" => Some((false, 0)),
            Some(parent) if is_in_domain(domain, parent) => Some((false, parent.len())),
            None if own == domain => Some((true, own.len())),
            _ => None,
        }
    }
}

/// An Edge server's subscription to a site (RT-2.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeSubscription {
    /// The Edge server.
    pub edge: ServerIdx,
    /// The site that talks to it.
    pub site: SiteIdx,
    /// Place in the file.
    pub span: Span,
}

/// The arenas an [`Organization`] is made of. Whoever fills them keeps the order: names ascend by `name_order`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the arena of its type")]
pub struct Parts {
    pub name: String,
    pub name_order: NameOrder,
    pub bridge_all_site_links: bool,
    pub sites: IndexVec<SiteIdx, Site>,
    pub site_links: IndexVec<SiteLinkIdx, SiteLink>,
    pub servers: IndexVec<ServerIdx, Server>,
    pub routing_groups: IndexVec<RoutingGroupIdx, RoutingGroup>,
    pub routing_group_connectors: IndexVec<RoutingGroupConnectorIdx, RoutingGroupConnector>,
    pub connectors: IndexVec<ConnectorIdx, Connector>,
    pub accepted_domains: Vec<AcceptedDomain>,
    pub edge_subscriptions: Vec<EdgeSubscription>,
    pub dags: IndexVec<DagIdx, Dag>,
    pub databases: IndexVec<DatabaseIdx, Database>,
    pub mailboxes: IndexVec<MailboxIdx, Mailbox>,
    pub groups: IndexVec<GroupIdx, Group>,
    pub receive_connectors: Vec<ReceiveConnector>,
    pub transport_config: TransportConfig,
    pub clusters: Vec<Cluster>,
    pub lint_ignores: Vec<LintIgnore>,
}

/// A validated organization, immutable.
///
/// Invariants: every arena ascends strictly by name in [`Organization::name_order`]; every index points into its arena;
/// the sites of a site link ascend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    parts: Parts,
    site_servers: IndexVec<SiteIdx, SiteServers>,
    group_servers: IndexVec<RoutingGroupIdx, Vec<ServerIdx>>,
    subscriptions: IndexVec<ServerIdx, Option<SiteIdx>>,
    /// Mailboxes and groups by address.
    by_address: (Vec<MailboxIdx>, Vec<GroupIdx>),
}

macro_rules! arenas {
    ($($(#[$doc:meta])* $name:ident: $index:ty => $item:ty;)*) => {
        impl Organization {$(
            $(#[$doc])*
            pub fn $name(&self) -> &IndexSlice<$index, [$item]> {
                &self.parts.$name
            }
        )*}
    };
}

arenas! {
    /// Sites.
    sites: SiteIdx => Site;
    /// Site links.
    site_links: SiteLinkIdx => SiteLink;
    /// Servers.
    servers: ServerIdx => Server;
    /// Legacy routing groups.
    routing_groups: RoutingGroupIdx => RoutingGroup;
    /// Routing-group connectors.
    routing_group_connectors: RoutingGroupConnectorIdx => RoutingGroupConnector;
    /// Connectors to the outside.
    connectors: ConnectorIdx => Connector;
    /// DAGs.
    dags: DagIdx => Dag;
    /// Databases.
    databases: DatabaseIdx => Database;
    /// Mailboxes.
    mailboxes: MailboxIdx => Mailbox;
    /// Distribution groups.
    groups: GroupIdx => Group;
}

impl Organization {
    /// Builds the organization and derives who the transport servers are. O(parts log parts).
    ///
    /// # Panics
    /// When the arenas are not in name order, or receive connectors not in that of their servers: that is a mistake of the caller, not of a file.
    pub fn new(parts: Parts) -> Organization {
        let order = parts.name_order;
        let assert_ascends = |what: &str, names: &mut dyn Iterator<Item = &Name>| {
            let ascends = names.is_sorted_by(|a, b| order.compare(a, b).is_lt());
            assert!(ascends, "{what} in name order");
        };
        assert_ascends("sites", &mut parts.sites.iter().map(|s| &s.name));
        assert_ascends("site links", &mut parts.site_links.iter().map(|l| &l.name));
        assert_ascends("servers", &mut parts.servers.iter().map(|s| &s.name));
        assert_ascends("groups", &mut parts.routing_groups.iter().map(|g| &g.name));
        assert_ascends(
            "routing-group connectors",
            &mut parts.routing_group_connectors.iter().map(|c| &c.name),
        );
        assert_ascends("connectors", &mut parts.connectors.iter().map(|c| &c.name));
        let by_server = parts.receive_connectors.is_sorted_by_key(|connector| connector.server);
        assert!(by_server, "receive connectors by server");

        let mut site_servers: IndexVec<SiteIdx, SiteServers> =
            parts.sites.iter().map(|_| SiteServers::default()).collect();
        let mut group_servers: IndexVec<RoutingGroupIdx, Vec<ServerIdx>> =
            parts.routing_groups.iter().map(|_| Vec::new()).collect();
        for (index, server) in parts.servers.iter_enumerated() {
            match server.home {
                Home::Site(site) if server.is_transport(parts.sites[site].inbound_mail) => {
                    let here = &mut site_servers[site];
                    here.transport.push(index);
                    // D3: the newest; servers come in name order, so the first of a version stays.
                    let newer = |old: ServerIdx| server.version > parts.servers[old].version;
                    if here.representative.is_none_or(newer) {
                        here.representative = Some(index);
                    }
                }
                Home::RoutingGroup(group) if server.version.is_legacy() => group_servers[group].push(index),
                // D2: read, without effect.
                _ => {}
            }
        }
        let mut subscriptions: IndexVec<ServerIdx, Option<SiteIdx>> = parts.servers.iter().map(|_| None).collect();
        for subscription in &parts.edge_subscriptions {
            subscriptions[subscription.edge] = Some(subscription.site);
        }
        let mut mailboxes: Vec<MailboxIdx> = parts.mailboxes.iter_enumerated().map(|(at, _)| at).collect();
        mailboxes.sort_by_key(|at| parts.mailboxes[*at].address.key());
        let mut groups: Vec<GroupIdx> = parts.groups.iter_enumerated().map(|(at, _)| at).collect();
        groups.sort_by_key(|at| parts.groups[*at].address.key());
        Organization {
            parts,
            site_servers,
            group_servers,
            subscriptions,
            by_address: (mailboxes, groups),
        }
    }

    /// The arenas, for who builds a changed organization from this one.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Its name; empty when the file gives none.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// The order of names in every arena.
    pub fn name_order(&self) -> NameOrder {
        self.parts.name_order
    }

    /// Whether Active Directory bridges all site links. Routing ignores it (D6).
    pub fn bridge_all_site_links(&self) -> bool {
        self.parts.bridge_all_site_links
    }

    /// Accepted domains, by name.
    pub fn accepted_domains(&self) -> &[AcceptedDomain] {
        &self.parts.accepted_domains
    }

    /// Edge subscriptions, by Edge server.
    pub fn edge_subscriptions(&self) -> &[EdgeSubscription] {
        &self.parts.edge_subscriptions
    }

    /// Receive connectors, by server and name.
    pub fn receive_connectors(&self) -> &[ReceiveConnector] {
        &self.parts.receive_connectors
    }

    /// The receive connectors of a server, by name. O(log connectors).
    pub fn receive_connectors_of(&self, server: ServerIdx) -> &[ReceiveConnector] {
        let all = &self.parts.receive_connectors;
        let begins = all.partition_point(|connector| connector.server < server);
        let ends = all.partition_point(|connector| connector.server <= server);
        &all[begins..ends]
    }

    /// The server where a database is mounted at first: where the file says, else that of its first copy, else the first member of
    /// its DAG. `None`: a DAG without members.
    pub fn mounted_on(&self, database: DatabaseIdx) -> Option<ServerIdx> {
        let database = &self.parts.databases[database];
        match database.home {
            DatabaseHome::Server(server) => Some(server),
            DatabaseHome::Dag(dag) => {
                let first_copy = database.copies.first().map(|copy| copy.server);
                let any_member = self.parts.dags[dag].servers.first().copied();
                database.active_on.or(first_copy).or(any_member)
            }
        }
    }

    /// Organization-wide transport settings.
    pub fn transport_config(&self) -> &TransportConfig {
        &self.parts.transport_config
    }

    /// 2007 clusters, by name.
    pub fn clusters(&self) -> &[Cluster] {
        &self.parts.clusters
    }

    /// Lint findings to live with, in the order of the file.
    pub fn lint_ignores(&self) -> &[LintIgnore] {
        &self.parts.lint_ignores
    }

    /// Whether this is a plain site graph, where every site has one nameless 2010 hub (D1).
    pub fn is_plain(&self) -> bool {
        self.parts.servers.is_empty()
    }

    /// The transport servers of a site, ascending. Empty in a plain site graph, too.
    pub fn transport_servers(&self, site: SiteIdx) -> &[ServerIdx] {
        &self.site_servers[site].transport
    }

    /// Whether mail can stop at the site (contract, section 1).
    pub fn has_transport(&self, site: SiteIdx) -> bool {
        self.is_plain() || !self.site_servers[site].transport.is_empty()
    }

    /// The server that a site routes as (D3); `None` where nothing stops and in a plain site graph.
    pub fn representative(&self, site: SiteIdx) -> Option<ServerIdx> {
        self.site_servers[site].representative
    }

    /// The generation that a site routes as; `None` where nothing stops.
    pub fn site_generation(&self, site: SiteIdx) -> Option<Generation> {
        if self.is_plain() {
            return Some(Generation::Exchange2010);
        }
        self.representative(site)
            .map(|server| self.parts.servers[server].version.generation())
    }

    /// The legacy servers of a routing group, ascending.
    pub fn group_servers(&self, group: RoutingGroupIdx) -> &[ServerIdx] {
        &self.group_servers[group]
    }

    /// The site of a transport server; `None` for every other server.
    pub fn transport_site(&self, server: ServerIdx) -> Option<SiteIdx> {
        match self.parts.servers[server].home {
            Home::Site(site) if self.site_servers[site].transport.contains(&server) => Some(site),
            _ => None,
        }
    }

    /// The routing group of a legacy server that is in one; `None` for every other server.
    pub fn legacy_group(&self, server: ServerIdx) -> Option<RoutingGroupIdx> {
        let server = &self.parts.servers[server];
        match server.home {
            Home::RoutingGroup(group) if server.version.is_legacy() => Some(group),
            _ => None,
        }
    }

    /// The site that an Edge server is subscribed to.
    pub fn subscribed_site(&self, edge: ServerIdx) -> Option<SiteIdx> {
        self.subscriptions[edge].filter(|_| self.parts.servers[edge].is_edge())
    }

    /// Routers in table order: sites with a transport server, then legacy groups with a server (contract, section 3).
    pub fn routers(&self) -> impl Iterator<Item = Node> {
        let sites = self.parts.sites.iter_enumerated().map(|(site, _)| site);
        let groups = self.parts.routing_groups.iter_enumerated().map(|(group, _)| group);
        sites.filter(|site| self.has_transport(*site)).map(Node::Site).chain(
            groups
                .filter(|group| !self.group_servers[*group].is_empty())
                .map(Node::RoutingGroup),
        )
    }

    /// Whether mail can stop at the node.
    pub fn is_router(&self, node: Node) -> bool {
        match node {
            Node::Site(site) => self.has_transport(site),
            Node::RoutingGroup(group) => !self.group_servers[group].is_empty(),
        }
    }

    /// The name of a node.
    pub fn node_name(&self, node: Node) -> &Name {
        match node {
            Node::Site(site) => &self.parts.sites[site].name,
            Node::RoutingGroup(group) => &self.parts.routing_groups[group].name,
        }
    }

    /// The name of one end of a routing-group connector.
    pub fn group_name(&self, group: GroupRef) -> &str {
        match group {
            GroupRef::Exchange2007 => EXCHANGE_2007_GROUP,
            GroupRef::Legacy(group) => self.parts.routing_groups[group].name.as_str(),
        }
    }

    /// Finds `site:NAME`, `rg:NAME`, `server:NAME`, or a bare name that only one of them has. O(names).
    pub fn find(&self, text: &str) -> Result<NodeKind, UnknownNode> {
        let (wanted_kind, name) = match split_kind(text) {
            Some((kind, name)) => (Some(kind), name),
            None => (None, text),
        };
        let name = Name::new(name);
        let site = || {
            self.parts
                .sites
                .iter()
                .position(|s| s.name == name)
                .map(SiteIdx::from_usize)
        };
        let group = || {
            let found = self.parts.routing_groups.iter().position(|g| g.name == name);
            found.map(RoutingGroupIdx::from_usize)
        };
        let server = || self.server_by_name(&name);
        let found: SmallVec<[(&str, NodeKind); 3]> = [
            ("site", site().map(NodeKind::Site)),
            ("rg", group().map(NodeKind::RoutingGroup)),
            ("server", server().map(NodeKind::Server)),
        ]
        .into_iter()
        .filter(|(kind, _)| wanted_kind.is_none_or(|wanted| wanted == *kind))
        .filter_map(|(kind, node)| Some((kind, node?)))
        .collect();
        match found.as_slice() {
            [(_, node)] => Ok(*node),
            [] => Err(UnknownNode::NotFound {
                suggestion: self.nearest_node(wanted_kind, name.as_str()),
            }),
            several => Err(UnknownNode::Ambiguous(
                several.iter().map(|(kind, _)| format!("{kind}:{name}")).collect(),
            )),
        }
    }

    fn nearest_node(&self, kind: Option<&str>, name: &str) -> Option<String> {
        let wanted = |k: &str| kind.is_none_or(|kind| kind == k);
        let sites = self
            .parts
            .sites
            .iter()
            .filter(|_| wanted("site"))
            .map(|s| s.name.as_str());
        let groups = self
            .parts
            .routing_groups
            .iter()
            .filter(|_| wanted("rg"))
            .map(|g| g.name.as_str());
        let servers = self
            .parts
            .servers
            .iter()
            .filter(|_| wanted("server"))
            .map(|s| s.name.as_str());
        nearest(name, sites.chain(groups).chain(servers)).map(str::to_owned)
    }

    /// The name of a connector of either kind.
    pub fn connector_name(&self, connector: ConnectorRef) -> &Name {
        match connector {
            ConnectorRef::RoutingGroup(index) => &self.routing_group_connectors()[index].name,
            ConnectorRef::External(index) => &self.connectors()[index].name,
        }
    }

    /// Whom and what a connector of either kind lets through.
    pub fn restrictions(&self, connector: ConnectorRef) -> &Restrictions {
        match connector {
            ConnectorRef::RoutingGroup(index) => &self.routing_group_connectors()[index].restrictions,
            ConnectorRef::External(index) => &self.connectors()[index].restrictions,
        }
    }

    /// Connectors of both kinds in name order. O(connectors log connectors).
    pub fn connectors_of_both_kinds(&self) -> Vec<ConnectorRef> {
        let between = self.routing_group_connectors().iter_enumerated();
        let outside = self.connectors().iter_enumerated();
        let mut all: Vec<ConnectorRef> = between.map(|(index, _)| ConnectorRef::RoutingGroup(index)).collect();
        all.extend(outside.map(|(index, _)| ConnectorRef::External(index)));
        all.sort_by(|a, b| {
            self.name_order()
                .compare(self.connector_name(*a), self.connector_name(*b))
        });
        all
    }

    /// The server called `name`, or whose full name it is. O(servers).
    pub fn server_by_name(&self, name: &Name) -> Option<ServerIdx> {
        let servers = &self.parts.servers;
        let by_name = servers.iter().position(|s| s.name == *name);
        by_name
            .or_else(|| servers.iter().position(|s| s.fqdn.as_ref() == Some(name)))
            .map(ServerIdx::from_usize)
    }

    /// The mailbox with that address. O(log mailboxes).
    pub fn mailbox(&self, address: &Address) -> Option<MailboxIdx> {
        let (sorted, mailboxes) = (&self.by_address.0, &self.parts.mailboxes);
        let at = sorted.partition_point(|at| mailboxes[*at].address.key() < address.key());
        sorted.get(at).copied().filter(|at| mailboxes[*at].address == *address)
    }

    /// The distribution group with that address. O(log groups).
    pub fn group(&self, address: &Address) -> Option<GroupIdx> {
        let (sorted, groups) = (&self.by_address.1, &self.parts.groups);
        let at = sorted.partition_point(|at| groups[*at].address.key() < address.key());
        sorted.get(at).copied().filter(|at| groups[*at].address == *address)
    }

    /// The accepted domain that fits an SMTP address best (D21).
    pub fn accepted_domain(&self, address: &Address) -> Option<&AcceptedDomain> {
        if !address.is_smtp() {
            return None;
        }
        self.parts
            .accepted_domains
            .iter()
            .filter_map(|accepted| Some((accepted.fits(address.domain())?, accepted)))
            .max_by_key(|(fit, _)| *fit)
            .map(|(_, accepted)| accepted)
    }
}

/// What a node may be called by: `site:NAME`, `rg:NAME`, `server:NAME`, in any case.
const NODE_KINDS: [&str; 3] = ["site", "rg", "server"];

/// The kind of node that `text` names and what follows it; `None` when it names none.
pub fn split_kind(text: &str) -> Option<(&'static str, &str)> {
    let (written, name) = text.split_once(':')?;
    let kind = NODE_KINDS.into_iter().find(|kind| written.eq_ignore_ascii_case(kind))?;
    Some((kind, name))
}
