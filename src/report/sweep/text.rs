//! Totals and a table of the worst failures, on 80 columns.

use std::cmp::Reverse;
use std::io;

use super::{Rehearsal, assumptions};
use crate::model::{Node, Organization, SiteIdx, SiteLinkIdx};
use crate::report::escape::escaped;
use crate::report::text::{Column, Mark, Page, Table, counted, counted_as, enumeration, node_text};
use crate::verify::{Failure, GreatestOfAll, Swept};

pub(super) fn write(rehearsal: Rehearsal<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let Rehearsal {
        org,
        failures,
        routes,
        sweep,
    } = rehearsal;
    let totals = &sweep.totals;
    let (style, answer) = match (totals.losing, totals.moving) {
        (0, 0) => (
            page.palette.good,
            "No failure changes a route between sites.".to_owned(),
        ),
        (0, _) => (
            page.palette.good,
            "No failure takes a route between sites away.".to_owned(),
        ),
        (losing, _) => (
            page.palette.warn,
            format!(
                "{} a route between sites away.",
                counted_as(losing, "failure takes", "failures take")
            ),
        ),
    };
    page.paragraph(style, 0, &answer)?;
    let harmless = totals.failures - totals.losing - totals.moving;
    let effort = format!(
        "{} tried, {} between sites: {} routes away, {} only, {} nothing between other sites.",
        counted(totals.failures, "failure"),
        counted(routes, "route"),
        counted_as(totals.losing, "takes", "take"),
        counted_as(totals.moving, "moves them", "move them"),
        counted_as(harmless, "changes", "change"),
    );
    page.paragraph(page.palette.dim, 0, &effort)?;
    for text in assumptions(org) {
        page.paragraph(page.palette.dim, 0, &text)?;
    }
    let name = |number: u64| failure_text(org, failures.get(number));
    let when = |(from, to): (u32, u32), number: u64| {
        let [from, to] = [from, to].map(|site| node_text(org, Node::Site(SiteIdx::from_raw(site))));
        let fail = match failures.get(number) {
            Failure::Links(..) => "fail",
            Failure::Link(_) | Failure::Site(_) => "fails",
        };
        format!("from {from} to {to} when {} {fail}", name(number))
    };
    let plain = anstyle::Style::new();
    if let Some(GreatestOfAll { greatest, number }) = totals.greatest_cost {
        let text = format!(
            "The greatest extra cost is {}, {}.",
            greatest.by,
            when(greatest.pair, number)
        );
        page.paragraph(plain, 0, &text)?;
    }
    if let Some(GreatestOfAll { greatest, number }) = totals.greatest_hops.filter(|most| most.greatest.by > 0) {
        let hops = counted_as(greatest.by, "hop", "hops");
        let text = format!("The longest detour is {hops}, {}.", when(greatest.pair, number));
        page.paragraph(plain, 0, &text)?;
    }
    write_worst(rehearsal, page)
}

const COLUMNS: &[Column] = &[
    Column::text("Fails", 16),
    Column::number("Lost"),
    Column::number("Moved"),
    Column::number("Extra cost"),
    Column::number("Hops"),
    Column::text("Mail waits at", 16),
];

fn write_worst(rehearsal: Rehearsal<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let worst = &rehearsal.sweep.worst;
    if worst.is_empty() {
        return Ok(());
    }
    let title = match worst.len() {
        1 => "The worst failure".to_owned(),
        n => format!("The {n} worst failures"),
    };
    page.section(&title)?;
    page.blank()?;
    let mut table = Table::marked(COLUMNS);
    for swept in worst {
        let outcome = &swept.outcome;
        let mark = if outcome.lost > 0 { Mark::Waits } else { Mark::Plain };
        let cells = vec![
            failure_text(rehearsal.org, rehearsal.failures.get(swept.number)),
            outcome.lost.to_string(),
            outcome.moved.to_string(),
            outcome.extra_cost.to_string(),
            outcome.extra_hops.to_string(),
            queues_text(rehearsal.org, swept),
        ];
        table.row(mark, cells);
    }
    page.table(2, &table)?;
    page.blank()?;
    let legend = "Lost, moved: ordered pairs of sites without a route, or with another path, once what fails is out of the \
                  configuration. Until then the mail of both waits before it, for as many pairs as are said (V36). Pairs \
                  that begin or end at a failed site are not counted (V38).";
    page.paragraph(page.palette.dim, 2, legend)
}

/// Sites of a queue that are named; the others are counted.
const QUEUES_SHOWN: usize = 3;

/// Where most mail waits, with the number of pairs.
fn queues_text(org: &Organization, swept: &Swept) -> String {
    let mut queues = swept.outcome.queues.clone();
    queues.sort_by_key(|(site, pairs)| (Reverse(*pairs), *site));
    let shown = queues.iter().take(QUEUES_SHOWN);
    let mut texts: Vec<String> = shown
        .map(|(site, pairs)| format!("{} ({pairs})", node_text(org, Node::Site(SiteIdx::from_raw(*site)))))
        .collect();
    if queues.len() > QUEUES_SHOWN {
        texts.push(format!("{} more", queues.len() - QUEUES_SHOWN));
    }
    enumeration(&texts)
}

fn failure_text(org: &Organization, failure: Failure) -> String {
    let link = |link: SiteLinkIdx| escaped(org.site_links()[link].name.as_str()).into_owned();
    match failure {
        Failure::Link(one) => link(one),
        Failure::Links(one, other) => format!("{} with {}", link(one), link(other)),
        Failure::Site(site) => format!("site {}", node_text(org, Node::Site(site))),
    }
}
