//! `simulate` with servers that stop, and with faults by chance.

use serde_json::Value;

use super::*;

/// Two 2007 servers, a message to each kind of recipient, and what somebody expects of it.
fn scenario(expect: &str) -> String {
    format!(
        r#"(topology: (
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [(name: "HA 1", version: Exchange2007Sp1, site: "A", message_expiration_timeout: "5min"),
              (name: "HB", version: Exchange2007Sp1, site: "B", message_expiration_timeout: "5min")],
    connectors: [(name: "Out", kind: Send, source_servers: ["HB"], address_spaces: ["SMTP:*"])],
    mailboxes: [(address: "ann@x.example", server: "HA 1"), (address: "bob@x.example", server: "HB")],
), settings: (until: "1h"), messages: [
    (id: "m1", at: "1s", from: "ann@x.example", to: ["bob@x.example", "pat@far.example"]),
], expect: [{expect}])"#
    )
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn every_outcome_is_replayed_by_its_arguments() {
    let folder = folder();
    let path = file(&folder, "pair.ron", &scenario(""));
    let path = text_of(&path);
    for search in [
        &["--explore"][..],
        &["--explore", "--max-stops", "2", "--max-runs", "3000"],
        &["--seeds", "30..45"],
    ] {
        let output = run(&[&["simulate", path, "--format", "json"], search].concat());
        let document = json_of(&output);
        let outcomes = document["outcomes"].as_array().expect("a list");
        assert!(outcomes.len() > 3, "{search:?}");
        for outcome in outcomes.iter().take(30) {
            let replay: Vec<&str> = outcome["replay"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|word| word.as_str().expect("a word"))
                .collect();
            let again = json_of(&run(&[&["simulate", path, "--format", "json"], &replay[..]].concat()));
            assert_eq!(again["ended"], outcome["ended"], "{replay:?}");
            let fates = again["fates"].as_array().expect("a list");
            for fate in outcome["fates"].as_array().expect("a list") {
                assert!(fates.contains(fate), "{replay:?}: {fate} is not in {fates:?}");
            }
            assert_eq!(again["stops"], outcome["stops"], "{replay:?}");
            assert_eq!(again["faults"], outcome["faults"], "{replay:?}");
            assert_eq!(again["seed"], outcome["seed"], "{replay:?}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_byte_of_many_runs() {
    let folder = folder();
    let path = file(&folder, "pair.ron", &scenario(""));
    let path = text_of(&path);
    for search in [
        &["--explore", "--format", "text"][..],
        &[
            "--explore",
            "--max-stops",
            "2",
            "--max-runs",
            "2000",
            "--format",
            "jsonl",
        ],
        &["--seeds", "600", "--format", "json"],
    ] {
        let told = |jobs: &str| {
            let output = run(&[&["simulate", path, "--jobs", jobs], search].concat());
            (output.stdout, output.stderr, output.status.code())
        };
        let one = told("1");
        assert!(one.0.len() > 1000, "{search:?}");
        assert_eq!(one, told("2"), "{search:?}");
        assert_eq!(one, told("5"), "{search:?}");
    }
}

#[test]
fn the_status_says_what_was_found() {
    let folder = folder();
    let path = |name: &str, expect: &str| file(&folder, name, &scenario(expect));
    let expects_nothing = path("pair.ron", "");
    let expects_mail = path("mail.ron", r#"(message: "m1", recipient: "bob@x.example", copies: 1)"#);
    let (nothing, mail) = (text_of(&expects_nothing), text_of(&expects_mail));
    for (status, arguments) in [
        (0, &["simulate", nothing, "--explore"][..]),
        (4, &["simulate", nothing, "--explore", "--max-runs", "20"]),
        (4, &["simulate", nothing, "--explore", "--max-events", "4"]),
        (0, &["simulate", mail]),
        (1, &["simulate", mail, "--explore"]),
        // What was found is found, whatever was not tried.
        (1, &["simulate", mail, "--explore", "--max-runs", "30"]),
        (1, &["simulate", mail, "--stop", "HA 1@1:destroy"]),
        (0, &["simulate", mail, "--stop", "HA 1@4:same:1min"]),
        (1, &["simulate", mail, "--seeds", "30..45"]),
        (1, &["simulate", mail, "--seed", "30"]),
        (0, &["simulate", mail, "--seed", "31"]),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output), "", "{arguments:?}");
    }
    let text = String::from_utf8(run(&["simulate", mail, "--explore"]).stdout).expect("UTF-8");
    assert!(
        text.contains("\n  ! expected of m1 for bob@x.example: 1 copy\n"),
        "{text}"
    );
    // A name with a blank is one word for a shell.
    assert!(text.contains("\n  --stop 'HA 1@1:destroy'\n"), "{text}");
}

#[test]
fn wrong_usage_says_what_to_do() {
    let folder = folder();
    let path = file(&folder, "pair.ron", &scenario(""));
    let path = text_of(&path);
    for (wrong, told) in [
        (&["--explore", "--seed", "1"][..], "cannot be used with"),
        (&["--explore", "--seeds", "1"], "cannot be used with"),
        (&["--explore", "--stop", "HB@1:destroy"], "cannot be used with"),
        (&["--seeds", "2", "--seed", "1"], "cannot be used with"),
        (&["--seed", "2", "--stop", "HB@1:destroy"], "cannot be used with"),
        (&["--max-stops", "2"], "--explore"),
        (&["--max-runs", "2"], "--explore"),
        (&["--explore", "--max-stops", "0"], "1..=2"),
        (&["--explore", "--max-stops", "3"], "1..=2"),
        (&["--explore", "--max-runs", "0"], "1.."),
        (&["--seeds", "0"], "at least one is needed"),
        (&["--seeds", "5..5"], "at least one is needed"),
        (&["--seeds", "many"], "100..200"),
        (&["--seed", "-1"], "Usage"),
        (&["--stop", "HC@1:destroy"], "there is no server called `HC`"),
        (&["--stop", "HA 2@1:destroy"], "did you mean `HA 1`?"),
        (&["--stop", "HB"], "does not say when the server stops"),
        (&["--stop", "HB@1"], "does not say what becomes of the server"),
        (
            &["--stop", "HB@one:destroy"],
            "has `one` where a number of events belongs",
        ),
        (&["--stop", "HB@1:away:1min"], "has `away:1min` where a kind belongs"),
        (&["--stop", "HB@1:same"], "write SERVER@EVENTS:KIND"),
        (&["--stop", "HB@1000:destroy"], "give `--stop` fewer events"),
        (&["--stop", "HB@4:destroy", "--max-events", "3"], "raise `--max-events`"),
    ] {
        let output = run(&[&["simulate", path], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{wrong:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{wrong:?}");
    }
}
