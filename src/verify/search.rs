//! Which sets of failures are tried, and what they show.

use std::cell::OnceCell;
use std::cmp::{Ordering, Reverse};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::black_holes::{BlackHole, black_holes};
use super::certificate::{Certificate, Writer};
use super::circles::{self, Certainty, Choices};
use super::scene::{Choice, Detours, Failed, Hot, Router, Scene};
use super::told_apart::{ToldApart, under_first_class};
use super::{MessageClass, Recipient, World};
use crate::model::{FailureSet, Message, Node, RoutingGroupConnectorIdx};
use crate::route::{LegacyDistances, View};

/// How far the search goes. Reaching a bound is reported and never taken for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most connectors that fail at the same time.
    pub failures_max: usize,
    /// Most failure sets that are tried, over all recipients and classes.
    pub checks_max: u64,
    /// Most steps in search of circles for one failure set.
    pub circle_steps_max: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            failures_max: 1,
            checks_max: 100_000_000,
            circle_steps_max: 100_000,
        }
    }
}

impl Bounds {
    /// The same for one organization: no set has more failures than there are connectors.
    pub(super) fn within(self, world: &World<'_>) -> Bounds {
        let connectors = world.beliefs.believable().all().len();
        Bounds {
            failures_max: self.failures_max.min(connectors),
            ..self
        }
    }
}

/// A bound that can be reached, so that not everything was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bound {
    /// [`Bounds::checks_max`].
    Checks,
    /// [`Bounds::circle_steps_max`], for some failure set.
    CircleSteps,
    /// Ways in which X.400 address spaces overlap (V17).
    AddressClasses,
    /// Kinds of messages (V19).
    MessageClasses,
    /// Ways in which failures part groups that hear of each other (V29).
    Cuts,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Classes of recipients, in table order; address spaces last.
    pub recipients: Vec<Recipient>,
    /// Classes of messages.
    pub classes: Vec<MessageClass>,
    /// Minimal settled loops, ordered by recipient, number of failures, their names, class and circle.
    pub witnesses: Vec<Witness>,
    /// Failures that legacy groups walk into although they have another way; none are looked for when nothing may fail.
    pub black_holes: Vec<BlackHole>,
    /// Failure sets that were tried: one for each recipient, class and set.
    pub checked: u64,
    /// Shortest-path computations.
    pub path_computations: u64,
    /// Bounds that were reached.
    pub reached: BTreeSet<Bound>,
}

/// The answer to whether mail can circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No set of so many failures makes mail circle.
    LoopFree,
    /// Some does.
    Loops,
    /// None was found, and not everything was tried.
    Inconclusive,
}

impl Verification {
    /// Whether no bound was reached.
    pub fn complete(&self) -> bool {
        self.reached.is_empty()
    }

    /// The answer.
    pub fn verdict(&self) -> Verdict {
        match (self.witnesses.is_empty(), self.complete()) {
            (false, _) => Verdict::Loops,
            (true, true) => Verdict::LoopFree,
            (true, false) => Verdict::Inconclusive,
        }
    }
}

/// A loop, and the least that has to fail for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Position in [`Verification::recipients`].
    pub recipient: usize,
    /// Position in [`Verification::classes`].
    pub class: usize,
    /// Other classes with the same loop.
    pub also_in: Vec<usize>,
    /// What has failed, by position in [`crate::linkstate::Believable::all`].
    pub failed: Failed,
    /// Who holds the message, in order, the first in table order first and not repeated.
    pub circle: Vec<Router>,
    /// Whether the message must circle.
    pub certainty: Certainty,
    /// The hand-overs of one lap, one for each router of the circle.
    pub steps: Vec<Step>,
}

/// One hand-over of a lap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who hands over.
    pub at: Router,
    /// The routing-group connector that is crossed, the lowest name of several; `None`: between sites, or inside one.
    pub over: Option<RoutingGroupConnectorIdx>,
    /// Who takes over.
    pub to: Router,
}

/// Tries every recipient, every class of messages and every set of failures that can matter.
///
/// What is complete about trying so few sets is argued in [`crate::verify`]. `progress` is told, from time to time, how many of how many pairs
/// of recipient and class are done. For each pair and set that leaves no known way around the 2007 group open: one shortest-path computation for
/// each audience that mail passes; for each pair besides, one for each group that sites hand mail to, and one for each class.
pub fn verify(world: &World<'_>, bounds: Bounds, progress: &mut dyn FnMut(usize, usize)) -> Verification {
    verify_all(world, bounds, progress, None)
}

