//! The copies of a message with several recipients (RT-2.5, D34–D37).

use smallvec::SmallVec;

use super::explain::{Explanation, Outcome, explain};
use super::recipient::{DeliveryGroup, Recipient};
use crate::model::{ConnectorIdx, Generation, Node, Organization, SiteIdx};
use crate::route::{Sender, View};

/// Where a copy goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// To a router. The sender's own node: it stays and is delivered there.
    Node(Node),
    /// Out through a connector of the sender itself.
    Connector(ConnectorIdx),
}

/// One copy that leaves the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it goes next.
    pub next_hop: Hop,
    /// Its recipients, as positions in the list that was asked for.
    pub recipients: Vec<usize>,
    /// The first node where it is no longer one copy; `None` when it never splits (D36).
    pub split_at: Option<Node>,
}

/// The copies of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// By next hop, then by first recipient (D37).
    pub copies: Vec<Copy>,
    /// Recipients that no copy is for, with the reason.
    pub failed: Vec<(usize, Explanation)>,
}

type End = (Node, Option<ConnectorIdx>);

/// A recipient on its way from the sender.
#[derive(Clone, Debug)]
struct Way {
    recipient: usize,
    /// What the sender tells destinations apart by.
    goal: DeliveryGroup,
    /// Where the mail ends, and through which connector it leaves there.
    end: End,
    next_hop: Hop,
    /// From the sender on.
    path: SmallVec<[Node; 8]>,
}

/// How `sender` splits a message for `recipients`, groups being expanded already ([`super::expand`]).
///
/// Where a copy splits later is found by letting every stop compute in its turn. O(recipients × stops) plans.
pub fn copies(view: &View<'_>, sender: Sender, recipients: &[Recipient]) -> Copies {
    let all: Vec<usize> = (0..recipients.len()).collect();
    let (ways, failed) = ways(view, sender, recipients, &all);
    let mut copies: Vec<Copy> = split(view.org, sender, ways)
        .into_iter()
        .map(|part| Copy {
            next_hop: part.next_hop,
            split_at: split_at(view, sender, recipients, &part),
            recipients: part.recipients,
        })
        .collect();
    copies.sort_by_key(|copy| (copy.next_hop, copy.recipients.first().copied()));
    Copies { copies, failed }
}

/// Some recipients that leave in one copy, with what they are going for.
struct Part {
    next_hop: Hop,
    recipients: Vec<usize>,
    ends: Vec<End>,
}

impl Part {
    fn new(next_hop: Hop, ways: &[&Way]) -> Part {
        let mut ends: Vec<End> = ways.iter().map(|way| way.end).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut recipients: Vec<usize> = ways.iter().map(|way| way.recipient).collect();
        recipients.sort_unstable();
        Part {
            next_hop,
            recipients,
            ends,
        }
    }
}

fn ways(
    view: &View<'_>,
    sender: Sender,
    recipients: &[Recipient],
    wanted: &[usize],
) -> (Vec<Way>, Vec<(usize, Explanation)>) {
    let mut ways = Vec::new();
    let mut failed = Vec::new();
    for at in wanted {
        let explanation = explain(view, sender, &recipients[*at]);
        if !matches!(explanation.outcome, Outcome::Deliver | Outcome::Route) {
            failed.push((*at, explanation));
            continue;
        }
        let connector = explanation.connector();
        let (next_hop, path) = match &explanation.plan {
            Some(plan) => (Hop::Node(plan.next_hop), plan.path.clone()),
            None => (
                connector.map_or(Hop::Node(sender.node), Hop::Connector),
                SmallVec::from_slice(&[sender.node]),
            ),
        };
        let end = path[path.len() - 1];
        let goal = match (sender.generation, explanation.delivery_group, connector) {
            // R7: legacy servers split by destination, and a connector is one.
            (Generation::Legacy, _, Some(connector)) => DeliveryGroup::Connector(connector),
            // 2013+ tells delivery groups in one place apart, but towards legacy groups it is as 2010 (D4).
            (Generation::Exchange2013, Some(group), _) if matches!(end, Node::Site(_)) => group,
            _ => DeliveryGroup::Node(end),
        };
        ways.push(Way {
            recipient: *at,
            goal,
            end: (end, connector),
            next_hop,
            path,
        });
    }
    (ways, failed)
}

