//! Pairs of copies, and who hears that one of them is no longer needed.

use super::*;

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

/// M5, S60: H0 stops at the instant at which it is heard, and says the same again when it is back, and no more.
#[test]
fn i7_what_was_said_at_the_instant_of_a_stop_is_said_again() {
    let again = |notifications: u32| {
        let stopped = to_be_told().at(120).fault(Kind::ServerDown(server(0)));
        let heard = asked(stopped, 1).discard(1, 1, 0).at(180);
        let back = heard.fault(Kind::ServerUp(server(0), TransportDatabase::Same));
        asked(back.at(240), notifications)
    };
    again(1).violates(&[]);
    again(2).violates(&[Invariant::I7]);
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
