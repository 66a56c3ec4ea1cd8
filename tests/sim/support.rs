//! Runs of scenarios, and their traces as short lines.

use std::time::Duration;

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::Timers;
use bridgehead::load::{Format, Limits, organization};
use bridgehead::model::{
    Address, ConnectorRef, DatabaseIdx, Entry, FateKind, GroupIdx, Name, NameOrder, Organization, Peer, PeerIdx,
    Scenario, ScenarioEvent, ScenarioEventKind, ServerIdx, SimTime, SiteIdx, SiteLinkIdx, Submission,
};
use bridgehead::route::Options;
use bridgehead::sim::{
    Actor, Bounds, Fate, Fates, Hop, Observer, Recipients, Run, Sink, Stage, Store, TraceEvent, What,
};

/// The organization of a RON text.
pub(crate) fn org(text: &str) -> Organization {
    let source = Source::new("test.ron", text);
    organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).expect("a valid topology")
}

/// An organization, and what happens to it.
#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) org: Organization,
    pub(crate) scenario: Scenario,
}

/// A run that has ended.
pub(crate) struct Played {
    pub(crate) stage: Stage,
    pub(crate) trace: Vec<TraceEvent>,
    pub(crate) run: Run,
}

impl Play {
    pub(crate) fn new(topology: &str) -> Play {
        Play {
            org: org(topology),
            scenario: Scenario::default(),
        }
    }

    pub(crate) fn server(&self, name: &str) -> ServerIdx {
        self.org
            .server_by_name(&Name::new(name))
            .expect("a server of the topology")
    }

    pub(crate) fn site(&self, name: &str) -> SiteIdx {
        let found = self.org.sites().iter().position(|site| site.name == Name::new(name));
        SiteIdx::from_usize(found.expect("a site of the topology"))
    }

    pub(crate) fn link(&self, name: &str) -> SiteLinkIdx {
        let found = self
            .org
            .site_links()
            .iter()
            .position(|link| link.name == Name::new(name));
        SiteLinkIdx::from_usize(found.expect("a link of the topology"))
    }

    pub(crate) fn database(&self, name: &str) -> DatabaseIdx {
        let found = self
            .org
            .databases()
            .iter()
            .position(|database| database.name == Name::new(name));
        DatabaseIdx::from_usize(found.expect("a database of the topology"))
    }

    pub(crate) fn group(&self, address: &str) -> GroupIdx {
        self.org
            .group(&Address::parse(address))
            .expect("a group of the topology")
    }

    /// A connector of either kind.
    pub(crate) fn connector(&self, name: &str) -> ConnectorRef {
        let name = Name::new(name);
        let named = |connector: &ConnectorRef| match *connector {
            ConnectorRef::RoutingGroup(index) => self.org.routing_group_connectors()[index].name == name,
            ConnectorRef::External(index) => self.org.connectors()[index].name == name,
        };
        let found = self.org.connectors_of_both_kinds().into_iter().find(named);
        found.expect("a connector of the topology")
    }

    /// A message of a mailbox, after so many seconds.
    pub(crate) fn mail(self, at: u64, from: &str, to: &[&str]) -> Play {
        let mailbox = self
            .org
            .mailbox(&Address::parse(from))
            .expect("the sender has a mailbox");
        self.enters(at * 1000, from, to, Entry::Mapi { mailbox }, None)
    }

    /// A system outside.
    pub(crate) fn peer(mut self, peer: Peer) -> Play {
        self.scenario.peers.push(peer);
        self
    }

    /// A message from outside.
    pub(crate) fn mail_from_peer(self, at: u64, from: &str, to: &[&str], peer: PeerIdx, server: &str) -> Play {
        let server = self.server(server);
        let entry = Entry::Peer {
            peer,
            server,
            receive_connector: None,
        };
        self.enters(at * 1000, from, to, entry, None)
    }

    /// A message, after so many milliseconds.
    pub(crate) fn enters(mut self, at: u64, from: &str, to: &[&str], entry: Entry, size: Option<u64>) -> Play {
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

    /// Something happens after so many seconds. Events are given in the order of time.
    pub(crate) fn event(self, at: u64, what: ScenarioEventKind) -> Play {
        self.event_ms(at * 1000, what)
    }

    /// Something happens after so many milliseconds.
    pub(crate) fn event_ms(mut self, at: u64, what: ScenarioEventKind) -> Play {
        self.scenario.events.push(ScenarioEvent {
            at: SimTime::from_ms(at),
            what,
            span: Default::default(),
        });
        self
    }

    pub(crate) fn down(self, at: u64, server: &str) -> Play {
        let server = self.server(server);
        self.event(at, ScenarioEventKind::ServerDown(server))
    }

    pub(crate) fn up(self, at: u64, server: &str) -> Play {
        let server = self.server(server);
        self.event(at, ScenarioEventKind::ServerUp(server, Default::default()))
    }

    pub(crate) fn until(mut self, hours: u64) -> Play {
        self.scenario.settings.until = Duration::from_secs(hours * 3600);
        self
    }

    /// Lets it happen. Whatever a scene is about, its trace has to be one that the documents allow.
    pub(crate) fn run(self) -> Played {
        let stage = Stage::new(self.org, self.scenario, Options::default(), Timers::default());
        let mut told = (Vec::new(), Observer::new(&stage));
        let run = stage.run(&Bounds::default(), &mut told);
        let (trace, observer) = told;
        let violations = observer.end(run).violations;
        let violations: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        Played { stage, trace, run }
    }
}

impl Played {
    pub(crate) fn fates(&self) -> Vec<Fate> {
        let mut fates = Fates::new(&self.stage);
        self.trace.iter().for_each(|event| fates.take(event));
        fates.fates()
    }

