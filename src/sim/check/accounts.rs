//! The accounts of messages, and when they are forgotten.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use fixedbitset::FixedBitSet;
use oxc_index::{IndexSlice, IndexVec};

use super::ledger::Account;
use crate::model::{MessageIdx, SimTime, Submission};

/// How long a message is remembered at least that nothing holds any more: replays can go back as far as a log may lag (T15).
const MEMORY: Duration = Duration::from_secs(15 * 86_400);
/// One that could not be forgotten when it might have been is looked at again after so long.
const AGAIN: Duration = Duration::from_secs(86_400);

/// What is known of messages.
#[derive(Debug)]
pub(super) struct Accounts<'a> {
    messages: &'a IndexSlice<MessageIdx, [Submission]>,
    of: IndexVec<MessageIdx, Option<Box<Account>>>,
    count: usize,
    /// How long each is remembered.
    memory: Duration,
    /// Those that were.
    forgotten: FixedBitSet,
    /// When each may be forgotten at the earliest.
    ends: BinaryHeap<Reverse<(SimTime, MessageIdx)>>,
}

impl<'a> Accounts<'a> {
    /// `reach`: how far back mailboxes can lose what was delivered while they have a copy left.
    pub(super) fn new(messages: &'a IndexSlice<MessageIdx, [Submission]>, reach: Duration) -> Accounts<'a> {
        Accounts {
            messages,
            of: IndexVec::new(),
            count: 0,
            memory: MEMORY.max(reach),
            forgotten: FixedBitSet::new(),
            ends: BinaryHeap::new(),
        }
    }

    /// Whether there was an account of a message once.
    pub(super) fn has_forgotten(&self, message: MessageIdx) -> bool {
        self.forgotten.contains(message.index())
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, message: &MessageIdx) -> Option<&Account> {
        self.of.get(*message)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, message: &MessageIdx) -> Option<&mut Account> {
        self.of.get_mut(*message)?.as_deref_mut()
    }

    /// The account of a message, which begins with what is first heard of it.
    pub(super) fn begin(&mut self, message: MessageIdx, now: SimTime) -> &mut Account {
        while self.of.len() <= message.index() {
            self.of.push(None);
        }
        let (count, ends, memory, messages) = (&mut self.count, &mut self.ends, self.memory, self.messages);
        self.of[message].get_or_insert_with(|| {
            *count += 1;
            ends.push(Reverse((now + memory, message)));
            Box::new(Account::new(messages[message].at, now))
        })
    }

    /// By message.
    pub(super) fn iter(&self) -> impl Iterator<Item = (MessageIdx, &Account)> {
        let all = self.of.iter_enumerated();
        all.filter_map(|(message, account)| Some((message, account.as_deref()?)))
    }

    /// Messages that nothing holds and that nobody would recognize are forgotten. O(log messages) for each whose time has come.
    pub(super) fn forget(&mut self, now: SimTime) {
        while let Some(Reverse((at, message))) = self.ends.peek().copied()
            && at <= now
        {
            self.ends.pop();
            let Some(account) = self.of[message].as_deref() else {
                continue;
            };
            let end = account.last + self.memory;
            if end <= now && account.copies.is_empty() && account.is_owed() {
                self.of[message] = None;
                self.forgotten.grow_and_insert(message.index());
                self.count -= 1;
            } else {
                let again = if end <= now { now + AGAIN } else { end };
                self.ends.push(Reverse((again, message)));
            }
        }
    }
}
