//! Any bytes as a scenario file, in either notation: problems, never a panic; what is wrong once is wrong twice. What can be
//! read happens, and the checker of traces has nothing to say.
#![no_main]

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::NameOrder;
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Stage, observe};
use libfuzzer_sys::fuzz_target;

/// Whatever file a scenario names, this is in it: every version that does something else, in as few servers as show it.
const TOPOLOGY: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "L", sites: ["A", "B"])],
    servers: [
        (name: "S", version: Exchange2010Sp3, site: "A", dag: "D10"), (name: "U", version: Exchange2010Sp3, site: "A", dag: "D10"),
        (name: "V", version: Exchange2013, site: "B", dag: "D13"), (name: "W", version: Exchange2013, site: "B", dag: "D13"),
        (name: "T", version: Exchange2003, routing_group: "G"), (name: "H", version: Exchange2007Sp1, site: "A"),
    ],
    dags: [(name: "D10", servers: ["S", "U"]), (name: "D13", servers: ["V", "W"])],
    routing_groups: [(name: "G")],
    routing_group_connectors: [
        (name: "R", from: "DWBGZMFD01QNBJR", to: "G", source_servers: ["S"]), (name: "Q", from: "G", to: "DWBGZMFD01QNBJR", target_servers: ["S"]),
    ],
    connectors: [(name: "C", kind: Send, source_servers: ["S", "V"], address_spaces: ["*"], smart_hosts: ["p"])],
    databases: [
        (name: "D", dag: "D10", copies: [(server: "S"), (server: "U")], active_on: "S"),
        (name: "F", dag: "D13", copies: [(server: "V"), (server: "W")], active_on: "V"),
        (name: "O", server: "H"),
    ],
    mailboxes: [(address: "a@b", database: "D"), (address: "f@b", database: "F"), (address: "o@b", database: "O")],
    groups: [(address: "g@b", members: ["a@b", "f@b", "g@b"])],
    receive_connectors: [(name: "X", server: "S")],
)"#;

/// Enough for every timer to be due, and quick.
const BOUNDS: Bounds = Bounds { events_max: 5_000 };

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok(source) = load::decode("fuzz", data.to_vec(), &limits) else { return };
    let topology = |path: &str| Ok((Source::new(path, TOPOLOGY), Format::Ron));
    for format in [Format::Ron, Format::Json] {
        let order = NameOrder::default();
        let read = load::scenario(&source, format, &limits, order, topology);
        let again = load::scenario(&source, format, &limits, order, topology);
        match (read, again) {
            (Ok((org, scenario)), Ok((_, same))) => {
                assert!(scenario == same);
                assert!(scenario.events.is_sorted_by_key(|event| event.at));
                assert!(scenario.messages.iter().is_sorted_by_key(|message| message.at));
                assert!(scenario.expectations.iter().all(|expected| expected.message.index() < scenario.messages.len()));
                let stage = Stage::new(org, scenario, Options::default(), Timers::default());
                let observed = observe(&stage, &[], &BOUNDS);
                assert!(observed.violations.is_empty(), "{:#?}", observed.violations);
            }
            (Err(problems), Err(same)) => {
                assert!(!problems.is_empty() && problems.iter().all(|rejected| !rejected.problems.is_empty()));
                assert!(problems == same);
            }
            _ => panic!("one input, two answers"),
        }
    }
});
