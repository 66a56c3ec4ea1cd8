//! What keeps a second copy of mail.

use super::Rule;

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = roles();
    rules.extend(shadows());
    rules.extend(times());
    rules
}

/// A file with sites `P` and `R`, a DAG `D`, servers and more. A server is `NAME version site more`, where `more` is what else
/// its record says and `-` for a site is none.
fn org(servers: &[&str], more: &str) -> String {
    let record = |text: &&str| {
        let mut words = text.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (name, version, site, more) = (word(), word(), word(), word());
        let site = match site {
            "-" => String::new(),
            site => format!("site: \"{site}\", "),
        };
        format!("(name: \"{name}\", version: Exchange{version}, {site}{more}),\n")
    };
    let servers: String = servers.iter().map(record).collect();
    format!(
        "(sites: [(name: \"P\"), (name: \"R\")], site_links: [(name: \"P-R\", sites: [\"P\", \"R\"], cost: 1)],\ndags: [(name: \"D\")],\nservers: [{servers}],\n{more})"
    )
}

const HUB: &str = "roles: [HubTransport]";
const BOTH: &str = "roles: [HubTransport, Mailbox]";

fn roles() -> Vec<Rule> {
    let cluster = |version: &str, roles: &str, kind: &str| {
        let node = |name: &str| format!("{name} {version} P {roles}");
        let hubs = [
            "H1 2007Sp3 P roles: [HubTransport]",
            "H2 2010Sp3 P roles: [HubTransport]",
        ];
        org(
            &[&node("N1"), &node("N2"), hubs[0], hubs[1]],
            &format!("clusters: [(name: \"C\", kind: {kind}, servers: [\"N1\", \"N2\"])]"),
        )
    };
    let beside = |hubs: &[&str], member: &str| {
        let mut servers = vec![member];
        servers.extend(hubs);
        org(&servers, "")
    };
    let member = |roles: &str| format!("M1 2010Sp1 P dag: \"D\", {roles}");
    let two = [
        "H1 2010Sp3 P roles: [HubTransport]",
        "H2 2010Sp3 P roles: [HubTransport, ClientAccess]",
    ];
    vec![
        Rule::new("SR001")
            .fires(
                "both nodes",
                cluster("2007Rtm", BOTH, "Scc"),
                &["server:N1", "server:N2"],
            )
            .fixed(cluster("2007Rtm", "roles: [Mailbox]", "Scc"))
            .fires(
                "roles left out are both",
                cluster("2007Sp1", "", "Ccr"),
                &["server:N1", "server:N2"],
            )
            .fixed(cluster("2007Sp1", "roles: [Mailbox]", "Ccr"))
            .fires(
                "a passive node",
                cluster("2007Sp3", HUB, "Ccr"),
                &["server:N1", "server:N2"],
            )
            .fixed(cluster("2007Sp3", "roles: [Mailbox]", "Ccr"))
            .silent("of 2010", cluster("2010Rtm", BOTH, "Ccr"))
            .silent(
                "in no cluster",
                org(&["N1 2007Sp3 P roles: [HubTransport, Mailbox]"], ""),
            ),
        Rule::new("SR002")
            .fires("one member", beside(&two, &member(BOTH)), &["server:M1"])
            .fixed(beside(&two, &member("roles: [Mailbox]")))
            .fires("whether it is said or not", beside(&two, &member("")), &["server:M1"])
            .fixed(beside(&two, &member("roles: [Mailbox]")))
            .silent("one dedicated hub is not enough", beside(&two[..1], &member(BOTH)))
            .silent(
                "one of them is in the other site",
                beside(&[two[0], "H2 2010Sp3 R roles: [HubTransport]"], &member(BOTH)),
            )
            .silent(
                "one holds mailboxes",
                beside(&[two[0], "H2 2010Sp3 P roles: [HubTransport, Mailbox]"], &member(BOTH)),
            )
            .silent(
                "one is of 2007",
                beside(&[two[0], "H2 2007Sp3 P roles: [HubTransport]"], &member(BOTH)),
            )
            .silent(
                "one is a member itself",
                beside(
                    &[two[0], "H2 2010Sp3 P dag: \"D\", roles: [HubTransport]"],
                    &member(BOTH),
                ),
            )
            .silent("no DAG", beside(&two, "M1 2010Sp1 P roles: [HubTransport, Mailbox]")),
    ]
}

/// Servers `A1`, `A2`, … of 2019 in `P` and `B1`, `B2`, … in `R`, with what each record says besides.
fn mailbox_servers(here: usize, there: usize, each: &str, config: &str) -> String {
    let at = |letter: &str, site: &str, count: usize| -> Vec<String> {
        (1..=count).map(|n| format!("{letter}{n} 2019 {site} {each}")).collect()
    };
    let servers = [at("A", "P", here), at("B", "R", there)].concat();
    let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
    org(&servers, &format!("transport_config: ({config})"))
}

