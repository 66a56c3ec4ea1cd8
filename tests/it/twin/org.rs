//! The organization: the file with its references looked up and its defaults filled in.
//!
//! Positions (`usize`) are those of the file and say nothing about order; whatever is compared is a [`Name`].

use super::edge;
use super::file::{self, DomainKind, GroupConnectorKind, Restrictions, Role, Topology, Version};
use super::group_paths::{self, Sequences};
use super::names::Name;
use super::site_paths::{self, SitePath};
use super::spaces::Space;

/// The group of all 2007 and later servers (R14), and its short name in a file.
const GROUP_2007: [&str; 2] = [
    "Exchange Routing Group (DWBGZMFD01QNBJR)",
    "DWBGZMFD01QNBJR",
];

/// A router, or the place of a server: a site, or a legacy routing group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Site(usize),
    Group(usize),
}

/// A node of the routing-group graph, in which the sites are not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    E2007,
    Legacy(usize),
}

#[derive(Debug)]
pub(super) struct Site {
    pub(super) name: Name,
    pub(super) hub_site: bool,
    /// D3: the newest transport server. `None` makes the site a transit node.
    pub(super) representative: Option<usize>,
}

#[derive(Debug)]
pub(super) struct SiteLink {
    pub(super) name: Name,
    pub(super) cost: u64,
    pub(super) sites: Vec<usize>,
    pub(super) max_message_size: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: Name,
    pub(super) version: Version,
    /// D2: where the server counts; `None` when it has no effect on routes.
    pub(super) place: Option<Place>,
    /// The site of the file, whether or not the server counts there.
    pub(super) listed_site: Option<usize>,
    /// Contract, section 1: may take mail for its site.
    pub(super) transport: bool,
    /// D23: an Edge server counts in the site it is subscribed to.
    pub(super) edge_site: Option<usize>,
    pub(super) dag: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: Name,
    pub(super) has_server: bool,
}

#[derive(Debug)]
pub(super) struct GroupConnector {
    pub(super) name: Name,
    pub(super) from: Node,
    pub(super) to: Node,
    pub(super) cost: u64,
    pub(super) kind: GroupConnectorKind,
    /// Usable ones only (D11).
    pub(super) sources: Vec<usize>,
    pub(super) targets: Vec<usize>,
    pub(super) usable: bool,
    pub(super) max_message_size: Option<u64>,
    pub(super) restrictions: Restrictions,
}

#[derive(Debug)]
pub(super) struct Connector {
    pub(super) name: Name,
    pub(super) kind: file::ConnectorKind,
    pub(super) listed_sources: Vec<usize>,
    /// D23.
    pub(super) usable_sources: Vec<usize>,
    /// D23: the group of a legacy connector.
    pub(super) group: Option<usize>,
    pub(super) spaces: Vec<Space>,
    pub(super) enabled: bool,
    pub(super) scoped: bool,
    pub(super) max_message_size: Option<u64>,
    pub(super) restrictions: Restrictions,
}

impl Connector {
    pub(super) fn is_legacy(&self) -> bool {
        matches!(
            self.kind,
            file::ConnectorKind::LegacySmtp | file::ConnectorKind::LegacyX400
        )
    }
}

