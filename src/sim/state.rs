//! What servers and mailbox stores hold: what survives a crash, and what does not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::alive::Alive;
use super::network::Network;
pub(super) use super::queue::Queue;
use super::router::Ring;
use super::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Store, take_away};
use crate::model::{MessageIdx, ServerIdx, SimTime};

/// Whether a server does anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Life {
    /// It works.
    #[default]
    Up,
    /// It has stopped, and its disks wait for it.
    Down,
    /// It neither works nor has stopped: whoever waits for it waits.
    Paused,
    /// It has stopped, and its disks are gone.
    Destroyed,
}

/// Copies in a queue database.
pub(super) type Items = Alive<Item>;

/// A server with a queue database.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) life: Life,
    /// On disk: the copies in its queue database, in no order.
    pub(super) items: Items,
    /// In memory: what waits for what.
    pub(super) queues: BTreeMap<Hop, Queue>,
    /// In memory: connections to each next hop so far, for taking turns (RT-2.10).
    pub(super) connections: BTreeMap<Hop, usize>,
    /// Counts up when the server stops: timers from before are void.
    pub(super) epoch: u32,
    /// Which queue database it has, counted from 0 (the database id, S63).
    pub(super) database: u32,
    /// Shadows and what belongs to them, as 2010 has them.
    pub(super) shadow_2010: super::shadow_2010::State,
    /// The same as 2013 has them, with the Safety Net.
    pub(super) shadow_2013: super::shadow_2013::State,
}

/// Where a message has been, as its headers tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    /// Received headers.
    pub(super) headers: u32,
    /// Groups that were replaced by their members on the way: who is one of them again is nobody new (N88).
    pub(super) groups: Option<Rc<[RecipientIdx]>>,
}

impl Trail {
    /// Of a message that its first server takes.
    pub(super) fn first() -> Trail {
        Trail {
            headers: 1,
            groups: None,
        }
    }

    /// After the next server has taken it.
    pub(super) fn next(self) -> Trail {
        Trail {
            headers: self.headers + 1,
            ..self
        }
    }

    /// Whether a group was replaced on the way.
    pub(super) fn has(&self, group: RecipientIdx) -> bool {
        self.groups.as_ref().is_some_and(|groups| groups.contains(&group))
    }

    /// These groups are replaced, too. O(groups so far).
    pub(super) fn replace(&mut self, groups: impl Iterator<Item = RecipientIdx>) {
        self.groups = Some(
            self.groups
                .iter()
                .flat_map(|known| known.iter().copied())
                .chain(groups)
                .collect(),
        );
    }
}

/// A copy in a queue database.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) message: MessageIdx,
    /// For whom it is not done yet.
    pub(super) pending: Recipients,
    /// Those of them who wait in queues for mailbox stores, or are under way from there: who has come into a queue last is in it
    /// until it is done or comes into another one.
    pub(super) for_stores: Recipients,
    pub(super) trail: Trail,
    /// When this server took it; the two days of T12 begin here (N2).
    pub(super) accepted_at: SimTime,
    /// Recipients of whose delay the sender was told.
    pub(super) told_late: Recipients,
    /// It comes from a Safety Net: nobody is told of its delay or return (X19).
    pub(super) silent: bool,
    /// How often another hub was asked to deliver it, for the sake of two copies on two servers (D13).
    pub(super) reroutes: u32,
}

impl Item {
    /// Some recipients wait in a queue from now on, wherever they were before.
    pub(super) fn waits_in(&mut self, hop: Hop, recipients: &Recipients) {
        take_away(&mut self.for_stores, recipients);
        if matches!(hop, Hop::Store(_)) {
            self.for_stores.extend(recipients.iter().copied());
            self.for_stores.sort_unstable();
        }
    }

    /// It is done for some recipients.
    pub(super) fn is_done_for(&mut self, recipients: &Recipients) {
        take_away(&mut self.pending, recipients);
        take_away(&mut self.for_stores, recipients);
    }
}

/// Some recipients of a copy that wait for the same.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) copy: CopyIdx,
    pub(super) recipients: Recipients,
    pub(super) rings: Rc<[Ring]>,
}

