//! A checker sees what is wrong: for every invariant a trace by hand that violates it, and traces that do not.

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

#[test]
fn mail_that_arrives_violates_nothing() {
    relayed(OLD)
        .transfer(1, 1, Hop::Store(db()))
        .in_mailbox(1, db())
        .deliver(1, 1)
        .finds_nothing();
    let bob = Store::Server(server(1));
    protected()
        .at(1)
        .in_mailbox(0, bob)
        .deliver(0, 0)
        .discard_queued(0, 0, 1)
        .at(120)
        .discard(1, 1, 0)
        .finds_nothing();
}

#[test]
fn mail_that_waits_in_time_violates_nothing() {
    Tale::mail(OLD)
        .pulled()
        .submit()
        .defer(0, 1, 60)
        .at(60)
        .defer(0, 2, 120)
        .at(120)
        .receive(1, 1, Actor::Server(server(0)), 2)
        .send(0, 0, Actor::Server(server(1)))
        .in_mailbox(1, db())
        .deliver(1, 1)
        .finds_nothing();
}

#[test]
fn a_shadow_of_2010_takes_over_in_time() {
    let missed = |tale: Tale, misses: u32| {
        tale.at(10 + u64::from(misses) * 900).tell(What::HeartbeatMissed {
            holder: server(0),
            primary: Actor::Server(server(1)),
            outbox: None,
            misses,
        })
    };
    let shadow = What::Shadow {
        server: server(0),
        copy: copy(0),
        primary: Actor::Server(server(1)),
        recipients: bob(),
    };
    let pulled = |tale: Tale| tale.pulled().at(1).receive(1, 1, Actor::Server(server(0)), 2);
    let handed = pulled(Tale::mail(&ten()))
        .send(0, 0, Actor::Server(server(1)))
        .tell(shadow)
        .submit();
    let down = handed.at(2).fault(Kind::ServerDown(server(1)));
    let silent = (1..=12).fold(down, missed);
    let (found, losses, _) = silent.promote(0, 0, 1, Promotion::Silence).judged(false);
    assert_eq!((found, losses), (vec![], vec![]));
}

#[test]
fn i1_a_loss_that_nothing_explains() {
    // H1 speaks XSHADOW, and still H0 keeps no shadow.
    let tale = Tale::mail(&ten())
        .pulled()
        .at(1)
        .receive(1, 1, Actor::Server(server(0)), 2);
    let tale = tale.send(0, 0, Actor::Server(server(1))).submit();
    tale.at(2)
        .fault(Kind::Destroy(server(1)))
        .violates(&[Invariant::I1, Invariant::I9]);
}

#[test]
fn a_loss_of_2007_is_explained() {
    let (found, losses, _) = relayed(OLD).at(2).fault(Kind::Destroy(server(1))).judged(false);
    assert_eq!((found, losses), (vec![], vec![LossId::L07_1]));
}

#[test]
fn losses_of_2010_by_timeout_and_without_delay_are_told_apart() {
    let lost = |tale: Tale| tale.at(40).fault(Kind::Destroy(server(0))).judged(false);
    let delayed = |seconds| What::AckDelayed {
        server: server(0),
        copy: copy(0),
        until: SimTime::from_secs(seconds),
    };
    let due = What::AckDue {
        server: server(0),
        copy: copy(0),
        verified: false,
    };
    let timeout = Tale::inbound(&ten())
        .receive(0, 0, peer(), 1)
        .tell(delayed(30))
        .at(30)
        .tell(due)
        .acknowledge(0);
    assert_eq!(lost(timeout), (vec![], vec![LossId::L10_3], vec![]));
    // Before the acknowledgement nothing is lost: the sender still has it.
    let early = Tale::inbound(&ten()).receive(0, 0, peer(), 1).tell(delayed(30)).at(20);
    assert_eq!(
        early.fault(Kind::Destroy(server(0))).judged(false),
        (vec![], vec![], vec![])
    );
}

#[test]
fn i2_one_server_of_2013_loses_mail() {
    let expired = What::ShadowExpired {
        server: server(1),
        copy: copy(1),
        recipients: bob(),
    };
    let tale = protected().at(4 * DAY).tell(expired);
    let (found, ..) = tale.fault(Kind::Destroy(server(0))).judged(false);
    assert!(found.contains(&Invariant::I2), "{found:?}");
}

#[test]
fn losses_of_2013_need_two_servers() {
    let first = |tale: Tale| tale.at(10).fault(Kind::Destroy(server(0)));
    let both = |seconds| {
        first(protected())
            .at(seconds)
            .fault(Kind::Destroy(server(1)))
            .judged(false)
    };
    assert_eq!(both(20), (vec![], vec![LossId::L13_3], vec![]));
    let taken = first(protected())
        .at(3 * HOUR)
        .promote(1, 1, 0, Promotion::Silence)
        .at(3 * HOUR + 1);
    let (found, losses, _) = taken.fault(Kind::Destroy(server(1))).judged(false);
    assert_eq!((found, losses), (vec![], vec![LossId::L13_4]));
}

