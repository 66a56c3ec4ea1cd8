//! Who is answered, who is in a group, and what is sent twice.

use super::*;

/// N14: a server that is paused and is said to come up with another queue database has lost what it had: its acknowledgement was
/// given when its time was up, and no second copy was there (L10-3).
#[test]
fn a_paused_server_that_gets_another_queue_database_is_restarted_with_it() {
    let fates = comes(
        HUBS,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["bob@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "HB"),
            (at: "50s", kind: Pause, target: "HA"),
            (at: "2min", kind: ServerUp, target: "HB"),
            (at: "10min", kind: ServerUp, target: "HA", database: New),
        ]"#,
    );
    assert_eq!(fates, ["bob@x.example lost 0:10:00 x0 L10-3"]);
}

/// The deadline of an acknowledgement passes while its server is paused: it is given when that works again.
#[test]
fn a_paused_server_acknowledges_later() {
    let fates = comes(
        HUBS,
        r#"peers: [(name: "out")],
        messages: [(id: "m", at: "9s", from: "q@out.example", to: ["bob@x.example"], entry: (peer: "out", server: "HA"))],
        delays: [(from: "HA", to: "HB", delay: "20s")],
        events: [(at: "20s", kind: Pause, target: "HA"), (at: "5min", kind: ServerUp, target: "HA")]"#,
    );
    assert_eq!(fates, ["bob@x.example delivered 0:00:30 x1"]);
}

/// C1 and C2 in a site, and E1, an Edge server that is subscribed to it.
const EDGE: &str = r#"(
    sites: [(name: "C")],
    servers: [
        (name: "C1", version: Exchange2013, site: "C"), (name: "C2", version: Exchange2013, site: "C"),
        (name: "E1", version: Exchange2013, roles: [EdgeTransport]),
    ],
    edge_subscriptions: [(edge: "E1", site: "C")],
    mailboxes: [(address: "cid@x.example", server: "C1")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
    transport_config: (CONFIG),
)"#;

/// N40: an Edge server of 2013 makes no shadows, and acknowledges all the same.
#[test]
fn an_edge_server_of_2013_acknowledges_without_a_shadow() {
    let fates = comes(
        &EDGE.replace("CONFIG", ""),
        r#"peers: [(name: "out")],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "E1"))]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("cid@x.example delivered 0:00:1"), "{fates:?}");
}

/// N80: what goes with such a server had no partner (L13-1), wherever messages without shadows are rejected.
#[test]
fn an_edge_server_of_2013_loses_what_it_has() {
    for config in ["", "reject_message_on_shadow_failure: true"] {
        let fates = comes(
            &EDGE.replace("CONFIG", config),
            r#"peers: [(name: "out")],
            messages: [(id: "m", at: "10s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "E1"))],
            events: [
                (at: "0s", kind: ServerDown, target: "C1"), (at: "0s", kind: ServerDown, target: "C2"),
                (at: "1min", kind: Destroy, target: "E1"),
            ]"#,
        );
        assert_eq!(fates, ["cid@x.example lost 0:01:00 x0 L13-1"]);
    }
}

/// N19: a shadow that has the group goes with its disk when everybody has the mail: nobody has lost anything.
#[test]
fn a_shadow_too_many_for_a_group_is_no_loss() {
    let fates = comes(
        SITE,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [(at: "30s", kind: ServerDown, target: "A2"), (at: "40s", kind: ServerUp, target: "A2", database: New)]"#,
    );
    let expect = [
        "cid@x.example delivered 0:00:12 x1",
        "dan@x.example delivered 0:00:13 x1",
    ];
    assert_eq!(fates, expect);
}

/// RT-2.4: who is in a group in a group that another server expands is not left out.
#[test]
fn a_group_in_a_group_that_is_expanded_elsewhere_has_its_members() {
    let groups = r#"groups: [
        (address: "deep@x.example", members: ["cid@x.example", "few@x.example"]),
        (address: "few@x.example", members: ["all@x.example"], expansion_server: "B1"),
        (address: "all@x.example", members: ["eve@x.example"]),
    "#;
    let fates = comes(
        &SITE.replace("groups: [", groups),
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["deep@x.example"], entry: (client: Smtp, server: "A1"))]"#,
    );
    let expect = [
        "cid@x.example delivered 0:00:12 x1",
        "eve@x.example delivered 0:00:13 x1",
    ];
    assert_eq!(fates, expect);
}

/// M12: where the two days begin anew at a promotion, the message is returned two days after that.
#[test]
fn the_two_days_begin_anew_at_a_promotion_where_that_is_set() {
    let fates = comes(
        SITE,
        r#"settings: (until: "3d", expiry_restarts_at_promotion: true),
        peers: [(name: "out")],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["eve@x.example"], entry: (peer: "out", server: "A1"))],
        events: [(at: "0s", kind: ServerDown, target: "B1"), (at: "13s", kind: Destroy, target: "A1")]"#,
    );
    assert_eq!(fates, ["eve@x.example Expired 51:00:12 x0"]);
}

