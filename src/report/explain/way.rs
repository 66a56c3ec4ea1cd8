//! What happens on the way: who is handed the mail, and who takes it otherwise.

use std::collections::BTreeMap;
use std::io;

use super::question::capitalized;
use super::{ExplainQuery, write_rule, write_source};
use crate::delivery::{
    self, DeliveryGroup, Disagreement, Explanation, Journey, Outcome, Recipient, next_servers, other_sites, round_robin,
};
use crate::diagnostic::some_names;
use crate::linkstate::{self, Beliefs};
use crate::model::{Address, ConnectorRef, FailureSet, Generation, Node, Organization, ServerIdx, SiteIdx};
use crate::report::escaped;
use crate::report::rules::{self, Rule};
use crate::report::text::{Column, Mark, Page, Table, always_up_text, enumeration, node_phrase, node_text, some_sites};
use crate::route::{Leg, Plan, Relay, Standing, View};

const TRIED: [Column; 2] = [Column::text("Tried", 20), Column::text("", 20)];

pub(super) fn write(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    page: &mut Page<'_>,
) -> io::Result<()> {
    hand_over(query, recipient, explanation, page)?;
    if query.sender.generation == Generation::Legacy {
        not_told(query, page)?;
    }
    Ok(())
}

/// Connectors that are taken as down, and of which the sender's group would not be told (LS-1.4, LS-1.6).
fn not_told(query: &ExplainQuery<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let (org, view) = (query.view.org, query.view);
    let Node::RoutingGroup(group) = query.sender.node else {
        return Ok(());
    };
    if view.down.is_empty() {
        return Ok(());
    }
    let used = used_if_all_up(query);
    let beliefs = Beliefs::new(org, &view.graphs.combined, linkstate::Options::default());
    let believable = beliefs.believable();
    let mut of_reason: BTreeMap<&str, Vec<ConnectorRef>> = BTreeMap::new();
    for (at, (connector, always_up)) in (0..).zip(believable.all()) {
        if used.contains(connector)
            && view.legacy_takes_as_down(*connector)
            && !beliefs.acts_on(beliefs.audience(group), at)
        {
            let because = match always_up {
                Some(always_up) => always_up_text(*always_up),
                None if org.routing_groups()[group].is_stale() => "The group is stale, and hears of nothing.",
                None => "No link state comes here from where it starts.",
            };
            of_reason.entry(because).or_default().push(*connector);
        }
    }
    for (because, connectors) in of_reason {
        let names = some_names(connectors.iter().map(|connector| org.connector_name(*connector)));
        let text = format!(
            "All this supposes that {} takes {} as down, but it would not be told. {because} So mail still goes there, and waits \
             where that starts.",
            node_phrase(org, query.sender.node),
            escaped(&names)
        );
        page.blank()?;
        said(&text, &[], page)?;
    }
    Ok(())
}

/// Connectors on the way of some recipient's mail when nothing is down, and the one by which it leaves.
fn used_if_all_up(query: &ExplainQuery<'_>) -> Vec<ConnectorRef> {
    let view = query.view;
    let nothing_down = FailureSet::default();
    let all_up = View::new(view.org, view.graphs, view.options, view.message, &nothing_down);
    let mut used = Vec::new();
    for recipient in query.asked {
        let explained = delivery::explain(&all_up, query.sender, recipient);
        let legs = explained.plan.iter().flat_map(|plan| &plan.legs);
        used.extend(legs.filter_map(|leg| match leg {
            Leg::Connector(connector) => Some(ConnectorRef::RoutingGroup(*connector)),
            Leg::SiteLink(_) => None,
        }));
        used.extend(explained.connector().map(ConnectorRef::External));
    }
    used
}

/// The external address of a recipient, and how the connector that serves it stands.
fn outside<'e>(recipient: &'e Recipient, explanation: &'e Explanation) -> Option<(&'e Address, &'e Standing)> {
    let (_, standing) = explanation.selection.as_ref()?.selected()?;
    match recipient {
        Recipient::Address(address) => Some((address, standing)),
        Recipient::Node(_) => None,
    }
}

