//! What is proved about loops (LS-3.2, anchors of LS-6), as laws of `verify`. What it is held against are routes: the two
//! share no search.

use bridgehead::linkstate;
use bridgehead::model::{
    ConnectorRef, FailureSet, GroupRef, Message, Node, RoutingGroupConnectorIdx, RoutingGroupIdx, SiteIdx,
};
use bridgehead::route::{Leg, Options, Plan, Sender, View};
use bridgehead::synth::Shape;
use bridgehead::verify::{Bounds, Certainty, Recipient, Router, Verification, World, certify, verify};
use serde_json::{Value, json};

use crate::engine::read;
use crate::support::{Case, generated};
use crate::twin::loops::drawing::suppress_all;
use crate::twin::random::{coexistence, group_graphs, routing_groups};

const SEEDS: std::ops::Range<u64> = 0..300;
const SITE: SiteIdx = SiteIdx::from_usize(0);

fn with_world<T>(case: &Case, see: impl FnOnce(&World<'_>) -> T) -> T {
    let link_state = linkstate::Options::default();
    see(&World::new(&case.org, &case.graphs, Options::default(), link_state))
}

fn case(file: &Value) -> Case {
    Case::new(read(&file.to_string()))
}

fn verified(world: &World<'_>, most: usize) -> Verification {
    let bounds = Bounds {
        failures_max: most,
        ..Bounds::default()
    };
    verify(world, bounds, &mut |_, _| {})
}

/// Sets of failed connectors, by position, that make mail for a group circle; each of them minimal.
fn minimal_sets(verification: &Verification, home: RoutingGroupIdx) -> Vec<Vec<u32>> {
    let at = verification
        .recipients
        .iter()
        .position(|recipient| *recipient == Recipient::Node(Node::RoutingGroup(home)));
    let at = at.expect("a group with a server is a recipient");
    let of_home = verification.witnesses.iter().filter(|witness| witness.recipient == at);
    let mut sets: Vec<Vec<u32>> = of_home.map(|witness| witness.failed.to_vec()).collect();
    sets.sort();
    sets.dedup();
    sets
}

/// The routing table's plan while some connectors are down in everybody's eyes.
fn plan(world: &World<'_>, from: Node, to: RoutingGroupIdx, failed: &[u32]) -> Option<Plan> {
    let message = Message::default();
    let mut down = FailureSet::default();
    for position in failed {
        match world.beliefs.believable().connector(*position) {
            ConnectorRef::RoutingGroup(index) => down.routing_group_connectors.push(index),
            ConnectorRef::External(index) => down.connectors.push(index),
        }
    }
    let view = View::new(world.org, world.graphs, world.options, &message, &down);
    let sender = Sender::node(world.org, from)?;
    view.plan(sender, Node::RoutingGroup(to))
}

fn connectors(plan: &Plan) -> Vec<RoutingGroupConnectorIdx> {
    let crossed = plan.legs.iter().filter_map(|leg| match leg {
        Leg::Connector(connector) => Some(*connector),
        Leg::SiteLink(_) => None,
    });
    crossed.collect()
}

/// The group that 2007 sends mail for `home` to.
fn sent_to(world: &World<'_>, home: RoutingGroupIdx) -> Option<RoutingGroupIdx> {
    let plan = plan(world, Node::Site(SITE), home, &[])?;
    match world.org.routing_group_connectors()[*connectors(&plan).first()?].to {
        GroupRef::Legacy(group) => Some(group),
        GroupRef::Exchange2007 => None,
    }
}

/// Every connector that somebody can believe down, when everybody then does: one island, nobody stale.
fn failures_of_one_island(world: &World<'_>) -> Option<Vec<u32>> {
    let groups = || world.org.routing_groups().iter_enumerated().map(|(group, _)| group);
    let all = world.beliefs.believable().all();
    let heard: Vec<u32> = (0..)
        .zip(all)
        .filter(|(_, (_, up))| up.is_none())
        .map(|(at, _)| at)
        .collect();
    let by_all = |at: &u32| groups().all(|group| world.beliefs.acts_on(world.beliefs.audience(group), *at));
    heard.iter().all(by_all).then_some(heard)
}

/// All sets of up to two, the smaller first.
fn sets(of: &[u32]) -> Vec<Vec<u32>> {
    let mut sets = vec![Vec::new()];
    sets.extend(of.iter().map(|one| vec![*one]));
    for (at, one) in of.iter().enumerate() {
        sets.extend(of[at + 1..].iter().map(|other| vec![*one, *other]));
    }
    sets
}

#[test] // LS-6, anchor 1
fn mail_circles_when_the_way_back_from_2007_leads_through_2007() {
    let (mut judged, mut loops) = (0, 0);
    for seed in SEEDS {
        let case = case(&routing_groups(seed, 1_000));
        with_world(&case, |world| {
            let Some(failures) = failures_of_one_island(world) else {
                return;
            };
            let verification = verified(world, 2);
            'homes: for (home, _) in world.org.routing_groups().iter_enumerated() {
                let Some(back) = sent_to(world, home).filter(|back| *back != home) else {
                    assert_eq!(minimal_sets(&verification, home), Vec::<Vec<u32>>::new(), "seed {seed}");
                    continue;
                };
                let mut expected: Vec<Vec<u32>> = Vec::new();
                for failed in sets(&failures) {
                    let Some(plan) = plan(world, Node::RoutingGroup(back), home, &failed) else {
                        continue;
                    };
                    if plan.ambiguous {
                        // The claim is about ways without ties.
                        continue 'homes;
                    }
                    let into_2007 = |at: &RoutingGroupConnectorIdx| {
                        world.org.routing_group_connectors()[*at].to == GroupRef::Exchange2007
                    };
                    let is_minimal = !expected.iter().any(|less| less.iter().all(|at| failed.contains(at)));
                    if is_minimal && connectors(&plan).iter().any(into_2007) {
                        expected.push(failed);
                    }
                }
                expected.sort();
                judged += 1;
                loops += expected.len();
                assert_eq!(minimal_sets(&verification, home), expected, "seed {seed}, to {home:?}");
            }
        });
    }
    assert!(judged > 300 && loops > 100, "{loops} of {judged}");
}

