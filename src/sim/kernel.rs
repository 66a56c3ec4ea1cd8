//! The loop: the next event is taken, and what follows from it is put down.
//!
//! Each `impl Kernel` in the files beside this one is one part of what servers do. What belongs to one server is changed only
//! while an event at that server is handled; another server learns of it by an event of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::Peekable;
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
    /// Messages whose senders have not begun, by instant.
    entering: Peekable<std::vec::IntoIter<MessageIdx>>,
    /// As it is.
    configuration: Arc<Configuration>,
    /// The number of that: how often it has changed.
    configured: usize,
    /// As it was, by number: legacy groups learn late.
    former: BTreeMap<usize, Arc<Configuration>>,
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

/// What routers look at in messages of the scenario, once for all that are alike, and which those are.
struct Messages {
    properties: Vec<Message>,
    classes: IndexVec<MessageIdx, u32>,
    /// Whether the hour of the week matters.
    hours: bool,
}

impl Messages {
    fn new(stage: &Stage) -> Messages {
        let mut alike: HashMap<(Option<u64>, Address, Priority, MessageType), u32> = HashMap::new();
        let mut properties = Vec::new();
        let mut classes = IndexVec::new();
        for submission in &stage.scenario.messages {
            let next = u32::try_from(alike.len()).expect("messages are counted in 32 bits");
            let key = (
                submission.size,
                submission.from.clone(),
                submission.priority,
                submission.message_type,
            );
            let class = *alike.entry(key).or_insert(next);
            classes.push(class);
            if class == next {
                properties.push(Message {
                    size: submission.size,
                    sender: Some(submission.from.clone()),
                    priority: submission.priority,
                    message_type: submission.message_type,
                    at: None,
                });
            }
        }
        Messages {
            properties,
            classes,
            hours: stage.scenario.settings.start.is_some() && !stage.boundaries.is_empty(),
        }
    }
}

