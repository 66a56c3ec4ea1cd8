//! One example for each class of loops from LC2 on (LS-3.3), and for what the contract says about witnesses.

use serde_json::{Value, json};

use super::super::Options;
use super::drawing::{NONE, Walker, groups, holes, lines, named, suppress_all, told, told_for};
use super::{transient, verify};

/// A legacy connector with a smart host, hosted by the bridgehead of the group.
fn outside(name: &str, group: &str, space: &str) -> Value {
    json!({
        "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": [format!("BH-{group}")],
        "smart_hosts": ["relay.example"], "address_spaces": [space],
    })
}

fn set_version(file: &mut Value, version: &str) {
    named(file, "servers", "H-E")["version"] = json!(version);
}

const MB: u64 = 1 << 20;

#[test] // LC2
fn lw12_rtm_does_not_see_the_size_limit() {
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    set_version(&mut file, "Exchange2007Rtm");
    let found = verify(&file.to_string(), &Options::default(), 0);
    // To W the way over V and R is cheaper as well: 3 instead of 5.
    assert_eq!(lines(&found["witnesses"]), ["R [] E V must", "W [] E V must"]);
    let large = json!({
        "size": { "min": 10 * MB + 1, "max": null },
        "sender": "other", "priority": "Normal", "type": "NonSystem",
    });
    assert_eq!(found["witnesses"][0]["message_class"], large);
    let also = found["witnesses"][0]["also_in"].as_array().map(Vec::len);
    assert_eq!(also, Some(1), "what the system sends as well");
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "E", "R", &[]), "E V R, delivered");
    assert_eq!(walker.way(2, "V", "R", &[]), "V E, loops");
    suppress_all(&mut file);
    assert_eq!(told_for(&file, "R", 0), ["R [] E V must"], "suppression does not help");
    set_version(&mut file, "Exchange2007Sp1");
    // Service Pack 1 returns it, but for what the system sends.
    let found = verify(&file.to_string(), &Options::default(), 0);
    assert_eq!(lines(&found["witnesses"]), ["R [] E V must", "W [] E V must"]);
    assert_eq!(found["witnesses"][0]["message_class"]["type"], "System");
    assert_eq!(found["witnesses"][0].get("also_in"), None);
    assert_eq!(Walker::new(&file).way(2, "V", "R", &[]), "V E, returned");
    set_version(&mut file, "Exchange2007Rtm");
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("unlimited");
    assert_eq!(told(&file, 0), NONE);
    assert_eq!(Walker::new(&file).way(0, "E", "R", &[]), "E V R, delivered");
}

#[test] // LC3, with the numbers of LW12
fn restrictions_that_2007_ignores() {
    let plain = "\"priority\":\"Normal\",\"sender\":\"other\",\"size\":null,\"type\":\"NonSystem\"";
    for (restrictions, class, also) in [
        (
            json!({ "denied_senders": ["Ann@contoso.example"] }),
            plain.replace("other", "Ann@contoso.example"),
            0,
        ),
        (
            json!({ "allowed_senders": ["ann@contoso.example"] }),
            plain.to_owned(),
            0,
        ),
        (json!({ "priorities": ["High"] }), plain.to_owned(), 1),
        (
            json!({ "message_types": ["NonSystem"] }),
            plain.replace("NonSystem", "System"),
            0,
        ),
        (json!({ "schedule": "Never" }), plain.to_owned(), 0),
    ] {
        let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
        named(&mut file, "routing_group_connectors", "V>R")["restrictions"] = restrictions;
        let found = verify(&file.to_string(), &Options::default(), 0);
        assert_eq!(lines(&found["witnesses"]), ["R [] E V must", "W [] E V must"]);
        let witness = &found["witnesses"][0];
        assert_eq!(witness["message_class"].to_string(), format!("{{{class}}}"));
        assert_eq!(witness["also_in"].as_array().map_or(0, Vec::len), also);
    }
}

#[test] // LC4, derived: V takes 1 + 1 + 1 over the 2007 group and the X.400 connector, not 9.
fn lw13_rtm_does_not_see_x400() {
    let mut file = groups("E-V 1, E-W 1, V-R 9, W-R 1");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    set_version(&mut file, "Exchange2007Rtm");
    suppress_all(&mut file);
    assert_eq!(told(&file, 0), ["R [] E V must"]);
    set_version(&mut file, "Exchange2007Sp1");
    assert_eq!(told(&file, 0), NONE);
    assert_eq!(Walker::new(&file).way(0, "V", "R", &[]), "V E W R, delivered");
}

