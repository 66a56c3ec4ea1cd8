//! Any bytes as a topology file: problems, never a panic; and what is read can be written and read again.
#![no_main]

use bridgehead::diagnostic::Source;
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::NameOrder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok(source) = load::decode("fuzz", data.to_vec(), &limits) else { return };
    let _ = load::organization(&source, Format::Json, &limits, NameOrder::default());
    if let Ok(mut document) = load::read(&source, Format::Json, &limits) {
        // The writer always tells the format.
        document.format = Some(load::document::TOPOLOGY_FORMAT.into());
        let again = load::read(&Source::new("again", load::to_json(&document)), Format::Json, &limits);
        assert_eq!(again.as_ref().ok(), Some(&document), "what was read is written so that it reads the same");
    }
});
