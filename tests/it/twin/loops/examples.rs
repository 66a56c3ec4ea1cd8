//! The worked examples of the documents, with their numbers. *Derived*: the text cites an example without its
//! numbers, and it is rebuilt from its rule.

use serde_json::{Value, json};

use super::drawing::{NONE, Walker, between, groups, named, suppress_all, told, told_for};

#[test]
fn lw1_a_link_that_is_down_is_routed_around() {
    let file = groups("Seattle-London 10, London-Brussels 10, Seattle-Tokyo 30, Tokyo-Brussels 30");
    let walker = Walker::new(&file);
    assert_eq!(
        walker.way(0, "Seattle", "Brussels", &[]),
        "Seattle London Brussels, delivered"
    );
    assert_eq!(
        walker.way(0, "Seattle", "Brussels", &["Seattle>London"]),
        "Seattle Tokyo Brussels, delivered"
    );
    assert_eq!(told(&file, 2), NONE);
}

#[test]
fn lw3_a_leaf_is_never_marked_down() {
    let mut file = groups("Hub-Spoke 1, Hub-A 1, Hub-B 1, A-B 1");
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "A", "Spoke", &["Hub>Spoke"]), "A Hub, waits");
    let believable = |file: &Value| {
        let walker = Walker::new(file);
        walker.network.link_state.believable(&walker.network.org).len()
    };
    assert_eq!(believable(&file), 6, "all but those between hub and spoke");
    // A second connector to the spoke: the rule stops applying.
    let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
    connectors.push(between("A", "Spoke", 5));
    assert_eq!(believable(&file), 9);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "Hub", "Spoke", &["Hub>Spoke"]), "Hub A Spoke, delivered");
}

#[test]
fn leaves_are_counted_over_all_connectors_that_are_not_disabled() {
    let mut file = groups("Hub-Spoke 1, Hub-A 1, Hub-B 1, A-B 1");
    file["connectors"] = json!([{
        "name": "Out", "kind": "LegacySmtp", "routing_group": "Spoke", "source_servers": ["BH-Spoke"],
        "smart_hosts": ["relay.example"], "address_spaces": ["*"],
    }]);
    let believable = |file: &Value| {
        let walker = Walker::new(file);
        walker.network.link_state.believable(&walker.network.org).len()
    };
    assert_eq!(believable(&file), 9);
    file["connectors"][0]["enabled"] = json!(false);
    assert_eq!(
        believable(&file),
        6,
        "a disabled one is not counted, and its group is a leaf"
    );
    file["connectors"][0]["enabled"] = json!(true);
    file["connectors"][0]["smart_hosts"] = json!([]);
    assert_eq!(believable(&file), 8, "by DNS it counts and has no state");
    // One in, one out to elsewhere: no mirror images.
    let ring = groups("A>B 1, B>C 1, C>A 1");
    assert_eq!(believable(&ring), 3);
    assert_eq!(
        believable(&groups("A-E 1, E-B 1")),
        0,
        "the 2007 group makes leaves as well"
    );
}

#[test]
fn lw6_islands_in_three_stages() {
    for drawing in [
        "A-B 10, B-C 10, A-E 10, B-E 10, C-E 10",
        "A-E 10, C-E 10",
        "A-E 10, C-E 10, A-C 100",
    ] {
        assert_eq!(told(&groups(drawing), 3), NONE, "{drawing}");
    }
    let walker = Walker::new(&groups("A-E 10, C-E 10, A-X 10, C-Y 10"));
    assert!(acts(&walker, "A", "A>E"));
    assert!(!acts(&walker, "C", "A>E"), "no news from the other island");
    let walker = Walker::new(&groups("A-E 10, C-E 10, A-X 10, C-Y 10, A-C 100"));
    assert!(acts(&walker, "Y", "A>E"));
}

fn acts(walker: &Walker, group: &str, connector: &str) -> bool {
    let org = &walker.network.org;
    let group = org.groups.iter().position(|g| g.name.is(group)).expect("a group");
    walker.network.link_state.acts_on(org, group, walker.wire(connector))
}

