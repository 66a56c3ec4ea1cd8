//! Groups in groups, on several servers, that wait, leave or come back.

use super::*;

/// A group in a group is nobody's address either once a server has put the members in the place of both, whatever becomes of the
/// copy in which it waited for the server that expands it.
#[test]
fn a_group_in_a_group_is_replaced_with_it() {
    let topology = r#"(
        sites: [(name: "A")],
        servers: [(name: "H1", version: Exchange2010Sp2, site: "A"), (name: "H2", version: Exchange2010Sp2, site: "A")],
        mailboxes: [(address: "ann@x.example", server: "H1")],
        groups: [
            (address: "inner@x.example", members: ["ann@x.example"], expansion_server: "H1"),
            (address: "outer@x.example", members: ["inner@x.example"]),
        ],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    let fates = comes(
        topology,
        r#"peers: [(name: "out", shadow: true)],
        messages: [(id: "m", at: "10s", from: "q@out.example", to: ["outer@x.example"], entry: (peer: "out", server: "H1"))],
        events: [
            (at: "0s", kind: ServerDown, target: "H1"), (at: "1h", kind: Destroy, target: "H2"),
            (at: "2h", kind: ServerUp, target: "H1"), (at: "9h", kind: ServerUp, target: "H2"),
        ]"#,
    );
    assert_eq!(fates.len(), 1);
    assert!(fates[0].starts_with("ann@x.example delivered"), "{fates:?}");
}

/// N88: three groups have each other as members, and three servers expand them. On each way every group is replaced once: over
/// `a`, `b` and `c` in this order, and `a`, `c` and `b`, so that whoever is in `b` or `c` is reached twice.
#[test]
fn groups_that_have_each_other_as_members_end() {
    let group = |name: &str, server: &str, members: &str| {
        format!(r#"(address: "{name}@x.example", members: [{members}], expansion_server: "{server}")"#)
    };
    let everybody = r#""a@x.example", "b@x.example", "c@x.example""#;
    let groups = [("a", "H1", "ann"), ("b", "H2", "bob"), ("c", "H3", "cid")]
        .map(|(name, server, who)| group(name, server, &format!(r#"{everybody}, "{who}@x.example""#)));
    let topology = format!(
        r#"(
        sites: [(name: "A")],
        servers: [
            (name: "H1", version: Exchange2007Sp1, site: "A"), (name: "H2", version: Exchange2007Sp1, site: "A"),
            (name: "H3", version: Exchange2007Sp1, site: "A"),
        ],
        mailboxes: [
            (address: "ann@x.example", server: "H1"), (address: "bob@x.example", server: "H2"),
            (address: "cid@x.example", server: "H3"),
        ],
        groups: [{}],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#,
        groups.join(", ")
    );
    let fates = comes(
        &topology,
        r#"messages: [(id: "m", at: "10s", from: "ann@x.example", to: ["a@x.example"])]"#,
    );
    let expect = [
        "ann@x.example delivered 0:00:10 x1",
        "bob@x.example SuppressedDuplicate 0:00:12 x1 groups",
        "cid@x.example SuppressedDuplicate 0:00:12 x1 groups",
    ];
    assert_eq!(fates, expect);
}

/// HA, in whose site ED is subscribed, replaces the group by Bob, whose mailbox is on HB.
const LEAVING: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HB", version: Exchange2010Sp2, site: "B"),
        (name: "ED", version: Exchange2010Sp2, roles: [EdgeTransport]),
    ],
    edge_subscriptions: [(edge: "ED", site: "A", create_inbound_connector: true, create_internet_connector: true)],
    mailboxes: [(address: "bob@x.example", server: "HB")],
    groups: [(address: "all@x.example", members: ["bob@x.example"])],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// N91: the hub has replaced the group and is lost; the Edge server, which has its shadow for the group, is given a smart host for
/// the way inside meanwhile, and hands it out there.
#[test]
fn a_group_that_leaves_takes_its_members_with_it() {
    let fates = comes(
        LEAVING,
        r#"peers: [(name: "relay.example", shadow: false)],
        messages: [(id: "m", at: "1min", from: "q@out.example", to: ["all@x.example"], entry: (peer: "relay.example", server: "ED"))],
        events: [
            (at: "0s", kind: Destroy, target: "HB"), (at: "2min", kind: Destroy, target: "HA"),
            (at: "3min", kind: Configuration, target: "EdgeSync - Inbound to A", smart_hosts: ["relay.example"]),
        ]"#,
    );
    assert_eq!(fates, ["bob@x.example DeliveredOutside 3:01:32 x1"]);
}

/// N91 the other way round: the copy for the group is out at the smart host, and the Edge server stops before it hears that. It has
/// the way inside back when the sender has sent again, and the hub replaces the group: whoever is lost with hub and Edge server has
/// the copy that left before.
#[test]
fn a_group_that_has_left_had_its_members_with_it() {
    let fates = comes_stopping(
        LEAVING,
        r#"peers: [(name: "relay.example", shadow: false)],
        messages: [(id: "m", at: "1min", from: "q@out.example", to: ["all@x.example"], entry: (peer: "relay.example", server: "ED"))],
        events: [
            (at: "0s", kind: Destroy, target: "HB"),
            (at: "30s", kind: Configuration, target: "EdgeSync - Inbound to A", smart_hosts: ["relay.example"]),
            (at: "80s", kind: Configuration, target: "EdgeSync - Inbound to A", smart_hosts: ["--"]),
            (at: "4min", kind: Destroy, target: "HA"), (at: "5min", kind: Destroy, target: "ED"),
        ]"#,
        Some(("ED", 6)),
    );
    assert_eq!(fates, ["bob@x.example DeliveredOutside 0:01:02 x1"]);
}

/// N19: H2 has replaced the inner group by Ann, who has the mail, and is lost when it has taken a second copy for the group, over the
/// outer one: nobody has lost anything.
#[test]
fn a_group_that_was_replaced_on_another_way_loses_nothing() {
    let fates = comes(
        r#"(
            sites: [(name: "A")],
            servers: [
                (name: "H1", version: Exchange2013, site: "A"), (name: "H2", version: Exchange2013, site: "A"),
                (name: "H3", version: Exchange2013, site: "A"),
            ],
            mailboxes: [(address: "ann@x.example", server: "H1")],
            groups: [
                (address: "inner@x.example", members: ["ann@x.example"], expansion_server: "H2"),
                (address: "outer@x.example", members: ["inner@x.example"], expansion_server: "H3"),
            ],
            accepted_domains: [(domain: "x.example", kind: Authoritative)],
        )"#,
        r#"settings: (partners_by_name: true),
        messages: [(
            id: "m", at: "10s", from: "app@x.example", to: ["inner@x.example", "outer@x.example"], entry: (client: Smtp, server: "H1"),
        )],
        events: [(at: "15500ms", kind: Destroy, target: "H2")]"#,
    );
    assert_eq!(fates, ["ann@x.example delivered 0:00:15 x1"]);
}
