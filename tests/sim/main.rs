//! Messages through time.

mod exploring;
mod legacy;
mod queues;
mod redundancy_2010;
mod redundancy_2013;
mod replay;
mod report;
mod routing;
mod scene;
mod support;
