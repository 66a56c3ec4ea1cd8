//! Writing rows: what is measured as "all rows" is this and nothing else.

use bridgehead::model::SiteIdx;
use bridgehead::route::all_pairs::{AllPairs, Row, RowKey, RowSite, Rows};

/// What a pair takes where it is written as small as it can be: cost and hops in 4 bytes, next hop and predecessor in 2 each.
pub(super) const BYTES_A_PAIR: u64 = 8;

/// Rows one after the other into the same memory, in the order in which they are made quickest.
pub(super) enum Stream<'a> {
    /// 8 bytes a pair.
    Narrow(Writer<'a, u32, u16>),
    /// 16 bytes, where costs are too great or sites too many.
    Wide(Writer<'a, u64, u32>),
}

/// See [`Stream`].
pub(super) struct Writer<'a, K, S> {
    rows: Rows<'a, K, S>,
    sources: Vec<SiteIdx>,
    next: usize,
    row: Row<K, S>,
}

impl<'a> Stream<'a> {
    /// One for each of some threads, that far apart from each other.
    pub(super) fn several(all: &'a AllPairs, threads: usize) -> Vec<Stream<'a>> {
        let stream = |thread: usize| match Writer::new(all, thread, threads) {
            Some(writer) => Stream::Narrow(writer),
            None => Stream::Wide(Writer::new(all, thread, threads).expect("the widest fits always")),
        };
        (0..threads).map(stream).collect()
    }

    /// Writes the next row over the last one.
    pub(super) fn write(&mut self) {
        match self {
            Stream::Narrow(writer) => writer.write(),
            Stream::Wide(writer) => writer.write(),
        }
    }
}

impl<'a, K: RowKey, S: RowSite> Writer<'a, K, S> {
    fn new(all: &'a AllPairs, thread: usize, threads: usize) -> Option<Writer<'a, K, S>> {
        let rows = all.rows()?;
        let sources: Vec<SiteIdx> = rows.columns().collect();
        Some(Writer {
            next: thread * sources.len() / threads,
            sources,
            row: rows.buffer(),
            rows,
        })
    }

    fn write(&mut self) {
        self.rows.fill(self.sources[self.next], &mut self.row);
        std::hint::black_box(&mut self.row);
        self.next = (self.next + 1) % self.sources.len();
    }
}
