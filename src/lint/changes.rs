//! A change that legacy groups do not know yet (R42): what they still do by the older organization.

use std::collections::BTreeMap;

use super::claims::{class_fact, recipients_of, stopped_at, when};
use super::proof::circling;
use super::{Facts, Found, Stage, rules};
use crate::diagnostic::{Confidence, Finding, some_names};
use crate::linkstate::{has_table, may_lead};
use crate::model::{
    ConnectorRef, FailureSet, GroupRef, Master, Message, Name, Node, Organization, RoutingGroupIdx, ServerIdx,
};
use crate::route::{Sender, View};
use crate::verify::{Certainty, Recipient, Skew, Transient, World, recipients, skew};

rules! {
    RG020 "skew-window" Warning Proved skew_window;
    RT036 "not-yet-known" Info Certain not_yet_known;
}

/// Rules that are about two organizations: without an older one they do not run.
pub(super) const ABOUT_A_CHANGE: [&str; 2] = [RG020.info.code, RT036.info.code];

/// LC7: loops that are there while some legacy groups act on the older organization and others on the newer.
fn skew_window(facts: &Facts<'_>, found: &mut Found) {
    let Some(old) = facts.previous() else { return };
    (facts.progress)(Stage::Changing);
    let skew = skew(facts.world(), old, facts.settings.bounds);
    let mut loops: BTreeMap<_, Vec<&Transient>> = BTreeMap::new();
    for transient in &skew.transient {
        let witness = &transient.witness;
        let key = (&transient.unaware, &witness.failed, &witness.circle);
        loops.entry(key).or_default().push(transient);
    }
    for transient in loops.into_values() {
        found.push(of_transient(facts, found, &skew, &transient));
    }
    for bound in &skew.reached {
        found.unchecked(stopped_at(*bound, skew.checked));
    }
}

/// One circle with one mix of groups, for everybody for whom it is there.
fn of_transient(facts: &Facts<'_>, found: &Found, skew: &Skew, same: &[&Transient]) -> Finding {
    let (org, first) = (facts.org, same[0]);
    let unaware = some_names(first.unaware.iter().map(|group| &org.routing_groups()[*group].name));
    let circling = circling(facts.world(), &skew.recipients, &first.witness);
    let must = match first.witness.certainty {
        Certainty::Must => "circles",
        Certainty::May => "can circle",
    };
    let for_whom = recipients_of(facts, &skew.recipients, same.iter().map(|one| &one.witness));
    let failed = match circling.failed.is_empty() {
        true => String::new(),
        false => format!(" {}", when(&circling)),
    };
    let acts = if first.unaware.len() == 1 { "acts" } else { "act" };
    let message =
        format!("while {unaware} still {acts} on the older configuration, mail for {for_whom} {must}{failed}");
    let mut holders = circling.cycle.clone();
    holders.dedup();
    let mut finding = found
        .about(facts.group(first.unaware[0]), message)
        .fact(format!("it goes round between {}", some_names(holders)))
        .fact(LOOKS);
    if let Some(fact) = class_fact(&skew.classes, &first.witness) {
        finding = finding.fact(fact);
    }
    finding.confidence = Confidence::Proved;
    let masters: Vec<&Name> = first.unaware.iter().filter_map(|group| master(org, *group)).collect();
    finding = finding.advice(match masters.is_empty() {
        true => "make the change in steps of which none loops".to_owned(),
        false => format!(
            "make the change in steps of which none loops, or restart the routing engine service on {} right after it",
            some_names(masters)
        ),
    });
    finding.witness = Some(circling);
    finding
}

/// R42.
const LOOKS: &str = "servers of 2007 read a change at once, a legacy group when its master looks, up to an hour later";

/// The server that looks into the directory for a group.
fn master(org: &Organization, group: RoutingGroupIdx) -> Option<&Name> {
    let server: ServerIdx = match org.routing_groups()[group].master {
        Master::Nobody => return None,
        Master::Server(server) if may_lead(org, group, server) => server,
        // One that cannot lead is told by RG014.
        Master::Server(_) | Master::FirstServer => {
            let mut servers = org.group_servers(group).iter();
            *servers.find(|server| has_table(org, **server))?
        }
    };
    Some(&org.servers()[server].name)
}

