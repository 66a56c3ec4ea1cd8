//! Where the 2007 group meets legacy routing groups.

use std::collections::BTreeSet;

use super::claims::{of_connector, of_loop, tell_of_bounds};
use super::proof::Cause;
use super::{Facts, Found, named, rules};
use crate::diagnostic::{counted, some_names};
use crate::model::{
    ConnectorRef, GroupRef, Home, MailboxHome, Node, Restrictions, RoutingGroupConnectorKind, RoutingGroupIdx, Version,
};
use crate::route::Sender;
use crate::verify::{Edit, Recipient, describe, recipients};

rules! {
    RG006 "not-direct-dominant" Warning Certain not_direct_dominant;
    RG010 "ignored-restriction" Warning Certain ignored_restriction;
    RG011 "disabled-e12-connector" Warning Certain disabled_e12_connector;
    RG012 "unsupported-rg-link-to-e12" Error Certain unsupported_link;
    RG017 "no-rgc-to-e12" Error Certain no_rgc;
    RG018 "one-way-rgc" Warning Certain one_way_rgc;
    RG019 "single-bridgehead" Warning Certain single_bridgehead;
    RG024 "e12-membership" Error Certain membership;
    RG027 "mass-cost-range" Error Certain cost_range;
    RT037 "modern-beside-legacy" Error Certain modern_beside_legacy;
    RT038 "first-connector-off-hub" Info Likely first_connector_off_hub;
}

/// LS-3.2.3: where the 2007 group hands mail over directly at the least cost, no failure makes it circle.
fn not_direct_dominant(facts: &Facts<'_>, found: &mut Found) {
    let believable = facts.world().beliefs.believable().all();
    let can_fail = (0..).zip(believable).any(|(at, _)| facts.world().beliefs.is_heard(at));
    if facts.attached().len() < 2 || !can_fail {
        return;
    }
    let org = facts.org;
    let mailboxes = org.mailboxes().iter().filter_map(|mailbox| match mailbox.home {
        MailboxHome::Server(server) => org.legacy_group(server),
        MailboxHome::Database(_) => None,
    });
    let connectors = org.connectors().iter().filter(|connector| connector.kind.is_legacy());
    let groups: BTreeSet<RoutingGroupIdx> = mailboxes.chain(connectors.filter_map(|c| c.routing_group)).collect();
    let network = &facts.world().network;
    for group in groups {
        let distances = network.distances([(GroupRef::Legacy(group), 0)], |_| true);
        let Some(least) = network.cost(&distances, GroupRef::Exchange2007) else {
            continue;
        };
        let from_2007 = network.starting_at(GroupRef::Exchange2007).iter();
        let direct = from_2007.filter(|crossing| crossing.other == GroupRef::Legacy(group));
        let direct = direct.min_by_key(|crossing| crossing.cost());
        if direct.is_some_and(|direct| direct.cost() == least) {
            continue;
        }
        let name = &org.routing_groups()[group].name;
        let message = format!("the 2007 group reaches {name} at the least cost through other routing groups");
        let finding = found
            .about(facts.group(group), message)
            .fact(match direct {
                Some(direct) => format!("directly it costs {}, through others {least}", direct.cost()),
                None => format!("no connector leads there directly; through others it costs {least}"),
            })
            .fact("what it hands to another group can come back when a connector fails")
            .advice(match direct {
                Some(_) => format!("lower the cost of the direct connector to at most {least}"),
                None => "create connectors both ways with `New-RoutingGroupConnector`, at cost 1".to_owned(),
            });
        found.push(match direct {
            Some(direct) => finding.edit(describe(
                org,
                &Edit::SetCost(direct.connector, u32::try_from(least).unwrap_or(u32::MAX)),
            )),
            None => finding,
        });
    }
}

/// What legacy servers obey and 2007 does not look at (R45 to R47), in words.
fn ignored(restrictions: &Restrictions) -> Vec<&'static str> {
    let mut found = Vec::new();
    if !restrictions.allowed_senders.is_empty() || !restrictions.denied_senders.is_empty() {
        found.push("senders");
    }
    if !restrictions.priorities.is_empty() {
        found.push("priorities");
    }
    if !restrictions.message_types.is_empty() {
        found.push("message types");
    }
    if restrictions.schedule.ever_closes() {
        found.push("hours");
    }
    found
}

