//! Failures of site links and sites (V35 to V38): for each, the whole file without what failed, and every path again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::explain::{Query, explain};
use super::org::{Org, Place};
use super::site_paths::SitePath;
use super::{Options, lookup_name};

/// What fails: names of site links, or of a site.
#[derive(Debug, Clone)]
enum Failed {
    Links(Vec<String>),
    Site(String),
}

/// Every failure in the order of a sweep with what it does: site links by name, sites by name, then every two links by name.
pub(crate) fn sweep(file: &Value, options: &Options) -> Vec<Value> {
    let org = Org::parse(&file.to_string());
    let mut links: Vec<String> = org.links.iter().map(|link| link.name.written.clone()).collect();
    links.sort_by_key(|name| lookup_name(name));
    let mut sites: Vec<String> = org.sites.iter().map(|site| site.name.written.clone()).collect();
    sites.sort_by_key(|name| lookup_name(name));
    let mut failures: Vec<Failed> = links.iter().map(|link| Failed::Links(vec![link.clone()])).collect();
    failures.extend(sites.iter().cloned().map(Failed::Site));
    for (at, first) in links.iter().enumerate() {
        let pairs = links[at + 1..].iter();
        failures.extend(pairs.map(|second| Failed::Links(vec![first.clone(), second.clone()])));
    }
    failures
        .iter()
        .map(|failed| outcome(file, &org, options, failed))
        .collect()
}

fn outcome(file: &Value, org: &Org, options: &Options, failed: &Failed) -> Value {
    let without = Org::parse(&without(file, failed).to_string());
    let (waiting, down) = while_it_lasts(file, failed);
    let waiting = Org::parse(&waiting.to_string());
    let mut ends = 0;
    let mut pairs = Vec::new();
    for from in in_order(org) {
        for to in in_order(org) {
            let Some(path) = org.site_paths[from][to].as_ref().filter(|_| from != to) else {
                continue;
            };
            let is_failed = |site: usize| matches!(failed, Failed::Site(name) if org.sites[site].name.is(name));
            if is_failed(from) || is_failed(to) {
                ends += 1;
                continue;
            }
            let crosses = path.sites.iter().any(|site| is_failed(*site))
                || path.links.iter().any(
                    |link| matches!(failed, Failed::Links(names) if names.iter().any(|name| org.links[*link].name.is(name))),
                );
            if crosses {
                let after = without.site_paths[from][to].as_ref();
                pairs.push(pair(
                    org,
                    &without,
                    (from, to),
                    path,
                    after,
                    &wait(&waiting, options, &down, org, from, to),
                ));
            }
        }
    }
    summary(failed, ends, &pairs)
}

/// Routers, by name.
fn in_order(org: &Org) -> Vec<usize> {
    let mut sites: Vec<usize> = (0..org.sites.len())
        .filter(|site| org.is_router(Place::Site(*site)))
        .collect();
    sites.sort_by_key(|site| &org.sites[*site].name);
    sites
}

fn pair(
    org: &Org,
    without: &Org,
    ends: (usize, usize),
    before: &SitePath,
    after: Option<&SitePath>,
    wait: &str,
) -> Value {
    let name = |site: usize| org.sites[site].name.written.clone();
    let after = after.map(|path| {
        let links = path.links.iter().map(|link| without.links[*link].name.written.clone());
        json!({
            "cost": path.cost,
            "hops": path.hops(),
            "path": path.sites.iter().map(|site| name(*site)).collect::<Vec<_>>(),
            "links": links.collect::<Vec<_>>(),
        })
    });
    json!({
        "from": name(ends.0),
        "to": name(ends.1),
        "queued_at": wait,
        "before": { "cost": before.cost, "hops": before.hops() },
        "after": after,
    })
}

