//! Connectors whose failure nobody reports (LS-1.4), as the answers of `verify` show them.

use bridgehead::linkstate;
use bridgehead::model::GroupRef;
use serde_json::{Value, json};

use super::classes::CITIES;
use super::{Setting, case, lines, outside, setting, told, verified};
use crate::support::Case;
use crate::twin::loops::drawing::{NONE, groups, named};

const LOOP: [&str; 1] = ["rg:London [Chicago>London] E > rg:Chicago must"];

fn smart_hosts() -> Value {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([outside("To W", "W", "*;1"), outside("To V", "V", "*;10")]);
    file
}

fn told_with(file: &Value, link_state: linkstate::Options) -> Vec<String> {
    let setting = Setting {
        link_state,
        ..setting(1)
    };
    lines(&verified(&case(file), setting))
}

#[test]
fn exemption_1_leaf_groups() {
    assert_eq!(told(&groups(CITIES), 1), LOOP);
    let leaf = "Chicago-HK 10, Chicago-London 10, E-Chicago 1, E-HK 1";
    assert_eq!(told(&groups(leaf), 3), NONE);
    // Connectors with the 2007 group count (Q5): London is no leaf with one.
    let dear = format!("{leaf}, E-London 100");
    assert_eq!(told(&groups(&dear), 1), LOOP);
    // Connectors to the outside count, disabled ones do not.
    let mut file = groups("Chicago-London 10, E-Chicago 1, E-HK 1, Chicago-HK 50, London>HK 60");
    assert_eq!(told(&file, 1), NONE, "there is no way into London but one");
    file["connectors"] = json!([
        {
            "name": "Out", "kind": "LegacySmtp", "routing_group": "London", "source_servers": ["BH-London"],
            "smart_hosts": ["relay.example"], "address_spaces": ["*;1"],
        },
        {
            "name": "Far", "kind": "LegacySmtp", "routing_group": "HK", "source_servers": ["BH-HK"],
            "smart_hosts": ["relay.example"], "address_spaces": ["*;30"],
        },
    ]);
    // E finds Out for 12 over Chicago, which turns to Far over E when it believes Out or the way there down.
    let over_chicago = [
        "SMTP:* [Chicago>London] E > rg:Chicago must",
        "SMTP:* [Out] E > rg:Chicago must",
    ];
    assert_eq!(told(&file, 1), over_chicago);
    let mut leaf = file.clone();
    let connectors = leaf["routing_group_connectors"].as_array_mut().expect("connectors");
    connectors.retain(|connector| connector["name"] != "London>HK");
    assert_eq!(told(&leaf, 1), over_chicago, "Out counts");
    named(&mut leaf, "connectors", "Out")["enabled"] = json!(false);
    assert_eq!(told(&leaf, 1), NONE, "Out does not count, and London is a leaf");
}

#[test]
fn exemption_1_the_2007_group_may_be_a_leaf() {
    // Q5: to legacy it is a group like others. One connector leads into it, a disabled one out of it, which A, being stale, and V
    // take for a way; when V>E fails, V would go back to A for Out if it believed that.
    let mut file = groups("V>E 1, V-A 1, A>B 5");
    named(&mut file, "routing_groups", "A")["stale"] = json!(true);
    let off = json!({
        "name": "Off", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["partner.example;1"], "enabled": false,
    });
    file["connectors"] = json!([outside("Out", "B", "partner.example;10"), off]);
    assert_eq!(told(&file, 1), NONE);
    assert!(super::holes(&file).contains(&"V>E: rg:A rg:V for SMTP:partner.example, leaf".to_owned()));
    // With a connector that is not disabled it has one in and one out, which are no mirror images.
    named(&mut file, "connectors", "Off")["enabled"] = json!(true);
    assert_eq!(told(&file, 1), ["SMTP:partner.example [V>E] rg:A > rg:V must"]);
}

#[test]
fn exemption_1_what_counts_at_the_2007_group() {
    for (drawing, enabled, leaf) in [
        ("V>E 1", None, true),
        ("E-V 1", None, true),
        ("E-V 1", Some(false), true),
        ("E-V 1", Some(true), false),
        ("V>E 1", Some(true), false),
        ("V>E 1, E>A 1", None, false),
        ("V>E 1, A>E 1", None, false),
    ] {
        let mut file = groups(&format!("{drawing}, V-A 1, A-B 1, B-V 1"));
        if let Some(enabled) = enabled {
            file["connectors"] = json!([{
                "name": "Send", "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["*"], "enabled": enabled,
            }]);
        }
        let Case { org, graphs, .. } = case(&file);
        let believable = linkstate::Believable::new(&org, &graphs.combined, linkstate::Options::default());
        let mut all = believable.all().iter();
        let (_, always_up) = all
            .find(|(connector, _)| org.connector_name(*connector).as_str() == "V>E")
            .expect("it is there");
        let expected = leaf.then_some(linkstate::AlwaysUp::Leaf(GroupRef::Exchange2007));
        assert_eq!(*always_up, expected, "{drawing}, {enabled:?}");
    }
}

