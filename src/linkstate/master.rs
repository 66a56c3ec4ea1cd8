//! Whether the master of a group works (LS-1.5).

use crate::model::{Master, Organization, RoutingGroupIdx, ServerIdx, Version};

/// What has become of the master of a legacy group.
///
/// There is no election: without a working master the tables of a group are frozen until it comes back or an administrator
/// appoints another. Two servers that both take themselves for the master are a fault whose course is not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MasterState {
    /// It works.
    Running(ServerIdx),
    /// It has stopped; its start rebuilds the tables.
    Lost(ServerIdx),
    /// The directory names nobody that exists: event 958.
    Nobody,
    /// The file says `stale`: whatever the reason, the group neither learns nor tells.
    Stale,
    /// No server of the group has a table: none of 2000 or 2003 is in it.
    NoTables,
}

impl MasterState {
    /// How a group begins. A master that is left out, or that holds no tables, is the first server in name order that does.
    pub fn begin(org: &Organization, group: RoutingGroupIdx) -> MasterState {
        let entry = &org.routing_groups()[group];
        let first = org.group_servers(group).iter().find(|server| has_table(org, **server));
        match (entry.stale, entry.master, first) {
            (true, _, _) => MasterState::Stale,
            (false, Master::Nobody, _) => MasterState::Nobody,
            (false, _, None) => MasterState::NoTables,
            (false, Master::Server(server), Some(_)) if may_lead(org, group, server) => MasterState::Running(server),
            (false, _, Some(first)) => MasterState::Running(*first),
        }
    }

    /// The master, when it works.
    pub fn running(self) -> Option<ServerIdx> {
        match self {
            MasterState::Running(server) => Some(server),
            _ => None,
        }
    }

    /// The master, whether or not it works.
    pub fn named(self) -> Option<ServerIdx> {
        match self {
            MasterState::Running(server) | MasterState::Lost(server) => Some(server),
            MasterState::Nobody | MasterState::Stale | MasterState::NoTables => None,
        }
    }

    /// A server of the group stops. Says whether that was the working master.
    pub fn stops(&mut self, server: ServerIdx) -> bool {
        let lost = *self == MasterState::Running(server);
        if lost {
            *self = MasterState::Lost(server);
        }
        lost
    }

    /// A server of the group starts. Says whether it is the master, which now rebuilds the tables.
    pub fn starts(&mut self, server: ServerIdx) -> bool {
        let back = *self == MasterState::Lost(server);
        if back {
            *self = MasterState::Running(server);
        }
        back
    }

    /// The master's object leaves the directory. Says whether there was one to leave.
    pub fn removed(&mut self) -> bool {
        let was = matches!(self, MasterState::Running(_) | MasterState::Lost(_));
        if was {
            *self = MasterState::Nobody;
        }
        was
    }

    /// An administrator makes `server` the master ("Set as Master"); it must be able to lead the group. `works`: it is
    /// started. Says whether it begins to lead now.
    pub fn appointed(&mut self, server: ServerIdx, works: bool) -> bool {
        let new = *self != MasterState::Running(server);
        *self = match works {
            true => MasterState::Running(server),
            false => MasterState::Lost(server),
        };
        works && new
    }
}

/// Whether a server keeps a link state table: 2000 and 2003 do.
pub fn has_table(org: &Organization, server: ServerIdx) -> bool {
    matches!(
        org.servers()[server].version,
        Version::Exchange2000 | Version::Exchange2003
    )
}

/// Whether a server keeps to itself what it notices of connectors: 5.5 has no routing engine that reads the value (LS-1.7).
pub fn is_silent(org: &Organization, server: ServerIdx) -> bool {
    has_table(org, server) && org.servers()[server].suppression_in_effect
}

/// Whether `server` can be the master of `group`: a member that keeps a table.
pub fn may_lead(org: &Organization, group: RoutingGroupIdx, server: ServerIdx) -> bool {
    has_table(org, server) && org.legacy_group(server) == Some(group)
}
