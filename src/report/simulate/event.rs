//! From what happened to its record.

use super::names::Names;
use super::record::EventRecord;
use super::scenario;
use super::words::{promotion_word, resubmission_word, safe_word, side_word, word};
use crate::model::{ConnectorRef, MessageIdx, SimTime};
use crate::sim::{CopyIdx, Return, TraceEvent, What};

/// Makes records of the events of one trace, which have to come in their order.
pub(super) struct Records<'a> {
    pub(super) names: Names<'a>,
    /// Of which message each copy is, since most events name the copy alone: four bytes a copy.
    messages: Vec<Option<MessageIdx>>,
}

impl<'a> Records<'a> {
    pub(super) fn new(names: Names<'a>) -> Records<'a> {
        Records {
            names,
            messages: Vec::new(),
        }
    }

    /// The record of the next event.
    pub(super) fn record(&mut self, event: &TraceEvent) -> EventRecord<'a> {
        self.note(&event.what);
        let names = self.names;
        let mut record = EventRecord {
            at: event.at.ms(),
            event: word(&event.what),
            server: event.what.server().map(|server| names.server(server)),
            recipients: names.recipients(event.what.recipients()),
            ..EventRecord::default()
        };
        if let Some(copy) = event.what.copy() {
            self.copy(copy, &mut record);
        }
        let struck = match &event.what {
            What::Scenario(position) => Some(&self.names.stage.scenario().events[*position as usize].what),
            What::Struck(kind) => Some(kind),
            _ => None,
        };
        if let Some(kind) = struck {
            let (word, detail) = scenario::words(self.names, kind);
            record.event = word;
            record.detail = Some(detail);
        }
        self.entering(&event.what, &mut record);
        self.moving(&event.what, &mut record);
        self.ending(&event.what, &mut record);
        self.waiting(&event.what, &mut record);
        self.shadowing(&event.what, &mut record);
        self.holding(&event.what, &mut record);
        self.asking(&event.what, &mut record);
        self.keeping(&event.what, &mut record);
        record
    }

    /// Keeps of which message a new copy is.
    fn note(&mut self, what: &What) {
        if let What::Receive { copy, message, .. } | What::HaReceive { copy, message, .. } = what {
            let at = copy.index();
            if self.messages.len() <= at {
                self.messages.resize(at + 1, None);
            }
            self.messages[at] = Some(*message);
        }
    }

    /// Tells of a copy, and with it of its message.
    fn copy(&self, copy: CopyIdx, record: &mut EventRecord<'a>) {
        record.copy = Some(number(copy));
        let message = self.messages.get(copy.index()).copied().flatten();
        record.message = message.map(|message| self.names.message(message));
    }

    /// How messages come in.
    fn entering(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match *what {
            What::Stored { message, store } | What::Submit { store, message } => {
                record.store = Some(names.store(store));
                record.message = Some(names.message(message));
            }
            What::NotifyMapi { hub, message, .. } => {
                record.to = Some(names.actor(crate::sim::Actor::Server(hub)));
                record.message = Some(names.message(message));
            }
            What::Own { message, store, .. } => {
                record.message = Some(names.message(message));
                record.store = Some(names.store(store));
            }
            What::SendAgain {
                from,
                message,
                primary,
                why,
            } => {
                record.from = Some(names.actor(from));
                record.message = Some(names.message(message));
                record.primary = Some(names.actor(primary));
                record.why = Some(promotion_word(why));
            }
            What::LetGo {
                from,
                message,
                returned,
            } => {
                record.from = Some(names.actor(from));
                record.message = Some(names.message(message));
                record.code = returned.then(|| Return::Expired.code().to_owned());
            }
            What::Colocated { message, store, .. } => {
                record.message = Some(names.message(message));
                record.store = Some(names.store(store));
            }
            What::SubmitDefer { message, until, .. } => {
                record.message = Some(names.message(message));
                record.until = Some(until.ms());
            }
            What::Acknowledge { to, message, .. } => {
                record.to = Some(names.actor(to));
                record.message = Some(names.message(message));
            }
            What::Refuse { to, message, code, .. } => {
                record.to = Some(names.actor(to));
                record.message = Some(names.message(message));
                record.code = Some(code.to_string());
            }
            What::SenderWaits { from, message, until } => {
                record.from = Some(names.actor(from));
                record.message = Some(names.message(message));
                record.until = Some(until.ms());
            }
            _ => {}
        }
    }

