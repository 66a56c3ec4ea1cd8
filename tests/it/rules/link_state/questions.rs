//! What the documents of link state leave open, and the exemptions: each setting changes what it says (LS-1.4, LS-1.8, LS-7).

use std::time::Duration;

use bridgehead::linkstate::{
    AfterReport, Aggregate, Availability, Bridgehead, ConnectorState, Damping, Options, Timers,
};
use bridgehead::model::{ServerIdx, SimTime, Version};

use super::{Run, TRIANGLE, legacy, two_servers};
use crate::support::{Case, coexistence, org};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// K with a master and a bridgehead of these versions, L and M of 2003, all joined.
fn versions(master: &str, bridgehead: &str) -> Case {
    org(&format!(
        r#"servers: [
            (name: "BH-L", version: Exchange2003, routing_group: "L"),
            (name: "BH-M", version: Exchange2003, routing_group: "M"),
            (name: "K1", version: Exchange{master}, routing_group: "K"),
            (name: "K2", version: Exchange{bridgehead}, routing_group: "K")],
        routing_groups: [(name: "K", master: "K1"), (name: "L"), (name: "M")],
        routing_group_connectors: [
            (name: "K-L", from: "K", to: "L", source_servers: ["K2"]), (name: "L-K", from: "L", to: "K"),
            (name: "K-M", from: "K", to: "M"), (name: "M-K", from: "M", to: "K"),
            (name: "L-M", from: "L", to: "M"), (name: "M-L", from: "M", to: "L")],"#
    ))
}

#[test]
fn q1_2003_reports_after_four_failures_and_2000_after_one() {
    // (master, bridgehead): when K believes it. The bridgehead's version decides on the report, the master's on the wait.
    for (master, bridgehead, when) in [
        ("2003", "2003", "0:13:00"),
        ("2003", "2000", "0:10:00"),
        ("2000", "2003", "0:03:00"),
        ("2000", "2000", "0:00:00"),
    ] {
        let case = versions(master, bridgehead);
        let mut run = Run::new(&case);
        run.at(0, "fail K-L").until(3600);
        assert_eq!(
            run.told("K believes"),
            [format!("{when} K believes K-L")],
            "{master} {bridgehead}"
        );
    }
    let case = versions("2003", "2003");
    let early = Timers {
        down_after_failures_2003: 1,
        ..Timers::default()
    };
    let mut run = Run::with(&case, early);
    run.at(0, "fail K-L").until(3600);
    assert_eq!(run.told("K believes"), ["0:10:00 K believes K-L"]);
}

#[test]
fn q1_a_bridgehead_counts_failures_in_a_row() {
    let timers = Timers::default();
    let mut bridgehead = Bridgehead::default();
    let mut attempt = |reached| {
        let after = bridgehead.attempt(reached, Version::Exchange2003, false, &timers);
        let known = bridgehead.availability(Version::Exchange2003, &timers);
        (known, after.report, after.retry_after.map(|wait| wait.as_secs()))
    };
    use Availability::{Available, Glitch, NotAvailable};
    assert_eq!(attempt(true), (Available, None, None));
    assert_eq!(attempt(false), (Glitch(1), None, Some(60)));
    assert_eq!(attempt(false), (Glitch(2), None, Some(60)));
    assert_eq!(attempt(true), (Available, None, None), "nothing was reported");
    assert_eq!(attempt(false), (Glitch(1), None, Some(60)));
    assert_eq!(attempt(false), (Glitch(2), None, Some(60)));
    assert_eq!(attempt(false), (Glitch(3), None, Some(60)));
    assert_eq!(attempt(false), (NotAvailable, Some(ConnectorState::Down), Some(60)));
    assert_eq!(attempt(false), (NotAvailable, None, Some(60)));
    assert_eq!(attempt(true), (Available, Some(ConnectorState::Up), None));
    // 2000 is there at once, and a server that suppresses state changes says nothing at all.
    let mut of_2000 = Bridgehead::default();
    let after = of_2000.attempt(false, Version::Exchange2000, false, &timers);
    assert_eq!(after.report, Some(ConnectorState::Down));
    let mut silent = Bridgehead::default();
    for reached in [false, false, false, false, false, true] {
        let after = silent.attempt(reached, Version::Exchange2003, true, &timers);
        assert_eq!(after.report, None);
    }
}

