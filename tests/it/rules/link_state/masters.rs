//! Groups with and without a working master, and with servers that can be none (LS-1.5, LS-6.22).

use bridgehead::linkstate::{MasterState, StateVersion};
use bridgehead::model::GroupRef;

use super::{Run, TRIANGLE, legacy, two_servers};
use crate::support::org;

#[test]
fn ls_6_22_without_its_master_a_group_freezes_and_elects_nobody() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    run.at(0, "fail L-M").until(900);
    assert_eq!(run.believes("K"), "L-M");
    run.at(1000, "stop K-MASTER").until(1000);
    let before = run.table("K-BH").clone();
    // Neither what happens here nor what happens elsewhere arrives; nobody takes over.
    run.at(1100, "fail K-L")
        .at(1100, "recover L-M")
        .at(1100, "change K-M")
        .until(20_000);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("L-M".to_owned(), String::new())
    );
    assert_eq!(*run.table("K-BH"), before);
    assert_eq!(
        run.state.master(run.group("K")),
        MasterState::Lost(run.server("K-MASTER"))
    );
    // REBUILD: the members are asked, what waited is told at once, and what others know is heard.
    run.at(20_000, "start K-MASTER").until(20_000);
    assert_eq!(
        (run.believes("K"), run.believes("L"), run.believes("M")),
        ("K-L".into(), "K-L".into(), "K-L".into())
    );
    assert_eq!(run.told("K learns"), ["5:33:20 K learns K-M 1"]);
    assert_eq!(run.version("BH-L", "K"), "2.0.0");
}

#[test]
fn another_server_may_be_appointed_when_the_master_is_lost_or_gone() {
    let case = two_servers("K-MASTER", "K-BH");
    for (verb, entries) in [
        ("stop K-MASTER", vec![]),
        ("remove-master K", vec!["0:00:10 K logs 958"]),
    ] {
        let mut run = Run::new(&case);
        run.at(10, verb).at(20, "fail K-L").until(5000);
        assert_eq!(run.told("958"), entries, "{verb}");
        assert_eq!(run.believes("K"), "", "{verb}");
        run.at(5000, "appoint K BH-L").until(6000);
        assert_eq!(run.believes("K"), "", "{verb}: a server of another group can't be it");
        run.at(6000, "appoint K K-BH").until(6000);
        assert_eq!(
            (run.believes("K"), run.believes("M")),
            ("K-L".into(), "K-L".into()),
            "{verb}"
        );
        let entry = run.table("BH-M").entry(GroupRef::Legacy(run.group("K"))).clone();
        assert_eq!(
            (entry.master, entry.version),
            (Some(run.server("K-BH")), StateVersion::new(1, 1, 0))
        );
        let connected: Vec<bool> = entry.members.iter().map(|member| member.connected).collect();
        assert_eq!(connected, [true, verb != "stop K-MASTER"], "{verb}");
    }
    // In a file nobody is `master: ""`.
    let mut nobody = Run::new(&case);
    nobody.until(0);
    assert_eq!(nobody.told("958"), Vec::<String>::new());
    let case = org(r#"
        servers: [(name: "BH-K", version: Exchange2003, routing_group: "K")],
        routing_groups: [(name: "K", master: "")],"#);
    assert_eq!(Run::new(&case).told("logs"), ["0:00:00 K logs 958"]);
}

#[test]
fn a_master_alone_counts_on_from_what_others_remember_of_it() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L")
        .at(1000, "stop BH-K")
        .at(2000, "start BH-K")
        .until(1999);
    assert_eq!(run.version("BH-M", "K"), "1.1.0");
    assert!(run.believes("M").contains("K-L"));
    // It has forgotten that the connector is down and finds out anew; what it says at once replaces what M had.
    run.until(2000);
    assert_eq!(
        (run.version("BH-K", "K"), run.version("BH-M", "K")),
        ("1.1.1".into(), "1.1.1".into())
    );
    assert!(!run.believes("M").contains("K-L"), "{}", run.believes("M"));
    run.until(2780);
    assert_eq!((run.believes("K"), run.believes("M")), ("K-L".into(), "K-L".into()));
}

#[test]
fn a_group_of_5_5_servers_knows_its_own_failed_connectors_and_servers_of_2007_have_no_table() {
    let case = |only: bool| {
        org(&format!(
            r#"sites: [(name: "A")],
            servers: [
                (name: "BH-K", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L"),
                (name: "HUB", version: Exchange2010Sp3, site: "A"),
                (name: "OLD", version: Exchange55, routing_group: "O", least_cost_only: {only})],
            routing_groups: [(name: "K"), (name: "L"), (name: "O")],
            routing_group_connectors: [
                (name: "K-L", from: "K", to: "L"), (name: "K-L/2", from: "K", to: "L"), (name: "L-K", from: "L", to: "K"),
                (name: "K-O", from: "K", to: "O"), (name: "O-K", from: "O", to: "K"), (name: "O-L", from: "O", to: "L")],"#
        ))
    };
    for (only, own) in [(false, "O-L"), (true, "")] {
        let case = case(only);
        let mut run = Run::new(&case);
        run.at(0, "fail O-L").at(0, "fail K-L").until(3600);
        let beliefs = [run.believes("O"), run.believes("K"), run.believes("L")];
        assert_eq!(beliefs, [own, "K-L", "K-L"], "least_cost_only: {only}");
        for server in ["OLD", "HUB"] {
            assert_eq!(run.state.table(run.server(server)), None, "{server}");
        }
        assert_eq!(run.state.master(run.group("O")), MasterState::NoTables);
        assert_eq!(run.told("logs"), ["0:13:00 K logs 974"]);
    }
}
