//! What is down, and where mail waits (D38 to D40).

use super::explain::Case;
use super::file::Generation;
use super::names::Name;
use super::org::{Org, Place};
use super::route::{Crossed, Route, Sender, Sight, plan};
use super::site_paths::closest;

/// The things named by `--down`, looked up.
#[derive(Debug, Default)]
pub(super) struct Down {
    servers: Vec<bool>,
    links: Vec<bool>,
    group_connectors: Vec<bool>,
    connectors: Vec<bool>,
    /// By connector between groups: legacy servers believe it down (D40).
    believed_group_connectors: Vec<bool>,
    /// By connector to the outside.
    believed_connectors: Vec<bool>,
}

impl Down {
    pub(super) fn new(org: &Org, named: &[(String, String)]) -> Self {
        let is_named = |kind: &str, name: &Name| named.iter().any(|(k, n)| k == kind && name.is(n));
        let servers: Vec<bool> = (0..org.servers.len())
            .map(|server| {
                let site_down = org
                    .site_of(server)
                    .is_some_and(|site| is_named("site", &org.sites[site].name));
                site_down || is_named("server", &org.servers[server].name)
            })
            .collect();
        let group_connectors: Vec<bool> = org
            .group_connectors
            .iter()
            .map(|connector| is_named("connector", &connector.name))
            .collect();
        let connectors: Vec<bool> = org
            .connectors
            .iter()
            .map(|connector| is_named("connector", &connector.name))
            .collect();
        let all_down = |of: &[usize]| !of.is_empty() && of.iter().all(|&server| servers[server]);
        let believed = |(connector, named): (&super::org::GroupConnector, &bool)| {
            *named || all_down(&connector.sources) || all_down(&connector.targets)
        };
        Self {
            links: org.links.iter().map(|link| is_named("link", &link.name)).collect(),
            believed_group_connectors: org
                .group_connectors
                .iter()
                .zip(&group_connectors)
                .map(believed)
                .collect(),
            believed_connectors: org
                .connectors
                .iter()
                .zip(&connectors)
                .map(|(connector, named)| *named || all_down(&connector.usable_sources))
                .collect(),
            servers,
            group_connectors,
            connectors,
        }
    }

    pub(super) fn is_believed_down(&self, connector: usize) -> bool {
        self.believed_connectors[connector]
    }

    pub(super) fn is_group_connector_believed_down(&self, connector: usize) -> bool {
        self.believed_group_connectors[connector]
    }

    /// D38: whoever is asked as one server of several is down with it; a place is down when everybody there is.
    pub(super) fn is_sender_down(&self, org: &Org, sender: Sender) -> bool {
        let of_place = Sender::of_place(org, sender.place).and_then(|place| place.server);
        if let Some(server) = sender.server.filter(|_| sender.server != of_place) {
            return self.servers[server];
        }
        self.all_down((0..org.servers.len()).filter(|&server| {
            let routes = match sender.place {
                Place::Site(_) => org.servers[server].transport,
                Place::Group(_) => true,
            };
            routes && org.servers[server].place == Some(sender.place)
        }))
    }

    pub(super) fn is_server_down(&self, server: usize) -> bool {
        self.servers[server]
    }

    fn all_down(&self, servers: impl IntoIterator<Item = usize>) -> bool {
        servers.into_iter().all(|server| self.servers[server])
    }
}

/// How far mail gets.
#[derive(Debug, Default)]
pub(super) struct Journey {
    pub(super) tried: Vec<Place>,
    pub(super) queued_at: Option<Place>,
}

impl Journey {
    fn tries(&mut self, place: Place) {
        if !self.tried.contains(&place) {
            self.tried.push(place);
        }
    }

    fn queued_at(mut self, place: Place) -> Self {
        self.queued_at = Some(place);
        self
    }
}