/// Where the mail of a pair waits while the failure lasts, as an explanation tells.
fn wait(waiting: &Org, options: &Options, down: &[(String, String)], org: &Org, from: usize, to: usize) -> String {
    let query = Query {
        from: format!("site:{}", org.sites[from].name.written),
        to: vec![format!("site:{}", org.sites[to].name.written)],
        size: None,
        sender: None,
        priority: None,
        message_type: None,
        at: None,
        down: down.to_vec(),
    };
    let answer = explain(waiting, options, &query);
    answer["queued_at"]["site"]
        .as_str()
        .expect("it waits at a site")
        .to_owned()
}

fn summary(failed: &Failed, ends: u64, pairs: &[Value]) -> Value {
    let (mut lost, mut moved, mut extra_cost, mut extra_hops) = (0, 0, 0, 0);
    let mut queues: BTreeMap<String, u64> = BTreeMap::new();
    // The first pair wins among equals: pairs are in table order.
    let mut greatest: [Option<(i64, Value)>; 2] = [None, None];
    for pair in pairs {
        *queues
            .entry(pair["queued_at"].as_str().expect("a name").to_owned())
            .or_default() += 1;
        if pair["after"].is_null() {
            lost += 1;
            continue;
        }
        moved += 1;
        let more = |what: &str| {
            let number = |at: &str| pair[at][what].as_i64().expect("a number");
            number("after") - number("before")
        };
        extra_cost += more("cost");
        extra_hops += more("hops");
        for (what, held) in ["cost", "hops"].into_iter().zip(&mut greatest) {
            if held.as_ref().is_none_or(|(by, _)| more(what) > *by) {
                *held = Some((more(what), json!([more(what), pair["from"], pair["to"]])));
            }
        }
    }
    let [cost, hops] = greatest.map(|greatest| greatest.map(|(_, told)| told));
    let failed = match failed {
        Failed::Links(names) => json!({ "links": names }),
        Failed::Site(name) => json!({ "site": name }),
    };
    json!({
        "failed": failed, "lost": lost, "moved": moved, "ends": ends, "extra_cost": extra_cost, "extra_hops": extra_hops,
        "greatest_cost": cost, "greatest_hops": hops, "queues": queues, "pairs": pairs,
    })
}

/// The file once somebody has taken out what failed. A site stays, so that positions do, but nothing leads to it.
fn without(file: &Value, failed: &Failed) -> Value {
    let mut file = file.clone();
    let Some(links) = file["site_links"].as_array_mut() else {
        return file;
    };
    match failed {
        Failed::Links(names) => {
            let is_failed = |link: &Value| names.iter().any(|name| link["name"] == json!(name));
            links.retain(|link| !is_failed(link));
        }
        Failed::Site(name) => {
            for link in links {
                let sites = link["sites"].as_array_mut().expect("a list of sites");
                sites.retain(|site| lookup_name(site.as_str().expect("a name")) != lookup_name(name));
            }
        }
    }
    file
}

/// The file and what is down in it, as `--down` takes it. For a site every link is written as its pairs, so that what leads
/// to the site can be down and the rest of a link stay.
fn while_it_lasts(file: &Value, failed: &Failed) -> (Value, Vec<(String, String)>) {
    let name = match failed {
        Failed::Links(names) => {
            let down = names.iter().map(|name| ("link".to_owned(), name.clone()));
            return (file.clone(), down.collect());
        }
        Failed::Site(name) => name,
    };
    let mut file = file.clone();
    let mut down = vec![("site".to_owned(), name.clone())];
    let mut pairs = Vec::new();
    for link in file["site_links"].as_array().into_iter().flatten() {
        let sites: Vec<&str> = link["sites"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for (at, a) in sites.iter().enumerate() {
            for b in &sites[at + 1..] {
                let mut one = link.clone();
                let own = format!("{}: {a} to {b}", link["name"].as_str().expect("a name"));
                if [a, b].iter().any(|end| lookup_name(end) == lookup_name(name)) {
                    down.push(("link".to_owned(), own.clone()));
                }
                one["name"] = json!(own);
                one["sites"] = json!([a, b]);
                pairs.push(one);
            }
        }
    }
    file["site_links"] = json!(pairs);
    (file, down)
}
