//! Scenario files: what is told of bad ones, and what a good one becomes.

use std::time::Duration;

use bridgehead::model::{
    Address, ClientKind, ConnectorRef, Cut, Delay, Edit, Entry, FateKind, MessageIdx, MessageType, Name, NameOrder,
    Organization, PeerIdx, Place, Priority, Scenario, ScenarioEventKind as What, Settings, SimTime, SizeLimit,
    TransportDatabase, WeekMinute,
};

use super::*;

const TOPOLOGY: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "Twin")],
    site_links: [(name: "A-B", sites: ["A", "B"]), (name: "Twin", sites: ["A", "Twin"])],
    servers: [
        (name: "HUB1", version: Exchange2010Sp3, site: "A", fqdn: "hub1.contoso.example"),
        (name: "HUB2", version: Exchange2010Sp3, site: "B"),
        (name: "EDGE", version: Exchange2010Sp3, roles: [EdgeTransport]),
        (name: "CAS", version: Exchange2010Sp3, site: "A", roles: [ClientAccess]),
        (name: "OLD", version: Exchange2003, routing_group: "G"),
    ],
    routing_groups: [(name: "G")],
    routing_group_connectors: [(name: "To G", from: "DWBGZMFD01QNBJR", to: "G", source_servers: ["HUB1"])],
    connectors: [(name: "Internet", kind: Send, source_servers: ["HUB1"], address_spaces: ["*"])],
    edge_subscriptions: [(edge: "EDGE", site: "A")],
    dags: [(name: "D", servers: ["HUB1", "HUB2"])],
    databases: [(name: "DB", dag: "D", copies: [(server: "HUB1"), (server: "HUB2")]), (name: "Alone", server: "HUB1")],
    mailboxes: [(address: "ann@contoso.example", database: "DB"), (address: "bob@contoso.example", server: "OLD")],
    groups: [
        (address: "all@contoso.example", members: ["ann@contoso.example", "inner@contoso.example"]),
        (address: "inner@contoso.example", members: ["all@contoso.example", "bob@contoso.example"]),
    ],
    receive_connectors: [(name: "Default", server: "HUB1"), (name: "Relay", server: "HUB2")],
)"#;

/// Reads a scenario; `org.ron` and `org.json` are the topology above, `bad.ron` is another one.
fn read(text: &str, format: Format) -> Result<(Organization, Scenario), Vec<Rejected>> {
    let source = Source::new("s", text);
    load::scenario(
        &source,
        format,
        &Limits::default(),
        NameOrder::default(),
        |path| match path {
            "org.ron" => Ok((Source::new(path, TOPOLOGY), Format::Ron)),
            "org.json" => Ok((Source::new(path, as_json(TOPOLOGY)), Format::Json)),
            "bad.ron" => Ok((
                Source::new(
                    path,
                    "(sites: [(name: \"A\")],\n servers: [(name: \"S\", version: Exchange2010Sp1, site: \"a b\")])",
                ),
                Format::Ron,
            )),
            _ => Err(load::fetch_file(Path::new(path), &Limits::default()).expect_err("there is no such file")),
        },
    )
}

/// The same topology in the other notation.
fn as_json(ron: &str) -> String {
    let document = load::read(&Source::new("t", ron), Format::Ron, &Limits::default()).expect("the topology is fine");
    load::to_json(&document)
}

#[track_caller]
fn good(text: &str) -> (Organization, Scenario) {
    read(text, Format::Ron).unwrap_or_else(|rejected| panic!("{}", told_in(&rejected).join("\n")))
}

/// What is told: `file:line:column path: message; help`.
fn told_in(rejected: &[Rejected]) -> Vec<String> {
    let mut lines = Vec::new();
    for Rejected { source, problems } in rejected {
        for problem in problems {
            let place = if problem.span.is_none() {
                source.name.clone()
            } else {
                let at = source.position(problem.span.start);
                format!("{}:{}:{}", source.name, at.line, at.column)
            };
            let help = problem.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
            lines.push(format!("{place} {}: {}{help}", problem.path, problem.message));
        }
    }
    lines
}

#[track_caller]
fn told(text: &str) -> Vec<String> {
    told_in(&read(text, Format::Ron).expect_err("the scenario is bad"))
}

