//! Findings as a log of SARIF 2.1.0 (OASIS, 2020-03-27), as far as code scanning reads it.
//!
//! `results` is there when there are none: that is what closes alerts. Suppressed findings are left out, since viewers show
//! them like any other. Columns count Unicode scalars, and `columnKind` says so.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{LintResult, explanation, places, places_of_laps};
use crate::diagnostic::{Finding, Position, RuleInfo, Severity};
use crate::report::verify::EditRecord;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
pub(super) struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Text {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'static str>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    precision: &'static str,
    tags: [&'static str; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    descriptor: Reference,
}

#[derive(Serialize)]
struct Reference {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    /// The connectors of a lap, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<ResultProperties>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Related {
    id: usize,
    physical_location: PhysicalLocation,
    message: Text,
}

/// What changes end it: a `fix` of the standard replaces text of a file, and these are about the organization.
#[derive(Serialize)]
struct ResultProperties {
    edits: Vec<EditRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

impl Log {
    pub(super) fn new(result: LintResult<'_>) -> Log {
        // Pages are long: those of rules that found something, or could not look, are enough.
        let told = |rule: &&RuleInfo| {
            let mut found = result.findings.findings.iter().map(|finding| finding.rule.code);
            let mut unchecked = result.findings.unchecked.iter().map(|unchecked| unchecked.rule.code);
            found.any(|code| code == rule.code) || unchecked.any(|code| code == rule.code)
        };
        let rules: Vec<&RuleInfo> = result.rules.iter().filter(told).collect();
        let results: Vec<SarifResult> = places(result)
            .into_iter()
            .zip(places_of_laps(result))
            .map(|((finding, file, position), lap)| {
                let rule_index = rules.iter().position(|rule| rule.code == finding.rule.code);
                SarifResult::new(
                    finding,
                    rule_index.expect("every finding has a rule"),
                    (file, position),
                    lap,
                )
            })
            .collect();
        let unchecked = result.findings.unchecked.iter();
        Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "bridgehead",
                        version: env!("CARGO_PKG_VERSION"),
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: rules.into_iter().map(Descriptor::new).collect(),
                    },
                },
                invocations: [Invocation {
                    execution_successful: true,
                    tool_execution_notifications: unchecked
                        .map(|unchecked| Notification {
                            level: "warning",
                            message: Text::plain(format!("Not everything was looked at: {}.", unchecked.reason)),
                            descriptor: Reference {
                                id: unchecked.rule.code,
                            },
                        })
                        .collect(),
                }],
                column_kind: "unicodeCodePoints",
                results,
            }],
        }
    }
}

impl Descriptor {
    fn new(rule: &RuleInfo) -> Descriptor {
        Descriptor {
            id: rule.code,
            name: rule.name,
            short_description: Text::plain(rule.name.replace('-', " ")),
            full_description: Text::plain(rule.summary()),
            help: Text {
                text: rule.page.to_owned(),
                markdown: Some(rule.page),
            },
            default_configuration: Configuration {
                level: level(rule.severity),
            },
            properties: RuleProperties {
                precision: "high",
                tags: ["exchange", "mail-routing"],
            },
        }
    }
}

impl SarifResult {
    fn new(
        finding: &Finding,
        rule_index: usize,
        (file, position): (&str, Position),
        lap: Vec<Option<Position>>,
    ) -> SarifResult {
        let mut parts = vec![finding.message.sentence()];
        parts.extend(explanation(finding));
        let fingerprint = format!("{} {}", finding.rule.code, finding.subject);
        SarifResult {
            rule_id: finding.rule.code,
            rule_index,
            level: level(finding.severity),
            message: Text::plain(parts.join("\n")),
            locations: [Location {
                physical_location: PhysicalLocation::new(file, position),
                logical_locations: [LogicalLocation {
                    fully_qualified_name: finding.subject.to_string(),
                }],
            }],
            // What stays the same when lines move.
            partial_fingerprints: BTreeMap::from([("subject/v1", format!("{fingerprint}: {}", finding.message))]),
            related_locations: lap
                .into_iter()
                .enumerate()
                .filter_map(|(at, place)| {
                    let step = &finding.witness.as_ref()?.steps[at];
                    let over = step.connector.as_deref().unwrap_or_default();
                    Some(Related {
                        id: at + 1,
                        physical_location: PhysicalLocation::new(file, place?),
                        message: Text::plain(format!("{} hands over to {} by {over}", step.at, step.to)),
                    })
                })
                .collect(),
            properties: (!finding.remedy.edits.is_empty()).then(|| ResultProperties {
                edits: finding.remedy.edits.iter().map(EditRecord::from).collect(),
            }),
        }
    }
}

impl PhysicalLocation {
    fn new(file: &str, position: Position) -> PhysicalLocation {
        PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(file) },
            region: Region {
                start_line: position.line,
                start_column: position.column,
            },
        }
    }
}

impl Text {
    fn plain(text: String) -> Text {
        Text { text, markdown: None }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a reference of RFC 3986: forward slashes, everything else that is not unreserved as percent signs. A drive
/// letter makes a file address.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut text = String::new();
    if path.as_bytes().get(1) == Some(&b':') {
        text.push_str("file:///");
    } else if path.starts_with('/') {
        text.push_str("file://");
    }
    for byte in path.bytes() {
        let drive = byte == b':' && text.len() == "file:///C".len();
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(byte as char),
            _ if drive => text.push(':'),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        for (path, expect) in [
            ("a/b.ron", "a/b.ron"),
            ("my file.ron", "my%20file.ron"),
            (r"C:\org\contoso.ron", "file:///C:/org/contoso.ron"),
            ("/srv/contoso.ron", "file:///srv/contoso.ron"),
            ("100%é:#.ron", "100%25%C3%A9%3A%23.ron"),
        ] {
            assert_eq!(uri(path), expect);
        }
    }
}
