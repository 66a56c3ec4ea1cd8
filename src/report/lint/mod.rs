//! `lint`: findings as text, JSON, SARIF and annotations of GitHub.
//!
//! Findings are plain data ([`crate::diagnostic::Finding`]); which rules there are, and what they look at, is not known here.

mod github;
mod json;
mod sarif;
mod text;

use std::io::{self, Write};

pub use self::json::{LINT_FORMAT, LintRecord};
use super::text::{Page, Palette};
use crate::diagnostic::{Finding, Findings, Fragment, Position, RuleInfo, Source, Span};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LintFormat {
    /// Finding by finding, on 80 columns.
    Text,
    /// One document of the contract.
    Json,
    /// A log of SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// What `lint` found, and how it was asked.
#[derive(Clone, Copy)]
pub struct LintResult<'f> {
    /// What was found.
    pub findings: &'f Findings,
    /// The topology, then the baseline if there is one.
    pub sources: &'f [Source],
    /// Every rule that there is, by code.
    pub rules: &'f [RuleInfo],
    /// Most connectors that failed at the same time in the search for loops.
    pub max_failures: usize,
    /// The day that ignores were held against.
    pub today: Option<&'f str>,
}

/// Writes what was found.
///
/// # Errors
/// Those of `out`.
pub fn write_lint(result: LintResult<'_>, format: LintFormat, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    match format {
        LintFormat::Text => text::write(result, &mut Page::new(out, palette)),
        LintFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &LintRecord::new(result))?;
            writeln!(out)
        }
        LintFormat::Sarif => {
            serde_json::to_writer_pretty(&mut *out, &sarif::Log::new(result))?;
            writeln!(out)
        }
        LintFormat::Github => github::write(result, out),
    }
}

/// Where each finding stands: name of the file, line and column; the first character for what has no place of its own.
fn places<'f>(result: LintResult<'f>) -> Vec<(&'f Finding, &'f str, Position)> {
    let findings = &result.findings.findings;
    let mut positions = vec![Position { line: 1, column: 1 }; findings.len()];
    for (at, source) in result.sources.iter().enumerate() {
        let mut here: Vec<(u32, usize)> = findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.source == at && !finding.span.is_none())
            .map(|(index, finding)| (finding.span.start, index))
            .collect();
        here.sort_unstable();
        let offsets: Vec<u32> = here.iter().map(|(offset, _)| *offset).collect();
        for ((_, index), position) in here.iter().zip(source.positions(&offsets)) {
            positions[*index] = position;
        }
    }
    let placed = findings.iter().zip(positions);
    placed
        .map(|(finding, position)| (finding, result.sources[finding.source].name.as_str(), position))
        .collect()
}

/// Where the connectors of each lap are written, finding by finding, a hand-over after the other; `None`: it crosses none.
fn places_of_laps(result: LintResult<'_>) -> Vec<Vec<Option<Position>>> {
    let findings = result.findings.findings.iter();
    let steps = |finding: &'_ Finding| {
        finding
            .witness
            .iter()
            .flat_map(|witness| &witness.steps)
            .map(|step| step.span)
            .collect()
    };
    let laps: Vec<Vec<Span>> = findings.map(steps).collect();
    let mut offsets: Vec<u32> = laps
        .iter()
        .flatten()
        .filter(|span| !span.is_none())
        .map(|span| span.start)
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    let positions = result.sources[0].positions(&offsets);
    let position = |span: Span| {
        offsets
            .binary_search(&span.start)
            .ok()
            .filter(|_| !span.is_none())
            .map(|at| positions[at])
    };
    laps.into_iter()
        .map(|lap| lap.into_iter().map(position).collect())
        .collect()
}

/// Everything that a finding says beyond its message, in sentences.
fn explanation(finding: &Finding) -> Vec<String> {
    let mut sentences: Vec<String> = finding.facts.iter().map(Fragment::sentence).collect();
    if !finding.remedy.advice.is_empty() {
        sentences.push(format!("What to do: {}.", finding.remedy.advice));
    }
    sentences
}
