//! The rules about coexistence, limits, sites and connectors: beside the two examples of its page, each fires once more and
//! stays silent once more.

use bridgehead::diagnostic::Severity;
use bridgehead::lint::{Settings, rule_info};

use super::pages::example;
use super::{SUPPRESSED, drawn, findings_in, read, subjects};
use crate::support::graph_fields;

/// The rule fires in `wrong` about `expect`, and not in `close`; its page holds one more of each.
#[track_caller]
fn check(code: &str, wrong: &str, expect: &[&str], close: &str) {
    let page = rule_info(code).expect("a rule").page;
    assert!(
        !subjects(code, example(page, "Wrong")).is_empty(),
        "{code}: the page's wrong example"
    );
    assert!(
        subjects(code, example(page, "Right")).is_empty(),
        "{code}: the page's right example"
    );
    assert_eq!(subjects(code, wrong), expect, "{code}\n{wrong}");
    assert_eq!(subjects(code, close), [""; 0], "{code} stays silent\n{close}");
}

fn graph(drawing: &str) -> String {
    format!("({})", graph_fields(drawing))
}

/// Sites A and B joined at cost 5, a hub in each, and connectors.
fn two_sites(connectors: &str) -> String {
    format!(
        "({} servers: [(name: \"HA\", version: Exchange2010Sp3, site: \"A\"), (name: \"HB\", version: Exchange2010Sp3, site: \"B\")], connectors: [{connectors}])",
        graph_fields("A-B 5")
    )
}

fn send(name: &str, source: &str, space: &str, more: &str) -> String {
    format!("(name: \"{name}\", kind: Send, source_servers: [{source}], address_spaces: [\"{space}\"], {more}),")
}

/// A drawing with a server, a connector or a mailbox more.
fn drawn_with(arcs: &str, more: &str) -> String {
    let closing = format!("{more}\n)");
    let text = drawn(arcs, &[SUPPRESSED]);
    text.strip_suffix(')').expect("a record").to_owned() + &closing
}

#[test]
fn coexistence_rules() {
    let unsuppressed =
        |arcs: &str, more: &str| drawn(arcs, &[]).strip_suffix(')').expect("a record").to_owned() + more + ")";
    let mailbox = "mailboxes: [(address: \"b@x.example\", server: \"B2\")],";
    check(
        "RG006",
        &unsuppressed("E-A 1, A-B 1, E-C 1, B-C 1", mailbox),
        &["rg:B"],
        &unsuppressed("E-A 1, A-B 1, E-C 1, B-C 1", ""),
    );
    let legacy = |more: &str| {
        format!(
            "connectors: [(name: \"Out\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], smart_hosts: [\"r.example\"], address_spaces: [\"*\"], {more})],"
        )
    };
    check(
        "RG010",
        &drawn_with("E-A 1", &legacy("restrictions: (priorities: [High])")),
        &["connector:Out"],
        &drawn_with("E-A 1", &legacy("scoped: true, restrictions: (priorities: [High])")),
    );
    // LC3: with a way out of 2007 the refused mail circles, which is proved and an error.
    let partner = legacy("restrictions: (denied_senders: [\"t@x.example\"])").replace("\"*\"", "\"x.example\"");
    let both = partner.replace(
        "connectors: [",
        &format!("connectors: [{}", send("Net", "\"HUB1\"", "*", "")),
    );
    let loops = drawn_with("E-A 1", &both);
    let (_, org) = read(&loops);
    let findings = findings_in(&org, &Settings::default(), None).findings;
    let proved = findings
        .iter()
        .find(|finding| finding.rule.code == "RG010")
        .map(|f| (f.severity, f.witness.is_some()));
    assert_eq!(proved, Some((Severity::Error, true)), "{findings:#?}");
    assert_eq!(subjects("RG002", &loops), [""; 0], "told once");
    let disabled = |enabled: &str| {
        let old = send("Old", "\"HUB1\"", "x.example", enabled);
        drawn_with("A-B 1, E-B 1", &format!("connectors: [{old}],"))
    };
    check(
        "RG011",
        &disabled("enabled: false"),
        &["connector:Old"],
        &disabled("enabled: false, scoped: true"),
    );
    check(
        "RG012",
        &drawn(
            "E-A 1, A-B 1",
            &[(
                "\"B to A\", from: \"B\", to: \"A\"",
                "\"B to A\", kind: Smtp, from: \"B\", to: \"DWBGZMFD01QNBJR\"",
            )],
        ),
        &["connector:B to A"],
        &drawn("E-A 1, A-B 1", &[("\"B to A\",", "\"B to A\", kind: Smtp,")]),
    );
    check(
        "RG017",
        &drawn("A-B 1", &[]),
        &["rg:A", "rg:B"],
        &drawn("E>A 1, A>B 1", &[]),
    );
    check(
        "RG018",
        &drawn("E>A 1, A>B 1, B>E 1", &[]),
        &["connector:A to B", "connector:B to E", "connector:E to A"],
        &drawn("E-A 1, A-B 2", &[]),
    );
    check(
        "RG019",
        &drawn("E-A 1", &[("[\"HUB1\", \"HUB2\"]", "[\"HUB2\"]")]),
        &["connector:E to A"],
        &drawn(
            "E-A 1, A-B 1",
            &[("\"A to B\",", "\"A to B\", source_servers: [\"A1\"],")],
        ),
    );
    check(
        "RG024",
        &drawn(
            "E-A 1, A-B 1",
            &[(
                "(name: \"HUB2\", version: Exchange2007Sp3, site: \"Paris\")",
                "(name: \"HUB2\", version: Exchange2007Sp3, routing_group: \"B\")",
            )],
        ),
        &["server:HUB2"],
        &drawn("E-A 1, A-B 1", &[]),
    );
    check(
        "RG027",
        &drawn("E>A 1, A>E 4000", &[]),
        &["connector:A to E"],
        &drawn("E-A 99", &[]),
    );
    check(
        "RT037",
        &drawn(
            "E-A 1",
            &[("\"HUB2\", version: Exchange2007Sp3", "\"HUB2\", version: ExchangeSe")],
        ),
        &["organization:"],
        "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2019, site: \"A\"), (name: \"Y\", version: Exchange2010Sp3, site: \"A\")])",
    );
    check(
        "RT038",
        &drawn("E-A 1, A-C 1, B-C 1, C-D 1, C-F 1", &[]),
        &["rg:A"],
        &drawn("E-A 1, E-C 1, A-C 1, B-C 1, C-D 1", &[]),
    );
}

