//! One test for every rule that the engine models, by theme. `tests/claims.md` says which test shows which rule.

mod certificate;
mod coexistence;
mod connectors;
mod delivery;
mod failures;
mod link_state;
mod loops;
mod sites;
mod table2;
