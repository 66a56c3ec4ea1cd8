//! What `simulate` prints, and what it takes an expectation to be met.

use std::io::{self, Write};

use bridgehead::delivery::DeliveryGroup;
use bridgehead::model::{
    Address, ConnectorRef, Cut, Edit, Expectation, FateKind, MessageIdx, Name, Node, PeerIdx, ScenarioEvent,
    ScenarioEventKind as Kind, SimTime, SizeLimit, TransportDatabase,
};
use bridgehead::report::{Palette, SimulateFormat, Telling, schema};
use bridgehead::sim::{
    Actor, Bounds, CopyIdx, Fates, Hop, Observed, Observer, Promotion, RecipientIdx, Recipients, Resubmission, Return,
    Run, Safe, Sink, Stage, Store, TraceEvent, Unmet, Wanted, What,
};
use serde_json::Value;
use smallvec::SmallVec;

use super::support::Play;

const PAIR: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "HA", version: Exchange2007Sp1, site: "A"), (name: "HB", version: Exchange2007Sp1, site: "B")],
    mailboxes: [
        (address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB"),
        (address: "cid@x.example", server: "HB"),
    ],
    groups: [(address: "team@x.example", members: ["bob@x.example", "cid@x.example"])],
    connectors: [(name: "Internet", kind: Send, source_servers: ["HA"], address_spaces: ["SMTP:*;1"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn stage(play: Play) -> Stage {
    Stage::new(play.org, play.scenario, Default::default(), Default::default())
}

/// What is printed, what was expected and did not come, and how the run went.
fn told(stage: &Stage, format: SimulateFormat, bounds: Bounds) -> (String, Vec<Unmet>, Run) {
    let mut out = Vec::new();
    let mut telling = Telling::new(stage, format, Palette::PLAIN, &mut out);
    let mut observer = Observer::new(stage);
    let run = stage.run(&bounds, &mut (&mut observer, &mut telling));
    let observed = observer.end(run);
    assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
    telling.end(&observed).expect("memory takes everything");
    (String::from_utf8(out).expect("UTF-8"), observed.unmet, run)
}

fn text(play: Play) -> String {
    told(&stage(play), SimulateFormat::Text, Bounds::default()).0
}

/// Expects something of the first message.
fn expecting(mut play: Play, recipient: Option<&str>, change: impl FnOnce(&mut Expectation)) -> Play {
    let mut expectation = Expectation {
        message: MessageIdx::from_usize(0),
        recipient: recipient.map(Address::parse),
        fate: None,
        before: None,
        after: None,
        copies: None,
        queued_at: None,
        span: Default::default(),
    };
    change(&mut expectation);
    play.scenario.expectations.push(expectation);
    play
}

/// A message that waits at HA for a server which is down for an hour.
fn waiting() -> Play {
    Play::new(PAIR)
        .down(0, "HB")
        .mail(5, "ann@x.example", &["bob@x.example"])
        .up(3600, "HB")
}

#[test]
fn a_time_line_folds_what_is_tried_again_and_again() {
    let play = expecting(waiting(), None, |one| one.before = Some(SimTime::from_secs(60)));
    let expected = "\
1 message and 2 events through time
Hours, minutes and seconds; m#2 is copy 2 of message m.

  0:00:00      SERVERDOWN HB
  0:00:05  HA  STORED m1
  0:00:05  HA  NOTIFYMAPI m1 to HA
  0:00:05  HA  RECEIVE m1#1 from HA for bob@x.example, header 1
  0:00:05  HA  TRANSFER m1#1 for bob@x.example into queue to site B
  0:00:05  HA  DEFER queue to site B, 1 try failed, until 0:01:05
  0:00:05  HA  SUBMIT m1
  0:01:05  HA  DEFER queue to site B, 13 tries failed, until 1:04:05 (12 times,
               the last at 0:54:05)
  1:00:00      SERVERUP HB
  1:00:00  HB  MOUNTED mailboxes of HB
  1:04:06  HB  RECEIVE m1#2 from HA for bob@x.example, header 2
  1:04:06  HB  TRANSFER m1#2 for bob@x.example into queue to mailboxes of HB
  1:04:06  HA  SEND m1#1 to HB for bob@x.example
  1:04:06  HB  INMAILBOX m1#2 for bob@x.example
  1:04:06  HB  DELIVER m1#2 for bob@x.example

What became of the messages
    Message  Recipient      Fate            At  Copies  Detail
  ────────────────────────────────────────────────────────────
  ● m1       bob@x.example  delivered  1:04:06       1

What was expected
  - m1: expected before 0:01:00
    came for bob@x.example: delivered at 1:04:06
  Of 1 expectation: 1 failed.

It ended by itself at 1:04:06, after 23 events.
";
    assert_eq!(text(play), expected);
}

#[test]
fn it_ends_by_itself_at_until_or_at_a_bound() {
    let stays_down = || {
        Play::new(PAIR)
            .down(0, "HB")
            .mail(5, "ann@x.example", &["bob@x.example"])
    };
    let over = text(stays_down().until(1));
    assert!(
        over.contains("○ m1       bob@x.example  queued  0:00:05       0  HA, queue to site B"),
        "{over}"
    );
    assert!(
        over.ends_with(
            "\
The time of the scenario is over; something last happened at 0:54:05. 16 events
were handled.
"
        ),
        "{over}"
    );
    let play = expecting(waiting(), None, |one| one.fate = Some(FateKind::Delivered));
    let (bound, open, run) = told(&stage(play), SimulateFormat::Text, Bounds { events_max: 5 });
    assert!(run.limit_hit && open.len() == 1 && !open[0].has_failed(&run));
    assert!(bound.contains("Of 1 expectation: 1 not decided."), "{bound}");
    assert!(
        bound.ends_with(
            "\
A bound was reached at 0:01:05, after 5 events, and what would have come is not
known. Raise --max-events.
"
        ),
        "{bound}"
    );
}

#[test]
fn what_is_expected_is_held_against_what_came() {
    let (hour, hb) = (SimTime::from_secs(3600), Play::new(PAIR).server("HB"));
    let ha = Play::new(PAIR).server("HA");
    // Delivered to bob and cid at 1:04:06 each; the group is nobody's address any more.
    let base = || {
        Play::new(PAIR)
            .down(0, "HB")
            .mail(5, "ann@x.example", &["team@x.example"])
            .up(3600, "HB")
    };
    type Change = Box<dyn Fn(&mut Expectation)>;
    type Case = (&'static str, Option<&'static str>, Change, usize, Vec<Wanted>);
    let arrived = SimTime::from_secs(3846);
    let cases: Vec<Case> = vec![
        (
            "everybody got it",
            None,
            Box::new(|one| one.fate = Some(FateKind::Delivered)),
            0,
            vec![],
        ),
        (
            "nobody lost it",
            None,
            Box::new(|one| one.fate = Some(FateKind::Lost)),
            2,
            vec![Wanted::Fate(FateKind::Lost)],
        ),
        (
            "one of them",
            Some("BOB@x.example"),
            Box::new(|one| one.copies = Some(2)),
            1,
            vec![Wanted::Copies(2)],
        ),
        (
            "before is before",
            None,
            Box::new(move |one| one.before = Some(arrived)),
            2,
            vec![Wanted::Before(arrived)],
        ),
        (
            "and a millisecond later it is",
            None,
            Box::new(move |one| one.before = Some(SimTime::from_ms(arrived.ms() + 1))),
            0,
            vec![],
        ),
        (
            "after is at or after",
            None,
            Box::new(move |one| one.after = Some(arrived)),
            0,
            vec![],
        ),
        (
            "and not a millisecond earlier",
            None,
            Box::new(move |one| one.after = Some(SimTime::from_ms(arrived.ms() + 1))),
            2,
            vec![Wanted::After(SimTime::from_ms(3_846_001))],
        ),
        (
            "what arrived waits nowhere",
            None,
            Box::new(move |one| one.queued_at = Some(hb)),
            2,
            vec![Wanted::QueuedAt(hb)],
        ),
        (
            "no copy for a group",
            Some("team@x.example"),
            Box::new(|one| one.copies = Some(0)),
            0,
            vec![],
        ),
        (
            "a group gets nothing",
            Some("team@x.example"),
            Box::new(|one| one.fate = Some(FateKind::Delivered)),
            1,
            vec![Wanted::Fate(FateKind::Delivered)],
        ),
        (
            "all that is wrong",
            Some("cid@x.example"),
            Box::new(move |one| {
                one.fate = Some(FateKind::Queued);
                one.before = Some(hour);
                one.copies = Some(1);
            }),
            1,
            vec![Wanted::Fate(FateKind::Queued), Wanted::Before(SimTime::from_secs(3600))],
        ),
    ];
    for (why, recipient, change, many, wanted) in cases {
        let (_, unmet, run) = told(
            &stage(expecting(base(), recipient, change)),
            SimulateFormat::JsonLines,
            Bounds::default(),
        );
        assert_eq!(unmet.len(), many, "{why}: {unmet:?}");
        for one in &unmet {
            assert_eq!(one.wanted.as_slice(), wanted.as_slice(), "{why}");
            assert_eq!((one.expectation, one.has_failed(&run)), (0, true), "{why}");
        }
    }
    // What waits is decided only where just that is expected.
    for (fate, before, queued_at, met) in [
        (None, None, Some(ha), true),
        (None, None, Some(hb), false),
        (None, Some(hour), None, false),
        (Some(FateKind::Queued), Some(hour), None, true),
        (Some(FateKind::Queued), Some(SimTime::from_secs(5)), None, false),
    ] {
        let play = expecting(waiting().until(1), None, |one| {
            (one.fate, one.before, one.queued_at) = (fate, before, queued_at);
        });
        let mut play = play;
        play.scenario.events.pop();
        let (_, unmet, _) = told(&stage(play), SimulateFormat::JsonLines, Bounds::default());
        assert_eq!(unmet.is_empty(), met, "{fate:?} {before:?} {queued_at:?}: {unmet:?}");
    }
}

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

/// What is said of a run in which nothing became of anything.
fn observed(stage: &Stage, run: Run) -> Observed {
    Observed {
        fates: Fates::new(stage).fates(),
        unmet: Vec::new(),
        violations: Vec::new(),
        stopped_at: Vec::new(),
        run,
    }
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

/// A message to a group without members is not passed over in silence.
#[test]
fn a_message_for_nobody_is_told() {
    let nobody = PAIR.replace(r#"members: ["bob@x.example", "cid@x.example"]"#, "members: []");
    let play = || {
        Play::new(&nobody)
            .mail(1, "ann@x.example", &["team@x.example"])
            .mail(2, "ann@x.example", &["bob@x.example"])
    };
    let text = text(play());
    assert!(
        text.contains(
            "  - m1 was for nobody: the groups that it was for had no members when they\n    were expanded.\n"
        ),
        "{text}"
    );
    assert!(!text.contains("m2 was for nobody"), "{text}");
    let (document, ..) = told(&stage(play()), SimulateFormat::Json, Bounds::default());
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["for_nobody"], serde_json::json!(["m1"]));
    let (lines, ..) = told(&stage(play()), SimulateFormat::JsonLines, Bounds::default());
    assert!(lines.lines().any(|line| line == r#"{"for_nobody":"m1"}"#), "{lines}");
}

/// A queue says which delivery group it is for, where that is not the site itself.
#[test]
fn a_queue_is_told_with_its_delivery_group() {
    let dag = r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"])],
        servers: [
            (name: "H", version: Exchange2007Sp1, site: "A"),
            (name: "M", version: Exchange2013, site: "B", dag: "D"), (name: "N", version: Exchange2013, site: "B", dag: "D"),
        ],
        dags: [(name: "D", servers: ["M", "N"])],
        databases: [(name: "DB", dag: "D", active_on: "M")],
        mailboxes: [(address: "ann@x.example", server: "H"), (address: "bob@x.example", database: "DB")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    let of = |from: &str, to: &str| text(Play::new(dag).mail(1, from, &[to]));
    let there = of("ann@x.example", "bob@x.example");
    assert!(there.contains("into queue to site B for D\n"), "{there}");
    // All of site A is of 2007.
    let back = of("bob@x.example", "ann@x.example");
    assert!(back.contains("into queue to site A\n"), "{back}");
}

/// Takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        match taken {
            0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn events_are_written_as_they_happen_and_what_cannot_be_written_is_told() {
    let stage = stage(waiting());
    let mut out = Vec::new();
    let mut telling = Telling::new(&stage, SimulateFormat::JsonLines, Palette::PLAIN, &mut out);
    stage.run(&Bounds::default(), &mut telling);
    drop(telling);
    let lines = String::from_utf8(out).expect("UTF-8").lines().count();
    assert_eq!(lines, 26);
    for format in [SimulateFormat::Text, SimulateFormat::Json, SimulateFormat::JsonLines] {
        let mut full = Full(100);
        let mut telling = Telling::new(&stage, format, Palette::PLAIN, &mut full);
        let run = stage.run(&Bounds::default(), &mut telling);
        let error = telling.end(&observed(&stage, run)).expect_err("it was full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}

#[test]
fn names_are_data() {
    let mut play = waiting();
    play.scenario.messages[MessageIdx::from_usize(0)].id = Name::new("m\u{1b}[31m\n1");
    let stage = stage(play);
    let text = told(&stage, SimulateFormat::Text, Bounds::default()).0;
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.contains("STORED m\\u{1b}[31m\\n1\n"), "{text}");
    let lines = told(&stage, SimulateFormat::JsonLines, Bounds::default()).0;
    assert!(
        !lines.contains('\u{1b}') && lines.contains(r"m\u001b[31m\n1"),
        "{lines}"
    );
}
