//! Tables without vertical rules, whose rows may have a colour.

use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width, presets};

use unicode_width::UnicodeWidthStr;

use super::Palette;

/// What a row is, for its colour and for the sign before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Mark {
    /// Nothing in particular.
    Plain,
    /// Chosen.
    Chosen,
    /// Not chosen.
    Lost,
    /// Not in the running.
    Out,
    /// Has come to nothing yet.
    Waits,
    /// Has come to nothing.
    Failed,
}

impl Mark {
    /// The sign before its row.
    pub(in crate::report) fn sign(self) -> &'static str {
        match self {
            Mark::Plain => "",
            Mark::Chosen => "●",
            Mark::Lost | Mark::Waits => "○",
            Mark::Out | Mark::Failed => "×",
        }
    }

    /// The colour of its row.
    pub(in crate::report) fn style(self, palette: &Palette) -> Style {
        match self {
            Mark::Plain | Mark::Lost => Style::new(),
            Mark::Chosen => palette.good,
            Mark::Out => palette.dim,
            Mark::Waits => palette.warn,
            Mark::Failed => palette.bad,
        }
    }
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Column {
    title: &'static str,
    alignment: CellAlignment,
    /// Columns of the page below which the column is not made narrower, as long as it has as many.
    least: u16,
}

impl Column {
    /// A column of words.
    pub(in crate::report) const fn text(title: &'static str, least: u16) -> Column {
        Column {
            title,
            alignment: CellAlignment::Left,
            least,
        }
    }

    /// A column of numbers, which are never wrapped.
    pub(in crate::report) const fn number(title: &'static str) -> Column {
        Column {
            title,
            alignment: CellAlignment::Right,
            least: u16::MAX,
        }
    }
}

/// A table that is filled row by row.
pub(in crate::report) struct Table {
    columns: &'static [Column],
    marked: bool,
    rows: Vec<Row>,
}

impl Table {
    /// Rows without marks.
    pub(in crate::report) fn new(columns: &'static [Column]) -> Table {
        Table {
            columns,
            marked: false,
            rows: Vec::new(),
        }
    }

    /// Rows that begin with the sign of their mark.
    pub(in crate::report) fn marked(columns: &'static [Column]) -> Table {
        Table {
            marked: true,
            ..Table::new(columns)
        }
    }

    /// Appends a row; one cell a column.
    pub(in crate::report) fn row(&mut self, mark: Mark, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push((mark, cells));
    }

    /// Whether there is no row yet.
    pub(in crate::report) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands the lines on, each with its style. They are drawn some rows at a time: drawn, a table is many times as large.
    pub(super) fn each_line<E>(
        &self,
        width: usize,
        palette: &Palette,
        mut take: impl FnMut(Style, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let widths = self.widths(width.saturating_sub(usize::from(self.marked) * SIGN_WIDTH));
        let mut style = palette.dim;
        let parts = self.rows.chunks(ROWS_TOGETHER);
        let nothing: &[Row] = &[];
        let parts = parts.chain(self.rows.is_empty().then_some(nothing));
        for (at, rows) in parts.enumerate() {
            let drawn = self.drawn(rows, at == 0, width, &widths);
            let mut marks = rows.iter().map(|(mark, _)| *mark);
            for line in drawn.lines() {
                let line = line.trim_end();
                // A line belongs to the row whose mark was seen last.
                if self.marked && line.starts_with(['●', '○', '×']) {
                    style = marks.next().map_or(style, |mark| mark.style(palette));
                } else if !self.marked && line.starts_with('─') {
                    style = Style::new();
                    take(palette.dim, line)?;
                    continue;
                }
                take(style, line)?;
            }
        }
        Ok(())
    }

    /// Some rows as the library draws them, with the header or without.
    fn drawn(&self, rows: &[Row], header: bool, width: usize, widths: &[usize]) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table
            .load_style(PLAIN_HEADER)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
        let sign = |text: &str| self.marked.then(|| Cell::new(text));
        if header {
            let titles = self.columns.iter().map(|c| Cell::new(c.title));
            table.set_header(sign("").into_iter().chain(titles));
        }
        for (mark, cells) in rows {
            table.add_row(sign(mark.sign()).into_iter().chain(cells.iter().map(Cell::new)));
        }
        let shift = usize::from(self.marked);
        for (at, content) in widths.iter().enumerate() {
            // The other blank of the gap is where the rule below the header has its joints.
            let gap = if at + 1 < self.columns.len() { GAP - 1 } else { 0 };
            if let Some(drawn) = table.column_mut(at + shift) {
                drawn.set_cell_alignment(self.columns[at].alignment);
                drawn.set_padding((0, fixed(gap)));
                drawn.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed(content + gap))));
            }
        }
        if let (true, Some(first)) = (self.marked, table.column_mut(0)) {
            first.set_padding((0, 0));
            first.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed(SIGN_WIDTH - 1))));
        }
        table
    }

    /// How wide the content of each column may be: what it needs, and where that is too much for all, the widest ones give
    /// way first, down to their least; where that is not enough, further, down to their titles.
    fn widths(&self, available: usize) -> Vec<usize> {
        let needed = |at: usize, column: &Column| {
            let cells = self.rows.iter().map(|(_, cells)| widest_line(&cells[at]));
            cells.max().unwrap_or(0).max(column.title.width()).max(1)
        };
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| needed(at, column))
            .collect();
        let gaps = GAP * self.columns.len().saturating_sub(1);
        let least = |at: usize| usize::from(self.columns[at].least);
        let title = |at: usize| self.columns[at].title.width().max(TITLE_MIN);
        let floors: [&dyn Fn(usize) -> usize; 2] = [&least, &title];
        for floor in floors {
            while widths.iter().sum::<usize>() + gaps > available {
                let shrinks = |at: &usize| widths[*at] > floor(*at);
                let Some(widest) = (0..widths.len()).filter(shrinks).max_by_key(|at| widths[*at]) else {
                    break;
                };
                widths[widest] -= 1;
            }
        }
        widths
    }
}

const PLAIN_HEADER: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

/// A mark and one cell a column.
type Row = (Mark, Vec<String>);

/// Rows that are drawn at the same time.
const ROWS_TOGETHER: usize = 1000;
/// A column without a title keeps this width.
const TITLE_MIN: usize = 4;
/// Blanks between columns.
const GAP: usize = 2;
/// The sign of a row and a blank.
const SIGN_WIDTH: usize = 2;

fn fixed(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

fn widest_line(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}
