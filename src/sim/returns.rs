//! What comes back: mail that is returned, mail that a server refuses for now, and mail whose session breaks off.

use super::kernel::Kernel;
use super::network::server_of;
use super::state::{Life, Load, Queue, Transfer, TransferKey, Waiting};
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
                if self.put_back(server, hop, waiting).retry_at.is_none() {
                    self.defer(server, hop);
                }
            }
            (load, from) => self.entry_refused(&load, from, refused.message),
        }
    }

    /// What was under way waits again, before all others.
    pub(super) fn put_back(&mut self, server: ServerIdx, hop: Hop, waiting: Waiting) -> &Queue {
        let queue = self.servers[server].queues.entry(hop).or_default();
        queue.waiting.push_front(waiting);
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
                let waiting = Waiting {
                    copy,
                    recipients,
                    rings,
                };
                self.put_back(server, hop, waiting);
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
        // A system outside has its own patience, whatever the other side does.
        let impatient = matches!(waiting.from, Actor::Peer(_));
        if silent || impatient {
            self.break_off(transfer);
        }
    }
}
