//! Events of the scenario in words.

use super::names::Names;
use crate::model::{
    ConnectorRef, Cut, Edit, Place, ScenarioEventKind as Kind, ServerIdx, TransportDatabase, period_text,
};
use crate::report::text::enumeration;

/// The kind of an event as the scenario calls it, in the style of the other events, and what it is about.
pub(super) fn words(names: Names<'_>, kind: &Kind) -> (&'static str, String) {
    let server = |server: ServerIdx| names.server(server).to_owned();
    let org = names.org();
    match kind {
        Kind::ServerDown(down) => ("SERVERDOWN", server(*down)),
        Kind::ServerUp(up, TransportDatabase::Same) => ("SERVERUP", server(*up)),
        Kind::ServerUp(up, TransportDatabase::New) => {
            ("SERVERUP", format!("{} with an empty queue database", server(*up)))
        }
        Kind::Destroy(destroyed) => ("DESTROY", server(*destroyed)),
        Kind::Pause(paused) => ("PAUSE", server(*paused)),
        Kind::NetworkCut(cut) => ("NETWORKCUT", cut_text(names, *cut)),
        Kind::NetworkRestore(cut) => ("NETWORKRESTORE", cut_text(names, *cut)),
        Kind::ConnectorDown(connector) => ("CONNECTORDOWN", names.connector(*connector).to_owned()),
        Kind::ConnectorUp(connector) => ("CONNECTORUP", names.connector(*connector).to_owned()),
        Kind::Dismount(database) => ("DISMOUNT", org.databases()[*database].name.to_string()),
        Kind::Mount(database) => ("MOUNT", org.databases()[*database].name.to_string()),
        Kind::Failover { database, to, lost_log } => {
            let to = to.map_or(String::new(), |to| format!(" to {}", server(to)));
            let lost = match lost_log.is_zero() {
                true => String::new(),
                false => format!(" without the last {} of its log", period_text(*lost_log)),
            };
            ("FAILOVER", format!("{}{to}{lost}", org.databases()[*database].name))
        }
        Kind::Configuration(edits) => {
            let edits: Vec<String> = edits.iter().map(|edit| edit_text(names, edit)).collect();
            ("CONFIGURATION", enumeration(&edits))
        }
        Kind::Redirect { server: from, to } => {
            let to = to.map_or("others of its site".to_owned(), server);
            ("REDIRECT", format!("{} to {to}", server(*from)))
        }
        Kind::GroupChange { group, add, remove } => {
            let mut parts = vec![org.groups()[*group].address.to_string()];
            for (word, members) in [("with", add), ("without", remove)] {
                let members: Vec<String> = members.iter().map(ToString::to_string).collect();
                if !members.is_empty() {
                    parts.push(format!("{word} {}", enumeration(&members)));
                }
            }
            ("GROUPCHANGE", parts.join(" "))
        }
        Kind::SessionCut { place, other } => {
            let others = other.map_or("everybody".to_owned(), |other| place_text(names, other));
            ("SESSIONCUT", format!("{} and {others}", place_text(names, *place)))
        }
    }
}

fn place_text(names: Names<'_>, place: Place) -> String {
    match place {
        Place::Server(server) => names.server(server).to_owned(),
        Place::Peer(peer) => names.stage.scenario().peers[peer].name.to_string(),
        Place::Site(site) => format!("site {}", names.org().sites()[site].name),
    }
}

fn cut_text(names: Names<'_>, cut: Cut) -> String {
    let place = |place| place_text(names, place);
    match cut {
        Cut::Off(off) => format!("{} and everybody else", place(off)),
        Cut::Between(one, other) => format!("{} and {}", place(one), place(other)),
        Cut::OneWay(from, to) => format!("from {} to {}", place(from), place(to)),
        Cut::SiteLink(link) => format!("link {}", names.org().site_links()[link].name),
    }
}

fn edit_text(names: Names<'_>, edit: &Edit) -> String {
    let org = names.org();
    let outside = |connector| names.connector(ConnectorRef::External(connector));
    let between = |connector| names.connector(ConnectorRef::RoutingGroup(connector));
    let link = |link: crate::model::SiteLinkIdx| &org.site_links()[link].name;
    let servers = |servers: &[ServerIdx]| match servers {
        [] => "no server".to_owned(),
        servers => enumeration(
            &servers
                .iter()
                .map(|server| names.server(*server).to_owned())
                .collect::<Vec<_>>(),
        ),
    };
    match edit {
        Edit::Enabled(connector, true) => format!("{} is enabled", outside(*connector)),
        Edit::Enabled(connector, false) => format!("{} is disabled", outside(*connector)),
        Edit::ConnectorSources(connector, sources) => {
            format!("{} starts at {}", outside(*connector), servers(sources))
        }
        Edit::SmartHosts(connector, hosts) if hosts.is_empty() => format!("{} uses DNS", outside(*connector)),
        Edit::SmartHosts(connector, hosts) => format!("{} sends to {}", outside(*connector), enumeration(hosts)),
        Edit::ConnectorSize(connector, limit) => format!("{} takes up to {limit}", outside(*connector)),
        Edit::GroupConnectorCost(connector, cost) => format!("{} costs {cost}", between(*connector)),
        Edit::GroupConnectorSources(connector, sources) => {
            format!("{} starts at {}", between(*connector), servers(sources))
        }
        Edit::GroupConnectorSize(connector, limit) => format!("{} takes up to {limit}", between(*connector)),
        Edit::SiteLinkCost(changed, cost) => format!("link {} costs {cost}", link(*changed)),
        Edit::ExchangeCost(changed, Some(cost)) => format!("link {} costs Exchange {cost}", link(*changed)),
        Edit::ExchangeCost(changed, None) => format!("link {} has no Exchange cost", link(*changed)),
        Edit::SiteLinkSize(changed, limit) => format!("link {} takes up to {limit}", link(*changed)),
        Edit::HubSite(site, true) => format!("site {} is a hub site", org.sites()[*site].name),
        Edit::HubSite(site, false) => format!("site {} is no hub site", org.sites()[*site].name),
    }
}
