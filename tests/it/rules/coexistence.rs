//! 2007 and later beside 2000/2003: the one 2007 group, routing-group connectors, and who counts which cost (R1 to R32, R52
//! to R74, RT-2.7, RT-2.8).

use bridgehead::model::EXCHANGE_2007_GROUP;
use bridgehead::route::{LegacyTie, Options};

use crate::support::{coexistence, org};

#[test]
fn all_2007_servers_are_one_group_for_legacy() {
    // One connector into the group is enough for every site, and no cost of links shows outside.
    let case = coexistence(
        "A-B 50, B-C 50",
        "A1=2007Sp1@A, B1=2007Sp1@B, C1=2010Sp3@C",
        &["L-E 1 A1"],
        "",
    );
    for (to, path, site_cost) in [
        ("A", "rg:L > A", 0),
        ("B", "rg:L > A > B", 50),
        ("C", "rg:L > A > B > C", 100),
    ] {
        let answer = case.from("rg:L").to(to).answer();
        assert_eq!(
            (answer.path().as_str(), answer.cost()),
            (path, (1, site_cost)),
            "to {to}"
        );
        assert_eq!(
            (answer.next_hop().as_str(), answer.relay()),
            ("A", "routing_group"),
            "to {to}"
        );
    }
}

#[test]
fn legacy_sees_connector_costs_and_2007_sees_link_costs() {
    // Into the far site for 1 or into the near one for 2: to legacy the thousand in between does not exist.
    let connectors = [
        "L-E/far 1 FAR1",
        "L-E/near 2 NEAR1",
        "E-L/far 1 FAR1",
        "E-L/near 2 NEAR1",
    ];
    let case = coexistence("Near-Far 1000", "NEAR1=2007Sp1@Near, FAR1=2007Sp1@Far", &connectors, "");
    let answer = case.from("rg:L").to("Near").answer();
    assert_eq!(
        (answer.path().as_str(), answer.cost()),
        ("rg:L > Far > Near", (1, 1000))
    );
    assert_eq!(answer.decided_by(), "routing_group_cost");
    // Between sites the same sender that lies beside the connector counts links only.
    assert_eq!(case.from("Near").to("Far").answer().cost(), (0, 1000));
}

#[test]
fn legacy_relays_through_every_group_and_2007_hands_over_directly() {
    let case = coexistence(
        "A-B 1, B-C 1",
        "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C",
        &["K-L 1", "L-M 1", "M-E 1 A1"],
        "",
    );
    assert_eq!(case.from("rg:K").to("rg:M").answer().next_hop(), "rg:L");
    assert_eq!(case.from("rg:L").to("rg:M").answer().next_hop(), "rg:M");
    assert_eq!(case.from("A").to("C").answer().next_hop(), "C");
}

#[test]
fn the_2007_group_has_one_fixed_name() {
    assert_eq!(EXCHANGE_2007_GROUP, "Exchange Routing Group (DWBGZMFD01QNBJR)");
    for name in [
        "Exchange Routing Group (DWBGZMFD01QNBJR)",
        "DWBGZMFD01QNBJR",
        "dwbgzmfd01qnbjr",
    ] {
        let case = org(&format!(
            r#"sites: [(name: "A")],
            servers: [(name: "A1", version: Exchange2007Sp1, site: "A"), (name: "BH", version: Exchange2003, routing_group: "L")],
            routing_groups: [(name: "L")],
            routing_group_connectors: [(name: "E-L", from: "{name}", to: "L", source_servers: ["A1"])],"#
        ));
        assert_eq!(case.from("A").to("rg:L").answer().path(), "A > rg:L", "{name}");
    }
}

