//! The list of failures that a sweep goes through, numbered without gaps.

use std::ops::Range;

use crate::model::{Organization, SiteIdx, SiteLinkIdx};

/// One entry of [`Failures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// A site link, of however many sites.
    Link(SiteLinkIdx),
    /// A site with all its links.
    Site(SiteIdx),
    /// Two site links, the lower name first.
    Links(SiteLinkIdx, SiteLinkIdx),
}

/// Every failure of a sweep by number: each site link that has an effect (D6) in name order, each site in name order, and, when
/// two may fail at a time, every two of these links in name order.
///
/// Numbers have no gaps, so that a range of them is a part of the work (V39).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    links: Vec<SiteLinkIdx>,
    sites: u64,
    twos: bool,
}

impl Failures {
    /// The list of an organization; with every two site links when `twos`. O(links).
    pub fn new(org: &Organization, twos: bool) -> Failures {
        let routed = org.site_links().iter_enumerated().filter(|(_, link)| link.is_routed());
        Failures {
            links: routed.map(|(link, _)| link).collect(),
            sites: org.sites().len() as u64,
            twos,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.singles()
            + if self.twos {
                triangle(self.links.len() as u64)
            } else {
                0
            }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All numbers.
    pub fn all(&self) -> Range<u64> {
        0..self.len()
    }

    /// The failure of a number below [`Failures::len`]. O(1).
    ///
    /// # Panics
    /// When there is no such number.
    pub fn get(&self, number: u64) -> Failure {
        assert!(number < self.len(), "failures are numbered from 0 to {}", self.len());
        let links = self.links.len() as u64;
        if number < links {
            return Failure::Link(self.link(number));
        }
        if number < self.singles() {
            let site = usize::try_from(number - links).expect("sites fit in memory");
            return Failure::Site(SiteIdx::from_usize(site));
        }
        // Counted from the end, pairs of the last links come first, and pairs of the last `k` links are a triangle.
        let from_end = self.len() - 1 - number;
        let row = (8 * from_end + 1).isqrt().div_ceil(2);
        let row = if triangle(row) > from_end { row - 1 } else { row };
        let first = links - 1 - row;
        let second = links - 1 - (from_end - triangle(row));
        Failure::Links(self.link(first), self.link(second))
    }

    fn singles(&self) -> u64 {
        self.links.len() as u64 + self.sites
    }

    fn link(&self, at: u64) -> SiteLinkIdx {
        self.links[usize::try_from(at).expect("links fit in memory")]
    }
}

/// How many pairs there are of `n` things.
fn triangle(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_list_written_out() {
        for links in 0..40_u32 {
            let failures = Failures {
                links: (0..links).map(|link| SiteLinkIdx::from_raw(2 * link)).collect(),
                sites: 3,
                twos: true,
            };
            let mut listed: Vec<Failure> = failures.links.iter().map(|link| Failure::Link(*link)).collect();
            listed.extend((0..3).map(|site| Failure::Site(SiteIdx::from_raw(site))));
            for (at, first) in failures.links.iter().enumerate() {
                let later = failures.links[at + 1..].iter();
                listed.extend(later.map(|second| Failure::Links(*first, *second)));
            }
            let got: Vec<Failure> = failures.all().map(|number| failures.get(number)).collect();
            assert_eq!(got, listed, "{links} links");
        }
    }

    #[test]
    fn a_million_links_are_numbered_too() {
        let links = 1_000_000_u32;
        let failures = Failures {
            links: (0..links).map(SiteLinkIdx::from_raw).collect(),
            sites: 0,
            twos: true,
        };
        let first_pair = u64::from(links);
        let pair = |a, b| Failure::Links(SiteLinkIdx::from_raw(a), SiteLinkIdx::from_raw(b));
        assert_eq!(failures.get(first_pair), pair(0, 1));
        assert_eq!(failures.get(first_pair + u64::from(links) - 2), pair(0, links - 1));
        assert_eq!(failures.get(first_pair + u64::from(links) - 1), pair(1, 2));
        assert_eq!(failures.get(failures.len() - 1), pair(links - 2, links - 1));
        assert_eq!(failures.get(failures.len() - 2), pair(links - 3, links - 1));
    }
}
