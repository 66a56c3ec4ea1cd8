//! One sentence about a connector: what it had to show, or why it is excluded.

use crate::model::{Connector, Organization};
use crate::route::{Candidate, Exclusion, Exit, Standing, Verdict};

/// What is worth saying about a candidate besides its verdict.
pub(super) fn candidate(org: &Organization, candidate: &Candidate) -> String {
    let connector = &org.connectors()[candidate.connector];
    match (candidate.verdict, &candidate.standing) {
        (Verdict::Excluded(exclusion), _) => self::exclusion(connector, exclusion).to_owned(),
        (_, Some(standing)) => standing_text(org, connector, standing),
        (_, None) => String::new(),
    }
}

/// Why a connector is not in the running, after its name.
pub(super) fn exclusion(connector: &Connector, exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Disabled => "is disabled",
        Exclusion::Scope if connector.kind.is_legacy() => {
            "is scoped to its routing group, to which the sender does not belong"
        }
        Exclusion::Scope => "is scoped to sites to which the sender does not belong",
        Exclusion::NoMatch => "has no address space for this address",
        Exclusion::Size => "lets through smaller messages only",
        Exclusion::NoSource => "has no source server that can be used (events 5014, 5016)",
        Exclusion::NoRoute => "cannot be reached",
        Exclusion::Restriction => "refuses this sender, priority, type or hour",
        Exclusion::Down => "is down",
        Exclusion::CutOff => "cannot be reached while that is down",
    }
}

fn standing_text(org: &Organization, connector: &Connector, standing: &Standing) -> String {
    let space = &connector.address_spaces[standing.space];
    let leaves = match standing.exit {
        Exit::Site(site) => format!("leaves from site {}", org.sites()[site].name),
        Exit::RoutingGroup(group) => format!("leaves from routing group {}", org.routing_groups()[group].name),
    };
    let cost = match standing.cost {
        (cost, 0) => format!("cost {cost}"),
        (groups, sites) => format!("cost {groups}, then {sites}"),
    };
    format!("{}:{}, {cost}, {leaves}", space.kind(), space.value())
}
