//! `routes`: next-hop tables.
//!
//! A large organization has a hundred million routes, so nothing here holds more than the tables of a few senders, as they
//! are written: but for text, whose columns are as wide as their widest cell, each route is forgotten when it is rendered.
//! Senders are computed side by side and written in their order.

mod csv;
mod json;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::io::{self, Write};

use rayon::prelude::*;

use super::record::ROUTES_FORMAT;
use super::text::{Page, Palette};
use crate::model::{Node, Organization, ServerIdx};
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

/// Senders whose tables are computed at the same time, for each thread: several, so that no thread waits long for another.
const SENDERS_PER_THREAD: usize = 4;
/// Where what is written at the same time takes more bytes, there are fewer of them, down to one for each thread.
const TOGETHER_BYTES: usize = 64 << 20;

/// Writes the routes that are asked for, and tells now and then of how many senders they are written. Uses the current thread
/// pool; the bytes do not depend on its size. Memory is that of a few senders' routes for each thread.
///
/// # Errors
/// Those of `out`.
pub fn write_routes(
    view: &View<'_>,
    query: RoutesQuery<'_>,
    format: RoutesFormat,
    palette: Palette,
    out: &mut dyn Write,
    told: &mut dyn FnMut(usize),
) -> io::Result<()> {
    match format {
        RoutesFormat::Json => write!(out, "{{\"format\":\"{ROUTES_FORMAT}\",\"routes\":[")?,
        RoutesFormat::Csv => csv::write_header(out)?,
        RoutesFormat::Text | RoutesFormat::JsonLines => {}
    }
    let writer = Writer::new(view.org, format, palette);
    let mut first = true;
    let threads = rayon::current_num_threads();
    // What one sender was written into serves another one: fresh memory would cost more than the writing.
    let mut blocks: Vec<Vec<u8>> = vec![Vec::new(); threads * SENDERS_PER_THREAD];
    let mut rest = query.senders;
    while !rest.is_empty() {
        let (senders, after) = rest.split_at(rest.len().min(blocks.len()));
        rest = after;
        let written: Vec<io::Result<()>> = blocks
            .par_iter_mut()
            .zip(senders)
            .map(|(block, sender)| {
                block.clear();
                writer.write(view, *sender, query, block)
            })
            .collect();
        for (block, written) in blocks.iter().zip(written) {
            written?;
            if block.is_empty() {
                continue;
            }
            match format {
                RoutesFormat::Json => out.write_all(if first { b"\n" } else { b",\n" })?,
                RoutesFormat::Text if !first => writeln!(out)?,
                _ => {}
            }
            out.write_all(block)?;
            first = false;
        }
        told(query.senders.len() - rest.len());
        if blocks.iter().map(Vec::len).sum::<usize>() > TOGETHER_BYTES {
            blocks.truncate((blocks.len() / 2).max(threads));
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

/// A format, with the names that it needs.
enum Writer {
    Text(Palette),
    /// What stands between records, and whether it stands behind the last one too.
    Json(json::Records, &'static [u8], bool),
    Csv(csv::Rows),
}

impl Writer {
    fn new(org: &Organization, format: RoutesFormat, palette: Palette) -> Writer {
        match format {
            RoutesFormat::Text => Writer::Text(palette),
            RoutesFormat::Json => Writer::Json(json::Records::new(org), b",\n", false),
            RoutesFormat::JsonLines => Writer::Json(json::Records::new(org), b"\n", true),
            RoutesFormat::Csv => Writer::Csv(csv::Rows::new(org)),
        }
    }

    /// Appends what is written for one sender; nothing when it has no destination. Of the plans only one is held at a time.
    fn write(&self, view: &View<'_>, sender: Sender, query: RoutesQuery<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let org = view.org;
        let server = query.server(sender);
        let plans = view.plans(sender, destinations(view, sender, query.to));
        match self {
            Writer::Text(palette) => {
                let mut rows = text::Rows::new(org);
                plans.for_each(|(to, plan)| rows.add(to, plan.as_ref()));
                rows.write(sender, &mut Page::new(out, *palette))?;
            }
            Writer::Csv(rows) => {
                let ends = rows.ends(org, sender.node, server);
                plans.for_each(|(to, plan)| rows.push(out, &ends, to, plan.as_ref()));
            }
            Writer::Json(records, separator, terminated) => {
                let head = records.head(org, sender.node, server);
                for (to, plan) in plans {
                    if !out.is_empty() {
                        out.extend_from_slice(separator);
                    }
                    records.push(out, &head, to, plan.as_ref());
                }
                if *terminated && !out.is_empty() {
                    out.extend_from_slice(separator);
                }
            }
        }
        Ok(())
    }
}
