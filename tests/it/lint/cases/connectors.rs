//! Connectors to the outside.

use super::{Rule, drawn_with, send, two_sites};
use crate::lint::{drawn, edited};
use crate::support::graph_fields;

const HA: &str = "\"HA\"";
const HB: &str = "\"HB\"";
const X: &str = "x.example";

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = choices();
    rules.extend(sources());
    rules.extend(settings());
    rules
}

fn pair(a: &str, b: &str) -> String {
    two_sites(&(a.to_owned() + b))
}

/// Which of several connectors gets the mail.
fn choices() -> Vec<Rule> {
    let out = |scoped: &str, group: &str| {
        let partner = format!(
            "(name: \"P\", kind: LegacySmtp, routing_group: \"{group}\", source_servers: [\"{group}1\"], smart_hosts: [\"r.example\"], address_spaces: [\"*\"], scoped: {scoped}),"
        );
        let other = "(name: \"Q\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], smart_hosts: [\"s.example\"], address_spaces: [\"*\"]),";
        drawn_with("E-A 1, A-B 1, B-C 1", &format!("connectors: [{partner}{other}],"))
    };
    let edge = |cost: &str, link: &str, more: &str| {
        format!(
            "({} servers: [(name: \"EDGE\", version: Exchange2010Sp3, roles: [EdgeTransport]), (name: \"HA\", version: Exchange2010Sp3, site: \"A\"), (name: \"HB\", version: Exchange2010Sp3, site: \"B\")], edge_subscriptions: [(edge: \"EDGE\", site: \"A\", {more})], connectors: [{}])",
            graph_fields(&format!("A-B {link}")),
            send("Net", HB, &format!("*;{cost}"), "")
        )
    };
    let dear = send("P", HA, "x.example;7", "");
    vec![
        Rule::new("RG022")
            .fires("B is on the way to C", out("true", "B"), &["connector:P"])
            .fixed(out("true", "C"))
            .silent("no scope", out("false", "B"))
            .silent("no mail passes through C", out("true", "C")),
        Rule::new("RT007")
            .fires(
                "one site",
                pair(&send("P", HA, X, ""), &send("Q", HA, X, "")),
                &["connector:Q"],
            )
            .fixed(two_sites(&send("P", HA, X, "")))
            .silent("another site", pair(&send("P", HA, X, ""), &send("Q", HB, X, "")))
            .silent(
                "larger messages take the second",
                pair(&send("P", HA, X, "max_message_size: \"1MB\""), &send("Q", HA, X, "")),
            ),
        Rule::new("RT008")
            .fires(
                "7 and 3",
                pair(&dear, &send("Q", HA, "x.example;3", "")),
                &["connector:P"],
            )
            .fixed(two_sites(&send("Q", HA, "x.example;3", "")))
            .silent("another site", pair(&dear, &send("Q", HB, "x.example;3", "")))
            .silent(
                "it takes larger messages",
                pair(&dear, &send("Q", HA, "x.example;3", "max_message_size: \"1MB\"")),
            ),
        Rule::new("RT011")
            .fires("a partner only", two_sites(&send("P", HA, X, "")), &["organization:"])
            .fixed(pair(&send("P", HA, X, ""), &send("Net", HA, "*", "")))
            .silent("nothing is about SMTP", two_sites(&send("F", HA, "FAX:*", "")))
            .silent(
                "a scope for each",
                pair(&send("P", HA, "*", "scoped: true"), &send("Q", HB, "*", "scoped: true")),
            ),
        Rule::new("RT012")
            .fires(
                "A has none",
                two_sites(&send("P", HB, X, "scoped: true")),
                &["connector:P"],
            )
            .fixed(two_sites(&send("P", HB, X, "")))
            .silent(
                "one in each site",
                pair(&send("P", HB, X, "scoped: true"), &send("Q", HA, X, "scoped: true")),
            ),
        Rule::new("RT028")
            .fires(
                "dearer even from A",
                edge("60", "30", ""),
                &["connector:EdgeSync - A to Internet"],
            )
            .fixed(edge("60", "30", "create_internet_connector: false"))
            .silent("a tie at A", edge("60", "40", "")),
    ]
}

/// Where connectors start.
fn sources() -> Vec<Rule> {
    let legacy = "(name: \"P\", kind: LegacySmtp, source_servers: [\"HA\"], address_spaces: [\"*\"]),";
    let both = two_sites(&send("P", "\"HA\", \"HB\"", "*", ""));
    vec![
        Rule::new("RT009")
            .fires(
                "a legacy connector on a 2010 server",
                two_sites(legacy),
                &["connector:P"],
            )
            .fixed(two_sites(&edited(legacy, &[("LegacySmtp", "Send")])))
            .fires(
                "between groups",
                drawn("E-A 1", &[(", source_servers: [\"HUB1\", \"HUB2\"]", "")]),
                &["connector:E to A"],
            )
            .fixed(drawn("E-A 1", &[]))
            .silent("disabled", two_sites(&send("P", "", X, "enabled: false"))),
        Rule::new("RT010")
            .fires("two sites", both.clone(), &["connector:P"])
            .fixed(pair(&send("P", HA, "*", ""), &send("Q", HB, "*", "")))
            .silent("from 2013 on", edited(&both, &[("Exchange2010Sp3", "Exchange2016")])),
    ]
}

/// What connectors are told.
fn settings() -> Vec<Rule> {
    let login = "restrictions: (integrated_authentication: true)";
    let legacy = "connectors: [(name: \"Out\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], address_spaces: [\"*\"], restrictions: (integrated_authentication: true))],";
    let fax = "connectors: [(name: \"Fax\", kind: LegacyX400, routing_group: \"A\", source_servers: [\"A1\"], address_spaces: [\"FAX:*\"])],";
    let foreign =
        "connectors: [(name: \"Fax\", kind: Foreign, source_servers: [\"HUB1\"], address_spaces: [\"FAX:*\"])],";
    let clash = |fqdn: &str| {
        let receive = format!("receive_connectors: [(name: \"R\", server: \"HA\", fqdn: \"{fqdn}\")],");
        edited(&two_sites(""), &[("connectors: []", &receive)])
    };
    vec![
        Rule::new("RT025")
            .fires(
                "a Send connector",
                two_sites(&send("P", HA, X, login)),
                &["connector:P"],
            )
            .fixed(two_sites(&send("P", HA, X, "")))
            .silent("a legacy connector may", drawn_with("E-A 1", legacy)),
        Rule::new("RT026")
            .fires(
                "X.400 by DNS",
                two_sites(&send("P", HA, "X400:c=us;1", "dns_routing: true")),
                &["connector:P"],
            )
            .fixed(two_sites(&send(
                "P",
                HA,
                "X400:c=us;1",
                "dns_routing: false, smart_hosts: [\"x.example\"]",
            )))
            .silent("SMTP by DNS", two_sites(&send("P", HA, X, "dns_routing: true"))),
        Rule::new("RT027")
            .fires("on a legacy server", drawn_with("E-A 1", fax), &["connector:Fax"])
            .fixed(drawn_with("E-A 1", foreign))
            .silent("SMTP", two_sites(&send("P", HA, X, "scoped: true"))),
        Rule::new("RT034")
            .fires("the other server", clash("hb"), &["receive:HA\\R"])
            .fixed(clash("ha"))
            .silent("its own", clash("ha")),
    ]
}
