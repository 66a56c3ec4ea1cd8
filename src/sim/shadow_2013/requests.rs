//! Who asks Safety Nets for mail (X13): Active Manager, when a database comes up on another server than before.
//!
//! It asks the primary Safety Net of every server of the boundary. One that does not answer is asked for twelve hours, and then
//! everybody else for its shadows (X15), while it is asked on like them (N85); one whose queue database is new gives what it has,
//! and has the others asked for the rest at once (X17). What Active Manager asks for is kept by the cluster: no server takes it
//! along when it stops (N47).

use std::collections::BTreeMap;

use super::super::agenda::{Class, some_time};
use super::super::kernel::Kernel;
use super::super::trace::{Actor, Safe, Store, What};
use super::Event;
use super::safety_net::Kept;
use crate::model::{ServerIdx, SimTime};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Request {
    /// The database that asks.
    pub(super) store: Store,
    /// Who is asked.
    pub(super) server: ServerIdx,
    /// Whose mail is asked for: its own, or that of another one whose shadows it has.
    primary: ServerIdx,
    /// The interval.
    since: SimTime,
    to: SimTime,
    /// When asking began.
    asked_at: SimTime,
    /// Everybody else has been asked for shadows of it.
    broadcast: bool,
}

/// What Active Manager has not had an answer to.
#[derive(Debug, Default)]
pub(in crate::sim) struct Requests {
    open: BTreeMap<u32, Request>,
    /// Answers that are under way.
    answers: usize,
    /// The number of the next one.
    next: u32,
}

impl Requests {
    pub(in crate::sim) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.answers == 0
    }
}

impl Request {
    /// Whether it is about mail that has stayed inside and was handed on in its interval.
    pub(super) fn is_about(&self, kept: &Kept) -> bool {
        let safe = match self.primary == self.server {
            true => Safe::PrimarySafetyNet,
            false => Safe::ShadowSafetyNet,
        };
        let in_time = kept.time.0 <= self.to && kept.time.1 >= self.since;
        kept.safe == safe && kept.primary == self.primary && !kept.left && in_time
    }
}

impl Kernel<'_> {
    pub(in crate::sim) fn redeliver_2013(&mut self, store: Store, to: ServerIdx) {
        let Some(state) = self.stores.get(&store) else { return };
        if !self.is_transport_2013(to) {
            return;
        }
        // M13.
        let lead = u64::try_from(self.stage.scenario.settings.safety_net_lead.as_millis()).unwrap_or(u64::MAX);
        let since = SimTime::from_ms(state.complete_until.ms().saturating_sub(lead));
        for server in self.boundary(to) {
            self.open_request(Request {
                store,
                server,
                primary: server,
                since,
                to: self.now,
                asked_at: self.now,
                broadcast: false,
            });
        }
    }

    fn open_request(&mut self, request: Request) {
        let number = self.requests.next;
        self.requests.next += 1;
        self.requests.open.insert(number, request);
        self.put_2013(self.now, Class::Contact, Event::Ask(number));
    }

    /// Active Manager asks, by the server where the database is mounted.
    pub(super) fn ask_safety_net(&mut self, number: u32) {
        let Some(request) = self.requests.open.get(&number).copied() else {
            return;
        };
        let asker = self.stores.get(&request.store).and_then(|state| state.mounted_on);
        let answers = |asker: ServerIdx| {
            let (asker, asked) = (Actor::Server(asker), Actor::Server(request.server));
            self.answers(asker, asker) && self.answers(asker, asked)
        };
        if asker.is_some_and(answers) {
            self.requests.open.remove(&number);
            return self.asked_for_kept(request);
        }
        let settings = &self.stage.scenario.settings;
        let alone = request.primary == request.server && !request.broadcast;
        // Nothing that is kept outlives the hold time.
        let patience = if alone {
            settings.safety_net_broadcast_after
        } else {
            self.safety_net_hold_time()
        };
        let end = request.asked_at + patience;
        if self.now < end {
            let wait = some_time(settings.safety_net_retry_interval);
            let until = (self.now + wait).min(end);
            self.tell(What::ReplayDefer {
                store: request.store,
                server: request.server,
                until,
            });
            return self.put_2013(until, Class::Timer, Event::Ask(number));
        }
        self.requests.open.remove(&number);
        match alone {
            true => {
                self.ask_everybody_else(request, request.to);
                // N85: everybody is asked, and the server itself among them.
                self.open_request(Request {
                    broadcast: true,
                    ..request
                });
            }
            false => self.tell(What::ReplayFail {
                store: request.store,
                server: request.server,
            }),
        }
    }

    /// A server that answers gives what it has, and knows what it cannot have: what is older than its queue database (X17).
    fn asked_for_kept(&mut self, request: Request) {
        let made_at = self.servers[request.server].shadow_2013.disk.made_at;
        self.requests.answers += 1;
        self.put_2013(self.now, Class::Contact, Event::Replay(Box::new(request)));
        if request.primary == request.server && !request.broadcast && request.since < made_at {
            self.ask_everybody_else(request, request.to.min(made_at));
        }
    }

    /// A server does what it was asked for; one that has stopped meanwhile is asked again.
    pub(super) fn answer_request(&mut self, request: Request) {
        self.requests.answers -= 1;
        match self.works(request.server) {
            true => self.replay(&request),
            false => self.open_request(request),
        }
    }

    /// X15: the shadows of what a primary Safety Net should have had are asked for, of everybody who may have them.
    fn ask_everybody_else(&mut self, request: Request, to: SimTime) {
        let Request {
            store, primary, since, ..
        } = request;
        self.tell(What::ReplayBroadcast {
            store,
            primary,
            since,
            to,
        });
        let others = self.boundary(primary).into_iter().filter(|other| *other != primary);
        for server in others {
            self.open_request(Request {
                server,
                to,
                asked_at: self.now,
                ..request
            });
        }
    }
}
