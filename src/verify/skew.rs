//! Loops while legacy groups still act on an older configuration (LC7).
//!
//! Servers of 2007 and later read a change from the directory at once; a legacy group hears of it within the hour (R42). In
//! between each group acts either on the old organization or on the new one, in any mix. A circle passes each group once, so
//! it is there in some mix exactly when every hand-over is what the group would do by one of the two: it is enough to
//! look for circles in both choice graphs laid over each other, and the smallest mix is read off the circle.
//!
//! Failures are searched as in [`super`], with connectors hot by either organization. Any group may be an anchor here,
//! since two legacy groups now disagree without a failure.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::{self, Choices};
use super::scene::{Choice, Failed, Hot, Router, Scene, Seen};
use super::search::{alike_in, nodes, one_more, witness};
use super::told_apart::{ToldApart, under_first_class};
use super::{Bound, Bounds, MessageClass, Recipient, Witness, World};
use crate::delivery::Outcome;
use crate::linkstate::Audience;
use crate::model::{ConnectorRef, FailureSet, GroupRef, Name, Node, Organization, RoutingGroupIdx};
use crate::route::{View, usable_sources};

/// A loop that is there while some groups act on the older organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transient {
    /// The loop.
    pub witness: Witness,
    /// The groups that have not heard of the change, ascending; at least one.
    pub unaware: Vec<RoutingGroupIdx>,
}

/// What is there only in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skew {
    /// Classes of recipients of the new organization.
    pub recipients: Vec<Recipient>,
    /// Classes of messages, cut by both organizations.
    pub classes: Vec<MessageClass>,
    /// For every circle the least that has to fail, each with the smallest mix, ordered as settled witnesses are. Circles
    /// that are settled with no more failures are left out.
    pub transient: Vec<Transient>,
    /// Failure sets that were tried.
    pub checked: u64,
    /// Bounds that were reached.
    pub reached: BTreeSet<Bound>,
}

impl Skew {
    /// Whether no bound was reached.
    pub fn complete(&self) -> bool {
        self.reached.is_empty()
    }
}

/// Looks for loops while legacy groups of `new` still act on `old`.
///
/// For each recipient, class and set: as many shortest-path computations as there are audiences in both, and circles
/// in a graph with an edge for each choice of either.
pub fn skew(new: &World<'_>, old: &World<'_>, bounds: Bounds) -> Skew {
    let told_apart = ToldApart::new(new, Some(old));
    let mut found = Skew {
        recipients: told_apart.recipients,
        classes: told_apart.classes,
        reached: told_apart.reached,
        ..Skew::default()
    };
    if new.org.routing_groups().is_empty() {
        return found;
    }
    let bounds = bounds.within(new);
    let names = Names::new(new.org, old.org);
    let nothing_down = FailureSet::default();
    let mut left = bounds.checks_max;
    let mut transient = Vec::new();
    for classes in alike_in(&[new, old], &found.classes) {
        let message = found.classes[classes[0]].message();
        let now = View::new(new.org, new.graphs, new.options, &message, &nothing_down);
        let then = View::new(old.org, old.graphs, old.options, &message, &nothing_down);
        for (index, recipient) in found.recipients.iter().enumerate() {
            let before = names.recipient(recipient);
            let mut both = Both {
                now: Scene::new(new, &now, recipient),
                then: before.as_ref().map(|before| Scene::new(old, &then, before)),
                recipient,
                names: &names,
                new,
                old,
            };
            let searched = both.search(bounds, &mut left, &mut found.reached);
            found.checked += searched.checked;
            let each = searched.found.into_iter();
            transient.extend(each.map(|one| (one.witness.found_for(index, &classes), one.unaware)));
        }
    }
    found.transient = under_first_class(transient, |witness, unaware| Transient { witness, unaware });
    found
}

/// What is called alike in both organizations.
pub(super) struct Names<'a> {
    new: &'a Organization,
    old: &'a Organization,
    /// By group of the new organization.
    groups: Vec<Option<RoutingGroupIdx>>,
    /// By name, folded: connectors of each.
    connectors: BTreeMap<&'a str, (Option<ConnectorRef>, Option<ConnectorRef>)>,
}

