//! What may be down without anybody noticing.

use super::*;

#[test]
fn what_is_not_on_the_way_may_be_down() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        let message = Message::default();
        let nothing = FailureSet::default();
        let all_up = View::new(&case.org, &case.graphs, Options::default(), &message, &nothing);
        for from in case.org.routers() {
            let sender = Sender::node(&case.org, from).expect("a router sends");
            for (to, plan) in all_up.table(sender) {
                let Some(plan) = plan else { continue };
                for (index, connector) in case.org.routing_group_connectors().iter_enumerated() {
                    if plan.connectors().any(|used| used == index) {
                        continue;
                    }
                    let down = FailureSet {
                        routing_group_connectors: vec![index],
                        ..FailureSet::default()
                    };
                    let view = View::new(&case.org, &case.graphs, Options::default(), &message, &down);
                    let found = view.plan(sender, to).expect("still a route");
                    assert_eq!(
                        (&found.path, &found.legs, found.next_hop),
                        (&plan.path, &plan.legs, plan.next_hop),
                        "{}",
                        connector.name
                    );
                }
            }
        }
    });
}

#[test]
fn a_link_off_the_way_may_be_down_without_anybody_waiting() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        let plans = with_view(&case, site_plans);
        for (link, entry) in case.org.site_links().iter_enumerated() {
            let message = Message::default();
            let down = FailureSet {
                site_links: vec![link],
                ..FailureSet::default()
            };
            let view = View::new(&case.org, &case.graphs, Options::default(), &message, &down);
            for plan in &plans {
                let Node::Site(to) = plan.to else { continue };
                let sender = Sender::node(&case.org, plan.from).expect("a router sends");
                let explained = explain(&view, sender, &Recipient::Node(NodeKind::Site(to)));
                // The path stays whatever is down; mail waits exactly when its path crosses the link.
                assert_eq!(explained.plan.as_ref(), Some(plan), "{}", entry.name);
                let crossed = plan.site_links().any(|used| used == link);
                let waits = explained.journey.is_some_and(|journey| journey.queued_at.is_some());
                assert_eq!(waits, crossed, "{} down", entry.name);
            }
        }
    });
}
