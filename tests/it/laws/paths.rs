//! What best paths have in common.

use super::*;

#[test]
fn following_next_hops_reproduces_the_path() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let mut at = plan.clone();
                let mut walked = 0;
                // Each stop lies further along the first path, and its own plan is what is left of it.
                while at.next_hop != at.to {
                    let stop = at
                        .path
                        .iter()
                        .position(|node| *node == at.next_hop)
                        .expect("a stop on the path");
                    assert!(stop > 0 && at.relay == Relay::HubSite);
                    walked += stop;
                    let Node::Site(site) = at.next_hop else {
                        panic!("a site sends to sites")
                    };
                    let Node::Site(to) = at.to else {
                        panic!("the destination is a site")
                    };
                    at = site_plan(view, site, to).expect("a stop has a way on");
                    assert_eq!(at.path[..], plan.path[walked..]);
                }
            }
        });
    });
}

#[test]
fn suffixes_of_best_paths_are_best_paths() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let Node::Site(to) = plan.to else { continue };
                for at in 1..plan.path.len() - 1 {
                    let Node::Site(site) = plan.path[at] else { continue };
                    let Some(rest) = site_plan(view, site, to) else {
                        continue;
                    };
                    assert_eq!(rest.path[..], plan.path[at..]);
                }
                // The cost is the sum of the links that the path names.
                let sum: u64 = plan
                    .site_links()
                    .map(|link| u64::from(case.org.site_links()[link].effective_cost()))
                    .sum();
                assert_eq!(sum, plan.site_cost);
            }
        });
    });
}

#[test]
fn costs_between_sites_are_the_same_both_ways() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let (Node::Site(from), Node::Site(to)) = (plan.from, plan.to) else {
                    continue;
                };
                let back = site_plan(view, to, from).expect("links lead both ways");
                assert_eq!((plan.site_cost, plan.hops()), (back.site_cost, back.hops()));
            }
        });
    });
}

#[test]
fn paths_between_sites_need_not_be_the_same_both_ways() {
    // Each way the site before the destination decides, and they are different sites.
    let case = graph("A-B 5, B-Y 5, Y-D 5, A-C 5, C-X 5, X-D 5");
    assert_eq!(case.from("A").to("D").answer().path(), "A > C > X > D");
    assert_eq!(case.from("D").to("A").answer().path(), "D > Y > B > A");
    let cost = |from: &str, to: &str| case.from(from).to(to).answer().cost();
    assert_eq!(cost("A", "D"), cost("D", "A"));
}

#[test]
fn a_group_path_costs_what_its_connectors_cost() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for (group, _) in case.org.routing_groups().iter_enumerated() {
                for from in case.org.routers() {
                    let sender = Sender::node(&case.org, from).expect("a router sends");
                    let to = Node::RoutingGroup(group);
                    let Some(plan) = (from != to).then(|| view.plan(sender, to)).flatten() else {
                        continue;
                    };
                    let sum: u64 = plan
                        .connectors()
                        .map(|c| u64::from(case.org.routing_group_connectors()[c].cost))
                        .sum();
                    assert_eq!(sum, plan.routing_group_cost);
                    assert!(plan.connectors().count() > 0, "a group is reached over a connector");
                }
            }
        });
    });
}
