//! Sessions between groups: bridgeheads compare their tables (m3, LS-1.6).

use std::sync::Arc;

use super::wiring::Channel;
use super::{Event, Propagation};
use crate::linkstate::connector::Availability;
use crate::linkstate::{Conduct, Table};
use crate::model::{ConnectorRef, RoutingGroupConnectorIdx, ServerIdx};

impl Propagation<'_> {
    /// A server's table has changed: the next sessions with other groups carry it there.
    pub(super) fn news_at(&mut self, server: ServerIdx) {
        for pair in self.wiring.clone().pairs_of(server) {
            self.open_session(*pair);
        }
    }

    /// A session is going to open between two groups, unless one is already, or only mail opens them.
    pub(super) fn open_session(&mut self, pair: usize) {
        if let Some(wait) = self.timers.on_session
            && !std::mem::replace(&mut self.sessions[pair], true)
        {
            self.queue.push(self.now + wait, Event::Session { pair });
        }
    }

    /// A connector works again: it may carry what it could not before.
    pub(super) fn sessions_over(&mut self, at: u32) {
        if let Some(pair) = self.wiring.pair_over(at) {
            self.open_session(pair);
        }
    }

    /// A session opens: over the first connector that works, whatever its direction, since both sides tell (Q18). Where only
    /// the side that opened it tells (Q11), one in each direction.
    pub(super) fn session(&mut self, pair: usize) {
        self.sessions[pair] = false;
        let wiring = self.wiring.clone();
        let mut directions = Vec::new();
        for channel in &wiring.pairs()[pair].channels {
            let from = wiring.wire(channel.at).map(|ends| ends.group);
            if directions.contains(&from) || (self.timers.both_ways && !directions.is_empty()) {
                continue;
            }
            if let Some((source, target)) = self.ends(channel) {
                directions.push(from);
                self.exchange(source, target);
            }
        }
    }

    /// Mail opens a session over this connector, if it carries link state now.
    pub(super) fn mail_opens_session(&mut self, connector: RoutingGroupConnectorIdx) {
        let wiring = self.wiring.clone();
        let at = wiring.believable().position(ConnectorRef::RoutingGroup(connector));
        let mut channels = wiring
            .pair_over(at)
            .into_iter()
            .flat_map(|pair| &wiring.pairs()[pair].channels);
        if let Some(channel) = channels.find(|channel| channel.at == at)
            && let Some((source, target)) = self.ends(channel)
        {
            self.exchange(source, target);
        }
    }

    /// The bridgeheads of a session over this connector, if one can open now.
    fn ends(&self, channel: &Channel) -> Option<(ServerIdx, ServerIdx)> {
        let settled = self.timers.conduct == Conduct::Settled;
        let at = channel.at;
        let failed = self.wires[at as usize].as_ref().is_none_or(|wire| wire.failed);
        let ready = |server: &&ServerIdx| {
            self.started[**server] && (settled || self.availability(at, **server) == Availability::Available)
        };
        let source = channel.sources.iter().find(ready)?;
        let target = channel.targets.iter().find(|server| self.started[**server])?;
        let takes_part = |server: ServerIdx| {
            let group = self.org.legacy_group(server);
            group.is_some_and(|group| self.groups[group].master.running().is_some())
        };
        let works = !failed && takes_part(*source) && takes_part(*target);
        (works || settled).then_some((*source, *target))
    }

    /// m3: nothing is told where the digests are the same, that is, the tables (Q10); else each side takes what is newer.
    fn exchange(&mut self, opener: ServerIdx, other: ServerIdx) {
        let (Some(ours), Some(theirs)) = (self.tables[opener].clone(), self.tables[other].clone()) else {
            return;
        };
        if ours == theirs {
            return;
        }
        self.hears(other, &ours);
        if self.timers.both_ways {
            self.hears(opener, &theirs);
        }
    }

    /// A bridgehead takes what is newer and passes it to its master, who tells the members. Where nobody is the master and
    /// link state passes nevertheless ([`Conduct::Settled`]), it tells the other members itself.
    fn hears(&mut self, server: ServerIdx, remote: &Table) {
        let Some(group) = self.org.legacy_group(server) else {
            return;
        };
        let master = self.groups[group].master.running();
        if master == Some(server) {
            self.master_hears(group, server, remote);
            return;
        }
        let Some(own) = &mut self.tables[server] else { return };
        if own.merge(remote).is_empty() {
            return;
        }
        let table = Arc::new(own.clone());
        self.news_at(server);
        match master {
            Some(to) => {
                let event = Event::Pass { to, table };
                self.queue.push(self.now + self.timers.within_group, event);
            }
            None => self.send_to_members(group, server),
        }
    }
}
