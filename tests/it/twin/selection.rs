//! Which connector a 2007 or later sender takes for an external address (RT-2.6, D22 to D30).

use std::cmp::{Ordering, Reverse};

use super::explain::Case;
use super::file::{Generation, Version};
use super::group_paths::from_site;
use super::org::{Connector, Org, Place};
use super::ranking::{Step, compare, rank};
use super::restrictions::is_too_large;
use super::route::Sender;
use super::site_paths::closest;
use super::spaces::{Address, Specificity};
use super::{DefaultSize, LegacyCost, Options};

/// What became of all connectors, for one address.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) chosen: Result<Chosen, NothingChosen>,
    pub(super) considered: Vec<Considered>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) connector: usize,
    /// The site or group of its source servers.
    pub(super) place: Place,
    pub(super) decided_by: &'static str,
    pub(super) ambiguous: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NothingChosen {
    NoConnector,
    TooLarge,
    /// Legacy only: there is one, but it is believed down.
    AllDown,
    /// Legacy only: there is one, but no way to it.
    NoWay,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Considered {
    pub(super) connector: usize,
    pub(super) verdict: &'static str,
    pub(super) rule: &'static str,
}

/// The best match among the spaces of a connector: the most specific, then the cheapest (D25).
pub(super) fn best_space(connector: &Connector, address: &Address) -> Option<(Specificity, u64)> {
    let matching = connector
        .spaces
        .iter()
        .filter_map(|space| Some((space.specificity(address)?, space.cost)));
    matching.max_by_key(|&(specificity, cost)| (specificity, Reverse(cost)))
}

/// The limit of a connector. D30: the product gives a Send connector without a limit one of its own.
pub(super) fn limit(org: &Org, options: &Options, connector: &Connector) -> Option<u64> {
    let is_send = connector.kind == super::file::ConnectorKind::Send;
    let newest = connector
        .usable_sources
        .iter()
        .map(|&server| org.servers[server].version)
        .max();
    connector.max_message_size.or(match newest {
        Some(version) if is_send && options.default_size == DefaultSize::Product => {
            Some(if version < Version::Exchange2013 {
                10 << 20
            } else {
                35 << 20
            })
        }
        _ => None,
    })
}

/// A connector that passed all filters, with what it is ranked by.
#[derive(Debug)]
struct Candidate {
    connector: usize,
    place: Place,
    specificity: Specificity,
    legacy: bool,
    /// A 2007 connector has one sum; a legacy one the pair of R53 and R54, unless the option makes it a sum.
    cost: (u64, u64),
    proximity: u8,
    site_hops: usize,
}

pub(super) fn select(case: &Case<'_>, sender: Sender, server: usize, site: usize, address: &Address) -> Selection {
    let org = case.org;
    let mut candidates = Vec::new();
    let mut excluded = Vec::new();
    for connector in 0..org.connectors.len() {
        match candidate(case, server, site, address, connector) {
            Ok(candidate) => candidates.push(candidate),
            Err(rule) => excluded.push(Considered {
                connector,
                verdict: "excluded",
                rule,
            }),
        }
    }
    let cost = |a: &Candidate, b: &Candidate| a.cost.cmp(&b.cost);
    let name = |a: &Candidate, b: &Candidate| org.connectors[a.connector].name.cmp(&org.connectors[b.connector].name);
    let mut steps: Vec<Step<'_, Candidate>> = vec![
        // R55: the most specific match first, whatever it costs.
        ("address_space", &|a, b| b.specificity.cmp(&a.specificity)),
        // R60: a 2007 connector wins over a legacy one.
        ("version", &|a, b| a.legacy.cmp(&b.legacy)),
        // R56, R59.
        ("cost", &cost),
        // R57; legacy connectors have no proximity.
        ("proximity", &|a, b| a.proximity.cmp(&b.proximity)),
    ];
    if sender.generation(org) == Generation::E2013AndLater {
        // D26: the sender's generation decides whether hops are looked at.
        steps.push(("hops", &|a, b| a.site_hops.cmp(&b.site_hops)));
    }
    // R58, R59.
    steps.push(("name", &name));
    let chosen = match rank(&candidates, &steps) {
        Some(ranking) => {
            let Candidate { connector, place, .. } = candidates[ranking.winner];
            let decided_by = if candidates.len() == 1 {
                "only_candidate"
            } else {
                ranking.decided_by
            };
            let mut fell_at = ranking.fell_at.clone();
            let verdicts = considered(
                &candidates,
                &mut fell_at,
                decided_by,
                |a, b| compare(&steps, a, b),
                |c| c.connector,
            );
            return Selection {
                chosen: Ok(Chosen {
                    connector,
                    place,
                    decided_by,
                    ambiguous: false,
                }),
                considered: with_excluded(org, verdicts, excluded),
            };
        }
        // D24.
        None if excluded.iter().any(|excluded| excluded.rule == "size") => NothingChosen::TooLarge,
        None => NothingChosen::NoConnector,
    };
    Selection {
        chosen: Err(chosen),
        considered: with_excluded(org, Vec::new(), excluded),
    }
}

