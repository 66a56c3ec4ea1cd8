//! What comes back: mail that is returned, mail that a server refuses for now, and mail whose session breaks off.

use super::kernel::Kernel;
use super::network::server_of;
use super::state::{Life, Load, Queue, Server, Transfer, TransferKey, Waiting};
use super::trace::{Actor, CopyIdx, Hop, Recipients, Return, What};
use crate::model::ServerIdx;

impl Kernel<'_> {
    /// Mail is returned to its sender.
    pub(super) fn give_back(&mut self, server: ServerIdx, copy: CopyIdx, recipients: &Recipients, cause: Return) {
        let Some(item) = self.servers[server].items.get(&copy) else {
            return;
        };
        let (message, recipients_told) = (item.message, recipients.clone());
        if item.silent {
            self.tell(What::Silent {
                server,
                copy,
                message,
                recipients: recipients_told,
                cause,
            });
        } else {
            self.tell(What::Fail {
                server,
                copy,
                message,
                recipients: recipients_told,
                cause,
            });
            self.sender_is_told(server, copy);
        }
        self.finish(server, copy, recipients);
    }

    /// A queue goes with the last of its mail, and with it how often it was tried.
    pub(super) fn forget_if_empty(&mut self, server: ServerIdx, hop: Hop) {
        let queue = self.servers[server].queues.get(&hop);
        let empty = queue.is_some_and(|queue| queue.is_empty());
        let of_queue = |transfer: &Transfer| {
            transfer.from == Actor::Server(server) && matches!(transfer.load, Load::Mail { hop: of, .. } if of == hop)
        };
        if empty && !self.transfers.values().any(of_queue) {
            self.servers[server].queues.remove(&hop);
        }
    }

    /// The receiver has answered with a transient rejection: the sender keeps the message and tries again later.
    pub(super) fn refused(&mut self, refused: Transfer) {
        match (refused.load, refused.from) {
            (
                Load::Mail {
                    hop,
                    copy,
                    recipients,
                    rings,
                },
                Actor::Server(server),
            ) => {
                let waiting = Waiting {
                    copy,
                    recipients,
                    rings,
                };
                match self.put_back(server, hop, waiting).retry_at {
                    None => self.defer(server, hop),
                    // The queue waits already; its time may have come while the message was under way.
                    Some(_) => self.plan_deadline(server, hop),
                }
            }
            (load, from) => self.entry_refused(&load, from, refused.message),
        }
    }

    /// What was under way waits again, before all others.
    pub(super) fn put_back(&mut self, server: ServerIdx, hop: Hop, waiting: Waiting) -> &Queue {
        let life = self.life_in_queues(server);
        let Server { queues, items, .. } = &mut self.servers[server];
        let queue = queues.entry(hop).or_default();
        queue.push_front(waiting, |waiting| life.due(items, waiting));
        queue
    }

    /// A session ends before its answer. The sender, if it works, tries somebody else.
    pub(super) fn break_off(&mut self, transfer: TransferKey) {
        let Some(broken) = self.transfers.remove(transfer) else {
            return;
        };
        self.session_ends_2013(transfer, &broken);
        match (broken.load, broken.from) {
            (Load::Shadow { .. }, _) => {}
            (
                Load::Mail {
                    hop,
                    copy,
                    recipients,
                    rings,
                },
                Actor::Server(server),
            ) => {
                let state = &self.servers[server];
                if matches!(state.life, Life::Down | Life::Destroyed) || !state.items.contains_key(&copy) {
                    return;
                }
                let works = state.life == Life::Up;
                // Who is tried again and again at once has no other moment for it (N68).
                let late = (works && !self.is_overdue(server, copy)).then(|| recipients.clone());
                let waiting = Waiting {
                    copy,
                    recipients,
                    rings,
                };
                self.put_back(server, hop, waiting);
                if let Some(recipients) = late {
                    self.tell_if_late(server, copy, recipients);
                }
                // What is paused goes on when it wakes up.
                if works {
                    self.drain(server, hop);
                }
            }
            (load, from) => self.not_entered(&load, from, broken.message),
        }
    }

    /// The other side has done nothing for as long as the sender waits.
    pub(super) fn give_up(&mut self, transfer: TransferKey) {
        let Some(waiting) = self.transfers.get(transfer) else {
            return;
        };
        let silent = server_of(waiting.to).is_some_and(|to| self.servers[to].life == Life::Paused);
        let patience = match waiting.from {
            Actor::Peer(peer) => self.stage.scenario.peers[peer].ack_timeout,
            _ => None,
        };
        if let Some(patience) = patience {
            // A system outside has its own patience, whatever the other side does (N13).
            if waiting.begun + patience <= self.now
                && let Some(ended) = self.transfers.remove(transfer)
            {
                self.session_ends_2013(transfer, &ended);
                self.sender_waits(ended.message, ended.from);
            }
        } else if silent {
            self.break_off(transfer);
        }
    }
}
