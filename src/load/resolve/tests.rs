//! The edges of resolving. How problems look to a user is told by the tests of the reader.

use std::time::Duration;

use super::*;
use crate::load::At;
use crate::load::document::*;
use crate::model::{ConnectorKind, DatabaseHome, GroupRef, Home, Master, Role, Version};

fn leaf(text: &str) -> Leaf<String> {
    Some(text.into())
}

fn leaves(texts: &[&str]) -> Leaves<String> {
    texts.iter().map(|text| (*text).into()).collect()
}

fn lasting<P: From<Duration>>(seconds: u64) -> Leaf<P> {
    Some(P::from(Duration::from_secs(seconds)).into())
}

fn site(name: &str) -> SiteEntry {
    SiteEntry {
        name: leaf(name),
        ..SiteEntry::default()
    }
}

fn link(name: &str, sites: &[&str]) -> SiteLinkEntry {
    SiteLinkEntry {
        name: leaf(name),
        sites: leaves(sites),
        ..SiteLinkEntry::default()
    }
}

fn server(name: &str, version: Version) -> ServerEntry {
    ServerEntry {
        name: leaf(name),
        version: Some(version.into()),
        ..ServerEntry::default()
    }
}

fn group(name: &str) -> RoutingGroupEntry {
    RoutingGroupEntry {
        name: leaf(name),
        ..RoutingGroupEntry::default()
    }
}

fn group_connector(name: &str, from: &str, to: &str) -> RoutingGroupConnectorEntry {
    RoutingGroupConnectorEntry {
        name: leaf(name),
        from: leaf(from),
        to: leaf(to),
        ..RoutingGroupConnectorEntry::default()
    }
}

fn connector(name: &str, kind: ConnectorKind) -> ConnectorEntry {
    ConnectorEntry {
        name: leaf(name),
        kind: Some(kind.into()),
        ..ConnectorEntry::default()
    }
}

/// Problems as `path: message (help)`.
fn problems(document: &Document) -> Vec<String> {
    let found = resolve(document, NameOrder::default()).err().unwrap_or_default();
    let line = |problem: &Problem| match &problem.help {
        Some(help) => format!("{}: {} ({help})", problem.path, problem.message),
        None => format!("{}: {}", problem.path, problem.message),
    };
    found.iter().map(line).collect()
}

fn organization(document: &Document) -> Organization {
    resolve(document, NameOrder::default()).expect("a document without problems")
}

#[test]
fn every_problem_is_told_with_its_path() {
    let document = Document {
        sites: vec![site("Lisboa"), site(" "), SiteEntry::default(), site("LISBOA")],
        site_links: vec![SiteLinkEntry {
            cost: Some(100_000.into()),
            exchange_cost: Some(0.into()),
            ..link("L", &["Lisboa", "Lisbon", "lisboa"])
        }],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "sites[1].name: a site needs a name that is not empty",
            "sites[2].name: missing required field `name`",
            "sites[3].name: duplicate site \"LISBOA\" (names are compared without regard to case: \"Lisboa\" is the same)",
            "site_links[0].cost: `cost` 100000 is out of range (it has to be from 1 to 99999)",
            "site_links[0].exchange_cost: `exchange_cost` 0 is out of range (it has to be from 1 to 2147483647)",
            "site_links[0].sites[1]: unknown site \"Lisbon\" (did you mean \"Lisboa\"?)",
            "site_links[0].sites[2]: site \"Lisboa\" is listed twice",
        ]
    );
}

#[test]
fn duplicates_point_at_the_first_and_problems_come_in_the_order_of_the_file() {
    let at = |name: &str, start: usize| SiteEntry {
        name: Some(At::new(name.to_owned(), Span::new(start, start + name.len()))),
        ..SiteEntry::default()
    };
    let document = Document {
        sites: vec![at("A", 10), at("A", 20), at("A", 30)],
        organization: leaf(""),
        site_links: vec![SiteLinkEntry {
            sites: vec![At::new("B".to_owned(), Span::new(1, 2))],
            ..link("L", &[])
        }],
        ..Document::default()
    };
    let found = resolve(&document, NameOrder::default()).expect_err("problems");
    let starts: Vec<_> = found.iter().map(|problem| problem.span.start).collect();
    assert_eq!(starts, [1, 20, 30]);
    for problem in &found[1..] {
        assert_eq!(problem.labels[0].span, Span::new(10, 11), "{problem:?}");
    }
}

