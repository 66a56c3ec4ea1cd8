//! Paths between sites, hub sites, back-off and limits of links (RT-2.1 to RT-2.5, RT-2.11).

use bridgehead::model::{MessageType, NameOrder, NodeKind};
use bridgehead::route::{Backoff, Options, Sender};

use crate::support::{graph, graph_fields, org, org_ordered, servers};

#[test]
fn cost_beats_hops_beats_names() {
    for (why, drawing, path, decided_by) in [
        (
            "cheaper wins although longer",
            "A-B 1, B-D 1, A-D 3",
            "A > B > D",
            "cost",
        ),
        ("fewer hops at equal cost", "A-B 1, B-D 1, A-D 2", "A > D", "hops"),
        (
            "lower name at equal hops",
            "A-C 1, C-D 1, A-B 1, B-D 1",
            "A > B > D",
            "name",
        ),
        (
            "hops count although names are lower",
            "A-B 1, B-C 1, C-E 1, A-D 1, D-E 2",
            "A > D > E",
            "hops",
        ),
        (
            "names backwards from the destination",
            "A-B 1, B-Y 1, Y-Z 1, A-C 1, C-X 1, X-Z 1",
            "A > C > X > Z",
            "name",
        ),
        (
            "the same site before the end: one earlier",
            "A-B 1, A-C 1, B-D 1, C-D 1, D-Z 1",
            "A > B > D > Z",
            "name",
        ),
        ("one way only", "A-B 7", "A > B", "cost"),
    ] {
        let case = graph(drawing);
        let to = path.rsplit(' ').next().expect("a name");
        let answer = case.from("A").to(to).answer();
        assert_eq!(
            (answer.path().as_str(), answer.decided_by()),
            (path, decided_by),
            "{why}"
        );
    }
}

#[test]
fn names_are_ordered_without_case_digits_as_characters() {
    let between = |left: &str, right: &str| graph_fields(&format!("A-{left} 1, {left}-Z 1, A-{right} 1, {right}-Z 1"));
    let over = |fields: &str, order| org_ordered(fields, order).from("A").to("Z").answer().path();
    for (left, right, order, path) in [
        ("Site2", "Site10", NameOrder::IgnoreCase, "A > Site10 > Z"),
        ("Site2", "Site10", NameOrder::Natural, "A > Site2 > Z"),
        ("b", "C", NameOrder::IgnoreCase, "A > b > Z"),
        ("b", "C", NameOrder::Ordinal, "A > C > Z"),
        ("B_", "BA", NameOrder::IgnoreCase, "A > BA > Z"),
    ] {
        assert_eq!(over(&between(left, right), order), path, "{left} or {right}, {order:?}");
    }
}

#[test]
fn several_links_over_one_pair_are_one_edge() {
    let links = |first: &str, second: &str| {
        org(&format!(
            r#"sites: [(name: "A"), (name: "B")],
            site_links: [(name: "X", sites: ["A", "B"], {first}), (name: "Y", sites: ["A", "B"], {second})],"#
        ))
    };
    for (first, second, link, cost) in [
        ("cost: 20", "cost: 10", "Y", 10),
        ("cost: 10", "cost: 10", "X", 10),
        ("cost: 10", "cost: 50, exchange_cost: 3", "Y", 3),
        ("cost: 10, exchange_cost: 90", "cost: 50", "Y", 50),
        ("", "cost: 101", "X", 100),
    ] {
        let case = links(first, second);
        let answer = case.from("A").to("B").answer();
        assert_eq!(
            (answer.links().as_str(), answer.cost()),
            (link, (0, cost)),
            "{first} | {second}"
        );
        // One sequence of sites is one path, however many links there are.
        assert_eq!(answer.decided_by(), "cost", "{first} | {second}");
    }
}

