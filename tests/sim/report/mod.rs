//! What `simulate` prints, and what it takes an expectation to be met.

mod every_kind;
mod time_lines;

use std::io::{self, Write};

use bridgehead::delivery::DeliveryGroup;
use bridgehead::model::{
    Address, ConnectorRef, Cut, Edit, Expectation, FateKind, MessageIdx, Name, Node, PeerIdx, ScenarioEvent,
    ScenarioEventKind as Kind, SimTime, SizeLimit, TransportDatabase,
};
use bridgehead::report::{Palette, SimulateFormat, Telling, schema};
use bridgehead::sim::{
    Actor, Bounds, CopyIdx, Fates, Hop, Observed, Observer, Promotion, RecipientIdx, Recipients, Resubmission, Return,
    Run, Safe, Sink, Stage, Store, TraceEvent, Unmet, Wanted, What,
};
use serde_json::Value;
use smallvec::SmallVec;

use super::support::Play;

const PAIR: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "HA", version: Exchange2007Sp1, site: "A"), (name: "HB", version: Exchange2007Sp1, site: "B")],
    mailboxes: [
        (address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB"),
        (address: "cid@x.example", server: "HB"),
    ],
    groups: [(address: "team@x.example", members: ["bob@x.example", "cid@x.example"])],
    connectors: [(name: "Internet", kind: Send, source_servers: ["HA"], address_spaces: ["SMTP:*;1"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn stage(play: Play) -> Stage {
    Stage::new(play.org, play.scenario, Default::default(), Default::default())
}

/// What is printed, what was expected and did not come, and how the run went.
fn told(stage: &Stage, format: SimulateFormat, bounds: Bounds) -> (String, Vec<Unmet>, Run) {
    let mut out = Vec::new();
    let mut telling = Telling::new(stage, format, Palette::PLAIN, &mut out);
    let mut observer = Observer::new(stage);
    let run = stage.run(&bounds, &mut (&mut observer, &mut telling));
    let observed = observer.end(run);
    assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
    telling.end(&observed).expect("memory takes everything");
    (String::from_utf8(out).expect("UTF-8"), observed.unmet, run)
}

fn text(play: Play) -> String {
    told(&stage(play), SimulateFormat::Text, Bounds::default()).0
}

/// Expects something of the first message.
fn expecting(mut play: Play, recipient: Option<&str>, change: impl FnOnce(&mut Expectation)) -> Play {
    let mut expectation = Expectation {
        message: MessageIdx::from_usize(0),
        recipient: recipient.map(Address::parse),
        fate: None,
        before: None,
        after: None,
        copies: None,
        queued_at: None,
        span: Default::default(),
    };
    change(&mut expectation);
    play.scenario.expectations.push(expectation);
    play
}

/// A message to a group without members is not passed over in silence.
#[test]
fn a_message_for_nobody_is_told() {
    let nobody = PAIR.replace(r#"members: ["bob@x.example", "cid@x.example"]"#, "members: []");
    let play = || {
        Play::new(&nobody)
            .mail(1, "ann@x.example", &["team@x.example"])
            .mail(2, "ann@x.example", &["bob@x.example"])
    };
    let text = text(play());
    assert!(
        text.contains(
            "  - m1 was for nobody: the groups that it was for had no members when they\n    were expanded.\n"
        ),
        "{text}"
    );
    assert!(!text.contains("m2 was for nobody"), "{text}");
    let (document, ..) = told(&stage(play()), SimulateFormat::Json, Bounds::default());
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["for_nobody"], serde_json::json!(["m1"]));
    let (lines, ..) = told(&stage(play()), SimulateFormat::JsonLines, Bounds::default());
    assert!(lines.lines().any(|line| line == r#"{"for_nobody":"m1"}"#), "{lines}");
}

/// A queue says which delivery group it is for, where that is not the site itself.
#[test]
fn a_queue_is_told_with_its_delivery_group() {
    let dag = r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"])],
        servers: [
            (name: "H", version: Exchange2007Sp1, site: "A"),
            (name: "M", version: Exchange2013, site: "B", dag: "D"), (name: "N", version: Exchange2013, site: "B", dag: "D"),
        ],
        dags: [(name: "D", servers: ["M", "N"])],
        databases: [(name: "DB", dag: "D", active_on: "M")],
        mailboxes: [(address: "ann@x.example", server: "H"), (address: "bob@x.example", database: "DB")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    let of = |from: &str, to: &str| text(Play::new(dag).mail(1, from, &[to]));
    let there = of("ann@x.example", "bob@x.example");
    assert!(there.contains("into queue to site B for D\n"), "{there}");
    // All of site A is of 2007.
    let back = of("bob@x.example", "ann@x.example");
    assert!(back.contains("into queue to site A\n"), "{back}");
}

/// Takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        match taken {
            0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn events_are_written_as_they_happen_and_what_cannot_be_written_is_told() {
    let stage = stage(waiting());
    let mut out = Vec::new();
    let mut telling = Telling::new(&stage, SimulateFormat::JsonLines, Palette::PLAIN, &mut out);
    stage.run(&Bounds::default(), &mut telling);
    drop(telling);
    let lines = String::from_utf8(out).expect("UTF-8").lines().count();
    assert_eq!(lines, 26);
    for format in [SimulateFormat::Text, SimulateFormat::Json, SimulateFormat::JsonLines] {
        let mut full = Full(100);
        let mut telling = Telling::new(&stage, format, Palette::PLAIN, &mut full);
        let run = stage.run(&Bounds::default(), &mut telling);
        let error = telling.end(&observed(&stage, run)).expect_err("it was full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}

#[test]
fn names_are_data() {
    let mut play = waiting();
    play.scenario.messages[MessageIdx::from_usize(0)].id = Name::new("m\u{1b}[31m\n1");
    let stage = stage(play);
    let text = told(&stage, SimulateFormat::Text, Bounds::default()).0;
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.contains("STORED m\\u{1b}[31m\\n1\n"), "{text}");
    let lines = told(&stage, SimulateFormat::JsonLines, Bounds::default()).0;
    assert!(
        !lines.contains('\u{1b}') && lines.contains(r"m\u001b[31m\n1"),
        "{lines}"
    );
}

/// A message that waits at HA for a server which is down for an hour.
fn waiting() -> Play {
    Play::new(PAIR)
        .down(0, "HB")
        .mail(5, "ann@x.example", &["bob@x.example"])
        .up(3600, "HB")
}

/// What is said of a run in which nothing became of anything.
fn observed(stage: &Stage, run: Run) -> Observed {
    Observed {
        fates: Fates::new(stage).fates(),
        unmet: Vec::new(),
        violations: Vec::new(),
        stopped_at: Vec::new(),
        run,
    }
}
