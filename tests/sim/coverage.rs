//! Every loss and every duplicate that the documents know, and every fallback, is reached: by a small scenario each, in which the
//! checker of traces names just that one, and finds nothing that may not be.
//!
//! Losses are those of section 7.2 of the documentation, duplicates those of 7.3. Fallbacks are what is done where the first
//! choice cannot be had:
//!
//! * D9: no other hub answers, and an item is submitted to the hub of its own server; D12: no other hub answers, and mail is
//!   delivered into a database of the own server; D13: mail was handed on twice, and is delivered where it is;
//! * A54: nothing is verified within MaxAcknowledgementDelay, and the acknowledgement goes all the same; X5: before it goes, the
//!   message is given to another server (promotion);
//! * D28: the server does not answer, and the sender tries another one of its site;
//! * A35, X3: the next hop is lost, and the shadow goes another way, or waits for a new database where there is none;
//! * S47: no other site has room for a shadow, and the own one gets it; S21: no shadow can be made and the message is accepted
//!   without one, since nobody answers or time is up (S39); S22: where that may not be, it is rejected with 451 (S40);
//! * S62, S63: the primary server is silent, or has another database, and the shadow becomes the message;
//! * X15: a Safety Net does not answer for twelve hours, and those of the shadows are asked; X17: a queue database is new, and
//!   they are asked at once for what it cannot have.

use std::collections::BTreeSet;
use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::model::{
    Address, ClientKind, Entry, FateKind, MailboxIdx, ScenarioEventKind as Kind, ServerIdx, SimTime,
};
use bridgehead::route::Options;
use bridgehead::sim::{
    Actor, Bounds, Cause, CopyIdx, DupId, Fate, Hop, LossId, Observed, Place, Promotion, Safe, Stage, TraceEvent, What,
    observe,
};

use super::redundancy_2010::{EDGE, LINE, OLD, PAIR, STAR, two_hubs};
use super::redundancy_2013::{DAG, REJECT, SITE, play};
use super::scene::{HOUR, MINUTE, SECOND, Scene};

const ANN: &str = "ann@x.example";
const AMY: &str = "amy@x.example";
const BOB: &str = "bob@x.example";
const CAT: &str = "cat@x.example";
const CID: &str = "cid@x.example";
const LOU: &str = "lou@x.example";
const TOM: &str = "tom@x.example";
/// Who is outside.
const ZOE: &str = "zoe@far.example";

