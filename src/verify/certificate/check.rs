//! The checker: holds a certificate against an organization.

use std::collections::{BTreeMap, BTreeSet};

use super::exits::{Exit, exits, lets_through};
use super::ground::{Ground, Wire};
use super::{CERTIFICATE_FORMAT, Certificate, Claim, Costs, end_name, recipient_name};
use crate::delivery::{self, Outcome};
use crate::linkstate;
use crate::model::{FailureSet, Generation, GroupRef, Node, Organization, RoutingGroupConnectorIdx, RoutingGroupIdx};
use crate::route::{Graphs, Leg, Options, Sender, View};
use crate::verify::{MessageClass, Recipient, Router, message_classes, recipients};

/// Something in a certificate that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Of which claim, `None` for the certificate as a whole.
    pub recipient: Option<String>,
    /// Of which failure set.
    pub failed: Vec<String>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
}

/// What a certificate comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Failure sets that were held against the organization.
    pub sets: u64,
    /// Recipients and failure sets with which mail can circle, though they were tried as they should be.
    pub loops: Vec<(String, Vec<String>)>,
    /// What does not hold; none: the certificate proves that mail circles with these loops at most.
    pub flaws: Vec<Flaw>,
}

/// Holds `certificate` against `org`. O(certificate × connectors of the organization).
pub fn check(
    org: &Organization,
    graphs: &Graphs,
    options: Options,
    link_state: linkstate::Options,
    certificate: &Certificate,
) -> Checked {
    let mut checked = Checked::default();
    let whole = |message: String| Flaw {
        recipient: None,
        failed: Vec::new(),
        message,
    };
    if certificate.format != CERTIFICATE_FORMAT {
        let message = format!("the format is `{}`, not `{CERTIFICATE_FORMAT}`", certificate.format);
        checked.flaws.push(whole(message));
        return checked;
    }
    let ground = Ground::new(org, link_state.dns_always_up);
    let (recipients, all_recipients) = recipients(org);
    if !all_recipients {
        checked
            .flaws
            .push(whole("there are more X.400 classes than are told apart".to_owned()));
    }
    let classes = message_classes(org, options.default_size);
    let named: BTreeMap<String, &Recipient> = recipients
        .iter()
        .map(|recipient| (recipient_name(org, recipient), recipient))
        .collect();
    let anchors = anchors(&ground);
    let mut covered = BTreeSet::new();
    for claim in &certificate.claims {
        let flaw = |message: &str| Flaw {
            recipient: Some(claim.recipient.clone()),
            failed: Vec::new(),
            message: message.to_owned(),
        };
        let Some(recipient) = named.get(&claim.recipient) else {
            checked.flaws.push(flaw("there is no such recipient"));
            continue;
        };
        if claim.classes.is_empty() || claim.classes.iter().any(|class| *class >= classes.len()) {
            checked.flaws.push(flaw("there is no such class of messages"));
            continue;
        }
        let mut kinds = claim.classes.iter().map(|class| kind(&ground, &classes[*class]));
        let first = kinds.next();
        if kinds.any(|other| Some(other) != first) {
            checked.flaws.push(flaw("its classes of messages are not alike"));
            continue;
        }
        covered.extend(claim.classes.iter().map(|class| (claim.recipient.as_str(), *class)));
        let message = classes[claim.classes[0]].message();
        let nothing_down = FailureSet::default();
        let view = View::new(org, graphs, options, &message, &nothing_down);
        Bench::new(&ground, &view, recipient, claim).run(certificate.max_failures, &anchors, &mut checked);
    }
    if !anchors.is_empty() {
        for name in named.keys() {
            let missing = (0..classes.len())
                .filter(|class| !covered.contains(&(name.as_str(), *class)))
                .count();
            if missing > 0 {
                checked.flaws.push(Flaw {
                    recipient: Some(name.clone()),
                    failed: Vec::new(),
                    message: format!("nothing is claimed for {missing} classes of messages"),
                });
            }
        }
    }
    checked
}

