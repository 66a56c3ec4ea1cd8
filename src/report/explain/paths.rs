//! The path, the runner-up, and what separates them.

use std::io;

use super::lines::Lines;
use super::{ExplainQuery, write_rule};
use crate::diagnostic::some_names;
use crate::model::{Name, Node, Organization};
use crate::report::escape::escaped;
use crate::report::record::leg_name;
use crate::report::rules;
use crate::report::text::{COSTS_LEGEND, Column, Mark, Page, Table, cost_text, enumeration, node_text, path_text};
use crate::route::{Clause, Leg, Plan, Relay, Rival, View};

const COLUMNS: [Column; 4] = [
    Column::text("Path", 30),
    Column::number("Cost"),
    Column::number("Hops"),
    Column::text("", 24),
];

/// Lines of the file that are shown for either path.
const LEGS_SHOWN: usize = 2;

pub(super) fn write(
    query: &ExplainQuery<'_>,
    plan: &Plan,
    rival: Option<&Rival>,
    lines: &mut Lines<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let org = query.view.org;
    page.section("Paths")?;
    page.blank()?;
    let connectors = plan.connectors().next().is_some();
    let mut table = Table::marked(&COLUMNS);
    let taken = if plan.ambiguous {
        "taken; mail may spread"
    } else {
        "taken"
    };
    let cells = |path: &[Node], legs: &[Leg], costs, why: String| {
        let (group_cost, site_cost) = costs;
        vec![
            path_cell(org, path, legs),
            cost_text(group_cost, site_cost, connectors),
            legs.len().to_string(),
            why,
        ]
    };
    let costs = (plan.routing_group_cost, plan.site_cost);
    table.row(Mark::Chosen, cells(&plan.path, &plan.legs, costs, taken.to_owned()));
    if let Some(rival) = rival {
        let costs = (rival.routing_group_cost, rival.site_cost);
        table.row(
            Mark::Lost,
            cells(&rival.path, &rival.legs, costs, why_lost(org, plan, rival)),
        );
    }
    page.table(2, &table)?;
    if connectors {
        page.paragraph(page.palette.dim, 2, COSTS_LEGEND)?;
    }
    note_lines(org, plan, rival, lines);
    if rival.is_none() {
        let refusing = refusing(query.view, plan.from);
        return match refusing.is_empty() {
            true => page.paragraph(page.palette.dim, 2, "There is no other path."),
            false => {
                let text = format!(
                    "There is no other path. Servers of 2000 and 2003 do not send this message over {}.",
                    some_names(refusing)
                );
                page.paragraph(page.palette.dim, 2, &escaped(&text))
            }
        };
    }
    let rule = match (plan.from, plan.to) {
        (Node::Site(_), Node::Site(_)) => rules::of_site_path(plan.decided_by),
        (Node::Site(_), Node::RoutingGroup(_)) => rules::of_group_path(plan.decided_by),
        (Node::RoutingGroup(_), _) => rules::of_path(plan.decided_by, true),
    };
    write_rule(&rule, page)
}

/// The routing-group connectors that a legacy sender leaves out because of the message and its hour.
fn refusing<'a>(view: &View<'a>, from: Node) -> Vec<&'a Name> {
    let connectors = view.org.routing_group_connectors().iter_enumerated();
    let refusing = connectors.filter(|(index, _)| matches!(from, Node::RoutingGroup(_)) && !view.legacy_admits(*index));
    refusing.map(|(_, connector)| &connector.name).collect()
}

/// The nodes; where connectors are crossed, their names too, since several may join the same groups.
fn path_cell(org: &Organization, path: &[Node], legs: &[Leg]) -> String {
    let crossed: Vec<String> = legs
        .iter()
        .filter(|leg| matches!(leg, Leg::Connector(_)))
        .map(|leg| escaped(leg_name(org, *leg)).into_owned())
        .collect();
    let path = path_text(org, path);
    if crossed.is_empty() {
        path
    } else {
        format!("{path}\nover {}", enumeration(&crossed))
    }
}

