//! Connectors whose failure nobody ever reports.

use petgraph::unionfind::UnionFind;

use super::Options;
use crate::graph::CombinedGraph;
use crate::model::{ConnectorKind, ConnectorRef, GroupRef, Organization, RoutingGroupIdx, ServerIdx};
use crate::route::usable_sources;

/// Why no legacy server ever takes a connector to be down (LS-1.4, the exemptions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlwaysUp {
    /// It starts in the 2007 group, which takes no part in link state (R34; exemption 4).
    SourceIn2007,
    /// It points to or comes from a leaf group (event 994; exemption 1).
    Leaf(RoutingGroupIdx),
    /// A source server has SuppressStateChanges in effect and never reports, so that not all can have failed (R39; exemption 3).
    Suppressed(ServerIdx),
    /// An SMTP connector without smart hosts, which has no one host whose silence would mean anything (exemption 5).
    NoSmartHost,
    /// Its ends are not joined without it, where that is taken to exempt (exemption 2, Q4).
    NoAlternative,
}

/// Connectors of both kinds in name order, each with what keeps it up in everybody's eyes.
///
/// A position in this list is how searches name a connector: ascending positions are ascending names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believable {
    all: Vec<(ConnectorRef, Option<AlwaysUp>)>,
    /// Positions of the routing-group connectors, then of the others.
    positions: (Vec<u32>, Vec<u32>),
}

impl Believable {
    /// Which connectors of an organization can be believed down. O(connectors × servers of a group).
    pub fn new(org: &Organization, graph: &CombinedGraph, options: Options) -> Believable {
        let leaves = Leaves::new(org);
        let mut positions = (
            vec![0; org.routing_group_connectors().len()],
            vec![0; org.connectors().len()],
        );
        let mut all = Vec::new();
        for (at, connector) in (0..).zip(org.connectors_of_both_kinds()) {
            match connector {
                ConnectorRef::RoutingGroup(index) => positions.0[index.index()] = at,
                ConnectorRef::External(index) => positions.1[index.index()] = at,
            }
            all.push((connector, always_up(org, graph, options, &leaves, connector)));
        }
        Believable { all, positions }
    }

    /// Every connector in name order, with what keeps it up in everybody's eyes.
    pub fn all(&self) -> &[(ConnectorRef, Option<AlwaysUp>)] {
        &self.all
    }

    /// The position of a connector in [`Believable::all`]. O(1).
    pub fn position(&self, connector: ConnectorRef) -> u32 {
        match connector {
            ConnectorRef::RoutingGroup(index) => self.positions.0[index.index()],
            ConnectorRef::External(index) => self.positions.1[index.index()],
        }
    }

    /// What keeps the connector at `position` up in everybody's eyes; `None`: it can be believed down.
    pub fn always_up(&self, position: u32) -> Option<AlwaysUp> {
        self.all[position as usize].1
    }

    /// The connector at `position`.
    pub fn connector(&self, position: u32) -> ConnectorRef {
        self.all[position as usize].0
    }
}

/// The legacy group that a connector starts in; `None`: the 2007 group, or nowhere.
pub(super) fn source_group(org: &Organization, connector: ConnectorRef) -> Option<RoutingGroupIdx> {
    match connector {
        ConnectorRef::RoutingGroup(index) => match org.routing_group_connectors()[index].from {
            GroupRef::Legacy(group) => Some(group),
            GroupRef::Exchange2007 => None,
        },
        ConnectorRef::External(index) => {
            let connector = &org.connectors()[index];
            connector.routing_group.filter(|_| connector.kind.is_legacy())
        }
    }
}

