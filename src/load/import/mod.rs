//! From what administrators already have to a topology file.
//!
//! [`ldif`] reads the directory's configuration partition, [`exchange`] what PowerShell cmdlets returned. Both make drafts
//! (`draft`): objects whose references may point to nothing. `settle` joins the drafts of all files and leaves out what a
//! topology cannot represent, so that the [`Document`] they end in always resolves; the [`ImportReport`] tells what became
//! of every object. Only text that is no LDIF, no CLIXML or no JSON is a [`Problem`].
//!
//! What an attribute means is taken from public documentation (`ARCHITECTURE.md`, Sources). Where that is silent nothing is guessed:
//! the attribute is listed as not modelled, or the report names the assumption.

mod attributes;
mod dn;
mod draft;
mod exchange;
mod head;
mod ldif;
mod limits;
mod place;
mod report;
mod scalar;
mod settle;
mod spaces;

pub use report::{Assumption, ClassReport, ImportReport, Note, Restriction};

use draft::Drafts;
use place::Place;

use crate::diagnostic::{Problem, Source};
use crate::load::document::Document;

/// The PowerShell script that exports what [`exchange`] reads, for the Exchange Management Shell of 2007 to 2019.
pub const EXPORT_SCRIPT: &str = include_str!("export.ps1");

/// Reads LDIF content records of a configuration partition, spread over `sources` in any way. Exports of cmdlets among
/// them are read as [`exchange`] reads them, so that sites from the directory and servers from Exchange make one file.
///
/// Fails only on text that is neither, with one problem for each such source ([`Problem::source`] says which). Source:
/// RFC 2849, and the schema of Active Directory and Exchange. O(bytes + objects log objects).
pub fn ldif(sources: &[Source]) -> Result<(Document, ImportReport), Vec<Problem>> {
    mixed(sources, |text| !exchange::looks_like_export(text))
}

/// Reads what Exchange cmdlets returned, as Export-Clixml or ConvertTo-Json wrote it; which of the two is seen from the
/// text. LDIF among the sources is read as [`ldif`] reads it.
///
/// Fails only on text that is none of these, with one problem for each such source ([`Problem::source`] says which).
/// Source: the cmdlets' published output. O(bytes + objects log objects).
pub fn exchange(sources: &[Source]) -> Result<(Document, ImportReport), Vec<Problem>> {
    mixed(sources, ldif::looks_like_ldif)
}

fn mixed(sources: &[Source], is_ldif: impl Fn(&str) -> bool) -> Result<(Document, ImportReport), Vec<Problem>> {
    let numbered = sources.iter().enumerate();
    let (ldif, exports): (Vec<_>, Vec<_>) = numbered.partition(|(_, source)| is_ldif(&source.text));
    let mut drafts = Drafts::default();
    let empty = |source: &Source| source.text.trim().is_empty();
    for (source, _) in sources.iter().enumerate().filter(|(_, source)| empty(source)) {
        drafts
            .ledger
            .left_out(Place { source, offset: 0 }, "file", "it is empty");
    }
    let mut problems = ldif::read(&ldif, &mut drafts).err().unwrap_or_default();
    problems.extend(exchange::read(&exports, &mut drafts).err().unwrap_or_default());
    if problems.is_empty() {
        Ok(settle::settle(drafts, sources))
    } else {
        problems.sort_by_key(|problem| (problem.source, problem.span));
        Err(problems)
    }
}