#[test]
fn no_server_counts_in_a_group_of_the_other_kind() {
    // A legacy server listed in the 2007 group, and a 2007 server listed in a legacy group: read, without effect.
    let case = org(r#"
        sites: [(name: "A")],
        servers: [
            (name: "A1", version: Exchange2007Sp1, site: "A"),
            (name: "LOST", version: Exchange2003, routing_group: "DWBGZMFD01QNBJR"),
            (name: "STRAY", version: Exchange2007Sp1, routing_group: "L"),
            (name: "BH", version: Exchange2003, routing_group: "K"),
        ],
        routing_groups: [(name: "K"), (name: "L")],
        routing_group_connectors: [
            (name: "E-K", from: "DWBGZMFD01QNBJR", to: "K", source_servers: ["LOST"]),
            (name: "E-L", from: "DWBGZMFD01QNBJR", to: "L", source_servers: ["A1"]),
        ],
        mailboxes: [(address: "lost@contoso.example", server: "LOST"), (address: "stray@contoso.example", server: "STRAY")],
    "#);
    assert_eq!(
        case.from("A").to("rg:K").answer().outcome(),
        "unreachable",
        "LOST is no source server"
    );
    assert_eq!(
        case.from("A").to("rg:L").answer().outcome(),
        "unreachable",
        "STRAY makes L no router"
    );
    for mailbox in ["lost@contoso.example", "stray@contoso.example"] {
        assert_eq!(
            case.from("A").to(mailbox).answer().outcome(),
            "unreachable",
            "{mailbox}"
        );
    }
}

#[test]
fn the_2007_group_plays_no_part_between_sites() {
    let servers = "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C";
    let alone = coexistence("A-B 100, site(C)", servers, &["E-L 1 A1"], "");
    let joined = coexistence("A-B 100, site(C)", servers, &["E-L 1 A1", "L-E 1 B1", "L-E/c 1 C1"], "");
    for case in [&alone, &joined] {
        assert_eq!(case.from("A").to("B").answer().path(), "A > B");
        // Both are members of the group, and there is even a way round through L; without site links that is no route.
        assert_eq!(case.from("A").to("C").answer().outcome(), "unreachable");
    }
}

#[test]
fn a_connector_costs_1_and_refers_public_folders_unless_told() {
    let case = org(r#"
        sites: [(name: "A")],
        servers: [(name: "A1", version: Exchange2007Sp1, site: "A"), (name: "BH", version: Exchange2003, routing_group: "L")],
        routing_groups: [(name: "L")],
        routing_group_connectors: [(name: "E-L", from: "DWBGZMFD01QNBJR", to: "L", source_servers: ["A1"])],
    "#);
    assert_eq!(case.from("A").to("rg:L").answer().cost(), (1, 0));
    let connector = case.org.routing_group_connectors().iter().next().expect("a connector");
    assert!(connector.public_folder_referrals);
    assert_eq!(connector.max_message_size, bridgehead::model::SizeLimit::Unlimited);
}

#[test]
fn a_connector_leads_one_way() {
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["E-L 1 A1"], "");
    assert_eq!(case.from("A").to("rg:L").answer().outcome(), "route");
    assert_eq!(case.from("rg:L").to("A").answer().outcome(), "unreachable");
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["E-L 1 A1", "L-E 1 A1"], "");
    assert_eq!(case.from("A").to("rg:L").answer().links(), "E-L");
    assert_eq!(case.from("rg:L").to("A").answer().links(), "L-E");
}

#[test]
fn without_a_connector_the_versions_do_not_meet() {
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["L-K 1"], "");
    assert_eq!(case.from("A").to("rg:L").answer().outcome(), "unreachable");
    assert_eq!(case.from("rg:L").to("A").answer().outcome(), "unreachable");
    // One between them is enough.
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["L-K 1", "E-L 1 A1"], "");
    assert_eq!(case.from("A").to("rg:K").answer().path(), "A > rg:L > rg:K");
}

#[test]
fn a_first_connector_carries_everything_between_the_versions() {
    // R24: a 2007 site on the other side of the world sends through the site of the first connector.
    let case = coexistence(
        "Chicago-HongKong 100",
        "C1=2007Sp1@Chicago, H1=2007Sp1@HongKong",
        &["E-CHI 1 C1", "CHI-HKG 1"],
        "",
    );
    let answer = case.from("HongKong").to("rg:HKG").answer();
    assert_eq!(answer.path(), "HongKong > Chicago > rg:CHI > rg:HKG");
    assert_eq!(
        (answer.next_hop().as_str(), answer.relay()),
        ("Chicago", "connector_source")
    );
}

#[test]
fn the_sum_of_connector_costs_decides_before_everything() {
    let servers = "HERE1=2007Sp1@Here, FAR1=2007Sp1@Far";
    // 3 from afar against 4 from the own site, in one connector against two, with the lower name on the loser.
    let case = coexistence("Here-Far 99999", servers, &["E-L 4 HERE1", "E-M 1 FAR1", "M-L 2"], "");
    let answer = case.from("Here").to("rg:L").answer();
    assert_eq!(
        (answer.path().as_str(), answer.cost()),
        ("Here > Far > rg:M > rg:L", (3, 99999))
    );
    assert_eq!(answer.decided_by(), "routing_group_cost");
}

