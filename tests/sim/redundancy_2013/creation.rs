//! From the last byte of a message to its acknowledgement.

use std::time::Duration;

use super::*;

/// Who holds the shadow of the first message.
fn holder(ran: &Ran) -> Option<String> {
    let found = ran.only(&["HARECEIVE"]).first().cloned()?;
    found.split(' ').nth(2).map(str::to_owned)
}

#[test]
fn s2_s26_to_s30_x24_the_shadow_is_there_before_the_sender_knows() {
    let ran = play(SITE, "").far_sends(0, "P", &["bob@x.example"], None).runs();
    assert_eq!(
        ran.told(),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for bob",
            "0:00:02 HARECEIVE S 1 of P 0",
            "0:00:02 SHADOWQUEUE S 1 for bob",
            "0:00:02 HAREDIRECT P 0 to S 1",
            "0:00:02 250 P",
            "0:00:03 DELIVER P 0 bob",
            "0:00:03 DISCARDQUEUED P 0 for S",
            "0:00:03 KEPT P 0 PrimarySafetyNet",
            "0:02:02 HEARTBEAT S P 1",
            "0:02:02 HADISCARD S 1",
            "0:02:02 KEPT S 1 ShadowSafetyNet",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("bob".to_owned(), FateKind::Delivered, "0:00:03".to_owned(), 1)]
    );
}

#[test]
fn s24_x27_the_shadow_of_an_item_is_there_before_it_leaves_the_outbox() {
    let ran = play(SITE, "").mail(0, "ann@x.example", &["tom@x.example"]).runs();
    // Tom's delivery group is P, S and T of the site: the first takes it.
    assert_eq!(
        made(&ran),
        [
            "0:00:00 RECEIVE P 0 from P for tom",
            "0:00:01 HARECEIVE S 1 of P 0",
            "0:00:01 HAREDIRECT P 0 to S 1",
            "0:00:01 SUBMIT P",
        ]
    );
}

#[test]
fn rt_2_13_an_item_goes_to_the_delivery_group_of_its_recipients() {
    let first = |to: &[&str]| {
        let ran = play(DAG, "").mail(0, "eve@x.example", to).runs();
        let received = ran.only(&["RECEIVE"])[0].clone();
        received.split(' ').nth(2).map(str::to_owned).expect("a server")
    };
    // One mailbox: the DAG's servers of the nearest site, B, not those of A.
    assert_eq!(first(&["bob@x.example"]), "S");
    // Several: the nearest of their groups is Eve's own.
    assert_eq!(first(&["bob@x.example", "eve@x.example"]), "E");
    // None: her own.
    assert_eq!(first(&["zoe@far.example"]), "E");
    // The sender's site is nearest to itself.
    let ran = play(DAG, "").mail(0, "ann@x.example", &["bob@x.example"]).runs();
    assert_eq!(ran.only(&["RECEIVE"])[0], "0:00:01 RECEIVE P 0 from Q for bob");
}

#[test]
fn s6_s15_s17_s27_s44_to_s50_who_holds_the_shadow() {
    let of = |topology: &str, config: &str, broken: &[&str]| {
        let mut play = play(topology, config);
        for server in broken {
            play = play.down(0, server);
        }
        holder(&play.far_sends(1000, "P", &["ann@x.example"], None).runs())
    };
    let remote_only = r#"shadow_message_preference_setting: "RemoteOnly""#;
    let local_only = r#"shadow_message_preference_setting: "LocalOnly""#;
    for (config, broken, expected) in [
        // S17, S44: another site of the DAG, by name; then the own one.
        ("", &[][..], Some("S")),
        ("", &["S"], Some("T")),
        ("", &["S", "T"], Some("Q")),
        ("", &["S", "T", "Q"], None),
        // S45, S45b, S48.
        (local_only, &[], Some("Q")),
        (local_only, &["Q"], None),
        (remote_only, &["S"], Some("T")),
        (remote_only, &["S", "T"], None),
        // S47, S49: so many tries, and no more.
        ("max_retries_for_remote_site_shadow: 1", &["S"], Some("Q")),
        ("max_retries_for_local_site_shadow: 0", &["S", "T"], None),
    ] {
        assert_eq!(of(DAG, config, broken).as_deref(), expected, "{config} {broken:?}");
    }
    // S16, S46, S50: without a DAG it is the site, whatever the preference is.
    for config in ["", remote_only, local_only] {
        assert_eq!(of(SITE, config, &[]).as_deref(), Some("S"), "{config}");
        assert_eq!(of(SITE, config, &["S"]).as_deref(), Some("T"), "{config}");
    }
}

