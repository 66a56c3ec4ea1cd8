//! What identifies an object, whichever format describes it.

use super::attributes::Attributes;
use super::draft::{Object, subject};
use super::limits;
use super::place::Place;
use super::report::{About, Ledger};
use crate::model::SizeLimit;

/// Name, class and place of one object in one file.
pub(super) struct Head {
    /// Its name.
    pub(super) name: String,
    /// Its distinguished name in the form of [`super::dn::Dn::key`].
    pub(super) identity: Option<String>,
    /// Its class.
    pub(super) class: String,
    /// Where the file describes it.
    pub(super) place: Place,
}

impl Head {
    /// How reports call it.
    pub(super) fn subject(&self) -> String {
        subject(&self.class, &self.name)
    }

    /// The object that says `says`.
    pub(super) fn object<T>(&self, says: T) -> Object<T> {
        self.object_called(&self.name, says)
    }

    /// The same under a name that is not its own.
    pub(super) fn object_called<T>(&self, name: &str, says: T) -> Object<T> {
        Object {
            name: name.to_owned(),
            identity: self.identity.clone(),
            classes: vec![self.class.clone()],
            place: self.place,
            says,
        }
    }

    /// The ledger, opened at the object.
    pub(super) fn about<'l>(&self, ledger: &'l mut Ledger) -> About<'l> {
        ledger.about(self.place, self.subject())
    }

    /// Something of the object is left out.
    pub(super) fn left_out(&self, ledger: &mut Ledger, text: impl Into<String>) {
        self.about(ledger).left_out(text);
    }

    /// Something about the object is taken for granted.
    pub(super) fn assume(&self, ledger: &mut Ledger, text: impl Into<String>) {
        self.about(ledger).assume(text);
    }

    /// `number`, the value of `name`, as a cost; `otherwise` says what holds in the place of one that is out of range.
    pub(super) fn cost(
        &self,
        ledger: &mut Ledger,
        name: &str,
        number: i64,
        highest: u32,
        otherwise: &str,
    ) -> Option<u32> {
        limits::cost(&mut self.about(ledger), name, number, highest, otherwise)
    }

    /// `size`, the value of `name`; 0 is told and left out.
    pub(super) fn size(&self, ledger: &mut Ledger, name: &str, size: SizeLimit) -> Option<SizeLimit> {
        limits::size(&mut self.about(ledger), name, size)
    }

    /// `number`, the value of `name`, as a size in KB.
    pub(super) fn kilobytes(&self, ledger: &mut Ledger, name: &str, number: i64) -> Option<SizeLimit> {
        limits::kilobytes(&mut self.about(ledger), name, number)
    }

    /// Counts what nothing has looked at; `housekeeping` is what every object has and routing has no use for.
    pub(super) fn count_unused<V>(&self, attributes: &mut Attributes<V>, housekeeping: &[&str], ledger: &mut Ledger) {
        attributes.ignore(housekeeping);
        for attribute in attributes.unused() {
            ledger.attribute_not_modelled(&self.class, attribute);
        }
    }
}