#[test]
fn equal_sums_are_parted_by_the_way_to_the_first_connector_only() {
    let servers = "HERE1=2007Sp1@Here, FAR1=2007Sp1@Far";
    let case = coexistence("Here-Far 1", servers, &["E-L 3 FAR1", "E-M 1 HERE1", "M-L 2"], "");
    let answer = case.from("Here").to("rg:L").answer();
    assert_eq!((answer.links().as_str(), answer.cost()), ("E-M, M-L", (3, 0)));
    assert_eq!(answer.decided_by(), "site_cost");
    // Cheaper although further and of a higher name: it is the cost of the way, not its length.
    let case = coexistence(
        "Here-Mid 1, Mid-Cheap 1, Here-Dear 5",
        "H=2007Sp1@Here, M=2007Sp1@Mid, C=2007Sp1@Cheap, D=2007Sp1@Dear",
        &["E-L/b 3 C", "E-L/a 3 D"],
        "",
    );
    let answer = case.from("Here").to("rg:L").answer();
    assert_eq!(
        (answer.links().as_str(), answer.cost()),
        ("Here-Mid, Mid-Cheap, E-L/b", (3, 2))
    );
    assert_eq!(answer.decided_by(), "site_cost");
}

#[test]
fn the_third_legacy_tie_is_hops_then_connectors_then_names() {
    // To Two there are two hops of 1, to One one hop of 2: equal site cost. The better name is on the longer way.
    let far = coexistence(
        "Here-Mid 1, Mid-Two 1, Here-One 2",
        "H=2007Sp1@Here, M=2007Sp1@Mid, TWO1=2007Sp1@Two, ONE1=2007Sp1@One",
        &["E-L/a 5 TWO1", "E-L/b 5 ONE1"],
        "",
    );
    // One site hop and two connectors against two site hops and one connector, at equal costs.
    let both = coexistence(
        "Here-Mid 1, Mid-Two 1, Here-One 2",
        "H=2007Sp1@Here, M=2007Sp1@Mid, TWO1=2007Sp1@Two, ONE1=2007Sp1@One",
        &["E-L 5 TWO1", "E-M 3 ONE1", "M-L 2"],
        "",
    );
    // From one site, with the better name on the way of two connectors.
    let several = coexistence("site(Here)", "H=2007Sp1@Here", &["E-K 2 H", "K-L 3", "E-L 5 H"], "");
    let names = coexistence("site(Here)", "H=2007Sp1@Here", &["E-L/b 5 H", "E-L/a 5 H"], "");
    // The first connector's name counts before the second's.
    let second = coexistence(
        "site(Here)",
        "H=2007Sp1@Here",
        &["E-K/a 2 H", "K-L/z 3", "E-M/b 2 H", "M-L/a 3"],
        "",
    );
    let by_names = Options {
        legacy_tie: LegacyTie::Names,
        ..Options::default()
    };
    for (why, case, hops, by_name) in [
        (
            "site hops",
            &far,
            ("Here-One, E-L/b", "hops"),
            ("Here-Mid, Mid-Two, E-L/a", "name"),
        ),
        (
            "site hops before the number of connectors",
            &both,
            ("Here-One, E-M, M-L", "hops"),
            ("Here-Mid, Mid-Two, E-L", "name"),
        ),
        ("number of connectors", &several, ("E-L", "hops"), ("E-K, K-L", "name")),
        ("names", &names, ("E-L/a", "name"), ("E-L/a", "name")),
        (
            "the first name first",
            &second,
            ("E-K/a, K-L/z", "name"),
            ("E-K/a, K-L/z", "name"),
        ),
    ] {
        let answer = case.from("Here").to("rg:L").answer();
        assert_eq!((answer.links().as_str(), answer.decided_by()), hops, "{why}");
        let answer = case.from("Here").to("rg:L").options(by_names).answer();
        assert_eq!(
            (answer.links().as_str(), answer.decided_by()),
            by_name,
            "{why}, by names alone"
        );
    }
}

