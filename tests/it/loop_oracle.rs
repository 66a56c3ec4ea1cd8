//! `verify` against its slow twin, which walks: every small graph of routing groups, then organizations by chance.
//!
//! `BRIDGEHEAD_SEED` and `BRIDGEHEAD_SEEDS` are those of the comparison of routes.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::engine::{engine_flood, engine_skew, engine_verify, moments, read};
use crate::oracle::{first_difference, over_seeds, report};
use crate::twin::random::{coexistence, earlier, group_graphs, news_kept, options};
use crate::twin::{Options, loops};

/// What the suite asks.
const SEEDS: Range<u64> = 0..50_000;
/// The same of news: the twin follows the news of every set.
const NEWS: Range<u64> = 0..600;
/// The same of changes: the twin tries every mix of groups.
const CHANGES: Range<u64> = 0..2_000;

#[test]
fn every_graph_of_two_legacy_groups_loops_as_the_twin_says_whatever_fails() {
    exhaustive(2, 6);
}

#[test]
fn every_two_way_graph_of_three_legacy_groups_loops_as_the_twin_says_with_two_failures() {
    exhaustive(3, 2);
}

fn exhaustive(legacy_groups: usize, failures_max: usize) {
    let graphs: Vec<String> = group_graphs(legacy_groups).map(|graph| graph.to_string()).collect();
    let differences: Vec<Option<String>> = graphs
        .par_iter()
        .map(|graph| {
            let difference = difference(graph, &Options::default(), failures_max)?;
            Some(format!("{difference}\nin {graph}"))
        })
        .collect();
    report(&differences);
}

#[test]
fn organizations_by_chance_loop_as_the_twin_says() {
    let test = "organizations_by_chance_loop_as_the_twin_says";
    let differences = over_seeds(test, SEEDS, coexistence, |seed| {
        let (text, options) = (coexistence(seed).to_string(), options(seed));
        // Sets of two are many: every fifteenth organization has them.
        let failures_max = match seed % 15 {
            3 => 2,
            0 | 6 | 12 => 0,
            _ => 1,
        };
        let mut difference = difference(&text, &options, failures_max);
        if seed % 4 == 0 {
            difference = difference.or_else(|| other_reading(&text, &options, failures_max));
        }
        Some(format!("{}\nwith {options:?} and {failures_max} failures", difference?))
    });
    report(&differences);
}

#[test]
fn changes_by_chance_loop_in_between_as_the_twin_says() {
    let test = "changes_by_chance_loop_in_between_as_the_twin_says";
    let found = AtomicUsize::new(0);
    let differences = over_seeds(test, CHANGES, coexistence, |seed| {
        let (new, old) = (coexistence(seed).to_string(), earlier(seed).to_string());
        let options = options(seed);
        let failures_max = usize::from(seed % 8 == 0);
        let twin = loops::transient(&new, &old, &options, failures_max);
        found.fetch_add(twin.as_array().map_or(0, Vec::len), Ordering::Relaxed);
        let engine = comparable_witnesses(&engine_skew(&new, &old, &options, failures_max));
        let difference = first_difference("transient", &engine, &twin)?;
        Some(format!(
            "{difference}\nwith {options:?} and {failures_max} failures\nbefore: {old}"
        ))
    });
    report(&differences);
    let found = found.into_inner();
    assert!(
        found > 100 || differences.len() < 2_000,
        "{found} loops make no comparison"
    );
}

/// Organizations in which news does not always arrive, or late: more groups without a master and more closed ports than usual.
#[test]
fn news_by_chance_loops_on_its_way_as_the_twin_says() {
    let test = "news_by_chance_loops_on_its_way_as_the_twin_says";
    let found = AtomicUsize::new(0);
    let differences = over_seeds(test, NEWS, news_kept, |seed| {
        let (text, options) = (news_kept(seed).to_string(), options(seed));
        let failures_max = if seed % 4 == 0 { 2 } else { 1 };
        let wait = Duration::from_secs(if seed % 3 == 0 { 30 } else { 0 });
        let org = read(&text);
        let mut moments = |failed: &[String]| moments(&org, failed, wait);
        let twin = loops::under_way(&text, &options, failures_max, &mut moments);
        found.fetch_add(twin.as_array().map_or(0, Vec::len), Ordering::Relaxed);
        let engine = comparable_witnesses(&engine_flood(&text, &options, failures_max, wait));
        let difference = first_difference("transient", &engine, &twin)?;
        Some(format!(
            "{difference}\nwith {options:?}, {failures_max} failures and {wait:?}"
        ))
    });
    report(&differences);
    let found = found.into_inner();
    assert!(
        found > 20 || differences.len() < 600,
        "{found} loops make no comparison"
    );
}

fn difference(text: &str, options: &Options, failures_max: usize) -> Option<String> {
    let twin = loops::verify(text, options, failures_max);
    let engine = engine_verify(text, options, failures_max);
    let witnesses = comparable_witnesses(&engine["witnesses"]);
    first_difference("witnesses", &witnesses, &twin["witnesses"]).or_else(|| {
        first_difference(
            "black_holes",
            &flat(&engine["black_holes"]),
            &flat(&twin["black_holes"]),
        )
    })
}

/// What the engine concludes about Q4's general rule, the twin verifies.
fn other_reading(text: &str, options: &Options, failures_max: usize) -> Option<String> {
    let engine = engine_verify(text, options, failures_max);
    if engine["verdict"] != "loops" || options.exempt_without_alternative {
        return None;
    }
    let options = Options {
        exempt_without_alternative: true,
        ..*options
    };
    let twin = loops::verify(text, &options, failures_max);
    let is_free = twin["witnesses"] == json!([]);
    let concluded = &engine["if_exempt_without_alternative"]["verdict"];
    (is_free != (*concluded == "loop_free")).then(|| format!("with the general rule of Q4: {concluded}, {twin}"))
}

/// Without prose.
fn comparable_witnesses(engine: &Value) -> Value {
    let mut witnesses = array(engine);
    for witness in witnesses.iter_mut().filter_map(Value::as_object_mut) {
        witness.retain(|field, _| !["steps", "life", "fix"].contains(&field.as_str()));
    }
    Value::Array(witnesses)
}

/// Black holes one by one: a record for each connector, group, recipient and class, however they are put together.
fn flat(black_holes: &Value) -> Value {
    let mut flat = Vec::new();
    for hole in array(black_holes) {
        let mut classes = array(&hole["also_in"]);
        classes.push(hole["message_class"].clone());
        for class in classes {
            for recipient in one_or_many(&hole, "recipient") {
                for at in one_or_many(&hole, "at") {
                    let failed = hole["failed"].as_array().map_or(&hole["failed"], |names| &names[0]);
                    let record = json!({ "failed": failed, "at": at, "recipient": recipient, "class": class });
                    flat.push((record.to_string(), record));
                }
            }
        }
    }
    flat.sort_by(|(a, _), (b, _)| a.cmp(b));
    flat.into_iter().map(|(_, record)| record).collect()
}

/// The engine lists many in one record, the twin makes many records.
fn one_or_many(record: &Value, field: &str) -> Vec<Value> {
    let value = record.get(field).or_else(|| record.get(format!("{field}s")));
    match value {
        Some(Value::Array(many)) => many.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