/// D28: the selected one, then the losers, best first.
pub(super) fn considered<T>(
    candidates: &[T],
    fell_at: &mut [Option<&'static str>],
    decided_by: &'static str,
    order: impl Fn(&T, &T) -> Ordering,
    connector: impl Fn(&T) -> usize,
) -> Vec<Considered> {
    let mut best_first: Vec<usize> = (0..candidates.len()).collect();
    best_first.sort_by(|&a, &b| order(&candidates[a], &candidates[b]));
    let verdict = |at: usize| match fell_at[at] {
        None => Considered {
            connector: connector(&candidates[at]),
            verdict: "selected",
            rule: decided_by,
        },
        Some(rule) => Considered {
            connector: connector(&candidates[at]),
            verdict: "lost",
            rule,
        },
    };
    best_first.into_iter().map(verdict).collect()
}

/// D28: the excluded by name, after the others.
pub(super) fn with_excluded(org: &Org, mut others: Vec<Considered>, mut excluded: Vec<Considered>) -> Vec<Considered> {
    excluded.sort_by_key(|excluded| &org.connectors[excluded.connector].name);
    others.extend(excluded);
    others
}

/// D22: the first reason to exclude a connector, or what it is ranked by.
fn candidate(
    case: &Case<'_>,
    server: usize,
    site: usize,
    address: &Address,
    at: usize,
) -> Result<Candidate, &'static str> {
    let (org, options) = (case.org, case.options);
    let connector = &org.connectors[at];
    if !connector.is_legacy() && !connector.enabled {
        return Err("disabled");
    }
    if connector.scoped && (connector.is_legacy() || !is_in_scope(org, connector, site)) {
        return Err("scope");
    }
    let (specificity, space_cost) = best_space(connector, address).ok_or("no_match")?;
    if connector.usable_sources.is_empty() {
        return Err("no_source");
    }
    let candidate = if connector.is_legacy() {
        let group = connector
            .group
            .expect("a usable source server is in the connector's group");
        let path = from_site(org, options, site, org.servers[server].version, group).ok_or("no_route")?;
        let cost = match options.legacy_cost {
            LegacyCost::Pair => (path.cost + space_cost, path.site_cost),
            LegacyCost::Sum => (path.cost + space_cost + path.site_cost, 0),
        };
        Candidate {
            connector: at,
            place: Place::Group(group),
            specificity,
            legacy: true,
            cost,
            proximity: 0,
            site_hops: 0,
        }
    } else {
        let sources = org.sites_of(&connector.usable_sources);
        let (source_site, path) = closest(org, site, &sources).ok_or("no_route")?;
        let proximity = match () {
            () if connector.usable_sources.contains(&server) => 0,
            () if source_site == site => 1,
            () => 2,
        };
        Candidate {
            connector: at,
            place: Place::Site(source_site),
            specificity,
            legacy: false,
            cost: (path.cost + space_cost, 0),
            proximity,
            site_hops: path.hops(),
        }
    };
    if is_too_large(case.message.size_for_2007(), limit(org, options, connector)) {
        return Err("size");
    }
    Ok(candidate)
}

/// R48, D22: a usable source server is in the sender's site, or, when none is usable, any listed one.
fn is_in_scope(org: &Org, connector: &Connector, site: usize) -> bool {
    if connector.usable_sources.is_empty() {
        connector
            .listed_sources
            .iter()
            .any(|&server| org.servers[server].listed_site == Some(site))
    } else {
        org.sites_of(&connector.usable_sources).contains(&site)
    }
}
