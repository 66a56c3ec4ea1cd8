//! Who believes what is down, when all news has arrived (LS-1.4, LS-1.6, LS-1.7; contract, "Beliefs when settled").

use serde::Deserialize;

use super::super::Options;
use super::super::file::{ConnectorKind, Version};
use super::super::org::{Connector, GroupConnector, Node, Org, Place};

/// A connector of either collection: they share one namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wire {
    Between(usize),
    Outside(usize),
}

/// The fields of the file that only link state reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    servers: Vec<ServerFields>,
    routing_groups: Vec<GroupFields>,
    connectors: Vec<ConnectorFields>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ServerFields {
    suppress_state_changes: bool,
    suppression_in_effect: Option<bool>,
    link_state_blocked: bool,
    least_cost_only: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GroupFields {
    master: Option<String>,
    stale: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConnectorFields {
    smart_hosts: Vec<String>,
}

/// Which connectors can be believed down, and by which groups.
#[derive(Debug)]
pub(super) struct LinkState {
    /// Every usable connector of the file with a name for each, in name order.
    wires: Vec<Wire>,
    markable: Vec<Wire>,
    /// By legacy group.
    stale: Vec<bool>,
    least_cost_only: Vec<bool>,
    island: Vec<usize>,
    /// By connector between groups: whether every usable server at its ends tells and hears news with the mail (LS-1.6).
    talks: Vec<bool>,
}

impl LinkState {
    /// # Panics
    ///
    /// On a file that is not valid.
    pub(super) fn parse(text: &str, org: &Org, options: &Options) -> Self {
        let fields: Fields = serde_json::from_str(text).expect("a valid topology file");
        let stale = |group: &GroupFields| group.stale || group.master.as_deref() == Some("");
        let least_cost_only = (0..org.groups.len()).map(|group| is_least_cost_only(org, &fields, group));
        let mut wires: Vec<Wire> = all_wires(org).filter(|&wire| is_usable(org, wire)).collect();
        wires.sort_by_key(|&wire| name(org, wire));
        let markable = wires
            .iter()
            .copied()
            .filter(|&wire| is_markable(org, &fields, options, wire));
        Self {
            markable: markable.collect(),
            stale: fields.routing_groups.iter().map(stale).collect(),
            least_cost_only: least_cost_only.collect(),
            island: islands(org, &fields),
            talks: org
                .group_connectors
                .iter()
                .map(|connector| talks(&fields, org, connector))
                .collect(),
            wires,
        }
    }

    /// Whether `group` routes around `wire` when that has failed.
    pub(super) fn acts_on(&self, org: &Org, group: usize, wire: Wire) -> bool {
        let Node::Legacy(source) = source(org, wire) else {
            return false;
        };
        self.markable.contains(&wire)
            && self.island[group] == self.island[source]
            && !self.stale[group]
            && !self.stale[source]
            && !self.least_cost_only[group]
    }

    /// Whether mail over a connector is preceded by all the news that its two groups have, and both act on that.
    pub(super) fn teaches(&self, org: &Org, at: usize) -> bool {
        let connector = &org.group_connectors[at];
        let (Node::Legacy(from), Node::Legacy(to)) = (connector.from, connector.to) else {
            return false;
        };
        let acts = |group: usize| !self.stale[group] && !self.least_cost_only[group];
        self.talks[at] && acts(from) && acts(to) && self.island[from] == self.island[to]
    }

    /// What a set of failed connectors may be made of, in name order.
    pub(super) fn believable(&self, org: &Org) -> Vec<Wire> {
        let groups = 0..org.groups.len();
        let somebody = |wire: &Wire| groups.clone().any(|group| self.acts_on(org, group, *wire));
        self.wires.iter().copied().filter(somebody).collect()
    }

    /// What can fail without anybody believing it, in name order.
    pub(super) fn unnoticed(&self, org: &Org) -> Vec<Wire> {
        let believable = self.believable(org);
        let unnoticed = self.wires.iter().filter(|wire| !believable.contains(wire));
        unnoticed.copied().collect()
    }
}

pub(super) fn name(org: &Org, wire: Wire) -> &super::super::names::Name {
    match wire {
        Wire::Between(at) => &org.group_connectors[at].name,
        Wire::Outside(at) => &org.connectors[at].name,
    }
}

fn all_wires(org: &Org) -> impl Iterator<Item = Wire> {
    let between = (0..org.group_connectors.len()).map(Wire::Between);
    between.chain((0..org.connectors.len()).map(Wire::Outside))
}

fn is_usable(org: &Org, wire: Wire) -> bool {
    match wire {
        Wire::Between(at) => org.group_connectors[at].usable,
        Wire::Outside(at) => !org.connectors[at].usable_sources.is_empty(),
    }
}

fn source(org: &Org, wire: Wire) -> Node {
    match wire {
        Wire::Between(at) => org.group_connectors[at].from,
        Wire::Outside(at) => org.connectors[at].group.map_or(Node::E2007, Node::Legacy),
    }
}

/// LS-1.4, `exempt`: whether the state of a usable connector can change at all.
fn is_markable(org: &Org, fields: &Fields, options: &Options, wire: Wire) -> bool {
    let sources = match wire {
        Wire::Between(at) => &org.group_connectors[at].sources,
        Wire::Outside(at) => &org.connectors[at].usable_sources,
    };
    let suppressed = |&server: &usize| {
        let reads_it = org.servers[server].version != Version::Exchange55;
        let server = &fields.servers[server];
        reads_it && server.suppression_in_effect.unwrap_or(server.suppress_state_changes)
    };
    let by_dns = match wire {
        Wire::Between(_) => false,
        Wire::Outside(at) => {
            org.connectors[at].kind == ConnectorKind::LegacySmtp
                && fields.connectors.get(at).is_none_or(|read| read.smart_hosts.is_empty())
                && !options.dns_connectors_fail
        }
    };
    let is_alone = match wire {
        Wire::Between(at) => options.exempt_without_alternative && !can_do_without(org, at),
        Wire::Outside(_) => false,
    };
    let ends = match wire {
        Wire::Between(at) => vec![org.group_connectors[at].from, org.group_connectors[at].to],
        Wire::Outside(_) => vec![source(org, wire)],
    };
    let at_leaf = ends.iter().any(|&end| is_leaf(org, end));
    source(org, wire) != Node::E2007 && !at_leaf && !by_dns && !is_alone && !sources.iter().any(suppressed)
}

/// Q4: whether what is at its source still gets to its end, over usable connectors in their direction, when it is gone.
fn can_do_without(org: &Org, gone: usize) -> bool {
    let mut reached = vec![org.group_connectors[gone].from];
    let mut at = 0;
    while at < reached.len() {
        for (other, connector) in org.group_connectors.iter().enumerate() {
            if other != gone && connector.usable && connector.from == reached[at] && !reached.contains(&connector.to) {
                reached.push(connector.to);
            }
        }
        at += 1;
    }
    reached.contains(&org.group_connectors[gone].to)
}

/// At most one connector of the file out and at most one in, and if both, one back to where the other comes from.
/// The 2007 group is one like others in the directory (Q5): connectors of 2007 and later to the outside are its own.
fn is_leaf(org: &Org, here: Node) -> bool {
    let between = || org.group_connectors.iter();
    let incoming: Vec<Node> = between().filter(|c| c.to == here).map(|c| c.from).collect();
    // Where each leads: nowhere in particular when it leads outside.
    let mut outgoing: Vec<Option<Node>> = between().filter(|c| c.from == here).map(|c| Some(c.to)).collect();
    let outside = org
        .connectors
        .iter()
        .filter(|connector| connector.enabled && leaves_from(connector) == Some(here));
    outgoing.extend(outside.map(|_| None));
    match (outgoing.as_slice(), incoming.as_slice()) {
        ([] | [_], []) | ([], [_]) => true,
        ([out], [back]) => *out == Some(*back),
        _ => false,
    }
}

fn leaves_from(connector: &Connector) -> Option<Node> {
    match connector.is_legacy() {
        true => connector.group.map(Node::Legacy),
        false => Some(Node::E2007),
    }
}

/// LC9: a group of Exchange 5.5 alone that never leaves the least-cost route.
fn is_least_cost_only(org: &Org, fields: &Fields, group: usize) -> bool {
    let members = || (0..org.servers.len()).filter(|&server| org.servers[server].place == Some(Place::Group(group)));
    members().all(|server| org.servers[server].version == Version::Exchange55)
        && members().any(|server| fields.servers[server].least_cost_only)
}

fn speaks(fields: &Fields, org: &Org, server: usize) -> bool {
    let version = org.servers[server].version;
    let speaks = matches!(version, Version::Exchange2000 | Version::Exchange2003);
    speaks && !fields.servers[server].link_state_blocked
}

fn talks(fields: &Fields, org: &Org, connector: &GroupConnector) -> bool {
    let mut both = connector.sources.iter().chain(&connector.targets);
    connector.usable && both.all(|&server| speaks(fields, org, server))
}

/// A label for every group, the same for groups that news can travel between.
fn islands(org: &Org, fields: &Fields) -> Vec<usize> {
    let speaks = |&server: &usize| speaks(fields, org, server);
    let mut island: Vec<usize> = (0..org.groups.len()).collect();
    for connector in &org.group_connectors {
        if let (Node::Legacy(a), Node::Legacy(b)) = (connector.from, connector.to)
            && connector.sources.iter().any(speaks)
            && connector.targets.iter().any(speaks)
        {
            let (kept, given_up) = (island[a], island[b]);
            for label in &mut island {
                if *label == given_up {
                    *label = kept;
                }
            }
        }
    }
    island
}
