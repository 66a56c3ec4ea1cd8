//! What happens when something is down (R6, R34, R35, RT-2.4, D38 to D40).

use crate::support::{coexistence, graph, graph_fields, org, servers};

#[test]
fn what_is_down_itself_neither_delivers_nor_hands_on() {
    let case = coexistence("A-B 1", "A1=2010Sp3@A, A2=2007Sp1@A, B1=2010Sp3@B", &["K-E 1 A1"], "");
    let told = |from: &str, to: &str, down: &str| {
        let answer = case.from(from).to(to).down(down).answer();
        (answer.outcome().to_owned(), answer.queued_at(), answer.tried())
    };
    let waits = |at: &str| ("queue".to_owned(), at.to_owned(), String::new());
    assert_eq!(told("A", "A", "site:A"), waits("A"), "mail of its own waits as well");
    assert_eq!(told("A", "B", "site:A"), waits("A"));
    assert_eq!(told("rg:K", "rg:K", "server:BH-K"), waits("rg:K"));
    // As long as one of its transport servers is up, a site works; a server that was asked as itself does not.
    assert_eq!(told("A", "A", "server:A1").0, "deliver");
    assert_eq!(told("A", "B", "server:A2").0, "route");
    assert_eq!(told("server:A2", "B", "server:A2"), waits("A"));
    // What would not have gone anywhere does not wait.
    assert_eq!(told("A", "rg:K", "site:A").0, "unreachable");
}

#[test]
fn a_site_answers_while_one_of_its_servers_is_up_and_the_way_there_is_open() {
    let case = org(&format!(
        "{}{}",
        graph_fields("A-B 1, B-C 1"),
        servers("A1=2010Sp3@A, B1=2010Sp3@B, C1=2010Sp3@C, C2=2010Sp3@C, BOX=2010Sp3+Mailbox@C")
    ));
    let queued = |down: &[&str]| {
        let ask = down.iter().fold(case.from("A").to("C"), |ask, down| ask.down(down));
        ask.answer().queued_at()
    };
    assert_eq!(queued(&["server:C1"]), "");
    assert_eq!(
        queued(&["server:C1", "server:C2"]),
        "B",
        "a mailbox server takes no relayed mail"
    );
    assert_eq!(queued(&["site:C"]), "B");
    assert_eq!(queued(&["link:B-C"]), "B");
    assert_eq!(
        queued(&["link:A-B"]),
        "A",
        "nothing passes the link, not even towards C"
    );
    assert_eq!(queued(&["site:B"]), "", "direct relay does not need B");
}

#[test]
fn the_holder_routes_anew_and_goes_on() {
    // A cannot reach D over the broken link, B takes the mail; from B the hub site C is next, and it is down as well.
    let case = graph("A-B 1, B-C 1, C-D 1, hub(C)");
    let answer = case.from("A").to("D").down("site:C").answer();
    assert_eq!((answer.queued_at().as_str(), answer.tried().as_str()), ("B", "C, B"));
    // With all up on the way to the hub site it gets as far as there.
    let answer = case.from("A").to("D").down("site:D").answer();
    assert_eq!((answer.queued_at().as_str(), answer.tried().as_str()), ("C", "C, D"));
}

