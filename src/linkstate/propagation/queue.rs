//! What is to come.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Input;
use crate::linkstate::{ConnectorState, Table};
use crate::model::{RoutingGroupIdx, ServerIdx, SimTime};

/// Something that is to happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// From outside.
    Input(Input),
    /// The source bridgehead at this position tries to connect.
    Attempt { wire: u32, source: usize, epoch: u32 },
    /// m1 about a connector arrives at the master.
    Report {
        wire: u32,
        server: ServerIdx,
        state: ConnectorState,
    },
    /// m1 about a member: the master notices that it is gone, or back.
    Connection { server: ServerIdx, connected: bool },
    /// The master has waited long enough to publish a change.
    WaitEnds { wire: u32 },
    /// The master looks into the directory.
    Poll { group: RoutingGroupIdx, since: SimTime },
    /// m2 arrives at a member.
    OrgInfo { to: ServerIdx, table: Arc<Table> },
    /// What a bridgehead has heard arrives at its master.
    Pass { to: ServerIdx, table: Arc<Table> },
    /// A session opens between two groups.
    Session { pair: usize },
}

impl Event {
    /// What comes first at one instant: what happens outside, what is noticed of it, what is told. A report that arrives as a
    /// wait ends still counts, and a session carries all that its ends have been told by then.
    fn class(&self) -> u8 {
        match self {
            Event::Input(_) => 0,
            Event::Attempt { .. } => 1,
            Event::Connection { .. } | Event::Report { .. } => 2,
            Event::WaitEnds { .. } => 3,
            Event::Poll { .. } => 4,
            Event::OrgInfo { .. } | Event::Pass { .. } => 5,
            Event::Session { .. } => 6,
        }
    }
}

/// Events in the order of time, class, and the order in which they came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    events: BTreeMap<(SimTime, u8, u64), Event>,
    sequence: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at: SimTime, event: Event) {
        self.events.insert((at, event.class(), self.sequence), event);
        self.sequence += 1;
    }

    /// The next event, if it is not later than `until`.
    pub(super) fn pop_until(&mut self, until: SimTime) -> Option<(SimTime, Event)> {
        let first = self.events.first_entry().filter(|first| first.key().0 <= until)?;
        let ((at, ..), event) = first.remove_entry();
        Some((at, event))
    }

    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.events.first_key_value().map(|((at, ..), _)| *at)
    }
}
