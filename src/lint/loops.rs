//! Loops and black holes that a search has found.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{of_connector, of_loop, tell_of_bounds};
use super::proof::{Cause, recipient};
use super::ties::ties;
use super::{Facts, Found, rules};
use crate::diagnostic::some_names;
use crate::linkstate::AlwaysUp;
use crate::model::{ConnectorRef, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx};
use crate::verify::{Certainty, Edit, Router, Witness};

rules! {
    RG001 "loop-on-failure" Error Proved loop_on_failure;
    RG002 "loop-without-failure" Error Proved loop_without_failure;
    RG009 "rtm-non-smtp-link" Error Proved rtm_non_smtp_link;
    RG016 "stale-view-loop" Error Proved stale_view_loop;
    RG021 "e12-blackhole" Warning Proved e12_blackhole;
    RG026 "tie-sensitive" Warning Proved tie_sensitive;
    RG028 "referral-side-effect" Info Certain referral_side_effect;
}

/// LC1, LC6: legacy servers route around what has failed, and the 2007 group sends the message back.
fn loop_on_failure(facts: &Facts<'_>, found: &mut Found) {
    let believable = facts.world().beliefs.believable();
    for looped in facts
        .proof()
        .loops
        .iter()
        .filter(|looped| looped.cause == Cause::Failure)
    {
        let failed = facts.proof().witness(looped).failed[0];
        let about = facts.connector(believable.connector(failed));
        found.push(of_loop(facts, found, looped, about));
    }
    tell_of_bounds(facts, found);
}

/// What circles while all is up, unless another rule names its cause.
fn loop_without_failure(facts: &Facts<'_>, found: &mut Found) {
    for looped in &facts.proof().loops {
        let about = match looped.cause {
            Cause::Size(connector) => facts.connector(connector),
            Cause::Other => facts.node(facts.proof().witness(looped).circle[0].node()),
            _ => continue,
        };
        found.push(of_loop(facts, found, looped, about));
    }
    tell_of_bounds(facts, found);
}

/// LC4.
fn rtm_non_smtp_link(facts: &Facts<'_>, found: &mut Found) {
    of_connector(facts, found, |cause| match cause {
        Cause::NotSmtp(connector) => Some(ConnectorRef::RoutingGroup(connector)),
        _ => None,
    });
}

/// LC8.
fn stale_view_loop(facts: &Facts<'_>, found: &mut Found) {
    for looped in &facts.proof().loops {
        if let Cause::Stale(group) = looped.cause {
            found.push(of_loop(facts, found, looped, facts.group(group)));
        }
    }
    tell_of_bounds(facts, found);
}

/// A connector that starts in the 2007 group is never believed down, and mail of legacy groups waits before it.
fn e12_blackhole(facts: &Facts<'_>, found: &mut Found) {
    let (world, proof) = (facts.world(), facts.proof());
    let believable = world.beliefs.believable();
    // One finding for each connector: whose mail, and for whom, over all classes.
    let mut holes: BTreeMap<u32, (BTreeSet<RoutingGroupIdx>, BTreeSet<usize>)> = BTreeMap::new();
    for black_hole in &proof.verification.black_holes {
        if believable.always_up(black_hole.failed) == Some(AlwaysUp::SourceIn2007) {
            let (at, recipients) = holes.entry(black_hole.failed).or_default();
            at.extend(&black_hole.at);
            recipients.extend(&black_hole.recipients);
        }
    }
    for (failed, (at, recipients)) in holes {
        let connector = believable.connector(failed);
        let groups = at.iter().map(|group| &facts.org.routing_groups()[*group].name);
        let recipients = recipients.iter();
        let recipients = recipients.map(|at| recipient(world, &proof.verification.recipients[*at]));
        let message = format!(
            "if {} fails, mail of {} keeps waiting before it, although there is another way",
            facts.org.connector_name(connector),
            some_names(groups)
        );
        let finding = found
            .about(facts.connector(connector), message)
            .fact(format!("the mail is for {}", some_names(recipients)))
            .fact("it starts in the 2007 group, which takes no part in link state: nobody reports it down")
            .advice("give it more source and target servers, or join the legacy groups by a connector of their own");
        found.push(finding);
    }
    tell_of_bounds(facts, found);
}

/// Groups of a circle whose ways are told.
const TIES_SHOWN: usize = 5;

/// Loops that hang on which of several equally good ways is taken: one finding for each circle.
fn tie_sensitive(facts: &Facts<'_>, found: &mut Found) {
    let mut circles: BTreeMap<&[Router], Vec<&Witness>> = BTreeMap::new();
    let witnesses = facts.proof().verification.witnesses.iter();
    for witness in witnesses.filter(|witness| witness.certainty == Certainty::May) {
        circles.entry(&witness.circle).or_default().push(witness);
    }
    for (circle, witnesses) in circles {
        // Mail may get out by the choice among servers alone: then no cost ends it.
        let ties = witnesses.into_iter().map(|witness| ties(facts, witness));
        let Some(ties) = ties.into_iter().find(|ties| !ties.is_empty()) else {
            continue;
        };
        let mut holders: Vec<_> = circle.iter().map(|router| facts.node(router.node()).0).collect();
        holders.dedup();
        let groups = ties.iter().map(|tie| &facts.org.routing_groups()[tie.group].name);
        let message = format!(
            "whether mail circles between {} hangs on which of several equally good ways it takes from {}",
            some_names(holders),
            some_names(groups)
        );
        let mut finding = found.about(facts.node(circle[0].node()), message);
        for tie in ties.iter().take(TIES_SHOWN) {
            let group = facts.group_name(GroupRef::Legacy(tie.group));
            let ways = tie.ways.iter().map(|way| facts.org.connector_name(*way));
            finding = finding.fact(format!("from {group} equally good are {}", some_names(ways)));
        }
        let finding = finding
            .fact("documents differ on which of several equally cheap connectors a 2000 or 2003 server takes")
            .advice("give the ways different costs, so that every server takes the same");
        found.push(finding);
    }
}

/// Costs of routing-group connectors price referrals to public folders, too.
fn referral_side_effect(facts: &Facts<'_>, found: &mut Found) {
    let proof = facts.proof();
    let edits = proof.loops.iter().flat_map(|looped| proof.edits(facts, looped));
    let mut touched: Vec<RoutingGroupConnectorIdx> = edits
        .filter_map(|edit| match edit {
            Edit::SetCost(index, _) | Edit::Remove(index) => Some(index),
            _ => None,
        })
        .filter(|index| facts.org.routing_group_connectors()[*index].public_folder_referrals)
        .collect();
    touched.sort_unstable();
    touched.dedup();
    for index in touched {
        let connector = &facts.org.routing_group_connectors()[index];
        let message = format!(
            "a change of {} that is advised here moves referrals of clients to public folders too",
            connector.name
        );
        let ends = [connector.from, connector.to].map(|end: GroupRef| facts.group_name(end));
        let finding = found
            .about(facts.between(index), message)
            .fact(format!("it refers clients from {} to {}", ends[0], ends[1]))
            .advice("look at where clients would be referred to, or switch its public folder referrals off");
        found.push(finding);
    }
}
