//! Link state as a process, at single instants: what comes first, what is to come, and what changes nothing.

use bridgehead::linkstate::MasterState;
use bridgehead::model::{GroupRef, SimTime};

use super::{Run, TRIANGLE, legacy, two_servers};

#[test]
fn what_comes_next_is_known_until_nothing_comes() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    assert_eq!(run.state.next_at(), None);
    run.at(10, "fail K-L");
    assert_eq!(run.state.next_at(), Some(SimTime::from_secs(10)));
    run.until(10);
    assert_eq!(
        run.state.next_at(),
        Some(SimTime::from_secs(70)),
        "the first glitch retry"
    );
    run.at(75, "recover K-L").until(130);
    assert_eq!(run.state.next_at(), None);
}

#[test]
fn a_try_that_succeeds_as_the_wait_ends_comes_first() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    // Reported at 180 s, held until 780 s; the tenth probe is at 780 s too.
    run.at(0, "fail K-L").at(770, "recover K-L").until(5000);
    assert_eq!(
        run.told("BH-K K-L").last().expect("it tries"),
        "0:13:00 BH-K K-L reached"
    );
    assert_eq!(run.told("believes"), Vec::<String>::new());
}

#[test]
fn a_master_that_takes_over_again_logs_what_it_finds_down() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    run.at(0, "stop K-MASTER").at(100, "fail K-L").until(20_000);
    assert_eq!(run.told("974"), Vec::<String>::new());
    run.at(20_000, "start K-MASTER").until(20_000);
    assert_eq!(run.told("974"), ["5:33:20 K logs 974"]);
    // Up again while nobody leads: nothing to log.
    run.at(20_010, "stop K-MASTER")
        .at(20_020, "recover K-L")
        .at(30_000, "start K-MASTER")
        .until(30_000);
    assert_eq!((run.believes("K"), run.told("974").len()), (String::new(), 1));
}

#[test]
fn to_appoint_the_master_or_a_stopped_server_begins_nothing() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    run.at(10, "appoint K K-MASTER").until(100);
    assert_eq!(run.version("BH-L", "K"), "1.0.0", "it leads already");
    run.at(100, "stop K-BH").until(100);
    let before = run.version("BH-L", "K");
    run.at(200, "appoint K K-BH").until(200);
    assert_eq!(run.state.master(run.group("K")), MasterState::Lost(run.server("K-BH")));
    assert_eq!(run.version("BH-L", "K"), before, "nobody leads until it starts");
}

#[test]
fn the_connectors_of_a_bridgehead_come_up_again_with_it() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    run.at(0, "stop K-BH").until(3600);
    assert_eq!(run.believes("K"), "K-L K-M");
    run.at(3600, "start K-BH").until(10_000);
    assert_eq!((run.believes("K"), run.believes("L")), (String::new(), String::new()));
}

#[test] // LS-1.1: a table says of every member whether it is connected to the master.
fn the_master_notes_which_member_has_stopped_and_which_has_not() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    let members = |run: &Run<'_>| {
        let entry = run.table("BH-L").entry(GroupRef::Legacy(run.group("K")));
        let connected = entry.members.iter().map(|member| member.connected);
        connected.collect::<Vec<_>>()
    };
    // In name order: K-BH, K-MASTER.
    assert_eq!(members(&run), [true, true]);
    run.at(0, "stop K-BH").until(3600);
    assert_eq!(run.believes("K"), "K-L K-M");
    assert!(!run.table("K-MASTER").entry(GroupRef::Legacy(run.group("K"))).members[0].connected);
    run.at(3600, "start K-BH").until(10_000);
    assert_eq!(members(&run), [true, true]);
}

#[test] // LS-6.23: whoever is trying goes on in its own time, and a server that has stopped tries nothing.
fn a_second_fault_begins_no_second_series_of_tries() {
    let case = legacy(&TRIANGLE);
    let mut one_fault = Run::new(&case);
    one_fault.at(0, "fail K-L").until(180);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(30, "stop BH-L").until(180);
    assert_eq!(run.told("BH-K K-L").len(), 4);
    assert_eq!(run.told("BH-K K-L"), one_fault.told("BH-K K-L"));
    let mut run = Run::new(&case);
    run.at(0, "stop BH-K").at(10, "fail K-L").until(3600);
    assert_eq!(run.told("BH-K K-L"), Vec::<String>::new());
}
