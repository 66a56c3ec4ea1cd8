//! `verify`: whether mail can circle, as text and as JSON.

mod text;
mod words;

use std::io::{self, Write};

pub(super) use self::words::{generation_of, why_text};
use super::record::VerifyRecord;
use super::text::{Page, Palette};
use crate::verify::{Verification, World};

/// How a verification is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFormat {
    /// Loop by loop, each with a lap.
    Text,
    /// One document of the contract.
    Json,
}

/// Writes what a verification with at most `max_failures` failures found.
///
/// # Errors
/// Those of `out`.
pub fn write_verify(
    world: &World<'_>,
    verification: &Verification,
    max_failures: usize,
    format: VerifyFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Text => text::write(world, verification, max_failures, &mut Page::new(out, palette)),
        VerifyFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &VerifyRecord::new(world, verification, max_failures))?;
            writeln!(out)
        }
    }
}
