//! The doors of the engine, as the comparison with the twin goes through them: text in, JSON out.
//!
//! Until the library has these doors the twin answers in its place, so that the comparison itself is exercised.

use serde_json::Value;

use crate::twin::{self, Options, Org, Query};

/// The `routes` array for a topology file in JSON.
pub(crate) fn engine_routes(json_text: &str, options: &Options) -> Value {
    twin::routes(&Org::parse(json_text), options)
}

/// The `explain` document for one query, of which the twin's fields are compared.
pub(crate) fn engine_explain(json_text: &str, options: &Options, query: &Query) -> Value {
    twin::explain(&Org::parse(json_text), options, query)
}
