//! What is wrong, and where: plain data that every layer can make and only `report` renders.
//!
//! A [`Problem`] is bad input: something that cannot be represented. All problems of a file are collected before any is
//! shown. A [`Finding`] is input that can be represented and that somebody should look at. Places are byte [`Span`]s into the decoded text of one [`Source`]; lines and columns are computed when somebody
//! looks at them. This layer must not know what a site or a connector is: subjects arrive as text.

mod finding;
mod problem;
mod source;
mod suggest;
mod words;

pub use finding::{
    Circling, Confidence, Edit, Finding, Findings, Fragment, Handover, Remedy, RuleInfo, Severity, Subject,
    SubjectKind, Unchecked,
};
pub use problem::{Label, Problem};
pub(crate) use source::floor_char_boundary;
pub use source::{Position, Source, Span};
pub(crate) use suggest::is_hidden;
pub use suggest::nearest;
pub(crate) use words::{counted, counted_as, enumeration, shortened, some_names};
