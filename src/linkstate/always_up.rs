//! Connectors whose failure nobody ever reports.

use super::{Options, is_silent};
use crate::graph::CombinedGraph;
use crate::model::{
    ConnectorKind, ConnectorRef, GroupRef, Organization, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx,
};
use crate::route::usable_sources;

/// Why no legacy server ever takes a connector to be down (LS-1.4, the exemptions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlwaysUp {
    /// It starts in the 2007 group, which takes no part in link state (R34; exemption 4).
    SourceIn2007,
    /// It points to or comes from a leaf group (event 994; exemption 1), which may be the 2007 group.
    Leaf(GroupRef),
    /// A source server has SuppressStateChanges in effect and never reports, so that not all can have failed (R39; exemption 3).
    Suppressed(ServerIdx),
    /// An SMTP connector without smart hosts, which has no one host whose silence would mean anything (exemption 5).
    NoSmartHost,
    /// No way leads from its source to its end without it, where that is taken to exempt (exemption 2, Q4).
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
    /// Which connectors of an organization can be believed down. O(connectors × (bridgeheads + log connectors)), and with
    /// [`Options::exempt_without_alternative`] O(connectors²) besides.
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
        ConnectorRef::RoutingGroup(index) => Some(org.routing_group_connectors()[index].to),
        ConnectorRef::External(_) => None,
    };
    if let Some(leaf) = [Some(GroupRef::Legacy(group)), to]
        .into_iter()
        .flatten()
        .find(|group| leaves.contains(org, *group))
    {
        return Some(AlwaysUp::Leaf(leaf));
    }
    // Q7: one silent source bridgehead is enough.
    let silent = |server: &ServerIdx| is_silent(org, *server);
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
            let alone = || !has_alternative(org, graph, index);
            (options.exempt_without_alternative && alone()).then_some(AlwaysUp::NoAlternative)
        }
    }
}

/// The usable source bridgeheads of a legacy connector (D11, D23); none when it carries nothing.
pub(crate) fn sources(org: &Organization, graph: &CombinedGraph, connector: ConnectorRef) -> Vec<ServerIdx> {
    match connector {
        ConnectorRef::RoutingGroup(index) => graph.sources(index).to_vec(),
        ConnectorRef::External(index) => {
            let usable = usable_sources(org, &org.connectors()[index]);
            usable.map(|(server, _)| server).collect()
        }
    }
}

/// Whether mail still gets from one end of a routing-group connector to the other without it, over connectors that can carry
/// mail at all (Q4's general rule; V11). O(connectors).
pub fn has_alternative(org: &Organization, graph: &CombinedGraph, without: RoutingGroupConnectorIdx) -> bool {
    let ends = &org.routing_group_connectors()[without];
    let mut leading: Vec<Vec<GroupRef>> = vec![Vec::new(); org.routing_groups().len() + 1];
    for (index, connector) in org.routing_group_connectors().iter_enumerated() {
        if index != without && graph.connector(index).is_some() {
            leading[slot(org, connector.from)].push(connector.to);
        }
    }
    let mut seen = vec![false; leading.len()];
    let mut pending = vec![ends.from];
    while let Some(group) = pending.pop() {
        if group == ends.to {
            return true;
        }
        if !std::mem::replace(&mut seen[slot(org, group)], true) {
            pending.extend_from_slice(&leading[slot(org, group)]);
        }
    }
    false
}

/// Groups with at most one outgoing and at most one incoming connector, mirror images if there are both (event 994).
///
/// Every connector of the file counts, whether or not it can carry mail: the rule looks at the directory. The 2007 group is one
/// like others in it (Q5).
struct Leaves {
    /// The 2007 group comes last.
    of: Vec<bool>,
}

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
    /// Routing-group connectors and connectors to the outside count, those of and with the 2007 group included (Q5), disabled
    /// ones not.
    fn new(org: &Organization) -> Leaves {
        let mut ends = vec![Ends::default(); org.routing_groups().len() + 1];
        for connector in org.routing_group_connectors() {
            let from = &mut ends[slot(org, connector.from)];
            from.outgoing += 1;
            from.to = Some(connector.to);
            let to = &mut ends[slot(org, connector.to)];
            to.incoming += 1;
            to.from = Some(connector.from);
        }
        for connector in org.connectors().iter().filter(|connector| connector.enabled) {
            let group = match connector.routing_group {
                _ if !connector.kind.is_legacy() => GroupRef::Exchange2007,
                Some(group) => GroupRef::Legacy(group),
                None => continue,
            };
            let group = &mut ends[slot(org, group)];
            group.outgoing += 1;
            group.to = None;
        }
        Leaves {
            of: ends.into_iter().map(Ends::is_leaf).collect(),
        }
    }

    fn contains(&self, org: &Organization, group: GroupRef) -> bool {
        self.of[slot(org, group)]
    }
}

/// Where a group stands in a list in which the 2007 group comes last.
fn slot(org: &Organization, group: GroupRef) -> usize {
    match group {
        GroupRef::Legacy(group) => group.index(),
        GroupRef::Exchange2007 => org.routing_groups().len(),
    }
}
