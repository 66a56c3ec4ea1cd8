//! The worked examples of RT-5, by their ids: what the documents say in numbers, the twin has to say too.

use serde_json::json;

use super::Query;
use super::drawing::{E2007, ask, coexistence, drawing, group_connector, names, path, query, record, relays, sized};

#[test] // RW1
fn the_lowest_sum_wins() {
    let file = drawing("A-B 5, A-C 5, B-D 15, C-D 5, B-E 5, C-E 5");
    let record = record(&file, "A", "D");
    assert_eq!(names(&record["path"]), "A C D");
    assert_eq!(
        (record["site_cost"].as_u64(), &record["decided_by"]),
        (Some(10), &json!("cost"))
    );
}

#[test] // RW5
fn the_lower_name_wins_among_equals() {
    let file = drawing("A-B 5, B-D 5, A-C 5, C-D 5");
    assert_eq!(path(&file, "A", "D"), "A B D");
    assert_eq!(record(&file, "A", "D")["decided_by"], "name");
}

#[test] // RW6
fn mail_is_relayed_directly_past_sites_on_the_path() {
    let file = drawing("A-B 5, B-D 15, A-C 5, C-D 5");
    assert_eq!(path(&file, "A", "D"), "A C D");
    assert_eq!(relays(&file, "A", "D"), "A D");
    assert_eq!(record(&file, "A", "D")["relay"], "direct");
}

#[test] // RW7
fn a_hub_site_on_the_path_takes_the_mail_and_is_not_jumped_over() {
    let file = drawing("A-B 5, B-D 15, A-C* 5, C-D 5");
    assert_eq!(relays(&file, "A", "D"), "A C D");
    assert_eq!(record(&file, "A", "D")["relay"], "hub_site");
    let answer = ask(
        &file,
        &Query {
            down: vec![("site".into(), "C".into())],
            ..query("site:A", &["site:D"])
        },
    );
    assert_eq!(answer["outcome"], "queue");
    assert_eq!(answer["queued_at"], json!({ "site": "A" }));
    assert_eq!(names(&answer["tried"]), "C");
}

#[test] // RW9
fn a_hub_site_in_a_chain_is_a_stop() {
    let file = drawing("A-B 1, B-C* 1, C-D 1, D-E 1");
    assert_eq!(relays(&file, "A", "E"), "A C E");
}

#[test] // RW12
fn an_exchange_cost_moves_the_point_where_mail_waits() {
    let mut file = drawing("A-B 10, B-D 20, A-C 10, C-D 5");
    let down = Query {
        down: vec![("site".into(), "D".into())],
        ..query("site:A", &["site:D"])
    };
    assert_eq!(ask(&file, &down)["queued_at"], json!({ "site": "C" }));
    file["site_links"][3]["exchange_cost"] = json!(100);
    assert_eq!(ask(&file, &down)["queued_at"], json!({ "site": "B" }));
    assert_eq!(names(&ask(&file, &down)["tried"]), "D B");
}

#[test] // RW14
fn a_spoke_relays_directly_unless_the_centre_is_a_hub_site() {
    let spokes = drawing("A-B 1, A-C 1, A-D 1");
    assert_eq!(path(&spokes, "B", "C"), "B A C");
    assert_eq!(relays(&spokes, "B", "C"), "B C");
    let hub = drawing("A*-B 1, A-C 1, A-D 1");
    assert_eq!(relays(&hub, "B", "C"), "B A C");
}

