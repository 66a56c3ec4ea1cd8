//! Link state: what 2000 and 2003 servers come to believe about connectors that fail.
//!
//! A legacy routing group hears of a failed connector when everybody between knows how to tell: the source bridgeheads
//! report it (unless they are told not to), the masters flood it along connectors between legacy groups, and each group
//! then routes as if the connector did not exist. Servers of 2007 and later take no part in this (R34, R35), which is how
//! two halves of an organization come to disagree and mail to circle.
//!
//! * [`AlwaysUp`]: connectors whose failure nobody ever reports, and why (LS-1.4);
//! * [`Islands`]: which groups hear from each other (LS-1.6);
//! * [`Beliefs`]: for every group, which failed connectors it acts on once the news has settled;
//! * [`Propagation`]: the same as a process, from the first failed connection to the last group that hears of it. It is made
//!   of a connector at its bridgeheads ([`Bridgehead`]) and at the master ([`Aggregate`]), of the master itself ([`MasterState`]),
//!   of what servers know ([`Table`]), and of timers ([`Timers`]).
//!
//! This layer says who believes what. It must not know mail: no message, no route.

mod always_up;
mod beliefs;
mod connector;
mod islands;
mod master;
mod propagation;
mod table;
mod timers;

pub(crate) use always_up::sources;
pub use always_up::{AlwaysUp, Believable, has_alternative};
pub use beliefs::{Audience, Beliefs};
pub use connector::{AfterAttempt, AfterReport, Aggregate, Availability, Bridgehead};
pub use islands::{Carries, Islands};
pub use master::{MasterState, has_table, is_silent, may_lead};
pub use propagation::{Happening, Input, LogEvent, Propagation, What};
pub use table::{ConnectorEntry, ConnectorState, GroupEntry, Member, StateVersion, Table};
pub use timers::{Conduct, Damping, Timers};

/// What the documents leave open about link state, with the documented default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Whether SMTP connectors that look up recipients' domains themselves are always taken to be up (LS-1.4, exemption 5; Q3).
    pub dns_always_up: bool,
    /// Whether a connector is exempt as soon as no way leads from its source to its end without it, not only at leaf groups
    /// (LS-1.4, exemption 2; Q4).
    pub exempt_without_alternative: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            dns_always_up: true,
            exempt_without_alternative: false,
        }
    }
}
