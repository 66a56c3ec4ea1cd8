//! Costs, sizes and periods.

use std::fmt;
use std::time::Duration;

/// A cost in Exchange's dimensionless units. Single costs fit in 31 bits; sums along a path are kept in 64.
pub type Cost = u64;

/// The largest message something lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SizeLimit {
    /// Every size passes.
    #[default]
    Unlimited,
    /// At most this many bytes pass.
    Bytes(u64),
}

impl SizeLimit {
    /// The largest message in bytes that passes.
    pub fn largest(self) -> u64 {
        match self {
            SizeLimit::Unlimited => u64::MAX,
            SizeLimit::Bytes(limit) => limit,
        }
    }

    /// Whether a message of `bytes` passes. A size equal to the limit does (D18).
    pub fn passes(self, bytes: u64) -> bool {
        match self {
            SizeLimit::Unlimited => true,
            SizeLimit::Bytes(limit) => bytes <= limit,
        }
    }
}

/// The largest unit that leaves no remainder: `10MB`, `1536KB`, `77B`, `unlimited`.
impl fmt::Display for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SizeLimit::Bytes(bytes) = *self else {
            return f.write_str("unlimited");
        };
        for (unit, shift) in [("GB", 30), ("MB", 20), ("KB", 10)] {
            if bytes > 0 && bytes.trailing_zeros() >= shift {
                return write!(f, "{}{unit}", bytes >> shift);
            }
        }
        write!(f, "{bytes}B")
    }
}

/// Why a text is no size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeError {
    /// Neither digits with a unit nor `unlimited`.
    Malformed,
    /// More bytes than 64 bits hold.
    TooLarge,
}

/// Reads `unlimited`, or digits with an optional `B`, `KB`, `MB`, `GB` in any case; 1 KB is 1024 bytes (contract, section 1).
pub fn parse_size(text: &str) -> Result<SizeLimit, SizeError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(SizeLimit::Unlimited);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(SizeError::Malformed);
    }
    let factor: u64 = match unit.trim_start().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => return Err(SizeError::Malformed),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .map(SizeLimit::Bytes)
        .ok_or(SizeError::TooLarge)
}

/// Reads `250ms`, `30s`, `5min`, `3h`, `2d` or `d.hh:mm:ss` (the days may be left out); `None` for anything else.
pub fn parse_period(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.contains(':') {
        return parse_time_span(text);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number = number.parse::<u64>().ok()?;
    let factor: u64 = match unit.trim_start().to_ascii_lowercase().as_str() {
        "ms" => return Some(Duration::from_millis(number)),
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(factor)?))
}

/// A period as [`parse_period`] reads it: the largest unit that leaves no remainder. Parts of a millisecond are dropped.
pub fn period_text(period: Duration) -> String {
    let seconds = period.as_secs();
    if period.subsec_millis() > 0 {
        return format!("{}ms", period.as_millis());
    }
    let exact = [("d", 86_400), ("h", 3600), ("min", 60)]
        .into_iter()
        .find(|(_, length)| seconds > 0 && seconds.is_multiple_of(*length));
    let (unit, length) = exact.unwrap_or(("s", 1));
    format!("{}{unit}", seconds / length)
}

fn parse_time_span(text: &str) -> Option<Duration> {
    let number = |part: &str, below: u64| {
        let all_digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u64>().ok().filter(|n| all_digits && *n < below)
    };
    let (days, clock) = text.split_once('.').unwrap_or(("0", text));
    let mut parts = clock.split(':');
    let hours = number(parts.next()?, 24)?;
    let minutes = number(parts.next()?, 60)?;
    let seconds = number(parts.next()?, 60)?;
    if parts.next().is_some() {
        return None;
    }
    let days = number(days, 1 << 24)?;
    Some(Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_the_contract_writes_them() {
        for (text, expect) in [
            ("10MB", Ok(SizeLimit::Bytes(10 << 20))),
            ("64 kb", Ok(SizeLimit::Bytes(64 << 10))),
            ("5", Ok(SizeLimit::Bytes(5))),
            ("Unlimited", Ok(SizeLimit::Unlimited)),
            ("10M", Err(SizeError::Malformed)),
            ("-1", Err(SizeError::Malformed)),
            ("", Err(SizeError::Malformed)),
            ("99999999999999GB", Err(SizeError::TooLarge)),
        ] {
            assert_eq!(parse_size(text), expect, "{text:?}");
        }
        for text in ["10MB", "1536KB", "77B", "0B", "unlimited", "2GB"] {
            assert_eq!(parse_size(text).expect("a size").to_string(), text);
        }
    }

    #[test]
    fn periods_as_the_contract_writes_them() {
        for (text, expect) in [
            ("30s", Some(30)),
            ("5min", Some(300)),
            ("3h", Some(10_800)),
            ("2d", Some(172_800)),
            ("2.00:00:01", Some(172_801)),
            ("00:05:00", Some(300)),
            ("24:00:00", None),
            ("5m", None),
            ("", None),
            ("1:2", None),
            ("99999999999999999999d", None),
        ] {
            assert_eq!(parse_period(text), expect.map(Duration::from_secs), "{text:?}");
        }
    }

    #[test]
    fn periods_of_parts_of_a_second() {
        for (text, expect) in [
            ("0ms", Some(0)),
            ("1ms", Some(1)),
            ("60001 MS", Some(60_001)),
            ("18446744073709551615ms", Some(u64::MAX)),
            ("18446744073709551616ms", None),
            ("ms", None),
            ("-1ms", None),
            ("1.5s", None),
        ] {
            assert_eq!(parse_period(text), expect.map(Duration::from_millis), "{text:?}");
        }
        for (ms, text) in [
            (0, "0s"),
            (1, "1ms"),
            (999, "999ms"),
            (2000, "2s"),
            (60_001, "60001ms"),
            (60_000, "1min"),
        ] {
            assert_eq!(period_text(Duration::from_millis(ms)), text);
        }
        assert_eq!(period_text(Duration::from_micros(1_999)), "1ms");
        assert_eq!(period_text(Duration::from_micros(999)), "0s");
    }
}
