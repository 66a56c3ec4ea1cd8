//! What happens to an organization in a simulation: messages, faults, and what is expected of them.
//!
//! A scenario is about one organization: its indices point into that organization's arenas.

use std::time::Duration;

use oxc_index::IndexVec;

use super::{
    Address, ConnectorIdx, ConnectorRef, DatabaseIdx, GroupIdx, MailboxIdx, MessageIdx, MessageType, Name, PeerIdx,
    Priority, ReceiveConnectorIdx, RoutingGroupConnectorIdx, ServerIdx, SimTime, SiteIdx, SiteLinkIdx, SizeLimit,
    WeekMinute,
};
use crate::diagnostic::Span;

/// Messages, faults and expectations.
///
/// Invariants: peers ascend by name; messages ascend by instant, then by id; events ascend by instant, those of one instant
/// keep the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// What the documents leave open, and timers that no cmdlet of the topology holds.
    pub settings: Settings,
    /// Systems outside the organization that have a name.
    pub peers: IndexVec<PeerIdx, Peer>,
    /// How long it takes to hand a message over, where it is not [`Settings::transmission_time`].
    pub delays: Vec<Delay>,
    /// Messages that enter.
    pub messages: IndexVec<MessageIdx, Submission>,
    /// What happens besides.
    pub events: Vec<ScenarioEvent>,
    /// What is expected in the end.
    pub expectations: Vec<Expectation>,
}

/// A system outside the organization: where mail comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name; a smart host of a connector by this name is this system.
    pub name: Name,
    /// Whether it speaks XSHADOW, as an Edge server of another organization would (A26, D33).
    pub shadow: bool,
    /// How long it waits for the acknowledgement of a message before it gives up and sends again; `None`: for ever.
    pub ack_timeout: Option<Duration>,
    /// Place in the file.
    pub span: Span,
}

/// Where something is: one end of a delay or of a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A server.
    Server(ServerIdx),
    /// A system outside.
    Peer(PeerIdx),
    /// Every server of a site.
    Site(SiteIdx),
}

/// How long it takes to hand a message over in one direction. The most particular entry counts: a server or peer before a
/// site, at `from` before at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Who hands over.
    pub from: Place,
    /// Who takes.
    pub to: Place,
    /// From the connection to the acknowledgement.
    pub delay: Duration,
}

/// A message that enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What the scenario calls it.
    pub id: Name,
    /// When its sender begins to hand it over.
    pub at: SimTime,
    /// Who sends it.
    pub from: Address,
    /// Whom it is for, in the order of the file; groups are not expanded.
    pub to: Vec<Address>,
    /// Size in bytes; `None`: smaller than every limit.
    pub size: Option<u64>,
    /// Its priority.
    pub priority: Priority,
    /// Whether the system wrote it.
    pub message_type: MessageType,
    /// Whether a journal report is made of it (S71).
    pub journal: bool,
    /// How it enters.
    pub entry: Entry,
    /// Place in the file.
    pub span: Span,
}

/// How a message enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// From the Outbox of the sender's mailbox (A4, A6).
    Mapi {
        /// The sender's mailbox.
        mailbox: MailboxIdx,
    },
    /// From a program that hands it to a server by SMTP (A46).
    Client {
        /// What it is.
        kind: ClientKind,
        /// The server.
        server: ServerIdx,
        /// The Receive connector; `None`: the defaults of the server.
        receive_connector: Option<ReceiveConnectorIdx>,
    },
    /// From a system outside.
    Peer {
        /// Which.
        peer: PeerIdx,
        /// The server that it tries first.
        server: ServerIdx,
        /// The Receive connector; `None`: the defaults of the server.
        receive_connector: Option<ReceiveConnectorIdx>,
    },
}

/// A program that submits by SMTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// A mail program or an application.
    Smtp,
    /// A Unified Messaging server.
    Um,
}

/// Something that happens at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioEvent {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: ScenarioEventKind,
    /// Place in the file.
    pub span: Span,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioEventKind {
    /// A server stops. What it holds in memory is gone, what is on its disks waits.
    ServerDown(ServerIdx),
    /// A server that was down, destroyed or paused works again.
    ServerUp(ServerIdx, TransportDatabase),
    /// A server stops and its disks are gone: queues and copies of databases.
    Destroy(ServerIdx),
    /// A server does nothing for a while, and forgets nothing.
    Pause(ServerIdx),
    /// Two places no longer reach each other.
    NetworkCut(Cut),
    /// They do again.
    NetworkRestore(Cut),
    /// A connector no longer reaches what it leads to.
    ConnectorDown(ConnectorRef),
    /// It does again.
    ConnectorUp(ConnectorRef),
    /// A database is dismounted.
    Dismount(DatabaseIdx),
    /// A database is mounted again where it was.
    Mount(DatabaseIdx),
    /// A database moves to another copy.
    Failover {
        /// Which.
        database: DatabaseIdx,
        /// To which server; `None`: the first copy in order of preference whose server works.
        to: Option<ServerIdx>,
        /// How much of the end of its log is lost, besides what had not arrived at the copy.
        lost_log: Duration,
    },
    /// The configuration changes.
    Configuration(Vec<Edit>),
    /// An administrator drains the queues of a server to another (Redirect-Message).
    Redirect {
        /// From.
        server: ServerIdx,
        /// To; `None`: any other transport server of its site.
        to: Option<ServerIdx>,
    },
    /// The members of a distribution group change.
    GroupChange {
        /// Which.
        group: GroupIdx,
        /// New members, at the end.
        add: Vec<Address>,
        /// Former members.
        remove: Vec<Address>,
    },
    /// Every session of a server, or between two, breaks off.
    SessionCut {
        /// A server or peer.
        place: Place,
        /// Only sessions with this one.
        other: Option<Place>,
    },
}

