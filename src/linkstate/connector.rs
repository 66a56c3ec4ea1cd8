//! How one connector comes to be down: at every source bridgehead, and at the master that adds them up (LS-1.4).

use std::time::Duration;

use super::{AlwaysUp, ConnectorState, Damping, Timers};
use crate::model::{ServerIdx, SimTime, Version};

/// What a source bridgehead knows of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Availability {
    /// Connections succeed, as far as known.
    Available,
    /// So many have failed in a row, which is no news yet.
    Glitch(u32),
    /// So many that it has been reported.
    NotAvailable,
}

/// A connector at one of its source bridgeheads: counts failed connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bridgehead {
    failures: u32,
}

/// What follows from a connection that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterAttempt {
    /// What the master is told (m1), if anything.
    pub report: Option<ConnectorState>,
    /// When to try again; `None`: with the next mail.
    pub retry_after: Option<Duration>,
}

impl Bridgehead {
    /// What it knows. `version` is the server's.
    pub fn availability(&self, version: Version, timers: &Timers) -> Availability {
        match self.failures {
            0 => Availability::Available,
            failures if failures < timers.down_after_failures(version) => Availability::Glitch(failures),
            _ => Availability::NotAvailable,
        }
    }

    /// A connection to the target bridgeheads was tried: `reached` when one of them answered.
    ///
    /// The fourth failure in a row is told on 2003, the first on 2000 (Q1), and then the first success. A server that
    /// suppresses state changes tells neither (LS-1.7). It goes on trying, queue or not (LS-1.8).
    pub fn attempt(&mut self, reached: bool, version: Version, suppressed: bool, timers: &Timers) -> AfterAttempt {
        let before = self.availability(version, timers);
        self.failures = match reached {
            true => 0,
            false => self.failures.saturating_add(1),
        };
        let after = self.availability(version, timers);
        let report = match (before, after) {
            (Availability::NotAvailable, Availability::Available) => Some(ConnectorState::Up),
            (Availability::Available | Availability::Glitch(_), Availability::NotAvailable) => {
                Some(ConnectorState::Down)
            }
            _ => None,
        };
        AfterAttempt {
            report: report.filter(|_| !suppressed),
            retry_after: (!reached).then(|| timers.retry_after(self.failures)),
        }
    }
}

/// A connector at the master of its group: adds up what its source bridgeheads have said.
///
/// Invariant: while a change waits, `state` differs from what the bridgeheads make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Source bridgeheads, ascending, each with whether it can use the connector.
    sources: Vec<(ServerIdx, bool)>,
    exempt: Option<AlwaysUp>,
    state: ConnectorState,
    /// When the change that waits is published.
    due: Option<SimTime>,
}

/// What a master makes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterReport {
    /// Nothing new.
    Unchanged,
    /// Every bridgehead has failed, and the state stays up for this reason; for a leaf group that is event 994.
    Exempt(AlwaysUp),
    /// The change is published at this instant, if it lasts.
    Waits(SimTime),
    /// The change that was waiting is taken back: down and up cancel each other (Q2).
    Cancelled,
    /// The state has changed, and the minor version goes up.
    Changed(ConnectorState),
}

impl Aggregate {
    /// A connector that is up at all its source bridgeheads (ascending).
    pub fn new(sources: &[ServerIdx], exempt: Option<AlwaysUp>) -> Aggregate {
        Aggregate {
            sources: sources.iter().map(|server| (*server, true)).collect(),
            exempt,
            state: ConnectorState::Up,
            due: None,
        }
    }

    /// The state that the master publishes.
    pub fn state(&self) -> ConnectorState {
        self.state
    }

    /// Down exactly when every source bridgehead has failed; never for an exempt connector.
    fn want(&self) -> ConnectorState {
        match self.all_failed() && self.exempt.is_none() {
            true => ConnectorState::Down,
            false => ConnectorState::Up,
        }
    }

    fn all_failed(&self) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|(_, available)| !available)
    }

    /// A source bridgehead can use the connector, or can't (m1); a bridgehead that has stopped can't.
    ///
    /// `hold` is how long the master keeps a change to itself, `since` the start of its service, from which
    /// [`Damping::Window`] counts.
    pub fn report(
        &mut self,
        server: ServerIdx,
        available: bool,
        now: SimTime,
        damping: (Damping, Duration),
        since: SimTime,
    ) -> AfterReport {
        let failed_before = self.all_failed();
        if let Some(source) = self.sources.iter_mut().find(|source| source.0 == server) {
            source.1 = available;
        }
        if let Some(reason) = self.exempt {
            return match self.all_failed() && !failed_before {
                true => AfterReport::Exempt(reason),
                false => AfterReport::Unchanged,
            };
        }
        match (self.want() == self.state, self.due) {
            (true, None) | (false, Some(_)) => AfterReport::Unchanged,
            (true, Some(_)) => {
                self.due = None;
                AfterReport::Cancelled
            }
            (false, None) => match damping {
                (_, Duration::ZERO) => self.change(),
                (damping, hold) => {
                    let due = match damping {
                        Damping::HoldDown => now + hold,
                        Damping::Window => next_multiple(since, hold, now),
                    };
                    self.due = Some(due);
                    AfterReport::Waits(due)
                }
            },
        }
    }

    /// A wait ends: publishes the change that is due at `now`, if it is still there.
    pub fn wait_ends(&mut self, now: SimTime) -> AfterReport {
        match self.due == Some(now) {
            true => self.change(),
            false => AfterReport::Unchanged,
        }
    }

    /// A master that starts asks every bridgehead and publishes at once what comes out (LS-1.5).
    pub fn rebuild(&mut self, available: impl Fn(ServerIdx) -> bool) -> ConnectorState {
        for (server, up) in &mut self.sources {
            *up = available(*server);
        }
        self.due = None;
        self.state = self.want();
        self.state
    }

    fn change(&mut self) -> AfterReport {
        self.due = None;
        self.state = self.want();
        AfterReport::Changed(self.state)
    }
}

/// The first instant after `now` that is a whole number of periods after `since`. A period counts as 1 ms at least.
pub(super) fn next_multiple(since: SimTime, period: Duration, now: SimTime) -> SimTime {
    let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
    let past = now.ms().saturating_sub(since.ms()) / period;
    SimTime::from_ms(since.ms().saturating_add(past.saturating_add(1).saturating_mul(period)))
}