fn why_lost(org: &Organization, plan: &Plan, rival: &Rival) -> String {
    match rival.lost_on {
        Clause::RoutingGroupCost => {
            format!(
                "lost: connectors cost {}, not {}",
                rival.routing_group_cost, plan.routing_group_cost
            )
        }
        Clause::Cost => format!("lost: it costs {} more", rival.site_cost.saturating_sub(plan.site_cost)),
        Clause::SiteCost => format!("lost: sites cost {}, not {}", rival.site_cost, plan.site_cost),
        Clause::Hops => "lost: it is longer".to_owned(),
        Clause::Name => match names_compared(org, plan, rival) {
            Some((lower, higher)) => format!("lost: {higher} comes after {lower}"),
            None => "lost: its names come later".to_owned(),
        },
    }
}

/// The two names that decided: sites backwards from the destination, connectors forwards (RT-2.2, RT-2.7).
fn names_compared(org: &Organization, plan: &Plan, rival: &Rival) -> Option<(String, String)> {
    if let (Node::Site(_), Node::Site(_)) = (plan.from, plan.to) {
        let both = plan.path.iter().rev().zip(rival.path.iter().rev());
        let (ours, theirs) = both.into_iter().find(|(a, b)| a != b)?;
        return Some((node_text(org, *ours), node_text(org, *theirs)));
    }
    let connectors = |legs: &[Leg]| {
        let names = legs.iter().filter(|leg| matches!(leg, Leg::Connector(_)));
        names
            .map(|leg| escaped(leg_name(org, *leg)).into_owned())
            .collect::<Vec<_>>()
    };
    connectors(&plan.legs)
        .into_iter()
        .zip(connectors(&rival.legs))
        .find(|(a, b)| a != b)
}

/// The links and connectors that one of the two paths has and the other has not, and the hub site.
fn note_lines(org: &Organization, plan: &Plan, rival: Option<&Rival>, lines: &mut Lines<'_>) {
    let rivals: &[Leg] = rival.map_or(&[], |rival| &rival.legs);
    let counts = |leg: &Leg| match (leg, plan.from, plan.decided_by) {
        // Sites are invisible to legacy servers, and do not count as long as connector costs differ.
        (Leg::SiteLink(_), Node::RoutingGroup(_), _) | (Leg::SiteLink(_), _, Clause::RoutingGroupCost) => false,
        (Leg::Connector(_), _, Clause::SiteCost) => false,
        _ => true,
    };
    let only = |legs: &[Leg], others: &[Leg]| -> Vec<Leg> {
        let counting = legs.iter().filter(|leg| counts(leg));
        counting.filter(|leg| !others.contains(leg)).copied().collect()
    };
    for (legs, role) in [
        (only(&plan.legs, rivals), "taken"),
        (only(rivals, &plan.legs), "not taken"),
    ] {
        // The dearest ones make the difference; in the order of the path.
        let mut shown = legs.clone();
        shown.sort_by_key(|leg| std::cmp::Reverse(leg_cost(org, *leg)));
        shown.truncate(LEGS_SHOWN);
        for leg in legs.into_iter().filter(|leg| shown.contains(leg)) {
            note_leg(org, leg, role, lines);
        }
    }
    if let (Relay::HubSite, Node::Site(site)) = (plan.relay, plan.next_hop) {
        let name = escaped(org.sites()[site].name.as_str());
        let text = format!("{name} is a hub site: mail that passes by stops there");
        lines.note(org.sites()[site].span, Some("hub_site"), text);
    }
}

fn leg_cost(org: &Organization, leg: Leg) -> u32 {
    match leg {
        Leg::SiteLink(link) => org.site_links()[link].effective_cost(),
        Leg::Connector(connector) => org.routing_group_connectors()[connector].cost,
    }
}

fn note_leg(org: &Organization, leg: Leg, role: &str, lines: &mut Lines<'_>) {
    let name = escaped(leg_name(org, leg));
    match leg {
        Leg::SiteLink(link) => {
            let link = &org.site_links()[link];
            let (field, cost) = match link.exchange_cost {
                Some(cost) => (
                    "exchange_cost",
                    format!("{cost} to Exchange, in place of {}", link.cost),
                ),
                None => ("cost", link.cost.to_string()),
            };
            lines.note(link.span, Some(field), format!("{role}: {name} costs {cost}"));
        }
        Leg::Connector(connector) => {
            let connector = &org.routing_group_connectors()[connector];
            lines.note(
                connector.span,
                Some("cost"),
                format!("{role}: {name} costs {}", connector.cost),
            );
        }
    }
}
