//! What changes are called, what one says of them, and the lines that make them.

use bridgehead::model::{ConnectorRef, Organization, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx};
use bridgehead::verify::{Edit, describe, names_of_connect, phrase, powershell};
use serde_json::{Value, json};

use super::{case, outside};
use crate::support::Case;
use crate::twin::loops::drawing::{groups, named};

/// `A` has connectors with 2007, `B` has none. In site `E` two servers of Service Pack 1 and one of 2010; in `B` two that speak link
/// state, and one of 5.5.
fn organization() -> Case {
    let mut file = groups("E-A 1, A-B 10");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.extend([
        json!({ "name": "H-F", "version": "Exchange2007Sp1", "site": "E" }),
        json!({ "name": "H-G", "version": "Exchange2010Sp1", "site": "E" }),
        json!({ "name": "BH-B2", "version": "Exchange2000", "routing_group": "B" }),
        json!({ "name": "BH-B3", "version": "Exchange55", "routing_group": "B" }),
    ]);
    named(&mut file, "servers", "BH-B")["suppress_state_changes"] = json!(true);
    named(&mut file, "servers", "BH-B")["suppression_in_effect"] = json!(false);
    named(&mut file, "servers", "BH-B2")["suppress_state_changes"] = json!(true);
    file["connectors"] = json!([outside("Relay", "A", "SMTP:a.example;1"), send("Net"),]);
    case(&file)
}

fn send(name: &str) -> Value {
    json!({ "name": name, "kind": "Send", "source_servers": ["H-E"], "address_spaces": ["SMTP:*;1"] })
}

