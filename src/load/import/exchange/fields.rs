//! The fields of one object that a cmdlet returned, read into types.

use std::time::Duration;

use super::{Export, PsObject, PsValue};
use crate::load::import::attributes::Attributes;
use crate::load::import::dn::Dn;
use crate::load::import::draft::Ref;
use crate::load::import::head::Head;
use crate::load::import::place::Place;
use crate::load::import::report::Ledger;
use crate::model::SizeLimit;

/// One object with what identifies it.
pub(super) struct Fields<'a> {
    pub(super) export: &'a Export,
    pub(super) head: Head,
    pub(super) dn: Option<Dn>,
    pub(super) attributes: Attributes<&'a PsValue>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which is of `class` and stands in the source at `source`.
    pub(super) fn new(export: &'a Export, object: &'a PsObject, class: &'static str, source: usize) -> Fields<'a> {
        let properties = object.properties.iter().map(|(name, value)| (name.clone(), value));
        let mut fields = Fields {
            export,
            head: Head {
                name: String::new(),
                identity: None,
                class: class.to_owned(),
                place: Place {
                    source,
                    offset: object.offset,
                },
            },
            dn: None,
            attributes: Attributes::new(properties),
        };
        let dn = fields.text("DistinguishedName").and_then(|text| Dn::parse(&text));
        let own = fields.text("Name");
        let of_dn = || dn.as_ref().map(|dn| dn.name().to_owned());
        fields.head.name = own.or_else(of_dn).or_else(|| object.text.clone()).unwrap_or_default();
        fields.head.identity = dn.as_ref().map(Dn::key);
        fields.dn = dn;
        fields
    }

    /// The value of `name`, unless there is none or it is `$null`.
    pub(super) fn value(&mut self, name: &str) -> Option<&'a PsValue> {
        let found = self.attributes.first(name).copied();
        found.filter(|value| **value != PsValue::Null)
    }

    /// What `read` makes of the elements of the list `name`; those that it makes nothing of are counted and left out.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        ledger: &mut Ledger,
        read: impl Fn(&Export, &PsValue) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let elements = self.export.elements(value);
        let total = elements.len();
        let is_empty = |element: &PsValue| matches!(element, PsValue::Text(text) if text.trim().is_empty());
        let empty = elements.iter().filter(|element| is_empty(element)).count();
        let found: Vec<T> = elements
            .into_iter()
            .filter(|element| !is_empty(element))
            .filter_map(|element| read(self.export, element))
            .collect();
        let unread = total - empty - found.len();
        if unread > 0 {
            let text = format!("{name}: {unread} of {total} values cannot be read");
            self.head.left_out(ledger, text);
        }
        found
    }

    /// The field `name` as text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let export = self.export;
        self.value(name).and_then(|value| export.text(value))
    }

    /// The field `name` as a truth value.
    pub(super) fn boolean(&mut self, name: &str, ledger: &mut Ledger) -> Option<bool> {
        self.read(name, ledger, "neither true nor false", Export::boolean)
    }

    /// The field `name` as a period.
    pub(super) fn period(&mut self, name: &str, ledger: &mut Ledger) -> Option<Duration> {
        self.read(name, ledger, "no period", Export::period)
    }

    /// The field `name` as a cost; `otherwise` says what holds in the place of one that is out of range.
    pub(super) fn cost(&mut self, name: &str, highest: u32, otherwise: &str, ledger: &mut Ledger) -> Option<u32> {
        let number = self.read(name, ledger, "no whole number", Export::integer)?;
        self.head.cost(ledger, name, number, highest, otherwise)
    }

    /// The field `MaxMessageSize`; 0 is told and left out.
    pub(super) fn size(&mut self, ledger: &mut Ledger) -> Option<SizeLimit> {
        let size = self.any_size(ledger)?;
        self.head.size(ledger, "MaxMessageSize", size)
    }

    /// The field `MaxMessageSize`, where 0 has a meaning.
    pub(super) fn any_size(&mut self, ledger: &mut Ledger) -> Option<SizeLimit> {
        self.read("MaxMessageSize", ledger, "no size", Export::size)
    }

    /// What the field `name` refers to.
    pub(super) fn reference(&mut self, name: &str, ledger: &mut Ledger) -> Option<Ref> {
        self.read(name, ledger, "no name of an object", Export::reference)
    }

    /// What the elements of the field `name` refer to.
    pub(super) fn references(&mut self, name: &str, ledger: &mut Ledger) -> Vec<Ref> {
        self.list(name, ledger, Export::reference)
    }

    /// Reads the field `name`; a value that `read` makes nothing of is told and left out. An empty text is none.
    fn read<T>(
        &mut self,
        name: &str,
        ledger: &mut Ledger,
        what: &str,
        read: impl FnOnce(&Export, &PsValue) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let result = read(self.export, value);
        let text = self.export.text(value);
        let is_empty = matches!(value, PsValue::Text(text) if text.trim().is_empty());
        if result.is_none() && !is_empty {
            let text = text.unwrap_or_default();
            self.head.left_out(ledger, format!("{name}: `{text}` is {what}"));
        }
        result
    }
}