#[derive(Debug)]
pub(super) struct Database {
    pub(super) name: Name,
    pub(super) dag: Option<usize>,
    pub(super) server: Option<usize>,
    /// Where it is active, if it has copies (D32).
    pub(super) active_on: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Mailbox {
    pub(super) address: Name,
    pub(super) database: Option<usize>,
    pub(super) server: Option<usize>,
}

#[derive(Debug)]
pub(super) struct DistributionGroup {
    pub(super) address: Name,
    pub(super) members: Vec<String>,
    pub(super) expansion_server: Option<usize>,
}

/// An organization, ready to be asked.
#[derive(Debug)]
pub(crate) struct Org {
    pub(super) sites: Vec<Site>,
    pub(super) links: Vec<SiteLink>,
    pub(super) servers: Vec<Server>,
    pub(super) groups: Vec<Group>,
    pub(super) group_connectors: Vec<GroupConnector>,
    pub(super) connectors: Vec<Connector>,
    pub(super) accepted_domains: Vec<(String, DomainKind)>,
    pub(super) distribution_groups: Vec<DistributionGroup>,
    pub(super) dags: Vec<Name>,
    pub(super) databases: Vec<Database>,
    pub(super) mailboxes: Vec<Mailbox>,
    /// The least-cost path by first and last site.
    pub(super) site_paths: Vec<Vec<Option<SitePath>>>,
    /// Every simple connector sequence by first and last node.
    pub(super) sequences: Sequences,
}

impl Org {
    /// Reads a valid topology file in JSON.
    ///
    /// # Panics
    ///
    /// On a file that is not valid: errors are the business of the reader, which the twin is not about.
    pub(crate) fn parse(text: &str) -> Self {
        let mut file: Topology = serde_json::from_str(text).expect("a valid topology file");
        file.connectors.extend(edge::implied_connectors(&file));
        let sites = file
            .sites
            .iter()
            .map(|site| Name::new(&site.name))
            .collect::<Vec<_>>();
        let groups = file
            .routing_groups
            .iter()
            .map(|group| Name::new(&group.name))
            .collect::<Vec<_>>();
        let dags = file
            .dags
            .iter()
            .map(|dag| Name::new(&dag.name))
            .collect::<Vec<_>>();
        let mut servers = servers(&file, &sites, &groups, &dags);
        if file.servers.is_empty() {
            servers.extend((0..sites.len()).map(nameless_hub));
        }
        let names = Names {
            sites: &sites,
            groups: &groups,
            servers: &servers,
            dags: &dags,
        };
        let group_connectors = file
            .routing_group_connectors
            .iter()
            .map(|c| names.group_connector(c))
            .collect();
        let connectors = file.connectors.iter().map(|c| names.connector(c)).collect();
        let databases: Vec<Database> = file
            .databases
            .iter()
            .map(|database| names.database(database))
            .collect();
        let mailboxes = file
            .mailboxes
            .iter()
            .map(|mailbox| names.mailbox(mailbox, &databases))
            .collect();
        let distribution_groups = file
            .groups
            .iter()
            .map(|group| names.distribution_group(group))
            .collect();
        let links = file
            .site_links
            .iter()
            .filter_map(|link| names.site_link(link))
            .collect();
        let mut org = Self {
            links,
            group_connectors,
            connectors,
            accepted_domains: file
                .accepted_domains
                .iter()
                .map(|d| (d.domain.clone(), d.kind))
                .collect(),
            distribution_groups,
            databases,
            mailboxes,
            groups: Vec::new(),
            sites: Vec::new(),
            servers,
            dags,
            site_paths: Vec::new(),
            sequences: Sequences::default(),
        };
        org.groups = groups
            .into_iter()
            .enumerate()
            .map(|(at, name)| org.group(at, name))
            .collect();
        org.sites = (0..sites.len())
            .zip(sites)
            .map(|(at, name)| org.site(at, name, &file))
            .collect();
        org.site_paths = site_paths::all(&org);
        org.sequences = group_paths::all(&org);
        org
    }

    fn group(&self, at: usize, name: Name) -> Group {
        let has_server = self
            .servers
            .iter()
            .any(|server| server.place == Some(Place::Group(at)));
        Group { name, has_server }
    }

    fn site(&self, at: usize, name: Name, file: &Topology) -> Site {
        // D3: the newest version, and the lowest name among several of it.
        let representative = (0..self.servers.len())
            .filter(|&server| {
                self.servers[server].transport
                    && self.servers[server].place == Some(Place::Site(at))
            })
            .min_by(|&a, &b| {
                let (a, b) = (&self.servers[a], &self.servers[b]);
                b.version.cmp(&a.version).then(a.name.cmp(&b.name))
            });
        Site {
            name,
            hub_site: file.sites[at].hub_site,
            representative,
        }
    }

    /// D8: a hub site counts when it has a transport server.
    pub(super) fn is_hub_stop(&self, site: usize) -> bool {
        self.sites[site].hub_site && self.has_transport(site)
    }

    pub(super) fn has_transport(&self, site: usize) -> bool {
        self.sites[site].representative.is_some()
    }

    pub(super) fn is_router(&self, place: Place) -> bool {
        match place {
            Place::Site(site) => self.has_transport(site),
            Place::Group(group) => self.groups[group].has_server,
        }
    }

    /// Sites before routing groups, then names: the order of the contract's section 3.
    pub(super) fn place_order(&self, place: Place) -> (u8, &Name) {
        match place {
            Place::Site(site) => (0, &self.sites[site].name),
            Place::Group(group) => (1, &self.groups[group].name),
        }
    }

