//! The primary server's side of the end: a copy is done when every fork of it is, and every message that came of it (S71); then
//! its shadow server may release the shadow, and learns so when it asks (S55–S60).

use std::ops::Bound;

use super::super::agenda::Class;
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::trace::{Actor, CopyIdx, Side, What};
use super::Event;
use super::holding::{Answer, FIRST, LAST};
use crate::model::{ServerIdx, SimTime};

/// What came of a copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    open: Vec<Side>,
    /// The copy itself is done.
    copy_is_done: bool,
}

/// A discard notification.
#[derive(Clone, Copy, Debug)]
pub(super) struct Discard {
    /// When the copy was done.
    done_at: SimTime,
    /// The copy was never accepted: its shadow is worth nothing.
    void: bool,
}

/// A discard notification as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Notice {
    pub(super) copy: CopyIdx,
    pub(super) done_at: SimTime,
    pub(super) void: bool,
}

impl Kernel<'_> {
    /// The server that a message reaches first makes a report of it for the journal (N44).
    pub(super) fn journal(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(item) = self.servers[server].items.get(&copy) else {
            return;
        };
        if item.trail.headers == 1 && self.stage.scenario.messages[item.message].journal {
            self.side_begins(server, copy, Side::Journal);
        }
    }

    /// A message comes of a copy, and takes as long as any hand-over.
    pub(in crate::sim) fn side_begins(&mut self, server: ServerIdx, copy: CopyIdx, side: Side) {
        self.disk(server).sides.entry(copy).or_default().open.push(side);
        self.tell(What::SideQueued { server, copy, side });
        self.plan_side(server, copy, side);
    }

    fn plan_side(&mut self, server: ServerIdx, copy: CopyIdx, side: Side) {
        let at = self.now + self.stage.scenario.settings.transmission_time;
        self.put_2013(at, Class::Contact, Event::SideDone(server, copy, side));
    }

    pub(super) fn side_is_done(&mut self, server: ServerIdx, copy: CopyIdx, side: Side) {
        let Some(sides) = self.disk(server).sides.get_mut(&copy) else {
            return;
        };
        let Some(at) = sides.open.iter().position(|open| *open == side) else {
            return;
        };
        sides.open.remove(at);
        let (all, copy_is_done) = (sides.open.is_empty(), sides.copy_is_done);
        self.tell(What::SideDone { server, copy, side });
        if all {
            self.disk(server).sides.remove(&copy);
            if copy_is_done {
                self.conclude(server, copy);
            }
        }
    }

    pub(in crate::sim) fn completed_2013(&mut self, server: ServerIdx, copy: CopyIdx) {
        let early = self.is(Mutant::DiscardBeforeSideMessage);
        match self.disk(server).sides.get_mut(&copy) {
            Some(sides) if !early => sides.copy_is_done = true,
            _ => self.conclude(server, copy),
        }
    }

    /// Everything is done: whoever holds a shadow may release it (S55).
    fn conclude(&mut self, server: ServerIdx, copy: CopyIdx) {
        let now = self.now;
        for holder in self.disk(server).guards.remove(&copy).unwrap_or_default() {
            self.queue_discard(server, holder, copy, now, false);
        }
    }

    pub(super) fn queue_discard(
        &mut self,
        server: ServerIdx,
        holder: ServerIdx,
        copy: CopyIdx,
        done_at: SimTime,
        void: bool,
    ) {
        let discard = Discard { done_at, void };
        self.disk(server).discards.insert((holder, copy), discard);
        self.tell(What::DiscardQueued {
            server,
            copy,
            holder: Actor::Server(holder),
        });
        let until = self.now + self.auto_discard();
        self.put_2013(until, Class::Timer, Event::DiscardExpires(server, holder, copy));
    }

    pub(super) fn discard_expires(&mut self, server: ServerIdx, holder: ServerIdx, copy: CopyIdx) {
        let now = self.now;
        let interval = self.auto_discard();
        let discards = &mut self.disk(server).discards;
        let overdue = |discard: &&mut Discard| now >= discard.done_at + interval;
        if discards.get_mut(&(holder, copy)).as_ref().is_some_and(overdue) {
            discards.remove(&(holder, copy));
            self.tell(What::DiscardDropped {
                server,
                copy,
                holder: Actor::Server(holder),
            });
        }
    }

    /// XQDISCARD: the answer names what is done of what the asker holds, and nothing else (S59).
    pub(super) fn asked_for_discards(&mut self, server: ServerIdx, holder: ServerIdx, epoch: u32) {
        if !self.answers(Actor::Server(server), Actor::Server(holder)) {
            return;
        }
        let discards = &self.servers[server].shadow_2013.disk.discards;
        let own = match self.is(Mutant::NoticesOfOthers) {
            true => (Bound::Unbounded, Bound::Unbounded),
            false => (Bound::Included((holder, FIRST)), Bound::Included((holder, LAST))),
        };
        let notices = discards.range(own).map(|((_, copy), discard)| Notice {
            copy: *copy,
            done_at: discard.done_at,
            void: discard.void,
        });
        let answer = Answer {
            holder,
            primary: server,
            epoch,
            database: self.servers[server].database,
            notices: notices.collect(),
        };
        self.put_2013(self.now, Class::Answer, Event::Told(Box::new(answer)));
    }

    /// The session with the asker has ended as it should: the notifications are done with (M5).
    pub(super) fn discards_arrived(&mut self, server: ServerIdx, holder: ServerIdx, copies: &[CopyIdx]) {
        let discards = &mut self.disk(server).discards;
        for copy in copies {
            discards.remove(&(holder, *copy));
        }
    }

    /// A server that has stopped goes on with what it had on disk.
    pub(super) fn completion_starts(&mut self, server: ServerIdx) {
        let disk = &self.servers[server].shadow_2013.disk;
        let open: Vec<(CopyIdx, Side)> = disk
            .sides
            .iter()
            .flat_map(|(copy, sides)| sides.open.iter().map(|side| (*copy, *side)))
            .collect();
        let discards: Vec<(ServerIdx, CopyIdx)> = disk.discards.keys().copied().collect();
        for (copy, side) in open {
            self.plan_side(server, copy, side);
        }
        for (holder, copy) in discards {
            self.discard_expires(server, holder, copy);
        }
    }
}
