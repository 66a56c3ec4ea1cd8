//! From text to the model and back.
//!
//! A file is read into a [`document`]: plain structs, one to one with the contract's collections, whose leaves keep their
//! place ([`At`]). [`resolve`] turns a document into an [`crate::model::Organization`] and collects every problem on the
//! way. Importers and generators make documents too, so that what they produce is checked by the same code and written by
//! the same writer.
//!
//! A scenario is read the same way, into [`document::ScenarioDocument`] and from there into a [`crate::model::Scenario`];
//! its topology is a file of its own or a part of it ([`scenario`]).
//!
//! This layer must not know routing.

mod at;
pub mod document;
pub mod import;
mod input;
mod leaf;
mod range;
mod read;
mod records;
mod resolve;
mod scenario;
mod schema;
mod write;

pub use at::At;
pub use document::{Leaf, Leaves};
pub use input::{Format, Limits, Rejected, decode, fetch, fetch_file, fetch_file_of, open};
pub use read::read;
pub use resolve::{is_date, resolve, resolve_scenario};
pub use scenario::{read_scenario, scenario};
pub use schema::{MakeSchema, SCHEMAS, schema};
pub use write::{baseline_text, to_json, to_ron};

use indexmap::IndexSet;

use crate::diagnostic::{Problem, Source};
use crate::model::{LintIgnore, NameOrder, Organization};

/// The organization in `source`, or everything that is wrong with it, in the order of the file.
///
/// Values that cannot be read and references that lead nowhere are told together. A field whose value could not be read is
/// not called missing as well.
pub fn organization(
    source: &Source,
    format: Format,
    limits: &Limits,
    order: NameOrder,
) -> Result<Organization, Vec<Problem>> {
    let (document, problems) = read::read_all(source, format, limits)?;
    together(problems, resolve(&document, order))
}

/// The lint ignores of the baseline in `source`, or everything that is wrong with it, in the order of the file.
pub fn baseline(source: &Source, format: Format, limits: &Limits) -> Result<Vec<LintIgnore>, Vec<Problem>> {
    let (baseline, mut problems) = read::read_record::<document::Baseline>(source, format, limits)?;
    problems.extend(read::wrong_format(&baseline.format, document::BASELINE_FORMAT));
    together(problems, resolve::resolve_baseline(&baseline))
}

/// What was resolved, if nothing was wrong with the values either.
fn together<T>(mut problems: Vec<Problem>, resolved: Result<T, Vec<Problem>>) -> Result<T, Vec<Problem>> {
    match resolved {
        Ok(resolved) if problems.is_empty() => return Ok(resolved),
        Ok(_) => {}
        Err(found) => {
            let unread: IndexSet<String> = problems.iter().map(|problem| problem.path.clone()).collect();
            problems.extend(found.into_iter().filter(|problem| !unread.contains(&problem.path)));
        }
    }
    problems.sort_by_key(|problem| problem.span);
    Err(problems)
}