/// A database of a DAG without a list of copies has one on every member.
#[test]
fn a_dag_whose_file_lists_no_copies_has_them_everywhere() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [
                (name: "P", version: Exchange2013, site: "A", dag: "D"), (name: "Q", version: Exchange2013, site: "A", dag: "D"),
            ],
            dags: [(name: "D")],
            databases: [(name: "DB", dag: "D")],
            mailboxes: [(address: "bob@x.example", database: "DB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["bob@x.example"], entry: (client: Smtp, server: "P"))],
        events: [(at: "5s", kind: Failover, target: "DB")]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("bob@x.example delivered"), "{fates:?}");
}

/// A group whose expansion server is HB; HC, where a member has his mailbox, is down until the end.
const GROUP: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B"),
        (name: "HC", version: Exchange2010Sp2, site: "B", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "cid@x.example", server: "HC")],
    groups: [(address: "g@x.example", members: ["ann@x.example", "cid@x.example"], expansion_server: "HB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// N72: HB has replaced the group by its members and dies with the copy for one of them, who has left the group when HA hands it
/// over once more: he is no recipient any more. Who is back in time is one.
#[test]
fn who_has_left_a_group_before_it_is_expanded_again_is_no_recipient() {
    let comes = |more: &str| {
        let rest = format!(
            r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "HA"))],
            events: [
                (at: "0s", kind: ServerDown, target: "HC"),
                (at: "1min", kind: GroupChange, target: "g@x.example", remove: ["cid@x.example"]),
                {more}
                (at: "10min", kind: ServerUp, target: "HB", database: New),
                (at: "20min", kind: ServerUp, target: "HC"),
            ]"#
        );
        comes(GROUP, &rest)
    };
    let ann = "ann@x.example SuppressedDuplicate 0:15:43 x1 DUP-4";
    assert_eq!(comes(""), [ann]);
    let back = comes(r#"(at: "2min", kind: GroupChange, target: "g@x.example", add: ["cid@x.example"]),"#);
    assert_eq!(back, [ann, "cid@x.example delivered 0:20:43 x1"]);
}

/// N93: A1 has replaced the group and is down with the copy that names Cid, who has left it when A2 takes over. If A1 has lost that
/// copy when it comes back, nothing was owed to him; if it has it still, he gets it.
#[test]
fn who_has_left_a_group_is_passed_over_by_the_shadow() {
    let comes = |database: &str| {
        let rest = format!(
            r#"settings: (partners_by_name: true),
            messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "A1"))],
            events: [
                (at: "0s", kind: ServerDown, target: "A3"),
                (at: "1min", kind: GroupChange, target: "g@x.example", remove: ["cid@x.example"]),
                (at: "2min", kind: ServerDown, target: "A1"),
                (at: "10h", kind: ServerUp, target: "A1"{database}), (at: "11h", kind: ServerUp, target: "A3"),
            ]"#
        );
        comes(
            r#"(
                sites: [(name: "A")],
                servers: [
                    (name: "A1", version: Exchange2013, site: "A"), (name: "A2", version: Exchange2013, site: "A"),
                    (name: "A3", version: Exchange2013, site: "A"),
                ],
                mailboxes: [(address: "ann@x.example", server: "A2"), (address: "cid@x.example", server: "A3")],
                groups: [(address: "g@x.example", members: ["ann@x.example", "cid@x.example"])],
                accepted_domains: [(domain: "x.example", kind: Authoritative)],
            )"#,
            &rest,
        )
    };
    let ann = "ann@x.example SuppressedDuplicate 3:00:12 x1 DUP-2";
    assert_eq!(comes(", database: New"), [ann]);
    assert_eq!(comes(""), [ann, "cid@x.example delivered 11:00:01 x1"]);
}

