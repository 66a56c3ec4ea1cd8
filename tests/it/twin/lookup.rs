//! References: every name of the file looked up, and what Exchange does not honour left out (D2, D6, D11, D23).

use super::file::{self, GroupConnectorKind, Role, Topology, Version};
use super::names::Name;
use super::org::{
    Connector, Database, DistributionGroup, GroupConnector, Mailbox, Node, Place, Server, SiteLink, without_smtp,
};
use super::spaces::Space;

/// The group of all 2007 and later servers (R14), and its short name in a file.
const GROUP_2007: [&str; 2] = ["Exchange Routing Group (DWBGZMFD01QNBJR)", "DWBGZMFD01QNBJR"];

/// D1: what stands in every site of a file without servers.
pub(super) fn nameless_hub(site: usize) -> Server {
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

pub(super) fn servers(file: &Topology, sites: &[Name], groups: &[Name], dags: &[Name]) -> Vec<Server> {
    let server = |server: &file::Server| {
        let name = Name::new(&server.name);
        let listed_site = server.site.as_deref().map(|site| find(sites, site));
        let node = server.routing_group.as_deref().map(|group| node(groups, group));
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
            Some(Place::Site(site)) if modern => has_role(Role::Mailbox) && file.sites[site].inbound_mail,
            Some(Place::Site(_)) => has_role(Role::HubTransport),
            _ => false,
        };
        let edge_site = file
            .edge_subscriptions
            .iter()
            .find(|subscription| name.is(&subscription.edge) && !legacy && has_role(Role::EdgeTransport))
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
pub(super) struct Names<'a> {
    pub(super) sites: &'a [Name],
    pub(super) groups: &'a [Name],
    pub(super) servers: &'a [Server],
    pub(super) dags: &'a [Name],
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
    pub(super) fn site_link(&self, link: &file::SiteLink) -> Option<SiteLink> {
        let sites: Vec<usize> = link.sites.iter().map(|site| find(self.sites, site)).collect();
        (sites.len() >= 2 && link.transport == file::LinkTransport::Ip).then(|| SiteLink {
            name: Name::new(&link.name),
            cost: link.exchange_cost.unwrap_or(link.cost),
            sites,
            max_message_size: link.max_message_size,
        })
    }

    pub(super) fn group_connector(&self, connector: &file::RoutingGroupConnector) -> GroupConnector {
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

    pub(super) fn connector(&self, connector: &file::Connector) -> Connector {
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
            read.group = match connector.routing_group.as_deref().map(|group| node(self.groups, group)) {
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
                let edge = self.servers[server].edge_site.is_some() && read.kind == file::ConnectorKind::Send;
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

    pub(super) fn database(&self, database: &file::Database) -> Database {
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

    pub(super) fn mailbox(&self, mailbox: &file::Mailbox, databases: &[Database]) -> Mailbox {
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

    pub(super) fn distribution_group(&self, group: &file::DistributionGroup) -> DistributionGroup {
        DistributionGroup {
            address: Name::new(without_smtp(&group.address)),
            members: group.members.clone(),
            expansion_server: group.expansion_server.as_deref().map(|server| self.server(server)),
        }
    }
}
