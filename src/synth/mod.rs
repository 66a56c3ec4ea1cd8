//! Organizations made up from a seed: for `generate`, for benchmarks, and for laws that want many different ones.
//!
//! What comes out is a [`Document`], so that a generated file is written by the same writer and checked by the same
//! resolver as any other; this layer stands just above `load` and uses nothing else of it. The same options give the
//! same bytes for ever: numbers come from `random`, whose algorithms are fixed by their definitions, and no decision
//! hangs on a hash table or on the platform.
//!
//! Three steps: a `plan` says which sites there are, by number, and how they are joined; names are dealt to the numbers
//! in an order that has nothing to do with the plan; then servers, connectors and domains are added. Coexistence adds
//! legacy routing groups and what [`setup`] creates, the legacy mesh many groups with several ways to 2007.

mod coexistence;
mod legacy_mesh;
mod names;
mod plan;
mod populate;
pub(crate) mod random;
mod setup;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

pub use self::setup::{SetupError, setup};
use crate::load::document::Document;

/// How many sites can be asked for.
pub const SITES: RangeInclusive<u32> = 1..=200_000;

/// How the sites of a generated organization are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One after the other.
    Chain,
    /// A chain whose ends meet.
    Ring,
    /// Every site joined to one hub site.
    Star,
    /// 2 % of the sites are a backbone mesh, 8 % regional hub sites, half of them on two backbone sites, the others leaves on one
    /// regional hub each.
    HubAndSpoke,
    /// 6 % of the sites are a mesh of hub sites, 14 % regional hub sites on two of those, the others leaves, of which every
    /// fifth hangs on two regional hubs.
    MultiTier,
    /// Every site joined to two hub sites at the same cost, so that names decide between them.
    DualHub,
    /// Regions of about 50 sites in which each two are joined with probability 1/2; a ring and some chords of regions.
    Mesh,
    /// Random, every site joined to about four others.
    Sparse,
    /// `DEFAULTIPSITELINK` holds all sites.
    Clique,
    /// The same, and one fifth as many cheap links as sites between random pairs.
    BigLink,
    /// Multi-tier, with legacy routing groups beside a third of the sites and one connector pair in between.
    Coexistence,
    /// A legacy routing group beside every site, each joined to about four others; 2007 in every 25th site, with a connector pair
    /// to the group beside it.
    LegacyMesh,
}

impl Shape {
    /// Every shape, in the order in which they are listed.
    pub const ALL: [Shape; 12] = [
        Shape::Chain,
        Shape::Ring,
        Shape::Star,
        Shape::HubAndSpoke,
        Shape::MultiTier,
        Shape::DualHub,
        Shape::Mesh,
        Shape::Sparse,
        Shape::Clique,
        Shape::BigLink,
        Shape::Coexistence,
        Shape::LegacyMesh,
    ];

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Chain => "chain",
            Shape::Ring => "ring",
            Shape::Star => "star",
            Shape::HubAndSpoke => "hub-and-spoke",
            Shape::MultiTier => "multi-tier",
            Shape::DualHub => "dual-hub",
            Shape::Mesh => "mesh",
            Shape::Sparse => "sparse",
            Shape::Clique => "clique",
            Shape::BigLink => "big-link",
            Shape::Coexistence => "coexistence",
            Shape::LegacyMesh => "legacy-mesh",
        }
    }

    /// In one line, what it is.
    pub fn about(self) -> &'static str {
        match self {
            Shape::Chain => "one after the other",
            Shape::Ring => "a chain whose ends meet",
            Shape::Star => "every site joined to one hub site",
            Shape::HubAndSpoke => "2 % a backbone, 8 % regional hub sites, the others leaves on one of those each",
            Shape::MultiTier => "6 % a core, 14 % regional hub sites, the others leaves, every fifth on two of those",
            Shape::DualHub => "every site joined to two hub sites at the same cost",
            Shape::Mesh => "regions of about 50 sites, half of the pairs in each of them joined",
            Shape::Sparse => "random, every site joined to about four others",
            Shape::Clique => "DEFAULTIPSITELINK holds all sites",
            Shape::BigLink => "the same, and cheap links between random pairs",
            Shape::Coexistence => "multi-tier, with legacy routing groups and what setup of the first hub creates",
            Shape::LegacyMesh => "many legacy routing groups with several ways to 2007",
        }
    }
}

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How the sites are joined.
    pub shape: Shape,
    /// How many sites, within [`SITES`].
    pub sites: u32,
    /// What everything random follows from.
    pub seed: u64,
}

/// A number of sites outside [`SITES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SitesOutOfRange(pub u32);

impl fmt::Display for SitesOutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SitesOutOfRange(sites) = self;
        write!(
            f,
            "{sites} sites: it has to be from {} to {}",
            SITES.start(),
            SITES.end()
        )
    }
}

impl std::error::Error for SitesOutOfRange {}

/// A generated organization. It resolves without problems, and the same options give the same document for ever.
///
/// Every site is reachable from every other over site links. O(sites).
///
/// # Errors
/// When the number of sites is outside [`SITES`].
pub fn generate(options: Options) -> Result<Document, SitesOutOfRange> {
    let Options { shape, sites, seed } = options;
    if !SITES.contains(&sites) {
        return Err(SitesOutOfRange(sites));
    }
    let plan = plan::plan(shape, sites, seed);
    let mut document = populate::document(shape, &plan, seed);
    match shape {
        Shape::Coexistence => coexistence::add_legacy(&mut document, &plan, seed),
        Shape::LegacyMesh => legacy_mesh::add_legacy(&mut document, seed),
        _ => {}
    }
    Ok(document)
}
