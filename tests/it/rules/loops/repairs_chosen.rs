//! Which of several repairs is offered, and how far they are looked for (V34).

use bridgehead::route::DefaultSize;
use bridgehead::verify::{Edit, World, phrase, repair, verify};
use serde_json::{Value, json};

use super::classes::CITIES;
use super::{Setting, case, fix_text, lines, list, outside, setting, verified};
use crate::twin::loops::drawing::{groups, named};

/// What ends each loop alone, in the order of the loops.
fn fixes(found: &Value) -> Vec<String> {
    let witnesses = list(&found["witnesses"]).iter();
    witnesses.map(|witness| fix_text(&witness["fix"])).collect()
}

/// RTM sees no X.400: E goes to R by V for 298, and V back by E and W for 3. No cost of one connector or two makes V, X, Y and R
/// the better way for V, or E go elsewhere.
fn x400_that_no_cost_mends(more: &str) -> Value {
    let mut file = groups(&format!("E-V 1, E-W 1, W-R 1, V>X 99, X>Y 99, Y>R 99{more}"));
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    file
}

/// What is offered with so many tries, and whether everything worth trying was tried.
fn offered(file: &Value, setting: Setting, tries: usize) -> (Option<Vec<String>>, bool) {
    let case = case(file);
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    let verification = verify(&world, setting.bounds, &mut |_, _| {});
    let repairs = repair(&world, &verification, setting.bounds, tries);
    let phrases = |edits: &[Edit]| edits.iter().map(|edit| phrase(&case.org, edit)).collect();
    (repairs.all.map(|repair| phrases(&repair.edits)), repairs.complete)
}

#[test]
fn no_more_changes_are_tried_than_are_allowed() {
    let file = groups(CITIES);
    let silent = vec!["set SuppressStateChanges on BH-Chicago and restart its services (R39)".to_owned()];
    // The suppression needs no try alone. Of the connectors on the two ways, E>Chicago>London and Chicago>E>HK>London, each may go or
    // cost 100, and the two to London may cost 1; and London may be connected: 13 changes, for which there is the first half of the
    // tries. The other is for what they do together, here one try.
    assert_eq!(offered(&file, setting(1), 0), (None, false));
    assert_eq!(offered(&file, setting(1), 1), (None, false));
    assert_eq!(offered(&file, setting(1), 2), (Some(silent.clone()), false));
    assert_eq!(offered(&file, setting(1), 24), (Some(silent.clone()), false));
    assert_eq!(offered(&file, setting(1), 25), (Some(silent.clone()), true));
    assert_eq!(offered(&file, setting(1), 26), (Some(silent), true));
}

#[test]
fn where_there_are_too_many_ways_to_choose_each_time_what_clears_most_is_chosen() {
    // Six loops of which each ends by the silence of any of ten servers: a million ways, and none of fewer than six.
    let places: Vec<String> = (1..=6).map(|n| format!("E-A{n} 1, A{n}-R{n} 5, E-R{n} 10")).collect();
    let mut file = groups(&places.join(", "));
    for n in 1..=6 {
        let group = format!("A{n}");
        let more: Vec<String> = (2..=10).map(|m| format!("BH-{group}-{m}")).collect();
        let servers = file["servers"].as_array_mut().expect("servers");
        servers.extend(
            more.iter()
                .map(|name| json!({ "name": name, "version": "Exchange2003", "routing_group": group })),
        );
        let connector = named(&mut file, "routing_group_connectors", &format!("A{n}>R{n}"));
        let sources = connector["source_servers"].as_array_mut().expect("servers");
        sources.extend(more.into_iter().map(Value::from));
    }
    let first: Vec<String> = (1..=6)
        .map(|n| format!("set SuppressStateChanges on BH-A{n} and restart its services (R39)"))
        .collect();
    assert_eq!(offered(&file, setting(1), 10_000), (Some(first), false));
}

