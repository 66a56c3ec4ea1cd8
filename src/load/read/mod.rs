//! From text to [`Document`](super::document::Document), keeping the place of every value.
//!
//! A file is parsed once by ron or serde_json. Records and lists are visited with a [`Context`] that knows where the
//! parser is; strings are taken as they come, and all other leaves as raw text, which is turned into values here. The place
//! of either follows from its address. That way every leaf has a place, and whatever is wrong with a leaf or with the name
//! of a field is noted while the reading goes on. Only a syntax error and a wrong shape (a list where a record belongs)
//! stop it, with one problem, because nothing that comes after them can be trusted.
//!
//! Taking everything as raw text would be simpler, but ron reads raw text twice, and then the leaf is read from it: 2.7 times
//! the time of plain deserialization, against 1.8 times.
//!
//! What differs between RON and JSON is in [`notation`]; how a record and a list are read is in [`record`]; how the text of
//! a leaf becomes a value is in [`value`]. Both parsers are recursive, but the documents are not: what may nest is what
//! nobody knows, and that is either walked without recursion (JSON) or limited (RON).

mod context;
mod notation;
mod record;
mod value;

pub(super) use context::Context;
pub(super) use notation::Notation;
pub(super) use record::{Field, Record};

use super::document::{Document, TOPOLOGY_FORMAT};
use super::{Format, Leaf, Limits};
use crate::diagnostic::{Problem, Source, Span, nearest};

/// The topology in `source`, or everything that is wrong with it.
///
/// References are text and required fields may be missing: both are checked when the document is resolved. Problems come
/// in the order of the file. O(length of the text).
pub fn read(source: &Source, format: Format, limits: &Limits) -> Result<Document, Vec<Problem>> {
    match read_all(source, format, limits)? {
        (document, problems) if problems.is_empty() => Ok(document),
        (_, problems) => Err(problems),
    }
}

/// The topology in `source` without the values that could not be read, and what is wrong with those; or the one problem
/// that stopped the reading.
pub(super) fn read_all(
    source: &Source,
    format: Format,
    limits: &Limits,
) -> Result<(Document, Vec<Problem>), Vec<Problem>> {
    let (document, mut problems) = read_record::<Document>(source, format, limits)?;
    problems.extend(wrong_format(&document.format, TOPOLOGY_FORMAT));
    problems.sort_by_key(|problem| problem.span);
    Ok((document, problems))
}

/// The record that `source` consists of, with what is wrong inside; or the one problem that stopped the reading.
pub(super) fn read_record<R: Record>(
    source: &Source,
    format: Format,
    limits: &Limits,
) -> Result<(R, Vec<Problem>), Vec<Problem>> {
    if source.text.trim().is_empty() {
        let problem = Problem::new(Span::NONE, "", "the input is empty");
        return Err(vec![
            problem.help("the smallest document is `()` in RON and `{}` in JSON"),
        ]);
    }
    match format {
        Format::Ron => record::document::<R, notation::Ron>(&source.text, limits),
        Format::Json => record::document::<R, notation::Json>(&source.text, limits),
    }
    .map_err(|problem| vec![problem])
}

/// What is wrong with the value of the field `format`, where `known` is the only one that can be read.
pub(super) fn wrong_format(format: &Leaf<String>, known: &str) -> Option<Problem> {
    let format = format.as_ref().filter(|format| format.value != known)?;
    let kind = |text: &str| text.rsplit_once('/').map_or(text, |(kind, _)| kind).to_owned();
    let problem = |message: String| Problem::new(format.span, "format", message);
    Some(if kind(&format.value) == kind(known) {
        problem(format!(
            "unknown version of the format: {}",
            value::quoted(&format.value)
        ))
        .help(format!("this program reads \"{known}\"; a newer one may read it"))
    } else if nearest(&format.value, [known]).is_some() {
        problem(format!("unknown format {}", value::quoted(&format.value))).help(format!("did you mean \"{known}\"?"))
    } else {
        problem(format!("unknown format {}", value::quoted(&format.value)))
            .help(format!("this has to be a file of the format \"{known}\""))
    })
}

/// The place of `part`, which lies inside `whole`.
fn place(whole: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    Span::new(start, start + part.len())
}
