//! What 2007 and later servers do with a message, as the checker works it out (RT-2.2, RT-2.3, RT-2.6, RT-2.7, RT-2.11).
//!
//! They look at no failure, so that each is asked once for a recipient and a message.

use std::cmp::Reverse;

use super::distances::{Distances, Tree};
use super::exits::Fit;
use super::ground::{Ground, bridgeheads, home};
use crate::model::{Generation, GroupRef, Message, Node, RoutingGroupIdx, SiteIdx};

/// What servers of one generation in a site do with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It has arrived, leaves the organization, is returned, or waits: it is not handed to another.
    Ends,
    /// It goes to this site.
    To(SiteIdx),
    /// It crosses the connector at this position of [`Ground::arcs`], from this site.
    Over(usize),
}

/// Whom a claim is about.
pub(super) enum Target {
    /// A site or a legacy group.
    Node(Node),
    /// External addresses: the connectors with a space that fits them.
    Outside(Vec<Fit>),
}

/// Who decides.
struct Decider<'d> {
    ground: &'d Ground<'d>,
    distances: &'d Distances<'d>,
    message: &'d Message,
    site: SiteIdx,
    generation: Generation,
    tree: &'d Tree<'d>,
}

/// What becomes of a message in a site whose servers are of `generation`. An error: the certificate does not claim what it
/// takes to tell. O(connectors that fit, or that start at the 2007 group).
pub(super) fn decide(
    ground: &Ground<'_>,
    distances: &Distances<'_>,
    message: &Message,
    target: &Target,
    (site, generation): (SiteIdx, Generation),
) -> Result<Decision, String> {
    let decider = Decider {
        tree: distances.from(ground, site)?,
        ground,
        distances,
        message,
        site,
        generation,
    };
    match target {
        Target::Node(Node::Site(to)) => Ok(decider.to_site(*to)),
        Target::Node(Node::RoutingGroup(to)) => decider.to_group(*to),
        Target::Outside(fitting) => match decider.select(fitting)? {
            Some(Selected::From(site)) => Ok(decider.to_site(site)),
            Some(Selected::In(group)) => decider.to_group(group),
            None => Ok(Decision::Ends),
        },
    }
}

/// Where the selected connector is.
enum Selected {
    From(SiteIdx),
    In(RoutingGroupIdx),
}

/// The best way from a site to a legacy group.
struct Way {
    /// Position of the connector out of the 2007 group.
    first: usize,
    groups_cost: u64,
    site_cost: u64,
    /// The source site of it that is closest.
    source: SiteIdx,
}

