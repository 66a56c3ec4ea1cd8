//! `explain` as text: the decision as a person would argue it at a whiteboard.
//!
//! First the question and the answer in one sentence; then who was in the running and what separated them, the rule and
//! where it is written, the lines of the file that matter, and what happens on the way. One file a section.

mod answer;
mod candidates;
mod copies;
mod lines;
mod paths;
mod question;
mod remedy;
mod way;

use std::io;

use self::lines::Lines;
use super::rules::Rule;
use super::text::Page;
use crate::delivery::{Answer, Explanation, Fate, Recipient};
use crate::diagnostic::Source;
use crate::model::SizeLimit;
use crate::route::{Rival, Sender, View, runner_up};

/// A question that was asked.
#[derive(Clone, Copy)]
pub struct ExplainQuery<'a> {
    /// The organization, what is down, and the message.
    pub view: &'a View<'a>,
    /// The file that the organization was read from.
    pub source: &'a Source,
    /// Who sends.
    pub sender: Sender,
    /// Whom the message is for, groups not being expanded.
    pub asked: &'a [Recipient],
}

/// Writes an answer for people.
///
/// # Errors
/// Those of the page's handle.
pub fn write_explain(query: &ExplainQuery<'_>, answer: &Answer, page: &mut Page<'_>) -> io::Result<()> {
    question::write(query, page)?;
    match &answer.fate {
        Fate::One(explanation) => one(query, &answer.recipients[0], explanation, page),
        Fate::Several(copies) => copies::write(query, &answer.recipients, copies, page),
    }
}

fn one(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let rival = rival_of(query, explanation);
    answer::write(query, recipient, explanation, page)?;
    let mut lines = Lines::new(query);
    if let Some(selection) = &explanation.selection {
        candidates::write(query, selection, &mut lines, page)?;
    }
    if let Some(plan) = &explanation.plan {
        paths::write(query, plan, rival.as_ref(), &mut lines, page)?;
    }
    remedy::note_lines(query, recipient, explanation, &mut lines);
    lines.write(page)?;
    way::write(query, recipient, explanation, page)?;
    remedy::write(query, recipient, explanation, page)
}

/// The runner-up of the path that was chosen, if one was.
pub fn rival_of(query: &ExplainQuery<'_>, explanation: &Explanation) -> Option<Rival> {
    runner_up(query.view, query.sender, explanation.plan.as_ref()?)
}

/// The size of the message; empty when none was given.
fn message_size(query: &ExplainQuery<'_>) -> String {
    let size = query.view.message.size;
    size.map_or_else(String::new, |size| SizeLimit::Bytes(size).to_string())
}

/// A rule under the heading of its section, with its source.
fn write_rule(rule: &Rule, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.paragraph(page.palette.strong, 2, rule.text)?;
    write_source(rule, page)?;
    page.paragraph(page.palette.dim, 2, rule.source.url)
}

/// The id of a rule and the document that states it.
fn write_source(rule: &Rule, page: &mut Page<'_>) -> io::Result<()> {
    page.paragraph(page.palette.dim, 2, &format!("{}, {}", rule.id, rule.source.title))
}
