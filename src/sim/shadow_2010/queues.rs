//! Shadow queues, and the discard notifications that empty them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::agenda::Class;
use super::super::kernel::{self, Kernel};
use super::super::mutant::Mutant;
use super::super::state::Item;
use super::super::trace::{Actor, CopyIdx, Promotion, Recipients, What};
use super::Event;
use super::dues::Dues;
use super::heartbeats::Keeper;
use crate::model::{MessageIdx, ServerIdx};

/// A shadow in a shadow queue: one fork of a copy.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Held {
    /// The copy of this server.
    pub(super) copy: CopyIdx,
    /// What it was, to become it again.
    pub(super) item: Item,
    /// For whom it was handed on.
    pub(super) recipients: Recipients,
    /// Which queue database the primary had then (S63, X3).
    pub(super) database: u32,
}

/// What a primary says when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sim) struct Answer {
    /// Which queue database it has.
    pub(super) database: u32,
    /// Its copies that are done; `None`: everything that it was given.
    pub(super) done: Option<Vec<CopyIdx>>,
    /// Items of the Outbox that it owns.
    pub(super) owned: Vec<MessageIdx>,
    /// Items of the Outbox of which it knows nothing.
    pub(super) unknown: Vec<MessageIdx>,
}

impl Kernel<'_> {
    pub(super) fn later_2010(&mut self, at: crate::model::SimTime, class: Class, event: Event) {
        self.put(at, class, kernel::Event::Shadow2010(event));
    }

    /// A30: who took the message is its primary now, and this server keeps its copy as the shadow of it. The session goes on
    /// with the question what is done of what was sent before (A32).
    pub(super) fn keep_shadow(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        recipients: &Recipients,
        primary: Actor,
        made: Option<CopyIdx>,
    ) {
        let Some(item) = self.servers[server].items.get(&copy).cloned() else {
            return;
        };
        let database = self.database_of(primary);
        let theirs = made.unwrap_or(copy);
        let expires = item.accepted_at + self.shadow_life_2010(server);
        let state = &mut self.servers[server].shadow_2010;
        let queue = state.shadows.entry(primary).or_default();
        let held = Held {
            copy,
            item,
            recipients: recipients.clone(),
            database,
        };
        match queue.get_mut(&theirs) {
            Some(known) => known.recipients.extend(recipients.iter().copied()),
            None => {
                queue.insert(theirs, held);
                state.databases.add(primary, database);
                *state.forks.entry(copy).or_default() += 1;
                state.ends.entry(primary).or_default().add(theirs, expires);
                self.open_shadows += 1;
                self.plan_ends(server, primary);
            }
        }
        self.tell(What::Shadow {
            server,
            copy,
            primary,
            recipients: recipients.clone(),
        });
        let keeper = Keeper::Queues(server);
        self.watch(keeper, primary);
        self.ask(keeper, primary);
        self.delayed_was_handed_on(server, copy, primary);
    }

    /// The queue database that somebody has; systems outside never lose theirs.
    pub(super) fn database_of(&self, actor: Actor) -> u32 {
        match actor {
            Actor::Server(server) => self.servers[server].database,
            _ => 0,
        }
    }

    /// N22: how long a shadow lives from when its server took the message.
    fn shadow_life_2010(&self, server: ServerIdx) -> Duration {
        let expiry = self.stage.org.servers()[server].message_expiration_timeout;
        expiry.saturating_add(self.auto_discard())
    }

    /// A copy that somebody shadows is done: that will be told when it is asked for (A20, A31, A43).
    pub(super) fn prepare_discard(&mut self, server: ServerIdx, copy: CopyIdx, holder: Actor) {
        let until = self.now + self.auto_discard();
        let discards = &mut self.servers[server].shadow_2010.discards;
        discards.entry(holder).or_default().add(copy, until);
        self.tell(What::DiscardQueued { server, copy, holder });
        self.plan_drop(server, holder);
    }

    fn plan_drop(&mut self, server: ServerIdx, holder: Actor) {
        let waiting = self.servers[server].shadow_2010.discards.get_mut(&holder);
        if let Some(at) = waiting.and_then(Dues::plan) {
            self.later_2010(at, Class::Timer, Event::DropDiscards(server, holder));
        }
    }

    /// Nobody has asked for notifications in time (T5).
    pub(super) fn drop_discards(&mut self, server: ServerIdx, holder: Actor) {
        let now = self.now;
        let waiting = self.servers[server].shadow_2010.discards.get_mut(&holder);
        let due = waiting.map(|waiting| waiting.take_due(now)).unwrap_or_default();
        for copy in due {
            self.tell(What::DiscardDropped { server, copy, holder });
        }
        self.plan_drop(server, holder);
    }

    fn plan_ends(&mut self, server: ServerIdx, primary: Actor) {
        let ends = self.servers[server].shadow_2010.ends.get_mut(&primary);
        if let Some(at) = ends.and_then(Dues::plan) {
            self.later_2010(at, Class::Timer, Event::Expire(server, primary));
        }
    }

    /// Somebody asks what is done, in a session of any kind.
    pub(super) fn ask(&mut self, keeper: Keeper, primary: Actor) {
        let items = self.items_taken(keeper, primary);
        self.later_2010(self.now, Class::Contact, Event::Ask(keeper, primary, items.into()));
    }

    /// A33: the answer is everything prepared for whoever asks, and nothing for others.
    pub(super) fn asked(&mut self, keeper: Keeper, primary: Actor, items: &[(MessageIdx, CopyIdx)]) {
        if !self.answers(keeper.actor(), primary) {
            return;
        }
        let answer = match primary {
            Actor::Server(server) => {
                let held = &self.servers[server].items;
                let state = &self.servers[server].shadow_2010;
                let is_asked = |holder: &Actor| *holder == keeper.actor() || self.is(Mutant::NoticesOfOthers);
                let done = match keeper {
                    Keeper::Outbox(..) => Vec::new(),
                    _ => {
                        let of_asker = state.discards.iter().filter(|(holder, _)| is_asked(holder));
                        of_asker.flat_map(|(_, done)| done.keys()).collect()
                    }
                };
                let mut answer = Answer {
                    database: self.servers[server].database,
                    done: Some(done),
                    ..Answer::default()
                };
                if let Keeper::Outbox(_, store) = keeper {
                    let owned = state.owned.get(&store);
                    answer.owned = owned.map(|owned| owned.iter().copied().collect()).unwrap_or_default();
                    let unknown = items
                        .iter()
                        .filter(|(message, copy)| !held.contains_key(copy) && !answer.owned.contains(message));
                    answer.unknown = unknown.map(|(message, _)| *message).collect();
                }
                answer
            }
            // N23: a system outside is done with everything at once.
            _ => Answer::default(),
        };
        self.later_2010(self.now, Class::Answer, Event::Told(keeper, primary, Box::new(answer)));
    }

    /// The answer is here.
    pub(super) fn told(&mut self, keeper: Keeper, primary: Actor, answer: Box<Answer>) {
        if !self.answers(keeper.actor(), primary) {
            return;
        }
        self.contact(keeper, primary, true);
        if let Keeper::Queues(holder) | Keeper::Outbox(holder, _) = keeper {
            let all = || {
                self.servers[holder]
                    .shadow_2010
                    .shadows
                    .get(&primary)
                    .map_or(0, BTreeMap::len)
            };
            let notifications = answer.done.as_ref().map_or_else(all, Vec::len) + answer.owned.len();
            self.tell(What::Heartbeat {
                holder,
                primary,
                outbox: keeper.outbox(),
                notifications: u32::try_from(notifications).unwrap_or(u32::MAX),
            });
        }
        match keeper {
            Keeper::Queues(server) => {
                self.release_2010(server, primary, answer.done.as_deref());
                self.database_seen(server, primary, answer.database);
            }
            Keeper::Outbox(_, store) => self.outbox_told(store, primary, &answer),
            Keeper::Peer(peer) => self.peer_told(peer, primary, &answer),
        }
        self.later_2010(self.now, Class::Answer, Event::Forget(keeper, primary, answer));
    }

    /// M5: the session has ended well.
    pub(super) fn forget(&mut self, keeper: Keeper, primary: Actor, answer: &Answer) {
        let Actor::Server(server) = primary else { return };
        let state = &mut self.servers[server].shadow_2010;
        if let Keeper::Outbox(_, store) = keeper {
            if let Some(owned) = state.owned.get_mut(&store) {
                owned.retain(|message| !answer.owned.contains(message));
            }
        } else if let Some(waiting) = state.discards.get_mut(&keeper.actor()) {
            for copy in answer.done.iter().flatten() {
                waiting.remove(*copy);
            }
        }
    }

    /// A34: the shadows that are named go, names that nobody knows are passed over. `None`: all of this primary.
    fn release_2010(&mut self, server: ServerIdx, primary: Actor, done: Option<&[CopyIdx]>) {
        let Some(queue) = self.servers[server].shadow_2010.shadows.get_mut(&primary) else {
            return;
        };
        let which: Vec<CopyIdx> = match done {
            Some(done) => done.to_vec(),
            None => queue.keys().copied().collect(),
        };
        for theirs in which {
            let Some(held) = self.take_shadow(server, primary, theirs) else {
                continue;
            };
            // A52, A53: the acknowledgement first, then the copy goes.
            self.verify(server, held.copy);
            self.tell(What::HaDiscard {
                server,
                copy: held.copy,
                primary,
                recipients: held.recipients,
            });
        }
    }

    /// Takes a shadow out of its queue.
    fn take_shadow(&mut self, server: ServerIdx, primary: Actor, theirs: CopyIdx) -> Option<Held> {
        let state = &mut self.servers[server].shadow_2010;
        let held = state.shadows.get_mut(&primary)?.remove(&theirs)?;
        state.databases.remove(primary, held.database);
        self.open_shadows -= 1;
        if let Some(ends) = state.ends.get_mut(&primary) {
            ends.remove(theirs);
        }
        if let Some(count) = state.forks.get_mut(&held.copy) {
            *count -= 1;
            if *count == 0 {
                state.forks.remove(&held.copy);
            }
        }
        Some(held)
    }

    /// X3: a primary that comes back with another queue database has lost what it was given.
    fn database_seen(&mut self, server: ServerIdx, primary: Actor, database: u32) {
        let state = &self.servers[server].shadow_2010;
        let Some(queue) = state.shadows.get(&primary) else {
            return;
        };
        if !state.databases.has_others(primary, database) {
            return;
        }
        let differs = |held: &Held| held.database != database && !self.is(Mutant::DatabaseIdIgnored);
        let stale = queue.iter().filter(|(_, held)| differs(held));
        let stale: Vec<CopyIdx> = stale.map(|(theirs, _)| *theirs).collect();
        self.promote(server, primary, &stale, Promotion::NewDatabase);
    }

    /// Shadows become the message again and are routed anew.
    pub(super) fn promote(&mut self, server: ServerIdx, primary: Actor, which: &[CopyIdx], why: Promotion) {
        let mut promoted = Vec::new();
        for theirs in which {
            promoted.extend(self.take_shadow(server, primary, *theirs));
        }
        for held in &promoted {
            self.tell(What::Promote {
                server,
                copy: held.copy,
                primary,
                recipients: held.recipients.clone(),
                why,
            });
            self.sent_again(held.item.message);
            self.becomes_active(server, held);
        }
        for held in promoted {
            self.route(server, held.copy, held.item.message, &held.recipients);
        }
    }

    fn becomes_active(&mut self, server: ServerIdx, held: &Held) {
        let items = &mut self.servers[server].items;
        match items.get_mut(&held.copy) {
            Some(item) => {
                let more = held.recipients.iter().copied();
                item.pending.extend(more);
                item.pending.sort_unstable();
                item.pending.dedup();
            }
            None => {
                let item = Item {
                    pending: held.recipients.clone(),
                    for_stores: Recipients::new(),
                    ..held.item.clone()
                };
                items.insert(held.copy, item);
                self.open_items += 1;
            }
        }
    }

    /// N22: no notification for these shadows can come any more. If their primary is taken to be lost, their senders are told.
    pub(super) fn shadows_expire(&mut self, server: ServerIdx, primary: Actor) {
        let now = self.now;
        let ends = self.servers[server].shadow_2010.ends.get_mut(&primary);
        let due = ends.map(|ends| ends.take_due(now)).unwrap_or_default();
        let is_lost = self.is_lost(Keeper::Queues(server), primary);
        for theirs in due {
            if is_lost {
                self.promote(server, primary, &[theirs], Promotion::Silence);
            } else if let Some(held) = self.take_shadow(server, primary, theirs) {
                self.verify(server, held.copy);
                self.tell(What::ShadowExpired {
                    server,
                    copy: held.copy,
                    recipients: held.recipients,
                });
            }
        }
        self.plan_ends(server, primary);
    }

    /// A server that has stopped works again: it watches over its shadows, and its notifications age.
    pub(super) fn watch_again(&mut self, server: ServerIdx) {
        let state = &mut self.servers[server].shadow_2010;
        state.ends.values_mut().for_each(Dues::forget_plan);
        state.discards.values_mut().for_each(Dues::forget_plan);
        let primaries: Vec<Actor> = state.shadows.keys().copied().collect();
        let holders: Vec<Actor> = state.discards.keys().copied().collect();
        for holder in holders {
            self.plan_drop(server, holder);
        }
        for primary in primaries {
            self.watch(Keeper::Queues(server), primary);
            self.plan_ends(server, primary);
        }
    }
}
