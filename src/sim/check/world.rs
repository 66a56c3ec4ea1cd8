//! What the scenario has broken so far: who is up, who reaches whom, what is mounted, who is in which group.

use std::collections::BTreeMap;
use std::time::Duration;

use oxc_index::IndexVec;
use smallvec::{SmallVec, smallvec};

use super::violation::LossId;
use crate::model::{
    ConnectorRef, Cut, DatabaseHome, DatabaseIdx, Generation, Home, MailboxHome, MailboxIdx, Place, ScenarioEventKind,
    ServerIdx, SimTime, SiteIdx, TransportDatabase, Version,
};
use crate::sim::Stage;
use crate::sim::groups::Groups;
use crate::sim::trace::{Actor, RecipientIdx, Store};

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// It works.
    Up,
    /// It does nothing for a while.
    Paused,
    /// It is down; its disks wait.
    Down,
    /// It is down and its disks are gone.
    Destroyed,
}

/// A server as the trace shows it.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) condition: Condition,
    /// When it last became able to work.
    pub(super) since: SimTime,
    /// When it last stopped to work.
    pub(super) stopped: SimTime,
    /// Since when its memory is what it is: its last start.
    pub(super) started: SimTime,
    /// When its queue database last went away, if ever.
    pub(super) database_lost: Option<SimTime>,
}

impl Machine {
    /// Whether it has started since an instant with the queue database that it had then: what was in memory alone is gone (M6).
    pub(super) fn restarted_since(&self, since: SimTime) -> bool {
        let went = self
            .database_lost
            .is_some_and(|lost| since < lost && lost <= self.started);
        self.started > since && !went
    }
}

/// The world at the last event.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) stage: &'a Stage,
    machines: IndexVec<ServerIdx, Machine>,
    cuts: Vec<Cut>,
    connectors_down: Vec<ConnectorRef>,
    /// Where databases are mounted; `None`: nowhere.
    mounted: BTreeMap<DatabaseIdx, Option<ServerIdx>>,
    /// Databases that an administrator has dismounted.
    dismounted: Vec<DatabaseIdx>,
    pub(super) groups: Groups,
    /// The longest time that handing a message over takes anywhere.
    slowest: Duration,
    /// When something was last broken.
    pub(super) broken_at: Option<SimTime>,
    /// When a cut of the network was last mended.
    pub(super) restored_at: Option<SimTime>,
}

/// How far back a mailbox can lose what was delivered while there is a copy left: what that copy lacks, and what a failover of
/// the scenario loses besides. O(databases + events).
pub(super) fn reach(stage: &Stage) -> Duration {
    let databases = stage.org().databases().iter();
    let lags = databases.flat_map(|database| &database.copies);
    let lag = lags
        .map(|copy| copy.replay_lag.saturating_add(copy.replication_lag))
        .max();
    let events = stage.scenario().events.iter().map(|event| &event.what);
    let lost = events.map(|event| match event {
        ScenarioEventKind::Failover { lost_log, .. } => *lost_log,
        _ => Duration::ZERO,
    });
    let (lag, lost) = (lag.unwrap_or_default(), lost.max().unwrap_or_default());
    // Safety Nets are asked from a while before.
    lag.saturating_add(lost)
        .saturating_add(stage.scenario().settings.safety_net_lead)
}