#[test] // R73.
fn a_service_pack_is_offered_where_nothing_lighter_helps() {
    // 5.5 has no connectors with 2007, so that R cannot be connected.
    let mut file = x400_that_no_cost_mends("");
    named(&mut file, "servers", "BH-R")["version"] = json!("Exchange55");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(fixes(&found), ["upgrade H-E Exchange2007Sp1"]);
    assert_eq!(fix_text(&found["repair"]["edits"]), "upgrade H-E Exchange2007Sp1");
}

#[test] // LS-3.2, consequence 3.
fn the_recipients_own_attachment_may_dominate_although_it_is_not_the_next_best() {
    // E has 298 over V, 797 over Z and 900 by its own connector to R.
    let file = x400_that_no_cost_mends(", E>Z 500, Z>X 99, E>R 900");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(fixes(&found), ["set_cost E>R 1"]);
}

#[test]
fn a_group_is_connected_at_the_site_whose_mail_circles() {
    // The first connector out of 2007 starts at E, from where no site link leads to S.
    let mut file = groups("Chicago-London 10, HK-London 15, E-A 1, E-Chicago 1, E-HK 1");
    named(&mut file, "servers", "BH-Chicago")["version"] = json!("Exchange55");
    file["sites"]
        .as_array_mut()
        .expect("sites")
        .push(json!({ "name": "S" }));
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-S", "version": "Exchange2007Sp1", "site": "S" }));
    for (name, end) in [
        ("E>Chicago", "source_servers"),
        ("E>HK", "source_servers"),
        ("Chicago>E", "target_servers"),
        ("HK>E", "target_servers"),
    ] {
        named(&mut file, "routing_group_connectors", name)[end] = json!(["H-S"]);
    }
    let found = verified(&case(&file), setting(1));
    assert_eq!(
        lines(&found).last().expect("a loop"),
        "rg:London [Chicago>London] S > rg:Chicago must"
    );
    assert_eq!(fix_text(&found["repair"]["edits"]), "add_connectors London 1");
    assert_eq!(
        found["repair"]["edits"][0]["command"],
        "New-RoutingGroupConnector -Name 'E2007 to London' -SourceTransportServers 'H-S' \
         -TargetTransportServers 'BH-London' -Cost 1 -Bidirectional $true -WhatIf"
    );
}

#[test] // R37, LS-1.7.
fn the_vendor_recommends_nothing_for_5_5_servers() {
    let mut file = groups(CITIES);
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "Old", "version": "Exchange55", "routing_group": "HK" }));
    let found = verified(&case(&file), setting(1));
    assert_eq!(
        fix_text(&found["repair"]["recommended_by_vendor"]),
        "suppress_state_changes BH-Chicago 1 + suppress_state_changes BH-HK 1 + suppress_state_changes BH-London 1"
    );
}

#[test] // V18: without one of two limits, the sizes that it parted are one class.
fn a_limit_that_goes_ends_a_loop_although_another_still_parts_sizes() {
    // RTM sees no limits: what V refuses to R goes by E and W, and E sends it by V.
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    named(&mut file, "routing_group_connectors", "V>R")["max_message_size"] = json!("10MB");
    named(&mut file, "routing_group_connectors", "R>V")["max_message_size"] = json!("20MB");
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"]);
    assert_eq!(
        found["witnesses"][0]["message_class"]["size"],
        json!({ "min": 10_485_761, "max": 20_971_520 })
    );
    assert_eq!(
        fixes(&found),
        ["lift_size_limit V>R unlimited", "lift_size_limit V>R unlimited"]
    );
}

#[test]
fn what_circles_as_it_did_for_others_is_nothing_new() {
    // C refuses a@b.c to D: A goes by E>D for 61, and E by A for 3. Everybody's mail does so when A>C or C>D fails, and that of
    // a@b.c too without the list; so the list may go. More than 10 MB cannot circle, for A does not see a way over E>D.
    let mut file = groups("A>C 1, C>D 1, A-E 1, E>D 60");
    named(&mut file, "routing_group_connectors", "C>D")["restrictions"] = json!({ "denied_senders": ["a@b.c"] });
    named(&mut file, "routing_group_connectors", "E>D")["max_message_size"] = json!("10MB");
    let found = verified(&case(&file), setting(1));
    let loops = [
        "rg:D [] E > rg:A must",
        "rg:D [A>C] E > rg:A must",
        "rg:D [C>D] E > rg:A must",
    ];
    assert_eq!(lines(&found), loops);
    assert_eq!(found["witnesses"][0]["message_class"]["sender"], "a@b.c");
    let alone = [
        "lift_restrictions C>D -",
        "suppress_state_changes BH-A 1",
        "suppress_state_changes BH-C 1",
    ];
    assert_eq!(fixes(&found), alone);
}

