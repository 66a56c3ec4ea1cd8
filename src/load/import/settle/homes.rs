//! Routing groups, and which of them a legacy server is in.

use super::{Found, Joined, Known, made_up};
use crate::load::At;
use crate::load::document::RoutingGroupEntry;
use crate::load::import::draft::{
    Connector, Master, Object, Ref, RoutingGroup, RoutingGroupConnector, Server, is_exchange_2007_group,
};
use crate::load::import::limits::is_too_long;
use crate::load::import::place::Place;
use crate::load::import::report::Ledger;
use crate::model::{ConnectorKind, EXCHANGE_2007_GROUP_SHORT};

/// The group of all 2007 and later servers is implicit in a topology file: it counts as modelled and is not written.
pub(super) fn without_exchange_2007(
    groups: Vec<Object<RoutingGroup>>,
    ledger: &mut Ledger,
) -> Vec<Object<RoutingGroup>> {
    let (implicit, legacy): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| is_exchange_2007_group(&group.name));
    for class in implicit.iter().flat_map(|group| &group.classes) {
        ledger.modelled(class);
    }
    legacy
}

/// One end of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Exchange2007,
    Legacy(usize),
}

impl Known {
    /// The group that `reference` leads to.
    pub(super) fn group(&self, reference: &Ref) -> Option<Group> {
        if is_exchange_2007_group(&reference.name) {
            return Some(Group::Exchange2007);
        }
        match self.groups.find(reference) {
            Found::At(at) => Some(Group::Legacy(at)),
            Found::LeftOut | Found::Nothing => None,
        }
    }

    /// The group that a server is in; every server from 2007 on is in the one of 2007.
    pub(super) fn group_of_server(&self, server: &Ref) -> Option<Group> {
        let Found::At(at) = self.servers.find(server) else {
            return None;
        };
        let says = &self.servers.get(at)?.says;
        if says.is_legacy() {
            self.group(says.routing_group.as_ref()?)
        } else {
            Some(Group::Exchange2007)
        }
    }

    /// The name that a topology file has for `group`.
    pub(super) fn group_name(&self, group: &Group) -> Option<String> {
        match group {
            Group::Exchange2007 => Some(EXCHANGE_2007_GROUP_SHORT.to_owned()),
            Group::Legacy(at) => self.groups.get(*at).map(|group| group.name.clone()),
        }
    }
}

/// Where no file describes a routing group, those that connectors and servers name are added: no cmdlet shows them.
pub(super) fn add_missing_groups(
    known: &mut Known,
    group_connectors: &Joined<RoutingGroupConnector>,
    connectors: &Joined<Connector>,
) {
    if !known.groups.is_empty() {
        return;
    }
    let mut wanted: Vec<(Ref, Place, String)> = Vec::new();
    let mut want =
        |group: Option<&Ref>, place, by: String| wanted.extend(group.map(|group| (group.clone(), place, by)));
    for (_, server) in known.servers.iter().filter(|(_, server)| server.says.is_legacy()) {
        want(server.says.routing_group.as_ref(), server.place, server.subject());
    }
    for (_, connector) in group_connectors.iter() {
        want(connector.says.from.as_ref(), connector.place, connector.subject());
        want(connector.says.to.as_ref(), connector.place, connector.subject());
    }
    for (_, connector) in connectors.iter() {
        let says = &connector.says;
        let legacy = says.kind.is_some_and(ConnectorKind::is_legacy);
        let group = says.routing_group.as_ref().filter(|_| legacy);
        want(group, connector.place, connector.subject());
    }
    for (group, place, by) in wanted {
        if known.group(&group).is_none() && !group.name.trim().is_empty() && !is_too_long(&group.name) {
            if known.groups.take_for_namesake(&group) {
                let text = "a routing group of the same name is meant, though its distinguished name differs";
                known.ledger.assume(by, text);
                continue;
            }
            known.groups.push(made_up(&group, place));
            let text = format!("no file describes it; {by} refers to it");
            let subject = format!("routing group \"{}\"", group.name);
            known.ledger.added(place, subject, text);
        }
    }
}

/// Finds the routing groups of legacy servers that do not say themselves: members of a group, and bridgeheads of connectors.
pub(super) fn find_homes(
    known: &mut Known,
    group_connectors: &Joined<RoutingGroupConnector>,
    connectors: &Joined<Connector>,
) {
    let mut hints: Vec<(Ref, Ref)> = Vec::new();
    let mut hint =
        |servers: &[Ref], group: Ref| hints.extend(servers.iter().map(|server| (server.clone(), group.clone())));
    for (_, group) in known.groups.iter() {
        hint(&group.says.members, reference(group));
    }
    for (_, connector) in group_connectors.iter() {
        if let Some(from) = &connector.says.from {
            hint(&connector.says.source_servers, from.clone());
        }
    }
    for (_, connector) in group_connectors.iter() {
        if let Some(to) = &connector.says.to {
            hint(&connector.says.target_servers, to.clone());
        }
    }
    for (_, connector) in connectors.iter() {
        let legacy = connector.says.kind.is_some_and(ConnectorKind::is_legacy);
        if let Some(group) = connector.says.routing_group.as_ref().filter(|_| legacy) {
            hint(&connector.says.source_servers, group.clone());
        }
    }
    for (server, group) in hints {
        let Found::At(at) = known.servers.find(&server) else {
            continue;
        };
        let known_group = known.group(&group).is_some();
        if let Some(server) = known
            .servers
            .get_mut(at)
            .filter(|server| needs_home(server) && known_group)
        {
            server.says.routing_group = Some(group);
            let text =
                "it does not say its routing group: the one that lists it, or whose connectors start or end at it";
            known.ledger.assume(server.subject(), text);
        }
    }
}

fn needs_home(server: &Object<Server>) -> bool {
    server.says.is_legacy() && server.says.routing_group.is_none()
}

fn reference<T>(object: &Object<T>) -> Ref {
    Ref {
        name: object.name.clone(),
        identity: object.identity.clone(),
    }
}

/// The legacy routing groups.
pub(super) fn routing_groups(known: &mut Known) -> Vec<RoutingGroupEntry> {
    let mut entries = Vec::new();
    for group in known.groups.sorted() {
        known.modelled(&group);
        let master = match &group.says.master {
            None => None,
            Some(Master::Deleted) => {
                known
                    .ledger
                    .assume(group.subject(), "its master is deleted: it has none");
                Some(At::from(""))
            }
            Some(Master::Server(master)) => {
                let master = std::slice::from_ref(master);
                known.server_names(master, &group, "master").into_iter().next()
            }
        };
        entries.push(RoutingGroupEntry {
            name: Some(group.name.as_str().into()),
            master,
            ..RoutingGroupEntry::default()
        });
    }
    entries
}
