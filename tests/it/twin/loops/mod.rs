//! Loop verification, worked out by walking.
//!
//! For every recipient, every class of messages and every set of failed connectors up to a size, the twin writes down
//! what each router would do, and follows the message along every choice. It knows no theorem: what the documents
//! prove about loops (LS-3.2, LS-3.5) stands in `laws.rs`, as something to be tested.
//!
//! What the documents leave open, and what is done here:
//!
//! Routers and the choice graph
//!
//! 1. A router is a legacy group with a server, or one generation (2007 RTM, 2007 with a service pack, 2010, 2013 and
//!    later) that has a transport server in a site. A generation routes as its newest transport server there, then the
//!    lowest name. RTM stands apart: what it cannot see (R72) makes it route by rules of its own.
//! 2. Mail may begin at any router, so every cycle of the choice graph counts, also one within the 2007 side alone.
//! 3. The 2007 side chooses one next hop; the *site* is what it chooses. Which generation of that site takes the
//!    mail is chance (RT-2.10, round robin): one arc to every generation that has a transport server there.
//! 4. A legacy connector into the 2007 group leads to every usable target server, by chance (LS-2.1, `pick_target`): to
//!    the generation of that server in its site. A router of the 2007 group sends over a connector by its usable source
//!    servers in the site: one that would take the same connector sends, one that would not decides for itself.
//! 5. The choices of a legacy group are the first steps of all its simple connector sequences of least cost (with the
//!    address-space cost, for mail to the outside), the 2007 group being one node that is passed once at most. Hops
//!    and names are not compared. Limits and restrictions count for every connector of a sequence, those that start
//!    in the 2007 group included. Parallel connectors of one cost are two choices.
//! 6. A choice whose first step (or, in the group itself, whose connector to the outside) has failed waits. A group
//!    without a choice waits. All ends are alike: delivered, waiting, returned.
//! 7. A 2007 router that returns mail for its size, or finds no route, is an end. System messages pass its limits and
//!    not those of legacy groups.
//! 8. A message is delivered as soon as it is in the site or group of the recipient, whatever the generation.
//!
//! Beliefs
//!
//! 9. A connector counts for islands, as a failure and as a black hole if it is usable: it has a usable source server
//!    and, between groups, a usable target server, two ends, and a supported kind (X.400 and SMTP never touch the 2007
//!    group). For leaves every connector of the file counts.
//! 10. Suppression is `suppression_in_effect`, and only when that is left out `suppress_state_changes`. It is asked of
//!     the usable source servers of 2000 and 2003.
//! 11. A leaf counts connectors, not neighbours: two beside each other are two. `enabled: false` takes a connector to
//!     the outside out of the count, a legacy one as well, though legacy groups go on using it (R50). Mirror images: the
//!     one out leads to the group the one in comes from; cost and kind are not compared. A group without connectors
//!     is a leaf. A connector to the outside has no mirror image. The 2007 group can be a leaf like others (Q5); connectors of
//!     2007 and later to the outside are its own.
//! 12. Islands: direction and kind of a connector do not matter; each end needs one usable source (or target) server of
//!     2000/2003 that is not blocked. Stale groups are members like others. Every group is in its own island, also one
//!     of Exchange 5.5 alone: it acts on its own connectors.
//! 13. Stale is `stale: true` or `master: ""`. Such a group does not act on its own connectors either. Another `master`,
//!     whoever that is, changes nothing.
//! 14. `least_cost_only` is honoured where every server of the group is Exchange 5.5 and one of them has it: the group
//!     acts on nothing. A 5.5 group without it has no memory of where mail came from (LS-2.2 has a partial source
//!     that it does), so it can send mail back as well.
//! 15. `smart_hosts` alone decides whether a `LegacySmtp` has a state; `dns_routing` is not asked.
//! 16. Sets of failures are made of connectors on which at least one group acts, so not of those of stale groups. What
//!     nobody acts on could only end mail that loops.
//!
//! Recipients and classes
//!
//! 17. An address class stands for each `TYPE:VALUE` among the address spaces of all connectors, usable or not, those
//!     that an Edge subscription implies included; case does not tell them apart, the cost is no part. Shown with the
//!     type in upper case and the value as written; of several writings the first by code points. `--` has none.
//! 18. It is the class of the addresses that this space fits best: for `*.d` a subdomain of `d` that no other space
//!     names, or `d` itself, for `*` any other domain, for `FAX:+49*` a number that no other space fits better. A class is
//!     left out when there is no such address outside authoritative domains (D21). X.400: the address has the attributes that
//!     the space names and no others; those that several spaces fit crosswise are a class with the attributes of all of them.
//! 19. Sizes are cut at every `max_message_size` of site links, routing-group connectors and connectors, whether or not
//!     the object has an effect: `[0, L1]`, `[L1 + 1, L2]`, ..., `[Ln + 1, null]` (`"max": null`). Without limits `size`
//!     is `null`.
//! 20. Senders: `other` first, then every address that a restriction of the file allows or denies, in alphanumeric
//!     order, without `SMTP:` and as written (of several writings the first by code points). Priorities `Normal`, `Low`,
//!     `High` if any restriction lists one, else `Normal` alone; types `NonSystem`, `System` if any lists one or some
//!     size is above a limit, else `NonSystem` alone. Hours are told apart as in 31. Classes are ordered by size, sender, priority, type, hour.
//!
//! Witnesses
//!
//! 21. Cycles are elementary ones of routers, shown as places and turned so that the list is lowest in table order.
//!     Cycles of different generations that look the same are one witness, `must` if one of them is.
//! 22. `certainty` is judged from the router that `entry` stands for in that cycle.
//! 23. Minimality compares within recipient and class, whatever the cycle: a `must` goes when a proper subset of `failed`
//!     has a `must`, a `may` when a proper subset has any witness.
//! 24. `also_in` joins witnesses of one recipient with the same `failed`, `cycle` and `certainty`, after minimality in each
//!     class: the other classes in order, left out when there are none. The order of witnesses uses the first class.
//!
//! Black holes
//!
//! 25. One connector has failed and nothing else; none are looked for when no failure is allowed. The connector is any
//!     usable one, also one to the outside, on which no group acts. A record is `recipient`, `message_class`, `also_in`,
//!     `failed` (the one name), `at` (the legacy group), by recipient, name, group, class.
//! 26. A group's choice crosses it when one of its sequences of least cost does, anywhere on it, or ends with it;
//!     "another path" is any choice it would have if it believed the connector down, so a connector to the outside does
//!     not give way to a less specific one. What the sequence crosses behind its entry into the 2007 group counts only
//!     where the mail, followed from router to router, may be sent over it.
//!
//! Transient loops
//!
//! 27. Every non-empty set of legacy groups that have not polled: those choose on the whole previous file, their own
//!     connectors included, with names to tell what is what. A connector that is gone, is not usable, or starts
//!     elsewhere by now makes mail wait; one that leads elsewhere leads there. Who believes what is down is told by the
//!     present file. Classes are cut by both files; recipients are those of the present one.
//! 28. A circle is listed with the least that has to fail for it in any mix, under the first mix that has it then (few groups
//!     before many, then names), and not at all where it is settled with no more than that. `views` is
//!     `{"previous": [nodes]}`, the groups that have not polled.
//!
//! Hours (29 and 30 are about news)
//!
//! 31. A minute of the week counts from Monday 00:00, by one clock. Minutes are told apart by which connectors with windows are
//!     open, connectors of 2007 and later and those that are not usable included, of both files where there are two. A class
//!     is named after its earliest minute, so that the first is `Mon 00:00`. No class has `at` where no connector has
//!     windows; where one has they all do, also when it is always open.
//! 32. Out of its windows a connector is refused like one that never runs: legacy groups leave it out, the 2007 side sees nothing
//!     of it. It is no down state: the connector counts for leaves, islands, failures and black holes at every hour.
//! 33. All routers that a message passes are asked about the same minute. Mail without a choice waits, whatever opens later.