/// A mailbox database, or what a server holds when databases are not told.
#[derive(Debug, Default)]
pub(super) struct StoreState {
    /// Where it is mounted.
    pub(super) mounted_on: Option<ServerIdx>,
    /// Where it was mounted last.
    pub(super) last_on: Option<ServerIdx>,
    /// Servers whose copy of it is gone.
    pub(super) destroyed: Vec<ServerIdx>,
    /// An administrator has dismounted it.
    pub(super) dismounted: bool,
    /// When it was last unmounted.
    pub(super) unmounted_at: SimTime,
    /// What was written before this instant has arrived at the copy that came up last.
    pub(super) complete_until: SimTime,
    /// How much of the end of its log is lost when it moves, besides what has not arrived there.
    pub(super) lost_log: Duration,
    /// Submissions so far, for taking turns.
    pub(super) submissions: usize,
    /// Counts up when it is unmounted: mounts that were planned before are void.
    pub(super) epoch: u32,
    /// How far back what was written can be lost when it moves: the longest lag of a copy, and what the scenario says besides.
    reach: Duration,
    /// The most that the scenario says to be lost besides.
    pub(super) lost_besides: Duration,
    /// Something was delivered or sent that is remembered no more.
    pub(super) has_forgotten: bool,
    /// What was delivered, in order, as far back as it is remembered.
    pub(super) log: VecDeque<(SimTime, MessageIdx, RecipientIdx)>,
    /// The DeliveredTo table: when each was delivered last (X28).
    pub(super) delivered: FxHashMap<(MessageIdx, RecipientIdx), SimTime>,
    /// Items of senders that live here: those that wait, and those that have left as far back as they may come back.
    pub(super) outbox: BTreeMap<MessageIdx, OutboxItem>,
    /// Items that 2010 hubs have pulled and do not own yet, by hub.
    pub(super) taken: BTreeSet<(ServerIdx, MessageIdx)>,
    /// Items that have left, and when.
    left: VecDeque<(SimTime, MessageIdx)>,
}

/// An item that its sender has sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutboxItem {
    pub(super) stored_at: SimTime,
    /// When a transport server took it over; `None`: it waits.
    pub(super) submitted_at: Option<SimTime>,
    /// When a transport server is looked for next; `None`: one is about to take it.
    pub(super) next_try: Option<SimTime>,
    /// The 2010 hub that has pulled it and does not own it yet (A8, A11).
    pub(super) taken: Option<Taken>,
}

/// A hub that has pulled an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) by: ServerIdx,
    /// The copy that it made.
    pub(super) copy: CopyIdx,
    pub(super) at: SimTime,
}

/// Where a message that enters is on its way in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SenderState {
    /// It has not begun.
    #[default]
    Before,
    /// Its sender holds it and tries to hand it over.
    Trying,
    /// Its sender knows that it was taken.
    Done,
}

/// One hand-over under way.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    pub(super) from: Actor,
    pub(super) to: Actor,
    pub(super) load: Load,
    pub(super) message: MessageIdx,
    /// When the session began.
    pub(super) begun: SimTime,
    /// Whether the receiver has it, and only the answer is still under way.
    pub(super) taken: bool,
    /// Whether the answer is a transient rejection (S22).
    pub(super) refused: bool,
    /// The copy that the receiver has made.
    pub(super) made: Option<CopyIdx>,
    /// Mailboxes that had the message already.
    pub(super) known: Recipients,
}

impl StoreState {
    /// A store on a server. `lag`: the longest of its copies; `lost_besides`: the most that the scenario says to be lost.
    pub(super) fn mounted(home: Option<ServerIdx>, lag: Duration, lost_besides: Duration) -> StoreState {
        StoreState {
            mounted_on: home,
            last_on: home,
            reach: lag.saturating_add(lost_besides),
            lost_besides,
            ..StoreState::default()
        }
    }

    /// A 2010 hub has pulled an item that waits, or has it no more.
    pub(super) fn set_taken(&mut self, message: MessageIdx, taken: Option<Taken>) {
        let Some(item) = self.outbox.get_mut(&message) else {
            return;
        };
        if let Some(before) = std::mem::replace(&mut item.taken, taken) {
            self.taken.remove(&(before.by, message));
        }
        self.taken.extend(taken.map(|taken| (taken.by, message)));
    }