fn hand_over(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let org = query.view.org;
    // Legacy senders choose around what is down: unless the mail waits, they hand it over as always.
    let around = query.sender.generation == Generation::Legacy && explanation.outcome != Outcome::Queue;
    if let Some(journey) = explanation.journey.as_ref().filter(|_| !around) {
        return tried(query, explanation, journey, page);
    }
    let servers = next_servers(query.view, query.sender, explanation);
    let Some(plan) = explanation
        .plan
        .as_ref()
        .filter(|_| explanation.outcome == Outcome::Route)
    else {
        return inside_site(query, explanation, &servers, page);
    };
    page.section("Hand-over")?;
    page.blank()?;
    let (from, next) = (
        capitalized(&node_phrase(org, plan.from)),
        node_phrase(org, plan.next_hop),
    );
    let rule = rules::of_relay(plan.relay);
    said(&format!("{from} hands it to {next}. {}", rule.text), &[rule], page)?;
    if !servers.is_empty() {
        page.blank()?;
        in_turn(org, &servers, page)?;
    }
    let goes_around_refusal = query
        .view
        .legacy_goes_around_refusal(plan, outside(recipient, explanation));
    if !query.view.down.is_empty() {
        if goes_around_refusal {
            write_rule(&rules::LEGACY_LEAVES_OUT, page)?;
        }
        return write_rule(&rules::LEGACY_REROUTES, page);
    }
    if explanation.disagreement.is_some() {
        return write_rule(&rules::VERSIONS_DISAGREE, page);
    }
    page.blank()?;
    if plan.relay == Relay::RoutingGroup {
        let rule = match plan.from {
            Node::Site(_) => rules::WAITS_FOR_CONNECTOR,
            Node::RoutingGroup(_) if goes_around_refusal => rules::LEGACY_LEAVES_OUT,
            Node::RoutingGroup(_) => rules::LEGACY_REROUTES,
        };
        return said(rule.text, &[rule], page);
    }
    let others = other_sites(query.view, query.sender, explanation);
    let text = otherwise(org, plan, &others);
    if others.is_empty() {
        said(&text, &[rules::BACKOFF], page)
    } else {
        said(&text, &[rules::OTHER_SITES, rules::BACKOFF], page)
    }
}

/// A sentence, and under it the rules that it goes by.
fn said(text: &str, rules: &[Rule], page: &mut Page<'_>) -> io::Result<()> {
    page.paragraph(Default::default(), 2, text)?;
    rules.iter().try_for_each(|rule| write_source(rule, page))
}

/// A sender that ends the way, but passes the mail to another server beside it.
fn inside_site(
    query: &ExplainQuery<'_>,
    explanation: &Explanation,
    servers: &[ServerIdx],
    page: &mut Page<'_>,
) -> io::Result<()> {
    if explanation.outcome != Outcome::Deliver || servers.is_empty() {
        return Ok(());
    }
    page.section("Hand-over")?;
    page.blank()?;
    if matches!(explanation.delivery_group, Some(DeliveryGroup::Mailboxes(..))) {
        said(rules::OWN_VERSION.text, &[rules::OWN_VERSION], page)?;
        page.blank()?;
    }
    in_turn(query.view.org, servers, page)
}

/// The servers that take the sender's connections.
fn in_turn(org: &Organization, servers: &[ServerIdx], page: &mut Page<'_>) -> io::Result<()> {
    let names: Vec<String> = servers
        .iter()
        .map(|server| escaped(org.servers()[*server].name.as_str()).into_owned())
        .collect();
    match names.as_slice() {
        [one] => said(&format!("It connects to {one}."), &[], page),
        several => {
            let second: Vec<String> = round_robin(&(0..several.len()).collect::<Vec<_>>(), 1)
                .map(|at| several[at].clone())
                .collect();
            let text = format!(
                "It connects to {}. {} The second connection tries {}, in this order.",
                enumeration(several),
                rules::ROUND_ROBIN.text,
                enumeration(&second)
            );
            said(&text, &[rules::ROUND_ROBIN], page)
        }
    }
}

/// Who takes the mail when the next hop is silent.
fn otherwise(org: &Organization, plan: &Plan, others: &[SiteIdx]) -> String {
    let from = node_phrase(org, plan.from);
    let next = node_text(org, plan.next_hop);
    let takers = some_sites(org, &plan.backoff);
    if let ([other], []) = (others, takers.as_slice()) {
        let other = node_text(org, Node::Site(*other));
        return format!(
            "If {next} does not answer, {other} takes it, another site of its delivery group; otherwise it waits in {from}."
        );
    }
    if !others.is_empty() {
        let then = match takers.as_slice() {
            [] => String::new(),
            takers => format!(", then {} on the way", enumeration(takers)),
        };
        return format!(
            "If {next} does not answer, others of its delivery group are tried: {}{then}, in this order; otherwise \
             it waits in {from}.",
            enumeration(&some_sites(org, others))
        );
    }
    match takers.as_slice() {
        [] => format!("If {next} does not answer, it waits in {from}: no site between could take it."),
        [one] => format!("If {next} does not answer, {one} takes it; otherwise it waits in {from}."),
        [first, others @ ..] => format!(
            "If {next} does not answer, {first} takes it; otherwise {}, in this order; otherwise it waits in {from}.",
            enumeration(others)
        ),
    }
}

