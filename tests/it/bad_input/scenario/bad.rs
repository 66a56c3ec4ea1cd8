//! What is told of bad ones.

use super::*;

#[test]
fn everything_wrong_is_told_at_once() {
    let text = r#"(
    topology: "org.ron",
    setings: (),
    settings: (until: "1h", start: "Mon 24:00", sender_retry_interval: "0s", queue_glitch_retry_count: -1),
    peers: [(), (name: "x"), (name: "X"), (name: "hub1"), (name: "", ack_timeout: "0s")],
    delays: [(from: "HUB1"), (from: "x", to: "nobody", delay: 5)],
    messages: [
        (id: "m", at: "2h", from: " ", to: []),
        (id: "M", from: "ann@contoso.example", to: ["bob@contoso.example", "BOB@contoso.example"], size: "unlimited"),
        (id: "o", at: "1h", from: "x@out.example", to: ["bob@contoso.example"]),
    ],
    events: [(), (at: "1h", kind: "ServerDwon", target: "HUB1"), (at: "1h", kind: "Pause", target: "HUB9", cost: 1)],
    expect: [(), (message: "nothing", fate: "Delivered"), (message: "o", recipient: "ann@contoso.example", copies: 1)],
)"#;
    assert_eq!(told(text).join("\n"), EXPECTED_AT_ONCE);
    let json = in_json_of_values(text);
    let in_json = read(&json, Format::Json).expect_err("it is as bad");
    let paths = |rejected: &[Rejected]| -> Vec<String> {
        rejected[0]
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect()
    };
    let mut of_json = paths(&in_json);
    let mut of_ron = paths(&read(text, Format::Ron).expect_err("it is bad"));
    of_json.sort();
    of_ron.sort();
    assert_eq!(of_json, of_ron);
}

/// A RON text without names of records and without comments as JSON.
fn in_json_of_values(text: &str) -> String {
    let value: ron::Value = ron::from_str(text).expect("it is RON");
    // A record without fields is a unit there.
    serde_json::to_string(&value)
        .expect("it can be written")
        .replace("null", "{}")
}

