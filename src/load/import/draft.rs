//! What the files say, before it is settled what becomes part of the topology.
//!
//! Drafts refer to each other by name, distinguished name, or both, and any of it may be missing or point to nothing.
//! [`super::settle`] joins what several files say about one object and leaves out what cannot be represented.

use std::time::Duration;

use super::dn::Dn;
use super::place::Place;
use super::report::Ledger;
use crate::model::{
    AcceptedDomainKind, ConnectorKind, EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT, LinkTransport, Name, Role,
    RoutingGroupConnectorKind, SizeLimit, Version,
};

/// A reference to an object by what the file gives.
#[derive(Clone, Debug)]
pub(super) struct Ref {
    /// Its name, for servers possibly the fully qualified one.
    pub(super) name: String,
    /// Its distinguished name in the form of [`Dn::key`].
    pub(super) identity: Option<String>,
}

impl Ref {
    /// The object called `name`.
    pub(super) fn named(name: impl Into<String>) -> Ref {
        Ref {
            name: name.into(),
            identity: None,
        }
    }

    /// The object at `dn`.
    pub(super) fn at(dn: &Dn) -> Ref {
        Ref {
            name: dn.name().to_owned(),
            identity: Some(dn.key()),
        }
    }
}

/// Good enough to tell whether two files agree: the same object may be named with or without its distinguished name.
impl PartialEq for Ref {
    fn eq(&self, other: &Ref) -> bool {
        Name::fold(&self.name) == Name::fold(&other.name)
    }
}

/// What one or several files say about one object.
#[derive(Clone, Debug)]
pub(super) struct Object<T> {
    /// Its name.
    pub(super) name: String,
    /// Its distinguished name in the form of [`Dn::key`].
    pub(super) identity: Option<String>,
    /// Its class in each of the files that describe it.
    pub(super) classes: Vec<String>,
    /// Where the first of them describes it.
    pub(super) place: Place,
    /// What they say.
    pub(super) says: T,
}

impl<T> Object<T> {
    /// How reports call it: `siteLink "CHI-HKG"`.
    pub(super) fn subject(&self) -> String {
        subject(self.classes.first().map_or("", String::as_str), &self.name)
    }
}

/// How reports call an object of `class`.
pub(super) fn subject(class: &str, name: &str) -> String {
    format!("{class} \"{name}\"").trim_start().to_owned()
}

/// What a file can say about an object of some kind.
pub(super) trait Draft {
    /// Takes over from `later` what is missing here, and tells the names of fields that differ.
    fn fill(&mut self, later: Self, conflict: &mut dyn FnMut(&'static str));
}

/// One field of a [`Draft`].
trait Field {
    fn is_missing(&self) -> bool;
    fn agrees_with(&self, other: &Self) -> bool;
}

impl<T: PartialEq> Field for Option<T> {
    fn is_missing(&self) -> bool {
        self.is_none()
    }

    fn agrees_with(&self, other: &Self) -> bool {
        self == other
    }
}

/// Lists agree when they hold the same, in whatever order: directories give members in the order of their GUIDs.
impl<T: Listed> Field for Vec<T> {
    fn is_missing(&self) -> bool {
        self.is_empty()
    }

    fn agrees_with(&self, other: &Self) -> bool {
        let keys = |list: &[T]| {
            let mut keys: Vec<String> = list.iter().map(Listed::key).collect();
            keys.sort();
            keys.dedup();
            keys
        };
        keys(self) == keys(other)
    }
}

/// An element of a list, with a text that equal elements share.
trait Listed {
    fn key(&self) -> String;
}

impl Listed for Ref {
    fn key(&self) -> String {
        Name::fold(&self.name)
    }
}

impl Listed for String {
    fn key(&self) -> String {
        Name::fold(self)
    }
}

impl Listed for Role {
    fn key(&self) -> String {
        self.name().to_owned()
    }
}

impl Listed for Connected {
    fn key(&self) -> String {
        self.group.key()
    }
}

impl Listed for DatabaseCopy {
    fn key(&self) -> String {
        self.server.key()
    }
}

macro_rules! drafts {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$field_doc:meta])* $field:ident : $ty:ty ),* $(,)? } )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(super) struct $name {
            $( $(#[$field_doc])* pub(super) $field: $ty, )*
        }

        impl Draft for $name {
            fn fill(&mut self, later: Self, conflict: &mut dyn FnMut(&'static str)) {
                $(
                    if self.$field.is_missing() {
                        self.$field = later.$field;
                    } else if !later.$field.is_missing() && !self.$field.agrees_with(&later.$field) {
                        conflict(stringify!($field));
                    }
                )*
            }
        }
    )*};
}

