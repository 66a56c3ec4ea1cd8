//! Values out of range, values that cannot be read, names that cannot be seen.

use bridgehead::model::NameOrder;

use super::*;

#[test]
fn a_value_that_cannot_be_read_is_not_called_missing() {
    let limits = Limits {
        max_name_length: 3,
        ..Limits::default()
    };
    let text = r#"(sites: [(name: "abcd"), (name: 5)], servers: [(name: "S", version: Exchange1)],
        routing_group_connectors: [(name: "C", from: [], to: "DWBGZMFD01QNBJR")])"#;
    let source = Source::new("t", text);
    let problems = load::organization(&source, Format::Ron, &limits, NameOrder::default()).expect_err("it is bad");
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "sites[0].name",
            "sites[1].name",
            "servers[0].version",
            "routing_group_connectors[0].from",
            "routing_group_connectors[0].to"
        ]
    );
    assert_eq!(problems[0].message, "4 characters, more than 3");
}

#[test]
fn numbers_outside_their_range_are_told_the_range_of_their_field() {
    let advice = |record: &str| {
        let source = Source::new("t", record);
        let problems = load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
            .expect_err("the number is bad");
        let told = |problem: &Problem| format!("{} ({})", problem.message, problem.help.as_deref().unwrap_or_default());
        problems.iter().map(told).collect::<Vec<_>>().join("; ")
    };
    for (record, expect) in [
        (
            r#"(site_links: [(name: "L", cost: -1)])"#,
            "expected a whole number, found -1 (it has to be from 1 to 99999)",
        ),
        (
            r#"(site_links: [(name: "L", cost: 0)])"#,
            "`cost` 0 is out of range (it has to be from 1 to 99999)",
        ),
        (
            r#"(site_links: [(name: "L", exchange_cost: 1.5)])"#,
            "expected a whole number, found a number with a fraction or an exponent (it has to be from 1 to 2147483647)",
        ),
        (
            r#"(routing_group_connectors: [(name: "C", from: "DWBGZMFD01QNBJR", to: "DWBGZMFD01QNBJR", cost: 4294967296)])"#,
            "expected a whole number, found 4294967296 (it has to be from 1 to 4294967295)",
        ),
        (
            r#"(transport_config: (shadow_heartbeat_retry_count: 18446744073709551616))"#,
            "expected a whole number, found a number beyond 64 bits (it has to be from 1 to 15)",
        ),
        (
            r#"(site_links: [(name: "L", max_message_size: 18446744073709551616)])"#,
            "a number beyond 64 bits is too large a size (the largest is 18446744073709551615 bytes; write \"unlimited\" for no limit)",
        ),
        (
            r#"(site_links: [(name: "L", max_message_size: "18446744073709551616")])"#,
            "\"18446744073709551616\" is too large a size (the largest is 18446744073709551615 bytes; write \"unlimited\" for no limit)",
        ),
        (
            r#"(site_links: [(name: "L", max_message_size: -1)])"#,
            "expected a size, found -1 (a size is a number of bytes, a text such as \"10MB\" (B, KB, MB or GB), or \"unlimited\")",
        ),
    ] {
        assert_eq!(advice(record), expect, "{record}");
    }
    let largest = "(site_links: [(name: \"L\", max_message_size: 18446744073709551615)])";
    let source = Source::new("t", largest);
    assert!(load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).is_ok());
}

#[test]
fn a_schedule_is_without_windows_only_when_its_list_is_empty() {
    let told = |schedule: &str| {
        let text = format!(
            r#"(routing_group_connectors: [(name: "C", from: "DWBGZMFD01QNBJR", to: "DWBGZMFD01QNBJR",
                restrictions: (schedule: {schedule}))])"#
        );
        let source = Source::new("t", text);
        let problems = load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
            .expect_err("there is no window");
        let about_it = problems.into_iter().filter(|problem| problem.path.contains("schedule"));
        about_it.map(|problem| problem.message).collect::<Vec<_>>()
    };
    assert_eq!(told("[]"), ["a schedule without windows"]);
    assert_eq!(told("[5]"), ["expected a string, found 5"]);
    assert_eq!(told(r#"[["Mon"]]"#), ["expected a string, found a list"]);
    assert_eq!(
        told(r#"["Mon", 5]"#),
        ["malformed schedule window \"Mon\"", "expected a string, found 5"]
    );
}

#[test]
fn who_refers_to_a_record_with_a_misspelt_name_field_is_not_wrong_as_well() {
    let told = |text: &str| {
        let source = Source::new("t", text);
        let problems = load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
            .expect_err("something is wrong");
        let told = |problem: &Problem| format!("{}: {}", problem.path, problem.message);
        problems.iter().map(told).collect::<Vec<_>>()
    };
    let linked = |sites: &str| {
        told(&format!(
            "(sites: [{sites}], site_links: [(name: \"L\", sites: [\"Lisboa\"])])"
        ))
    };
    let misspelt = "sites[0]: unknown field \"nmae\"";
    let dangling = "site_links[0].sites[0]: unknown site \"Lisboa\"";
    assert_eq!(linked(r#"(nmae: "Lisboa")"#), [misspelt]);
    // What is written there is read like a name.
    assert_eq!(linked(r#"(nmae: "Porto")"#), [misspelt, dangling]);
    assert_eq!(
        linked(r#"(nmae: 5), (name: "Lisboa")"#),
        [misspelt, "sites[0].name: expected a string, found 5"]
    );
    assert_eq!(
        linked(r#"(nmae: "Lisboa"), (name: "Lisboa")"#),
        [misspelt, "sites[1].name: duplicate site \"Lisboa\""]
    );
    // The right field goes before it, wherever it stands.
    assert_eq!(linked(r#"(nmae: "Porto", name: "Lisboa")"#), [misspelt]);
    assert_eq!(linked(r#"(name: "Lisboa", nmae: "Porto")"#), [misspelt]);
    // A field that is nothing like it says nothing about the name.
    assert_eq!(
        linked(r#"(title: "Lisboa")"#),
        [
            "sites[0].name: missing required field `name`",
            "sites[0]: unknown field \"title\"",
            dangling
        ]
    );
}

#[test]
fn nothing_that_cannot_be_seen_is_suggested() {
    let text = "(sites: [(name: \"\u{200b}\"), (name: \"\u{3000}\u{ad}\")], site_links: [(name: \"L\", sites: [\"B\u{ad}\"])])";
    let source = Source::new("t", text);
    let problems = load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
        .expect_err("there is no such site");
    assert_eq!(problems[0].message, "unknown site \"B\u{ad}\"");
    assert_eq!(problems[0].help, None);
}

#[test]
fn names_that_differ_by_case_alone_are_duplicates() {
    for (a, b, told) in [
        ("d\u{131}sk", "DISK", true),
        ("Zürich", "zÜRICH", true),
        ("straße", "STRASSE", false),
    ] {
        let source = Source::new("t", format!("(sites: [(name: \"{a}\"), (name: \"{b}\")])"));
        let organization = load::organization(&source, Format::Ron, &Limits::default(), NameOrder::default());
        assert_eq!(organization.is_err(), told, "{a} and {b}");
    }
}
