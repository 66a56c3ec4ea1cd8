//! The smallest change that no longer lets mail circle (LS-3.6).
//!
//! Changes are tried, not derived: each is made to a copy of the organization, which is verified again, and only what comes
//! out free of loops is offered. Which edits are worth trying is read off the witnesses. Tried are, in this order:
//!
//! 1. every edit alone;
//! 2. sets of edits that clear every witness between them, by weight: with suppressions alone that is a least hitting set of
//!    the minimal witnesses;
//! 3. if nothing has cleared all of them, suppression on all legacy servers, which is what the vendor recommends (R39, R40);
//! 4. if what was found weighs more, every cost from 1 to 100 for the connectors along the circles, then every pair of edits,
//!    also of such as clear nothing alone.
//!
//! Of equal weight, what takes no way away comes first. Not tried are three edits or more of which one clears nothing alone, pairs
//! with other costs than 1 and 100, and whatever lies beyond the bounds (`complete`).

mod candidates;
mod covers;
mod edit;
mod wording;

use std::collections::BTreeSet;

use self::covers::{Covers, Tried};
pub(crate) use self::edit::apply as after;
pub use self::edit::{Edit, names_of_connect};
pub use self::wording::{describe, phrase, powershell};
use super::search::verify_for;
use super::{Bounds, Recipient, Verification, Witness, World};
use crate::linkstate;
use crate::model::Organization;
use crate::route::{Graphs, Options};

/// Edits that clear every witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What to change, in the order of [`Edit`].
    pub edits: Vec<Edit>,
    /// The organization after it: free of loops within the same bounds.
    pub repaired: Organization,
}

/// What was looked for, and what clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// The lightest edits of those tried that clear every witness; `None`: none of them do.
    pub all: Option<Repair>,
    /// For each witness, the lightest single edit tried that clears it and makes no other for whom mail circled before, if there is one.
    pub single: Vec<Option<Edit>>,
    /// Everything that was worth trying was tried.
    pub complete: bool,
}

/// How an organization is verified.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Open decisions of routing.
    pub options: Options,
    /// Open decisions of link state.
    pub link_state: linkstate::Options,
    /// How far the search goes.
    pub bounds: Bounds,
}

/// Failure sets that all tries together may take. In an organization of a thousand groups a single try takes thousands.
const CHECKS_MAX: u64 = 200_000;

/// Steps in search of sets of edits that clear all witnesses between them.
const COVER_STEPS_MAX: u64 = 200_000;

/// Looks for the lightest repair of what `verification` found in `world`. Tries at most `tries_max` changes, and no more once
/// they have taken 200,000 failure sets together.
///
/// O(tries × verification), most tries being verifications of the recipients with witnesses only.
pub fn repair(world: &World<'_>, verification: &Verification, setting: Setting, tries_max: usize) -> Repairs {
    let search = Search {
        org: world.org,
        setting,
        before: verification,
        witnesses: verification
            .witnesses
            .iter()
            .map(|w| seen(world, verification, w))
            .collect(),
        left: tries_max,
        checks_left: CHECKS_MAX,
    };
    if search.witnesses.is_empty() {
        return Repairs {
            complete: true,
            ..Repairs::default()
        };
    }
    search.run(candidates::candidates(world, verification))
}

/// SuppressStateChanges on every legacy server where it is not in effect: what the vendor recommends (R39, R40).
pub fn suppression_everywhere(org: &Organization) -> Vec<Edit> {
    let servers = org.servers().iter_enumerated();
    let legacy = servers.filter(|(index, server)| org.legacy_group(*index).is_some() && !server.suppression_in_effect);
    legacy.map(|(index, _)| Edit::Suppress(index)).collect()
}

/// A witness in terms that survive a change of the organization: whom the mail is for, class, what failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    recipient: String,
    class: usize,
    failed: Vec<String>,
}

fn seen(world: &World<'_>, verification: &Verification, witness: &Witness) -> Seen {
    let believable = world.beliefs.believable();
    let names = witness.failed.iter().map(|position| believable.connector(*position));
    Seen {
        recipient: name_of(world.org, &verification.recipients[witness.recipient]),
        class: witness.class,
        failed: names
            .map(|connector| world.org.connector_name(connector).to_string())
            .collect(),
    }
}

fn name_of(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node) => format!("{:?}:{}", std::mem::discriminant(node), org.node_name(*node)),
        Recipient::AddressSpace { space, .. } => space.clone(),
    }
}

struct Search<'a> {
    org: &'a Organization,
    setting: Setting,
    before: &'a Verification,
    witnesses: Vec<Seen>,
    left: usize,
    checks_left: u64,
}

