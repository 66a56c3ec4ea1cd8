//! Which connector serves an external address (R55 to R60, RT-2.6).

use bridgehead::route::{DefaultSize, LegacyCost, Options};

use crate::support::{Case, coexistence, graph_fields, org, servers};

/// Two sites `Here` and `Far` at cost 10, one server of `version` in each, and these connectors: `NAME SERVERS SPACES`, then
/// further fields after a `+`.
fn two_sites(version: &str, connectors: &[&str]) -> Case {
    let entries: String = connectors.iter().map(|text| send(text)).collect();
    org(&format!(
        "{}{}connectors: [{entries}],",
        graph_fields("Here-Far 10"),
        servers(&format!(
            "HERE1={version}@Here, HERE2={version}@Here, FAR1={version}@Far"
        ))
    ))
}

/// `NAME SERVER&SERVER SPACE&SPACE fields`
fn send(text: &str) -> String {
    let mut words = text.splitn(4, ' ');
    let mut word = || words.next().unwrap_or("");
    let list = |text: &str| {
        let items = text
            .split('&')
            .filter(|item| !item.is_empty())
            .map(|item| format!("\"{item}\""));
        items.collect::<Vec<_>>().join(", ")
    };
    let (name, sources, spaces, fields) = (word(), list(word()), list(word()), word());
    let kind = if fields.contains("kind:") { "" } else { "kind: Send," };
    format!("(name: \"{name}\", {kind} source_servers: [{sources}], address_spaces: [{spaces}], {fields}),\n")
}

#[test]
fn each_step_decides_only_when_the_earlier_ones_tie() {
    for (why, version, connectors, selected, decided_by) in [
        (
            "nothing else is left",
            "2007Sp1",
            vec!["A HERE1 *"],
            "A",
            "only_candidate",
        ),
        (
            "specificity before cost",
            "2007Sp1",
            vec!["A HERE1 *;1", "B FAR1 x.example;100"],
            "B",
            "address_space",
        ),
        (
            "cost before proximity",
            "2007Sp1",
            vec!["A HERE1 *;12", "B FAR1 *;1"],
            "B",
            "cost",
        ),
        (
            "proximity: the own site before another",
            "2007Sp1",
            vec!["A FAR1 *;1", "B HERE1 *;11"],
            "B",
            "proximity",
        ),
        (
            "proximity: the own server before its site",
            "2007Sp1",
            vec!["A HERE2 *", "B HERE1 *"],
            "B",
            "proximity",
        ),
        ("the name", "2007Sp1", vec!["B HERE1 *", "A HERE1 *"], "A", "name"),
        (
            "the name, without case",
            "2007Sp1",
            vec!["a HERE1 *", "B HERE1 *"],
            "a",
            "name",
        ),
        (
            "the same from 2013 on",
            "2016",
            vec!["A FAR1 *;1", "B HERE1 *;11"],
            "B",
            "proximity",
        ),
    ] {
        let case = two_sites(version, &connectors);
        let answer = case.from("server:HERE1").to("ann@x.example").answer();
        assert_eq!(
            (answer.connector(), answer.decided_by()),
            (selected, decided_by),
            "{why}"
        );
    }
}

