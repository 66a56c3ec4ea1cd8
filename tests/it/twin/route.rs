//! One record of the next-hop table: a sender's plan towards a router.

use serde_json::{Map, Value, json};

use super::file::{Generation, Version};
use super::group_paths::{self, from_group, from_site};
use super::org::{Node, Org, Place};
use super::restrictions::{Message, permits};
use super::site_paths::{SitePath, closest};
use super::{Backoff, Options};

/// Who plans: a site as its representative, a server by itself, or a legacy group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) place: Place,
    /// The transport server it routes as; none in a legacy group, unless one of its servers was asked for.
    pub(super) server: Option<usize>,
}

impl Sender {
    /// D3. `None` for a place that is no router.
    pub(super) fn of_place(org: &Org, place: Place) -> Option<Self> {
        let server = match place {
            Place::Site(site) => org.sites[site].representative,
            Place::Group(_) => None,
        };
        org.is_router(place).then_some(Self { place, server })
    }

    pub(super) fn generation(self, org: &Org) -> Generation {
        self.server
            .map_or(Generation::Legacy, |server| org.servers[server].version.generation())
    }

    /// R62, R66: 2007 RTM sees no limit on site links and connectors between groups.
    pub(super) fn sees_limits(self, org: &Org) -> bool {
        self.server
            .is_some_and(|server| org.servers[server].version > Version::Exchange2007Rtm)
    }
}

/// What is crossed between two nodes of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossed {
    SiteLink(usize),
    Connector(usize),
}

#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) routing_group_cost: u64,
    pub(super) site_cost: u64,
    pub(super) path: Vec<Place>,
    pub(super) crossed: Vec<Crossed>,
    pub(super) next_hop: Place,
    pub(super) relay: &'static str,
    pub(super) backoff: Vec<usize>,
    pub(super) decided_by: &'static str,
    pub(super) ambiguous: bool,
}

/// What a legacy sender takes into account; the 2007 side knows neither restrictions nor states (R35, R45 to R47).
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    /// Whether a connector between groups may be crossed.
    pub(super) may_cross: &'a dyn Fn(usize) -> bool,
    /// Whether a server takes mail (RT-2.10).
    pub(super) is_up: &'a dyn Fn(usize) -> bool,
}

impl<'a> Sight<'a> {
    /// Every server is up.
    pub(super) fn all_up(may_cross: &'a dyn Fn(usize) -> bool) -> Self {
        Self {
            may_cross,
            is_up: &|_| true,
        }
    }
}

/// The plan of `sender` towards another router. `sight` is that of a legacy sender.
pub(super) fn plan(org: &Org, options: &Options, sender: Sender, to: Place, sight: Sight<'_>) -> Option<Route> {
    match (sender.place, sender.server, to) {
        (Place::Site(from), Some(server), Place::Site(to)) => between_sites(org, options, from, server, to),
        (Place::Site(from), Some(server), Place::Group(to)) => site_to_group(org, options, from, server, to),
        (Place::Group(from), ..) => from_legacy(org, from, to, sight),
        (Place::Site(_), None, _) => None,
    }
}

/// RT-2.2, RT-2.3.
fn between_sites(org: &Org, options: &Options, from: usize, server: usize, to: usize) -> Option<Route> {
    let path = org.site_paths[from][to].as_ref()?;
    let (stop, backoff) = stop_and_backoff(org, options, server, path);
    Some(Route {
        routing_group_cost: 0,
        site_cost: path.cost,
        path: path.sites.iter().copied().map(Place::Site).collect(),
        crossed: path.links.iter().copied().map(Crossed::SiteLink).collect(),
        next_hop: Place::Site(stop),
        relay: if stop == to { "direct" } else { "hub_site" },
        backoff,
        decided_by: path.decided_by,
        ambiguous: false,
    })
}

