//! One test for each class of loops (LS-3.3), and what the contract says of witnesses and black holes.

use bridgehead::route::DefaultSize;
use bridgehead::verify::message_classes;
use serde_json::{Value, json};

use super::{case, fix_text, holes, lines, list, outside, setting, told, told_for, verified};
use crate::twin::loops::drawing::{NONE, between, groups, named, suppress_all};

pub(super) const CITIES: &str = "Chicago-HK 10, Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1";
/// A way over V and R that is cheap, and one over W.
const TWO_WAYS: &str = "E-V 1, E>W 5, W>E 1, V-R 1, W-R 1";

fn set_version(file: &mut Value, version: &str) {
    named(file, "servers", "H-E")["version"] = json!(version);
}

#[test]
fn lc1_legacy_goes_around_what_is_down_and_2007_sends_it_back() {
    let mut file = groups(CITIES);
    assert_eq!(told(&file, 0), NONE);
    assert_eq!(told(&file, 2), ["rg:London [Chicago>London] E > rg:Chicago must"]);
    suppress_all(&mut file);
    assert_eq!(told(&file, 3), NONE, "suppression cures it");
}

#[test]
fn lc2_a_size_limit_that_only_legacy_sees() {
    let mut file = groups(TWO_WAYS);
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    set_version(&mut file, "Exchange2007Rtm");
    suppress_all(&mut file);
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"]);
    assert_eq!(
        found["witnesses"][0]["message_class"],
        json!({ "size": { "min": 10_485_761, "max": null }, "sender": "other", "priority": "Normal", "type": "NonSystem" })
    );
    assert_eq!(
        list(&found["witnesses"][0]["also_in"]).len(),
        1,
        "the system's mail too"
    );
    set_version(&mut file, "Exchange2007Sp1");
    let found = verified(&case(&file), setting(0));
    let types: Vec<&Value> = list(&found["witnesses"])
        .iter()
        .map(|witness| &witness["message_class"]["type"])
        .collect();
    assert_eq!(types, ["System", "System"], "Service Pack 1 returns all others");
}

#[test]
fn system_messages_are_told_apart_wherever_there_is_a_limit() {
    let mut file = groups("A-B 1, E-A 1, E-B 5");
    assert_eq!(told(&file, 0), NONE);
    named(&mut file, "routing_group_connectors", "A>B")["max_message_size"] = json!("10MB");
    set_version(&mut file, "Exchange2007Sp1");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:B [] E > rg:A must"], "no list names a type");
    let witness = &found["witnesses"][0];
    let too_large = json!({ "size": { "min": 10_485_761, "max": null }, "sender": "other", "priority": "Normal", "type": "System" });
    assert_eq!(witness["message_class"], too_large);
    assert_eq!(witness["also_in"], Value::Null, "nobody else's mail");
    named(&mut file, "routing_group_connectors", "A>B")["max_message_size"] = json!("unlimited");
    assert_eq!(told(&file, 0), NONE);
}

#[test]
fn lc3_a_restriction_that_only_legacy_honours() {
    for (restrictions, sender, priority, kind, more) in [
        (
            json!({ "denied_senders": ["Ann@contoso.example"] }),
            "Ann@contoso.example",
            "Normal",
            "NonSystem",
            0,
        ),
        (
            json!({ "allowed_senders": ["ann@contoso.example"] }),
            "other",
            "Normal",
            "NonSystem",
            0,
        ),
        (json!({ "priorities": ["High"] }), "other", "Normal", "NonSystem", 1),
        (
            json!({ "message_types": ["NonSystem"] }),
            "other",
            "Normal",
            "System",
            0,
        ),
        (json!({ "schedule": "Never" }), "other", "Normal", "NonSystem", 0),
    ] {
        let mut file = groups(TWO_WAYS);
        suppress_all(&mut file);
        named(&mut file, "routing_group_connectors", "V>R")["restrictions"] = restrictions.clone();
        let found = verified(&case(&file), setting(0));
        assert_eq!(
            lines(&found),
            ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"],
            "{restrictions}"
        );
        let witness = &found["witnesses"][0];
        let class = json!({ "size": null, "sender": sender, "priority": priority, "type": kind });
        assert_eq!(witness["message_class"], class, "{restrictions}");
        assert_eq!(
            witness["also_in"].as_array().map_or(0, Vec::len),
            more,
            "{restrictions}"
        );
        assert_eq!(fix_text(&witness["fix"]), "lift_restrictions V>R -", "{restrictions}");
    }
}

