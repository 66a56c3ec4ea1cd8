//! How findings are written: text, JSON, SARIF, GitHub; the same whatever the order of the file, and names as data.

use bridgehead::diagnostic::{Findings, Source};
use bridgehead::lint::{Settings, rule_infos};
use bridgehead::report::{LintFormat, LintResult, Palette, schema, write_lint};
use serde_json::Value;

use super::{RW36, drawn, findings_in, read};

const FORMATS: [LintFormat; 4] = [
    LintFormat::Text,
    LintFormat::Json,
    LintFormat::Sarif,
    LintFormat::Github,
];

fn written(findings: &Findings, source: Source, format: LintFormat) -> String {
    let rules = rule_infos();
    let result = LintResult {
        findings,
        sources: &[source],
        rules: &rules,
        max_failures: 1,
        today: None,
    };
    let mut out = Vec::new();
    write_lint(result, format, Palette::PLAIN, &mut out).expect("a buffer takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn lint_as(text: &str, format: LintFormat) -> String {
    let (source, org) = read(text);
    let findings = findings_in(&org, &Settings::default(), None);
    written(&findings, source, format)
}

#[test]
fn json_follows_its_schema() {
    let schema = schema("lint").expect("the schema of lint");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in [drawn(RW36, &[]), "(sites: [(name: \"A\")])".to_owned()] {
        let json: Value = serde_json::from_str(&lint_as(&text, LintFormat::Json)).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let json: Value = serde_json::from_str(&lint_as(&drawn(RW36, &[]), LintFormat::Json)).expect("JSON");
    let finding = &json["findings"][0];
    let fields: Vec<&String> = finding.as_object().expect("an object").keys().collect();
    let expect = [
        "code",
        "name",
        "severity",
        "confidence",
        "subject",
        "message",
        "evidence",
        "fix",
        "location",
    ];
    assert!(
        expect.iter().all(|field| fields.contains(&&(*field).to_owned())),
        "{fields:?}"
    );
    assert_eq!(
        finding["evidence"]["witness"]["recipient"],
        serde_json::json!({"routing_group": "B"})
    );
    assert_eq!(finding["evidence"]["witness"]["failed"], serde_json::json!(["A to B"]));
    let line = drawn(RW36, &[])
        .lines()
        .position(|line| line.contains("\"A to B\""))
        .expect("a line");
    assert_eq!(
        finding["location"],
        serde_json::json!({"file": "topology.ron", "line": line + 1, "column": 1})
    );
}

/// Beyond the schema: what viewers rely on.
#[test]
fn sarif_names_rules_and_places() {
    let log: Value = serde_json::from_str(&lint_as(&drawn(RW36, &[]), LintFormat::Sarif)).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .expect("an address")
            .ends_with("sarif-schema-2.1.0.json")
    );
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "bridgehead");
    let rules = driver["rules"].as_array().expect("rules");
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids, ["RG001", "RG003"], "those that found something");
    for rule in rules {
        assert!(rule["id"].is_string() && rule["shortDescription"]["text"].is_string());
        assert!(rule["fullDescription"]["text"].is_string() && rule["help"]["text"].is_string());
        let level = rule["defaultConfiguration"]["level"].as_str().expect("a level");
        assert!(["none", "note", "warning", "error"].contains(&level));
    }
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "topology.ron");
        assert!(place["region"]["startLine"].as_u64() >= Some(1) && place["region"]["startColumn"].as_u64() >= Some(1));
        assert!(result["partialFingerprints"]["subject/v1"].is_string());
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert!(invocation["toolExecutionNotifications"].is_array());
}

#[test]
fn a_clean_file_is_clean_in_every_format() {
    let text = "(sites: [(name: \"A\")])";
    assert_eq!(lint_as(text, LintFormat::Text), "No findings.\n");
    assert_eq!(lint_as(text, LintFormat::Github), "");
    let log: Value = serde_json::from_str(&lint_as(text, LintFormat::Sarif)).expect("JSON");
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]), "there, and empty");
    let json: Value = serde_json::from_str(&lint_as(text, LintFormat::Json)).expect("JSON");
    assert_eq!(
        (&json["findings"], &json["complete"]),
        (&serde_json::json!([]), &Value::Bool(true))
    );
}

#[test]
fn suppressed_findings_are_left_out_of_every_format() {
    let ignore = "(lint_ignores: [(code: \"RG001\", reason: \"r\"), (code: \"RG003\", reason: \"r\"), (code: \"RG006\", reason: \"r\")], sites:";
    let text = drawn(RW36, &[("(sites:", ignore)]);
    for format in FORMATS {
        let written = lint_as(&text, format);
        let result = written.split("\"rules\"").next().unwrap_or_default();
        assert!(!result.contains("circles as soon as"), "{format:?}: {written}");
    }
}

