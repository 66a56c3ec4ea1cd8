//! What is remembered of a run does not grow with what has happened before: counted, not timed.

use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::model::{Entry, ScenarioEventKind as Kind};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Checker, Remembered, Sink, Stage, TraceEvent};

use super::support::Play;

/// Seconds from one message to the next: 20,000 of them are 139 days, and a message is remembered for 15.
const EVERY: u64 = 600;

/// A checker, and the most that it has remembered in each quarter of the messages.
struct Watched<'a> {
    checker: Checker<'a>,
    messages: u64,
    most: [Remembered; 4],
}

impl Sink for Watched<'_> {
    fn take(&mut self, event: &TraceEvent) {
        self.checker.take(event);
        let quarter = usize::try_from(event.at.ms() / 1000 * 4 / (self.messages * EVERY)).expect("few quarters");
        let most = &mut self.most[quarter.min(3)];
        let now = self.checker.remembered();
        *most = Remembered {
            copies: most.copies.max(now.copies),
            messages: most.messages.max(now.messages),
            moments: most.moments.max(now.moments),
            written: most.written.max(now.written),
            others: most.others.max(now.others),
        };
    }
}

/// A stream of messages from one end of a chain of two sites to the other, while the receiving end fails over now and then.
fn stream(version: &str, messages: u64, failovers: u64) -> Stage {
    let text = r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
        servers: [(name: "A1", version: VERSION, site: "A"), (name: "A2", version: VERSION, site: "A"),
            (name: "B1", version: VERSION, site: "B", dag: "D"), (name: "B2", version: VERSION, site: "B", dag: "D")],
        dags: [(name: "D")],
        databases: [(name: "DB", dag: "D", active_on: "B1", copies: [(server: "B1"), (server: "B2", replication_lag: "5s")])],
        mailboxes: [(address: "ann@x.example", server: "A1"), (address: "bob@x.example", database: "DB")],
    )"#;
    let mut play = Play::new(&text.replace("VERSION", version));
    play.scenario.settings.until = Duration::from_secs(2 * messages * EVERY);
    for at in 0..messages {
        play = match at % 2 {
            0 => play.mail(at * EVERY, "ann@x.example", &["bob@x.example"]),
            _ => {
                let entry = Entry::Client {
                    kind: bridgehead::model::ClientKind::Smtp,
                    server: play.server("A2"),
                    receive_connector: None,
                };
                play.enters(at * EVERY * 1000, "ann@x.example", &["bob@x.example"], entry, None)
            }
        };
    }
    let database = play.database("DB");
    for at in 0..failovers {
        play = play.event(
            (2 * at + 1) * messages * EVERY / (2 * failovers) + 1,
            Kind::Failover {
                database,
                to: None,
                lost_log: Duration::from_secs(3600),
            },
        );
    }
    Stage::new(play.org, play.scenario, Options::default(), Timers::default())
}

fn watched(stage: &Stage, messages: u64) -> [Remembered; 4] {
    let mut watched = Watched {
        checker: Checker::new(stage),
        messages,
        most: Default::default(),
    };
    let run = stage.run(&Bounds::default(), &mut watched);
    watched.checker.finish(&run);
    assert_eq!(watched.checker.violations(), []);
    assert!(run.over, "{run:?}");
    watched.most
}

/// What the checker remembers in the last quarter is what it remembers in the second, whatever came before, but for what it looks
/// through only every few thousand events. A quarter has 1,500 messages or more, and one record that stays behind of each of them
/// is ten times what is allowed.
fn stays_bounded(version: &str, of: u64, failovers: u64) {
    let most = watched(&stream(version, of, failovers), of);
    let [_, second, _, last] = most;
    for (what, before, now, more) in [
        ("copies", second.copies, last.copies, 2),
        ("messages", second.messages, last.messages, 20),
        ("moments", second.moments, last.moments, 100),
        ("log", second.written, last.written, 100),
        ("others", second.others, last.others, 2),
    ] {
        assert!(now <= before + more, "{what} of {version}: {most:#?}");
    }
}

#[test]
fn what_is_remembered_of_2007_is_what_is_alive() {
    stays_bounded("Exchange2007Sp1", 20_000, 0);
}

#[test]
fn what_is_remembered_of_2010_is_what_is_alive() {
    stays_bounded("Exchange2010Sp2", 6_000, 30);
}

#[test]
fn what_is_remembered_of_2013_is_what_is_alive() {
    stays_bounded("Exchange2013", 6_000, 30);
}
