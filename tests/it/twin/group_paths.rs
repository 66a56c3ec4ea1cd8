//! Sequences of routing-group connectors (RT-2.7, RT-2.8): all simple ones, and the best for either side.

use super::LegacyTie;
use super::Options;
use super::file::{GroupConnectorKind, Version};
use super::names::Name;
use super::org::{Node, Org};
use super::ranking::{Step, rank};
use super::site_paths::closest;

/// Connectors in the order in which they are crossed.
pub(super) type Sequence = Vec<usize>;

/// Every simple sequence of usable connectors (D11), by its first and last node. The 2007 group is one node
/// like any other: a sequence passes it once at most (D12, D14).
#[derive(Debug, Default)]
pub(super) struct Sequences {
    between: Vec<(Node, Node, Vec<Sequence>)>,
}

impl Sequences {
    pub(super) fn between(&self, from: Node, to: Node) -> &[Sequence] {
        let found = self.between.iter().find(|(a, b, _)| (*a, *b) == (from, to));
        found.map_or(&[], |(_, _, sequences)| sequences)
    }
}

pub(super) fn all(org: &Org) -> Sequences {
    let legacy = (0..org.groups.len()).map(Node::Legacy);
    let nodes: Vec<Node> = std::iter::once(Node::E2007).chain(legacy).collect();
    let mut between = Vec::new();
    for &from in &nodes {
        let first = between.len();
        between.extend(nodes.iter().map(|&to| (from, to, Vec::new())));
        walk(org, &mut vec![from], &mut Vec::new(), &mut between[first..]);
    }
    Sequences { between }
}

fn walk(org: &Org, visited: &mut Vec<Node>, crossed: &mut Sequence, found: &mut [(Node, Node, Vec<Sequence>)]) {
    let here = *visited.last().expect("a sequence starts somewhere");
    let (_, _, sequences) = found
        .iter_mut()
        .find(|(_, to, _)| *to == here)
        .expect("every node has its list");
    sequences.push(crossed.clone());
    for (at, connector) in org.group_connectors.iter().enumerate() {
        if connector.usable && connector.from == here && !visited.contains(&connector.to) {
            visited.push(connector.to);
            crossed.push(at);
            walk(org, visited, crossed, found);
            crossed.pop();
            visited.pop();
        }
    }
}

pub(super) fn cost(org: &Org, sequence: &Sequence) -> u64 {
    sequence
        .iter()
        .map(|&connector| org.group_connectors[connector].cost)
        .sum()
}

pub(super) fn names<'a>(org: &'a Org, sequence: &Sequence) -> Vec<&'a Name> {
    sequence
        .iter()
        .map(|&connector| &org.group_connectors[connector].name)
        .collect()
}

/// The sequence that a site chooses.
#[derive(Debug, Clone)]
pub(super) struct FromSite {
    pub(super) sequence: Sequence,
    pub(super) cost: u64,
    /// Where the first connector is entered: its source site closest to the sender.
    pub(super) source_site: usize,
    pub(super) site_cost: u64,
    site_hops: usize,
    pub(super) decided_by: &'static str,
}

/// D12, D13: the sequence from the 2007 group to `group`, as a server of `version` in `site` ranks them.
pub(super) fn from_site(org: &Org, options: &Options, site: usize, version: Version, group: usize) -> Option<FromSite> {
    let sequences = org.sequences.between(Node::E2007, Node::Legacy(group));
    // R72, D12: RTM does not see X.400 connectors.
    let is_seen = |sequence: &&Sequence| {
        let x400 = sequence
            .iter()
            .any(|&connector| org.group_connectors[connector].kind == GroupConnectorKind::X400);
        version > Version::Exchange2007Rtm || !x400
    };
    let candidates: Vec<FromSite> = sequences
        .iter()
        .filter(is_seen)
        .filter_map(|sequence| {
            let sources = org.sites_of(&org.group_connectors[*sequence.first()?].sources);
            let (source_site, path) = closest(org, site, &sources)?;
            Some(FromSite {
                cost: cost(org, sequence),
                sequence: sequence.clone(),
                source_site,
                site_cost: path.cost,
                site_hops: path.hops(),
                decided_by: "",
            })
        })
        .collect();
    let by_name = |a: &FromSite, b: &FromSite| names(org, &a.sequence).cmp(&names(org, &b.sequence));
    let mut steps: Vec<Step<'_, FromSite>> = vec![
        // R53: the sum of the connector costs and nothing else.
        ("routing_group_cost", &|a, b| a.cost.cmp(&b.cost)),
        // R54: the cost to reach the first connector.
        ("site_cost", &|a, b| a.site_cost.cmp(&b.site_cost)),
    ];
    if options.legacy_tie == LegacyTie::Hops {
        steps.push(("hops", &|a, b| {
            a.site_hops
                .cmp(&b.site_hops)
                .then(a.sequence.len().cmp(&b.sequence.len()))
        }));
    }
    steps.push(("name", &by_name));
    let ranking = rank(&candidates, &steps)?;
    Some(FromSite {
        decided_by: ranking.decided_by,
        ..candidates[ranking.winner].clone()
    })
}

/// The sequence that a legacy group chooses.
#[derive(Debug, Clone)]
pub(super) struct FromGroup {
    pub(super) sequence: Sequence,
    pub(super) cost: u64,
    /// 2000/2003 has another sequence of the same cost and may use either.
    pub(super) is_one_of_several: bool,
    pub(super) decided_by: &'static str,
}

/// D14: the sequence from a legacy group to `to` over the connectors that `may_cross` lets through.
pub(super) fn from_group(org: &Org, group: usize, to: Node, may_cross: &dyn Fn(usize) -> bool) -> Option<FromGroup> {
    let sequences = org.sequences.between(Node::Legacy(group), to);
    let allowed = sequences
        .iter()
        .filter(|sequence| sequence.iter().all(|&connector| may_cross(connector)));
    let candidates: Vec<Sequence> = allowed.cloned().collect();
    let steps: [Step<'_, Sequence>; 3] = [
        ("routing_group_cost", &|a, b| cost(org, a).cmp(&cost(org, b))),
        ("hops", &|a, b| a.len().cmp(&b.len())),
        ("name", &|a, b| names(org, a).cmp(&names(org, b))),
    ];
    let ranking = rank(&candidates, &steps)?;
    let sequence = candidates[ranking.winner].clone();
    let cost_least = cost(org, &sequence);
    Some(FromGroup {
        is_one_of_several: candidates.iter().filter(|other| cost(org, other) == cost_least).count() > 1,
        sequence,
        cost: cost_least,
        decided_by: ranking.decided_by,
    })
}
