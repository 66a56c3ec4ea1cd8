//! What the names in a scenario can mean: the things of its topology, and its peers.

use indexmap::IndexMap;
use smallvec::SmallVec;

use super::super::names::Names;
use super::super::place::{Place, Problems};
use super::super::{Directory, edge, servers};
use crate::load::At;
use crate::load::document::{Document, Leaf};
use crate::model::{
    self, Address, ConnectorIdx, ConnectorRef, DatabaseIdx, GroupIdx, MailboxIdx, Name, NameOrder, Organization,
    PeerIdx, ReceiveConnectorIdx, RoutingGroupConnectorIdx, ServerIdx, SiteIdx, SiteLinkIdx,
};

/// What a scenario is held against.
#[derive(Clone, Copy)]
pub(in crate::load) enum Ground<'a> {
    /// The organization that it is about.
    Organization(&'a Organization),
    /// A topology in which something is wrong: its names are known, and nothing is asked of what they stand for.
    Broken(&'a Document),
    /// A topology that cannot be read: no reference into it is followed.
    Nothing,
}

/// A kind of thing that a reference can mean; a prefix such as `server:` says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Server,
    Site,
    Peer,
    Link,
    Connector,
    Database,
}

impl Kind {
    /// Every kind, its prefix, and what it is called.
    const ALL: [(Kind, &'static str, &'static str); 6] = [
        (Kind::Server, "server", "server"),
        (Kind::Site, "site", "site"),
        (Kind::Peer, "peer", "peer"),
        (Kind::Link, "link", "site link"),
        (Kind::Connector, "connector", "connector"),
        (Kind::Database, "database", "database"),
    ];

    fn prefix(self) -> &'static str {
        Kind::ALL[self as usize].1
    }

    fn noun(self) -> &'static str {
        Kind::ALL[self as usize].2
    }

    /// The kind that the text of a reference begins with, and what follows.
    fn split(text: &str) -> Option<(Kind, &str)> {
        let (written, name) = text.split_once(':')?;
        let found = Kind::ALL
            .iter()
            .find(|(_, prefix, _)| written.eq_ignore_ascii_case(prefix));
        found.map(|(kind, ..)| (*kind, name))
    }
}

/// What a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Server(ServerIdx),
    Site(SiteIdx),
    Peer(PeerIdx),
    Link(SiteLinkIdx),
    Connector(ConnectorRef),
    Database(DatabaseIdx),
}

impl Thing {
    /// The end of a delay or a cut that it is, if it can be one.
    pub(super) fn place(self) -> Option<model::Place> {
        match self {
            Thing::Server(server) => Some(model::Place::Server(server)),
            Thing::Site(site) => Some(model::Place::Site(site)),
            Thing::Peer(peer) => Some(model::Place::Peer(peer)),
            Thing::Link(_) | Thing::Connector(_) | Thing::Database(_) => None,
        }
    }
}

/// Everything that a scenario can refer to, but its messages.
pub(super) struct Known<'a> {
    pub(super) servers: Names<ServerIdx>,
    sites: Names<SiteIdx>,
    site_links: Names<SiteLinkIdx>,
    connectors: Names<ConnectorIdx>,
    group_connectors: Names<RoutingGroupConnectorIdx>,
    databases: Names<DatabaseIdx>,
    pub(super) peers: Names<PeerIdx>,
    mailboxes: IndexMap<Address, MailboxIdx>,
    groups: IndexMap<Address, GroupIdx>,
    /// Receive connectors by server and folded name.
    receive_connectors: IndexMap<(ServerIdx, Box<str>), ReceiveConnectorIdx>,
    /// By server: whether it is a transport server. Empty without an organization.
    transport: Vec<bool>,
    /// The organization, unless something is wrong with it.
    pub(super) organization: Option<&'a Organization>,
    /// Whether the topology could not be read, so that every name may be in it.
    pub(super) blind: bool,
}

