//! Where mail waits, how long, and what ends it.

use std::time::Duration;

use bridgehead::model::{
    ConnectorIdx, ConnectorRef, Cut, Edit, FateKind, Name, Peer, PeerIdx, Place, ScenarioEventKind as Kind,
    TransportDatabase,
};

use super::support::Play;

/// A - B - C - D in a line, one 2007 server each.
const LINE: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "C"), (name: "D")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10), (name: "BC", sites: ["B", "C"], cost: 10), (name: "CD", sites: ["C", "D"], cost: 10)],
    servers: [
        (name: "HA", version: Exchange2007Sp1, site: "A"), (name: "HB", version: Exchange2007Sp1, site: "B"),
        (name: "HC", version: Exchange2007Sp1, site: "C"), (name: "HD", version: Exchange2007Sp1, site: "D"),
    ],
    connectors: [(name: "Out", kind: Send, source_servers: ["HA"], address_spaces: ["SMTP:*"], smart_hosts: ["relay"])],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "dan@x.example", server: "HD")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn line() -> Play {
    Play::new(LINE)
}

/// The connector `Out`.
fn way_out(play: &Play) -> ConnectorIdx {
    match play.connector("Out") {
        ConnectorRef::External(out) => out,
        ConnectorRef::RoutingGroup(_) => panic!("it leads outside"),
    }
}

/// A system outside that keeps no shadows and waits for ever.
fn plain_peer(name: &str) -> Peer {
    Peer {
        name: Name::new(name),
        shadow: false,
        ack_timeout: None,
        span: Default::default(),
    }
}

#[test]
fn mail_waits_at_the_point_of_failure() {
    // RT-2.4: D does not answer, and neither does C; B is the first on the way back that does, and tries D itself.
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .down(0, "HC")
        .down(0, "HD")
        .up(600, "HD")
        .run();
    assert_eq!(
        played.story()[..4],
        [
            "0:00:01 RECEIVE HA from HA for dan",
            "0:00:02 RECEIVE HB from HA for dan",
            "0:00:02 DEFER HB D 1 until 0:01:02",
            "0:00:02 SEND HA to HB for dan",
        ]
    );
    // T20: four tries a minute apart, then every five minutes.
    assert_eq!(
        played.lines(&["DEFER"])[1..],
        [
            "0:01:02 DEFER HB D 2 until 0:02:02",
            "0:02:02 DEFER HB D 3 until 0:03:02",
            "0:03:02 DEFER HB D 4 until 0:04:02",
            "0:04:02 DEFER HB D 5 until 0:09:02",
            "0:09:02 DEFER HB D 6 until 0:14:02",
        ]
    );
    assert_eq!(played.ends(), ["m1 dan@x.example delivered 0:14:03"]);
}

#[test]
fn a_queue_in_retry_glitches_then_fails_for_a_while_then_every_ten_minutes() {
    // T20: 4 x 1 min, 6 x 5 min, then every 10 min; the delay is told after 4 h, the message returned after 2 d.
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .down(0, "HB")
        .down(0, "HC")
        .down(0, "HD")
        .run();
    let defers = played.lines(&["DEFER"]);
    let until = |at: usize| defers[at].rsplit(' ').next().expect("an instant").to_owned();
    assert_eq!(
        [until(3), until(4), until(9), until(10), until(11)],
        ["0:04:01", "0:09:01", "0:34:01", "0:44:01", "0:54:01"]
    );
    assert_eq!(played.lines(&["DELAYED"]), ["4:00:01 DELAYED HA dan"]);
    assert_eq!(
        played.lines(&["RESUBMIT"]),
        [
            "12:00:01 RESUBMIT HA D Idle",
            "24:00:01 RESUBMIT HA D Idle",
            "36:00:01 RESUBMIT HA D Idle"
        ]
    );
    assert_eq!(played.lines(&["FAIL"]), ["48:00:01 FAIL HA dan 4.4.7"]);
    assert_eq!(played.fate(), FateKind::Expired);
    assert!(played.run.over);
}