    /// The items that a 2010 hub has pulled and does not own yet.
    pub(super) fn taken_by(&self, hub: ServerIdx) -> impl Iterator<Item = MessageIdx> {
        let (first, last) = (
            MessageIdx::from_raw_unchecked(0),
            MessageIdx::from_raw_unchecked(u32::MAX),
        );
        self.taken
            .range((hub, first)..=(hub, last))
            .map(|(_, message)| *message)
    }

    /// An item that waits leaves; returns whether it did wait. What left so long ago that it cannot come back is forgotten.
    pub(super) fn leaves(&mut self, message: MessageIdx, now: SimTime) -> bool {
        let item = self.outbox.get_mut(&message);
        let Some(item) = item.filter(|item| item.submitted_at.is_none()) else {
            return false;
        };
        item.submitted_at = Some(now);
        self.set_taken(message, None);
        self.left.push_back((now, message));
        while let Some((then, message)) = self.left.front().copied()
            && then + self.reach < now
            && self.mounted_on.is_some()
        {
            self.left.pop_front();
            self.has_forgotten = true;
            if self
                .outbox
                .get(&message)
                .is_some_and(|item| item.submitted_at == Some(then))
            {
                self.outbox.remove(&message);
            }
        }
        true
    }

    /// Deliveries are forgotten that no duplicate is recognized by any more, as far as the log that has them cannot be lost.
    pub(super) fn forget_deliveries(&mut self, now: SimTime, memory: Duration) {
        let kept = memory.max(self.reach);
        while let Some((then, message, recipient)) = self.log.front().copied().filter(|(then, ..)| *then + kept < now) {
            self.log.pop_front();
            self.has_forgotten = true;
            if self.delivered.get(&(message, recipient)) == Some(&then) {
                self.delivered.remove(&(message, recipient));
            }
        }
    }

    /// Whether anything was ever delivered or sent.
    pub(super) fn has_had_anything(&self) -> bool {
        self.has_forgotten || !self.log.is_empty() || !self.outbox.is_empty()
    }

    /// Everything in it is gone.
    pub(super) fn wipe(&mut self) {
        self.log.clear();
        self.delivered.clear();
        self.outbox.clear();
        self.taken.clear();
        self.left.clear();
        self.has_forgotten = false;
    }

    /// What was written after an instant is gone from its Outboxes.
    pub(super) fn roll_back_outbox(&mut self, kept: SimTime) {
        self.outbox.retain(|_, item| item.stored_at <= kept);
        for item in self.outbox.values_mut() {
            item.submitted_at = item.submitted_at.filter(|at| *at <= kept);
            item.taken = item.taken.filter(|taken| taken.at <= kept);
        }
        let taken = self
            .outbox
            .iter()
            .filter_map(|(message, item)| Some((item.taken?.by, *message)));
        self.taken = taken.collect();
    }

    /// How many items wait for a transport server.
    pub(super) fn waiting(&self) -> usize {
        self.outbox.values().filter(|item| item.submitted_at.is_none()).count()
    }
}

impl Transfer {
    /// Whether it is a delivery to a store, or an item from one of its Outboxes.
    pub(super) fn concerns(&self, store: Store) -> bool {
        matches!(&self.load, Load::Mail { hop: Hop::Store(own), .. } | Load::Pull(own) if *own == store)
    }

    /// Whether nothing is cut on the site links that it passes.
    pub(super) fn way_is_open(&self, network: &Network) -> bool {
        let (Load::Mail { rings, .. }, Actor::Server(to)) = (&self.load, self.to) else {
            return true;
        };
        let ring = rings.iter().find(|ring| ring.servers.contains(&to));
        ring.is_none_or(|ring| network.open(&ring.over))
    }
}

/// What is handed over.
#[derive(Clone, Debug)]
pub(super) enum Load {
    /// Mail from the queue of a server.
    Mail {
        hop: Hop,
        copy: CopyIdx,
        recipients: Recipients,
        rings: Rc<[Ring]>,
    },
    /// A message that enters by SMTP.
    Entry,
    /// A message that a transport server takes from an Outbox.
    Pull(Store),
    /// The copy that becomes a shadow (S28), and the shadow when it is there.
    Shadow { of: CopyIdx, shadow: Option<CopyIdx> },
}

slotmap::new_key_type! {
    /// One hand-over under way.
    pub(super) struct TransferKey;
}
