//! What the checker has to be silent about, since the documents or a decision say so: whole scenario files, each with what comes
//! of it.

mod answers;
mod gone;
mod groups;

use std::path::Path;
use std::time::Duration;

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::{FateKind, Name, NameOrder};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Cause, Cut, CutKind, Observed, Stage, observe};

const HUBS: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [(name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "HB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// What comes of a scenario: `ann@x.example delivered 0:00:12 x1`, with the cause where there is one.
fn comes(topology: &str, rest: &str) -> Vec<String> {
    comes_stopping(topology, rest, None)
}

/// The same when a server stops for a minute after so many events.
fn comes_stopping(topology: &str, rest: &str, stop: Option<(&str, u64)>) -> Vec<String> {
    let text = format!("(topology: {topology}, {rest})");
    let source = Source::new("scenario", &text);
    let nothing =
        |path: &str| Err(load::fetch_file(Path::new(path), &Limits::default()).expect_err("there is no file"));
    let read = load::scenario(&source, Format::Ron, &Limits::default(), NameOrder::default(), nothing);
    let (org, scenario) = read.unwrap_or_else(|problems| panic!("{problems:?}"));
    let stage = Stage::new(org, scenario, Options::default(), Timers::default());
    let cut = |(name, after): (&str, u64)| Cut {
        after,
        server: stage.org().server_by_name(&Name::new(name)).expect("a server"),
        kind: CutKind::SameDatabase(Duration::from_secs(60)),
    };
    let cuts: Vec<Cut> = stop.into_iter().map(cut).collect();
    let Observed { fates, violations, .. } = observe(&stage, &cuts, &Bounds::default());
    assert!(violations.is_empty(), "{violations:#?}\n{fates:#?}");
    let line = |fate: &bridgehead::sim::Fate| {
        let cause = match &fate.cause {
            Some(Cause::Lost(id)) => format!(" {}", id.name()),
            Some(Cause::Duplicate(ids)) => ids.iter().map(|id| format!(" {}", id.name())).collect(),
            _ => String::new(),
        };
        let kind = match fate.kind {
            FateKind::Delivered => "delivered".to_owned(),
            FateKind::Lost => "lost".to_owned(),
            other => format!("{other:?}"),
        };
        let address = stage.cast().address(fate.recipient);
        format!("{address} {kind} {} x{}{cause}", fate.at, fate.copies)
    };
    fates.iter().map(line).collect()
}

const SITE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "A1", version: Exchange2013, site: "A"), (name: "A2", version: Exchange2013, site: "A"),
        (name: "B1", version: Exchange2013, site: "B"),
    ],
    mailboxes: [
        (address: "cid@x.example", server: "A1"), (address: "dan@x.example", server: "A2"),
        (address: "eve@x.example", server: "B1"),
    ],
    groups: [(address: "g@x.example", members: ["cid@x.example", "dan@x.example"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;