fn always_up(
    org: &Organization,
    graph: &CombinedGraph,
    options: Options,
    leaves: &Leaves,
    connector: ConnectorRef,
) -> Option<AlwaysUp> {
    let Some(group) = source_group(org, connector) else {
        return Some(AlwaysUp::SourceIn2007);
    };
    let to = match connector {
        ConnectorRef::RoutingGroup(index) => match org.routing_group_connectors()[index].to {
            GroupRef::Legacy(to) => Some(to),
            GroupRef::Exchange2007 => None,
        },
        ConnectorRef::External(_) => None,
    };
    if let Some(leaf) = [Some(group), to]
        .into_iter()
        .flatten()
        .find(|group| leaves.contains(*group))
    {
        return Some(AlwaysUp::Leaf(leaf));
    }
    // Q7: one silent source bridgehead is enough.
    let silent = |server: &ServerIdx| org.servers()[*server].suppression_in_effect;
    if let Some(server) = sources(org, graph, connector).into_iter().find(silent) {
        return Some(AlwaysUp::Suppressed(server));
    }
    match connector {
        ConnectorRef::External(index) => {
            let connector = &org.connectors()[index];
            let by_dns = connector.kind == ConnectorKind::LegacySmtp && connector.smart_hosts.is_empty();
            (by_dns && options.dns_always_up).then_some(AlwaysUp::NoSmartHost)
        }
        ConnectorRef::RoutingGroup(index) => {
            let alone = || !joined_without(org, index.index());
            (options.exempt_without_alternative && alone()).then_some(AlwaysUp::NoAlternative)
        }
    }
}

/// The source bridgeheads of a legacy connector; none when it carries nothing.
fn sources(org: &Organization, graph: &CombinedGraph, connector: ConnectorRef) -> Vec<ServerIdx> {
    match connector {
        ConnectorRef::RoutingGroup(index) => graph.sources(index).to_vec(),
        ConnectorRef::External(index) => {
            let usable = usable_sources(org, &org.connectors()[index]);
            usable.map(|(server, _)| server).collect()
        }
    }
}

/// Whether the ends of a connector are joined by others, whatever their direction.
fn joined_without(org: &Organization, left_out: usize) -> bool {
    let slot = |group: GroupRef| match group {
        GroupRef::Legacy(group) => group.index(),
        GroupRef::Exchange2007 => org.routing_groups().len(),
    };
    let ends = |index: usize| {
        let connector = &org.routing_group_connectors().as_raw_slice()[index];
        (slot(connector.from), slot(connector.to))
    };
    let (from, to) = ends(left_out);
    let mut sets = UnionFind::<usize>::new(org.routing_groups().len() + 1);
    for (a, b) in (0..org.routing_group_connectors().len())
        // The mirror image is the same wire: it does not join what the connector alone joins.
        .filter(|index| *index != left_out && ends(*index) != (to, from))
        .map(ends)
    {
        sets.union(a, b);
    }
    sets.equiv(from, to)
}

/// Legacy groups with at most one outgoing and at most one incoming connector, mirror images if there are both (event 994).
///
/// Every connector of the file counts, whether or not it can carry mail: the rule looks at the directory. The 2007 group is
/// never a leaf here: where it is joined to one group only, no circle passes it, and nothing would change.
struct Leaves(Vec<bool>);

/// What starts or ends at one group: how many, and the other end of the last one (`None`: outside).
#[derive(Clone, Copy, Default)]
struct Ends {
    outgoing: usize,
    incoming: usize,
    to: Option<GroupRef>,
    from: Option<GroupRef>,
}

impl Ends {
    fn is_leaf(self) -> bool {
        match (self.outgoing, self.incoming) {
            (1, 1) => self.to.is_some() && self.to == self.from,
            (outgoing, incoming) => outgoing <= 1 && incoming <= 1,
        }
    }
}

impl Leaves {
    /// Routing-group connectors and connectors to the outside count, those with the 2007 group included (Q5), disabled
    /// ones not.
    fn new(org: &Organization) -> Leaves {
        let mut ends = vec![Ends::default(); org.routing_groups().len()];
        for connector in org.routing_group_connectors() {
            if let GroupRef::Legacy(from) = connector.from {
                ends[from.index()].outgoing += 1;
                ends[from.index()].to = Some(connector.to);
            }
            if let GroupRef::Legacy(to) = connector.to {
                ends[to.index()].incoming += 1;
                ends[to.index()].from = Some(connector.from);
            }
        }
        let outside = org.connectors().iter_enumerated();
        for (index, _) in outside.filter(|(_, connector)| connector.enabled) {
            if let Some(group) = source_group(org, ConnectorRef::External(index)) {
                ends[group.index()].outgoing += 1;
                ends[group.index()].to = None;
            }
        }
        Leaves(ends.into_iter().map(Ends::is_leaf).collect())
    }

    fn contains(&self, group: RoutingGroupIdx) -> bool {
        self.0[group.index()]
    }
}
