//! `verify --sweep`: what users and scripts get.

use serde_json::Value;

use super::*;

fn valid(schema: &str, document: &Value) {
    let schema: Value = serde_json::from_str(&done(&["schema", schema])).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let problems: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?} in {document}");
}

#[test]
fn what_a_sweep_shows() {
    snapshot("verify-sweep", &done(&["verify", LITWARE, "--sweep", "sites"]));
    let two = &[
        "verify",
        LITWARE,
        "--sweep",
        "sites",
        "--max-failures",
        "2",
        "--worst",
        "4",
    ];
    snapshot("verify-sweep-of-two", &done(two));
}

#[test]
fn a_sweep_is_a_document_too() {
    // Routing groups are not followed, which is said.
    for (topology, assumptions) in [(LITWARE, 0), (WINGTIP, 1)] {
        let document = done(&["verify", topology, "--sweep", "sites", "--format", "json"]);
        let document: Value = serde_json::from_str(&document).expect("JSON");
        valid("sweep", &document);
        assert_eq!(document["format"], "bridgehead.sweep/1");
        assert_eq!(document["assumptions"].as_array().map_or(0, Vec::len), assumptions);
    }
}

#[test]
fn every_failure_and_every_pair_is_written_where_asked() {
    let folder = folder();
    let path = folder.path().join("all.jsonl");
    let ask = [
        "verify",
        LITWARE,
        "--sweep",
        "sites",
        "--max-failures",
        "2",
        "--dump",
        text_of(&path),
    ];
    let answer = done(&ask);
    let lines = |path: &Path| -> Vec<Value> {
        let text = std::fs::read_to_string(path).expect("a dump");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let failures = lines(&path);
    // Six links, six sites, fifteen pairs of links.
    assert_eq!(failures.len(), 6 + 6 + 15);
    for (number, line) in failures.iter().enumerate() {
        valid("sweep-line", line);
        assert_eq!(line["number"], number);
    }
    assert_eq!(done(&[&ask[..], &["--dump-pairs", "--jobs", "1"]].concat()), answer);
    let all = lines(&path);
    let mut counted = (0, 0);
    for line in &all {
        valid("sweep-line", line);
        match line["line"].as_str() {
            Some("pair") => counted.0 += 1,
            _ => counted.1 += line["lost"].as_u64().expect("a number") + line["moved"].as_u64().expect("a number"),
        }
    }
    assert_eq!(counted.0, counted.1);
    let tunis = all
        .iter()
        .find(|line| line["from"] == "Tunis" && line["to"] == "Dublin" && line["failed"]["links"][0] == "LIS-MAD");
    let tunis = tunis.expect("mail from Tunis crosses LIS-MAD");
    assert_eq!(
        (&tunis["queued_at"], &tunis["after"]["path"][2]),
        (&"Madrid".into(), &"Milano".into())
    );
}

#[test]
fn a_sweep_does_not_depend_on_the_number_of_threads() {
    let ask = [
        "verify",
        "topologies/contoso/topology.ron",
        "--sweep",
        "sites",
        "--max-failures",
        "2",
        "--format",
        "json",
    ];
    assert_eq!(
        done(&[&ask[..], &["--jobs", "1"]].concat()),
        done(&[&ask[..], &["--jobs", "5"]].concat())
    );
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for wrong in [
        &["--sweep", "sites", "--max-failures", "0"][..],
        &["--sweep", "sites", "--max-failures", "3"],
        &["--sweep", "sites", "--certificate", "x"],
        &["--sweep", "sites", "--previous", LITWARE],
        &["--sweep", "sites", "--max-checks", "5"],
        &["--sweep", "servers"],
        &["--sweep", "sites", "--dump", "-"],
        &["--sweep", "sites", "--dump", "one-file", "-o", "./one-file"],
        &["--sweep", "sites", "--dump-pairs"],
        &["--dump", "x"],
        &["--worst", "3"],
    ] {
        assert_eq!(
            run(&[&["verify", LITWARE], wrong].concat()).status.code(),
            Some(2),
            "{wrong:?}"
        );
    }
    let over_input = run(&["verify", LITWARE, "--sweep", "sites", "--dump", LITWARE]);
    assert_eq!(over_input.status.code(), Some(2));
}
