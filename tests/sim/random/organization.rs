//! Organizations by chance, as text: 2 to 8 servers of any mix of versions, with and without DAGs.

use std::fmt::Write;

use super::Mix;
use super::dice::Dice;

struct Server {
    name: String,
    version: &'static str,
    /// The site, or the legacy group.
    home: String,
    legacy: bool,
    dag: Option<&'static str>,
}

/// Edge servers.
fn edges(dice: &mut Dice, sites: &[String], mix: Mix) -> Vec<Server> {
    let count = if dice.percent(30) { dice.between(1, 2) } else { 0 };
    let edge = |n| Server {
        name: format!("ED{n}"),
        version: dice.pick(mix.versions),
        home: dice.pick(sites),
        legacy: false,
        dag: None,
    };
    (0..count).map(edge).collect()
}

/// A topology file.
pub(super) fn organization(seed: u64, mix: Mix) -> String {
    let dice = &mut Dice::of(seed, "organization");
    let sites: Vec<String> = (1..=dice.between(1, 3)).map(|n| format!("S{n}")).collect();
    let groups: Vec<String> = match mix.legacy && dice.percent(40) {
        true => (1..=dice.between(1, 2)).map(|n| format!("RG{n}")).collect(),
        false => Vec::new(),
    };
    let servers = servers(dice, &sites, &groups, mix);
    let edges = edges(&mut Dice::of(seed, "edges"), &sites, mix);
    let mut text = String::from("(\n");
    write_sites(&mut text, dice, &sites);
    write_servers(&mut text, &servers, &edges);
    write_receive_connectors(&mut text, &mut Dice::of(seed, "receive connectors"), &servers, &edges);
    write_subscriptions(&mut text, &mut Dice::of(seed, "subscriptions"), &edges);
    write_connectors(&mut text, dice, &servers, &groups);
    write_mailboxes(&mut text, (dice, &mut Dice::of(seed, "lags")), &servers);
    text.push_str("    accepted_domains: [(domain: \"x.example\", kind: Authoritative)],\n");
    let config = config(dice, &mut Dice::of(seed, "options"));
    writeln!(text, "    transport_config: ({}),\n)", config.join(", ")).expect("a text");
    text
}

/// Options of the organization.
fn config(dice: &mut Dice, more: &mut Dice) -> Vec<String> {
    let mut config = Vec::new();
    if dice.percent(8) {
        config.push("shadow_redundancy_enabled: false".to_owned());
    }
    if dice.percent(15) {
        config.push("reject_message_on_shadow_failure: true".to_owned());
    }
    if dice.percent(20) {
        let setting = dice.pick(&["LocalOnly", "RemoteOnly", "PreferRemote"]);
        config.push(format!("shadow_message_preference_setting: \"{setting}\""));
    }
    let hold = match dice.percent(10) {
        true => "15s",
        false => more.pick(&["", "", "", "", "", "10min", "2h", "1d", "3d"]),
    };
    for (name, of, chance) in OPTIONS {
        if more.percent(*chance) {
            config.push(format!("{name}: {}", more.pick(of)));
        }
    }
    if !hold.is_empty() {
        config.push(format!("safety_net_hold_time: \"{hold}\""));
    }
    config
}

/// Options with what they can be, and how often they are not what they are by default.
const OPTIONS: &[(&str, &[&str], u32)] = &[
    (
        "shadow_heartbeat_timeout_interval",
        &["\"1min\"", "\"5min\"", "\"15min\"", "\"1h\""],
        20,
    ),
    ("shadow_heartbeat_retry_count", &["1", "3", "5", "12"], 20),
    (
        "shadow_message_auto_discard_interval",
        &["\"5min\"", "\"1h\"", "\"1d\""],
        12,
    ),
    (
        "max_dumpster_size_per_database",
        &["\"1MB\"", "\"5MB\"", "\"50MB\""],
        25,
    ),
    ("max_dumpster_time", &["\"5min\"", "\"2h\"", "\"1d\""], 15),
    ("shadow_heartbeat_frequency", &["\"15s\"", "\"1min\"", "\"10min\""], 15),
    ("shadow_resubmit_time_span", &["\"5min\"", "\"1h\"", "\"6h\""], 20),
    ("max_retries_for_remote_site_shadow", &["1", "2", "6"], 15),
    ("max_retries_for_local_site_shadow", &["1", "3"], 15),
];

