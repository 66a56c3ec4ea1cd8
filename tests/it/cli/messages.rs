//! Statuses and messages, and names that are data.

use super::*;

#[test]
fn exit_statuses() {
    let folder = folder();
    let broken = file(
        &folder,
        "broken.ron",
        "(sites: [(name: \"A\"), (name: \"a\")], sties: [])",
    );
    let unknown = file(&folder, "topology.txt", "()");
    let (broken, unknown) = (text_of(&broken), text_of(&unknown));
    for (why, status, arguments) in [
        ("done", 0, &["routes", LITWARE][..]),
        ("help", 0, &["--help"]),
        ("help of a command", 0, &["explain", "--help"]),
        ("version", 0, &["--version"]),
        (
            "an NDR is an answer",
            0,
            &["explain", LITWARE, "--from", "Tunis", "--to", "Madrid", "--size", "9MB"],
        ),
        (
            "unreachable is an answer",
            0,
            &[
                "explain",
                WINGTIP,
                "--from",
                "rg:CHI",
                "--to",
                "x@partner.example",
                "--sender",
                "temp@wingtip.example",
                "--down",
                "connector:Internet",
            ],
        ),
        ("no command", 2, &[]),
        ("unknown command", 2, &["rout", LITWARE]),
        ("unknown option", 2, &["routes", LITWARE, "--form", "X"]),
        ("explain without --to", 2, &["explain", LITWARE, "--from", "Dublin"]),
        ("unknown node", 2, &["routes", LITWARE, "--from", "Dubln"]),
        (
            "unknown link",
            2,
            &[
                "explain", LITWARE, "--from", "Dublin", "--to", "Tunis", "--down", "link:X",
            ],
        ),
        (
            "--down without a kind",
            2,
            &[
                "explain", LITWARE, "--from", "Dublin", "--to", "Tunis", "--down", "London",
            ],
        ),
        ("no jobs", 2, &["routes", LITWARE, "--jobs", "0"]),
        (
            "malformed size",
            2,
            &[
                "explain", LITWARE, "--from", "Dublin", "--to", "Tunis", "--size", "9 apples",
            ],
        ),
        (
            "unlimited is no size of a message",
            2,
            &[
                "explain",
                LITWARE,
                "--from",
                "Dublin",
                "--to",
                "Tunis",
                "--size",
                "unlimited",
            ],
        ),
        ("standard input twice", 2, &["diff", "-", "-", "--input-format", "ron"]),
        ("no such file", 3, &["routes", "nowhere.ron"]),
        ("a folder", 3, &["routes", "topologies"]),
        ("invalid", 3, &["routes", broken]),
        ("too large", 3, &["routes", LITWARE, "--max-input-size", "1KB"]),
        ("too many sites", 3, &["routes", LITWARE, "--max-sites", "2"]),
        ("no LDIF", 3, &["import", "ldif", LITWARE]),
        ("no format", 3, &["routes", unknown]),
        (
            "a folder that is not there",
            5,
            &["routes", LITWARE, "-o", "nowhere/routes.txt"],
        ),
        ("the output is a folder", 5, &["routes", LITWARE, "-o", "topologies"]),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(status), "{why}: {}", stderr(&output));
        assert_eq!(output.stderr.is_empty(), status == 0, "{why}: {}", stderr(&output));
        assert!(
            status == 0 || output.stdout.is_empty(),
            "{why}: errors go to standard error"
        );
    }
}

#[test]
fn what_is_misspelt_is_suggested() {
    for (arguments, hint) in [
        (&["routes", LITWARE, "--from", "Dubln"][..], "did you mean `Dublin`?"),
        (
            &["explain", LITWARE, "--from", "Dublin", "--to", "site:Madird"],
            "did you mean `Madrid`?",
        ),
        (
            &[
                "explain",
                WINGTIP,
                "--from",
                "rg:TOK",
                "--to",
                "Denver",
                "--down",
                "connector:HKG to TKO",
            ],
            "`HKG to TOK`",
        ),
        (&["routes", WINGTIP, "--from", "rg:Denver"], "there is no"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(hint), "{}", stderr(&output));
    }
}

#[test]
fn messages_for_programs_are_json_lines() {
    let output = run(&["routes", LITWARE, "--from", "Dubln", "--message-format", "json"]);
    let line: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
    assert_eq!(line["level"], "error");
    assert_eq!(line["help"], "did you mean `Dublin`?");
    let output = run(&["routes", "nowhere.ron", "--message-format", "json"]);
    let line: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
    assert_eq!(line["file"], "nowhere.ron");
}

