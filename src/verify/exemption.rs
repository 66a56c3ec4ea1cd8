//! What the answer would be under the other reading of exemption 2 (LS-1.4; Q4).

use super::{Verdict, Verification, World};
use crate::linkstate::has_alternative;
use crate::model::ConnectorRef;

/// Another answer, and what makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfExempt {
    /// The verdict if every connector without an alternative were always up in everybody's eyes.
    pub verdict: Verdict,
    /// Those that have to fail for a loop, in name order.
    pub exempt: Vec<ConnectorRef>,
}

/// Whether the verdict would be another if every connector were exempt without which mail does not get from its source to its
/// end, not only those at leaf groups.
///
/// Nothing is searched again: exempt connectors are in no set of failures, and for every other set all beliefs stay as they are.
/// So a loop is left exactly when some minimal set has no such connector. O(failed connectors × connectors).
pub fn if_exempt_without_alternative(world: &World<'_>, verification: &Verification) -> Option<IfExempt> {
    let believable = world.beliefs.believable();
    let is_exempt = |position: &u32| match believable.connector(*position) {
        ConnectorRef::RoutingGroup(index) => !has_alternative(world.org, &world.graphs.combined, index),
        ConnectorRef::External(_) => false,
    };
    let mut failed: Vec<u32> = verification.witnesses.iter().flat_map(|w| w.failed.clone()).collect();
    failed.sort_unstable();
    failed.dedup();
    failed.retain(is_exempt);
    let stays = |failed_with: &[u32]| !failed_with.iter().any(|position| failed.contains(position));
    // Without witnesses nothing can be taken away from them.
    if failed.is_empty() || verification.witnesses.iter().any(|witness| stays(&witness.failed)) {
        return None;
    }
    Some(IfExempt {
        verdict: match verification.complete() {
            true => Verdict::LoopFree,
            false => Verdict::Inconclusive,
        },
        exempt: failed
            .into_iter()
            .map(|position| believable.connector(position))
            .collect(),
    })
}
