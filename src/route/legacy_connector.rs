//! Which connector serves an external address, as a 2000/2003 server sees it (D29; `link-state.md` 2.1).
//!
//! It sees the connectors of both sides and reads each with its own schema: restrictions count, `Enabled` does not exist
//! (R50), and every connector scoped inside the 2007 group is out of scope (R48). The 2007 group is one node at which the
//! 2007+ connectors hang.

use oxc_index::IndexVec;

use super::connector::{Exit, Standing, best_space_of, size_limit, usable_sources};
use super::from_group::is_down;
use super::from_site::closest;
use super::{Candidate, ConnectorClause, Exclusion, Selection, Verdict, View};
use crate::model::{
    Address, Connector, ConnectorIdx, Cost, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx, SiteIdx,
};

/// Which connector serves `address` for a legacy sender.
pub(super) fn select(view: &View<'_>, from: RoutingGroupIdx, address: &Address) -> Selection {
    let mut passed = Vec::new();
    let mut excluded = Vec::new();
    let mut paths = IndexVec::from_vec(vec![1; view.org.connectors().len()]);
    let exclude = |connector, exclusion| Candidate {
        connector,
        verdict: Verdict::Excluded(exclusion),
        standing: None,
    };
    for (index, connector) in view.org.connectors().iter_enumerated() {
        match standing(view, from, connector, address) {
            Ok((standing, paths_of_cost)) => {
                paths[index] = paths_of_cost;
                passed.push((index, standing));
            }
            Err(exclusion) => excluded.push(exclude(index, exclusion)),
        }
    }
    // A connector that is down still beats less specific ones, and then carries nothing (`link-state.md` 2.1).
    let most_specific = passed.iter().map(|(_, standing)| standing.specificity).max();
    let beats_all = |standing: &Standing| Some(standing.specificity) == most_specific;
    let (down, up): (Vec<_>, Vec<_>) = passed
        .into_iter()
        .partition(|(index, standing)| beats_all(standing) && connector_down(view, *index));
    excluded.extend(down.into_iter().map(|(index, _)| exclude(index, Exclusion::NoRoute)));
    let (rivals, beaten) = match up.iter().any(|(_, standing)| beats_all(standing)) {
        true => (up, Vec::new()),
        false => (Vec::new(), up),
    };

    let mut selection = Selection::rank(rivals, excluded);
    let lost = |(connector, standing)| Candidate {
        connector,
        verdict: Verdict::Lost(ConnectorClause::AddressSpace),
        standing: Some(standing),
    };
    selection.considered.splice(0..0, beaten.into_iter().map(lost));
    let several = selection.selected().map(|(winner, best)| {
        let equal = |candidate: &&Candidate| {
            candidate
                .standing
                .as_ref()
                .is_some_and(|standing| (standing.specificity, standing.cost) == (best.specificity, best.cost))
        };
        selection.considered.iter().filter(equal).count() > 1 || paths[winner.connector] > 1
    });
    selection.ambiguous = several == Some(true);
    selection
}

/// Whether legacy servers take a connector to the outside as down (D40).
fn connector_down(view: &View<'_>, index: ConnectorIdx) -> bool {
    let connector = &view.org.connectors()[index];
    view.down.connectors.contains(&index)
        || usable_sources(view.org, connector).all(|(server, _)| is_down(view, server))
}

/// The filters in their order (D29), then what the connector has to show, and how many equally cheap ways lead to it.
fn standing(
    view: &View<'_>,
    from: RoutingGroupIdx,
    connector: &Connector,
    address: &Address,
) -> Result<(Standing, u8), Exclusion> {
    let legacy = connector.kind.is_legacy();
    if connector.scoped && (!legacy || connector.routing_group != Some(from)) {
        return Err(Exclusion::Scope);
    }
    let (space, specificity) = best_space_of(connector, address).ok_or(Exclusion::NoMatch)?;
    let source = usable_sources(view.org, connector).next().ok_or(Exclusion::NoSource)?;
    if !view.message.passes(&connector.restrictions) {
        return Err(Exclusion::Restriction);
    }
    if view
        .message
        .size
        .is_some_and(|size| !size_limit(view, connector).passes(size))
    {
        return Err(Exclusion::Size);
    }
    let (target, exit) = match (legacy, connector.routing_group, source.1) {
        (true, Some(group), _) => (GroupRef::Legacy(group), Exit::RoutingGroup(group)),
        (false, _, Some(site)) => (GroupRef::Exchange2007, Exit::Site(site)),
        _ => return Err(Exclusion::NoSource),
    };
    let tree = view.tree_as_legacy(target);
    let best = tree.best(GroupRef::Legacy(from)).ok_or(Exclusion::NoRoute)?;
    let crossed = tree
        .path(&view.graphs.combined, GroupRef::Legacy(from))
        .ok_or(Exclusion::NoRoute)?;
    let exit = match exit {
        // What the entry site will find closest; the sender itself does not see sites.
        Exit::Site(_) => Exit::Site(closest_to_entry(view, connector, &crossed).ok_or(Exclusion::NoRoute)?),
        group => group,
    };
    let space_cost = Cost::from(connector.address_spaces[space].cost());
    let standing = Standing {
        space,
        specificity,
        cost: (best.key.cost + space_cost, 0),
        hops: best.key.connectors,
        crossed,
        exit,
        ..Standing::nowhere()
    };
    Ok((standing, best.paths_of_cost))
}

/// The source site of a 2007+ connector that is closest to where the last crossed connector enters the 2007 group.
fn closest_to_entry(view: &View<'_>, connector: &Connector, crossed: &[RoutingGroupConnectorIdx]) -> Option<SiteIdx> {
    let entry = view.graphs.combined.connector(*crossed.last()?)?.entry?;
    let sites = usable_sources(view.org, connector).filter_map(|(_, site)| site);
    closest(view.entry_tree(entry), sites).map(|closest| closest.site)
}
