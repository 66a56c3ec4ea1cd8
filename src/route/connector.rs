//! Which connector serves an external address, as a 2007+ server sees it (RT-2.6).
//!
//! Connectors are filtered first and ranked afterwards, so that a message too large for the best one falls through to a
//! less specific one (RT-2.6.2). Whether anything is up is never looked at.

use std::cmp::Reverse;
use std::collections::HashMap;

use smallvec::SmallVec;

use super::from_site::{Closest, FromSite, closest};
use super::{DefaultSize, LegacyCost, Sender, View};
use crate::model::{
    AcceptedDomainKind, Address, Connector, ConnectorIdx, ConnectorKind, Cost, Generation, Home, Node, Organization,
    RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, SiteIdx, SizeLimit, Specificity,
};

/// The criterion that left one connector, or that a connector lost on (contract, `decided_by` of `explain`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectorClause {
    /// Nothing else passed the filters.
    OnlyCandidate,
    /// The most specific address space (R55).
    AddressSpace,
    /// 2007+ before legacy (R60).
    Version,
    /// Cost of reaching it and of its address space (R56, R59).
    Cost,
    /// The sender itself, then its site, then others (R57).
    Proximity,
    /// Hops: 2013+ between remote sites, legacy in connectors crossed.
    Hops,
    /// Names (R58, R59).
    Name,
}

/// Why a connector was not in the running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exclusion {
    /// Disabled (R50).
    Disabled,
    /// Out of scope (R48).
    Scope,
    /// No address space matches.
    NoMatch,
    /// The message is too large (R49).
    Size,
    /// No usable source server (events 5014, 5016).
    NoSource,
    /// No way to its source servers.
    NoRoute,
    /// A legacy restriction refuses the message (R45–R47).
    Restriction,
    /// A legacy sender believes it down (D40).
    Down,
    /// A legacy sender has no way to it left, because of what is down (D40).
    CutOff,
}

/// What became of one connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It serves the address.
    Selected,
    /// It lost at this criterion.
    Lost(ConnectorClause),
    /// It was not in the running.
    Excluded(Exclusion),
}

/// Where mail leaves through a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// From this site.
    Site(SiteIdx),
    /// From this routing group.
    RoutingGroup(RoutingGroupIdx),
}

/// What a connector that passed the filters has to show, in the order in which it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which of its address spaces matches best.
    pub space: usize,
    /// How closely.
    pub specificity: Specificity,
    /// Whether it is a legacy connector that a 2007+ server looks at.
    pub legacy: bool,
    /// Cost, compared from left to right. The second part is the site cost of a legacy connector (D27).
    pub cost: (Cost, Cost),
    /// 0 the sender itself, 1 its site, 2 elsewhere.
    pub proximity: u8,
    /// Site hops (2013+) or connectors crossed (legacy); 0 where it is not looked at.
    pub hops: u32,
    /// Connectors crossed on the way, for a legacy sender.
    pub crossed: Vec<RoutingGroupConnectorIdx>,
    /// Where mail leaves through it.
    pub exit: Exit,
}

/// One connector and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub connector: ConnectorIdx,
    /// What became of it.
    pub verdict: Verdict,
    /// What it had to show, unless it was excluded.
    pub standing: Option<Standing>,
}

/// Every connector, and which of them serves the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The selected one, then losers best first, then the excluded by name (D28).
    pub considered: Vec<Candidate>,
    /// What singled out the selected one; `None` when nothing serves the address.
    pub decided_by: Option<ConnectorClause>,
    /// A legacy sender may spread mail over several.
    pub ambiguous: bool,
}

impl Selection {
    /// The connector that serves the address.
    pub fn selected(&self) -> Option<(&Candidate, &Standing)> {
        let first = self.considered.first()?;
        (first.verdict == Verdict::Selected).then_some(())?;
        Some((first, first.standing.as_ref()?))
    }

