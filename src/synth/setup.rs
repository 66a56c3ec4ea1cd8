//! What setup of the first 2007 hub creates in a legacy organization (R9–R21).

use std::fmt;

use crate::load::At;
use crate::load::document::{
    Document, RoutingGroupConnectorEntry, RoutingGroupEntry, ServerEntry, SiteEntry, TOPOLOGY_FORMAT,
};
use crate::model::{EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT, Generation, Name, Role, Roles, Version};

/// Where setup puts servers that the organization does not know yet: the names that Active Directory and Exchange give.
const FIRST_SITE: &str = "Default-First-Site-Name";
const FIRST_GROUP: &str = "First Routing Group";

/// Why setup cannot connect these servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// No hub was named.
    NoHub,
    /// The organization has the bridgehead, but not as a 2000 or 2003 server in a legacy routing group (R9).
    NoBridgehead(String),
    /// The organization has the hub, but not as a 2007 or 2010 server with the role.
    NotAHub(String),
    /// A server was given a name of nothing but white space.
    Nameless,
    /// A server is named twice.
    Twice(String),
    /// The name of a connector is taken.
    NameTaken(String),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::NoHub => f.write_str("at least one hub is needed"),
            SetupError::NoBridgehead(name) => {
                write!(f, "\"{name}\" is no 2000 or 2003 server in a legacy routing group")
            }
            SetupError::NotAHub(name) => write!(f, "\"{name}\" is no 2007 or 2010 hub transport server"),
            SetupError::Nameless => f.write_str("a server needs a name that is not empty"),
            SetupError::Twice(name) => write!(f, "\"{name}\" is named twice"),
            SetupError::NameTaken(name) => write!(f, "there is a connector called \"{name}\" already"),
        }
    }
}

impl std::error::Error for SetupError {}

/// Adds the two routing-group connectors that setup creates between 2007 and the group of `bridgehead`.
///
/// One each way (R11), cost 1 (R19), the hubs and the bridgehead being source and target servers (R20); which legacy group
/// it is follows from the bridgehead (R12). Setup itself names one hub; further ones are the recommended servers to add
/// afterwards (R13). Servers that the document does not know are added too, so an empty document becomes a template.
/// The permissions of R21 are not modelled. The document is unchanged when this fails.
///
/// # Errors
/// When no hub is named, a server has no name, is named twice or is of the wrong kind, or a name is taken.
pub fn setup(document: &mut Document, bridgehead: &str, hubs: &[String]) -> Result<(), SetupError> {
    if hubs.is_empty() {
        return Err(SetupError::NoHub);
    }
    if hubs.iter().any(|hub| hub.trim().is_empty()) || bridgehead.trim().is_empty() {
        return Err(SetupError::Nameless);
    }
    let mut named = vec![Name::new(bridgehead)];
    for hub in hubs {
        let name = Name::new(hub.as_str());
        if named.contains(&name) {
            return Err(SetupError::Twice(hub.clone()));
        }
        named.push(name);
    }
    let group = match find(document, bridgehead) {
        Some(server) => legacy_group(server).ok_or_else(|| SetupError::NoBridgehead(bridgehead.to_owned()))?,
        None => FIRST_GROUP,
    }
    .to_owned();
    if let Some(other) = hubs
        .iter()
        .find(|hub| find(document, hub).is_some_and(|server| !is_hub(server)))
    {
        return Err(SetupError::NotAHub(other.clone()));
    }
    let (out, back) = (format!("E2007 to {group}"), format!("{group} to E2007"));
    if let Some(taken) = [&out, &back].into_iter().find(|name| is_taken(document, name)) {
        return Err(SetupError::NameTaken(taken.clone()));
    }

    document.format.get_or_insert_with(|| TOPOLOGY_FORMAT.into());
    add_missing_servers(document, bridgehead, hubs);
    let servers = |names: &[String]| names.iter().map(|name| At::from(name.as_str())).collect();
    let bridgeheads = [bridgehead.to_owned()];
    document.routing_group_connectors.extend([
        RoutingGroupConnectorEntry {
            name: Some(out.into()),
            from: Some(EXCHANGE_2007_GROUP_SHORT.into()),
            to: Some(group.as_str().into()),
            cost: Some(1.into()),
            source_servers: servers(hubs),
            target_servers: servers(&bridgeheads),
            ..RoutingGroupConnectorEntry::default()
        },
        RoutingGroupConnectorEntry {
            name: Some(back.into()),
            from: Some(group.as_str().into()),
            to: Some(EXCHANGE_2007_GROUP_SHORT.into()),
            cost: Some(1.into()),
            source_servers: servers(&bridgeheads),
            target_servers: servers(hubs),
            ..RoutingGroupConnectorEntry::default()
        },
    ]);
    Ok(())
}

/// The server of that name.
fn find<'d>(document: &'d Document, name: &str) -> Option<&'d ServerEntry> {
    document.servers.iter().find(|server| is_called(&server.name, name))
}

fn is_called(leaf: &Option<At<String>>, name: &str) -> bool {
    leaf.as_ref()
        .is_some_and(|leaf| Name::fold(&leaf.value) == Name::fold(name))
}

/// The group of a server that can be the bridgehead.
fn legacy_group(server: &ServerEntry) -> Option<&str> {
    let version = server.version.as_ref()?.value;
    let group = &server.routing_group;
    let is_2007 = is_called(group, EXCHANGE_2007_GROUP) || is_called(group, EXCHANGE_2007_GROUP_SHORT);
    let can = matches!(version, Version::Exchange2000 | Version::Exchange2003) && !is_2007;
    group.as_ref().filter(|_| can).map(|group| group.value.as_str())
}

