//! The path that would be taken if the best one were not there.
//!
//! Between sites the whole order (cost, hops, names backwards) is asked for the second best simple path. Every path but
//! the best one, `v0 … vk`, has a longest ending `vi … vk` in common with it, and another site before `vi`. So for each
//! `i` the best deviation is looked for: the best path to each neighbour of `vi` that does not touch the ending, and the
//! step from there. With the ending and the last step fixed, the order of the rest is the order of the whole, which is why
//! the search that ignores names until the end may be used as it is. This is Yen's method from the destination's side,
//! since names are compared from there (Yen 1971; Lawler 1972).
//!
//! Over routing-group connectors, any other simple sequence lacks one connector of the best: a sequence that had them
//! all would have to take them in the same order, for no group is passed twice, and would be the same. So the second
//! best is the best of what is best without the first connector, without the second, and so on.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::site_search::{self, PathCost, SitePath, SiteTree};
use super::{Clause, Leg, LegacyTie, Plan, Sender, View};
use crate::graph::CompactSites;
use crate::model::{Cost, Node, RoutingGroupConnectorIdx, SiteIdx, SiteLinkIdx};

/// A path that lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// As [`Plan::routing_group_cost`].
    pub routing_group_cost: Cost,
    /// As [`Plan::site_cost`].
    pub site_cost: Cost,
    /// From the sender to the destination.
    pub path: SmallVec<[Node; 8]>,
    /// `legs[i]` leads from `path[i]` to `path[i + 1]`.
    pub legs: SmallVec<[Leg; 8]>,
    /// The criterion at which it fell behind.
    pub lost_on: Clause,
}

/// The second best path for mail of `sender` to the destination of `best`, which is its plan; `None` when there is no other.
///
/// Sequences of connectors whose entry and exit sites are not joined are no paths (D15). O(length × a plan).
pub fn runner_up(view: &View<'_>, sender: Sender, best: &Plan) -> Option<Rival> {
    match (sender.node, best.to) {
        (Node::Site(from), Node::Site(to)) => {
            let tree = view.site_tree(from);
            let (key, path) = second_path(&view.graphs.sites, &tree, to)?;
            let own = tree.cost(to)?;
            let lost_on = if key.cost != own.cost {
                Clause::Cost
            } else if key.hops != own.hops {
                Clause::Hops
            } else {
                Clause::Name
            };
            Some(Rival {
                routing_group_cost: 0,
                site_cost: key.cost,
                path: path.sites.into_iter().map(Node::Site).collect(),
                legs: path.links.into_iter().map(Leg::SiteLink).collect(),
                lost_on,
            })
        }
        _ => second_sequence(view, sender, best),
    }
}

/// The second best simple path from the source of `tree` to `to`, with its key.
fn second_path(sites: &CompactSites, tree: &SiteTree, to: SiteIdx) -> Option<(PathCost, SitePath)> {
    let best = tree.path(to)?;
    let mut closed = FixedBitSet::with_capacity(sites.sites());
    let mut second: Option<(PathCost, SitePath)> = None;
    // The ending grows from the destination alone to all but the source.
    for at in (1..best.sites.len()).rev() {
        let (here, usual) = (best.sites[at], best.sites[at - 1]);
        closed.insert(here.index());
        let mut steps = steps_into(sites, here);
        steps.retain(|site, _| *site != usual && !closed.contains(site.index()));
        // On a long chain most sites have no other neighbour, and a search each would be the square of its length.
        if steps.is_empty() {
            continue;
        }
        let before_here = site_search::search(sites, tree.source(), Some(&closed));
        let deviation = steps
            .into_iter()
            .filter_map(|(site, link)| {
                let so_far = before_here.cost(site)?;
                let key = PathCost {
                    cost: so_far.cost + Cost::from(sites.cost(link)),
                    hops: so_far.hops + 1,
                };
                Some((key, site, link))
            })
            // RT-2.2, all three steps: names are compared backwards, and this is the first that differs.
            .min_by_key(|(key, site, _)| (*key, *site));
        let Some((key, site, link)) = deviation else { continue };
        let Some(mut path) = before_here.path(site) else {
            continue;
        };
        path.sites.extend_from_slice(&best.sites[at..]);
        path.links.push(link);
        path.links.extend_from_slice(&best.links[at..]);
        let ending = &best.links[at..];
        let key = PathCost {
            cost: key.cost + ending.iter().map(|link| Cost::from(sites.cost(*link))).sum::<Cost>(),
            hops: key.hops + u32::try_from(ending.len()).unwrap_or(u32::MAX),
        };
        let better = |(other, held): &(PathCost, SitePath)| {
            let backwards = |path: &SitePath| path.sites.iter().rev().copied().collect::<Vec<_>>();
            (key, backwards(&path)) < (*other, backwards(held))
        };
        if second.as_ref().is_none_or(better) {
            second = Some((key, path));
        }
    }
    second
}

