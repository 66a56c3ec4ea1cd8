//! What the commands that answer show.

use super::*;

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

/// R34 is about connectors that are down. What refuses the message is left out by another rule (LS-2.1).
#[test]
fn a_legacy_sender_that_goes_around_a_refusal_is_told_so() {
    const DOWN: &str = "R34, Message Routing";
    const REFUSED: &str = "R45–R47, LS-2.1, Message Routing";
    let hours = "topologies/lc3-hours/night.ron --from rg:V --to rg:R";
    let sizes = "topologies/lw12-size-limit/rtm.ron --from rg:V --to rg:R";
    let lists = "topologies/r43-r51-table-2/topology.ron --from rg:L";
    for (question, more, rules) in [
        (hours, &["--at", "Mon 23:00"][..], &[REFUSED][..]),
        (hours, &["--at", "Mon 06:00"], &[DOWN]),
        // What is down is in nobody's way, and the refusal still is.
        (
            hours,
            &["--at", "Mon 23:00", "--down", "connector:R to V"],
            &[REFUSED, DOWN],
        ),
        (hours, &["--down", "connector:V to R"], &[DOWN]),
        (sizes, &["--size", "20MB"], &[REFUSED]),
        (sizes, &["--size", "10MB"], &[DOWN]),
        // By sender is L's own, and closer to the address than Wide.
        (
            lists,
            &["--to", "bob@r45.example", "--sender", "eve@contoso.example"],
            &[REFUSED],
        ),
        (lists, &["--to", "bob@r46.example", "--priority", "Low"], &[REFUSED]),
        (lists, &["--to", "bob@r47.example"], &[REFUSED]),
        // Small is on the 2007 side as Wide is, and closer.
        (lists, &["--to", "bob@r49.example", "--size", "2MB"], &[REFUSED]),
        (lists, &["--to", "bob@r49.example"], &[DOWN]),
    ] {
        let arguments: Vec<&str> = ["explain"]
            .into_iter()
            .chain(question.split(' '))
            .chain(more.iter().copied())
            .collect();
        let answer = done(&arguments);
        let told: Vec<&str> = [REFUSED, DOWN]
            .into_iter()
            .filter(|rule| answer.contains(rule))
            .collect();
        assert_eq!(told, rules, "{arguments:?}: {answer}");
    }
}

#[test]
fn what_diff_shows() {
    snapshot("diff-litware", &done(&["diff", LITWARE, LATER]));
    assert_eq!(done(&["diff", LITWARE, LITWARE]), "No route moves: 30 are the same.\n");
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
    let folder = folder();
    let certificate = folder.path().join("certificate.json");
    let path = text_of(&certificate);
    // Mail of a sender who is denied a connector circles there, so both end with status 1.
    let loops = |arguments: &[&str]| {
        let output = run(&[&["verify", WINGTIP], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        String::from_utf8(output.stdout).expect("results are UTF-8")
    };
    loops(&["--max-failures", "0", "--certificate", path]);
    valid(
        "certificate",
        &std::fs::read_to_string(&certificate).expect("a certificate"),
    );
    valid("check", &loops(&["--check", path, "--format", "json"]));
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
    for (scenario, more, status) in [
        ("topologies/sim-retries/outage.ron", &[][..], 0),
        ("topologies/sim-retries/still-waiting.ron", &[], 1),
        ("topologies/sim-retries/outage.ron", &["--max-events", "30"], 4),
        ("topologies/sim-retries/outage.ron", &["--stop", "HUB-A@3:destroy"], 1),
        (
            "topologies/sim-retries/outage.ron",
            &["--explore", "--max-runs", "3"],
            1,
        ),
    ] {
        let output = run(&[&["simulate", scenario, "--format", "json"], more].concat());
        assert_eq!(output.status.code(), Some(status), "{scenario}: {}", stderr(&output));
        valid("simulate", std::str::from_utf8(&output.stdout).expect("UTF-8"));
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
fn explain_tells_copies_that_leave_from_mail_that_stays() {
    let folder = folder();
    let topology = file(
        &folder,
        "topology.ron",
        r#"(
    format: "bridgehead.topology/1",
    sites: [(name: "Rome"), (name: "Turin")],
    site_links: [(name: "RT", sites: ["Rome", "Turin"], cost: 10)],
    servers: [
        (name: "R1", version: Exchange2010Sp3, site: "Rome"),
        (name: "T1", version: Exchange2010Sp3, site: "Turin"),
    ],
    mailboxes: [
        (address: "a@litware.example", server: "R1"),
        (address: "b@litware.example", server: "R1"),
        (address: "c@litware.example", server: "T1"),
    ],
    groups: [
        (address: "near@litware.example", members: ["a@litware.example", "b@litware.example"]),
        (address: "all@litware.example", members: ["near@litware.example", "c@litware.example"]),
        (address: "ring@litware.example", members: ["ring@litware.example"]),
    ],
)"#,
    );
    for (to, told) in [
        (
            "near@litware.example",
            "Nothing leaves site Rome. Mail for 2 recipients is delivered there.",
        ),
        (
            "all@litware.example",
            "One copy leaves site Rome for 1 recipient. Mail for 2 recipients is delivered there.",
        ),
        (
            "ring@litware.example",
            "Nothing leaves site Rome: the group has no members but groups.",
        ),
    ] {
        let text = done(&["explain", text_of(&topology), "--from", "Rome", "--to", to]);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&text).contains(told), "{text}");
    }
}