#[test]
fn i3_mail_is_lost_although_no_disk_is() {
    let (found, ..) = Tale::mail(OLD)
        .pulled()
        .submit()
        .at(1)
        .send(0, 0, Actor::Server(server(1)))
        .judged(false);
    assert_eq!(found, [Invariant::I3, Invariant::C4]);
}

#[test]
fn i4_an_acknowledgement_before_the_shadow() {
    Tale::inbound(NEW)
        .receive(0, 0, peer(), 1)
        .acknowledge(0)
        .violates(&[Invariant::I4]);
    let refuse = What::Refuse {
        server: server(0),
        to: peer(),
        message: m(),
        code: 451,
    };
    // RejectMessageOnShadowFailure is off.
    Tale::inbound(NEW)
        .receive(0, 0, peer(), 1)
        .tell(refuse.clone())
        .violates(&[Invariant::I4]);
    let rejecting = NEW.replacen('(', "(transport_config: (reject_message_on_shadow_failure: true),", 1);
    let failed = What::HaRedirectFail {
        server: server(0),
        copy: copy(0),
        tries: 2,
    };
    let refused = Tale::inbound(&rejecting)
        .receive(0, 0, peer(), 1)
        .tell(failed)
        .tell(refuse);
    let delivered = refused.in_mailbox(0, Store::Server(server(1)));
    delivered.violates(&[Invariant::I4]);
}

#[test]
fn i5_primary_and_shadow_on_one_server() {
    Tale::inbound(NEW)
        .receive(0, 0, peer(), 1)
        .shadowed(0, 1, 0, 0)
        .violates(&[Invariant::I5]);
}

#[test]
fn i6_a_notification_before_every_fork_is_done() {
    protected().at(1).discard_queued(0, 0, 1).violates(&[Invariant::I6]);
}

#[test]
fn i7_a_notification_for_who_has_no_shadow() {
    let bob = Store::Server(server(1));
    let done = Tale::inbound(NEW).receive(0, 0, peer(), 1);
    done.in_mailbox(0, bob)
        .deliver(0, 0)
        .discard_queued(0, 0, 1)
        .violates(&[Invariant::I7]);
}

#[test]
fn i8_a_takeover_without_silence() {
    protected()
        .at(3 * HOUR - 1)
        .promote(1, 1, 0, Promotion::Silence)
        .violates(&[Invariant::I8]);
    protected()
        .at(3 * HOUR)
        .promote(1, 1, 0, Promotion::Silence)
        .violates(&[]);
    protected()
        .at(120)
        .promote(1, 1, 0, Promotion::NewDatabase)
        .violates(&[Invariant::I8]);
}

#[test]
fn i9_one_copy_although_nothing_has_failed() {
    let (found, ..) = protected()
        .at(1)
        .discard_queued(0, 0, 1)
        .at(120)
        .discard(1, 1, 0)
        .judged(false);
    assert_eq!(found, [Invariant::I6, Invariant::I9]);
}

#[test]
fn i9_is_asked_of_whoever_lets_go_of_a_copy() {
    // The hub that hands over in 2010 keeps a shadow by the end of that instant (A30).
    let handed = || {
        let tale = Tale::mail(&ten()).pulled().at(1);
        tale.receive(1, 1, Actor::Server(server(0)), 2)
            .send(0, 0, Actor::Server(server(1)))
    };
    let shadow = What::Shadow {
        server: server(0),
        copy: copy(0),
        primary: Actor::Server(server(1)),
        recipients: bob(),
    };
    // While the item is in the Outbox, nobody needs a second copy.
    handed().at(2).quiet().violates(&[]);
    handed().tell(shadow.clone()).submit().at(2).quiet().violates(&[]);
    // It lets the item go, and has no shadow.
    let alone = |tale: Tale| tale.submit().at(2);
    alone(handed()).at(3).quiet().violates(&[Invariant::I9]);
    // A shadow of 2013 expires while its primary copy waits.
    let expired = What::ShadowExpired {
        server: server(1),
        copy: copy(1),
        recipients: bob(),
    };
    let (found, ..) = protected().at(4 * DAY).tell(expired.clone()).judged(false);
    assert!(found.contains(&Invariant::I9), "{found:?}");
    // After a fault one copy may be all there is.
    let (found, ..) = protected().quiet().at(4 * DAY).tell(expired).judged(false);
    assert!(!found.contains(&Invariant::I9), "{found:?}");
}

#[test]
fn i10_a_recipient_is_in_two_states() {
    relayed(OLD).transfer(0, 0, WAY).violates(&[Invariant::I10]);
}

#[test]
fn i11_an_acknowledgement_of_2010_too_early() {
    let ten = ten();
    Tale::inbound(&ten)
        .receive(0, 0, peer(), 1)
        .acknowledge(0)
        .violates(&[Invariant::I11]);
    let delayed = What::AckDelayed {
        server: server(0),
        copy: copy(0),
        until: SimTime::from_secs(30),
    };
    let due = |verified| What::AckDue {
        server: server(0),
        copy: copy(0),
        verified,
    };
    let tale = |seconds, verified| {
        let tale = Tale::inbound(&ten).receive(0, 0, peer(), 1).tell(delayed.clone());
        tale.at(seconds).tell(due(verified)).acknowledge(0)
    };
    tale(30, false).violates(&[]);
    tale(29, false).violates(&[Invariant::I11]);
    tale(30, true).violates(&[Invariant::I11]);
    // A11: the item stays in the Outbox until the copy is handed on.
    Tale::mail(&ten).pulled().submit().violates(&[Invariant::I11]);
}

