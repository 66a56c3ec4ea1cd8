//! What is said about copies that are done: how much of it, and to whom (I7, I14).

use super::Checker;
use super::violation::Invariant;
use crate::model::{ServerIdx, SimTime};
use crate::sim::network::server_of;
use crate::sim::trace::{Actor, What};

/// What a primary server last told a holder of shadows, which it may have to say again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    at: SimTime,
    notifications: u32,
}

impl Checker<'_> {
    pub(super) fn look_at_notices(&mut self, what: &What) {
        let What::Heartbeat {
            holder,
            primary: Actor::Server(primary),
            outbox: None,
            notifications,
        } = what
        else {
            return;
        };
        // What it said before it stopped, at this very instant, can still be heard, and what it had is gone.
        if self.world.is_up(*primary) || self.world.machine(*primary).stopped != self.now {
            self.works(*primary);
            self.counted(*holder, *primary, *notifications);
        }
        // M5: nobody has confirmed that, and 2013 says it again when it is back.
        let (at, notifications) = (self.now, *notifications);
        self.answered
            .insert((*holder, *primary), Answered { at, notifications });
    }

    /// M5: how many notifications a primary server last told somebody and may still have, since nobody has confirmed them: somebody has
    /// stopped since, or it was at this instant.
    fn unconfirmed(&self, holder: ServerIdx, primary: ServerIdx) -> u32 {
        let told = self.answered.get(&(holder, primary));
        let again = told.filter(|told| told.at == self.now || self.world.broken_at.is_some_and(|at| at >= told.at));
        again.map_or(0, |told| told.notifications)
    }

    /// Whether a primary server may still have a notification that it has told.
    pub(super) fn may_be_told_again(&self, holder: Actor, primary: ServerIdx) -> bool {
        server_of(holder).is_some_and(|holder| self.unconfirmed(holder, primary) > 0)
    }

    /// The trace says how many notifications there were: as many as were prepared for whoever asked (A33, S59). What a restart of
    /// 2010 takes away is prepared no more (M6); what 2013 has survives it (S60).
    fn counted(&mut self, holder: ServerIdx, primary: ServerIdx, notifications: u32) {
        let now = self.now;
        let asker = Actor::Server(holder);
        let prepared = self.prepared.get(&(primary, asker));
        let waiting: Vec<SimTime> = prepared
            .into_iter()
            .flatten()
            .filter_map(|copy| self.copies.get(copy).filter(|copy| copy.on_disk))
            .filter_map(|copy| {
                copy.protection()
                    .discards
                    .iter()
                    .find(|(of, _)| *of == asker)
                    .map(|(_, since)| *since)
            })
            .collect();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        // What was prepared at this very instant may be told or not; and who was paused hears what was said before.
        let before = waiting.iter().filter(|since| **since < now);
        let (oldest, least) = (before.clone().min().copied(), count(before.count()));
        let prompt = self.world.machine(holder).since < now || now == SimTime::ZERO;
        let evidence = [(oldest.unwrap_or(now), "the first was prepared", Some(primary), None)];
        if prompt && notifications < least {
            let restarted = oldest.is_some_and(|oldest| self.world.machine(primary).started > oldest);
            let (invariant, what) = match restarted {
                true => (Invariant::I14, "notifications did not survive a restart (S60)"),
                false => (Invariant::I7, "who asks is not told everything that is prepared for it"),
            };
            self.report(invariant, (None, None), what, &evidence);
        }
        // M5: what was told, and not confirmed since somebody stopped in between, is told again; so is what was asked twice at once.
        let again = self.unconfirmed(holder, primary);
        let most = count(waiting.len()).saturating_add(again);
        if notifications > most {
            let what = "who asks is told more than is prepared for it";
            self.report(Invariant::I7, (None, None), what, &evidence);
        }
    }
}
