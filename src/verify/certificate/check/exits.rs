//! Connectors to the outside that fit an address, and among which of them legacy groups choose, as the checker works it out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ground::{Ground, Wire, bridgeheads, home};
use crate::model::{Address, ConnectorIdx, GroupRef, Message, SizeLimit, Specificity};

/// A connector with a space that fits an address.
pub(super) struct Fit {
    pub(super) connector: ConnectorIdx,
    /// The closest of its spaces that fit, and of several of these the cheapest.
    pub(super) specificity: Specificity,
    pub(super) cost: u64,
}

/// A connector to the outside among which a group chooses by cost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exit {
    pub(super) group: GroupRef,
    pub(super) cost: u64,
    pub(super) wire: Wire,
}

/// Every connector with a space that fits. O(spaces).
pub(super) fn fitting(ground: &Ground<'_>, address: &Address) -> Vec<Fit> {
    let mut found = Vec::new();
    for (index, connector) in ground.org.connectors().iter_enumerated() {
        let spaces = connector.address_spaces.iter();
        let fits = spaces.filter_map(|space| Some((space.matches(address)?, Reverse(space.cost()))));
        found.extend(fits.max().map(|(specificity, Reverse(cost))| Fit {
            connector: index,
            specificity,
            cost: u64::from(cost),
        }));
    }
    found
}

/// Whether a limit lets a message through.
pub(super) fn lets_through(message: &Message, limit: SizeLimit) -> bool {
    message.size.is_none_or(|size| limit.passes(size))
}

/// For each legacy group the connectors to the outside among which it chooses when all is up, ascending: the most specific ones,
/// whether or not a way leads to them (D29).
pub(super) fn exits(ground: &Ground<'_>, message: &Message, fitting: &[Fit]) -> Vec<Vec<Exit>> {
    let org = ground.org;
    // The more specific, the earlier.
    let mut seen: BTreeMap<Reverse<Specificity>, Vec<(Exit, bool)>> = BTreeMap::new();
    for fit in fitting {
        let connector = &org.connectors()[fit.connector];
        let group = home(connector).map_or(GroupRef::Exchange2007, GroupRef::Legacy);
        let has_source = match connector.kind.is_legacy() {
            true => !bridgeheads(org, connector).is_empty(),
            false => !ground.sources[fit.connector.index()].is_empty(),
        };
        let passes = message.passes(&connector.restrictions) && lets_through(message, ground.limit(fit.connector));
        let out_of_scope = connector.scoped && group == GroupRef::Exchange2007;
        if passes && has_source && !out_of_scope {
            let exit = Exit {
                group,
                cost: fit.cost,
                wire: Wire::Outside(fit.connector),
            };
            seen.entry(Reverse(fit.specificity))
                .or_default()
                .push((exit, connector.scoped));
        }
    }
    let of_group = |group: usize| {
        let in_scope = |(exit, scoped): &&(Exit, bool)| !scoped || ground.slot(exit.group) == group;
        let of_one_kind = seen
            .values()
            .map(|kind| kind.iter().filter(in_scope).map(|(exit, _)| *exit));
        let mut chosen: Vec<Exit> = of_one_kind
            .map(Iterator::collect)
            .find(|kind: &Vec<Exit>| !kind.is_empty())
            .unwrap_or_default();
        chosen.sort_unstable();
        chosen
    };
    (0..org.routing_groups().len()).map(of_group).collect()
}
