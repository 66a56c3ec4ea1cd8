//! One claim on the bench: what every listed set of failures comes to, and whether all that matter are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::format::{Checked, Claim, Flaw};
use super::Post;
use super::decide::{Decision, Target, decide};
use super::distances::Distances;
use super::exits::{Exit, exits};
use super::ground::{Ground, Holder, Wire};
use crate::model::{Generation, Message, Node, RoutingGroupIdx, SiteIdx};

/// What a holder may do: hand on to these, and perhaps end it.
#[derive(Clone, Default)]
struct Moves {
    to: BTreeSet<Holder>,
    ends: bool,
}

/// What costs are for: the ends by slot, ascending, and what is believed down.
type Key = (Vec<(usize, u64)>, BTreeSet<Wire>);

/// What a group heads for and believes down, by position in [`Bench::targets`].
type Question = (usize, BTreeSet<Wire>);

/// One claim on the bench.
pub(super) struct Bench<'c> {
    ground: &'c Ground<'c>,
    distances: &'c Distances<'c>,
    message: &'c Message,
    /// By arc: whether legacy servers let the message through.
    open: &'c [bool],
    target: &'c Target,
    claim: &'c Claim,
    /// The group that mail for a node has to reach; `None`: it has to leave.
    goal: Option<usize>,
    /// Distinct choices of connectors to the outside, and by group which of them it has.
    ways_out: Vec<Vec<Exit>>,
    way_out_of: Vec<usize>,
    /// Costs that hold, by position in the claim.
    costs: BTreeMap<Key, usize>,
    /// Which of them answer a question.
    answers: BTreeMap<Question, usize>,
    /// What 2007 and later do depends on no failure.
    of_2007: BTreeMap<Holder, Rc<Moves>>,
}

/// What a failure set comes to.
struct Outcome {
    circles: bool,
    /// Mail somewhere can only circle.
    must: bool,
    hot: BTreeSet<Wire>,
}

/// What was looked at in search of hot connectors for one set: by view, question and slot.
type Seen = BTreeSet<(Option<usize>, usize, usize, usize)>;