/// What is told of one record in a collection, without its place.
#[track_caller]
fn told_of(collection: &str, record: &str) -> String {
    let text = format!(
        "(topology: \"org.ron\", peers: [(name: \"out\"), (name: \"A-B\")],\n \
         messages: [(id: \"m\", at: \"0s\", from: \"ann@contoso.example\", to: [\"all@contoso.example\"]), {}], {}: [{}])",
        if collection == "messages" { record } else { "" },
        if collection == "messages" { "delays" } else { collection },
        if collection == "messages" { "" } else { record },
    );
    let lines = told(&text);
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once(' ').map_or("", |(_, rest)| rest))
        .collect();
    lines.join(" | ")
}

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

#[test]
fn everything_wrong_is_told_at_once() {
    let text = r#"(
    topology: "org.ron",
    setings: (),
    settings: (until: "1h", start: "Mon 24:00", sender_retry_interval: "0s", queue_glitch_retry_count: -1),
    peers: [(), (name: "x"), (name: "X"), (name: "hub1"), (name: "", ack_timeout: "0s")],
    delays: [(from: "HUB1"), (from: "x", to: "nobody", delay: 5)],
    messages: [
        (id: "m", at: "2h", from: " ", to: []),
        (id: "M", from: "ann@contoso.example", to: ["bob@contoso.example", "BOB@contoso.example"], size: "unlimited"),
        (id: "o", at: "1h", from: "x@out.example", to: ["bob@contoso.example"]),
    ],
    events: [(), (at: "1h", kind: "ServerDwon", target: "HUB1"), (at: "1h", kind: "Pause", target: "HUB9", cost: 1)],
    expect: [(), (message: "nothing", fate: "Delivered"), (message: "o", recipient: "ann@contoso.example", copies: 1)],
)"#;
    assert_eq!(told(text).join("\n"), EXPECTED_AT_ONCE);
    let json = in_json_of_values(text);
    let in_json = read(&json, Format::Json).expect_err("it is as bad");
    let paths = |rejected: &[Rejected]| -> Vec<String> {
        rejected[0]
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect()
    };
    let mut of_json = paths(&in_json);
    let mut of_ron = paths(&read(text, Format::Ron).expect_err("it is bad"));
    of_json.sort();
    of_ron.sort();
    assert_eq!(of_json, of_ron);
}

/// A RON text without names of records and without comments as JSON.
fn in_json_of_values(text: &str) -> String {
    let value: ron::Value = ron::from_str(text).expect("it is RON");
    // A record without fields is a unit there.
    serde_json::to_string(&value)
        .expect("it can be written")
        .replace("null", "{}")
}

