//! Claimed distances, held against every site link and connector, and the paths that follow from them.
//!
//! Nothing is searched. Distances are right when no link offers less and some link offers exactly this: links cost at least
//! 1, so that nothing holds itself up.

use std::collections::BTreeMap;

use super::super::format::{Distance, FromSite, ToGroup};
use super::ground::Ground;
use crate::diagnostic::shortened;
use crate::model::{GroupRef, RoutingGroupIdx, SiteIdx, SiteLinkIdx};

/// From one site: how far every other is, and the last step of the best path there.
pub(super) struct Tree<'c> {
    from: SiteIdx,
    distances: &'c [Option<Distance>],
    /// The site before, and the link between.
    last_step: Vec<Option<(SiteIdx, SiteLinkIdx)>>,
}

/// All distances of a certificate that hold.
pub(super) struct Distances<'c> {
    sites: BTreeMap<SiteIdx, Tree<'c>>,
    groups: BTreeMap<(RoutingGroupIdx, bool), &'c [Option<Distance>]>,
}

impl<'c> Distances<'c> {
    /// Those that hold; what does not is told. O(numbers of the certificate × links of a site, connectors of a group).
    pub(super) fn new(
        ground: &Ground<'_>,
        sites: &'c [FromSite],
        groups: &'c [ToGroup],
        flaw: &mut dyn FnMut(String),
    ) -> Distances<'c> {
        let mut found = Distances {
            sites: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        let named: BTreeMap<&str, SiteIdx> = ground
            .org
            .sites()
            .iter_enumerated()
            .map(|(site, entry)| (entry.name.as_str(), site))
            .collect();
        for claimed in sites {
            let name = shortened(&claimed.from);
            let site = named.get(claimed.from.as_str()).copied();
            let tree = site.and_then(|site| Tree::new(ground, site, &claimed.distances));
            match tree.map(|tree| found.sites.insert(tree.from, tree)) {
                None => flaw(format!("distances from site `{name}` are not the least")),
                Some(Some(_)) => flaw(format!("distances from site `{name}` are there twice")),
                Some(None) => {}
            }
        }
        let named: BTreeMap<&str, RoutingGroupIdx> = ground
            .org
            .routing_groups()
            .iter_enumerated()
            .map(|(group, entry)| (entry.name.as_str(), group))
            .collect();
        for claimed in groups {
            let name = shortened(&claimed.to);
            let group = named.get(claimed.to.as_str()).copied();
            let holds = group.filter(|group| are_least(ground, *group, claimed.rtm, &claimed.distances));
            match holds.map(|group| found.groups.insert((group, claimed.rtm), &claimed.distances)) {
                None => flaw(format!("distances to group `{name}` are not the least")),
                Some(Some(_)) => flaw(format!("distances to group `{name}` are there twice")),
                Some(None) => {}
            }
        }
        found
    }

    /// From a site.
    pub(super) fn from(&self, ground: &Ground<'_>, site: SiteIdx) -> Result<&Tree<'c>, String> {
        let name = || ground.org.sites()[site].name.to_string();
        let tree = self.sites.get(&site);
        tree.ok_or_else(|| format!("there are no distances from site `{}`", name()))
    }

    /// To a legacy group, by group.
    pub(super) fn to(
        &self,
        ground: &Ground<'_>,
        group: RoutingGroupIdx,
        rtm: bool,
    ) -> Result<&'c [Option<Distance>], String> {
        let name = || ground.org.routing_groups()[group].name.to_string();
        let distances = self.groups.get(&(group, rtm)).copied();
        distances.ok_or_else(|| format!("there are no distances to group `{}`", name()))
    }
}

fn further((cost, steps): Distance, more: u64) -> Option<Distance> {
    Some((cost.checked_add(more)?, steps.checked_add(1)?))
}