#[test]
fn a_link_joins_every_two_of_its_sites_in_one_hop() {
    let case = org(r#"
        sites: [(name: "A"), (name: "B"), (name: "C"), (name: "D")],
        site_links: [(name: "All", sites: ["A", "B", "C", "D"], cost: 7)],
    "#);
    for (from, to) in [("A", "D"), ("D", "A"), ("B", "C"), ("C", "D")] {
        let answer = case.from(from).to(to).answer();
        assert_eq!(
            (answer.hops(), answer.cost(), answer.decided_by()),
            (1, (0, 7), "cost"),
            "{from} to {to}"
        );
    }
}

#[test]
fn links_of_two_and_of_more_sites_are_equals() {
    for (why, links, path, decided_by) in [
        ("the wide one is cheaper", "SD 5, SA 1, ADE 2", "S > A > D", "cost"),
        ("the wide one is dearer", "SDE 5, SA 1, AD 2", "S > A > D", "cost"),
        ("the wide one is shorter", "SA 1, AD 1, SDE 2", "S > D", "hops"),
        ("the wide ones are longer", "SAE 1, ADE 1, SD 2", "S > D", "hops"),
        (
            "the lower name is before the wide one",
            "SA 1, SB 1, ADE 1, BD 1",
            "S > A > D",
            "name",
        ),
        (
            "the higher name is before the wide one",
            "SA 1, SB 1, BDE 1, AD 1",
            "S > A > D",
            "name",
        ),
        ("two sites offer the wide one", "SA 1, SB 1, ABD 1", "S > A > D", "name"),
        ("side by side they are one path", "SD 1, SDE 1", "S > D", "cost"),
    ] {
        let listed = links.split(", ").enumerate().map(|(at, link)| {
            let (sites, cost) = link.split_once(' ').expect("sites and cost");
            let sites: Vec<String> = sites.chars().map(|site| format!("{:?}", site.to_string())).collect();
            format!(r#"(name: "L{at}", sites: [{}], cost: {cost})"#, sites.join(", "))
        });
        let case = org(&format!(
            r#"sites: [(name: "A"), (name: "B"), (name: "D"), (name: "E"), (name: "S")], site_links: [{}],"#,
            listed.collect::<Vec<_>>().join(", ")
        ));
        let answer = case.from("S").to("D").answer();
        assert_eq!(
            (answer.path().as_str(), answer.decided_by()),
            (path, decided_by),
            "{why}"
        );
    }
}

#[test]
fn links_without_effect_join_nothing() {
    for link in [
        r#"sites: ["A", "B"], transport: Smtp"#,
        r#"sites: ["A"]"#,
        r#"sites: []"#,
    ] {
        let case = org(&format!(
            r#"sites: [(name: "A"), (name: "B")], site_links: [(name: "L", {link}, cost: 1)],"#
        ));
        assert_eq!(case.from("A").to("B").answer().outcome(), "unreachable", "{link}");
    }
}

#[test]
fn bridging_makes_no_difference() {
    let path = |bridged: bool| {
        let case = org(&format!(
            "bridge_all_site_links: {bridged},\n{}",
            graph_fields("A-B 1, B-C 1")
        ));
        case.from("A").to("C").answer().path()
    };
    assert_eq!(path(true), path(false));
}

#[test]
fn a_site_in_no_link_cannot_be_reached() {
    let case = graph("A-B 1, site(C)");
    assert_eq!(case.from("A").to("C").answer().outcome(), "unreachable");
    assert_eq!(case.from("C").to("A").answer().outcome(), "unreachable");
    assert!(case.routes_json().contains("\"unreachable\""));
}

#[test]
fn sites_without_transport_are_passed_and_counted_but_never_stopped_at() {
    // B is a hub site without a server: no stop, no back-off point, yet a hop.
    let case = org(&format!(
        "{}{}",
        graph_fields("A-B 1, B-C 1, C-D 1, A-X 2, X-D 1, hub(B)"),
        servers("A1=2010Sp3@A, C1=2010Sp3@C, D1=2010Sp3@D, X1=2010Sp3@X")
    ));
    let answer = case.from("A").to("C").answer();
    assert_eq!(answer.path(), "A > B > C");
    assert_eq!(
        (answer.next_hop().as_str(), answer.relay(), answer.backoff().as_str()),
        ("C", "direct", "")
    );
    // Three hops over B against two over X, at equal cost.
    let answer = case.from("A").to("D").answer();
    assert_eq!((answer.path().as_str(), answer.decided_by()), ("A > X > D", "hops"));
    // Mail cannot stop there, so it is no destination, and no router.
    assert_eq!(case.from("A").to("B").answer().outcome(), "unreachable");
    assert!(!case.routes_json().contains(
        r#""to": {
        "site": "B""#
    ));
}

#[test]
fn hub_sites_on_the_path_are_visited_one_by_one() {
    let case = graph("A-B 1, B-C 1, C-D 1, D-E 1, hub(B), hub(D)");
    for (from, next_hop, relay) in [("A", "B", "hub_site"), ("B", "D", "hub_site"), ("D", "E", "direct")] {
        let answer = case.from(from).to("E").answer();
        assert_eq!(
            (answer.next_hop().as_str(), answer.relay()),
            (next_hop, relay),
            "from {from}"
        );
    }
    // A hub site that is the destination is reached directly.
    let answer = case.from("C").to("D").answer();
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("D", "direct"));
}

#[test]
fn a_hub_site_off_the_path_is_never_used() {
    let case = graph("A-B 1, B-D 1, A-H 1, H-D 5, hub(H)");
    let answer = case.from("A").to("D").answer();
    assert_eq!((answer.path().as_str(), answer.next_hop().as_str()), ("A > B > D", "D"));
}

#[test]
fn the_own_site_being_a_hub_site_has_no_effect() {
    let with = graph("A-B 1, B-C 1, hub(A)").from("A").to("C").answer();
    let without = graph("A-B 1, B-C 1").from("A").to("C").answer();
    assert_eq!(with.json, without.json);
}

#[test]
fn back_off_goes_hop_by_hop_from_the_next_hop() {
    let case = graph("A-B 1, B-C 1, C-D 1, D-E 1, E-F 1");
    assert_eq!(case.from("A").to("F").answer().backoff(), "E, D, C, B");
    // Before a hub site only: it is never jumped over.
    let case = graph("A-B 1, B-C 1, C-D 1, D-E 1, E-F 1, hub(D)");
    assert_eq!(case.from("A").to("F").answer().backoff(), "C, B");
    let answer = case.from("A").to("F").down("site:D").down("site:C").answer();
    assert_eq!((answer.queued_at().as_str(), answer.tried().as_str()), ("B", "D, C, B"));
}

#[test]
fn binary_back_off_halves_paths_of_more_than_four_hops() {
    let binary = Options {
        backoff: Backoff::Binary,
        ..Options::default()
    };
    let chain = "A-B 1, B-C 1, C-D 1, D-E 1, E-F 1";
    assert_eq!(
        graph(chain).from("A").to("F").options(binary).answer().backoff(),
        "C, B"
    );
    // Four hops are few enough to go back one by one.
    assert_eq!(
        graph(chain).from("A").to("E").options(binary).answer().backoff(),
        "D, C, B"
    );
    // It is the whole path that counts, not the way to the hub site.
    let with_hub = graph(&format!("{chain}, hub(E)"));
    assert_eq!(with_hub.from("A").to("F").options(binary).answer().backoff(), "C, B");
    // 2013 and later are linear.
    let new = org(&format!(
        "{}{}",
        graph_fields(chain),
        servers("A1=2016@A, B1=2016@B, C1=2016@C, D1=2016@D, E1=2016@E, F1=2016@F")
    ));
    assert_eq!(new.from("A").to("F").options(binary).answer().backoff(), "E, D, C, B");
}

#[test]
fn mail_queues_in_the_reachable_site_nearest_the_destination() {
    let case = graph("A-B 1, B-C 1, C-D 1");
    let answer = case.from("A").to("D").down("site:D").down("site:C").answer();
    assert_eq!(
        (answer.outcome(), answer.queued_at().as_str(), answer.tried().as_str()),
        ("queue", "B", "D, C, B")
    );
    let answer = case.from("A").to("D").down("site:B").answer();
    assert_eq!((answer.outcome(), answer.tried().as_str()), ("route", "D"));
}

#[test]
fn state_is_never_an_input_of_the_path() {
    // Another way to D of nearly the same cost is up; the least-cost path stays.
    let case = graph("A-B 1, B-D 1, A-C 1, C-D 2");
    let answer = case.from("A").to("D").down("link:B-D").answer();
    assert_eq!(answer.path(), "A > B > D");
    assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("queue", "B"));
}

