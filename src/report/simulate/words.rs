//! The words for what happens, and why.

use crate::sim::{Promotion, Resubmission, Safe, Side, What};

/// The name of an event: that of the message tracking log where there is one, else what the trace calls it.
pub(super) fn word(what: &What) -> &'static str {
    match what {
        // By their kind, elsewhere.
        What::Scenario(_) | What::Struck(_) => "SCENARIO",
        What::Stored { .. } => "STORED",
        What::NotifyMapi { .. } => "NOTIFYMAPI",
        What::Submit { .. } => "SUBMIT",
        What::SubmitDefer { .. } => "SUBMITDEFER",
        What::Receive { .. } => "RECEIVE",
        What::Acknowledge { .. } => "ACKNOWLEDGE",
        What::SenderWaits { .. } => "SENDERWAITS",
        What::Expand { .. } => "EXPAND",
        What::Transfer { .. } => "TRANSFER",
        What::Send { .. } => "SEND",
        What::InMailbox { .. } => "INMAILBOX",
        What::Outside { .. } => "OUTSIDE",
        What::Deliver { .. } => "DELIVER",
        What::DuplicateDeliver { .. } => "DUPLICATEDELIVER",
        What::Defer { .. } => "DEFER",
        What::Resubmit { .. } | What::Replay { .. } => "RESUBMIT",
        What::Delayed { .. } => "DSN",
        What::Fail { .. } => "FAIL",
        What::QueuesLost { .. } => "QUEUESLOST",
        What::LogLost { .. } => "LOGLOST",
        What::Mounted { .. } => "MOUNTED",
        What::AckDelayed { .. } => "ACKDELAYED",
        What::AckDue { .. } => "ACKDUE",
        What::Refuse { .. } => "REFUSE",
        What::Shadow { .. } => "SHADOW",
        What::HaReceive { .. } => "HARECEIVE",
        What::HaRedirect { .. } => "HAREDIRECT",
        What::HaRedirectFail { .. } => "HAREDIRECTFAIL",
        What::DiscardQueued { .. } => "DISCARDQUEUED",
        What::DiscardDropped { .. } => "DISCARDDROPPED",
        What::Heartbeat { .. } => "HEARTBEAT",
        What::HeartbeatMissed { .. } => "HEARTBEATMISSED",
        What::HaDiscard { .. } => "HADISCARD",
        What::Promote { .. } => "PROMOTE",
        What::ShadowExpired { .. } => "SHADOWEXPIRED",
        What::Kept { .. } => "KEPT",
        What::Dropped { .. } => "DROPPED",
        What::Believes { .. } => "BELIEVES",
        What::Own { .. } => "OWN",
        What::SendAgain { .. } => "SENDAGAIN",
        What::LetGo { .. } => "LETGO",
        What::Colocated { .. } => "COLOCATED",
        What::Abandon { .. } => "ABANDON",
        What::ShadowQueued { .. } => "SHADOWQUEUED",
        What::SideQueued { .. } => "SIDEQUEUED",
        What::SideDone { .. } => "SIDEDONE",
        What::ReplayDefer { .. } => "RESUBMITDEFER",
        What::ReplayFail { .. } => "RESUBMITFAIL",
        What::ReplayBroadcast { .. } => "RESUBMITBROADCAST",
        What::Silent { .. } => "SILENT",
    }
}

pub(super) fn resubmission_word(why: Resubmission) -> &'static str {
    match why {
        Resubmission::Configuration => "configuration",
        Resubmission::Idle => "idle",
        Resubmission::LinkState => "link_state",
        Resubmission::Start => "start",
        Resubmission::Database => "database",
        Resubmission::Redirect => "redirect",
    }
}

pub(super) fn promotion_word(why: Promotion) -> &'static str {
    match why {
        Promotion::Silence => "silence",
        Promotion::NewDatabase => "new_database",
    }
}

pub(super) fn side_word(side: Side) -> &'static str {
    match side {
        Side::Journal => "journal",
        Side::Report => "report",
    }
}

pub(super) fn safe_word(safe: Safe) -> &'static str {
    match safe {
        Safe::Dumpster => "dumpster",
        Safe::PrimarySafetyNet => "primary_safety_net",
        Safe::ShadowSafetyNet => "shadow_safety_net",
    }
}
