//! Servers, and the DAGs they are members of.

use std::time::Duration;

use oxc_index::IndexVec;

use super::groups::group_ref;
use super::place::{Place, Problems, value_or};
use super::{Directory, span_of};
use crate::diagnostic::Span;
use crate::load::document::{Document, ServerEntry};
use crate::model::{Dag, DagIdx, GroupRef, Home, Name, Roles, Server, ServerIdx};

const DAY: Duration = Duration::from_secs(86_400);

/// The DAG of each server.
pub(super) type Membership = IndexVec<ServerIdx, Option<DagIdx>>;

/// The DAGs in the order of the file, and who is in which. A server and a DAG may both tell of the membership; then they
/// have to agree.
pub(super) fn dags(
    document: &Document,
    directory: &Directory,
    problems: &mut Problems,
) -> (Vec<Option<Dag>>, Membership) {
    let listed = told_by_dags(document, directory, problems);
    let membership = told_by_servers(document, directory, &listed, problems);
    let mut members: IndexVec<DagIdx, Vec<ServerIdx>> = vec![Vec::new(); directory.dags.len()].into();
    for (server, dag) in membership.iter_enumerated() {
        if let Some(dag) = dag {
            members[*dag].push(server);
        }
    }
    let dags = document.dags.iter().enumerate().map(|(position, entry)| {
        let index = directory.dags.index_of_record(position)?;
        Some(Dag {
            name: directory.dags.of_record(position),
            servers: std::mem::take(&mut members[index]),
            span: entry.span,
        })
    });
    (dags.collect(), membership)
}

/// The DAG that lists a server, and where it does.
type Listed = IndexVec<ServerIdx, Option<(DagIdx, Span)>>;

/// What the `servers` of DAGs say. A server in two of them stays in the first.
fn told_by_dags(document: &Document, directory: &Directory, problems: &mut Problems) -> Listed {
    let servers = &directory.servers;
    let mut listed: Listed = vec![None; servers.len()].into();
    let list = Place::top("dags");
    for (position, entry) in document.dags.iter().enumerate() {
        let record = list.item(position, entry.span);
        servers.list(&entry.servers, &record, "servers", problems);
        let Some(dag) = directory.dags.index_of_record(position) else {
            continue;
        };
        let members = record.field("servers", Span::NONE);
        for (at, leaf) in entry.servers.iter().enumerate() {
            let Some(server) = servers.find(&leaf.value) else {
                continue;
            };
            match listed[server] {
                None => listed[server] = Some((dag, leaf.span)),
                Some((other, span)) if other != dag => problems.push(
                    members
                        .item(at, leaf.span)
                        .problem(format!("server \"{}\" is a member of two DAGs", servers.get(server)))
                        .label(span, format!("it is in \"{}\" here", directory.dags.get(other))),
                ),
                Some(_) => {}
            }
        }
    }
    listed
}

/// What the field `dag` of servers adds to `listed`: DAGs without a list. It may not say otherwise than a list does.
fn told_by_servers(document: &Document, directory: &Directory, listed: &Listed, problems: &mut Problems) -> Membership {
    let servers = &directory.servers;
    let mut membership: Membership = listed.iter().map(|found| found.map(|(dag, _)| dag)).collect();
    let list = Place::top("servers");
    for (position, entry) in document.servers.iter().enumerate() {
        let record = list.item(position, entry.span);
        let told = directory.dags.optional(&entry.dag, &record, "dag", problems);
        let (Some(told), Some(server)) = (told, servers.index_of_record(position)) else {
            continue;
        };
        let here = record.field("dag", span_of(&entry.dag));
        let name = servers.get(server);
        let dag = &document.dags[directory.dags.position(told)];
        match listed[server] {
            Some((other, span)) if other != told => problems.push(
                here.problem(format!(
                    "server \"{name}\" is a member of \"{}\"",
                    directory.dags.get(other)
                ))
                .label(span, "listed here")
                .help("the field `dag` of a server and the `servers` of DAGs have to agree"),
            ),
            None if !dag.servers.is_empty() => problems.push(
                here.problem(format!("DAG \"{}\" does not list \"{name}\"", directory.dags.get(told)))
                    .label(dag.span, "its servers are listed here")
                    .help("list it there too, or leave out one of the two"),
            ),
            _ => membership[server] = Some(told),
        }
    }
    membership
}

/// The servers in the order of the file.
pub(super) fn servers(
    document: &Document,
    directory: &Directory,
    membership: &Membership,
    problems: &mut Problems,
) -> Vec<Option<Server>> {
    let list = Place::top("servers");
    let servers = document.servers.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        let home = home(entry, directory, &record, problems);
        // What Set-TransportServer accepts.
        let timeout = problems.period_in(
            &entry.message_expiration_timeout,
            &record,
            "message_expiration_timeout",
            (Duration::from_secs(5), 90 * DAY),
        );
        let version = problems.required(&entry.version, &record, "version")?.value;
        let suppress = value_or(&entry.suppress_state_changes, false);
        let roles: Roles = match entry.roles.as_slice() {
            // Roles came with 2007.
            _ if version.is_legacy() => Roles::default(),
            [] => Roles::default_of(version),
            given => given.iter().map(|role| role.value).collect(),
        };
        let index = directory.servers.index_of_record(position);
        Some(Server {
            name: directory.servers.of_record(position),
            fqdn: entry.fqdn.as_ref().map(|fqdn| Name::new(fqdn.value.as_str())),
            version,
            home,
            roles,
            dag: index.and_then(|index| membership[index]),
            suppress_state_changes: suppress,
            suppression_in_effect: value_or(&entry.suppression_in_effect, suppress),
            link_state_blocked: value_or(&entry.link_state_blocked, false),
            max_hops: entry.max_hops.as_ref().map(|hops| hops.value),
            message_expiration_timeout: timeout.unwrap_or(2 * DAY),
            least_cost_only: value_or(&entry.least_cost_only, false),
            span: entry.span,
        })
    });
    servers.collect()
}

/// Where a server is. Whether a server of its version can be there is not asked (D2).
fn home(entry: &ServerEntry, directory: &Directory, record: &Place<'_>, problems: &mut Problems) -> Home {
    let site = directory.sites.optional(&entry.site, record, "site", problems);
    let group = entry.routing_group.as_ref().and_then(|leaf| {
        let here = record.field("routing_group", leaf.span);
        group_ref(leaf, &here, directory, problems)
    });
    if entry.site.is_some() && entry.routing_group.is_some() {
        let here = record.field("routing_group", span_of(&entry.routing_group));
        problems.push(
            here.problem("a server is in a site or in a routing group, not in both")
                .label(span_of(&entry.site), "the site is given here")
                .help("2007 and later servers have a site, 2003 and earlier ones a routing group; leave out the other"),
        );
    }
    match (site, group) {
        (Some(site), _) => Home::Site(site),
        (None, Some(GroupRef::Legacy(group))) => Home::RoutingGroup(group),
        (None, Some(GroupRef::Exchange2007)) => Home::Exchange2007Group,
        (None, None) => Home::None,
    }
}
