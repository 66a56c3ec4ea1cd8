//! Distinguished names (RFC 4514), and the GUIDs and link states that some exports write before them.

use crate::model::Name;

/// A distinguished name, the object's own part first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dn {
    parts: Vec<Part>,
}

/// One level of a [`Dn`]; of a multi-valued one the first attribute, the rest staying in its value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    attribute: String,
    value: String,
}

impl Dn {
    /// Reads `CN=a,CN=b,DC=c`: `\,` and `\2C` escapes, quoted values, spaces around separators. `None` for anything else,
    /// the empty name included.
    pub(super) fn parse(text: &str) -> Option<Dn> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            let (attribute, after) = rest.split_once('=')?;
            let attribute = attribute.trim();
            if attribute.is_empty()
                || !attribute
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            {
                return None;
            }
            let (value, after) = value(after)?;
            parts.push(Part {
                attribute: attribute.to_owned(),
                value,
            });
            match after {
                None => return Some(Dn { parts }),
                Some(after) => rest = after,
            }
        }
    }

    /// The object's own name.
    pub(super) fn name(&self) -> &str {
        &self.parts[0].value
    }

    /// The name `levels` above the object; 0 is [`Dn::name`].
    pub(super) fn above(&self, levels: usize) -> Option<&str> {
        self.parts.get(levels).map(|part| part.value.as_str())
    }

    /// The nearest of the object and what it stands in whose parent is called `container`.
    pub(super) fn child_of(&self, container: &str) -> Option<Dn> {
        let below = self.parts[1..]
            .iter()
            .position(|part| part.value.eq_ignore_ascii_case(container))?;
        Some(Dn {
            parts: self.parts[below..].to_vec(),
        })
    }

    /// What the object stands in.
    pub(super) fn parent(&self) -> Option<Dn> {
        (self.parts.len() > 1).then(|| Dn {
            parts: self.parts[1..].to_vec(),
        })
    }

    /// Whether it names something deleted: the directory puts a line feed and `DEL:` into such names.
    pub(super) fn is_deleted(&self) -> bool {
        self.name().contains("\nDEL:")
    }

    /// A text that equal names share, whatever their case and escapes.
    pub(super) fn key(&self) -> String {
        let mut key = String::new();
        for part in &self.parts {
            // Unit separators cannot be mistaken for anything in a name.
            key.push_str(&part.attribute.to_ascii_uppercase());
            key.push('\u{1f}');
            key.push_str(&Name::fold(&part.value));
            key.push('\u{1e}');
        }
        key
    }
}

/// The value at the start of `text` and what follows its comma; `Some(None)` as the latter at the end.
fn value(text: &str) -> Option<(String, Option<&str>)> {
    let text = text.trim_start_matches(' ');
    let mut bytes = Vec::new();
    // Trailing spaces do not count unless they are escaped.
    let mut significant = 0;
    let quoted = text.starts_with('"');
    let mut open = quoted;
    let mut chars = text.char_indices().skip(usize::from(quoted));
    let mut after = None;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let (at, next) = chars.next()?;
                let pair = text
                    .get(at..at + 2)
                    .filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
                match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                    Some(byte) => {
                        chars.next();
                        bytes.push(byte);
                    }
                    None => bytes.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes()),
                }
                significant = bytes.len();
            }
            '"' if open => {
                open = false;
                significant = bytes.len();
            }
            ',' if !open => {
                after = Some(&text[at + 1..]);
                break;
            }
            c => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                if c != ' ' || open {
                    significant = bytes.len();
                }
            }
        }
    }
    bytes.truncate(significant);
    let value = String::from_utf8(bytes).ok()?;
    (!open && !value.is_empty()).then_some((value, after))
}

/// The number that identifies an object for good, in the order its digits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Guid([u8; 16]);

impl Guid {
    /// Reads `44e29801-abfe-4f0a-9e5b-0123456789ab`, in braces or not, or the 32 digits of the stored bytes.
    pub(super) fn parse(text: &str) -> Option<Guid> {
        let text = text.trim().trim_start_matches('{').trim_end_matches('}');
        let dashed = [8, 13, 18, 23].iter().all(|&at| text.as_bytes().get(at) == Some(&b'-'));
        let digits: String = if dashed { text.replace('-', "") } else { text.to_owned() };
        if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
        }
        if dashed {
            Some(Guid(bytes))
        } else {
            Guid::from_stored(&bytes)
        }
    }

    /// Reads the 16 stored bytes, the first three groups of which are little-endian.
    pub(super) fn from_stored(bytes: &[u8]) -> Option<Guid> {
        let mut bytes: [u8; 16] = bytes.try_into().ok()?;
        bytes[0..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
        Some(Guid(bytes))
    }
}

/// A distinguished name as Samba's tools write it: `<GUID=…>;<RMD_FLAGS=0>;CN=…`, each part of which may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExtendedDn {
    pub(super) guid: Option<Guid>,
    /// The value was removed from a linked attribute: bit 0 of RMD_FLAGS.
    pub(super) removed: bool,
    pub(super) dn: Option<Dn>,
}

impl ExtendedDn {
    /// Reads it; `None` when it names nothing.
    pub(super) fn parse(text: &str) -> Option<ExtendedDn> {
        let mut read = ExtendedDn {
            guid: None,
            removed: false,
            dn: None,
        };
        let mut rest = text.trim();
        while let Some(inner) = rest.strip_prefix('<') {
            let (component, after) = inner.split_once('>')?;
            let (key, value) = component.split_once('=')?;
            if key.eq_ignore_ascii_case("GUID") {
                read.guid = Some(Guid::parse(value)?);
            } else if key.eq_ignore_ascii_case("RMD_FLAGS") {
                read.removed = value.trim().parse::<u32>().is_ok_and(|flags| flags & 1 != 0);
            }
            rest = after.trim_start().trim_start_matches(';').trim_start();
        }
        if !rest.is_empty() {
            read.dn = Some(Dn::parse(rest)?);
        }
        (read.guid.is_some() || read.dn.is_some()).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_escapes() {
        for (text, expect) in [
            (r"CN=Chicago,CN=Sites", "Chicago"),
            (r"CN=Fabrikam\, Inc.,CN=Sites", "Fabrikam, Inc."),
            (r"CN=Fabrikam\2C Inc.,CN=Sites", "Fabrikam, Inc."),
            (r#"CN=The \"old\" site,CN=Sites"#, r#"The "old" site"#),
            (r#"CN="Fabrikam, Inc.",CN=Sites"#, "Fabrikam, Inc."),
            (r"CN=Z\C3\BCrich , CN=Sites", "Zürich"),
            (r"CN= a\ ,CN=Sites", "a "),
        ] {
            let dn = Dn::parse(text).expect(text);
            assert_eq!(dn.name(), expect, "{text}");
            assert_eq!(dn.above(1), Some("Sites"), "{text}");
        }
        for text in ["", "Chicago", "CN=", "CN=a,", r"CN=a\", r#"CN="a"#, "=a", r"CN=\FF"] {
            assert_eq!(Dn::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn one_guid_written_in_two_ways() {
        let dashed = Guid::parse("bb75980f-4852-4a4a-8570-214b9c1e81f1");
        assert!(dashed.is_some());
        assert_eq!(Guid::parse("0f9875bb52484a4a8570214b9c1e81f1"), dashed);
        assert_eq!(Guid::parse("{BB75980F-4852-4A4A-8570-214B9C1E81F1}"), dashed);
        assert_eq!(Guid::parse("0f9875bb"), None);
    }
}
