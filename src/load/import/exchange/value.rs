//! What a cmdlet returned, whichever of the two formats it was written in.

use std::time::Duration;

use indexmap::IndexSet;

use crate::load::import::dn::Dn;
use crate::load::import::draft::Ref;
use crate::load::import::scalar;
use crate::model::{SizeLimit, parse_period};

/// A value as PowerShell knows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PsValue {
    /// `$null`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer of any width.
    Integer(i64),
    /// Text, and every scalar that is neither of the above, as it was written.
    Text(String),
    /// A list of JSON; CLIXML's are objects.
    List(Vec<PsValue>),
    /// Position in [`Export::objects`]. Objects refer to each other, even in circles, so they do not own each other.
    Object(usize),
}

/// An object, list or enumeration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PsObject {
    /// Position in [`Export::types`].
    pub(super) types: Option<usize>,
    /// What `ToString` gave.
    pub(super) text: Option<String>,
    /// The number of an enumeration.
    pub(super) scalar: Option<PsValue>,
    /// Elements, if it is a list or a dictionary.
    pub(super) list: Option<Vec<PsValue>>,
    /// Its properties.
    pub(super) properties: Vec<(String, PsValue)>,
    /// Byte where it begins.
    pub(super) offset: usize,
}

/// Everything in one file.
#[derive(Debug, Default)]
pub(super) struct Export {
    /// All objects, inner ones after those that hold them.
    pub(super) objects: Vec<PsObject>,
    /// Lists of type names, the most derived first.
    pub(super) types: Vec<Vec<String>>,
    /// The objects that the cmdlet returned.
    pub(super) roots: Vec<usize>,
}

impl Export {
    /// Adds what the cmdlet returned at `offset` and is no object, so that it is counted among what is not known.
    pub(super) fn push_other_root(&mut self, offset: usize) {
        self.roots.push(self.objects.len());
        self.objects.push(PsObject {
            offset,
            ..PsObject::default()
        });
    }

