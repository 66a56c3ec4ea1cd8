//! The shadow server's side: it holds shadows in one shadow queue for each next hop of their primary server (S10), asks that
//! server what is done (S57, S58, S61), releases what is (S56), and takes over what nobody answers for (S62, S63).

use super::super::agenda::{Class, some_time};
use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use super::super::router;
use super::super::state::{Item, Load, Trail, TransferKey};
use super::super::trace::{Actor, CopyIdx, Hop, Promotion, Recipients, Safe, What};
use super::completion::Notice;
use super::safety_net::Kept;
use super::{Event, HOUR, MINUTE};
use crate::model::{MessageIdx, ServerIdx, SimTime};

/// A primary server, and its copy.
pub(super) type Key = (ServerIdx, CopyIdx);

/// All copies are between these two.
pub(super) const FIRST: CopyIdx = CopyIdx::from_raw_unchecked(0);
pub(super) const LAST: CopyIdx = CopyIdx::from_raw_unchecked(u32::MAX);

/// A shadow.
#[derive(Clone, Debug)]
pub(super) struct Shadow {
    copy: CopyIdx,
    message: MessageIdx,
    /// As the primary server received it (X18).
    recipients: Recipients,
    trail: Trail,
    /// When the primary server took the message.
    accepted_at: SimTime,
    held_since: SimTime,
    /// The queue database of the primary server then (S66).
    database: u32,
    silent: bool,
}

/// What a shadow server knows of a primary server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contact {
    /// When there was a session last (M4).
    last: SimTime,
    /// How often in a row there was none.
    misses: u32,
    /// When it asks next.
    next: SimTime,
}

/// The answer to XQDISCARD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Answer {
    pub(super) holder: ServerIdx,
    pub(super) primary: ServerIdx,
    /// The life of the holder in which it has asked.
    pub(super) epoch: u32,
    /// The queue database of the primary server.
    pub(super) database: u32,
    pub(super) notices: Vec<Notice>,
}

