//! Who hears of failures, and who keeps them to themselves.

use std::collections::BTreeMap;

use super::{Facts, Found, rules};
use crate::diagnostic::{counted, some_names};
use crate::linkstate::Islands;
use crate::model::{Master, RoutingGroupIdx, ServerIdx, Version};
use crate::verify::{Edit, describe};

rules! {
    RG003 "second-rgc-unsuppressed" Error Certain second_rgc_unsuppressed;
    RG004 "partial-suppression" Warning Certain partial_suppression;
    RG005 "suppress-pending-restart" Info Certain suppress_pending_restart;
    RG013 "link-state-island" Warning Certain link_state_island;
    RG014 "no-rgm" Error Certain no_rgm;
    RG015 "rgm-unreachable-691" Warning Certain rgm_unreachable;
    RG025 "lcr-55" Warning Certain least_cost_routes;
}

/// Legacy servers without SuppressStateChanges, in name order.
fn unsuppressed(facts: &Facts<'_>) -> Vec<ServerIdx> {
    let servers = facts.legacy_servers();
    servers
        .filter(|server| !facts.org.servers()[*server].suppress_state_changes)
        .collect()
}

fn server_names(facts: &Facts<'_>, servers: &[ServerIdx]) -> String {
    some_names(servers.iter().map(|server| &facts.org.servers()[*server].name))
}

/// R37, R41: before a second connector between the versions every legacy server has to suppress state changes.
fn second_rgc_unsuppressed(facts: &Facts<'_>, found: &mut Found) {
    let attached = facts.attached();
    let servers = unsuppressed(facts);
    if attached.len() < 2 || servers.is_empty() {
        return;
    }
    let groups = attached.iter().map(|group| &facts.org.routing_groups()[*group].name);
    let message = format!(
        "the 2007 group is joined with {}, and {} without SuppressStateChanges",
        counted(attached.len(), "routing group"),
        match servers.len() {
            1 => "1 legacy server is".to_owned(),
            n => format!("{n} legacy servers are"),
        }
    );
    let mut finding = found
        .about(facts.organization(), message)
        .fact(format!("joined are {}", some_names(groups)))
        .fact(format!("without it: {}", server_names(facts, &servers)))
        .advice(
            "set SuppressStateChanges to 1 on every legacy server, then restart its SMTP, routing engine and MTA services",
        );
    for server in servers {
        finding = finding.edit(describe(facts.org, &Edit::Suppress(server)));
    }
    found.push(finding);
}

/// R41: for consistency all servers, or none.
fn partial_suppression(facts: &Facts<'_>, found: &mut Found) {
    let without = unsuppressed(facts);
    let all = facts.legacy_servers().count();
    if without.is_empty() || without.len() == all {
        return;
    }
    let believable = facts.world().beliefs.believable();
    let heard = (0..)
        .zip(believable.all())
        .filter(|(at, _)| facts.world().beliefs.is_heard(*at));
    let heard: Vec<_> = heard
        .map(|(_, (connector, _))| facts.org.connector_name(*connector))
        .collect();
    let message = format!(
        "{} of {} suppress state changes",
        all - without.len(),
        counted(all, "legacy server")
    );
    let mut finding = found
        .about(facts.organization(), message)
        .fact(format!(
            "without SuppressStateChanges: {}",
            server_names(facts, &without)
        ))
        .fact(match heard.len() {
            0 => "no connector can be believed down any more".to_owned(),
            _ => format!("connectors that can still be believed down: {}", some_names(heard)),
        })
        .advice("set SuppressStateChanges on the others too, and restart their services");
    for server in without {
        finding = finding.edit(describe(facts.org, &Edit::Suppress(server)));
    }
    found.push(finding);
}

/// The value is read when the services start.
fn suppress_pending_restart(facts: &Facts<'_>, found: &mut Found) {
    for server in facts.legacy_servers() {
        let entry = &facts.org.servers()[server];
        if entry.suppress_state_changes && !entry.suppression_in_effect {
            let message = format!("SuppressStateChanges is set on {}, and not yet in effect", entry.name);
            let finding = found
                .about(facts.server(server), message)
                .fact("until its services restart it goes on reporting connectors down")
                .advice("restart the SMTP, routing engine and MTA services");
            found.push(finding);
        }
    }
}

