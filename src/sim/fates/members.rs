//! Groups make room for their members, who come and go.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fates, Place, Waits};
use crate::model::{MessageIdx, ScenarioEventKind, SimTime};
use crate::sim::trace::{CopyIdx, RecipientIdx, Recipients, Return, What};

/// Every recipient of a message.
fn of_message(message: MessageIdx) -> std::ops::RangeInclusive<(MessageIdx, RecipientIdx)> {
    (message, RecipientIdx::from_raw(0))..=(message, RecipientIdx::from_raw(u32::MAX - 1))
}

impl Fates<'_> {
    /// A group is replaced by its members.
    pub(super) fn expand(&mut self, copy: CopyIdx, recipients: &Recipients) {
        let Some(held) = self.held.get_mut(&copy) else { return };
        let before = std::mem::replace(&mut held.pending, recipients.clone());
        let message = held.message;
        let gone: Recipients = before.into_iter().filter(|group| !recipients.contains(group)).collect();
        self.pass_over(message, &gone);
        // With a group the groups in it are replaced, but for those that somebody else expands.
        let elsewhere = self.groups.with_members(recipients);
        let mut groups = self.groups.with_members(&gone);
        groups.retain(|group| self.groups.members(*group).is_some() && !elsewhere.contains(group));
        let mut left = Vec::new();
        for group in gone.into_iter().chain(groups) {
            self.replaced.insert((message, group));
            let tally = self.tallies[message].remove(&group);
            left.extend(tally.and_then(|tally| Some((group, tally.outside_at()?))));
        }
        // A group that was replaced on another way stays so: whoever it waits for here are its members.
        for recipient in recipients {
            if !self.replaced.contains(&(message, *recipient)) {
                self.tally(message, *recipient).leaves(false);
            }
        }
        for (group, at) in left {
            self.takes_along(message, group, at);
        }
        self.done(copy, &[]);
    }

    /// N93: whoever had a message with some groups and has left them since.
    fn pass_over(&mut self, message: MessageIdx, groups: &[RecipientIdx]) {
        // Most returns are of people, and this is asked once for each.
        if !groups.iter().any(|group| self.groups.members(*group).is_some()) {
            return;
        }
        let since = self.stage.scenario().messages[message].at;
        for (recipient, tally) in self.tallies[message].iter_mut() {
            if self.groups.has_left_one_of(groups, *recipient, since) {
                tally.rare().passed_over = true;
            }
        }
    }

    /// The last copy of a message went with what it was for. N19: what was for a group is now for its members.
    pub(super) fn lost_for(&mut self, at: SimTime, message: MessageIdx, recipient: RecipientIdx) {
        if !self.replaced.contains(&(message, recipient)) {
            let tally = self.tally(message, recipient);
            tally.lost_at = at;
            if tally.rare.as_deref().is_some_and(|rare| rare.passed_over) {
                tally.leaves(true);
            }
            return;
        }
        for (_, tally) in self.tallies[message].iter_mut() {
            tally.lost_at = at;
        }
    }

    /// A message is outside for a recipient. Of a group that its members have replaced, a copy is outside that was made before (N91).
    pub(super) fn leaves(&mut self, message: MessageIdx, recipient: RecipientIdx, at: SimTime) {
        if !self.replaced.contains(&(message, recipient)) {
            self.tally(message, recipient).seen.push((at, false));
            return;
        }
        self.takes_along(message, recipient, at);
    }

    /// N91: the copy for a group that is outside is one for its members.
    fn takes_along(&mut self, message: MessageIdx, group: RecipientIdx, at: SimTime) {
        for member in self.groups.with_members(&[group]) {
            if let Some(tally) = self.tallies[message].get_mut(&member) {
                tally.rare().beyond = Some(at);
            }
        }
    }

    /// A message is back with its sender. Of a group that its members have replaced, it is they who do not get it, unless a copy
    /// still waits for them.
    pub(super) fn returned(&mut self, message: MessageIdx, recipient: RecipientIdx, cause: Return, at: SimTime) {
        self.pass_over(message, &[recipient]);
        if !self.replaced.contains(&(message, recipient)) {
            self.tally(message, recipient).rare().returned = Some((cause, at));
            return;
        }
        let copies = self.held.values().chain(self.shadows.values());
        let waiting: BTreeSet<RecipientIdx> = copies
            .filter(|held| held.message == message)
            .flat_map(|held| held.pending.iter().copied())
            .collect();
        let members = self.groups.with_members(&[recipient]);
        let mut told = false;
        for member in members {
            if let Some(tally) = self.tallies[message].get_mut(&member) {
                told = true;
                let rare = tally.rare();
                match waiting.contains(&member) {
                    true => rare.returned_with_group = Some((cause, at)),
                    false => rare.returned = Some((cause, at)),
                }
            }
        }
        if !told {
            // Nobody was in it: the group is all that can be told of.
            self.replaced.remove(&(message, recipient));
            self.tally(message, recipient).rare().returned = Some((cause, at));
        }
    }

    /// A system outside has told its sender that a message comes back, for everybody who has not had it (N22).
    pub(super) fn comes_back(&mut self, message: MessageIdx, at: SimTime) {
        for (_, tally) in self.tallies[message].iter_mut().filter(|(_, tally)| tally.is_open()) {
            tally.rare().returned = Some((Return::Expired, at));
        }
    }

    /// Something happens that may change a group.
    pub(super) fn happens(&mut self, at: SimTime, what: &What) {
        let events = &self.stage.scenario().events;
        let event = match what {
            What::Scenario(position) => usize::try_from(*position).ok().and_then(|at| events.get(at)),
            _ => None,
        };
        let Some(ScenarioEventKind::GroupChange { .. }) = event.map(|event| &event.what) else {
            return;
        };
        if let Some(event) = event {
            self.groups.change(self.stage, &event.what, at);
            let copies = self.held.values().chain(self.shadows.values()).map(|held| held.message);
            let items = self.outboxes.keys().copied();
            let all = copies.chain(items).chain(self.kept_outside.iter().copied()).collect();
            self.look_who_has_left(&all);
        }
    }

    /// N72: who is left of the groups that copies are still for, of those whom no copy names. O(copies + recipients).
    pub(super) fn look_who_has_left(&mut self, messages: &BTreeSet<MessageIdx>) {
        if self.groups.are_none() {
            return;
        }
        let mut waiting: BTreeMap<MessageIdx, Recipients> = BTreeMap::new();
        for held in self.held.values().chain(self.shadows.values()) {
            if messages.contains(&held.message) {
                waiting
                    .entry(held.message)
                    .or_default()
                    .extend(held.pending.iter().copied());
            }
        }
        for message in messages {
            let addressed = self.stage.recipients_of(*message);
            let mut waiting = waiting.remove(message).unwrap_or_default();
            if self.is_with_sender(*message) {
                waiting.extend(addressed.iter().copied());
            }
            let since = self.stage.scenario().messages[*message].at;
            let groups = &self.groups;
            for (recipient, tally) in self.tallies[*message].iter_mut() {
                if groups.cover(&waiting, *recipient) {
                    tally.leaves(false);
                } else if tally.is_open() && groups.covered(&waiting, *recipient, since) {
                    tally.leaves(true);
                }
            }
        }
    }

    /// Where a message waits for a recipient: under its own name, or under that of a group that it is a member of.
    pub(super) fn waiting_place(&self, key: (MessageIdx, RecipientIdx), waits: &Waits) -> Option<(Place, SimTime)> {
        let groups = if self.groups.are_none() {
            None
        } else {
            Some(of_message(key.0))
        };
        let mut of_groups = groups
            .into_iter()
            .flat_map(|of_message| waits.range(of_message))
            .filter(|((_, group), _)| self.groups.cover(&[*group], key.1));
        let found = waits.get(&key).or_else(|| of_groups.next().map(|(_, place)| place));
        found.copied()
    }

    /// Whether the sender of a message still has it.
    fn is_with_sender(&self, message: MessageIdx) -> bool {
        match self.outboxes.get(&message) {
            Some(item) => item.submitted_at.is_none(),
            None => self.kept_outside.contains(&message) || !self.entered.contains(message.index()),
        }
    }
}