#[test]
fn m3_partners_take_turns() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["bob@x.example"], None)
        .far_sends(1000, "P", &["bob@x.example"], None)
        .far_sends(2000, "P", &["bob@x.example"], None)
        .runs();
    assert_eq!(
        ran.only(&["HARECEIVE"]),
        [
            "0:00:02 HARECEIVE S 2 of P 0",
            "0:00:03 HARECEIVE T 4 of P 1",
            "0:00:04 HARECEIVE S 5 of P 3",
        ]
    );
}

/// M3: where names decide, the first partner has every shadow.
#[test]
fn m3_partners_can_be_asked_by_name() {
    let mut play = play(SITE, "");
    play.scenario.settings.partners_by_name = true;
    let ran = play
        .far_sends(0, "P", &["bob@x.example"], None)
        .far_sends(1000, "P", &["bob@x.example"], None)
        .runs();
    assert_eq!(
        ran.only(&["HARECEIVE"]),
        ["0:00:02 HARECEIVE S 2 of P 0", "0:00:03 HARECEIVE S 3 of P 1"]
    );
}

/// P, L2, L3, L4 in one site and R1 to R5 in another one.
const LARGE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [
        (name: "P", version: Exchange2016, site: "A", dag: "D"), (name: "L2", version: Exchange2016, site: "A", dag: "D"),
        (name: "L3", version: Exchange2016, site: "A", dag: "D"), (name: "L4", version: Exchange2016, site: "A", dag: "D"),
        (name: "R1", version: Exchange2016, site: "B", dag: "D"), (name: "R2", version: Exchange2016, site: "B", dag: "D"),
        (name: "R3", version: Exchange2016, site: "B", dag: "D"), (name: "R4", version: Exchange2016, site: "B", dag: "D"),
        (name: "R5", version: Exchange2016, site: "B", dag: "D"),
    ],
    dags: [(name: "D", servers: ["P", "L2", "L3", "L4", "R1", "R2", "R3", "R4", "R5"])],
    mailboxes: [(address: "ann@x.example", server: "P")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

#[test]
fn t10_s47_s49_s51_m7_four_tries_elsewhere_then_two_at_home() {
    let with_down = |broken: &[&str]| {
        let mut play = play(LARGE, "");
        for server in broken {
            play = play.down(0, server);
        }
        play.far_sends(1000, "P", &["ann@x.example"], None).runs()
    };
    // The fourth is tried, the fifth is not: home comes next.
    assert_eq!(holder(&with_down(&["R1", "R2", "R3"])).as_deref(), Some("R4"));
    assert_eq!(holder(&with_down(&["R1", "R2", "R3", "R4"])).as_deref(), Some("L2"));
    assert_eq!(
        holder(&with_down(&["R1", "R2", "R3", "R4", "L2"])).as_deref(),
        Some("L3")
    );
    let ran = with_down(&["R1", "R2", "R3", "R4", "L2", "L3"]);
    assert_eq!(
        made(&ran),
        [
            "0:00:02 RECEIVE P 0 from Peer(PeerIdx(0)) for ann",
            "0:00:02 HAREDIRECTFAIL P 0 6",
            "0:00:02 250 P",
        ]
    );
}

/// M7: where retries follow a first try, a fifth server elsewhere and a third one at home are asked too.
#[test]
fn m7_retries_can_follow_a_first_try() {
    let with_down = |broken: &[&str]| {
        let mut play = play(LARGE, "");
        play.scenario.settings.retries_follow_first_try = true;
        for server in broken {
            play = play.down(0, server);
        }
        play.far_sends(1000, "P", &["ann@x.example"], None).runs()
    };
    let elsewhere = ["R1", "R2", "R3", "R4"];
    assert_eq!(holder(&with_down(&elsewhere)).as_deref(), Some("R5"));
    let all = [&elsewhere[..], &["R5", "L2", "L3"]].concat();
    assert_eq!(holder(&with_down(&all)).as_deref(), Some("L4"));
}

#[test]
fn s18_s21_s39_without_a_partner_mail_is_accepted_unprotected() {
    let alone = SITE.replace(r#"(name: "S", version: Exchange2013, site: "A"), "#, "");
    let alone = alone
        .replace(r#"(name: "T", version: Exchange2013, site: "A")"#, "")
        .replace("tom@", "tim@");
    let alone = alone
        .replace(r#"server: "S""#, r#"server: "P""#)
        .replace(r#"server: "T""#, r#"server: "P""#);
    let alone = alone.replace(r#"["P", "S"]"#, r#"["P"]"#);
    let ran = play(&alone, "").far_sends(0, "P", &["bob@x.example"], None).runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for bob",
            "0:00:01 HAREDIRECTFAIL P 0 0",
            "0:00:01 250 P",
        ]
    );
    assert_eq!(ran.fates()[0].1, FateKind::Delivered);
}

#[test]
fn s22_s51_without_a_shadow_mail_is_rejected_and_goes_nowhere() {
    let ran = play(SITE, REJECT)
        .down(0, "S")
        .down(0, "T")
        .far_sends(0, "P", &["ann@x.example"], None)
        .up(30 * SECOND, "S")
        .runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for ann",
            "0:00:01 HAREDIRECTFAIL P 0 2",
            "0:00:01 ABANDON P 0",
            "0:00:01 451 P",
            "0:00:01 SENDER WAITS 0:01:01",
            "0:01:02 RECEIVE P 1 from Peer(PeerIdx(0)) for ann",
            // T, whose turn it is, is still down.
            "0:01:03 HARECEIVE S 2 of P 1",
            "0:01:03 HAREDIRECT P 1 to S 2",
            "0:01:03 250 P",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("ann".to_owned(), FateKind::Delivered, "0:01:03".to_owned(), 1)]
    );
    let mut never = play(SITE, REJECT)
        .down(0, "S")
        .down(0, "T")
        .far_sends(0, "P", &["ann@x.example"], None);
    never.scenario.settings.until = Duration::from_secs(90);
    let ran = never.runs();
    assert_eq!(
        ran.fates(),
        [("ann".to_owned(), FateKind::Rejected451, "0:01:02".to_owned(), 0)]
    );
}

#[test]
fn s22_x27_rejected_items_wait_in_the_outbox_and_rejected_hops_in_the_queue() {
    let ran = play(SITE, REJECT)
        .down(0, "S")
        .down(0, "T")
        .mail(SECOND, "ann@x.example", &["ann@x.example"])
        .up(30 * SECOND, "S")
        .runs();
    assert_eq!(
        ran.only(&["451", "SUBMITDEFER", "SUBMIT", "DELIVER"]),
        [
            "0:00:01 451 P",
            "0:00:01 SUBMITDEFER P",
            // S takes its turn, and P holds the shadow.
            "0:01:03 SUBMIT P",
            "0:01:04 DELIVER S 1 ann",
        ]
    );
    // F has the message; E, without a partner but F, rejects nothing while F is up.
    let ran = play(DAG, REJECT)
        .down(0, "P")
        .down(0, "Q")
        .down(0, "T")
        .far_sends(0, "E", &["bob@x.example"], None)
        .up(100 * SECOND, "T")
        .runs();
    assert_eq!(
        ran.only(&["451", "250", "SEND", "DELIVER"]),
        [
            "0:00:02 250 E",
            // S has nobody: E's queue is tried again after a minute. The third connection, when T is up, begins with S again.
            "0:00:03 451 S",
            "0:01:04 451 S",
            "0:02:06 SEND E 0 to S",
            "0:02:06 DELIVER S 4 bob",
        ]
    );
}

#[test]
fn s19_s20_s23_switched_off_nothing_is_protected_and_nothing_rejected() {
    for config in [
        "shadow_redundancy_enabled: false",
        "shadow_redundancy_enabled: false, reject_message_on_shadow_failure: true",
    ] {
        let ran = play(SITE, config).far_sends(0, "P", &["ann@x.example"], None).runs();
        assert_eq!(
            ran.told(),
            [
                "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for ann",
                "0:00:01 250 P",
                "0:00:01 DELIVER P 0 ann",
                // X10: only the primary one is there.
                "0:00:01 KEPT P 0 PrimarySafetyNet",
            ]
        );
    }
}

/// H is a 2010 hub beside P and S.
const MIXED: &str = r#"(
    sites: [(name: "A")],
    servers: [(name: "H", version: Exchange2010Sp3, site: "A"), (name: "P", version: Exchange2013, site: "A"), (name: "S", version: Exchange2013, site: "A")],
    mailboxes: [(address: "hal@x.example", server: "H"), (address: "pia@x.example", server: "P")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

#[test]
fn s35_to_s37_m9_hubs_of_2010_hold_no_shadows_and_their_mail_is_protected_on_arrival() {
    let ran = play(MIXED, "").far_sends(0, "P", &["hal@x.example"], None).runs();
    assert_eq!(
        ran.only(&["HARECEIVE", "SEND", "DISCARDQUEUED", "KEPT"]),
        [
            "0:00:02 HARECEIVE S 1 of P 0",
            "0:00:03 SEND P 0 to H",
            "0:00:03 KEPT P 0 PrimarySafetyNet",
            "0:00:03 DISCARDQUEUED P 0 for S",
            "0:02:02 KEPT S 1 ShadowSafetyNet",
        ]
    );
    // The only other server of 2013 is down: the hub is not asked.
    let ran = play(MIXED, "")
        .down(0, "S")
        .far_sends(0, "P", &["pia@x.example"], None)
        .runs();
    assert_eq!(ran.only(&["HAREDIRECTFAIL"]), ["0:00:01 HAREDIRECTFAIL P 0 1"]);
    // From the hub: P makes a shadow before its 250, which is H's SEND.
    let ran = play(MIXED, "").mail(0, "hal@x.example", &["pia@x.example"]).runs();
    let lines = ran.only(&["HARECEIVE", "SEND"]);
    assert_eq!(lines, ["0:00:02 HARECEIVE S 2 of P 1", "0:00:02 SEND H 0 to P"]);
}

#[test]
fn s34_s34b_a_hop_inside_the_boundary_makes_a_shadow_of_its_own() {
    let play = play(DAG, "");
    let (db, p, q) = (play.database("DB"), play.server("P"), play.server("Q"));
    let ran = play
        .at(0, Kind::Dismount(db))
        .far_sends(0, "P", &["bob@x.example"], None)
        .at(10 * SECOND, Kind::Redirect { server: p, to: Some(q) })
        .at(20 * SECOND, Kind::Mount(db))
        .runs();
    assert_eq!(
        ran.only(&["RECEIVE", "HARECEIVE", "SEND", "DISCARDQUEUED", "DELIVER"]),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for bob",
            "0:00:02 HARECEIVE S 1 of P 0",
            "0:00:11 RECEIVE Q 2 from P for bob",
            "0:00:12 HARECEIVE S 3 of Q 2",
            "0:00:12 SEND P 0 to Q",
            "0:00:12 DISCARDQUEUED P 0 for S",
            // The queue is tried again after five minutes.
            "0:05:13 DELIVER Q 2 bob",
            "0:05:13 DISCARDQUEUED Q 2 for S",
        ]
    );
}

#[test]
fn m1_a_server_that_stops_before_the_shadow_is_there() {
    let play = |config| {
        play(SITE, config)
            .far_sends(0, "P", &["tom@x.example"], None)
            .down(1500, "P")
            .up(60 * SECOND, "P")
    };
    // What it had written it delivers; the sender, who has no answer, has gone to S.
    let ran = play("").runs();
    assert_eq!(
        ran.only(&["RECEIVE", "ABANDON", "DELIVER", "DUPLICATE"]),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            "0:00:02.500 RECEIVE S 1 from Peer(PeerIdx(0)) for tom",
            "0:00:04.500 DELIVER S 1 tom",
            "0:01:01 DUPLICATE P 0 tom",
        ]
    );
    // Where it may not go on without a shadow, and where it writes only then, it has nothing.
    let mut later = play("");
    later.scenario.settings.commit_after_shadow = true;
    for ran in [play(REJECT).runs(), later.runs()] {
        assert_eq!(ran.only(&["ABANDON"]), ["0:00:01.500 ABANDON P 0"]);
        assert_eq!(ran.only(&["DELIVER", "DUPLICATE"]), ["0:00:04.500 DELIVER S 1 tom"]);
    }
}

/// S has the shadow, and stops before P, which does nothing for a minute, can know.
fn doubtful(config: &str) -> Scene {
    play(SITE, config)
        .smtp(0, "P", &["ann@x.example"])
        .pause(1500, "P")
        .down(3000, "S")
}

#[test]
fn s64_a_shadow_of_which_nobody_has_said_that_it_is_there_is_released_too() {
    let ran = doubtful("").up(60 * SECOND, "P").up(120 * SECOND, "S").runs();
    assert_eq!(
        ran.only(&["HARECEIVE", "DISCARDQUEUED", "HADISCARD"]),
        [
            "0:00:02 HARECEIVE S 1 of P 0",
            "0:01:01 HARECEIVE T 2 of P 0",
            "0:01:01 DISCARDQUEUED P 0 for S",
            "0:01:01 DISCARDQUEUED P 0 for T",
            "0:02:00 HADISCARD S 1",
            "0:03:01 HADISCARD T 2",
        ]
    );
}

#[test]
fn s22_the_shadow_of_what_was_rejected_is_worth_nothing() {
    let ran = doubtful(REJECT)
        .down(3000, "T")
        .up(60 * SECOND, "P")
        .up(90 * SECOND, "S")
        .up(90 * SECOND, "T")
        .runs();
    assert_eq!(
        ran.only(&["ABANDON", "451", "DISCARDQUEUED", "HADISCARD", "KEPT", "DELIVER"]),
        [
            "0:01:00 ABANDON P 0",
            "0:01:00 DISCARDQUEUED P 0 for S",
            "0:01:00 451 P",
            // S asks when it starts, and keeps nothing.
            "0:01:30 HADISCARD S 1",
            "0:02:02 DELIVER P 2 ann",
            "0:02:02 DISCARDQUEUED P 2 for T",
            "0:02:02 KEPT P 2 PrimarySafetyNet",
            "0:04:02 HADISCARD T 3",
            "0:04:02 KEPT T 3 ShadowSafetyNet",
        ]
    );
}
