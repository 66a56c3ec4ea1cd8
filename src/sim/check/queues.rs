//! Queues that wait: when they try again, when their mail is routed anew, when senders hear of it (T20).

use std::time::Duration;

use oxc_index::IndexVec;

use super::ledger::Copy;
use super::violation::Invariant;
use super::{Checker, Due};
use crate::model::{Generation, ServerIdx, SimTime};
use crate::sim::trace::{CopyIdx, Hop, Recipients, Resubmission, Safe, What};

/// How long a sender waits for a server that has stopped to answer (T18).
const SESSION_PATIENCE: Duration = Duration::from_secs(600);

/// A queue in Retry.
#[derive(Clone, Copy, Debug)]
struct Retry {
    failures: u32,
    /// When the first try failed.
    since: SimTime,
    /// When it was last deferred.
    last: SimTime,
    until: SimTime,
    /// Somebody was served since, through another server that the hop can mean (N65).
    served: bool,
}

#[derive(Clone, Debug)]
struct Queue {
    hop: Hop,
    /// Recipients in it, counted for each copy.
    waiting: u32,
    retry: Option<Retry>,
}

/// Queues that somebody waits in, by server. A server has few.
#[derive(Debug, Default)]
pub(super) struct Queues(IndexVec<ServerIdx, Vec<Queue>>);

impl Queues {
    pub(super) fn enter(&mut self, server: ServerIdx, hop: Hop) {
        while self.0.len() <= server.index() {
            self.0.push(Vec::new());
        }
        let queues = &mut self.0[server];
        match queues.iter_mut().find(|queue| queue.hop == hop) {
            Some(queue) => queue.waiting += 1,
            None => queues.push(Queue {
                hop,
                waiting: 1,
                retry: None,
            }),
        }
    }