#[test]
fn between_remote_sites_2013_counts_hops_and_2007_does_not() {
    let case = |version: &str| {
        org(&format!(
            "{}{}connectors: [{}{}],",
            graph_fields("Here-Mid 1, Mid-Two 1, Here-One 2"),
            servers(&format!(
                "H={version}@Here, M={version}@Mid, ONE1={version}@One, TWO1={version}@Two"
            )),
            send("A TWO1 *"),
            send("B ONE1 *")
        ))
    };
    let answer = case("2010Sp3").from("Here").to("ann@x.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("A", "name"));
    let answer = case("2013").from("Here").to("ann@x.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("B", "hops"));
}

#[test]
fn a_2007_connector_beats_an_equally_specific_legacy_one_and_no_other() {
    let case = |old: &str, new: &str| {
        let connectors = format!(
            r#"connectors: [
                (name: "Old", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["{old}"]),
                (name: "New", kind: Send, source_servers: ["HUB1"], address_spaces: ["{new}"])],"#
        );
        coexistence("site(Hub)", "HUB1=2007Sp1@Hub", &["E-L 1 HUB1"], &connectors)
    };
    for (old, new, selected, decided_by) in [
        ("*;1", "*;100", "New", "version"),
        ("*.example;1", "*.example;100", "New", "version"),
        // R55 is step 1, R60 step 4.
        ("*.example;1", "*;1", "Old", "address_space"),
        ("*;1", "*.example;1", "New", "address_space"),
    ] {
        let answer = case(old, new).from("Hub").to("ann@x.example").answer();
        assert_eq!(
            (answer.connector(), answer.decided_by()),
            (selected, decided_by),
            "{old} against {new}"
        );
    }
}

#[test]
fn legacy_connectors_are_compared_by_a_pair_then_by_name() {
    // Near costs (4 + 1, 0), far costs (2 + 1, 10).
    let case = |near: &str, far: &str, link: u32| {
        let connectors = format!(
            r#"connectors: [
                (name: "Near", kind: LegacySmtp, routing_group: "N", source_servers: ["BH-N"], address_spaces: ["*;{near}"]),
                (name: "Far", kind: LegacySmtp, routing_group: "F", source_servers: ["BH-F"], address_spaces: ["*;{far}"])],"#
        );
        coexistence(
            &format!("Here-There {link}"),
            "H=2007Sp1@Here, T=2007Sp1@There",
            &["E-N 4 H", "E-F 2 T"],
            &connectors,
        )
    };
    let sum = Options {
        legacy_cost: LegacyCost::Sum,
        ..Options::default()
    };
    for (near, far, link, pair_winner, sum_winner) in [
        ("1", "1", 10, ("Far", "cost"), ("Near", "cost")),
        // Equal first parts: the way to the first connector.
        ("1", "3", 10, ("Near", "cost"), ("Near", "cost")),
        // Nothing but the name, there being no proximity step: 5 and 5 over links of equal cost.
        ("1", "2", 1, ("Far", "cost"), ("Far", "name")),
    ] {
        let answer = case(near, far, link).from("Here").to("ann@x.example").answer();
        assert_eq!(
            (answer.connector(), answer.decided_by()),
            pair_winner,
            "pair: {near}, {far}, {link}"
        );
        let answer = case(near, far, link)
            .from("Here")
            .to("ann@x.example")
            .options(sum)
            .answer();
        assert_eq!(
            (answer.connector(), answer.decided_by()),
            sum_winner,
            "sum: {near}, {far}, {link}"
        );
    }
    let same = r#"connectors: [
        (name: "B", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["*"]),
        (name: "A", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["*"])],"#;
    let case = coexistence("site(Hub)", "HUB1=2007Sp1@Hub", &["E-L 1 HUB1"], same);
    let answer = case.from("Hub").to("ann@x.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("A", "name"));
}

#[test]
fn spaces_match_as_the_syntax_says() {
    let spaces = [
        "All *",
        "Example *.example",
        "Sub *.sub.x.example",
        "X x.example",
        "WideX *.x.example",
        "Fax FAX:*",
        "FaxUs FAX:+1*",
        "X400 X400:c=us;a=adatum;1",
        "X400p X400:c=us;a=adatum;p=contoso;1",
    ];
    let connectors: String = spaces
        .iter()
        .map(|text| {
            let (name, space) = text.split_once(' ').expect("a name and a space");
            send(&format!("{name} A1 {space} smart_hosts: [\"relay.example\"]"))
        })
        .collect();
    let case = org(&format!(
        "{}{}connectors: [{connectors}],",
        graph_fields("site(A)"),
        servers("A1=2007Sp1@A")
    ));
    for (address, selected) in [
        ("ann@x.example", "X"),
        ("ann@X.EXAMPLE", "X"),
        ("ann@y.x.example", "WideX"),
        ("ann@z.sub.x.example", "Sub"),
        ("ann@sub.x.example", "Sub"),
        ("ann@example", "Example"),
        ("ann@notexample", "All"),
        ("\"a@b\"@x.example", "X"),
        ("FAX:+1 425 555", "FaxUs"),
        ("fax:+49 30", "Fax"),
        ("X400:c=US;a=Adatum;p=Contoso;o=x", "X400p"),
        ("X400:c=us/a=adatum/p=Fabrikam", "X400"),
    ] {
        assert_eq!(case.from("A").to(address).answer().connector(), selected, "{address}");
    }
    // Types never cross: `SMTP:*` does not serve other types.
    let answer = case.from("A").to("X400:c=de").answer();
    assert_eq!(
        (answer.outcome(), answer.code(), answer.connector()),
        ("ndr", "5.4.4", "")
    );
}

