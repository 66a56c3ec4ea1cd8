//! `lint` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::{LintResult, places};
use crate::diagnostic::{Circling, Finding, Subject, SubjectKind};
use crate::report::verify::EditRecord;

/// The value of `format` in [`LintRecord`].
pub const LINT_FORMAT: &str = "bridgehead.lint/1";

/// `lint`: what to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LintRecord<'a> {
    /// `bridgehead.lint/1`.
    pub format: &'static str,
    /// No bound was reached.
    pub complete: bool,
    /// Most connectors that fail at the same time in the search for loops.
    pub max_failures: usize,
    /// The day that ignores were held against; `null`: none, so that none expired.
    pub today: Option<&'a str>,
    /// Findings that the file or a baseline accepts.
    pub suppressed: usize,
    /// Worst first, then by code and subject.
    pub findings: Vec<FindingRecord<'a>>,
    /// What was not looked at.
    pub unchecked: Vec<UncheckedRecord<'a>>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingRecord<'a> {
    /// Code of the rule.
    pub code: &'static str,
    /// Name of the rule.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// `proved`, `certain` or `likely`.
    pub confidence: &'static str,
    /// `organization:`, `site:`, `rg:`, `server:`, `link:`, `connector:`, `space:`, `receive:`, `database:` or `ignore:`, and a name.
    pub subject: String,
    /// What is wrong.
    pub message: &'a str,
    /// What it follows from.
    pub evidence: EvidenceRecord<'a>,
    /// What to do.
    pub fix: FixRecord<'a>,
    /// Where it is written.
    pub location: LocationRecord<'a>,
}

/// What a finding follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceRecord<'a> {
    /// In words.
    pub facts: Vec<&'a str>,
    /// Mail that circles, where the rule claims that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<CirclingRecord<'a>>,
}

/// Mail that circles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CirclingRecord<'a> {
    /// Whom the mail is for.
    pub recipient: NamedRecord<'a>,
    /// Connectors that have failed, by name.
    pub failed: &'a [String],
    /// Who holds the message, in order.
    pub cycle: Vec<NamedRecord<'a>>,
    /// `must` or `may`.
    pub certainty: &'static str,
    /// One lap.
    pub steps: Vec<HandoverRecord<'a>>,
}

/// One hand-over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HandoverRecord<'a> {
    /// Who hands over.
    pub at: NamedRecord<'a>,
    /// The routing-group connector that is crossed; `null` between sites.
    pub connector: Option<&'a str>,
    /// Who takes over.
    pub to: NamedRecord<'a>,
}

/// Somebody who holds or gets mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedRecord<'a> {
    /// A site.
    Site(&'a str),
    /// A legacy routing group.
    RoutingGroup(&'a str),
    /// External addresses.
    AddressSpace(&'a str),
}

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FixRecord<'a> {
    /// In words.
    pub advice: &'a str,
    /// As changes, where it is a matter of changing something.
    pub edits: Vec<EditRecord>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LocationRecord<'a> {
    /// The file as it was named, `-` for standard input.
    pub file: &'a str,
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalars.
    pub column: usize,
}

/// Something that a rule could not look at because a stated bound was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UncheckedRecord<'a> {
    /// Code of the rule.
    pub code: &'static str,
    /// What was not looked at, and what raises the bound.
    pub reason: &'a str,
}

impl<'a> LintRecord<'a> {
    /// What was found.
    pub fn new(result: LintResult<'a>) -> LintRecord<'a> {
        let unchecked = result.findings.unchecked.iter();
        LintRecord {
            format: LINT_FORMAT,
            complete: result.findings.unchecked.is_empty(),
            max_failures: result.max_failures,
            today: result.today,
            suppressed: result.findings.suppressed,
            findings: places(result)
                .into_iter()
                .map(|(finding, file, position)| {
                    let location = LocationRecord {
                        file,
                        line: position.line,
                        column: position.column,
                    };
                    FindingRecord::new(finding, location)
                })
                .collect(),
            unchecked: unchecked
                .map(|unchecked| UncheckedRecord {
                    code: unchecked.rule.code,
                    reason: &unchecked.reason,
                })
                .collect(),
        }
    }
}

impl<'a> FindingRecord<'a> {
    fn new(finding: &'a Finding, location: LocationRecord<'a>) -> FindingRecord<'a> {
        FindingRecord {
            code: finding.rule.code,
            name: finding.rule.name,
            severity: finding.severity.word(),
            confidence: finding.confidence.word(),
            subject: finding.subject.to_string(),
            message: &finding.message,
            evidence: EvidenceRecord {
                facts: finding.facts.iter().map(|fact| &**fact).collect(),
                witness: finding.witness.as_ref().map(CirclingRecord::new),
            },
            fix: FixRecord {
                advice: &finding.remedy.advice,
                edits: finding.remedy.edits.iter().map(EditRecord::from).collect(),
            },
            location,
        }
    }
}

impl<'a> CirclingRecord<'a> {
    fn new(circling: &'a Circling) -> CirclingRecord<'a> {
        let steps = circling.steps.iter();
        CirclingRecord {
            recipient: NamedRecord::new(&circling.recipient),
            failed: &circling.failed,
            cycle: circling.cycle.iter().map(NamedRecord::new).collect(),
            certainty: if circling.must { "must" } else { "may" },
            steps: steps
                .map(|step| HandoverRecord {
                    at: NamedRecord::new(&step.at),
                    connector: step.connector.as_deref(),
                    to: NamedRecord::new(&step.to),
                })
                .collect(),
        }
    }
}

impl<'a> NamedRecord<'a> {
    fn new(subject: &'a Subject) -> NamedRecord<'a> {
        match subject.kind {
            SubjectKind::RoutingGroup => NamedRecord::RoutingGroup(&subject.name),
            SubjectKind::AddressSpace => NamedRecord::AddressSpace(&subject.name),
            _ => NamedRecord::Site(&subject.name),
        }
    }
}
