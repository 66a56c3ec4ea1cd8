//! Names in an order, odd files, limits.

use super::*;

#[test]
fn names_are_in_the_order_that_is_asked_for() {
    let text = r#"(topology: (), peers: [(name: "P10"), (name: "p2"), (name: "P1")])"#;
    let names = |order| -> Vec<String> {
        let source = Source::new("s", text);
        let open = |_: &str| unreachable!("the topology is in the scenario");
        let (org, scenario) =
            load::scenario(&source, Format::Ron, &Limits::default(), order, open).expect("it is good");
        assert_eq!(org.name_order(), order);
        scenario.peers.iter().map(|peer| peer.name.to_string()).collect()
    };
    assert_eq!(names(NameOrder::IgnoreCase), ["P1", "P10", "p2"]);
    assert_eq!(names(NameOrder::Ordinal), ["P1", "P10", "p2"]);
    assert_eq!(names(NameOrder::Natural), ["P1", "p2", "P10"]);
}

#[test]
fn odd_files_are_told_with_one_problem() {
    const LEVELS: usize = 100_000;
    for (text, expect) in [
        (
            String::new(),
            "s : the input is empty; the smallest document is `()` in RON and `{}` in JSON".to_owned(),
        ),
        (
            "[]".to_owned(),
            "s:1:1 : expected a record `( … )`, found a list `[ … ]`".to_owned(),
        ),
        (
            "(topology: \"org.ron\", events: [(at: \"0s\"".to_owned(),
            "s:1:41 events[0]: the text ends here, in the middle of a value; is the file complete?".to_owned(),
        ),
        (
            "(topology: \"org.ron\", events: (at: \"0s\"))".to_owned(),
            "s:1:31 events: expected a list `[ … ]`, found a record `( … )`".to_owned(),
        ),
    ] {
        assert_eq!(told(&text), [expect]);
    }
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("Some(", ")"),
        ("(topology:", ")"),
        ("/*", "*/"),
    ] {
        let deep = open.repeat(LEVELS) + &close.repeat(LEVELS);
        for text in [
            deep.clone(),
            format!("(topology: {deep})"),
            format!("(topology: (sites: {deep}))"),
            format!("(events: [(add: {deep})])"),
            format!("(events: [(exchange_cost: {deep})])"),
            format!("(settings: (start: {}", open.repeat(LEVELS)),
        ] {
            assert!(!told(&text).is_empty(), "{open}");
        }
    }
    let deep = "[".repeat(LEVELS) + &"]".repeat(LEVELS);
    for field in ["topology", "events", "settings", "unknown"] {
        assert!(
            read(&format!("{{\"{field}\": {deep}}}"), Format::Json).is_err(),
            "{field}"
        );
    }
    let binary = load::fetch("s", &b"(topology\0: ())"[..], &Limits::default()).expect_err("it is binary");
    assert_eq!(
        binary.problems[0].message,
        "this is a binary file, not a text: a NUL byte at offset 9"
    );
}

#[test]
fn limits_hold_for_a_topology_in_the_scenario() {
    let limits = Limits {
        max_sites: 1,
        max_site_links: 1,
        max_records: 5,
        ..Limits::default()
    };
    for (text, expect) in [
        (
            "(topology: (sites: [(), ()]))",
            "topology.sites: more than 1 elements in this list; `--max-sites` raises the limit",
        ),
        (
            "(topology: (site_links: [(), ()]))",
            "topology.site_links: more than 1 elements in this list; `--max-site-links` raises the limit",
        ),
        (
            "(topology: (site_links: [(name: \"L\", cost: -1)]))",
            "topology.site_links[0].cost: expected a whole number, found -1; it has to be from 1 to 99999",
        ),
        (
            "(topology: (servers: [(), ()]), peers: [(), ()])",
            "peers[1]: more than 5 records in all; `--max-records` raises the limit",
        ),
    ] {
        let (_, problems) = match load::read_scenario(&Source::new("s", text), Format::Ron, &limits) {
            Ok(read) => read,
            Err(problems) => (Default::default(), problems),
        };
        let lines = told_in(&[Rejected {
            source: Source::new("s", text),
            problems,
        }]);
        let lines: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, rest)| rest)
            .collect();
        assert_eq!(lines, [expect]);
    }
}

/// Many records, good and bad, take as long as their number asks for.
#[test]
fn many_records() {
    const MANY: usize = 100_000;
    let events = |one: &str| format!("(topology: \"org.ron\", events: [{}])", one.repeat(MANY));
    let (_, scenario) = good(&events(
        "(at: \"1h\", kind: NetworkCut, target: \"HUB1\", other: \"B\"), ",
    ));
    assert_eq!(scenario.events.len(), MANY);
    // Places of so many problems are found together, when they are written.
    let problems = |text: &str| read(text, Format::Ron).expect_err("it is bad")[0].problems.len();
    let configuration = "(at: \"1h\", kind: Configuration, target: \"Nobody\", cost: 1), ";
    assert_eq!(problems(&events(configuration)), MANY);
    let change = "(at: \"1h\", kind: GroupChange, target: \"nobody\", remove: [\"x\"]), ";
    assert_eq!(problems(&events(change)), MANY);

    let members: Vec<String> = (0..MANY / 10).map(|at| format!("\"u{at}@contoso.example\"")).collect();
    let expect: Vec<String> = members
        .iter()
        .map(|member| format!("(message: \"m\", recipient: {member}, copies: 1)"))
        .collect();
    let text = format!(
        "(topology: (servers: [(name: \"S\", version: Exchange2010Sp3)], mailboxes: [(address: \"a@b\", server: \"S\")],
            groups: [(address: \"g@b\", members: [{}])]),
        messages: [(id: \"m\", at: \"0s\", from: \"a@b\", to: [\"g@b\"])], expect: [{}])",
        members.join(", "),
        expect.join(", ")
    );
    assert_eq!(good(&text).1.expectations.len(), MANY / 10);
}

#[test]
fn a_scenario_cut_anywhere_never_panics() {
    let inline = "(topology: (sites: [(name: \"日\")], servers: [(name: \"S\", version: Exchange2003)]), settings: (start: \"Mon\"),
        messages: [(id: \"m\", to: [\"x\"], entry: (peer: \"p\"))], events: [(at: \"1ms\", kind: Configuration, cost: 1,
        exchange_cost: Some(2), smart_hosts: [\"a\", None], target: \"link:\")], expect: [(fate: lost)])";
    for end in (0..inline.len()).filter(|end| inline.is_char_boundary(*end)) {
        for format in [Format::Ron, Format::Json] {
            let rejected = read(&inline[..end], format).expect_err("it is bad");
            for rejected in rejected {
                assert!(!rejected.problems.is_empty());
                shown(&rejected, MessageFormat::Text { color: false });
                shown(&rejected, MessageFormat::Json);
            }
        }
    }
}
