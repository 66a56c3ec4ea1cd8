//! Several recipients: the copies that leave, and where they split.

use std::io;

use super::answer::sentence;
use super::question::{capitalized, recipient_phrase};
use super::{ExplainQuery, write_rule};
use crate::delivery::{Copies, Copy, Hop, Recipient};
use crate::model::{Node, Organization};
use crate::report::escape::escaped;
use crate::report::rules;
use crate::report::text::{Page, counted, node_phrase};

pub(super) fn write(
    query: &ExplainQuery<'_>,
    recipients: &[Recipient],
    copies: &Copies,
    page: &mut Page<'_>,
) -> io::Result<()> {
    page.blank()?;
    page.paragraph(page.palette.good, 0, &summary(query, recipients, copies))?;
    if !copies.copies.is_empty() {
        draw(query, recipients, copies, page)?;
    }
    failures(query, recipients, copies, page)?;
    if copies.copies.is_empty() {
        return Ok(());
    }
    page.section("Why")?;
    write_rule(&rules::of_fan_out(query.sender.generation), page)
}

/// How much leaves. What stays at the sender is a copy too, and leaves nothing.
fn summary(query: &ExplainQuery<'_>, recipients: &[Recipient], copies: &Copies) -> String {
    let here = node_phrase(query.view.org, query.sender.node);
    let served = |copies: &[&Copy]| {
        let recipients: usize = copies.iter().map(|copy| copy.recipients.len()).sum();
        counted(recipients, "recipient")
    };
    let own = Hop::Node(query.sender.node);
    let (stay, leave): (Vec<&Copy>, Vec<&Copy>) = copies.copies.iter().partition(|copy| copy.next_hop == own);
    let staying = if stay.is_empty() {
        String::new()
    } else {
        format!(" Mail for {} is delivered there.", served(&stay))
    };
    match leave.len() {
        0 if recipients.is_empty() => format!("Nothing leaves {here}: the group has no members but groups."),
        0 => format!("Nothing leaves {here}.{staying}"),
        1 => format!("One copy leaves {here} for {}.{staying}", served(&leave)),
        n => format!("{n} copies leave {here} for {}.{staying}", served(&leave)),
    }
}

/// A tree: the sender, its copies, and under each those whom it is for.
fn draw(query: &ExplainQuery<'_>, recipients: &[Recipient], copies: &Copies, page: &mut Page<'_>) -> io::Result<()> {
    let org = query.view.org;
    page.section("Copies")?;
    page.blank()?;
    page.line(
        page.palette.strong,
        &format!("  {}", capitalized(&node_phrase(org, query.sender.node))),
    )?;
    for (at, copy) in copies.copies.iter().enumerate() {
        let last = at + 1 == copies.copies.len();
        let (branch, trunk) = if last { ("└─", "  ") } else { ("├─", "│ ") };
        page.line(
            Default::default(),
            &format!("  {branch} {}", copy_text(org, query.sender.node, copy)),
        )?;
        for (nth, recipient) in copy.recipients.iter().enumerate() {
            let twig = if nth + 1 == copy.recipients.len() {
                "└─"
            } else {
                "├─"
            };
            let who = recipient_phrase(org, &recipients[*recipient]);
            page.line(Default::default(), &format!("  {trunk}   {twig} {who}"))?;
        }
    }
    Ok(())
}

fn copy_text(org: &Organization, here: Node, copy: &Copy) -> String {
    let goes = match copy.next_hop {
        Hop::Node(node) if node == here => "stays and is delivered here".to_owned(),
        Hop::Node(node) => format!("to {}", node_phrase(org, node)),
        Hop::Connector(connector) => format!(
            "out through connector {}",
            escaped(org.connectors()[connector].name.as_str())
        ),
    };
    match copy.split_at {
        Some(node) if Hop::Node(node) == copy.next_hop => format!("{goes}, and split there"),
        Some(node) => format!("{goes}, and split in {}", node_phrase(org, node)),
        None => goes,
    }
}

/// Those whom no copy is for.
fn failures(
    query: &ExplainQuery<'_>,
    recipients: &[Recipient],
    copies: &Copies,
    page: &mut Page<'_>,
) -> io::Result<()> {
    if copies.failed.is_empty() {
        return Ok(());
    }
    page.section("Not on the way")?;
    page.blank()?;
    for (at, explanation) in &copies.failed {
        let recipient = &recipients[*at];
        let who = recipient_phrase(query.view.org, recipient);
        let text = format!("{who}: {}", sentence(query, recipient, explanation));
        page.hanging(page.palette.bad, 2, 4, &text)?;
    }
    Ok(())
}
