//! Costs, sizes and texts within what a topology can hold; what is outside is left out and told.

use super::report::About;
use crate::load::Limits;
use crate::model::SizeLimit;

/// Whether a topology file could hold `text`: no directory has names of thousands of characters.
pub(super) fn is_too_long(text: &str) -> bool {
    text.chars().nth(Limits::default().max_name_length).is_some()
}

/// `number` as a cost in 1..=`highest`. `otherwise` says what holds in its place.
pub(super) fn cost(about: &mut About<'_>, name: &str, number: i64, highest: u32, otherwise: &str) -> Option<u32> {
    let cost = u32::try_from(number).ok().filter(|cost| (1..=highest).contains(cost));
    if cost.is_none() {
        about.left_out(format!("{name}: {number} is not from 1 to {highest}; {otherwise}"));
    }
    cost
}

/// A `delivContLength`: KB, absent meaning unlimited (TechNet bb738144; the schema's own comment).
pub(super) fn kilobytes(about: &mut About<'_>, name: &str, number: i64) -> Option<SizeLimit> {
    let bytes = u64::try_from(number).ok().and_then(|number| number.checked_mul(1024));
    match bytes {
        Some(bytes) => size(about, name, SizeLimit::Bytes(bytes)),
        None => {
            about.left_out(format!("{name}: {number} is no size; unlimited holds"));
            None
        }
    }
}

/// `size`, unless it is 0: what a limit of 0 does is not documented, and a topology that lets nothing pass would be a guess.
pub(super) fn size(about: &mut About<'_>, name: &str, size: SizeLimit) -> Option<SizeLimit> {
    if size == SizeLimit::Bytes(0) {
        about.left_out(format!(
            "{name}: what a limit of 0 means is not documented; unlimited holds"
        ));
        return None;
    }
    Some(size)
}
