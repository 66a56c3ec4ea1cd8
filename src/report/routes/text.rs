//! One table for each sender, on 80 columns.

use std::io;

use crate::model::{Node, Organization};
use crate::report::text::{
    COSTS_LEGEND, Column, Mark, Page, SITES_SHOWN, Table, clause_text, cost_text, is_cut, node_text, path_text,
    sender_text, some_sites,
};
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

/// The table of one sender, which is written when all rows are there.
pub(super) struct Rows<'o> {
    org: &'o Organization,
    table: Table,
    crosses_connectors: bool,
    cut: bool,
}

impl<'o> Rows<'o> {
    /// No rows yet.
    pub(super) fn new(org: &'o Organization) -> Rows<'o> {
        Rows {
            org,
            table: Table::new(&COLUMNS),
            crosses_connectors: false,
            cut: false,
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, to: Node, plan: Option<&Plan>) {
        self.table.row(Mark::Plain, cells(self.org, to, plan));
        self.crosses_connectors |= plan.is_some_and(crosses_connector);
        self.cut |= plan.is_some_and(|plan| is_cut(&plan.path[1..]) || plan.backoff.len() > SITES_SHOWN);
    }

    /// Writes the table, if there is a row.
    pub(super) fn write(&self, sender: Sender, page: &mut Page<'_>) -> io::Result<()> {
        if self.table.is_empty() {
            return Ok(());
        }
        page.line(page.palette.strong, &format!("From {}", sender_text(self.org, sender)))?;
        page.blank()?;
        page.table(2, &self.table)?;
        if self.crosses_connectors {
            page.paragraph(page.palette.dim, 2, COSTS_LEGEND)?;
        }
        if self.cut {
            let legend = "Of long paths the middle is left out; --format json and csv have all of it.";
            page.paragraph(page.palette.dim, 2, legend)?;
        }
        Ok(())
    }
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
        way.push_str("\nback-off: ");
        way.push_str(&some_sites(org, &plan.backoff).join(", "));
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
