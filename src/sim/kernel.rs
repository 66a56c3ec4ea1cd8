//! The loop: the next event is taken, and what follows from it is put down.
//!
//! Each `impl Kernel` in the files beside this one is one part of what servers do. What belongs to one server is changed only
//! while an event at that server is handled; another server learns of it by an event of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use oxc_index::IndexVec;
use slotmap::SlotMap;

use super::agenda::{Agenda, Class};
use super::configuration::Configuration;
use super::legacy::Legacy;
use super::network::{self, Clock, Hosts, Network};
use super::router::{Asker, Router, Split};
use super::sink::Sink;
use super::state::{Life, SenderState, Server, StoreState, Transfer, TransferKey};
use super::trace::{Actor, CopyIdx, Hop, Recipients, Resubmission, Store, TraceEvent, What};
use super::{Bounds, Cut, Run, Stage};
use crate::linkstate::Propagation;
use crate::model::{
    Address, ConnectorRef, Message, MessageIdx, MessageType, Organization, PeerIdx, Priority, ScenarioEventKind,
    ServerIdx, SimTime, TransportDatabase, WeekMinute,
};

/// What is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A sender tries to hand its message over.
    Enter(MessageIdx),
    /// A mailbox server looks for a server that takes an item from an Outbox.
    Submit(Store, MessageIdx),
    /// The receiver has the whole message.
    Arrive(TransferKey),
    /// The sender learns that it was taken.
    Reply(TransferKey),
    /// An event of the scenario.
    Scenario(u32),
    /// A server that was stopped to see what happens comes back.
    Return(ServerIdx, TransportDatabase),
    /// A queue in Retry is tried again.
    Attempt(ServerIdx, Hop, u32),
    /// Something in a queue is told late, returned, or routed anew.
    Deadline(ServerIdx, Hop, u32),
    /// A sender of a session with a server that does nothing gives up.
    Idle(TransferKey),
    /// A database comes up on a server.
    Mount(Store, ServerIdx, u32),
    /// Something happens in link state.
    LinkState,
    /// Windows of connectors open or close.
    Hours,
    /// What shadow redundancy of 2010 has put down.
    Shadow2010(super::shadow_2010::Event),
    /// What shadow redundancy of 2013 and Safety Net have put down.
    Shadow2013(super::shadow_2013::Event),
}

/// A run.
pub(super) struct Kernel<'a> {
    pub(super) stage: &'a Stage,
    sink: &'a mut dyn Sink,
    pub(super) now: SimTime,
    agenda: Agenda<Event>,
    /// As it is, the last one, and as it was: legacy groups learn late.
    configurations: Vec<Arc<Configuration>>,
    router: Router,
    pub(super) network: Network,
    clock: Clock,
    /// Who the smart hosts of connectors are, as they are configured.
    pub(super) hosts: Hosts,
    pub(super) servers: IndexVec<ServerIdx, Server>,
    pub(super) stores: BTreeMap<Store, StoreState>,
    pub(super) transfers: SlotMap<TransferKey, Transfer>,
    pub(super) senders: IndexVec<MessageIdx, SenderState>,
    /// Connectors that do not reach what they lead to.
    pub(super) broken: BTreeSet<ConnectorRef>,
    pub(super) legacy: Option<Legacy<'a>>,
    nothing_down: Rc<[ConnectorRef]>,
    /// What waits for a paused server.
    pub(super) put_off: BTreeMap<ServerIdx, Vec<Event>>,
    messages: Messages,
    copies: u32,
    /// Senders that hold a message that nobody has taken.
    pub(super) open_senders: usize,
    /// Items in Outboxes that nobody has taken.
    pub(super) open_outbox: usize,
    /// Copies in queue databases.
    pub(super) open_items: usize,
    /// Shadows in shadow queues, and with systems outside.
    pub(super) open_shadows: usize,
    /// What Active Manager still asks Safety Nets for.
    pub(super) requests: super::shadow_2013::Requests,
    /// Transport services by how far they are, for submissions.
    pub(super) nearest: super::shadow_2013::Nearest,
    /// Mounts that are planned, and deliveries that databases have asked for.
    pub(super) open_moves: usize,
    /// What systems outside that speak XSHADOW keep.
    pub(super) outside_2010: BTreeMap<PeerIdx, super::shadow_2010::Outside>,
    /// Events of the scenario and messages that are still to come.
    pub(super) to_come: usize,
    events: u64,
}

/// What routers look at in each message of the scenario, and which messages are alike.
struct Messages {
    properties: IndexVec<MessageIdx, Message>,
    classes: IndexVec<MessageIdx, u32>,
    /// Whether the hour of the week matters.
    hours: bool,
}

