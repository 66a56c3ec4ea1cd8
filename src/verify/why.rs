//! What each router of a circle went by when it chose.

use std::collections::BTreeMap;

use super::flood::{Flood, News, UnderWay};
use super::scene::{Failed, Rejection, Scene};
use super::skew::Names;
use super::{Recipient, Router, Skew, Step, Transient, Verification, Witness, World};
use crate::model::{ConnectorRef, Cost, FailureSet, Message, RoutingGroupIdx};
use crate::route::View;

/// What stands in the way of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hindrance {
    /// It has failed.
    Failed,
    /// It refuses messages of the class.
    Refuses,
    /// It refuses them since it is not open at their hour.
    Closed,
}

/// Why a router of a circle hands the message on as it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The connectors that it plans to cross, in order; a connector to the outside comes last.
    pub way: Vec<ConnectorRef>,
    /// Their cost as the router adds it up: with the address space for legacy groups, without for 2007 and later.
    pub cost: Cost,
    /// What it leaves out, in the order of a better way that it would take otherwise, and the cost of that way.
    pub left_out: Option<(Vec<(ConnectorRef, Hindrance)>, Cost)>,
    /// The best of the ways that it did not take: with something left out that better way.
    pub rejected: Option<Rejected>,
    /// What stands in its own way unknown to it.
    pub overlooked: Vec<(ConnectorRef, Hindrance)>,
}

/// A way that a router did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its connectors, in order. For an address outside, 2007 and later compare the connectors that serve it: only that one.
    pub way: Vec<ConnectorRef>,
    /// Their cost as that of [`Why::way`]; where 2007 and later compare connectors to the outside, with the address space.
    pub cost: Cost,
    /// What spoke against it.
    pub because: Rejection,
}

/// One reason for each step of a transient loop. `true`: it is told in terms of the older organization, which the group acts on.
pub fn why_in_between(new: &World<'_>, old: &World<'_>, skew: &Skew, transient: &Transient) -> Vec<(bool, Why)> {
    let witness = &transient.witness;
    let message = skew.classes[witness.class].message();
    let nothing_down = FailureSet::default();
    let recipient = &skew.recipients[witness.recipient];
    let names = Names::new(new.org, old.org);
    let now = View::new(new.org, new.graphs, new.options, &message, &nothing_down);
    let then = View::new(old.org, old.graphs, old.options, &message, &nothing_down);
    let old_recipient = names.recipient(recipient);
    let mut now = Scene::new(new, &now, recipient);
    let mut then = old_recipient
        .as_ref()
        .map(|recipient| Scene::new(old, &then, recipient));
    let steps = witness.steps.iter();
    steps
        .map(|step| match (step.at, &mut then) {
            (Router::Group(group), Some(then)) if transient.unaware.contains(&group) => {
                let believed = names.believed(new, old, group, &witness.failed);
                let over = step
                    .over
                    .map(ConnectorRef::RoutingGroup)
                    .and_then(|over| names.to_old(over));
                let why = names.group(group).map(|group| of_group(then, group, over, &believed));
                (true, why.unwrap_or_default())
            }
            _ => {
                let believed = settled(&now, step.at, &witness.failed);
                (false, reason(&mut now, step, &witness.failed, &believed))
            }
        })
        .collect()
}

/// One reason for each step of every witness, in their order. What witnesses of one class and recipient have in common is computed once: with
/// thousands of them that is most of the work.
pub fn all_reasons(world: &World<'_>, verification: &Verification) -> Vec<Vec<Why>> {
    let mut by_class: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, witness) in verification.witnesses.iter().enumerate() {
        by_class.entry(witness.class).or_default().push(at);
    }
    let mut reasons = vec![Vec::new(); verification.witnesses.len()];
    let nothing_down = FailureSet::default();
    for (class, witnesses) in by_class {
        let message = verification.classes[class].message();
        let view = View::new(world.org, world.graphs, world.options, &message, &nothing_down);
        // Witnesses are ordered by recipient.
        for of_one in witnesses.chunk_by(|a, b| {
            let recipient = |at: &usize| verification.witnesses[*at].recipient;
            recipient(a) == recipient(b)
        }) {
            let recipient = &verification.recipients[verification.witnesses[of_one[0]].recipient];
            let mut scene = Scene::new(world, &view, recipient);
            for at in of_one {
                let witness = &verification.witnesses[*at];
                reasons[*at] = of_settled(&mut scene, witness);
            }
        }
    }
    reasons
}

