//! Routes as comma-separated values: one record a row, lists joined by ` > ` or `; `.
//!
//! Columns: `from`, `to`, `outcome`, `routing_group_cost`, `site_cost`, `hops`, `path`, `links`, `next_hop`, `relay`,
//! `backoff`, `decided_by`, `ambiguous`, `server`. Nodes are written as on the command line, `site:NAME` and `rg:NAME`. The columns
//! after `outcome` are empty when there is no route, but `server`: the server that sends, where it was asked for by name.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::model::{Node, Organization, ServerIdx};
use crate::report::escape::escaped;
use crate::report::record::{clause_word, leg_name, relay_word};
use crate::report::text::node_argument;
use crate::route::Plan;

const COLUMNS: [&str; 14] = [
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
    "server",
];

pub(super) fn write_header(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))
}

/// The rows of one sender.
pub(super) struct Rows<'o, W: Write> {
    org: &'o Organization,
    from: Node,
    server: Option<ServerIdx>,
    writer: csv::Writer<W>,
}

impl<'o, W: Write> Rows<'o, W> {
    /// Rows from `from`, which `server` was asked for as.
    pub(super) fn new(org: &'o Organization, from: Node, server: Option<ServerIdx>, out: W) -> Rows<'o, W> {
        Rows {
            org,
            from,
            server,
            writer: csv::Writer::from_writer(out),
        }
    }

    /// Writes a row.
    pub(super) fn add(&mut self, to: Node, plan: Option<&Plan>) -> io::Result<()> {
        let mut cells = match plan {
            Some(plan) => cells(self.org, plan),
            None => {
                let mut cells = vec![String::new(); COLUMNS.len() - 1];
                cells[2] = "unreachable".to_owned();
                cells
            }
        };
        cells[0] = node_argument(self.org, self.from);
        cells[1] = node_argument(self.org, to);
        cells.push(
            self.server
                .map_or_else(String::new, |server| self.org.servers()[server].name.to_string()),
        );
        self.writer
            .write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
        Ok(())
    }

    /// All rows are written.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// All cells but the last; the first two are left to the caller.
fn cells(org: &Organization, plan: &Plan) -> Vec<String> {
    let path: Vec<String> = plan.path.iter().map(|node| node_argument(org, *node)).collect();
    let links: Vec<&str> = plan.legs.iter().map(|leg| leg_name(org, *leg)).collect();
    let backoff = plan.backoff.iter().map(|site| node_argument(org, Node::Site(*site)));
    vec![
        String::new(),
        String::new(),
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