#[test]
fn exemption_2_is_the_leaf_rule_unless_asked_for_more() {
    // Nothing but A>B leads to B, which is no leaf: C hangs on it. E finds Out in B for 3; A turns to Far when A>B fails.
    let mut file = groups("A-B 1, B-C 1, E-A 1, E-V 1");
    file["connectors"] = json!([outside("Out", "B", "*;1"), outside("Far", "V", "*;10")]);
    let wide = linkstate::Options {
        exempt_without_alternative: true,
        ..linkstate::Options::default()
    };
    let over_a = "SMTP:* [A>B] E > rg:A must".to_owned();
    let plain = told_with(&file, linkstate::Options::default());
    assert!(plain.contains(&over_a), "{plain:?}");
    let exempt = told_with(&file, wide);
    assert!(!exempt.contains(&over_a), "{exempt:?}");
    // Q4: Chicago still gets to London without Chicago>London, so the verdict stays.
    assert_eq!(told_with(&groups(CITIES), wide), LOOP);
    assert_eq!(other_reading(&groups(CITIES)), Value::Null);
}

fn other_reading(file: &Value) -> Value {
    verified(&case(file), setting(1))["if_exempt_without_alternative"].clone()
}

#[test]
fn exemption_2_asks_for_a_way_that_mail_can_go() {
    for (drawing, expected) in [
        ("A>B 1", false),
        ("A-B 1", false),
        ("A>B 1, A>S 1, S>B 10", true),
        ("A>B 1, A>S 1, B>S 10", false),
        // Round the other way: the ends are joined, and no mail gets from A to B.
        ("A>B 1, B>C 1, C>A 1", false),
        ("A>B 1, A>E 1, E>B 1", true),
    ] {
        let Case { org, graphs, .. } = case(&groups(drawing));
        let connectors = org.routing_group_connectors().iter_enumerated();
        let [at] = connectors
            .filter(|(_, c)| c.name.as_str() == "A>B")
            .map(|(at, _)| at)
            .collect::<Vec<_>>()[..]
        else {
            panic!("one A>B");
        };
        assert_eq!(
            linkstate::has_alternative(&org, &graphs.combined, at),
            expected,
            "{drawing}"
        );
    }
    // A way over a connector that carries no mail is none.
    let mut file = groups("A>B 1, A>S 1, S>B 10");
    named(&mut file, "routing_group_connectors", "S>B")["source_servers"] = json!(["BH-A"]);
    let Case { org, graphs, .. } = case(&file);
    let (at, _) = org
        .routing_group_connectors()
        .iter_enumerated()
        .next()
        .expect("a connector");
    assert!(!linkstate::has_alternative(&org, &graphs.combined, at));
}

#[test]
fn the_answer_says_when_the_other_reading_of_exemption_2_would_change_it() {
    let mut file = groups("A-B 1, B-C 1, E-A 1, E-V 1");
    file["connectors"] = json!([outside("Out", "B", "*;1"), outside("Far", "V", "*;10")]);
    // [Out] loops as well, and a connector to the outside has no other end.
    assert_eq!(other_reading(&file), Value::Null);
    named(&mut file, "connectors", "Out")["smart_hosts"] = json!([]);
    assert_eq!(told(&file, 1), ["SMTP:* [A>B] E > rg:A must"]);
    assert_eq!(
        other_reading(&file),
        json!({ "verdict": "loop_free", "exempt": ["A>B"] })
    );
    let exempt = linkstate::Options {
        exempt_without_alternative: true,
        ..linkstate::Options::default()
    };
    assert_eq!(told_with(&file, exempt), NONE);
}

#[test]
fn exemption_3_one_suppressed_source_server_keeps_the_connector_up() {
    let mut file = groups(CITIES);
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "BH2", "version": "Exchange2003", "routing_group": "Chicago" }));
    named(&mut file, "routing_group_connectors", "Chicago>London")["source_servers"] = json!(["BH-Chicago", "BH2"]);
    assert_eq!(told(&file, 1), LOOP);
    // Q7: one of the two is enough.
    named(&mut file, "servers", "BH2")["suppress_state_changes"] = json!(true);
    assert_eq!(told(&file, 3), NONE);
    // The value is set, and the services were not restarted.
    named(&mut file, "servers", "BH2")["suppression_in_effect"] = json!(false);
    assert_eq!(told(&file, 1), LOOP);
}

#[test]
fn exemption_4_connectors_that_start_in_the_2007_group() {
    // Whatever fails, only connectors of legacy groups are ever in a witness.
    for drawing in [
        CITIES,
        "A-R 1, A-S 3, S-R 3, E-A 1, E-R 5",
        "A-B 1, E-A 1, E-B 5, B-C 1",
    ] {
        let found = told(&groups(drawing), 3);
        assert!(!found.is_empty(), "{drawing}");
        assert!(
            found.iter().all(|line| !line.contains("[E>") && !line.contains(", E>")),
            "{found:?}"
        );
    }
}

#[test]
fn exemption_5_smtp_connectors_without_smart_hosts() {
    let mut file = smart_hosts();
    let expected = ["SMTP:* [To W] E > rg:W must"];
    assert_eq!(told(&file, 2), expected);
    named(&mut file, "connectors", "To W")["smart_hosts"] = json!([]);
    assert_eq!(told(&file, 2), NONE);
    let dns = linkstate::Options {
        dns_always_up: false,
        ..linkstate::Options::default()
    };
    assert_eq!(told_with(&file, dns), expected, "the option of Q3");
    named(&mut file, "connectors", "To W")["kind"] = json!("LegacyX400");
    assert_eq!(
        told(&file, 2),
        expected,
        "X.400 connectors have a state without smart hosts"
    );
}
