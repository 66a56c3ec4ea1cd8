//! Instructions that tables of all pairs take, counted by valgrind: the same in every run, so that a change of one in a hundred
//! shows, beside the counts of the run before.
//!
//! Needs valgrind and the runner of the same version as the library (`cargo install gungraun-runner --version 0.20.0`);
//! `cargo bench --bench instructions` prints old and new. Valgrind stands in for the processor and knows no wide vectors of
//! newer ones: counts are of the kernel that is chosen there.

#![expect(missing_docs, reason = "the macros make public items")]

#[path = "support/organization.rs"]
mod organization;

use std::hint::black_box;

use bridgehead::graph::CompactSites;
use bridgehead::model::SiteIdx;
use bridgehead::route::all_pairs::AllPairs;
use bridgehead::synth::Shape;
use gungraun::prelude::*;
use organization::organization;

fn sites(shape: Shape, sites: u32) -> CompactSites {
    CompactSites::new(&organization(shape, sites))
}

fn tables(shape: Shape, count: u32) -> (AllPairs, usize) {
    let sites = sites(shape, count);
    (AllPairs::new(&sites).expect("ordinary costs"), sites.sites())
}

#[library_benchmark]
#[bench::hub_and_spoke_1000(args = (Shape::HubAndSpoke, 1_000), setup = sites)]
#[bench::hub_and_spoke_10000(args = (Shape::HubAndSpoke, 10_000), setup = sites)]
#[bench::multi_tier_1000(args = (Shape::MultiTier, 1_000), setup = sites)]
#[bench::dual_hub_1000(args = (Shape::DualHub, 1_000), setup = sites)]
#[bench::mesh_500(args = (Shape::Mesh, 500), setup = sites)]
#[bench::sparse_500(args = (Shape::Sparse, 500), setup = sites)]
#[bench::clique_1000(args = (Shape::Clique, 1_000), setup = sites)]
#[bench::big_link_1000(args = (Shape::BigLink, 1_000), setup = sites)]
fn ready(sites: CompactSites) -> Option<AllPairs> {
    black_box(AllPairs::new(&sites))
}

#[library_benchmark]
#[bench::hub_and_spoke_1000(args = (Shape::HubAndSpoke, 1_000), setup = tables)]
#[bench::dual_hub_1000(args = (Shape::DualHub, 1_000), setup = tables)]
#[bench::sparse_500(args = (Shape::Sparse, 500), setup = tables)]
#[bench::big_link_1000(args = (Shape::BigLink, 1_000), setup = tables)]
fn ten_thousand_questions((all, sites): (AllPairs, usize)) -> AllPairs {
    for at in 0..10_000 {
        let [from, to] = [at * 7_919 % sites, at * 104_729 % sites].map(SiteIdx::from_usize);
        black_box((all.cost(from, to), all.next_hop(from, to)));
    }
    all
}

library_benchmark_group!(name = all_pairs, benchmarks = [ready, ten_thousand_questions]);
main!(library_benchmark_groups = all_pairs);