/// Which queue database a server that comes back has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransportDatabase {
    /// The one it had.
    #[default]
    Same,
    /// An empty one with another id.
    New,
}

/// Between which the network is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// A place and everybody else; servers of one site still reach each other.
    Off(Place),
    /// Two places.
    Between(Place, Place),
    /// From the first place to the second, not back.
    OneWay(Place, Place),
    /// Over a site link.
    SiteLink(SiteLinkIdx),
}

/// A change of the configuration. Names stay, so that every index does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A connector to the outside is enabled or disabled.
    Enabled(ConnectorIdx, bool),
    /// The source servers of a connector to the outside.
    ConnectorSources(ConnectorIdx, Vec<ServerIdx>),
    /// The smart hosts of a connector to the outside; none: it resolves recipients' domains itself.
    SmartHosts(ConnectorIdx, Vec<String>),
    /// The largest message of a connector to the outside.
    ConnectorSize(ConnectorIdx, SizeLimit),
    /// The cost of a routing-group connector.
    GroupConnectorCost(RoutingGroupConnectorIdx, u32),
    /// The source servers of a routing-group connector.
    GroupConnectorSources(RoutingGroupConnectorIdx, Vec<ServerIdx>),
    /// The largest message of a routing-group connector.
    GroupConnectorSize(RoutingGroupConnectorIdx, SizeLimit),
    /// Active Directory's cost of a site link.
    SiteLinkCost(SiteLinkIdx, u32),
    /// Exchange's cost of a site link; `None`: it has none any more.
    ExchangeCost(SiteLinkIdx, Option<u32>),
    /// The largest message of a site link.
    SiteLinkSize(SiteLinkIdx, SizeLimit),
    /// Whether a site is a hub site.
    HubSite(SiteIdx, bool),
}

/// What is expected of a message in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Which.
    pub message: MessageIdx,
    /// For whom; `None`: for everybody it is for.
    pub recipient: Option<Address>,
    /// What becomes of it.
    pub fate: Option<FateKind>,
    /// Its fate is decided before this instant.
    pub before: Option<SimTime>,
    /// Its fate is decided at this instant or later.
    pub after: Option<SimTime>,
    /// How many copies arrive where they can be seen.
    pub copies: Option<u32>,
    /// Where it waits.
    pub queued_at: Option<ServerIdx>,
    /// Place in the file.
    pub span: Span,
}

/// What becomes of a message for one recipient (contract, `simulate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FateKind {
    /// In the recipient's mailbox, once.
    Delivered,
    /// Taken by a system outside the organization.
    DeliveredOutside,
    /// More than one copy can be seen.
    Duplicate,
    /// Delivered, and a second copy was recognized and dropped.
    SuppressedDuplicate,
    /// Waits in a queue.
    Queued,
    /// Waits in the Unreachable queue.
    Unreachable,
    /// Returned to its sender.
    Ndr,
    /// Returned to its sender, having waited too long.
    Expired,
    /// Refused with 451 4.4.0, for no shadow could be made.
    Rejected451,
    /// Gone, and nobody was told.
    Lost,
}

impl FateKind {
    /// Every kind with the name that files and results use.
    pub const NAMES: [(FateKind, &'static str); 10] = [
        (FateKind::Delivered, "delivered"),
        (FateKind::DeliveredOutside, "delivered_outside"),
        (FateKind::Duplicate, "duplicate"),
        (FateKind::SuppressedDuplicate, "suppressed_duplicate"),
        (FateKind::Queued, "queued"),
        (FateKind::Unreachable, "unreachable"),
        (FateKind::Ndr, "ndr"),
        (FateKind::Expired, "expired"),
        (FateKind::Rejected451, "rejected_451"),
        (FateKind::Lost, "lost"),
    ];

    /// The name that files and results use.
    pub fn name(self) -> &'static str {
        FateKind::NAMES[self as usize].1
    }
}

