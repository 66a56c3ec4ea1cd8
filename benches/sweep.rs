//! Every failure of site links and of sites in organizations of a growing size, and every two site links of small ones.
//!
//! Criterion shows how many failures are decided in a second. `tables` is what is computed once.

#[path = "support/organization.rs"]
mod organization;

use std::convert::Infallible;

use bridgehead::route::{Graphs, Options};
use bridgehead::synth::Shape;
use bridgehead::verify::{Engine, Failures, Sweep};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use organization::organization;

fn swept(engine: &Engine<'_>, numbers: std::ops::Range<u64>) -> Sweep {
    let told = |_: &_, _: &[_]| Ok::<(), Infallible>(());
    engine.sweep(numbers, 10, false, told).expect("nothing can go wrong")
}

fn every_failure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("every failure");
    group.sample_size(10);
    for (shape, sizes) in [
        (Shape::HubAndSpoke, &[1_000, 10_000][..]),
        (Shape::MultiTier, &[1_000]),
        (Shape::DualHub, &[1_000]),
        (Shape::Sparse, &[500]),
    ] {
        for &sites in sizes {
            let org = organization(shape, sites);
            let graphs = Graphs::new(&org);
            let name = |what: &str| BenchmarkId::new(format!("{}, {what}", shape.name()), sites);
            let tables = || Engine::new(&org, &graphs, Options::default(), Failures::new(&org, false));
            group.bench_function(name("tables"), |bencher| bencher.iter(tables));
            let engine = tables();
            let links = org.site_links().len() as u64;
            group.throughput(Throughput::Elements(links));
            group.bench_function(name("site links"), |bencher| bencher.iter(|| swept(&engine, 0..links)));
            group.throughput(Throughput::Elements(org.sites().len() as u64));
            let all = engine.failures().len();
            group.bench_function(name("sites"), |bencher| bencher.iter(|| swept(&engine, links..all)));
        }
    }
    group.finish();
}

fn every_two(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("every two site links");
    group.sample_size(10);
    for sites in [100, 400] {
        let org = organization(Shape::HubAndSpoke, sites);
        let graphs = Graphs::new(&org);
        let engine = Engine::new(&org, &graphs, Options::default(), Failures::new(&org, true));
        let all = engine.failures().all();
        let twos = all.start + (org.site_links().len() + org.sites().len()) as u64..all.end;
        group.throughput(Throughput::Elements(twos.end - twos.start));
        group.bench_function(BenchmarkId::from_parameter(sites), |bencher| {
            bencher.iter(|| swept(&engine, twos.clone()));
        });
    }
    group.finish();
}

criterion_group!(benches, every_failure, every_two);
criterion_main!(benches);
