//! Which connector a 2000/2003 sender takes for an external address (LS-2.1, D29, D40).

use super::explain::Case;
use super::group_paths::{FromGroup, from_group, names};
use super::org::{Node, Place};
use super::ranking::{Step, compare, rank};
use super::restrictions::{is_too_large, permits};
use super::route::entry_from_group;
use super::selection::{Chosen, Considered, NothingChosen, Selection, best_space, considered, limit, with_excluded};
use super::site_paths::closest;
use super::spaces::{Address, Specificity};

#[derive(Debug)]
struct Candidate {
    connector: usize,
    specificity: Specificity,
    space_cost: u64,
    /// The way to its group over connectors that are not believed down; `None` when there is none at present.
    path: Option<FromGroup>,
    /// There is a way when all is up.
    has_way: bool,
}

impl Candidate {
    fn cost(&self) -> Option<u64> {
        self.path.as_ref().map(|path| path.cost + self.space_cost)
    }
}

pub(super) fn select(case: &Case<'_>, group: usize, address: &Address) -> Selection {
    let org = case.org;
    let mut candidates = Vec::new();
    let mut excluded = Vec::new();
    for connector in 0..org.connectors.len() {
        match candidate(case, group, address, connector) {
            Ok(candidate) => candidates.push(candidate),
            Err(rule) => excluded.push(Considered {
                connector,
                verdict: "excluded",
                rule,
            }),
        }
    }
    let Some(most_specific) = candidates.iter().map(|candidate| candidate.specificity).max() else {
        return Selection {
            chosen: Err(NothingChosen::NoConnector),
            considered: with_excluded(org, Vec::new(), excluded),
        };
    };
    // LS-2.1: specificity beats state. A specific connector that is down does not give way to a less specific one.
    // Nor does one that has no way to it: the path is looked for afterwards.
    let waits = |candidate: &Candidate| candidate.specificity == most_specific && candidate.has_way;
    let nothing = match candidates.iter().any(waits) {
        true => NothingChosen::AllDown,
        false => NothingChosen::NoWay,
    };
    let is_down = |candidate: &Candidate| candidate.path.is_none();
    for candidate in candidates.iter().filter(|candidate| is_down(candidate)) {
        excluded.push(Considered {
            connector: candidate.connector,
            verdict: "excluded",
            rule: "no_route",
        });
    }
    candidates.retain(|candidate| !is_down(candidate));
    let name = |candidate: &Candidate| {
        let crossed = candidate.path.as_ref().map(|path| names(org, &path.sequence));
        (crossed, &org.connectors[candidate.connector].name)
    };
    let crossed = |candidate: &Candidate| candidate.path.as_ref().map(|path| path.sequence.len());
    let steps: [Step<'_, Candidate>; 4] = [
        ("address_space", &|a, b| b.specificity.cmp(&a.specificity)),
        // D29: the connectors crossed and the space, one sum; the sites beyond the entry are not seen (R61).
        ("cost", &|a, b| a.cost().cmp(&b.cost())),
        ("hops", &|a, b| crossed(a).cmp(&crossed(b))),
        ("name", &|a, b| name(a).cmp(&name(b))),
    ];
    if !candidates
        .iter()
        .any(|candidate| candidate.specificity == most_specific)
    {
        candidates.sort_by(|a, b| compare(&steps, a, b));
        let lost = candidates.iter().map(|c| Considered {
            connector: c.connector,
            verdict: "lost",
            rule: "address_space",
        });
        let considered = with_excluded(org, lost.collect(), excluded);
        return Selection {
            chosen: Err(nothing),
            considered,
        };
    }
    let mut ranking = rank(&candidates, &steps).expect("one of the most specific is left");
    let winner = &candidates[ranking.winner];
    let equals = candidates
        .iter()
        .filter(|other| other.specificity == most_specific && other.cost() == winner.cost());
    let decided_by = if candidates.len() == 1 {
        "only_candidate"
    } else {
        ranking.decided_by
    };
    let chosen = Chosen {
        connector: winner.connector,
        place: place(case, group, winner.connector),
        decided_by,
        ambiguous: equals.count() > 1,
    };
    let verdicts = considered(
        &candidates,
        &mut ranking.fell_at,
        decided_by,
        |a, b| compare(&steps, a, b),
        |c| c.connector,
    );
    Selection {
        chosen: Ok(chosen),
        considered: with_excluded(org, verdicts, excluded),
    }
}

/// D29: the first reason to exclude a connector. `enabled` is not seen (R50).
fn candidate(case: &Case<'_>, group: usize, address: &Address, at: usize) -> Result<Candidate, &'static str> {
    let org = case.org;
    let connector = &org.connectors[at];
    // R48: scope is the routing group, and all 2007 servers are in one that is not the sender's.
    if connector.scoped && (!connector.is_legacy() || connector.group != Some(group)) {
        return Err("scope");
    }
    let (specificity, space_cost) = best_space(connector, address).ok_or("no_match")?;
    if connector.usable_sources.is_empty() {
        return Err("no_source");
    }
    if !permits(&connector.restrictions, case.message) {
        return Err("restriction");
    }
    if is_too_large(case.message.size, limit(org, case.options, connector)) {
        return Err("size");
    }
    let node = connector.group.map_or(Node::E2007, Node::Legacy);
    let has_way = from_group(org, group, node, &|connector| case.legacy_permits(connector)).is_some();
    let is_up = !case.down.is_believed_down(at);
    let path = from_group(org, group, node, &|connector| case.legacy_may_cross(connector)).filter(|_| is_up);
    Ok(Candidate {
        connector: at,
        specificity,
        space_cost,
        path,
        has_way,
    })
}

/// Where the connector is. Of several source sites, the one closest to where the mail comes in (D10, D15).
fn place(case: &Case<'_>, group: usize, connector: usize) -> Place {
    let org = case.org;
    let connector = &org.connectors[connector];
    if let Some(group) = connector.group {
        return Place::Group(group);
    }
    let sources = org.sites_of(&connector.usable_sources);
    let entry = case.as_it_is(|sight| entry_from_group(org, group, sight));
    let nearest = entry.and_then(|entry| closest(org, entry, &sources));
    // None can be reached from there: any of them makes the route unreachable.
    Place::Site(nearest.map_or(sources[0], |(site, _)| site))
}
