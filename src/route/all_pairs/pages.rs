//! Tables that are written once, in large pages where the system has them.
//!
//! Tables of a great kernel are hundreds of megabytes. The first write to each page of 4 KiB costs more than what is written there;
//! Linux gives pages of 2 MiB to who asks. Elsewhere, and for small tables, this is a `Vec`.

use std::ops::Deref;

use bytemuck::Pod;

/// Tables of fewer bytes are not worth asking.
#[cfg(target_os = "linux")]
const LARGE: usize = 8 << 20;

/// A table of known size that is filled from its beginning.
#[derive(Debug)]
pub(super) enum Table<T> {
    Heap(Vec<T>),
    #[cfg(target_os = "linux")]
    Mapped {
        map: memmap2::MmapMut,
        /// How much of it is filled.
        filled: usize,
    },
}

impl<T: Pod> Table<T> {
    /// Room for so many.
    pub(super) fn with_capacity(most: usize) -> Table<T> {
        #[cfg(target_os = "linux")]
        {
            let bytes = most * size_of::<T>();
            if bytes >= LARGE
                && let Ok(map) = memmap2::MmapMut::map_anon(bytes)
            {
                // Without them it is as slow as a `Vec`, and as right.
                let _ = map.advise(memmap2::Advice::HugePage);
                return Table::Mapped { map, filled: 0 };
            }
        }
        Table::Heap(Vec::with_capacity(most))
    }

    /// Adds rows to its end, where there has to be room for them.
    #[inline(always)]
    pub(super) fn extend(&mut self, rows: impl ExactSizeIterator<Item = T>) {
        match self {
            Table::Heap(table) => table.extend(rows),
            #[cfg(target_os = "linux")]
            Table::Mapped { map, filled } => {
                let free = &mut bytemuck::cast_slice_mut::<u8, T>(map)[*filled..];
                *filled += rows.len();
                for (to, row) in free[..rows.len()].iter_mut().zip(rows) {
                    *to = row;
                }
            }
        }
    }
}

impl<T: Pod> Deref for Table<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        match self {
            Table::Heap(table) => table,
            #[cfg(target_os = "linux")]
            Table::Mapped { map, filled } => &bytemuck::cast_slice(map)[..*filled],
        }
    }
}

impl<T: Pod + PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Table<T>) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_what_was_added_however_large_it_is() {
        for most in [0, 1, 1_000, 300_000] {
            let rows: Vec<[u64; 16]> = (0..most).map(|at| [at; 16]).collect();
            let mut table = Table::with_capacity(rows.len());
            for part in rows.chunks(777) {
                table.extend(part.iter().copied());
            }
            assert_eq!(*table, *rows);
            #[cfg(target_os = "linux")]
            assert_eq!(matches!(table, Table::Mapped { .. }), size_of_val(&*rows) >= LARGE);
        }
    }
}
