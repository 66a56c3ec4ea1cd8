//! Loops while the news of a failure, or of its end, is under way (LS-1.4 to LS-1.8, LS-3.4; V26 to V29).

use std::collections::BTreeSet;
use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::report::Findings;
use bridgehead::report::record::VerifyRecord;
use bridgehead::verify::{Bound, Bounds, Flood, Repairs, Verification, World, flood};
use serde_json::{Value, json};

use super::{case, joined, line, list, node, setting, text, told};
use crate::twin::loops::drawing::{NONE, between, groups, named};

/// Shows the loops of a file while news is under way that waits `wait` seconds for every session.
fn follow<T>(file: &Value, bounds: Bounds, wait: u64, see: impl FnOnce(&World<'_>, &Flood) -> T) -> T {
    let case = case(file);
    let decided = setting(bounds.failures_max);
    let world = World::new(&case.org, &case.graphs, decided.options, decided.link_state);
    let timers = Timers {
        on_session: Some(Duration::from_secs(wait)),
        ..Timers::default()
    };
    see(&world, &flood(&world, &timers, bounds))
}

/// `rg:R [A>R] rg:A > rg:B must; failure 780-, end 0-600; rg:A: A>R, rg:B: `
fn under_way(file: &Value, most: usize, wait: u64) -> Vec<String> {
    follow(file, setting(most).bounds, wait, |world, found| {
        assert!(found.complete());
        let findings = Findings {
            verification: &Verification::default(),
            repairs: &Repairs::default(),
            max_failures: most,
            between: None,
            flood: Some(found),
        };
        let record = serde_json::to_value(VerifyRecord::new(world, &findings)).expect("records are JSON");
        list(&record["transient"]).iter().map(news_line).collect()
    })
}

fn news_line(transient: &Value) -> String {
    let news = &transient["views"]["news"];
    let spells = joined(&news["spells"], ", ", |spell| {
        let until = spell["until"].as_u64().map_or(String::new(), |until| until.to_string());
        format!("{} {}-{until}", text(&spell["after"]), spell["from"])
    });
    let acting = joined(&news["acting"], ", ", |acting| {
        format!("{}: {}", node(&acting["at"]), joined(&acting["down"], " ", text))
    });
    format!("{}; {spells}; {acting}", line(transient))
}

/// B hears of A>R by S alone, since its server at A is behind a closed port.
fn behind_a_port() -> Value {
    let mut file = groups("A-R 1, A-B 1, B-R 10, A-S 1, S-B 1");
    let servers = file["servers"].as_array_mut().expect("servers");
    servers
        .push(json!({ "name": "BH2-B", "version": "Exchange2003", "routing_group": "B", "link_state_blocked": true }));
    for (name, end) in [
        ("A>B", "target_servers"),
        ("B>A", "source_servers"),
        ("B>R", "source_servers"),
        ("R>B", "target_servers"),
    ] {
        named(&mut file, "routing_group_connectors", name)[end] = json!(["BH2-B"]);
    }
    file
}

#[test] // LS-1.5, LS-1.6: 180 s of tries and 600 s at the master; the other way 600 s from the first probe that succeeds.
fn news_that_a_group_without_a_master_keeps_makes_a_loop() {
    let mut file = behind_a_port();
    assert_eq!(under_way(&file, 1, 0), NONE, "S passes it on");
    named(&mut file, "routing_groups", "S")["master"] = json!("");
    let kept = "rg:R [A>R] rg:A > rg:B must; failure 780-, end 0-600; rg:A: A>R, rg:B: ";
    assert_eq!(under_way(&file, 1, 0), [kept]);
    assert_eq!(told(&file, 1), NONE, "settled beliefs have B know");
    assert_eq!(under_way(&file, 0, 0), NONE, "nothing fails");
}

#[test] // LS-1.4, LS-1.8: a 2000 bridgehead reports at once, and a 2000 master waits for nothing.
fn times_are_those_of_the_versions() {
    let mut file = behind_a_port();
    named(&mut file, "routing_groups", "S")["master"] = json!("");
    named(&mut file, "servers", "BH-A")["version"] = json!("Exchange2000");
    let kept = "rg:R [A>R] rg:A > rg:B must; failure 0-; rg:A: A>R, rg:B: ";
    assert_eq!(under_way(&file, 1, 0), [kept], "the end is known as soon as it comes");
}

#[test] // LS-1.6: m3 comes before the mail on the session.
fn a_lap_that_teaches_the_next_group_is_left_out() {
    let mut file = behind_a_port();
    named(&mut file, "routing_groups", "S")["master"] = json!("");
    named(&mut file, "servers", "BH2-B")["link_state_blocked"] = json!(false);
    assert_eq!(under_way(&file, 1, 0), NONE);
    // A slow session changes nothing about that: mail opens one.
    assert_eq!(under_way(&file, 1, 60), NONE);
}

#[test] // LS-1.8: T hears of the failure 60 s after A has, and of its end; nothing about the circle changes by that.
fn a_circle_that_goes_on_while_others_hear_is_one_spell() {
    let mut file = behind_a_port();
    named(&mut file, "routing_groups", "S")["master"] = json!("");
    let add = |file: &mut Value, collection: &str, record: Value| {
        file[collection].as_array_mut().expect("a collection").push(record);
    };
    add(&mut file, "routing_groups", json!({ "name": "T" }));
    add(
        &mut file,
        "servers",
        json!({ "name": "BH-T", "version": "Exchange2003", "routing_group": "T" }),
    );
    for (from, to) in [("A", "T"), ("T", "A")] {
        add(&mut file, "routing_group_connectors", between(from, to, 1));
    }
    let kept = "rg:R [A>R] rg:A > rg:B must; failure 780-, end 0-600; rg:A: A>R, rg:B: ";
    assert_eq!(under_way(&file, 1, 60), [kept]);
}

/// X hands to B and takes from D, Y hands to D and takes from B; B and D hear from each other through C.
fn two_sites() -> Value {
    let mut file = groups("E>B 1, E>D 1, B>E 1, D>E 1, B>A 1, D>A 1, C-A 5, B-C 5, C-D 5");
    file["sites"] = json!([{ "name": "E" }, { "name": "Y" }]);
    file["site_links"] = json!([{ "name": "E-Y", "sites": ["E", "Y"], "cost": 100 }]);
    let servers = file["servers"].as_array_mut().expect("servers");
    servers.push(json!({ "name": "H-Y", "version": "Exchange2010Sp1", "site": "Y" }));
    named(&mut file, "routing_group_connectors", "E>D")["source_servers"] = json!(["H-Y"]);
    named(&mut file, "routing_group_connectors", "B>E")["target_servers"] = json!(["H-Y"]);
    file
}

#[test] // LS-1.8: the documents give a session no time; LS-3.4: sites differ on ties.
fn groups_that_hear_one_after_another_circle_until_the_last_has_heard() {
    let file = two_sites();
    assert_eq!(told(&file, 2), NONE);
    assert_eq!(under_way(&file, 2, 0), NONE, "both hear at the same instant");
    let between = "rg:A [B>A, D>A] E > rg:B > Y > rg:D must; failure 780-810; rg:B: B>A, rg:D: D>A";
    assert_eq!(under_way(&file, 2, 30), [between]);
    assert_eq!(under_way(&file, 1, 30), NONE);
    // However slow sessions are, all news has arrived when the end begins.
    let slow = "rg:A [B>A, D>A] E > rg:B > Y > rg:D must; failure 780-3780; rg:B: B>A, rg:D: D>A";
    assert_eq!(under_way(&file, 2, 3000), [slow]);
}

#[test] // V29: failures that part the groups keep news from some of them.
fn failures_that_part_the_groups_keep_news_back() {
    // The joint of B or of D with C, and what B and D have lost. When the joint is back they compare tables at once.
    let parted = [
        "rg:A [B>A, B>C, C>B, D>A] E > rg:B > Y > rg:D must; failure 780-; rg:B: B>A B>C, rg:D: C>B D>A",
        "rg:A [B>A, C>D, D>A, D>C] E > rg:B > Y > rg:D must; failure 780-; rg:B: B>A C>D, rg:D: D>A D>C",
    ];
    let file = two_sites();
    assert_eq!(under_way(&file, 4, 0), parted);
    assert_eq!(under_way(&file, 3, 0), NONE);
}

#[test]
fn a_bound_is_told() {
    let bounds = Bounds {
        checks_max: 3,
        ..setting(2).bounds
    };
    let told = follow(&two_sites(), bounds, 30, |_, found| {
        (found.checked, found.reached.clone())
    });
    assert_eq!(told, (3, BTreeSet::from([Bound::Checks])));
}

/// Sets whose news was followed, tried ones, and whether no bound was reached.
fn run_of(file: &Value, most: usize, wait: u64) -> (usize, u64, bool) {
    follow(file, setting(most).bounds, wait, |_, found| {
        (found.runs, found.checked, found.complete())
    })
}

#[test]
fn every_set_is_followed_once() {
    // Where sessions take a while: nothing, each of the ten connectors of legacy groups, and each pair of them.
    let (runs, _, complete) = run_of(&two_sites(), 2, 30);
    assert_eq!((runs, complete), (1 + 10 + 45, true));
}

#[test]
fn too_many_cuts_are_a_bound_where_they_are_looked_for() {
    // A ring of 70 joints of one connector each: more than 50,000 sets of three.
    let ring: Vec<String> = (0..70).map(|at| format!("G{at}>G{} 1", (at + 1) % 70)).collect();
    let ring = groups(&ring.join(", "));
    assert_eq!(run_of(&ring, 3, 0), (0, 0, false));
    assert_eq!(run_of(&ring, 2, 0), (0, 0, true));
    // Sessions that take a while need no cuts, and nothing can loop where no group is entered over a seam.
    assert_eq!(run_of(&ring, 3, 30), (0, 0, true));
}
