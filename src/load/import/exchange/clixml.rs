//! Export-Clixml ([MS-PSRP] 2.2.5): objects with types, properties and back references.
//!
//! Entities are not expanded beyond the five that XML has, nesting is limited, and back references are positions rather
//! than copies, so a small file stays small in memory.

use indexmap::IndexMap;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::value::{Export, PsObject, PsValue};
use crate::diagnostic::{Problem, Source, Span};

/// Elements inside each other. PowerShell writes at most 100 levels of objects, with two elements each; real exports of
/// Exchange objects have about 10.
const DEPTH_MAX: usize = 256;

/// Reads `source`.
pub(super) fn read(source: &Source) -> Result<Export, Problem> {
    let mut xml = Reader::from_str(&source.text);
    xml.config_mut().expand_empty_elements = true;
    let mut builder = Builder::default();
    loop {
        let at = usize::try_from(xml.buffer_position()).unwrap_or(usize::MAX);
        let event = xml.read_event().map_err(|error| {
            let at = usize::try_from(xml.error_position()).unwrap_or(usize::MAX);
            problem(at, format!("no XML: {error}")).help("the file is damaged or cut off: export it again")
        })?;
        match event {
            Event::Start(tag) => builder.start(&tag, at)?,
            Event::End(_) => builder.end(),
            Event::Text(text) => builder.text(&text.xml10_content(), at)?,
            Event::CData(text) => builder.text(&text, at)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                match (character, resolve_xml_entity(&reference)) {
                    (Some(character), _) => builder.text(character.encode_utf8(&mut [0; 4]), at)?,
                    (None, Some(text)) => builder.text(text, at)?,
                    (None, None) => {
                        return Err(problem(at, format!("unknown entity `&{};`", reference.escape_debug())));
                    }
                }
            }
            Event::DocType(_) => return Err(problem(at, "a document type, which Export-Clixml does not write")),
            Event::Eof if builder.stack.is_empty() => return Ok(builder.export),
            Event::Eof => return Err(problem(source.text.len(), "the file ends in the middle of an object")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn problem(at: usize, message: impl Into<String>) -> Problem {
    Problem::new(Span::new(at, at.saturating_add(1)), "", message)
}

/// What an open element is; numbers are positions in [`Export::objects`].
enum Element {
    /// `Objs`
    Root,
    /// `Obj`
    Object(usize),
    /// `Props`, `MS`, and `En` of a dictionary
    Members(usize),
    /// `LST`, `IE`, `STK`, `QUE`
    List(usize),
    /// `DCT`
    Dictionary(usize),
    /// `TN`
    Types(usize),
    /// `T`
    TypeName(usize),
    /// `ToString`
    ToString(usize),
    /// `S`, `I32`, …, with its `N`
    Scalar(Scalar, Option<String>),
    /// `Ref`, `TNRef`
    Nothing,
}

#[derive(Clone, Copy)]
enum Scalar {
    Null,
    Bool,
    Integer,
    Text,
}

impl Scalar {
    /// The kind of value in an element called `tag`.
    fn of(tag: &str) -> Option<Scalar> {
        Some(match tag {
            "Nil" => Scalar::Null,
            "B" => Scalar::Bool,
            "SB" | "By" | "I16" | "U16" | "I32" | "U32" | "I64" | "U64" => Scalar::Integer,
            "S" | "C" | "DT" | "TS" | "Sg" | "Db" | "D" | "BA" | "G" | "URI" | "XD" | "SBK" | "Version" | "SS" => {
                Scalar::Text
            }
            _ => return None,
        })
    }

    fn value(self, text: String) -> PsValue {
        match self {
            Scalar::Null => PsValue::Null,
            Scalar::Bool => PsValue::Bool(text.trim().eq_ignore_ascii_case("true")),
            Scalar::Integer => match text.trim().parse() {
                Ok(number) => PsValue::Integer(number),
                Err(_) => PsValue::Text(text),
            },
            Scalar::Text => PsValue::Text(decode(&text)),
        }
    }
}

#[derive(Default)]
struct Builder {
    export: Export,
    stack: Vec<Element>,
    text: String,
    objects: IndexMap<String, usize>,
    types: IndexMap<String, usize>,
}

impl Builder {
    fn start(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), Problem> {
        if self.stack.len() >= DEPTH_MAX {
            return Err(problem(at, format!("more than {DEPTH_MAX} elements inside each other")));
        }
        let local = tag.local_name();
        let (name, ref_id) = attributes(tag, at)?;
        self.text.clear();
        let element = match (self.stack.last(), local.as_ref()) {
            (None, "Objs") => Element::Root,
            (None, _) => {
                return Err(problem(
                    at,
                    "this is no Export-Clixml file: it does not begin with <Objs>",
                ));
            }
            (
                Some(Element::Object(object)),
                tag @ ("TN" | "TNRef" | "ToString" | "Props" | "MS" | "LST" | "IE" | "STK" | "QUE" | "DCT"),
            ) => {
                let object = *object;
                self.part(object, tag, ref_id, at)?
            }
            (Some(Element::Types(types)), "T") => Element::TypeName(*types),
            (Some(Element::Dictionary(dictionary)), "En") => {
                let dictionary = *dictionary;
                let entry = self.object(at);
                let entries = self.export.objects[dictionary].list.get_or_insert_default();
                entries.push(PsValue::Object(entry));
                Element::Members(entry)
            }
            (Some(parent), tag) if parent.holds_values() => self.value(tag, name, ref_id, at)?,
            (Some(_), tag) => return Err(problem(at, format!("<{}> has no place here", tag.escape_debug()))),
        };
        self.stack.push(element);
        Ok(())
    }

    /// An element that says something about the object it stands in.
    fn part(&mut self, object: usize, tag: &str, ref_id: Option<String>, at: usize) -> Result<Element, Problem> {
        Ok(match tag {
            "TN" => {
                let types = self.export.types.len();
                self.export.types.push(Vec::new());
                self.types.extend(ref_id.map(|id| (id, types)));
                self.export.objects[object].types = Some(types);
                Element::Types(types)
            }
            "TNRef" => {
                let types = ref_id.and_then(|id| self.types.get(&id));
                let types = types.ok_or_else(|| problem(at, "a <TNRef> to a type that is not in the file above it"))?;
                self.export.objects[object].types = Some(*types);
                Element::Nothing
            }
            "ToString" => Element::ToString(object),
            "Props" | "MS" => Element::Members(object),
            _ => {
                self.export.objects[object].list.get_or_insert_default();
                if tag == "DCT" {
                    Element::Dictionary(object)
                } else {
                    Element::List(object)
                }
            }
        })
    }

    /// An object, a back reference or a scalar.
    fn value(
        &mut self,
        tag: &str,
        name: Option<String>,
        ref_id: Option<String>,
        at: usize,
    ) -> Result<Element, Problem> {
        match tag {
            "Obj" => {
                let object = self.object(at);
                self.objects.extend(ref_id.map(|id| (id, object)));
                self.deliver(name, PsValue::Object(object));
                Ok(Element::Object(object))
            }
            "Ref" => {
                let object = ref_id.and_then(|id| self.objects.get(&id));
                let object =
                    object.ok_or_else(|| problem(at, "a <Ref> to an object that is not in the file above it"))?;
                let value = PsValue::Object(*object);
                self.deliver(name, value);
                Ok(Element::Nothing)
            }
            tag => match Scalar::of(tag) {
                Some(scalar) => Ok(Element::Scalar(scalar, name)),
                None => Err(problem(
                    at,
                    format!("<{}> is no element of Export-Clixml", tag.escape_debug()),
                )),
            },
        }
    }

    fn object(&mut self, offset: usize) -> usize {
        self.export.objects.push(PsObject {
            offset,
            ..PsObject::default()
        });
        self.export.objects.len() - 1
    }

    /// Gives `value` to the innermost open element.
    fn deliver(&mut self, name: Option<String>, value: PsValue) {
        let objects = &mut self.export.objects;
        match (self.stack.last(), value) {
            (Some(Element::Root), PsValue::Object(at)) => self.export.roots.push(at),
            (Some(Element::Root), PsValue::Null) => {}
            (Some(Element::Root), _) => self.export.push_other_root(0),
            (Some(Element::Members(object)), value) => {
                objects[*object].properties.push((name.unwrap_or_default(), value));
            }
            (Some(Element::List(object)), value) => objects[*object].list.get_or_insert_default().push(value),
            (Some(Element::Object(object)), value) => objects[*object].scalar = Some(value),
            _ => {}
        }
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        match self.stack.pop() {
            Some(Element::Scalar(scalar, name)) => self.deliver(name, scalar.value(text)),
            Some(Element::TypeName(types)) => self.export.types[types].push(text),
            Some(Element::ToString(object)) => self.export.objects[object].text = Some(decode(&text)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), Problem> {
        match self.stack.last() {
            Some(Element::Scalar(..) | Element::TypeName(_) | Element::ToString(_)) => self.text.push_str(text),
            _ if text.trim().is_empty() => {}
            _ => return Err(problem(at, "text where an element belongs")),
        }
        Ok(())
    }
}

impl Element {
    fn holds_values(&self) -> bool {
        matches!(
            self,
            Element::Root | Element::Object(_) | Element::Members(_) | Element::List(_)
        )
    }
}

/// The attributes `N` and `RefId`.
fn attributes(tag: &BytesStart<'_>, at: usize) -> Result<(Option<String>, Option<String>), Problem> {
    let (mut name, mut ref_id) = (None, None);
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| problem(at, format!("no XML: {error}")))?;
        let target = match attribute.key.as_ref() {
            "N" => &mut name,
            "RefId" => &mut ref_id,
            _ => continue,
        };
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| problem(at, format!("no XML: {error}")))?;
        *target = Some(decode(&value));
    }
    Ok((name, ref_id))
}

/// Replaces `_xHHHH_` by the UTF-16 unit it stands for: PowerShell's way to write what XML cannot hold, and an underscore
/// that would begin such a sequence.
fn decode(text: &str) -> String {
    if !text.contains("_x") {
        return text.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        units.extend(before.encode_utf16());
        let digits = from
            .get(2..6)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.filter(|_| from.as_bytes().get(6) == Some(&b'_'));
        match unit.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = &from[7..];
            }
            None => {
                units.extend("_x".encode_utf16());
                rest = &from[2..];
            }
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_are_utf16_units() {
        for (text, expect) in [
            ("a_x000A_b", "a\nb"),
            ("_x005F_x000A_", "_x000A_"),
            ("_xD83D__xDE00_", "\u{1f600}"),
            ("_x00", "_x00"),
            ("a_xyz_", "a_xyz_"),
        ] {
            assert_eq!(decode(text), expect);
        }
    }
}
