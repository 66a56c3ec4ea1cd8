//! How messages come in: from Outboxes, from programs, from systems outside.

use super::agenda::{Class, some_time};
use super::kernel::{Event, Kernel};
use super::mutant::Mutant;
use super::router::store_of;
use super::state::{Life, Load, OutboxItem, SenderState};
use super::trace::{Actor, CopyIdx, Store, What};
use crate::delivery::round_robin;
use crate::model::{ConnectorIdx, Entry, Generation, Home, MailboxIdx, MessageIdx, ServerIdx, SimTime};

impl Kernel<'_> {
    /// A sender tries to hand its message over.
    pub(super) fn enter(&mut self, message: MessageIdx) {
        match self.senders[message] {
            SenderState::Before => {
                self.to_come -= 1;
                self.senders[message] = SenderState::Trying;
                self.open_senders += 1;
            }
            SenderState::Trying => {}
            SenderState::Done => return,
        }
        match self.stage.scenario.messages[message].entry {
            Entry::Mapi { mailbox } => self.store_item(message, mailbox),
            Entry::Client { server, .. } => self.offer(message, Actor::Client, &[server]),
            Entry::Peer { peer, server, .. } => {
                let servers = self.with_siblings(server);
                self.offer(message, Actor::Peer(peer), &servers);
            }
        }
    }

    /// A server, and those that a sender tries when it does not answer (D28): others of its site or legacy group.
    pub(super) fn with_siblings(&self, server: ServerIdx) -> Vec<ServerIdx> {
        let org = &self.stage.org;
        let siblings: &[ServerIdx] = match (org.transport_site(server), org.legacy_group(server)) {
            (Some(site), _) => org.transport_servers(site),
            (None, Some(group)) => org.group_servers(group),
            (None, None) => &[],
        };
        let others = siblings.iter().copied().filter(|other| *other != server);
        std::iter::once(server).chain(others).collect()
    }

    /// The servers that an Edge server hands inbound mail to: `--` stands for all of its site (RT-2.14, N32).
    pub(super) fn inbound_hubs(&self, server: ServerIdx, connector: ConnectorIdx) -> Option<&[ServerIdx]> {
        let org = self.org();
        let inbound = org.connectors()[connector].smart_hosts.iter().any(|host| host == "--");
        let site = org.subscribed_site(server).filter(|_| inbound)?;
        Some(org.transport_servers(site))
    }

    fn offer(&mut self, message: MessageIdx, from: Actor, servers: &[ServerIdx]) {
        let found = servers
            .iter()
            .map(|server| Actor::Server(*server))
            .find(|to| self.answers(from, *to));
        match found {
            Some(to) => {
                let transfer = self.begin(from, to, Load::Entry, message);
                let patience = match from {
                    Actor::Peer(peer) => self.stage.scenario.peers[peer].ack_timeout,
                    _ => None,
                };
                if let Some(patience) = patience {
                    self.put(self.now + patience, Class::Timer, Event::Idle(transfer));
                }
            }
            None => self.sender_waits(message, from),
        }
    }

    pub(super) fn sender_waits(&mut self, message: MessageIdx, from: Actor) {
        let until = self.now + some_time(self.stage.scenario.settings.sender_retry_interval);
        self.tell(What::SenderWaits { from, message, until });
        self.put(until, Class::Retry, Event::Enter(message));
    }

    /// The client's item comes into the Outbox of its mailbox (A4, A5).
    fn store_item(&mut self, message: MessageIdx, mailbox: MailboxIdx) {
        let store = store_of(&self.stage.org, mailbox);
        let now = self.now;
        let host = self.stores.get(&store).and_then(|state| state.mounted_on);
        let works = host.is_some_and(|host| self.works(host));
        let Some(state) = self.stores.get_mut(&store).filter(|_| works) else {
            return self.sender_waits(message, Actor::Client);
        };
        let item = OutboxItem {
            stored_at: now,
            submitted_at: None,
            next_try: None,
            taken: None,
        };
        state.outbox.insert(message, item);
        self.open_outbox += 1;
        self.sender_is_done(message);
        self.tell(What::Stored { message, store });
        self.submit(store, message);
    }

    fn sender_is_done(&mut self, message: MessageIdx) {
        if std::mem::replace(&mut self.senders[message], SenderState::Done) == SenderState::Trying {
            self.open_senders -= 1;
        }
    }

    /// A mailbox server looks again for a transport server that takes an item, unless somebody has made it look meanwhile.
    pub(super) fn submit_again(&mut self, store: Store, message: MessageIdx) {
        let item = self.stores.get(&store).and_then(|state| state.outbox.get(&message));
        let planned = item.and_then(|item| item.next_try);
        if planned.is_some_and(|planned| planned <= self.now) {
            self.submit(store, message);
        }
    }

    /// Whether an item is still in its Outbox and nobody has it.
    pub(super) fn waits_in_outbox(&self, store: Store, message: MessageIdx) -> bool {
        let item = self.stores.get(&store).and_then(|state| state.outbox.get(&message));
        item.is_some_and(|item| item.submitted_at.is_none())
    }

    fn plan_submission(&mut self, store: Store, message: MessageIdx, at: SimTime) {
        let state = self.stores.get_mut(&store);
        if let Some(item) = state.and_then(|state| state.outbox.get_mut(&message)) {
            item.next_try = Some(at);
            self.put(at, Class::Retry, Event::Submit(store, message));
        }
    }

    /// A mailbox server looks for a transport server that takes an item from an Outbox.
    pub(super) fn submit(&mut self, store: Store, message: MessageIdx) {
        let Some(state) = self.stores.get_mut(&store) else {
            return;
        };
        let item = state.outbox.get_mut(&message);
        let Some(item) = item.filter(|item| item.submitted_at.is_none() && item.taken.is_none()) else {
            return;
        };
        let Some(server) = state.mounted_on else {
            return;
        };
        item.next_try = None;
        let turn = state.submissions;
        state.submissions = turn.wrapping_add(1);
        let me = Actor::Server(server);
        let hubs = self.submission_servers(server, store, message, turn);
        match hubs
            .into_iter()
            .find(|hub| *hub == server || self.answers(me, Actor::Server(*hub)))
        {
            Some(hub) => {
                if hub == server && self.keeps_apart(server, store) {
                    self.tell(What::Colocated { server, message, store });
                }
                self.tell(What::NotifyMapi { server, hub, message });
                self.begin(me, Actor::Server(hub), Load::Pull(store), message);
            }
            None => self.submission_waits(store, server, message),
        }
    }

    /// Who may take an item from a mailbox server, in order (RT-2.10; D8 and D9 for databases of a 2010 DAG; A6).
    fn submission_servers(
        &mut self,
        server: ServerIdx,
        store: Store,
        message: MessageIdx,
        turn: usize,
    ) -> Vec<ServerIdx> {
        if self.generation(server) == Generation::Exchange2013 {
            return self.submission_servers_2013(server, message, turn);
        }
        let org = &self.stage.org;
        let entry = &org.servers()[server];
        let Home::Site(site) = entry.home else {
            // A legacy server takes its own.
            return vec![server];
        };
        let own = entry.version.generation().delivery();
        let alike = |other: &ServerIdx| org.servers()[*other].version.generation().delivery() == own;
        let all: Vec<ServerIdx> = org.transport_servers(site).iter().copied().filter(alike).collect();
        let local = all.contains(&server).then_some(server);
        let others: Vec<ServerIdx> = all.into_iter().filter(|other| *other != server).collect();
        let others = round_robin(&others, turn);
        match self.keeps_apart(server, store) && !self.is(Mutant::LocalHubPreferred) {
            true => others.chain(local).collect(),
            false => local.into_iter().chain(others).collect(),
        }
    }

    /// Whether copies of mail from a store are kept on two servers (D8): 2010 with a DAG.
    fn keeps_apart(&self, server: ServerIdx, store: Store) -> bool {
        self.generation(server) == Generation::Exchange2010 && self.is_replicated(store)
    }

    /// A message that enters was taken, and whoever handed it over knows. `made`: the copy that was made.
    pub(super) fn entered(&mut self, load: &Load, from: Actor, to: Actor, message: MessageIdx, made: Option<CopyIdx>) {
        match load {
            Load::Pull(store) if self.owns_later(to) => self.taken_2010(*store, message, from, to, made),
            Load::Pull(store) => {
                let now = self.now;
                let state = self.stores.get_mut(store);
                if state.is_some_and(|state| state.leaves(message, now)) {
                    self.open_outbox -= 1;
                    self.tell(What::Submit { store: *store, message });
                }
            }
            _ => {
                if let Actor::Server(server) = to {
                    self.tell(What::Acknowledge {
                        server,
                        to: from,
                        message,
                    });
                }
                self.sender_is_done(message);
                if let Actor::Peer(peer) = from {
                    self.peer_keeps_copy(peer, to, message, made);
                }
            }
        }
    }

    /// Whether a hub takes an item first and owns it when it has handed it on (A11).
    fn owns_later(&self, hub: Actor) -> bool {
        super::network::server_of(hub).is_some_and(|hub| self.generation(hub) == Generation::Exchange2010)
    }

    /// A hand-over of a message that enters came to nothing: it is tried again.
    pub(super) fn not_entered(&mut self, load: &Load, from: Actor, message: MessageIdx) {
        match load {
            Load::Pull(store) => self.plan_submission(*store, message, self.now),
            _ if matches!(from, Actor::Peer(_)) => self.put(self.now, Class::Retry, Event::Enter(message)),
            _ => self.sender_waits(message, from),
        }
    }

    /// A message that enters was refused for now: its sender waits before it tries again.
    pub(super) fn entry_refused(&mut self, load: &Load, from: Actor, message: MessageIdx) {
        match (load, from) {
            (Load::Pull(store), Actor::Server(server)) => self.submission_waits(*store, server, message),
            _ => self.sender_waits(message, from),
        }
    }

    /// No transport server takes an item from an Outbox.
    fn submission_waits(&mut self, store: Store, server: ServerIdx, message: MessageIdx) {
        let until = self.now + some_time(self.stage.scenario.settings.sender_retry_interval);
        self.tell(What::SubmitDefer { server, message, until });
        self.plan_submission(store, message, until);
    }

    /// Whether a server does anything.
    pub(super) fn works(&self, server: ServerIdx) -> bool {
        self.servers[server].life == Life::Up
    }
}