    /// How copies get from server to server.
    fn moving(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::Receive { from, headers, .. } => {
                record.from = Some(names.actor(*from));
                record.headers = Some(*headers);
            }
            What::Delayed { .. } => record.why = Some("delay"),
            What::Transfer { hop, .. } => record.queue = Some(names.queue(*hop)),
            What::Send { to, connector, .. } => {
                record.to = Some(names.actor(*to));
                record.connector = connector.map(|connector| names.connector(ConnectorRef::External(connector)));
            }
            _ => {}
        }
    }

    /// How copies come to their end.
    fn ending(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::InMailbox { store, .. } | What::Mounted { store, .. } => record.store = Some(names.store(*store)),
            What::Outside { to, .. } => record.to = Some(names.actor(*to)),
            What::Fail { cause, .. } | What::Silent { cause, .. } => {
                record.code = Some(cause.code().to_owned());
            }
            What::LogLost { store, since } => {
                record.store = Some(names.store(*store));
                record.since = Some(since.ms());
            }
            _ => {}
        }
    }

    /// How queues wait, and for what.
    fn waiting(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::Defer {
                hop, failures, until, ..
            } => {
                record.queue = Some(names.queue(*hop));
                record.failures = Some(*failures);
                record.until = Some(until.ms());
            }
            What::Resubmit { hop, why, .. } => {
                record.queue = hop.map(|hop| names.queue(hop));
                record.why = Some(resubmission_word(*why));
            }
            What::AckDelayed { until, .. } => record.until = Some(until.ms()),
            What::AckDue { verified, .. } => record.verified = Some(*verified),
            What::Believes { group, down } => {
                record.routing_group = Some(names.org().routing_groups()[*group].name.as_str());
                record.down = Some(down.iter().map(|connector| names.connector(*connector)).collect());
            }
            _ => {}
        }
    }

    /// How shadows come and go.
    fn shadowing(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::Shadow { primary, .. } | What::HaDiscard { primary, .. } => {
                record.primary = Some(names.actor(*primary));
            }
            What::HaReceive { primary, of, .. } => {
                record.of = Some(number(*of));
                record.primary = Some(names.actor(crate::sim::Actor::Server(*primary)));
            }
            What::HaRedirect {
                shadow_server, shadow, ..
            } => {
                record.holder = Some(names.actor(crate::sim::Actor::Server(*shadow_server)));
                record.shadow = Some(number(*shadow));
            }
            What::HaRedirectFail { tries, .. } => record.failures = Some(*tries),
            What::Promote { primary, why, .. } => {
                record.primary = Some(names.actor(*primary));
                record.why = Some(promotion_word(*why));
            }
            _ => {}
        }
    }

    /// What a shadow waits for.
    fn holding(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::ShadowQueued { primary, hop, .. } => {
                record.primary = Some(names.actor(crate::sim::Actor::Server(*primary)));
                record.queue = Some(names.queue(*hop));
            }
            What::SideQueued { side, .. } | What::SideDone { side, .. } => record.why = Some(side_word(*side)),
            _ => {}
        }
    }

    /// How holders of shadows and their primary servers stay in touch.
    fn asking(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::DiscardQueued { holder, .. } | What::DiscardDropped { holder, .. } => {
                record.holder = Some(names.actor(*holder));
            }
            What::Heartbeat {
                primary,
                outbox,
                notifications,
                ..
            } => {
                record.primary = Some(names.actor(*primary));
                record.store = outbox.map(|store| names.store(store));
                record.notifications = Some(*notifications);
            }
            What::HeartbeatMissed {
                primary,
                outbox,
                misses,
                ..
            } => {
                record.primary = Some(names.actor(*primary));
                record.store = outbox.map(|store| names.store(store));
                record.failures = Some(*misses);
            }
            _ => {}
        }
    }

    /// What is kept when it is done.
    fn keeping(&self, what: &What, record: &mut EventRecord<'a>) {
        let names = self.names;
        match what {
            What::Kept { safe, .. } | What::Dropped { safe, .. } => record.kept_in = Some(safe_word(*safe)),
            What::Replay { safe, store, .. } => {
                (record.copy, record.of) = (None, record.copy);
                record.kept_in = Some(safe_word(*safe));
                record.store = Some(names.store(*store));
            }
            What::ReplayDefer { store, until, .. } => {
                record.store = Some(names.store(*store));
                record.until = Some(until.ms());
            }
            What::ReplayFail { store, .. } => record.store = Some(names.store(*store)),
            What::ReplayBroadcast {
                store,
                primary,
                since,
                to,
            } => {
                record.primary = Some(names.actor(crate::sim::Actor::Server(*primary)));
                record.store = Some(names.store(*store));
                record.since = Some(since.ms());
                record.until = Some(to.ms());
            }
            _ => {}
        }
    }
}

/// Copies are counted from 1.
pub(super) fn number(copy: CopyIdx) -> u32 {
    copy.raw() + 1
}

/// The instant of a record.
pub(super) fn instant(ms: u64) -> SimTime {
    SimTime::from_ms(ms)
}