#[test] // RW17
fn one_copy_goes_to_the_fork() {
    let mut file = drawing("A-B 1, B-D 1, B-E 1");
    file["servers"] = json!([
        { "name": "HA", "version": "Exchange2007Sp1", "site": "A" },
        { "name": "HB", "version": "Exchange2007Sp1", "site": "B" },
        { "name": "HD", "version": "Exchange2007Sp1", "site": "D" },
        { "name": "HE", "version": "Exchange2007Sp1", "site": "E" },
    ]);
    file["mailboxes"] = json!([
        { "address": "christine@contoso.example", "server": "HD" },
        { "address": "isabel@contoso.example", "server": "HE" },
        { "address": "madison@contoso.example", "server": "HE" },
    ]);
    let to = [
        "christine@contoso.example",
        "isabel@contoso.example",
        "madison@contoso.example",
    ];
    let (b, d, e) = (json!({ "site": "B" }), json!({ "site": "D" }), json!({ "site": "E" }));
    let from_a = ask(&file, &query("site:A", &to));
    assert_eq!(
        from_a,
        json!({ "copies": [{ "next_hop": b, "recipients": to, "split_at": b }] })
    );
    let two = [
        { json!({ "next_hop": d, "recipients": [to[0]] }) },
        json!({ "next_hop": e, "recipients": [to[1], to[2]] }),
    ];
    assert_eq!(ask(&file, &query("site:B", &to)), json!({ "copies": two }));
    // RT-5.3: from 2013 on the fork is no stop; two direct copies.
    for server in file["servers"].as_array_mut().expect("servers") {
        server["version"] = json!("Exchange2013");
    }
    assert_eq!(ask(&file, &query("site:A", &to)), json!({ "copies": two }));
}

#[test] // RW18
fn routing_group_cost_comes_before_site_cost() {
    let mut file = coexistence(&["1", "2"], &["RG A", "RG B"]);
    file["site_links"] = json!([{ "name": "1-2", "sites": ["1", "2"], "cost": 100 }]);
    file["routing_group_connectors"] = json!([
        group_connector("1 to A", E2007, "RG A", 5, "H-1", "BH-RG A"),
        group_connector("A to B", "RG A", "RG B", 5, "BH-RG A", "BH-RG B"),
        group_connector("2 to B", E2007, "RG B", 5, "H-2", "BH-RG B"),
    ]);
    file["connectors"] = json!([{
        "name": "Legacy", "kind": "LegacySmtp", "routing_group": "RG B", "source_servers": ["BH-RG B"],
        "address_spaces": ["smtp:exchangeexchange.com;10"],
    }]);
    let answer = ask(&file, &query("site:1", &["kim@exchangeexchange.com"]));
    assert_eq!(answer["connector"], "Legacy");
    assert_eq!(names(&answer["route"]["path"]), "1 2 RG B");
    assert_eq!(answer["route"]["routing_group_cost"], 5);
    assert_eq!(answer["route"]["site_cost"], 100);
    assert_eq!(answer["route"]["decided_by"], "routing_group_cost");
    assert_eq!(answer["route"]["relay"], "connector_source");
}

#[test] // RW21
fn the_more_specific_space_is_taken_before_the_less_specific() {
    let mut file = drawing("A-B 1");
    file["servers"] = json!([{ "name": "H", "version": "Exchange2016", "site": "A" }]);
    let connector = |name: &str, space: &str| json!({ "name": name, "kind": "Send", "source_servers": ["H"], "address_spaces": [space] });
    file["connectors"] = json!([
        connector("1 any", "*"),
        connector("2 wildcard", "*.contoso.com"),
        connector("3 exact", "marketing.contoso.com"),
    ]);
    let answer = ask(&file, &query("site:A", &["julia@marketing.contoso.com"]));
    let considered = json!([
        { "name": "3 exact", "verdict": "selected", "rule": "address_space" },
        { "name": "2 wildcard", "verdict": "lost", "rule": "address_space" },
        { "name": "1 any", "verdict": "lost", "rule": "address_space" },
    ]);
    assert_eq!(answer["considered"], considered);
    assert_eq!(answer["outcome"], "deliver");
}

