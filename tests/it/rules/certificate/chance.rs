//! Certificates of organizations by chance: search and checker agree, and nobody else's certificate passes.

use rayon::prelude::*;
use serde_json::Value;

use crate::engine::{CheckSetting, Loops, engine_certify, read};
use crate::twin::random::{coexistence, earlier, options, organization};

/// Every combination of open decisions comes up, and sets of up to two failures.
fn setting(seed: u64) -> CheckSetting {
    let failures_max = usize::from(!seed.is_multiple_of(3)) + usize::from(seed % 6 == 5);
    CheckSetting::of(&options(seed), seed / 2 % 4, failures_max)
}

/// What is wrong with what the checker makes of the certificate of `file`.
fn objection(file: &Value, setting: CheckSetting) -> Option<String> {
    let org = read(&file.to_string());
    let (loops, certificate) = engine_certify(&org, setting);
    let checked = setting.check(&org, &certificate);
    let agrees = agrees(&loops, &checked.loops);
    let text = serde_json::to_string(&certificate).expect("certificates are JSON");
    let same = serde_json::from_str(&text).is_ok_and(|read: bridgehead::verify::Certificate| read == certificate);
    (!checked.flaws.is_empty() || !agrees || !same).then(|| {
        format!(
            "{:?}, loops {loops:?}, checked {:?}",
            checked.flaws.first(),
            checked.loops
        )
    })
}

/// The checker names every set with a circle, also those with a smaller part that may circle.
fn agrees(found: &Loops, checked: &Loops) -> bool {
    found.iter().all(|found| checked.contains(found)) && found.is_empty() == checked.is_empty()
}

fn wrong(seeds: u64, of: fn(u64) -> Option<String>) -> Vec<String> {
    let objections = (0..seeds).into_par_iter().filter_map(|seed| Some((seed, of(seed)?)));
    objections.map(|(seed, why)| format!("seed {seed}: {why}")).collect()
}

#[test]
fn certificates_hold_and_agree_with_the_search_whatever_is_decided() {
    let wrong = wrong(800, |seed| objection(&coexistence(seed), setting(seed)));
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn certificates_of_organizations_with_everything_hold() {
    let wrong = wrong(800, |seed| objection(&organization(seed), setting(seed)));
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_certificate_of_another_organization_holds_only_if_the_loops_are_the_same() {
    let wrong = wrong(400, |seed| {
        let setting = setting(seed);
        let (_, certificate) = engine_certify(&read(&earlier(seed).to_string()), setting);
        let org = read(&coexistence(seed).to_string());
        let checked = setting.check(&org, &certificate);
        let (loops, _) = engine_certify(&org, setting);
        let passes = checked.flaws.is_empty();
        (passes && !agrees(&loops, &checked.loops)).then(|| format!("loops {loops:?}, checked {:?}", checked.loops))
    });
    assert_eq!(wrong, Vec::<String>::new());
}
