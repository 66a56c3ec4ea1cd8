//! Every duplicate, and what is none.

use super::*;

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