/// The same, with a certificate. It lists what was computed for every set, so that known ways around the 2007 group are not asked for: more
/// is computed, and bounds are reached sooner. It holds as many numbers as there were path computations times groups, and for each site
/// where mail may be held and each group one for every other.
pub fn certify(
    world: &World<'_>,
    bounds: Bounds,
    progress: &mut dyn FnMut(usize, usize),
) -> (Verification, Certificate) {
    let mut writer = Writer::new(world);
    let claim: &mut Record<'_> = &mut |recipient, sets, scene| writer.claim(recipient, sets, scene);
    let found = verify_all(world, bounds, progress, Some(claim));
    (found, writer.finish(bounds.failures_max))
}

/// Every recipient, and black holes.
fn verify_all(
    world: &World<'_>,
    bounds: Bounds,
    progress: &mut dyn FnMut(usize, usize),
    record: Option<&mut Record<'_>>,
) -> Verification {
    let mut found = verify_for(world, bounds, &|_, _| true, progress, record);
    if bounds.failures_max > 0 {
        found.black_holes = black_holes(world, &found.recipients, &found.classes);
    }
    found
}

/// Is told of every recipient and kind of message which sets were tried, and with what was computed for them: ways around the 2007 group
/// are not asked then.
pub(super) type Record<'r> = dyn FnMut(&Recipient, &[Failed], &Scene<'_>) + 'r;

/// The same for the recipients that are wanted in view of what was found so far, without black holes.
pub(super) fn verify_for(
    world: &World<'_>,
    bounds: Bounds,
    wanted: &dyn Fn(&Recipient, &[Witness]) -> bool,
    progress: &mut dyn FnMut(usize, usize),
    mut record: Option<&mut Record<'_>>,
) -> Verification {
    let pairs = Pairs::new(world, bounds, record.is_some());
    let mut found = pairs.nothing_found();
    let mut left = bounds.checks_max;
    let mut witnesses = Vec::new();
    for (at, classes) in pairs.alike.iter().enumerate() {
        let message = found.classes[classes[0]].message();
        let view = pairs.view(&message);
        let into_2007 = OnceCell::new();
        for (index, recipient) in pairs.recipients.iter().enumerate() {
            progress(at * pairs.recipients.len() + index, pairs.len());
            if !wanted(recipient, &witnesses) {
                continue;
            }
            let (searched, scene) = pairs.search(&view, recipient, &into_2007, &mut left);
            found.checked += searched.checked;
            found.reached.extend(searched.reached.iter().copied());
            found.path_computations += scene.path_computations;
            if let Some(record) = &mut record {
                record(recipient, &searched.tried, &scene);
            }
            let each = searched.witnesses.into_iter();
            witnesses.extend(each.map(|witness| witness.found_for(index, classes)));
        }
    }
    found.witnesses = merge(witnesses);
    found
}

/// Every pair of recipient and classes that are alike, and what the searches for them share. No search needs another one, but for
/// the number of sets that are left to try.
pub(super) struct Pairs<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) recipients: Vec<Recipient>,
    pub(super) classes: Vec<MessageClass>,
    /// Classes that no router tells apart; none when nothing can circle.
    pub(super) alike: Vec<Vec<usize>>,
    reached: BTreeSet<Bound>,
    anchors: Vec<Router>,
    bounds: Bounds,
    asks_for_ways: bool,
    nothing_down: FailureSet,
}

impl<'w> Pairs<'w> {
    pub(super) fn new(world: &'w World<'w>, bounds: Bounds, every_set: bool) -> Pairs<'w> {
        let told_apart = ToldApart::new(world, None);
        let anchors = world.anchors();
        let only_sites = anchors.iter().all(|anchor| matches!(anchor, Router::Site(..)));
        let alike = match anchors.is_empty() {
            true => Vec::new(),
            false => alike(world, &told_apart.classes),
        };
        Pairs {
            world,
            recipients: told_apart.recipients,
            classes: told_apart.classes,
            alike,
            reached: told_apart.reached,
            anchors,
            asks_for_ways: only_sites && !every_set && bounds.failures_max > 0 && world.beliefs.is_any_heard(),
            bounds: bounds.within(world),
            nothing_down: FailureSet::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.alike.len() * self.recipients.len()
    }

    /// What is known before any search.
    pub(super) fn nothing_found(&self) -> Verification {
        Verification {
            recipients: self.recipients.clone(),
            classes: self.classes.clone(),
            reached: self.reached.clone(),
            ..Verification::default()
        }
    }

    pub(super) fn view<'v>(&'v self, message: &'v Message) -> View<'v> {
        let World {
            org, graphs, options, ..
        } = self.world;
        View::new(org, graphs, *options, message, &self.nothing_down)
    }

