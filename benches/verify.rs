//! Every recipient of organizations with many legacy routing groups, with growing numbers of failures.
//!
//! Read the growth between lines, never the times themselves. Each line is named after the number of shortest-path computations
//! for each recipient, which is what the search saves on and which is the same on every machine.

#[path = "support/organization.rs"]
mod organization;

use bridgehead::linkstate;
use bridgehead::model::Organization;
use bridgehead::route::{Graphs, Options};
use bridgehead::synth::Shape;
use bridgehead::verify::{Bounds, Verification, World, verify};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use organization::organization;

fn verified(org: &Organization, failures_max: usize) -> Verification {
    let graphs = Graphs::new(org);
    let world = World::new(org, &graphs, Options::default(), linkstate::Options::default());
    let bounds = Bounds {
        failures_max,
        ..Bounds::default()
    };
    verify(&world, bounds, &mut |_, _| {})
}

fn every_recipient(criterion: &mut Criterion) {
    for (groups, failures) in [(100, &[1, 2, 3][..]), (1_000, &[1, 2])] {
        let org = organization(Shape::LegacyMesh, groups);
        let connectors = org.routing_group_connectors().len();
        let mut group = criterion.benchmark_group(format!("{groups} groups, {connectors} connectors"));
        group.sample_size(10);
        for &failures_max in failures {
            let found = verified(&org, failures_max);
            let recipients = found.recipients.len() as u64;
            let tenths = found.path_computations * 10 / recipients;
            let work = format!(
                "{}.{} path computations a recipient, failures",
                tenths / 10,
                tenths % 10
            );
            group.bench_function(BenchmarkId::new(work, failures_max), |bencher| {
                bencher.iter(|| verified(&org, failures_max).witnesses.len());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, every_recipient);
criterion_main!(benches);
