//! Hub and Mailbox roles on DAG members: every row and bullet of the documented case. Messages are sent at 0:01:00, logs take ten
//! seconds to arrive at the other copy, and a database is mounted elsewhere half a minute after its server has failed.

mod limits;
mod rows_1_and_2;
mod rows_3_and_4;

use std::time::Duration;

use super::scene::*;

/// One site; S1 and S2 are hub and mailbox server, DB1 is active on S1 and DB2 on S2.
pub(crate) const PAIR: &str = r#"(
    sites: [(name: "A")],
    servers: [(name: "S1", version: Exchange2010Sp2, site: "A", dag: "D"), (name: "S2", version: Exchange2010Sp2, site: "A", dag: "D")],
    dags: [(name: "D")],
    databases: [
        (name: "DB1", dag: "D", active_on: "S1", copies: [(server: "S1", replication_lag: "10s"), (server: "S2", replication_lag: "10s")]),
        (name: "DB2", dag: "D", active_on: "S2", copies: [(server: "S2", replication_lag: "10s"), (server: "S1", replication_lag: "10s")]),
    ],
    mailboxes: [(address: "ann@x.example", database: "DB1"), (address: "amy@x.example", database: "DB1"), (address: "bob@x.example", database: "DB2")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

const START: u64 = 60 * SECOND;

/// Row 1: sender and recipient on DB1 at S1.
fn row_1() -> Scene {
    Scene::new(PAIR).mail(START, "ann@x.example", &["amy@x.example"])
}

/// Row 2: from DB1 at S1 to DB2 at S2.
fn row_2() -> Scene {
    Scene::new(PAIR).mail(START, "ann@x.example", &["bob@x.example"])
}

/// Row 3: from outside to DB1 at S1.
fn row_3() -> Scene {
    let scene = Scene::new(PAIR).peer("Edge1", true, None);
    scene.external(START, "Edge1", "S1", &["amy@x.example"])
}

/// Row 4: from outside to DB2 at S2.
fn row_4() -> Scene {
    let scene = Scene::new(PAIR).peer("Edge1", true, None);
    scene.external(START, "Edge1", "S1", &["bob@x.example"])
}

/// The first so many lines, and that no more is checked.
fn begins(played: &Played, expect: &[&str]) {
    let lines = played.lines();
    assert_eq!(lines[..expect.len().min(lines.len())], *expect, "{}", lines.join("\n"));
}

fn is(lines: Vec<String>, expect: &[&str]) {
    assert_eq!(lines, expect, "{}", lines.join("\n"));
}

/// What a message does when it comes to a mailbox again, from a hub that is alone.
const LAST: [&str; 8] = [
    "AGAIN",
    "PROMOTE",
    "REPLAY",
    "COLOCATED",
    "NOTIFY",
    "RECEIVE",
    "MAILBOX",
    "DUPLICATE",
];
