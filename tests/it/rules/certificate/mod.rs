//! Certificates hold, and nothing that is not so passes for one.

mod chance;
mod hostile;
mod mutants;

use bridgehead::verify::{Certificate, Checked, Whom};
use serde_json::{Value, json};

use crate::engine::{CheckSetting, Loops, engine_certify, read};

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

/// The loops that a verification finds, and what the checker says of its certificate after `tamper` had it.
fn engine_check(file: &str, failures_max: usize, tamper: impl FnOnce(&mut Certificate)) -> (Loops, Checked) {
    let (org, setting) = (read(file), CheckSetting::failures(failures_max));
    let (loops, mut certificate) = engine_certify(&org, setting);
    tamper(&mut certificate);
    (loops, setting.check(&org, &certificate))
}

#[test]
fn a_certificate_holds_and_names_the_sets_that_loop() {
    let file = cities().to_string();
    let (_, checked) = engine_check(&file, 0, no_change);
    assert_eq!((checked.loops, checked.flaws), (Vec::new(), Vec::new()));
    // The site and three groups, each with the empty set.
    assert_eq!(checked.sets, 4);
    let (loops, checked) = engine_check(&file, 1, no_change);
    assert_eq!(loops, [("rg:LON".to_owned(), vec!["CHI-LON".to_owned()])]);
    assert_eq!((checked.loops, checked.flaws), (loops, Vec::new()));
}

#[test]
fn a_certificate_that_was_tampered_with_does_not_hold() {
    type Tamper = fn(&mut Certificate);
    let cases: [(&str, Tamper); 14] = [
        ("nothing is claimed for one kind of message", |c| c.claims.truncate(3)),
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
            c.claims[0].recipient = Whom::RoutingGroup("PAR".to_owned())
        }),
        ("this is no set of failures", |c| {
            c.claims[0].sets.push(vec!["CHI-PAR".to_owned()])
        }),
        ("there is no such message", |c| c.claims[0].message = usize::MAX),
        ("this is claimed twice", |c| c.claims.push(c.claims[0].clone())),
        ("distances from site `Site` are not the least", |c| {
            c.sites[0].distances[0] = Some((1, 0));
        }),
        ("there are no distances from site `Site`", |c| c.sites.clear()),
        ("distances to group `LON` are not the least", |c| {
            let to_london = c.groups.iter_mut().find(|to| to.to == "LON").expect("London");
            to_london.distances[0] = Some((11, 1));
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
}

#[test]
fn a_certificate_states_what_2007_goes_by_once() {
    let (org, setting) = (read(&cities().to_string()), CheckSetting::failures(1));
    let (_, certificate) = engine_certify(&org, setting);
    let to = |group: &str| {
        certificate
            .groups
            .iter()
            .find(|to| to.to == group)
            .expect("every group")
    };
    // Groups in name order: Chicago, Hong Kong, London. RTM is not there, so nothing is said of it.
    assert_eq!(to("LON").distances, [Some((10, 1)), Some((15, 1)), Some((0, 0))]);
    assert_eq!(certificate.groups.len(), 3);
    assert_eq!(certificate.sites.len(), 1);
    assert_eq!(certificate.messages.len(), 1);
}

/// Recipients of claims, sites and groups left out.
fn addresses(file: &Value) -> Vec<String> {
    let (org, setting) = (read(&file.to_string()), CheckSetting::failures(0));
    let (_, certificate) = engine_certify(&org, setting);
    assert_eq!(setting.check(&org, &certificate).flaws, []);
    let all = certificate.claims.iter().map(|claim| &claim.recipient);
    let addresses = all.filter(|recipient| matches!(recipient, Whom::Address(_)));
    addresses.map(Whom::to_string).collect()
}

#[test]
fn whom_mail_can_be_for_is_worked_out_twice() {
    let mut file = cities();
    let connector = |name: &str, spaces: Value| {
        json!({
            "name": name, "kind": "LegacySmtp", "routing_group": "LON", "source_servers": ["B3"],
            "smart_hosts": ["relay.example"], "address_spaces": spaces,
        })
    };
    file["connectors"] = json!([connector("Out", json!(["*.own.example;1", "FAX:12;1", "FAX:3*;1"]))]);
    let any = ["FAX:12", "FAX:3ANY", "SMTP:ANY.OWN.EXAMPLE"];
    assert_eq!(addresses(&file), any);
    // D21: an address of a mailbox or a group is not external. Others of the same space still are.
    file["mailboxes"] = json!([
        { "address": "FAX:12", "server": "B1" },
        { "address": "FAX:3any", "server": "B1" },
    ]);
    assert_eq!(addresses(&file), ["FAX:3ANYX", "SMTP:ANY.OWN.EXAMPLE"]);
    // An authoritative domain has no external addresses, except below it where a domain is not.
    file["accepted_domains"] = json!([{ "domain": "*.own.example", "kind": "Authoritative" }]);
    assert_eq!(addresses(&file), ["FAX:3ANYX"]);
    file["accepted_domains"] = json!([
        { "domain": "*.own.example", "kind": "Authoritative" },
        { "domain": "relayed.own.example", "kind": "InternalRelay" },
    ]);
    assert_eq!(addresses(&file), ["FAX:3ANYX", "SMTP:RELAYED.OWN.EXAMPLE"]);
    // X.400 spaces that one address fits together.
    file["connectors"] = json!([connector("X", json!(["X400:c=us;1", "X400:p=a;1", "X400:c=de;p=b;1"]))]);
    assert_eq!(addresses(&file).len(), 4, "each alone, and c=us with p=a");
}