    /// The property `name` of an object, found without regard to case.
    fn property(&self, value: &PsValue, name: &str) -> Option<&PsValue> {
        let PsValue::Object(at) = value else {
            return None;
        };
        let properties = &self.objects.get(*at)?.properties;
        let named = properties.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).filter(|value| **value != PsValue::Null)
    }

    fn object(&self, value: &PsValue) -> Option<&PsObject> {
        match value {
            PsValue::Object(at) => self.objects.get(*at),
            _ => None,
        }
    }

    /// The elements of a list and of the lists in it; a value that is none is the only element, `$null` is no element.
    ///
    /// A list that occurs again adds nothing: it would double what is found each time, and lists may hold themselves. O(elements).
    pub(super) fn elements<'a>(&'a self, value: &'a PsValue) -> Vec<&'a PsValue> {
        let mut elements = Vec::new();
        let mut opened = IndexSet::new();
        // The next one last. No recursion: lists can be nested as deep as the file is long.
        let mut pending = vec![value];
        while let Some(value) = pending.pop() {
            match (value, self.object(value).and_then(|object| object.list.as_ref())) {
                (PsValue::Null, _) => {}
                (PsValue::List(list), _) => pending.extend(list.iter().rev()),
                (PsValue::Object(at), Some(list)) => {
                    if opened.insert(*at) {
                        pending.extend(list.iter().rev());
                    }
                }
                _ => elements.push(value),
            }
        }
        elements
    }

    /// The value as text: an object's `ToString`, an enumeration's name.
    pub(super) fn text(&self, value: &PsValue) -> Option<String> {
        let scalar = |value: &PsValue| match value {
            PsValue::Text(text) => Some(text.trim().to_owned()),
            PsValue::Integer(number) => Some(number.to_string()),
            PsValue::Bool(flag) => Some(flag.to_string()),
            PsValue::Null | PsValue::List(_) | PsValue::Object(_) => None,
        };
        let text = match self.object(value) {
            None => scalar(value),
            Some(object) => object
                .text
                .clone()
                .or_else(|| self.property(value, "Value").and_then(scalar))
                .or_else(|| object.scalar.as_ref().and_then(scalar)),
        };
        text.filter(|text| !text.is_empty())
    }

    /// The value as a number: itself, digits, an enumeration's number.
    pub(super) fn integer(&self, value: &PsValue) -> Option<i64> {
        match value {
            PsValue::Integer(number) => Some(*number),
            PsValue::Text(text) => text.trim().parse().ok(),
            PsValue::Object(_) => match self.object(value)?.scalar.as_ref()? {
                PsValue::Integer(number) => Some(*number),
                _ => None,
            },
            PsValue::Null | PsValue::Bool(_) | PsValue::List(_) => None,
        }
    }

    /// The value as a truth value.
    pub(super) fn boolean(&self, value: &PsValue) -> Option<bool> {
        match value {
            PsValue::Bool(flag) => Some(*flag),
            _ => match self.text(value)?.to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
        }
    }

    /// The value as a size: `35 MB (36,700,160 bytes)`, `Unlimited`, a number of bytes, or an object that holds one of these.
    pub(super) fn size(&self, value: &PsValue) -> Option<SizeLimit> {
        if let Some(PsValue::Bool(true)) = self.property(value, "IsUnlimited") {
            return Some(SizeLimit::Unlimited);
        }
        let inner = self.property(value, "Value").unwrap_or(value);
        let text = self.text(value).and_then(|text| scalar::size(&text));
        text.or_else(|| scalar::size(&self.text(inner)?))
    }

    /// The value as a period: `00:10:00`, fractions of seconds left out, or an object with `Ticks` of 100 ns.
    pub(super) fn period(&self, value: &PsValue) -> Option<Duration> {
        if let Some(PsValue::Integer(ticks)) = self.property(value, "Ticks") {
            return Some(Duration::from_secs(u64::try_from(*ticks).ok()? / 10_000_000));
        }
        period_text(&self.text(value)?)
    }

    /// What the value refers to: an object with a distinguished name or a name, or a text that is a distinguished name, a
    /// canonical name (`contoso.example/Configuration/Sites/Chicago`), a path (`Group\Name`) or a plain name.
    pub(super) fn reference(&self, value: &PsValue) -> Option<Ref> {
        let value = match self.elements(value)[..] {
            [only] => only,
            _ => value,
        };
        let property = |name| self.property(value, name).and_then(|value| self.text(value));
        let dn = property("DistinguishedName").and_then(|text| Dn::parse(&text));
        match dn {
            Some(dn) => Some(reference_at(&dn)),
            None => property("Name")
                .map(Ref::named)
                .or_else(|| reference_text(&self.text(value)?)),
        }
    }

    /// The two halves of a dictionary entry or of a text such as `[EX1, 2]`.
    pub(super) fn pair(&self, value: &PsValue) -> Option<(Ref, String)> {
        if let (Some(key), Some(value)) = (self.property(value, "Key"), self.property(value, "Value")) {
            return Some((self.reference(key)?, self.text(value)?));
        }
        let text = self.text(value)?;
        let (key, value) = text.strip_prefix('[')?.strip_suffix(']')?.rsplit_once(',')?;
        Some((reference_text(key)?, value.trim().to_owned()))
    }

    /// The last parts of the names of an object's types, the most derived first: `SmtpSendConnectorConfig`, ….
    pub(super) fn type_names(&self, object: &PsObject) -> impl Iterator<Item = &str> {
        let types = object.types.and_then(|at| self.types.get(at));
        let names = types.into_iter().flatten();
        names.map(|name| name.rsplit('.').next().unwrap_or(name))
    }

    /// A property of the object at `at`, for texts built of several.
    pub(super) fn part(&self, value: &PsValue, name: &str) -> Option<String> {
        self.property(value, name).and_then(|value| self.text(value))
    }
}

/// Reads `1.02:03:04.5`.
pub(super) fn period_text(text: &str) -> Option<Duration> {
    let clock_start = text.find(':')?;
    let whole = match text[clock_start..].find('.') {
        Some(fraction) => &text[..clock_start + fraction],
        None => text,
    };
    parse_period(whole)
}

fn reference_text(text: &str) -> Option<Ref> {
    let text = text.trim();
    let looks_like_dn = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("CN="));
    if let Some(dn) = looks_like_dn.then(|| Dn::parse(text)).flatten() {
        return Some(reference_at(&dn));
    }
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    (!name.is_empty()).then(|| Ref::named(name))
}

/// What stands below a server, such as a virtual server, means the server.
fn reference_at(dn: &Dn) -> Ref {
    Ref::at(&dn.child_of("Servers").unwrap_or_else(|| dn.clone()))
}
