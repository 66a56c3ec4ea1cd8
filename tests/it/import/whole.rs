//! Whole exports, alone and together.

use super::*;

fn snapshot(name: &str, import: Import) {
    let (document, report) = good(import);
    let mut text = serde_json::to_string_pretty(&document)
        .expect("a document is JSON")
        .into_bytes();
    text.extend(b"\n\n");
    bridgehead::report::import::write(&report, &mut text).expect("a vector takes everything");
    let text = String::from_utf8(text).expect("reports are UTF-8");
    insta::with_settings!({ snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/import"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_samba_export_in_full() {
    snapshot("samba", import::ldif(&[fixture("samba.ldif")]));
}

#[test]
fn a_mixed_2003_and_2007_organization_in_full() {
    snapshot("contoso", import::ldif(&[fixture("contoso.ldf")]));
}

#[test]
fn cmdlets_in_both_formats_in_full() {
    let files = [
        "Get-AdSite.json",
        "Get-AdSiteLink.json",
        "Get-ExchangeServer.xml",
        "Get-RoutingGroupConnector.json",
        "Get-SendConnector.xml",
        "more-servers.json",
        "rest.json",
    ];
    snapshot("cmdlets", import::exchange(&files.map(fixture)));
}

#[test]
fn two_files_fill_each_other_and_the_first_one_wins() {
    let a = r#"{"Name": "HUB1", "AdminDisplayVersion": "Version 8.1 (Build 240.6)", "ServerRole": 32}"#;
    let b =
        r#"{"Name": "hub1", "AdminDisplayVersion": "Version 8.3 (Build 83.6)", "ServerRole": 32, "Site": "Lisbon"}"#;
    let (document, report) = exchange(&[a, b]);
    assert_eq!(document.servers.len(), 1);
    assert_eq!(document.servers[0].version, Some(Version::Exchange2007Sp1.into()));
    assert_eq!(name(&document.servers[0].site), "Lisbon");
    let conflict = &report.conflicts[0];
    assert_eq!((conflict.file.as_str(), conflict.line), ("2", 1));
    assert_eq!(conflict.text, "version differs from what was read first, which counts");
    // Within one file, two objects of a name are two objects.
    let (document, report) = exchange(&[&format!("[{a}, {b}]")]);
    assert_eq!(document.servers.len(), 1);
    assert_eq!(report.left_out.len(), 1);
}

#[test]
fn sites_of_the_directory_and_servers_of_exchange_make_one_file() {
    // Names are all that the two have in common: the distinguished names are of different forests.
    let ldif =
        "dn: CN=Lisbon,CN=Sites,CN=Configuration,DC=old,DC=example\nobjectClass: top\nobjectClass: site\ncn: Lisbon\n";
    let json = r#"[{"Name": "LIS1", "Site": {"Name": "LISBON", "DistinguishedName": "CN=LISBON,CN=Sites,CN=Configuration,DC=new,DC=example"},
        "AdminDisplayVersion": "Version 14.3 (Build 123.4)", "ServerRole": "Mailbox, HubTransport", "Fqdn": "lis1.new.example"}]"#;
    let sources = [Source::new("config.ldf", ldif), Source::new("servers.json", json)];
    for importer in [import::ldif, import::exchange] {
        let (document, report) = importer(&sources).expect("both notations are read");
        let org = resolve(&document, NameOrder::default()).expect("an imported document resolves");
        let names: Vec<&str> = org.sites().iter().map(|site| site.name.as_str()).collect();
        assert_eq!(names, ["Lisbon"]);
        assert_eq!(org.transport_servers(SiteIdx::from_usize(0)).len(), 1);
        assert_eq!(report.assumptions.len(), 1, "{report:#?}");
    }
}