const DAG: &str = "dag: \"D\"";
const REJECT: &str = "reject_message_on_shadow_failure: true,";
const OFF: &str = "shadow_redundancy_enabled: false,";
const LOCAL: &str = "shadow_message_preference_setting: \"LocalOnly\",";
const REMOTE: &str = "shadow_message_preference_setting: \"RemoteOnly\",";

fn shadows() -> Vec<Rule> {
    let with = |settings: &[&str]| settings.concat();
    let alone = |config: &str| mailbox_servers(1, 2, "", config);
    vec![
        rejection(),
        Rule::new("SR004")
            .fires("in one site of two", alone(""), &["server:A1"])
            .fixed(mailbox_servers(2, 2, "", ""))
            .fires(
                "a DAG of one beside others",
                org(&["A1 2016 P dag: \"D\"", "A2 2016 P"], ""),
                &["server:A1"],
            )
            .fixed(org(&["A1 2016 P dag: \"D\"", "A2 2016 P dag: \"D\""], ""))
            .fires(
                "the other member takes no part",
                org(
                    &["A1 2016 P dag: \"D\"", "A2 2013 R dag: \"D\", roles: [ClientAccess]"],
                    "",
                ),
                &["server:A1"],
            )
            .fixed(org(
                &["A1 2016 P dag: \"D\"", "A2 2013 R dag: \"D\", roles: [Mailbox]"],
                "",
            ))
            .fires(
                "Edge servers and hubs hold no copies",
                org(&["A1 2016 P", "E1 2016 - roles: [EdgeTransport]", "H1 2010Sp3 P"], ""),
                &["server:A1"],
            )
            .fixed(org(
                &[
                    "A1 2016 P",
                    "A2 2016 P",
                    "E1 2016 - roles: [EdgeTransport]",
                    "H1 2010Sp3 P",
                ],
                "",
            ))
            .fires("alone in its site", mailbox_servers(1, 2, DAG, LOCAL), &["server:A1"])
            .silent("the other site", mailbox_servers(1, 2, DAG, ""))
            .silent("only the other site", mailbox_servers(1, 1, DAG, REMOTE))
            .silent(
                "without a DAG, a member of one will do",
                org(&["A1 2016 P", "A2 2016 P dag: \"D\"", "B1 2016 R dag: \"D\""], ""),
            )
            .silent("switched off", alone(OFF))
            .silent("2010 keeps copies from hop to hop", org(&["A1 2010Sp3 P"], "")),
        Rule::new("SR005")
            .fires("no DAG", mailbox_servers(2, 2, "", REMOTE), &["organization:"])
            .fixed(mailbox_servers(2, 2, DAG, REMOTE))
            .fires(
                "a DAG in one site",
                mailbox_servers(2, 0, DAG, LOCAL),
                &["organization:"],
            )
            .fixed(mailbox_servers(2, 0, DAG, ""))
            .fires(
                "its other member is of 2010",
                org(
                    &[
                        "A1 2013 P dag: \"D\"",
                        "A2 2013 P dag: \"D\"",
                        "B1 2010Sp3 R dag: \"D\"",
                    ],
                    &format!("transport_config: ({REMOTE})"),
                ),
                &["organization:"],
            )
            .silent("two sites", mailbox_servers(2, 1, DAG, REMOTE))
            .silent(
                "the default",
                mailbox_servers(2, 2, "", "shadow_message_preference_setting: \"PreferRemote\""),
            )
            .silent("switched off", mailbox_servers(2, 2, "", &with(&[REMOTE, OFF])))
            .silent(
                "nobody looks at it",
                org(&["A1 2010Sp3 P"], &format!("transport_config: ({REMOTE})")),
            ),
    ]
}

fn rejection() -> Rule {
    let with = |settings: &[&str]| settings.concat();
    Rule::new("SR003")
        .fires("nobody", mailbox_servers(1, 0, "", REJECT), &["organization:"])
        .fires("one in the DAG", mailbox_servers(1, 1, DAG, REJECT), &["organization:"])
        .fixed(mailbox_servers(2, 1, DAG, REJECT))
        .fires(
            "one in the other site",
            mailbox_servers(3, 1, DAG, &with(&[REJECT, REMOTE])),
            &["organization:"],
        )
        .fixed(mailbox_servers(3, 1, DAG, REJECT))
        .fires(
            "one in the own site",
            mailbox_servers(2, 3, DAG, &with(&[REJECT, LOCAL])),
            &["organization:"],
        )
        .fixed(mailbox_servers(3, 3, DAG, &with(&[REJECT, LOCAL])))
        .fires(
            "the other is a hub",
            org(
                &["A1 2013 P", "A2 2013 P", "H1 2010Sp3 P"],
                &format!("transport_config: ({REJECT})"),
            ),
            &["organization:"],
        )
        .silent("three", mailbox_servers(3, 0, "", REJECT))
        .silent(
            "two in the other site",
            mailbox_servers(2, 2, DAG, &with(&[REJECT, REMOTE])),
        )
        .silent(
            "the preference means nothing in one site",
            mailbox_servers(3, 0, DAG, &with(&[REJECT, REMOTE])),
        )
        .silent("switched off", mailbox_servers(1, 0, "", &with(&[REJECT, OFF])))
        .silent("nobody refuses", mailbox_servers(2, 0, "", ""))
        .silent(
            "2010 refuses nothing",
            org(&["A1 2010Sp3 P"], &format!("transport_config: ({REJECT})")),
        )
}

