//! Records and lists: what is visited while the text is parsed.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use smallvec::SmallVec;

use super::context::{Context, Step, TextVisitor};
use super::notation::{Notation, Shape};
use super::value::{Absent, FromLeaf, leaf, quoted};
use crate::diagnostic::{Problem, Span, nearest};
use crate::load::document::{Document, TopologyEntry};
use crate::load::{At, Limits};

/// A struct that a record is read into; made by the macro `records!`.
pub(in crate::load) trait Record: Default {
    /// Names of its fields.
    const FIELDS: &'static [&'static str];

    /// Reads the value of the field `FIELDS[field]`.
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        field: usize,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error>;

    /// Sets the place of the whole record.
    fn set_span(&mut self, span: Span);
}

/// Something that a field of a record can hold.
pub(in crate::load) trait Field {
    /// Reads its value.
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error>;
}

impl<T: FromLeaf> Field for Option<At<T>> {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        *self = leaf(context, deserializer, Absent::LeftOut)?;
        Ok(())
    }
}

impl<R: Record> Field for Option<R> {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        *self = deserializer.deserialize_option(OptionVisitor(context, PhantomData))?;
        Ok(())
    }
}

impl<I: Item> Field for Vec<I> {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        let rest = context.rest();
        match N::shape(rest) {
            // Where no value begins, the parser knows better what is wrong.
            Some(Shape::List) | None => deserializer.deserialize_seq(ListVisitor(self, context)),
            Some(shape) => {
                let problem = wrong_shape(context, rest, shape, "a list `[ … ]`");
                Err(context.stop(match shape {
                    Shape::Absent => problem.help("leave the field out, or write `[]`"),
                    _ => problem,
                }))
            }
        }
    }
}

/// A path is a leaf, a topology is a record.
impl Field for TopologyEntry {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        &mut self,
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        let rest = context.rest();
        let shape = match N::shape(rest) {
            Some(Shape::Wrapped(inside)) => N::shape(&rest[N::skip_blank(rest, inside)..]),
            shape => shape,
        };
        *self = match shape {
            Some(Shape::Record | Shape::NamedRecord | Shape::Map) => {
                let mut topology: Option<Document> = None;
                Field::read(&mut topology, context, deserializer)?;
                topology.map_or(TopologyEntry::LeftOut, |topology| {
                    TopologyEntry::Inline(topology.into())
                })
            }
            _ => leaf(context, deserializer, Absent::LeftOut)?.map_or(TopologyEntry::LeftOut, TopologyEntry::File),
        };
        Ok(())
    }
}

/// Something that a list can hold.
pub(in crate::load) trait Item: Sized {
    /// Reads one; `None` if it is wrong and was noted, or is nothing.
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<Option<Self>, D::Error>;
}

impl<T: FromLeaf> Item for At<T> {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        leaf(context, deserializer, Absent::Wrong)
    }
}

impl<R: Record> Item for R {
    fn read<'de, N: Notation, D: Deserializer<'de>>(
        context: &mut Context<'de, N>,
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        record(context, deserializer).map(Some)
    }
}

/// Reads the record that the whole of `text` consists of, and what is wrong inside; or finds what stops the reading.
pub(super) fn document<R: Record, N: Notation>(text: &str, limits: &Limits) -> Result<(R, Vec<Problem>), Problem> {
    let mut context = Context::<N>::new(text, limits);
    context.seen(N::begin(text));
    match N::parse(text, ItemSeed::<R, N>(&mut context, PhantomData)) {
        Ok(record) => Ok((record.unwrap_or_default(), context.into_problems())),
        Err(error) => Err(context.into_stopped(error)),
    }
}

fn record<'de, R: Record, N: Notation, D: Deserializer<'de>>(
    context: &mut Context<'de, N>,
    deserializer: D,
) -> Result<R, D::Error> {
    let rest = context.rest();
    match N::shape(rest) {
        // Where no value begins, the parser knows better what is wrong.
        Some(Shape::Record) | None => {
            deserializer.deserialize_struct("", R::FIELDS, RecordVisitor(context, PhantomData))
        }
        Some(shape) => {
            let problem = wrong_shape(context, rest, shape, N::RECORD);
            Err(context.stop(match shape {
                Shape::NamedRecord => problem.help("leave out the name"),
                Shape::Map if context.depth() == 0 => problem.help(N::OTHER_NOTATION),
                _ => problem,
            }))
        }
    }
}

fn wrong_shape<N: Notation>(context: &Context<'_, N>, rest: &str, shape: Shape, expected: &str) -> Problem {
    let start = context.text.len() - rest.len();
    let message = format!("expected {expected}, found {}", shape.noun::<N>());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    Problem::new(Span::new(start, start + first), context.path(), message)
}

struct RecordVisitor<'c, 'de, R, N>(&'c mut Context<'de, N>, PhantomData<R>);

