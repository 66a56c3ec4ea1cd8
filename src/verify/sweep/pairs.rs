//! Pair by pair: two searches from every site, one of them without what failed.
//!
//! This is the slow way to what [`Engine`](super::Engine) counts. It knows every path, so that it can say where mail goes instead, and where it
//! waits when sites halve their back-off.

use fixedbitset::FixedBitSet;
use rayon::prelude::*;

use super::failures::Failure;
use super::outcome::{After, Outcome, PairChange};
use crate::graph::CompactSites;
use crate::model::{Generation, Node, Organization, SiteIdx, SiteLinkIdx};
use crate::route::site_search::{self, SitePath};
use crate::route::{Backoff, Options};

/// What failed, and the sites and links that are left.
struct Gone {
    links: Vec<SiteLinkIdx>,
    site: Option<SiteIdx>,
    left: CompactSites,
    closed: FixedBitSet,
}

impl Gone {
    fn new(org: &Organization, failure: Failure) -> Gone {
        let (links, site) = match failure {
            Failure::Link(link) => (vec![link], None),
            Failure::Links(first, second) => (vec![first, second], None),
            Failure::Site(site) => (Vec::new(), Some(site)),
        };
        let mut closed = FixedBitSet::with_capacity(org.sites().len());
        site.into_iter().for_each(|site| closed.insert(site.index()));
        Gone {
            left: CompactSites::without(org, &links),
            links,
            site,
            closed,
        }
    }

    /// How many sites of a path come before what failed; `None` when the path does not cross it.
    fn reached(&self, path: &SitePath) -> Option<usize> {
        let crossed = |at: &usize| self.links.contains(&path.links[*at]) || self.site == Some(path.sites[at + 1]);
        (0..path.links.len()).find(crossed).map(|at| at + 1)
    }
}

/// Every pair whose path crosses what failed, in table order.
pub(super) fn pairs(org: &Organization, graph: &CompactSites, options: Options, failure: Failure) -> Vec<PairChange> {
    let gone = Gone::new(org, failure);
    let routers = || {
        let sites = org.sites().iter_enumerated().map(|(site, _)| site);
        sites.filter(|site| org.is_router(Node::Site(*site)) && gone.site != Some(*site))
    };
    let senders: Vec<SiteIdx> = routers().collect();
    let from_each = senders.par_iter().map(|from| {
        let tree = site_search::search(graph, *from, None);
        let mut without = None;
        let mut found = Vec::new();
        for to in routers().filter(|to| to != from) {
            let Some(path) = tree.path(to) else { continue };
            let Some(reached) = gone.reached(&path) else { continue };
            let without = without.get_or_insert_with(|| site_search::search(&gone.left, *from, Some(&gone.closed)));
            found.push(PairChange {
                from: *from,
                to,
                queued_at: waits_at(org, options, &path, reached),
                before: tree.cost(to).expect("there is a path"),
                after: without.path(to).map(|path| After {
                    key: without.cost(to).expect("there is a path"),
                    path: path.sites.to_vec(),
                    links: path.links.to_vec(),
                }),
            });
        }
        found
    });
    from_each.collect::<Vec<_>>().concat()
}

/// The same, counted.
pub(super) fn outcome(org: &Organization, graph: &CompactSites, options: Options, failure: Failure) -> Outcome {
    let mut outcome = Outcome::default();
    let mut waits = vec![0_u64; org.sites().len()];
    for change in pairs(org, graph, options, failure) {
        waits[change.queued_at.index()] += 1;
        match change.after {
            None => outcome.lost += 1,
            Some(after) => outcome.add_moved(1, change.before, after.key, (change.from.raw(), change.to.raw())),
        }
    }
    if let Failure::Site(site) = failure
        && org.is_router(Node::Site(site))
    {
        let tree = site_search::search(graph, site, None);
        let reached = tree.order().iter().filter(|site| org.is_router(Node::Site(**site)));
        outcome.ends = 2 * (reached.count() as u64 - 1);
    }
    let sites = org.sites().iter_enumerated().map(|(site, _)| site);
    let queues = sites.map(|site| (site.raw(), waits[site.index()]));
    outcome.queues = queues.filter(|(_, pairs)| *pairs > 0).collect();
    outcome
}

/// Where mail waits that gets no further than the first `reached` sites of its path (RT-2.4, D9, D38, D39): each holder tries the
/// first hub site on the rest of the path, or its end, then the sites before that.
fn waits_at(org: &Organization, options: Options, path: &SitePath, reached: usize) -> SiteIdx {
    let last = path.sites.len() - 1;
    let mut holder = 0;
    loop {
        let is_hub = |at: &usize| org.sites()[path.sites[*at]].hub_site && org.has_transport(path.sites[*at]);
        let stop = (holder + 1..last).find(is_hub).unwrap_or(last);
        if stop < reached {
            holder = stop;
            continue;
        }
        let halves = options.backoff == Backoff::Binary
            && last - holder > 4
            && org
                .site_generation(path.sites[holder])
                .is_some_and(|generation| generation < Generation::Exchange2013);
        let tried: Vec<usize> = match halves {
            true => std::iter::successors(Some((stop - holder) / 2), |half| Some(half / 2))
                .take_while(|half| *half > 0)
                .map(|half| holder + half)
                .collect(),
            false => (holder + 1..stop).rev().collect(),
        };
        let answers = |at: &usize| *at < reached && org.has_transport(path.sites[*at]);
        match tried.into_iter().find(answers) {
            Some(taken) => holder = taken,
            None => return path.sites[holder],
        }
    }
}
