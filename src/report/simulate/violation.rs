//! What may not be and was: mistakes of the simulation or of its checker, for who mends them.

use schemars::JsonSchema;
use serde::Serialize;

use super::event::{instant, number};
use super::names::Names;
use crate::sim::{Evidence, Stage, Violation};

/// Something that may not be and was: a mistake of Bridgehead, and not of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ViolationRecord<'a> {
    /// What does not hold: `I1` to `I19`, `T20`, `C1` to `C4`.
    pub invariant: String,
    /// When that was seen.
    pub at: u64,
    /// For which message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What is wrong.
    pub what: &'static str,
    /// What bears it out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceRecord<'a>>,
}

/// Something that bears a violation out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceRecord<'a> {
    /// When it happened, or is due.
    pub at: u64,
    /// What.
    pub fact: &'static str,
    /// At which server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<&'a str>,
    /// To which copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<u32>,
}

impl<'a> ViolationRecord<'a> {
    /// The record of a violation.
    pub(super) fn new(names: Names<'a>, violation: &Violation) -> ViolationRecord<'a> {
        let evidence = |evidence: &Evidence| EvidenceRecord {
            at: evidence.at.ms(),
            fact: evidence.fact,
            server: evidence.server.map(|server| names.server(server)),
            copy: evidence.copy.map(number),
        };
        ViolationRecord {
            invariant: format!("{:?}", violation.invariant),
            at: violation.at.ms(),
            message: violation.message.map(|message| names.message(message)),
            recipient: violation.recipient.map(|recipient| names.recipient(recipient)),
            what: violation.what,
            evidence: violation.evidence.iter().map(evidence).collect(),
        }
    }
}

/// A violation as a fragment, with names: `I13 does not hold at 48:00:01 for m1: a copy waits longer than its time (0:00:01 it
/// came, HA, copy 3)`. Names are as they are in the file.
pub fn violation_text(stage: &Stage, violation: &Violation) -> String {
    let record = ViolationRecord::new(Names { stage }, violation);
    let mut text = format!("{} does not hold at {}", record.invariant, instant(record.at));
    for about in [record.message, record.recipient.as_deref()].into_iter().flatten() {
        text.push_str(&format!(" for {about}"));
    }
    text.push_str(&format!(": {}", record.what));
    for evidence in &record.evidence {
        let server = evidence.server.map_or(String::new(), |server| format!(", {server}"));
        let copy = evidence.copy.map_or(String::new(), |copy| format!(", copy {copy}"));
        text.push_str(&format!(" ({} {}{server}{copy})", instant(evidence.at), evidence.fact));
    }
    text
}
