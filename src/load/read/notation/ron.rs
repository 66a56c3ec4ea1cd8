//! RON, with `implicit_some` on.

use ron::Error;
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};

use super::{Leaf, LeafVisitor, Notation, Shape, SyntaxError, plain_string};

/// Rusty Object Notation.
pub(in crate::load) struct Ron;

impl Notation for Ron {
    const RECORD: &'static str = "a record `( … )`";
    const OTHER_NOTATION: &'static str = "this looks like JSON: `--input-format json` reads it";

    fn skip_blank(text: &str, mut at: usize) -> usize {
        let bytes = text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C) => at += 1,
                Some(b'/') => match comment_length(&text[at..]) {
                    0 => return at,
                    length => at += length,
                },
                Some(0x80..) => match text[at..].chars().next() {
                    Some(c @ ('\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')) => at += c.len_utf8(),
                    _ => return at,
                },
                _ => return at,
            }
        }
    }

    fn shape(rest: &str) -> Option<Shape> {
        let word = word(rest);
        Some(match (word, rest.chars().next()?) {
            ("None", _) => Shape::Absent,
            ("Some", _) => {
                let after = Ron::skip_blank(rest, word.len());
                if rest[after..].starts_with('(') {
                    Shape::Wrapped(after + 1)
                } else {
                    Shape::Word
                }
            }
            ("true" | "false", _) => Shape::Bool,
            ("", '(') => Shape::Record,
            ("", '[') => Shape::List,
            ("", '{') => Shape::Map,
            ("", '"') => Shape::Text,
            ("", '\'') => Shape::Character,
            ("", '0'..='9' | '+' | '-' | '.') => Shape::Number,
            ("", _) => return None,
            ("r" | "b" | "br", _) if rest[word.len()..].starts_with(['"', '#', '\'']) => Shape::Text,
            _ if rest[Ron::skip_blank(rest, word.len())..].starts_with('(') => Shape::NamedRecord,
            _ => Shape::Word,
        })
    }

    fn begin(text: &str) -> usize {
        // Attributes such as `#![enable(implicit_some)]` come first. If they are wrong, parsing will say so.
        ron::Deserializer::from_str(text).map_or(text.len(), |deserializer| text.len() - deserializer.remainder().len())
    }

    fn parse<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError> {
        // Before the first value ron tells line and column only; an attribute is short.
        let mut deserializer = deserializer(text).map_err(|error| {
            let lines = text.split_inclusive('\n').take(error.span.end.line - 1);
            let line = lines.map(str::len).sum::<usize>();
            let columns = text[line..].chars().take(error.span.end.col - 1);
            syntax_error(line + columns.map(char::len_utf8).sum::<usize>(), &error.code)
        })?;
        seed.deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value))
            .map_err(|error| syntax_error(text.len() - deserializer.remainder().len(), &error))
    }

    fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error> {
        <&RawValue>::deserialize(deserializer).map(without_comments)
    }

    fn leaf(text: &str) -> Result<Leaf<'_>, SyntaxError> {
        if let Some(text) = plain_string(text) {
            return Ok(Leaf::Text(text.into()));
        }
        match Ron::shape(text) {
            Some(Shape::Absent) => Ok(Leaf::Absent),
            Some(Shape::List) => Ok(Leaf::List),
            Some(Shape::Wrapped(_)) => match Ron::parse(text, std::marker::PhantomData::<Option<&RawValue>>)? {
                None => Ok(Leaf::Absent),
                Some(inner) => match Ron::shape(inner.get_ron()) {
                    Some(Shape::Wrapped(_) | Shape::Absent) => Ok(Leaf::Other("an optional value in another one")),
                    _ => Ron::leaf(without_comments(inner)),
                },
            },
            Some(shape @ (Shape::Record | Shape::NamedRecord | Shape::Map | Shape::Character)) => {
                Ok(Leaf::Other(shape.noun::<Ron>()))
            }
            Some(Shape::Bool) => Ok(Leaf::Bool(text == "true")),
            Some(Shape::Word) => Ok(Leaf::Word(text)),
            Some(Shape::Number) if text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'_' | b'+' | b'-')) => {
                // ron reads what has more than 64 bits as a floating-point number.
                let far = if text.starts_with('-') { i128::MIN } else { i128::MAX };
                Ok(Leaf::Integer(text.replace('_', "").parse().unwrap_or(far)))
            }
            Some(Shape::Text | Shape::Number) | None => Ron::parse(text, Any),
        }
    }

    fn elements(list: &str) -> Result<Vec<&str>, SyntaxError> {
        let elements = Ron::parse(list, std::marker::PhantomData::<Vec<&RawValue>>)?;
        Ok(elements.into_iter().map(without_comments).collect())
    }

    fn key_length(rest: &str, name: &str) -> usize {
        if rest.starts_with("r#") {
            name.len() + 2
        } else {
            name.len()
        }
    }
}