#[test]
fn lc4_x400_links_that_rtm_does_not_see() {
    let mut file = groups("E-V 1, E-W 1, V-R 9, W-R 1");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    set_version(&mut file, "Exchange2007Rtm");
    suppress_all(&mut file);
    assert_eq!(told(&file, 0), ["rg:R [] E > rg:V must"]);
    set_version(&mut file, "Exchange2007Sp1");
    assert_eq!(told(&file, 0), NONE);
}

#[test]
fn lc5_a_disabled_connector_that_legacy_still_prefers() {
    let mut file = groups("E-V 1");
    file["connectors"] = json!([outside("Own", "V", "partner.example;10"), {
        "name": "Off", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["partner.example"], "enabled": false,
    }]);
    suppress_all(&mut file);
    assert_eq!(told(&file, 0), ["SMTP:partner.example [] E > rg:V must"]);
    named(&mut file, "connectors", "Off")["enabled"] = json!(true);
    assert_eq!(told(&file, 0), NONE);
}

#[test]
fn lc6_a_dead_smart_host() {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([outside("To W", "W", "*;1"), outside("To V", "V", "*;10")]);
    assert_eq!(told(&file, 2), ["SMTP:* [To W] E > rg:W must"]);
    // A more specific connector gives way to nobody (D40).
    named(&mut file, "connectors", "To V")["address_spaces"] = json!(["*.example"]);
    assert_eq!(told(&file, 2), NONE);
}

#[test]
fn lc8_a_group_that_hears_of_nothing() {
    let drawing = "A-B 1, A-S 1, S-B 10";
    assert_eq!(told(&groups(drawing), 1), NONE);
    let with = |collection: &str, name: &str, field: &str, value: Value| {
        let mut file = groups(drawing);
        named(&mut file, collection, name)[field] = value;
        told_for(&file, "rg:B", 1)
    };
    let expected = ["rg:B [A>B] rg:A > rg:S must"];
    assert_eq!(with("routing_groups", "S", "stale", json!(true)), expected);
    assert_eq!(with("routing_groups", "S", "master", json!("")), expected);
    assert_eq!(with("servers", "BH-S", "link_state_blocked", json!(true)), expected);
    assert_eq!(with("servers", "BH-S", "version", json!("Exchange55")), expected);
    assert_eq!(with("routing_groups", "S", "master", json!("BH-S")), NONE);
}

#[test]
fn lc9_an_old_server_that_takes_the_cheapest_way_whatever_fails() {
    let mut file = groups("A-B 1, X-A 1, X-B 5");
    named(&mut file, "servers", "BH-X")["version"] = json!("Exchange55");
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(true);
    assert_eq!(told_for(&file, "rg:B", 1), ["rg:B [A>B] rg:A > rg:X must"]);
    // It does not even act on its own connectors.
    assert!(
        holes(&file).contains(&"X>A: rg:X for rg:A rg:B, nobody_listens".to_owned()),
        "{:?}",
        holes(&file)
    );
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(false);
    assert_eq!(holes(&file), NONE);
    // 2003 does not have the option.
    named(&mut file, "servers", "BH-X")["version"] = json!("Exchange2003");
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(true);
    assert_eq!(told(&file, 1), NONE);
}

#[test]
fn ties_make_a_loop_possible_and_more_failures_make_it_certain() {
    // A to R with its connector down: over S or over E, 6 either way.
    let file = groups("A-R 1, A-S 3, S-R 3, E-A 1, E-R 5");
    assert_eq!(told_for(&file, "rg:R", 1), ["rg:R [A>R] E > rg:A may"]);
    assert_eq!(
        told_for(&file, "rg:R", 2),
        [
            "rg:R [A>R] E > rg:A may",
            "rg:R [A>R, A>S] E > rg:A must",
            "rg:R [A>R, S>R] E > rg:A must",
        ]
    );
}

#[test]
fn each_generation_in_a_site_is_a_router_of_its_own() {
    let mut file = groups(TWO_WAYS);
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    // What the system sends passes every limit on the 2007 side, and does not get there.
    for name in ["V>E", "W>E"] {
        named(&mut file, "routing_group_connectors", name)["restrictions"] = json!({ "message_types": ["NonSystem"] });
    }
    set_version(&mut file, "Exchange2007Rtm");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H2-E", "version": "Exchange2010Sp1", "site": "E" }));
    for (targets, expected) in [
        (json!(["H-E"]), &["rg:R [] E > rg:V must"][..]),
        (json!(["H2-E"]), &[]),
        (json!(["H-E", "H2-E"]), &["rg:R [] E > rg:V may"]),
    ] {
        named(&mut file, "routing_group_connectors", "V>E")["target_servers"] = targets.clone();
        assert_eq!(told_for(&file, "rg:R", 0), expected, "{targets}");
    }
    let found = verified(&case(&file), setting(0));
    assert_eq!(found["witnesses"][0]["steps"][0]["generation"], "2007 RTM");
}