impl Messages {
    fn new(stage: &Stage) -> Messages {
        let mut alike: HashMap<(Option<u64>, Address, Priority, MessageType), u32> = HashMap::new();
        let mut properties = IndexVec::new();
        let mut classes = IndexVec::new();
        for submission in &stage.scenario.messages {
            let message = Message {
                size: submission.size,
                sender: Some(submission.from.clone()),
                priority: submission.priority,
                message_type: submission.message_type,
                at: None,
            };
            let next = u32::try_from(alike.len()).expect("messages are counted in 32 bits");
            let key = (
                submission.size,
                submission.from.clone(),
                submission.priority,
                submission.message_type,
            );
            classes.push(*alike.entry(key).or_insert(next));
            properties.push(message);
        }
        Messages {
            properties,
            classes,
            hours: stage.scenario.settings.start.is_some() && !stage.boundaries.is_empty(),
        }
    }
}

impl<'a> Kernel<'a> {
    pub(super) fn new(stage: &'a Stage, sink: &'a mut dyn Sink) -> Kernel<'a> {
        let org = &stage.org;
        let mut kernel = Kernel {
            clock: Clock::new(&stage.scenario),
            hosts: network::hosts(&stage.scenario, org),
            network: Network::new(org),
            now: SimTime::ZERO,
            agenda: Agenda::default(),
            configurations: vec![Arc::clone(&stage.base)],
            router: Router::default(),
            servers: org.servers().iter().map(|_| Server::default()).collect(),
            stores: super::stores::at_first(org),
            transfers: SlotMap::with_key(),
            senders: stage.scenario.messages.iter().map(|_| SenderState::default()).collect(),
            broken: BTreeSet::new(),
            legacy: None,
            nothing_down: Rc::default(),
            put_off: BTreeMap::new(),
            messages: Messages::new(stage),
            copies: 0,
            open_senders: 0,
            open_outbox: 0,
            open_items: 0,
            open_shadows: 0,
            requests: super::shadow_2013::Requests::default(),
            nearest: super::shadow_2013::Nearest::default(),
            open_moves: 0,
            outside_2010: BTreeMap::new(),
            to_come: stage.scenario.messages.len() + stage.scenario.events.len(),
            events: 0,
            stage,
            sink,
        };
        if !org.routing_groups().is_empty() {
            let propagation = Propagation::new(org, &stage.base.graphs.combined, stage.timers.clone());
            kernel.legacy = Some(Legacy::new(propagation, org.routing_groups().len()));
        }
        for (message, submission) in stage.scenario.messages.iter_enumerated() {
            kernel.put(submission.at, Class::Contact, Event::Enter(message));
        }
        for (position, event) in (0..).zip(&stage.scenario.events) {
            kernel.put(event.at, Class::Fault, Event::Scenario(position));
        }
        kernel.plan_hours();
        kernel
    }

    /// Goes on until nothing is left to happen, or a bound is reached.
    pub(super) fn run(mut self, cuts: &[Cut], bounds: &Bounds) -> Run {
        let until = SimTime::ZERO + self.stage.scenario.settings.until;
        let mut limit_hit = false;
        let mut cuts = cuts.iter().peekable();
        self.to_come += cuts.len();
        while let Some(at) = self.agenda.next_at() {
            while let Some(cut) = cuts.next_if(|cut| cut.after <= self.events) {
                self.cut(cut);
            }
            if self.is_over() || at > until {
                break;
            }
            if self.events >= bounds.events_max {
                limit_hit = true;
                break;
            }
            let (at, event) = self.agenda.pop().expect("it was looked at");
            self.now = at;
            self.events += 1;
            self.handle(event);
        }
        Run {
            ended_at: self.now,
            events: self.events,
            limit_hit,
            over: self.is_over(),
        }
    }

    /// Whether nothing can happen any more that anybody would ask for.
    fn is_over(&self) -> bool {
        self.to_come == 0
            && self.transfers.is_empty()
            && self.put_off.values().all(Vec::is_empty)
            && self.requests.is_empty()
            && self.open_senders + self.open_outbox + self.open_items + self.open_shadows + self.open_moves == 0
    }

    fn handle(&mut self, event: Event) {
        if let Some(server) = self.acts_at(&event)
            && self.servers[server].life == Life::Paused
        {
            return self.put_off.entry(server).or_default().push(event);
        }
        match event {
            Event::Enter(message) => self.enter(message),
            Event::Submit(store, message) => self.submit_again(store, message),
            Event::Arrive(transfer) => self.arrive(transfer),
            Event::Reply(transfer) => self.reply(transfer),
            Event::Scenario(position) => self.scenario_event(position),
            Event::Return(server, database) => self.strike(&ScenarioEventKind::ServerUp(server, database)),
            Event::Attempt(server, hop, epoch) => self.attempt(server, hop, epoch),
            Event::Deadline(server, hop, epoch) => self.deadline(server, hop, epoch),
            Event::Idle(transfer) => self.give_up(transfer),
            Event::Mount(store, server, epoch) => {
                self.open_moves -= 1;
                self.mount(store, server, epoch);
            }
            Event::LinkState => {
                if let Some(legacy) = &mut self.legacy {
                    legacy.arrived();
                }
                self.link_state_moves();
            }
            Event::Hours => self.hours_change(),
            Event::Shadow2010(event) => self.shadow_2010(event),
            Event::Shadow2013(event) => self.shadow_2013(event),
        }
        self.plan_link_state();
    }

    /// The server that has to work for an event to be handled.
    fn acts_at(&self, event: &Event) -> Option<ServerIdx> {
        let of = network::server_of;
        match event {
            Event::Arrive(transfer) => of(self.transfers.get(*transfer)?.to),
            Event::Reply(transfer) => of(self.transfers.get(*transfer)?.from),
            Event::Attempt(server, ..) | Event::Deadline(server, ..) => Some(*server),
            Event::Submit(store, _) => self.stores.get(store)?.mounted_on,
            Event::Shadow2013(event) => event.acts_at(),
            Event::Shadow2010(event) => of(event.acts_at()?),
            _ => None,
        }
    }

    /// Puts down that a database is mounted.
    pub(super) fn put_mount(&mut self, at: SimTime, store: Store, server: ServerIdx, epoch: u32) {
        self.open_moves += 1;
        self.put(at, Class::Timer, Event::Mount(store, server, epoch));
    }

    pub(super) fn put(&mut self, at: SimTime, class: Class, event: Event) {
        self.agenda.push(at.max(self.now), class, event);
    }

    pub(super) fn tell(&mut self, what: What) {
        self.sink.take(&TraceEvent { at: self.now, what });
    }

    pub(super) fn new_copy(&mut self) -> CopyIdx {
        let copy = CopyIdx::from_raw(self.copies);
        self.copies += 1;
        copy
    }

    /// When something handed over now has arrived.
    pub(super) fn arrival(&self, from: Actor, to: Actor) -> SimTime {
        self.clock.arrival(&self.network, self.now, from, to)
    }

    /// The organization as it is configured.
    pub(super) fn org(&self) -> &Organization {
        &self.configurations[self.configurations.len() - 1].org
    }

    pub(super) fn configuration_number(&self) -> usize {
        self.configurations.len() - 1
    }

    pub(super) fn configuration(&self) -> &Arc<Configuration> {
        &self.configurations[self.configurations.len() - 1]
    }

    /// The configuration becomes another one. `edits`: what legacy groups have to learn of it.
    pub(super) fn reconfigure(&mut self, new: Configuration, edits: &[crate::model::Edit]) {
        self.hosts = network::hosts(&self.stage.scenario, &new.org);
        self.configurations.push(Arc::new(new));
        self.router.clear();
        if let Some(legacy) = &mut self.legacy {
            legacy.reconfigure(self.now, edits);
        }
        self.link_state_moves();
    }

    /// The forks of some recipients of a message at a server.
    pub(super) fn split(&mut self, server: ServerIdx, message: MessageIdx, recipients: &Recipients) -> Rc<Split> {
        let group = self.stage.org.legacy_group(server);
        let known = group.and_then(|group| Some((self.legacy.as_ref()?, group)));
        let (number, down) = match known {
            Some((legacy, group)) => (legacy.configuration(group), Rc::clone(legacy.down(group))),
            None => (self.configurations.len() - 1, Rc::clone(&self.nothing_down)),
        };
        let mut properties = Cow::Borrowed(&self.messages.properties[message]);
        if self.messages.hours && group.is_some() {
            properties.to_mut().at = self.minute();
        }
        let configuration = Arc::clone(&self.configurations[number]);
        let asker = Asker {
            configuration: &configuration,
            number,
            options: self.stage.options,
            cast: &self.stage.cast,
            server,
            class: self.messages.classes[message],
            message: &properties,
            down: &down,
        };
        self.router.split(&asker, recipients)
    }

    /// The minute of the week that it is now.
    fn minute(&self) -> Option<WeekMinute> {
        let start = self.stage.scenario.settings.start?;
        let minutes = self.now.ms() / 60_000;
        let week = u64::try_from(WeekMinute::all().len()).expect("a week has few minutes");
        let index = (u64::try_from(start.index()).expect("a minute of the week") + minutes) % week;
        WeekMinute::all().nth(usize::try_from(index).expect("a minute of the week"))
    }

    /// Puts down when link state goes on, unless that is down already.
    fn plan_link_state(&mut self) {
        if let Some(at) = self.legacy.as_mut().and_then(Legacy::next_to_plan) {
            self.put(at, Class::Timer, Event::LinkState);
        }
    }

    fn plan_hours(&mut self) {
        if self.messages.hours
            && let Some(next) = self.stage.next_boundary(self.now)
        {
            self.put(next, Class::Timer, Event::Hours);
        }
    }

    /// Legacy servers look again at what waits: other connectors are open now.
    fn hours_change(&mut self) {
        self.route_all_anew(Resubmission::LinkState, |org, server| {
            org.legacy_group(server).is_some()
        });
        self.plan_hours();
    }
}