#[test] // R50, D29: what is too large for To A goes to Off, as legacy sees it.
fn a_disabled_connector_that_goes_ends_the_loop_of_one_size() {
    let mut file = groups("C>A 1, C-E 1");
    let mut limited = outside("To A", "A", "SMTP:*.example;10");
    limited["max_message_size"] = json!("10MB");
    let off = json!({
        "name": "Off", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["SMTP:*;1"], "enabled": false,
    });
    file["connectors"] = json!([limited, off]);
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["SMTP:*.example [] E > rg:C must"]);
    assert_eq!(
        found["witnesses"][0]["message_class"]["size"],
        json!({ "min": 10_485_761, "max": null })
    );
    assert_eq!(fixes(&found), ["delete_connector Off -"]);
}

#[test]
fn what_makes_mail_for_somebody_else_circle_is_not_offered_for_a_loop() {
    // RTM sees neither: what V refuses goes by E, for R and for W, and E sends it by V. The limit or the list alone is not enough.
    // E>V at 100 would end both loops, and send mail for V by R, which refuses it too. E>W at 1 leaves E the choice of V to R.
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    for name in ["V>R", "R>V"] {
        let connector = named(&mut file, "routing_group_connectors", name);
        connector["max_message_size"] = json!("10MB");
        connector["restrictions"] = json!({ "denied_senders": ["a@b.c"] });
    }
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"]);
    assert_eq!(fixes(&found), ["set_cost V>R 100", "set_cost E>W 1"]);
}

#[test] // LW17 and LW11 side by side: a cause that is mended comes before news that is kept back.
fn a_master_and_a_silent_server_end_two_loops() {
    let mut file = groups(&format!("A-B 1, A-S 1, S-B 10, {CITIES}"));
    named(&mut file, "routing_groups", "S")["stale"] = json!(true);
    let found = verified(&case(&file), setting(1));
    let loops = [
        "rg:B [A>B] rg:A > rg:S must",
        "rg:London [Chicago>London] E > rg:Chicago must",
    ];
    assert_eq!(lines(&found), loops);
    assert_eq!(
        fix_text(&found["repair"]["edits"]),
        "appoint_master S BH-S + suppress_state_changes BH-Chicago 1"
    );
}

#[test]
fn what_could_not_be_verified_to_the_end_is_not_offered() {
    let mut file = groups("E-V 1, E-W 1, V-R 9, W-R 1");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(found["checked"], 4, "E, R, V and W, each with nothing failed");
    assert_eq!(fix_text(&found["repair"]["edits"]), "set_cost V>E 100");
    // With one less, mail for W is not looked at, whatever is changed.
    let mut narrow = setting(0);
    narrow.bounds.checks_max = 3;
    let found = verified(&case(&file), narrow);
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(found.get("repair"), None);
}

