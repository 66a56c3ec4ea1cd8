//! Differences on 80 columns: a table for each sender, then the totals.

use std::io;

use super::compare::{Changed, Pair};
use super::{Change, Totals};
use crate::model::Organization;
use crate::report::text::{
    Column, Mark, Page, Table, clause_text, cost_text, counted_as, node_phrase, node_text, path_text,
};
use crate::route::{Plan, View};

const COLUMNS: [Column; 5] = [
    Column::text("To", 12),
    Column::text("Was", 18),
    Column::text("Is now", 18),
    Column::number("Cost"),
    Column::text("Decided by", 10),
];

/// The routes of one sender that are not what they were. Those to routers that came or went are only counted.
pub(super) fn write_block(
    old: &View<'_>,
    new: &View<'_>,
    from: &Pair,
    changes: &[Changed],
    page: &mut Page<'_>,
) -> io::Result<()> {
    if from.is_added() || from.is_removed() {
        return Ok(());
    }
    let mut table = Table::new(&COLUMNS);
    for changed in changes
        .iter()
        .filter(|changed| !changed.to.is_added() && !changed.to.is_removed())
    {
        table.row(Mark::Plain, cells(old, new, changed));
    }
    if table.is_empty() {
        return Ok(());
    }
    let (org, node) = from.known(old, new);
    page.line(page.palette.strong, &format!("From {}", node_phrase(org, node)))?;
    page.blank()?;
    page.table(2, &table)
}

fn cells(old: &View<'_>, new: &View<'_>, changed: &Changed) -> Vec<String> {
    let (org, to) = changed.to.known(old, new);
    let path_moved = changed.moved.contains(&"path");
    let was = changed
        .before
        .as_ref()
        .map_or_else(|| "unreachable".to_owned(), |plan| way(old.org, plan));
    let is = match &changed.after {
        None => "unreachable".to_owned(),
        Some(plan) if changed.change == Change::Appears || path_moved || hop_moved(changed) => way(new.org, plan),
        Some(_) if changed.moved.contains(&"links") => "the same, over other links".to_owned(),
        Some(_) => "the same".to_owned(),
    };
    let cost = |plan: &Plan| {
        cost_text(
            plan.routing_group_cost,
            plan.site_cost,
            plan.connectors().next().is_some(),
        )
    };
    let costs = match (&changed.before, &changed.after) {
        (Some(a), Some(b)) if cost(a) != cost(b) => format!("{} → {}", cost(a), cost(b)),
        (_, Some(plan)) | (Some(plan), None) => cost(plan),
        (None, None) => String::new(),
    };
    let decided = changed.after.as_ref().map_or("", |plan| clause_text(plan.decided_by));
    vec![node_text(org, to), was, is, costs, decided.to_owned()]
}

fn hop_moved(changed: &Changed) -> bool {
    ["next_hop", "relay", "backoff"]
        .iter()
        .any(|field| changed.moved.contains(field))
}

/// The path, and where the mail stops on it.
fn way(org: &Organization, plan: &Plan) -> String {
    let mut text = path_text(org, &plan.path[1..]);
    if plan.next_hop != plan.to {
        text.push_str(&format!("\nstops in {}", node_text(org, plan.next_hop)));
    } else if plan.path.len() > 2 {
        text.push_str("\nno stop between");
    }
    text
}

/// Routers that came or went, and how many routes did what.
pub(super) fn write_summary(
    old: &View<'_>,
    new: &View<'_>,
    pairs: &[Pair],
    totals: Totals,
    after_tables: bool,
    page: &mut Page<'_>,
) -> io::Result<()> {
    if after_tables {
        page.blank()?;
    }
    for pair in pairs {
        let (org, node) = pair.known(old, new);
        let name = node_phrase(org, node);
        if pair.is_added() {
            page.line(page.palette.good, &format!("+ {name}"))?;
        } else if pair.is_removed() {
            page.line(page.palette.bad, &format!("- {name}"))?;
        }
    }
    let Totals {
        same,
        moves,
        appears,
        disappears,
    } = totals;
    if (moves, appears, disappears) == (0, 0, 0) {
        return page.line(
            page.palette.strong,
            &format!("No route moves: {} the same.", counted_as(same, "is", "are")),
        );
    }
    let parts = [
        (moves, counted_as(moves, "moves", "move")),
        (appears, counted_as(appears, "appears", "appear")),
        (disappears, counted_as(disappears, "disappears", "disappear")),
        (same, format!("{} the same", counted_as(same, "is", "are"))),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(_, text)| text)
        .collect();
    page.paragraph(page.palette.strong, 0, &format!("Routes: {}.", parts.join(", ")))
}
