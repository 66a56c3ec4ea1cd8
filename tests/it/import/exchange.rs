//! What cmdlets returned, as Export-Clixml and ConvertTo-Json write it.

use super::*;

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
