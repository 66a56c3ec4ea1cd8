//! A topology file as data: one struct for each of its collections. [`ScenarioDocument`] is a scenario file.
//!
//! Names are text here and refer to each other by text; nothing is checked yet. `None` and empty lists mean "left out".

mod scenario;

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::At;
use super::records::{LeftOut, records};
use crate::model::{
    AcceptedDomainKind, ClusterKind, ConnectorKind, LinkTransport, MessageType, Priority, Role,
    RoutingGroupConnectorKind, SizeLimit, Version, period_text,
};
pub use scenario::{
    ClientWord, CostOrNone, DelayEntry, EntryEntry, EventEntry, EventWord, ExpectationEntry, MessageEntry, PeerEntry,
    SCENARIO_FORMAT, ScenarioDocument, SettingsEntry, TextList, TopologyEntry,
};

/// The value of the field `format` of a topology file.
pub const TOPOLOGY_FORMAT: &str = "bridgehead.topology/1";
/// The value of the field `format` of a baseline.
pub const BASELINE_FORMAT: &str = "bridgehead.baseline/1";

/// A leaf that may be left out. Required ones are checked when the document is resolved.
pub type Leaf<T> = Option<At<T>>;
/// A list of leaves.
pub type Leaves<T> = Vec<At<T>>;

