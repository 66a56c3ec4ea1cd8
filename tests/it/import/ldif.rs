//! What the configuration partition says.

use super::*;

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
