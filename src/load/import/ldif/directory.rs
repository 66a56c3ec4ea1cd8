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
            let Some(text) = record.dn.text().map(str::to_owned) else {
                ledger.left_out(place, "entry", "its distinguished name is no text");
                continue;
            };
            // The root of the directory has no name; Samba's tools describe their database under names like `@ROOTDSE`.
            if text.starts_with('@') || text.is_empty() {
                ledger.read("(the directory itself)", false);
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
    /// All values of `name` that are text; the others are told and left out.
    pub(super) fn texts(&mut self, name: &str, ledger: &mut Ledger) -> Vec<(String, Place)> {
        let mut texts = Vec::new();
        for stored in self.attributes.all(name) {
            match stored.value.text() {
                Some(text) => texts.push((text.to_owned(), stored.place)),
                None => ledger.left_out(stored.place, self.head.subject(), format!("{name}: a value is no text")),
            }
        }
        texts
    }

    /// The value of `name`, of which there should be one: the first counts, another is told.
    fn only(&mut self, name: &str, ledger: &mut Ledger) -> Option<(String, Place)> {
        let mut texts = self.texts(name, ledger).into_iter();
        let first = texts.next()?;
        for (text, place) in texts.filter(|(text, _)| *text != first.0) {
            let told = format!("{name}: `{text}` is a second value; the first one counts");
            ledger.left_out(place, self.head.subject(), told);
        }
        Some(first)
    }

    /// The value of `name`.
    pub(super) fn text(&mut self, name: &str, ledger: &mut Ledger) -> Option<String> {
        self.only(name, ledger).map(|(text, _)| text)
    }

    /// The value of `name` as a number; one that is none is left out.
    pub(super) fn integer(&mut self, name: &str, ledger: &mut Ledger) -> Option<i64> {
        let (text, place) = self.only(name, ledger)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            let told = format!("{name}: `{text}` is no whole number");
            ledger.left_out(place, self.head.subject(), told);
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
        let (text, place) = self.only(name, ledger)?;
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

    /// What the value of `name` refers to, of which there should be one: the first counts, another is told.
    pub(super) fn dn(&mut self, name: &str, directory: &Directory, ledger: &mut Ledger) -> Option<Dn> {
        let mut dns = self.dns(name, directory, ledger).into_iter();
        let first = dns.next()?;
        for other in dns.filter(|dn| dn.key() != first.key()) {
            let told = format!("{name}: \"{}\" is a second value; the first one counts", other.name());
            self.head.left_out(ledger, told);
        }
        Some(first)
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
        for (text, place) in self.texts(name, ledger) {
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
