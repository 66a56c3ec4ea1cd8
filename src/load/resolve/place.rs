//! Places in a document, and the list of what is wrong at them.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::diagnostic::{Problem, Span, nearest};
use crate::load::At;
use crate::load::document::{Leaf, Period};
use crate::load::range::{advice, range_of};

/// Names looked at for suggestions, about a second's work; afterwards dangling references are told without advice. A file
/// of a hundred thousand sites all of whose references are broken would take hours otherwise.
const COMPARISONS_MAX: usize = 1_000_000;

/// A place in the document: its span, and a path such as `site_links[3].sites[1]` that is put together only when a
/// problem has to be told.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    within: Option<&'a Place<'a>>,
    step: Step,
    /// Its place in the file.
    pub(super) span: Span,
}

#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Item(usize),
}

impl<'a> Place<'a> {
    /// A field of the document itself.
    pub(super) fn top(field: &'static str) -> Place<'static> {
        Place {
            within: None,
            step: Step::Field(field),
            span: Span::NONE,
        }
    }

    /// A record that is a field of the document itself.
    pub(super) fn record(field: &'static str, span: Span) -> Place<'static> {
        Place {
            span,
            ..Place::top(field)
        }
    }

    /// The field of that name of this record.
    pub(super) fn field(&'a self, name: &'static str, span: Span) -> Place<'a> {
        Place {
            within: Some(self),
            step: Step::Field(name),
            span,
        }
    }

    /// The item at that position of this list.
    pub(super) fn item(&'a self, position: usize, span: Span) -> Place<'a> {
        Place {
            within: Some(self),
            step: Step::Item(position),
            span,
        }
    }

    /// The field of the document that this place is in.
    fn collection(&self) -> &'static str {
        match (self.within, self.step) {
            (Some(within), _) => within.collection(),
            (None, Step::Field(name)) => name,
            (None, Step::Item(_)) => "",
        }
    }

    /// A problem here.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.span, self.to_string(), message)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            within.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.within.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Item(position) => write!(f, "[{position}]"),
        }
    }
}

/// What is wrong so far.
#[derive(Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
    comparisons: usize,
}

impl Problems {
    /// One more.
    pub(super) fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    /// All of them in the order of the file, if there are any.
    pub(super) fn into_result(mut self) -> Result<(), Vec<Problem>> {
        // Stable: what has no place keeps the order in which it was found.
        self.list.sort_by_key(|problem| problem.span.start);
        if self.list.is_empty() { Ok(()) } else { Err(self.list) }
    }

    /// The nearest of `known`, as advice; none when [`COMPARISONS_MAX`] is used up.
    pub(super) fn suggest<'n>(&mut self, word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
        if self.comparisons > COMPARISONS_MAX {
            return None;
        }
        let known = known.into_iter().inspect(|_| self.comparisons += 1);
        nearest(word, known).map(|near| format!("did you mean \"{near}\"?"))
    }

    /// The value of a field that may not be left out.
    pub(super) fn required<'d, T>(
        &mut self,
        leaf: &'d Leaf<T>,
        record: &Place<'_>,
        field: &'static str,
    ) -> Option<&'d At<T>> {
        if leaf.is_none() {
            let here = record.field(field, record.span);
            self.push(here.problem(format!("missing required field `{field}`")));
        }
        leaf.as_ref()
    }

    /// The number in a field, when it is there and in its range.
    pub(super) fn number(&mut self, leaf: &Leaf<u32>, record: &Place<'_>, field: &'static str) -> Option<u32> {
        self.number_in(leaf, record, field, range_of(record.collection(), field))
    }

    /// The number in a field, when it is there and in this range.
    pub(super) fn number_in(
        &mut self,
        leaf: &Leaf<u32>,
        record: &Place<'_>,
        field: &'static str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let leaf = leaf.as_ref()?;
        if range.contains(&leaf.value) {
            return Some(leaf.value);
        }
        let here = record.field(field, leaf.span);
        self.push(
            here.problem(format!("`{field}` {} is out of range", leaf.value))
                .help(advice(&range)),
        );
        None
    }

    /// The period in a field, when it is there and in its range.
    pub(super) fn period_in(
        &mut self,
        leaf: &Leaf<Period>,
        record: &Place<'_>,
        field: &'static str,
        (least, most): (Duration, Duration),
    ) -> Option<Duration> {
        let value = period(leaf)?;
        if (least..=most).contains(&value) {
            return Some(value);
        }
        let here = record.field(field, leaf.as_ref().map_or(Span::NONE, |leaf| leaf.span));
        let help = format!("it has to be from {} to {}", in_words(least), in_words(most));
        self.push(here.problem(format!("`{field}` is out of range")).help(help));
        None
    }
}

/// The period in a field, when it is there. The only place that looks into such a leaf.
pub(super) fn period(leaf: &Leaf<Period>) -> Option<Duration> {
    leaf.as_ref().map(|leaf| leaf.value.into())
}

/// The value of a field, or what holds when it is left out.
pub(super) fn value_or<T: Copy>(leaf: &Leaf<T>, default: T) -> T {
    leaf.as_ref().map_or(default, |leaf| leaf.value)
}

/// A bound as a file would write it.
fn in_words(period: Duration) -> String {
    match period.as_secs() {
        seconds if seconds >= 86_400 && seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        seconds => format!("{seconds}s"),
    }
}
