//! How long mail may wait for what would take it on, and which windows a loss may have.

use super::*;

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

/// L10-9: the dumpster has had it for as long as it may (T7), or is too full for it (T6). That it drops it otherwise explains nothing:
/// what every copy has is not lost with a log (X8).
#[test]
fn l10_9_needs_a_limit_of_the_dumpster() {
    let dropped_after = |seconds: u64, size: Option<u64>| {
        let mut tale = Tale::inbound(&dag("Exchange2010Sp2")).receive(1, 0, peer(), 1);
        tale.play.scenario.messages[m()].size = size;
        let delivered = tale.at(1).in_mailbox(0, db()).deliver(1, 0).acknowledge(1);
        let end = dropped(kept(delivered, 1, 0, Safe::Dumpster).at(seconds), 1, 0, Safe::Dumpster);
        let lost = lossy(end.at(8 * DAY).fault(Kind::ServerDown(server(0))), 1);
        lost.judged(false).1
    };
    assert_eq!(dropped_after(1 + 7 * DAY, None), [LossId::L10_9]);
    assert_eq!(dropped_after(7 * DAY, None), []);
    assert_eq!(dropped_after(60, Some((18 << 20) + 1)), [LossId::L10_9]);
    assert_eq!(dropped_after(60, Some(18 << 20)), []);
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
