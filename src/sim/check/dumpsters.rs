//! What is in each dumpster, so that whoever drops something can be asked why: its size (T6), its age (T7), or that the log is
//! everywhere (X8).

use std::collections::BTreeMap;

use super::Checker;
use crate::model::{MessageIdx, ServerIdx, SimTime};
use crate::sim::trace::{CopyIdx, RecipientIdx, Safe, Store};

/// What a hub keeps for one database.
#[derive(Debug, Default)]
struct Filled {
    /// The oldest first: how many entries, and the bytes of one.
    entries: BTreeMap<(SimTime, CopyIdx), (u32, u64)>,
    /// Bytes of all of them.
    size: u128,
}

/// All dumpsters.
#[derive(Debug, Default)]
pub(super) struct Dumpsters {
    of: BTreeMap<(ServerIdx, Store), Filled>,
}

impl Dumpsters {
    fn keep(&mut self, of: (ServerIdx, Store), entry: (SimTime, CopyIdx), size: u64) {
        let filled = self.of.entry(of).or_default();
        filled.entries.entry(entry).or_insert((0, size)).0 += 1;
        filled.size += u128::from(size);
    }

    fn take(&mut self, of: (ServerIdx, Store), entry: (SimTime, CopyIdx)) {
        let Some(filled) = self.of.get_mut(&of) else { return };
        if let Some((count, size)) = filled.entries.get_mut(&entry) {
            filled.size -= u128::from(*size);
            *count -= 1;
            if *count == 0 {
                filled.entries.remove(&entry);
            }
        }
        if filled.entries.is_empty() {
            self.of.remove(&of);
        }
    }

    /// T6: whether there is more than the limit, and nothing older.
    fn has_to_go(&self, of: (ServerIdx, Store), (since, _): (SimTime, CopyIdx), limit: u64) -> bool {
        self.of.get(&of).is_some_and(|filled| {
            let oldest = filled.entries.keys().next();
            filled.size > u128::from(limit) && oldest.is_some_and(|(at, _)| *at == since)
        })
    }

    /// How much is in them.
    pub(super) fn len(&self) -> usize {
        self.of.values().map(|filled| 1 + filled.entries.len()).sum()
    }

    /// A server has no queue database any more.
    pub(super) fn lose(&mut self, server: ServerIdx) {
        self.of.retain(|(at, _), _| *at != server);
    }
}

impl Checker<'_> {
    /// Which dumpster has something for a recipient. They know mailboxes alone.
    fn dumpster_of(&self, copy: CopyIdx, recipients: &[RecipientIdx]) -> Option<(ServerIdx, Store)> {
        let store = self.world.store_of(*recipients.first()?)?;
        Some((self.copies.get(&copy)?.server, store))
    }

    /// A dumpster has something from now on.
    pub(super) fn dumpster_takes(&mut self, copy: CopyIdx, message: MessageIdx, recipients: &[RecipientIdx]) {
        // N29: a message without a size is none.
        let size = self.world.stage.scenario().messages[message].size.unwrap_or(0);
        if let Some(of) = self.dumpster_of(copy, recipients) {
            self.dumpsters.keep(of, (self.now, copy), size);
        }
    }

    /// It has it no longer. Returns whether that is for its limits: it is too full and nothing is older (T6), or it has had it for as
    /// long as it may (T7).
    pub(super) fn dumpster_lets_go(&mut self, copy: CopyIdx, since: SimTime, recipients: &[RecipientIdx]) -> bool {
        let config = self.world.stage.org().transport_config();
        let limit = config.max_dumpster_size_per_database.unwrap_or(18 << 20);
        let aged = since + self.kept_for(Safe::Dumpster, self.safety_net_hold()) <= self.now;
        let Some(of) = self.dumpster_of(copy, recipients) else {
            return aged;
        };
        let full = self.dumpsters.has_to_go(of, (since, copy), limit);
        self.dumpsters.take(of, (since, copy));
        aged || full
    }
}
