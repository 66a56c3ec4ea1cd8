//! Every kind of event has its line and its record.

use super::*;

fn copy(number: u32) -> CopyIdx {
    CopyIdx::from_raw(number)
}

/// Something of everything that can happen, whether or not it makes sense.
fn everything(stage: &Stage) -> Vec<What> {
    let [ha, hb] = ["HA", "HB"].map(|name| stage.org().server_by_name(&Name::new(name)).expect("a server"));
    let message = MessageIdx::from_usize(0);
    let recipient = RecipientIdx::from_usize(0);
    let recipients: Recipients = SmallVec::from_slice(&[recipient, RecipientIdx::from_usize(1)]);
    let (store, until) = (Store::Server(hb), SimTime::from_ms(60_500));
    let peer = Actor::Peer(PeerIdx::from_usize(0));
    let site = stage.org().routers().next().expect("a site");
    let hops = [
        Hop::Store(store),
        Hop::Within(DeliveryGroup::Node(site)),
        Hop::Site(site, Some(DeliveryGroup::ExpansionServer(hb))),
        Hop::Site(Node::RoutingGroup(0_usize.into()), None),
        Hop::ConnectorSource(0_usize.into()),
        Hop::Group(0_usize.into()),
        Hop::Store(Store::Database(0_usize.into())),
        Hop::Connector(0_usize.into()),
        Hop::Unreachable,
    ];
    let scenario = (0..).zip(&stage.scenario().events).map(|(at, _)| What::Scenario(at));
    let mut all: Vec<What> = scenario.collect();
    all.push(What::Struck(Kind::Destroy(ha)));
    all.extend([
        What::Stored { message, store },
        What::NotifyMapi {
            server: hb,
            hub: ha,
            message,
        },
        What::Submit { store, message },
        What::SubmitDefer {
            server: hb,
            message,
            until,
        },
        What::SenderWaits {
            from: peer,
            message,
            until,
        },
        What::SenderWaits {
            from: Actor::Client,
            message,
            until,
        },
        What::Receive {
            server: ha,
            copy: copy(0),
            message,
            recipients: recipients.clone(),
            from: peer,
            headers: 3,
        },
        What::Acknowledge {
            server: ha,
            to: Actor::Client,
            message,
        },
        What::Refuse {
            server: ha,
            to: peer,
            message,
            code: 451,
        },
        What::Expand {
            server: ha,
            copy: copy(0),
            recipients: recipients.clone(),
        },
    ]);
    all.extend(hops.map(|hop| What::Transfer {
        server: ha,
        copy: copy(0),
        recipients: recipients.clone(),
        hop,
    }));
    all.extend([
        What::Send {
            server: ha,
            copy: copy(0),
            recipients: recipients.clone(),
            to: Actor::Outside,
            connector: Some(0_usize.into()),
        },
        What::InMailbox {
            store,
            copy: copy(0),
            message,
            recipient,
        },
        What::Outside {
            to: peer,
            copy: copy(0),
            message,
            recipients: recipients.clone(),
        },
        What::Deliver {
            server: hb,
            copy: copy(0),
            recipient,
        },
        What::DuplicateDeliver {
            server: hb,
            copy: copy(0),
            message,
            recipient,
        },
        What::Defer {
            server: ha,
            hop: Hop::Unreachable,
            failures: 2,
            until,
        },
        What::Resubmit {
            server: ha,
            hop: None,
            why: Resubmission::Start,
        },
        What::Resubmit {
            server: ha,
            hop: Some(Hop::Store(store)),
            why: Resubmission::LinkState,
        },
        What::Delayed {
            server: ha,
            copy: copy(0),
            recipients: recipients.clone(),
        },
        What::Fail {
            server: ha,
            copy: copy(0),
            message,
            recipients: recipients.clone(),
            cause: Return::Expired,
        },
        What::QueuesLost { server: ha },
        What::Believes {
            group: 0_usize.into(),
            down: vec![ConnectorRef::RoutingGroup(0_usize.into())],
        },
        What::Believes {
            group: 0_usize.into(),
            down: Vec::new(),
        },
        What::LogLost { store, since: until },
        What::Mounted { store, server: hb },
        What::AckDelayed {
            server: ha,
            copy: copy(0),
            until,
        },
        What::AckDue {
            server: ha,
            copy: copy(0),
            verified: false,
        },
        What::Shadow {
            server: ha,
            copy: copy(0),
            primary: Actor::Server(hb),
            recipients: recipients.clone(),
        },
        What::HaReceive {
            server: hb,
            copy: copy(1),
            message,
            recipients: recipients.clone(),
            primary: ha,
            of: copy(0),
        },
        What::HaRedirect {
            server: ha,
            copy: copy(0),
            shadow_server: hb,
            shadow: copy(1),
        },
        What::HaRedirectFail {
            server: ha,
            copy: copy(0),
            tries: 4,
        },
        What::DiscardQueued {
            server: ha,
            copy: copy(0),
            holder: Actor::Server(hb),
        },
        What::DiscardDropped {
            server: ha,
            copy: copy(0),
            holder: Actor::Server(hb),
        },
        What::Heartbeat {
            holder: hb,
            primary: Actor::Server(ha),
            outbox: None,
            notifications: 1,
        },
        What::HeartbeatMissed {
            holder: hb,
            primary: Actor::Server(ha),
            outbox: None,
            misses: 2,
        },
        What::HaDiscard {
            server: hb,
            copy: copy(1),
            primary: Actor::Server(ha),
            recipients: recipients.clone(),
        },
        What::Promote {
            server: hb,
            copy: copy(1),
            primary: Actor::Server(ha),
            recipients: recipients.clone(),
            why: Promotion::NewDatabase,
        },
        What::ShadowExpired {
            server: hb,
            copy: copy(1),
            recipients: recipients.clone(),
        },
        What::Kept {
            server: ha,
            copy: copy(0),
            safe: Safe::PrimarySafetyNet,
            message,
            recipients: recipients.clone(),
        },
        What::Dropped {
            server: ha,
            copy: copy(0),
            safe: Safe::Dumpster,
            recipients: recipients.clone(),
        },
        What::Replay {
            server: ha,
            of: copy(0),
            safe: Safe::ShadowSafetyNet,
            store,
            recipients,
        },
    ]);
    all
}

