//! How long mail waits: senders hear of it, get it back, and queues are routed anew (T12, T20).

use std::time::Duration;

use super::agenda::Class;
use super::kernel::{Event, Kernel};
use super::state::{Item, Items, Life, Server, Waiting};
use super::trace::{CopyIdx, Hop, Recipients, Resubmission, Return, What};
use crate::model::{ServerIdx, SimTime};

/// How long mail waits in the queues of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct LifeInQueues {
    /// Until its sender is told that it is late (T20).
    late: Duration,
    /// Until it is returned (T12).
    expiry: Duration,
}

impl LifeInQueues {
    /// When the sender of something is told that it is late.
    fn late(self, item: &Item) -> SimTime {
        item.accepted_at + self.late
    }

    /// When it is returned.
    fn expires(self, item: &Item) -> SimTime {
        item.accepted_at + self.expiry
    }

    /// When something that waits is told late or returned.
    pub(super) fn due(self, items: &Items, waiting: &Waiting) -> Option<SimTime> {
        let item = items.get(&waiting.copy)?;
        let (expires, late) = (self.expires(item), self.late(item));
        let told = waiting
            .recipients
            .iter()
            .all(|recipient| item.told_late.contains(recipient));
        Some(if told { expires } else { expires.min(late) })
    }
}

impl Kernel<'_> {
    /// Puts down when something in a queue has waited too long.
    pub(super) fn plan_deadline(&mut self, server: ServerIdx, hop: Hop) {
        // What is overdue, since its server was down or it was a shadow, is so at once.
        let Some(next) = self.next_deadline(server, hop).map(|next| next.max(self.now)) else {
            return;
        };
        let state = &mut self.servers[server];
        let epoch = state.epoch;
        let Some(queue) = state.queues.get_mut(&hop) else {
            return;
        };
        if queue.deadline.is_some_and(|planned| planned <= next) {
            return;
        }
        queue.deadline = Some(next);
        self.put(next, Class::Timer, Event::Deadline(server, hop, epoch));
    }

    /// When something in a queue is next told late (4 h), returned (2 d) or routed anew (12 h in Retry).
    fn next_deadline(&mut self, server: ServerIdx, hop: Hop) -> Option<SimTime> {
        let life = self.life_in_queues(server);
        let Server { queues, items, .. } = &mut self.servers[server];
        let queue = queues.get_mut(&hop)?;
        let of_items = queue.next_due(|waiting| life.due(items, waiting));
        let idle = queue.failing_since + self.stage.scenario.settings.max_idle_time_before_resubmit;
        let idle = (hop != Hop::Unreachable && queue.failures > 0).then_some(idle);
        of_items.into_iter().chain(idle).min()
    }

    pub(super) fn life_in_queues(&self, server: ServerIdx) -> LifeInQueues {
        LifeInQueues {
            late: self.stage.scenario.settings.delay_notification_timeout,
            expiry: self.stage.org.servers()[server].message_expiration_timeout,
        }
    }

    /// Whether a copy has waited for its two days (T12).
    pub(super) fn is_overdue(&self, server: ServerIdx, copy: CopyIdx) -> bool {
        let life = self.life_in_queues(server);
        let item = self.servers[server].items.get(&copy);
        item.is_some_and(|item| life.expires(item) <= self.now)
    }

    /// Something in a queue may have waited too long.
    pub(super) fn deadline(&mut self, server: ServerIdx, hop: Hop, epoch: u32) {
        let now = self.now;
        let life = self.life_in_queues(server);
        let state = &mut self.servers[server];
        if state.epoch != epoch || state.life != Life::Up {
            return;
        }
        let Some(queue) = state.queues.get_mut(&hop) else {
            return;
        };
        // One that has passed while the server was paused is looked at now.
        if queue.deadline.is_none_or(|planned| planned > now) {
            return;
        }
        queue.deadline = None;
        let items = &state.items;
        let idle = self.stage.scenario.settings.max_idle_time_before_resubmit;
        for (place, waiting) in queue.due_by(now, |waiting| life.due(items, waiting)) {
            let copy = waiting.copy;
            if self.is_overdue(server, copy) {
                if let Some(queue) = self.servers[server].queues.get_mut(&hop) {
                    queue.remove(place, &waiting);
                }
                self.give_back(server, copy, &waiting.recipients, Return::Expired);
                self.forget_if_empty(server, hop);
            } else {
                self.tell_if_late(server, copy, waiting.recipients);
            }
        }
        let Some(queue) = self.servers[server].queues.get_mut(&hop) else {
            return;
        };
        if hop != Hop::Unreachable && queue.failures > 0 && now >= queue.failing_since + idle {
            return self.resubmit(server, hop, Resubmission::Idle);
        }
        self.plan_deadline(server, hop);
    }

    /// The sender hears that mail is late, once for each recipient.
    pub(super) fn tell_if_late(&mut self, server: ServerIdx, copy: CopyIdx, mut recipients: Recipients) {
        let life = self.life_in_queues(server);
        let Some(item) = self.servers[server].items.get_mut(&copy) else {
            return;
        };
        recipients.retain(|recipient| !item.told_late.contains(recipient));
        if self.now < life.late(item) || recipients.is_empty() {
            return;
        }
        item.told_late.extend(recipients.iter().copied());
        if item.silent {
            return;
        }
        self.tell(What::Delayed {
            server,
            copy,
            recipients,
        });
        self.sender_is_told(server, copy);
    }
}
