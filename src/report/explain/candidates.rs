//! Every connector, and what became of it.

use std::io;

use super::lines::Lines;
use super::{ExplainQuery, write_rule};
use crate::model::{Cost, Generation, Node, Organization};
use crate::report::detail;
use crate::report::escape::escaped;
use crate::report::record::connector_clause_word;
use crate::report::rules;
use crate::report::text::{Column, Mark, Page, Table, node_text};
use crate::route::{Candidate, ConnectorClause, Exclusion, Exit, Selection, Standing, Verdict};

const COLUMNS: [Column; 5] = [
    Column::text("Connector", 12),
    Column::text("Serves", 15),
    Column::number("Cost"),
    Column::text("From", 10),
    Column::text("", 20),
];

/// More connectors than this that do not serve the address at all are counted instead of listed.
const UNSERVING_SHOWN: usize = 6;

pub(super) fn write(
    query: &ExplainQuery<'_>,
    selection: &Selection,
    lines: &mut Lines<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let org = query.view.org;
    page.section("Connectors")?;
    if selection.considered.is_empty() {
        return page.paragraph(page.palette.dim, 2, "There are none.");
    }
    page.blank()?;
    let mut table = Table::marked(&COLUMNS);
    let unserving = |candidate: &&Candidate| candidate.verdict == Verdict::Excluded(Exclusion::NoMatch);
    let folded = Some(selection.considered.iter().filter(unserving).count()).filter(|n| *n > UNSERVING_SHOWN);
    for candidate in &selection.considered {
        if folded.is_some() && unserving(&candidate) {
            continue;
        }
        let mark = match candidate.verdict {
            Verdict::Selected => Mark::Chosen,
            Verdict::Lost(_) => Mark::Lost,
            Verdict::Excluded(_) => Mark::Out,
        };
        table.row(mark, cells(query, selection, candidate));
    }
    if let Some(n) = folded {
        let why = format!(
            "have no address space for it ({})",
            rules::id_of_exclusion(Exclusion::NoMatch)
        );
        table.row(
            Mark::Out,
            vec![format!("{n} others"), String::new(), String::new(), String::new(), why],
        );
    }
    page.table(2, &table)?;
    let legacy = query.sender.generation == Generation::Legacy;
    let standings = || {
        selection
            .considered
            .iter()
            .filter_map(|candidate| candidate.standing.as_ref())
    };
    let legend = if legacy {
        "Cost a + b: routing-group connectors, then address space."
    } else if standings().any(|standing| standing.legacy) {
        "Cost a + b: reaching a source server, then address space. To a connector on 2000/2003, a is the routing-group \
         connectors, and site links count only among equals."
    } else {
        "Cost a + b: reaching a source server, then address space."
    };
    if standings().next().is_some() {
        page.paragraph(page.palette.dim, 2, legend)?;
    }
    note_lines(org, selection, lines);
    match selection.decided_by {
        Some(clause) => {
            let (_, standing) = selection.selected().expect("what decided singled out a connector");
            let rule = rules::of_connector(clause, legacy || standing.legacy);
            write_rule(&rule, page)
        }
        None => Ok(()),
    }
}

fn cells(query: &ExplainQuery<'_>, selection: &Selection, candidate: &Candidate) -> Vec<String> {
    let org = query.view.org;
    let connector = &org.connectors()[candidate.connector];
    let name = escaped(connector.name.as_str()).into_owned();
    let Some(standing) = &candidate.standing else {
        let Verdict::Excluded(exclusion) = candidate.verdict else {
            return vec![name, String::new(), String::new(), String::new(), String::new()];
        };
        let why = format!(
            "{} ({})",
            detail::candidate(org, candidate),
            rules::id_of_exclusion(exclusion)
        );
        return vec![name, String::new(), String::new(), String::new(), why];
    };
    let space = &connector.address_spaces[standing.space];
    let leaves = match standing.exit {
        Exit::Site(site) => node_text(org, Node::Site(site)),
        Exit::RoutingGroup(group) => node_text(org, Node::RoutingGroup(group)),
    };
    let why = match candidate.verdict {
        Verdict::Lost(clause) => format!("lost on {}", word(clause)),
        _ if selection.ambiguous => "selected; mail may spread".to_owned(),
        _ => "selected".to_owned(),
    };
    let serves = escaped(space.value().as_str()).into_owned();
    let serves = if space.kind().folded() == "SMTP" {
        serves
    } else {
        format!("{}:{serves}", escaped(space.kind().as_str()))
    };
    vec![name, serves, cost(standing, Cost::from(space.cost())), leaves, why]
}

/// The cost and what it is made of. A legacy connector has two: connectors with the address space, then sites (R59, D27).
fn cost(standing: &Standing, space: Cost) -> String {
    let (first, second) = standing.cost;
    let reach = first.saturating_sub(space);
    match second {
        0 => format!("{reach} + {space}"),
        sites => format!("{reach} + {space}, then {sites}"),
    }
}

fn word(clause: ConnectorClause) -> String {
    connector_clause_word(clause).replace('_', " ")
}

fn note_lines(org: &Organization, selection: &Selection, lines: &mut Lines<'_>) {
    let mut runner_up_shown = false;
    for candidate in &selection.considered {
        let connector = &org.connectors()[candidate.connector];
        let name = escaped(connector.name.as_str());
        match candidate.verdict {
            Verdict::Selected => lines.note(connector.span, Some("address_spaces"), format!("{name} is selected")),
            Verdict::Lost(clause) if !runner_up_shown => {
                runner_up_shown = true;
                let text = match selection.decided_by {
                    Some(_) => format!("{name} comes second, lost on {}", word(clause)),
                    // D40: what it lost against is down.
                    None => format!("{name} is up and serves it less closely: it is not taken instead"),
                };
                lines.note(connector.span, Some("address_spaces"), text);
            }
            // What somebody may want to change.
            Verdict::Excluded(Exclusion::Size) => {
                let limit = connector.max_message_size.unwrap_or_default();
                let text = format!("{name} is left out: lets {limit} through");
                lines.note(connector.span, Some("max_message_size"), text);
            }
            Verdict::Excluded(exclusion @ (Exclusion::Down | Exclusion::CutOff)) => {
                let text = format!("{name} {}", detail::exclusion(connector, exclusion));
                lines.note(connector.span, Some("address_spaces"), text);
            }
            Verdict::Excluded(Exclusion::Restriction) => {
                let text = format!("{name} is left out: refuses this message");
                lines.note(connector.span, Some("restrictions"), text);
            }
            _ => {}
        }
    }
}
