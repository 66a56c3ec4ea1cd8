//! What the documents leave open about loops (V5, V12, V14, V16, V24) and a change under way (LC7), worked out by hand.

use bridgehead::verify::{World, skew};
use serde_json::{Value, json};

use super::classes::CITIES;
use super::{case, fix_text, holes, line, list, outside, setting, told, told_for, verified};
use crate::engine::engine_skew;
use crate::twin::Options;
use crate::twin::loops::drawing::{NONE, groups, named, suppress_all};

#[test]
fn v5_v24_a_way_of_two_connectors_counts_beside_one_that_costs_as_much() {
    // S is silent about S>A and S>B. From A to B it is 2 either way, over S or not, and so from B to A: both ways count, however
    // many connectors they have, and wherever on the way the failed one is.
    let mut file = groups("A-B 2, A-S 1, S-B 1");
    assert_eq!(holes(&file), NONE);
    named(&mut file, "servers", "BH-S")["suppress_state_changes"] = json!(true);
    assert_eq!(
        holes(&file),
        [
            "S>A: rg:B rg:S for rg:A, suppressed",
            "S>B: rg:A rg:S for rg:B, suppressed"
        ]
    );
    // A dearer way over S is none of theirs.
    named(&mut file, "routing_group_connectors", "S>A")["cost"] = json!(2);
    assert_eq!(
        holes(&file),
        ["S>A: rg:S for rg:A, suppressed", "S>B: rg:A rg:S for rg:B, suppressed"]
    );
}

#[test]
fn v24_what_fits_less_is_no_other_way_out() {
    let mut file = groups("A-B 1");
    suppress_all(&mut file);
    let spec = "Spec: rg:A rg:B for SMTP:partner.example, suppressed".to_owned();
    file["connectors"] = json!([outside("Spec", "A", "partner.example;1"), outside("All", "A", "*;1")]);
    assert!(!holes(&file).contains(&spec), "D40: All does not serve in its place");
    file["connectors"] = json!([
        outside("Spec", "A", "partner.example;1"),
        outside("More", "A", "partner.example;9")
    ]);
    assert!(holes(&file).contains(&spec), "{:?}", holes(&file));
}

#[test]
fn v12_any_kind_and_either_direction_joins_where_both_ends_can_talk() {
    // LW17: mail for B circles between A and S exactly when S does not hear of A>B.
    let mut file = groups("A-B 1, A-S 1, S-B 10");
    let of_s = ["S>A", "S>B", "A>S", "B>S"];
    for name in of_s {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    assert_eq!(told_for(&file, "rg:B", 1), NONE, "X.400 carries news");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "Old", "version": "Exchange55", "routing_group": "S" }));
    for name in of_s {
        let end = if name.starts_with('S') {
            "source_servers"
        } else {
            "target_servers"
        };
        named(&mut file, "routing_group_connectors", name)[end] = json!(["Old"]);
    }
    let circle = ["rg:B [A>B] rg:A > rg:S must"];
    assert_eq!(told_for(&file, "rg:B", 1), circle, "5.5 tells nobody");
    named(&mut file, "routing_group_connectors", "B>S")["target_servers"] = json!(["BH-S"]);
    assert_eq!(told_for(&file, "rg:B", 1), NONE, "one connector, one direction");
    named(&mut file, "servers", "BH-S")["link_state_blocked"] = json!(true);
    assert_eq!(told_for(&file, "rg:B", 1), circle, "its port is closed");
}

#[test]
fn v14_without_the_option_5_5_sends_mail_back_just_the_same() {
    // LW18. X hears of nothing that fails elsewhere, with the option or without, so that switching it off is no repair.
    let mut file = groups("A-B 1, X-A 1, X-B 5");
    named(&mut file, "servers", "BH-X")["version"] = json!("Exchange55");
    for option in [true, false] {
        named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(option);
        let found = verified(&case(&file), setting(1));
        let lines: Vec<String> = list(&found["witnesses"]).iter().map(line).collect();
        assert_eq!(lines, ["rg:B [A>B] rg:A > rg:X must"], "{option}");
        assert_eq!(
            fix_text(&found["repair"]["edits"]),
            "suppress_state_changes BH-A 1",
            "{option}"
        );
    }
}

