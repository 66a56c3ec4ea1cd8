//! The settings of a scenario.

use std::time::Duration;

use super::super::place::{Place, Problems, period, value_or};
use super::some_time;
use crate::load::document::{Leaf, Period, ScenarioDocument};
use crate::model::{Settings, WeekMinute};

/// A field of the settings as it is read: what the file says, what holds otherwise, and where it stands.
struct Setting<'a, L, T> {
    leaf: &'a Leaf<L>,
    default: T,
    record: &'a Place<'a>,
    field: &'static str,
}

/// The settings; what is left out has its default.
pub(super) fn settings(document: &ScenarioDocument, problems: &mut Problems) -> Settings {
    let default = Settings::default();
    let Some(entry) = &document.settings else {
        return default;
    };
    let record = Place::record("settings", entry.span);
    // Every field of the record under its own name, with the function that reads it.
    macro_rules! read {
        ($($field:ident: $how:ident),* $(,)?) => {
            Settings {
                $($field: $how(
                    &Setting { leaf: &entry.$field, default: default.$field, record: &record, field: stringify!($field) },
                    problems,
                )),*
            }
        };
    }
    read! {
        start: minute,
        until: length,
        transmission_time: length,
        queue_glitch_retry_count: count,
        queue_glitch_retry_interval: interval,
        transient_failure_retry_count: count,
        transient_failure_retry_interval: interval_of_role,
        outbound_connection_failure_retry_interval: interval_of_role,
        mailbox_delivery_queue_retry_interval: interval,
        max_idle_time_before_resubmit: interval,
        delay_notification_timeout: length,
        database_failover_time: length,
        duplicate_detection_window: length,
        sender_retry_interval: interval,
        commit_after_shadow: yes_or_no,
        reshadow_on_promotion: yes_or_no,
        partners_by_name: yes_or_no,
        retries_follow_first_try: yes_or_no,
        discards_survive_restart: yes_or_no,
        hub_reroutes: count,
        expiry_restarts_at_promotion: yes_or_no,
        safety_net_lead: length,
        safety_net_broadcast_after: length,
        safety_net_retry_interval: interval,
        delayed_ack_poll: interval,
        shadow_redundancy_promotion: yes_or_no,
        submission_owner_timeout: interval_of_role,
    }
}

fn minute(setting: &Setting<'_, WeekMinute, Option<WeekMinute>>, _: &mut Problems) -> Option<WeekMinute> {
    setting.leaf.as_ref().map(|leaf| leaf.value).or(setting.default)
}

fn count(setting: &Setting<'_, u32, u32>, _: &mut Problems) -> u32 {
    value_or(setting.leaf, setting.default)
}

fn yes_or_no(setting: &Setting<'_, bool, bool>, _: &mut Problems) -> bool {
    value_or(setting.leaf, setting.default)
}

fn length(setting: &Setting<'_, Period, Duration>, _: &mut Problems) -> Duration {
    period(setting.leaf).unwrap_or(setting.default)
}

/// Something is tried again and again after this time, which therefore has a length.
fn interval(setting: &Setting<'_, Period, Duration>, problems: &mut Problems) -> Duration {
    some_time(setting.leaf, setting.record, setting.field, problems).unwrap_or(setting.default)
}

/// An interval whose default is another one on Edge servers.
fn interval_of_role(setting: &Setting<'_, Period, Option<Duration>>, problems: &mut Problems) -> Option<Duration> {
    some_time(setting.leaf, setting.record, setting.field, problems).or(setting.default)
}