/// A restriction of a legacy connector that mail of 2007 servers can get to.
fn ignored_restriction(facts: &Facts<'_>, found: &mut Found) {
    let proved: Vec<ConnectorRef> = facts
        .proof()
        .loops
        .iter()
        .filter_map(|looped| restricted(looped.cause))
        .collect();
    of_connector(facts, found, restricted);
    let reached = facts.reached_from_2007();
    for connector in facts.org.connectors_of_both_kinds() {
        let (from, scoped) = match connector {
            ConnectorRef::RoutingGroup(index) => (Some(facts.org.routing_group_connectors()[index].from), false),
            ConnectorRef::External(index) => {
                let entry = &facts.org.connectors()[index];
                let group = entry.routing_group.filter(|_| entry.kind.is_legacy());
                (group.map(GroupRef::Legacy), entry.scoped)
            }
        };
        let kinds = ignored(facts.org.restrictions(connector));
        let is_legacy = from.is_some_and(|from| from != GroupRef::Exchange2007 && reached.contains(&from));
        // R48: 2007 leaves scoped legacy connectors alone. Without any connector to 2007 no such server hands mail to it.
        if kinds.is_empty() || scoped || !is_legacy || facts.attached().is_empty() || proved.contains(&connector) {
            continue;
        }
        let message = named!(
            "{} restricts {}, which 2007 servers do not look at",
            facts.org.connector_name(connector),
            some_names(kinds)
        );
        let finding = found
            .about(facts.connector(connector), message)
            .fact("2007 chooses it for mail that its own servers then refuse, hold back or send elsewhere")
            .advice("lift the restriction, or make it one of a connector that only legacy servers use (scoped)")
            .edit(describe(facts.org, &Edit::LiftRestrictions(connector)));
        found.push(finding);
    }
}

fn restricted(cause: Cause) -> Option<ConnectorRef> {
    match cause {
        Cause::Restriction(connector) => Some(connector),
        _ => None,
    }
}

/// R50: legacy servers do not see that a connector of 2007 is disabled.
fn disabled_e12_connector(facts: &Facts<'_>, found: &mut Found) {
    let mut proved = BTreeSet::new();
    for looped in &facts.proof().loops {
        if let Cause::Disabled(connector) = looped.cause {
            proved.insert(connector);
            found.push(of_loop(facts, found, looped, facts.outside(connector)));
        }
    }
    tell_of_bounds(facts, found);
    let disabled = || {
        let all = facts.org.connectors().iter_enumerated();
        all.filter(|(index, connector)| !connector.enabled && !connector.kind.is_legacy() && !proved.contains(index))
    };
    if disabled().next().is_none() || facts.legacy_groups().next().is_none() {
        return;
    }
    let (classes, _) = recipients(facts.org);
    for (index, connector) in disabled() {
        let chosen = classes.iter().find_map(|class| {
            let Recipient::AddressSpace { space, example } = class else {
                return None;
            };
            connector
                .address_spaces
                .iter()
                .find(|space| space.matches(example).is_some())?;
            let by = facts.legacy_groups().find(|group| {
                let sender = Sender::node(facts.org, Node::RoutingGroup(*group));
                let selection = sender.map(|sender| facts.view.select(sender, example));
                selection.is_some_and(|s| s.selected().is_some_and(|(candidate, _)| candidate.connector == index))
            })?;
            Some((space, by))
        });
        if let Some((space, group)) = chosen {
            let message = named!("{} is disabled, and legacy servers still choose it", connector.name);
            let finding = found
                .about(facts.outside(index), message)
                .fact(format!(
                    "servers of {} send mail for {space} to it",
                    facts.org.routing_groups()[group].name
                ))
                .fact("legacy servers do not see the property Enabled")
                .advice(format!("delete {} instead of disabling it", connector.name))
                .edit(describe(facts.org, &Edit::DeleteDisabled(index)));
            found.push(finding);
        }
    }
}