impl<'c> Bench<'c> {
    /// An error: a list of costs in the claim does not hold. O(costs × connectors of a group).
    pub(super) fn new(
        ground: &'c Ground<'c>,
        distances: &'c Distances<'c>,
        post: &'c Post,
        target: &'c Target,
        claim: &'c Claim,
    ) -> Result<Bench<'c>, String> {
        let groups = ground.org.routing_groups().len();
        let (goal, of_group) = match target {
            Target::Node(Node::Site(_)) => (Some(ground.slot_of_2007()), vec![Vec::new(); groups]),
            Target::Node(Node::RoutingGroup(home)) => (Some(home.index()), vec![Vec::new(); groups]),
            Target::Outside(fitting) => (None, exits(ground, &post.message, fitting)),
        };
        let mut distinct: BTreeMap<&Vec<Exit>, usize> = BTreeMap::new();
        let mut way_out_of = Vec::with_capacity(groups);
        for exits in &of_group {
            let next = distinct.len();
            way_out_of.push(*distinct.entry(exits).or_insert(next));
        }
        let mut ways_out = vec![Vec::new(); distinct.len()];
        for (exits, at) in distinct {
            ways_out[at] = exits.clone();
        }
        let mut bench = Bench {
            ground,
            distances,
            message: &post.message,
            open: &post.open,
            target,
            claim,
            goal,
            ways_out,
            way_out_of,
            costs: BTreeMap::new(),
            answers: BTreeMap::new(),
            of_2007: BTreeMap::new(),
        };
        bench.hold()?;
        Ok(bench)
    }

    /// Holds every list of costs against every connector.
    fn hold(&mut self) -> Result<(), String> {
        let org = self.ground.org;
        let groups = org.routing_groups().iter_enumerated();
        let mut slots: BTreeMap<&str, usize> = groups.map(|(at, group)| (group.name.as_str(), at.index())).collect();
        slots.insert("", self.ground.slot_of_2007());
        for (at, claimed) in self.claim.costs.iter().enumerate() {
            let named = claimed.ends.iter();
            let ends: Option<Vec<(usize, u64)>> = named
                .map(|(name, cost)| Some((*slots.get(name.as_str())?, *cost)))
                .collect();
            let believed: Option<BTreeSet<Wire>> = claimed.believed.iter().map(|name| self.ground.wire(name)).collect();
            let (Some(mut ends), Some(believed)) = (ends, believed) else {
                return Err("costs are claimed for a group or a connector that is not there".to_owned());
            };
            ends.sort_unstable();
            ends.dedup();
            if !self.are_least(&claimed.costs, &ends, &believed) {
                let down: Vec<&str> = claimed.believed.iter().map(String::as_str).collect();
                return Err(format!("the costs for who believes {down:?} down are not the least"));
            }
            if self.costs.insert((ends, believed), at).is_some() {
                return Err("the same costs are claimed twice".to_owned());
            }
        }
        Ok(())
    }

    /// No connector offers less, and somebody offers exactly this. Connectors cost at least 1, so nothing holds itself up.
    fn are_least(&self, costs: &[Option<u64>], ends: &[(usize, u64)], believed: &BTreeSet<Wire>) -> bool {
        if costs.len() != self.ground.leaving.len() {
            return false;
        }
        let mut exact = vec![false; costs.len()];
        let mut offered = |at: usize, offer: u64| match costs[at] {
            Some(cost) if cost <= offer => {
                exact[at] |= cost == offer;
                true
            }
            _ => false,
        };
        for (at, arc) in self.ground.arcs.iter().enumerate() {
            let Some(ahead) = costs[self.ground.slot(arc.to)].filter(|_| self.admits(at, believed)) else {
                continue;
            };
            let offer = ahead.checked_add(arc.cost);
            if !offer.is_some_and(|offer| offered(self.ground.slot(arc.from), offer)) {
                return false;
            }
        }
        ends.iter().all(|(at, cost)| offered(*at, *cost))
            && costs.iter().zip(exact).all(|(cost, exact)| cost.is_none() || exact)
    }

    /// Whether a legacy server that believes `believed` down may send the message over an arc.
    fn admits(&self, arc: usize, believed: &BTreeSet<Wire>) -> bool {
        self.open[arc] && !believed.contains(&Wire::Between(self.ground.arcs[arc].index))
    }

    /// Tries every listed set, and tells which are missing.
    pub(super) fn run(mut self, failures_max: usize, anchors: &BTreeSet<Holder>, checked: &mut Checked) {
        let mut outcomes: BTreeMap<BTreeSet<Wire>, Outcome> = BTreeMap::new();
        let recipient = self.claim.recipient.to_string();
        let flaw = |failed: &[String], message: String| Flaw {
            recipient: Some(recipient.clone()),
            failed: failed.to_vec(),
            message,
        };
        for names in &self.claim.sets {
            let wires: Option<BTreeSet<Wire>> = names.iter().map(|name| self.ground.wire(name)).collect();
            let fits = |wires: &BTreeSet<Wire>| wires.len() == names.len() && names.len() <= failures_max;
            let Some(wires) = wires.filter(fits) else {
                let message = "this is no set of failures that was to be tried".to_owned();
                checked.flaws.push(flaw(names, message));
                continue;
            };
            if outcomes.contains_key(&wires) {
                checked.flaws.push(flaw(names, "this set is listed twice".to_owned()));
                continue;
            }
            checked.sets += 1;
            match self.outcome(&wires, anchors) {
                Ok(outcome) => {
                    if outcome.circles {
                        checked.loops.push((recipient.clone(), names.clone()));
                    }
                    outcomes.insert(wires, outcome);
                }
                Err(message) => checked.flaws.push(flaw(names, message)),
            }
        }
        if !outcomes.contains_key(&BTreeSet::new()) {
            let message = "it does not begin with nothing failed".to_owned();
            checked.flaws.push(flaw(&[], message));
        }
        for larger in unlisted(&outcomes, failures_max) {
            let names: Vec<String> = larger.iter().map(|wire| self.ground.name(*wire).to_owned()).collect();
            let message = "this set can matter and is not listed".to_owned();
            checked.flaws.push(flaw(&names, message));
        }
    }

    /// Follows mail from every anchor with a set of failures. O(connectors of the groups that it reaches).
    fn outcome(&mut self, failed: &BTreeSet<Wire>, anchors: &BTreeSet<Holder>) -> Result<Outcome, String> {
        let mut moves: BTreeMap<Holder, Rc<Moves>> = BTreeMap::new();
        let mut hot = BTreeSet::new();
        let mut seen = Seen::new();
        let mut pending: Vec<Holder> = anchors.iter().copied().collect();
        while let Some(holder) = pending.pop() {
            if moves.contains_key(&holder) {
                continue;
            }
            let here = match holder {
                Holder::Group(group) => Rc::new(self.group(group, failed, &mut hot, &mut seen)?),
                Holder::Site(site, generation) => self.site(site, generation)?,
            };
            pending.extend(here.to.iter().filter(|next| !moves.contains_key(next)));
            moves.insert(holder, here);
        }
        let (circles, must) = follow(&moves);
        Ok(Outcome { circles, must, hot })
    }

    fn group(
        &mut self,
        group: RoutingGroupIdx,
        failed: &BTreeSet<Wire>,
        hot: &mut BTreeSet<Wire>,
        seen: &mut Seen,
    ) -> Result<Moves, String> {
        let mut moves = Moves::default();
        if self.goal == Some(group.index()) {
            moves.ends = true;
            return Ok(moves);
        }
        let beliefs = &self.ground.beliefs;
        let believed: BTreeSet<Wire> = failed
            .iter()
            .copied()
            .filter(|wire| beliefs.acts_on(group, *wire))
            .collect();
        let (way_out, at) = (self.way_out_of[group.index()], self.costs_for(group, &believed)?);
        moves.ends |= self.claim.costs[at].costs[group.index()].is_none();
        let (over, leaving) = self.best(way_out, at, group.index(), &believed);
        for arc in over {
            let arc = &self.ground.arcs[arc];
            match failed.contains(&Wire::Between(arc.index)) {
                true => moves.ends = true,
                false => moves.to.extend(arc.takers.iter().copied()),
            }
        }
        moves.ends |= !leaving.is_empty();
        // Everything on a best path from here, but for what is behind groups that were seen before.
        let view = beliefs.view(group);
        let mut pending = vec![group.index()];
        while let Some(slot) = pending.pop() {
            if view.is_none() || !seen.insert((view, way_out, at, slot)) {
                continue;
            }
            let (over, leaving) = self.best(way_out, at, slot, &believed);
            let crossed = over.into_iter().map(|arc| {
                pending.push(self.ground.slot(self.ground.arcs[arc].to));
                Wire::Between(self.ground.arcs[arc].index)
            });
            hot.extend(crossed.chain(leaving).filter(|wire| beliefs.acts_on(group, *wire)));
        }
        Ok(moves)
    }

    /// The arcs and the connectors to the outside with which best ways begin at a group, by the costs at a position.
    fn best(&self, way_out: usize, costs: usize, slot: usize, believed: &BTreeSet<Wire>) -> (Vec<usize>, Vec<Wire>) {
        let costs = &self.claim.costs[costs].costs;
        let leads_on = |at: &usize| {
            let arc = &self.ground.arcs[*at];
            let over = costs[self.ground.slot(arc.to)].and_then(|ahead| ahead.checked_add(arc.cost));
            over.is_some() && over == costs[slot] && self.admits(*at, believed)
        };
        let exits = self.ways_out[way_out].iter();
        let leaving = exits.filter(|exit| {
            let here = self.ground.slot(exit.group) == slot;
            here && costs[slot] == Some(exit.cost) && !believed.contains(&exit.wire)
        });
        (
            self.ground.leaving[slot].iter().copied().filter(leads_on).collect(),
            leaving.map(|exit| exit.wire).collect(),
        )
    }

    /// Which of the claim's costs a group goes by that believes `believed` down.
    fn costs_for(&mut self, group: RoutingGroupIdx, believed: &BTreeSet<Wire>) -> Result<usize, String> {
        let question = (self.way_out_of[group.index()], believed.clone());
        if let Some(known) = self.answers.get(&question) {
            return Ok(*known);
        }
        let mut ends: Vec<(usize, u64)> = match self.goal {
            Some(goal) => vec![(goal, 0)],
            None => {
                let exits = self.ways_out[question.0].iter();
                let up = exits.filter(|exit| !believed.contains(&exit.wire));
                up.map(|exit| (self.ground.slot(exit.group), exit.cost)).collect()
            }
        };
        ends.sort_unstable();
        ends.dedup();
        let Some(found) = self.costs.get(&(ends, believed.clone())) else {
            let down: Vec<&str> = believed.iter().map(|wire| self.ground.name(*wire)).collect();
            return Err(format!("there are no costs for who believes {down:?} down"));
        };
        self.answers.insert(question, *found);
        Ok(*found)
    }

    fn site(&mut self, site: SiteIdx, generation: Generation) -> Result<Rc<Moves>, String> {
        let holder = Holder::Site(site, generation);
        if let Some(known) = self.of_2007.get(&holder) {
            return Ok(known.clone());
        }
        let mut moves = Moves::default();
        match self.decide(site, generation)? {
            Decision::Ends => moves.ends = true,
            Decision::To(next) => moves.to.extend(self.ground.holders(next)),
            Decision::Over(over) => {
                // V4: a source server that would do the same sends, any other decides for itself.
                let arc = &self.ground.arcs[over];
                for source in self.ground.generations_among(&arc.sources, site) {
                    let agrees = source == generation || self.decide(site, source)? == Decision::Over(over);
                    match agrees {
                        true => moves.to.extend(arc.takers.iter().copied()),
                        false => moves.to.extend([Holder::Site(site, source)]),
                    }
                }
            }
        }
        let moves = Rc::new(moves);
        self.of_2007.insert(holder, moves.clone());
        Ok(moves)
    }

    fn decide(&self, site: SiteIdx, generation: Generation) -> Result<Decision, String> {
        decide(
            self.ground,
            self.distances,
            self.message,
            self.target,
            (site, generation),
        )
    }
}

