//! What is known of messages and of copies that are alive.

use smallvec::SmallVec;

use super::violation::{DupIds, LossId};
use crate::model::{Generation, MessageIdx, ServerIdx, SimTime};
use crate::sim::ascending::Ascending;
use crate::sim::trace::{Actor, CopyIdx, Hop, RecipientIdx, Recipients, Safe, Store};

/// A delivery into a mailbox.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) at: SimTime,
    pub(super) store: Store,
    pub(super) copy: CopyIdx,
    /// Who delivered.
    pub(super) by: ServerIdx,
    /// Whether the store is on the same server.
    pub(super) local: bool,
}

/// A delivery that a store no longer has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgotten {
    pub(super) delivery: Delivery,
    pub(super) at: SimTime,
    /// The whole store is gone, every copy of it: nobody asks for anything again.
    pub(super) whole: bool,
    /// Other mailboxes of the same copy still waited, so that the dumpster did not have it (A19, N69).
    pub(super) partly: bool,
    /// The hub that had delivered it did nothing then, and nobody asks it later (N29).
    pub(super) unasked: bool,
}

/// How a delayed acknowledgement went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ack {
    /// Nothing was delayed.
    #[default]
    Prompt,
    /// It waits, until then at most.
    Delayed(SimTime),
    /// Verified.
    Verified,
    /// Its time was up.
    TimedOut,
}

/// A copy that went with a disk, as what becomes of the message depends on it.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) server: ServerIdx,
    /// Who has had the other copy of the pair, at any time.
    pub(super) others: SmallVec<[ServerIdx; 2]>,
    pub(super) at: SimTime,
    pub(super) generation: Generation,
    /// The generation of the server it came from; `None`: not a server.
    pub(super) from: Option<Generation>,
    /// A dumpster or a Safety Net of the server had given it back.
    pub(super) replay: bool,
    /// It was pulled from an Outbox.
    pub(super) pulled: bool,
    /// The mailbox server it was pulled from is the server itself.
    pub(super) beside_outbox: bool,
    pub(super) ack: Ack,
    /// Another server has had it as shadow or primary.
    pub(super) paired: bool,
    /// Its shadow had become the message.
    pub(super) promoted: bool,
    /// Tries when no shadow could be made.
    pub(super) failed_tries: Option<u32>,
    /// It was only kept.
    pub(super) kept: Option<Safe>,
    /// It was a shadow.
    pub(super) shadow: bool,
    /// Its primary server had handed on what it was a shadow of, so that others had to see to the message (N86).
    pub(super) handed_on: bool,
    /// Whoever handed it over knew that it was taken.
    pub(super) acknowledged: bool,
}

/// Something that was kept of a message and is no longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropped {
    pub(super) safe: Safe,
    /// Of which copy it was.
    pub(super) copy: CopyIdx,
    pub(super) at: SimTime,
    /// Its dumpster was too full for it, or had had it for as long as it may (T6, T7).
    pub(super) limits: bool,
    /// Its Safety Net, or that of its primary server, was asked for it in vain before, and when that was last so.
    pub(super) awaited: Option<SimTime>,
}

/// What is known of a message for one recipient. What few have is apart, so that all the others are small: there is one for each
/// message of two weeks.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Its deliveries that are in the mailbox.
    pub(super) mailbox: SmallVec<[Delivery; 1]>,
    /// Copies that somebody outside has.
    pub(super) outside: u32,
    /// The message was returned.
    pub(super) returned: bool,
    /// It is a group and was replaced by its members.
    pub(super) expanded: bool,
    /// It is in a group for which somebody outside has a copy (N91).
    pub(super) beyond: bool,
    /// Reasons of every copy that arrived.
    pub(super) lineage: DupIds,
    /// Those of the last one.
    pub(super) last: DupIds,
    /// A group was expanded once more that the recipient had left, while another copy still named it (N93).
    pub(super) passed_over: bool,
    /// Nobody has it under the recipient's own name, and the recipient has left the groups that copies are for (N72).
    pub(super) left: bool,
    /// How it was lost, if it was: `Some(None)` is a loss that nothing explains.
    pub(super) loss: Option<Option<LossId>>,
    mishaps: Option<Box<Mishaps>>,
}