#[test]
fn index_order_is_name_order_whatever_the_file_says() {
    let document = Document {
        sites: vec![site("Site10"), site("b"), site("Site2"), site("A")],
        site_links: vec![link("L", &["Site2", "A", "Site10"])],
        ..Document::default()
    };
    let names = |order| {
        let organization = resolve(&document, order).expect("no problem");
        let names: Vec<_> = organization.sites().iter().map(|site| site.name.to_string()).collect();
        let joined = organization.site_links()[SiteLinkIdx::from_usize(0)].sites.clone();
        assert!(
            joined.windows(2).all(|pair| pair[0] < pair[1]),
            "sites of a link ascend"
        );
        names
    };
    assert_eq!(names(NameOrder::IgnoreCase), ["A", "b", "Site10", "Site2"]);
    assert_eq!(names(NameOrder::Ordinal), ["A", "Site10", "Site2", "b"]);
    assert_eq!(names(NameOrder::Natural), ["A", "b", "Site2", "Site10"]);
}

#[test]
fn what_exchange_does_not_honour_is_no_problem() {
    let document = Document {
        sites: vec![site("A")],
        site_links: vec![link("none", &[]), link("one", &["A"])],
        servers: vec![
            ServerEntry {
                routing_group: leaf("dwbgzmfd01qnbjr"),
                ..server("LEG-IN-2007", Version::Exchange2003)
            },
            ServerEntry {
                routing_group: leaf("RG"),
                ..server("NEW-IN-RG", Version::Exchange2010Sp1)
            },
            ServerEntry {
                site: leaf("A"),
                ..server("LEG-IN-SITE", Version::Exchange2000)
            },
            server("NOWHERE", Version::Exchange2016),
        ],
        routing_groups: vec![RoutingGroupEntry {
            master: leaf("NOWHERE"),
            ..group("RG")
        }],
        routing_group_connectors: vec![
            RoutingGroupConnectorEntry {
                cost: Some(u32::MAX.into()),
                ..group_connector("C", "RG", "Exchange Routing Group (DWBGZMFD01QNBJR)")
            },
            group_connector("to itself", "RG", "rg"),
        ],
        connectors: vec![connector("without servers", ConnectorKind::Send)],
        ..Document::default()
    };
    let organization = organization(&document);
    let homes: Vec<_> = organization.servers().iter().map(|server| server.home).collect();
    let group = RoutingGroupIdx::from_usize(0);
    let expect = [
        Home::Exchange2007Group,
        Home::Site(SiteIdx::from_usize(0)),
        Home::RoutingGroup(group),
        Home::None,
    ];
    assert_eq!(homes, expect);
    assert_eq!(
        organization.routing_group_connectors()[RoutingGroupConnectorIdx::from_usize(0)].to,
        GroupRef::Exchange2007
    );
}

#[test]
fn routing_groups_and_their_connectors() {
    let document = Document {
        sites: vec![site("A")],
        servers: vec![ServerEntry {
            site: leaf("A"),
            routing_group: leaf("HKG"),
            ..server("S", Version::Exchange2003)
        }],
        routing_groups: vec![group("HKG"), group("DWBGZMFD01QNBJR")],
        routing_group_connectors: vec![
            RoutingGroupConnectorEntry {
                cost: Some(0.into()),
                ..group_connector("C", "HKG", "DWBGZMFD01QNBJ")
            },
            RoutingGroupConnectorEntry {
                name: leaf("D"),
                ..RoutingGroupConnectorEntry::default()
            },
        ],
        connectors: vec![connector("c", ConnectorKind::LegacySmtp)],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "connectors[0].name: duplicate connector \"c\" (connectors and routing-group connectors share one namespace)",
            "servers[0].routing_group: a server is in a site or in a routing group, not in both (2007 and later servers have a site, 2003 and earlier ones a routing group; leave out the other)",
            "routing_groups[1].name: \"DWBGZMFD01QNBJR\" is the routing group of 2007 and later servers (leave it out: it is implicit, and `routing_groups` lists legacy groups only)",
            "routing_group_connectors[0].to: unknown routing group \"DWBGZMFD01QNBJ\" (did you mean \"DWBGZMFD01QNBJR\"?)",
            "routing_group_connectors[0].cost: `cost` 0 is out of range (it has to be from 1 to 4294967295)",
            "routing_group_connectors[1].from: missing required field `from`",
            "routing_group_connectors[1].to: missing required field `to`",
        ]
    );
}

