//! How many servers may handle a message (LS-2.2, LS-3.7).

use crate::model::{Organization, ServerIdx, Version};

/// How a server reports that a message has been through too many servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HopReport {
    /// Enhanced status code.
    pub code: &'static str,
    /// Entry of the event log; `None`: none is known.
    pub event: Option<u16>,
    /// Whether documents say so. For 2007 and later they do not (Q13).
    pub documented: bool,
}

/// The limit of Received headers of a server, its own included. Of one that states none: 15 on 2000, 30 on 2003 (LS-1.8), 30 from
/// 2007 on (Q13). `None`: 5.5 counts no headers. O(log Receive connectors + those of the
/// server).
pub fn hop_limit(org: &Organization, server: ServerIdx) -> Option<u32> {
    let entry = &org.servers()[server];
    match entry.version {
        Version::Exchange55 => None,
        Version::Exchange2000 => Some(entry.max_hops.unwrap_or(15)),
        Version::Exchange2003 => Some(entry.max_hops.unwrap_or(30)),
        // Which of its Receive connectors takes the message is not in the file: the strictest.
        _ => Some(
            org.receive_connectors_of(server)
                .iter()
                .map(|connector| connector.max_hop_count)
                .min()
                .or(entry.max_hops)
                .unwrap_or(30),
        ),
    }
}

/// What a server returns a message with that has been through too many.
pub fn hop_report(org: &Organization, server: ServerIdx) -> HopReport {
    let legacy = org.servers()[server].version.is_legacy();
    HopReport {
        code: if legacy { "4.4.6" } else { "5.4.6" },
        event: legacy.then_some(717),
        documented: legacy,
    }
}