mod black_holes;
mod choices;
mod classes;
mod classes_of_loops;
pub(crate) mod drawing;
mod examples;
mod flood;
mod graph;
mod hours;
mod laws;
mod link_state;
mod routers;
mod skew;
mod witnesses;

use serde_json::{Value, json};

use super::Options;
pub(crate) use flood::{Moment, under_way};
use routers::Network;

/// `witnesses` and `black_holes` of the contract's `verify`, without `steps` and `fix`.
///
/// # Panics
///
/// On a file that is not valid.
pub(crate) fn verify(text: &str, options: &Options, max_failures: usize) -> Value {
    let network = Network::parse(text, options);
    let recipients = classes::all_recipients(&network.org);
    let classes = classes::message_classes(&[text], options);
    let black_holes = match max_failures {
        0 => json!([]),
        _ => black_holes::black_holes(&network, &recipients, &classes),
    };
    json!({
        "witnesses": witnesses::witnesses(&network, &recipients, &classes, max_failures),
        "black_holes": black_holes,
    })
}

/// `transient` of the contract's `verify --previous`.
///
/// # Panics
///
/// On a file that is not valid.
pub(crate) fn transient(text: &str, previous: &str, options: &Options, max_failures: usize) -> Value {
    let network = Network::parse(text, options);
    let old = Network::parse(previous, options);
    let recipients = classes::all_recipients(&network.org);
    let classes = classes::message_classes(&[text, previous], options);
    skew::transient(&network, &old, &recipients, &classes, max_failures)
}
