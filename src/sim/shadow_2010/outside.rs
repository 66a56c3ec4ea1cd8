//! Systems outside that speak XSHADOW, such as an Edge server of somebody else: they keep what they have handed over until it
//! is done, and send it again when whoever took it is lost (D27–D33).

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::agenda::Class;
use super::super::kernel::Kernel;
use super::super::state::SenderState;
use super::super::trace::{Actor, CopyIdx, Promotion, What};
use super::Event;
use super::heartbeats::{Keeper, Watch};
use super::hops::HopClass;
use super::queues::Answer;
use crate::model::{MessageIdx, PeerIdx};

/// What a system outside holds.
#[derive(Debug, Default)]
pub(in crate::sim) struct Outside {
    /// What it keeps, by who took it and what that one made of it.
    sent: BTreeMap<(Actor, CopyIdx), Sent>,
    pub(super) watches: BTreeMap<(Keeper, Actor), Watch>,
}

/// A message that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    message: MessageIdx,
    /// Which queue database the server had then.
    database: u32,
}

impl Kernel<'_> {
    /// A system outside has handed a message over: if both sides speak XSHADOW, it keeps it.
    pub(in crate::sim) fn peer_keeps_copy(
        &mut self,
        peer: PeerIdx,
        to: Actor,
        message: MessageIdx,
        made: Option<CopyIdx>,
    ) {
        let Some(made) = made.filter(|_| self.smtp_class(Actor::Peer(peer), to) == HopClass::D) else {
            return;
        };
        let database = self.database_of(to);
        let outside = self.outside_2010.entry(peer).or_default();
        outside.sent.insert((to, made), Sent { message, database });
        self.open_shadows += 1;
        let keeper = Keeper::Peer(peer);
        self.watch(keeper, to);
        self.ask(keeper, to);
        // N22, with the usual expiry: what a system outside sets is not known.
        let life = Duration::from_secs(2 * 86_400).saturating_add(self.auto_discard());
        self.later_2010(self.now + life, Class::Timer, Event::ExpireOutside(peer, to, made));
    }

    /// N22: no notification can come any more. A system outside forgets what it has kept, and returns what it takes to be lost.
    pub(super) fn peer_lets_go(&mut self, peer: PeerIdx, primary: Actor, theirs: CopyIdx) {
        let outside = self.outside_2010.get_mut(&peer);
        let Some(sent) = outside.and_then(|outside| outside.sent.remove(&(primary, theirs))) else {
            return;
        };
        self.open_shadows -= 1;
        let returned = self.is_lost(Keeper::Peer(peer), primary);
        self.tell(What::LetGo {
            from: Actor::Peer(peer),
            message: sent.message,
            returned,
        });
    }

    pub(super) fn peer_keeps(&self, peer: PeerIdx, primary: Actor) -> bool {
        let sent = self.outside_2010.get(&peer).map(|outside| &outside.sent);
        sent.is_some_and(|sent| sent.keys().any(|(to, _)| *to == primary))
    }

    /// A primary has told what is done, and shown which queue database it has.
    pub(super) fn peer_told(&mut self, peer: PeerIdx, primary: Actor, answer: &Answer) {
        let Some(outside) = self.outside_2010.get_mut(&peer) else {
            return;
        };
        for done in answer.done.iter().flatten() {
            if outside.sent.remove(&(primary, *done)).is_some() {
                self.open_shadows -= 1;
            }
        }
        self.peer_sends_again(peer, primary, Some(answer.database), Promotion::NewDatabase);
    }

    /// Whether there is another server for anything that a lost one was given (X3).
    pub(super) fn peer_has_another_way(&self, peer: PeerIdx, primary: Actor) -> bool {
        let sent = self.outside_2010.get(&peer).map(|outside| &outside.sent);
        let mut messages = sent
            .into_iter()
            .flatten()
            .filter(|((to, _), _)| *to == primary)
            .map(|(_, sent)| sent.message);
        messages.any(|message| {
            let servers = self.turned_to(message);
            servers.iter().any(|server| Actor::Server(*server) != primary)
        })
    }

    /// What a server was given, all or what was not in the queue database it has now, is sent again.
    pub(super) fn peer_sends_again(&mut self, peer: PeerIdx, primary: Actor, database: Option<u32>, why: Promotion) {
        let Some(outside) = self.outside_2010.get_mut(&peer) else {
            return;
        };
        let concerned = outside
            .sent
            .iter()
            .filter(|((to, _), sent)| *to == primary && database != Some(sent.database));
        let concerned: Vec<((Actor, CopyIdx), MessageIdx)> =
            concerned.map(|(key, sent)| (*key, sent.message)).collect();
        for (key, _) in &concerned {
            outside.sent.remove(key);
        }
        self.open_shadows -= concerned.len();
        for (_, message) in concerned {
            self.tell(What::SendAgain {
                from: Actor::Peer(peer),
                message,
                primary,
                why,
            });
            if std::mem::replace(&mut self.senders[message], SenderState::Trying) == SenderState::Done {
                self.open_senders += 1;
            }
            self.enter(message);
        }
    }
}
