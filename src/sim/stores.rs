//! Mailbox stores: what is in them, where they are mounted, and what they lose when they move.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kernel::Kernel;
use super::mutant::Mutant;
use super::router::store_of;
use super::state::{Life, Queue, StoreState};
use super::trace::{CopyIdx, Hop, RecipientIdx, Recipients, Resubmission, Store, What};
use crate::model::{
    DatabaseHome, Generation, MessageIdx, Organization, Scenario, ScenarioEventKind, ServerIdx, SimTime,
};

/// How long stores of 2003 and before remember what was delivered to them (T19).
const LEGACY_MEMORY: Duration = Duration::from_secs(3600);

/// Every store that a mailbox can be in, mounted where the file says.
pub(super) fn at_first(org: &Organization, scenario: &Scenario) -> BTreeMap<Store, StoreState> {
    let lags = |store: &Store| {
        let Store::Database(database) = *store else {
            return (Duration::ZERO, Duration::ZERO);
        };
        let copies = org.databases()[database].copies.iter();
        let lag = copies
            .map(|copy| copy.replication_lag.saturating_add(copy.replay_lag))
            .max();
        let lost = scenario.events.iter().filter_map(|event| match &event.what {
            ScenarioEventKind::Failover {
                database: other,
                lost_log,
                ..
            } if *other == database => Some(*lost_log),
            _ => None,
        });
        (lag.unwrap_or_default(), lost.max().unwrap_or_default())
    };
    let databases = org
        .databases()
        .iter_enumerated()
        .map(|(index, _)| (Store::Database(index), org.mounted_on(index)));
    let servers = org
        .servers()
        .iter_enumerated()
        .map(|(index, _)| (Store::Server(index), Some(index)));
    databases
        .chain(servers)
        .map(|(store, home)| {
            let (lag, lost) = lags(&store);
            (store, StoreState::mounted(home, lag, lost))
        })
        .collect()
}

