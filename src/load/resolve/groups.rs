//! Legacy routing groups, and the connectors between groups.

use super::place::{Place, Problems, value_or};
use super::{Directory, connectors};
use crate::load::At;
use crate::load::document::{Document, Leaf};
use crate::model::{
    EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT, GroupRef, Master, Name, RoutingGroup, RoutingGroupConnector,
};

/// The routing groups in the order of the file.
pub(super) fn routing_groups(
    document: &Document,
    directory: &Directory,
    problems: &mut Problems,
) -> Vec<Option<RoutingGroup>> {
    let list = Place::top("routing_groups");
    let groups = document.routing_groups.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        if let Some(name) = entry.name.as_ref().filter(|name| is_exchange_2007(&name.value)) {
            let here = record.field("name", name.span);
            problems.push(
                here.problem(format!(
                    "\"{}\" is the routing group of 2007 and later servers",
                    name.value
                ))
                .help("leave it out: it is implicit, and `routing_groups` lists legacy groups only"),
            );
        }
        let master = match &entry.master {
            None => Some(Master::FirstServer),
            Some(nobody) if nobody.value.is_empty() => Some(Master::Nobody),
            // That the server is in another group is a finding, not an error.
            Some(_) => {
                let server = directory.servers.optional(&entry.master, &record, "master", problems);
                server.map(Master::Server)
            }
        };
        Some(RoutingGroup {
            name: directory.routing_groups.of_record(position),
            master: master?,
            stale: value_or(&entry.stale, false),
            span: entry.span,
        })
    });
    groups.collect()
}

/// The routing-group connectors in the order of the file. Whether one is usable is not asked (D11).
pub(super) fn routing_group_connectors(
    document: &Document,
    directory: &Directory,
    problems: &mut Problems,
) -> Vec<Option<RoutingGroupConnector>> {
    let list = Place::top("routing_group_connectors");
    let records = document.routing_group_connectors.iter().enumerate();
    let connectors = records.map(|(position, entry)| {
        let record = list.item(position, entry.span);
        let from = end(&entry.from, &record, "from", directory, problems);
        let to = end(&entry.to, &record, "to", directory, problems);
        let cost = problems.number(&entry.cost, &record, "cost");
        let servers = &directory.servers;
        let source_servers = servers.list(&entry.source_servers, &record, "source_servers", problems);
        let target_servers = servers.list(&entry.target_servers, &record, "target_servers", problems);
        let restrictions = connectors::restrictions(entry.restrictions.as_ref(), &record, problems);
        Some(RoutingGroupConnector {
            name: directory.routing_group_connectors.of_record(position),
            from: from?,
            to: to?,
            cost: cost.unwrap_or(1),
            kind: value_or(&entry.kind, Default::default()),
            source_servers,
            target_servers,
            max_message_size: value_or(&entry.max_message_size, Default::default()),
            restrictions,
            public_folder_referrals: value_or(&entry.public_folder_referrals, true),
            span: entry.span,
        })
    });
    connectors.collect()
}

/// One end of a connector.
fn end(
    leaf: &Leaf<String>,
    record: &Place<'_>,
    field: &'static str,
    directory: &Directory,
    problems: &mut Problems,
) -> Option<GroupRef> {
    let leaf = problems.required(leaf, record, field)?;
    group_ref(leaf, &record.field(field, leaf.span), directory, problems)
}

/// The routing group that a reference means, the implicit one of 2007 included.
pub(super) fn group_ref(
    leaf: &At<String>,
    here: &Place<'_>,
    directory: &Directory,
    problems: &mut Problems,
) -> Option<GroupRef> {
    if is_exchange_2007(&leaf.value) {
        return Some(GroupRef::Exchange2007);
    }
    let groups = &directory.routing_groups;
    match groups.find(&leaf.value) {
        Some(group) => Some(GroupRef::Legacy(group)),
        None => {
            groups.unknown(leaf, here, problems, &[EXCHANGE_2007_GROUP_SHORT, EXCHANGE_2007_GROUP]);
            None
        }
    }
}

/// Whether it is one of the two names of the 2007 group (R14).
fn is_exchange_2007(text: &str) -> bool {
    let folded = Name::fold(text);
    [EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT]
        .into_iter()
        .any(|name| Name::fold(name) == folded)
}