#[test]
fn mail_waits_at_the_source_site_of_a_connector_that_is_down() {
    let case = org(&format!(
        "{}{}connectors: [
            (name: \"Narrow\", kind: Send, source_servers: [\"B1\"], address_spaces: [\"x.example\"]),
            (name: \"Wide\", kind: Send, source_servers: [\"A1\"], address_spaces: [\"*\"])],",
        graph_fields("A-B 1"),
        servers("A1=2010Sp3@A, B1=2010Sp3@B, B2=2010Sp3@B")
    ));
    for down in ["connector:Narrow", "server:B1"] {
        let answer = case.from("A").to("ann@x.example").down(down).answer();
        // State is no criterion: the connector that is up is not taken instead.
        assert_eq!(
            (answer.connector(), answer.outcome(), answer.queued_at().as_str()),
            ("Narrow", "queue", "B"),
            "{down}"
        );
    }
    // With the whole site down it does not even get there.
    let answer = case.from("A").to("ann@x.example").down("site:B").answer();
    assert_eq!(answer.queued_at(), "A");
}

#[test]
fn mail_for_legacy_waits_before_a_connector_that_is_down() {
    let case = coexistence("A-B 1", "A1=2007Sp1@A, B1=2007Sp1@B", &["E-L 1 B1", "E-L/2 2 A1"], "");
    for down in ["connector:E-L", "server:B1", "server:BH-L"] {
        let answer = case.from("A").to("rg:L").down(down).answer();
        let waits = if down == "server:B1" { "A" } else { "B" };
        assert_eq!(
            (answer.outcome(), answer.queued_at().as_str()),
            ("queue", waits),
            "{down}"
        );
        assert_eq!(answer.links(), "A-B, E-L", "{down}: never the other connector");
    }
    // From the source site: the group is tried, and the mail stays.
    let answer = case.from("B").to("rg:L").down("connector:E-L").answer();
    assert_eq!((answer.queued_at().as_str(), answer.tried().as_str()), ("B", "rg:L"));
}

#[test]
fn legacy_chooses_around_what_is_down() {
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["K-L 1", "K-M 5", "M-L 5"], "");
    let answer = case.from("rg:K").to("rg:L").down("connector:K-L").answer();
    assert_eq!((answer.outcome(), answer.links().as_str()), ("route", "K-M, M-L"));
    // All bridgeheads of one end are down: so is every connector there, and the mail waits where it is.
    let answer = case.from("rg:K").to("rg:L").down("server:BH-L").answer();
    assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("queue", "rg:K"));
    // What never had a way is unreachable, not queued.
    let answer = case.from("rg:L").to("rg:K").down("server:BH-K").answer();
    assert_eq!(answer.outcome(), "unreachable");
}

#[test]
fn a_loop_between_versions_is_not_taken_for_a_way_that_works() {
    // RTM does not see the X.400 connector behind A and sends by B; SP1 does, and sends by A (R72).
    let case = coexistence(
        "A-B 10",
        "A1=2007Rtm@A, B1=2007Sp1@B",
        &["E-K 1 A1", "K-M 1 + kind: X400", "E-L 10 B1", "L-M 10"],
        "",
    );
    let told = |down: Option<&str>| {
        let ask = down.iter().fold(case.from("A").to("rg:M"), |ask, down| ask.down(down));
        let answer = ask.answer();
        // The sender hands it on: that it comes back is nothing that it could know.
        assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("route", ""));
        answer.disagreement()
    };
    assert_eq!(told(None), "loop A, B");
    assert_eq!(told(Some("connector:L-M")), "loop A, B");
    let same_version = coexistence(
        "A-B 10",
        "A1=2007Sp1@A, B1=2007Sp1@B",
        &["E-K 1 A1", "K-M 1 + kind: X400", "E-L 10 B1", "L-M 10"],
        "",
    );
    assert_eq!(same_version.from("B").to("rg:M").answer().disagreement(), "");
}

#[test]
fn a_site_that_sees_no_way_on_is_named() {
    // The only way to M is an X.400 connector: B sees it, and the hub site A on the way to it does not (R72).
    let case = coexistence(
        "A-B 10, A-C 10, hub(A)",
        "A1=2007Rtm@A, B1=2007Sp1@B, C1=2007Sp1@C",
        &["E-K 1 C1", "K-M 1 + kind: X400"],
        "",
    );
    let answer = case.from("B").to("rg:M").answer();
    assert_eq!((answer.outcome(), answer.next_hop().as_str()), ("route", "A"));
    assert_eq!(answer.disagreement(), "no_way A");
    assert_eq!(case.from("A").to("rg:M").answer().outcome(), "unreachable");
}

