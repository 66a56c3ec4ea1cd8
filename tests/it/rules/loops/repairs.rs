//! What is offered to end loops, made to the file and verified by the slow twin, which knows nothing of repairs.

use bridgehead::model::{
    ConnectorRef, GroupRef, Name, Organization, Restrictions, RoutingGroupConnectorIdx, ServerIdx, SizeLimit, Version,
};
use bridgehead::report::record::RecipientRecord;
use bridgehead::report::{Findings, record::VerifyRecord};
use bridgehead::verify::{Edit, Repairs, Verification, World, names_of_connect, repair, verify};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{case, fix_text, list, setting, text, verified};
use crate::support::Case;
use crate::twin::loops::drawing::{groups, named};
use crate::twin::random::coexistence;
use crate::twin::{Options, loops};

/// Organizations by chance; about every fourth one loops.
const SEEDS: std::ops::Range<u64> = 0..400;
const GROUP_2007: &str = "DWBGZMFD01QNBJR";

fn record<'a>(file: &'a mut Value, collection: &str, name: &Name) -> &'a mut Value {
    let records = file[collection].as_array_mut().expect("a collection");
    let found = records.iter_mut().find(|record| record["name"] == name.as_str());
    found.unwrap_or_else(|| panic!("no {name} in {collection}"))
}

fn remove(file: &mut Value, collection: &str, name: &Name) {
    let records = file[collection].as_array_mut().expect("a collection");
    records.retain(|record| record["name"] != name.as_str());
}

fn connector<'a>(file: &'a mut Value, org: &Organization, which: ConnectorRef) -> &'a mut Value {
    let collection = match which {
        ConnectorRef::RoutingGroup(_) => "routing_group_connectors",
        ConnectorRef::External(_) => "connectors",
    };
    record(file, collection, org.connector_name(which))
}

/// Makes a change to the file, as an administrator would read it.
fn make(file: &mut Value, org: &Organization, edit: &Edit) {
    let between = |index| org.connector_name(ConnectorRef::RoutingGroup(index));
    match edit {
        Edit::Suppress(server) => {
            let record = record(file, "servers", &org.servers()[*server].name);
            record["suppress_state_changes"] = json!(true);
            record["suppression_in_effect"] = json!(true);
        }
        Edit::AppointMaster(group, server) => {
            let record = record(file, "routing_groups", &org.routing_groups()[*group].name);
            record["master"] = json!(org.servers()[*server].name.as_str());
            record["stale"] = json!(false);
        }
        Edit::AllowDearerRoutes(server) => {
            record(file, "servers", &org.servers()[*server].name)["least_cost_only"] = json!(false);
        }
        Edit::DeleteDisabled(index) => {
            remove(file, "connectors", org.connector_name(ConnectorRef::External(*index)));
        }
        Edit::LiftLimit(which) => connector(file, org, *which)["max_message_size"] = json!("unlimited"),
        Edit::LiftRestrictions(which) => connector(file, org, *which)["restrictions"] = json!({}),
        Edit::SetCost(index, cost) => {
            record(file, "routing_group_connectors", between(*index))["cost"] = json!(cost);
        }
        Edit::Connect(group, server) => {
            let [out, back] = names_of_connect(org, *group);
            let legacy = org.group_name(GroupRef::Legacy(*group));
            let server = org.servers()[*server].name.as_str();
            let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
            connectors.push(json!({ "name": out, "from": GROUP_2007, "to": legacy, "source_servers": [server] }));
            connectors.push(json!({ "name": back, "from": legacy, "to": GROUP_2007, "target_servers": [server] }));
        }
        Edit::Upgrade(server) => {
            record(file, "servers", &org.servers()[*server].name)["version"] = json!("Exchange2007Sp1");
        }
        Edit::Remove(index) => remove(file, "routing_group_connectors", between(*index)),
    }
}

fn with(file: &Value, org: &Organization, edits: &[Edit]) -> Value {
    let mut file = file.clone();
    edits.iter().for_each(|edit| make(&mut file, org, edit));
    file
}

