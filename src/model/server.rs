//! Servers.

use std::time::Duration;

use super::{DagIdx, Name, RoutingGroupIdx, SiteIdx, Version};
use crate::diagnostic::Span;

/// A server role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Routes mail (2007, 2010).
    HubTransport,
    /// Holds mailboxes; from 2013 on routes mail too.
    Mailbox,
    /// Stands outside the forest and belongs to a site only by subscription.
    EdgeTransport,
    /// Serves clients.
    ClientAccess,
    /// Serves telephones.
    UnifiedMessaging,
}

impl Role {
    /// The name that files use.
    pub fn name(self) -> &'static str {
        match self {
            Role::HubTransport => "HubTransport",
            Role::Mailbox => "Mailbox",
            Role::EdgeTransport => "EdgeTransport",
            Role::ClientAccess => "ClientAccess",
            Role::UnifiedMessaging => "UnifiedMessaging",
        }
    }
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// Whether `role` is in it.
    pub fn contains(self, role: Role) -> bool {
        self.0 & Roles::bit(role) != 0
    }

    /// What a server of `version` has when the file does not say (contract, section 1).
    pub fn default_of(version: Version) -> Roles {
        use super::Generation as G;
        match version.generation() {
            G::Legacy => Roles::default(),
            G::Exchange2007Rtm | G::Exchange2007Sp1 | G::Exchange2010 => {
                [Role::HubTransport, Role::Mailbox].into_iter().collect()
            }
            G::Exchange2013 => [Role::Mailbox].into_iter().collect(),
        }
    }

    fn bit(role: Role) -> u8 {
        1 << (role as u8)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Roles {
        Roles(roles.into_iter().fold(0, |set, role| set | Roles::bit(role)))
    }
}

/// Where the directory puts a server. Whether that makes it count is decided with its version (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In a site.
    Site(SiteIdx),
    /// In a legacy routing group.
    RoutingGroup(RoutingGroupIdx),
    /// Listed in the 2007 routing group by name.
    Exchange2007Group,
    /// Nowhere: Edge servers, and servers whose site is not known (event 5005).
    None,
}

/// An Exchange server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: Name,
    /// Fully qualified name.
    pub fqdn: Option<Name>,
    /// Its version.
    pub version: Version,
    /// Where it is.
    pub home: Home,
    /// Its roles; empty for legacy servers.
    pub roles: Roles,
    /// The DAG it is a member of.
    pub dag: Option<DagIdx>,
    /// Registry value SuppressStateChanges (R39).
    pub suppress_state_changes: bool,
    /// Whether the services were restarted since, so that it works.
    pub suppression_in_effect: bool,
    /// Port 691 or 25 towards it is blocked: it exchanges no link state with other groups. Inside its own it takes part all the same.
    pub link_state_blocked: bool,
    /// Received headers it lets through; the version's own number when left out.
    pub max_hops: Option<u32>,
    /// MessageExpirationTimeout.
    pub message_expiration_timeout: Duration,
    /// Exchange 5.5, "only least cost routes".
    pub least_cost_only: bool,
    /// Place in the file.
    pub span: Span,
}

impl Server {
    /// Whether it routes mail in the site it is in, given whether that site takes inbound mail (contract, section 1).
    pub(super) fn is_transport(&self, inbound_mail: bool) -> bool {
        use super::Generation as G;
        match self.version.generation() {
            G::Legacy => false,
            G::Exchange2007Rtm | G::Exchange2007Sp1 | G::Exchange2010 => self.roles.contains(Role::HubTransport),
            G::Exchange2013 => inbound_mail && self.roles.contains(Role::Mailbox),
        }
    }

    /// Whether SuppressStateChanges is set and not in effect, since the services were not restarted yet (R39).
    pub fn awaits_restart(&self) -> bool {
        self.suppress_state_changes && !self.suppression_in_effect
    }

    /// Whether it is an Edge server.
    pub fn is_edge(&self) -> bool {
        !self.version.is_legacy() && self.roles.contains(Role::EdgeTransport)
    }
}
