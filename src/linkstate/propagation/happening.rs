//! What goes in and what comes out.

use crate::linkstate::StateVersion;
use crate::model::{ConnectorRef, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, SimTime};

/// Something that happens from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// No source bridgehead reaches a target over it any more.
    ConnectorFails(ConnectorRef),
    /// They do again.
    ConnectorRecovers(ConnectorRef),
    /// A server and its services stop.
    ServerStops(ServerIdx),
    /// It starts, with an empty memory. Both at one instant are a restart.
    ServerStarts(ServerIdx),
    /// The connector's object in the directory changes.
    ConfigurationChanges(ConnectorRef),
    /// The object of the group's master leaves the directory.
    MasterRemoved(RoutingGroupIdx),
    /// An administrator appoints a master. Without effect for a server that can't be it ([`crate::linkstate::may_lead`]).
    MasterAppointed(RoutingGroupIdx, ServerIdx),
    /// Mail opens a session over the connector; tables are compared before the mail is routed (LS-1.6).
    Session(RoutingGroupConnectorIdx),
}

/// Something worth telling, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Happening {
    /// Since the simulation began.
    pub at: SimTime,
    /// The news.
    pub what: What,
}

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// From now on the group routes as if exactly these connectors did not exist (ascending).
    Believes {
        /// The group.
        group: RoutingGroupIdx,
        /// What it takes to be down.
        down: Vec<ConnectorRef>,
    },
    /// From now on the group routes by the configuration that the connector has had since so many changes.
    Learns {
        /// The group.
        group: RoutingGroupIdx,
        /// The connector.
        connector: ConnectorRef,
        /// How often its object had changed when it was read.
        revision: u32,
    },
    /// A source bridgehead tried to connect.
    Attempt {
        /// The connector.
        connector: ConnectorRef,
        /// The source bridgehead.
        server: ServerIdx,
        /// Whether a target bridgehead answered.
        reached: bool,
    },
    /// The master of the group counted up its version.
    Version {
        /// The group.
        group: RoutingGroupIdx,
        /// The new version.
        version: StateVersion,
    },
    /// An entry of the event log.
    Logged {
        /// The group whose master logs it.
        group: RoutingGroupIdx,
        /// The entry.
        event: LogEvent,
    },
}

/// Entries of the event log that link state leaves (LS-1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogEvent {
    /// The directory names no master that exists.
    NoMaster,
    /// The master takes the connector to be down.
    ConnectorDown(ConnectorRef),
    /// Every source bridgehead has failed, and the state stays up, for one end is a leaf group.
    LeafSuppressed(ConnectorRef),
}

impl LogEvent {
    /// The number in the event log.
    pub fn number(self) -> u16 {
        match self {
            LogEvent::NoMaster => 958,
            LogEvent::ConnectorDown(_) => 974,
            LogEvent::LeafSuppressed(_) => 994,
        }
    }
}