const EXPECTED_AT_ONCE: &str = r#"s:3:5 : unknown field "setings"; did you mean `settings`?
s:4:36 settings.start: "Mon 24:00" is not a minute of the week; write a day and a time: "Mon 08:00"
s:4:72 settings.sender_retry_interval: `sender_retry_interval` is no time at all; the shortest is "1ms"
s:4:104 settings.queue_glitch_retry_count: expected a whole number, found -1; it has to be from 0 to 4294967295
s:5:13 peers[0].name: missing required field `name`
s:5:37 peers[2].name: duplicate peer "X"; names are compared without regard to case: "x" is the same
s:5:50 peers[3].name: "hub1" is a server of the topology; a peer is outside the organization: give it another name
s:5:66 peers[4].name: a peer needs a name that is not empty
s:5:83 peers[4].ack_timeout: `ack_timeout` is no time at all; the shortest is "1ms"
s:6:14 delays[0].to: missing required field `to`
s:6:14 delays[0].delay: missing required field `delay`
s:6:21 delays[0].from: more than one thing is called "HUB1"; write "server:HUB1" or "peer:HUB1"
s:6:46 delays[1].to: unknown server, site or peer "nobody"; it has to be `server:NAME`, `site:NAME` or `peer:NAME`
s:6:63 delays[1].delay: expected a length of time, found 5; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss"
s:8:9 messages[0].to: missing required field `to`
s:8:23 messages[0].at: 2h is after the end of the simulation; it ends after 1h; `until` in `settings` changes that
s:8:35 messages[0].from: an address that is empty
s:9:9 messages[1].at: missing required field `at`
s:9:14 messages[1].id: duplicate message "M"; names are compared without regard to case: "m" is the same
s:9:76 messages[1].to[1]: "BOB@contoso.example" is listed twice; remove one of the two
s:9:106 messages[1].size: the size of a message can't be unlimited; leave it out for a message that is smaller than every limit
s:10:35 messages[2].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program
s:12:14 events[0].at: missing required field `at`
s:12:14 events[0].kind: missing required field `kind`
s:12:35 events[1].kind: unknown kind of event "ServerDwon"; did you mean ServerDown? it is one of ServerDown, ServerUp, Destroy, Pause, NetworkCut, NetworkRestore, ConnectorDown, ConnectorUp, Dismount, Mount, Failover, Configuration, Redirect, GroupChange, SessionCut
s:12:100 events[2].target: unknown server "HUB9"; did you mean "HUB1"?
s:12:114 events[2].cost: `cost` does not belong to Pause; Pause takes `at`, `kind` and `target`
s:13:14 expect[0].message: missing required field `message`
s:13:14 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`
s:13:28 expect[1].message: unknown message "nothing"
s:13:45 expect[1].fate: unknown fate "Delivered"; did you mean delivered? it is one of delivered, delivered_outside, duplicate, suppressed_duplicate, queued, unreachable, ndr, expired, rejected_451, lost
s:13:85 expect[2].recipient: message "o" is not for "ann@contoso.example"; name one of its recipients, or a member of a group among them"#;

#[test]
fn fields_and_references_of_events() {
    for (record, expect) in [
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB1", cost: 1)"#,
            "events[0].cost: `cost` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB1", exchange_cost: None, add: [])"#,
            "events[0].exchange_cost: `exchange_cost` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target` | events[0].add: `add` does not belong to ServerDown; ServerDown takes `at`, `kind` and `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown)"#,
            "events[0].target: missing required field `target`",
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "A")"#,
            r#"events[0].target: unknown server "A"; it has to be the name of a server, and "A" is a site"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "out")"#,
            r#"events[0].target: unknown server "out"; it has to be the name of a server, and "out" is a peer"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "HUB3")"#,
            r#"events[0].target: unknown server "HUB3"; did you mean "HUB1"?"#,
        ),
        (
            r#"(at: "0s", kind: ServerDown, target: "link:A-B")"#,
            "events[0].target: a site link can't stand here; it has to be the name of a server",
        ),
        (
            r#"(at: "0s", kind: ServerUp, target: "HUB1", database: "DB")"#,
            r#"events[0].database: unknown queue database "DB"; it is one of Same, New"#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "Twin")"#,
            r#"events[0].target: more than one thing is called "Twin"; write "site:Twin" or "link:Twin""#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "A-B")"#,
            r#"events[0].target: more than one thing is called "A-B"; write "peer:A-B" or "link:A-B""#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "nowhere", other: "link:A-B")"#,
            r#"events[0].target: unknown server, site, peer or site link "nowhere"; it has to be `server:NAME`, `site:NAME`, `peer:NAME` or `link:NAME` | events[0].other: a site link can't stand here; it has to be `server:NAME`, `site:NAME` or `peer:NAME`"#,
        ),
        (
            r#"(at: "0s", kind: NetworkCut, target: "link:A-B", other: "HUB1", one_way: false)"#,
            "events[0].other: `other` does not belong to a site link; a site link is cut as a whole: leave it out | events[0].one_way: `one_way` does not belong to a site link; a site link is cut as a whole: leave it out",
        ),
        (
            r#"(at: "0s", kind: NetworkRestore, target: "A", one_way: true)"#,
            "events[0].one_way: `one_way` without `other`; name the other end in `other`: mail from `target` to it is cut",
        ),
        (
            r#"(at: "0s", kind: NetworkRestore, target: "A", other: "site:a")"#,
            "events[0].other: both ends are the same; name another one in `other`, or leave it out for everybody else",
        ),
        (
            r#"(at: "0s", kind: SessionCut, target: "site:A", other: "Out")"#,
            "events[0].target: a site can't stand here; it has to be `server:NAME` or `peer:NAME`",
        ),
        (
            r#"(at: "0s", kind: SessionCut, target: "HUB1", other: "hub1.contoso.example")"#,
            "events[0].other: both ends are the same; name another one in `other`, or leave it out for everybody else",
        ),
        (
            r#"(at: "0s", kind: ConnectorDown, target: "Internett")"#,
            r#"events[0].target: unknown connector "Internett"; did you mean "Internet"?"#,
        ),
        (
            r#"(at: "0s", kind: Dismount, target: "HUB1")"#,
            r#"events[0].target: unknown database "HUB1"; it has to be the name of a database, and "HUB1" is a server"#,
        ),
        (
            r#"(at: "0s", kind: Failover, target: "DB", to: "EDGE", lost_log: "1 day")"#,
            r#"events[0].to: server "EDGE" has no copy of this database; name a server of its `copies`, or leave it out | events[0].lost_log: "1 day" is not a length of time; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
        (
            r#"(at: "0s", kind: Failover, target: "Alone", to: "HUB2")"#,
            r#"events[0].to: server "HUB2" has no copy of this database; name a server of its `copies`, or leave it out"#,
        ),
        (
            r#"(at: "0s", kind: Redirect, target: "HUB1", to: "HUB1")"#,
            "events[0].to: a server can't take over its own queues; name another server, or leave it out",
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example")"#,
            "events[0]: this changes nothing; give addresses in `add` or in `remove`",
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "al@contoso.example", add: ["x", "X"], remove: [" "])"#,
            r#"events[0].target: unknown group "al@contoso.example"; did you mean "all@contoso.example"? | events[0].add[1]: "X" is listed twice; remove one of the two | events[0].remove[0]: an address that is empty"#,
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example", remove: ["bob@contoso.example"])"#,
            r#"events[0].remove[0]: "bob@contoso.example" is never a member of "all@contoso.example"; remove a member of the group, or one that an event adds"#,
        ),
        (
            r#"(at: "0s", kind: GroupChange, target: "all@contoso.example", add: "x")"#,
            r#"events[0].add: expected a list of strings, found the string "x"; write it in brackets: `[ … ]`"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Internet")"#,
            "events[0]: this changes nothing; give at least one of `enabled`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Internet", cost: 1, hub_site: true)"#,
            "events[0].cost: `cost` does not belong to a connector to the outside; a connector to the outside takes `enabled`, `source_servers`, `max_message_size` and `smart_hosts` | events[0].hub_site: `hub_site` does not belong to a connector to the outside; a connector to the outside takes `enabled`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", cost: 0, enabled: false)"#,
            "events[0].cost: `cost` 0 is out of range; it has to be from 1 to 4294967295 | events[0].enabled: `enabled` does not belong to a routing-group connector; a routing-group connector takes `cost`, `source_servers` and `max_message_size`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", cost: "5")"#,
            r#"events[0].cost: expected a whole number, found the string "5"; write 5 without quotes"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "link:A-B", cost: 100000, exchange_cost: 2147483648)"#,
            "events[0].cost: `cost` 100000 is out of range; it has to be from 1 to 99999 | events[0].exchange_cost: `exchange_cost` 2147483648 is out of range; it has to be from 1 to 2147483647",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "A-B", exchange_cost: 0, max_message_size: -1)"#,
            r#"events[0].exchange_cost: `exchange_cost` 0 is out of range; it has to be from 1 to 2147483647 | events[0].max_message_size: expected a size, found -1; a size is a number of bytes, a text such as "10MB" (B, KB, MB or GB), or "unlimited""#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "A", hub_site: true, to: "HUB1")"#,
            "events[0].to: `to` does not belong to Configuration; Configuration takes `at`, `kind`, `target`, `enabled`, `cost`, `exchange_cost`, `hub_site`, `source_servers`, `max_message_size` and `smart_hosts`",
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "Twin", hub_site: true)"#,
            r#"events[0].target: more than one thing is called "Twin"; write "link:Twin" or "site:Twin""#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "HUB1", enabled: true)"#,
            r#"events[0].target: unknown connector, site link or site "HUB1"; it has to be `connector:NAME`, `link:NAME` or `site:NAME`, and "HUB1" is a server"#,
        ),
        (
            r#"(at: "0s", kind: Configuration, target: "To G", source_servers: ["HUB1", "HUB9", "hub1"])"#,
            r#"events[0].source_servers[1]: unknown server "HUB9"; did you mean "HUB1"? | events[0].source_servers[2]: server "HUB1" is listed twice"#,
        ),
        (
            r#"(at: "20d", kind: Pause, target: "HUB1")"#,
            "events[0].at: 20d is after the end of the simulation; it ends after 14d; `until` in `settings` changes that",
        ),
        (
            r#"(at: "-1s", kind: Pause, target: "HUB1")"#,
            r#"events[0].at: "-1s" is not a length of time; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
        (
            r#"(at: 5, kind: Pause, target: "HUB1")"#,
            r#"events[0].at: expected a length of time, found 5; write it as "30s", "5min", "3h", "2d" or "d.hh:mm:ss""#,
        ),
    ] {
        assert_eq!(told_of("events", record), expect, "{record}");
    }
}

#[test]
fn how_messages_enter() {
    for (fields, expect) in [
        (
            r#"entry: ()"#,
            "messages[1].entry: either `client` or `peer` is required; write `client: Mapi`, `client: Smtp`, `client: Um` or `peer: NAME`",
        ),
        (
            r#"entry: (client: Smtp)"#,
            "messages[1].entry.server: missing required field `server`",
        ),
        (
            r#"entry: (client: Smtp, peer: "out", server: "HUB1")"#,
            "messages[1].entry.peer: `client` and `peer` exclude each other; leave out one of the two",
        ),
        (
            r#"entry: (client: Imap)"#,
            r#"messages[1].entry.client: unknown client "Imap"; it is one of Mapi, Smtp, Um"#,
        ),
        (
            r#"entry: (client: Mapi, server: "HUB1", receive_connector: "Default")"#,
            r#"messages[1].entry.client: "x@out.example" has no mailbox in the topology; write `client: Smtp` and `server`, or add the mailbox | messages[1].entry.server: `server` does not belong to Mapi; such mail leaves the Outbox of the sender's mailbox: leave it out | messages[1].entry.receive_connector: `receive_connector` does not belong to Mapi; such mail leaves the Outbox of the sender's mailbox: leave it out"#,
        ),
        (
            r#"entry: (client: Mapi)"#,
            r#"messages[1].entry.client: "x@out.example" has no mailbox in the topology; write `client: Smtp` and `server`, or add the mailbox"#,
        ),
        (
            r#"entry: (client: Smtp, server: "CAS")"#,
            r#"messages[1].entry.server: server "CAS" does not take such mail; it has to be a transport server or a legacy one"#,
        ),
        (
            r#"entry: (client: Smtp, server: "EDGE")"#,
            r#"messages[1].entry.server: server "EDGE" does not take such mail; it has to be a transport server or a legacy one"#,
        ),
        (
            r#"entry: (client: Um, server: "OLD")"#,
            r#"messages[1].entry.server: server "OLD" does not take such mail; it has to be a transport server"#,
        ),
        (
            r#"entry: (peer: "out", server: "CAS")"#,
            r#"messages[1].entry.server: server "CAS" does not take such mail; it has to be a transport server, an Edge server or a legacy one"#,
        ),
        (
            r#"entry: (peer: "HUB1", server: "out")"#,
            r#"messages[1].entry.peer: unknown peer "HUB1"; it has to be the name of a peer, and "HUB1" is a server | messages[1].entry.server: unknown server "out"; it has to be the name of a server, and "out" is a peer"#,
        ),
        (
            r#"entry: (peer: "out")"#,
            "messages[1].entry.server: missing required field `server`",
        ),
        (
            r#"entry: (peer: "site:A", server: "HUB1")"#,
            "messages[1].entry.peer: a site can't stand here; it has to be the name of a peer",
        ),
        (
            r#"entry: (peer: "out", server: "HUB1", receive_connector: "Relay")"#,
            r#"messages[1].entry.receive_connector: server "HUB1" has no Receive connector "Relay"; leave it out for the defaults of the server"#,
        ),
        (
            r#"entry: (peer: "out", server: "HUB1", receive_connector: "Defalt")"#,
            r#"messages[1].entry.receive_connector: server "HUB1" has no Receive connector "Defalt"; did you mean "Default"?"#,
        ),
        (
            r#"priority: Urgent, message_type: Nothing, journal: 1"#,
            r#"messages[1].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program | messages[1].priority: unknown priority "Urgent"; it is one of Low, Normal, High | messages[1].message_type: unknown message type "Nothing"; it is one of System, NonSystem | messages[1].journal: expected true or false, found 1"#,
        ),
        (
            r#"size: "10M""#,
            r#"messages[1].from: "x@out.example" has no mailbox in the topology; say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` from a program | messages[1].size: "10M" is not a size; a size is a number of bytes, a text such as "10MB" (B, KB, MB or GB), or "unlimited""#,
        ),
    ] {
        let record = format!(r#"(id: "n", at: "0s", from: "x@out.example", to: ["y@out.example"], {fields})"#);
        assert_eq!(told_of("messages", &record), expect, "{fields}");
    }
}

