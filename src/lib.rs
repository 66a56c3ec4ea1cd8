//! Bridgehead says how mail moves through an Exchange organization, why, and what happens when something breaks.

pub mod delivery;
pub mod diagnostic;
pub mod graph;
pub mod load;
pub mod model;
pub mod report;
pub mod route;
pub mod synth;
