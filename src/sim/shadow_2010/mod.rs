//! Shadow redundancy as 2010 has it: who handed a message on keeps it until whoever took it has handed it on in turn.
//!
//! A message moves as a pair of copies: the *primary* is where it is worked on, the *shadow* with the server before. When the
//! primary has handed the message on for everybody it is for, it prepares a *discard notification*; the holder of the shadow
//! asks for those at the end of every session, and in a *heartbeat* when there has been none for a while. Whoever misses
//! enough heartbeats takes the primary to be lost, and sends the message again.
//!
//! * `hops`: the kinds of hand-overs, A to F;
//! * `queues`: shadows, and the notifications that release them (A25–A38). The shadow of a message that was just submitted is
//!   the item in the Outbox: `outbox` (A6–A16, D3, D39–D41). A system outside may keep shadows too: `outside`;
//! * `heartbeats`: who watches whom, and takes over when (X1–X3);
//! * `delayed`: the acknowledgement for a sender that keeps no shadow waits until the message is safe (A46–A60, X5);
//! * `dumpster`: what was delivered, until the log that says so is everywhere (A19, X8);
//! * `roles`: hubs that are mailbox servers too keep the two copies on two servers (D8–D13).
//!
//! Shadows, dumpster and the mark of who handed a message over are in the queue database; notifications, watches and
//! acknowledgements that are due are in memory, and a crash forgets them (M6: notifications can be on disk too).

mod delayed;
mod dues;
mod dumpster;
mod heartbeats;
mod hops;
mod outbox;
mod outside;
mod queues;
mod roles;

use std::collections::{BTreeMap, BTreeSet};

use self::delayed::Delayed;
use self::dues::Dues;
use self::dumpster::Dumpster;
use self::heartbeats::{Keeper, Watch};
pub use self::hops::{HopClass, Party, classify};
pub(super) use self::outside::Outside;
use self::queues::{Answer, Held};
use super::databases::Databases;
use super::kernel::Kernel;
use super::state::{Item, Load, TransferKey};
use super::trace::{Actor, CopyIdx, Recipients, Store};
use crate::model::{MessageIdx, PeerIdx, ServerIdx, SimTime};

/// What a server holds for it.
#[derive(Debug, Default)]
pub(super) struct State {
    /// On disk: who keeps something until a copy is done ("shadowed by", A29).
    marks: BTreeMap<CopyIdx, Mark>,
    /// On disk: the shadow queues, one for each server that has become primary (A30). Within one, by the primary's own copy,
    /// which is what notifications name; for systems outside, by this server's.
    shadows: BTreeMap<Actor, BTreeMap<CopyIdx, Held>>,
    /// On disk: the queue databases that those primaries had.
    databases: Databases<Actor>,
    /// On disk: in how many shadow queues a copy of this server is (A14).
    forks: BTreeMap<CopyIdx, usize>,
    /// On disk: the transport dumpster.
    dumpster: Dumpster,
    /// When shadows of each shadow queue have lived too long.
    ends: BTreeMap<Actor, Dues<CopyIdx>>,
    /// In memory, or on disk (M6): notifications that wait for who holds the shadow, and until when.
    discards: BTreeMap<Actor, Dues<CopyIdx>>,
    /// In memory: items that this server owns and whose Outbox may not know it (A11).
    owned: BTreeMap<Store, BTreeSet<MessageIdx>>,
    /// In memory: whom this server watches, for what it keeps.
    watches: BTreeMap<(Keeper, Actor), Watch>,
    /// In memory: acknowledgements that wait (A49).
    delayed: BTreeMap<CopyIdx, Delayed>,
    /// In memory: who is asked every second for messages whose acknowledgement waits (A60).
    polled: BTreeSet<Actor>,
}

/// Who keeps something until a copy is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A server or a system outside keeps a shadow.
    Shadowed(Actor),
    /// The item is in an Outbox.
    Outbox(Store),
}

/// What is put down for later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It is time to hear from a primary.
    Beat(Keeper, Actor),
    /// A primary is asked what is done (A32), and how items of an Outbox stand.
    Ask(Keeper, Actor, Box<[(MessageIdx, CopyIdx)]>),
    /// Its answer has come (A33).
    Told(Keeper, Actor, Box<Answer>),
    /// The session has ended well, so that the primary forgets what it has told (M5).
    Forget(Keeper, Actor, Box<Answer>),
    /// Notifications that somebody has not asked for are dropped (T5).
    DropDiscards(ServerIdx, Actor),
    /// Shadows have lived too long.
    Expire(ServerIdx, Actor),
    /// What a system outside keeps has lived too long.
    ExpireOutside(PeerIdx, Actor, CopyIdx),
    /// A server learns that another one owns an item of an Outbox (A11).
    Owned(Store, MessageIdx, ServerIdx),
    /// The time of a delayed acknowledgement is up (A54).
    AckDeadline(ServerIdx, CopyIdx),
    /// A primary is asked since acknowledgements wait for it (A60).
    Poll(ServerIdx, Actor, u32),
    /// Every copy of a database may have the log of a delivery (X8), which has a number in the dumpster.
    Replicated(ServerIdx, Store, u64),
    /// Delivered messages have been in the dumpster for too long (T7).
    Aged(ServerIdx, Store),
    /// A database that has lost the end of its log asks for what was delivered since an instant (X8).
    Redeliver(ServerIdx, Store, SimTime),
}