#[test] // LC5, derived: 1 + 1 to the disabled connector, 10 over the group's own.
fn lw14_a_disabled_connector_attracts() {
    let mut file = groups("E-V 1");
    file["connectors"] = json!([outside("Own", "V", "partner.example;10"), {
        "name": "Off", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["partner.example"],
        "enabled": false,
    }]);
    suppress_all(&mut file);
    assert_eq!(told(&file, 0), ["SMTP:partner.example [] E V must"]);
    file["connectors"].as_array_mut().expect("connectors").truncate(1);
    assert_eq!(told(&file, 0), NONE);
}

#[test] // LC6
fn lw15_a_dead_smart_host() {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([outside("To W", "W", "*;1"), outside("To V", "V", "*;10")]);
    assert_eq!(told(&file, 2), ["SMTP:* [To W] E W must"]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "V", "SMTP:*", &[]), "V E W, delivered");
    // V is in another island, and does not hear of it.
    assert_eq!(walker.way(0, "V", "SMTP:*", &["To W"]), "V E W, loops");
    named(&mut file, "servers", "BH-W")["suppress_state_changes"] = json!(true);
    assert_eq!(told(&file, 2), NONE);
    assert_eq!(Walker::new(&file).way(0, "W", "SMTP:*", &["To W"]), "W, waits");
    named(&mut file, "servers", "BH-W")["suppress_state_changes"] = json!(false);
    file["connectors"][0]["smart_hosts"] = json!([]);
    assert_eq!(told(&file, 2), NONE, "by DNS it is always up");
    file["connectors"][0]["kind"] = json!("LegacyX400");
    assert_eq!(told(&file, 2), ["SMTP:* [To W] E W must"]);
    file["connectors"][1]["address_spaces"] = json!(["*.example"]);
    assert_eq!(
        told(&file, 2),
        NONE,
        "a specific connector does not give way to another one"
    );
}

#[test] // LC7, derived: V>R cost 10, V>E>W>R 7; then V>R costs 1.
fn lw16_a_change_that_legacy_has_not_heard_of() {
    let old = groups("E-V 1, E-W 1, V-R 10, W-R 5");
    let mut new = old.clone();
    named(&mut new, "routing_group_connectors", "V>R")["cost"] = json!(1);
    let found = transient(&new.to_string(), &old.to_string(), &Options::default(), 0);
    assert_eq!(lines(&found), ["R [] E V must"]);
    assert_eq!(found[0]["views"], json!({ "previous": [{ "routing_group": "V" }] }));
    assert_eq!(told(&new, 0), NONE);
    assert_eq!(told(&old, 0), NONE);
    let same = transient(&old.to_string(), &old.to_string(), &Options::default(), 1);
    assert_eq!(same, json!([]), "what is settled is not transient");
}

#[test] // LC8
fn lw17_a_stale_group() {
    let mut file = groups("A-B 1, A-S 1, S-B 10");
    assert_eq!(told(&file, 1), NONE);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "A", "B", &["A>B"]), "A S B, delivered");
    file["routing_groups"][2]["stale"] = json!(true);
    assert_eq!(file["routing_groups"][2]["name"], "S");
    assert_eq!(told_for(&file, "B", 1), ["B [A>B] A S must"]);
    let mut file = groups("A-B 1, A-S 1, S-B 10");
    named(&mut file, "servers", "BH-S")["link_state_blocked"] = json!(true);
    assert_eq!(
        told_for(&file, "B", 1),
        ["B [A>B] A S must"],
        "a closed port is as good"
    );
}

#[test] // LC9: RW36 with an Exchange 5.5 group in place of the 2007 group
fn lw18_least_cost_routes_only() {
    let mut file = groups("A-B 1, X-A 1, X-B 5");
    assert_eq!(told(&file, 1), NONE);
    named(&mut file, "servers", "BH-X")["version"] = json!("Exchange55");
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(true);
    assert_eq!(told_for(&file, "B", 1), ["B [A>B] A X must"]);
    // The same group keeps to its own dead connector, unless it may take others.
    let way = |file: &Value| Walker::new(file).way(0, "X", "B", &["X>A"]);
    assert_eq!(way(&file), "X, waits");
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(false);
    assert_eq!(way(&file), "X B, delivered");
    // 2003 does not honour the field.
    named(&mut file, "servers", "BH-X")["version"] = json!("Exchange2003");
    named(&mut file, "servers", "BH-X")["least_cost_only"] = json!(true);
    assert_eq!(told_for(&file, "B", 1), NONE);
}