    /// The sites in which the given servers count, Edge servers in the one they are subscribed to.
    pub(super) fn sites_of(&self, servers: &[usize]) -> Vec<usize> {
        let mut sites: Vec<usize> = servers
            .iter()
            .filter_map(|&server| self.site_of(server))
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    pub(super) fn site_of(&self, server: usize) -> Option<usize> {
        self.servers[server]
            .edge_site
            .or(match self.servers[server].place {
                Some(Place::Site(site)) => Some(site),
                _ => None,
            })
    }
}

/// D1: what stands in every site of a file without servers.
fn nameless_hub(site: usize) -> Server {
    Server {
        name: Name::new(""),
        version: Version::Exchange2010Rtm,
        place: Some(Place::Site(site)),
        listed_site: Some(site),
        transport: true,
        edge_site: None,
        dag: None,
    }
}

fn servers(file: &Topology, sites: &[Name], groups: &[Name], dags: &[Name]) -> Vec<Server> {
    let server = |server: &file::Server| {
        let name = Name::new(&server.name);
        let listed_site = server.site.as_deref().map(|site| find(sites, site));
        let node = server
            .routing_group
            .as_deref()
            .map(|group| node(groups, group));
        let legacy = server.version < Version::Exchange2007Rtm;
        // D2: a combination that Exchange does not support is read and has no effect.
        let place = match (legacy, listed_site, node) {
            (true, None, Some(Node::Legacy(group))) => Some(Place::Group(group)),
            (false, Some(site), None | Some(Node::E2007)) => Some(Place::Site(site)),
            _ => None,
        };
        let modern = server.version >= Version::Exchange2013;
        let has_role = |role: Role| match &server.roles {
            Some(roles) => roles.contains(&role),
            None => role == Role::Mailbox || (role == Role::HubTransport && !modern),
        };
        let transport = match place {
            Some(Place::Site(site)) if modern => {
                has_role(Role::Mailbox) && file.sites[site].inbound_mail
            }
            Some(Place::Site(_)) => has_role(Role::HubTransport),
            _ => false,
        };
        let edge_site = file
            .edge_subscriptions
            .iter()
            .find(|subscription| {
                name.is(&subscription.edge) && !legacy && has_role(Role::EdgeTransport)
            })
            .map(|subscription| find(sites, &subscription.site));
        let in_dag = |dag: &file::Dag| dag.servers.iter().any(|member| name.is(member));
        let dag = match &server.dag {
            Some(dag) => Some(find(dags, dag)),
            None => file.dags.iter().position(in_dag),
        };
        Server {
            name,
            version: server.version,
            place,
            listed_site,
            transport,
            edge_site,
            dag,
        }
    };
    let mut servers: Vec<Server> = file.servers.iter().map(server).collect();
    // D23: a subscription counts when its site has a transport server.
    for at in 0..servers.len() {
        if let Some(site) = servers[at].edge_site
            && !servers
                .iter()
                .any(|server| server.transport && server.place == Some(Place::Site(site)))
        {
            servers[at].edge_site = None;
        }
    }
    servers
}

fn node(groups: &[Name], name: &str) -> Node {
    if GROUP_2007.iter().any(|group| Name::new(group).is(name)) {
        Node::E2007
    } else {
        Node::Legacy(find(groups, name))
    }
}

fn find(names: &[Name], wanted: &str) -> usize {
    let name = Name::new(wanted);
    names
        .iter()
        .position(|other| *other == name)
        .unwrap_or_else(|| panic!("unknown name {wanted:?}"))
}

/// Everything that another object can refer to by name.
struct Names<'a> {
    sites: &'a [Name],
    groups: &'a [Name],
    servers: &'a [Server],
    dags: &'a [Name],
}

impl Names<'_> {
    fn server(&self, wanted: &str) -> usize {
        let name = Name::new(wanted);
        let position = self.servers.iter().position(|server| server.name == name);
        position.unwrap_or_else(|| panic!("unknown server {wanted:?}"))
    }

    fn all_servers(&self, names: &[String]) -> Vec<usize> {
        names.iter().map(|name| self.server(name)).collect()
    }

    /// D6: a link of fewer than two sites, or an SMTP link, has no effect.
    fn site_link(&self, link: &file::SiteLink) -> Option<SiteLink> {
        let sites: Vec<usize> = link
            .sites
            .iter()
            .map(|site| find(self.sites, site))
            .collect();
        (sites.len() >= 2 && link.transport == file::LinkTransport::Ip).then(|| SiteLink {
            name: Name::new(&link.name),
            cost: link.exchange_cost.unwrap_or(link.cost),
            sites,
            max_message_size: link.max_message_size,
        })
    }

