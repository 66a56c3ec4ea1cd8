//! What most events of a trace have in common: a server, a copy, recipients.

use super::trace::{CopyIdx, RecipientIdx, What};
use crate::model::ServerIdx;

impl What {
    /// The server that it happens at, where it is one.
    pub fn server(&self) -> Option<ServerIdx> {
        match self {
            What::NotifyMapi { server, .. }
            | What::Own { server, .. }
            | What::Colocated { server, .. }
            | What::SubmitDefer { server, .. }
            | What::Receive { server, .. }
            | What::Acknowledge { server, .. }
            | What::Expand { server, .. }
            | What::Transfer { server, .. }
            | What::Send { server, .. }
            | What::Deliver { server, .. }
            | What::DuplicateDeliver { server, .. }
            | What::Defer { server, .. }
            | What::Resubmit { server, .. }
            | What::Delayed { server, .. }
            | What::Fail { server, .. }
            | What::QueuesLost { server }
            | What::Mounted { server, .. }
            | What::AckDelayed { server, .. }
            | What::AckDue { server, .. }
            | What::Refuse { server, .. }
            | What::Abandon { server, .. }
            | What::Shadow { server, .. }
            | What::HaReceive { server, .. }
            | What::ShadowQueued { server, .. }
            | What::SideQueued { server, .. }
            | What::SideDone { server, .. }
            | What::HaRedirect { server, .. }
            | What::HaRedirectFail { server, .. }
            | What::DiscardQueued { server, .. }
            | What::DiscardDropped { server, .. }
            | What::Heartbeat { holder: server, .. }
            | What::HeartbeatMissed { holder: server, .. }
            | What::HaDiscard { server, .. }
            | What::Promote { server, .. }
            | What::ShadowExpired { server, .. }
            | What::Kept { server, .. }
            | What::Dropped { server, .. }
            | What::Replay { server, .. }
            | What::ReplayDefer { server, .. }
            | What::ReplayFail { server, .. }
            | What::Silent { server, .. } => Some(*server),
            _ => None,
        }
    }

    /// The copy that it happens to; of a replay the one that is delivered again.
    pub fn copy(&self) -> Option<CopyIdx> {
        match self {
            What::Own { copy, .. }
            | What::Receive { copy, .. }
            | What::Expand { copy, .. }
            | What::Transfer { copy, .. }
            | What::Send { copy, .. }
            | What::InMailbox { copy, .. }
            | What::Outside { copy, .. }
            | What::Deliver { copy, .. }
            | What::DuplicateDeliver { copy, .. }
            | What::Delayed { copy, .. }
            | What::Fail { copy, .. }
            | What::AckDelayed { copy, .. }
            | What::AckDue { copy, .. }
            | What::Abandon { copy, .. }
            | What::Shadow { copy, .. }
            | What::HaReceive { copy, .. }
            | What::ShadowQueued { copy, .. }
            | What::SideQueued { copy, .. }
            | What::SideDone { copy, .. }
            | What::HaRedirect { copy, .. }
            | What::HaRedirectFail { copy, .. }
            | What::DiscardQueued { copy, .. }
            | What::DiscardDropped { copy, .. }
            | What::HaDiscard { copy, .. }
            | What::Promote { copy, .. }
            | What::ShadowExpired { copy, .. }
            | What::Kept { copy, .. }
            | What::Dropped { copy, .. }
            | What::Replay { of: copy, .. }
            | What::Silent { copy, .. } => Some(*copy),
            _ => None,
        }
    }

    /// For whom, where it says so.
    pub fn recipients(&self) -> &[RecipientIdx] {
        match self {
            What::Receive { recipients, .. }
            | What::Expand { recipients, .. }
            | What::Transfer { recipients, .. }
            | What::Send { recipients, .. }
            | What::Outside { recipients, .. }
            | What::Delayed { recipients, .. }
            | What::Fail { recipients, .. }
            | What::Shadow { recipients, .. }
            | What::HaReceive { recipients, .. }
            | What::ShadowQueued { recipients, .. }
            | What::HaDiscard { recipients, .. }
            | What::Promote { recipients, .. }
            | What::ShadowExpired { recipients, .. }
            | What::Kept { recipients, .. }
            | What::Dropped { recipients, .. }
            | What::Replay { recipients, .. }
            | What::Silent { recipients, .. } => recipients,
            What::InMailbox { recipient, .. }
            | What::Deliver { recipient, .. }
            | What::DuplicateDeliver { recipient, .. } => std::slice::from_ref(recipient),
            _ => &[],
        }
    }
}
