//! Who is tried, and where mail waits, when something is down (RT-2.4, D38, D39).

use fixedbitset::FixedBitSet;

use super::explain::Explanation;
use super::recipient::end_sites;
use crate::model::{
    ConnectorIdx, Generation, GroupRef, Node, Organization, RoutingGroupConnectorKind, ServerIdx, SiteIdx,
};
use crate::route::{Leg, Plan, Relay, Sender, View, is_down, usable_sources};

/// What happens to mail on its way while something is down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// Where it waits; `None` when nothing that is down holds it up.
    pub queued_at: Option<Node>,
    /// Every node that was tried, once each, in order; those that answered too.
    pub tried: Vec<Node>,
    /// Who held the mail one after the other, the sender first.
    pub holders: Vec<Node>,
    /// The sender itself is down: it tries nobody (D38).
    pub sender_down: bool,
}

/// What sites of different generations, which see different ways (R72), make of mail between them. It does not arrive,
/// although nothing that is down holds it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// These sites hand it on in this order, the last one to the first again, for ever.
    Loop(Vec<SiteIdx>),
    /// This site is handed the mail and sees no way on.
    NoWay(SiteIdx),
}

impl Journey {
    /// Mail that waits where it is, nobody having been tried.
    pub(super) fn waits_at(node: Node) -> Journey {
        Journey {
            queued_at: Some(node),
            tried: Vec::new(),
            holders: vec![node],
            sender_down: false,
        }
    }
}

/// Mail on its way from a 2007+ sender.
pub(super) struct Trip<'a> {
    /// The sender's own plan; `None` when it handles the mail itself.
    pub(super) plan: Option<&'a Plan>,
    /// The connector that was selected for an external address.
    pub(super) connector: Option<ConnectorIdx>,
    /// The sites that can take the mail at its end: those of a delivery group (RT-2.13).
    pub(super) ends: &'a [SiteIdx],
}

/// Whether sites on the way see other ways than the sender: only 2007 RTM is blind to X.400 connectors (R72).
pub(super) fn may_disagree(org: &Organization, sender: Sender, plan: &Plan) -> bool {
    let blind = |generation: Generation| generation == Generation::Exchange2007Rtm;
    let differs = |node: &Node| match node {
        Node::Site(site) => org
            .site_generation(*site)
            .is_some_and(|own| blind(own) != blind(sender.generation)),
        Node::RoutingGroup(_) => false,
    };
    let mut connectors = org.routing_group_connectors().iter();
    plan.path.iter().any(differs) && connectors.any(|connector| connector.kind == RoutingGroupConnectorKind::X400)
}

/// Follows mail from a 2007+ sender: each holder tries its next hop and then its back-off list, and whoever answers holds
/// it next (D39). Ends where the mail arrives, leaves for a routing group, or waits, or where the sites disagree.
pub(super) fn walk(view: &View<'_>, sender: Sender, site: SiteIdx, trip: &Trip<'_>) -> (Journey, Option<Disagreement>) {
    let mut journey = Journey {
        holders: vec![Node::Site(site)],
        ..Journey::default()
    };
    let mut holder = site;
    let mut plan = trip.plan.cloned();
    let mut sender = sender;
    // Who has routed as its representative, as every site does after the first hand-over. Mail that comes to one of them
    // again goes round for ever.
    let mut routed = FixedBitSet::with_capacity(view.org.sites().len());
    routed.set(site.index(), sender.itself(view.org).is_none());
    loop {
        let Some(current) = plan else {
            return (at_exit(view, journey, holder, trip.connector), None);
        };
        if current.relay == Relay::RoutingGroup {
            return (at_group_connector(view, journey, holder, &current), None);
        }
        let Some(stop) = first_to_answer(view, sender, &current, trip.ends, &mut journey) else {
            journey.queued_at = Some(Node::Site(holder));
            return (journey, None);
        };
        let node = Node::Site(stop);
        if routed.put(stop.index()) {
            let cycle = cycle(&journey.holders, stop);
            return (journey, Some(Disagreement::Loop(cycle)));
        }
        holder = stop;
        journey.holders.push(node);
        sender = Sender::node(view.org, node).expect("a site answers by a transport server, so it routes");
        if node == current.to || trip.ends.contains(&stop) {
            plan = None;
            continue;
        }
        plan = view.plan(sender, current.to);
        if plan.is_none() {
            // Nothing has failed, and the sender cannot know it.
            return (journey, Some(Disagreement::NoWay(stop)));
        }
    }
}

/// The holders from the last time on that `stop` was one of them.
fn cycle(holders: &[Node], stop: SiteIdx) -> Vec<SiteIdx> {
    let first = holders.iter().rposition(|node| *node == Node::Site(stop)).unwrap_or(0);
    let sites = holders[first..].iter().filter_map(|node| match node {
        Node::Site(site) => Some(*site),
        Node::RoutingGroup(_) => None,
    });
    sites.collect()
}

