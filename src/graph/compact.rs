//! Sites and their links as flat arrays.

use oxc_index::IndexVec;

use crate::model::{Organization, SiteIdx, SiteLinkIdx};

/// The routed site links (D6) in both directions: which sites a link has, which links a site has.
///
/// Size is linear in the memberships; a link is never expanded to its pairs. Most links have two sites: from the one, such
/// a link is a step to the other, and steps lie side by side. Links of more sites are *wide*.
#[derive(Clone, Debug)]
pub struct CompactSites {
    /// `members[link_start[l] .. link_start[l + 1]]` are the sites of link `l`, ascending; none for a link without effect.
    members: Vec<SiteIdx>,
    link_start: Vec<u32>,
    link_cost: IndexVec<SiteLinkIdx, u32>,
    dearest: u32,
    /// `links[site_start[s] .. site_start[s + 1]]` are the routed links of site `s`, ascending.
    links: Vec<SiteLinkIdx>,
    site_start: Vec<u32>,
    /// `steps[step_start[s] .. step_start[s + 1]]` are the links of site `s` that have one other site, ascending.
    steps: Vec<Step>,
    step_start: Vec<u32>,
    /// Links of more than two sites, ascending.
    wide: Vec<SiteLinkIdx>,
    /// `wide_links[wide_start[s] .. wide_start[s + 1]]` are those of site `s`: positions in `wide`, ascending.
    wide_links: Vec<u32>,
    wide_start: Vec<u32>,
}

/// From one site of a two-site link to the other.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The other site.
    pub to: SiteIdx,
    /// The link.
    pub link: SiteLinkIdx,
    /// Its effective cost (RT-2.1).
    pub cost: u32,
}

impl CompactSites {
    /// The arrays of an organization. O(sites + memberships).
    pub fn new(org: &Organization) -> CompactSites {
        CompactSites::without(org, &[])
    }

    /// The same as if some site links had no effect. O(sites + memberships × links that are left out).
    pub fn without(org: &Organization, left_out: &[SiteLinkIdx]) -> CompactSites {
        let all = org.site_links().iter_enumerated();
        let routed: IndexVec<SiteLinkIdx, bool> = all
            .map(|(index, link)| link.is_routed() && !left_out.contains(&index))
            .collect();
        let mut members = Vec::new();
        let mut link_start = Vec::with_capacity(org.site_links().len() + 1);
        let mut per_site: IndexVec<SiteIdx, u32> = org.sites().iter().map(|_| 0).collect();
        for (index, link) in org.site_links().iter_enumerated() {
            link_start.push(offset(members.len()));
            if routed[index] {
                members.extend_from_slice(&link.sites);
                link.sites.iter().for_each(|site| per_site[*site] += 1);
            }
        }
        link_start.push(offset(members.len()));

        let mut site_start = Vec::with_capacity(org.sites().len() + 1);
        let mut total = 0;
        for count in &per_site {
            site_start.push(total);
            total += count;
        }
        site_start.push(total);
        let mut links = vec![SiteLinkIdx::from_usize(0); total as usize];
        let mut filled = site_start.clone();
        for (index, link) in org.site_links().iter_enumerated().filter(|(index, _)| routed[*index]) {
            for site in &link.sites {
                let next = &mut filled[site.index()];
                links[*next as usize] = index;
                *next += 1;
            }
        }
        let mut compact = CompactSites {
            members,
            link_start,
            dearest: org
                .site_links()
                .iter_enumerated()
                .filter(|(index, _)| routed[*index])
                .map(|(_, link)| link.effective_cost())
                .max()
                .unwrap_or(0),
            link_cost: org.site_links().iter().map(|link| link.effective_cost()).collect(),
            links,
            site_start,
            steps: Vec::new(),
            step_start: Vec::with_capacity(org.sites().len() + 1),
            wide: Vec::new(),
            wide_links: Vec::new(),
            wide_start: Vec::with_capacity(org.sites().len() + 1),
        };
        compact.sort_by_width();
        compact
    }

    /// Fills `steps` and what is wide from the rest.
    fn sort_by_width(&mut self) {
        let mut position = vec![0; self.links()];
        for (link, at) in position.iter_mut().enumerate() {
            let link = SiteLinkIdx::from_usize(link);
            if self.members(link).len() > 2 {
                *at = offset(self.wide.len());
                self.wide.push(link);
            }
        }
        for site in (0..self.sites()).map(SiteIdx::from_usize) {
            self.step_start.push(offset(self.steps.len()));
            self.wide_start.push(offset(self.wide_links.len()));
            let (mut steps, mut wide) = (Vec::new(), Vec::new());
            for link in self.links_of(site) {
                match *self.members(*link) {
                    [a, b] => steps.push(Step {
                        to: if a == site { b } else { a },
                        link: *link,
                        cost: self.cost(*link),
                    }),
                    _ => wide.push(position[link.index()]),
                }
            }
            self.steps.append(&mut steps);
            self.wide_links.append(&mut wide);
        }
        self.step_start.push(offset(self.steps.len()));
        self.wide_start.push(offset(self.wide_links.len()));
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.site_start.len() - 1
    }

    /// Number of site links, those without effect included.
    pub fn links(&self) -> usize {
        self.link_cost.len()
    }

    /// The greatest effective cost of a routed link; 0 when there is none.
    pub fn dearest(&self) -> u32 {
        self.dearest
    }

    /// The sites of a routed link, ascending; none for a link without effect.
    pub fn members(&self, link: SiteLinkIdx) -> &[SiteIdx] {
        let at = link.index();
        &self.members[self.link_start[at] as usize..self.link_start[at + 1] as usize]
    }

    /// The routed links of a site, ascending.
    pub fn links_of(&self, site: SiteIdx) -> &[SiteLinkIdx] {
        let at = site.index();
        &self.links[self.site_start[at] as usize..self.site_start[at + 1] as usize]
    }

    /// The links of a site that have one other site, ascending.
    pub fn steps_from(&self, site: SiteIdx) -> &[Step] {
        let at = site.index();
        &self.steps[self.step_start[at] as usize..self.step_start[at + 1] as usize]
    }

    /// Links of more than two sites, ascending.
    pub fn wide(&self) -> &[SiteLinkIdx] {
        &self.wide
    }

    /// Those of a site, as positions in [`CompactSites::wide`], ascending.
    pub fn wide_links_of(&self, site: SiteIdx) -> &[u32] {
        let at = site.index();
        &self.wide_links[self.wide_start[at] as usize..self.wide_start[at + 1] as usize]
    }

    /// Effective cost of a link (RT-2.1).
    pub fn cost(&self, link: SiteLinkIdx) -> u32 {
        self.link_cost[link]
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("fewer memberships than bytes of input, which is limited")
}
