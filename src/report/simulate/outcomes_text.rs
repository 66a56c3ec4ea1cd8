//! What came of many runs, for somebody who wants to know what can go wrong and nothing else.

use std::collections::BTreeMap;
use std::io;

use anstyle::Style;

use super::outcomes::{Many, One, OutcomeRecord};
use super::record::{ExpectationRecord, FateRecord};
use super::text::{end_text, fate_text, mark, wanted_text, write_disturbed};
use crate::report::escape::escaped;
use crate::report::text::{Column, Page, Table, counted, counted_as, enumeration};
use crate::sim::{Observed, Stage};

const COLUMNS: &[Column] = &[
    Column::text("What can happen", 10),
    Column::text("Cause", 6),
    Column::number("Outcomes"),
    Column::number("Of runs"),
];

/// Outcomes that are told; the others are counted.
const OUTCOMES_SHOWN: usize = 20;
/// Messages of an outcome that are told; the others are counted.
const FATES_SHOWN: usize = 8;

/// See the module. `outcomes` are those of `many`.
pub(super) fn write(stage: &Stage, many: &Many<'_>, outcomes: &[One<'_>], page: &mut Page<'_>) -> io::Result<()> {
    write_begin(stage, many, outcomes, page)?;
    let usual = many.undisturbed();
    let record = |one: &One<'_>| OutcomeRecord::new(stage, usual, one);
    let others = outcomes.iter().filter(|one| !one.is_usual);
    let mut others: Vec<_> = others.map(|one| (one, record(one))).collect();
    // Stable: what is wrong comes first, then the worst, and the order of the search is kept.
    others.sort_by_key(|(one, record)| {
        let worst = record.fates.iter().map(|fate| order(fate.fate)).min();
        (!one.observed.is_wrong(), worst.unwrap_or(u8::MAX))
    });
    write_table(&others, page)?;
    for (number, (one, record)) in (1..).zip(&others[..others.len().min(OUTCOMES_SHOWN)]) {
        page.section(&format!("Outcome {number}: {}", runs_text(many, one.runs)))?;
        write_disturbed(stage, &one.disturbed, page)?;
        write_outcome(record, page)?;
        // A command is not wrapped, so that it can be copied.
        let command = escaped(&one.disturbed.command(stage)).into_owned();
        page.line(page.palette.dim, &format!("  {command}"))?;
    }
    page.blank()?;
    if others.len() > OUTCOMES_SHOWN {
        let rest = counted_as(others.len() - OUTCOMES_SHOWN, "outcome more", "outcomes more");
        page.paragraph(Style::new(), 0, &format!("There are {rest}: --format json has all."))?;
    }
    write_end(many, page)
}

fn runs_text(many: &Many<'_>, runs: u64) -> String {
    match many {
        Many::Stops(..) => counted(runs, "schedule"),
        Many::Seeds(..) => counted(runs, "seed"),
    }
}

fn write_begin(stage: &Stage, many: &Many<'_>, outcomes: &[One<'_>], page: &mut Page<'_>) -> io::Result<()> {
    let messages = counted(stage.scenario().messages.len(), "message");
    let (title, option) = match many {
        Many::Stops(_, 1) => (
            format!("{messages}, and a server that stops at every moment"),
            "--explore",
        ),
        Many::Stops(_, stops) => (
            format!("{messages}, and up to {stops} servers that stop at every moment"),
            "--explore",
        ),
        Many::Seeds(..) => (format!("{messages}, and faults by chance"), "--seeds"),
    };
    page.line(page.palette.strong, &title)?;
    let usual = many.undisturbed();
    let undisturbed = format!("As it is: {}.", kinds_text(usual));
    page.paragraph(Style::new(), 0, &undisturbed)?;
    write_failures(&OutcomeRecord::new(stage, usual, &usual_one(usual)), page)?;
    let nothing: u64 = outcomes.iter().filter(|one| one.is_usual).map(|one| one.runs).sum();
    let others = outcomes.iter().filter(|one| !one.is_usual).count();
    let nothing = match many {
        // The undisturbed run is a schedule too, and nobody would count it.
        Many::Stops(..) => runs_text(many, nothing.saturating_sub(1)),
        Many::Seeds(..) => runs_text(many, nothing),
    };
    let text = match others {
        0 => format!("Nothing else comes of {nothing}."),
        1 => format!("The same comes of {nothing}; there is one other outcome."),
        others => format!("The same comes of {nothing}; there are {others} other outcomes."),
    };
    page.paragraph(Style::new(), 0, &text)?;
    if others > 0 {
        let legend = format!("Give the last line of an outcome in the place of {option} to see its time line.");
        page.paragraph(page.palette.dim, 0, &legend)?;
    }
    Ok(())
}

fn usual_one(observed: &Observed) -> One<'_> {
    One {
        disturbed: super::Disturbed::Not,
        observed,
        runs: 1,
        is_usual: true,
    }
}