const EXPECTED_AT_ONCE: &str = r#"s:3:5 : unknown field "setings"; did you mean `settings`?
s:4:36 settings.start: "Mon 24:00" is not a minute of the week; write a day and a time: "Mon 08:00"
s:4:72 settings.sender_retry_interval: `sender_retry_interval` is no time at all; the shortest is "1ms"
s:4:104 settings.queue_glitch_retry_count: expected a whole number, found -1; it has to be from 0 to 4294967295
s:5:13 peers[0].name: missing required field `name`
s:5:37 peers[2].name: duplicate peer "X"; names are compared without regard to case: "x" is the same
s:5:50 peers[3].name: "hub1" is a server of the topology; a peer is outside the organization: give it another name
s:5:66 peers[4].name: a peer needs a name that is not empty
s:5:83 peers[4].ack_timeout: `ack_timeout` is no time at all; the shortest is "1ms"
s:6:14 delays[0].to: missing required field `to`
s:6:14 delays[0].delay: missing required field `delay`
s:6:21 delays[0].from: more than one thing is called "HUB1"; write "server:HUB1" or "peer:HUB1"
s:6:46 delays[1].to: unknown server, site or peer "nobody"; it has to be `server:NAME`, `site:NAME` or `peer:NAME`
s:6:63 delays[1].delay: expected a length of time, found 5; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss"
s:8:9 messages[0].to: missing required field `to`
s:8:23 messages[0].at: 2h is after the end of the simulation; it ends after 1h; `until` in `settings` changes that
s:8:35 messages[0].from: an address that is empty
s:9:9 messages[1].at: missing required field `at`
s:9:14 messages[1].id: duplicate message "M"; names are compared without regard to case: "m" is the same
s:9:76 messages[1].to[1]: "BOB@contoso.example" is listed twice; remove one of the two
s:9:106 messages[1].size: the size of a message can't be unlimited; leave it out for a message that is smaller than every limit
s:10:35 messages[2].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program
s:12:14 events[0].at: missing required field `at`
s:12:14 events[0].kind: missing required field `kind`
s:12:35 events[1].kind: unknown kind of event "ServerDwon"; did you mean ServerDown? it is one of ServerDown, ServerUp, Destroy, Pause, NetworkCut, NetworkRestore, ConnectorDown, ConnectorUp, Dismount, Mount, Failover, Configuration, Redirect, GroupChange, SessionCut
s:12:100 events[2].target: unknown server "HUB9"; did you mean "HUB1"?
s:12:114 events[2].cost: `cost` does not belong to Pause; Pause takes `at`, `kind` and `target`
s:13:14 expect[0].message: missing required field `message`
s:13:14 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`
s:13:28 expect[1].message: unknown message "nothing"
s:13:45 expect[1].fate: unknown fate "Delivered"; did you mean delivered? it is one of delivered, delivered_outside, duplicate, suppressed_duplicate, queued, unreachable, ndr, expired, rejected_451, lost
s:13:85 expect[2].recipient: message "o" is not for "ann@contoso.example"; name one of its recipients, or a member of a group among them"#;

#[test]
fn fields_and_references_of_events() {
    for (record, expect) in [
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB1", cost: 1)"#,
            "events[0].cost: `cost` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB1", exchange_cost: None, add: [])"#,
            "events[0].exchange_cost: `exchange_cost` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target` | events[0].add: `add` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown)"#,
            "events[0].target: missing required field `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "A")"#,
            r#"events[0].target: unknown server "A"; it has to be the name of a server, and "A" is a site"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "out")"#,
            r#"events[0].target: unknown server "out"; it has to be the name of a server, and "out" is a peer"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB3")"#,
            r#"events[0].target: unknown server "HUB3"; did you mean "HUB1"?"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "link:A-B")"#,
            "events[0].target: a site link can't stand here; it has to be the name of a server",
        ),
        (
            r#"(at: "0s", kind: ServerUp, target: "HUB1", database: "DB")"#,
            r#"events[0].database: unknown queue database "DB"; it is one of Same, New"#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "Twin")"#,
            r#"events[0].target: more than one thing is called "Twin"; write "site:Twin" or "link:Twin""#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "A-B")"#,
            r#"events[0].target: more than one thing is called "A-B"; write "peer:A-B" or "link:A-B""#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "nowhere", other: "link:A-B")"#,
            r#"events[0].target: unknown server, site, peer or site link "nowhere"; it has to be `server:NAME`, `site:NAME`, `peer:NAME` or `link:NAME` | events[0].other: a site link can't stand here; it has to be `server:NAME`, `site:NAME` or `peer:NAME`"#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "link:A-B", other: "HUB1", one_way: false)"#,
            "events[0].other: `other` does not belong to a site link; a site link is cut as a whole: leave it out | events[0].one_way: `one_way` does not belong to a site link; a site link is cut as a whole: leave it out",
        ),
        (
            r#"(at: "0s", kind: NetworkRestore, target: "A", one_way: true)"#,
            "events[0].one_way: `one_way` without `other`; name the other end in `other`: mail from `target` to it is cut",
        ),
        (
            r#"(at: "0s", kind: NetworkRestore, target: "A", other: "site:a")"#,
            "events[0].other: both ends are the same; name another one in `other`, or leave it out for everybody else",
        ),
        (
            r#"(at: "0s", kind: SessionCut, target: "site:A", other: "Out")"#,
            "events[0].target: a site can't stand here; it has to be `server:NAME` or `peer:NAME`",
        ),
        (
            r#"(at: "0s", kind: SessionCut, target: "HUB1", other: "hub1.contoso.example")"#,
            "events[0].other: both ends are the same; name another one in `other`, or leave it out for everybody else",
        ),
        (
            r#"(at: "0s", kind: ConnectorDown, target: "Internett")"#,
            r#"events[0].target: unknown connector "Internett"; did you mean "Internet"?"#,
        ),
        (
            r#"(at: "0s", kind: Dismount, target: "HUB1")"#,
            r#"events[0].target: unknown database "HUB1"; it has to be the name of a database, and "HUB1" is a server"#,
        ),
        (
            r#"(at: "0s", kind: Failover, target: "DB", to: "EDGE", lost_log: "1 day")"#,
            r#"events[0].to: server "EDGE" has no copy of this database; name a server of its `copies`, or leave it out | events[0].lost_log: "1 day" is not a length of time; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
        (
            r#"(at: "0s", kind: Failover, target: "Alone", to: "HUB2")"#,
            r#"events[0].to: server "HUB2" has no copy of this database; name a server of its `copies`, or leave it out"#,
        ),
        (
            r#"(at: "0s", kind: Redirect, target: "HUB1", to: "HUB1")"#,
            "events[0].to: a server can't take over its own queues; name another server, or leave it out",
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example")"#,
            "events[0]: this changes nothing; give addresses in `add` or in `remove`",
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "al@contoso.example", add: ["x", "X"], remove: [" "])"#,
            r#"events[0].target: unknown group "al@contoso.example"; did you mean "all@contoso.example"? | events[0].add[1]: "X" is listed twice; remove one of the two | events[0].remove[0]: an address that is empty"#,
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example", remove: ["bob@contoso.example"])"#,
            r#"events[0].remove[0]: "bob@contoso.example" is never a member of "all@contoso.example"; remove a member of the group, or one that an event adds"#,
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example", add: "x")"#,
            r#"events[0].add: expected a list of strings, found the string "x"; write it in brackets: `[ … ]`"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Internet")"#,
            "events[0]: this changes nothing; give at least one of `enabled`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Internet", cost: 1, hub_site: true)"#,
            "events[0].cost: `cost` does not belong to a connector to the outside; a connector to the outside takes `enabled`, `source_servers`, `max_message_size` and `smart_hosts` | events[0].hub_site: `hub_site` does not belong to a connector to the outside; a connector to the outside takes `enabled`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", cost: 0, enabled: false)"#,
            "events[0].cost: `cost` 0 is out of range; it has to be from 1 to 4294967295 | events[0].enabled: `enabled` does not belong to a routing-group connector; a routing-group connector takes `cost`, `source_servers` and `max_message_size`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", cost: "5")"#,
            r#"events[0].cost: expected a whole number, found the string "5"; write 5 without quotes"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "link:A-B", cost: 100000, exchange_cost: 2147483648)"#,
            "events[0].cost: `cost` 100000 is out of range; it has to be from 1 to 99999 | events[0].exchange_cost: `exchange_cost` 2147483648 is out of range; it has to be from 1 to 2147483647",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "A-B", exchange_cost: 0, max_message_size: -1)"#,
            r#"events[0].exchange_cost: `exchange_cost` 0 is out of range; it has to be from 1 to 2147483647 | events[0].max_message_size: expected a size, found -1; a size is a number of bytes, a text such as "10MB" (B, KB, MB or GB), or "unlimited""#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "A", hub_site: true, to: "HUB1")"#,
            "events[0].to: `to` does not belong to Configuration; Configuration takes `at`, `kind`, `target`, `enabled`, `cost`, `exchange_cost`, `hub_site`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Twin", hub_site: true)"#,
            r#"events[0].target: more than one thing is called "Twin"; write "link:Twin" or "site:Twin""#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "HUB1", enabled: true)"#,
            r#"events[0].target: unknown connector, site link or site "HUB1"; it has to be `connector:NAME`, `link:NAME` or `site:NAME`, and "HUB1" is a server"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", source_servers: ["HUB1", "HUB9", "hub1"])"#,
            r#"events[0].source_servers[1]: unknown server "HUB9"; did you mean "HUB1"? | events[0].source_servers[2]: server "HUB1" is listed twice"#,
        ),
        (
            r#"(at: "20d", kind: Pause, target: "HUB1")"#,
            "events[0].at: 20d is after the end of the simulation; it ends after 14d; `until` in `settings` changes that",
        ),
        (
            r#"(at: "-1s", kind: Pause, target: "HUB1")"#,
            r#"events[0].at: "-1s" is not a length of time; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
        (
            r#"(at: 5, kind: Pause, target: "HUB1")"#,
            r#"events[0].at: expected a length of time, found 5; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
    ] {
        assert_eq!(told_of("events", record), expect, "{record}");
    }
}

