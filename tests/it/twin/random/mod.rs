//! Organizations and questions by chance, for the comparison of engine and twin.
//!
//! Small ones with everything that hurts: ties everywhere, links of three sites and of none, sites without servers,
//! several generations in one site, lists that name servers which do not count, names that differ in case.
//! A seed makes the same organization on every machine.

mod coexistence;
mod connectors;
mod dice;
mod graphs;
mod hours;
mod queries;
mod recipients;
mod routing_groups;
mod servers;
mod sweeps;

use serde_json::{Map, Value, json};

use dice::Dice;
use servers::Actor;

pub(crate) use coexistence::{coexistence, earlier, news_kept};
pub(crate) use graphs::small_site_graphs;
pub(crate) use queries::{options, queries};
pub(crate) use routing_groups::{group_graphs, routing_groups};
pub(crate) use sweeps::sites_to_sweep;

/// No two are the same without regard to case. Case, digits, and characters above and between the letters decide
/// their order.
const SITE_NAMES: [&str; 16] = [
    "A", "b", "C", "D2", "d10", "E_", "ea", "É", "ß", "Z", "_a", "site 1", "Site 10", "SITE 2", "x/y", "~\"q\"",
];
const GROUP_NAMES: [&str; 7] = ["HKG", "hkg2", "B", "a b", "_rg", "RG:1", "Ω"];

/// What the parts of a file refer to.
#[derive(Debug)]
struct Cast {
    sites: Vec<String>,
    groups: Vec<String>,
    servers: Vec<Actor>,
    /// All ways to the outside are on the legacy side, and many connectors lead there.
    legacy_outside: bool,
}

/// A valid topology file.
pub(crate) fn organization(seed: u64) -> Value {
    let dice = &mut Dice::of(seed, "shape");
    let mut file = Map::new();
    if dice.percent(50) {
        file.insert("format".into(), json!("bridgehead.topology/1"));
    }
    let has_servers = dice.percent(88);
    let site_count = if dice.percent(80) {
        dice.between(2, 5)
    } else {
        dice.between(1, 7)
    };
    // Few groups with many connectors make ties; many groups make long ways.
    let legacy_outside = dice.percent(15);
    let group_count = match () {
        () if legacy_outside => dice.between(2, 4),
        () if dice.percent(55) => dice.pick(&[1, 1, 2, 2, 3, 4, 5]),
        () => 0,
    };
    let mut cast = Cast {
        sites: dice.some(&SITE_NAMES.map(String::from), site_count, site_count),
        groups: dice.some(&GROUP_NAMES.map(String::from), group_count, group_count),
        servers: Vec::new(),
        legacy_outside,
    };
    let mut add = |collection: &str, records: Vec<Value>| {
        // Every collection may be left out, and be empty.
        if !records.is_empty() || seed.is_multiple_of(3) {
            file.insert(collection.to_owned(), Value::Array(records));
        }
    };
    add("sites", sites(&mut Dice::of(seed, "sites"), &cast));
    add("site_links", site_links(&mut Dice::of(seed, "site links"), &cast));
    let groups = cast.groups.iter().map(|name| json!({ "name": name }));
    add("routing_groups", groups.collect());
    if has_servers {
        let (actors, mut servers) = servers::servers(&mut Dice::of(seed, "servers"), &cast);
        cast.servers = actors;
        let availability = recipients::databases(&mut Dice::of(seed, "databases"), &cast);
        for (server, dag) in &availability.members_by_server {
            let record = servers.iter_mut().find(|record| record["name"] == json!(server));
            record.expect("a server of the cast has a record")["dag"] = json!(dag);
        }
        add("servers", servers);
        add(
            "edge_subscriptions",
            servers::edge_subscriptions(&mut Dice::of(seed, "edge"), &cast),
        );
        add(
            "connectors",
            connectors::connectors(&mut Dice::of(seed, "connectors"), &cast),
        );
        add(
            "mailboxes",
            recipients::mailboxes(&mut Dice::of(seed, "mailboxes"), &cast, &availability.databases),
        );
        add("groups", recipients::groups(&mut Dice::of(seed, "groups"), &cast));
        add("dags", availability.dags);
        add("databases", availability.databases);
    }
    add(
        "routing_group_connectors",
        connectors::group_connectors(&mut Dice::of(seed, "group connectors"), &cast),
    );
    add(
        "accepted_domains",
        recipients::accepted_domains(&mut Dice::of(seed, "domains")),
    );
    let mut file = Value::Object(file);
    hours::seldom(&mut Dice::of(seed, "hours"), &mut file);
    file
}