#[test]
fn a_copy_travels_to_the_last_common_site_and_splits_there() {
    let chain = "A-B 1, B-C 1, C-D 1, C-E 1";
    for (why, drawing, transport, to, copies) in [
        (
            "the fork",
            chain,
            "ABCDE",
            ["D", "E"],
            vec!["C: site:D, site:E, split at C"],
        ),
        (
            "a fork without transport: the site before it",
            chain,
            "ABDE",
            ["D", "E"],
            vec!["B: site:D, site:E, split at B"],
        ),
        (
            "no site with transport before the fork: at the sender",
            chain,
            "ADE",
            ["D", "E"],
            vec!["D: site:D", "E: site:E"],
        ),
        (
            "a destination is the fork",
            chain,
            "ABCDE",
            ["C", "E"],
            vec!["C: site:C, site:E, split at C"],
        ),
        (
            "different first steps",
            "A-B 1, A-C 1",
            "ABC",
            ["B", "C"],
            vec!["B: site:B", "C: site:C"],
        ),
        (
            "a hub site before the fork takes it first, and hands on one copy",
            "A-B 1, B-C 1, C-D 1, C-E 1, hub(B)",
            "ABCDE",
            ["D", "E"],
            vec!["B: site:D, site:E, split at C"],
        ),
    ] {
        let here: String = transport
            .chars()
            .map(|site| format!("{site}1=2010Sp3@{site}, "))
            .collect();
        let case = org(&format!("{}{}", graph_fields(drawing), servers(&here)));
        assert_eq!(case.from("A").to(to[0]).to(to[1]).answer().copies(), copies, "{why}");
    }
}