/// Sets one larger than a listed one that can matter, and are not listed. No set matters with a part that must circle.
fn unlisted(outcomes: &BTreeMap<BTreeSet<Wire>, Outcome>, failures_max: usize) -> BTreeSet<BTreeSet<Wire>> {
    let mut musts: BTreeMap<Wire, Vec<&BTreeSet<Wire>>> = BTreeMap::new();
    for (wires, _) in outcomes.iter().filter(|(_, outcome)| outcome.must) {
        for wire in wires {
            musts.entry(*wire).or_default().push(wires);
        }
    }
    let mut unlisted = BTreeSet::new();
    for (wires, outcome) in outcomes.iter().filter(|(_, outcome)| !outcome.must) {
        for added in outcome.hot.difference(wires).filter(|_| wires.len() < failures_max) {
            let mut larger = wires.clone();
            larger.insert(*added);
            // A part without it that must circle would be a part of `wires`, which then was not to be listed.
            let mut with_it = musts.get(added).into_iter().flatten();
            if !outcomes.contains_key(&larger) && !with_it.any(|must| must.is_subset(&larger)) {
                unlisted.insert(larger);
            }
        }
    }
    unlisted
}

/// Whether mail can circle, and whether somewhere it can only circle. O(hand-overs).
fn follow(moves: &BTreeMap<Holder, Rc<Moves>>) -> (bool, bool) {
    let mut givers: BTreeMap<Holder, Vec<Holder>> = BTreeMap::new();
    let mut left: BTreeMap<Holder, usize> = BTreeMap::new();
    for (holder, here) in moves {
        left.insert(*holder, here.to.len());
        for to in &here.to {
            givers.entry(*to).or_default().push(*holder);
        }
    }
    let givers = |holder: &Holder| givers.get(holder).into_iter().flatten();
    // Whoever hands on only to those that are settled cannot circle.
    let mut pending: Vec<Holder> = moves
        .iter()
        .filter(|(_, here)| here.to.is_empty())
        .map(|(at, _)| *at)
        .collect();
    let mut settled = 0;
    while let Some(holder) = pending.pop() {
        settled += 1;
        for giver in givers(&holder) {
            let count = left.get_mut(giver).expect("every giver hands on");
            *count -= 1;
            if *count == 0 {
                pending.push(*giver);
            }
        }
    }
    let mut pending: Vec<Holder> = moves.iter().filter(|(_, here)| here.ends).map(|(at, _)| *at).collect();
    let mut ending: BTreeSet<Holder> = BTreeSet::new();
    while let Some(holder) = pending.pop() {
        if ending.insert(holder) {
            pending.extend(givers(&holder));
        }
    }
    (settled < moves.len(), ending.len() < moves.len())
}
