//! Connectors whose failure nobody reports (LS-1.4), as the answers of `verify` show them.

use bridgehead::linkstate;
use bridgehead::verify::Setting;
use serde_json::{Value, json};

use super::classes::CITIES;
use super::{case, lines, setting, told, verified};
use crate::twin::loops::drawing::{NONE, groups, named};

const LOOP: [&str; 1] = ["rg:London [Chicago>London] E > rg:Chicago must"];

fn smart_hosts() -> Value {
    let mut file = groups("E-W 1, E-V 1");
    let outside = |name: &str, group: &str, space: &str| {
        json!({
            "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": [format!("BH-{group}")],
            "smart_hosts": ["relay.example"], "address_spaces": [space],
        })
    };
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
fn exemption_2_is_the_leaf_rule_unless_asked_for_more() {
    // Nothing but A>B leads to B, which is no leaf: C hangs on it. E finds Out in B for 3; A turns to Far when A>B fails.
    let mut file = groups("A-B 1, B-C 1, E-A 1, E-V 1");
    let outside = |name: &str, group: &str, space: &str| {
        json!({
            "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": [format!("BH-{group}")],
            "smart_hosts": ["relay.example"], "address_spaces": [space],
        })
    };
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
    // Q4: the ends of Chicago>London are joined without it, so the verdict stays.
    assert_eq!(told_with(&groups(CITIES), wide), LOOP);
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
