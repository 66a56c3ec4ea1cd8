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
    Address, Connector, ConnectorIdx, Cost, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx, SiteIdx, Specificity,
};

/// Which connector serves `address` for a legacy sender.
///
/// A connector that is down, or that no way leads to, still beats less specific ones and then carries nothing (LS-2.1; D29, D40).
pub(super) fn select(view: &View<'_>, from: RoutingGroupIdx, address: &Address) -> Selection {
    let mut up = Vec::new();
    let mut excluded = Vec::new();
    let mut most_specific = None;
    for (index, _) in view.org.connectors().iter_enumerated() {
        let exclusion = match passing(view, from, index, address) {
            Ok(fit) => {
                most_specific = most_specific.max(Some(fit.specificity));
                match standing(view, from, &fit) {
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
    let mut passing = exits_unrefused(view, from, address);
    passing.retain(|(_, exit)| !refuses(view, exit.connector));
    let most_specific = passing.first().map(|(specificity, _)| *specificity);
    passing
        .into_iter()
        .take_while(|(specificity, _)| Some(*specificity) == most_specific)
        .map(|(_, exit)| exit)
        .collect()
}

/// The connectors that fit `address` when nothing is down and none refuses the message, the most specific first, then by name. Whether
/// there is a way to them is left open, since that too hangs on who refuses the message.
pub(super) fn exits_unrefused(
    view: &View<'_>,
    from: RoutingGroupIdx,
    address: &Address,
) -> Vec<(Specificity, LegacyExit)> {
    let connectors = view.org.connectors().iter_enumerated();
    let fits = connectors.filter_map(|(index, _)| fitting(view, from, index, address).ok());
    let mut exits: Vec<(Specificity, LegacyExit)> = fits.map(|fit| (fit.specificity, fit.exit)).collect();
    exits.sort_by_key(|(specificity, _)| Reverse(*specificity));
    exits
}

/// Whether a legacy server refuses the message at a connector to the outside.
pub(super) fn refuses(view: &View<'_>, index: ConnectorIdx) -> bool {
    refusal(view, index).is_some()
}

/// Why a legacy server refuses the message at a connector to the outside: restrictions, then size.
fn refusal(view: &View<'_>, index: ConnectorIdx) -> Option<Exclusion> {
    let connector = &view.org.connectors()[index];
    if !view.message.passes(&connector.restrictions) {
        return Some(Exclusion::Restriction);
    }
    let size = view.message.size?;
    (!size_limit(view, connector).passes(size)).then_some(Exclusion::Size)
}

/// A connector that an address fits.
struct Fit {
    /// The address space that matches.
    space: usize,
    specificity: Specificity,
    /// Where mail leaves by it if all is up.
    exit: LegacyExit,
    /// The same for the sender's eyes: of several sites that of the first source server.
    shown: Exit,
}

/// What fits `address` and may be used by `from`; scope counts, the message does not.
fn fitting(view: &View<'_>, from: RoutingGroupIdx, index: ConnectorIdx, address: &Address) -> Result<Fit, Exclusion> {
    let connector = &view.org.connectors()[index];
    let legacy = connector.kind.is_legacy();
    if connector.scoped && (!legacy || connector.routing_group != Some(from)) {
        return Err(Exclusion::Scope);
    }
    // `--` is for Edge servers alone.
    let (space, specificity) = best_space(connector, address, false).ok_or(Exclusion::NoMatch)?;
    let (_, site) = usable_sources(view.org, connector).next().ok_or(Exclusion::NoSource)?;
    let (group, shown) = match (legacy, connector.routing_group, site) {
        (true, Some(group), _) => (GroupRef::Legacy(group), Exit::RoutingGroup(group)),
        (false, _, Some(site)) => (GroupRef::Exchange2007, Exit::Site(site)),
        // A usable source server is in the connector's group, or in a site.
        _ => return Err(Exclusion::NoSource),
    };
    let cost = Cost::from(connector.address_spaces[space].cost());
    Ok(Fit {
        space,
        specificity,
        exit: LegacyExit {
            connector: index,
            group,
            cost,
        },
        shown,
    })
}

/// All filters in their order (D29), as if all were up.
fn passing(view: &View<'_>, from: RoutingGroupIdx, index: ConnectorIdx, address: &Address) -> Result<Fit, Exclusion> {
    let fit = fitting(view, from, index, address)?;
    refusal(view, index).map_or(Ok(fit), Err)
}

/// Whether legacy servers take a connector to the outside as down (D40).
pub(super) fn connector_down(view: &View<'_>, index: ConnectorIdx) -> bool {
    let connector = &view.org.connectors()[index];
    view.down.connectors.contains(&index)
        || usable_sources(view.org, connector).all(|(server, _)| is_down(view, server))
}

/// What a connector that passes the filters has to show if it can be used now.
fn standing(view: &View<'_>, from: RoutingGroupIdx, fit: &Fit) -> Result<Standing, Exclusion> {
    let LegacyExit { connector, group, cost } = fit.exit;
    // Without a way when all is up there never is one.
    view.tree_as_legacy_all_up(from).best(group).ok_or(Exclusion::NoRoute)?;
    if connector_down(view, connector) {
        return Err(Exclusion::Down);
    }
    let tree = view.tree_as_legacy(from);
    let best = tree.best(group).ok_or(Exclusion::CutOff)?;
    let crossed = tree.path(group).ok_or(Exclusion::CutOff)?;
    let exit = match fit.shown {
        // What the entry site finds closest. The sender does not see sites: none in reach is found out there.
        Exit::Site(site) => {
            let closest = closest_to_entry(view, &view.org.connectors()[connector], &crossed);
            Exit::Site(closest.unwrap_or(site))
        }
        of_group => of_group,
    };
    Ok(Standing {
        space: fit.space,
        specificity: fit.specificity,
        cost: (best.key.cost + cost, 0),
        hops: best.key.connectors,
        crossed,
        exit,
        ..Standing::nowhere()
    })
}

/// The source site of a 2007+ connector that is closest to where the last crossed connector enters the 2007 group.
fn closest_to_entry(view: &View<'_>, connector: &Connector, crossed: &[RoutingGroupConnectorIdx]) -> Option<SiteIdx> {
    let last = view.graphs.combined.connector(*crossed.last()?)?;
    let (entry, _) = view.entry(last, Regard::WhatIsDown)?;
    let sites = usable_sources(view.org, connector).filter_map(|(_, site)| site);
    closest(view.reach(entry).tree(), sites).map(|closest| closest.site)
}
