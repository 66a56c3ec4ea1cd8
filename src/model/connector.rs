//! Routing groups, the connectors between them, and connectors to the outside.

use super::{
    Address, AddressSpace, ConnectorIdx, Name, RoutingGroupConnectorIdx, RoutingGroupIdx, Schedule, ServerIdx,
    SizeLimit,
};
use crate::diagnostic::Span;

/// A legacy routing group. The one of 2007 and later servers is implicit: [`GroupRef::Exchange2007`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingGroup {
    /// Its name.
    pub name: Name,
    /// Its master as the file gives it.
    pub master: Master,
    /// Neither learns nor tells of down states.
    pub stale: bool,
    /// Place in the file.
    pub span: Span,
}

impl RoutingGroup {
    /// Whether nobody keeps the group's link state: it is marked so, or has no master (LS-1.5, V13).
    pub fn is_stale(&self) -> bool {
        self.stale || self.master == Master::Nobody
    }
}

/// Who coordinates link state in a routing group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Master {
    /// Left out: a working one, the first server in name order.
    #[default]
    FirstServer,
    /// Nobody (`""`), which makes the group stale.
    Nobody,
    /// This server.
    Server(ServerIdx),
}

/// One end of a routing-group connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupRef {
    /// `Exchange Routing Group (DWBGZMFD01QNBJR)`: all 2007 and 2010 servers (R14).
    Exchange2007,
    /// A legacy routing group.
    Legacy(RoutingGroupIdx),
}

/// What a routing-group connector is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RoutingGroupConnectorKind {
    /// A routing group connector proper.
    #[default]
    RoutingGroup,
    /// An X.400 connector with connected routing groups: not SMTP, invisible to 2007 RTM (R72).
    X400,
    /// An SMTP connector with connected routing groups.
    Smtp,
}

/// A one-way connection between two routing groups (RT-2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingGroupConnector {
    /// Its name.
    pub name: Name,
    /// Where mail enters it.
    pub from: GroupRef,
    /// Where mail leaves it.
    pub to: GroupRef,
    /// Its cost, 1 and up.
    pub cost: u32,
    /// What it is made of.
    pub kind: RoutingGroupConnectorKind,
    /// As listed, ascending; empty: left out.
    pub source_servers: Vec<ServerIdx>,
    /// As listed, ascending; empty: left out.
    pub target_servers: Vec<ServerIdx>,
    /// Larger messages do not pass.
    pub max_message_size: SizeLimit,
    /// What legacy servers refuse.
    pub restrictions: Restrictions,
    /// Whether clients are referred to public folders over it.
    pub public_folder_referrals: bool,
    /// Place in the file.
    pub span: Span,
}

/// A connector of either kind; their names are one namespace (contract, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorRef {
    /// Between two routing groups.
    RoutingGroup(RoutingGroupConnectorIdx),
    /// To the outside.
    External(ConnectorIdx),
}

impl RoutingGroupConnector {
    /// Whether it starts or ends at the 2007 group.
    pub fn touches_2007(&self) -> bool {
        [self.from, self.to].contains(&GroupRef::Exchange2007)
    }
}

/// What a connector to the outside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectorKind {
    /// A 2007+ Send connector.
    Send,
    /// A 2007+ Foreign connector with a drop directory.
    Foreign,
    /// A 2010+ delivery agent.
    DeliveryAgent,
    /// A 2000/2003 SMTP connector.
    LegacySmtp,
    /// A 2000/2003 X.400 connector.
    LegacyX400,
}

impl ConnectorKind {
    /// Whether it is hosted on 2000/2003.
    pub fn is_legacy(self) -> bool {
        matches!(self, ConnectorKind::LegacySmtp | ConnectorKind::LegacyX400)
    }
}

/// A connector to the outside (RT-2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: ConnectorKind,
    /// As listed, ascending; empty: left out, which makes it ignored (event 5014).
    pub source_servers: Vec<ServerIdx>,
    /// The group of a legacy connector: as given, else that of the lowest-named listed legacy server (D23).
    pub routing_group: Option<RoutingGroupIdx>,
    /// What it serves.
    pub address_spaces: Vec<AddressSpace>,
    /// 2007+ servers skip it when not; legacy servers do not see this (R50).
    pub enabled: bool,
    /// Only for senders of the same site (2007+) or group (legacy), R48.
    pub scoped: bool,
    /// Larger messages do not pass; `None`: left out, for which products have defaults of their own (D30).
    pub max_message_size: Option<SizeLimit>,
    /// Hosts it hands mail to.
    pub smart_hosts: Vec<String>,
    /// Whether it resolves recipients' domains itself; `None`: exactly when there are no smart hosts.
    pub dns_routing: Option<bool>,
    /// What legacy servers refuse.
    pub restrictions: Restrictions,
    /// ConnectionInactivityTimeout.
    pub connection_inactivity_timeout: std::time::Duration,
    /// Place in the file.
    pub span: Span,
}

/// Whose mail a legacy server lets through a connector; 2007 looks at none of it (R45–R47).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// When not empty, only these.
    pub allowed_senders: Vec<Address>,
    /// Never these.
    pub denied_senders: Vec<Address>,
    /// When not empty, only these.
    pub priorities: Vec<Priority>,
    /// When not empty, only these.
    pub message_types: Vec<MessageType>,
    /// When it opens.
    pub schedule: Schedule,
    /// Logs on with integrated Windows authentication (R51).
    pub integrated_authentication: bool,
}

impl Restrictions {
    /// The same without what keeps mail from passing: how it logs on is no such thing.
    pub fn lifted(&self) -> Restrictions {
        Restrictions {
            integrated_authentication: self.integrated_authentication,
            ..Restrictions::default()
        }
    }
}

/// Priority of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

/// Whether the system itself wrote a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MessageType {
    System,
    #[default]
    NonSystem,
}
