//! Mail between mailboxes of the DAG.

use super::*;

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
