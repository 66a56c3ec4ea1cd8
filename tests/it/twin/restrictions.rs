//! The message, and what connectors refuse because of who sends it and what it is (D20).

use super::file::{Restrictions, Schedule};
use super::hours::is_open;
use super::names::upper;
use super::org::without_smtp;

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) size: Option<u64>,
    pub(super) sender: Option<String>,
    pub(super) priority: String,
    pub(super) message_type: String,
    /// The minute of the week in which it is on its way. `None` takes connectors with windows as open (D20).
    pub(super) minute: Option<u16>,
}

/// A normal message (D20).
impl Default for Message {
    fn default() -> Self {
        Self {
            size: None,
            sender: None,
            priority: "Normal".to_owned(),
            message_type: "NonSystem".to_owned(),
            minute: None,
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
        && match (&restrictions.schedule, message.minute) {
            (Some(Schedule::Word(word)), _) => word != "Never",
            (Some(Schedule::Windows(windows)), Some(minute)) => is_open(windows, minute),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Message, permits};

    #[test]
    fn out_of_its_windows_a_connector_refuses() {
        let refuses = |schedule: Value, minute: Option<u16>| {
            let restrictions = serde_json::from_value(json!({ "schedule": schedule })).expect("restrictions");
            let message = Message {
                minute,
                ..Message::default()
            };
            !permits(&restrictions, &message)
        };
        let windows = json!(["Mon 08:00-12:00", "Tue 08:00-12:00"]);
        for (minute, closed) in [(0, true), (480, false), (719, false), (720, true), (1920, false)] {
            assert_eq!(refuses(windows.clone(), Some(minute)), closed, "{minute}");
            assert!(!refuses(json!("Always"), Some(minute)));
            assert!(refuses(json!("Never"), Some(minute)));
        }
        assert!(!refuses(windows, None), "without a time it is open");
        assert!(refuses(json!("Never"), None));
    }
}
