//! Findings as workflow commands, which GitHub shows beside the lines of a change.

use std::io::{self, Write};

use super::{LintResult, explanation, places};
use crate::diagnostic::Severity;
use crate::report::escape::escaped;

/// One command for each finding, and one for each thing that was not looked at.
pub(super) fn write(result: LintResult<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (finding, file, position) in places(result) {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let title = format!("{} {}", finding.rule.code, finding.rule.name);
        let mut parts = vec![finding.message.sentence()];
        parts.extend(explanation(finding));
        writeln!(
            out,
            "::{level} file={},line={},col={},title={}::{}",
            property(file),
            position.line,
            position.column,
            property(&title),
            message(&parts)
        )?;
    }
    for unchecked in &result.findings.unchecked {
        let title = format!("{} {}", unchecked.rule.code, unchecked.rule.name);
        let text = format!("Not everything was looked at: {}.", unchecked.reason);
        writeln!(out, "::warning title={}::{}", property(&title), message(&[text]))?;
    }
    Ok(())
}

/// A text of several lines that cannot end the command: names are data, and control characters in them, line breaks too, shown.
fn message(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property, where colons and commas mean something, too.
fn property(text: &str) -> String {
    escaped(text)
        .replace('%', "%25")
        .replace(':', "%3A")
        .replace(',', "%2C")
}
