//! Sweeps against the twin, which reads the file again without what failed, and on larger organizations against two searches
//! from every site.

use std::collections::BTreeMap;

use bridgehead::model::{Node, Organization, SiteIdx, SiteLinkIdx};
use bridgehead::route::{self, Graphs};
use bridgehead::synth::Shape;
use bridgehead::verify::{Engine, Failure, Failures, Greatest, Outcome, PairChange, Sweep};
use serde_json::{Value, json};

use crate::all_pairs::graph;
use crate::engine::{options, read};
use crate::oracle::{first_difference, over_seeds, report};
use crate::support::{Case, generated, org, servers};
use crate::twin::random::sites_to_sweep;
use crate::twin::{self, Backoff};

/// What the suite asks.
const SEEDS: std::ops::Range<u64> = 0..3_000;

/// The engine's outcomes as the twin writes them.
fn engine_sweep(text: &str, twin: &twin::Options) -> Vec<Value> {
    let org = read(text);
    let graphs = Graphs::new(&org);
    let engine = Engine::new(&org, &graphs, options(twin), Failures::new(&org, true));
    let told = |number| {
        let pairs: Vec<Value> = engine.pairs(number).iter().map(|pair| pair_json(&org, pair)).collect();
        outcome_json(&org, engine.failures().get(number), &engine.outcome(number), pairs)
    };
    engine.failures().all().map(told).collect()
}

fn site_name(org: &Organization, site: u32) -> &str {
    org.sites()[SiteIdx::from_raw(site)].name.as_str()
}

fn outcome_json(org: &Organization, failure: Failure, outcome: &Outcome, pairs: Vec<Value>) -> Value {
    let link = |link: SiteLinkIdx| org.site_links()[link].name.as_str();
    let failed = match failure {
        Failure::Link(one) => json!({ "links": [link(one)] }),
        Failure::Links(one, other) => json!({ "links": [link(one), link(other)] }),
        Failure::Site(site) => json!({ "site": org.sites()[site].name.as_str() }),
    };
    let name = |site: u32| site_name(org, site);
    let cost = outcome
        .greatest_cost
        .map(|Greatest { by, pair }| json!([by, name(pair.0), name(pair.1)]));
    let hops = outcome
        .greatest_hops
        .map(|Greatest { by, pair }| json!([by, name(pair.0), name(pair.1)]));
    let queues: BTreeMap<&str, u64> = outcome
        .queues
        .iter()
        .map(|(site, pairs)| (name(*site), *pairs))
        .collect();
    json!({
        "failed": failed, "lost": outcome.lost, "moved": outcome.moved, "ends": outcome.ends,
        "extra_cost": i64::try_from(outcome.extra_cost).expect("a small organization"),
        "extra_hops": i64::try_from(outcome.extra_hops).expect("a small organization"),
        "greatest_cost": cost, "greatest_hops": hops, "queues": queues, "pairs": pairs,
    })
}

fn pair_json(org: &Organization, pair: &PairChange) -> Value {
    let after = pair.after.as_ref().map(|after| {
        let sites = after.path.iter().map(|site| org.sites()[*site].name.as_str());
        let links = after.links.iter().map(|link| org.site_links()[*link].name.as_str());
        json!({
            "cost": after.key.cost, "hops": after.key.hops,
            "path": sites.collect::<Vec<_>>(), "links": links.collect::<Vec<_>>(),
        })
    });
    json!({
        "from": org.sites()[pair.from].name.as_str(),
        "to": org.sites()[pair.to].name.as_str(),
        "queued_at": org.sites()[pair.queued_at].name.as_str(),
        "before": { "cost": pair.before.cost, "hops": pair.before.hops },
        "after": after,
    })
}

fn differences(test: &str, seeds: std::ops::Range<u64>, twin: &twin::Options) -> Vec<Option<String>> {
    over_seeds(test, seeds, sites_to_sweep, |seed| {
        let file = sites_to_sweep(seed);
        let engine = Value::Array(engine_sweep(&file.to_string(), twin));
        first_difference("sweep", &engine, &Value::Array(twin::sweep(&file, twin)))
    })
}

#[test]
fn every_failure_of_organizations_by_chance_does_what_the_twin_says() {
    let twin = twin::Options::default();
    report(&differences(
        "every_failure_of_organizations_by_chance_does_what_the_twin_says",
        SEEDS,
        &twin,
    ));
}

#[test]
fn halved_back_off_lets_mail_wait_where_the_twin_says() {
    let twin = twin::Options {
        backoff: Backoff::Binary,
        ..twin::Options::default()
    };
    report(&differences(
        "halved_back_off_lets_mail_wait_where_the_twin_says",
        0..1_000,
        &twin,
    ));
}

