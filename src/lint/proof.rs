//! Whether mail can circle, searched once for all rules that claim it, and which of them each loop belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::subject;
use super::{Facts, Stage};
use crate::diagnostic::{Circling, Handover, Span, Subject, SubjectKind};
use crate::model::{
    ConnectorIdx, ConnectorRef, Generation, Name, Node, RoutingGroupConnectorIdx, RoutingGroupConnectorKind,
    RoutingGroupIdx,
};
use crate::route::Graphs;
use crate::verify::{
    Certainty, Edit, Hindrance, Recipient, Repairs, Router, Verification, Why, Witness, World, after, all_reasons,
    repair, verify,
};

/// What routers of a loop disagree about. Each loop has one cause, the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// A stale group in the circle does not know what has failed (LC8).
    Stale(RoutingGroupIdx),
    /// Something has failed, which legacy servers route around and others do not (LC1, LC6).
    Failure,
    /// A disabled connector that only legacy servers still choose (LC5).
    Disabled(ConnectorIdx),
    /// A connector of another kind than SMTP, which 2007 RTM does not see (LC4).
    NotSmtp(RoutingGroupConnectorIdx),
    /// A restriction that only legacy servers obey (LC3).
    Restriction(ConnectorRef),
    /// A size limit that one side goes around (LC2).
    Size(ConnectorRef),
    /// Something else.
    Other,
}

/// One circle with one set of failures, for every recipient and class of which it is true.
pub(super) struct Loop {
    pub(super) cause: Cause,
    /// Positions in [`Verification::witnesses`], ascending.
    pub(super) witnesses: Vec<usize>,
}

/// What the search came to.
pub(super) struct Proof {
    pub(super) verification: Verification,
    pub(super) repairs: Repairs,
    pub(super) loops: Vec<Loop>,
}

impl Proof {
    pub(super) fn new(facts: &Facts<'_>) -> Proof {
        let (world, settings) = (facts.world(), facts.settings);
        let told = &mut |done, of| (facts.progress)(Stage::Searching { done, of });
        let verification = verify(world, settings.bounds, told);
        (facts.progress)(Stage::Repairing);
        let repairs = match settings.repairs_max {
            0 => Repairs::default(),
            tries => repair(world, &verification, settings.bounds, tries),
        };
        let mut loops: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let reasons = all_reasons(world, &verification);
        for (at, witness) in verification.witnesses.iter().enumerate() {
            let cause = cause(facts, &verification, witness, &reasons[at]);
            let key = (cause, witness.failed.clone(), witness.circle.clone());
            loops.entry(key).or_default().push(at);
        }
        let loops = loops.into_iter();
        Proof {
            loops: loops
                .map(|((cause, ..), witnesses)| Loop { cause, witnesses })
                .collect(),
            verification,
            repairs,
        }
    }

    pub(super) fn witness(&self, found: &Loop) -> &Witness {
        &self.verification.witnesses[found.witnesses[0]]
    }

    /// The lightest change that ends a loop and makes no other, else those that end all.
    ///
    /// A new connector from the 2007 group is one more that fails unnoticed (RG021): where Service Pack 1 ends the loop, perhaps
    /// with suppression, that comes first.
    pub(super) fn edits(&self, facts: &Facts<'_>, found: &Loop) -> Vec<Edit> {
        let own = self.repairs.single.get(found.witnesses[0]).and_then(Option::as_ref);
        let own = own.map(|edit| vec![edit.clone()]);
        let all = self.repairs.all.as_ref().map(|repair| repair.edits.clone());
        let offered = own.or(all).unwrap_or_default();
        let connects = offered.iter().any(|edit| matches!(edit, Edit::Connect(..)));
        if connects && matches!(found.cause, Cause::NotSmtp(_)) {
            let upgrades: Vec<Edit> = facts.rtm_hubs().into_iter().map(Edit::Upgrade).collect();
            // By the new plans of 2007 a failure may do what RTM's ignorance did: suppression keeps that away (R37).
            let suppressed = facts.with_tables().map(Edit::Suppress).chain(upgrades.iter().cloned());
            let mut tried = [upgrades.clone(), suppressed.collect()].into_iter();
            if let Some(edits) = tried.find(|edits| self.end(facts, found, edits)) {
                return edits;
            }
        }
        offered
    }

    /// Whether a loop is gone after some edits, and no other is new: told by recipient and failures.
    fn end(&self, facts: &Facts<'_>, found: &Loop, edits: &[Edit]) -> bool {
        let settings = facts.settings;
        let org = after(facts.org, edits);
        let graphs = Graphs::new(&org);
        let world = World::new(&org, &graphs, settings.routing, settings.link_state);
        let verification = verify(&world, settings.bounds, &mut |_, _| {});
        let before = circles(facts.world(), &self.verification, 0..self.verification.witnesses.len());
        let gone = circles(facts.world(), &self.verification, found.witnesses.iter().copied());
        let left = circles(&world, &verification, 0..verification.witnesses.len());
        verification.complete() && left.is_subset(&before) && left.is_disjoint(&gone)
    }
}