#[test]
fn limit_rules() {
    let limit = |name: &'static str| (name, format!("{name}, max_message_size: \"1MB\""));
    let (plain, limited) = limit("\"E to A\"");
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    check(
        "RG007",
        &drawn("E-A 1", &[rtm, (plain, &limited)]),
        &["connector:E to A"],
        &drawn("E-A 1", &[(plain, &limited)]),
    );
    check(
        "RG008",
        &drawn(
            "E>A 1, A-B 1, E-B 2, E-C 1, B-C 9",
            &[
                (plain, &limited),
                (
                    "\"E to B\", from: \"DWBGZMFD01QNBJR\", to: \"B\", cost: 2",
                    "\"E to B\", from: \"DWBGZMFD01QNBJR\", to: \"B\", cost: 7",
                ),
            ],
        ),
        &["connector:E to A"],
        &drawn("E-A 1, A-B 1", &[(plain, &limited)]),
    );
    let internet = send("Net", "\"HB\"", "*", "");
    let partner = |more: &str| {
        two_sites(&(send("P", "\"HA\"", "mail.x.example", more) + &send("X", "\"HA\"", "*.x.example", "") + &internet))
    };
    check(
        "RT013",
        &partner("max_message_size: \"1MB\""),
        &["connector:P"],
        &partner("max_message_size: unlimited"),
    );
    let narrow = |drawing: &str| graph(drawing).replace("cost: 1)", "cost: 1, max_message_size: \"1MB\")");
    check(
        "RT014",
        &narrow("A-B 1, B-C 9, A-C 9"),
        &["link:A-B"],
        &narrow("A-B 1, B-C 1, A-C 9"),
    );
    let foreign = |limit: &str| {
        two_sites(&format!(
            "(name: \"Fax\", kind: Foreign, source_servers: [\"HA\"], address_spaces: [\"FAX:*\"], max_message_size: {limit}),"
        ))
    };
    check("RT033", &foreign("\"0KB\""), &["connector:Fax"], &foreign("unlimited"));
}

