//! From recipients to copies: mailboxes, groups, accepted domains, DAGs, Edge servers (R7, RT-2.12 to RT-2.15, D21, D32 to D37).

use bridgehead::delivery::round_robin;

use crate::support::{Case, coexistence, graph_fields, org, servers};

fn with(drawing: &str, list: &str, more: &str) -> Case {
    org(&format!("{}{}{more}", graph_fields(drawing), servers(list)))
}

#[test]
fn round_robin_begins_one_further_each_time_and_passes_over_nobody() {
    for (connection, expect) in [(0, "abc"), (1, "bca"), (2, "cab"), (3, "abc"), (301, "bca")] {
        assert_eq!(
            round_robin(&['a', 'b', 'c'], connection).collect::<String>(),
            expect,
            "connection {connection}"
        );
    }
    assert_eq!(round_robin::<char>(&[], 5).count(), 0);
}

#[test]
fn legacy_splits_right_after_resolution_and_2007_at_the_fork() {
    let case = coexistence(
        "A-B 1, B-C 1, B-D 1",
        "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C, D1=2007Sp1@D",
        &["L-E 1 A1", "E-L 1 A1", "L-K 1", "L-M 1"],
        "",
    );
    let copies = |from: &str| case.from(from).to("C").to("D").answer().copies();
    assert_eq!(copies("A"), ["B: site:C, site:D, split at B"]);
    assert_eq!(copies("rg:L"), ["A: site:C", "A: site:D"]);
    // Over a routing-group connector one copy serves all; the legacy side splits it.
    assert_eq!(
        case.from("A").to("rg:K").to("rg:M").answer().copies(),
        ["rg:L: rg:K, rg:M, split at rg:L"]
    );
}

#[test]
fn a_mailbox_needs_a_hub_of_its_own_generation_in_its_site() {
    let mailboxes = r#"mailboxes: [(address: "ann@contoso.example", server: "BOX")],"#;
    for (hub, mailbox_server, outcome) in [
        ("2007Sp2", "2007Sp2+Mailbox", "route"),
        ("2007Sp3", "2007Rtm+Mailbox", "route"),
        ("2010Rtm", "2007Sp2+Mailbox", "unreachable"),
        ("2007Sp2", "2010Rtm+Mailbox", "unreachable"),
        ("2010Sp3", "2010Rtm+Mailbox", "route"),
        ("2010Sp3", "2013", "route"),
        ("2019", "2010Sp3+Mailbox", "unreachable"),
    ] {
        let case = with(
            "A-B 1",
            &format!("A1=2010Sp3@A, HUB={hub}@B, BOX={mailbox_server}@B"),
            mailboxes,
        );
        let answer = case.from("A").to("ann@contoso.example").answer();
        assert_eq!(answer.outcome(), outcome, "hub {hub}, mailbox {mailbox_server}");
    }
    // A 2013+ server brings its own transport, unless the site takes no inbound mail.
    let closed = org(&format!(
        r#"sites: [(name: "A"), (name: "B", inbound_mail: false)], site_links: [(name: "A-B", sites: ["A", "B"])],
        {}{mailboxes}"#,
        servers("A1=2013@A, BOX=2013@B")
    ));
    assert_eq!(
        closed.from("A").to("ann@contoso.example").answer().outcome(),
        "unreachable"
    );
}

#[test]
fn every_hub_relays_by_smtp_to_every_other() {
    let case = with("A-B 1, B-C 1, hub(B)", "A1=2007Sp2@A, B1=2010Sp3@B, C1=2007Sp2@C", "");
    assert_eq!(case.from("A").to("C").answer().next_hop(), "B");
    assert_eq!(case.from("B").to("C").answer().next_hop(), "C");
}

const DAG: &str = r#"
    dags: [(name: "DAG1", servers: ["B1", "C1"])],
    databases: [(name: "DB1", dag: "DAG1", copies: [(server: "C1"), (server: "B1")], active_on: "C1")],
    mailboxes: [(address: "ann@contoso.example", database: "DB1")],"#;

