//! Routing groups of 2000 and 2003: who hands over to whom, and what link state changes while mail waits.

use bridgehead::model::{ConnectorRef, Edit, FateKind, ScenarioEventKind as Kind};

use super::support::Play;

/// A - B for 1, both joined to X (2007), A for 1 and B for 5: what A sends around a broken `A to B`, X sends back.
const DETOUR: &str = r#"(
    sites: [(name: "X")],
    servers: [
        (name: "HUB1", version: Exchange2007Sp1, site: "X"),
        (name: "BHA", version: Exchange2003, routing_group: "A"), (name: "BHB", version: Exchange2003, routing_group: "B"),
    ],
    routing_groups: [(name: "A"), (name: "B")],
    routing_group_connectors: [
        (name: "A to B", from: "A", to: "B", cost: 1), (name: "B to A", from: "B", to: "A", cost: 1),
        (name: "A to X", from: "A", to: "DWBGZMFD01QNBJR", cost: 1, target_servers: ["HUB1"]),
        (name: "X to A", from: "DWBGZMFD01QNBJR", to: "A", cost: 1, source_servers: ["HUB1"]),
        (name: "X to B", from: "DWBGZMFD01QNBJR", to: "B", cost: 5, source_servers: ["HUB1"]),
        (name: "B to X", from: "B", to: "DWBGZMFD01QNBJR", cost: 5, target_servers: ["HUB1"]),
    ],
    mailboxes: [(address: "ann@x.example", server: "BHA"), (address: "ben@x.example", server: "BHB")],
)"#;

fn with_broken_connector(topology: &str) -> Play {
    let play = Play::new(topology).mail(0, "ann@x.example", &["ben@x.example"]);
    let broken = play.connector("A to B");
    play.event(0, Kind::ConnectorDown(broken))
}

#[test]
fn mail_that_link_state_sends_around_circles_until_a_server_counts_too_many_headers() {
    // LS-1.8: the first connection, three glitch retries a minute apart, ten minutes until the master tells. LS-2.2: no memory
    // of where mail came from; BHA and HUB1 add a header each, and 30 are allowed: with its 31st BHA returns it (717).
    let played = with_broken_connector(DETOUR).run();
    let story = played.story();
    assert_eq!(
        story[..10],
        [
            "0:00:00 RECEIVE BHA from BHA for ben",
            "0:00:00 DEFER BHA A to B 1 until 0:01:00",
            "0:01:00 DEFER BHA A to B 2 until 0:02:00",
            "0:02:00 DEFER BHA A to B 3 until 0:03:00",
            "0:03:00 DEFER BHA A to B 4 until 0:04:00",
            "0:04:00 DEFER BHA A to B 5 until 0:05:00",
            "0:05:00 DEFER BHA A to B 6 until 0:06:00",
            "0:06:00 DEFER BHA A to B 7 until 0:07:00",
            "0:07:00 DEFER BHA A to B 8 until 0:08:00",
            "0:08:00 DEFER BHA A to B 9 until 0:09:00",
        ]
    );
    assert_eq!(
        played.lines(&["BELIEVES", "RESUBMIT"]),
        [
            "0:13:00 BELIEVES A 1",
            "0:13:00 RESUBMIT BHA A to B LinkState",
            "0:13:00 BELIEVES B 1",
        ]
    );
    assert_eq!(
        played.lines(&["RECEIVE"])[1..4],
        [
            "0:13:01 RECEIVE HUB1 from BHA for ben",
            "0:13:02 RECEIVE BHA from HUB1 for ben",
            "0:13:03 RECEIVE HUB1 from BHA for ben",
        ]
    );
    assert_eq!(played.lines(&["FAIL"]), ["0:13:30 FAIL BHA ben 4.4.6"]);
    assert_eq!(played.fate(), FateKind::Ndr);
}

#[test]
fn mail_waits_where_state_changes_are_suppressed() {
    // R37: nobody reports, so nobody goes around; the connector works again before the message is too old.
    let suppressed = DETOUR.replace(
        r#"version: Exchange2003, "#,
        r#"version: Exchange2003, suppress_state_changes: true, "#,
    );
    let play = with_broken_connector(&suppressed);
    let mended = play.connector("A to B");
    let played = play.event(36_000, Kind::ConnectorUp(mended)).run();
    assert_eq!(
        played.lines(&["BELIEVES", "RECEIVE"]),
        [
            "0:00:00 RECEIVE BHA from BHA for ben",
            "10:00:01 RECEIVE BHB from BHA for ben",
        ]
    );
    assert_eq!(played.fate(), FateKind::Delivered);
}

#[test]
fn a_detour_that_2007_agrees_with_delivers() {
    let agreed = DETOUR.replace("cost: 5", "cost: 1");
    let played = with_broken_connector(&agreed).run();
    assert_eq!(
        played.lines(&["RECEIVE"]),
        [
            "0:00:00 RECEIVE BHA from BHA for ben",
            "0:13:01 RECEIVE HUB1 from BHA for ben",
            "0:13:02 RECEIVE BHB from HUB1 for ben",
        ]
    );
}

