//! What a good scenario becomes.

use super::*;

const GOOD: &str = r#"(
    format: "bridgehead.scenario/1",
    topology: "org.ron",
    settings: (start: "Mon 08:00", until: "3d", transmission_time: "250ms", queue_glitch_retry_count: 2,
        transient_failure_retry_interval: "00:07:00", sender_retry_interval: "1ms"),
    peers: [(name: "out"), (name: "Near", shadow: true, ack_timeout: "10min")],
    delays: [(from: "out", to: "site:Twin", delay: "2s"), (from: "HUB1", to: "peer:NEAR", delay: "0s")],
    messages: [
        (id: "z", at: "1min", from: "ann@contoso.example", to: ["all@contoso.example", "X400:c=us"]),
        (id: "b", at: "1min", from: "x@out.example", to: ["ann@contoso.example"], size: "10KB", priority: High,
         message_type: System, journal: true, entry: (peer: "OUT", server: "EDGE")),
        (id: "a", at: "2min", from: "app@contoso.example", to: ["bob@contoso.example"],
         entry: (client: Smtp, server: "OLD")),
        (id: "c", at: "59999ms", from: "ann@contoso.example", to: ["bob@contoso.example"],
         entry: (client: Um, server: "hub1.contoso.example", receive_connector: "default")),
        (id: "d", at: "2min", from: "bob@contoso.example", to: ["ann@contoso.example"], entry: (client: Mapi)),
    ],
    events: [
        (at: "2h", kind: ServerDown, target: "HUB2"),
        (at: "1h", kind: ServerUp, target: "server:HUB1", database: New),
        (at: "1h", kind: ServerUp, target: "HUB1"),
        (at: "1h", kind: Destroy, target: "HUB1"),
        (at: "1h", kind: Pause, target: "HUB1"),
        (at: "1h", kind: NetworkCut, target: "A"),
        (at: "1h", kind: NetworkCut, target: "HUB1", other: "peer:Near"),
        (at: "1h", kind: NetworkCut, target: "HUB1", other: "B", one_way: true),
        (at: "1h", kind: NetworkRestore, target: "link:Twin"),
        (at: "1h", kind: ConnectorDown, target: "EdgeSync - A to Internet"),
        (at: "1h", kind: ConnectorUp, target: "connector:to g"),
        (at: "1h", kind: Dismount, target: "DB"),
        (at: "1h", kind: Mount, target: "database:db"),
        (at: "1h", kind: Failover, target: "DB"),
        (at: "1h", kind: Failover, target: "DB", to: "HUB2", lost_log: "5s"),
        (at: "1h", kind: Configuration, target: "Internet", enabled: false, source_servers: [], max_message_size: "1MB",
         smart_hosts: []),
        (at: "1h", kind: Configuration, target: "To G", cost: 4294967295, source_servers: ["HUB2", "HUB1"],
         max_message_size: "unlimited"),
        (at: "1h", kind: Configuration, target: "A-B", cost: 99999, exchange_cost: None, max_message_size: 0),
        (at: "1h", kind: Configuration, target: "link:twin", exchange_cost: 2147483647),
        (at: "1h", kind: Configuration, target: "site:Twin", hub_site: true),
        (at: "1h", kind: Redirect, target: "HUB1"),
        (at: "1h", kind: Redirect, target: "HUB1", to: "HUB2"),
        (at: "1h", kind: GroupChange, target: "ALL@contoso.example", add: ["new@contoso.example"],
         remove: ["ann@contoso.example"]),
        (at: "1h", kind: SessionCut, target: "HUB1"),
        (at: "3d", kind: SessionCut, target: "out", other: "EDGE"),
    ],
    expect: [
        (message: "Z", recipient: "bob@contoso.example", fate: delivered, before: "3d", after: "1min", copies: 1),
        (message: "z", recipient: "new@contoso.example", queued_at: "HUB1"),
        (message: "a", fate: rejected_451),
    ],
)"#;

