//! Messages through time: hand-overs a second, and schedules a second.
//!
//! Peers: none simulate this. What is measured beside it is the same work without the part that is in question: a run whose
//! trace nobody reads, one that is followed to its fates, and one that is checked besides; with ten times as many messages
//! a hand-over has to cost the same.

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{Format, Limits, organization};
use bridgehead::model::{Address, ClientKind, Entry, Name, NameOrder, Scenario, ServerIdx, SimTime, Submission};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Fates, Sink, Stage, TraceEvent, explore, observe};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A chain of hub sites with one server of a version each; every message goes from one end to the other.
fn chain(version: &str, sites: usize, messages: usize) -> Stage {
    let list = |item: &dyn Fn(usize) -> String| (0..sites).map(item).collect::<Vec<_>>().join(",");
    let links = (1..sites).map(|at| format!(r#"(name: "L{at:02}", sites: ["S{:02}", "S{at:02}"])"#, at - 1));
    let text = format!(
        r#"(sites: [{}], site_links: [{}], servers: [{}], mailboxes: [(address: "ann@x.example", server: "H00"), (address: "bob@x.example", server: "H{:02}")])"#,
        list(&|at| format!(r#"(name: "S{at:02}", hub_site: true)"#)),
        links.collect::<Vec<_>>().join(","),
        list(&|at| format!(r#"(name: "H{at:02}", version: {version}, site: "S{at:02}")"#)),
        sites - 1,
    );
    let source = Source::new("bench.ron", text.as_str());
    let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).expect("a valid topology");
    let message = |at: usize| Submission {
        id: Name::new(format!("m{at:06}")),
        at: SimTime::from_ms(u64::try_from(at).expect("few messages")),
        from: Address::parse("ann@x.example"),
        to: vec![Address::parse("bob@x.example")],
        size: None,
        priority: Default::default(),
        message_type: Default::default(),
        journal: false,
        entry: Entry::Client {
            kind: ClientKind::Smtp,
            server: ServerIdx::from_usize(0),
            receive_connector: None,
        },
        span: Default::default(),
    };
    let scenario = Scenario {
        messages: (0..messages).map(message).collect(),
        ..Scenario::default()
    };
    Stage::new(org, scenario, Options::default(), Timers::default())
}

/// Nobody reads the trace.
struct Nobody;

impl Sink for Nobody {
    fn take(&mut self, _: &TraceEvent) {}
}

fn hand_overs(c: &mut Criterion) {
    let mut group = c.benchmark_group("hand-overs");
    const SITES: usize = 11;
    for messages in [1_000, 10_000] {
        let stage = chain("Exchange2007Sp1", SITES, messages);
        let hops = u64::try_from(messages * SITES).expect("few hops");
        group.throughput(Throughput::Elements(hops));
        group.bench_function(BenchmarkId::new("nobody reads", hops), |b| {
            b.iter(|| stage.run(&Bounds::default(), &mut Nobody));
        });
        group.bench_function(BenchmarkId::new("fates", hops), |b| {
            b.iter(|| {
                let mut fates = Fates::new(&stage);
                stage.run(&Bounds::default(), &mut fates);
                fates.fates().len()
            });
        });
        group.bench_function(BenchmarkId::new("observer", hops), |b| {
            b.iter(|| {
                let observed = observe(&stage, &[], &Bounds::default());
                assert!(!observed.is_wrong());
                observed.fates.len()
            });
        });
    }
    group.finish();
}

fn schedules(c: &mut Criterion) {
    let mut group = c.benchmark_group("schedules");
    let stage = chain("Exchange2007Sp1", 2, 1);
    const RUNS: u64 = 2_000;
    group.throughput(Throughput::Elements(RUNS));
    group.sample_size(10);
    group.bench_function("two servers", |b| {
        b.iter(|| explore(&stage, 2, RUNS, &Bounds::default()).runs)
    });
    group.finish();
}

criterion_group!(benches, hand_overs, schedules);
criterion_main!(benches);
