//! Where the reading is, and what it found wrong.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use serde::de::{self, Deserializer, Visitor};

use super::notation::{Notation, SyntaxError};
use super::place;
use crate::diagnostic::{Problem, Span, floor_char_boundary};
use crate::load::Limits;
use crate::load::range::range_of;

/// Problems that are kept; the rest are counted.
const PROBLEMS_MAX: usize = 10_000;

/// One step of a path such as `site_links[3].sites`.
#[derive(Clone, Copy, Debug)]
pub(in crate::load) enum Step {
    /// Into a field of a record.
    Field(&'static str),
    /// Into an element of a list.
    Index(usize),
}

/// What accompanies the parser through a text.
pub(in crate::load) struct Context<'de, N> {
    /// The whole text.
    pub(super) text: &'de str,
    /// What may be how large.
    pub(super) limits: &'de Limits,
    /// The first byte after the last token that was seen. Separators and comments may lie between here and the next one.
    at: usize,
    /// Places of the brackets that are open.
    open: Vec<usize>,
    /// Records that were begun.
    records: usize,
    path: Vec<Step>,
    problems: Vec<Problem>,
    problems_dropped: usize,
    /// The problem that stopped the reading, when it was found here and not by the parser.
    stopped: Option<Problem>,
    notation: PhantomData<N>,
}

impl<'de, N: Notation> Context<'de, N> {
    pub(super) fn new(text: &'de str, limits: &'de Limits) -> Self {
        Context {
            text,
            limits,
            at: 0,
            open: Vec::new(),
            records: 0,
            path: Vec::new(),
            problems: Vec::new(),
            problems_dropped: 0,
            stopped: None,
            notation: PhantomData,
        }
    }

    /// The parser has seen everything before the byte `at`.
    pub(super) fn seen(&mut self, at: usize) {
        self.at = at;
    }

    /// Start of the next token that is not a separator.
    pub(super) fn next(&mut self) -> usize {
        loop {
            self.at = N::skip_blank(self.text, self.at);
            match self.text.as_bytes().get(self.at) {
                Some(b',' | b':') => self.at += 1,
                _ => return self.at,
            }
        }
    }