#[test]
fn every_record_becomes_what_it_says() {
    let (org, scenario) = good(GOOD);
    let address = Address::parse;
    let hour = SimTime::from_secs(3600);
    let server = |name: &str| org.server_by_name(&Name::new(name)).expect("a server");
    let site = |name: &str| {
        org.sites()
            .position(|site| site.name == Name::new(name))
            .expect("a site")
    };
    let link = |name: &str| {
        org.site_links()
            .position(|link| link.name == Name::new(name))
            .expect("a link")
    };
    let outside = |name: &str| {
        org.connectors()
            .position(|item| item.name == Name::new(name))
            .expect("a connector")
    };
    let database = org
        .databases()
        .position(|database| database.name == Name::new("DB"))
        .expect("a database");
    let to_g = org.routing_group_connectors().position(|_| true).expect("a connector");
    let names: Vec<&str> = scenario.peers.iter().map(|peer| peer.name.as_str()).collect();
    assert_eq!(names, ["Near", "out"]);
    let (near, out) = (PeerIdx::from(0), PeerIdx::from(1));
    assert_eq!(scenario.peers[near].ack_timeout, Some(Duration::from_secs(600)));
    assert!(scenario.peers[near].shadow && !scenario.peers[out].shadow);
    assert_eq!(
        scenario.settings,
        Settings {
            start: WeekMinute::parse("Mon 08:00"),
            until: Duration::from_secs(3 * 86_400),
            transmission_time: Duration::from_millis(250),
            queue_glitch_retry_count: 2,
            transient_failure_retry_interval: Some(Duration::from_secs(420)),
            sender_retry_interval: Duration::from_millis(1),
            ..Settings::default()
        }
    );
    let delay = |from, to, seconds| Delay {
        from,
        to,
        delay: Duration::from_secs(seconds),
    };
    assert_eq!(
        scenario.delays,
        [
            delay(Place::Server(server("HUB1")), Place::Peer(near), 0),
            delay(Place::Peer(out), Place::Site(site("Twin")), 2),
        ]
    );
    // By instant, then by id.
    let ids: Vec<(&str, u64)> = scenario
        .messages
        .iter()
        .map(|sent| (sent.id.as_str(), sent.at.ms()))
        .collect();
    assert_eq!(
        ids,
        [
            ("c", 59_999),
            ("b", 60_000),
            ("z", 60_000),
            ("a", 120_000),
            ("d", 120_000)
        ]
    );
    let entries: Vec<Entry> = scenario.messages.iter().map(|sent| sent.entry).collect();
    let mailbox = |text| org.mailbox(&address(text)).expect("a mailbox");
    let default = org
        .receive_connectors()
        .iter()
        .position(|connector| connector.name == Name::new("Default"));
    let client = |kind, name, receive_connector: Option<usize>| Entry::Client {
        kind,
        server: server(name),
        receive_connector: receive_connector.map(bridgehead::model::ReceiveConnectorIdx::from_usize),
    };
    let by_peer = Entry::Peer {
        peer: out,
        server: server("EDGE"),
        receive_connector: None,
    };
    assert_eq!(
        entries,
        [
            client(ClientKind::Um, "HUB1", default),
            by_peer,
            Entry::Mapi {
                mailbox: mailbox("ann@contoso.example")
            },
            client(ClientKind::Smtp, "OLD", None),
            Entry::Mapi {
                mailbox: mailbox("bob@contoso.example")
            },
        ]
    );
    let sent = &scenario.messages[MessageIdx::from(1)];
    assert_eq!(
        (sent.size, sent.priority, sent.message_type),
        (Some(10_240), Priority::High, MessageType::System)
    );
    assert!(sent.journal);
    let sent = &scenario.messages[MessageIdx::from(2)];
    assert_eq!(
        (sent.size, sent.priority, sent.message_type),
        (None, Priority::Normal, MessageType::NonSystem)
    );
    assert!(!sent.journal);
    assert_eq!(sent.to, [address("all@contoso.example"), address("X400:c=us")]);
    let hub = Place::Server(server("HUB1"));
    let expect = [
        What::ServerUp(server("HUB1"), TransportDatabase::New),
        What::ServerUp(server("HUB1"), TransportDatabase::Same),
        What::Destroy(server("HUB1")),
        What::Pause(server("HUB1")),
        What::NetworkCut(Cut::Off(Place::Site(site("A")))),
        What::NetworkCut(Cut::Between(hub, Place::Peer(near))),
        What::NetworkCut(Cut::OneWay(hub, Place::Site(site("B")))),
        What::NetworkRestore(Cut::SiteLink(link("Twin"))),
        What::ConnectorDown(ConnectorRef::External(outside("EdgeSync - A to Internet"))),
        What::ConnectorUp(ConnectorRef::RoutingGroup(to_g)),
        What::Dismount(database),
        What::Mount(database),
        What::Failover {
            database,
            to: None,
            lost_log: Duration::ZERO,
        },
        What::Failover {
            database,
            to: Some(server("HUB2")),
            lost_log: Duration::from_secs(5),
        },
        What::Configuration(vec![
            Edit::Enabled(outside("Internet"), false),
            Edit::ConnectorSources(outside("Internet"), vec![]),
            Edit::ConnectorSize(outside("Internet"), SizeLimit::Bytes(1 << 20)),
            Edit::SmartHosts(outside("Internet"), vec![]),
        ]),
        What::Configuration(vec![
            Edit::GroupConnectorCost(to_g, u32::MAX),
            Edit::GroupConnectorSources(to_g, vec![server("HUB1"), server("HUB2")]),
            Edit::GroupConnectorSize(to_g, SizeLimit::Unlimited),
        ]),
        What::Configuration(vec![
            Edit::SiteLinkCost(link("A-B"), 99_999),
            Edit::ExchangeCost(link("A-B"), None),
            Edit::SiteLinkSize(link("A-B"), SizeLimit::Bytes(0)),
        ]),
        What::Configuration(vec![Edit::ExchangeCost(link("Twin"), Some(2_147_483_647))]),
        What::Configuration(vec![Edit::HubSite(site("Twin"), true)]),
        What::Redirect {
            server: server("HUB1"),
            to: None,
        },
        What::Redirect {
            server: server("HUB1"),
            to: Some(server("HUB2")),
        },
        What::GroupChange {
            group: org.group(&address("all@contoso.example")).expect("a group"),
            add: vec![address("new@contoso.example")],
            remove: vec![address("ann@contoso.example")],
        },
        What::SessionCut {
            place: hub,
            other: None,
        },
        What::ServerDown(server("HUB2")),
        What::SessionCut {
            place: Place::Peer(out),
            other: Some(Place::Server(server("EDGE"))),
        },
    ];
    assert_eq!(
        scenario
            .events
            .iter()
            .map(|event| event.what.clone())
            .collect::<Vec<_>>(),
        expect
    );
    let times: Vec<SimTime> = scenario.events.iter().map(|event| event.at).collect();
    assert_eq!(times[..23], [hour; 23]);
    assert_eq!(times[23..], [SimTime::from_secs(7200), SimTime::from_secs(3 * 86_400)]);
    let expected: Vec<_> = scenario
        .expectations
        .iter()
        .map(|expected| (expected.message, expected.fate))
        .collect();
    let z = MessageIdx::from(2);
    assert_eq!(
        expected,
        [
            (z, Some(FateKind::Delivered)),
            (z, None),
            (3.into(), Some(FateKind::Rejected451))
        ]
    );
    let first = &scenario.expectations[0];
    assert_eq!(first.recipient, Some(address("bob@contoso.example")));
    assert_eq!(
        (first.before, first.after),
        (Some(SimTime::from_secs(3 * 86_400)), Some(SimTime::from_secs(60)))
    );
    assert_eq!((first.copies, first.queued_at), (Some(1), None));
    assert_eq!(scenario.expectations[1].queued_at, Some(server("HUB1")));
}

