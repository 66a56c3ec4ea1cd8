//! Hours of connectors: minutes of the week, by one clock for the whole organization.

use serde::Deserialize;

/// Monday 00:00 is minute 0.
pub(super) const MINUTES_OF_THE_WEEK: u16 = 7 * MINUTES_OF_A_DAY;
const MINUTES_OF_A_DAY: u16 = 24 * 60;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `"Mon 08:00-18:00"`: from the first minute up to, not including, the second.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Window {
    first: u16,
    end: u16,
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        read(&text).ok_or(format!("no window: {text}"))
    }
}

impl Window {
    /// The first minute in which it is open, and the first in which it is not any more.
    pub(super) fn edges(&self) -> [u16; 2] {
        [self.first, self.end]
    }
}

fn read(text: &str) -> Option<Window> {
    let (day, hours) = text.split_once(' ')?;
    let (first, end) = hours.split_once('-')?;
    let midnight = midnight(day)?;
    let (first, end) = (midnight + minute_of_the_day(first)?, midnight + minute_of_the_day(end)?);
    (first < end).then_some(Window { first, end })
}

/// The minute of the week that `"Mon 08:00"` is; `24:00` is none.
pub(super) fn minute_of_the_week(text: &str) -> Option<u16> {
    let (day, time) = text.split_once(' ')?;
    let minute = minute_of_the_day(time).filter(|minute| *minute < MINUTES_OF_A_DAY)?;
    Some(midnight(day)? + minute)
}

/// The minute with which a day begins.
fn midnight(day: &str) -> Option<u16> {
    let day = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day))?;
    Some(u16::try_from(day).ok()? * MINUTES_OF_A_DAY)
}

/// `24:00` ends a day.
fn minute_of_the_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let at = hour * 60 + minute;
    (hour <= 24 && minute < 60 && at <= MINUTES_OF_A_DAY).then_some(at)
}

/// Whether one of the windows of a connector contains the minute.
pub(super) fn is_open(windows: &[Window], minute: u16) -> bool {
    windows
        .iter()
        .any(|window| window.first <= minute && minute < window.end)
}

/// `"Mon 08:00"`.
pub(super) fn written(minute: u16) -> String {
    let day = DAYS[usize::from(minute / MINUTES_OF_A_DAY)];
    let of_the_day = minute % MINUTES_OF_A_DAY;
    format!("{day} {:02}:{:02}", of_the_day / 60, of_the_day % 60)
}

#[cfg(test)]
mod tests {
    use super::{Window, is_open, minute_of_the_week, read, written};

    fn windows(texts: &[&str]) -> Vec<Window> {
        texts.iter().map(|text| read(text).expect("a window")).collect()
    }

    #[test]
    fn windows_are_read_as_minutes_of_the_week() {
        let window = |first, end| Some(Window { first, end });
        assert_eq!(read("Mon 08:00-18:00"), window(480, 1080));
        assert_eq!(read("tue 00:00-00:01"), window(1440, 1441));
        assert_eq!(read("SUN 23:59-24:00"), window(10_079, 10_080));
        for none in [
            "Mon",
            "Moon 08:00-18:00",
            "Mon 18:00-08:00",
            "Mon 08:00-08:00",
            "Mon 08:60-09:00",
            "Mon 08:00-24:01",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn a_window_contains_its_first_minute_and_not_its_second() {
        let open = |texts: &[&str], minute| is_open(&windows(texts), minute);
        let working = ["Mon 08:00-18:00"];
        assert!(!open(&working, 479) && open(&working, 480));
        assert!(open(&working, 1079) && !open(&working, 1080));
        assert!(!open(&working, 1440 + 480), "not on Tuesday");
        let over_midnight = ["Mon 18:00-24:00", "Tue 00:00-06:00"];
        assert!(open(&over_midnight, 1439) && open(&over_midnight, 1440) && !open(&over_midnight, 1800));
        let overlapping = ["Sun 08:00-12:00", "Sun 10:00-18:00"];
        assert!(open(&overlapping, 8640 + 660) && open(&overlapping, 8640 + 720) && !open(&overlapping, 8640 + 1080));
    }

    #[test]
    fn minutes_are_written_as_day_and_time() {
        for (minute, text) in [
            (0, "Mon 00:00"),
            (480, "Mon 08:00"),
            (1439, "Mon 23:59"),
            (1440, "Tue 00:00"),
            (5 * 1440 + 605, "Sat 10:05"),
            (10_079, "Sun 23:59"),
        ] {
            assert_eq!(written(minute), text);
            assert_eq!(minute_of_the_week(text), Some(minute));
        }
        assert_eq!(minute_of_the_week("sun 00:00"), Some(6 * 1440));
        for none in ["Mon", "Moon 08:00", "Mon 24:00", "Mon 08:60", "Mon 08:00-09:00"] {
            assert_eq!(minute_of_the_week(none), None, "{none}");
        }
    }
}
