//! Scenario files: what is told of bad ones, and what a good one becomes.

mod bad;
mod good;
mod odd;

use std::time::Duration;

use bridgehead::model::{
    Address, ClientKind, ConnectorRef, Cut, Delay, Edit, Entry, FateKind, MessageIdx, MessageType, Name, NameOrder,
    Organization, PeerIdx, Place, Priority, Scenario, ScenarioEventKind as What, Settings, SimTime, SizeLimit,
    TransportDatabase, WeekMinute,
};

use super::*;

const TOPOLOGY: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "Twin")],
    site_links: [(name: "A-B", sites: ["A", "B"]), (name: "Twin", sites: ["A", "Twin"])],
    servers: [
        (name: "HUB1", version: Exchange2010Sp3, site: "A", fqdn: "hub1.contoso.example"),
        (name: "HUB2", version: Exchange2010Sp3, site: "B"),
        (name: "EDGE", version: Exchange2010Sp3, roles: [EdgeTransport]),
        (name: "CAS", version: Exchange2010Sp3, site: "A", roles: [ClientAccess]),
        (name: "OLD", version: Exchange2003, routing_group: "G"),
    ],
    routing_groups: [(name: "G")],
    routing_group_connectors: [(name: "To G", from: "DWBGZMFD01QNBJR", to: "G", source_servers: ["HUB1"])],
    connectors: [(name: "Internet", kind: Send, source_servers: ["HUB1"], address_spaces: ["*"])],
    edge_subscriptions: [(edge: "EDGE", site: "A")],
    dags: [(name: "D", servers: ["HUB1", "HUB2"])],
    databases: [(name: "DB", dag: "D", copies: [(server: "HUB1"), (server: "HUB2")]), (name: "Alone", server: "HUB1")],
    mailboxes: [(address: "ann@contoso.example", database: "DB"), (address: "bob@contoso.example", server: "OLD")],
    groups: [
        (address: "all@contoso.example", members: ["ann@contoso.example", "inner@contoso.example"]),
        (address: "inner@contoso.example", members: ["all@contoso.example", "bob@contoso.example"]),
    ],
    receive_connectors: [(name: "Default", server: "HUB1"), (name: "Relay", server: "HUB2")],
)"#;

/// Reads a scenario; `org.ron` and `org.json` are the topology above, `bad.ron` is another one.
fn read(text: &str, format: Format) -> Result<(Organization, Scenario), Vec<Rejected>> {
    let source = Source::new("s", text);
    load::scenario(
        &source,
        format,
        &Limits::default(),
        NameOrder::default(),
        |path| match path {
            "org.ron" => Ok((Source::new(path, TOPOLOGY), Format::Ron)),
            "org.json" => Ok((Source::new(path, as_json(TOPOLOGY)), Format::Json)),
            "bad.ron" => Ok((
                Source::new(
                    path,
                    "(sites: [(name: \"A\")],\n servers: [(name: \"S\", version: Exchange2010Sp1, site: \"a b\")])",
                ),
                Format::Ron,
            )),
            _ => Err(load::fetch_file(Path::new(path), &Limits::default()).expect_err("there is no such file")),
        },
    )
}

/// The same topology in the other notation.
fn as_json(ron: &str) -> String {
    let document = load::read(&Source::new("t", ron), Format::Ron, &Limits::default()).expect("the topology is fine");
    load::to_json(&document)
}

#[track_caller]
fn good(text: &str) -> (Organization, Scenario) {
    read(text, Format::Ron).unwrap_or_else(|rejected| panic!("{}", told_in(&rejected).join("\n")))
}

/// What is told: `file:line:column path: message; help`.
fn told_in(rejected: &[Rejected]) -> Vec<String> {
    let mut lines = Vec::new();
    for Rejected { source, problems } in rejected {
        for problem in problems {
            let place = if problem.span.is_none() {
                source.name.clone()
            } else {
                let at = source.position(problem.span.start);
                format!("{}:{}:{}", source.name, at.line, at.column)
            };
            let help = problem.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
            lines.push(format!("{place} {}: {}{help}", problem.path, problem.message));
        }
    }
    lines
}

#[track_caller]
fn told(text: &str) -> Vec<String> {
    told_in(&read(text, Format::Ron).expect_err("the scenario is bad"))
}

/// What is told of one record in a collection, without its place.
#[track_caller]
fn told_of(collection: &str, record: &str) -> String {
    let text = format!(
        "(topology: \"org.ron\", peers: [(name: \"out\"), (name: \"A-B\")],\n \
         messages: [(id: \"m\", at: \"0s\", from: \"ann@contoso.example\", to: [\"all@contoso.example\"]), {}], {}: [{}])",
        if collection == "messages" { record } else { "" },
        if collection == "messages" { "delays" } else { collection },
        if collection == "messages" { "" } else { record },
    );
    let lines = told(&text);
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once(' ').map_or("", |(_, rest)| rest))
        .collect();
    lines.join(" | ")
}
