//! What a search hands to the checker.

use std::collections::BTreeSet;

use super::format::{
    CERTIFICATE_FORMAT, Certificate, Claim, Costs, Decisions, Distance, FromSite, Letter, Origin, ToGroup, Urgency,
    Whom,
};
use crate::linkstate;
use crate::model::{
    Address, Generation, GroupRef, Message, MessageType, Name, Node, Organization, Priority, RoutingGroupConnectorIdx,
    RoutingGroupConnectorKind, RoutingGroupIdx, SiteIdx,
};
use crate::route::{DefaultSize, LegacyCost, LegacyTie, Options, site_search};
use crate::verify::scene::{Failed, Scene};
use crate::verify::{Recipient, World};

impl Decisions {
    /// What of the options a certificate rests on: how queues back off changes no route.
    pub(super) fn of(options: Options, link_state: linkstate::Options) -> Decisions {
        Decisions {
            legacy_tie_names: options.legacy_tie == LegacyTie::Names,
            legacy_cost_sum: options.legacy_cost == LegacyCost::Sum,
            default_size_product: options.default_size == DefaultSize::Product,
            dns_connectors_fail: !link_state.dns_always_up,
            exempt_without_alternative: link_state.exempt_without_alternative,
        }
    }
}

/// A certificate while the search goes on.
pub(in crate::verify) struct Writer<'w, 'a> {
    world: &'w World<'a>,
    messages: Vec<Letter>,
    /// Where mail was held.
    sites: BTreeSet<SiteIdx>,
    claims: Vec<Claim>,
    /// Whom and which message: spaces that take the same addresses have the same example.
    claimed: BTreeSet<(String, usize)>,
}

impl<'w, 'a> Writer<'w, 'a> {
    pub(in crate::verify) fn new(world: &'w World<'a>) -> Writer<'w, 'a> {
        Writer {
            world,
            messages: Vec::new(),
            sites: BTreeSet::new(),
            claims: Vec::new(),
            claimed: BTreeSet::new(),
        }
    }

    /// Adds the claim of a search that tried `sets`. Searches for one kind of message come one after the other.
    pub(in crate::verify) fn claim(&mut self, recipient: &Recipient, sets: &[Failed], scene: &Scene<'_>) {
        let letter = letter(scene.message());
        if self.messages.last() != Some(&letter) {
            self.messages.push(letter);
        }
        let (recipient, message) = (whom(self.world.org, recipient), self.messages.len() - 1);
        if !self.claimed.insert((recipient.to_string(), message)) {
            return;
        }
        self.sites.extend(scene.asked_sites());
        self.claims.push(Claim {
            recipient,
            message,
            sets: sets.iter().map(|failed| self.names(failed)).collect(),
            costs: self.costs(scene),
        });
    }

    /// The certificate of all claims so far. O(sites where mail was held × sites + groups²).
    pub(in crate::verify) fn finish(self, max_failures: usize) -> Certificate {
        let sites = self.sites.iter().map(|site| from_site(self.world, *site)).collect();
        let groups = match self.claims.is_empty() {
            true => Vec::new(),
            false => to_groups(self.world),
        };
        Certificate {
            format: CERTIFICATE_FORMAT.to_owned(),
            max_failures,
            decisions: Decisions::of(self.world.options, self.world.link_state),
            messages: self.messages,
            sites,
            groups,
            claims: self.claims,
        }
    }

    fn names(&self, failed: &Failed) -> Vec<String> {
        self.world.connector_names(failed).map(Name::to_string).collect()
    }

    /// What was computed, each once: choices of different connectors may come to the same ends.
    fn costs(&self, scene: &Scene<'_>) -> Vec<Costs> {
        let (org, network) = (self.world.org, &self.world.network);
        let mut seen = BTreeSet::new();
        let mut costs = Vec::new();
        for (mut ends, believed, distances) in scene.computed() {
            ends.sort_unstable();
            ends.dedup();
            if seen.insert((ends.clone(), believed)) {
                let named = ends.into_iter();
                costs.push(Costs {
                    ends: named.map(|(group, cost)| (end_name(org, group), cost)).collect(),
                    believed: self.names(believed),
                    costs: network.groups().map(|group| network.cost(distances, group)).collect(),
                });
            }
        }
        costs
    }
}

