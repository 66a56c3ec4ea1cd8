//! Edits that are worth trying, read off the witnesses.

use std::collections::BTreeSet;

use super::Edit;
use crate::linkstate;
use crate::model::{ConnectorRef, GroupRef, Node, Organization, RoutingGroupIdx, ServerIdx, SizeLimit, Version};
use crate::verify::{Hindrance, Recipient, Router, Verification, Why, Witness, World, all_reasons};

/// Costs that are tried first: those that a connector can have at the two ends of the scale that consoles allow.
pub(super) const COSTS: [u32; 2] = [1, 100];

/// Edits by weight, those that take a way away after the others, then in the order of [`Edit`].
pub(super) fn candidates(world: &World<'_>, verification: &Verification) -> Vec<Edit> {
    let mut found = BTreeSet::new();
    let reasons = all_reasons(world, verification);
    of_failures(world, verification, &mut found);
    for (witness, reasons) in verification.witnesses.iter().zip(reasons) {
        of_circle(world, verification, witness, &mut found);
        of_refusals(world, verification, witness, reasons, &mut found);
    }
    of_disabled(world.org, &mut found);
    let mut found: Vec<Edit> = found.into_iter().collect();
    found.sort_by_key(|edit| (edit.weight(), edit.takes_away()));
    found
}

/// Whoever does not report a failure keeps the connector up in everybody's eyes: one server is enough for a connector (Q7), and one
/// at which several start may serve for all of them.
fn of_failures(world: &World<'_>, verification: &Verification, found: &mut BTreeSet<Edit>) {
    let failing = verification.witnesses.iter().flat_map(|witness| &witness.failed);
    for position in failing.copied().collect::<BTreeSet<u32>>() {
        let connector = world.beliefs.believable().connector(position);
        let sources = linkstate::sources(world.org, &world.graphs.combined, connector);
        found.extend(sources.into_iter().map(Edit::Suppress));
    }
}

/// Costs, groups and servers along the circle.
fn of_circle(world: &World<'_>, verification: &Verification, witness: &Witness, found: &mut BTreeSet<Edit>) {
    let org = world.org;
    for step in &witness.steps {
        if let Some(over) = step.over {
            let cost = org.routing_group_connectors()[over].cost;
            found.extend(
                COSTS
                    .into_iter()
                    .filter(|new| *new != cost)
                    .map(|new| Edit::SetCost(over, new)),
            );
            found.insert(Edit::Remove(over));
        }
        match step.at {
            Router::Group(group) => of_group(org, group, found),
            Router::Site(site, _) => {
                let servers = org.transport_servers(site).iter();
                let rtm = servers.filter(|server| org.servers()[**server].version == Version::Exchange2007Rtm);
                found.extend(rtm.map(|server| Edit::Upgrade(*server)));
            }
        }
    }
    // The recipient's own attachment: where it dominates, nothing circles (LS-3.2, consequence 3).
    let home = match &verification.recipients[witness.recipient] {
        Recipient::Node(Node::RoutingGroup(group)) => *group,
        _ => return,
    };
    let direct = world.network.ending_at(GroupRef::Legacy(home)).iter();
    let direct: Vec<_> = direct
        .filter(|crossing| crossing.other == GroupRef::Exchange2007)
        .collect();
    for crossing in &direct {
        if crossing.cost() != 1 {
            found.insert(Edit::SetCost(crossing.connector, 1));
        }
    }
    if direct.is_empty()
        && let Some(server) = attachment(world)
    {
        found.insert(Edit::Connect(home, server));
    }
}

/// A stale group gets a master. Of 5.5 servers nothing is asked: with or without dearer routes they hear of no failure but their
/// own, and what waits at those would go on only to circle (V14).
fn of_group(org: &Organization, group: RoutingGroupIdx, found: &mut BTreeSet<Edit>) {
    if org.routing_groups()[group].is_stale() {
        let able = |server: &&ServerIdx| {
            matches!(
                org.servers()[**server].version,
                Version::Exchange2000 | Version::Exchange2003
            )
        };
        let server = org.group_servers(group).iter().find(able);
        found.extend(server.map(|server| Edit::AppointMaster(group, *server)));
    }
}

/// The server that connectors from the 2007 group start at: that of the first such connector.
fn attachment(world: &World<'_>) -> Option<ServerIdx> {
    let crossing = world.network.starting_at(GroupRef::Exchange2007).first()?;
    world
        .graphs
        .combined
        .connector(crossing.connector)?
        .sources
        .first()
        .copied()
}

/// What refuses the message is opened to it.
fn of_refusals(
    world: &World<'_>,
    verification: &Verification,
    witness: &Witness,
    reasons: Vec<Why>,
    found: &mut BTreeSet<Edit>,
) {
    let org = world.org;
    for reason in reasons {
        let left_out = reason.left_out.into_iter().flat_map(|(connectors, _)| connectors);
        for (connector, hindrance) in left_out.chain(reason.overlooked) {
            if hindrance == Hindrance::Refuses {
                open(org, connector, found);
            }
        }
    }
    // A connector to the outside that refuses is no candidate at all, and so on nobody's way.
    if let Recipient::AddressSpace { example, .. } = &verification.recipients[witness.recipient] {
        for (index, connector) in org.connectors().iter_enumerated() {
            if connector
                .address_spaces
                .iter()
                .any(|space| space.matches(example).is_some())
            {
                open(org, ConnectorRef::External(index), found);
            }
        }
    }
}

fn open(org: &Organization, connector: ConnectorRef, found: &mut BTreeSet<Edit>) {
    let limit = match connector {
        ConnectorRef::RoutingGroup(index) => Some(org.routing_group_connectors()[index].max_message_size),
        ConnectorRef::External(index) => org.connectors()[index].max_message_size,
    };
    if limit.is_some_and(|limit| limit != SizeLimit::Unlimited) {
        found.insert(Edit::LiftLimit(connector));
    }
    let restrictions = org.restrictions(connector);
    if *restrictions != restrictions.lifted() {
        found.insert(Edit::LiftRestrictions(connector));
    }
}

/// Legacy servers do not see that it is disabled (R50).
fn of_disabled(org: &Organization, found: &mut BTreeSet<Edit>) {
    let disabled = org.connectors().iter_enumerated();
    let disabled = disabled.filter(|(_, connector)| !connector.enabled && !connector.kind.is_legacy());
    found.extend(disabled.map(|(index, _)| Edit::DeleteDisabled(index)));
}
