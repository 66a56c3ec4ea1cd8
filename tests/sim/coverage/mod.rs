//! Every loss and every duplicate that the documents know, and every fallback, is reached: by a small scenario each, in which the
//! checker of traces names just that one, and finds nothing that may not be.
//!
//! Losses are those of section 7.2 of the documentation, duplicates those of 7.3. Fallbacks are what is done where the first
//! choice cannot be had:
//!
//! * D9: no other hub answers, and an item is submitted to the hub of its own server; D12: no other hub answers, and mail is
//!   delivered into a database of the own server; D13: mail was handed on twice, and is delivered where it is;
//! * A54: nothing is verified within MaxAcknowledgementDelay, and the acknowledgement goes all the same; X5: before it goes, the
//!   message is given to another server (promotion);
//! * D28: the server does not answer, and the sender tries another one of its site;
//! * A35, X3: the next hop is lost, and the shadow goes another way, or waits for a new database where there is none;
//! * S47: no other site has room for a shadow, and the own one gets it; S21: no shadow can be made and the message is accepted
//!   without one, since nobody answers or time is up (S39); S22: where that may not be, it is rejected with 451 (S40);
//! * S62, S63: the primary server is silent, or has another database, and the shadow becomes the message;
//! * X15: a Safety Net does not answer for twelve hours, and those of the shadows are asked; X17: a queue database is new, and
//!   they are asked at once for what it cannot have.

mod duplicates;
mod fallbacks;
mod losses;

use std::collections::BTreeSet;
use std::time::Duration;

use bridgehead::linkstate::Timers;
use bridgehead::model::{
    Address, ClientKind, Entry, FateKind, MailboxIdx, ScenarioEventKind as Kind, ServerIdx, SimTime,
};
use bridgehead::route::Options;
use bridgehead::sim::{
    Actor, Bounds, Cause, CopyIdx, DupId, Fate, Hop, LossId, Observed, Place, Promotion, Safe, Stage, TraceEvent, What,
    observe,
};

use super::redundancy_2010::{EDGE, LINE, OLD, PAIR, STAR, two_hubs};
use super::redundancy_2013::{DAG, REJECT, SITE, play};
use super::scene::{HOUR, MINUTE, SECOND, Scene};

const ANN: &str = "ann@x.example";
const AMY: &str = "amy@x.example";
const BOB: &str = "bob@x.example";
const CAT: &str = "cat@x.example";
const CID: &str = "cid@x.example";
const LOU: &str = "lou@x.example";
const TOM: &str = "tom@x.example";
/// Who is outside.
const ZOE: &str = "zoe@far.example";

/// A server of 2013 that is alone in its site; Bob is on the other one.
const LONE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [(name: "P", version: Exchange2013, site: "A"), (name: "S", version: Exchange2013, site: "B")],
    mailboxes: [(address: "ann@x.example", server: "P"), (address: "bob@x.example", server: "S")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// P and Q of 2013, and H and M of 2010: a hub, and mailboxes.
const BESIDE: &str = r#"(
    sites: [(name: "A")],
    servers: [
        (name: "P", version: Exchange2013, site: "A"), (name: "Q", version: Exchange2013, site: "A"),
        (name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
        (name: "M", version: Exchange2010Sp2, site: "A", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "P"), (address: "bob@x.example", server: "M")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn configured(topology: &str, config: &str) -> String {
    topology.replace(
        "accepted_domains",
        &format!("transport_config: ({config}), accepted_domains"),
    )
}

/// Two Edge servers to the Internet, and Ann's mailbox beside Amy's.
fn two_edges() -> String {
    EDGE.replace(
        "edge_subscriptions: [",
        r#"edge_subscriptions: [(edge: "Edge02", site: "A", create_inbound_connector: true, create_internet_connector: false), "#,
    )
    .replace(
        r#"(name: "Edge01", v"#,
        r#"(name: "Edge02", version: Exchange2010Sp2, roles: [EdgeTransport]), (name: "Edge01", v"#,
    )
    .replace(r#"source_servers: ["Edge01"]"#, r#"source_servers: ["Edge01", "Edge02"]"#)
}

/// A message of Amy's for Zoe, over HA and an Edge server.
fn to_the_internet() -> Scene {
    Scene::new(&two_edges())
        .peer("Internet01", false, None)
        .mail(0, AMY, &[ZOE])
}

/// P has a message for Bob; what it has delivered, S keeps too. The database comes up on T, which lags by a day, at 0:10:30.
fn lagged(config: &str, to: &str) -> Scene {
    play(DAG, config)
        .far_sends(0, "P", &[to], None)
        .failover(10 * MINUTE, "DB", "T", 0)
}

fn stage(scene: Scene) -> Stage {
    let Scene(mut play) = scene;
    play.scenario.events.sort_by_key(|event| event.at);
    Stage::new(play.org, play.scenario, Options::default(), Timers::default())
}

fn watched(scene: Scene) -> (Stage, Observed) {
    let stage = stage(scene);
    let observed = observe(&stage, &[], &Bounds::default());
    (stage, observed)
}

fn fate<'a>(stage: &Stage, observed: &'a Observed, whom: &str) -> Option<&'a Fate> {
    let address = Address::parse(whom);
    let mut fates = observed.fates.iter();
    fates.find(|fate| *stage.cast().address(fate.recipient) == address)
}

fn told(stage: &Stage, observed: &Observed) -> String {
    let fates = observed.fates.iter().map(|fate| {
        let whom = stage.cast().address(fate.recipient);
        format!("{whom} {} {} {:?}", fate.kind.name(), fate.at, fate.cause)
    });
    let violations = observed.violations.iter().map(ToString::to_string);
    fates.chain(violations).collect::<Vec<_>>().join("\n")
}
