//! Who hears of failures, and who keeps them to themselves.

use std::collections::BTreeMap;

use super::{Facts, Found, named, rules};
use crate::diagnostic::{counted, counted_as, some_names};
use crate::linkstate::{Islands, has_table, may_lead};
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

/// Servers of 2000 and 2003 without SuppressStateChanges, in name order: 5.5 has neither the value nor link state (LS-1.7).
fn unsuppressed(facts: &Facts<'_>) -> Vec<ServerIdx> {
    let servers = facts.with_tables();
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
        counted_as(servers.len(), "legacy server is", "legacy servers are")
    );
    let mut finding = found
        .about(facts.organization(), message)
        .fact(format!("joined are {}", some_names(groups)))
        .fact(format!("without it: {}", server_names(facts, &servers)))
        .advice(
            "set SuppressStateChanges to 1 on every server of 2000 or 2003, then restart its SMTP, routing engine and MTA services",
        );
    for server in servers {
        finding = finding.edit(describe(facts.org, &Edit::Suppress(server)));
    }
    found.push(finding);
}

/// R41: for consistency all servers, or none.
fn partial_suppression(facts: &Facts<'_>, found: &mut Found) {
    let without = unsuppressed(facts);
    let all = facts.with_tables().count();
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
        counted_as(all, "server of 2000 or 2003", "servers of 2000 or 2003")
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
    for server in facts.with_tables() {
        let entry = &facts.org.servers()[server];
        if entry.awaits_restart() {
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
            .fact(match members[&mainland].len() {
                1 => "no groups hear of each other".into(),
                _ => named!("{} hear of each other", shown(&members[&mainland])),
            })
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
        let members = facts.org.group_servers(group);
        let can_lead = members.iter().find(|server| has_table(facts.org, **server));
        let about = facts.group(group);
        let finding = match entry.master {
            Master::FirstServer => continue,
            Master::Nobody => found
                .about(about, format!("routing group {} has no master", entry.name))
                .fact("the file names none")
                .fact("it neither learns nor tells what is down, and of changes it learns nothing"),
            Master::Server(server) if may_lead(facts.org, group, server) => continue,
            Master::Server(server) => {
                let is_member = facts.org.legacy_group(server) == Some(group);
                // A group of 5.5 alone has no link state, and whoever is called its master is as good as any.
                if is_member && can_lead.is_none() {
                    continue;
                }
                let why = if is_member {
                    "keeps no link state"
                } else {
                    "is not in it"
                };
                let name = &facts.org.servers()[server].name;
                let message = named!("{name} is the master of routing group {}, and {why}", entry.name);
                let mut finding = found
                    .about(about, message)
                    .fact("a master has to be a server of 2000 or 2003 in the group");
                if let Some(taken) = can_lead.filter(|_| !entry.stale) {
                    let taken = &facts.org.servers()[*taken].name;
                    finding = finding.fact(format!(
                        "routes and loops are told as if {taken} were its working master"
                    ));
                }
                finding
            }
        };
        let master = *can_lead.unwrap_or(&members[0]);
        let finding = finding
            .advice(format!(
                "make {} its master (Set as Master)",
                facts.org.servers()[master].name
            ))
            .edit(describe(facts.org, &Edit::AppointMaster(group, master)));
        found.push(finding);
    }
}

/// LS-1.2: link state goes over port 691 inside a group, and over port 25 between bridgeheads.
fn rgm_unreachable(facts: &Facts<'_>, found: &mut Found) {
    for server in facts.with_tables() {
        if facts.org.servers()[server].link_state_blocked {
            let name = &facts.org.servers()[server].name;
            let finding = found
                .about(facts.server(server), named!("{name} is cut off from link state"))
                .fact("as a bridgehead it hears nothing from other groups, and passes nothing on")
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
            let message = named!(
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
