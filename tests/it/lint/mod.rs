//! The rules of `lint`: their pages, when they fire and when they do not, how findings are ignored and written.

mod families;
mod formats;
mod ignoring;
mod loops_and_link_state;
mod pages;

use bridgehead::diagnostic::{Findings, Source};
use bridgehead::lint::{Ignore, Settings, lint};
use bridgehead::load::{Format, Limits, organization};
use bridgehead::model::{NameOrder, Organization};
use bridgehead::route::Graphs;

/// The organization in a topology file as RON.
fn read(text: &str) -> (Source, Organization) {
    let source = Source::new("topology.ron", text);
    let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default())
        .unwrap_or_else(|problems| panic!("{problems:#?} in {text}"));
    (source, org)
}

/// What lint finds, with the ignores of the file, on a day.
fn findings_on(text: &str, today: Option<&str>) -> Findings {
    let (_, org) = read(text);
    findings_in(&org, &Settings::default(), today)
}

fn findings_in(org: &Organization, settings: &Settings, today: Option<&str>) -> Findings {
    let graphs = Graphs::new(org);
    let entries = org.lint_ignores().iter().cloned();
    let ignores: Vec<Ignore> = entries.map(|entry| Ignore { entry, source: 0 }).collect();
    lint(org, &graphs, settings, &|_| true, &ignores, today)
}

/// `CODE kind:name` of every finding.
fn found(text: &str) -> Vec<String> {
    let findings = findings_on(text, None).findings.into_iter();
    findings.map(|f| format!("{} {}", f.rule.code, f.subject)).collect()
}

/// The subjects of the findings of one rule.
fn subjects(code: &str, text: &str) -> Vec<String> {
    let findings = findings_on(text, None).findings.into_iter();
    let of_rule = findings.filter(|finding| finding.rule.code == code);
    of_rule.map(|finding| finding.subject.to_string()).collect()
}

/// A table: why, a topology, and the subjects of the findings of one rule there.
#[track_caller]
fn check(code: &str, table: &[(&str, String, &[&str])]) {
    let fires = table.iter().filter(|(.., expect)| !expect.is_empty()).count();
    assert!(fires >= 2 && table.len() - fires >= 2, "{code}: two of each at least");
    for (why, text, expect) in table {
        assert_eq!(subjects(code, text), *expect, "{code}: {why}\n{text}");
    }
}

/// Two hubs in one site, two servers in each legacy group, connectors drawn as `E-A 1, A>B 5`; `E` is the 2007 group. Names
/// are `A to B`. `edits` are replacements in the text, each of which has to be there.
fn drawn(arcs: &str, edits: &[(&str, &str)]) -> String {
    let mut groups: Vec<String> = Vec::new();
    let mut connectors = String::new();
    for arc in arcs.split(',').map(str::trim) {
        let (ends, cost) = arc.split_once(' ').expect("an arc is `A-B 5`");
        let pairs = match (ends.split_once('-'), ends.split_once('>')) {
            (Some((a, b)), _) => vec![(a, b), (b, a)],
            (_, Some(pair)) => vec![pair],
            _ => panic!("an arc is `A-B 5` or `A>B 5`"),
        };
        for (from, to) in pairs {
            let group = |end: &str| {
                if end == "E" {
                    "DWBGZMFD01QNBJR".to_owned()
                } else {
                    end.to_owned()
                }
            };
            for end in [from, to].into_iter().filter(|end| *end != "E") {
                if !groups.iter().any(|group| group == end) {
                    groups.push(end.to_owned());
                }
            }
            let sources = if from == "E" {
                r#", source_servers: ["HUB1", "HUB2"]"#
            } else {
                ""
            };
            let (from_group, to_group) = (group(from), group(to));
            connectors.push_str(&format!(
                "(name: \"{from} to {to}\", from: \"{from_group}\", to: \"{to_group}\", cost: {cost}{sources}),\n"
            ));
        }
    }
    let mut servers = String::new();
    for hub in ["HUB1", "HUB2"] {
        servers.push_str(&format!(
            "(name: \"{hub}\", version: Exchange2007Sp3, site: \"Paris\"),\n"
        ));
    }
    let mut group_entries = String::new();
    for group in &groups {
        for n in [1, 2] {
            servers.push_str(&format!(
                "(name: \"{group}{n}\", version: Exchange2003, routing_group: \"{group}\", suppress_state_changes: false),\n"
            ));
        }
        group_entries.push_str(&format!("(name: \"{group}\"),\n"));
    }
    let mut text = format!(
        "(sites: [(name: \"Paris\")],\nservers: [{servers}],\nrouting_groups: [{group_entries}],\nrouting_group_connectors: [\n{connectors}],\n)"
    );
    for (from, to) in edits {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replace(from, to);
    }
    text
}

/// Every legacy server suppresses state changes.
const SUPPRESSED: (&str, &str) = ("suppress_state_changes: false", "suppress_state_changes: true");
