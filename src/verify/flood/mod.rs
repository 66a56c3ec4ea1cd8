//! Loops while the news of a failure, or of its end, is under way.
//!
//! Settled loops are [`super::verify`]'s. In between, groups that will in the end act on the same failures may act on different
//! ones: [`crate::linkstate::Propagation`] says which group acts on what at every instant. A circle counts when every group in it
//! chooses by what it acts on then, and nothing in it crosses what has failed at that instant.
//!
//! # Which laps teach
//!
//! Tables are compared at the start of a session, before the mail on it is routed (LS-1.6). So a lap over a connector whose
//! bridgeheads all talk makes the two groups act on the same news: it does not repeat, and is left out ([`Choice::Teaches`]). What
//! is left needs two groups of one audience that act on different news, and between them, in both directions, a *seam*: the 2007
//! group, a connector with a bridgehead that does not talk, or a group of another audience. Hence two groups of one
//! audience that mail enters over seams; recipients without them are done.
//!
//! # Why few sets have to be tried
//!
//! Where sessions open at once, groups that news reaches act on the same, and the circles of such groups are settled loops
//! of what they act on: a part of what has failed. So news must be kept from somebody, by a group without a master or by a *cut*:
//! failures that part the groups. What parts the groups of a set `F` is a cut `C` inside `F`. The search begins with every cut
//! and adds hot connectors as [`super`] does, hot by what any group acts on at any instant. Let `G` be the largest set between
//! `C` and `F` that was tried. What `F` has besides parts no more groups, so that news of `G` arrives as it does without
//! it; and it is not on any best way of a group in the circle. So the circle is there with `G`.
//!
//! Where sessions take a while, any failure may change in which order groups hear: every set is tried.

mod seams;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use seams::Seams;
pub use timeline::News;
use timeline::{Instant, Runs};

use super::circles::{self, Choices};
use super::scene::{Choice, Failed, Hot, Router, Scene};
use super::search::{alike, nodes, one_more, turn, witness};
use super::told_apart::{ToldApart, under_first_class};
use super::{Bound, Bounds, MessageClass, Recipient, Witness, World};
use crate::delivery::Outcome;
use crate::linkstate::Timers;
use crate::model::{FailureSet, Node, RoutingGroupIdx, SimTime};
use crate::route::View;

/// A loop that is there only while news is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// The loop, as it is at the first instant of the first spell.
    pub witness: Witness,
    /// When it is there; at least one, in order.
    pub spells: Vec<Spell>,
    /// By legacy group of the circle: what it takes to be down at that instant.
    pub acting: Vec<(RoutingGroupIdx, Failed)>,
}

/// From one instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// What the news is about.
    pub news: News,
    /// Since the failure, or since its end.
    pub from: SimTime,
    /// `None`: as long as the failure lasts; after its end, for good.
    pub until: Option<SimTime>,
}

/// What is there only while news is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flood {
    /// Classes of recipients.
    pub recipients: Vec<Recipient>,
    /// Classes of messages.
    pub classes: Vec<MessageClass>,
    /// For every circle the least that has to fail, ordered as settled witnesses are. Circles that are settled with no more
    /// failures are left out.
    pub loops: Vec<UnderWay>,
    /// Failure sets that were tried: one for each recipient, class and set.
    pub checked: u64,
    /// Failure sets whose news was followed.
    pub runs: usize,
    /// Bounds that were reached.
    pub reached: BTreeSet<Bound>,
}

impl Flood {
    /// Whether no bound was reached.
    pub fn complete(&self) -> bool {
        self.reached.is_empty()
    }
}

/// Looks for loops while news of up to `bounds.failures_max` failures is under way, or of their end.
///
/// The options of `timers` have to be those of `world`. O(recipients × classes) where news reaches everybody at
/// once; else as the module says, with a run of link state for each set.
pub fn flood(world: &World<'_>, timers: &Timers, bounds: Bounds) -> Flood {
    let told_apart = ToldApart::new(world, None);
    let mut found = Flood {
        recipients: told_apart.recipients,
        classes: told_apart.classes,
        reached: told_apart.reached,
        ..Flood::default()
    };
    if bounds.failures_max == 0 {
        return found;
    }
    let bounds = bounds.within(world);
    let seams = Seams::new(world, bounds.failures_max);
    let at_once = timers.on_session == Some(Duration::ZERO) && timers.within_group == Duration::ZERO;
    if at_once && !seams.complete {
        found.reached.insert(Bound::Cuts);
    }
    if at_once && seams.cuts.is_empty() {
        return found;
    }
    let mut runs = Runs::new(world, timers);
    let mut left = bounds.checks_max;
    let nothing_down = FailureSet::default();
    let mut loops = Vec::new();
    for classes in alike(world, &found.classes) {
        let message = found.classes[classes[0]].message();
        let view = View::new(world.org, world.graphs, world.options, &message, &nothing_down);
        for (index, recipient) in found.recipients.iter().enumerate() {
            let mut scene = Scene::new(world, &view, recipient);
            let from_2007 = entered_from_2007(world, &mut scene);
            let anchors = seams.anchors(world, from_2007.into_iter());
            if anchors.is_empty() {
                continue;
            }
            let mut search = Search {
                scene,
                seams: &seams,
                runs: &mut runs,
                anchors,
                at_once,
                bounds,
                settled: BTreeMap::new(),
                found: BTreeMap::new(),
                reached: BTreeSet::new(),
            };
            found.checked += search.run(&mut left);
            found.reached.append(&mut search.reached);
            let each = search.found.into_values().flatten();
            loops.extend(each.map(|one| (one.witness.found_for(index, &classes), (one.spells, one.acting))));
        }
    }
    found.runs = runs.count();
    found.loops = under_first_class(loops, |witness, (spells, acting)| UnderWay {
        witness,
        spells,
        acting,
    });
    found
}

