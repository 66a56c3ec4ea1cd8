//! What was written to stores, in order, so that who loses the end of a log need not look at every message.

use std::collections::{BTreeMap, VecDeque};

use super::accounts::Accounts;
use crate::model::{MessageIdx, SimTime};
use crate::sim::trace::Store;

/// So much is not worth looking through.
const MIN: usize = 4096;

/// Messages of which something was written to a store, and when.
#[derive(Debug, Default)]
pub(super) struct Written(BTreeMap<Store, VecDeque<(SimTime, MessageIdx)>>);

impl Written {
    pub(super) fn add(&mut self, store: Store, at: SimTime, message: MessageIdx) {
        self.0.entry(store).or_default().push_back((at, message));
    }

    /// How much of it there is.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(VecDeque::len).sum()
    }

    /// The messages of which something was written since an instant, ascending. It is not there any more.
    pub(super) fn take_since(&mut self, store: Store, since: SimTime) -> Vec<MessageIdx> {
        let Some(log) = self.0.get_mut(&store) else {
            return Vec::new();
        };
        let kept = log.partition_point(|(at, _)| *at < since);
        let mut messages: Vec<MessageIdx> = log.drain(kept..).map(|(_, message)| message).collect();
        messages.sort_unstable();
        messages.dedup();
        messages
    }

    /// Messages that are forgotten are so here: the first of a log at once, what comes after one that is remembered as soon as it is
    /// most of it.
    pub(super) fn forget(&mut self, accounts: &Accounts) {
        let is_forgotten = |(_, message): &(SimTime, MessageIdx)| accounts.get(message).is_none();
        for log in self.0.values_mut() {
            let first = log.iter().take_while(|entry| is_forgotten(entry)).count();
            log.drain(..first);
            if log.len() > 8 * accounts.len() + MIN {
                log.retain(|entry| !is_forgotten(entry));
            }
        }
    }
}
