//! What keeps mail alive when servers die: which generation does what, and when.
//!
//! Before 2010 nothing does: a message is on one server, and goes with it.

use std::borrow::Cow;
use std::time::Duration;

use super::kernel::Kernel;
use super::router::Fork;
use super::state::{Item, Load, Trail, Transfer, TransferKey};
use super::trace::{Actor, CopyIdx, Recipients, Side, Store};
use crate::model::{Entry, Generation, MessageIdx, ReceiveConnector, ServerIdx, SimTime};

impl Kernel<'_> {
    pub(super) fn generation(&self, server: ServerIdx) -> Generation {
        self.stage.org.servers()[server].version.generation()
    }

    /// ShadowRedundancyEnabled (S19, S20).
    pub(super) fn shadows_are_on(&self) -> bool {
        self.stage
            .org
            .transport_config()
            .shadow_redundancy_enabled
            .unwrap_or(true)
    }

    /// ShadowMessageAutoDiscardInterval (T5, S74).
    pub(super) fn auto_discard(&self) -> Duration {
        let set = self.stage.org.transport_config().shadow_message_auto_discard_interval;
        set.unwrap_or(Duration::from_secs(2 * 86_400))
    }

    /// The Receive connector of a session that the scenario names, if the server that took the session has it: another one has
    /// connectors of its own.
    pub(super) fn named_receive_connector(&self, session: &Transfer) -> Option<&ReceiveConnector> {
        let entry = &self.stage.scenario.messages[session.message].entry;
        let (Load::Entry, Entry::Client { receive_connector, .. } | Entry::Peer { receive_connector, .. }) =
            (&session.load, entry)
        else {
            return None;
        };
        let connector = &self.stage.org.receive_connectors()[(*receive_connector)?.index()];
        (Actor::Server(connector.server) == session.to).then_some(connector)
    }

    /// A server has a whole message in its queue database, and whoever handed it over waits for the answer.
    pub(super) fn protect(&mut self, transfer: TransferKey, server: ServerIdx, copy: CopyIdx) {
        match self.generation(server) {
            Generation::Exchange2010 => self.protect_2010(transfer, server, copy),
            Generation::Exchange2013 => self.protect_2013(transfer, server, copy),
            Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => {
                self.answer(transfer);
                self.categorize(server, copy);
            }
        }
    }

    /// The queues that mail for some recipients of a copy comes into, where they are not those that routing says.
    pub(super) fn reroute<'f>(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        message: MessageIdx,
        forks: &'f [Fork],
    ) -> Cow<'f, [Fork]> {
        match self.generation(server) {
            Generation::Exchange2010 => self.rerouted(server, copy, message, forks),
            _ => Cow::Borrowed(forks),
        }
    }

    /// Somebody has taken a copy over for some recipients, and the server knows it. The copy still has them among its pending
    /// ones. `made`: the copy that a server has made of it.
    pub(super) fn handed_on(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        recipients: &Recipients,
        to: Actor,
        made: Option<CopyIdx>,
    ) {
        match self.generation(server) {
            Generation::Exchange2010 => self.handed_on_2010(server, copy, recipients, to, made),
            Generation::Exchange2013 => self.keep_handed_on(server, copy, recipients, to),
            Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => {}
        }
    }

    /// A server knows that mailboxes have a message, which was done with that if it was for nobody else. `kept`: the copy, its
    /// message and its trail.
    pub(super) fn in_store(&mut self, server: ServerIdx, kept: (CopyIdx, MessageIdx, Trail), recipients: &Recipients) {
        if self.generation(server) == Generation::Exchange2013 {
            self.keep_primary(server, kept, recipients);
        }
    }

    /// A server has written a delivery status notification about a copy that it still has.
    pub(super) fn sender_is_told(&mut self, server: ServerIdx, copy: CopyIdx) {
        if self.generation(server) == Generation::Exchange2013 {
            self.side_begins(server, copy, Side::Report);
        }
    }

    /// A server knows that mailboxes have a message. The copy still has them among its pending ones.
    pub(super) fn in_mailboxes(
        &mut self,
        server: ServerIdx,
        copy: CopyIdx,
        message: MessageIdx,
        store: Store,
        recipients: &Recipients,
    ) {
        if self.generation(server) == Generation::Exchange2010 {
            self.in_mailboxes_2010(server, copy, message, store, recipients);
        }
    }

    /// A copy is done for everybody: it was just taken out of the queue database.
    pub(super) fn completed(&mut self, server: ServerIdx, copy: CopyIdx, item: &Item) {
        match self.generation(server) {
            Generation::Exchange2010 => self.completed_2010(server, copy, item),
            Generation::Exchange2013 => self.completed_2013(server, copy),
            Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => {}
        }
    }

    /// A server has stopped: what it had in memory is gone.
    pub(super) fn memory_lost(&mut self, server: ServerIdx) {
        self.memory_lost_2010(server);
        self.memory_lost_2013(server);
    }

    /// A server has lost its queue database: shadows, dumpster, Safety Net and discard notifications on disk are gone.
    pub(super) fn kept_lost(&mut self, server: ServerIdx) {
        self.kept_lost_2010(server);
        self.kept_lost_2013(server);
    }

    /// A server that had stopped works again.
    pub(super) fn protection_starts(&mut self, server: ServerIdx) {
        match self.generation(server) {
            Generation::Exchange2010 => self.starts_2010(server),
            Generation::Exchange2013 => self.starts_2013(server),
            Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => {}
        }
    }

    /// A store was mounted on another server than before: mail that its copy may lack is delivered again. `lost_since`: from
    /// when on its log is lost, if any of it is.
    pub(super) fn ask_for_redelivery(
        &mut self,
        store: Store,
        from: Option<ServerIdx>,
        to: ServerIdx,
        lost_since: Option<SimTime>,
    ) {
        match self.generation(to) {
            Generation::Exchange2010 => self.redeliver_2010(store, from, to, lost_since),
            Generation::Exchange2013 => self.redeliver_2013(store, to),
            Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => {}
        }
    }
}
