//! What routing wants to know of a message.

use super::{Address, MessageType, Priority, Restrictions, WeekMinute};

/// The properties of a message that routers look at. The default is a normal message of no particular size or sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Size in bytes; `None`: smaller than every limit.
    pub size: Option<u64>,
    /// Who sent it; `None`: somebody whom no list names (D20).
    pub sender: Option<Address>,
    /// Its priority.
    pub priority: Priority,
    /// Whether the system wrote it.
    pub message_type: MessageType,
    /// When it is under way; `None`: not known, and windows of connectors count as open (D20).
    pub at: Option<WeekMinute>,
}

impl Message {
    /// The size that 2007 and later look at: system messages pass every limit (RT-2.6.2).
    pub fn size_for_2007(&self) -> Option<u64> {
        self.size.filter(|_| self.message_type != MessageType::System)
    }

    /// Whether a legacy server lets this message through (D20). Sizes are looked at elsewhere.
    pub fn passes(&self, restrictions: &Restrictions) -> bool {
        let named = |list: &[Address]| self.sender.as_ref().is_some_and(|sender| list.contains(sender));
        let among = |empty: bool, found: bool| empty || found;
        among(
            restrictions.allowed_senders.is_empty(),
            named(&restrictions.allowed_senders),
        ) && !named(&restrictions.denied_senders)
            && among(
                restrictions.priorities.is_empty(),
                restrictions.priorities.contains(&self.priority),
            )
            && among(
                restrictions.message_types.is_empty(),
                restrictions.message_types.contains(&self.message_type),
            )
            && restrictions.schedule.is_open(self.at)
    }
}
