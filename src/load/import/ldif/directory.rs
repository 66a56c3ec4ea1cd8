//! Entries with typed attributes, and the way from a GUID to a name.

use indexmap::IndexMap;

use super::record::{Record, Value};
use crate::load::import::attributes::Attributes;
use crate::load::import::dn::{Dn, ExtendedDn, Guid};
use crate::load::import::draft::{Ref, subject};
use crate::load::import::head::Head;
use crate::load::import::place::Place;
use crate::load::import::report::Ledger;
use crate::model::SizeLimit;

/// An entry of the directory with its name and class read.
pub(super) struct Entry<'a> {
    pub(super) head: Head,
    pub(super) dn: Dn,
    pub(super) attributes: Attributes<Stored<'a>>,
}

/// A value and its place.
pub(super) struct Stored<'a> {
    value: Value<'a>,
    partial: bool,
    place: Place,
}

/// The names of all entries by GUID: references may give nothing else.
pub(super) struct Directory {
    by_guid: IndexMap<Guid, Dn>,
}

impl Directory {
    /// Reads names and classes of `records`; pseudo entries and deleted objects are left out.
    pub(super) fn new<'a>(records: Vec<(usize, Record<'a>)>, ledger: &mut Ledger) -> (Directory, Vec<Entry<'a>>) {
        let mut by_guid = IndexMap::new();
        let mut entries = Vec::new();
        for (source, record) in records {
            let place = Place {
                source,
                offset: record.offset,
            };
            let text = record.dn.text().unwrap_or_default().to_owned();
            // Samba's tools describe the database itself under names like `@ROOTDSE`.
            if text.starts_with('@') || text.is_empty() {
                continue;
            }
            let Some(ExtendedDn { guid, dn: Some(dn), .. }) = ExtendedDn::parse(&text) else {
                ledger.left_out(place, subject("entry", &text), "its distinguished name cannot be read");
                continue;
            };
            let Some(entry) = entry_of(dn, place, record) else {
                ledger.left_out(place, subject("entry", &text), "it has no objectClass");
                continue;
            };
            for guid in guid.into_iter().chain(entry.guid) {
                by_guid.entry(guid).or_insert_with(|| entry.entry.dn.clone());
            }
            if entry.deleted || entry.entry.dn.is_deleted() {
                ledger.read(&entry.entry.head.class, false);
                entry.entry.head.left_out(ledger, "it is deleted");
            } else {
                entries.push(entry.entry);
            }
        }
        (Directory { by_guid }, entries)
    }

    /// What the value `text` of a DN attribute refers to; `None` for a link that was removed.
    fn refer(&self, text: &str) -> Option<Result<Dn, String>> {
        let extended = ExtendedDn::parse(text);
        if extended.as_ref().is_some_and(|extended| extended.removed) {
            return None;
        }
        let dn = extended.and_then(|extended| {
            let by_guid = || extended.guid.and_then(|guid| self.by_guid.get(&guid).cloned());
            extended.dn.or_else(by_guid)
        });
        Some(dn.ok_or_else(|| text.to_owned()))
    }

    /// The routing group that a connected domain means: its name, GUID or distinguished name.
    pub(super) fn group(&self, text: &str) -> Ref {
        let by_guid = Guid::parse(text).and_then(|guid| self.by_guid.get(&guid).cloned());
        match by_guid.or_else(|| ExtendedDn::parse(text).and_then(|extended| extended.dn)) {
            Some(dn) => Ref::at(&dn),
            None => Ref::named(text),
        }
    }
}

/// An entry with what only the directory wants to know.
struct Read<'a> {
    entry: Entry<'a>,
    guid: Option<Guid>,
    deleted: bool,
}

