//! What an importer has to tell about what it did.

use std::collections::BTreeMap;

use super::place::{Lines, Place};
use crate::diagnostic::Source;
use crate::model::Name;

/// What was read, what became part of the topology, and what did not, with the reason. Plain data in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// What was read, by class (LDIF) or type (PowerShell), in name order.
    pub classes: Vec<ClassReport>,
    /// What had to be left out although its class is known, in the order of the files.
    pub left_out: Vec<Note>,
    /// Where two files disagree; the first one won. In the order of the files.
    pub conflicts: Vec<Note>,
    /// Objects that no file describes and that others refer to, in the order of the files.
    pub added: Vec<Note>,
    /// What the importer took for granted, by text.
    pub assumptions: Vec<Assumption>,
    /// What keeps messages from connectors of 2000 and 2003 and is not part of the topology, by attribute.
    pub restrictions: Vec<Restriction>,
}

/// How the objects of one class fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassReport {
    /// The class as the first file writes it.
    pub class: String,
    /// Objects of this class in the files.
    pub read: usize,
    /// Those of them that are part of the topology.
    pub modelled: usize,
    /// Whether any object of this class can be part of a topology.
    pub known: bool,
    /// Attributes of known classes that have no effect on the topology, with the number of objects that have them, in name order.
    pub attributes_not_modelled: Vec<(String, usize)>,
}

impl ClassReport {
    /// Objects of this class that are not part of the topology.
    pub fn not_modelled(&self) -> usize {
        self.read.saturating_sub(self.modelled)
    }
}

/// Something to tell about one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file, under the name of its [`Source`].
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// The object, such as `siteLink "CHI-HKG"`.
    pub subject: String,
    /// What there is to tell.
    pub text: String,
}

/// Something that the files do not say and that was taken for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// What.
    pub text: String,
    /// Of which objects, in the order they were met.
    pub subjects: Vec<String>,
}

/// An attribute that may change the routes of 2000 and 2003 servers and that no document explains far enough to be modelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The attribute.
    pub attribute: String,
    /// The connectors that have it, in the order they were met.
    pub subjects: Vec<String>,
}

/// A [`Note`] whose place has not been looked up yet.
type Pending = (Place, String, String);

/// A [`Ledger`] opened at one object.
pub(super) struct About<'a> {
    ledger: &'a mut Ledger,
    place: Place,
    subject: String,
}

impl About<'_> {
    /// `text` says what of the object is left out, and why.
    pub(super) fn left_out(&mut self, text: impl Into<String>) {
        self.ledger.left_out(self.place, self.subject.clone(), text);
    }

    /// `text` was taken for granted about the object.
    pub(super) fn assume(&mut self, text: impl Into<String>) {
        self.ledger.assume(self.subject.clone(), text);
    }
}

/// The report while it is being written.
#[derive(Default)]
pub(super) struct Ledger {
    classes: BTreeMap<String, Tally>,
    left_out: Vec<Pending>,
    conflicts: Vec<Pending>,
    added: Vec<Pending>,
    assumptions: BTreeMap<String, Vec<String>>,
    restrictions: BTreeMap<&'static str, Vec<String>>,
}

#[derive(Default)]
struct Tally {
    report: ClassReport,
    attributes: BTreeMap<String, (String, usize)>,
}

impl Ledger {
    fn class(&mut self, class: &str) -> &mut Tally {
        let tally = self.classes.entry(Name::fold(class)).or_default();
        if tally.report.class.is_empty() {
            class.clone_into(&mut tally.report.class);
        }
        tally
    }

    /// An object of `class` was read; `known` says whether the importer does anything with such objects.
    pub(super) fn read(&mut self, class: &str, known: bool) {
        let report = &mut self.class(class).report;
        report.read += 1;
        report.known |= known;
    }

    /// An object of `class` is part of the topology.
    pub(super) fn modelled(&mut self, class: &str) {
        self.class(class).report.modelled += 1;
    }

    /// An object of `class` has an attribute that nothing looks at.
    pub(super) fn attribute_not_modelled(&mut self, class: &str, attribute: &str) {
        let attributes = &mut self.class(class).attributes;
        let entry = attributes
            .entry(Name::fold(attribute))
            .or_insert_with(|| (attribute.to_owned(), 0));
        entry.1 += 1;
    }

    /// The ledger, for several remarks about one object.
    pub(super) fn about(&mut self, place: Place, subject: impl Into<String>) -> About<'_> {
        About {
            ledger: self,
            place,
            subject: subject.into(),
        }
    }

    /// `text` says what of `subject` is left out, and why.
    pub(super) fn left_out(&mut self, place: Place, subject: impl Into<String>, text: impl Into<String>) {
        self.left_out.push((place, subject.into(), text.into()));
    }

    /// Two files disagree about `subject`.
    pub(super) fn conflict(&mut self, place: Place, subject: impl Into<String>, text: impl Into<String>) {
        self.conflicts.push((place, subject.into(), text.into()));
    }

    /// `subject`, which `place` refers to, was made up.
    pub(super) fn added(&mut self, place: Place, subject: impl Into<String>, text: impl Into<String>) {
        self.added.push((place, subject.into(), text.into()));
    }

    /// `text` was taken for granted about `subject`.
    pub(super) fn assume(&mut self, subject: impl Into<String>, text: impl Into<String>) {
        let subjects = self.assumptions.entry(text.into()).or_default();
        let subject = subject.into();
        if subjects.last() != Some(&subject) {
            subjects.push(subject);
        }
    }

    /// `subject` has a restriction that is not part of the topology.
    pub(super) fn restriction(&mut self, subject: impl Into<String>, attribute: &'static str) {
        self.restrictions.entry(attribute).or_default().push(subject.into());
    }

    /// The finished report.
    pub(super) fn finish(self, sources: &[Source]) -> ImportReport {
        let lines = Lines::new(sources);
        let notes = |mut pending: Vec<Pending>| {
            pending.sort();
            pending.dedup();
            let note = |(place, subject, text): Pending| Note {
                file: sources.get(place.source).map(|s| s.name.clone()).unwrap_or_default(),
                line: lines.line(place),
                subject,
                text,
            };
            pending.into_iter().map(note).collect()
        };
        ImportReport {
            classes: self.classes.into_values().map(Tally::finish).collect(),
            left_out: notes(self.left_out),
            conflicts: notes(self.conflicts),
            added: notes(self.added),
            assumptions: self
                .assumptions
                .into_iter()
                .map(|(text, subjects)| Assumption { text, subjects })
                .collect(),
            restrictions: self
                .restrictions
                .into_iter()
                .map(|(attribute, subjects)| Restriction {
                    attribute: attribute.to_owned(),
                    subjects,
                })
                .collect(),
        }
    }
}

impl Tally {
    fn finish(self) -> ClassReport {
        ClassReport {
            attributes_not_modelled: self.attributes.into_values().collect(),
            ..self.report
        }
    }
}
