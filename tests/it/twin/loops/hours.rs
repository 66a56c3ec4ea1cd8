//! Hours of connectors (LS-2.1, `schedule_ok`): an example for each kind of loop, and the law that an hour is like a file in
//! which what is closed never runs.

use serde_json::{Value, json};

use super::super::Options;
use super::super::hours::{Window, is_open, written};
use super::super::random::{coexistence, earlier};
use super::classes::message_classes;
use super::drawing::{NONE, Walker, groups, holes, lines, named, told, told_for};
use super::{Moment, transient, under_way, verify};

const LW12: &str = "E-V 1, E>W 5, W>E 1, V-R 1, W-R 1";

/// The connector is open in these windows.
fn open(file: &mut Value, connector: &str, windows: &[&str]) {
    named(file, "routing_group_connectors", connector)["restrictions"] = json!({ "schedule": windows });
}

/// The hours that a record is listed for, the one it stands under first.
fn hours(record: &Value) -> Vec<&str> {
    let others = record["also_in"].as_array().into_iter().flatten();
    let classes = std::iter::once(&record["message_class"]).chain(others);
    classes.map(|class| class["at"].as_str().expect("an hour")).collect()
}

#[test] // LC3, with the numbers of LW12
fn out_of_hours_legacy_goes_round_and_2007_sends_it_back() {
    let mut file = groups(LW12);
    open(&mut file, "V>R", &["Mon 08:00-18:00"]);
    let found = verify(&file.to_string(), &Options::default(), 0);
    assert_eq!(lines(&found["witnesses"]), ["R [] E V must", "W [] E V must"]);
    assert_eq!(
        found["witnesses"][0]["message_class"],
        json!({ "size": null, "sender": "other", "priority": "Normal", "type": "NonSystem", "at": "Mon 00:00" })
    );
    assert_eq!(found["witnesses"][0].get("also_in"), None, "not from 08:00 to 18:00");
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "V", "R", &[]), "V E, loops");
    assert_eq!(walker.way(1, "V", "R", &[]), "V R, delivered");
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| format!("{day} 00:00-24:00"));
    open(&mut file, "V>R", &days.each_ref().map(String::as_str));
    assert_eq!(told(&file, 0), NONE, "always open");
    open(&mut file, "V>R", &["Mon 00:00-24:00", "Sun 00:00-23:59"]);
    let found = verify(&file.to_string(), &Options::default(), 0);
    assert_eq!(hours(&found["witnesses"][0]), ["Tue 00:00"]);
}

#[test]
fn a_loop_of_several_hours_is_listed_once() {
    let mut file = groups(LW12);
    open(&mut file, "V>R", &["Mon 08:00-18:00"]);
    // Nothing that loops depends on it: R gets rid of its mail over W as well.
    open(&mut file, "R>V", &["Mon 12:00-24:00"]);
    let found = verify(&file.to_string(), &Options::default(), 0);
    assert_eq!(lines(&found["witnesses"]), ["R [] E V must", "W [] E V must"]);
    assert_eq!(hours(&found["witnesses"][0]), ["Mon 00:00", "Mon 18:00"]);
}

#[test] // LC3, with the numbers of LW15
fn a_connector_to_the_outside_has_hours_too() {
    let mut file = groups("E-W 1, E-V 1");
    let to_outside = |group: &str, space: &str| {
        json!({
            "name": format!("To {group}"), "kind": "LegacySmtp", "routing_group": group,
            "source_servers": [format!("BH-{group}")], "smart_hosts": ["relay.example"], "address_spaces": [space],
        })
    };
    file["connectors"] = json!([to_outside("W", "*;1"), to_outside("V", "*;10")]);
    assert_eq!(told(&file, 0), NONE);
    file["connectors"][0]["restrictions"] = json!({ "schedule": ["Tue 08:00-18:00"] });
    let found = verify(&file.to_string(), &Options::default(), 0);
    assert_eq!(lines(&found["witnesses"]), ["SMTP:* [] E W must"]);
    assert_eq!(hours(&found["witnesses"][0]), ["Mon 00:00"]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "V", "SMTP:*", &[]), "V, delivered");
    assert_eq!(walker.way(1, "V", "SMTP:*", &[]), "V E W, delivered");
}

