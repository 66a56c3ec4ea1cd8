//! What is told of a repair: what it touches, and a command in which every name stays a name.

use bridgehead::report::{Findings, record::VerifyRecord};
use bridgehead::verify::{Repairs, World, verify};
use serde_json::json;

use super::{case, fix_text, setting, text, verified};
use crate::twin::loops::drawing::{groups, named};

#[test]
fn changes_that_touch_more_come_last_and_say_what_they_touch() {
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    let found = verified(&case(&file), setting(0));
    assert_eq!(fix_text(&found["repair"]["edits"]), "lift_size_limit V>R unlimited");
    assert_eq!(found["repair"]["weight"], 2);
    assert_eq!(found["repair"]["public_folder_referrals"], json!([]));
    // A cost that moves: clients' referrals are priced by it too.
    let mut file = groups("E-V 1, E-W 1, V-R 9, W-R 1");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let found = verified(&case(&file), setting(0));
    assert_eq!(fix_text(&found["repair"]["edits"]), "set_cost V>E 100");
    assert_eq!(found["repair"]["public_folder_referrals"], json!(["V>E"]));
    named(&mut file, "routing_group_connectors", "V>E")["public_folder_referrals"] = json!(false);
    let found = verified(&case(&file), setting(0));
    assert_eq!(found["repair"]["public_folder_referrals"], json!([]));
}

/// What PowerShell makes of a single-quoted string: a doubled quote, straight or curly, is one.
fn unquoted(literal: &str) -> String {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
    let mut inside = literal
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
        .expect("quoted")
        .chars();
    let mut text = String::new();
    while let Some(c) = inside.next() {
        if is_quote(c) {
            assert!(inside.next().is_some_and(is_quote), "the string ends early: {literal}");
        }
        text.push(c);
    }
    text
}

#[test]
fn hostile_names_stay_inside_their_quotes() {
    for hostile in [
        "it's",
        "' -Cost 1; Remove-Item C:\\ -Recurse; '",
        "\u{2018}curly\u{2019} \u{201a}low\u{201b}",
        "$(Get-Mailbox) `n \"x\"",
        "a|b;c&d#e",
    ] {
        let mut file = groups("E-V 1, E-W 1, V-R 9, W-R 1");
        for name in ["W>R", "R>W"] {
            named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
        }
        named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
        named(&mut file, "routing_group_connectors", "V>E")["name"] = json!(hostile);
        let found = verified(&case(&file), setting(0));
        let command = text(&found["repair"]["edits"][0]["command"]);
        let rest = command
            .strip_prefix("Set-RoutingGroupConnector -Identity ")
            .expect("the cmdlet comes first");
        let literal = rest
            .strip_suffix(" -Cost 100 -WhatIf")
            .expect("the parameters come last");
        assert_eq!(unquoted(literal), hostile);
    }
    // A server name that could leave its argument gets no line at all.
    for (server, has_line) in [
        ("BH-Chicago", true),
        ("BH & del *", false),
        ("BH\"x", false),
        ("BH%PATH%", false),
    ] {
        let mut file = groups(super::classes::CITIES);
        let old = "BH-Chicago";
        let changed = file
            .to_string()
            .replace(&format!("\"{old}\""), &json!(server).to_string());
        file = serde_json::from_str(&changed).expect("JSON");
        let found = verified(&case(&file), setting(1));
        assert_eq!(
            fix_text(&found["repair"]["edits"]),
            format!("suppress_state_changes {server} 1")
        );
        assert_eq!(found["repair"]["edits"][0]["command"].is_string(), has_line, "{server}");
    }
}

#[test]
fn a_document_without_repairs_has_empty_fixes() {
    let case = case(&groups(super::classes::CITIES));
    let setting = setting(1);
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    let verification = verify(&world, setting.bounds, &mut |_, _| {});
    let repairs = Repairs::default();
    let findings = Findings {
        verification: &verification,
        repairs: &repairs,
        max_failures: 1,
        between: None,
        flood: None,
    };
    let document = serde_json::to_value(VerifyRecord::new(&world, &findings)).expect("JSON");
    assert_eq!(document["witnesses"][0]["fix"], json!([]));
    assert_eq!(document.get("repair"), None);
}
