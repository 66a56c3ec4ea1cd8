//! The message, and what connectors refuse because of who sends it and what it is (D20).

use super::file::{Restrictions, Schedule};
use super::names::upper;
use super::org::without_smtp;

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) size: Option<u64>,
    pub(super) sender: Option<String>,
    pub(super) priority: String,
    pub(super) message_type: String,
}

/// A normal message (D20).
impl Default for Message {
    fn default() -> Self {
        Self {
            size: None,
            sender: None,
            priority: "Normal".to_owned(),
            message_type: "NonSystem".to_owned(),
        }
    }
}

impl Message {
    /// The size that counts for 2007 and later: system messages pass every limit (RT-2.6.2).
    pub(super) fn size_for_2007(&self) -> Option<u64> {
        if self.message_type == "System" { None } else { self.size }
    }
}

/// A size equal to the limit passes (D18).
pub(super) fn is_too_large(size: Option<u64>, limit: Option<u64>) -> bool {
    matches!((size, limit), (Some(size), Some(limit)) if size > limit)
}

/// Whether 2000/2003 lets the message over a connector with these restrictions. 2007 never asks (R45 to R47).
pub(super) fn permits(restrictions: &Restrictions, message: &Message) -> bool {
    let lists_sender = |list: &[String]| {
        let Some(sender) = message.sender.as_deref() else {
            return false;
        };
        let sender = upper(without_smtp(sender));
        list.iter().any(|listed| upper(without_smtp(listed)) == sender)
    };
    let lists = |list: &[String], value: &String| list.is_empty() || list.contains(value);
    (restrictions.allowed_senders.is_empty() || lists_sender(&restrictions.allowed_senders))
        && !lists_sender(&restrictions.denied_senders)
        && lists(&restrictions.priorities, &message.priority)
        && lists(&restrictions.message_types, &message.message_type)
        && !matches!(&restrictions.schedule, Some(Schedule::Word(word)) if word == "Never")
}
