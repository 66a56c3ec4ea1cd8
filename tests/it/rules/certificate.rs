//! Certificates hold, and nothing that is not so passes for one.

use bridgehead::verify::Certificate;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::engine::engine_check;
use crate::twin::random::coexistence;

/// Chicago, Hong Kong and London around one site (LW11).
fn cities() -> Value {
    let server = |name: &str, group: &str| json!({ "name": name, "version": "Exchange2003", "routing_group": group });
    let mut connectors = Vec::new();
    for (a, b, cost) in [
        ("CHI", "HK", 10),
        ("CHI", "LON", 10),
        ("HK", "LON", 15),
        ("E", "CHI", 1),
        ("E", "HK", 1),
    ] {
        for (from, to) in [(a, b), (b, a)] {
            let group = |name: &str| if name == "E" { "DWBGZMFD01QNBJR" } else { name }.to_owned();
            let mut connector =
                json!({ "name": format!("{from}-{to}"), "from": group(from), "to": group(to), "cost": cost });
            if from == "E" {
                connector["source_servers"] = json!(["HUB"]);
            }
            connectors.push(connector);
        }
    }
    json!({
        "sites": [{ "name": "Site" }],
        "servers": [
            { "name": "HUB", "version": "Exchange2007Sp1", "site": "Site" },
            server("B1", "CHI"), server("B2", "HK"), server("B3", "LON"),
        ],
        "routing_groups": [{ "name": "CHI" }, { "name": "HK" }, { "name": "LON" }],
        "routing_group_connectors": connectors,
    })
}

fn no_change(_: &mut Certificate) {}

#[test]
fn a_certificate_holds_and_names_the_sets_that_loop() {
    let file = cities().to_string();
    let (_, checked) = engine_check(&file, 0, no_change);
    assert_eq!((checked.loops, checked.flaws), (Vec::new(), Vec::new()));
    let (loops, checked) = engine_check(&file, 1, no_change);
    assert_eq!(loops, [("rg:LON".to_owned(), vec!["CHI-LON".to_owned()])]);
    assert_eq!((checked.loops, checked.flaws), (loops, Vec::new()));
}

#[test]
fn a_certificate_that_was_tampered_with_does_not_hold() {
    type Tamper = fn(&mut Certificate);
    let claim_of = |certificate: &mut Certificate, name: &str| {
        let at = certificate.claims.iter().position(|claim| claim.recipient == name);
        at.expect("every recipient has a claim")
    };
    let cases: [(&str, Tamper); 9] = [
        ("nothing is claimed for 1 classes", |c| c.claims.truncate(3)),
        ("this set can matter and is not listed", |c| {
            c.claims
                .iter_mut()
                .for_each(|claim| claim.sets.retain(|set| set.is_empty()));
        }),
        ("it does not begin with nothing failed", |c| {
            c.claims
                .iter_mut()
                .for_each(|claim| claim.sets.retain(|set| !set.is_empty()));
        }),
        ("are not the least", |c| {
            // One more than the least: no connector offers it.
            let costs = c.claims.iter_mut().flat_map(|claim| &mut claim.costs);
            costs
                .flat_map(|costs| &mut costs.costs)
                .flatten()
                .filter(|cost| **cost > 0)
                .for_each(|cost| *cost += 1);
        }),
        ("are not the least", |c| {
            let costs = c.claims.iter_mut().flat_map(|claim| &mut claim.costs);
            costs.for_each(|costs| costs.costs.iter_mut().for_each(|cost| *cost = cost.map(|_| 0)));
        }),
        ("are not the least", |c| {
            let costs = c.claims.iter_mut().flat_map(|claim| &mut claim.costs);
            costs.for_each(|costs| costs.costs.iter_mut().for_each(|cost| *cost = None));
        }),
        ("there are no costs", |c| {
            c.claims.iter_mut().for_each(|claim| claim.costs.clear())
        }),
        ("there is no such recipient", |c| {
            c.claims[0].recipient = "rg:PAR".to_owned()
        }),
        ("this is no set of failures", |c| {
            c.claims[0].sets.push(vec!["CHI-PAR".to_owned()])
        }),
    ];
    for (message, tamper) in cases {
        let (_, checked) = engine_check(&cities().to_string(), 1, tamper);
        assert!(
            checked.flaws.iter().any(|flaw| flaw.message.contains(message)),
            "{message}: {:?}",
            checked.flaws
        );
    }
    // A certificate of another organization: London is closer to Hong Kong there.
    let mut other = cities();
    other["routing_group_connectors"][4]["cost"] = json!(1);
    let mut stolen = None;
    engine_check(&other.to_string(), 1, |certificate| stolen = Some(certificate.clone()));
    let (_, checked) = engine_check(&cities().to_string(), 1, |certificate| {
        *certificate = stolen.expect("the certificate of the other one");
    });
    assert!(!checked.flaws.is_empty());
    let at = {
        let mut certificate = None;
        engine_check(&cities().to_string(), 1, |c| certificate = Some(c.clone()));
        claim_of(&mut certificate.expect("a certificate"), "rg:LON")
    };
    assert_eq!(at, 3, "sites come before groups");
}

#[test]
fn certificates_of_organizations_by_chance_hold_and_agree_with_the_search() {
    let wrong: Vec<String> = (0..600_u64)
        .into_par_iter()
        .filter_map(|seed| {
            let failures_max = usize::from(seed % 3 != 0) + usize::from(seed % 6 == 5);
            let (loops, checked) = engine_check(&coexistence(seed).to_string(), failures_max, no_change);
            let mut listed = checked.loops.clone();
            listed.sort();
            listed.dedup();
            // The checker names every set with a circle, also those with a smaller part that may circle.
            let all = loops.iter().all(|found| listed.contains(found));
            let none = loops.is_empty() == listed.is_empty();
            (!checked.flaws.is_empty() || !all || !none).then(|| format!("seed {seed}: {:?}", checked.flaws))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}
