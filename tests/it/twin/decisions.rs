//! What the documents leave open, by the ids of `src/route/DECISIONS.md`: one example each where a slip would
//! otherwise be made by engine and twin alike.

use serde_json::{Value, json};

use super::drawing::{E2007, ask, coexistence, drawing, group_connector, names, path, query, record};
use super::{Backoff, LegacyCost, LegacyTie, Options, Org, Query, explain, routes};

fn binary_backoff(file: &Value, from: &str, to: &str) -> String {
    let options = Options {
        backoff: Backoff::Binary,
        ..Options::default()
    };
    let routes = routes(&Org::parse(&file.to_string()), &options);
    let wanted = |record: &&Value| record["from"]["site"] == from && record["to"]["site"] == to;
    let records = routes.as_array().expect("a list of records");
    names(&records.iter().find(wanted).expect("a record of the pair")["backoff"])
}

#[test] // D9
fn binary_backoff_halves_the_way_on_long_paths_only() {
    let chain = drawing("A-B 1, B-C 1, C-D 1, D-E 1, E-F 1, F-G 1");
    assert_eq!(binary_backoff(&chain, "A", "G"), "D B", "six hops");
    assert_eq!(binary_backoff(&chain, "A", "E"), "D C B", "four hops");
    let hub = drawing("A-B 1, B-C 1, C-D 1, D-E* 1, E-F 1, F-G 1");
    assert_eq!(binary_backoff(&hub, "A", "G"), "C B", "up to the hub site");
}

#[test] // D7
fn parallel_links_are_one_path() {
    let mut file = drawing("A-B 5");
    let parallel = json!({ "name": "0 parallel", "sites": ["B", "A"], "cost": 5 });
    file["site_links"].as_array_mut().expect("links").push(parallel);
    let record = record(&file, "A", "B");
    assert_eq!(
        (&record["links"], &record["decided_by"]),
        (&json!(["0 parallel"]), &json!("cost"))
    );
}

#[test] // D8
fn a_hub_site_without_a_transport_server_is_passed_by() {
    let mut file = drawing("A-B* 1, B-C 1");
    file["servers"] = json!([
        { "name": "HA", "version": "Exchange2010Sp1", "site": "A" },
        { "name": "HC", "version": "Exchange2010Sp1", "site": "C" },
    ]);
    assert_eq!(record(&file, "A", "C")["next_hop"], json!({ "site": "C" }));
    assert_eq!(path(&file, "A", "C"), "A B C");
    assert_eq!(record(&file, "A", "C")["backoff"], json!([]));
}

#[test] // D14, D15
fn legacy_mail_passes_the_2007_group_from_entry_to_exit() {
    let mut file = coexistence(&["1", "2"], &["X", "Y"]);
    file["site_links"] = json!([{ "name": "1-2", "sites": ["1", "2"], "cost": 7 }]);
    file["routing_group_connectors"] = json!([
        group_connector("in", "X", E2007, 1, "BH-X", "H-1"),
        group_connector("out", E2007, "Y", 1, "H-2", "BH-Y"),
    ]);
    let through = record(&file, "X", "Y");
    assert_eq!(names(&through["path"]), "X 1 2 Y");
    assert_eq!(through["links"], json!(["in", "1-2", "out"]));
    assert_eq!(
        (&through["site_cost"], &through["routing_group_cost"]),
        (&json!(7), &json!(2))
    );
    assert_eq!(through.get("ambiguous"), None);
    // Target servers in two sites: any of them may be taken.
    file["routing_group_connectors"][0]["target_servers"] = json!(["H-2", "H-1"]);
    let through = record(&file, "X", "Y");
    assert_eq!(
        (names(&through["path"]), &through["ambiguous"]),
        ("X 1 2 Y".to_owned(), &json!(true))
    );
}

#[test] // D12
fn only_rtm_does_not_see_x400_connectors_between_groups() {
    let mut file = coexistence(&["1"], &["X", "Y"]);
    file["routing_group_connectors"] = json!([
        group_connector("to X", E2007, "X", 1, "H-1", "BH-X"),
        group_connector("to Y", E2007, "Y", 9, "H-1", "BH-Y"),
        group_connector("X to Y", "X", "Y", 1, "BH-X", "BH-Y"),
    ]);
    file["routing_group_connectors"][2]["kind"] = json!("X400");
    assert_eq!(path(&file, "1", "Y"), "1 X Y");
    file["servers"][0]["version"] = json!("Exchange2007Rtm");
    assert_eq!(path(&file, "1", "Y"), "1 Y");
    file["routing_group_connectors"][2]["kind"] = json!("Smtp");
    assert_eq!(path(&file, "1", "Y"), "1 X Y");
}

