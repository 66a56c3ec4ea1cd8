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

    /// The elements of the list `name`.
    pub(super) fn elements(&mut self, name: &str) -> Vec<&'a PsValue> {
        let export = self.export;
        self.value(name).map(|value| export.elements(value)).unwrap_or_default()
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
    pub(super) fn reference(&mut self, name: &str) -> Option<Ref> {
        let export = self.export;
        self.value(name).and_then(|value| export.reference(value))
    }

    /// What the elements of the field `name` refer to.
    pub(super) fn references(&mut self, name: &str) -> Vec<Ref> {
        let export = self.export;
        self.value(name)
            .map(|value| export.references(value))
            .unwrap_or_default()
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