/// The messages of the scenario by instant; of one instant in their order.
fn entering(stage: &Stage) -> Vec<MessageIdx> {
    let messages = &stage.scenario.messages;
    let mut all: Vec<MessageIdx> = messages.iter_enumerated().map(|(message, _)| message).collect();
    all.sort_by_key(|message| messages[*message].at);
    all
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
            entering: entering(stage).into_iter().peekable(),
            configuration: Arc::clone(&stage.base),
            configured: 0,
            former: BTreeMap::new(),
            router: Router::default(),
            servers: org.servers().iter().map(|_| Server::default()).collect(),
            stores: super::stores::at_first(org, &stage.scenario),
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
        while let Some(at) = self.next_at() {
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
            let (at, event) = self.next_event().expect("it was looked at");
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

    /// The message that enters before anything of the agenda happens: of one instant and class, messages come first.
    fn enters_next(&mut self) -> Option<(SimTime, MessageIdx)> {
        let message = *self.entering.peek()?;
        let at = self.stage.scenario.messages[message].at;
        let first = self.agenda.next().is_none_or(|next| (at, Class::Contact) <= next);
        first.then_some((at, message))
    }

    fn next_at(&mut self) -> Option<SimTime> {
        match self.enters_next() {
            Some((at, _)) => Some(at),
            None => self.agenda.next().map(|(at, _)| at),
        }
    }

    fn next_event(&mut self) -> Option<(SimTime, Event)> {
        if let Some((at, message)) = self.enters_next() {
            self.entering.next();
            self.agenda.reach(at);
            return Some((at, Event::Enter(message)));
        }
        self.agenda.pop()
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
        &self.configuration.org
    }

    pub(super) fn configuration(&self) -> &Arc<Configuration> {
        &self.configuration
    }

    /// The configuration becomes another one. `edits`: what legacy groups have to learn of it.
    pub(super) fn reconfigure(&mut self, new: Configuration, edits: &[crate::model::Edit]) {
        self.hosts = network::hosts(&self.stage.scenario, &new.org);
        let before = std::mem::replace(&mut self.configuration, Arc::new(new));
        self.former.insert(self.configured, before);
        self.configured += 1;
        self.router.clear();
        self.nearest.clear();
        if let Some(legacy) = &mut self.legacy {
            legacy.reconfigure(self.now, edits);
        }
        self.link_state_moves();
        // What nobody routes by any more is forgotten.
        let oldest = self.legacy.as_ref().and_then(Legacy::oldest_configuration);
        self.former = self.former.split_off(&oldest.unwrap_or(self.configured));
    }

    /// The forks of some recipients of a message at a server.
    pub(super) fn split(&mut self, server: ServerIdx, message: MessageIdx, recipients: &Recipients) -> Rc<Split> {
        let group = self.stage.org.legacy_group(server);
        let known = group.and_then(|group| Some((self.legacy.as_ref()?, group)));
        let (number, down) = match known {
            Some((legacy, group)) => (legacy.configuration(group), Rc::clone(legacy.down(group))),
            None => (self.configured, Rc::clone(&self.nothing_down)),
        };
        let class = self.messages.classes[message];
        let mut properties = Cow::Borrowed(&self.messages.properties[class as usize]);
        if self.messages.hours && group.is_some() {
            properties.to_mut().at = self.minute();
        }
        let configuration = self.former.get(&number).unwrap_or(&self.configuration);
        let asker = Asker {
            configuration,
            number,
            options: self.stage.options,
            cast: &self.stage.cast,
            server,
            class,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::linkstate::Timers;
    use crate::load::{Format, Limits, organization};
    use crate::model::{Entry, Name, NameOrder, Scenario, Submission};
    use crate::route::Options;

    /// How much a kernel holds of what has happened: every record in it shows itself with a bracket, in whatever field it is.
    fn held(kernel: &Kernel<'_>) -> usize {
        let all = (
            (&kernel.agenda, &kernel.transfers, &kernel.put_off, &kernel.requests),
            (&kernel.servers, &kernel.stores, &kernel.outside_2010, &kernel.broken),
        );
        let text = format!("{all:?}");
        let brackets = text.bytes().filter(|byte| matches!(byte, b'(' | b'{'));
        brackets.count() + kernel.former.len()
    }

    struct Nobody;

    impl Sink for Nobody {
        fn take(&mut self, _: &TraceEvent) {}
    }

    /// One message every ten minutes for months, and a database that moves every day.
    fn stream(version: &str, messages: u64) -> Stage {
        let text = r#"(sites: [(name: "A")],
            servers: [(name: "H1", version: VERSION, site: "A", dag: "D"), (name: "H2", version: VERSION, site: "A", dag: "D")],
            dags: [(name: "D")],
            databases: [(name: "DB", dag: "D", active_on: "H1", copies: [(server: "H1"), (server: "H2", replication_lag: "5s")])],
            mailboxes: [(address: "ann@x.example", database: "DB"), (address: "bob@x.example", database: "DB")])"#;
        let source = Source::new("stream.ron", text.replace("VERSION", version));
        let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).expect("a topology");
        let mailbox = org.mailbox(&Address::parse("ann@x.example")).expect("a mailbox");
        let minutes = |at: u64| SimTime::from_secs(60 * at);
        let message = |at: u64| Submission {
            id: Name::new(format!("m{at:06}")),
            at: minutes(10 * at),
            from: Address::parse("ann@x.example"),
            to: vec![Address::parse("bob@x.example")],
            size: None,
            priority: Default::default(),
            message_type: Default::default(),
            journal: false,
            entry: Entry::Mapi { mailbox },
            span: Default::default(),
        };
        let move_at = |day: u64| crate::model::ScenarioEvent {
            at: minutes(1440 * day + 3),
            what: ScenarioEventKind::Failover {
                database: crate::model::DatabaseIdx::from_usize(0),
                to: None,
                lost_log: std::time::Duration::from_secs(60),
            },
            span: Default::default(),
        };
        let settings = crate::model::Settings {
            until: std::time::Duration::from_secs(86_400 * 365),
            ..Default::default()
        };
        let scenario = Scenario {
            settings,
            messages: (0..messages).map(message).collect(),
            events: (1..messages / 144).map(move_at).collect(),
            ..Scenario::default()
        };
        Stage::new(org, scenario, Options::default(), Timers::default())
    }

    /// What is held after a third of a long stream is what is held in the end, while something still comes: one record more for
    /// each message would be two thousand.
    #[test]
    fn what_is_held_does_not_grow_with_what_has_happened() {
        for version in ["Exchange2010Sp2", "Exchange2013"] {
            let stage = stream(version, 6_000);
            let mut nobody = Nobody;
            let mut kernel = Kernel::new(&stage, &mut nobody);
            let mut most = [0; 3];
            let mut next = 0;
            while kernel.to_come > 0 {
                let (at, event) = kernel.next_event().expect("something is to come");
                kernel.now = at;
                kernel.handle(event);
                // At another hour of each day, and one a third of all days.
                if at.ms() / 1000 >= next {
                    next += 36_600;
                    let third = usize::try_from(at.ms() / 1000 * 3 / (6_000 * 600)).expect("few thirds");
                    let most = &mut most[third.min(2)];
                    *most = held(&kernel).max(*most);
                }
            }
            assert!(most[2] <= most[1] + 20, "{version}: {most:?}");
        }
    }

    /// Every event is moved through the agenda: what is large has to be behind a pointer.
    #[test]
    fn events_are_small() {
        assert_eq!(size_of::<Event>(), 40);
    }
}