#[test]
fn the_times_of_retries_are_settings() {
    let mut play = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .down(0, "HB")
        .down(0, "HC")
        .down(0, "HD")
        .until(1);
    play.scenario.settings.queue_glitch_retry_count = 1;
    play.scenario.settings.queue_glitch_retry_interval = Duration::from_secs(10);
    play.scenario.settings.transient_failure_retry_count = 1;
    play.scenario.settings.transient_failure_retry_interval = Some(Duration::from_secs(20));
    play.scenario.settings.outbound_connection_failure_retry_interval = Some(Duration::from_secs(3000));
    assert_eq!(
        play.run().lines(&["DEFER"]),
        [
            "0:00:01 DEFER HA D 1 until 0:00:11",
            "0:00:11 DEFER HA D 2 until 0:00:31",
            "0:00:31 DEFER HA D 3 until 0:50:31",
            "0:50:31 DEFER HA D 4 until 1:40:31",
        ]
    );
}

#[test]
fn a_cut_site_link_sends_mail_back_along_its_path() {
    let cut = Cut::SiteLink(line().link("CD"));
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .event(0, Kind::NetworkCut(cut))
        .event(120, Kind::NetworkRestore(cut))
        .run();
    assert_eq!(
        played.lines(&["RECEIVE", "DEFER"]),
        [
            "0:00:01 RECEIVE HA from HA for dan",
            "0:00:02 RECEIVE HC from HA for dan",
            "0:00:02 DEFER HC D 1 until 0:01:02",
            "0:01:02 DEFER HC D 2 until 0:02:02",
            "0:02:03 RECEIVE HD from HC for dan",
        ]
    );
}

#[test]
fn a_session_that_breaks_off_is_tried_again_at_once() {
    // HD has half of the message when the network is cut; HC is the next to answer.
    let hd = Place::Server(line().server("HD"));
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .event_ms(1500, Kind::NetworkCut(Cut::Off(hd)))
        .event(10, Kind::NetworkRestore(Cut::Off(hd)))
        .run();
    assert_eq!(
        played.lines(&["RECEIVE"]),
        [
            "0:00:01 RECEIVE HA from HA for dan",
            "0:00:02.500 RECEIVE HC from HA for dan",
            "0:01:03.500 RECEIVE HD from HC for dan",
        ]
    );
}

#[test]
fn a_cut_in_one_direction_is_enough_to_stop_a_session() {
    let play = line();
    let (ha, hd) = (Place::Server(play.server("HA")), Place::Server(play.server("HD")));
    for cut in [Cut::OneWay(ha, hd), Cut::OneWay(hd, ha), Cut::Between(ha, hd)] {
        let played = line()
            .mail(1, "ann@x.example", &["dan@x.example"])
            .event(0, Kind::NetworkCut(cut))
            .run();
        assert_eq!(
            played.lines(&["from HA for dan"])[1],
            "0:00:02 RECEIVE HC from HA for dan",
            "{cut:?}"
        );
    }
}

#[test]
fn what_a_2007_server_held_waits_for_its_disks_and_is_lost_with_them() {
    // L07-1: nobody else has it.
    let waits = |play: Play| {
        play.mail(1, "ann@x.example", &["dan@x.example"])
            .down(0, "HB")
            .down(0, "HC")
            .down(0, "HD")
            .down(60, "HA")
    };
    let ha = line().server("HA");
    let back = |database| Kind::ServerUp(ha, database);
    let same = waits(line())
        .event(120, back(TransportDatabase::Same))
        .up(130, "HD")
        .run();
    assert_eq!(same.lines(&["RESUBMIT"]), ["0:02:00 RESUBMIT HA all Start"]);
    assert_eq!(same.fate(), FateKind::Delivered);
    let new = waits(line())
        .event(120, back(TransportDatabase::New))
        .up(130, "HD")
        .run();
    assert_eq!(new.lines(&["QUEUESLOST"]), ["0:02:00 QUEUESLOST HA"]);
    assert_eq!(new.fate(), FateKind::Lost);
    assert!(new.run.over);
}

