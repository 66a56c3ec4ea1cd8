//! Hubs that are mailbox servers of a DAG too: a message is delivered to a database of the DAG by another server than the one
//! where it is active, so that the mailbox and the dumpster are on two servers (D8–D13). That submission goes to another hub
//! is decided where hubs are chosen.

use std::borrow::Cow;

use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::router::{Fork, one_ring};
use super::super::state::{Load, Waiting};
use super::super::trace::{Actor, CopyIdx, Hop, Recipients, Store, What};
use crate::delivery::DeliveryGroup;
use crate::model::{DatabaseHome, Generation, MessageIdx, Node, ServerIdx};

impl Kernel<'_> {
    /// The queue for mail that another hub of the site is to deliver, of a 2010 hub. No other mail of one goes there, for it can
    /// deliver to every mailbox of its site itself.
    fn aside_2010(&self, server: ServerIdx) -> Option<Hop> {
        let org = &self.stage.org;
        let generation = org.servers()[server].version.generation();
        let site = org.transport_site(server)?;
        let group = DeliveryGroup::Mailboxes(Node::Site(site), generation);
        (generation == Generation::Exchange2010).then_some(Hop::Within(group))
    }

    /// Whether a store is a database of a DAG. A mailbox that has only a server is on no database of it, even where that server
    /// is a member (D8, D11).
    pub(in crate::sim) fn is_replicated(&self, store: Store) -> bool {
        match store {
            Store::Database(database) => {
                matches!(self.stage.org.databases()[database].home, DatabaseHome::Dag(_))
            }
            Store::Server(_) => false,
        }
    }

    /// The forks of a message at a server, those for databases that are active on that server changed: another hub delivers
    /// them (D11), or, where none answers, this one at once (D12).
    pub(in crate::sim) fn rerouted<'f>(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        message: MessageIdx,
        forks: &'f [Fork],
    ) -> Cow<'f, [Fork]> {
        let concerned = |fork: &Fork| match fork.hop {
            Hop::Store(store) => {
                let state = self.stores.get(&store);
                let here = state.and_then(|state| state.mounted_on) == Some(server);
                self.is_replicated(store) && (here || self.is(Mutant::RerouteWhenRemote))
            }
            _ => false,
        };
        let Some(aside) = self.aside_2010(server) else {
            return Cow::Borrowed(forks);
        };
        let here: Vec<usize> = (0..forks.len()).filter(|at| concerned(&forks[*at])).collect();
        if here.is_empty() {
            return Cow::Borrowed(forks);
        }
        let servers = self.siblings_2010(server);
        let reroutes = self.servers[server].items.get(&copy).map_or(0, |item| item.reroutes);
        let too_often = u32::from(self.is(Mutant::ReroutedTooOften));
        let most = self.stage.scenario.settings.hub_reroutes.saturating_add(too_often);
        if servers.is_empty() || reroutes >= most {
            for at in here {
                if let Hop::Store(store) = forks[at].hop {
                    self.tell(What::Colocated { server, message, store });
                }
            }
            return Cow::Borrowed(forks);
        }
        let mut recipients: Recipients = here
            .iter()
            .flat_map(|at| forks[*at].recipients.iter().copied())
            .collect();
        recipients.sort_unstable();
        let others = (0..forks.len()).filter(|at| !here.contains(at));
        let mut changed: Vec<Fork> = others.map(|at| forks[at].clone()).collect();
        changed.push(Fork {
            recipients,
            hop: aside,
            rings: one_ring(servers.into_iter()),
        });
        Cow::Owned(changed)
    }

    /// Nobody answers who could deliver in a server's stead: it routes again, and delivers itself (D12, D22). Returns what the
    /// caller still has to queue.
    pub(in crate::sim) fn fall_back(&mut self, server: ServerIdx, hop: Hop, waiting: Waiting) -> Option<Waiting> {
        if self.aside_2010(server) != Some(hop) || !self.siblings_2010(server).is_empty() {
            return Some(waiting);
        }
        if let Some(message) = self.servers[server].items.get(&waiting.copy).map(|item| item.message) {
            self.route(server, waiting.copy, message, &waiting.recipients);
        }
        None
    }

    /// D13: a message that came in a hub's stead says how often that has happened, whether its session has XSHADOW or not (N26).
    pub(super) fn count_reroutes(&mut self, server: ServerIdx, copy: CopyIdx, from: Actor, load: &Load) {
        let (Actor::Server(sender), Load::Mail { hop, copy: theirs, .. }) = (from, load) else {
            return;
        };
        let before = self.servers[sender].items.get(theirs).map_or(0, |item| item.reroutes);
        let more = u32::from(self.aside_2010(sender) == Some(*hop));
        if let Some(item) = self.servers[server].items.get_mut(&copy) {
            item.reroutes = before.saturating_add(more);
        }
    }
}
