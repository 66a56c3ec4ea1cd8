//! Shadow redundancy of 2010: scenarios A to F, DAG members with both roles, timers. What is asserted is what happens, line by
//! line, with times worked by hand: a hand-over takes one second unless a scenario says otherwise.

mod chance;
mod dag;
mod scenarios;
mod scene;
mod timers;

pub(super) use dag::PAIR;
pub(super) use scenarios::{EDGE, LINE, OLD, STAR, two_hubs};
