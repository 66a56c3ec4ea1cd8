//! Connectors to the outside, and what legacy servers refuse on a connector.

use std::time::Duration;

use super::groups::group_ref;
use super::place::{Place, Problems, period, value_or};
use super::{Directory, span_of};
use crate::diagnostic::Span;
use crate::load::At;
use crate::load::document::{ConnectorEntry, Document, Leaves, RestrictionsEntry, ScheduleText};
use crate::model::{
    Address, AddressSpace, AddressSpaceError, Connector, ConnectorKind, GroupRef, Home, Restrictions, RoutingGroupIdx,
    Schedule, ScheduleWindow, Server, ServerIdx,
};

/// ConnectionInactivityTimeout of a Send connector.
pub(super) const INACTIVITY_TIMEOUT: Duration = Duration::from_secs(600);

/// The connectors in the order of the file, without those that subscriptions imply. `servers` in the order of the file.
pub(super) fn connectors(
    document: &Document,
    directory: &Directory,
    servers: &[Option<Server>],
    problems: &mut Problems,
) -> Vec<Option<Connector>> {
    let list = Place::top("connectors");
    let connectors = document.connectors.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        let kind = problems.required(&entry.kind, &record, "kind").map(|kind| kind.value);
        let source_servers = directory
            .servers
            .list(&entry.source_servers, &record, "source_servers", problems);
        let group = group_of(entry, kind, &source_servers, directory, servers, &record, problems);
        let address_spaces = address_spaces(&entry.address_spaces, &record, problems);
        let restrictions = restrictions(entry.restrictions.as_ref(), &record, problems);
        Some(Connector {
            name: directory.connectors.of_record(position),
            kind: kind?,
            source_servers,
            routing_group: group,
            address_spaces,
            enabled: value_or(&entry.enabled, true),
            scoped: value_or(&entry.scoped, false),
            max_message_size: entry.max_message_size.as_ref().map(|leaf| leaf.value),
            smart_hosts: entry.smart_hosts.iter().map(|host| host.value.clone()).collect(),
            dns_routing: entry.dns_routing.as_ref().map(|dns| dns.value),
            restrictions,
            connection_inactivity_timeout: period(&entry.connection_inactivity_timeout).unwrap_or(INACTIVITY_TIMEOUT),
            span: entry.span,
        })
    });
    connectors.collect()
}

/// The routing group of a legacy connector: as given, else that of the lowest-named listed legacy server in one (D23).
///
/// None for other kinds, which belong to sites; and none for a legacy connector put in the 2007 group, where it has no
/// server.
fn group_of(
    entry: &ConnectorEntry,
    kind: Option<ConnectorKind>,
    source_servers: &[ServerIdx],
    directory: &Directory,
    servers: &[Option<Server>],
    record: &Place<'_>,
    problems: &mut Problems,
) -> Option<RoutingGroupIdx> {
    let given = entry.routing_group.as_ref().map(|leaf| {
        let here = record.field("routing_group", leaf.span);
        group_ref(leaf, &here, directory, problems)
    });
    if !kind?.is_legacy() {
        return None;
    }
    match given {
        Some(Some(GroupRef::Legacy(group))) => Some(group),
        Some(_) => None,
        None => source_servers.iter().find_map(|index| {
            let server = servers[directory.servers.position(*index)].as_ref()?;
            match server.home {
                Home::RoutingGroup(group) if server.version.is_legacy() => Some(group),
                _ => None,
            }
        }),
    }
}

fn address_spaces(leaves: &Leaves<String>, record: &Place<'_>, problems: &mut Problems) -> Vec<AddressSpace> {
    let list = record.field("address_spaces", Span::NONE);
    let mut spaces = Vec::with_capacity(leaves.len());
    for (position, leaf) in leaves.iter().enumerate() {
        match AddressSpace::parse(&leaf.value) {
            Ok(space) => spaces.push(space),
            Err(error) => {
                let here = list.item(position, leaf.span);
                let problem = here.problem(format!("malformed address space \"{}\": {error}", leaf.value));
                problems.push(match corrected(&leaf.value, &error) {
                    Some(correct) => problem.help(format!("did you mean \"{correct}\"?")),
                    None => problem,
                });
            }
        }
    }
    spaces
}

