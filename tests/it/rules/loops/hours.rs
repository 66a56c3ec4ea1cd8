//! Hours of legacy connectors: which minutes are alike, and mail that circles at some of them (LC3, V19, D20).

use bridgehead::route::DefaultSize;
use bridgehead::verify::{Edit, message_classes, phrase};
use serde_json::{Value, json};

use super::{case, fix_text, lines, list, outside, setting, told, verified};
use crate::engine::{CheckSetting, engine_certify, read};
use crate::twin::loops::drawing::{NONE, groups, named, suppress_all};

/// A way over V and R that is cheap, and one over W; nobody believes anything down.
fn two_ways() -> Value {
    let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
    suppress_all(&mut file);
    file
}

fn open(file: &mut Value, connector: &str, windows: Value) {
    named(file, "routing_group_connectors", connector)["restrictions"] = json!({ "schedule": windows });
}

/// `at` of every class of messages, in order.
fn hours(file: &Value) -> Vec<String> {
    let (classes, all) = message_classes(&case(file).org, DefaultSize::None);
    assert!(all);
    let at = classes.iter().map(|class| class.at.map(|at| at.to_string()));
    at.map(|at| at.unwrap_or_else(|| "none".to_owned())).collect()
}

fn week(hours: &str) -> Value {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    json!(days.map(|day| format!("{day} {hours}")))
}

/// Where V sends a message for R that is sent at `at`.
fn next_hop(file: &Value, at: Option<&str>) -> String {
    let case = case(file);
    let question = case.from("rg:V").to("rg:R");
    let question = at.into_iter().fold(question, |question, at| question.at(at));
    question.answer().links()
}

