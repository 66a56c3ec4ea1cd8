//! Sites and links for sweeps: little else, so that many can be asked.

use serde_json::{Value, json};

use super::SITE_NAMES;
use super::dice::Dice;

/// Up to seven sites: trees, rings, parallel links, links of three sites and more, several components, sites without a transport
/// server, hub sites, versions of which some halve their back-off.
pub(crate) fn sites_to_sweep(seed: u64) -> Value {
    let dice = &mut Dice::of(seed, "sweep");
    let count = dice.between(1, 7);
    let names = dice.some(&SITE_NAMES, count, count);
    let cost = |dice: &mut Dice| dice.cost();
    let mut links: Vec<(Vec<&str>, u64)> = Vec::new();
    let back = dice.pick(&[1, 2, 7]);
    for at in 1..count {
        if dice.percent(85) {
            let near = dice.between(at.saturating_sub(back), at - 1);
            links.push((vec![names[near], names[at]], cost(dice)));
        }
    }
    for _ in 0..dice.pick(&[0, 0, 1, 1, 2, 4]) {
        links.push((dice.some(&names, 2.min(count), 2), cost(dice)));
    }
    for _ in 0..dice.pick(&[0, 0, 1, 1, 2]) {
        links.push((dice.some(&names, 3.min(count), 5), cost(dice)));
    }
    // Some beside others, at the same cost or not.
    if let Some((sites, same)) = links.first().cloned().filter(|_| dice.percent(40)) {
        let cost = if dice.percent(50) { same } else { cost(dice) };
        links.push((sites, cost));
    }
    let numbers = dice.some(&(0..links.len()).collect::<Vec<_>>(), links.len(), links.len());
    let links: Vec<Value> = links
        .iter()
        .zip(numbers)
        .map(|((sites, cost), number)| {
            let transport = if dice.percent(4) { "Smtp" } else { "Ip" };
            json!({ "name": format!("L{number:02}"), "sites": sites, "cost": cost, "transport": transport })
        })
        .collect();
    let hubs = dice.pick(&[0, 0, 25, 60]);
    let sites: Vec<Value> = names
        .iter()
        .map(|name| json!({ "name": name, "hub_site": dice.percent(hubs) }))
        .collect();
    let mut file = json!({ "sites": sites, "site_links": links });
    if dice.percent(70) {
        let served = dice.pick(&[40, 75, 95]);
        let mut servers = Vec::new();
        for (at, site) in names.iter().enumerate() {
            if at == 0 || dice.percent(served) {
                let version = dice.pick(&["Exchange2007Sp1", "Exchange2010Sp3", "Exchange2016"]);
                servers.push(json!({ "name": format!("S{at}"), "version": version, "site": site }));
            }
        }
        file["servers"] = json!(servers);
    }
    file
}
