//! Scenes, and their traces in short lines: `0:00:01 RECEIVE S2 c0 m1 from S1`.

use std::ops::Deref;

use bridgehead::model::{ClientKind, Entry, Place, ReceiveConnectorIdx, ScenarioEventKind as Kind};
use bridgehead::sim::{Hop, Promotion, RecipientIdx, Store, TraceEvent, What};

pub(super) use super::super::scene::{DAY, HOUR, MINUTE, SECOND, Scene};
use super::super::support;

/// What was played.
pub(super) struct Played(support::Played);

impl Deref for Played {
    type Target = support::Played;

    fn deref(&self) -> &support::Played {
        &self.0
    }
}

impl Scene {
    /// From the Outbox of a mailbox, of a size.
    pub(super) fn large(self, at: u64, from: &str, to: &[&str], size: u64) -> Scene {
        let scene = self.mail(at, from, to);
        scene.sized(size)
    }

    fn sized(mut self, size: u64) -> Scene {
        if let Some(message) = self.scenario.messages.iter_mut().next_back() {
            message.size = Some(size);
        }
        self
    }

    /// From a program or a UM server.
    pub(crate) fn client(
        self,
        at: u64,
        kind: ClientKind,
        server: &str,
        connector: Option<usize>,
        to: &[&str],
    ) -> Scene {
        let entry = Entry::Client {
            kind,
            server: self.server(server),
            receive_connector: connector.map(ReceiveConnectorIdx::from_usize),
        };
        self.enters(at, "app@x.example", to, entry, None)
    }

    /// From a system outside.
    pub(crate) fn external(self, at: u64, peer: &str, server: &str, to: &[&str]) -> Scene {
        let Place::Peer(peer) = self.place(peer) else {
            panic!("no peer")
        };
        let entry = Entry::Peer {
            peer,
            server: self.server(server),
            receive_connector: None,
        };
        self.enters(at, "zoe@far.example", to, entry, None)
    }

    pub(crate) fn cut_sessions(self, at: u64, a: &str, b: &str) -> Scene {
        let (place, other) = (self.place(a), Some(self.place(b)));
        self.at(at, Kind::SessionCut { place, other })
    }

    pub(crate) fn dismount(self, at: u64, database: &str) -> Scene {
        let database = self.database(database);
        self.at(at, Kind::Dismount(database))
    }

    pub(crate) fn mount(self, at: u64, database: &str) -> Scene {
        let database = self.database(database);
        self.at(at, Kind::Mount(database))
    }

    pub(super) fn play(self) -> Played {
        Played(self.run())
    }
}

impl Played {
    fn store(&self, store: Store) -> String {
        match store {
            Store::Database(database) => self.stage.org().databases()[database].name.as_str().to_owned(),
            Store::Server(server) => format!("mailboxes-of-{}", self.name(server)),
        }
    }

    fn whom(&self, recipients: &[RecipientIdx]) -> String {
        let short = |recipient: &RecipientIdx| {
            let address = self.stage.cast().address(*recipient).to_string();
            let local = address.split('@').next().unwrap_or_default();
            local.rsplit(':').next().unwrap_or_default().to_owned()
        };
        recipients.iter().map(short).collect::<Vec<_>>().join("+")
    }

