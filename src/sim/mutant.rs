//! Known mistakes: a kernel with one of them has to be caught, or what watches over the kernel is worth little.
//!
//! The feature `mutants`, which only the tests of this crate turn on, puts the question whether a run has one. Without it the
//! answer is the constant `false`, so that nothing of this is in what anybody else builds.
#![cfg_attr(
    not(feature = "mutants"),
    expect(unreachable_pub, reason = "only tests have a name for it")
)]

use super::kernel::Kernel;
use crate::model::MessageIdx;

/// A mistake: section 9.6 of the documents lists them, each with the rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// 2013 acknowledges a message before its shadow is there (S29).
    AckBeforeShadow,
    /// A notification is prepared when the first fork of a copy is done, not the last (A31, S71).
    DiscardBeforeLastFork,
    /// A notification is prepared although a message that comes of the copy, such as a report for the journal, is not done (S71).
    DiscardBeforeSideMessage,
    /// Notifications of 2013 are in memory, and a restart loses them (S60).
    DiscardsNotPersisted,
    /// Nobody looks at the database id of a primary server (S63, S66, X3).
    DatabaseIdIgnored,
    /// The first heartbeat that is missed makes the shadow the message (X2, S62).
    TakeoverAtFirstMiss,
    /// A primary server may be its own shadow server (S30).
    OwnShadow,
    /// The submission service of a DAG prefers the hub of its own server (D8).
    LocalHubPreferred,
    /// Mail for a database of a DAG goes over another hub wherever the database is active (D10, D11).
    RerouteWhenRemote,
    /// A hub has another one deliver what it would deliver to its own server once more often than it may (D13).
    ReroutedTooOften,
    /// The dumpster has a message when the first mailbox has it, not the last (A19).
    DumpsterBeforeLastMailbox,
    /// The dumpster forgets a message as soon as it has it, as if no copy of a database lagged behind (X8).
    DumpsterForgets,
    /// Servers of the own site are tried for a shadow before those of others (S47, S51).
    LocalBeforeRemote,
    /// What was rejected with 451 is delivered all the same (S22).
    DeliveredAfterRefusal,
    /// A Safety Net delivers again what has left the boundary (S32).
    CrossedReplayed,
    /// Who asks for notifications is told those for others, too (A33, S59).
    NoticesOfOthers,
    /// What is sent again has another Message-ID or submit time (X28).
    KeyRewritten,
    /// The timer of a delayed acknowledgement runs on when the message is verified (A52, A54).
    AckTimerRunsOn,
    /// A store that has lost a message still knows that it had it (X28).
    DeliveredToSurvives,
}

impl Kernel<'_> {
    /// Whether this run makes a mistake on purpose.
    #[cfg(feature = "mutants")]
    pub(super) fn is(&self, mutant: Mutant) -> bool {
        self.stage.mutant == Some(mutant)
    }

    /// Nothing makes mistakes on purpose.
    #[cfg(not(feature = "mutants"))]
    pub(super) const fn is(&self, _: Mutant) -> bool {
        false
    }

    /// A message is sent again; with [`Mutant::KeyRewritten`] as one that no store has heard of.
    pub(super) fn sent_again(&mut self, message: MessageIdx) {
        if self.is(Mutant::KeyRewritten) {
            for state in self.stores.values_mut() {
                state.delivered.retain(|(known, _), _| *known != message);
            }
        }
    }
}

#[cfg(feature = "mutants")]
impl Mutant {
    /// Every one.
    pub const ALL: [Mutant; 19] = [
        Mutant::AckBeforeShadow,
        Mutant::DiscardBeforeLastFork,
        Mutant::DiscardBeforeSideMessage,
        Mutant::DiscardsNotPersisted,
        Mutant::DatabaseIdIgnored,
        Mutant::TakeoverAtFirstMiss,
        Mutant::OwnShadow,
        Mutant::LocalHubPreferred,
        Mutant::RerouteWhenRemote,
        Mutant::ReroutedTooOften,
        Mutant::DumpsterBeforeLastMailbox,
        Mutant::DumpsterForgets,
        Mutant::LocalBeforeRemote,
        Mutant::DeliveredAfterRefusal,
        Mutant::CrossedReplayed,
        Mutant::NoticesOfOthers,
        Mutant::KeyRewritten,
        Mutant::AckTimerRunsOn,
        Mutant::DeliveredToSurvives,
    ];
}

#[cfg(feature = "mutants")]
impl super::Stage {
    /// The same stage with a kernel that makes a mistake.
    pub fn with_mutant(mut self, mutant: Mutant) -> super::Stage {
        self.mutant = Some(mutant);
        self
    }
}
