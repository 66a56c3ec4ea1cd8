//! Mail that is followed from router to router.

use super::*;

/// Follows mail for a mailbox from router to router; the routers that held it, in order.
fn walk(view: &View<'_>, from: Node, recipient: &Recipient) -> Vec<Node> {
    let mut held = vec![from];
    // One more step than there are routers would have to visit one twice.
    for _ in 0..=view.org.sites().len() + view.org.routing_groups().len() {
        let at = held[held.len() - 1];
        let Some(sender) = Sender::node(view.org, at) else {
            break;
        };
        let Some(plan) = explain(view, sender, recipient).plan else {
            break;
        };
        held.push(plan.next_hop);
    }
    held
}

#[test]
fn with_one_view_and_one_generation_no_mail_loops() {
    let mut walked_through_groups = 0;
    let mut crossings = |held: &[Node]| {
        let groups = held.iter().filter(|node| matches!(node, Node::RoutingGroup(_))).count();
        walked_through_groups += usize::from(groups > 0 && groups < held.len());
    };
    let seeds: Vec<u64> = match std::env::var("BRIDGEHEAD_SEED") {
        Ok(seed) => vec![seed.parse().expect("BRIDGEHEAD_SEED is a number")],
        Err(_) => (0..ORGANIZATIONS).collect(),
    };
    for seed in &seeds {
        let case = random(*seed, COEXISTENCE).build();
        with_view(&case, |view| {
            for mailbox in case.org.mailboxes() {
                let recipient = Recipient::Address(mailbox.address.clone());
                for from in case.org.routers() {
                    let held = walk(view, from, &recipient);
                    let mut once = held.clone();
                    once.sort_unstable();
                    once.dedup();
                    assert_eq!(
                        once.len(),
                        held.len(),
                        "BRIDGEHEAD_SEED={seed}: {} from {from:?}: {held:?}",
                        mailbox.address
                    );
                    crossings(&held);
                }
            }
        });
    }
    // The law would be empty if no mail had crossed between the versions.
    assert!(
        seeds.len() == 1 || walked_through_groups > 1000,
        "only {walked_through_groups} walks crossed"
    );
}

#[test]
fn a_walk_ends_at_the_mailbox_when_the_first_router_sees_a_route() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        with_view(&case, |view| {
            for mailbox in case.org.mailboxes() {
                let recipient = Recipient::Address(mailbox.address.clone());
                for from in case.org.routers() {
                    let sender = Sender::node(&case.org, from).expect("a router sends");
                    let Some(plan) = explain(view, sender, &recipient).plan else {
                        continue;
                    };
                    assert_eq!(walk(view, from, &recipient).last(), Some(&plan.to));
                }
            }
        });
    });
}
