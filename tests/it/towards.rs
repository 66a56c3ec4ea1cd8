//! Paths from all sites to one against searches from each of them, which the oracle holds against all simple paths.
//!
//! A difference names its seed; `BRIDGEHEAD_SEEDS=n` or `a..b` asks more of them than the suite does.

use bridgehead::graph::CompactSites;
use bridgehead::model::{FailureSet, Message, Node, Organization, SiteIdx};
use bridgehead::route::towards::Towards;
use bridgehead::route::{Graphs, Options, Sender, View, site_search};
use bridgehead::synth::Shape;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::engine::read;
use crate::oracle::{over_seeds, report};
use crate::support::generated;
use crate::twin::random::{organization, small_site_graphs};

/// The first answer about a pair that differs, in words.
fn first_difference(org: &Organization) -> Option<String> {
    let sites = CompactSites::new(org);
    let every = || (0..sites.sites()).map(SiteIdx::from_usize);
    let towards: Vec<Towards> = every().map(|to| Towards::new(&sites, to)).collect();
    every().find_map(|from| {
        let tree = site_search::search(&sites, from, None);
        every().find_map(|to| {
            let towards = &towards[to.index()];
            let path = tree.path(to);
            let clause = path.as_ref().map(|_| (tree.decided_by(to), towards.decided_by(from)));
            let expected = (tree.cost(to), &path);
            let found = towards.path(from);
            let got = (towards.cost(from), &found);
            let differs = got != expected || clause.is_some_and(|(expected, got)| got != expected);
            differs.then(|| format!("from {from:?} to {to:?}: {got:?}, and a search says {expected:?}; {clause:?}"))
        })
    })
}

/// The first plan between two sites that differs.
fn first_other_plan(org: &Organization) -> Option<String> {
    let graphs = Graphs::new(org);
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(org, &graphs, Options::default(), &message, &down);
    let routers: Vec<SiteIdx> = org
        .routers()
        .filter_map(|node| match node {
            Node::Site(site) => Some(site),
            Node::RoutingGroup(_) => None,
        })
        .collect();
    routers.iter().find_map(|to| {
        let towards = view.towards(*to);
        routers.iter().find_map(|from| {
            let sender = Sender::node(org, Node::Site(*from))?;
            let (expected, got) = (
                view.plan(sender, Node::Site(*to)),
                view.plan_towards(sender, *from, &towards),
            );
            (expected != got).then(|| format!("{got:?}, not {expected:?}"))
        })
    })
}

#[test]
fn every_small_site_graph_has_the_same_paths_both_ways() {
    let graphs: Vec<String> = small_site_graphs().map(|graph| graph.to_string()).collect();
    let differences = graphs.par_iter().map(|graph| {
        let difference = first_difference(&read(graph))?;
        Some(format!("{difference}\nin {graph}"))
    });
    report(&differences.collect::<Vec<_>>());
}

#[test]
fn plans_by_chance_are_those_of_a_search_from_the_sender() {
    let test = "plans_by_chance_are_those_of_a_search_from_the_sender";
    report(&over_seeds(test, 0..5_000, organization, |seed| {
        first_other_plan(&read(&organization(seed).to_string()))
    }));
}

/// Links of two sites and of many, of one or two costs, so that most paths tie.
fn tied(seed: u64) -> Value {
    let mut rng = Pcg32::seed_from_u64(seed);
    let sites: usize = rng.random_range(2..30);
    let dearest = rng.random_range(1..=2);
    let name = |site: usize| format!("S{:02}", site * 17 % 31);
    let links = (0..rng.random_range(sites / 2..3 * sites)).map(|at| {
        let width = if rng.random_range(0..6) == 0 {
            rng.random_range(3..9)
        } else {
            2
        };
        let mut members: Vec<String> = (0..width).map(|_| name(rng.random_range(0..sites))).collect();
        members.sort_unstable();
        members.dedup();
        json!({"name": format!("L{at:02}"), "sites": members, "cost": rng.random_range(1..=dearest)})
    });
    let links: Vec<Value> = links
        .filter(|link| link["sites"].as_array().is_some_and(|sites| sites.len() > 1))
        .collect();
    let sites: Vec<Value> = (0..sites).map(|site| json!({"name": name(site)})).collect();
    json!({"sites": sites, "site_links": links})
}

#[test]
fn of_many_equal_paths_the_same_one_is_chosen() {
    let test = "of_many_equal_paths_the_same_one_is_chosen";
    report(&over_seeds(test, 0..5_000, tied, |seed| {
        first_difference(&read(&tied(seed).to_string()))
    }));
}

#[test]
fn generated_organizations_have_the_same_paths_both_ways() {
    for shape in Shape::ALL {
        let org = generated(shape, 200, 5);
        assert_eq!(first_difference(&org), None, "{}", shape.name());
        assert_eq!(first_other_plan(&org), None, "{}", shape.name());
    }
}