fn servers(dice: &mut Dice, sites: &[String], groups: &[String], mix: Mix) -> Vec<Server> {
    let count = dice
        .between(2, 8)
        .max(u64::try_from(sites.len() + groups.len()).expect("few"));
    let one_version = dice.percent(50).then(|| dice.pick(mix.versions));
    let mut servers: Vec<Server> = Vec::new();
    for n in 0..count {
        let at = usize::try_from(n).expect("few");
        let home = at.checked_sub(sites.len()).and_then(|at| groups.get(at));
        let legacy = home.is_some() || (!groups.is_empty() && dice.percent(20));
        let home = match (at, legacy) {
            (at, false) if at < sites.len() => sites[at].clone(),
            (_, false) => dice.pick(sites),
            _ if at < sites.len() => sites[at].clone(),
            _ => home.cloned().unwrap_or_else(|| dice.pick(groups)),
        };
        let legacy = legacy && groups.contains(&home);
        let version = match legacy {
            true => "Exchange2003",
            false => one_version.unwrap_or_else(|| dice.pick(mix.versions)),
        };
        servers.push(Server {
            name: format!("{}{n}", if legacy { "BH" } else { "EX" }),
            version,
            home,
            legacy,
            dag: None,
        });
    }
    for (name, generation) in [("D10", "Exchange2010"), ("D13", "Exchange2013")] {
        let fit = |server: &&mut Server| server.version.starts_with(generation);
        if servers.iter_mut().filter(fit).count() >= 2 && dice.percent(55) {
            for server in servers.iter_mut().filter(fit) {
                server.dag = (dice.percent(80)).then_some(name);
            }
        }
    }
    servers
}

fn write_sites(text: &mut String, dice: &mut Dice, sites: &[String]) {
    text.push_str("    sites: [");
    for site in sites {
        let hub = dice.percent(25);
        write!(text, "(name: \"{site}\", hub_site: {hub}), ").expect("a text");
    }
    text.push_str("],\n    site_links: [");
    for (at, site) in sites.iter().enumerate().skip(1) {
        let other = &sites[at - 1];
        let cost = dice.between(1, 3);
        write!(
            text,
            "(name: \"{other}-{site}\", sites: [\"{other}\", \"{site}\"], cost: {cost}), "
        )
        .expect("a text");
    }
    if sites.len() == 3 && dice.percent(50) {
        write!(
            text,
            "(name: \"S1-S3\", sites: [\"S1\", \"S3\"], cost: {}), ",
            dice.between(1, 6)
        )
        .expect("a text");
    }
    text.push_str("],\n");
}

fn write_servers(text: &mut String, servers: &[Server], edges: &[Server]) {
    text.push_str("    servers: [\n");
    for server in servers {
        let place = if server.legacy { "routing_group" } else { "site" };
        let (name, version, home) = (&server.name, server.version, &server.home);
        write!(
            text,
            "        (name: \"{name}\", version: {version}, {place}: \"{home}\""
        )
        .expect("a text");
        if let Some(dag) = server.dag {
            write!(text, ", dag: \"{dag}\"").expect("a text");
        }
        text.push_str("),\n");
    }
    for Server { name, version, .. } in edges {
        writeln!(
            text,
            "        (name: \"{name}\", version: {version}, roles: [EdgeTransport]),"
        )
        .expect("a text");
    }
    text.push_str("    ],\n");
    let dags: Vec<&str> = ["D10", "D13"]
        .into_iter()
        .filter(|dag| servers.iter().any(|server| server.dag == Some(dag)))
        .collect();
    text.push_str("    dags: [");
    for dag in dags {
        write!(text, "(name: \"{dag}\"), ").expect("a text");
    }
    text.push_str("],\n");
}

fn write_receive_connectors(text: &mut String, dice: &mut Dice, servers: &[Server], edges: &[Server]) {
    text.push_str("    receive_connectors: [");
    for server in servers.iter().chain(edges).filter(|server| !server.legacy) {
        let name = &server.name;
        // Several of one server differ (A54).
        let count = dice.pick(&[0, 0, 0, 1, 1, 2]);
        for n in 0..count {
            let delay = dice.pick(&["0s", "10s", "30s", "2min"]);
            // Shorter than some hand-overs take (S38, S52, S53).
            let (idle, all) = dice.pick(&[("5min", "10min"), ("5min", "10min"), ("20s", "1min"), ("1min", "5min")]);
            write!(
                text,
                "(name: \"In {n} {name}\", server: \"{name}\", max_acknowledgement_delay: \"{delay}\", \
                 connection_inactivity_timeout: \"{idle}\", connection_timeout: \"{all}\"), "
            )
            .expect("a text");
        }
    }
    text.push_str("],\n");
}

fn write_subscriptions(text: &mut String, dice: &mut Dice, edges: &[Server]) {
    text.push_str("    edge_subscriptions: [");
    for Server { name, home, .. } in edges {
        let (inbound, outbound) = (!dice.percent(10), dice.percent(70));
        write!(
            text,
            "(edge: \"{name}\", site: \"{home}\", create_inbound_connector: {inbound}, \
             create_internet_connector: {outbound}), "
        )
        .expect("a text");
    }
    text.push_str("],\n");
}