#[test]
fn a_path_never_comes_back_to_the_2007_group() {
    // A and B are not joined by links. Out to K, in at B and out again would cost 3; a hub does not send mail out to get
    // it back.
    let servers = "A1=2007Sp1@A, B1=2007Sp1@B";
    let case = coexistence(
        "site(A), site(B)",
        servers,
        &["E-K 1 A1", "K-E 1 B1", "E-L 1 B1", "K-L 200"],
        "",
    );
    assert_eq!(case.from("A").to("rg:L").answer().links(), "E-K, K-L");
    // For legacy the group is a node like any other, to be passed once.
    let answer = case.from("rg:K").to("rg:L").answer();
    assert_eq!((answer.path().as_str(), answer.cost()), ("rg:K > B > rg:L", (2, 0)));
}

#[test]
fn a_first_connector_counts_only_when_its_source_can_be_reached() {
    let servers = "A1=2007Sp1@A, C1=2007Sp1@C";
    let case = coexistence("site(A), site(C)", servers, &["E-L 1 C1", "E-L/2 50 A1"], "");
    assert_eq!(case.from("A").to("rg:L").answer().links(), "E-L/2");
}

#[test]
fn a_connector_needs_servers_that_count_at_both_ends() {
    let case = |connector: &str| {
        let text = format!(
            r#"sites: [(name: "A")],
            servers: [(name: "A1", version: Exchange2007Sp1, site: "A"), (name: "BOX", version: Exchange2007Sp1, site: "A", roles: [Mailbox]),
                      (name: "BH", version: Exchange2003, routing_group: "L"), (name: "OTHER", version: Exchange2003, routing_group: "K")],
            routing_groups: [(name: "K"), (name: "L")],
            routing_group_connectors: [(name: "C", from: "DWBGZMFD01QNBJR", to: "L", {connector})],"#
        );
        org(&text).from("A").to("rg:L").answer().outcome().to_owned()
    };
    for (connector, outcome, why) in [
        (r#"source_servers: ["A1"]"#, "route", "every server of the target group"),
        (
            r#"source_servers: ["A1", "BOX"], target_servers: ["BH"]"#,
            "route",
            "listed servers that do not count are passed over",
        ),
        ("", "unreachable", "event 5014: the 2007 group has no default source"),
        (
            r#"source_servers: []"#,
            "unreachable",
            "an empty list is as if left out",
        ),
        (
            r#"source_servers: ["BOX"]"#,
            "unreachable",
            "a mailbox server routes nothing",
        ),
        (
            r#"source_servers: ["A1"], target_servers: ["OTHER"]"#,
            "unreachable",
            "a target in another group",
        ),
        (r#"source_servers: ["A1"], kind: X400"#, "unreachable", "event 5028"),
        (r#"source_servers: ["A1"], kind: Smtp"#, "unreachable", "event 5028"),
    ] {
        assert_eq!(case(connector), outcome, "{why}");
    }
    // From a legacy group, left out means every server of it; and a connector from a group to itself leads nowhere.
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["L-E 1 A1", "L-L 1"], "");
    assert_eq!(case.from("rg:L").to("A").answer().links(), "L-E");
}

#[test]
fn legacy_goes_by_cost_then_number_of_connectors_then_names() {
    for (why, connectors, links, decided_by, ambiguous) in [
        (
            "cost",
            vec!["K-L 5", "K-M 1", "M-L 1"],
            "K-M, M-L",
            "routing_group_cost",
            false,
        ),
        (
            "fewest connectors",
            vec!["K-L 2", "K-A 1", "A-L 1"],
            "K-L",
            "hops",
            true,
        ),
        (
            "names",
            vec!["K-N 1", "N-L 1", "K-M 1", "M-L 1"],
            "K-M, M-L",
            "name",
            true,
        ),
        (
            "two connectors side by side",
            vec!["K-L/2 1", "K-L/1 1"],
            "K-L/1",
            "name",
            true,
        ),
    ] {
        let case = coexistence("site(A)", "A1=2007Sp1@A", &connectors, "");
        let answer = case.from("rg:K").to("rg:L").answer();
        assert_eq!(
            (answer.links().as_str(), answer.decided_by(), answer.ambiguous()),
            (links, decided_by, ambiguous),
            "{why}"
        );
        assert!(answer.backoff().is_empty(), "{why}: legacy has no back-off");
    }
}

#[test]
fn mail_enters_at_the_lowest_named_target_and_may_enter_elsewhere() {
    let case = coexistence("A-B 7", "ZA=2007Sp1@A, AB=2007Sp1@B", &["L-E 1"], "");
    let answer = case.from("rg:L").to("A").answer();
    // AB before ZA, though its site is the further one.
    assert_eq!((answer.path().as_str(), answer.cost()), ("rg:L > B > A", (1, 7)));
    assert!(answer.ambiguous(), "target servers in two sites");
    let case = coexistence("A-B 7", "ZA=2007Sp1@A, AB=2007Sp1@B", &["L-E 1 ZA"], "");
    let answer = case.from("rg:L").to("A").answer();
    assert_eq!((answer.path().as_str(), answer.ambiguous()), ("rg:L > A", false));
}

#[test]
fn through_the_2007_group_mail_leaves_from_the_closest_source_site() {
    let servers = "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C";
    let more = r#"+ source_servers: ["B1", "C1"]"#;
    let case = coexistence("A-B 3, A-C 4", servers, &["K-E 1 A1", &format!("E-L 2 {more}")], "");
    let answer = case.from("rg:K").to("rg:L").answer();
    assert_eq!(
        (answer.path().as_str(), answer.links().as_str()),
        ("rg:K > A > B > rg:L", "K-E, A-B, E-L")
    );
    // All connectors add up, and so do the links between entry and exit.
    assert_eq!(answer.cost(), (3, 3));
    // Sites that are not joined: the connectors lead there, the mail does not.
    let apart = coexistence(
        "site(A), site(B)",
        "A1=2007Sp1@A, B1=2007Sp1@B",
        &["K-E 1 A1", "E-L 2 B1"],
        "",
    );
    assert_eq!(apart.from("rg:K").to("rg:L").answer().outcome(), "unreachable");
}

#[test]
fn towards_a_connector_the_hub_sites_of_the_path_are_respected() {
    let servers = "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C, D1=2007Sp1@D";
    for (drawing, next_hop, relay, backoff) in [
        ("A-B 1, B-C 1, C-D 1", "D", "connector_source", "C, B"),
        ("A-B 1, B-C 1, C-D 1, hub(C)", "C", "hub_site", "B"),
        // The source site itself being a hub site: it is the connector's source first of all.
        ("A-B 1, B-C 1, C-D 1, hub(D)", "D", "connector_source", "C, B"),
    ] {
        let case = coexistence(drawing, servers, &["E-L 1 D1"], "");
        let answer = case.from("A").to("rg:L").answer();
        assert_eq!(
            (answer.next_hop().as_str(), answer.relay(), answer.backoff().as_str()),
            (next_hop, relay, backoff),
            "{drawing}"
        );
        let answer = case.from("D").to("rg:L").answer();
        assert_eq!(
            (answer.next_hop().as_str(), answer.relay(), answer.backoff().as_str()),
            ("rg:L", "routing_group", "")
        );
    }
}

#[test]
fn sp1_returns_what_a_connector_on_the_path_is_too_small_for() {
    let case = |version: &str, small: &str, direct: u32| {
        coexistence(
            "site(A)",
            &format!("A1={version}@A"),
            &["E-K 1 A1", &format!("K-L 1 + {small}"), &format!("E-L {direct} A1")],
            "",
        )
    };
    let limit = r#"max_message_size: "1MB""#;
    for (version, small, direct, size, outcome, code, why) in [
        (
            "2007Sp1",
            limit,
            50,
            "2MB",
            "ndr",
            "5.3.4",
            "no alternative path is tried",
        ),
        ("2007Sp1", limit, 50, "1MB", "route", "", "as large as the limit passes"),
        ("2007Rtm", limit, 50, "2MB", "route", "", "RTM sees no limit"),
        ("2010Sp3", limit, 50, "2MB", "ndr", "5.3.4", "2010 as SP1"),
        ("2007Sp1", "", 50, "2GB", "route", "", "unlimited unless given"),
        (
            "2007Sp1",
            limit,
            1,
            "2MB",
            "route",
            "",
            "a higher cost on the limited way keeps mail off it",
        ),
    ] {
        let answer = case(version, small, direct).from("A").to("rg:L").size(size).answer();
        assert_eq!((answer.outcome(), answer.code()), (outcome, code), "{why}");
        let links = if direct == 1 { "E-L" } else { "E-K, K-L" };
        assert_eq!(answer.links(), links, "{why}");
    }
    // The limit of a connector that starts at the 2007 group counts as well.
    let own = coexistence("site(A)", "A1=2007Sp1@A", &["E-L 1 A1 + max_message_size: \"1MB\""], "");
    assert_eq!(own.from("A").to("rg:L").size("2MB").answer().code(), "5.3.4");
    // R62: not to RTM.
    let own = coexistence("site(A)", "A1=2007Rtm@A", &["E-L 1 A1 + max_message_size: \"1MB\""], "");
    assert_eq!(own.from("A").to("rg:L").size("2MB").answer().outcome(), "route");
}

#[test]
fn legacy_leaves_out_connectors_that_are_too_small_or_refuse_the_message() {
    let case = |first: &str| {
        coexistence(
            "site(A)",
            "A1=2007Sp1@A",
            &[&format!("K-L 1 + {first}"), "K-M 5", "M-L 5"],
            "",
        )
    };
    let limited = case(r#"max_message_size: "1MB""#);
    assert_eq!(limited.from("rg:K").to("rg:L").size("1MB").answer().links(), "K-L");
    assert_eq!(limited.from("rg:K").to("rg:L").size("2MB").answer().links(), "K-M, M-L");
    let refusing = case("restrictions: (schedule: Never)");
    assert_eq!(refusing.from("rg:K").to("rg:L").answer().links(), "K-M, M-L");
    let windows = case(r#"restrictions: (schedule: ["Mon 08:00-18:00"])"#);
    assert_eq!(
        windows.from("rg:K").to("rg:L").answer().links(),
        "K-L",
        "mail waits for the window"
    );
    // Nothing left is no NDR.
    let only = coexistence("site(A)", "A1=2007Sp1@A", &["K-L 1 + max_message_size: \"1MB\""], "");
    assert_eq!(
        only.from("rg:K").to("rg:L").size("2MB").answer().outcome(),
        "unreachable"
    );
}

#[test]
fn a_link_limit_behind_the_entry_counts_when_the_entry_site_looks() {
    let outcome = |version: &str| {
        let case = org(&format!(
            r#"sites: [(name: "A"), (name: "B")],
            site_links: [(name: "A-B", sites: ["A", "B"], max_message_size: "1MB")],
            servers: [(name: "A1", version: Exchange{version}, site: "A"), (name: "B1", version: Exchange{version}, site: "B"),
                      (name: "BH", version: Exchange2003, routing_group: "L")],
            routing_groups: [(name: "L")],
            routing_group_connectors: [(name: "L-E", from: "L", to: "DWBGZMFD01QNBJR", target_servers: ["A1"])],"#
        ));
        case.from("rg:L").to("B").size("2MB").answer().outcome().to_owned()
    };
    assert_eq!(outcome("2007Sp1"), "ndr");
    assert_eq!(outcome("2007Rtm"), "route");
}

#[test]
fn rtm_overlooks_x400_connectors_between_legacy_groups_but_not_smtp_ones() {
    for (version, kind, links) in [
        ("2007Rtm", "X400", "E-L/9"),
        ("2007Sp1", "X400", "E-K, K-L"),
        ("2010Sp3", "X400", "E-K, K-L"),
        ("2007Rtm", "Smtp", "E-K, K-L"),
        ("2007Sp1", "Smtp", "E-K, K-L"),
    ] {
        let servers = format!("A1={version}@A");
        let case = coexistence(
            "site(A)",
            &servers,
            &["E-K 1 A1", &format!("K-L 1 + kind: {kind}"), "E-L/9 9 A1"],
            "",
        );
        assert_eq!(case.from("A").to("rg:L").answer().links(), links, "{version}, {kind}");
        assert_eq!(
            case.from("rg:K").to("rg:L").answer().links(),
            "K-L",
            "legacy sees both kinds"
        );
    }
}

#[test]
fn exchange_2013_beside_routing_groups_computes_as_2010() {
    // Unsupported, and read all the same: sizes and X.400 as SP1 and 2010 see them.
    let answer = |version: &str, size: &str| {
        let connectors = [
            "E-K 1 A1",
            "K-L 1 + kind: X400, max_message_size: \"1MB\"",
            "E-L/9 9 A1",
            "L-E 1 A1",
        ];
        let case = coexistence("site(A)", &format!("A1={version}@A"), &connectors, "");
        (
            case.from("A").to("rg:L").size(size).answer().json,
            case.from("rg:L").to("A").answer().json,
        )
    };
    for size in ["1KB", "2MB"] {
        assert_eq!(answer("2016", size), answer("2010Sp3", size), "{size}");
        assert_ne!(answer("2016", size), answer("2007Rtm", size), "{size}");
    }
}
