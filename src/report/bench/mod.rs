//! `bench`: what a machine reaches, as text and JSON.
//!
//! The numbers are handed in: they come from a clock, and nothing below the command line reads one.

mod text;

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::text::{Page, Palette};

/// The value of `format` in [`BenchRecord`].
pub const BENCH_FORMAT: &str = "bridgehead.bench/1";

/// How measurements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchFormat {
    /// A table, on 80 columns.
    Text,
    /// One document of the contract.
    Json,
}

/// `bench`: what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BenchRecord {
    /// `bridgehead.bench/1`.
    pub format: &'static str,
    /// Bridgehead's own version.
    pub version: &'static str,
    /// Threads that asked, wrote rows and filled memory.
    pub threads: usize,
    /// Bytes of the memory that was filled again and again.
    pub buffer_bytes: u64,
    /// Shape by shape, size by size.
    pub cases: Vec<CaseRecord>,
}

/// One generated organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseRecord {
    /// The shape, as `generate` calls it; its seed is 1.
    pub shape: &'static str,
    /// How many sites it has.
    pub sites: usize,
    /// How many site links.
    pub links: usize,
    /// Ordered pairs of two sites.
    pub routes: u64,
    /// Sites and large links for which a table is kept; what is between all others follows from it.
    pub kernel: usize,
    /// Nanoseconds until any route can be looked up: the median of `builds`.
    pub ready_ns: u64,
    /// How often that was measured.
    pub builds: usize,
    /// Routes that can be looked up, for each second of `ready_ns`.
    pub routes_per_second: u64,
    /// Bytes that are held for that; `null`: not known here.
    pub memory_bytes: Option<u64>,
    /// Questions about a random pair, cost and next hop, that were answered in a second.
    pub questions_per_second: u64,
    /// Rows that were written for `rows_ns`: cost, hops, next hop and predecessor from one site to every other.
    pub rows_written: u64,
    /// Nanoseconds for the rows of all sites, one after the other into the same memory: scaled from `rows_written`.
    pub rows_ns: u64,
    /// Nanoseconds in which 8 bytes for each pair, a site with itself included, fill memory that was written before: scaled
    /// from `buffer_bytes`.
    pub fill_ns: u64,
    /// `rows_ns` in hundredths of `fill_ns`.
    pub rows_percent_of_fill: u64,
}

/// Writes what was measured.
///
/// # Errors
/// Those of `out`.
pub fn write_bench(record: &BenchRecord, format: BenchFormat, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    match format {
        BenchFormat::Text => text::write(record, &mut Page::new(out, palette)),
        BenchFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, record)?;
            writeln!(out)
        }
    }
}
