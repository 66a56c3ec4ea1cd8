//! What differs between RON and JSON.

mod json;
mod ron;

pub(super) use json::Json;
pub(super) use ron::Ron;

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

/// A notation that documents are written in. The text of a leaf has no blanks around it.
pub(in crate::load) trait Notation: Sized {
    /// How a record is called and looks, for messages.
    const RECORD: &'static str;

    /// What to do when the document looks as if it were in the other notation.
    const OTHER_NOTATION: &'static str;

    /// The first byte at or after `at` that is neither white space nor part of a comment; the length of `text` if none is.
    fn skip_blank(text: &str, at: usize) -> usize;

    /// What the value that begins `rest` looks like; `None` if no value begins so, or nothing is left.
    fn shape(rest: &str) -> Option<Shape>;

    /// Where the value of the whole `text` begins: after what may stand before it.
    fn begin(text: &str) -> usize;

    /// Runs `seed` over `text`.
    fn parse<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError>;

    /// Takes the next value as it stands in the text, which lies inside `whole`.
    fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error>;

    /// Reads a leaf.
    fn leaf(text: &str) -> Result<Leaf<'_>, SyntaxError>;

    /// The elements of a list, as they stand in its text.
    fn elements(list: &str) -> Result<Vec<&str>, SyntaxError>;

    /// Length of the key that begins `rest` and stands for `name`.
    fn key_length(rest: &str, name: &str) -> usize;
}

/// What the parser has to say.
#[derive(Debug)]
pub(in crate::load) struct SyntaxError {
    /// First byte that can't be understood.
    pub(super) at: usize,
    /// Why.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<String>,
}

/// What a value looks like from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Shape {
    /// A record without a name.
    Record,
    /// A record with a name in front, which no record here has.
    NamedRecord,
    /// A list.
    List,
    /// A map of RON.
    Map,
    /// `None` or `null`.
    Absent,
    /// `Some(`: what is inside begins after as many bytes.
    Wrapped(usize),
    /// A string, or bytes written like one.
    Text,
    /// A character in quotes.
    Character,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A bare identifier.
    Word,
}

impl Shape {
    /// What it is called in messages.
    pub(super) fn noun<N: Notation>(self) -> &'static str {
        match self {
            Shape::Record => N::RECORD,
            Shape::NamedRecord => "a record with a name in front",
            Shape::List => "a list `[ … ]`",
            Shape::Map => "a map `{ … }`",
            Shape::Absent => "nothing",
            Shape::Wrapped(_) => "an optional value",
            Shape::Text => "a string",
            Shape::Character => "a character",
            Shape::Bool => "a boolean",
            Shape::Number => "a number",
            Shape::Word => "a word",
        }
    }
}

/// A leaf before anybody asks what it should be.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::load) enum Leaf<'a> {
    /// `None` or `null`.
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; those beyond 64 bits are the largest or smallest one.
    Integer(i128),
    /// Another number.
    Fraction,
    /// A string.
    Text(Cow<'a, str>),
    /// A bare identifier.
    Word(&'a str),
    /// A list.
    List,
    /// Anything else, as it is called.
    Other(&'static str),
}

/// Makes a [`Leaf`] of the strings and numbers that a parser finds.
struct LeafVisitor;

impl<'de> Visitor<'de> for LeafVisitor {
    type Value = Leaf<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string, a number, a boolean or a word")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Integer(number.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Integer(number.into()))
    }

    fn visit_i128<E: de::Error>(self, number: i128) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Integer(number))
    }

    fn visit_u128<E: de::Error>(self, number: u128) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Integer(i128::try_from(number).unwrap_or(i128::MAX)))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Fraction)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Text(text.to_owned().into()))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Text(text.into()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Leaf<'de>, E> {
        Ok(Leaf::Text(text.into()))
    }
}

/// Whether `text` is a string in double quotes without an escape, so that it stands for what is between the quotes.
fn plain_string(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |byte: u8| byte != b'"' && byte != b'\\';
    inside.bytes().all(plain).then_some(inside)
}
