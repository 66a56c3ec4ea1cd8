//! Which loss of section 7.2 a loss is: a function of what the trace has shown, each id with its precondition.

use std::time::Duration;

use super::ledger::{Ack, Forgotten, Gone, Tally};
use super::violation::LossId;
use super::world::World;
use crate::model::Generation;
use crate::sim::trace::Safe;

/// Safety Nets that are kept no longer count as switched off (X22).
const SHORT_SAFETY_NET: Duration = Duration::from_secs(15);
/// How long a replay waits for the Safety Net of a primary server (T14).
const BROADCAST_AFTER: Duration = Duration::from_secs(12 * 3600);

/// The loss of an item that was still in its Outbox, with what a hub had made of it.
pub(super) fn of_outbox(generation: Generation, tally: &Tally) -> LossId {
    let beside = tally.gone.iter().any(|gone| gone.beside_outbox);
    match generation {
        Generation::Exchange2013 => LossId::L13_9,
        Generation::Exchange2010 if beside => LossId::L10_7,
        Generation::Exchange2010 if !tally.gone.is_empty() => LossId::L10_5,
        Generation::Exchange2010 => LossId::L10_2,
        _ if !tally.gone.is_empty() => LossId::L07_1,
        _ => LossId::L10_2,
    }
}

/// Why a message is nowhere any more for a recipient whose tally this is. `None`: nothing explains it.
///
/// A mailbox that has lost it comes first, for then transport had done its part; else the copy that went last. `grouped`: a shadow
/// is kept for a group, and nobody asks it for this recipient.
pub(super) fn classify(world: &World<'_>, tally: &Tally, grouped: bool) -> Option<LossId> {
    let transport = tally.gone.iter().filter(|gone| gone.kept.is_none());
    let last = transport.max_by_key(|gone| gone.at);
    match (tally.forgotten.last(), last) {
        (Some(forgotten), Some(gone)) if forgotten.at < gone.at => {
            of_transport(world, tally, gone).or_else(|| of_store(world, tally, forgotten, grouped))
        }
        (Some(forgotten), _) => of_store(world, tally, forgotten, grouped),
        (None, Some(gone)) => of_transport(world, tally, gone),
        (None, None) => None,
    }
}

fn of_store(world: &World<'_>, tally: &Tally, forgotten: &Forgotten, grouped: bool) -> Option<LossId> {
    let (delivery, at) = (&forgotten.delivery, forgotten.at);
    let generation = world.generation(delivery.by);
    let newer = generation == Generation::Exchange2013;
    if !world.replicated(delivery.store) || forgotten.whole {
        return Some(if newer { LossId::L13_11 } else { LossId::L10_11 });
    }
    let went = tally.gone.iter().filter(|gone| gone.kept.is_some()).count();
    if newer {
        let hold = world.stage.org().transport_config().safety_net_hold_time;
        let mut dropped = tally.dropped.iter();
        let aged = dropped.any(|(_, dropped)| *dropped <= at + BROADCAST_AFTER);
        return match () {
            () if !world.protects() => Some(LossId::L13_12),
            () if aged && hold.is_some_and(|hold| hold <= SHORT_SAFETY_NET) => Some(LossId::L13_10),
            () if aged => Some(LossId::L13_6),
            () if tally.replayed || grouped => Some(LossId::L13_7),
            // N63: both Safety Nets gone besides the database is what L13-3 says of queues.
            () if went >= 1 => Some(LossId::L13_3),
            () => None,
        };
    }
    let evicted = tally
        .dropped
        .iter()
        .any(|(safe, dropped)| *safe == Safe::Dumpster && *dropped <= at);
    match () {
        () if generation != Generation::Exchange2010 => Some(LossId::L10_11),
        () if evicted || forgotten.partly => Some(LossId::L10_9),
        () if went >= 1 && delivery.local => Some(LossId::L10_8),
        () if went >= 1 || forgotten.unasked => Some(LossId::L10_10),
        () => None,
    }
}

fn of_transport(world: &World<'_>, tally: &Tally, gone: &Gone) -> Option<LossId> {
    match gone.generation {
        // N62: who handed it over says how far protection went.
        Generation::Legacy | Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => match gone.from {
            Some(Generation::Exchange2010) => Some(LossId::L10_6),
            Some(Generation::Exchange2013) => Some(LossId::L13_5),
            _ => Some(LossId::L07_1),
        },
        Generation::Exchange2010 => of_2010(world, tally, gone),
        Generation::Exchange2013 => of_2013(world, tally, gone),
    }
}

/// Copies of the pair that went, on different servers.
fn servers_gone(tally: &Tally) -> usize {
    let mut servers: Vec<_> = tally.gone.iter().map(|gone| gone.server).collect();
    servers.sort_unstable();
    servers.dedup();
    servers.len()
}

fn of_2010(world: &World<'_>, tally: &Tally, gone: &Gone) -> Option<LossId> {
    if !world.protects() {
        return Some(LossId::L10_12);
    }
    if gone.paired || gone.shadow {
        return (servers_gone(tally) >= 2).then_some(LossId::L10_5);
    }
    match (gone.pulled, gone.from, gone.ack) {
        (true, _, _) if gone.beside_outbox => Some(LossId::L10_7),
        // The item was in the Outbox until the copy was handed on (A11): then it had a partner.
        (true, _, _) => (servers_gone(tally) >= 2).then_some(LossId::L10_5),
        (_, Some(Generation::Exchange2013), _) => Some(LossId::L13_8),
        (_, Some(Generation::Exchange2010), _) => (servers_gone(tally) >= 2).then_some(LossId::L10_5),
        (_, _, Ack::TimedOut) => Some(LossId::L10_3),
        (_, _, Ack::Prompt) => Some(LossId::L10_4),
        (_, _, Ack::Verified | Ack::Delayed(_)) => None,
    }
}

fn of_2013(world: &World<'_>, tally: &Tally, gone: &Gone) -> Option<LossId> {
    if !world.protects() {
        return Some(LossId::L13_12);
    }
    if !gone.paired && !gone.shadow {
        return match gone.failed_tries {
            Some(0) => Some(LossId::L13_1),
            Some(_) => Some(LossId::L13_2),
            None => None,
        };
    }
    if servers_gone(tally) < 2 {
        return None;
    }
    // N61: within the time of detection nobody could act, and it is one failure of two servers; later it is one after the other.
    let first = tally.gone.iter().map(|gone| gone.at).min().unwrap_or(gone.at);
    let sequential = gone.promoted || gone.at > first + world.resubmit_span();
    Some(if sequential { LossId::L13_4 } else { LossId::L13_3 })
}