impl Decider<'_> {
    fn is_rtm(&self) -> bool {
        self.generation == Generation::Exchange2007Rtm
    }

    /// The size that limits on the way are held against: none of what the system writes, and RTM sees no limit (R62, R63).
    fn size_on_the_way(&self) -> Option<u64> {
        self.message.size_for_2007().filter(|_| !self.is_rtm())
    }

    fn to_site(&self, to: SiteIdx) -> Decision {
        let arrives = to == self.site;
        if arrives || !self.ground.org.has_transport(to) || self.tree.distance(to).is_none() {
            return Decision::Ends;
        }
        let size = self.size_on_the_way();
        if size.is_some_and(|bytes| !self.tree.lets_through(self.ground, to, bytes)) {
            // R68, RT-2.11: returned, and no other path is tried.
            return Decision::Ends;
        }
        Decision::To(self.tree.stop(self.ground, to))
    }

    fn to_group(&self, to: RoutingGroupIdx) -> Result<Decision, String> {
        let Some(way) = self.way(to)? else {
            return Ok(Decision::Ends);
        };
        if let Some(bytes) = self.size_on_the_way()
            && !(self.tree.lets_through(self.ground, way.source, bytes)
                && self.connectors_let_through(&way, to, bytes)?)
        {
            return Ok(Decision::Ends);
        }
        Ok(match way.source == self.site {
            true => Decision::Over(way.first),
            false => Decision::To(self.tree.stop(self.ground, way.source)),
        })
    }

    /// RT-2.7: connectors first, then the site cost of reaching the first of them, then hops unless they do not count, then
    /// names.
    fn way(&self, to: RoutingGroupIdx) -> Result<Option<Way>, String> {
        let ahead = self.distances.to(self.ground, to, self.is_rtm())?;
        let names_alone = self.ground.decisions.legacy_tie_names;
        let mut best: Option<(_, Way)> = None;
        for first in &self.ground.leaving[self.ground.slot_of_2007()] {
            let arc = &self.ground.arcs[*first];
            let sources = arc
                .sources
                .iter()
                .filter_map(|server| self.ground.org.transport_site(*server));
            let (GroupRef::Legacy(next), Some((distance, source))) = (arc.to, self.tree.closest(sources)) else {
                continue;
            };
            let Some((cost, connectors)) = ahead[next.index()] else {
                continue;
            };
            let groups_cost = cost.saturating_add(arc.cost);
            let (hops, connectors) = if names_alone { (0, 0) } else { (distance.1, connectors) };
            let key = (groups_cost, distance.0, hops, connectors, *first);
            if best.as_ref().is_none_or(|(known, _)| key < *known) {
                let way = Way {
                    first: *first,
                    groups_cost,
                    site_cost: distance.0,
                    source,
                };
                best = Some((key, way));
            }
        }
        Ok(best.map(|(_, way)| way))
    }

    /// Whether every connector on the way lets so many bytes through: at each group the lowest name among those that lead on.
    fn connectors_let_through(&self, way: &Way, to: RoutingGroupIdx, bytes: u64) -> Result<bool, String> {
        let ahead = self.distances.to(self.ground, to, self.is_rtm())?;
        let names_alone = self.ground.decisions.legacy_tie_names;
        let mut arc = &self.ground.arcs[way.first];
        loop {
            if !arc.limit.passes(bytes) {
                return Ok(false);
            }
            let GroupRef::Legacy(at) = arc.to else { return Ok(false) };
            if at == to {
                return Ok(true);
            }
            let leads_on = |position: &&usize| {
                let next = &self.ground.arcs[**position];
                let GroupRef::Legacy(group) = next.to else { return false };
                let (Some((cost, connectors)), Some(here)) = (ahead[group.index()], ahead[at.index()]) else {
                    return false;
                };
                let counts = names_alone || connectors.checked_add(1) == Some(here.1);
                !(self.is_rtm() && next.x400) && cost.checked_add(next.cost) == Some(here.0) && counts
            };
            // Each step is nearer, since connectors cost at least 1.
            match self.ground.leaving[at.index()].iter().find(leads_on) {
                Some(position) => arc = &self.ground.arcs[*position],
                None => return Ok(false),
            }
        }
    }

    /// RT-2.6.2, RT-2.6.3: the filters, then specificity, 2007+ before legacy, cost, proximity, hops (2013+), name.
    fn select(&self, fitting: &[Fit]) -> Result<Option<Selected>, String> {
        let mut best = None;
        for fit in fitting {
            let connector = &self.ground.org.connectors()[fit.connector];
            let size = self.message.size_for_2007();
            if size.is_some_and(|bytes| !self.ground.limit(fit.connector).passes(bytes)) {
                continue;
            }
            let found = match home(connector) {
                _ if !connector.kind.is_legacy() => self.reach(fit),
                Some(group) if !connector.scoped && !bridgeheads(self.ground.org, connector).is_empty() => {
                    let way = self.way(group)?;
                    way.map(|way| {
                        let groups_cost = way.groups_cost.saturating_add(fit.cost);
                        let cost = match self.ground.decisions.legacy_cost_sum {
                            true => (groups_cost.saturating_add(way.site_cost), 0),
                            false => (groups_cost, way.site_cost),
                        };
                        ((cost, 0, 0), Selected::In(group))
                    })
                }
                _ => None,
            };
            let Some((standing, selected)) = found else { continue };
            let rank = (
                Reverse(fit.specificity),
                connector.kind.is_legacy(),
                standing,
                fit.connector,
            );
            if best.as_ref().is_none_or(|(known, _)| rank < *known) {
                best = Some((rank, selected));
            }
        }
        Ok(best.map(|(_, selected)| selected))
    }

    /// Cost, proximity and hops of a 2007+ connector, and the site that it is reached in; `None`: it is disabled, out of
    /// scope, or cannot be reached.
    fn reach(&self, fit: &Fit) -> Option<(Standing, Selected)> {
        let connector = &self.ground.org.connectors()[fit.connector];
        let sources = &self.ground.sources[fit.connector.index()];
        let (distance, closest) = self.tree.closest(sources.iter().map(|(_, site)| *site))?;
        let here = closest == self.site;
        if !connector.enabled || (connector.scoped && !here) {
            return None;
        }
        let own = self.ground.server(self.site, self.generation);
        let is_source = sources.iter().any(|(server, _)| Some(*server) == own);
        let proximity = match (here, is_source) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let counts_hops = self.generation >= Generation::Exchange2013;
        let hops = if counts_hops { distance.1 } else { 0 };
        let cost = (distance.0.saturating_add(fit.cost), 0);
        Some(((cost, proximity, hops), Selected::From(closest)))
    }
}

/// What connectors of one specificity and side are ranked by: cost, proximity, hops.
type Standing = ((u64, u64), u8, u64);