#[test] // V34: costs from 1 to 100 alone.
fn a_cost_between_the_ends_of_the_scale_is_offered_where_neither_end_helps() {
    // Service Pack 1 goes to C by B or D for 21, from H-E; RTM, which sees no X.400, by E>C for 100, from H-F: they hand it to each
    // other. Below 19, mail for D goes by C too, which refuses more than 10 MB and sends it back. At 19 E>D costs as much, and is one
    // connector instead of two.
    let mut file = groups("B>C 1, E>B 20, D>C 1, C>D 1, E>D 20, C>E 1, E>C 100");
    for name in ["B>C", "D>C"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    named(&mut file, "routing_group_connectors", "C>D")["max_message_size"] = json!("10MB");
    named(&mut file, "routing_group_connectors", "C>E")["target_servers"] = json!(["H-F"]);
    named(&mut file, "routing_group_connectors", "E>C")["source_servers"] = json!(["H-F"]);
    named(&mut file, "servers", "H-E")["version"] = json!("Exchange2007Rtm");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-F", "version": "Exchange2007Sp1", "site": "E" }));
    let found = verified(&case(&file), setting(0));
    assert_eq!(fixes(&found), ["upgrade H-E Exchange2007Sp1"]);
    assert_eq!(fix_text(&found["repair"]["edits"]), "set_cost E>C 19");
}

#[test] // D30: a Send connector that states no limit has the product's.
fn a_limit_of_the_product_is_tried_and_what_others_serve_is_not() {
    let mut file = groups("E-W 1, E-V 1, E-Z 5");
    let mut far = outside("Far", "V", "SMTP:far.test;1");
    far["restrictions"] = json!({ "allowed_senders": ["a@b.c"] });
    let net =
        json!({ "name": "Net", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["SMTP:*.example;1"] });
    let (to_w, to_v) = (
        outside("To W", "W", "SMTP:p.example;1"),
        outside("To V", "V", "SMTP:p.example;10"),
    );
    file["connectors"] = json!([to_w, to_v, far, net]);
    let silent = vec!["set SuppressStateChanges on BH-W and restart its services (R39)".to_owned()];
    let mut setting = setting(1);
    let tried = |tries| offered(&file, setting, tries);
    // E>W, W>E and E>V, which are on the ways, may go or cost 100: 6 changes, as in the first test.
    assert_eq!(tried(10), (Some(silent.clone()), false));
    assert_eq!(tried(11), (Some(silent.clone()), true));
    // And the limit of Net, which serves the address.
    setting.options.default_size = DefaultSize::Product;
    let tried = |tries| offered(&file, setting, tries);
    assert_eq!(tried(12), (Some(silent.clone()), false));
    assert_eq!(tried(13), (Some(silent), true));
}

#[test]
fn what_circles_with_fewer_failures_has_not_ended() {
    // A is 5.5, so that S does not hear of A>R. With S>A at 1 S would send by A for 2, not by itself for 3: A>R alone would be enough
    // for a loop that is certain, and hide this one. With E>R at 1 E sends to R itself.
    let mut file = groups("A-R 1, A-S 3, S-R 3, E-A 1, E-R 5");
    named(&mut file, "servers", "BH-A")["version"] = json!("Exchange55");
    let found = verified(&case(&file), setting(2));
    assert_eq!(lines(&found)[2], "rg:R [A>R, A>S] E > rg:A must");
    assert_eq!(fixes(&found)[2], "set_cost E>R 1");
    named(&mut file, "routing_group_connectors", "S>A")["cost"] = json!(1);
    let hiding = lines(&verified(&case(&file), setting(2)));
    assert!(hiding.contains(&"rg:R [A>R] E > rg:A must".to_owned()), "{hiding:?}");
}

#[test]
fn two_costs_of_which_neither_alone_changes_anything_come_before_a_service_pack() {
    // RTM sees no X.400: E goes by V for 199, and V back by E and W for 3 instead of 198. One cost at 100 makes that 102, two 201.
    // X and R are 5.5, so that neither can be connected.
    let mut file = groups("E-V 1, E-W 1, W-R 1, V>X 99, X>R 99");
    for name in ["W>R", "R>W"] {
        named(&mut file, "routing_group_connectors", name)["kind"] = json!("X400");
    }
    for (server, version) in [
        ("H-E", "Exchange2007Rtm"),
        ("BH-R", "Exchange55"),
        ("BH-X", "Exchange55"),
    ] {
        named(&mut file, "servers", server)["version"] = json!(version);
    }
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must"]);
    assert_eq!(
        fix_text(&found["repair"]["edits"]),
        "set_cost E>W 100 + set_cost V>E 100"
    );
    assert_eq!(found["repair"]["weight"], 4);
}