    /// `m1 bob@x.example delivered 0:00:02` for each message and recipient.
    pub(crate) fn ends(&self) -> Vec<String> {
        let fates = self.fates();
        let line = |fate: &Fate| {
            let address = self.stage.cast().address(fate.recipient).value();
            let id = &self.stage.scenario().messages[fate.message].id;
            format!("{id} {address} {} {}", fate.kind.name(), fate.at)
        };
        fates.iter().map(line).collect()
    }

    /// The kind of the only fate.
    pub(crate) fn fate(&self) -> FateKind {
        let fates = self.fates();
        assert_eq!(fates.len(), 1, "{fates:?}");
        fates[0].kind
    }

    /// The trace as lines, without scenario events and queues that only pass mail on.
    pub(crate) fn story(&self) -> Vec<String> {
        self.trace.iter().filter_map(|event| self.line(event)).collect()
    }

    /// The lines that contain one of some words.
    pub(crate) fn lines(&self, words: &[&str]) -> Vec<String> {
        let mut story = self.story();
        story.retain(|line| words.iter().any(|word| line.contains(word)));
        story
    }

    pub(crate) fn name(&self, server: ServerIdx) -> &str {
        self.stage.org().servers()[server].name.as_str()
    }

    pub(crate) fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Server(server) => self.name(server).to_owned(),
            Actor::Peer(peer) => self.stage.scenario().peers[peer].name.to_string(),
            Actor::Client => "client".to_owned(),
            Actor::Outside => "outside".to_owned(),
        }
    }

    fn store(&self, store: Store) -> String {
        match store {
            Store::Database(database) => self.stage.org().databases()[database].name.to_string(),
            Store::Server(server) => format!("store {}", self.name(server)),
        }
    }

    fn people(&self, recipients: &Recipients) -> String {
        let local = |address: &Address| {
            let value = address.value().as_str();
            value.split('@').next().unwrap_or(value).to_owned()
        };
        let names: Vec<String> = recipients
            .iter()
            .map(|one| local(self.stage.cast().address(*one)))
            .collect();
        names.join(" ")
    }

    fn hop(&self, hop: Hop) -> String {
        let org = self.stage.org();
        match hop {
            Hop::Store(store) => self.store(store),
            Hop::Within(_) => "within".to_owned(),
            Hop::ConnectorSource(connector) => format!("source of {}", org.routing_group_connectors()[connector].name),
            Hop::Site(node, _) => org.node_name(node).to_string(),
            Hop::Group(connector) => org.routing_group_connectors()[connector].name.to_string(),
            Hop::Connector(connector) => org.connectors()[connector].name.to_string(),
            Hop::Unreachable => "Unreachable".to_owned(),
        }
    }

    fn line(&self, event: &TraceEvent) -> Option<String> {
        let text = match &event.what {
            What::Receive {
                server,
                recipients,
                from,
                ..
            } => {
                format!(
                    "RECEIVE {} from {} for {}",
                    self.name(*server),
                    self.actor(*from),
                    self.people(recipients)
                )
            }
            What::Send {
                server, recipients, to, ..
            } => {
                format!(
                    "SEND {} to {} for {}",
                    self.name(*server),
                    self.actor(*to),
                    self.people(recipients)
                )
            }
            What::Deliver { server, recipient, .. } => {
                format!(
                    "DELIVER {} to {}",
                    self.name(*server),
                    self.people(&Recipients::from_slice(&[*recipient]))
                )
            }
            What::DuplicateDeliver { server, recipient, .. } => {
                format!(
                    "DUPLICATE {} to {}",
                    self.name(*server),
                    self.people(&Recipients::from_slice(&[*recipient]))
                )
            }
            What::Defer {
                server,
                hop,
                failures,
                until,
            } => {
                format!(
                    "DEFER {} {} {failures} until {until}",
                    self.name(*server),
                    self.hop(*hop)
                )
            }
            What::Resubmit { server, hop, why } => {
                let hop = hop.map_or("all".to_owned(), |hop| self.hop(hop));
                format!("RESUBMIT {} {hop} {why:?}", self.name(*server))
            }
            What::Delayed { server, recipients, .. } => {
                format!("DELAYED {} {}", self.name(*server), self.people(recipients))
            }
            What::Fail {
                server,
                recipients,
                cause,
                ..
            } => {
                format!(
                    "FAIL {} {} {}",
                    self.name(*server),
                    self.people(recipients),
                    cause.code()
                )
            }
            What::Expand { server, recipients, .. } => {
                format!("EXPAND {} {}", self.name(*server), self.people(recipients))
            }
            What::Transfer {
                server,
                recipients,
                hop: Hop::Unreachable,
                ..
            } => {
                format!("UNREACHABLE {} {}", self.name(*server), self.people(recipients))
            }
            What::Mounted { store, server } => format!("MOUNTED {} on {}", self.store(*store), self.name(*server)),
            What::LogLost { store, since } => format!("LOGLOST {} since {since}", self.store(*store)),
            What::QueuesLost { server } => format!("QUEUESLOST {}", self.name(*server)),
            What::SubmitDefer { server, until, .. } => format!("SUBMITDEFER {} until {until}", self.name(*server)),
            What::SenderWaits { from, until, .. } => format!("WAITS {} until {until}", self.actor(*from)),
            What::Believes { group, down } => {
                let org = self.stage.org();
                format!("BELIEVES {} {}", org.routing_groups()[*group].name, down.len())
            }
            _ => return None,
        };
        Some(format!("{} {text}", event.at))
    }
}