#[test] // Derived: the dear connector is the detour that makes London lose its exemption.
fn lw19_a_dear_backup_makes_the_loop_it_is_to_avoid() {
    assert_eq!(told(&groups("Chicago-London 10, E-Chicago 1"), 2), NONE);
    let file = groups("Chicago-London 10, E-Chicago 1, E-London 100");
    assert_eq!(told_for(&file, "London", 1), ["London [Chicago>London] E Chicago must"]);
    let legacy = groups("Chicago-HK 1, Chicago-London 10, E-Chicago 1, HK-London 100");
    assert_eq!(told(&legacy, 2), NONE, "between legacy groups it is safe");
}

#[test] // Derived: a connector of another group is taken when the own one fails, and not when it is scoped.
fn lw9_mail_leaves_by_the_other_group() {
    let mut file = groups("RG1-RG2 1, RG2-RG3 1, RG3-RG1 1");
    file["connectors"] = json!([outside("Out 1", "RG1", "*"), outside("Out 2", "RG2", "*")]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "RG1", "SMTP:*", &[]), "RG1, delivered");
    assert_eq!(walker.way(0, "RG1", "SMTP:*", &["Out 1"]), "RG1 RG2, delivered");
    file["connectors"][1]["scoped"] = json!(true);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "RG1", "SMTP:*", &["Out 1"]), "RG1, waits");
    assert_eq!(walker.way(0, "RG2", "SMTP:*", &["Out 2"]), "RG2 RG1, delivered");
    assert_eq!(walker.way(0, "RG3", "SMTP:*", &["Out 1"]), "RG3, waits");
}

#[test]
fn ties_make_a_loop_possible_and_not_certain() {
    // A to R with its connector down: over S or over E, 6 each. E sends it back.
    let file = groups("A-R 1, A-S 3, S-R 3, E-A 1, E-R 5");
    assert_eq!(told_for(&file, "R", 1), ["R [A>R] E A may"]);
    // With S gone as well it is certain; a larger set counts as it proves more.
    assert_eq!(
        told_for(&file, "R", 2),
        ["R [A>R] E A may", "R [A>R A>S] E A must", "R [A>R S>R] E A must"]
    );
}

#[test]
fn a_loop_that_several_classes_share_is_listed_once() {
    let mut file = groups("A-B 1, E-A 1, E-B 5, B-C 1");
    named(&mut file, "routing_group_connectors", "B>C")["max_message_size"] = json!("1MB");
    let found = verify(&file.to_string(), &Options::default(), 1);
    let to_b = &found["witnesses"][0];
    assert_eq!(lines(&json!([to_b])), ["B [A>B] E A must"]);
    assert_eq!(to_b["message_class"]["size"], json!({ "min": 0, "max": MB }));
    assert_eq!(to_b["also_in"][1]["size"], json!({ "min": MB + 1, "max": null }));
    assert_eq!(to_b["also_in"].as_array().map(Vec::len), Some(3), "and the system's");
}

#[test]
fn generations_in_a_site_are_routers_of_their_own() {
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H2-E", "version": "Exchange2010Sp1", "site": "E" }));
    // What the system sends passes every limit on the 2007 side, and does not get there.
    named(&mut file, "routing_group_connectors", "V>E")["restrictions"] = json!({ "message_types": ["NonSystem"] });
    named(&mut file, "routing_group_connectors", "W>E")["restrictions"] = json!({ "message_types": ["NonSystem"] });
    set_version(&mut file, "Exchange2007Rtm");
    assert_eq!(
        told_for(&file, "R", 0),
        ["R [] E V must"],
        "legacy mail enters by the 2007 server"
    );
    named(&mut file, "routing_group_connectors", "V>E")["target_servers"] = json!(["H2-E"]);
    assert_eq!(told_for(&file, "R", 0), NONE, "2010 returns what is too large");
    named(&mut file, "routing_group_connectors", "V>E")["target_servers"] = json!(["H2-E", "H-E"]);
    assert_eq!(told_for(&file, "R", 0), ["R [] E V may"], "either may take it");
}

#[test]
fn black_holes() {
    // A has 2 over the 2007 group, whose connector nobody can believe down, and 5 over C.
    let file = groups("A>E 1, E>B 1, A-C 3, C-B 2");
    assert_eq!(holes(&file), ["B [E>B] A"]);
    let mut suppressed = groups("A-B 1, A-C 2, C-B 2");
    assert_eq!(holes(&suppressed), NONE);
    named(&mut suppressed, "servers", "BH-A")["suppress_state_changes"] = json!(true);
    assert_eq!(holes(&suppressed), ["B [A>B] A", "C [A>C] A"]);
    assert_eq!(
        verify(&file.to_string(), &Options::default(), 0)["black_holes"],
        json!([]),
        "nothing may fail"
    );
}
