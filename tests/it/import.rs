//! Importers: what administrators have goes in, a document that resolves comes out, and the report tells the rest.

use bridgehead::diagnostic::{Problem, Source};
use bridgehead::load::document::Document;
use bridgehead::load::import::{self, ImportReport};
use bridgehead::load::{At, resolve};
use bridgehead::model::{ConnectorKind, LinkTransport, NameOrder, Role, SiteIdx, SizeLimit, Version};
use proptest::prelude::*;

/// The fixture called `name`, decoded as the input layer does: byte-order marks decide.
fn fixture(name: &str) -> Source {
    let path = format!("{}/tests/fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (text, _, _) = encoding_rs::UTF_8.decode(&bytes);
    Source::new(name, text)
}

type Import = Result<(Document, ImportReport), Vec<Problem>>;

fn ldif(text: &str) -> (Document, ImportReport) {
    good(import::ldif(&[Source::new("test.ldif", text)]))
}

fn exchange(texts: &[&str]) -> (Document, ImportReport) {
    let sources: Vec<Source> = (1..)
        .zip(texts)
        .map(|(n, text)| Source::new(format!("{n}"), *text))
        .collect();
    good(import::exchange(&sources))
}

/// What was imported; it always resolves.
fn good(imported: Import) -> (Document, ImportReport) {
    let (document, report) = imported.unwrap_or_else(|problems| panic!("{problems:#?}"));
    if let Err(problems) = resolve(&document, NameOrder::default()) {
        panic!("an imported document resolves: {problems:#?}");
    }
    (document, report)
}

/// The only problem of `text`, as `line:column: message`.
fn problem(import: fn(&[Source]) -> Import, text: &str) -> String {
    let source = Source::new("test", text);
    let problems = import(std::slice::from_ref(&source))
        .map(|_| ())
        .expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let at = source.position(problems[0].span.start);
    format!("{}:{}: {}", at.line, at.column, problems[0].message)
}

fn names<'a>(leaves: impl IntoIterator<Item = &'a At<String>>) -> Vec<&'a str> {
    leaves.into_iter().map(|leaf| leaf.value.as_str()).collect()
}

fn name(leaf: &Option<At<String>>) -> &str {
    leaf.as_ref().map_or("", |leaf| &leaf.value)
}

/// What was left out, as `line: subject: text`.
fn left_out(report: &ImportReport) -> Vec<String> {
    let note = |note: &import::Note| format!("{}: {}: {}", note.line, note.subject, note.text);
    report.left_out.iter().map(note).collect()
}

/// A site below contoso.example.
fn site(name: &str) -> String {
    format!("dn: CN={name},CN=Sites,CN=Configuration,DC=contoso,DC=example\nobjectClass: site\n\n")
}

/// The IP link `L` with `lines` and the sites A and B.
fn link(lines: &str) -> String {
    let sites = "CN=Sites,CN=Configuration,DC=contoso,DC=example";
    let head = format!("dn: CN=L,CN=IP,CN=Inter-Site Transports,{sites}\nobjectClass: top\nobjectClass: siteLink\n");
    let members = format!("siteList: CN=A,{sites}\nsiteList: CN=B,{sites}\n");
    format!("{}{}{head}{members}{lines}\n", site("A"), site("B"))
}

const RG: &str = "CN=Routing Groups,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=example";
const SERVERS: &str = "CN=Servers,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=example";

/// The 2003 groups G1 and G2 with one server each, B1 and B2.
fn groups() -> String {
    let group = |n| format!("dn: CN=G{n},{RG}\nobjectClass: msExchRoutingGroup\n\n");
    let server = |n| {
        format!(
            "dn: CN=B{n},{SERVERS}\nobjectClass: msExchExchangeServer\nserialNumber: Version 6.5 (Build 7638.2)\n\
             msExchHomeRoutingGroup: CN=G{n},{RG}\n\n"
        )
    };
    format!("{}{}{}{}", group(1), group(2), server(1), server(2))
}

