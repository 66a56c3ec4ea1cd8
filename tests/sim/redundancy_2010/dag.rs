//! Hub and Mailbox roles on DAG members: every row and bullet of the documented case. Messages are sent at 0:01:00, logs take ten
//! seconds to arrive at the other copy, and a database is mounted elsewhere half a minute after its server has failed.

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

/// D3, D4, D6–D8, D14, D37: the message goes from S1 to the hub of S2, which delivers into DB1 at S1 and keeps it in its dumpster;
/// until it owns the message, the sender's item is the shadow.
#[test]
fn d14_a_message_of_one_database_goes_over_the_other_server() {
    let played = row_1().play();
    is(
        played.lines(),
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:01 RECEIVE S2 c0 m1 from S1",
            "0:01:01 QUEUE S2 c0 amy DB1",
            "0:01:02 MAILBOX DB1 c0 amy",
            "0:01:02 DELIVER S2 c0 amy",
            "0:01:02 KEPT S2 c0 amy",
            "0:01:02 OWN S2 m1",
            "0:01:03 SUBMIT m1",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:02 x1"]);
}

/// D15: S1 fails before the hub has the item, and its log has not arrived at S2.
#[test]
fn d15_an_item_may_be_lost_before_submission() {
    let played = row_1().down(60_500, "S1").play();
    is(
        played.lines(),
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:30.500 LOGLOST DB1 0:00:50.501",
            "0:01:30.500 MOUNTED DB1 S2",
        ],
    );
    is(played.fates(), &["m1 amy lost 0:01:30.500 x0"]);
}

