//! One server stops at every moment, in every way: what 2013 protects is never lost (invariants I2, I3).

use std::collections::BTreeMap;

use bridgehead::linkstate::Timers;
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Stage, explore};

use super::*;

/// The ends of the first message, each with the smallest schedule that leads there.
fn ends(scene: Scene) -> BTreeMap<String, String> {
    let Scene(play) = scene;
    let stage = Stage::new(play.org, play.scenario, Options::default(), Timers::default());
    let exploration = explore(&stage, 1, u64::MAX, &Bounds::default());
    assert!(!exploration.limit_hit && exploration.runs > 100);
    let mut ends = BTreeMap::new();
    for found in &exploration.found {
        assert!(found.observed.violations.is_empty(), "{found:#?}");
        let fate = &found.observed.fates[0];
        let end = format!("{} {}", fate.kind.name(), fate.copies);
        ends.entry(end).or_insert_with(|| format!("{:?}", found.schedule));
    }
    ends
}

fn assert_ends(scene: Scene, expected: &[&str]) {
    let ends = ends(scene);
    let kinds: Vec<&str> = ends.keys().map(String::as_str).collect();
    assert_eq!(kinds, expected, "{ends:#?}");
}

#[test]
fn i2_i3_one_stop_loses_nothing_for_the_outside() {
    for config in ["", REJECT] {
        // The sender tries the others when P does not answer, and does so until one has taken it.
        let scene = play(SITE, config).far_sends(0, "P", &["zoe@far.example"], None);
        // Three, when P stops between the shadow and its answer and is away for four hours: the sender's second try, the shadow
        // that S takes over, and P's own when it is back (S41, S82).
        assert_ends(scene, &["delivered_outside 1", "duplicate 2", "duplicate 3"]);
    }
}

#[test]
fn i2_i3_one_stop_loses_nothing_in_a_dag() {
    // A database whose log arrives late: what it lacks comes back from a Safety Net.
    let lagging = DAG.replace(
        r#"(server: "S"), (server: "P"),"#,
        r#"(server: "S"), (server: "P", replication_lag: "10s"),"#,
    );
    let scene = play(&lagging, "").far_sends(0, "Q", &["bob@x.example"], None);
    assert_ends(scene, &["delivered 1", "suppressed_duplicate 1"]);
}