#[test] // D27
fn the_cost_of_a_legacy_connector_is_a_pair_unless_it_is_to_be_a_sum() {
    let mut file = coexistence(&["1", "2"], &["X", "Y"]);
    file["site_links"] = json!([{ "name": "1-2", "sites": ["1", "2"], "cost": 50 }]);
    file["routing_group_connectors"] = json!([
        group_connector("near", E2007, "X", 20, "H-1", "BH-X"),
        group_connector("far", E2007, "Y", 5, "H-2", "BH-Y"),
    ]);
    file["connectors"] = json!([
        { "name": "Near", "kind": "LegacySmtp", "source_servers": ["BH-X"], "address_spaces": ["*"] },
        { "name": "Far", "kind": "LegacySmtp", "source_servers": ["BH-Y"], "address_spaces": ["*"] },
    ]);
    for (legacy_cost, connector) in [(LegacyCost::Pair, "Far"), (LegacyCost::Sum, "Near")] {
        let options = Options {
            legacy_cost,
            ..Options::default()
        };
        let org = Org::parse(&file.to_string());
        let answer = explain(&org, &options, &query("site:1", &["x@partner.example"]));
        assert_eq!(answer["connector"], connector, "{legacy_cost:?}");
    }
}

#[test] // D13
fn hops_come_before_connector_names_unless_they_are_not_to_count() {
    let mut file = coexistence(&["1"], &["X", "Y"]);
    file["routing_group_connectors"] = json!([
        group_connector("a", E2007, "X", 1, "H-1", "BH-X"),
        group_connector("b", "X", "Y", 1, "BH-X", "BH-Y"),
        group_connector("c", E2007, "Y", 2, "H-1", "BH-Y"),
    ]);
    for (legacy_tie, links, decided_by) in [
        (LegacyTie::Hops, json!(["c"]), "hops"),
        (LegacyTie::Names, json!(["a", "b"]), "name"),
    ] {
        let options = Options {
            legacy_tie,
            ..Options::default()
        };
        let routes = routes(&Org::parse(&file.to_string()), &options);
        let wanted = |record: &&Value| record["to"]["routing_group"] == "Y" && record["from"]["site"] == "1";
        let records = routes.as_array().expect("a list of records");
        let record = records.iter().find(wanted).expect("a record of the pair");
        assert_eq!((&record["links"], &record["decided_by"]), (&links, &json!(decided_by)));
    }
}

/// Group X with a specific connector, group Y with one for everything.
fn two_legacy_connectors() -> Value {
    let mut file = coexistence(&["1"], &["X", "Y"]);
    file["routing_group_connectors"] = json!([group_connector("X to Y", "X", "Y", 1, "BH-X", "BH-Y")]);
    file["connectors"] = json!([
        { "name": "Any", "kind": "LegacySmtp", "source_servers": ["BH-X"], "address_spaces": ["*"] },
        { "name": "Partner", "kind": "LegacySmtp", "source_servers": ["BH-Y"], "address_spaces": ["partner.example"] },
    ]);
    file
}

#[test] // LS-2.1, D40
fn a_specific_legacy_connector_that_is_down_does_not_give_way() {
    let file = two_legacy_connectors();
    let up = ask(&file, &query("rg:X", &["a@partner.example"]));
    assert_eq!(
        (&up["connector"], &up["decided_by"]),
        (&json!("Partner"), &json!("address_space"))
    );
    for down in ["Partner", "X to Y"] {
        let down = vec![("connector".to_owned(), down.to_owned())];
        let answer = ask(
            &file,
            &Query {
                down,
                ..query("rg:X", &["a@partner.example"])
            },
        );
        assert_eq!(
            (&answer["outcome"], &answer["queued_at"]),
            (&json!("queue"), &json!({ "routing_group": "X" }))
        );
        assert_eq!(answer.get("connector"), None);
    }
}

#[test] // D34, D36
fn a_hub_site_before_the_fork_takes_the_copy_and_passes_it_on() {
    let file = drawing("A-B* 1, B-C 1, C-D 1, C-E 1");
    let answer = ask(&file, &query("site:A", &["site:D", "site:E", "site:A"]));
    let copies = json!([
        { "next_hop": { "site": "A" }, "recipients": ["site:A"] },
        { "next_hop": { "site": "B" }, "recipients": ["site:D", "site:E"], "split_at": { "site": "C" } },
    ]);
    assert_eq!(answer["copies"], copies);
}

#[test] // D21
fn an_unknown_address_of_an_authoritative_domain_is_refused() {
    let mut file = drawing("A-B 1");
    file["accepted_domains"] = json!([
        { "domain": "*.contoso.example", "kind": "Authoritative" },
        { "domain": "relay.contoso.example", "kind": "InternalRelay" },
    ]);
    let outcome = |address: &str| {
        let answer = ask(&file, &query("site:A", &[address]));
        (answer["outcome"].clone(), answer["code"].clone())
    };
    assert_eq!(outcome("x@eu.contoso.example"), (json!("ndr"), json!("5.1.1")));
    assert_eq!(outcome("x@relay.contoso.example"), (json!("unreachable"), Value::Null));
    assert_eq!(outcome("FAX:1"), (json!("ndr"), json!("5.4.4")));
}
