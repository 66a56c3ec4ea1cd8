//! Routing groups around the 2007 group, and nothing else: every small one, and larger ones by chance.

use serde_json::{Value, json};

use super::dice::Dice;

/// Position 0 is the 2007 group. Names in file order, which is not their order by name.
const GROUPS: [&str; 6] = ["DWBGZMFD01QNBJR", "b", "A", "D", "c", "E"];

/// With two legacy groups every directed graph, with three every one whose connectors go both ways: each connector
/// absent, or at a cost of 1 to 3.
///
/// # Panics
///
/// For other numbers of groups.
pub(crate) fn group_graphs(legacy_groups: usize) -> impl Iterator<Item = Value> {
    let nodes = legacy_groups + 1;
    let pairs: Vec<(usize, usize)> = (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b))).collect();
    let two_ways = match legacy_groups {
        2 => false,
        3 => true,
        _ => panic!("two legacy groups or three"),
    };
    let pairs: Vec<(usize, usize)> = pairs
        .into_iter()
        .filter(|(a, b)| if two_ways { a < b } else { a != b })
        .collect();
    (0..4_usize.pow(6)).map(move |mut costs| {
        let mut connectors = Vec::new();
        for &(a, b) in &pairs {
            let cost = costs % 4;
            costs /= 4;
            if cost > 0 {
                connectors.push(connector(a, b, cost));
                if two_ways {
                    connectors.push(connector(b, a, cost));
                }
            }
        }
        file(legacy_groups, connectors)
    })
}

/// Two to five legacy groups, most of their connectors both ways at one cost, of 1 to `cost_max`.
pub(crate) fn routing_groups(seed: u64, cost_max: usize) -> Value {
    let dice = &mut Dice::of(seed, "routing groups");
    let legacy_groups = dice.between(2, 5);
    let density = u32::try_from(dice.between(35, 85)).expect("a percentage");
    let mut connectors = Vec::new();
    for a in 0..=legacy_groups {
        for b in a + 1..=legacy_groups {
            if dice.percent(density) {
                let cost = dice.between(1, cost_max);
                let back = if dice.percent(80) {
                    cost
                } else {
                    dice.between(1, cost_max)
                };
                connectors.push(connector(a, b, cost));
                if dice.percent(90) {
                    connectors.push(connector(b, a, back));
                }
            }
        }
    }
    file(legacy_groups, connectors)
}

fn connector(from: usize, to: usize, cost: usize) -> Value {
    // One letter each; the 2007 group shares its first letter with another.
    let letter = |group: usize| if group == 0 { "2" } else { &GROUPS[group][..1] };
    json!({
        "name": format!("{}>{}", letter(from), letter(to)),
        "from": GROUPS[from], "to": GROUPS[to], "cost": cost,
        "source_servers": [server(from)], "target_servers": [server(to)],
    })
}

fn server(group: usize) -> String {
    if group == 0 {
        "hub".to_owned()
    } else {
        format!("bh-{}", GROUPS[group])
    }
}

fn file(legacy_groups: usize, connectors: Vec<Value>) -> Value {
    let groups = &GROUPS[1..=legacy_groups];
    let mut servers = vec![json!({ "name": "hub", "version": "Exchange2007Sp1", "site": "site" })];
    servers.extend(
        (1..=legacy_groups)
            .map(|group| json!({ "name": server(group), "version": "Exchange2003", "routing_group": GROUPS[group] })),
    );
    json!({
        "sites": [{ "name": "site" }],
        "servers": servers,
        "routing_groups": groups.iter().map(|name| json!({ "name": name })).collect::<Value>(),
        "routing_group_connectors": connectors,
    })
}

#[cfg(test)]
mod tests {
    use super::{group_graphs, routing_groups};

    #[test]
    fn all_small_group_graphs_are_made_once() {
        for groups in [2, 3] {
            let mut all: Vec<String> = group_graphs(groups).map(|graph| graph.to_string()).collect();
            all.sort();
            all.dedup();
            // Six pairs, each absent or of three costs.
            assert_eq!(all.len(), 4_096);
        }
    }

    #[test]
    fn a_seed_makes_the_same_groups() {
        assert_eq!(routing_groups(3, 9), routing_groups(3, 9));
        assert_ne!(routing_groups(3, 9), routing_groups(4, 9));
    }
}
