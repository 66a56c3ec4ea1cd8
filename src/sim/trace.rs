//! What a simulation tells: one event after the other, and everything that is said about a run is read from them.

pub use super::reasons::{Promotion, Resubmission, Return, Safe, Side};
pub(super) use super::recipients::take_away;
pub use super::recipients::{CopyIdx, RecipientIdx, Recipients};
use crate::delivery::DeliveryGroup;
use crate::model::{
    ConnectorIdx, ConnectorRef, DatabaseIdx, MessageIdx, Node, PeerIdx, RoutingGroupConnectorIdx, RoutingGroupIdx,
    ScenarioEventKind, ServerIdx, SimTime,
};

/// Who hands a message over or takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A server of the organization.
    Server(ServerIdx),
    /// A system outside that has a name.
    Peer(PeerIdx),
    /// A program that submits.
    Client,
    /// Somebody outside.
    Outside,
}

/// Where mailboxes are: a database, or what a server holds when databases are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// A database.
    Database(DatabaseIdx),
    /// The mailboxes of a server.
    Server(ServerIdx),
}

/// What a queue leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// Mailboxes (MapiDelivery, SmtpDeliveryToMailbox).
    Store(Store),
    /// Other servers of this site or legacy group (SmtpRelayWithinAdSite).
    Within(DeliveryGroup),
    /// The servers that send over a routing-group connector, in this site or legacy group.
    ConnectorSource(RoutingGroupConnectorIdx),
    /// Another site (SmtpRelayToRemoteAdSite), for the delivery group that all of the mail is for if there is one.
    Site(Node, Option<DeliveryGroup>),
    /// Over a routing-group connector (SmtpRelayToTiRg).
    Group(RoutingGroupConnectorIdx),
    /// Out through a connector (DnsConnectorDelivery, SmartHostConnectorDelivery, NonSmtpGatewayDelivery).
    Connector(ConnectorIdx),
    /// Nowhere (RT-2.15).
    Unreachable,
}

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Since the simulation began.
    pub at: SimTime,
    /// What.
    pub what: What,
}

