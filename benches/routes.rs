//! One sender's routes in a large organization, beside petgraph's `dijkstra` on the same graph in the same run.
//!
//! Ours answers more: ties by hops and names, what decided, and next hops past hub sites; petgraph's gives distances. Read
//! the ratios between lines of one group, and the growth between groups, never the times themselves.

#[path = "support/dijkstra.rs"]
mod dijkstra;
mod support;

use bridgehead::model::{FailureSet, Message, Node, Organization, SiteIdx};
use bridgehead::route::{Graphs, Options, Sender, View, next_stops, site_search};
use bridgehead::synth::Shape;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use petgraph::graph::NodeIndex;

use dijkstra::Adjacency;
use support::{expanded, neighbours, organization};

/// The last site by name, the first one, and one in the middle.
fn sources(org: &Organization) -> [SiteIdx; 3] {
    let last = org.sites().len() - 1;
    [0, last / 2, last].map(SiteIdx::from_usize)
}

fn one_source(criterion: &mut Criterion) {
    for (shape, sizes) in [
        (Shape::MultiTier, &[1_000, 3_000, 10_000][..]),
        (Shape::Clique, &[500, 1_000, 2_000][..]),
        (Shape::Sparse, &[1_000, 10_000][..]),
        (Shape::Coexistence, &[1_000, 3_000, 10_000][..]),
    ] {
        let mut group = criterion.benchmark_group(format!("one source, {}", shape.name()));
        group.sample_size(20);
        for &sites in sizes {
            let org = organization(shape, sites);
            let graphs = Graphs::new(&org);
            let expanded = expanded(&org);
            let sources = sources(&org);
            group.bench_function(BenchmarkId::new("ties, what decided, next hops", sites), |bencher| {
                bencher.iter(|| {
                    sources.map(|source| {
                        let tree = site_search::search(&graphs.sites, source, None);
                        next_stops(&org, &tree)
                    })
                });
            });
            let adjacency = Adjacency::new(&expanded);
            group.bench_function(BenchmarkId::new("plain binary heap, predecessors", sites), |bencher| {
                bencher.iter(|| sources.map(|source| adjacency.dijkstra(source.index())));
            });
            group.bench_function(BenchmarkId::new("petgraph dijkstra, distances", sites), |bencher| {
                bencher.iter(|| {
                    sources.map(|source| {
                        petgraph::algo::dijkstra(&expanded, NodeIndex::new(source.index()), None, |edge| *edge.weight())
                    })
                });
            });
            group.bench_function(
                BenchmarkId::new("pathfinding dijkstra_all, parents", sites),
                |bencher| {
                    let neighbours = |site: &usize| neighbours(&expanded, *site);
                    bencher
                        .iter(|| sources.map(|source| pathfinding::prelude::dijkstra_all(&source.index(), neighbours)));
                },
            );
            let (message, down) = (Message::default(), FailureSet::default());
            let view = View::new(&org, &graphs, Options::default(), &message, &down);
            group.bench_function(
                BenchmarkId::new("whole table with paths and back-off", sites),
                |bencher| {
                    bencher.iter(|| {
                        sources
                            .map(|source| Sender::node(&org, Node::Site(source)).map(|sender| view.table(sender).len()))
                    });
                },
            );
        }
        group.finish();
    }
}

criterion_group!(benches, one_source);
criterion_main!(benches);
