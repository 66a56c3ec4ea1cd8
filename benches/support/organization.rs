//! The organizations of benches.

use bridgehead::load::resolve;
use bridgehead::model::{NameOrder, Organization};
use bridgehead::synth::{self, Shape};

/// A generated organization, the same in every run.
pub(crate) fn organization(shape: Shape, sites: u32) -> Organization {
    let document = synth::generate(synth::Options { shape, sites, seed: 1 }).expect("within the limits");
    resolve(&document, NameOrder::default()).expect("generated organizations have no problems")
}
