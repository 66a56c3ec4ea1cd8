//! Shadow redundancy and Safety Net as 2013 and later have them.
//!
//! A message that a Transport service receives is copied to another server of its boundary *before* whoever sent it is told
//! that it was taken (S2): the receiver is its primary server, the other one its shadow server. The pair stays where it is while
//! the primary server finishes its work; then the shadow server learns of it, and both keep the message for the case that a
//! mailbox database loses it.
//!
//! * `boundary`: who can be whose shadow server, and in which order they are tried;
//! * `creation`: from the last byte of a message to its acknowledgement or rejection;
//! * `completion`: the primary server's side of the end: forks, messages that come of a message, discard notifications;
//! * `holding`: the shadow server's side: heartbeats, release, taking over, expiry;
//! * `safety_net`: what is kept, for how long, and how it is delivered again;
//! * `requests`: who asks for that, and what happens when nobody answers;
//! * `submission`: which Transport service a mailbox server hands its items to.
//!
//! What is on disk goes with the queue database and survives a restart (S5, S60); what is in memory does not.

mod boundary;
mod completion;
mod creation;
mod holding;
mod requests;
mod safety_net;
mod submission;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use smallvec::SmallVec;

use self::completion::{Discard, Sides};
use self::creation::Attempt;
use self::holding::{Contact, Shadow};
use self::requests::Request;
pub(super) use self::requests::Requests;
use self::safety_net::Kept;
pub(super) use self::submission::Nearest;
use super::agenda::Class;
use super::databases::Databases;
use super::kernel::{self, Kernel};
use super::mutant::Mutant;
use super::state::TransferKey;
use super::trace::{CopyIdx, Side};
use crate::model::{ServerIdx, SimTime};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// What a server holds.
#[derive(Debug, Default)]
pub(in crate::sim) struct State {
    disk: Disk,
    memory: Memory,
}

/// What is in the queue database beside the messages themselves.
#[derive(Debug, Default)]
struct Disk {
    /// Shadows that it holds for others, by primary server and its copy.
    shadows: BTreeMap<holding::Key, Shadow>,
    /// The queue databases that those primary servers had.
    databases: Databases<ServerIdx>,
    /// Who holds, or may hold, shadows of its own copies (S64).
    guards: BTreeMap<CopyIdx, SmallVec<[ServerIdx; 1]>>,
    /// What came of its copies and is not handed on yet (S71).
    sides: BTreeMap<CopyIdx, Sides>,
    /// Discard notifications, by who is to ask for them and the copy that is done (S60).
    discards: BTreeMap<(ServerIdx, CopyIdx), Discard>,
    /// The Safety Net, in the order in which it came together.
    kept: VecDeque<Kept>,
    /// When this queue database was made.
    made_at: SimTime,
    /// It was made since the server worked last.
    is_new: bool,
}

/// What a crash takes.
#[derive(Debug, Default)]
struct Memory {
    /// Copies that are not acknowledged, since their shadows are being made.
    attempts: BTreeMap<CopyIdx, Attempt>,
    /// Primary servers of the shadows that it holds (S65).
    contacts: BTreeMap<ServerIdx, Contact>,
    /// Messages that it has looked for a shadow server for, for taking turns (M3).
    turn: usize,
}

/// What is put down for later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Event {
    /// A session has lasted too long although data flows (S53).
    Endless(TransferKey),
    /// The session in which a primary server received a copy ends, for it has not heard anything for too long (S39).
    TimeOut(ServerIdx, CopyIdx),
    /// That session is gone.
    SenderGone(ServerIdx, CopyIdx),
    /// The session is gone in which a primary server was making a shadow, with a server that may have it all the same.
    PartnerGone(ServerIdx, CopyIdx, TransferKey, Option<ServerIdx>),
    /// A shadow server has had no session with a primary server for as long as it waits, in a life of its own (S58).
    Tick(ServerIdx, ServerIdx, u32),
    /// A primary server is asked for notifications by a shadow server, in a life of that one (S57).
    Asked(ServerIdx, ServerIdx, u32),
    /// A shadow server has the answer.
    Told(Box<holding::Answer>),
    /// A primary server knows that its answer has arrived (M5).
    Confirmed(ServerIdx, ServerIdx, Vec<CopyIdx>),
    /// A shadow has lived too long (T13).
    ShadowExpires(ServerIdx, holding::Key),
    /// A discard notification has waited too long for somebody (T5).
    DiscardExpires(ServerIdx, ServerIdx, CopyIdx),
    /// A message that comes of another one is handed on.
    SideDone(ServerIdx, CopyIdx, Side),
    /// The oldest that a Safety Net keeps may be too old (T11).
    KeptExpires(ServerIdx),
    /// Active Manager asks a server for what its Safety Net keeps.
    Ask(u32),
    /// A server is asked.
    Replay(Box<Request>),
}

