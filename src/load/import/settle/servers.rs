//! Servers and Edge subscriptions.

use super::{Field, Found, Joined, Known};
use crate::load::At;
use crate::load::document::{ConnectorEntry, EdgeSubscriptionEntry, ServerEntry};
use crate::load::import::draft::{EdgeSubscription, Object, Ref, Server, is_exchange_2007_group};
use crate::model::{EXCHANGE_2007_GROUP_SHORT, Name, Role, Version};

impl Server {
    /// Whether it is older than 2007.
    pub(super) fn is_legacy(&self) -> bool {
        self.version.is_some_and(Version::is_legacy)
    }

    /// Whether it stands outside the forest.
    fn is_edge(&self) -> bool {
        !self.is_legacy() && self.roles.contains(&Role::EdgeTransport)
    }
}

/// A server without a version cannot be represented. Those that stay can be found by their full names.
pub(super) fn leave_out_unknown_versions(known: &mut Known) {
    known.servers.leave_out(&mut known.ledger, |server| {
        let unknown = server.says.version.is_none();
        unknown.then(|| "no file tells a version of Exchange that is known".to_owned())
    });
    let hosts: Vec<(usize, Option<String>)> = known
        .servers
        .iter()
        .map(|(at, server)| (at, server.says.fqdn.clone()))
        .collect();
    for (at, fqdn) in hosts {
        known.servers.host(at, fqdn.as_deref());
    }
}

/// The servers.
pub(super) fn servers(known: &mut Known) -> Vec<ServerEntry> {
    let servers = known.servers.sorted();
    servers.iter().map(|server| self::server(server, known)).collect()
}

fn server(server: &Object<Server>, known: &mut Known) -> ServerEntry {
    known.modelled(server);
    let (subject, says) = (server.subject(), &server.says);
    let field = |name| Field {
        subject: &subject,
        place: server.place,
        name,
    };
    let mut entry = ServerEntry {
        name: Some(server.name.as_str().into()),
        fqdn: says.fqdn.as_deref().filter(|fqdn| !fqdn.is_empty()).map(At::from),
        version: says.version.map(At::from),
        ..ServerEntry::default()
    };
    if says.is_legacy() {
        let group = says.routing_group.as_ref();
        entry.routing_group = match group {
            Some(group) if is_exchange_2007_group(&group.name) => Some(EXCHANGE_2007_GROUP_SHORT.into()),
            Some(group) => Known::name(group, &known.groups, &field("routing_group"), &mut known.ledger).map(At::from),
            None => {
                known
                    .ledger
                    .assume(&subject, "no file tells its routing group: it routes nothing");
                None
            }
        };
        return entry;
    }
    entry.roles = says.roles.iter().map(|role| At::from(*role)).collect();
    if !says.is_edge() {
        entry.site = says
            .site
            .as_ref()
            .and_then(|site| Known::name(site, &known.sites, &field("site"), &mut known.ledger))
            .map(At::from);
        if entry.site.is_none() {
            known
                .ledger
                .assume(&subject, "no file tells its site: it routes nothing");
        }
    }
    entry
}

/// The Edge subscriptions: those exported, and the sites that the directory gives to Edge servers.
///
/// A subscription implies two connectors. Where connectors were exported, those that are missing do not exist.
pub(super) fn edge_subscriptions(
    subscriptions: Joined<EdgeSubscription>,
    connectors: &[ConnectorEntry],
    connectors_exported: bool,
    known: &mut Known,
) -> Vec<EdgeSubscriptionEntry> {
    let mut read = exported_subscriptions(&subscriptions, known);
    for (_, server) in known.servers.iter().filter(|(_, server)| server.says.is_edge()) {
        let listed = read
            .iter()
            .any(|(edge, _)| Name::fold(edge) == Name::fold(&server.name));
        let site = server.says.site.as_ref().filter(|_| !listed);
        let field = Field {
            subject: &server.subject(),
            place: server.place,
            name: "site",
        };
        if let Some(site) = site.and_then(|site| Known::name(site, &known.sites, &field, &mut known.ledger)) {
            let text = "an Edge server with a site is subscribed to it";
            known.ledger.assume(server.subject(), text);
            read.push((server.name.clone(), site));
        }
    }
    read.sort_by_cached_key(|(edge, _)| Name::fold(edge));
    read.dedup_by_key(|(edge, _)| Name::fold(edge));
    let missing = |name: String| {
        let there = |connector: &ConnectorEntry| {
            let own = connector.name.as_ref().map(|own| Name::fold(&own.value));
            own == Some(Name::fold(&name))
        };
        (connectors_exported && !connectors.iter().any(there)).then(|| At::from(false))
    };
    read.into_iter()
        .map(|(edge, site)| EdgeSubscriptionEntry {
            create_inbound_connector: missing(format!("EdgeSync - Inbound to {site}")),
            create_internet_connector: missing(format!("EdgeSync - {site} to Internet")),
            edge: Some(edge.into()),
            site: Some(site.into()),
            ..EdgeSubscriptionEntry::default()
        })
        .collect()
}

/// The Edge servers and sites of the subscriptions that were exported.
fn exported_subscriptions(subscriptions: &Joined<EdgeSubscription>, known: &mut Known) -> Vec<(String, String)> {
    let mut read = Vec::new();
    for subscription in subscriptions.sorted() {
        let subject = subscription.subject();
        let field = |name| Field {
            subject: &subject,
            place: subscription.place,
            name,
        };
        let edge = Ref::named(&subscription.name);
        let edge = Known::name(&edge, &known.servers, &field("edge"), &mut known.ledger);
        let site = subscription.says.site.as_ref();
        let site = site.and_then(|site| Known::name(site, &known.sites, &field("site"), &mut known.ledger));
        let is_edge = |edge: &String| match known.servers.find(&Ref::named(edge)) {
            Found::At(at) => known.servers.get(at).is_some_and(|server| server.says.is_edge()),
            Found::LeftOut | Found::Nothing => false,
        };
        match (edge.filter(is_edge), site) {
            (Some(edge), Some(site)) => {
                known.modelled(&subscription);
                read.push((edge, site));
            }
            _ => {
                let why = "it takes an Edge server and a site that are known";
                known.ledger.left_out(subscription.place, &subject, why);
            }
        }
    }
    read
}
