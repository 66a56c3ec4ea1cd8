//! Mailboxes and what they live on, distribution groups, and settings that only later layers look at.

use std::time::Duration;

use super::{Address, DagIdx, DatabaseIdx, Name, ServerIdx};
use crate::diagnostic::Span;

/// A database availability group. Its members are in [`super::Server::dag`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dag {
    /// Its name.
    pub name: Name,
    /// Its members, ascending.
    pub servers: Vec<ServerIdx>,
    /// Place in the file.
    pub span: Span,
}

/// What a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseHome {
    /// A DAG.
    Dag(DagIdx),
    /// One server.
    Server(ServerIdx),
}

/// A copy of a database in a DAG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseCopy {
    /// Where it is.
    pub server: ServerIdx,
    /// ReplayLagTime.
    pub replay_lag: Duration,
    /// How long a log takes to arrive.
    pub replication_lag: Duration,
    /// Place in the file.
    pub span: Span,
}

/// A mailbox database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: Name,
    /// What it belongs to.
    pub home: DatabaseHome,
    /// Its copies in the order of the file, which is their activation preference.
    pub copies: Vec<DatabaseCopy>,
    /// The server where it is mounted, as the file gives it.
    pub active_on: Option<ServerIdx>,
    /// Place in the file.
    pub span: Span,
}

/// What a mailbox lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxHome {
    /// A database.
    Database(DatabaseIdx),
    /// A server, the database not being told.
    Server(ServerIdx),
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Its address.
    pub address: Address,
    /// What it lives on.
    pub home: MailboxHome,
    /// Place in the file.
    pub span: Span,
}

/// A distribution group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its address.
    pub address: Address,
    /// Its members in the order of the file.
    pub members: Vec<Address>,
    /// The only server that expands it.
    pub expansion_server: Option<ServerIdx>,
    /// Place in the file.
    pub span: Span,
}

/// A receive connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveConnector {
    /// Its name.
    pub name: Name,
    /// The server it is on.
    pub server: ServerIdx,
    /// The name it answers with.
    pub fqdn: Option<Name>,
    /// MaxAcknowledgementDelay.
    pub max_acknowledgement_delay: Duration,
    /// ConnectionInactivityTimeout.
    pub connection_inactivity_timeout: Duration,
    /// ConnectionTimeout.
    pub connection_timeout: Duration,
    /// Offers integrated Windows authentication (R51).
    pub integrated_authentication: bool,
    /// MaxHopCount.
    pub max_hop_count: u32,
    /// MaxLocalHopCount.
    pub max_local_hop_count: u32,
    /// Place in the file.
    pub span: Span,
}

/// Organization-wide transport settings; `None` where the version's own default holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransportConfig {
    /// ShadowHeartbeatTimeoutInterval.
    pub shadow_heartbeat_timeout_interval: Option<Duration>,
    /// ShadowHeartbeatRetryCount.
    pub shadow_heartbeat_retry_count: Option<u32>,
    /// ShadowMessageAutoDiscardInterval.
    pub shadow_message_auto_discard_interval: Option<Duration>,
    /// MaxDumpsterSizePerDatabase, in bytes.
    pub max_dumpster_size_per_database: Option<u64>,
    /// MaxDumpsterTime.
    pub max_dumpster_time: Option<Duration>,
    /// ShadowHeartbeatFrequency.
    pub shadow_heartbeat_frequency: Option<Duration>,
    /// ShadowResubmitTimeSpan.
    pub shadow_resubmit_time_span: Option<Duration>,
    /// MaxRetriesForRemoteSiteShadow.
    pub max_retries_for_remote_site_shadow: Option<u32>,
    /// MaxRetriesForLocalSiteShadow.
    pub max_retries_for_local_site_shadow: Option<u32>,
    /// SafetyNetHoldTime.
    pub safety_net_hold_time: Option<Duration>,
    /// ShadowRedundancyEnabled; on unless the file says otherwise.
    pub shadow_redundancy_enabled: Option<bool>,
    /// RejectMessageOnShadowFailure; off unless the file says otherwise.
    pub reject_message_on_shadow_failure: Option<bool>,
    /// ShadowMessagePreferenceSetting, as written.
    pub shadow_message_preference_setting: Option<String>,
    /// Place of RejectMessageOnShadowFailure in the file.
    pub rejection_span: Span,
    /// Place of ShadowMessagePreferenceSetting in the file.
    pub preference_span: Span,
}

/// What kind of 2007 cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClusterKind {
    /// Single copy cluster.
    Scc,
    /// Cluster continuous replication.
    Ccr,
}

/// A 2007 cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub kind: ClusterKind,
    /// Its nodes, ascending.
    pub servers: Vec<ServerIdx>,
    /// Place in the file.
    pub span: Span,
}

/// A lint finding that the organization has decided to live with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintIgnore {
    /// The rule.
    pub code: String,
    /// What it is about.
    pub subject: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The last day it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Place in the file.
    pub span: Span,
}