/// D39: follows mail from a site to `to`, and over `connector` when it leaves the organization there.
/// `ends` are the sites of a delivery group over several sites.
pub(super) fn follow(case: &Case<'_>, sender: Sender, to: Place, connector: Option<usize>, ends: &[usize]) -> Journey {
    let (org, down) = (case.org, case.down);
    let mut journey = Journey::default();
    let mut holders = Vec::new();
    let mut holder = sender;
    while let Place::Site(site) = holder.place {
        // Two sites of different versions can see different connectors and hand mail back and forth.
        if holders.contains(&site) {
            return journey;
        }
        holders.push(site);
        if holder.place == to || (holders.len() > 1 && ends.contains(&site)) {
            return match connector {
                Some(connector) if !leaves(case, site, connector) => journey.queued_at(holder.place),
                _ => journey,
            };
        }
        let Some(route) = plan(org, case.options, holder, to, Sight::all_up(&|_| true)) else {
            return journey;
        };
        if let Place::Group(group) = route.next_hop {
            journey.tries(route.next_hop);
            let Crossed::Connector(first) = route.crossed[0] else {
                unreachable!("only a connector leads to a group");
            };
            if !crosses(case, site, first) {
                return journey.queued_at(holder.place);
            }
            return hand_over(case, journey, group, to);
        }
        let tries = |stop: Place, journey: &mut Journey| {
            journey.tries(stop);
            let reached = route
                .path
                .iter()
                .position(|&place| place == stop)
                .expect("a stop is on the path");
            answers(down, org, stop, &route.crossed[..reached])
        };
        let answering = if tries(route.next_hop, &mut journey) {
            Some(route.next_hop)
        } else {
            // RT-2.13: before anybody on the way, 2013 tries the other sites of the delivery group.
            other_end(case, holder, &route, ends, &mut journey).or_else(|| {
                let mut backoff = route.backoff.iter().copied().map(Place::Site);
                backoff.find(|&stop| tries(stop, &mut journey))
            })
        };
        match answering.and_then(|place| Sender::of_place(org, place)) {
            Some(next) => holder = next,
            None => return journey.queued_at(holder.place),
        }
    }
    journey
}

/// The closest of the other sites of a delivery group that answers, when the holder is of 2013 or later and the site that
/// does not answer is the group's own and no hub site.
fn other_end(case: &Case<'_>, holder: Sender, route: &Route, ends: &[usize], journey: &mut Journey) -> Option<Place> {
    let org = case.org;
    let Place::Site(primary) = route.next_hop else {
        return None;
    };
    let is_last_stop = route.path.last() == Some(&route.next_hop) && !org.is_hub_stop(primary);
    if !is_last_stop || holder.generation(org) != Generation::E2013AndLater {
        return None;
    }
    let mut left: Vec<usize> = ends.iter().copied().filter(|&site| site != primary).collect();
    let Place::Site(from) = holder.place else {
        return None;
    };
    while let Some((site, _)) = closest(org, from, &left) {
        left.retain(|&other| other != site);
        let place = Place::Site(site);
        journey.tries(place);
        let way = plan(org, case.options, holder, place, Sight::all_up(&|_| true))?;
        if answers(case.down, org, place, &way.crossed) {
            return Some(place);
        }
    }
    None
}

/// D38: one of its transport servers is up, and no link on the way to it is down.
fn answers(down: &Down, org: &Org, place: Place, way: &[Crossed]) -> bool {
    let transport = (0..org.servers.len())
        .filter(|&server| org.servers[server].transport && org.servers[server].place == Some(place));
    let passes = |crossed: &Crossed| match *crossed {
        Crossed::SiteLink(link) => !down.links[link],
        Crossed::Connector(connector) => !down.group_connectors[connector],
    };
    !down.all_down(transport) && way.iter().all(passes)
}

/// Mail at a source site of a connector to the outside gets out.
fn leaves(case: &Case<'_>, site: usize, connector: usize) -> bool {
    let sources = case.org.connectors[connector].usable_sources.iter().copied();
    let here = sources.filter(|&server| case.org.site_of(server) == Some(site));
    !case.down.connectors[connector] && !case.down.all_down(here)
}

/// Mail at a source site of a connector between groups gets to its other end.
fn crosses(case: &Case<'_>, site: usize, connector: usize) -> bool {
    let ends = &case.org.group_connectors[connector];
    let here = ends
        .sources
        .iter()
        .copied()
        .filter(|&server| case.org.site_of(server) == Some(site));
    !case.down.group_connectors[connector]
        && !case.down.all_down(here)
        && !case.down.all_down(ends.targets.iter().copied())
}

/// A legacy group has the mail: from here on it decides, and it knows what is down (D40).
fn hand_over(case: &Case<'_>, journey: Journey, group: usize, to: Place) -> Journey {
    let here = Place::Group(group);
    let legacy = Sender {
        place: here,
        server: None,
    };
    let has_way = |sight: Sight<'_>| here == to || plan(case.org, case.options, legacy, to, sight).is_some();
    if !case.as_it_is(has_way) && case.all_up(has_way) {
        journey.queued_at(here)
    } else {
        journey
    }
}
