//! From the text of a leaf to its value.

use serde::de::Deserializer;

use super::context::{Context, Step};
use super::notation::{Leaf, Notation, SyntaxError};
use super::place;
use crate::diagnostic::{Problem, Span, nearest, shortened};
use crate::load::document::{CostOrNone, Period, ScheduleText, TextList};
use crate::load::leaf::Word;
use crate::load::range::advice;
use crate::load::{At, Leaves};
use crate::model::{SizeError, SizeLimit, WeekMinute, parse_period, parse_size};

/// A value that a leaf can stand for.
pub(in crate::load) trait FromLeaf: Sized {
    /// The value that `leaf` stands for.
    fn from_leaf(leaf: &Leaf<'_>) -> Result<Self, Complaint>;

    /// The value of `None` and `null` in a field; none for almost all leaves, which are then left out.
    const ABSENT: Option<Self> = None;

    /// The value of a list, for those leaves that can be one; `None` after noting what is wrong.
    fn from_list<N: Notation>(list: &str, context: &mut Context<'_, N>) -> Option<Self> {
        match Self::from_leaf(&Leaf::List) {
            Ok(value) => Some(value),
            Err(complaint) => complaint.note(place(context.text, list), context),
        }
    }
}

/// Why a leaf has no value.
pub(in crate::load) struct Complaint {
    message: String,
    help: Option<String>,
    /// The range that the field takes is the advice.
    of_range: bool,
}

impl Complaint {
    fn new(message: impl Into<String>) -> Complaint {
        Complaint {
            message: message.into(),
            help: None,
            of_range: false,
        }
    }

    fn wrong_type(expected: &str, found: &Leaf<'_>) -> Complaint {
        Complaint::new(format!("expected {expected}, found {}", described(found)))
    }

    fn of_syntax(error: SyntaxError) -> Complaint {
        Complaint {
            help: error.help,
            ..Complaint::new(error.message)
        }
    }

    fn help(mut self, help: impl Into<String>) -> Complaint {
        self.help = Some(help.into());
        self
    }

    fn note<T, N: Notation>(self, span: Span, context: &mut Context<'_, N>) -> Option<T> {
        let problem = Problem::new(span, context.path(), self.message);
        let range = || self.of_range.then(|| advice(&context.range()));
        context.note(match self.help.or_else(range) {
            Some(help) => problem.help(help),
            None => problem,
        });
        None
    }
}

/// Reads a leaf; `None` if it is nothing, or is wrong and was noted.
pub(super) fn leaf<'de, T: FromLeaf, N: Notation, D: Deserializer<'de>>(
    context: &mut Context<'de, N>,
    deserializer: D,
    absent: Absent,
) -> Result<Option<At<T>>, D::Error> {
    let (value, span) = if context.rest().starts_with('"') {
        let (text, span) = context.text(deserializer)?;
        (value(Leaf::Text(text), "", span, context, absent), span)
    } else {
        let (raw, span) = context.raw(deserializer)?;
        (raw_value(raw, span, context, absent), span)
    };
    Ok(value.map(|value| At::new(value, span)))
}

/// What `None` and `null` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// The same as a field that is left out.
    LeftOut,
    /// A list has no place for it.
    Wrong,
}

/// The value of a leaf that stands as `raw` in the text.
fn raw_value<T: FromLeaf, N: Notation>(
    raw: &str,
    span: Span,
    context: &mut Context<'_, N>,
    absent: Absent,
) -> Option<T> {
    match N::leaf(raw) {
        Ok(leaf) => value(leaf, raw, span, context, absent),
        Err(error) => Complaint::of_syntax(error).note(span, context),
    }
}

fn value<T: FromLeaf, N: Notation>(
    leaf: Leaf<'_>,
    raw: &str,
    span: Span,
    context: &mut Context<'_, N>,
    absent: Absent,
) -> Option<T> {
    let length = || text(&leaf).chars().count();
    if text(&leaf).len() > context.limits.max_name_length && length() > context.limits.max_name_length {
        let message = format!("{} characters, more than {}", length(), context.limits.max_name_length);
        return Complaint::new(message)
            .help("`--max-name-length` raises the limit")
            .note(span, context);
    }
    match leaf {
        Leaf::Absent if absent == Absent::LeftOut => T::ABSENT,
        Leaf::List => T::from_list(raw, context),
        leaf => match T::from_leaf(&leaf) {
            Ok(value) => Some(value),
            Err(complaint) => complaint.note(span, context),
        },
    }
}

