//! What happens on the way: who is handed the mail, and who takes it otherwise.

use std::io;

use super::question::capitalized;
use super::{ExplainQuery, write_rule};
use crate::delivery::{DeliveryGroup, Disagreement, Explanation, Journey, Outcome, next_servers};
use crate::model::{Generation, Node, Organization, ServerIdx};
use crate::report::escaped;
use crate::report::rules;
use crate::report::text::{Column, Mark, Page, Table, enumeration, node_phrase, node_text};
use crate::route::{Plan, Relay};

const TRIED: [Column; 2] = [Column::text("Tried", 20), Column::text("", 20)];

pub(super) fn write(query: &ExplainQuery<'_>, explanation: &Explanation, page: &mut Page<'_>) -> io::Result<()> {
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
    page.paragraph(
        Default::default(),
        2,
        &format!("{from} hands it to {next}. {}", rule.text),
    )?;
    page.paragraph(page.palette.dim, 2, &format!("{}, {}", rule.id, rule.source.title))?;
    if !servers.is_empty() {
        page.blank()?;
        in_turn(org, &servers, page)?;
    }
    if !query.view.down.is_empty() {
        return write_rule(&rules::LEGACY_REROUTES, page);
    }
    if explanation.disagreement.is_some() {
        return write_rule(&rules::VERSIONS_DISAGREE, page);
    }
    page.blank()?;
    if plan.relay == Relay::RoutingGroup {
        let rule = match plan.from {
            Node::Site(_) => rules::WAITS_FOR_CONNECTOR,
            Node::RoutingGroup(_) => rules::LEGACY_REROUTES,
        };
        page.paragraph(Default::default(), 2, rule.text)?;
        return page.paragraph(page.palette.dim, 2, &format!("{}, {}", rule.id, rule.source.title));
    }
    page.paragraph(Default::default(), 2, &otherwise(org, plan))?;
    page.paragraph(
        page.palette.dim,
        2,
        &format!("{}, {}", rules::BACKOFF.id, rules::BACKOFF.source.title),
    )
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
        page.paragraph(Default::default(), 2, rules::OWN_VERSION.text)?;
        let (id, title) = (rules::OWN_VERSION.id, rules::OWN_VERSION.source.title);
        page.paragraph(page.palette.dim, 2, &format!("{id}, {title}"))?;
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
    let text = match names.as_slice() {
        [one] => format!("It connects to {one}."),
        several => format!("It connects to {}. {}", enumeration(several), rules::ROUND_ROBIN.text),
    };
    page.paragraph(Default::default(), 2, &text)?;
    if names.len() > 1 {
        let (id, title) = (rules::ROUND_ROBIN.id, rules::ROUND_ROBIN.source.title);
        page.paragraph(page.palette.dim, 2, &format!("{id}, {title}"))?;
    }
    Ok(())
}

fn otherwise(org: &Organization, plan: &Plan) -> String {
    let from = node_phrase(org, plan.from);
    let next = node_text(org, plan.next_hop);
    let takers: Vec<String> = plan
        .backoff
        .iter()
        .map(|site| node_text(org, Node::Site(*site)))
        .collect();
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
        let at = capitalized(&node_phrase(org, journey.queued_at.unwrap_or(query.sender.node)));
        page.paragraph(Default::default(), 2, &format!("{at} has nobody to try."))?;
    } else {
        let mut table = Table::marked(&TRIED);
        for node in &journey.tried {
            let crossed = matches!(node, Node::RoutingGroup(_)) && journey.queued_at.is_none();
            let takes = journey.holders.contains(node) || crossed;
            let (mark, text) = if takes {
                (Mark::Chosen, "takes it")
            } else {
                (Mark::Out, "does not answer")
            };
            table.row(mark, vec![node_text(org, *node), text.to_owned()]);
        }
        page.table(2, &table)?;
    }
    page.blank()?;
    page.paragraph(Default::default(), 2, &ending(query, explanation, journey))?;
    if explanation.disagreement.is_some() {
        return write_rule(&rules::VERSIONS_DISAGREE, page);
    }
    match query.sender.node {
        Node::Site(_) => write_rule(&rules::BACKOFF, page),
        Node::RoutingGroup(_) => write_rule(&rules::LEGACY_REROUTES, page),
    }
}