/// The scenario in JSON, by ron's own reader.
fn in_json(ron: &str) -> String {
    let (document, problems) =
        load::read_scenario(&Source::new("s", ron), Format::Ron, &Limits::default()).expect("it is read");
    assert_eq!(problems, []);
    serde_json::to_string_pretty(&document).expect("a scenario can be written")
}

#[test]
fn both_notations_and_both_places_of_the_topology_give_the_same() {
    let (org, scenario) = good(GOOD);
    let inline = GOOD.replace("\"org.ron\"", TOPOLOGY);
    let wrapped = GOOD.replace("\"org.ron\"", &format!("Some( {TOPOLOGY} )"));
    let some_path = GOOD.replace("\"org.ron\"", "Some(\"org.json\")");
    let schema = jsonschema::validator_for(&load::schema("scenario").expect("there is one")).expect("a valid schema");
    for (text, format) in [
        (inline.clone(), Format::Ron),
        (wrapped, Format::Ron),
        (some_path, Format::Ron),
        (in_json(&inline), Format::Json),
        (in_json(GOOD), Format::Json),
        (in_json(GOOD).replace("org.ron", "org.json"), Format::Json),
    ] {
        if format == Format::Json {
            let value = serde_json::from_str(&text).expect("it is JSON");
            assert!(
                schema.is_valid(&value),
                "{:?}",
                schema
                    .iter_errors(&value)
                    .map(|error| error.to_string())
                    .collect::<Vec<_>>()
            );
        }
        let (same_org, same) =
            read(&text, format).unwrap_or_else(|rejected| panic!("{}", told_in(&rejected).join("\n")));
        assert_eq!(same_org.servers().len(), org.servers().len());
        assert_eq!(without_places(same), without_places(scenario.clone()));
    }
    assert!(
        in_json(GOOD).contains("\"exchange_cost\": null"),
        "that there is none any more is said"
    );
}

fn without_places(mut scenario: Scenario) -> Scenario {
    use bridgehead::diagnostic::Span;
    scenario.peers.iter_mut().for_each(|item| item.span = Span::NONE);
    scenario.messages.iter_mut().for_each(|item| item.span = Span::NONE);
    scenario.events.iter_mut().for_each(|item| item.span = Span::NONE);
    scenario.expectations.iter_mut().for_each(|item| item.span = Span::NONE);
    scenario
}
