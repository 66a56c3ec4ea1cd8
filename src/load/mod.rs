//! From text to the model and back.
//!
//! A file is read into a [`document`]: plain structs, one to one with the contract's collections, whose leaves keep their
//! place ([`At`]). [`resolve`] turns a document into an [`crate::model::Organization`] and collects every problem on the
//! way. Importers and generators make documents too, so that what they produce is checked by the same code and written by
//! the same writer.
//!
//! This layer must not know routing.

mod at;
pub mod document;
pub mod import;

pub use at::At;

mod leaf;