/// Timers that the topology does not hold, and what the documents leave open; each with the documented default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The hour of the week at which the simulation begins; `None`: windows of connectors count as open.
    pub start: Option<WeekMinute>,
    /// How long the simulation goes on at most. Default 14 d.
    pub until: Duration,
    /// From the connection to the acknowledgement of a message. Default 1 s; the documents give no number.
    pub transmission_time: Duration,
    /// QueueGlitchRetryCount. Default 4 (T20).
    pub queue_glitch_retry_count: u32,
    /// QueueGlitchRetryInterval. Default 1 min (T20).
    pub queue_glitch_retry_interval: Duration,
    /// TransientFailureRetryCount. Default 6 (T20).
    pub transient_failure_retry_count: u32,
    /// TransientFailureRetryInterval; `None`: 5 min, 10 min on an Edge server (T20).
    pub transient_failure_retry_interval: Option<Duration>,
    /// OutboundConnectionFailureRetryInterval; `None`: 10 min, 30 min on an Edge server (T20).
    pub outbound_connection_failure_retry_interval: Option<Duration>,
    /// MailboxDeliveryQueueRetryInterval. Default 5 min (T20).
    pub mailbox_delivery_queue_retry_interval: Duration,
    /// MaxIdleTimeBeforeResubmit: how long a queue is in Retry before its mail is routed anew. Default 12 h (T20).
    pub max_idle_time_before_resubmit: Duration,
    /// DelayNotificationTimeout. Default 4 h (T20).
    pub delay_notification_timeout: Duration,
    /// From the loss of the server of a database to its mounting elsewhere. Default 30 s: "seconds" (D40).
    pub database_failover_time: Duration,
    /// How long a mailbox database remembers what was delivered; 1 h on 2003. Default 7 d (T19, M8).
    pub duplicate_detection_window: Duration,
    /// From a failed delivery to a peer or from a submission that no server takes to the next try. Default 1 min; the
    /// documents give none.
    pub sender_retry_interval: Duration,
    /// Whether a 2013 server writes a message to its queue database only when its shadow is there. Default false (M1).
    pub commit_after_shadow: bool,
    /// Whether a shadow that becomes the message again gets a shadow of its own. Default false, as documented (M2).
    pub reshadow_on_promotion: bool,
    /// Whether a 2013 server always asks its partners in the order of their names, and not in turn. Default false (M3).
    pub partners_by_name: bool,
    /// Whether MaxRetriesForRemoteSiteShadow and MaxRetriesForLocalSiteShadow count what follows a first try, so that there is
    /// one more. Default false: they count all tries (M7).
    pub retries_follow_first_try: bool,
    /// Whether the discard notifications of a 2010 server are in its queue database, as those of 2013 are. Default false: a
    /// restart forgets them (M6).
    pub discards_survive_restart: bool,
    /// How often a 2010 hub where a database is active hands a message on to another hub at most. Default 2 (D13, M11).
    pub hub_reroutes: u32,
    /// Whether the time that a message may wait begins anew when its shadow becomes the message. Default false (M12).
    pub expiry_restarts_at_promotion: bool,
    /// How much earlier than the last log that has arrived Active Manager asks Safety Nets for. Default 1 min (M13).
    pub safety_net_lead: Duration,
    /// How long a primary Safety Net that does not answer is asked before its shadows are. Default 12 h (T14).
    pub safety_net_broadcast_after: Duration,
    /// How often it is asked meanwhile. Default 15 min; the documents give none.
    pub safety_net_retry_interval: Duration,
    /// How often a 2010 server asks for notifications while an acknowledgement waits for them. Default 1 s (A60, M11).
    pub delayed_ack_poll: Duration,
    /// Whether a 2010 server relays a message to another one of its site before it acknowledges it unverified (shadow redundancy
    /// promotion). Default off (X5).
    pub shadow_redundancy_promotion: bool,
    /// When a 2010 mailbox server that cannot reach a hub offers an item that the hub has pulled and does not own yet to another
    /// one; `None`: after the time in which heartbeats detect a failure (D41, M11).
    pub submission_owner_timeout: Option<Duration>,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            start: None,
            until: DAY * 14,
            transmission_time: Duration::from_secs(1),
            queue_glitch_retry_count: 4,
            queue_glitch_retry_interval: MINUTE,
            transient_failure_retry_count: 6,
            transient_failure_retry_interval: None,
            outbound_connection_failure_retry_interval: None,
            mailbox_delivery_queue_retry_interval: MINUTE * 5,
            max_idle_time_before_resubmit: HOUR * 12,
            delay_notification_timeout: HOUR * 4,
            database_failover_time: Duration::from_secs(30),
            duplicate_detection_window: DAY * 7,
            sender_retry_interval: MINUTE,
            commit_after_shadow: false,
            reshadow_on_promotion: false,
            partners_by_name: false,
            retries_follow_first_try: false,
            discards_survive_restart: false,
            hub_reroutes: 2,
            expiry_restarts_at_promotion: false,
            safety_net_lead: MINUTE,
            safety_net_broadcast_after: HOUR * 12,
            safety_net_retry_interval: MINUTE * 15,
            delayed_ack_poll: Duration::from_secs(1),
            shadow_redundancy_promotion: false,
            submission_owner_timeout: None,
        }
    }
}
