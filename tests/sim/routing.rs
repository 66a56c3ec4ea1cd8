//! Which server hands over to which, and when copies split.

use bridgehead::model::FateKind;

use super::support::Play;

/// A - B - C and B - D, one server each.
const FORK: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "C"), (name: "D")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10), (name: "BC", sites: ["B", "C"], cost: 10), (name: "BD", sites: ["B", "D"], cost: 10)],
    servers: [
        (name: "HA", version: Exchange2007Sp1, site: "A"), (name: "HB", version: Exchange2007Sp1, site: "B"),
        (name: "HC", version: Exchange2007Sp1, site: "C"), (name: "HD", version: Exchange2007Sp1, site: "D"),
    ],
    mailboxes: [
        (address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB"),
        (address: "cid@x.example", server: "HC"), (address: "dan@x.example", server: "HD"),
    ],
    groups: [(address: "all@x.example", members: ["ann@x.example", "cid@x.example", "inner@x.example"]),
             (address: "inner@x.example", members: ["dan@x.example", "all@x.example"]),
             (address: "far@x.example", members: ["bob@x.example", "dan@x.example"], expansion_server: "HD")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

#[test]
fn one_recipient_is_relayed_directly() {
    // RT-2.3: no hub site on the path, so the servers of B have no part in it.
    let played = Play::new(FORK).mail(0, "ann@x.example", &["cid@x.example"]).run();
    assert_eq!(
        played.story(),
        [
            "0:00:00 RECEIVE HA from HA for cid",
            "0:00:01 RECEIVE HC from HA for cid",
            "0:00:01 SEND HA to HC for cid",
            "0:00:01 DELIVER HC to cid",
        ]
    );
    assert_eq!(played.ends(), ["m1 cid@x.example delivered 0:00:01"]);
}

#[test]
fn a_copy_for_two_sites_splits_at_the_fork() {
    // RT-2.5: one copy to the last common site, from there two.
    let played = Play::new(FORK)
        .mail(0, "ann@x.example", &["dan@x.example", "cid@x.example"])
        .run();
    assert_eq!(
        played.lines(&["RECEIVE"]),
        [
            "0:00:00 RECEIVE HA from HA for cid dan",
            "0:00:01 RECEIVE HB from HA for cid dan",
            "0:00:02 RECEIVE HC from HB for cid",
            "0:00:02 RECEIVE HD from HB for dan",
        ]
    );
}

#[test]
fn a_recipient_at_the_fork_stays_there() {
    let played = Play::new(FORK)
        .mail(0, "ann@x.example", &["bob@x.example", "cid@x.example"])
        .run();
    assert_eq!(
        played.lines(&["RECEIVE", "DELIVER"]),
        [
            "0:00:00 RECEIVE HA from HA for bob cid",
            "0:00:01 RECEIVE HB from HA for bob cid",
            "0:00:01 DELIVER HB to bob",
            "0:00:02 RECEIVE HC from HB for cid",
            "0:00:02 DELIVER HC to cid",
        ]
    );
}

#[test]
fn a_hub_site_on_the_path_is_a_stop() {
    // RT-2.3: every hub site on the path is visited.
    let hub = FORK.replace(r#"(name: "B")"#, r#"(name: "B", hub_site: true)"#);
    let played = Play::new(&hub).mail(0, "ann@x.example", &["cid@x.example"]).run();
    assert_eq!(
        played.lines(&["RECEIVE"]),
        [
            "0:00:00 RECEIVE HA from HA for cid",
            "0:00:01 RECEIVE HB from HA for cid",
            "0:00:02 RECEIVE HC from HB for cid",
        ]
    );
}

#[test]
fn groups_are_expanded_where_mail_comes_in_and_everybody_is_sent_to_once() {
    let played = Play::new(FORK)
        .mail(0, "ann@x.example", &["all@x.example", "dan@x.example"])
        .run();
    assert_eq!(played.lines(&["EXPAND"]), ["0:00:00 EXPAND HA ann cid dan"]);
    assert_eq!(
        played.ends(),
        [
            "m1 ann@x.example delivered 0:00:00",
            "m1 cid@x.example delivered 0:00:02",
            "m1 dan@x.example delivered 0:00:02",
        ]
    );
}

#[test]
fn a_group_with_an_expansion_server_is_expanded_there() {
    let played = Play::new(FORK).mail(0, "ann@x.example", &["far@x.example"]).run();
    assert_eq!(
        played.lines(&["RECEIVE", "EXPAND"]),
        [
            "0:00:00 RECEIVE HA from HA for far",
            "0:00:01 RECEIVE HD from HA for far",
            "0:00:01 EXPAND HD bob dan",
            "0:00:02 RECEIVE HB from HD for bob",
        ]
    );
}

#[test]
fn who_is_unknown_is_returned_at_once() {
    let played = Play::new(FORK).mail(0, "ann@x.example", &["eve@x.example"]).run();
    assert_eq!(played.lines(&["FAIL"]), ["0:00:00 FAIL HA eve 5.1.1"]);
    assert_eq!(played.fate(), FateKind::Ndr);
}

#[test]
fn connections_take_the_servers_of_a_site_in_turn() {
    // RT-2.10: {HT1,HT2,HT3}, {HT2,HT3,HT1}, {HT3,HT1,HT2}.
    let play = Play::new(
        r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"])],
        servers: [
            (name: "HA", version: Exchange2007Sp1, site: "A"), (name: "HT1", version: Exchange2007Sp1, site: "B", roles: [HubTransport]),
            (name: "HT2", version: Exchange2007Sp1, site: "B", roles: [HubTransport]), (name: "HT3", version: Exchange2007Sp1, site: "B", roles: [HubTransport]),
            (name: "MB", version: Exchange2007Sp1, site: "B", roles: [Mailbox]),
        ],
        mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "MB")],
    )"#,
    );
    let play = (0..4).fold(play, |play, at| play.mail(at, "ann@x.example", &["bob@x.example"]));
    let down = play.clone().down(10, "HT2");
    let taken = |lines: Vec<String>| -> Vec<String> {
        lines
            .iter()
            .filter_map(|line| line.split("RECEIVE ").nth(1)?.split(' ').next().map(str::to_owned))
            .filter(|name| name != "HA")
            .collect()
    };
    assert_eq!(
        taken(play.run().lines(&["from HA for bob"])),
        ["HT1", "HT2", "HT3", "HT1"]
    );
    // The next of the rotated list takes what one that is down would have taken.
    let later = (11..14).fold(down, |play, at| play.mail(at, "ann@x.example", &["bob@x.example"]));
    assert_eq!(
        taken(later.run().lines(&["from HA for bob"])),
        ["HT1", "HT2", "HT3", "HT1", "HT3", "HT3", "HT1"]
    );
}

#[test]
fn a_server_that_is_no_source_hands_over_to_one_that_is() {
    let played = Play::new(
        r#"(
        sites: [(name: "A")],
        servers: [(name: "H1", version: Exchange2007Sp1, site: "A"), (name: "H2", version: Exchange2007Sp1, site: "A")],
        connectors: [(name: "Out", kind: Send, source_servers: ["H2"], address_spaces: ["SMTP:*"])],
        mailboxes: [(address: "ann@x.example", server: "H1")],
    )"#,
    )
    .mail(0, "ann@x.example", &["pat@far.example"])
    .run();
    assert_eq!(
        played.story(),
        [
            "0:00:00 RECEIVE H1 from H1 for pat",
            "0:00:01 RECEIVE H2 from H1 for pat",
            "0:00:01 SEND H1 to H2 for pat",
            "0:00:02 SEND H2 to outside for pat",
        ]
    );
    assert_eq!(played.ends(), ["m1 pat@far.example delivered_outside 0:00:02"]);
}