#[test]
fn ls_1_8_glitch_retries_and_probes_have_waits_of_their_own() {
    let case = legacy(&TRIANGLE);
    let timers = Timers {
        first_attempt: secs(5),
        glitch_wait: secs(10),
        glitch_count: 2,
        down_after_failures_2003: 2,
        down_probe: secs(100),
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail K-L").until(250);
    let attempts = ["0:00:05", "0:00:15", "0:00:25", "0:02:05", "0:03:45"].map(|at| format!("{at} BH-K K-L failed"));
    assert_eq!(run.told("BH-K K-L"), attempts);
    run.until(3600);
    assert_eq!(run.told("K believes"), ["0:10:15 K believes K-L"]);
}

#[test]
fn ls_1_8_what_the_defaults_are() {
    let timers = Timers::default();
    assert_eq!((timers.glitch_wait, timers.glitch_count), (secs(60), 3));
    assert_eq!(
        (timers.down_after_failures_2003, timers.down_after_failures_2000),
        (4, 1)
    );
    assert_eq!(
        (timers.minor_hold_2003, timers.minor_hold_2000),
        (secs(600), Duration::ZERO)
    );
    assert_eq!((timers.down_probe, timers.ad_poll), (secs(60), secs(3600)));
    assert_eq!((timers.damping, timers.both_ways), (Damping::HoldDown, true));
    assert_eq!(
        timers.options,
        Options {
            dns_always_up: true,
            exempt_without_alternative: false
        }
    );
}

#[test]
fn q2_the_master_holds_a_change_down_and_cancels_pairs() {
    let case = legacy(&TRIANGLE);
    let believed = |timers: Timers| {
        let mut run = Run::with(&case, timers);
        run.at(0, "fail K-L")
            .at(301, "recover K-L")
            .at(400, "fail K-L")
            .until(3600);
        run.told("K believes")
    };
    // Reported at 180, taken back at 360, reported again at 580.
    assert_eq!(believed(Timers::default()), ["0:19:40 K believes K-L"]);
    let window = Timers {
        damping: Damping::Window,
        ..Timers::default()
    };
    assert_eq!(believed(window), ["0:10:00 K believes K-L"]);
    let at_once = Timers {
        minor_hold_2003: Duration::ZERO,
        ..Timers::default()
    };
    assert_eq!(
        believed(at_once),
        ["0:03:00 K believes K-L", "0:06:00 K believes", "0:09:40 K believes K-L"]
    );
}

#[test]
fn q2_a_master_adds_its_bridgeheads_up() {
    let (one, two) = (ServerIdx::from_usize(1), ServerIdx::from_usize(2));
    let mut connector = Aggregate::new(&[one, two], None);
    let mut report = |server, available, at| {
        let hold = (Damping::HoldDown, secs(600));
        connector.report(server, available, SimTime::from_secs(at), hold, SimTime::ZERO)
    };
    assert_eq!(report(one, false, 10), AfterReport::Unchanged, "one of two");
    assert_eq!(report(two, false, 20), AfterReport::Waits(SimTime::from_secs(620)));
    assert_eq!(report(two, false, 30), AfterReport::Unchanged, "it waits already");
    assert_eq!(report(one, true, 619), AfterReport::Cancelled);
    assert_eq!(report(one, false, 620), AfterReport::Waits(SimTime::from_secs(1220)));
    assert_eq!(
        connector.wait_ends(SimTime::from_secs(620)),
        AfterReport::Unchanged,
        "that wait was cancelled"
    );
    assert_eq!(connector.state(), ConnectorState::Up);
    assert_eq!(
        connector.wait_ends(SimTime::from_secs(1220)),
        AfterReport::Changed(ConnectorState::Down)
    );
    assert_eq!(connector.rebuild(|server| server == two), ConnectorState::Up);
}

/// K, L, M in a triangle, with an SMTP connector to the outside from K.
fn outside(more: &str) -> Case {
    let connector = format!(
        r#"connectors: [(name: "Out", kind: LegacySmtp, routing_group: "K", source_servers: ["BH-K"],
            address_spaces: ["SMTP:*"]{more})],"#
    );
    coexistence("site(A)", "", &TRIANGLE, &connector)
}