#[test]
fn peers_delays_and_expectations() {
    for (collection, record, expect) in [
        (
            "delays",
            r#"(from: "out", to: "A-B", delay: "1s")"#,
            "delays[0]: a delay between two peers; mail between systems outside is not simulated: leave it out",
        ),
        (
            "delays",
            r#"(from: "HUB1", to: "A", delay: "1s"), (from: "hub1", to: "site:A", delay: "2s")"#,
            "delays[1]: the delay between these two is given twice; remove one of the two",
        ),
        (
            "delays",
            r#"(from: "HUB1", to: "Twin", delay: "1s"), (from: "link:Twin", to: "A", delay: "2s")"#,
            "delays[1].from: a site link can't stand here; it has to be `server:NAME`, `site:NAME` or `peer:NAME`",
        ),
        (
            "expect",
            r#"(message: "M")"#,
            "expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
        ),
        (
            "expect",
            r#"(message: "m", fate: lost, before: "1s", after: "1s")"#,
            "expect[0].before: no instant is before this and not before `after`; `before` has to be the later of the two",
        ),
        (
            "expect",
            r#"(message: "m", fate: los)"#,
            r#"expect[0].fate: unknown fate "los"; did you mean lost? it is one of delivered, delivered_outside, duplicate, suppressed_duplicate, queued, unreachable, ndr, expired, rejected_451, lost"#,
        ),
        (
            "expect",
            r#"(message: "m", recipient: "x@out.example", copies: -1)"#,
            r#"expect[0].recipient: message "m" is not for "x@out.example"; name one of its recipients, or a member of a group among them | expect[0].copies: expected a whole number, found -1; it has to be from 0 to 4294967295"#,
        ),
        (
            "expect",
            r#"(message: "m", recipient: "", copies: 1)"#,
            "expect[0].recipient: an address that is empty",
        ),
        (
            "expect",
            r#"(message: "m", before: "15d", queued_at: "A")"#,
            r#"expect[0].before: 15d is after the end of the simulation; it ends after 14d; `until` in `settings` changes that | expect[0].queued_at: unknown server "A"; it has to be the name of a server, and "A" is a site"#,
        ),
    ] {
        assert_eq!(told_of(collection, record), expect, "{record}");
    }
}

