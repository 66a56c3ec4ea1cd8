//! Every small site graph.

use serde_json::{Value, json};

/// In file order, which is not their order by name.
const NAMES: [&str; 4] = ["b", "A", "d", "C"];

/// Every site graph of one to four sites: each pair not linked or linked at a cost of 1 to 3, each site a hub
/// site or not.
pub(crate) fn small_site_graphs() -> impl Iterator<Item = Value> {
    (1..=NAMES.len()).flat_map(|sites| {
        let pairs: Vec<(usize, usize)> = (0..sites).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
        let costs = 4_usize.pow(u32::try_from(pairs.len()).expect("six pairs at most"));
        let choices = (0..costs).flat_map(move |costs| (0..1_usize << sites).map(move |hubs| (costs, hubs)));
        choices.map(move |(costs, hubs)| graph(sites, &pairs, costs, hubs))
    })
}

/// `costs` has a digit of base 4 for every pair, `hubs` a bit for every site.
fn graph(sites: usize, pairs: &[(usize, usize)], mut costs: usize, hubs: usize) -> Value {
    let site = |at: usize| json!({ "name": NAMES[at], "hub_site": hubs >> at & 1 == 1 });
    let mut links = Vec::new();
    for &(a, b) in pairs {
        if !costs.is_multiple_of(4) {
            let name = format!("{}-{}", NAMES[a], NAMES[b]);
            links.push(json!({ "name": name, "sites": [NAMES[a], NAMES[b]], "cost": costs % 4 }));
        }
        costs /= 4;
    }
    json!({ "sites": (0..sites).map(site).collect::<Value>(), "site_links": links })
}

#[cfg(test)]
mod tests {
    use super::small_site_graphs;

    #[test]
    fn all_small_site_graphs_are_made_once() {
        let mut all: Vec<String> = small_site_graphs().map(|graph| graph.to_string()).collect();
        // Powers of 4 for the pairs, of 2 for the hub sites.
        assert_eq!(all.len(), 2 + 4 * 4 + 64 * 8 + 4096 * 16);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 66_066);
    }
}