/// One splitting decision.
fn split(org: &Organization, sender: Sender, ways: Vec<Way>) -> Vec<Part> {
    let (here, away): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(|way| way.path.len() == 1);
    // What stays is one copy, what leaves by a connector of the sender's own is one for each.
    let leaves_by = |way: &Way| match way.next_hop {
        Hop::Node(node) => DeliveryGroup::Node(node),
        Hop::Connector(connector) => DeliveryGroup::Connector(connector),
    };
    let mut parts = group_by(&here, leaves_by, |next_hop, ways| vec![Part::new(next_hop, ways)]);
    parts.extend(match sender.generation {
        // R7: split right after recipient resolution.
        Generation::Legacy => group_by(&away, |way| way.goal, |next_hop, ways| vec![Part::new(next_hop, ways)]),
        // D35: delayed only up to a hub site, the one delivery group of type AD site that lies on the way.
        Generation::Exchange2013 => {
            let shared = |way: &Way| match way.next_hop {
                Hop::Node(node @ Node::Site(site)) if org.sites()[site].hub_site => DeliveryGroup::Node(node),
                Hop::Node(node @ Node::RoutingGroup(_)) => DeliveryGroup::Node(node),
                _ => way.goal,
            };
            // A hub site may be a goal too; mail that stops there for either reason travels together.
            group_by(&away, shared, |next_hop, ways| vec![Part::new(next_hop, ways)])
        }
        // D34: delayed up to the fork.
        _ => group_by(
            &away,
            |way| DeliveryGroup::Node(way.path[1]),
            |_, ways| at_fork(org, ways),
        ),
    });
    parts
}

/// Groups ways by a key, in the order of the keys. The next hop handed on is that of the first way.
fn group_by(ways: &[Way], key: impl Fn(&Way) -> DeliveryGroup, make: impl Fn(Hop, &[&Way]) -> Vec<Part>) -> Vec<Part> {
    let mut sorted: Vec<&Way> = ways.iter().collect();
    sorted.sort_by_key(|way| (key(way), way.recipient));
    let groups = sorted.chunk_by(|a, b| key(a) == key(b));
    groups.flat_map(|group| make(group[0].next_hop, group)).collect()
}

/// Ways that share their first step, from a 2007 or 2010 sender (RT-2.5, D34).
fn at_fork(org: &Organization, ways: &[&Way]) -> Vec<Part> {
    let first = ways[0];
    let one_goal = ways.iter().all(|way| way.goal == first.goal);
    // Over a routing-group connector one copy serves all: the legacy side splits it.
    let into_group = matches!(first.path[1], Node::RoutingGroup(_));
    if one_goal || into_group {
        return vec![Part::new(first.next_hop, ways)];
    }
    let common = (0..)
        .take_while(|at| {
            ways.iter()
                .all(|way| way.path.get(*at).is_some_and(|node| first.path.get(*at) == Some(node)))
        })
        .count();
    let stops = || {
        first.path[1..common].iter().filter_map(|node| match node {
            Node::Site(site) if org.has_transport(*site) => Some(*site),
            _ => None,
        })
    };
    let hub = stops().find(|site| org.sites()[*site].hub_site);
    let fork: Option<SiteIdx> = hub.or_else(|| stops().next_back());
    match fork {
        Some(site) => vec![Part::new(Hop::Node(Node::Site(site)), ways)],
        // The fork is the sender itself: one copy for each goal.
        None => {
            let owned: Vec<Way> = ways.iter().map(|way| (*way).clone()).collect();
            group_by(&owned, |way| way.goal, |next_hop, ways| vec![Part::new(next_hop, ways)])
        }
    }
}

/// The first node where a copy is no longer one copy (D36).
fn split_at(view: &View<'_>, sender: Sender, recipients: &[Recipient], part: &Part) -> Option<Node> {
    if part.ends.len() < 2 {
        return None;
    }
    let mut next_hop = part.next_hop;
    // Routers of different generations may hand a copy back and forth; then it never splits.
    let mut seen = vec![sender.node];
    while let Hop::Node(node) = next_hop {
        if seen.contains(&node) {
            return None;
        }
        seen.push(node);
        let stop = Sender::node(view.org, node)?;
        let (ways, failed) = ways(view, stop, recipients, &part.recipients);
        let parts = split(view.org, stop, ways);
        match parts.as_slice() {
            // All of it is delivered here.
            [one] if failed.is_empty() && one.next_hop == Hop::Node(node) => return None,
            [one] if failed.is_empty() => next_hop = one.next_hop,
            _ => return Some(node),
        }
    }
    None
}
