//! The documented answer of every worked example in `topologies/`, literally and independent of the snapshots.

use bridgehead::delivery::round_robin;
use bridgehead::model::{ServerIdx, SiteIdx};

use super::support::topology;

#[test]
fn rw1_least_cost() {
    let case = topology("rw1-least-cost/topology.ron");
    let answer = case.from("A").to("D").answer();
    assert_eq!(answer.path(), "A > C > D");
    assert_eq!(answer.cost(), (0, 10));
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("D", "direct"));
    assert_eq!(answer.decided_by(), "cost");
}

#[test]
fn rw5_name_tie() {
    let answer = topology("rw5-name-tie/topology.ron").from("A").to("D").answer();
    assert_eq!(answer.path(), "A > B > D");
    assert_eq!((answer.cost(), answer.hops()), ((0, 10), 2));
    assert_eq!(answer.decided_by(), "name");
}

#[test]
fn rw6_direct_relay() {
    let case = topology("rw6-direct-relay/topology.ron");
    let answer = case.from("A").to("D").answer();
    assert_eq!(answer.path(), "A > C > D");
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("D", "direct"));
    assert_eq!(answer.backoff(), "C");
    let answer = case.from("A").to("D").down("site:D").answer();
    assert_eq!(
        (answer.outcome(), answer.queued_at().as_str(), answer.tried().as_str()),
        ("queue", "C", "D, C")
    );
}

#[test]
fn rw7_hub_stop() {
    let case = topology("rw7-hub-stop/topology.ron");
    let answer = case.from("A").to("D").answer();
    assert_eq!(answer.path(), "A > C > D");
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("C", "hub_site"));
    let onward = case.from("C").to("D").answer();
    assert_eq!((onward.next_hop().as_str(), onward.relay()), ("D", "direct"));
    // A keeps retrying; it does not jump over the hub site.
    let answer = case.from("A").to("D").down("site:C").answer();
    assert_eq!(
        (answer.outcome(), answer.queued_at().as_str(), answer.tried().as_str()),
        ("queue", "A", "C")
    );
}

#[test]
fn rw9_chain_hub() {
    let case = topology("rw9-chain-hub/topology.ron");
    let answer = case.from("A").to("E").answer();
    assert_eq!(answer.path(), "A > B > C > D > E");
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("C", "hub_site"));
    let onward = case.from("C").to("E").answer();
    assert_eq!((onward.next_hop().as_str(), onward.relay()), ("E", "direct"));
}

#[test]
fn rw12_exchange_cost() {
    let case = topology("rw12-exchange-cost/ad-cost.ron");
    let answer = case.from("A").to("D").down("site:D").answer();
    assert_eq!((answer.path().as_str(), answer.cost()), ("A > C > D", (0, 15)));
    assert_eq!(answer.queued_at(), "C");
    let case = topology("rw12-exchange-cost/exchange-cost.ron");
    let answer = case.from("A").to("D").down("site:D").answer();
    assert_eq!((answer.path().as_str(), answer.cost()), ("A > B > D", (0, 30)));
    assert_eq!(answer.queued_at(), "B");
}

#[test]
fn rw14_hub_and_spoke() {
    let answer = topology("rw14-hub-and-spoke/direct.ron").from("B").to("C").answer();
    assert_eq!(answer.path(), "B > A > C");
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("C", "direct"));
    let case = topology("rw14-hub-and-spoke/hub.ron");
    let answer = case.from("B").to("C").answer();
    assert_eq!(answer.path(), "B > A > C");
    assert_eq!((answer.next_hop().as_str(), answer.relay()), ("A", "hub_site"));
    assert_eq!(case.from("A").to("C").answer().next_hop(), "C");
}

