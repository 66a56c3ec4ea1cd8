//! What each router of a circle went by when it chose.

use std::collections::BTreeMap;

use super::flood::{Flood, News, UnderWay};
use super::scene::{Failed, Scene};
use super::skew::Names;
use super::{Router, Skew, Transient, Verification, World};
use crate::model::{ConnectorRef, Cost, FailureSet};
use crate::route::View;

/// What stands in the way of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hindrance {
    /// It has failed.
    Failed,
    /// It refuses messages of the class.
    Refuses,
}

/// Why a router of a circle hands the message on as it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The connectors that it plans to cross, in order; a connector to the outside comes last.
    pub way: Vec<ConnectorRef>,
    /// Their cost as the router adds it up: with the address space for legacy groups, without for 2007 and later.
    pub cost: Cost,
    /// What it leaves out, in the order of a better way that it would take otherwise, and the cost of that way.
    pub left_out: Option<(Vec<(ConnectorRef, Hindrance)>, Cost)>,
    /// What stands in its own way unknown to it.
    pub overlooked: Vec<(ConnectorRef, Hindrance)>,
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
                let way = names
                    .group(group)
                    .and_then(|group| then.best_way_believing(group, &believed));
                let (way, cost) = way.unwrap_or_default();
                let why = Why {
                    way,
                    cost,
                    left_out: None,
                    overlooked: Vec::new(),
                };
                (true, why)
            }
            _ => {
                let believed = settled(new, &now, step.at, &witness.failed);
                (false, reason(new, &mut now, step.at, &witness.failed, &believed))
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
                let steps = witness.steps.iter();
                reasons[*at] = steps
                    .map(|step| {
                        let believed = settled(world, &scene, step.at, &witness.failed);
                        reason(world, &mut scene, step.at, &witness.failed, &believed)
                    })
                    .collect();
            }
        }
    }
    reasons
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
            reason(world, &mut scene, step.at, &failed, &believed)
        })
        .collect()
}

/// What a router acts on when all news has arrived.
fn settled(world: &World<'_>, scene: &Scene<'_>, at: Router, failed: &[u32]) -> Failed {
    match at {
        Router::Group(group) => scene.believed(world.beliefs.audience(group), failed),
        Router::Site(..) => Failed::new(),
    }
}

fn reason(world: &World<'_>, scene: &mut Scene<'_>, at: Router, failed: &[u32], believed: &Failed) -> Why {
    let position = |connector| world.beliefs.believable().position(connector);
    match at {
        Router::Site(site, generation) => {
            let (way, cost) = scene.plan_of_2007(site, generation);
            let overlooked = hindrances(&way, |connector| {
                if failed.contains(&position(connector)) {
                    Some(Hindrance::Failed)
                } else {
                    scene.refuses(connector).then_some(Hindrance::Refuses)
                }
            });
            Why {
                way,
                cost,
                left_out: None,
                overlooked,
            }
        }
        Router::Group(group) => {
            let (way, cost) = scene.best_way_believing(group, believed).unwrap_or_default();
            let known = |connector| believed.contains(&position(connector));
            let left_out = scene.best_way_unhindered(group).filter(|(_, better)| *better < cost);
            let left_out = left_out.map(|(better, cost)| {
                let left_out = hindrances(&better, |connector| {
                    if known(connector) {
                        Some(Hindrance::Failed)
                    } else {
                        scene.refuses(connector).then_some(Hindrance::Refuses)
                    }
                });
                (left_out, cost)
            });
            let overlooked = hindrances(&way, |connector| {
                failed.contains(&position(connector)).then_some(Hindrance::Failed)
            });
            Why {
                way,
                cost,
                left_out,
                overlooked,
            }
        }
    }
}

fn hindrances(way: &[ConnectorRef], of: impl Fn(ConnectorRef) -> Option<Hindrance>) -> Vec<(ConnectorRef, Hindrance)> {
    let found = way.iter().filter_map(|connector| Some((*connector, of(*connector)?)));
    found.collect()
}