fn server(org: &Organization, name: &str) -> ServerIdx {
    let mut servers = org.servers().iter_enumerated();
    let found = servers.find(|(_, server)| server.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no server {name}")).0
}

fn group(org: &Organization, name: &str) -> RoutingGroupIdx {
    let mut groups = org.routing_groups().iter_enumerated();
    let found = groups.find(|(_, group)| group.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no group {name}")).0
}

fn connector(org: &Organization, name: &str) -> ConnectorRef {
    let mut connectors = org.connectors_of_both_kinds().into_iter();
    let found = connectors.find(|connector| org.connector_name(*connector).as_str() == name);
    found.unwrap_or_else(|| panic!("no connector {name}"))
}

fn between(org: &Organization, name: &str) -> RoutingGroupConnectorIdx {
    match connector(org, name) {
        ConnectorRef::RoutingGroup(index) => index,
        ConnectorRef::External(_) => panic!("{name} leads outside"),
    }
}

/// `kind target value`, the line that makes it, and the sentence.
fn told(org: &Organization, edit: &Edit) -> [String; 3] {
    let described = describe(org, edit);
    let value = described.value.unwrap_or_else(|| "-".to_owned());
    let command = described.command.unwrap_or_else(|| "-".to_owned());
    [
        format!("{} {} {value}", described.kind, described.target),
        command,
        phrase(org, edit),
    ]
}

#[test] // R29, LS-1.7: the shell makes connectors with 2007, the registry and the console of 2003 the rest.
fn each_change_has_its_name_its_sentence_and_its_line() {
    let case = organization();
    let org = &case.org;
    let outside = |name: &str| match connector(org, name) {
        ConnectorRef::External(index) => index,
        ConnectorRef::RoutingGroup(_) => panic!("{name} leads to a group"),
    };
    for (edit, expected) in [
        (
            Edit::Suppress(server(org, "BH-A")),
            [
                "suppress_state_changes BH-A 1",
                "reg add \\\\BH-A\\HKLM\\System\\CurrentControlSet\\Services\\RESvc\\Parameters /v SuppressStateChanges /t REG_DWORD /d 1",
                "set SuppressStateChanges on BH-A and restart its services (R39)",
            ],
        ),
        (
            Edit::Suppress(server(org, "BH-B")),
            [
                "restart_services BH-B -",
                "Get-Service -ComputerName 'BH-B' -Name SMTPSVC,RESvc,MSExchangeMTA | Restart-Service -Force -WhatIf",
                "restart the SMTP, routing engine and MTA services of BH-B, where SuppressStateChanges is set and not in effect (R39)",
            ],
        ),
        (
            // Where it is in effect there is nothing to restart.
            Edit::Suppress(server(org, "BH-B2")),
            [
                "suppress_state_changes BH-B2 1",
                "reg add \\\\BH-B2\\HKLM\\System\\CurrentControlSet\\Services\\RESvc\\Parameters /v SuppressStateChanges /t REG_DWORD /d 1",
                "set SuppressStateChanges on BH-B2 and restart its services (R39)",
            ],
        ),
        (
            Edit::AppointMaster(group(org, "A"), server(org, "BH-A")),
            ["appoint_master A BH-A", "-", "make BH-A the master of routing group A"],
        ),
        (
            Edit::AllowDearerRoutes(server(org, "BH-B3")),
            [
                "allow_dearer_routes BH-B3 true",
                "-",
                "switch off \"only least cost routes\" on BH-B3",
            ],
        ),
        (
            Edit::DeleteDisabled(outside("Net")),
            [
                "delete_connector Net -",
                "Remove-SendConnector -Identity 'Net' -WhatIf",
                "delete Net, which is disabled and still seen by legacy servers (R50)",
            ],
        ),
        (
            Edit::LiftLimit(connector(org, "Net")),
            [
                "lift_size_limit Net unlimited",
                "Set-SendConnector -Identity 'Net' -MaxMessageSize unlimited -WhatIf",
                "lift the size limit of Net",
            ],
        ),
        (
            Edit::LiftLimit(connector(org, "Relay")),
            ["lift_size_limit Relay unlimited", "-", "lift the size limit of Relay"],
        ),
        (
            Edit::LiftLimit(connector(org, "E>A")),
            [
                "lift_size_limit E>A unlimited",
                "Set-RoutingGroupConnector -Identity 'E>A' -MaxMessageSize unlimited -WhatIf",
                "lift the size limit of E>A",
            ],
        ),
        (
            Edit::LiftLimit(connector(org, "A>B")),
            ["lift_size_limit A>B unlimited", "-", "lift the size limit of A>B"],
        ),
        (
            Edit::LiftRestrictions(connector(org, "A>E")),
            ["lift_restrictions A>E -", "-", "lift the restrictions of A>E"],
        ),
        (
            Edit::SetCost(between(org, "A>E"), 100),
            [
                "set_cost A>E 100",
                "Set-RoutingGroupConnector -Identity 'A>E' -Cost 100 -WhatIf",
                "set the cost of A>E to 100",
            ],
        ),
        (
            Edit::SetCost(between(org, "A>B"), 7),
            ["set_cost A>B 7", "-", "set the cost of A>B to 7"],
        ),
        (
            Edit::Connect(group(org, "B"), server(org, "H-E")),
            [
                "add_connectors B 1",
                "New-RoutingGroupConnector -Name 'E2007 to B' -SourceTransportServers 'H-E','H-F' \
                 -TargetTransportServers 'BH-B','BH-B2' -Cost 1 -Bidirectional $true -WhatIf",
                "connect routing group B to the 2007 group, both ways at cost 1",
            ],
        ),
        (
            Edit::Upgrade(server(org, "H-E")),
            [
                "upgrade H-E Exchange2007Sp1",
                "-",
                "install Service Pack 1 on H-E (R73)",
            ],
        ),
        (
            Edit::Remove(between(org, "A>E")),
            [
                "remove_connector A>E -",
                "Remove-RoutingGroupConnector -Identity 'A>E' -WhatIf",
                "remove A>E",
            ],
        ),
        (
            Edit::Remove(between(org, "B>A")),
            ["remove_connector B>A -", "-", "remove B>A"],
        ),
    ] {
        assert_eq!(told(org, &edit), expected);
    }
    assert_eq!(powershell("it's \u{201c}so\u{201d}"), "'it''s \u{201c}so\u{201d}'");
}

#[test] // V34.
fn a_change_weighs_what_it_asks_of_an_administrator() {
    let case = organization();
    let org = &case.org;
    for (edit, weight, takes_away) in [
        (Edit::Suppress(server(org, "BH-A")), 1, false),
        (Edit::AppointMaster(group(org, "A"), server(org, "BH-A")), 1, false),
        (Edit::LiftLimit(connector(org, "Net")), 2, false),
        (Edit::LiftRestrictions(connector(org, "A>E")), 2, false),
        (Edit::SetCost(between(org, "A>B"), 7), 2, false),
        (Edit::Connect(group(org, "B"), server(org, "H-E")), 4, false),
        (Edit::Upgrade(server(org, "H-E")), 5, false),
        (Edit::Remove(between(org, "A>B")), 6, true),
    ] {
        assert_eq!((edit.weight(), edit.takes_away()), (weight, takes_away), "{edit:?}");
    }
}

#[test]
fn new_connectors_get_names_that_are_free() {
    let mut file = groups("E-A 1, A-B 10");
    assert_eq!(names(&file), ["E2007 to B", "B to E2007"]);
    named(&mut file, "routing_group_connectors", "A>B")["name"] = json!("e2007 TO b");
    assert_eq!(names(&file), ["E2007 to B 2", "B to E2007"]);
    named(&mut file, "routing_group_connectors", "B>A")["name"] = json!("E2007 to B 2");
    file["connectors"] = json!([send("B to E2007")]);
    assert_eq!(names(&file), ["E2007 to B 3", "B to E2007 2"]);
}

fn names(file: &Value) -> [String; 2] {
    let case = case(file);
    names_of_connect(&case.org, group(&case.org, "B"))
}
