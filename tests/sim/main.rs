//! Messages through time.

mod checker;
mod coverage;
mod exploring;
mod growth;
mod legacy;
mod mutants;
mod observed;
mod queues;
mod random;
mod redundancy_2010;
mod redundancy_2013;
mod replay;
mod report;
mod routing;
mod scene;
mod support;
mod telling_explore;