#[test]
fn a_connector_competes_with_its_most_specific_then_cheapest_space() {
    let case = two_sites("2007Sp1", &["A HERE1 *;1&x.example;50", "B HERE1 x.example;40"]);
    assert_eq!(case.from("Here").to("ann@x.example").answer().connector(), "B");
    assert_eq!(case.from("Here").to("ann@y.example").answer().connector(), "A");
    let case = two_sites("2007Sp1", &["A HERE1 x.example;50&X.example;3", "B HERE1 x.example;4"]);
    assert_eq!(case.from("Here").to("ann@x.example").answer().connector(), "A");
}

#[test]
fn exclusions_are_named_in_the_order_of_the_filters() {
    let case = org(&format!(
        r#"{}{}connectors: [{}{}{}{}{}{}{}],"#,
        graph_fields("Here-Far 10, site(Island)"),
        servers("HERE1=2007Sp1@Here, FAR1=2007Sp1@Far, ISLAND1=2007Sp1@Island, BOX=2007Sp1+Mailbox@Here"),
        send("1disabled FAR1 y.example enabled: false, scoped: true"),
        send("2scope FAR1 y.example scoped: true"),
        send("3match BOX y.example"),
        send("4source BOX *"),
        send("5route ISLAND1 * max_message_size: \"1KB\""),
        send("6size FAR1 * max_message_size: \"1KB\""),
        send("7best HERE1 *"),
    ));
    let answer = case.from("Here").to("ann@x.example").size("2KB").answer();
    assert_eq!(
        answer.considered(),
        [
            "7best selected only_candidate",
            "1disabled excluded disabled",
            "2scope excluded scope",
            "3match excluded no_match",
            "4source excluded no_source",
            "5route excluded no_route",
            "6size excluded size",
        ]
    );
}

#[test]
fn losers_come_best_first_each_with_the_step_it_fell_at() {
    let case = two_sites(
        "2007Sp1",
        &[
            "A HERE1 *",
            "B HERE2 x.example",
            "C HERE1 x.example;2",
            "D HERE1 x.example",
            "E HERE1 x.example",
            "F FAR1 *.example",
        ],
    );
    let answer = case.from("server:HERE1").to("ann@x.example").answer();
    assert_eq!(
        answer.considered(),
        [
            "D selected name",
            "E lost name",
            "B lost proximity",
            "C lost cost",
            "F lost address_space",
            "A lost address_space",
        ]
    );
    assert_eq!(answer.decided_by(), "name");
}

#[test]
fn nothing_left_is_unreachable_or_returned() {
    let limited = |space: &str| {
        two_sites(
            "2007Sp1",
            &[&format!(
                "A HERE1 {space} smart_hosts: [\"h.example\"], max_message_size: \"1KB\""
            )],
        )
    };
    for (case, to, size, outcome, code, why) in [
        (
            limited("x.example"),
            "ann@y.example",
            "1KB",
            "unreachable",
            "",
            "SMTP waits for a connector",
        ),
        (
            limited("x.example"),
            "FAX:1",
            "1KB",
            "ndr",
            "5.4.4",
            "other types are returned",
        ),
        (
            limited("x.example"),
            "ann@x.example",
            "2KB",
            "ndr",
            "5.3.4",
            "all that match are too small",
        ),
        (
            limited("FAX:*"),
            "FAX:1",
            "2KB",
            "ndr",
            "5.3.4",
            "all that match are too small",
        ),
        (
            limited("x.example"),
            "ann@x.example",
            "1KB",
            "deliver",
            "",
            "as large as the limit passes",
        ),
    ] {
        let answer = case.from("Here").to(to).size(size).answer();
        assert_eq!((answer.outcome(), answer.code()), (outcome, code), "{why}");
    }
}

#[test]
fn a_legacy_sender_finds_a_small_connector_to_be_none() {
    let connectors = r#"connectors: [(name: "Old", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"],
        address_spaces: ["*", "FAX:*"], max_message_size: "1KB")],"#;
    let case = coexistence("site(Hub)", "HUB1=2007Sp1@Hub", &["E-L 1 HUB1"], connectors);
    let answer = case.from("rg:L").to("ann@x.example").size("2KB").answer();
    assert_eq!(
        (answer.outcome(), answer.considered()),
        ("unreachable", vec!["Old excluded size".to_owned()])
    );
    assert_eq!(case.from("rg:L").to("FAX:1").size("2KB").answer().code(), "5.4.4");
}

