//! One row a case.

use std::io;

use super::{BenchRecord, CaseRecord};
use crate::report::text::{Column, Mark, Page, Table, counted};

const COLUMNS: [Column; 8] = [
    Column::text("Shape", 13),
    Column::number("Sites"),
    Column::number("Ready"),
    Column::number("Routes/s"),
    Column::number("Memory"),
    Column::number("Asked/s"),
    Column::number("All rows"),
    Column::number("Ratio"),
];

const TIME: [&str; 4] = ["ns", "µs", "ms", "s"];
const COUNT: [&str; 5] = ["", "k", "M", "G", "T"];
const BYTES: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

pub(super) fn write(record: &BenchRecord, page: &mut Page<'_>) -> io::Result<()> {
    let mut table = Table::new(&COLUMNS);
    for case in &record.cases {
        table.row(Mark::Plain, cells(case));
    }
    page.table(0, &table)?;
    page.blank()?;
    let threads = counted(record.threads, "thread");
    let buffer = scaled(record.buffer_bytes, &BYTES);
    for text in [
        "Ready: from then on any route can be looked up. Routes/s: so many in each second of it. Asked/s: cost and next \
         hop of random pairs."
            .to_owned(),
        format!(
            "All rows: cost, hops, next hop and predecessor of every pair, scaled from a sample. Ratio: of that to the time in \
             which 8 bytes a pair fill memory that was written before, here {buffer} again and again."
        ),
        format!("For asking, rows and filling: {threads}."),
    ] {
        page.paragraph(page.palette.dim, 0, &text)?;
    }
    Ok(())
}

fn cells(case: &CaseRecord) -> Vec<String> {
    let percent = case.rows_percent_of_fill;
    vec![
        case.shape.to_owned(),
        case.sites.to_string(),
        scaled(case.ready_ns, &TIME),
        scaled(case.routes_per_second, &COUNT),
        case.memory_bytes
            .map_or_else(|| "–".to_owned(), |bytes| scaled(bytes, &BYTES)),
        scaled(case.questions_per_second, &COUNT),
        scaled(case.rows_ns, &TIME),
        match percent {
            0..1000 => format!("{}.{:02}", percent / 100, percent % 100),
            _ => (percent / 100).to_string(),
        },
    ]
}

/// Three digits and a unit, each a thousand of the one before; more digits where there is no greater unit.
fn scaled(value: u64, units: &[&str]) -> String {
    let (mut at, mut unit) = (0, 1);
    while at + 1 < units.len() && value / unit >= 1000 {
        at += 1;
        unit *= 1000;
    }
    let decimals = match value / unit {
        _ if at == 0 => 0,
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let part = unit / 10_u64.pow(decimals);
    let (whole, rest) = (value / unit, value % unit / part);
    let digits = match decimals {
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:0places$}", places = decimals as usize),
    };
    match units[at] {
        "" => digits,
        unit => format!("{digits} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_shown_and_the_rest_is_cut_off() {
        for (value, shown) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (45_678, "45.6 µs"),
            (999_999, "999 µs"),
            (5_043_000, "5.04 ms"),
            (12_345_000_000_000, "12345 s"),
        ] {
            assert_eq!(scaled(value, &TIME), shown);
        }
        assert_eq!(scaled(812, &COUNT), "812");
        assert_eq!(scaled(18_181_818_181, &COUNT), "18.1 G");
    }
}