    /// Whether something would have served a smaller message, and nothing serves this one (D24).
    pub fn only_size_failed(&self) -> bool {
        let too_small = |c: &Candidate| c.verdict == Verdict::Excluded(Exclusion::Size);
        self.selected().is_none() && self.considered.iter().any(too_small)
    }

    /// Whether some connector would serve the message if it were up and a way led to it, and none serves it.
    pub fn only_reach_failed(&self) -> bool {
        let out_of_reach = |c: &Candidate| {
            let Verdict::Excluded(exclusion) = c.verdict else {
                return false;
            };
            matches!(exclusion, Exclusion::NoRoute | Exclusion::Down | Exclusion::CutOff)
        };
        self.selected().is_none() && self.considered.iter().any(out_of_reach)
    }

    /// Ranks the connectors that passed the filters and puts everything in order (D28).
    pub(super) fn rank(passed: Vec<(ConnectorIdx, Standing)>, mut excluded: Vec<Candidate>) -> Selection {
        let mut passed = passed;
        passed.sort_by(|a, b| whole_rank(a).cmp(&whole_rank(b)));
        excluded.sort_by_key(|candidate| candidate.connector);
        let decided_by = passed
            .get(1)
            .map_or(ConnectorClause::OnlyCandidate, |_| ConnectorClause::AddressSpace);
        let mut selection = Selection {
            considered: Vec::with_capacity(passed.len() + excluded.len()),
            decided_by: (!passed.is_empty()).then_some(decided_by),
            ambiguous: false,
        };
        let winner = passed.first().map(|(_, standing)| standing.clone());
        for (at, (connector, standing)) in passed.into_iter().enumerate() {
            let verdict = match &winner {
                Some(winner) if at > 0 => {
                    let clause = lost_on(winner, &standing);
                    // The winner is alone only when the last of the others has fallen.
                    if selection
                        .decided_by
                        .is_some_and(|deepest| depth(clause) > depth(deepest))
                    {
                        selection.decided_by = Some(clause);
                    }
                    Verdict::Lost(clause)
                }
                _ => Verdict::Selected,
            };
            selection.considered.push(Candidate {
                connector,
                verdict,
                standing: Some(standing),
            });
        }
        selection.considered.append(&mut excluded);
        selection
    }
}

/// D26 and D27 as one key, the best first. Names are unique and index order is name order, so nothing ties.
fn whole_rank(candidate: &(ConnectorIdx, Standing)) -> impl Ord + '_ {
    let (connector, standing) = candidate;
    (
        // R55: the most specific address space.
        Reverse(standing.specificity),
        // R60: 2007+ before legacy.
        standing.legacy,
        // R56, R59: cost.
        standing.cost,
        // R57: proximity.
        standing.proximity,
        // 2013+: hops. Legacy senders: connectors crossed.
        standing.hops,
        // Legacy senders: the names of those.
        &standing.crossed,
        // R58, R59: the name.
        *connector,
    )
}

/// The first criterion at which `loser` is worse than `winner`.
fn lost_on(winner: &Standing, loser: &Standing) -> ConnectorClause {
    let steps = [
        (winner.specificity != loser.specificity, ConnectorClause::AddressSpace),
        (winner.legacy != loser.legacy, ConnectorClause::Version),
        (winner.cost != loser.cost, ConnectorClause::Cost),
        (winner.proximity != loser.proximity, ConnectorClause::Proximity),
        (winner.hops != loser.hops, ConnectorClause::Hops),
    ];
    let found = steps.into_iter().find(|(differs, _)| *differs);
    found.map_or(ConnectorClause::Name, |(_, clause)| clause)
}

/// How late in the order of criteria.
fn depth(clause: ConnectorClause) -> u8 {
    clause as u8
}

