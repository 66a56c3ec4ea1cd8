//! `verify` as users and scripts meet it: exit statuses, bounds, documents, the same bytes for the same organization.

use std::io::Write as _;
use std::process::{Command, Stdio};

use bridgehead::verify::{Bound, World};
use serde_json::{Value, json};

use super::classes::CITIES;
use super::outside;
use crate::twin::loops::drawing::{groups, named};
use crate::twin::random::{coexistence, news_kept};

/// Exit status and standard output of `verify` for a file in JSON on standard input.
fn verify(file: &Value, arguments: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .args(["verify", "-", "--input-format", "json"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(file.to_string().as_bytes()).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).expect("results are UTF-8");
    (output.status.code().expect("an exit status"), text)
}

fn document(file: &Value, arguments: &[&str]) -> (i32, Value) {
    let (status, text) = verify(file, &[&["--format", "json"], arguments].concat());
    (status, serde_json::from_str(&text).expect("a document is JSON"))
}

#[test]
fn the_exit_status_says_what_was_found() {
    let file = groups(CITIES);
    for (arguments, status, verdict, complete) in [
        (&[][..], 1, "loops", true),
        (&["--max-failures", "0"], 0, "loop_free", true),
        (&["--max-checks", "1"], 4, "inconclusive", false),
        (&["--max-failures", "2"], 1, "loops", true),
    ] {
        let (found, document) = document(&file, arguments);
        assert_eq!(
            (found, &document["verdict"], &document["complete"]),
            (status, &json!(verdict), &json!(complete)),
            "{arguments:?}"
        );
    }
}

#[test]
fn more_failures_than_connectors_are_all_connectors() {
    let file = groups(CITIES);
    let (status, all) = document(&file, &["--max-failures", "10"]);
    let (huge_status, mut huge) = document(&file, &["--max-failures", "18446744073709551615"]);
    assert_eq!(huge["max_failures"], json!(u64::MAX));
    huge["max_failures"] = json!(10);
    assert_eq!((huge_status, huge), (status, all));
}

#[test]
fn a_change_that_was_not_followed_to_its_end_is_no_clean_answer() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = folder.path().join("old.json");
    std::fs::write(&old, groups("E-V 1, V-R 5, W-R 5, V-W 5").to_string()).expect("a file");
    let old = old.to_str().expect("temporary paths are UTF-8");
    let file = groups("E-V 1, V-R 1, W-R 5, V-W 5");
    let (status, all) = document(&file, &["--previous", old]);
    assert_eq!(
        (status, &all["verdict"], &all["complete"]),
        (0, &json!("loop_free"), &json!(true))
    );
    // As many as the settled state takes.
    let (_, settled) = document(&file, &[]);
    let enough = settled["checked"].to_string();
    let (status, cut) = document(&file, &["--previous", old, "--max-checks", &enough]);
    assert_eq!(
        (&cut["verdict"], &cut["complete"]),
        (&json!("loop_free"), &json!(false))
    );
    assert_eq!(status, 4);
}

#[test]
fn what_is_wrong_with_the_older_file_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let certificate = folder.path().join("certificate.json");
    let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .args([
            "verify",
            "topologies/lw11-documented-cities/cities.ron",
            "--previous",
            "nowhere.ron",
        ])
        .arg("--certificate")
        .arg(&certificate)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty() && !certificate.exists());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.ron"));
}