#[test]
fn who_acts_on_what() {
    let drawing = "A-B 1, B-C 1, C-A 1, A-E 1, B-E 1";
    let with = |collection: &str, name: &str, field: &str, value: Value| {
        let mut file = groups(drawing);
        file["routing_groups"] = json!([{ "name": "A" }, { "name": "B" }, { "name": "C" }]);
        named(&mut file, collection, name)[field] = value;
        Walker::new(&file)
    };
    let plain = Walker::new(&groups(drawing));
    assert!(acts(&plain, "C", "A>B") && acts(&plain, "A", "A>E"));
    assert!(!acts(&plain, "A", "E>A"), "the 2007 group has no link state");
    for master in [
        with("routing_groups", "A", "master", json!("")),
        with("routing_groups", "A", "stale", json!(true)),
    ] {
        assert!(!acts(&master, "A", "A>B"), "it does not act on its own");
        assert!(!acts(&master, "A", "B>C") && !acts(&master, "C", "A>B"));
        assert!(acts(&master, "C", "B>A"), "the others still tell each other");
    }
    let suppressed = with("servers", "BH-A", "suppress_state_changes", json!(true));
    assert!(!acts(&suppressed, "B", "A>B") && acts(&suppressed, "A", "B>A"));
    let pending = with("servers", "BH-A", "suppression_in_effect", json!(true));
    assert!(!acts(&pending, "B", "A>B"));
    let blocked = with("servers", "BH-A", "link_state_blocked", json!(true));
    assert!(acts(&blocked, "A", "A>B"), "its own group is always in its island");
    assert!(!acts(&blocked, "B", "A>B") && !acts(&blocked, "A", "B>C") && acts(&blocked, "C", "B>C"));
    let old = with("servers", "BH-A", "version", json!("Exchange55"));
    assert!(!acts(&old, "B", "A>B") && acts(&old, "A", "A>B"));
}

#[test]
fn lw10_setup_makes_detours_and_a_second_connector_cures_them() {
    let mut file = groups("HK-Chicago 1, London-Chicago 1, Chicago-E 1");
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "HK", "E", &[]), "HK Chicago E, delivered");
    assert_eq!(told(&file, 3), NONE, "one connector pair");
    let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
    connectors.extend([between("HK", "E", 1), between("E", "HK", 1)]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "HK", "E", &[]), "HK E, delivered");
    assert_eq!(walker.way(0, "E", "HK", &[]), "E HK, delivered");
    // Equal costs everywhere: each group is attached at the least cost (LS-3.2.3), or a leaf.
    assert_eq!(told(&file, 2), NONE);
}

const LW11: &str = "Chicago-HK 10, Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1";

#[test]
fn lw11_the_documented_cities() {
    let file = groups(LW11);
    assert_eq!(told_for(&file, "London", 2), ["London [Chicago>London] E Chicago must"]);
    assert_eq!(told_for(&file, "London", 0), NONE);
    let walker = Walker::new(&file);
    assert_eq!(
        walker.way(0, "Chicago", "London", &["Chicago>London"]),
        "Chicago E, loops"
    );
    assert_eq!(
        walker.way(0, "HK", "London", &["Chicago>London"]),
        "HK London, delivered"
    );
}

#[test]
fn lw11_without_the_third_side_london_is_a_leaf() {
    let file = groups("Chicago-HK 10, Chicago-London 10, E-Chicago 1, E-HK 1");
    assert_eq!(told_for(&file, "London", 2), NONE);
}

#[test]
fn lw11_suppressed_everywhere_mail_waits_at_chicago() {
    let mut file = groups(LW11);
    suppress_all(&mut file);
    assert_eq!(told(&file, 3), NONE);
    assert_eq!(
        Walker::new(&file).way(0, "Chicago", "London", &["Chicago>London"]),
        "Chicago, waits"
    );
}

#[test]
fn lw11_with_dear_ways_into_2007_one_loop_of_two_failures_is_left() {
    let mut file = groups(LW11);
    for name in ["Chicago>E", "HK>E"] {
        named(&mut file, "routing_group_connectors", name)["cost"] = json!(100);
    }
    assert_eq!(
        told_for(&file, "London", 2),
        ["London [Chicago>HK Chicago>London] E Chicago must"]
    );
}

#[test] // LS-3.4: 11 each way, and every site leaves by its own connector.
fn lw11b_a_tie_loops_in_one_site_and_delivers_in_another() {
    let mut file = groups("Chicago-HK 10, Chicago-London 10, HK-London 10, E-Chicago 1, E-HK 1");
    file["sites"] = json!([{ "name": "Chi" }, { "name": "Hkg" }]);
    file["site_links"] = json!([{ "name": "link", "sites": ["Chi", "Hkg"], "cost": 10 }]);
    for (site, group) in [("Chi", "Chicago"), ("Hkg", "HK")] {
        let hub = format!("H-{site}");
        let servers = file["servers"].as_array_mut().expect("servers");
        servers.retain(|server| server["name"] != "H-E");
        servers.push(json!({ "name": hub, "version": "Exchange2007Sp1", "site": site }));
        named(&mut file, "routing_group_connectors", &format!("E>{group}"))["source_servers"] = json!([hub]);
        named(&mut file, "routing_group_connectors", &format!("{group}>E"))["target_servers"] = json!([hub]);
    }
    let walker = Walker::new(&file);
    let failed = ["Chicago>London"];
    assert_eq!(walker.way(0, "Chi", "London", &failed), "Chi Chicago, loops");
    assert_eq!(walker.way(0, "Hkg", "London", &failed), "Hkg HK London, delivered");
    assert_eq!(
        told_for(&file, "London", 1),
        [
            "London [Chicago>London] Chi Chicago must",
            "London [HK>London] Hkg HK must"
        ]
    );
}