#[test]
fn i12_two_copies_in_a_mailbox() {
    let delivered = || relayed(OLD).transfer(1, 1, Hop::Store(db())).in_mailbox(1, db());
    delivered().at(2).in_mailbox(1, db()).violates(&[Invariant::I12]);
    let suppressed = What::DuplicateDeliver {
        server: server(1),
        copy: copy(1),
        message: m(),
        recipient: RecipientIdx::from_usize(0),
    };
    // The server did not hear that the mailbox had it, and tries again.
    let again = delivered().at(2).tell(suppressed.clone()).judged(true);
    assert_eq!(again, (vec![], vec![], vec![DupId::Dup5]));
    let (found, ..) = relayed(OLD).at(2).tell(suppressed).judged(false);
    assert_eq!(found, [Invariant::I3, Invariant::I12]);
}

#[test]
fn i13_expiry_early_and_late() {
    let waiting = || Tale::mail(OLD).pulled().submit();
    let told = What::Delayed {
        server: server(0),
        copy: copy(0),
        recipients: bob(),
    };
    let late = || waiting().at(4 * HOUR).tell(told.clone());
    late().at(2 * DAY).fail(0, 0).finds_nothing();
    late().at(2 * DAY - 1).fail(0, 0).violates(&[Invariant::I13]);
    // N68: a session that has begun may end first, which takes ten minutes at most.
    late().at(2 * DAY + 600).fail(0, 0).finds_nothing();
    late().at(2 * DAY + 601).fail(0, 0).violates(&[Invariant::I13]);
}

#[test]
fn i14_a_copy_is_used_that_went_with_its_disk() {
    let tale = relayed(OLD).at(2).fault(Kind::ServerDown(server(1)));
    let tale = tale.at(3).fault(Kind::ServerUp(server(1), TransportDatabase::New));
    tale.transfer(1, 1, Hop::Store(db())).violates(&[Invariant::I14]);
    relayed(OLD)
        .at(2)
        .tell(What::QueuesLost { server: server(1) })
        .violates(&[Invariant::I14]);
}

#[test]
fn i15_a_shadow_in_another_site_without_a_dag() {
    Tale::inbound(NEW)
        .receive(0, 0, peer(), 1)
        .shadowed(2, 1, 0, 0)
        .violates(&[Invariant::I15]);
}

#[test]
fn i17_mail_stays_although_nothing_is_broken() {
    let (found, ..) = relayed(OLD).judged(true);
    assert_eq!(found, [Invariant::I17]);
    let (found, ..) = relayed(OLD).at(2).fault(Kind::ServerDown(server(1))).judged(true);
    assert_eq!(found, []);
}

#[test]
fn i19_mail_from_a_server_that_does_not_have_it() {
    let tale = relayed(OLD).at(2).receive(1, 2, Actor::Server(server(0)), 2);
    tale.violates(&[Invariant::I19]);
    Tale::mail(OLD)
        .pulled()
        .submit()
        .receive(1, 1, Actor::Server(server(0)), 3)
        .violates(&[Invariant::I19]);
}

#[test]
fn t20_retries_at_wrong_times() {
    let waiting = || Tale::mail(OLD).pulled().submit();
    waiting().defer(0, 1, 300).violates(&[Invariant::T20]);
    waiting().defer(0, 2, 60).violates(&[Invariant::T20]);
    waiting()
        .defer(0, 1, 60)
        .at(30)
        .defer(0, 2, 90)
        .violates(&[Invariant::T20]);
    let tries = |count: u64| {
        (1..=count).fold((waiting(), 0), |(tale, at), failures| {
            let wait = if failures <= 4 { 60 } else { 300 };
            let failures = u32::try_from(failures).expect("few");
            (tale.at(at).defer(0, failures, at + wait), at + wait)
        })
    };
    let (tale, at) = tries(10);
    tale.at(at).defer(0, 11, at + 600).violates(&[]);
    let (tale, at) = tries(10);
    tale.at(at).defer(0, 11, at + 300).violates(&[Invariant::T20]);
    let idle = |seconds| {
        waiting().defer(0, 1, 60).at(seconds).tell(What::Resubmit {
            server: server(0),
            hop: Some(WAY),
            why: Resubmission::Idle,
        })
    };
    idle(11 * HOUR).violates(&[Invariant::T20]);
}

#[test]
fn t20_delay_notifications() {
    let told = What::Delayed {
        server: server(0),
        copy: copy(0),
        recipients: bob(),
    };
    let waiting = || Tale::mail(OLD).pulled().submit();
    waiting().at(4 * HOUR).tell(told.clone()).violates(&[]);
    waiting().at(3 * HOUR).tell(told.clone()).violates(&[Invariant::T20]);
    waiting()
        .at(4 * HOUR)
        .tell(told.clone())
        .tell(told.clone())
        .violates(&[Invariant::T20]);
    waiting()
        .at(5 * HOUR)
        .fault(Kind::SessionCut {
            place: Place::Server(server(0)),
            other: None,
        })
        .violates(&[Invariant::T20]);
}

