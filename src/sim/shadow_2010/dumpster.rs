//! The transport dumpster: what a hub has delivered to databases of a DAG, until every copy of the database has the log that
//! says so (A19, X8). When a copy comes up without the end of its log, hubs deliver again what they still have.
//!
//! It is limited by size and age for each database (T6, T7), lives in the queue database of the hub that delivered, and there
//! alone.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::agenda::Class;
use super::super::kernel::{self, Kernel};
use super::super::mutant::Mutant;
use super::super::state::{Life, Load, Trail, Transfer};
use super::super::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Safe, Store, What};
use super::Event;
use crate::model::{MessageIdx, ServerIdx, SimTime};

/// What a hub has delivered.
#[derive(Debug, Default)]
pub(in crate::sim) struct Dumpster {
    /// Of copies that other mailboxes still wait for: what was delivered so far, and how often the store had been unmounted then.
    part: BTreeMap<CopyIdx, Vec<(Store, u32, RecipientIdx)>>,
    /// What is kept.
    kept: BTreeMap<Store, KeptFor>,
    /// When the age of the oldest is looked at next.
    planned: BTreeMap<Store, SimTime>,
}

/// A message in the dumpster.
#[derive(Clone, Debug)]
struct Entry {
    copy: CopyIdx,
    message: MessageIdx,
    recipients: Recipients,
    kept_at: SimTime,
    /// When it is looked at next whether its log is everywhere: what was put down for another instant is void.
    planned: SimTime,
    /// How often the store had been unmounted when it was delivered: the log goes on from there alone.
    epoch: u32,
    trail: Trail,
    /// Of the message.
    size: u64,
}

/// What is kept for one database.
#[derive(Debug, Default)]
struct KeptFor {
    /// As it came, the oldest first.
    entries: BTreeMap<u64, Entry>,
    next: u64,
    /// Bytes of all of them.
    size: u64,
}

impl KeptFor {
    /// Its number.
    fn push(&mut self, entry: Entry) -> u64 {
        let number = self.next;
        self.size = self.size.saturating_add(entry.size);
        self.entries.insert(number, entry);
        self.next += 1;
        number
    }

    fn oldest(&self) -> Option<&Entry> {
        self.entries.values().next()
    }

    fn take(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.size = match self.size {
            // What was cut off is no longer known.
            u64::MAX => self
                .entries
                .values()
                .map(|entry| entry.size)
                .fold(0, u64::saturating_add),
            size => size - entry.size,
        };
        Some(entry)
    }

    /// Takes every entry for which something holds, the oldest first.
    fn extract(&mut self, holds: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let numbers = self.entries.iter().filter(|(_, entry)| holds(entry));
        let numbers: Vec<u64> = numbers.map(|(number, _)| *number).collect();
        numbers.into_iter().filter_map(|number| self.take(number)).collect()
    }
}

/// N29: how often a hub looks again whether a log is everywhere.
const AGAIN: Duration = Duration::from_secs(15 * 60);

