//! From what administrators already have to a topology file.
//!
//! [`ldif`] reads the directory's configuration partition, [`exchange`] what PowerShell cmdlets returned. Both make drafts
//! (`draft`): objects whose references may point to nothing. `settle` joins the drafts of all files and leaves out what a
//! topology cannot represent, so that the [`Document`] they end in always resolves; the [`ImportReport`] tells what became
//! of every object. Only text that is no LDIF, no CLIXML or no JSON is a [`Problem`].
//!
//! What an attribute means is taken from public documentation (`domain/imports.md`). Where that is silent nothing is guessed:
//! the attribute is listed as not modelled, or the report names the assumption.

mod attributes;
mod dn;
mod draft;
mod exchange;
mod ldif;
mod limits;
mod place;
mod report;
mod scalar;
mod settle;
mod spaces;

pub use report::{Assumption, ClassReport, ImportReport, Note};

use draft::Drafts;

use crate::diagnostic::{Problem, Source};
use crate::load::document::Document;

/// The PowerShell script that exports what [`exchange`] reads, for the Exchange Management Shell of 2007 to 2019.
pub const EXPORT_SCRIPT: &str = include_str!("export.ps1");

/// Reads LDIF content records of a configuration partition, spread over `sources` in any way.
///
/// Fails only on text that is no LDIF, with one problem for each such source ([`Problem::source`] says which). Source:
/// RFC 2849, imports.md 1. O(bytes + objects log objects).
pub fn ldif(sources: &[Source]) -> Result<(Document, ImportReport), Vec<Problem>> {
    let mut drafts = Drafts::default();
    ldif::read(sources, &mut drafts)?;
    Ok(settle::settle(drafts, sources))
}

/// Reads what Exchange cmdlets returned, as Export-Clixml or ConvertTo-Json wrote it; which of the two is seen from the text.
///
/// Fails only on text that is neither, with one problem for each such source ([`Problem::source`] says which). Source:
/// imports.md 2. O(bytes + objects log objects).
pub fn exchange(sources: &[Source]) -> Result<(Document, ImportReport), Vec<Problem>> {
    let mut drafts = Drafts::default();
    exchange::read(sources, &mut drafts)?;
    Ok(settle::settle(drafts, sources))
}