#[test]
fn how_messages_enter() {
    for (fields, expect) in [
        (
            r#"entry: ()"#,
            "messages[1].entry: either `client` or `peer` is required; write `client: Mapi`, `client: Smtp`, `client: Um` or `peer: NAME`",
        ),
        (
            r#"entry: (client: Smtp)"#,
            "messages[1].entry.server: missing required field `server`",
        ),
        (
            r#"entry: (client: Smtp, peer: "out", server: "HUB1")"#,
            "messages[1].entry.peer: `client` and `peer` exclude each other; leave out one of the two",
        ),
        (
            r#"entry: (client: Imap)"#,
            r#"messages[1].entry.client: unknown client "Imap"; it is one of Mapi, Smtp, Um"#,
        ),
        (
            r#"entry: (client: Mapi, server: "HUB1", receive_connector: "Default")"#,
            r#"messages[1].entry.client: "x@out.example" has no mailbox in the topology; write `client: Smtp` and `server`, or add the mailbox | messages[1].entry.server: `server` does not belong to Mapi; such mail leaves the Outbox of the sender's mailbox: leave it out | messages[1].entry.receive_connector: `receive_connector` does not belong to Mapi; such mail leaves the Outbox of the sender's mailbox: leave it out"#,
        ),
        (
            r#"entry: (client: Mapi)"#,
            r#"messages[1].entry.client: "x@out.example" has no mailbox in the topology; write `client: Smtp` and `server`, or add the mailbox"#,
        ),
        (
            r#"entry: (client: Smtp, server: "CAS")"#,
            r#"messages[1].entry.server: server "CAS" does not take such mail; it has to be a transport server or a legacy one"#,
        ),
        (
            r#"entry: (client: Smtp, server: "EDGE")"#,
            r#"messages[1].entry.server: server "EDGE" does not take such mail; it has to be a transport server or a legacy one"#,
        ),
        (
            r#"entry: (client: Um, server: "OLD")"#,
            r#"messages[1].entry.server: server "OLD" does not take such mail; it has to be a transport server"#,
        ),
        (
            r#"entry: (peer: "out", server: "CAS")"#,
            r#"messages[1].entry.server: server "CAS" does not take such mail; it has to be a transport server, an Edge server or a legacy one"#,
        ),
        (
            r#"entry: (peer: "HUB1", server: "out")"#,
            r#"messages[1].entry.peer: unknown peer "HUB1"; it has to be the name of a peer, and "HUB1" is a server | messages[1].entry.server: unknown server "out"; it has to be the name of a server, and "out" is a peer"#,
        ),
        (
            r#"entry: (peer: "out")"#,
            "messages[1].entry.server: missing required field `server`",
        ),
        (
            r#"entry: (peer: "site:A", server: "HUB1")"#,
            "messages[1].entry.peer: a site can't stand here; it has to be the name of a peer",
        ),
        (
            r#"entry: (peer: "out", server: "HUB1", receive_connector: "Relay")"#,
            r#"messages[1].entry.receive_connector: server "HUB1" has no Receive connector "Relay"; leave it out for the defaults of the server"#,
        ),
        (
            r#"entry: (peer: "out", server: "HUB1", receive_connector: "Defalt")"#,
            r#"messages[1].entry.receive_connector: server "HUB1" has no Receive connector "Defalt"; did you mean "Default"?"#,
        ),
        (
            r#"priority: Urgent, message_type: Nothing, journal: 1"#,
            r#"messages[1].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program | messages[1].priority: unknown priority "Urgent"; it is one of Low, Normal, High | messages[1].message_type: unknown message type "Nothing"; it is one of System, NonSystem | messages[1].journal: expected true or false, found 1"#,
        ),
        (
            r#"size: "10M""#,
            r#"messages[1].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program | messages[1].size: "10M" is not a size; a size is a number of bytes, a text such as "10MB" (B, KB, MB or GB), or "unlimited""#,
        ),
    ] {
        let record = format!(r#"(id: "n", at: "0s", from: "x@out.example", to: ["y@out.example"], {fields})"#);
        assert_eq!(told_of("messages", &record), expect, "{fields}");
    }
}

#[test]
fn peers_delays_and_expectations() {
    for (collection, record, expect) in [
        (
            "delays",
            r#"(from: "out", to: "A-B", delay: "1s")"#,
            "delays[0]: a delay between two peers; mail between systems outside is not simulated: leave it out",
        ),
        (
            "delays",
            r#"(from: "HUB1", to: "A", delay: "1s"), (from: "hub1", to: "site:A", delay: "2s")"#,
            "delays[1]: the delay between these two is given twice; remove one of the two",
        ),
        (
            "delays",
            r#"(from: "HUB1", to: "Twin", delay: "1s"), (from: "link:Twin", to: "A", delay: "2s")"#,
            "delays[1].from: a site link can't stand here; it has to be `server:NAME`, `site:NAME` or `peer:NAME`",
        ),
        (
            "expect",
            r#"(message: "M")"#,
            "expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
        ),
        (
            "expect",
            r#"(message: "m", fate: lost, before: "1s", after: "1s")"#,
            "expect[0].before: no instant is before this and not before `after`; `before` has to be the later of the two",
        ),
        (
            "expect",
            r#"(message: "m", fate: los)"#,
            r#"expect[0].fate: unknown fate "los"; did you mean lost? it is one of delivered, delivered_outside, duplicate, suppressed_duplicate, queued, unreachable, ndr, expired, rejected_451, lost"#,
        ),
        (
            "expect",
            r#"(message: "m", recipient: "x@out.example", copies: -1)"#,
            r#"expect[0].recipient: message "m" is not for "x@out.example"; name one of its recipients, or a member of a group among them | expect[0].copies: expected a whole number, found -1; it has to be from 0 to 4294967295"#,
        ),
        (
            "expect",
            r#"(message: "m", recipient: "", copies: 1)"#,
            "expect[0].recipient: an address that is empty",
        ),
        (
            "expect",
            r#"(message: "m", before: "15d", queued_at: "A")"#,
            r#"expect[0].before: 15d is after the end of the simulation; it ends after 14d; `until` in `settings` changes that | expect[0].queued_at: unknown server "A"; it has to be the name of a server, and "A" is a site"#,
        ),
    ] {
        assert_eq!(told_of(collection, record), expect, "{record}");
    }
}

#[test]
fn where_the_topology_is() {
    for (text, expect) in [
        (
            "()",
            &[
                "s:1:1 topology: missing required field `topology`; write the path of a topology file, or the topology itself",
            ][..],
        ),
        (
            "(topology: 5)",
            &["s:1:12 topology: expected a string, found 5; write it in double quotes"][..],
        ),
        (
            "(topology: None)",
            &[
                "s:1:1 topology: missing required field `topology`; write the path of a topology file, or the topology itself",
            ][..],
        ),
        (
            r#"(topology: ["org.ron"])"#,
            &["s:1:12 topology: expected a string, found a list"][..],
        ),
        (
            "(topology: {})",
            &["s:1:12 topology: expected a record `( … )`, found a map `{ … }`"][..],
        ),
        (
            "(topology: Topology(sites: []))",
            &["s:1:12 topology: expected a record `( … )`, found a record with a name in front; leave out the name"][..],
        ),
        (
            r#"(topology: "missing.ron", expect: [()])"#,
            &[
                r#"s:1:12 topology: can't read "missing.ron": there is no such file; is the path right?"#,
                "s:1:36 expect[0].message: missing required field `message`",
                "s:1:36 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
            ][..],
        ),
        (
            r#"(topology: "topologies", expect: [()])"#,
            &[
                r#"s:1:12 topology: can't read "topologies": this is a directory, not a file; name a file in it"#,
                "s:1:35 expect[0].message: missing required field `message`",
                "s:1:35 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
            ][..],
        ),
        (
            r#"(topology: "bad.ron", peers: [(name: "P")], events: [(at: "0s", kind: Pause, target: "S"), (at: "0s", kind: SessionCut, target: "peer:Q")])"#,
            &[
                r#"s:1:129 events[1].target: unknown peer "Q"; it has to be the name of a peer"#,
                r#"bad.ron:2:56 servers[0].site: unknown site "a b""#,
            ][..],
        ),
        (
            r#"(format: "bridgehead.topology/1", topology: "org.ron")"#,
            &[
                r#"s:1:10 format: unknown format "bridgehead.topology/1"; this has to be a file of the format "bridgehead.scenario/1""#,
            ][..],
        ),
        (
            r#"(format: "bridgehead.scenario/2", topology: (format: "bridgehead.scenario/1"))"#,
            &[
                r#"s:1:10 format: unknown version of the format: "bridgehead.scenario/2"; this program reads "bridgehead.scenario/1"; a newer one may read it"#,
                r#"s:1:54 topology.format: unknown format "bridgehead.scenario/1"; this has to be a file of the format "bridgehead.topology/1""#,
            ][..],
        ),
        (
            r#"(topology: (
 sites: [(name: "A", hubsite: true), (name: "A")],
 servers: [(name: "S", version: Exchange2012), (name: "E", version: Exchange2010Sp1, roles: [EdgeTransport])], edge_subscriptions: [(edge: "E", site: "A")]),
 events: [(at: "0s", kind: Pause, target: "S"), (at: "0s", kind: Pause, target: "T"), (at: "0s", kind: ConnectorDown, target: "EdgeSync - A to Internet")])"#,
            &[
                r#"s:2:22 topology.sites[0]: unknown field "hubsite"; did you mean `hub_site`?"#,
                r#"s:2:45 topology.sites[1].name: duplicate site "A""#,
                r#"s:3:33 topology.servers[0].version: unknown version "Exchange2012"; did you mean Exchange2013? it is one of Exchange55, Exchange2000, Exchange2003, Exchange2007Rtm, Exchange2007Sp1, Exchange2007Sp2, Exchange2007Sp3, Exchange2010Rtm, Exchange2010Sp1, Exchange2010Sp2, Exchange2010Sp3, Exchange2013, Exchange2016, Exchange2019, ExchangeSe"#,
                r#"s:4:81 events[1].target: unknown server "T"; it has to be the name of a server"#,
            ][..],
        ),
    ] {
        assert_eq!(told(text), expect, "{text}");
    }
}

