//! Names of one kind: who is called what, in which order, and what a reference means.

use indexmap::IndexMap;
use oxc_index::{Idx, IndexVec};

use super::place::{Place, Problems};
use crate::diagnostic::{Problem, Span};
use crate::load::At;
use crate::load::document::{Leaf, Leaves};
use crate::model::{Name, NameOrder};

/// The names of one kind of record, sorted and looked up.
///
/// Records that have no usable name keep their position, so that everything else in them can still be checked; they never
/// get an index, and a problem has been told.
pub(super) struct Names<I> {
    noun: &'static str,
    /// Where they are: `file`, or `topology` when that may be another file.
    holder: &'static str,
    /// By position in the file.
    of_record: Vec<Name>,
    /// By folded name, in name order, so that an entry's place in the map is its index: the position in the file, and the
    /// place of the name.
    index: IndexMap<Box<str>, (usize, Span)>,
    /// Further names, lower indices first.
    aliases: IndexMap<Box<str>, (I, Box<str>)>,
}

impl<I: Idx> Names<I> {
    /// Sorts the records of `collection` by the names in their field `field`. A name that is left out, empty, or taken by
    /// an earlier record, is a problem. O(n log n).
    pub(super) fn allocate<'d>(
        noun: &'static str,
        (collection, field): (&'static str, &'static str),
        records: impl Iterator<Item = (Span, &'d Leaf<String>)>,
        order: NameOrder,
        problems: &mut Problems,
    ) -> Names<I> {
        let list = Place::top(collection);
        let mut of_record = Vec::new();
        let mut first: IndexMap<Box<str>, (usize, Span)> = IndexMap::new();
        for (position, (span, leaf)) in records.enumerate() {
            let record = list.item(position, span);
            let leaf = problems.required(leaf, &record, field);
            let name = Name::new(leaf.map_or("", |leaf| leaf.value.as_str()));
            if let Some(leaf) = leaf {
                let here = record.field(field, leaf.span);
                if name.as_str().trim().is_empty() {
                    let article = if field.starts_with('i') { "an" } else { "a" };
                    problems.push(here.problem(format!("a {noun} needs {article} {field} that is not empty")));
                } else if let Some((earlier, span)) = first.get(name.folded()) {
                    problems.push(duplicate(&here, noun, &name, &of_record[*earlier], *span));
                } else {
                    first.insert(name.folded().into(), (position, leaf.span));
                }
            }
            of_record.push(name);
        }
        // No two are equal: the names are different.
        first.sort_unstable_by(|_, a, _, b| order.compare(&of_record[a.0], &of_record[b.0]));
        Names {
            noun,
            holder: "file",
            of_record,
            index: first,
            aliases: IndexMap::new(),
        }
    }

