//! What every router plans for every other, without a search from each: sites from the tables of all pairs, and legacy groups on top
//! of the same.
//!
//! A path between a site and a group is one between sites, to where a connector begins or from where it ends, and one over
//! connectors. There are few connectors beside the sites, so those are searched (RT-2.7, RT-2.8) with distances that the tables know.

use std::cell::OnceCell;

use fixedbitset::FixedBitSet;

use super::all_pairs::AllPairs;
use super::from_group::exit;
use super::from_site::{GroupReach, stopping_hubs};
use super::{Regard, Sender, View};
use crate::model::{Cost, Generation, GroupRef, Node, RoutingGroupIdx, SiteIdx};

/// A plan without its path: what a table says in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// As in [`Plan`](super::Plan).
    pub routing_group_cost: Cost,
    /// As in [`Plan`](super::Plan).
    pub site_cost: Cost,
    /// Links and connectors crossed.
    pub hops: usize,
    /// Where mail is handed to when all is up.
    pub next_hop: Node,
}

/// Tables of a whole organization under one view.
pub struct Everywhere<'v, 'a> {
    view: &'v View<'a>,
    sites: AllPairs,
    /// Hub sites with a transport server (RT-2.3, D8).
    hubs: FixedBitSet,
}

impl<'v, 'a> Everywhere<'v, 'a> {
    /// `None` when the costs of site links are too great for [`AllPairs::new`]; O of the same.
    pub fn new(view: &'v View<'a>) -> Option<Everywhere<'v, 'a>> {
        Some(Everywhere {
            view,
            sites: AllPairs::new(&view.graphs.sites)?,
            hubs: stopping_hubs(view.org),
        })
    }

    /// The tables of the sites.
    pub fn sites(&self) -> &AllPairs {
        &self.sites
    }

    /// One sender, with what it computes once for all groups.
    pub fn from(&self, sender: Sender) -> FromAnywhere<'_, 'v, 'a> {
        FromAnywhere {
            everywhere: self,
            sender,
            groups: OnceCell::new(),
        }
    }

    /// Where a site hands mail to that it sends to another (RT-2.3). O(hops until there).
    fn next_stop(&self, from: SiteIdx, to: SiteIdx) -> Option<SiteIdx> {
        let mut at = self.sites.next_hop(from, to)?;
        while at != to && !self.hubs.contains(at.index()) {
            // The rest of a best path is the best path of what lies on it.
            at = self.sites.next_hop(at, to)?;
        }
        Some(at)
    }
}

/// One sender.
pub struct FromAnywhere<'e, 'v, 'a> {
    everywhere: &'e Everywhere<'v, 'a>,
    sender: Sender,
    groups: OnceCell<GroupReach>,
}

impl FromAnywhere<'_, '_, '_> {
    /// The summary of the plan for another router; `None`: it cannot be reached. O(hops to the next hop) between sites, O(connectors)
    /// where there is a group, and a search over connectors the first time that a site asks for one.
    pub fn to(&self, to: Node) -> Option<PlanSummary> {
        match (self.sender.node, to) {
            (Node::Site(from), Node::Site(to)) => self.between_sites(from, to),
            (Node::Site(from), Node::RoutingGroup(to)) => self.to_group(from, to),
            (Node::RoutingGroup(from), to) => self.over_connectors(from, to),
        }
    }

    fn between_sites(&self, from: SiteIdx, to: SiteIdx) -> Option<PlanSummary> {
        let distance = self.everywhere.sites.cost(from, to)?;
        Some(PlanSummary {
            routing_group_cost: 0,
            site_cost: distance.cost,
            hops: distance.hops as usize,
            next_hop: Node::Site(self.everywhere.next_stop(from, to)?),
        })
    }

    fn to_group(&self, from: SiteIdx, to: RoutingGroupIdx) -> Option<PlanSummary> {
        let Everywhere { view, sites, .. } = self.everywhere;
        let rtm = self.sender.generation == Generation::Exchange2007Rtm;
        let distance = |site: SiteIdx| sites.cost(from, site);
        let groups = self.groups.get_or_init(|| GroupReach::new(view, rtm, distance));
        let best = groups.best(to)?;
        let (connectors, source) = groups.path(to)?;
        let next_hop = match source.site == from {
            true => node(view.graphs.combined.connector(*connectors.first()?)?.to)?,
            false => Node::Site(self.everywhere.next_stop(from, source.site)?),
        };
        Some(PlanSummary {
            routing_group_cost: best.key.cost,
            site_cost: source.distance.cost,
            hops: source.distance.hops as usize + connectors.len(),
            next_hop,
        })
    }

    fn over_connectors(&self, from: RoutingGroupIdx, to: Node) -> Option<PlanSummary> {
        let Everywhere { view, sites, .. } = self.everywhere;
        let tree = view.tree_as_legacy(from);
        let target = match to {
            Node::Site(_) => GroupRef::Exchange2007,
            Node::RoutingGroup(group) => GroupRef::Legacy(group),
        };
        let best = tree.best(target)?;
        let connectors = tree.path(target)?;
        let mut summary = PlanSummary {
            routing_group_cost: best.key.cost,
            site_cost: 0,
            hops: connectors.len(),
            next_hop: to,
        };
        for (at, index) in connectors.iter().enumerate() {
            let connector = view.graphs.combined.connector(*index)?;
            let arrival = match connector.to {
                GroupRef::Legacy(group) => Node::RoutingGroup(group),
                GroupRef::Exchange2007 => {
                    let (entry, _) = view.entry(connector, Regard::WhatIsDown)?;
                    let exit = exit(view, connectors.get(at + 1), to, |site| sites.cost(entry, site))?;
                    let across = sites.cost(entry, exit)?;
                    summary.site_cost = across.cost;
                    summary.hops += across.hops as usize;
                    Node::Site(entry)
                }
            };
            if at == 0 {
                summary.next_hop = arrival;
            }
        }
        Some(summary)
    }
}

/// A legacy group as a node.
fn node(group: GroupRef) -> Option<Node> {
    match group {
        GroupRef::Legacy(group) => Some(Node::RoutingGroup(group)),
        GroupRef::Exchange2007 => None,
    }
}
