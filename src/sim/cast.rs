//! Everybody that mail of a scenario can be for.

use indexmap::IndexSet;
use oxc_index::IndexVec;

use super::trace::RecipientIdx;
use crate::model::{Address, GroupIdx, MailboxIdx, Organization, Scenario, ScenarioEventKind};

/// The addresses that messages are for, ascending, with the members that groups have or come to have.
#[derive(Clone, Debug)]
pub struct Cast {
    addresses: IndexVec<RecipientIdx, Address>,
    /// What each of them is; changes of the configuration make nobody a mailbox or a group.
    roles: IndexVec<RecipientIdx, (Option<MailboxIdx>, Option<GroupIdx>)>,
}

impl Cast {
    /// The addresses of a scenario. O(addresses and members × log of them).
    pub(super) fn new(org: &Organization, scenario: &Scenario) -> Cast {
        let mut found: IndexSet<Address> = IndexSet::new();
        let sent_to = scenario.messages.iter().flat_map(|message| &message.to);
        let joined = scenario.events.iter().filter_map(|event| match &event.what {
            ScenarioEventKind::GroupChange { add, .. } => Some(add),
            _ => None,
        });
        found.extend(sent_to.chain(joined.flatten()).cloned());
        // Members of members are found as the list grows.
        for at in 0.. {
            let Some(address) = found.get_index(at) else { break };
            if let Some(group) = org.group(address) {
                found.extend(org.groups()[group].members.iter().cloned());
            }
        }
        let mut addresses: Vec<Address> = found.into_iter().collect();
        addresses.sort_by(|a, b| a.key().cmp(&b.key()));
        let roles = addresses
            .iter()
            .map(|address| (org.mailbox(address), org.group(address)));
        Cast {
            roles: roles.collect(),
            addresses: addresses.into(),
        }
    }

    /// The address of a recipient.
    pub fn address(&self, recipient: RecipientIdx) -> &Address {
        &self.addresses[recipient]
    }

    /// Everybody, ascending.
    pub fn recipients(&self) -> impl Iterator<Item = RecipientIdx> + use<> {
        (0..self.addresses.len()).map(RecipientIdx::from_usize)
    }

    /// The mailbox of a recipient.
    pub fn mailbox(&self, recipient: RecipientIdx) -> Option<MailboxIdx> {
        self.roles[recipient].0
    }

    /// The group that a recipient is.
    pub fn group(&self, recipient: RecipientIdx) -> Option<GroupIdx> {
        self.roles[recipient].1
    }

    /// The recipient of an address. O(log recipients).
    ///
    /// # Panics
    /// When no message of the scenario can be for it.
    pub(super) fn recipient(&self, address: &Address) -> RecipientIdx {
        let found = self.find(address);
        found.expect("every address of the scenario is in its cast")
    }

    /// The recipient of an address, if any message of the scenario can be for it. O(log recipients).
    pub(super) fn find(&self, address: &Address) -> Option<RecipientIdx> {
        let addresses = self.addresses.as_raw_slice();
        let found = addresses.binary_search_by(|known| known.key().cmp(&address.key()));
        found.ok().map(RecipientIdx::from_usize)
    }
}