impl<'a> Known<'a> {
    /// What `ground` knows, and these peers.
    pub(super) fn new(ground: Ground<'a>, peers: Names<PeerIdx>) -> Known<'a> {
        match ground {
            Ground::Organization(organization) => Known::of_organization(organization, peers),
            Ground::Broken(document) => Known::of_document(document, peers),
            Ground::Nothing => Known {
                blind: true,
                ..Known::of_document(&Document::default(), peers)
            },
        }
    }

    fn of_organization(org: &'a Organization, peers: Names<PeerIdx>) -> Known<'a> {
        macro_rules! names {
            ($noun:literal, $arena:ident) => {
                Names::of_arena($noun, org.$arena().iter().map(|item| &item.name))
            };
        }
        let mut servers: Names<ServerIdx> = names!("server", servers);
        servers.alias(|at| org.servers()[ServerIdx::from_usize(at)].fqdn.as_ref().map(Name::as_str));
        let mut transport = vec![false; org.servers().len()];
        for (site, _) in org.sites().iter_enumerated() {
            for server in org.transport_servers(site) {
                transport[server.index()] = true;
            }
        }
        let receive = org.receive_connectors().iter().enumerate().map(|(at, connector)| {
            let key = (connector.server, connector.name.folded().into());
            (key, ReceiveConnectorIdx::from_usize(at))
        });
        Known {
            servers,
            sites: names!("site", sites),
            site_links: names!("site link", site_links),
            connectors: names!("connector", connectors),
            group_connectors: names!("connector", routing_group_connectors),
            databases: names!("database", databases),
            peers,
            mailboxes: org
                .mailboxes()
                .iter_enumerated()
                .map(|(at, item)| (item.address.clone(), at))
                .collect(),
            groups: org
                .groups()
                .iter_enumerated()
                .map(|(at, item)| (item.address.clone(), at))
                .collect(),
            receive_connectors: receive.collect(),
            transport,
            organization: Some(org),
            blind: false,
        }
    }

    /// The names of a topology in which something is wrong. What they are given for indices says nothing: a scenario is put
    /// together only with an organization.
    fn of_document(document: &Document, peers: Names<PeerIdx>) -> Known<'a> {
        // What is wrong with the topology is told by whoever resolves it.
        let told_elsewhere = &mut Problems::default();
        let directory = Directory::allocate(document, NameOrder::default(), told_elsewhere);
        let (_, membership) = servers::dags(document, &directory, told_elsewhere);
        let servers = servers::servers(document, &directory, &membership, told_elsewhere);
        let subscriptions = edge::subscriptions(document, &directory, &servers, told_elsewhere);
        let implied = edge::implied_connectors(document, &directory, &subscriptions, told_elsewhere);
        let connectors = directory
            .connectors
            .in_order()
            .chain(implied.iter().map(|connector| &connector.name));
        let connectors = Names::of_arena("connector", connectors);
        let mailboxes = document.mailboxes.iter().map(|entry| &entry.address);
        let groups = document.groups.iter().map(|entry| &entry.address);
        Known {
            servers: directory.servers,
            sites: directory.sites,
            site_links: directory.site_links,
            connectors,
            group_connectors: directory.routing_group_connectors,
            databases: directory.databases,
            peers,
            mailboxes: by_address(mailboxes, MailboxIdx::from_usize),
            groups: by_address(groups, GroupIdx::from_usize),
            receive_connectors: IndexMap::new(),
            transport: Vec::new(),
            organization: None,
            blind: false,
        }
    }

    /// The mailbox with that address.
    pub(super) fn mailbox(&self, address: &Address) -> Option<MailboxIdx> {
        self.mailboxes.get(address).copied()
    }

    /// The distribution group with that address.
    pub(super) fn group(&self, address: &Address) -> Option<GroupIdx> {
        self.groups.get(address).copied()
    }

    /// The addresses of all distribution groups.
    pub(super) fn group_addresses(&self) -> impl Iterator<Item = &Address> {
        self.groups.keys()
    }

    /// The Receive connector of that name on a server.
    pub(super) fn receive_connector(&self, server: ServerIdx, name: &str) -> Option<ReceiveConnectorIdx> {
        let key = (server, Name::fold(name).into_boxed_str());
        self.receive_connectors.get(&key).copied()
    }

    /// What the reference in a field means, which has to be of one of these kinds; a problem when it means nothing, or
    /// several things.
    pub(super) fn thing(
        &self,
        leaf: &At<String>,
        kinds: &[Kind],
        here: &Place<'_>,
        problems: &mut Problems,
    ) -> Option<Thing> {
        let (kinds, name) = match Kind::split(&leaf.value) {
            Some((kind, name)) => match kinds.iter().position(|allowed| *allowed == kind) {
                Some(at) => (&kinds[at..=at], name),
                None => {
                    let problem = here.problem(format!("a {} can't stand here", kind.noun()));
                    problems.push(problem.help(format!("it has to be {}", one_of(kinds))));
                    return None;
                }
            },
            None => (kinds, leaf.value.as_str()),
        };
        let found = kinds.iter().filter_map(|kind| Some((*kind, self.find(*kind, name)?)));
        let found: SmallVec<[(Kind, Thing); 4]> = found.collect();
        match found.as_slice() {
            [(_, thing)] => Some(*thing),
            [] => {
                self.unknown(name, kinds, here, problems);
                None
            }
            several => {
                let written = several.iter().map(|(kind, _)| format!("\"{}:{name}\"", kind.prefix()));
                let written: Vec<String> = written.collect();
                let problem = here.problem(format!("more than one thing is called \"{name}\""));
                problems.push(problem.help(format!("write {}", joined(&written))));
                None
            }
        }
    }

    /// As [`Known::thing`], for a field that may be left out.
    pub(super) fn optional(
        &self,
        leaf: &Leaf<String>,
        kinds: &[Kind],
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<Thing> {
        let leaf = leaf.as_ref()?;
        self.thing(leaf, kinds, &record.field(field, leaf.span), problems)
    }

    /// As [`Known::thing`], for a field that may not be left out.
    pub(super) fn required(
        &self,
        leaf: &Leaf<String>,
        kinds: &[Kind],
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<Thing> {
        problems.required(leaf, record, field)?;
        self.optional(leaf, kinds, record, field, problems)
    }

    /// The server that a field means.
    pub(super) fn server(
        &self,
        leaf: &Leaf<String>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<ServerIdx> {
        match self.optional(leaf, &[Kind::Server], record, field, problems)? {
            Thing::Server(server) => Some(server),
            _ => None,
        }
    }

    fn find(&self, kind: Kind, name: &str) -> Option<Thing> {
        match kind {
            Kind::Server => self.servers.find(name).map(Thing::Server),
            Kind::Site => self.sites.find(name).map(Thing::Site),
            Kind::Peer => self.peers.find(name).map(Thing::Peer),
            Kind::Link => self.site_links.find(name).map(Thing::Link),
            Kind::Database => self.databases.find(name).map(Thing::Database),
            Kind::Connector => {
                let outside = self.connectors.find(name).map(ConnectorRef::External);
                let between = || self.group_connectors.find(name).map(ConnectorRef::RoutingGroup);
                outside.or_else(between).map(Thing::Connector)
            }
        }
    }

    fn unknown(&self, name: &str, kinds: &[Kind], here: &Place<'_>, problems: &mut Problems) {
        if self.blind && kinds != [Kind::Peer] {
            return;
        }
        let known = kinds.iter().flat_map(|kind| self.names_of(*kind));
        let help = problems.suggest(name, known);
        let problem = here.problem(format!("unknown {} \"{name}\"", nouns(kinds)));
        problems.push(problem.help(help.unwrap_or_else(|| {
            let holder = if kinds == [Kind::Peer] { "scenario" } else { "topology" };
            let others = Kind::ALL.iter().map(|(kind, ..)| *kind);
            let other = others
                .filter(|kind| !kinds.contains(kind))
                .find(|kind| self.find(*kind, name).is_some());
            if let Some(other) = other {
                format!("it has to be {}, and \"{name}\" is a {}", one_of(kinds), other.noun())
            } else if kinds.iter().all(|kind| self.names_of(*kind).next().is_none()) {
                format!("the {holder} has no {}", nouns(kinds))
            } else {
                format!("it has to be {}", one_of(kinds))
            }
        })));
    }

    fn names_of(&self, kind: Kind) -> Box<dyn Iterator<Item = &str> + '_> {
        match kind {
            Kind::Server => Box::new(self.servers.all()),
            Kind::Site => Box::new(self.sites.all()),
            Kind::Peer => Box::new(self.peers.all()),
            Kind::Link => Box::new(self.site_links.all()),
            Kind::Database => Box::new(self.databases.all()),
            Kind::Connector => Box::new(self.connectors.all().chain(self.group_connectors.all())),
        }
    }

    /// Whether a database can be mounted on a server: it has a copy there. Databases of a DAG for which no copies are listed
    /// have one on every member.
    pub(super) fn has_copy(&self, database: DatabaseIdx, server: ServerIdx) -> bool {
        let Some(org) = self.organization else { return true };
        let database = &org.databases()[database];
        let listed = database.copies.iter().any(|copy| copy.server == server);
        listed
            || database.active_on == Some(server)
            || match database.home {
                model::DatabaseHome::Server(home) => home == server,
                model::DatabaseHome::Dag(dag) => database.copies.is_empty() && org.servers()[server].dag == Some(dag),
            }
    }

    /// What a server is for mail that comes by SMTP; `None` when that cannot be told.
    pub(super) fn taker(&self, server: ServerIdx) -> Option<Taker> {
        let described = &self.organization?.servers()[server];
        Some(if self.transport[server.index()] {
            Taker::Transport
        } else if described.is_edge() {
            Taker::Edge
        } else if described.version.is_legacy() {
            Taker::Legacy
        } else {
            Taker::Nothing
        })
    }
}

/// What a server is for mail that comes by SMTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taker {
    /// A transport server (contract, section 1).
    Transport,
    /// An Edge server.
    Edge,
    /// A server of 2003 or earlier.
    Legacy,
    /// None of them: it takes no mail by SMTP.
    Nothing,
}

fn by_address<'d, I>(
    leaves: impl Iterator<Item = &'d Leaf<String>>,
    index: impl Fn(usize) -> I,
) -> IndexMap<Address, I> {
    let addresses = leaves.flatten().map(|leaf| Address::parse(&leaf.value));
    addresses
        .enumerate()
        .map(|(at, address)| (address, index(at)))
        .collect()
}

/// `server, site or peer`.
fn nouns(kinds: &[Kind]) -> String {
    let nouns: Vec<String> = kinds.iter().map(|kind| kind.noun().to_owned()).collect();
    joined(&nouns)
}

/// How these kinds are written.
fn one_of(kinds: &[Kind]) -> String {
    match kinds {
        [kind] => format!("the name of a {}", kind.noun()),
        several => {
            let written = several.iter().map(|kind| format!("`{}:NAME`", kind.prefix()));
            joined(&written.collect::<Vec<_>>())
        }
    }
}

/// `a, b or c`.
fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}