    /// The names of an arena, which are different and in the order of their indices. They have no places.
    pub(super) fn of_arena<'n>(noun: &'static str, names: impl Iterator<Item = &'n Name>) -> Names<I> {
        let of_record: Vec<Name> = names.cloned().collect();
        let index = of_record.iter().enumerate();
        Names {
            noun,
            holder: "topology",
            index: index
                .map(|(at, name)| (name.folded().into(), (at, Span::NONE)))
                .collect(),
            of_record,
            aliases: IndexMap::new(),
        }
    }

    /// Lets records be found by a second text too. Names go before aliases, lower indices before higher ones.
    pub(super) fn alias<'d>(&mut self, text_of: impl Fn(usize) -> Option<&'d str>) {
        for (index, &(position, _)) in self.index.values().enumerate() {
            if let Some(text) = text_of(position).filter(|text| !text.is_empty()) {
                let found = self.aliases.entry(Name::fold(text).into());
                found.or_insert_with(|| (I::from_usize(index), text.into()));
            }
        }
    }

    /// The name of the record at that position of the file.
    pub(super) fn of_record(&self, position: usize) -> Name {
        self.of_record[position].clone()
    }

    /// The index of the record at that position of the file; none when its name is unusable or taken.
    pub(super) fn index_of_record(&self, position: usize) -> Option<I> {
        let (index, _, (first, _)) = self.index.get_full(self.of_record[position].folded())?;
        (*first == position).then(|| I::from_usize(index))
    }

    /// The names in the order of their indices.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Name> {
        self.index.values().map(|&(at, _)| &self.of_record[at])
    }

    /// How many indices there are.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// The name at an index.
    pub(super) fn get(&self, index: I) -> &Name {
        &self.of_record[self.position(index)]
    }

    /// The position in the file of the record at an index.
    pub(super) fn position(&self, index: I) -> usize {
        self.index[index.index()].0
    }

    /// The place of the name, if there is a record of that name.
    pub(super) fn span_of(&self, name: &Name) -> Option<Span> {
        self.index.get(name.folded()).map(|(_, span)| *span)
    }

    /// The record that `text` means.
    pub(super) fn find(&self, text: &str) -> Option<I> {
        let folded = Name::fold(text);
        let by_name = self.index.get_index_of(folded.as_str());
        by_name
            .map(I::from_usize)
            .or_else(|| self.aliases.get(folded.as_str()).map(|(index, _)| *index))
    }

    /// The record that a reference means; a problem when there is none.
    pub(super) fn reference(&self, leaf: &At<String>, here: &Place<'_>, problems: &mut Problems) -> Option<I> {
        let found = self.find(&leaf.value);
        if found.is_none() {
            self.unknown(leaf, here, problems, &[]);
        }
        found
    }

    /// Every text that is understood.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let names = self.index.values().map(|&(at, _)| self.of_record[at].as_str());
        names.chain(self.aliases.values().map(|(_, text)| text.as_ref()))
    }

    /// Tells that a reference leads nowhere. `besides` are names that would have been understood too.
    pub(super) fn unknown(&self, leaf: &At<String>, here: &Place<'_>, problems: &mut Problems, besides: &[&str]) {
        let known = self.all().chain(besides.iter().copied());
        let problem = here.problem(format!("unknown {} \"{}\"", self.noun, leaf.value));
        let problem = match problems.suggest(&leaf.value, known) {
            Some(help) => problem.help(help),
            None if self.index.is_empty() => problem.help(format!("the {} has no {}", self.holder, self.noun)),
            None => problem,
        };
        problems.push(problem);
    }

    /// The records that an optional reference means.
    pub(super) fn optional(
        &self,
        leaf: &Leaf<String>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<I> {
        let leaf = leaf.as_ref()?;
        self.reference(leaf, &record.field(field, leaf.span), problems)
    }

    /// The record that a reference means which may not be left out.
    pub(super) fn required(
        &self,
        leaf: &Leaf<String>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<I> {
        problems.required(leaf, record, field)?;
        self.optional(leaf, record, field, problems)
    }

    /// The records that a list means, ascending; one that is listed twice is a problem. O(n log n).
    pub(super) fn list(
        &self,
        leaves: &Leaves<String>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Vec<I> {
        let list = record.field(field, Span::NONE);
        let mut found: Vec<(I, usize)> = Vec::with_capacity(leaves.len());
        for (position, leaf) in leaves.iter().enumerate() {
            let index = self.reference(leaf, &list.item(position, leaf.span), problems);
            found.extend(index.map(|index| (index, position)));
        }
        found.sort_unstable();
        for same in found.chunk_by(|a, b| a.0 == b.0) {
            let first = &leaves[same[0].1];
            for &(index, position) in &same[1..] {
                let here = list.item(position, leaves[position].span);
                problems.push(self.listed_twice(index, &here, first.span));
            }
        }
        found.dedup_by_key(|(index, _)| *index);
        found.into_iter().map(|(index, _)| index).collect()
    }

    /// The problem of a reference that a list holds already.
    pub(super) fn listed_twice(&self, index: I, here: &Place<'_>, first: Span) -> Problem {
        here.problem(format!("{} \"{}\" is listed twice", self.noun, self.get(index)))
            .label(first, "first listed here")
    }

    /// The items, given in the order of the file, in the order of their indices.
    ///
    /// # Panics
    /// When an item is missing: only to be called when no problem was found.
    pub(super) fn arrange<T>(&self, mut items: Vec<Option<T>>) -> IndexVec<I, T> {
        let in_order = self.index.values().map(|&(position, _)| items[position].take());
        in_order
            .map(|item| item.expect("without a problem every record became an item"))
            .collect()
    }
}

/// The problem of a name that is taken.
pub(super) fn duplicate(here: &Place<'_>, noun: &str, name: &Name, first: &Name, first_at: Span) -> Problem {
    let problem = here
        .problem(format!("duplicate {noun} \"{name}\""))
        .label(first_at, "first used here");
    if name.as_str() == first.as_str() {
        problem
    } else {
        problem.help(format!(
            "names are compared without regard to case: \"{first}\" is the same"
        ))
    }
}
