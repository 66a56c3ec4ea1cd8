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

/// A group in a group is nobody's address either once a server has put the members in the place of both, whatever becomes of the
/// copy in which it waited for the server that expands it.
#[test]
fn a_group_in_a_group_is_replaced_with_it() {
    let topology = r#"(
        sites: [(name: "A")],
        servers: [(name: "H1", version: Exchange2010Sp2, site: "A"), (name: "H2", version: Exchange2010Sp2, site: "A")],
        mailboxes: [(address: "ann@x.example", server: "H1")],
        groups: [
            (address: "inner@x.example", members: ["ann@x.example"], expansion_server: "H1"),
            (address: "outer@x.example", members: ["inner@x.example"]),
        ],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    let fates = comes(
        topology,
        r#"peers: [(name: "out", shadow: true)],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["outer@x.example"], entry: (peer: "out", server: "H1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "H1"), (at: "1h", kind: Destroy, target: "H2"),
            (at: "2h", kind: ServerUp, target: "H1"), (at: "9h", kind: ServerUp, target: "H2"),
        ]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("ann@x.example delivered"), "{fates:?}");
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
