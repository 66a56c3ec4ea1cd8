//! One table for each sender, on 80 columns.

use std::io;

use super::Row;
use crate::model::{Node, Organization};
use crate::report::text::{Column, Mark, Page, Table, clause_text, cost_text, node_text, path_text, sender_text};
use crate::route::{Plan, Relay, Sender, View};

const COLUMNS: [Column; 6] = [
    Column::text("To", 14),
    Column::text("Handed to", 14),
    Column::number("Cost"),
    Column::number("Hops"),
    Column::text("Decided by", 10),
    Column::text("Path", 24),
];

/// Says why there is not a single table.
pub(super) fn nothing(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let text = match view.org.routers().count() {
        0 => "No routes: mail can stop nowhere, since no site has a transport server.".to_owned(),
        1 => "No routes: there is one router, and nobody to send to.".to_owned(),
        _ => "No routes: the destinations that were asked for are the senders.".to_owned(),
    };
    page.paragraph(page.palette.warn, 0, &text)
}

pub(super) fn write_block(view: &View<'_>, sender: Sender, rows: &[Row], page: &mut Page<'_>) -> io::Result<()> {
    let org = view.org;
    if rows.is_empty() {
        return Ok(());
    }
    page.line(page.palette.strong, &format!("From {}", sender_text(org, sender)))?;
    page.blank()?;
    let mut table = Table::new(&COLUMNS);
    for (to, plan) in rows {
        table.row(Mark::Plain, cells(org, *to, plan.as_ref()));
    }
    page.table(2, &table)?;
    let both_costs = rows
        .iter()
        .any(|(_, plan)| plan.as_ref().is_some_and(crosses_connector));
    if both_costs {
        page.paragraph(
            page.palette.dim,
            2,
            "Cost a + b: routing-group connectors, then site links.",
        )?;
    }
    Ok(())
}

fn crosses_connector(plan: &Plan) -> bool {
    plan.connectors().next().is_some()
}

fn cells(org: &Organization, to: Node, plan: Option<&Plan>) -> Vec<String> {
    let Some(plan) = plan else {
        let mut cells = vec![String::new(); COLUMNS.len()];
        cells[0] = node_text(org, to);
        cells[1] = "unreachable".to_owned();
        return cells;
    };
    let mut way = path_text(org, &plan.path[1..]);
    if !plan.backoff.is_empty() {
        let sites = plan.backoff.iter().map(|site| node_text(org, Node::Site(*site)));
        way.push_str("\nback-off: ");
        way.push_str(&sites.collect::<Vec<_>>().join(", "));
    }
    let mut decided = clause_text(plan.decided_by).to_owned();
    if plan.ambiguous {
        decided.push_str("\nmay spread");
    }
    let hop = node_text(org, plan.next_hop);
    vec![
        node_text(org, to),
        match plan.relay {
            Relay::HubSite => format!("{hop} (hub)"),
            Relay::ConnectorSource => format!("{hop} (bridge)"),
            Relay::Direct | Relay::RoutingGroup => hop,
        },
        cost_text(plan.routing_group_cost, plan.site_cost, crosses_connector(plan)),
        plan.hops().to_string(),
        decided,
        way,
    ]
}
