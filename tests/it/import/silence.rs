//! Nothing is ignored in silence: what cannot be read, or is read and not modelled, is in the report.

use super::*;

/// One connector of Get-SendConnector with `spaces` as its AddressSpaces.
fn connector(spaces: &str) -> (Vec<String>, Vec<String>) {
    let (document, report) = exchange(&[&clixml(
        "SmtpSendConnectorConfig",
        &format!("<S N=\"Name\">C</S>{spaces}"),
    )]);
    let read = names(&document.connectors[0].address_spaces);
    (read.into_iter().map(str::to_owned).collect(), left_out(&report))
}

#[test]
fn lists_in_lists_are_read_and_what_is_no_address_space_is_counted() {
    let nested = "<Obj N=\"AddressSpaces\" RefId=\"1\"><LST><S>SMTP:a.example;1</S><Obj RefId=\"2\"><LST><S>SMTP:b.example;2</S>\
                  <Obj RefId=\"3\"><LST><S>SMTP:c.example;3</S></LST></Obj></LST></Obj><S>SMTP:d.example;4</S></LST></Obj>";
    let (read, told) = connector(nested);
    assert_eq!(
        read,
        [
            "SMTP:a.example;1",
            "SMTP:b.example;2",
            "SMTP:c.example;3",
            "SMTP:d.example;4"
        ]
    );
    assert_eq!(told, [""; 0]);
    let strange = "<Obj N=\"AddressSpaces\" RefId=\"1\"><LST><S>SMTP:*;1</S><Obj RefId=\"2\"><Props><S N=\"x\">y</S></Props></Obj>\
                   <Nil/><S></S></LST></Obj>";
    let (read, told) = connector(strange);
    assert_eq!(read, ["SMTP:*;1"]);
    assert_eq!(
        told,
        ["1: SmtpSendConnectorConfig \"C\": AddressSpaces: 1 of 3 values cannot be read"]
    );
}

#[test]
fn lists_that_hold_themselves_or_each_other_end() {
    let (read, told) = connector(
        "<Obj N=\"AddressSpaces\" RefId=\"1\"><LST><S>SMTP:*;1</S><Ref RefId=\"1\"/><Ref RefId=\"1\"/></LST></Obj>",
    );
    assert_eq!((&read[..], &told[..]), (&["SMTP:*;1".to_owned()][..], &[][..]));

    // Each list holds the one before twice, and the chain is as long as a file can make it.
    let mut text = "<Objs><Obj RefId=\"0\"><LST><S>SMTP:*;1</S></LST></Obj>".to_owned();
    for at in 1..20_000 {
        let before = at - 1;
        text += &format!("<Obj RefId=\"{at}\"><LST><Ref RefId=\"{before}\"/><Ref RefId=\"{before}\"/></LST></Obj>");
    }
    text += "<Obj RefId=\"c\"><TN RefId=\"0\"><T>SmtpSendConnectorConfig</T></TN><Props><S N=\"Name\">C</S>\
             <Ref N=\"AddressSpaces\" RefId=\"19999\"/></Props></Obj></Objs>";
    let (document, _) = exchange(&[&text]);
    assert_eq!(names(&document.connectors[0].address_spaces), ["SMTP:*;1"]);
}

