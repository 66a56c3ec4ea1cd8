//! What the checker has to be silent about, since the documents or a decision say so: whole scenario files, each with what comes
//! of it.

use std::path::Path;

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::{FateKind, NameOrder};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Cause, Observed, Stage, observe};

const HUBS: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [(name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// What comes of a scenario: `ann@x.example delivered 0:00:12 x1`, with the cause where there is one.
fn comes(topology: &str, rest: &str) -> Vec<String> {
    let text = format!("(topology: {topology}, {rest})");
    let source = Source::new("scenario", &text);
    let nothing =
        |path: &str| Err(load::fetch_file(Path::new(path), &Limits::default()).expect_err("there is no file"));
    let read = load::scenario(&source, Format::Ron, &Limits::default(), NameOrder::default(), nothing);
    let (org, scenario) = read.unwrap_or_else(|problems| panic!("{problems:?}"));
    let stage = Stage::new(org, scenario, Options::default(), Timers::default());
    let Observed { fates, violations, .. } = observe(&stage, &[], &Bounds::default());
    assert!(violations.is_empty(), "{violations:#?}\n{fates:#?}");
    let line = |fate: &bridgehead::sim::Fate| {
        let cause = match &fate.cause {
            Some(Cause::Lost(id)) => format!(" {}", id.name()),
            Some(Cause::Duplicate(ids)) => ids.iter().map(|id| format!(" {}", id.name())).collect(),
            _ => String::new(),
        };
        let kind = match fate.kind {
            FateKind::Delivered => "delivered".to_owned(),
            FateKind::Lost => "lost".to_owned(),
            other => format!("{other:?}"),
        };
        let address = stage.cast().address(fate.recipient);
        format!("{address} {kind} {} x{}{cause}", fate.at, fate.copies)
    };
    fates.iter().map(line).collect()
}

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

/// N40: an Edge server of 2013 makes no shadows, and acknowledges all the same.
#[test]
fn an_edge_server_of_2013_acknowledges_without_a_shadow() {
    let fates = comes(
        r#"(
            sites: [(name: "C")],
            servers: [
                (name: "C1", version: Exchange2013, site: "C"), (name: "C2", version: Exchange2013, site: "C"),
                (name: "E1", version: Exchange2013, roles: [EdgeTransport]),
            ],
            edge_subscriptions: [(edge: "E1", site: "C")],
            mailboxes: [(address: "cid@x.example", server: "C1")],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"peers: [(name: "out")],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["cid@x.example"], entry: (peer: "out", server: "E1"))]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("cid@x.example delivered 0:00:1"), "{fates:?}");
}

const SITE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "A1", version: Exchange2013, site: "A"), (name: "A2", version: Exchange2013, site: "A"),
        (name: "B1", version: Exchange2013, site: "B"),
    ],
    mailboxes: [
        (address: "cid@x.example", server: "A1"), (address: "dan@x.example", server: "A2"),
        (address: "eve@x.example", server: "B1"),
    ],
    groups: [(address: "g@x.example", members: ["cid@x.example", "dan@x.example"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

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
        "g@x.example Expired 60:00:41 x0",
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
