//! Findings that somebody has decided to live with: in the file and in a baseline, with and without a last day.

use std::process::Command;

use super::{drawn, findings_on, found};

/// RG003 and nothing else.
fn unsuppressed(ignores: &str) -> String {
    drawn(
        "E-A 1, E-B 1, A-B 1",
        &[("(sites:", &format!("(lint_ignores: [{ignores}], sites:"))],
    )
}

#[test]
fn an_ignore_takes_out_what_it_names() {
    assert_eq!(found(&unsuppressed("")), ["RG003 organization:"]);
    for ignore in [
        r#"(code: "RG003", reason: "r")"#,
        r#"(code: "rg003", reason: "r")"#,
        r#"(code: "second-rgc-unsuppressed", reason: "r")"#,
        r#"(code: "RG003", subject: "organization:", reason: "r")"#,
        r#"(code: "RG003", subject: "", reason: "r")"#,
    ] {
        let findings = findings_on(&unsuppressed(ignore), None);
        assert_eq!((findings.findings.len(), findings.suppressed), (0, 1), "{ignore}");
    }
    // Subjects without regard to case, with and without their kind.
    let stale = |ignore: &str| {
        let groups = format!("lint_ignores: [{ignore}], routing_groups: [");
        drawn(
            "E-A 1, A-B 1",
            &[
                ("(name: \"A\")", "(name: \"A\", master: \"\")"),
                ("routing_groups: [", &groups),
            ],
        )
    };
    for subject in ["A", "a", "rg:A", "RG:a"] {
        let ignore = format!(r#"(code: "RG014", subject: "{subject}", reason: "r")"#);
        assert_eq!(found(&stale(&ignore)), [""; 0], "{subject}");
    }
    let other = r#"(code: "RG014", subject: "rg:B", reason: "r")"#;
    assert_eq!(found(&stale(other)), ["RG014 rg:A", "LN001 ignore:RG014 rg:B"]);
}

#[test]
fn ln001_an_unused_ignore_is_a_finding_of_its_own() {
    let clean = |ignores: &str| format!("(sites: [(name: \"A\")], lint_ignores: [{ignores}])");
    for (ignore, message) in [
        (r#"(code: "RG003", reason: "r")"#, "RG003 finds nothing"),
        (
            r#"(code: "RG003", subject: "x", reason: "r")"#,
            "RG003 finds nothing about x",
        ),
        (r#"(code: "RG999", reason: "r")"#, "there is no rule RG999"),
    ] {
        let findings = findings_on(&clean(ignore), None).findings;
        assert_eq!((findings[0].rule.code, &*findings[0].message), ("LN001", message));
    }
    assert_eq!(found(&clean("")), [""; 0]);
    assert_eq!(found(&unsuppressed(r#"(code: "RG003", reason: "r")"#)), [""; 0], "used");
    let typo = findings_on(&clean(r#"(code: "no-rmg", reason: "r")"#), None).findings;
    assert_eq!(typo[0].remedy.advice, "did you mean \"no-rgm\"?");
}

#[test]
fn ln002_an_ignore_expires_on_a_day_that_is_given_and_never_by_a_clock() {
    let dated = unsuppressed(r#"(code: "RG003", reason: "in the plan", until: "2009-12-31")"#);
    let on = |today| {
        let findings = findings_on(&dated, today);
        let codes: Vec<&str> = findings.findings.iter().map(|finding| finding.rule.code).collect();
        assert_eq!(findings.dated_ignores, 1);
        codes.join(" ")
    };
    assert_eq!(on(None), "", "without a day nothing expires");
    assert_eq!(on(Some("2009-12-31")), "", "its last day");
    assert_eq!(on(Some("2010-01-01")), "RG003 LN002");
    let undated = unsuppressed(r#"(code: "RG003", reason: "for ever")"#);
    assert_eq!(findings_on(&undated, Some("2999-01-01")).findings.len(), 0);
}

fn lint(arguments: &[&str], folder: &std::path::Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .arg("lint")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().expect("a status"),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_baseline_is_the_same_mechanism_in_another_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("t.ron", &unsuppressed(""));
    write(
        "base.ron",
        r#"(lint_ignores: [(code: "RG003", reason: "r"), (code: "RG014", reason: "r")])"#,
    );
    write(
        "base.json",
        r#"{"format": "bridgehead.baseline/1", "lint_ignores": [{"code": "RG003", "reason": "r"}]}"#,
    );
    write(
        "wrong.ron",
        r#"(sites: [], lint_ignores: [(code: "RG003", until: "soon")])"#,
    );
    assert_eq!(lint(&["t.ron"], folder.path()).0, 1);
    let (status, text, _) = lint(&["t.ron", "--baseline", "base.ron"], folder.path());
    assert_eq!(status, 0, "a warning is left");
    assert!(text.contains("base.ron:1:47"), "the unused one, in its file: {text}");
    assert!(text.contains("1 more finding is ignored."), "{text}");
    assert_eq!(
        lint(
            &["t.ron", "--baseline", "base.json", "--fail-on", "info"],
            folder.path()
        )
        .0,
        0
    );
    let (status, _, errors) = lint(&["t.ron", "--baseline", "wrong.ron"], folder.path());
    assert_eq!(status, 3);
    for part in [
        "unknown field",
        "missing required field `reason`",
        "\"soon\" is no date",
    ] {
        assert!(errors.contains(part), "{part} in {errors}");
    }
}

#[test]
fn rules_are_selected_and_left_out_and_the_status_follows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("t.ron"), unsuppressed("")).expect("a file");
    let status = |arguments: &[&str]| {
        let all = [&["t.ron"], arguments].concat();
        lint(&all, folder.path()).0
    };
    assert_eq!(status(&[]), 1);
    assert_eq!(status(&["--select", "RG014"]), 0);
    assert_eq!(status(&["--select", "rg014", "--select", "second-rgc-unsuppressed"]), 1);
    assert_eq!(status(&["--ignore", "RG003"]), 0);
    assert_eq!(status(&["--select", "RG003", "--ignore", "RG003"]), 0);
    assert_eq!(status(&["--select", "RG333"]), 2, "no such rule");
    assert_eq!(status(&["--today", "tomorrow"]), 2);
    assert_eq!(
        status(&["--max-checks", "1", "--ignore", "RG003"]),
        4,
        "a bound, and nothing found"
    );
    assert_eq!(status(&["--max-checks", "1"]), 1, "a bound, and something found");
    assert_eq!(
        status(&["--max-checks", "1", "--select", "RG014"]),
        0,
        "no bound in its way"
    );
    assert_eq!(lint(&[], folder.path()).0, 2, "a topology is asked for");
    let (status, page, _) = lint(&["--explain", "rg003"], folder.path());
    assert!(status == 0 && page.starts_with("# RG003 second-rgc-unsuppressed\n"));
    let (_, list, _) = lint(&["--explain", "all"], folder.path());
    assert!(list.contains("RG003 error    second-rgc-unsuppressed\n"));
    assert_eq!(lint(&["--explain", "RG333"], folder.path()).0, 2);
}

#[test]
fn a_baseline_is_written_and_then_nothing_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let content = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    let many = drawn("E-A 1, A-B 1, E>B 5, B>E 1", &[("cost: 5", "cost: 101")]);
    write("t.ron", &many);
    for base in ["base.ron", "base.json"] {
        let (status, text, _) = lint(&["t.ron", "--write-baseline", base], folder.path());
        assert_eq!(status, 0, "{text}");
        let first = content(base);
        lint(&["t.ron", "--write-baseline", base], folder.path());
        assert_eq!(content(base), first, "the same bytes");
        let (status, text, _) = lint(&["t.ron", "--baseline", base, "--fail-on", "info"], folder.path());
        assert!(status == 0 && text.starts_with("No findings.\n"), "{text}");
        // Read and written at once it stays as it is.
        lint(&["t.ron", "--baseline", base, "--write-baseline", base], folder.path());
        assert_eq!(content(base), first, "nothing is new");
    }
    assert!(
        content("base.ron").contains(
            r#"(code: "RG027", subject: "connector:E to B", reason: "accepted when the baseline was written")"#
        )
    );
    // What is gone is told, and what is new is found.
    write(
        "t.ron",
        &drawn(
            "E-A 1, A-B 1, E>B 5, B>E 1",
            &[("(name: \"A\")", "(name: \"A\", master: \"\")")],
        ),
    );
    let (status, text, _) = lint(&["t.ron", "--baseline", "base.ron"], folder.path());
    assert_eq!(status, 1);
    assert!(
        text.contains("LN001") && text.contains("RG027 finds nothing about connector:E to B"),
        "{text}"
    );
    assert!(text.contains("error RG014"), "{text}");
}

#[test]
fn a_baseline_that_is_written_again_keeps_its_reasons_and_drops_what_is_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("t.ron", &drawn("E-A 1, E-B 1", &[]));
    write(
        "base.ron",
        r#"(lint_ignores: [
            (code: "RG013", subject: "B", reason: "in the plan", until: "2010-12-31"),
            (code: "RG003", reason: "for a week", until: "2010-01-31"),
            (code: "RG014", reason: "gone"),
        ])"#,
    );
    let arguments = [
        "t.ron",
        "--baseline",
        "base.ron",
        "--today",
        "2010-06-30",
        "--write-baseline",
        "base.ron",
    ];
    let (status, text, _) = lint(&arguments, folder.path());
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("LN00"), "what is dropped is no finding: {text}");
    let written = std::fs::read_to_string(folder.path().join("base.ron")).expect("a file");
    let entries: Vec<&str> = written
        .lines()
        .filter(|line| line.contains("code:"))
        .map(str::trim)
        .collect();
    assert_eq!(
        entries,
        [
            r#"(code: "RG003", subject: "organization:", reason: "accepted on 2010-06-30"),"#,
            r#"(code: "RG013", subject: "B", reason: "in the plan", until: "2010-12-31"),"#,
        ]
    );
    let status = |arguments: &[&str]| lint(arguments, folder.path()).0;
    assert_eq!(status(&["t.ron", "--write-baseline", "base"]), 2, "which notation?");
    assert_eq!(status(&["t.ron", "--write-baseline", "t.ron"]), 2, "the topology stays");
    assert_eq!(status(&["t.ron", "-o", "t.ron"]), 2, "and here");
    assert_eq!(status(&["t.ron", "--write-baseline", "no/such/folder.ron"]), 5);
}

#[test]
fn an_ignore_of_a_rule_about_changes_is_judged_only_when_there_is_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = drawn(
        "E-A 1",
        &[("(sites:", "(lint_ignores: [(code: \"RG020\", reason: \"r\")], sites:")],
    );
    std::fs::write(folder.path().join("t.ron"), text).expect("a file");
    let unused = |arguments: &[&str]| lint(arguments, folder.path()).1.contains("LN001");
    assert!(!unused(&["t.ron"]));
    assert!(unused(&["t.ron", "--previous", "t.ron"]));
}
