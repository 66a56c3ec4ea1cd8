//! What stands before and after the time line.

use std::io;

use super::disturbed::Disturbed;
use super::event::instant;
use super::line::waits_text;
use super::record::{EndedRecord, ExpectationRecord, FateRecord};
use crate::report::escape::escaped;
use crate::report::text::{Column, Mark, Page, Table, counted, counted_as, enumeration};
use crate::sim::Stage;

const COLUMNS: &[Column] = &[
    Column::text("Message", 8),
    Column::text("Recipient", 24),
    Column::text("Fate", 10),
    Column::number("At"),
    Column::number("Copies"),
    Column::text("Detail", 14),
];

/// What is simulated, and how to read it.
pub(super) fn write_begin(stage: &Stage, disturbed: &Disturbed, page: &mut Page<'_>) -> io::Result<()> {
    let scenario = stage.scenario();
    let title = format!(
        "{} and {} through time",
        counted(scenario.messages.len(), "message"),
        counted_as(scenario.events.len(), "event", "events"),
    );
    page.line(page.palette.strong, &title)?;
    let begins = scenario
        .settings
        .start
        .map_or(String::new(), |start| format!(", from {start} on"));
    let legend = format!("Hours, minutes and seconds{begins}; m#2 is copy 2 of message m.");
    page.paragraph(page.palette.dim, 0, &legend)?;
    let title = match disturbed {
        Disturbed::Not => None,
        Disturbed::Stops(_) => Some("What is stopped besides".to_owned()),
        Disturbed::Seed(seed, _) => Some(format!("Faults of seed {seed}")),
    };
    if let Some(title) = title {
        page.section(&title)?;
        write_disturbed(stage, disturbed, page)?;
    }
    page.blank()
}

/// What disturbs a run, a line for each thing.
pub(super) fn write_disturbed(stage: &Stage, disturbed: &Disturbed, page: &mut Page<'_>) -> io::Result<()> {
    let sentences = disturbed.sentences(stage);
    if sentences.is_empty() {
        return page.paragraph(anstyle::Style::new(), 2, "- nothing");
    }
    let mut sentences = sentences.iter();
    sentences.try_for_each(|text| page.hanging(anstyle::Style::new(), 2, 4, &format!("- {}", escaped(text))))
}

