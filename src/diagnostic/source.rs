//! A text with a name, and places in it.

/// A half-open range of bytes in the decoded text of a [`Source`]; [`Span::NONE`] for what no file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte after the last.
    pub end: u32,
}

impl Span {
    /// The place of values that did not come from a file.
    pub const NONE: Span = Span {
        start: u32::MAX,
        end: u32::MAX,
    };

    /// The span `start..end`, in bytes. Sources are limited well below 4 GiB, so longer ones saturate.
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX - 1);
        Span {
            start: clamp(start),
            end: clamp(end),
        }
    }

    /// Whether this is [`Span::NONE`].
    pub fn is_none(self) -> bool {
        self == Span::NONE
    }
}

impl Default for Span {
    fn default() -> Self {
        Span::NONE
    }
}

/// Line and column, both from 1; columns count Unicode scalars (contract, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalars, from 1.
    pub column: usize,
}

/// A decoded input text (UTF-8, no byte-order mark) and the name it is shown under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path as the user wrote it, or `-` for standard input.
    pub name: String,
    /// The decoded text.
    pub text: String,
}

impl Source {
    /// A source named `name` holding `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Line and column of the byte `offset`; CRLF, LF and a lone CR each end one line. O(offset).
    pub fn position(&self, offset: u32) -> Position {
        let offset = floor_char_boundary(&self.text, offset as usize);
        let before = &self.text[..offset];
        let start = line_start(before);
        Position {
            line: 1 + line_ends(&before[..start]),
            column: 1 + before[start..].chars().count(),
        }
    }

    /// Lines and columns of the bytes `offsets`, which ascend, in one pass. O(length of the text).
    pub fn positions(&self, offsets: &[u32]) -> Vec<Position> {
        let bytes = self.text.as_bytes();
        let (mut at, mut line, mut column) = (0, 1, 1);
        let place = |offset: &u32| {
            let end = floor_char_boundary(&self.text, *offset as usize);
            while at < end {
                match bytes[at] {
                    b'\n' => (line, column) = (line + 1, 1),
                    b'\r' if bytes.get(at + 1) != Some(&b'\n') => (line, column) = (line + 1, 1),
                    // Bytes after the first of a scalar.
                    0x80..0xC0 => {}
                    _ => column += 1,
                }
                at += 1;
            }
            Position { line, column }
        };
        offsets.iter().map(place).collect()
    }

    /// The line that holds the byte `offset`, without its end.
    pub fn line(&self, offset: u32) -> &str {
        let offset = floor_char_boundary(&self.text, offset as usize);
        let start = line_start(&self.text[..offset]);
        let rest = &self.text[start..];
        &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
    }
}

/// The last boundary between two scalars of `text` that is not after `offset`.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_start(before: &str) -> usize {
    before.rfind(['\n', '\r']).map_or(0, |at| at + 1)
}

fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let lone_cr = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    (0..bytes.len()).filter(|&at| bytes[at] == b'\n' || lone_cr(at)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_scalars_and_line_ends_of_every_kind() {
        let source = Source::new("t", "ab\r\ncé日x\rz\n");
        let at = |needle: char| {
            let offset = source.text.find(needle).expect("needle is in the text");
            let position = source.position(u32::try_from(offset).expect("short text"));
            (position.line, position.column)
        };
        assert_eq!(at('b'), (1, 2));
        assert_eq!(at('c'), (2, 1));
        assert_eq!(at('x'), (2, 4));
        assert_eq!(at('z'), (3, 1));
        assert_eq!(source.line(5), "cé日x");
        let offsets = [0, 1, 4, 5, 10, 12];
        let one_by_one: Vec<Position> = offsets.iter().map(|offset| source.position(*offset)).collect();
        assert_eq!(source.positions(&offsets), one_by_one);
    }
}
