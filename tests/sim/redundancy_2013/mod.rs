//! Shadow redundancy and Safety Net of 2013: what the documents say, and when it happens.
//!
//! Times are worked by hand: handing a message over takes a second (N1), a heartbeat takes none (N41).

mod creation;
mod exploring;
mod maintenance;
mod outage;
mod safety_net;
mod sessions;
mod timers;

use std::ops::Deref;

use bridgehead::model::{
    ClientKind, Entry, FateKind, PeerIdx, Place, ReceiveConnectorIdx, ScenarioEventKind as Kind, ServerIdx,
};
use bridgehead::sim::{Actor, CopyIdx, Store, What};

pub(super) use super::scene::{DAY, HOUR, MINUTE, SECOND, Scene};
use super::support::Played;

/// P, S and T in one site, in no DAG. Ann is on P, Bob on S; mail to foreign domains leaves through P.
pub(super) const SITE: &str = r#"(
    sites: [(name: "A")],
    servers: [(name: "P", version: Exchange2013, site: "A"), (name: "S", version: Exchange2013, site: "A"), (name: "T", version: Exchange2013, site: "A")],
    connectors: [(name: "Out", kind: Send, source_servers: ["P", "S"], address_spaces: ["SMTP:*;1"], smart_hosts: ["far"])],
    receive_connectors: [(name: "Slow", server: "P", connection_inactivity_timeout: "2min", connection_timeout: "10min")],
    mailboxes: [(address: "ann@x.example", server: "P"), (address: "bob@x.example", server: "S"), (address: "tom@x.example", server: "T")],
    groups: [(address: "all@x.example", members: ["ann@x.example", "bob@x.example"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
    transport_config: (CONFIG),
)"#;

/// A DAG over two sites: P and Q in A, S and T in B. DB is mounted on S, with a copy on P; Bob is in it. Ann is in DA on Q.
/// Eve's mailbox is on E, in a site C of its own.
pub(super) const DAG: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "C")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10), (name: "BC", sites: ["B", "C"], cost: 10)],
    servers: [
        (name: "P", version: Exchange2013, site: "A", dag: "D"), (name: "Q", version: Exchange2013, site: "A", dag: "D"),
        (name: "S", version: Exchange2013, site: "B", dag: "D"), (name: "T", version: Exchange2013, site: "B", dag: "D"),
        (name: "E", version: Exchange2013, site: "C"), (name: "F", version: Exchange2013, site: "C"),
    ],
    dags: [(name: "D", servers: ["P", "Q", "S", "T"])],
    databases: [
        (name: "DB", dag: "D", copies: [(server: "S"), (server: "P"), (server: "T", replay_lag: "1d")], active_on: "S"),
        (name: "DA", dag: "D", copies: [(server: "Q"), (server: "P")], active_on: "Q"),
    ],
    mailboxes: [(address: "ann@x.example", database: "DA"), (address: "bob@x.example", database: "DB"), (address: "cat@x.example", database: "DB"), (address: "eve@x.example", server: "E")],
    groups: [(address: "all@x.example", members: ["bob@x.example"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
    transport_config: (CONFIG),
)"#;

/// What to say about a run, with names instead of numbers.
pub(super) struct Ran(Played);

impl Deref for Ran {
    type Target = Played;

    fn deref(&self) -> &Played {
        &self.0
    }
}

pub(super) fn play(topology: &str, config: &str) -> Scene {
    Scene::new(&topology.replace("CONFIG", config))
}

impl Scene {
    /// A message that a program hands to a server.
    pub(super) fn smtp(self, ms: u64, server: &str, to: &[&str]) -> Scene {
        let entry = Entry::Client {
            kind: ClientKind::Smtp,
            server: self.server(server),
            receive_connector: None,
        };
        self.enters(ms, "zoe@far.example", to, entry, None)
    }

    /// A message that the system `far` hands to a server, for whose answer it waits so many seconds.
    pub(super) fn far_sends(self, ms: u64, server: &str, to: &[&str], patience: Option<u64>) -> Scene {
        let scene = match self.scenario.peers.is_empty() {
            true => self.peer("far", false, patience.map(|seconds| seconds * SECOND)),
            false => self,
        };
        let entry = Entry::Peer {
            peer: PeerIdx::from_usize(0),
            server: scene.server(server),
            receive_connector: None,
        };
        scene.enters(ms, "zoe@far.example", to, entry, None)
    }

    /// The same through the first Receive connector of the file.
    pub(super) fn through_receive_connector(mut self) -> Scene {
        for message in &mut self.scenario.messages {
            if let Entry::Peer { receive_connector, .. } = &mut message.entry {
                *receive_connector = Some(ReceiveConnectorIdx::from_usize(0));
            }
        }
        self
    }

    pub(super) fn journaled(mut self) -> Scene {
        for message in &mut self.scenario.messages {
            message.journal = true;
        }
        self
    }

    /// Nothing happens, but the run does not end before.
    pub(super) fn wait(self, ms: u64) -> Scene {
        let server = ServerIdx::from_usize(0);
        self.at(
            ms,
            Kind::SessionCut {
                place: Place::Server(server),
                other: Some(Place::Server(server)),
            },
        )
    }

    pub(super) fn runs(self) -> Ran {
        Ran(self.run())
    }
}

impl Ran {
    fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Server(server) => self.name(server).to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn store(&self, store: Store) -> &str {
        match store {
            Store::Database(database) => self.stage.org().databases()[database].name.as_str(),
            Store::Server(server) => self.name(server),
        }
    }

    fn people(&self, recipients: &[bridgehead::sim::RecipientIdx]) -> String {
        let short = |address: String| address.split('@').next().unwrap_or_default().to_owned();
        let names = recipients
            .iter()
            .map(|one| short(self.stage.cast().address(*one).to_string()));
        names.collect::<Vec<_>>().join("+")
    }

    /// One event in a few words; `None`: it is not about redundancy.
    fn line(&self, what: &What) -> Option<String> {
        let number = |copy: &CopyIdx| copy.index();
        Some(match what {
            What::Receive {
                server,
                copy,
                recipients,
                from,
                ..
            } => {
                format!(
                    "RECEIVE {} {} from {} for {}",
                    self.name(*server),
                    number(copy),
                    self.actor(*from),
                    self.people(recipients)
                )
            }
            What::Acknowledge { server, .. } => format!("250 {}", self.name(*server)),
            What::Submit { store, .. } => format!("SUBMIT {}", self.store(*store)),
            What::SubmitDefer { server, .. } => format!("SUBMITDEFER {}", self.name(*server)),
            What::SenderWaits { until, .. } => format!("SENDER WAITS {until}"),
            What::Send { server, copy, to, .. } => {
                format!("SEND {} {} to {}", self.name(*server), number(copy), self.actor(*to))
            }
            What::Deliver {
                server,
                copy,
                recipient,
            } => {
                format!(
                    "DELIVER {} {} {}",
                    self.name(*server),
                    number(copy),
                    self.people(&[*recipient])
                )
            }
            What::DuplicateDeliver {
                server,
                copy,
                recipient,
                ..
            } => {
                format!(
                    "DUPLICATE {} {} {}",
                    self.name(*server),
                    number(copy),
                    self.people(&[*recipient])
                )
            }
            What::Outside { to, copy, .. } => format!("OUTSIDE {} {}", self.actor(*to), number(copy)),
            What::Refuse { server, code, .. } => format!("{code} {}", self.name(*server)),
            What::Abandon { server, copy } => format!("ABANDON {} {}", self.name(*server), number(copy)),
            What::HaReceive {
                server,
                copy,
                primary,
                of,
                ..
            } => {
                format!(
                    "HARECEIVE {} {} of {} {}",
                    self.name(*server),
                    number(copy),
                    self.name(*primary),
                    number(of)
                )
            }
            What::ShadowQueued {
                server,
                copy,
                recipients,
                ..
            } => {
                format!(
                    "SHADOWQUEUE {} {} for {}",
                    self.name(*server),
                    number(copy),
                    self.people(recipients)
                )
            }
            What::SideQueued { server, copy, side } => format!("SIDE {} {} {side:?}", self.name(*server), number(copy)),
            What::SideDone { server, copy, side } => {
                format!("SIDEDONE {} {} {side:?}", self.name(*server), number(copy))
            }
            What::HaRedirect {
                server,
                copy,
                shadow_server,
                shadow,
            } => {
                format!(
                    "HAREDIRECT {} {} to {} {}",
                    self.name(*server),
                    number(copy),
                    self.name(*shadow_server),
                    number(shadow)
                )
            }
            What::HaRedirectFail { server, copy, tries } => {
                format!("HAREDIRECTFAIL {} {} {tries}", self.name(*server), number(copy))
            }
            What::DiscardQueued { server, copy, holder } => {
                format!(
                    "DISCARDQUEUED {} {} for {}",
                    self.name(*server),
                    number(copy),
                    self.actor(*holder)
                )
            }
            What::DiscardDropped { server, copy, holder } => {
                format!(
                    "DISCARDDROPPED {} {} for {}",
                    self.name(*server),
                    number(copy),
                    self.actor(*holder)
                )
            }
            What::Heartbeat {
                holder,
                primary,
                notifications,
                ..
            } => {
                format!(
                    "HEARTBEAT {} {} {notifications}",
                    self.name(*holder),
                    self.actor(*primary)
                )
            }
            What::HeartbeatMissed {
                holder,
                primary,
                misses,
                ..
            } => {
                format!("MISSED {} {} {misses}", self.name(*holder), self.actor(*primary))
            }
            What::HaDiscard { server, copy, .. } => format!("HADISCARD {} {}", self.name(*server), number(copy)),
            What::Promote { server, copy, why, .. } => {
                format!("PROMOTE {} {} {why:?}", self.name(*server), number(copy))
            }
            What::ShadowExpired { server, copy, .. } => {
                format!("SHADOWEXPIRED {} {}", self.name(*server), number(copy))
            }
            What::Kept { server, copy, safe, .. } => format!("KEPT {} {} {safe:?}", self.name(*server), number(copy)),
            What::Dropped { server, copy, safe, .. } => {
                format!("DROPPED {} {} {safe:?}", self.name(*server), number(copy))
            }
            What::Replay {
                server,
                of,
                safe,
                recipients,
                ..
            } => {
                format!(
                    "RESUBMIT {} {} {safe:?} for {}",
                    self.name(*server),
                    number(of),
                    self.people(recipients)
                )
            }
            What::ReplayDefer { server, until, .. } => format!("RESUBMITDEFER {} {until}", self.name(*server)),
            What::ReplayFail { server, .. } => format!("RESUBMITFAIL {}", self.name(*server)),
            What::ReplayBroadcast { primary, since, to, .. } => {
                format!("BROADCAST {} {since} {to}", self.name(*primary))
            }
            What::Silent {
                server, copy, cause, ..
            } => format!("SILENT {} {} {}", self.name(*server), number(copy), cause.code()),
            What::Fail {
                server, copy, cause, ..
            } => format!("FAIL {} {} {}", self.name(*server), number(copy), cause.code()),
            What::Delayed { server, copy, .. } => format!("LATE {} {}", self.name(*server), number(copy)),
            What::Mounted { store, server } => format!("MOUNTED {} {}", self.store(*store), self.name(*server)),
            What::LogLost { store, since } => format!("LOGLOST {} {since}", self.store(*store)),
            What::QueuesLost { server } => format!("QUEUESLOST {}", self.name(*server)),
            _ => return None,
        })
    }

    /// All events about redundancy with their times.
    pub(super) fn told(&self) -> Vec<String> {
        let lines = self.trace.iter();
        lines
            .filter_map(|event| Some(format!("{} {}", event.at, self.line(&event.what)?)))
            .collect()
    }

    /// Those that begin with one of some words.
    pub(super) fn only(&self, words: &[&str]) -> Vec<String> {
        let first = |line: &String| {
            let word = line.split(' ').nth(1).unwrap_or_default().to_owned();
            words.contains(&word.as_str())
        };
        self.told().into_iter().filter(first).collect()
    }

    /// What became of each message for each recipient: name, fate, time, copies that are seen.
    pub(super) fn fates(&self) -> Vec<(String, FateKind, String, u32)> {
        let told = |fate: &bridgehead::sim::Fate| {
            (
                self.people(&[fate.recipient]),
                fate.kind,
                fate.at.to_string(),
                fate.copies,
            )
        };
        self.0.fates().iter().map(told).collect()
    }
}

pub(super) const REJECT: &str = "reject_message_on_shadow_failure: true";

/// The words of the making of a shadow.
const MAKING: [&str; 10] = [
    "RECEIVE",
    "HARECEIVE",
    "HAREDIRECT",
    "HAREDIRECTFAIL",
    "250",
    "451",
    "ABANDON",
    "SUBMIT",
    "SENDER",
    "SEND",
];

pub(super) fn made(ran: &Ran) -> Vec<String> {
    ran.only(&MAKING)
}