impl<'de, R: Record, N: Notation> Visitor<'de> for RecordVisitor<'_, 'de, R, N> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(N::RECORD)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let context = self.0;
        context.count_record()?;
        let mut record = R::default();
        let mut keys: SmallVec<[Span; 20]> = SmallVec::from_elem(Span::NONE, R::FIELDS.len());
        context.enter();
        while let Some(name) = map.next_key_seed(KeySeed)? {
            let key = context.key(&name);
            match R::FIELDS.iter().position(|field| *field == name) {
                Some(field) if keys[field].is_none() => {
                    keys[field] = key;
                    context.step(Step::Field(R::FIELDS[field]), |context| {
                        map.next_value_seed(FieldSeed(&mut record, field, context))
                    })?;
                }
                Some(field) => {
                    let problem = Problem::new(key, context.path(), format!("duplicate field {}", quoted(&name)));
                    context.note(problem.label(keys[field], "first here").help("remove one of the two"));
                    map.next_value_seed(Skipped(context))?;
                }
                None => {
                    let meant = nearest(&name, R::FIELDS.iter().copied());
                    context.note(unknown_field(context.path(), key, &name, meant, R::FIELDS));
                    // A record whose name stands in a misspelt field has it nevertheless: who refers to it is not wrong as well.
                    let named = R::FIELDS.iter().position(|field| *field == NAME);
                    match named.filter(|field| meant == Some(NAME) && keys[*field].is_none()) {
                        Some(field) => context.step(Step::Field(NAME), |context| {
                            map.next_value_seed(FieldSeed(&mut record, field, context))
                        })?,
                        None => map.next_value_seed(Skipped(context))?,
                    }
                }
            }
        }
        record.set_span(context.leave());
        Ok(record)
    }
}

/// The field by which others refer to a record.
const NAME: &str = "name";

fn unknown_field(path: String, key: Span, name: &str, meant: Option<&str>, fields: &[&str]) -> Problem {
    let help = match meant {
        Some(field) => format!("did you mean `{field}`?"),
        None => format!("the fields here are {}", fields.join(", ")),
    };
    Problem::new(key, path, format!("unknown field {}", quoted(name))).help(help)
}

struct ListVisitor<'l, 'c, 'de, I, N>(&'l mut Vec<I>, &'c mut Context<'de, N>);

impl<'de, I: Item, N: Notation> Visitor<'de> for ListVisitor<'_, '_, 'de, I, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list `[ … ]`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let ListVisitor(list, context) = self;
        let open = context.enter();
        let limit = context.list_limit();
        for index in 0.. {
            let item = context.step(Step::Index(index), |context| {
                seq.next_element_seed(ItemSeed::<I, N>(context, PhantomData))
            })?;
            let Some(item) = item else { break };
            list.extend(item);
            if let Some((max, flag)) = limit.filter(|(max, _)| index >= *max) {
                let message = format!("more than {max} elements in this list");
                let problem = Problem::new(Span::new(open, open + 1), context.path(), message);
                return Err(context.stop(problem.help(format!("`{flag}` raises the limit"))));
            }
        }
        context.leave();
        Ok(())
    }
}

struct OptionVisitor<'c, 'de, R, N>(&'c mut Context<'de, N>, PhantomData<R>);

impl<'de, R: Record, N: Notation> Visitor<'de> for OptionVisitor<'_, 'de, R, N> {
    type Value = Option<R>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(N::RECORD)
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<R>, E> {
        // `None` and `null` have the same length.
        let at = self.0.next();
        self.0.seen(at + "None".len());
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<R>, D::Error> {
        let context = self.0;
        let rest = context.rest();
        let Some(Shape::Wrapped(inside)) = N::shape(rest) else {
            return record(context, deserializer).map(Some);
        };
        context.wrapped(inside);
        let record = record(context, deserializer)?;
        context.leave();
        Ok(Some(record))
    }
}

struct ItemSeed<'c, 'de, I, N>(&'c mut Context<'de, N>, PhantomData<I>);

impl<'de, I: Item, N: Notation> DeserializeSeed<'de> for ItemSeed<'_, 'de, I, N> {
    type Value = Option<I>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<I>, D::Error> {
        I::read(self.0, deserializer)
    }
}

struct FieldSeed<'r, 'c, 'de, R, N>(&'r mut R, usize, &'c mut Context<'de, N>);

impl<'de, R: Record, N: Notation> DeserializeSeed<'de> for FieldSeed<'_, '_, 'de, R, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.read(self.1, self.2, deserializer)
    }
}

/// A value that nobody wants.
struct Skipped<'c, 'de, N>(&'c mut Context<'de, N>);

impl<'de, N: Notation> DeserializeSeed<'de> for Skipped<'_, 'de, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.raw(deserializer).map(drop)
    }
}

/// The name of a field.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_identifier(TextVisitor)
    }
}
