//! One change of an organization.

use crate::diagnostic::Span;
use crate::linkstate::has_table;
use crate::model::{
    ConnectorIdx, ConnectorRef, GroupRef, Master, Name, Organization, Parts, Restrictions, RoutingGroupConnector,
    RoutingGroupConnectorIdx, RoutingGroupConnectorKind, RoutingGroupIdx, ServerIdx, SizeLimit, Version,
};

/// One change. Indices are those of the organization before any change. Of equal weight, what mends a cause comes before what
/// keeps news of it from spreading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edit {
    /// A server of the group becomes its master.
    AppointMaster(RoutingGroupIdx, ServerIdx),
    /// "Only least cost routes" of a 5.5 server is switched off.
    AllowDearerRoutes(ServerIdx),
    /// A disabled connector of 2007 and later, which legacy servers still see, is deleted (R50).
    DeleteDisabled(ConnectorIdx),
    /// SuppressStateChanges on a server of 2000 or 2003, its services restarted (R39); where the value is set, the restart alone.
    Suppress(ServerIdx),
    /// The size limit of a connector goes.
    LiftLimit(ConnectorRef),
    /// The restrictions of a connector go.
    LiftRestrictions(ConnectorRef),
    /// A routing-group connector gets another cost.
    SetCost(RoutingGroupConnectorIdx, u32),
    /// Connectors between the 2007 group and a legacy group, both ways, at cost 1; at the end of the 2007 group this server and
    /// those of its site that route as it does.
    Connect(RoutingGroupIdx, ServerIdx),
    /// A 2007 RTM server gets Service Pack 1.
    Upgrade(ServerIdx),
    /// A routing-group connector goes.
    Remove(RoutingGroupConnectorIdx),
}

impl Edit {
    /// How much it asks of an administrator: 1 for a setting on one server, more where routes of all mail may move.
    pub fn weight(&self) -> u32 {
        match self {
            Edit::Suppress(_) | Edit::AppointMaster(..) | Edit::AllowDearerRoutes(_) | Edit::DeleteDisabled(_) => 1,
            Edit::LiftLimit(_) | Edit::LiftRestrictions(_) | Edit::SetCost(..) => 2,
            Edit::Connect(..) => 4,
            Edit::Upgrade(_) => 5,
            Edit::Remove(_) => 6,
        }
    }

    /// Whether mail loses a way that it could go. A disabled connector is none: what is sent to it comes back (R50).
    pub fn takes_away(&self) -> bool {
        matches!(self, Edit::Remove(_))
    }
}

/// The names of the two connectors that [`Edit::Connect`] makes: from the 2007 group, to it.
pub fn names_of_connect(org: &Organization, group: RoutingGroupIdx) -> [String; 2] {
    let group = org.routing_groups()[group].name.as_str();
    let free = |wanted: String| {
        let taken = |name: &str| {
            let name = Name::new(name);
            org.connectors_of_both_kinds()
                .into_iter()
                .any(|connector| *org.connector_name(connector) == name)
        };
        let mut name = wanted.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        name
    };
    [free(format!("E2007 to {group}")), free(format!("{group} to E2007"))]
}

/// The organization after all of `edits`. O(size of the organization).
pub(crate) fn apply(org: &Organization, edits: &[Edit]) -> Organization {
    let mut parts = org.parts().clone();
    for edit in edits {
        change(org, &mut parts, edit);
    }
    // Deletions and additions move positions, so they come last: deletions from the end.
    let mut removed: Vec<RoutingGroupConnectorIdx> = Vec::new();
    let mut deleted: Vec<ConnectorIdx> = Vec::new();
    for edit in edits {
        match edit {
            Edit::Remove(index) => removed.push(*index),
            Edit::DeleteDisabled(index) => deleted.push(*index),
            _ => {}
        }
    }
    removed.sort_unstable();
    for index in removed.into_iter().rev() {
        parts.routing_group_connectors.as_mut_vec().remove(index.index());
    }
    deleted.sort_unstable();
    for index in deleted.into_iter().rev() {
        parts.connectors.as_mut_vec().remove(index.index());
    }
    for edit in edits {
        if let Edit::Connect(group, server) = edit {
            connect(org, &mut parts, *group, *server);
        }
    }
    Organization::new(parts)
}

