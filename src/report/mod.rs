//! Results and problems as people and programs read them.
//!
//! Rendering goes through a handle and depends on nothing but its arguments: the same input gives the same bytes. Names
//! from the input are data: what would steer a terminal is shown escaped.
//!
//! This layer decides nothing; it must not know how an answer was found.

mod escape;
mod problems;

pub use escape::escaped;
pub use problems::{MessageFormat, write_problems};
