//! The checker's idea of what 2007 and later decide beside the engine's, for everybody in the topologies of this repository.

use std::path::{Path, PathBuf};

use super::decide::{Decision, Target, decide};
use super::distances::Distances;
use super::exits::fitting;
use super::ground::{Ground, Holder};
use crate::delivery::{self, Outcome};
use crate::linkstate;
use crate::load::{self, Limits};
use crate::model::{FailureSet, NameOrder, Node, Organization, SiteIdx};
use crate::route::{DefaultSize, Graphs, Leg, LegacyCost, LegacyTie, Options, View};
use crate::verify::certificate::format::Decisions;
use crate::verify::certificate::write::{from_site, to_groups};
use crate::verify::{Recipient, World, message_classes, recipients};

/// Every file below `topologies/` that is an organization of at most so many sites.
fn organizations(sites_max: usize) -> Vec<(PathBuf, Organization)> {
    let mut found = Vec::new();
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if let Ok((_, document)) = load::open(&path, None, &Limits::default())
                && let Ok(org) = load::resolve(&document, NameOrder::default())
                && org.sites().len() <= sites_max
            {
                found.push((path, org));
            }
        }
    }
    found
}

fn all_options() -> Vec<Options> {
    let mut all = Vec::new();
    for legacy_tie in [LegacyTie::Hops, LegacyTie::Names] {
        for legacy_cost in [LegacyCost::Pair, LegacyCost::Sum] {
            for default_size in [DefaultSize::None, DefaultSize::Product] {
                all.push(Options {
                    legacy_tie,
                    legacy_cost,
                    default_size,
                    ..Options::default()
                });
            }
        }
    }
    all
}

/// What the engine does, in the checker's words.
fn by_engine(view: &View<'_>, world: &World<'_>, ground: &Ground<'_>, recipient: &Recipient, at: Holder) -> Decision {
    let Holder::Site(site, generation) = at else {
        unreachable!("only sites are asked")
    };
    let explained = delivery::explain(view, world.sender(site, generation), &recipient.for_delivery());
    let Some(plan) = explained.plan.filter(|_| explained.outcome == Outcome::Route) else {
        return Decision::Ends;
    };
    match (plan.next_hop, plan.legs.first()) {
        (Node::Site(next), _) => Decision::To(next),
        (Node::RoutingGroup(_), Some(Leg::Connector(first))) => {
            let arc = ground.arcs.iter().position(|arc| arc.index == *first);
            Decision::Over(arc.expect("a connector that carries mail"))
        }
        (Node::RoutingGroup(_), _) => unreachable!("a routing group is reached over a connector"),
    }
}

/// How many answers were compared; panics where two differ.
fn compare(name: &str, org: &Organization, options: Options) -> usize {
    let (graphs, link_state) = (Graphs::new(org), linkstate::Options::default());
    let world = World::new(org, &graphs, options, link_state);
    let ground = Ground::new(org, Decisions::of(options, link_state));
    let sites: Vec<SiteIdx> = org.sites().iter_enumerated().map(|(site, _)| site).collect();
    let from: Vec<_> = sites.iter().map(|site| from_site(&world, *site)).collect();
    let to = to_groups(&world);
    let distances = Distances::new(&ground, &from, &to, &mut |flaw| panic!("{name}: {flaw}"));
    let (nothing_down, mut compared) = (FailureSet::default(), 0);
    for class in message_classes(org, options.default_size).0 {
        let message = class.message();
        let view = View::new(org, &graphs, options, &message, &nothing_down);
        for recipient in recipients(org).0 {
            let target = match &recipient {
                Recipient::Node(node) => Target::Node(*node),
                Recipient::AddressSpace { example, .. } => Target::Outside(fitting(&ground, example)),
            };
            for at in sites.iter().flat_map(|site| ground.holders(*site)) {
                let Holder::Site(site, generation) = at else { continue };
                let found = decide(&ground, &distances, &message, &target, (site, generation));
                let by_engine = by_engine(&view, &world, &ground, &recipient, at);
                let who = org.sites()[site].name.as_str();
                let same = found.as_ref().is_ok_and(|found| *found == by_engine);
                assert!(
                    same,
                    "{name}: {who} as {generation:?}, {class:?}, for {recipient:?}, {options:?}"
                );
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn what_2007_decides_is_worked_out_twice() {
    let organizations = organizations(60);
    let mut compared = 0;
    for (path, org) in &organizations {
        for options in all_options() {
            compared += compare(&path.display().to_string(), org, options);
        }
    }
    assert!(
        organizations.len() > 50 && compared > 10_000,
        "{compared} in {}",
        organizations.len()
    );
}
