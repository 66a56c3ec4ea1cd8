//! Which repair is offered of all that end loops: the lightest, verified for everybody.

use serde_json::json;

use super::classes::CITIES;
use super::{case, fix_text, lines, setting, told, verified};
use crate::twin::loops::drawing::{groups, named};

#[test]
fn what_one_loop_suggests_is_verified_for_everybody() {
    // A is stale: when D>R fails, D goes by A, and A by D. With a master A would hear of it, and others of A>Q: then A would go
    // by E to B (7), and E by A (2).
    let mut file = groups("A-D 1, D-R 1, A-R 5, A-Q 1, E-A 1, E-B 1, B-Q 5");
    named(&mut file, "routing_groups", "A")["stale"] = json!(true);
    let found = verified(&case(&file), setting(1));
    assert_eq!(lines(&found), ["rg:R [D>R] rg:A > rg:D must"]);
    assert_eq!(fix_text(&found["witnesses"][0]["fix"]), "suppress_state_changes BH-D 1");
    assert_eq!(fix_text(&found["repair"]["edits"]), "suppress_state_changes BH-D 1");
    named(&mut file, "routing_groups", "A")["stale"] = json!(false);
    assert_eq!(told(&file, 1), ["rg:Q [A>Q] E > rg:A must"]);
}

#[test]
fn two_changes_of_which_each_alone_changes_nothing() {
    // V refuses a@x.y to U, and what U sends outside refuses it too: V goes by E to W, and E by V (3, and 109 by W).
    let mut file = groups("E-V 1, E>W 9, V-U 1");
    let refuses = json!({ "denied_senders": ["a@x.y"] });
    named(&mut file, "routing_group_connectors", "V>U")["restrictions"] = refuses.clone();
    let outside = |group: &str, cost: u32| {
        json!({
            "name": format!("out {group}"), "kind": "LegacySmtp", "routing_group": group,
            "source_servers": [format!("BH-{group}")], "address_spaces": [format!("SMTP:p.example;{cost}")],
        })
    };
    let mut refused = outside("U", 1);
    refused["restrictions"] = refuses;
    file["connectors"] = json!([refused, outside("W", 100)]);
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["SMTP:p.example [] E > rg:V must"]);
    assert_eq!(
        fix_text(&found["repair"]["edits"]),
        "lift_restrictions V>U - + lift_restrictions out U -"
    );
    assert_eq!(found["repair"]["weight"], 4);
}

#[test]
fn a_cost_beside_the_circle_may_end_it() {
    // RTM sees no X.400: E goes by V for 121. V goes by E and W for 102, not by X for 120; with E>W at 100 it is 201.
    let mut file = groups("E>V 1, V>E 100, E-W 1, V-X 60, X-R 60, W-R 1");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(fix_text(&found["repair"]["edits"]), "set_cost E>W 100");
}

#[test]
fn two_changes_come_before_one_that_weighs_more() {
    // Chicago refuses a@b.c to London, and goes by E when Chicago>London fails. No cost makes E go by HK: 121 against 11, 62 with one
    // connector at 1, and 110 at most by Chicago. A pair of connectors to London would weigh 4.
    let mut file = groups("Chicago-London 10, HK>M 60, M>London 60, E-Chicago 1, E-HK 1");
    named(&mut file, "routing_group_connectors", "Chicago>London")["restrictions"] =
        json!({ "denied_senders": ["a@b.c"] });
    let found = verified(&case(&file), setting(1));
    let both = [
        "rg:London [] E > rg:Chicago must",
        "rg:London [Chicago>London] E > rg:Chicago must",
    ];
    assert_eq!(lines(&found), both);
    assert_eq!(
        fix_text(&found["repair"]["edits"]),
        "suppress_state_changes BH-Chicago 1 + lift_restrictions Chicago>London -"
    );
    assert_eq!(found["repair"]["weight"], 3);
}

#[test] // LS-1.7: 5.5 has no routing engine that reads the value, nor routing-group connectors.
fn nothing_is_asked_of_5_5_servers() {
    let mut file = groups("Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1");
    named(&mut file, "servers", "BH-Chicago")["version"] = json!("Exchange55");
    // London does not hear of Chicago>E, and nobody of what 5.5 notices.
    let loops = [
        "E [Chicago>E] rg:Chicago > rg:London must",
        "rg:HK [Chicago>E] rg:Chicago > rg:London must",
        "rg:London [Chicago>London] E > rg:Chicago must",
    ];
    assert_eq!(told(&file, 1), loops);
    let found = verified(&case(&file), setting(1));
    assert_eq!(fix_text(&found["repair"]["edits"]), "add_connectors London 1");
    assert_eq!(found["repair"].get("recommended_by_vendor"), None);
    // V10: the value has no effect there.
    named(&mut file, "servers", "BH-Chicago")["suppress_state_changes"] = json!(true);
    assert_eq!(told(&file, 1), loops);
    // Nor has a group of 5.5 servers connectors with 2007.
    named(&mut file, "servers", "BH-London")["version"] = json!("Exchange55");
    let found = verified(&case(&file), setting(1));
    let edits = fix_text(&found["repair"]["edits"]);
    assert!(
        !edits.contains("add_connectors London") && !edits.contains("BH-London"),
        "{edits}"
    );
}

