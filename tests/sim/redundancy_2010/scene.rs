//! Scenes, and their traces in short lines: `0:00:01 RECEIVE S2 c0 m1 from S1`.

use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::model::{
    Address, ClientKind, Cut, Delay, Entry, Name, Organization, Peer, PeerIdx, Place, ReceiveConnectorIdx, Scenario,
    ScenarioEvent, ScenarioEventKind as Kind, ServerIdx, Settings, SimTime, Submission, TransportDatabase,
};
use bridgehead::route::Options;
use bridgehead::sim::{Actor, Bounds, Fates, Hop, Promotion, RecipientIdx, Run, Sink, Stage, Store, TraceEvent, What};

use super::super::support::org;

/// A scene being set. Instants are in milliseconds.
pub(super) struct Scene {
    org: Organization,
    scenario: Scenario,
}

/// What was played.
pub(super) struct Played {
    stage: Stage,
    trace: Vec<TraceEvent>,
    pub(super) run: Run,
}

pub(super) const SECOND: u64 = 1000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

impl Scene {
    pub(super) fn new(topology: &str) -> Scene {
        Scene {
            org: org(topology),
            scenario: Scenario::default(),
        }
    }

    pub(super) fn server(&self, name: &str) -> ServerIdx {
        self.org.server_by_name(&Name::new(name)).expect("a server")
    }

    fn place(&self, name: &str) -> Place {
        let peer = self.scenario.peers.iter().position(|peer| peer.name == Name::new(name));
        peer.map_or_else(
            || Place::Server(self.server(name)),
            |peer| Place::Peer(PeerIdx::from_usize(peer)),
        )
    }

    pub(super) fn set(mut self, change: impl FnOnce(&mut Settings)) -> Scene {
        change(&mut self.scenario.settings);
        self
    }

    pub(super) fn peer(mut self, name: &str, shadow: bool, patience: Option<u64>) -> Scene {
        self.scenario.peers.push(Peer {
            name: Name::new(name),
            shadow,
            ack_timeout: patience.map(Duration::from_millis),
            span: Default::default(),
        });
        self
    }

    fn enters(mut self, at: u64, from: &str, to: &[&str], entry: Entry, size: Option<u64>) -> Scene {
        let id = format!("m{}", self.scenario.messages.len() + 1);
        self.scenario.messages.push(Submission {
            id: Name::new(id),
            at: SimTime::from_ms(at),
            from: Address::parse(from),
            to: to.iter().map(|to| Address::parse(to)).collect(),
            size,
            priority: Default::default(),
            message_type: Default::default(),
            journal: false,
            entry,
            span: Default::default(),
        });
        self
    }

    /// From the Outbox of a mailbox.
    pub(super) fn mail(self, at: u64, from: &str, to: &[&str]) -> Scene {
        let mailbox = self.org.mailbox(&Address::parse(from)).expect("a mailbox");
        self.enters(at, from, to, Entry::Mapi { mailbox }, None)
    }

    /// The same, of a size.
    pub(super) fn large(self, at: u64, from: &str, to: &[&str], size: u64) -> Scene {
        let mailbox = self.org.mailbox(&Address::parse(from)).expect("a mailbox");
        self.enters(at, from, to, Entry::Mapi { mailbox }, Some(size))
    }