#[test]
fn a_2013_database_is_reached_at_the_closest_member_of_its_dag() {
    let case = with("A-B 1, B-C 1", "A1=2013@A, B1=2013@B, C1=2013@C", DAG);
    let answer = case.from("A").to("ann@contoso.example").answer();
    // The database is mounted in C; every member of the DAG hands mail to it.
    assert_eq!((answer.outcome(), answer.path().as_str()), ("route", "A > B"));
    let answer = case.from("B").to("ann@contoso.example").answer();
    assert_eq!((answer.outcome(), answer.has_route()), ("deliver", false));
}

#[test]
fn from_2013_on_the_other_sites_of_a_dag_come_before_the_backoff_list() {
    let versions = |version: &str| format!("A1={version}@A, X1={version}@X, B1={version}@B, C1={version}@C");
    let ask = |version: &str, more: &str| {
        let drawing = format!("A-X 1, X-B 1, A-C 20{more}");
        let case = with(&drawing, &versions(version), DAG);
        let answer = case.from("A").to("ann@contoso.example").down("site:B").answer();
        (answer.outcome().to_owned(), answer.tried())
    };
    // RT-2.13, D39: C holds another member, and X only lies on the way.
    assert_eq!(ask("2013", ""), ("route".to_owned(), "B, C".to_owned()));
    // A primary site that is a hub site is a delivery group of its own.
    assert_eq!(ask("2013", ", hub(B)"), ("queue".to_owned(), "B, X".to_owned()));
    // 2010 routes to where the database is mounted, and knows no other end.
    assert_eq!(ask("2010Sp3", ""), ("route".to_owned(), "C".to_owned()));
}

#[test]
fn connections_go_to_the_servers_that_can_finish_the_work() {
    let mailbox = r#"mailboxes: [(address: "old@contoso.example", server: "B07"), (address: "new@contoso.example", server: "B10")],
        connectors: [(name: "Out", kind: Send, source_servers: ["B10"], address_spaces: ["*"])],"#;
    let case = with(
        "A-B 1",
        "A1=2010Sp3@A, B07=2007Sp2@B, B10=2010Sp3@B, B11=2010Sp3@B",
        mailbox,
    );
    let servers = |from: &str, to: &str| case.from(from).to(to).servers().join(", ");
    // RT-2.12: only a hub of the mailbox's version delivers to it.
    assert_eq!(servers("A", "old@contoso.example"), "B07");
    assert_eq!(servers("A", "new@contoso.example"), "B10, B11");
    assert_eq!(servers("B", "old@contoso.example"), "B07");
    assert_eq!(servers("B", "new@contoso.example"), "");
    // RT-2.6.4: a source server of the connector; RT-2.10: any server where every one will do.
    assert_eq!(servers("A", "x@partner.example"), "B10");
    assert_eq!(servers("server:B11", "x@partner.example"), "B10");
    assert_eq!(servers("A", "site:B"), "B07, B10, B11");
}