#[test]
fn a_2007_sender_does_not_know_of_down_states_behind_the_first_connector() {
    // Straight to L for 5 would get through; the least-cost path for 2 stays, and the mail waits behind it.
    let case = coexistence("site(A)", "A1=2007Sp1@A", &["E-K 1 A1", "K-L 1", "E-L 5 A1"], "");
    let answer = case.from("A").to("rg:L").down("connector:K-L").answer();
    assert_eq!(answer.links(), "E-K, K-L");
    assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("queue", "rg:K"));
    // Where K has another way, it knows and takes it.
    let case = coexistence(
        "site(A)",
        "A1=2007Sp1@A",
        &["E-K 1 A1", "K-L 1", "E-L 5 A1", "K-M 9", "M-L 9"],
        "",
    );
    let answer = case.from("A").to("rg:L").down("connector:K-L").answer();
    assert_eq!((answer.outcome(), answer.links().as_str()), ("route", "E-K, K-L"));
}

#[test]
fn legacy_mail_enters_by_a_target_server_that_is_up() {
    // D15: by the lowest name; RT-2.10: a server that does not answer is passed over.
    let case = coexistence(
        "A-D 1, B-D 5, C-D 9",
        "A1=2007Sp1@A, B1=2007Sp1@B, C1=2007Sp1@C, D1=2007Sp1@D",
        &["L-E 1 + target_servers: [\"A1\", \"B1\", \"C1\"]"],
        "",
    );
    let entry = |down: &[&str]| {
        let ask = down.iter().fold(case.from("rg:L").to("D"), |ask, down| ask.down(down));
        let answer = ask.answer();
        (answer.path(), answer.cost(), answer.ambiguous())
    };
    let by = |site: &str, cost: u64, ambiguous: bool| (format!("rg:L > {site} > D"), (1, cost), ambiguous);
    assert_eq!(entry(&[]), by("A", 1, true));
    assert_eq!(entry(&["site:A"]), by("B", 5, true));
    assert_eq!(entry(&["server:A1", "site:B"]), by("C", 9, false));
    assert_eq!(entry(&["site:B"]), by("A", 1, true));
    // With none left the connector is down, and the mail waits before it (D40).
    let all = ["site:A", "site:B", "site:C"];
    let ask = all.iter().fold(case.from("rg:L").to("D"), |ask, down| ask.down(down));
    let answer = ask.answer();
    assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("queue", "rg:L"));
}

#[test] // D40: with all up the mail would enter at A and go on to K; B, which A1's failure leaves, has no way to A.
fn mail_waits_where_there_would_be_a_way_if_the_server_of_the_entry_were_up() {
    let case = coexistence(
        "site(A), site(B)",
        "A1=2007Sp1@A, B1=2007Sp1@B",
        &["L-E 1 + target_servers: [\"A1\", \"B1\"]", "E-K 1 A1"],
        "",
    );
    assert_eq!(case.from("rg:L").to("rg:K").answer().path(), "rg:L > A > rg:K");
    let answer = case.from("rg:L").to("rg:K").down("server:A1").answer();
    assert_eq!((answer.outcome(), answer.queued_at().as_str()), ("queue", "rg:L"));
}

#[test]
fn a_specific_connector_that_is_down_still_beats_others_for_legacy() {
    let case = coexistence(
        "site(A)",
        "A1=2007Sp1@A",
        &["L-K 1", "L-E 1 A1"],
        r#"connectors: [
            (name: "Narrow", kind: LegacySmtp, routing_group: "K", source_servers: ["BH-K"], address_spaces: ["x.example"]),
            (name: "Wide", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["*"])],"#,
    );
    assert_eq!(case.from("rg:L").to("ann@x.example").answer().connector(), "Narrow");
    // Itself, its only server, the way to it: what became of it is told, and the contract's word stays the same.
    for (down, detail) in [
        ("connector:Narrow", "is down"),
        ("server:BH-K", "is down"),
        ("connector:L-K", "cannot be reached while that is down"),
    ] {
        let answer = case.from("rg:L").to("ann@x.example").down(down).answer();
        assert_eq!(
            (answer.outcome(), answer.queued_at().as_str()),
            ("queue", "rg:L"),
            "{down}"
        );
        assert_eq!(
            answer.considered(),
            ["Wide lost address_space", "Narrow excluded no_route"],
            "{down}"
        );
        assert_eq!(answer.json["considered"][1]["detail"], detail, "{down}");
    }
    assert_eq!(
        case.from("rg:L")
            .to("ann@y.example")
            .down("connector:Narrow")
            .answer()
            .connector(),
        "Wide"
    );
}
