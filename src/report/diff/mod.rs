//! `diff`: which routes move between two files, by how much, and which rule decides them now.
//!
//! Routers are the same when kind and name are. As with `routes`, nothing here holds more than the tables of a few senders;
//! the totals come last because they are known last.

mod compare;
mod text;

use std::io::{self, Write};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use self::compare::{Pair, changes, pairs};
use super::record::{NodeRecord, PlanRecord};
use super::text::{Page, Palette};
use crate::route::View;

/// The value of `format` in [`Diff`].
pub const DIFF_FORMAT: &str = "bridgehead.diff/1";

/// How differences are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffFormat {
    /// A table for each sender whose routes move.
    Text,
    /// One document.
    Json,
}

/// `diff`: what became of every route. The fields are written in this order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diff<'a> {
    /// `bridgehead.diff/1`.
    pub format: &'static str,
    /// Routers that only the new file has.
    pub routers_added: Vec<NodeRecord<'a>>,
    /// Routers that only the old file has.
    pub routers_removed: Vec<NodeRecord<'a>>,
    /// Routes that are not what they were, by sender, then by destination.
    pub changes: Vec<ChangeRecord<'a>>,
    /// How many routes there are of each kind.
    pub totals: Totals,
}

/// How many routes there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// They are what they were.
    pub same: u64,
    /// There was a route, and there is another one.
    pub moves: u64,
    /// There was none.
    pub appears: u64,
    /// There is none any more.
    pub disappears: u64,
}

/// What became of one route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There was a route, and there is another one.
    Moves,
    /// There was none.
    Appears,
    /// There is none any more.
    Disappears,
}

/// A route that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeRecord<'a> {
    /// The sender.
    pub from: NodeRecord<'a>,
    /// The destination.
    pub to: NodeRecord<'a>,
    /// What became of it.
    pub change: Change,
    /// Which fields of the route differ; empty unless it moves.
    pub moved: Vec<&'static str>,
    /// What was; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<PlanRecord<'a>>,
    /// What is; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<PlanRecord<'a>>,
}

/// Writes what differs between the tables of two organizations. Uses the current thread pool; the bytes do not depend on
/// its size.
///
/// # Errors
/// Those of `out`.
pub fn write_diff(
    old: &View<'_>,
    new: &View<'_>,
    format: DiffFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let pairs = pairs(old, new);
    if format == DiffFormat::Json {
        let names = |only: &dyn Fn(&Pair) -> bool| {
            let nodes: Vec<NodeRecord<'_>> = pairs
                .iter()
                .filter(|pair| only(pair))
                .map(|pair| pair.record(old, new))
                .collect();
            serde_json::to_string(&nodes)
        };
        let (added, removed) = (names(&Pair::is_added)?, names(&Pair::is_removed)?);
        write!(
            out,
            "{{\"format\":\"{DIFF_FORMAT}\",\"routers_added\":{added},\"routers_removed\":{removed},\"changes\":["
        )?;
    }
    let mut totals = Totals::default();
    let mut first = true;
    let together = rayon::current_num_threads() * 2;
    for senders in pairs.chunks(together.max(1)) {
        let blocks: Vec<io::Result<(Totals, Vec<u8>)>> = senders
            .par_iter()
            .map(|sender| {
                let (tally, changes) = changes(old, new, sender, &pairs);
                let mut block = Vec::new();
                match format {
                    DiffFormat::Text => {
                        text::write_block(old, new, sender, &changes, &mut Page::new(&mut block, palette))?
                    }
                    DiffFormat::Json => {
                        for (at, change) in changes.iter().enumerate() {
                            block.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
                            serde_json::to_writer(&mut block, &change.record(old, new, sender))?;
                        }
                    }
                }
                Ok((tally, block))
            })
            .collect();
        for block in blocks {
            let (tally, block) = block?;
            totals.add(tally);
            if block.is_empty() {
                continue;
            }
            if !first {
                out.write_all(if format == DiffFormat::Json { b"," } else { b"\n" })?;
            }
            out.write_all(&block)?;
            first = false;
        }
    }
    match format {
        DiffFormat::Json => writeln!(out, "\n],\"totals\":{}}}", serde_json::to_string(&totals)?),
        DiffFormat::Text => text::write_summary(old, new, &pairs, totals, !first, &mut Page::new(out, palette)),
    }
}

/// How many routes there are of each kind.
pub(in crate::report) fn totals(old: &View<'_>, new: &View<'_>) -> Totals {
    let pairs = pairs(old, new);
    let tallies: Vec<Totals> = pairs
        .par_iter()
        .map(|sender| changes(old, new, sender, &pairs).0)
        .collect();
    let mut totals = Totals::default();
    tallies.into_iter().for_each(|tally| totals.add(tally));
    totals
}

impl Totals {
    fn add(&mut self, tally: Totals) {
        self.same += tally.same;
        self.moves += tally.moves;
        self.appears += tally.appears;
        self.disappears += tally.disappears;
    }
}