#[test]
fn who_a_message_can_be_for() {
    let text = |events: &str, recipient: &str| {
        format!(
            r#"(topology: "org.ron", messages: [(id: "m", at: "0s", from: "ann@contoso.example", to: ["all@contoso.example"])],
            events: [{events}], expect: [(message: "m", recipient: "{recipient}", copies: 1)])"#
        )
    };
    let joins = |address: &str| {
        format!(r#"(at: "1s", kind: GroupChange, target: "inner@contoso.example", add: ["{address}"])"#)
    };
    for (events, recipient, can_be) in [
        (String::new(), "ALL@contoso.example", true),
        (String::new(), "bob@contoso.example", true),
        (String::new(), "SMTP:bob@contoso.example", true),
        (String::new(), "new@contoso.example", false),
        (String::new(), "X400:bob@contoso.example", false),
        (joins("new@contoso.example"), "new@contoso.example", true),
        (joins("new@contoso.example"), "newer@contoso.example", false),
    ] {
        assert_eq!(
            read(&text(&events, recipient), Format::Ron).is_ok(),
            can_be,
            "{events} {recipient}"
        );
    }
    // Who is added can be removed, whatever the order in the file.
    let text = r#"(topology: "org.ron", events: [
        (at: "2s", kind: GroupChange, target: "all@contoso.example", remove: ["New@contoso.example", "ann@contoso.example"]),
        (at: "1s", kind: GroupChange, target: "all@contoso.example", add: ["new@contoso.example"])])"#;
    let (_, scenario) = good(text);
    let times: Vec<u64> = scenario.events.iter().map(|event| event.at.ms()).collect();
    assert_eq!(times, [1000, 2000]);
}

