//! What keeps mail alive when servers die: shadows, notifications, dumpster and Safety Net (I5–I9, I13, I15).

use std::collections::BTreeSet;

use super::ledger::{Branch, Copy, Shadow};
use super::stores::verify;
use super::violation::{DupId, DupIds, Invariant};
use super::{Checker, Due};
use crate::model::{Generation, MessageIdx, ServerIdx, SimTime};
use crate::sim::trace::{Actor, CopyIdx, Recipients, Store, What};

/// How it stands between a holder of shadows and a primary server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contact {
    pub(super) last: SimTime,
    pub(super) misses: u32,
}

impl Checker<'_> {
    pub(super) fn take_shadow(&mut self, what: &What) {
        match what {
            What::Shadow {
                server,
                copy,
                primary,
                recipients,
            } => {
                self.shadow(*server, *copy, *primary, recipients);
            }
            What::HaReceive {
                server,
                copy,
                message,
                recipients,
                primary,
                of,
            } => self.ha_received((*server, *copy), *message, recipients, (*primary, *of)),
            What::HaRedirect {
                copy,
                shadow_server,
                shadow,
                ..
            } => {
                self.redirected(*copy, *shadow_server, *shadow);
            }
            What::HaRedirectFail { server, copy, tries } => {
                self.redirect_failed(*server, *copy, *tries);
            }
            What::HaDiscard {
                server,
                copy,
                primary,
                recipients,
            } => {
                self.discarded(*server, *copy, *primary, recipients);
            }
            What::Promote {
                server,
                copy,
                primary,
                recipients,
                why,
            } => {
                self.promoted(*server, *copy, *primary, recipients, *why);
            }
            What::SideQueued { copy, .. } => {
                if let Some(known) = self.copies.get_mut(copy) {
                    known.protection_mut().sides += 1;
                }
            }
            What::SideDone { copy, .. } => {
                if let Some(known) = self.copies.get_mut(copy) {
                    known.protection_mut().sides = known.protection().sides.saturating_sub(1);
                    self.ending.push(*copy);
                }
            }
            What::ShadowExpired { copy, recipients, .. } => {
                self.shadow_expired(*copy, recipients);
            }
            What::Kept { .. } | What::Dropped { .. } | What::Replay { .. } | What::ReplayDefer { .. } => {
                self.take_safe(what);
            }
            _ => self.take_session(what),
        }
    }

    /// What holders and primary servers tell each other.
    fn take_session(&mut self, what: &What) {
        match what {
            What::DiscardQueued { server, copy, holder } => {
                self.discard_queued(*server, *copy, *holder);
            }
            What::DiscardDropped {
                copy,
                holder: holder @ Actor::Server(_),
                ..
            } => {
                self.discard_dropped(*copy, *holder);
            }
            What::Heartbeat {
                holder,
                primary,
                outbox,
                ..
            } => {
                if outbox.is_none() {
                    self.answered(*holder, *primary);
                }
                if !self.world.reaches(Actor::Server(*holder), *primary) {
                    let evidence = [(self.now, "it asks", Some(*holder), None)];
                    self.report(Invariant::C3, (None, None), "a heartbeat crosses a cut", &evidence);
                }
                self.touch(*holder, *primary, *outbox);
            }
            What::HeartbeatMissed {
                holder,
                primary,
                outbox,
                misses,
            } => self.heartbeat_missed((*holder, *primary, *outbox), *misses),
            _ => {}
        }
    }

    /// Whoever asks hears everything that is prepared for it (A33, S59), also of shadows that it has no more; what it has handed
    /// over is verified then (A52b).
    fn answered(&mut self, holder: ServerIdx, primary: Actor) {
        let Actor::Server(at) = primary else {
            // N23: a system outside is done with everything.
            for index in self.with_peers.remove(&(holder, primary)).unwrap_or_default() {
                self.verified(index, |branch| branch.to == Some(primary));
            }
            return;
        };
        let asker = Actor::Server(holder);
        for index in self.prepared.remove(&(at, asker)).unwrap_or_default() {
            let Some(copy) = self.copies.get_mut(&index) else {
                continue;
            };
            copy.protection_mut().discards.retain(|(of, _)| *of != asker);
            let parent = copy.parent;
            self.ending.push(index);
            if let Some(parent) = parent
                && self.copies.get(&parent).is_some_and(|parent| parent.server == holder)
            {
                self.verified(parent, |branch| branch.child == Some(index));
            }
        }
    }

    /// The holder of a copy has heard that some of what it has handed over is done.
    fn verified(&mut self, copy: CopyIdx, which: impl Fn(&Branch) -> bool) {
        let now = self.now;
        if let Some(copy) = self.copies.get_mut(&copy) {
            for branch in copy.branches.iter_mut().filter(|branch| which(branch)) {
                branch.verified = true;
            }
            verify(copy, now);
        }
    }

    /// What was in memory is gone: notifications of 2010 (M6).
    pub(super) fn forget_notifications(&mut self, server: ServerIdx) {
        let mut forgotten: Vec<CopyIdx> = Vec::new();
        self.prepared.retain(|(at, _), copies| {
            let is_gone = *at == server;
            if is_gone {
                forgotten.append(copies);
            }
            !is_gone
        });
        for index in forgotten {
            if let Some(copy) = self.copies.get_mut(&index) {
                copy.protection_mut().discards.clear();
                self.ending.push(index);
            }
        }
    }

    pub(super) fn touch(&mut self, holder: ServerIdx, primary: Actor, outbox: Option<Store>) {
        let contact = Contact {
            last: self.now,
            misses: 0,
        };
        self.contacts.insert((holder, primary, outbox), contact);
    }

    /// 2010: a copy becomes the shadow of what it has handed over (A30).
    fn shadow(&mut self, server: ServerIdx, copy: CopyIdx, primary: Actor, recipients: &Recipients) {
        if !self.world.shadows(Actor::Server(server), primary) {
            self.blame(
                Invariant::I15,
                copy,
                "a shadow is kept for who does not speak XSHADOW (A42)",
            );
        }
        let message = self.copies[&copy].message;
        // What was handed over, which the sender knows already or is about to know.
        let known = &self.copies[&copy];
        let branch = known.branches.iter().rev().find(|branch| {
            branch.to == Some(primary) && recipients.iter().all(|recipient| branch.recipients.contains(recipient))
        });
        let child = match branch {
            Some(branch) => branch.child,
            None => self.accounts.get(&message).and_then(|account| {
                let mut handovers = account.handovers.iter().rev();
                let fits = |handover: &&super::ledger::Handover| handover.from == server && handover.to == primary;
                handovers.find(fits).and_then(|handover| handover.child)
            }),
        };
        let taken = branch.is_some() || child.is_some();
        if !taken {
            self.blame(Invariant::C4, copy, "a shadow is kept of what nobody took");
        }
        let since = self.now;
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        // A system outside makes one of what it is given of a copy, in however many sessions.
        let same = |shadow: &&mut Shadow| shadow.primary == primary && child.is_none() && shadow.child.is_none();
        match known.protection_mut().shadows.iter_mut().find(same) {
            Some(shadow) => shadow.recipients.extend(recipients.iter().copied()),
            None => known.protection_mut().shadows.push(Shadow {
                primary,
                recipients: recipients.clone(),
                child,
                since,
            }),
        }
        let ends = known.accepted_at;
        self.dues.push(ends + self.shadow_life(server), Due::Shadow, copy);
        self.bound_silence(server, copy);
        if matches!(primary, Actor::Peer(_)) {
            self.with_peers.entry((server, primary)).or_default().push(copy);
        }
        if let Some(child) = child.and_then(|child| self.copies.get_mut(&child)) {
            child.references += 1;
            child.paired = true;
        }
        self.touch(server, primary, None);
    }

    /// 2013: a shadow on another server of the boundary (S28, I5, I15).
    fn ha_received(
        &mut self,
        (server, copy): (ServerIdx, CopyIdx),
        message: MessageIdx,
        recipients: &Recipients,
        (primary, of): (ServerIdx, CopyIdx),
    ) {
        let now = self.now;
        let evidence = [
            (now, "the shadow", Some(server), Some(copy)),
            (now, "of", Some(primary), Some(of)),
        ];
        let about = (Some(message), None);
        if server == primary {
            self.report(Invariant::I5, about, "primary and shadow are on one server", &evidence);
        } else if !self.world.in_boundary(primary, server) {
            self.report(Invariant::I15, about, "a shadow crosses the boundary", &evidence);
        }
        if !self.prefers(primary, server) {
            self.report(
                Invariant::I5,
                about,
                "a shadow is in a site that the preference rules out",
                &evidence,
            );
        }
        if !self.world.reaches(Actor::Server(primary), Actor::Server(server)) {
            self.report(Invariant::C3, about, "a shadow crosses a cut", &evidence);
        }
        if !self.world.protects() {
            self.report(
                Invariant::I5,
                about,
                "a shadow is made although shadow redundancy is off",
                &evidence,
            );
        }
        let (same, lineage, headers, accepted_at) = match self.copies.get_mut(&of) {
            Some(known) => {
                known.references += 1;
                known.protection_mut().partners.push(server);
                let same = known.message == message && known.server == primary;
                (same, known.lineage, known.headers, known.accepted_at)
            }
            None => (false, DupIds::default(), 0, now),
        };
        if !same {
            self.report(
                Invariant::C4,
                about,
                "a shadow is made of a copy that is not there",
                &evidence,
            );
        }
        let mut shadow = Copy {
            accepted_at,
            lineage,
            paired: true,
            ..Copy::new(server, message, now, (Actor::Server(primary), headers))
        };
        shadow.protection_mut().held = Some((primary, of, recipients.clone()));
        self.copies.insert(copy, shadow);
        self.account(message).copies.push(copy);
        self.dues.push(now + self.shadow_life(server), Due::Shadow, copy);
        self.bound_silence(server, copy);
        self.touch(server, Actor::Server(primary), None);
    }

    /// Whether a shadow may be there as far as ShadowMessagePreferenceSetting goes, which only DAGs in several sites know
    /// (S44–S46).
    fn prefers(&self, primary: ServerIdx, shadow: ServerIdx) -> bool {
        let org = self.world.stage.org();
        let Some(dag) = org.servers()[primary].dag else {
            return true;
        };
        let members = org
            .servers()
            .iter_enumerated()
            .filter(|(_, server)| server.dag == Some(dag));
        let sites: BTreeSet<_> = members.filter_map(|(at, _)| self.world.site(at)).collect();
        let local = self.world.site(primary) == self.world.site(shadow);
        let setting = org.transport_config().shadow_message_preference_setting.as_deref();
        sites.len() < 2
            || match setting {
                Some("LocalOnly") => local,
                Some("RemoteOnly") => !local,
                _ => true,
            }
    }

    fn redirected(&mut self, copy: CopyIdx, shadow_server: ServerIdx, shadow: CopyIdx) {
        // The shadow may be gone again; but it must have been one.
        let fits = self.copies.get(&shadow).is_none_or(|known| {
            known.server == shadow_server && known.protection().held.as_ref().is_none_or(|(_, of, _)| *of == copy)
        });
        if !fits {
            self.blame(
                Invariant::C4,
                copy,
                "a primary server knows of a shadow that is none of its own",
            );
        }
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        known.protection_mut().redirect = Some((shadow_server, shadow));
        known.paired = true;
    }

    fn redirect_failed(&mut self, server: ServerIdx, copy: CopyIdx, tries: u32) {
        let org = self.world.stage.org();
        let (remote, local) = self.world.tries();
        let in_dag = org.servers()[server].dag.is_some();
        let most = if in_dag { remote.saturating_add(local) } else { local };
        if tries > most {
            self.blame(
                Invariant::I5,
                copy,
                "more servers were tried for a shadow than T10 allows",
            );
        }
        // N70: while nothing has been broken, who is in the boundary answers.
        let others = || org.servers().iter_enumerated().map(|(other, _)| other);
        let partner =
            |other: ServerIdx| other != server && self.world.in_boundary(server, other) && self.prefers(server, other);
        if tries == 0 && self.world.broken_at.is_none() && others().any(partner) {
            self.blame(
                Invariant::I5,
                copy,
                "nobody is asked for a shadow, and somebody is there",
            );
        }
        self.copies
            .get_mut(&copy)
            .expect("it was looked for")
            .protection_mut()
            .failed_tries = Some(tries);
    }

    fn discard_queued(&mut self, server: ServerIdx, copy: CopyIdx, holder: Actor) {
        let now = self.now;
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        // S71: what comes of a message counts like its forks. What was rejected has none (S22), and its shadow is told so (N46).
        let open = (!known.pending.is_empty() && !known.refused) || known.protection().sides > 0;
        // What systems outside ask is not told (N23).
        let asks = matches!(holder, Actor::Server(_));
        if asks {
            known.protection_mut().discards.push((holder, now));
        }
        known.protection_mut().notified.push(holder);
        let message = known.message;
        let from = known.from;
        // N46: whoever may have a shadow is told, and not the last one alone.
        let shadowed = matches!(holder, Actor::Server(at) if known.protection().partners.contains(&at));
        if open {
            self.blame(
                Invariant::I6,
                copy,
                "a notification is prepared before every fork is done",
            );
        }
        if let Actor::Server(at) = holder {
            let newer = self.world.generation(server) == Generation::Exchange2013;
            let outside = match newer {
                true => !self.world.in_boundary(server, at),
                false => self.world.generation(at) != Generation::Exchange2010,
            };
            if outside {
                self.blame(
                    Invariant::I15,
                    copy,
                    "a notification is for a server outside the boundary",
                );
            }
            if (newer && !shadowed) || (!newer && from != holder) {
                self.blame(
                    Invariant::I7,
                    copy,
                    "a notification is for a server that has no shadow of this copy",
                );
            }
        }
        if !asks {
            return self.peer_may_forget(message, copy);
        }
        self.prepared.entry((server, holder)).or_default().push(copy);
        let life = self.discard_life();
        self.dues.push(now + life, Due::Discard, copy);
    }

    fn discard_dropped(&mut self, copy: CopyIdx, holder: Actor) {
        let life = self.discard_life();
        let now = self.now;
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let since = known
            .protection()
            .discards
            .iter()
            .find(|(of, _)| *of == holder)
            .map(|(_, since)| *since);
        known.protection_mut().discards.retain(|(of, _)| *of != holder);
        known.lineage.add(DupId::Dup7);
        let server = known.server;
        if let Some(prepared) = self.prepared.get_mut(&(server, holder)) {
            prepared.retain(|other| *other != copy);
        }
        self.ending.push(copy);
        match since {
            Some(since) if since + life > now => {
                self.blame(Invariant::I13, copy, "a notification is dropped before its time");
            }
            None if self.may_be_told_again(holder, server) => {}
            None => self.blame(Invariant::C4, copy, "a notification is dropped that was not there"),
            _ => {}
        }
    }

    fn heartbeat_missed(&mut self, who: (ServerIdx, Actor, Option<Store>), misses: u32) {
        let now = self.now;
        // Of a watch that began without a session, since its holder or a database has come up, this is the end of the first wait.
        let last = match self.world.generation(who.0) {
            Generation::Exchange2010 => {
                let waited = self.heartbeat_interval(who.0, who.2).as_millis();
                SimTime::from_ms(now.ms().saturating_sub(u64::try_from(waited).unwrap_or(u64::MAX)))
            }
            _ => now,
        };
        let contact = self.contacts.entry(who).or_insert(Contact { last, misses: 0 });
        contact.misses += 1;
        let expected = contact.misses;
        let last = contact.last;
        contact.misses = misses;
        if misses != expected {
            let evidence = [(last, "the last contact", Some(who.0), None)];
            let what = "missed heartbeats are counted wrongly";
            self.report(Invariant::I8, (None, None), what, &evidence);
        }
    }

    /// A shadow is released: its primary copy is done everywhere, and this holder was told (I6, I7).
    fn discarded(&mut self, server: ServerIdx, copy: CopyIdx, primary: Actor, recipients: &Recipients) {
        let now = self.now;
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let (mut children, mut released) = (Vec::new(), Recipients::new());
        if let Some((at, of, recipients)) = known
            .protection_mut()
            .held
            .take_if(|(at, _, _)| Actor::Server(*at) == primary)
        {
            debug_assert_eq!(Actor::Server(at), primary);
            children.push(Some(of));
            released.extend(recipients);
        }
        if let Some(shadow) = known.take_shadow(primary, recipients) {
            children.push(shadow.child);
            released.extend(shadow.recipients);
        }
        for branch in known.branches.iter_mut().filter(|branch| branch.to == Some(primary)) {
            branch.verified |= branch.recipients.iter().all(|recipient| released.contains(recipient));
        }
        verify(known, now);
        let message = known.message;
        if children.is_empty() {
            self.blame(
                Invariant::I7,
                copy,
                "a shadow is released that is not held for this server",
            );
        }
        for child in children.into_iter().flatten() {
            let holder = Actor::Server(server);
            let told = self.copies.get_mut(&child).map(|child| {
                child.protection_mut().discards.retain(|(of, _)| *of != holder);
                child.protection().notified.contains(&holder)
            });
            if told == Some(false) {
                self.blame(Invariant::I6, copy, "a shadow is released that no notification names");
            }
            self.release(child);
        }
        self.ending.push(copy);
        self.settle(message, &released);
    }
}