#[test] // RW36: mail comes back to where a connector is down, if there is a way round at this hour.
fn a_loop_with_a_failure_is_there_while_the_way_round_is_open() {
    let mut file = groups("A-B 1, E-A 1, E-B 5");
    assert_eq!(told_for(&file, "B", 1), ["B [A>B] E A must"]);
    open(&mut file, "A>E", &["Mon 08:00-18:00"]);
    let found = verify(&file.to_string(), &Options::default(), 1);
    let to_b = found["witnesses"].as_array().expect("a list").iter();
    let to_b: Vec<&Value> = to_b.filter(|witness| witness["failed"] == json!(["A>B"])).collect();
    assert_eq!(to_b.len(), 1);
    assert_eq!(hours(to_b[0]), ["Mon 08:00"]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "A", "B", &["A>B"]), "A, waits");
    assert_eq!(walker.way(1, "A", "B", &["A>B"]), "A E, loops");
}

#[test]
fn a_closed_connector_is_up_and_2007_does_not_see_it_closed() {
    let mut file = groups("A-B 1, A-C 2, C-B 2");
    let believable = |file: &Value| {
        let walker = Walker::new(file);
        walker.network.link_state.believable(&walker.network.org).len()
    };
    assert_eq!(believable(&file), 6);
    open(&mut file, "A>B", &["Mon 08:00-18:00"]);
    assert_eq!(believable(&file), 6, "it has a state, and counts for leaves");
    let mut file = groups("E-A 1, A-B 1");
    open(&mut file, "E>A", &["Mon 08:00-18:00"]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "E", "B", &[]), "E A B, delivered");
    assert_eq!(walker.way(1, "E", "B", &[]), "E A B, delivered");
    // A legacy group asks about every connector of its way, those that start in the 2007 group too (5).
    let mut file = groups("A>E 1, E>B 1");
    open(&mut file, "E>B", &["Mon 08:00-18:00"]);
    let walker = Walker::new(&file);
    assert_eq!(walker.way(0, "A", "B", &[]), "A, waits");
    assert_eq!(walker.way(1, "A", "B", &[]), "A E B, delivered");
}

#[test]
fn a_black_hole_has_hours() {
    let file = groups("A>E 1, E>B 1, A-C 3, C-B 2");
    assert_eq!(holes(&file), ["B [E>B] A"]);
    // Of the other way, or of the way into it: out of these hours there is none, or it is not taken.
    for connector in ["A>C", "C>B", "A>E", "E>B"] {
        let mut file = file.clone();
        open(&mut file, connector, &["Wed 08:00-18:00"]);
        let found = verify(&file.to_string(), &Options::default(), 1);
        let hole = &found["black_holes"][0];
        assert_eq!(holes(&file), ["B [E>B] A"], "{connector}");
        assert_eq!(hours(hole), ["Wed 08:00"], "{connector}");
    }
}

#[test] // LC7
fn hours_of_both_files_count_during_a_change() {
    let new = groups(LW12);
    let mut old = new.clone();
    open(&mut old, "V>R", &["Mon 08:00-18:00"]);
    let changed = |new: &Value, old: &Value| transient(&new.to_string(), &old.to_string(), &Options::default(), 0);
    let found = changed(&new, &old);
    assert_eq!(lines(&found), ["R [] E V must", "W [] E V must"]);
    assert_eq!(hours(&found[0]), ["Mon 00:00"]);
    assert_eq!(found[0]["views"], json!({ "previous": [{ "routing_group": "V" }] }));
    // The other way round it is settled.
    assert_eq!(changed(&old, &new), json!([]));
    let mut new = new;
    open(&mut new, "V>R", &["Mon 08:00-12:00"]);
    assert_eq!(changed(&new, &old), json!([]), "what loops in between stays");
    let found = changed(&old, &new);
    assert_eq!(lines(&found), ["R [] E V must", "W [] E V must"]);
    assert_eq!(hours(&found[0]), ["Mon 12:00"], "closed for V alone");
}

