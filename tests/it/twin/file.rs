//! The topology file, field by field as the contract's section 1 lists it. Only what routing reads.

use serde::{Deserialize, Deserializer};

use super::hours::Window;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Topology {
    pub(super) sites: Vec<Site>,
    pub(super) site_links: Vec<SiteLink>,
    pub(super) servers: Vec<Server>,
    pub(super) routing_groups: Vec<RoutingGroup>,
    pub(super) routing_group_connectors: Vec<RoutingGroupConnector>,
    pub(super) connectors: Vec<Connector>,
    pub(super) accepted_domains: Vec<AcceptedDomain>,
    pub(super) edge_subscriptions: Vec<EdgeSubscription>,
    pub(super) groups: Vec<DistributionGroup>,
    pub(super) dags: Vec<Dag>,
    pub(super) databases: Vec<Database>,
    pub(super) mailboxes: Vec<Mailbox>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Site {
    pub(super) name: String,
    #[serde(default)]
    pub(super) hub_site: bool,
    #[serde(default = "yes")]
    pub(super) inbound_mail: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct SiteLink {
    pub(super) name: String,
    #[serde(default)]
    pub(super) sites: Vec<String>,
    #[serde(default = "one_hundred")]
    pub(super) cost: u64,
    #[serde(default)]
    pub(super) exchange_cost: Option<u64>,
    #[serde(default, deserialize_with = "size")]
    pub(super) max_message_size: Option<u64>,
    #[serde(default)]
    pub(super) transport: LinkTransport,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum LinkTransport {
    #[default]
    Ip,
    Smtp,
}

/// In the order of the contract, which is the order of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum Version {
    Exchange55,
    Exchange2000,
    Exchange2003,
    Exchange2007Rtm,
    Exchange2007Sp1,
    Exchange2007Sp2,
    Exchange2007Sp3,
    Exchange2010Rtm,
    Exchange2010Sp1,
    Exchange2010Sp2,
    Exchange2010Sp3,
    Exchange2013,
    Exchange2016,
    Exchange2019,
    ExchangeSe,
}

/// D5: versions that deliver to each other's mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    Legacy,
    E2007,
    E2010,
    E2013AndLater,
}

impl Version {
    pub(super) fn generation(self) -> Generation {
        if self < Self::Exchange2007Rtm {
            Generation::Legacy
        } else if self < Self::Exchange2010Rtm {
            Generation::E2007
        } else if self < Self::Exchange2013 {
            Generation::E2010
        } else {
            Generation::E2013AndLater
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Role {
    HubTransport,
    Mailbox,
    EdgeTransport,
    ClientAccess,
    UnifiedMessaging,
}

#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) version: Version,
    #[serde(default)]
    pub(super) site: Option<String>,
    #[serde(default)]
    pub(super) routing_group: Option<String>,
    #[serde(default)]
    pub(super) roles: Option<Vec<Role>>,
    #[serde(default)]
    pub(super) dag: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RoutingGroup {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RoutingGroupConnector {
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
    #[serde(default = "one")]
    pub(super) cost: u64,
    #[serde(default)]
    pub(super) kind: GroupConnectorKind,
    #[serde(default)]
    pub(super) source_servers: Vec<String>,
    #[serde(default)]
    pub(super) target_servers: Vec<String>,
    #[serde(default, deserialize_with = "size")]
    pub(super) max_message_size: Option<u64>,
    #[serde(default)]
    pub(super) restrictions: Restrictions,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum GroupConnectorKind {
    #[default]
    RoutingGroup,
    X400,
    Smtp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum ConnectorKind {
    Send,
    Foreign,
    DeliveryAgent,
    LegacySmtp,
    LegacyX400,
}

#[derive(Debug, Deserialize)]
pub(super) struct Connector {
    pub(super) name: String,
    pub(super) kind: ConnectorKind,
    #[serde(default)]
    pub(super) source_servers: Vec<String>,
    #[serde(default)]
    pub(super) routing_group: Option<String>,
    #[serde(default)]
    pub(super) address_spaces: Vec<String>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) scoped: bool,
    /// `unlimited` is a limit that everything passes; left out is another thing (D30).
    #[serde(default, deserialize_with = "given_size")]
    pub(super) max_message_size: Option<u64>,
    #[serde(default)]
    pub(super) restrictions: Restrictions,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Restrictions {
    pub(super) allowed_senders: Vec<String>,
    pub(super) denied_senders: Vec<String>,
    pub(super) priorities: Vec<String>,
    pub(super) message_types: Vec<String>,
    pub(super) schedule: Option<Schedule>,
}

/// `"Always"`, `"Never"`, or windows.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Schedule {
    Word(String),
    Windows(Vec<Window>),
}

#[derive(Debug, Deserialize)]
pub(super) struct AcceptedDomain {
    pub(super) domain: String,
    pub(super) kind: DomainKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum DomainKind {
    Authoritative,
    InternalRelay,
    ExternalRelay,
}

#[derive(Debug, Deserialize)]
pub(super) struct EdgeSubscription {
    pub(super) edge: String,
    pub(super) site: String,
    #[serde(default = "yes")]
    pub(super) create_inbound_connector: bool,
    #[serde(default = "yes")]
    pub(super) create_internet_connector: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct DistributionGroup {
    pub(super) address: String,
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) expansion_server: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dag {
    pub(super) name: String,
    #[serde(default)]
    pub(super) servers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Database {
    pub(super) name: String,
    #[serde(default)]
    pub(super) dag: Option<String>,
    #[serde(default)]
    pub(super) server: Option<String>,
    #[serde(default)]
    pub(super) copies: Vec<DatabaseCopy>,
    #[serde(default)]
    pub(super) active_on: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DatabaseCopy {
    pub(super) server: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mailbox {
    pub(super) address: String,
    #[serde(default)]
    pub(super) database: Option<String>,
    #[serde(default)]
    pub(super) server: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}

fn one_hundred() -> u64 {
    100
}

/// Contract, section 1, sizes: an integer, digits with a unit, or `unlimited`, which is `None`.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(Some(bytes)),
        Size::Text(text) => bytes(&text).map_err(serde::de::Error::custom),
    }
}

fn given_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Some(size(deserializer)?.unwrap_or(u64::MAX)))
}

fn bytes(text: &str) -> Result<Option<u64>, String> {
    let text = text.to_ascii_lowercase();
    if text == "unlimited" {
        return Ok(None);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "b" => 1,
        "kb" => 1 << 10,
        "mb" => 1 << 20,
        "gb" => 1 << 30,
        _ => return Err(format!("no size: {text}")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("no size: {text}"))?;
    Ok(Some(number * unit))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(bytes("10MB"), Ok(Some(10 * 1024 * 1024)));
        assert_eq!(bytes("3kb"), Ok(Some(3072)));
        assert_eq!(bytes("Unlimited"), Ok(None));
        assert!(bytes("10 parsecs").is_err());
    }
}