/// Event 5028: only a routing group connector proper reaches the 2007 group.
fn unsupported_link(facts: &Facts<'_>, found: &mut Found) {
    for (index, connector) in facts.org.routing_group_connectors().iter_enumerated() {
        let kind = match connector.kind {
            RoutingGroupConnectorKind::RoutingGroup => continue,
            RoutingGroupConnectorKind::X400 => "an X.400 connector",
            RoutingGroupConnectorKind::Smtp => "an SMTP connector",
        };
        if connector.touches_2007() {
            let message = named!("{} is {kind} to or from the 2007 group, and is ignored", connector.name);
            let finding = found
                .about(facts.between(index), message)
                .fact("the event log says 5028")
                .advice("delete it; where mail is to cross, create a routing group connector with `New-RoutingGroupConnector`")
                .edit(describe(facts.org, &Edit::Remove(index)));
            found.push(finding);
        }
    }
}

/// Event 5006: no way over connectors leads from the 2007 group to a legacy group.
fn no_rgc(facts: &Facts<'_>, found: &mut Found) {
    if facts.transport_sites().next().is_none() || facts.org.is_plain() {
        return;
    }
    let reached = facts.reached_from_2007();
    for group in facts
        .legacy_groups()
        .filter(|group| !reached.contains(&GroupRef::Legacy(*group)))
    {
        let message = format!(
            "no connector leads from the 2007 group to {}",
            facts.org.routing_groups()[group].name
        );
        let finding = found
            .about(facts.group(group), message)
            .fact("mail for it goes to the Unreachable queue; the event log says 5006")
            .advice("create a connector, both ways, with `New-RoutingGroupConnector -Bidirectional $true`");
        found.push(finding);
    }
}

/// A connector is one way; the other way is another connector.
fn one_way_rgc(facts: &Facts<'_>, found: &mut Found) {
    let pairs: BTreeSet<(GroupRef, GroupRef)> = facts.usable().map(|c| (c.from, c.to)).collect();
    for connector in facts.usable().filter(|c| !pairs.contains(&(c.to, c.from))) {
        let name = &facts.org.routing_group_connectors()[connector.index].name;
        let (from, to) = (facts.group_name(connector.from), facts.group_name(connector.to));
        let finding = found
            .about(facts.between(connector.index), named!("{name} has no counterpart"))
            .fact(format!("it leads from {from} to {to}, and nothing leads back"))
            .advice("create the other direction too; New-RoutingGroupConnector makes both with -Bidirectional $true");
        found.push(finding);
    }
}

/// R13: several source and several target servers.
fn single_bridgehead(facts: &Facts<'_>, found: &mut Found) {
    for connector in facts.usable() {
        let entry = &facts.org.routing_group_connectors()[connector.index];
        if !entry.touches_2007() {
            continue;
        }
        let alone: Vec<&str> = [("source", &connector.sources), ("target", &connector.targets)]
            .into_iter()
            .filter(|(_, servers)| servers.len() == 1)
            .map(|(what, _)| what)
            .collect();
        if alone.is_empty() {
            continue;
        }
        let message = named!("{} has one {} server", entry.name, alone.join(" and one "));
        let server =
            |servers: &[crate::model::ServerIdx]| some_names(servers.iter().map(|s| &facts.org.servers()[*s].name));
        let finding = found
            .about(facts.between(connector.index), message)
            .fact(format!(
                "it hands mail from {} to {}",
                server(&connector.sources),
                server(&connector.targets)
            ))
            .advice("add servers at that end with `Set-RoutingGroupConnector`, which replaces the whole list");
        found.push(finding);
    }
}

