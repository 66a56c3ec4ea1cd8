//! Whole ways: what routers plan, what they leave out, and the best of what they reject. For those who ask why; of the search only `detours`.

use super::{Failed, Router, Scene, Target};
use crate::delivery;
use crate::model::{ConnectorRef, Cost, Generation, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx, SiteIdx};
use crate::route::{Candidate, ConnectorClause, Leg, LegacyDistances, LegacyExit, Verdict, runner_up};
use crate::verify::Recipient;

/// Connectors in the order in which they are crossed, and what they cost together.
pub(in crate::verify) type PricedWay = (Vec<ConnectorRef>, Cost);

impl Scene<'_> {
    /// A best way of `group` to where it heads if it believes `believed` down, and its cost; `None`: there is none. Of several
    /// the one that begins with `first`, then those of the lowest names.
    pub(in crate::verify) fn best_way_believing(
        &mut self,
        group: RoutingGroupIdx,
        first: Option<ConnectorRef>,
        believed: &Failed,
    ) -> Option<PricedWay> {
        let target = self.target_of[group.index()];
        self.compute(target, believed);
        let distances = &self.distances[&(target, believed.clone())];
        let from = (GroupRef::Legacy(group), first);
        self.way(from, &self.targets[target], distances, |connector| {
            self.is_open(believed, connector)
        })
    }

    /// The same if no connector were down and none refused the message.
    /// Computed once for each group.
    pub(in crate::verify) fn best_way_unhindered(&mut self, group: RoutingGroupIdx) -> Option<PricedWay> {
        if !self.unhindered.contains_key(&group) {
            let way = self.way_unhindered(group);
            self.unhindered.insert(group, way);
        }
        self.unhindered[&group].clone()
    }

    fn way_unhindered(&self, group: RoutingGroupIdx) -> Option<PricedWay> {
        let from = GroupRef::Legacy(group);
        let network = &self.world.network;
        let to = |target: &Target| {
            let distances = network.distances(target.ends(), |_| true);
            self.way((from, None), target, &distances, |_| true)
        };
        match (&self.targets[self.target_of[group.index()]], self.recipient) {
            (Target::Exits(_), Recipient::AddressSpace { example, .. }) => {
                let exits = self.view.legacy_exits_unrefused(group, example);
                // Only the most specific ones are in the running (D29).
                let equals = exits.chunk_by(|(a, _), (b, _)| a == b).next()?;
                to(&Target::Exits(equals.iter().map(|(_, exit)| *exit).collect()))
            }
            (target, _) => to(target),
        }
    }

    /// The best way of `group` that begins with another connector than `taken` and that it believes open too.
    pub(in crate::verify) fn next_best_believing(
        &self,
        group: RoutingGroupIdx,
        taken: ConnectorRef,
        believed: &Failed,
    ) -> Option<PricedWay> {
        let target = &self.targets[self.target_of[group.index()]];
        let is_open = |connector| self.is_open(believed, connector);
        self.next_best(GroupRef::Legacy(group), taken, target, is_open)
    }

    /// What servers of one generation in a site do with the message. Computed once for each router: it depends on no failure.
    pub(in crate::verify) fn plan_of_2007(&mut self, site: SiteIdx, generation: Generation) -> &Planned {
        let router = Router::Site(site, generation);
        if !self.planned.contains_key(&router) {
            let planned = self.planned_by(site, generation);
            self.planned.insert(router, planned);
        }
        &self.planned[&router]
    }

    fn planned_by(&self, site: SiteIdx, generation: Generation) -> Planned {
        let sender = self.world.sender(site, generation);
        let explained = delivery::explain(self.view, sender, &self.recipient.for_delivery());
        let plan = explained.plan.as_ref();
        let mut way = plan.map_or(Vec::new(), |plan| connectors(&plan.legs));
        let cost = plan.map_or(0, |plan| plan.routing_group_cost);
        let rival = match &explained.selection {
            Some(selection) => selection.considered.get(1).and_then(runner_up_outside),
            None => plan.filter(|_| !way.is_empty()).and_then(|plan| {
                let rival = runner_up(self.view, sender, plan)?;
                let because = match rival.routing_group_cost > cost {
                    true => Rejection::Dearer,
                    false => Rejection::Equal,
                };
                Some(((connectors(&rival.legs), rival.routing_group_cost), because))
            }),
        };
        way.extend(explained.connector().map(ConnectorRef::External));
        Planned { way, cost, rival }
    }

    /// Whether legacy servers refuse the message at a connector.
    pub(in crate::verify) fn refuses(&self, connector: ConnectorRef) -> bool {
        match connector {
            ConnectorRef::RoutingGroup(index) => !self.view.legacy_admits(index),
            ConnectorRef::External(index) => self.view.legacy_refuses_outside(index),
        }
    }

    /// Whether the message comes when the windows of a connector are closed, whatever else refuses it.
    pub(in crate::verify) fn is_closed(&self, connector: ConnectorRef) -> bool {
        let schedule = &self.world.org.restrictions(connector).schedule;
        schedule.is_open(None) && !schedule.is_open(self.view.message.at)
    }

    fn is_open(&self, believed: &[u32], connector: ConnectorRef) -> bool {
        match connector {
            ConnectorRef::RoutingGroup(index) => self.admits(believed, index),
            ConnectorRef::External(_) => !believed.contains(&self.position(connector)),
        }
    }

    fn way(
        &self,
        (from, first): (GroupRef, Option<ConnectorRef>),
        target: &Target,
        distances: &LegacyDistances,
        admits: impl Fn(ConnectorRef) -> bool,
    ) -> Option<PricedWay> {
        let network = &self.world.network;
        let cost = network.cost(distances, from)?;
        let mut at = from;
        let mut way = Vec::new();
        loop {
            let between = |connector| admits(ConnectorRef::RoutingGroup(connector));
            let mut best = network.best_first(at, distances, between);
            let wanted = first.filter(|_| at == from);
            let wanted =
                wanted.and_then(|first| best.find(|crossing| ConnectorRef::RoutingGroup(crossing.connector) == first));
            if wanted.is_none() {
                let here = network.cost(distances, at)?;
                match target {
                    Target::Group(end) if *end == at => return Some((way, cost)),
                    Target::Group(_) => {}
                    Target::Exits(exits) => {
                        let usable = |exit: &&LegacyExit| {
                            exit.group == at && exit.cost == here && admits(ConnectorRef::External(exit.connector))
                        };
                        if let Some(exit) = exits.iter().find(usable) {
                            way.push(ConnectorRef::External(exit.connector));
                            return Some((way, cost));
                        }
                    }
                }
            }
            // Costs are at least 1, so that this gets closer with every step.
            let crossing = wanted.or_else(|| network.best_first(at, distances, between).next())?;
            way.push(ConnectorRef::RoutingGroup(crossing.connector));
            at = crossing.other;
        }
    }

    /// The best way that begins with another connector than `taken` and does not come back.
    fn next_best(
        &self,
        from: GroupRef,
        taken: ConnectorRef,
        target: &Target,
        admits: impl Fn(ConnectorRef) -> bool,
    ) -> Option<PricedWay> {
        let network = &self.world.network;
        let starts_here = |index: RoutingGroupConnectorIdx| {
            let connector = self.world.graphs.combined.connector(index);
            connector.is_some_and(|connector| connector.from == from)
        };
        let exits = match target {
            Target::Group(_) => &[][..],
            Target::Exits(exits) => exits,
        };
        let open = |exit: &&LegacyExit| admits(ConnectorRef::External(exit.connector));
        let beyond = |connector| match connector {
            ConnectorRef::RoutingGroup(index) => !starts_here(index) && admits(connector),
            ConnectorRef::External(_) => admits(connector),
        };
        let ends: Vec<(GroupRef, Cost)> = match target {
            Target::Group(group) => vec![(*group, 0)],
            Target::Exits(_) => exits.iter().filter(open).map(|exit| (exit.group, exit.cost)).collect(),
        };
        let ends = ends.into_iter().filter(|(group, _)| *group != from);
        let distances = network.distances(ends, |index| beyond(ConnectorRef::RoutingGroup(index)));
        let outside = exits.iter().filter(open).filter(|exit| exit.group == from);
        let outside = outside.map(|exit| (exit.cost, ConnectorRef::External(exit.connector), None));
        let between = network.starting_at(from).iter().filter_map(|crossing| {
            let connector = ConnectorRef::RoutingGroup(crossing.connector);
            let ahead = network.cost(&distances, crossing.other).filter(|_| admits(connector))?;
            Some((ahead + crossing.cost(), connector, Some(crossing.other)))
        });
        let others = outside.chain(between).filter(|(_, first, _)| *first != taken);
        let (cost, first, other) = others.min_by_key(|(cost, ..)| *cost)?;
        let mut way = vec![first];
        if let Some(other) = other {
            way.extend(self.way((other, None), target, &distances, beyond)?.0);
        }
        Some((way, cost))
    }
}