#[test]
fn news_under_way_has_hours() {
    // S has a server that tells nothing, so that no mail to it or from it brings news.
    let mut file = groups("A-B 1, A-S 1, S-B 10");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers
        .push(json!({ "name": "BH-S2", "version": "Exchange2003", "routing_group": "S", "link_state_blocked": true }));
    named(&mut file, "routing_group_connectors", "A>S")["target_servers"] = json!(["BH-S", "BH-S2"]);
    named(&mut file, "routing_group_connectors", "S>A")["source_servers"] = json!(["BH-S", "BH-S2"]);
    open(&mut file, "S>A", &["Mon 08:00-18:00"]);
    assert_eq!(told(&file, 1), NONE, "settled");
    let mut moments = |failed: &[String]| match failed {
        [one] if one == "A>B" => {
            let acting = [("A", vec![one.clone()]), ("B", vec![]), ("S", vec![])];
            vec![Moment {
                after: "failure",
                from: 30,
                acting: acting.map(|(group, down)| (group.to_owned(), down)).to_vec(),
            }]
        }
        _ => Vec::new(),
    };
    let found = under_way(&file.to_string(), &Options::default(), 1, &mut moments);
    assert_eq!(lines(&found), ["B [A>B] A S must"]);
    assert_eq!(hours(&found[0]), ["Mon 08:00"], "else S takes its own connector");
}

/// The file at one minute: what is closed then never runs.
fn frozen(file: &Value, minute: u16) -> Value {
    let mut file = file.clone();
    for collection in ["routing_group_connectors", "connectors"] {
        for record in file[collection].as_array_mut().expect("a list") {
            let schedule = record["restrictions"]["schedule"].clone();
            if schedule.is_array() {
                let windows: Vec<Window> = serde_json::from_value(schedule).expect("windows");
                let word = if is_open(&windows, minute) { "Always" } else { "Never" };
                record["restrictions"]["schedule"] = json!(word);
            }
        }
    }
    file
}

/// One record for each class of that hour, without it; of all when there are no hours.
fn at_hour(records: &Value, hour: Option<&str>) -> Vec<String> {
    let mut all = Vec::new();
    for record in records.as_array().expect("a list") {
        let others = record["also_in"].as_array().into_iter().flatten();
        for class in std::iter::once(&record["message_class"]).chain(others) {
            if class.get("at").and_then(Value::as_str) == hour {
                let mut single = record.clone();
                let fields = single.as_object_mut().expect("a record");
                fields.remove("also_in");
                fields.insert("message_class".to_owned(), class.clone());
                let class = fields["message_class"].as_object_mut().expect("a class");
                class.remove("at");
                all.push(single.to_string());
            }
        }
    }
    all.sort();
    all
}

/// The minutes that stand for the hours of files.
fn minutes(files: &[&str]) -> Vec<u16> {
    let classes = message_classes(files, &Options::default());
    let mut all: Vec<u16> = classes.iter().filter_map(|class| class.message().minute).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn an_hour_is_like_a_file_in_which_what_is_closed_never_runs() {
    let options = Options::default();
    let (mut hours, mut differ, mut changes) = (0, 0, 0);
    for seed in 0..500 {
        let (new, old) = (coexistence(seed), earlier(seed));
        let text = new.to_string();
        let both = [text.as_str(), &old.to_string()];
        let in_both = minutes(&both);
        if in_both.is_empty() {
            continue;
        }
        let found = verify(&text, &options, 1);
        let mut by_hour = Vec::new();
        for minute in minutes(&[&text]) {
            let hour = written(minute);
            let then = verify(&frozen(&new, minute).to_string(), &options, 1);
            for list in ["witnesses", "black_holes"] {
                let (here, then) = (at_hour(&found[list], Some(&hour)), at_hour(&then[list], None));
                assert_eq!(here, then, "seed {seed}, {list} at {hour}");
            }
            by_hour.push(at_hour(&found["witnesses"], Some(&hour)));
            hours += 1;
        }
        differ += usize::from(by_hour.iter().any(|found| *found != by_hour[0]));
        let found = transient(both[0], both[1], &options, 0);
        for minute in in_both {
            let hour = written(minute);
            let (new, old) = (frozen(&new, minute).to_string(), frozen(&old, minute).to_string());
            let then = at_hour(&transient(&new, &old, &options, 0), None);
            assert_eq!(at_hour(&found, Some(&hour)), then, "seed {seed}, changes at {hour}");
            changes += then.len();
        }
    }
    assert!(
        hours > 100 && differ > 10 && changes > 50,
        "{hours} hours, different in {differ} organizations, {changes} loops of changes"
    );
}