impl Kernel<'_> {
    /// A shadow is on disk at its server (S28).
    pub(in crate::sim) fn shadow_arrives(&mut self, session: TransferKey) {
        let Some(transfer) = self.transfers.get(session) else {
            return;
        };
        let (Load::Shadow { of, .. }, Actor::Server(primary), Actor::Server(server)) =
            (transfer.load.clone(), transfer.from, transfer.to)
        else {
            return;
        };
        // What is sent is the copy as it is when all of it has been sent.
        let Some(item) = self.servers[primary].items.get(&of).cloned() else {
            return self.break_off(session);
        };
        let copy = self.new_copy();
        if let Some(transfer) = self.transfers.get_mut(session) {
            transfer.load = Load::Shadow { of, shadow: Some(copy) };
        }
        let database = self.servers[primary].database;
        let shadow = Shadow {
            copy,
            message: item.message,
            recipients: item.pending.clone(),
            trail: item.trail.clone(),
            accepted_at: item.accepted_at,
            held_since: self.now,
            database,
            silent: item.silent,
        };
        self.disk(server).shadows.insert((primary, of), shadow);
        self.disk(server).databases.add(primary, database);
        self.open_shadows += 1;
        self.tell(What::HaReceive {
            server,
            copy,
            message: item.message,
            recipients: item.pending.clone(),
            primary,
            of,
        });
        self.tell_shadow_queues(server, copy, primary, &item);
        let until = self.now + self.shadow_life(server);
        self.put_2013(until, Class::Timer, Event::ShadowExpires(server, (primary, of)));
        self.had_session(server, primary, database, false);
        self.answer(session);
    }

    /// S10: one shadow queue for each next hop of the primary server.
    fn tell_shadow_queues(&mut self, server: ServerIdx, copy: CopyIdx, primary: ServerIdx, item: &Item) {
        let expanded = router::expand(self.org(), &self.stage.cast, primary, &item.pending, &item.trail);
        let recipients = expanded.as_ref().map_or(&item.pending, |expanded| &expanded.recipients);
        if recipients.is_empty() {
            return;
        }
        let split = self.split(primary, item.message, recipients);
        let mut queues: Vec<(Hop, Recipients)> = Vec::new();
        for fork in &split.forks {
            match queues.iter_mut().find(|(hop, _)| *hop == fork.hop) {
                Some((_, known)) => {
                    known.extend(fork.recipients.iter().copied());
                    known.sort_unstable();
                }
                None => queues.push((fork.hop, fork.recipients.clone())),
            }
        }
        for (hop, recipients) in queues {
            self.tell(What::ShadowQueued {
                server,
                copy,
                primary,
                hop,
                recipients,
            });
        }
    }

    /// How long a shadow lives that nobody asks for: SafetyNetHoldTime and MessageExpirationTimeout (T13, S76).
    fn shadow_life(&self, server: ServerIdx) -> std::time::Duration {
        let expiry = self.stage.org.servers()[server].message_expiration_timeout;
        self.safety_net_hold_time().saturating_add(expiry)
    }

    fn take_shadow_2013(&mut self, server: ServerIdx, key: &Key) -> Option<Shadow> {
        let disk = self.disk(server);
        let shadow = disk.shadows.remove(key)?;
        disk.databases.remove(key.0, shadow.database);
        self.open_shadows -= 1;
        Some(shadow)
    }

    fn heartbeat_frequency(&self) -> std::time::Duration {
        let set = self.stage.org.transport_config().shadow_heartbeat_frequency;
        some_time(set.unwrap_or(MINUTE * 2))
    }

    /// The shadows that a server holds for another one, in the order of its copies. O(log shadows) and what there is.
    fn shadows_of(&self, server: ServerIdx, primary: ServerIdx) -> impl Iterator<Item = (&Key, &Shadow)> {
        let shadows = &self.servers[server].shadow_2013.disk.shadows;
        shadows.range((primary, FIRST)..=(primary, LAST))
    }

    /// Any session shows that a primary server is there (S62), and tells which queue database it has. The clock of heartbeats goes
    /// back only when the shadow server has asked in it, which it does in its own sessions (S57, S58).
    fn had_session(&mut self, server: ServerIdx, primary: ServerIdx, database: u32, asked: bool) {
        let now = self.now;
        let contacts = &mut self.ram(server).contacts;
        let is_new = !contacts.contains_key(&primary);
        let contact = contacts.entry(primary).or_insert(Contact {
            last: now,
            misses: 0,
            next: now,
        });
        (contact.last, contact.misses) = (now, 0);
        if asked || is_new {
            self.plan_heartbeat(server, primary);
        }
        if !self.disk(server).databases.has_others(primary, database) {
            return;
        }
        let lost: Vec<Key> = self
            .shadows_of(server, primary)
            .filter(|(_, shadow)| shadow.database != database && !self.is(Mutant::DatabaseIdIgnored))
            .map(|(key, _)| *key)
            .collect();
        for key in lost {
            self.promote_2013(server, key, Promotion::NewDatabase);
        }
    }

    fn plan_heartbeat(&mut self, server: ServerIdx, primary: ServerIdx) {
        let next = self.now + self.heartbeat_frequency();
        let epoch = self.servers[server].epoch;
        if let Some(contact) = self.ram(server).contacts.get_mut(&primary) {
            contact.next = next;
            self.put_2013(next, Class::Timer, Event::Tick(server, primary, epoch));
        }
    }

    /// S58: there was no session for a while, so one is opened just to ask.
    pub(super) fn heartbeat_is_due(&mut self, server: ServerIdx, primary: ServerIdx, epoch: u32) {
        let now = self.now;
        if self.servers[server].epoch != epoch {
            return;
        }
        let holds = self.shadows_of(server, primary).next().is_some();
        let contacts = &mut self.ram(server).contacts;
        let Some(contact) = contacts.get_mut(&primary).filter(|contact| contact.next <= now) else {
            return;
        };
        if !holds {
            contacts.remove(&primary);
            return;
        }
        let (misses, last) = (contact.misses.saturating_add(1), contact.last);
        if self.answers(Actor::Server(server), Actor::Server(primary)) {
            self.plan_heartbeat(server, primary);
            return self.put_2013(now, Class::Contact, Event::Asked(primary, server, epoch));
        }
        if let Some(contact) = self.ram(server).contacts.get_mut(&primary) {
            contact.misses = misses;
        }
        self.tell(What::HeartbeatMissed {
            holder: server,
            primary: Actor::Server(primary),
            outbox: None,
            misses,
        });
        let patience = self.stage.org.transport_config().shadow_resubmit_time_span;
        if now < last + patience.unwrap_or(HOUR * 3) && !self.is(Mutant::TakeoverAtFirstMiss) {
            return self.plan_heartbeat(server, primary);
        }
        self.ram(server).contacts.remove(&primary);
        let all: Vec<Key> = self.shadows_of(server, primary).map(|(key, _)| *key).collect();
        for key in all {
            self.promote_2013(server, key, Promotion::Silence);
        }
    }

    /// S57: whoever opens a session to the primary server of shadows, for whatever reason, asks.
    pub(in crate::sim) fn session_works_2013(&mut self, session: TransferKey) {
        let Some(transfer) = self.transfers.get(session) else {
            return;
        };
        let (Actor::Server(from), Actor::Server(to)) = (transfer.from, transfer.to) else {
            return;
        };
        let of_transport = match &transfer.load {
            Load::Mail { hop, .. } => !matches!(hop, Hop::Store(_)),
            Load::Shadow { .. } => true,
            Load::Entry | Load::Pull(_) => false,
        };
        if of_transport && self.shadows_of(from, to).next().is_some() {
            let epoch = self.servers[from].epoch;
            self.put_2013(self.now, Class::Contact, Event::Asked(to, from, epoch));
        }
    }

    pub(super) fn told_of_discards(&mut self, answer: Answer) {
        let Answer { holder, primary, .. } = answer;
        if self.servers[holder].epoch != answer.epoch {
            return;
        }
        let notifications = u32::try_from(answer.notices.len()).unwrap_or(u32::MAX);
        self.tell(What::Heartbeat {
            holder,
            primary: Actor::Server(primary),
            outbox: None,
            notifications,
        });
        for notice in &answer.notices {
            self.release(holder, primary, *notice);
        }
        self.had_session(holder, primary, answer.database, true);
        if !answer.notices.is_empty() {
            let copies = answer.notices.iter().map(|notice| notice.copy).collect();
            self.put_2013(self.now, Class::Answer, Event::Confirmed(primary, holder, copies));
        }
    }

    /// S56: what is done goes from the shadow queue to the Safety Net. What is not there any more is nobody's concern.
    fn release(&mut self, server: ServerIdx, primary: ServerIdx, notice: Notice) {
        let Some(shadow) = self.take_shadow_2013(server, &(primary, notice.copy)) else {
            return;
        };
        let copy = shadow.copy;
        self.tell(What::HaDiscard {
            server,
            copy,
            primary: Actor::Server(primary),
            recipients: shadow.recipients.clone(),
        });
        if !notice.void {
            let kept = Kept {
                copy,
                safe: Safe::ShadowSafetyNet,
                message: shadow.message,
                recipients: shadow.recipients,
                trail: shadow.trail,
                primary,
                left: false,
                time: (shadow.held_since, notice.done_at),
                until: self.now,
            };
            self.keep(server, kept);
        }
    }

    /// S62, S63: the shadow is the message now, and goes to its next hop.
    fn promote_2013(&mut self, server: ServerIdx, key: Key, why: Promotion) {
        let Some(shadow) = self.take_shadow_2013(server, &key) else {
            return;
        };
        let (copy, primary) = (shadow.copy, Actor::Server(key.0));
        self.tell(What::Promote {
            server,
            copy,
            primary,
            recipients: shadow.recipients.clone(),
            why,
        });
        self.sent_again(shadow.message);
        let settings = &self.stage.scenario.settings;
        let accepted_at = match settings.expiry_restarts_at_promotion {
            true => self.now,
            false => shadow.accepted_at,
        };
        let item = Item {
            message: shadow.message,
            pending: shadow.recipients,
            trail: shadow.trail,
            accepted_at,
            told_late: Recipients::new(),
            silent: shadow.silent,
            reroutes: 0,
            for_stores: Recipients::new(),
        };
        self.servers[server].items.insert(copy, item);
        self.open_items += 1;
        match settings.reshadow_on_promotion {
            true => self.look_for_partner(server, copy, None),
            false => self.categorize(server, copy),
        }
    }

    pub(super) fn shadow_expires(&mut self, server: ServerIdx, key: Key) {
        let (now, life) = (self.now, self.shadow_life(server));
        let shadows = &self.disk(server).shadows;
        let Some(shadow) = shadows.get(&key) else { return };
        let (copy, recipients) = (shadow.copy, shadow.recipients.clone());
        if now >= shadow.held_since + life {
            self.take_shadow_2013(server, &key);
            self.tell(What::ShadowExpired {
                server,
                copy,
                recipients,
            });
        }
    }

    /// A server that has stopped asks for the shadows that it has on disk at once; silence counts from now on (N43).
    pub(super) fn shadows_start(&mut self, server: ServerIdx) {
        let now = self.now;
        let keys: Vec<Key> = self.disk(server).shadows.keys().copied().collect();
        for key in keys {
            self.shadow_expires(server, key);
        }
        let mut primaries: Vec<ServerIdx> = self.disk(server).shadows.keys().map(|(primary, _)| *primary).collect();
        primaries.dedup();
        let epoch = self.servers[server].epoch;
        for primary in primaries {
            let contact = Contact {
                last: now,
                misses: 0,
                next: now,
            };
            self.ram(server).contacts.insert(primary, contact);
            self.put_2013(now, Class::Timer, Event::Tick(server, primary, epoch));
        }
    }
}
