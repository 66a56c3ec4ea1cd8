//! Tables of a whole organization against the plan of every sender, which the oracle holds against all simple paths.

use bridgehead::model::{FailureSet, Message, Organization, RoutingGroupConnectorIdx};
use bridgehead::route::everywhere::{Everywhere, PlanSummary};
use bridgehead::route::{Graphs, Options, Sender, View};
use bridgehead::synth::Shape;

use crate::engine::{options, read};
use crate::oracle::{over_seeds, report};
use crate::support::{generated, topology};
use crate::twin::random;

/// The first summary that differs from the plan, over every sender and every server that sends for itself, and how many there are.
fn first_difference(org: &Organization, options: Options, down: &FailureSet) -> (usize, Option<String>) {
    let graphs = Graphs::new(org);
    let message = Message::default();
    let view = View::new(org, &graphs, options, &message, down);
    let everywhere = Everywhere::new(&view).expect("ordinary costs");
    let nodes = org.routers().filter_map(|node| Sender::node(org, node));
    let servers = org
        .servers()
        .iter_enumerated()
        .filter_map(|(server, _)| Sender::server(org, server));
    let mut asked = 0;
    for sender in nodes.chain(servers) {
        let from = everywhere.from(sender);
        for to in org.routers().filter(|to| *to != sender.node) {
            asked += 1;
            let plan = view.plan(sender, to).map(|plan| PlanSummary {
                routing_group_cost: plan.routing_group_cost,
                site_cost: plan.site_cost,
                hops: plan.hops(),
                next_hop: plan.next_hop,
            });
            let got = from.to(to);
            if got != plan {
                return (
                    asked,
                    Some(format!("{sender:?} to {to:?}: {got:?}, and the plan says {plan:?}")),
                );
            }
        }
    }
    (asked, None)
}

#[test]
fn organizations_by_chance_are_told_as_planned() {
    let differences = over_seeds(
        "organizations_by_chance_are_told_as_planned",
        0..4_000,
        random::organization,
        |seed| {
            let org = read(&random::organization(seed).to_string());
            let options = options(&random::options(seed));
            // Every third time one of the connectors is believed down.
            let mut down = FailureSet::default();
            let connectors = org.routing_group_connectors().len();
            if seed % 3 == 0 && connectors > 0 {
                let at = usize::try_from(seed).expect("small") % connectors;
                down.routing_group_connectors
                    .push(RoutingGroupConnectorIdx::from_usize(at));
            }
            first_difference(&org, options, &down).1
        },
    );
    report(&differences);
}

#[test]
fn generated_organizations_and_those_of_the_folder_are_told_as_planned() {
    for (shape, sites) in [
        (Shape::Coexistence, 120),
        (Shape::LegacyMesh, 60),
        (Shape::MultiTier, 150),
        (Shape::BigLink, 60),
    ] {
        let org = generated(shape, sites, 2);
        let (asked, difference) = first_difference(&org, Options::default(), &FailureSet::default());
        assert!(asked > 3_000, "{}: {asked} plans", shape.name());
        assert_eq!(difference, None, "{}", shape.name());
    }
    let contoso = topology("contoso/topology.ron");
    let (asked, difference) = first_difference(&contoso.org, Options::default(), &FailureSet::default());
    assert!(asked > 0);
    assert_eq!(difference, None);
}
