//! `verify`: whether mail can circle, as text and as JSON.

mod check;
mod fix;
mod flood;
mod life;
mod text;
pub(super) use self::text::assumptions;
mod words;

use std::io::{self, Write};

pub use self::check::{CHECK_FORMAT, CheckRecord, FlawRecord, write_certificate, write_checked};
pub use self::fix::{EditRecord, RepairRecord};
use self::life::life_text;
pub(super) use self::words::{Reason, generation_of, reasons_under_way, transient_reasons, why_told};
use super::record::VerifyRecord;
use super::text::{Page, Palette};
use crate::verify::{Flood, Repairs, Skew, Verification, World};

/// How a verification is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFormat {
    /// Loop by loop, each with a lap.
    Text,
    /// One document of the contract.
    Json,
}

/// What a verification with at most `max_failures` failures found, and what would end it.
#[derive(Clone, Copy)]
pub struct Findings<'f> {
    /// What was found.
    pub verification: &'f Verification,
    /// What would end it.
    pub repairs: &'f Repairs,
    /// Most connectors that fail at the same time.
    pub max_failures: usize,
    /// What is there while legacy groups still act on an older organization, if one was given.
    pub between: Option<InBetween<'f>>,
    /// What is there while news of failures is under way, if that was looked for.
    pub flood: Option<&'f Flood>,
}

/// Loops that are there only while a change is news.
#[derive(Clone, Copy)]
pub struct InBetween<'f> {
    /// The older organization.
    pub old: &'f World<'f>,
    /// What was found.
    pub skew: &'f Skew,
}

/// Writes what was found.
///
/// # Errors
/// Those of `out`.
pub fn write_verify(
    world: &World<'_>,
    findings: Findings<'_>,
    format: VerifyFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Text => text::write(world, findings, &mut Page::new(out, palette)),
        VerifyFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &VerifyRecord::new(world, &findings))?;
            writeln!(out)
        }
    }
}