    /// The search for one recipient. `into_2007` is shared by all recipients of alike classes.
    pub(super) fn search<'v>(
        &'v self,
        view: &'v View<'v>,
        recipient: &'v Recipient,
        into_2007: &OnceCell<LegacyDistances>,
        left: &mut u64,
    ) -> (Searched, Scene<'v>) {
        let mut scene = Scene::new(self.world, view, recipient);
        let search = Search {
            scene: &mut scene,
            anchors: &self.anchors,
            into_2007: self.asks_for_ways.then_some(into_2007),
            bounds: self.bounds,
            left,
        };
        let searched = search.run();
        (searched, scene)
    }
}

/// Classes that no router tells apart, together: same sizes, same connectors refused.
pub(super) fn alike(world: &World<'_>, classes: &[MessageClass]) -> Vec<Vec<usize>> {
    alike_in(&[world], classes)
}

/// The same, in several organizations.
pub(super) fn alike_in(worlds: &[&World<'_>], classes: &[MessageClass]) -> Vec<Vec<usize>> {
    let mut alike: BTreeMap<(Option<u64>, bool, Vec<bool>), Vec<usize>> = BTreeMap::new();
    for (index, class) in classes.iter().enumerate() {
        let message: Message = class.message();
        let all = worlds.iter().flat_map(|world| {
            let all = world.beliefs.believable().all().iter();
            all.map(move |(connector, _)| (world.org, *connector))
        });
        let passes = all.map(|(org, connector)| message.passes(org.restrictions(connector)));
        // 2007 and later do not look at the size of what the system writes, but legacy servers do.
        let key = (message.size, message.size_for_2007().is_some(), passes.collect());
        alike.entry(key).or_default().push(index);
    }
    let mut alike: Vec<Vec<usize>> = alike.into_values().collect();
    alike.sort();
    alike
}

/// One loop is listed once, under its first class, in the contract's order.
pub(super) fn merge(witnesses: Vec<Witness>) -> Vec<Witness> {
    // Two generations in one site may run the same circle of nodes: of a class the surest is kept.
    let mut surest: BTreeMap<(usize, usize, Failed, Vec<Node>), Witness> = BTreeMap::new();
    for witness in witnesses {
        let key = (
            witness.class,
            witness.recipient,
            witness.failed.clone(),
            nodes(&witness.circle),
        );
        let rank = |witness: &Witness| (Reverse(witness.certainty), witness.circle.clone());
        match surest.entry(key) {
            Entry::Vacant(none) => {
                none.insert(witness);
            }
            Entry::Occupied(mut known) if rank(&witness) < rank(known.get()) => {
                known.insert(witness);
            }
            Entry::Occupied(_) => {}
        }
    }
    // Nothing is told of them besides.
    under_first_class(surest.into_values().map(|witness| (witness, ())), |witness, ()| witness)
}

/// The contract's order: recipient, number of failures, their names, class, circle. Positions are name order.
pub(super) fn in_order(a: &Witness, b: &Witness) -> Ordering {
    let key = |w: &Witness| (w.recipient, w.failed.len());
    key(a)
        .cmp(&key(b))
        .then_with(|| a.failed.cmp(&b.failed))
        .then(a.class.cmp(&b.class))
        .then_with(|| nodes(&a.circle).cmp(&nodes(&b.circle)))
}

pub(super) fn nodes(circle: &[Router]) -> Vec<Node> {
    circle.iter().map(|router| router.node()).collect()
}

/// The search for one class of messages and one recipient.
struct Search<'s, 'a> {
    scene: &'s mut Scene<'a>,
    anchors: &'s [Router],
    /// If ways around the 2007 group may be asked for: what it costs to come there, once somebody knows.
    into_2007: Option<&'s OnceCell<LegacyDistances>>,
    bounds: Bounds,
    left: &'s mut u64,
}

/// What it found. Recipient and class of the witnesses are the caller's to fill in.
pub(super) struct Searched {
    pub(super) witnesses: Vec<Witness>,
    pub(super) checked: u64,
    pub(super) reached: BTreeSet<Bound>,
    /// The sets that were tried, in order.
    tried: Vec<Failed>,
}

impl Search<'_, '_> {
    /// Level by level, so that every smaller set has been tried before.
    fn run(mut self) -> Searched {
        let mut searched = Searched {
            witnesses: Vec::new(),
            checked: 0,
            reached: BTreeSet::new(),
            tried: Vec::new(),
        };
        let mut detours = None;
        let mut level = BTreeSet::from([Failed::new()]);
        for size in 0..=self.bounds.failures_max {
            let mut next = BTreeSet::new();
            for failed in level {
                if holds(&searched.witnesses, &failed, Certainty::Must) {
                    continue;
                }
                if *self.left == 0 {
                    searched.reached.insert(Bound::Checks);
                    return searched;
                }
                *self.left -= 1;
                searched.checked += 1;
                searched.tried.push(failed.clone());
                let mut added = next_to_fail(&detours, &failed);
                if added.is_none() {
                    let (choices, must) = self.look(&failed, &mut searched);
                    if let Some(into_2007) = self.into_2007.filter(|_| failed.is_empty()) {
                        detours = self.scene.detours(&choices, into_2007);
                    }
                    if let Some(detours) = &mut detours {
                        self.scene.learn(detours, &failed);
                    }
                    if must {
                        continue;
                    }
                    added = next_to_fail(&detours, &failed);
                    if added.is_none() && size < self.bounds.failures_max {
                        added = Some(self.hot(&choices, &failed));
                    }
                }
                if size < self.bounds.failures_max {
                    next.extend(one_more(&failed, added.into_iter().flatten()));
                }
            }
            level = next;
        }
        searched
    }

    /// Adds the loops that are there with `failed` and with no part of it. What every router does, and whether some mail must circle.
    fn look(&mut self, failed: &Failed, searched: &mut Searched) -> (Choices, bool) {
        let choices = self.scene.reached(self.anchors, failed);
        let circles = self.circles(&choices, &mut searched.reached);
        let must = circles.iter().any(|(_, certainty)| *certainty == Certainty::Must);
        let smaller = holds(&searched.witnesses, failed, Certainty::May);
        let minimal = |certainty: Certainty| certainty == Certainty::Must || !smaller;
        let kept = circles.into_iter().filter(|(_, certainty)| minimal(*certainty));
        let witnesses = kept.map(|(circle, certainty)| witness(&choices, failed, circle, certainty));
        searched.witnesses.extend(witnesses);
        (choices, must)
    }

    fn circles(&self, choices: &Choices, reached: &mut BTreeSet<Bound>) -> Vec<(Vec<Router>, Certainty)> {
        let mut steps = self.bounds.circle_steps_max;
        let (circles, all) = circles::circles(choices, &mut steps);
        if !all {
            reached.insert(Bound::CircleSteps);
        }
        circles
    }

    /// The connectors that could change something when they fail too.
    fn hot(&mut self, choices: &Choices, failed: &Failed) -> BTreeSet<u32> {
        let mut hot = Hot::default();
        for router in choices.keys() {
            if let Router::Group(group) = router {
                self.scene.hot(*group, failed, &mut hot);
            }
        }
        hot.connectors
    }
}

/// The connectors of which one has to fail too before mail can come back into the 2007 group, if that is known.
fn next_to_fail(detours: &Option<Detours>, failed: &[u32]) -> Option<BTreeSet<u32>> {
    detours.as_ref().and_then(|detours| detours.next_to_fail(failed))
}

/// `failed` with each of some connectors that it has not.
pub(super) fn one_more(failed: &Failed, added: impl Iterator<Item = u32>) -> impl Iterator<Item = Failed> {
    added.filter(|position| !failed.contains(position)).map(|position| {
        let mut larger = failed.clone();
        larger.push(position);
        larger.sort_unstable();
        larger
    })
}

/// Whether a proper part of `failed` has a witness that is at least so certain (V22).
fn holds(witnesses: &[Witness], failed: &[u32], certainty: Certainty) -> bool {
    witnesses.iter().any(|witness| {
        witness.certainty >= certainty
            && witness.failed.len() < failed.len()
            && witness.failed.iter().all(|position| failed.contains(position))
    })
}

pub(super) fn witness(choices: &Choices, failed: &Failed, mut circle: Vec<Router>, certainty: Certainty) -> Witness {
    turn(&mut circle);
    let next = circle.iter().cycle().skip(1);
    let steps = circle.iter().zip(next).map(|(at, next)| {
        let over = choices[at].iter().filter_map(|choice| match choice {
            Choice::Hands { over, to } if to == next => Some(*over),
            _ => None,
        });
        Step {
            at: *at,
            over: over.min().expect("a circle is made of choices"),
            to: *next,
        }
    });
    Witness {
        recipient: 0,
        class: 0,
        also_in: Vec::new(),
        failed: failed.clone(),
        steps: steps.collect(),
        circle,
        certainty,
    }
}

/// A circle may pass two generations of one site: of all ways to begin, the lowest list of nodes.
pub(super) fn turn(circle: &mut [Router]) {
    let turned = |at: &usize| nodes(&[&circle[*at..], &circle[..*at]].concat());
    let lowest = (0..circle.len()).min_by_key(turned);
    circle.rotate_left(lowest.expect("a circle has a router"));
}
