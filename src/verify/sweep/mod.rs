//! Every failure of a site link or a site, and what each does to mail between sites.
//!
//! 2007 and later never look at what is up when they choose (RT-2.2), so that a failure is two things, and a sweep tells both:
//!
//! * *While it lasts* nobody chooses otherwise. Mail whose path crosses what failed waits before it, in the last site with a
//!   transport server (RT-2.4): `queues`.
//! * *Once it is out of the configuration* paths are chosen without it. Pairs of routers lose their route (`lost`) or take
//!   another way (`moved`), at a cost and in hops that are told. These are the very pairs whose mail waits: a path that does not cross what is taken out
//!   stays best, since taking away makes nothing better, and whoever crosses it has to change.
//!
//! What exactly is counted stands in V35–V39.
//!
//! # How
//!
//! Three things keep this from being a search from every site for each failure.
//!
//! *Trees are counted.* Where nothing else leads (`forest`), a failure cuts pieces off (`cuts`): every pair of routers in two of them
//! has lost its route. In an organization of hub sites that is most of it.
//!
//! *The core is a table.* For what is left (`core`) the best paths from every site are kept, and each site stands for all that hangs on
//! it, with as many routers. Memory is that of its square, 32 bytes a pair, and while a failure is decided up to as much again for each thread: whoever calls asks first how large
//! it is ([`Engine::core_sites`]).
//!
//! *Only what lies behind the break is searched* (`repair`), from what lies before it, and only for sources whose tree crosses
//! it. What counts is the length of the new path: names decide between paths of one length, and so only whether a path crosses
//! what failed, which the table knows.
//!
//! Where mail waits need not be asked pair by pair either: it is the last site with a transport server before the break, the same for
//! all that lies behind it. Halved back-off (D9, an option) hangs on the whole path and is asked pair by pair (`pairs`).
//!
//! Failures are numbered ([`Failures`]), outcomes add up in any order ([`Sweep`]): so a range of numbers is a part of the work.

mod core;
mod cuts;
mod engine;
mod failures;
mod forest;
mod outcome;
mod pairs;
mod repair;

pub use engine::Engine;
pub use failures::{Failure, Failures};
pub use outcome::{After, Greatest, GreatestOfAll, Outcome, Pair, PairChange, Sweep, Swept, Totals};
