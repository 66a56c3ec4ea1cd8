//! What goes to standard error with `--message-format json`: one of these a line.

use schemars::JsonSchema;
use serde::Serialize;

/// The value of `format` in [`ProblemRecord`].
pub const PROBLEM_FORMAT: &str = "bridgehead.problem/1";

/// Something to tell: what is wrong with an input or with how a command is used, or a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProblemRecord<'a> {
    /// `bridgehead.problem/1`.
    pub format: &'static str,
    /// `error` or `note`.
    pub level: &'static str,
    /// What is wrong: a lowercase fragment.
    pub message: &'a str,
    /// Where, when it is about an input.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputRecord<'a>>,
    /// What to do.
    pub help: Option<&'a str>,
    /// Other places that it has to do with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelRecord<'a>>,
}

/// The place in an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputRecord<'a> {
    /// What it is about, such as `site_links[3].sites[1]`; empty when that is the whole input.
    pub path: &'a str,
    /// The file, or `-`.
    pub file: &'a str,
    /// The place.
    #[serde(flatten)]
    pub place: PlaceRecord<'a>,
}

/// A place in a text; `null` where the whole input is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaceRecord<'a> {
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in Unicode scalars, from 1.
    pub column: Option<usize>,
    /// The line itself, or what is near when it is long.
    pub text: Option<&'a str>,
}

/// Another place that a problem has to do with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabelRecord<'a> {
    /// What is there.
    pub message: &'a str,
    /// Where.
    #[serde(flatten)]
    pub place: PlaceRecord<'a>,
}

impl<'a> ProblemRecord<'a> {
    /// What has no place in an input.
    pub fn of_command(level: &'static str, message: &'a str, help: Option<&'a str>) -> ProblemRecord<'a> {
        ProblemRecord {
            format: PROBLEM_FORMAT,
            level,
            message,
            input: None,
            help,
            labels: Vec::new(),
        }
    }
}