/// `2 delivered and 1 lost`.
fn kinds_text(observed: &Observed) -> String {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for fate in &observed.fates {
        *kinds.entry(fate.kind).or_default() += 1;
    }
    let words: Vec<String> = kinds
        .into_iter()
        .map(|(kind, many)| format!("{many} {}", fate_text(kind.name())))
        .collect();
    match words.is_empty() {
        true => "there is no message for anybody".to_owned(),
        false => enumeration(&words),
    }
}

/// What becomes of messages and is not usual, with the number of outcomes and runs where it does.
fn write_table(outcomes: &[(&One<'_>, OutcomeRecord<'_>)], page: &mut Page<'_>) -> io::Result<()> {
    // By how bad it is, then by name.
    let mut ends: BTreeMap<(u8, &'static str, String), (usize, u64)> = BTreeMap::new();
    for (_, outcome) in outcomes {
        let mut here: Vec<(u8, &'static str, String)> = outcome
            .fates
            .iter()
            .map(|fate| (order(fate.fate), fate.fate, fate.cause.clone().unwrap_or_default()))
            .collect();
        here.sort_unstable();
        here.dedup();
        for end in here {
            let counts = ends.entry(end).or_default();
            counts.0 += 1;
            counts.1 += outcome.runs;
        }
    }
    if ends.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let mut table = Table::marked(COLUMNS);
    for ((_, fate, cause), (outcomes, runs)) in ends {
        let cells = vec![fate_text(fate), cause, outcomes.to_string(), runs.to_string()];
        table.row(mark(fate), cells);
    }
    page.table(2, &table)
}

/// Losses first, then what the sender hears of, what is seen twice, what waits, what arrives.
fn order(fate: &str) -> u8 {
    let order = [
        "lost",
        "expired",
        "ndr",
        "rejected_451",
        "duplicate",
        "unreachable",
        "queued",
        "suppressed_duplicate",
    ];
    let at = order.iter().position(|known| *known == fate);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

fn write_outcome(outcome: &OutcomeRecord<'_>, page: &mut Page<'_>) -> io::Result<()> {
    for fate in outcome.fates.iter().take(FATES_SHOWN) {
        let mark = mark(fate.fate);
        let text = format!("{} {}", mark.sign(), escaped(&fate_line(fate)));
        page.hanging(mark.style(&page.palette), 2, 4, &text)?;
    }
    if outcome.fates.len() > FATES_SHOWN {
        let rest = counted(outcome.fates.len() - FATES_SHOWN, "recipient");
        page.paragraph(Style::new(), 2, &format!("- and {rest} more"))?;
    }
    write_failures(outcome, page)?;
    if outcome.ended.by == "bound" {
        page.paragraph(
            page.palette.warn,
            2,
            "- what would have come is not known: raise --max-events",
        )?;
    }
    Ok(())
}

/// `m1 for bob@x.example: duplicate at 0:01:05, 2 copies (DUP-5)`.
fn fate_line(fate: &FateRecord<'_>) -> String {
    let copies = match fate.copies > 1 {
        true => format!(", {} copies", fate.copies),
        false => String::new(),
    };
    format!("{} for {}: {}{copies}", fate.message, fate.recipient, end_text(fate))
}

fn write_failures(outcome: &OutcomeRecord<'_>, page: &mut Page<'_>) -> io::Result<()> {
    for expectation in &outcome.expectations {
        let text = format!("! expected of {}", expected_text(expectation));
        page.hanging(page.palette.bad, 2, 4, &escaped(&text))?;
    }
    let mut told: Vec<String> = Vec::new();
    for violation in &outcome.violations {
        let whom = [violation.message, violation.recipient.as_deref()];
        let whom: Vec<&str> = whom.into_iter().flatten().collect();
        let whom = if whom.is_empty() {
            String::new()
        } else {
            format!(" of {}", whom.join(" for "))
        };
        let text = format!(
            "! a mistake of Bridgehead: {} does not hold{whom}: {}",
            violation.invariant, violation.what
        );
        if !told.contains(&text) {
            page.hanging(page.palette.bad, 2, 4, &escaped(&text))?;
            told.push(text);
        }
    }
    Ok(())
}

fn expected_text(expectation: &ExpectationRecord<'_>) -> String {
    let recipient = expectation.recipient.as_deref();
    let whom = recipient.map_or(String::new(), |recipient| format!(" for {recipient}"));
    format!("{}{whom}: {}", expectation.message, wanted_text(expectation))
}

fn write_end(many: &Many<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let searched = many.searched();
    let (runs, complete) = (counted(searched.runs, "run"), searched.complete);
    let text = match many {
        Many::Stops(..) if complete => format!("Everything was tried, in {runs}."),
        Many::Seeds(_, seeds) if complete => format!("Seeds {} to {} were tried.", seeds.start, seeds.end - 1),
        Many::Stops(exploration, _) if exploration.left > 0 => format!(
            "A bound was reached: of what is known, {} {} not tried. Raise --max-runs.",
            counted(exploration.left, "schedule"),
            if exploration.left == 1 { "was" } else { "were" }
        ),
        _ => format!("A bound ended some of {runs}, and what would have come is not known. Raise --max-events."),
    };
    let style = if complete { page.palette.dim } else { page.palette.warn };
    page.paragraph(style, 0, &text)
}
