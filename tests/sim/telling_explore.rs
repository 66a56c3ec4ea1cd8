//! What is told of many runs: every outcome, how to see it, and what does not hold.

use std::time::Duration;

use bridgehead::model::{Address, FateKind};
use bridgehead::report::{
    Disturbed, Many, Palette, SimulateFormat, Telling, schema, stop_argument, violation_text, write_outcomes,
};
use bridgehead::sim::{
    Bounds, Cause, Cut, CutKind, DupId, Evidence, Invariant, LossId, Observed, Observer, Outcome, Stage, Violation,
    chances, explore, observe,
};
use serde_json::{Value, json};

use super::exploring::{PAIR, explore_soundly};
use super::scene::{HOUR, MINUTE, Scene};
use super::support::Play;

fn stage(play: Play) -> Stage {
    Stage::new(play.org, play.scenario, Default::default(), Default::default())
}

fn mail() -> Play {
    // An hour is long enough for what expires after five minutes.
    let to = ["bob@x.example", "pat@far.example"];
    Play::new(PAIR).mail(1, "ann@x.example", &to).until(1)
}

fn written(stage: &Stage, many: &Many<'_>, format: SimulateFormat) -> String {
    let mut out = Vec::new();
    write_outcomes(stage, many, format, Palette::PLAIN, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn what_stops_can_do_is_told_outcome_by_outcome() {
    let stage = stage(mail());
    let exploration = explore_soundly(&stage, 1, u64::MAX);
    let text = written(&stage, &Many::Stops(&exploration, 1), SimulateFormat::Text);
    assert_eq!(text, EXPLORED);
}

const EXPLORED: &str = "\
1 message, and a server that stops at every moment
As it is: 1 delivered and 1 delivered outside.
The same comes of 44 schedules; there are 12 other outcomes.
Give the last line of an outcome in the place of --explore to see its time line.

    What can happen       Cause   Outcomes  Of runs
  ─────────────────────────────────────────────────
  × lost                  L07-1          3        9
  × lost                  L10-11         2        3
  × lost                  L10-2          1        1
  × expired               4.4.7          2       16
  × duplicate             DUP-10         1        1
  × duplicate             DUP-5          2        3
  ○ queued                               2       15
  ● suppressed duplicate  DUP-10         1        1
  ● suppressed duplicate  DUP-5          1        1

Outcome 1: 1 schedule
  - HA is destroyed at 0:00:01, after event 1
  × m1 for bob@x.example: lost at 0:00:01 (L10-2)
  × m1 for pat@far.example: lost at 0:00:01 (L10-2)
  --stop HA@1:destroy

Outcome 2: 5 schedules
  - HA is destroyed at 0:00:01, after event 2
  × m1 for bob@x.example: lost at 0:00:01 (L07-1)
  × m1 for pat@far.example: lost at 0:00:01 (L07-1)
  --stop HA@2:destroy

Outcome 3: 2 schedules
  - HB goes down at 0:00:02, after event 6, and is back 1min later with an
    empty queue database
  × m1 for pat@far.example: lost at 0:01:02 (L07-1)
  --stop HB@6:new:1min

Outcome 4: 2 schedules
  - HB is destroyed at 0:00:02, after event 6
  × m1 for bob@x.example: lost at 0:00:02 (L10-11)
  × m1 for pat@far.example: lost at 0:00:02 (L07-1)
  --stop HB@6:destroy

Outcome 5: 1 schedule
  - HB is destroyed at 0:00:03, after event 8
  × m1 for bob@x.example: lost at 0:00:03 (L10-11)
  --stop HB@8:destroy

Outcome 6: 15 schedules
  - HB goes down at 0:00:00, before anything happens, and is back 4h later
  × m1 for bob@x.example: expired at 0:05:01 (4.4.7)
  × m1 for pat@far.example: expired at 0:05:01 (4.4.7)
  --stop HB@0:same:4h

Outcome 7: 1 schedule
  - HB goes down at 0:00:02, after event 5, and is back 1min later
  × m1 for bob@x.example: expired at 0:05:02 (4.4.7)
  --stop HB@5:same:1min

Outcome 8: 1 schedule
  - HA goes down at 0:00:01, after event 2, and is back 1min later
  ● m1 for bob@x.example: suppressed duplicate at 0:01:02 (DUP-10)
  × m1 for pat@far.example: duplicate at 0:01:03 (DUP-10), 2 copies
  --stop HA@2:same:1min

Outcome 9: 1 schedule
  - HA goes down at 0:00:02, after event 4, and is back 1min later
  ● m1 for bob@x.example: suppressed duplicate at 0:01:03 (DUP-5)
  × m1 for pat@far.example: duplicate at 0:01:04 (DUP-5), 2 copies
  --stop HA@4:same:1min

Outcome 10: 2 schedules
  - HB goes down at 0:00:02, after event 4, and is back 1min later
  × m1 for pat@far.example: duplicate at 0:01:04 (DUP-5), 2 copies
  --stop HB@4:same:1min

Outcome 11: 11 schedules
  - HA goes down at 0:00:00, before anything happens, and is back 4h later
  ○ m1 for bob@x.example: queued since 0:00:01 (with its sender)
  ○ m1 for pat@far.example: queued since 0:00:01 (with its sender)
  --stop HA@0:same:4h

Outcome 12: 4 schedules
  - HB goes down at 0:00:02, after event 6, and is back 4h later
  ○ m1 for pat@far.example: queued since 0:00:02 (HB, queue out through Out)
  --stop HB@6:same:4h

Everything was tried, in 101 runs.
";

#[test]
fn what_chance_can_do_is_told_with_the_faults_of_the_first_seed() {
    let stage = stage(mail().until(12));
    let chances = chances(&stage, 30..45, &Bounds::default());
    let text = written(&stage, &Many::Seeds(&chances, 30..45), SimulateFormat::Text);
    assert_eq!(text, BY_CHANCE);
}

const BY_CHANCE: &str = "\
1 message, and faults by chance
As it is: 1 delivered and 1 delivered outside.
The same comes of 10 seeds; there are 4 other outcomes.
Give the last line of an outcome in the place of --seeds to see its time line.

    What can happen  Cause   Outcomes  Of runs
  ────────────────────────────────────────────
  × lost             L07-1          2        2
  × lost             L10-11         2        2
  × expired          4.4.7          1        2

Outcome 1: 1 seed
  - 0:00:02.067 SERVERDOWN HB
  - 0:00:02.074 NETWORKCUT HB and everybody else
  - 0:00:11.909 DESTROY HB
  - 0:03:55.597 DESTROY HB
  - 0:28:49.825 NETWORKRESTORE HB and everybody else
  - 2:12:53.473 SERVERUP HB with an empty queue database
  - 4:11:24.890 SERVERUP HB with an empty queue database
  - 4:41:58.977 SERVERUP HB
  × m1 for bob@x.example: lost at 0:00:11.909 (L10-11)
  × m1 for pat@far.example: lost at 0:00:11.909 (L07-1)
  --seed 30

Outcome 2: 1 seed
  - 0:00:02.799 SERVERDOWN HB
  - 0:00:22.324 SERVERDOWN HA
  - 0:02:48.198 SERVERDOWN HA
  - 2:25:16.283 SERVERUP HB with an empty queue database
  - 2:45:45.228 SERVERUP HA with an empty queue database
  - 5:44:15.878 SERVERUP HA with an empty queue database
  × m1 for pat@far.example: lost at 2:25:16.283 (L07-1)
  --seed 37

Outcome 3: 1 seed
  - 0:00:42.126 DESTROY HB
  - 0:06:33.728 SERVERDOWN HA
  - 2:45:13.649 SERVERUP HB with an empty queue database
  - 2:47:00.180 SERVERUP HA
  × m1 for bob@x.example: lost at 0:00:42.126 (L10-11)
  --seed 44

Outcome 4: 2 seeds
  - 0:00:00.454 SERVERDOWN HA
  - 0:00:10.221 NETWORKCUT HA and everybody else
  - 0:02:54.180 SESSIONCUT HB and HA
  - 0:08:54.970 SERVERDOWN HB
  - 0:42:49.503 SERVERUP HB
  - 1:30:29.508 SERVERUP HA
  - 1:35:57.429 NETWORKRESTORE HA and everybody else
  × m1 for bob@x.example: expired at 1:36:01 (4.4.7)
  × m1 for pat@far.example: expired at 1:36:01 (4.4.7)
  --seed 35

Seeds 30 to 44 were tried.
";

#[test]
fn a_document_and_lines_tell_the_same_and_fit_the_schema() {
    let schema = schema("simulate").expect("the schema of simulate");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let stage = stage(mail());
    let exploration = explore_soundly(&stage, 1, u64::MAX);
    let few = explore_soundly(&stage, 2, 20);
    let chances = chances(&stage, 3..9, &Bounds::default());
    for many in [
        Many::Stops(&exploration, 1),
        Many::Stops(&few, 2),
        Many::Seeds(&chances, 3..9),
    ] {
        let text = written(&stage, &many, SimulateFormat::Json);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let problems: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
        let mut expected = vec![json!({ "undisturbed": document["undisturbed"] })];
        expected.extend(document["outcomes"].as_array().expect("a list").iter().cloned());
        expected.push(json!({ "searched": document["searched"] }));
        let lines = written(&stage, &many, SimulateFormat::JsonLines);
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines, expected);
    }
}

/// The outcomes of a search as JSON.
fn outcomes(stage: &Stage, many: &Many<'_>) -> Vec<Value> {
    let text = written(stage, many, SimulateFormat::Json);
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    match document["outcomes"].take() {
        Value::Array(outcomes) => outcomes,
        other => panic!("{other}"),
    }
}

#[test]
fn an_outcome_says_what_is_different_and_how_to_see_it() {
    let stage = stage(mail());
    let exploration = explore_soundly(&stage, 1, u64::MAX);
    let outcomes = outcomes(&stage, &Many::Stops(&exploration, 1));
    assert_eq!(outcomes[0]["replay"], json!([]));
    assert_eq!(outcomes[0]["fates"], json!([]));
    let lost = outcomes
        .iter()
        .find(|one| one["replay"] == json!(["--stop", "HB@6:new:1min"]));
    let expected = json!({
        "replay": ["--stop", "HB@6:new:1min"],
        "stops": [{ "server": "HB", "after": 6, "at": 2000, "kind": "new", "away": 60_000 }],
        "runs": 2,
        "fates": [{
            "message": "m1", "recipient": "pat@far.example", "fate": "lost", "at": 62_000, "copies": 0, "cause": "L07-1",
        }],
        "ended": { "by": "itself", "at": 62_000, "events": 10 },
    });
    assert_eq!(*lost.expect("it is an outcome"), expected);
    let runs: u64 = outcomes.iter().map(|one| one["runs"].as_u64().expect("a number")).sum();
    assert!(
        runs <= exploration.runs && runs >= exploration.runs - 10,
        "{runs} of {}",
        exploration.runs
    );
}

#[test]
fn a_bound_is_told_and_what_was_not_tried_is_counted() {
    let stage = stage(mail());
    let few = explore_soundly(&stage, 1, 20);
    let all = explore_soundly(&stage, 1, u64::MAX);
    assert_eq!((few.runs, few.left, few.limit_hit), (20, all.runs - 20, true));
    assert_eq!((all.left, all.limit_hit), (0, false));
    let text = written(&stage, &Many::Stops(&few, 1), SimulateFormat::Text);
    let end = format!(
        "A bound was reached: of what is known, {} schedules were not tried. Raise\n--max-runs.\n",
        few.left
    );
    assert!(text.ends_with(&end), "{text}");
    let short = explore(&stage, 1, u64::MAX, &Bounds { events_max: 5 });
    let text = written(&stage, &Many::Stops(&short, 1), SimulateFormat::Text);
    let end = "A bound ended some of 61 runs, and what would have come is not known. Raise\n--max-events.\n";
    assert!(text.ends_with(end), "{text}");
    assert!(short.limit_hit && short.left == 0);
}

#[test]
fn of_many_outcomes_and_recipients_the_worst_are_told_and_the_others_counted() {
    let to: Vec<String> = (10..22).map(|number| format!("p{number}@far.example")).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let stage = stage(Play::new(PAIR).mail(1, "ann@x.example", &to).until(1));
    let exploration = explore_soundly(&stage, 1, u64::MAX);
    let text = written(&stage, &Many::Stops(&exploration, 1), SimulateFormat::Text);
    let told = "
Outcome 1: 1 schedule
  - HA is destroyed at 0:00:01, after event 1
  × m1 for p10@far.example: lost at 0:00:01 (L10-2)
  × m1 for p11@far.example: lost at 0:00:01 (L10-2)
  × m1 for p12@far.example: lost at 0:00:01 (L10-2)
  × m1 for p13@far.example: lost at 0:00:01 (L10-2)
  × m1 for p14@far.example: lost at 0:00:01 (L10-2)
  × m1 for p15@far.example: lost at 0:00:01 (L10-2)
  × m1 for p16@far.example: lost at 0:00:01 (L10-2)
  × m1 for p17@far.example: lost at 0:00:01 (L10-2)
  - and 4 recipients more
  --stop HA@1:destroy
";
    assert!(text.contains(told), "{text}");

    let stage = self::stage(mail());
    let pairs = explore_soundly(&stage, 2, u64::MAX);
    let many = Many::Stops(&pairs, 2);
    let text = written(&stage, &many, SimulateFormat::Text);
    let more = pairs.found.len() - 1 - 20;
    let end = format!(
        "There are {more} outcomes more: --format json has all.\nEverything was tried, in {} runs.\n",
        pairs.runs
    );
    assert!(text.ends_with(&end), "{text}");
    assert_eq!(text.matches("\nOutcome ").count(), 20);
    assert_eq!(outcomes(&stage, &many).len(), pairs.found.len());
    // What is wrong is never left out for what is not, nor a loss for a duplicate.
    let blocks: Vec<&str> = text.split("\nOutcome ").skip(1).collect();
    let is_worse = |block: &&str| block.contains("  ! ") || block.contains(": lost at ");
    assert!(blocks.is_sorted_by_key(|block| !is_worse(block)), "{text}");
    assert!(
        text.contains("1 message, and up to 2 servers that stop at every moment\n"),
        "{text}"
    );
}

#[test]
fn progress_counts_up_to_all_runs() {
    let stage = stage(mail());
    let mut told = Vec::new();
    let bounds = Bounds::default();
    let mut tell = |done, of| told.push((done, of));
    let exploration = bridgehead::sim::explore_telling(&stage, 2, 2000, &bounds, &mut tell);
    assert_eq!(exploration.runs, 2000);
    assert_eq!(told.last(), Some(&(2000, 2000)));
    assert!(told.is_sorted() && told.len() >= 4, "{told:?}");
}

#[test]
fn causes_are_those_of_the_checker() {
    let stage = stage(mail());
    let stop = |after, server: &str, kind| {
        let server = stage.org().server_by_name(&bridgehead::model::Name::new(server));
        Cut {
            after,
            server: server.expect("a server"),
            kind,
        }
    };
    let minute = Duration::from_secs(60);
    let causes = |cuts: &[Cut]| -> Vec<(FateKind, Option<Cause>)> {
        let observed = observe(&stage, cuts, &Bounds::default());
        assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
        observed.fates.iter().map(|fate| (fate.kind, fate.cause)).collect()
    };
    assert_eq!(
        causes(&[]),
        [(FateKind::Delivered, None), (FateKind::DeliveredOutside, None)]
    );
    let lost = (FateKind::Lost, Some(Cause::Lost(LossId::L07_1)));
    assert_eq!(causes(&[stop(3, "HA", CutKind::NewDatabase(minute))]), [lost, lost]);
    let ids = Cause::Duplicate([DupId::Dup5].into_iter().collect());
    assert_eq!(
        causes(&[stop(4, "HA", CutKind::SameDatabase(minute))]),
        [
            (FateKind::SuppressedDuplicate, Some(ids)),
            (FateKind::Duplicate, Some(ids))
        ]
    );
    assert_eq!(
        stop_argument(
            &stage,
            &stop(4, "HA", CutKind::SameDatabase(Duration::from_secs(4 * 3600)))
        ),
        "HA@4:same:4h"
    );
    assert_eq!(
        stop_argument(&stage, &stop(0, "HB", CutKind::Destroyed)),
        "HB@0:destroy"
    );
}

#[test]
fn outcomes_differ_by_cause_by_expectation_and_by_what_does_not_hold() {
    let stage = stage(mail());
    let usual = observe(&stage, &[], &Bounds::default());
    let same = |change: &dyn Fn(&mut Observed)| {
        let mut other = usual.clone();
        change(&mut other);
        Outcome::new(&other) == Outcome::new(&usual)
    };
    let cause = |id| Some(Cause::Lost(id));
    assert!(same(&|other| other.fates[0].at = bridgehead::model::SimTime::from_ms(1)));
    assert!(!same(&|other| other.fates[0].cause = cause(LossId::L07_1)));
    assert!(!same(&|other| other.fates[0].copies = 2));
    assert!(!same(&|other| other.violations.push(violation())));
    assert!(!same(&|other| other.run.limit_hit = true));
    assert!(!same(&|other| other.unmet.push(bridgehead::sim::Unmet {
        expectation: 0,
        recipient: None,
        wanted: Default::default(),
        came: None,
    })));
}

fn violation() -> Violation {
    Violation {
        invariant: Invariant::I13,
        at: bridgehead::model::SimTime::from_secs(90_000),
        message: Some(bridgehead::model::MessageIdx::from_usize(0)),
        recipient: None,
        what: "a copy waits longer than its time",
        evidence: vec![Evidence {
            at: bridgehead::model::SimTime::from_secs(1),
            fact: "it came",
            server: Some(bridgehead::model::ServerIdx::from_usize(1)),
            copy: None,
        }],
    }
}

#[test]
fn what_does_not_hold_is_told_by_name() {
    let stage = stage(mail());
    assert_eq!(
        violation_text(&stage, &violation()),
        "I13 does not hold at 25:00:00 for m1: a copy waits longer than its time (0:00:01 it came, HB)"
    );
    let mut observed = observe(&stage, &[], &Bounds::default());
    assert!(!observed.is_wrong());
    observed.violations.push(violation());
    assert!(observed.is_wrong());
    let told = |format| {
        let mut out = Vec::new();
        let telling = Telling::new(&stage, format, Palette::PLAIN, &mut out);
        telling.end(&observed).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    };
    let record = json!({
        "invariant": "I13",
        "at": 90_000_000,
        "message": "m1",
        "what": "a copy waits longer than its time",
        "evidence": [{ "at": 1000, "fact": "it came", "server": "HB" }],
    });
    let document: Value = serde_json::from_str(&told(SimulateFormat::Json)).expect("JSON");
    assert_eq!(document["violations"], json!([record]));
    let schema = schema("simulate").expect("the schema of simulate");
    assert!(jsonschema::is_valid(&schema, &document));
    let lines = told(SimulateFormat::JsonLines);
    assert!(
        lines.contains(&format!("{}\n", json!({ "violation": record }))) || {
            let line = lines.lines().find(|line| line.starts_with("{\"violation\""));
            serde_json::from_str::<Value>(line.expect("a line")).expect("JSON") == json!({ "violation": record })
        }
    );

    let mut exploration = explore_soundly(&stage, 0, 1);
    exploration.found[0].observed = observed;
    let text = written(&stage, &Many::Stops(&exploration, 0), SimulateFormat::Text);
    let told = "  ! a mistake of Bridgehead: I13 does not hold of m1: a copy waits longer than\n    its time\n";
    assert!(text.contains(told), "{text}");
}

/// What is told of one run that is disturbed.
fn disturbed(stage: &Stage, cuts: &[Cut], disturbed: Disturbed, format: SimulateFormat) -> String {
    let mut out = Vec::new();
    let mut telling = Telling::new(stage, format, Palette::PLAIN, &mut out).of(disturbed);
    let mut observer = Observer::new(stage);
    let run = stage.run_with(cuts, &Bounds::default(), &mut (&mut observer, &mut telling));
    let observed = observer.end(run);
    assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
    telling.end(&observed).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn one_run_says_first_what_disturbs_it() {
    let play = mail();
    let server = play.server("HB");
    let seeds = play.clone();
    let stage_of_stop = stage(play);
    let cut = Cut {
        after: 4,
        server,
        kind: CutKind::NewDatabase(Duration::from_secs(60)),
    };
    let stops = Disturbed::Stops(vec![(cut, bridgehead::model::SimTime::from_secs(1))]);
    let told = |format| disturbed(&stage_of_stop, &[cut], stops.clone(), format);
    let text = told(SimulateFormat::Text);
    let begin = "\
1 message and 0 events through time
Hours, minutes and seconds; m#2 is copy 2 of message m.

What is stopped besides
  - HB goes down at 0:00:01, after event 4, and is back 1min later with an
    empty queue database

0:00:01  HA  STORED m1
";
    assert!(text.starts_with(begin), "{text}");
    let document: Value = serde_json::from_str(&told(SimulateFormat::Json)).expect("JSON");
    let record = json!([{ "server": "HB", "after": 4, "at": 1000, "kind": "new", "away": 60_000 }]);
    assert_eq!(document["stops"], record);
    let first = told(SimulateFormat::JsonLines);
    let first: Value = serde_json::from_str(first.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first, json!({ "disturbed": { "stops": record } }));

    let base = stage(seeds);
    let stage = bridgehead::sim::with_faults(&base, 1);
    let faults = bridgehead::sim::faults(&base, 1);
    let many = faults.len();
    let told = |format| disturbed(&stage, &[], Disturbed::Seed(1, faults.clone()), format);
    let document: Value = serde_json::from_str(&told(SimulateFormat::Json)).expect("JSON");
    assert_eq!(document["seed"], json!(1));
    assert_eq!(document["faults"].as_array().map(Vec::len), Some(many));
    let text = told(SimulateFormat::Text);
    assert!(text.contains("\n\nFaults of seed 1\n  - "), "{text}");
}

/// A database of 2013 with two copies, and a partner who sends to it and has mail from it.
const DAG: &str = r#"(
    sites: [(name: "A")],
    servers: [(name: "P", version: Exchange2013, site: "A", dag: "D"), (name: "S", version: Exchange2013, site: "A", dag: "D")],
    dags: [(name: "D", servers: ["P", "S"])],
    databases: [(name: "DB", dag: "D", copies: [(server: "P"), (server: "S")], active_on: "P")],
    mailboxes: [(address: "bob@x.example", database: "DB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

#[test]
fn several_reasons_for_duplicates_are_all_told() {
    // P stops between the shadow and its answer: the sender sends again (DUP-1), S takes the shadow over and P comes back with
    // its own (DUP-2), and the database that has moved asks the Safety Net (DUP-8).
    let scene = Scene::new(DAG).peer("far", false, None);
    let far = bridgehead::model::PeerIdx::from_usize(0);
    let entry = bridgehead::model::Entry::Peer {
        peer: far,
        server: scene.server("P"),
        receive_connector: None,
    };
    let server = scene.server("P");
    let scene = scene.enters(1000, "zoe@far.example", &["bob@x.example"], entry, None);
    assert_eq!(
        scene.scenario.messages[bridgehead::model::MessageIdx::from_usize(0)].to,
        [Address::parse("bob@x.example")]
    );
    let stage = stage(scene.0);
    let cut = Cut {
        after: 3,
        server,
        kind: CutKind::SameDatabase(Duration::from_millis(4 * HOUR)),
    };
    let observed = observe(&stage, &[cut], &Bounds::default());
    assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
    let ids: Vec<DupId> = match observed.fates[0].cause {
        Some(Cause::Duplicate(ids)) => ids.iter().collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ids, [DupId::Dup1, DupId::Dup2, DupId::Dup8]);
    let mut out = Vec::new();
    let telling = Telling::new(&stage, SimulateFormat::Json, Palette::PLAIN, &mut out);
    telling.end(&observed).expect("memory takes everything");
    let document: Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(document["fates"][0]["cause"], json!("DUP-1, DUP-2, DUP-8"));
    assert_eq!(document["fates"][0]["fate"], json!("suppressed_duplicate"));
    assert!(observed.stopped_at[0].ms() < MINUTE);
}
