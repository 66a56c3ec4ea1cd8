//! A checker sees what is wrong: for every invariant a trace by hand that violates it, and traces that do not.

mod in_time;
mod invariants;
mod partners;

use bridgehead::delivery::DeliveryGroup;
use bridgehead::linkstate::Timers;
use bridgehead::model::{
    Cut, DatabaseIdx, Generation, MessageIdx, Node, Peer, PeerIdx, Place, ScenarioEventKind as Kind, ServerIdx,
    SimTime, TransportDatabase,
};
use bridgehead::route::Options;
use bridgehead::sim::{
    Actor, Checker, CopyIdx, DupId, Hop, Invariant, LossId, Promotion, RecipientIdx, Recipients, Resubmission, Return,
    Run, Safe, Side, Sink, Stage, Store, TraceEvent, What,
};

use super::support::Play;

/// Two sites of 2007.
const OLD: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "H0", version: Exchange2007Sp1, site: "A"), (name: "H1", version: Exchange2007Sp1, site: "B")],
    databases: [(name: "DB", server: "H1")],
    mailboxes: [(address: "ann@x.example", server: "H0"), (address: "bob@x.example", database: "DB")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// The same of 2010.
fn ten() -> String {
    OLD.replace("Exchange2007Sp1", "Exchange2010Sp2")
}

/// Two servers of 2013 in a site and one in another.
const NEW: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "H0", version: Exchange2013, site: "A"), (name: "H1", version: Exchange2013, site: "A"),
        (name: "H2", version: Exchange2013, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "H0"), (address: "bob@x.example", server: "H1")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// The only message there is.
fn m() -> MessageIdx {
    MessageIdx::from_usize(0)
}

fn server(at: usize) -> ServerIdx {
    ServerIdx::from_usize(at)
}

fn copy(at: usize) -> CopyIdx {
    CopyIdx::from_usize(at)
}

/// The only recipient there is.
fn bob() -> Recipients {
    [RecipientIdx::from_usize(0)].into_iter().collect()
}

fn peer() -> Actor {
    Actor::Peer(PeerIdx::from_usize(0))
}

/// A trace in the making, at an instant.
struct Tale {
    play: Play,
    at: SimTime,
    trace: Vec<TraceEvent>,
}

impl Tale {
    /// Ann writes to Bob.
    fn mail(topology: &str) -> Tale {
        Tale::of(Play::new(topology).mail(0, "ann@x.example", &["bob@x.example"]))
    }

    /// Somebody outside writes to Bob.
    fn inbound(topology: &str) -> Tale {
        let mut play = Play::new(topology);
        play.scenario.peers.push(Peer {
            name: bridgehead::model::Name::new("relay.example"),
            shadow: false,
            ack_timeout: None,
            span: Default::default(),
        });
        Tale::of(play.mail_from_peer(0, "zoe@far.example", &["bob@x.example"], PeerIdx::from_usize(0), "H0"))
    }

    fn of(play: Play) -> Tale {
        Tale {
            play,
            at: SimTime::ZERO,
            trace: Vec::new(),
        }
    }

    /// What follows happens so many seconds after the beginning.
    fn at(mut self, seconds: u64) -> Tale {
        self.at = SimTime::from_secs(seconds);
        self
    }

    fn tell(mut self, what: What) -> Tale {
        self.trace.push(TraceEvent { at: self.at, what });
        self
    }

    fn fault(mut self, kind: Kind) -> Tale {
        let position = u32::try_from(self.play.scenario.events.len()).expect("few");
        self.play = self.play.event(self.at.ms() / 1000, kind);
        self.tell(What::Scenario(position))
    }

    fn receive(self, at: usize, new: usize, from: Actor, headers: u32) -> Tale {
        self.tell(What::Receive {
            server: server(at),
            copy: copy(new),
            message: m(),
            recipients: bob(),
            from,
            headers,
        })
    }

    fn transfer(self, at: usize, of: usize, hop: Hop) -> Tale {
        self.tell(What::Transfer {
            server: server(at),
            copy: copy(of),
            recipients: bob(),
            hop,
        })
    }

    fn send(self, at: usize, of: usize, to: Actor) -> Tale {
        self.tell(What::Send {
            server: server(at),
            copy: copy(of),
            recipients: bob(),
            to,
            connector: None,
        })
    }

    fn in_mailbox(self, of: usize, store: Store) -> Tale {
        self.tell(What::InMailbox {
            store,
            copy: copy(of),
            message: m(),
            recipient: RecipientIdx::from_usize(0),
        })
    }

    fn deliver(self, at: usize, of: usize) -> Tale {
        self.tell(What::Deliver {
            server: server(at),
            copy: copy(of),
            recipient: RecipientIdx::from_usize(0),
        })
    }

    fn defer(self, at: usize, failures: u32, until: u64) -> Tale {
        self.tell(What::Defer {
            server: server(at),
            hop: WAY,
            failures,
            until: SimTime::from_secs(until),
        })
    }

    fn fail(self, at: usize, of: usize) -> Tale {
        self.tell(What::Fail {
            server: server(at),
            copy: copy(of),
            message: m(),
            recipients: bob(),
            cause: Return::Expired,
        })
    }

