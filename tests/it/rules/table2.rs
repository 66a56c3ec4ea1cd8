//! Table 2: what each side makes of the settings of a connector (R43 to R51), a test for each row.

use bridgehead::model::{MessageType, Priority};

use crate::support::{Case, coexistence};

/// One site `Hub`, one legacy group `L`, joined both ways, with these connectors.
fn both(connectors: &str) -> Case {
    coexistence(
        "site(Hub)",
        "HUB1=2007Sp1@Hub",
        &["E-L 1 HUB1", "L-E 1 HUB1"],
        &format!("connectors: [{connectors}],"),
    )
}

/// A legacy connector on `BH-L` and a 2007 connector on `HUB1`.
fn legacy(name: &str, fields: &str) -> String {
    format!(r#"(name: "{name}", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], {fields}),"#)
}

fn send(name: &str, fields: &str) -> String {
    format!(r#"(name: "{name}", kind: Send, source_servers: ["HUB1"], {fields}),"#)
}

const ANY: &str = r#"address_spaces: ["*"]"#;
const NARROW: &str = r#"address_spaces: ["x.example"]"#;

#[test]
fn r43_each_side_routes_to_connectors_of_the_other() {
    let case = both(&legacy("Old", NARROW));
    let answer = case.from("Hub").to("ann@x.example").answer();
    assert_eq!(
        (answer.outcome(), answer.connector(), answer.next_hop().as_str()),
        ("route", "Old", "rg:L")
    );
    let case = both(&send("New", NARROW));
    let answer = case.from("rg:L").to("ann@x.example").answer();
    assert_eq!(
        (answer.outcome(), answer.connector(), answer.next_hop().as_str()),
        ("route", "New", "Hub")
    );
}

#[test]
fn r44_the_sides_may_choose_differently() {
    // The same recipient, the same connectors: a restriction that only legacy reads parts them.
    let restricted = format!(r#"{NARROW}, restrictions: (priorities: [High])"#);
    let case = both(&(legacy("Narrow", &restricted) + &legacy("Wide", ANY)));
    assert_eq!(case.from("Hub").to("ann@x.example").answer().connector(), "Narrow");
    assert_eq!(case.from("rg:L").to("ann@x.example").answer().connector(), "Wide");
}

#[test]
fn r45_only_legacy_reads_restrictions_by_sender() {
    for restriction in [
        r#"denied_senders: ["eve@contoso.example"]"#,
        r#"allowed_senders: ["ann@contoso.example"]"#,
    ] {
        let fields = format!("{NARROW}, restrictions: ({restriction})");
        let case = both(&(legacy("Narrow", &fields) + &legacy("Wide", ANY)));
        let from = |node: &str, sender: &str| {
            case.from(node)
                .to("bob@x.example")
                .sender(sender)
                .answer()
                .connector()
                .to_owned()
        };
        assert_eq!(from("rg:L", "Eve@Contoso.example"), "Wide", "{restriction}");
        assert_eq!(from("rg:L", "ann@contoso.example"), "Narrow", "{restriction}");
        // 2007 may pick a connector that refuses this sender.
        assert_eq!(from("Hub", "eve@contoso.example"), "Narrow", "{restriction}");
    }
    // A sender that is not told is on no list: not among the allowed, not among the denied.
    for (restriction, expect) in [
        (r#"denied_senders: ["eve@contoso.example"]"#, "Narrow"),
        (r#"allowed_senders: ["ann@contoso.example"]"#, "Wide"),
    ] {
        let fields = format!("{NARROW}, restrictions: ({restriction})");
        let case = both(&(legacy("Narrow", &fields) + &legacy("Wide", ANY)));
        assert_eq!(
            case.from("rg:L").to("bob@x.example").answer().connector(),
            expect,
            "{restriction}"
        );
    }
}

#[test]
fn r46_only_legacy_reads_restrictions_by_priority() {
    let fields = format!("{NARROW}, restrictions: (priorities: [High])");
    let case = both(&(legacy("Narrow", &fields) + &legacy("Wide", ANY)));
    for (from, priority, expect) in [
        ("rg:L", Priority::High, "Narrow"),
        ("rg:L", Priority::Normal, "Wide"),
        ("rg:L", Priority::Low, "Wide"),
        ("Hub", Priority::Low, "Narrow"),
    ] {
        let answer = case.from(from).to("bob@x.example").priority(priority).answer();
        assert_eq!(answer.connector(), expect, "{from}, {priority:?}");
    }
}

#[test]
fn r47_only_legacy_reads_restrictions_by_message_type() {
    let fields = format!("{NARROW}, restrictions: (message_types: [System])");
    let case = both(&(legacy("Narrow", &fields) + &legacy("Wide", ANY)));
    for (from, message_type, expect) in [
        ("rg:L", MessageType::System, "Narrow"),
        ("rg:L", MessageType::NonSystem, "Wide"),
        ("Hub", MessageType::NonSystem, "Narrow"),
    ] {
        let answer = case.from(from).to("bob@x.example").message_type(message_type).answer();
        assert_eq!(answer.connector(), expect, "{from}, {message_type:?}");
    }
    assert_eq!(
        case.from("rg:L").to("bob@x.example").answer().considered(),
        ["Wide selected only_candidate", "Narrow excluded restriction"]
    );
}

#[test]
fn r48_scope_is_the_site_for_2007_and_the_group_for_legacy() {
    let case = coexistence(
        "Hub-Far 1",
        "HUB1=2007Sp1@Hub, HUB2=2007Sp1@Hub, FAR1=2007Sp1@Far",
        &["E-L 1 HUB1", "L-E 1 HUB1", "L-K 1", "K-L 1"],
        r#"connectors: [
            (name: "New", kind: Send, source_servers: ["HUB1"], address_spaces: ["*"], scoped: true),
            (name: "Old", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["*"], scoped: true),
            (name: "Open", kind: Send, source_servers: ["FAR1"], address_spaces: ["*;100"]),
        ],"#,
    );
    for (from, selected, why) in [
        // Every server of the site may use it, not only its source servers.
        ("server:HUB2", "New", "2007: the own site"),
        ("Far", "Open", "2007: another site, and no scoped legacy connector"),
        ("rg:L", "Old", "legacy: the own group"),
        (
            "rg:K",
            "Open",
            "legacy: another group, and nothing scoped inside the 2007 group",
        ),
    ] {
        assert_eq!(
            case.from(from).to("ann@x.example").answer().connector(),
            selected,
            "{why}"
        );
    }
    let considered = case.from("rg:K").to("ann@x.example").answer().considered();
    assert_eq!(
        considered,
        [
            "Open selected only_candidate",
            "New excluded scope",
            "Old excluded scope"
        ]
    );
    let considered = case.from("Far").to("ann@x.example").answer().considered();
    assert_eq!(
        considered,
        [
            "Open selected only_candidate",
            "New excluded scope",
            "Old excluded scope"
        ]
    );
}

#[test]
fn r49_a_size_limit_counts_for_both_sides_on_either_side() {
    let limited = format!(r#"{NARROW}, max_message_size: "1MB""#);
    for narrow in [legacy("Narrow", &limited), send("Narrow", &limited)] {
        let case = both(&(narrow + &send("Wide", ANY)));
        for from in ["Hub", "rg:L"] {
            let over = |size: &str| {
                case.from(from)
                    .to("bob@x.example")
                    .size(size)
                    .answer()
                    .connector()
                    .to_owned()
            };
            assert_eq!(over("1MB"), "Narrow", "{from}");
            assert_eq!(over("2MB"), "Wide", "{from}");
        }
    }
}

#[test]
fn r50_legacy_does_not_see_that_a_connector_is_disabled() {
    let case = both(&(send("Narrow", &format!("{NARROW}, enabled: false")) + &send("Wide", ANY)));
    assert_eq!(case.from("Hub").to("bob@x.example").answer().connector(), "Wide");
    assert_eq!(case.from("rg:L").to("bob@x.example").answer().connector(), "Narrow");
    // Legacy connectors have no such setting: 2007 overlooks it there.
    let case = both(&(legacy("Narrow", &format!("{NARROW}, enabled: false")) + &send("Wide", ANY)));
    assert_eq!(case.from("Hub").to("bob@x.example").answer().connector(), "Narrow");
}

#[test]
fn r51_integrated_authentication_changes_no_choice() {
    let fields = format!("{NARROW}, restrictions: (integrated_authentication: true)");
    let with = both(&(legacy("Narrow", &fields) + &send("Wide", ANY)));
    let without = both(&(legacy("Narrow", NARROW) + &send("Wide", ANY)));
    for from in ["Hub", "rg:L"] {
        let answer = |case: &Case| case.from(from).to("bob@x.example").answer().json;
        assert_eq!(answer(&with), answer(&without), "{from}");
    }
    // It is kept for both: the legacy connector and a 2007 Receive connector.
    let case = coexistence(
        "site(Hub)",
        "HUB1=2007Sp1@Hub",
        &["E-L 1 HUB1"],
        r#"
        connectors: [(name: "Old", kind: LegacySmtp, routing_group: "L", source_servers: ["BH-L"], address_spaces: ["*"],
                      restrictions: (integrated_authentication: true))],
        receive_connectors: [(name: "Default", server: "HUB1", integrated_authentication: true)],"#,
    );
    let connector = case.org.connectors().iter().next().expect("a connector");
    assert!(connector.restrictions.integrated_authentication);
    assert!(case.org.receive_connectors()[0].integrated_authentication);
}
