//! The program as users and scripts meet it: arguments in; text, files and exit statuses out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const LITWARE: &str = "topologies/tour/litware.ron";
const LATER: &str = "topologies/tour/litware-later.ron";
const WINGTIP: &str = "topologies/tour/wingtip.ron";

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridgehead"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program starts")
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = program(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A program that fails early does not read all of it.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

#[track_caller]
fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("results are UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the repository")
}

/// A folder of its own, removed at the end.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file in a temporary folder");
    path
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

fn snapshot(name: &str, text: &str) {
    for line in text.lines() {
        assert!(
            line.chars().count() <= 80 || name.ends_with("csv"),
            "wider than a terminal: {line}"
        );
    }
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/cli"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn what_routes_shows() {
    snapshot("routes-litware", &done(&["routes", LITWARE]));
    snapshot("routes-wingtip", &done(&["routes", WINGTIP]));
    snapshot(
        "routes-litware-csv",
        &done(&["routes", LITWARE, "--format", "csv", "--from", "Dublin"]),
    );
}

#[test]
fn what_explain_shows() {
    for (name, arguments) in [
        (
            "names-decide",
            &[LITWARE, "--from", "Dublin", "--to", "ana@litware.example"][..],
        ),
        ("cost-decides", &[LITWARE, "--from", "Tunis", "--to", "Milano"]),
        (
            "too-large-for-a-link",
            &[
                LITWARE,
                "--from",
                "LIS-HUB1",
                "--to",
                "slim@litware.example",
                "--size",
                "12MB",
            ],
        ),
        (
            "too-large-for-a-connector",
            &[
                LITWARE,
                "--from",
                "Dublin",
                "--to",
                "x@a.partner.example",
                "--size",
                "12MB",
            ],
        ),
        (
            "every-connector-too-small",
            &[LITWARE, "--from", "London", "--to", "x@example.org", "--size", "1GB"],
        ),
        (
            "external",
            &[LITWARE, "--from", "Dublin", "--to", "x@a.partner.example"],
        ),
        (
            "unknown-recipient",
            &[LITWARE, "--from", "Dublin", "--to", "nobody@litware.example"],
        ),
        ("no-connector", &[LITWARE, "--from", "Dublin", "--to", "FAX:+351"]),
        (
            "down",
            &[
                LITWARE,
                "--from",
                "Tunis",
                "--to",
                "Dublin",
                "--down",
                "site:London",
                "--down",
                "link:LIS-MAD",
            ],
        ),
        (
            "several",
            &[
                LITWARE,
                "--from",
                "Dublin",
                "--to",
                "south@litware.example",
                "--to",
                "ines@litware.example",
                "--to",
                "marco@litware.example",
                "--to",
                "nobody@litware.example",
            ],
        ),
        (
            "to-2003",
            &[WINGTIP, "--from", "Denver", "--to", "yuki@wingtip.example"],
        ),
        (
            "from-2003",
            &[WINGTIP, "--from", "rg:TOK", "--to", "dana@wingtip.example"],
        ),
        (
            "legacy-connector",
            &[WINGTIP, "--from", "Chicago", "--to", "x@partner.example"],
        ),
        (
            "legacy-restriction",
            &[
                WINGTIP,
                "--from",
                "rg:CHI",
                "--to",
                "x@partner.example",
                "--sender",
                "temp@wingtip.example",
            ],
        ),
        (
            "legacy-down",
            &[
                WINGTIP,
                "--from",
                "rg:TOK",
                "--to",
                "Chicago",
                "--down",
                "connector:HKG to E2007",
            ],
        ),
    ] {
        snapshot(&format!("explain-{name}"), &done(&[&["explain"], arguments].concat()));
    }
}

#[test]
fn what_diff_shows() {
    snapshot("diff-litware", &done(&["diff", LITWARE, LATER]));
    assert_eq!(done(&["diff", LITWARE, LITWARE]), "No route moves: 30 are the same.\n");
}

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

#[test]
fn kinds_of_nodes_are_read_in_any_case() {
    let expected = done(&["explain", LITWARE, "--from", "site:Dublin", "--to", "site:Madrid"]);
    for (from, to) in [("Site:Dublin", "SITE:Madrid"), ("SITE:dublin", "Site:madrid")] {
        assert_eq!(done(&["explain", LITWARE, "--from", from, "--to", to]), expected);
    }
    let ask = |to: &str, down: &str| done(&["explain", WINGTIP, "--from", "Rg:CHI", "--to", to, "--down", down]);
    assert_eq!(
        ask("Server:CHI-HUB1", "Connector:CHI to E2007"),
        ask("server:CHI-HUB1", "connector:CHI to E2007")
    );
    // Any other type is that of an address.
    assert!(done(&["explain", LITWARE, "--from", "Dublin", "--to", "Sites:Madrid"]).contains("Sites:Madrid"));
}

