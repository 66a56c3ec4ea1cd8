//! The lines of the file that matter.

use std::io;

use super::ExplainQuery;
use crate::diagnostic::{Source, Span};
use crate::report::escape::escaped;
use crate::report::text::{Page, WIDTH};

/// Columns before a line of the file.
const INDENT: usize = 4;
/// Characters after the name of a field that are shown in any case.
const VALUE: usize = 24;

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
            let (before, marked, after) = self.excerpt(*span);
            page.marked_line(INDENT, &before, &marked, &after)?;
        }
        Ok(())
    }

    /// The line that a place is in, escaped and cut to the page: what is before the name of the field, the name, and what
    /// is after it. A record's own place has no such name: all is after it.
    fn excerpt(&self, span: Span) -> (String, String, String) {
        let line = self.source.line(span.start);
        let column = self.source.position(span.start).column - 1;
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let marked = self
            .source
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("");
        let marked = if marked.len() > line.len() || marked.starts_with('(') || marked.starts_with('{') {
            ""
        } else {
            marked
        };
        let before: String = line.chars().skip(indent).take(column.saturating_sub(indent)).collect();
        let after: String = line.chars().skip(column + marked.chars().count()).collect();
        let (before, marked, after) = (escaped(&before), escaped(marked), escaped(after.trim_end()));
        // What follows the name matters most: its value is there.
        let room = WIDTH - INDENT - marked.chars().count().min(WIDTH / 2);
        let after_room = room.saturating_sub(before.chars().count()).max(VALUE);
        let after = head(&after, after_room);
        let before = tail(&before, room.saturating_sub(after.chars().count()));
        (before, marked.into_owned(), after)
    }

    /// Where the name of a field stands in a record. The model keeps the places of records only, so this looks at the
    /// text.
    fn field(&self, record: Span, field: &str) -> Option<Span> {
        let text = self.source.text.get(record.start as usize..record.end as usize)?;
        let start = record.start as usize + key(text, field)?;
        Some(Span::new(start, start + field.len()))
    }
}

/// Where `field` stands before a colon in the text of a record, as a word or, in JSON, as a string. What comments and other
/// strings hold is not looked at.
fn key(text: &str, field: &str) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        let (length, name) = token(&text[at..]);
        if name == field && text[at + length..].trim_start().starts_with(':') {
            return Some(at + usize::from(text[at..].starts_with('"')));
        }
        at += length;
    }
    None
}

/// The length of what `text` begins with (a comment, a string, a word or another character), and the name that a string or
/// a word may be.
fn token(text: &str) -> (usize, &str) {
    let through = |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return (through("\n", 2), "");
    }
    if text.starts_with("/*") {
        return (through("*/", 2), "");
    }
    if let Some(inside) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        return end.map_or((text.len(), ""), |end| (end + 2, &inside[..end]));
    }
    let raw = text
        .strip_prefix('r')
        .map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count());
    if let Some(hashes) = raw.filter(|hashes| text[1 + hashes..].starts_with('"')) {
        return (through(&format!("\"{}", "#".repeat(hashes)), hashes + 2), "");
    }
    let word = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    match text.chars().next() {
        Some(first) if word == 0 => (first.len_utf8(), ""),
        _ => (word, &text[..word]),
    }
}

/// The first `width` characters.
fn head(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// The last `width` characters.
fn tail(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    std::iter::once('…')
        .chain(text.chars().skip(length - width.saturating_sub(1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_before_a_colon() {
        for (why, text, expect) in [
            ("a word", "(name: \"A\", cost: 5)", Some("cost: 5)")),
            (
                "a string in JSON",
                "{\"name\": \"A\", \"cost\" : 5}",
                Some("cost\" : 5}"),
            ),
            ("not a part of a word", "(exchange_cost: 1, cost: 5)", Some("cost: 5)")),
            (
                "not in a string",
                "(name: \"a \\\" cost: 1\", cost: 5)",
                Some("cost: 5)"),
            ),
            (
                "not in a raw string",
                "(name: r#\"\" cost: 1\"#, cost: 5)",
                Some("cost: 5)"),
            ),
            (
                "not in a comment",
                "( // cost: 1\n /* cost: 2 */ cost: 5)",
                Some("cost: 5)"),
            ),
            ("not a value", "{\"name\": \"cost\", \"x\": 1}", None),
            ("not there", "(name: \"ü\")", None),
        ] {
            assert_eq!(key(text, "cost").map(|at| &text[at..]), expect, "{why}");
        }
    }
}
