//! The clock, and what is timed by it. Everything is timed as often as fits into a fraction of a second.

use std::collections::TryReserveError;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bridgehead::model::SiteIdx;
use bridgehead::route::all_pairs::AllPairs;
use rayon::prelude::*;

use super::rows::Stream;

/// For one number.
const BUDGET: Duration = Duration::from_millis(300);
/// What is timed together: the clock itself takes some nanoseconds.
const ROUND: Duration = Duration::from_millis(5);
/// Most measurements of which a median is taken.
const MOST: usize = 25;
/// How often memory is filled for one number.
const FILLS: usize = 5;

/// Nanoseconds that `work` takes, the median of as many times as the second number says: once, when that takes long.
pub(super) fn median(mut work: impl FnMut()) -> (u64, usize) {
    let began = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (times.len() < MOST && began.elapsed() < BUDGET) {
        times.push(timed(&mut work));
    }
    (middle(&mut times), times.len())
}

/// Nanoseconds, never 0.
fn timed(work: impl FnOnce()) -> u64 {
    let began = Instant::now();
    work();
    nanoseconds(began.elapsed())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}

fn middle(times: &mut [u64]) -> u64 {
    times.sort_unstable();
    times[times.len() / 2]
}

/// So many in so many nanoseconds: how many that is in a second.
pub(super) fn per_second(count: u64, ns: u64) -> u64 {
    times(count, ns, 1_000_000_000)
}

/// `value` for each `of`, so many times; 0 when `of` is.
pub(super) fn times(value: u64, of: u64, times: u64) -> u64 {
    let product = u128::from(value) * u128::from(times);
    u64::try_from(product.checked_div(u128::from(of)).unwrap_or(0)).unwrap_or(u64::MAX)
}

/// Repeats rounds of work in every thread until the budget is spent: nanoseconds, and how often `work` was done. It is told
/// how often it was done before, in whichever thread.
fn repeated<T: Send>(states: &mut [T], work: impl Fn(&mut T, usize) + Sync) -> (u64, u64) {
    let (mut each, mut done, mut ns) = (1, 0, 0);
    let threads = states.len();
    while ns < nanoseconds(BUDGET) {
        let round = timed(|| {
            states.par_iter_mut().enumerate().for_each(|(thread, state)| {
                (0..each).for_each(|at| work(state, done + thread * each + at));
            });
        });
        done += threads * each;
        ns += round;
        if round < nanoseconds(ROUND) {
            each *= 2;
        }
    }
    (ns, done as u64)
}

/// Writes rows until the budget is spent, each thread into memory of its own: nanoseconds, and how many rows.
pub(super) fn rows(all: &AllPairs) -> (u64, u64) {
    let mut streams = Stream::several(all, rayon::current_num_threads());
    repeated(&mut streams, |stream, _| stream.write())
}

/// Questions that are asked together.
const TOGETHER: u64 = 4_096;

/// How many questions about random pairs are answered in a second: cost and next hop.
pub(super) fn questions_per_second(all: &AllPairs, sites: usize) -> u64 {
    let (ns, done) = repeated(&mut vec![(); rayon::current_num_threads()], |(), at| {
        let mut state = at as u64;
        let mut site = || {
            // SplitMix64: what comes next does not wait for what came before.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            SiteIdx::from_usize((((mixed >> 32) * sites as u64) >> 32) as usize)
        };
        for _ in 0..TOGETHER {
            let (from, to) = (site(), site());
            black_box((all.cost(from, to), all.next_hop(from, to)));
        }
    });
    per_second(done * TOGETHER, ns)
}

/// Memory that is written again and again.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    value: u8,
}

impl Buffer {
    /// So many MiB, written once: the first time is another matter, since the system has to find each page.
    ///
    /// # Errors
    /// When there is not so much memory.
    pub(super) fn new(mebibytes: u32) -> Result<Buffer, TryReserveError> {
        let size = (mebibytes as usize) << 20;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        bytes.resize(size, 0);
        let mut buffer = Buffer { bytes, value: 0 };
        buffer.fill();
        Ok(buffer)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn fill(&mut self) {
        self.value = self.value.wrapping_add(1);
        let (value, part) = (self.value, self.bytes.len().div_ceil(rayon::current_num_threads()));
        self.bytes.par_chunks_mut(part).for_each(|part| {
            part.fill(value);
            black_box(part);
        });
    }

    /// Nanoseconds in which so many bytes are filled: the median of some times, scaled. Taken anew for every case, since
    /// machines have neighbours.
    pub(super) fn fill_ns(&mut self, bytes: u64) -> u64 {
        let mut ns: Vec<u64> = (0..FILLS).map(|_| timed(|| self.fill())).collect();
        times(middle(&mut ns), self.bytes(), bytes).max(1)
    }
}

/// What `make` makes, and how many bytes that holds; `None` where that cannot be seen.
///
/// Seen is by how much the process grows. Something small goes where something else was before, so more of it is made until
/// that must have come to an end.
pub(super) fn held<T>(mut make: impl FnMut() -> T) -> (T, Option<u64>) {
    let (began, before) = (Instant::now(), resident());
    let first = make();
    let grown = |before: Option<u64>| Some(resident()?.saturating_sub(before?));
    let bytes = grown(before);
    if bytes.is_none_or(|bytes| bytes > SEEN) {
        return (first, bytes);
    }
    let (mut more, before) = (Vec::new(), resident());
    while more.is_empty() || (grown(before) <= Some(SEEN) && began.elapsed() < BUDGET) {
        more.push(make());
    }
    let bytes = grown(before).map(|bytes| bytes / more.len() as u64);
    (first, bytes.filter(|bytes| *bytes > 0))
}

/// Growth in bytes beside which what is left of other things does not count.
const SEEN: u64 = 32 << 20;

/// Bytes of this process in memory; Linux tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