/// A server of 2013 that is alone in its site; Bob is on the other one.
const LONE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "P", version: Exchange2013, site: "A"), (name: "S", version: Exchange2013, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "P"), (address: "bob@x.example", server: "S")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// P and Q of 2013, and H and M of 2010: a hub, and mailboxes.
const BESIDE: &str = r#"(
    sites: [(name: "A")],
    servers: [
        (name: "P", version: Exchange2013, site: "A"), (name: "Q", version: Exchange2013, site: "A"),
        (name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
        (name: "M", version: Exchange2010Sp2, site: "A", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "P"), (address: "bob@x.example", server: "M")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn configured(topology: &str, config: &str) -> String {
    topology.replace(
        "accepted_domains",
        &format!("transport_config: ({config}), accepted_domains"),
    )
}

/// Two Edge servers to the Internet, and Ann's mailbox beside Amy's.
fn two_edges() -> String {
    EDGE.replace(
        "edge_subscriptions: [",
        r#"edge_subscriptions: [(edge: "Edge02", site: "A", create_inbound_connector: true, create_internet_connector: false), "#,
    )
    .replace(
        r#"(name: "Edge01", v"#,
        r#"(name: "Edge02", version: Exchange2010Sp2, roles: [EdgeTransport]), (name: "Edge01", v"#,
    )
    .replace(r#"source_servers: ["Edge01"]"#, r#"source_servers: ["Edge01", "Edge02"]"#)
}

/// A message of Amy's for Zoe, over HA and an Edge server.
fn to_the_internet() -> Scene {
    Scene::new(&two_edges())
        .peer("Internet01", false, None)
        .mail(0, AMY, &[ZOE])
}

/// P has a message for Bob; what it has delivered, S keeps too. The database comes up on T, which lags by a day, at 0:10:30.
fn lagged(config: &str, to: &str) -> Scene {
    play(DAG, config)
        .far_sends(0, "P", &[to], None)
        .failover(10 * MINUTE, "DB", "T", 0)
}

fn stage(scene: Scene) -> Stage {
    let Scene(mut play) = scene;
    play.scenario.events.sort_by_key(|event| event.at);
    Stage::new(play.org, play.scenario, Options::default(), Timers::default())
}

fn watched(scene: Scene) -> (Stage, Observed) {
    let stage = stage(scene);
    let observed = observe(&stage, &[], &Bounds::default());
    (stage, observed)
}

fn fate<'a>(stage: &Stage, observed: &'a Observed, whom: &str) -> Option<&'a Fate> {
    let address = Address::parse(whom);
    let mut fates = observed.fates.iter();
    fates.find(|fate| *stage.cast().address(fate.recipient) == address)
}

fn told(stage: &Stage, observed: &Observed) -> String {
    let fates = observed.fates.iter().map(|fate| {
        let whom = stage.cast().address(fate.recipient);
        format!("{whom} {} {} {:?}", fate.kind.name(), fate.at, fate.cause)
    });
    let violations = observed.violations.iter().map(ToString::to_string);
    fates.chain(violations).collect::<Vec<_>>().join("\n")
}

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

/// Who has a copy too many, whether it is hidden, and where.
fn duplicate(id: DupId) -> Vec<(&'static str, Scene)> {
    match id {
        // S41: S has the shadow at 0:00:02, but P says nothing for two minutes, and the sender waits for five seconds.
        DupId::Dup1 => {
            let scene = |to| {
                play(SITE, "")
                    .far_sends(0, "P", &[to], Some(5))
                    .pause(1500, "P")
                    .up(2 * MINUTE, "P")
            };
            vec![(TOM, scene(TOM)), (ZOE, scene(ZOE))]
        }
        // S82: P comes back with its database when S has taken over.
        DupId::Dup2 => {
            let scene = |to| {
                play(SITE, "")
                    .far_sends(0, "P", &[to], None)
                    .down(2500, "P")
                    .up(4 * HOUR, "P")
            };
            vec![(TOM, scene(TOM)), (ZOE, scene(ZOE))]
        }
        // P is only cut off.
        DupId::Dup3 => {
            let scene = |to| {
                play(SITE, "")
                    .far_sends(0, "P", &[to], None)
                    .cut(2500, "P", "S")
                    .mend(5 * HOUR, "P", "S")
            };
            vec![(TOM, scene(TOM)), (ZOE, scene(ZOE))]
        }
        // A23: one of two has it when HB or P goes.
        DupId::Dup4 => vec![
            (
                BOB,
                Scene::new(&two_hubs())
                    .down(0, "MB2")
                    .up(MINUTE, "MB2")
                    .mail(0, ANN, &[BOB, "bea@x.example"])
                    .destroy(10 * SECOND, "HB"),
            ),
            (
                ZOE,
                play(SITE, "")
                    .down(0, "T")
                    .far_sends(SECOND, "P", &[ZOE, TOM], None)
                    .destroy(10 * SECOND, "P")
                    .up(HOUR, "T"),
            ),
        ],
        // A38: HB and Zoe's system have it, and who has handed it over stops before it knows.
        DupId::Dup5 => vec![
            (
                BOB,
                Scene::new(LINE)
                    .mail(0, ANN, &[BOB])
                    .pause(500, "HA")
                    .down(1200, "HA")
                    .up(MINUTE, "HA"),
            ),
            (
                ZOE,
                to_the_internet()
                    .pause(2500, "Edge01")
                    .down(3200, "Edge01")
                    .up(MINUTE, "Edge01"),
            ),
        ],
        // M6: done, and forgotten by a restart; then lost.
        DupId::Dup6 => vec![
            (
                BOB,
                Scene::new(&two_hubs())
                    .mail(0, ANN, &[BOB])
                    .down(3 * SECOND, "HB")
                    .up(10 * SECOND, "HB")
                    .destroy(50 * MINUTE, "HB"),
            ),
            (
                ZOE,
                to_the_internet()
                    .down(4 * SECOND, "Edge01")
                    .up(10 * SECOND, "Edge01")
                    .destroy(50 * MINUTE, "Edge01"),
            ),
        ],
        // T5: P has waited for an hour for S to ask, which was down, and is lost later.
        DupId::Dup7 => {
            let scene = |to| {
                play(SITE, r#"shadow_message_auto_discard_interval: "1h""#)
                    .far_sends(0, "P", &[to], None)
                    .down(10 * SECOND, "S")
                    .up(2 * HOUR, "S")
                    .destroy(3 * HOUR, "P")
            };
            vec![(TOM, scene(TOM)), (ZOE, scene(ZOE))]
        }
        // X21, M13: the interval begins a minute before the last log. Safety Net and dumpster know mailboxes alone.
        DupId::Dup8 => {
            // Amy's mailbox has it at 0:01:02, but the dumpster only when Bob's has it too, at 0:01:06: that is later than where the
            // log ends.
            let hub = r#"servers: [(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), "#;
            let dumpster = Scene::new(&PAIR.replace("10s", "0s").replace("servers: [", hub))
                .peer("Edge1", true, None)
                .delay("H", "S2", 5 * SECOND)
                .external(MINUTE, "Edge1", "H", &[AMY, BOB])
                .failover(70 * SECOND, "DB1", "S2", 6 * SECOND);
            vec![
                (
                    BOB,
                    play(DAG, "")
                        .far_sends(0, "P", &[BOB], None)
                        .failover(30 * SECOND, "DB", "P", 0),
                ),
                (AMY, dumpster),
            ]
        }
        // K3: the sender does not wait as long as the acknowledgement does.
        DupId::Dup9 => vec![
            (
                AMY,
                Scene::new(EDGE)
                    .peer("Internet01", false, Some(10 * SECOND))
                    .down(0, "MA")
                    .up(15 * SECOND, "MA")
                    .external(0, "Internet01", "Edge01", &[AMY]),
            ),
            (
                ZOE,
                Scene::new(EDGE)
                    .peer("Internet01", false, None)
                    .peer("app", false, Some(10 * SECOND))
                    .cut(0, "Edge01", "Internet01")
                    .mend(15 * SECOND, "Edge01", "Internet01")
                    .external(0, "app", "HA", &[ZOE]),
            ),
        ],
        // A16: the hub owns the item, and the mailbox server fails before it hears that.
        DupId::Dup10 => vec![
            (
                BOB,
                Scene::new(STAR).mail(0, ANN, &[BOB]).down(2500, "M").up(MINUTE, "M"),
            ),
            (ZOE, to_the_internet().down(2500, "MA").up(MINUTE, "MA")),
        ],
        // N60: Zoe gets it by name, and from S as a member of a group that is expanded there.
        DupId::Groups => {
            let expanded = r#"members: ["zoe@far.example"], expansion_server: "S")"#;
            let topology = SITE.replace(r#"members: ["ann@x.example", "bob@x.example"])"#, expanded);
            let scene = play(&topology, "").far_sends(0, "P", &[ZOE, "all@x.example"], None);
            vec![(ZOE, scene)]
        }
    }
}

/// In a mailbox a duplicate is hidden, outside it is seen.
fn is_double(id: DupId, whom: &str, scene: Scene) -> Result<(), String> {
    let (stage, observed) = watched(scene);
    let kind = match whom {
        ZOE => FateKind::Duplicate,
        _ => FateKind::SuppressedDuplicate,
    };
    let expected = (kind, Some(Cause::Duplicate([id].into_iter().collect())));
    let found = fate(&stage, &observed, whom).map(|fate| (fate.kind, fate.cause));
    let lost = observed.fates.iter().any(|fate| fate.kind == FateKind::Lost);
    match found == Some(expected) && !lost && observed.violations.is_empty() {
        true => Ok(()),
        false => Err(format!("{}, for {whom}:\n{}", id.name(), told(&stage, &observed))),
    }
}

#[test]
fn every_duplicate_is_reached() {
    let mut all = duplicates_besides();
    for id in DupId::ALL {
        all.extend(duplicate(id).into_iter().map(|(whom, scene)| (id, whom, scene)));
    }
    let wrong: Vec<String> = all
        .into_iter()
        .filter_map(|(id, whom, scene)| is_double(id, whom, scene).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Every id is there, and once.
    let names: BTreeSet<&str> = DupId::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(names.len(), DupId::ALL.len());
    assert_eq!(DupId::Groups as usize + 1, DupId::ALL.len());
}

/// Other ways to the same duplicates.
fn duplicates_besides() -> Vec<(DupId, &'static str, Scene)> {
    let beyond = || {
        Scene::new(&configured(PAIR, r#"shadow_message_auto_discard_interval: "1h""#))
            .peer("Edge1", true, None)
            .external(MINUTE, "Edge1", "S1", &[BOB])
    };
    vec![
        // M6: Edge1 has not heard that Bob has it, S1 has forgotten to tell, and goes.
        (
            DupId::Dup6,
            BOB,
            beyond()
                .down(70 * SECOND, "S1")
                .up(80 * SECOND, "S1")
                .destroy(50 * MINUTE, "S1"),
        ),
        // T5: Edge1 could not ask for more than an hour.
        (
            DupId::Dup7,
            BOB,
            beyond()
                .cut(63 * SECOND, "Edge1", "S1")
                .mend(2 * HOUR, "Edge1", "S1")
                .destroy(150 * MINUTE, "S1"),
        ),
        // The same between hubs.
        (
            DupId::Dup7,
            BOB,
            Scene::new(&configured(
                &two_hubs(),
                r#"shadow_message_auto_discard_interval: "1h""#,
            ))
            .mail(0, ANN, &[BOB])
            .down(10 * SECOND, "HA")
            .up(2 * HOUR, "HA")
            .destroy(150 * MINUTE, "HB"),
        ),
        // A22: done, and lost before anybody has asked.
        (
            DupId::Dup4,
            BOB,
            Scene::new(&two_hubs()).mail(0, ANN, &[BOB]).destroy(10 * SECOND, "HB"),
        ),
        // It comes back empty: that is no restart.
        (
            DupId::Dup4,
            BOB,
            Scene::new(LINE)
                .mail(0, ANN, &[BOB])
                .down(10 * SECOND, "HB")
                .up_new(MINUTE, "HB"),
        ),
        (
            DupId::Dup4,
            BOB,
            beyond().down(70 * SECOND, "S1").up_new(80 * SECOND, "S1"),
        ),
        // D30: Edge1 sends again since S1 does not come back in time; S2 has delivered.
        (
            DupId::Dup2,
            AMY,
            Scene::new(PAIR)
                .peer("Edge1", true, None)
                .external(MINUTE, "Edge1", "S1", &[AMY])
                .down(62_500, "S1"),
        ),
        // A38 of 2013: Bob's server E has it, and P stops before it knows.
        (
            DupId::Dup5,
            "eve@x.example",
            play(DAG, "")
                .far_sends(0, "P", &["eve@x.example"], None)
                .delay("E", "F", 10 * SECOND)
                .pause(2500, "P")
                .down(20 * SECOND, "P")
                .up(MINUTE, "P"),
        ),
        // A15: one branch is done when the hub goes.
        (
            DupId::Dup10,
            BOB,
            Scene::new(STAR)
                .down(0, "HC")
                .mail(0, ANN, &[BOB, CID])
                .destroy(10 * SECOND, "H1")
                .up(4 * HOUR, "HC"),
        ),
    ]
}

/// L10-1, L13-13: what a client has not committed to a store has left nobody, and whoever has it keeps it.
#[test]
fn what_no_store_has_committed_stays_with_its_client() {
    for scene in [
        Scene::new(PAIR).down(0, "S1").down(0, "S2").mail(MINUTE, ANN, &[BOB]),
        play(DAG, "").down(0, "Q").down(0, "P").mail(MINUTE, ANN, &[BOB]),
    ] {
        let (stage, observed) = watched(scene);
        let fate = fate(&stage, &observed, BOB).expect("Bob's");
        let found = (fate.kind, fate.waits, fate.at, fate.cause);
        let waits = (FateKind::Queued, Some(Place::Sender), SimTime::from_ms(MINUTE), None);
        assert_eq!(found, waits, "{}", told(&stage, &observed));
        assert!(observed.violations.is_empty(), "{}", told(&stage, &observed));
    }
}

/// What is done where the first choice cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fallback {
    D9,
    D12,
    D13,
    D28,
    A35,
    X3,
    A54,
    X5,
    S21,
    S22,
    S39,
    S40,
    S47,
    S62,
    S63,
    X15,
    X17,
}

impl Fallback {
    const ALL: [Fallback; 17] = [
        Fallback::D9,
        Fallback::D12,
        Fallback::D13,
        Fallback::D28,
        Fallback::A35,
        Fallback::X3,
        Fallback::A54,
        Fallback::X5,
        Fallback::S21,
        Fallback::S22,
        Fallback::S39,
        Fallback::S40,
        Fallback::S47,
        Fallback::S62,
        Fallback::S63,
        Fallback::X15,
        Fallback::X17,
    ];
}

/// A scene in which something is done for want of something better, the same without its reason, in which it is not done, and
/// what becomes of the message in both.
struct Instead {
    whom: &'static str,
    scene: Scene,
    end: (FateKind, u64),
    without: Scene,
    end_without: (FateKind, u64),
}

fn delivered(at: u64) -> (FateKind, u64) {
    (FateKind::Delivered, at)
}

fn instead(fallback: Fallback) -> Instead {
    let case = |whom, scene, end, without, end_without| Instead {
        whom,
        scene,
        end,
        without,
        end_without,
    };
    match fallback {
        Fallback::D9 => {
            let calm = Scene::new(PAIR).mail(MINUTE, ANN, &[AMY]);
            // D16: S2 stops before it has the item.
            let scene = calm.clone().down(60_500, "S2");
            case(AMY, scene, delivered(60_500), calm, delivered(62_000))
        }
        Fallback::D12 => {
            let calm = Scene::new(PAIR).mail(MINUTE, ANN, &[BOB]);
            // D22: S1 stops before it has what S2 hands on.
            let scene = calm.clone().down(61_500, "S1");
            case(BOB, scene, delivered(61_500), calm, delivered(63_000))
        }
        Fallback::D13 => {
            let calm = Scene::new(PAIR)
                .mail(MINUTE, ANN, &[BOB])
                .set(|settings| settings.database_failover_time = Duration::from_millis(300));
            let scene = calm
                .clone()
                .failover(61_200, "DB2", "S1", 0)
                .failover(62_200, "DB2", "S2", 0);
            case(BOB, scene, delivered(63_000), calm, delivered(63_000))
        }
        Fallback::D28 => {
            let calm = Scene::new(PAIR)
                .peer("Edge1", true, None)
                .external(MINUTE, "Edge1", "S1", &[BOB]);
            // D32.
            let scene = calm.clone().down(60_500, "S1");
            case(BOB, scene, delivered(61_500), calm, delivered(62_000))
        }
        Fallback::A35 => {
            let calm = Scene::new(&two_hubs()).mail(0, ANN, &[BOB]);
            let scene = calm.clone().destroy(1500, "HB");
            case(
                BOB,
                scene,
                delivered(3 * HOUR + 3 * SECOND),
                calm,
                delivered(2 * SECOND),
            )
        }
        Fallback::X3 => {
            let calm = Scene::new(LINE).mail(0, ANN, &[BOB]);
            let scene = calm.clone().destroy(1500, "HB").up_new(4 * HOUR, "HB");
            case(
                BOB,
                scene,
                delivered(4 * HOUR + 3 * SECOND),
                calm,
                delivered(2 * SECOND),
            )
        }
        Fallback::A54 => {
            let calm = Scene::new(STAR).client(0, ClientKind::Smtp, "H1", None, &[CID]);
            let scene = calm.clone().down(0, "HC").up(150 * SECOND, "HC");
            case(
                CID,
                scene,
                delivered(3 * MINUTE + 2 * SECOND),
                calm,
                delivered(2 * SECOND),
            )
        }
        Fallback::X5 => {
            let calm = Scene::new(STAR)
                .set(|settings| settings.shadow_redundancy_promotion = true)
                .client(0, ClientKind::Smtp, "H1", None, &[CID]);
            let scene = calm.clone().down(0, "HC").up(150 * SECOND, "HC");
            case(
                CID,
                scene,
                delivered(2 * MINUTE + 33 * SECOND),
                calm,
                delivered(2 * SECOND),
            )
        }
        Fallback::S21 => {
            let calm = play(SITE, "").far_sends(SECOND, "P", &[ANN], None);
            let scene = calm.clone().down(0, "S").down(0, "T");
            case(ANN, scene, delivered(2 * SECOND), calm, delivered(3 * SECOND))
        }
        Fallback::S22 => {
            let calm = play(SITE, REJECT).far_sends(SECOND, "P", &[ANN], None);
            let scene = calm.clone().down(0, "S").down(0, "T").cut(2500, "far", "P");
            case(
                ANN,
                scene,
                (FateKind::Rejected451, 2 * SECOND),
                calm,
                delivered(3 * SECOND),
            )
        }
        _ => later(fallback),
    }
}

/// The others, of 2013 all of them.
fn later(fallback: Fallback) -> Instead {
    let case = |whom, scene, end, without, end_without| Instead {
        whom,
        scene,
        end,
        without,
        end_without,
    };
    match fallback {
        Fallback::S39 => {
            // S is paused for longer than the two minutes of the session; the sender waits for the answer and gets it.
            let calm = play(SITE, "").far_sends(0, "P", &[ANN], None);
            let scene = calm.clone().through_receive_connector().pause(1500, "S").up(HOUR, "S");
            case(ANN, scene, delivered(121 * SECOND), calm, delivered(2 * SECOND))
        }
        Fallback::S40 => {
            let calm = play(SITE, REJECT).far_sends(0, "P", &[ANN], None);
            let scene = calm.clone().through_receive_connector().pause(1500, "S").up(HOUR, "S");
            case(ANN, scene, delivered(183 * SECOND), calm, delivered(2 * SECOND))
        }
        Fallback::S47 => {
            let calm = play(DAG, "").far_sends(SECOND, "P", &[ANN], None);
            let scene = calm.clone().down(0, "S").down(0, "T");
            case(ANN, scene, delivered(4 * SECOND), calm, delivered(4 * SECOND))
        }
        Fallback::S62 => {
            let calm = play(SITE, "").far_sends(0, "P", &[TOM], None);
            let scene = calm.clone().down(2500, "P");
            case(
                TOM,
                scene,
                delivered(3 * HOUR + 3 * SECOND),
                calm,
                delivered(3 * SECOND),
            )
        }
        Fallback::S63 => {
            let calm = play(SITE, "").far_sends(0, "P", &[TOM], None);
            let scene = calm.clone().down(2500, "P").up_new(10 * MINUTE, "P");
            case(
                TOM,
                scene,
                delivered(10 * MINUTE + 3 * SECOND),
                calm,
                delivered(3 * SECOND),
            )
        }
        Fallback::X15 => {
            let calm = lagged("", BOB);
            let scene = calm.clone().destroy(5 * MINUTE, "P");
            let after = 10 * MINUTE + 31 * SECOND;
            case(BOB, scene, delivered(12 * HOUR + after), calm, delivered(after))
        }
        Fallback::X17 => {
            let calm = play(DAG, "")
                .far_sends(2 * HOUR, "P", &[BOB], None)
                .failover(9 * HOUR, "DB", "P", 8 * HOUR);
            let scene = calm.clone().down(7 * HOUR - MINUTE, "P").up_new(7 * HOUR, "P");
            let after = 9 * HOUR + 30 * SECOND;
            case(BOB, scene, delivered(after + SECOND), calm, delivered(after))
        }
        _ => unreachable!("{fallback:?} is one of the others"),
    }
}

fn any(trace: &[TraceEvent], told: impl Fn(&What) -> bool) -> bool {
    trace.iter().any(|event| told(&event.what))
}

/// Whether it was done.
fn is_done(fallback: Fallback, stage: &Stage, trace: &[TraceEvent]) -> bool {
    let site = |server: ServerIdx| stage.org().transport_site(server);
    let then = |first: &dyn Fn(&What) -> bool, second: &dyn Fn(&What) -> bool| {
        let pairs = trace.windows(2);
        pairs
            .into_iter()
            .any(|pair| first(&pair[0].what) && second(&pair[1].what))
    };
    let colocated = |what: &What| matches!(what, What::Colocated { .. });
    let aside = |what: &What| {
        matches!(
            what,
            What::Transfer {
                hop: Hop::Within(_),
                ..
            }
        )
    };
    let unverified = |what: &What| matches!(what, What::AckDue { verified: false, .. });
    let promoted = |of: Promotion| any(trace, |what| matches!(what, What::Promote { why, .. } if *why == of));
    let replayed = |of: Safe| any(trace, |what| matches!(what, What::Replay { safe, .. } if *safe == of));
    let refused = any(trace, |what| matches!(what, What::Refuse { code: 451, .. }));
    // Who does not answer is a try that fails at once (N42); else time is up.
    let came = |of: CopyIdx| {
        let mut came = trace
            .iter()
            .filter(|event| matches!(event.what, What::Receive { copy, .. } if copy == of));
        came.next().map(|event| event.at)
    };
    let failed = |at_once: bool| {
        trace.iter().any(|event| match event.what {
            What::HaRedirectFail { copy, .. } => (came(copy) == Some(event.at)) == at_once,
            _ => false,
        })
    };
    match fallback {
        Fallback::D9 => then(
            &colocated,
            &|what| matches!(what, What::NotifyMapi { server, hub, .. } if server == hub),
        ),
        Fallback::D12 => then(&colocated, &|what| {
            matches!(what, What::Transfer { hop: Hop::Store(_), .. })
        }),
        Fallback::D13 => trace.iter().filter(|event| aside(&event.what)).count() == 2 && any(trace, colocated),
        Fallback::D28 => any(trace, |what| {
            matches!(what, What::Acknowledge { server, to: Actor::Peer(_), .. }
                if stage.org().servers()[*server].name.as_str() == "S2")
        }),
        Fallback::A35 => promoted(Promotion::Silence),
        Fallback::X3 | Fallback::S63 => promoted(Promotion::NewDatabase),
        Fallback::A54 => any(trace, unverified) && !any(trace, aside),
        Fallback::X5 => any(trace, unverified) && any(trace, aside),
        Fallback::S21 => failed(true) && !refused,
        Fallback::S22 => failed(true) && refused,
        Fallback::S39 => failed(false) && !refused,
        Fallback::S40 => failed(false) && refused,
        Fallback::S47 => any(
            trace,
            |what| matches!(what, What::HaReceive { server, primary, .. } if site(*server) == site(*primary)),
        ),
        Fallback::S62 => promoted(Promotion::Silence),
        Fallback::X15 => replayed(Safe::ShadowSafetyNet) && any(trace, |what| matches!(what, What::ReplayDefer { .. })),
        Fallback::X17 => {
            replayed(Safe::ShadowSafetyNet) && !any(trace, |what| matches!(what, What::ReplayDefer { .. }))
        }
    }
}

#[test]
fn every_fallback_is_reached() {
    let mut wrong = Vec::new();
    for fallback in Fallback::ALL {
        let case = instead(fallback);
        for (scene, (kind, at), done) in [(case.scene, case.end, true), (case.without, case.end_without, false)] {
            let (stage, observed) = watched(scene);
            let mut trace: Vec<TraceEvent> = Vec::new();
            stage.run(&Bounds::default(), &mut trace);
            let found = fate(&stage, &observed, case.whom).map(|fate| (fate.kind, fate.at));
            let expected = Some((kind, SimTime::from_ms(at)));
            if found != expected || is_done(fallback, &stage, &trace) != done || !observed.violations.is_empty() {
                let seen = is_done(fallback, &stage, &trace);
                wrong.push(format!("{fallback:?} {done} {seen}:\n{}", told(&stage, &observed)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// X5: a promoted message is one like any other. H2, which has taken it, is lost; H1 has its shadow and tries HC by itself.
#[test]
fn x5_what_was_promoted_has_a_shadow() {
    let scene = Scene::new(STAR)
        .set(|settings| settings.shadow_redundancy_promotion = true)
        .client(0, ClientKind::Smtp, "H1", None, &[CID])
        .down(0, "HC")
        .destroy(40 * SECOND, "H2")
        .up(4 * HOUR, "HC");
    let (stage, observed) = watched(scene);
    let found = fate(&stage, &observed, CID).map(|fate| fate.kind);
    assert_eq!(found, Some(FateKind::Delivered), "{}", told(&stage, &observed));
    assert!(observed.violations.is_empty(), "{}", told(&stage, &observed));
}