#[test]
fn a_certificate_does_not_go_where_the_answer_goes() {
    let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .args([
            "verify",
            "topologies/lw11-documented-cities/cities.ron",
            "--certificate",
            "-",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(!std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("-").exists());
}

#[test]
fn a_loop_beside_a_bound_is_a_loop_and_incomplete() {
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    file["servers"][0]["version"] = json!("Exchange2007Rtm");
    file["routing_group_connectors"][4]["max_message_size"] = json!("10MB");
    assert_eq!(file["routing_group_connectors"][4]["name"], "V>R");
    let (status, all) = document(&file, &["--max-failures", "0"]);
    assert_eq!(
        (
            status,
            all["checked"].as_u64(),
            all["witnesses"].as_array().map(Vec::len)
        ),
        (1, Some(16), Some(2))
    );
    let (status, some) = document(&file, &["--max-failures", "0", "--max-checks", "10"]);
    assert_eq!(status, 1);
    assert_eq!(
        (&some["verdict"], &some["complete"], &some["checked"]),
        (&json!("loops"), &json!(false), &json!(10))
    );
    assert_eq!(some["witnesses"].as_array().map(Vec::len), Some(1));
    let (status, none) = document(&file, &["--max-failures", "0", "--max-checks", "9"]);
    assert_eq!((status, &none["verdict"]), (4, &json!("inconclusive")));
    let (_, text) = verify(&file, &["--max-failures", "0", "--max-checks", "9"]);
    assert!(
        text.starts_with("No loop was found, but not everything was tried."),
        "{text}"
    );
    let (_, text) = verify(&file, &["--max-failures", "0", "--max-checks", "10"]);
    assert!(
        text.contains("A bound was reached, and what lies beyond it is not known."),
        "{text}"
    );
}

#[test]
fn the_bound_that_was_reached_is_named() {
    let file = groups(CITIES);
    let (_, text) = verify(&file, &["--max-checks", "1"]);
    assert!(text.contains("Raise --max-checks."), "{text}");
    let case = super::case(&file);
    let mut setting = super::setting(1);
    setting.bounds.circle_steps_max = 1;
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    let found = bridgehead::verify::verify(&world, setting.bounds, &mut |_, _| {});
    assert!(!found.complete());
    assert_eq!(found.reached.into_iter().collect::<Vec<_>>(), [Bound::CircleSteps]);
}

#[test]
fn a_wait_that_is_no_duration_is_wrong_usage() {
    let run = |wait: &str| {
        let arguments = ["verify", "-", "--session-wait", wait];
        let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
            .args(arguments)
            .stdin(Stdio::null())
            .output();
        let output = output.expect("the program starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (status, message) = run("soon");
    assert_eq!(status, Some(2));
    assert!(
        message.contains("it has to be a duration such as 30s or 5min"),
        "{message}"
    );
}

#[test]
fn documents_fit_the_schema() {
    let schema = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .args(["schema", "verify"])
        .output();
    let schema: Value = serde_json::from_slice(&schema.expect("the program starts").stdout).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let plain = (0..40).map(|seed| (seed, document(&coexistence(seed), &["--max-failures", "1"]).1));
    let news = (0..40).map(|seed| (seed, document(&news_kept(seed), &["--session-wait", "30s"]).1));
    for (seed, document) in plain.chain(news) {
        let problems: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "seed {seed}: {problems:?}");
        assert_eq!(document["format"], "bridgehead.verify/1");
    }
}

/// The same organization, every collection and every list of names the other way round.
fn turned(file: &Value) -> Value {
    let mut file = file.clone();
    for (_, collection) in file.as_object_mut().expect("a file") {
        let Some(records) = collection.as_array_mut() else {
            continue;
        };
        records.reverse();
        for record in records.iter_mut().filter_map(Value::as_object_mut) {
            for list in ["source_servers", "target_servers", "sites"] {
                if let Some(names) = record.get_mut(list).and_then(Value::as_array_mut) {
                    names.reverse();
                }
            }
        }
    }
    file
}

#[test]
fn the_same_organization_gives_the_same_bytes() {
    for seed in 0..12 {
        let file = coexistence(seed);
        for format in ["text", "json"] {
            let arguments = ["--max-failures", "1", "--format", format];
            let one = verify(&file, &[&arguments[..], &["--jobs", "1"]].concat());
            let two = verify(&file, &[&arguments[..], &["--jobs", "2"]].concat());
            assert_eq!(one, two, "seed {seed}");
            assert_eq!(one, verify(&turned(&file), &arguments), "seed {seed}, turned");
        }
    }
}

#[test]
fn the_open_decisions_of_link_state_are_options() {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([
        { "name": "To W", "kind": "LegacySmtp", "routing_group": "W", "source_servers": ["BH-W"], "address_spaces": ["*;1"] },
        { "name": "To V", "kind": "LegacySmtp", "routing_group": "V", "source_servers": ["BH-V"], "address_spaces": ["*;10"] },
    ]);
    assert_eq!(document(&file, &[]).0, 0);
    assert_eq!(document(&file, &["--dns-connectors-fail"]).0, 1);
    assert_eq!(document(&file, &["--dns-connectors-fail", "--max-failures", "0"]).0, 0);
}

#[test]
fn a_certificate_is_checked_under_the_decisions_that_it_rests_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("certificate.json");
    let path = path.to_str().expect("temporary paths are UTF-8");
    let file = groups(CITIES);
    let decisions = [
        "--exempt-without-alternative",
        "--dns-connectors-fail",
        "--legacy-tie",
        "names",
    ];
    for (decisions, others) in [(&decisions[..], &decisions[1..]), (&[], &decisions[..1])] {
        let (status, _) = verify(&file, &[decisions, &["--certificate", path]].concat());
        assert_eq!(status, 1, "one loop");
        let (status, checked) = document(&file, &[decisions, &["--check", path]].concat());
        assert_eq!((status, &checked["valid"]), (1, &json!(true)));
        let london = json!([{ "recipient": "rg:London", "failed": ["Chicago>London"] }]);
        assert_eq!(checked["loops"], london);
        let (status, checked) = document(&file, &[others, &["--check", path]].concat());
        assert_eq!(
            (status, &checked["valid"], &checked["sets"]),
            (1, &json!(false), &json!(0))
        );
        let message = "it rests on other open decisions than those that were asked for";
        assert_eq!(checked["flaws"][0]["message"], message);
    }
    let (status, _) = verify(&file, &["--max-failures", "0", "--certificate", path]);
    assert_eq!(status, 0);
    let (status, text) = verify(&file, &["--check", path]);
    assert_eq!(status, 0);
    assert!(
        text.starts_with("The certificate holds: no mail can circle with at most 0 connectors failed."),
        "{text}"
    );
}

#[test]
fn kinds_of_messages_and_crosswise_addresses_beyond_the_bounds_are_told_and_are_no_clean_answer() {
    // 300 limits and what is above all, 170 senders and anybody else, from the system or not: 301 * 171 * 2 = 102,942.
    let mut kinds = groups("E-W 1");
    let links: Vec<Value> = (1..=300)
        .map(|at| json!({ "name": format!("L{at}"), "sites": ["E"], "max_message_size": format!("{at}KB") }))
        .collect();
    kinds["site_links"] = json!(links);
    let senders: Vec<String> = (0..170).map(|at| format!("s{at}@example")).collect();
    named(&mut kinds, "routing_group_connectors", "E>W")["restrictions"] = json!({ "denied_senders": senders });
    // 2^9 - 1 - 9 = 502 ways in which nine spaces overlap.
    let mut addresses = groups("E-W 1");
    let spaces: Vec<String> = (0..9).map(|at| format!("X400:a{at}=x;1")).collect();
    addresses["connectors"] = json!([outside("Out", "W", "*")]);
    addresses["connectors"][0]["address_spaces"] = json!(spaces);
    for (file, bound, told) in [
        (kinds, Bound::MessageClasses, "more than 100,000 kinds of messages"),
        (
            addresses,
            Bound::AddressClasses,
            "overlap in more ways than are told apart",
        ),
    ] {
        let case = super::case(&file);
        let setting = super::setting(0);
        let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
        let found = bridgehead::verify::verify(&world, setting.bounds, &mut |_, _| {});
        assert_eq!(found.reached.into_iter().collect::<Vec<_>>(), [bound]);
        let (status, text) = verify(&file, &["--max-failures", "0"]);
        assert_eq!(status, 4, "{text}");
        assert!(text.replace('\n', " ").contains(told), "{text}");
    }
}
