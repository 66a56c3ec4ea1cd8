//! Whether a row is right, told from the row and the links alone, without searching.
//!
//! Every link holds: no site of it is farther than the nearest of them and the link. So no label is greater than the best path. And every site but
//! the source has a site before it whose label and a link add up to its own. So labels are lengths of paths, and no smaller. What is
//! before a site is then the lowest-named of those that fit (RT-2.2 step 3), and what comes first is what comes first before that.

use bridgehead::model::{Organization, SiteIdx};

/// What a row says of a site: cost and hops, the site before, the first site.
pub(crate) type Label = Option<((u64, u32), Option<SiteIdx>, Option<SiteIdx>)>;

/// What is wrong with the labels of all sites, by index, as seen from one; `None`: nothing. O(memberships).
pub(crate) fn objection(org: &Organization, from: SiteIdx, labels: &[Label]) -> Option<String> {
    let length = |site: SiteIdx| labels[site.index()].map(|(length, ..)| length);
    if labels[from.index()] != Some(((0, 0), None, None)) {
        return Some(format!("{from:?} is the source: {:?}", labels[from.index()]));
    }
    // By site, the lowest-named site before it that fits.
    let mut before: Vec<Option<SiteIdx>> = vec![None; labels.len()];
    for link in org.site_links().iter().filter(|link| link.is_routed()) {
        let reached = link.sites.iter().filter_map(|site| Some((length(*site)?, *site)));
        // The nearest, and of those the lowest name.
        let Some(((cost, hops), nearest)) = reached.min() else {
            continue;
        };
        let over = (cost + u64::from(link.effective_cost()), hops + 1);
        for site in &link.sites {
            match length(*site) {
                None => return Some(format!("{site:?} is beside {nearest:?} and not reached")),
                Some(length) if length > over => return Some(format!("{site:?} is nearer over {nearest:?}")),
                Some(length) if length == over => {
                    let known = &mut before[site.index()];
                    *known = Some(known.map_or(nearest, |known| known.min(nearest)));
                }
                Some(_) => {}
            }
        }
    }
    for (site, label) in (0..).map(SiteIdx::from_raw).zip(labels) {
        let Some((_, predecessor, next_hop)) = label else {
            continue;
        };
        if *predecessor != before[site.index()] || (predecessor.is_none() && site != from) {
            return Some(format!(
                "{site:?}: {predecessor:?} is not before it, {:?} is",
                before[site.index()]
            ));
        }
        let first = predecessor.map(|before| match before == from {
            true => Some(site),
            false => labels[before.index()].and_then(|(.., first)| first),
        });
        if site != from && first != Some(*next_hop) {
            return Some(format!("{site:?}: {next_hop:?} does not come first, {first:?} does"));
        }
    }
    None
}

#[test]
fn labels_that_are_wrong_anywhere_are_objected_to() {
    let org = crate::support::org(
        r#"sites: [(name: "A"), (name: "B"), (name: "C"), (name: "D"), (name: "E")], site_links: [
            (name: "1", sites: ["A", "B"], cost: 1), (name: "2", sites: ["A", "C"], cost: 1), (name: "3", sites: ["B", "C", "D"], cost: 2)]"#,
    )
    .org;
    let site = |at: usize| SiteIdx::from_usize(at);
    let right: Vec<Label> = vec![
        Some(((0, 0), None, None)),
        Some(((1, 1), Some(site(0)), Some(site(1)))),
        Some(((1, 1), Some(site(0)), Some(site(2)))),
        Some(((3, 2), Some(site(1)), Some(site(1)))),
        None,
    ];
    assert_eq!(objection(&org, site(0), &right), None);
    let wrong: [(usize, Label); 9] = [
        (0, Some(((0, 0), None, Some(site(1))))),
        (1, Some(((2, 1), Some(site(0)), Some(site(1))))),
        (2, Some(((1, 0), Some(site(0)), Some(site(2))))),
        (3, None),
        (3, Some(((3, 2), Some(site(2)), Some(site(2))))),
        (3, Some(((3, 2), Some(site(1)), Some(site(2))))),
        (3, Some(((3, 2), None, None))),
        (3, Some(((2, 2), Some(site(1)), Some(site(1))))),
        (4, Some(((1, 1), Some(site(0)), Some(site(4))))),
    ];
    for (at, label) in wrong {
        let mut labels = right.clone();
        labels[at] = label;
        assert!(objection(&org, site(0), &labels).is_some(), "{at}: {label:?}");
    }
}
