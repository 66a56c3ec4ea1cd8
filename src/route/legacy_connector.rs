//! Which connector serves an external address, as a 2000/2003 server sees it (D29).
//!
//! It sees the connectors of both sides and reads each with its own schema: restrictions count, `Enabled` does not exist
//! (R50), and every connector scoped inside the 2007 group is out of scope (R48). The 2007 group is one node at which the
//! 2007+ connectors hang.

use std::cmp::Reverse;

use super::connector::{Exit, Standing, best_space, size_limit, usable_sources};
use super::from_group::is_down;
use super::from_site::closest;
use super::legacy_network::LegacyExit;
use super::{Candidate, ConnectorClause, Exclusion, Regard, Selection, Verdict, View};
use crate::model::{
    Address, Connector, ConnectorIdx, Cost, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, SiteIdx,
    Specificity,
};

/// Which connector serves `address` for a legacy sender.
///
/// A connector that is down, or that no way leads to, still beats less specific ones and then carries nothing (LS-2.1; D29, D40).
pub(super) fn select(view: &View<'_>, from: RoutingGroupIdx, address: &Address) -> Selection {
    let mut up = Vec::new();
    let mut excluded = Vec::new();
    let mut most_specific = None;
    for (index, connector) in view.org.connectors().iter_enumerated() {
        let exclusion = match standing(view, from, index, connector, address) {
            Ok(fit) => {
                most_specific = most_specific.max(Some(fit.specificity));
                match fit.standing {
                    Ok(standing) => {
                        up.push((index, standing));
                        continue;
                    }
                    Err(no_way_to_it) => no_way_to_it,
                }
            }
            Err(exclusion) => exclusion,
        };
        excluded.push(Candidate {
            connector: index,
            verdict: Verdict::Excluded(exclusion),
            standing: None,
        });
    }
    let mut selection = Selection::rank(up, excluded);
    let best = selection
        .selected()
        .map(|(_, standing)| (standing.specificity, standing.cost));
    match best {
        Some((specificity, _)) if Some(specificity) < most_specific => {
            selection.decided_by = None;
            for candidate in selection.considered.iter_mut().filter(|c| c.standing.is_some()) {
                candidate.verdict = Verdict::Lost(ConnectorClause::AddressSpace);
            }
        }
        Some(best) => {
            let equal = |c: &&Candidate| c.standing.as_ref().is_some_and(|s| (s.specificity, s.cost) == best);
            selection.ambiguous = selection.considered.iter().filter(equal).count() > 1;
        }
        None => {}
    }
    selection
}

/// The connectors among which `from` chooses by cost for `address` when all is up: the most specific ones, whether or not a way
/// leads to them (D29).
pub(super) fn exits(view: &View<'_>, from: RoutingGroupIdx, address: &Address) -> Vec<LegacyExit> {
    let fitting = view
        .org
        .connectors()
        .iter_enumerated()
        .filter_map(|(index, connector)| {
            let fit = standing(view, from, index, connector, address).ok()?;
            let group = match connector.routing_group {
                Some(group) if connector.kind.is_legacy() => GroupRef::Legacy(group),
                _ => GroupRef::Exchange2007,
            };
            let cost = Cost::from(connector.address_spaces[fit.space].cost());
            let exit = LegacyExit {
                connector: index,
                group,
                cost,
            };
            Some((fit.specificity, exit))
        });
    let fitting: Vec<(Specificity, LegacyExit)> = fitting.collect();
    let most_specific = fitting.iter().map(|(specificity, _)| *specificity).max();
    fitting
        .into_iter()
        .filter(|(specificity, _)| Some(*specificity) == most_specific)
        .map(|(_, exit)| exit)
        .collect()
}

/// The connectors that fit `address` when nothing is down and none refuses the message, the most specific first. Whether there is a way
/// to them is left open, since that too hangs on who refuses the message.
pub(super) fn exits_unrefused(
    view: &View<'_>,
    from: RoutingGroupIdx,
    address: &Address,
) -> Vec<(Specificity, LegacyExit)> {
    let connectors = view.org.connectors().iter_enumerated();
    let fitting = connectors.filter_map(|(index, connector)| {
        let (space, specificity, source) = fitting(view, from, connector, address).ok()?;
        let exit = LegacyExit {
            connector: index,
            group: exit(connector, source)?.0,
            cost: Cost::from(connector.address_spaces[space].cost()),
        };
        Some((specificity, exit))
    });
    let mut fitting: Vec<(Specificity, LegacyExit)> = fitting.collect();
    fitting.sort_by_key(|(specificity, _)| Reverse(*specificity));
    fitting
}

