//! Every fallback.

use super::*;

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