/// Whatever comes: ron calls the method that fits.
struct Any;

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Leaf<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Leaf<'de>, D::Error> {
        deserializer.deserialize_any(LeafVisitor)
    }
}

fn deserializer(text: &str) -> ron::error::SpannedResult<ron::Deserializer<'_>> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    ron::Deserializer::from_str_with_options(text, &options)
}

/// The value itself. ron has cut off white space only; its own `trim` reads the value once more.
fn without_comments(raw: &RawValue) -> &str {
    let text = raw.get_ron();
    if text.contains('/') {
        raw.trim().get_ron()
    } else {
        text.trim()
    }
}

/// Length of the comment that begins `rest`; 0 if none does.
fn comment_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if !rest.starts_with("/*") {
        return 0;
    }
    let bytes = rest.as_bytes();
    let (mut at, mut open) = (2, 1);
    while open > 0 && at < bytes.len() {
        match &bytes[at..(at + 2).min(bytes.len())] {
            b"/*" => (at, open) = (at + 2, open + 1),
            b"*/" => (at, open) = (at + 2, open - 1),
            _ => at += 1,
        }
    }
    at
}

/// The identifier that begins `rest`; empty if none does.
fn word(rest: &str) -> &str {
    let first = |c: char| c == '_' || c.is_alphabetic();
    let other = |c: char| c == '_' || c.is_alphanumeric();
    if rest.starts_with(first) {
        &rest[..rest.find(|c| !other(c)).unwrap_or(rest.len())]
    } else {
        ""
    }
}

fn syntax_error(at: usize, error: &Error) -> SyntaxError {
    let (message, help) = match error {
        Error::Eof => (
            "the text ends here, in the middle of a value".to_owned(),
            Some("is the file complete?"),
        ),
        Error::ExpectedComma => ("expected a comma, or the closing bracket".to_owned(), None),
        Error::ExpectedMapColon => ("expected a colon after the name of the field".to_owned(), None),
        Error::ExpectedIdentifier => (
            "expected the name of a field".to_owned(),
            Some("names of fields stand without quotes in RON"),
        ),
        Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => ("expected a closing `)`".to_owned(), None),
        Error::ExpectedArrayEnd => ("expected a closing `]`".to_owned(), None),
        Error::ExpectedStringEnd => (
            "this string has no closing quote".to_owned(),
            Some("is a quote missing further up, or is the file incomplete?"),
        ),
        Error::TrailingCharacters => (
            "nothing may follow the end of the document".to_owned(),
            Some("is there a closing bracket too many?"),
        ),
        Error::UnclosedLineComment => (
            "the text ends here, in the middle of a value".to_owned(),
            Some("is the file complete?"),
        ),
        Error::ExceededRecursionLimit | Error::ExpectedRawValue => (
            "nested too deeply".to_owned(),
            Some("no field of a document nests as deep as this"),
        ),
        other => {
            let text = other.to_string();
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            (first + chars.as_str(), None)
        }
    };
    SyntaxError {
        at,
        message,
        help: help.map(str::to_owned),
    }
}