/// The neighbours of a site with the link to each: the cheapest, then the lowest name (D7).
fn steps_into(sites: &CompactSites, here: SiteIdx) -> BTreeMap<SiteIdx, SiteLinkIdx> {
    let mut steps: BTreeMap<SiteIdx, SiteLinkIdx> = BTreeMap::new();
    for link in sites.links_of(here) {
        for site in sites.members(*link).iter().filter(|site| **site != here) {
            let step = steps.entry(*site).or_insert(*link);
            if (sites.cost(*link), *link) < (sites.cost(*step), *step) {
                *step = *link;
            }
        }
    }
    steps
}

fn second_sequence(view: &View<'_>, sender: Sender, best: &Plan) -> Option<Rival> {
    let tie = match sender.node {
        Node::Site(_) => view.options.legacy_tie,
        // Legacy servers always count connectors (D14).
        Node::RoutingGroup(_) => LegacyTie::Hops,
    };
    let own = Rank::new(sender, best, tie);
    let (rank, plan) = best
        .connectors()
        .filter_map(|connector| view.without(connector).plan(sender, best.to))
        .map(|plan| (Rank::new(sender, &plan, tie), plan))
        .min_by(|(a, _), (b, _)| a.cmp(b))?;
    Some(Rival {
        routing_group_cost: plan.routing_group_cost,
        site_cost: plan.site_cost,
        path: plan.path,
        legs: plan.legs,
        lost_on: rank.lost_to(&own),
    })
}

/// D13 and D14 as one key, in the order of its fields.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// R53.
    routing_group_cost: Cost,
    /// R54; nothing to a legacy server, which does not see sites.
    site_cost: Cost,
    /// RT-2.7 (a), (b): site hops to the first connector, then connectors.
    hops: (usize, usize),
    /// RT-2.7 (c).
    names: Vec<RoutingGroupConnectorIdx>,
}

impl Rank {
    fn new(sender: Sender, plan: &Plan, tie: LegacyTie) -> Rank {
        let names: Vec<_> = plan.connectors().collect();
        let to_first = plan.legs.iter().take_while(|leg| matches!(leg, Leg::SiteLink(_)));
        let from_site = matches!(sender.node, Node::Site(_));
        Rank {
            routing_group_cost: plan.routing_group_cost,
            site_cost: if from_site { plan.site_cost } else { 0 },
            hops: match tie {
                LegacyTie::Hops => (to_first.count(), names.len()),
                LegacyTie::Names => (0, 0),
            },
            names,
        }
    }

    /// The first criterion at which this is behind `winner`.
    fn lost_to(&self, winner: &Rank) -> Clause {
        if self.routing_group_cost != winner.routing_group_cost {
            Clause::RoutingGroupCost
        } else if self.site_cost != winner.site_cost {
            Clause::SiteCost
        } else if self.hops != winner.hops {
            Clause::Hops
        } else {
            Clause::Name
        }
    }
}