/// RT-2.7, D17.
fn site_to_group(org: &Org, options: &Options, from: usize, server: usize, to: usize) -> Option<Route> {
    let chosen = from_site(org, options, from, org.servers[server].version, to)?;
    let to_source = org.site_paths[from][chosen.source_site].as_ref()?;
    let mut path: Vec<Place> = to_source.sites.iter().copied().map(Place::Site).collect();
    let mut crossed: Vec<Crossed> = to_source.links.iter().copied().map(Crossed::SiteLink).collect();
    for &connector in &chosen.sequence {
        crossed.push(Crossed::Connector(connector));
        match org.group_connectors[connector].to {
            Node::Legacy(group) => path.push(Place::Group(group)),
            Node::E2007 => unreachable!("a sequence from the 2007 group never comes back to it"),
        }
    }
    let (next_hop, relay, backoff) = if chosen.source_site == from {
        (path[1], "routing_group", Vec::new())
    } else {
        let (stop, backoff) = stop_and_backoff(org, options, server, to_source);
        let relay = if stop == chosen.source_site {
            "connector_source"
        } else {
            "hub_site"
        };
        (Place::Site(stop), relay, backoff)
    };
    Some(Route {
        routing_group_cost: chosen.cost,
        site_cost: chosen.site_cost,
        path,
        crossed,
        next_hop,
        relay,
        backoff,
        decided_by: chosen.decided_by,
        ambiguous: false,
    })
}

/// RT-2.3: the first hub site on the path after the sender, else its last site. And the sites that take the
/// mail when that one does not answer.
fn stop_and_backoff(org: &Org, options: &Options, server: usize, path: &SitePath) -> (usize, Vec<usize>) {
    let last = path.sites.len() - 1;
    let stop = (1..last).find(|&at| org.is_hub_stop(path.sites[at])).unwrap_or(last);
    let generation = org.servers[server].version.generation();
    let binary = options.backoff == Backoff::Binary
        && matches!(generation, Generation::E2007 | Generation::E2010)
        && path.hops() > 4;
    let positions: Vec<usize> = if binary {
        halfway_points(stop)
    } else {
        (1..stop).rev().collect()
    };
    let sites = positions.into_iter().map(|at| path.sites[at]);
    (
        path.sites[stop],
        sites.filter(|&site| org.has_transport(site)).collect(),
    )
}

/// D9: halfway between the sender and the stop, then halfway to that point, and so on.
fn halfway_points(stop: usize) -> Vec<usize> {
    let mut points = Vec::new();
    let mut high = stop;
    while high / 2 != 0 {
        high /= 2;
        points.push(high);
    }
    points
}

/// RT-2.8, D14 to D16.
fn from_legacy(org: &Org, from: usize, to: Place, sight: Sight<'_>) -> Option<Route> {
    let target = match to {
        Place::Site(_) => Node::E2007,
        Place::Group(group) => Node::Legacy(group),
    };
    let chosen = from_group(org, from, target, sight.may_cross)?;
    let mut route = Route {
        routing_group_cost: chosen.cost,
        site_cost: 0,
        path: vec![Place::Group(from)],
        crossed: Vec::new(),
        next_hop: Place::Group(from),
        relay: "routing_group",
        backoff: Vec::new(),
        decided_by: chosen.decided_by,
        ambiguous: chosen.is_one_of_several,
    };
    for &connector in &chosen.sequence {
        if org.group_connectors[connector].from == Node::E2007 {
            let (exit, _) = closest(
                org,
                route.last_site(),
                &org.sites_of(&org.group_connectors[connector].sources),
            )?;
            route.cross_sites(org, exit)?;
        }
        route.crossed.push(Crossed::Connector(connector));
        match org.group_connectors[connector].to {
            Node::Legacy(group) => route.path.push(Place::Group(group)),
            Node::E2007 => {
                route.path.push(Place::Site(entry_site(org, connector, sight)));
                // Any of the target servers may be taken, and the path goes on from its site.
                route.ambiguous |= org.sites_of(&targets_up(org, connector, sight)).len() > 1;
            }
        }
    }
    if let Place::Site(site) = to {
        route.cross_sites(org, site)?;
    }
    route.next_hop = route.path[1];
    Some(route)
}

/// RT-2.10: target servers that are down are passed over. Where all are, none is better than another.
fn targets_up(org: &Org, connector: usize, sight: Sight<'_>) -> Vec<usize> {
    let targets = &org.group_connectors[connector].targets;
    let up: Vec<usize> = targets
        .iter()
        .copied()
        .filter(|&server| (sight.is_up)(server))
        .collect();
    if up.is_empty() { targets.clone() } else { up }
}

/// D15: the site of the lowest-named usable target server.
fn entry_site(org: &Org, connector: usize, sight: Sight<'_>) -> usize {
    let lowest = targets_up(org, connector, sight)
        .into_iter()
        .min_by_key(|&server| &org.servers[server].name)
        .expect("a usable connector has targets");
    org.site_of(lowest)
        .expect("a usable target in the 2007 group has a site")
}