#[test]
fn a_paused_server_goes_on_where_it_stopped() {
    let hd = line().server("HD");
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .event_ms(1500, Kind::Pause(hd))
        .up(300, "HD")
        .run();
    assert_eq!(
        played.lines(&["RECEIVE"]),
        [
            "0:00:01 RECEIVE HA from HA for dan",
            "0:05:00 RECEIVE HD from HA for dan"
        ]
    );
    // T18: ten minutes are as long as HA waits for an answer.
    let longer = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .event_ms(1500, Kind::Pause(hd))
        .up(1200, "HD")
        .run();
    assert_eq!(
        longer.lines(&["RECEIVE"]),
        [
            "0:00:01 RECEIVE HA from HA for dan",
            "0:10:02.500 RECEIVE HC from HA for dan",
            "0:24:03.500 RECEIVE HD from HC for dan",
        ]
    );
}

#[test]
fn mail_without_a_connector_waits_until_one_is_enabled() {
    // RT-2.15: the Unreachable queue is resubmitted when the configuration changes.
    let play = line();
    let out = way_out(&play);
    let played = play
        .event(0, Kind::Configuration(vec![Edit::Enabled(out, false)]))
        .mail(1, "ann@x.example", &["pat@far.example"])
        .event(3600, Kind::Configuration(vec![Edit::Enabled(out, true)]))
        .run();
    assert_eq!(
        played.story(),
        [
            "0:00:01 RECEIVE HA from HA for pat",
            "0:00:01 UNREACHABLE HA pat",
            "1:00:00 RESUBMIT HA Unreachable Configuration",
            "1:00:01 SEND HA to outside for pat",
        ]
    );
}

#[test]
fn what_stays_unreachable_is_returned_after_two_days() {
    let play = line();
    let out = way_out(&play);
    let played = play
        .event(0, Kind::Configuration(vec![Edit::Enabled(out, false)]))
        .mail(1, "ann@x.example", &["pat@far.example"])
        .run();
    assert_eq!(
        played.lines(&["DELAYED", "FAIL"]),
        ["4:00:01 DELAYED HA pat", "48:00:01 FAIL HA pat 4.4.7"]
    );
}

#[test]
fn a_smart_host_is_a_peer_by_its_name() {
    let play = line().mail(1, "ann@x.example", &["pat@far.example"]);
    let play = play.peer(plain_peer("RELAY"));
    let relay = Place::Peer(PeerIdx::from_usize(0));
    let cut = Cut::Off(relay);
    let played = play
        .event(0, Kind::NetworkCut(cut))
        .event(90, Kind::NetworkRestore(cut))
        .run();
    assert_eq!(
        played.lines(&["DEFER", "SEND"]),
        [
            "0:00:01 DEFER HA Out 1 until 0:01:01",
            "0:01:01 DEFER HA Out 2 until 0:02:01",
            "0:02:02 SEND HA to RELAY for pat",
        ]
    );
}

#[test]
fn a_client_whose_store_is_away_and_a_peer_whose_server_is_down_try_again() {
    let played = line()
        .mail(1, "ann@x.example", &["dan@x.example"])
        .down(0, "HA")
        .up(100, "HA")
        .run();
    assert_eq!(
        played.lines(&["WAITS"]),
        [
            "0:00:01 WAITS client until 0:01:01",
            "0:01:01 WAITS client until 0:02:01"
        ]
    );
    assert_eq!(played.ends(), ["m1 dan@x.example delivered 0:02:02"]);
}

#[test]
fn a_system_outside_tries_the_other_servers_of_the_site() {
    // D28, N3.
    let play = Play::new(
        r#"(
        sites: [(name: "A")],
        servers: [(name: "H1", version: Exchange2007Sp1, site: "A"), (name: "H2", version: Exchange2007Sp1, site: "A")],
        mailboxes: [(address: "ann@x.example", server: "H2")],
    )"#,
    );
    let play = play.peer(plain_peer("Far"));
    let far = PeerIdx::from_usize(0);
    let to = ["ann@x.example"];
    let play = play
        .mail_from_peer(1, "pat@far.example", &to, far, "H1")
        .mail_from_peer(20, "pat@far.example", &to, far, "H1");
    let played = play.down(0, "H1").down(10, "H2").up(60, "H1").up(60, "H2").run();
    assert_eq!(
        played.lines(&["RECEIVE", "WAITS"]),
        [
            "0:00:02 RECEIVE H2 from Far for ann",
            "0:00:20 WAITS Far until 0:01:20",
            "0:01:21 RECEIVE H1 from Far for ann",
        ]
    );
}
