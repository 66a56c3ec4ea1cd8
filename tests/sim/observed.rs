//! What the checker has to be silent about, since the documents or a decision say so: whole scenario files, each with what comes
//! of it.

use std::path::Path;
use std::time::Duration;

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::{FateKind, Name, NameOrder};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Cause, Cut, CutKind, Observed, Stage, observe};

const HUBS: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [(name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// What comes of a scenario: `ann@x.example delivered 0:00:12 x1`, with the cause where there is one.
fn comes(topology: &str, rest: &str) -> Vec<String> {
    comes_stopping(topology, rest, None)
}

/// The same when a server stops for a minute after so many events.
fn comes_stopping(topology: &str, rest: &str, stop: Option<(&str, u64)>) -> Vec<String> {
    let text = format!("(topology: {topology}, {rest})");
    let source = Source::new("scenario", &text);
    let nothing =
        |path: &str| Err(load::fetch_file(Path::new(path), &Limits::default()).expect_err("there is no file"));
    let read = load::scenario(&source, Format::Ron, &Limits::default(), NameOrder::default(), nothing);
    let (org, scenario) = read.unwrap_or_else(|problems| panic!("{problems:?}"));
    let stage = Stage::new(org, scenario, Options::default(), Timers::default());
    let cut = |(name, after): (&str, u64)| Cut {
        after,
        server: stage.org().server_by_name(&Name::new(name)).expect("a server"),
        kind: CutKind::SameDatabase(Duration::from_secs(60)),
    };
    let cuts: Vec<Cut> = stop.into_iter().map(cut).collect();
    let Observed { fates, violations, .. } = observe(&stage, &cuts, &Bounds::default());
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
