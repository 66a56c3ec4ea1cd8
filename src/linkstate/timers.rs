//! Timers of the protocol and the questions its documents leave open, each with the documented default.

use std::time::Duration;

use super::Options;
use crate::model::Version;

/// How link state runs in time. The default is what LS-1.8 documents for each version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timers {
    /// What may be believed at all, whenever the news arrives (Q3, Q4).
    pub options: Options,
    /// From a failure to the first connection that meets it. Default: none, mail flows all the time.
    pub first_attempt: Duration,
    /// Wait before a glitch retry. Default 60 s (LS-1.8).
    pub glitch_wait: Duration,
    /// Glitch retries before the slower probing begins. Default 3 (LS-1.8).
    pub glitch_count: u32,
    /// Failed connections in a row after which a 2003 bridgehead reports. Default 4: the first and all glitch retries (Q1).
    pub down_after_failures_2003: u32,
    /// The same for a 2000 bridgehead. Default 1 (Q1). A 5.5 one counts as 2000: its MTA retries on its own.
    pub down_after_failures_2000: u32,
    /// Wait between probes of a connector behind its glitch retries, queue or not. Default 60 s (LS-1.8).
    pub down_probe: Duration,
    /// How long a 2003 master keeps a change of state to itself. Default 600 s (LS-1.8).
    pub minor_hold_2003: Duration,
    /// The same for a 2000 master, where it is a registry value. Default 0 s (LS-1.8).
    pub minor_hold_2000: Duration,
    /// What the wait of the master is. Default: a hold-down (Q2).
    pub damping: Damping,
    /// From a server to its master or back, port 691. Default 0 s: immediate (LS-1.8).
    pub within_group: Duration,
    /// Between two looks of a master at the directory for other groups' configuration, from the start of its service on.
    /// Default 3600 s (LS-1.8).
    pub ad_poll: Duration,
    /// From news to the next SMTP session that carries it between two groups. Default 0 s: mail or link state itself
    /// opens one at once (LS-1.6). `None`: only sessions that are asked for ([`super::Input::Session`]).
    pub on_session: Option<Duration>,
    /// Whether the side that a session was opened to gives back what it knows better, in the same session. Default: yes
    /// (Q11).
    pub both_ways: bool,
    /// What link state passes through. Default: what works (LS-1.6).
    pub conduct: Conduct,
}

/// What a master waits for before it publishes that a connector went down or up (Q2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Damping {
    /// The state has to stay changed for the whole time; down and up within it cancel each other.
    #[default]
    HoldDown,
    /// The next end of a fixed period, counted from the start of the master's service: what has changed by then is told.
    Window,
}

/// What link state passes between groups (LS-1.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Conduct {
    /// Connectors that physically work, and groups with a working master.
    #[default]
    Working,
    /// Connectors that have failed and groups without a working master as well, though these still act on nothing: islands
    /// then never split, and what settles is [`super::Beliefs`] for every set of failures.
    Settled,
}

impl Default for Timers {
    fn default() -> Timers {
        Timers {
            options: Options::default(),
            first_attempt: Duration::ZERO,
            glitch_wait: Duration::from_secs(60),
            glitch_count: 3,
            down_after_failures_2003: 4,
            down_after_failures_2000: 1,
            down_probe: Duration::from_secs(60),
            minor_hold_2003: Duration::from_secs(600),
            minor_hold_2000: Duration::ZERO,
            damping: Damping::HoldDown,
            within_group: Duration::ZERO,
            ad_poll: Duration::from_secs(3600),
            on_session: Some(Duration::ZERO),
            both_ways: true,
            conduct: Conduct::Working,
        }
    }
}

impl Timers {
    /// Failed connections in a row after which a source bridgehead of this version reports; at least 1.
    pub fn down_after_failures(&self, version: Version) -> u32 {
        let failures = match version {
            Version::Exchange55 | Version::Exchange2000 => self.down_after_failures_2000,
            _ => self.down_after_failures_2003,
        };
        failures.max(1)
    }

    /// How long a master of this version keeps a change of state to itself.
    pub fn minor_hold(&self, version: Version) -> Duration {
        match version {
            Version::Exchange55 | Version::Exchange2000 => self.minor_hold_2000,
            _ => self.minor_hold_2003,
        }
    }

    /// The wait before the next connection after so many failed ones in a row. Never shorter than a millisecond, so that
    /// time goes on whatever is set.
    pub fn retry_after(&self, failures: u32) -> Duration {
        let wait = match failures <= self.glitch_count {
            true => self.glitch_wait,
            false => self.down_probe,
        };
        wait.max(Duration::from_millis(1))
    }
}