/// What routers tell classes apart by.
fn kind(ground: &Ground<'_>, class: &MessageClass) -> (Option<u64>, bool, Vec<bool>) {
    let message = class.message();
    let between = ground.org.routing_group_connectors().iter();
    let between = between.map(|connector| message.passes(&connector.restrictions));
    let outside = ground
        .org
        .connectors()
        .iter()
        .map(|connector| message.passes(&connector.restrictions));
    (
        message.size,
        message.size_for_2007().is_some(),
        between.chain(outside).collect(),
    )
}

/// Routers at least one of which every circle passes: where connectors enter the 2007 group, where they enter a group of
/// another view, and every site where RTM and later versions disagree.
fn anchors(ground: &Ground<'_>) -> BTreeSet<Router> {
    let mut anchors = BTreeSet::new();
    for arc in &ground.arcs {
        match (arc.from, arc.to) {
            (_, GroupRef::Exchange2007) => anchors.extend(far_end(ground, arc.index)),
            (GroupRef::Legacy(from), GroupRef::Legacy(to)) if !ground.same_view(from, to) => {
                anchors.insert(Router::Group(to));
            }
            _ => {}
        }
    }
    let sites = ground.org.sites().iter_enumerated();
    let all: Vec<Router> = sites
        .flat_map(|(site, _)| {
            ground
                .generations(site)
                .into_iter()
                .map(move |of| Router::Site(site, of))
        })
        .collect();
    let rtm = |router: &&Router| matches!(router, Router::Site(_, Generation::Exchange2007Rtm));
    let rtm = all.iter().filter(rtm).count();
    if !ground.org.routing_groups().is_empty() && rtm > 0 && rtm < all.len() {
        anchors.extend(all);
    }
    anchors
}

/// Who may get what goes over a connector.
fn far_end(ground: &Ground<'_>, connector: RoutingGroupConnectorIdx) -> BTreeSet<Router> {
    let arc = ground.arcs.iter().find(|arc| arc.index == connector);
    let mut routers = BTreeSet::new();
    for server in arc.into_iter().flat_map(|arc| &arc.targets) {
        let of_group = ground.org.legacy_group(*server).map(Router::Group);
        let of_site = || {
            Some(Router::Site(
                ground.org.transport_site(*server)?,
                ground.generation(*server),
            ))
        };
        routers.extend(of_group.or_else(of_site));
    }
    routers
}

/// What a router may do: hand on to these, and perhaps end it.
#[derive(Clone, Default)]
struct Moves {
    to: BTreeSet<Router>,
    ends: bool,
}

/// What costs are for: the ends, and what is believed down.
type Key = (Vec<(String, u64)>, Vec<String>);

/// One claim on the bench.
struct Bench<'c> {
    ground: &'c Ground<'c>,
    view: &'c View<'c>,
    recipient: &'c Recipient,
    claim: &'c Claim,
    /// By group, for mail to the outside.
    exits: Vec<Vec<Exit>>,
    costs: BTreeMap<Key, &'c Costs>,
    /// Whether these costs hold.
    held: BTreeMap<Key, bool>,
    of_2007: BTreeMap<Router, Moves>,
}

/// What a failure set comes to.
struct Result {
    circles: bool,
    /// Mail somewhere can only circle.
    must: bool,
    hot: BTreeSet<Wire>,
}

