//! What comes back: mail that is returned, and mail that a server refuses for now.

use super::kernel::Kernel;
use super::state::{Load, Transfer, Waiting};
use super::trace::{Actor, CopyIdx, Recipients, Return, What};
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
                let queue = self.servers[server].queues.entry(hop).or_default();
                queue.waiting.push_front(Waiting {
                    copy,
                    recipients,
                    rings,
                });
                if queue.retry_at.is_none() {
                    self.defer(server, hop);
                }
            }
            (load, from) => self.entry_refused(&load, from, refused.message),
        }
    }
}