#[test]
fn a_link_limit_on_the_path_returns_the_message() {
    let case = |version: &str| {
        org(&format!(
            r#"sites: [(name: "A"), (name: "B"), (name: "C")],
            site_links: [(name: "A-B", sites: ["A", "B"], cost: 1), (name: "A-C", sites: ["A", "C"], cost: 5),
                         (name: "B-C", sites: ["B", "C"], cost: 1, max_message_size: "64KB")],
            {}"#,
            servers(&format!("A1={version}@A, B1={version}@B, C1={version}@C"))
        ))
    };
    for (version, size, outcome, code) in [
        ("2007Sp1", "65KB", "ndr", "5.3.4"),
        ("2007Sp1", "64KB", "route", ""),
        ("2007Rtm", "65KB", "route", ""),
        ("2010Sp3", "65KB", "ndr", "5.3.4"),
        ("2016", "65KB", "ndr", "5.3.4"),
    ] {
        let case = case(version);
        let answer = case.from("A").to("C").size(size).answer();
        assert_eq!((answer.outcome(), answer.code()), (outcome, code), "{version}, {size}");
        // B is neither stop nor hub; its link counts all the same.
        assert_eq!(answer.path(), "A > B > C", "{version}, {size}");
    }
}

#[test]
fn a_file_without_servers_is_a_graph_of_2010_hubs() {
    let plain = graph("A-B 1, B-C 1, hub(B)");
    let with = org(&format!(
        "{}{}",
        graph_fields("A-B 1, B-C 1, hub(B)"),
        servers("A1=2010Rtm@A, B1=2010Rtm@B, C1=2010Rtm@C")
    ));
    assert_eq!(plain.routes_json(), with.routes_json());
}

