//! What a transport server does with mail: takes it in, splits it, queues it, hands it on, tries again, gives up.

use std::rc::Rc;

use super::agenda::{Class, some_time};
use super::kernel::{Event, Kernel};
use super::mutant::Mutant;
use super::router::{self, Expansion, Ring};
use super::state::{Item, Life, Load, Queue, Server, Trail, Transfer, TransferKey, Waiting};
use super::trace::{Actor, CopyIdx, Hop, Recipients, Resubmission, Return, What};
use crate::delivery::{hop_limit, hop_report, round_robin};
use crate::model::{ConnectorRef, MessageIdx, Organization, ServerIdx};

impl Kernel<'_> {
    /// A copy comes into the queue database of a server.
    pub(super) fn take_in(
        &mut self,
        server: ServerIdx,
        message: MessageIdx,
        recipients: Recipients,
        from: Actor,
        trail: Trail,
    ) -> CopyIdx {
        let headers = trail.headers;
        let copy = self.new_copy();
        let item = Item {
            message,
            pending: recipients.clone(),
            for_stores: Recipients::new(),
            trail,
            accepted_at: self.now,
            told_late: Recipients::new(),
            silent: false,
            reroutes: 0,
        };
        self.servers[server].items.insert(copy, item);
        self.open_items += 1;
        self.tell(What::Receive {
            server,
            copy,
            message,
            recipients,
            from,
            headers,
        });
        copy
    }

    /// Decides where the mail for all pending recipients of a copy goes, and tries to hand it on.
    pub(super) fn categorize(&mut self, server: ServerIdx, copy: CopyIdx) {
        let Some(item) = self.servers[server].items.get(&copy) else {
            return;
        };
        let (message, trail, pending) = (item.message, item.trail.clone(), item.pending.clone());
        // LS-2.2: the server whose own header is one more than its limit returns the message.
        if hop_limit(&self.stage.org, server).is_some_and(|limit| trail.headers > limit) {
            let code = hop_report(&self.stage.org, server).code;
            return self.give_back(server, copy, &pending, Return::Hops(code));
        }
        let pending = self.expand(server, copy, pending, trail);
        self.route(server, copy, message, &pending);
    }

    /// Puts the members of groups that this server expands in their place: who a copy is for then.
    fn expand(&mut self, server: ServerIdx, copy: CopyIdx, pending: Recipients, mut trail: Trail) -> Recipients {
        let expanded = router::expand(self.org(), &self.stage.cast, server, &pending, &trail);
        let Some(Expansion { recipients, replaced }) = expanded else {
            return pending;
        };
        trail.replace(replaced.into_iter());
        if let Some(item) = self.servers[server].items.get_mut(&copy) {
            item.pending.clone_from(&recipients);
            item.trail = trail;
        }
        self.tell(What::Expand {
            server,
            copy,
            recipients: recipients.clone(),
        });
        recipients
    }

    /// Puts some recipients of a copy into the queues that lead to them.
    pub(super) fn route(&mut self, server: ServerIdx, copy: CopyIdx, message: MessageIdx, recipients: &Recipients) {
        if recipients.is_empty() {
            // A group of nobody: done.
            return self.finish(server, copy, recipients);
        }
        let split = self.split(server, message, recipients);
        for (returned, cause) in &split.returned {
            self.give_back(server, copy, returned, *cause);
        }
        let forks = self.reroute(server, copy, message, &split.forks);
        for fork in &*forks {
            let waiting = Waiting {
                copy,
                recipients: fork.recipients.clone(),
                rings: Rc::clone(&fork.rings),
            };
            self.wait_for(server, fork.hop, waiting);
        }
        for fork in &*forks {
            self.drain(server, fork.hop);
        }
    }

    /// Some recipients of a copy wait in a queue from now on.
    pub(super) fn wait_for(&mut self, server: ServerIdx, hop: Hop, waiting: Waiting) {
        self.tell(What::Transfer {
            server,
            copy: waiting.copy,
            recipients: waiting.recipients.clone(),
            hop,
        });
        let life = self.life_in_queues(server);
        let Server { queues, items, .. } = &mut self.servers[server];
        if let Some(item) = items.get_mut(&waiting.copy) {
            item.waits_in(hop, &waiting.recipients);
        }
        let queue = queues.entry(hop).or_default();
        queue.push_back(waiting, |waiting| life.due(items, waiting));
    }

    /// Hands on what waits in a queue, unless it is in Retry.
    pub(super) fn drain(&mut self, server: ServerIdx, hop: Hop) {
        loop {
            let queue = self.servers[server].queues.entry(hop).or_default();
            if hop == Hop::Unreachable || queue.retry_at.is_some() {
                return self.plan_deadline(server, hop);
            }
            let Some(waiting) = queue.pop_front() else {
                return;
            };
            if self.is_overdue(server, waiting.copy) {
                // Its time was up while its server did nothing, or while it was a shadow (M12).
                self.give_back(server, waiting.copy, &waiting.recipients, Return::Expired);
                self.forget_if_empty(server, hop);
                continue;
            }
            match self.connect(server, hop, &waiting.rings) {
                Some(to) => self.hand_over(server, hop, waiting, to),
                None => {
                    let Some(waiting) = self.fall_back(server, hop, waiting) else {
                        continue;
                    };
                    self.put_back(server, hop, waiting);
                    return self.defer(server, hop);
                }
            }
        }
    }

    fn hand_over(&mut self, server: ServerIdx, hop: Hop, waiting: Waiting, to: Actor) {
        let Some(item) = self.servers[server].items.get(&waiting.copy) else {
            return;
        };
        let message = item.message;
        let load = Load::Mail {
            hop,
            copy: waiting.copy,
            recipients: waiting.recipients,
            rings: waiting.rings,
        };
        self.begin(Actor::Server(server), to, load, message);
    }

    /// A session begins in which something is handed over.
    pub(super) fn begin(&mut self, from: Actor, to: Actor, load: Load, message: MessageIdx) -> TransferKey {
        let arrives_at = self.arrival(from, to);
        let transfer = self.transfers.insert(Transfer {
            from,
            to,
            load,
            message,
            begun: self.now,
            taken: false,
            refused: false,
            made: None,
            known: Recipients::new(),
        });
        self.put(arrives_at, Class::Contact, Event::Arrive(transfer));
        self.session_begins_2013(transfer, arrives_at);
        transfer
    }

    /// Who of those that a queue leads to answers. The next connection begins one further on (RT-2.10).
    fn connect(&mut self, server: ServerIdx, hop: Hop, rings: &[Ring]) -> Option<Actor> {
        let turn = self.servers[server].connections.entry(hop).or_default();
        let connection = *turn;
        *turn = turn.wrapping_add(1);
        let me = Actor::Server(server);
        match hop {
            Hop::Unreachable => None,
            Hop::Store(store) => {
                let active = self.stores.get(&store)?.mounted_on?;
                self.answers(me, Actor::Server(active)).then_some(Actor::Server(active))
            }
            Hop::Connector(connector) => {
                if self.broken.contains(&ConnectorRef::External(connector)) {
                    return None;
                }
                if let Some(hubs) = self.inbound_hubs(server, connector) {
                    let mut hubs = round_robin(hubs, connection).map(Actor::Server);
                    return hubs.find(|hub| self.answers(me, *hub));
                }
                let hosts = &self.hosts[connector];
                if hosts.is_empty() {
                    return self.network.talk(me, Actor::Outside).then_some(Actor::Outside);
                }
                round_robin(hosts, connection)
                    .map(|peer| peer.map_or(Actor::Outside, Actor::Peer))
                    .find(|host| self.network.talk(me, *host))
            }
            Hop::Within(_) | Hop::ConnectorSource(_) | Hop::Site(..) => self.first_to_answer(me, rings, connection),
            Hop::Group(connector) => {
                let works = !self.broken.contains(&ConnectorRef::RoutingGroup(connector));
                works.then(|| self.first_to_answer(me, rings, connection)).flatten()
            }
        }
    }

    fn first_to_answer(&self, me: Actor, rings: &[Ring], connection: usize) -> Option<Actor> {
        rings
            .iter()
            .filter(|ring| self.network.open(&ring.over))
            .find_map(|ring| {
                round_robin(&ring.servers, connection)
                    .map(Actor::Server)
                    .find(|server| *server != me && self.answers(me, *server))
            })
    }

    /// Whether a server works and can be talked to.
    pub(super) fn answers(&self, from: Actor, to: Actor) -> bool {
        let works = super::network::server_of(to).is_none_or(|server| self.servers[server].life == Life::Up);
        works && self.network.talk(from, to)
    }

    /// Nobody answers: the queue waits (T20).
    pub(super) fn defer(&mut self, server: ServerIdx, hop: Hop) {
        let now = self.now;
        let queue = self.servers[server].queues.entry(hop).or_default();
        if queue.failures == 0 {
            queue.failing_since = now;
        }
        queue.failures = queue.failures.saturating_add(1);
        let failures = queue.failures;
        let until = now + self.retry_interval(server, hop, failures);
        let queue = self.servers[server].queues.entry(hop).or_default();
        queue.retry_at = Some(until);
        let epoch = self.servers[server].epoch;
        self.put(until, Class::Retry, Event::Attempt(server, hop, epoch));
        self.tell(What::Defer {
            server,
            hop,
            failures,
            until,
        });
        self.plan_deadline(server, hop);
    }

    /// How long a queue waits after so many failures in a row (T20; LS-1.8 for legacy servers).
    fn retry_interval(&self, server: ServerIdx, hop: Hop, failures: u32) -> std::time::Duration {
        let org = &self.stage.org;
        if org.servers()[server].version.is_legacy() {
            return self.stage.timers.retry_after(failures);
        }
        let settings = &self.stage.scenario.settings;
        let edge = org.servers()[server].is_edge();
        let minutes =
            |usual: u64, on_edge: u64| std::time::Duration::from_secs(60 * if edge { on_edge } else { usual });
        let interval = if matches!(hop, Hop::Store(_)) {
            settings.mailbox_delivery_queue_retry_interval
        } else if failures <= settings.queue_glitch_retry_count {
            settings.queue_glitch_retry_interval
        } else if failures
            <= settings
                .queue_glitch_retry_count
                .saturating_add(settings.transient_failure_retry_count)
        {
            settings.transient_failure_retry_interval.unwrap_or(minutes(5, 10))
        } else {
            settings
                .outbound_connection_failure_retry_interval
                .unwrap_or(minutes(10, 30))
        };
        some_time(interval)
    }

    /// The time of a queue in Retry has come.
    pub(super) fn attempt(&mut self, server: ServerIdx, hop: Hop, epoch: u32) {
        let now = self.now;
        let state = &mut self.servers[server];
        if state.epoch != epoch || state.life != Life::Up {
            return;
        }
        match state.queues.get_mut(&hop) {
            Some(queue) if queue.retry_at.is_some_and(|at| at <= now) => queue.retry_at = None,
            _ => return,
        }
        self.drain(server, hop);
    }

    /// The message is in the hands of the receiver.
    pub(super) fn arrive(&mut self, transfer: TransferKey) {
        let Some(under_way) = self.transfers.get_mut(transfer) else {
            return;
        };
        under_way.taken = true;
        let (from, to, message) = (under_way.from, under_way.to, under_way.message);
        self.session_works_2013(transfer);
        let Some(under_way) = self.transfers.get_mut(transfer) else {
            return;
        };
        match (under_way.load.clone(), to) {
            (Load::Shadow { .. }, _) => self.shadow_arrives(transfer),
            (
                Load::Mail {
                    hop: Hop::Store(store),
                    copy,
                    recipients,
                    ..
                },
                Actor::Server(_),
            ) => {
                match (
                    self.deliver(store, copy, message, &recipients),
                    self.transfers.get_mut(transfer),
                ) {
                    (Some(known), Some(under_way)) => under_way.known = known,
                    _ => return self.break_off(transfer),
                }
                self.answer(transfer);
            }
            (Load::Mail { copy, recipients, .. }, Actor::Server(server)) => {
                let trail = match from {
                    Actor::Server(sender) => self.servers[sender].items.get(&copy).map(|item| item.trail.clone()),
                    _ => None,
                };
                let trail = trail.unwrap_or_default().next();
                let new = self.take_in(server, message, recipients, from, trail);
                self.has_made(transfer, new);
                self.protect(transfer, server, new);
            }
            (Load::Mail { copy, recipients, .. }, to) => {
                self.tell(What::Outside {
                    to,
                    copy,
                    message,
                    recipients,
                });
                self.answer(transfer);
            }
            (Load::Pull(store), Actor::Server(_)) if !self.waits_in_outbox(store, message) => {
                // Another hub has said meanwhile that it owns the item (A11): there is nothing left to pull.
                if let Some(ended) = self.transfers.remove(transfer) {
                    self.session_ends_2013(transfer, &ended);
                }
            }
            (Load::Entry | Load::Pull(_), Actor::Server(server)) => {
                let recipients = self.stage.recipients_of(message);
                let new = self.take_in(server, message, recipients, from, Trail::first());
                self.has_made(transfer, new);
                self.protect(transfer, server, new);
            }
            (Load::Entry | Load::Pull(_), _) => unreachable!("messages enter at servers"),
        }
    }

    fn has_made(&mut self, transfer: TransferKey, copy: CopyIdx) {
        if let Some(under_way) = self.transfers.get_mut(transfer) {
            under_way.made = Some(copy);
        }
    }

    /// The receiver answers that it has the message.
    pub(super) fn answer(&mut self, transfer: TransferKey) {
        self.put(self.now, Class::Answer, Event::Reply(transfer));
    }

    /// The sender learns that its message was taken.
    pub(super) fn reply(&mut self, transfer: TransferKey) {
        let Some(done) = self.transfers.remove(transfer) else {
            return;
        };
        if done.refused {
            return self.refused(done);
        }
        if let (Load::Mail { hop, .. }, Actor::Server(server)) = (&done.load, done.from)
            && let Some(queue) = self.servers[server].queues.get_mut(hop)
        {
            // Whoever answers, but refuses (S22), does not end the row of failures.
            queue.failures = 0;
        }
        match (done.load, done.from) {
            (Load::Shadow { of, shadow }, Actor::Server(server)) => {
                self.shadow_is_made(server, of, done.to, shadow);
            }
            (
                Load::Mail {
                    hop: Hop::Store(store),
                    copy,
                    recipients,
                    ..
                },
                Actor::Server(server),
            ) => {
                self.delivered(server, store, copy, done.message, &recipients, &done.known);
            }
            (
                Load::Mail {
                    hop, copy, recipients, ..
                },
                Actor::Server(server),
            ) => {
                let connector = match (hop, done.to) {
                    (Hop::Connector(connector), Actor::Peer(_) | Actor::Outside) => Some(connector),
                    _ => None,
                };
                self.tell(What::Send {
                    server,
                    copy,
                    recipients: recipients.clone(),
                    to: done.to,
                    connector,
                });
                self.handed_on(server, copy, &recipients, done.to, done.made);
                self.finish(server, copy, &recipients);
            }
            (load, from) => self.entered(&load, from, done.to, done.message, done.made),
        }
    }

    /// A copy is done for some recipients; when it is for all, it leaves the queue database.
    pub(super) fn finish(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients) {
        let early = self.is(Mutant::DiscardBeforeLastFork);
        let items = &mut self.servers[server].items;
        let Some(item) = items.get_mut(&copy) else { return };
        item.is_done_for(recipients);
        if !item.pending.is_empty() {
            let early = early.then(|| item.clone());
            early.iter().for_each(|item| self.completed(server, copy, item));
        } else if let Some(item) = items.remove(&copy) {
            self.open_items -= 1;
            self.completed(server, copy, &item);
        }
    }

    /// Routes what waits at a server anew, all but what is under way.
    pub(super) fn route_anew(&mut self, server: ServerIdx, why: Resubmission) {
        if self.servers[server].life != Life::Up {
            return;
        }
        let hops: Vec<Hop> = self.servers[server].queues.keys().copied().collect();
        let waits = |queue: &Queue| !queue.is_empty();
        for hop in hops {
            if self.servers[server].queues.get(&hop).is_some_and(waits) {
                self.resubmit(server, hop, why);
            }
        }
    }

    /// The same at every server for which something holds.
    pub(super) fn route_all_anew(&mut self, why: Resubmission, concerned: impl Fn(&Organization, ServerIdx) -> bool) {
        let stage = self.stage;
        for (server, _) in stage.org.servers().iter_enumerated() {
            if concerned(&stage.org, server) {
                self.route_anew(server, why);
            }
        }
    }

    /// Routes what waits in a queue anew. Where nothing has changed it comes into the same queue, which is tried at once.
    pub(super) fn resubmit(&mut self, server: ServerIdx, hop: Hop, why: Resubmission) {
        // What is under way is not routed anew, and the queue counts for it as before.
        let queues = &mut self.servers[server].queues;
        if queues.get(&hop).is_none_or(|queue| queue.is_empty()) {
            return;
        }
        let Some(queue) = queues.remove(&hop) else { return };
        self.tell(What::Resubmit {
            server,
            hop: Some(hop),
            why,
        });
        for waiting in queue.into_waiting() {
            let Some(item) = self.servers[server].items.get(&waiting.copy) else {
                continue;
            };
            let message = item.message;
            self.route(server, waiting.copy, message, &waiting.recipients);
        }
    }
}
