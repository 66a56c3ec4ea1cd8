//! Link state through time: what happens to connectors, servers and masters goes in, what every group believes comes out.
//!
//! A deterministic simulation of events in the order of (time, class, sequence): what happens outside comes first, then what
//! servers notice of it, then what they tell. It reads no clock and rolls no dice.
//!
//! *Inside a group* everything goes through the master: bridgeheads report to it (m1), it waits, counts up the version and
//! gives its whole table to the members (m2). A group of nothing but 5.5 servers has no tables: it knows its own failed
//! connectors and no others, and if one of them takes the least cost only, not even those (LC9, V14). *Between groups* two
//! bridgeheads compare tables when a session opens and take what is newer (m3): over a connector that works, from a source
//! that is not waiting for its next try, with a 2000 or 2003 server that is not `link_state_blocked` at both ends. That is
//! all `link_state_blocked` does here: within its group such a server reports and learns.
//!
//! # What it settles to
//!
//! When all failures happen at once and nothing else does, a group in the end believes a failed connector to be down exactly
//! if it [acts on it](super::Beliefs) *and* news of it can arrive: a chain of groups with working masters leads from the
//! connector's group to it, each joined to the next by a connector, in either direction, that has not failed itself. So the
//! end is [`super::Beliefs`] whenever the failures do not cut an island in two and no stale group is the only way through
//! it. [`super::Conduct::Settled`] lets news pass failed connectors and stale groups as well, and then the two are equal for
//! every set of failures. (Connectors that carry no mail at all, D11, have no bridgehead that could notice.)
//!
//! # What the protocol itself gets wrong
//!
//! Tables live in memory. A group all of whose servers with tables have been down at once begins to count at `0.0.0` again. Its
//! master counts on from the first newer entry about its own group that it hears, and may so come to a number that a more
//! distant group has heard with another content. That one keeps it until the next change: entries are taken only when they
//! are strictly newer (LS-1.3).
//!
//! # Not modelled
//!
//! Two servers that both take themselves for the master; objects deleted from the directory that live on in tables; members
//! cut off from their master while both run; X.400 associations as a way for m3 apart from connectors of kind X400, which
//! carry it as any other does.

mod directory;
mod groups;
mod happening;
mod noticing;
mod queue;
mod sessions;
mod wiring;

use std::sync::Arc;

use oxc_index::IndexVec;

pub use self::happening::{Happening, Input, LogEvent, What};
use self::queue::{Event, Queue};
use self::wiring::Wiring;
use super::connector::{Aggregate, Bridgehead};
use super::master::MasterState;
use super::{StateVersion, Table, Timers};
use crate::graph::CombinedGraph;
use crate::model::{ConnectorRef, Organization, RoutingGroupIdx, ServerIdx, SimTime};

/// A connector that starts in a legacy group, as it is now.
#[derive(Clone, Debug)]
struct Wire {
    failed: bool,
    /// By position among its sources.
    bridgeheads: Vec<Trying>,
    /// What the master of its group makes of them.
    aggregate: Aggregate,
}

/// A source bridgehead at one of its connectors.
#[derive(Clone, Copy, Debug, Default)]
struct Trying {
    machine: Bridgehead,
    /// Whether its next attempt is in the queue.
    scheduled: bool,
    /// Counts up when the server stops: attempts from before are void.
    epoch: u32,
}

/// A legacy group, as it is now.
#[derive(Clone, Debug)]
struct Group {
    master: MasterState,
    /// The start of the master's service.
    since: SimTime,
    poll_scheduled: bool,
    /// What it was last said to believe.
    down: Vec<ConnectorRef>,
    /// By position in [`super::Believable::all`]: the configuration it was last said to route by.
    revisions: Vec<u32>,
}

/// Link state of an organization, as it is at one instant.
#[derive(Clone, Debug)]
pub struct Propagation<'a> {
    org: &'a Organization,
    timers: Timers,
    wiring: Arc<Wiring>,
    now: SimTime,
    queue: Queue,
    /// By position in [`super::Believable::all`]; `None`: nobody reports it.
    wires: Vec<Option<Wire>>,
    /// By position: how often the object in the directory has changed.
    directory: Vec<u32>,
    started: IndexVec<ServerIdx, bool>,
    /// `None`: stopped, or of a version without.
    tables: IndexVec<ServerIdx, Option<Table>>,
    groups: IndexVec<RoutingGroupIdx, Group>,
    /// By position among the pairs of groups: whether a session is in the queue.
    sessions: Vec<bool>,
    timeline: Vec<Happening>,
}