impl<'a> Names<'a> {
    pub(super) fn new(new: &'a Organization, old: &'a Organization) -> Names<'a> {
        let known: BTreeMap<&str, RoutingGroupIdx> = old
            .routing_groups()
            .iter_enumerated()
            .map(|(index, group)| (group.name.folded(), index))
            .collect();
        let mut connectors: BTreeMap<&str, (Option<ConnectorRef>, Option<ConnectorRef>)> = BTreeMap::new();
        for connector in new.connectors_of_both_kinds() {
            connectors.entry(new.connector_name(connector).folded()).or_default().0 = Some(connector);
        }
        for connector in old.connectors_of_both_kinds() {
            connectors.entry(old.connector_name(connector).folded()).or_default().1 = Some(connector);
        }
        Names {
            new,
            old,
            groups: new
                .routing_groups()
                .iter()
                .map(|group| known.get(group.name.folded()).copied())
                .collect(),
            connectors,
        }
    }

    /// The old recipient of that name. Addresses outside stay what they are.
    pub(super) fn recipient(&self, recipient: &Recipient) -> Option<Recipient> {
        match recipient {
            Recipient::Node(Node::RoutingGroup(group)) => {
                self.groups[group.index()].map(|old| Recipient::Node(Node::RoutingGroup(old)))
            }
            Recipient::Node(node @ Node::Site(_)) => {
                let name: &Name = self.new.node_name(*node);
                let mut sites = self.old.sites().iter_enumerated();
                let found = sites.find(|(_, site)| site.name == *name);
                found.map(|(site, _)| Recipient::Node(Node::Site(site)))
            }
            Recipient::AddressSpace { .. } => Some(recipient.clone()),
        }
    }

    /// The old group of that name.
    pub(super) fn group(&self, group: RoutingGroupIdx) -> Option<RoutingGroupIdx> {
        self.groups[group.index()]
    }

    /// The old positions of the failed connectors that a group acts on.
    pub(super) fn believed(&self, new: &World<'_>, old: &World<'_>, group: RoutingGroupIdx, failed: &Failed) -> Failed {
        let audience = new.beliefs.audience(group);
        let acted = failed
            .iter()
            .filter(|position| new.beliefs.acts_on(audience, **position));
        let old_ones = acted.filter_map(|position| self.to_old(new.beliefs.believable().connector(*position)));
        let mut believed: Failed = old_ones
            .map(|connector| old.beliefs.believable().position(connector))
            .collect();
        believed.sort_unstable();
        believed
    }

    fn to_new(&self, old: ConnectorRef) -> Option<ConnectorRef> {
        self.connectors[self.old.connector_name(old).folded()].0
    }

    pub(super) fn to_old(&self, new: ConnectorRef) -> Option<ConnectorRef> {
        self.connectors[self.new.connector_name(new).folded()].1
    }
}

/// One recipient and class, in both organizations.
struct Both<'s, 'a> {
    now: Scene<'a>,
    /// `None`: the recipient was not there.
    then: Option<Scene<'a>>,
    recipient: &'s Recipient,
    names: &'s Names<'s>,
    new: &'s World<'s>,
    old: &'s World<'s>,
}

struct Searched {
    found: Vec<Transient>,
    checked: u64,
}

impl Both<'_, '_> {
    fn search(&mut self, bounds: Bounds, left: &mut u64, reached: &mut BTreeSet<Bound>) -> Searched {
        let mut searched = Searched {
            found: Vec::new(),
            checked: 0,
        };
        // Circles that are known, with the failures that they need at least; settled ones too.
        let mut known: Vec<(Vec<Node>, Failed)> = Vec::new();
        let mut level = BTreeSet::from([Failed::new()]);
        for size in 0..=bounds.failures_max {
            let mut next = BTreeSet::new();
            for failed in level {
                if *left == 0 {
                    reached.insert(Bound::Checks);
                    return searched;
                }
                *left -= 1;
                searched.checked += 1;
                let choices = self.choices(&failed);
                let mut steps = bounds.circle_steps_max;
                let (mut circles, all) = circles::circles(&choices.either, &mut steps);
                if !all {
                    reached.insert(Bound::CircleSteps);
                }
                // Settled circles first, then those of few unaware groups.
                let mixed = |circle: &Vec<Router>| (choices.unaware(circle).len(), choices.unaware(circle));
                circles.sort_by_key(|(circle, _)| (mixed(circle), circle.clone()));
                for (circle, _) in circles {
                    let unaware = choices.unaware(&circle);
                    let mix = choices.of_mix(&unaware);
                    let certainty = circles::certainty(&mix, circle[0]);
                    let witness = witness(&mix, &failed, circle, certainty);
                    let shown = nodes(&witness.circle);
                    let within = |(other, less): &(Vec<Node>, Failed)| {
                        *other == shown && less.iter().all(|position| failed.contains(position))
                    };
                    if known.iter().any(within) {
                        continue;
                    }
                    known.push((shown, failed.clone()));
                    if !unaware.is_empty() {
                        searched.found.push(Transient { witness, unaware });
                    }
                }
                if size < bounds.failures_max {
                    next.extend(self.larger(&failed));
                }
            }
            level = next;
        }
        searched
    }

