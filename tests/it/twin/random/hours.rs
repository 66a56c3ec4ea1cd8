//! Hours in which connectors are open: seldom, since every hour makes classes.

use serde_json::{Value, json};

use super::dice::Dice;

const COLLECTIONS: [&str; 2] = ["routing_group_connectors", "connectors"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// In order; the ends of the day among them, and neighbours.
const TIMES: [&str; 9] = [
    "00:00", "00:01", "08:00", "09:00", "12:00", "17:59", "18:00", "23:59", "24:00",
];

/// Windows in one organization in eight.
pub(super) fn seldom(dice: &mut Dice, file: &mut Value) {
    if dice.percent(12) {
        add(dice, file);
    }
}

/// Windows on one to three legacy connectors, now and then on any.
pub(super) fn add(dice: &mut Dice, file: &mut Value) {
    let count = dice.pick(&[1, 1, 2, 2, 3]);
    let of_any = dice.percent(15);
    let mut candidates = Vec::new();
    for collection in COLLECTIONS {
        let records = file[collection].as_array().map_or(&[][..], Vec::as_slice);
        let wanted = (0..records.len()).filter(|&at| of_any || is_legacy(&records[at]));
        candidates.extend(wanted.map(|at| (collection, at)));
    }
    for (collection, at) in dice.some(&candidates, count, count) {
        file[collection][at]["restrictions"]["schedule"] = schedule(dice);
    }
}

/// No connector has windows any more.
pub(super) fn remove(file: &mut Value) {
    for collection in COLLECTIONS {
        let records = file.get_mut(collection).and_then(Value::as_array_mut);
        for record in records.into_iter().flatten() {
            if record["restrictions"]["schedule"].is_array() {
                record["restrictions"]["schedule"] = json!("Always");
            }
        }
    }
}

pub(super) fn is_there(file: &Value) -> bool {
    let has_windows = |record: &Value| record["restrictions"]["schedule"].is_array();
    let any = |collection: &&str| {
        file[*collection]
            .as_array()
            .is_some_and(|all| all.iter().any(has_windows))
    };
    COLLECTIONS.iter().any(any)
}

/// Of a legacy group, whether it leads to another one or outside.
fn is_legacy(record: &Value) -> bool {
    let kind = record["kind"].as_str().unwrap_or_default();
    match record["from"].as_str() {
        Some(from) => !from.to_ascii_uppercase().contains("DWBGZMFD01QNBJR"),
        None => kind.starts_with("Legacy"),
    }
}

/// Windows that overlap, that touch, also at midnight, that fill the week or all but one minute of it; and others.
fn schedule(dice: &mut Dice) -> Value {
    let day = dice.between(0, 5);
    let (today, tomorrow) = (DAYS[day], DAYS[day + 1]);
    match dice.between(0, 9) {
        0 => json!([format!("{today} 08:00-12:00"), format!("{today} 12:00-18:00")]),
        1 => json!([format!("{today} 18:00-24:00"), format!("{tomorrow} 00:00-08:00")]),
        2 => json!([format!("{today} 08:00-18:00"), format!("{today} 09:00-24:00")]),
        3 => week(dice, "24:00"),
        4 => week(dice, "23:59"),
        _ => {
            let count = dice.pick(&[1, 1, 2, 3]);
            (0..count).map(|_| json!(window(dice))).collect()
        }
    }
}

/// Every day in full, in any order, but for the end of Sunday.
fn week(dice: &mut Dice, end: &str) -> Value {
    let day = |day: &str| format!("{day} 00:00-{}", if day == "Sun" { end } else { "24:00" });
    let days: Vec<String> = DAYS.iter().map(|name| day(name)).collect();
    json!(dice.some(&days, days.len(), days.len()))
}

/// Few days and times, so that windows of several connectors meet.
fn window(dice: &mut Dice) -> String {
    let first = dice.between(0, TIMES.len() - 2);
    let end = dice.between(first + 1, TIMES.len() - 1);
    let day = dice.pick(&["Mon", "Mon", "tue", "Tue", "SUN"]);
    format!("{day} {}-{}", TIMES[first], TIMES[end])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{coexistence, earlier, news_kept, organization, queries};
    use super::{Dice, add, is_there, remove};
    use crate::twin::{Options, Org, Query, explain, routes};

    #[test]
    fn one_organization_in_eight_has_hours() {
        let in_a_thousand = |file: fn(u64) -> Value| (0..1_000).filter(|&seed| is_there(&file(seed))).count();
        for (what, with_hours) in [
            ("loops", in_a_thousand(coexistence)),
            ("before a change", in_a_thousand(earlier)),
            ("news", in_a_thousand(news_kept)),
        ] {
            assert!((90..=160).contains(&with_hours), "{what}: {with_hours}");
        }
        // Among their other restrictions there are windows too.
        let with_hours = in_a_thousand(organization);
        assert!((150..=250).contains(&with_hours), "routes: {with_hours}");
    }

    #[test]
    fn hours_are_put_on_legacy_connectors_and_beside_what_else_there_is() {
        let mut times = [0; 4];
        for seed in 0..200 {
            let mut file = json!({
                "routing_group_connectors": [
                    { "name": "a", "from": "A", "to": "DWBGZMFD01QNBJR", "restrictions": { "priorities": ["Low"] } },
                    { "name": "e", "from": "dwbgzmfd01qnbjr", "to": "A" },
                ],
                "connectors": [{ "name": "x", "kind": "LegacyX400" }, { "name": "s", "kind": "Send" }],
            });
            add(&mut Dice::of(seed, "a test"), &mut file);
            assert!(is_there(&file));
            assert_eq!(
                file["routing_group_connectors"][0]["restrictions"]["priorities"],
                json!(["Low"])
            );
            let records = file["routing_group_connectors"].as_array().into_iter().flatten();
            let records = records.chain(file["connectors"].as_array().into_iter().flatten());
            for (record, times) in records.zip(&mut times) {
                *times += usize::from(record["restrictions"]["schedule"].is_array());
            }
            remove(&mut file);
            assert!(!is_there(&file));
        }
        let [legacy, of_2007, legacy_outside, send] = times;
        assert!(legacy.min(legacy_outside) > 100, "{times:?}");
        assert!(of_2007.min(send) > 0 && of_2007.max(send) < 40, "{times:?}");
    }

    #[test]
    fn every_third_question_is_asked_of_an_instant_and_some_are_answered_otherwise_then() {
        let (mut asked, mut at_an_instant, mut otherwise) = (0, 0, 0);
        for seed in 0..2_000 {
            let file = organization(seed);
            let org = Org::parse(&file.to_string());
            for query in queries(seed, &file) {
                if !is_there(&file) {
                    assert_eq!(query.at, None, "seed {seed}");
                    continue;
                }
                asked += 1;
                if query.at.is_some() {
                    at_an_instant += 1;
                    let open = Query {
                        at: None,
                        ..query.clone()
                    };
                    let answer = |query| explain(&org, &Options::default(), query);
                    otherwise += usize::from(answer(&query) != answer(&open));
                }
            }
        }
        assert!(
            (30..37).contains(&(at_an_instant * 100 / asked)),
            "{at_an_instant} of {asked}"
        );
        assert!(otherwise > 20, "{otherwise} of {at_an_instant}");
    }

    #[test] // D20
    fn routes_and_explanations_without_an_instant_take_hours_as_open() {
        let mut judged = 0;
        for seed in (0..2_000).filter(|&seed| is_there(&organization(seed))) {
            let file = organization(seed);
            let mut open = file.clone();
            remove(&mut open);
            let (org, open) = (Org::parse(&file.to_string()), Org::parse(&open.to_string()));
            let options = Options::default();
            assert_eq!(routes(&org, &options), routes(&open, &options), "seed {seed}");
            for query in queries(seed, &file) {
                let query = Query { at: None, ..query };
                let told = (explain(&org, &options, &query), explain(&open, &options, &query));
                assert_eq!(told.0, told.1, "seed {seed}, {query:?}");
            }
            judged += 1;
        }
        assert!(judged > 100, "{judged}");
    }
}