drafts! {
    /// A site.
    Site {
        hub_site: Option<bool>,
        inbound_mail: Option<bool>,
    }

    /// A site link.
    SiteLink {
        sites: Vec<Ref>,
        cost: Option<u32>,
        exchange_cost: Option<u32>,
        max_message_size: Option<SizeLimit>,
        transport: Option<LinkTransport>,
    }

    /// A server.
    Server {
        fqdn: Option<String>,
        version: Option<Version>,
        site: Option<Ref>,
        routing_group: Option<Ref>,
        roles: Vec<Role>,
        dag: Option<Ref>,
    }

    /// A routing group.
    RoutingGroup {
        master: Option<Master>,
        /// Servers, or what is below a server, such as its virtual servers.
        members: Vec<Ref>,
    }

    /// A one-way connector between routing groups.
    RoutingGroupConnector {
        from: Option<Ref>,
        /// What the connector itself says; the group of the target servers counts before it.
        to: Option<Ref>,
        cost: Option<u32>,
        kind: Option<RoutingGroupConnectorKind>,
        source_servers: Vec<Ref>,
        target_servers: Vec<Ref>,
        max_message_size: Option<SizeLimit>,
        public_folder_referrals: Option<bool>,
    }

    /// A connector to the outside, or, where it has connected routing groups, between groups.
    Connector {
        kind: Option<ConnectorKind>,
        source_servers: Vec<Ref>,
        /// The group it stands in, the one of 2007 and later included.
        routing_group: Option<Ref>,
        address_spaces: Vec<String>,
        connected: Vec<Connected>,
        enabled: Option<bool>,
        scoped: Option<bool>,
        max_message_size: Option<SizeLimit>,
        smart_hosts: Vec<String>,
        dns_routing: Option<bool>,
        connection_inactivity_timeout: Option<Duration>,
    }

    /// An accepted domain; the object's name is the domain.
    AcceptedDomain {
        kind: Option<AcceptedDomainKind>,
    }

    /// An Edge subscription; the object's name is the Edge server's.
    EdgeSubscription {
        site: Option<Ref>,
    }

    /// A database availability group.
    Dag {
        servers: Vec<Ref>,
    }

    /// A mailbox database.
    Database {
        /// A DAG or a server.
        home: Option<Ref>,
        copies: Vec<DatabaseCopy>,
    }
}

/// Who the master of a routing group is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Master {
    /// A server that no longer exists.
    Deleted,
    /// This one.
    Server(Ref),
}

/// A routing group that an SMTP or X.400 connector leads to.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    pub(super) group: Ref,
    pub(super) cost: Option<u32>,
}

/// A copy of a database.
#[derive(Clone, Debug)]
pub(super) struct DatabaseCopy {
    pub(super) server: Ref,
    pub(super) replay_lag: Option<Duration>,
}

/// A [`DatabaseCopy`] that is an object of its own.
pub(super) struct StoredCopy {
    /// Identity of the database.
    pub(super) database: String,
    /// The lower, the sooner it becomes the active one.
    pub(super) preference: i64,
    pub(super) copy: Object<DatabaseCopy>,
}

/// Whether `name` is that of the routing group of all 2007 and later servers.
pub(super) fn is_exchange_2007_group(name: &str) -> bool {
    let folded = Name::fold(name);
    folded == Name::fold(EXCHANGE_2007_GROUP) || folded == EXCHANGE_2007_GROUP_SHORT
}

/// Everything the files say.
#[derive(Default)]
pub(super) struct Drafts {
    /// Name of the organization.
    pub(super) organization: Option<String>,
    /// Whether Active Directory bridges all site links.
    pub(super) bridge_all_site_links: Option<bool>,
    pub(super) sites: Vec<Object<Site>>,
    pub(super) site_links: Vec<Object<SiteLink>>,
    pub(super) servers: Vec<Object<Server>>,
    pub(super) routing_groups: Vec<Object<RoutingGroup>>,
    pub(super) routing_group_connectors: Vec<Object<RoutingGroupConnector>>,
    pub(super) connectors: Vec<Object<Connector>>,
    pub(super) accepted_domains: Vec<Object<AcceptedDomain>>,
    pub(super) edge_subscriptions: Vec<Object<EdgeSubscription>>,
    pub(super) dags: Vec<Object<Dag>>,
    pub(super) databases: Vec<Object<Database>>,
    /// Copies of databases that are objects of their own.
    pub(super) database_copies: Vec<StoredCopy>,
    /// What there is to tell so far.
    pub(super) ledger: Ledger,
}

impl Drafts {
    /// Reads the organization's name from where an Exchange object stands: `…,CN=<name>,CN=Microsoft Exchange,CN=Services,…`.
    pub(super) fn organization_of(&mut self, dn: &Dn) {
        if self.organization.is_none() {
            self.organization = dn.child_of("Microsoft Exchange").map(|dn| dn.name().to_owned());
        }
    }
}