/// LS-1.6: groups that only the 2007 group joins never hear of each other's connectors.
fn link_state_island(facts: &Facts<'_>, found: &mut Found) {
    let islands = Islands::new(facts.org, &facts.graphs.combined);
    let mut members: BTreeMap<RoutingGroupIdx, Vec<RoutingGroupIdx>> = BTreeMap::new();
    for group in facts.legacy_groups() {
        members.entry(islands.of(group)).or_default().push(group);
    }
    // The largest is the mainland; of equally large ones the one that comes first.
    let Some(mainland) = members
        .iter()
        .rev()
        .max_by_key(|(_, groups)| groups.len())
        .map(|(island, _)| *island)
    else {
        return;
    };
    let shown =
        |groups: &[RoutingGroupIdx]| some_names(groups.iter().map(|group| &facts.org.routing_groups()[*group].name));
    for (island, groups) in members.iter().filter(|(island, _)| **island != mainland) {
        let message = format!("link state of {} reaches no other routing group", shown(groups));
        let finding = found
            .about(facts.group(groups[0]), message)
            .fact(format!(
                "{} hear of each other",
                match members[&mainland].len() {
                    1 => "no groups".to_owned(),
                    _ => shown(&members[&mainland]),
                }
            ))
            .fact("the 2007 group passes no link state on")
            .advice(
                "join them by routing-group connectors, both ways: of cost 100 they carry link state alone, at less than the way through the 2007 group mail as well",
            );
        debug_assert_eq!(islands.of(groups[0]), *island);
        found.push(finding);
    }
}

/// Event 958: without a master a group gets no updates.
fn no_rgm(facts: &Facts<'_>, found: &mut Found) {
    for group in facts.legacy_groups() {
        let entry = &facts.org.routing_groups()[group];
        let fact = match entry.master {
            Master::FirstServer => continue,
            Master::Nobody => "the file names none".to_owned(),
            Master::Server(server) if facts.org.legacy_group(server) == Some(group) => continue,
            Master::Server(server) => format!("{} is not in the group", facts.org.servers()[server].name),
        };
        let master = facts.org.group_servers(group)[0];
        let finding = found
            .about(
                facts.group(group),
                format!("routing group {} has no master", entry.name),
            )
            .fact(fact)
            .fact("it neither learns nor tells what is down, and of changes it learns nothing")
            .advice(format!(
                "make {} its master (Set as Master)",
                facts.org.servers()[master].name
            ))
            .edit(describe(facts.org, &Edit::AppointMaster(group, master)));
        found.push(finding);
    }
}

/// LS-1.2: link state inside a group goes over port 691.
fn rgm_unreachable(facts: &Facts<'_>, found: &mut Found) {
    for server in facts.legacy_servers() {
        if facts.org.servers()[server].link_state_blocked {
            let name = &facts.org.servers()[server].name;
            let finding = found
                .about(facts.server(server), format!("{name} is cut off from link state"))
                .fact("it keeps the table that it had, and passes nothing on")
                .advice("open port 691 between it and the master of its group, and port 25 between bridgeheads");
            found.push(finding);
        }
    }
}

/// LC9: an old server that takes the cheapest way whatever fails, beside others that route around.
fn least_cost_routes(facts: &Facts<'_>, found: &mut Found) {
    let newer = |server: ServerIdx| facts.org.servers()[server].version > Version::Exchange55;
    if !facts.org.servers().iter_enumerated().any(|(server, _)| newer(server)) {
        return;
    }
    for server in facts.legacy_servers() {
        let entry = &facts.org.servers()[server];
        if entry.version == Version::Exchange55 && entry.least_cost_only {
            let message = format!(
                "{} takes only least cost routes, and others route around what is down",
                entry.name
            );
            let finding = found
                .about(facts.server(server), message)
                .fact("mail that others send around a failure comes back from it")
                .advice(format!("switch off \"only least cost routes\" on {}", entry.name))
                .edit(describe(facts.org, &Edit::AllowDearerRoutes(server)));
            found.push(finding);
        }
    }
}
