//! `bench` on organizations so small that it is over at once: that it measures, not what.

use serde_json::Value;

use super::*;

/// Two sizes of two shapes, and memory that is filled soon.
const TINY: [&str; 11] = [
    "bench",
    "--shape",
    "hub-and-spoke",
    "--shape",
    "big-link",
    "--sites",
    "1",
    "--sites",
    "30",
    "--buffer",
    "1",
];

/// What is measured is left out, and with it how wide that makes the columns.
fn redacted(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["hub-and-spoke" | "big-link", ..] => format!("{} {} …", words[0], words[1]),
            [rule] if rule.starts_with('─') => "─".to_owned(),
            _ => words.join(" "),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_bench_shows() {
    snapshot("bench", &redacted(&done(&[&TINY[..], &["--jobs", "1"]].concat())));
}

#[test]
fn what_is_measured_is_there_and_fits_the_schema() {
    for jobs in ["1", "3"] {
        let text = done(&[&TINY[..], &["--format", "json", "--jobs", jobs]].concat());
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let schema: Value = serde_json::from_str(&done(&["schema", "bench"])).expect("a schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        assert!(validator.is_valid(&document), "{text}");

        assert_eq!(document["threads"].to_string(), jobs);
        assert_eq!(document["buffer_bytes"], 1 << 20);
        let cases = document["cases"].as_array().expect("a list");
        let said = |case: &Value| format!("{} {} {}", case["shape"], case["sites"], case["routes"]);
        let said: Vec<String> = cases.iter().map(said).collect();
        assert_eq!(
            said,
            [
                "\"hub-and-spoke\" 1 0",
                "\"hub-and-spoke\" 30 870",
                "\"big-link\" 1 0",
                "\"big-link\" 30 870"
            ]
        );
        for case in cases {
            for field in [
                "ready_ns",
                "builds",
                "questions_per_second",
                "rows_written",
                "rows_ns",
                "fill_ns",
            ] {
                assert!(case[field].as_u64() > Some(0), "{field} of {case}");
            }
            let (routes, ready) = (case["routes"].as_u64(), case["ready_ns"].as_u64());
            let expected = routes.zip(ready).map(|(routes, ready)| routes * 1_000_000_000 / ready);
            assert_eq!(case["routes_per_second"].as_u64(), expected);
        }
    }
}

#[test]
fn wrong_usage_of_bench() {
    for wrong in [
        &["bench", "--shape", "heap"][..],
        &["bench", "--sites", "0"],
        &["bench", "--buffer", "0"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
