//! LDIF content records (RFC 2849): folding, base64, comments, the version line.
//!
//! Change records and values that live in other files are refused: an import reads what is, and nothing but its own file.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smallvec::{SmallVec, smallvec};

use crate::diagnostic::{Problem, Source, Span};

/// An entry of the directory.
pub(super) struct Record<'a> {
    /// Its name, as written.
    pub(super) dn: Value<'a>,
    /// Byte where it begins.
    pub(super) offset: usize,
    /// Its attributes in the order of the file, one for each value.
    pub(super) attributes: Vec<Attribute<'a>>,
}

/// One value of an attribute.
pub(super) struct Attribute<'a> {
    /// The attribute, without options.
    pub(super) name: String,
    /// Whether the file holds only some of the attribute's values (`;range=0-1499`).
    pub(super) partial: bool,
    /// The value.
    pub(super) value: Value<'a>,
    /// Byte where its line begins.
    pub(super) offset: usize,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Written as text.
    Text(Cow<'a, str>),
    /// Written in base64: text beyond ASCII, or no text at all.
    Bytes(Vec<u8>),
}

impl Value<'_> {
    /// The value as text; `None` if it is none.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        }
    }
}

/// All records of `source`, the search results that `ldapsearch` writes after them left out. The first mistake ends it.
pub(super) fn records(source: &Source) -> Result<Vec<Record<'_>>, Problem> {
    let mut records = Vec::new();
    let mut current: Option<Record<'_>> = None;
    // Inside a result or a referral, up to the next blank line.
    let mut skipping = false;
    let mut seen_any = false;
    for line in lines(&source.text)? {
        let text = line.text();
        if text.is_empty() {
            records.extend(current.take());
            skipping = false;
            continue;
        }
        if text.starts_with('#') || skipping {
            continue;
        }
        let (name, value) = attribute(&line, &text)?;
        let (name, options) = match name.split_once(';') {
            Some((name, options)) => (name, options),
            None => (name, ""),
        };
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        let first_of_file = !std::mem::replace(&mut seen_any, true);
        match &mut current {
            None if is("dn") => {
                current = Some(Record {
                    dn: value,
                    offset: line.start,
                    attributes: Vec::new(),
                });
            }
            None if is("version") && first_of_file => match value.text() {
                Some("1") => {}
                _ => {
                    return Err(line
                        .problem(0, "this version of LDIF is not known")
                        .help("the only one is `version: 1`"));
                }
            },
            None if is("search") || is("result") || is("ref") => skipping = true,
            None => {
                return Err(line
                    .problem(0, "a record has to begin with its `dn:`")
                    .help("a blank line ends a record: is there one too many?"));
            }
            Some(_) if is("changetype") || is("control") => return Err(change_record(&line)),
            Some(_) if is("dn") => {
                return Err(line
                    .problem(0, "a second `dn:` in one record")
                    .help("a blank line has to end a record"));
            }
            Some(record) => record.attributes.push(Attribute {
                name: name.to_owned(),
                partial: options.split(';').any(is_part),
                value,
                offset: line.start,
            }),
        }
    }
    records.extend(current);
    Ok(records)
}

/// A line with what is folded below it.
struct Line<'a> {
    /// Byte where it begins.
    start: usize,
    /// Its pieces, without line ends and without the space that each further one begins with.
    pieces: SmallVec<[&'a str; 1]>,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn text(&self) -> Cow<'a, str> {
        match self.pieces.as_slice() {
            [one] => Cow::Borrowed(one),
            several => Cow::Owned(several.concat()),
        }
    }

    /// The byte of the source where the byte `offset` of [`Line::text`] stands.
    fn source_offset(&self, offset: usize) -> usize {
        let mut left = offset;
        for piece in &self.pieces {
            if left < piece.len() {
                return self.place_of(piece) + left;
            }
            left -= piece.len();
        }
        self.pieces
            .last()
            .map_or(self.start, |last| self.place_of(last) + last.len())
    }

    fn place_of(&self, piece: &str) -> usize {
        piece.as_ptr() as usize - self.text.as_ptr() as usize
    }

    /// A problem at the byte `offset` of [`Line::text`].
    fn problem(&self, offset: usize, message: impl Into<String>) -> Problem {
        let at = self.source_offset(offset);
        Problem::new(Span::new(at, at + 1), "", message)
    }
}

