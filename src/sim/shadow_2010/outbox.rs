//! The item in the Outbox is the shadow of a message that was just submitted (D3): it goes when the hub that took it has handed
//! it on and says so (A11), and is offered to another hub when that one is lost (A15, D18).

use super::super::agenda::Class;
use super::super::kernel::{self, Kernel};
use super::super::state::{Life, Taken};
use super::super::trace::{Actor, CopyIdx, Promotion, Store, What};
use super::Event;
use super::heartbeats::Keeper;
use super::queues::Answer;
use crate::model::{MessageIdx, ServerIdx};

impl Kernel<'_> {
    /// A 2010 hub has pulled an item (A8). It stays in the Outbox.
    pub(in crate::sim) fn taken_2010(
        &mut self,
        store: Store,
        message: MessageIdx,
        from: Actor,
        hub: Actor,
        made: Option<CopyIdx>,
    ) {
        let now = self.now;
        let (Actor::Server(server), Actor::Server(by), Some(copy)) = (from, hub, made) else {
            return;
        };
        if !self.waits_in_outbox(store, message) {
            return;
        }
        if let Some(state) = self.stores.get_mut(&store) {
            state.set_taken(message, Some(Taken { by, copy, at: now }));
        }
        self.watch(Keeper::Outbox(server, store), hub);
    }

    /// The items that a hub has pulled and does not own yet, of the store and server of a keeper.
    pub(super) fn items_taken(&self, keeper: Keeper, hub: Actor) -> Vec<(MessageIdx, CopyIdx)> {
        let (Keeper::Outbox(server, store), Actor::Server(hub)) = (keeper, hub) else {
            return Vec::new();
        };
        let Some(state) = self.stores.get(&store).filter(|state| state.mounted_on == Some(server)) else {
            return Vec::new();
        };
        let taken = state.taken_by(hub).filter_map(|message| {
            let item = state.outbox.get(&message)?;
            Some((message, item.taken?.copy))
        });
        taken.collect()
    }

    /// A hub is done with a message that it has pulled: it says that it owns it (A11). If nobody hears it, it will be asked.
    pub(super) fn own(&mut self, server: ServerIdx, copy: CopyIdx, message: MessageIdx, store: Store) {
        self.tell(What::Own {
            server,
            copy,
            message,
            store,
        });
        let owned = &mut self.servers[server].shadow_2010.owned;
        owned.entry(store).or_default().insert(message);
        let mounted_on = self
            .stores
            .get(&store)
            .and_then(|state| state.mounted_on)
            .map(Actor::Server);
        if let Some(to) = mounted_on.filter(|to| self.answers(Actor::Server(server), *to)) {
            let at = self.arrival(Actor::Server(server), to);
            self.later_2010(at, Class::Answer, Event::Owned(store, message, server));
        }
    }

    /// A mailbox server hears that a hub owns an item. The hub does not say it twice, heard or not (A16).
    pub(super) fn owned(&mut self, store: Store, message: MessageIdx, hub: ServerIdx) {
        let mounted_on = self.stores.get(&store).and_then(|state| state.mounted_on);
        if let Some(server) = mounted_on.filter(|server| self.servers[*server].life == Life::Paused) {
            let later = kernel::Event::Shadow2010(Event::Owned(store, message, hub));
            return self.put_off.entry(server).or_default().push(later);
        }
        if let Some(server) = mounted_on
            && self.answers(Actor::Server(hub), Actor::Server(server))
        {
            self.leaves_outbox(store, message);
        }
        let keeper = Keeper::Outbox(mounted_on.unwrap_or(hub), store);
        let heard = Box::new(Answer {
            owned: vec![message],
            ..Answer::default()
        });
        self.later_2010(
            self.now,
            Class::Answer,
            Event::Forget(keeper, Actor::Server(hub), heard),
        );
    }

    fn leaves_outbox(&mut self, store: Store, message: MessageIdx) {
        let now = self.now;
        let state = self.stores.get_mut(&store);
        if state.is_some_and(|state| state.leaves(message, now)) {
            self.open_outbox -= 1;
            self.tell(What::Submit { store, message });
        }
    }

    /// A hub was asked about items that it has pulled.
    pub(super) fn outbox_told(&mut self, store: Store, hub: Actor, answer: &Answer) {
        for message in &answer.owned {
            self.leaves_outbox(store, *message);
        }
        self.offer_again(store, hub, &answer.unknown, Promotion::NewDatabase);
    }

    /// A hub is taken to be lost (D18).
    pub(super) fn outbox_takes_over(&mut self, store: Store, hub: Actor) {
        let Some(server) = self.stores.get(&store).and_then(|state| state.mounted_on) else {
            return;
        };
        let items = self.items_taken(Keeper::Outbox(server, store), hub);
        let messages: Vec<MessageIdx> = items.into_iter().map(|(message, _)| message).collect();
        self.offer_again(store, hub, &messages, Promotion::Silence);
    }

    fn offer_again(&mut self, store: Store, hub: Actor, messages: &[MessageIdx], why: Promotion) {
        for message in messages {
            let state = self.stores.get_mut(&store);
            let Some(state) = state.filter(|state| state.mounted_on.is_some()) else {
                return;
            };
            let server = state.mounted_on;
            let taken = state.outbox.get(message).and_then(|item| item.taken);
            if taken.map(|taken| Actor::Server(taken.by)) != Some(hub) {
                continue;
            }
            state.set_taken(*message, None);
            if let Some(server) = server {
                self.tell(What::SendAgain {
                    from: Actor::Server(server),
                    message: *message,
                    primary: hub,
                    why,
                });
            }
            self.submit(store, *message);
        }
    }

    /// A store is mounted: its server watches the hubs that have pulled items from it.
    pub(in crate::sim) fn outbox_mounted(&mut self, store: Store, server: ServerIdx) {
        let Some(state) = self.stores.get(&store) else { return };
        let hubs: std::collections::BTreeSet<ServerIdx> = state.taken.iter().map(|(hub, _)| *hub).collect();
        for hub in hubs {
            self.watch(Keeper::Outbox(server, store), Actor::Server(hub));
        }
    }
}