impl Event {
    /// The server that has to work for the event to be handled.
    pub(in crate::sim) fn acts_at(&self) -> Option<ServerIdx> {
        match self {
            Event::Endless(_) | Event::Ask(_) => None,
            Event::TimeOut(server, _)
            | Event::SenderGone(server, _)
            | Event::PartnerGone(server, ..)
            | Event::Tick(server, ..)
            | Event::Asked(server, ..)
            | Event::Confirmed(server, ..)
            | Event::ShadowExpires(server, _)
            | Event::DiscardExpires(server, ..)
            | Event::SideDone(server, ..)
            | Event::KeptExpires(server) => Some(*server),
            Event::Replay(request) => Some(request.server),
            Event::Told(answer) => Some(answer.holder),
        }
    }
}

impl Kernel<'_> {
    pub(in crate::sim) fn shadow_2013(&mut self, event: Event) {
        match event {
            Event::Endless(transfer) => return self.session_is_endless(transfer),
            Event::Ask(request) => return self.ask_safety_net(request),
            Event::Replay(request) => return self.answer_request(*request),
            _ => {}
        }
        // What a server that has stopped had planned is looked at when it starts.
        if event.acts_at().is_some_and(|server| !self.works(server)) {
            return;
        }
        match event {
            Event::Endless(_) | Event::Ask(_) | Event::Replay(_) => {}
            Event::TimeOut(server, copy) => self.shadow_takes_too_long(server, copy),
            Event::SenderGone(server, copy) => self.sender_is_gone(server, copy),
            Event::PartnerGone(server, copy, session, sent) => self.partner_is_gone(server, copy, session, sent),
            Event::Tick(holder, primary, epoch) => self.heartbeat_is_due(holder, primary, epoch),
            Event::Asked(primary, holder, epoch) => self.asked_for_discards(primary, holder, epoch),
            Event::Told(answer) => self.told_of_discards(*answer),
            Event::Confirmed(primary, holder, copies) => self.discards_arrived(primary, holder, &copies),
            Event::ShadowExpires(server, shadow) => self.shadow_expires(server, shadow),
            Event::DiscardExpires(server, holder, copy) => self.discard_expires(server, holder, copy),
            Event::SideDone(server, copy, side) => self.side_is_done(server, copy, side),
            Event::KeptExpires(server) => self.drop_kept(server),
        }
    }

    fn put_2013(&mut self, at: SimTime, class: Class, event: Event) {
        self.put(at, class, kernel::Event::Shadow2013(event));
    }

    fn disk(&mut self, server: ServerIdx) -> &mut Disk {
        &mut self.servers[server].shadow_2013.disk
    }

    fn ram(&mut self, server: ServerIdx) -> &mut Memory {
        &mut self.servers[server].shadow_2013.memory
    }

    pub(in crate::sim) fn memory_lost_2013(&mut self, server: ServerIdx) {
        let memory = std::mem::take(self.ram(server));
        if self.is(Mutant::DiscardsNotPersisted) {
            self.disk(server).discards.clear();
        }
        let unaccepted = self.rejects() || self.stage.scenario.settings.commit_after_shadow;
        for copy in memory.attempts.into_keys().filter(|_| unaccepted) {
            self.abandon(server, copy);
        }
    }

    /// What has no shadow yet goes with the queue database, which tells it; nobody drops it first.
    pub(in crate::sim) fn unaccepted_lost(&mut self, server: ServerIdx) {
        for copy in std::mem::take(&mut self.ram(server).attempts).into_keys() {
            if self.servers[server].items.remove(&copy).is_some() {
                self.open_items -= 1;
            }
            self.disk(server).sides.remove(&copy);
        }
    }

    pub(in crate::sim) fn kept_lost_2013(&mut self, server: ServerIdx) {
        let lost = std::mem::take(self.disk(server));
        self.open_shadows -= lost.shadows.len();
        self.disk(server).is_new = true;
    }

    pub(in crate::sim) fn starts_2013(&mut self, server: ServerIdx) {
        let now = self.now;
        let disk = self.disk(server);
        if std::mem::take(&mut disk.is_new) {
            disk.made_at = now;
        }
        self.shadows_start(server);
        self.completion_starts(server);
        self.drop_kept(server);
    }

    /// RejectMessageOnShadowFailure, which means something only while there are shadows (S23).
    fn rejects(&self) -> bool {
        self.shadows_are_on() && self.stage.org.transport_config().reject_message_on_shadow_failure == Some(true)
    }

    /// SafetyNetHoldTime (T11).
    fn safety_net_hold_time(&self) -> Duration {
        let set = self.stage.org.transport_config().safety_net_hold_time;
        set.unwrap_or(DAY * 2)
    }
}