/// The lines of `text`, unfolded. A folded line goes on below with a space in front, even in the middle of a word.
fn lines(text: &str) -> Result<Vec<Line<'_>>, Problem> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut start = 0;
    for physical in text.split_inclusive('\n') {
        let piece = physical.strip_suffix('\n').unwrap_or(physical);
        let piece = piece.strip_suffix('\r').unwrap_or(piece);
        // Files that were put together each keep their byte-order mark.
        let piece = piece.strip_prefix('\u{feff}').unwrap_or(piece);
        match (piece.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some(line)) if !line.pieces[0].is_empty() => line.pieces.push(more),
            (Some(blank), _) if blank.trim().is_empty() => {}
            (Some(_), _) => {
                return Err(Problem::new(
                    Span::new(start, start + 1),
                    "",
                    "a line that begins with a space goes on with the line above it, and there is none",
                ));
            }
            (None, _) => lines.push(Line {
                start,
                pieces: smallvec![piece],
                text,
            }),
        }
        start += physical.len();
    }
    Ok(lines)
}

/// Splits `name: value`, `name:: base64`; refuses `name:< url`.
fn attribute<'a, 't>(line: &Line<'a>, text: &'t Cow<'a, str>) -> Result<(&'t str, Value<'a>), Problem> {
    if text.as_ref() == "-" {
        return Err(change_record(line));
    }
    let Some((name, after)) = text.split_once(':') else {
        return Err(line
            .problem(0, "neither `name: value` nor the continuation of a line")
            .help("continuations begin with a space; comments begin with `#`"));
    };
    if name.is_empty()
        || !name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._;=*".contains(&b))
    {
        return Err(line.problem(0, "this is no name of an attribute"));
    }
    let offset_of = |part: &str| text.len() - part.len();
    if let Some(url) = after.strip_prefix('<') {
        return Err(line
            .problem(offset_of(after), "values in other files are not read")
            .help(format!(
                "write the value itself in the place of `{}`",
                url.trim().escape_debug()
            )));
    }
    let Some(encoded) = after.strip_prefix(':') else {
        let value = after.trim_start_matches(' ');
        let value = match text {
            // Borrow from the source rather than from the line.
            Cow::Borrowed(whole) => Cow::Borrowed(&whole[offset_of(value)..]),
            Cow::Owned(_) => Cow::Owned(value.to_owned()),
        };
        return Ok((name, Value::Text(value)));
    };
    let encoded = encoded.trim_start_matches(' ');
    let start = offset_of(encoded);
    let encoded = encoded.trim_end_matches(' ');
    let bytes = STANDARD.decode(encoded).map_err(|error| {
        use base64::DecodeError as E;
        let (at, what) = match error {
            E::InvalidByte(at, _) => (at, "a character that base64 does not have"),
            E::InvalidLastSymbol { offset, .. } => (offset, "the base64 text is damaged or cut off here"),
            _ => (encoded.len().saturating_sub(1), "the base64 text is cut off"),
        };
        line.problem(start + at, what).help(format!(
            "the value of `{name}` has to be complete; export the file again"
        ))
    })?;
    Ok((name, Value::Bytes(bytes)))
}

/// Whether an option such as `range=0-1499` says that there are more values; `range=0-*` says that these are all.
fn is_part(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    option.strip_prefix("range=").is_some_and(|range| range != "0-*")
}

fn change_record(line: &Line<'_>) -> Problem {
    line.problem(0, "this is a record of changes, not of contents")
        .help("export what the directory holds, for example with `ldifde -f out.ldf -d CN=Configuration,…`")
}
