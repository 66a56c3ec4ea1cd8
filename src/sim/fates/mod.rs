//! What became of every message for everybody it is for, read from the trace alone.

mod end;
mod members;

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;
use indexmap::IndexMap;
use oxc_index::IndexVec;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use super::Stage;
use super::alive::Alive;
use super::causes::Cause;
use super::groups::Groups;
use super::sink::Sink;
use super::tallies::{Held, Item, Tallies, Tally};
use super::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Store, TraceEvent, What, take_away};
use crate::model::{FateKind, Generation, MessageIdx, ServerIdx, SimTime};

/// What became of a message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The message.
    pub message: MessageIdx,
    /// For whom.
    pub recipient: RecipientIdx,
    /// What became of it.
    pub kind: FateKind,
    /// When that was decided; of what waits: since when it waits there.
    pub at: SimTime,
    /// Copies that can be seen: in the mailbox, or outside.
    pub copies: u32,
    /// Why; of what was lost or came twice only an [`super::Observer`] can tell.
    pub cause: Option<Cause>,
    /// Where it waits, if it does.
    pub waits: Option<Place>,
}

/// Where a message waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// With its sender.
    Sender,
    /// In the Outbox of its sender's mailbox.
    Outbox(Store),
    /// In a queue of a server.
    Queue(ServerIdx, Hop),
    /// On its way from a server.
    UnderWay(ServerIdx),
    /// As a shadow, with a server that waits for another one.
    Shadow(ServerIdx, Actor),
}

/// Where what waits, and since when.
type Waits = BTreeMap<(MessageIdx, RecipientIdx), (Place, SimTime)>;

/// Collects what becomes of messages.
#[derive(Debug)]
pub struct Fates<'a> {
    stage: &'a Stage,
    groups: Groups,
    held: Alive<Held>,
    /// Shadows, by copy and primary.
    shadows: BTreeMap<(CopyIdx, Actor), Held>,
    /// The copy that was sent last: a shadow of it may be told next.
    sent: Option<(CopyIdx, MessageIdx)>,
    tallies: IndexVec<MessageIdx, Tallies>,
    /// Groups that were replaced by their members.
    replaced: BTreeSet<(MessageIdx, RecipientIdx)>,
    outboxes: IndexMap<MessageIdx, Item, FxBuildHasher>,
    /// Messages that a server has taken from outside.
    entered: FixedBitSet,
    /// Copies that servers have made for systems outside that keep shadows until they are done (A26).
    for_keepers: BTreeMap<CopyIdx, MessageIdx>,
    /// Messages that systems outside keep: they send them again if need be.
    kept_outside: BTreeSet<MessageIdx>,
    /// Messages that were rejected last, and when.
    rejected: BTreeMap<MessageIdx, SimTime>,
    /// Deliveries by store, in order, for what is lost when one moves.
    delivered: BTreeMap<Store, Vec<(SimTime, MessageIdx, RecipientIdx)>>,
}