impl<'a> World<'a> {
    pub(super) fn new(stage: &'a Stage) -> World<'a> {
        let org = stage.org();
        let machine = Machine {
            condition: Condition::Up,
            since: SimTime::ZERO,
            stopped: SimTime::ZERO,
            started: SimTime::ZERO,
            database_lost: None,
        };
        World {
            stage,
            machines: org.servers().iter().map(|_| machine.clone()).collect(),
            cuts: Vec::new(),
            connectors_down: Vec::new(),
            mounted: org
                .databases()
                .iter_enumerated()
                .map(|(at, _)| (at, org.mounted_on(at)))
                .collect(),
            dismounted: Vec::new(),
            groups: Groups::new(stage),
            slowest: {
                let delays = stage.scenario().delays.iter().map(|delay| delay.delay);
                delays.fold(stage.scenario().settings.transmission_time, Duration::max)
            },
            broken_at: None,
            restored_at: None,
        }
    }

    pub(super) fn machine(&self, server: ServerIdx) -> &Machine {
        &self.machines[server]
    }

    pub(super) fn is_up(&self, server: ServerIdx) -> bool {
        self.machines[server].condition == Condition::Up
    }

    pub(super) fn version(&self, server: ServerIdx) -> Version {
        self.stage.org().servers()[server].version
    }

    /// Whether what a server has sent can arrive: it works, or is paused and had sent it before.
    pub(super) fn sends(&self, server: ServerIdx, at: SimTime) -> bool {
        let machine = &self.machines[server];
        match machine.condition {
            Condition::Up => true,
            Condition::Paused => at <= machine.stopped + self.slowest(),
            Condition::Down | Condition::Destroyed => false,
        }
    }

    pub(super) fn generation(&self, server: ServerIdx) -> Generation {
        self.version(server).generation()
    }

    /// Whether shadow redundancy is on (S19, S20).
    pub(super) fn protects(&self) -> bool {
        self.stage.org().transport_config().shadow_redundancy_enabled != Some(false)
    }

    /// Whether a message without a shadow is rejected (S21–S23).
    pub(super) fn rejects(&self) -> bool {
        self.protects() && self.stage.org().transport_config().reject_message_on_shadow_failure == Some(true)
    }

    /// Whether sender and receiver agree on XSHADOW (A26, A27, S35): both are 2010, or a peer that speaks it and 2010.
    pub(super) fn shadows(&self, from: Actor, to: Actor) -> bool {
        let speaks = |actor: Actor| match actor {
            Actor::Server(server) => self.generation(server) == Generation::Exchange2010,
            Actor::Peer(peer) => self.stage.scenario().peers[peer].shadow,
            _ => false,
        };
        self.protects() && speaks(from) && speaks(to)
    }

    /// Whether `other` is in the boundary of a 2013 server (S6, S16, S17): of its DAG, else of its site.
    pub(super) fn in_boundary(&self, server: ServerIdx, other: ServerIdx) -> bool {
        let servers = self.stage.org().servers();
        let newer = [server, other]
            .iter()
            .all(|s| self.generation(*s) == Generation::Exchange2013);
        let (server, other) = (&servers[server], &servers[other]);
        let inside = match server.dag {
            Some(dag) => other.dag == Some(dag),
            None => server.home == other.home && matches!(server.home, Home::Site(_)),
        };
        newer && inside
    }

    pub(super) fn site(&self, server: ServerIdx) -> Option<SiteIdx> {
        match self.stage.org().servers()[server].home {
            Home::Site(site) => Some(site),
            _ => self.stage.org().subscribed_site(server),
        }
    }

    /// Where a store is mounted on a server that works.
    pub(super) fn host(&self, store: Store) -> Option<ServerIdx> {
        let server = match store {
            Store::Server(server) => Some(server),
            Store::Database(database) => self.mounted.get(&database).copied().flatten(),
        };
        server.filter(|server| self.is_up(*server))
    }

    /// The store that has a recipient's mailbox.
    pub(super) fn store_of(&self, recipient: RecipientIdx) -> Option<Store> {
        let mailbox = self.stage.cast().mailbox(recipient)?;
        Some(self.store_of_mailbox(mailbox))
    }

    /// Which loss it is when a store has lost all that it had (L10-11, L13-11).
    pub(super) fn loss_of_mailbox(&self, store: Store) -> LossId {
        let newer = self
            .disks(store)
            .iter()
            .any(|at| self.generation(*at) == Generation::Exchange2013);
        if newer { LossId::L13_11 } else { LossId::L10_11 }
    }

    /// The store that has a mailbox.
    pub(super) fn store_of_mailbox(&self, mailbox: MailboxIdx) -> Store {
        match self.stage.org().mailboxes()[mailbox].home {
            MailboxHome::Database(database) => Store::Database(database),
            MailboxHome::Server(server) => Store::Server(server),
        }
    }

    /// Servers with a copy of a store.
    pub(super) fn disks(&self, store: Store) -> SmallVec<[ServerIdx; 4]> {
        match store {
            Store::Server(server) => smallvec![server],
            Store::Database(database) => {
                let database = &self.stage.org().databases()[database];
                let mut servers: SmallVec<[ServerIdx; 4]> = match database.home {
                    DatabaseHome::Server(server) => smallvec![server],
                    // Where the file lists no copies, every member has one.
                    DatabaseHome::Dag(dag) if database.copies.is_empty() => {
                        SmallVec::from_slice(&self.stage.org().dags()[dag].servers)
                    }
                    DatabaseHome::Dag(_) => database.copies.iter().map(|copy| copy.server).collect(),
                };
                servers.sort_unstable();
                servers.dedup();
                servers
            }
        }
    }

    /// Whether a store has copies on several servers.
    pub(super) fn replicated(&self, store: Store) -> bool {
        self.disks(store).len() > 1
    }

    pub(super) fn mount(&mut self, store: Store, server: ServerIdx) {
        if let Store::Database(database) = store {
            self.mounted.insert(database, Some(server));
            self.dismounted.retain(|other| *other != database);
        }
    }

    /// Whether somebody reaches somebody else. Cuts of site links are left out: which way traffic takes then is not said.
    pub(super) fn reaches(&self, from: Actor, to: Actor) -> bool {
        let inside = |place: Place, actor: Actor| match (place, actor) {
            (Place::Server(a), Actor::Server(b)) => a == b,
            (Place::Peer(a), Actor::Peer(b)) => a == b,
            (Place::Site(site), Actor::Server(server)) => self.site(server) == Some(site),
            _ => false,
        };
        from == to
            || !self.cuts.iter().any(|cut| match *cut {
                Cut::Off(place) => inside(place, from) != inside(place, to),
                Cut::Between(a, b) => (inside(a, from) && inside(b, to)) || (inside(b, from) && inside(a, to)),
                Cut::OneWay(a, b) => inside(a, from) && inside(b, to),
                Cut::SiteLink(_) => false,
            })
    }

    /// Whether two can hold a session, which needs both ways.
    pub(super) fn talk(&self, one: ServerIdx, other: ServerIdx) -> bool {
        let (one, other) = (Actor::Server(one), Actor::Server(other));
        self.reaches(one, other) && self.reaches(other, one)
    }

    /// ShadowResubmitTimeSpan (T9).
    pub(super) fn resubmit_span(&self) -> Duration {
        let span = self.stage.org().transport_config().shadow_resubmit_time_span;
        span.unwrap_or(Duration::from_secs(3 * 3600))
    }

    /// How many servers of other sites, and of the own one, are asked for a shadow at most (T10, M7).
    pub(super) fn tries(&self) -> (u32, u32) {
        let config = self.stage.org().transport_config();
        let (remote, local) = (
            config.max_retries_for_remote_site_shadow,
            config.max_retries_for_local_site_shadow,
        );
        let more = u32::from(self.stage.scenario().settings.retries_follow_first_try);
        (
            remote.unwrap_or(4).saturating_add(more),
            local.unwrap_or(2).saturating_add(more),
        )
    }

    /// Whether nothing is broken any more.
    pub(super) fn healed(&self) -> bool {
        self.machines.iter().all(|machine| machine.condition == Condition::Up)
            && self.cuts.is_empty()
            && self.connectors_down.is_empty()
            && self.dismounted.is_empty()
    }

    /// The longest time that handing a message over takes anywhere.
    pub(super) fn slowest(&self) -> Duration {
        self.slowest
    }

    fn set(&mut self, server: ServerIdx, condition: Condition, at: SimTime) {
        let machine = &mut self.machines[server];
        if condition == Condition::Up {
            if machine.condition != Condition::Paused {
                machine.started = at;
            }
            machine.since = at;
        }
        machine.condition = condition;
        if condition == Condition::Up {
            return;
        }
        machine.stopped = at;
        if matches!(condition, Condition::Down | Condition::Destroyed) {
            for mounted in self.mounted.values_mut().filter(|on| **on == Some(server)) {
                *mounted = None;
            }
        }
        self.broken_at = Some(at);
    }

    /// Notes that the queue database of a server is gone.
    pub(super) fn queues_lost(&mut self, server: ServerIdx, at: SimTime) {
        let machine = &mut self.machines[server];
        machine.database_lost = Some(at);
    }

    /// What an event of the scenario changes. Says which server's queue database it takes away.
    pub(super) fn apply(&mut self, event: &ScenarioEventKind, at: SimTime) -> Option<ServerIdx> {
        use ScenarioEventKind as E;
        match event {
            E::ServerDown(server) => self.set(*server, Condition::Down, at),
            // Nothing but a server that works can be paused.
            E::Pause(server) if !self.is_up(*server) => {}
            E::Pause(server) => self.set(*server, Condition::Paused, at),
            E::Destroy(server) => {
                self.set(*server, Condition::Destroyed, at);
                return Some(*server);
            }
            E::ServerUp(server, database) => {
                let other = *database == TransportDatabase::New;
                // N14: a server that runs is stopped for that.
                if other && matches!(self.machine(*server).condition, Condition::Up | Condition::Paused) {
                    self.set(*server, Condition::Down, at);
                }
                if !self.is_up(*server) {
                    self.set(*server, Condition::Up, at);
                }
                return other.then_some(*server);
            }
            E::NetworkCut(cut) => {
                self.cuts.push(*cut);
                self.broken_at = Some(at);
            }
            E::NetworkRestore(cut) => {
                self.cuts.retain(|other| other != cut);
                self.restored_at = Some(at);
            }
            E::ConnectorDown(connector) => {
                self.connectors_down.push(*connector);
                self.broken_at = Some(at);
            }
            E::ConnectorUp(connector) => self.connectors_down.retain(|other| other != connector),
            E::Dismount(database) => {
                self.mounted.insert(*database, None);
                self.dismounted.push(*database);
                self.broken_at = Some(at);
            }
            E::Mount(database) => self.dismounted.retain(|other| other != database),
            E::GroupChange { .. } => self.groups.change(self.stage, event, at),
            E::Failover { .. } | E::SessionCut { .. } | E::Redirect { .. } => self.broken_at = Some(at),
            E::Configuration(_) => {}
        }
        None
    }
}