/// One reason for each step of a settled loop.
pub(super) fn reasons_of(world: &World<'_>, recipient: &Recipient, message: &Message, witness: &Witness) -> Vec<Why> {
    let nothing_down = FailureSet::default();
    let view = View::new(world.org, world.graphs, world.options, message, &nothing_down);
    let mut scene = Scene::new(world, &view, recipient);
    of_settled(&mut scene, witness)
}

/// The same in the scene of the loop's class and recipient.
fn of_settled(scene: &mut Scene<'_>, witness: &Witness) -> Vec<Why> {
    let steps = witness.steps.iter();
    steps
        .map(|step| {
            let believed = settled(scene, step.at, &witness.failed);
            reason(scene, step, &witness.failed, &believed)
        })
        .collect()
}

/// One reason for each step of a loop that is there while news is under way, at its first instant.
pub fn why_under_way(world: &World<'_>, flood: &Flood, under_way: &UnderWay) -> Vec<Why> {
    let witness = &under_way.witness;
    let message = flood.classes[witness.class].message();
    let nothing_down = FailureSet::default();
    let view = View::new(world.org, world.graphs, world.options, &message, &nothing_down);
    let mut scene = Scene::new(world, &view, &flood.recipients[witness.recipient]);
    let failed = match under_way.spells.first().map(|spell| spell.news) {
        Some(News::End) => Failed::new(),
        _ => witness.failed.clone(),
    };
    let steps = witness.steps.iter();
    steps
        .map(|step| {
            let mut acting = under_way.acting.iter();
            let believed = acting.find(|(group, _)| step.at == Router::Group(*group));
            let believed = believed.map(|(_, believed)| believed.clone()).unwrap_or_default();
            reason(&mut scene, step, &failed, &believed)
        })
        .collect()
}

/// What a router acts on when all news has arrived.
fn settled(scene: &Scene<'_>, at: Router, failed: &[u32]) -> Failed {
    match at {
        Router::Group(group) => scene.believed(scene.world.beliefs.audience(group), failed),
        Router::Site(..) => Failed::new(),
    }
}

fn reason(scene: &mut Scene<'_>, step: &Step, failed: &[u32], believed: &Failed) -> Why {
    match step.at {
        Router::Site(site, generation) => {
            let planned = scene.plan_of_2007(site, generation);
            let (way, cost) = (planned.way.clone(), planned.cost);
            let rejected = planned.rival.clone();
            let rejected = rejected.map(|((way, cost), because)| Rejected { way, cost, because });
            Why {
                overlooked: hindrances(scene, &way, failed),
                way,
                cost,
                left_out: None,
                rejected,
            }
        }
        Router::Group(group) => {
            let mut why = of_group(scene, group, step.over.map(ConnectorRef::RoutingGroup), believed);
            // What it knows to refuse the message is on no way of its own.
            why.overlooked = hindrances(scene, &why.way, failed);
            why
        }
    }
}

/// What a group that believes `believed` down goes by when it takes `over`; `overlooked` is left open.
fn of_group(scene: &mut Scene<'_>, group: RoutingGroupIdx, over: Option<ConnectorRef>, believed: &Failed) -> Why {
    let (way, cost) = scene.best_way_believing(group, over, believed).unwrap_or_default();
    let better = scene.best_way_unhindered(group).map(|(better, cost)| {
        let hindered = hindrances(scene, &better, believed);
        (hindered, better, cost)
    });
    let (left_out, rejected) = match better {
        Some((hindered, way, cost)) if !hindered.is_empty() => {
            let because = Rejection::Hindered;
            (Some((hindered, cost)), Some(Rejected { way, cost, because }))
        }
        _ => {
            let next = way
                .first()
                .and_then(|taken| scene.next_best_believing(group, *taken, believed));
            let rejected = next.map(|(way, other)| Rejected {
                way,
                cost: other,
                because: match other > cost {
                    true => Rejection::Dearer,
                    false => Rejection::Equal,
                },
            });
            (None, rejected)
        }
    };
    Why {
        way,
        cost,
        left_out,
        rejected,
        overlooked: Vec::new(),
    }
}

/// What stands in a way when `down` are down.
fn hindrances(scene: &Scene<'_>, way: &[ConnectorRef], down: &[u32]) -> Vec<(ConnectorRef, Hindrance)> {
    let of = |connector: ConnectorRef| match down.contains(&scene.position(connector)) {
        true => Some(Hindrance::Failed),
        false if scene.is_closed(connector) => Some(Hindrance::Closed),
        false => scene.refuses(connector).then_some(Hindrance::Refuses),
    };
    let found = way.iter().filter_map(|connector| Some((*connector, of(*connector)?)));
    found.collect()
}
