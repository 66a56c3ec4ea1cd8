//! When rules fire and when they do not, by family.

mod changes;
mod coexistence;
mod connectors;
mod ignores;
mod limits;
mod link_state;
mod loops;
mod redundancy;
mod sites;

use super::catalogue::Rule;
use super::{SUPPRESSED, drawn};
use crate::support::graph_fields;

/// Every family. That no rule is missing is a test of the catalogue.
pub(super) fn all() -> Vec<Rule> {
    let families = [
        changes::rules(),
        coexistence::rules(),
        connectors::rules(),
        ignores::rules(),
        limits::rules(),
        link_state::rules(),
        loops::rules(),
        redundancy::rules(),
        sites::rules(),
    ];
    families.into_iter().flatten().collect()
}

fn graph(drawing: &str) -> String {
    format!("({})", graph_fields(drawing))
}

/// Sites A and B joined at cost 5, a hub in each, and connectors.
pub(super) fn two_sites(connectors: &str) -> String {
    format!(
        "({} servers: [(name: \"HA\", version: Exchange2010Sp3, site: \"A\"), (name: \"HB\", version: Exchange2010Sp3, site: \"B\")], connectors: [{connectors}])",
        graph_fields("A-B 5")
    )
}

pub(super) fn send(name: &str, source: &str, space: &str, more: &str) -> String {
    format!("(name: \"{name}\", kind: Send, source_servers: [{source}], address_spaces: [\"{space}\"], {more}),")
}

/// A drawing in which every legacy server suppresses state changes, and a server, a connector or a mailbox more.
pub(super) fn drawn_with(arcs: &str, more: &str) -> String {
    with(&drawn(arcs, &[SUPPRESSED]), more)
}

/// A file and one collection more.
fn with(text: &str, more: &str) -> String {
    text.strip_suffix(')').expect("a record").to_owned() + more + "\n)"
}
