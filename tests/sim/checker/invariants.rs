//! Every invariant, violated by a trace by hand, and traces that are explained.

use super::*;

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
    let remembered = checker.remembered();
    assert_eq!((remembered.copies, remembered.messages), (0, 1));
}
