//! Mail from outside to mailboxes of the DAG.

use super::*;

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