/// A stage whose scenario has every kind of event.
fn every_kind() -> Stage {
    let more = r#"routing_groups: [(name: "G")], databases: [(name: "DB1", server: "HB")],
        routing_group_connectors: [(name: "To G", from: "DWBGZMFD01QNBJR", to: "G", source_servers: ["HA"])], groups: ["#;
    let mut play =
        Play::new(&PAIR.replacen("groups: [", more, 1)).mail(0, "ann@x.example", &["bob@x.example", "cid@x.example"]);
    play.scenario.peers.push(bridgehead::model::Peer {
        name: Name::new("relay"),
        shadow: false,
        ack_timeout: None,
        span: Default::default(),
    });
    let (ha, hb, link, group) = (
        play.server("HA"),
        play.server("HB"),
        play.link("AB"),
        play.group("team@x.example"),
    );
    let internet = play.connector("Internet");
    let ConnectorRef::External(outside) = internet else {
        unreachable!("it leads outside")
    };
    let (site, here) = (
        bridgehead::model::Place::Site(play.site("A")),
        bridgehead::model::Place::Server(hb),
    );
    let (database, between, a) = (play.database("DB1"), 0_usize.into(), play.site("A"));
    let member = || vec![Address::parse("ann@x.example")];
    for what in [
        Kind::ServerDown(ha),
        Kind::ServerUp(ha, TransportDatabase::New),
        Kind::Destroy(hb),
        Kind::Pause(hb),
        Kind::NetworkCut(Cut::Off(site)),
        Kind::NetworkCut(Cut::OneWay(site, here)),
        Kind::NetworkRestore(Cut::SiteLink(link)),
        Kind::ConnectorDown(internet),
        Kind::ConnectorUp(internet),
        Kind::Configuration(vec![
            Edit::Enabled(outside, false),
            Edit::SmartHosts(outside, vec!["relay".to_owned()]),
        ]),
        Kind::Redirect { server: ha, to: None },
        Kind::GroupChange {
            group,
            add: member(),
            remove: vec![Address::parse("bob@x.example")],
        },
        Kind::Redirect {
            server: ha,
            to: Some(hb),
        },
        Kind::SessionCut {
            place: here,
            other: None,
        },
        Kind::NetworkCut(Cut::Between(
            here,
            bridgehead::model::Place::Peer(PeerIdx::from_usize(0)),
        )),
        Kind::Dismount(database),
        Kind::Mount(database),
        Kind::Failover {
            database,
            to: None,
            lost_log: std::time::Duration::ZERO,
        },
        Kind::Failover {
            database,
            to: Some(ha),
            lost_log: std::time::Duration::from_secs(5),
        },
        Kind::Configuration(vec![
            Edit::ConnectorSources(outside, vec![ha, hb]),
            Edit::ConnectorSize(outside, SizeLimit::Unlimited),
            Edit::SmartHosts(outside, Vec::new()),
        ]),
        Kind::Configuration(vec![
            Edit::GroupConnectorCost(between, 7),
            Edit::GroupConnectorSources(between, Vec::new()),
            Edit::GroupConnectorSize(between, SizeLimit::Bytes(1024)),
        ]),
        Kind::Configuration(vec![
            Edit::SiteLinkCost(link, 5),
            Edit::ExchangeCost(link, Some(6)),
            Edit::ExchangeCost(link, None),
            Edit::SiteLinkSize(link, SizeLimit::Bytes(1)),
        ]),
        Kind::Configuration(vec![Edit::HubSite(a, true), Edit::HubSite(a, false)]),
    ] {
        play.scenario.events.push(ScenarioEvent {
            at: SimTime::ZERO,
            what,
            span: Default::default(),
        });
    }
    stage(play)
}

/// What is printed of a trace that nobody has run.
fn printed(stage: &Stage, trace: &[What], format: SimulateFormat) -> String {
    let mut out = Vec::new();
    let mut telling = Telling::new(stage, format, Palette::PLAIN, &mut out);
    for what in trace {
        telling.take(&TraceEvent {
            at: SimTime::from_ms(1500),
            what: what.clone(),
        });
    }
    let run = Run {
        ended_at: SimTime::from_ms(1500),
        events: 1,
        limit_hit: false,
        over: true,
    };
    telling.end(&observed(stage, run)).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// What is told of [`everything`], read line by line against the vocabulary of the trace.
const EVERY_LINE: &str = "\
0:00:01.500       SERVERDOWN HA
0:00:01.500       SERVERUP HA with an empty queue database
0:00:01.500       DESTROY HB
0:00:01.500       PAUSE HB
0:00:01.500       NETWORKCUT site A and everybody else
0:00:01.500       NETWORKCUT from site A to HB
0:00:01.500       NETWORKRESTORE link AB
0:00:01.500       CONNECTORDOWN Internet
0:00:01.500       CONNECTORUP Internet
0:00:01.500       CONFIGURATION Internet is disabled and Internet sends to relay
0:00:01.500       REDIRECT HA to others of its site
0:00:01.500       GROUPCHANGE team@x.example with ann@x.example without
                  bob@x.example
0:00:01.500       REDIRECT HA to HB
0:00:01.500       SESSIONCUT HB and everybody
0:00:01.500       NETWORKCUT HB and relay
0:00:01.500       DISMOUNT DB1
0:00:01.500       MOUNT DB1
0:00:01.500       FAILOVER DB1
0:00:01.500       FAILOVER DB1 to HA without the last 5s of its log
0:00:01.500       CONFIGURATION Internet starts at HA and HB, Internet takes up
                  to unlimited and Internet uses DNS
0:00:01.500       CONFIGURATION To G costs 7, To G starts at no server and To G
                  takes up to 1KB
0:00:01.500       CONFIGURATION link AB costs 5, link AB costs Exchange 6, link
                  AB has no Exchange cost and link AB takes up to 1B
0:00:01.500       CONFIGURATION site A is a hub site and site A is no hub site
0:00:01.500       DESTROY HA
0:00:01.500  HB   STORED m1
0:00:01.500  HB   NOTIFYMAPI m1 to HA
0:00:01.500  HB   SUBMIT m1
0:00:01.500  HB   SUBMITDEFER m1, until 0:01:00.500
0:00:01.500       SENDERWAITS m1 from relay, until 0:01:00.500
0:00:01.500       SENDERWAITS m1 from client, until 0:01:00.500
0:00:01.500  HA   RECEIVE m1#1 from relay for ann@x.example and bob@x.example,
                  header 3
0:00:01.500  HA   ACKNOWLEDGE m1 to client
0:00:01.500  HA   REFUSE m1 to relay, 451
0:00:01.500  HA   EXPAND m1#1 for ann@x.example and bob@x.example
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to mailboxes of HB
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to others here for A
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to site A for HB
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to rg:G
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to where To G begins
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  over To G
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  to database DB1
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into queue
                  out through Internet
0:00:01.500  HA   TRANSFER m1#1 for ann@x.example and bob@x.example into the
                  Unreachable queue
0:00:01.500  HA   SEND m1#1 to outside for ann@x.example and bob@x.example
                  through Internet
0:00:01.500  HB   INMAILBOX m1#1 for ann@x.example
0:00:01.500       OUTSIDE m1#1 to relay for ann@x.example and bob@x.example
0:00:01.500  HB   DELIVER m1#1 for ann@x.example
0:00:01.500  HB   DUPLICATEDELIVER m1#1 for ann@x.example
0:00:01.500  HA   DEFER the Unreachable queue, 2 tries failed, until 0:01:00.500
0:00:01.500  HA   RESUBMIT everything, start
0:00:01.500  HA   RESUBMIT queue to mailboxes of HB, link state
0:00:01.500  HA   DSN m1#1 for ann@x.example and bob@x.example, delay
0:00:01.500  HA   FAIL m1#1 for ann@x.example and bob@x.example, 4.4.7
0:00:01.500  HA   QUEUESLOST
0:00:01.500       BELIEVES rg:G, down: To G
0:00:01.500       BELIEVES rg:G, down: nothing
0:00:01.500  HB   LOGLOST all since 0:01:00.500
0:00:01.500  HB   MOUNTED mailboxes of HB
0:00:01.500  HA   ACKDELAYED m1#1, until 0:01:00.500
0:00:01.500  HA   ACKDUE m1#1, time is up
0:00:01.500  HA   SHADOW m1#1 for ann@x.example and bob@x.example, primary HB
0:00:01.500  HB   HARECEIVE m1#2 for ann@x.example and bob@x.example, from copy
                  #1, primary HA
0:00:01.500  HA   HAREDIRECT m1#1, holder HB, shadow #2
0:00:01.500  HA   HAREDIRECTFAIL m1#1, 4 tries failed
0:00:01.500  HA   DISCARDQUEUED m1#1, holder HB
0:00:01.500  HA   DISCARDDROPPED m1#1, holder HB
0:00:01.500  HB   HEARTBEAT primary HA, 1 notification
0:00:01.500  HB   HEARTBEATMISSED primary HA, 2 tries failed
0:00:01.500  HB   HADISCARD m1#2 for ann@x.example and bob@x.example, primary HA
0:00:01.500  HB   PROMOTE m1#2 for ann@x.example and bob@x.example, primary HA,
                  new database
0:00:01.500  HB   SHADOWEXPIRED m1#2 for ann@x.example and bob@x.example
0:00:01.500  HA   KEPT m1#1 for ann@x.example and bob@x.example, primary safety
                  net
0:00:01.500  HA   DROPPED m1#1 for ann@x.example and bob@x.example, dumpster
0:00:01.500  HA   RESUBMIT m1 mailboxes of HB for ann@x.example and
                  bob@x.example, from copy #1, shadow safety net
";

#[test]
fn every_event_has_its_line() {
    let stage = every_kind();
    let text = printed(&stage, &everything(&stage), SimulateFormat::Text);
    let lines: Vec<&str> = text.lines().skip(3).take_while(|line| !line.is_empty()).collect();
    assert_eq!(lines.join("\n") + "\n", EVERY_LINE);
}

#[test]
fn documents_fit_their_schema_and_lines_are_their_items() {
    let schema = schema("simulate").expect("the schema of simulate");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let fits = |text: &str| {
        let document: Value = serde_json::from_str(text).expect("JSON");
        let problems: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
        document
    };
    let stage_of_all = every_kind();
    let trace = everything(&stage_of_all);
    let document = fits(&printed(&stage_of_all, &trace, SimulateFormat::Json));
    assert_eq!(document["trace"].as_array().map(Vec::len), Some(trace.len()));
    fits(&printed(&stage_of_all, &[], SimulateFormat::Json));

    let play = expecting(waiting(), None, |one| one.before = Some(SimTime::from_secs(60)));
    let play = expecting(play, Some("bob@x.example"), |one| one.queued_at = None);
    let stage = stage(play);
    for events_max in [0, 5, 1000] {
        let document = fits(&told(&stage, SimulateFormat::Json, Bounds { events_max }).0);
        let lines = told(&stage, SimulateFormat::JsonLines, Bounds { events_max }).0;
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let list = |name: &str| document[name].as_array().expect("a list").clone();
        let mut items = list("trace");
        items.extend(list("fates"));
        items.extend(
            list("expectations")
                .into_iter()
                .map(|one| serde_json::json!({ "expectation": one })),
        );
        items.push(serde_json::json!({ "ended": document["ended"] }));
        assert_eq!(lines, items);
    }
}