#[test]
fn masters_and_the_group_of_a_legacy_connector() {
    let in_group = |name, group| ServerEntry {
        routing_group: leaf(group),
        fqdn: leaf(&format!("{name}.contoso.example")),
        ..server(name, Version::Exchange2003)
    };
    let master = |name, server| RoutingGroupEntry {
        master: leaf(server),
        ..group(name)
    };
    let document = Document {
        servers: vec![
            in_group("S2", "B"),
            in_group("S1", "A"),
            server("S0", Version::Exchange2003),
        ],
        routing_groups: vec![group("A"), master("B", ""), master("C", "s2.CONTOSO.example")],
        connectors: vec![
            ConnectorEntry {
                source_servers: leaves(&["S2", "S1", "S0"]),
                ..connector("derived", ConnectorKind::LegacySmtp)
            },
            ConnectorEntry {
                source_servers: leaves(&["S1"]),
                routing_group: leaf("B"),
                ..connector("given", ConnectorKind::LegacyX400)
            },
            ConnectorEntry {
                source_servers: leaves(&["S1"]),
                ..connector("of sites", ConnectorKind::Send)
            },
        ],
        ..Document::default()
    };
    let organization = organization(&document);
    let masters: Vec<_> = organization.routing_groups().iter().map(|group| group.master).collect();
    let s2 = organization
        .server_by_name(&crate::model::Name::new("S2"))
        .expect("there is one");
    assert_eq!(masters, [Master::FirstServer, Master::Nobody, Master::Server(s2)]);
    let groups: Vec<_> = organization
        .connectors()
        .iter()
        .map(|connector| connector.routing_group)
        .collect();
    let (a, b) = (RoutingGroupIdx::from_usize(0), RoutingGroupIdx::from_usize(1));
    assert_eq!(groups, [Some(a), Some(b), None]);
}

#[test]
fn malformed_spaces_and_schedules_are_corrected() {
    let document = Document {
        connectors: vec![ConnectorEntry {
            address_spaces: leaves(&["SMTP:*contoso.com;5", "X400:c=us;a=x", "contoso.com;101"]),
            restrictions: Some(RestrictionsEntry {
                schedule: Some(ScheduleText::Windows(leaves(&["Mon 18:00-08:00"])).into()),
                denied_senders: leaves(&[""]),
                ..RestrictionsEntry::default()
            }),
            ..connector("C", ConnectorKind::LegacySmtp)
        }],
        accepted_domains: vec![AcceptedDomainEntry {
            domain: leaf("*contoso.com"),
            ..AcceptedDomainEntry::default()
        }],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "connectors[0].address_spaces[0]: malformed address space \"SMTP:*contoso.com;5\": an SMTP space is `*`, `*.domain`, `domain` or `--` (did you mean \"SMTP:*.contoso.com;5\"?)",
            "connectors[0].address_spaces[1]: malformed address space \"X400:c=us;a=x\": a value that holds `;` has to end in `;COST` (did you mean \"X400:c=us;a=x;1\"?)",
            "connectors[0].address_spaces[2]: malformed address space \"contoso.com;101\": the cost `101` is no number from 1 to 100",
            "connectors[0].restrictions.denied_senders[0]: an address that is empty",
            "connectors[0].restrictions.schedule[0]: malformed schedule window \"Mon 18:00-08:00\" (write a day and two times, the first the earlier: \"Mon 08:00-18:00\")",
            "accepted_domains[0].kind: missing required field `kind`",
            "accepted_domains[0].domain: malformed domain \"*contoso.com\" (did you mean \"*.contoso.com\"?)",
        ]
    );
}

fn dag(name: &str, servers: &[&str]) -> DagEntry {
    DagEntry {
        name: leaf(name),
        servers: leaves(servers),
        ..DagEntry::default()
    }
}

