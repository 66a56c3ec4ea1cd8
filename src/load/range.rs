//! Which whole numbers a field takes, so that the reader and the checks after it name the same range.

use std::ops::RangeInclusive;

/// The numbers of `field` in the records of `collection`; a field without a rule of its own takes what it can hold.
pub(super) fn range_of(collection: &str, field: &str) -> RangeInclusive<u32> {
    match (collection, field) {
        // RT-2.1 gives Active Directory's range; Exchange's own cost is a positive 32-bit integer there.
        ("site_links", "cost") => 1..=99_999,
        ("site_links", "exchange_cost") => 1..=2_147_483_647,
        // New-RoutingGroupConnector states no upper end, and 100 means nothing special.
        ("routing_group_connectors", "cost") => 1..=u32::MAX,
        // What Set-ReceiveConnector and Set-TransportConfig accept.
        ("receive_connectors", "max_hop_count") => 1..=500,
        ("receive_connectors", "max_local_hop_count") => 0..=50,
        ("transport_config", "shadow_heartbeat_retry_count") => 1..=15,
        // Which of two ranges it is depends on what the event changes.
        ("events", "cost") => 1..=u32::MAX,
        ("events", "exchange_cost") => 1..=2_147_483_647,
        _ => 0..=u32::MAX,
    }
}

/// The advice for a number outside `range`.
pub(super) fn advice(range: &RangeInclusive<u32>) -> String {
    format!("it has to be from {} to {}", range.start(), range.end())
}
