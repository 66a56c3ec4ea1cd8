//! What does not change while link state runs: who sits at which connector, and which groups can talk.

use std::collections::BTreeMap;

use oxc_index::IndexVec;

use crate::graph::{CombinedGraph, UsableConnector};
use crate::linkstate::always_up::{source_group, sources};
use crate::linkstate::islands::{joins, may_talk};
use crate::linkstate::{AlwaysUp, Believable, Options};
use crate::model::{ConnectorRef, GroupRef, Organization, RoutingGroupIdx, ServerIdx};

/// A connector that starts in a legacy group and has a bridgehead to notice that it fails.
#[derive(Clone, Debug)]
pub(super) struct WireEnds {
    pub(super) connector: ConnectorRef,
    /// Where it starts.
    pub(super) group: RoutingGroupIdx,
    /// Source bridgeheads, ascending, at least one.
    pub(super) sources: Vec<ServerIdx>,
    /// Target bridgeheads; `None`: hosts outside, which nothing is known of.
    pub(super) targets: Option<Vec<ServerIdx>>,
    /// Why its state is never lowered.
    pub(super) exempt: Option<AlwaysUp>,
}

/// A connector between two legacy groups that can carry link state, with the servers that can (m3).
#[derive(Clone, Debug)]
pub(super) struct Channel {
    /// Its position in [`Believable::all`].
    pub(super) at: u32,
    pub(super) sources: Vec<ServerIdx>,
    pub(super) targets: Vec<ServerIdx>,
}

/// Two groups between which at least one connector can carry link state.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// In name order, of both directions.
    pub(super) channels: Vec<Channel>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Wiring {
    believable: Believable,
    wires: Vec<Option<WireEnds>>,
    pairs: Vec<Pair>,
    /// Positions of the wires that a server is a source, or a target, of.
    sources_of: IndexVec<ServerIdx, Vec<u32>>,
    targets_of: IndexVec<ServerIdx, Vec<u32>>,
    /// Positions of the pairs that a server is a bridgehead of.
    pairs_of: IndexVec<ServerIdx, Vec<usize>>,
    /// By position: the pair that a connector is a channel of.
    pair_over: Vec<Option<usize>>,
}

impl Wiring {
    pub(super) fn new(org: &Organization, graph: &CombinedGraph, options: Options) -> Wiring {
        let believable = Believable::new(org, graph, options);
        let wires: Vec<Option<WireEnds>> = believable
            .all()
            .iter()
            .map(|(connector, exempt)| wire(org, graph, *connector, *exempt))
            .collect();
        let mut wiring = Wiring {
            pairs: pairs(org, graph, &believable),
            believable,
            wires,
            sources_of: org.servers().iter().map(|_| Vec::new()).collect(),
            targets_of: org.servers().iter().map(|_| Vec::new()).collect(),
            pairs_of: org.servers().iter().map(|_| Vec::new()).collect(),
            pair_over: Vec::new(),
        };
        wiring.pair_over.resize(wiring.wires.len(), None);
        for (at, wire) in (0..).zip(&wiring.wires) {
            let Some(wire) = wire else { continue };
            for server in &wire.sources {
                wiring.sources_of[*server].push(at);
            }
            for server in wire.targets.iter().flatten() {
                wiring.targets_of[*server].push(at);
            }
        }
        for (at, pair) in wiring.pairs.iter().enumerate() {
            for channel in &pair.channels {
                wiring.pair_over[channel.at as usize] = Some(at);
                for server in channel.sources.iter().chain(&channel.targets) {
                    let pairs = &mut wiring.pairs_of[*server];
                    if pairs.last() != Some(&at) {
                        pairs.push(at);
                    }
                }
            }
        }
        wiring
    }

    pub(super) fn believable(&self) -> &Believable {
        &self.believable
    }

    /// By position in [`Believable::all`]; `None`: nobody could notice, or it starts in the 2007 group.
    pub(super) fn wires(&self) -> &[Option<WireEnds>] {
        &self.wires
    }

    pub(super) fn wire(&self, at: u32) -> Option<&WireEnds> {
        self.wires[at as usize].as_ref()
    }

    pub(super) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    pub(super) fn sources_of(&self, server: ServerIdx) -> &[u32] {
        &self.sources_of[server]
    }

    pub(super) fn targets_of(&self, server: ServerIdx) -> &[u32] {
        &self.targets_of[server]
    }

    pub(super) fn pairs_of(&self, server: ServerIdx) -> &[usize] {
        &self.pairs_of[server]
    }

    /// The pair of groups that a connector carries link state between.
    pub(super) fn pair_over(&self, at: u32) -> Option<usize> {
        self.pair_over[at as usize]
    }

    /// Positions of the wires that start in a group, ascending.
    pub(super) fn wires_from(&self, group: RoutingGroupIdx) -> impl Iterator<Item = u32> {
        let starts_there = move |wire: &Option<WireEnds>| wire.as_ref().is_some_and(|wire| wire.group == group);
        (0..)
            .zip(&self.wires)
            .filter(move |(_, wire)| starts_there(wire))
            .map(|(at, _)| at)
    }
}

fn wire(
    org: &Organization,
    graph: &CombinedGraph,
    connector: ConnectorRef,
    exempt: Option<AlwaysUp>,
) -> Option<WireEnds> {
    let group = source_group(org, connector)?;
    let targets = match connector {
        ConnectorRef::RoutingGroup(index) => Some(graph.connector(index)?.targets.to_vec()),
        ConnectorRef::External(_) => None,
    };
    let sources = sources(org, graph, connector);
    let wire = WireEnds {
        connector,
        group,
        sources,
        targets,
        exempt,
    };
    (!wire.sources.is_empty()).then_some(wire)
}

fn pairs(org: &Organization, graph: &CombinedGraph, believable: &Believable) -> Vec<Pair> {
    let mut found: BTreeMap<(RoutingGroupIdx, RoutingGroupIdx), Vec<Channel>> = BTreeMap::new();
    for (index, entry) in org.routing_group_connectors().iter_enumerated() {
        let Some(usable) = graph.connector(index).filter(|usable| joins(org, usable).is_some()) else {
            continue;
        };
        if let (GroupRef::Legacy(from), GroupRef::Legacy(to)) = (entry.from, entry.to) {
            let channels = found.entry((from.min(to), from.max(to))).or_default();
            let at = believable.position(ConnectorRef::RoutingGroup(index));
            channels.push(channel(org, usable, at));
        }
    }
    found.into_values().map(|channels| Pair { channels }).collect()
}

fn channel(org: &Organization, usable: &UsableConnector, at: u32) -> Channel {
    let talking = |servers: &[ServerIdx]| -> Vec<ServerIdx> {
        servers
            .iter()
            .copied()
            .filter(|server| may_talk(org, *server))
            .collect()
    };
    Channel {
        at,
        sources: talking(&usable.sources),
        targets: talking(&usable.targets),
    }
}
