//! `simulate` as JSON.
//!
//! Instants are milliseconds since the simulation began.

use schemars::JsonSchema;
use serde::Serialize;

use super::disturbed::{FaultRecord, StopRecord};
use super::names::Names;
use super::outcomes::OutcomesRecord;
use super::violation::ViolationRecord;
use crate::model::{FateKind, SimTime};
use crate::sim::{Cause, DupId, Fate, Place, Run, Stage, Unmet, Wanted};

/// The value of `format` in [`SimulateRecord`].
pub const SIMULATE_FORMAT: &str = "bridgehead.simulate/1";

/// `simulate`: one run, or with `--explore` and `--seeds` what came of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SimulateDocument<'a> {
    /// One run.
    Run(SimulateRecord<'a>),
    /// What came of many.
    Outcomes(OutcomesRecord<'a>),
}

/// `simulate`: what happened, and what became of every message. It is written as it happens, so that the trace comes first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SimulateRecord<'a> {
    /// `bridgehead.simulate/1`.
    pub format: &'static str,
    /// The seed of `--seed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Faults of that seed, in the order of time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRecord>,
    /// Servers that stop because of `--stop`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<StopRecord<'a>>,
    /// Everything that happened, in order.
    pub trace: Vec<EventRecord<'a>>,
    /// What became of each message for each recipient; by message, then by recipient. Groups that were replaced by their members
    /// are no recipients.
    pub fates: Vec<FateRecord<'a>>,
    /// Messages, by id, that were for groups alone which had no members when they were expanded; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub for_nobody: Vec<&'a str>,
    /// What the scenario expects, in its order.
    pub expectations: Vec<ExpectationRecord<'a>>,
    /// What may not be and was; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationRecord<'a>>,
    /// How it ended.
    pub ended: EndedRecord,
}

/// Something that happened. `event` decides which of the fields are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventRecord<'a> {
    /// When, in milliseconds since the simulation began.
    pub at: u64,
    /// The name in the message tracking log where that has one, else a name of the simulator in the same style; an event of the
    /// scenario by its kind.
    pub event: &'static str,
    /// The server that it happens at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<&'a str>,
    /// The mailboxes that it happens in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreRecord<'a>>,
    /// The legacy routing group that it happens in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_group: Option<&'a str>,
    /// The message, by its id in the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// The copy of the message, counted from 1 in the order in which copies come into being.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<u32>,
    /// The copy that this one was made from, or whose shadow it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    /// For whom.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// Who hands over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<ActorRecord<'a>>,
    /// Who takes, or is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<ActorRecord<'a>>,
    /// The queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueRecord<'a>>,
    /// The connector that mail leaves the organization through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector: Option<&'a str>,
    /// Who is responsible for what is shadowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<ActorRecord<'a>>,
    /// Who holds a shadow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<ActorRecord<'a>>,
    /// The copy that is the shadow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<u32>,
    /// Where what is done is kept: `dumpster`, `primary_safety_net`, `shadow_safety_net`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_in: Option<&'static str>,
    /// Why: what made mail be routed anew or a shadow be promoted, what a DSN tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// Status code of an NDR, reply code of a rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Tries that failed in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// Received headers on the copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<u32>,
    /// Discard notifications that were handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<u32>,
    /// Whether an acknowledgement is due since every branch was verified, and not since its time is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// When it is tried again, or at the latest happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// From when on what was delivered is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Connectors that are believed to be down; none: nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<&'a str>>,
    /// An event of the scenario in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Who hands a message over or takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorRecord<'a> {
    /// A server of the organization.
    Server(&'a str),
    /// A system outside that the scenario names.
    Peer(&'a str),
    /// A program that submits.
    Client,
    /// Somebody outside.
    Outside,
}

/// Where mailboxes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreRecord<'a> {
    /// In a database.
    Database(&'a str),
    /// On a server whose databases are not told.
    Server(&'a str),
}

/// A queue of a server, by where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QueueRecord<'a> {
    /// `database` or `mailboxes` (of a server), `within` (to other servers of the site or group), `connector_source` (to the
    /// servers here that send over a routing-group connector), `site`, `routing_group`, `routing_group_connector`,
    /// `connector` (out of the organization), `unreachable`.
    pub kind: &'static str,
    /// The name of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_hop: Option<&'a str>,
    /// What all of the mail is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_group: Option<String>,
    /// Whether the name of where it leads says as much, so that text leaves the group out.
    #[serde(skip)]
    pub(super) is_plain: bool,
}

/// What became of a message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FateRecord<'a> {
    /// The message, by its id in the scenario.
    pub message: &'a str,
    /// For whom.
    pub recipient: String,
    /// What became of it: `delivered`, `delivered_outside`, `duplicate`, `suppressed_duplicate`, `queued`, `unreachable`, `ndr`,
    /// `expired`, `rejected_451` or `lost`.
    pub fate: &'static str,
    /// When that was decided; of what waits: since when it waits there.
    pub at: u64,
    /// Copies that can be seen: in the mailbox, or outside.
    pub copies: u32,
    /// Why: the status code of what was returned, the id of a loss (`L10-5`), the ids of what made copies too many (`DUP-5`; several
    /// with commas between them).
    pub cause: Option<String>,
    /// Where it waits, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<WaitsRecord<'a>>,
}