fn write_connectors(text: &mut String, dice: &mut Dice, servers: &[Server], groups: &[String]) {
    let newer: Vec<&str> = servers.iter().filter(|s| !s.legacy).map(|s| s.name.as_str()).collect();
    let in_group = |group: &str| -> Vec<&str> {
        let here = servers.iter().filter(|s| s.legacy && s.home == *group);
        here.map(|s| s.name.as_str()).collect()
    };
    text.push_str("    routing_groups: [");
    for group in groups {
        write!(text, "(name: \"{group}\"), ").expect("a text");
    }
    text.push_str("],\n    routing_group_connectors: [\n");
    for (at, group) in groups.iter().enumerate() {
        if at > 0 && dice.percent(60) {
            let before = &groups[at - 1];
            for (from, to) in [(before, group), (group, before)] {
                let (sources, targets) = (in_group(from), in_group(to));
                let cost = dice.between(1, 10);
                writeln!(
                    text,
                    "        (name: \"{from} to {to}\", from: \"{from}\", to: \"{to}\", cost: {cost}, \
                     source_servers: {sources:?}, target_servers: {targets:?}),"
                )
                .expect("a text");
            }
        }
        let (here, there) = (in_group(group), dice.some(&newer, 1, 2));
        let cost = dice.between(1, 10);
        for (name, from, to, sources, targets) in [
            ("to", "DWBGZMFD01QNBJR", group.as_str(), &there, &here),
            ("from", group.as_str(), "DWBGZMFD01QNBJR", &here, &there),
        ] {
            writeln!(
                text,
                "        (name: \"E2007 {name} {group}\", from: \"{from}\", to: \"{to}\", cost: {cost}, \
                 source_servers: {sources:?}, target_servers: {targets:?}),"
            )
            .expect("a text");
        }
    }
    text.push_str("    ],\n    connectors: [\n");
    let sources = dice.some(&newer, 1, 2);
    let smart = if dice.percent(50) {
        "smart_hosts: [\"relay.example\"], "
    } else {
        ""
    };
    writeln!(
        text,
        "        (name: \"Internet\", kind: Send, {smart}source_servers: {sources:?}, address_spaces: [\"SMTP:*;1\"]),"
    )
    .expect("a text");
    if dice.percent(40) {
        let sources = dice.some(&newer, 1, 1);
        writeln!(
            text,
            "        (name: \"Partner\", kind: Send, smart_hosts: [\"relay.example\"], source_servers: {sources:?}, \
             address_spaces: [\"SMTP:partner.example;5\"]),"
        )
        .expect("a text");
    }
    text.push_str("    ],\n");
}

fn write_mailboxes(text: &mut String, (dice, lags): (&mut Dice, &mut Dice), servers: &[Server]) {
    let mut databases = String::new();
    let mut mailboxes = String::new();
    let mut addresses: Vec<String> = Vec::new();
    for (at, server) in servers.iter().enumerate() {
        let name = &server.name;
        let home = match server.dag {
            Some(dag) => {
                let members: Vec<&Server> = servers
                    .iter()
                    .filter(|s| s.dag == Some(dag) && s.name != *name)
                    .collect();
                let mut copies = format!("(server: \"{name}\"), ");
                if !members.is_empty() {
                    for other in dice.some(&members, 1, 2) {
                        let lag = dice.pick(&["0s", "2s", "30s"]);
                        let replay = lags.pick(&["0s", "0s", "0s", "0s", "0s", "0s", "1h", "1d"]);
                        write!(
                            copies,
                            "(server: \"{}\", replication_lag: \"{lag}\", replay_lag: \"{replay}\"), ",
                            other.name
                        )
                        .expect("a text");
                    }
                }
                write!(
                    databases,
                    "(name: \"DB{at}\", dag: \"{dag}\", copies: [{copies}], active_on: \"{name}\"), "
                )
                .expect("a text");
                format!("database: \"DB{at}\"")
            }
            None if !server.legacy && dice.percent(40) => {
                write!(databases, "(name: \"DB{at}\", server: \"{name}\"), ").expect("a text");
                format!("database: \"DB{at}\"")
            }
            None => format!("server: \"{name}\""),
        };
        for user in 0..dice.between(1, 2) {
            let address = format!("u{at}{user}@x.example");
            write!(mailboxes, "(address: \"{address}\", {home}), ").expect("a text");
            addresses.push(address);
        }
    }
    writeln!(text, "    databases: [{databases}],\n    mailboxes: [{mailboxes}],").expect("a text");
    text.push_str("    groups: [");
    let mut members = addresses;
    members.push("out@far.example".to_owned());
    let names = ["all@x.example", "few@x.example", "deep@x.example"];
    for (at, group) in names.into_iter().enumerate() {
        let mut chosen = dice.some(&members, 1, 4);
        // Groups in groups, and now and then in a circle.
        let inner: Vec<&str> = names.iter().copied().filter(|other| *other != group).collect();
        if dice.percent(if at == 0 { 10 } else { 35 }) {
            let count = if dice.percent(30) { 2 } else { 1 };
            chosen.extend(dice.some(&inner, 1, count).into_iter().map(str::to_owned));
        }
        let newer: Vec<&Server> = servers.iter().filter(|server| !server.legacy).collect();
        let expansion = match dice.percent(25) && !newer.is_empty() {
            true => format!(", expansion_server: \"{}\"", dice.pick(&newer).name),
            false => String::new(),
        };
        write!(text, "(address: \"{group}\", members: {chosen:?}{expansion}), ").expect("a text");
    }
    text.push_str("],\n");
}