/// What has befallen a message for one recipient.
#[derive(Clone, Debug, Default)]
pub(super) struct Mishaps {
    /// Deliveries that a store has forgotten.
    pub(super) forgotten: Vec<Forgotten>,
    /// Copies that went with a disk.
    pub(super) gone: Vec<Gone>,
    /// What was kept and dropped since.
    pub(super) dropped: Vec<Dropped>,
    /// When it was last delivered again.
    pub(super) replayed: Option<SimTime>,
    /// What was delivered again could not be, and nobody was told (X19).
    pub(super) silent: bool,
}

/// None: what a tally without mishaps reads.
static NO_MISHAPS: Mishaps = Mishaps {
    forgotten: Vec::new(),
    gone: Vec::new(),
    dropped: Vec::new(),
    replayed: None,
    silent: false,
};

impl Tally {
    /// What has befallen the message.
    pub(super) fn mishaps(&self) -> &Mishaps {
        self.mishaps.as_deref().unwrap_or(&NO_MISHAPS)
    }

    /// The same, to write one down: from then on it takes room.
    pub(super) fn mishaps_mut(&mut self) -> &mut Mishaps {
        self.mishaps.get_or_insert_default()
    }

    /// In the mailbox, outside, alone or with a group, returned, replaced by others, or owed to nobody any more.
    pub(super) fn is_done(&self) -> bool {
        let has_arrived = !self.mailbox.is_empty() || self.outside > 0 || self.beyond;
        has_arrived || self.returned || self.expanded || self.left
    }
}

/// What the sender still has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Nothing is known of it yet.
    Unknown,
    /// In an Outbox since then.
    Outbox(Store, SimTime),
    /// A client or a system outside has it.
    Sender,
    /// The sender has let go: the message was acknowledged.
    Released,
    /// It went with the store of the Outbox.
    Lost,
}

/// Somebody took mail, and who handed it over does not know that yet.
#[derive(Clone, Debug)]
pub(super) struct Handover {
    pub(super) from: ServerIdx,
    pub(super) to: Actor,
    pub(super) recipients: Recipients,
    pub(super) child: Option<CopyIdx>,
}

/// Everything about a message.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) item: Item,
    /// When its sender begins to hand it over.
    pub(super) sent_at: SimTime,
    /// A hub that has pulled it from the Outbox has handed it on for everybody (A11).
    pub(super) owned: bool,
    /// Its copies that are alive.
    pub(super) copies: SmallVec<[CopyIdx; 4]>,
    /// Those of them with which it waits for somebody, and some that are done since.
    pub(super) waiting: SmallVec<[CopyIdx; 4]>,
    pub(super) tallies: Ascending<RecipientIdx, Tally>,
    pub(super) handovers: SmallVec<[Handover; 1]>,
    /// Who has taken it from its sender, first to last, and which copy that was.
    pub(super) entries: SmallVec<[(ServerIdx, CopyIdx); 2]>,
    /// A system outside keeps it until this copy is done (A26).
    pub(super) peer_keeps: Option<CopyIdx>,
    /// Why its sender has sent it again, if it has.
    pub(super) again: DupIds,
    pub(super) last: SimTime,
    detours: Option<Box<Detours>>,
}

/// What few messages have been through.
#[derive(Clone, Debug, Default)]
pub(super) struct Detours {
    /// When the item left its Outbox: the store, since when it had it, and when.
    pub(super) left_outbox: Option<(Store, SimTime, SimTime)>,
    /// Who was done with what a system outside has kept (A26), and when: that is said when it asks.
    pub(super) done_for_peer: Option<(ServerIdx, SimTime)>,
    /// Who has dropped a copy last that it had not accepted, and when.
    pub(super) abandoned: Option<(ServerIdx, SimTime)>,
    /// A server has replayed it, for these recipients.
    pub(super) replays: Vec<(ServerIdx, Recipients)>,
}

