//! Tables of all pairs against searches from every site, which the oracle holds against all simple paths.
//!
//! A difference names its seed; `BRIDGEHEAD_SEEDS=n` or `a..b` asks more of them than the suite does.

mod labels;

use std::fmt::Write as _;
use std::ops::Range;

use bridgehead::graph::CompactSites;
use bridgehead::model::{Organization, SiteIdx};
use bridgehead::route::all_pairs::{AllPairs, RowKey, RowSite};
use bridgehead::route::site_search;
use bridgehead::synth::Shape;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use rayon::prelude::*;

use crate::support::{generated, org};

/// Every answer about every pair that differs, the first of them in words.
fn first_difference(org: &Organization) -> Option<String> {
    let sites = CompactSites::new(org);
    let all = AllPairs::new(&sites).expect("costs that fit");
    let every = || (0..sites.sites()).map(SiteIdx::from_usize);
    let in_rows = || {
        let narrow = first_difference_of_rows::<u32, u16>(&all, sites.sites() % 2 == 1);
        narrow.or_else(|| first_difference_of_rows::<u64, u32>(&all, sites.sites() % 3 == 1))
    };
    let of_pairs = every().find_map(|from| {
        let tree = site_search::search(&sites, from, None);
        every().find_map(|to| {
            let path = tree.path(to).map(|path| path.sites.to_vec());
            let expected = (
                tree.cost(to),
                tree.before(to).map(|(before, _)| before),
                path.as_ref().and_then(|path| path.get(1).copied()),
                path,
            );
            let got = (
                all.cost(from, to),
                all.predecessor(from, to),
                all.next_hop(from, to),
                all.path(from, to),
            );
            (got != expected).then(|| format!("from {from:?} to {to:?}: {got:?}, and a search says {expected:?}"))
        })
    });
    of_pairs.or_else(in_rows)
}

/// The first cell of a row that differs from the answer about the pair, where rows of these numbers are possible.
fn first_difference_of_rows<K: RowKey, S: RowSite>(all: &AllPairs, sorted: bool) -> Option<String> {
    let Some(mut rows) = all.rows::<K, S>() else {
        // Only costs may be too great, and only for 32 bits.
        return (size_of::<K>() > 4).then(|| "keys of 64 bits hold everything".to_owned());
    };
    let columns: Vec<SiteIdx> = rows.columns().collect();
    let mut sources = columns.clone();
    if sorted {
        // Not side by side, so that what sources share is worked out again and again.
        sources.sort_unstable();
    }
    let mut row = rows.buffer();
    sources.into_iter().find_map(|from| {
        rows.fill(from, &mut row);
        columns.iter().enumerate().find_map(|(column, to)| {
            let got = (
                rows.cost(row.keys()[column]),
                row.predecessor(column),
                row.next_hop(column),
            );
            let expected = (all.cost(from, *to), all.predecessor(from, *to), all.next_hop(from, *to));
            (got != expected).then(|| format!("row of {from:?}, column of {to:?}: {got:?} and not {expected:?}"))
        })
    })
}

