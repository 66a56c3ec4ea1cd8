//! How news travels: from a bridgehead to its master, to the members, to the next group, and from the directory (LS-m1 to LS-m5).

use std::time::Duration;

use bridgehead::linkstate::{Conduct, Timers};

use super::{Run, TRIANGLE, legacy, two_servers};
use crate::support::{coexistence, org};

#[test]
fn ls_m1_m2_m3_carry_a_state_from_the_bridgehead_over_the_master_to_the_next_group() {
    let case = two_servers("K-MASTER", "K-BH");
    let timers = Timers {
        within_group: Duration::from_secs(2),
        on_session: Some(Duration::from_secs(30)),
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail K-L");
    // m1 takes 2 s to the master, who waits 600 s.
    run.until(781);
    assert_eq!(run.believes("K"), "");
    run.until(782);
    assert_eq!(
        (run.believes("K"), run.version("K-MASTER", "K")),
        ("K-L".into(), "1.1.0".into())
    );
    // m2: the member has the whole table 2 s later.
    assert_eq!(run.version("K-BH", "K"), "1.0.0");
    run.until(784);
    assert_eq!(run.table("K-BH"), run.table("K-MASTER"));
    // m3: with the session that its bridgehead opens 30 s later.
    run.until(813);
    assert_eq!(run.believes("M"), "");
    run.until(814);
    assert_eq!((run.believes("L"), run.believes("M")), ("K-L".into(), "K-L".into()));
    assert_eq!(run.table("BH-M").digest(), run.table("K-MASTER").digest());
}

#[test]
fn ls_m3_mail_opens_the_session_when_nothing_else_does() {
    let case = legacy(&TRIANGLE);
    let timers = Timers {
        on_session: None,
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail K-L")
        .at(2000, "session K-M")
        .at(3000, "session K-L")
        .until(1999);
    assert_eq!((run.believes("K"), run.believes("M")), ("K-L".into(), String::new()));
    run.until(2000);
    assert_eq!((run.believes("M"), run.believes("L")), ("K-L".into(), String::new()));
    run.until(4000);
    assert_eq!(run.believes("L"), "", "the connector that has failed carries nothing");
    run.at(4000, "session L-M").until(4000);
    assert_eq!(run.believes("L"), "K-L");
}

#[test]
fn ls_m4_a_master_hears_of_its_own_group_at_once_and_of_others_when_it_looks() {
    // Two islands, joined through the 2007 group only.
    let case = coexistence(
        "site(A)",
        "HUB=2007Sp1@A",
        &["E-K 1 HUB", "K-E 1 HUB", "E-L 1 HUB", "L-E 1 HUB", "K-M 1", "M-K 1"],
        "",
    );
    let mut run = Run::new(&case);
    run.at(600, "change K-M").until(7200);
    assert_eq!(run.told("version"), ["0:10:00 K version 2.0.0"]);
    assert_eq!(
        run.told("learns"),
        [
            "0:10:00 K learns K-M 1",
            "0:10:00 M learns K-M 1",
            "1:00:00 L learns K-M 1"
        ]
    );
    assert_eq!(run.version("BH-L", "K"), "1.0.0", "the version never crosses");
}

#[test]
fn ls_m5_a_server_reads_the_directory_when_it_starts_and_then_what_its_master_has() {
    let case = two_servers("K-MASTER", "K-BH");
    let timers = Timers {
        within_group: Duration::from_secs(1),
        on_session: Some(Duration::from_secs(5)),
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail L-M").at(1000, "stop K-BH").until(999);
    assert_eq!(run.version("K-MASTER", "L"), "1.1.0");
    run.until(1000);
    assert_eq!(run.state.table(run.server("K-BH")), None);
    run.at(1100, "start K-BH").until(1100);
    assert_eq!(
        (run.version("K-BH", "L"), run.table("K-BH").down().len()),
        ("0.0.0".into(), 0)
    );
    run.until(1102);
    assert_eq!(
        (run.version("K-BH", "L"), run.table("K-BH").down().len()),
        ("1.1.0".into(), 1)
    );
    assert_eq!(run.table("K-BH"), run.table("K-MASTER"));
    // Gone and back: two user versions of its group.
    assert_eq!(
        run.told("K version"),
        ["0:16:41 K version 1.0.1", "0:18:21 K version 1.0.2"]
    );
    // Alone it has the directory and nothing else.
    run.at(2000, "stop K-MASTER")
        .at(2100, "stop K-BH")
        .at(2200, "start K-BH")
        .until(2199);
    assert_eq!(run.believes("K"), "L-M");
    run.until(4000);
    assert_eq!(run.believes("K"), "");
    assert_eq!(run.version("K-BH", "L"), "0.0.0");
}

#[test]
fn a_bridgehead_that_stops_counts_as_one_that_has_failed() {
    let case = |sources: &str| {
        org(&format!(
            r#"servers: [
                (name: "K1", version: Exchange2003, routing_group: "K"),
                (name: "K2", version: Exchange2003, routing_group: "K"),
                (name: "K3", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L")],
            routing_groups: [(name: "K", master: "K1"), (name: "L")],
            routing_group_connectors: [
                (name: "K-L", from: "K", to: "L", source_servers: {sources}),
                (name: "K-L/2", from: "K", to: "L", source_servers: ["K1"]), (name: "L-K", from: "L", to: "K")],"#
        ))
    };
    let alone = case(r#"["K2"]"#);
    let mut run = Run::new(&alone);
    run.at(0, "stop K2").until(3600);
    assert_eq!(
        run.told("believes"),
        ["0:10:00 K believes K-L", "0:10:00 L believes K-L"]
    );
    // With a second one the connector is up until that has failed as well.
    let two = case(r#"["K2", "K3"]"#);
    let mut run = Run::new(&two);
    run.at(0, "stop K2").until(3600);
    assert_eq!(run.believes("K"), "");
    run.at(3600, "fail K-L").until(7200);
    assert_eq!(
        run.told("believes"),
        ["1:13:00 K believes K-L", "1:13:00 L believes K-L"]
    );
    run.at(7200, "recover K-L").until(10_000);
    assert_eq!(run.believes("K"), "", "one that works is enough");
}

#[test]
fn link_state_does_not_pass_a_blocked_port_a_5_5_bridgehead_or_a_group_without_master() {
    let case = |middle: &str, group: &str| {
        org(&format!(
            r#"servers: [
                (name: "BH-K", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L"),
                (name: "BH-M", {middle}, routing_group: "M")],
            routing_groups: [(name: "K"), (name: "L"), (name: "M"{group})],
            routing_group_connectors: [
                (name: "K-M", from: "K", to: "M"), (name: "K-M/2", from: "K", to: "M"), (name: "M-K", from: "M", to: "K"),
                (name: "M-L", from: "M", to: "L"), (name: "L-M", from: "L", to: "M"), (name: "L-M/2", from: "L", to: "M")],"#
        ))
    };
    let settled = Timers {
        conduct: Conduct::Settled,
        ..Timers::default()
    };
    for (why, middle, group, middle_hears, end_hears, end_settles) in [
        ("2003", "version: Exchange2003", "", "K-M", "K-M", "K-M"),
        (
            "blocked",
            "version: Exchange2003, link_state_blocked: true",
            "",
            "",
            "",
            "",
        ),
        ("5.5", "version: Exchange55", "", "", "", ""),
        ("no master", "version: Exchange2003", r#", master: """#, "", "", "K-M"),
        ("stale", "version: Exchange2003", ", stale: true", "", "", "K-M"),
    ] {
        let case = case(middle, group);
        let mut run = Run::new(&case);
        run.at(0, "fail K-M").until(7200);
        let heard = (run.believes("M"), run.believes("L"));
        assert_eq!(heard, (middle_hears.into(), end_hears.into()), "{why}");
        let mut run = Run::with(&case, settled.clone());
        run.at(0, "fail K-M").until(7200);
        let heard = (run.believes("M"), run.believes("L"));
        assert_eq!(heard, (middle_hears.into(), end_settles.into()), "{why}, settled");
    }
}
