//! Routes as comma-separated values: one record a row, lists joined by ` > ` or `; `.
//!
//! Columns: `from`, `to`, `outcome`, `routing_group_cost`, `site_cost`, `hops`, `path`, `links`, `next_hop`, `relay`,
//! `backoff`, `decided_by`, `ambiguous`, `server`. Nodes are written as on the command line, `site:NAME` and `rg:NAME`. The columns
//! after `outcome` are empty when there is no route, but `server`: the server that sends, where it was asked for by name.
//!
//! A cell that begins like a formula gets a leading `'`, so that a spreadsheet takes it as text. Control characters are escaped,
//! as everywhere; what is left for which a cell has to be quoted are commas and quotes.

use std::io::{self, Write};

use super::words::{Kind, Words, push_number};
use crate::model::{Node, Organization, ServerIdx};
use crate::report::escape::escaped;
use crate::report::record::{clause_word, relay_word};
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

/// A name that is part of a cell.
#[derive(Clone, Copy)]
struct Part {
    /// The cell has to be quoted.
    quoted: bool,
    /// A cell that it begins looks like a formula.
    formula: bool,
}

/// What all rows share.
pub(super) struct Rows {
    words: Words<Part>,
}

impl Rows {
    pub(super) fn new(org: &Organization) -> Rows {
        let words = Words::new(org, |text, kind, name| {
            let (before, formula) = match kind {
                Kind::Site => ("site:", false),
                Kind::RoutingGroup => ("rg:", false),
                Kind::Leg => ("", looks_like_formula(name)),
            };
            text.push_str(before);
            let quoted = push_part(text, name);
            Part { quoted, formula }
        });
        Rows { words }
    }

    /// What every row of a sender begins with, and what it ends with.
    pub(super) fn ends(&self, org: &Organization, from: Node, server: Option<ServerIdx>) -> [Vec<u8>; 2] {
        let mut first = Vec::new();
        push_cell(&mut first, [self.words.node(from)].into_iter(), "");
        first.push(b',');
        let mut last = vec![b','];
        if let Some(server) = server {
            let (name, mut text) = (org.servers()[server].name.as_str(), String::new());
            let quoted = push_part(&mut text, name);
            let formula = looks_like_formula(name);
            push_cell(&mut last, [(text.as_str(), Part { quoted, formula })].into_iter(), "");
        }
        last.push(b'\n');
        [first, last]
    }

    /// Appends a row.
    pub(super) fn push(&self, out: &mut Vec<u8>, [first, last]: &[Vec<u8>; 2], to: Node, plan: Option<&Plan>) {
        out.extend_from_slice(first);
        push_cell(out, [self.words.node(to)].into_iter(), "");
        match plan {
            None => out.extend_from_slice(b",unreachable,,,,,,,,,,"),
            Some(plan) => self.push_plan(out, plan),
        }
        out.extend_from_slice(last);
    }

    /// All cells from `outcome` to `ambiguous`, each behind a comma.
    fn push_plan(&self, out: &mut Vec<u8>, plan: &Plan) {
        let node = |node: &Node| self.words.node(*node);
        out.extend_from_slice(b",route,");
        push_number(out, plan.routing_group_cost);
        out.push(b',');
        push_number(out, plan.site_cost);
        out.push(b',');
        push_number(out, plan.hops() as u64);
        out.push(b',');
        push_cell(out, plan.path.iter().map(node), " > ");
        out.push(b',');
        push_cell(out, plan.legs.iter().map(|leg| self.words.leg(*leg)), "; ");
        out.push(b',');
        push_cell(out, [node(&plan.next_hop)].into_iter(), "");
        out.push(b',');
        out.extend_from_slice(relay_word(plan.relay).as_bytes());
        out.push(b',');
        let backoff = plan.backoff.iter().map(|site| self.words.node(Node::Site(*site)));
        push_cell(out, backoff, "; ");
        out.push(b',');
        out.extend_from_slice(clause_word(plan.decided_by).as_bytes());
        out.extend_from_slice(if plan.ambiguous { b",true" } else { b",false" });
    }
}

fn looks_like_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Appends a name as it stands in a cell; whether that has to be quoted.
fn push_part(text: &mut String, name: &str) -> bool {
    let shown = escaped(name);
    text.push_str(&shown.replace('"', "\"\""));
    shown.contains(['"', ','])
}

/// Appends a cell of these parts.
fn push_cell<'t>(out: &mut Vec<u8>, parts: impl Iterator<Item = (&'t str, Part)> + Clone, separator: &str) {
    let quoted = parts.clone().any(|(_, part)| part.quoted);
    if quoted {
        out.push(b'"');
    }
    for (at, (text, part)) in parts.enumerate() {
        match at {
            0 if part.formula => out.push(b'\''),
            0 => {}
            _ => out.extend_from_slice(separator.as_bytes()),
        }
        out.extend_from_slice(text.as_bytes());
    }
    if quoted {
        out.push(b'"');
    }
}
