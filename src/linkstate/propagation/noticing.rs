//! Connectors and servers that fail and come back, and who notices (m1).

use super::{Event, LogEvent, Propagation, Trying, What};
use crate::linkstate::connector::{AfterReport, Availability};
use crate::linkstate::master::MasterState;
use crate::linkstate::{AlwaysUp, ConnectorState, Damping, is_silent};
use crate::model::{ConnectorRef, GroupRef, RoutingGroupIdx, ServerIdx};

impl Propagation<'_> {
    pub(super) fn connector_fails(&mut self, connector: ConnectorRef) {
        let at = self.wiring.believable().position(connector);
        if let Some(wire) = &mut self.wires[at as usize] {
            wire.failed = true;
            self.disturbed(at);
        }
    }

    pub(super) fn connector_recovers(&mut self, connector: ConnectorRef) {
        let at = self.wiring.believable().position(connector);
        if let Some(wire) = &mut self.wires[at as usize] {
            wire.failed = false;
            // A source that has noticed tries again in its own time; others may open a session right away.
            self.sessions_over(at);
        }
    }

    pub(super) fn server_stops(&mut self, server: ServerIdx) {
        if !std::mem::replace(&mut self.started[server], false) {
            return;
        }
        self.tables[server] = None;
        let wiring = self.wiring.clone();
        for at in wiring.sources_of(server) {
            let trying = self.trying(*at, server);
            *trying = Trying {
                epoch: trying.epoch + 1,
                ..Trying::default()
            };
        }
        for at in wiring.targets_of(server) {
            self.disturbed(*at);
        }
        let Some(group) = self.org.legacy_group(server) else {
            return;
        };
        if !self.groups[group].master.stops(server) {
            self.tell_connection(server, false);
        }
    }

    pub(super) fn server_starts(&mut self, server: ServerIdx) {
        if std::mem::replace(&mut self.started[server], true) {
            return;
        }
        let wiring = self.wiring.clone();
        if let Some(group) = self.org.legacy_group(server) {
            self.service_starts(group, server);
        }
        for at in wiring.sources_of(server) {
            self.disturbed(*at);
        }
        for pair in wiring.pairs_of(server) {
            self.open_session(*pair);
        }
    }

    /// A wire has changed for the worse: mail that meets it tries to connect, at every source that is not trying already.
    fn disturbed(&mut self, at: u32) {
        let wiring = self.wiring.clone();
        let Some(ends) = wiring.wire(at).filter(|_| !self.reaches(at)) else {
            return;
        };
        for (source, server) in ends.sources.iter().enumerate() {
            let trying = self.trying(at, *server);
            if trying.scheduled || !self.started[*server] {
                continue;
            }
            self.schedule_attempt(at, source, self.timers.first_attempt);
        }
    }

    fn schedule_attempt(&mut self, wire: u32, source: usize, wait: std::time::Duration) {
        let Some(state) = &mut self.wires[wire as usize] else {
            return;
        };
        let trying = &mut state.bridgeheads[source];
        trying.scheduled = true;
        let epoch = trying.epoch;
        self.queue.push(self.now + wait, Event::Attempt { wire, source, epoch });
    }

    /// Whether a source that tries now gets through.
    fn reaches(&self, at: u32) -> bool {
        let ends = self.wiring.wire(at);
        let answers = ends.is_some_and(|ends| match &ends.targets {
            Some(targets) => targets.iter().any(|target| self.started[*target]),
            None => true,
        });
        answers && self.wires[at as usize].as_ref().is_some_and(|wire| !wire.failed)
    }

    fn trying(&mut self, at: u32, server: ServerIdx) -> &mut Trying {
        let ends = self.wiring.wire(at).expect("a server is a source of wires only");
        let source = ends.sources.binary_search(&server).expect("it is a source of this one");
        let wire = self.wires[at as usize].as_mut().expect("as long as the wiring has it");
        &mut wire.bridgeheads[source]
    }

    /// What a source bridgehead knows of a connector; one that has stopped knows nothing and can use none.
    pub(super) fn availability(&self, at: u32, server: ServerIdx) -> Availability {
        let version = self.org.servers()[server].version;
        let found = self
            .wiring
            .wire(at)
            .and_then(|ends| ends.sources.binary_search(&server).ok());
        match (found, &self.wires[at as usize]) {
            (Some(source), Some(wire)) if self.started[server] => {
                wire.bridgeheads[source].machine.availability(version, &self.timers)
            }
            _ => Availability::NotAvailable,
        }
    }

    pub(super) fn attempt(&mut self, at: u32, source: usize, epoch: u32) {
        let wiring = self.wiring.clone();
        let reached = self.reaches(at);
        let (Some(ends), Some(wire)) = (wiring.wire(at), &mut self.wires[at as usize]) else {
            return;
        };
        let (server, trying) = (ends.sources[source], &mut wire.bridgeheads[source]);
        if trying.epoch != epoch {
            return;
        }
        trying.scheduled = false;
        let entry = &self.org.servers()[server];
        let after = trying
            .machine
            .attempt(reached, entry.version, is_silent(self.org, server), &self.timers);
        self.tell(What::Attempt {
            connector: ends.connector,
            server,
            reached,
        });
        if let Some(wait) = after.retry_after {
            self.schedule_attempt(at, source, wait);
        }
        if let Some(state) = after.report {
            let at_once = self.groups[ends.group].master.running() == Some(server);
            let wait = match at_once {
                true => std::time::Duration::ZERO,
                false => self.timers.within_group,
            };
            let report = Event::Report {
                wire: at,
                server,
                state,
            };
            self.queue.push(self.now + wait, report);
        }
        if reached {
            self.sessions_over(at);
        }
    }

    /// m1 at the master: a source bridgehead can use a connector, or can't.
    pub(super) fn report(&mut self, at: u32, server: ServerIdx, state: ConnectorState) {
        let Some(group) = self.wiring.wire(at).map(|ends| ends.group) else {
            return;
        };
        // What a server said before it stopped is overtaken by its silence.
        let available = state == ConnectorState::Up;
        if self.started[server] {
            self.bridgehead_is(group, at, server, available);
        }
    }

    /// The master of `group` hears of one of its bridgeheads. A master that does not work hears nothing, and asks when it
    /// starts (LS-1.5). Servers of 5.5 without tables act on what they find out themselves, at once.
    pub(super) fn bridgehead_is(&mut self, group: RoutingGroupIdx, at: u32, server: ServerIdx, available: bool) {
        let damping = match self.groups[group].master {
            MasterState::Running(master) => {
                let hold = self.timers.minor_hold(self.org.servers()[master].version);
                (self.timers.damping, hold)
            }
            MasterState::NoTables => (Damping::HoldDown, std::time::Duration::ZERO),
            MasterState::Lost(_) | MasterState::Nobody | MasterState::Stale => return,
        };
        let since = self.groups[group].since;
        let Some(wire) = &mut self.wires[at as usize] else {
            return;
        };
        let after = wire.aggregate.report(server, available, self.now, damping, since);
        self.judged(group, at, after);
    }

    pub(super) fn wait_ends(&mut self, at: u32) {
        let Some(group) = self.wiring.wire(at).map(|ends| ends.group) else {
            return;
        };
        let works = self.groups[group].master.running().is_some();
        if let Some(wire) = self.wires[at as usize].as_mut().filter(|_| works) {
            let after = wire.aggregate.wait_ends(self.now);
            self.judged(group, at, after);
        }
    }

    fn judged(&mut self, group: RoutingGroupIdx, at: u32, after: AfterReport) {
        let connector = self.wiring.believable().connector(at);
        match after {
            AfterReport::Unchanged | AfterReport::Cancelled => {}
            AfterReport::Exempt(reason) => {
                // 5.5 writes no such entry.
                if let (AlwaysUp::Leaf(_), Some(_)) = (reason, self.groups[group].master.running()) {
                    self.log(group, LogEvent::LeafSuppressed(connector));
                }
            }
            AfterReport::Waits(due) => self.queue.push(due, Event::WaitEnds { wire: at }),
            AfterReport::Changed(state) => {
                let Some(master) = self.groups[group].master.running() else {
                    self.believe_own(group);
                    return;
                };
                if state == ConnectorState::Down {
                    self.log(group, LogEvent::ConnectorDown(connector));
                }
                let Some(table) = &mut self.tables[master] else { return };
                let entry = table.entry_mut(GroupRef::Legacy(group));
                entry.version = entry.version.next_minor();
                if let Some(connector) = entry.connector_mut(connector) {
                    connector.state = state;
                }
                self.counted_up(group, master);
                self.publish(group, master);
            }
        }
    }
}