#[test]
fn a_loop_that_classes_share_is_listed_once() {
    let mut file = groups("A-B 1, E-A 1, E-B 5, B-C 1");
    named(&mut file, "routing_group_connectors", "B>C")["max_message_size"] = json!("1MB");
    let found = verified(&case(&file), setting(1));
    let to_b: Vec<&Value> = list(&found["witnesses"])
        .iter()
        .filter(|witness| witness["recipient"] == json!({ "routing_group": "B" }))
        .collect();
    assert_eq!(to_b.len(), 1);
    assert_eq!(to_b[0]["message_class"]["size"], json!({ "min": 0, "max": 1_048_576 }));
    let class = |min: u64, max: Option<u64>, kind: &str| json!({ "size": { "min": min, "max": max }, "sender": "other", "priority": "Normal", "type": kind });
    let others = [
        class(0, Some(1_048_576), "System"),
        class(1_048_577, None, "NonSystem"),
        class(1_048_577, None, "System"),
    ];
    assert_eq!(to_b[0]["also_in"], json!(others));
}

#[test]
fn a_black_hole_is_a_failure_that_a_group_walks_into_although_it_has_another_way() {
    // A has 2 over the 2007 group, whose connector nobody can believe down, and 5 over C.
    assert_eq!(
        holes(&groups("A>E 1, E>B 1, A-C 3, C-B 2")),
        ["E>B: rg:A for rg:B, source_in_2007"]
    );
    let mut file = groups("A-B 1, A-C 2, C-B 2");
    assert_eq!(holes(&file), NONE);
    named(&mut file, "servers", "BH-A")["suppress_state_changes"] = json!(true);
    assert_eq!(
        holes(&file),
        ["A>B: rg:A for rg:B, suppressed", "A>C: rg:A for rg:C, suppressed"]
    );
    named(&mut file, "servers", "BH-A")["suppress_state_changes"] = json!(false);
    named(&mut file, "routing_groups", "A")["stale"] = json!(true);
    assert_eq!(
        holes(&file),
        [
            "A>B: rg:A for rg:B, nobody_listens",
            "A>C: rg:A for rg:C, nobody_listens"
        ]
    );
    let none = verified(&case(&file), setting(0));
    assert_eq!(none["black_holes"], json!([]), "nothing may fail");
    // They are no loops.
    assert_eq!(none["verdict"], "loop_free");
}

