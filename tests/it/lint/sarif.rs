//! SARIF against its schema: the one of OASIS that the crate `serde-sarif` ships, and the types that the crate makes of it.

use std::path::Path;
use std::process::Command;

use bridgehead::diagnostic::Findings;
use bridgehead::lint::{Settings, rule_infos};
use bridgehead::report::{LintFormat, LintResult, Palette, write_lint};
use bridgehead::verify::Bounds;
use serde_json::{Value, json};

use super::{RW36, drawn, findings_in, read};
use crate::support::root;

/// The schema, from where cargo keeps the crate: it is a dependency of the tests, so that it is there.
fn schema() -> Value {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(root()).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let about = run("rustc", &["-vV"]);
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("a host");
    // Without the filter cargo asks for the crates of every platform.
    let arguments = [
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--filter-platform",
        host,
    ];
    let metadata: Value = serde_json::from_str(&run(env!("CARGO"), &arguments)).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .expect("the crate");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).expect("the schema");
    // As it was published, the pattern of `language` has a bracket too many and is no expression. No log here tells a language.
    let faulty = r#""pattern": "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$""#;
    assert!(text.contains(faulty), "the schema was mended: take this out");
    serde_json::from_str(&text.replace(faulty, r#""pattern": "^$""#)).expect("JSON")
}

/// What is found in some files, and how each is called.
fn runs() -> Vec<(&'static str, String, Findings)> {
    let hostile = "\"B\\u{1b}[31m\\n%:,\\u{202e}\"";
    let ignored = "(lint_ignores: [(code: \"RG001\", reason: \"r\")], sites:";
    let texts = [
        ("clean.ron", "(sites: [(name: \"A\")])".to_owned()),
        ("a loop with edits and hand-overs.ron", drawn(RW36, &[])),
        ("suppressed.ron", drawn(RW36, &[("(sites:", ignored)])),
        ("C:\\org\\100%é.ron", drawn(RW36, &[("\"B\"", hostile)])),
        (
            "notes.ron",
            "(sites: [(name: \"A\"), (name: \"B\")], site_links: [(name: \"x\", sites: [\"A\", \"B\"], cost: 5, exchange_cost: 6)])".to_owned(),
        ),
        ("unused.ron", "(lint_ignores: [(code: \"RG001\", reason: \"r\")])".to_owned()),
    ];
    let mut runs: Vec<_> = texts
        .into_iter()
        .map(|(name, text)| {
            let findings = findings_in(&read(&text).1, &Settings::default(), None);
            (name, text, findings)
        })
        .collect();
    let bounded = Settings {
        bounds: Bounds {
            checks_max: 1,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    let text = drawn(RW36, &[]);
    let findings = findings_in(&read(&text).1, &bounded, None);
    assert!(!findings.unchecked.is_empty());
    runs.push(("bounded.ron", text, findings));
    runs
}

fn log(name: &str, text: &str, findings: &Findings) -> Value {
    let rules = rule_infos();
    let sources = [bridgehead::diagnostic::Source::new(name, text)];
    let result = LintResult {
        findings,
        sources: &sources,
        rules: &rules,
        max_failures: 1,
        today: None,
    };
    let mut out = Vec::new();
    write_lint(result, LintFormat::Sarif, Palette::PLAIN, &mut out).expect("a buffer takes everything");
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn every_kind_of_log_is_valid_against_the_published_schema() {
    let schema = schema();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    // The schema is the strict one: what is misspelt is refused.
    assert!(!validator.is_valid(&json!({ "version": "2.1.0", "runs": [], "run": [] })));
    for (name, text, findings) in runs() {
        let log = log(name, &text, &findings);
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        // Nothing is lost on the way through the types of the standard.
        let typed: serde_sarif::sarif::Sarif = serde_json::from_value(log.clone()).expect("a log");
        assert_eq!(serde_json::to_value(&typed).expect("JSON"), log, "{name}");
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results are there, empty or not");
        assert_eq!(results.len(), findings.findings.len(), "{name}");
    }
}

#[test]
fn results_carry_what_their_findings_do() {
    let all = runs();
    let result = |file: &str, code: &str| -> Option<Value> {
        let (name, text, findings) = all.iter().find(|(name, ..)| *name == file).expect("a run");
        let log = log(name, text, findings);
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        results.into_iter().find(|result| result["ruleId"] == code)
    };
    let looped = result("a loop with edits and hand-overs.ron", "RG001").expect("the loop");
    let related = looped["relatedLocations"].as_array().expect("hand-overs");
    let told: Vec<&str> = related
        .iter()
        .filter_map(|place| place["message"]["text"].as_str())
        .collect();
    assert_eq!(
        told,
        [
            "site:Paris hands over to rg:A by E to A",
            "rg:A hands over to site:Paris by A to E"
        ]
    );
    let text = drawn(RW36, &[]);
    let line = |name: &str| {
        text.lines()
            .position(|line| line.starts_with(&format!("(name: \"{name}\"")))
            .expect("a line")
            + 1
    };
    let lines: Vec<&Value> = related
        .iter()
        .map(|place| &place["physicalLocation"]["region"]["startLine"])
        .collect();
    assert_eq!(lines, [&json!(line("E to A")), &json!(line("A to E"))]);
    assert_eq!(looped["properties"]["edits"][0]["kind"], "suppress_state_changes");
    assert_eq!(result("suppressed.ron", "RG001"), None);
    assert_eq!(result("notes.ron", "RT032").expect("a note")["level"], "note");
    let bounded = &all.last().expect("the bounded run");
    let notifications =
        &log(bounded.0, &bounded.1, &bounded.2)["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notifications.as_array().is_some_and(|all| !all.is_empty()));
}
