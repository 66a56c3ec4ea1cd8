//! What is wrong with an input, for people (file, line, column, the line itself, what to do) and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, DecorStyle, Style};
use annotate_snippets::{Annotation, AnnotationKind, Level, Message, Origin, Renderer, Snippet};

use super::escape::{escaped, push_escaped};
use super::record::{InputRecord, LabelRecord, PlaceRecord, ProblemRecord};
use crate::diagnostic::{Position, Problem, Source, Span, floor_char_boundary};

/// Who reads the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFormat {
    /// People.
    Text {
        /// Whether colours are wanted.
        color: bool,
    },
    /// Programs: one JSON object a line.
    Json,
}

/// Lines between two places that are still shown together.
const LINES_APART: usize = 1000;
/// Characters of a line that are shown on either side of a place, for people.
const CONTEXT_TEXT: usize = 60;
/// The same for programs.
const CONTEXT_JSON: usize = 500;

/// Writes `problems`, whose places lie in `source`. O(length of the text + problems × log).
pub fn write_problems(
    out: &mut impl Write,
    source: &Source,
    problems: &[Problem],
    format: MessageFormat,
) -> io::Result<()> {
    let positions = Positions::of(source, problems);
    for problem in problems {
        match format {
            MessageFormat::Text { color } => writeln!(out, "{}\n", text(source, problem, &positions, color))?,
            MessageFormat::Json => {
                serde_json::to_writer(&mut *out, &json(source, problem, &positions))?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

fn text(source: &Source, problem: &Problem, positions: &Positions, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let title = Level::ERROR.primary_title(match problem.path.as_str() {
        "" => escaped(&problem.message).into_owned(),
        path => format!("{}: {}", escaped(path), escaped(&problem.message)),
    });
    let help = problem.help.iter().map(|help| Level::HELP.message(escaped(help)));
    let Some(position) = positions.at(problem.span) else {
        let origin = Origin::path(escaped(&source.name));
        return renderer.render(&[title.element(origin).elements(help)]);
    };
    let (snippet, last_line, far) = snippet(source, problem, position, positions);
    let rendered = renderer.render(&[title.element(snippet).elements(far).elements(help)]);
    // The renderer would count columns in what is shown, where control characters are escaped and long lines cut.
    let (title, rest) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let margin = " ".repeat(last_line.to_string().len());
    let arrow = if color { DEFAULT_LINE_NUM_STYLE } else { Style::new() };
    let file = escaped(&source.name);
    let Position { line, column } = position;
    format!("{title}\n{margin}{arrow}--> {arrow:#}{file}:{line}:{column}\n{rest}")
}

/// The lines that `problem` is about, the number of the last one, and the places that are too far away to be shown.
fn snippet<'a>(
    source: &Source,
    problem: &'a Problem,
    position: Position,
    positions: &Positions,
) -> (Snippet<'a, Annotation<'a>>, usize, Vec<Message<'a>>) {
    let mut far = Vec::new();
    // For each line what is annotated there; the place that matters most comes first and is certain to be in the excerpt.
    let mut lines: BTreeMap<usize, Vec<(Span, Option<&str>)>> = BTreeMap::new();
    lines.entry(position.line).or_default().push((problem.span, None));
    for label in &problem.labels {
        match positions.at(label.span) {
            Some(at) if at.line.abs_diff(position.line) <= LINES_APART => {
                lines.entry(at.line).or_default().push((label.span, Some(&label.text)));
            }
            Some(at) => {
                let message = format!("{}: line {}, column {}", escaped(&label.text), at.line, at.column);
                far.push(Level::NOTE.message(message));
            }
            None => far.push(Level::NOTE.message(escaped(&label.text))),
        }
    }
    let first = *lines.keys().next().unwrap_or(&position.line);
    let mut last = first;
    let mut shown = String::new();
    let mut annotations = Vec::new();
    for (line, places) in lines {
        // A single line between is shown; more of them are folded away, so that they may be empty here.
        if line == last + 2 {
            shown.push('\n');
            shown.push_str(&Excerpt::around(source, line_before(source, places[0].0), CONTEXT_TEXT).shown);
            last += 1;
        }
        shown.extend(std::iter::repeat_n('\n', line - last));
        last = line;
        let excerpt = Excerpt::around(source, places[0].0, CONTEXT_TEXT);
        for (span, label) in places {
            let kind = if label.is_none() {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let Some(range) = excerpt.range(span) else { continue };
            let annotation = kind.span(shown.len() + range.start..shown.len() + range.end);
            annotations.push(annotation.label(label.map(escaped)));
        }
        shown.push_str(&excerpt.shown);
    }
    (
        Snippet::source(shown).line_start(first).annotations(annotations),
        last,
        far,
    )
}

/// The part of a line that is shown.
struct Excerpt {
    /// What is shown: control characters escaped, `…` where something was cut off.
    shown: String,
    /// For every character that is shown: where it begins in the source, and in what is shown. The last one is the end.
    offsets: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The line that `span` begins in, at most `context` characters on either side of its beginning.
    fn around(source: &Source, span: Span, context: usize) -> Excerpt {
        let (line, at) = line_of(source, span, context);
        let (from, to) = window(&source.text, &line, at, context);
        let mut shown = String::new();
        let mut offsets = Vec::new();
        if from > line.start {
            shown.push('…');
        }
        for (offset, c) in source.text[from..to].char_indices() {
            offsets.push((from + offset, shown.len()));
            if c == '\t' {
                shown.push(c)
            } else {
                push_escaped(&mut shown, c)
            }
        }
        offsets.push((to, shown.len()));
        if to < line.end {
            shown.push('…');
        }
        Excerpt { shown, offsets }
    }

    /// Where `span` is in what is shown, as far as it is; `None` if it begins elsewhere.
    fn range(&self, span: Span) -> Option<Range<usize>> {
        let (first, last) = (self.offsets.first()?.0, self.offsets.last()?.0);
        let shown = |offset: usize| {
            let at = self.offsets.partition_point(|(from, _)| *from < offset);
            self.offsets[at.min(self.offsets.len() - 1)].1
        };
        let (start, end) = (span.start as usize, span.end as usize);
        (first..=last)
            .contains(&start)
            .then(|| shown(start)..shown(end.clamp(start, last)))
    }
}

/// The bytes of the line that `span` begins in, without its end, and the beginning of `span`. Of a long line only what is
/// near: a line can be as long as the text and have thousands of problems.
fn line_of(source: &Source, span: Span, context: usize) -> (Range<usize>, usize) {
    // A scalar has four bytes at most, so this is certain to be more than is shown.
    let near = 4 * 2 * context;
    let text = &source.text;
    let at = floor_char_boundary(text, span.start as usize);
    let first = floor_char_boundary(text, at.saturating_sub(near));
    let last = floor_char_boundary(text, at + near);
    let start = text[first..at].rfind(['\n', '\r']).map_or(first, |end| first + end + 1);
    let end = text[at..last].find(['\n', '\r']).map_or(last, |end| at + end);
    (start..end, at)
}

/// The beginning of the line before the one that `span` begins in.
fn line_before(source: &Source, span: Span) -> Span {
    let at = floor_char_boundary(&source.text, span.start as usize);
    let before = &source.text[..source.text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)];
    let before = before.strip_suffix('\n').unwrap_or(before);
    let before = before.strip_suffix('\r').unwrap_or(before);
    let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    Span::new(start, start)
}

/// The part of `line` around `at`: all of it if it is short, else at most `context` characters on either side.
fn window(text: &str, line: &Range<usize>, at: usize, context: usize) -> (usize, usize) {
    if text[line.clone()].char_indices().nth(2 * context).is_none() {
        return (line.start, line.end);
    }
    let before = text[line.start..at].char_indices().rev().take(context).last();
    let after = text[at..line.end].char_indices().nth(context);
    (
        before.map_or(at, |(offset, _)| line.start + offset),
        after.map_or(line.end, |(offset, _)| at + offset),
    )
}

fn json<'a>(source: &'a Source, problem: &'a Problem, positions: &Positions) -> ProblemRecord<'a> {
    let place = |span: Span| {
        let position = positions.at(span);
        let (line, at) = line_of(source, span, CONTEXT_JSON);
        let (from, to) = window(&source.text, &line, at, CONTEXT_JSON);
        PlaceRecord {
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            text: position.map(|_| &source.text[from..to]),
        }
    };
    let labels = problem.labels.iter().map(|label| LabelRecord {
        message: &label.text,
        place: place(label.span),
    });
    ProblemRecord {
        input: Some(InputRecord {
            path: &problem.path,
            file: &source.name,
            place: place(problem.span),
        }),
        labels: labels.collect(),
        ..ProblemRecord::of_command("error", &problem.message, problem.help.as_deref())
    }
}

/// Lines and columns of all places that are shown, found in one pass: a text of one long line may have many problems.
struct Positions(BTreeMap<u32, Position>);

impl Positions {
    fn of(source: &Source, problems: &[Problem]) -> Positions {
        let spans = problems.iter().flat_map(|problem| {
            let labels = problem.labels.iter().map(|label| label.span);
            [problem.span].into_iter().chain(labels)
        });
        let mut starts: Vec<u32> = spans.filter(|span| !span.is_none()).map(|span| span.start).collect();
        starts.sort_unstable();
        starts.dedup();
        let positions = source.positions(&starts);
        Positions(starts.into_iter().zip(positions).collect())
    }

    fn at(&self, span: Span) -> Option<Position> {
        self.0.get(&span.start).copied()
    }
}
