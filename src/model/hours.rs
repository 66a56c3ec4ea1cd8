//! Hours of the week at which legacy connectors are open, by one clock for the whole organization.

use std::fmt;
use std::ops::Range;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Days by the names that files use, in order.
const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// `mon` in any case; `None` for anything but the first three letters of a day.
    fn parse(text: &str) -> Option<Weekday> {
        let found = DAYS.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        found.map(|(_, day)| day)
    }

    /// Its first minute.
    fn begins(self) -> u16 {
        self as u16 * DAY
    }
}

/// A minute of the week, counted from Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeekMinute(u16);

impl WeekMinute {
    /// Monday 00:00.
    pub const FIRST: WeekMinute = WeekMinute(0);

    /// Every minute of a week, in order.
    pub fn all() -> impl ExactSizeIterator<Item = WeekMinute> {
        (0..7 * DAY).map(WeekMinute)
    }

    /// Reads `Mon 08:00`, up to `Sun 23:59`. `None` for anything else, `24:00` too: that is a minute of the next day.
    pub fn parse(text: &str) -> Option<WeekMinute> {
        let (day, time) = text.trim().split_once(' ')?;
        let minute = minute_of_day(time).filter(|minute| *minute < DAY)?;
        Some(WeekMinute(Weekday::parse(day)?.begins() + minute))
    }

    /// Minutes since Monday 00:00, below 10,080.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// `Mon 08:00`.
impl fmt::Display for WeekMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, _) = DAYS[usize::from(self.0 / DAY)];
        write!(f, "{day} {:02}:{:02}", self.0 % DAY / 60, self.0 % 60)
    }
}

/// `08:00` to `24:00`, in minutes.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit());
    let (hour, minute) = (digits(hour) && digits(minute)).then_some((hour, minute))?;
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

/// When a legacy connector is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    /// At all times.
    #[default]
    Always,
    /// At no time.
    Never,
    /// In these windows.
    Windows(Windows),
}

/// At least one window: ascending, and on one day with a gap between any two ([`Schedule::of`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Windows(Vec<ScheduleWindow>);

impl Windows {
    /// All of them, in order.
    pub fn as_slice(&self) -> &[ScheduleWindow] {
        &self.0
    }

    /// Whether one of them is open at a minute. O(log windows).
    pub fn contain(&self, at: WeekMinute) -> bool {
        let begun = self.0.partition_point(|window| window.minutes().start <= at.0);
        begun > 0 && self.0[begun - 1].minutes().contains(&at.0)
    }
}

impl Schedule {
    /// Open in any of these windows, which may touch or overlap; of none, never. O(n log n).
    pub fn of(mut windows: Vec<ScheduleWindow>) -> Schedule {
        windows.sort_unstable();
        windows.dedup_by(|next, last| {
            let joins = next.day == last.day && next.start <= last.end;
            if joins {
                last.end = last.end.max(next.end);
            }
            joins
        });
        match windows.is_empty() {
            true => Schedule::Never,
            false => Schedule::Windows(Windows(windows)),
        }
    }

    /// Whether it is open at a minute. Where none is known, windows count as open (D20). O(log windows).
    pub fn is_open(&self, at: Option<WeekMinute>) -> bool {
        match (self, at) {
            (Schedule::Always, _) | (Schedule::Windows(_), None) => true,
            (Schedule::Never, _) => false,
            (Schedule::Windows(windows), Some(at)) => windows.contain(at),
        }
    }

    /// Whether there is a minute at which it is closed. O(windows).
    pub fn ever_closes(&self) -> bool {
        match self {
            Schedule::Always => false,
            Schedule::Never => true,
            Schedule::Windows(Windows(windows)) => {
                let open: usize = windows.iter().map(|window| window.minutes().len()).sum();
                open < WeekMinute::all().len()
            }
        }
    }
}

/// `Mon 08:00-18:00`: open from the first minute up to, not including, the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduleWindow {
    /// The day.
    pub day: Weekday,
    /// Minute of the day, 0..1440.
    pub start: u16,
    /// Minute of the day, `start` < `end` <= 1440.
    pub end: u16,
}

impl ScheduleWindow {
    /// Reads `Mon 08:00-18:00`; `24:00` ends a day. `None` for anything else.
    pub fn parse(text: &str) -> Option<ScheduleWindow> {
        let (day, hours) = text.trim().split_once(' ')?;
        let day = Weekday::parse(day)?;
        let (start, end) = hours.split_once('-')?;
        let (start, end) = (minute_of_day(start)?, minute_of_day(end)?);
        (start < end).then_some(ScheduleWindow { day, start, end })
    }