/// Whether a legacy server refuses the message at a connector to the outside: restrictions and size.
pub(super) fn refuses(view: &View<'_>, index: ConnectorIdx) -> bool {
    let connector = &view.org.connectors()[index];
    !view.message.passes(&connector.restrictions) || too_large(view, connector)
}

fn too_large(view: &View<'_>, connector: &Connector) -> bool {
    let size = view.message.size;
    size.is_some_and(|size| !size_limit(view, connector).passes(size))
}

/// Which of its address spaces fits and how closely, and a server that it starts at; scope counts, the message does not.
fn fitting(
    view: &View<'_>,
    from: RoutingGroupIdx,
    connector: &Connector,
    address: &Address,
) -> Result<(usize, Specificity, Source), Exclusion> {
    let legacy = connector.kind.is_legacy();
    if connector.scoped && (!legacy || connector.routing_group != Some(from)) {
        return Err(Exclusion::Scope);
    }
    // `--` is for Edge servers alone.
    let (space, specificity) = best_space(connector, address, false).ok_or(Exclusion::NoMatch)?;
    let source = usable_sources(view.org, connector).next().ok_or(Exclusion::NoSource)?;
    Ok((space, specificity, source))
}

/// Where mail leaves through a connector.
fn exit(connector: &Connector, source: Source) -> Option<(GroupRef, Exit)> {
    match (connector.kind.is_legacy(), connector.routing_group, source.1) {
        (true, Some(group), _) => Some((GroupRef::Legacy(group), Exit::RoutingGroup(group))),
        (false, _, Some(site)) => Some((GroupRef::Exchange2007, Exit::Site(site))),
        _ => None,
    }
}

/// A server that a connector starts at, and its site.
type Source = (ServerIdx, Option<SiteIdx>);

/// Whether legacy servers take a connector to the outside as down (D40).
pub(super) fn connector_down(view: &View<'_>, index: ConnectorIdx) -> bool {
    let connector = &view.org.connectors()[index];
    view.down.connectors.contains(&index)
        || usable_sources(view.org, connector).all(|(server, _)| is_down(view, server))
}

/// A connector that passes the filters.
struct Fit {
    /// The address space that matches.
    space: usize,
    specificity: Specificity,
    /// What it has to show if it can be used now.
    standing: Result<Standing, Exclusion>,
}

/// The filters in their order (D29), as if all were up.
fn standing(
    view: &View<'_>,
    from: RoutingGroupIdx,
    index: ConnectorIdx,
    connector: &Connector,
    address: &Address,
) -> Result<Fit, Exclusion> {
    let (space, specificity, source) = fitting(view, from, connector, address)?;
    if !view.message.passes(&connector.restrictions) {
        return Err(Exclusion::Restriction);
    }
    if too_large(view, connector) {
        return Err(Exclusion::Size);
    }
    let (target, exit) = exit(connector, source).ok_or(Exclusion::NoSource)?;
    let now = || {
        // Without a way when all is up there never is one.
        view.tree_as_legacy_all_up(from)
            .best(target)
            .ok_or(Exclusion::NoRoute)?;
        if connector_down(view, index) {
            return Err(Exclusion::Down);
        }
        let tree = view.tree_as_legacy(from);
        let best = tree.best(target).ok_or(Exclusion::CutOff)?;
        let crossed = tree.path(target).ok_or(Exclusion::CutOff)?;
        let exit = match exit {
            // What the entry site finds closest. The sender does not see sites: none in reach is found out there.
            Exit::Site(site) => Exit::Site(closest_to_entry(view, connector, &crossed).unwrap_or(site)),
            group => group,
        };
        Ok(Standing {
            space,
            specificity,
            cost: (best.key.cost + Cost::from(connector.address_spaces[space].cost()), 0),
            hops: best.key.connectors,
            crossed,
            exit,
            ..Standing::nowhere()
        })
    };
    Ok(Fit {
        space,
        specificity,
        standing: now(),
    })
}

/// The source site of a 2007+ connector that is closest to where the last crossed connector enters the 2007 group.
fn closest_to_entry(view: &View<'_>, connector: &Connector, crossed: &[RoutingGroupConnectorIdx]) -> Option<SiteIdx> {
    let last = view.graphs.combined.connector(*crossed.last()?)?;
    let (entry, _) = view.entry(last, Regard::WhatIsDown)?;
    let sites = usable_sources(view.org, connector).filter_map(|(_, site)| site);
    closest(view.reach(entry).tree(), sites).map(|closest| closest.site)
}
