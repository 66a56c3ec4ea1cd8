//! Who is in which group, now and before: for those who read traces, and never for the kernel.

use std::collections::{BTreeMap, BTreeSet};

use super::Stage;
use super::trace::RecipientIdx;
use crate::model::{GroupIdx, ScenarioEventKind, SimTime};

/// The groups of an organization, as far as a message can come to be for their members.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    members: BTreeMap<RecipientIdx, Vec<RecipientIdx>>,
    /// Who has left which group, and when.
    left: Vec<(RecipientIdx, RecipientIdx, SimTime)>,
}

impl Groups {
    /// As the file has them. O(addresses of the scenario and members below them).
    pub(super) fn new(stage: &Stage) -> Groups {
        let (org, cast) = (stage.org(), stage.cast());
        let mut groups = Groups::default();
        for recipient in cast.recipients() {
            if let Some(group) = cast.group(recipient) {
                let members = org.groups()[group].members.iter();
                let members = members.map(|address| cast.recipient(address)).collect();
                groups.members.insert(recipient, members);
            }
        }
        groups
    }

    /// Somebody joins or leaves one, if that is what an event is.
    pub(super) fn change(&mut self, stage: &Stage, event: &ScenarioEventKind, at: SimTime) {
        let ScenarioEventKind::GroupChange { group, add, remove } = event else {
            return;
        };
        let cast = stage.cast();
        let Some((group, members)) = self.find(stage, *group) else {
            return;
        };
        // N94: who is in both lists leaves and joins, and so is a member in the end.
        let leaves = |member: &RecipientIdx| {
            let address = cast.address(*member);
            remove.contains(address) && !add.contains(address)
        };
        let gone: Vec<RecipientIdx> = members.iter().copied().filter(leaves).collect();
        members.retain(|member| !leaves(member));
        for new in add.iter().map(|address| cast.recipient(address)) {
            if !members.contains(&new) {
                members.push(new);
            }
        }
        self.left.extend(gone.into_iter().map(|member| (group, member, at)));
    }

    fn find(&mut self, stage: &Stage, group: GroupIdx) -> Option<(RecipientIdx, &mut Vec<RecipientIdx>)> {
        let address = &stage.org().groups()[group].address;
        let mut groups = self.members.iter_mut();
        let found = groups.find(|(recipient, _)| stage.cast().address(**recipient) == address);
        found.map(|(recipient, members)| (*recipient, members))
    }

    /// Whether no message can come to be for a group.
    pub(super) fn are_none(&self) -> bool {
        self.members.is_empty()
    }

    /// Who a group consists of now; `None`: it is no group.
    pub(super) fn members(&self, group: RecipientIdx) -> Option<&[RecipientIdx]> {
        self.members.get(&group).map(Vec::as_slice)
    }

    /// Some recipients and everybody below those of them that are groups, each once.
    pub(super) fn with_members(&self, recipients: &[RecipientIdx]) -> Vec<RecipientIdx> {
        self.below(recipients, None)
    }

    /// The same, with those who have left since an instant.
    pub(super) fn with_former_members(&self, recipients: &[RecipientIdx], since: SimTime) -> Vec<RecipientIdx> {
        self.below(recipients, Some(since))
    }

    /// The groups in some groups, and in those in turn, without those to be `kept` and what is in them alone.
    pub(super) fn within(&self, groups: &[RecipientIdx], kept: &[RecipientIdx]) -> Vec<RecipientIdx> {
        let mut all: Vec<RecipientIdx> = Vec::new();
        let mut open: Vec<RecipientIdx> = groups.to_vec();
        while let Some(group) = open.pop() {
            let members = self.members(group).unwrap_or_default().iter();
            let inner = members.filter(|member| self.members.contains_key(member) && !kept.contains(member));
            for member in inner {
                if !all.contains(member) && !groups.contains(member) {
                    all.push(*member);
                    open.push(*member);
                }
            }
        }
        all
    }

    /// Whether mail for some recipients is mail for one: under its own name or over a group.
    pub(super) fn cover(&self, recipients: &[RecipientIdx], one: RecipientIdx) -> bool {
        let is_group = |recipient: &RecipientIdx| self.members.contains_key(recipient);
        recipients.contains(&one) || recipients.iter().any(is_group) && self.with_members(recipients).contains(&one)
    }

    /// Whether it is, or would be had nobody left a group since an instant.
    pub(super) fn covered(&self, recipients: &[RecipientIdx], one: RecipientIdx, since: SimTime) -> bool {
        let has_left = |(_, _, at): &(RecipientIdx, RecipientIdx, SimTime)| *at >= since;
        self.cover(recipients, one)
            || self.left.iter().any(has_left) && self.below(recipients, Some(since)).contains(&one)
    }

    /// Whether somebody was in one of some groups at or after an instant, and is in none of them now.
    pub(super) fn has_left_one_of(&self, groups: &[RecipientIdx], somebody: RecipientIdx, since: SimTime) -> bool {
        !self.left.is_empty() && !self.cover(groups, somebody) && self.covered(groups, somebody, since)
    }

    /// Whether somebody, or a group with somebody in it, has left a group since an instant.
    pub(super) fn has_left(&self, somebody: RecipientIdx, since: SimTime) -> bool {
        let mut left = self.left.iter().filter(|(_, _, at)| *at >= since);
        left.any(|(_, member, _)| self.cover(&[*member], somebody))
    }

    fn below(&self, recipients: &[RecipientIdx], since: Option<SimTime>) -> Vec<RecipientIdx> {
        let mut all: Vec<RecipientIdx> = recipients.to_vec();
        if self.are_none() {
            return all;
        }
        let mut known: BTreeSet<RecipientIdx> = recipients.iter().copied().collect();
        let mut at = 0;
        while let Some(group) = all.get(at).copied() {
            let former = self
                .left
                .iter()
                .filter(|(of, _, then)| *of == group && since.is_some_and(|since| *then >= since));
            let former = former.map(|(_, member, _)| member);
            for member in self.members(group).unwrap_or_default().iter().chain(former) {
                if known.insert(*member) {
                    all.push(*member);
                }
            }
            at += 1;
        }
        all
    }
}
