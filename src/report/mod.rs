//! Text for people out of results.
//!
//! Everything goes through a `Write` handle. Names come from files: control characters are shown escaped.

pub mod import;