#[test]
fn a_site_routes_as_its_newest_transport_server() {
    // Only 2007 RTM overlooks the limit of the link.
    let fields = r#"sites: [(name: "A"), (name: "B")],
        site_links: [(name: "A-B", sites: ["A", "B"], max_message_size: "64KB")],"#;
    let mixed = org(&format!(
        "{fields}{}",
        servers("OLD=2007Rtm@A, NEW=2007Sp1@A, B1=2007Sp1@B")
    ));
    let outcome = |from: &str| mixed.from(from).to("B").size("1MB").answer().outcome().to_owned();
    assert_eq!(outcome("A"), "ndr");
    assert_eq!(outcome("server:OLD"), "route");
    // D2: a legacy server does not belong in a site, and sends nothing.
    let lost = org(&format!("{fields}{}", servers("A1=2007Sp1@A, LOST=2003@A")));
    let sender = |name: &str| match lost.org.find(name) {
        Ok(NodeKind::Server(server)) => Sender::server(&lost.org, server),
        other => panic!("{other:?}"),
    };
    assert!(sender("server:A1").is_some() && sender("server:LOST").is_none());
    // A newer server without the transport role does not count, and sends as its site.
    let mailbox = org(&format!(
        "{fields}{}",
        servers("OLD=2007Rtm@A, BOX=2007Sp1+Mailbox@A, B1=2007Sp1@B")
    ));
    for from in ["A", "server:BOX"] {
        assert_eq!(
            mailbox.from(from).to("B").size("1MB").answer().outcome(),
            "route",
            "{from}"
        );
    }
}

#[test]
fn system_messages_pass_every_limit() {
    let case = org(&format!(
        r#"sites: [(name: "A"), (name: "B")],
        site_links: [(name: "A-B", sites: ["A", "B"], max_message_size: "64KB")],
        {}connectors: [(name: "Out", kind: Send, source_servers: ["A1"], address_spaces: ["*"], max_message_size: "64KB")],"#,
        servers("A1=2007Sp1@A, B1=2007Sp1@B")
    ));
    for (to, through) in [("B", "route"), ("ann@x.example", "deliver")] {
        for (message_type, outcome) in [(MessageType::NonSystem, "ndr"), (MessageType::System, through)] {
            let answer = case.from("A").to(to).size("1MB").message_type(message_type).answer();
            assert_eq!(answer.outcome(), outcome, "{to}, {message_type:?}");
        }
    }
}

#[test]
fn costs_add_up_exactly_where_they_and_the_sites_do_not_fit_into_64_bits() {
    // 43 bits of cost, 12 of hops, 12 of sites. A sum that wraps would make what is dear cheap.
    let dear = u64::from(i32::MAX.unsigned_abs());
    let line: Vec<String> = (1..3000).map(|at| format!("S{:04}-S{:04} 1", at, at + 1)).collect();
    let fields = graph_fields(&format!("{}, S0001-Y 1, Y-S3000 1", line.join(", ")));
    let case = org(&fields.replace("cost: 1)", &format!("cost: 1, exchange_cost: {dear})")));
    for (to, path, cost) in [
        ("S3000", Some("S0001 > Y > S3000"), 2 * dear),
        ("S1500", None, 1499 * dear),
    ] {
        let answer = case.from("S0001").to(to).answer();
        assert_eq!(answer.json["route"]["site_cost"], cost);
        if let Some(path) = path {
            assert_eq!(answer.path(), path);
        }
    }
}