impl<'c> Tree<'c> {
    /// `None` where the distances are not the least. O(members of all links).
    fn new(ground: &Ground<'_>, from: SiteIdx, distances: &'c [Option<Distance>]) -> Option<Tree<'c>> {
        let org = ground.org;
        if distances.len() != org.sites().len() || distances[from.index()] != Some((0, 0)) {
            return None;
        }
        let mut last_step: Vec<Option<(SiteIdx, SiteLinkIdx)>> = vec![None; distances.len()];
        for (index, link) in org.site_links().iter_enumerated().filter(|(_, link)| link.is_routed()) {
            // The nearest member offers the link to all others; of several the first, since members ascend by name.
            let reached = link
                .sites
                .iter()
                .filter_map(|site| Some((distances[site.index()]?, *site)));
            let Some((nearest, by)) = reached.min() else { continue };
            let offer = further(nearest, u64::from(link.effective_cost()))?;
            for site in &link.sites {
                let distance = distances[site.index()]?;
                if distance > offer {
                    return None;
                }
                if distance == offer {
                    // RT-2.2 step 3: of equally good sites before this one the lowest name, then the lowest link.
                    let step = &mut last_step[site.index()];
                    *step = Some(step.map_or((by, index), |known| known.min((by, index))));
                }
            }
        }
        let attained = |(at, distance): (usize, &Option<Distance>)| {
            distance.is_none() || at == from.index() || last_step[at].is_some()
        };
        distances.iter().enumerate().all(attained).then_some(Tree {
            from,
            distances,
            last_step,
        })
    }

    pub(super) fn distance(&self, site: SiteIdx) -> Option<Distance> {
        self.distances[site.index()]
    }

    /// D10: the closest of several sites.
    pub(super) fn closest(&self, sites: impl Iterator<Item = SiteIdx>) -> Option<(Distance, SiteIdx)> {
        sites.filter_map(|site| Some((self.distance(site)?, site))).min()
    }

    /// Who mail for `site` is handed to: the first hub site on the way that has a transport server, else the site itself
    /// (RT-2.3). O(hops).
    pub(super) fn stop(&self, ground: &Ground<'_>, site: SiteIdx) -> SiteIdx {
        let mut stop = site;
        for (at, _) in self.back_from(site) {
            if at != self.from && ground.org.sites()[at].hub_site && ground.org.has_transport(at) {
                stop = at;
            }
        }
        stop
    }

    /// Whether every link on the way lets so many bytes through (RT-2.11). O(hops).
    pub(super) fn lets_through(&self, ground: &Ground<'_>, site: SiteIdx, bytes: u64) -> bool {
        let limit = |link: SiteLinkIdx| ground.org.site_links()[link].max_message_size;
        self.back_from(site).all(|(_, link)| limit(link).passes(bytes))
    }

    /// The sites before `site` on the way there, the nearest first, each with the link that leads on.
    fn back_from(&self, site: SiteIdx) -> impl Iterator<Item = (SiteIdx, SiteLinkIdx)> + '_ {
        let before = |site: SiteIdx| self.last_step[site.index()];
        std::iter::successors(before(site), move |(at, _)| before(*at))
    }
}

/// Whether these are the least distances to a group over connectors between legacy groups, as RTM sees them or later versions.
fn are_least(ground: &Ground<'_>, to: RoutingGroupIdx, rtm: bool, distances: &[Option<Distance>]) -> bool {
    if distances.len() != ground.org.routing_groups().len() || distances[to.index()] != Some((0, 0)) {
        return false;
    }
    let mut attained = vec![false; distances.len()];
    attained[to.index()] = true;
    for arc in ground.arcs.iter().filter(|arc| !(rtm && arc.x400)) {
        let (GroupRef::Legacy(at), GroupRef::Legacy(next)) = (arc.from, arc.to) else {
            continue;
        };
        let Some(ahead) = distances[next.index()] else { continue };
        match (distances[at.index()], further(ahead, arc.cost)) {
            (Some(distance), Some(offer)) if distance <= offer => attained[at.index()] |= distance == offer,
            _ => return false,
        }
    }
    distances
        .iter()
        .zip(attained)
        .all(|(distance, attained)| distance.is_none() || attained)
}
