//! Routes as comma-separated values: one record a row, lists joined by ` > ` or `; `.
//!
//! Columns: `from`, `to`, `outcome`, `routing_group_cost`, `site_cost`, `hops`, `path`, `links`, `next_hop`, `relay`,
//! `backoff`, `decided_by`, `ambiguous`. Nodes are written as on the command line, `site:NAME` and `rg:NAME`. The columns
//! after `outcome` are empty when there is no route.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Row;
use crate::model::{Node, Organization};
use crate::report::escape::escaped;
use crate::report::record::{clause_word, leg_name, relay_word};
use crate::report::text::node_argument;
use crate::route::Plan;

const COLUMNS: [&str; 13] = [
    "from",
    "to",
    "outcome",
    "routing_group_cost",
    "site_cost",
    "hops",
    "path",
    "links",
    "next_hop",
    "relay",
    "backoff",
    "decided_by",
    "ambiguous",
];

pub(super) fn write_header(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))
}

pub(super) fn write_rows(
    org: &Organization,
    from: Node,
    rows: impl Iterator<Item = Row>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for (to, plan) in rows {
        let cells = match plan {
            Some(plan) => cells(org, from, to, &plan),
            None => {
                let mut cells = vec![String::new(); COLUMNS.len()];
                cells[0] = node_argument(org, from);
                cells[1] = node_argument(org, to);
                cells[2] = "unreachable".to_owned();
                cells
            }
        };
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer.flush()
}

fn cells(org: &Organization, from: Node, to: Node, plan: &Plan) -> Vec<String> {
    let path: Vec<String> = plan.path.iter().map(|node| node_argument(org, *node)).collect();
    let links: Vec<&str> = plan.legs.iter().map(|leg| leg_name(org, *leg)).collect();
    let backoff = plan.backoff.iter().map(|site| node_argument(org, Node::Site(*site)));
    vec![
        node_argument(org, from),
        node_argument(org, to),
        "route".to_owned(),
        plan.routing_group_cost.to_string(),
        plan.site_cost.to_string(),
        plan.hops().to_string(),
        path.join(" > "),
        links.join("; "),
        node_argument(org, plan.next_hop),
        relay_word(plan.relay).to_owned(),
        backoff.collect::<Vec<_>>().join("; "),
        clause_word(plan.decided_by).to_owned(),
        plan.ambiguous.to_string(),
    ]
}

/// A cell that a spreadsheet takes as text: one that begins like a formula gets a leading `'`. Control characters are
/// escaped, as everywhere.
fn guarded(cell: &str) -> Cow<'_, str> {
    let shown = escaped(cell);
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{shown}"));
    }
    shown
}