impl Event {
    /// Who has to work for it to be handled.
    pub(super) fn acts_at(&self) -> Option<Actor> {
        match self {
            Event::Beat(keeper, _) | Event::Told(keeper, ..) => Some(keeper.actor()),
            Event::Ask(_, primary, _) | Event::Forget(_, primary, _) => Some(*primary),
            Event::DropDiscards(server, ..)
            | Event::Expire(server, ..)
            | Event::AckDeadline(server, _)
            | Event::Poll(server, ..)
            | Event::Replicated(server, ..)
            | Event::Aged(server, ..)
            | Event::Redeliver(server, ..) => Some(Actor::Server(*server)),
            Event::Owned(..) | Event::ExpireOutside(..) => None,
        }
    }
}

impl Kernel<'_> {
    pub(super) fn shadow_2010(&mut self, event: Event) {
        if let Event::Redeliver(..) = event {
            self.open_moves -= 1;
        }
        if let Some(Actor::Server(server)) = event.acts_at()
            && !self.works(server)
        {
            // What was in memory is gone; what is on disk is planned anew when the server starts.
            return;
        }
        match event {
            Event::Beat(keeper, primary) => self.beat(keeper, primary),
            Event::Ask(keeper, primary, items) => self.asked(keeper, primary, &items),
            Event::Told(keeper, primary, answer) => self.told(keeper, primary, answer),
            Event::Forget(keeper, primary, answer) => self.forget(keeper, primary, &answer),
            Event::DropDiscards(server, holder) => self.drop_discards(server, holder),
            Event::Expire(server, primary) => self.shadows_expire(server, primary),
            Event::ExpireOutside(peer, primary, theirs) => self.peer_lets_go(peer, primary, theirs),
            Event::Owned(store, message, hub) => self.owned(store, message, hub),
            Event::AckDeadline(server, copy) => self.ack_deadline(server, copy),
            Event::Poll(server, primary, epoch) => self.poll(server, primary, epoch),
            Event::Replicated(server, store, number) => self.replicated(server, store, number),
            Event::Aged(server, store) => self.aged(server, store),
            Event::Redeliver(server, store, since) => self.redeliver(server, store, since),
        }
    }

    /// A server has a whole message in its queue database: it marks who keeps a shadow of it, or keeps whoever does not waiting.
    pub(super) fn protect_2010(&mut self, transfer: TransferKey, server: ServerIdx, copy: CopyIdx) {
        let Some(under_way) = self.transfers.get(transfer) else {
            return;
        };
        let from = under_way.from;
        let load = under_way.load.clone();
        let class = self.smtp_class(from, Actor::Server(server));
        self.count_reroutes(server, copy, from, &load);
        let marks = &mut self.servers[server].shadow_2010.marks;
        match (&load, class) {
            (Load::Pull(store), _) => {
                marks.insert(copy, Mark::Outbox(*store));
            }
            (_, HopClass::D) => {
                marks.insert(copy, Mark::Shadowed(from));
            }
            (_, HopClass::F) if self.delay_answer(transfer, server, copy) => return self.categorize(server, copy),
            _ => {}
        }
        self.answer(transfer);
        self.categorize(server, copy);
    }

    /// Somebody has taken a copy over for some recipients. `made`: the copy that it made of it.
    pub(super) fn handed_on_2010(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        recipients: &Recipients,
        to: Actor,
        made: Option<CopyIdx>,
    ) {
        if self.smtp_class(Actor::Server(server), to) == HopClass::D {
            self.keep_shadow(server, copy, recipients, to, made);
        }
    }

    /// A copy is done for everybody: whoever has kept something for it may let it go (A20, A31, A43, A11).
    pub(super) fn completed_2010(&mut self, server: ServerIdx, copy: CopyIdx, item: &Item) {
        self.keep_part(server, copy, item.message, item.trail.clone());
        match self.servers[server].shadow_2010.marks.remove(&copy) {
            Some(Mark::Shadowed(holder)) => self.prepare_discard(server, copy, holder),
            Some(Mark::Outbox(store)) => self.own(server, copy, item.message, store),
            None => {}
        }
        self.verify(server, copy);
    }

    pub(super) fn memory_lost_2010(&mut self, server: ServerIdx) {
        let on_disk = self.stage.scenario.settings.discards_survive_restart;
        let state = &mut self.servers[server].shadow_2010;
        if !on_disk {
            state.discards.clear();
        }
        state.owned.clear();
        state.watches.clear();
        state.delayed.clear();
        state.polled.clear();
    }

    pub(super) fn kept_lost_2010(&mut self, server: ServerIdx) {
        let lost = std::mem::take(&mut self.servers[server].shadow_2010);
        self.open_shadows -= lost.shadows.values().map(BTreeMap::len).sum::<usize>();
    }

    pub(super) fn starts_2010(&mut self, server: ServerIdx) {
        self.watch_again(server);
        self.plan_dumpster(server);
    }
}
