//! Where the 2007 group meets legacy routing groups.

use super::{Rule, drawn, drawn_with, send, with};
use crate::lint::edited;

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = connectors_to_the_outside();
    rules.extend(between_the_versions());
    rules
}

fn connectors_to_the_outside() -> Vec<Rule> {
    let legacy = |more: &str| {
        format!(
            "connectors: [(name: \"Out\", kind: LegacySmtp, routing_group: \"A\", source_servers: [\"A1\"], smart_hosts: [\"r.example\"], address_spaces: [\"*\"], {more})],"
        )
    };
    let disabled = |enabled: &str| {
        let old = send("Old", "\"HUB1\"", "x.example", enabled);
        drawn_with("A-B 1, E-B 1", &format!("connectors: [{old}],"))
    };
    // LC3: with a way out of 2007 the refused mail circles.
    let partner = legacy("restrictions: (denied_senders: [\"t@x.example\"])").replace("\"*\"", "\"x.example\"");
    let by_day = partner.replace("denied_senders: [\"t@x.example\"]", "schedule: [\"Mon 08:00-18:00\"]");
    let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| format!("\"{day} 00:00-24:00\""));
    let week = week.join(", ");
    let net = format!("connectors: [{}", send("Net", "\"HUB1\"", "*", ""));
    vec![
        Rule::new("RG010")
            .fires(
                "priorities",
                drawn_with("E-A 1", &legacy("restrictions: (priorities: [High])")),
                &["connector:Out"],
            )
            .fires(
                "senders, and mail circles",
                drawn_with("E-A 1", &edited(&partner, &[("connectors: [", &net)])),
                &["connector:Out"],
            )
            .fires(
                "hours, and mail circles while it is closed",
                drawn_with("E-A 1", &edited(&by_day, &[("connectors: [", &net)])),
                &["connector:Out"],
            )
            .silent(
                "windows that cover the week are no hours",
                drawn_with("E-A 1", &legacy(&format!("restrictions: (schedule: [{week}])"))),
            )
            .silent(
                "scoped: 2007 leaves it alone",
                drawn_with("E-A 1", &legacy("scoped: true, restrictions: (priorities: [High])")),
            )
            .silent(
                "how it logs on keeps no mail from passing",
                drawn_with("E-A 1", &legacy("restrictions: (integrated_authentication: true)")),
            ),
        Rule::new("RG011")
            .fires("a group sends to it", disabled("enabled: false"), &["connector:Old"])
            .silent("legacy servers see its scope", disabled("enabled: false, scoped: true"))
            .silent("enabled", disabled("enabled: true")),
    ]
}

fn between_the_versions() -> Vec<Rule> {
    let mailbox = "mailboxes: [(address: \"b@x.example\", server: \"B2\")],";
    let through = |arcs: &str, more: &str| with(&drawn(arcs, &[]), more);
    let smtp = "\"B to A\", kind: Smtp, from: \"B\", to: \"DWBGZMFD01QNBJR\"";
    let one = ("[\"HUB1\", \"HUB2\"]", "[\"HUB2\"]");
    let hub2 = |home: &str| {
        let there = format!("(name: \"HUB2\", version: Exchange2007Sp3, {home})");
        drawn(
            "E-A 1, A-B 1",
            &[("(name: \"HUB2\", version: Exchange2007Sp3, site: \"Paris\")", &there)],
        )
    };
    let newer = |version: &str| {
        let hub = format!("\"HUB2\", version: {version}");
        drawn("E-A 1", &[("\"HUB2\", version: Exchange2007Sp3", &hub)])
    };
    vec![
        Rule::new("RG006")
            .fires("no direct connector", through("E-A 1, A-B 1, E-C 1, B-C 1", mailbox), &["rg:B"])
            .fixed(through("E-A 1, A-B 1, E-C 1, B-C 1, E-B 1", mailbox))
            .fires("a dear one", through("E-A 1, A-B 1, E>B 4, B>E 1", mailbox), &["rg:B"])
            .silent("nobody gets mail there", through("E-A 1, A-B 1, E-C 1, B-C 1", ""))
            .silent("one attachment", through("E-A 1, A-B 1", mailbox)),
        Rule::new("RG012")
            .fires(
                "to the 2007 group",
                drawn("E-A 1, A-B 1", &[("\"B to A\", from: \"B\", to: \"A\"", smtp)]),
                &["connector:B to A"],
            )
            .silent("between legacy groups", drawn("E-A 1, A-B 1", &[("\"B to A\",", "\"B to A\", kind: Smtp,")])),
        Rule::new("RG017")
            .fires("none at all", drawn("A-B 1", &[]), &["rg:A", "rg:B"])
            .fixed(drawn("A-B 1, E-A 1", &[]))
            .silent("one direction, over another group", drawn("E>A 1, A>B 1", &[])),
        Rule::new("RG018")
            .fires(
                "a ring",
                drawn("E>A 1, A>B 1, B>E 1", &[]),
                &["connector:A to B", "connector:B to E", "connector:E to A"],
            )
            .fixed(drawn("E-A 1, A-B 1, E-B 1", &[]))
            .silent("both ways, at other costs", drawn("E>A 1, A>E 7, A-B 2", &[])),
        Rule::new("RG019")
            .fires("one source", drawn("E-A 1", &[one]), &["connector:E to A"])
            .fixed(drawn("E-A 1", &[]))
            .silent(
                "one between legacy groups",
                drawn("E-A 1, A-B 1", &[("\"A to B\",", "\"A to B\", source_servers: [\"A1\"],")]),
            ),
        Rule::new("RG024")
            .fires("a 2007 server in a legacy group", hub2("routing_group: \"B\""), &["server:HUB2"])
            .fixed(hub2("site: \"Paris\""))
            .silent("in its site", hub2("site: \"Paris\"")),
        Rule::new("RG027")
            .fires("thousands", drawn("E>A 1, A>E 4000", &[]), &["connector:A to E"])
            .silent("99", drawn("E-A 99", &[])),
        Rule::new("RT037")
            .fires("the newest", newer("ExchangeSe"), &["organization:"])
            .fixed(newer("Exchange2010Sp3"))
            .silent(
                "beside 2010",
                "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2019, site: \"A\"), (name: \"Y\", version: Exchange2010Sp3, site: \"A\")])",
            ),
        Rule::new("RT038")
            .fires("a spoke", drawn("E-A 1, A-C 1, B-C 1, C-D 1, C-F 1", &[]), &["rg:A"])
            .fixed(drawn("E-C 1, A-C 1, B-C 1, C-D 1, C-F 1", &[]))
            .silent("the hub has one too", drawn("E-A 1, E-C 1, A-C 1, B-C 1, C-D 1", &[])),
    ]
}
