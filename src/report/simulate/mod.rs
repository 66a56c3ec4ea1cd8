//! `simulate`: messages through time.
//!
//! A trace is told while it happens and is never held: what is written of an event depends on that event, on which message its
//! copy is of, and in text on what was tried again just before. Names of events are those of the message tracking log where it
//! has them (X26), so that a trace reads like the log of the servers.

mod disturbed;
mod event;
mod line;
mod names;
mod outcomes;
mod outcomes_text;
mod record;
mod scenario;
mod text;
mod timeline;
mod violation;
mod words;

use std::io::{self, Write};

pub use self::disturbed::{Disturbed, FaultRecord, StopRecord, stop_argument};
pub use self::outcomes::{
    Many, OutcomeRecord, OutcomesRecord, SearchedRecord, SeedsRecord, UndisturbedRecord, write_outcomes,
};
pub use self::record::{
    ActorRecord, CameRecord, EndedRecord, EventRecord, ExpectationRecord, FateRecord, QueueRecord, SIMULATE_FORMAT,
    SimulateDocument, SimulateRecord, StoreRecord, WaitsRecord,
};
pub use self::violation::{EvidenceRecord, ViolationRecord, violation_text};

use self::event::Records;
use self::names::Names;
use self::timeline::Timeline;
use super::text::{Page, Palette};
use crate::sim::{Observed, Sink, Stage, TraceEvent};

/// How a simulation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulateFormat {
    /// A time line, then what became of the messages.
    Text,
    /// One document of the contract.
    Json,
    /// One record a line: what disturbed it (`{"disturbed": …}`), events, fates, messages for nobody (`{"for_nobody": …}`),
    /// expectations (`{"expectation": …}`), violations (`{"violation": …}`), how it ended (`{"ended": …}`).
    JsonLines,
}

/// A simulation that is written while it runs. The order of calls: the run tells it every event, then [`Telling::end`].
///
/// What cannot be written is told at the end, and nothing is written after it.
pub struct Telling<'a> {
    stage: &'a Stage,
    disturbed: Disturbed,
    format: SimulateFormat,
    palette: Palette,
    out: &'a mut dyn Write,
    records: Records<'a>,
    timeline: Timeline,
    begun: bool,
    written: io::Result<()>,
}

impl<'a> Telling<'a> {
    /// Nothing has happened yet, and nothing is written.
    pub fn new(stage: &'a Stage, format: SimulateFormat, palette: Palette, out: &'a mut dyn Write) -> Telling<'a> {
        Telling {
            stage,
            disturbed: Disturbed::Not,
            format,
            palette,
            out,
            records: Records::new(Names { stage }),
            timeline: Timeline::new(stage, palette),
            begun: false,
            written: Ok(()),
        }
    }

    /// The same for a run that is disturbed besides, which is told first.
    pub fn of(self, disturbed: Disturbed) -> Telling<'a> {
        Telling { disturbed, ..self }
    }

    fn begin(&mut self) -> io::Result<()> {
        let (stage, out) = (self.stage, &mut *self.out);
        let begin = BeginRecord {
            format: (self.format == SimulateFormat::Json).then_some(SIMULATE_FORMAT),
            seed: self.disturbed.seed(),
            faults: self.disturbed.faults(stage),
            stops: self.disturbed.stops(stage),
        };
        match self.format {
            SimulateFormat::Text => text::write_begin(stage, &self.disturbed, &mut Page::new(out, self.palette)),
            SimulateFormat::Json => {
                let begin = serde_json::to_string(&begin)?;
                let fields = begin.strip_suffix('}').expect("a record ends with a brace");
                write!(out, "{fields},\"trace\":[")
            }
            SimulateFormat::JsonLines if self.disturbed == Disturbed::Not => Ok(()),
            SimulateFormat::JsonLines => labelled_lines("disturbed", &[begin], out),
        }
    }

    fn tell(&mut self, event: &TraceEvent) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            self.begin()?;
        }
        let record = self.records.record(event);
        match self.format {
            SimulateFormat::Text => self.timeline.tell(&event.what, &record, self.out),
            SimulateFormat::Json => {
                self.out.write_all(if first { b"\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(&mut *self.out, &record)?)
            }
            SimulateFormat::JsonLines => {
                serde_json::to_writer(&mut *self.out, &record)?;
                writeln!(self.out)
            }
        }
    }

    /// Writes how it went: what was observed of this run.
    ///
    /// # Errors
    /// Those of the handle, now or during the run.
    pub fn end(mut self, observed: &Observed) -> io::Result<()> {
        std::mem::replace(&mut self.written, Ok(()))?;
        if !std::mem::replace(&mut self.begun, true) {
            self.begin()?;
        }
        let names = Names { stage: self.stage };
        // As many as there are messages: never all at once.
        let fates = observed.fates.iter().map(|fate| FateRecord::new(names, fate));
        let nobody = names.for_nobody(&observed.fates);
        let expectations = ExpectationRecord::all(self.stage, &observed.unmet, &observed.run);
        let violations = observed.violations.iter();
        let violations: Vec<_> = violations.map(|one| ViolationRecord::new(names, one)).collect();
        let ended = EndedRecord::new(&observed.run);
        let out = &mut *self.out;
        match self.format {
            SimulateFormat::Text => {
                self.timeline.flush(out)?;
                let page = &mut Page::new(out, self.palette);
                text::write_fates(&fates.collect::<Vec<_>>(), &nobody, page)?;
                text::write_expectations(&expectations, page)?;
                text::write_end(&ended, page)
            }
            SimulateFormat::Json => {
                write!(out, "\n],\n\"fates\":[")?;
                items(fates, out)?;
                if !nobody.is_empty() {
                    write!(out, "\n],\n\"for_nobody\":[")?;
                    items(nobody.iter(), out)?;
                }
                write!(out, "\n],\n\"expectations\":[")?;
                items(expectations.iter(), out)?;
                if !violations.is_empty() {
                    write!(out, "\n],\n\"violations\":[")?;
                    items(violations.iter(), out)?;
                }
                writeln!(out, "\n],\n\"ended\":{}}}", serde_json::to_string(&ended)?)
            }
            SimulateFormat::JsonLines => {
                lines(fates, out)?;
                labelled_lines("for_nobody", &nobody, out)?;
                labelled_lines("expectation", &expectations, out)?;
                labelled_lines("violation", &violations, out)?;
                labelled_lines("ended", &[ended], out)
            }
        }
    }
}

/// The first fields of the record of a run.
#[derive(serde::Serialize)]
struct BeginRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<FaultRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stops: Vec<StopRecord<'a>>,
}

/// Items of a list, each on a line of its own.
fn items<T: serde::Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    Ok(())
}

fn lines<T: serde::Serialize>(mut items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    items.try_for_each(|item| {
        serde_json::to_writer(&mut *out, &item)?;
        writeln!(out)
    })
}

/// Items that a label tells from others: `{"ended": …}`.
fn labelled_lines<T: serde::Serialize>(label: &str, items: &[T], out: &mut dyn Write) -> io::Result<()> {
    items
        .iter()
        .try_for_each(|item| writeln!(out, "{{\"{label}\":{}}}", serde_json::to_string(item)?))
}

impl Sink for Telling<'_> {
    fn take(&mut self, event: &TraceEvent) {
        if self.written.is_ok() {
            self.written = self.tell(event);
        }
    }
}