/// The groups that some site hands mail to.
fn entered_from_2007(world: &World<'_>, scene: &mut Scene<'_>) -> BTreeSet<RoutingGroupIdx> {
    let mut entered = BTreeSet::new();
    for (site, _) in world.org.sites().iter_enumerated() {
        for generation in world.generations(site) {
            let choices = scene.choices(Router::Site(site, generation), &[]);
            entered.extend(choices.iter().filter_map(|choice| match choice {
                Choice::Hands {
                    to: Router::Group(group),
                    ..
                } => Some(*group),
                _ => None,
            }));
        }
    }
    entered
}

/// One recipient and class.
struct Search<'s, 'w, 'a> {
    scene: Scene<'a>,
    seams: &'s Seams,
    runs: &'s mut Runs<'w>,
    /// Groups one of which every circle that is looked for passes.
    anchors: Vec<RoutingGroupIdx>,
    /// News takes no time.
    at_once: bool,
    bounds: Bounds,
    /// The settled circles of a set, as nodes.
    settled: BTreeMap<Failed, BTreeSet<Vec<Node>>>,
    /// By circle, with the sets that have it, none of them a part of another.
    found: BTreeMap<Vec<Node>, Vec<UnderWay>>,
    reached: BTreeSet<Bound>,
}

impl Search<'_, '_, '_> {
    /// Small sets before large ones. Says how many were tried.
    fn run(&mut self, left: &mut u64) -> u64 {
        let mut checked = 0;
        let mut levels: Vec<BTreeSet<Failed>> = vec![BTreeSet::new(); self.bounds.failures_max + 1];
        let begin = match self.at_once {
            true => self.seams.cuts.clone(),
            false => BTreeSet::from([Failed::new()]),
        };
        for failed in begin {
            levels[failed.len()].insert(failed);
        }
        for size in 0..levels.len() {
            for failed in std::mem::take(&mut levels[size]) {
                if *left == 0 {
                    self.reached.insert(Bound::Checks);
                    return checked;
                }
                *left -= 1;
                checked += 1;
                let larger = self.try_set(&failed);
                if let Some(next) = levels.get_mut(size + 1) {
                    next.extend(one_more(&failed, larger.into_iter()));
                }
            }
        }
        checked
    }

    /// Follows the news of a set. Says which connectors are worth adding to it.
    fn try_set(&mut self, failed: &Failed) -> BTreeSet<u32> {
        let mut hot = Hot::default();
        let calm = Instant::calm(self.scene.world.org.routing_groups().len());
        let choices = self.choices(failed, &calm);
        self.heat(&choices, &calm, &mut hot);
        // Circles that are there, with where their last spell began and the instant that was the last so far.
        let mut last: BTreeMap<Vec<Node>, usize> = BTreeMap::new();
        let instants = self.runs.of(failed);
        for (at, instant) in instants.iter().enumerate() {
            let physical = match instant.news {
                News::Failure => failed.clone(),
                News::End => Failed::new(),
            };
            let choices = self.choices(&physical, instant);
            self.heat(&choices, instant, &mut hot);
            for (circle, shown) in self.circles(&choices) {
                if self.is_known(&shown, failed) {
                    continue;
                }
                let until = match instants.get(at + 1) {
                    Some(next) if next.news == instant.news => Some(next.since),
                    _ => None,
                };
                let goes_on = at > 0 && instants[at - 1].news == instant.news && last.get(&shown) == Some(&(at - 1));
                let first = !last.contains_key(&shown);
                last.insert(shown.clone(), at);
                let spell = Spell {
                    news: instant.news,
                    from: instant.since,
                    until,
                };
                let of_circle = self.found.entry(shown).or_default();
                match of_circle.last_mut().filter(|_| !first) {
                    Some(known) if goes_on => {
                        if let Some(spell) = known.spells.last_mut() {
                            spell.until = until;
                        }
                    }
                    Some(known) => known.spells.push(spell),
                    None => of_circle.push(under_way(&choices, failed, circle, instant, spell)),
                }
            }
        }
        match self.at_once {
            true => hot.connectors,
            false => self.heard(),
        }
    }

    /// Every connector that somebody acts on.
    fn heard(&self) -> BTreeSet<u32> {
        let beliefs = &self.scene.world.beliefs;
        let all = (0..).zip(beliefs.believable().all()).map(|(position, _)| position);
        all.filter(|position| beliefs.is_heard(*position)).collect()
    }

    /// What every router does at an instant that mail from an anchor can reach.
    fn choices(&mut self, physical: &Failed, instant: &Instant) -> Choices {
        let mut choices = Choices::new();
        let mut pending: Vec<Router> = self.anchors.iter().copied().map(Router::Group).collect();
        while let Some(router) = pending.pop() {
            if choices.contains_key(&router) {
                continue;
            }
            let here = match router {
                Router::Site(..) => self.scene.choices(router, physical),
                Router::Group(group) => self.of_group(group, physical, instant),
            };
            pending.extend(here.iter().filter_map(|choice| match choice {
                Choice::Hands { to, .. } => Some(*to),
                _ => None,
            }));
            choices.insert(router, here);
        }
        choices
    }

    fn of_group(&mut self, group: RoutingGroupIdx, physical: &Failed, instant: &Instant) -> Vec<Choice> {
        let believed = instant.believed(group);
        let firsts = match self.scene.delivers(group) {
            true => return vec![Choice::Delivers],
            false => self.scene.firsts(group, believed),
        };
        if firsts.is_empty() {
            return vec![Choice::Ends(Outcome::Unreachable)];
        }
        let all = firsts.into_iter().flat_map(|first| self.scene.over(first, physical));
        all.map(|choice| match choice {
            Choice::Hands {
                over: Some(over),
                to: Router::Group(next),
            } if self.seams.teaches(over) && instant.believed(next) != believed => Choice::Teaches(over),
            other => other,
        })
        .collect()
    }

    fn heat(&mut self, choices: &Choices, instant: &Instant, hot: &mut Hot) {
        for router in choices.keys() {
            let Router::Group(group) = router else { continue };
            let audience = self.scene.world.beliefs.audience(*group);
            if audience.is_some() {
                let seen = hot.seen.entry(audience).or_default();
                for connector in self.scene.on_best_ways(*group, instant.believed(*group), seen) {
                    let position = self.scene.position(connector);
                    hot.add(&self.scene.world.beliefs, audience, position);
                }
            }
        }
    }

    /// The circles of a choice graph, as routers and as they are shown; one for each way to show it.
    fn circles(&mut self, choices: &Choices) -> Vec<(Vec<Router>, Vec<Node>)> {
        let mut steps = self.bounds.circle_steps_max;
        let (circles, all) = circles::circles(choices, &mut steps);
        if !all {
            self.reached.insert(Bound::CircleSteps);
        }
        let mut shown: BTreeMap<Vec<Node>, Vec<Router>> = BTreeMap::new();
        for (mut circle, _) in circles {
            turn(&mut circle);
            let surest = shown.entry(nodes(&circle)).or_insert_with(|| circle.clone());
            if circles::certainty(choices, circle[0]) > circles::certainty(choices, surest[0]) {
                *surest = circle;
            }
        }
        shown.into_iter().map(|(shown, circle)| (circle, shown)).collect()
    }

    /// Whether a circle is there without news, or with less failed.
    fn is_known(&mut self, shown: &[Node], failed: &Failed) -> bool {
        let within = |one: &UnderWay| one.witness.failed != *failed && is_part(&one.witness.failed, failed);
        if self.found.get(shown).is_some_and(|known| known.iter().any(within)) {
            return true;
        }
        parts(failed)
            .into_iter()
            .any(|part| self.settled(&part).contains(shown))
    }

    fn settled(&mut self, failed: &Failed) -> &BTreeSet<Vec<Node>> {
        if !self.settled.contains_key(failed) {
            let instant = self.settled_instant(failed);
            let choices = self.choices(failed, &instant);
            let shown = self.circles(&choices).into_iter().map(|(_, shown)| shown).collect();
            self.settled.insert(failed.clone(), shown);
        }
        &self.settled[failed]
    }

    fn settled_instant(&self, failed: &Failed) -> Instant {
        let beliefs = &self.scene.world.beliefs;
        let groups = (0..self.scene.world.org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
        Instant::of(
            groups
                .map(|group| self.scene.believed(beliefs.audience(group), failed))
                .collect(),
        )
    }
}

fn under_way(choices: &Choices, failed: &Failed, circle: Vec<Router>, instant: &Instant, spell: Spell) -> UnderWay {
    let certainty = circles::certainty(choices, circle[0]);
    let witness = witness(choices, failed, circle, certainty);
    let groups = witness.circle.iter().filter_map(|router| match router {
        Router::Group(group) => Some((*group, instant.believed(*group).clone())),
        Router::Site(..) => None,
    });
    UnderWay {
        acting: groups.collect(),
        spells: vec![spell],
        witness,
    }
}

fn is_part(some: &[u32], all: &[u32]) -> bool {
    some.iter().all(|position| all.contains(position))
}

/// Every part of a set, itself included.
fn parts(failed: &Failed) -> Vec<Failed> {
    let mut parts = vec![Failed::new()];
    for position in failed {
        let with = parts.iter().map(|part| {
            let mut part = part.clone();
            part.push(*position);
            part
        });
        parts.extend(with.collect::<Vec<_>>());
    }
    parts
}
