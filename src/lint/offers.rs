//! Connectors to the outside as senders of 2007 and later see them: who serves which space, from where, up to which size.

use std::collections::BTreeSet;

use super::Facts;
use crate::model::{AddressSpace, Connector, ConnectorIdx, SiteIdx, SizeLimit};
use crate::route::{size_limit, usable_sources};

/// A connector and its position.
pub(super) type Listed<'a> = (ConnectorIdx, &'a Connector);

/// Connectors of 2007 and later that can serve somebody, in name order, with the sites of their usable source servers, ascending.
pub(super) fn serving<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (Listed<'f>, Vec<SiteIdx>)> {
    let all = facts.org.connectors().iter_enumerated();
    let of_2007 = all.filter(|(_, connector)| connector.enabled && !connector.kind.is_legacy());
    of_2007.filter_map(|listed| {
        let sites: BTreeSet<SiteIdx> = usable_sources(facts.org, listed.1)
            .filter_map(|(_, site)| site)
            .collect();
        (!sites.is_empty()).then(|| (listed, sites.into_iter().collect()))
    })
}

/// A space by what it matches: its type and its value, folded.
pub(super) fn pattern(space: &AddressSpace) -> (&str, &str) {
    (space.kind().folded(), space.value().folded())
}

/// What a connector takes, with the product's default where that is asked for (D30).
pub(super) fn limit(facts: &Facts<'_>, connector: &Connector) -> SizeLimit {
    size_limit(facts.view, connector)
}

/// The largest message in bytes that a connector takes.
pub(super) fn largest(facts: &Facts<'_>, connector: &Connector) -> u64 {
    limit(facts, connector).largest()
}
