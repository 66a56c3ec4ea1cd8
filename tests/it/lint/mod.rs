//! The rules of `lint`: their pages, when they fire and when they do not, how findings are ignored and written.

mod cases;
mod catalogue;
mod changes;
mod details;
mod formats;
mod ignoring;
mod pages;
mod sarif;

use bridgehead::diagnostic::{Findings, Source};
use bridgehead::lint::{Asked, Ignore, Settings, lint};
use bridgehead::load::{Format, Limits, organization};
use bridgehead::model::{NameOrder, Organization};
use bridgehead::route::Graphs;

/// The organization in a topology file as RON.
fn read(text: &str) -> (Source, Organization) {
    read_format(text, Format::Ron)
}

fn read_format(text: &str, format: Format) -> (Source, Organization) {
    let source = Source::new("topology.ron", text);
    let org = organization(&source, format, &Limits::default(), NameOrder::default())
        .unwrap_or_else(|problems| panic!("{problems:#?} in {text}"));
    (source, org)
}

/// What lint finds, with the ignores of the file, on a day.
fn findings_on(text: &str, today: Option<&str>) -> Findings {
    findings_after(None, text, Format::Ron, today)
}

/// What lint finds in a file in some format, after a change of the organization in `previous`, as RON.
fn findings_after(previous: Option<&str>, text: &str, format: Format, today: Option<&str>) -> Findings {
    let (_, org) = read_format(text, format);
    let old = previous.map(|text| read(text).1);
    asked(&org, old.as_ref(), &Settings::default(), today)
}

fn findings_in(org: &Organization, settings: &Settings, today: Option<&str>) -> Findings {
    asked(org, None, settings, today)
}

fn asked(org: &Organization, old: Option<&Organization>, settings: &Settings, today: Option<&str>) -> Findings {
    let graphs = Graphs::new(org);
    let older = old.map(|old| (old, Graphs::new(old)));
    let entries = org.lint_ignores().iter().cloned();
    let ignores: Vec<Ignore> = entries.map(|entry| Ignore { entry, source: 0 }).collect();
    let asked = Asked {
        wanted: &|_| true,
        ignores: &ignores,
        today,
        previous: older.as_ref().map(|(old, graphs)| (*old, graphs)),
        progress: &|_| {},
    };
    lint(org, &graphs, settings, asked)
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
    let text = format!(
        "(sites: [(name: \"Paris\")],\nservers: [{servers}],\nrouting_groups: [{group_entries}],\nrouting_group_connectors: [\n{connectors}],\n)"
    );
    edited(&text, edits)
}

/// A text with replacements, each of which finds something.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replace(from, to);
    }
    text
}

/// Every legacy server suppresses state changes.
const SUPPRESSED: (&str, &str) = ("suppress_state_changes: false", "suppress_state_changes: true");

/// The loop of the worked example RW36: A to B fails, A goes by the 2007 group, which goes by A.
const RW36: &str = "E-A 1, A-B 1, E>B 5, B>E 1";