#[test]
fn lc3_hours_that_only_legacy_keeps() {
    let mut file = two_ways();
    assert_eq!(hours(&file), ["none"]);
    open(&mut file, "V>R", json!(["Mon 08:00-18:00"]));
    assert_eq!(hours(&file), ["Mon 00:00", "Mon 08:00"]);
    let found = verified(&case(&file), setting(0));
    assert_eq!(lines(&found), ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"]);
    let witness = &found["witnesses"][0];
    assert_eq!(
        witness["message_class"],
        json!({ "size": null, "sender": "other", "priority": "Normal", "type": "NonSystem", "at": "Mon 00:00" })
    );
    assert_eq!(witness["also_in"], Value::Null, "nothing circles while it is open");
    let back = &witness["steps"][1];
    assert_eq!(back["rejected"]["because"], "refuses");
    let why = back["why"].as_str().expect("a reason");
    assert!(why.contains("V>R would be closed at that hour"), "{why}");
    assert_eq!(fix_text(&witness["fix"]), "lift_restrictions V>R -");
    assert_eq!(
        witness["fix"][0]["command"],
        Value::Null,
        "no tool of 2007 changes a legacy connector"
    );
    assert_eq!(found["repair"]["edits"][0]["kind"], "lift_restrictions");
    assert_eq!(
        found["assumptions"],
        json!([
            "The hours of V>R are those of one clock for the whole organization (D20), and mail circles within one state of them (V19)."
        ])
    );
}

#[test]
fn a_class_is_called_by_the_earliest_minute_of_those_that_are_alike() {
    let at = |schedules: &[(&str, Value)]| {
        let mut file = two_ways();
        for (connector, windows) in schedules {
            open(&mut file, connector, windows.clone());
        }
        hours(&file)
    };
    // The first minute of a window is in it, that of its end is not.
    assert_eq!(at(&[("V>R", json!(["Mon 00:00-08:00"]))]), ["Mon 00:00", "Mon 08:00"]);
    assert_eq!(at(&[("V>R", json!(["Sun 23:59-24:00"]))]), ["Mon 00:00", "Sun 23:59"]);
    assert_eq!(
        at(&[("V>R", json!(["Mon 18:00-24:00"]))]),
        ["Mon 00:00", "Mon 18:00"],
        "Tuesday 00:00 is like Monday 00:00"
    );
    // Adjacent, overlapping, and across midnight: one stretch.
    for windows in [
        json!(["Mon 08:00-12:00", "Mon 12:00-18:00"]),
        json!(["Mon 12:00-18:00", "Mon 08:00-15:00", "Mon 09:00-10:00"]),
        json!(["Mon 08:00-24:00", "Tue 00:00-24:00"]),
    ] {
        assert_eq!(at(&[("V>R", windows.clone())]), ["Mon 00:00", "Mon 08:00"], "{windows}");
    }
    // Days that are alike are one class.
    assert_eq!(at(&[("V>R", week("06:00-22:00"))]), ["Mon 00:00", "Mon 06:00"]);
    // Open all week: there are hours, and all are alike.
    assert_eq!(at(&[("V>R", week("00:00-24:00"))]), ["Mon 00:00"]);
    // A schedule of a word is no window.
    assert_eq!(at(&[("V>R", json!("Never")), ("W>R", json!("Always"))]), ["none"]);
}

#[test]
fn two_connectors_with_windows_tell_up_to_four_classes_apart() {
    let mut file = two_ways();
    open(&mut file, "V>R", json!(["Mon 08:00-18:00"]));
    open(&mut file, "W>R", json!(["Mon 08:00-18:00"]));
    assert_eq!(hours(&file), ["Mon 00:00", "Mon 08:00"], "the same hours");
    open(&mut file, "W>R", json!(["Mon 12:00-20:00"]));
    assert_eq!(hours(&file), ["Mon 00:00", "Mon 08:00", "Mon 12:00", "Mon 18:00"]);
    // Closed both, V>R alone open, both, W>R alone.
    let found = verified(&case(&file), setting(0));
    let circling: Vec<(String, &Value)> = lines(&found)
        .into_iter()
        .zip(
            list(&found["witnesses"])
                .iter()
                .map(|witness| &witness["message_class"]["at"]),
        )
        .collect();
    assert_eq!(
        circling,
        [
            ("rg:R [] E > rg:V must".to_owned(), &json!("Mon 18:00")),
            ("rg:W [] E > rg:V must".to_owned(), &json!("Mon 00:00")),
        ],
        "with both closed mail for R waits at V, and for W it comes back whenever V>R is closed"
    );
    assert_eq!(found["witnesses"][1]["also_in"][0]["at"], "Mon 18:00");
    // With V>R open at all hours 18:00 is like 12:00.
    for witness in list(&found["witnesses"]) {
        assert_eq!(fix_text(&witness["fix"]), "lift_restrictions V>R -");
    }
    // A connector to the outside, of whatever kind, counts too.
    let mut file = two_ways();
    file["connectors"] = json!([outside("Out", "R", "*")]);
    named(&mut file, "connectors", "Out")["restrictions"] = json!({ "schedule": ["Tue 00:00-01:00"] });
    assert_eq!(hours(&file), ["Mon 00:00", "Tue 00:00"]);
    file["connectors"] = json!([{
        "name": "Out", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["*"],
        "restrictions": { "schedule": ["Tue 00:00-01:00"] },
    }]);
    assert_eq!(hours(&file), ["Mon 00:00", "Tue 00:00"]);
}

#[test]
fn what_ends_a_loop_of_hours_is_said_as_consoles_call_it() {
    let told = |restrictions: Value| {
        let mut file = two_ways();
        named(&mut file, "routing_group_connectors", "V>R")["restrictions"] = restrictions;
        let org = case(&file).org;
        let connectors = org.connectors_of_both_kinds().into_iter();
        let mut named = connectors.filter(|connector| org.connector_name(*connector).as_str() == "V>R");
        phrase(&org, &Edit::LiftRestrictions(named.next().expect("the connector")))
    };
    let run = "connection time to \"Always run\"";
    let schedule = json!(["Mon 08:00-18:00"]);
    assert_eq!(told(json!({ "schedule": schedule })), format!("set V>R's {run}"));
    assert_eq!(
        told(json!({ "schedule": "Never", "integrated_authentication": true })),
        format!("set V>R's {run}")
    );
    assert_eq!(
        told(json!({ "schedule": schedule, "priorities": ["High"] })),
        format!("lift the restrictions of V>R, and set its {run}")
    );
    assert_eq!(
        told(json!({ "schedule": week("00:00-24:00"), "priorities": ["High"] })),
        "lift the restrictions of V>R"
    );
}

#[test]
fn hours_are_the_innermost_dimension() {
    let mut file = two_ways();
    open(&mut file, "V>R", json!(["Mon 08:00-18:00"]));
    named(&mut file, "routing_group_connectors", "V>R")["restrictions"]["message_types"] = json!(["NonSystem"]);
    named(&mut file, "routing_group_connectors", "W>R")["restrictions"] = json!({ "priorities": ["Normal"] });
    let (classes, _) = message_classes(&case(&file).org, DefaultSize::None);
    let told: Vec<String> = classes
        .iter()
        .map(|class| {
            let at = class.at.map(|at| at.to_string()).unwrap_or_default();
            format!("{:?} {:?} {at}", class.priority, class.message_type)
        })
        .collect();
    let expected: Vec<String> = ["Normal", "Low", "High"]
        .iter()
        .flat_map(|priority| ["NonSystem", "System"].map(|kind| format!("{priority} {kind}")))
        .flat_map(|class| ["Mon 00:00", "Mon 08:00"].map(|at| format!("{class} {at}")))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_message_sent_at_a_minute_is_refused_by_what_is_closed_then() {
    let mut file = two_ways();
    open(&mut file, "V>R", json!(["Mon 08:00-18:00"]));
    let around = "V>E, E>W, W>R";
    for (at, way) in [
        ("Mon 07:59", around),
        ("Mon 08:00", "V>R"),
        ("Mon 17:59", "V>R"),
        ("Mon 18:00", around),
        ("Tue 08:00", around),
        ("Sun 23:59", around),
    ] {
        assert_eq!(next_hop(&file, Some(at)), way, "{at}");
    }
    assert_eq!(next_hop(&file, None), "V>R", "no time: it is taken as open");
    open(&mut file, "V>R", json!(["Mon 18:00-24:00"]));
    let of = |at: &str| next_hop(&file, Some(at));
    assert_eq!([of("Mon 23:59"), of("Tue 00:00")], ["V>R", around]);
    // R45-R47: servers of 2007 look at none of it.
    let at_night = case(&file).from("E").to("rg:R").at("Mon 07:59").answer().links();
    assert_eq!(at_night, "E>V, V>R");
}

#[test]
fn what_is_closed_is_refused_as_with_never_and_stays_up_for_link_state() {
    // Q15: every loop of the closed hours is one of `Never`, with the same failures, and the other way round.
    let loops = |schedule: Value| {
        let mut file = groups("E-V 1, E>W 5, W>E 1, V-R 1, W-R 1");
        open(&mut file, "V>R", schedule);
        let found = verified(&case(&file), setting(1));
        let witnesses = list(&found["witnesses"]).iter();
        let closed = witnesses.filter(|witness| witness["message_class"]["at"] != json!("Mon 08:00"));
        closed
            .map(|one| format!("{} {}", one["recipient"], one["failed"]))
            .collect::<Vec<_>>()
    };
    let never = loops(json!("Never"));
    assert_eq!(loops(json!(["Mon 08:00-18:00"])), never);
    assert!(never.iter().any(|line| line.ends_with(" []")) && never.iter().all(|line| !line.contains("V>R")));
}

#[test]
fn what_is_open_all_week_makes_no_loop() {
    let mut file = two_ways();
    open(&mut file, "V>R", week("00:00-24:00"));
    assert_eq!(told(&file, 1), NONE);
    open(&mut file, "V>R", week("00:00-23:59"));
    assert_eq!(told(&file, 0), ["rg:R [] E > rg:V must", "rg:W [] E > rg:V must"]);
}

#[test]
fn a_certificate_covers_every_class_of_hours() {
    let mut file = two_ways();
    open(&mut file, "V>R", json!(["Mon 08:00-18:00"]));
    open(&mut file, "W>R", json!(["Mon 12:00-20:00", "Sun 20:00-24:00"]));
    let (org, setting) = (read(&file.to_string()), CheckSetting::failures(1));
    let (_, certificate) = engine_certify(&org, setting);
    let at: Vec<Option<&str>> = certificate.messages.iter().map(|letter| letter.at.as_deref()).collect();
    assert_eq!(at, ["Mon 00:00", "Mon 08:00", "Mon 12:00", "Mon 18:00"].map(Some));
    assert_eq!(setting.check(&org, &certificate).flaws, []);
    let flaws = |at: Option<&str>| {
        let mut tampered = certificate.clone();
        tampered.messages[3].at = at.map(str::to_owned);
        let flaws = setting.check(&org, &tampered).flaws;
        flaws.into_iter().map(|flaw| flaw.message).collect::<Vec<_>>()
    };
    assert_eq!(flaws(Some("Sun 20:00")), NONE, "a minute of the same class");
    assert_eq!(flaws(Some("Sun 23:59")), NONE);
    let missing = "nothing is claimed for one kind of message".to_owned();
    for at in [Some("Sun 19:59"), Some("Mon 17:59"), None] {
        assert!(flaws(at).contains(&missing), "{at:?}: {:?}", flaws(at));
    }
    let no_minute = flaws(Some("Mon 24:00"));
    assert_eq!(no_minute[0], "`Mon 24:00` is no minute of a week");
    // Who is sent a certificate need not read all of it in the message that refuses it: 60 characters are told.
    let long = flaws(Some(&"9".repeat(1_000_000)));
    assert_eq!(long[0], format!("`{}…` is no minute of a week", "9".repeat(60)));
    // A file without windows has letters without hours.
    let (_, certificate) = engine_certify(&read(&two_ways().to_string()), setting);
    assert_eq!(certificate.messages[0].at, None);
}

#[test]
fn more_than_100_000_classes_of_hours_are_a_bound() {
    // 24 hours of a day apart, and 4,200 senders.
    let mut file = two_ways();
    let senders: Vec<String> = (0..4_200).map(|number| format!("s{number}@contoso.example")).collect();
    named(&mut file, "routing_group_connectors", "V>R")["restrictions"] = json!({ "denied_senders": senders });
    let all = file["routing_group_connectors"].as_array_mut().expect("connectors");
    for hour in 1..24 {
        let mut other = all[0].clone();
        other["name"] = json!(format!("more {hour}"));
        other["restrictions"] = json!({ "schedule": [format!("Mon {hour:02}:00-24:00")] });
        all.push(other);
    }
    let (classes, complete) = message_classes(&case(&file).org, DefaultSize::None);
    assert_eq!((classes.len(), complete), (100_000, false));
}