#[test]
fn tables_are_aligned_by_what_a_terminal_shows() {
    let folder = folder();
    let text = r#"(sites: [(name: "東京"), (name: "Oslo"), (name: "大阪本社ビル")],
        site_links: [(name: "L", sites: ["東京", "Oslo", "大阪本社ビル"])])"#;
    let path = file(&folder, "wide.ron", text);
    let table = done(&["routes", text_of(&path), "--from", "Oslo"]);
    let columns = |line: &str, word: &str| {
        let at = line.find(word).unwrap_or_else(|| panic!("{word} in {line}"));
        unicode_width::UnicodeWidthStr::width(&line[..at])
    };
    let line = |word: &str| table.lines().find(|line| line.contains(word)).expect("a line");
    let cost = columns(line("Cost"), "Cost") + 1;
    assert_eq!(columns(line("東京"), "100"), cost, "{table}");
    assert_eq!(columns(line("大阪本社ビル"), "100"), cost, "{table}");
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
fn setup_is_a_template() {
    // R11, R19, R20: a pair of connectors, cost 1, between the hub and the bridgehead.
    let text = done(&[
        "generate",
        "--template",
        "setup",
        "--bridgehead",
        "BH1",
        "--hub",
        "HUB1",
    ]);
    for part in [
        r#"source_servers: ["HUB1"], target_servers: ["BH1"]"#,
        r#"source_servers: ["BH1"], target_servers: ["HUB1"]"#,
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    for wrong in [
        &["generate"][..],
        &["generate", "--template", "setup", "--hub", "HUB1"],
        &["generate", "--template", "setup", "--bridgehead", "X", "--hub", "X"],
        &["generate", "--shape", "ring"],
        &["generate", "--shape", "ring", "--sites", "3", "--template", "setup"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn standard_input_is_read_when_asked_for() {
    let text = read(LITWARE);
    let from_pipe = run_with_input(&["routes", "-", "--input-format", "ron"], &text);
    assert_eq!(String::from_utf8_lossy(&from_pipe.stdout), done(&["routes", LITWARE]));
    let without_format = run_with_input(&["routes", "-"], &text);
    assert_eq!(without_format.status.code(), Some(2));
    assert!(stderr(&without_format).contains("--input-format"));
    let both = run_with_input(&["diff", LITWARE, "-", "--input-format", "ron"], &text);
    assert_eq!(
        String::from_utf8_lossy(&both.stdout),
        "No route moves: 30 are the same.\n"
    );
}

#[test]
fn a_file_is_replaced_at_once_or_not_at_all() {
    let folder = folder();
    let target = file(&folder, "routes.json", "old");
    let path = text_of(&target);
    let failed = run(&["routes", LITWARE, "--from", "Dubln", "-o", path]);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&target).expect("still there"), "old");
    done(&["routes", LITWARE, "--format", "json", "-o", path]);
    let written = std::fs::read_to_string(&target).expect("replaced");
    assert_eq!(written, done(&["routes", LITWARE, "--format", "json"]));
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "no temporary file stays behind");
}

#[cfg(unix)]
#[test]
fn a_full_device_is_reported_and_a_closed_pipe_is_not() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    if let Ok(full) = full {
        let status = program(&["routes", LITWARE])
            .stdout(full)
            .stderr(Stdio::null())
            .status()
            .expect("it starts");
        assert_eq!(status.code(), Some(5));
    }
    let output = run(&["routes", LITWARE, "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));

    let mut child = program(&["generate", "--shape", "clique", "--sites", "20000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = folder();
    let path = folder.path().join("org.ron");
    let path = text_of(&path);
    done(&[
        "generate",
        "--shape",
        "coexistence",
        "--sites",
        "60",
        "--seed",
        "7",
        "-o",
        path,
    ]);
    let other = folder.path().join("other.ron");
    let other = text_of(&other);
    done(&[
        "generate",
        "--shape",
        "coexistence",
        "--sites",
        "60",
        "--seed",
        "8",
        "-o",
        other,
    ]);
    for arguments in [
        &["routes", path, "--format", "text"][..],
        &["routes", path, "--format", "json"],
        &["routes", path, "--format", "jsonl"],
        &["routes", path, "--format", "csv"],
        &["diff", path, other, "--format", "text"],
        &["diff", path, other, "--format", "json"],
    ] {
        let one = done(&[arguments, &["--jobs", "1"]].concat());
        assert_eq!(one, done(&[arguments, &["--jobs", "2"]].concat()), "{arguments:?}");
        assert_eq!(one, done(&[arguments, &["--jobs", "5"]].concat()), "{arguments:?}");
    }
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
fn json_fits_its_schema() {
    let valid = |schema: &str, document: &str| {
        let schema: serde_json::Value = serde_json::from_str(&done(&["schema", schema])).expect("a schema is JSON");
        let document: serde_json::Value = serde_json::from_str(document).expect("a document is JSON");
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        let problems: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
    };
    for topology in [LITWARE, WINGTIP] {
        valid("routes", &done(&["routes", topology, "--format", "json"]));
    }
    valid("diff", &done(&["diff", LITWARE, LATER, "--format", "json"]));
    valid("diff", &done(&["diff", LITWARE, WINGTIP, "--format", "json"]));
    for arguments in [
        &[LITWARE, "--from", "Dublin", "--to", "Madrid"][..],
        &[LITWARE, "--from", "Dublin", "--to", "x@example.org", "--size", "30MB"],
        &[
            LITWARE,
            "--from",
            "Dublin",
            "--to",
            "Madrid",
            "--to",
            "Tunis",
            "--to",
            "nobody@litware.example",
        ],
        &[LITWARE, "--from", "Dublin", "--to", "Madrid", "--down", "site:London"],
        &[WINGTIP, "--from", "rg:TOK", "--to", "x@partner.example"],
    ] {
        valid(
            "explain",
            &done(&[&["explain", "--format", "json"], arguments].concat()),
        );
    }
    for (wrong, lines) in [
        (&["routes", "nowhere.ron"][..], 1),
        (&["routes", "topologies/bad/leaves.ron"], 2),
        (&["routes", LITWARE, "--from", "Dubln"], 1),
        (&["routes"], 1),
    ] {
        let output = run(&[wrong, &["--message-format", "json"]].concat());
        let told = stderr(&output);
        assert!(told.lines().count() >= lines, "{told}");
        told.lines().for_each(|line| valid("problem", line));
    }
    let generated = done(&["generate", "--shape", "coexistence", "--sites", "5", "--format", "json"]);
    valid("topology", &generated);
}

#[test]
fn the_json_of_a_route_is_as_the_contract_writes_it() {
    let json = done(&[
        "routes", LITWARE, "--from", "Lisboa", "--to", "Tunis", "--format", "jsonl",
    ]);
    let expected = concat!(
        r#"{"from":{"site":"Lisboa"},"to":{"site":"Tunis"},"outcome":"route","#,
        r#""routing_group_cost":0,"site_cost":50,"hops":2,"#,
        r#""path":[{"site":"Lisboa"},{"site":"Madrid"},{"site":"Tunis"}],"links":["LIS-MAD","MAD-TUN"],"#,
        r#""next_hop":{"site":"Tunis"},"relay":"direct","backoff":[{"site":"Madrid"}],"decided_by":"cost"}"#,
        "\n",
    );
    assert_eq!(json, expected);
}

/// Two servers of different versions in one site, of which only one sees the X.400 connector (R72).
const TWO_HUBS: &str = r#"(sites: [(name: "A")],
    servers: [(name: "OLD", version: Exchange2007Rtm, site: "A"), (name: "NEW", version: Exchange2007Sp1, site: "A"),
        (name: "K1", version: Exchange2003, routing_group: "K"), (name: "M1", version: Exchange2003, routing_group: "M")],
    routing_groups: [(name: "K"), (name: "M")],
    routing_group_connectors: [(name: "E-K", from: "DWBGZMFD01QNBJR", to: "K", source_servers: ["OLD", "NEW"]),
        (name: "K-M", from: "K", to: "M", kind: X400)])"#;

#[test]
fn servers_of_one_site_are_told_apart() {
    let folder = folder();
    let path = file(&folder, "hubs.ron", TWO_HUBS);
    let routes = |from: &[&str], format: &str| {
        let from: Vec<&str> = from.iter().flat_map(|from| ["--from", from]).collect();
        done(
            &[
                &["routes", text_of(&path), "--to", "rg:M", "--format", format],
                from.as_slice(),
            ]
            .concat(),
        )
    };
    let told = |from: &[&str]| -> Vec<String> {
        let text = routes(from, "jsonl");
        let records = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        records
            .map(|record| {
                format!(
                    "{} {}",
                    record["server"].as_str().unwrap_or("-"),
                    record["outcome"].as_str().expect("a word")
                )
            })
            .collect()
    };
    assert_eq!(told(&["server:OLD", "server:NEW"]), ["NEW route", "OLD unreachable"]);
    assert_eq!(told(&["A"]), ["- route"], "nobody asked for a server");
    assert_eq!(told(&["server:NEW", "A"]), ["NEW route"], "A routes as NEW");
    assert_eq!(told(&["server:K1"]), ["K1 route"]);
    let csv = routes(&["server:OLD", "server:NEW"], "csv");
    let last: Vec<&str> = csv.lines().filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(last, ["server", "NEW", "OLD"]);
}

#[test]
fn of_a_long_path_the_middle_is_counted() {
    let folder = folder();
    let path = folder.path().join("chain.ron");
    done(&[
        "generate",
        "--shape",
        "chain",
        "--sites",
        "60",
        "--seed",
        "1",
        "-o",
        text_of(&path),
    ]);
    let json = done(&["routes", text_of(&path), "--format", "jsonl"]);
    let longest = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .max_by_key(|record| record["hops"].as_u64())
        .expect("a route");
    let hops = longest["hops"].as_u64().expect("a number");
    assert!(hops > 40, "{longest}");
    let name = |node: &str| format!("site:{}", longest[node]["site"].as_str().expect("a name"));
    let (from, to) = (name("from"), name("to"));
    // 15 of the nodes after the sender are shown.
    let told = format!("… {} more …", hops - 15);
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let table = flat(done(&["routes", text_of(&path), "--from", &from, "--to", &to]));
    assert!(table.contains(&told) && table.contains("--format json"), "{table}");
    let explained = flat(done(&["explain", text_of(&path), "--from", &from, "--to", &to]));
    assert!(explained.contains(&format!("… {} more …", hops - 14)), "{explained}");
    let near = done(&["routes", text_of(&path), "--from", &from, "--to", &from]);
    assert!(!near.contains("more …"), "{near}");
}

#[test]
fn a_site_without_mail_is_no_sender() {
    let folder = folder();
    let text = r#"(sites: [(name: "A"), (name: "B")], site_links: [(name: "L", sites: ["A", "B"])],
        servers: [(name: "S", version: Exchange2010Sp3, site: "A")])"#;
    let path = file(&folder, "transit.ron", text);
    let output = run(&["explain", text_of(&path), "--from", "B", "--to", "A"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("mail cannot stop at `B`"),
        "{}",
        stderr(&output)
    );
    let text = done(&["explain", text_of(&path), "--from", "A", "--to", "B"]);
    assert!(text.contains("mail cannot stop in site B"), "{text}");
}

#[test]
fn shells_and_manuals() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(done(&["completions", shell]).contains("explain"), "{shell}");
    }
    let manual = done(&["man"]);
    for word in ["EXPLAIN", "\\-\\-legacy\\-tie", "GENERATE"] {
        assert!(manual.contains(word), "{word}");
    }
    assert!(done(&["import", "exchange", "--script"]).contains("Export-Clixml"));
    let folder = folder();
    let path = folder.path().join("export.ps1");
    done(&["import", "exchange", "--script", "-o", text_of(&path)]);
    assert!(
        std::fs::read_to_string(&path)
            .expect("the script")
            .contains("Export-Clixml")
    );
}

#[test]
fn the_readme_names_only_commands_that_there_are() {
    let readme = String::from_utf8(read("README.md")).expect("text");
    let spans = readme.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = readme.lines().map(|line| line.trim_start_matches("$ "));
    let commands: Vec<&str> = spans
        .chain(lines)
        .filter_map(|command| command.strip_prefix("bridgehead "))
        .map(|command| command.split(['>', '#']).next().unwrap_or(command))
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // Arguments are read from the left: what is not known is refused before the help is reached.
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let output = run(&arguments);
        assert!(output.status.success(), "{command}: {}", stderr(&output));
    }
}
