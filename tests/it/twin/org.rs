//! The organization: the file with its references looked up and its defaults filled in.
//!
//! Positions (`usize`) are those of the file and say nothing about order; whatever is compared is a [`Name`].

use super::edge;
use super::file::{self, DomainKind, GroupConnectorKind, Restrictions, Topology, Version};
use super::group_paths::{self, Sequences};
use super::lookup::{self, Names};
use super::names::Name;
use super::site_paths::{self, SitePath};
use super::spaces::Space;

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
        let sites = file.sites.iter().map(|site| Name::new(&site.name)).collect::<Vec<_>>();
        let groups = file
            .routing_groups
            .iter()
            .map(|group| Name::new(&group.name))
            .collect::<Vec<_>>();
        let dags = file.dags.iter().map(|dag| Name::new(&dag.name)).collect::<Vec<_>>();
        let mut servers = lookup::servers(&file, &sites, &groups, &dags);
        if file.servers.is_empty() {
            servers.extend((0..sites.len()).map(lookup::nameless_hub));
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
        let databases: Vec<Database> = file.databases.iter().map(|database| names.database(database)).collect();
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
        let has_server = self.servers.iter().any(|server| server.place == Some(Place::Group(at)));
        Group { name, has_server }
    }

    fn site(&self, at: usize, name: Name, file: &Topology) -> Site {
        // D3: the newest version, and the lowest name among several of it.
        let representative = (0..self.servers.len())
            .filter(|&server| self.servers[server].transport && self.servers[server].place == Some(Place::Site(at)))
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
        let mut sites: Vec<usize> = servers.iter().filter_map(|&server| self.site_of(server)).collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    pub(super) fn site_of(&self, server: usize) -> Option<usize> {
        self.servers[server].edge_site.or(match self.servers[server].place {
            Some(Place::Site(site)) => Some(site),
            _ => None,
        })
    }
}

/// SMTP is the type of an address that names none.
pub(super) fn without_smtp(address: &str) -> &str {
    match address.split_once(':') {
        Some((kind, value)) if kind.eq_ignore_ascii_case("smtp") => value,
        _ => address,
    }
}