#[test]
fn rw17_delayed_fan_out() {
    let copies = |file: &str| {
        let case = topology(file);
        let ask = case
            .from("A")
            .to("christine@contoso.example")
            .to("isabel@contoso.example");
        ask.to("madison@contoso.example").answer().copies()
    };
    assert_eq!(
        copies("rw17-delayed-fan-out/exchange-2007.ron"),
        ["B: christine@contoso.example, isabel@contoso.example, madison@contoso.example, split at B"]
    );
    assert_eq!(
        copies("rw17-delayed-fan-out/exchange-2013.ron"),
        [
            "D: christine@contoso.example",
            "E: isabel@contoso.example, madison@contoso.example"
        ]
    );
    assert_eq!(
        copies("rw17-delayed-fan-out/exchange-2013-hub.ron"),
        ["B: christine@contoso.example, isabel@contoso.example, madison@contoso.example, split at B"]
    );
    // At the fork: one recipient for D, two for E.
    let case = topology("rw17-delayed-fan-out/exchange-2007.ron");
    let ask = case
        .from("B")
        .to("christine@contoso.example")
        .to("isabel@contoso.example");
    assert_eq!(
        ask.to("madison@contoso.example").answer().copies(),
        [
            "D: christine@contoso.example",
            "E: isabel@contoso.example, madison@contoso.example"
        ]
    );
}

#[test]
fn rw18_routing_group_cost() {
    let case = topology("rw18-routing-group-cost/topology.ron");
    let answer = case.from("Site 1").to("ann@exchangeexchange.com").answer();
    assert_eq!((answer.outcome(), answer.connector()), ("route", "Partner"));
    assert_eq!(answer.path(), "Site 1 > Site 2 > rg:RG B");
    assert_eq!(
        (answer.next_hop().as_str(), answer.relay()),
        ("Site 2", "connector_source")
    );
    // The way costs (5, 100); the address space adds 10 to the first number.
    assert_eq!(answer.cost(), (5, 100));
    let detail = answer.json["considered"][0]["detail"].as_str().expect("a sentence");
    assert!(detail.contains("cost 15, then 100"), "{detail}");
    assert_eq!(answer.path_decided_by(), "routing_group_cost");
}

#[test]
fn rw21_specific_space() {
    let case = topology("rw21-specific-space/topology.ron");
    let answer = case.from("A").to("julia@marketing.contoso.com").answer();
    assert_eq!(
        (answer.connector(), answer.decided_by()),
        ("Marketing", "address_space")
    );
    // The runners-up in their order: it is the specificity again that separates them.
    assert_eq!(
        answer.considered(),
        [
            "Marketing selected address_space",
            "Subdomains lost address_space",
            "Everything lost address_space"
        ]
    );
    assert_eq!(
        case.from("A").to("julia@sales.contoso.com").answer().connector(),
        "Subdomains"
    );
    assert_eq!(
        case.from("A").to("julia@fabrikam.com").answer().connector(),
        "Everything"
    );
}

#[test]
fn rw23_size_falls_through() {
    let case = topology("rw23-size-falls-through/topology.ron");
    let small = case.from("A").to("ann@partner.example").size("50KB").answer();
    assert_eq!((small.outcome(), small.connector()), ("deliver", "C1"));
    let large = case.from("A").to("ann@partner.example").size("200KB").answer();
    assert_eq!(
        (large.outcome(), large.connector(), large.decided_by()),
        ("deliver", "C2", "only_candidate")
    );
    assert_eq!(large.considered(), ["C2 selected only_candidate", "C1 excluded size"]);
}

#[test]
fn rw26_round_robin() {
    let case = topology("rw26-round-robin/topology.ron");
    let name = |server: ServerIdx| case.org.servers()[server].name.as_str();
    let hubs = case.org.transport_servers(SiteIdx::from_usize(1));
    let takes = |connection, down: &str| round_robin(hubs, connection).map(name).find(|server| *server != down);
    let taken: Vec<_> = (0..4).filter_map(|connection| takes(connection, "")).collect();
    assert_eq!(taken, ["HT1", "HT2", "HT3", "HT1"]);
    // Fault tolerance: the second connection goes on to the next server, and nothing waits.
    assert_eq!(takes(1, "HT2"), Some("HT3"));
    assert_eq!(case.from("A").to("B").down("server:HT2").answer().outcome(), "route");
    let all_down = case
        .from("A")
        .to("B")
        .down("server:HT1")
        .down("server:HT2")
        .down("server:HT3");
    assert_eq!(all_down.answer().queued_at(), "A");
}

