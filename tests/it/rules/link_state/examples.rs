//! The documented anchors of link state as a process: tries, waits, leaves, suppression, and the hourly look (LS-1.4, LS-1.8, LS-6).

use super::{Run, TRIANGLE, legacy};
use crate::support::{Case, coexistence, org};

#[test]
fn ls_6_17_lw1_seattle_goes_by_tokyo_while_london_is_down() {
    let case = legacy(&[
        "Seattle-London 10",
        "London-Seattle 10",
        "London-Brussels 10",
        "Brussels-London 10",
        "Seattle-Tokyo 30",
        "Tokyo-Seattle 30",
        "Tokyo-Brussels 30",
        "Brussels-Tokyo 30",
    ]);
    let mut run = Run::new(&case);
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-London".to_owned(), 20));
    run.at(0, "stop BH-London").at(1000, "start BH-London").until(779);
    assert_eq!(run.believes("Seattle"), "", "the hold-down lasts 600 s");
    run.until(780);
    assert_eq!(run.believes("Seattle"), "Brussels-London Seattle-London");
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-Tokyo".to_owned(), 60));
    assert_eq!(
        run.told("974"),
        ["0:13:00 Brussels logs 974", "0:13:00 Seattle logs 974"]
    );
    // The probe after the recovery is the one at 1020 s; then the hold-down again.
    run.until(1619);
    assert_eq!(run.way("Seattle", "Brussels").0, "Seattle-Tokyo");
    run.until(1620);
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-London".to_owned(), 20));
    run.until(20_000);
    assert_eq!(
        run.told("Seattle believes"),
        [
            "0:13:00 Seattle believes Seattle-London",
            "0:13:00 Seattle believes Brussels-London Seattle-London",
            "0:27:00 Seattle believes Brussels-London",
            "0:27:00 Seattle believes",
        ]
    );
}

#[test]
fn ls_6_19_lw3_a_leaf_group_is_never_cut_off_by_link_state() {
    let spoke = [
        "Hub-Spoke 1",
        "Spoke-Hub 1",
        "Hub-K 1",
        "K-Hub 1",
        "Hub-L 1",
        "L-Hub 1",
        "K-L 1",
        "L-K 1",
    ];
    let case = legacy(&spoke);
    let mut run = Run::new(&case);
    run.at(0, "fail Hub-Spoke").until(7200);
    assert_eq!(run.told("logs"), ["0:03:00 Hub logs 994"]);
    assert_eq!(run.told("version"), Vec::<String>::new());
    assert_eq!(
        (run.version("BH-Hub", "Hub"), run.believes("Hub")),
        ("1.0.0".to_owned(), String::new())
    );
    let answer = case.from("rg:Hub").to("rg:Spoke").answer();
    assert_eq!(answer.links(), "Hub-Spoke", "no other way is looked for");
    let down = case.from("rg:Hub").to("rg:Spoke").down("connector:Hub-Spoke").answer();
    let waits = (down.outcome(), down.queued_at());
    assert_eq!(waits, ("queue", "rg:Hub".to_owned()), "the mail waits at the hub");

    let second: Vec<&str> = spoke.into_iter().chain(["K-Spoke 5"]).collect();
    let case = legacy(&second);
    let mut run = Run::new(&case);
    run.at(0, "fail Hub-Spoke").until(7200);
    assert_eq!(run.told("logs"), ["0:13:00 Hub logs 974"]);
    assert_eq!(run.told("version"), ["0:13:00 Hub version 1.1.0"]);
    for group in ["Hub", "Spoke", "K", "L"] {
        assert_eq!(run.believes(group), "Hub-Spoke", "{group}");
    }
}

/// A chain A, X, B whose middle suppresses state changes; A and B have ways besides, so that no group is a leaf.
fn suppressed_middle() -> Case {
    org(r#"
        servers: [
            (name: "BH-A", version: Exchange2003, routing_group: "A"),
            (name: "BH-A2", version: Exchange2003, routing_group: "A2"),
            (name: "BH-B", version: Exchange2003, routing_group: "B"),
            (name: "BH-X", version: Exchange2003, routing_group: "X", suppress_state_changes: true)],
        routing_groups: [(name: "A"), (name: "A2"), (name: "B"), (name: "X")],
        routing_group_connectors: [
            (name: "A-A2", from: "A", to: "A2"), (name: "A2-A", from: "A2", to: "A"), (name: "A-A2/2", from: "A", to: "A2"),
            (name: "A-X", from: "A", to: "X"), (name: "X-A", from: "X", to: "A"),
            (name: "X-B", from: "X", to: "B"), (name: "B-X", from: "B", to: "X"), (name: "X-B/2", from: "X", to: "B")],"#)
}

#[test]
fn ls_6_21_suppression_silences_a_server_about_its_own_connectors_only() {
    let case = suppressed_middle();
    let mut run = Run::new(&case);
    run.at(0, "fail X-B")
        .at(0, "fail A-A2")
        .at(1000, "change X-A")
        .until(7200);
    // m1 from X vanishes, though X goes on trying.
    assert!(run.told("BH-X X-B failed").len() > 100);
    // m2 and m3 pass through X all the same.
    for group in ["A", "X", "B"] {
        assert_eq!(run.believes(group), "A-A2", "{group}");
    }
    // So does the major version of its own group.
    assert_eq!(run.told("X version"), ["0:16:40 X version 2.0.0"]);
    assert_eq!(run.version("BH-A", "X"), "2.0.0");
    assert_eq!(run.told("B learns"), ["0:16:40 B learns X-A 1"]);
}

#[test]
fn ls_6_23_a_bridgehead_tries_at_0_60_120_180_and_then_every_60_seconds() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(301, "recover K-L").until(3600);
    assert_eq!(
        run.told("BH-K K-L"),
        [
            "0:00:00 BH-K K-L failed",
            "0:01:00 BH-K K-L failed",
            "0:02:00 BH-K K-L failed",
            "0:03:00 BH-K K-L failed",
            "0:04:00 BH-K K-L failed",
            "0:05:00 BH-K K-L failed",
            "0:06:00 BH-K K-L reached",
        ]
    );
    assert_eq!(
        run.told("believes"),
        Vec::<String>::new(),
        "down and up within the hold-down"
    );
}

#[test]
fn ls_6_24_legacy_learns_what_changes_in_the_2007_group_within_an_hour_or_when_its_master_restarts() {
    let case = coexistence(
        "site(A)",
        "HUB=2007Sp1@A",
        &["E-K 1 HUB", "K-E 1 HUB", "K-L 1", "L-K 1"],
        "",
    );
    let mut run = Run::new(&case);
    run.at(100, "change E-K")
        .at(1000, "stop BH-K")
        .at(1000, "start BH-K")
        .until(10_000);
    assert_eq!(run.told("learns"), ["0:16:40 K learns E-K 1", "1:00:00 L learns E-K 1"]);
    // Just after a look it takes the whole hour.
    run.at(10_801, "change E-K").until(20_000);
    assert_eq!(run.told("L learns E-K 2"), ["4:00:00 L learns E-K 2"]);
    assert_eq!(
        run.told("K learns E-K 2"),
        ["3:16:40 K learns E-K 2"],
        "since its restart"
    );
}
