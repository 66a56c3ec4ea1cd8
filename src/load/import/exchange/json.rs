//! ConvertTo-Json: one object, a list of them, or several such texts one after the other.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
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
            _ => root(&mut export, &parse(text, at, raw.get())?, at),
        }
    }
    Ok(export)
}

fn roots(export: &mut Export, text: &str, at: usize, list: &str) -> Result<(), Problem> {
    let elements: Vec<&RawValue> = serde_json::from_str(list).map_err(|error| problem(text, at, &error))?;
    for element in elements {
        let at = place(text, element.get());
        let value = parse(text, at, element.get())?;
        root(export, &value, at);
    }
    Ok(())
}

fn parse(text: &str, at: usize, raw: &str) -> Result<Value, Problem> {
    serde_json::from_str(raw).map_err(|error| problem(text, at, &error))
}

fn place(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

fn root(export: &mut Export, value: &Value, offset: usize) {
    if let PsValue::Object(at) = add(export, value, offset) {
        export.roots.push(at);
    }
}

fn add(export: &mut Export, value: &Value, offset: usize) -> PsValue {
    match value {
        Value::Null => PsValue::Null,
        Value::Bool(flag) => PsValue::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => PsValue::Integer(number),
            None => PsValue::Text(number.to_string()),
        },
        Value::String(text) => PsValue::Text(text.clone()),
        Value::Array(elements) => PsValue::List(elements.iter().map(|element| add(export, element, offset)).collect()),
        Value::Object(fields) => {
            let at = export.objects.len();
            export.objects.push(PsObject {
                offset,
                ..PsObject::default()
            });
            let properties = fields
                .iter()
                .map(|(name, value)| (name.clone(), add(export, value, offset)))
                .collect();
            export.objects[at].properties = properties;
            PsValue::Object(at)
        }
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
