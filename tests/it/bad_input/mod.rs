//! Inputs that can't be read: what the user is told, and that nothing panics.
//!
//! A fixture `topologies/bad/<case>.ron` or `.json` goes with `snapshots/bad/<case>.<extension>.snap`.

mod scenario;
mod values;

use std::io::{self, Read};
use std::path::Path;

use bridgehead::diagnostic::{Problem, Source};
use bridgehead::load::{self, Format, Limits, Rejected};
use bridgehead::report::{MessageFormat, write_problems};
use proptest::prelude::*;

/// What is written about an input that was rejected. Paths are shown from the top of the repository on.
fn shown(rejected: &Rejected, format: MessageFormat) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let mut source = rejected.source.clone();
    source.name = source.name.replace(root, "").replace('\\', "/");
    let mut out = Vec::new();
    write_problems(&mut out, &source, &rejected.problems, format).expect("a Vec takes all bytes");
    String::from_utf8(out).expect("messages are UTF-8")
}

fn open(path: &str) -> Rejected {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    load::open(&path, None, &Limits::default()).expect_err("the input is bad")
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/bad"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

/// The fixture is rejected with what its snapshot says, once for people and once for programs.
#[track_caller]
fn rejects(file: &str) {
    let rejected = open(&format!("topologies/bad/{file}"));
    let text = shown(&rejected, MessageFormat::Text { color: false });
    let json = shown(&rejected, MessageFormat::Json);
    snapshot(file, &format!("{text}{json}"));
}

/// The problems of a text, which has some.
#[track_caller]
fn problems(text: &str, format: Format) -> Vec<Problem> {
    load::read(&Source::new("t", text), format, &Limits::default()).expect_err("the text is bad")
}

/// The message of the only problem of a text.
#[track_caller]
fn only_message(text: &str, format: Format) -> String {
    match &problems(text, format)[..] {
        [problem] => problem.message.clone(),
        several => panic!("one problem expected: {several:#?}"),
    }
}

/// The message and the help of an input that can't even be decoded.
#[track_caller]
fn refused(bytes: &[u8], limits: &Limits) -> String {
    let rejected = load::fetch("t", bytes, limits).expect_err("the input is bad");
    let problem = &rejected.problems[0];
    format!("{} ({})", problem.message, problem.help.as_deref().unwrap_or_default())
}

#[test]
fn every_wrong_leaf_is_reported() {
    rejects("leaves.ron");
    rejects("leaves.json");
}

#[test]
fn unknown_and_duplicate_fields_are_reported_together() {
    rejects("fields.ron");
    rejects("fields.json");
}

#[test]
fn a_format_that_is_not_known() {
    rejects("format-version.ron");
    rejects("format-kind.json");
}

#[test]
fn a_wrong_shape_stops_the_reading_with_one_problem() {
    rejects("shape.ron");
    rejects("shape.json");
}

#[test]
fn a_syntax_error_stops_the_reading_with_one_problem() {
    rejects("syntax.ron");
    rejects("syntax.json");
    rejects("surrogate.json");
}

#[test]
fn truncated_files_say_what_is_open() {
    rejects("truncated.ron");
    rejects("truncated.json");
}

#[test]
fn files_that_are_no_text() {
    rejects("empty.ron");
    rejects("blank.json");
    rejects("binary.json");
    rejects("latin1.ron");
}

#[test]
fn control_characters_of_the_input_are_shown_escaped() {
    rejects("control-characters.ron");
}

#[test]
fn long_lines_are_cut_and_columns_are_those_of_the_file() {
    rejects("long-line.json");
}

#[test]
fn files_that_cannot_be_opened() {
    for (case, path) in [
        ("missing-file", "topologies/bad/missing.ron"),
        ("directory", "topologies/bad"),
        ("below-a-file", "topologies/bad/empty.ron/x.ron"),
        ("extension", "topologies/bad/extension.txt"),
    ] {
        snapshot(case, &shown(&open(path), MessageFormat::Text { color: false }));
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let rejected = open("topologies/bad/shape.ron");
    let plain = shown(&rejected, MessageFormat::Text { color: false });
    let coloured = shown(&rejected, MessageFormat::Text { color: true });
    assert!(!plain.contains('\u{1b}'));
    let mut stripped = coloured.clone();
    while let Some(start) = stripped.find('\u{1b}') {
        let end = start + stripped[start..].find('m').expect("an escape sequence ends with m");
        stripped.replace_range(start..=end, "");
    }
    assert_ne!(coloured, plain);
    assert_eq!(stripped, plain);
}

#[test]
fn deep_nesting_is_a_problem_and_no_stack_overflow() {
    const LEVELS: usize = 100_000;
    let nested = |open: &str, close: &str| open.repeat(LEVELS) + &close.repeat(LEVELS);
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("Some(", ")"),
        ("(a:", ")"),
        ("{0:", "}"),
        ("/*", "*/"),
    ] {
        for text in [
            nested(open, close),
            format!("(sites: [(name: {})])", nested(open, close)),
            format!("(sites: [(nonsense: {})])", nested(open, close)),
            format!("(sites: [(name: {}", open.repeat(LEVELS)),
            format!("(sites: {})", nested(open, close)),
            format!("(connectors: [(restrictions: (schedule: {}))])", nested(open, close)),
        ] {
            assert_eq!(problems(&text, Format::Ron).len(), 1, "{open}");
        }
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let value = format!("{}1{}", open.repeat(LEVELS), close.repeat(LEVELS));
        for text in [
            value.clone(),
            format!(r#"{{"sites": [{{"name": {value}}}]}}"#),
            format!(r#"{{"sites": [{{"nonsense": {value}}}]}}"#),
            format!(r#"{{"sites": [{{"name": {}"#, open.repeat(LEVELS)),
            format!(r#"{{"sites": {value}}}"#),
            format!(r#"{{"connectors": [{{"restrictions": {{"schedule": {value}}}}}]}}"#),
        ] {
            assert!(!problems(&text, Format::Json).is_empty(), "{open}");
        }
    }
    let message = only_message(
        &format!(r#"{{"organization": {}1{}}}"#, "[".repeat(99), "]".repeat(99)),
        Format::Json,
    );
    assert_eq!(message, "nested more than 48 levels deep");
}

#[test]
fn limits_name_the_option_that_raises_them() {
    let limits = Limits {
        max_input_size: 10,
        ..Limits::default()
    };
    let expect = "larger than 10 bytes (`--max-input-size` raises the limit, up to 4 GiB)";
    assert_eq!(refused(b"(          )", &limits), expect);
    assert!(load::fetch("t", &b"(sites:[])"[..], &limits).is_ok());

    let limits = Limits {
        max_sites: 2,
        max_site_links: 1,
        max_name_length: 3,
        max_records: 4,
        ..Limits::default()
    };
    let helps = |text: &str| -> Vec<String> {
        let problems = load::read(&Source::new("t", text), Format::Ron, &limits)
            .err()
            .unwrap_or_default();
        problems
            .into_iter()
            .map(|problem| problem.message + "; " + &problem.help.unwrap_or_default())
            .collect()
    };
    assert_eq!(helps("(sites: [(), ()])"), [""; 0]);
    assert_eq!(
        helps("(sites: [(), (), ()])"),
        ["more than 2 elements in this list; `--max-sites` raises the limit"]
    );
    assert_eq!(
        helps("(site_links: [(), ()])"),
        ["more than 1 elements in this list; `--max-site-links` raises the limit"]
    );
    assert_eq!(
        helps("(servers: [(), (), (), ()])"),
        ["more than 4 records in all; `--max-records` raises the limit"]
    );
    assert_eq!(helps("(sites: [(name: \"abc\")])"), [""; 0]);
    assert_eq!(
        helps("(sites: [(name: \"abcd\")])"),
        ["4 characters, more than 3; `--max-name-length` raises the limit"]
    );
}

/// Input without an end.
struct Endless;

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(b' ');
        Ok(buffer.len())
    }
}

#[test]
fn reading_stops_at_the_limit() {
    let limits = Limits {
        max_input_size: 1 << 20,
        ..Limits::default()
    };
    let rejected = load::fetch("-", Endless, &limits).expect_err("the input is too large");
    assert_eq!(rejected.problems[0].message, "larger than 1048576 bytes");
}

/// `text` in UTF-16 with a byte-order mark.
fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{FEFF}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

#[test]
fn every_encoding_gives_the_same_text() {
    let text = "(organization: \"Zürich 日本 🏔\")\r\n";
    let with_mark = format!("\u{FEFF}{text}").into_bytes();
    for bytes in [
        text.as_bytes().to_vec(),
        with_mark,
        utf16(text, u16::to_le_bytes),
        utf16(text, u16::to_be_bytes),
    ] {
        let source = load::fetch("t", &bytes[..], &Limits::default()).expect("the text is fine");
        assert_eq!(source.text, text);
        let document = load::read(&source, Format::Ron, &Limits::default()).expect("the text is fine");
        assert_eq!(document.organization, Some("Zürich 日本 🏔".into()));
    }
    assert!(refused(&[0xFF, 0xFE, b'(', 0, 0, 0xD8], &Limits::default()).starts_with("this is not valid UTF-16LE"));
    // UTF-16 without a mark is a binary file.
    let unmarked = &utf16(text, u16::to_le_bytes)[2..];
    assert!(refused(unmarked, &Limits::default()).starts_with("this is a binary file"));
}

#[test]
fn columns_count_scalars_and_crlf_is_one_line_end() {
    for text in [
        "(\r\n  sites: [(name: \"日本\", color: 1)])",
        "(\n  sites: [(name: \"日本\", color: 1)])",
    ] {
        let problem = &problems(text, Format::Ron)[0];
        let position = Source::new("t", text).position(problem.span.start);
        assert_eq!(
            (position.line, position.column, problem.path.as_str()),
            (2, 24, "sites[0]")
        );
    }
}

#[test]
fn places_are_exact() {
    let ron = r##"( /* a ( */ sites: [ // b
        (name: /* c */ "Chi\"cago" /* d */ , hub_site: Some( true )), ( ), (name: r#"x"#,), ] ,
        connectors: [ (restrictions: Some ( (schedule: [ /* e */ "Mon 08:00-18:00" /* f */ ] ) , )), (enabled: false) ] )"##;
    let json = r#"{ "si\u0074es": [ {"name": "Chi\"cago" , "hub_site": true}, { }, {"name":"x"} ],
        "connectors": [ {"restrictions": {"schedule": [ "Mon 08:00-18:00" ]}}, {"enabled":false} ] }"#;
    let expect_ron = [
        r#"(name: /* c */ "Chi\"cago" /* d */ , hub_site: Some( true ))"#,
        r#""Chi\"cago""#,
        "Some( true )",
        "( )",
        r##"(name: r#"x"#,)"##,
        r##"r#"x"#"##,
        r#"(schedule: [ /* e */ "Mon 08:00-18:00" /* f */ ] )"#,
        "(enabled: false)",
        "false",
    ];
    let expect_json = [
        r#"{"name": "Chi\"cago" , "hub_site": true}"#,
        r#""Chi\"cago""#,
        "true",
        "{ }",
        r#"{"name":"x"}"#,
        r#""x""#,
        r#"{"schedule": [ "Mon 08:00-18:00" ]}"#,
        r#"{"enabled":false}"#,
        "false",
    ];
    for (text, format, expect) in [(ron, Format::Ron, expect_ron), (json, Format::Json, expect_json)] {
        let document = load::read(&Source::new("t", text), format, &Limits::default()).expect("the text is fine");
        let (sites, connectors) = (&document.sites, &document.connectors);
        let restrictions = connectors[0].restrictions.as_ref().expect("it has restrictions");
        let spans = [
            sites[0].span,
            sites[0].name.as_ref().expect("it has a name").span,
            sites[0].hub_site.expect("it says so").span,
            sites[1].span,
            sites[2].span,
            sites[2].name.as_ref().expect("it has a name").span,
            restrictions.span,
            connectors[1].span,
            connectors[1].enabled.expect("it says so").span,
        ];
        let found = spans.map(|span| &text[span.start as usize..span.end as usize]);
        assert_eq!(found, expect);
        assert_eq!(
            (document.span.start as usize, document.span.end as usize),
            (0, text.len())
        );
    }
}

#[test]
fn what_is_written_can_be_read() {
    let text = include_str!("../../../topologies/reading/all.ron");
    let read = |text: &str, format| {
        let source = Source::new("t", text);
        load::read(&source, format, &Limits::default()).unwrap_or_else(|problems| panic!("{problems:#?}"))
    };
    let document = read(text, Format::Ron);
    let json = serde_json::to_string(&document).expect("a document can be written");
    assert_eq!(read(&json, Format::Json), document);
    let ron = ron::Options::default()
        .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
        .to_string(&document)
        .expect("a document can be written");
    assert_eq!(read(&ron, Format::Ron), document);
}

#[test]
fn many_problems_stay_bounded() {
    let text = format!("(sites: [{}])", "(x: 1), ".repeat(20_000));
    let problems = problems(&text, Format::Ron);
    assert_eq!(problems.len(), 10_001);
    assert_eq!(problems[10_000].message, "10000 more problems are not listed");
}

#[test]
fn thousands_of_problems_in_one_long_line_are_shown_in_no_time() {
    let text = format!("(sites: [{}])", "(x: \"日本\"), ".repeat(40_000));
    let problems = problems(&text, Format::Ron);
    let rejected = Rejected {
        source: Source::new("t", text),
        problems,
    };
    let lines = shown(&rejected, MessageFormat::Json);
    assert_eq!(lines.lines().count(), 10_001);
    assert!(shown(&rejected, MessageFormat::Text { color: false }).len() > 1_000_000);
}

fn read_and_show(bytes: &[u8]) {
    let Ok(source) = load::fetch("t", bytes, &Limits::default()) else {
        return;
    };
    for format in [Format::Ron, Format::Json] {
        if let Err(problems) = load::read(&source, format, &Limits::default()) {
            assert!(!problems.is_empty());
            let rejected = Rejected {
                source: source.clone(),
                problems,
            };
            shown(&rejected, MessageFormat::Text { color: false });
            shown(&rejected, MessageFormat::Json);
        }
    }
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    let json = r#"{"sites": [{"name": "日本\u0041\n", "hub_site": true}, null], "servers": [{"max_hops": -1.5e3}],
        "connectors": [{"restrictions": {"schedule": ["Mon"]}, "x": [1, {"y": null}]}]}"#;
    for text in [include_str!("../../../topologies/reading/all.ron"), json] {
        for end in 0..=text.len() {
            read_and_show(&text.as_bytes()[..end]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_and_show(&bytes);
    }

    /// Texts of tokens get further than random bytes.
    #[test]
    fn no_tokens_panic(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..40)) {
        read_and_show(tokens.concat().as_bytes());
        read_and_show(format!("(sites: [(name: {}", tokens.concat()).as_bytes());
        read_and_show(format!("{{\"sites\": [{{\"name\": {}", tokens.concat()).as_bytes());
    }
}

const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    " ",
    "\n",
    "\r",
    "\"",
    "\\",
    "'",
    "/",
    "*",
    "//",
    "/*",
    "*/",
    "#",
    "!",
    "r#\"",
    "\"#",
    "b\"",
    "r",
    "b",
    "1",
    "-",
    ".",
    "e",
    "0x",
    "_",
    "..",
    "inf",
    "NaN",
    "None",
    "Some(",
    "null",
    "true",
    "false",
    "sites",
    "name",
    "\"sites\"",
    "\"name\"",
    "servers: [(version: ",
    "connectors",
    "restrictions",
    "schedule",
    "roles",
    "max_hops",
    "Always",
    "日",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{1b}",
    "\\u00",
    "\\ud800",
    "\\x41",
    "#![enable(",
    "unwrap_newtypes",
    ")]",
    "99999999999999999999999999999999999999999",
    "1u8",
    "300u8",
    "Foo",
    "x: ",
    "\"y\": ",
];
