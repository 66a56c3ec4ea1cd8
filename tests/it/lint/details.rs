//! What findings say beyond where they are, and where a search stops.

use bridgehead::diagnostic::{Confidence, Severity};
use bridgehead::lint::Settings;
use bridgehead::route::{DefaultSize, Options};
use bridgehead::verify::Bounds;

use super::cases::{drawn_with, send, two_sites};
use super::{RW36, SUPPRESSED, drawn, findings_in, findings_on, read, subjects};
use crate::support::graph_fields;

#[test]
fn rg001_shows_the_witness_and_what_ends_it() {
    let findings = findings_on(&drawn(RW36, &[]), None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG001").expect("the loop");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::Proved)
    );
    assert_eq!(&*finding.message, "mail for rg:B circles as soon as A to B fails");
    let witness = finding.witness.as_ref().expect("a witness");
    assert_eq!(witness.recipient.to_string(), "rg:B");
    assert_eq!(witness.failed, ["A to B"]);
    let cycle: Vec<String> = witness.cycle.iter().map(ToString::to_string).collect();
    assert_eq!(cycle, ["site:Paris", "rg:A"]);
    assert!(witness.must);
    let over: Vec<_> = witness.steps.iter().map(|step| step.connector.as_deref()).collect();
    assert_eq!(over, [Some("E to A"), Some("A to E")]);
    // On A1 alone it would end the loop, and leave suppression half done (RG004).
    let edits = finding
        .remedy
        .edits
        .iter()
        .map(|edit| (edit.kind, edit.target.as_str()));
    let everywhere = ["A1", "A2", "B1", "B2"].map(|server| ("suppress_state_changes", server));
    assert_eq!(edits.collect::<Vec<_>>(), everywhere);
    assert_eq!(
        finding.remedy.advice,
        "set SuppressStateChanges on A1, A2, B1 and B2 and restart their services (R39, R41); against this loop A1 is enough"
    );
}

#[test] // R39: the value is read when the services start, and where it is set there is nothing to set.
fn rg001_asks_for_the_restart_alone_where_the_value_is_set() {
    let entry = |server: &str, rest: &str| {
        let group = &server[..1];
        format!(
            "(name: \"{server}\", version: Exchange2003, routing_group: \"{group}\", suppress_state_changes: {rest}"
        )
    };
    let drawn_set = |servers: &[&str]| {
        let pairs = servers.iter().map(|server| {
            let set = entry(server, "true, suppression_in_effect: false");
            (entry(server, "false"), set)
        });
        let pairs: Vec<(String, String)> = pairs.collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        drawn(RW36, &pairs)
    };
    for (set, advice) in [
        (
            &["A1", "A2", "B1", "B2"][..],
            "restart the SMTP, routing engine and MTA services of A1, A2, B1 and B2, where SuppressStateChanges is set and not in \
             effect (R39); against this loop A1 is enough",
        ),
        (
            &["B1"],
            "set SuppressStateChanges on A1, A2 and B2 and restart their services (R39, R41); restart the SMTP, routing engine and \
             MTA services of B1, where SuppressStateChanges is set and not in effect (R39); against this loop A1 is enough",
        ),
    ] {
        let findings = findings_on(&drawn_set(set), None).findings;
        let finding = findings.iter().find(|f| f.rule.code == "RG001").expect("the loop");
        assert_eq!(finding.remedy.advice, advice);
        let restarts = finding
            .remedy
            .edits
            .iter()
            .filter(|edit| edit.kind == "restart_services");
        assert_eq!(restarts.map(|edit| edit.target.as_str()).collect::<Vec<_>>(), set);
    }
}