fn change(org: &Organization, parts: &mut Parts, edit: &Edit) {
    match edit {
        Edit::Suppress(server) => {
            parts.servers[*server].suppress_state_changes = true;
            parts.servers[*server].suppression_in_effect = true;
        }
        Edit::AppointMaster(group, server) => {
            parts.routing_groups[*group].master = Master::Server(*server);
            parts.routing_groups[*group].stale = false;
        }
        Edit::AllowDearerRoutes(server) => parts.servers[*server].least_cost_only = false,
        Edit::LiftLimit(ConnectorRef::RoutingGroup(index)) => {
            parts.routing_group_connectors[*index].max_message_size = SizeLimit::Unlimited;
        }
        Edit::LiftLimit(ConnectorRef::External(index)) => {
            parts.connectors[*index].max_message_size = Some(SizeLimit::Unlimited);
        }
        Edit::LiftRestrictions(ConnectorRef::RoutingGroup(index)) => {
            let restrictions = &mut parts.routing_group_connectors[*index].restrictions;
            *restrictions = restrictions.lifted();
        }
        Edit::LiftRestrictions(ConnectorRef::External(index)) => {
            let restrictions = &mut parts.connectors[*index].restrictions;
            *restrictions = restrictions.lifted();
        }
        Edit::SetCost(index, cost) => parts.routing_group_connectors[*index].cost = *cost,
        Edit::Upgrade(server) => {
            if org.servers()[*server].version == Version::Exchange2007Rtm {
                parts.servers[*server].version = Version::Exchange2007Sp1;
            }
        }
        Edit::DeleteDisabled(_) | Edit::Connect(..) | Edit::Remove(_) => {}
    }
}

/// The servers at the 2007 end of the connectors that [`Edit::Connect`] makes (R13: several): those that route as `server` does.
pub(super) fn hubs_beside(org: &Organization, server: ServerIdx) -> Vec<ServerIdx> {
    let generation = |server: ServerIdx| org.servers()[server].version.generation();
    let beside = org.transport_site(server).map(|site| org.transport_servers(site));
    let beside = beside.into_iter().flatten().copied();
    beside
        .filter(|other| generation(*other) == generation(server))
        .collect()
}

/// The servers at their legacy end: 5.5 has no routing-group connectors.
pub(super) fn bridgeheads(org: &Organization, group: RoutingGroupIdx) -> Vec<ServerIdx> {
    let servers = org.group_servers(group).iter().copied();
    servers.filter(|server| has_table(org, *server)).collect()
}

fn connect(org: &Organization, parts: &mut Parts, group: RoutingGroupIdx, server: ServerIdx) {
    let [out, back] = names_of_connect(org, group);
    let (hubs, bridgeheads) = (hubs_beside(org, server), bridgeheads(org, group));
    let legacy = GroupRef::Legacy(group);
    let connector = |name: String, from, to, source_servers, target_servers| RoutingGroupConnector {
        name: Name::new(name),
        from,
        to,
        cost: 1,
        kind: RoutingGroupConnectorKind::RoutingGroup,
        source_servers,
        target_servers,
        max_message_size: SizeLimit::Unlimited,
        restrictions: Restrictions::default(),
        public_folder_referrals: true,
        span: Span::default(),
    };
    let ends = [
        connector(out, GroupRef::Exchange2007, legacy, hubs.clone(), bridgeheads.clone()),
        connector(back, legacy, GroupRef::Exchange2007, bridgeheads, hubs),
    ];
    for connector in ends {
        let order = parts.name_order;
        let all = parts.routing_group_connectors.as_mut_vec();
        let at = all.partition_point(|other| order.compare(&other.name, &connector.name).is_lt());
        all.insert(at, connector);
    }
}