#[test] // RW23
fn a_message_too_large_for_the_specific_connector_takes_another() {
    let mut file = drawing("A-B 1");
    file["servers"] = json!([{ "name": "H", "version": "Exchange2007Sp1", "site": "A" }]);
    file["connectors"] = json!([
        { "name": "C1", "kind": "Send", "source_servers": ["H"], "address_spaces": ["partner.example"], "max_message_size": "100KB" },
        { "name": "C2", "kind": "Send", "source_servers": ["H"], "address_spaces": ["*"] },
    ]);
    assert_eq!(
        ask(&file, &sized("site:A", "x@partner.example", 50 << 10))["connector"],
        "C1"
    );
    let large = ask(&file, &sized("site:A", "x@partner.example", 200 << 10));
    assert_eq!(
        (&large["connector"], &large["outcome"]),
        (&json!("C2"), &json!("deliver"))
    );
    assert_eq!(large["decided_by"], "only_candidate");
}

#[test] // RW28
fn legacy_mail_enters_where_the_connector_leads() {
    let mut file = coexistence(&["Chicago", "HongKong"], &["HK", "LON", "CHI"]);
    file["site_links"] = json!([{ "name": "link", "sites": ["Chicago", "HongKong"] }]);
    let mut connectors = vec![
        group_connector("CHI to 2007", "CHI", E2007, 1, "BH-CHI", "H-Chicago"),
        group_connector("2007 to CHI", E2007, "CHI", 1, "H-Chicago", "BH-CHI"),
        group_connector("HK to CHI", "HK", "CHI", 1, "BH-HK", "BH-CHI"),
        group_connector("CHI to HK", "CHI", "HK", 1, "BH-CHI", "BH-HK"),
    ];
    file["routing_group_connectors"] = json!(connectors);
    assert_eq!(path(&file, "HK", "HongKong"), "HK CHI Chicago HongKong");
    assert_eq!(relays(&file, "HK", "HongKong"), "HK CHI Chicago HongKong");
    connectors.push(group_connector("HK to 2007", "HK", E2007, 1, "BH-HK", "H-HongKong"));
    connectors.push(group_connector("2007 to HK", E2007, "HK", 1, "H-HongKong", "BH-HK"));
    file["routing_group_connectors"] = json!(connectors);
    assert_eq!(path(&file, "HK", "HongKong"), "HK HongKong");
}

#[test] // RW32
fn a_small_limit_on_the_least_cost_path_is_no_reason_for_a_detour() {
    let mut file = drawing("A-B 1, B-C 1, A-D 2, D-C 2");
    file["site_links"][1]["max_message_size"] = json!("5MB");
    let large = ask(&file, &sized("site:A", "site:C", 6 << 20));
    assert_eq!((&large["outcome"], &large["code"]), (&json!("ndr"), &json!("5.3.4")));
    assert_eq!(ask(&file, &sized("site:A", "site:C", 4 << 20))["outcome"], "route");
    assert_eq!(
        ask(&file, &sized("site:A", "site:C", 5 << 20))["outcome"],
        "route",
        "equal to the limit"
    );
    // R62: RTM does not see it.
    file["servers"] = json!([
        { "name": "HA", "version": "Exchange2007Rtm", "site": "A" },
        { "name": "HC", "version": "Exchange2007Rtm", "site": "C" },
    ]);
    assert_eq!(ask(&file, &sized("site:A", "site:C", 6 << 20))["outcome"], "route");
}

#[test] // RX2
fn names_are_compared_from_the_destination_backwards() {
    let file = drawing("A-B 5, A-C 5, B-Y 5, C-X 5, X-D 5, Y-D 5");
    assert_eq!(path(&file, "A", "D"), "A C X D");
    // RX3, derived: the way back compares B with C first, so it is another path.
    assert_eq!(path(&file, "D", "A"), "D Y B A");
}

