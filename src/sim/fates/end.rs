//! What has become of a message in the end, from what is known of it by then.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Fate, Fates, Place, Waits};
use crate::model::{FateKind, MessageIdx, SimTime};
use crate::sim::causes::Cause;
use crate::sim::tallies::{Held, Tally};
use crate::sim::trace::{CopyIdx, Hop, RecipientIdx, Return};

impl Fates<'_> {
    /// Where copies wait, the first of each message and recipient.
    pub(super) fn waits(&self) -> Waits {
        let mut waits = BTreeMap::new();
        let mut copies: Vec<(&CopyIdx, &Held)> = self.held.iter().collect();
        copies.sort_unstable_by_key(|(copy, _)| **copy);
        for (_, held) in copies {
            for recipient in &held.pending {
                let queued = held
                    .queued
                    .iter()
                    .find(|(recipients, ..)| recipients.contains(recipient));
                let place = match queued {
                    Some((_, hop, since)) => (Place::Queue(held.server, *hop), *since),
                    None => (Place::UnderWay(held.server), SimTime::ZERO),
                };
                waits.entry((held.message, *recipient)).or_insert(place);
            }
        }
        for ((_, primary), held) in &self.shadows {
            for recipient in &held.pending {
                let since = held.queued.first().map_or(SimTime::ZERO, |(_, _, since)| *since);
                let place = (Place::Shadow(held.server, *primary), since);
                waits.entry((held.message, *recipient)).or_insert(place);
            }
        }
        waits
    }

    /// What became of a message for one recipient; `waits`: where a copy for it still is.
    pub(super) fn fate(
        &self,
        (message, recipient): (MessageIdx, RecipientIdx),
        tally: &Tally,
        waits: Option<(Place, SimTime)>,
    ) -> Fate {
        let mut seen: SmallVec<[SimTime; 4]> = tally.seen.iter().map(|(at, _)| *at).collect();
        seen.sort_unstable();
        let in_mailbox = tally.seen.iter().any(|(_, in_mailbox)| *in_mailbox);
        let rare = tally.rare.as_deref();
        let suppressed = rare.and_then(|rare| rare.suppressed);
        let returned = rare.and_then(|rare| rare.returned);
        let fate = |kind, at| Fate {
            message,
            recipient,
            kind,
            at,
            copies: u32::try_from(seen.len()).unwrap_or(u32::MAX),
            cause: None,
            waits: None,
        };
        let waiting = |kind, place, at| Fate {
            waits: Some(place),
            ..fate(kind, at)
        };
        match (seen.as_slice(), suppressed, returned) {
            ([_, second, ..], ..) => fate(FateKind::Duplicate, *second),
            ([_], Some(again), _) if in_mailbox => fate(FateKind::SuppressedDuplicate, again),
            ([first], ..) if in_mailbox => fate(FateKind::Delivered, *first),
            ([first], ..) => fate(FateKind::DeliveredOutside, *first),
            ([], _, Some(returned)) => as_returned(returned, &fate),
            ([], _, None) => match waits {
                Some((place @ Place::Queue(_, Hop::Unreachable), since)) => {
                    waiting(FateKind::Unreachable, place, since)
                }
                Some((place, since)) => waiting(FateKind::Queued, place, since),
                None => self.elsewhere(message, tally, &waiting, &fate),
            },
        }
    }

    /// What became of a message of which no server holds a copy and which nobody has seen.
    fn elsewhere(
        &self,
        message: MessageIdx,
        tally: &Tally,
        waiting: &dyn Fn(FateKind, Place, SimTime) -> Fate,
        fate: &dyn Fn(FateKind, SimTime) -> Fate,
    ) -> Fate {
        match self.outboxes.get(&message) {
            Some(item) if item.submitted_at.is_none() => {
                waiting(FateKind::Queued, Place::Outbox(item.store), item.stored_at)
            }
            Some(_) => Self::gone(tally, fate),
            None if self.kept_outside.contains(&message) => waiting(
                FateKind::Queued,
                Place::Sender,
                self.stage.scenario().messages[message].at,
            ),
            None if self.entered.contains(message.index()) => Self::gone(tally, fate),
            None => match self.rejected.get(&message) {
                Some(at) => Fate {
                    waits: Some(Place::Sender),
                    ..fate(FateKind::Rejected451, *at)
                },
                None => waiting(
                    FateKind::Queued,
                    Place::Sender,
                    self.stage.scenario().messages[message].at,
                ),
            },
        }
    }

    /// What became of a message of which neither a server nor its sender holds a copy.
    fn gone(tally: &Tally, fate: &dyn Fn(FateKind, SimTime) -> Fate) -> Fate {
        let rare = tally.rare.as_deref();
        if let Some(at) = rare.and_then(|rare| rare.beyond) {
            return Fate {
                copies: 1,
                ..fate(FateKind::DeliveredOutside, at)
            };
        }
        match rare.and_then(|rare| rare.returned_with_group) {
            Some(returned) => as_returned(returned, fate),
            None => fate(FateKind::Lost, tally.lost_at),
        }
    }
}

/// The sender has it back.
fn as_returned((cause, at): (Return, SimTime), fate: &dyn Fn(FateKind, SimTime) -> Fate) -> Fate {
    let kind = match cause {
        Return::Expired => FateKind::Expired,
        _ => FateKind::Ndr,
    };
    Fate {
        cause: Some(Cause::Returned(cause)),
        ..fate(kind, at)
    }
}