#[test]
fn site_rules() {
    check(
        "RT001",
        &graph("A-H 5, A-B 1, hub(H)"),
        &["site:H"],
        &graph("A-H 5, H-B 1, A-C 1, hub(H)"),
    );
    let servers = |list: &str| format!("({} servers: [{list}])", graph_fields("A-H 1, H-B 1, hub(H)"));
    let hub = |name: &str, site: &str, more: &str| {
        format!("(name: \"{name}\", version: Exchange2010Sp3, site: \"{site}\", {more}),")
    };
    let ends = hub("XA", "A", "") + &hub("XB", "B", "");
    check(
        "RT002",
        &servers(&(ends.clone() + &hub("XH", "H", "roles: [Mailbox]"))),
        &["site:H"],
        &servers(&(ends.clone() + &hub("XH", "H", "roles: [HubTransport]"))),
    );
    check(
        "RT003",
        &servers(&(ends.clone() + &hub("XH", "H", "") + &hub("YH", "H", "roles: [Mailbox]"))),
        &["site:H"],
        &graph("A-H 1, H-B 1, hub(H)"),
    );
    check(
        "RT004",
        &graph("A-B 1, C-D 1, D-E 1"),
        &["site:A"],
        "(sites: [(name: \"A\"), (name: \"B\")], servers: [(name: \"X\", version: Exchange2010Sp3, site: \"A\")])",
    );
    check(
        "RT005",
        &servers(&(ends + &hub("XH", "H", "roles: [Mailbox]"))),
        &["server:XH"],
        "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2007Rtm, site: \"A\", roles: [HubTransport]), (name: \"Y\", version: Exchange2007Sp3, site: \"A\", roles: [Mailbox])])",
    );
    check(
        "RT006",
        &graph("A-B 1, B-D 3, A-C 2, C-D 2"),
        &["organization:"],
        &graph("A-B 1, B-C 1, A-C 3"),
    );
    let mesh = |sites: &str| {
        format!(
            "({} )",
            graph_fields("A-B 5, B-C 5").replace(
                "site_links: [",
                &format!("site_links: [(name: \"DefaultIPSiteLink\", sites: [{sites}]),")
            )
        )
    };
    check(
        "RT030",
        &mesh("\"A\", \"B\", \"C\""),
        &["link:DefaultIPSiteLink"],
        &mesh("\"A\", \"C\""),
    );
    check(
        "RT031",
        &graph("A-C 5, C-X 5, X-D 5, A-B 5, B-Z 5, Z-D 5"),
        &["organization:"],
        &graph("A-B 5, B-D 5, A-C 5, C-D 5"),
    );
    let cost = |text: &str| graph("A-B 5").replace("cost: 5", text);
    check(
        "RT032",
        &cost("cost: 5, exchange_cost: 1"),
        &["link:A-B"],
        &cost("cost: 100, exchange_cost: 100"),
    );
    check(
        "RT035",
        &cost("transport: Smtp, cost: 5"),
        &["link:A-B"],
        "(bridge_all_site_links: false, sites: [(name: \"A\")])",
    );
    check(
        "RT039",
        "(site_links: [(name: \"none\", sites: [])])",
        &["link:none"],
        &graph("A-B 1"),
    );
    check(
        "RT040",
        "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2007Sp1, routing_group: \"DWBGZMFD01QNBJR\")])",
        &["server:X"],
        "(sites: [(name: \"A\")], servers: [(name: \"EDGE\", version: Exchange2010Sp3, roles: [EdgeTransport]), (name: \"CAS\", version: Exchange2010Sp3, roles: [ClientAccess])])",
    );
}