#[test]
fn rw28_excess_hops() {
    let case = topology("rw28-excess-hops/one-connector.ron");
    let answer = case.from("rg:HKG").to("new@contoso.example").answer();
    assert_eq!(answer.path(), "rg:HKG > rg:CHI > Chicago > Hong Kong");
    assert_eq!(answer.cost(), (2, 100));
    assert_eq!(
        (answer.next_hop().as_str(), answer.relay()),
        ("rg:CHI", "routing_group")
    );
    let case = topology("rw28-excess-hops/own-connector.ron");
    let answer = case.from("rg:HKG").to("new@contoso.example").answer();
    assert_eq!(answer.path(), "rg:HKG > Hong Kong");
    assert_eq!(answer.cost(), (1, 0));
    assert_eq!((answer.decided_by(), answer.ambiguous()), ("routing_group_cost", false));
}

#[test]
fn rw30_version_based_routing() {
    let case = topology("rw30-version-based-routing/topology.ron");
    // Both hubs are in the site, so the mail stays there: hub 2007 to hub 2010 is no step between sites.
    for (hub, mailbox) in [
        ("server:HUB2007", "new@contoso.example"),
        ("server:HUB2010", "old@contoso.example"),
    ] {
        let answer = case.from(hub).to(mailbox).answer();
        assert_eq!(
            (answer.outcome(), answer.has_route()),
            ("deliver", false),
            "{hub} to {mailbox}"
        );
    }
    let answer = case.from("Rome").to("new@contoso.example").answer();
    assert_eq!((answer.outcome(), answer.next_hop().as_str()), ("route", "Chicago"));
    // Never a 2007 hub to a 2010 mailbox.
    let answer = case.from("Chicago").to("early@contoso.example").answer();
    assert_eq!((answer.outcome(), answer.has_route()), ("unreachable", false));
    assert_eq!(
        case.from("Rome").to("early@contoso.example").answer().outcome(),
        "unreachable"
    );
}

#[test]
fn rw32_link_size() {
    let case = topology("rw32-link-size/topology.ron");
    let answer = case.from("A").to("C").size("6MB").answer();
    assert_eq!((answer.outcome(), answer.code()), ("ndr", "5.3.4"));
    assert_eq!(answer.path(), "A > B > C");
    let answer = case.from("A").to("C").size("4MB").answer();
    assert_eq!((answer.outcome(), answer.path().as_str()), ("route", "A > B > C"));
}

#[test]
fn rw35_size_limit_versions() {
    let rtm = topology("rw35-size-limit-versions/rtm.ron");
    let answer = rtm.from("A").to("ben@contoso.example").size("20MB").answer();
    assert_eq!(
        (answer.outcome(), answer.path().as_str()),
        ("route", "A > rg:RG A > rg:RG B")
    );
    // R64: legacy routing finds the connector too small and sends the message back into the 2007 group.
    let back = rtm.from("rg:RG A").to("ben@contoso.example").size("20MB").answer();
    assert_eq!(
        (back.outcome(), back.path().as_str()),
        ("route", "rg:RG A > A > Site 2 > rg:RG B")
    );
    assert_eq!(back.next_hop(), "A");

    let sp1 = topology("rw35-size-limit-versions/sp1.ron");
    let answer = sp1.from("A").to("ben@contoso.example").size("20MB").answer();
    assert_eq!((answer.outcome(), answer.code()), ("ndr", "5.3.4"));
    let answer = sp1.from("A").to("ben@contoso.example").size("2MB").answer();
    assert_eq!(
        (answer.outcome(), answer.path().as_str()),
        ("route", "A > rg:RG A > rg:RG B")
    );
}

#[test]
fn x400_connector_versions() {
    let rtm = topology("x400-connector-versions/rtm.ron")
        .from("A")
        .to("RG B")
        .answer();
    assert_eq!(
        (rtm.path().as_str(), rtm.cost()),
        ("A > rg:RG A > rg:RG C > rg:RG B", (21, 0))
    );
    let sp1 = topology("x400-connector-versions/sp1.ron")
        .from("A")
        .to("RG B")
        .answer();
    assert_eq!((sp1.path().as_str(), sp1.cost()), ("A > rg:RG A > rg:RG B", (6, 0)));
    assert_eq!(sp1.decided_by(), "routing_group_cost");
}

