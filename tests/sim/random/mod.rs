//! Organizations and scenarios by chance, every run watched by a checker.
//!
//! `BRIDGEHEAD_SEEDS=a..b` (or a number) runs other seeds than the suite does and prints the counts; a long run is a sequence of
//! such ranges. `BRIDGEHEAD_VERSIONS=2007|2010|2013|all` leaves the other versions out. A seed that fails prints its whole
//! scenario, with `BRIDGEHEAD_TRACE=1` its trace, too; the same seed makes it again.

mod dice;
mod mutants;
mod organization;
mod scenario;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;

use bridgehead::linkstate::Timers;
use bridgehead::model::Scenario;
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Checker, Run, Sink, Stage, TraceEvent, Violation};
use md5::{Digest, Md5};
use rayon::prelude::*;

use super::support::org;

/// Which versions an organization is made of.
#[derive(Clone, Copy)]
struct Mix {
    name: &'static str,
    versions: &'static [&'static str],
    /// With 2003 servers in routing groups.
    legacy: bool,
}

/// What protects nothing: every loss but those of legacy and 2007 is a mistake.
const WITHOUT_SHADOWS: Mix = Mix {
    name: "2007",
    versions: &["Exchange2007Rtm", "Exchange2007Sp1", "Exchange2007Sp3"],
    legacy: true,
};
const TEN: Mix = Mix {
    name: "2010",
    versions: &["Exchange2010Rtm", "Exchange2010Sp2"],
    legacy: false,
};
const THIRTEEN: Mix = Mix {
    name: "2013",
    versions: &["Exchange2013", "Exchange2016"],
    legacy: false,
};
const EVERYTHING: Mix = Mix {
    name: "all",
    versions: &[
        "Exchange2007Sp1",
        "Exchange2010Rtm",
        "Exchange2010Sp2",
        "Exchange2013",
        "Exchange2016",
    ],
    legacy: true,
};

/// How many seeds of each mix the suite runs.
const USUAL: u64 = 550;

/// The seeds to run, and whether they were asked for.
fn seeds(usual: u64) -> (Range<u64>, bool) {
    let Ok(text) = std::env::var("BRIDGEHEAD_SEEDS") else {
        return (0..usual, false);
    };
    let number = |text: &str| text.parse().expect("BRIDGEHEAD_SEEDS=a..b or a number");
    let range = match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => 0..number(&text),
    };
    (range, true)
}

fn stage(seed: u64, mix: Mix) -> (String, Stage) {
    let text = organization::organization(seed, mix);
    let org = org(&text);
    let scenario = scenario::scenario(seed, &org);
    (text, Stage::new(org, scenario, Options::default(), Timers::default()))
}

fn run(stage: &Stage) -> (Run, Vec<TraceEvent>, Checker<'_>) {
    let mut both = (Vec::new(), Checker::new(stage));
    let run = stage.run(&Bounds { events_max: 2_000_000 }, &mut both);
    both.1.finish(&run);
    (run, both.0, both.1)
}

/// Everything that it takes to see what happened.
fn told(seed: u64, text: &str, scenario: &Scenario, violations: &[Violation]) -> String {
    let mut told = format!("seed {seed}\n{text}");
    for peer in &scenario.peers {
        let _ = writeln!(told, "peer {} shadow {} {:?}", peer.name, peer.shadow, peer.ack_timeout);
    }
    for delay in &scenario.delays {
        let _ = writeln!(told, "{delay:?}");
    }
    for message in &scenario.messages {
        let to: Vec<String> = message.to.iter().map(|to| to.value().to_string()).collect();
        let _ = writeln!(
            told,
            "{} {} {} -> {} {:?}",
            message.at,
            message.id,
            message.from,
            to.join(" "),
            message.entry
        );
    }
    for event in &scenario.events {
        let _ = writeln!(told, "{} {:?}", event.at, event.what);
    }
    for violation in violations {
        let _ = writeln!(told, "! {violation}");
    }
    told
}

/// What some runs were, together.
#[derive(Debug, Default)]
struct Counts {
    runs: u64,
    messages: u64,
    faults: u64,
    events: u64,
    virtual_ms: u64,
    /// Events of the longest run, and its seed.
    longest: (u64, u64),
    /// Losses and duplicates by id.
    met: BTreeMap<&'static str, u64>,
    /// What does not hold: how often, and the first seed.
    wrong: BTreeMap<String, (u64, u64)>,
    /// Everything that there is to see of the first seed that failed.
    first: Option<(u64, String)>,
}

impl Counts {
    fn of(seed: u64, mix: Mix) -> Counts {
        let (text, stage) = stage(seed, mix);
        let (run, trace, checker) = run(&stage);
        let scenario = stage.scenario();
        let mut counts = Counts {
            runs: 1,
            messages: u64::try_from(scenario.messages.len()).expect("few"),
            faults: u64::try_from(scenario.events.len()).expect("few"),
            events: run.events,
            virtual_ms: run.ended_at.ms(),
            longest: (run.events, seed),
            ..Counts::default()
        };
        let losses = checker.losses().iter().map(|loss| loss.id.name());
        let duplicates = checker.duplicates().iter().map(|duplicate| duplicate.id.name());
        for id in losses.chain(duplicates) {
            *counts.met.entry(id).or_insert(0) += 1;
        }
        for violation in checker.violations() {
            let what = format!("{:?} {}", violation.invariant, violation.what);
            counts.wrong.entry(what).or_insert((0, seed)).0 += 1;
        }
        if run.limit_hit {
            counts.wrong.insert("no end".to_owned(), (1, seed));
        }
        if !counts.wrong.is_empty() {
            let mut told = told(seed, &text, scenario, checker.violations());
            if std::env::var("BRIDGEHEAD_TRACE").is_ok() {
                for event in &trace {
                    let _ = writeln!(told, "{} {:?}", event.at, event.what);
                }
            }
            counts.first = Some((seed, told));
        }
        counts
    }