    fn group_connector(&self, connector: &file::RoutingGroupConnector) -> GroupConnector {
        let from = node(self.groups, &connector.from);
        let to = node(self.groups, &connector.to);
        // D11: no list means every server of the group, but not for sources in the 2007 group.
        let sources = match (connector.source_servers.is_empty(), from) {
            (true, Node::E2007) => Vec::new(),
            (true, Node::Legacy(_)) => self.servers_at(from),
            (false, _) => self.usable_at(from, &connector.source_servers),
        };
        let targets = if connector.target_servers.is_empty() {
            self.servers_at(to)
        } else {
            self.usable_at(to, &connector.target_servers)
        };
        let touches_2007 = from == Node::E2007 || to == Node::E2007;
        let supported = connector.kind == GroupConnectorKind::RoutingGroup || !touches_2007;
        GroupConnector {
            name: Name::new(&connector.name),
            from,
            to,
            cost: connector.cost,
            kind: connector.kind,
            usable: !sources.is_empty() && !targets.is_empty() && supported && from != to,
            sources,
            targets,
            max_message_size: connector.max_message_size,
            restrictions: connector.restrictions.clone(),
        }
    }

    fn servers_at(&self, node: Node) -> Vec<usize> {
        (0..self.servers.len())
            .filter(|&server| self.is_usable_at(node, server))
            .collect()
    }

    fn usable_at(&self, node: Node, names: &[String]) -> Vec<usize> {
        let listed = self.all_servers(names);
        listed
            .into_iter()
            .filter(|&server| self.is_usable_at(node, server))
            .collect()
    }

    fn is_usable_at(&self, node: Node, server: usize) -> bool {
        let server = &self.servers[server];
        match node {
            Node::E2007 => server.transport,
            Node::Legacy(group) => server.place == Some(Place::Group(group)),
        }
    }

    fn connector(&self, connector: &file::Connector) -> Connector {
        let listed_sources = self.all_servers(&connector.source_servers);
        let group_of = |server: usize| match self.servers[server].place {
            Some(Place::Group(group)) => Some(group),
            _ => None,
        };
        let mut read = Connector {
            name: Name::new(&connector.name),
            kind: connector.kind,
            usable_sources: Vec::new(),
            group: None,
            spaces: connector
                .address_spaces
                .iter()
                .map(|space| Space::parse(space))
                .collect(),
            enabled: connector.enabled,
            scoped: connector.scoped,
            max_message_size: connector.max_message_size,
            restrictions: connector.restrictions.clone(),
            listed_sources,
        };
        if read.is_legacy() {
            read.group = match connector
                .routing_group
                .as_deref()
                .map(|group| node(self.groups, group))
            {
                Some(Node::Legacy(group)) => Some(group),
                Some(Node::E2007) => None,
                None => {
                    let legacy = read
                        .listed_sources
                        .iter()
                        .copied()
                        .filter(|&server| group_of(server).is_some());
                    legacy
                        .min_by_key(|&server| &self.servers[server].name)
                        .and_then(group_of)
                }
            };
        }
        let usable = |server: usize| {
            if read.is_legacy() {
                read.group.is_some() && group_of(server) == read.group
            } else {
                let edge = self.servers[server].edge_site.is_some()
                    && read.kind == file::ConnectorKind::Send;
                self.servers[server].transport || edge
            }
        };
        read.usable_sources = read
            .listed_sources
            .iter()
            .copied()
            .filter(|&server| usable(server))
            .collect();
        read
    }

    fn database(&self, database: &file::Database) -> Database {
        let dag = database.dag.as_deref().map(|dag| find(self.dags, dag));
        let first_copy = database.copies.first().map(|copy| copy.server.as_str());
        let active_on = database
            .active_on
            .as_deref()
            .or(first_copy)
            .map(|server| self.server(server));
        let server = database.server.as_deref().map(|server| self.server(server));
        Database {
            name: Name::new(&database.name),
            dag,
            server,
            active_on,
        }
    }

    fn mailbox(&self, mailbox: &file::Mailbox, databases: &[Database]) -> Mailbox {
        let named = |database: &str| databases.iter().position(|other| other.name.is(database));
        Mailbox {
            address: Name::new(without_smtp(&mailbox.address)),
            database: mailbox
                .database
                .as_deref()
                .map(|database| named(database).expect("a known database")),
            server: mailbox.server.as_deref().map(|server| self.server(server)),
        }
    }

    fn distribution_group(&self, group: &file::DistributionGroup) -> DistributionGroup {
        DistributionGroup {
            address: Name::new(without_smtp(&group.address)),
            members: group.members.clone(),
            expansion_server: group
                .expansion_server
                .as_deref()
                .map(|server| self.server(server)),
        }
    }
}

/// SMTP is the type of an address that names none.
pub(super) fn without_smtp(address: &str) -> &str {
    match address.split_once(':') {
        Some((kind, value)) if kind.eq_ignore_ascii_case("smtp") => value,
        _ => address,
    }
}