    fn what(&self, what: &What) -> Option<String> {
        let s = |server: &bridgehead::model::ServerIdx| self.name(*server);
        let m =
            |message: &bridgehead::model::MessageIdx| self.stage.scenario().messages[*message].id.as_str().to_owned();
        let c = |copy: &bridgehead::sim::CopyIdx| format!("c{}", copy.index());
        let why = |why: &Promotion| match why {
            Promotion::Silence => "silence",
            Promotion::NewDatabase => "new database",
        };
        Some(match what {
            What::Stored { message, store } => format!("STORED {} {}", m(message), self.store(*store)),
            What::NotifyMapi { server, hub, message } => format!("NOTIFY {}>{} {}", s(server), s(hub), m(message)),
            What::Own { server, message, .. } => format!("OWN {} {}", s(server), m(message)),
            What::Submit { message, .. } => format!("SUBMIT {}", m(message)),
            What::SubmitDefer { message, until, .. } => format!("SUBMITDEFER {} {until}", m(message)),
            What::SendAgain {
                from,
                message,
                primary,
                why: reason,
            } => format!(
                "AGAIN {} {} lost {}: {}",
                self.actor(*from),
                m(message),
                self.actor(*primary),
                why(reason)
            ),
            What::Colocated { server, message, store } => {
                format!("COLOCATED {} {} {}", s(server), m(message), self.store(*store))
            }
            What::Receive {
                server,
                copy,
                message,
                from,
                ..
            } => format!(
                "RECEIVE {} {} {} from {}",
                s(server),
                c(copy),
                m(message),
                self.actor(*from)
            ),
            What::Acknowledge { server, to, message } => {
                format!("ACK {}>{} {}", s(server), self.actor(*to), m(message))
            }
            What::SenderWaits { from, message, until } => {
                format!("WAITS {} {} {until}", self.actor(*from), m(message))
            }
            What::Send {
                server,
                copy,
                to,
                recipients,
                ..
            } => format!(
                "SEND {}>{} {} {}",
                s(server),
                self.actor(*to),
                c(copy),
                self.whom(recipients)
            ),
            What::InMailbox {
                store, copy, recipient, ..
            } => format!(
                "MAILBOX {} {} {}",
                self.store(*store),
                c(copy),
                self.whom(&[*recipient])
            ),
            What::Outside {
                to, copy, recipients, ..
            } => format!("OUTSIDE {} {} {}", self.actor(*to), c(copy), self.whom(recipients)),
            What::Deliver {
                server,
                copy,
                recipient,
            } => {
                format!("DELIVER {} {} {}", s(server), c(copy), self.whom(&[*recipient]))
            }
            What::DuplicateDeliver {
                server,
                copy,
                recipient,
                ..
            } => format!("DUPLICATE {} {} {}", s(server), c(copy), self.whom(&[*recipient])),
            What::Transfer {
                server,
                copy,
                recipients,
                hop,
            } => {
                let hop = match hop {
                    Hop::Store(store) => self.store(*store),
                    Hop::Within(_) => "sibling".to_owned(),
                    Hop::Site(..) => "site".to_owned(),
                    Hop::Connector(_) => "connector".to_owned(),
                    Hop::Group(_) | Hop::ConnectorSource(_) => "group".to_owned(),
                    Hop::Unreachable => "nowhere".to_owned(),
                };
                format!("QUEUE {} {} {} {hop}", s(server), c(copy), self.whom(recipients))
            }
            What::Defer {
                server,
                failures,
                until,
                ..
            } => format!("DEFER {} {failures} {until}", s(server)),
            What::Fail {
                server, copy, cause, ..
            } => format!("FAIL {} {} {}", s(server), c(copy), cause.code()),
            What::QueuesLost { server } => format!("QUEUESLOST {}", s(server)),
            What::LogLost { store, since } => format!("LOGLOST {} {since}", self.store(*store)),
            What::Mounted { store, server } => format!("MOUNTED {} {}", self.store(*store), s(server)),
            What::AckDelayed { server, copy, until } => format!("DELAYED {} {} {until}", s(server), c(copy)),
            What::AckDue { server, copy, verified } => {
                let how = if *verified { "verified" } else { "time up" };
                format!("ACKDUE {} {} {how}", s(server), c(copy))
            }
            What::Shadow {
                server, copy, primary, ..
            } => format!("SHADOW {} {} of {}", s(server), c(copy), self.actor(*primary)),
            What::DiscardQueued { server, copy, holder } => {
                format!("NOTICE {} {} for {}", s(server), c(copy), self.actor(*holder))
            }
            What::DiscardDropped { server, copy, holder } => {
                format!("NOTICEDROPPED {} {} for {}", s(server), c(copy), self.actor(*holder))
            }
            What::Heartbeat {
                holder,
                primary,
                notifications,
                ..
            } => format!("BEAT {}>{} {notifications}", s(holder), self.actor(*primary)),
            What::HeartbeatMissed {
                holder,
                primary,
                misses,
                ..
            } => format!("MISSED {}>{} {misses}", s(holder), self.actor(*primary)),
            What::HaDiscard {
                server, copy, primary, ..
            } => {
                format!("HADISCARD {} {} by {}", s(server), c(copy), self.actor(*primary))
            }
            What::Promote {
                server,
                copy,
                primary,
                why: reason,
                ..
            } => format!(
                "PROMOTE {} {} lost {}: {}",
                s(server),
                c(copy),
                self.actor(*primary),
                why(reason)
            ),
            What::ShadowExpired { server, copy, .. } => format!("EXPIRED {} {}", s(server), c(copy)),
            What::Kept {
                server,
                copy,
                recipients,
                ..
            } => format!("KEPT {} {} {}", s(server), c(copy), self.whom(recipients)),
            What::Dropped { server, copy, .. } => format!("DROPPED {} {}", s(server), c(copy)),
            What::Replay { server, of, store, .. } => {
                format!("REPLAY {} {} {}", s(server), c(of), self.store(*store))
            }
            _ => return None,
        })
    }

    /// Everything that has a line.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |event: &TraceEvent| Some(format!("{} {}", event.at, self.what(&event.what)?));
        self.trace.iter().filter_map(line).collect()
    }

    /// The lines whose first word is one of these.
    pub(super) fn only(&self, words: &[&str]) -> Vec<String> {
        let mut lines = self.lines();
        lines.retain(|line| line.split(' ').nth(1).is_some_and(|word| words.contains(&word)));
        lines
    }

    /// What became of each message and recipient: `m1 bob delivered 0:00:02 x1`.
    pub(super) fn fates(&self) -> Vec<String> {
        let line = |fate: &bridgehead::sim::Fate| {
            let id = &self.stage.scenario().messages[fate.message].id;
            format!(
                "{} {} {} {} x{}",
                id.as_str(),
                self.whom(&[fate.recipient]),
                fate.kind.name(),
                fate.at,
                fate.copies
            )
        };
        self.0.fates().iter().map(line).collect()
    }
}
