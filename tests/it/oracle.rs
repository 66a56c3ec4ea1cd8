//! The engine against its slow twin: every small site graph, then organizations by chance.
//!
//! A difference names its seed and the command that asks the same again. `BRIDGEHEAD_SEED=n` asks one seed,
//! `BRIDGEHEAD_SEEDS=n` or `a..b` asks more of them than the suite does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::engine::{engine_explain, engine_routes};
use crate::twin::random::{options, organization, queries, small_site_graphs};
use crate::twin::{Options, Org, explain, routes};

/// What the suite asks; about as long as everything else in it.
const SEEDS: Range<u64> = 0..20_000;

#[test]
fn every_small_site_graph_routes_as_the_twin_says() {
    let graphs: Vec<String> = small_site_graphs().map(|graph| graph.to_string()).collect();
    let options = Options::default();
    let differences: Vec<Option<String>> = graphs
        .par_iter()
        .map(|graph| {
            let twin = routes(&Org::parse(graph), &options);
            let difference = first_difference("routes", &engine_routes(graph, &options), &twin)?;
            Some(format!("{difference}\nin {graph}"))
        })
        .collect();
    report(&differences);
}

#[test]
fn organizations_by_chance_route_as_the_twin_says() {
    let differences = over_seeds(
        "organizations_by_chance_route_as_the_twin_says",
        SEEDS,
        organization,
        |seed| {
            let (text, options) = (organization(seed).to_string(), options(seed));
            let twin = routes(&Org::parse(&text), &options);
            let difference = first_difference("routes", &engine_routes(&text, &options), &twin)?;
            Some(format!("{difference}\nwith {options:?}"))
        },
    );
    report(&differences);
}

#[test]
fn questions_by_chance_are_answered_as_the_twin_does() {
    let differences = over_seeds(
        "questions_by_chance_are_answered_as_the_twin_does",
        SEEDS,
        organization,
        |seed| {
            let (file, options) = (organization(seed), options(seed));
            let text = file.to_string();
            let org = Org::parse(&text);
            queries(seed, &file).iter().find_map(|query| {
                let engine = engine_explain(&text, &options, query);
                let twin = explain(&org, &options, query);
                let difference = first_difference("explain", &comparable(&engine, &twin), &twin)?;
                Some(format!("{difference}\nfor {query:?}\nwith {options:?}"))
            })
        },
    );
    report(&differences);
}

/// The fields that the twin has an opinion on: an answer says more, and `detail` is prose. Nothing was
/// considered when the list is empty as well as when it is absent.
fn comparable(engine: &Value, twin: &Value) -> Value {
    let fields: &[&str] = if twin.get("copies").is_some() {
        &["copies", "failed"]
    } else {
        &[
            "outcome",
            "code",
            "connector",
            "route",
            "decided_by",
            "ambiguous",
            "considered",
            "queued_at",
            "tried",
        ]
    };
    let mut kept: serde_json::Map<String, Value> = fields
        .iter()
        .filter_map(|&field| Some((field.to_owned(), engine.get(field)?.clone())))
        .collect();
    if kept
        .get("considered")
        .and_then(Value::as_array)
        .is_some_and(Vec::is_empty)
    {
        kept.remove("considered");
    }
    if let Some(Value::Array(considered)) = kept.get_mut("considered") {
        for candidate in considered.iter_mut().filter_map(Value::as_object_mut) {
            candidate.retain(|field, _| matches!(field.as_str(), "name" | "verdict" | "rule"));
        }
    }
    Value::Object(kept)
}

/// Asks every seed, in parallel; the answers come back in the order of the seeds.
pub(crate) fn over_seeds(
    test: &str,
    suite: Range<u64>,
    file: fn(u64) -> Value,
    ask: impl Fn(u64) -> Option<String> + Sync,
) -> Vec<Option<String>> {
    let seeds = seeds(
        suite,
        std::env::var("BRIDGEHEAD_SEED").ok(),
        std::env::var("BRIDGEHEAD_SEEDS").ok(),
    );
    let (from, to) = (seeds.start, seeds.end);
    let differences: Vec<Option<String>> = seeds
        .into_par_iter()
        .map(|seed| {
            // A panic has its seed as well.
            let asked = catch_unwind(AssertUnwindSafe(|| ask(seed)));
            let difference = asked.unwrap_or_else(|_| Some("panicked, see above".to_owned()))?;
            let replay = format!("BRIDGEHEAD_SEED={seed} cargo test --test it {test}");
            Some(format!(
                "seed {seed}: {difference}\nagain: {replay}\nfile: {}",
                file(seed)
            ))
        })
        .collect();
    let count = differences.len();
    // Straight to the stream: the test harness would keep it to itself.
    writeln!(
        std::io::stderr().lock(),
        "{test}: {count} organizations, seeds {from}..{to}"
    )
    .expect("standard error takes a line");
    differences
}