#[test]
fn a_2010_database_is_reached_where_it_is_mounted() {
    let case = with("A-B 1, B-C 1", "A1=2010Sp3@A, B1=2010Sp3@B, C1=2010Sp3@C", DAG);
    assert_eq!(case.from("A").to("ann@contoso.example").answer().path(), "A > B > C");
    assert_eq!(case.from("B").to("ann@contoso.example").answer().path(), "B > C");
    // Without a word on where it is mounted: on its first copy; without copies, on the first member.
    let first_copy = DAG.replace(r#", active_on: "C1""#, "");
    let case = with("A-B 1, B-C 1", "A1=2010Sp3@A, B1=2010Sp3@B, C1=2010Sp3@C", &first_copy);
    assert_eq!(case.from("A").to("ann@contoso.example").answer().path(), "A > B > C");
    let no_copies = first_copy.replace(r#", copies: [(server: "C1"), (server: "B1")]"#, "");
    let case = with("A-B 1, B-C 1", "A1=2010Sp3@A, B1=2010Sp3@B, C1=2010Sp3@C", &no_copies);
    assert_eq!(case.from("A").to("ann@contoso.example").answer().path(), "A > B");
}

#[test]
fn a_hub_site_is_a_stop_from_2013_on_too() {
    let case = with("A-B 1, B-C 1, hub(B)", "A1=2016@A, B1=2016@B, C1=2016@C", "");
    let answer = case.from("A").to("C").answer();
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("B", "hub_site"));
}

#[test]
fn from_2013_on_copies_share_a_way_only_to_a_hub_site() {
    let list = "A1=2016@A, B1=2016@B, C1=2016@C, D1=2016@D";
    let direct = with("A-B 1, B-C 1, B-D 1", list, "");
    assert_eq!(
        direct.from("A").to("C").to("D").answer().copies(),
        ["C: site:C", "D: site:D"]
    );
    let hub = with("A-B 1, B-C 1, B-D 1, hub(B)", list, "");
    assert_eq!(
        hub.from("A").to("C").to("D").answer().copies(),
        ["B: site:C, site:D, split at B"]
    );
}

#[test]
fn recipients_with_one_destination_share_a_copy_and_copies_come_in_order() {
    let case = with(
        "A-B 1, A-C 1",
        "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C",
        r#"
        mailboxes: [(address: "c@contoso.example", server: "C1"), (address: "b1@contoso.example", server: "B1"),
                    (address: "b2@contoso.example", server: "B1"), (address: "a@contoso.example", server: "A1")],
        connectors: [(name: "Out", kind: Send, source_servers: ["A1"], address_spaces: ["*.example"])],
        accepted_domains: [(domain: "contoso.example", kind: Authoritative)],"#,
    );
    let ask = case
        .from("A")
        .to("c@contoso.example")
        .to("b2@contoso.example")
        .to("x@fabrikam.example");
    let answer = ask
        .to("b1@contoso.example")
        .to("nobody@contoso.example")
        .to("a@contoso.example")
        .answer();
    assert_eq!(
        answer.copies(),
        [
            "A: a@contoso.example",
            "B: b2@contoso.example, b1@contoso.example",
            "C: c@contoso.example",
            "connector:Out: x@fabrikam.example",
        ]
    );
    // Who has no copy is told with the reason.
    assert_eq!(answer.failed(), ["nobody@contoso.example ndr 5.1.1"]);
}

#[test]
fn a_group_is_expanded_at_the_sender_or_at_its_expansion_server() {
    let groups = |expansion: &str| {
        format!(
            r#"mailboxes: [(address: "b@contoso.example", server: "B1"), (address: "c@contoso.example", server: "C1")],
            groups: [(address: "all@contoso.example", members: ["b@contoso.example", "more@contoso.example"] {expansion}),
                     (address: "more@contoso.example", members: ["c@contoso.example", "b@contoso.example", "all@contoso.example"])],"#
        )
    };
    let list = "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C, BOX=2007Sp1+Mailbox@C";
    // At the sender: nested groups too, nobody twice, and a circle ends.
    let case = with("A-B 1, A-C 1", list, &groups(""));
    let copies = case.from("A").to("all@contoso.example").answer().copies();
    assert_eq!(copies, ["B: b@contoso.example", "C: c@contoso.example"]);
    // At a server: the message goes there as it is.
    let case = with("A-B 1, A-C 1", list, &groups(r#", expansion_server: "C1""#));
    let answer = case.from("A").to("all@contoso.example").answer();
    assert_eq!((answer.outcome(), answer.next_hop().as_str()), ("route", "C"));
    // A server that routes nothing expands nothing.
    let case = with("A-B 1, A-C 1", list, &groups(r#", expansion_server: "BOX""#));
    assert_eq!(
        case.from("A").to("all@contoso.example").answer().outcome(),
        "unreachable"
    );
}

#[test]
fn accepted_domains_tell_unknown_recipients_from_external_ones() {
    let case = with(
        "site(A)",
        "A1=2007Sp1@A",
        r#"
        connectors: [(name: "Out", kind: Send, source_servers: ["A1"], address_spaces: ["*"])],
        accepted_domains: [(domain: "contoso.example", kind: Authoritative), (domain: "*.contoso.example", kind: InternalRelay),
                           (domain: "hr.contoso.example", kind: Authoritative), (domain: "fabrikam.example", kind: ExternalRelay)],
        mailboxes: [(address: "ann@contoso.example", server: "A1")],"#,
    );
    for (address, outcome, code) in [
        ("ANN@contoso.example", "deliver", ""),
        ("nobody@contoso.example", "ndr", "5.1.1"),
        ("nobody@lab.contoso.example", "deliver", ""),
        // The longest match decides.
        ("nobody@hr.contoso.example", "ndr", "5.1.1"),
        ("nobody@fabrikam.example", "deliver", ""),
        ("nobody@elsewhere.example", "deliver", ""),
    ] {
        let answer = case.from("A").to(address).answer();
        assert_eq!((answer.outcome(), answer.code()), (outcome, code), "{address}");
    }
}

#[test]
fn an_edge_subscription_implies_two_connectors_and_belongs_to_one_site() {
    let fields = |more: &str| {
        format!(
            "{}{}edge_subscriptions: [(edge: \"EDGE\", site: \"B\")],
            accepted_domains: [(domain: \"contoso.example\", kind: Authoritative)],{more}",
            graph_fields("A-B 10"),
            servers("A1=2010Sp3@A, B1=2010Sp3@B, EDGE=2010Sp3+EdgeTransport")
        )
    };
    let case = org(&fields(""));
    let names: Vec<&str> = case
        .org
        .connectors()
        .iter()
        .map(|connector| connector.name.as_str())
        .collect();
    assert_eq!(names, ["EdgeSync - B to Internet", "EdgeSync - Inbound to B"]);
    let answer = case.from("A").to("ann@x.example").answer();
    // Through the subscribed site, at 10 + 100; `--` is for the Edge server alone.
    assert_eq!(
        (answer.connector(), answer.next_hop().as_str()),
        ("EdgeSync - B to Internet", "B")
    );
    assert_eq!(answer.considered()[1], "EdgeSync - Inbound to B excluded no_match");
    // From the Edge server itself: mail for the accepted domains goes in, everything else out; it knows no recipients.
    let answer = case.from("server:EDGE").to("nobody@contoso.example").answer();
    assert_eq!(answer.connector(), "EdgeSync - Inbound to B");
    assert_eq!(
        case.from("server:EDGE").to("ann@x.example").answer().connector(),
        "EdgeSync - B to Internet"
    );
    // Any cheaper `*` made by hand wins.
    let case = org(&fields(
        r#"connectors: [(name: "Own", kind: Send, source_servers: ["A1"], address_spaces: ["*;99"])],"#,
    ));
    assert_eq!(case.from("A").to("ann@x.example").answer().connector(), "Own");
    let answer = case.from("B").to("ann@x.example").answer();
    assert_eq!(
        (answer.connector(), answer.decided_by()),
        ("EdgeSync - B to Internet", "cost")
    );
}

#[test]
fn x400_addresses_need_a_connector_of_their_type() {
    let case = with(
        "site(A)",
        "A1=2007Sp1@A",
        r#"
        connectors: [(name: "Out", kind: Send, source_servers: ["A1"], address_spaces: ["*"])],"#,
    );
    let answer = case.from("A").to("X400:c=us;a=x").answer();
    assert_eq!((answer.outcome(), answer.code()), ("ndr", "5.4.4"));
    // An SMTP recipient that nothing serves waits in the Unreachable queue.
    let case = with("site(A)", "A1=2007Sp1@A", "");
    let answer = case.from("A").to("ann@x.example").answer();
    assert_eq!((answer.outcome(), answer.code()), ("unreachable", ""));
}