fn snapshot(name: &str, import: Import) {
    let (document, report) = good(import);
    let mut text = serde_json::to_string_pretty(&document)
        .expect("a document is JSON")
        .into_bytes();
    text.extend(b"\n\n");
    bridgehead::report::import::write(&report, &mut text).expect("a vector takes everything");
    let text = String::from_utf8(text).expect("reports are UTF-8");
    insta::with_settings!({ snapshot_path => "../../snapshots/import", prepend_module_to_snapshot => false, omit_expression => true }, {
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

// LDIF

#[test]
fn line_ends_and_file_order_change_nothing() {
    let source = fixture("samba.ldif");
    let (document, _) = ldif(&source.text);
    assert_eq!(ldif(&source.text.replace('\n', "\r\n")).0, document);
    let mut records: Vec<&str> = source.text.split("\n\n").skip(1).collect();
    records.reverse();
    assert_eq!(ldif(&records.join("\n\n")).0, document);
}

#[test]
fn values_are_folded_even_inside_a_word() {
    let (document, _) =
        ldif("dn: CN=Lis\n bon,CN=Sites,CN=Configuration,DC=contoso,DC=example\nobjectCl\n ass: site\n");
    assert_eq!(name(&document.sites[0].name), "Lisbon");
}

#[test]
fn names_may_be_base64() {
    // CN=Zürich,CN=Sites,DC=contoso
    let (document, _) = ldif("dn:: Q049WsO8cmljaCxDTj1TaXRlcyxEQz1jb250b3Nv\nobjectClass: site\n");
    assert_eq!(name(&document.sites[0].name), "Zürich");
}

#[test]
fn the_last_object_class_is_the_class() {
    let (document, report) = ldif(
        "dn: CN=S,CN=Servers,CN=A,CN=Sites,DC=contoso\nobjectClass: top\nobjectClass: server\n\n\
         dn: CN=O,CN=nTDSDSA,DC=contoso\nobjectClass: nTDSDSA\noptions: 2\n",
    );
    assert!(document.servers.is_empty());
    let classes: Vec<_> = report
        .classes
        .iter()
        .map(|c| (c.class.as_str(), c.read, c.known))
        .collect();
    assert_eq!(classes, [("nTDSDSA", 1, false), ("server", 1, false)]);
}

#[test]
fn escaped_characters_in_names() {
    let one = format!("{}{}{}", site(r"A\, B"), site(r#"The \22old\22 one"#), site(r"C\+D"));
    let (document, _) = ldif(&one);
    let names: Vec<&str> = document.sites.iter().map(|site| name(&site.name)).collect();
    assert_eq!(names, ["A, B", "C+D", "The \"old\" one"]);
}

#[test]
fn only_links_below_cn_ip_are_ip_links() {
    let (document, _) = ldif(&link("cost: 7\n"));
    assert_eq!(document.site_links[0].transport, None);
    let (document, _) = ldif(&link("cost: 7\n").replace("CN=IP,", "CN=SMTP,"));
    assert_eq!(document.site_links[0].transport, Some(LinkTransport::Smtp.into()));
    let (document, report) = ldif(&link("cost: 7\n").replace("CN=IP,", "CN=Elsewhere,"));
    assert!(document.site_links.is_empty());
    assert_eq!(report.left_out.len(), 1);
}

#[test]
fn link_costs_and_sizes() {
    let (document, report) = ldif(&link("cost: 7\nmsExchCost: 3\ndelivContLength: 64\nreplInterval: 15\n"));
    let link_read = &document.site_links[0];
    assert_eq!(link_read.cost, Some(7.into()));
    assert_eq!(link_read.exchange_cost, Some(3.into()));
    assert_eq!(link_read.max_message_size, Some(SizeLimit::Bytes(64 << 10).into()));
    assert_eq!(names(&link_read.sites), ["A", "B"]);
    let class = report
        .classes
        .iter()
        .find(|class| class.class == "siteLink")
        .expect("read");
    assert_eq!(class.attributes_not_modelled, [("replInterval".to_owned(), 1)]);

    let (document, report) = ldif(&link("cost: 0\nmsExchCost: -1\ndelivContLength: 0\n"));
    let link_read = &document.site_links[0];
    assert_eq!((&link_read.cost, &link_read.exchange_cost), (&None, &None));
    assert_eq!(link_read.max_message_size, None);
    assert_eq!(
        left_out(&report),
        [
            "7: siteLink \"L\": cost: 0 is not from 1 to 99999; the default of 100 holds",
            "7: siteLink \"L\": delivContLength: what a limit of 0 means is not documented; unlimited holds",
            "7: siteLink \"L\": msExchCost: -1 is not from 1 to 2147483647; the cost of Active Directory holds",
        ]
    );
}

#[test]
fn bridging_is_off_only_when_bit_2_of_cn_ip_says_so() {
    let transport = |name: &str, options| {
        let dn = format!("dn: CN={name},CN=Inter-Site Transports,CN=Sites,CN=Configuration,DC=contoso,DC=example");
        ldif(&format!("{dn}\nobjectClass: interSiteTransport\noptions: {options}\n"))
            .0
            .bridge_all_site_links
    };
    assert_eq!(transport("IP", 3), Some(false.into()));
    assert_eq!(transport("IP", 1), None);
    assert_eq!(transport("SMTP", 2), None);
}

#[test]
fn removed_links_and_deleted_objects_do_not_count() {
    let removed = link("cost: 7\n").replace("siteList: CN=B", "siteList: <RMD_FLAGS=1>;CN=B");
    let (document, report) = ldif(&removed);
    assert_eq!(names(&document.site_links[0].sites), ["A"]);
    assert_eq!(report.left_out.len(), 1);
    let deleted = site("Gone").replace("objectClass", "isDeleted: TRUE\nobjectClass");
    assert!(ldif(&deleted).0.sites.is_empty());
}

#[test]
fn references_to_nothing_are_dropped_and_told() {
    let (document, report) = ldif(&link(
        "siteList: CN=Gone,CN=Sites,CN=Configuration,DC=contoso,DC=example\n",
    ));
    assert_eq!(names(&document.site_links[0].sites), ["A", "B"]);
    assert_eq!(
        left_out(&report),
        ["7: siteLink \"L\": sites: \"Gone\", which no file describes"]
    );
}

#[test]
fn a_range_of_values_is_told() {
    let (_, report) = ldif(&link(
        "siteList;range=0-1499: CN=A,CN=Sites,CN=Configuration,DC=contoso,DC=example\n",
    ));
    assert_eq!(
        left_out(&report),
        ["12: siteLink \"L\": siteList: the file holds only a range of its values"]
    );
    let (_, report) = ldif(&link(
        "siteList;range=0-*: CN=A,CN=Sites,CN=Configuration,DC=contoso,DC=example\n",
    ));
    assert_eq!(left_out(&report), [""; 0]);
}

#[test]
fn what_ldapsearch_adds_is_no_entry() {
    let text = format!(
        "version: 1\n\n{}# search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n",
        site("A")
    );
    let (document, report) = ldif(&text);
    assert_eq!(document.sites.len(), 1);
    assert_eq!(report.classes.len(), 1);
}

#[test]
fn transport_site_flags_are_not_guessed() {
    let (document, report) = ldif(&site("A").replace("objectClass", "msExchTransportSiteFlags: 3\nobjectClass"));
    assert_eq!(
        (&document.sites[0].hub_site, &document.sites[0].inbound_mail),
        (&None, &None)
    );
    assert!(
        report.assumptions[0]
            .text
            .starts_with("msExchTransportSiteFlags is not documented")
    );
    assert_eq!(report.assumptions[0].subjects, ["site \"A\""]);
}

#[test]
fn servers_by_version_roles_and_home() {
    for (why, lines, version, roles) in [
        (
            "2003 by serial number",
            "serialNumber: Version 6.5 (Build 6944.4)\n",
            Version::Exchange2003,
            &[][..],
        ),
        (
            "2003 by build alone",
            "versionNumber: 6944\n",
            Version::Exchange2003,
            &[],
        ),
        (
            "2007 packed",
            "versionNumber: 1912832085\nmsExchCurrentServerRoles: 36\n",
            Version::Exchange2007Sp3,
            &[Role::HubTransport, Role::ClientAccess],
        ),
        (
            "2013 with both roles: a bit, not a number, decides",
            "serialNumber: Version 15.0 (Build 31497.2)\nmsExchCurrentServerRoles: 16439\n",
            Version::Exchange2013,
            &[Role::Mailbox, Role::ClientAccess],
        ),
        (
            "2013 front end",
            "serialNumber: Version 15.0 (Build 31497.2)\nmsExchCurrentServerRoles: 16385\n",
            Version::Exchange2013,
            &[Role::ClientAccess],
        ),
    ] {
        let (document, _) = ldif(&format!(
            "dn: CN=S,{SERVERS}\nobjectClass: msExchExchangeServer\n{lines}"
        ));
        assert_eq!(document.servers[0].version, Some(version.into()), "{why}");
        let read: Vec<Role> = document.servers[0].roles.iter().map(|role| role.value).collect();
        assert_eq!(read, roles, "{why}");
        assert_eq!(name(&document.organization), "Contoso", "{why}");
    }
    let (document, report) = ldif(&format!("dn: CN=S,{SERVERS}\nobjectClass: msExchExchangeServer\n"));
    assert!(document.servers.is_empty());
    assert_eq!(report.left_out.len(), 1);
}

#[test]
fn the_site_of_a_server_is_what_it_says_not_where_it_stands() {
    let text = format!(
        "{}dn: CN=S,{SERVERS}\nobjectClass: msExchExchangeServer\nversionNumber: 1912832085\n\
         msExchServerSite: CN=Hong Kong,CN=Sites,CN=Configuration,DC=contoso,DC=example\n",
        site("Lisbon")
    );
    let (document, report) = ldif(&text);
    assert_eq!(name(&document.servers[0].site), "Hong Kong");
    let names: Vec<&str> = document.sites.iter().map(|site| name(&site.name)).collect();
    assert_eq!(names, ["Hong Kong", "Lisbon"]);
    assert_eq!(report.added[0].subject, "site \"Hong Kong\"");
}

#[test]
fn bridgeheads_may_be_virtual_servers_or_servers() {
    for (source, target) in [
        ("CN=1,CN=SMTP,CN=Protocols,CN=B1,", "CN=1,CN=SMTP,CN=Protocols,CN=B2,"),
        ("CN=B1,", "CN=B2,"),
    ] {
        let text = format!(
            "{}dn: CN=C,CN=Connections,CN=G1,{RG}\nobjectClass: msExchRoutingGroupConnector\ncost: 4\n\
             msExchSourceBridgeheadServersDN: {source}{SERVERS}\nmsExchTargetBridgeheadServersDN: {target}{SERVERS}\n",
            groups()
        );
        let connector = &ldif(&text).0.routing_group_connectors[0];
        assert_eq!(names(&connector.source_servers), ["B1"]);
        assert_eq!(names(&connector.target_servers), ["B2"]);
        assert_eq!((name(&connector.from), name(&connector.to)), ("G1", "G2"));
    }
}

#[test]
fn without_target_servers_the_named_group_counts() {
    let text = format!(
        "{}dn: CN=C,CN=Connections,CN=G2,{RG}\nobjectClass: msExchRoutingGroupConnector\nmsExchDestinationRGDN: CN=G1,{RG}\n",
        groups()
    );
    let connector = &ldif(&text).0.routing_group_connectors[0];
    assert_eq!((name(&connector.from), name(&connector.to)), ("G2", "G1"));
}

#[test]
fn connectors_and_routing_group_connectors_share_their_names() {
    let text = format!(
        "{}dn: CN=C,CN=Connections,CN=G2,{RG}\nobjectClass: msExchRoutingGroupConnector\nmsExchDestinationRGDN: CN=G1,{RG}\n\n\
         dn: CN=c,CN=Connections,CN=G1,{RG}\nobjectClass: msExchRoutingSMTPConnector\nroutingList: SMTP:*;1\n",
        groups()
    );
    let (document, report) = ldif(&text);
    assert_eq!(
        (document.routing_group_connectors.len(), document.connectors.len()),
        (1, 0)
    );
    assert_eq!(report.left_out[0].text, "another connector has the same name");
}

#[test]
fn groups_of_one_name_cannot_both_stay_and_are_not_confused() {
    let other = RG.replace("CN=AG,", "CN=Branch,");
    let text = format!(
        "{}dn: CN=G1,{other}\nobjectClass: msExchRoutingGroup\n\n\
         dn: CN=C,CN=Connections,CN=G2,{RG}\nobjectClass: msExchRoutingGroupConnector\nmsExchDestinationRGDN: CN=G1,{other}\n",
        groups()
    );
    let (document, report) = ldif(&text);
    assert_eq!(document.routing_groups.len(), 2);
    assert!(document.routing_group_connectors.is_empty());
    let texts: Vec<&str> = report.left_out.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "another object of this kind has the same name",
            "the routing group where it ends is not known"
        ]
    );
}

#[test]
fn broken_ldif_says_where() {
    for (why, text, expect) in [
        (
            "truncated base64",
            "dn: CN=A\nx:: QUJ\n  D=\n",
            "3:2: a character that base64 does not have",
        ),
        (
            "cut off base64",
            "dn: CN=A\nx:: QUJDR\n",
            "2:9: the base64 text is cut off",
        ),
        (
            "change record",
            "dn: CN=A\nchangetype: add\n",
            "2:1: this is a record of changes, not of contents",
        ),
        (
            "modification",
            "dn: CN=A\nx: 1\n-\n",
            "3:1: this is a record of changes, not of contents",
        ),
        (
            "value elsewhere",
            "dn: CN=A\nx:< file:///etc/passwd\n",
            "2:3: values in other files are not read",
        ),
        (
            "no dn",
            "\nobjectClass: site\n",
            "2:1: a record has to begin with its `dn:`",
        ),
        (
            "two of them",
            "dn: CN=A\ndn: CN=B\n",
            "2:1: a second `dn:` in one record",
        ),
        ("version", "version: 2\n", "1:1: this version of LDIF is not known"),
        (
            "no colon",
            "dn: CN=A\nhello\n",
            "2:1: neither `name: value` nor the continuation of a line",
        ),
        (
            "nothing to go on with",
            " CN=A\n",
            "1:1: a line that begins with a space goes on with the line above it, and there is none",
        ),
    ] {
        assert_eq!(problem(import::ldif, text), expect, "{why}");
    }
    let bad = Source::new("bad", "hello");
    let problems = import::ldif(&[fixture("samba.ldif"), bad])
        .map(|_| ())
        .expect_err("a problem");
    assert_eq!(problems[0].source, 1);
}

// PowerShell

/// One object of `kind` with `properties`, as Export-Clixml writes it.
fn clixml(kind: &str, properties: &str) -> String {
    format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj RefId=\"0\">\
         <TN RefId=\"0\"><T>Microsoft.Exchange.Data.Directory.SystemConfiguration.{kind}</T></TN>\
         <Props>{properties}</Props></Obj></Objs>"
    )
}

#[test]
fn back_references_and_shared_types() {
    let site = "<Obj N=\"A\" RefId=\"1\"><TN RefId=\"1\"><T>ADObjectId</T></TN><ToString>x</ToString><Props><S N=\"Name\">Lisbon</S></Props></Obj>";
    let server = clixml(
        "ExchangeServer",
        &format!(
            "{site}<S N=\"Name\">S</S><S N=\"AdminDisplayVersion\">Version 14.0 (Build 639.21)</S><Ref N=\"Site\" RefId=\"1\"/>"
        ),
    );
    let (document, _) = exchange(&[&server]);
    assert_eq!(name(&document.servers[0].site), "Lisbon");
    assert_eq!(document.servers[0].version, Some(Version::Exchange2010Rtm.into()));
}

#[test]
fn objects_that_refer_to_themselves() {
    let (document, _) = exchange(&[&clixml(
        "ADSite",
        "<S N=\"Name\">A</S><Ref N=\"Identity\" RefId=\"0\"/><Ref N=\"HubSiteEnabled\" RefId=\"0\"/>",
    )]);
    assert_eq!(document.sites.len(), 1);
}

#[test]
fn every_kind_of_list() {
    for (open, close) in [
        ("<LST>", "</LST>"),
        ("<IE>", "</IE>"),
        ("<STK>", "</STK>"),
        ("<QUE>", "</QUE>"),
    ] {
        let link = clixml(
            "ADSiteLink",
            &format!("<S N=\"Name\">L</S><Obj N=\"Sites\" RefId=\"1\">{open}<S>A</S><S>B</S>{close}</Obj>"),
        );
        assert_eq!(names(&exchange(&[&link]).0.site_links[0].sites), ["A", "B"], "{open}");
    }
}

#[test]
fn dictionaries_nulls_scalars_and_escapes() {
    let text = clixml(
        "ADSite",
        "<S N=\"Name\">A_x000A_B &amp; _x005F_x0043_ &#67;</S><Nil N=\"PartnerId\"/><Db N=\"x\">1.5</Db>\
         <Obj N=\"y\" RefId=\"7\"><DCT><En><S N=\"Key\">k</S><I32 N=\"Value\">1</I32></En></DCT></Obj><B N=\"HubSiteEnabled\">true</B>",
    );
    let (document, _) = exchange(&[&text]);
    assert_eq!(name(&document.sites[0].name), "A\nB & _x0043_ C");
    assert_eq!(document.sites[0].hub_site, Some(true.into()));
}

#[test]
fn utf_16_and_byte_order_marks_are_decoded_before() {
    assert!(fixture("Get-ExchangeServer.xml").text.starts_with("<Objs"));
    assert!(fixture("Get-SendConnector.xml").text.starts_with("<Objs"));
}

#[test]
fn references_of_every_shape() {
    for (why, servers) in [
        ("a string", r#""EX1""#),
        ("a list of strings", r#"["EX1"]"#),
        ("a full name", r#"["ex1.contoso.example"]"#),
        ("an object", r#"{"Name": "EX1"}"#),
        (
            "a list of objects",
            r#"[{"Name": "EX1", "DistinguishedName": "CN=EX1,CN=Servers,CN=AG"}]"#,
        ),
        (
            "a distinguished name",
            r#""CN=1,CN=SMTP,CN=Protocols,CN=EX1,CN=Servers,CN=AG""#,
        ),
        ("a path", r#"["Servers\\EX1"]"#),
    ] {
        let server = r#"{"Name": "EX1", "Fqdn": "ex1.contoso.example", "AdminDisplayVersion": "Version 15.1 (Build 1.2)", "ServerRole": 2}"#;
        let connector = format!(r#"{{"Name": "C", "AddressSpaces": "SMTP:*", "SourceTransportServers": {servers}}}"#);
        let (document, report) = exchange(&[server, &connector]);
        assert_eq!(
            names(&document.connectors[0].source_servers),
            ["EX1"],
            "{why}: {report:?}"
        );
    }
}

#[test]
fn sizes_of_every_shape() {
    for (size, expect) in [
        (r#""35 MB (36,700,160 bytes)""#, Some(36_700_160)),
        (r#""Unlimited""#, None),
        ("10485760", Some(10_485_760)),
        (
            r#"{"IsUnlimited": false, "Value": "10 MB (10,485,760 bytes)"}"#,
            Some(10_485_760),
        ),
        (r#"{"IsUnlimited": true, "Value": null}"#, None),
        ("null", None),
    ] {
        let (document, report) = exchange(&[&format!(r#"{{"Name": "L", "ADCost": 5, "MaxMessageSize": {size}}}"#)]);
        let expect = expect.map(|bytes| SizeLimit::Bytes(bytes).into());
        assert_eq!(document.site_links[0].max_message_size, expect, "{size}");
        assert_eq!(left_out(&report), [""; 0], "{size}");
    }
    let (_, report) = exchange(&[r#"{"Name": "L", "ADCost": 5, "MaxMessageSize": "huge"}"#]);
    assert_eq!(
        left_out(&report),
        ["1: ADSiteLink \"L\": MaxMessageSize: `huge` is no size"]
    );
}

#[test]
fn single_objects_lists_wrapped_lists_and_nothing() {
    for (why, text, sites) in [
        ("one object", r#"{"Name": "A", "HubSiteEnabled": true}"#, 1),
        (
            "a list",
            r#"[{"Name": "A", "HubSiteEnabled": true}, {"Name": "B", "HubSiteEnabled": false}]"#,
            2,
        ),
        (
            "wrapped",
            r#"{"value": [{"Name": "A", "HubSiteEnabled": true}], "Count": 1}"#,
            1,
        ),
        (
            "one after the other",
            "{\"Name\": \"A\", \"HubSiteEnabled\": true}\n{\"Name\": \"B\", \"HubSiteEnabled\": true}",
            2,
        ),
        ("nothing", " \n", 0),
        ("other things", "[1, null, \"x\"]", 0),
        ("an empty export", "<Objs Version=\"1.1.0.1\" xmlns=\"x\"/>", 0),
    ] {
        assert_eq!(exchange(&[text]).0.sites.len(), sites, "{why}");
    }
}

#[test]
fn an_exchange_cost_is_told_from_the_cost_of_active_directory() {
    let (document, _) = exchange(&[r#"{"Name": "L", "Cost": 7, "ADCost": 100, "ExchangeCost": 7, "Sites": []}"#]);
    assert_eq!(document.site_links[0].cost, Some(100.into()));
    assert_eq!(document.site_links[0].exchange_cost, Some(7.into()));
    let (document, _) = exchange(&[r#"{"Name": "L", "Cost": 100, "ADCost": 100, "ExchangeCost": null}"#]);
    assert_eq!(document.site_links[0].exchange_cost, None);
    let module = r#"{"Name": "L", "Cost": 40, "SitesIncluded": ["CN=A,CN=Sites,DC=x", "CN=B,CN=Sites,DC=x"],
        "DistinguishedName": "CN=L,CN=SMTP,CN=Inter-Site Transports,CN=Sites,DC=x"}"#;
    let (document, _) = exchange(&[module]);
    assert_eq!(document.site_links[0].cost, Some(40.into()));
    assert_eq!(document.site_links[0].transport, Some(LinkTransport::Smtp.into()));
    assert_eq!(names(&document.site_links[0].sites), ["A", "B"]);
}

#[test]
fn address_spaces_of_every_shape() {
    let spaces = r#"["smtp:*;3", "Local:contoso.example", {"Type": "X400", "Address": "c=PT;p=Contoso", "Cost": 2}, "*;200", "smtp:*;3"]"#;
    let (document, report) = exchange(&[&format!(
        r#"{{"Name": "C", "AddressSpaces": {spaces}, "Enabled": false}}"#
    )]);
    let connector = &document.connectors[0];
    assert_eq!(
        names(&connector.address_spaces),
        ["SMTP:*;3", "SMTP:contoso.example;1", "X400:c=PT;p=Contoso;2"]
    );
    assert_eq!(connector.scoped, Some(true.into()));
    assert_eq!(connector.enabled, Some(false.into()));
    assert_eq!(connector.kind, Some(ConnectorKind::Send.into()));
    assert_eq!(
        left_out(&report),
        ["1: SmtpSendConnectorConfig \"C\": address space `*;200`: the cost `200` is no number from 1 to 100"]
    );
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
fn missing_edgesync_connectors_do_not_exist_when_connectors_were_exported() {
    let edge = r#"{"Name": "EDGE1", "AdminDisplayVersion": "Version 15.1 (Build 1.2)", "IsEdgeServer": true}"#;
    let subscription = clixml("EdgeSubscription", "<S N=\"Name\">EDGE1</S><S N=\"Site\">Lisbon</S>");
    let (document, _) = exchange(&[edge, &subscription]);
    assert_eq!(document.edge_subscriptions[0].create_internet_connector, None);
    let connector = r#"{"Name": "EdgeSync - Inbound to Lisbon", "AddressSpaces": ["SMTP:--;1"], "SourceTransportServers": ["EDGE1"]}"#;
    let (document, _) = exchange(&[edge, &subscription, connector]);
    assert_eq!(document.edge_subscriptions[0].create_inbound_connector, None);
    assert_eq!(
        document.edge_subscriptions[0].create_internet_connector,
        Some(false.into())
    );
}

#[test]
fn broken_exports_say_where() {
    let deep_json = "[".repeat(100_000);
    let deep_xml = format!("<Objs><Obj RefId=\"0\">{}", "<LST><Obj>".repeat(100_000));
    let dangling = "<Objs>\n<Obj RefId=\"0\"><Props>\n  <Ref N=\"a\" RefId=\"9\"/></Props></Obj></Objs>";
    for (why, text, expect) in [
        (
            "neither format",
            "\n Name : A",
            "2:2: this is neither what Export-Clixml nor what ConvertTo-Json writes",
        ),
        (
            "other XML",
            "<html/>",
            "1:1: this is no Export-Clixml file: it does not begin with <Objs>",
        ),
        (
            "cut off",
            "<Objs>\n<Obj RefId=\"0\">",
            "2:16: the file ends in the middle of an object",
        ),
        (
            "cut off in a tag",
            "<Objs>\n<Obj RefId",
            "2:1: no XML: syntax error: tag not closed: `>` not found before end of input",
        ),
        (
            "unknown reference",
            dangling,
            "3:3: a <Ref> to an object that is not in the file above it",
        ),
        (
            "unknown type",
            "<Objs><Obj><TNRef RefId=\"3\"/></Obj></Objs>",
            "1:12: a <TNRef> to a type that is not in the file above it",
        ),
        (
            "unknown entity",
            "<Objs><S>&lol;</S></Objs>",
            "1:10: unknown entity `&lol;`",
        ),
        (
            "document type",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><Objs/>",
            "1:1: a document type, which Export-Clixml does not write",
        ),
        (
            "unknown element",
            "<Objs><Foo/></Objs>",
            "1:7: <Foo> is no element of Export-Clixml",
        ),
        ("text", "<Objs>hello</Objs>", "1:7: text where an element belongs"),
        (
            "deep XML",
            &deep_xml,
            "1:1292: more than 256 elements inside each other",
        ),
        ("no JSON", "{\n  \"a\": tru\n}", "2:11: no JSON: expected ident"),
        (
            "cut off JSON",
            "[{\"a\": 1},\n {\"b\"",
            "2:5: no JSON: EOF while parsing an object",
        ),
        ("deep JSON", &deep_json, "1:100000: no JSON: EOF while parsing a list"),
    ] {
        assert_eq!(problem(import::exchange, text), expect, "{why}");
    }
    let closed = format!("{deep_json}{}", "]".repeat(100_000));
    assert!(problem(import::exchange, &closed).ends_with("no JSON: recursion limit exceeded"));
}

#[test]
fn the_script_exports_what_the_importer_reads() {
    for cmdlet in [
        "Get-AdSite'",
        "Get-AdSiteLink'",
        "Get-ExchangeServer'",
        "Get-RoutingGroupConnector'",
        "Get-SendConnector'",
    ] {
        assert!(import::EXPORT_SCRIPT.contains(cmdlet), "{cmdlet}");
    }
    assert!(
        import::EXPORT_SCRIPT.is_ascii(),
        "the shell of 2007 reads scripts without a mark as ANSI"
    );
}

#[test]
fn names_are_data_in_the_report() {
    let (_, report) = exchange(&[&clixml(
        "ADSiteLink",
        "<S N=\"Name\">a_x001B_[31m</S><I32 N=\"ADCost\">0</I32>",
    )]);
    let mut out = Vec::new();
    bridgehead::report::import::write(&report, &mut out).expect("a vector takes everything");
    assert!(!out.contains(&0x1b));
}

// Whatever comes in, nothing panics.

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
