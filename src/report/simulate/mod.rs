//! `simulate`: messages through time.
//!
//! A trace is told while it happens and is never held: what is written of an event depends on that event, on which message its
//! copy is of, and in text on what was tried again just before. Names of events are those of the message tracking log where it
//! has them (X26), so that a trace reads like the log of the servers.

mod event;
mod line;
mod names;
mod record;
mod scenario;
mod text;
mod timeline;

use std::io::{self, Write};

pub use self::record::{
    ActorRecord, CameRecord, EndedRecord, EventRecord, ExpectationRecord, FateRecord, QueueRecord, SIMULATE_FORMAT,
    SimulateRecord, StoreRecord, WaitsRecord,
};

use self::event::Records;
use self::names::Names;
use self::timeline::Timeline;
use super::text::{Page, Palette};
use crate::sim::{Fate, Run, Sink, Stage, TraceEvent, Unmet};

/// How a simulation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulateFormat {
    /// A time line, then what became of the messages.
    Text,
    /// One document of the contract.
    Json,
    /// One record a line: events, fates, expectations (`{"expectation": …}`), how it ended (`{"ended": …}`).
    JsonLines,
}

/// A simulation that is written while it runs. The order of calls: the run tells it every event, then [`Telling::end`].
///
/// What cannot be written is told at the end, and nothing is written after it.
pub struct Telling<'a> {
    stage: &'a Stage,
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
            format,
            palette,
            out,
            records: Records::new(Names { stage }),
            timeline: Timeline::new(stage, palette),
            begun: false,
            written: Ok(()),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            SimulateFormat::Text => text::write_begin(self.stage, &mut Page::new(self.out, self.palette)),
            SimulateFormat::Json => write!(self.out, "{{\"format\":\"{SIMULATE_FORMAT}\",\"trace\":["),
            SimulateFormat::JsonLines => Ok(()),
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

    /// Writes how it went: `fates` and `unmet` expectations of this stage, and the run itself.
    ///
    /// # Errors
    /// Those of the handle, now or during the run.
    pub fn end(mut self, fates: &[Fate], unmet: &[Unmet], run: &Run) -> io::Result<()> {
        std::mem::replace(&mut self.written, Ok(()))?;
        if !std::mem::replace(&mut self.begun, true) {
            self.begin()?;
        }
        let names = Names { stage: self.stage };
        let fates: Vec<FateRecord<'_>> = fates.iter().map(|fate| FateRecord::new(names, fate)).collect();
        let expectations = ExpectationRecord::all(self.stage, unmet, run);
        let ended = EndedRecord::new(run);
        let out = &mut *self.out;
        match self.format {
            SimulateFormat::Text => {
                self.timeline.flush(out)?;
                let page = &mut Page::new(out, self.palette);
                text::write_fates(&fates, page)?;
                text::write_expectations(&expectations, page)?;
                text::write_end(&ended, page)
            }
            SimulateFormat::Json => {
                write!(out, "\n],\n\"fates\":[")?;
                items(&fates, out)?;
                write!(out, "\n],\n\"expectations\":[")?;
                items(&expectations, out)?;
                writeln!(out, "\n],\n\"ended\":{}}}", serde_json::to_string(&ended)?)
            }
            SimulateFormat::JsonLines => {
                lines(&fates, out, |record| Ok(serde_json::to_string(record)?))?;
                lines(&expectations, out, |record| {
                    Ok(format!("{{\"expectation\":{}}}", serde_json::to_string(record)?))
                })?;
                writeln!(out, "{{\"ended\":{}}}", serde_json::to_string(&ended)?)
            }
        }
    }
}

/// Items of a list, each on a line of its own.
fn items<T: serde::Serialize>(items: &[T], out: &mut dyn Write) -> io::Result<()> {
    for (at, item) in items.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, item)?;
    }
    Ok(())
}

fn lines<T>(items: &[T], out: &mut dyn Write, text: impl Fn(&T) -> io::Result<String>) -> io::Result<()> {
    items.iter().try_for_each(|item| writeln!(out, "{}", text(item)?))
}

impl Sink for Telling<'_> {
    fn take(&mut self, event: &TraceEvent) {
        if self.written.is_ok() {
            self.written = self.tell(event);
        }
    }
}