#[test]
fn rg001_leaves_no_server_out_that_does_not_suppress() {
    let a1 = "(name: \"A1\", version: Exchange2003, routing_group: \"A\", suppress_state_changes: ";
    let (off, on) = (format!("{a1}false"), format!("{a1}true"));
    let others_suppress = drawn(RW36, &[SUPPRESSED, (&on, &off)]);
    let findings = findings_on(&others_suppress, None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG001");
    assert!(finding.is_none(), "A2 keeps it up: {finding:#?}");
    let a2 = (off.replace("A1", "A2"), on.replace("A1", "A2"));
    let only_a = drawn(RW36, &[SUPPRESSED, (&on, &off), (&a2.1, &a2.0)]);
    let findings = findings_on(&only_a, None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG001").expect("the loop");
    let targets: Vec<&str> = finding.remedy.edits.iter().map(|edit| edit.target.as_str()).collect();
    assert_eq!(targets, ["A1", "A2"], "the others have it");
}

#[test]
fn rg001_counts_failures_up_to_a_bound() {
    // Ways into 2007 at cost 100 leave one loop of LW11, which takes two failures.
    let (_, org) = read(&drawn("C-H 10, C-L 10, H-L 15, E>C 1, C>E 100, E>H 1, H>E 100", &[]));
    let at_most = |failures_max| {
        let bounds = Bounds {
            failures_max,
            ..Bounds::default()
        };
        let settings = Settings {
            bounds,
            ..Settings::default()
        };
        let findings = findings_in(&org, &settings, None).findings.into_iter();
        findings.filter(|f| f.rule.code == "RG001").count()
    };
    assert_eq!((at_most(0), at_most(1), at_most(2)), (0, 0, 1));
}

#[test]
fn rg004_says_what_can_still_be_believed_down() {
    let a1 = "(name: \"A1\", version: Exchange2003, routing_group: \"A\", suppress_state_changes: ";
    let (off, on) = (format!("{a1}false"), format!("{a1}true"));
    let findings = findings_on(&drawn(RW36, &[(&off, &on)]), None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG004").expect("partial");
    assert_eq!(
        &*finding.facts[1],
        "connectors that can still be believed down: B to A and B to E"
    );
    assert!(finding.remedy.edits.iter().all(|edit| edit.target != "A1"));
}

#[test]
fn rg010_is_an_error_where_refused_mail_circles() {
    // LC3: what the partner's connector refuses takes the way out of 2007, and comes back.
    let partner = "connectors: [(name: \"Out\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], smart_hosts: [\"r.example\"], address_spaces: [\"x.example\"], restrictions: (denied_senders: [\"t@x.example\"])),";
    let loops = drawn_with("E-A 1", &format!("{partner}{}],", send("Net", "\"HUB1\"", "*", "")));
    let findings = findings_on(&loops, None).findings;
    let rg010 = findings.iter().find(|finding| finding.rule.code == "RG010");
    let proved = rg010.map(|finding| (finding.severity, finding.witness.is_some()));
    assert_eq!(proved, Some((Severity::Error, true)), "{findings:#?}");
    assert_eq!(subjects("RG002", &loops), [""; 0], "told once");
}

#[test]
fn rg028_is_about_the_costs_that_are_advised() {
    // Every server suppresses, so that a cost is the lightest change.
    let arcs = "E-V 1, E-W 1, V-R 10, W-R 1";
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let x400 = ("\"R\", cost: 1)", "\"R\", cost: 1, kind: X400)");
    let back = (
        "from: \"R\", to: \"W\", cost: 1)",
        "from: \"R\", to: \"W\", cost: 1, kind: X400)",
    );
    let off = (", from:", ", public_folder_referrals: false, from:");
    let touched = |text: &str| -> Vec<String> {
        let findings = findings_on(text, None).findings;
        let edits = findings.iter().flat_map(|finding| &finding.remedy.edits);
        let costs = edits.filter(|edit| ["set_cost", "remove_connector"].contains(&edit.kind));
        let mut names: Vec<String> = costs.map(|edit| format!("connector:{}", edit.target)).collect();
        names.sort();
        names.dedup();
        names
    };
    let loops = drawn(arcs, &[rtm, x400, back, SUPPRESSED]);
    let dearer = drawn("E-V 2, E-W 2, V-R 20, W-R 1", &[rtm, x400, back, SUPPRESSED]);
    for text in [&loops, &dearer] {
        assert!(!touched(text).is_empty(), "a cost is advised\n{text}");
        assert_eq!(subjects("RG028", text), touched(text));
    }
    let silent = drawn(arcs, &[rtm, x400, back, SUPPRESSED, off]);
    assert!(!touched(&silent).is_empty());
    for text in [silent, drawn(arcs, &[SUPPRESSED])] {
        assert_eq!(subjects("RG028", &text), [""; 0], "no referrals, or nothing advised");
    }
}

#[test]
fn the_search_says_when_it_stops_early() {
    let (_, org) = read(&drawn(RW36, &[SUPPRESSED]));
    let settings = Settings {
        bounds: Bounds {
            checks_max: 1,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    let findings = findings_in(&org, &settings, None);
    let codes: Vec<&str> = findings.unchecked.iter().map(|unchecked| unchecked.rule.code).collect();
    assert!(codes.contains(&"RG001") && codes.contains(&"RG002"), "{codes:?}");
    assert!(findings.unchecked[0].reason.contains("--max-checks"));
}

#[test]
fn comparing_all_pairs_stops_at_a_bound_and_says_so() {
    let (_, org) = read(&format!("({})", graph_fields("A-B 5, B-D 5, A-C 5, C-D 5")));
    let settings = Settings {
        searches_max: 0,
        ..Settings::default()
    };
    let findings = findings_in(&org, &settings, None);
    let codes: Vec<&str> = findings.unchecked.iter().map(|unchecked| unchecked.rule.code).collect();
    assert_eq!(codes, ["RT006", "RT031"]);
    assert!(findings.findings.is_empty());
}

/// The findings with the product's default for connectors that state no size, and without.
fn by_default_size(text: &str) -> [Vec<String>; 2] {
    [DefaultSize::None, DefaultSize::Product].map(|default_size| {
        let routing = Options {
            default_size,
            ..Options::default()
        };
        let settings = Settings {
            routing,
            ..Settings::default()
        };
        let (_, org) = read(text);
        let findings = findings_in(&org, &settings, None).findings.into_iter();
        findings.map(|f| format!("{} {}", f.rule.code, f.subject)).collect()
    })
}

#[test]
fn every_rule_about_sizes_goes_by_the_default_that_is_asked_for() {
    let pair = |a: &str, b: &str| two_sites(&(a.to_owned() + b));
    let ha = "\"HA\"";
    let net = send("Net", "\"HB\"", "*", "max_message_size: unlimited");
    let partner = |more: &str| send("P", ha, "x.example", more);
    // 2010 hubs: 10 MB where nothing is stated.
    for (why, text, none, product) in [
        (
            "RT013: its own limit is 10 MB, and everything larger goes by Net",
            pair(&partner(""), &net),
            &[][..],
            &["RT013 connector:P"][..],
        ),
        (
            "RT013: Net takes 10 MB, too",
            pair(&partner("max_message_size: \"10MB\""), &send("Net", "\"HB\"", "*", "")),
            &["RT013 connector:P"],
            &[],
        ),
        (
            "RT007: the first is stated to take everything",
            pair(
                &net.replace("HB", "HA"),
                &send("Q", ha, "*", "max_message_size: \"11MB\""),
            ),
            &["RT007 connector:Q", "RT013 connector:Q"],
            &["RT007 connector:Q", "RT013 connector:Q"],
        ),
        (
            "RT007: the first takes 10 MB",
            pair(
                &send("A", ha, "*", ""),
                &send("Q", ha, "*", "max_message_size: \"11MB\""),
            ),
            &["RT007 connector:Q", "RT013 connector:Q"],
            &["RT013 connector:A"],
        ),
        (
            "RT008: the cheaper takes 10 MB, the dearer more",
            pair(
                &send("A", ha, "*", ""),
                &send("Q", ha, "*;5", "max_message_size: \"11MB\""),
            ),
            &["RT008 connector:Q", "RT013 connector:Q"],
            &["RT013 connector:A"],
        ),
        (
            "RT028: 20 MB is more than the 10 MB of the Edge server's connector",
            format!(
                "({} servers: [(name: \"EDGE\", version: Exchange2010Sp3, roles: [EdgeTransport]), (name: \"HA\", version: Exchange2010Sp3, site: \"A\"), (name: \"HB\", version: Exchange2010Sp3, site: \"B\")], edge_subscriptions: [(edge: \"EDGE\", site: \"A\")], connectors: [{}])",
                graph_fields("A-B 5"),
                send("Net", "\"HB\"", "*", "max_message_size: \"20MB\"")
            ),
            &["RT013 connector:Net"],
            &[
                "RT013 connector:EdgeSync - A to Internet",
                "RT028 connector:EdgeSync - A to Internet",
            ],
        ),
    ] {
        let [without, with] = by_default_size(&text);
        let about_sizes = |found: Vec<String>| -> Vec<String> {
            let codes = ["RT007", "RT008", "RT013", "RT028"];
            found
                .into_iter()
                .filter(|found| codes.iter().any(|code| found.starts_with(code)))
                .collect()
        };
        assert_eq!(about_sizes(without), none, "{why}");
        assert_eq!(about_sizes(with), product, "with the product's default: {why}");
    }
}

/// The facts of the first finding of a rule.
fn facts_of(code: &str, text: &str) -> Vec<String> {
    let findings = findings_on(text, None).findings;
    let finding = findings.iter().find(|finding| finding.rule.code == code);
    let finding = finding.unwrap_or_else(|| panic!("{code} finds nothing in\n{text}"));
    let facts = finding.facts.iter().map(ToString::to_string);
    [finding.message.to_string()].into_iter().chain(facts).collect()
}

/// Only who has no master neither learns nor tells (V13).
#[test]
fn rg014_tells_no_master_from_one_that_cannot_lead() {
    let with_master = |master: &str| {
        let entry = format!("(name: \"A\", master: \"{master}\")");
        facts_of("RG014", &drawn("A-B 1", &[("(name: \"A\")", &entry)]))
    };
    assert_eq!(
        with_master(""),
        [
            "routing group A has no master",
            "the file names none",
            "it neither learns nor tells what is down, and of changes it learns nothing"
        ]
    );
    assert_eq!(
        with_master("B1"),
        [
            "B1 is the master of routing group A, and is not in it",
            "a master has to be a server of 2000 or 2003 in the group",
            "routes and loops are told as if A1 were its working master"
        ]
    );
}

/// LW12 with a second site: V to E enters X, of RTM, which sends the message back, or Y, of SP1, which returns it.
#[test]
fn rg026_is_silent_where_servers_and_not_ways_are_chosen() {
    let narrow = (
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1",
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1, max_message_size: \"10MB\"",
    );
    let sites =
        "(sites: [(name: \"Paris\"), (name: \"Lyon\")], site_links: [(name: \"L\", sites: [\"Paris\", \"Lyon\"])],";
    let rtm = (
        "\"HUB1\", version: Exchange2007Sp3",
        "\"HUB1\", version: Exchange2007Rtm",
    );
    let lyon = (
        "\"HUB2\", version: Exchange2007Sp3, site: \"Paris\"",
        "\"HUB2\", version: Exchange2007Sp3, site: \"Lyon\"",
    );
    let source = ("[\"HUB1\", \"HUB2\"]", "[\"HUB1\"]");
    let text = drawn(
        "E-V 1, E>W 5, W>E 2, V-R 1, W-R 1",
        &[
            SUPPRESSED,
            narrow,
            ("(sites: [(name: \"Paris\")],", sites),
            rtm,
            lyon,
            source,
        ],
    );
    let facts = facts_of("RG002", &text);
    assert!(facts[0].contains("can circle"), "{facts:?}");
    let servers = "another of the servers that can take it, in another site or of another version, can spare it that";
    assert!(facts.contains(&servers.to_owned()), "{facts:?}");
    assert_eq!(subjects("RG026", &text), [""; 0]);
}

#[test]
fn rg026_names_the_ways() {
    let text = drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 3", &[]);
    assert_eq!(
        facts_of("RG026", &text)[..2],
        [
            "whether mail circles between site:Paris and rg:A hangs on which of several equally good ways it takes from A",
            "from routing group A equally good are A to C and A to E"
        ]
    );
    let facts = facts_of("RG001", &text);
    let ways = "another of several equally good ways from A can spare it that";
    assert!(facts.contains(&ways.to_owned()), "{facts:?}");
}

#[test]
fn one_byte_is_counted_as_one() {
    let narrow = (
        "from: \"B\", to: \"A\", cost: 1",
        "from: \"B\", to: \"A\", cost: 1, max_message_size: \"1\"",
    );
    let facts = facts_of("RG001", &drawn(RW36, &[narrow]));
    let one = facts
        .iter()
        .find(|fact| fact.starts_with("it is mail of at most 1 byte; "));
    assert!(one.is_some_and(|one| one.ends_with(" the same")), "{facts:?}");
}

/// V17: of 17 times 17 crosswise X.400 spaces no more than 256 are told apart, and no bound of the command line helps.
#[test]
fn what_stops_a_search_is_named() {
    let spaces = (0..17).map(|n| format!("\"X400:c=us;a=a{n};1\", \"X400:c=us;p=p{n};1\""));
    let spaces: Vec<String> = spaces.collect();
    let connector = format!(
        "connectors: [(name: \"X\", kind: LegacyX400, routing_group: \"A\", source_servers: [\"A1\"], address_spaces: [{}])],",
        spaces.join(", ")
    );
    let findings = findings_on(&drawn_with("E-A 1", &connector), None);
    let reasons: Vec<&str> = findings
        .unchecked
        .iter()
        .map(|unchecked| unchecked.reason.as_str())
        .collect();
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert_eq!(
            reason,
            "X.400 address spaces overlap in more ways than are told apart (V17), so that for some addresses no loop was looked for"
        );
    }
}

/// The line of the file that each finding of a rule is at, and how bad it is.
fn places_of(code: &str, text: &str) -> Vec<(usize, Severity)> {
    let findings = findings_on(text, None).findings.into_iter();
    let of_rule = findings.filter(|finding| finding.rule.code == code);
    let line = |start: u32| text[..start as usize].matches('\n').count() + 1;
    of_rule
        .map(|finding| (line(finding.span.start), finding.severity))
        .collect()
}

#[test]
fn redundancy_is_told_where_it_is_decided() {
    let text = |lille: &str, preference: &str| {
        let server = |name: &str| format!("(name: \"{name}\", version: Exchange2016, site: \"Lille\", dag: \"D\"),\n");
        let servers: String = lille.split(' ').map(server).collect();
        format!(
            "(sites: [(name: \"Lille\")], dags: [(name: \"D\")],\ndatabases: [(name: \"DB\", dag: \"D\", copies: [\n(server: \"A\"),\n(server: \"B\", replay_lag: \"3d\"),\n])],\ntransport_config: (\nreject_message_on_shadow_failure: true,\nshadow_message_preference_setting: \"{preference}\",\n),\nreceive_connectors: [\n(name: \"In\", server: \"A\", connection_timeout: \"1min\"),\n],\nservers: [\n{servers}])"
        )
    };
    let two = text("A B", "RemoteOnly");
    assert_eq!(places_of("SR003", &two), [(7, Severity::Warning)]);
    assert_eq!(places_of("SR005", &two), [(8, Severity::Warning)]);
    assert_eq!(places_of("SR006", &two), [(11, Severity::Warning)]);
    assert_eq!(places_of("SR007", &two), [(4, Severity::Warning)]);
    assert_eq!(places_of("SR004", &two), []);
    // What the setting says is what happens anyhow.
    assert_eq!(places_of("SR005", &text("A B", "LocalOnly")), [(8, Severity::Info)]);
    // Nobody is left to hold a copy: all mail is refused.
    let alone = two.replace("(server: \"B\", replay_lag: \"3d\"),\n", "");
    let alone = alone.replace(
        "(name: \"B\", version: Exchange2016, site: \"Lille\", dag: \"D\"),\n",
        "",
    );
    assert_eq!(places_of("SR003", &alone), [(6, Severity::Error)]);
    assert_eq!(places_of("SR004", &alone), [(13, Severity::Warning)]);
    assert_eq!(
        facts_of("SR004", &alone),
        [
            "nobody can hold shadow copies for A",
            "it is the only transport server of DAG D",
            "it refuses mail: 451 4.4.0"
        ]
    );
}

#[test]
fn sr007_advises_what_is_enough_for_the_copy_that_lags_most() {
    let database = |name: &str, lag: &str| {
        format!(
            "(name: \"{name}\", dag: \"D\", copies: [(server: \"A\", replay_lag: \"{lag}\"), (server: \"B\", replay_lag: \"36h\")]),"
        )
    };
    let text = format!(
        "(sites: [(name: \"P\")], servers: [(name: \"A\", version: Exchange2013, site: \"P\"), (name: \"B\", version: Exchange2013, site: \"P\")], dags: [(name: \"D\", servers: [\"A\", \"B\"])], databases: [{}{}])",
        database("DB1", "3d"),
        database("DB2", "13.12:30:05")
    );
    let findings = findings_on(&text, None).findings;
    let commands: Vec<_> = findings
        .iter()
        .map(|finding| finding.remedy.edits[0].command.as_deref())
        .collect();
    let command = Some("Set-TransportConfig -SafetyNetHoldTime 13.12:30:05 -WhatIf");
    assert_eq!(commands, [command, command]);
    assert_eq!(
        facts_of("SR007", &text)[1],
        "the copy replays its logs 3d late, and Safety Net holds mail for 2d"
    );
}