#[test] // R39: the value is read when the services start.
fn where_the_value_is_set_the_restart_is_offered() {
    let mut file = groups(CITIES);
    let server = named(&mut file, "servers", "BH-Chicago");
    server["suppress_state_changes"] = json!(true);
    server["suppression_in_effect"] = json!(false);
    let found = verified(&case(&file), setting(1));
    assert_eq!(fix_text(&found["repair"]["edits"]), "restart_services BH-Chicago -");
    assert_eq!(
        found["repair"]["edits"][0]["command"],
        "Get-Service -ComputerName 'BH-Chicago' -Name SMTPSVC,RESvc,MSExchangeMTA | Restart-Service -Force -WhatIf"
    );
    assert_eq!(
        fix_text(&found["repair"]["recommended_by_vendor"]),
        "restart_services BH-Chicago - + suppress_state_changes BH-HK 1 + suppress_state_changes BH-London 1"
    );
    named(&mut file, "servers", "BH-Chicago")["suppression_in_effect"] = json!(true);
    assert_eq!(told(&file, 1), [""; 0]);
}

#[test]
fn two_light_changes_come_before_a_heavy_one() {
    // Chicago and X go back to E when what they send over fails: one suppression each, or the removal of E>Chicago (6).
    let found = verified(
        &case(&groups("Chicago-X 5, X-London 5, HK-London 15, E-Chicago 1, E-HK 1")),
        setting(1),
    );
    assert_eq!(
        fix_text(&found["repair"]["edits"]),
        "suppress_state_changes BH-Chicago 1 + suppress_state_changes BH-X 1"
    );
    assert_eq!(
        (&found["repair"]["weight"], &found["repair"]["routes"]["disappears"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(
        fix_text(&found["repair"]["recommended_by_vendor"]),
        "suppress_state_changes BH-Chicago 1 + suppress_state_changes BH-HK 1 + suppress_state_changes BH-London 1 + \
         suppress_state_changes BH-X 1"
    );
}

#[test]
fn suppressions_are_a_least_hitting_set_of_the_minimal_failures() {
    // Chicago>X, X>Y and Y>London each make mail for London circle alone, and start at three servers.
    let mut file = groups("Chicago-X 5, X-Y 5, Y-London 5, HK-London 20, E-Chicago 1, E-HK 1");
    let found = verified(&case(&file), setting(1));
    let three = "suppress_state_changes BH-Chicago 1 + suppress_state_changes BH-X 1 + suppress_state_changes BH-Y 1";
    assert_eq!(fix_text(&found["repair"]["edits"]), three);
    assert_eq!(found["repair"]["weight"], 3);
    // A server at which two of them start is enough for both, although it is not the first source server of one.
    file = groups("Chicago-HK 10, Chicago-London 10, Chicago-Paris 10, HK-London 15, HK-Paris 15, E-Chicago 1, E-HK 1");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "Two", "version": "Exchange2003", "routing_group": "Chicago" }));
    let sources = [
        ("Chicago>London", json!(["BH-Chicago", "Two"])),
        ("Chicago>Paris", json!(["Two"])),
    ];
    for (name, sources) in sources {
        named(&mut file, "routing_group_connectors", name)["source_servers"] = sources;
    }
    let found = verified(&case(&file), setting(1));
    let both = [
        "rg:London [Chicago>London] E > rg:Chicago must",
        "rg:Paris [Chicago>Paris] E > rg:Chicago must",
    ];
    assert_eq!(lines(&found), both);
    assert_eq!(fix_text(&found["repair"]["edits"]), "suppress_state_changes Two 1");
}

#[test]
fn only_a_usable_source_server_is_told_to_be_silent() {
    // D23: of the two that To W lists only BH-W is in its group.
    let mut file = groups("E-W 1, E-V 1");
    let outside = |name: &str, group: &str, sources: &[&str], space: &str| {
        json!({
            "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": sources,
            "smart_hosts": ["relay.example"], "address_spaces": [space],
        })
    };
    file["connectors"] = json!([
        outside("To W", "W", &["BH-V", "BH-W"], "*;1"),
        outside("To V", "V", &["BH-V"], "*;10"),
    ]);
    let found = verified(&case(&file), setting(1));
    assert_eq!(lines(&found), ["SMTP:* [To W] E > rg:W must"]);
    assert_eq!(fix_text(&found["repair"]["edits"]), "suppress_state_changes BH-W 1");
}

#[test] // One silent source server is enough for a connector, and one may be that of several (Q7).
fn the_server_that_keeps_up_most_connectors_is_suppressed() {
    let mut file = groups("A-B 1, A-C 1, E-A 1, E-B 5, E-C 5, B-C 9");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "BH0-A", "version": "Exchange2003", "routing_group": "A" }));
    named(&mut file, "routing_group_connectors", "A>B")["source_servers"] = json!(["BH-A", "BH0-A"]);
    named(&mut file, "routing_group_connectors", "A>C")["source_servers"] = json!(["BH0-A"]);
    let document = verified(&case(&file), setting(1));
    assert_eq!(fix_text(&document["repair"]["edits"]), "suppress_state_changes BH0-A 1");
}