#[test]
fn c1_a_server_that_is_down_does_something() {
    let tale = Tale::mail(OLD).pulled().submit().fault(Kind::ServerDown(server(0)));
    tale.at(1).defer(0, 1, 61).violates(&[Invariant::C1]);
    let tale = Tale::mail(OLD).pulled().submit().fault(Kind::Pause(server(0)));
    tale.at(1).defer(0, 1, 61).violates(&[Invariant::C1]);
}

#[test]
fn c2_a_store_that_is_not_mounted() {
    let tale = relayed(OLD).at(2).fault(Kind::Dismount(DatabaseIdx::from_usize(0)));
    tale.in_mailbox(1, db()).violates(&[Invariant::C2]);
    // Bob's mailbox is in the database, not beside it.
    relayed(OLD)
        .in_mailbox(1, Store::Server(server(1)))
        .violates(&[Invariant::C2]);
}

#[test]
fn c3_mail_across_a_cut() {
    let cut = Cut::Between(Place::Server(server(0)), Place::Server(server(1)));
    let tale = Tale::mail(OLD).pulled().submit().fault(Kind::NetworkCut(cut));
    tale.at(1)
        .receive(1, 1, Actor::Server(server(0)), 2)
        .violates(&[Invariant::C3]);
}

#[test]
fn c4_what_was_not_kept_is_dropped() {
    let dropped = What::Dropped {
        server: server(0),
        copy: copy(0),
        safe: Safe::Dumpster,
        recipients: bob(),
    };
    Tale::mail(&ten()).pulled().tell(dropped).violates(&[Invariant::C4]);
}

#[test]
fn a_replay_explains_a_duplicate_outside_the_organization() {
    let outside = || What::Outside {
        to: Actor::Outside,
        copy: copy(0),
        message: m(),
        recipients: bob(),
    };
    // It is taken twice by somebody who did not say so the first time.
    let tale = Tale::mail(OLD)
        .pulled()
        .submit()
        .at(1)
        .tell(outside())
        .at(61)
        .tell(outside());
    let (found, _, duplicates) = tale.judged(false);
    assert_eq!((found, duplicates), (vec![], vec![DupId::Dup5]));
}