    fn and(mut self, other: Counts) -> Counts {
        self.runs += other.runs;
        self.messages += other.messages;
        self.faults += other.faults;
        self.events += other.events;
        self.virtual_ms += other.virtual_ms;
        self.longest = self.longest.max(other.longest);
        for (id, count) in other.met {
            *self.met.entry(id).or_insert(0) += count;
        }
        for (what, (count, seed)) in other.wrong {
            let known = self.wrong.entry(what).or_insert((0, seed));
            *known = (known.0 + count, known.1.min(seed));
        }
        self.first = [self.first, other.first]
            .into_iter()
            .flatten()
            .min_by_key(|(seed, _)| *seed);
        self
    }
}

/// Runs seeds of a mix; `None`: another one was asked for.
fn watch(mix: Mix) -> Option<Counts> {
    let asked = std::env::var("BRIDGEHEAD_VERSIONS");
    if asked.is_ok_and(|asked| asked != mix.name) {
        return None;
    }
    let (seeds, asked) = seeds(USUAL);
    let counts = seeds
        .clone()
        .into_par_iter()
        .map(|seed| Counts::of(seed, mix))
        .reduce(Counts::default, Counts::and);
    let years = counts.virtual_ms / (365 * 86_400_000);
    // Straight to the stream: the test harness would keep it to itself.
    writeln!(
        std::io::stderr().lock(),
        "{}: seeds {seeds:?}, {} messages, {} faults, {} events (seed {} has {}), {years} virtual years, {:?}",
        mix.name,
        counts.messages,
        counts.faults,
        counts.events,
        counts.longest.1,
        counts.longest.0,
        counts.met
    )
    .expect("standard error takes a line");
    if let Some((_, told)) = &counts.first {
        let mut summary = String::new();
        for (what, (count, seed)) in &counts.wrong {
            let _ = writeln!(summary, "{count:6} {what}, first with seed {seed}");
        }
        panic!("{told}\n{summary}");
    }
    // A run in which nothing goes wrong shows nothing; a few seeds alone may be such.
    (!asked).then_some(counts)
}

fn shows(counts: Option<Counts>, ids: &[&str]) {
    let Some(counts) = counts else { return };
    for id in ids {
        assert!(counts.met.contains_key(id), "no run shows {id}: {:?}", counts.met);
    }
}

#[test]
fn what_has_to_hold_holds_in_every_run_of_2003_and_2007() {
    shows(watch(WITHOUT_SHADOWS), &["L07-1", "L10-11", "groups"]);
}

#[test]
fn what_has_to_hold_holds_in_every_run_of_2010() {
    let ids = ["L10-3", "L10-5", "L10-11", "DUP-2", "DUP-3", "DUP-4", "DUP-9"];
    shows(watch(TEN), &ids);
}

#[test]
fn what_has_to_hold_holds_in_every_run_of_2013() {
    let ids = ["L13-1", "L13-9", "L13-11", "DUP-1", "DUP-2", "DUP-3", "DUP-4", "DUP-8"];
    shows(watch(THIRTEEN), &ids);
}

#[test]
fn what_has_to_hold_holds_in_every_run_of_all_versions() {
    shows(watch(EVERYTHING), &["L13-1", "L10-11", "DUP-2", "DUP-9", "groups"]);
}

/// A trace as one number.
#[derive(Default)]
struct Fingerprint(Md5);

impl Sink for Fingerprint {
    fn take(&mut self, event: &TraceEvent) {
        self.0.update(format!("{event:?}\n"));
    }
}

/// I18: the same seed, the same trace: run twice, with one thread and with two, in every build.
#[test]
fn the_same_seed_gives_the_same_trace() {
    let digest = |seed: u64| -> [u8; 16] {
        let mut fingerprint = Fingerprint::default();
        let (_, stage) = stage(seed, EVERYTHING);
        stage.run(&Bounds::default(), &mut fingerprint);
        fingerprint.0.finalize().into()
    };
    let together = |threads: usize| -> Vec<[u8; 16]> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads")
            .install(|| (0..40).into_par_iter().map(digest).collect())
    };
    let one = together(1);
    assert_eq!(one, together(2));
    let all: [u8; 16] = Md5::digest(one.concat()).into();
    // In debug and release and on every machine the same: it changes when what is told of these seeds does.
    assert_eq!(
        u128::from_be_bytes(all),
        0x33ba_0abc_2ebf_9121_a30e_a291_1cc7_8cd0,
        "{:#034x}",
        u128::from_be_bytes(all)
    );
}
