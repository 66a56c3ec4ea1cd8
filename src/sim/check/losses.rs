//! Which loss of section 7.2 a loss is: a function of what the trace has shown, each id with its precondition.

use std::time::Duration;

use super::ledger::{Ack, Forgotten, Gone, Tally};
use super::violation::LossId;
use super::world::World;
use crate::model::Generation;
use crate::sim::trace::Safe;

/// Safety Nets that are kept no longer count as switched off (X22).
const SHORT_SAFETY_NET: Duration = Duration::from_secs(15);

/// The loss of an item that was still in its Outbox, with what a hub had made of it.
pub(super) fn of_outbox(generation: Generation, tally: &Tally) -> LossId {
    let beside = tally.mishaps().gone.iter().any(|gone| gone.beside_outbox);
    match generation {
        Generation::Exchange2013 => LossId::L13_9,
        Generation::Exchange2010 if beside => LossId::L10_7,
        Generation::Exchange2010 if !tally.mishaps().gone.is_empty() => LossId::L10_5,
        Generation::Exchange2010 => LossId::L10_2,
        _ if !tally.mishaps().gone.is_empty() => LossId::L07_1,
        _ => LossId::L10_2,
    }
}

/// Why a message is nowhere any more for a recipient whose tally this is. `None`: nothing explains it.
///
/// A mailbox that has lost it comes first, for then transport had done its part; else the copy that went last, of those that whoever
/// handed them over relied on. `left`: a shadow is kept for a group that the recipient has left since.
pub(super) fn classify(world: &World<'_>, tally: &Tally, left: bool) -> Option<LossId> {
    let transport = || tally.mishaps().gone.iter().filter(|gone| gone.kept.is_none());
    // N84: who waits for an acknowledgement relies on the copy, and has the other one. N86: nobody relies on a shadow any more when
    // its primary server has handed the message on.
    let relied = |gone: &Gone| !gone.handed_on && (gone.acknowledged || matches!(gone.ack, Ack::Delayed(_)));
    let last = transport().max_by_key(|gone| (relied(gone), gone.at));
    let told = || {
        let acknowledged = || transport().filter(|gone| gone.acknowledged);
        let at = acknowledged().map(|gone| gone.at).max();
        // Of those that went at the same instant each may be the one.
        let mut at_last = acknowledged().filter(|gone| Some(gone.at) == at);
        of_transport(world, tally, last?).or_else(|| at_last.find_map(|gone| of_transport(world, tally, gone)))
    };
    match tally.mishaps().forgotten.last() {
        Some(forgotten) if last.is_some_and(|gone| forgotten.at < gone.at) => {
            told().or_else(|| of_store(world, tally, forgotten, left))
        }
        Some(forgotten) => of_store(world, tally, forgotten, left),
        None => told(),
    }
}

fn of_store(world: &World<'_>, tally: &Tally, forgotten: &Forgotten, left: bool) -> Option<LossId> {
    let (delivery, at) = (&forgotten.delivery, forgotten.at);
    let generation = world.generation(delivery.by);
    let newer = generation == Generation::Exchange2013;
    if !world.replicated(delivery.store) || forgotten.whole {
        return Some(if newer { LossId::L13_11 } else { LossId::L10_11 });
    }
    let went = tally.mishaps().gone.iter().filter(|gone| gone.kept.is_some()).count();
    if newer {
        let hold = world.stage.org().transport_config().safety_net_hold_time;
        // X14: what the store lacked went back further than the hold time. X15: its time was up while somebody was asked in vain.
        let aged = tally.mishaps().dropped.iter().any(|dropped| {
            dropped.safe != Safe::Dumpster
                && (dropped.at <= at || dropped.awaited.is_some_and(|asked| asked >= at && asked <= dropped.at))
        });
        return match () {
            () if !world.protects() => Some(LossId::L13_12),
            // X19, X20.
            () if tally.mishaps().silent || left => Some(LossId::L13_7),
            () if aged && hold.is_some_and(|hold| hold <= SHORT_SAFETY_NET) => Some(LossId::L13_10),
            () if aged => Some(LossId::L13_6),
            // N63: both Safety Nets gone besides the database is what L13-3 says of queues.
            () if went >= 1 => Some(LossId::L13_3),
            () => None,
        };
    }
    // What was to be in its dumpster went too, whether it had come there or still waited for other mailboxes (A19).
    let hub = world.machine(delivery.by).database_lost;
    let went = went >= 1 || hub.is_some_and(|lost| lost >= delivery.at && lost <= at);
    // X8: what goes since every copy has the log cannot be lost with it, so that only the limits explain anything (T6, T7).
    let evicted = tally.mishaps().dropped.iter().any(|dropped| {
        dropped.safe == Safe::Dumpster && dropped.limits && dropped.copy == delivery.copy && dropped.at <= at
    });
    match () {
        () if generation != Generation::Exchange2010 => Some(LossId::L10_11),
        () if evicted || forgotten.partly => Some(LossId::L10_9),
        () if went && delivery.local => Some(LossId::L10_8),
        () if went || forgotten.unasked => Some(LossId::L10_10),
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

/// Whether both copies of a pair went: of two servers one has had the shadow of what the other had.
fn pair_gone(tally: &Tally) -> bool {
    let in_transit = || tally.mishaps().gone.iter().filter(|gone| gone.kept.is_none());
    in_transit().any(|one| in_transit().any(|other| one.server != other.server && one.others.contains(&other.server)))
}

fn of_2010(world: &World<'_>, tally: &Tally, gone: &Gone) -> Option<LossId> {
    if !world.protects() {
        return Some(LossId::L10_12);
    }
    // N92: what the dumpster had given back for a database that had lost it, and no other server had then.
    if gone.replay && gone.others.iter().all(|other| *other == gone.server) {
        return Some(LossId::L10_10);
    }
    if gone.paired || gone.shadow {
        return (pair_gone(tally)).then_some(LossId::L10_5);
    }
    match (gone.pulled, gone.from, gone.ack) {
        (true, _, _) if gone.beside_outbox => Some(LossId::L10_7),
        // The item was in the Outbox until the copy was handed on (A11): then it had a partner.
        (true, _, _) => (pair_gone(tally)).then_some(LossId::L10_5),
        (_, Some(Generation::Exchange2013), _) => Some(LossId::L13_8),
        (_, Some(Generation::Exchange2010), _) => (pair_gone(tally)).then_some(LossId::L10_5),
        (_, _, Ack::TimedOut) => Some(LossId::L10_3),
        (_, _, Ack::Prompt) => Some(LossId::L10_4),
        // N84: the server that handed it over had it until it was acknowledged (A56).
        (_, _, Ack::Delayed(_)) => pair_gone(tally).then_some(LossId::L10_5),
        (_, _, Ack::Verified) => None,
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
            // N80: who is in no boundary has no partner, and asks nobody.
            None if world.stage.org().servers()[gone.server].is_edge() => Some(LossId::L13_1),
            None => None,
        };
    }
    if !pair_gone(tally) {
        // N89: a shadow that had become the message was all there was of it.
        return (gone.promoted && !gone.shadow).then_some(LossId::L13_4);
    }
    // N61: within the time of detection nobody could act, and it is one failure of two servers; later it is one after the other.
    let first = tally.mishaps().gone.iter().map(|gone| gone.at).min().unwrap_or(gone.at);
    let sequential = gone.promoted || gone.at > first + world.resubmit_span();
    Some(if sequential { LossId::L13_4 } else { LossId::L13_3 })
}
