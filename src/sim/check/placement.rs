//! Where things may be put: which hub takes what in a DAG of 2010 (D8–D13), which site has the shadow (S47, S51), and what no
//! Safety Net may give back (S32).

use std::time::Duration;

use super::Checker;
use super::ledger::Item;
use super::violation::Invariant;
use crate::delivery::DeliveryGroup;
use crate::model::{DatabaseHome, DatabaseIdx, Generation, MessageIdx, Node, ScenarioEventKind, ServerIdx, SimTime};
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Safe, Store, What};

/// Hand-overs that take longer can run into a timeout, after which another server is tried (T16–T18).
const PATIENCE: Duration = Duration::from_secs(60);

impl Checker<'_> {
    pub(super) fn look_at_placement(&mut self, what: &What) {
        match what {
            What::Scenario(position) => self.begins_to_move(*position),
            What::Mounted {
                store: Store::Database(database),
                ..
            } => {
                self.moving.remove(database);
            }
            What::NotifyMapi { server, hub, message } if server == hub => {
                let item = self.accounts.get(message).map(|account| account.item);
                if let Some(Item::Outbox(Store::Database(database), _)) = item
                    && self.is_of_a_dag(database)
                    && self.has_other_hub(*server)
                {
                    let what = "an item of a DAG goes to the hub of its own server, and another one answers (D8)";
                    let evidence = [(self.now, "it is told to pull the item", Some(*hub), None)];
                    self.report(Invariant::I5, (Some(*message), None), what, &evidence);
                }
            }
            What::Transfer {
                server,
                copy,
                recipients,
                hop,
            } => self.queued(*server, *copy, recipients, *hop),
            What::HaReceive {
                server, primary, of, ..
            } => self.shadowed_in(*server, *primary, *of),
            What::Replay {
                of,
                safe: Safe::PrimarySafetyNet,
                recipients,
                ..
            } => self.must_have_stayed(*of, recipients),
            _ => {}
        }
    }

    /// From a failover until the mount nobody can tell from the trace where a database is.
    fn begins_to_move(&mut self, position: u32) {
        let events = &self.world.stage.scenario().events;
        let event = usize::try_from(position).ok().and_then(|at| events.get(at));
        if let Some(ScenarioEventKind::Failover { database, .. }) = event.map(|event| &event.what) {
            self.moving.insert(*database);
        }
    }

    /// Whether a 2010 hub has another one in its site that answers it.
    fn has_other_hub(&self, server: ServerIdx) -> bool {
        let org = self.world.stage.org();
        let is_hub = |at: &ServerIdx| {
            self.world.generation(*at) == Generation::Exchange2010
                && org.transport_site(*at) == org.transport_site(server)
        };
        let mut servers = org.servers().iter_enumerated().map(|(at, _)| at);
        is_hub(&server)
            && org.transport_site(server).is_some()
            && servers.any(|at| at != server && is_hub(&at) && self.world.is_up(at) && self.world.talk(server, at))
    }

    /// Whether a database of a DAG is active on a server; `None`: it is about to move.
    fn is_active_on(&self, database: DatabaseIdx, server: ServerIdx) -> Option<bool> {
        let store = Store::Database(database);
        let here = self.world.host(store) == Some(server);
        (!self.moving.contains(&database)).then_some(here && self.is_of_a_dag(database))
    }

    fn is_of_a_dag(&self, database: DatabaseIdx) -> bool {
        let home = self.world.stage.org().databases()[database].home;
        matches!(home, DatabaseHome::Dag(_))
    }

    /// The queue of a 2010 hub for mail that another hub of its site is to deliver (D11).
    fn aside(&self, server: ServerIdx) -> Option<Hop> {
        if self.world.generation(server) != Generation::Exchange2010 {
            return None;
        }
        let site = self.world.stage.org().transport_site(server)?;
        Some(Hop::Within(DeliveryGroup::Mailboxes(
            Node::Site(site),
            Generation::Exchange2010,
        )))
    }

    /// D13: how often hubs have had another one deliver what a hub of 2010 gives to another now, at least and at most: it may have
    /// several copies for these recipients.
    pub(super) fn rerouted_before(
        &mut self,
        sender: ServerIdx,
        server: ServerIdx,
        message: MessageIdx,
        recipients: &Recipients,
    ) -> (u32, u32) {
        let (Some(aside), Generation::Exchange2010) = (self.aside(sender), self.world.generation(server)) else {
            return (0, 0);
        };
        let waiting = self.waiting(message);
        let of_sender = waiting
            .iter()
            .filter_map(|copy| self.copies.get(copy))
            .filter(|parent| parent.server == sender);
        let counts = of_sender.filter_map(|parent| {
            let mut hops = recipients.iter().map(|recipient| parent.pending.get(recipient));
            let first = hops.next()??;
            let more = u32::from(*first == Some(aside));
            hops.all(|hop| hop.is_some()).then_some((parent.reroutes, more))
        });
        let counts = counts.map(|((least, most), more)| (least.saturating_add(more), most.saturating_add(more)));
        let both = counts.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        both.unwrap_or_default()
    }

    /// D10, D11, D13: a hub hands mail for databases that are active on its own server to another hub, as often as it may, and no
    /// other mail for mailboxes of its site.
    fn queued(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients, hop: Hop) {
        let Some(aside) = self.aside(server) else { return };
        let limit = self.world.stage.scenario().settings.hub_reroutes;
        let (least, most) = self.copies.get(&copy).map_or((0, 0), |known| known.reroutes);
        let what = match hop {
            Hop::Store(Store::Database(database)) if self.is_active_on(database, server) == Some(true) => {
                (most < limit && self.has_other_hub(server))
                    .then_some("a hub delivers to a database of its own server, and another hub answers (D11)")
            }
            _ if hop == aside => {
                let elsewhere = |recipient: &RecipientIdx| match self.world.store_of(*recipient) {
                    Some(Store::Database(database)) => self.is_active_on(database, server) == Some(false),
                    _ => true,
                };
                if recipients.iter().any(elsewhere) {
                    Some("mail goes over another hub, and its database is active elsewhere (D10)")
                } else {
                    (least >= limit).then_some("mail goes over another hub more often than it may (D13)")
                }
            }
            _ => None,
        };
        if let Some(what) = what {
            self.blame(Invariant::I5, copy, what);
        }
    }

    /// S47, S51: while another site can have the shadow, the own one does not get it. Said only where the trace leaves no doubt:
    /// every server of the other sites may be tried, nothing has failed since the message came, and one of them was there before.
    fn shadowed_in(&mut self, shadow: ServerIdx, primary: ServerIdx, of: CopyIdx) {
        let org = self.world.stage.org();
        let config = org.transport_config();
        let setting = config.shadow_message_preference_setting.as_deref();
        let remote_first = !matches!(setting, Some("LocalOnly" | "RemoteOnly"));
        let Some(since) = self.copies.get(&of).map(|known| known.received_at) else {
            return;
        };
        let of_other_sites = |at: &ServerIdx| {
            *at != primary && self.world.in_boundary(primary, *at) && self.world.site(*at) != self.world.site(primary)
        };
        let servers = org.servers().iter_enumerated().map(|(at, _)| at);
        let remote: Vec<ServerIdx> = servers.filter(of_other_sites).collect();
        let before = |at: Option<SimTime>| at.is_none_or(|at| at < since);
        let calm = before(self.world.broken_at) && before(self.world.restored_at) && self.world.slowest() <= PATIENCE;
        let there = |at: &ServerIdx| {
            let machine = self.world.machine(*at);
            // Who starts at the very instant at which the message comes may start after that.
            let before = machine.since < since || machine.since == SimTime::ZERO;
            self.world.is_up(*at) && before && self.world.talk(primary, *at)
        };
        let passed_over = remote.iter().any(there);
        let all_tried = u32::try_from(remote.len()).is_ok_and(|count| count <= self.world.tries().0);
        if remote_first && calm && all_tried && passed_over && !of_other_sites(&shadow) {
            let what = "a shadow is in the site of its message, and another site has room for it (S47)";
            self.blame(Invariant::I5, of, what);
        }
    }

    /// S32: what has left the boundary is never delivered again.
    fn must_have_stayed(&mut self, of: CopyIdx, recipients: &Recipients) {
        let Some(known) = self.copies.get(&of) else { return };
        let server = known.server;
        let left = |to: &Option<Actor>| match to {
            None => false,
            Some(Actor::Server(to)) => !self.world.in_boundary(server, *to),
            Some(_) => true,
        };
        let crossed = recipients.iter().any(|recipient| {
            let mut branches = known
                .branches
                .iter()
                .filter(|branch| self.world.groups.cover(&branch.recipients, *recipient))
                .peekable();
            branches.peek().is_some() && branches.all(|branch| left(&branch.to))
        });
        if crossed {
            let what = "what has left the boundary is delivered again (S32)";
            self.blame(Invariant::I15, of, what);
        }
    }
}