fn member(name: &str, dag: Option<&str>) -> ServerEntry {
    ServerEntry {
        dag: dag.and_then(leaf),
        ..server(name, Version::Exchange2016)
    }
}

#[test]
fn dag_membership_is_told_by_either_side() {
    let document = Document {
        servers: vec![member("S1", None), member("S2", Some("D1")), member("S3", Some("D2"))],
        dags: vec![dag("D1", &["S2", "S1"]), dag("D2", &[])],
        databases: vec![DatabaseEntry {
            name: leaf("DB"),
            dag: leaf("D1"),
            active_on: leaf("S2"),
            ..DatabaseEntry::default()
        }],
        ..Document::default()
    };
    let organization = organization(&document);
    let members: Vec<_> = organization.dags().iter().map(|dag| dag.servers.len()).collect();
    assert_eq!(members, [2, 1]);
    let database = &organization.databases()[DatabaseIdx::from_usize(0)];
    assert_eq!(database.home, DatabaseHome::Dag(DagIdx::from_usize(0)));
}

#[test]
fn dags_and_databases_that_contradict_themselves() {
    let copy = |server| DatabaseCopyEntry {
        server: leaf(server),
        ..DatabaseCopyEntry::default()
    };
    let document = Document {
        servers: vec![member("S1", Some("D2")), member("S2", None), member("S3", Some("D2"))],
        dags: vec![dag("D1", &["S1", "S2"]), dag("D2", &["S2"])],
        databases: vec![
            DatabaseEntry {
                name: leaf("DB1"),
                dag: leaf("D1"),
                copies: vec![copy("S2"), copy("s2"), copy("S3")],
                active_on: leaf("S3"),
                ..DatabaseEntry::default()
            },
            DatabaseEntry {
                name: leaf("DB2"),
                ..DatabaseEntry::default()
            },
        ],
        mailboxes: vec![MailboxEntry {
            address: leaf("a@contoso.example"),
            database: leaf("DB1"),
            server: leaf("S1"),
            ..MailboxEntry::default()
        }],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "dags[1].servers[0]: server \"S2\" is a member of two DAGs",
            "servers[0].dag: server \"S1\" is a member of \"D1\" (the field `dag` of a server and the `servers` of DAGs have to agree)",
            "servers[2].dag: DAG \"D2\" does not list \"S3\" (list it there too, or leave out one of the two)",
            "databases[0].copies[1].server: server \"S2\" is listed twice",
            "databases[0].copies[2].server: server \"S3\" is no member of DAG \"D1\"",
            "databases[0].active_on: server \"S3\" is no member of DAG \"D1\"",
            "databases[1]: either `dag` or `server` is required",
            "mailboxes[0].server: `database` and `server` exclude each other",
        ]
    );
}

fn edge(name: &str) -> ServerEntry {
    ServerEntry {
        roles: vec![Role::EdgeTransport.into()],
        ..server(name, Version::Exchange2010Sp3)
    }
}

fn subscription(edge: &str, site: &str) -> EdgeSubscriptionEntry {
    EdgeSubscriptionEntry {
        edge: leaf(edge),
        site: leaf(site),
        ..EdgeSubscriptionEntry::default()
    }
}

#[test]
fn subscriptions_imply_connectors_that_edges_of_a_site_share() {
    let document = Document {
        sites: vec![site("Perimeter"), site("Oslo")],
        servers: vec![edge("E2"), edge("E1"), edge("E3")],
        edge_subscriptions: vec![
            subscription("E2", "perimeter"),
            EdgeSubscriptionEntry {
                create_inbound_connector: Some(false.into()),
                ..subscription("E1", "Perimeter")
            },
            subscription("E3", "Oslo"),
        ],
        connectors: vec![ConnectorEntry {
            enabled: Some(false.into()),
            ..connector("edgesync - oslo to internet", ConnectorKind::Send)
        }],
        ..Document::default()
    };
    let organization = organization(&document);
    let seen: Vec<_> = organization
        .connectors()
        .iter()
        .map(|connector| {
            let spaces: Vec<_> = connector.address_spaces.iter().map(ToString::to_string).collect();
            format!(
                "{}: {} from {:?}",
                connector.name,
                spaces.join(" "),
                connector.source_servers
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "EdgeSync - Inbound to Oslo: SMTP:--;1 from [ServerIdx(2)]",
            "EdgeSync - Inbound to Perimeter: SMTP:--;1 from [ServerIdx(1)]",
            "edgesync - oslo to internet:  from []",
            "EdgeSync - Perimeter to Internet: SMTP:*;100 from [ServerIdx(0), ServerIdx(1)]",
        ]
    );
}

#[test]
fn subscriptions_need_an_edge_server_and_are_single() {
    let document = Document {
        sites: vec![site("A"), site("B")],
        servers: vec![edge("E"), server("HUB", Version::Exchange2010Sp3)],
        edge_subscriptions: vec![subscription("E", "A"), subscription("e", "B"), subscription("HUB", "A")],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "edge_subscriptions[1].edge: Edge server \"E\" is subscribed twice (an Edge server belongs to one site)",
            "edge_subscriptions[2].edge: server \"HUB\" is no Edge server (an Edge server is a 2007 or later one with `roles: [EdgeTransport]`)",
        ]
    );
}