fn sites(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    let site = |name: &String| {
        let mut site = json!({ "name": name });
        if dice.percent(25) {
            site["hub_site"] = json!(true);
        }
        if dice.percent(10) {
            site["inbound_mail"] = json!(false);
        }
        site
    };
    cast.sites.iter().map(site).collect()
}

/// Between a few links that leave sites apart, and enough for several paths of one cost.
fn site_links(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    let sites = cast.sites.len();
    let count = dice.between(sites.saturating_sub(1), 2 * sites);
    // Long paths come up too seldom by themselves.
    let chain = if dice.percent(12) { sites.saturating_sub(1) } else { 0 };
    let link = |at: usize| {
        if at < chain {
            let ends = &cast.sites[at..at + 2];
            return json!({ "name": format!("chain {at}"), "sites": ends, "cost": 1 });
        }
        let members = match dice.between(0, 19) {
            0 => 0,
            1 => 1,
            2..=4 => 3,
            5 => 4,
            _ => 2,
        };
        let members: Vec<String> = dice
            .some(&cast.sites, members, members)
            .iter()
            .map(|site| dice.reference(site))
            .collect();
        let letter = dice.pick(&["l", "L", "_", "k"]);
        let mut link = json!({ "name": format!("{letter}{at}"), "sites": members, "cost": dice.cost() });
        if dice.percent(5) {
            link.as_object_mut().expect("a link").remove("cost");
        }
        if dice.percent(15) {
            link["exchange_cost"] = json!(dice.cost());
        }
        if dice.percent(15) {
            link["max_message_size"] = dice.size_limit();
        }
        if dice.percent(7) {
            link["transport"] = json!(dice.pick(&["Smtp", "Smtp", "Ip"]));
        }
        link
    };
    (0..count.max(chain)).map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::super::names::upper;
    use super::super::{Options, Org, explain, routes};
    use super::{GROUP_NAMES, SITE_NAMES, organization, queries};

    #[test]
    fn a_seed_makes_the_same_organization() {
        assert_eq!(organization(7), organization(7));
        assert_ne!(organization(7), organization(8));
    }

    #[test]
    fn names_of_a_kind_differ_without_regard_to_case() {
        for names in [SITE_NAMES.as_slice(), GROUP_NAMES.as_slice()] {
            let mut all: Vec<String> = names.iter().map(|name| upper(name)).collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), names.len());
        }
    }

    /// The comparison is worth as much as the answers differ: every one of them has to come up.
    #[test]
    fn every_kind_of_answer_comes_up() {
        let mut seen = String::new();
        for seed in 0..2_000 {
            let file = organization(seed);
            let org = Org::parse(&file.to_string());
            seen += &routes(&org, &Options::default()).to_string();
            for query in queries(seed, &file) {
                seen += &explain(&org, &Options::default(), &query).to_string();
            }
        }
        for (field, values) in [
            (
                "outcome",
                ["route", "unreachable", "deliver", "queue", "ndr"].as_slice(),
            ),
            ("relay", &["direct", "hub_site", "routing_group", "connector_source"]),
            (
                "decided_by",
                &[
                    "cost",
                    "hops",
                    "name",
                    "routing_group_cost",
                    "site_cost",
                    "only_candidate",
                ],
            ),
            ("decided_by", &["address_space", "version", "proximity"]),
            (
                "rule",
                &[
                    "disabled",
                    "scope",
                    "no_match",
                    "size",
                    "no_source",
                    "no_route",
                    "restriction",
                ],
            ),
            (
                "rule",
                &["address_space", "version", "cost", "proximity", "hops", "name"],
            ),
            ("code", &["5.1.1", "5.3.4", "5.4.4"]),
        ] {
            for value in values {
                assert!(
                    seen.contains(&format!("\"{field}\":\"{value}\"")),
                    "never {field} {value}"
                );
            }
        }
        for field in [
            "\"ambiguous\":true",
            "\"split_at\":{\"site\"",
            "\"failed\":[",
            "\"next_hop\":{\"connector\"",
        ] {
            assert!(seen.contains(field), "never {field}");
        }
    }
}
