//! Which kind of hop each hand-over is: the scenarios A to F of the 2010 documentation.

use super::super::kernel::Kernel;
use super::super::trace::Actor;
use crate::model::Generation;

/// One end of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// A program of a user: it keeps nothing that anybody else could send again.
    Client,
    /// Mailboxes on a server of some generation.
    Store(Generation),
    /// A transport server of the organization: hub, Edge, bridgehead.
    Transport(Generation),
    /// A transport system of somebody else.
    System {
        /// Whether it speaks XSHADOW (A26).
        shadow: bool,
    },
}

/// Kinds of hops. Every hop is of exactly one (A1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HopClass {
    /// A client stores an item: nothing is redundant (A4).
    A,
    /// A hub pulls an item from an Outbox (A6–A16).
    B,
    /// A hub delivers to mailboxes (A17–A23).
    C,
    /// Between two transport servers that both speak XSHADOW (A24–A38).
    D,
    /// To a system that does not (A39–A45).
    E,
    /// From a system that does not: the acknowledgement is delayed (A46–A60).
    F,
    /// No 2010 server is at either end, or the two never talk (A6, A17).
    Outside,
}

impl HopClass {
    /// Whether the organization promises anything about a message on this hop (A2).
    pub fn is_covered(self) -> bool {
        matches!(self, HopClass::B | HopClass::C | HopClass::D | HopClass::F)
    }
}

/// The kind of a hop in one direction. Total and pure.
pub fn classify(from: Party, to: Party) -> HopClass {
    use Generation::Exchange2010;
    use Party::{Client, Store, System, Transport};
    match (from, to) {
        (Client, Store(Exchange2010)) => HopClass::A,
        (Store(Exchange2010), Transport(Exchange2010)) => HopClass::B,
        (Transport(Exchange2010), Store(Exchange2010)) => HopClass::C,
        (Transport(Exchange2010) | System { shadow: true }, Transport(Exchange2010))
        | (Transport(Exchange2010), System { shadow: true }) => HopClass::D,
        // 2013 advertises nothing to a hub (S35).
        (Transport(Exchange2010), Transport(_) | System { shadow: false }) => HopClass::E,
        (Client | Transport(_) | System { shadow: false }, Transport(Exchange2010)) => HopClass::F,
        _ => HopClass::Outside,
    }
}

impl Kernel<'_> {
    /// Who takes part in transport as what.
    fn party(&self, actor: Actor) -> Party {
        match actor {
            Actor::Server(server) => Party::Transport(self.stage.org.servers()[server].version.generation()),
            Actor::Peer(peer) => Party::System {
                shadow: self.stage.scenario.peers[peer].shadow,
            },
            Actor::Client => Party::Client,
            Actor::Outside => Party::System { shadow: false },
        }
    }

    /// The kind of a hop by SMTP. Negotiated anew in every session (A26b), and never XSHADOW where it is switched off (S20).
    pub(super) fn smtp_class(&self, from: Actor, to: Actor) -> HopClass {
        match classify(self.party(from), self.party(to)) {
            HopClass::D if !self.shadows_are_on() => HopClass::E,
            class => class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Generation::{Exchange2007Rtm, Exchange2007Sp1, Exchange2010, Exchange2013, Legacy};

    const GENERATIONS: [Generation; 5] = [Legacy, Exchange2007Rtm, Exchange2007Sp1, Exchange2010, Exchange2013];

    fn parties() -> Vec<Party> {
        let stores = GENERATIONS.map(Party::Store);
        let transport = GENERATIONS.map(Party::Transport);
        let systems = [true, false].map(|shadow| Party::System { shadow });
        let all = stores.into_iter().chain(transport).chain(systems);
        all.chain([Party::Client]).collect()
    }

    /// A1: every pair has a class, and only pairs with a 2010 end have one of A to F.
    #[test]
    fn every_hop_is_of_one_class() {
        let is_2010 = |party| matches!(party, Party::Store(Exchange2010) | Party::Transport(Exchange2010));
        let mut counts = std::collections::BTreeMap::new();
        for from in parties() {
            for to in parties() {
                let class = classify(from, to);
                assert!(
                    is_2010(from) || is_2010(to) || class == HopClass::Outside,
                    "{from:?} {to:?}"
                );
                *counts.entry(format!("{class:?}")).or_insert(0) += 1;
            }
        }
        // 13 parties, 169 pairs. E: 4 other generations and plain systems. F: those, and clients.
        let expect = [
            ("A", 1),
            ("B", 1),
            ("C", 1),
            ("D", 3),
            ("E", 5),
            ("F", 6),
            ("Outside", 152),
        ];
        assert_eq!(
            counts.into_iter().collect::<Vec<_>>(),
            expect.map(|(name, n)| (name.to_owned(), n))
        );
    }

    /// A2: nothing is promised before the store has the item and after it has left to somebody who does not take part.
    #[test]
    fn nothing_is_promised_outside_the_protected_zone() {
        let hub = Party::Transport(Exchange2010);
        let plain = Party::System { shadow: false };
        assert!(!classify(Party::Client, Party::Store(Exchange2010)).is_covered());
        assert!(!classify(hub, plain).is_covered());
        assert!(!classify(hub, Party::Transport(Legacy)).is_covered());
        assert!(classify(Party::Store(Exchange2010), hub).is_covered());
        assert!(classify(hub, Party::Store(Exchange2010)).is_covered());
        assert!(classify(hub, hub).is_covered());
        assert!(classify(plain, hub).is_covered());
    }

    /// A6, A17: 2010 mailboxes and hubs of other versions never talk.
    #[test]
    fn mailboxes_and_hubs_of_different_versions_do_not_talk() {
        for other in [Legacy, Exchange2007Rtm, Exchange2007Sp1, Exchange2013] {
            let (store, hub) = (Party::Store(Exchange2010), Party::Transport(Exchange2010));
            assert_eq!(classify(store, Party::Transport(other)), HopClass::Outside);
            assert_eq!(classify(hub, Party::Store(other)), HopClass::Outside);
        }
    }
}
