//! The slow twin: the rules of routing, worked out by the most obvious means.
//!
//! The engine computes next hops with shortest-path algorithms on indices. The twin lists *all* simple paths and
//! all simple connector sequences, and picks the best by comparing whole keys, step by step, as the rules put it.
//! It shares no code with the engine, not even the reader, so that a mistake has to be made twice to go
//! unnoticed. It knows valid JSON files only, and gives the answer without the prose around it.
//!
//! Rule ids are those of the engine: `R53`, `RT-2.2` for the documents, `D13` for `src/route/DECISIONS.md`.

mod address;
mod copies;
mod decisions;
mod drawing;
mod edge;
mod examples;
mod explain;
mod failures;
mod file;
mod group_paths;
mod hours;
mod legacy_selection;
mod lookup;
pub(crate) mod loops;
mod names;
mod org;
pub(crate) mod random;
mod ranking;
mod restrictions;
mod route;
mod selection;
mod site_paths;
mod spaces;
mod sweep;

pub(crate) use explain::{Query, explain};
pub(crate) use org::Org;
pub(crate) use route::routes;
pub(crate) use sweep::sweep;

/// A name as it is compared.
fn lookup_name(name: &str) -> names::Name {
    names::Name::new(name)
}

/// What the documents leave open and a user may set. The default is what the engine does unasked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) backoff: Backoff,
    pub(crate) legacy_tie: LegacyTie,
    pub(crate) legacy_cost: LegacyCost,
    pub(crate) default_size: DefaultSize,
    /// Q3: connectors that look up domains have a state like others.
    pub(crate) dns_connectors_fail: bool,
    /// Q4: the general rule, and not that for leaves alone.
    pub(crate) exempt_without_alternative: bool,
}

/// D9.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Backoff {
    #[default]
    Linear,
    Binary,
}

/// D13: whether hops are compared before connector names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LegacyTie {
    #[default]
    Hops,
    Names,
}

/// D27: what the cost of a legacy connector is to a 2007 sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LegacyCost {
    #[default]
    Pair,
    Sum,
}

/// D30: what a Send connector without a limit lets through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum DefaultSize {
    #[default]
    None,
    Product,
}
