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
use crate::model::{Node, Organization, ServerIdx, SiteIdx};
use crate::route::towards::Towards;
use crate::route::{Plan, Sender, View};

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
    let destinations = Destinations::new(view, query);
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
                let plans = destinations.plans(view, *sender);
                writer.write(view.org, *sender, query.server(*sender), plans, block)
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

/// Where mail goes that is asked for.
struct Destinations {
    /// In table order.
    nodes: Vec<Node>,
    /// Paths to each of them, where that takes fewer searches than one from each sender; otherwise none.
    towards: Vec<Towards>,
}

/// Paths to several destinations are held at the same time: at most so many, one for each site and destination.
const TOWARDS_SITES: usize = 1 << 20;

impl Destinations {
    fn new(view: &View<'_>, query: RoutesQuery<'_>) -> Destinations {
        let mut asked = query.to.to_vec();
        asked.sort_unstable();
        let wanted = |node: &Node| asked.is_empty() || asked.binary_search(node).is_ok();
        let nodes: Vec<Node> = view.org.routers().filter(wanted).collect();
        let sites = nodes.iter().map(|node| match node {
            Node::Site(site) => Some(*site),
            // Over connectors one search from a sender serves all groups, and needs its paths to all sites.
            Node::RoutingGroup(_) => None,
        });
        let fewer = nodes.len() * 2 <= query.senders.len();
        let fit = nodes.len().saturating_mul(view.org.sites().len()) <= TOWARDS_SITES;
        let sites: Option<Vec<SiteIdx>> = if fewer && fit { sites.collect() } else { None };
        let towards = sites.unwrap_or_default().into_par_iter().map(|site| view.towards(site));
        let towards = towards.collect();
        Destinations { nodes, towards }
    }

    /// The plans of a sender for all of them but itself.
    fn plans<'a>(&'a self, view: &'a View<'_>, sender: Sender) -> Box<dyn Iterator<Item = (Node, Option<Plan>)> + 'a> {
        let nodes = self.nodes.iter().copied();
        let others = nodes.filter(move |node| *node != sender.node);
        match sender.node {
            Node::Site(from) if !self.towards.is_empty() => {
                let towards = self.towards.iter().filter(move |towards| towards.to() != from);
                Box::new(others.zip(towards.map(move |towards| view.plan_towards(sender, from, towards))))
            }
            _ => view.plans(sender, others),
        }
    }
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
    fn write(
        &self,
        org: &Organization,
        sender: Sender,
        server: Option<ServerIdx>,
        plans: impl Iterator<Item = (Node, Option<Plan>)>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
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
