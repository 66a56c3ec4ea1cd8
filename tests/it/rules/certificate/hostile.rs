//! Files that are no certificates, or of something else.

use bridgehead::verify::Certificate;
use serde_json::{Value, json};

use super::cities;
use crate::engine::{CheckSetting, engine_certify, read};

fn text() -> String {
    let (_, certificate) = engine_certify(&read(&cities().to_string()), CheckSetting::failures(1));
    serde_json::to_string(&certificate).expect("certificates are JSON")
}

#[test]
fn what_is_no_certificate_is_not_read_as_one() {
    let text = text();
    assert!(text.is_ascii(), "it can be cut anywhere");
    for end in 0..text.len() {
        assert!(
            serde_json::from_str::<Certificate>(&text[..end]).is_err(),
            "cut at {end}"
        );
    }
    for (written, hostile) in [
        ("\"max_failures\":1", "\"max_failures\":-1"),
        ("\"max_failures\":1", "\"max_failures\":18446744073709551616"),
        ("\"max_failures\":1", "\"max_failures\":1e400"),
        ("\"max_failures\":1", "\"max_failures\":1,\"max_failures\":2"),
        ("\"max_failures\":1", "\"max_failures\":1,\"unknown\":2"),
        ("[[0,0]]", "[[0]]"),
        ("[[0,0]]", "[[0,0,0]]"),
        ("[[0,0]]", "[0.5]"),
        ("{\"site\":\"Site\"}", "{\"site\":\"Site\",\"routing_group\":\"CHI\"}"),
        ("{\"site\":\"Site\"}", "\"Site\""),
    ] {
        let hostile = text.replacen(written, hostile, 1);
        assert_ne!(hostile, text, "`{written}` is there");
        assert!(serde_json::from_str::<Certificate>(&hostile).is_err(), "{hostile}");
    }
}

#[test]
fn messages_cut_what_a_certificate_names_wrongly() {
    let (org, setting) = (read(&cities().to_string()), CheckSetting::failures(1));
    let certificate: Certificate = serde_json::from_str(&text()).expect("a certificate");
    let (long, cut) = ("9".repeat(1_000_000), format!("{}…", "9".repeat(60)));
    type Tamper = fn(&mut Certificate, &str);
    let cases: [(Tamper, String); 3] = [
        (
            |certificate, long| certificate.format = long.to_owned(),
            format!("the format is `{cut}`, not `bridgehead.certificate/2`"),
        ),
        (
            |certificate, long| certificate.sites[0].from = long.to_owned(),
            format!("distances from site `{cut}` are not the least"),
        ),
        (
            |certificate, long| certificate.groups[0].to = long.to_owned(),
            format!("distances to group `{cut}` are not the least"),
        ),
    ];
    for (tamper, expect) in cases {
        let mut tampered = certificate.clone();
        tamper(&mut tampered, &long);
        assert_eq!(setting.check(&org, &tampered).flaws[0].message, expect);
    }
}

#[test]
fn an_empty_certificate_proves_nothing() {
    let (org, setting) = (read(&cities().to_string()), CheckSetting::failures(1));
    let mut certificate: Certificate = serde_json::from_str(&text()).expect("a certificate");
    certificate.messages.clear();
    certificate.sites.clear();
    certificate.groups.clear();
    certificate.claims.clear();
    let flaws = setting.check(&org, &certificate).flaws;
    // One site, three groups.
    assert_eq!(flaws.len(), 4, "{flaws:?}");
    // Where nothing can circle, nothing has to be claimed.
    let mut apart = cities();
    apart["routing_group_connectors"] = json!([]);
    assert!(setting.check(&read(&apart.to_string()), &certificate).flaws.is_empty());
}

#[test]
fn the_largest_numbers_overflow_nothing() {
    let (org, setting) = (read(&cities().to_string()), CheckSetting::failures(1));
    let mut certificate: Certificate = serde_json::from_str(&text()).expect("a certificate");
    certificate.max_failures = usize::MAX;
    certificate.sites[0].distances[0] = Some((u64::MAX, u64::MAX));
    for to in &mut certificate.groups {
        to.distances
            .iter_mut()
            .for_each(|distance| *distance = distance.map(|_| (u64::MAX, u64::MAX)));
    }
    for claim in &mut certificate.claims {
        for costs in &mut claim.costs {
            costs.costs.iter_mut().for_each(|cost| *cost = Some(u64::MAX));
            costs.ends.iter_mut().for_each(|(_, cost)| *cost = u64::MAX);
        }
    }
    assert!(!setting.check(&org, &certificate).flaws.is_empty());
}

#[test]
fn a_certificate_of_a_changed_organization_holds_only_where_it_is_the_same() {
    let setting = CheckSetting::failures(1);
    let certificate: Certificate = serde_json::from_str(&text()).expect("a certificate");
    let mut refused = 0;
    for at in 0..10 {
        for (field, value) in [
            ("cost", json!(1000)),
            ("max_message_size", json!("1MB")),
            ("kind", json!("X400")),
        ] {
            let mut changed: Value = cities();
            changed["routing_group_connectors"][at][field] = value;
            let org = read(&changed.to_string());
            let (_, own) = engine_certify(&org, setting);
            let holds = setting.check(&org, &certificate).flaws.is_empty();
            assert_eq!(holds, own == certificate, "connector {at}: {field}");
            refused += usize::from(!holds);
        }
    }
    assert!(refused >= 20, "{refused} of 30");
}