#[test]
fn legacy_servers_learn_of_2007_connectors_within_the_hour() {
    // LS-1.2 (m5): the master looks into the directory every hour; the 2007 side routes by the new configuration at once.
    let play = Play::new(DETOUR);
    let ConnectorRef::RoutingGroup(direct) = play.connector("A to B") else {
        panic!("it joins two groups")
    };
    let ConnectorRef::RoutingGroup(other) = play.connector("X to B") else {
        panic!("it joins two groups")
    };
    let played = play
        .event(60, Kind::Configuration(vec![Edit::GroupConnectorCost(other, 1)]))
        .mail(90, "ann@x.example", &["ben@x.example"])
        .event(120, Kind::Configuration(vec![Edit::GroupConnectorCost(direct, 100)]))
        .mail(150, "ann@x.example", &["ben@x.example"])
        .mail(3700, "ann@x.example", &["ben@x.example"])
        .run();
    // `A to B` starts in A, whose master hears of its change at once, but what it cannot see before the hour is `X to B`.
    let ways: Vec<String> = played.lines(&["SEND BHA"]);
    assert_eq!(
        ways,
        [
            "0:01:31 SEND BHA to BHB for ben",
            "0:02:31 SEND BHA to BHB for ben",
            "1:01:41 SEND BHA to HUB1 for ben",
        ]
    );
}

#[test]
fn mail_within_a_group_goes_straight_and_leaves_through_a_bridgehead() {
    // LS-2.1: full mesh inside a group; only source servers of a connector send over it.
    let played = Play::new(
        r#"(
        servers: [
            (name: "A1", version: Exchange2003, routing_group: "A"), (name: "A2", version: Exchange2003, routing_group: "A"),
            (name: "A3", version: Exchange2003, routing_group: "A"), (name: "B1", version: Exchange2003, routing_group: "B"), (name: "B2", version: Exchange2003, routing_group: "B"),
        ],
        routing_groups: [(name: "A"), (name: "B")],
        routing_group_connectors: [(name: "A to B", from: "A", to: "B", source_servers: ["A2"], target_servers: ["B1"])],
        connectors: [(name: "Out", kind: LegacySmtp, routing_group: "B", source_servers: ["B2"], address_spaces: ["SMTP:*"])],
        mailboxes: [(address: "ann@x.example", server: "A1"), (address: "cat@x.example", server: "A3"), (address: "ben@x.example", server: "B2")],
    )"#,
    )
    .mail(0, "ann@x.example", &["cat@x.example", "ben@x.example", "pat@far.example"])
    .run();
    // R7: 2003 splits as soon as the recipients are resolved, and ben and pat have different destinations.
    assert_eq!(
        played.lines(&["RECEIVE", "outside"]),
        [
            "0:00:00 RECEIVE A1 from A1 for ben cat pat",
            "0:00:01 RECEIVE A3 from A1 for cat",
            "0:00:01 RECEIVE A2 from A1 for ben",
            "0:00:01 RECEIVE A2 from A1 for pat",
            "0:00:02 RECEIVE B1 from A2 for ben",
            "0:00:02 RECEIVE B1 from A2 for pat",
            "0:00:03 RECEIVE B2 from B1 for ben",
            "0:00:03 RECEIVE B2 from B1 for pat",
            "0:00:04 SEND B2 to outside for pat",
        ]
    );
}

/// C - A - B - D in a line of legacy groups.
const LINE: &str = r#"(
    servers: [
        (name: "BHA", version: Exchange2003, routing_group: "A"), (name: "BHB", version: Exchange2003, routing_group: "B"),
        (name: "BHC", version: Exchange2003, routing_group: "C"), (name: "BHD", version: Exchange2003, routing_group: "D"),
    ],
    routing_groups: [(name: "A"), (name: "B"), (name: "C"), (name: "D")],
    routing_group_connectors: [
        (name: "A to B", from: "A", to: "B"), (name: "B to A", from: "B", to: "A"),
        (name: "A to C", from: "A", to: "C"), (name: "C to A", from: "C", to: "A"),
        (name: "B to D", from: "B", to: "D"), (name: "D to B", from: "D", to: "B"),
    ],
    mailboxes: [(address: "ann@x.example", server: "BHA"), (address: "ben@x.example", server: "BHB"), (address: "cat@x.example", server: "BHC")],
)"#;

#[test]
fn a_group_without_another_way_keeps_its_mail_until_it_hears_better() {
    // LS-2.1: no route, or every one marked down: the Unreachable queue; news of link state routes
    // everything again. That a connector works again is told after ten minutes, too.
    let play = with_broken_connector(LINE);
    let mended = play.connector("A to B");
    let played = play.event(3600, Kind::ConnectorUp(mended)).run();
    assert_eq!(
        played.lines(&["BELIEVES A", "UNREACHABLE", "RESUBMIT", "RECEIVE"]),
        [
            "0:00:00 RECEIVE BHA from BHA for ben",
            "0:13:00 BELIEVES A 1",
            "0:13:00 RESUBMIT BHA A to B LinkState",
            "0:13:00 UNREACHABLE BHA ben",
            "1:10:00 BELIEVES A 0",
            "1:10:00 RESUBMIT BHA Unreachable LinkState",
            "1:10:01 RECEIVE BHB from BHA for ben",
        ]
    );
}

#[test]
fn a_leaf_group_is_never_believed_cut_off() {
    // LS-1.4, exemption 2: C has one connector out and one in, so `A to C` stays up in everybody's eyes.
    let play = Play::new(LINE).mail(0, "ann@x.example", &["cat@x.example"]);
    let broken = play.connector("A to C");
    let played = play
        .event(0, Kind::ConnectorDown(broken))
        .event(7200, Kind::ConnectorUp(broken))
        .run();
    assert_eq!(
        played.lines(&["BELIEVES", "UNREACHABLE", "RESUBMIT", "RECEIVE"]),
        [
            "0:00:00 RECEIVE BHA from BHA for cat",
            "2:00:01 RECEIVE BHC from BHA for cat",
        ]
    );
}