/// M5, N41: the primary server stops at the instant at which its notification comes, and has it until its time is up.
#[test]
fn a_notification_whose_arrival_nobody_has_confirmed_is_dropped_in_its_time() {
    let topology = r#"(
        sites: [(name: "A")],
        servers: [(name: "H0", version: ExchangeSe, site: "A"), (name: "H1", version: ExchangeSe, site: "A")],
        mailboxes: [(address: "ann@x.example", server: "H1")],
    )"#;
    let rest = r#"messages: [
        (id: "m0", at: "0s", from: "ann@x.example", to: ["ann@x.example"]), (id: "m1", at: "3d", from: "ann@x.example", to: ["ann@x.example"]),
    ]"#;
    for after in 7..=11 {
        let fates = comes_stopping(topology, rest, Some(("H0", after)));
        assert!(fates[0].starts_with("ann@x.example delivered 0:00:03 x1"), "{fates:?}");
    }
}

/// N94: who is in both lists of a change leaves the group and joins it, and so is a member in the end, whether he was one or not.
#[test]
fn who_leaves_and_joins_a_group_at_once_is_a_member() {
    let comes = |whom: &str, members: &str| {
        let topology = format!(
            r#"(
                sites: [(name: "A")],
                servers: [(name: "HA", version: Exchange2010Sp2, site: "A")],
                mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HA")],
                groups: [(address: "g@x.example", members: [{members}])],
                accepted_domains: [(domain: "x.example", kind: Authoritative)],
            )"#
        );
        let rest = format!(
            r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "HA"))],
            events: [(at: "1s", kind: GroupChange, target: "g@x.example", add: ["{whom}"], remove: ["{whom}"])]"#
        );
        comes(&topology, &rest)
    };
    let ann = "ann@x.example delivered 0:00:11 x1";
    assert_eq!(comes("ann@x.example", r#""ann@x.example""#), [ann]);
    let bob = "bob@x.example delivered 0:00:11 x1";
    assert_eq!(comes("bob@x.example", r#""ann@x.example""#), [ann, bob]);
}

/// H1 has replaced the group by nobody and is lost before it answers, so that the message comes again, to H2, and waits there for
/// the server that expands the group: what comes back is for the group, since it has no members.
#[test]
fn a_group_of_nobody_is_returned_under_its_own_name() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [(name: "H1", version: Exchange2013, site: "A"), (name: "H2", version: Exchange2013, site: "A")],
            groups: [(address: "g@x.example", expansion_server: "H1")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"peers: [(name: "out")],
        messages: [(id: "m", at: "10min", from: "q@out.example", to: ["g@x.example"], entry: (peer: "out", server: "H1"))],
        events: [(at: "601s", kind: Destroy, target: "H1")]"#,
    );
    assert_eq!(fates, ["g@x.example Expired 48:10:02 x0"]);
}

/// Whoever hears that a group got nothing hears it of its members, too: of those for whom it had been expanded once.
#[test]
fn a_group_that_is_returned_is_returned_for_its_members() {
    let fates = comes(
        GROUP,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "HC"),
            (at: "1min", kind: Destroy, target: "HB"),
            (at: "60h", kind: ServerUp, target: "HB", database: New),
        ]"#,
    );
    let expect = [
        "ann@x.example delivered 0:00:13 x1",
        "cid@x.example Expired 60:00:41 x0",
    ];
    assert_eq!(fates, expect);
}

/// S47: a server of another site that comes up at the very instant at which a message comes in may be too late for its shadow.
#[test]
fn a_server_that_comes_up_at_the_same_instant_may_be_passed_over() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "P", version: Exchange2013, site: "A", dag: "D"), (name: "Q", version: Exchange2013, site: "A", dag: "D"),
                (name: "R", version: Exchange2013, site: "B", dag: "D"),
            ],
            dags: [(name: "D")],
            mailboxes: [(address: "eve@x.example", server: "Q"), (address: "fay@x.example", server: "P")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "1min", from: "fay@x.example", to: ["eve@x.example"], entry: (client: Mapi))],
        events: [(at: "0s", kind: ServerDown, target: "R"), (at: "1min", kind: ServerUp, target: "R")]"#,
    );
    assert_eq!(fates, ["eve@x.example delivered 0:01:02 x1"]);
}

