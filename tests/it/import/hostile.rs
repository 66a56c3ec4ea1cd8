//! Whatever comes in, nothing panics.

use bridgehead::load::{Format, Limits};
use proptest::prelude::*;

use super::*;

/// Text that looks enough like an export to get past the first checks.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("dn: CN=A,CN=Servers,CN=B\n"),
        Just("dn: <GUID=0f9875bb52484a4a8570214b9c1e81f1>;CN=A\\2C,CN=IP\n"),
        Just("objectClass: siteLink\n"),
        Just("objectClass: msExchExchangeServer\n"),
        Just("objectClass: msExchRoutingGroupConnector\n"),
        Just("objectClass: msExchRoutingSMTPConnector\n"),
        Just("versionNumber: 6944\n"),
        Just("connectedDomains: A;3\n"),
        Just("routingList: X400:;\n"),
        Just("x:: QUJD\n"),
        Just(" folded\n"),
        Just("\r\n"),
        Just("\n"),
        Just("# é\n"),
        Just("<Objs>"),
        Just("</Objs>"),
        Just("<Obj RefId=\"0\">"),
        Just("</Obj>"),
        Just("<Props>"),
        Just("</Props>"),
        Just("<S N=\"Name\">_xD800_é</S>"),
        Just("<Ref N=\"Site\" RefId=\"0\"/>"),
        Just("<B N=\"HubSiteEnabled\">true</B>"),
        Just("<LST>"),
        Just("</LST>"),
        Just("{\"Name\": \"A\", \"AddressSpaces\": [\"é;\", {}], \"Cost\": 1e99}"),
        Just("[{\"Name\": {\"Value\": []}, \"ADCost\": -1}]"),
        Just("&#x0;"),
        Just("é"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn read_all(text: &str) {
    let source = Source::new("fuzz", text);
    for import in [import::ldif, import::exchange] {
        match import(std::slice::from_ref(&source)) {
            Ok((_, report)) => {
                bridgehead::report::import::write(&report, &mut Vec::new()).expect("a vector takes everything")
            }
            Err(problems) => problems.iter().for_each(|problem| {
                let _ = (source.position(problem.span.start), source.line(problem.span.start));
            }),
        }
    }
}

/// The LDIF entry of a site of that name.
fn encoded_site(name: &str) -> String {
    use base64::Engine;
    let name = name.replace(['\\', ',', '+', '"', '<', '>', ';', '='], "_");
    let dn = format!("CN={name},CN=Sites,CN=Configuration,DC=contoso,DC=example");
    let encoded = base64::engine::general_purpose::STANDARD.encode(dn);
    format!("dn:: {encoded}\nobjectClass: site\n\n")
}

#[test]
fn what_is_imported_can_be_written_and_read_again() {
    let odd = [
        "a\0b",
        "\u{1}",
        "line\nend",
        "tab\t",
        "a\u{85}b",
        "a\u{2028}b",
        "\u{feff}mark",
        "\u{200b}",
        "\u{202e}right to left",
        "日本 🏔",
        "'",
        "$(x)",
        "//",
        "/* */",
        "#\"#",
        "Some(1)",
        "null",
        "\u{10ffff}",
        "e\u{301}",
        "é",
    ];
    let text: String = odd.iter().map(|name| encoded_site(name)).collect();
    let (document, report) = ldif(&text);
    assert_eq!((document.sites.len(), left_out(&report)), (odd.len(), Vec::new()));
    for (format, text) in [
        (Format::Ron, bridgehead::load::to_ron(&document)),
        (Format::Json, bridgehead::load::to_json(&document)),
    ] {
        let source = bridgehead::load::fetch("t", text.as_bytes(), &Limits::default()).expect("a text");
        let read = bridgehead::load::read(&source, format, &Limits::default()).expect("what was written");
        assert_eq!(read, document);
    }
}

#[test]
fn names_that_no_topology_could_hold_are_left_out() {
    let huge = "x".repeat(3000);
    let (document, report) = ldif(&format!("{}{}", encoded_site(&huge), encoded_site("A")));
    assert_eq!(document.sites.len(), 1);
    assert_eq!(
        left_out(&report),
        ["1: an object: its name is longer than a topology file may have"]
    );
    let server = format!(
        r#"{{"Name": "S", "AdminDisplayVersion": "Version 15.1 (Build 1.2)", "ServerRole": 2, "Site": "{huge}"}}"#
    );
    assert!(exchange(&[&server]).0.sites.is_empty());
    let connector = format!(r#"{{"Name": "C", "AddressSpaces": "SMTP:{huge}.example;1"}}"#);
    let (document, report) = exchange(&[&connector]);
    assert!(document.connectors[0].address_spaces.is_empty());
    assert_eq!(report.left_out.len(), 1);
}

#[test]
fn names_that_differ_by_case_alone_are_one() {
    for (why, a, b, sites) in [
        ("ASCII", "Lisbon", "LISBON", 1),
        ("beyond ASCII", "Zürich", "ZÜRICH", 1),
        ("the Turkish dotless i is upper-cased to I", "d\u{131}sk", "DISK", 1),
        ("the Turkish dotted capital stays", "D\u{130}SK", "disk", 2),
        (
            "sharp s has two letters in upper case and stays",
            "straße",
            "STRASSE",
            2,
        ),
        ("final and other sigma", "ος", "οσ", 1),
        ("composed and not: no normalization", "é", "e\u{301}", 2),
    ] {
        let (document, _) = ldif(&format!("{}{}", encoded_site(a), encoded_site(b)));
        assert_eq!(document.sites.len(), sites, "{why}");
    }
}

#[test]
fn folded_base64_and_every_line_end() {
    let text = encoded_site("A rather long name of a site");
    let (head, tail) = text.split_at(30);
    for folded in [
        format!("{head}\n {tail}"),
        format!("{head}\r\n {}", tail.replace('\n', "\r\n")),
    ] {
        let (document, _) = ldif(&folded);
        assert_eq!(name(&document.sites[0].name), "A rather long name of a site");
    }
}

#[test]
fn files_put_together_keep_their_marks() {
    let text = format!("{}\u{feff}{}\r\n\u{feff}{}", site("A"), site("B"), site("C"));
    let (document, _) = ldif(&text);
    assert_eq!(document.sites.len(), 3);
}

#[test]
fn tens_of_thousands_of_address_spaces_are_read_in_no_time() {
    let spaces: Vec<String> = (0..50_000).map(|n| format!("\"SMTP:a{n}.example;1\"")).collect();
    let connector = format!(r#"{{"Name": "C", "AddressSpaces": [{}]}}"#, spaces.join(","));
    let (document, _) = exchange(&[&connector]);
    assert_eq!(document.connectors[0].address_spaces.len(), 50_000);
}

#[test]
fn every_change_record_is_refused() {
    for change in ["add", "delete", "modify", "modrdn", "moddn"] {
        assert_eq!(
            problem(import::ldif, &format!("dn: CN=A\nchangetype: {change}\n")),
            "2:1: this is a record of changes, not of contents",
            "{change}"
        );
    }
}

#[test]
fn half_characters_of_json_say_where() {
    for text in [r#"[{"Name": "a\ud800"}]"#, r#"[{"Name": "a\udc00b"}]"#] {
        let told = problem(import::exchange, text);
        assert!(told.starts_with("1:1") && told.contains(": no JSON: "), "{told}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn pieces_of_exports_never_panic(text in pieces()) {
        read_all(&text);
    }

    #[test]
    fn damaged_exports_never_panic(at in any::<prop::sample::Index>(), cut in 0usize..40, with in "\\PC{0,3}") {
        for file in ["contoso.ldf", "samba.ldif", "Get-SendConnector.xml", "rest.json"] {
            let text: Vec<char> = fixture(file).text.chars().collect();
            let at = at.index(text.len());
            let end = (at + cut).min(text.len());
            let damaged: String = text[..at].iter().chain(with.chars().collect::<Vec<_>>().iter()).chain(&text[end..]).collect();
            read_all(&damaged);
        }
    }
}