/// Which connector serves `address` for a 2007+ sender (D22–D28).
pub(super) fn select(view: &View<'_>, sender: Sender, site: SiteIdx, address: &Address) -> Selection {
    let from = FromSite::kept(view, sender, site);
    let mut passed = Vec::new();
    let mut excluded = Vec::new();
    let mut groups = GroupDistances::new();
    for (index, connector) in view.org.connectors().iter_enumerated() {
        match standing(view, sender, site, &from, &mut groups, connector, address) {
            Ok(standing) => passed.push((index, standing)),
            Err(exclusion) => excluded.push(Candidate {
                connector: index,
                verdict: Verdict::Excluded(exclusion),
                standing: None,
            }),
        }
    }
    Selection::rank(passed, excluded)
}

/// The filters in their order (D22), then what the connector has to show.
fn standing(
    view: &View<'_>,
    sender: Sender,
    site: SiteIdx,
    from: &FromSite<'_, '_>,
    groups: &mut GroupDistances,
    connector: &Connector,
    address: &Address,
) -> Result<Standing, Exclusion> {
    let org = view.org;
    let legacy = connector.kind.is_legacy();
    if !legacy && !connector.enabled {
        return Err(Exclusion::Disabled);
    }
    if connector.scoped && (legacy || !has_source_in(org, connector, site)) {
        return Err(Exclusion::Scope);
    }
    let own_domain = sender.is_edge(org) && is_own_domain(org, address);
    let (space, specificity) = best_space(connector, address, own_domain).ok_or(Exclusion::NoMatch)?;
    let space_cost = Cost::from(connector.address_spaces[space].cost());
    let reach = if legacy {
        reach_legacy(view, from, groups, connector, space_cost)?
    } else {
        reach(org, sender, site, from, connector, space_cost)?
    };
    if let Some(size) = view.message.size_for_2007()
        && !size_limit(view, connector).passes(size)
    {
        return Err(Exclusion::Size);
    }
    Ok(Standing {
        space,
        specificity,
        legacy,
        ..reach
    })
}

/// Usable source servers (D23), each with the site or, for legacy kinds, `None`.
pub(crate) fn usable_sources<'o>(
    org: &'o Organization,
    connector: &'o Connector,
) -> impl Iterator<Item = (ServerIdx, Option<SiteIdx>)> + 'o {
    connector.source_servers.iter().filter_map(move |server| {
        if connector.kind.is_legacy() {
            let group = org.legacy_group(*server)?;
            return (Some(group) == connector.routing_group).then_some((*server, None));
        }
        let by_subscription = || {
            let site = org.subscribed_site(*server)?;
            (connector.kind == ConnectorKind::Send && org.has_transport(site)).then_some(site)
        };
        let site = org.transport_site(*server).or_else(by_subscription)?;
        Some((*server, Some(site)))
    })
}

/// R48 for 2007+: a usable source server is in the site or, when none is usable anywhere, a listed one (D22).
fn has_source_in(org: &Organization, connector: &Connector, site: SiteIdx) -> bool {
    let mut usable = usable_sources(org, connector).peekable();
    if usable.peek().is_some() {
        return usable.any(|(_, source)| source == Some(site));
    }
    let listed = |server: &ServerIdx| org.servers()[*server].home == Home::Site(site);
    connector.source_servers.iter().any(listed)
}

/// The address space that matches most closely, the cheapest of several (D25). `own_domain`: whether `--` stands for the
/// domain of `address`.
pub(super) fn best_space(connector: &Connector, address: &Address, own_domain: bool) -> Option<(usize, Specificity)> {
    let spaces = connector.address_spaces.iter().enumerate();
    spaces
        .filter_map(|(at, space)| {
            let fits = match space.is_accepted_domains() {
                true if own_domain => Some(Specificity::ACCEPTED_DOMAIN),
                _ => space.matches(address),
            };
            Some((at, fits?, space.cost()))
        })
        .min_by_key(|(at, fits, cost)| (Reverse(*fits), *cost, *at))
        .map(|(at, fits, _)| (at, fits))
}

