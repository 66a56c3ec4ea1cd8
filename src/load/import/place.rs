//! Places in several sources, cheap to make and turned into lines only when somebody looks.

use crate::diagnostic::Source;

/// A byte in one of the sources that are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Index of the source.
    pub(super) source: usize,
    /// Byte in its text.
    pub(super) offset: usize,
}

/// Where the lines of every source begin. [`Source::position`] counts from the start of the text each time, which would be
/// quadratic for a report with a note on every object.
pub(super) struct Lines {
    starts: Vec<Vec<usize>>,
}

impl Lines {
    /// Looks at every text once. O(bytes).
    pub(super) fn new(sources: &[Source]) -> Lines {
        let starts = |source: &Source| {
            let bytes = source.text.as_bytes();
            let ends_line = |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            let after_ends = (0..bytes.len()).filter(|&at| ends_line(at)).map(|at| at + 1);
            std::iter::once(0).chain(after_ends).collect()
        };
        Lines {
            starts: sources.iter().map(starts).collect(),
        }
    }

    /// The line of `place`, from 1. O(log lines).
    pub(super) fn line(&self, place: Place) -> usize {
        let starts = self.starts.get(place.source);
        starts.map_or(1, |starts| {
            starts.partition_point(|&start| start <= place.offset).max(1)
        })
    }
}