#[test]
fn text_fits_a_terminal() {
    for line in lint_as(&drawn(RW36, &[]), LintFormat::Text).lines() {
        let command = line.trim_start().starts_with("reg add");
        assert!(command || line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn hostile_names_are_data_in_every_format() {
    let hostile = r"B\u{1b}[31m\n::error file=x::owned %0A,:\u{202e}\u{200b}";
    let text = drawn(RW36, &[("\"B\"", &format!("\"{hostile}\""))]);
    for format in FORMATS {
        let written = lint_as(&text, format);
        assert!(!written.contains('\u{1b}'), "{format:?} lets an escape through");
        // In JSON a string is a string; text and annotations are shown to people as they are.
        let is_shown = matches!(format, LintFormat::Text | LintFormat::Github);
        assert!(
            !(is_shown && written.contains('\u{202e}')),
            "{format:?} turns its text around"
        );
    }
    let github = lint_as(&text, LintFormat::Github);
    for line in github.lines() {
        let command = line.strip_prefix("::").and_then(|rest| rest.split(' ').next());
        assert!(matches!(command, Some("error" | "warning" | "notice")), "{line}");
        let (_, properties) = line.split_once(' ').expect("properties");
        let (properties, _) = properties.split_once("::").expect("a message");
        let names: Vec<&str> = properties
            .split(',')
            .filter_map(|p| p.split_once('='))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["file", "line", "col", "title"], "{line}");
    }
    assert!(
        github.contains("%250A"),
        "a percent sign of a name is encoded: {github}"
    );
}

#[test]
fn annotations_are_escaped_as_workflow_commands_are() {
    // In a property %, line breaks, colons and commas mean something, in the message the first two.
    let hostile = r"B%0A\r\n::error file=x,line=1::y: z";
    let text = drawn(RW36, &[("\"B\"", &format!("\"{hostile}\""))]);
    let (_, org) = read(&text);
    let findings = findings_in(&org, &Settings::default(), None);
    let file = "a,b:c%d\r\n::warning::.ron";
    let github = written(&findings, Source::new(file, text.as_str()), LintFormat::Github);
    let loops: Vec<&str> = github.lines().filter(|line| line.contains("title=RG001")).collect();
    let line = text
        .lines()
        .position(|line| line.contains("(name: \"A to B"))
        .expect("a line")
        + 1;
    let start = format!(
        "::error file=a%2Cb%3Ac%25d\\r\\n%3A%3Awarning%3A%3A.ron,line={line},col=1,title=RG001 loop-on-failure::Mail for rg:B%250A\\r\\n::error file=x,line=1::y: z circles as soon as A to B fails.%0A"
    );
    assert!(loops[0].starts_with(&start), "{}\n{start}", loops[0]);
    assert_eq!(
        github.lines().count(),
        findings.findings.len(),
        "a line each, whatever the names are"
    );
    assert!(!github.contains('\r'));
    let faked = drawn(RW36, &[("\"B\"", r#""B\nWhat to do: nothing""#)]);
    for annotation in lint_as(&faked, LintFormat::Github).lines() {
        assert!(annotation.matches("%0AWhat to do: ").count() <= 1, "{annotation}");
        assert!(!annotation.contains("%0AWhat to do: nothing"), "{annotation}");
    }
    assert!(
        loops[0].contains("%0AWhat to do: "),
        "its own line breaks are encoded: {}",
        loops[0]
    );
}

/// The records of each collection in reverse order, by lines; `drawn` writes a record a line.
fn reversed(text: &str) -> String {
    let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        let is_record = line.starts_with("(name:");
        let was_record = blocks
            .last()
            .and_then(|block| block.last())
            .is_some_and(|l: &&str| l.starts_with("(name:"));
        if is_record != was_record {
            blocks.push(Vec::new());
        }
        blocks.last_mut().expect("a block").push(line);
    }
    for block in blocks.iter_mut().filter(|block| block[0].starts_with("(name:")) {
        block.reverse();
    }
    blocks.concat().join("\n")
}

#[test]
fn the_order_of_the_file_changes_places_and_nothing_else() {
    let without_places = |text: &str| {
        let mut json: Value = serde_json::from_str(&lint_as(text, LintFormat::Json)).expect("JSON");
        for finding in json["findings"].as_array_mut().expect("findings") {
            finding.as_object_mut().expect("an object").remove("location");
        }
        json.to_string()
    };
    for arcs in [
        RW36,
        "C-H 10, C-L 10, H-L 15, E-C 1, E-H 1",
        "A-B 1, A-S 1, S-B 10, E-A 1, E>B 7",
    ] {
        // The first server of each line goes last: blocks start behind the bracket of their list.
        let text = drawn(
            arcs,
            &[
                ("servers: [(", "servers: [\n("),
                ("routing_groups: [(", "routing_groups: [\n("),
            ],
        );
        let other = reversed(&text);
        assert_ne!(text, other);
        assert_eq!(without_places(&text), without_places(&other), "{arcs}");
        assert_eq!(lint_as(&text, LintFormat::Sarif), lint_as(&text, LintFormat::Sarif));
    }
}