fn entry_of<'a>(dn: Dn, place: Place, record: Record<'a>) -> Option<Read<'a>> {
    let stored = |attribute: super::record::Attribute<'a>| {
        let stored = Stored {
            value: attribute.value,
            partial: attribute.partial,
            place: Place {
                offset: attribute.offset,
                ..place
            },
        };
        (attribute.name, stored)
    };
    let mut attributes = Attributes::new(record.attributes.into_iter().map(stored));
    let class = attributes.all("objectClass").last()?.value.text()?.to_owned();
    let guid = attributes.first("objectGUID").and_then(|stored| match &stored.value {
        Value::Text(text) => Guid::parse(text),
        Value::Bytes(bytes) => Guid::from_stored(bytes),
    });
    let deleted = attributes
        .first("isDeleted")
        .and_then(|stored| stored.value.text())
        .is_some_and(|text| text.eq_ignore_ascii_case("TRUE"));
    let head = Head {
        name: dn.name().to_owned(),
        identity: Some(dn.key()),
        class,
        place,
    };
    let entry = Entry { head, dn, attributes };
    Some(Read { entry, guid, deleted })
}

impl<'a> Entry<'a> {
    /// All values of `name` that are text.
    pub(super) fn texts(&mut self, name: &str) -> Vec<(String, Place)> {
        let text = |stored: &Stored<'a>| Some((stored.value.text()?.to_owned(), stored.place));
        self.attributes.all(name).into_iter().filter_map(text).collect()
    }

    /// The first value of `name`, if it is text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next().map(|(text, _)| text)
    }

    /// The value of `name` as a number; one that is none is left out.
    pub(super) fn integer(&mut self, name: &str, ledger: &mut Ledger) -> Option<i64> {
        let (text, place) = self.texts(name).into_iter().next()?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            ledger.left_out(
                place,
                self.head.subject(),
                format!("{name}: `{text}` is no whole number"),
            );
        }
        number
    }

    /// The value of `name` as a cost; `otherwise` says what holds in the place of one that is out of range.
    pub(super) fn cost(&mut self, name: &str, highest: u32, otherwise: &str, ledger: &mut Ledger) -> Option<u32> {
        let number = self.integer(name, ledger)?;
        self.head.cost(ledger, name, number, highest, otherwise)
    }

    /// The value of `delivContLength`.
    pub(super) fn size(&mut self, ledger: &mut Ledger) -> Option<SizeLimit> {
        let number = self.integer("delivContLength", ledger)?;
        self.head.kilobytes(ledger, "delivContLength", number)
    }

    /// The value of `name` as TRUE or FALSE; anything else is left out.
    pub(super) fn boolean(&mut self, name: &str, ledger: &mut Ledger) -> Option<bool> {
        let (text, place) = self.texts(name).into_iter().next()?;
        match text.trim().to_ascii_uppercase().as_str() {
            "TRUE" => Some(true),
            "FALSE" => Some(false),
            _ => {
                ledger.left_out(
                    place,
                    self.head.subject(),
                    format!("{name}: `{text}` is neither TRUE nor FALSE"),
                );
                None
            }
        }
    }

    /// What the values of `name` refer to. Links that were removed, and values that cannot be read, are left out.
    pub(super) fn dns(&mut self, name: &str, directory: &Directory, ledger: &mut Ledger) -> Vec<Dn> {
        let partial = self.attributes.all(name).into_iter().find(|stored| stored.partial);
        if let Some(place) = partial.map(|stored| stored.place) {
            ledger.left_out(
                place,
                self.head.subject(),
                format!("{name}: the file holds only a range of its values"),
            );
        }
        let mut read = Vec::new();
        for (text, place) in self.texts(name) {
            match directory.refer(&text) {
                Some(Ok(dn)) => read.push(dn),
                Some(Err(text)) => ledger.left_out(
                    place,
                    self.head.subject(),
                    format!("{name}: no entry has the name or GUID `{text}`"),
                ),
                None => ledger.left_out(
                    place,
                    self.head.subject(),
                    format!("{name}: `{text}` is a removed link"),
                ),
            }
        }
        read
    }
}

/// The server that `dn` names or stands below: bridgeheads are given as virtual servers (TechNet bb123978).
pub(super) fn server_of(dn: &Dn) -> Ref {
    Ref::at(&dn.child_of("Servers").unwrap_or_else(|| dn.clone()))
}

/// The routing group that `dn` is or stands in.
pub(super) fn routing_group_of(dn: &Dn) -> Option<Ref> {
    dn.child_of("Routing Groups").as_ref().map(Ref::at)
}
