//! Loops and who hears of failures: when the rules fire, and when they do not.

use bridgehead::diagnostic::{Confidence, Severity};
use bridgehead::lint::Settings;
use bridgehead::verify::Bounds;

use super::{SUPPRESSED, check, drawn, findings_in, findings_on, found, read, subjects};

/// The loop of the worked example RW36: A to B fails, A goes by the 2007 group, which goes by A.
const RW36: &str = "E-A 1, A-B 1, E>B 5, B>E 1";

#[test]
fn rg001_loop_on_failure() {
    check(
        "RG001",
        &[
            ("RW36", drawn(RW36, &[]), &["connector:A to B"]),
            (
                "LW11",
                drawn("C-H 10, C-L 10, H-L 15, E-C 1, E-H 1", &[]),
                &["connector:C to L"],
            ),
            ("RW36, suppressed", drawn(RW36, &[SUPPRESSED]), &[]),
            (
                "RW36 with the least cost to B",
                drawn("E-A 1, A-B 1, E>B 1, B>E 1", &[]),
                &[],
            ),
            ("RW36 with one attachment", drawn("E-A 1, A-B 1", &[]), &[]),
        ],
    );
}

#[test]
fn rg001_shows_the_witness_and_what_ends_it() {
    let findings = findings_on(&drawn(RW36, &[]), None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG001").expect("the loop");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::Proved)
    );
    assert_eq!(finding.message, "mail for rg:B circles as soon as A to B fails");
    let witness = finding.witness.as_ref().expect("a witness");
    assert_eq!(witness.recipient.to_string(), "rg:B");
    assert_eq!(witness.failed, ["A to B"]);
    let cycle: Vec<String> = witness.cycle.iter().map(ToString::to_string).collect();
    assert_eq!(cycle, ["site:Paris", "rg:A"]);
    assert!(witness.must);
    let over: Vec<_> = witness.steps.iter().map(|step| step.connector.as_deref()).collect();
    assert_eq!(over, [Some("E to A"), Some("A to E")]);
    let edit = &finding.remedy.edits[0];
    assert_eq!((edit.kind, edit.target.as_str()), ("suppress_state_changes", "A1"));
    // The change, made: the loop is gone, and nothing new is there.
    let text = drawn(
        RW36,
        &[(
            "(name: \"A1\", version: Exchange2003, routing_group: \"A\", suppress_state_changes: false)",
            "(name: \"A1\", version: Exchange2003, routing_group: \"A\", suppress_state_changes: true)",
        )],
    );
    let after = found(&text);
    assert!(!after.iter().any(|finding| finding.starts_with("RG001")), "{after:?}");
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
fn rg002_loop_without_failure() {
    let lw12 = "E-V 1, E>W 5, W>E 2, V-R 1, W-R 1";
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let other_way = (
        "from: \"W\", to: \"R\", cost: 1",
        "from: \"W\", to: \"R\", cost: 1, max_message_size: \"10MB\"",
    );
    let narrow = (
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1",
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1, max_message_size: \"10MB\"",
    );
    check(
        "RG002",
        &[
            ("LW12", drawn(lw12, &[SUPPRESSED, rtm, narrow]), &["connector:V to R"]),
            (
                "LW12 without suppression",
                drawn(lw12, &[rtm, narrow]),
                &["connector:V to R"],
            ),
            ("LW12 without the limit", drawn(lw12, &[SUPPRESSED, rtm]), &[]),
            (
                "LW12 from SP1 on: returned, no loop",
                drawn(lw12, &[SUPPRESSED, narrow]),
                &[],
            ),
            (
                "the limit is where nobody goes",
                drawn(lw12, &[SUPPRESSED, rtm, other_way]),
                &[],
            ),
        ],
    );
}

#[test]
fn rg003_second_rgc_unsuppressed() {
    check(
        "RG003",
        &[
            ("two attachments", drawn("E-A 1, E-B 1, A-B 1", &[]), &["organization:"]),
            ("one way each", drawn("E>A 1, B>E 1, A-B 1", &[]), &["organization:"]),
            ("one attachment", drawn("E-A 1, A-B 1", &[]), &[]),
            ("suppressed", drawn("E-A 1, E-B 1, A-B 1", &[SUPPRESSED]), &[]),
        ],
    );
}

/// One server of a group suppresses state changes.
fn one_suppressed(server: &str) -> (String, String) {
    let group = &server[..1];
    let entry =
        format!("(name: \"{server}\", version: Exchange2003, routing_group: \"{group}\", suppress_state_changes: ");
    (format!("{entry}false"), format!("{entry}true"))
}

#[test]
fn rg004_partial_suppression() {
    let (from, to) = one_suppressed("A1");
    let only_a1 = (from.as_str(), to.as_str());
    check(
        "RG004",
        &[
            ("one of two", drawn("E-A 1", &[only_a1]), &["organization:"]),
            ("one of four", drawn("E-A 1, A-B 1", &[only_a1]), &["organization:"]),
            ("none", drawn("E-A 1", &[]), &[]),
            ("all", drawn("E-A 1", &[SUPPRESSED]), &[]),
        ],
    );
    let findings = findings_on(&drawn(RW36, &[only_a1]), None).findings;
    let finding = findings.iter().find(|f| f.rule.code == "RG004").expect("partial");
    assert_eq!(
        finding.facts[1],
        "connectors that can still be believed down: B to A and B to E"
    );
    assert!(finding.remedy.edits.iter().all(|edit| edit.target != "A1"));
}

#[test]
fn rg005_suppress_pending_restart() {
    let pending = (
        "suppress_state_changes: false",
        "suppress_state_changes: true, suppression_in_effect: false",
    );
    let odd = (
        "suppress_state_changes: false",
        "suppress_state_changes: false, suppression_in_effect: false",
    );
    check(
        "RG005",
        &[
            ("two servers", drawn("E-A 1", &[pending]), &["server:A1", "server:A2"]),
            (
                "four",
                drawn("A-B 1", &[pending]),
                &["server:A1", "server:A2", "server:B1", "server:B2"],
            ),
            ("in effect", drawn("E-A 1", &[SUPPRESSED]), &[]),
            ("not set", drawn("E-A 1", &[odd]), &[]),
        ],
    );
}

#[test]
fn rg009_rtm_non_smtp_link() {
    let arcs = "E-V 1, E-W 1, V-R 10, W-R 1";
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let x400 = ("to: \"R\", cost: 1)", "to: \"R\", cost: 1, kind: X400)");
    let smtp = ("to: \"R\", cost: 1)", "to: \"R\", cost: 1, kind: Smtp)");
    check(
        "RG009",
        &[
            ("only RTM", drawn(arcs, &[rtm, x400]), &["connector:W to R"]),
            (
                "suppressed",
                drawn(arcs, &[rtm, x400, SUPPRESSED]),
                &["connector:W to R"],
            ),
            ("SP3 sees it", drawn(arcs, &[x400]), &[]),
            ("an SMTP connector is seen", drawn(arcs, &[rtm, smtp]), &[]),
            ("and so is a routing group connector", drawn(arcs, &[rtm]), &[]),
        ],
    );
}

#[test]
fn rg013_link_state_island() {
    let old = (
        "version: Exchange2003, routing_group: \"B\"",
        "version: Exchange55, routing_group: \"B\"",
    );
    check(
        "RG013",
        &[
            ("two groups", drawn("E-A 1, E-B 1", &[]), &["rg:B"]),
            ("the smaller part", drawn("E-A 1, E-B 1, B-C 1", &[]), &["rg:A"]),
            ("5.5 does not speak it", drawn("E-A 1, A-B 1", &[old]), &["rg:B"]),
            ("joined", drawn("E-A 1, E-B 1, A-B 100", &[]), &[]),
            ("one direction is enough", drawn("E-A 1, E-B 1, A>B 100", &[]), &[]),
            ("one group", drawn("E-A 1", &[]), &[]),
        ],
    );
}

#[test]
fn rg014_no_rgm() {
    let master = |text: &'static str| ("(name: \"A\")", text);
    check(
        "RG014",
        &[
            (
                "none",
                drawn("E-A 1", &[master("(name: \"A\", master: \"\")")]),
                &["rg:A"],
            ),
            (
                "a server of another group",
                drawn("A-B 1", &[master("(name: \"A\", master: \"B1\")")]),
                &["rg:A"],
            ),
            ("left out", drawn("E-A 1", &[]), &[]),
            (
                "its own",
                drawn("E-A 1", &[master("(name: \"A\", master: \"A2\")")]),
                &[],
            ),
            (
                "stale by itself is not masterless",
                drawn("E-A 1", &[master("(name: \"A\", stale: true)")]),
                &[],
            ),
        ],
    );
}

#[test]
fn rg015_rgm_unreachable_691() {
    let all = ("suppress_state_changes: false", "link_state_blocked: true");
    let in_2007 = (
        "Exchange2007Sp3, site: \"Paris\"",
        "Exchange2007Sp3, site: \"Paris\", link_state_blocked: true",
    );
    let one = (
        "(name: \"A2\", version: Exchange2003, routing_group: \"A\", ",
        "(name: \"A2\", version: Exchange2003, routing_group: \"A\", link_state_blocked: true, ",
    );
    check(
        "RG015",
        &[
            ("one", drawn("E-A 1", &[one]), &["server:A2"]),
            ("all", drawn("E-A 1", &[all]), &["server:A1", "server:A2"]),
            ("none", drawn("E-A 1", &[]), &[]),
            ("2007 has no link state", drawn("E-A 1", &[in_2007]), &[]),
        ],
    );
}

#[test]
fn rg016_stale_view_loop() {
    let lw17 = "A-B 1, A-S 1, S-B 10";
    let stale = ("(name: \"S\")", "(name: \"S\", stale: true)");
    let masterless = ("(name: \"S\")", "(name: \"S\", master: \"\")");
    check(
        "RG016",
        &[
            ("LW17", drawn(lw17, &[stale]), &["rg:S"]),
            ("no master makes it stale", drawn(lw17, &[masterless]), &["rg:S"]),
            ("up to date", drawn(lw17, &[]), &[]),
            ("its own way is not over A", drawn("A-B 1, A-S 1, S-B 1", &[stale]), &[]),
            ("suppressed", drawn(lw17, &[stale, SUPPRESSED]), &[]),
        ],
    );
}

#[test]
fn rg021_e12_blackhole() {
    check(
        "RG021",
        &[
            (
                "through the 2007 group, with another way",
                drawn("E-A 1, E-B 1, A-B 3", &[SUPPRESSED]),
                &["connector:E to A", "connector:E to B"],
            ),
            (
                "one direction",
                drawn("E>A 1, B>E 1, A-B 3", &[SUPPRESSED]),
                &["connector:E to A"],
            ),
            (
                "the way through is dearer",
                drawn("E-A 1, E-B 1, A-B 1", &[SUPPRESSED]),
                &[],
            ),
            ("there is no other way", drawn("E-A 1, E-B 1", &[SUPPRESSED]), &[]),
        ],
    );
}

#[test]
fn rg025_lcr_55() {
    let one = (
        "(name: \"B1\", version: Exchange2003, routing_group: \"B\", ",
        "(name: \"B1\", version: Exchange55, routing_group: \"B\", least_cost_only: true, ",
    );
    let newer = (
        "(name: \"B1\", version: Exchange2003, routing_group: \"B\", ",
        "(name: \"B1\", version: Exchange2003, routing_group: \"B\", least_cost_only: true, ",
    );
    let off = (
        "(name: \"B1\", version: Exchange2003, routing_group: \"B\", ",
        "(name: \"B1\", version: Exchange55, routing_group: \"B\", ",
    );
    let mixed_with_2007 = ("suppress_state_changes: false", "least_cost_only: true");
    let all_old = ("version: Exchange2003", "version: Exchange55");
    check(
        "RG025",
        &[
            ("beside 2003", drawn("A-B 1", &[one]), &["server:B1"]),
            (
                "beside 2007",
                drawn("E-A 1", &[mixed_with_2007, all_old]),
                &["server:A1", "server:A2"],
            ),
            ("switched off", drawn("A-B 1", &[off]), &[]),
            ("only 5.5 has the option", drawn("A-B 1", &[newer]), &[]),
        ],
    );
}

#[test]
fn rg026_tie_sensitive() {
    check(
        "RG026",
        &[
            (
                "two ways at cost 6",
                drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 3", &[]),
                &["site:Paris"],
            ),
            (
                "at cost 8",
                drawn("E-A 1, A-B 1, E>B 7, B>E 1, A-C 4, B-C 4", &[]),
                &["site:Paris"],
            ),
            (
                "the other is cheaper",
                drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 2", &[]),
                &[],
            ),
            ("no choice", drawn(RW36, &[]), &[]),
        ],
    );
}

#[test]
fn rg028_referral_side_effect() {
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