/// Where a message waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitsRecord<'a> {
    /// `sender`: nobody has taken it; `outbox`: with the sender's mailbox; `queue`; `under_way`: a server is handing it on; `shadow`: only as a shadow.
    pub place: &'static str,
    /// The server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<&'a str>,
    /// Where the mailbox is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreRecord<'a>>,
    /// The queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueRecord<'a>>,
}

/// What the scenario expects of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExpectationRecord<'a> {
    /// The message.
    pub message: &'a str,
    /// For whom; absent: for everybody it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What becomes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fate: Option<&'static str>,
    /// That is decided before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// That is decided at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// So many copies can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<u32>,
    /// Where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<&'a str>,
    /// `met` or `failed`; when a bound ended the run, `failed` or `open`.
    pub outcome: &'static str,
    /// What came instead, by recipient.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub came: Vec<CameRecord<'a>>,
}

/// What came instead of what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CameRecord<'a> {
    /// The fields of the expectation that are not so.
    pub unmet: Vec<&'static str>,
    /// What came; absent: in the end the message was for nobody whom the expectation is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fate: Option<FateRecord<'a>>,
}

/// How a simulation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndedRecord {
    /// `itself`: nothing was left to happen; `until`: the time of the scenario was over; `bound`: so many events were handled that
    /// a stated bound was reached, and what would have come is not known.
    pub by: &'static str,
    /// When something last happened.
    pub at: u64,
    /// Events that were handled.
    pub events: u64,
}

impl EndedRecord {
    /// The record of a run.
    pub(super) fn new(run: &Run) -> EndedRecord {
        EndedRecord {
            by: match (run.limit_hit, run.over) {
                (true, _) => "bound",
                (false, true) => "itself",
                (false, false) => "until",
            },
            at: run.ended_at.ms(),
            events: run.events,
        }
    }
}

impl<'a> FateRecord<'a> {
    /// The record of a fate.
    pub(super) fn new(names: Names<'a>, fate: &Fate) -> FateRecord<'a> {
        FateRecord {
            message: names.message(fate.message),
            recipient: names.recipient(fate.recipient),
            fate: fate.kind.name(),
            at: fate.at.ms(),
            copies: fate.copies,
            cause: fate.cause.as_ref().map(cause_text),
            waits: fate.waits.as_ref().map(|place| WaitsRecord::new(names, place)),
        }
    }
}

/// The id of a cause.
fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::Returned(returned) => returned.code().to_owned(),
        Cause::Lost(id) => id.name().to_owned(),
        Cause::Duplicate(ids) => ids.iter().map(DupId::name).collect::<Vec<_>>().join(", "),
    }
}

impl<'a> WaitsRecord<'a> {
    fn new(names: Names<'a>, place: &Place) -> WaitsRecord<'a> {
        let (place, server, store, queue) = match *place {
            Place::Sender => ("sender", None, None, None),
            Place::Outbox(store) => ("outbox", None, Some(names.store(store)), None),
            Place::Queue(server, hop) => ("queue", Some(names.server(server)), None, Some(names.queue(hop))),
            Place::UnderWay(server) => ("under_way", Some(names.server(server)), None, None),
            Place::Shadow(server, _) => ("shadow", Some(names.server(server)), None, None),
        };
        WaitsRecord {
            place,
            server,
            store,
            queue,
        }
    }
}

impl<'a> ExpectationRecord<'a> {
    /// Every expectation of the scenario. `unmet`: those that are not met, in the same order.
    pub(super) fn all(stage: &'a Stage, unmet: &[Unmet], run: &Run) -> Vec<ExpectationRecord<'a>> {
        let names = Names { stage };
        let expectations = stage.scenario().expectations.iter().enumerate();
        let record = |(position, expectation): (usize, &'a crate::model::Expectation)| {
            let first = unmet.partition_point(|unmet| unmet.expectation < position);
            let unmet = unmet[first..].iter();
            let unmet: Vec<&Unmet> = unmet.take_while(|unmet| unmet.expectation == position).collect();
            let ms = |instant: Option<SimTime>| instant.map(SimTime::ms);
            ExpectationRecord {
                message: names.message(expectation.message),
                recipient: expectation.recipient.as_ref().map(ToString::to_string),
                fate: expectation.fate.map(FateKind::name),
                before: ms(expectation.before),
                after: ms(expectation.after),
                copies: expectation.copies,
                queued_at: expectation.queued_at.map(|server| names.server(server)),
                outcome: match unmet.iter().any(|unmet| unmet.has_failed(run)) {
                    true => "failed",
                    false if run.limit_hit => "open",
                    false => "met",
                },
                came: unmet.iter().map(|unmet| CameRecord::new(names, unmet)).collect(),
            }
        };
        expectations.map(record).collect()
    }
}

impl<'a> CameRecord<'a> {
    fn new(names: Names<'a>, unmet: &Unmet) -> CameRecord<'a> {
        let field = |wanted: &Wanted| match wanted {
            Wanted::Fate(_) => "fate",
            Wanted::Before(_) => "before",
            Wanted::After(_) => "after",
            Wanted::Copies(_) => "copies",
            Wanted::QueuedAt(_) => "queued_at",
        };
        CameRecord {
            unmet: unmet.wanted.iter().map(field).collect(),
            fate: unmet.came.as_ref().map(|fate| FateRecord::new(names, fate)),
        }
    }
}