/// R14 to R16, R22: the 2007 group holds all 2007 and 2010 servers and no others.
fn membership(facts: &Facts<'_>, found: &mut Found) {
    for (index, server) in facts.org.servers().iter_enumerated() {
        let (message, advice) = match (server.version.is_legacy(), server.home) {
            (true, Home::Exchange2007Group) => (
                named!("{} is a legacy server in the 2007 group", server.name),
                "move it to a legacy routing group",
            ),
            (false, Home::RoutingGroup(group)) => (
                named!(
                    "{} is no legacy server and in the legacy routing group {}",
                    server.name,
                    facts.org.routing_groups()[group].name
                ),
                "move it back to Exchange Routing Group (DWBGZMFD01QNBJR), and give its site",
            ),
            _ => continue,
        };
        let finding = found
            .about(facts.server(index), message)
            .fact("this is unsupported, and the server has no effect on routes")
            .advice(advice);
        found.push(finding);
    }
}

/// The consoles take costs from 1 to 100.
const COST_MAX: u32 = 100;

/// RG027: a cost that some tool has written past [`COST_MAX`].
fn cost_range(facts: &Facts<'_>, found: &mut Found) {
    for (index, connector) in facts.org.routing_group_connectors().iter_enumerated() {
        if connector.cost > COST_MAX {
            let message = named!(
                "{} costs {}, and costs end at {COST_MAX}",
                connector.name,
                connector.cost
            );
            let finding = found
                .about(facts.between(index), message)
                .advice(format!("set the cost of {} to at most {COST_MAX}", connector.name))
                .edit(describe(facts.org, &Edit::SetCost(index, COST_MAX)));
            found.push(finding);
        }
    }
}

/// 2013 does not install where 2000 or 2003 is left.
fn modern_beside_legacy(facts: &Facts<'_>, found: &mut Found) {
    let servers = || facts.org.servers().iter_enumerated();
    let modern: Vec<_> = servers()
        .filter(|(_, server)| server.version >= Version::Exchange2013)
        .collect();
    let legacy: Vec<_> = servers().filter(|(_, server)| server.version.is_legacy()).collect();
    if let (Some(_), Some((first, _))) = (modern.first(), legacy.first()) {
        let message = format!(
            "{} of 2013 or later and {} of 2003 or earlier are in one organization",
            counted(modern.len(), "server"),
            counted(legacy.len(), "server")
        );
        let (_, span) = facts.server(*first);
        let finding = found
            .about((facts.organization().0, span), message)
            .fact(format!(
                "of 2013 or later: {}",
                some_names(modern.iter().map(|(_, server)| &server.name))
            ))
            .fact(format!(
                "of 2003 or earlier: {}",
                some_names(legacy.iter().map(|(_, server)| &server.name))
            ))
            .advice("remove the legacy servers before the first server of 2013");
        found.push(finding);
    }
}

/// R23: the first connector belongs at the hub of the legacy groups.
fn first_connector_off_hub(facts: &Facts<'_>, found: &mut Found) {
    let attached = facts.attached();
    let (Some(only), 1) = (attached.first().copied(), attached.len()) else {
        return;
    };
    let neighbours = |group: RoutingGroupIdx| -> usize {
        let ends = facts.usable().filter_map(|c| match (c.from, c.to) {
            (GroupRef::Legacy(a), GroupRef::Legacy(b)) if a == group => Some(b),
            (GroupRef::Legacy(a), GroupRef::Legacy(b)) if b == group => Some(a),
            _ => None,
        });
        ends.collect::<BTreeSet<_>>().len()
    };
    let mut best = (neighbours(only), only);
    for group in facts.legacy_groups() {
        let here = neighbours(group);
        if here > best.0 {
            best = (here, group);
        }
    }
    // A hub joins at least two groups more than whoever happens to have the connector.
    if best.1 == only || best.0 < neighbours(only) + 2 {
        return;
    }
    let (hub, spoke) = (
        &facts.org.routing_groups()[best.1].name,
        &facts.org.routing_groups()[only].name,
    );
    let message = format!("the only way between the versions leads through {spoke}, and {hub} is the hub");
    let finding = found
        .about(facts.group(only), message)
        .fact(named!(
            "{hub} is joined with {}, {spoke} with {}",
            best.0,
            neighbours(only)
        ))
        .fact("mail between the versions makes detours")
        .advice(format!(
            "connect the 2007 group with {hub}, and then remove the connector to {spoke}"
        ));
    found.push(finding);
}
