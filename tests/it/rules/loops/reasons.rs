//! What the routers of a circle went by, worked out by hand (R34, R35, R61), and how far a search has come.

use bridgehead::verify::{World, verify};
use serde_json::{Value, json};

use super::classes::CITIES;
use super::{case, list, setting, text, told, verified};
use crate::twin::loops::drawing::{groups, named};

/// A connector of group `group` to every address, called `Out GROUP`.
fn out(group: &str, cost: u64) -> Value {
    json!({
        "name": format!("Out {group}"), "kind": "LegacySmtp", "routing_group": group,
        "source_servers": [format!("BH-{group}")], "smart_hosts": ["relay.example"],
        "address_spaces": [format!("*;{cost}")],
    })
}

/// What the steps of the first loop went by.
fn reasons(file: &Value, most: usize) -> Vec<String> {
    let found = verified(&case(file), setting(most));
    let steps = list(&found["witnesses"][0]["steps"]).iter();
    let told = steps.map(|step| format!("{}: {}", text(&step["connector"]), text(&step["why"])));
    told.collect()
}

#[test] // R34: the better way of V is over U, although V has a connector to the outside itself.
fn a_way_ends_at_the_cheap_exit_and_not_at_the_first_that_it_passes() {
    let mut file = groups("E-V 1, E-W 1, V-U 1");
    file["connectors"] = json!([out("U", 1), out("V", 100), out("W", 50)]);
    let lines = ["SMTP:* [Out U] E > rg:V must", "SMTP:* [V>U] E > rg:V must"];
    assert_eq!(told(&file, 1), lines);
    let expected = [
        "E>V: plans E>V, V>U and Out U at routing-group cost 2 (R53); the next best, Out W at cost 51, is dearer; does not know \
         that Out U failed (R35)",
        "V>E: takes the cheapest way that it believes open, V>E, E>W and Out W at cost 52 (R61); leaves out V>U and Out U at cost \
         2, since it believes Out U down (R34)",
    ];
    assert_eq!(reasons(&file, 1), expected);
}

#[test]
fn progress_counts_every_pair_of_a_recipient_and_a_kind_of_message() {
    // A site and three groups, and two kinds of messages: those of one sender, and others.
    let mut file = groups(CITIES);
    named(&mut file, "routing_group_connectors", "Chicago>London")["restrictions"] =
        json!({ "denied_senders": ["a@x.example"] });
    let case = case(&file);
    let setting = setting(0);
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    let mut told = Vec::new();
    verify(&world, setting.bounds, &mut |done, all| told.push((done, all)));
    assert_eq!(told, [0, 1, 2, 3, 4, 5, 6, 7].map(|done| (done, 8)));
}