#[test] // LS-6, anchor 3
fn one_attachment_to_2007_never_loops() {
    let mut judged = 0;
    for file in group_graphs(2).chain(SEEDS.map(|seed| routing_groups(seed, 3))) {
        let case = case(&file);
        let touching =
            case.org
                .routing_group_connectors()
                .iter()
                .filter_map(|connector| match (connector.from, connector.to) {
                    (GroupRef::Exchange2007, GroupRef::Legacy(group))
                    | (GroupRef::Legacy(group), GroupRef::Exchange2007) => Some(group),
                    _ => None,
                });
        let mut attached: Vec<RoutingGroupIdx> = touching.collect();
        attached.sort_unstable();
        attached.dedup();
        if attached.len() == 1 {
            judged += 1;
            with_world(&case, |world| assert_eq!(verified(world, 2).witnesses, [], "{file}"));
        }
    }
    assert!(judged > 100, "{judged}");
}

#[test] // LS-6, anchor 4
fn nothing_loops_while_all_see_the_same() {
    for seed in SEEDS {
        let file = routing_groups(seed, 3);
        with_world(&case(&file), |world| {
            assert_eq!(verified(world, 0).witnesses, [], "seed {seed}")
        });
        let mut suppressed = file;
        suppress_all(&mut suppressed);
        with_world(&case(&suppressed), |world| {
            assert_eq!(verified(world, 3).witnesses, [], "seed {seed}")
        });
    }
}

#[test] // LS-6, anchor 5
fn nothing_loops_on_its_way_to_a_group_that_2007_reaches_directly() {
    let mut judged = 0;
    for seed in SEEDS {
        with_world(&case(&routing_groups(seed, 3)), |world| {
            if failures_of_one_island(world).is_none() {
                return;
            }
            let verification = verified(world, 2);
            for (home, _) in world.org.routing_groups().iter_enumerated() {
                if sent_to(world, home) == Some(home) {
                    assert_eq!(
                        minimal_sets(&verification, home),
                        Vec::<Vec<u32>>::new(),
                        "seed {seed}, to {home:?}"
                    );
                    judged += 1;
                }
            }
        });
    }
    assert!(judged > 300, "{judged}");
}

