//! Link state: what 2000 and 2003 servers come to believe about connectors that fail.
//!
//! A legacy routing group hears of a failed connector when everybody between knows how to tell: the source bridgeheads
//! report it (unless they are told not to), the masters flood it along connectors between legacy groups, and each group
//! then routes as if the connector did not exist. Servers of 2007 and later take no part in this (R34, R35), which is how
//! two halves of an organization come to disagree and mail to circle.
//!
//! * [`AlwaysUp`]: connectors whose failure nobody ever reports, and why (LS-1.4);
//! * [`Islands`]: which groups hear from each other (LS-1.6);
//! * [`Beliefs`]: for every group, which failed connectors it acts on once the news has settled.
//!
//! This layer says who believes what. It must not know mail: no message, no route.

mod always_up;
mod beliefs;
mod islands;

pub use always_up::{AlwaysUp, Believable};
pub use beliefs::{Audience, Beliefs};
pub use islands::Islands;

/// What the documents leave open about link state, with the documented default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Whether SMTP connectors that look up recipients' domains themselves are always taken to be up (LS-1.4, exemption 5; Q3).
    pub dns_always_up: bool,
    /// Whether a connector is exempt as soon as its two ends are not joined without it, not only at leaf groups (LS-1.4,
    /// exemption 2; Q4).
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