/// The address space that was probably meant.
fn corrected(text: &str, error: &AddressSpaceError) -> Option<String> {
    let guess = match error {
        AddressSpaceError::MalformedDomain => with_dot_after_star(text)?,
        AddressSpaceError::MissingCost => format!("{text};1"),
        AddressSpaceError::Empty
        | AddressSpaceError::MalformedCost(_)
        | AddressSpaceError::MalformedX400
        | AddressSpaceError::RepeatedX400 => {
            return None;
        }
    };
    AddressSpace::parse(&guess).is_ok().then_some(guess)
}

/// `*.contoso.com` for `*contoso.com`, which people write often and Exchange refuses.
pub(super) fn with_dot_after_star(text: &str) -> Option<String> {
    let (before, after) = text.split_once('*')?;
    (!after.starts_with('.')).then(|| format!("{before}*.{after}"))
}

/// What legacy servers refuse; nothing when it is left out.
pub(super) fn restrictions(
    entry: Option<&RestrictionsEntry>,
    connector: &Place<'_>,
    problems: &mut Problems,
) -> Restrictions {
    let Some(entry) = entry else {
        return Restrictions::default();
    };
    let record = connector.field("restrictions", entry.span);
    Restrictions {
        allowed_senders: addresses(&entry.allowed_senders, &record, "allowed_senders", problems),
        denied_senders: addresses(&entry.denied_senders, &record, "denied_senders", problems),
        priorities: entry.priorities.iter().map(|priority| priority.value).collect(),
        message_types: entry.message_types.iter().map(|kind| kind.value).collect(),
        schedule: match entry.schedule.as_ref().map(|schedule| &schedule.value) {
            None | Some(ScheduleText::Always) => Schedule::Always,
            Some(ScheduleText::Never) => Schedule::Never,
            Some(ScheduleText::Windows(windows)) => {
                let here = record.field("schedule", span_of(&entry.schedule));
                Schedule::of(schedule_windows(windows, &here, problems))
            }
        },
        integrated_authentication: value_or(&entry.integrated_authentication, false),
    }
}

fn schedule_windows(windows: &Leaves<String>, here: &Place<'_>, problems: &mut Problems) -> Vec<ScheduleWindow> {
    if windows.is_empty() {
        problems.push(
            here.problem("a schedule without windows")
                .help("write `Never`, or leave it out for `Always`"),
        );
    }
    let mut found = Vec::with_capacity(windows.len());
    for (position, leaf) in windows.iter().enumerate() {
        let window = ScheduleWindow::parse(&leaf.value);
        if window.is_none() {
            let here = here.item(position, leaf.span);
            problems.push(
                here.problem(format!("malformed schedule window \"{}\"", leaf.value))
                    .help("write a day and two times, the first the earlier: \"Mon 08:00-18:00\""),
            );
        }
        found.extend(window);
    }
    found
}

/// A list of addresses. They are free text: nothing has to know them.
pub(super) fn addresses(
    leaves: &Leaves<String>,
    record: &Place<'_>,
    field: &'static str,
    problems: &mut Problems,
) -> Vec<Address> {
    let list = record.field(field, Span::NONE);
    let items = leaves.iter().enumerate();
    items
        .filter_map(|(position, leaf)| address(leaf, &list.item(position, leaf.span), problems))
        .collect()
}

/// An address; a problem when it is empty.
pub(super) fn address(leaf: &At<String>, here: &Place<'_>, problems: &mut Problems) -> Option<Address> {
    let address = Address::parse(&leaf.value);
    if address.value().as_str().trim().is_empty() {
        problems.push(here.problem("an address that is empty"));
        return None;
    }
    Some(address)
}
