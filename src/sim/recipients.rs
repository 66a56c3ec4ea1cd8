//! Who a message is for, and its copies.

use std::collections::BTreeSet;

use smallvec::SmallVec;

oxc_index::define_index_type! {
    /// An address that mail of a scenario can be for; ascending index is ascending address.
    pub struct RecipientIdx = u32;
    DEBUG_FORMAT = "RecipientIdx({})";
}

oxc_index::define_index_type! {
    /// A copy of a message in the queue database of a server, numbered as they come into being.
    pub struct CopyIdx = u32;
    DEBUG_FORMAT = "CopyIdx({})";
}

/// Some recipients of a message, ascending.
pub type Recipients = SmallVec<[RecipientIdx; 4]>;

/// Takes recipients away from others. O(both × log), and a look at each where they are few.
pub(super) fn take_away(from: &mut Recipients, gone: &[RecipientIdx]) {
    const FEW: usize = 8;
    if gone.len() <= FEW || from.is_empty() {
        return from.retain(|recipient| !gone.contains(recipient));
    }
    let gone: BTreeSet<RecipientIdx> = gone.iter().copied().collect();
    from.retain(|recipient| !gone.contains(recipient));
}