/// `certify` computes something for every set, `verify` for none that leaves a known way around the 2007 group open.
#[test]
fn sets_that_leave_a_way_around_2007_open_show_nothing() {
    let (mut computed, mut loops) = ([0; 2], 0);
    let mut compare = |case: &Case, most: usize, which: &str| {
        with_world(case, |world| {
            let bounds = Bounds {
                failures_max: most,
                ..Bounds::default()
            };
            let found = verified(world, most);
            let (all, _) = certify(world, bounds, &mut |_, _| {});
            assert_eq!(found.witnesses, all.witnesses, "{most} failures, {which}");
            loops += found.witnesses.len();
            [found.path_computations, all.path_computations]
        })
    };
    for seed in SEEDS {
        for (file, most) in [
            (routing_groups(seed, 3), 3),
            (routing_groups(seed, 6), 3),
            (coexistence(seed), 2),
        ] {
            compare(&case(&file), most, &format!("seed {seed}, {file}"));
        }
    }
    for seed in 0..8 {
        let mesh = generated(Shape::LegacyMesh, 20, seed);
        let counts = compare(&Case::new(mesh), 3, &format!("mesh of seed {seed}"));
        computed = [computed[0] + counts[0], computed[1] + counts[1]];
    }
    assert!(loops > 300, "{loops}");
    // What it spares is worth its while.
    assert!(computed[0] * 2 < computed[1], "{computed:?}");
}

/// The same with all connectors from legacy to 2007 dearer.
fn dearer_into_2007(file: &Value, by: u64) -> Value {
    let mut file = file.clone();
    for connector in file["routing_group_connectors"].as_array_mut().expect("connectors") {
        if connector["to"] == "DWBGZMFD01QNBJR" {
            connector["cost"] = json!(connector["cost"].as_u64().expect("a cost") + by);
        }
    }
    file
}

/// What a group crosses on its way to the site.
fn ways_into_2007(case: &Case) -> Vec<Option<Vec<RoutingGroupConnectorIdx>>> {
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(&case.org, &case.graphs, Options::default(), &message, &down);
    let groups = case.org.routing_groups().iter_enumerated();
    let way = |group| {
        let sender = Sender::node(&case.org, Node::RoutingGroup(group))?;
        view.plan(sender, Node::Site(SITE)).map(|plan| connectors(&plan))
    };
    groups.map(|(group, _)| way(group)).collect()
}

#[test] // LS-6, anchor 6
fn dearer_connectors_into_2007_move_no_way_that_ends_there() {
    let mut ways = 0;
    for seed in SEEDS {
        let file = routing_groups(seed, 3);
        let (plain, dear) = (case(&file), case(&dearer_into_2007(&file, 1_000)));
        assert_eq!(ways_into_2007(&plain), ways_into_2007(&dear), "seed {seed}");
        ways += ways_into_2007(&plain).into_iter().flatten().count();
    }
    // Of three groups each, most have one.
    assert!(ways > 450, "{ways}");
}

#[test] // LS-6, anchor 7
fn with_dear_connectors_into_2007_only_groups_that_are_cut_off_loop() {
    let mut loops = 0;
    for seed in SEEDS {
        with_world(&case(&dearer_into_2007(&routing_groups(seed, 3), 1_000)), |world| {
            if failures_of_one_island(world).is_none() {
                return;
            }
            let verification = verified(world, 2);
            for witness in &verification.witnesses {
                let Recipient::Node(Node::RoutingGroup(home)) = &verification.recipients[witness.recipient] else {
                    panic!("seed {seed}: mail for 2007 circles");
                };
                let back = witness.circle.iter().find_map(|router| match router {
                    Router::Group(group) => Some(*group),
                    Router::Site(..) => None,
                });
                let back = back.expect("a circle passes a legacy group");
                assert!(
                    !among_legacy(world, back, *home, &witness.failed),
                    "seed {seed}: {witness:?}"
                );
                assert_eq!(witness.certainty, Certainty::Must, "seed {seed}");
                loops += 1;
            }
        });
    }
    assert!(loops > 20, "{loops}");
}

/// Whether `from` reaches `to` over connectors between legacy groups that have not failed.
fn among_legacy(world: &World<'_>, from: RoutingGroupIdx, to: RoutingGroupIdx, failed: &[u32]) -> bool {
    let (mut seen, mut pending) = (vec![from], vec![from]);
    while let Some(at) = pending.pop() {
        for (index, connector) in world.org.routing_group_connectors().iter_enumerated() {
            let position = world.beliefs.believable().position(ConnectorRef::RoutingGroup(index));
            if let (GroupRef::Legacy(here), GroupRef::Legacy(next)) = (connector.from, connector.to)
                && here == at
                && !failed.contains(&position)
                && !seen.contains(&next)
            {
                seen.push(next);
                pending.push(next);
            }
        }
    }
    seen.contains(&to)
}