#[test]
fn v16_what_nobody_acts_on_is_in_no_set() {
    let mut file = groups(CITIES);
    let checked = |file: &Value| verified(&case(file), setting(2))["checked"].clone();
    // E, Chicago, HK, London: one recipient each, and nothing failed is the one set of each.
    suppress_all(&mut file);
    assert_eq!(checked(&file), 4);
    named(&mut file, "servers", "BH-Chicago")["suppress_state_changes"] = json!(false);
    assert_eq!(told(&file, 2), ["rg:London [Chicago>London] E > rg:Chicago must"]);
}

#[test]
fn lc7_lw16_a_change_that_legacy_has_not_heard_of() {
    // V to R: 10 by itself, 7 over E and W. Then V>R costs 1, which E knows at once.
    let old = groups("E-V 1, E-W 1, V-R 10, W-R 5");
    let mut new = old.clone();
    named(&mut new, "routing_group_connectors", "V>R")["cost"] = json!(1);
    let between = |new: &Value, old: &Value| engine_skew(&new.to_string(), &old.to_string(), &Options::default(), 0);
    let found = between(&new, &old);
    let lines: Vec<String> = list(&found).iter().map(line).collect();
    assert_eq!(lines, ["rg:R [] E > rg:V must"]);
    assert_eq!(found[0]["views"], json!({ "previous": [{ "routing_group": "V" }] }));
    assert_eq!(between(&old, &old), json!([]));
    // V32: what V would send over is gone by now, and its mail waits.
    named(&mut new, "routing_group_connectors", "V>E")["name"] = json!("V>E anew");
    assert_eq!(between(&new, &old), json!([]));
}

#[test]
fn lc7_a_change_that_legacy_has_not_heard_of_circles_over_sites_too() {
    // LW16 with a second site: V hands to E, where nothing begins; E hands to Y, where the connector to V does.
    let mut old = groups("E-V 1, E-W 1, V-R 10, W-R 5");
    old["sites"] = json!([{ "name": "E" }, { "name": "Y" }]);
    old["site_links"] = json!([{ "name": "E-Y", "sites": ["E", "Y"], "cost": 100 }]);
    let servers = old["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-Y", "version": "Exchange2010Sp1", "site": "Y" }));
    named(&mut old, "routing_group_connectors", "E>V")["source_servers"] = json!(["H-Y"]);
    let mut new = old.clone();
    named(&mut new, "routing_group_connectors", "V>R")["cost"] = json!(1);
    let found = engine_skew(&new.to_string(), &old.to_string(), &Options::default(), 0);
    let lines: Vec<String> = list(&found).iter().map(line).collect();
    assert_eq!(lines, ["rg:R [] E > Y > rg:V must"]);
}

#[test]
fn what_is_tried_of_a_change_is_counted() {
    // E, R, V and W, each with nothing failed.
    let case = case(&groups("E-V 1, E-W 1, V-R 10, W-R 5"));
    let setting = setting(0);
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    assert_eq!(skew(&world, &world, setting.bounds).checked, 4);
}

#[test]
fn v20_a_circle_through_both_generations_of_a_site_begins_at_the_lowest_list_of_nodes() {
    // Nobody takes a@b.c from U or V to R: both go by E>W for 52. RTM sees no X.400, so that V is its way, for 11; U is the other's, for 2.
    // U hands to RTM, and V to the other: E, V, E, U as the older generation begins, and E, U, E, V as the other does.
    let mut file = groups("E-U 1, U>R 1, E-V 1, V>R 10, E>W 50, W>R 1");
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-F", "version": "Exchange2007Sp1", "site": "E" }));
    named(&mut file, "routing_group_connectors", "U>R")["kind"] = json!("X400");
    named(&mut file, "routing_group_connectors", "E>U")["source_servers"] = json!(["H-F"]);
    named(&mut file, "routing_group_connectors", "V>E")["target_servers"] = json!(["H-F"]);
    for name in ["U>R", "V>R"] {
        named(&mut file, "routing_group_connectors", name)["restrictions"] = json!({ "denied_senders": ["a@b.c"] });
    }
    assert_eq!(told(&file, 0), ["rg:R [] E > rg:U > E > rg:V must"]);
}
