//! What servers and mailbox stores hold: what survives a crash, and what does not.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use super::network::Network;
use super::router::Ring;
use super::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Store};
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

/// A server with a queue database.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) life: Life,
    /// On disk: the copies in its queue database.
    pub(super) items: BTreeMap<CopyIdx, Item>,
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

/// A copy in a queue database.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) message: MessageIdx,
    /// For whom it is not done yet.
    pub(super) pending: Recipients,
    /// Received headers.
    pub(super) headers: u32,
    /// When this server took it; the two days of T12 begin here (N2).
    pub(super) accepted_at: SimTime,
    /// Recipients of whose delay the sender was told.
    pub(super) told_late: Recipients,
    /// It comes from a Safety Net: nobody is told of its delay or return (X19).
    pub(super) silent: bool,
    /// How often another hub was asked to deliver it, for the sake of two copies on two servers (D13).
    pub(super) reroutes: u8,
}

/// Some recipients of a copy that wait for the same.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) copy: CopyIdx,
    pub(super) recipients: Recipients,
    pub(super) rings: Rc<[Ring]>,
}

/// A delivery queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
    /// Tries that failed in a row; 0: it is not in Retry.
    pub(super) failures: u32,
    /// When the first of them was.
    pub(super) failing_since: SimTime,
    /// When it is tried again, if it is in Retry.
    pub(super) retry_at: Option<SimTime>,
    /// When something in it is next told late, returned, or routed anew.
    pub(super) deadline: Option<SimTime>,
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
    /// What was delivered, in order, as far back as it is remembered.
    pub(super) log: VecDeque<(SimTime, MessageIdx, RecipientIdx)>,
    /// The DeliveredTo table: when each was delivered last (X28).
    pub(super) delivered: HashMap<(MessageIdx, RecipientIdx), SimTime>,
    /// Items of senders that live here.
    pub(super) outbox: BTreeMap<MessageIdx, OutboxItem>,
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