fn letter(message: &Message) -> Letter {
    Letter {
        size: message.size,
        sender: message.sender.as_ref().map(written),
        priority: match message.priority {
            Priority::Low => Urgency::Low,
            Priority::Normal => Urgency::Normal,
            Priority::High => Urgency::High,
        },
        message_type: match message.message_type {
            MessageType::System => Origin::System,
            MessageType::NonSystem => Origin::NonSystem,
        },
        at: message.at.map(|at| at.to_string()),
    }
}

/// Always with its type, without which a value with a colon would be read as another one.
fn written(address: &Address) -> String {
    format!("{}:{}", address.kind(), address.value())
}

fn whom(org: &Organization, recipient: &Recipient) -> Whom {
    match recipient {
        Recipient::Node(node @ Node::Site(_)) => Whom::Site(org.node_name(*node).to_string()),
        Recipient::Node(node @ Node::RoutingGroup(_)) => Whom::RoutingGroup(org.node_name(*node).to_string()),
        Recipient::AddressSpace { example, .. } => Whom::Address(written(example)),
    }
}

fn end_name(org: &Organization, group: GroupRef) -> String {
    match group {
        GroupRef::Exchange2007 => String::new(),
        GroupRef::Legacy(_) => org.group_name(group).to_owned(),
    }
}

pub(super) fn from_site(world: &World<'_>, from: SiteIdx) -> FromSite {
    let tree = site_search::search(&world.graphs.sites, from, None);
    let sites = world.org.sites().iter_enumerated();
    let distance = |site: SiteIdx| tree.cost(site).map(|best| (best.cost, u64::from(best.hops)));
    FromSite {
        from: world.org.sites()[from].name.to_string(),
        distances: sites.map(|(site, _)| distance(site)).collect(),
    }
}

/// To every group that mail can be for, as each kind of 2007+ server sees it that is there.
pub(super) fn to_groups(world: &World<'_>) -> Vec<ToGroup> {
    let sites = world.org.sites().iter_enumerated().map(|(site, _)| site);
    let generations: BTreeSet<Generation> = sites.flat_map(|site| world.generations(site)).collect();
    let is_rtm = |generation: &Generation| *generation == Generation::Exchange2007Rtm;
    let sights = [
        (false, generations.iter().any(|generation| !is_rtm(generation))),
        (true, generations.iter().any(is_rtm)),
    ];
    let groups = world.org.routers().filter_map(|node| match node {
        Node::RoutingGroup(group) => Some(group),
        Node::Site(_) => None,
    });
    let needed = sights.into_iter().filter(|(_, there)| *there);
    groups
        .flat_map(|group| needed.clone().map(move |(rtm, _)| (group, rtm)))
        .map(|(group, rtm)| ToGroup {
            to: world.org.routing_groups()[group].name.to_string(),
            rtm,
            distances: to_group(world, group, rtm),
        })
        .collect()
}

fn to_group(world: &World<'_>, to: RoutingGroupIdx, rtm: bool) -> Vec<Option<Distance>> {
    let network = &world.network;
    let seen = |connector: RoutingGroupConnectorIdx| {
        let connector = &world.org.routing_group_connectors()[connector];
        let hidden = rtm && connector.kind == RoutingGroupConnectorKind::X400;
        !(hidden || connector.touches_2007())
    };
    let distances = network.distances([(GroupRef::Legacy(to), 0)], seen);
    let mut found: Vec<Option<Distance>> = vec![None; world.org.routing_groups().len()];
    let all = (0..found.len()).map(RoutingGroupIdx::from_usize);
    let mut reached: Vec<_> = all
        .filter_map(|group| Some((network.cost(&distances, GroupRef::Legacy(group))?, group)))
        .collect();
    // The cheaper a group is, the earlier: what follows it on a best way is done before.
    reached.sort_unstable();
    for (cost, group) in reached {
        let best = network.best_first(GroupRef::Legacy(group), &distances, seen);
        let behind = best.filter_map(|crossing| match crossing.other {
            GroupRef::Legacy(next) => found[next.index()].map(|(_, connectors)| connectors + 1),
            GroupRef::Exchange2007 => None,
        });
        let connectors = if group == to { Some(0) } else { behind.min() };
        found[group.index()] = connectors.map(|connectors| (cost, connectors));
    }
    found
}
