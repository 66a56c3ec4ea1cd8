//! Who reaches whom.

use std::collections::BTreeMap;

use oxc_index::IndexVec;
use smallvec::SmallVec;

use super::trace::Actor;
use crate::model::{
    Connector, ConnectorIdx, Cut, Delay, Home, Name, Organization, PeerIdx, Place, Scenario, ServerIdx, SimTime,
    SiteIdx, SiteLinkIdx,
};

/// The network as it is now.
#[derive(Clone, Debug)]
pub(super) struct Network {
    cuts: Vec<Cut>,
    /// The site of each server that has one.
    homes: Vec<Option<SiteIdx>>,
}

impl Network {
    pub(super) fn new(org: &Organization) -> Network {
        let homes = org.servers().iter_enumerated().map(|(server, entry)| match entry.home {
            Home::Site(site) => Some(site),
            _ => org.subscribed_site(server),
        });
        Network {
            cuts: Vec::new(),
            homes: homes.collect(),
        }
    }

    pub(super) fn cut(&mut self, cut: Cut) {
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
        }
    }

    /// Mends a cut that is described as it was when it was made.
    pub(super) fn restore(&mut self, cut: Cut) {
        self.cuts.retain(|known| *known != cut);
    }

    /// Whether what `from` sends arrives at `to`. Who talks needs both directions: [`Network::talk`].
    fn passes(&self, from: Actor, to: Actor) -> bool {
        from == to || self.cuts.iter().all(|cut| !self.severs(*cut, from, to))
    }

    fn severs(&self, cut: Cut, from: Actor, to: Actor) -> bool {
        match cut {
            Cut::Off(place) => self.is_in(from, place) != self.is_in(to, place),
            Cut::Between(a, b) => self.is_in(from, a) && self.is_in(to, b) || self.is_in(from, b) && self.is_in(to, a),
            Cut::OneWay(a, b) => self.is_in(from, a) && self.is_in(to, b),
            Cut::SiteLink(_) => false,
        }
    }

    /// Whether somebody is a place or at it.
    pub(super) fn is_in(&self, actor: Actor, place: Place) -> bool {
        match (actor, place) {
            (Actor::Server(server), Place::Server(other)) => server == other,
            (Actor::Server(server), Place::Site(site)) => self.homes[server.index()] == Some(site),
            (Actor::Peer(peer), Place::Peer(other)) => peer == other,
            _ => false,
        }
    }

    /// Whether the two can hold a session: answers have to come back. O(cuts).
    pub(super) fn talk(&self, a: Actor, b: Actor) -> bool {
        self.cuts.is_empty() || self.passes(a, b) && self.passes(b, a)
    }

    /// Whether nothing is cut on these site links.
    pub(super) fn open(&self, links: &[SiteLinkIdx]) -> bool {
        self.cuts
            .iter()
            .all(|cut| !matches!(cut, Cut::SiteLink(link) if links.contains(link)))
    }
}

/// How long hand-overs take.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The most particular first.
    delays: Vec<Delay>,
    usual: std::time::Duration,
}

impl Clock {
    pub(super) fn new(scenario: &Scenario) -> Clock {
        let mut delays = scenario.delays.clone();
        let broad = |place: Place| matches!(place, Place::Site(_));
        // Stable: of two equally particular ones the first of the file counts.
        delays.sort_by_key(|delay| (broad(delay.from), broad(delay.to)));
        Clock {
            delays,
            usual: scenario.settings.transmission_time,
        }
    }

    /// When something that is handed over now has arrived. O(delays).
    pub(super) fn arrival(&self, network: &Network, now: SimTime, from: Actor, to: Actor) -> SimTime {
        if from == to {
            return now;
        }
        let fits = |delay: &&Delay| network.is_in(from, delay.from) && network.is_in(to, delay.to);
        let found = self.delays.iter().find(fits);
        now + found.map_or(self.usual, |delay| delay.delay)
    }
}

/// For each connector who its smart hosts are, in their order.
pub(super) type Hosts = IndexVec<ConnectorIdx, SmallVec<[Option<PeerIdx>; 2]>>;

/// The peers that smart hosts name; `None` stands for a host that is no peer. O(peers + smart hosts).
pub(super) fn hosts(scenario: &Scenario, org: &Organization) -> Hosts {
    let peers = scenario
        .peers
        .iter_enumerated()
        .map(|(index, peer)| (peer.name.folded(), index));
    let peers: BTreeMap<&str, PeerIdx> = peers.collect();
    let peer = |host: &String| peers.get(Name::new(host.as_str()).folded()).copied();
    let of_connector = |connector: &Connector| connector.smart_hosts.iter().map(peer).collect();
    org.connectors().iter().map(of_connector).collect()
}

/// The server of an actor.
pub(super) fn server_of(actor: Actor) -> Option<ServerIdx> {
    match actor {
        Actor::Server(server) => Some(server),
        _ => None,
    }
}
