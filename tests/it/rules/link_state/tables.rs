//! What servers know: versions, digests, and which entry is taken (LS-1.1, LS-1.3, LS-6).

use bridgehead::linkstate::{ConnectorEntry, ConnectorState, GroupEntry, Member, StateVersion, Table};
use bridgehead::model::{
    ConnectorIdx, ConnectorRef, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx, ServerIdx, Version,
};

#[test]
fn ls_6_20_major_comes_before_minor_before_user() {
    let version = StateVersion::new;
    assert!(version(0xa, 0, 0) > version(9, 0xff, 0xff));
    assert!(version(0xa, 1, 0) > version(0xa, 0, 0xff));
    assert!(version(0xa, 0, 1) > version(0xa, 0, 0));
    assert_eq!(version(10, 0, 0).to_string(), "a.0.0");
    assert_eq!(version(0x1f, 0xff, 16).to_string(), "1f.ff.10");
    assert_eq!(version(1, 2, 3).next_major(), version(2, 0, 0));
    assert_eq!(version(1, 2, 3).next_minor(), version(1, 3, 0));
    assert_eq!(version(1, 2, 3).next_user(), version(1, 2, 4));
}

/// A table with every field in use.
fn some_table() -> Table {
    let server = ServerIdx::from_usize;
    let connector = |index| ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(index));
    let entry = |connector| ConnectorEntry {
        connector,
        revision: 0,
        state: ConnectorState::Up,
    };
    let group = |connectors: Vec<ConnectorEntry>| GroupEntry {
        master: Some(server(0)),
        version: StateVersion::new(1, 1, 1),
        members: vec![Member {
            server: server(0),
            version: Version::Exchange2003,
            connected: true,
        }],
        connectors,
    };
    let last = group(vec![entry(ConnectorRef::External(ConnectorIdx::from_usize(3)))]);
    Table::new(
        [group(vec![entry(connector(0)), entry(connector(1))]), group(vec![])],
        last,
    )
}

#[test]
fn ls_6_30_digests_are_equal_exactly_for_equal_tables() {
    type Change = fn(&mut GroupEntry);
    let changes: [(&str, Change); 12] = [
        ("master", |entry| entry.master = None),
        ("another master", |entry| entry.master = Some(ServerIdx::from_usize(7))),
        ("major", |entry| entry.version.major += 1),
        ("minor", |entry| entry.version.minor += 1),
        ("user", |entry| entry.version.user += 1),
        ("member", |entry| entry.members[0].server = ServerIdx::from_usize(5)),
        ("member's version", |entry| {
            entry.members[0].version = Version::Exchange2000
        }),
        ("member's connection", |entry| entry.members[0].connected = false),
        ("one member less", |entry| entry.members.clear()),
        ("state", |entry| entry.connectors[0].state = ConnectorState::Down),
        ("revision", |entry| entry.connectors[0].revision = 1),
        ("one connector less", |entry| {
            entry.connectors.pop();
        }),
    ];
    let whole = some_table();
    assert_eq!(whole.digest(), some_table().digest());
    let mut seen = vec![whole.clone()];
    for group in [GroupRef::Legacy(RoutingGroupIdx::from_usize(0)), GroupRef::Exchange2007] {
        for (what, change) in &changes {
            let mut table = whole.clone();
            change(table.entry_mut(group));
            assert_ne!(table, whole, "{what}");
            seen.push(table);
        }
    }
    // The same connector as the other kind, and moved to the next group.
    let mut kind = whole.clone();
    kind.entry_mut(GroupRef::Exchange2007).connectors[0].connector =
        ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(3));
    let mut moved = whole.clone();
    let last = moved
        .entry_mut(GroupRef::Legacy(RoutingGroupIdx::from_usize(0)))
        .connectors
        .pop();
    moved
        .entry_mut(GroupRef::Legacy(RoutingGroupIdx::from_usize(1)))
        .connectors
        .extend(last);
    seen.extend([kind, moved]);
    for (at, one) in seen.iter().enumerate() {
        for (other_at, other) in seen.iter().enumerate() {
            assert_eq!(one == other, at == other_at, "{at} {other_at}");
            assert_eq!(one.digest() == other.digest(), at == other_at, "{at} {other_at}");
        }
    }
}

#[test]
fn ls_1_3_a_table_takes_the_entries_that_are_strictly_newer() {
    let (mut own, mut remote) = (some_table(), some_table());
    let group = |index| GroupRef::Legacy(RoutingGroupIdx::from_usize(index));
    remote.entry_mut(group(0)).connectors[0].state = ConnectorState::Down;
    assert_eq!(own.merge(&remote), [], "equal versions: nothing, whatever they say");
    remote.entry_mut(group(0)).version = StateVersion::new(1, 2, 0);
    remote.entry_mut(group(1)).version = StateVersion::new(1, 0, 9);
    own.entry_mut(group(0)).connectors[1].revision = 4;
    assert_eq!(own.merge(&remote), [group(0)]);
    assert_eq!(own.entry(group(0)).version.to_string(), "1.2.0");
    assert_eq!(
        own.down(),
        [ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(0))]
    );
    assert_eq!(
        own.entry(group(0)).connectors[1].revision,
        4,
        "what the directory said later stays"
    );
    assert_eq!(own.entry(group(1)).version.to_string(), "1.1.1");
}