#[test]
fn q3_ls_1_4_5_a_connector_that_looks_up_domains_is_always_up() {
    let down_with = |more: &str, dns_always_up: bool| {
        let case = outside(more);
        let options = Options {
            dns_always_up,
            ..Options::default()
        };
        let timers = Timers {
            options,
            ..Timers::default()
        };
        let mut run = Run::with(&case, timers);
        run.at(0, "fail Out").until(3600);
        (run.believes("K"), run.believes("M"), run.told("logs"))
    };
    let nothing = (String::new(), String::new(), vec![]);
    let down = (
        "Out".to_owned(),
        "Out".to_owned(),
        vec!["0:13:00 K logs 974".to_owned()],
    );
    assert_eq!(down_with("", true), nothing);
    assert_eq!(down_with("", false), down);
    assert_eq!(down_with(r#", smart_hosts: ["relay.example"]"#, true), down);
}

#[test]
fn q4_ls_1_4_2_without_an_alternative_a_connector_is_exempt_only_when_told_so() {
    // Two triangles, joined at K and X alone: neither is a leaf.
    let joined: Vec<&str> = TRIANGLE
        .into_iter()
        .chain(["K-X 1", "X-K 1", "X-Y 1", "Y-X 1", "X-Z 1", "Z-X 1", "Y-Z 1", "Z-Y 1"])
        .collect();
    let case = legacy(&joined);
    for (exempt_without_alternative, believed) in [(false, "K-L K-X"), (true, "K-L")] {
        let options = Options {
            exempt_without_alternative,
            ..Options::default()
        };
        let timers = Timers {
            options,
            ..Timers::default()
        };
        let mut run = Run::with(&case, timers);
        run.at(0, "fail K-X").at(0, "fail K-L").until(3600);
        assert_eq!(run.believes("K"), believed, "{exempt_without_alternative}");
    }
}

#[test]
fn q5_ls_1_4_1_what_counts_at_a_leaf() {
    const HUB: &str = r#"routing_group: "L", source_servers: ["BH-L"], address_spaces: ["SMTP:*"]"#;
    let connector =
        |enabled: bool| format!(r#"connectors: [(name: "Out", kind: LegacySmtp, {HUB}, enabled: {enabled})],"#);
    let pair = ["K-L 1", "L-K 1", "K-M 1", "M-K 1"];
    let with = |more: &[&'static str]| pair.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    for (why, connectors, more, leaf) in [
        ("one pair of mirror images", with(&[]), String::new(), true),
        (
            "one connector and none back",
            vec!["K-L 1", "K-M 1", "M-K 1"],
            String::new(),
            true,
        ),
        (
            "one in, one out, but elsewhere",
            vec!["K-L 1", "L-M 1", "K-M 1", "M-K 1"],
            String::new(),
            false,
        ),
        ("a second one out", with(&["L-M 1"]), String::new(), false),
        (
            "the 2007 group counts",
            with(&["L-E 1 HUB", "E-L 1 HUB"]),
            String::new(),
            false,
        ),
        ("a connector to the outside counts", with(&[]), connector(true), false),
        ("a disabled one does not", with(&[]), connector(false), true),
    ] {
        let case = coexistence("site(A)", "HUB=2007Sp1@A", &connectors, &more);
        let mut run = Run::new(&case);
        run.at(0, "fail K-L").until(3600);
        let expect = if leaf {
            ("0:03:00 K logs 994", "")
        } else {
            ("0:13:00 K logs 974", "K-L")
        };
        assert_eq!(
            (run.told("logs").join(" "), run.believes("K")),
            (expect.0.into(), expect.1.into()),
            "{why}"
        );
    }
}

#[test]
fn ls_1_4_4_a_connector_of_the_2007_group_never_goes_down() {
    let case = coexistence(
        "site(A)",
        "HUB=2007Sp1@A",
        &["E-K 1 HUB", "K-E 1 HUB", "E-L 1 HUB", "L-E 1 HUB", "K-L 1", "L-K 1"],
        "",
    );
    let mut run = Run::new(&case);
    run.at(0, "fail E-K").at(0, "stop HUB").until(3600);
    // The legacy ends of what goes there find out, as of every target that does not answer.
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("K-E L-E".to_owned(), "K-E L-E".to_owned())
    );
    assert_eq!(run.told("HUB"), Vec::<String>::new());
}

/// K with three servers, of which the named ones suppress state changes; K1 is the master.
fn suppressed(names: &[&str], sources: &str) -> Case {
    let server = |name: &str| {
        let suppress = names.contains(&name);
        format!(r#"(name: "{name}", version: Exchange2003, routing_group: "K", suppress_state_changes: {suppress}),"#)
    };
    let servers: String = ["K1", "K2", "K3"].map(server).concat();
    org(&format!(
        r#"servers: [{servers} (name: "BH-L", version: Exchange2003, routing_group: "L")],
        routing_groups: [(name: "K", master: "K1"), (name: "L")],
        routing_group_connectors: [
            (name: "K-L", from: "K", to: "L", source_servers: {sources}),
            (name: "K-L/2", from: "K", to: "L", source_servers: ["K1"]), (name: "L-K", from: "L", to: "K")],"#
    ))
}

#[test]
fn q6_a_suppressed_master_still_publishes_what_others_report() {
    let case = suppressed(&["K1"], r#"["K2", "K3"]"#);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(0, "fail K-L/2").until(3600);
    // Its own one, K-L/2, fails unheard.
    assert_eq!(
        run.told("believes"),
        ["0:13:00 K believes K-L", "0:13:00 L believes K-L"]
    );
}

#[test]
fn r41_with_suppression_everywhere_mail_stays_on_the_least_cost() {
    let case = org(&format!(
        "servers: [{}], routing_groups: [{}], routing_group_connectors: [{}],",
        ["K", "L", "M"].map(|group| {
            format!(r#"(name: "BH-{group}", version: Exchange2003, routing_group: "{group}", suppress_state_changes: true),"#)
        })
        .concat(),
        ["K", "L", "M"].map(|group| format!(r#"(name: "{group}"),"#)).concat(),
        TRIANGLE
            .map(|name| {
                let (name, (from, to)) = (&name[..3], name[..3].split_once('-').expect("two ends"));
                format!(r#"(name: "{name}", from: "{from}", to: "{to}"),"#)
            })
            .concat(),
    ));
    let mut run = Run::new(&case);
    for connector in ["K-L", "L-M", "M-K"] {
        run.at(0, &format!("fail {connector}"));
    }
    run.until(86_400);
    assert_eq!(run.told("believes"), Vec::<String>::new());
    assert_eq!(run.told("version"), Vec::<String>::new());
    assert_eq!(run.way("K", "L"), ("K-L".to_owned(), 1), "though it has failed");
}

#[test]
fn q7_ls_1_4_3_one_suppressed_bridgehead_keeps_a_connector_up() {
    let case = suppressed(&["K3"], r#"["K2", "K3"]"#);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(1000, "stop K3").until(7200);
    assert_eq!(run.told("believes"), Vec::<String>::new());
    assert_eq!(run.told("logs"), Vec::<String>::new());
    // Not in effect: the services have not been restarted since.
    let case = org(r#"
        servers: [
            (name: "BH-K", version: Exchange2003, routing_group: "K", suppress_state_changes: true, suppression_in_effect: false),
            (name: "BH-L", version: Exchange2003, routing_group: "L")],
        routing_groups: [(name: "K"), (name: "L")],
        routing_group_connectors: [
            (name: "K-L", from: "K", to: "L"), (name: "K-L/2", from: "K", to: "L"), (name: "L-K", from: "L", to: "K")],"#);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").until(7200);
    assert_eq!(run.believes("L"), "K-L");
}

#[test]
fn q11_in_one_session_both_sides_tell_what_they_know_better() {
    // Only K can open a session: nothing leads back from L.
    let case = legacy(&["K-L 1", "K-L/2 1", "K-M 1", "M-K 1", "L-M 1", "L-M/2 1"]);
    for (both_ways, hears) in [(true, "L-M"), (false, "")] {
        let timers = Timers {
            on_session: None,
            both_ways,
            ..Timers::default()
        };
        let mut run = Run::with(&case, timers);
        run.at(0, "fail L-M")
            .at(0, "fail K-M")
            .at(2000, "session K-L")
            .until(2000);
        assert_eq!(run.believes("L"), "K-M L-M", "what the opening side knows");
        let heard = if both_ways {
            format!("K-M {hears}")
        } else {
            "K-M".to_owned()
        };
        assert_eq!(run.believes("K"), heard, "{both_ways}");
    }
    // With sessions in both directions nothing is lost.
    let case = two_servers("K-MASTER", "K-BH");
    let timers = Timers {
        both_ways: false,
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail L-M").until(3600);
    assert_eq!(
        (run.believes("K"), run.believes("M")),
        ("L-M".to_owned(), "L-M".to_owned())
    );
}

#[test]
fn q15_a_schedule_that_never_opens_is_no_down_state() {
    let case = legacy(&[
        "K-L 1 + restrictions: (schedule: Never)",
        "L-K 1",
        "K-M 1",
        "M-K 1",
        "L-M 1",
        "M-L 1",
    ]);
    let mut run = Run::new(&case);
    run.until(7200);
    assert_eq!((run.believes("K"), run.told("failed")), (String::new(), vec![]));
    let state = run
        .table("BH-M")
        .entry(bridgehead::model::GroupRef::Legacy(run.group("K")));
    let entry = state.connector(run.connector("K-L")).expect("it is in the table");
    assert_eq!(entry.state, ConnectorState::Up);
    // It is not used all the same.
    assert_eq!(case.from("rg:K").to("rg:L").answer().links(), "K-M, M-L");
}

#[test]
fn q18_news_flows_against_the_direction_of_a_connector() {
    // K-L has failed; what is left between the two leads from L to K.
    let case = legacy(&["K-L 1", "L-K 1", "K-L/2 1"]);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(0, "fail K-L/2").until(3600);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("K-L K-L/2".to_owned(), "K-L K-L/2".to_owned())
    );
    // With nothing left the news waits for the first connection that succeeds again.
    let mut run = Run::new(&case);
    for connector in ["K-L", "L-K", "K-L/2"] {
        run.at(0, &format!("fail {connector}"));
    }
    run.at(1010, "recover L-K").until(1019);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("K-L K-L/2".to_owned(), "L-K".to_owned())
    );
    run.until(1020);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("K-L K-L/2 L-K".to_owned(), "K-L K-L/2 L-K".to_owned())
    );
    run.until(3600);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("K-L K-L/2".to_owned(), "K-L K-L/2".to_owned())
    );
}