/// Sites with links of every kind, few costs and many ties.
pub(crate) fn graph(seed: u64) -> String {
    let mut rng = Pcg32::seed_from_u64(seed);
    let sites = match rng.random_range(0..10) {
        0..4 => rng.random_range(1..8),
        4..9 => rng.random_range(4..25),
        _ => rng.random_range(20..120),
    };
    // Names in another order than they are joined in.
    let mut names: Vec<usize> = (0..sites).collect();
    for at in (1..sites).rev() {
        names.swap(at, rng.random_range(0..=at));
    }
    // The greatest do not fit into 32 bits beside the hops.
    let dearest = [1, 2, 3, 10, 100_000, 40_000_000][rng.random_range(0..6)];
    let mut links: Vec<(Vec<usize>, u32)> = Vec::new();
    let mut join = |members: Vec<usize>, cost: u32| links.push((members, cost));
    // Long chains, short ones, or stars.
    let back = [1, 2, 5, 100][rng.random_range(0..4)];
    for site in 1..sites {
        if rng.random_range(0..20) > 0 {
            let near = rng.random_range(site.saturating_sub(back)..site);
            join(vec![near, site], rng.random_range(1..=dearest));
        }
    }
    let more = [0, 1, 2, sites / 4, sites, 3 * sites][rng.random_range(0..6)];
    for _ in 0..more.min(sites * (sites - 1) / 2) {
        let (one, other) = (rng.random_range(0..sites), rng.random_range(0..sites));
        if one != other {
            join(vec![one, other], rng.random_range(1..=dearest));
        }
    }
    for _ in 0..[0, 0, 1, 2, 4][rng.random_range(0..5)] {
        let mut members: Vec<usize> = (0..sites).filter(|_| rng.random_range(0..4) == 0).take(12).collect();
        members.extend((0..3).map(|_| rng.random_range(0..sites)));
        members.sort_unstable();
        members.dedup();
        if members.len() > 2 {
            join(members, rng.random_range(1..=dearest));
        }
    }
    let mut text = String::from("sites: [");
    for name in &names {
        write!(text, "(name: \"S{name:03}\"), ").expect("a text");
    }
    text.push_str("], site_links: [");
    for (at, (members, cost)) in links.iter().enumerate() {
        let members: Vec<String> = members.iter().map(|site| format!("S{:03}", names[*site])).collect();
        write!(
            text,
            "(name: \"L{at:03}\", sites: {members:?}, cost: 1, exchange_cost: {cost}), "
        )
        .expect("a text");
    }
    text.push(']');
    text
}

fn seeds() -> Range<u64> {
    let number = |text: &str| text.parse().expect("BRIDGEHEAD_SEEDS=n or a..b");
    match std::env::var("BRIDGEHEAD_SEEDS") {
        Err(_) => 0..20_000,
        Ok(text) => match text.split_once("..") {
            Some((from, to)) => number(from)..number(to),
            None => 0..number(&text),
        },
    }
}

#[test]
fn tables_say_what_searches_say() {
    let differences = seeds().into_par_iter().filter_map(|seed| {
        let text = graph(seed);
        let difference = first_difference(&org(&text).org)?;
        Some(format!("seed {seed}: {difference}\nin {text}"))
    });
    let first = differences.min_by_key(String::len);
    assert!(first.is_none(), "{}", first.unwrap_or_default());
}

#[test]
fn generated_organizations_are_answered_too() {
    for shape in Shape::ALL {
        let sites = match shape {
            Shape::Clique => 40,
            _ => 300,
        };
        let org = generated(shape, sites, 3);
        let difference = first_difference(&org);
        assert!(
            difference.is_none(),
            "{}: {}",
            shape.name(),
            difference.unwrap_or_default()
        );
    }
}

/// How many rows of each organization the suite asks for; `BRIDGEHEAD_ROWS=n` asks for more.
fn rows_asked() -> usize {
    let more = std::env::var("BRIDGEHEAD_ROWS").map(|text| text.parse().expect("BRIDGEHEAD_ROWS=n"));
    more.unwrap_or(60)
}

#[test]
fn rows_of_ten_thousand_sites_hold_by_their_labels() {
    // The last one has a kernel of nearly all its sites: many tiles, a great matrix, large pages.
    for (shape, sites) in [
        (Shape::HubAndSpoke, 10_000),
        (Shape::DualHub, 10_000),
        (Shape::Clique, 10_000),
        (Shape::Sparse, 2_000),
    ] {
        let org = generated(shape, sites, 5);
        let all = AllPairs::new(&CompactSites::new(&org)).expect("ordinary costs");
        let mut rows = all.rows::<u32, u16>().expect("ordinary costs and few sites");
        let columns: Vec<SiteIdx> = rows.columns().collect();
        let mut row = rows.buffer();
        let mut labels = vec![None; columns.len()];
        for from in columns.iter().step_by(columns.len().div_ceil(rows_asked())) {
            rows.fill(*from, &mut row);
            for (column, site) in columns.iter().enumerate() {
                let length = rows.cost(row.keys()[column]);
                let label = length.map(|length| (length.cost, length.hops));
                labels[site.index()] = label.map(|length| (length, row.predecessor(column), row.next_hop(column)));
            }
            let objection = labels::objection(&org, *from, &labels);
            assert_eq!(objection, None, "{}, from {from:?}", shape.name());
        }
    }
}