/// What became of every message.
pub(super) fn write_fates(fates: &[FateRecord<'_>], nobody: &[&str], page: &mut Page<'_>) -> io::Result<()> {
    page.section("What became of the messages")?;
    if fates.is_empty() && nobody.is_empty() {
        return page.paragraph(anstyle::Style::new(), 2, "There was no message for anybody.");
    }
    let mut table = Table::marked(COLUMNS);
    for fate in fates {
        let why = fate.cause.clone().or_else(|| fate.waits.as_ref().map(waits_text));
        table.row(
            mark(fate.fate),
            vec![
                escaped(fate.message).into_owned(),
                escaped(&fate.recipient).into_owned(),
                fate_text(fate.fate),
                instant(fate.at).to_string(),
                fate.copies.to_string(),
                escaped(&why.unwrap_or_default()).into_owned(),
            ],
        );
    }
    if !fates.is_empty() {
        page.table(2, &table)?;
    }
    for message in nobody {
        let text =
            format!("- {message} was for nobody: the groups that it was for had no members when they were expanded.");
        page.hanging(page.palette.warn, 2, 4, &escaped(&text))?;
    }
    Ok(())
}

pub(super) fn mark(fate: &str) -> Mark {
    match fate {
        "delivered" | "delivered_outside" | "suppressed_duplicate" => Mark::Chosen,
        "queued" | "unreachable" => Mark::Waits,
        _ => Mark::Failed,
    }
}

pub(super) fn fate_text(fate: &str) -> String {
    fate.replace('_', " ")
}

/// Which expectations are not met, and what came instead.
pub(super) fn write_expectations(expectations: &[ExpectationRecord<'_>], page: &mut Page<'_>) -> io::Result<()> {
    if expectations.is_empty() {
        return Ok(());
    }
    page.section("What was expected")?;
    let of = |outcome: &str| expectations.iter().filter(|one| one.outcome == outcome).count();
    let (met, failed, open) = (of("met"), of("failed"), of("open"));
    if met == expectations.len() {
        let all = counted_as(met, "expectation is", "expectations are");
        return page.paragraph(page.palette.good, 2, &format!("{all} met."));
    }
    for expectation in expectations.iter().filter(|one| one.outcome == "failed") {
        let recipient = expectation.recipient.as_deref();
        let whom = recipient.map_or(String::new(), |recipient| format!(" for {recipient}"));
        let text = format!("- {}{whom}: expected {}", expectation.message, wanted_text(expectation));
        page.hanging(page.palette.bad, 2, 4, &escaped(&text))?;
        for came in &expectation.came {
            page.hanging(
                anstyle::Style::new(),
                4,
                6,
                &escaped(&came_text(came.fate.as_ref(), &came.unmet)),
            )?;
        }
    }
    let mut rest = Vec::new();
    rest.extend((failed > 0).then(|| format!("{failed} failed")));
    rest.extend((met > 0).then(|| format!("{met} met")));
    rest.extend((open > 0).then(|| format!("{open} not decided")));
    let text = format!(
        "Of {}: {}.",
        counted(expectations.len(), "expectation"),
        enumeration(&rest)
    );
    page.paragraph(anstyle::Style::new(), 2, &text)
}

/// `delivered, before 0:10:00, with 1 copy`.
pub(super) fn wanted_text(expectation: &ExpectationRecord<'_>) -> String {
    let mut wanted = Vec::new();
    wanted.extend(expectation.fate.map(fate_text));
    wanted.extend(expectation.before.map(|before| format!("before {}", instant(before))));
    wanted.extend(expectation.after.map(|after| format!("not before {}", instant(after))));
    let copies = expectation.copies;
    wanted.extend(copies.map(|copies| counted_as(copies, "copy", "copies")));
    wanted.extend(expectation.queued_at.map(|server| format!("queued at {server}")));
    wanted.join(", ")
}

fn came_text(fate: Option<&FateRecord<'_>>, unmet: &[&str]) -> String {
    let Some(fate) = fate else {
        return "came: it was for nobody of that address; of a group the members count".to_owned();
    };
    let mut text = format!("came for {}: {}", fate.recipient, end_text(fate));
    if unmet.contains(&"copies") {
        text.push_str(&format!(", {}", counted_as(fate.copies, "copy", "copies")));
    }
    text
}

/// `lost at 0:00:05 (L07-1)`, `queued since 0:00:05 (HA, queue to site B)`.
pub(super) fn end_text(fate: &FateRecord<'_>) -> String {
    let since = match fate.waits {
        Some(_) => "since",
        None => "at",
    };
    let mut text = format!("{} {since} {}", fate_text(fate.fate), instant(fate.at));
    let why = fate.cause.clone().or_else(|| fate.waits.as_ref().map(waits_text));
    if let Some(why) = why {
        text.push_str(&format!(" ({why})"));
    }
    text
}

/// How it ended.
pub(super) fn write_end(ended: &EndedRecord, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    let (at, events) = (instant(ended.at), counted(ended.events, "event"));
    let (style, text) = match ended.by {
        "itself" => (page.palette.dim, format!("It ended by itself at {at}, after {events}.")),
        "until" => (
            page.palette.warn,
            format!("The time of the scenario is over; something last happened at {at}. {events} were handled."),
        ),
        _ => (
            page.palette.warn,
            format!(
                "A bound was reached at {at}, after {events}, and what would have come is not known. Raise --max-events."
            ),
        ),
    };
    page.paragraph(style, 0, &text)
}