fn times() -> Vec<Rule> {
    let receiving = |server: &str, settings: &str, more: &str| {
        let servers = [server, "S2 2013 P", "S3 2013 P"];
        org(
            &servers,
            &format!("receive_connectors: [(name: \"In\", server: \"S1\", {settings})], {more}"),
        )
    };
    let hub = "S1 2010Sp3 P roles: [HubTransport]";
    let lagged = |version: &str, lag: &str, more: &str| {
        let servers = [
            format!("S1 {version} P dag: \"D\""),
            format!("S2 {version} P dag: \"D\""),
        ];
        let copy = |lag: &str| format!("[(server: \"S1\"), (server: \"S2\", replay_lag: \"{lag}\")]");
        let databases = format!(
            "databases: [(name: \"DB1\", dag: \"D\", copies: {}), (name: \"DB2\", dag: \"D\", copies: {})], {more}",
            copy(lag),
            copy("1d")
        );
        org(&[&servers[0], &servers[1]], &databases)
    };
    let hold = |time: &str| format!("transport_config: (safety_net_hold_time: \"{time}\")");
    vec![
        Rule::new("SR006")
            .fires(
                "equal",
                receiving("S1 2013 P", "connection_timeout: \"5min\"", ""),
                &["receive:S1\\In"],
            )
            .fires(
                "longer",
                receiving("S1 2007Sp3 P", "connection_inactivity_timeout: \"601s\"", ""),
                &["receive:S1\\In"],
            )
            .fires(
                "both set",
                receiving(
                    hub,
                    "connection_inactivity_timeout: \"3min\", connection_timeout: \"2min\"",
                    "",
                ),
                &["receive:S1\\In"],
            )
            .fires(
                "an Edge server",
                receiving("S1 2016 - roles: [EdgeTransport]", "connection_timeout: \"1min\"", ""),
                &["receive:S1\\In"],
            )
            .silent(
                "a second less",
                receiving("S1 2013 P", "connection_timeout: \"301s\"", ""),
            )
            .silent(
                "an Edge server's defaults",
                receiving("S1 2016 - roles: [EdgeTransport]", "connection_timeout: \"2min\"", ""),
            ),
        Rule::new("SR007")
            .fires("the default", lagged("2013", "49h", ""), &["database:DB1"])
            .fires(
                "shorter than all",
                lagged("2019", "2d", &hold("15s")),
                &["database:DB1", "database:DB2"],
            )
            .silent("equal", lagged("2016", "14d", &hold("14d")))
            .silent("the default is enough", lagged("2016", "2d", ""))
            .silent("2010 has a dumpster", lagged("2010Sp3", "14d", "")),
        Rule::new("SR008")
            .fires(
                "a hub",
                receiving(hub, "max_acknowledgement_delay: \"0s\"", ""),
                &["receive:S1\\In"],
            )
            .fires(
                "an Edge server",
                receiving(
                    "S1 2010Rtm - roles: [EdgeTransport]",
                    "max_acknowledgement_delay: \"0s\"",
                    "",
                ),
                &["receive:S1\\In"],
            )
            .silent("a second", receiving(hub, "max_acknowledgement_delay: \"1s\"", ""))
            .silent(
                "2013 ignores it",
                receiving("S1 2013 P", "max_acknowledgement_delay: \"0s\"", ""),
            )
            .silent(
                "2007 has none",
                receiving("S1 2007Sp3 P", "max_acknowledgement_delay: \"0s\"", ""),
            )
            .silent(
                "no hub",
                receiving(
                    "S1 2010Sp3 P roles: [ClientAccess]",
                    "max_acknowledgement_delay: \"0s\"",
                    "",
                ),
            )
            .silent(
                "switched off",
                receiving(
                    hub,
                    "max_acknowledgement_delay: \"0s\"",
                    "transport_config: (shadow_redundancy_enabled: false)",
                ),
            ),
    ]
}
