//! The time line of a text: one event a line, as it happens.

use std::io::{self, Write};

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr;

use super::event::instant;
use super::line::{place, sentence, style};
use super::record::EventRecord;
use crate::model::{MessageIdx, ServerIdx, SimTime};
use crate::report::escape::escaped;
use crate::report::text::{Page, Palette};
use crate::sim::{Actor, Hop, Stage, Store, What};

/// Lines as they are told. What is tried again and again with nothing else happening meanwhile becomes one line, which is held
/// back until something else happens: never more lines than there are queues, senders, shadow queues and Safety Nets that are asked.
pub(super) struct Timeline {
    palette: Palette,
    /// Columns of instants.
    times: usize,
    /// Columns of servers.
    places: usize,
    held: IndexMap<Again, Held>,
}

/// What is done again and again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Again {
    Defer(ServerIdx, Hop),
    SubmitDefer(ServerIdx, MessageIdx),
    SenderWaits(Actor, MessageIdx),
    Heartbeat(ServerIdx, Actor, Option<Store>),
    HeartbeatMissed(ServerIdx, Actor, Option<Store>),
    ReplayDefer(Store, ServerIdx),
}

impl Again {
    fn of(what: &What) -> Option<Again> {
        match *what {
            What::Defer { server, hop, .. } => Some(Again::Defer(server, hop)),
            What::SubmitDefer { server, message, .. } => Some(Again::SubmitDefer(server, message)),
            What::SenderWaits { from, message, .. } => Some(Again::SenderWaits(from, message)),
            What::Heartbeat {
                holder,
                primary,
                outbox,
                notifications: 0,
            } => Some(Again::Heartbeat(holder, primary, outbox)),
            What::HeartbeatMissed {
                holder,
                primary,
                outbox,
                ..
            } => Some(Again::HeartbeatMissed(holder, primary, outbox)),
            What::ReplayDefer { store, server, .. } => Some(Again::ReplayDefer(store, server)),
            _ => None,
        }
    }
}

/// A line that is held back: as it was the last time.
struct Held {
    place: String,
    text: String,
    style: anstyle::Style,
    first: SimTime,
    last: SimTime,
    times: u32,
}

/// Servers with longer names stand out of their column.
const PLACE_MAX: usize = 16;

impl Timeline {
    pub(super) fn new(stage: &Stage, palette: Palette) -> Timeline {
        let (org, scenario) = (stage.org(), stage.scenario());
        let servers = org.servers().iter().map(|server| server.name.as_str());
        let databases = org.databases().iter().map(|database| database.name.as_str());
        let width = |name: &str| escaped(name).width();
        let names = servers.chain(databases).map(width);
        let until = SimTime::ZERO + scenario.settings.until;
        Timeline {
            palette,
            times: until.to_string().len(),
            places: names.filter(|width| *width <= PLACE_MAX).max().unwrap_or(0),
            held: IndexMap::new(),
        }
    }

    /// Tells the next event, now or, if it is one of many, later.
    pub(super) fn tell(&mut self, what: &What, record: &EventRecord<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (at, style) = (instant(record.at), style(record, &self.palette));
        let (place, text) = (place(record), sentence(record));
        let Some(again) = Again::of(what) else {
            self.flush(out)?;
            return self.line(at, place, style, &text, out);
        };
        let held = self.held.entry(again).or_insert_with(|| Held {
            place: place.to_owned(),
            text: String::new(),
            style,
            first: at,
            last: at,
            times: 0,
        });
        held.text = text;
        held.last = at;
        held.times += 1;
        Ok(())
    }

    /// Writes what was held back, in the order in which it began.
    pub(super) fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        for held in std::mem::take(&mut self.held).into_values() {
            let text = match held.times {
                1 => held.text,
                times => format!("{} ({times} times, the last at {})", held.text, held.last),
            };
            self.line(held.first, &held.place, held.style, &text, out)?;
        }
        Ok(())
    }

    fn line(&self, at: SimTime, place: &str, style: anstyle::Style, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let place = escaped(place);
        let gap = " ".repeat(self.places.saturating_sub(place.width()));
        let label = format!("{:>1$}  {place}{gap}  ", at.to_string(), self.times);
        Page::new(out, self.palette).labelled(&label, style, &escaped(text))
    }
}
