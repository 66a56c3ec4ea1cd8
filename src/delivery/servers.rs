//! Which server of the next hop takes a connection (RT-2.10, RT-2.12, RT-2.13).

use super::explain::{Explanation, Outcome};
use super::recipient::{DeliveryGroup, dag_transport};
use crate::model::{Node, ServerIdx, SiteIdx};
use crate::route::{Sender, View, usable_sources};

/// The servers that `sender` connects to next, by name; none when it handles the mail itself, when the mail goes nowhere,
/// and in a plain site graph. Connections take them in turn ([`round_robin`]).
///
/// At the last stop these are the servers that can finish the work: those of the mailbox's own generation (RT-2.12), the
/// members of the DAG, the connector's source servers. Edge servers are reached through any transport server of the site
/// they are subscribed to (RT-2.14). O(servers of the next hop).
pub fn next_servers(view: &View<'_>, sender: Sender, explanation: &Explanation) -> Vec<ServerIdx> {
    let org = view.org;
    let all = |site: SiteIdx| org.transport_servers(site).to_vec();
    match (explanation.outcome, &explanation.plan, sender.node) {
        (Outcome::Deliver, _, Node::Site(site)) => {
            let able = able(view, site, explanation.delivery_group);
            match sender.server {
                Some(server) if able.contains(&server) => Vec::new(),
                _ => able,
            }
        }
        (Outcome::Route, Some(plan), _) => {
            let crossed = plan
                .connectors()
                .next()
                .and_then(|index| view.graphs.combined.connector(index));
            match (plan.next_hop, crossed) {
                (Node::Site(stop), Some(connector)) if matches!(sender.node, Node::Site(_)) => {
                    let of_connector = connector.sources.iter().copied();
                    let here: Vec<ServerIdx> = of_connector
                        .filter(|server| org.transport_site(*server) == Some(stop))
                        .collect();
                    if here.is_empty() { all(stop) } else { here }
                }
                (_, Some(connector)) => connector.targets.to_vec(),
                (Node::Site(stop), None) if Node::Site(stop) == plan.to => {
                    let mut able = able(view, stop, explanation.delivery_group);
                    able.retain(|server| org.transport_site(*server).is_some());
                    if able.is_empty() { all(stop) } else { able }
                }
                (Node::Site(stop), None) => all(stop),
                (Node::RoutingGroup(_), None) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The servers in `site` that can finish the work for a delivery group; none when any server can.
fn able(view: &View<'_>, site: SiteIdx, group: Option<DeliveryGroup>) -> Vec<ServerIdx> {
    let org = view.org;
    match group {
        Some(DeliveryGroup::Mailboxes(_, generation)) => {
            let of_generation =
                |server: &ServerIdx| org.servers()[*server].version.generation().delivery() == generation;
            org.transport_servers(site)
                .iter()
                .copied()
                .filter(of_generation)
                .collect()
        }
        Some(DeliveryGroup::Dag(dag)) => dag_transport(org, dag)
            .filter(|server| org.transport_site(*server) == Some(site))
            .collect(),
        Some(DeliveryGroup::Connector(connector)) => {
            let sources = usable_sources(org, &org.connectors()[connector]);
            sources
                .filter(|(_, source)| *source == Some(site))
                .map(|(server, _)| server)
                .collect()
        }
        Some(DeliveryGroup::ExpansionServer(server)) => vec![server],
        Some(DeliveryGroup::Node(_)) | None => Vec::new(),
    }
}

/// `servers` in the order in which connection number `connection` (from 0) tries them: each connection begins one server
/// further on, and what does not answer is passed over in favour of the next of the list.
///
/// The same for the servers of a site, the source servers of a connector in one site, the target servers of a
/// routing-group connector, Edge servers of one subscription, and smart hosts. Nothing is balanced across connectors,
/// paths or sites.
pub fn round_robin<T: Copy>(servers: &[T], connection: usize) -> impl Iterator<Item = T> {
    let first = connection.checked_rem(servers.len()).unwrap_or(0);
    let (before, from) = servers.split_at(first);
    from.iter().chain(before).copied()
}