#[test]
fn where_the_topology_is() {
    for (text, expect) in [
        (
            "()",
            &[
                "s:1:1 topology: missing required field `topology`; write the path of a topology file, or the topology itself",
            ][..],
        ),
        (
            "(topology: 5)",
            &["s:1:12 topology: expected a string, found 5; write it in double quotes"][..],
        ),
        (
            "(topology: None)",
            &[
                "s:1:1 topology: missing required field `topology`; write the path of a topology file, or the topology itself",
            ][..],
        ),
        (
            r#"(topology: ["org.ron"])"#,
            &["s:1:12 topology: expected a string, found a list"][..],
        ),
        (
            "(topology: {})",
            &["s:1:12 topology: expected a record `( … )`, found a map `{ … }`"][..],
        ),
        (
            "(topology: Topology(sites: []))",
            &["s:1:12 topology: expected a record `( … )`, found a record with a name in front; leave out the name"][..],
        ),
        (
            r#"(topology: "missing.ron", expect: [()])"#,
            &[
                r#"s:1:12 topology: can't read "missing.ron": there is no such file; is the path right?"#,
                "s:1:36 expect[0].message: missing required field `message`",
                "s:1:36 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
            ][..],
        ),
        (
            r#"(topology: "topologies", expect: [()])"#,
            &[
                r#"s:1:12 topology: can't read "topologies": this is a directory, not a file; name a file in it"#,
                "s:1:35 expect[0].message: missing required field `message`",
                "s:1:35 expect[0]: this expects nothing; give at least one of `fate`, `before`, `after`, `copies` and `queued_at`",
            ][..],
        ),
        (
            r#"(topology: "bad.ron", peers: [(name: "P")], events: [(at: "0s", kind: Pause, target: "S"), (at: "0s", kind: SessionCut, target: "peer:Q")])"#,
            &[
                r#"s:1:129 events[1].target: unknown peer "Q"; it has to be the name of a peer"#,
                r#"bad.ron:2:56 servers[0].site: unknown site "a b""#,
            ][..],
        ),
        (
            r#"(format: "bridgehead.topology/1", topology: "org.ron")"#,
            &[
                r#"s:1:10 format: unknown format "bridgehead.topology/1"; this has to be a file of the format "bridgehead.scenario/1""#,
            ][..],
        ),
        (
            r#"(format: "bridgehead.scenario/2", topology: (format: "bridgehead.scenario/1"))"#,
            &[
                r#"s:1:10 format: unknown version of the format: "bridgehead.scenario/2"; this program reads "bridgehead.scenario/1"; a newer one may read it"#,
                r#"s:1:54 topology.format: unknown format "bridgehead.scenario/1"; this has to be a file of the format "bridgehead.topology/1""#,
            ][..],
        ),
        (
            r#"(topology: (
 sites: [(name: "A", hubsite: true), (name: "A")],
 servers: [(name: "S", version: Exchange2012), (name: "E", version: Exchange2010Sp1, roles: [EdgeTransport])], edge_subscriptions: [(edge: "E", site: "A")]),
 events: [(at: "0s", kind: Pause, target: "S"), (at: "0s", kind: Pause, target: "T"), (at: "0s", kind: ConnectorDown, target: "EdgeSync - A to Internet")])"#,
            &[
                r#"s:2:22 topology.sites[0]: unknown field "hubsite"; did you mean `hub_site`?"#,
                r#"s:2:45 topology.sites[1].name: duplicate site "A""#,
                r#"s:3:33 topology.servers[0].version: unknown version "Exchange2012"; did you mean Exchange2013? it is one of Exchange55, Exchange2000, Exchange2003, Exchange2007Rtm, Exchange2007Sp1, Exchange2007Sp2, Exchange2007Sp3, Exchange2010Rtm, Exchange2010Sp1, Exchange2010Sp2, Exchange2010Sp3, Exchange2013, Exchange2016, Exchange2019, ExchangeSe"#,
                r#"s:4:81 events[1].target: unknown server "T"; it has to be the name of a server"#,
            ][..],
        ),
    ] {
        assert_eq!(told(text), expect, "{text}");
    }
}