/// One seed, a number of them, or a range.
fn seeds(suite: Range<u64>, one: Option<String>, several: Option<String>) -> Range<u64> {
    let number = |text: &str| text.trim().parse::<u64>().expect("a seed is a number");
    match (one, several) {
        (Some(one), _) => number(&one)..number(&one) + 1,
        (None, Some(several)) => match several.split_once("..") {
            Some((from, to)) => number(from)..number(to),
            None => 0..number(&several),
        },
        (None, None) => suite,
    }
}

/// Panics with the first difference of every kind, and says how many there are of each.
pub(crate) fn report(differences: &[Option<String>]) {
    let found: Vec<&String> = differences.iter().flatten().collect();
    // The field that differs, whatever its position: `explain.copies[].split_at`.
    let field = |difference: &str| -> String {
        let place = difference.lines().next().unwrap_or_default();
        let place = place.split_once(": ").map_or(place, |(_, place)| place);
        place.chars().filter(|c| !c.is_ascii_digit()).collect()
    };
    let mut kinds: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for difference in &found {
        kinds.entry(field(difference)).or_default().push(difference);
    }
    let told: String = kinds
        .iter()
        .map(|(field, of_kind)| format!("\n== {} times {field}, the first one:\n{}\n", of_kind.len(), of_kind[0]))
        .collect();
    assert!(
        found.is_empty(),
        "{} of {} differ\n{told}",
        found.len(),
        differences.len()
    );
}

/// The first place where two answers are not the same, with the two values and the record that they are in.
pub(crate) fn first_difference(at: &str, engine: &Value, twin: &Value) -> Option<String> {
    match (engine, twin) {
        _ if engine == twin => None,
        (Value::Array(left), Value::Array(right)) => {
            let longest = left.len().max(right.len());
            (0..longest).find_map(|position| {
                let (left, right) = (left.get(position), right.get(position));
                let at = format!("{at}[{position}]");
                let mut difference =
                    first_difference(&at, left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null))?;
                if let Some(record) = right.filter(|record| record.get("from").is_some()) {
                    write!(difference, "\n  of {} to {}", record["from"], record["to"]).expect("text takes text");
                }
                Some(difference)
            })
        }
        (Value::Object(left), Value::Object(right)) => {
            let fields = left.keys().chain(right.keys());
            fields.into_iter().find_map(|field| {
                let absent = json!("(absent)");
                let left = left.get(field).unwrap_or(&absent);
                first_difference(&format!("{at}.{field}"), left, right.get(field).unwrap_or(&absent))
            })
        }
        _ => Some(format!("{at}\n  engine: {engine}\n  twin:   {twin}")),
    }
}

#[test]
fn a_difference_is_told_with_its_place() {
    let record = |hops: u64| json!([{ "from": "A", "to": "B", "hops": hops }]);
    assert_eq!(first_difference("routes", &record(1), &record(1)), None);
    let told = first_difference("routes", &record(1), &record(2)).expect("they differ");
    assert_eq!(told, "routes[0].hops\n  engine: 1\n  twin:   2\n  of \"A\" to \"B\"");
    let missing = first_difference("routes", &json!([]), &record(2)).expect("they differ");
    assert!(missing.starts_with("routes[0]\n  engine: null"), "{missing}");
    let absent = first_difference("explain", &json!({ "code": "5.3.4" }), &json!({})).expect("they differ");
    assert_eq!(absent, "explain.code\n  engine: \"5.3.4\"\n  twin:   \"(absent)\"");
}

#[test]
fn seeds_are_one_or_many_or_a_range() {
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(seeds(SEEDS, None, None), SEEDS);
    assert_eq!(seeds(SEEDS, text("7"), text("100")), 7..8);
    assert_eq!(seeds(SEEDS, None, text("100")), 0..100);
    assert_eq!(seeds(SEEDS, None, text("5..9")), 5..9);
}

#[test]
fn an_answer_is_compared_without_its_prose() {
    let answer = json!({
        "format": "bridgehead.explain/1", "outcome": "route", "tried": [],
        "considered": [{ "name": "C", "verdict": "lost", "rule": "cost", "detail": "101 against 50" }],
    });
    let considered = json!([{ "name": "C", "verdict": "lost", "rule": "cost" }]);
    let single = json!({ "outcome": "route" });
    let kept = json!({ "outcome": "route", "considered": considered, "tried": [] });
    assert_eq!(comparable(&answer, &single), kept);
    let several = json!({ "copies": [], "considered": [] });
    assert_eq!(comparable(&several, &json!({ "copies": [] })), json!({ "copies": [] }));
    assert_eq!(comparable(&several, &single), json!({}));
}
