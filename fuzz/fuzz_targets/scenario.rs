//! Any bytes as a scenario file, in either notation: problems, never a panic; what is wrong once is wrong twice.
#![no_main]

use bridgehead::diagnostic::Source;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::NameOrder;
use libfuzzer_sys::fuzz_target;

const TOPOLOGY: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "L", sites: ["A", "B"])],
    servers: [(name: "S", version: Exchange2010Sp3, site: "A"), (name: "T", version: Exchange2003, routing_group: "G")],
    routing_groups: [(name: "G")],
    routing_group_connectors: [(name: "R", from: "DWBGZMFD01QNBJR", to: "G", source_servers: ["S"])],
    connectors: [(name: "C", kind: Send, source_servers: ["S"], address_spaces: ["*"])],
    databases: [(name: "D", server: "S")],
    mailboxes: [(address: "a@b", database: "D")],
    groups: [(address: "g@b", members: ["a@b", "g@b"])],
    receive_connectors: [(name: "X", server: "S")],
)"#;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok(source) = load::decode("fuzz", data.to_vec(), &limits) else { return };
    let topology = |path: &str| Ok((Source::new(path, TOPOLOGY), Format::Ron));
    for format in [Format::Ron, Format::Json] {
        let order = NameOrder::default();
        let read = load::scenario(&source, format, &limits, order, topology);
        let again = load::scenario(&source, format, &limits, order, topology);
        match (read, again) {
            (Ok((_, scenario)), Ok((_, same))) => {
                assert!(scenario == same);
                assert!(scenario.events.is_sorted_by_key(|event| event.at));
                assert!(scenario.messages.iter().is_sorted_by_key(|message| message.at));
                assert!(scenario.expectations.iter().all(|expected| expected.message.index() < scenario.messages.len()));
            }
            (Err(problems), Err(same)) => {
                assert!(!problems.is_empty() && problems.iter().all(|rejected| !rejected.problems.is_empty()));
                assert!(problems == same);
            }
            _ => panic!("one input, two answers"),
        }
    }
});
