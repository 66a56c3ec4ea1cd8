//! Who does what to which copy in an event.

use crate::model::ServerIdx;
use crate::sim::trace::{Actor, CopyIdx, RecipientIdx, What};

/// A copy that its server works on: it has to be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'w> {
    pub(super) server: ServerIdx,
    pub(super) copy: CopyIdx,
    /// Recipients who have to wait in it.
    pub(super) recipients: Option<&'w [RecipientIdx]>,
}

/// The copy that an event is about, where its server has to have it.
pub(super) fn subject(what: &What) -> Option<Subject<'_>> {
    let (server, copy, recipients) = match what {
        What::Transfer {
            server,
            copy,
            recipients,
            ..
        }
        | What::Send {
            server,
            copy,
            recipients,
            ..
        }
        | What::Delayed {
            server,
            copy,
            recipients,
            ..
        }
        | What::Fail {
            server,
            copy,
            recipients,
            ..
        }
        | What::Silent {
            server,
            copy,
            recipients,
            ..
        } => (server, copy, Some(recipients.as_slice())),
        What::Deliver {
            server,
            copy,
            recipient,
        }
        | What::DuplicateDeliver {
            server,
            copy,
            recipient,
            ..
        } => (server, copy, Some(std::slice::from_ref(recipient))),
        What::Expand { server, copy, .. }
        | What::Shadow { server, copy, .. }
        | What::HaRedirect { server, copy, .. }
        | What::HaRedirectFail { server, copy, .. }
        | What::DiscardQueued { server, copy, .. }
        | What::HaDiscard { server, copy, .. }
        | What::Promote { server, copy, .. }
        | What::ShadowExpired { server, copy, .. }
        | What::SideQueued { server, copy, .. }
        | What::SideDone { server, copy, .. }
        | What::Kept { server, copy, .. }
        | What::Dropped { server, copy, .. }
        | What::Replay { server, of: copy, .. }
        | What::AckDelayed { server, copy, .. }
        | What::AckDue { server, copy, .. }
        | What::Abandon { server, copy } => (server, copy, None),
        // What is prepared for a system outside is nothing that the checker holds on to (N23).
        What::DiscardDropped {
            server,
            copy,
            holder: Actor::Server(_),
        } => (server, copy, None),
        _ => return None,
    };
    let (server, copy) = (*server, *copy);
    Some(Subject {
        server,
        copy,
        recipients,
    })
}

/// Who does something in an event.
pub(super) fn actors(what: &What) -> impl Iterator<Item = ServerIdx> {
    let of = |actor: &Actor| match actor {
        Actor::Server(server) => Some(*server),
        _ => None,
    };
    let (first, second) = match what {
        What::NotifyMapi { server, hub, .. } => (Some(*server), Some(*hub)),
        What::SubmitDefer { server, .. }
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
        | What::Mounted { server, .. }
        | What::AckDelayed { server, .. }
        | What::AckDue { server, .. }
        | What::Refuse { server, .. }
        | What::Shadow { server, .. }
        | What::HaReceive { server, .. }
        | What::HaRedirect { server, .. }
        | What::HaRedirectFail { server, .. }
        | What::DiscardQueued { server, .. }
        | What::DiscardDropped { server, .. }
        | What::HaDiscard { server, .. }
        | What::Promote { server, .. }
        | What::ShadowExpired { server, .. }
        | What::Kept { server, .. }
        | What::Dropped { server, .. }
        | What::Replay { server, .. }
        | What::Own { server, .. }
        | What::Colocated { server, .. }
        | What::ShadowQueued { server, .. }
        | What::SideQueued { server, .. }
        | What::SideDone { server, .. }
        | What::Silent { server, .. } => (Some(*server), None),
        What::Heartbeat { holder, .. } | What::HeartbeatMissed { holder, .. } => (Some(*holder), None),
        What::SenderWaits { from, .. } | What::SendAgain { from, .. } => (of(from), None),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}
