//! Bridgehead says how mail moves through an Exchange organization, why, and what happens when something breaks.

pub mod diagnostic;
pub mod load;
pub mod model;
pub mod report;
