//! Events that change the configuration.

use super::super::names::Names;
use super::super::place::Problems;
use super::events::{Event, listed};
use super::known::{Kind, Thing};
use crate::load::document::{CostOrNone, Leaf, TextList};
use crate::load::range::range_of;
use crate::model::{ConnectorIdx, ConnectorRef, Edit, RoutingGroupConnectorIdx, ServerIdx, SiteIdx, SiteLinkIdx};

/// What can be configured.
const OBJECTS: [Kind; 3] = [Kind::Connector, Kind::Link, Kind::Site];

/// The fields of changes.
pub(super) const FIELDS: [&str; 7] = [
    "enabled",
    "cost",
    "exchange_cost",
    "hub_site",
    "source_servers",
    "max_message_size",
    "smart_hosts",
];

/// The changes of an event, one for each field that is given. At least one, and only such as its target has.
pub(super) fn edits(event: &Event<'_>, problems: &mut Problems) -> Option<Vec<Edit>> {
    let target = event.target(&OBJECTS, problems);
    let entry = event.entry;
    let sources = servers(event, problems);
    let nothing = entry.enabled.is_none()
        && entry.cost.is_none()
        && entry.exchange_cost.is_none()
        && entry.hub_site.is_none()
        && entry.source_servers.is_none()
        && entry.max_message_size.is_none()
        && entry.smart_hosts.is_none();
    if nothing {
        let fields = match target {
            Some(target) => fields_of(target).1,
            None => &FIELDS,
        };
        let problem = event.record.problem("this changes nothing");
        problems.push(problem.help(format!("give at least one of {}", quoted(fields))));
    }
    let target = target?;
    let (noun, fields) = fields_of(target);
    let foreign = |field: &str| !FIELDS.contains(&field) || fields.contains(&field);
    event.refuse(noun, foreign, || format!("{noun} takes {}", quoted(fields)), problems);
    Some(match target {
        Thing::Connector(ConnectorRef::External(connector)) => of_connector(event, connector, sources),
        Thing::Connector(ConnectorRef::RoutingGroup(connector)) => {
            of_group_connector(event, connector, sources, problems)
        }
        Thing::Link(link) => of_site_link(event, link, problems),
        Thing::Site(site) => of_site(event, site),
        Thing::Server(_) | Thing::Peer(_) | Thing::Database(_) => Vec::new(),
    })
}

/// What a target is called in messages, and which fields it has.
fn fields_of(target: Thing) -> (&'static str, &'static [&'static str]) {
    match target {
        Thing::Connector(ConnectorRef::External(_)) => (
            "a connector to the outside",
            &["enabled", "source_servers", "max_message_size", "smart_hosts"],
        ),
        Thing::Connector(ConnectorRef::RoutingGroup(_)) => (
            "a routing-group connector",
            &["cost", "source_servers", "max_message_size"],
        ),
        Thing::Link(_) => ("a site link", &["cost", "exchange_cost", "max_message_size"]),
        Thing::Site(_) => ("a site", &["hub_site"]),
        Thing::Server(_) | Thing::Peer(_) | Thing::Database(_) => ("this", &[]),
    }
}

fn quoted(fields: &[&str]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    listed(&fields)
}

fn of_connector(event: &Event<'_>, connector: ConnectorIdx, sources: Option<Vec<ServerIdx>>) -> Vec<Edit> {
    let entry = event.entry;
    let mut edits = Vec::new();
    edits.extend(entry.enabled.as_ref().map(|leaf| Edit::Enabled(connector, leaf.value)));
    edits.extend(sources.map(|servers| Edit::ConnectorSources(connector, servers)));
    edits.extend(
        entry
            .max_message_size
            .as_ref()
            .map(|leaf| Edit::ConnectorSize(connector, leaf.value)),
    );
    edits.extend(
        entry
            .smart_hosts
            .as_ref()
            .map(|hosts| Edit::SmartHosts(connector, texts(&hosts.value))),
    );
    edits
}

fn of_group_connector(
    event: &Event<'_>,
    connector: RoutingGroupConnectorIdx,
    sources: Option<Vec<ServerIdx>>,
    problems: &mut Problems,
) -> Vec<Edit> {
    let entry = event.entry;
    let range = range_of("routing_group_connectors", "cost");
    let cost = problems.number_in(&entry.cost, event.record, "cost", range);
    let mut edits = Vec::new();
    edits.extend(cost.map(|cost| Edit::GroupConnectorCost(connector, cost)));
    edits.extend(sources.map(|servers| Edit::GroupConnectorSources(connector, servers)));
    edits.extend(
        entry
            .max_message_size
            .as_ref()
            .map(|leaf| Edit::GroupConnectorSize(connector, leaf.value)),
    );
    edits
}

fn of_site_link(event: &Event<'_>, link: SiteLinkIdx, problems: &mut Problems) -> Vec<Edit> {
    let entry = event.entry;
    let cost = problems.number_in(&entry.cost, event.record, "cost", range_of("site_links", "cost"));
    let mut edits = Vec::new();
    edits.extend(cost.map(|cost| Edit::SiteLinkCost(link, cost)));
    if let Some(exchange_cost) = &entry.exchange_cost {
        let CostOrNone(cost) = exchange_cost.value;
        let leaf: Leaf<u32> = cost.map(|cost| crate::load::At::new(cost, exchange_cost.span));
        let range = range_of("site_links", "exchange_cost");
        let cost = problems.number_in(&leaf, event.record, "exchange_cost", range);
        edits.push(Edit::ExchangeCost(link, cost));
    }
    edits.extend(
        entry
            .max_message_size
            .as_ref()
            .map(|leaf| Edit::SiteLinkSize(link, leaf.value)),
    );
    edits
}

fn of_site(event: &Event<'_>, site: SiteIdx) -> Vec<Edit> {
    let hub = event.entry.hub_site.as_ref();
    hub.map(|leaf| Edit::HubSite(site, leaf.value)).into_iter().collect()
}

/// The servers that the event names as sources, if it does.
fn servers(event: &Event<'_>, problems: &mut Problems) -> Option<Vec<ServerIdx>> {
    let leaf = event.entry.source_servers.as_ref()?;
    if event.known.blind {
        return None;
    }
    let servers: &Names<ServerIdx> = &event.known.servers;
    Some(servers.list(&leaf.value.0, event.record, "source_servers", problems))
}

fn texts(list: &TextList) -> Vec<String> {
    list.0.iter().map(|host| host.value.clone()).collect()
}
