//! What no other record refers to: accepted domains, receive connectors, transport settings, clusters, lint ignores.

use std::time::Duration;

use indexmap::IndexMap;

use super::connectors::with_dot_after_star;
use super::names::{Names, duplicate};
use super::place::{Place, Problems, period, value_or};
use super::{Directory, span_of};
use crate::diagnostic::Span;
use crate::load::document::{Document, Leaf, LintIgnoreEntry, ReceiveConnectorEntry};
use crate::model::{
    AcceptedDomain, Cluster, LintIgnore, Name, NameOrder, ReceiveConnector, Server, ServerIdx, SiteIdx, SizeLimit,
    TransportConfig,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// The accepted domains by name.
pub(super) fn accepted_domains(document: &Document, order: NameOrder, problems: &mut Problems) -> Vec<AcceptedDomain> {
    let list = Place::top("accepted_domains");
    let mut found: IndexMap<Box<str>, (Span, AcceptedDomain)> = IndexMap::new();
    for (position, entry) in document.accepted_domains.iter().enumerate() {
        let record = list.item(position, entry.span);
        let kind = problems.required(&entry.kind, &record, "kind");
        let Some(leaf) = problems.required(&entry.domain, &record, "domain") else {
            continue;
        };
        let here = record.field("domain", leaf.span);
        if !AcceptedDomain::is_valid(&leaf.value) {
            let guess = with_dot_after_star(&leaf.value).filter(|guess| AcceptedDomain::is_valid(guess));
            let help = match guess {
                Some(guess) => format!("did you mean \"{guess}\"?"),
                None => "write `domain`, `*.domain` or `*`".to_owned(),
            };
            problems.push(here.problem(format!("malformed domain \"{}\"", leaf.value)).help(help));
            continue;
        }
        let domain = Name::new(leaf.value.as_str());
        if let Some((first_at, first)) = found.get(domain.folded()) {
            problems.push(duplicate(&here, "accepted domain", &domain, &first.domain, *first_at));
            continue;
        }
        if let Some(kind) = kind {
            let accepted = AcceptedDomain {
                domain: domain.clone(),
                kind: kind.value,
                span: entry.span,
            };
            found.insert(domain.folded().into(), (leaf.span, accepted));
        }
    }
    let mut domains: Vec<_> = found.into_values().map(|(_, accepted)| accepted).collect();
    domains.sort_unstable_by(|a, b| order.compare(&a.domain, &b.domain));
    domains
}

/// The receive connectors by server and name; names are unique on a server. `servers` in the order of the file.
pub(super) fn receive_connectors(
    document: &Document,
    directory: &Directory,
    servers: &[Option<Server>],
    problems: &mut Problems,
) -> Vec<ReceiveConnector> {
    let list = Place::top("receive_connectors");
    let mut found: IndexMap<(ServerIdx, Box<str>), (Span, ReceiveConnector)> = IndexMap::new();
    for (position, entry) in document.receive_connectors.iter().enumerate() {
        let record = list.item(position, entry.span);
        let server = directory.servers.required(&entry.server, &record, "server", problems);
        let name = problems.required(&entry.name, &record, "name");
        let is_edge = server.is_some_and(|server| {
            let server = servers[directory.servers.position(server)].as_ref();
            server.is_some_and(Server::is_edge)
        });
        let limits = hop_limits(entry, &record, problems);
        let (Some(server), Some(leaf)) = (server, name) else {
            continue;
        };
        let here = record.field("name", leaf.span);
        let name = Name::new(leaf.value.as_str());
        if name.as_str().trim().is_empty() {
            problems.push(here.problem("a receive connector needs a name that is not empty"));
            continue;
        }
        let key = (server, name.folded().into());
        if let Some((first_at, first)) = found.get(&key) {
            problems.push(duplicate(&here, "receive connector", &name, &first.name, *first_at));
            continue;
        }
        // An Edge server's defaults are shorter.
        let (inactivity, connection) = if is_edge {
            (MINUTE, 5 * MINUTE)
        } else {
            (5 * MINUTE, 10 * MINUTE)
        };
        let connector = ReceiveConnector {
            name,
            server,
            fqdn: entry.fqdn.as_ref().map(|fqdn| Name::new(fqdn.value.as_str())),
            max_acknowledgement_delay: period(&entry.max_acknowledgement_delay).unwrap_or(30 * SECOND),
            connection_inactivity_timeout: period(&entry.connection_inactivity_timeout).unwrap_or(inactivity),
            connection_timeout: period(&entry.connection_timeout).unwrap_or(connection),
            integrated_authentication: value_or(&entry.integrated_authentication, false),
            max_hop_count: limits.0,
            max_local_hop_count: limits.1,
            span: entry.span,
        };
        found.insert(key, (leaf.span, connector));
    }
    let mut connectors: Vec<_> = found.into_values().map(|(_, connector)| connector).collect();
    connectors.sort_unstable_by(|a, b| {
        let names = directory.order.compare(&a.name, &b.name);
        a.server.cmp(&b.server).then(names)
    });
    connectors
}

/// MaxHopCount and MaxLocalHopCount.
fn hop_limits(entry: &ReceiveConnectorEntry, record: &Place<'_>, problems: &mut Problems) -> (u32, u32) {
    let all = problems.number(&entry.max_hop_count, record, "max_hop_count");
    let local = problems.number(&entry.max_local_hop_count, record, "max_local_hop_count");
    (all.unwrap_or(30), local.unwrap_or(8))
}

/// The transport settings: what is left out stays open, since the default is the version's.
pub(super) fn transport_config(document: &Document, problems: &mut Problems) -> TransportConfig {
    let Some(entry) = &document.transport_config else {
        return TransportConfig::default();
    };
    let mut record = Place::top("transport_config");
    record.span = entry.span;
    let up_to_a_day = (SECOND, DAY);
    TransportConfig {
        shadow_heartbeat_timeout_interval: problems.period_in(
            &entry.shadow_heartbeat_timeout_interval,
            &record,
            "shadow_heartbeat_timeout_interval",
            up_to_a_day,
        ),
        shadow_heartbeat_retry_count: problems.number(
            &entry.shadow_heartbeat_retry_count,
            &record,
            "shadow_heartbeat_retry_count",
        ),
        shadow_message_auto_discard_interval: problems.period_in(
            &entry.shadow_message_auto_discard_interval,
            &record,
            "shadow_message_auto_discard_interval",
            (5 * SECOND, 90 * DAY),
        ),
        max_dumpster_size_per_database: dumpster_size(&entry.max_dumpster_size_per_database, &record, problems),
        max_dumpster_time: period(&entry.max_dumpster_time),
        shadow_heartbeat_frequency: problems.period_in(
            &entry.shadow_heartbeat_frequency,
            &record,
            "shadow_heartbeat_frequency",
            up_to_a_day,
        ),
        shadow_resubmit_time_span: problems.period_in(
            &entry.shadow_resubmit_time_span,
            &record,
            "shadow_resubmit_time_span",
            up_to_a_day,
        ),
        max_retries_for_remote_site_shadow: number(&entry.max_retries_for_remote_site_shadow),
        max_retries_for_local_site_shadow: number(&entry.max_retries_for_local_site_shadow),
        safety_net_hold_time: period(&entry.safety_net_hold_time),
        shadow_redundancy_enabled: entry.shadow_redundancy_enabled.as_ref().map(|leaf| leaf.value),
        reject_message_on_shadow_failure: entry.reject_message_on_shadow_failure.as_ref().map(|leaf| leaf.value),
        shadow_message_preference_setting: preference(&entry.shadow_message_preference_setting, &record, problems),
        rejection_span: span_of(&entry.reject_message_on_shadow_failure),
        preference_span: span_of(&entry.shadow_message_preference_setting),
    }
}

fn number(leaf: &Leaf<u32>) -> Option<u32> {
    leaf.as_ref().map(|leaf| leaf.value)
}

/// MaxDumpsterSizePerDatabase is a size in bytes: the product knows no unlimited dumpster.
fn dumpster_size(leaf: &Leaf<SizeLimit>, record: &Place<'_>, problems: &mut Problems) -> Option<u64> {
    let leaf = leaf.as_ref()?;
    match leaf.value {
        SizeLimit::Bytes(bytes) => Some(bytes),
        SizeLimit::Unlimited => {
            let here = record.field("max_dumpster_size_per_database", leaf.span);
            problems.push(here.problem("`max_dumpster_size_per_database` cannot be unlimited"));
            None
        }
    }
}

fn preference(leaf: &Leaf<String>, record: &Place<'_>, problems: &mut Problems) -> Option<String> {
    const KNOWN: [&str; 3] = ["PreferRemote", "LocalOnly", "RemoteOnly"];
    let leaf = leaf.as_ref()?;
    if !KNOWN.contains(&leaf.value.as_str()) {
        let here = record.field("shadow_message_preference_setting", leaf.span);
        let help = problems.suggest(&leaf.value, KNOWN);
        problems.push(
            here.problem(format!("unknown preference \"{}\"", leaf.value))
                .help(help.unwrap_or_else(|| "it is PreferRemote, LocalOnly or RemoteOnly".to_owned())),
        );
        return None;
    }
    Some(leaf.value.clone())
}

/// The clusters by name.
pub(super) fn clusters(document: &Document, directory: &Directory, problems: &mut Problems) -> Vec<Cluster> {
    let records = document.clusters.iter().map(|entry| (entry.span, &entry.name));
    // Nothing refers to clusters: any index type serves to sort them.
    let names: Names<SiteIdx> = Names::allocate("cluster", ("clusters", "name"), records, directory.order, problems);
    let list = Place::top("clusters");
    let mut found: Vec<Cluster> = Vec::with_capacity(document.clusters.len());
    for (position, entry) in document.clusters.iter().enumerate() {
        let record = list.item(position, entry.span);
        let kind = problems.required(&entry.kind, &record, "kind");
        let servers = directory.servers.list(&entry.servers, &record, "servers", problems);
        found.extend(kind.map(|kind| Cluster {
            name: names.of_record(position),
            kind: kind.value,
            servers,
            span: entry.span,
        }));
    }
    found.sort_by(|a, b| directory.order.compare(&a.name, &b.name));
    found
}

/// The lint ignores in the order of the file.
pub(super) fn lint_ignores(entries: &[LintIgnoreEntry], problems: &mut Problems) -> Vec<LintIgnore> {
    let list = Place::top("lint_ignores");
    let mut found = Vec::with_capacity(entries.len());
    for (position, entry) in entries.iter().enumerate() {
        let record = list.item(position, entry.span);
        let reason = problems.required(&entry.reason, &record, "reason");
        if let Some(until) = entry.until.as_ref().filter(|until| !is_date(&until.value)) {
            let here = record.field("until", span_of(&entry.until));
            problems.push(
                here.problem(format!("\"{}\" is no date", until.value))
                    .help("write year, month and day: \"2026-01-31\""),
            );
        }
        let text = |leaf: &Leaf<String>| leaf.as_ref().map(|leaf| leaf.value.clone());
        found.extend(problems.required(&entry.code, &record, "code").map(|code| LintIgnore {
            code: code.value.clone(),
            subject: text(&entry.subject),
            reason: reason.map(|reason| reason.value.clone()),
            until: text(&entry.until),
            span: entry.span,
        }));
    }
    found
}

/// Whether it is a day of the Gregorian calendar, written `YYYY-MM-DD`. Such texts compare as the days do.
pub fn is_date(text: &str) -> bool {
    let mut parts = text.split('-').map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        (part.len(), part.parse::<u32>().ok().filter(|_| digits))
    });
    let (Some((4, Some(year))), Some((2, Some(month))), Some((2, Some(day))), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}
