//! What a legacy group may do with a message under its own beliefs (LS-2.1).

use super::super::address::Target;
use super::super::explain::Case;
use super::super::group_paths::{Sequence, cost};
use super::super::org::{Node, Place};
use super::super::restrictions::{is_too_large, permits};
use super::super::selection::{best_space, limit};
use super::super::spaces::Address;
use super::link_state::Wire;

/// One of the equally cheap ways of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Connectors between groups, none when the group is at its goal.
    pub(super) crossed: Sequence,
    /// The connector by which the mail leaves the organization at the end of the way.
    pub(super) exit: Option<usize>,
}

impl Choice {
    pub(super) fn crosses(&self, wire: Wire) -> bool {
        match wire {
            Wire::Between(at) => self.crossed.contains(&at),
            Wire::Outside(at) => self.exit == Some(at),
        }
    }
}

/// Where a way may end, at what additional cost.
#[derive(Debug, Clone, Copy)]
struct Goal {
    node: Node,
    cost: u64,
    exit: Option<usize>,
}

/// All ways of `group` that cost the least: none when the message has to wait, or is returned.
///
/// # Panics
///
/// For a recipient that `verify` does not know.
pub(super) fn choices(case: &Case<'_>, group: usize, to: &Target, down: &dyn Fn(Wire) -> bool) -> Vec<Choice> {
    let org = case.org;
    let goal = |node| Goal {
        node,
        cost: 0,
        exit: None,
    };
    let goals = match to {
        Target::Place(Place::Site(_)) => vec![goal(Node::E2007)],
        Target::Place(Place::Group(group)) => vec![goal(Node::Legacy(*group))],
        Target::External(address) => exits(case, group, address, down),
        _ => unreachable!("recipients are places and addresses outside"),
    };
    let mut ways: Vec<(u64, Choice)> = Vec::new();
    for goal in goals {
        for crossed in org.sequences.between(Node::Legacy(group), goal.node) {
            let is_open = |&at: &usize| case.legacy_permits(at) && !down(Wire::Between(at));
            if crossed.iter().all(is_open) {
                let choice = Choice {
                    crossed: crossed.clone(),
                    exit: goal.exit,
                };
                ways.push((cost(org, crossed) + goal.cost, choice));
            }
        }
    }
    let least = ways.iter().map(|(cost, _)| *cost).min();
    let cheapest = ways.into_iter().filter(|(cost, _)| Some(*cost) == least);
    cheapest.map(|(_, choice)| choice).collect()
}

/// The connectors to the outside that are up among the most specific ones: one that is down, or that has no way to it, does
/// not give way to a less specific one.
fn exits(case: &Case<'_>, group: usize, address: &Address, down: &dyn Fn(Wire) -> bool) -> Vec<Goal> {
    let org = case.org;
    let mut matching = Vec::new();
    for (at, connector) in org.connectors.iter().enumerate() {
        let Some((specificity, cost)) = best_space(connector, address) else {
            continue;
        };
        let node = connector.group.map_or(Node::E2007, Node::Legacy);
        // R48: at every hop, only the group's own scoped connectors are in scope. R50: `enabled` is not seen.
        let in_scope = !connector.scoped || node == Node::Legacy(group);
        let accepts = permits(&connector.restrictions, case.message)
            && !is_too_large(case.message.size, limit(org, case.options, connector));
        // LS-2.1: whether there is a way to it is asked of the most specific ones, and not before.
        if in_scope && accepts && !connector.usable_sources.is_empty() {
            let exit = Some(at);
            matching.push((specificity, Goal { node, cost, exit }));
        }
    }
    let best = matching.iter().map(|(specificity, _)| *specificity).max();
    let most_specific = matching
        .into_iter()
        .filter(|(specificity, _)| Some(*specificity) == best);
    let goals = most_specific.map(|(_, goal)| goal);
    goals
        .filter(|goal| goal.exit.is_none_or(|at| !down(Wire::Outside(at))))
        .collect()
}