/// Pairs counted one by one.
fn counted(org: &Organization, failure: Failure, pairs: &[PairChange]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut queues: BTreeMap<u32, u64> = BTreeMap::new();
    for pair in pairs {
        *queues.entry(pair.queued_at.raw()).or_default() += 1;
        match &pair.after {
            None => outcome.lost += 1,
            Some(after) => outcome.add_moved(1, pair.before, after.key, (pair.from.raw(), pair.to.raw())),
        }
    }
    if let Failure::Site(site) = failure
        && org.is_router(Node::Site(site))
    {
        let graphs = Graphs::new(org);
        let tree = route::site_search::search(&graphs.sites, site, None);
        let routers = tree.order().iter().filter(|site| org.is_router(Node::Site(**site)));
        outcome.ends = 2 * (routers.count() as u64 - 1);
    }
    outcome.queues = queues.into_iter().collect();
    outcome
}

/// The first of these failures that does something else than two searches from every site say.
fn first_wrong(org: &Organization, graphs: &Graphs, numbers: impl Iterator<Item = u64>) -> Option<String> {
    let engine = Engine::new(org, graphs, route::Options::default(), Failures::new(org, true));
    let numbers = numbers.filter(|number| *number < engine.failures().len());
    numbers.into_iter().find_map(|number| {
        let failure = engine.failures().get(number);
        let (got, expected) = (engine.outcome(number), counted(org, failure, &engine.pairs(number)));
        (got != expected).then(|| format!("failure {number}, {failure:?}:\n  {got:?}\n  {expected:?}"))
    })
}

/// Random numbers that are always the same.
fn scattered(seed: u64, below: u64) -> impl Iterator<Item = u64> {
    let step = |x: u64| {
        x.wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407)
    };
    std::iter::successors(Some(step(seed)), move |x| Some(step(*x))).map(move |x| (x >> 20) % below)
}

#[test]
fn larger_organizations_by_chance_fail_as_searches_say() {
    let file = |seed: u64| json!(with_servers(seed));
    let differences = over_seeds(
        "larger_organizations_by_chance_fail_as_searches_say",
        0..600,
        file,
        |seed| {
            let Case { org, graphs } = org(&with_servers(seed));
            let count = Failures::new(&org, true).len();
            let singles = Failures::new(&org, false).all();
            first_wrong(&org, &graphs, singles.chain(scattered(seed, count).take(40)))
        },
    );
    report(&differences);
}

/// A graph of the tests of tables, every third site or so without a transport server.
fn with_servers(seed: u64) -> String {
    let text = graph(seed);
    let sites = text.matches("(name: \"S").count() as u64;
    let served =
        (0..sites).filter(|site| seed.is_multiple_of(4) || scattered(seed ^ (site << 32), 3).next() != Some(0));
    let list: Vec<String> = served.map(|site| format!("X{site:03}=2010Sp3@S{site:03}")).collect();
    match list.is_empty() {
        true => text,
        false => format!("{text}, {}", servers(&list.join(", "))),
    }
}

#[test]
fn generated_organizations_fail_as_searches_say() {
    for shape in Shape::ALL {
        let sites = match shape {
            Shape::Clique => 40,
            _ => 250,
        };
        let org = generated(shape, sites, 5);
        let graphs = Graphs::new(&org);
        let singles = Failures::new(&org, false).len();
        let all = Failures::new(&org, true).len();
        let picks = scattered(1, singles).take(25).chain(scattered(2, all).take(25));
        let wrong = first_wrong(&org, &graphs, picks);
        assert!(wrong.is_none(), "{}: {}", shape.name(), wrong.unwrap_or_default());
    }
}

#[test]
fn any_cut_and_any_number_of_threads_give_the_same_sweep() {
    let shape = Shape::HubAndSpoke;
    let org = generated(shape, 40, 8);
    let graphs = Graphs::new(&org);
    let engine = Engine::new(&org, &graphs, route::Options::default(), Failures::new(&org, true));
    let all = engine.failures().all();
    let part = |range| -> Sweep {
        let told: Result<Sweep, std::convert::Infallible> = engine.sweep(range, 7, false, |_, _| Ok(()));
        told.unwrap_or_else(|never| match never {})
    };
    let whole = part(all.clone());
    assert_eq!(whole.totals.failures, all.end);
    assert_eq!(whole.worst.len(), 7);
    let threads = |n: usize| rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
    for n in [1, 3] {
        assert_eq!(threads(n).install(|| part(all.clone())), whole, "{n} threads");
    }
    for pieces in [2, 7, 100] {
        let mut joined = Sweep::default();
        for piece in (0..pieces).rev() {
            let at = |n: u64| all.end * n / pieces;
            joined.join(part(at(piece)..at(piece + 1)), 7);
        }
        assert_eq!(joined, whole, "{pieces} pieces");
    }
}