#[test]
fn an_import_of_nothing_says_so() {
    let output = run_with_input(&["import", "ldif", "-"], b"# nothing but a comment\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stderr(&output).contains("the files hold no objects"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_an_import_left_out_is_told_to_programs_too() {
    let ldif = format!("{}/tests/fixtures/import/contoso.ldf", env!("CARGO_MANIFEST_DIR"));
    let output = run(&["import", "ldif", &ldif, "--report", "--message-format", "json"]);
    let line: serde_json::Value = serde_json::from_str(stderr(&output).lines().next().expect("a line")).expect("JSON");
    let message = line["message"].as_str().expect("a message");
    assert_eq!(line["level"], "note");
    assert!(message.contains("Left out:"), "{message}");
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let has_colour = |arguments: &[&str], variable: Option<&str>| {
        let mut command = program(arguments);
        let set = variable.map(|set| set.split_once('=').unwrap_or((set, "1")));
        command.envs(set);
        let output = command.output().expect("the program starts");
        [output.stdout, output.stderr].concat().contains(&0x1b)
    };
    for wrong in [&["routes"][..], &["routes", "nowhere.ron"], &["--help"]] {
        assert!(!has_colour(wrong, None), "{wrong:?}");
        assert!(has_colour(wrong, Some("CLICOLOR_FORCE")), "{wrong:?}");
        assert!(!has_colour(wrong, Some("CLICOLOR_FORCE=0")), "{wrong:?}");
    }
    assert!(has_colour(&["routes", "--color=always"], None), "wrong usage too");
    // https://bixense.com/clicolors: 0 and nothing force nothing.
    assert!(!has_colour(&["routes", LITWARE], Some("CLICOLOR_FORCE=0")));
    assert!(!has_colour(&["routes", LITWARE], Some("CLICOLOR_FORCE=")));
    assert!(!has_colour(&["routes", LITWARE], None), "a pipe is no terminal");
    assert!(has_colour(&["routes", LITWARE, "--color", "always"], None));
    assert!(has_colour(&["routes", LITWARE], Some("CLICOLOR_FORCE")));
    assert!(!has_colour(
        &["routes", LITWARE, "--color", "never"],
        Some("CLICOLOR_FORCE")
    ));
    assert!(!has_colour(
        &["routes", LITWARE, "--format", "json", "--color", "always"],
        None
    ));
}

/// Names that a spreadsheet would run, and one that would paint a terminal.
const HOSTILE: &str = r#"{
  "sites": [{"name": "=cmd()"}, {"name": "@x"}, {"name": "\u001b[31mred"}, {"name": "plain"}],
  "site_links": [{"name": "+1", "sites": ["=cmd()", "@x", "\u001b[31mred", "plain"]}]
}"#;

#[test]
fn names_are_data() {
    let folder = folder();
    let path = file(&folder, "hostile.json", HOSTILE);
    let path = text_of(&path);
    let csv = done(&["routes", path, "--format", "csv"]);
    for (number, row) in csv::Reader::from_reader(csv.as_bytes()).records().enumerate() {
        let row = row.expect("well-formed CSV");
        for cell in &row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "row {number}: {cell}"
            );
        }
        assert_eq!(&row[7], "'+1", "the link");
    }
    for format in ["text", "json", "jsonl", "csv"] {
        let text = done(&["routes", path, "--format", format]);
        assert!(!text.contains('\u{1b}'), "{format}");
    }
    let text = done(&["explain", path, "--from", "plain", "--to", "site:\u{1b}[31mred"]);
    assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}[31mred"), "{text}");
}

#[test]
fn wrong_usage_is_told_to_programs_too() {
    for (arguments, message, help) in [
        (
            &["--message-format", "json", "routes", LITWARE, "--form", "X"][..],
            "unexpected argument '--form' found",
            "tip: a similar argument exists: '--from'",
        ),
        (
            &["routes", "--message-format=json"],
            "the following required arguments were not provided:\n  <TOPOLOGY>",
            "Usage: bridgehead routes",
        ),
        (
            &["--message-format=json"],
            "'bridgehead' requires a subcommand but one was not provided",
            "Usage: bridgehead",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let line: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
        assert_eq!(line["format"], "bridgehead.problem/1");
        assert_eq!(line["level"], "error");
        let said = line["message"].as_str().expect("a message");
        assert!(said.starts_with(message), "{arguments:?}: {said}");
        let told = line["help"].as_str().expect("help");
        assert!(told.contains(help), "{arguments:?}: {told}");
    }
    // What follows `--` is no option.
    let output = run(&["routes", "--form", "--", "--message-format=json"]);
    assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
}
