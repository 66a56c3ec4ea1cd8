//! The organization as it is configured at one time.

use std::sync::Arc;

use crate::model::{Address, DatabaseIdx, Edit, GroupIdx, Organization, Parts, ServerIdx};
use crate::route::Graphs;

/// An organization with its graphs. What changes it makes another one; indices stay what they are.
#[derive(Clone, Debug)]
pub(super) struct Configuration {
    pub(super) org: Organization,
    pub(super) graphs: Arc<Graphs>,
}

impl Configuration {
    pub(super) fn new(org: Organization) -> Configuration {
        Configuration {
            graphs: Arc::new(Graphs::new(&org)),
            org,
        }
    }

    /// The organization after a change. O(organization).
    fn changed(&self, change: impl FnOnce(&mut Parts)) -> Organization {
        let mut parts = self.org.parts().clone();
        change(&mut parts);
        Organization::new(parts)
    }

    /// The same after a change that leaves servers, sites and connectors as they are, and with them the graphs.
    fn changed_inside(&self, change: impl FnOnce(&mut Parts)) -> Configuration {
        Configuration {
            org: self.changed(change),
            graphs: Arc::clone(&self.graphs),
        }
    }

    /// After an administrator's edits.
    pub(super) fn edited(&self, edits: &[Edit]) -> Configuration {
        Configuration::new(self.changed(|parts| edits.iter().for_each(|edit| apply(parts, edit))))
    }

    /// After a database has been mounted on another server: 2010 routes to where it is active.
    pub(super) fn moved(&self, database: DatabaseIdx, to: ServerIdx) -> Configuration {
        self.changed_inside(|parts| parts.databases[database].active_on = Some(to))
    }

    /// After members have joined and left a group.
    pub(super) fn regrouped(&self, group: GroupIdx, add: &[Address], remove: &[Address]) -> Configuration {
        self.changed_inside(|parts| {
            let members = &mut parts.groups[group].members;
            members.retain(|member| !remove.contains(member));
            for new in add {
                if !members.contains(new) {
                    members.push(new.clone());
                }
            }
        })
    }
}

fn apply(parts: &mut Parts, edit: &Edit) {
    match edit {
        Edit::Enabled(connector, enabled) => parts.connectors[*connector].enabled = *enabled,
        Edit::ConnectorSources(connector, servers) => parts.connectors[*connector].source_servers.clone_from(servers),
        Edit::SmartHosts(connector, hosts) => {
            let connector = &mut parts.connectors[*connector];
            connector.smart_hosts.clone_from(hosts);
            connector.dns_routing = None;
        }
        Edit::ConnectorSize(connector, limit) => parts.connectors[*connector].max_message_size = Some(*limit),
        Edit::GroupConnectorCost(connector, cost) => parts.routing_group_connectors[*connector].cost = *cost,
        Edit::GroupConnectorSources(connector, servers) => {
            parts.routing_group_connectors[*connector]
                .source_servers
                .clone_from(servers);
        }
        Edit::GroupConnectorSize(connector, limit) => {
            parts.routing_group_connectors[*connector].max_message_size = *limit;
        }
        Edit::SiteLinkCost(link, cost) => parts.site_links[*link].cost = *cost,
        Edit::ExchangeCost(link, cost) => parts.site_links[*link].exchange_cost = *cost,
        Edit::SiteLinkSize(link, limit) => parts.site_links[*link].max_message_size = *limit,
        Edit::HubSite(site, hub) => parts.sites[*site].hub_site = *hub,
    }
}