#[test]
fn names_are_in_the_order_that_is_asked_for() {
    let text = r#"(topology: (), peers: [(name: "P10"), (name: "p2"), (name: "P1")])"#;
    let names = |order| -> Vec<String> {
        let source = Source::new("s", text);
        let open = |_: &str| unreachable!("the topology is in the scenario");
        let (org, scenario) =
            load::scenario(&source, Format::Ron, &Limits::default(), order, open).expect("it is good");
        assert_eq!(org.name_order(), order);
        scenario.peers.iter().map(|peer| peer.name.to_string()).collect()
    };
    assert_eq!(names(NameOrder::IgnoreCase), ["P1", "P10", "p2"]);
    assert_eq!(names(NameOrder::Ordinal), ["P1", "P10", "p2"]);
    assert_eq!(names(NameOrder::Natural), ["P1", "p2", "P10"]);
}

#[test]
fn odd_files_are_told_with_one_problem() {
    const LEVELS: usize = 100_000;
    for (text, expect) in [
        (
            String::new(),
            "s : the input is empty; the smallest document is `()` in RON and `{}` in JSON".to_owned(),
        ),
        (
            "[]".to_owned(),
            "s:1:1 : expected a record `( … )`, found a list `[ … ]`".to_owned(),
        ),
        (
            "(topology: \"org.ron\", events: [(at: \"0s\"".to_owned(),
            "s:1:41 events[0]: the text ends here, in the middle of a value; is the file complete?".to_owned(),
        ),
        (
            "(topology: \"org.ron\", events: (at: \"0s\"))".to_owned(),
            "s:1:31 events: expected a list `[ … ]`, found a record `( … )`".to_owned(),
        ),
    ] {
        assert_eq!(told(&text), [expect]);
    }
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("Some(", ")"),
        ("(topology:", ")"),
        ("/*", "*/"),
    ] {
        let deep = open.repeat(LEVELS) + &close.repeat(LEVELS);
        for text in [
            deep.clone(),
            format!("(topology: {deep})"),
            format!("(topology: (sites: {deep}))"),
            format!("(events: [(add: {deep})])"),
            format!("(events: [(exchange_cost: {deep})])"),
            format!("(settings: (start: {}", open.repeat(LEVELS)),
        ] {
            assert!(!told(&text).is_empty(), "{open}");
        }
    }
    let deep = "[".repeat(LEVELS) + &"]".repeat(LEVELS);
    for field in ["topology", "events", "settings", "unknown"] {
        assert!(
            read(&format!("{{\"{field}\": {deep}}}"), Format::Json).is_err(),
            "{field}"
        );
    }
    let binary = load::fetch("s", &b"(topology\0: ())"[..], &Limits::default()).expect_err("it is binary");
    assert_eq!(
        binary.problems[0].message,
        "this is a binary file, not a text: a NUL byte at offset 9"
    );
}