fn is_hub(server: &ServerEntry) -> bool {
    let Some(version) = server.version.as_ref().map(|version| version.value) else {
        return false;
    };
    let has_role = match server.roles.as_slice() {
        [] => Roles::default_of(version).contains(Role::HubTransport),
        roles => roles.iter().any(|role| role.value == Role::HubTransport),
    };
    // Setup of 2013 refuses an organization with 2003 servers.
    has_role && !version.is_legacy() && version.generation() < Generation::Exchange2013
}

fn is_taken(document: &Document, name: &str) -> bool {
    let group_connectors = document
        .routing_group_connectors
        .iter()
        .map(|connector| &connector.name);
    let connectors = document.connectors.iter().map(|connector| &connector.name);
    group_connectors.chain(connectors).any(|taken| is_called(taken, name))
}

fn add_missing_servers(document: &mut Document, bridgehead: &str, hubs: &[String]) {
    if find(document, bridgehead).is_none() {
        document.servers.push(ServerEntry {
            name: Some(bridgehead.into()),
            version: Some(Version::Exchange2003.into()),
            routing_group: Some(FIRST_GROUP.into()),
            ..ServerEntry::default()
        });
        if !document
            .routing_groups
            .iter()
            .any(|group| is_called(&group.name, FIRST_GROUP))
        {
            document.routing_groups.push(RoutingGroupEntry {
                name: Some(FIRST_GROUP.into()),
                ..RoutingGroupEntry::default()
            });
        }
    }
    for hub in hubs {
        if find(document, hub).is_some() {
            continue;
        }
        document.servers.push(ServerEntry {
            name: Some(hub.as_str().into()),
            version: Some(Version::Exchange2007Sp1.into()),
            site: Some(FIRST_SITE.into()),
            roles: vec![Role::HubTransport.into()],
            ..ServerEntry::default()
        });
        if !document.sites.iter().any(|site| is_called(&site.name, FIRST_SITE)) {
            document.sites.push(SiteEntry {
                name: Some(FIRST_SITE.into()),
                ..SiteEntry::default()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{resolve, to_ron};
    use crate::model::NameOrder;

    fn hubs(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_empty_document_becomes_a_template() {
        let mut document = Document::default();
        setup(&mut document, "BH1", &hubs(&["HUB1", "HUB2"])).expect("nothing is in the way");
        insta::assert_snapshot!(to_ron(&document), @r#"
        (
            format: "bridgehead.topology/1",
            sites: [
                (name: "Default-First-Site-Name"),
            ],
            servers: [
                (name: "BH1", version: Exchange2003, routing_group: "First Routing Group"),
                (name: "HUB1", version: Exchange2007Sp1, site: "Default-First-Site-Name", roles: [HubTransport]),
                (name: "HUB2", version: Exchange2007Sp1, site: "Default-First-Site-Name", roles: [HubTransport]),
            ],
            routing_groups: [
                (name: "First Routing Group"),
            ],
            routing_group_connectors: [
                (name: "E2007 to First Routing Group", from: "DWBGZMFD01QNBJR", to: "First Routing Group", cost: 1, source_servers: ["HUB1", "HUB2"], target_servers: ["BH1"]),
                (name: "First Routing Group to E2007", from: "First Routing Group", to: "DWBGZMFD01QNBJR", cost: 1, source_servers: ["BH1"], target_servers: ["HUB1", "HUB2"]),
            ],
        )
        "#);
        resolve(&document, NameOrder::default()).expect("no problem");
    }

    #[test]
    fn the_bridgehead_decides_the_group_and_servers_have_to_fit() {
        let server = |name: &str, version: Version, group: Option<&str>| ServerEntry {
            name: Some(name.into()),
            version: Some(version.into()),
            routing_group: group.map(Into::into),
            ..ServerEntry::default()
        };
        let before = Document {
            servers: vec![
                server("OLD", Version::Exchange2003, Some("HKG")),
                server("LOST", Version::Exchange2003, None),
                server("HUB", Version::Exchange2007Rtm, None),
                server("NEW", Version::Exchange2016, None),
            ],
            ..Document::default()
        };
        let mut document = before.clone();
        setup(&mut document, "old", &hubs(&["hub"])).expect("nothing is in the way");
        assert_eq!(document.servers, before.servers);
        assert_eq!(document.routing_group_connectors[0].to, Some("HKG".into()));
        let again = setup(&mut document, "OLD", &hubs(&["HUB"]));
        assert_eq!(again, Err(SetupError::NameTaken("E2007 to HKG".into())));
        for (bridgehead, hub, expect) in [
            ("LOST", "HUB", SetupError::NoBridgehead("LOST".into())),
            ("HUB", "HUB2", SetupError::NoBridgehead("HUB".into())),
            ("OLD", "NEW", SetupError::NotAHub("NEW".into())),
            ("OLD", "old", SetupError::Twice("old".into())),
        ] {
            let mut document = before.clone();
            assert_eq!(setup(&mut document, bridgehead, &hubs(&[hub])), Err(expect));
            assert_eq!(document, before, "unchanged when it fails");
        }
        assert_eq!(setup(&mut document, "OLD", &[]), Err(SetupError::NoHub));
    }
}
