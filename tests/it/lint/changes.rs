//! The edits of findings, made to a file as an administrator would read them: by what they say and nothing else.

use bridgehead::diagnostic::Edit;
use serde_json::{Value, json};

/// Makes a change to a topology in JSON.
pub(super) fn make(file: &mut Value, edit: &Edit) {
    let (target, value) = (edit.target.as_str(), edit.value.as_deref());
    let text = || value.unwrap_or_else(|| panic!("a value: {edit:?}"));
    let number = || -> u32 { text().parse().unwrap_or_else(|_| panic!("a number: {edit:?}")) };
    match edit.kind {
        "suppress_state_changes" => {
            let server = record(file, &["servers"], target);
            server["suppress_state_changes"] = json!(true);
            server["suppression_in_effect"] = json!(true);
        }
        "appoint_master" => {
            let group = record(file, &["routing_groups"], target);
            group["master"] = json!(text());
            group["stale"] = json!(false);
        }
        "allow_dearer_routes" => record(file, &["servers"], target)["least_cost_only"] = json!(false),
        "upgrade" => record(file, &["servers"], target)["version"] = json!(text()),
        "lift_size_limit" => record(file, &CONNECTORS, target)["max_message_size"] = json!(text()),
        "lift_restrictions" => {
            let connector = record(file, &CONNECTORS, target);
            let login = connector["restrictions"]["integrated_authentication"]
                .as_bool()
                .unwrap_or_default();
            connector["restrictions"] = json!({ "integrated_authentication": login });
        }
        "set_cost" => record(file, &["routing_group_connectors"], target)["cost"] = json!(number()),
        "remove_connector" => remove(file, "routing_group_connectors", target),
        "delete_connector" => remove(file, "connectors", target),
        "add_connectors" => {
            let command = edit.command.as_deref().expect("the line names the servers");
            let [hubs, bridgeheads] =
                ["Source", "Target"].map(|end| listed(command, &format!("-{end}TransportServers ")));
            let connectors = file["routing_group_connectors"].as_array_mut().expect("a collection");
            let mut add = |from: &str, to: &str, sources: &[&str], targets: &[&str]| {
                let name = format!("{from} to {to}, added");
                connectors.push(json!({
                    "name": name, "from": from, "to": to, "cost": number(), "source_servers": sources, "target_servers": targets,
                }));
            };
            add(GROUP_2007, target, &hubs, &bridgeheads);
            add(target, GROUP_2007, &bridgeheads, &hubs);
        }
        "set_hub_site" => {
            let hub: bool = text().parse().expect("true or false");
            record(file, &["sites"], target)["hub_site"] = json!(hub);
        }
        "set_shadow_rejection" => {
            let refuse: bool = text().parse().expect("true or false");
            file["transport_config"]["reject_message_on_shadow_failure"] = json!(refuse);
        }
        "set_shadow_preference" => file["transport_config"]["shadow_message_preference_setting"] = json!(text()),
        "set_safety_net_hold_time" => file["transport_config"]["safety_net_hold_time"] = json!(text()),
        "set_timeouts" => {
            let (idle, longest) = text().split_once(" of ").expect("two periods");
            let connector = receiving(file, target);
            connector["connection_inactivity_timeout"] = json!(idle);
            connector["connection_timeout"] = json!(longest);
        }
        "set_acknowledgement_delay" => receiving(file, target)["max_acknowledgement_delay"] = json!(text()),
        kind => panic!("nobody has said how a file is changed by {kind}: {edit:?}"),
    }
}

const GROUP_2007: &str = "DWBGZMFD01QNBJR";

/// The names that a parameter of a PowerShell line lists, each in quotes.
fn listed<'c>(command: &'c str, parameter: &str) -> Vec<&'c str> {
    let (_, rest) = command.split_once(parameter).expect("the parameter");
    let list = rest.split(" -").next().expect("a value");
    list.split(',').map(|name| name.trim_matches('\'')).collect()
}

const CONNECTORS: [&str; 2] = ["routing_group_connectors", "connectors"];

/// The record of that name in one of the collections.
fn record<'a>(file: &'a mut Value, collections: &[&str], name: &str) -> &'a mut Value {
    let holds = |collection: &&&str| {
        let records = file[**collection].as_array();
        records.is_some_and(|records| records.iter().any(|record| record["name"] == name))
    };
    let collection = *collections
        .iter()
        .find(holds)
        .unwrap_or_else(|| panic!("there is no {name}"));
    let records = file[collection].as_array_mut().expect("a collection");
    records
        .iter_mut()
        .find(|record| record["name"] == name)
        .expect("it was found")
}

/// The receive connector `SERVER\\NAME`.
fn receiving<'a>(file: &'a mut Value, target: &str) -> &'a mut Value {
    let (server, name) = target.split_once('\\').expect("a server and a name");
    let records = file["receive_connectors"].as_array_mut().expect("a collection");
    let mut all = records.iter_mut();
    all.find(|record| record["server"] == server && record["name"] == name)
        .expect("it is there")
}

fn remove(file: &mut Value, collection: &str, name: &str) {
    let records = file[collection].as_array_mut().expect("a collection");
    let before = records.len();
    records.retain(|record| record["name"] != name);
    assert_eq!(records.len() + 1, before, "{name} is there once");
}
