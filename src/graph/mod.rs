//! The graphs that routes are computed on.
//!
//! [`CombinedGraph`] is the whole picture in petgraph: sites, site links, the 2007 routing group and the legacy ones, with
//! edges that point back to the directory object they stand for. [`CompactSites`] holds the site half once more as flat
//! arrays for the search that runs from thousands of sites: there a site link is a hyperedge, and the two million pairs of
//! a link with two thousand members never exist.
//!
//! Which connectors can carry mail at all (D11) is decided here, once, since it depends neither on the sender nor on the
//! message. This layer must not know the versions' rules: no next hop, no tie-break.

mod combined;
mod compact;

pub use combined::{Arc, CombinedGraph, UsableConnector, Vertex};
pub use compact::{CompactSites, Step};
