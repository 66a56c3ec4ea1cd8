//! What hostile or unlucky users try: sizes at which a careless loop takes for ever, and arguments that almost mean something.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const LITWARE: &str = "topologies/tour/litware.ron";

/// Far above what any of these takes, far below what a square of their size would.
const PATIENCE: Duration = Duration::from_secs(30);

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bridgehead"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// What is written to standard output, and to standard error, with the exit status.
fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Asks about an organization that is made of these fields, in reasonable time.
#[track_caller]
fn asked(fields: &str, question: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("organization.ron");
    std::fs::write(&file, format!("({fields})")).expect("a file in it");
    let mut arguments = vec!["explain", file.to_str().expect("UTF-8")];
    arguments.extend(question);
    let begin = Instant::now();
    let (status, out, err) = said(&arguments);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(begin.elapsed() < PATIENCE, "it took {:?}", begin.elapsed());
    out
}

const ONE_SITE: &str = r#"sites: [(name: "A")], servers: [(name: "h", version: Exchange2010Sp1, site: "A")],"#;

#[test]
fn groups_nested_very_deeply_are_expanded_in_reasonable_time() {
    let mut fields = format!("{ONE_SITE} mailboxes: [(address: \"m@x\", server: \"h\")], groups: [");
    for at in 0..40_000 {
        write!(fields, "(address: \"g{at}@x\", members: [\"g{}@x\"]),", at + 1).expect("text grows");
    }
    fields.push_str(r#"(address: "g40000@x", members: ["g0@x", "m@x"])]"#);
    let out = asked(&fields, &["--from", "A", "--to", "g0@x"]);
    assert!(out.contains("It is delivered in site A itself."), "{out}");
}

#[test]
fn a_large_group_among_many_mailboxes_is_expanded_in_reasonable_time() {
    let (mut mailboxes, mut members) = (String::new(), String::new());
    for at in 0..40_000 {
        write!(mailboxes, "(address: \"U{at}@x\", server: \"h\"),").expect("text grows");
        write!(members, "\"smtp:u{at}@X\",").expect("text grows");
    }
    let groups = format!("groups: [(address: \"all@x\", members: [{members}])]");
    let fields = format!("{ONE_SITE} mailboxes: [{mailboxes}], {groups}");
    let out = asked(&fields, &["--from", "A", "--to", "all@x"]);
    assert!(out.contains("u39999@X"));
}

#[test]
fn a_group_with_somebody_in_each_of_many_sites_is_split_in_reasonable_time() {
    let [mut sites, mut links, mut servers, mut mailboxes, mut members] = [const { String::new() }; 5];
    for at in 0..3_000 {
        write!(sites, "(name: \"s{at}\"),").expect("text grows");
        write!(links, "(name: \"l{at}\", sites: [\"hub\", \"s{at}\"]),").expect("text grows");
        write!(servers, "(name: \"h{at}\", version: Exchange2010Sp1, site: \"s{at}\"),").expect("text grows");
        write!(mailboxes, "(address: \"u{at}@x\", server: \"h{at}\"),").expect("text grows");
        write!(members, "\"u{at}@x\",").expect("text grows");
    }
    let fields = format!(
        r#"sites: [(name: "hub"), {sites}], site_links: [{links}], mailboxes: [{mailboxes}],
        servers: [(name: "hub1", version: Exchange2010Sp1, site: "hub"), {servers}],
        groups: [(address: "all@x", members: [{members}])]"#
    );
    let out = asked(&fields, &["--from", "s3", "--to", "all@x"]);
    assert!(out.contains("to site hub, and split there"), "{out}");
}

#[test]
fn many_connectors_of_one_routing_group_are_ranked_in_reasonable_time() {
    let (mut between, mut outside) = (String::new(), String::new());
    for at in 0..3_000 {
        write!(
            between,
            r#"(name: "in{at}", from: "DWBGZMFD01QNBJR", to: "R", source_servers: ["h"]),"#
        )
        .expect("text grows");
    }
    for at in 0..20_000 {
        write!(
            outside,
            r#"(name: "c{at}", kind: LegacySmtp, routing_group: "R", source_servers: ["bh"], address_spaces: ["SMTP:*"]),"#
        )
        .expect("text grows");
    }
    let fields = format!(
        r#"sites: [(name: "A")], routing_groups: [(name: "R")],
        servers: [(name: "h", version: Exchange2010Sp1, site: "A"), (name: "bh", version: Exchange2003, routing_group: "R")],
        routing_group_connectors: [{between}], connectors: [{outside}]"#
    );
    let out = asked(&fields, &["--from", "A", "--to", "x@y.example", "--format", "json"]);
    assert!(out.contains(r#""connector": "c0""#));
}

#[test]
fn an_address_is_shown_as_it_was_written() {
    let (status, out, _) = said(&["explain", LITWARE, "--from", "Dublin", "--to", "smtp:partner.example"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("\npartner.example is outside"), "{out}");
    assert!(!out.contains("Partner.example"), "{out}");
}

#[test]
fn an_address_of_nothing_but_a_type_is_wrong_usage() {
    for text in ["SMTP:", "FAX: "] {
        let (status, out, err) = said(&["explain", LITWARE, "--from", "Dublin", "--to", text]);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{text}");
        assert!(err.contains("is an address without a value"), "{err}");
    }
}

#[test]
fn an_output_in_a_folder_that_is_not_there_names_the_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inside = folder.path().join("missing");
    let file = inside.join("routes.txt");
    let (status, _, err) = said(&["routes", LITWARE, "-o", file.to_str().expect("UTF-8")]);
    assert_eq!(status, Some(5));
    assert!(
        err.contains(&format!("there is no folder {}", inside.display())),
        "{err}"
    );
    assert!(!err.contains(".tmp/"), "{err}");
    assert!(!Path::new(&inside).exists());
}

#[test]
fn a_recipient_without_a_home_is_not_given_a_server_that_it_does_not_have() {
    let fields = r#"sites: [(name: "A")], dags: [(name: "D")], databases: [(name: "db", dag: "D")],
        servers: [(name: "h", version: Exchange2010Sp1, site: "A"), (name: "nowhere", version: Exchange2010Sp1)],
        mailboxes: [(address: "m@x", database: "db")]"#;
    let unwrapped = |out: String| out.replace('\n', " ");
    let server = unwrapped(asked(fields, &["--from", "A", "--to", "server:nowhere"]));
    assert!(server.contains("queue: server nowhere is in no site"), "{server}");
    let mailbox = unwrapped(asked(fields, &["--from", "A", "--to", "m@x"]));
    assert!(
        mailbox.contains("queue: no server that holds m@x is in a site"),
        "{mailbox}"
    );
}

#[test]
fn the_second_best_path_of_a_very_long_chain_is_looked_for_in_reasonable_time() {
    let (mut sites, mut links) = (String::new(), String::new());
    for at in 0..20_000 {
        write!(sites, "(name: \"s{at}\"),").expect("text grows");
        write!(links, "(name: \"l{at}\", sites: [\"s{at}\", \"s{}\"]),", at + 1).expect("text grows");
    }
    let chain = format!("sites: [{sites} (name: \"s20000\")], site_links: [{links}");
    let question = ["--from", "s0", "--to", "s20000"];
    let out = asked(&format!("{chain}]"), &question);
    assert!(
        out.contains("There is no other path."),
        "the whole chain is the only path"
    );
    // One way around, near the beginning: it is found beyond thousands of sites that have none.
    let around = r#"(name: "around", sites: ["s2", "s5"], cost: 1000)]"#;
    let out = asked(&format!("{chain}{around}"), &question);
    assert!(
        out.contains("lost: it costs 700 more"),
        "three links of 100, not one of 1000"
    );
}

#[test]
fn a_server_without_a_name_makes_no_template() {
    for (bridgehead, hub) in [("", "HUB1"), ("BH1", ""), ("BH1", " \t")] {
        let template = [
            "generate",
            "--template",
            "setup",
            "--bridgehead",
            bridgehead,
            "--hub",
            hub,
        ];
        let (status, out, err) = said(&template);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{bridgehead:?} {hub:?}");
        assert!(err.contains("a server needs a name that is not empty"), "{err}");
    }
}

#[test]
fn the_group_of_2007_is_not_said_to_be_missing() {
    for name in [
        "DWBGZMFD01QNBJR",
        "rg:dwbgzmfd01qnbjr",
        "Exchange Routing Group (DWBGZMFD01QNBJR)",
    ] {
        for arguments in [
            ["routes", LITWARE, "--to", name, "--from", "Dublin"],
            ["explain", LITWARE, "--from", "Dublin", "--to", name],
        ] {
            let (status, out, err) = said(&arguments);
            assert_eq!((status, out.as_str()), (Some(2), ""), "{name}");
            assert!(
                err.contains("is the routing group of all 2007 and later servers"),
                "{err}"
            );
            assert!(err.contains("name a site or a server of it"), "{err}");
        }
    }
}

#[test]
fn more_threads_than_can_be_started_is_wrong_usage() {
    for jobs in ["0", "1025", "65535"] {
        let (status, out, err) = said(&["routes", LITWARE, "--jobs", jobs]);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{jobs}");
        assert!(err.contains(&format!("{jobs} is not in 1..=1024")), "{err}");
    }
    assert_eq!(said(&["routes", LITWARE, "--jobs", "64"]), said(&["routes", LITWARE]));
}

#[test]
#[cfg(target_os = "linux")]
fn help_that_cannot_be_written_says_so() {
    for option in ["--help", "--version"] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a full device");
        let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
            .arg(option)
            .stdout(full)
            .output()
            .expect("the program starts");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(5), "{option}");
        assert!(err.contains("cannot write to standard output"), "{err}");
    }
}

#[test]
fn an_input_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("litware.ron");
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(LITWARE)).expect("a file");
    std::fs::write(&path, &text).expect("a writable folder");
    let name = path.to_str().expect("a plain name");
    let roundabout = format!("{}/./litware.ron", folder.path().display());
    // A scenario reads another file too.
    let scenario = folder.path().join("scenario.ron");
    std::fs::write(&scenario, r#"(topology: "litware.ron")"#).expect("a writable folder");
    let scenario_name = scenario.to_str().expect("a plain name");
    for arguments in [
        &["routes", name, "-o", name][..],
        &["routes", name, "-o", &roundabout],
        &["diff", LITWARE, name, "-o", name],
        &["explain", name, "--from", "Dublin", "--to", "Madrid", "-o", name],
        &["import", "ldif", name, "-o", name],
        &["simulate", scenario_name, "-o", name],
        &["simulate", scenario_name, "-o", scenario_name],
    ] {
        let (status, out, err) = said(arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.contains("would write over the input"), "{err}");
        assert_eq!(std::fs::read(&path).expect("a file"), text, "{arguments:?}");
        let scenario = std::fs::read(&scenario).expect("a file");
        assert_eq!(scenario, br#"(topology: "litware.ron")"#, "{arguments:?}");
    }
}

#[test]
fn an_edge_server_is_in_no_site_whatever_is_written_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("edge.ron");
    let text = r#"(sites: [(name: "A"), (name: "B")], site_links: [(name: "AB", sites: ["A", "B"])],
        servers: [(name: "h", version: Exchange2010Sp1, site: "A"), (name: "k", version: Exchange2010Sp1, site: "B"),
            (name: "e", version: Exchange2010Sp1, roles: [EdgeTransport], site: "B")],
        edge_subscriptions: [(edge: "e", site: "A")])"#;
    let name = path.to_str().expect("a plain name");
    let ask = |text: &str| {
        std::fs::write(&path, text).expect("a writable folder");
        let (status, out, err) = said(&["explain", name, "--from", "B", "--to", "server:e", "--format", "json"]);
        assert_eq!(status, Some(0), "{err}");
        out
    };
    let written = ask(text);
    assert!(written.contains("\"unreachable\""), "{written}");
    assert_eq!(written, ask(&text.replace(", site: \"B\")]", ")]")));
}
