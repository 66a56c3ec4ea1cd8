//! What all text reports are made of: a page of 80 columns, a palette, tables.
//!
//! Colour is an argument, not a global: a page with [`Palette::PLAIN`] holds no escape sequence at all, and whoever owns the
//! handle decides which of the two is wanted.

mod table;
mod words;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

pub(super) use self::table::{Column, Mark, Table};
pub(super) use self::words::*;
pub(super) use crate::diagnostic::{counted, counted_as, enumeration};

/// Columns that a report may take.
pub(super) const WIDTH: usize = 80;

/// Colours by what they say.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Headings and answers.
    pub(super) strong: Style,
    /// What was chosen, what gets through.
    pub(super) good: Style,
    /// What waits or was passed over for a reason that somebody may want to change.
    pub(super) warn: Style,
    /// What fails.
    pub(super) bad: Style,
    /// What may be skipped: sources, places, rules of tables.
    pub(super) dim: Style,
}

impl Palette {
    /// No colour.
    pub const PLAIN: Palette = Palette {
        strong: Style::new(),
        good: Style::new(),
        warn: Style::new(),
        bad: Style::new(),
        dim: Style::new(),
    };

    /// Colours that every terminal has.
    pub const COLORED: Palette = Palette {
        strong: Style::new().bold(),
        good: AnsiColor::Green.on_default(),
        warn: AnsiColor::Yellow.on_default(),
        bad: AnsiColor::Red.on_default(),
        dim: Style::new().dimmed(),
    };

    /// With colour or without.
    pub fn new(color: bool) -> Palette {
        if color { Palette::COLORED } else { Palette::PLAIN }
    }
}

/// A handle that text is written to, and its palette.
pub struct Page<'w> {
    out: &'w mut dyn Write,
    pub(super) palette: Palette,
}

impl<'w> Page<'w> {
    /// A page on `out`.
    pub fn new(out: &'w mut dyn Write, palette: Palette) -> Page<'w> {
        Page { out, palette }
    }

    /// One line, as it is.
    pub(super) fn line(&mut self, style: Style, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return writeln!(self.out);
        }
        writeln!(self.out, "{style}{text}{style:#}")
    }

    /// A line with something in it that stands out.
    pub(super) fn marked_line(&mut self, indent: usize, before: &str, marked: &str, after: &str) -> io::Result<()> {
        let (plain, strong) = (Style::new(), self.palette.strong);
        let parts = [(plain, before), (strong, marked), (plain, after)];
        write!(self.out, "{:indent$}", "")?;
        for (style, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
            write!(self.out, "{style}{text}{style:#}")?;
        }
        writeln!(self.out)
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// An empty line, and the heading of a section.
    pub(super) fn section(&mut self, title: &str) -> io::Result<()> {
        self.blank()?;
        self.line(self.palette.strong, title)
    }

    /// Text that is wrapped, every line `indent` columns from the left.
    pub(super) fn paragraph(&mut self, style: Style, indent: usize, text: &str) -> io::Result<()> {
        self.hanging(style, indent, indent, text)
    }

    /// Text that is wrapped, its first line `first` columns from the left and the others `rest`.
    pub(super) fn hanging(&mut self, style: Style, first: usize, rest: usize, text: &str) -> io::Result<()> {
        let mut indent = first;
        for line in wrap(text, WIDTH.saturating_sub(first.max(rest))) {
            writeln!(self.out, "{:indent$}{style}{line}{style:#}", "")?;
            indent = rest;
        }
        Ok(())
    }

    /// Text behind a label, wrapped to where it begins.
    pub(super) fn labelled(&mut self, label: &str, style: Style, text: &str) -> io::Result<()> {
        let indent = label.width();
        let mut before = label;
        for line in wrap(text, WIDTH.saturating_sub(indent)) {
            let gap = indent - before.width();
            writeln!(self.out, "{before}{:gap$}{style}{line}{style:#}", "")?;
            before = "";
        }
        Ok(())
    }

    /// A table, `indent` columns from the left.
    pub(super) fn table(&mut self, indent: usize, table: &Table) -> io::Result<()> {
        let out = &mut *self.out;
        table.each_line(WIDTH - indent, &self.palette, |style, line| {
            writeln!(out, "{:indent$}{style}{line}{style:#}", "")
        })
    }
}

/// Lines of at most `width` columns, broken at spaces; a longer word is a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let taken = line.width();
        if taken > 0 && taken + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        } else if taken > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities are", 5), ["incomprehensibilities", "are"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