/// Witnesses by whom the mail is for and what has failed.
fn circles(
    world: &World<'_>,
    verification: &Verification,
    witnesses: impl IntoIterator<Item = usize>,
) -> BTreeSet<(Subject, Vec<String>)> {
    let witnesses = witnesses.into_iter().map(|at| &verification.witnesses[at]);
    let circling = witnesses.map(|witness| circling(world, &verification.recipients, witness));
    circling.map(|circling| (circling.recipient, circling.failed)).collect()
}

fn cause(facts: &Facts<'_>, verification: &Verification, witness: &Witness, reasons: &[Why]) -> Cause {
    let org = facts.org;
    let steps = || witness.circle.iter().zip(reasons);
    let unaware = |why: &Why| {
        why.overlooked
            .iter()
            .any(|(_, hindrance)| *hindrance == Hindrance::Failed)
    };
    let stale = steps().find_map(|(router, why)| match router {
        Router::Group(group) if org.routing_groups()[*group].is_stale() && unaware(why) => Some(*group),
        _ => None,
    });
    if let Some(group) = stale {
        return Cause::Stale(group);
    }
    if !witness.failed.is_empty() {
        return Cause::Failure;
    }
    let disabled = steps().find_map(|(router, why)| match (router, why.way.last()) {
        (Router::Group(_), Some(ConnectorRef::External(last))) if !org.connectors()[*last].enabled => Some(*last),
        _ => None,
    });
    if let Some(connector) = disabled {
        return Cause::Disabled(connector);
    }
    let is_rtm = |router: &Router| matches!(router, Router::Site(_, Generation::Exchange2007Rtm));
    let x400 = |connector: &ConnectorRef| match connector {
        ConnectorRef::RoutingGroup(index) => {
            let kind = org.routing_group_connectors()[*index].kind;
            (kind == RoutingGroupConnectorKind::X400).then_some(*index)
        }
        ConnectorRef::External(_) => None,
    };
    if witness.circle.iter().any(is_rtm)
        && let Some(connector) = steps().find_map(|(_, why)| why.way.iter().find_map(x400))
    {
        return Cause::NotSmtp(connector);
    }
    let refusing = reasons.iter().flat_map(|why| {
        let left_out = why.left_out.iter().flat_map(|(list, _)| list);
        left_out.chain(&why.overlooked)
    });
    let refusing = refusing.filter(|(_, hindrance)| matches!(hindrance, Hindrance::Refuses | Hindrance::Closed));
    let message = verification.classes[witness.class].message();
    match refusing.map(|(connector, _)| *connector).next() {
        Some(connector) if !message.passes(org.restrictions(connector)) => Cause::Restriction(connector),
        Some(connector) => Cause::Size(connector),
        // What a site plans to cross and legacy servers refuse: a connector to the outside is no part of a lap.
        None => {
            let of_sites = steps().filter(|(router, _)| matches!(router, Router::Site(..)));
            let mut planned = of_sites.flat_map(|(_, why)| why.way.iter().copied());
            let refuses = |connector: &ConnectorRef| !message.passes(org.restrictions(*connector));
            planned.find(refuses).map_or(Cause::Other, Cause::Restriction)
        }
    }
}

/// Whom mail is for, by name.
pub(super) fn recipient(world: &World<'_>, recipient: &Recipient) -> Subject {
    match recipient {
        Recipient::Node(node) => node_subject(world, *node),
        Recipient::AddressSpace { space, .. } => subject(SubjectKind::AddressSpace, space),
    }
}

fn node_subject(world: &World<'_>, node: Node) -> Subject {
    let kind = match node {
        Node::Site(_) => SubjectKind::Site,
        Node::RoutingGroup(_) => SubjectKind::RoutingGroup,
    };
    subject(kind, world.org.node_name(node).as_str())
}

/// A witness by names.
pub(super) fn circling(world: &World<'_>, recipients: &[Recipient], witness: &Witness) -> Circling {
    let org = world.org;
    let node = |router: Router| node_subject(world, router.node());
    Circling {
        recipient: recipient(world, &recipients[witness.recipient]),
        failed: world.connector_names(&witness.failed).map(Name::to_string).collect(),
        cycle: witness.circle.iter().map(|router| node(*router)).collect(),
        must: witness.certainty == Certainty::Must,
        steps: witness
            .steps
            .iter()
            .map(|step| Handover {
                at: node(step.at),
                connector: step
                    .over
                    .map(|over| org.routing_group_connectors()[over].name.to_string()),
                to: node(step.to),
                span: step
                    .over
                    .map_or(Span::NONE, |over| org.routing_group_connectors()[over].span),
            })
            .collect(),
    }
}
