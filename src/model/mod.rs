//! A validated organization, immutable once built.
//!
//! Everything is held in arenas with typed indices, and **index order is name order**: whoever builds the arenas sorts by
//! name first, so a tie-break by name is a comparison of integers and the order of a file cannot matter. Names are
//! resolved once, at the border.
//!
//! This layer must not know files, serde or petgraph, and takes no routing decision. What it does decide is what counts
//! as what: which servers are transport servers of a site ([`Organization::new`]), what a name equals ([`Name`]), which
//! addresses a space matches ([`AddressSpace`]).

mod address;
mod connector;
mod failure;
mod hours;
mod index;
mod message;
mod name;
mod organization;
mod scenario;
mod server;
mod site;
mod store;
mod time;
mod units;
mod version;

pub use address::{Address, AddressSpace, AddressSpaceError, Specificity};
pub use connector::{
    Connector, ConnectorKind, ConnectorRef, GroupRef, Master, MessageType, Priority, Restrictions, RoutingGroup,
    RoutingGroupConnector, RoutingGroupConnectorKind,
};
pub use failure::FailureSet;
pub use hours::{Schedule, ScheduleWindow, WeekMinute, Weekday, Windows};
pub use index::*;
pub use message::Message;
pub use name::{Name, NameOrder};
pub use organization::{
    AcceptedDomain, AcceptedDomainKind, EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT, EdgeSubscription, Node,
    NodeKind, Organization, Parts, UnknownNode, split_kind,
};
pub use scenario::{
    ClientKind, Cut, Delay, Edit, Entry, Expectation, FateKind, Peer, Place, Scenario, ScenarioEvent,
    ScenarioEventKind, Settings, Submission, TransportDatabase,
};
pub use server::{Home, Role, Roles, Server};
pub use site::{LinkTransport, Site, SiteLink};
pub use store::{
    Cluster, ClusterKind, Dag, Database, DatabaseCopy, DatabaseHome, Group, LintIgnore, Mailbox, MailboxHome,
    ReceiveConnector, TransportConfig,
};
pub use time::SimTime;
pub use units::{Cost, SizeError, SizeLimit, parse_period, parse_size, period_text};
pub use version::{Generation, Version};
