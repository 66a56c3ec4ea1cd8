//! Any bytes as an export: problems, never a panic; and what is imported always resolves.
#![no_main]

use bridgehead::load::{self, Limits};
use bridgehead::model::NameOrder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok(source) = load::decode("fuzz", data.to_vec(), &limits) else { return };
    if let Ok((document, _)) = load::import::ldif(&[source]) {
        load::resolve(&document, NameOrder::default()).expect("importers leave out what cannot be represented");
    }
});