/// None: what the account of most messages reads.
static NO_DETOURS: Detours = Detours {
    left_outbox: None,
    done_for_peer: None,
    abandoned: None,
    replays: Vec::new(),
};

impl Account {
    /// Of a message that its sender begins to hand over at an instant, and of which nothing was known before `now`.
    pub(super) fn new(sent_at: SimTime, now: SimTime) -> Account {
        Account {
            item: Item::Unknown,
            sent_at,
            owned: false,
            copies: SmallVec::new(),
            waiting: SmallVec::new(),
            tallies: Ascending::new(),
            handovers: SmallVec::new(),
            entries: SmallVec::new(),
            peer_keeps: None,
            again: DupIds::default(),
            last: now,
            detours: None,
        }
    }

    /// What few messages have been through.
    pub(super) fn detours(&self) -> &Detours {
        self.detours.as_deref().unwrap_or(&NO_DETOURS)
    }

    /// The same, to write something down: from then on it takes room.
    pub(super) fn detours_mut(&mut self) -> &mut Detours {
        self.detours.get_or_insert_default()
    }

    /// Whether the sender counts on it.
    pub(super) fn is_owed(&self) -> bool {
        matches!(self.item, Item::Released)
    }
}

/// Somebody has taken recipients of a copy over, and the copy knows it.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) recipients: Recipients,
    /// Who; `None`: a mailbox, or they were returned.
    pub(super) to: Option<Actor>,
    /// From which queue.
    pub(super) hop: Option<Hop>,
    pub(super) child: Option<CopyIdx>,
    /// Verified, as delayed acknowledgement wants it (A52b).
    pub(super) verified: bool,
}

/// Shadows of 2010: what a copy is for what it has handed over.
#[derive(Clone, Debug)]
pub(super) struct Shadow {
    pub(super) primary: Actor,
    pub(super) recipients: Recipients,
    pub(super) child: Option<CopyIdx>,
    pub(super) since: SimTime,
}

/// A copy in the queue database of a server. What keeps it alive besides is apart, so that mail that only passes is small.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) server: ServerIdx,
    pub(super) message: MessageIdx,
    pub(super) received_at: SimTime,
    /// When the primary server took the message: its two days begin there (T12, M12).
    pub(super) accepted_at: SimTime,
    pub(super) from: Actor,
    pub(super) headers: u32,
    /// How often a hub has had another one deliver it in its stead before it came (D13): at least, and at most, where it can have
    /// come from several copies.
    pub(super) reroutes: (u32, u32),
    /// From which copy it was handed over, as soon as that knows.
    pub(super) parent: Option<CopyIdx>,
    /// It was pulled from the Outbox.
    pub(super) pulled: bool,
    /// It comes from Safety Net or dumpster.
    pub(super) replay: bool,
    pub(super) lineage: DupIds,
    /// Recipients who wait, each with its queue once that is chosen.
    pub(super) pending: Ascending<RecipientIdx, Option<Hop>>,
    pub(super) branches: SmallVec<[Branch; 1]>,
    pub(super) ack: Ack,
    /// When every branch was verified.
    pub(super) verified_at: Option<SimTime>,
    /// It was refused after it had come (S22).
    pub(super) refused: bool,
    /// Another server has had it as shadow or primary.
    pub(super) paired: bool,
    /// How many live copies refer to this one.
    pub(super) references: u32,
    /// Whoever handed it over knows that it was taken.
    pub(super) acknowledged: bool,
    /// Whether its server still has it.
    pub(super) on_disk: bool,
    pub(super) protection: Option<Box<Protection>>,
}

