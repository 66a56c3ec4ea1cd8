//! Scenes of redundancy, set in milliseconds: what goes on there is finer than seconds.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use bridgehead::model::{
    Address, Cut, Delay, Entry, Peer, PeerIdx, Place, ScenarioEventKind as Kind, Settings, TransportDatabase,
};
use bridgehead::model::{Name, ServerIdx};

use super::support::{Play, Played};

pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// What happens to an organization. Names are looked up as in any other play.
#[derive(Clone)]
pub(crate) struct Scene(pub(crate) Play);

impl Deref for Scene {
    type Target = Play;

    fn deref(&self) -> &Play {
        &self.0
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut Play {
        &mut self.0
    }
}

impl Scene {
    pub(crate) fn new(topology: &str) -> Scene {
        Scene(Play::new(topology))
    }

    /// A server, or a system outside that the scene has by then.
    pub(crate) fn place(&self, name: &str) -> Place {
        let peer = self.scenario.peers.iter().position(|peer| peer.name == Name::new(name));
        peer.map_or_else(
            || Place::Server(self.server(name)),
            |peer| Place::Peer(PeerIdx::from_usize(peer)),
        )
    }

    pub(crate) fn set(mut self, change: impl FnOnce(&mut Settings)) -> Scene {
        change(&mut self.scenario.settings);
        self
    }

    pub(crate) fn peer(self, name: &str, shadow: bool, patience: Option<u64>) -> Scene {
        let peer = Peer {
            name: Name::new(name),
            shadow,
            ack_timeout: patience.map(Duration::from_millis),
            span: Default::default(),
        };
        Scene(self.0.peer(peer))
    }

    pub(crate) fn enters(self, at: u64, from: &str, to: &[&str], entry: Entry, size: Option<u64>) -> Scene {
        Scene(self.0.enters(at, from, to, entry, size))
    }

    /// From the Outbox of a mailbox.
    pub(crate) fn mail(self, at: u64, from: &str, to: &[&str]) -> Scene {
        let mailbox = self.org.mailbox(&Address::parse(from)).expect("a mailbox");
        self.enters(at, from, to, Entry::Mapi { mailbox }, None)
    }

    pub(crate) fn delay(mut self, from: &str, to: &str, ms: u64) -> Scene {
        let (from, to) = (self.place(from), self.place(to));
        let delay = Duration::from_millis(ms);
        self.scenario.delays.push(Delay { from, to, delay });
        self
    }

    pub(crate) fn at(self, ms: u64, what: Kind) -> Scene {
        Scene(self.0.event_ms(ms, what))
    }

    fn happens_to(self, ms: u64, server: &str, what: impl FnOnce(ServerIdx) -> Kind) -> Scene {
        let server = self.server(server);
        self.at(ms, what(server))
    }

    pub(crate) fn down(self, ms: u64, server: &str) -> Scene {
        self.happens_to(ms, server, Kind::ServerDown)
    }

    pub(crate) fn destroy(self, ms: u64, server: &str) -> Scene {
        self.happens_to(ms, server, Kind::Destroy)
    }

    pub(crate) fn pause(self, ms: u64, server: &str) -> Scene {
        self.happens_to(ms, server, Kind::Pause)
    }

    /// It comes back as it was.
    pub(crate) fn up(self, ms: u64, server: &str) -> Scene {
        self.happens_to(ms, server, |server| Kind::ServerUp(server, TransportDatabase::Same))
    }

    /// It comes back with another queue database.
    pub(crate) fn up_new(self, ms: u64, server: &str) -> Scene {
        self.happens_to(ms, server, |server| Kind::ServerUp(server, TransportDatabase::New))
    }

    fn between(&self, a: &str, b: &str) -> Cut {
        Cut::Between(self.place(a), self.place(b))
    }

    pub(crate) fn cut(self, ms: u64, a: &str, b: &str) -> Scene {
        let cut = self.between(a, b);
        self.at(ms, Kind::NetworkCut(cut))
    }

    pub(crate) fn mend(self, ms: u64, a: &str, b: &str) -> Scene {
        let cut = self.between(a, b);
        self.at(ms, Kind::NetworkRestore(cut))
    }

    /// A database moves, and loses so many milliseconds of its log.
    pub(crate) fn failover(self, ms: u64, database: &str, to: &str, lost: u64) -> Scene {
        let (database, to) = (self.database(database), Some(self.server(to)));
        let lost_log = Duration::from_millis(lost);
        self.at(ms, Kind::Failover { database, to, lost_log })
    }

    /// Lets it happen, whatever the order in which the events were given.
    pub(crate) fn run(mut self) -> Played {
        self.scenario.events.sort_by_key(|event| event.at);
        self.0.run()
    }
}