#[test]
fn settings_stay_in_their_ranges() {
    let receive = |name| ReceiveConnectorEntry {
        name: leaf(name),
        server: leaf("S"),
        ..ReceiveConnectorEntry::default()
    };
    let ignore = |until| LintIgnoreEntry {
        code: leaf("RT001"),
        reason: leaf("known"),
        until: leaf(until),
        ..LintIgnoreEntry::default()
    };
    let document = Document {
        servers: vec![server("S", Version::Exchange2010Sp1)],
        receive_connectors: vec![
            ReceiveConnectorEntry {
                max_hop_count: Some(501.into()),
                max_local_hop_count: Some(51.into()),
                ..receive("Default")
            },
            receive("DEFAULT"),
        ],
        transport_config: Some(TransportConfigEntry {
            shadow_heartbeat_retry_count: Some(16.into()),
            shadow_message_auto_discard_interval: lasting(4),
            max_dumpster_size_per_database: Some(crate::model::SizeLimit::Unlimited.into()),
            shadow_message_preference_setting: leaf("LocalOnl"),
            ..TransportConfigEntry::default()
        }),
        lint_ignores: vec![
            ignore("2028-02-29"),
            ignore("2027-02-29"),
            ignore("2027-2-1"),
            ignore("soon"),
        ],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "receive_connectors[0].max_hop_count: `max_hop_count` 501 is out of range (it has to be from 1 to 500)",
            "receive_connectors[0].max_local_hop_count: `max_local_hop_count` 51 is out of range (it has to be from 0 to 50)",
            "receive_connectors[1].name: duplicate receive connector \"DEFAULT\" (names are compared without regard to case: \"Default\" is the same)",
            "transport_config.shadow_heartbeat_retry_count: `shadow_heartbeat_retry_count` 16 is out of range (it has to be from 1 to 15)",
            "transport_config.shadow_message_auto_discard_interval: `shadow_message_auto_discard_interval` is out of range (it has to be from 5s to 90d)",
            "transport_config.max_dumpster_size_per_database: `max_dumpster_size_per_database` cannot be unlimited",
            "transport_config.shadow_message_preference_setting: unknown preference \"LocalOnl\" (did you mean \"LocalOnly\"?)",
            "lint_ignores[1].until: \"2027-02-29\" is no date (write year, month and day: \"2026-01-31\")",
            "lint_ignores[2].until: \"2027-2-1\" is no date (write year, month and day: \"2026-01-31\")",
            "lint_ignores[3].until: \"soon\" is no date (write year, month and day: \"2026-01-31\")",
        ]
    );
}

#[test]
fn addresses_are_unique_by_type_and_case() {
    let mailbox = |address| MailboxEntry {
        address: leaf(address),
        server: leaf("S"),
        ..MailboxEntry::default()
    };
    let document = Document {
        servers: vec![server("S", Version::Exchange2003)],
        mailboxes: vec![mailbox("b@x"), mailbox("SMTP:B@X"), mailbox("FAX:b@x"), mailbox("")],
        ..Document::default()
    };
    assert_eq!(
        problems(&document),
        [
            "mailboxes[1].address: duplicate mailbox \"B@X\"",
            "mailboxes[3].address: an address that is empty",
        ]
    );
}
