//! The lines of the file that matter.

use std::io;

use super::ExplainQuery;
use crate::diagnostic::{Source, Span};
use crate::report::escape::escaped;
use crate::report::text::{Page, WIDTH};

/// Places in the file that were named while the answer was written, each once.
pub(super) struct Lines<'a> {
    source: &'a Source,
    notes: Vec<(Span, String)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(query: &ExplainQuery<'a>) -> Lines<'a> {
        Lines {
            source: query.source,
            notes: Vec::new(),
        }
    }

    /// A record, or the line in it where `field` stands, and why it matters.
    pub(super) fn note(&mut self, record: Span, field: Option<&str>, why: impl Into<String>) {
        if record.is_none() {
            return;
        }
        let span = field.and_then(|field| self.field(record, field)).unwrap_or(record);
        if !self.notes.iter().any(|(noted, _)| *noted == span) {
            self.notes.push((span, why.into()));
        }
    }

    /// Writes what was noted.
    pub(super) fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.notes.is_empty() {
            return Ok(());
        }
        page.section("In the file")?;
        for (span, why) in &self.notes {
            let place = self.source.position(span.start);
            let text = format!("{}:{}:{}: {why}", escaped(&self.source.name), place.line, place.column);
            page.blank()?;
            page.hanging(page.palette.dim, 2, 4, &text)?;
            page.line(
                Default::default(),
                &format!("    {}", shortened(self.source.line(span.start).trim(), WIDTH - 4)),
            )?;
        }
        Ok(())
    }

    /// Where the name of a field stands in a record. The model keeps the places of records only, so this looks at the
    /// text: the word, followed by a colon, outside of strings.
    fn field(&self, record: Span, field: &str) -> Option<Span> {
        let text = self.source.text.get(record.start as usize..record.end as usize)?;
        let mut from = 0;
        while let Some(at) = text[from..].find(field).map(|at| from + at) {
            let after = text[at + field.len()..].trim_start_matches('"').trim_start();
            let alone = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if alone && after.starts_with(':') {
                let start = record.start as usize + at;
                return Some(Span::new(start, start + field.len()));
            }
            from = at + field.len();
        }
        None
    }
}

/// At most `width` characters of a line, escaped.
fn shortened(line: &str, width: usize) -> String {
    let shown = escaped(line);
    match shown.char_indices().nth(width) {
        Some(_) => shown.chars().take(width - 1).chain(['…']).collect(),
        None => shown.into_owned(),
    }
}
