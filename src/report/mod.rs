//! Answers as text, JSON, JSON lines and CSV: indices become names here and nowhere else.
//!
//! The records of [`record`] are the contract's JSON (section 3). Everything is written through an [`std::io::Write`]
//! that the caller hands in. This layer must not decide anything: what a rule left open is open here too.

mod detail;
mod escape;
pub mod record;
mod routes;
mod text;

pub use escape::escaped;
pub use routes::{RoutesFormat, RoutesQuery, write_routes};
pub use text::{Page, Palette};