impl<'a> Fates<'a> {
    /// Nothing has happened yet.
    pub fn new(stage: &'a Stage) -> Fates<'a> {
        Fates {
            stage,
            groups: Groups::new(stage),
            held: Alive::default(),
            shadows: BTreeMap::new(),
            sent: None,
            tallies: stage.scenario().messages.iter().map(|_| Tallies::new()).collect(),
            replaced: BTreeSet::new(),
            outboxes: IndexMap::default(),
            entered: FixedBitSet::with_capacity(stage.scenario().messages.len()),
            for_keepers: BTreeMap::new(),
            kept_outside: BTreeSet::new(),
            rejected: BTreeMap::new(),
            delivered: BTreeMap::new(),
        }
    }

    /// What became of every message for every recipient, by message, then by address. Groups that were expanded are no
    /// recipients; their members are, unless they have left before a copy was there for them (N72).
    pub fn fates(&self) -> Vec<Fate> {
        let waits = self.waits();
        let mut fates = Vec::with_capacity(self.tallies.iter().map(|of| of.len().max(1)).sum());
        for (message, known) in self.tallies.iter_enumerated() {
            let silent = self.stage.recipients_of(message).into_iter();
            let silent = silent
                .filter(|recipient| !known.contains_key(recipient) && !self.replaced.contains(&(message, *recipient)));
            // Of whom nothing was told.
            let mut silent = silent.peekable();
            let nothing = Tally::default();
            let mut tell = |recipient: RecipientIdx, tally: &Tally| {
                let key = (message, recipient);
                let fate = self.fate(key, tally, self.waiting_place(key, &waits));
                if !(tally.has_left() && fate.kind == FateKind::Lost) {
                    fates.push(fate);
                }
            };
            for (recipient, tally) in known.iter() {
                while let Some(before) = silent.next_if(|before| before < recipient) {
                    tell(before, &nothing);
                }
                tell(*recipient, tally);
            }
            silent.for_each(|recipient| tell(recipient, &nothing));
        }
        fates
    }

    /// Whether somebody is a system outside that keeps what it hands to a server (A26, A27).
    fn keeps(&self, from: Actor, server: ServerIdx) -> bool {
        let Actor::Peer(peer) = from else { return false };
        let (org, scenario) = (self.stage.org(), self.stage.scenario());
        scenario.peers[peer].shadow
            && org.servers()[server].version.generation() == Generation::Exchange2010
            && org.transport_config().shadow_redundancy_enabled.unwrap_or(true)
    }

    fn tally(&mut self, message: MessageIdx, recipient: RecipientIdx) -> &mut Tally {
        self.tallies[message].or_default(recipient)
    }

    /// A copy is done for some recipients.
    fn done(&mut self, copy: CopyIdx, recipients: &[RecipientIdx]) {
        let Some(held) = self.held.get_mut(&copy) else { return };
        take_away(&mut held.pending, recipients);
        if held.pending.is_empty() {
            self.held.remove(&copy);
        }
    }

    /// A server keeps what it has handed on.
    fn shadow(&mut self, at: SimTime, server: ServerIdx, key: (CopyIdx, Actor), recipients: &Recipients) {
        let Some((_, message)) = self.sent.filter(|(copy, _)| *copy == key.0) else {
            return;
        };
        let shadow = self.shadows.entry(key).or_insert_with(|| Held {
            server,
            message,
            pending: Recipients::new(),
            queued: SmallVec::new(),
        });
        shadow.pending.extend(recipients.iter().copied());
        shadow.queued.push((recipients.clone(), Hop::Unreachable, at));
    }

    /// What was kept is a copy like any other again.
    fn promote(&mut self, key: (CopyIdx, Actor), recipients: &Recipients) {
        let Some(shadow) = self.take_shadow(key, recipients) else {
            return;
        };
        match self.held.get_mut(&key.0) {
            Some(held) => held.pending.extend(shadow.pending),
            None => {
                let held = Held {
                    queued: SmallVec::new(),
                    ..shadow
                };
                self.held.insert(key.0, held);
            }
        }
    }

    /// Takes the part of a shadow that was for some recipients.
    fn take_shadow(&mut self, key: (CopyIdx, Actor), recipients: &Recipients) -> Option<Held> {
        let shadow = self.shadows.get_mut(&key)?;
        let mut part = shadow.clone();
        part.pending.retain(|recipient| recipients.contains(recipient));
        shadow.pending.retain(|recipient| !recipients.contains(recipient));
        if shadow.pending.is_empty() {
            self.shadows.remove(&key);
        }
        Some(part)
    }

    fn shadow_expired(&mut self, at: SimTime, copy: CopyIdx, recipients: &Recipients) {
        let from = (copy, Actor::Server(ServerIdx::from_raw(0)));
        let of_copy = self.shadows.range(from..).map(|(key, _)| *key);
        let of_copy: Vec<(CopyIdx, Actor)> = of_copy.take_while(|(other, _)| *other == copy).collect();
        for key in of_copy {
            let Some(part) = self.take_shadow(key, recipients) else {
                continue;
            };
            let messages = BTreeSet::from([part.message]);
            self.lost(at, part);
            self.look_who_has_left(&messages);
        }
    }

    /// A copy is gone.
    fn lost(&mut self, at: SimTime, held: Held) {
        for recipient in held.pending {
            self.lost_for(at, held.message, recipient);
        }
    }

    fn queues_lost(&mut self, at: SimTime, server: ServerIdx) {
        let shadows = std::mem::take(&mut self.shadows);
        let (lost, kept) = shadows.into_iter().partition(|(_, held)| held.server == server);
        self.shadows = kept;
        let lost: BTreeMap<(CopyIdx, Actor), Held> = lost;
        let mut lost: Vec<Held> = lost.into_values().collect();
        let gone = self.held.iter().filter(|(_, held)| held.server == server);
        let gone: Vec<CopyIdx> = gone.map(|(copy, _)| *copy).collect();
        lost.extend(gone.iter().filter_map(|copy| self.held.remove(copy)));
        let messages: BTreeSet<MessageIdx> = lost.iter().map(|held| held.message).collect();
        for held in lost {
            self.lost(at, held);
        }
        self.look_who_has_left(&messages);
    }

    fn log_lost(&mut self, at: SimTime, store: Store, since: SimTime) {
        let log = self.delivered.entry(store).or_default();
        let kept = log.partition_point(|(then, ..)| *then < since);
        for (then, message, recipient) in log.split_off(kept) {
            let tally = self.tally(message, recipient);
            tally.seen.retain(|seen| *seen != (then, true));
            tally.rare().forgotten = true;
            tally.lost_at = at;
        }
        let is_lost = |item: &Item| item.store == store && item.stored_at >= since;
        let items = self.outboxes.iter().filter(|(_, item)| is_lost(item));
        let items: Vec<MessageIdx> = items.map(|(message, _)| *message).collect();
        for message in items {
            self.outboxes.swap_remove(&message);
            for recipient in self.stage.recipients_of(message) {
                if !self.replaced.contains(&(message, recipient)) {
                    self.tally(message, recipient).lost_at = at;
                }
            }
        }
        for item in self.outboxes.values_mut().filter(|item| item.store == store) {
            item.submitted_at = item.submitted_at.filter(|then| *then < since);
        }
    }

    /// How messages come in, and where copies wait.
    fn coming_in(&mut self, at: SimTime, what: &What) {
        match what {
            What::Stored { message, store } => {
                let item = Item {
                    store: *store,
                    stored_at: at,
                    submitted_at: None,
                };
                self.outboxes.insert(*message, item);
                self.entered.insert(message.index());
            }
            What::Submit { message, .. } => {
                if let Some(item) = self.outboxes.get_mut(message) {
                    item.submitted_at = Some(at);
                }
            }
            What::Acknowledge { message, .. } => {
                self.entered.insert(message.index());
            }
            What::Receive {
                server,
                copy,
                message,
                recipients,
                from,
                ..
            } => {
                if self.keeps(*from, *server) {
                    self.for_keepers.insert(*copy, *message);
                    self.kept_outside.insert(*message);
                }
                // N19: a group that was replaced on another way is nobody's address, whoever gets a copy for it.
                for recipient in recipients {
                    if !self.replaced.contains(&(*message, *recipient)) {
                        self.tally(*message, *recipient);
                    }
                }
                let held = Held {
                    server: *server,
                    message: *message,
                    pending: recipients.clone(),
                    queued: SmallVec::new(),
                };
                self.held.insert(*copy, held);
            }
            What::Refuse { message, .. } => {
                self.rejected.insert(*message, at);
            }
            What::Expand { copy, recipients, .. } => self.expand(*copy, recipients),
            What::Transfer {
                copy, recipients, hop, ..
            } => {
                if let Some(held) = self.held.get_mut(copy) {
                    held.queued
                        .retain(|(waiting, ..)| !waiting.iter().any(|one| recipients.contains(one)));
                    held.queued.push((recipients.clone(), *hop, at));
                }
            }
            _ => {}
        }
    }

    /// What systems outside keep of what they have handed over.
    fn outside(&mut self, at: SimTime, what: &What) {
        match what {
            What::SendAgain {
                from: Actor::Peer(_),
                message,
                ..
            } => {
                self.entered.remove(message.index());
                self.kept_outside.remove(message);
            }
            What::LetGo { message, returned, .. } => {
                self.kept_outside.remove(message);
                if *returned {
                    self.comes_back(*message, at);
                }
            }
            What::DiscardQueued {
                copy,
                holder: Actor::Peer(_),
                ..
            } => {
                if let Some(message) = self.for_keepers.remove(copy) {
                    self.kept_outside.remove(&message);
                }
            }
            _ => {}
        }
    }

    /// What is kept for the case that it is lost, and what is lost.
    fn kept(&mut self, at: SimTime, what: &What) {
        match what {
            What::HaReceive {
                server,
                copy,
                message,
                recipients,
                primary,
                ..
            } => {
                let held = Held {
                    server: *server,
                    message: *message,
                    pending: recipients.clone(),
                    queued: smallvec::smallvec![(recipients.clone(), Hop::Unreachable, at)],
                };
                self.shadows.insert((*copy, Actor::Server(*primary)), held);
            }
            What::HaDiscard {
                copy,
                primary,
                recipients,
                ..
            } => {
                self.take_shadow((*copy, *primary), recipients);
            }
            What::ShadowExpired { copy, recipients, .. } => self.shadow_expired(at, *copy, recipients),
            What::Promote {
                copy,
                primary,
                recipients,
                ..
            } => self.promote((*copy, *primary), recipients),
            What::Abandon { copy, .. } => {
                self.held.remove(copy);
            }
            What::Shadow {
                server,
                copy,
                primary,
                recipients,
            } => self.shadow(at, *server, (*copy, *primary), recipients),
            What::QueuesLost { server } => self.queues_lost(at, *server),
            What::LogLost { store, since } => self.log_lost(at, *store, *since),
            _ => {}
        }
    }

    /// What copies are done with.
    fn coming_to_an_end(&mut self, at: SimTime, what: &What) {
        match what {
            What::Silent {
                copy,
                message,
                recipients,
                ..
            } => {
                for recipient in recipients {
                    self.tally(*message, *recipient).lost_at = at;
                }
                self.done(*copy, recipients);
            }
            What::Send { copy, recipients, .. } => {
                self.sent = self.held.get(copy).map(|held| (*copy, held.message));
                self.done(*copy, recipients);
            }
            What::InMailbox {
                store,
                message,
                recipient,
                ..
            } => {
                self.tally(*message, *recipient).seen.push((at, true));
                self.delivered
                    .entry(*store)
                    .or_default()
                    .push((at, *message, *recipient));
            }
            What::Outside {
                to: Actor::Peer(_) | Actor::Outside,
                message,
                recipients,
                ..
            } => {
                for recipient in recipients {
                    self.leaves(*message, *recipient, at);
                }
            }
            What::Deliver { copy, recipient, .. } => self.done(*copy, &[*recipient]),
            What::DuplicateDeliver {
                copy,
                message,
                recipient,
                ..
            } => {
                self.tally(*message, *recipient).rare().suppressed = Some(at);
                self.done(*copy, &[*recipient]);
            }
            What::Fail {
                copy,
                message,
                recipients,
                cause,
                ..
            } => {
                for recipient in recipients {
                    self.returned(*message, *recipient, *cause, at);
                }
                self.done(*copy, recipients);
            }
            _ => {}
        }
    }
}

impl Sink for Fates<'_> {
    fn take(&mut self, event: &TraceEvent) {
        let (at, what) = (event.at, &event.what);
        match what {
            What::Scenario(_) => self.happens(at, what),
            What::Stored { .. }
            | What::Submit { .. }
            | What::Acknowledge { .. }
            | What::Receive { .. }
            | What::Refuse { .. }
            | What::Expand { .. }
            | What::Transfer { .. } => self.coming_in(at, what),
            What::SendAgain { .. } | What::LetGo { .. } | What::DiscardQueued { .. } => self.outside(at, what),
            What::Silent { .. }
            | What::Send { .. }
            | What::InMailbox { .. }
            | What::Outside { .. }
            | What::Deliver { .. }
            | What::DuplicateDeliver { .. }
            | What::Fail { .. } => self.coming_to_an_end(at, what),
            _ => self.kept(at, what),
        }
    }
}