/// Whether `--` stands for the address's domain: authoritative and internal relay domains (RT-2.6.1).
fn is_own_domain(org: &Organization, address: &Address) -> bool {
    let kind = org.accepted_domain(address).map(|accepted| accepted.kind);
    matches!(
        kind,
        Some(AcceptedDomainKind::Authoritative | AcceptedDomainKind::InternalRelay)
    )
}

/// Distance of a 2007+ connector (D26). `space_cost` is added to the cost.
fn reach(
    org: &Organization,
    sender: Sender,
    site: SiteIdx,
    from: &FromSite<'_, '_>,
    connector: &Connector,
    space_cost: Cost,
) -> Result<Standing, Exclusion> {
    let sources: SmallVec<[(ServerIdx, Option<SiteIdx>); 4]> = usable_sources(org, connector).collect();
    if sources.is_empty() {
        return Err(Exclusion::NoSource);
    }
    let is_source = sources.iter().any(|(server, _)| Some(*server) == sender.server);
    if sender.is_edge(org) && !is_source {
        // An Edge server reaches nobody else's connectors.
        return Err(Exclusion::NoRoute);
    }
    let sites = sources.iter().filter_map(|(_, site)| *site);
    let Closest { site: source, distance } = closest(from.tree(), sites).ok_or(Exclusion::NoRoute)?;
    let remote = source != site;
    Ok(Standing {
        cost: (distance.cost + space_cost, 0),
        proximity: match (is_source, remote) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        },
        // RT-2.6.3: only 2013+ counts hops between remote sites.
        hops: if remote && sender.generation >= Generation::Exchange2013 {
            distance.hops
        } else {
            0
        },
        exit: Exit::Site(source),
        ..Standing::nowhere()
    })
}

/// Routing-group cost and site cost to the groups that were asked for, `None` where none can be reached.
type GroupDistances = HashMap<RoutingGroupIdx, Option<(Cost, Cost)>>;

/// Distance of a legacy connector from a 2007+ sender (D27).
fn reach_legacy(
    view: &View<'_>,
    from: &FromSite<'_, '_>,
    distances: &mut GroupDistances,
    connector: &Connector,
    space_cost: Cost,
) -> Result<Standing, Exclusion> {
    if usable_sources(view.org, connector).next().is_none() {
        return Err(Exclusion::NoSource);
    }
    let group = connector.routing_group.ok_or(Exclusion::NoSource)?;
    let distance = || {
        let plan = from.plan(Node::RoutingGroup(group))?;
        Some((plan.routing_group_cost, plan.site_cost))
    };
    let distance = distances.entry(group).or_insert_with(distance);
    let (groups, sites) = distance.ok_or(Exclusion::NoRoute)?;
    let groups = groups + space_cost;
    Ok(Standing {
        cost: match view.options.legacy_cost {
            LegacyCost::Pair => (groups, sites),
            LegacyCost::Sum => (groups + sites, 0),
        },
        exit: Exit::RoutingGroup(group),
        ..Standing::nowhere()
    })
}

impl Standing {
    /// What has not been looked at compares equal.
    pub(super) fn nowhere() -> Standing {
        Standing {
            space: 0,
            specificity: Specificity::ACCEPTED_DOMAIN,
            legacy: false,
            cost: (0, 0),
            proximity: 0,
            hops: 0,
            crossed: Vec::new(),
            exit: Exit::Site(SiteIdx::from_usize(0)),
        }
    }
}

/// The limit of a connector, with the product's default where that is asked for (D30).
pub(crate) fn size_limit(view: &View<'_>, connector: &Connector) -> SizeLimit {
    if let Some(limit) = connector.max_message_size {
        return limit;
    }
    if view.options.default_size == DefaultSize::None || connector.kind != ConnectorKind::Send {
        return SizeLimit::Unlimited;
    }
    let versions = usable_sources(view.org, connector).map(|(server, _)| view.org.servers()[server].version);
    match versions.max().map(|version| version.generation()) {
        Some(Generation::Exchange2013) => SizeLimit::Bytes(35 << 20),
        _ => SizeLimit::Bytes(10 << 20),
    }
}
