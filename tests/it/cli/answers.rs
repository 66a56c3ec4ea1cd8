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