/// Where legacy mail comes out of the connectors when it is for the 2007 group.
pub(super) fn entry_from_group(org: &Org, group: usize, sight: Sight<'_>) -> Option<usize> {
    let chosen = group_paths::from_group(org, group, Node::E2007, sight.may_cross)?;
    Some(entry_site(org, *chosen.sequence.last()?, sight))
}

impl Route {
    fn last_site(&self) -> usize {
        match self.path.last() {
            Some(Place::Site(site)) => *site,
            _ => unreachable!("a connector from the 2007 group follows one that leads into it"),
        }
    }

    /// Goes on along the least-cost path to `to`, which may be the site where the route already is.
    fn cross_sites(&mut self, org: &Org, to: usize) -> Option<()> {
        let stretch = org.site_paths[self.last_site()][to].as_ref()?;
        self.site_cost += stretch.cost;
        self.path.extend(stretch.sites[1..].iter().copied().map(Place::Site));
        self.crossed
            .extend(stretch.links.iter().copied().map(Crossed::SiteLink));
        Some(())
    }

    /// The first site on the path of legacy mail: it sees what comes in by a connector.
    pub(super) fn entry(&self) -> Option<usize> {
        self.path.iter().find_map(|place| match place {
            Place::Site(site) => Some(*site),
            Place::Group(_) => None,
        })
    }
}

/// Contract, section 3: `{"site": …}` or `{"routing_group": …}`.
pub(super) fn place_json(org: &Org, place: Place) -> Value {
    match place {
        Place::Site(site) => json!({ "site": org.sites[site].name.written }),
        Place::Group(group) => json!({ "routing_group": org.groups[group].name.written }),
    }
}

/// The record of the contract's `routes`; without a route the outcome is `unreachable` and the rest absent.
pub(super) fn record_json(org: &Org, from: Place, to: Place, route: Option<&Route>) -> Value {
    let mut record = Map::new();
    record.insert("from".into(), place_json(org, from));
    record.insert("to".into(), place_json(org, to));
    record.insert(
        "outcome".into(),
        json!(if route.is_some() { "route" } else { "unreachable" }),
    );
    if let Some(route) = route {
        let places = |places: &[Place]| places.iter().map(|&place| place_json(org, place)).collect::<Value>();
        let name = |crossed: &Crossed| match *crossed {
            Crossed::SiteLink(link) => org.links[link].name.written.as_str(),
            Crossed::Connector(connector) => org.group_connectors[connector].name.written.as_str(),
        };
        let backoff: Vec<Place> = route.backoff.iter().copied().map(Place::Site).collect();
        record.insert("routing_group_cost".into(), json!(route.routing_group_cost));
        record.insert("site_cost".into(), json!(route.site_cost));
        record.insert("hops".into(), json!(route.crossed.len()));
        record.insert("path".into(), places(&route.path));
        record.insert("links".into(), route.crossed.iter().map(name).collect::<Value>());
        record.insert("next_hop".into(), place_json(org, route.next_hop));
        record.insert("relay".into(), json!(route.relay));
        record.insert("backoff".into(), places(&backoff));
        record.insert("decided_by".into(), json!(route.decided_by));
        if route.ambiguous {
            record.insert("ambiguous".into(), json!(true));
        }
    }
    Value::Object(record)
}

/// The `routes` of an organization: one record for every ordered pair of routers.
pub(crate) fn routes(org: &Org, options: &Options) -> Value {
    let sites = (0..org.sites.len()).map(Place::Site);
    let groups = (0..org.groups.len()).map(Place::Group);
    let mut routers: Vec<Place> = sites.chain(groups).filter(|&place| org.is_router(place)).collect();
    routers.sort_by_key(|&place| org.place_order(place));
    // D20: the table is that of a normal message.
    let normal = Message::default();
    let lets_pass = |connector: usize| permits(&org.group_connectors[connector].restrictions, &normal);
    let mut records = Vec::new();
    for &from in &routers {
        let sender = Sender::of_place(org, from).expect("a router can send");
        for &to in routers.iter().filter(|&&to| to != from) {
            let route = plan(org, options, sender, to, Sight::all_up(&lets_pass));
            records.push(record_json(org, from, to, route.as_ref()));
        }
    }
    Value::Array(records)
}
