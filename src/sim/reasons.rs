//! Why things happen, and of which kind they are.

/// Why a shadow becomes the message again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Promotion {
    /// The primary server has not answered for too long (T4, T9).
    Silence,
    /// It has another queue database (S63).
    NewDatabase,
}

/// A message that comes of another one (S71).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A journal report.
    Journal,
    /// A delivery status notification to the sender.
    Report,
}

/// Where what is done is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safe {
    /// The transport dumpster of 2010, by database.
    Dumpster,
    /// The Safety Net of the primary server.
    PrimarySafetyNet,
    /// The Safety Net of the shadow server.
    ShadowSafetyNet,
}

/// Why mail is routed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resubmission {
    /// The configuration has changed (RT-2.15).
    Configuration,
    /// The queue has waited for MaxIdleTimeBeforeResubmit (T20).
    Idle,
    /// Link state has changed (LS-2).
    LinkState,
    /// The server has started.
    Start,
    /// A database has moved.
    Database,
    /// An administrator drains the server.
    Redirect,
}

/// Why mail is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Return {
    /// A routing decision (RT-4.2), with its code.
    Route(&'static str),
    /// Too many Received headers (LS-3.7): 4.4.6 or 5.4.6.
    Hops(&'static str),
    /// It has waited too long: 4.4.7 (S77).
    Expired,
}

impl Return {
    /// The enhanced status code.
    pub fn code(self) -> &'static str {
        match self {
            Return::Route(code) | Return::Hops(code) => code,
            Return::Expired => "4.4.7",
        }
    }
}