/// Mail from A to C is handed over in B, whose server is lost with its queues and comes back.
const LINE: &str = r#"(
    sites: [(name: "A"), (name: "B", hub_site: true), (name: "C")],
    site_links: [(name: "AB", sites: ["A", "B"]), (name: "BC", sites: ["B", "C"])],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B"),
        (name: "HC", version: Exchange2010Sp2, site: "C"),
    ],
    mailboxes: [(address: "cid@x.example", server: "HC")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// A56: the system outside had no answer in five seconds and sent again. HB is lost with both attempts, and HA hands both over once
/// more: that there are two is the sender's doing.
#[test]
fn two_attempts_of_a_sender_stay_two_whatever_takes_them_over() {
    let fates = comes(
        LINE,
        r#"peers: [(name: "out", ack_timeout: "5s")],
        messages: [(id: "m", at: "9s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "HC"),
            (at: "3min", kind: ServerUp, target: "HB", database: New),
            (at: "30min", kind: ServerUp, target: "HC"),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example SuppressedDuplicate 0:32:42 x1 DUP-9"]);
}

/// A38: HC has taken the message, HB never writes that down, and is lost. What HA hands over again had been done by nobody whom
/// HB knew.
#[test]
fn what_a_next_hop_has_taken_unknown_to_who_is_lost_is_no_fork_that_was_done() {
    let fates = comes(
        LINE,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example"], entry: (client: Smtp, server: "HA"))],
        delays: [(from: "HB", to: "HC", delay: "10s")],
        events: [(at: "15s", kind: Pause, target: "HB"), (at: "1min", kind: ServerUp, target: "HB", database: New)]"#,
    );
    assert_eq!(fates, ["cid@x.example SuppressedDuplicate 0:15:26 x1 DUP-5"]);
}

/// N72: whose mailbox has lost what it had is a loss, although the copy that is left is for a group that he has left since.
#[test]
fn who_leaves_a_group_after_his_mailbox_has_lost_the_mail_has_lost_it() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "HA", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
                (name: "HB", version: Exchange2010Sp2, site: "B", roles: [HubTransport]),
                (name: "B1", version: Exchange2010Sp2, site: "B", roles: [Mailbox], dag: "D"),
                (name: "B2", version: Exchange2010Sp2, site: "B", roles: [Mailbox], dag: "D"),
            ],
            dags: [(name: "D")],
            databases: [
                (name: "DB", dag: "D", active_on: "B1", copies: [(server: "B1"), (server: "B2")]),
                (name: "DC", dag: "D", active_on: "B2", copies: [(server: "B1"), (server: "B2")]),
            ],
            mailboxes: [(address: "ann@x.example", database: "DB"), (address: "cid@x.example", database: "DC")],
            groups: [(address: "g@x.example", members: ["ann@x.example", "cid@x.example"], expansion_server: "HB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: Dismount, target: "DC"),
            (at: "30s", kind: Failover, target: "DB", to: "B2", lost_log: "1min"),
            (at: "1h", kind: GroupChange, target: "g@x.example", remove: ["ann@x.example"]),
            (at: "2h", kind: Mount, target: "DC"),
        ]"#,
    );
    assert_eq!(fates[0], "ann@x.example lost 0:01:00 x0 L10-9", "{fates:?}");
    assert!(fates[1].starts_with("cid@x.example delivered 2:0"), "{fates:?}");
    assert_eq!(fates.len(), 2);
}

/// L13-11: a mailbox without copies loses what came into it weeks ago, which nothing else remembers any more.
#[test]
fn what_was_delivered_long_ago_goes_with_its_mailbox() {
    let topology = r#"(
        sites: [(name: "A")],
        servers: [(name: "P", version: Exchange2013, site: "A"), (name: "Q", version: Exchange2013, site: "A")],
        mailboxes: [(address: "pam@x.example", server: "P"), (address: "quin@x.example", server: "Q")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    // Enough to happen for the checker to look what it can forget.
    let message =
        |number: usize| format!(r#"(id: "{number}", at: "{number}s", from: "quin@x.example", to: ["pam@x.example"])"#);
    let late = |number: usize| {
        format!(
            r#"(id: "late{number}", at: "{}s", from: "pam@x.example", to: ["quin@x.example"])"#,
            1_555_200 + number
        )
    };
    let messages: Vec<String> = (1..=20).map(message).chain((1..=400).map(late)).collect();
    let fates = comes(
        topology,
        &format!(
            r#"settings: (until: "30d"), messages: [{}], events: [(at: "20d", kind: Destroy, target: "P")]"#,
            messages.join(", ")
        ),
    );
    let of_pam = || fates.iter().filter(|fate| fate.starts_with("pam"));
    assert_eq!(of_pam().count(), 20);
    for fate in of_pam() {
        assert_eq!(fate, "pam@x.example lost 480:00:00 x0 L13-11");
    }
}

/// N22, N23: a system outside keeps what it has handed over until no notification can come any more. If its only server is lost by
/// then, the message is returned; if that works and has only forgotten to say that it is done, nobody hears of it.
#[test]
fn what_a_system_outside_has_kept_too_long_is_returned_when_its_server_is_lost() {
    let message = r#"peers: [(name: "out", shadow: true)],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["bob@x.example"], entry: (peer: "out", server: "HA"))],
        "#;
    let lost = format!(
        r#"{message} events: [
            (at: "0s", kind: ServerDown, target: "HB"), (at: "1h", kind: Destroy, target: "HA"),
            (at: "5d", kind: ServerUp, target: "HA"), (at: "5d", kind: ServerUp, target: "HB"),
        ]"#
    );
    assert_eq!(comes(HUBS, &lost), ["bob@x.example Expired 96:00:11 x0"]);
    let hubs = HUBS.replace(
        "accepted_domains",
        r#"transport_config: (shadow_message_auto_discard_interval: "5s"), accepted_domains"#,
    );
    assert_eq!(comes(&hubs, message), ["bob@x.example delivered 0:00:12 x1"]);
}

/// N88: H1 replaces `few` and, with it, `all`, and hands `deep`, which has `all` as well, to H2. Who joins `all` on that way is too late
/// for both: the message knows that `all` was replaced.
#[test]
fn who_joins_a_group_that_was_replaced_is_too_late() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [(name: "H1", version: Exchange2007Sp1, site: "A"), (name: "H2", version: Exchange2007Sp1, site: "A")],
            mailboxes: [
                (address: "ann@x.example", server: "H1"), (address: "bob@x.example", server: "H1"), (address: "cid@x.example", server: "H2"),
            ],
            groups: [
                (address: "all@x.example", members: ["ann@x.example"]),
                (address: "few@x.example", members: ["all@x.example", "deep@x.example"]),
                (address: "deep@x.example", members: ["cid@x.example", "all@x.example"], expansion_server: "H2"),
            ],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"delays: [(from: "H1", to: "H2", delay: "10s")],
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["few@x.example"], entry: (client: Smtp, server: "H1"))],
        events: [(at: "15s", kind: GroupChange, target: "all@x.example", add: ["bob@x.example"])]"#,
    );
    let expected = [
        "ann@x.example delivered 0:00:11 x1",
        "cid@x.example delivered 0:00:21 x1",
    ];
    assert_eq!(fates, expected);
}

/// N93: HB is down with the copy that names Cid before it has acknowledged that (A46), and HA gives its copy for the group back.
#[test]
fn who_has_left_a_group_is_passed_over_when_its_mail_comes_back() {
    let fates = comes(
        &GROUP.replacen("Exchange2010Sp2", "Exchange2007Sp1", 1),
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "HC"), (at: "20s", kind: ServerDown, target: "HB"),
            (at: "1h", kind: GroupChange, target: "g@x.example", remove: ["cid@x.example"]),
            (at: "60h", kind: ServerUp, target: "HB", database: New),
        ]"#,
    );
    assert_eq!(fates, ["ann@x.example delivered 0:00:13 x1"]);
}