/// What a copy has to do with keeping mail alive, or with mail that is late.
#[derive(Clone, Debug, Default)]
pub(super) struct Protection {
    /// Its shadows of 2010.
    pub(super) shadows: Vec<Shadow>,
    /// It is a shadow of 2013: of which copy on which server, for whom.
    pub(super) held: Option<(ServerIdx, CopyIdx, Recipients)>,
    /// Its shadow of 2013, as it knows.
    pub(super) redirect: Option<(ServerIdx, CopyIdx)>,
    /// Who has had a shadow of 2013 of it, known to it or not.
    pub(super) partners: Vec<ServerIdx>,
    pub(super) failed_tries: Option<u32>,
    pub(super) promoted: Option<SimTime>,
    /// For whom it was such a shadow.
    pub(super) taken_over: Recipients,
    pub(super) kept: Vec<(Safe, Recipients, SimTime)>,
    /// Who is to hear that it is done, and since when.
    pub(super) discards: Vec<(Actor, SimTime)>,
    /// Who was to hear it at any time.
    pub(super) notified: Vec<Actor>,
    /// Reports that come of it and are not on their way yet (S71).
    pub(super) sides: u32,
    /// Recipients whose sender was told that it is late.
    pub(super) late: Recipients,
}

impl Protection {
    /// Whether the copy is still there for the sake of it.
    fn is_open(&self) -> bool {
        !self.shadows.is_empty()
            || self.held.is_some()
            || !self.kept.is_empty()
            || !self.discards.is_empty()
            || self.sides > 0
    }
}

/// None: what a copy reads that only passes.
static NO_PROTECTION: Protection = Protection {
    shadows: Vec::new(),
    held: None,
    redirect: None,
    partners: Vec::new(),
    failed_tries: None,
    promoted: None,
    taken_over: Recipients::new_const(),
    kept: Vec::new(),
    discards: Vec::new(),
    notified: Vec::new(),
    sides: 0,
    late: Recipients::new_const(),
};

impl Copy {
    /// A copy that has come now, from somebody with so many Received headers, of which nothing else is known yet.
    pub(super) fn new(server: ServerIdx, message: MessageIdx, at: SimTime, (from, headers): (Actor, u32)) -> Copy {
        Copy {
            server,
            message,
            received_at: at,
            accepted_at: at,
            from,
            headers,
            reroutes: (0, 0),
            parent: None,
            pulled: false,
            replay: false,
            lineage: DupIds::default(),
            pending: Ascending::new(),
            branches: SmallVec::new(),
            ack: Ack::Prompt,
            verified_at: None,
            refused: false,
            paired: false,
            references: 0,
            acknowledged: true,
            on_disk: true,
            protection: None,
        }
    }

    /// What it has to do with keeping mail alive.
    pub(super) fn protection(&self) -> &Protection {
        self.protection.as_deref().unwrap_or(&NO_PROTECTION)
    }

    /// The same, to write something down: from then on it takes room.
    pub(super) fn protection_mut(&mut self) -> &mut Protection {
        self.protection.get_or_insert_default()
    }

    /// Whether the message waits with this copy, or is its shadow, for some recipients that `cover` somebody.
    pub(super) fn holds(&self, cover: impl Fn(&[RecipientIdx]) -> bool) -> bool {
        let waiting: Recipients = self.pending.keys().copied().collect();
        self.on_disk
            && !self.refused
            && (cover(&waiting)
                || self.protection().shadows.iter().any(|shadow| cover(&shadow.recipients))
                || self
                    .protection()
                    .held
                    .as_ref()
                    .is_some_and(|(_, _, recipients)| cover(recipients)))
    }

    /// Whether somebody waits in its queue for a store.
    pub(super) fn waits_for(&self, store: Store) -> bool {
        self.pending.values().any(|hop| *hop == Some(Hop::Store(store)))
    }

    /// Of which copies it is a shadow.
    pub(super) fn primaries(&self) -> impl Iterator<Item = CopyIdx> {
        let held = self.protection().held.iter().map(|(_, of, _)| *of);
        self.protection()
            .shadows
            .iter()
            .filter_map(|shadow| shadow.child)
            .chain(held)
    }

    /// Whether it knows that another server, or somebody outside, has taken it for some recipients that `cover` somebody.
    pub(super) fn has_handed_on(&self, cover: impl Fn(&[RecipientIdx]) -> bool) -> bool {
        let waiting: Recipients = self.pending.keys().copied().collect();
        let taken = |branch: &Branch| branch.to.is_some() && cover(&branch.recipients);
        self.branches.iter().any(taken) && !cover(&waiting)
    }