#[test]
fn past_its_entry_into_2007_mail_goes_as_2007_says() {
    // 2007 does not use a disabled Send connector, and legacy groups do not see that it is disabled.
    let send = |name: &str, cost: u64, enabled: bool| {
        let space = format!("SMTP:*;{cost}");
        json!({
            "name": name, "kind": "Send", "source_servers": ["H-E"], "address_spaces": [space], "enabled": enabled,
        })
    };
    let mut file = groups("E-W 1");
    file["connectors"] = json!([send("off", 1, false), send("on", 10, true)]);
    assert_eq!(holes(&file), NONE);
    named(&mut file, "connectors", "off")["enabled"] = json!(true);
    assert_eq!(holes(&file), ["off: rg:W for SMTP:*, source_in_2007"]);
    // W sees W, E, V, R. RTM does not see an X.400 connector from V to R, and sends to R itself.
    let mut file = groups("E-V 1, E-W 1, V-R 1, E-R 50");
    named(&mut file, "servers", "BH-V")["suppress_state_changes"] = json!(true);
    let of_w = |file: &Value| {
        let mut holes = holes(file);
        holes.retain(|hole| hole.contains("rg:W for"));
        holes
    };
    for name in ["V>R", "R>V"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    assert_eq!(
        of_w(&file),
        [
            "E>V: rg:W for rg:R rg:V, source_in_2007",
            "V>R: rg:V rg:W for rg:R, suppressed"
        ]
    );
    set_version(&mut file, "Exchange2007Rtm");
    assert_eq!(of_w(&file), ["E>V: rg:W for rg:V, source_in_2007"]);
    // What is before the entry is a matter of W alone.
    named(&mut file, "servers", "BH-W")["suppress_state_changes"] = json!(true);
    let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
    connectors.push(between("W", "R", 60));
    assert_eq!(
        of_w(&file),
        [
            "E>V: rg:W for rg:V, source_in_2007",
            "W>E: rg:W for E rg:R rg:V, suppressed"
        ]
    );
}

#[test]
fn scope_is_asked_at_every_hop() {
    // LW9: mail of RG1 leaves by RG2 when its own connector is down, unless that is for RG2 alone.
    let mut file = groups("RG1-RG2 1, RG2-RG3 1, RG3-RG1 1");
    file["connectors"] = json!([outside("Out 1", "RG1", "*"), outside("Out 2", "RG2", "*")]);
    let from = |file: &Value, from: &str, down: &str| {
        let case = case(file);
        let answer = case
            .from(from)
            .to("x@example.org")
            .down(&format!("connector:{down}"))
            .answer();
        format!("{} {}", answer.outcome(), answer.connector())
    };
    assert_eq!(from(&file, "rg:RG1", "Out 1"), "route Out 2");
    named(&mut file, "connectors", "Out 2")["scoped"] = json!(true);
    assert_eq!(from(&file, "rg:RG1", "Out 1"), "queue ");
    assert_eq!(from(&file, "rg:RG2", "Out 2"), "route Out 1");
    assert_eq!(told(&file, 2), NONE);
    // LC6 again: what only W may use neither attracts 2007 nor is sent back to.
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([outside("To W", "W", "*;1"), outside("To V", "V", "*;10")]);
    named(&mut file, "connectors", "To W")["scoped"] = json!(true);
    assert_eq!(told(&file, 2), NONE);
    named(&mut file, "connectors", "To W")["scoped"] = json!(false);
    named(&mut file, "connectors", "To V")["scoped"] = json!(true);
    assert_eq!(told(&file, 2), NONE, "W has no other way out");
}

#[test]
fn anchor_10_a_triangle_of_equal_costs_does_not_loop() {
    for drawing in ["A-B 1, B-C 1, C-A 1", "E-A 1, A-B 1, B-E 1"] {
        assert_eq!(told(&groups(drawing), 3), NONE, "{drawing}");
    }
}

#[test]
fn a_second_connector_beside_the_first_is_another_way() {
    // One of two parallel connectors fails: Chicago takes the other, and nothing circles.
    let mut file = groups(CITIES);
    let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
    let mut second = between("Chicago", "London", 12);
    second["name"] = json!("Chicago>London/2");
    connectors.push(second);
    assert_eq!(told(&file, 1), NONE);
    assert_eq!(
        told(&file, 2),
        ["rg:London [Chicago>London, Chicago>London/2] E > rg:Chicago must"]
    );
}

#[test]
fn what_fits_best_is_not_left_for_something_else_because_no_way_leads_to_it() {
    // D29: E sends over V to Spec, since it does not see that V>B is closed. V keeps the mail, and does not go back for All.
    let mut file = groups("E-V 1, V>B 1, B-C 1");
    named(&mut file, "routing_group_connectors", "V>B")["restrictions"] = json!({ "schedule": "Never" });
    let all = json!({ "name": "All", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["*;1"] });
    file["connectors"] = json!([outside("Spec", "B", "partner.example;1"), all]);
    assert_eq!(told(&file, 2), NONE);
    let answer = case(&file).from("rg:V").to("ann@partner.example").answer();
    assert_eq!((answer.outcome(), answer.connector()), ("unreachable", ""));
}

#[test]
fn a_loop_is_told_however_few_steps_there_are_to_look_for_all_circles() {
    let steps = |circle_steps_max| {
        let mut setting = setting(1);
        setting.bounds.circle_steps_max = circle_steps_max;
        let found = verified(&case(&groups(CITIES)), setting);
        (lines(&found), found["verdict"].clone(), found["complete"].clone())
    };
    let told = vec!["rg:London [Chicago>London] E > rg:Chicago must".to_owned()];
    assert_eq!(steps(100), (told.clone(), json!("loops"), json!(true)));
    assert_eq!(steps(0), (told, json!("loops"), json!(false)));
}

#[test]
fn more_than_100_000_kinds_of_messages_are_cut() {
    // Anybody else is a kind too.
    for (named_senders, complete) in [(99_999, true), (100_000, false)] {
        let mut file = groups("E-W 1");
        let senders: Vec<String> = (0..named_senders).map(|at| format!("s{at}@example")).collect();
        named(&mut file, "routing_group_connectors", "E>W")["restrictions"] = json!({ "denied_senders": senders });
        let (classes, all) = message_classes(&case(&file).org, DefaultSize::None);
        assert_eq!((classes.len(), all), (100_000, complete));
    }
}
