//! The life of a message that circles: only the count of Received headers ends it (LS-2.2, LS-3.7).
//!
//! Every server that handles a message adds a header. A router of a lap may be one server, where the one that takes the message in
//! sends it on itself, or two, where it relays to one that may (LS-2.1); chance decides where both are possible. The
//! server whose own header is one more than its limit returns the message (Q12).

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Router, Step, Witness, World};
use crate::delivery::{HopReport, hop_limit, hop_report};
use crate::model::{Generation, ServerIdx};

/// What becomes of a message in a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Received headers that a lap adds, fewest and most.
    pub headers: (u32, u32),
    /// Where it ends, for each router of the circle at which it may begin, in the order of the circle. A list is empty where no
    /// server has a limit, or none below 1,000.
    pub ends: Vec<Vec<End>>,
}

/// A server that may return the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Which one.
    pub server: ServerIdx,
    /// Its limit of Received headers, its own included.
    pub limit: u32,
    /// In which lap, counted from 1 where the message begins: earliest and latest.
    pub lap: (u32, u32),
    /// What it returns the message with.
    pub report: HopReport,
}

/// The servers of a router of the lap.
struct Stop {
    /// Those that may take the message in.
    enter: Servers,
    /// Those that may send it on; empty: whoever has it.
    leave: Servers,
}

type Servers = SmallVec<[ServerIdx; 4]>;

/// What becomes of a message in a loop. O(highest limit × servers of the lap²) for each router.
pub fn life(world: &World<'_>, witness: &Witness) -> Life {
    let steps = &witness.steps;
    let stops: Vec<Stop> = (0..steps.len())
        .map(|at| stop(world, &steps[(at + steps.len() - 1) % steps.len()], &steps[at]))
        .collect();
    let mut headers = (0, 0);
    for stop in &stops {
        let alone = stop.enter.iter().filter(|server| sends(stop, **server)).count();
        headers.0 += if alone > 0 { 1 } else { 2 };
        headers.1 += if alone == stop.enter.len() { 1 } else { 2 };
    }
    let servers = stops.iter().flat_map(|stop| stop.enter.iter().chain(&stop.leave));
    let limits: Limits = servers
        .filter_map(|server| Some((*server, hop_limit(world.org, *server)?)))
        .collect();
    let ends = |begin| ends(world, &stops, &limits, begin);
    Life {
        headers,
        ends: (0..stops.len()).map(ends).collect(),
    }
}

fn sends(stop: &Stop, server: ServerIdx) -> bool {
    stop.leave.is_empty() || stop.leave.contains(&server)
}

fn stop(world: &World<'_>, into: &Step, out: &Step) -> Stop {
    let graph = &world.graphs.combined;
    let enter = match into.over {
        Some(over) => at(world, out.at, graph.targets(over)),
        None => all_at(world, out.at),
    };
    let leave = match (out.over, out.at) {
        (None, _) => Servers::new(),
        (Some(over), Router::Group(_)) => at(world, out.at, graph.sources(over)),
        // Source servers of every generation in the site that would take the connector (V4).
        (Some(over), Router::Site(site, _)) => graph
            .sources(over)
            .iter()
            .copied()
            .filter(|server| world.org.transport_site(*server) == Some(site))
            .collect(),
    };
    Stop { enter, leave }
}

/// Those of some servers that a router stands for.
fn at(world: &World<'_>, router: Router, servers: &[ServerIdx]) -> Servers {
    let here = |server: &&ServerIdx| match router {
        Router::Group(group) => world.org.legacy_group(**server) == Some(group),
        Router::Site(site, generation) => {
            world.org.transport_site(**server) == Some(site) && generation_of(world, **server) == generation
        }
    };
    servers.iter().filter(here).copied().collect()
}

fn all_at(world: &World<'_>, router: Router) -> Servers {
    match router {
        Router::Group(group) => world.org.group_servers(group).iter().copied().collect(),
        Router::Site(site, _) => at(world, router, world.org.transport_servers(site)),
    }
}

fn generation_of(world: &World<'_>, server: ServerIdx) -> Generation {
    world.org.servers()[server].version.generation()
}

/// Received headers after which a message is no longer followed: limits are 256 at most on 2003, and 500 on Receive connectors.
const HEADERS_MAX: u32 = 1_000;

/// Who may have the message: the position of the router in the lap, and the server. With the earliest and the latest lap.
type Held = BTreeMap<(usize, ServerIdx), (u32, u32)>;

/// The servers of a lap that have a limit, with it.
type Limits = BTreeMap<ServerIdx, u32>;

/// Follows a message header by header, through every choice of servers.
fn ends(world: &World<'_>, stops: &[Stop], limits: &Limits, begin: usize) -> Vec<End> {
    let mut ends: BTreeMap<ServerIdx, End> = BTreeMap::new();
    let mut held: Held = stops[begin]
        .enter
        .iter()
        .map(|server| ((begin, *server), (1, 1)))
        .collect();
    for count in 1..=HEADERS_MAX {
        let mut next = Held::new();
        for ((at, server), lap) in held {
            match limits.get(&server) {
                Some(&limit) if count > limit => {
                    let end = ends.entry(server).or_insert(End {
                        server,
                        limit,
                        lap,
                        report: hop_report(world.org, server),
                    });
                    end.lap = (end.lap.0.min(lap.0), end.lap.1.max(lap.1));
                    continue;
                }
                _ => {}
            }
            let mut pass = |to: (usize, ServerIdx), lap: (u32, u32)| {
                let known = next.entry(to).or_insert(lap);
                *known = (known.0.min(lap.0), known.1.max(lap.1));
            };
            if sends(&stops[at], server) {
                let to = (at + 1) % stops.len();
                let again = u32::from(to == begin);
                for taker in &stops[to].enter {
                    pass((to, *taker), (lap.0 + again, lap.1 + again));
                }
            } else {
                stops[at].leave.iter().for_each(|relay| pass((at, *relay), lap));
            }
        }
        held = next;
    }
    ends.into_values().collect()
}
