//! `lint` beside the reading of the same file: organizations without legacy groups, where every rule is near-linear.
//!
//! Read the ratio of the two lines of a size, never the times themselves.

use std::hint::black_box;

use bridgehead::diagnostic::Source;
use bridgehead::lint::{Asked, Settings, lint};
use bridgehead::load::{self, Format, Limits, organization};
use bridgehead::model::NameOrder;
use bridgehead::route::Graphs;
use bridgehead::synth::{self, Shape};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn beside_reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lint");
    group.sample_size(10);
    for sites in [1_000, 10_000] {
        let options = synth::Options {
            shape: Shape::MultiTier,
            sites,
            seed: 1,
        };
        let document = synth::generate(options).expect("within the limits");
        let source = Source::new("topology.ron", load::to_ron(&document));
        let read = || {
            organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
                .expect("generated organizations have no problems")
        };
        group.bench_function(BenchmarkId::new("read", sites), |bencher| {
            bencher.iter(|| black_box(read()))
        });
        let org = read();
        let settings = Settings::default();
        group.bench_function(BenchmarkId::new("lint", sites), |bencher| {
            bencher.iter(|| {
                let graphs = Graphs::new(&org);
                let asked = Asked {
                    wanted: &|_| true,
                    ignores: &[],
                    today: None,
                    previous: None,
                    progress: &|_| {},
                };
                black_box(lint(&org, &graphs, &settings, asked))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, beside_reading);
criterion_main!(benches);
