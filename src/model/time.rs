//! Instants of a simulation.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

/// Milliseconds since a simulation began. No clock is ever read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The beginning.
    pub const ZERO: SimTime = SimTime(0);
    /// Later than every event.
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The instant `ms` milliseconds after the beginning.
    pub const fn from_ms(ms: u64) -> SimTime {
        SimTime(ms)
    }

    /// The instant `seconds` after the beginning; [`SimTime::MAX`] where milliseconds do not fit in 64 bits.
    pub const fn from_secs(seconds: u64) -> SimTime {
        SimTime(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the beginning.
    pub const fn ms(self) -> u64 {
        self.0
    }
}

/// Parts of a millisecond are dropped, and [`SimTime::MAX`] is never passed.
impl Add<Duration> for SimTime {
    type Output = SimTime;

    fn add(self, later: Duration) -> SimTime {
        SimTime(
            self.0
                .saturating_add(u64::try_from(later.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

/// `0:13:00`, `25:00:00.250`: hours, minutes, seconds, and milliseconds where there are any.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, ms) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        match ms {
            0 => Ok(()),
            _ => write!(f, ".{ms:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_add_up_and_are_written_as_a_clock_shows_them() {
        assert_eq!(
            SimTime::from_secs(180) + Duration::from_secs(600),
            SimTime::from_ms(780_000)
        );
        assert_eq!(SimTime::MAX + Duration::MAX, SimTime::MAX);
        for (ms, text) in [(0, "0:00:00"), (780_000, "0:13:00"), (90_000_250, "25:00:00.250")] {
            assert_eq!(SimTime::from_ms(ms).to_string(), text);
        }
    }
}
