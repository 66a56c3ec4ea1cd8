//! What routers went by, in sentences. Names stand as they are in the file; text escapes whole sentences.

use super::InBetween;
use crate::model::{ConnectorRef, Generation, Organization, RoutingGroupConnectorKind};
use crate::report::text::enumeration;
use crate::verify::{Flood, Hindrance, Router, Transient, UnderWay, Why, World, why_in_between, why_under_way};

/// The generation that a router stands for, where its site has several.
pub(in crate::report) fn generation_of(org: &Organization, router: Router) -> Option<&'static str> {
    let Router::Site(site, generation) = router else {
        return None;
    };
    let mut others = org.transport_servers(site).iter();
    let mixed = others.any(|server| org.servers()[*server].version.generation() != generation);
    mixed.then_some(match generation {
        Generation::Legacy => "2000/2003",
        Generation::Exchange2007Rtm => "2007 RTM",
        Generation::Exchange2007Sp1 => "2007 SP1 and later",
        Generation::Exchange2010 => "2010",
        Generation::Exchange2013 => "2013 and later",
    })
}

/// What a router went by, in a sentence without its end.
pub(in crate::report) fn why_text(org: &Organization, at: Router, why: &Why) -> String {
    sentence(org, at, why, "does not act on the failure of")
}

/// `unaware`: how it is said of a legacy group that it goes by something that has failed.
fn sentence(org: &Organization, at: Router, why: &Why, unaware: &str) -> String {
    let mut text = match at {
        _ if why.way.is_empty() => "the way on crosses no connector (RT-2.2)".to_owned(),
        Router::Site(..) => format!(
            "plans {} at routing-group cost {} (R53)",
            names(org, why.way.iter().copied()),
            why.cost
        ),
        Router::Group(_) => format!(
            "takes the cheapest way that it believes open, {} at cost {} (R61)",
            names(org, why.way.iter().copied()),
            why.cost
        ),
    };
    if let Some((left_out, cost)) = &why.left_out {
        if let Some(names) = hindered(org, left_out, Hindrance::Failed) {
            text.push_str(&format!(
                "; leaves out a way for {cost}, since it believes {names} down (R34)"
            ));
        }
        if let Some(names) = hindered(org, left_out, Hindrance::Refuses) {
            text.push_str(&format!(
                "; leaves out a way for {cost}, since {names} would refuse the message (LS-2.1)"
            ));
        }
    }
    if let Some(names) = hindered(org, &why.overlooked, Hindrance::Failed) {
        text.push_str(&match at {
            Router::Site(..) => format!("; does not know that {names} failed (R35)"),
            Router::Group(_) => format!("; {unaware} {names} (LS-1.6)"),
        });
    }
    if let Some(names) = hindered(org, &why.overlooked, Hindrance::Refuses) {
        text.push_str(&format!(
            "; does not see that {names} would refuse the message (R45-R47, R63)"
        ));
    }
    blind_spots(org, at, why, &mut text);
    text
}

/// What the routers of a transient loop went by, each by the organization that it acts on.
pub(in crate::report) fn transient_reasons(
    world: &World<'_>,
    between: &InBetween<'_>,
    transient: &Transient,
) -> Vec<String> {
    let reasons = why_in_between(world, between.old, between.skew, transient);
    let steps = transient.witness.steps.iter().zip(reasons);
    let told = steps.map(|(step, (of_old, reason))| match of_old {
        true => format!(
            "still acts on the older configuration (R42): {}",
            why_text(between.old.org, step.at, &reason)
        ),
        false => why_text(world.org, step.at, &reason),
    });
    told.collect()
}

/// What the routers of a loop that is there while news is under way went by.
pub(in crate::report) fn reasons_under_way(world: &World<'_>, flood: &Flood, under_way: &UnderWay) -> Vec<String> {
    let reasons = why_under_way(world, flood, under_way);
    let steps = under_way.witness.steps.iter().zip(&reasons);
    steps
        .map(|(step, reason)| sentence(world.org, step.at, reason, "has not heard of the failure of"))
        .collect()
}

/// What one of the two sides never sees, whatever fails.
fn blind_spots(org: &Organization, at: Router, why: &Why, text: &mut String) {
    match at {
        Router::Site(_, Generation::Exchange2007Rtm) => {
            let mut connectors = org.routing_group_connectors().iter();
            if connectors.any(|connector| connector.kind == RoutingGroupConnectorKind::X400) {
                text.push_str("; 2007 RTM leaves out X.400 connectors (R72)");
            }
        }
        Router::Site(..) => {}
        Router::Group(_) => {
            let disabled = why.way.iter().copied().filter(|connector| match connector {
                ConnectorRef::RoutingGroup(_) => false,
                ConnectorRef::External(index) => {
                    let connector = &org.connectors()[*index];
                    !connector.enabled && !connector.kind.is_legacy()
                }
            });
            let disabled: Vec<ConnectorRef> = disabled.collect();
            if !disabled.is_empty() {
                let names = names(org, disabled.into_iter());
                text.push_str(&format!("; does not see that {names} is disabled (R50)"));
            }
        }
    }
}

fn names(org: &Organization, connectors: impl Iterator<Item = ConnectorRef>) -> String {
    let names: Vec<String> = connectors
        .map(|connector| org.connector_name(connector).to_string())
        .collect();
    enumeration(&names)
}

/// The names of those that are hindered so; `None`: there are none.
fn hindered(org: &Organization, list: &[(ConnectorRef, Hindrance)], wanted: Hindrance) -> Option<String> {
    let found = list.iter().filter(|(_, hindrance)| *hindrance == wanted);
    let found: Vec<ConnectorRef> = found.map(|(connector, _)| *connector).collect();
    (!found.is_empty()).then(|| names(org, found.into_iter()))
}
