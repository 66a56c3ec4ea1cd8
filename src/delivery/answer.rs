//! What becomes of a message for whoever it is for.

use super::explain::{Explanation, explain};
use super::fan_out::{Copies, copies};
use super::recipient::{Recipient, expand};
use crate::route::{Sender, View};

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whom it is for when groups are expanded (D33).
    pub recipients: Vec<Recipient>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a message, for one recipient or for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// One recipient was asked for, and it stands for nobody else.
    One(Box<Explanation>),
    /// Several were asked for, or a group.
    Several(Copies),
}

/// What becomes of a message from `sender` to `asked`.
pub fn answer(view: &View<'_>, sender: Sender, asked: &[Recipient]) -> Answer {
    let recipients = expand(view.org, asked);
    let fate = match (asked, recipients.as_slice()) {
        ([_], [one]) => Fate::One(Box::new(explain(view, sender, one))),
        _ => Fate::Several(copies(view, sender, &recipients)),
    };
    Answer { recipients, fate }
}
