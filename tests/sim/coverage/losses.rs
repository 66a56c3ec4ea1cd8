//! Every loss.

use super::*;

/// Who loses a message, and how.
fn loss(id: LossId) -> (&'static str, Scene) {
    match id {
        // HL has it for ML and goes.
        LossId::L07_1 => (
            LOU,
            Scene::new(&OLD.replace("2010Sp2", "2007Sp1"))
                .mail(0, ANN, &[LOU])
                .destroy(1500, "HL"),
        ),
        // D15: half a second old, and the log is ten seconds late.
        LossId::L10_2 => (AMY, Scene::new(PAIR).mail(MINUTE, ANN, &[AMY]).down(60_500, "S1")),
        // A57: HA does not answer, and Edge01 has acknowledged at 0:00:31.
        LossId::L10_3 => (
            AMY,
            Scene::new(EDGE)
                .peer("Internet01", false, None)
                .external(0, "Internet01", "Edge01", &[AMY])
                .down(0, "HA")
                .destroy(40 * SECOND, "Edge01"),
        ),
        // The same without any delay.
        LossId::L10_4 => {
            let prompt = r#"receive_connectors: [(name: "None", server: "HA", max_acknowledgement_delay: "0s")], accepted_domains"#;
            let scene = Scene::new(&LINE.replace("accepted_domains", prompt)).down(0, "HB");
            let scene = scene.client(0, ClientKind::Smtp, "HA", None, &[BOB]);
            (BOB, scene.destroy(10 * SECOND, "HA"))
        }
        // HB has it and HA its shadow.
        LossId::L10_5 => (
            BOB,
            Scene::new(LINE)
                .down(0, "MB")
                .mail(0, ANN, &[BOB])
                .destroy(10 * SECOND, "HB")
                .destroy(20 * SECOND, "HA"),
        ),
        // A44: nothing is kept for HL, which is of 2007.
        LossId::L10_6 => (LOU, Scene::new(OLD).mail(0, ANN, &[LOU]).destroy(1500, "HL")),
        // D9: S2 does not answer, S1 takes the item from its own Outbox, and both go before a log has arrived.
        LossId::L10_7 => (
            BOB,
            Scene::new(PAIR)
                .down(59 * SECOND, "S2")
                .mail(MINUTE, ANN, &[BOB])
                .destroy(65 * SECOND, "S1")
                .up(80 * SECOND, "S2"),
        ),
        // D38: mailbox and dumpster are both on S2.
        LossId::L10_8 => (
            AMY,
            Scene::new(PAIR)
                .mail(MINUTE, ANN, &[AMY])
                .down(61_500, "S1")
                .destroy(95 * SECOND, "S2")
                .up(200 * SECOND, "S1"),
        ),
        // T7: delivered at 0:01:02, dropped a second later, and S1 fails before its log has arrived at S2.
        LossId::L10_9 => (
            AMY,
            Scene::new(&configured(PAIR, r#"max_dumpster_time: "1s""#))
                .mail(MINUTE, ANN, &[AMY])
                .down(65 * SECOND, "S1"),
        ),
        // D42: the dumpster goes with S1, and then DB2 loses its log.
        LossId::L10_10 => (
            BOB,
            Scene::new(PAIR)
                .peer("Edge1", true, None)
                .external(MINUTE, "Edge1", "S1", &[BOB])
                .destroy(17 * MINUTE, "S1")
                .up_new(18 * MINUTE, "S1")
                .failover(18 * MINUTE + 30 * SECOND, "DB2", "S1", 20 * MINUTE),
        ),
        LossId::L10_11 => (BOB, Scene::new(LINE).mail(0, ANN, &[BOB]).destroy(10 * SECOND, "MB")),
        LossId::L10_12 => (
            BOB,
            Scene::new(&configured(LINE, "shadow_redundancy_enabled: false"))
                .down(0, "MB")
                .mail(0, ANN, &[BOB])
                .destroy(10 * SECOND, "HB"),
        ),
        // S18: nobody is there to have a shadow.
        LossId::L13_1 => (
            BOB,
            Scene::new(LONE)
                .down(0, "S")
                .far_sends(SECOND, "P", &[BOB], None)
                .destroy(10 * SECOND, "P"),
        ),
        // S39: nobody who could have one answers.
        LossId::L13_2 => (
            TOM,
            play(SITE, "")
                .down(0, "S")
                .down(0, "T")
                .far_sends(SECOND, "P", &[TOM], None)
                .destroy(10 * SECOND, "P"),
        ),
        // S18: primary and shadow at once.
        LossId::L13_3 => (
            TOM,
            play(SITE, "")
                .far_sends(0, "P", &[TOM], None)
                .destroy(2500, "P")
                .destroy(2500, "S"),
        ),
        // M2: P goes, S has taken over at 3:00:02 and goes too.
        LossId::L13_4 => (
            TOM,
            play(SITE, "")
                .far_sends(0, "P", &[TOM], None)
                .down(2500, "T")
                .destroy(2500, "P")
                .destroy(4 * HOUR, "S"),
        ),
        // S32: HL of 2007 has answered.
        LossId::L13_5 => (
            LOU,
            Scene::new(&OLD.replace("2010Sp2", "2013"))
                .mail(0, ANN, &[LOU])
                .destroy(1500, "HL"),
        ),
        // X14: T replays a day of log, and Safety Net has kept five minutes.
        LossId::L13_6 => (BOB, lagged(r#"safety_net_hold_time: "5min""#, BOB)),
        // X19: what is delivered again waits for a database that is dismounted, and goes in silence after two days.
        LossId::L13_7 => {
            let scene = lagged("", BOB);
            let database = scene.database("DB");
            (BOB, scene.at(10 * MINUTE + 30_500, Kind::Dismount(database)))
        }
        // S37: H has answered when its time was up, and P has let go.
        LossId::L13_8 => (
            BOB,
            Scene::new(BESIDE)
                .down(0, "M")
                .far_sends(0, "P", &[BOB], None)
                .destroy(2 * MINUTE, "H"),
        ),
        // Half a second old when its database moves, and the log of ten is lost.
        LossId::L13_9 => (
            BOB,
            play(DAG, "")
                .mail(MINUTE, ANN, &[BOB])
                .failover(60_500, "DA", "P", 10 * SECOND),
        ),
        // X22: fifteen seconds of Safety Net.
        LossId::L13_10 => (BOB, lagged(r#"safety_net_hold_time: "15s""#, BOB)),
        LossId::L13_11 => (
            BOB,
            play(SITE, "").far_sends(0, "P", &[BOB], None).destroy(4 * MINUTE, "S"),
        ),
        LossId::L13_12 => (
            TOM,
            play(SITE, "shadow_redundancy_enabled: false")
                .down(0, "T")
                .far_sends(0, "P", &[TOM], None)
                .destroy(10 * SECOND, "P"),
        ),
    }
}

/// Other ways to the same losses.
fn losses_besides() -> Vec<(LossId, &'static str, Scene)> {
    let drift = lagged("", "all@x.example").destroy(5 * MINUTE, "P");
    let late = lagged("", "all@x.example").destroy(5 * MINUTE, "P");
    let left = Kind::GroupChange {
        group: late.group("all@x.example"),
        add: vec![],
        remove: vec![Address::parse(BOB)],
    };
    let change = Kind::GroupChange {
        group: drift.group("all@x.example"),
        add: vec![Address::parse(CAT)],
        remove: vec![Address::parse(BOB)],
    };
    let both = |hold: &str| {
        play(DAG, &format!(r#"safety_net_hold_time: "{hold}""#))
            .far_sends(0, "P", &[BOB], None)
            .destroy(5 * SECOND, "P")
            .destroy(6 * SECOND, "S")
    };
    let pair = BESIDE
        .replace(
            r#"(name: "M", version: Exchange2010Sp2, site: "A", roles: [Mailbox]),"#,
            r#"(name: "M", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]),
               (name: "N", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]),"#,
        )
        .replace(
            "mailboxes: [",
            r#"dags: [(name: "D")], databases: [(name: "DB", dag: "D", active_on: "M", copies: [(server: "M"), (server: "N")])], mailboxes: ["#,
        )
        .replace(r#"address: "bob@x.example", server: "M""#, r#"address: "bob@x.example", database: "DB""#);
    let hub = r#"servers: [(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), "#;
    let old_to_new = OLD
        .replace("2007Sp1", "2010Sp2")
        .replacen("Exchange2010Sp2", "Exchange2007Sp1", 1);
    let crossed = DAG
        .replace(r#"(name: "E", version: Exchange2013, site: "C"), (name: "F", version: Exchange2013, site: "C")"#,
            r#"(name: "E", version: Exchange2013, site: "C", dag: "X"), (name: "F", version: Exchange2013, site: "C", dag: "X")"#)
        .replace("dags: [", r#"dags: [(name: "X"), "#)
        .replace("databases: [", r#"databases: [(name: "DX", dag: "X", copies: [(server: "E"), (server: "F")], active_on: "E"), "#)
        .replace("mailboxes: [", r#"mailboxes: [(address: "gil@x.example", database: "DX"), "#);
    let crossed = play(&crossed, "");
    let database = crossed.database("DX");
    let crossed = crossed.at(0, Kind::Dismount(database));
    vec![
        // X20: only the shadow is left, which has the group, and Bob has left that.
        (LossId::L13_7, BOB, drift.at(6 * MINUTE, change)),
        // The same when he leaves it after his mailbox has lost the message.
        (LossId::L13_7, BOB, late.at(HOUR, left)),
        // X30: what S keeps since 3:02 is dropped before anybody asks for it, at 52:00:30.
        (
            LossId::L13_6,
            BOB,
            play(DAG, "")
                .far_sends(3 * HOUR, "P", &[BOB], None)
                .destroy(39 * HOUR, "P")
                .failover(40 * HOUR, "DB", "T", 16 * HOUR),
        ),
        // N63: both Safety Nets go, and no time has played a part.
        (LossId::L13_3, BOB, both("2d")),
        (LossId::L13_3, BOB, both("15s")),
        // S37: a database of 2010 does not ask Safety Net, copies or not.
        (
            LossId::L13_8,
            BOB,
            Scene::new(&pair)
                .down(0, "M")
                .down(0, "N")
                .far_sends(0, "P", &[BOB], None)
                .destroy(2 * MINUTE, "H"),
        ),
        // T6: the second message pushes the first out.
        (
            LossId::L10_9,
            AMY,
            Scene::new(&configured(PAIR, r#"max_dumpster_size_per_database: "1KB""#))
                .enters(
                    MINUTE,
                    ANN,
                    &[AMY],
                    Entry::Mapi {
                        mailbox: MailboxIdx::from_usize(0),
                    },
                    Some(2000),
                )
                .down(65 * SECOND, "S1"),
        ),
        // N69: the dumpster waits for Bob's mailbox.
        (
            LossId::L10_9,
            AMY,
            Scene::new(&PAIR.replace("servers: [", hub))
                .peer("Edge1", true, None)
                .delay("H", "S2", MINUTE)
                .external(MINUTE, "Edge1", "H", &[AMY, BOB])
                .failover(70 * SECOND, "DB1", "S2", 20 * SECOND),
        ),
        // A46, A57: a server of 2007 waits too, and lets go when the time is up.
        (
            LossId::L10_3,
            LOU,
            Scene::new(&old_to_new)
                .down(0, "ML")
                .mail(0, ANN, &[LOU])
                .destroy(40 * SECOND, "HL"),
        ),
        // X3: without another way, for as long as the outage lasts.
        (
            LossId::L10_5,
            BOB,
            Scene::new(LINE)
                .mail(0, ANN, &[BOB])
                .destroy(1500, "HB")
                .destroy(10 * HOUR, "HA"),
        ),
        // S18: a DAG of which one member works.
        (
            LossId::L13_2,
            BOB,
            play(DAG, "")
                .down(0, "Q")
                .down(0, "S")
                .down(0, "T")
                .far_sends(SECOND, "P", &["eve@x.example", BOB], None)
                .destroy(5 * SECOND, "P"),
        ),
        // S32: E and F, in another boundary, have it, and what P keeps is nobody's any more.
        (
            LossId::L13_3,
            "gil@x.example",
            crossed
                .far_sends(SECOND, "P", &["gil@x.example"], None)
                .destroy(10 * SECOND, "E")
                .destroy(10 * SECOND, "F"),
        ),
    ]
}

/// Of everybody else nothing is lost.
fn is_lost(id: LossId, whom: &str, scene: Scene) -> Result<(), String> {
    let (stage, observed) = watched(scene);
    let lost = |fate: &&Fate| fate.kind == FateKind::Lost || matches!(fate.cause, Some(Cause::Lost(_)));
    let all = observed.fates.iter().filter(lost).count();
    let expected = (FateKind::Lost, Some(Cause::Lost(id)));
    let found = fate(&stage, &observed, whom).map(|fate| (fate.kind, fate.cause));
    match found == Some(expected) && all == 1 && observed.violations.is_empty() {
        true => Ok(()),
        false => Err(format!("{}, for {whom}:\n{}", id.name(), told(&stage, &observed))),
    }
}

#[test]
fn every_loss_is_reached() {
    let first = LossId::ALL.map(|id| {
        let (whom, scene) = loss(id);
        (id, whom, scene)
    });
    let all = first.into_iter().chain(losses_besides());
    let wrong: Vec<String> = all
        .filter_map(|(id, whom, scene)| is_lost(id, whom, scene).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Every id is there, and once.
    let names: BTreeSet<&str> = LossId::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(names.len(), LossId::ALL.len());
    assert_eq!(LossId::L13_12 as usize + 1, LossId::ALL.len());
}