#[test]
fn a_legacy_sender_asks_for_a_way_after_it_has_asked_what_fits_best() {
    // LS-2.1: V>B carries nothing, so that no way leads to what fits best. Mail of every type stays, and nobody takes All.
    let connectors = r#"connectors: [
        (name: "Spec", kind: LegacySmtp, routing_group: "B", source_servers: ["BH-B"],
            address_spaces: ["partner.example", "FAX:+49*"]),
        (name: "All", kind: LegacySmtp, routing_group: "V", source_servers: ["BH-V"], address_spaces: ["*", "FAX:*"])],"#;
    for (ways, outcome, considered) in [
        (
            &["V-B 1"][..],
            "route",
            ["Spec selected only_candidate", "All lost address_space"],
        ),
        (
            &["B-V 1"],
            "unreachable",
            ["All lost address_space", "Spec excluded no_route"],
        ),
    ] {
        let case = coexistence("site(Hub)", "HUB1=2007Sp1@Hub", ways, connectors);
        for address in ["ann@partner.example", "FAX:+49 1"] {
            let answer = case.from("rg:V").to(address).answer();
            assert_eq!(answer.outcome(), outcome, "{address}");
            if outcome == "unreachable" {
                assert_eq!(answer.considered(), considered, "{address}");
            }
        }
        // What Spec does not fit goes by All as ever.
        assert_eq!(case.from("rg:V").to("ann@other.example").answer().connector(), "All");
    }
    // The same where there is a way that the message may not go.
    let way = r#"restrictions: (denied_senders: ["eve@x.example"])"#;
    let fields = format!(
        r#"{}{}routing_groups: [(name: "V"), (name: "B")],
        routing_group_connectors: [(name: "V>B", from: "V", to: "B", {way})],{connectors}"#,
        graph_fields("site(Hub)"),
        r#"servers: [(name: "HUB1", version: Exchange2007Sp1, site: "Hub"), (name: "BH-V", version: Exchange2003, routing_group: "V"),
            (name: "BH-B", version: Exchange2003, routing_group: "B")],"#,
    );
    let case = org(&fields);
    let sent_by = |sender: &str| case.from("rg:V").to("ann@partner.example").sender(sender).answer();
    assert_eq!(sent_by("adam@x.example").connector(), "Spec");
    assert_eq!(
        (sent_by("eve@x.example").outcome(), sent_by("eve@x.example").connector()),
        ("unreachable", "")
    );
}

#[test]
fn a_legacy_sender_counts_connectors_and_not_sites() {
    // New is two sites behind the entry; to L that costs nothing.
    let connectors = r#"connectors: [
        (name: "New", kind: Send, source_servers: ["C1"], address_spaces: ["*;1"]),
        (name: "Old", kind: LegacySmtp, routing_group: "K", source_servers: ["BH-K"], address_spaces: ["*;2"])],"#;
    let servers = "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C";
    let case = coexistence("A-B 100, B-C 100", servers, &["L-E 1 A1", "L-K 1"], connectors);
    let answer = case.from("rg:L").to("ann@x.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("New", "cost"));
    assert_eq!(answer.path(), "rg:L > A > B > C");
    // Equal cost: it is neither 2007 first nor the other way round, and legacy may use both.
    let equal = connectors.replace("*;2", "*;1");
    let case = coexistence("A-B 100, B-C 100", servers, &["L-E 1 A1", "L-K 1"], &equal);
    let answer = case.from("rg:L").to("ann@x.example").answer();
    assert_eq!((answer.decided_by(), answer.ambiguous()), ("name", true));
}

#[test]
fn source_servers_that_do_not_count_are_passed_over() {
    // The cheaper site of two, and never a mailbox server or an Edge server without subscription.
    let case = org(&format!(
        "{}{}connectors: [{}{}],",
        graph_fields("Here-Far 10, Here-Further 20"),
        servers(
            "H=2007Sp1@Here, F=2007Sp1@Far, G=2007Sp1@Further, BOX=2007Sp1+Mailbox@Here, EDGE=2010Sp3+EdgeTransport"
        ),
        send("A G&F&BOX x.example"),
        send("B EDGE y.example")
    ));
    let answer = case.from("Here").to("ann@x.example").answer();
    assert_eq!(
        (answer.connector(), answer.next_hop().as_str(), answer.cost()),
        ("A", "Far", (0, 10))
    );
    assert_eq!(
        case.from("Here").to("ann@y.example").answer().considered(),
        ["A excluded no_match", "B excluded no_source"]
    );
}