    fn acknowledge(self, at: usize) -> Tale {
        self.tell(What::Acknowledge {
            server: server(at),
            to: peer(),
            message: m(),
        })
    }

    fn discard_queued(self, at: usize, of: usize, holder: usize) -> Tale {
        self.tell(What::DiscardQueued {
            server: server(at),
            copy: copy(of),
            holder: Actor::Server(server(holder)),
        })
    }

    fn discard(self, at: usize, of: usize, primary: usize) -> Tale {
        self.tell(What::HaDiscard {
            server: server(at),
            copy: copy(of),
            primary: Actor::Server(server(primary)),
            recipients: bob(),
        })
    }

    fn promote(self, at: usize, of: usize, primary: usize, why: Promotion) -> Tale {
        self.tell(What::Promote {
            server: server(at),
            copy: copy(of),
            primary: Actor::Server(server(primary)),
            recipients: bob(),
            why,
        })
    }

    /// A 2013 server shadows a copy of another, which knows it.
    fn shadowed(self, at: usize, new: usize, primary: usize, of: usize) -> Tale {
        self.tell(What::HaReceive {
            server: server(at),
            copy: copy(new),
            message: m(),
            recipients: bob(),
            primary: server(primary),
            of: copy(of),
        })
        .tell(What::HaRedirect {
            server: server(primary),
            copy: copy(of),
            shadow_server: server(at),
            shadow: copy(new),
        })
    }

    /// In Ann's Outbox and pulled from there by H0.
    fn pulled(self) -> Tale {
        let ann = Store::Server(server(0));
        self.tell(What::Stored {
            message: m(),
            store: ann,
        })
        .receive(0, 0, Actor::Server(server(0)), 1)
        .transfer(0, 0, WAY)
    }

    /// Time passes.
    fn quiet(self) -> Tale {
        let (place, other) = (Place::Server(server(0)), None);
        self.fault(Kind::SessionCut { place, other })
    }

    fn submit(self) -> Tale {
        let store = Store::Server(server(0));
        self.tell(What::Submit { store, message: m() })
    }

    /// What a checker finds, each invariant once, and what it calls lost and double.
    fn judged(self, over: bool) -> (Vec<Invariant>, Vec<LossId>, Vec<DupId>) {
        let stage = Stage::new(self.play.org, self.play.scenario, Options::default(), Timers::default());
        let mut checker = Checker::new(&stage);
        for event in &self.trace {
            checker.take(event);
        }
        checker.finish(&Run {
            ended_at: self.at,
            events: 0,
            limit_hit: false,
            over,
        });
        let mut found: Vec<Invariant> = checker
            .violations()
            .iter()
            .map(|violation| violation.invariant)
            .collect();
        found.sort_unstable();
        found.dedup();
        let losses = checker.losses().iter().map(|loss| loss.id).collect();
        (
            found,
            losses,
            checker.duplicates().iter().map(|duplicate| duplicate.id).collect(),
        )
    }

    fn violates(self, expected: &[Invariant]) {
        assert_eq!(self.judged(false).0, expected);
    }

    fn finds_nothing(self) {
        assert_eq!(self.judged(true), (vec![], vec![], vec![]));
    }
}

/// The queue that H0 has for Bob's server.
const WAY: Hop = Hop::Unreachable;

fn db() -> Store {
    Store::Database(DatabaseIdx::from_usize(0))
}

/// H1 has taken what H0 had, and H0 knows.
fn relayed(topology: &str) -> Tale {
    Tale::mail(topology)
        .pulled()
        .submit()
        .at(1)
        .receive(1, 1, Actor::Server(server(0)), 2)
        .send(0, 0, Actor::Server(server(1)))
}

/// H0 of 2013 has taken a message from outside, and H1 shadows it.
fn protected() -> Tale {
    Tale::inbound(NEW)
        .receive(0, 0, peer(), 1)
        .shadowed(1, 1, 0, 0)
        .acknowledge(0)
}

/// Two servers of a DAG of 2010 or 2013, and a third of it in B. The database is active on the first.
fn dag(version: &str) -> String {
    let text = r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
        servers: [(name: "H0", version: VERSION, site: "A", dag: "D"), (name: "H1", version: VERSION, site: "A", dag: "D"),
            (name: "H2", version: VERSION, site: "B", dag: "D")],
        dags: [(name: "D")],
        databases: [(name: "DB", dag: "D", active_on: "H0", copies: [(server: "H0"), (server: "H1")])],
        mailboxes: [(address: "ann@x.example", database: "DB"), (address: "bob@x.example", database: "DB")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    text.replace("VERSION", version)
}

fn asked(tale: Tale, notifications: u32) -> Tale {
    tale.tell(What::Heartbeat {
        holder: server(1),
        primary: Actor::Server(server(0)),
        outbox: None,
        notifications,
    })
}

/// What H1 shadows is delivered, and that is to be told.
fn to_be_told() -> Tale {
    let delivered = protected().at(1).in_mailbox(0, Store::Server(server(1)));
    delivered.deliver(0, 0).discard_queued(0, 0, 1)
}
