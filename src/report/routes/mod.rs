//! `routes`: next-hop tables.
//!
//! A large organization has a hundred million routes, so nothing here holds more than the tables of a few senders, as they
//! are written: but for text, whose columns are as wide as their widest cell, each route is forgotten when it is rendered.
//! Senders are computed side by side and written in their order.

mod csv;
mod text;

use std::io::{self, Write};

use rayon::prelude::*;

use super::record::{ROUTES_FORMAT, RouteRecord};
use super::text::{Page, Palette};
use crate::model::{Node, ServerIdx};
use crate::route::{Sender, View};

/// How routes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutesFormat {
    /// A table for each sender.
    Text,
    /// One document of the contract.
    Json,
    /// One record a line.
    JsonLines,
    /// One record a row.
    Csv,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct RoutesQuery<'q> {
    /// Whose tables, in this order.
    pub senders: &'q [Sender],
    /// The servers among them that were asked for by name: their records say so, since two of them may be in one place.
    pub named: &'q [ServerIdx],
    /// To which routers; all when there are none.
    pub to: &'q [Node],
}

impl RoutesQuery<'_> {
    /// The server that `sender` was asked for as.
    fn server(&self, sender: Sender) -> Option<ServerIdx> {
        sender.server.filter(|server| self.named.contains(server))
    }
}

/// Senders whose tables are computed at the same time, for each thread.
const SENDERS_PER_THREAD: usize = 4;

/// Writes the routes that are asked for. Uses the current thread pool; the bytes do not depend on its size.
///
/// # Errors
/// Those of `out`.
pub fn write_routes(
    view: &View<'_>,
    query: RoutesQuery<'_>,
    format: RoutesFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        RoutesFormat::Json => write!(out, "{{\"format\":\"{ROUTES_FORMAT}\",\"routes\":[")?,
        RoutesFormat::Csv => csv::write_header(out)?,
        RoutesFormat::Text | RoutesFormat::JsonLines => {}
    }
    let mut first = true;
    let together = rayon::current_num_threads() * SENDERS_PER_THREAD;
    for senders in query.senders.chunks(together.max(1)) {
        let blocks: Vec<io::Result<Vec<u8>>> = senders
            .par_iter()
            .map(|sender| block(view, *sender, query, format, palette))
            .collect();
        for block in blocks {
            let block = block?;
            if block.is_empty() {
                continue;
            }
            match format {
                RoutesFormat::Json => out.write_all(if first { b"\n" } else { b",\n" })?,
                RoutesFormat::Text if !first => writeln!(out)?,
                _ => {}
            }
            out.write_all(&block)?;
            first = false;
        }
    }
    match format {
        RoutesFormat::Json => writeln!(out, "\n]}}"),
        RoutesFormat::Text if first => text::nothing(view, &mut Page::new(out, palette)),
        _ => Ok(()),
    }
}

fn destinations<'a>(view: &'a View<'_>, sender: Sender, to: &'a [Node]) -> impl Iterator<Item = Node> {
    let wanted = move |node: &Node| *node != sender.node && (to.is_empty() || to.contains(node));
    view.org.routers().filter(wanted)
}

/// What is written for one sender; nothing when it has no destination. Of the plans only one is held at a time.
fn block(
    view: &View<'_>,
    sender: Sender,
    query: RoutesQuery<'_>,
    format: RoutesFormat,
    palette: Palette,
) -> io::Result<Vec<u8>> {
    let org = view.org;
    let mut out = Vec::new();
    let server = query.server(sender);
    let to = destinations(view, sender, query.to);
    match format {
        RoutesFormat::Text => {
            let mut rows = text::Rows::new(org);
            view.plans(sender, to)
                .for_each(|(to, plan)| rows.add(to, plan.as_ref()));
            rows.write(sender, &mut Page::new(&mut out, palette))?;
        }
        RoutesFormat::Csv => {
            let mut rows = csv::Rows::new(org, sender.node, server, &mut out);
            for (to, plan) in view.plans(sender, to) {
                rows.add(to, plan.as_ref())?;
            }
            rows.end()?;
        }
        RoutesFormat::Json | RoutesFormat::JsonLines => {
            let separator: &[u8] = if format == RoutesFormat::Json { b",\n" } else { b"\n" };
            for (to, plan) in view.plans(sender, to) {
                let record = RouteRecord::new(org, sender.node, to, plan.as_ref()).of_server(org, server);
                if !out.is_empty() {
                    out.extend_from_slice(separator);
                }
                serde_json::to_writer(&mut out, &record)?;
            }
            if format == RoutesFormat::JsonLines && !out.is_empty() {
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}
