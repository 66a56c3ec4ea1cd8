//! What routers went by, in sentences. Names stand as they are in the file; text escapes whole sentences.

use super::InBetween;
use crate::model::{ConnectorRef, Cost, Generation, Organization, RoutingGroupConnectorKind};
use crate::report::text::enumeration;
use crate::verify::{
    Flood, Hindrance, Rejection, Router, Transient, UnderWay, Why, World, why_in_between, why_under_way,
};

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

/// Why a step is taken, with names.
pub(in crate::report) struct Reason {
    /// In a sentence without its end.
    pub(in crate::report) text: String,
    /// The best of the ways that were not taken: its connectors, its cost, and the word for what spoke against it.
    pub(in crate::report) rejected: Option<(Vec<String>, Cost, &'static str)>,
}

impl Reason {
    fn new(org: &Organization, why: &Why, text: String) -> Reason {
        let name = |connector: &ConnectorRef| org.connector_name(*connector).to_string();
        Reason {
            text,
            rejected: why.rejected.as_ref().map(|rejected| {
                let way = rejected.way.iter().map(name).collect();
                (way, rejected.cost, word(why, rejected.because))
            }),
        }
    }
}

fn word(why: &Why, because: Rejection) -> &'static str {
    let believed_down = |(hindered, _): &(Vec<(ConnectorRef, Hindrance)>, Cost)| {
        let mut hindered = hindered.iter();
        hindered.any(|(_, hindrance)| *hindrance == Hindrance::Failed)
    };
    match because {
        Rejection::Hindered if why.left_out.as_ref().is_some_and(believed_down) => "believed_down",
        Rejection::Hindered => "refuses",
        Rejection::Equal => "equal",
        Rejection::Dearer => "dearer",
        Rejection::LessSpecific => "less_specific",
        Rejection::Legacy => "legacy",
    }
}

/// What a router went by.
pub(in crate::report) fn why_told(org: &Organization, at: Router, why: &Why) -> Reason {
    Reason::new(org, why, sentence(org, at, why, "does not act on the failure of"))
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
    rejected(org, at, why, &mut text);
    let overlooked = |hindrance| hindered(org, &why.overlooked, hindrance, priced);
    if let Some(names) = overlooked(Hindrance::Failed) {
        text.push_str(&match at {
            Router::Site(..) => format!("; does not know that {names} failed (R35)"),
            Router::Group(_) => format!("; {unaware} {names} (LS-1.6)"),
        });
    }
    if let Some(names) = overlooked(Hindrance::Refuses) {
        text.push_str(&format!(
            "; does not see that {names} would refuse the message (R45-R47, R63)"
        ));
    }
    if let Some(names) = overlooked(Hindrance::Closed) {
        text.push_str(&format!(
            "; does not see that {names} would be closed at that hour (LS-2.3)"
        ));
    }
    blind_spots(org, at, why, &mut text);
    text
}

/// The best of the ways that were not taken, and why not.
fn rejected(org: &Organization, at: Router, why: &Why, text: &mut String) {
    let Some(rejected) = &why.rejected else { return };
    let way = format!("{} at cost {}", names(org, rejected.way.iter().copied()), rejected.cost);
    let told = match (rejected.because, at) {
        (Rejection::Hindered, _) => {
            let hindered = |wanted| {
                let left_out = why.left_out.as_ref()?;
                hindered(org, &left_out.0, wanted, named)
            };
            let believed = hindered(Hindrance::Failed).map(|names| format!("it believes {names} down (R34)"));
            let refuses =
                hindered(Hindrance::Refuses).map(|names| format!("{names} would refuse the message (LS-2.1)"));
            let closed =
                hindered(Hindrance::Closed).map(|names| format!("{names} would be closed at that hour (LS-2.1)"));
            let because: Vec<String> = believed.into_iter().chain(refuses).chain(closed).collect();
            format!("leaves out {way}, since {}", because.join(" and since "))
        }
        (Rejection::Equal, Router::Group(_)) => format!("{way} would be as good (Q8)"),
        (Rejection::Equal, Router::Site(..)) => format!("{way} only loses the tie"),
        (Rejection::Dearer, _) => format!("the next best, {way}, is dearer"),
        (Rejection::LessSpecific, _) => format!("the next best, {way}, serves a less specific address space (R55)"),
        (Rejection::Legacy, _) => format!("the next best, {way}, is a legacy connector (R60)"),
    };
    text.push_str(&format!("; {told}"));
}

/// What the routers of a transient loop went by, each by the organization that it acts on.
pub(in crate::report) fn transient_reasons(
    world: &World<'_>,
    between: &InBetween<'_>,
    transient: &Transient,
) -> Vec<Reason> {
    let reasons = why_in_between(world, between.old, between.skew, transient);
    let steps = transient.witness.steps.iter().zip(reasons);
    let told = steps.map(|(step, (of_old, reason))| match of_old {
        true => {
            let told = why_told(between.old.org, step.at, &reason);
            Reason {
                text: format!("still acts on the older configuration (R42): {}", told.text),
                ..told
            }
        }
        false => why_told(world.org, step.at, &reason),
    });
    told.collect()
}

/// What the routers of a loop that is there while news is under way went by.
pub(in crate::report) fn reasons_under_way(world: &World<'_>, flood: &Flood, under_way: &UnderWay) -> Vec<Reason> {
    let reasons = why_under_way(world, flood, under_way);
    let steps = under_way.witness.steps.iter().zip(&reasons);
    steps
        .map(|(step, reason)| {
            let text = sentence(world.org, step.at, reason, "has not heard of the failure of");
            Reason::new(world.org, reason, text)
        })
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
    let names: Vec<String> = connectors.map(|connector| named(org, connector)).collect();
    enumeration(&names)
}

fn named(org: &Organization, connector: ConnectorRef) -> String {
    org.connector_name(connector).to_string()
}

/// With its cost; that of a connector to the outside depends on the address.
fn priced(org: &Organization, connector: ConnectorRef) -> String {
    let name = named(org, connector);
    match connector {
        ConnectorRef::RoutingGroup(index) => format!("{name} (cost {})", org.routing_group_connectors()[index].cost),
        ConnectorRef::External(_) => name,
    }
}

/// Those that are hindered so; `None`: there are none.
fn hindered(
    org: &Organization,
    list: &[(ConnectorRef, Hindrance)],
    wanted: Hindrance,
    told: fn(&Organization, ConnectorRef) -> String,
) -> Option<String> {
    let found = list.iter().filter(|(_, hindrance)| *hindrance == wanted);
    let found: Vec<String> = found.map(|(connector, _)| told(org, *connector)).collect();
    (!found.is_empty()).then(|| enumeration(&found))
}
