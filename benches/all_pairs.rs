//! Tables of all pairs in large organizations, beside peers on the same graphs in the same run.
//!
//! Ours is the whole of it: after "all sites" any of the n² questions is answered in constant time, with hops and names. The
//! peers' lines are one source, of which a table takes n (johnson: all sources); petgraph and pathfinding give distances on the expanded graph, and
//! our own search ties, what decided and paths. Read the ratios, n times the one against the other, and the growth.

#[path = "support/dijkstra.rs"]
mod dijkstra;
mod support;

use std::hint::black_box;

use bridgehead::graph::CompactSites;
use bridgehead::model::SiteIdx;
use bridgehead::route::all_pairs::AllPairs;
use bridgehead::route::site_search;
use bridgehead::synth::Shape;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use petgraph::graph::NodeIndex;

use support::{expanded, neighbours, organization};

fn all_pairs(criterion: &mut Criterion) {
    for (shape, sizes) in [
        (Shape::HubAndSpoke, &[1_000, 10_000, 50_000][..]),
        (Shape::MultiTier, &[1_000, 10_000][..]),
        (Shape::DualHub, &[1_000, 5_000][..]),
        // The peers' graph has a link for every two sites: of ten thousand it takes some gigabytes.
        (Shape::BigLink, &[1_000, 2_000, 10_000][..]),
        (Shape::Sparse, &[1_000, 5_000][..]),
        (Shape::Mesh, &[1_000][..]),
    ] {
        let mut group = criterion.benchmark_group(format!("all pairs, {}", shape.name()));
        group.sample_size(10);
        for &sites in sizes {
            let org = organization(shape, sites);
            let compact = CompactSites::new(&org);
            let source = SiteIdx::from_usize(org.sites().len() / 2);
            group.bench_function(BenchmarkId::new("all sites", sites), |bencher| {
                bencher.iter(|| AllPairs::new(&compact));
            });
            let all = AllPairs::new(&compact).expect("ordinary costs");
            rows(&mut group, &all, sites);
            let (mut from, mut to) = (0, 0);
            group.bench_function(BenchmarkId::new("one question: cost, next hop", sites), |bencher| {
                bencher.iter(|| {
                    // Steps that share no factor with most sizes, so that questions jump about.
                    from = (from + 7_919) % org.sites().len();
                    to = (to + 104_729) % org.sites().len();
                    let pair = [from, to].map(SiteIdx::from_usize);
                    (all.cost(pair[0], pair[1]), all.next_hop(pair[0], pair[1]))
                });
            });
            group.bench_function(BenchmarkId::new("one source, our search", sites), |bencher| {
                bencher.iter(|| site_search::search(&compact, source, None));
            });
            let expanded = expanded(&org);
            let start = NodeIndex::new(source.index());
            let adjacency = dijkstra::Adjacency::new(&expanded);
            group.bench_function(BenchmarkId::new("one source, plain binary heap", sites), |bencher| {
                bencher.iter(|| adjacency.dijkstra(source.index()));
            });
            if sites <= 1_000 {
                group.bench_function(BenchmarkId::new("all sources, petgraph johnson", sites), |bencher| {
                    bencher.iter(|| petgraph::algo::johnson(&expanded, |edge| *edge.weight()));
                });
            }
            group.bench_function(BenchmarkId::new("one source, petgraph spfa", sites), |bencher| {
                bencher.iter(|| petgraph::algo::spfa(&expanded, start, |edge| *edge.weight()));
            });
            group.bench_function(BenchmarkId::new("one source, petgraph dijkstra", sites), |bencher| {
                bencher.iter(|| petgraph::algo::dijkstra(&expanded, start, None, |edge| *edge.weight()));
            });
            group.bench_function(
                BenchmarkId::new("one source, pathfinding dijkstra_all", sites),
                |bencher| {
                    let neighbours = |site: &usize| neighbours(&expanded, *site);
                    bencher.iter(|| pathfinding::prelude::dijkstra_all(&source.index(), neighbours));
                },
            );
        }
        group.finish();
    }
}

/// Every row, one after the other into the same memory; and as much memory filled as they are together.
fn rows(group: &mut BenchmarkGroup<'_, WallTime>, all: &AllPairs, sites: u32) {
    let mut rows = all.rows::<u32, u16>().expect("ordinary costs, fewer sites than 65,536");
    let sources: Vec<SiteIdx> = rows.columns().collect();
    let mut row = rows.buffer();
    group.bench_function(BenchmarkId::new("every row", sites), |bencher| {
        bencher.iter(|| {
            for from in &sources {
                rows.fill(*from, &mut row);
                black_box(&mut row);
            }
        });
    });
    if sites > 10_000 {
        // Twenty gigabytes: more than a bench should ask for.
        return;
    }
    let mut memory = vec![0_u8; 8 * sources.len() * sources.len()];
    let mut value = 0;
    group.bench_function(BenchmarkId::new("filling 8 bytes a pair", sites), |bencher| {
        bencher.iter(|| {
            value = u8::wrapping_add(value, 1);
            black_box(&mut memory).fill(value);
        });
    });
}

criterion_group!(benches, all_pairs);
criterion_main!(benches);