/// What happened. The first word of each sentence is the name in the message tracking log, where that has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An event of the scenario, by position in [`crate::model::Scenario::events`].
    Scenario(u32),
    /// A server stops or comes back, not because the scenario says so but to see what happens then ([`super::explore`]).
    Struck(ScenarioEventKind),
    /// The sender's item is in the Outbox of its mailbox; for the client it is sent (A5).
    Stored {
        /// The message.
        message: MessageIdx,
        /// The mailbox's store.
        store: Store,
    },
    /// NOTIFYMAPI: a mailbox server tells a transport server that an item waits (A7).
    NotifyMapi {
        /// The mailbox server.
        server: ServerIdx,
        /// The transport server.
        hub: ServerIdx,
        /// The message.
        message: MessageIdx,
    },
    /// SUBMIT: the item has left the Outbox (A11).
    Submit {
        /// Where it was.
        store: Store,
        /// The message.
        message: MessageIdx,
    },
    /// A transport server says that it owns a message that it has pulled from an Outbox (A11). It may not be heard.
    Own {
        /// The transport server.
        server: ServerIdx,
        /// Its copy, which is done.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// Whose Outbox.
        store: Store,
    },
    /// Who keeps what it has handed over sends it again: whoever took it is taken to be lost (A15, D18, D29).
    SendAgain {
        /// A mailbox server, with the item in an Outbox, or a system outside.
        from: Actor,
        /// The message.
        message: MessageIdx,
        /// Who is taken to be lost.
        primary: Actor,
        /// Why.
        why: Promotion,
    },
    /// A system outside keeps what it has handed over no longer, for no notification can come any more (N22).
    LetGo {
        /// The system outside.
        from: Actor,
        /// The message.
        message: MessageIdx,
        /// Whether whoever took it is taken to be lost, so that the message is returned.
        returned: bool,
    },
    /// A 2010 server of a DAG takes a message from a database that is active on it, or delivers to one, for no other hub of
    /// the site answers (D9, D12): both copies are on one server (D37).
    Colocated {
        /// The server.
        server: ServerIdx,
        /// The message.
        message: MessageIdx,
        /// The database.
        store: Store,
    },
    /// SUBMITDEFER: no transport server takes the item.
    SubmitDefer {
        /// The mailbox server.
        server: ServerIdx,
        /// The message.
        message: MessageIdx,
        /// When it is tried again.
        until: SimTime,
    },
    /// RECEIVE: a copy is in the queue database of a server.
    Receive {
        /// The server.
        server: ServerIdx,
        /// The new copy.
        copy: CopyIdx,
        /// Of which message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
        /// Who handed it over.
        from: Actor,
        /// Received headers on it, this server's included.
        headers: u32,
    },
    /// The sender knows that its message was taken: the final 250.
    Acknowledge {
        /// Who took it.
        server: ServerIdx,
        /// Who handed it over.
        to: Actor,
        /// The message.
        message: MessageIdx,
    },
    /// A sender gave up for now: nobody took its message.
    SenderWaits {
        /// Who.
        from: Actor,
        /// The message.
        message: MessageIdx,
        /// When it is tried again.
        until: SimTime,
    },
    /// EXPAND: groups were replaced by their members.
    Expand {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// For whom it is now.
        recipients: Recipients,
    },
    /// TRANSFER: some recipients of a copy wait in a queue. What waited for them in another one does so no longer.
    Transfer {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Which recipients.
        recipients: Recipients,
        /// The queue.
        hop: Hop,
    },
    /// SEND: somebody took mail over, and the sender knows it. For these recipients the copy is done.
    Send {
        /// The sender.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Which recipients.
        recipients: Recipients,
        /// Who took it.
        to: Actor,
        /// The connector it left the organization through.
        connector: Option<ConnectorIdx>,
    },
    /// The message is in a mailbox. The sender may not know it yet.
    InMailbox {
        /// Where.
        store: Store,
        /// Which copy it was made from.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// Whose mailbox.
        recipient: RecipientIdx,
    },
    /// Somebody outside the organization has the message. The sender may not know it yet.
    Outside {
        /// Who.
        to: Actor,
        /// Which copy it was made from.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
    },
    /// DELIVER: the server knows that the mailbox has the message. For this recipient the copy is done.
    Deliver {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Whose mailbox.
        recipient: RecipientIdx,
    },
    /// DUPLICATEDELIVER: the mailbox has had the message already (X28). For this recipient the copy is done.
    DuplicateDeliver {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// Whose mailbox.
        recipient: RecipientIdx,
    },
    /// DEFER: a queue waits, for nobody answers.
    Defer {
        /// The server.
        server: ServerIdx,
        /// The queue.
        hop: Hop,
        /// Tries that failed in a row.
        failures: u32,
        /// When it is tried again.
        until: SimTime,
    },
    /// RESUBMIT: what waits in a queue is routed anew.
    Resubmit {
        /// The server.
        server: ServerIdx,
        /// The queue; `None`: everything in its queue database.
        hop: Option<Hop>,
        /// Why.
        why: Resubmission,
    },
    /// DSN: the sender is told that the message is late.
    Delayed {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// For whom it is late.
        recipients: Recipients,
    },
    /// FAIL: the message is returned. For these recipients the copy is done.
    Fail {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
        /// Why.
        cause: Return,
    },
    /// The queue database of a server is gone, with every copy in it.
    QueuesLost {
        /// The server.
        server: ServerIdx,
    },
    /// A store comes up without the end of its log: what was delivered since an instant is no longer there.
    LogLost {
        /// The store.
        store: Store,
        /// Everything from this instant on.
        since: SimTime,
    },
    /// A store is mounted.
    Mounted {
        /// The store.
        store: Store,
        /// On which server.
        server: ServerIdx,
    },
    /// A 2010 server acknowledges a message only when it is verified, or at the latest at this instant (A49, T1).
    AckDelayed {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// The deadline.
        until: SimTime,
    },
    /// A delayed acknowledgement is due: `verified`, or its time is up (A52, A54).
    AckDue {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Whether every branch was verified.
        verified: bool,
    },
    /// A server answers with a transient rejection, and keeps nothing (S22: 451).
    Refuse {
        /// The server.
        server: ServerIdx,
        /// Who handed the message over.
        to: Actor,
        /// The message.
        message: MessageIdx,
        /// The reply code.
        code: u16,
    },
    /// A server drops a copy that it has not accepted: whoever handed it over still has the message (S22).
    Abandon {
        /// The server.
        server: ServerIdx,
        /// The copy, which goes nowhere.
        copy: CopyIdx,
    },
    /// A 2010 server keeps its copy as the shadow of what it has handed over (A30). It is one shadow for each next hop.
    Shadow {
        /// The server.
        server: ServerIdx,
        /// Its copy.
        copy: CopyIdx,
        /// Who is responsible now.
        primary: Actor,
        /// For whom.
        recipients: Recipients,
    },
    /// HARECEIVE: a 2013 server holds a shadow for another one (S28).
    HaReceive {
        /// The shadow server.
        server: ServerIdx,
        /// The new copy.
        copy: CopyIdx,
        /// Of which message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
        /// The primary server.
        primary: ServerIdx,
        /// Its copy.
        of: CopyIdx,
    },
    /// A shadow is in the shadow queue of one next hop of its primary server; a shadow with several next hops is in several
    /// (S10). Follows its HARECEIVE.
    ShadowQueued {
        /// The shadow server.
        server: ServerIdx,
        /// The shadow.
        copy: CopyIdx,
        /// The primary server.
        primary: ServerIdx,
        /// Where that sends it.
        hop: Hop,
        /// For whom.
        recipients: Recipients,
    },
    /// A message that comes of another one begins its way: the shadow of that one stays until both are done (S71).
    SideQueued {
        /// The primary server.
        server: ServerIdx,
        /// Its copy.
        copy: CopyIdx,
        /// What it is.
        side: Side,
    },
    /// A message that comes of another one is handed on.
    SideDone {
        /// The primary server.
        server: ServerIdx,
        /// Its copy.
        copy: CopyIdx,
        /// What it was.
        side: Side,
    },
    /// HAREDIRECT: the primary server knows of its shadow.
    HaRedirect {
        /// The primary server.
        server: ServerIdx,
        /// Its copy.
        copy: CopyIdx,
        /// The shadow server.
        shadow_server: ServerIdx,
        /// The shadow.
        shadow: CopyIdx,
    },
    /// HAREDIRECTFAIL: no shadow could be made.
    HaRedirectFail {
        /// The primary server.
        server: ServerIdx,
        /// Its copy.
        copy: CopyIdx,
        /// How many servers were tried.
        tries: u32,
    },
    /// A discard notification waits for who holds the shadow (A20, A31, S55).
    DiscardQueued {
        /// Who has prepared it.
        server: ServerIdx,
        /// The copy that is done.
        copy: CopyIdx,
        /// Who is to ask for it.
        holder: Actor,
    },
    /// A discard notification that nobody has asked for is dropped (T5).
    DiscardDropped {
        /// Who has prepared it.
        server: ServerIdx,
        /// The copy that is done.
        copy: CopyIdx,
        /// Who has not asked.
        holder: Actor,
    },
    /// A holder of shadows had a session with a primary server and has its notifications (A33, S57, S61).
    Heartbeat {
        /// Who asked.
        holder: ServerIdx,
        /// Who answered.
        primary: Actor,
        /// Whose Outboxes it asked about (D41); `None`: its shadow queues.
        outbox: Option<Store>,
        /// How many notifications there were.
        notifications: u32,
    },
    /// A holder of shadows did not reach a primary server.
    HeartbeatMissed {
        /// Who asked.
        holder: ServerIdx,
        /// Who did not answer.
        primary: Actor,
        /// Whose Outboxes it asked about (D41); `None`: its shadow queues.
        outbox: Option<Store>,
        /// How often in a row.
        misses: u32,
    },
    /// HADISCARD: a shadow is released.
    HaDiscard {
        /// Who held it.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Whose notification it was.
        primary: Actor,
        /// For whom it was one.
        recipients: Recipients,
    },
    /// A shadow becomes the message again: its primary server is taken to be lost (A35, S62, S63).
    Promote {
        /// Who held it.
        server: ServerIdx,
        /// The copy, which is in no shadow queue any more.
        copy: CopyIdx,
        /// Who is taken to be lost.
        primary: Actor,
        /// For whom.
        recipients: Recipients,
        /// Why.
        why: Promotion,
    },
    /// A shadow has lived too long (S76).
    ShadowExpired {
        /// Who held it.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// For whom it was one.
        recipients: Recipients,
    },
    /// What is done is kept for the case that a mailbox database loses it (A19, X10).
    Kept {
        /// Who keeps it.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Where.
        safe: Safe,
        /// The message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
    },
    /// What was kept is no longer.
    Dropped {
        /// Who kept it.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// Where.
        safe: Safe,
        /// For whom.
        recipients: Recipients,
    },
    /// RESUBMIT: what was kept is delivered again. A new copy comes with its own RECEIVE.
    Replay {
        /// Who kept it.
        server: ServerIdx,
        /// The kept copy.
        of: CopyIdx,
        /// Where.
        safe: Safe,
        /// The database that asked.
        store: Store,
        /// For whom.
        recipients: Recipients,
    },
    /// RESUBMITDEFER: a server does not answer whose Safety Net is asked for (X15).
    ReplayDefer {
        /// The database that asks.
        store: Store,
        /// Who is asked.
        server: ServerIdx,
        /// When it is asked again.
        until: SimTime,
    },
    /// RESUBMITFAIL: a Safety Net is no longer asked for.
    ReplayFail {
        /// The database that asks.
        store: Store,
        /// Who was asked.
        server: ServerIdx,
    },
    /// Every Transport service of the boundary is asked for the shadows of mail of which a primary Safety Net is not there
    /// (X15, X17).
    ReplayBroadcast {
        /// The database that asks.
        store: Store,
        /// Whose Safety Net is not there.
        primary: ServerIdx,
        /// The interval that is asked for begins here,
        since: SimTime,
        /// and ends here.
        to: SimTime,
    },
    /// Mail from a Safety Net cannot be delivered, and nobody is told (X19). For these recipients the copy is done.
    Silent {
        /// The server.
        server: ServerIdx,
        /// The copy.
        copy: CopyIdx,
        /// The message.
        message: MessageIdx,
        /// For whom.
        recipients: Recipients,
        /// What the sender would have been told.
        cause: Return,
    },
    /// A legacy group believes other connectors to be down than before.
    Believes {
        /// The group.
        group: RoutingGroupIdx,
        /// What it believes to be down, ascending.
        down: Vec<ConnectorRef>,
    },
}
