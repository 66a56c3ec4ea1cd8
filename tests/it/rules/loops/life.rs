//! What ends a message that circles: headers, limits, and who returns it (LS-1.8, LS-2.2, LS-3.7; Q12, Q13).

use serde_json::{Value, json};

use super::{case, joined, list, node, setting, text, verified};
use crate::twin::loops::drawing::{groups, named};

/// LW11: mail for London circles between E and Chicago when Chicago>London fails.
fn cities() -> Value {
    groups("Chicago-HK 10, Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1")
}

/// `2-2 | E: lap 16-16 H-E 30 5.4.6 unverified | rg:Chicago: lap 16-16 BH-Chicago 30 4.4.6 717`
fn life(file: &Value) -> String {
    let document = verified(&case(file), setting(1));
    let to_london = |witness: &&Value| witness["recipient"]["routing_group"] == "London";
    let witness = list(&document["witnesses"]).iter().find(to_london).expect("a loop");
    let life = &witness["life"];
    let range = |range: &Value| format!("{}-{}", range["min"], range["max"]);
    let ends = joined(&life["ends"], " | ", |end| {
        let known = match (end["documented"].as_bool(), end["event"].as_u64()) {
            (Some(true), Some(event)) => event.to_string(),
            (Some(false), None) => "unverified".to_owned(),
            other => panic!("{other:?}"),
        };
        let (from, code) = (node(&end["from"]), text(&end["code"]));
        let server = text(&end["server"]);
        format!(
            "{from}: lap {} {server} {} {code} {known}",
            range(&end["lap"]),
            end["limit"]
        )
    });
    format!("{} | {ends}", range(&life["headers_per_lap"]))
}

#[test] // 30 headers pass, and the 31st is the first of lap 16.
fn ls_6_26_two_headers_a_lap_last_for_15_laps_and_2003_returns_with_4_4_6() {
    let expected = "2-2 | E: lap 16-16 H-E 30 5.4.6 unverified | rg:Chicago: lap 16-16 BH-Chicago 30 4.4.6 717";
    assert_eq!(life(&cities()), expected);
}

#[test]
fn ls_6_25_limits_are_15_on_2000_and_30_on_2003_unless_the_file_says_otherwise() {
    let mut file = cities();
    named(&mut file, "servers", "BH-Chicago")["version"] = json!("Exchange2000");
    // Behind E Chicago's headers are even, else odd: 16 and 17 are the first above 15.
    let of_2000 = "2-2 | E: lap 8-8 BH-Chicago 15 4.4.6 717 | rg:Chicago: lap 9-9 BH-Chicago 15 4.4.6 717";
    assert_eq!(life(&file), of_2000);
    named(&mut file, "servers", "BH-Chicago")["max_hops"] = json!(10);
    let of_10 = "2-2 | E: lap 6-6 BH-Chicago 10 4.4.6 717 | rg:Chicago: lap 6-6 BH-Chicago 10 4.4.6 717";
    assert_eq!(life(&file), of_10);
}

#[test]
fn q12_the_own_header_counts() {
    let mut file = cities();
    named(&mut file, "servers", "BH-Chicago")["max_hops"] = json!(11);
    // The 11th header is Chicago's own, and passes; the 13th does not.
    let ends = life(&file);
    assert!(ends.contains("rg:Chicago: lap 7-7 BH-Chicago 11 4.4.6 717"), "{ends}");
}

#[test]
fn q13_the_limit_of_2007_is_that_of_its_receive_connectors() {
    let mut file = cities();
    file["receive_connectors"] = json!([
        { "name": "Default", "server": "H-E", "max_hop_count": 20 },
        { "name": "Client", "server": "H-E", "max_hop_count": 25 },
    ]);
    let expected = "2-2 | E: lap 11-11 H-E 20 5.4.6 unverified | rg:Chicago: lap 11-11 H-E 20 5.4.6 unverified";
    // From Chicago the 22nd header is the first of E above 20: lap 11 as well.
    assert_eq!(life(&file), expected);
}

#[test] // LS-3.7: 2 to 4 headers a lap
fn a_relay_inside_a_group_adds_a_header() {
    let mut file = cities();
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "BH2", "version": "Exchange2003", "routing_group": "Chicago" }));
    named(&mut file, "routing_group_connectors", "E>Chicago")["target_servers"] = json!(["BH2"]);
    let relayed = "3-3 | E: lap 11-11 H-E 30 5.4.6 unverified | rg:Chicago: lap 11-11 BH2 30 4.4.6 717";
    assert_eq!(life(&file), relayed);
    // Either server may take it; one sends it on itself, the other relays.
    named(&mut file, "routing_group_connectors", "E>Chicago")["target_servers"] = json!(["BH-Chicago", "BH2"]);
    let ends = life(&file);
    assert!(
        ends.starts_with("2-3 | E: lap 11-15 BH-Chicago 30 4.4.6 717 | "),
        "{ends}"
    );
    // And on the other side a hub that is no source server.
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H2", "version": "Exchange2010Sp1", "site": "E" }));
    named(&mut file, "routing_group_connectors", "Chicago>E")["target_servers"] = json!(["H2"]);
    assert!(life(&file).starts_with("3-4 | "), "{}", life(&file));
}

#[test] // LS-3.7: E hands to Y, where the connector to Chicago begins: the 31st header is the first of lap 11, wherever it begins.
fn a_hand_over_between_sites_adds_a_header() {
    let mut file = cities();
    file["sites"] = json!([{ "name": "E" }, { "name": "Y" }]);
    file["site_links"] = json!([{ "name": "E-Y", "sites": ["E", "Y"], "cost": 10 }]);
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-Y", "version": "Exchange2010Sp1", "site": "Y" }));
    named(&mut file, "routing_group_connectors", "E>Chicago")["source_servers"] = json!(["H-Y"]);
    let expected = "3-3 | E: lap 11-11 H-E 30 5.4.6 unverified | Y: lap 11-11 H-Y 30 5.4.6 unverified \
                    | rg:Chicago: lap 11-11 BH-Chicago 30 4.4.6 717";
    assert_eq!(life(&file), expected);
}

#[test]
fn a_file_may_state_a_limit_that_no_message_reaches() {
    let mut file = cities();
    named(&mut file, "servers", "BH-Chicago")["max_hops"] = json!(4_000_000_000_u32);
    assert_eq!(life(&file).matches("H-E 30").count(), 2);
}