impl FromLeaf for String {
    /// A bare word of RON is taken as a string.
    fn from_leaf(leaf: &Leaf<'_>) -> Result<String, Complaint> {
        match leaf {
            Leaf::Text(text) => Ok(text.clone().into_owned()),
            Leaf::Word(word) => Ok((*word).to_owned()),
            Leaf::Integer(_) | Leaf::Bool(_) => {
                Err(Complaint::wrong_type("a string", leaf).help("write it in double quotes"))
            }
            _ => Err(Complaint::wrong_type("a string", leaf)),
        }
    }
}

impl FromLeaf for bool {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<bool, Complaint> {
        let complaint = Complaint::wrong_type("true or false", leaf);
        match leaf {
            Leaf::Bool(value) => Ok(*value),
            Leaf::Text(text) => match text.to_ascii_lowercase().as_str() {
                word @ ("true" | "false") => Err(complaint.help(format!("write {word} without quotes"))),
                _ => Err(complaint),
            },
            Leaf::Word(word) => match nearest(word, ["true", "false"]) {
                Some(near) => Err(complaint.help(format!("did you mean {near}?"))),
                None => Err(complaint),
            },
            _ => Err(complaint),
        }
    }
}

impl FromLeaf for u32 {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<u32, Complaint> {
        let number = match leaf {
            Leaf::Integer(number) => u32::try_from(*number).ok(),
            _ => None,
        };
        number.ok_or_else(|| {
            let complaint = Complaint {
                of_range: true,
                ..Complaint::wrong_type("a whole number", leaf)
            };
            match leaf {
                Leaf::Text(text) if text.trim().parse::<u32>().is_ok() => {
                    complaint.help(format!("write {} without quotes", text.trim()))
                }
                _ => complaint,
            }
        })
    }
}

impl FromLeaf for SizeLimit {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<SizeLimit, Complaint> {
        const HELP: &str = "a size is a number of bytes, a text such as \"10MB\" (B, KB, MB or GB), or \"unlimited\"";
        let malformed = || Complaint::wrong_type("a size", leaf).help(HELP);
        let too_large = |what: &str| {
            Complaint::new(format!("{what} is too large a size")).help(format!(
                "the largest is {} bytes; write \"unlimited\" for no limit",
                u64::MAX
            ))
        };
        match leaf {
            Leaf::Integer(..0) => Err(malformed()),
            Leaf::Integer(number) => match u64::try_from(*number) {
                Ok(bytes) => Ok(SizeLimit::Bytes(bytes)),
                Err(_) => Err(too_large(&described(leaf))),
            },
            Leaf::Text(_) | Leaf::Word(_) => parse_size(text(leaf)).map_err(|error| match error {
                SizeError::Malformed => Complaint::new(format!("{} is not a size", quoted(text(leaf)))).help(HELP),
                SizeError::TooLarge => too_large(&quoted(text(leaf))),
            }),
            _ => Err(malformed()),
        }
    }
}

impl FromLeaf for Period {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<Period, Complaint> {
        const HELP: &str = "write it as \"30s\", \"5min\", \"3h\", \"2d\" or \"d.hh:mm:ss\"";
        match leaf {
            Leaf::Text(text) => parse_period(text)
                .map(Period)
                .ok_or_else(|| Complaint::new(format!("{} is not a length of time", quoted(text))).help(HELP)),
            _ => Err(Complaint::wrong_type("a length of time", leaf).help(HELP)),
        }
    }
}

impl<W: Word> FromLeaf for W {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<W, Complaint> {
        let words = || W::WORDS.iter().map(|(word, _)| *word);
        let list = || format!("one of {}", words().collect::<Vec<_>>().join(", "));
        if !matches!(leaf, Leaf::Text(_) | Leaf::Word(_)) {
            return Err(Complaint::wrong_type(&format!("a {}", W::NOUN), leaf).help(format!("it is {}", list())));
        }
        let found = text(leaf);
        let known = W::WORDS.iter().find(|(word, _)| *word == found);
        known.map(|(_, value)| *value).ok_or_else(|| {
            let complaint = Complaint::new(format!("unknown {} {}", W::NOUN, quoted(found)));
            // A version without its service pack is closer to the same version than to another one.
            let begins = |word: &&str| !found.is_empty() && word.to_lowercase().starts_with(&found.to_lowercase());
            match words().find(begins).or_else(|| nearest(found, words())) {
                Some(near) => complaint.help(format!("did you mean {near}? it is {}", list())),
                None => complaint.help(format!("it is {}", list())),
            }
        })
    }
}

