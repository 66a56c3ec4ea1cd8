//! Objects of one kind, joined over all files, and the way from a reference to one of them.

use indexmap::IndexMap;

use crate::load::import::draft::{Draft, Object, Ref};
use crate::load::import::limits::is_too_long;
use crate::load::import::report::Ledger;
use crate::model::Name;

/// The objects of one kind, no two of a name.
pub(super) struct Joined<T> {
    slots: Vec<Slot<T>>,
    by_name: IndexMap<String, usize>,
    /// `None`: an object that was left out, so that references to it are not taken for its namesake.
    by_identity: IndexMap<String, Option<usize>>,
    /// Fully qualified names.
    hosts: IndexMap<String, usize>,
}

struct Slot<T> {
    /// `None`: left out.
    object: Option<Object<T>>,
    /// Whether `host.domain` means the object called `host`: for servers whose domain is not known.
    answers_to_host: bool,
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The object at this position.
    At(usize),
    /// An object that was left out.
    LeftOut,
    /// Nothing that any file describes.
    Nothing,
}

impl<T: Draft> Joined<T> {
    /// Joins what different files, or repeated entries of one, say about the same object: the first one wins, later ones
    /// fill what is missing. Different objects of one name cannot both be represented: later ones are left out.
    pub(super) fn new(objects: Vec<Object<T>>, ledger: &mut Ledger) -> Joined<T> {
        let mut joined = Joined {
            slots: Vec::new(),
            by_name: IndexMap::new(),
            by_identity: IndexMap::new(),
            hosts: IndexMap::new(),
        };
        for object in objects {
            joined.join(object, ledger);
        }
        joined
    }

    fn join(&mut self, object: Object<T>, ledger: &mut Ledger) {
        let subject = object.subject();
        if object.name.trim().is_empty() {
            ledger.left_out(object.place, subject, "it has no name");
            return;
        }
        if is_too_long(&object.name) {
            ledger.left_out(
                object.place,
                "an object",
                "its name is longer than a topology file may have",
            );
            return;
        }
        let Some(&at) = self.by_name.get(&Name::fold(&object.name)) else {
            self.push(object);
            return;
        };
        let Some(first) = self.slots[at].object.as_mut() else {
            return;
        };
        let same = match (&first.identity, &object.identity) {
            (Some(a), Some(b)) => a == b,
            _ => first.place.source != object.place.source,
        };
        if same {
            let place = object.place;
            first.says.fill(object.says, &mut |field| {
                ledger.conflict(
                    place,
                    &subject,
                    format!("{field} differs from what was read first, which counts"),
                );
            });
            first.classes.extend(object.classes);
            if first.identity.is_none() {
                first.identity.clone_from(&object.identity);
            }
            self.by_identity
                .extend(object.identity.map(|identity| (identity, Some(at))));
        } else {
            ledger.left_out(object.place, subject, "another object of this kind has the same name");
            self.by_identity
                .extend(object.identity.map(|identity| (identity, None)));
        }
    }

    /// Adds an object whose name is new.
    pub(super) fn push(&mut self, object: Object<T>) {
        let at = self.slots.len();
        self.by_name.insert(Name::fold(&object.name), at);
        if let Some(identity) = object.identity.clone() {
            self.by_identity.insert(identity, Some(at));
        }
        self.slots.push(Slot {
            object: Some(object),
            answers_to_host: false,
        });
    }
}

impl<T> Joined<T> {
    /// Leaves out every object that `reason` gives a reason for.
    pub(super) fn leave_out(&mut self, ledger: &mut Ledger, reason: impl Fn(&Object<T>) -> Option<String>) {
        for slot in &mut self.slots {
            if let Some((object, reason)) = slot.object.as_ref().and_then(|object| Some((object, reason(object)?))) {
                ledger.left_out(object.place, object.subject(), reason);
                slot.object = None;
            }
        }
    }

    /// Lets references find the object at `at` by its host name: `fqdn`, or any domain while it has none.
    pub(super) fn host(&mut self, at: usize, fqdn: Option<&str>) {
        match fqdn {
            Some(fqdn) => {
                self.hosts.entry(Name::fold(fqdn)).or_insert(at);
            }
            None => self.slots[at].answers_to_host = true,
        }
    }

    /// What `reference` leads to: by distinguished name, else by name, if not both sides have a distinguished name. O(1).
    pub(super) fn find(&self, reference: &Ref) -> Found {
        let alive = |at: usize| match self.slots[at].object {
            Some(_) => Found::At(at),
            None => Found::LeftOut,
        };
        if let Some(known) = reference.identity.as_ref().and_then(|id| self.by_identity.get(id)) {
            return known.map_or(Found::LeftOut, alive);
        }
        let folded = Name::fold(&reference.name);
        let named = self.by_name.get(&folded).or_else(|| self.hosts.get(&folded));
        let by_host = || {
            let (host, _) = folded.split_once('.')?;
            self.by_name.get(host).filter(|at| self.slots[**at].answers_to_host)
        };
        let named = named.or_else(by_host);
        let both_identified = |at: &usize| {
            let object = self.slots[*at].object.as_ref();
            reference.identity.is_some() && object.is_some_and(|object| object.identity.is_some())
        };
        match named.filter(|at| !both_identified(at)) {
            Some(&at) => alive(at),
            None => Found::Nothing,
        }
    }

    /// Lets `reference` mean the object of its name from now on, whatever distinguished name that has; `false` when there is
    /// none of that name.
    pub(super) fn take_for_namesake(&mut self, reference: &Ref) -> bool {
        let Some(&at) = self.by_name.get(&Name::fold(&reference.name)) else {
            return false;
        };
        self.by_identity
            .extend(reference.identity.clone().map(|identity| (identity, Some(at))));
        true
    }

    /// The object at `at`, if it was not left out.
    pub(super) fn get(&self, at: usize) -> Option<&Object<T>> {
        self.slots.get(at)?.object.as_ref()
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Object<T>> {
        self.slots.get_mut(at)?.object.as_mut()
    }

    /// All objects that were not left out, with their positions, in the order they were met.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Object<T>)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| Some((at, slot.object.as_ref()?)))
    }

    /// The same in name order.
    pub(super) fn sorted(&self) -> Vec<Object<T>>
    where
        T: Clone,
    {
        let mut objects: Vec<Object<T>> = self.slots.iter().filter_map(|slot| slot.object.clone()).collect();
        objects.sort_by_cached_key(|object| Name::fold(&object.name));
        objects
    }

    /// Whether no file describes anything of this kind.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}