/// By what repairs are compared: weight, how many edits take a way away, how many there are, which.
type Rank = (u32, usize, usize, Vec<Edit>);

fn rank(edits: &[Edit]) -> Rank {
    let mut edits = edits.to_vec();
    edits.sort();
    let weight = edits.iter().map(Edit::weight).sum();
    let away = edits.iter().filter(|edit| edit.takes_away()).count();
    (weight, away, edits.len(), edits)
}

/// Whether edits are better than what was found, not only another way to do as well.
fn is_lighter(edits: &Rank, best: Option<&Rank>) -> bool {
    let known = |rank: &Rank| (rank.0, rank.1, rank.2);
    best.is_none_or(|best| known(edits) < known(best))
}

impl Search<'_> {
    fn run(mut self, candidates: Vec<Edit>) -> Repairs {
        let mut repairs = Repairs {
            all: None,
            single: vec![None; self.witnesses.len()],
            complete: true,
        };
        let mut tried = Vec::new();
        for edit in candidates {
            let Some(one) = self.alone(edit) else {
                repairs.complete = false;
                break;
            };
            if one.nothing_new {
                for witness in &one.cleared {
                    repairs.single[*witness].get_or_insert_with(|| one.edit.clone());
                }
            }
            tried.push(one);
        }
        repairs.all = self.cover(&tried, &mut repairs.complete);
        if repairs.all.is_none() {
            repairs.all = self.repaired(suppression_everywhere(self.org));
        }
        let best = repairs.all.as_ref().map(|repair| rank(&repair.edits));
        let lighter = self.another_cost(&tried, best.as_ref(), &mut repairs.complete);
        repairs.all = lighter.or(repairs.all);
        let best = repairs.all.as_ref().map(|repair| rank(&repair.edits));
        let lighter = self.pair(&tried, best.as_ref(), &mut repairs.complete);
        repairs.all = lighter.or(repairs.all);
        repairs
    }

    /// `None`: no more tries.
    fn alone(&mut self, edit: Edit) -> Option<Tried> {
        let (cleared, nothing_new) = self.affected(std::slice::from_ref(&edit))?;
        Some(Tried {
            edit,
            cleared,
            nothing_new,
        })
    }

    /// Edits that clear every witness between them, by weight.
    fn cover(&mut self, tried: &[Tried], complete: &mut bool) -> Option<Repair> {
        let covers = Covers::new(tried, self.witnesses.len())?;
        let mut steps = COVER_STEPS_MAX;
        for weight in 1.. {
            let found = covers.of_weight(weight, &mut steps);
            let edits = |set: &Vec<usize>| set.iter().map(|at| tried[*at].edit.clone()).collect();
            let mut sets: Vec<Vec<Edit>> = found.sets.iter().map(edits).collect();
            sets.sort_by_cached_key(|edits| rank(edits));
            for edits in sets {
                let known = match &edits[..] {
                    [one] => tried.iter().find(|tried| tried.edit == *one),
                    _ => None,
                };
                // What one does alone is known.
                let clears = match known {
                    Some(one) => Some(one.nothing_new),
                    None => self.clears(&edits),
                };
                match clears {
                    None => {
                        *complete = false;
                        return self.greedy(tried);
                    }
                    Some(false) => continue,
                    Some(true) => {
                        let repaired = self.repaired(edits);
                        if repaired.is_some() {
                            return repaired;
                        }
                    }
                }
            }
            if steps == 0 {
                *complete = false;
                return self.greedy(tried);
            }
            if !found.more {
                break;
            }
        }
        None
    }

    /// Where looking for the lightest takes too long: suppressions, each time the one that clears most.
    fn greedy(&mut self, tried: &[Tried]) -> Option<Repair> {
        let mut left: BTreeSet<usize> = (0..self.witnesses.len()).collect();
        let mut chosen = Vec::new();
        while !left.is_empty() {
            let suppressions = tried.iter().filter(|tried| matches!(tried.edit, Edit::Suppress(_)));
            // The first of several.
            let best = suppressions
                .rev()
                .max_by_key(|tried| tried.cleared.intersection(&left).count())?;
            let before = left.len();
            left.retain(|witness| !best.cleared.contains(witness));
            if left.len() == before {
                return None;
            }
            chosen.push(best.edit.clone());
        }
        self.repaired(chosen)
    }

    /// A cost between the ends of the scale, on connectors along the circles.
    fn another_cost(&mut self, tried: &[Tried], best: Option<&Rank>, complete: &mut bool) -> Option<Repair> {
        let between: BTreeSet<_> = tried
            .iter()
            .filter_map(|tried| match tried.edit {
                Edit::SetCost(index, _) => Some(index),
                _ => None,
            })
            .collect();
        for index in between {
            let costs = candidates::COSTS[0] + 1..candidates::COSTS[1];
            for cost in costs.filter(|cost| *cost != self.org.routing_group_connectors()[index].cost) {
                let edits = vec![Edit::SetCost(index, cost)];
                if !is_lighter(&rank(&edits), best) {
                    return None;
                }
                let Some(clears) = self.clears(&edits) else {
                    *complete = false;
                    return None;
                };
                if clears && let Some(repair) = self.repaired(edits) {
                    return Some(repair);
                }
            }
        }
        None
    }

    /// Two edits that are lighter than what was found.
    fn pair(&mut self, tried: &[Tried], best: Option<&Rank>, complete: &mut bool) -> Option<Repair> {
        let heaviest = 2 * tried.last().map_or(0, |last| last.edit.weight());
        let heaviest = best.map_or(heaviest, |best| heaviest.min(best.0));
        for (weight, away) in (2..=heaviest).flat_map(|weight| (0..=2).map(move |away| (weight, away))) {
            for (at, a) in tried.iter().enumerate() {
                for b in &tried[at + 1..] {
                    let taking_away = [a, b].into_iter().filter(|tried| tried.edit.takes_away()).count();
                    if (a.edit.weight() + b.edit.weight(), taking_away) != (weight, away) {
                        continue;
                    }
                    let pair = [a.edit.clone(), b.edit.clone()];
                    if !is_lighter(&rank(&pair), best) {
                        continue;
                    }
                    let Some(clears) = self.clears(&pair) else {
                        *complete = false;
                        return None;
                    };
                    if clears && let Some(repair) = self.repaired(pair.to_vec()) {
                        return Some(repair);
                    }
                }
            }
        }
        None
    }

    /// Whether edits clear every witness and make no other, as far as the recipients that have witnesses go.
    fn clears(&mut self, edits: &[Edit]) -> Option<bool> {
        let (cleared, nothing_new) = self.affected(edits)?;
        Some(nothing_new && cleared.len() == self.witnesses.len())
    }

    /// What edits leave for the recipients that have witnesses: positions of those that are gone, and whether nothing is there
    /// that was not there before. `None`: no more tries.
    fn affected(&mut self, edits: &[Edit]) -> Option<(BTreeSet<usize>, bool)> {
        if self.left == 0 || self.checks_left == 0 {
            return None;
        }
        self.left -= 1;
        let after = edit::apply(self.org, edits);
        let graphs = Graphs::new(&after);
        let world = World::new(&after, &graphs, self.setting.options, self.setting.link_state);
        let names: BTreeSet<&str> = self
            .witnesses
            .iter()
            .map(|witness| witness.recipient.as_str())
            .collect();
        let wanted = |recipient: &Recipient| names.contains(name_of(&after, recipient).as_str());
        let found = verify_for(&world, self.setting.bounds, &wanted, &mut |_, _| {}, &mut |_, _, _| {});
        self.checks_left = self.checks_left.saturating_sub(found.checked);
        let now: BTreeSet<Seen> = found
            .witnesses
            .iter()
            .map(|witness| seen(&world, &found, witness))
            .collect();
        // Classes are numbered anew when a limit or a list is gone.
        let comparable = found.classes == self.before.classes;
        let still = |witness: &Seen| match comparable {
            true => now.contains(witness),
            false => now
                .iter()
                .any(|other| (&other.recipient, &other.failed) == (&witness.recipient, &witness.failed)),
        };
        let known = |witness: &Seen| match comparable {
            true => self.witnesses.contains(witness),
            false => self
                .witnesses
                .iter()
                .any(|other| (&other.recipient, &other.failed) == (&witness.recipient, &witness.failed)),
        };
        let witnesses = self.witnesses.iter().enumerate();
        let cleared = witnesses.filter(|(_, witness)| !still(witness)).map(|(at, _)| at);
        Some((cleared.collect(), found.complete && now.iter().all(known)))
    }

    /// The organization after `edits`, if no mail circles in it any more.
    fn repaired(&self, mut edits: Vec<Edit>) -> Option<Repair> {
        if edits.is_empty() {
            return None;
        }
        edits.sort();
        let after = edit::apply(self.org, &edits);
        let graphs = Graphs::new(&after);
        let world = World::new(&after, &graphs, self.setting.options, self.setting.link_state);
        let found = verify_for(
            &world,
            self.setting.bounds,
            &|_| true,
            &mut |_, _| {},
            &mut |_, _, _| {},
        );
        let clear = found.witnesses.is_empty() && found.complete;
        clear.then_some(Repair { edits, repaired: after })
    }
}
