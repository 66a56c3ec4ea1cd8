//! What a change is called, and the line that makes it: names, for who shows repairs or advises them.

use super::edit::{bridgeheads, hubs_beside};
use super::{Edit, names_of_connect};
use crate::diagnostic;
use crate::model::{ConnectorRef, GroupRef, Organization, Restrictions, RoutingGroupConnectorIdx, ServerIdx};

/// A change by names, with the command that makes it.
pub fn describe(org: &Organization, edit: &Edit) -> diagnostic::Edit {
    let server = |index: ServerIdx| org.servers()[index].name.to_string();
    let connector = |index| org.connector_name(index).to_string();
    let between = |index| connector(ConnectorRef::RoutingGroup(index));
    let group = |index| org.group_name(GroupRef::Legacy(index)).to_owned();
    let (kind, target, value) = match edit {
        Edit::Suppress(index) if org.servers()[*index].awaits_restart() => ("restart_services", server(*index), None),
        Edit::Suppress(index) => ("suppress_state_changes", server(*index), Some("1".to_owned())),
        Edit::AppointMaster(index, master) => ("appoint_master", group(*index), Some(server(*master))),
        Edit::AllowDearerRoutes(index) => ("allow_dearer_routes", server(*index), Some("true".to_owned())),
        Edit::DeleteDisabled(index) => ("delete_connector", connector(ConnectorRef::External(*index)), None),
        Edit::LiftLimit(index) => ("lift_size_limit", connector(*index), Some("unlimited".to_owned())),
        Edit::LiftRestrictions(index) => ("lift_restrictions", connector(*index), None),
        Edit::SetCost(index, cost) => ("set_cost", between(*index), Some(cost.to_string())),
        Edit::Connect(index, _) => ("add_connectors", group(*index), Some("1".to_owned())),
        Edit::Upgrade(index) => ("upgrade", server(*index), Some("Exchange2007Sp1".to_owned())),
        Edit::Remove(index) => ("remove_connector", between(*index), None),
    };
    diagnostic::Edit {
        kind,
        target,
        value,
        command: command(org, edit),
    }
}

/// What a change does, as a sentence without its end. Names stand as they are in the file.
pub fn phrase(org: &Organization, edit: &Edit) -> String {
    let diagnostic::Edit { target, value, .. } = describe(org, edit);
    let value = value.unwrap_or_default();
    match edit {
        Edit::Suppress(index) if org.servers()[*index].awaits_restart() => restart_phrase(&target),
        Edit::Suppress(_) => format!("set SuppressStateChanges on {target} and restart its services (R39)"),
        Edit::AppointMaster(..) => format!("make {value} the master of routing group {target}"),
        Edit::AllowDearerRoutes(_) => format!("switch off \"only least cost routes\" on {target}"),
        Edit::DeleteDisabled(_) => format!("delete {target}, which is disabled and still seen by legacy servers (R50)"),
        Edit::LiftLimit(_) => format!("lift the size limit of {target}"),
        Edit::LiftRestrictions(index) => restrictions_lifted(org.restrictions(*index), &target),
        Edit::SetCost(..) => format!("set the cost of {target} to {value}"),
        Edit::Connect(..) => format!("connect routing group {target} to the 2007 group, both ways at cost {value}"),
        Edit::Upgrade(_) => format!("install Service Pack 1 on {target} (R73)"),
        Edit::Remove(_) => format!("remove {target}"),
    }
}

/// The same for servers where only the restart is missing, `names` being all of them.
pub(crate) fn restart_phrase(names: &str) -> String {
    format!(
        "restart the SMTP, routing engine and MTA services of {names}, where SuppressStateChanges is set and not in effect (R39)"
    )
}

/// Consoles set the hours of a connector elsewhere than whom it refuses: as connection time, among its delivery options.
fn restrictions_lifted(restrictions: &Restrictions, target: &str) -> String {
    let hours = "connection time to \"Always run\"";
    let hours_alone = Restrictions {
        schedule: restrictions.schedule.clone(),
        ..restrictions.lifted()
    };
    match restrictions.schedule.ever_closes() {
        true if hours_alone == *restrictions => format!("set {target}'s {hours}"),
        true => format!("lift the restrictions of {target}, and set its {hours}"),
        false => format!("lift the restrictions of {target}"),
    }
}

/// The line that makes a change, if a tool of the product can.
fn command(org: &Organization, edit: &Edit) -> Option<String> {
    let touches_2007 = |index: RoutingGroupConnectorIdx| org.routing_group_connectors()[index].touches_2007();
    let between = |index: RoutingGroupConnectorIdx| powershell(org.routing_group_connectors()[index].name.as_str());
    match edit {
        Edit::Suppress(server) if org.servers()[*server].awaits_restart() => Some(format!(
            "Get-Service -ComputerName {} -Name SMTPSVC,RESvc,MSExchangeMTA | Restart-Service -Force -WhatIf",
            powershell(org.servers()[*server].name.as_str())
        )),
        Edit::Suppress(server) => {
            let server = org.servers()[*server].name.as_str();
            let safe = server.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
            safe.then(|| {
                format!(
                    "reg add \\\\{server}\\HKLM\\System\\CurrentControlSet\\Services\\RESvc\\Parameters /v SuppressStateChanges /t REG_DWORD /d 1"
                )
            })
        }
        Edit::SetCost(index, cost) if touches_2007(*index) => Some(format!(
            "Set-RoutingGroupConnector -Identity {} -Cost {cost} -WhatIf",
            between(*index)
        )),
        Edit::LiftLimit(ConnectorRef::RoutingGroup(index)) if touches_2007(*index) => Some(format!(
            "Set-RoutingGroupConnector -Identity {} -MaxMessageSize unlimited -WhatIf",
            between(*index)
        )),
        Edit::Remove(index) if touches_2007(*index) => Some(format!(
            "Remove-RoutingGroupConnector -Identity {} -WhatIf",
            between(*index)
        )),
        Edit::DeleteDisabled(index) => Some(format!(
            "Remove-SendConnector -Identity {} -WhatIf",
            powershell(org.connectors()[*index].name.as_str())
        )),
        Edit::LiftLimit(ConnectorRef::External(index)) if !org.connectors()[*index].kind.is_legacy() => Some(format!(
            "Set-SendConnector -Identity {} -MaxMessageSize unlimited -WhatIf",
            powershell(org.connectors()[*index].name.as_str())
        )),
        Edit::Connect(group, hub) => {
            let [name, _] = names_of_connect(org, *group);
            let servers = |servers: &[ServerIdx]| {
                let names = servers
                    .iter()
                    .map(|index| powershell(org.servers()[*index].name.as_str()));
                names.collect::<Vec<_>>().join(",")
            };
            Some(format!(
                "New-RoutingGroupConnector -Name {} -SourceTransportServers {} -TargetTransportServers {} -Cost 1 -Bidirectional $true -WhatIf",
                powershell(&name),
                servers(&hubs_beside(org, *hub)),
                servers(&bridgeheads(org, *group))
            ))
        }
        _ => None,
    }
}

/// A name as a PowerShell string; the quotation marks that PowerShell takes for a quote are doubled.
pub fn powershell(name: &str) -> String {
    let mut text = String::from("'");
    for c in name.chars() {
        // PowerShell takes curly quotes for straight ones.
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            text.push(c);
        }
        text.push(c);
    }
    text.push('\'');
    text
}