/// What the twin finds in the file after the changes.
fn twin_after(file: &Value, org: &Organization, edits: &[Edit], most: usize) -> Vec<Value> {
    let found = loops::verify(&with(file, org, edits).to_string(), &Options::default(), most);
    list(&found["witnesses"]).to_vec()
}

/// Loops and what ends them, through the library.
struct Found {
    case: Case,
    most: usize,
}

impl Found {
    fn new(file: &Value, most: usize) -> Found {
        Found { case: case(file), most }
    }

    fn look<T>(&self, see: impl FnOnce(&World<'_>, &Verification, &Repairs) -> T) -> T {
        let setting = setting(self.most);
        let world = World::new(&self.case.org, &self.case.graphs, setting.options, setting.link_state);
        let verification = verify(&world, setting.bounds, &mut |_, _| {});
        let repairs = repair(&world, &verification, setting, 1_000);
        see(&world, &verification, &repairs)
    }
}

/// What is wrong with the repairs of a file; and how many loops it has, and whether a repair is offered.
fn faults(file: &Value, most: usize) -> (Vec<String>, usize, bool) {
    let found = Found::new(file, most);
    found.look(|world, verification, repairs| {
        let org = world.org;
        let mut faults = Vec::new();
        if let Some(repair) = &repairs.all {
            let left = twin_after(file, org, &repair.edits, most);
            if !left.is_empty() {
                faults.push(format!("{:?} leaves {}", repair.edits, left[0]));
            }
        }
        for (witness, edit) in verification.witnesses.iter().zip(&repairs.single) {
            let Some(edit) = edit else { continue };
            let recipient = RecipientRecord::new(org, &verification.recipients[witness.recipient]);
            let recipient = serde_json::to_value(recipient).expect("JSON");
            let failed = json!(bridgehead::report::record::failed_names(world, witness));
            let class = serde_json::to_value(bridgehead::report::record::MessageClassRecord::new(
                &verification.classes[witness.class],
            ));
            let class = class.expect("JSON");
            let after = twin_after(file, org, std::slice::from_ref(edit), most);
            // Without a limit or a list classes are cut anew.
            let cut_anew = matches!(
                edit,
                Edit::LiftLimit(_) | Edit::LiftRestrictions(_) | Edit::DeleteDisabled(_) | Edit::Remove(_)
            );
            let is_it = |other: &Value| {
                let mut classes = other["also_in"].as_array().cloned().unwrap_or_default();
                classes.push(other["message_class"].clone());
                other["recipient"] == recipient && other["failed"] == failed && (cut_anew || classes.contains(&class))
            };
            if let Some(left) = after.iter().find(|other| is_it(other)) {
                faults.push(format!("{edit:?} does not clear {left}"));
            }
        }
        faults.extend(lighter(file, org, verification, repairs, most));
        (faults, verification.witnesses.len(), repairs.all.is_some())
    })
}

/// One change, or two, that would clear everything for less than what is offered.
fn lighter(
    file: &Value,
    org: &Organization,
    verification: &Verification,
    repairs: &Repairs,
    most: usize,
) -> Vec<String> {
    if verification.witnesses.is_empty() {
        return Vec::new();
    }
    let offered = repairs.all.as_ref().map(|repair| &repair.edits);
    let weight: u32 = offered.map_or(u32::MAX, |edits| edits.iter().map(Edit::weight).sum());
    let mut edits = every_edit(org, verification);
    edits.retain(|edit| edit.weight() < weight);
    let alone = edits.iter().map(|edit| vec![edit.clone()]);
    let pairs = edits.iter().enumerate().flat_map(|(at, a)| {
        let others = edits[at + 1..].iter().filter(move |b| a.weight() + b.weight() < weight);
        others.map(move |b| vec![a.clone(), b.clone()])
    });
    // Where nothing is offered all pairs would be lighter, and the twin is slow.
    let pairs = pairs.filter(|_| offered.is_some());
    let clears = |edits: &Vec<Edit>| twin_after(file, org, edits, most).is_empty();
    let found = alone.chain(pairs).find(clears);
    let text = |edits: Vec<Edit>| format!("{offered:?} of weight {weight} is offered, and {edits:?} is enough");
    found.map(text).into_iter().collect()
}

/// Every change of the kinds that are cheap, worth trying or not; of costs those at the ends, for every connector on a circle.
fn every_edit(org: &Organization, verification: &Verification) -> Vec<Edit> {
    let servers = org.servers().iter_enumerated();
    let legacy = servers.filter(|(_, server)| server.version <= Version::Exchange2003 && !server.suppression_in_effect);
    let mut edits: Vec<Edit> = legacy.map(|(index, _)| Edit::Suppress(index)).collect();
    let disabled = org.connectors().iter_enumerated();
    let disabled = disabled.filter(|(_, connector)| !connector.enabled && !connector.kind.is_legacy());
    edits.extend(disabled.map(|(index, _)| Edit::DeleteDisabled(index)));
    for (group, _) in org.routing_groups().iter_enumerated() {
        let mut servers = org.group_servers(group).iter();
        let able = |server: &&ServerIdx| org.servers()[**server].version != Version::Exchange55;
        let stale = org.routing_groups()[group].is_stale();
        edits.extend(
            servers
                .find(able)
                .filter(|_| stale)
                .map(|server| Edit::AppointMaster(group, *server)),
        );
    }
    for connector in org.connectors_of_both_kinds() {
        let (restrictions, limited) = match connector {
            ConnectorRef::RoutingGroup(at) => {
                let connector = &org.routing_group_connectors()[at];
                (
                    &connector.restrictions,
                    connector.max_message_size != SizeLimit::Unlimited,
                )
            }
            ConnectorRef::External(at) => {
                let connector = &org.connectors()[at];
                (&connector.restrictions, connector.max_message_size.is_some())
            }
        };
        edits.extend(limited.then_some(Edit::LiftLimit(connector)));
        edits.extend((*restrictions != Restrictions::default()).then_some(Edit::LiftRestrictions(connector)));
    }
    let crossed = verification.witnesses.iter().flat_map(|witness| &witness.steps);
    let mut crossed: Vec<_> = crossed.filter_map(|step| step.over).collect();
    crossed.sort_unstable();
    crossed.dedup();
    let ends = |at: &RoutingGroupConnectorIdx| [Edit::SetCost(*at, 1), Edit::SetCost(*at, 100)];
    edits.extend(crossed.iter().flat_map(ends));
    edits
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
    assert_eq!(super::lines(&found), both);
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
    assert_eq!(super::lines(&found), ["SMTP:* [To W] E > rg:W must"]);
    assert_eq!(fix_text(&found["repair"]["edits"]), "suppress_state_changes BH-W 1");
}

#[test]
fn what_is_offered_ends_every_loop_when_it_is_made_to_the_file() {
    let judged: Vec<(Vec<String>, usize, bool)> = SEEDS
        .into_par_iter()
        .map(|seed| {
            let (faults, loops, repaired) = faults(&coexistence(seed), 1);
            let told = faults.into_iter().map(|fault| format!("seed {seed}: {fault}"));
            (told.collect(), loops, repaired)
        })
        .collect();
    let faults: Vec<&String> = judged.iter().flat_map(|(faults, ..)| faults).collect();
    assert!(faults.is_empty(), "{} of {}: {faults:#?}", faults.len(), judged.len());
    let loops = judged.iter().filter(|(_, loops, _)| *loops > 0).count();
    let repaired = judged
        .iter()
        .filter(|(_, loops, repaired)| *loops > 0 && *repaired)
        .count();
    assert!(loops > 80 && repaired * 10 > loops * 8, "{repaired} of {loops}");
}

#[test]
fn what_is_offered_for_the_examples_ends_every_loop() {
    for (drawing, most) in [
        ("Chicago-HK 10, Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1", 2),
        ("Chicago-London 10, E-Chicago 1, E-London 100", 2),
        ("A-R 1, A-S 3, S-R 3, E-A 1, E-R 5", 2),
        ("A-B 1, E-A 1, E-B 5, B-C 1", 2),
        ("E-Hub 1, E-A 1, A-Hub 3, Hub-Spoke 10, A-Spoke 30", 2),
    ] {
        let (faults, loops, repaired) = faults(&groups(drawing), most);
        assert_eq!((faults, repaired), (Vec::new(), true), "{drawing}");
        assert!(loops > 0, "{drawing}");
    }
}

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