#[test]
fn the_closest_of_several_sites_is_so_by_cost_then_hops_then_name() {
    for (why, drawing, closest) in [
        ("cost", "Here-X 5, Here-M 1, M-Y 1", "Y"),
        ("hops", "Here-Y 2, Here-M 1, M-X 1", "Y"),
        ("name", "Here-X 2, Here-Y 2", "X"),
    ] {
        // As source servers of one connector, and as the members of one DAG.
        let fields = format!(
            r#"{}{}connectors: [{}],
            dags: [(name: "DAG", servers: ["X1", "Y1"])],
            databases: [(name: "DB", dag: "DAG")],
            mailboxes: [(address: "ann@contoso.example", database: "DB")],"#,
            graph_fields(drawing),
            servers("H=2016@Here, X1=2016@X, Y1=2016@Y"),
            send("Out Y1&X1 *")
        );
        let case = org(&fields);
        for to in ["bob@x.example", "ann@contoso.example"] {
            assert_eq!(case.from("Here").to(to).answer().next_hop(), closest, "{why}: {to}");
        }
    }
}

#[test]
fn the_products_default_size_is_an_option() {
    let product = Options {
        default_size: DefaultSize::Product,
        ..Options::default()
    };
    for (version, largest) in [("2007Sp1", 10), ("2010Sp3", 10), ("2013", 35), ("2019", 35)] {
        let case = two_sites(version, &["A HERE1 *"]);
        let outcome = |size: u32, options| {
            case.from("Here")
                .to("ann@x.example")
                .size(&format!("{size}MB"))
                .options(options)
                .answer()
                .outcome()
                .to_owned()
        };
        assert_eq!(outcome(largest, product), "deliver", "{version}");
        assert_eq!(outcome(largest + 1, product), "ndr", "{version}");
        assert_eq!(outcome(1000, Options::default()), "deliver", "{version}");
    }
}

#[test]
fn the_way_to_the_selected_connector_is_checked_afterwards() {
    let case = org(&format!(
        r#"sites: [(name: "Here"), (name: "Far")],
        site_links: [(name: "F-H", sites: ["Here", "Far"], max_message_size: "1MB")],
        {}connectors: [{}{}],"#,
        servers("HERE1=2007Sp1@Here, FAR1=2007Sp1@Far"),
        send("Narrow FAR1 x.example"),
        send("Wide HERE1 *")
    ));
    // The connector itself would let it through; the link does not, and no other connector is tried.
    let answer = case.from("Here").to("ann@x.example").size("2MB").answer();
    assert_eq!(
        (answer.outcome(), answer.code(), answer.connector()),
        ("ndr", "5.3.4", "Narrow")
    );
    let answer = case.from("Here").to("ann@x.example").answer();
    assert_eq!((answer.outcome(), answer.next_hop().as_str()), ("route", "Far"));
    let answer = case.from("Here").to("ann@y.example").answer();
    assert_eq!((answer.outcome(), answer.has_route()), ("deliver", false));
}

#[test]
fn foreign_connectors_and_delivery_agents_take_part() {
    let case = two_sites(
        "2010Sp3",
        &[
            "Fax HERE1 FAX:* kind: Foreign",
            "Text FAR1 MOBILE:* kind: DeliveryAgent",
        ],
    );
    assert_eq!(case.from("Here").to("FAX:1").answer().connector(), "Fax");
    let answer = case.from("Here").to("MOBILE:1").answer();
    assert_eq!((answer.connector(), answer.next_hop().as_str()), ("Text", "Far"));
}

#[test] // D29
fn of_equal_cost_legacy_takes_what_fewer_connectors_lead_to() {
    let out = |name: &str, group: &str| {
        format!(
            "(name: \"{name}\", kind: LegacySmtp, routing_group: \"{group}\", source_servers: [\"BH-{group}\"], \
             address_spaces: [\"*;1\"]), "
        )
    };
    let more = format!("connectors: [{}{}],", out("A", "N"), out("B", "K"));
    let case = coexistence("site(S)", "S1=2007Sp1@S", &["L-K 2", "L-M 1", "M-N 1"], &more);
    let answer = case.from("rg:L").to("ann@x.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("B", "hops"));
}

#[test] // RT-2.6.1: the most specific of its own spaces is what a connector is shown with, and what it costs.
fn of_several_spaces_of_a_connector_the_one_that_fits_best_is_told() {
    let case = two_sites("2010Sp3", &["A FAR1 *;1&x.example;7"]);
    let answer = case.from("Here").to("ann@x.example").answer();
    let detail = answer.json["considered"][0]["detail"].as_str();
    assert_eq!(detail, Some("SMTP:x.example, cost 17, leaves from site Far"));
}