/// Who takes the mail from a holder: the next hop, the other sites of the delivery group (2013+), the back-off list.
fn first_to_answer(
    view: &View<'_>,
    sender: Sender,
    plan: &Plan,
    ends: &[SiteIdx],
    journey: &mut Journey,
) -> Option<SiteIdx> {
    let mut try_site = |plan: &Plan, stop: SiteIdx| {
        if !journey.tried.contains(&Node::Site(stop)) {
            journey.tried.push(Node::Site(stop));
        }
        answers(view, plan, stop).then_some(stop)
    };
    let Node::Site(next_hop) = plan.next_hop else {
        return None;
    };
    if let Some(taken) = try_site(plan, next_hop) {
        return Some(taken);
    }
    for other in &other_ends(view, sender, plan, ends) {
        if let Node::Site(site) = other.to
            && let Some(taken) = try_site(other, site)
        {
            return Some(taken);
        }
    }
    plan.backoff.iter().find_map(|stop| try_site(plan, *stop))
}

/// The ways to the other sites of the delivery group, the closest first, which 2013+ tries before the sites on its path
/// (RT-2.13, fallback 1). Only from the last stop on: a hub site is a delivery group of its own, and so is a primary site
/// that is one.
fn other_ends(view: &View<'_>, sender: Sender, plan: &Plan, ends: &[SiteIdx]) -> Vec<Plan> {
    let spans = sender.generation == Generation::Exchange2013 && plan.next_hop == plan.to;
    let Node::Site(primary) = plan.next_hop else {
        return Vec::new();
    };
    if !spans || view.org.sites()[primary].hub_site {
        return Vec::new();
    }
    let others = ends.iter().filter(|site| **site != primary);
    let mut others: Vec<Plan> = others.filter_map(|site| view.plan(sender, Node::Site(*site))).collect();
    others.sort_by_key(|plan| (plan.site_cost, plan.hops(), plan.to));
    others
}

/// The other sites of the delivery group that `sender` tries before its back-off list, in order (RT-2.13, D39); none for
/// senders before 2013 and for groups in one site. O(sites of the group) plans.
pub fn other_sites(view: &View<'_>, sender: Sender, explanation: &Explanation) -> Vec<SiteIdx> {
    let (Some(plan), Some(group)) = (&explanation.plan, explanation.delivery_group) else {
        return Vec::new();
    };
    let ends = end_sites(view.org, group);
    let others = other_ends(view, sender, plan, &ends).into_iter();
    others
        .filter_map(|plan| match plan.to {
            Node::Site(site) => Some(site),
            Node::RoutingGroup(_) => None,
        })
        .collect()
}

/// D38: whether the sender can do anything. A server that was asked as itself is down by itself, though others in its site
/// or group are up.
pub(super) fn sender_up(view: &View<'_>, sender: Sender) -> bool {
    let org = view.org;
    match (sender.itself(org), sender.node) {
        (Some(server), _) => !is_down(view, server),
        (None, Node::Site(site)) => site_up(view, site),
        (None, Node::RoutingGroup(group)) => org.group_servers(group).iter().any(|server| !is_down(view, *server)),
    }
}

/// D38: a transport server there is up, and no down link lies between the one who tries and the site.
fn answers(view: &View<'_>, plan: &Plan, stop: SiteIdx) -> bool {
    let Some(at) = plan.path.iter().position(|node| *node == Node::Site(stop)) else {
        return false;
    };
    let passable = |leg: &Leg| !matches!(leg, Leg::SiteLink(link) if view.down.site_links.contains(link));
    site_up(view, stop) && plan.legs[..at].iter().all(passable)
}

fn site_up(view: &View<'_>, site: SiteIdx) -> bool {
    !view.down.sites.contains(&site)
        && (view.org.is_plain()
            || view
                .org
                .transport_servers(site)
                .iter()
                .any(|server| !is_down(view, *server)))
}

/// The holder is at the destination, or at the source site of the connector that was selected.
fn at_exit(view: &View<'_>, mut journey: Journey, holder: SiteIdx, connector: Option<ConnectorIdx>) -> Journey {
    let Some(connector) = connector else { return journey };
    let named = view.down.connectors.contains(&connector);
    let mut here =
        usable_sources(view.org, &view.org.connectors()[connector]).filter(|(_, site)| *site == Some(holder));
    if named || !here.any(|(server, _)| !is_down(view, server)) {
        journey.queued_at = Some(Node::Site(holder));
    }
    journey
}

/// The holder is where the first routing-group connector starts. 2007+ never takes another one.
fn at_group_connector(view: &View<'_>, mut journey: Journey, holder: SiteIdx, plan: &Plan) -> Journey {
    journey.tried.push(plan.next_hop);
    let connector = plan
        .connectors()
        .next()
        .and_then(|index| view.graphs.combined.connector(index));
    let works = connector.is_some_and(|connector| {
        debug_assert_eq!(connector.from, GroupRef::Exchange2007);
        let here = |server: &&ServerIdx| view.org.transport_site(**server) == Some(holder);
        !view.down.routing_group_connectors.contains(&connector.index)
            && connector
                .sources
                .iter()
                .filter(here)
                .any(|server| !is_down(view, *server))
            && connector.targets.iter().any(|server| !is_down(view, *server))
    });
    if !works {
        journey.queued_at = Some(Node::Site(holder));
        return journey;
    }
    // From here on the legacy group decides, and it knows what is down (D40).
    if let Node::RoutingGroup(group) = plan.next_hop {
        let legacy = Sender {
            node: plan.next_hop,
            server: None,
            generation: Generation::Legacy,
        };
        let has_way = plan.to == plan.next_hop || view.plan(legacy, plan.to).is_some();
        if !has_way && view.has_path_all_up(group, plan.to) {
            journey.queued_at = Some(plan.next_hop);
        }
    }
    journey
}
