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
    let (server, copy) = (what.server()?, what.copy()?);
    let wait = match what {
        // A copy that comes into being, and what is told of one that may be done with.
        What::Receive { .. } | What::HaReceive { .. } | What::ShadowQueued { .. } | What::Own { .. } => return None,
        // What is prepared for a system outside is nothing that the checker holds on to (N23).
        What::DiscardDropped { holder, .. } if !matches!(holder, Actor::Server(_)) => return None,
        What::Transfer { .. }
        | What::Send { .. }
        | What::Delayed { .. }
        | What::Fail { .. }
        | What::Silent { .. }
        | What::Deliver { .. }
        | What::DuplicateDeliver { .. } => true,
        _ => false,
    };
    Some(Subject {
        server,
        copy,
        recipients: wait.then(|| what.recipients()),
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
        What::SenderWaits { from, .. } | What::SendAgain { from, .. } => (of(from), None),
        // These happen to a server that need not work.
        What::QueuesLost { .. } | What::Abandon { .. } | What::ReplayDefer { .. } | What::ReplayFail { .. } => {
            (None, None)
        }
        _ => (what.server(), None),
    };
    first.into_iter().chain(second)
}
