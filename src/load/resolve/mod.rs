//! From a [`Document`] to an [`Organization`]: names become indices, and everything that is wrong is told at once.
//!
//! Two passes. The first sorts the names of each kind and gives out the indices ([`names`]), so that references may point
//! forward; the second goes through the records in the order of the file and checks each field. A record that cannot be
//! built is left out and its other fields are checked all the same; the arenas are put together only when nothing was
//! wrong.
//!
//! What counts as wrong is the contract's line between errors and findings: wrong is what cannot be represented. What a
//! directory can hold but Exchange does not honour (a link with one site, a legacy server in the 2007 group, a connector
//! without source servers; D2, D6, D11) passes through here untouched.

mod connectors;
mod edge;
mod groups;
mod names;
mod place;
mod scenario;
mod servers;
mod settings;
mod sites;
mod store;
#[cfg(test)]
mod tests;

use self::names::{Names, duplicate};
use self::place::{Place, Problems};
pub use self::scenario::resolve_scenario;
pub(super) use self::scenario::{Ground, scenario_problems};
pub use self::settings::is_date;
use super::document::{Baseline, Document, Leaf};
use crate::diagnostic::{Problem, Span};
use crate::model::{
    ConnectorIdx, DagIdx, DatabaseIdx, LintIgnore, NameOrder, Organization, Parts, RoutingGroupConnectorIdx,
    RoutingGroupIdx, ServerIdx, SiteIdx, SiteLinkIdx,
};

/// Resolves and checks a document; names are ordered by `order`.
///
/// The order of records in the document has no influence on the organization, [`Span`]s and the order of
/// `lint_ignores` apart. O(n log n) in the size of the document.
///
/// # Errors
/// Every problem of the document, in the order of the file: a required field left out, a name that is empty or taken, a
/// reference to nothing or given twice in one list, a value out of its range, fields that contradict each other.
pub fn resolve(document: &Document, order: NameOrder) -> Result<Organization, Vec<Problem>> {
    let mut problems = Problems::default();
    let directory = Directory::allocate(document, order, &mut problems);
    let (dags, membership) = servers::dags(document, &directory, &mut problems);
    let sites = sites::sites(document, &directory);
    let site_links = sites::site_links(document, &directory, &mut problems);
    let servers = servers::servers(document, &directory, &membership, &mut problems);
    let routing_groups = groups::routing_groups(document, &directory, &mut problems);
    let group_connectors = groups::routing_group_connectors(document, &directory, &mut problems);
    let connectors = connectors::connectors(document, &directory, &servers, &mut problems);
    let subscriptions = edge::subscriptions(document, &directory, &servers, &mut problems);
    let implied = edge::implied_connectors(document, &directory, &subscriptions, &mut problems);
    let databases = store::databases(document, &directory, &membership, &mut problems);
    let mailboxes = store::mailboxes(document, &directory, &mut problems);
    let groups = store::groups(document, &directory, &mut problems);
    let accepted_domains = settings::accepted_domains(document, order, &mut problems);
    let receive_connectors = settings::receive_connectors(document, &directory, &servers, &mut problems);
    let transport_config = settings::transport_config(document, &mut problems);
    let clusters = settings::clusters(document, &directory, &mut problems);
    let lint_ignores = settings::lint_ignores(&document.lint_ignores, &mut problems);
    problems.into_result()?;

    let mut connectors: Vec<_> = connectors.into_iter().flatten().chain(implied).collect();
    connectors.sort_by(|a, b| order.compare(&a.name, &b.name));
    Ok(Organization::new(Parts {
        name: document
            .organization
            .as_ref()
            .map_or_else(String::new, |name| name.value.clone()),
        name_order: order,
        bridge_all_site_links: place::value_or(&document.bridge_all_site_links, true),
        sites: directory.sites.arrange(sites),
        site_links: directory.site_links.arrange(site_links),
        servers: directory.servers.arrange(servers),
        routing_groups: directory.routing_groups.arrange(routing_groups),
        routing_group_connectors: directory.routing_group_connectors.arrange(group_connectors),
        connectors: connectors.into(),
        accepted_domains,
        edge_subscriptions: subscriptions
            .into_iter()
            .map(|(_, subscription)| subscription)
            .collect(),
        dags: directory.dags.arrange(dags),
        databases: directory.databases.arrange(databases),
        mailboxes,
        groups,
        receive_connectors,
        transport_config,
        clusters,
        lint_ignores,
    }))
}

/// The ignores of a baseline, in the order of the file.
///
/// # Errors
/// Every problem of the document: a required field left out, or a text that is no date.
pub(super) fn resolve_baseline(baseline: &Baseline) -> Result<Vec<LintIgnore>, Vec<Problem>> {
    let mut problems = Problems::default();
    let ignores = settings::lint_ignores(&baseline.lint_ignores, &mut problems);
    problems.into_result()?;
    Ok(ignores)
}

/// The names of every kind that records refer to.
struct Directory {
    order: NameOrder,
    sites: Names<SiteIdx>,
    site_links: Names<SiteLinkIdx>,
    servers: Names<ServerIdx>,
    routing_groups: Names<RoutingGroupIdx>,
    routing_group_connectors: Names<RoutingGroupConnectorIdx>,
    connectors: Names<ConnectorIdx>,
    dags: Names<DagIdx>,
    databases: Names<DatabaseIdx>,
}

impl Directory {
    fn allocate(document: &Document, order: NameOrder, problems: &mut Problems) -> Directory {
        macro_rules! names {
            ($noun:literal, $collection:ident) => {{
                let records = document.$collection.iter().map(|entry| (entry.span, &entry.name));
                Names::allocate($noun, (stringify!($collection), "name"), records, order, problems)
            }};
        }
        let mut servers: Names<ServerIdx> = names!("server", servers);
        servers.alias(|position| document.servers[position].fqdn.as_ref().map(|fqdn| fqdn.value.as_str()));
        let directory = Directory {
            order,
            sites: names!("site", sites),
            site_links: names!("site link", site_links),
            servers,
            routing_groups: names!("routing group", routing_groups),
            routing_group_connectors: names!("routing-group connector", routing_group_connectors),
            connectors: names!("connector", connectors),
            dags: names!("DAG", dags),
            databases: names!("database", databases),
        };
        directory.check_shared_namespace(document, problems);
        directory
    }

    /// Connectors of both kinds live in one container of the directory, so they cannot share a name.
    fn check_shared_namespace(&self, document: &Document, problems: &mut Problems) {
        let list = Place::top("connectors");
        for (position, entry) in document.connectors.iter().enumerate() {
            let name = self.connectors.of_record(position);
            let Some(other) = self.routing_group_connectors.span_of(&name) else {
                continue;
            };
            let record = list.item(position, entry.span);
            let here = record.field("name", span_of(&entry.name));
            problems.push(
                duplicate(&here, "connector", &name, &name, other)
                    .help("connectors and routing-group connectors share one namespace"),
            );
        }
    }
}

/// The place of a leaf.
fn span_of<T>(leaf: &Leaf<T>) -> Span {
    leaf.as_ref().map_or(Span::NONE, |leaf| leaf.span)
}