#[test]
fn connector_rules() {
    let out = |scoped: &str, group: &str| {
        let partner = format!(
            "(name: \"P\", kind: LegacySmtp, routing_group: \"{group}\", source_servers: [\"{group}1\"], smart_hosts: [\"r.example\"], address_spaces: [\"*\"], scoped: {scoped}),"
        );
        let other = "(name: \"Q\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], smart_hosts: [\"s.example\"], address_spaces: [\"*\"]),";
        drawn_with("E-A 1, A-B 1, B-C 1", &format!("connectors: [{partner}{other}],"))
    };
    check("RG022", &out("true", "B"), &["connector:P"], &out("false", "B"));
    let pair = |a: &str, b: &str| two_sites(&(a.to_owned() + b));
    let (ha, hb) = ("\"HA\"", "\"HB\"");
    let x = "x.example";
    check(
        "RT007",
        &pair(&send("P", ha, x, ""), &send("Q", ha, x, "")),
        &["connector:Q"],
        &pair(&send("P", ha, x, ""), &send("Q", hb, x, "")),
    );
    check(
        "RT008",
        &pair(&send("P", ha, "x.example;7", ""), &send("Q", ha, "x.example;3", "")),
        &["connector:P"],
        &pair(&send("P", ha, "x.example;7", ""), &send("Q", hb, "x.example;3", "")),
    );
    // A dearer connector that takes larger messages is used.
    let larger = pair(
        &send("P", ha, "x.example;7", ""),
        &send("Q", ha, "x.example;3", "max_message_size: \"1MB\""),
    );
    assert_eq!(subjects("RT008", &larger), [""; 0]);
    let legacy = "(name: \"P\", kind: LegacySmtp, source_servers: [\"HA\"], address_spaces: [\"*\"]),";
    check(
        "RT009",
        &two_sites(legacy),
        &["connector:P"],
        &two_sites(&send("P", "", x, "enabled: false")),
    );
    let both = "\"HA\", \"HB\"";
    check(
        "RT010",
        &two_sites(&send("P", both, "*", "")),
        &["connector:P"],
        &two_sites(&send("P", both, "*", "")).replace("Exchange2010Sp3", "Exchange2016"),
    );
    check(
        "RT011",
        &two_sites(&send("P", ha, x, "")),
        &["organization:"],
        &two_sites(&send("F", ha, "FAX:*", "")),
    );
    check(
        "RT012",
        &two_sites(&send("P", hb, x, "scoped: true")),
        &["connector:P"],
        &pair(&send("P", hb, x, "scoped: true"), &send("Q", ha, x, "scoped: true")),
    );
    let login = "restrictions: (integrated_authentication: true)";
    let legacy = "connectors: [(name: \"Out\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], address_spaces: [\"*\"], restrictions: (integrated_authentication: true))],";
    check(
        "RT025",
        &two_sites(&send("P", ha, x, login)),
        &["connector:P"],
        &drawn_with("E-A 1", legacy),
    );
    check(
        "RT026",
        &two_sites(&send("P", ha, "X400:c=us;1", "dns_routing: true")),
        &["connector:P"],
        &two_sites(&send("P", ha, x, "dns_routing: true")),
    );
    let fax = "connectors: [(name: \"Fax\", kind: LegacyX400, routing_group: \"A\", source_servers: [\"A1\"], address_spaces: [\"FAX:*\"])],";
    check(
        "RT027",
        &drawn_with("E-A 1", fax),
        &["connector:Fax"],
        &two_sites(&send("P", ha, x, "scoped: true")),
    );
    let edge = |cost: &str, link: &str| {
        format!(
            "({} servers: [(name: \"EDGE\", version: Exchange2010Sp3, roles: [EdgeTransport]), (name: \"HA\", version: Exchange2010Sp3, site: \"A\"), (name: \"HB\", version: Exchange2010Sp3, site: \"B\")], edge_subscriptions: [(edge: \"EDGE\", site: \"A\")], connectors: [{}])",
            graph_fields(&format!("A-B {link}")),
            send("Net", "\"HB\"", &format!("*;{cost}"), "")
        )
    };
    check(
        "RT028",
        &edge("60", "30"),
        &["connector:EdgeSync - A to Internet"],
        &edge("60", "40"),
    );
    let clash = |fqdn: &str| {
        let receive = format!("receive_connectors: [(name: \"R\", server: \"HA\", fqdn: \"{fqdn}\")],");
        two_sites("").replace("connectors: []", &receive)
    };
    check("RT034", &clash("hb"), &["receive:HA\\R"], &clash("ha"));
}

#[test]
fn comparing_all_pairs_stops_at_a_bound_and_says_so() {
    let (_, org) = read(&graph("A-B 5, B-D 5, A-C 5, C-D 5"));
    let settings = Settings {
        searches_max: 3,
        ..Settings::default()
    };
    let findings = findings_in(&org, &settings, None);
    let codes: Vec<&str> = findings.unchecked.iter().map(|unchecked| unchecked.rule.code).collect();
    assert_eq!(codes, ["RT006", "RT031"]);
    assert!(findings.findings.is_empty());
}