#[test]
fn limits_hold_for_a_topology_in_the_scenario() {
    let limits = Limits {
        max_sites: 1,
        max_site_links: 1,
        max_records: 5,
        ..Limits::default()
    };
    for (text, expect) in [
        (
            "(topology: (sites: [(), ()]))",
            "topology.sites: more than 1 elements in this list; `--max-sites` raises the limit",
        ),
        (
            "(topology: (site_links: [(), ()]))",
            "topology.site_links: more than 1 elements in this list; `--max-site-links` raises the limit",
        ),
        (
            "(topology: (site_links: [(name: \"L\", cost: -1)]))",
            "topology.site_links[0].cost: expected a whole number, found -1; it has to be from 1 to 99999",
        ),
        (
            "(topology: (servers: [(), ()]), peers: [(), ()])",
            "peers[1]: more than 5 records in all; `--max-records` raises the limit",
        ),
    ] {
        let (_, problems) = match load::read_scenario(&Source::new("s", text), Format::Ron, &limits) {
            Ok(read) => read,
            Err(problems) => (Default::default(), problems),
        };
        let lines = told_in(&[Rejected {
            source: Source::new("s", text),
            problems,
        }]);
        let lines: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, rest)| rest)
            .collect();
        assert_eq!(lines, [expect]);
    }
}

