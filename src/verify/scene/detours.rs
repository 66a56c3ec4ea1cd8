//! Ways that keep mail out of the 2007 group: as long as one is open, no failure sends it back there.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::{Choice, Failed, Router, Scene};
use crate::model::{Cost, GroupRef, RoutingGroupIdx};
use crate::route::LegacyDistances;
use crate::verify::circles::Choices;

/// The legacy groups that sites hand mail to, and their known ways around the 2007 group that are cheaper than any through it.
pub(in crate::verify) struct Detours {
    entered: Vec<Entered>,
}

struct Entered {
    group: RoutingGroupIdx,
    /// What a way through the 2007 group costs at least, whatever fails; `None`: there is none, or the recipient is here.
    through: Option<Cost>,
    /// Of each known way the connectors that may be believed down, ascending.
    ways: Vec<Failed>,
}

impl Detours {
    /// Connectors of which one more has to fail before mail can come back into the 2007 group, if as long as none does each of the
    /// groups has a way that stays open when `failed` are down. `None`: that is not known. O(known ways).
    pub(in crate::verify) fn next_to_fail(&self, failed: &[u32]) -> Option<BTreeSet<u32>> {
        let mut next = BTreeSet::new();
        for entered in &self.entered {
            next.extend(entered.open_way(failed)?.iter().copied());
        }
        Some(next)
    }
}

impl Entered {
    /// Of the ways that are open the one on which least can fail: fewer sets are tried beyond it.
    fn open_way(&self, failed: &[u32]) -> Option<&Failed> {
        let is_open = |way: &&Failed| way.iter().all(|position| !failed.contains(position));
        self.ways.iter().filter(is_open).min_by_key(|way| way.len())
    }
}

impl Scene<'_> {
    /// Detours of which none is known yet. `None`: they would prove nothing. `choices` are those of all routers that mail from
    /// the anchors reaches when nothing has failed, and the anchors have to be sites; `into_2007` holds what it costs messages
    /// of the class to come into the 2007 group when nothing has failed, once somebody has asked. One path computation
    /// for each group, and one for the class.
    pub(in crate::verify) fn detours(
        &mut self,
        choices: &Choices,
        into_2007: &OnceCell<LegacyDistances>,
    ) -> Option<Detours> {
        let groups = entered(choices);
        // Groups next to each other share their view, or one of them were an anchor; with one target, too, whoever is on a best way
        // goes on with it.
        if self.targets.len() > 1 {
            return None;
        }
        let mut detours = Detours { entered: Vec::new() };
        for group in groups {
            let through = match self.delivers(group) {
                true => None,
                false => self.through_2007(group, into_2007),
            };
            // A group that never sends mail there has a way that nothing closes.
            let ways = through.is_none().then(Failed::new).into_iter().collect();
            detours.entered.push(Entered { group, through, ways });
        }
        Some(detours)
    }

    /// Adds the best ways with `failed` down of groups of which no open way is known, if they are cheaper than those through
    /// the 2007 group; then they do not pass it.
    pub(in crate::verify) fn learn(&mut self, detours: &mut Detours, failed: &[u32]) {
        for entered in &mut detours.entered {
            if entered.open_way(failed).is_some() {
                continue;
            }
            let audience = self.world.beliefs.audience(entered.group);
            let believed = self.believed(audience, failed);
            let best = self.best_way_believing(entered.group, None, &believed);
            if let Some((way, cost)) = best
                && entered.through.is_some_and(|through| cost < through)
            {
                let positions = way.into_iter().map(|connector| self.position(connector));
                let can_fail = positions.filter(|position| self.world.beliefs.acts_on(audience, *position));
                let mut way: Failed = can_fail.collect();
                way.sort_unstable();
                entered.ways.push(way);
            }
        }
    }

    /// What a way from a group through the 2007 group costs at least, whatever fails.
    fn through_2007(&mut self, group: RoutingGroupIdx, into_2007: &OnceCell<LegacyDistances>) -> Option<Cost> {
        let network = &self.world.network;
        let into = into_2007.get_or_init(|| {
            self.path_computations += 1;
            network.distances([(GroupRef::Exchange2007, 0)], |index| self.view.legacy_admits(index))
        });
        let into = network.cost(into, GroupRef::Legacy(group))?;
        Some(into + self.beyond_2007(group)?)
    }

    /// What it costs at least to go on from the 2007 group without coming by a group again, whatever fails.
    fn beyond_2007(&mut self, group: RoutingGroupIdx) -> Option<Cost> {
        let group = GroupRef::Legacy(group);
        let ends = self.ends(0, &[]).into_iter().filter(|(end, _)| *end != group);
        let distances = self.world.network.distances(ends, |index| {
            let connector = self.world.graphs.combined.connector(index);
            connector.is_some_and(|connector| connector.to != group) && self.view.legacy_admits(index)
        });
        self.path_computations += 1;
        self.world.network.cost(&distances, GroupRef::Exchange2007)
    }
}

fn entered(choices: &Choices) -> BTreeSet<RoutingGroupIdx> {
    let of_sites = choices.iter().filter(|(router, _)| matches!(router, Router::Site(..)));
    let choices = of_sites.flat_map(|(_, choices)| choices);
    let entered = choices.filter_map(|choice| match choice {
        Choice::Hands {
            to: Router::Group(group),
            ..
        } => Some(*group),
        _ => None,
    });
    entered.collect()
}
