//! Kernels that make a known mistake are caught: on the scene of each the checker says nothing of the sound kernel, and of the
//! mutant names the invariant that is broken.

use bridgehead::linkstate::Timers;
use bridgehead::model::{Entry, Place, ScenarioEventKind as Kind};
use bridgehead::route::Options;
use bridgehead::sim::{Bounds, Checker, Cut, CutKind, Invariant, LossId, Mutant, Stage, Violation};

use super::redundancy_2013::{DAG, SITE};
use super::scene::{HOUR, MINUTE, SECOND, Scene};

/// A hub with mailboxes of its own in A; in B two hubs and two mailbox servers; a hub in C.
const LINE: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "C")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10), (name: "BC", sites: ["B", "C"], cost: 10)],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HC", version: Exchange2010Sp2, site: "C"),
        (name: "HB", version: Exchange2010Sp2, site: "B", roles: [HubTransport]),
        (name: "HB2", version: Exchange2010Sp2, site: "B", roles: [HubTransport]),
        (name: "MB", version: Exchange2010Sp2, site: "B", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "MB"), (address: "cid@x.example", server: "HC")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// S1 and S2 are hub and mailbox server of a DAG, H is a hub. DB1 is active on S1, DB2 on S2.
const PAIR: &str = r#"(
    sites: [(name: "A")],
    servers: [
        (name: "S1", version: Exchange2010Sp2, site: "A", dag: "D"), (name: "S2", version: Exchange2010Sp2, site: "A", dag: "D"),
        (name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
    ],
    dags: [(name: "D")],
    databases: [
        (name: "DB1", dag: "D", active_on: "S1", copies: [(server: "S1", replication_lag: "1min"), (server: "S2", replication_lag: "1min")]),
        (name: "DB2", dag: "D", active_on: "S2", copies: [(server: "S2", replication_lag: "1min"), (server: "S1", replication_lag: "1min")]),
    ],
    mailboxes: [(address: "ann@x.example", database: "DB1"), (address: "amy@x.example", database: "DB1"), (address: "bob@x.example", database: "DB2")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

const REJECT: &str = "reject_message_on_shadow_failure: true";
/// 2013: Ann is on P, Bob on S, Tom on T.
const ANN: &str = "ann@x.example";
const BOB: &str = "bob@x.example";
const TOM: &str = "tom@x.example";
const AMY: &str = "amy@x.example";

impl Scene {
    /// From the system `far`, which may speak XSHADOW.
    fn far_writes(self, at: u64, shadow: bool, server: &str, to: &[&str]) -> Scene {
        let scene = match self.scenario.peers.is_empty() {
            true => self.peer("far", shadow, None),
            false => self,
        };
        let Place::Peer(peer) = scene.place("far") else {
            panic!("far is a system outside")
        };
        let entry = Entry::Peer {
            peer,
            server: scene.server(server),
            receive_connector: None,
        };
        scene.enters(at, "zoe@far.example", to, entry, None)
    }
}

fn site(config: &str) -> Scene {
    Scene::new(&SITE.replace("CONFIG", config))
}

fn dag() -> Scene {
    Scene::new(&DAG.replace("CONFIG", ""))
}

/// What a checker says of a run.
struct Judged {
    violations: Vec<Violation>,
    losses: Vec<LossId>,
}

impl Judged {
    fn says(&self, invariant: Invariant, what: &str) -> bool {
        let said = |violation: &Violation| violation.invariant == invariant && violation.what == what;
        self.violations.iter().any(said)
    }

    fn text(&self) -> String {
        let lines: Vec<String> = self.violations.iter().map(Violation::to_string).collect();
        format!("{}\n{:?}", lines.join("\n"), self.losses)
    }
}

fn stage(scene: Scene, mutant: Option<Mutant>) -> Stage {
    let Scene(mut play) = scene;
    play.scenario.events.sort_by_key(|event| event.at);
    let stage = Stage::new(play.org, play.scenario, Options::default(), Timers::default());
    match mutant {
        Some(mutant) => stage.with_mutant(mutant),
        None => stage,
    }
}

fn judged(scene: Scene, mutant: Option<Mutant>) -> Judged {
    let stage = stage(scene, mutant);
    let mut checker = Checker::new(&stage);
    let run = stage.run(&Bounds::default(), &mut checker);
    checker.finish(&run);
    Judged {
        violations: checker.violations().to_vec(),
        losses: checker.losses().iter().map(|loss| loss.id).collect(),
    }
}

/// A scene in which a mutant is caught, by what.
type Case = (Scene, Invariant, &'static str);

/// Where 2013 makes the mistake, or where only one generation can.
fn case(mutant: Mutant) -> Case {
    match mutant {
        Mutant::AckBeforeShadow => (
            site("").far_writes(0, false, "P", &[BOB]),
            Invariant::I4,
            "a message is acknowledged before its shadow is made",
        ),
        // Bob has it, and Tom's server does not answer.
        Mutant::DiscardBeforeLastFork => (
            site("")
                .down(0, "T")
                .far_writes(SECOND, false, "P", &[BOB, TOM])
                .up(10 * MINUTE, "T"),
            Invariant::I6,
            "a notification is prepared before every fork is done",
        ),
        // Bob has it long before the report for the journal is done.
        Mutant::DiscardBeforeSideMessage => {
            let mut scene = site("").delay("P", "S", 10).far_writes(0, false, "P", &[BOB]);
            scene.scenario.messages[bridgehead::model::MessageIdx::from_usize(0)].journal = true;
            (
                scene,
                Invariant::I6,
                "a notification is prepared before every fork is done",
            )
        }
        // P has delivered when it restarts, and nobody has asked.
        Mutant::DiscardsNotPersisted => (
            site("")
                .far_writes(0, false, "P", &[BOB])
                .down(10 * SECOND, "P")
                .up(20 * SECOND, "P"),
            Invariant::I14,
            "notifications did not survive a restart (S60)",
        ),
        // P comes back empty before it could deliver.
        Mutant::DatabaseIdIgnored => (
            site("")
                .far_writes(0, false, "P", &[TOM])
                .down(2500, "T")
                .down(10 * SECOND, "P")
                .up_new(MINUTE, "P")
                .up(HOUR, "T"),
            Invariant::I2,
            "lost although one server was",
        ),
        Mutant::TakeoverAtFirstMiss => (
            site("")
                .far_writes(0, false, "P", &[TOM])
                .down(2500, "T")
                .down(10 * SECOND, "P")
                .up(5 * MINUTE, "P")
                .up(HOUR, "T"),
            Invariant::I8,
            "a shadow becomes the message without silence or a new database",
        ),
        Mutant::OwnShadow => (
            site("").far_writes(0, false, "P", &[BOB]),
            Invariant::I5,
            "primary and shadow are on one server",
        ),
        Mutant::LocalHubPreferred => (
            Scene::new(PAIR).mail(MINUTE, ANN, &[BOB]),
            Invariant::I5,
            "an item of a DAG goes to the hub of its own server, and another one answers (D8)",
        ),
        Mutant::RerouteWhenRemote => (
            Scene::new(PAIR).far_writes(MINUTE, false, "H", &[AMY]),
            Invariant::I5,
            "mail goes over another hub, and its database is active elsewhere (D10)",
        ),
        // D13: DB2 is on S2, on S1 and on S2 again, each time just when the message comes there.
        Mutant::ReroutedTooOften => {
            let h = r#"(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),"#;
            let scene = Scene::new(&PAIR.replace(h, ""))
                .set(|settings| settings.database_failover_time = std::time::Duration::from_millis(300))
                .mail(MINUTE, ANN, &[BOB])
                .failover(MINUTE + 1200, "DB2", "S1", 0)
                .failover(MINUTE + 2200, "DB2", "S2", 0);
            let what = "mail goes over another hub more often than it may (D13)";
            (scene, Invariant::I5, what)
        }
        // Amy has it, and Bob's database is dismounted.
        Mutant::DumpsterBeforeLastMailbox => {
            let scene = Scene::new(PAIR).far_writes(MINUTE, false, "H", &[AMY, BOB]);
            let database = scene.database("DB2");
            let scene = scene.at(0, Kind::Dismount(database));
            let scene = scene.at(10 * MINUTE, Kind::Mount(database));
            (scene, Invariant::I10, "a copy is kept as done before it is (A19, S12)")
        }
        // S1 fails before its log has arrived at S2.
        Mutant::DumpsterForgets => (
            Scene::new(PAIR)
                .far_writes(MINUTE, false, "H", &[AMY])
                .failover(MINUTE + 30 * SECOND, "DB1", "S2", 0),
            Invariant::I1,
            "lost, and nothing explains it",
        ),
        Mutant::LocalBeforeRemote => (
            dag().far_writes(0, false, "P", &[BOB]),
            Invariant::I5,
            "a shadow is in the site of its message, and another site has room for it (S47)",
        ),
        // S and T are down: there is no shadow, and Ann's mailbox is on P itself.
        Mutant::DeliveredAfterRefusal => (
            site(REJECT)
                .down(0, "S")
                .down(0, "T")
                .far_writes(SECOND, false, "P", &[ANN])
                .up(HOUR, "S")
                .up(HOUR, "T"),
            Invariant::I4,
            "a message goes on that was refused (S22)",
        ),
        // Bob's database is dismounted. What waits at P goes to N, which is in no DAG, and the database comes up elsewhere.
        Mutant::CrossedReplayed => {
            let n = r#"(name: "N", version: Exchange2013, site: "A"), (name: "E", version"#;
            let topology = DAG.replace("CONFIG", "").replace(r#"(name: "E", version"#, n);
            let scene = Scene::new(&topology).far_writes(0, false, "P", &[BOB]);
            let (server, to, database) = (scene.server("P"), Some(scene.server("N")), scene.database("DB"));
            let scene = scene
                .at(0, Kind::Dismount(database))
                .at(30 * SECOND, Kind::Redirect { server, to })
                .failover(MINUTE, "DB", "P", 0);
            let what = "what has left the boundary is delivered again (S32)";
            (scene, Invariant::I15, what)
        }
        // One of the shadows is on S, the other on T.
        Mutant::NoticesOfOthers => (
            site("")
                .far_writes(0, false, "P", &[BOB])
                .far_writes(10, false, "P", &[BOB]),
            Invariant::I7,
            "who asks is told more than is prepared for it",
        ),
        // P has delivered when it stops, and nobody has asked.
        Mutant::KeyRewritten => (
            site("")
                .far_writes(0, false, "P", &[BOB])
                .down(10 * SECOND, "P")
                .up(4 * HOUR, "P"),
            Invariant::I12,
            "a second copy in the mailbox, within T19",
        ),
        // It is verified at once; the dumpster still has it when the time would be up. Another message keeps the run going.
        Mutant::AckTimerRunsOn => (
            Scene::new(PAIR)
                .far_writes(MINUTE, false, "H", &[AMY])
                .far_writes(2 * MINUTE, false, "H", &[AMY]),
            Invariant::I11,
            "an acknowledgement is due that was not delayed",
        ),
        Mutant::DeliveredToSurvives => (
            dag()
                .far_writes(MINUTE, false, "P", &[BOB])
                .failover(2 * MINUTE, "DB", "P", 10 * MINUTE),
            Invariant::I12,
            "taken for a duplicate, and the mailbox has none",
        ),
    }
}

/// Where 2010 makes the same mistake.
fn case_of_2010(mutant: Mutant) -> Option<Case> {
    Some(match mutant {
        // Bob's part is handed on, Cid's server does not answer.
        Mutant::DiscardBeforeLastFork => (
            Scene::new(LINE)
                .down(0, "HC")
                .far_writes(MINUTE, true, "HA", &[BOB, "cid@x.example"])
                .up(HOUR, "HC"),
            Invariant::I6,
            "a notification is prepared before every fork is done",
        ),
        // HB comes back empty before it could deliver.
        Mutant::DatabaseIdIgnored => (
            Scene::new(&LINE.replace(
                r#""HB2", version: Exchange2010Sp2, site: "B""#,
                r#""HB2", version: Exchange2010Sp2, site: "C""#,
            ))
            .far_writes(0, true, "HA", &[BOB])
            .down(0, "MB")
            .down(MINUTE, "HB")
            .up_new(2 * MINUTE, "HB")
            .up(HOUR, "MB"),
            Invariant::I1,
            "lost, and nothing explains it",
        ),
        Mutant::TakeoverAtFirstMiss => (
            Scene::new(LINE)
                .far_writes(0, true, "HA", &[BOB])
                .down(0, "MB")
                .down(MINUTE, "HB")
                .up(20 * MINUTE, "HB")
                .up(HOUR, "MB"),
            Invariant::I8,
            "a shadow becomes the message without silence or a new database",
        ),
        // HB has something for HA and something for HC, who ask every second for the sake of senders that wait.
        Mutant::NoticesOfOthers => (
            Scene::new(LINE)
                .down(0, "HB2")
                .far_writes(0, false, "HA", &[BOB])
                .far_writes(0, false, "HC", &[BOB])
                .up(HOUR, "HB2"),
            Invariant::I7,
            "who asks is told more than is prepared for it",
        ),
        // Cid's mail waits for another site, which is nothing to the dumpster.
        Mutant::DumpsterForgets => {
            let topology = PAIR
                .replace(
                    r#"sites: [(name: "A")],"#,
                    r#"sites: [(name: "A"), (name: "B")], site_links: [(name: "AB", sites: ["A", "B"])],"#,
                )
                .replace(
                    "servers: [",
                    r#"servers: [(name: "HB", version: Exchange2010Sp2, site: "B"),"#,
                )
                .replace(
                    "mailboxes: [",
                    r#"mailboxes: [(address: "cid@x.example", server: "HB"),"#,
                );
            (
                Scene::new(&topology)
                    .down(0, "HB")
                    .far_writes(MINUTE, false, "H", &[AMY, "cid@x.example"])
                    .failover(MINUTE + 30 * SECOND, "DB1", "S2", 0)
                    .up(HOUR, "HB"),
                Invariant::I1,
                "lost, and nothing explains it",
            )
        }
        // HB has delivered when it stops, and HA has not asked.
        Mutant::KeyRewritten => (
            Scene::new(LINE)
                .far_writes(0, true, "HA", &[BOB])
                .down(10 * SECOND, "HB")
                .up(4 * HOUR, "HB"),
            Invariant::I12,
            "a second copy in the mailbox, within T19",
        ),
        _ => return None,
    })
}

fn is_caught(mutant: Mutant, (scene, invariant, what): Case) {
    let sound = judged(scene.clone(), None);
    assert!(
        sound.violations.is_empty() && sound.losses.is_empty(),
        "sound kernel, scene of {mutant:?}\n{}",
        sound.text()
    );
    let wrong = judged(scene, Some(mutant));
    assert!(wrong.says(invariant, what), "{mutant:?}\n{}", wrong.text());
}

#[test]
fn every_mutant_is_caught_and_the_sound_kernel_is_not() {
    for mutant in Mutant::ALL {
        is_caught(mutant, case(mutant));
    }
}

#[test]
fn mistakes_that_2010_can_make_too_are_caught_there() {
    for (mutant, case) in Mutant::ALL
        .into_iter()
        .filter_map(|mutant| Some((mutant, case_of_2010(mutant)?)))
    {
        is_caught(mutant, case);
    }
}

/// Which servers stop, and the first violation then.
type Seen = (Vec<Cut>, Violation);

/// The first violation when one server stops, at every moment and in every way, and what the checker says of all of them.
fn explored(scene: Scene, mutant: Option<Mutant>) -> (u64, Vec<Seen>) {
    let stage = stage(scene, mutant);
    let watched = |schedule: &[Cut]| {
        let mut checker = Checker::new(&stage);
        let run = stage.run_with(schedule, &Bounds::default(), &mut checker);
        checker.finish(&run);
        let first = checker.violations().first().cloned();
        (run, first.map(|violation| (schedule.to_vec(), violation)))
    };
    let (undisturbed, found) = watched(&[]);
    let mut found: Vec<Seen> = found.into_iter().collect();
    let mut runs = 1;
    for after in 0..=undisturbed.events {
        for (server, _) in stage.org().servers().iter_enumerated() {
            for kind in CutKind::ALL {
                runs += 1;
                found.extend(watched(&[Cut { after, server, kind }]).1);
            }
        }
    }
    (runs, found)
}

/// Scenes in which nothing fails unless a server stops.
fn calm() -> [(&'static str, Scene); 6] {
    [
        ("a site of 2013", site("").far_writes(0, false, "P", &[BOB])),
        ("a DAG of 2013", dag().far_writes(0, false, "P", &[BOB])),
        ("hubs of 2010", Scene::new(LINE).far_writes(0, true, "HA", &[BOB])),
        ("an Outbox of 2010", Scene::new(LINE).mail(0, ANN, &[BOB])),
        (
            "a DAG of 2010",
            Scene::new(PAIR).far_writes(MINUTE, false, "H", &[AMY, BOB]),
        ),
        (
            "an Outbox of a DAG of 2010",
            Scene::new(PAIR).mail(MINUTE, ANN, &[AMY, BOB]),
        ),
    ]
}

#[test]
fn wherever_a_server_stops_nothing_is_said_of_the_sound_kernel() {
    for (name, scene) in calm() {
        let (runs, found) = explored(scene, None);
        let lines: Vec<String> = found
            .iter()
            .map(|(cuts, violation)| format!("{cuts:?} {violation}"))
            .collect();
        assert!(runs > 100 && found.is_empty(), "{name}\n{}", lines.join("\n"));
    }
}

/// No fault is put into these scenes on purpose: one stop somewhere is enough.
#[test]
fn one_stop_somewhere_is_enough_to_see_what_only_faults_show() {
    let expected = [
        ("a site of 2013", Mutant::DiscardsNotPersisted, Invariant::I14),
        ("a site of 2013", Mutant::DatabaseIdIgnored, Invariant::I2),
        ("a site of 2013", Mutant::TakeoverAtFirstMiss, Invariant::I8),
        ("a site of 2013", Mutant::KeyRewritten, Invariant::I12),
        ("a DAG of 2013", Mutant::DiscardsNotPersisted, Invariant::I14),
        ("a DAG of 2013", Mutant::DatabaseIdIgnored, Invariant::I2),
        ("a DAG of 2013", Mutant::TakeoverAtFirstMiss, Invariant::I8),
        ("hubs of 2010", Mutant::DatabaseIdIgnored, Invariant::I16),
        ("hubs of 2010", Mutant::TakeoverAtFirstMiss, Invariant::I8),
        ("hubs of 2010", Mutant::KeyRewritten, Invariant::I12),
        ("an Outbox of 2010", Mutant::DatabaseIdIgnored, Invariant::I16),
        ("an Outbox of 2010", Mutant::TakeoverAtFirstMiss, Invariant::I8),
        ("a DAG of 2010", Mutant::AckTimerRunsOn, Invariant::I11),
        ("a DAG of 2010", Mutant::DeliveredToSurvives, Invariant::I12),
    ];
    let mut wrong = Vec::new();
    for (name, mutant, invariant) in expected {
        let (_, scene) = calm().into_iter().find(|(of, _)| *of == name).expect("a scene");
        let (_, found) = explored(scene, Some(mutant));
        let (first, kinds) = (
            found.first().map(|(cuts, _)| cuts.len()),
            found.iter().map(|(_, violation)| violation.invariant),
        );
        let kinds: std::collections::BTreeSet<Invariant> = kinds.collect();
        if first != Some(1) || !kinds.contains(&invariant) {
            wrong.push(format!("{name} {mutant:?} {first:?} {kinds:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