    /// The first minute in which it is open.
    pub fn opens(&self) -> WeekMinute {
        WeekMinute(self.minutes().start)
    }

    /// The first minute in which it no longer is; after Sunday comes Monday.
    pub fn closes(&self) -> WeekMinute {
        WeekMinute(self.minutes().end % (7 * DAY))
    }

    fn minutes(&self) -> Range<u16> {
        let day = self.day.begins();
        day + self.start..day + self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(windows: &[&str]) -> Schedule {
        Schedule::of(
            windows
                .iter()
                .map(|text| ScheduleWindow::parse(text).expect("a window"))
                .collect(),
        )
    }

    fn is_open(schedule: &Schedule, at: &str) -> bool {
        schedule.is_open(Some(WeekMinute::parse(at).expect("a minute")))
    }

    #[test]
    fn schedule_windows() {
        let window = ScheduleWindow::parse("Mon 08:00-18:00").expect("a window");
        assert_eq!((window.day, window.start, window.end), (Weekday::Mon, 480, 1080));
        assert!(ScheduleWindow::parse("sun 00:00-24:00").is_some());
        for bad in [
            "Mon",
            "Mon 8-18",
            "Mon 18:00-08:00",
            "Moon 08:00-09:00",
            "Mon 08:00-24:01",
            "Mon 08:60-09:00",
        ] {
            assert_eq!(ScheduleWindow::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn minutes_count_from_monday_on() {
        for (text, index) in [
            ("Mon 00:00", 0),
            ("Mon 08:00", 480),
            ("Tue 00:00", 1440),
            ("Sun 23:59", 10_079),
        ] {
            let minute = WeekMinute::parse(text).expect("a minute");
            assert_eq!((minute.index(), minute.to_string()), (index, text.to_owned()));
        }
        assert_eq!(
            WeekMinute::parse(" sAT 07:05 ").expect("a minute").to_string(),
            "Sat 07:05"
        );
        assert_eq!(WeekMinute::all().len(), 10_080);
        for bad in [
            "",
            "Mon",
            "08:00",
            "Mon 24:00",
            "Mon 8:00",
            "Mon 08:60",
            "Mon 08:00-18:00",
            "Monday 08:00",
            "Mon +8:00",
        ] {
            assert_eq!(WeekMinute::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_window_holds_its_first_minute_and_not_its_last() {
        let day = schedule(&["Mon 08:00-18:00"]);
        let open = ["Mon 07:59", "Mon 08:00", "Mon 17:59", "Mon 18:00", "Tue 08:00"].map(|at| is_open(&day, at));
        assert_eq!(open, [false, true, true, false, false]);
        let late = schedule(&["Sun 22:00-24:00"]);
        let open = ["Sun 21:59", "Sun 22:00", "Sun 23:59", "Mon 00:00"].map(|at| is_open(&late, at));
        assert_eq!(open, [false, true, true, false]);
        assert!(day.is_open(None), "no minute is known");
        assert!(Schedule::Always.is_open(WeekMinute::parse("Mon 08:00")));
        assert!(!Schedule::Never.is_open(None));
    }

    #[test]
    fn windows_that_touch_or_overlap_are_one() {
        let one = schedule(&["Mon 08:00-18:00"]);
        for windows in [
            &["Mon 12:00-18:00", "Mon 08:00-12:00"][..],
            &["Mon 08:00-15:00", "Mon 12:00-18:00"],
            &["Mon 08:00-18:00", "Mon 09:00-10:00", "Mon 08:00-18:00"],
        ] {
            assert_eq!(schedule(windows), one, "{windows:?}");
        }
        let break_at_noon = schedule(&["Mon 13:00-18:00", "Mon 08:00-12:59"]);
        let open = ["Mon 12:58", "Mon 12:59", "Mon 13:00"].map(|at| is_open(&break_at_noon, at));
        assert_eq!(open, [true, false, true]);
    }

    #[test]
    fn what_is_open_all_week_never_closes() {
        let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| format!("{day} 00:00-24:00"));
        let week: Vec<&str> = week.iter().map(String::as_str).collect();
        assert!(!schedule(&week).ever_closes());
        assert!(schedule(&week[1..]).ever_closes());
        assert!(Schedule::Never.ever_closes());
        assert!(!Schedule::Always.ever_closes());
    }
}