/// Many records, good and bad, take as long as their number asks for.
#[test]
fn many_records() {
    const MANY: usize = 100_000;
    let events = |one: &str| format!("(topology: \"org.ron\", events: [{}])", one.repeat(MANY));
    let (_, scenario) = good(&events(
        "(at: \"1h\", kind: NetworkCut, target: \"HUB1\", other: \"B\"), ",
    ));
    assert_eq!(scenario.events.len(), MANY);
    // Places of so many problems are found together, when they are written.
    let problems = |text: &str| read(text, Format::Ron).expect_err("it is bad")[0].problems.len();
    let configuration = "(at: \"1h\", kind: Configuration, target: \"Nobody\", cost: 1), ";
    assert_eq!(problems(&events(configuration)), MANY);
    let change = "(at: \"1h\", kind: GroupChange, target: \"nobody\", remove: [\"x\"]), ";
    assert_eq!(problems(&events(change)), MANY);

    let members: Vec<String> = (0..MANY / 10).map(|at| format!("\"u{at}@contoso.example\"")).collect();
    let expect: Vec<String> = members
        .iter()
        .map(|member| format!("(message: \"m\", recipient: {member}, copies: 1)"))
        .collect();
    let text = format!(
        "(topology: (servers: [(name: \"S\", version: Exchange2010Sp3)], mailboxes: [(address: \"a@b\", server: \"S\")],
            groups: [(address: \"g@b\", members: [{}])]),
        messages: [(id: \"m\", at: \"0s\", from: \"a@b\", to: [\"g@b\"])], expect: [{}])",
        members.join(", "),
        expect.join(", ")
    );
    assert_eq!(good(&text).1.expectations.len(), MANY / 10);
}

#[test]
fn a_scenario_cut_anywhere_never_panics() {
    let inline = "(topology: (sites: [(name: \"日\")], servers: [(name: \"S\", version: Exchange2003)]), settings: (start: \"Mon\"),
        messages: [(id: \"m\", to: [\"x\"], entry: (peer: \"p\"))], events: [(at: \"1ms\", kind: Configuration, cost: 1,
        exchange_cost: Some(2), smart_hosts: [\"a\", None], target: \"link:\")], expect: [(fate: lost)])";
    for end in (0..inline.len()).filter(|end| inline.is_char_boundary(*end)) {
        for format in [Format::Ron, Format::Json] {
            let rejected = read(&inline[..end], format).expect_err("it is bad");
            for rejected in rejected {
                assert!(!rejected.problems.is_empty());
                shown(&rejected, MessageFormat::Text { color: false });
                shown(&rejected, MessageFormat::Json);
            }
        }
    }
}
