//! Finding by finding, on 80 columns.

use std::io;

use anstyle::Style;

use super::{LintResult, places};
use crate::diagnostic::{Circling, Finding, Severity};
use crate::report::escape::escaped;
use crate::report::text::{Page, counted, counted_as, enumeration};

/// Changes that text lists; the advice names them all in words.
const EDITS_SHOWN: usize = 5;

pub(super) fn write(result: LintResult<'_>, page: &mut Page<'_>) -> io::Result<()> {
    for (finding, file, position) in places(result) {
        let place = format!("{}:{}:{}", escaped(file), position.line, position.column);
        write_finding(finding, &place, page)?;
        page.blank()?;
    }
    summary(result, page)
}

fn write_finding(finding: &Finding, place: &str, page: &mut Page<'_>) -> io::Result<()> {
    let style = match finding.severity {
        Severity::Error => page.palette.bad,
        Severity::Warning => page.palette.warn,
        Severity::Info => page.palette.strong,
    };
    let head = format!(
        "{} {} {}: {}",
        finding.severity.word(),
        finding.rule.code,
        finding.rule.name,
        escaped(&finding.subject.to_string())
    );
    page.hanging(style, 0, 2, &head)?;
    let dim = page.palette.dim;
    page.line(dim, &format!("  {place} ({})", finding.confidence.word()))?;
    page.paragraph(Style::new(), 2, &escaped(&finding.message.sentence()))?;
    for fact in &finding.facts {
        page.hanging(Style::new(), 2, 4, &format!("- {}", escaped(&fact.sentence())))?;
    }
    if let Some(circling) = &finding.witness {
        write_lap(circling, page)?;
    }
    if !finding.remedy.advice.is_empty() {
        let advice = format!("What to do: {}", escaped(&sentence_end(&finding.remedy.advice)));
        page.hanging(page.palette.good, 2, 4, &advice)?;
    }
    let commands = finding.remedy.edits.iter().filter_map(|edit| edit.command.as_ref());
    for command in commands.clone().take(EDITS_SHOWN) {
        page.line(page.palette.dim, &format!("    {}", escaped(command)))?;
    }
    if commands.clone().count() > EDITS_SHOWN {
        let more = format!(
            "and {} more, which --format json lists.",
            commands.count() - EDITS_SHOWN
        );
        page.paragraph(page.palette.dim, 4, &more)?;
    }
    Ok(())
}

/// One lap of a message that circles.
fn write_lap(circling: &Circling, page: &mut Page<'_>) -> io::Result<()> {
    let failed: Vec<String> = circling.failed.iter().map(|name| escaped(name).into_owned()).collect();
    let failed = match failed.len() {
        0 => "nothing failed".to_owned(),
        _ => format!("{} failed", enumeration(&failed)),
    };
    let certainty = if circling.must { "must" } else { "may" };
    let head = format!(
        "Witness ({certainty}): mail for {}, {failed}.",
        escaped(&circling.recipient.to_string())
    );
    page.hanging(Style::new(), 2, 4, &head)?;
    for (at, step) in circling.steps.iter().enumerate() {
        let over = match &step.connector {
            Some(connector) => format!(" over {}", escaped(connector)),
            None => String::new(),
        };
        let text = format!(
            "{}. {} → {}{over}",
            at + 1,
            escaped(&step.at.to_string()),
            escaped(&step.to.to_string())
        );
        page.hanging(Style::new(), 4, 7, &text)?;
    }
    Ok(())
}

/// A fragment with a stop, its first letter as it is.
fn sentence_end(fragment: &str) -> String {
    let stop = if fragment.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{fragment}{stop}")
}

fn summary(result: LintResult<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let findings = &result.findings.findings;
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ]
    .into_iter()
    .filter(|(severity, _)| of(*severity) > 0)
    .map(|(severity, noun)| counted(of(severity), noun))
    .collect();
    let (style, text) = match counts.len() {
        0 => (page.palette.good, "No findings.".to_owned()),
        _ if of(Severity::Error) > 0 => (page.palette.bad, format!("{}.", enumeration(&counts))),
        _ => (page.palette.warn, format!("{}.", enumeration(&counts))),
    };
    page.paragraph(style, 0, &text)?;
    if result.findings.suppressed > 0 {
        let suppressed = result.findings.suppressed;
        let text = format!(
            "{} ignored.",
            counted_as(suppressed, "more finding is", "more findings are")
        );
        page.paragraph(page.palette.dim, 0, &text)?;
    }
    if result.today.is_none() && result.findings.dated_ignores > 0 {
        let text = format!(
            "{} until a day; without --today none has expired.",
            counted_as(result.findings.dated_ignores, "ignore holds", "ignores hold")
        );
        page.paragraph(page.palette.dim, 0, &text)?;
    }
    for unchecked in &result.findings.unchecked {
        let text = format!(
            "{} did not look at everything: {}.",
            unchecked.rule.code, unchecked.reason
        );
        page.paragraph(page.palette.warn, 0, &escaped(&text))?;
    }
    Ok(())
}
