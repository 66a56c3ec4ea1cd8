//! Servers that stop at every moment of a scenario.

use std::collections::BTreeMap;
use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, CutKind, Exploration, Stage, chances, explore, observe, with_faults};

use super::support::Play;

/// Two 2007 servers: nothing protects what one of them holds.
pub(super) const PAIR: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [(name: "HA", version: Exchange2007Sp1, site: "A", message_expiration_timeout: "5min"), (name: "HB", version: Exchange2007Sp1, site: "B", message_expiration_timeout: "5min")],
    connectors: [(name: "Out", kind: Send, source_servers: ["HB"], address_spaces: ["SMTP:*"])],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB")],
)"#;

fn explored(to: &[&str], cuts: usize, runs: u64) -> (Stage, Exploration) {
    // An hour is long enough for what expires after five minutes, and a client that nobody answers does not try for weeks.
    let play = Play::new(PAIR).mail(1, "ann@x.example", to).until(1);
    let stage = Stage::new(play.org, play.scenario, Options::default(), Timers::default());
    let exploration = explore_soundly(&stage, cuts, runs);
    (stage, exploration)
}

/// What stops can do, none of which may be a contradiction.
pub(super) fn explore_soundly(stage: &Stage, cuts: usize, runs: u64) -> Exploration {
    let exploration = explore(stage, cuts, runs, &Bounds::default());
    let sound = |found: &bridgehead::sim::Found| found.observed.violations.is_empty();
    assert!(exploration.found.iter().all(sound), "{exploration:#?}");
    exploration
}

/// Kinds of fates of a message for one recipient, with how many stops the smallest schedule has, and the schedule's last way.
fn kinds(exploration: &Exploration) -> BTreeMap<(&'static str, u32), usize> {
    let mut kinds = BTreeMap::new();
    for found in &exploration.found {
        let fate = &found.observed.fates[0];
        kinds
            .entry((fate.kind.name(), fate.copies))
            .or_insert(found.schedule.len());
    }
    kinds
}

#[test]
fn every_outcome_of_one_stop_is_found_with_its_smallest_schedule() {
    let (stage, exploration) = explored(&["bob@x.example"], 1, u64::MAX);
    assert!(!exploration.limit_hit);
    // Undisturbed; HA stops when HB has the message and HA does not know it; a queue database goes; HB never comes back; HA is
    // gone before the client has handed anything over.
    let expected = [
        (("delivered", 1), 0),
        (("suppressed_duplicate", 1), 1),
        (("lost", 0), 1),
        (("expired", 0), 1),
        (("queued", 0), 1),
    ];
    assert_eq!(kinds(&exploration), expected.into_iter().collect());
    let suppressed = exploration
        .found
        .iter()
        .find(|found| found.observed.fates[0].kind.name() == "suppressed_duplicate");
    let cut = suppressed.expect("it was found").schedule[0];
    assert_eq!(stage.org().servers()[cut.server].name.as_str(), "HA");
    assert_eq!(cut.kind, CutKind::SameDatabase(Duration::from_secs(60)));
}

#[test]
fn a_schedule_replays() {
    let (stage, exploration) = explored(&["bob@x.example"], 1, u64::MAX);
    for found in &exploration.found {
        assert_eq!(observe(&stage, &found.schedule, &Bounds::default()), found.observed);
    }
}

#[test]
fn outside_nobody_recognizes_a_second_copy() {
    // DUP-5: the next hop has acknowledged, and the server that handed over stops before it has written that down.
    let (_, exploration) = explored(&["pat@far.example"], 1, u64::MAX);
    assert_eq!(kinds(&exploration).get(&("duplicate", 2)), Some(&1));
    // HB may forget once, and HA besides.
    let (_, pairs) = explored(&["pat@far.example"], 2, u64::MAX);
    assert_eq!(kinds(&pairs).get(&("duplicate", 3)), Some(&2));
}

#[test]
fn a_bound_is_told() {
    let (_, exploration) = explored(&["bob@x.example"], 2, 100);
    assert_eq!((exploration.runs, exploration.limit_hit), (100, true));
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a few threads");
        pool.install(|| explored(&["bob@x.example"], 2, 5000).1)
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn faults_by_chance_replay_and_do_not_depend_on_threads() {
    let play = Play::new(PAIR)
        .mail(1, "ann@x.example", &["bob@x.example", "pat@far.example"])
        .until(12);
    let stage = Stage::new(play.org, play.scenario, Options::default(), Timers::default());
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a few threads");
        pool.install(|| chances(&stage, 0..300, &Bounds::default()))
    };
    let found = with(2);
    assert_eq!(with(1), found);
    assert!(!found.limit_hit);
    assert_eq!(found.outcomes.iter().map(|outcome| outcome.seeds).sum::<u64>(), 300);
    for outcome in &found.outcomes {
        let again = observe(&with_faults(&stage, outcome.seed), &[], &Bounds::default());
        assert_eq!(again, outcome.observed, "seed {}", outcome.seed);
        assert!(again.violations.is_empty(), "{:#?}", again.violations);
    }
    // Nothing protects these servers: mail is lost with them.
    let kinds: Vec<&str> = found
        .outcomes
        .iter()
        .flat_map(|outcome| &outcome.observed.fates)
        .map(|fate| fate.kind.name())
        .collect();
    for kind in ["delivered", "delivered_outside", "lost", "expired"] {
        assert!(kinds.contains(&kind), "{kind} among {kinds:?}");
    }
}
