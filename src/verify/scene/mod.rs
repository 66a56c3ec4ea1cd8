//! What every router does with one class of messages for one class of recipients: the choice graph.

mod detours;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::circles::Choices;
use super::{Recipient, World};
use crate::delivery::{self, Outcome};
use crate::linkstate::{Audience, Beliefs};
use crate::model::{
    ConnectorIdx, ConnectorRef, Cost, Generation, GroupRef, Message, Node, RoutingGroupConnectorIdx, RoutingGroupIdx,
    SiteIdx,
};
use crate::route::{Leg, LegacyDistances, LegacyExit, View};
pub(super) use detours::Detours;
pub use ways::Rejection;
use ways::{Planned, PricedWay};

/// Who holds a message: each generation in a site is a router of its own (V1). Sites come first, as in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Router {
    /// The servers of one generation in a site.
    Site(SiteIdx, Generation),
    /// A legacy routing group.
    Group(RoutingGroupIdx),
}

impl Router {
    /// The node of tables that it is, or is part of.
    pub fn node(self) -> Node {
        match self {
            Router::Site(site, _) => Node::Site(site),
            Router::Group(group) => Node::RoutingGroup(group),
        }
    }
}

/// One thing that a router may do next with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The recipient is here.
    Delivers,
    /// It leaves the organization.
    Leaves(ConnectorIdx),
    /// It waits for a connector that has failed.
    Waits(ConnectorRef),
    /// There is no way, or it is returned.
    Ends(Outcome),
    /// Another router gets it.
    Hands {
        /// Over which routing-group connector; `None`: between sites, or inside one.
        over: Option<RoutingGroupConnectorIdx>,
        /// Who gets it.
        to: Router,
    },
    /// Another router gets it in a session that teaches one of the two groups what the other knows, so that they no longer
    /// choose as they did (V28).
    Teaches(RoutingGroupConnectorIdx),
}

/// Failed connectors by their positions in [`crate::linkstate::Believable::all`], ascending.
pub type Failed = SmallVec<[u32; 4]>;

/// Where legacy groups head for: a group, or the most specific connectors that serve an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Group(GroupRef),
    Exits(Vec<LegacyExit>),
}

/// A connector that a legacy server may use, and its ends; `to` is `None` for the outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) connector: ConnectorRef,
    pub(super) from: GroupRef,
    pub(super) to: Option<GroupRef>,
}

/// One class of messages for one class of recipients.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World<'a>,
    view: &'a View<'a>,
    recipient: &'a Recipient,
    /// Distinct targets, and by group which of them it heads for.
    targets: Vec<Target>,
    target_of: Vec<usize>,
    /// By target and what is believed down.
    distances: BTreeMap<(usize, Failed), LegacyDistances>,
    /// What 2007 and later servers do depends on no failure.
    of_2007: BTreeMap<Router, Vec<Choice>>,
    /// What they plan, and by group the best way if nothing stood in it: for those who ask why.
    planned: BTreeMap<Router, Planned>,
    unhindered: BTreeMap<RoutingGroupIdx, Option<PricedWay>>,
    /// Shortest-path computations so far.
    pub(super) path_computations: u64,
}

