//! JSON.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};
use serde_json::value::RawValue;

use super::super::context::string_length;
use super::{Leaf, LeafVisitor, Notation, Shape, SyntaxError, plain_string};
use crate::diagnostic::floor_char_boundary;

/// JavaScript Object Notation.
pub(in crate::load) struct Json;

impl Notation for Json {
    const RECORD: &'static str = "an object `{ … }`";
    const OTHER_NOTATION: &'static str = "this looks like RON: `--input-format ron` reads it";

    fn skip_blank(text: &str, at: usize) -> usize {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        at + text.as_bytes()[at.min(text.len())..].iter().take_while(blank).count()
    }

    fn shape(rest: &str) -> Option<Shape> {
        Some(match rest.as_bytes().first()? {
            b'{' => Shape::Record,
            b'[' => Shape::List,
            b'n' => Shape::Absent,
            b't' | b'f' => Shape::Bool,
            b'"' => Shape::Text,
            b'0'..=b'9' | b'-' => Shape::Number,
            _ => return None,
        })
    }

    fn begin(_: &str) -> usize {
        0
    }

    fn parse<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        seed.deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value))
            .map_err(|error| syntax_error(text, &error))
    }

    fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error> {
        <&RawValue>::deserialize(deserializer).map(RawValue::get)
    }

    fn leaf(text: &str) -> Result<Leaf<'_>, SyntaxError> {
        if let Some(text) = plain_string(text) {
            return Ok(Leaf::Text(text.into()));
        }
        Ok(match Json::shape(text) {
            Some(Shape::Absent) => Leaf::Absent,
            Some(Shape::List) => Leaf::List,
            Some(Shape::Record) => Leaf::Other(Json::RECORD),
            Some(Shape::Bool) => Leaf::Bool(text == "true"),
            Some(Shape::Number) => whole(text).map_or(Leaf::Fraction, Leaf::Integer),
            _ => return Json::parse(text, Text),
        })
    }

    fn elements(list: &str) -> Result<Vec<&str>, SyntaxError> {
        let elements = Json::parse(list, std::marker::PhantomData::<Vec<&RawValue>>)?;
        Ok(elements.into_iter().map(RawValue::get).collect())
    }

    fn key_length(rest: &str, name: &str) -> usize {
        let plain = rest.get(1..).and_then(|rest| rest.strip_prefix(name));
        if plain.is_some_and(|rest| rest.starts_with('"')) {
            return name.len() + 2;
        }
        string_length(rest)
    }
}

/// A string.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Leaf<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Leaf<'de>, D::Error> {
        deserializer.deserialize_str(LeafVisitor)
    }
}

/// The whole number that `text` stands for, if it is one; the parser has seen that it is a number.
fn whole(text: &str) -> Option<i128> {
    let far = if text.starts_with('-') { i128::MIN } else { i128::MAX };
    (!text.contains(['.', 'e', 'E'])).then(|| text.parse().unwrap_or(far))
}

fn syntax_error(text: &str, error: &serde_json::Error) -> SyntaxError {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line = lines.map(str::len).sum::<usize>();
    let at = floor_char_boundary(text, line + error.column().saturating_sub(1));
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    if error.is_eof() {
        let (message, help) = ("the text ends here, in the middle of a value", "is the file complete?");
        return SyntaxError {
            at: text.len(),
            message: message.to_owned(),
            help: Some(help.to_owned()),
        };
    }
    let help = match message {
        "key must be a string" => Some("names of fields stand in double quotes in JSON"),
        "trailing comma" => Some("JSON allows no comma before a closing bracket"),
        "expected value" if text[..at].trim().is_empty() && text[at..].starts_with(['(', '#', '/']) => {
            Some(Json::OTHER_NOTATION)
        }
        "expected value" if text[at..].starts_with('/') => Some("JSON has no comments; a RON file has"),
        "trailing characters" => Some("nothing may follow the end of the document"),
        _ => None,
    };
    SyntaxError {
        at,
        message: message.to_owned(),
        help: help.map(str::to_owned),
    }
}