records! {
    /// A topology file.
    Document {
        /// `bridgehead.topology/1`.
        format: Leaf<String>,
        /// Name of the organization.
        organization: Leaf<String>,
        /// Whether Active Directory bridges all site links (true). Without effect on routes.
        bridge_all_site_links: Leaf<bool>,
        /// Active Directory sites.
        sites: Vec<SiteEntry>,
        /// Links between sites.
        site_links: Vec<SiteLinkEntry>,
        /// Exchange servers.
        servers: Vec<ServerEntry>,
        /// Legacy routing groups; the one of 2007 and later is implicit.
        routing_groups: Vec<RoutingGroupEntry>,
        /// One-way connectors between routing groups.
        routing_group_connectors: Vec<RoutingGroupConnectorEntry>,
        /// Connectors to the outside.
        connectors: Vec<ConnectorEntry>,
        /// Domains that the organization takes mail for.
        accepted_domains: Vec<AcceptedDomainEntry>,
        /// Edge servers and the sites they are subscribed to.
        edge_subscriptions: Vec<EdgeSubscriptionEntry>,
        /// Database availability groups.
        dags: Vec<DagEntry>,
        /// Mailbox databases.
        databases: Vec<DatabaseEntry>,
        /// Mailboxes.
        mailboxes: Vec<MailboxEntry>,
        /// Distribution groups.
        groups: Vec<GroupEntry>,
        /// Receive connectors.
        receive_connectors: Vec<ReceiveConnectorEntry>,
        /// Organization-wide transport settings.
        transport_config: Option<TransportConfigEntry>,
        /// 2007 clusters.
        clusters: Vec<ClusterEntry>,
        /// Lint findings to live with.
        lint_ignores: Vec<LintIgnoreEntry>,
    }

    /// A site.
    SiteEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Whether it is a hub site (false).
        hub_site: Leaf<bool>,
        /// Whether its 2013+ servers take inbound mail (true).
        inbound_mail: Leaf<bool>,
    }

    /// A site link: every two of its sites are adjacent at its cost, one hop.
    SiteLinkEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its sites.
        sites: Leaves<String>,
        /// Active Directory's cost (100; 1..=99999).
        cost: Leaf<u32>,
        /// Exchange's cost in its place (none; 1..=2147483647).
        exchange_cost: Leaf<u32>,
        /// The largest message (unlimited).
        max_message_size: Leaf<SizeLimit>,
        /// The replication transport (Ip); Smtp has no effect.
        transport: Leaf<LinkTransport>,
    }

    /// A server.
    ServerEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its full name.
        fqdn: Leaf<String>,
        /// Its version; required.
        version: Leaf<Version>,
        /// Its site (2007 and later).
        site: Leaf<String>,
        /// Its routing group (2003 and earlier).
        routing_group: Leaf<String>,
        /// Its roles (HubTransport and Mailbox for 2007 and 2010, Mailbox from 2013 on).
        roles: Leaves<Role>,
        /// The DAG it is a member of.
        dag: Leaf<String>,
        /// Registry value SuppressStateChanges (false).
        suppress_state_changes: Leaf<bool>,
        /// Whether the services were restarted since (= suppress_state_changes).
        suppression_in_effect: Leaf<bool>,
        /// Whether link state can't reach it (false).
        link_state_blocked: Leaf<bool>,
        /// Received headers it lets through.
        max_hops: Leaf<u32>,
        /// How long a message may wait (2d).
        message_expiration_timeout: Leaf<Period>,
        /// Exchange 5.5, only least cost routes (false).
        least_cost_only: Leaf<bool>,
    }

    /// A legacy routing group.
    RoutingGroupEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its master (a working one, the first server in name order); "" for none.
        master: Leaf<String>,
        /// Whether it neither learns nor tells of down states (false).
        stale: Leaf<bool>,
    }

    /// A one-way connector between routing groups.
    RoutingGroupConnectorEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// The group where mail enters it; required.
        from: Leaf<String>,
        /// The group where mail leaves it; required.
        to: Leaf<String>,
        /// Its cost (1; 1 and up).
        cost: Leaf<u32>,
        /// What it is made of (RoutingGroup).
        kind: Leaf<RoutingGroupConnectorKind>,
        /// Bridgeheads that send.
        source_servers: Leaves<String>,
        /// Bridgeheads that receive.
        target_servers: Leaves<String>,
        /// The largest message (unlimited).
        max_message_size: Leaf<SizeLimit>,
        /// What legacy servers refuse.
        restrictions: Option<RestrictionsEntry>,
        /// Whether clients are referred to public folders over it (true).
        public_folder_referrals: Leaf<bool>,
    }

    /// A connector to the outside.
    ConnectorEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// What it is; required.
        kind: Leaf<ConnectorKind>,
        /// Servers that send.
        source_servers: Leaves<String>,
        /// The group of a legacy connector.
        routing_group: Leaf<String>,
        /// What it serves, each `[TYPE:]VALUE[;COST]`.
        address_spaces: Leaves<String>,
        /// Whether it is enabled (true).
        enabled: Leaf<bool>,
        /// Whether only its own site or group may use it (false).
        scoped: Leaf<bool>,
        /// The largest message (unlimited).
        max_message_size: Leaf<SizeLimit>,
        /// Hosts it hands mail to.
        smart_hosts: Leaves<String>,
        /// Whether it resolves recipients' domains itself.
        dns_routing: Leaf<bool>,
        /// What legacy servers refuse.
        restrictions: Option<RestrictionsEntry>,
        /// How long a connection may be idle (10min).
        connection_inactivity_timeout: Leaf<Period>,
    }

    /// What legacy servers refuse on a connector.
    RestrictionsEntry {
        /// Only these, when there are any.
        allowed_senders: Leaves<String>,
        /// Never these.
        denied_senders: Leaves<String>,
        /// Only these, when there are any.
        priorities: Leaves<Priority>,
        /// Only these, when there are any.
        message_types: Leaves<MessageType>,
        /// When it is open, by one clock for the whole organization (Always).
        schedule: Leaf<ScheduleText>,
        /// Whether it logs on with integrated Windows authentication (false).
        integrated_authentication: Leaf<bool>,
    }

    /// A domain that the organization takes mail for.
    AcceptedDomainEntry {
        /// `d`, `*.d` or `*`; required.
        domain: Leaf<String>,
        /// What it means for recipients that are not in the organization; required.
        kind: Leaf<AcceptedDomainKind>,
    }

    /// An Edge server's subscription.
    EdgeSubscriptionEntry {
        /// The Edge server; required.
        edge: Leaf<String>,
        /// The site; required.
        site: Leaf<String>,
        /// Whether `EdgeSync - Inbound to <site>` is implied (true).
        create_inbound_connector: Leaf<bool>,
        /// Whether `EdgeSync - <site> to Internet` is implied (true).
        create_internet_connector: Leaf<bool>,
    }

    /// A database availability group.
    DagEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its members.
        servers: Leaves<String>,
    }

    /// A mailbox database.
    DatabaseEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its DAG; this or `server`.
        dag: Leaf<String>,
        /// Its server; this or `dag`.
        server: Leaf<String>,
        /// Its copies.
        copies: Vec<DatabaseCopyEntry>,
        /// Where it is mounted.
        active_on: Leaf<String>,
    }

    /// A copy of a database.
    DatabaseCopyEntry {
        /// Where it is; required.
        server: Leaf<String>,
        /// ReplayLagTime (0s).
        replay_lag: Leaf<Period>,
        /// How long a log takes to arrive (0s).
        replication_lag: Leaf<Period>,
    }

    /// A mailbox.
    MailboxEntry {
        /// Its address; required.
        address: Leaf<String>,
        /// Its database; this or `server`.
        database: Leaf<String>,
        /// Its server; this or `database`.
        server: Leaf<String>,
    }

    /// A distribution group.
    GroupEntry {
        /// Its address; required.
        address: Leaf<String>,
        /// Addresses of its members.
        members: Leaves<String>,
        /// The only server that expands it.
        expansion_server: Leaf<String>,
    }

    /// A receive connector.
    ReceiveConnectorEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its server; required.
        server: Leaf<String>,
        /// The name it answers with.
        fqdn: Leaf<String>,
        /// How long an acknowledgement may be held back (30s; 2010).
        max_acknowledgement_delay: Leaf<Period>,
        /// How long a connection may be idle (5min; Edge 1min).
        connection_inactivity_timeout: Leaf<Period>,
        /// How long a connection may last (10min; Edge 5min).
        connection_timeout: Leaf<Period>,
        /// Whether it offers integrated Windows authentication (false).
        integrated_authentication: Leaf<bool>,
        /// Received headers it lets through (30; 1..=500).
        max_hop_count: Leaf<u32>,
        /// The same for servers of its own site (8; 0..=50, 0: no limit).
        max_local_hop_count: Leaf<u32>,
    }

    /// Organization-wide transport settings; left out means the version's own default.
    TransportConfigEntry {
        /// ShadowHeartbeatTimeoutInterval (5min for 2010 RTM, 15min after; 1s..1d).
        shadow_heartbeat_timeout_interval: Leaf<Period>,
        /// ShadowHeartbeatRetryCount (3 for 2010 RTM, 12 after; 1..=15).
        shadow_heartbeat_retry_count: Leaf<u32>,
        /// ShadowMessageAutoDiscardInterval (2d; 5s..90d).
        shadow_message_auto_discard_interval: Leaf<Period>,
        /// MaxDumpsterSizePerDatabase (18MB).
        max_dumpster_size_per_database: Leaf<SizeLimit>,
        /// MaxDumpsterTime (7d).
        max_dumpster_time: Leaf<Period>,
        /// ShadowHeartbeatFrequency (2min; 1s..1d).
        shadow_heartbeat_frequency: Leaf<Period>,
        /// ShadowResubmitTimeSpan (3h; 1s..1d).
        shadow_resubmit_time_span: Leaf<Period>,
        /// MaxRetriesForRemoteSiteShadow (4).
        max_retries_for_remote_site_shadow: Leaf<u32>,
        /// MaxRetriesForLocalSiteShadow (2).
        max_retries_for_local_site_shadow: Leaf<u32>,
        /// SafetyNetHoldTime (2d).
        safety_net_hold_time: Leaf<Period>,
        /// Whether there are shadows at all (true).
        shadow_redundancy_enabled: Leaf<bool>,
        /// Whether a message without a shadow is refused (false).
        reject_message_on_shadow_failure: Leaf<bool>,
        /// PreferRemote, LocalOnly or RemoteOnly (PreferRemote).
        shadow_message_preference_setting: Leaf<String>,
    }

    /// A 2007 cluster.
    ClusterEntry {
        /// Its name; required.
        name: Leaf<String>,
        /// Its kind; required.
        kind: Leaf<ClusterKind>,
        /// Its nodes.
        servers: Leaves<String>,
    }

    /// A baseline: lint findings to live with, in a file of their own.
    Baseline {
        /// `bridgehead.baseline/1`.
        format: Leaf<String>,
        /// Lint findings to live with.
        lint_ignores: Vec<LintIgnoreEntry>,
    }

    /// A lint finding to live with.
    LintIgnoreEntry {
        /// The rule; required.
        code: Leaf<String>,
        /// What it is about.
        subject: Leaf<String>,
        /// Why; required.
        reason: Leaf<String>,
        /// The last day it holds, YYYY-MM-DD.
        until: Leaf<String>,
    }
}

/// When a connector is open, as written: `Always`, `Never`, or windows such as `Mon 08:00-18:00`: open up to, not including, the second time.
#[derive(Clone, Debug, PartialEq)]
pub enum ScheduleText {
    /// At all times.
    Always,
    /// At no time.
    Never,
    /// In these windows.
    Windows(Leaves<String>),
}

/// A length of time, written as `250ms`, `30s`, `5min`, `3h` or `2d`. Parts of a millisecond can't be written and are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl From<Duration> for Period {
    fn from(length: Duration) -> Period {
        Period(length)
    }
}

impl From<Period> for Duration {
    fn from(period: Period) -> Duration {
        period.0
    }
}

/// The largest unit that leaves no remainder.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&period_text(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parse_period;

    #[test]
    fn periods_are_written_in_their_largest_exact_unit() {
        for text in ["0s", "1ms", "1001ms", "30s", "90s", "5min", "61min", "3h", "25h", "2d"] {
            let period = Period(parse_period(text).expect("a period"));
            assert_eq!(period.to_string(), text);
        }
        assert_eq!(Period(Duration::from_secs(86_400)).to_string(), "1d");
    }
}