impl<'c> Bench<'c> {
    fn new(ground: &'c Ground<'c>, view: &'c View<'c>, recipient: &'c Recipient, claim: &'c Claim) -> Bench<'c> {
        let costs = claim.costs.iter();
        Bench {
            ground,
            view,
            recipient,
            claim,
            exits: exits(ground, view, recipient),
            costs: costs
                .map(|costs| ((costs.ends.clone(), costs.believed.clone()), costs))
                .collect(),
            held: BTreeMap::new(),
            of_2007: BTreeMap::new(),
        }
    }

    fn run(mut self, failures_max: usize, anchors: &BTreeSet<Router>, checked: &mut Checked) {
        let mut results: BTreeMap<BTreeSet<Wire>, Result> = BTreeMap::new();
        let flaw = |failed: &[String], message: String| Flaw {
            recipient: Some(self.claim.recipient.clone()),
            failed: failed.to_vec(),
            message,
        };
        for names in &self.claim.sets {
            let wires: Option<BTreeSet<Wire>> = names.iter().map(|name| self.ground.wire(name)).collect();
            let Some(wires) = wires.filter(|wires| wires.len() == names.len() && names.len() <= failures_max) else {
                checked.flaws.push(flaw(
                    names,
                    "this is no set of failures that was to be tried".to_owned(),
                ));
                continue;
            };
            checked.sets += 1;
            match self.set(&wires, anchors) {
                Ok(result) => {
                    if result.circles {
                        checked.loops.push((self.claim.recipient.clone(), names.clone()));
                    }
                    results.insert(wires, result);
                }
                Err(message) => checked.flaws.push(flaw(names, message)),
            }
        }
        if !results.contains_key(&BTreeSet::new()) {
            checked
                .flaws
                .push(flaw(&[], "it does not begin with nothing failed".to_owned()));
        }
        let musts: Vec<&BTreeSet<Wire>> = results
            .iter()
            .filter(|(_, result)| result.must)
            .map(|(wires, _)| wires)
            .collect();
        for (wires, result) in &results {
            if result.must || wires.len() >= failures_max {
                continue;
            }
            for added in result.hot.difference(wires) {
                let mut larger = wires.clone();
                larger.insert(*added);
                let hopeless = musts.iter().any(|must| must.is_subset(&larger));
                if !results.contains_key(&larger) && !hopeless {
                    let names: Vec<String> = larger.iter().map(|wire| self.ground.name(*wire).to_owned()).collect();
                    checked
                        .flaws
                        .push(flaw(&names, "this set can matter and is not listed".to_owned()));
                }
            }
        }
    }

    /// Follows mail from every anchor with a set of failures.
    fn set(&mut self, failed: &BTreeSet<Wire>, anchors: &BTreeSet<Router>) -> std::result::Result<Result, String> {
        let mut moves: BTreeMap<Router, Moves> = BTreeMap::new();
        let mut hot = BTreeSet::new();
        let mut pending: Vec<Router> = anchors.iter().copied().collect();
        while let Some(router) = pending.pop() {
            if moves.contains_key(&router) {
                continue;
            }
            let here = match router {
                Router::Group(group) => self.group(group, failed, &mut hot)?,
                Router::Site(..) => self.site(router),
            };
            pending.extend(&here.to);
            moves.insert(router, here);
        }
        // Whoever has only hand-overs to those that are settled cannot circle; peel until nothing changes.
        let mut settled: BTreeSet<Router> = BTreeSet::new();
        let mut ending: BTreeSet<Router> = moves
            .iter()
            .filter(|(_, m)| m.ends)
            .map(|(router, _)| *router)
            .collect();
        loop {
            let before = (settled.len(), ending.len());
            for (router, here) in &moves {
                if here.to.is_subset(&settled) {
                    settled.insert(*router);
                }
                if !here.to.is_disjoint(&ending) {
                    ending.insert(*router);
                }
            }
            if before == (settled.len(), ending.len()) {
                break;
            }
        }
        Ok(Result {
            circles: settled.len() < moves.len(),
            must: ending.len() < moves.len(),
            hot,
        })
    }

    fn admits(&self, connector: RoutingGroupConnectorIdx, believed: &BTreeSet<Wire>) -> bool {
        let entry = &self.ground.org.routing_group_connectors()[connector];
        !believed.contains(&Wire::Between(connector))
            && lets_through(self.view.message, entry.max_message_size)
            && self.view.message.passes(&entry.restrictions)
    }

    fn group(
        &mut self,
        group: RoutingGroupIdx,
        failed: &BTreeSet<Wire>,
        hot: &mut BTreeSet<Wire>,
    ) -> std::result::Result<Moves, String> {
        let here = GroupRef::Legacy(group);
        let mut moves = Moves::default();
        if matches!(self.recipient, Recipient::Node(Node::RoutingGroup(home)) if *home == group) {
            moves.ends = true;
            return Ok(moves);
        }
        let believed: BTreeSet<Wire> = failed
            .iter()
            .copied()
            .filter(|wire| self.ground.acts_on(group, *wire))
            .collect();
        let up = |exit: &&Exit| !believed.contains(&exit.wire);
        let exits: Vec<Exit> = self.exits[group.index()].iter().filter(up).copied().collect();
        let mut ends: Vec<(GroupRef, u64)> = match self.recipient {
            Recipient::Node(Node::Site(_)) => vec![(GroupRef::Exchange2007, 0)],
            Recipient::Node(Node::RoutingGroup(home)) => vec![(GroupRef::Legacy(*home), 0)],
            Recipient::AddressSpace { .. } => exits.iter().map(|exit| (exit.group, exit.cost)).collect(),
        };
        ends.sort_unstable();
        ends.dedup();
        let costs = self.costs_for(&ends, &believed)?;
        let cost = |group: GroupRef| costs[self.ground.slot(group)];
        let best = |arc: &super::ground::Arc| {
            let over = cost(arc.to).map(|ahead| ahead + arc.cost);
            over.is_some() && over == cost(arc.from) && self.admits(arc.index, &believed)
        };
        let best_exit = |exit: &&Exit| cost(exit.group) == Some(exit.cost);
        moves.ends |= cost(here).is_none();
        for arc in self.ground.arcs.iter().filter(|arc| arc.from == here && best(arc)) {
            if failed.contains(&Wire::Between(arc.index)) {
                moves.ends = true;
            } else {
                moves.to.extend(far_end(self.ground, arc.index));
            }
        }
        moves.ends |= exits.iter().filter(best_exit).any(|exit| exit.group == here);
        // Everything on a best path from here.
        let mut seen = BTreeSet::from([here]);
        let mut pending = vec![here];
        while let Some(at) = pending.pop() {
            for arc in self.ground.arcs.iter().filter(|arc| arc.from == at && best(arc)) {
                hot.extend(Some(Wire::Between(arc.index)).filter(|wire| self.ground.acts_on(group, *wire)));
                if seen.insert(arc.to) {
                    pending.push(arc.to);
                }
            }
            let leaving = exits.iter().filter(best_exit).filter(|exit| exit.group == at);
            hot.extend(
                leaving
                    .map(|exit| exit.wire)
                    .filter(|wire| self.ground.acts_on(group, *wire)),
            );
        }
        Ok(moves)
    }

    /// The certificate's costs for these ends and beliefs, held against every connector the first time they are used.
    fn costs_for(
        &mut self,
        ends: &[(GroupRef, u64)],
        believed: &BTreeSet<Wire>,
    ) -> std::result::Result<&'c [Option<u64>], String> {
        let org = self.ground.org;
        let named: Vec<(String, u64)> = ends
            .iter()
            .map(|(group, cost)| (end_name(org, *group), *cost))
            .collect();
        let mut down: Vec<(&crate::model::Name, String)> = Vec::new();
        for wire in believed {
            let name = match wire {
                Wire::Between(index) => &org.routing_group_connectors()[*index].name,
                Wire::Outside(index) => &org.connectors()[*index].name,
            };
            down.push((name, name.to_string()));
        }
        down.sort_by(|(a, _), (b, _)| org.name_order().compare(a, b));
        let key = (named, down.into_iter().map(|(_, name)| name).collect::<Vec<String>>());
        let costs = *self
            .costs
            .get(&key)
            .ok_or_else(|| format!("there are no costs for who believes {:?} down", key.1))?;
        if !self.held.contains_key(&key) {
            let holds = self.hold(&costs.costs, ends, believed);
            self.held.insert(key.clone(), holds);
        }
        match self.held[&key] {
            true => Ok(&costs.costs),
            false => Err(format!("the costs for who believes {:?} down are not the least", key.1)),
        }
    }

    /// No connector offers less, and somebody offers exactly this. Connectors cost at least 1, so nothing holds itself up.
    fn hold(&self, costs: &[Option<u64>], ends: &[(GroupRef, u64)], believed: &BTreeSet<Wire>) -> bool {
        let slot = |group: GroupRef| self.ground.slot(group);
        if costs.len() != self.ground.org.routing_groups().len() + 1 {
            return false;
        }
        let offers = self.ground.arcs.iter().filter(|arc| self.admits(arc.index, believed));
        let offers = offers.filter_map(|arc| Some((slot(arc.from), costs[slot(arc.to)]?.checked_add(arc.cost)?)));
        let mut exact = vec![false; costs.len()];
        for (at, offer) in offers.chain(ends.iter().map(|(group, cost)| (slot(*group), *cost))) {
            match costs[at] {
                Some(cost) if cost <= offer => exact[at] |= cost == offer,
                _ => return false,
            }
        }
        costs.iter().zip(exact).all(|(cost, exact)| cost.is_none() || exact)
    }

    fn site(&mut self, router: Router) -> Moves {
        if let Some(known) = self.of_2007.get(&router) {
            return known.clone();
        }
        let mut moves = Moves::default();
        let Router::Site(site, generation) = router else {
            return moves;
        };
        match self.decide(site, generation) {
            Some((Node::Site(next), _)) => {
                let takers = self.ground.generations(next).into_iter();
                moves.to.extend(takers.map(|taker| Router::Site(next, taker)));
            }
            Some((Node::RoutingGroup(_), Some(over))) => {
                let arc = self.ground.arcs.iter().find(|arc| arc.index == over);
                let sources = arc.into_iter().flat_map(|arc| &arc.sources);
                let here = sources.filter(|server| self.ground.org.transport_site(**server) == Some(site));
                let here: BTreeSet<Generation> = here.map(|server| self.ground.generation(*server)).collect();
                for source in here {
                    let agrees = source == generation
                        || matches!(self.decide(site, source), Some((Node::RoutingGroup(_), Some(c))) if c == over);
                    if agrees {
                        moves.to.extend(far_end(self.ground, over));
                    } else {
                        moves.to.insert(Router::Site(site, source));
                    }
                }
            }
            _ => moves.ends = true,
        }
        self.of_2007.insert(router, moves.clone());
        moves
    }

    /// Where servers of a generation in a site hand the message to, and over which connector; `None`: it ends there.
    fn decide(
        &self,
        site: crate::model::SiteIdx,
        generation: Generation,
    ) -> Option<(Node, Option<RoutingGroupConnectorIdx>)> {
        let org = self.ground.org;
        let servers = org.transport_servers(site).iter().copied();
        let newest = servers
            .filter(|server| self.ground.generation(*server) == generation)
            .reduce(|best, other| {
                if org.servers()[other].version > org.servers()[best].version {
                    other
                } else {
                    best
                }
            });
        let sender = Sender {
            node: Node::Site(site),
            server: newest,
            generation,
        };
        let explained = delivery::explain(self.view, sender, &self.recipient.for_delivery());
        let plan = explained.plan.filter(|_| explained.outcome == Outcome::Route)?;
        let over = plan.legs.first().and_then(|leg| match leg {
            Leg::Connector(connector) => Some(*connector),
            Leg::SiteLink(_) => None,
        });
        Some((plan.next_hop, over))
    }
}