#[test]
fn rw36_link_state_loop() {
    let down = "connector:A to B";
    let ben = "ben@contoso.example";
    // The loop as two decisions that contradict each other: A around the broken connector, X back towards it.
    let case = topology("rw36-link-state-loop/detour.ron");
    assert_eq!(case.from("rg:A").to(ben).answer().path(), "rg:A > rg:B");
    let detour = case.from("rg:A").to(ben).down(down).answer();
    assert_eq!((detour.outcome(), detour.next_hop().as_str()), ("route", "X"));
    let back = case.from("X").to(ben).down(down).answer();
    assert_eq!((back.next_hop().as_str(), back.cost()), ("rg:A", (2, 0)));

    let waits = topology("rw36-link-state-loop/single-pair.ron")
        .from("rg:A")
        .to(ben)
        .down(down)
        .answer();
    assert_eq!((waits.outcome(), waits.queued_at().as_str()), ("queue", "rg:A"));

    let case = topology("rw36-link-state-loop/cheap-way-out.ron");
    assert_eq!(case.from("rg:A").to(ben).down(down).answer().next_hop(), "X");
    assert_eq!(case.from("X").to(ben).down(down).answer().next_hop(), "rg:B");

    let case = topology("rw36-link-state-loop/suppressed.ron");
    assert_eq!(case.from("rg:A").to(ben).answer().next_hop(), "rg:B");
}

#[test]
fn rx2_name_at_the_destination() {
    let case = topology("rx2-name-at-the-destination/topology.ron");
    let answer = case.from("A").to("D").answer();
    assert_eq!((answer.path().as_str(), answer.decided_by()), ("A > C > X > D", "name"));
    assert_eq!(case.from("D").to("A").answer().path(), "D > Y > B > A");
}

#[test]
fn rx5_three_site_link() {
    let answer = topology("rx5-three-site-link/topology.ron").from("A").to("C").answer();
    assert_eq!((answer.path().as_str(), answer.links().as_str()), ("A > C", "All"));
    assert_eq!((answer.cost(), answer.hops()), ((0, 100), 1));
}

#[test]
fn rx7_connector_sum() {
    let case = topology("rx7-connector-sum/topology.ron");
    let answer = case.from("Here").to("ann@fabrikam.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("C2", "cost"));
    assert_eq!(answer.considered(), ["C2 selected cost", "C1 lost cost"]);
    let detail = |at: usize| answer.json["considered"][at]["detail"].as_str().expect("a sentence");
    assert!(detail(0).contains("cost 50"), "{}", detail(0));
    assert!(detail(1).contains("cost 101"), "{}", detail(1));
}

#[test]
fn rx10_exchange_2007_first() {
    let case = topology("rx10-exchange-2007-first/topology.ron");
    let answer = case.from("Here").to("ann@fabrikam.example").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("New", "version"));
    assert_eq!((answer.outcome(), answer.next_hop().as_str()), ("route", "Far"));
}

#[test]
fn rx12_disabled_connector() {
    let case = topology("rx12-disabled-connector/topology.ron");
    let answer = case.from("Hub").to("ann@x.com").answer();
    assert_eq!((answer.outcome(), answer.connector()), ("deliver", "Wide"));
    assert_eq!(
        answer.considered(),
        ["Wide selected only_candidate", "Narrow excluded disabled"]
    );
    let answer = case.from("rg:L").to("ann@x.com").answer();
    assert_eq!((answer.connector(), answer.decided_by()), ("Narrow", "address_space"));
}

#[test]
fn rx15_legacy_tie() {
    let case = topology("rx15-legacy-tie/topology.ron");
    let answer = case.from("Site 1").to("RG X").answer();
    assert_eq!((answer.links().as_str(), answer.cost()), ("From 1", (5, 0)));
    assert_eq!((answer.decided_by(), answer.relay()), ("site_cost", "routing_group"));
    let answer = case.from("Site 2").to("RG X").answer();
    assert_eq!((answer.links().as_str(), answer.cost()), ("From 2", (5, 0)));
}