impl Kernel<'_> {
    /// A message comes into mailboxes; those that have had it already (X28) are returned. `None`: the store is not mounted.
    pub(super) fn deliver(
        &mut self,
        store: Store,
        copy: CopyIdx,
        message: MessageIdx,
        recipients: &Recipients,
    ) -> Option<Recipients> {
        let now = self.now;
        let memory = self.memory(store);
        let window = self.stage.scenario.settings.duplicate_detection_window;
        let state = self.stores.get_mut(&store)?;
        state.mounted_on?;
        state.forget_deliveries(now, window.max(LEGACY_MEMORY));
        let mut known = Recipients::new();
        let mut new = Recipients::new();
        for recipient in recipients {
            let key = (message, *recipient);
            if state.delivered.get(&key).is_some_and(|then| now < *then + memory) {
                known.push(*recipient);
            } else {
                state.delivered.insert(key, now);
                state.log.push_back((now, message, *recipient));
                new.push(*recipient);
            }
        }
        for recipient in new {
            self.tell(What::InMailbox {
                store,
                copy,
                message,
                recipient,
            });
        }
        Some(known)
    }

    /// How long a store remembers what was delivered to it (T19).
    fn memory(&self, store: Store) -> Duration {
        let state = &self.stores[&store];
        let legacy = state
            .mounted_on
            .is_some_and(|server| self.stage.org.servers()[server].version.is_legacy());
        match legacy {
            true => LEGACY_MEMORY,
            false => self.stage.scenario.settings.duplicate_detection_window,
        }
    }

    /// A server learns that mailboxes have a message.
    pub(super) fn delivered(
        &mut self,
        server: ServerIdx,
        store: Store,
        copy: CopyIdx,
        message: MessageIdx,
        recipients: &Recipients,
        known: &Recipients,
    ) {
        for recipient in recipients {
            let recipient = *recipient;
            self.tell(match known.contains(&recipient) {
                true => What::DuplicateDeliver {
                    server,
                    copy,
                    message,
                    recipient,
                },
                false => What::Deliver {
                    server,
                    copy,
                    recipient,
                },
            });
        }
        let trail = self.servers[server].items.get(&copy).map(|item| item.trail.clone());
        self.in_mailboxes(server, copy, message, store, recipients);
        self.finish(server, copy, recipients);
        if let Some(trail) = trail {
            self.in_store(server, (copy, message, trail), recipients);
        }
    }

    /// A store is no longer mounted.
    pub(super) fn unmount(&mut self, store: Store) {
        let now = self.now;
        let Some(state) = self.stores.get_mut(&store) else {
            return;
        };
        if state.mounted_on.take().is_some() {
            state.epoch += 1;
            state.unmounted_at = now;
        }
        self.break_where(|transfer| transfer.concerns(store));
    }

    /// A store that is not mounted comes up again, if some server can mount it: where it was, or by its DAG (D17) where the
    /// first copy in order of preference is.
    pub(super) fn plan_mount(&mut self, store: Store) {
        let state = &self.stores[&store];
        if state.mounted_on.is_some() || state.dismounted {
            return;
        }
        let (last, epoch) = (state.last_on, state.epoch);
        let up = |server: &ServerIdx| self.servers[*server].life == Life::Up;
        // Of a store with one copy `destroyed` is empty, and no other copy is there to be found.
        let last = last.filter(up).filter(|last| !state.destroyed.contains(last));
        let elsewhere = || self.living_copies(store).into_iter().find(up);
        let (target, at) = match last.or_else(elsewhere) {
            Some(copy) if Some(copy) == last => (copy, self.now),
            Some(copy) => (copy, self.now + self.stage.scenario.settings.database_failover_time),
            None => return,
        };
        self.put_mount(at, store, target, epoch);
    }

    /// Whether a recipient's mailbox is in a store.
    pub(super) fn lives_in(&self, recipient: RecipientIdx, store: Store) -> bool {
        let org = &self.stage.org;
        let mailbox = self.stage.cast.mailbox(recipient);
        mailbox.is_some_and(|mailbox| store_of(org, mailbox) == store)
    }

    /// The servers that hold a copy of a store, in order of preference.
    pub(super) fn copies_of(&self, store: Store) -> Vec<ServerIdx> {
        match store {
            Store::Server(server) => vec![server],
            Store::Database(database) => {
                let database = &self.stage.org.databases()[database];
                match (database.home, database.copies.is_empty()) {
                    (DatabaseHome::Server(server), _) => vec![server],
                    (DatabaseHome::Dag(dag), true) => self.stage.org.dags()[dag].servers.clone(),
                    (DatabaseHome::Dag(_), false) => database.copies.iter().map(|copy| copy.server).collect(),
                }
            }
        }
    }

    /// The servers that hold a copy of a store that is not gone, in order of preference.
    pub(super) fn living_copies(&self, store: Store) -> Vec<ServerIdx> {
        let destroyed = self.stores.get(&store).map_or(&[][..], |state| &state.destroyed);
        let copies = self.copies_of(store).into_iter();
        // Who is not back since all were lost has no copy of what was begun anew meanwhile.
        let is_gone = |server: &ServerIdx| destroyed.contains(server) || self.servers[*server].life == Life::Destroyed;
        copies.filter(|server| !is_gone(server)).collect()
    }

    /// The disks of a server are gone: its copies of stores are, and what no other server has a copy of is lost (L10-11, L13-11).
    pub(super) fn copies_destroyed(&mut self, server: ServerIdx) {
        let stores: Vec<Store> = self.stores.keys().copied().collect();
        for store in stores {
            if !self.copies_of(store).contains(&server) {
                continue;
            }
            if let Some(state) = self.stores.get_mut(&store)
                && !state.destroyed.contains(&server)
            {
                state.destroyed.push(server);
            }
            if self.living_copies(store).is_empty()
                && let Some(state) = self.stores.get_mut(&store)
            {
                let before = state.waiting();
                let had_anything = state.has_had_anything();
                state.wipe();
                // Whoever rebuilds it begins with an empty one.
                state.destroyed.clear();
                self.open_outbox -= before;
                if had_anything {
                    let since = SimTime::ZERO;
                    self.tell(What::LogLost { store, since });
                }
            }
        }
    }

    /// A planned mount comes true.
    pub(super) fn mount(&mut self, store: Store, server: ServerIdx, epoch: u32) {
        let state = &self.stores[&store];
        if state.epoch != epoch || state.mounted_on.is_some() || state.dismounted {
            return;
        }
        if self.servers[server].life != Life::Up {
            return self.plan_mount(store);
        }
        let from = state.last_on;
        let moved = from != Some(server);
        let lost_since = if moved { self.lose_log(store, server) } else { None };
        let Some(state) = self.stores.get_mut(&store) else {
            return;
        };
        state.mounted_on = Some(server);
        state.last_on = Some(server);
        state.lost_log = Duration::ZERO;
        let waiting: Vec<MessageIdx> = state
            .outbox
            .iter()
            .filter(|(_, item)| item.submitted_at.is_none() && item.taken.is_none())
            .map(|(message, _)| *message)
            .collect();
        self.tell(What::Mounted { store, server });
        if let (true, Store::Database(database)) = (moved, store) {
            let configuration = self.configuration().moved(database, server);
            self.reconfigure(configuration, &[]);
        }
        if moved {
            self.wake(store);
        }
        waiting.into_iter().for_each(|message| self.submit(store, message));
        self.outbox_mounted(store, server);
        if moved {
            self.ask_for_redelivery(store, from, server, lost_since);
        }
    }

    /// What had not arrived at a copy, and what is said to be lost besides, is gone from the log (D15, X28). Returns since when,
    /// if anything is.
    fn lose_log(&mut self, store: Store, server: ServerIdx) -> Option<SimTime> {
        let lag = match store {
            Store::Database(database) => {
                let copies = &self.stage.org.databases()[database].copies;
                let new = self.stage.org.servers()[server].version.generation() == Generation::Exchange2013;
                let copy = copies.iter().find(|copy| copy.server == server);
                // What a lagged copy has not replayed is not in it (X13, N50).
                copy.map_or(Duration::ZERO, |copy| match new {
                    true => copy.replication_lag.saturating_add(copy.replay_lag),
                    false => copy.replication_lag,
                })
            }
            Store::Server(_) => Duration::ZERO,
        };
        let survives = self.is(Mutant::DeliveredToSurvives);
        let state = self.stores.get_mut(&store)?;
        let missing = lag.saturating_add(state.lost_log);
        state.complete_until = state.unmounted_at;
        if missing.is_zero() {
            return None;
        }
        let missing = u64::try_from(missing.as_millis()).unwrap_or(u64::MAX);
        // What was written at the last instant that the copy has is there.
        let kept = SimTime::from_ms(state.unmounted_at.ms().saturating_sub(missing));
        state.complete_until = kept;
        while let Some((at, message, recipient)) = state.log.back().copied().filter(|(at, ..)| *at > kept) {
            state.log.pop_back();
            if state.delivered.get(&(message, recipient)) == Some(&at) && !survives {
                state.delivered.remove(&(message, recipient));
            }
        }
        let before = state.waiting();
        state.roll_back_outbox(kept);
        self.open_outbox = self.open_outbox + state.waiting() - before;
        let since = SimTime::from_ms(kept.ms().saturating_add(1));
        self.tell(What::LogLost { store, since });
        Some(since)
    }

    /// Mail for a store that has moved is routed anew at once (D17: the delay is the time of the mount).
    fn wake(&mut self, store: Store) {
        let servers: Vec<ServerIdx> = self.servers.iter_enumerated().map(|(server, _)| server).collect();
        for server in servers {
            if !self.works(server) {
                continue;
            }
            let concerned = |queue: &Queue| {
                let mut recipients = queue.iter().flat_map(|waiting| waiting.recipients.iter().copied());
                recipients.any(|recipient| self.lives_in(recipient, store))
            };
            let queues = self.servers[server].queues.iter();
            let hops: Vec<Hop> = queues
                .filter(|(_, queue)| concerned(queue))
                .map(|(hop, _)| *hop)
                .collect();
            for hop in hops {
                self.resubmit(server, hop, Resubmission::Database);
            }
        }
    }
}
