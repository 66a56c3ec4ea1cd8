//! What is lost, refused or late.

use super::*;

const TWO_SITES: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "A1", version: Exchange2013, site: "A"), (name: "A2", version: Exchange2013, site: "A"),
        (name: "A3", version: Exchange2013, site: "A"), (name: "B1", version: Exchange2013, site: "B"),
    ],
    mailboxes: [(address: "cid@x.example", server: "A3")],
    groups: [(address: "g@x.example", members: ["cid@x.example"], expansion_server: "A2")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// The same with a second server in B, where Dan is.
fn two_in_b() -> String {
    let b1 = r#"(name: "B1", version: Exchange2013, site: "B")"#;
    TWO_SITES
        .replace(b1, &format!(r#"{b1}, (name: "B2", version: Exchange2013, site: "B")"#))
        .replace(
            "mailboxes: [",
            r#"mailboxes: [(address: "dan@x.example", server: "B2"), "#,
        )
}

/// Two servers took the message and both lost it: what became of it is told by the one that had answered, without a shadow, and
/// not by the other, which went last.
#[test]
fn a_loss_is_told_by_the_copy_that_was_acknowledged() {
    let fates = comes(
        TWO_SITES,
        r#"peers: [(name: "out")], delays: [(from: "A1", to: "A2", delay: "20s")],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "B1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"), (at: "15s", kind: ServerDown, target: "A1"),
            (at: "1min", kind: Destroy, target: "A2"), (at: "2min", kind: ServerUp, target: "A1", database: New),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example lost 0:02:00 x0 L13-2"]);
}

/// A queue whose only mail is under way has nothing to redirect, and goes on counting its failures (T20).
#[test]
fn what_is_under_way_is_not_redirected() {
    let fates = comes(
        TWO_SITES,
        r#"delays: [(from: "A1", to: "A2", delay: "9min")],
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A2"), (at: "90s", kind: ServerUp, target: "A2"),
            (at: "5min", kind: Redirect, target: "A1"),
            (at: "10min", kind: NetworkCut, target: "A1", other: "A2"), (at: "650s", kind: NetworkRestore, target: "A1", other: "A2"),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example delivered 0:20:02 x1"]);
}

/// N14: a server that runs and is restarted with an empty queue database while it makes a shadow loses the message with the old
/// one, and nothing is said of it after that.
#[test]
fn what_has_no_shadow_yet_goes_with_the_queue_database() {
    for setting in ["commit_after_shadow: true", "until: \"3d\""] {
        let fates = comes(
            &SITE.replace(
                "accepted",
                "transport_config: (reject_message_on_shadow_failure: true), accepted",
            ),
            &format!(
                r#"settings: ({setting}), peers: [(name: "out")], delays: [(from: "A1", to: "A2", delay: "1min")],
                messages: [(id: "m", at: "10s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "A1"))],
                events: [(at: "15s", kind: ServerUp, target: "A1", database: New)]"#
            ),
        );
        // The other server of the site takes it at once.
        assert_eq!(fates, ["cid@x.example delivered 0:01:16 x1"], "{setting}");
    }
}

/// L10-11: a database whose copies were all lost begins anew where a server is back. Who is not back yet has no copy of it, so that
/// what comes into it meanwhile is lost with that server.
#[test]
fn a_database_that_was_begun_anew_has_no_copy_on_a_server_that_is_not_back() {
    let topology = r#"(
        sites: [(name: "A")],
        servers: [
            (name: "H1", version: Exchange2010Sp2, site: "A", dag: "D"), (name: "H2", version: Exchange2010Sp2, site: "A", dag: "D"),
        ],
        dags: [(name: "D")],
        databases: [(name: "DB", dag: "D", copies: [(server: "H1"), (server: "H2", replication_lag: "2s")], active_on: "H1")],
        mailboxes: [(address: "ann@x.example", database: "DB")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    let fates = comes(
        topology,
        r#"messages: [(id: "m", at: "2h", from: "ann@x.example", to: ["zoe@far.example"], entry: (client: Mapi))],
        events: [
            (at: "10s", kind: Destroy, target: "H1"), (at: "10s", kind: Destroy, target: "H2"),
            (at: "1h", kind: ServerUp, target: "H1"), (at: "3h", kind: Destroy, target: "H1"),
            (at: "5h", kind: ServerUp, target: "H1"), (at: "5h", kind: ServerUp, target: "H2"),
        ]"#,
    );
    assert_eq!(fates, ["zoe@far.example lost 3:00:00 x0 L10-7"]);
}

/// N68: what is handed over for more than ten minutes when it is late or overdue is so when it comes back.
#[test]
fn mail_that_is_handed_over_slowly_is_told_late_afterwards() {
    let fates = comes(
        HUBS,
        r#"delays: [(from: "HA", to: "HB", delay: "20min")],
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["bob@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [(at: "0s", kind: ServerDown, target: "HB"), (at: "14380s", kind: ServerUp, target: "HB")]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("bob@x.example delivered 4:"), "{fates:?}");
}

/// A38: a mailbox has the message, and the server of its database stops before the hub hears that. The database comes up in another
/// site, and the hub hands the message to a hub there, which finds it in the mailbox.
#[test]
fn what_a_mailbox_has_taken_unknown_to_its_hub_is_found_by_the_next_one() {
    let fates = comes_stopping(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "A1", version: Exchange2010Sp1, site: "A"), (name: "A2", version: Exchange2010Sp1, site: "A"),
                (name: "B1", version: Exchange2010Sp1, site: "B"),
            ],
            dags: [(name: "D", servers: ["A1", "B1"])],
            databases: [
                (name: "ANN", server: "A2"),
                (name: "BOB", dag: "D", copies: [(server: "A1"), (server: "B1")], active_on: "A1"),
            ],
            mailboxes: [(address: "ann@x.example", database: "ANN"), (address: "bob@x.example", database: "BOB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "ann@x.example", to: ["bob@x.example"])]"#,
        Some(("A1", 4)),
    );
    assert_eq!(fates, ["bob@x.example SuppressedDuplicate 0:00:42 x1 DUP-5"]);
}

/// N72: a copy that was refused and dropped names nobody (S22).
#[test]
fn who_has_left_a_group_is_named_by_no_copy_that_was_refused() {
    let fates = comes(
        r#"(
            sites: [(name: "Y"), (name: "Z")],
            site_links: [(name: "YZ", sites: ["Y", "Z"])],
            transport_config: (reject_message_on_shadow_failure: true),
            servers: [
                (name: "Z1", version: Exchange2019, site: "Z"), (name: "Z2", version: Exchange2019, site: "Z"),
                (name: "Y1", version: Exchange2016, site: "Y"),
            ],
            groups: [(address: "g@x.example", members: ["ann@x.example", "bob@x.example"])],
            mailboxes: [(address: "ann@x.example", server: "Y1"), (address: "bob@x.example", server: "Y1")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "q@q.example", to: ["g@x.example"], entry: (client: Smtp, server: "Z1"))],
        events: [
            (at: "10min", kind: ServerDown, target: "Z1"),
            (at: "11min", kind: GroupChange, target: "g@x.example", remove: ["ann@x.example"]),
            (at: "1h", kind: ServerUp, target: "Z1", database: New),
        ]"#,
    );
    assert_eq!(fates, ["bob@x.example Expired 48:00:11 x0"]);
}

/// N74: a sender with little patience sends again and again while nobody is done with anything: that is DUP-9, although what the
/// first hub had is taken over as well.
#[test]
fn a_sender_that_repeats_itself_is_why_there_are_two() {
    let fates = comes(
        r#"(
            sites: [(name: "H")],
            servers: [
                (name: "H1", version: Exchange2010Sp2, site: "H"), (name: "H2", version: Exchange2010Sp2, site: "H"),
                (name: "E1", version: Exchange2010Sp1, roles: [EdgeTransport]),
            ],
            edge_subscriptions: [(edge: "E1", site: "H")],
            mailboxes: [(address: "ann@x.example", server: "H2")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"peers: [(name: "out", ack_timeout: "20s")],
        messages: [(id: "m", at: "10s", from: "q@q.example", to: ["ann@x.example"], entry: (peer: "out", server: "E1"))],
        events: [
            (at: "12s", kind: Destroy, target: "H1"), (at: "12s", kind: ServerDown, target: "H2"),
            (at: "10min", kind: ServerUp, target: "H2"),
        ]"#,
    );
    assert_eq!(fates, ["ann@x.example SuppressedDuplicate 3:00:13 x1 DUP-9"]);
}

/// N68, N22: hand-overs of three days are longer than anything waits, and their mail arrives.
#[test]
fn a_hand_over_may_last_longer_than_mail_waits() {
    let messages = r#"messages: [(id: "m", at: "10s", from: "app@q.example", to: ["bob@x.example"], entry: (client: Smtp, server: "HA"))]"#;
    let slow = |time: &str| comes(HUBS, &format!(r#"settings: (transmission_time: "{time}"), {messages}"#));
    assert_eq!(slow("5h"), ["bob@x.example delivered 10:00:10 x1"]);
    assert_eq!(slow("3d"), ["bob@x.example delivered 144:00:10 x1"]);
}

/// N68: what is handed over as soon as its server starts is late only when that has ended.
#[test]
fn a_slow_hand_over_that_begins_anew_has_its_time_once_more() {
    let fates = comes(
        HUBS,
        r#"settings: (transmission_time: "3h"),
        messages: [(id: "m", at: "0s", from: "app@q.example", to: ["bob@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [(at: "5h", kind: ServerDown, target: "HA"), (at: "8h", kind: ServerUp, target: "HA")]"#,
    );
    assert_eq!(fates, ["bob@x.example delivered 11:00:00 x1"]);
}

/// C1, S53: a hub of 2013 ends a session that has lasted too long while the mailbox server that sends is paused.
#[test]
fn who_is_paused_does_not_hear_that_a_session_was_ended() {
    let fates = comes(
        &HUBS.replace("Exchange2010Sp2", "Exchange2013"),
        r#"settings: (transmission_time: "12min", until: "2h"),
        messages: [(id: "m", at: "10s", from: "ann@x.example", to: ["bob@x.example"])],
        events: [(at: "15min", kind: Pause, target: "HA"), (at: "1h", kind: ServerUp, target: "HA")]"#,
    );
    assert_eq!(fates, ["bob@x.example Queued 0:00:10 x0"]);
}

/// L13-3: primary and shadow go at one instant, and between the two the group is expanded from a copy that nobody knew of: what the
/// pair had was for the members, too.
#[test]
fn what_went_with_a_group_went_for_its_members() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [
                (name: "P", version: Exchange2016, site: "A"), (name: "Q", version: Exchange2016, site: "A"),
                (name: "R", version: Exchange2016, site: "A", roles: [Mailbox]),
            ],
            mailboxes: [(address: "ann@x.example", server: "R"), (address: "cid@x.example", server: "R")],
            groups: [(address: "g@x.example", members: ["cid@x.example"], expansion_server: "Q")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "P"))],
        events: [
            (at: "0s", kind: ServerDown, target: "R"),
            (at: "13s", kind: Destroy, target: "P"), (at: "13s", kind: Destroy, target: "Q"),
            (at: "1h", kind: ServerUp, target: "R"),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example lost 0:00:13 x0 L13-3"]);
}

/// L10-3: a hub takes its shadow for one recipient over; for the other, who waits on, there was never a second copy.
#[test]
fn a_shadow_for_one_recipient_is_none_for_another() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "HA", version: Exchange2010Rtm, site: "A", roles: [HubTransport]), (name: "MA", version: Exchange2010Rtm, site: "A", roles: [Mailbox]),
                (name: "HB", version: Exchange2010Rtm, site: "B", roles: [HubTransport]), (name: "HC", version: Exchange2010Rtm, site: "B", roles: [HubTransport]),
                (name: "MB", version: Exchange2010Rtm, site: "B", roles: [Mailbox]),
            ],
            mailboxes: [(address: "amy@x.example", server: "MA"), (address: "bob@x.example", server: "MB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["amy@x.example", "bob@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "MA"), (at: "0s", kind: ServerDown, target: "MB"),
            (at: "1min", kind: Destroy, target: "HB"), (at: "2h", kind: Destroy, target: "HA"), (at: "3h", kind: ServerUp, target: "MB"),
        ]"#,
    );
    assert_eq!(fates[0], "amy@x.example lost 2:00:00 x0 L10-3", "{fates:?}");
    assert!(fates[1].starts_with("bob@x.example delivered 3:0"), "{fates:?}");
}

/// X3, N21: mail over a routing-group connector goes to the site of its source server, and no other server of the site is another
/// way when that one is lost.
#[test]
fn another_server_of_the_site_is_no_way_past_the_source_of_a_connector() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B"),
                (name: "HC", version: Exchange2010Sp2, site: "B"), (name: "BH", version: Exchange2003, routing_group: "R"),
            ],
            routing_groups: [(name: "R")],
            routing_group_connectors: [
                (name: "To R", from: "DWBGZMFD01QNBJR", to: "R", source_servers: ["HB"], target_servers: ["BH"]),
                (name: "From R", from: "R", to: "DWBGZMFD01QNBJR", source_servers: ["BH"], target_servers: ["HB"]),
            ],
            mailboxes: [(address: "cid@x.example", server: "BH")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example"], entry: (client: Smtp, server: "HA"))],
        events: [
            (at: "0s", kind: ServerDown, target: "BH"), (at: "1min", kind: ServerDown, target: "HB"),
            (at: "10h", kind: ServerUp, target: "HB"), (at: "11h", kind: ServerUp, target: "BH"),
        ]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("cid@x.example delivered 1"), "{fates:?}");
}

/// N85, I17: the Safety Net of the primary server is asked on when the others have been asked for its shadows, and gives back what
/// nobody else has as soon as its server is back.
#[test]
fn a_safety_net_that_is_back_after_the_broadcast_gives_what_it_has() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [
                (name: "A1", version: Exchange2013, site: "A", dag: "D"), (name: "A2", version: Exchange2013, site: "A", dag: "D"),
                (name: "A3", version: Exchange2013, site: "A", dag: "D"),
            ],
            dags: [(name: "D")],
            databases: [(name: "DB", dag: "D", copies: [(server: "A2"), (server: "A3", replication_lag: "2s")], active_on: "A2")],
            mailboxes: [(address: "cid@x.example", database: "DB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"settings: (partners_by_name: true),
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example"], entry: (client: Smtp, server: "A2"))],
        events: [
            (at: "13s", kind: ServerDown, target: "A2"), (at: "1min", kind: Destroy, target: "A1"),
            (at: "20h", kind: ServerUp, target: "A1", database: New), (at: "20h", kind: ServerUp, target: "A2"),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example delivered 20:00:44 x1"]);
}

/// N86, S25: B1 has taken the message without a shadow and lost it. That A2 still has the shadow of what A1 had, since another
/// recipient waits there, and loses it later, is not why the message is lost.
#[test]
fn a_shadow_of_what_was_handed_on_explains_no_loss() {
    let fates = comes(
        &two_in_b(),
        r#"settings: (partners_by_name: true),
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example", "dan@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"), (at: "0s", kind: ServerDown, target: "B2"),
            (at: "1min", kind: Destroy, target: "B1"), (at: "2min", kind: Destroy, target: "A2"),
            (at: "3min", kind: ServerUp, target: "A3"), (at: "3min", kind: ServerUp, target: "B2"),
        ]"#,
    );
    assert_eq!(fates.len(), 2);
    assert!(fates[0].starts_with("cid@x.example delivered 0:0"), "{fates:?}");
    assert_eq!(fates[1], "dan@x.example lost 0:02:00 x0 L13-2");
}

/// N87: who has left the group meanwhile has lost the shadow that was made for the group like everybody else.
#[test]
fn a_shadow_for_a_group_was_one_for_those_who_have_left_it_since() {
    let fates = comes(
        &TWO_SITES.replace(r#", expansion_server: "A2""#, ""),
        r#"settings: (partners_by_name: true),
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"),
            (at: "1min", kind: GroupChange, target: "g@x.example", remove: ["cid@x.example"]),
            (at: "2min", kind: Destroy, target: "A2"), (at: "2min", kind: Destroy, target: "A1"),
        ]"#,
    );
    assert_eq!(fates, ["cid@x.example lost 0:02:00 x0 L13-3"]);
}

/// D13: that a message has gone over another hub is counted along its way, in whatever site that was.
#[test]
fn a_message_has_gone_over_another_hub_in_a_site_before() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "A1", version: Exchange2010Sp2, site: "A", dag: "D"), (name: "A2", version: Exchange2010Sp2, site: "A"),
                (name: "B1", version: Exchange2010Sp2, site: "B", dag: "D"), (name: "B2", version: Exchange2010Sp2, site: "B"),
            ],
            dags: [(name: "D")],
            databases: [(name: "DB", dag: "D", copies: [(server: "A1"), (server: "B1")], active_on: "A1")],
            mailboxes: [(address: "cid@x.example", database: "DB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"settings: (hub_reroutes: 1), delays: [(from: "A2", to: "A1", delay: "60s")],
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [(at: "50s", kind: ServerDown, target: "A1"), (at: "1h", kind: ServerUp, target: "A1")]"#,
    );
    assert_eq!(fates, ["cid@x.example delivered 0:01:21 x1"]);
}

/// N86 with a group that B1 has taken and replaced by its member.
#[test]
fn a_shadow_of_a_group_that_was_handed_on_explains_no_loss() {
    let fates = comes(
        &two_in_b().replace(
            r#"members: ["cid@x.example"], expansion_server: "A2""#,
            r#"members: ["dan@x.example"], expansion_server: "B1""#,
        ),
        r#"settings: (partners_by_name: true),
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["cid@x.example", "g@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"), (at: "0s", kind: ServerDown, target: "B2"),
            (at: "1min", kind: Destroy, target: "B1"), (at: "2min", kind: Destroy, target: "A2"),
            (at: "3min", kind: ServerUp, target: "A3"), (at: "3min", kind: ServerUp, target: "B2"),
        ]"#,
    );
    assert!(
        fates.contains(&"dan@x.example lost 0:02:00 x0 L13-2".to_owned()),
        "{fates:?}"
    );
}

/// N89, L13-4: the shadow has become the message, and is all there is of it, also for who has joined the group since.
#[test]
fn what_has_taken_over_is_lost_for_new_members_too() {
    let fates = comes(
        &TWO_SITES.replace(r#", expansion_server: "A2""#, "").replace(
            r#"mailboxes: ["#,
            r#"mailboxes: [(address: "dan@x.example", server: "A3"), "#,
        ),
        r#"settings: (partners_by_name: true),
        messages: [(id: "m", at: "10s", from: "app@x.example", to: ["g@x.example"], entry: (client: Smtp, server: "A1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"), (at: "1min", kind: Destroy, target: "A1"),
            (at: "2min", kind: GroupChange, target: "g@x.example", add: ["dan@x.example"]), (at: "4h", kind: Destroy, target: "A2"),
        ]"#,
    );
    let lost = ["cid", "dan"].map(|name| format!("{name}@x.example lost 4:00:00 x0 L13-4"));
    assert_eq!(fates, lost);
}

/// N92: H1 fails before its log is at H2, and the way there is cut: what H0 gives back from its dumpster waits, and goes with H0.
#[test]
fn what_a_dumpster_has_given_back_goes_with_its_hub() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "H0", version: Exchange2010Sp2, site: "A"), (name: "H1", version: Exchange2010Sp2, site: "A", dag: "D"),
                (name: "H2", version: Exchange2010Sp2, site: "B", dag: "D"),
            ],
            dags: [(name: "D")],
            databases: [(name: "DB", dag: "D", copies: [(server: "H1"), (server: "H2", replication_lag: "30s")], active_on: "H1")],
            mailboxes: [(address: "bob@x.example", database: "DB")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"messages: [(id: "m", at: "10s", from: "app@x.example", to: ["bob@x.example"], entry: (client: Smtp, server: "H0"))],
        events: [
            (at: "20s", kind: NetworkCut, target: "AB"), (at: "21s", kind: ServerDown, target: "H1"),
            (at: "5min", kind: Destroy, target: "H0"),
        ]"#,
    );
    assert_eq!(fates, ["bob@x.example lost 0:05:00 x0 L10-10"]);
}

/// N71, N86: A1 knows that B1 has the message for Bob, so that its shadow on A2, which stays for Cid and goes when its server comes
/// back too late, is nothing that Bob's mail relied on.
#[test]
fn a_shadow_that_expires_with_its_server_explains_no_loss_of_what_was_handed_on() {
    let fates = comes(
        r#"(
            sites: [(name: "A"), (name: "B")],
            site_links: [(name: "AB", sites: ["A", "B"])],
            servers: [
                (name: "A1", version: Exchange2013, site: "A"), (name: "A2", version: Exchange2013, site: "A"),
                (name: "A3", version: Exchange2013, site: "A"), (name: "B1", version: Exchange2010Sp2, site: "B"),
            ],
            databases: [(name: "DB", server: "B1")],
            mailboxes: [(address: "bob@x.example", database: "DB"), (address: "cid@x.example", server: "A3")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"settings: (partners_by_name: true),
        messages: [
            (id: "m", at: "10s", from: "app@x.example", to: ["bob@x.example", "cid@x.example"], entry: (client: Smtp, server: "A1")),
        ],
        events: [
            (at: "0s", kind: ServerDown, target: "A3"), (at: "1s", kind: Dismount, target: "DB"),
            (at: "2min", kind: Destroy, target: "B1"), (at: "3min", kind: ServerDown, target: "A2"),
            (at: "60h", kind: ServerUp, target: "A2"),
        ]"#,
    );
    assert_eq!(
        fates,
        [
            "bob@x.example lost 0:02:00 x0 L13-8",
            "cid@x.example Expired 48:00:11 x0"
        ]
    );
}
