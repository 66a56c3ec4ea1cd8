//! `verify --sweep`: what every failure of a site link or a site does, as text, as JSON, and failure by failure as JSON lines.

mod record;
mod text;

use std::io::{self, Write};

pub use self::record::{
    AfterRecord, FailedRecord, GreatestRecord, LengthRecord, LineRecord, PairRecord, QueuedRecord, SWEEP_FORMAT,
    SWEEP_LINE_FORMAT, SweepRecord, SweptRecord, TotalsRecord,
};
use super::text::{Page, Palette};
use crate::model::Organization;
use crate::verify::{Failures, PairChange, Sweep, Swept};

/// How a sweep is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepFormat {
    /// Totals and a table of the worst failures.
    Text,
    /// One document, `bridgehead.sweep/1`.
    Json,
}

/// What was swept, and what that found.
#[derive(Clone, Copy)]
pub struct Rehearsal<'s> {
    /// The organization.
    pub org: &'s Organization,
    /// The list of failures.
    pub failures: &'s Failures,
    /// Ordered pairs of routing sites that have a route while nothing fails.
    pub routes: u64,
    /// What was found.
    pub sweep: &'s Sweep,
}

/// Writes what a sweep found.
///
/// # Errors
/// Those of `out`.
pub fn write_sweep(
    rehearsal: Rehearsal<'_>,
    format: SweepFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        SweepFormat::Text => text::write(rehearsal, &mut Page::new(out, palette)),
        SweepFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &SweepRecord::new(rehearsal))?;
            writeln!(out)
        }
    }
}

/// Writes one failure on a line, and each of the given pairs on one of its own behind it.
///
/// # Errors
/// Those of `out`.
pub fn write_swept(
    org: &Organization,
    failures: &Failures,
    swept: &Swept,
    pairs: &[PairChange],
    out: &mut dyn Write,
) -> io::Result<()> {
    let failed = FailedRecord::new(org, failures.get(swept.number));
    let line = LineRecord::Failure {
        number: swept.number,
        outcome: Box::new(SweptRecord::new(org, failures, swept)),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)?;
    for pair in pairs {
        let line = LineRecord::Pair {
            failed: failed.clone(),
            pair: Box::new(PairRecord::new(org, pair)),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

/// What the answer leaves out.
fn assumptions(org: &Organization) -> Vec<String> {
    match org.routing_groups().is_empty() {
        true => Vec::new(),
        false => {
            vec!["Mail from and to routing groups is not followed: their ways may change with these (V35).".to_owned()]
        }
    }
}