/// D15: with the log at S2 nothing is lost: S2 submits to its own hub, for no other one answers (D9).
#[test]
fn d15_an_item_whose_log_has_arrived_is_submitted_elsewhere() {
    let topology = PAIR.replace("10s", "0s");
    let scene = Scene::new(&topology).mail(START, "ann@x.example", &["amy@x.example"]);
    let played = scene.down(60_500, "S1").play();
    begins(
        &played,
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:30.500 MOUNTED DB1 S2",
            "0:01:30.500 COLOCATED S2 m1 DB1",
            "0:01:30.500 NOTIFY S2>S2 m1",
            "0:01:30.500 RECEIVE S2 c0 m1 from S2",
            "0:01:30.500 COLOCATED S2 m1 DB1",
            "0:01:30.500 QUEUE S2 c0 amy DB1",
            "0:01:30.500 MAILBOX DB1 c0 amy",
            "0:01:30.500 DELIVER S2 c0 amy",
            "0:01:30.500 KEPT S2 c0 amy",
            "0:01:30.500 OWN S2 m1",
            "0:01:30.500 SUBMIT m1",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:30.500 x1"]);
}

/// D9, D16: S2 fails before it has the item. It is submitted to the hub of S1 at once.
#[test]
fn d16_without_another_hub_mail_is_submitted_locally_at_once() {
    let played = row_1().down(60_500, "S2").play();
    begins(
        &played,
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:00.500 COLOCATED S1 m1 DB1",
            "0:01:00.500 NOTIFY S1>S1 m1",
            "0:01:00.500 RECEIVE S1 c0 m1 from S1",
            "0:01:00.500 COLOCATED S1 m1 DB1",
            "0:01:00.500 QUEUE S1 c0 amy DB1",
            "0:01:00.500 MAILBOX DB1 c0 amy",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:00.500 x1"]);
}

/// D17: submitted to S2, not delivered, S1 fails: the message waits until DB1 is mounted on S2.
#[test]
fn d17_mail_waits_until_the_database_is_mounted() {
    let played = row_1().down(61_500, "S1").play();
    is(
        played.lines(),
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:01 RECEIVE S2 c0 m1 from S1",
            "0:01:01 QUEUE S2 c0 amy DB1",
            "0:01:01.500 DEFER S2 1 0:06:01.500",
            "0:01:31.500 LOGLOST DB1 0:00:51.501",
            "0:01:31.500 MOUNTED DB1 S2",
            "0:01:31.500 COLOCATED S2 m1 DB1",
            "0:01:31.500 QUEUE S2 c0 amy DB1",
            "0:01:31.500 MAILBOX DB1 c0 amy",
            "0:01:31.500 DELIVER S2 c0 amy",
            "0:01:31.500 KEPT S2 c0 amy",
            "0:01:31.500 OWN S2 m1",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:31.500 x1"]);
}

/// D18, D39, D40: submitted to S2, not delivered, S2 fails: the item in DB1 is submitted to S1 when S1 has missed S2 for three
/// hours since the hub took it at 0:01:01.
#[test]
fn d18_the_item_in_the_outbox_is_submitted_again() {
    let played = row_1().down(61_500, "S2").play();
    let missed: Vec<String> = (1..=12)
        .map(|miss| {
            let minutes = 15 * miss;
            format!("{}:{:02}:01 MISSED S1>S2 {miss}", minutes / 60, minutes % 60 + 1)
        })
        .collect();
    assert_eq!(played.only(&["MISSED"]), missed);
    is(
        played
            .lines()
            .into_iter()
            .skip_while(|line| !line.contains("S1>S2 12"))
            .take(12)
            .collect(),
        &[
            "3:01:01 MISSED S1>S2 12",
            "3:01:01 AGAIN S1 m1 lost S2: silence",
            "3:01:01 COLOCATED S1 m1 DB1",
            "3:01:01 NOTIFY S1>S1 m1",
            "3:01:01 RECEIVE S1 c1 m1 from S1",
            "3:01:01 COLOCATED S1 m1 DB1",
            "3:01:01 QUEUE S1 c1 amy DB1",
            "3:01:01 MAILBOX DB1 c1 amy",
            "3:01:01 DELIVER S1 c1 amy",
            "3:01:01 KEPT S1 c1 amy",
            "3:01:01 OWN S1 m1",
            "3:01:01 SUBMIT m1",
        ],
    );
    is(played.fates(), &["m1 amy delivered 3:01:01 x1"]);
}

/// D19: delivered to DB1 at S1 three seconds before S1 fails: S2's copy lacks it, and S2 has it in its dumpster.
#[test]
fn d19_what_the_log_lacks_is_redelivered_from_the_dumpster() {
    let played = row_1().down(65_000, "S1").play();
    is(
        played.lines().into_iter().skip(8).collect(),
        &[
            "0:01:03 SUBMIT m1",
            "0:01:35 LOGLOST DB1 0:00:55.001",
            "0:01:35 MOUNTED DB1 S2",
            "0:01:35 REPLAY S2 c0 DB1",
            "0:01:35 RECEIVE S2 c1 m1 from S2",
            "0:01:35 COLOCATED S2 m1 DB1",
            "0:01:35 QUEUE S2 c1 amy DB1",
            "0:01:35 MAILBOX DB1 c1 amy",
            "0:01:35 DELIVER S2 c1 amy",
            "0:01:35 KEPT S2 c1 amy",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:35 x1"]);
}

/// D19, X8: ten seconds after the delivery the log is at S2, the dumpster lets the message go, and nothing is redelivered.
#[test]
fn d19_what_the_log_has_is_not_redelivered() {
    let played = row_1()
        .down(75_000, "S1")
        .mail(200_000, "bob@x.example", &["amy@x.example"])
        .play();
    is(
        played.only(&["KEPT", "DROPPED", "REPLAY"])[..2].to_vec(),
        &["0:01:02 KEPT S2 c0 amy", "0:01:12 DROPPED S2 c0"],
    );
    assert_eq!(played.only(&["REPLAY"]), [""; 0]);
    assert_eq!(played.fates()[0], "m1 amy delivered 0:01:02 x1");
}

/// D11, D20: submitted to S2, handed to S1 since DB2 is active on S2 itself, and delivered from there.
#[test]
fn d20_a_hub_lets_another_one_deliver_to_its_own_databases() {
    let played = row_2().play();
    is(
        played.lines(),
        &[
            "0:01:00 STORED m1 DB1",
            "0:01:00 NOTIFY S1>S2 m1",
            "0:01:01 RECEIVE S2 c0 m1 from S1",
            "0:01:01 QUEUE S2 c0 bob sibling",
            "0:01:02 RECEIVE S1 c1 m1 from S2",
            "0:01:02 QUEUE S1 c1 bob DB2",
            "0:01:02 SEND S2>S1 c0 bob",
            "0:01:02 SHADOW S2 c0 of S1",
            "0:01:02 OWN S2 m1",
            "0:01:02 BEAT S2>S1 0",
            "0:01:03 SUBMIT m1",
            "0:01:03 MAILBOX DB2 c1 bob",
            "0:01:03 DELIVER S1 c1 bob",
            "0:01:03 KEPT S1 c1 bob",
            "0:01:03 NOTICE S1 c1 for S2",
            "0:01:13 DROPPED S1 c1",
            "0:16:02 BEAT S2>S1 1",
            "0:16:02 HADISCARD S2 c0 by S1",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:03 x1"]);
}

/// D21: either server fails before the hub has the item: as D15 and D16, and in the second case delivery waits for DB2 at S1.
#[test]
fn d21_failures_before_submission_are_those_of_row_1() {
    let played = row_2().down(60_500, "S1").play();
    is(played.fates(), &["m1 bob lost 0:01:30.500 x0"]);
    let played = row_2().down(60_500, "S2").play();
    is(
        played.lines().into_iter().skip(2).collect(),
        &[
            "0:01:00.500 COLOCATED S1 m1 DB1",
            "0:01:00.500 NOTIFY S1>S1 m1",
            "0:01:00.500 RECEIVE S1 c0 m1 from S1",
            "0:01:00.500 QUEUE S1 c0 bob DB2",
            "0:01:00.500 DEFER S1 1 0:06:00.500",
            "0:01:30.500 LOGLOST DB2 0:00:50.501",
            "0:01:30.500 MOUNTED DB2 S1",
            "0:01:30.500 COLOCATED S1 m1 DB2",
            "0:01:30.500 QUEUE S1 c0 bob DB2",
            "0:01:30.500 MAILBOX DB2 c0 bob",
            "0:01:30.500 DELIVER S1 c0 bob",
            "0:01:30.500 KEPT S1 c0 bob",
            "0:01:30.500 OWN S1 m1",
            "0:01:30.500 SUBMIT m1",
        ],
    );
}

/// D12, D22: submitted to S2, not yet handed to S1, S1 fails: S2 delivers itself, at once.
#[test]
fn d22_without_another_hub_mail_is_delivered_locally_at_once() {
    let played = row_2().down(61_500, "S1").play();
    is(
        played.lines().into_iter().skip(3).collect(),
        &[
            "0:01:01 QUEUE S2 c0 bob sibling",
            "0:01:01.500 COLOCATED S2 m1 DB2",
            "0:01:01.500 QUEUE S2 c0 bob DB2",
            "0:01:01.500 MAILBOX DB2 c0 bob",
            "0:01:01.500 DELIVER S2 c0 bob",
            "0:01:01.500 KEPT S2 c0 bob",
            "0:01:01.500 OWN S2 m1",
            "0:01:31.500 LOGLOST DB1 0:00:51.501",
            "0:01:31.500 MOUNTED DB1 S2",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:01.500 x1"]);
}

/// D23, D39: submitted to S2, not yet handed to S1, S2 fails: DB2 comes up on S1, and when S1 takes S2 to be lost it submits
/// the item in DB1 to itself.
#[test]
fn d23_the_item_in_the_outbox_is_the_shadow_until_it_is_owned() {
    let played = row_2().down(61_500, "S2").play();
    is(played.only(&["MOUNTED"]), &["0:01:31.500 MOUNTED DB2 S1"]);
    is(
        played.only(&LAST).into_iter().skip(2).collect(),
        &[
            "3:01:01 AGAIN S1 m1 lost S2: silence",
            "3:01:01 COLOCATED S1 m1 DB1",
            "3:01:01 NOTIFY S1>S1 m1",
            "3:01:01 RECEIVE S1 c1 m1 from S1",
            "3:01:01 COLOCATED S1 m1 DB2",
            "3:01:01 MAILBOX DB2 c1 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 3:01:01 x1"]);
}

/// D24, D39: handed to S1, not delivered, S1 fails: S2 has its shadow since 0:01:02 and delivers it itself three hours later.
#[test]
fn d24_the_shadow_of_the_first_hub_is_resubmitted() {
    let played = row_2().down(62_500, "S1").play();
    is(
        played.only(&LAST).into_iter().skip(3).collect(),
        &[
            "3:01:02 PROMOTE S2 c0 lost S1: silence",
            "3:01:02 COLOCATED S2 m1 DB2",
            "3:01:02 MAILBOX DB2 c0 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 3:01:02 x1"]);
}

/// D40: with RTM the same takes 15 minutes.
#[test]
fn d40_servers_of_rtm_notice_after_a_quarter_of_an_hour() {
    let topology = PAIR.replace("2010Sp2", "2010Rtm");
    let scene = Scene::new(&topology).mail(START, "ann@x.example", &["bob@x.example"]);
    let played = scene.down(62_500, "S1").play();
    is(
        played.only(&["MISSED", "PROMOTE"]),
        &[
            "0:06:02 MISSED S2>S1 1",
            "0:11:02 MISSED S2>S1 2",
            "0:16:02 MISSED S2>S1 3",
            "0:16:02 PROMOTE S2 c0 lost S1: silence",
        ],
    );
}

/// D25: handed to S1, not delivered, S2 fails: the message waits at S1 until DB2 is mounted there. What S1 is done with waits for
/// S2, which does not ask, and is dropped after two days.
#[test]
fn d25_mail_waits_where_it_was_rerouted_to() {
    let played = row_2().down(62_500, "S2").play();
    is(
        played.lines().into_iter().skip(10).collect(),
        &[
            "0:01:02.500 DEFER S1 1 0:06:02.500",
            "0:01:03 SUBMIT m1",
            "0:01:32.500 LOGLOST DB2 0:00:52.501",
            "0:01:32.500 MOUNTED DB2 S1",
            "0:01:32.500 COLOCATED S1 m1 DB2",
            "0:01:32.500 QUEUE S1 c1 bob DB2",
            "0:01:32.500 MAILBOX DB2 c1 bob",
            "0:01:32.500 DELIVER S1 c1 bob",
            "0:01:32.500 KEPT S1 c1 bob",
            "0:01:32.500 NOTICE S1 c1 for S2",
            "48:01:32.500 NOTICEDROPPED S1 c1 for S2",
            "168:01:32.500 DROPPED S1 c1",
        ],
    );
}

/// D26: delivered to DB2 at S2, S2 fails: the dumpster of S1 delivers again.
#[test]
fn d26_the_dumpster_of_the_other_server_redelivers() {
    let played = row_2().down(65_000, "S2").play();
    is(
        played.only(&["LOGLOST", "REPLAY", "COLOCATED", "MAILBOX"]),
        &[
            "0:01:03 MAILBOX DB2 c1 bob",
            "0:01:35 LOGLOST DB2 0:00:55.001",
            "0:01:35 REPLAY S1 c1 DB2",
            "0:01:35 COLOCATED S1 m1 DB2",
            "0:01:35 MAILBOX DB2 c2 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:35 x1"]);
}

/// D27: from Edge1 to S1, which lets S2 deliver to DB1. S1 keeps a shadow for S2, and Edge1 one for S1 until that has handed on.
#[test]
fn d27_mail_from_outside_is_rerouted_too() {
    let played = row_3().play();
    is(
        played.lines(),
        &[
            "0:01:01 RECEIVE S1 c0 m1 from Edge1",
            "0:01:01 QUEUE S1 c0 amy sibling",
            "0:01:01 ACK S1>Edge1 m1",
            "0:01:02 RECEIVE S2 c1 m1 from S1",
            "0:01:02 QUEUE S2 c1 amy DB1",
            "0:01:02 SEND S1>S2 c0 amy",
            "0:01:02 SHADOW S1 c0 of S2",
            "0:01:02 NOTICE S1 c0 for Edge1",
            "0:01:02 BEAT S1>S2 0",
            "0:01:03 MAILBOX DB1 c1 amy",
            "0:01:03 DELIVER S2 c1 amy",
            "0:01:03 KEPT S2 c1 amy",
            "0:01:03 NOTICE S2 c1 for S1",
            "0:01:13 DROPPED S2 c1",
            "0:16:02 BEAT S1>S2 1",
            "0:16:02 HADISCARD S1 c0 by S2",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:03 x1"]);
}

/// D28: S1 fails while Edge1 transmits: Edge1 tries S2.
#[test]
fn d28_the_sender_tries_the_other_hub() {
    let played = row_3().down(60_500, "S1").play();
    begins(
        &played,
        &[
            "0:01:01.500 RECEIVE S2 c0 m1 from Edge1",
            "0:01:01.500 QUEUE S2 c0 amy DB1",
            "0:01:01.500 DEFER S2 1 0:06:01.500",
            "0:01:01.500 ACK S2>Edge1 m1",
            "0:01:30.500 LOGLOST DB1 0:00:50.501",
            "0:01:30.500 MOUNTED DB1 S2",
            "0:01:30.500 COLOCATED S2 m1 DB1",
            "0:01:30.500 QUEUE S2 c0 amy DB1",
            "0:01:30.500 MAILBOX DB1 c0 amy",
        ],
    );
    is(played.fates(), &["m1 amy delivered 0:01:30.500 x1"]);
}

/// D29: S1 has the message and fails before it hands it on: Edge1, which kept it at 0:01:01, sends it to S2 three hours later.
#[test]
fn d29_the_sender_resubmits_what_it_has_kept() {
    let played = row_3().down(61_500, "S1").play();
    is(
        played.only(&LAST).into_iter().skip(1).collect(),
        &[
            "3:01:01 AGAIN Edge1 m1 lost S1: silence",
            "3:01:02 RECEIVE S2 c1 m1 from Edge1",
            "3:01:02 COLOCATED S2 m1 DB1",
            "3:01:02 MAILBOX DB1 c1 amy",
        ],
    );
    is(played.fates(), &["m1 amy delivered 3:01:02 x1"]);
}

/// D30: S1 fails after S2 has the message, as D17. What S1 had to tell Edge1 was in its memory: Edge1 sends again, in vain.
#[test]
fn d30_the_entry_server_fails_after_it_has_handed_on() {
    let played = row_3().down(62_500, "S1").play();
    is(
        played.only(&LAST).into_iter().skip(2).collect(),
        &[
            "0:01:32.500 COLOCATED S2 m1 DB1",
            "0:01:32.500 MAILBOX DB1 c1 amy",
            "3:01:01 AGAIN Edge1 m1 lost S1: silence",
            "3:01:02 RECEIVE S2 c2 m1 from Edge1",
            "3:01:02 COLOCATED S2 m1 DB1",
            "3:01:02 DUPLICATE S2 c2 amy",
        ],
    );
    is(played.fates(), &["m1 amy suppressed_duplicate 3:01:02 x1"]);
}

/// D30: S2 fails before it delivers: the shadow of S1's hub, no item of a mailbox, is resubmitted and delivered by S1.
#[test]
fn d30_the_hub_shadow_of_the_entry_server_is_resubmitted() {
    let played = row_3().down(62_500, "S2").play();
    is(
        played.only(&LAST).into_iter().skip(2).collect(),
        &[
            "3:01:02 PROMOTE S1 c0 lost S2: silence",
            "3:01:02 COLOCATED S1 m1 DB1",
            "3:01:02 MAILBOX DB1 c0 amy",
        ],
    );
    is(played.fates(), &["m1 amy delivered 3:01:02 x1"]);
}

/// D30: S1 fails after delivery, as D19.
#[test]
fn d30_the_dumpster_of_the_second_server_redelivers() {
    let played = row_3().down(65_000, "S1").play();
    is(
        played.only(&["LOGLOST", "REPLAY", "MAILBOX"]),
        &[
            "0:01:03 MAILBOX DB1 c1 amy",
            "0:01:35 LOGLOST DB1 0:00:55.001",
            "0:01:35 REPLAY S2 c1 DB1",
            "0:01:35 MAILBOX DB1 c2 amy",
        ],
    );
}

/// D10, D31: DB2 is active on the other server, so that S1 delivers directly.
#[test]
fn d31_a_database_of_the_other_server_is_delivered_to_directly() {
    let played = row_4().play();
    begins(
        &played,
        &[
            "0:01:01 RECEIVE S1 c0 m1 from Edge1",
            "0:01:01 QUEUE S1 c0 bob DB2",
            "0:01:01 ACK S1>Edge1 m1",
            "0:01:02 MAILBOX DB2 c0 bob",
            "0:01:02 DELIVER S1 c0 bob",
            "0:01:02 KEPT S1 c0 bob",
            "0:01:02 NOTICE S1 c0 for Edge1",
            "0:01:12 DROPPED S1 c0",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:02 x1"]);
}

/// D32: S1 fails while Edge1 transmits: Edge1 tries S2, which is alone.
#[test]
fn d32_the_sender_tries_the_other_hub() {
    let played = row_4().down(60_500, "S1").play();
    begins(
        &played,
        &[
            "0:01:01.500 RECEIVE S2 c0 m1 from Edge1",
            "0:01:01.500 COLOCATED S2 m1 DB2",
            "0:01:01.500 QUEUE S2 c0 bob DB2",
            "0:01:01.500 ACK S2>Edge1 m1",
            "0:01:01.500 MAILBOX DB2 c0 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:01.500 x1"]);
}

/// D33: S1 has everything and has not delivered when it fails: Edge1 has its shadow still, and sends it to S2.
#[test]
fn d33_completion_is_told_after_delivery_alone() {
    let played = row_4().down(61_500, "S1").play();
    assert_eq!(played.only(&["NOTICE"])[0], "3:01:02 NOTICE S2 c1 for Edge1");
    is(
        played.only(&LAST).into_iter().skip(1).collect(),
        &[
            "3:01:01 AGAIN Edge1 m1 lost S1: silence",
            "3:01:02 RECEIVE S2 c1 m1 from Edge1",
            "3:01:02 COLOCATED S2 m1 DB2",
            "3:01:02 MAILBOX DB2 c1 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 3:01:02 x1"]);
}

/// D34: delivered to DB2 at S2, S2 fails: the dumpster of S1 delivers again.
#[test]
fn d34_the_dumpster_of_the_entry_server_redelivers() {
    let played = row_4().down(65_000, "S2").play();
    is(
        played.only(&["LOGLOST", "REPLAY", "MAILBOX"]),
        &[
            "0:01:02 MAILBOX DB2 c0 bob",
            "0:01:35 LOGLOST DB2 0:00:55.001",
            "0:01:35 REPLAY S1 c0 DB2",
            "0:01:35 MAILBOX DB2 c1 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:01:35 x1"]);
}

/// D13: DB2 moves to S1 while the message is on its way there, and back while S1 hands it on in turn: it is handed on twice, and
/// then delivered where it is.
#[test]
fn d13_a_message_is_rerouted_at_most_once_more() {
    let scene = row_2().set(|settings| settings.database_failover_time = Duration::from_millis(300));
    let scene = scene.failover(61_200, "DB2", "S1", 0).failover(62_200, "DB2", "S2", 0);
    let played = scene.play();
    is(
        played.only(&["MOUNTED", "QUEUE", "COLOCATED", "MAILBOX"]),
        &[
            "0:01:01 QUEUE S2 c0 bob sibling",
            "0:01:01.500 MOUNTED DB2 S1",
            "0:01:02 QUEUE S1 c1 bob sibling",
            "0:01:02.500 MOUNTED DB2 S2",
            "0:01:03 COLOCATED S2 m1 DB2",
            "0:01:03 QUEUE S2 c2 bob DB2",
            "0:01:03 MAILBOX DB2 c2 bob",
        ],
    );
}

/// D13, M11: how often is a setting, and never means that the first hub delivers.
#[test]
fn m11_how_often_a_message_is_rerouted_can_be_set() {
    let counted = |reroutes: u32| {
        let scene = row_2().set(|settings| {
            settings.database_failover_time = Duration::from_millis(300);
            settings.hub_reroutes = reroutes;
        });
        let scene = scene.failover(61_200, "DB2", "S1", 0).failover(62_200, "DB2", "S2", 0);
        let played = scene.play();
        let queued = played.only(&["QUEUE"]);
        queued.iter().filter(|line| line.ends_with("sibling")).count()
    };
    // The third time it comes to S2, the database is on S2 again.
    assert_eq!([0, 1, 2, 9].map(counted), [0, 1, 2, 3]);
}

/// D35: in a larger site hubs that are no members of the DAG are taken for both rules.
#[test]
fn d35_dedicated_hubs_are_candidates() {
    let topology = PAIR.replace(
        "servers: [",
        r#"servers: [(name: "H3", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), "#,
    );
    let scene = Scene::new(&topology).down(0, "S2");
    let played = scene.mail(START, "ann@x.example", &["amy@x.example"]).play();
    is(
        played.only(&["NOTIFY", "QUEUE", "COLOCATED", "KEPT"]),
        &[
            "0:01:00 NOTIFY S1>H3 m1",
            "0:01:01 QUEUE H3 c0 amy DB1",
            "0:01:02 KEPT H3 c0 amy",
        ],
    );
    let scene = Scene::new(&topology).down(0, "S2").peer("Edge1", true, None);
    let played = scene.external(START, "Edge1", "S1", &["amy@x.example"]).play();
    is(
        played.only(&["QUEUE", "COLOCATED", "KEPT"]),
        &[
            "0:01:01 QUEUE S1 c0 amy sibling",
            "0:01:02 QUEUE H3 c1 amy DB1",
            "0:01:03 KEPT H3 c1 amy",
        ],
    );
}

/// D5, D37: while another hub answers, mailbox and dumpster are on two servers, whatever the row.
#[test]
fn d37_copies_are_on_two_servers_while_there_are_two() {
    for (scene, kept) in [(row_1(), "S2"), (row_2(), "S1"), (row_3(), "S2"), (row_4(), "S1")] {
        let played = scene.play();
        assert_eq!(played.only(&["COLOCATED"]), [""; 0]);
        let line = &played.only(&["KEPT"])[0];
        assert_eq!(line.split(' ').nth(2), Some(kept), "{line}");
    }
}

/// D38: after D17 mailbox and dumpster are both on S2. S2 is destroyed before S1 is back: the message is lost.
#[test]
fn d38_a_second_failure_after_local_delivery_may_lose_a_message() {
    let scene = row_1().down(61_500, "S1").destroy(95_000, "S2").up(200_000, "S1");
    let played = scene.play();
    is(
        played.only(&["COLOCATED", "MAILBOX", "KEPT", "QUEUESLOST", "REPLAY"]),
        &[
            "0:01:31.500 COLOCATED S2 m1 DB1",
            "0:01:31.500 MAILBOX DB1 c0 amy",
            "0:01:31.500 KEPT S2 c0 amy",
            "0:01:35 QUEUESLOST S2",
        ],
    );
    is(played.fates(), &["m1 amy lost 0:03:50 x0"]);
}

/// D41: a minute is enough where that is set: S2 took the item at 0:01:01.
#[test]
fn d41_the_patience_of_the_submission_service_can_be_set() {
    let minute = Some(Duration::from_secs(60));
    let scene = row_1().set(|settings| settings.submission_owner_timeout = minute);
    let played = scene.down(61_500, "S2").play();
    assert_eq!(played.only(&["AGAIN"]), ["0:02:01 AGAIN S1 m1 lost S2: silence"]);
    is(played.fates(), &["m1 amy delivered 0:02:01 x1"]);
}

/// X2, N25: S2 says that it owns the item, and a cut swallows that. What it pulls every minute afterwards asks nobody about it: after
/// T2 the submission service does.
#[test]
fn n25_what_a_hub_pulls_does_not_put_the_question_off() {
    let mut scene = row_1().cut(62_500, "S1", "S2").mend(63_500, "S1", "S2");
    for minute in 2..40 {
        scene = scene.mail(minute * MINUTE, "ann@x.example", &["amy@x.example"]);
    }
    let played = scene.play();
    let mut lines = played.only(&["BEAT", "SUBMIT", "AGAIN"]);
    lines.retain(|line| line.ends_with(" m1") || line.contains("BEAT S1>S2"));
    assert_eq!(lines[..2], ["0:16:01 BEAT S1>S2 0", "0:16:04 SUBMIT m1"], "{lines:?}");
}

/// D42: S1 fails after delivery to DB2. The mailbox is safe, the dumpster is gone; when DB2 then loses its log, so is the message.
#[test]
fn d42_without_the_dumpster_a_lossy_failover_is_a_second_failure() {
    let played = row_4().destroy(65_000, "S1").play();
    assert_eq!(played.only(&["MAILBOX"]), ["0:01:02 MAILBOX DB2 c0 bob"]);
    let scene = row_4().destroy(17 * MINUTE, "S1").up_new(18 * MINUTE, "S1");
    let played = scene
        .failover(18 * MINUTE + 30 * SECOND, "DB2", "S1", 20 * MINUTE)
        .play();
    is(
        played.only(&["MAILBOX", "KEPT", "DROPPED", "REPLAY", "AGAIN", "QUEUESLOST", "LOGLOST"]),
        &[
            "0:01:02 MAILBOX DB2 c0 bob",
            "0:01:02 KEPT S1 c0 bob",
            "0:17:00 QUEUESLOST S1",
            "0:17:30 LOGLOST DB1 0:16:50.001",
            "0:19:00 LOGLOST DB2 0:00:00.001",
        ],
    );
    is(played.fates(), &["m1 bob lost 0:19:00 x0"]);
}

/// X8, A19: Amy's mailbox has the message and its database goes down before Bob's has it, so that the dumpster has it only then.
/// What the database has lost when it comes up on S2 is delivered again.
#[test]
fn x8_what_comes_into_the_dumpster_after_its_database_went_down_is_delivered_again() {
    let hub = r#"(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), (name: "S1","#;
    let topology = PAIR.replace(r#"(name: "S1","#, hub);
    let scene = Scene::new(&topology)
        .peer("Edge1", true, None)
        .delay("H", "S2", 5 * SECOND);
    let scene = scene.external(START, "Edge1", "H", &["amy@x.example", "bob@x.example"]);
    let played = scene.down(63 * SECOND, "S1").play();
    is(
        played.only(&["MAILBOX", "KEPT", "LOGLOST", "REPLAY"]),
        &[
            "0:01:02 MAILBOX DB1 c0 amy",
            "0:01:06 MAILBOX DB2 c0 bob",
            "0:01:06 KEPT H c0 amy",
            "0:01:06 KEPT H c0 bob",
            "0:01:33 LOGLOST DB1 0:00:53.001",
            "0:01:33 REPLAY H c0 DB1",
            "0:01:38 MAILBOX DB1 c1 amy",
            "0:01:38 KEPT H c1 amy",
        ],
    );
}