impl FromLeaf for ScheduleText {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<ScheduleText, Complaint> {
        const HELP: &str = "a schedule is Always, Never or a list such as [\"Mon 08:00-18:00\"]";
        match leaf {
            Leaf::Text(_) | Leaf::Word(_) => match text(leaf) {
                "Always" => Ok(ScheduleText::Always),
                "Never" => Ok(ScheduleText::Never),
                other => Err(Complaint::new(format!("unknown schedule {}", quoted(other))).help(HELP)),
            },
            _ => Err(Complaint::wrong_type("a schedule", leaf).help(HELP)),
        }
    }

    fn from_list<N: Notation>(list: &str, context: &mut Context<'_, N>) -> Option<ScheduleText> {
        let (given, windows) = texts(list, context)?;
        // Windows that cannot be read were told; that none is left is no second mistake.
        (given == 0 || !windows.is_empty()).then_some(ScheduleText::Windows(windows))
    }
}

impl FromLeaf for TextList {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<TextList, Complaint> {
        let complaint = Complaint::wrong_type("a list of strings", leaf);
        Err(match leaf {
            Leaf::Text(_) | Leaf::Word(_) => complaint.help("write it in brackets: `[ … ]`"),
            _ => complaint,
        })
    }

    fn from_list<N: Notation>(list: &str, context: &mut Context<'_, N>) -> Option<TextList> {
        texts(list, context).map(|(_, texts)| TextList(texts))
    }
}

/// How many texts a list has, and those that are not wrong; what is wrong is noted. `None` if it is no list at all.
fn texts<N: Notation>(list: &str, context: &mut Context<'_, N>) -> Option<(usize, Leaves<String>)> {
    let elements = match N::elements(list) {
        Ok(elements) => elements,
        Err(error) => return Complaint::of_syntax(error).note(place(context.text, list), context),
    };
    let given = elements.len();
    let mut texts = Vec::with_capacity(given);
    for (index, element) in elements.into_iter().enumerate() {
        let span = place(context.text, element);
        let text = context.within(Step::Index(index), |context| {
            raw_value::<String, N>(element, span, context, Absent::Wrong)
        });
        texts.extend(text.map(|text| At::new(text, span)));
    }
    Some((given, texts))
}

impl FromLeaf for CostOrNone {
    const ABSENT: Option<CostOrNone> = Some(CostOrNone(None));

    fn from_leaf(leaf: &Leaf<'_>) -> Result<CostOrNone, Complaint> {
        u32::from_leaf(leaf).map(|cost| CostOrNone(Some(cost)))
    }
}

impl FromLeaf for WeekMinute {
    fn from_leaf(leaf: &Leaf<'_>) -> Result<WeekMinute, Complaint> {
        const HELP: &str = "write a day and a time: \"Mon 08:00\"";
        match leaf {
            Leaf::Text(text) => WeekMinute::parse(text)
                .ok_or_else(|| Complaint::new(format!("{} is not a minute of the week", quoted(text))).help(HELP)),
            _ => Err(Complaint::wrong_type("a minute of the week", leaf).help(HELP)),
        }
    }
}

/// The text of a string or word; empty for other leaves.
fn text<'l>(leaf: &'l Leaf<'_>) -> &'l str {
    match leaf {
        Leaf::Text(text) => text,
        Leaf::Word(word) => word,
        _ => "",
    }
}

fn described(leaf: &Leaf<'_>) -> String {
    match leaf {
        Leaf::Absent => "nothing".to_owned(),
        Leaf::Bool(value) => value.to_string(),
        Leaf::Integer(number) if (i64::MIN.into()..=u64::MAX.into()).contains(number) => number.to_string(),
        Leaf::Integer(_) => "a number beyond 64 bits".to_owned(),
        Leaf::Fraction => "a number with a fraction or an exponent".to_owned(),
        Leaf::Text(text) => format!("the string {}", quoted(text)),
        Leaf::Word(word) => format!("the word {}", shortened(word)),
        Leaf::List => "a list".to_owned(),
        Leaf::Other(noun) => (*noun).to_owned(),
    }
}

/// `text` in double quotes, cut if it is long.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text))
}
