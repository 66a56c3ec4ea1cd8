//! ConvertTo-Json: one object, a list of them, or several such texts one after the other.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::value::{Export, PsObject, PsValue};
use crate::diagnostic::{Problem, Source, Span};

/// How Windows PowerShell writes a list that it was given whole, rather than element by element.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(rename = "Count")]
    _count: IgnoredAny,
}

/// Reads `source`. The nesting of one object is limited by serde_json (128).
pub(super) fn read(source: &Source) -> Result<Export, Problem> {
    let text = &source.text;
    let mut export = Export::default();
    // Shallow first, so that every object the cmdlet returned keeps its place.
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let raw = document.map_err(|error| problem(text, 0, &error))?;
        let at = place(text, raw.get());
        if raw.get().starts_with('[') {
            roots(&mut export, text, at, raw.get())?;
            continue;
        }
        match serde_json::from_str::<Wrapped<'_>>(raw.get()) {
            Ok(Wrapped { value, .. }) if value.get().starts_with('[') => {
                roots(&mut export, text, place(text, value.get()), value.get())?;
            }
            _ => root(&mut export, text, at, raw.get())?,
        }
    }
    Ok(export)
}

fn roots(export: &mut Export, text: &str, at: usize, list: &str) -> Result<(), Problem> {
    let elements: Vec<&RawValue> = serde_json::from_str(list).map_err(|error| problem(text, at, &error))?;
    for element in elements {
        root(export, text, place(text, element.get()), element.get())?;
    }
    Ok(())
}

fn place(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// Adds what the cmdlet returned; `null` is nothing.
fn root(export: &mut Export, text: &str, at: usize, raw: &str) -> Result<(), Problem> {
    let mut parser = serde_json::Deserializer::from_str(raw);
    let adder = Adder { export, offset: at };
    let value = adder
        .deserialize(&mut parser)
        .map_err(|error| problem(text, at, &error))?;
    match value {
        PsValue::Object(object) => export.roots.push(object),
        PsValue::Null => {}
        _ => export.push_other_root(at),
    }
    Ok(())
}

/// Adds a value that stands at `offset`, with everything inside. Fields that are given twice stay two.
struct Adder<'e> {
    export: &'e mut Export,
    offset: usize,
}

impl Adder<'_> {
    fn inner(&mut self) -> Adder<'_> {
        Adder {
            export: self.export,
            offset: self.offset,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Adder<'_> {
    type Value = PsValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PsValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Adder<'_> {
    type Value = PsValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<PsValue, E> {
        Ok(PsValue::Null)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<PsValue, E> {
        Ok(PsValue::Bool(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<PsValue, E> {
        Ok(PsValue::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<PsValue, E> {
        let integer = i64::try_from(number).map(PsValue::Integer);
        Ok(integer.unwrap_or_else(|_| PsValue::Text(number.to_string())))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<PsValue, E> {
        let number = serde_json::Number::from_f64(number);
        Ok(number.map_or(PsValue::Null, |number| PsValue::Text(number.to_string())))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PsValue, E> {
        Ok(PsValue::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<PsValue, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(self.inner())? {
            elements.push(element);
        }
        Ok(PsValue::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<PsValue, A::Error> {
        let at = self.export.objects.len();
        self.export.objects.push(PsObject {
            offset: self.offset,
            ..PsObject::default()
        });
        let mut properties = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            properties.push((name, fields.next_value_seed(self.inner())?));
        }
        self.export.objects[at].properties = properties;
        Ok(PsValue::Object(at))
    }
}

/// serde_json's lines and columns (in bytes) count from the start of the part it was given, which begins at `start`.
/// Column 0 is the line end before.
fn problem(text: &str, start: usize, error: &serde_json::Error) -> Problem {
    let part = &text[start..];
    let line_start = part
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let at = (start + line_start + error.column()).saturating_sub(1).min(text.len());
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(what, _)| what);
    Problem::new(Span::new(at, at + 1), "", format!("no JSON: {message}"))
        .help("export again with `… | ConvertTo-Json -Depth 4 | Out-File -Encoding utf8 out.json`")
}
