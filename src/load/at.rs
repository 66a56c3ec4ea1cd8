//! A value and its place in the file.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::diagnostic::Span;

/// A value and where it stands; [`Span::NONE`] for values that no file holds. Equality and writing look at the value alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> At<T> {
    /// `value`, standing at `span`.
    pub fn new(value: T, span: Span) -> At<T> {
        At { value, span }
    }
}

impl<T> From<T> for At<T> {
    fn from(value: T) -> At<T> {
        At {
            value,
            span: Span::NONE,
        }
    }
}

impl From<&str> for At<String> {
    fn from(value: &str) -> At<String> {
        value.to_owned().into()
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