    /// What follows, separators left out.
    pub(super) fn rest(&mut self) -> &'de str {
        let next = self.next();
        &self.text[next..]
    }

    /// Steps over the opening bracket that is next, and returns its place.
    pub(super) fn enter(&mut self) -> usize {
        let open = self.next();
        self.at = (open + 1).min(self.text.len());
        self.open.push(open);
        open
    }

    /// Counts a record, and stops the reading if there are too many.
    pub(super) fn count_record<E: de::Error>(&mut self) -> Result<(), E> {
        self.records += 1;
        let max = self.limits.max_records;
        if self.records <= max {
            return Ok(());
        }
        let at = self.next();
        let problem = Problem::new(
            Span::new(at, at),
            self.path(),
            format!("more than {max} records in all"),
        );
        Err(self.stop(problem.help("`--max-records` raises the limit")))
    }

    /// Steps over `length` bytes that wrap what comes next, such as `Some(`.
    pub(super) fn wrapped(&mut self, length: usize) {
        self.at = self.next() + length;
        self.open.push(self.at - 1);
    }

    /// Steps over the closing bracket that is next, and returns the place of all from the last open one on.
    pub(super) fn leave(&mut self) -> Span {
        let open = self.open.pop().unwrap_or(0);
        // The parser has not consumed it yet; if it is missing, the parser says so and this place is not used.
        self.at = (self.next() + 1).min(self.text.len());
        Span::new(open, self.at)
    }

    /// The place of the key that was just read and stands for `name`.
    pub(super) fn key(&mut self, name: &str) -> Span {
        let start = self.next();
        self.at = start + N::key_length(&self.text[start..], name);
        Span::new(start, self.at)
    }

    /// Takes the next value as it stands in the text.
    pub(super) fn raw<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(&'de str, Span), D::Error> {
        let raw = N::raw(deserializer)?;
        let span = place(self.text, raw);
        self.at = span.end as usize;
        let nested = self.depth() + nesting(raw);
        if nested > self.limits.max_nesting {
            let message = format!("nested more than {} levels deep", self.limits.max_nesting);
            let problem = Problem::new(
                Span::new(span.start as usize, span.start as usize + 1),
                self.path(),
                message,
            );
            return Err(self.stop(problem.help("`--max-nesting` raises the limit")));
        }
        Ok((raw, span))
    }

    /// Takes the string that is next, which begins with a double quote.
    pub(super) fn text<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(Cow<'de, str>, Span), D::Error> {
        let text = deserializer.deserialize_str(TextVisitor)?;
        let start = self.next();
        self.at = match text {
            // What needs no unescaping is a part of the text, between its quotes.
            Cow::Borrowed(text) => place(self.text, text).end as usize + 1,
            Cow::Owned(_) => start + string_length(&self.text[start..]),
        };
        Ok((text, Span::new(start, self.at)))
    }

    /// How many elements the list that is being read may have, and what raises that.
    pub(super) fn list_limit(&self) -> Option<(usize, &'static str)> {
        match *self.in_topology() {
            [Step::Field("sites")] => Some((self.limits.max_sites, "--max-sites")),
            [Step::Field("site_links")] => Some((self.limits.max_site_links, "--max-site-links")),
            _ => None,
        }
    }

    /// The path to here, seen from the topology where that is a part of the text.
    fn in_topology(&self) -> &[Step] {
        match self.path[..] {
            [Step::Field("topology"), ..] => &self.path[1..],
            _ => &self.path,
        }
    }

    /// Runs `body` one step deeper. After an error the step stays: the path then says where the reading stopped.
    pub(super) fn step<T, E>(&mut self, step: Step, body: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.path.push(step);
        let result = body(self)?;
        self.path.pop();
        Ok(result)
    }

    /// Runs `body`, which cannot fail, one step deeper.
    pub(super) fn within<T>(&mut self, step: Step, body: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = body(self);
        self.path.pop();
        result
    }

    /// Number of steps from the document to here.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// The whole numbers that the field here takes.
    pub(super) fn range(&self) -> RangeInclusive<u32> {
        let mut fields = self.in_topology().iter().filter_map(|step| match step {
            Step::Field(name) => Some(*name),
            Step::Index(_) => None,
        });
        let collection = fields.next().unwrap_or_default();
        range_of(collection, fields.next_back().unwrap_or_default())
    }

    /// The path to here.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            let written = match step {
                Step::Field(name) if path.is_empty() => write!(path, "{name}"),
                Step::Field(name) => write!(path, ".{name}"),
                Step::Index(index) => write!(path, "[{index}]"),
            };
            written.expect("a String takes all text");
        }
        path
    }

    /// Notes a problem and goes on.
    pub(super) fn note(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.problems_dropped += 1;
        }
    }

    /// Stops the reading with `problem`: the error to return, which the parser hands up.
    pub(super) fn stop<E: de::Error>(&mut self, problem: Problem) -> E {
        self.stopped.get_or_insert(problem);
        E::custom("stopped")
    }

    /// The problem that stopped the reading; `error` is the parser's own account of it.
    pub(super) fn into_stopped(self, error: SyntaxError) -> Problem {
        let path = self.path();
        if let Some(problem) = self.stopped {
            return problem;
        }
        if N::skip_blank(self.text, error.at) >= self.text.len() && !self.open.is_empty() {
            let end = Span::new(self.text.len(), self.text.len());
            let open = self.open[self.open.len() - 1];
            return Problem::new(end, path, "the text ends here, in the middle of a value")
                .label(Span::new(open, open + 1), "this bracket is still open")
                .help("is the file complete?");
        }
        let at = floor_char_boundary(self.text, error.at);
        let problem = Problem::new(Span::new(at, at), path, error.message);
        match error.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// The problems that did not stop the reading.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        if self.problems_dropped > 0 {
            let message = format!("{} more problems are not listed", self.problems_dropped);
            self.problems.push(Problem::new(Span::NONE, "", message));
        }
        self.problems
    }
}

/// A string, borrowed from the text where it stands there as it is.
pub(super) struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text))
    }
}

/// Length of the string that begins `rest`, with its quotes; both notations escape with a backslash.
pub(super) fn string_length(rest: &str) -> usize {
    // The first quote opens; the one that closes is the first that no backslash precedes.
    let mut escaped = true;
    let end = rest.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.map_or(rest.len(), |end| end + 1)
}

/// How deep the brackets in the text of a value nest. Comments and raw strings of RON are taken for code: ron itself limits
/// what nests, so that only the depth of JSON has to be exact.
fn nesting(raw: &str) -> usize {
    if !raw.starts_with(['[', '{', '(']) {
        return 0;
    }
    let (mut open, mut deepest) = (0_usize, 0);
    let mut quoted = false;
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            b'[' | b'{' | b'(' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' | b')' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