    /// A recipient leaves; `served`: since somebody took it, and so the next failure is the first.
    pub(super) fn leave(&mut self, server: ServerIdx, hop: Hop, served: bool) {
        let Some(queues) = self.0.get_mut(server) else { return };
        if let Some(at) = queues.iter().position(|queue| queue.hop == hop) {
            let queue = &mut queues[at];
            queue.waiting = queue.waiting.saturating_sub(1);
            match (&mut queue.retry, queue.hop) {
                // Several servers can be meant, and one that serves says nothing of another (N65).
                (Some(retry), Hop::Within(_)) if served => retry.served = true,
                (retry, _) if served => *retry = None,
                _ => {}
            }
            if queue.waiting == 0 {
                queues.swap_remove(at);
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// The queue database of a server is gone.
    pub(super) fn server_lost(&mut self, server: ServerIdx) {
        self.0.get_mut(server).into_iter().for_each(Vec::clear);
    }

    /// A server has forgotten how often it has tried.
    fn restarted(&mut self, server: ServerIdx) {
        for queue in self.0.get_mut(server).into_iter().flatten() {
            queue.retry = None;
        }
    }

    fn get(&mut self, server: ServerIdx, hop: Hop) -> Option<&mut Queue> {
        self.0.get_mut(server)?.iter_mut().find(|queue| queue.hop == hop)
    }
}

impl Checker<'_> {
    pub(super) fn memory_lost(&mut self, server: ServerIdx) {
        self.queues.restarted(server);
        self.contacts.retain(|(holder, ..), _| *holder != server);
        let settings = &self.world.stage.scenario().settings;
        if self.world.generation(server) == Generation::Exchange2010 && !settings.discards_survive_restart {
            self.forget_notifications(server);
        }
    }

    pub(super) fn take_queue(&mut self, what: &What) {
        match what {
            What::Defer {
                server,
                hop,
                failures,
                until,
            } => self.deferred(*server, *hop, *failures, *until),
            What::Resubmit { server, hop, why } => self.resubmitted(*server, *hop, *why),
            What::Delayed {
                server,
                copy,
                recipients,
            } => {
                self.delayed(*server, *copy, recipients);
            }
            _ => {}
        }
    }

    /// How long a session lasts at most: as long as its sender waits (T18), or as a hand-over takes (N68).
    pub(super) fn longest_session(&self) -> Duration {
        self.world.slowest().max(SESSION_PATIENCE)
    }

    /// How long a queue waits after so many failures.
    fn retry_after(&self, server: ServerIdx, hop: Hop, failures: u32) -> Duration {
        let settings = &self.world.stage.scenario().settings;
        let edge = self.world.stage.org().servers()[server].is_edge();
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        // T20 is of 2007 and later; 2000/2003 try as link state tries connectors (N12).
        if self.world.generation(server) == Generation::Legacy {
            return minutes(1);
        }
        if let Hop::Store(_) = hop {
            return settings.mailbox_delivery_queue_retry_interval;
        }
        let glitches = settings.queue_glitch_retry_count;
        let transient = settings.transient_failure_retry_interval;
        let outbound = settings.outbound_connection_failure_retry_interval;
        match failures {
            _ if failures <= glitches => settings.queue_glitch_retry_interval,
            _ if failures <= glitches.saturating_add(settings.transient_failure_retry_count) => {
                transient.unwrap_or(minutes(if edge { 10 } else { 5 }))
            }
            _ => outbound.unwrap_or(minutes(if edge { 30 } else { 10 })),
        }
    }

    fn deferred(&mut self, server: ServerIdx, hop: Hop, failures: u32, until: SimTime) {
        let now = self.now;
        let due = now + self.retry_after(server, hop, failures);
        let idle = self.world.stage.scenario().settings.max_idle_time_before_resubmit;
        let slowest = self.longest_session();
        let resumed = self.world.machine(server).since;
        let mut wrong = Vec::new();
        if until != due {
            wrong.push(("a queue waits too long or too short a time", due, "it should try again"));
        }
        match self.queues.get(server, hop) {
            None => wrong.push(("a queue waits that nothing is in", now, "it is deferred")),
            Some(queue) => {
                let before = queue.retry;
                let expected = before.map_or(1, |retry| retry.failures + 1);
                let first = failures == 1 && before.is_some_and(|retry| retry.served);
                if failures != expected && !first {
                    let at = before.map_or(now, |retry| retry.last);
                    wrong.push(("failures are counted wrongly", at, "the failure before"));
                }
                if let Some(retry) = before.filter(|_| !first) {
                    // Whose session breaks off tries at once somewhere else (N5).
                    let tried = retry.until.max(self.world.broken_at.unwrap_or_default());
                    let late = now > tried + slowest && resumed <= retry.last;
                    if now < retry.until || late {
                        wrong.push((
                            "a queue is not tried when it should be",
                            retry.until,
                            "it was to be tried",
                        ));
                    }
                    if now > retry.since + idle + slowest && resumed <= retry.last {
                        wrong.push(("a queue in Retry is not resubmitted", retry.since + idle, "it is idle"));
                    }
                }
                queue.retry = Some(Retry {
                    failures,
                    since: before.filter(|_| !first).map_or(now, |retry| retry.since),
                    last: now,
                    until,
                    served: before.is_some_and(|retry| retry.served),
                });
            }
        }
        for (what, at, fact) in wrong {
            self.report(Invariant::T20, (None, None), what, &[(at, fact, Some(server), None)]);
        }
    }

    fn resubmitted(&mut self, server: ServerIdx, hop: Option<Hop>, why: Resubmission) {
        let now = self.now;
        let idle = self.world.stage.scenario().settings.max_idle_time_before_resubmit;
        let resumed = self.world.machine(server).since;
        let Some(hop) = hop else {
            self.queues.restarted(server);
            return;
        };
        let retry = self.queues.get(server, hop).and_then(|queue| queue.retry.take());
        if why != Resubmission::Idle {
            return;
        }
        let due = retry.map(|retry| retry.since + idle);
        // N68: what is under way then comes back first.
        let in_time = |due: SimTime| due <= now && now <= due.max(resumed) + self.longest_session();
        if !due.is_some_and(in_time) {
            let evidence = [(due.unwrap_or(now), "it is idle", Some(server), None)];
            let what = "a queue is resubmitted as idle at another time";
            self.report(Invariant::T20, (None, None), what, &evidence);
        }
    }

    fn delayed(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients) {
        let timeout = self.world.stage.scenario().settings.delay_notification_timeout;
        let resumed = self.world.machine(server).since;
        let longest = self.longest_session();
        let known = self.copies.get_mut(&copy).expect("it was looked for");
        let due = known.accepted_at + timeout;
        // A server that was down tells it when it works again, or on its next round.
        // N68: what is under way when it is due comes back first.
        let fits = self.now >= due && self.now <= due.max(resumed) + longest;
        let again = recipients
            .iter()
            .any(|recipient| known.protection().late.contains(recipient));
        known.protection_mut().late.extend(recipients.iter().copied());
        let fresh = known.protection().promoted.is_none();
        if again {
            self.blame(Invariant::T20, copy, "the sender hears twice that a copy is late");
        }
        if fresh && !fits {
            self.blame(
                Invariant::T20,
                copy,
                "the sender hears at another time that a copy is late",
            );
        }
    }

    /// When mail that came now is returned, and when it is late.
    pub(super) fn arm(&mut self, copy: CopyIdx) {
        let known = &self.copies[&copy];
        let org = self.world.stage.org();
        let expiry = known.accepted_at + org.servers()[known.server].message_expiration_timeout;
        let late = known.accepted_at + self.world.stage.scenario().settings.delay_notification_timeout;
        // N68: what is under way then comes back first.
        let longest = self.longest_session();
        self.dues.push(expiry.max(self.now) + longest, Due::Expiry, copy);
        if !known.replay && known.protection().promoted.is_none() {
            self.dues.push(late + longest, Due::Delay, copy);
        }
    }

    /// Something was due at an instant that has passed: it must have come.
    pub(super) fn missed(&mut self, at: SimTime, due: Due, index: CopyIdx) {
        let Some(copy) = self.copies.get(&index).filter(|copy| copy.on_disk) else {
            return;
        };
        let hold = self.safety_net_hold();
        let open = match due {
            Due::Expiry | Due::Delay => !copy.pending.is_empty() && !copy.refused,
            Due::Shadow => copy.protection().held.is_some() || !copy.protection().shadows.is_empty(),
            Due::Kept => copy
                .protection()
                .kept
                .iter()
                .any(|(safe, _, since)| *since + self.kept_for(*safe, hold) <= at),
            Due::Discard => {
                let life = self.discard_life();
                copy.protection().discards.iter().any(|(_, since)| *since + life <= at)
            }
        };
        if !open {
            return;
        }
        let server = copy.server;
        if !self.world.is_up(server) {
            self.overdue.push((server, due, index));
            return;
        }
        // N67, N68: what a server hands over as soon as it starts or takes a shadow over has its time.
        let begun = self
            .world
            .machine(server)
            .since
            .max(copy.protection().promoted.unwrap_or_default());
        let ends = begun + self.longest_session();
        if due == Due::Delay && begun > SimTime::ZERO && at < ends {
            self.dues.push(ends, due, index);
            return;
        }
        let late_told = |copy: &Copy| {
            copy.pending
                .keys()
                .all(|recipient| copy.protection().late.contains(recipient))
        };
        let (invariant, what) = match due {
            Due::Delay if late_told(copy) => return,
            // Recipients who came with the expansion of a group, or wait in a new queue, are told with the copy.
            Due::Delay => (Invariant::T20, "the sender does not hear that a copy is late"),
            Due::Expiry => (Invariant::I13, "a copy waits longer than its time"),
            Due::Shadow => (Invariant::I13, "a shadow lives longer than its time"),
            Due::Kept => (Invariant::I13, "what was kept is kept longer than its time"),
            Due::Discard => (Invariant::I13, "a notification waits longer than its time"),
        };
        let message = copy.message;
        let evidence = [(at, "it was due", Some(server), Some(index))];
        self.report(invariant, (Some(message), None), what, &evidence);
    }

    /// How long something is kept (T7, T11).
    pub(super) fn kept_for(&self, safe: Safe, safety_net: Duration) -> Duration {
        let config = self.world.stage.org().transport_config();
        match safe {
            Safe::Dumpster => config.max_dumpster_time.unwrap_or(Duration::from_secs(7 * 86_400)),
            Safe::PrimarySafetyNet | Safe::ShadowSafetyNet => safety_net,
        }
    }

    /// SafetyNetHoldTime (T11).
    pub(super) fn safety_net_hold(&self) -> Duration {
        let config = self.world.stage.org().transport_config();
        config.safety_net_hold_time.unwrap_or(Duration::from_secs(2 * 86_400))
    }

    /// ShadowMessageAutoDiscardInterval (T5).
    pub(super) fn discard_life(&self) -> Duration {
        let config = self.world.stage.org().transport_config();
        config
            .shadow_message_auto_discard_interval
            .unwrap_or(Duration::from_secs(2 * 86_400))
    }
}