    /// From a program or a UM server.
    pub(super) fn client(
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
    pub(super) fn external(self, at: u64, peer: &str, server: &str, to: &[&str]) -> Scene {
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

    pub(super) fn delay(mut self, from: &str, to: &str, ms: u64) -> Scene {
        let (from, to) = (self.place(from), self.place(to));
        let delay = Duration::from_millis(ms);
        self.scenario.delays.push(Delay { from, to, delay });
        self
    }

    pub(super) fn event(mut self, at: u64, what: Kind) -> Scene {
        self.scenario.events.push(ScenarioEvent {
            at: SimTime::from_ms(at),
            what,
            span: Default::default(),
        });
        self
    }

    pub(super) fn down(self, at: u64, server: &str) -> Scene {
        let server = self.server(server);
        self.event(at, Kind::ServerDown(server))
    }

    pub(super) fn destroy(self, at: u64, server: &str) -> Scene {
        let server = self.server(server);
        self.event(at, Kind::Destroy(server))
    }

    pub(super) fn pause(self, at: u64, server: &str) -> Scene {
        let server = self.server(server);
        self.event(at, Kind::Pause(server))
    }

    /// It comes back as it was.
    pub(super) fn up(self, at: u64, server: &str) -> Scene {
        let server = self.server(server);
        self.event(at, Kind::ServerUp(server, TransportDatabase::Same))
    }

    /// It comes back with another queue database.
    pub(super) fn up_new(self, at: u64, server: &str) -> Scene {
        let server = self.server(server);
        self.event(at, Kind::ServerUp(server, TransportDatabase::New))
    }

    pub(super) fn cut(self, at: u64, a: &str, b: &str) -> Scene {
        let cut = Cut::Between(self.place(a), self.place(b));
        self.event(at, Kind::NetworkCut(cut))
    }

    pub(super) fn mend(self, at: u64, a: &str, b: &str) -> Scene {
        let cut = Cut::Between(self.place(a), self.place(b));
        self.event(at, Kind::NetworkRestore(cut))
    }

    pub(super) fn cut_sessions(self, at: u64, a: &str, b: &str) -> Scene {
        let (place, other) = (self.place(a), Some(self.place(b)));
        self.event(at, Kind::SessionCut { place, other })
    }

    fn database(&self, name: &str) -> bridgehead::model::DatabaseIdx {
        let databases = self.org.databases();
        let found = databases
            .iter_enumerated()
            .find(|(_, database)| database.name == Name::new(name));
        found.expect("a database").0
    }

    pub(super) fn dismount(self, at: u64, database: &str) -> Scene {
        let database = self.database(database);
        self.event(at, Kind::Dismount(database))
    }

    pub(super) fn mount(self, at: u64, database: &str) -> Scene {
        let database = self.database(database);
        self.event(at, Kind::Mount(database))
    }

    pub(super) fn failover(self, at: u64, database: &str, to: &str, lost_log: u64) -> Scene {
        let (database, to) = (self.database(database), Some(self.server(to)));
        let lost_log = Duration::from_millis(lost_log);
        self.event(at, Kind::Failover { database, to, lost_log })
    }

    pub(super) fn play(mut self) -> Played {
        self.scenario.events.sort_by_key(|event| event.at);
        let stage = Stage::new(self.org, self.scenario, Options::default(), Timers::default());
        let mut trace = Vec::new();
        let run = stage.run(&Bounds::default(), &mut trace);
        assert!(!run.limit_hit);
        Played { stage, trace, run }
    }
}

impl Played {
    fn s(&self, server: ServerIdx) -> String {
        self.stage.org().servers()[server].name.as_str().to_owned()
    }

    fn who(&self, actor: Actor) -> String {
        match actor {
            Actor::Server(server) => self.s(server),
            Actor::Peer(peer) => self.stage.scenario().peers[peer].name.as_str().to_owned(),
            Actor::Client => "client".to_owned(),
            Actor::Outside => "outside".to_owned(),
        }
    }

    fn store(&self, store: Store) -> String {
        match store {
            Store::Database(database) => self.stage.org().databases()[database].name.as_str().to_owned(),
            Store::Server(server) => format!("mailboxes-of-{}", self.s(server)),
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
        let s = |server: &ServerIdx| self.s(*server);
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
                self.who(*from),
                m(message),
                self.who(*primary),
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
                self.who(*from)
            ),
            What::Acknowledge { server, to, message } => {
                format!("ACK {}>{} {}", s(server), self.who(*to), m(message))
            }
            What::SenderWaits { from, message, until } => {
                format!("WAITS {} {} {until}", self.who(*from), m(message))
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
                self.who(*to),
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
            } => format!("OUTSIDE {} {} {}", self.who(*to), c(copy), self.whom(recipients)),
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
            } => format!("SHADOW {} {} of {}", s(server), c(copy), self.who(*primary)),
            What::DiscardQueued { server, copy, holder } => {
                format!("NOTICE {} {} for {}", s(server), c(copy), self.who(*holder))
            }
            What::DiscardDropped { server, copy, holder } => {
                format!("NOTICEDROPPED {} {} for {}", s(server), c(copy), self.who(*holder))
            }
            What::Heartbeat {
                holder,
                primary,
                notifications,
            } => format!("BEAT {}>{} {notifications}", s(holder), self.who(*primary)),
            What::HeartbeatMissed {
                holder,
                primary,
                misses,
            } => format!("MISSED {}>{} {misses}", s(holder), self.who(*primary)),
            What::HaDiscard { server, copy, primary } => {
                format!("HADISCARD {} {} by {}", s(server), c(copy), self.who(*primary))
            }
            What::Promote {
                server,
                copy,
                primary,
                why: reason,
            } => format!(
                "PROMOTE {} {} lost {}: {}",
                s(server),
                c(copy),
                self.who(*primary),
                why(reason)
            ),
            What::ShadowExpired { server, copy } => format!("EXPIRED {} {}", s(server), c(copy)),
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
        let mut fates = Fates::new(&self.stage);
        self.trace.iter().for_each(|event| fates.take(event));
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
        fates.fates().iter().map(line).collect()
    }
}
