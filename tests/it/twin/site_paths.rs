//! Least-cost paths between sites (RT-2.2): all simple paths, and the best of them by the whole key.

use super::org::Org;
use super::ranking::{Step, rank};

/// The best path between two sites. The path of a site to itself is that site alone, at cost 0.
#[derive(Debug, Clone)]
pub(super) struct SitePath {
    pub(super) sites: Vec<usize>,
    /// The site links crossed, one less than there are sites.
    pub(super) links: Vec<usize>,
    pub(super) cost: u64,
    /// The first criterion that no other path, as a sequence of sites, meets as well (D7).
    pub(super) decided_by: &'static str,
}

impl SitePath {
    pub(super) fn hops(&self) -> usize {
        self.links.len()
    }
}

/// The best path for every ordered pair of sites, `[from][to]`.
pub(super) fn all(org: &Org) -> Vec<Vec<Option<SitePath>>> {
    let adjacent = adjacency(org);
    let sites = 0..org.sites.len();
    sites
        .clone()
        .map(|from| {
            let mut paths_to = vec![Vec::new(); org.sites.len()];
            walk(&adjacent, &mut vec![from], 0, &mut paths_to);
            paths_to.iter().map(|paths| best(org, &adjacent, paths)).collect()
        })
        .collect()
}

/// The link that joins two sites directly, `[a][b]`: the cheapest, then the lowest name (RT-2.1).
fn adjacency(org: &Org) -> Vec<Vec<Option<Hop>>> {
    let sites = 0..org.sites.len();
    let link_between = |a: usize, b: usize| {
        let links = (0..org.links.len())
            .filter(|&link| a != b && [a, b].iter().all(|site| org.links[link].sites.contains(site)));
        let link = links.min_by_key(|&link| (org.links[link].cost, &org.links[link].name))?;
        Some(Hop {
            link,
            cost: org.links[link].cost,
        })
    };
    sites
        .clone()
        .map(|a| sites.clone().map(|b| link_between(a, b)).collect())
        .collect()
}

#[derive(Debug, Clone, Copy)]
struct Hop {
    link: usize,
    cost: u64,
}

/// A simple path: its cost and its sites.
#[derive(Debug, Clone)]
struct Candidate {
    cost: u64,
    sites: Vec<usize>,
}

/// Depth first: notes the path walked so far, and goes on to every neighbour that is not on it.
fn walk(adjacent: &[Vec<Option<Hop>>], path: &mut Vec<usize>, cost: u64, paths_to: &mut [Vec<Candidate>]) {
    let here = *path.last().expect("a path starts somewhere");
    paths_to[here].push(Candidate {
        cost,
        sites: path.clone(),
    });
    for (next, hop) in adjacent[here].iter().enumerate() {
        if let Some(hop) = hop
            && !path.contains(&next)
        {
            path.push(next);
            walk(adjacent, path, cost + hop.cost, paths_to);
            path.pop();
        }
    }
}

fn best(org: &Org, adjacent: &[Vec<Option<Hop>>], paths: &[Candidate]) -> Option<SitePath> {
    // RT-2.2 step 3: the site just before the destination first, then backwards towards the source. Both
    // ends are the same for all.
    let names_backwards = |path: &Candidate| {
        let sites = path.sites.clone();
        sites.into_iter().rev().skip(1).map(|site| &org.sites[site].name)
    };
    let steps: [Step<'_, Candidate>; 3] = [
        ("cost", &|a, b| a.cost.cmp(&b.cost)),
        ("hops", &|a, b| a.sites.len().cmp(&b.sites.len())),
        ("name", &|a, b| names_backwards(a).cmp(names_backwards(b))),
    ];
    let ranking = rank(paths, &steps)?;
    let Candidate { cost, sites } = paths[ranking.winner].clone();
    let link = |pair: &[usize]| adjacent[pair[0]][pair[1]].expect("neighbours on a path").link;
    let links = sites.windows(2).map(link).collect();
    Some(SitePath {
        sites,
        links,
        cost,
        decided_by: ranking.decided_by,
    })
}

/// D10: the one of `sites` that is closest to `from`, with the path to it. `None` when none can be reached.
pub(super) fn closest<'a>(org: &'a Org, from: usize, sites: &[usize]) -> Option<(usize, &'a SitePath)> {
    let reachable = sites
        .iter()
        .filter_map(|&site| Some((site, org.site_paths[from][site].as_ref()?)));
    reachable.min_by_key(|&(site, path)| (path.cost, path.hops(), &org.sites[site].name))
}
