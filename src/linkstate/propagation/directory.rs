//! What masters read in the directory, and when (m4, m5).

use super::{Event, Propagation};
use crate::linkstate::always_up::source_group;
use crate::linkstate::connector::next_multiple;
use crate::linkstate::{ConnectorEntry, ConnectorState, GroupEntry, Member, StateVersion, Table};
use crate::model::{ConnectorRef, GroupRef, Organization, RoutingGroupIdx, ServerIdx, SimTime};

impl Propagation<'_> {
    /// A table as the directory has it: everything up, and as new as `version`. The 2007 group has no master to count, so
    /// its entry is always of version `0.0.0`. O(servers + connectors).
    pub(super) fn read_directory(&self, version: StateVersion) -> Table {
        let org = self.org;
        let mut legacy: Vec<GroupEntry> = org
            .routing_groups()
            .iter_enumerated()
            .map(|(group, _)| GroupEntry {
                master: self.groups[group].master.named(),
                version,
                members: members(org, org.group_servers(group).iter().copied()),
                connectors: Vec::new(),
            })
            .collect();
        let servers = org.servers().iter_enumerated().map(|(server, _)| server);
        let mut exchange_2007 = GroupEntry {
            master: None,
            version: StateVersion::default(),
            members: members(org, servers.filter(|server| org.transport_site(*server).is_some())),
            connectors: Vec::new(),
        };
        for (at, (connector, _)) in self.wiring.believable().all().iter().enumerate() {
            let entry = ConnectorEntry {
                connector: *connector,
                revision: self.directory[at],
                state: ConnectorState::Up,
            };
            match starts_in(org, *connector) {
                Some(GroupRef::Legacy(group)) => legacy[group.index()].connectors.push(entry),
                Some(GroupRef::Exchange2007) => exchange_2007.connectors.push(entry),
                None => {}
            }
        }
        // The list goes by name over both kinds, entries by kind first.
        for entry in legacy.iter_mut().chain([&mut exchange_2007]) {
            entry.connectors.sort_unstable_by_key(|entry| entry.connector);
        }
        Table::new(legacy, exchange_2007)
    }

    /// The master of the connector's own group is called back and counts up the major version at once; every other one finds
    /// out with its next look, or earlier from others in its island. The 2007 group has no master: all find out by looking.
    pub(super) fn configuration_changes(&mut self, connector: ConnectorRef) {
        let at = self.wiring.believable().position(connector) as usize;
        self.directory[at] += 1;
        let home = source_group(self.org, connector);
        if let Some(group) = home
            && let Some(master) = self.groups[group].master.running()
            && let Some(table) = &mut self.tables[master]
        {
            let entry = table.entry_mut(GroupRef::Legacy(group));
            entry.version = entry.version.next_major();
            if let Some(entry) = entry.connector_mut(connector) {
                entry.revision = self.directory[at];
            }
            self.counted_up(group, master);
            self.publish(group, master);
        }
        for (group, state) in self.groups.iter_mut_enumerated() {
            if Some(group) != home && state.master.running().is_some() && !state.poll_scheduled {
                state.poll_scheduled = true;
                let since = state.since;
                let next = next_multiple(since, self.timers.ad_poll, self.now);
                self.queue.push(next, Event::Poll { group, since });
            }
        }
    }

    /// A master looks into the directory, unless it is no longer the one that meant to.
    pub(super) fn poll(&mut self, group: RoutingGroupIdx, since: SimTime) {
        let Some(master) = self.groups[group]
            .master
            .running()
            .filter(|_| self.groups[group].since == since)
        else {
            return;
        };
        self.groups[group].poll_scheduled = false;
        let directory = self.read_directory(StateVersion::default());
        if self.tables[master]
            .as_mut()
            .is_some_and(|table| table.adopt(&directory))
        {
            self.publish(group, master);
        }
    }
}

/// The group whose entry a connector stands in; `None`: nobody's.
fn starts_in(org: &Organization, connector: ConnectorRef) -> Option<GroupRef> {
    let legacy = match connector {
        ConnectorRef::RoutingGroup(_) => false,
        ConnectorRef::External(index) => org.connectors()[index].kind.is_legacy(),
    };
    match source_group(org, connector) {
        Some(group) => Some(GroupRef::Legacy(group)),
        None => (!legacy).then_some(GroupRef::Exchange2007),
    }
}

fn members(org: &Organization, servers: impl Iterator<Item = ServerIdx>) -> Vec<Member> {
    let member = |server: ServerIdx| Member {
        server,
        version: org.servers()[server].version,
        connected: true,
    };
    servers.map(member).collect()
}