/// R42: until then servers of a group send mail where the older organization says.
///
/// One search over connectors for each recipient in each of the two.
fn not_yet_known(facts: &Facts<'_>, found: &mut Found) {
    let Some(old) = facts.previous() else { return };
    let (message, down) = (Message::default(), FailureSet::default());
    let then = View::new(old.org, old.graphs, old.options, &message, &down);
    let sides = [(facts.view, facts.world()), (&then, old)];
    let groups: Vec<[RoutingGroupIdx; 2]> = in_both(facts, old.org);
    let mut news: BTreeMap<RoutingGroupIdx, Vec<String>> = BTreeMap::new();
    for recipient in &recipients(facts.org).0 {
        let Some((shown, ways)) = ways(&sides, recipient) else {
            continue;
        };
        for [now, before] in &groups {
            let [by_new, by_old] = [ways[0](*now), ways[1](*before)];
            if by_new != by_old {
                let way = |connectors: &[String]| match connectors.is_empty() {
                    true => "nowhere".to_owned(),
                    false => format!("by {}", some_names(connectors)),
                };
                let told = format!("mail for {shown} {}, and {} afterwards", way(&by_old), way(&by_new));
                news.entry(*now).or_default().push(told);
            }
        }
    }
    let name = |group: &RoutingGroupIdx| &facts.org.routing_groups()[*group].name;
    let Some(first) = news.keys().next() else { return };
    let (_, span) = facts.group(*first);
    let message = format!(
        "{} until their masters look, at most an hour after the change",
        match news.len() {
            1 => format!("routing group {} goes on as before", name(first)),
            n => format!("{n} routing groups go on as before"),
        }
    );
    let mut finding = found.about((facts.organization().0, span), message).fact(LOOKS);
    if news.len() > 1 {
        finding = finding.fact(format!("these are {}", some_names(news.keys().map(name))));
    }
    for (group, told) in news.iter().take(EXAMPLES) {
        finding = finding.fact(format!("until then {} sends {}", name(group), told[0]));
    }
    found.push(
        finding.advice(
            "wait for an hour before you judge the change, or restart the routing engine service of the masters",
        ),
    );
}

/// Groups of which an example is told.
const EXAMPLES: usize = 3;

/// Legacy groups with servers that are there in both, as the new and the old organization number them.
fn in_both(facts: &Facts<'_>, old: &Organization) -> Vec<[RoutingGroupIdx; 2]> {
    let groups = old.routing_groups().iter_enumerated();
    let known: BTreeMap<&str, RoutingGroupIdx> = groups
        .filter(|(group, _)| !old.group_servers(*group).is_empty())
        .map(|(index, group)| (group.name.folded(), index))
        .collect();
    let known = |group: RoutingGroupIdx| Some([group, *known.get(facts.org.routing_groups()[group].name.folded())?]);
    facts.legacy_groups().filter_map(known).collect()
}

/// By which connectors, by name, a group sends mail.
type Ways<'s> = Box<dyn Fn(RoutingGroupIdx) -> Vec<String> + 's>;

/// What groups do with mail for a recipient of the new organization, in the new and in the old one.
fn ways<'s>(
    sides: &'s [(&'s View<'s>, &'s World<'s>); 2],
    recipient: &'s Recipient,
) -> Option<(String, [Ways<'s>; 2])> {
    let [(now, _), (then, _)] = sides;
    match recipient {
        Recipient::AddressSpace { space, example } => {
            let by = |view: &'s View<'s>| -> Ways<'s> {
                Box::new(move |group| {
                    let sender = Sender::node(view.org, Node::RoutingGroup(group));
                    let selection = sender.map(|sender| view.select(sender, example));
                    let selected = selection.as_ref().and_then(|selection| selection.selected());
                    let name = selected.map(|(one, _)| view.org.connector_name(ConnectorRef::External(one.connector)));
                    name.into_iter().map(ToString::to_string).collect()
                })
            };
            Some((space.clone(), [by(now), by(then)]))
        }
        // To legacy servers every site is the 2007 group (R61): it is asked for once.
        Recipient::Node(Node::Site(site)) if site.index() > 0 => None,
        Recipient::Node(node) => {
            let name = now.org.node_name(*node);
            let target = |org: &Organization| match node {
                Node::Site(_) => Some(GroupRef::Exchange2007),
                Node::RoutingGroup(_) => {
                    let mut groups = org.routing_groups().iter_enumerated();
                    let group = groups.find(|(_, group)| group.name == *name);
                    group.map(|(group, _)| GroupRef::Legacy(group))
                }
            };
            let by = |(view, world): (&'s View<'s>, &'s World<'s>)| -> Ways<'s> {
                let Some(target) = target(view.org) else {
                    return Box::new(|_| Vec::new());
                };
                let network = &world.network;
                let distances = network.distances([(target, 0)], |index| view.legacy_admits(index));
                Box::new(move |group| {
                    let first = network.best_first(GroupRef::Legacy(group), &distances, |at| view.legacy_admits(at));
                    let connectors = &view.org.routing_group_connectors();
                    first
                        .map(|crossing| connectors[crossing.connector].name.to_string())
                        .collect()
                })
            };
            let shown = match node {
                Node::Site(_) => "the 2007 group".to_owned(),
                Node::RoutingGroup(_) => name.to_string(),
            };
            Some((shown, [by(sides[0]), by(sides[1])]))
        }
    }
}