#[test]
fn values_of_an_unexpected_shape_are_told() {
    let (_, report) = exchange(&[
        r#"{"Name": "C", "AddressSpaces": ["SMTP:*;1"], "DistinguishedName": "nowhere",
        "SourceTransportServers": [{"a": 1}, {"a": 2}], "SmartHosts": [{"a": 1}], "SourceRoutingGroup": {"a": 1},
        "Enabled": "perhaps"}"#,
    ]);
    assert_eq!(
        left_out(&report),
        [
            "1: SmtpSendConnectorConfig \"C\": DistinguishedName: `nowhere` cannot be read",
            "1: SmtpSendConnectorConfig \"C\": Enabled: `perhaps` is neither true nor false",
            "1: SmtpSendConnectorConfig \"C\": SmartHosts: 1 of 1 values cannot be read",
            "1: SmtpSendConnectorConfig \"C\": SourceRoutingGroup: `` is no name of an object",
            "1: SmtpSendConnectorConfig \"C\": SourceTransportServers: 2 of 2 values cannot be read",
        ]
    );
    let (_, report) =
        exchange(&[r#"{"Name": "DB", "ActivationPreference": ["[EX1, first]", "[EX2, 2]"], "Server": "EX1"}"#]);
    assert_eq!(
        left_out(&report)[0],
        "1: MailboxDatabase \"DB\": ActivationPreference: 1 of 2 values cannot be read"
    );
}

#[test]
fn several_smart_hosts_in_one_text_are_all_read() {
    let (document, _) =
        exchange(&[r#"{"Name": "C", "AddressSpaces": "SMTP:*;1", "SmartHosts": "a.example, [10.0.0.1]"}"#]);
    assert_eq!(names(&document.connectors[0].smart_hosts), ["a.example", "10.0.0.1"]);
}

#[test]
fn a_second_value_is_told() {
    let (document, report) = exchange(&[r#"{"Name": "L", "ADCost": 5, "adcost": 6, "Sites": []}"#]);
    assert_eq!(document.site_links[0].cost, Some(5.into()));
    assert_eq!(
        left_out(&report),
        ["1: ADSiteLink \"L\": ADCost: it is given more than once; the first value counts"]
    );
    let (document, report) = ldif(&link("cost: 7\nCOST: 8\ncost: 7\n"));
    assert_eq!(document.site_links[0].cost, Some(7.into()));
    assert_eq!(
        left_out(&report),
        ["13: siteLink \"L\": cost: `8` is a second value; the first one counts"]
    );
    let (document, report) = ldif(&format!(
        "{}dn: CN=C,CN=Connections,CN=G1,{RG}\nobjectClass: msExchRoutingGroupConnector\n\
         msExchDestinationRGDN: CN=G2,{RG}\nmsExchDestinationRGDN: CN=G1,{RG}\n",
        groups()
    ));
    assert_eq!(name(&document.routing_group_connectors[0].to), "G2");
    assert_eq!(
        report.left_out[0].text,
        "msExchDestinationRGDN: \"G1\" is a second value; the first one counts"
    );
}

#[test]
fn values_that_are_no_text_are_told() {
    // The bytes FF FE.
    let (_, report) = ldif(&link("cost:: //4=\n"));
    assert_eq!(left_out(&report), ["12: siteLink \"L\": cost: a value is no text"]);
    let (_, report) = ldif("dn:: //4=\nobjectClass: site\n");
    assert_eq!(left_out(&report), ["1: entry: its distinguished name is no text"]);
}

#[test]
fn what_is_no_object_and_what_describes_the_directory_is_counted() {
    let classes = |report: &ImportReport| -> Vec<(String, usize, usize)> {
        let class = |class: &import::ClassReport| (class.class.clone(), class.read, class.modelled);
        report.classes.iter().map(class).collect()
    };
    let (_, report) = exchange(&["[1, null, \"x\"]", "<Objs><S>x</S><Nil/></Objs>"]);
    assert_eq!(classes(&report), [("(unknown type)".to_owned(), 3, 0)]);
    let (_, report) = ldif("dn:\nobjectClass: top\n\ndn: @ROOTDSE\nobjectClass: top\n");
    assert_eq!(classes(&report), [("(the directory itself)".to_owned(), 2, 0)]);
}

#[test]
fn empty_files_are_told() {
    for import in [import::ldif, import::exchange] {
        let (document, report) = good(import(&[Source::new("a", " \r\n"), Source::new("b", site("A"))]));
        assert_eq!(document.sites.len(), 1);
        assert_eq!(left_out(&report), ["1: file: it is empty"]);
    }
}

#[test]
fn restrictions_of_the_directory_are_listed_as_what_may_change_routes() {
    let text = format!(
        "{}dn: CN=C,CN=Connections,CN=G1,{RG}\nobjectClass: msExchRoutingGroupConnector\nmsExchDestinationRGDN: CN=G2,{RG}\n\
         delivContLength: 64\nactivationStyle: 2\nAuthOrig: CN=Ann,CN=Users,DC=contoso,DC=example\n\n\
         dn: CN=P,CN=Connections,CN=G1,{RG}\nobjectClass: msExchRoutingSMTPConnector\nroutingList: SMTP:*;1\n\
         msExchRoutingDisallowPriority: 1\nactivationStyle: 1\nversionNumber: 1\n\n\
         dn: CN=DB,CN=B1,{SERVERS}\nobjectClass: msExchPrivateMDB\nactivationStyle: 1\n",
        groups()
    );
    let (document, report) = ldif(&text);
    // The limit is documented, and counts.
    let connector = &document.routing_group_connectors[0];
    assert_eq!(connector.max_message_size, Some(SizeLimit::Bytes(64 << 10).into()));
    assert_eq!(connector.restrictions, None);
    let restrictions: Vec<(&str, String)> = report
        .restrictions
        .iter()
        .map(|restriction| (restriction.attribute.as_str(), restriction.subjects.join(", ")))
        .collect();
    let rgc = "msExchRoutingGroupConnector \"C\"";
    let smtp = "msExchRoutingSMTPConnector \"P\"";
    assert_eq!(
        restrictions,
        [
            ("activationStyle", format!("{rgc}, {smtp}")),
            ("authOrig", rgc.to_owned()),
            ("msExchRoutingDisallowPriority", smtp.to_owned())
        ]
    );
    // They are not said to be without effect; the same attribute of a database has none.
    for class in &report.classes {
        let expect: &[(String, usize)] = match class.class.as_str() {
            "msExchPrivateMDB" => &[("activationStyle".to_owned(), 1)],
            "msExchRoutingSMTPConnector" => &[("versionNumber".to_owned(), 1)],
            _ => &[],
        };
        assert_eq!(class.attributes_not_modelled, expect, "{}", class.class);
    }
    let mut out = Vec::new();
    bridgehead::report::import::write(&report, &mut out).expect("a vector takes everything");
    let out = String::from_utf8(out).expect("reports are UTF-8");
    let heading = "\nRead but not modelled; may change the routes of 2000 and 2003 servers:\n  activationStyle\n      ";
    assert!(out.contains(heading), "{out}");
}

#[test]
fn cmdlets_show_no_restrictions_of_legacy_connectors() {
    let rgc = |from: &str| {
        let connector = format!(r#"{{"Name": "C", "SourceRoutingGroup": "{from}", "TargetRoutingGroup": "G2"}}"#);
        let (_, report) = exchange(&[&connector]);
        let assumed = |assumption: &import::Assumption| assumption.text.starts_with("the cmdlet does not show whom");
        report.assumptions.iter().any(assumed)
    };
    assert!(rgc("G1"));
    assert!(!rgc("Exchange Routing Group (DWBGZMFD01QNBJR)"));
}