#[test]
fn what_is_over_is_forgotten() {
    let tale = relayed(OLD)
        .transfer(1, 1, Hop::Store(db()))
        .in_mailbox(1, db())
        .deliver(1, 1);
    let tale = tale.at(2).fault(Kind::SessionCut {
        place: Place::Server(server(0)),
        other: None,
    });
    let stage = Stage::new(tale.play.org, tale.play.scenario, Options::default(), Timers::default());
    let mut checker = Checker::new(&stage);
    tale.trace.iter().for_each(|event| checker.take(event));
    let (copies, messages, _) = checker.remembered();
    assert_eq!((copies, messages), (0, 1));
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

#[test]
fn i7_as_many_notifications_are_told_as_are_prepared() {
    asked(to_be_told().at(120), 1).discard(1, 1, 0).finds_nothing();
    asked(to_be_told().at(120), 0).violates(&[Invariant::I7]);
    asked(to_be_told().at(120), 2).violates(&[Invariant::I7]);
    // What was prepared at that instant may be told.
    asked(to_be_told(), 0).violates(&[]);
    // It is told once.
    let again = asked(asked(to_be_told().at(120), 1).at(240), 1);
    again.violates(&[Invariant::I7]);
    // H0 stopped before it knew that H1 had heard it.
    let stopped = asked(to_be_told().at(120), 1).fault(Kind::ServerDown(server(0)));
    let up = stopped
        .at(130)
        .fault(Kind::ServerUp(server(0), TransportDatabase::Same));
    asked(up.at(240), 1).violates(&[]);
}

#[test]
fn i14_notifications_of_2013_survive_a_restart() {
    let restarted = || {
        let down = to_be_told().at(10).fault(Kind::ServerDown(server(0)));
        down.at(20)
            .fault(Kind::ServerUp(server(0), TransportDatabase::Same))
            .at(120)
    };
    asked(restarted(), 1).violates(&[]);
    asked(restarted(), 0).violates(&[Invariant::I14]);
}

#[test]
fn i6_a_notification_before_the_report_for_the_journal() {
    let (queued, done) = {
        let (server, copy, side) = (server(0), copy(0), Side::Journal);
        (
            What::SideQueued { server, copy, side },
            What::SideDone { server, copy, side },
        )
    };
    let delivered = || {
        let tale = protected().tell(queued.clone()).at(1);
        tale.in_mailbox(0, Store::Server(server(1))).deliver(0, 0)
    };
    delivered().discard_queued(0, 0, 1).violates(&[Invariant::I6]);
    delivered().tell(done).discard_queued(0, 0, 1).violates(&[]);
}

#[test]
fn i5_an_item_of_a_dag_goes_to_another_hub() {
    let ten = dag("Exchange2010Sp2");
    let stored = || {
        Tale::mail(&ten).tell(What::Stored {
            message: m(),
            store: db(),
        })
    };
    let notify = |hub| What::NotifyMapi {
        server: server(0),
        hub: server(hub),
        message: m(),
    };
    stored().tell(notify(0)).violates(&[Invariant::I5]);
    stored().tell(notify(1)).violates(&[]);
    let cut = Cut::OneWay(Place::Server(server(1)), Place::Server(server(0)));
    stored().fault(Kind::NetworkCut(cut)).tell(notify(0)).violates(&[]);
    // D9: without another one the own hub takes it. H2 is in another site.
    let alone = stored().fault(Kind::ServerDown(server(1)));
    alone.tell(notify(0)).violates(&[]);
}

#[test]
fn i5_mail_goes_over_another_hub_where_its_database_is_active_and_nowhere_else() {
    let ten = dag("Exchange2010Sp2");
    let site = Node::Site(bridgehead::model::SiteIdx::from_usize(0));
    let aside = Hop::Within(DeliveryGroup::Mailboxes(site, Generation::Exchange2010));
    let came = |at: usize, from: Actor| Tale::inbound(&ten).receive(at, 0, from, 1);
    came(0, peer()).transfer(0, 0, aside).violates(&[]);
    came(0, peer())
        .transfer(0, 0, Hop::Store(db()))
        .violates(&[Invariant::I5]);
    let alone = came(0, peer()).fault(Kind::ServerDown(server(1)));
    alone.transfer(0, 0, Hop::Store(db())).violates(&[]);
    // D10: the database is active on H0, and H1 delivers.
    came(1, peer()).transfer(1, 0, Hop::Store(db())).violates(&[]);
    came(1, peer()).transfer(1, 0, aside).violates(&[Invariant::I5]);
    // Nobody can say where it is between a failover and the mount.
    let (to, lost_log) = (Some(server(1)), std::time::Duration::ZERO);
    let database = DatabaseIdx::from_usize(0);
    let moving = came(0, peer()).fault(Kind::Failover { database, to, lost_log });
    moving.transfer(0, 0, Hop::Store(db())).violates(&[]);
}

#[test]
fn i5_another_site_has_the_shadow_before_the_own_one() {
    let newer = dag("Exchange2013");
    let came = || Tale::inbound(&newer).receive(0, 0, peer(), 1);
    came().shadowed(2, 1, 0, 0).violates(&[]);
    came().shadowed(1, 1, 0, 0).violates(&[Invariant::I5]);
    let down = Tale::inbound(&newer).fault(Kind::ServerDown(server(2))).at(1);
    down.receive(0, 0, peer(), 1).shadowed(1, 1, 0, 0).violates(&[]);
    // S45, S50: where nobody asks for other sites, they are left out.
    let local = newer.replacen(
        '(',
        r#"(transport_config: (shadow_message_preference_setting: "LocalOnly"),"#,
        1,
    );
    let came = Tale::inbound(&local).receive(0, 0, peer(), 1);
    came.shadowed(1, 1, 0, 0).violates(&[]);
}

#[test]
fn i15_what_has_left_the_boundary_is_delivered_again() {
    let replayed = |tale: Tale| {
        let bob_at = Store::Server(server(1));
        tale.tell(What::Kept {
            server: server(0),
            copy: copy(0),
            safe: Safe::PrimarySafetyNet,
            message: m(),
            recipients: bob(),
        })
        .at(60)
        .tell(What::Replay {
            server: server(0),
            of: copy(0),
            safe: Safe::PrimarySafetyNet,
            store: bob_at,
            recipients: bob(),
        })
    };
    let stayed = protected().at(1).in_mailbox(0, Store::Server(server(1)));
    replayed(stayed.deliver(0, 0)).violates(&[]);
    // H2 is in another site.
    let left = protected().at(1).receive(2, 2, Actor::Server(server(0)), 2);
    let left = left.tell(What::HaRedirectFail {
        server: server(2),
        copy: copy(2),
        tries: 0,
    });
    replayed(left.send(0, 0, Actor::Server(server(2)))).violates(&[Invariant::I15]);
}

#[test]
fn c1_what_was_said_at_the_instant_of_a_stop_can_be_heard() {
    let stopped = || to_be_told().at(120).fault(Kind::ServerDown(server(0)));
    asked(stopped(), 1).violates(&[]);
    asked(stopped().at(121), 1).violates(&[Invariant::C1]);
}

#[test]
fn i7_whoever_may_have_a_shadow_is_told() {
    let newer = dag("Exchange2013");
    let made = |tale: Tale| {
        tale.tell(What::HaReceive {
            server: server(2),
            copy: copy(1),
            message: m(),
            recipients: bob(),
            primary: server(0),
            of: copy(0),
        })
    };
    // H2 has stopped before it could say that it has the shadow.
    let told = |tale: Tale| {
        let elsewhere = tale.fault(Kind::ServerDown(server(2))).shadowed(1, 2, 0, 0);
        let done = elsewhere.acknowledge(0).in_mailbox(0, db()).deliver(0, 0);
        done.discard_queued(0, 0, 2).discard_queued(0, 0, 1)
    };
    let came = || Tale::inbound(&newer).receive(0, 0, peer(), 1);
    told(made(came())).violates(&[]);
    told(came()).violates(&[Invariant::I7]);
}

#[test]
fn i11_an_item_that_was_taken_twice_is_owned_when_one_copy_is_handed_on() {
    let ten = ten();
    let twice = || Tale::mail(&ten).pulled().receive(0, 1, Actor::Server(server(0)), 1);
    twice().submit().violates(&[Invariant::I11]);
    let taken = twice().at(1).receive(1, 2, Actor::Server(server(0)), 2);
    taken.send(0, 0, Actor::Server(server(1))).submit().violates(&[]);
}

#[test]
fn an_item_that_goes_with_the_hub_beside_its_outbox_is_a_known_loss() {
    let lost = Tale::mail(&ten()).pulled().at(1).fault(Kind::Destroy(server(0)));
    assert_eq!(lost.judged(false), (vec![], vec![LossId::L10_7], vec![]));
}

#[test]
fn t20_a_server_that_starts_when_mail_is_late_has_its_time() {
    let down = || {
        Tale::mail(OLD)
            .pulled()
            .submit()
            .at(HOUR)
            .fault(Kind::ServerDown(server(0)))
    };
    let up = |at: u64| down().at(at).fault(Kind::ServerUp(server(0), TransportDatabase::Same));
    let leaves = |tale: Tale, at: u64| tale.at(at).receive(1, 1, Actor::Server(server(0)), 2);
    let sent = |tale: Tale, at: u64| leaves(tale, at).send(0, 0, Actor::Server(server(1)));
    for start in [4 * HOUR, 5 * HOUR] {
        sent(up(start), start + 1).at(start + HOUR).quiet().violates(&[]);
    }
}

#[test]
fn i8_heartbeats_that_are_missed_are_counted() {
    let missed = |tale: Tale, misses: u32| {
        tale.tell(What::HeartbeatMissed {
            holder: server(1),
            primary: Actor::Server(server(0)),
            outbox: None,
            misses,
        })
    };
    missed(missed(protected().at(120), 1).at(240), 2).violates(&[]);
    missed(protected().at(120), 2).violates(&[Invariant::I8]);
    missed(missed(protected().at(120), 1).at(240), 3).violates(&[Invariant::I8]);
}

/// H0 is alone in A, H1 and H2 are in B.
fn three() -> String {
    let one = r#"(name: "H1", version: Exchange2010Sp2, site: "B")"#;
    ten().replace(one, &format!("{one}, {}", one.replace("H1", "H2")))
}

fn up_new(tale: Tale, at: usize) -> Tale {
    tale.fault(Kind::ServerUp(server(at), TransportDatabase::New))
}

/// 7.4, 2013: last contact, T9 and the tick at which that is seen.
#[test]
fn i2_a_shadow_of_2013_takes_over_in_time() {
    let silent = || protected().at(10).fault(Kind::ServerDown(server(0)));
    let end = 3 * HOUR + 120;
    silent().at(end + 1).quiet().violates(&[Invariant::I2]);
    silent()
        .at(3 * HOUR)
        .promote(1, 1, 0, Promotion::Silence)
        .at(end + 1)
        .quiet()
        .violates(&[]);
    // Who was paused does it with the next tick.
    let paused = silent().at(HOUR).fault(Kind::Pause(server(1))).at(4 * HOUR);
    let woken = paused.fault(Kind::ServerUp(server(1), TransportDatabase::Same));
    woken
        .at(4 * HOUR + 120)
        .promote(1, 1, 0, Promotion::Silence)
        .at(5 * HOUR)
        .quiet()
        .violates(&[]);
}

/// 7.4, 2013 type N: return and T8.
#[test]
fn i2_a_new_database_of_2013_is_seen_with_the_next_heartbeat() {
    let back = || up_new(protected().at(10).fault(Kind::Destroy(server(0))).at(100), 0);
    back().at(221).quiet().violates(&[Invariant::I2]);
    let promoted = back().at(220).promote(1, 1, 0, Promotion::NewDatabase);
    promoted.at(221).quiet().violates(&[]);
    // Nobody sees it across a cut.
    let cut = Cut::Between(Place::Server(server(0)), Place::Server(server(1)));
    back().fault(Kind::NetworkCut(cut)).at(300).quiet().violates(&[]);
}

/// H0 has the shadow of what it has handed to a server of B, of which there are two.
fn shadowed_in_2010() -> Tale {
    let site = Node::Site(bridgehead::model::SiteIdx::from_usize(1));
    let tale = Tale::mail(&three())
        .pulled()
        .transfer(0, 0, Hop::Site(site, None))
        .at(1);
    let shadow = What::Shadow {
        server: server(0),
        copy: copy(0),
        primary: Actor::Server(server(1)),
        recipients: bob(),
    };
    tale.receive(1, 1, Actor::Server(server(0)), 2)
        .send(0, 0, Actor::Server(server(1)))
        .tell(shadow)
        .submit()
}

/// 7.4, 2010: T4 where there is another way, and one tick.
#[test]
fn i16_a_shadow_of_2010_takes_over_in_time() {
    let silent = || {
        let down = shadowed_in_2010().at(2).fault(Kind::ServerDown(server(1)));
        (1..=12).fold(down, |tale, misses: u32| {
            tale.at(1 + u64::from(misses) * 900).tell(What::HeartbeatMissed {
                holder: server(0),
                primary: Actor::Server(server(1)),
                outbox: None,
                misses,
            })
        })
    };
    silent().at(1 + 13 * 900 + 1).quiet().violates(&[Invariant::I16]);
    let promoted = silent().promote(0, 0, 1, Promotion::Silence);
    promoted.at(1 + 13 * 900 + 1).quiet().violates(&[]);
}

/// X3: a new database is found by the next heartbeat.
#[test]
fn i16_a_new_database_of_2010_is_seen_with_the_next_heartbeat() {
    let back = || up_new(shadowed_in_2010().at(2).fault(Kind::Destroy(server(1))).at(100), 1);
    back().at(1001).quiet().violates(&[Invariant::I16]);
    let promoted = back().at(1000).promote(0, 0, 1, Promotion::NewDatabase);
    promoted.at(1001).quiet().violates(&[]);
}

fn mounted(tale: Tale, at: usize) -> Tale {
    tale.tell(What::Mounted {
        store: db(),
        server: server(at),
    })
}

/// 7.4, D17: mail waits until its database is mounted, and no longer.
#[test]
fn i2_mail_does_not_wait_for_a_database_that_is_mounted() {
    let ten = dag("Exchange2010Sp2");
    let waiting = || {
        let tale = Tale::inbound(&ten).receive(1, 0, peer(), 1);
        let down = tale
            .transfer(1, 0, Hop::Store(db()))
            .at(10)
            .fault(Kind::ServerDown(server(0)));
        mounted(down.at(40), 1)
    };
    waiting().at(43).quiet().violates(&[Invariant::I2]);
    let delivered = waiting().at(41).in_mailbox(0, db()).deliver(1, 0);
    delivered.at(43).quiet().violates(&[]);
}

fn kept(tale: Tale, at: usize, of: usize, safe: Safe) -> Tale {
    tale.tell(What::Kept {
        server: server(at),
        copy: copy(of),
        safe,
        message: m(),
        recipients: bob(),
    })
}

fn dropped(tale: Tale, at: usize, of: usize, safe: Safe) -> Tale {
    tale.tell(What::Dropped {
        server: server(at),
        copy: copy(of),
        safe,
        recipients: bob(),
    })
}

/// H1 has delivered into the database on H0, and H2 has the shadow. H2 has a copy of the database, too.
fn kept_in_2013() -> Tale {
    let newer = dag("Exchange2013").replace(r#"(server: "H1")]"#, r#"(server: "H1"), (server: "H2")]"#);
    let tale = Tale::inbound(&newer).receive(1, 0, peer(), 1).shadowed(2, 1, 1, 0);
    let delivered = tale.acknowledge(1).at(1).in_mailbox(0, db()).deliver(1, 0);
    kept(delivered, 1, 0, Safe::PrimarySafetyNet).discard_queued(1, 0, 2)
}

/// The database comes up on `at` without what it was given since the first second.
fn lossy(tale: Tale, at: usize) -> Tale {
    let lost = What::LogLost {
        store: db(),
        since: SimTime::from_secs(1),
    };
    mounted(tale.tell(lost), at)
}

fn replayed(tale: Tale, at: usize, of: usize, safe: Safe) -> Tale {
    tale.tell(What::Replay {
        server: server(at),
        of: copy(of),
        safe,
        store: db(),
        recipients: bob(),
    })
    .receive(at, 9, Actor::Server(server(at)), 2)
}

/// 7.4: a Safety Net that is there gives back at once what a database has lost.
#[test]
fn i2_a_safety_net_gives_back_at_once() {
    let lost = || lossy(kept_in_2013().at(10).fault(Kind::ServerDown(server(0))).at(40), 1);
    lost().at(41).quiet().violates(&[Invariant::I2]);
    let again = replayed(lost(), 1, 0, Safe::PrimarySafetyNet);
    again.at(41).quiet().violates(&[]);
}

/// H2 has asked, and keeps its shadow as done; H1 is gone, and then H0.
fn shadow_is_all_there_is() -> Tale {
    let released = kept_in_2013().at(120).discard(2, 1, 1);
    let gone = kept(released, 2, 1, Safe::ShadowSafetyNet)
        .at(130)
        .fault(Kind::Destroy(server(1)));
    lossy(gone.at(140).fault(Kind::ServerDown(server(0))).at(170), 2)
}

/// 7.4: where that of the primary server is gone, its shadow is asked for after twelve hours.
#[test]
fn i2_the_shadow_of_a_safety_net_is_asked_for_in_time() {
    let due = 170 + 12 * HOUR;
    shadow_is_all_there_is()
        .at(due + 901)
        .quiet()
        .violates(&[Invariant::I2]);
    let again = replayed(shadow_is_all_there_is().at(due), 2, 1, Safe::ShadowSafetyNet);
    again.at(due + 901).quiet().violates(&[]);
}

/// T11: what a Safety Net drops before its time explains no loss.
#[test]
fn i13_a_safety_net_drops_something_before_its_time() {
    let released = || asked(to_be_told().at(120), 1).discard(1, 1, 0);
    let kept_until = |end| {
        dropped(
            kept(released(), 0, 0, Safe::PrimarySafetyNet).at(end),
            0,
            0,
            Safe::PrimarySafetyNet,
        )
    };
    kept_until(120 + 2 * DAY - 1).violates(&[Invariant::I13]);
    kept_until(120 + 2 * DAY).violates(&[]);
}

/// L13-6: the log goes back further than the hold time, or the time was up while somebody was asked in vain (X14, X15).
#[test]
fn l13_6_needs_an_entry_that_has_aged() {
    let entry = Safe::PrimarySafetyNet;
    let aged = dropped(kept_in_2013().at(1 + 2 * DAY), 1, 0, entry);
    // The shadow expires, too, and is none of this.
    let released = |tale: Tale| tale.discard(2, 1, 1);
    let lost = lossy(released(aged).at(3 * DAY).fault(Kind::ServerDown(server(0))), 2);
    assert_eq!(lost.judged(false).1, [LossId::L13_6]);
    // It is there when the database asks, and nobody waits for its server: that explains nothing.
    let there = |tale: Tale| lossy(released(tale).at(DAY).fault(Kind::ServerDown(server(0))), 2);
    let ignored = dropped(there(kept_in_2013().at(120)).at(1 + 2 * DAY), 1, 0, entry);
    assert_eq!(ignored.judged(false).1, []);
    // H1 was asked and did not answer.
    let deferred = What::ReplayDefer {
        store: db(),
        server: server(1),
        until: SimTime::from_secs(2 * DAY),
    };
    let awaited = there(kept_in_2013().at(120)).tell(deferred);
    assert_eq!(
        dropped(awaited.at(1 + 2 * DAY), 1, 0, entry).judged(false).1,
        [LossId::L13_6]
    );
}

/// L13-7: nobody hears that what a Safety Net has given back cannot be delivered (X19).
#[test]
fn l13_7_needs_silence_or_a_change_of_the_group() {
    let again = || {
        replayed(
            shadow_is_all_there_is().at(170 + 12 * HOUR),
            2,
            1,
            Safe::ShadowSafetyNet,
        )
    };
    let silent = What::Silent {
        server: server(2),
        copy: copy(9),
        message: m(),
        recipients: bob(),
        cause: Return::Expired,
    };
    let given_up = again().at(170 + 12 * HOUR + 2 * DAY).tell(silent);
    let end = dropped(given_up, 2, 1, Safe::ShadowSafetyNet);
    assert_eq!(end.judged(false).1, [LossId::L13_7]);
    // It was given back, and what came of that is gone: that is no such loss.
    let gone = again().at(2 * DAY).fault(Kind::Destroy(server(2)));
    assert_eq!(gone.judged(false).1, [LossId::L13_3]);
}

/// L13-3, L13-4: the disks of one pair, not of anybody who ever had a copy.
#[test]
fn a_pair_that_is_lost_has_to_be_a_pair() {
    let newer = dag("Exchange2013");
    // H0 has had it without a shadow and is gone; the sender has tried again, and H1 has a shadow on H2 that goes without reason.
    let failed = What::HaRedirectFail {
        server: server(0),
        copy: copy(0),
        tries: 2,
    };
    let first = Tale::inbound(&newer).receive(0, 0, peer(), 1).tell(failed);
    let second = first
        .at(60)
        .receive(1, 1, peer(), 1)
        .shadowed(2, 2, 1, 1)
        .acknowledge(1);
    let gone = second.at(70).fault(Kind::Destroy(server(0)));
    let expired = What::ShadowExpired {
        server: server(2),
        copy: copy(2),
        recipients: bob(),
    };
    let (_, losses, _) = gone
        .at(80)
        .tell(expired)
        .at(90)
        .fault(Kind::Destroy(server(1)))
        .judged(false);
    assert_eq!(losses, []);
}

/// N84: the hub that had not acknowledged it and the server of 2007 that kept it until then.
#[test]
fn l10_5_is_of_who_waits_for_an_acknowledgement_too() {
    let mixed = OLD.replace(
        r#"version: Exchange2007Sp1, site: "B""#,
        r#"version: Exchange2010Sp2, site: "B""#,
    );
    let delayed = What::AckDelayed {
        server: server(1),
        copy: copy(1),
        until: SimTime::from_secs(31),
    };
    let taken = Tale::mail(&mixed).pulled().submit().at(1);
    let taken = taken.receive(1, 1, Actor::Server(server(0)), 2).tell(delayed);
    let first = taken.at(2).fault(Kind::Destroy(server(0)));
    let both = first.at(3).fault(Kind::Destroy(server(1)));
    assert_eq!(both.judged(false), (vec![], vec![LossId::L10_5], vec![]));
}

/// S47: a server that starts when a message comes may come too late for its shadow.
#[test]
fn i5_another_site_that_starts_at_that_instant_is_not_passed_over() {
    let newer = dag("Exchange2013");
    let down = Tale::inbound(&newer).fault(Kind::ServerDown(server(2))).at(1);
    let came = |tale: Tale| tale.receive(0, 0, peer(), 1);
    let up = |tale: Tale| tale.fault(Kind::ServerUp(server(2), TransportDatabase::Same));
    up(came(down)).at(2).shadowed(1, 1, 0, 0).violates(&[]);
}