impl<'a> Scene<'a> {
    /// `view` is that of the message class, with nothing down.
    pub(super) fn new(world: &'a World<'a>, view: &'a View<'a>, recipient: &'a Recipient) -> Scene<'a> {
        let mut targets = Vec::new();
        let mut intern = |target: Target| match targets.iter().position(|known| *known == target) {
            Some(at) => at,
            None => {
                targets.push(target);
                targets.len() - 1
            }
        };
        let groups = (0..world.org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
        let target_of = groups
            .map(|group| {
                intern(match recipient {
                    Recipient::Node(Node::Site(_)) => Target::Group(GroupRef::Exchange2007),
                    Recipient::Node(Node::RoutingGroup(home)) => Target::Group(GroupRef::Legacy(*home)),
                    Recipient::AddressSpace { example, .. } => Target::Exits(view.legacy_exits(group, example)),
                })
            })
            .collect();
        Scene {
            world,
            view,
            recipient,
            targets,
            target_of,
            distances: BTreeMap::new(),
            of_2007: BTreeMap::new(),
            planned: BTreeMap::new(),
            unhindered: BTreeMap::new(),
            path_computations: 0,
        }
    }

    /// The message of the class.
    pub(super) fn message(&self) -> &Message {
        self.view.message
    }

    /// The sites whose servers were asked what they do.
    pub(super) fn asked_sites(&self) -> impl Iterator<Item = SiteIdx> {
        self.of_2007.keys().filter_map(|router| match router {
            Router::Site(site, _) => Some(*site),
            Router::Group(_) => None,
        })
    }

    /// Everything that `router` may do next when `failed` are down.
    pub(super) fn choices(&mut self, router: Router, failed: &[u32]) -> Vec<Choice> {
        match router {
            Router::Group(group) => self.of_group(group, failed),
            Router::Site(site, generation) => {
                if !self.of_2007.contains_key(&router) {
                    let choices = self.of_site(site, generation);
                    self.of_2007.insert(router, choices);
                }
                self.of_2007[&router].clone()
            }
        }
    }

    /// What every router does that mail from one of `from` can reach.
    pub(super) fn reached(&mut self, from: &[Router], failed: &[u32]) -> Choices {
        let mut choices = Choices::new();
        let mut pending = from.to_vec();
        while let Some(router) = pending.pop() {
            if choices.contains_key(&router) {
                continue;
            }
            let here = self.choices(router, failed);
            pending.extend(here.iter().filter_map(|choice| match choice {
                Choice::Hands { to, .. } => Some(*to),
                _ => None,
            }));
            choices.insert(router, here);
        }
        choices
    }

    /// The failed connectors that an audience acts on.
    pub(super) fn believed(&self, audience: Audience, failed: &[u32]) -> Failed {
        let acts_on = |position: &u32| self.world.beliefs.acts_on(audience, *position);
        failed.iter().copied().filter(acts_on).collect()
    }

    /// Whether a legacy server that believes `believed` down may send this class over a connector.
    fn admits(&self, believed: &[u32], connector: RoutingGroupConnectorIdx) -> bool {
        self.view.legacy_admits(connector) && !believed.contains(&self.position(ConnectorRef::RoutingGroup(connector)))
    }

    pub(super) fn position(&self, connector: ConnectorRef) -> u32 {
        self.world.beliefs.believable().position(connector)
    }

    /// Connectors to the outside that a target offers to who believes `believed` down.
    fn exits(&self, target: usize, believed: &[u32]) -> impl Iterator<Item = &LegacyExit> {
        let exits: &[LegacyExit] = match &self.targets[target] {
            Target::Group(_) => &[],
            Target::Exits(exits) => exits,
        };
        exits
            .iter()
            .filter(move |exit| !believed.contains(&self.position(ConnectorRef::External(exit.connector))))
    }

    /// Computes the distances to a target for who believes `believed` down, unless that is done.
    fn compute(&mut self, target: usize, believed: &Failed) {
        if self.distances.contains_key(&(target, believed.clone())) {
            return;
        }
        let ends = self.ends(target, believed);
        let admits = |connector| self.admits(believed, connector);
        let distances = self.world.network.distances(ends, admits);
        self.path_computations += 1;
        self.distances.insert((target, believed.clone()), distances);
    }

    /// Whether the recipient is in the group.
    pub(super) fn delivers(&self, group: RoutingGroupIdx) -> bool {
        self.targets[self.target_of[group.index()]] == Target::Group(GroupRef::Legacy(group))
    }

    fn of_group(&mut self, group: RoutingGroupIdx, failed: &[u32]) -> Vec<Choice> {
        if self.delivers(group) {
            return vec![Choice::Delivers];
        }
        let believed = self.believed(self.world.beliefs.audience(group), failed);
        let firsts = self.firsts(group, &believed);
        if firsts.is_empty() {
            return vec![Choice::Ends(Outcome::Unreachable)];
        }
        firsts.into_iter().flat_map(|first| self.over(first, failed)).collect()
    }

    /// The connectors with which a best way of `group` begins if it believes `believed` down, those to the outside first;
    /// none: there is no way, or the way ends here.
    pub(super) fn firsts(&mut self, group: RoutingGroupIdx, believed: &Failed) -> Vec<ConnectorRef> {
        let here = GroupRef::Legacy(group);
        let target = self.target_of[group.index()];
        self.compute(target, believed);
        let distances = &self.distances[&(target, believed.clone())];
        let network = &self.world.network;
        let cost = network.cost(distances, here);
        let outside = self.exits(target, believed);
        let outside = outside.filter(|exit| exit.group == here && Some(exit.cost) == cost);
        let outside = outside.map(|exit| ConnectorRef::External(exit.connector));
        let between = network.best_first(here, distances, |connector| self.admits(believed, connector));
        let between = between.map(|crossing| ConnectorRef::RoutingGroup(crossing.connector));
        outside.chain(between).collect()
    }

    /// What becomes of mail that is sent over a connector of a legacy group.
    pub(super) fn over(&self, connector: ConnectorRef, failed: &[u32]) -> Vec<Choice> {
        match connector {
            _ if failed.contains(&self.position(connector)) => vec![Choice::Waits(connector)],
            ConnectorRef::External(index) => vec![Choice::Leaves(index)],
            ConnectorRef::RoutingGroup(index) => {
                let takers = self.world.far_end(index);
                takers.map(|to| Choice::Hands { over: Some(index), to }).collect()
            }
        }
    }

    /// What servers of one generation in a site do: availability is never looked at (RT-2.2).
    fn of_site(&self, site: SiteIdx, generation: Generation) -> Vec<Choice> {
        let sender = self.world.sender(site, generation);
        let explained = delivery::explain(self.view, sender, &self.recipient.for_delivery());
        match explained.outcome {
            Outcome::Deliver => vec![explained.connector().map_or(Choice::Delivers, Choice::Leaves)],
            Outcome::Route => {
                let plan = explained.plan.expect("who hands a message on has a plan");
                match plan.next_hop {
                    Node::Site(next) => {
                        let takers = self.world.generations(next).into_iter();
                        let hands = |generation| Choice::Hands {
                            over: None,
                            to: Router::Site(next, generation),
                        };
                        takers.map(hands).collect()
                    }
                    Node::RoutingGroup(next) => {
                        let over = plan.legs.iter().find_map(|leg| match leg {
                            Leg::Connector(connector) => Some(*connector),
                            Leg::SiteLink(_) => None,
                        });
                        let over = over.expect("a routing group is reached over a connector");
                        self.cross(site, generation, over, next)
                    }
                }
            }
            outcome => vec![Choice::Ends(outcome)],
        }
    }

    /// Over a connector whose source servers are in the site (V4): one that would take the same connector sends, one of another
    /// generation that would not decides for itself.
    fn cross(
        &self,
        site: SiteIdx,
        generation: Generation,
        over: RoutingGroupConnectorIdx,
        to: RoutingGroupIdx,
    ) -> Vec<Choice> {
        let hand = |at: Generation| {
            let agrees = at == generation || self.first_connector(site, at) == Some(over);
            match agrees {
                true => Choice::Hands {
                    over: Some(over),
                    to: Router::Group(to),
                },
                false => Choice::Hands {
                    over: None,
                    to: Router::Site(site, at),
                },
            }
        };
        self.world
            .source_generations(over, site)
            .into_iter()
            .map(hand)
            .collect()
    }

    /// The connector over which servers of one generation would hand the message on from their own site, if they would.
    fn first_connector(&self, site: SiteIdx, generation: Generation) -> Option<RoutingGroupConnectorIdx> {
        let sender = self.world.sender(site, generation);
        let explained = delivery::explain(self.view, sender, &self.recipient.for_delivery());
        match (explained.outcome, explained.plan?.legs.first()?) {
            (Outcome::Route, Leg::Connector(connector)) => Some(*connector),
            _ => None,
        }
    }

    /// Every computation so far: the ends, what was believed down, and the least costs.
    pub(super) fn computed(&self) -> impl Iterator<Item = (Vec<(GroupRef, Cost)>, &Failed, &LegacyDistances)> {
        self.distances
            .iter()
            .map(|((target, believed), distances)| (self.ends(*target, believed), believed, distances))
    }

    /// Where a target is for who believes `believed` down, and what it costs to be there.
    fn ends(&self, target: usize, believed: &[u32]) -> Vec<(GroupRef, Cost)> {
        match &self.targets[target] {
            Target::Group(group) => vec![(*group, 0)],
            Target::Exits(_) => {
                let exits = self.exits(target, believed);
                exits.map(|exit| (exit.group, exit.cost)).collect()
            }
        }
    }

    /// How many distinct targets legacy groups head for.
    pub(super) fn targets(&self) -> usize {
        self.targets.len()
    }

    /// The group that a target is; `None`: it is a choice of connectors to the outside.
    pub(super) fn target_group(&self, target: usize) -> Option<GroupRef> {
        match &self.targets[target] {
            Target::Group(group) => Some(*group),
            Target::Exits(_) => None,
        }
    }

    /// Whether a group heads for a target.
    pub(super) fn heads_for(&self, group: RoutingGroupIdx, target: usize) -> bool {
        self.target_of[group.index()] == target
    }

    /// Every connector that legacy servers may use towards a target when they believe nothing down.
    pub(super) fn admitted(&self, target: usize) -> Vec<Way> {
        let between = self.world.network.groups().flat_map(|from| {
            let crossings = self.world.network.starting_at(from).iter();
            let admitted = crossings.filter(|crossing| self.view.legacy_admits(crossing.connector));
            admitted.map(move |crossing| Way {
                connector: ConnectorRef::RoutingGroup(crossing.connector),
                from,
                to: Some(crossing.other),
            })
        });
        between.chain(self.exits(target, &[]).map(out)).collect()
    }

    /// Those of [`Scene::admitted`] that are on a path of least cost.
    pub(super) fn tight(&mut self, target: usize) -> Vec<Way> {
        let nothing = Failed::new();
        self.compute(target, &nothing);
        let distances = &self.distances[&(target, nothing)];
        let network = &self.world.network;
        let between = network.groups().flat_map(|from| {
            let best = network.best_first(from, distances, |connector| self.view.legacy_admits(connector));
            best.map(move |crossing| Way {
                connector: ConnectorRef::RoutingGroup(crossing.connector),
                from,
                to: Some(crossing.other),
            })
        });
        let cheapest = self
            .exits(target, &[])
            .filter(|exit| network.cost(distances, exit.group) == Some(exit.cost));
        between.chain(cheapest.map(out)).collect()
    }

    /// Adds to `hot` the connectors whose failure could change what `group` does: those on its best paths that it would
    /// act on. Any other leaves its best paths as they are.
    pub(super) fn hot(&mut self, group: RoutingGroupIdx, failed: &[u32], hot: &mut Hot) {
        let audience = self.world.beliefs.audience(group);
        let believed = self.believed(audience, failed);
        if audience.is_some() {
            // Groups of two audiences may believe the same, and act on different failures.
            let seen = hot.seen.entry(audience).or_default();
            for connector in self.on_best_ways(group, &believed, seen) {
                hot.add(&self.world.beliefs, audience, self.position(connector));
            }
        }
    }

    /// The connectors on best ways of `group` if it believes `believed` down, but for what is behind groups that were seen
    /// before.
    pub(super) fn on_best_ways(
        &mut self,
        group: RoutingGroupIdx,
        believed: &Failed,
        seen: &mut Seen,
    ) -> Vec<ConnectorRef> {
        let here = GroupRef::Legacy(group);
        let target = self.target_of[group.index()];
        let mut found = Vec::new();
        if self.targets[target] == Target::Group(here) {
            return found;
        }
        self.compute(target, believed);
        let distances = &self.distances[&(target, believed.clone())];
        let network = &self.world.network;
        let mut pending = vec![here];
        while let Some(at) = pending.pop() {
            if !seen.insert((target, believed.clone(), at)) {
                continue;
            }
            for crossing in network.best_first(at, distances, |connector| self.admits(believed, connector)) {
                found.push(ConnectorRef::RoutingGroup(crossing.connector));
                pending.push(crossing.other);
            }
            let cost = network.cost(distances, at);
            let outside = self.exits(target, believed);
            let cheapest = outside.filter(|exit| exit.group == at && Some(exit.cost) == cost);
            found.extend(cheapest.map(|exit| ConnectorRef::External(exit.connector)));
        }
        found
    }
}

fn out(exit: &LegacyExit) -> Way {
    Way {
        connector: ConnectorRef::External(exit.connector),
        from: exit.group,
        to: None,
    }
}

/// What was looked at: target, what is believed down, and group.
pub(super) type Seen = BTreeSet<(usize, Failed, GroupRef)>;

/// Connectors whose failure could change something, ascending, and what was looked at for them by each audience.
#[derive(Default)]
pub(super) struct Hot {
    pub(super) connectors: BTreeSet<u32>,
    pub(super) seen: BTreeMap<Audience, Seen>,
}

impl Hot {
    /// Adds a connector if `audience` would act on its failure.
    pub(super) fn add(&mut self, beliefs: &Beliefs, audience: Audience, position: u32) {
        if beliefs.acts_on(audience, position) {
            self.connectors.insert(position);
        }
    }
}
