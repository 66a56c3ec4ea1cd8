//! What goes on inside a group: the master tells its members, comes and goes (m2, m5, LS-1.5).

use std::sync::Arc;

use super::{Event, LogEvent, Propagation, What};
use crate::linkstate::connector::Availability;
use crate::linkstate::master::{MasterState, has_table, may_lead};
use crate::linkstate::{ConnectorState, StateVersion, Table};
use crate::model::{ConnectorRef, GroupRef, RoutingGroupIdx, ServerIdx};

impl Propagation<'_> {
    /// The master's table has changed: the group acts on it, the members get all of it (m2), and sessions carry it on.
    pub(super) fn publish(&mut self, group: RoutingGroupIdx, master: ServerIdx) {
        self.acts_on_table_of(group, master);
        self.send_to_members(group, master);
        self.news_at(master);
    }

    /// m2 from one server of a group to all others.
    pub(super) fn send_to_members(&mut self, group: RoutingGroupIdx, from: ServerIdx) {
        let Some(table) = self.tables[from].clone().map(Arc::new) else {
            return;
        };
        for to in self.org.group_servers(group) {
            if *to != from && self.tables[*to].is_some() {
                let table = Arc::clone(&table);
                let event = Event::OrgInfo { to: *to, table };
                self.queue.push(self.now + self.timers.within_group, event);
            }
        }
    }

    /// m2 arrives. A server that has become the master since judges it as any other news.
    pub(super) fn org_info(&mut self, to: ServerIdx, table: &Table) {
        let Some(group) = self.org.legacy_group(to) else { return };
        if self.groups[group].master.running() == Some(to) {
            self.master_hears(group, to, table);
        } else if self.tables[to].as_mut().is_some_and(|own| own.adopt(table)) {
            self.news_at(to);
        }
    }

    /// What a bridgehead has heard from another group arrives at its master.
    pub(super) fn passed_on(&mut self, to: ServerIdx, table: &Table) {
        if let Some(group) = self.org.legacy_group(to)
            && self.groups[group].master.running() == Some(to)
        {
            self.master_hears(group, to, table);
        }
    }

    /// Takes what is newer and passes it on to the group.
    ///
    /// A newer entry about its own group can only be its own from before a restart that forgot it: it counts on from there,
    /// so that what it says now is newer everywhere.
    pub(super) fn master_hears(&mut self, group: RoutingGroupIdx, master: ServerIdx, remote: &Table) {
        let Some(table) = &mut self.tables[master] else { return };
        let own = table.entry(GroupRef::Legacy(group)).clone();
        let newer = table.merge(remote);
        if newer.contains(&GroupRef::Legacy(group)) {
            let entry = table.entry_mut(GroupRef::Legacy(group));
            let version = entry.version.next_user();
            *entry = own;
            entry.version = version;
            self.counted_up(group, master);
        }
        if !newer.is_empty() {
            self.publish(group, master);
        }
    }

    /// The master is to notice that a member has stopped or started.
    pub(super) fn tell_connection(&mut self, server: ServerIdx, connected: bool) {
        let event = Event::Connection { server, connected };
        self.queue.push(self.now + self.timers.within_group, event);
    }

    /// The master notices it: the user version goes up, and none of the member's connectors can be used, or all can that it
    /// does not find to have failed.
    pub(super) fn connection(&mut self, server: ServerIdx, connected: bool) {
        let Some(group) = self
            .org
            .legacy_group(server)
            .filter(|_| self.started[server] == connected)
        else {
            return;
        };
        if let Some(master) = self.groups[group].master.running()
            && let Some(table) = &mut self.tables[master]
        {
            let entry = table.entry_mut(GroupRef::Legacy(group));
            entry.version = entry.version.next_user();
            for member in entry.members.iter_mut().filter(|member| member.server == server) {
                member.connected = connected;
            }
            self.counted_up(group, master);
            self.publish(group, master);
        }
        for at in self.wiring.clone().sources_of(server) {
            let available = self.availability(*at, server) != Availability::NotAvailable;
            self.bridgehead_is(group, *at, server, available);
        }
    }

    /// A server of the group has started, and reads the directory (m5). If it is the master it takes over again; if it is the
    /// only one with a table and there is no master, what it has read is all that the group knows.
    pub(super) fn service_starts(&mut self, group: RoutingGroupIdx, server: ServerIdx) {
        if has_table(self.org, server) {
            self.tables[server] = Some(self.read_directory(StateVersion::default()));
        }
        if self.groups[group].master.starts(server) {
            self.rebuild(group, server);
            return;
        }
        self.tell_connection(server, true);
        let mut members = self.org.group_servers(group).iter();
        let alone = !members.any(|other| *other != server && self.tables[*other].is_some());
        if alone && self.tables[server].is_some() {
            self.acts_on_table_of(group, server);
        }
    }

    pub(super) fn master_removed(&mut self, group: RoutingGroupIdx) {
        if self.groups[group].master.removed() {
            self.log(group, LogEvent::NoMaster);
        }
    }

    pub(super) fn master_appointed(&mut self, group: RoutingGroupIdx, server: ServerIdx) {
        let works = self.started[server];
        if may_lead(self.org, group, server) && self.groups[group].master.appointed(server, works) {
            self.rebuild(group, server);
        }
    }

    /// REBUILD: the master takes what its members still know, reads the directory, asks every bridgehead for its status, and
    /// pushes the result. Changes that waited are published with it.
    fn rebuild(&mut self, group: RoutingGroupIdx, master: ServerIdx) {
        let directory = self.read_directory(StateVersion::default());
        let mut table = self.tables[master].take().unwrap_or_else(|| directory.clone());
        for member in self.org.group_servers(group) {
            if let Some(known) = &self.tables[*member] {
                table.adopt(known);
            }
        }
        table.adopt(&directory);
        let states = self.ask_bridgeheads(group);
        let entry = table.entry_mut(GroupRef::Legacy(group));
        entry.master = Some(master);
        for member in &mut entry.members {
            member.connected = self.started[member.server];
        }
        let mut gone_down = Vec::new();
        let (mut flipped, mut configured) = (false, false);
        for connector in &mut entry.connectors {
            let at = self.wiring.believable().position(connector.connector) as usize;
            configured |= self.groups[group].revisions[at] < self.directory[at];
            let found = states.iter().find(|(asked, _)| *asked == connector.connector);
            let Some(state) = found.map(|(_, state)| *state).filter(|state| *state != connector.state) else {
                continue;
            };
            flipped = true;
            connector.state = state;
            if state == ConnectorState::Down {
                gone_down.push(connector.connector);
            }
        }
        entry.version = match (configured, flipped) {
            (true, _) => entry.version.next_major(),
            (false, true) => entry.version.next_minor(),
            (false, false) => entry.version.next_user(),
        };
        self.tables[master] = Some(table);
        let state = &mut self.groups[group];
        (state.since, state.poll_scheduled) = (self.now, false);
        for connector in gone_down {
            self.log(group, LogEvent::ConnectorDown(connector));
        }
        self.counted_up(group, master);
        self.publish(group, master);
    }

    /// What every connector of the group is, by what its bridgeheads know now.
    fn ask_bridgeheads(&mut self, group: RoutingGroupIdx) -> Vec<(ConnectorRef, ConnectorState)> {
        let wiring = self.wiring.clone();
        let mut states = Vec::new();
        for at in wiring.wires_from(group) {
            let Some(mut aggregate) = self.wires[at as usize].as_ref().map(|wire| wire.aggregate.clone()) else {
                continue;
            };
            let state = aggregate.rebuild(|server| self.availability(at, server) != Availability::NotAvailable);
            if let Some(wire) = &mut self.wires[at as usize] {
                wire.aggregate = aggregate;
            }
            states.push((wiring.believable().connector(at), state));
        }
        states
    }

    pub(super) fn counted_up(&mut self, group: RoutingGroupIdx, master: ServerIdx) {
        if let Some(table) = &self.tables[master] {
            let version = table.entry(GroupRef::Legacy(group)).version;
            self.tell(What::Version { group, version });
        }
    }

    /// The group routes by this server's table from now on: says what that changes.
    fn acts_on_table_of(&mut self, group: RoutingGroupIdx, server: ServerIdx) {
        let Some(table) = self.tables[server].clone() else {
            return;
        };
        for entry in table.groups().flat_map(|of| &table.entry(of).connectors) {
            let at = self.wiring.believable().position(entry.connector) as usize;
            let known = &mut self.groups[group].revisions[at];
            if entry.revision > *known {
                *known = entry.revision;
                self.tell(What::Learns {
                    group,
                    connector: entry.connector,
                    revision: entry.revision,
                });
            }
        }
        self.believes(group, table.down());
    }

    /// A group without tables: it acts on its own connectors, by what its bridgeheads find out themselves, unless one of its
    /// servers takes the least cost whatever fails (LC9, as [`crate::linkstate::Beliefs`] has it).
    pub(super) fn believe_own(&mut self, group: RoutingGroupIdx) {
        let servers = self.org.group_servers(group);
        let acts = servers
            .iter()
            .all(|server| !self.org.servers()[*server].least_cost_only);
        if self.groups[group].master != MasterState::NoTables || !acts {
            return;
        }
        let is_down = |at: &u32| {
            let wire = self.wires[*at as usize].as_ref();
            wire.is_some_and(|wire| wire.aggregate.state() == ConnectorState::Down)
        };
        let down = self.wiring.wires_from(group).filter(is_down);
        let mut down: Vec<ConnectorRef> = down.map(|at| self.wiring.believable().connector(at)).collect();
        down.sort_unstable();
        self.believes(group, down);
    }

    fn believes(&mut self, group: RoutingGroupIdx, down: Vec<ConnectorRef>) {
        if self.groups[group].down != down {
            self.groups[group].down.clone_from(&down);
            self.tell(What::Believes { group, down });
        }
    }
}