/// The best of the connectors to the outside that servers of 2007 and later did not select. Its cost is that of reaching it and of its
/// address space.
fn runner_up_outside(candidate: &Candidate) -> Option<(PricedWay, Rejection)> {
    let because = match candidate.verdict {
        Verdict::Lost(ConnectorClause::Cost) => Rejection::Dearer,
        Verdict::Lost(ConnectorClause::AddressSpace) => Rejection::LessSpecific,
        Verdict::Lost(ConnectorClause::Version) => Rejection::Legacy,
        Verdict::Lost(_) => Rejection::Equal,
        Verdict::Selected | Verdict::Excluded(_) => return None,
    };
    let cost = candidate.standing.as_ref()?.cost.0;
    Some(((vec![ConnectorRef::External(candidate.connector)], cost), because))
}

fn connectors(legs: &[Leg]) -> Vec<ConnectorRef> {
    let connectors = legs.iter().filter_map(|leg| match leg {
        Leg::Connector(connector) => Some(ConnectorRef::RoutingGroup(*connector)),
        Leg::SiteLink(_) => None,
    });
    connectors.collect()
}

impl Target {
    /// Where it is, and what it costs to be there, when nothing is down.
    fn ends(&self) -> Vec<(GroupRef, Cost)> {
        match self {
            Target::Group(group) => vec![(*group, 0)],
            Target::Exits(exits) => exits.iter().map(|exit| (exit.group, exit.cost)).collect(),
        }
    }
}

/// What servers of 2007 and later do with a message.
pub(in crate::verify) struct Planned {
    /// The connectors that they plan to cross, in order; a connector to the outside comes last.
    pub(in crate::verify) way: Vec<ConnectorRef>,
    /// Its routing-group cost.
    pub(in crate::verify) cost: Cost,
    /// What came second, and what spoke against it.
    pub(in crate::verify) rival: Option<(PricedWay, Rejection)>,
}

/// What speaks against a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A connector on it is believed down, or refuses the message.
    Hindered,
    /// Nothing but a tie-break, or chance.
    Equal,
    /// Its cost.
    Dearer,
    /// A more specific address space (R55).
    LessSpecific,
    /// A connector of 2007 or later (R60).
    Legacy,
}
