//! What the scenario breaks and mends.

use std::rc::Rc;

use smallvec::SmallVec;

use super::agenda::Class;
use super::kernel::{Event, Kernel};
use super::router::one_ring;
use super::state::{Life, Load, TransferKey, Waiting};
use super::trace::{Actor, Hop, Resubmission, Store, What};
use super::{Cut, CutKind};
use crate::delivery::DeliveryGroup;
use crate::linkstate::Input;
use crate::model::{ConnectorRef, Node, Place, ScenarioEventKind as Kind, ServerIdx, TransportDatabase};

impl Kernel<'_> {
    /// An event of the scenario.
    pub(super) fn scenario_event(&mut self, position: u32) {
        self.to_come -= 1;
        self.tell(What::Scenario(position));
        let stage = self.stage;
        self.happen(&stage.scenario.events[position as usize].what);
    }

    /// A server stops at a moment that the scenario does not know of.
    pub(super) fn cut(&mut self, cut: &Cut) {
        self.to_come -= 1;
        let (what, database) = match cut.kind {
            CutKind::Destroyed => (Kind::Destroy(cut.server), None),
            CutKind::SameDatabase(_) => (Kind::ServerDown(cut.server), Some(TransportDatabase::Same)),
            CutKind::NewDatabase(_) => (Kind::ServerDown(cut.server), Some(TransportDatabase::New)),
        };
        self.strike(&what);
        if let (Some(database), CutKind::SameDatabase(away) | CutKind::NewDatabase(away)) = (database, cut.kind) {
            self.to_come += 1;
            self.put(self.now + away, Class::Fault, Event::Return(cut.server, database));
        }
    }

    /// What [`super::explore`] makes happen.
    pub(super) fn strike(&mut self, what: &Kind) {
        if matches!(what, Kind::ServerUp(..)) {
            self.to_come -= 1;
        }
        self.tell(What::Struck(what.clone()));
        self.happen(what);
    }

    fn happen(&mut self, what: &Kind) {
        match what {
            Kind::ServerDown(server) => self.stop(*server, Life::Down),
            Kind::Destroy(server) => self.stop(*server, Life::Destroyed),
            Kind::Pause(server) => self.pause(*server),
            Kind::ServerUp(server, database) => self.start(*server, *database),
            Kind::NetworkCut(cut) => self.network_changes(|network| network.cut(*cut)),
            Kind::NetworkRestore(cut) => self.network_changes(|network| network.restore(*cut)),
            Kind::ConnectorDown(connector) => {
                self.broken.insert(*connector);
                self.break_connector(*connector);
                self.tell_link_state();
            }
            Kind::ConnectorUp(connector) => {
                self.broken.remove(connector);
                self.tell_link_state();
            }
            Kind::Dismount(database) => {
                let store = Store::Database(*database);
                if let Some(state) = self.stores.get_mut(&store) {
                    state.dismounted = true;
                }
                self.unmount(store);
            }
            Kind::Mount(database) => {
                let store = Store::Database(*database);
                if let Some(state) = self.stores.get_mut(&store) {
                    state.dismounted = false;
                }
                self.plan_mount(store);
            }
            Kind::Failover { database, to, lost_log } => self.fail_over(Store::Database(*database), *to, *lost_log),
            Kind::Configuration(edits) => {
                let configuration = self.configuration().edited(edits);
                self.reconfigure(configuration, edits);
                // RT-2.15: servers of 2007 and later look at everything that waits again.
                self.route_all_anew(Resubmission::Configuration, |org, server| {
                    org.legacy_group(server).is_none()
                });
            }
            Kind::GroupChange { group, add, remove } => {
                let configuration = self.configuration().regrouped(*group, add, remove);
                self.reconfigure(configuration, &[]);
            }
            Kind::Redirect { server, to } => self.redirect(*server, *to),
            Kind::SessionCut { place, other } => self.cut_sessions(*place, *other),
        }
    }

    /// The hand-overs for which something holds, in a fixed order.
    fn transfers_where(&self, holds: impl Fn(&super::state::Transfer) -> bool) -> Vec<TransferKey> {
        self.transfers
            .iter()
            .filter(|(_, transfer)| holds(transfer))
            .map(|(key, _)| key)
            .collect()
    }

    pub(super) fn break_where(&mut self, holds: impl Fn(&super::state::Transfer) -> bool) {
        for transfer in self.transfers_where(holds) {
            self.break_off(transfer);
        }
    }

    /// A server stops: memory and sessions are gone, and its disks too if it is destroyed.
    fn stop(&mut self, server: ServerIdx, life: Life) {
        let state = &mut self.servers[server];
        let was = std::mem::replace(&mut state.life, life);
        state.epoch += 1;
        state.queues.clear();
        state.connections.clear();
        let forgotten = self.put_off.remove(&server).unwrap_or_default();
        self.redeliveries_forgotten(&forgotten);
        self.memory_lost(server);
        if life == Life::Destroyed {
            self.lose_queues(server);
        }
        if matches!(was, Life::Down | Life::Destroyed) {
            if life == Life::Destroyed {
                self.copies_destroyed(server);
            }
            return;
        }
        let me = Actor::Server(server);
        self.break_where(|transfer| transfer.from == me || transfer.to == me);
        let mounted: Vec<Store> = self
            .stores
            .iter()
            .filter(|(_, state)| state.mounted_on == Some(server))
            .map(|(store, _)| *store)
            .collect();
        for store in mounted {
            self.unmount(store);
            self.plan_mount(store);
        }
        if life == Life::Destroyed {
            self.copies_destroyed(server);
        }
        self.input_of_server(server, Input::ServerStops(server));
    }

    fn lose_queues(&mut self, server: ServerIdx) {
        let items = std::mem::take(&mut self.servers[server].items);
        self.open_items -= items.len();
        self.servers[server].database += 1;
        self.kept_lost(server);
        self.tell(What::QueuesLost { server });
    }

    /// A server does nothing any more, and whoever talks to it waits for as long as it has patience.
    fn pause(&mut self, server: ServerIdx) {
        if self.servers[server].life != Life::Up {
            return;
        }
        self.servers[server].life = Life::Paused;
        for transfer in self.transfers_where(|transfer| transfer.to == Actor::Server(server)) {
            let patience = self.patience(transfer);
            self.put(self.now + patience, Class::Timer, Event::Idle(transfer));
        }
    }

    /// How long the sender of a session waits for an answer (T18).
    fn patience(&self, transfer: TransferKey) -> std::time::Duration {
        let connector = self.transfers.get(transfer).and_then(|transfer| match &transfer.load {
            Load::Mail {
                hop: Hop::Connector(connector),
                ..
            } => Some(&self.stage.org.connectors()[*connector]),
            _ => None,
        });
        connector.map_or(std::time::Duration::from_secs(600), |connector| {
            connector.connection_inactivity_timeout
        })
    }

    /// A server that has stopped or is paused works again.
    fn start(&mut self, server: ServerIdx, database: TransportDatabase) {
        // N14: nobody takes the queue database away from a server that runs.
        if database == TransportDatabase::New && matches!(self.servers[server].life, Life::Up | Life::Paused) {
            self.unaccepted_lost(server);
            self.stop(server, Life::Down);
        }
        let was = std::mem::replace(&mut self.servers[server].life, Life::Up);
        match was {
            Life::Up => return,
            Life::Paused => return self.wake_up(server),
            Life::Down | Life::Destroyed => {}
        }
        if was == Life::Down && database == TransportDatabase::New {
            self.lose_queues(server);
        }
        self.input_of_server(server, Input::ServerStarts(server));
        let mut copies: Vec<_> = self.servers[server].items.keys().collect();
        copies.sort_unstable();
        if !copies.is_empty() {
            self.tell(What::Resubmit {
                server,
                hop: None,
                why: Resubmission::Start,
            });
        }
        for copy in copies {
            self.categorize(server, copy);
        }
        self.protection_starts(server);
        self.plan_mounts();
    }

    /// Stores that are mounted nowhere may find a server now.
    fn plan_mounts(&mut self) {
        let unmounted = self.stores.iter().filter(|(_, state)| state.mounted_on.is_none());
        let stores: Vec<Store> = unmounted.map(|(store, _)| *store).collect();
        for store in stores {
            self.plan_mount(store);
        }
    }

    /// A paused server goes on with what it was about to do.
    fn wake_up(&mut self, server: ServerIdx) {
        for event in self.put_off.remove(&server).unwrap_or_default() {
            self.put(self.now, Class::Contact, event);
        }
        self.plan_mounts();
        let hops: Vec<Hop> = self.servers[server].queues.keys().copied().collect();
        for hop in hops {
            self.drain(server, hop);
        }
    }

    /// Link state hears of servers that it knows.
    fn input_of_server(&mut self, server: ServerIdx, input: Input) {
        if self.stage.org.servers()[server].version.is_legacy()
            && let Some(legacy) = &mut self.legacy
        {
            legacy.input(self.now, input);
            self.link_state_moves();
        }
    }

    fn network_changes(&mut self, change: impl FnOnce(&mut super::network::Network)) {
        change(&mut self.network);
        let network = self.network.clone();
        self.break_where(|transfer| !network.talk(transfer.from, transfer.to) || !transfer.way_is_open(&network));
        self.tell_link_state();
    }

    fn break_connector(&mut self, connector: ConnectorRef) {
        let over = match connector {
            ConnectorRef::RoutingGroup(connector) => Hop::Group(connector),
            ConnectorRef::External(connector) => Hop::Connector(connector),
        };
        self.break_where(|transfer| matches!(&transfer.load, Load::Mail { hop, .. } if *hop == over));
    }

    /// Link state hears of connectors that fail or work again: those that are down, and those whose every session the network
    /// cuts.
    fn tell_link_state(&mut self) {
        let Some(legacy) = &self.legacy else { return };
        let org = &self.stage.org;
        let graph = &self.stage.base.graphs.combined;
        let fails = |connector: ConnectorRef| {
            if self.broken.contains(&connector) {
                return true;
            }
            let ConnectorRef::RoutingGroup(index) = connector else {
                return false;
            };
            let sources = graph.sources(index);
            let targets = graph.targets(index);
            let talk = |source: &ServerIdx| {
                targets
                    .iter()
                    .any(|target| self.network.talk(Actor::Server(*source), Actor::Server(*target)))
            };
            !sources.is_empty() && !sources.iter().any(talk)
        };
        let all = org.connectors_of_both_kinds().into_iter();
        let now_failed: Vec<ConnectorRef> = all.filter(|connector| fails(*connector)).collect();
        let inputs = legacy.difference(&now_failed);
        if let Some(legacy) = &mut self.legacy {
            inputs.into_iter().for_each(|input| legacy.input(self.now, input));
            legacy.failed = now_failed;
        }
        self.link_state_moves();
    }

    /// Link state comes up to now, and groups act on what they have heard.
    pub(super) fn link_state_moves(&mut self) {
        let now = self.now;
        let Some(legacy) = &mut self.legacy else { return };
        let news = legacy.advance(now);
        for new in news {
            if let Some(down) = new.down {
                self.tell(What::Believes {
                    group: new.group,
                    down: down.to_vec(),
                });
            }
            let servers = self.stage.org.group_servers(new.group).to_vec();
            for server in servers {
                self.route_anew(server, Resubmission::LinkState);
            }
        }
    }

    fn fail_over(&mut self, store: Store, to: Option<ServerIdx>, lost_log: std::time::Duration) {
        self.unmount(store);
        let Some(state) = self.stores.get_mut(&store) else {
            return;
        };
        state.lost_log = lost_log;
        state.dismounted = false;
        let (from, epoch) = (state.last_on, state.epoch);
        let target = to.or_else(|| {
            let copies = self.living_copies(store);
            copies.into_iter().find(|copy| Some(*copy) != from && self.works(*copy))
        });
        match target {
            Some(target) => {
                let at = self.now + self.stage.scenario.settings.database_failover_time;
                self.put_mount(at, store, target, epoch);
            }
            None => self.plan_mount(store),
        }
    }

    /// Redirect-Message: what waits at a server goes to another one of its site.
    fn redirect(&mut self, server: ServerIdx, to: Option<ServerIdx>) {
        if !self.works(server) {
            return;
        }
        let org = &self.stage.org;
        let (node, siblings) = match (org.transport_site(server), org.legacy_group(server)) {
            (Some(site), _) => (Node::Site(site), org.transport_servers(site)),
            (None, Some(group)) => (Node::RoutingGroup(group), org.group_servers(group)),
            (None, None) => return,
        };
        let servers: SmallVec<[ServerIdx; 4]> = match to {
            Some(to) => SmallVec::from_slice(&[to]),
            None => siblings.iter().copied().filter(|other| *other != server).collect(),
        };
        let aside = Hop::Within(DeliveryGroup::Node(node));
        let rings = one_ring(servers.into_iter());
        let hops: Vec<Hop> = self.servers[server]
            .queues
            .keys()
            .copied()
            .filter(|hop| *hop != aside)
            .collect();
        for hop in hops {
            // What is under way is not redirected, and the queue counts for it as before.
            let queues = &mut self.servers[server].queues;
            if queues.get(&hop).is_none_or(|queue| queue.is_empty()) {
                continue;
            }
            let Some(queue) = queues.remove(&hop) else { continue };
            self.tell(What::Resubmit {
                server,
                hop: Some(hop),
                why: Resubmission::Redirect,
            });
            for waiting in queue.into_waiting() {
                let rings = Rc::clone(&rings);
                self.wait_for(server, aside, Waiting { rings, ..waiting });
            }
        }
        self.drain(server, aside);
    }

    fn cut_sessions(&mut self, place: Place, other: Option<Place>) {
        let network = self.network.clone();
        self.break_where(|transfer| {
            let ends =
                |a: Actor, b: Actor| network.is_in(a, place) && other.is_none_or(|other| network.is_in(b, other));
            ends(transfer.from, transfer.to) || ends(transfer.to, transfer.from)
        });
    }
}