#[test] // RX5
fn the_sites_of_a_link_are_pairwise_adjacent() {
    let mut file = drawing("A-C 250");
    file["sites"] = json!([{ "name": "A" }, { "name": "B" }, { "name": "C" }]);
    let three = json!({ "name": "three", "sites": ["A", "B", "C"], "cost": 100 });
    file["site_links"].as_array_mut().expect("links").push(three);
    let record = record(&file, "A", "C");
    assert_eq!(
        (record["site_cost"].as_u64(), record["hops"].as_u64()),
        (Some(100), Some(1))
    );
    assert_eq!(record["links"], json!(["three"]));
}

#[test] // RX7
fn connector_cost_is_the_sum_of_site_cost_and_space_cost() {
    let mut file = coexistence(&["A", "B"], &[]);
    file["site_links"] = json!([{ "name": "A-B", "sites": ["A", "B"], "cost": 100 }]);
    file["connectors"] = json!([
        { "name": "C1", "kind": "Send", "source_servers": ["H-B"], "address_spaces": ["*;1"] },
        { "name": "C2", "kind": "Send", "source_servers": ["H-A"], "address_spaces": ["*;50"] },
    ]);
    let answer = ask(&file, &query("site:A", &["x@partner.example"]));
    assert_eq!(
        (&answer["connector"], &answer["decided_by"]),
        (&json!("C2"), &json!("cost"))
    );
}

#[test] // RX10
fn a_2007_connector_wins_over_a_legacy_one_whatever_it_costs() {
    let mut file = coexistence(&["A", "B"], &["RG"]);
    file["site_links"] = json!([{ "name": "A-B", "sites": ["A", "B"], "cost": 500 }]);
    file["routing_group_connectors"] = json!([group_connector("A to RG", E2007, "RG", 1, "H-A", "BH-RG")]);
    file["connectors"] = json!([
        { "name": "Legacy", "kind": "LegacySmtp", "source_servers": ["BH-RG"], "address_spaces": ["*;1"] },
        { "name": "Modern", "kind": "Send", "source_servers": ["H-B"], "address_spaces": ["*;100"] },
    ]);
    let answer = ask(&file, &query("site:A", &["x@partner.example"]));
    assert_eq!(
        (&answer["connector"], &answer["decided_by"]),
        (&json!("Modern"), &json!("version"))
    );
}

#[test] // RX12
fn legacy_does_not_see_that_a_connector_is_disabled() {
    let mut file = coexistence(&["A"], &["RG"]);
    file["routing_group_connectors"] = json!([group_connector("RG to A", "RG", E2007, 1, "BH-RG", "H-A")]);
    file["connectors"] = json!([
        { "name": "Off", "kind": "Send", "source_servers": ["H-A"], "address_spaces": ["*.x.com"], "enabled": false },
        { "name": "On", "kind": "Send", "source_servers": ["H-A"], "address_spaces": ["*"] },
    ]);
    let modern = ask(&file, &query("site:A", &["a@mail.x.com"]));
    assert_eq!(modern["connector"], "On");
    assert_eq!(
        modern["considered"][1],
        json!({ "name": "Off", "verdict": "excluded", "rule": "disabled" })
    );
    let legacy = ask(&file, &query("rg:RG", &["a@mail.x.com"]));
    assert_eq!(legacy["connector"], "Off");
    assert_eq!(names(&legacy["route"]["path"]), "RG A");
}

#[test] // RX15
fn site_cost_decides_between_equal_routing_group_costs() {
    let mut file = coexistence(&["1", "2"], &["X"]);
    file["site_links"] = json!([{ "name": "1-2", "sites": ["1", "2"], "cost": 30 }]);
    file["routing_group_connectors"] = json!([
        group_connector("first", E2007, "X", 5, "H-1", "BH-X"),
        group_connector("second", E2007, "X", 5, "H-2", "BH-X"),
    ]);
    for (from, link) in [("1", "first"), ("2", "second")] {
        let record = record(&file, from, "X");
        assert_eq!(record["links"], json!([link]), "from {from}");
        assert_eq!(record["decided_by"], "site_cost");
        assert_eq!(record["relay"], "routing_group");
    }
}