    /// Whether anything can still come of it.
    pub(super) fn is_alive(&self) -> bool {
        self.references > 0
            || (self.on_disk
                && (!self.pending.is_empty()
                    || matches!(self.ack, Ack::Delayed(_))
                    || self.protection.as_deref().is_some_and(Protection::is_open)))
    }

    /// Takes the shadow of what `primary` was given for these recipients.
    pub(super) fn take_shadow(&mut self, primary: Actor, recipients: &[RecipientIdx]) -> Option<Shadow> {
        let of_both = |shadow: &Shadow| {
            shadow.primary == primary
                && shadow.recipients.len() == recipients.len()
                && recipients.iter().all(|recipient| shadow.recipients.contains(recipient))
        };
        let at = self.protection().shadows.iter().position(of_both)?;
        Some(self.protection_mut().shadows.remove(at))
    }

    /// What is to be remembered of it when it goes; `of`: the generations of its server and of the server that it came from.
    pub(super) fn gone(&self, at: SimTime, of: (Generation, Option<Generation>)) -> Gone {
        let server_of = |actor: &Actor| match actor {
            Actor::Server(server) => Some(*server),
            _ => None,
        };
        // A26, A56: who handed it over has it, as a shadow or until it is acknowledged.
        let waited_for = matches!(self.ack, Ack::Delayed(_));
        let before = server_of(&self.from).filter(|_| (self.paired || waited_for) && !self.pulled);
        let primaries = self
            .protection()
            .shadows
            .iter()
            .filter_map(|shadow| server_of(&shadow.primary));
        let taken = self
            .branches
            .iter()
            .filter_map(|branch| branch.to.as_ref().and_then(server_of));
        Gone {
            replay: self.replay,
            server: self.server,
            others: before
                .into_iter()
                .chain(primaries)
                .chain(taken)
                .chain(self.protection().partners.iter().copied())
                .collect(),
            at,
            generation: of.0,
            from: of.1,
            pulled: self.pulled,
            beside_outbox: self.pulled && self.from == Actor::Server(self.server),
            ack: self.ack,
            paired: self.paired,
            promoted: self.protection().promoted.is_some(),
            failed_tries: self.protection().failed_tries,
            kept: None,
            shadow: false,
            handed_on: false,
            acknowledged: self.acknowledged,
        }
    }

    /// What went for one recipient when the copy did: whether it waited, was a shadow, or was only kept.
    pub(super) fn gone_for(&self, recipient: RecipientIdx, gone: &Gone) -> Gone {
        let waited = self.pending.contains_key(&recipient);
        let held = self
            .protection()
            .held
            .as_ref()
            .is_some_and(|(_, _, of)| of.contains(&recipient));
        let shadow = held
            || self
                .protection()
                .shadows
                .iter()
                .any(|shadow| shadow.recipients.contains(&recipient));
        let kept = self.protection().kept.iter().find(|(_, of, _)| of.contains(&recipient));
        let kept = kept.filter(|_| !waited && !shadow);
        let promoted = self.protection().taken_over.contains(&recipient);
        Gone {
            promoted,
            paired: self.paired || shadow || promoted,
            shadow: shadow && !waited,
            kept: kept.map(|(safe, _, _)| *safe),
            ..gone.clone()
        }
    }

    /// Everybody it is still there for, in whatever state.
    pub(super) fn everybody(&self) -> Recipients {
        let mut all: Recipients = self.pending.keys().copied().collect();
        all.extend(
            self.protection()
                .shadows
                .iter()
                .flat_map(|shadow| shadow.recipients.iter().copied()),
        );
        if let Some((_, _, recipients)) = &self.protection().held {
            all.extend(recipients.iter().copied());
        }
        all.extend(
            self.protection()
                .kept
                .iter()
                .flat_map(|(_, recipients, _)| recipients.iter().copied()),
        );
        all.sort_unstable();
        all.dedup();
        all
    }
}