impl<'a> Propagation<'a> {
    /// Everything is started and works, every table has been read from the directory just now, every version is `1.0.0`.
    /// O(servers + connectors × bridgeheads).
    pub fn new(org: &'a Organization, graph: &CombinedGraph, timers: Timers) -> Propagation<'a> {
        let wiring = Wiring::new(org, graph, timers.options);
        let wires = wiring.wires().iter().map(|wire| {
            wire.as_ref().map(|wire| Wire {
                failed: false,
                bridgeheads: vec![Trying::default(); wire.sources.len()],
                aggregate: Aggregate::new(&wire.sources, wire.exempt),
            })
        });
        let groups = org.routing_groups().iter_enumerated().map(|(group, _)| Group {
            master: MasterState::begin(org, group),
            since: SimTime::ZERO,
            poll_scheduled: false,
            down: Vec::new(),
            revisions: vec![0; wiring.believable().all().len()],
        });
        let mut state = Propagation {
            now: SimTime::ZERO,
            queue: Queue::default(),
            wires: wires.collect(),
            directory: vec![0; wiring.believable().all().len()],
            started: org.servers().iter().map(|_| true).collect(),
            tables: org.servers().iter().map(|_| None).collect(),
            groups: groups.collect(),
            sessions: vec![false; wiring.pairs().len()],
            timeline: Vec::new(),
            wiring: Arc::new(wiring),
            org,
            timers,
        };
        let table = state.read_directory(StateVersion::new(1, 0, 0));
        for (server, _) in org.servers().iter_enumerated() {
            let member = super::has_table(org, server) && org.legacy_group(server).is_some();
            state.tables[server] = member.then(|| table.clone());
        }
        for (group, _) in org.routing_groups().iter_enumerated() {
            if state.groups[group].master == MasterState::Nobody {
                state.log(group, LogEvent::NoMaster);
            }
        }
        state
    }

    /// Lets something happen at an instant, or now if that has passed. What happens at one instant keeps the order of the
    /// calls, and happens before anything else that link state itself does then. O(log events).
    pub fn schedule(&mut self, at: SimTime, input: Input) {
        self.queue.push(at.max(self.now), Event::Input(input));
    }

    /// Goes on up to and including an instant.
    ///
    /// It always ends: versions grow, and whoever has the newest tells nobody anything. O(events × (connectors + groups)).
    pub fn advance(&mut self, until: SimTime) {
        while let Some((at, event)) = self.queue.pop_until(until) {
            self.now = at;
            self.handle(event);
        }
        self.now = self.now.max(until);
    }

    /// When something happens next, if anything is to come: a probe of a connector that is down always is.
    pub fn next_at(&self) -> Option<SimTime> {
        self.queue.next_at()
    }

    /// The connectors that a group takes to be down now, ascending.
    pub fn believed_down(&self, group: RoutingGroupIdx) -> &[ConnectorRef] {
        &self.groups[group].down
    }

    /// What has become of the master of a group.
    pub fn master(&self, group: RoutingGroupIdx) -> MasterState {
        self.groups[group].master
    }

    /// The table of a server; `None` while it is stopped, and for versions that have none.
    pub fn table(&self, server: ServerIdx) -> Option<&Table> {
        self.tables[server].as_ref()
    }

    /// All that has happened so far, in order.
    pub fn timeline(&self) -> &[Happening] {
        &self.timeline
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Input(input) => self.input(input),
            Event::Attempt { wire, source, epoch } => self.attempt(wire, source, epoch),
            Event::Report { wire, server, state } => self.report(wire, server, state),
            Event::Connection { server, connected } => self.connection(server, connected),
            Event::WaitEnds { wire } => self.wait_ends(wire),
            Event::Poll { group, since } => self.poll(group, since),
            Event::OrgInfo { to, table } => self.org_info(to, &table),
            Event::Pass { to, table } => self.passed_on(to, &table),
            Event::Session { pair } => self.session(pair),
        }
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::ConnectorFails(connector) => self.connector_fails(connector),
            Input::ConnectorRecovers(connector) => self.connector_recovers(connector),
            Input::ServerStops(server) => self.server_stops(server),
            Input::ServerStarts(server) => self.server_starts(server),
            Input::ConfigurationChanges(connector) => self.configuration_changes(connector),
            Input::MasterRemoved(group) => self.master_removed(group),
            Input::MasterAppointed(group, server) => self.master_appointed(group, server),
            Input::Session(connector) => self.mail_opens_session(connector),
        }
    }

    fn tell(&mut self, what: What) {
        self.timeline.push(Happening { at: self.now, what });
    }

    fn log(&mut self, group: RoutingGroupIdx, event: LogEvent) {
        self.tell(What::Logged { group, event });
    }
}