#[test]
fn who_a_message_can_be_for() {
    let text = |events: &str, recipient: &str| {
        format!(
            r#"(topology: "org.ron", messages: [(id: "m", at: "0s", from: "ann@contoso.example", to: ["all@contoso.example"])],
            events: [{events}], expect: [(message: "m", recipient: "{recipient}", copies: 1)])"#
        )
    };
    let joins = |address: &str| {
        format!(r#"(at: "1s", kind: GroupChange, target: "inner@contoso.example", add: ["{address}"])"#)
    };
    for (events, recipient, can_be) in [
        (String::new(), "ALL@contoso.example", true),
        (String::new(), "bob@contoso.example", true),
        (String::new(), "SMTP:bob@contoso.example", true),
        (String::new(), "new@contoso.example", false),
        (String::new(), "X400:bob@contoso.example", false),
        (joins("new@contoso.example"), "new@contoso.example", true),
        (joins("new@contoso.example"), "newer@contoso.example", false),
    ] {
        assert_eq!(
            read(&text(&events, recipient), Format::Ron).is_ok(),
            can_be,
            "{events} {recipient}"
        );
    }
    // Who is added can be removed, whatever the order in the file.
    let text = r#"(topology: "org.ron", events: [
        (at: "2s", kind: GroupChange, target: "all@contoso.example", remove: ["New@contoso.example", "ann@contoso.example"]),
        (at: "1s", kind: GroupChange, target: "all@contoso.example", add: ["new@contoso.example"])])"#;
    let (_, scenario) = good(text);
    let times: Vec<u64> = scenario.events.iter().map(|event| event.at.ms()).collect();
    assert_eq!(times, [1000, 2000]);
}