impl Kernel<'_> {
    /// A hub knows that mailboxes have a message. When all have that it delivers to itself, the dumpster has it too (A19).
    pub(in crate::sim) fn in_mailboxes_2010(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        message: MessageIdx,
        store: Store,
        recipients: &Recipients,
    ) {
        // Who hears that a delivery worked hears it before the store can be unmounted: the session would be gone.
        let epoch = self.stores.get(&store).map_or(0, |state| state.epoch);
        let part = self.servers[server].shadow_2010.dumpster.part.entry(copy).or_default();
        part.extend(recipients.iter().map(|recipient| (store, epoch, *recipient)));
        if !self.waits_for_store(server, copy, recipients) || self.is(Mutant::DumpsterBeforeLastMailbox) {
            let trail = self.servers[server]
                .items
                .get(&copy)
                .map_or_else(Trail::first, |item| item.trail.clone());
            self.keep_part(server, copy, message, trail);
        }
    }

    /// What was delivered of a copy comes into the dumpster: nothing else of it is to be delivered.
    pub(super) fn keep_part(&mut self, server: ServerIdx, copy: CopyIdx, message: MessageIdx, trail: Trail) {
        let part = self.servers[server].shadow_2010.dumpster.part.remove(&copy);
        let mut by_store: BTreeMap<(Store, u32), Recipients> = BTreeMap::new();
        for (store, epoch, recipient) in part.unwrap_or_default() {
            by_store.entry((store, epoch)).or_default().push(recipient);
        }
        for ((store, epoch), recipients) in by_store {
            if self.is_replicated(store) && self.copies_of(store).len() > 1 {
                let entry = Entry {
                    copy,
                    message,
                    recipients,
                    kept_at: self.now,
                    planned: self.now + self.report_lag(store),
                    epoch,
                    trail: trail.clone(),
                    size: self.stage.scenario.messages[message].size.unwrap_or(0),
                };
                self.keep_delivered(server, store, entry);
            }
        }
    }

    /// Whether a server has more of a copy to deliver to mailboxes than what it knows to be delivered now. O(recipients of the copy
    /// × log).
    fn waits_for_store(&self, server: ServerIdx, copy: CopyIdx, now: &Recipients) -> bool {
        let Some(item) = self.servers[server].items.get(&copy) else {
            return false;
        };
        let mut others = item.for_stores.iter().filter(|of| now.binary_search(of).is_err());
        let waits = others.next().is_some();
        debug_assert_eq!(
            waits,
            self.is_queued_for_store(server, copy),
            "{copy:?}: {item:?}, now {now:?}"
        );
        waits
    }

    /// The same by a search of all queues and hand-overs, in which what was delivered now is not any more. Debug builds hold the
    /// answer against it.
    fn is_queued_for_store(&self, server: ServerIdx, copy: CopyIdx) -> bool {
        let is_store = |hop: &Hop| matches!(hop, Hop::Store(_));
        let mut queues = self.servers[server].queues.iter();
        let queued = queues.any(|(hop, queue)| is_store(hop) && queue.iter().rev().any(|waiting| waiting.copy == copy));
        let under_way = |transfer: &Transfer| matches!(&transfer.load, Load::Mail { hop, copy: other, .. } if is_store(hop) && *other == copy);
        queued || self.transfers.values().any(under_way)
    }

    fn keep_delivered(&mut self, server: ServerIdx, store: Store, entry: Entry) {
        let planned = entry.planned;
        self.tell(What::Kept {
            server,
            copy: entry.copy,
            safe: Safe::Dumpster,
            message: entry.message,
            recipients: entry.recipients.clone(),
        });
        let kept = &mut self.servers[server].shadow_2010.dumpster.kept;
        let number = kept.entry(store).or_default().push(entry);
        self.evict_over_size(server, store);
        self.later_2010(planned, Class::Timer, Event::Replicated(server, store, number));
        self.plan_age(server, store);
    }

    /// One event stands for all of a database: the oldest goes first.
    fn plan_age(&mut self, server: ServerIdx, store: Store) {
        let life = self.dumpster_time();
        let dumpster = &mut self.servers[server].shadow_2010.dumpster;
        let oldest = dumpster.kept.get(&store).and_then(KeptFor::oldest);
        if let Some(at) = oldest.map(|oldest| oldest.kept_at + life)
            && !dumpster.planned.contains_key(&store)
        {
            dumpster.planned.insert(store, at);
            self.later_2010(at, Class::Timer, Event::Aged(server, store));
        }
    }

    /// MaxDumpsterTime (T7).
    fn dumpster_time(&self) -> Duration {
        let config = self.stage.org.transport_config();
        config.max_dumpster_time.unwrap_or(Duration::from_secs(7 * 86_400))
    }

    /// T6: the oldest go first.
    fn evict_over_size(&mut self, server: ServerIdx, store: Store) {
        let stage = self.stage;
        let limit = stage
            .org
            .transport_config()
            .max_dumpster_size_per_database
            .unwrap_or(18 << 20);
        let Some(kept) = self.servers[server].shadow_2010.dumpster.kept.get(&store) else {
            return;
        };
        let mut total = kept.size;
        let mut evicted = Vec::new();
        for (number, entry) in &kept.entries {
            if total <= limit {
                break;
            }
            total -= entry.size.min(total);
            evicted.push(*number);
        }
        for number in evicted {
            self.drop_from_dumpster(server, store, number);
        }
    }

    fn drop_from_dumpster(&mut self, server: ServerIdx, store: Store, number: u64) {
        let Some(kept) = self.servers[server].shadow_2010.dumpster.kept.get_mut(&store) else {
            return;
        };
        if let Some(Entry { copy, recipients, .. }) = kept.take(number) {
            self.tell(What::Dropped {
                server,
                copy,
                safe: Safe::Dumpster,
                recipients,
            });
        }
    }

    /// N29: how long it takes until every copy has received and inspected a log. What the scenario says to be lost besides what
    /// had not arrived had not been reported either.
    fn report_lag(&self, store: Store) -> Duration {
        let Store::Database(database) = store else {
            return Duration::ZERO;
        };
        if self.is(Mutant::DumpsterForgets) {
            return Duration::ZERO;
        }
        let active = self.stores.get(&store).and_then(|state| state.mounted_on);
        let copies = &self.stage.org.databases()[database].copies;
        let lags = copies
            .iter()
            .filter(|copy| Some(copy.server) != active)
            .map(|copy| copy.replication_lag);
        let lost = self.stores.get(&store).map(|state| state.lost_besides);
        let lag = lags.max().unwrap_or_default();
        lag.saturating_add(lost.unwrap_or_default())
    }

    /// X8: once every copy has the log, the message need not be kept.
    pub(super) fn replicated(&mut self, server: ServerIdx, store: Store, number: u64) {
        let Some(state) = self.stores.get(&store) else { return };
        let (now, epoch, active) = (self.now, state.epoch, state.mounted_on);
        let everywhere = self
            .copies_of(store)
            .into_iter()
            .all(|holder| self.servers[holder].life == Life::Up);
        let again = now + self.report_lag(store).max(AGAIN);
        let kept = self.servers[server].shadow_2010.dumpster.kept.get_mut(&store);
        let entry = kept.and_then(|kept| kept.entries.get_mut(&number));
        let Some(entry) = entry.filter(|entry| entry.planned <= now) else {
            return;
        };
        if everywhere && active.is_some() && entry.epoch == epoch {
            return self.drop_from_dumpster(server, store, number);
        }
        // What is in the log where it is mounted now arrives at the others from there.
        if active.is_some() {
            entry.epoch = epoch;
        }
        entry.planned = again;
        self.later_2010(again, Class::Timer, Event::Replicated(server, store, number));
    }

    /// T7: kept for too long.
    pub(super) fn aged(&mut self, server: ServerIdx, store: Store) {
        let (now, life) = (self.now, self.dumpster_time());
        let dumpster = &mut self.servers[server].shadow_2010.dumpster;
        if dumpster.planned.get(&store).is_none_or(|planned| *planned > now) {
            return;
        }
        dumpster.planned.remove(&store);
        let kept = dumpster
            .kept
            .get(&store)
            .into_iter()
            .flat_map(|kept| kept.entries.iter());
        let aged = kept
            .take_while(|(_, entry)| entry.kept_at + life <= now)
            .map(|(number, _)| *number);
        for number in aged.collect::<Vec<_>>() {
            self.drop_from_dumpster(server, store, number);
        }
        self.plan_age(server, store);
    }

    /// A server that has stopped works again: what it keeps is looked at in time. What is still to come counts as before, for time
    /// of arrival and age go on while it is down (N29, T7); what came meanwhile was in vain, and is put down anew.
    pub(super) fn plan_dumpster(&mut self, server: ServerIdx) {
        let (now, again) = (self.now, self.now + AGAIN);
        let dumpster = &mut self.servers[server].shadow_2010.dumpster;
        dumpster.planned.retain(|_, planned| *planned > now);
        let stores: Vec<Store> = dumpster.kept.keys().copied().collect();
        let mut missed = Vec::new();
        for (store, kept) in &mut dumpster.kept {
            for (number, entry) in &mut kept.entries {
                if entry.planned <= now {
                    entry.planned = again;
                    missed.push((*store, *number));
                }
            }
        }
        for (store, number) in missed {
            self.later_2010(again, Class::Timer, Event::Replicated(server, store, number));
        }
        for store in stores {
            self.plan_age(server, store);
        }
    }

    /// A store has come up elsewhere without the end of its log: the hubs of both sites are asked for what was delivered since.
    pub(in crate::sim) fn redeliver_2010(
        &mut self,
        store: Store,
        from: Option<ServerIdx>,
        to: ServerIdx,
        since: Option<SimTime>,
    ) {
        let Some(since) = since.filter(|_| self.is_replicated(store)) else {
            return;
        };
        let org = &self.stage.org;
        let site_of = |server: ServerIdx| match org.servers()[server].home {
            crate::model::Home::Site(site) => Some(site),
            _ => None,
        };
        let mut sites: Vec<_> = from.into_iter().chain([to]).filter_map(site_of).collect();
        sites.sort_unstable();
        sites.dedup();
        let hubs = sites.iter().flat_map(|site| org.transport_servers(*site)).copied();
        let hubs: Vec<ServerIdx> = hubs.collect();
        for hub in hubs {
            if self.answers(Actor::Server(to), Actor::Server(hub)) {
                self.open_moves += 1;
                self.later_2010(self.now, Class::Contact, Event::Redeliver(hub, store, since));
            }
        }
    }

    /// What a paused server had put off is gone with its memory.
    pub(in crate::sim) fn redeliveries_forgotten(&mut self, events: &[kernel::Event]) {
        let is_one = |event: &&kernel::Event| matches!(event, kernel::Event::Shadow2010(Event::Redeliver(..)));
        self.open_moves -= events.iter().filter(is_one).count();
    }

    /// A hub delivers again what it has kept.
    pub(super) fn redeliver(&mut self, server: ServerIdx, store: Store, since: SimTime) {
        let epoch = self.stores.get(&store).map_or(0, |state| state.epoch);
        let Some(kept) = self.servers[server].shadow_2010.dumpster.kept.get_mut(&store) else {
            return;
        };
        // What was delivered since the database is mounted where it is now is there.
        let is_lost = |entry: &Entry| entry.kept_at >= since && entry.epoch != epoch;
        for entry in kept.extract(is_lost) {
            self.tell(What::Replay {
                server,
                of: entry.copy,
                safe: Safe::Dumpster,
                store,
                recipients: entry.recipients.clone(),
            });
            let new = self.take_in(
                server,
                entry.message,
                entry.recipients,
                Actor::Server(server),
                entry.trail,
            );
            self.categorize(server, new);
        }
    }
}