/// What becomes of the mail in the end.
fn ending(query: &ExplainQuery<'_>, explanation: &Explanation, journey: &Journey) -> String {
    let org = query.view.org;
    match (journey.queued_at, &explanation.disagreement) {
        (Some(node), _) => format!("It waits in {} and is tried again from there.", node_phrase(org, node)),
        (None, Some(disagreement)) => does_not_arrive(org, disagreement),
        (None, None) => "It gets through.".to_owned(),
    }
}

/// What sites that see different ways make of the mail.
pub(super) fn does_not_arrive(org: &Organization, disagreement: &Disagreement) -> String {
    match disagreement {
        Disagreement::Loop(sites) => {
            let sites: Vec<String> = sites.iter().map(|site| node_text(org, Node::Site(*site))).collect();
            format!(
                "It does not arrive: sites {} see different ways and hand it to each other for ever.",
                enumeration(&sites)
            )
        }
        Disagreement::NoWay(site) => {
            format!(
                "It does not arrive: {} sees no way on.",
                node_phrase(org, Node::Site(*site))
            )
        }
    }
}

fn tried(
    query: &ExplainQuery<'_>,
    explanation: &Explanation,
    journey: &Journey,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let org = query.view.org;
    page.section("While that is down")?;
    page.blank()?;
    if journey.tried.is_empty() {
        let itself = query.sender.itself(org).filter(|_| journey.sender_down);
        let at = match itself {
            Some(server) => format!("Server {}", escaped(org.servers()[server].name.as_str())),
            None => capitalized(&node_phrase(org, journey.queued_at.unwrap_or(query.sender.node))),
        };
        let why = match query.sender.node {
            _ if journey.sender_down => "is down itself",
            Node::Site(_) => "has nobody to try",
            Node::RoutingGroup(_) => "has no way left",
        };
        said(&format!("{at} {why}."), &[], page)?;
    } else {
        page.table(2, &takers(org, journey))?;
    }
    page.blank()?;
    said(&ending(query, explanation, journey), &[], page)?;
    write_rule(&rule_of_waiting(query, explanation, journey), page)
}

/// Whom the mail was offered to, and who took it.
fn takers(org: &Organization, journey: &Journey) -> Table {
    let mut table = Table::marked(&TRIED);
    for node in &journey.tried {
        // A group holds nothing that is followed further: it has the mail unless the mail waits before it.
        let crossed = matches!(node, Node::RoutingGroup(_)) && journey.queued_at.is_none_or(|at| at == *node);
        let takes = journey.holders.contains(node) || crossed;
        let (mark, text) = if takes {
            (Mark::Chosen, "takes it")
        } else {
            (Mark::Out, "does not answer")
        };
        table.row(mark, vec![node_text(org, *node), text.to_owned()]);
    }
    table
}

/// Why the mail is where it is.
fn rule_of_waiting(query: &ExplainQuery<'_>, explanation: &Explanation, journey: &Journey) -> Rule {
    let selection = explanation.selection.as_ref();
    match query.sender.node {
        _ if journey.sender_down => rules::SENDER_DOWN,
        _ if explanation.disagreement.is_some() => rules::VERSIONS_DISAGREE,
        Node::Site(_) if matches!(journey.queued_at, Some(Node::RoutingGroup(_))) => rules::LEGACY_WAITS,
        Node::Site(_) => {
            let others = other_sites(query.view, query.sender, explanation);
            let tried = others.iter().any(|site| journey.tried.contains(&Node::Site(*site)));
            if tried { rules::OTHER_SITES } else { rules::BACKOFF }
        }
        Node::RoutingGroup(_) if selection.is_some_and(|selection| selection.selected().is_none()) => {
            rules::LEGACY_KEEPS_TO_SPACE
        }
        Node::RoutingGroup(_) => rules::LEGACY_WAITS,
    }
}