    /// What every router may do, by either organization.
    fn choices(&mut self, failed: &Failed) -> Overlay {
        let mut overlay = Overlay::default();
        let groups = (0..self.new.org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
        let groups = groups.filter(|group| self.new.org.is_router(Node::RoutingGroup(*group)));
        let mut pending: Vec<Router> = groups.map(Router::Group).collect();
        pending.extend(self.new.anchors());
        while let Some(router) = pending.pop() {
            if overlay.now.contains_key(&router) {
                continue;
            }
            let now = self.now.choices(router, failed);
            let mut either = now.clone();
            if let Router::Group(group) = router {
                let then = self.then(group, failed);
                either.extend(then.iter().filter(|choice| !now.contains(choice)).copied());
                overlay.then.insert(router, then);
            }
            pending.extend(either.iter().filter_map(|choice| match choice {
                Choice::Hands { to, .. } => Some(*to),
                _ => None,
            }));
            overlay.now.insert(router, now);
            overlay.either.insert(router, either);
        }
        overlay
    }

    /// What a group does that has not heard of the change. It acts on the failures that it hears of now.
    fn then(&mut self, group: RoutingGroupIdx, failed: &Failed) -> Vec<Choice> {
        if *self.recipient == Recipient::Node(Node::RoutingGroup(group)) {
            return vec![Choice::Delivers];
        }
        let stuck = vec![Choice::Ends(Outcome::Unreachable)];
        let believed = self.names.believed(self.new, self.old, group, failed);
        let old_group = self.names.group(group);
        let (Some(scene), Some(old_group)) = (&mut self.then, old_group) else {
            return stuck;
        };
        if !self.old.org.is_router(Node::RoutingGroup(old_group)) {
            return stuck;
        }
        let firsts = scene.firsts(old_group, &believed);
        if firsts.is_empty() {
            return stuck;
        }
        let now = |first: ConnectorRef| match self.names.to_new(first).filter(|now| self.leaves_from(*now, group)) {
            Some(connector) => self.now.over(connector, failed),
            // It is gone, or elsewhere: mail waits.
            None => stuck.clone(),
        };
        firsts.into_iter().flat_map(now).collect()
    }

    /// Whether a connector of the new organization carries mail from a group.
    fn leaves_from(&self, connector: ConnectorRef, group: RoutingGroupIdx) -> bool {
        let here = GroupRef::Legacy(group);
        match connector {
            ConnectorRef::RoutingGroup(index) => self
                .new
                .graphs
                .combined
                .connector(index)
                .is_some_and(|connector| connector.from == here),
            ConnectorRef::External(index) => {
                let connector = &self.new.org.connectors()[index];
                let sources = usable_sources(self.new.org, connector).next();
                connector.kind.is_legacy() && connector.routing_group == Some(group) && sources.is_some()
            }
        }
    }

    /// `failed` and one connector more that could change something by either organization.
    fn larger(&mut self, failed: &Failed) -> Vec<Failed> {
        let mut hot = Hot::default();
        let mut seen: BTreeMap<Audience, Seen> = BTreeMap::new();
        for index in 0..self.new.org.routing_groups().len() {
            let group = RoutingGroupIdx::from_usize(index);
            self.now.hot(group, failed, &mut hot);
            let audience = self.new.beliefs.audience(group);
            let believed = self.names.believed(self.new, self.old, group, failed);
            if let (Some(scene), Some(old)) = (&mut self.then, self.names.group(group)) {
                // Groups of two audiences may believe the same, and act on different failures.
                let of_audience = seen.entry(audience).or_default();
                for connector in scene.on_best_ways(old, &believed, of_audience) {
                    if let Some(now) = self.names.to_new(connector) {
                        hot.add(&self.new.beliefs, audience, self.new.beliefs.believable().position(now));
                    }
                }
            }
        }
        one_more(failed, hot.connectors.iter().copied()).collect()
    }
}

/// What routers do by the new organization, by the old one, and by either.
#[derive(Default)]
struct Overlay {
    now: Choices,
    then: Choices,
    either: Choices,
}

impl Overlay {
    /// The groups of a circle that do what they do only by the old organization, ascending.
    fn unaware(&self, circle: &[Router]) -> Vec<RoutingGroupIdx> {
        let next = circle.iter().cycle().skip(1);
        let mut unaware: Vec<RoutingGroupIdx> = circle
            .iter()
            .zip(next)
            .filter_map(|(at, next)| match at {
                Router::Group(group) => {
                    let hands = |choice: &Choice| matches!(choice, Choice::Hands { to, .. } if to == next);
                    (!self.now[at].iter().any(hands)).then_some(*group)
                }
                Router::Site(..) => None,
            })
            .collect();
        unaware.sort_unstable();
        unaware
    }

    /// What routers do in a mix.
    fn of_mix(&self, unaware: &[RoutingGroupIdx]) -> Choices {
        let mut mix = self.now.clone();
        for group in unaware {
            let router = Router::Group(*group);
            mix.insert(router, self.then[&router].clone());
        }
        mix
    }
}
