//! How far a long command is: one line on standard error that is written over and taken away at the end.
//!
//! Ten lines of our own: a line of text that a terminal alone gets needs no library.

use std::io::{IsTerminal, Stderr, Write};
use std::time::{Duration, Instant};

use super::messages::Messages;

/// What is over sooner says nothing.
const SILENT: Duration = Duration::from_secs(1);
/// Between two lines.
const PAUSE: Duration = Duration::from_millis(100);

/// See the module. `None` where nobody looks: on a pipe, in a file, with `--quiet`, for programs.
pub(super) struct Progress<W: Write = Stderr> {
    out: Option<W>,
    began: Instant,
    /// When the line was last written, and how long it was.
    drawn: Option<(Instant, usize)>,
}

impl Progress {
    pub(super) fn new(messages: &Messages) -> Progress {
        let err = std::io::stderr();
        let out = (messages.for_people() && err.is_terminal()).then_some(err);
        Progress::on(out, Instant::now())
    }
}

impl<W: Write> Progress<W> {
    fn on(out: Option<W>, began: Instant) -> Progress<W> {
        Progress {
            out,
            began,
            drawn: None,
        }
    }

    /// So many of so many are done.
    pub(super) fn tell(&mut self, what: &str, done: usize, of: usize) {
        self.draw(Instant::now(), || format!("{what}: {done} of {of}"));
    }

    /// The same of things that take about as long as each other, so that the time left can be told.
    pub(super) fn tell_left(&mut self, what: &str, done: usize, of: usize) {
        let now = Instant::now();
        let left = time_left(now.duration_since(self.began), done, of);
        let left = left.map_or_else(String::new, |left| format!(", about {left} left"));
        self.draw(now, || format!("{what}: {done} of {of}{left}"));
    }

    /// A part begins that does not count.
    pub(super) fn begin(&mut self, what: &str) {
        self.draw(Instant::now(), || format!("{what} …"));
    }

    /// What cannot be written is lost, as messages are.
    fn draw(&mut self, now: Instant, text: impl FnOnce() -> String) {
        let too_soon = |(last, _): (Instant, usize)| now.duration_since(last) < PAUSE;
        let Some(out) = &mut self.out else { return };
        if now.duration_since(self.began) < SILENT || self.drawn.is_some_and(too_soon) {
            return;
        }
        let text = text();
        let before = self.drawn.map_or(0, |(_, length)| length);
        let _ = write!(out, "\r{text:<before$}").and_then(|()| out.flush());
        self.drawn = Some((now, text.chars().count()));
    }
}

/// How long the rest takes if `done` of `of` took so long, in the unit that says it in few digits; `None` before anything is
/// done.
fn time_left(took: Duration, done: usize, of: usize) -> Option<String> {
    let left = took.as_millis().checked_mul(of.saturating_sub(done) as u128)?;
    let seconds = left.checked_div(done as u128)?.div_ceil(1000);
    Some(match seconds {
        0..100 => format!("{seconds} s"),
        100..6_000 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    })
}

/// Takes the line away: what comes next begins at the left.
impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if let (Some(out), Some((_, length))) = (&mut self.out, self.drawn) {
            let _ = write!(out, "\r{:length$}\r", "").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is on the stream after telling at these milliseconds.
    fn told(at: &[u64]) -> String {
        let mut out = Vec::new();
        let began = Instant::now();
        let mut progress = Progress::on(Some(&mut out), began);
        for ms in at {
            progress.draw(began + Duration::from_millis(*ms), || format!("at {ms}"));
        }
        drop(progress);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_is_over_within_a_second_says_nothing() {
        assert_eq!(told(&[0, 500, 999]), "");
    }

    #[test]
    fn a_line_is_written_over_ten_times_a_second_at_most_and_taken_away() {
        assert_eq!(told(&[1000, 1050, 1100]), "\rat 1000\rat 1100\r       \r");
        assert_eq!(told(&[10_000, 20_000]), "\rat 10000\rat 20000\r        \r");
    }

    #[test]
    fn the_time_left_follows_from_the_time_taken() {
        for (took, done, of, left) in [
            (5, 0, 10, None),
            (5, 10, 10, Some("0 s")),
            (5, 5, 10, Some("5 s")),
            (1, 3, 10, Some("3 s")),
            (60, 10, 30, Some("2 min")),
            (3_600, 1, 10, Some("9 h")),
        ] {
            let told = time_left(Duration::from_secs(took), done, of);
            assert_eq!(told.as_deref(), left, "{done} of {of} in {took} s");
        }
    }

    #[test]
    fn nobody_looks_and_nothing_is_written() {
        let began = Instant::now();
        let mut progress: Progress<Vec<u8>> = Progress::on(None, began);
        progress.draw(began + 2 * SILENT, || unreachable!("nobody asks"));
        assert_eq!(progress.drawn, None);
    }
}
