//! A scenario file as data: one struct for each of its records.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Document, Leaf, Leaves, Period};
use crate::load::At;
use crate::load::records::{LeftOut, records};
use crate::model::{FateKind, MessageType, Priority, SizeLimit, TransportDatabase, WeekMinute};

/// The value of the field `format` of a scenario file.
pub const SCENARIO_FORMAT: &str = "bridgehead.scenario/1";

records! {
    /// A scenario file. Instants count from the beginning of the simulation: `"0s"`, `"90min"`, `"1500ms"`.
    ScenarioDocument {
        /// `bridgehead.scenario/1`.
        format: Leaf<String>,
        /// The organization: the path of a topology file, seen from this file, or the topology itself; required.
        topology: TopologyEntry,
        /// What the documents leave open, and timers that no topology holds.
        settings: Option<SettingsEntry>,
        /// Systems outside the organization that have a name.
        peers: Vec<PeerEntry>,
        /// How long it takes to hand a message over, where it is not `transmission_time`.
        delays: Vec<DelayEntry>,
        /// Messages that enter.
        messages: Vec<MessageEntry>,
        /// What happens besides; what happens at one instant happens in the order of the file.
        events: Vec<EventEntry>,
        /// What is expected in the end.
        expect: Vec<ExpectationEntry>,
    }

    /// Timers, each with the documented default.
    SettingsEntry {
        /// The hour of the week at which the simulation begins, such as `Mon 08:00` (none: windows of connectors count as open).
        start: Leaf<WeekMinute>,
        /// How long the simulation goes on at most (14d).
        until: Leaf<Period>,
        /// From the connection to the acknowledgement of a message (1s).
        transmission_time: Leaf<Period>,
        /// QueueGlitchRetryCount (4).
        queue_glitch_retry_count: Leaf<u32>,
        /// QueueGlitchRetryInterval (1min; more than 0s).
        queue_glitch_retry_interval: Leaf<Period>,
        /// TransientFailureRetryCount (6).
        transient_failure_retry_count: Leaf<u32>,
        /// TransientFailureRetryInterval (5min, Edge 10min; more than 0s).
        transient_failure_retry_interval: Leaf<Period>,
        /// OutboundConnectionFailureRetryInterval (10min, Edge 30min; more than 0s).
        outbound_connection_failure_retry_interval: Leaf<Period>,
        /// MailboxDeliveryQueueRetryInterval (5min; more than 0s).
        mailbox_delivery_queue_retry_interval: Leaf<Period>,
        /// MaxIdleTimeBeforeResubmit (12h; more than 0s).
        max_idle_time_before_resubmit: Leaf<Period>,
        /// DelayNotificationTimeout (4h).
        delay_notification_timeout: Leaf<Period>,
        /// From the loss of the server of a database to its mounting elsewhere (30s).
        database_failover_time: Leaf<Period>,
        /// How long a mailbox database remembers what was delivered (7d).
        duplicate_detection_window: Leaf<Period>,
        /// From a failed delivery to a peer, or a submission that no server takes, to the next try (1min; more than 0s).
        sender_retry_interval: Leaf<Period>,
        /// Whether a 2013+ server writes a message down only when its shadow is there (false).
        commit_after_shadow: Leaf<bool>,
        /// Whether a shadow that becomes the message gets a shadow of its own (false).
        reshadow_on_promotion: Leaf<bool>,
        /// Whether a 2013+ server asks its partners for shadows in the order of their names, and not in turn (false).
        partners_by_name: Leaf<bool>,
        /// Whether the retries for shadows count what follows a first try (false: they count all tries).
        retries_follow_first_try: Leaf<bool>,
        /// Whether discard notifications of a 2010 server survive its restart (false).
        discards_survive_restart: Leaf<bool>,
        /// How often a 2010 hub where a database is active hands a message on to another hub at most (2).
        hub_reroutes: Leaf<u32>,
        /// Whether the time that a message may wait begins anew when its shadow becomes the message (false).
        expiry_restarts_at_promotion: Leaf<bool>,
        /// How much earlier than the last log that has arrived Safety Nets are asked for (1min).
        safety_net_lead: Leaf<Period>,
        /// How long a primary Safety Net that does not answer is asked before its shadows are (12h).
        safety_net_broadcast_after: Leaf<Period>,
        /// How often it is asked meanwhile (15min; more than 0s).
        safety_net_retry_interval: Leaf<Period>,
        /// How often a 2010 server asks for notifications while an acknowledgement waits for them (1s; more than 0s).
        delayed_ack_poll: Leaf<Period>,
        /// Whether a 2010 server relays a message to another one of its site before it acknowledges it unverified (false).
        shadow_redundancy_promotion: Leaf<bool>,
        /// When a 2010 mailbox server offers an item to another hub that one has pulled and does not own, while it cannot reach that
        /// one (the time in which heartbeats detect a failure; more than 0s).
        submission_owner_timeout: Leaf<Period>,
    }

    /// A system outside the organization: where mail comes from or goes to. A smart host by its name is this system.
    PeerEntry {
        /// Its name, which no server has; required.
        name: Leaf<String>,
        /// Whether it speaks XSHADOW (false).
        shadow: Leaf<bool>,
        /// How long it waits for the acknowledgement of a message before it sends again (for ever; more than 0s).
        ack_timeout: Leaf<Period>,
    }

    /// How long it takes to hand a message over in one direction. A place is `server:NAME`, `peer:NAME`, `site:NAME`, or a
    /// bare name that only one of them has. The most particular entry counts.
    DelayEntry {
        /// The place that hands over; required.
        from: Leaf<String>,
        /// The place that takes; required.
        to: Leaf<String>,
        /// From the connection to the acknowledgement; required.
        delay: Leaf<Period>,
    }

    /// A message that enters.
    MessageEntry {
        /// What this file calls it; required.
        id: Leaf<String>,
        /// When its sender begins to hand it over; required.
        at: Leaf<Period>,
        /// The address of its sender; required.
        from: Leaf<String>,
        /// The addresses that it is for; required.
        to: Leaves<String>,
        /// Its size (smaller than every limit).
        size: Leaf<SizeLimit>,
        /// Its priority (Normal).
        priority: Leaf<Priority>,
        /// Whether the system wrote it (NonSystem).
        message_type: Leaf<MessageType>,
        /// Whether a journal report is made of it (false).
        journal: Leaf<bool>,
        /// How it enters (from the Outbox of the sender's mailbox, when the sender has one).
        entry: Option<EntryEntry>,
    }

    /// How a message enters: either `client` or `peer`.
    EntryEntry {
        /// What hands it over: Mapi, from the Outbox of the sender's mailbox, without `server`; Smtp or Um, to `server`.
        client: Leaf<ClientWord>,
        /// The system outside that hands it over, to `server`.
        peer: Leaf<String>,
        /// The server that takes it: a transport server; for Smtp a legacy server too; for a peer that or an Edge server.
        server: Leaf<String>,
        /// The Receive connector of that server (its defaults).
        receive_connector: Leaf<String>,
    }

    /// Something that happens at an instant. Each kind takes some of the fields; another one is a mistake.
    EventEntry {
        /// When; required.
        at: Leaf<Period>,
        /// What; required.
        kind: Leaf<EventWord>,
        /// What it happens to; required. ServerDown, ServerUp, Destroy, Pause (until ServerUp), Redirect: a server. Dismount, Mount,
        /// Failover: a database. ConnectorDown, ConnectorUp: a connector of either kind. NetworkCut, NetworkRestore: a place
        /// (`server:`, `site:`, `peer:`) or `link:NAME`. SessionCut: a server or peer. GroupChange: the address of a group.
        /// Configuration: `connector:NAME`, `link:NAME` or `site:NAME`. Bare names where only one of them has it.
        target: Leaf<String>,
        /// NetworkCut, NetworkRestore: the other end (everybody else). SessionCut: only sessions with this server or peer.
        other: Leaf<String>,
        /// NetworkCut, NetworkRestore: only from `target` to `other` (false).
        one_way: Leaf<bool>,
        /// ServerUp: Same, or New for an empty queue database (Same).
        database: Leaf<TransportDatabase>,
        /// Failover: the server whose copy is mounted (the first in order of preference whose server works). Redirect: the
        /// server that takes over (any other transport server of the site).
        to: Leaf<String>,
        /// Failover: how much of the end of the log is lost, besides what had not arrived at the copy (0s).
        lost_log: Leaf<Period>,
        /// GroupChange: addresses of new members.
        add: Leaf<TextList>,
        /// GroupChange: addresses of former members; who is among the new ones too is a member.
        remove: Leaf<TextList>,
        /// Configuration of a connector to the outside.
        enabled: Leaf<bool>,
        /// Configuration of a routing-group connector or a site link.
        cost: Leaf<u32>,
        /// Configuration of a site link; `None` or `null`: it has none any more.
        exchange_cost: Leaf<CostOrNone>,
        /// Configuration of a site.
        hub_site: Leaf<bool>,
        /// Configuration of a connector of either kind: all its source servers from now on.
        source_servers: Leaf<TextList>,
        /// Configuration of a connector of either kind or a site link.
        max_message_size: Leaf<SizeLimit>,
        /// Configuration of a connector to the outside: all its smart hosts; none: it resolves recipients' domains itself.
        smart_hosts: Leaf<TextList>,
    }

    /// What is expected of a message in the end; at least one of the fields after `recipient`.
    ExpectationEntry {
        /// The message; required.
        message: Leaf<String>,
        /// For whom: one of its addresses, or a member of a group among them (everybody it is for).
        recipient: Leaf<String>,
        /// What becomes of it.
        fate: Leaf<FateKind>,
        /// Its fate is decided before this instant.
        before: Leaf<Period>,
        /// Its fate is decided at this instant or later.
        after: Leaf<Period>,
        /// How many copies arrive where they can be seen.
        copies: Leaf<u32>,
        /// The server where it waits.
        queued_at: Leaf<String>,
    }
}

/// Where the topology of a scenario is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TopologyEntry {
    /// The scenario does not say.
    #[default]
    LeftOut,
    /// In the file of this path, seen from the scenario.
    File(At<String>),
    /// In the scenario itself.
    Inline(Box<Document>),
}

impl LeftOut for TopologyEntry {
    fn left_out(&self) -> bool {
        matches!(self, TopologyEntry::LeftOut)
    }
}

/// What kind of client hands a message over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientWord {
    /// The Outbox of a mailbox.
    Mapi,
    /// A program that submits by SMTP.
    Smtp,
    /// A Unified Messaging server.
    Um,
}

/// What happens, by the word that files use; [`crate::model::ScenarioEventKind`] says what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EventWord {
    ServerDown,
    ServerUp,
    Destroy,
    Pause,
    NetworkCut,
    NetworkRestore,
    ConnectorDown,
    ConnectorUp,
    Dismount,
    Mount,
    Failover,
    Configuration,
    Redirect,
    GroupChange,
    SessionCut,
}

/// A list of texts which may be given and empty; the place of the leaf is that of the whole list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextList(pub Leaves<String>);

/// A cost, or that there is none: the one leaf for which `None` and `null` are not the same as leaving it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostOrNone(pub Option<u32>);
