//! Whether a loop that mail can get out of hangs on a choice among equally good ways.

use std::collections::BTreeSet;

use super::Facts;
use crate::model::{ConnectorRef, FailureSet, GroupRef, Node, RoutingGroupConnectorIdx, RoutingGroupIdx};
use crate::route::{LegacyExit, View};
use crate::verify::{Recipient, Router, Witness};

/// A legacy group of a circle that has, beside the way round, an equally good one that leaves the circle (Q8, V5).
pub(super) struct Tie {
    pub(super) group: RoutingGroupIdx,
    /// The connectors with which these ways begin, by name.
    pub(super) ways: BTreeSet<ConnectorRef>,
}

/// Every tie of a circle, in the order of the lap. None: what mail gets out by is the choice among the servers of a connector
/// or a site, which stand in several sites or are of several versions (V3, V4).
///
/// One shortest-path search over connectors for each group in the circle.
pub(super) fn ties(facts: &Facts<'_>, witness: &Witness) -> Vec<Tie> {
    let verification = &facts.proof().verification;
    let (message, nothing_down) = (verification.classes[witness.class].message(), FailureSet::default());
    let world = facts.world();
    let view = View::new(world.org, world.graphs, world.options, &message, &nothing_down);
    let recipient = &verification.recipients[witness.recipient];
    let groups = witness.steps.iter().filter_map(|step| match (step.at, step.over) {
        (Router::Group(group), Some(over)) => Some((group, over)),
        _ => None,
    });
    let ties = groups.filter_map(|(group, over)| tie(facts, &view, recipient, witness, (group, over)));
    ties.collect()
}

/// The tie of a group that goes on over a connector, if it has one.
fn tie(
    facts: &Facts<'_>,
    view: &View<'_>,
    recipient: &Recipient,
    witness: &Witness,
    (group, over): (RoutingGroupIdx, RoutingGroupConnectorIdx),
) -> Option<Tie> {
    let (world, network) = (facts.world(), &facts.world().network);
    let beliefs = &world.beliefs;
    let has_failed = |connector| witness.failed.contains(&beliefs.believable().position(connector));
    let believed_down = |connector| has_failed(connector) && beliefs.group_acts_on(group, connector);
    let exits: Vec<LegacyExit> = match recipient {
        Recipient::Node(_) => Vec::new(),
        Recipient::AddressSpace { example, .. } => {
            let exits = view.legacy_exits(group, example).into_iter();
            exits
                .filter(|exit| !believed_down(ConnectorRef::External(exit.connector)))
                .collect()
        }
    };
    let targets = match recipient {
        Recipient::Node(Node::Site(_)) => vec![(GroupRef::Exchange2007, 0)],
        Recipient::Node(Node::RoutingGroup(home)) => vec![(GroupRef::Legacy(*home), 0)],
        Recipient::AddressSpace { .. } => exits.iter().map(|exit| (exit.group, exit.cost)).collect(),
    };
    let admits = |connector| view.legacy_admits(connector) && !believed_down(ConnectorRef::RoutingGroup(connector));
    let distances = network.distances(targets, admits);
    let here = GroupRef::Legacy(group);
    let is_on_circle = |group: GroupRef| {
        witness.circle.iter().any(|router| match router {
            Router::Site(..) => group == GroupRef::Exchange2007,
            Router::Group(other) => group == GroupRef::Legacy(*other),
        })
    };
    let others = network.best_first(here, &distances, admits).filter(|crossing| {
        let waits = has_failed(ConnectorRef::RoutingGroup(crossing.connector));
        crossing.connector != over && (waits || !is_on_circle(crossing.other))
    });
    let mut ways: BTreeSet<ConnectorRef> = others
        .map(|crossing| ConnectorRef::RoutingGroup(crossing.connector))
        .collect();
    let cost = network.cost(&distances, here);
    let outside = exits
        .iter()
        .filter(|exit| exit.group == here && Some(exit.cost) == cost);
    ways.extend(outside.map(|exit| ConnectorRef::External(exit.connector)));
    if ways.is_empty() {
        return None;
    }
    ways.insert(ConnectorRef::RoutingGroup(over));
    Some(Tie { group, ways })
}
