//! The answer in one sentence.

use std::io;

use super::question::recipient_phrase;
use super::remedy::edge;
use super::way::does_not_arrive;
use super::{ExplainQuery, message_size};
use crate::delivery::{Explanation, Outcome, Reason, Recipient, Refusal};
use crate::model::Node;
use crate::report::escape::escaped;
use crate::report::record::leg_name;
use crate::report::text::{Page, node_phrase};
use crate::route::{Leg, Plan, Relay};

pub(super) fn write(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let style = match explanation.outcome {
        _ if explanation.disagreement.is_some() => page.palette.bad,
        Outcome::Deliver | Outcome::Route => page.palette.good,
        Outcome::Queue => page.palette.warn,
        Outcome::Unreachable | Outcome::Ndr(_) => page.palette.bad,
    };
    let mut text = sentence(query, recipient, explanation);
    if let Some(disagreement) = &explanation.disagreement {
        text.push(' ');
        text.push_str(&does_not_arrive(query.view.org, disagreement));
    }
    page.blank()?;
    page.paragraph(style.bold_if(page), 0, &text)
}

/// What happens, in a sentence.
pub(super) fn sentence(query: &ExplainQuery<'_>, recipient: &Recipient, explanation: &Explanation) -> String {
    let org = query.view.org;
    let here = node_phrase(org, query.sender.node);
    let selected = explanation.connector().map(|index| &org.connectors()[index]);
    let connector = selected.map(|connector| escaped(connector.name.as_str()));
    match (explanation.outcome, &explanation.plan) {
        (Outcome::Deliver, _) => match connector {
            Some(name) => format!("It leaves the organization right here, in {here}, through connector {name}."),
            None => format!("It is delivered in {here} itself."),
        },
        (Outcome::Route, Some(plan)) => {
            let to = node_phrase(org, plan.to);
            match connector {
                // Only legacy senders choose it (R50); 2007+ will not, where the mail arrives.
                Some(name) if selected.is_some_and(|connector| !connector.enabled) => format!(
                    "It heads for connector {name} in {to}, which is disabled. Legacy servers do not see that; {to} will \
                     choose anew. {}",
                    route(query, plan, "there", "")
                ),
                Some(name) => format!(
                    "It leaves the organization from {to}, through connector {name}. {}",
                    route(query, plan, "there", "")
                ),
                None => route(query, plan, &format!("to {to}"), &format!(" to {to}")),
            }
        }
        (Outcome::Route, None) => "It is handed on.".to_owned(),
        (Outcome::Queue, _) => {
            let waits = explanation.journey.as_ref().and_then(|journey| journey.queued_at);
            let at = node_phrase(org, waits.unwrap_or(query.sender.node));
            format!("It waits in {at} until that changes, or for two days.")
        }
        (Outcome::Unreachable | Outcome::Ndr(_), _) => failure(query, recipient, explanation),
    }
}

/// The first step. `there` is the destination after a verb of motion, `towards` after a way.
fn route(query: &ExplainQuery<'_>, plan: &Plan, there: &str, towards: &str) -> String {
    let next = node_phrase(query.view.org, plan.next_hop);
    match plan.relay {
        Relay::Direct => format!("It goes straight {there}."),
        Relay::HubSite => format!("It goes to {next} first, a hub site on the way{towards}."),
        Relay::ConnectorSource => format!("It goes to {next} first, where the connectors{towards} begin."),
        Relay::RoutingGroup if plan.next_hop == plan.to => format!("It crosses a connector straight {there}."),
        Relay::RoutingGroup => format!("It crosses a connector into {next} first, on the way{towards}."),
    }
}

fn failure(query: &ExplainQuery<'_>, recipient: &Recipient, explanation: &Explanation) -> String {
    let org = query.view.org;
    let fate = match explanation.outcome {
        Outcome::Ndr(code) => format!("It is returned with {code}"),
        _ => "It goes nowhere and waits in the Unreachable queue".to_owned(),
    };
    let who = recipient_phrase(org, recipient);
    let why = match explanation.reason {
        Some(Reason::Refused(refusal)) => match refusal {
            Refusal::UnknownRecipient => format!("there is nobody called {who}"),
            Refusal::NoTransport => "no transport server of the mailbox's own generation can deliver it".to_owned(),
            Refusal::NoHome if edge(org, recipient).is_some() => {
                format!("{who} is an Edge server, and nobody's mailbox is there")
            }
            Refusal::NoHome => match recipient {
                Recipient::Node(_) => format!("{who} is in no site and in no routing group that counts"),
                Recipient::Address(_) => {
                    format!("no server that holds {who} is in a site or in a routing group that counts")
                }
            },
            Refusal::NoExpansion => "the server that has to expand the group routes no mail".to_owned(),
        },
        Some(Reason::NoPath(Node::Site(site))) => {
            let from = node_phrase(org, query.sender.node);
            format!("nothing leads from {from} to {}", node_phrase(org, Node::Site(site)))
        }
        Some(Reason::NoPath(node)) => format!("no chain of connectors leads to {}", node_phrase(org, node)),
        Some(Reason::NoStop(node)) => format!("mail cannot stop in {}", node_phrase(org, node)),
        Some(Reason::NoConnector) => format!("no connector serves {who}"),
        Some(Reason::NoWay) => format!("no way leads to the connector that serves {who}"),
        Some(Reason::ConnectorSize) => format!("every connector for {who} is too small for {}", message_size(query)),
        Some(Reason::PathSize { leg, limit }) => {
            let kind = match leg {
                Leg::SiteLink(_) => "site link",
                Leg::Connector(_) => "connector",
            };
            let name = escaped(leg_name(org, leg));
            format!(
                "{kind} {name} on its path lets {limit} through, and the message has {}",
                message_size(query)
            )
        }
        None => "there is no way".to_owned(),
    };
    format!("{fate}: {why}.")
}

trait BoldIf {
    fn bold_if(self, page: &Page<'_>) -> Self;
}

impl BoldIf for anstyle::Style {
    /// Bold where the page knows bold.
    fn bold_if(self, page: &Page<'_>) -> Self {
        if page.palette.strong.is_plain() {
            self
        } else {
            self.bold()
        }
    }
}
