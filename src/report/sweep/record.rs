//! `verify --sweep` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rehearsal;
use crate::model::{Organization, SiteIdx, SiteLinkIdx};
use crate::route::site_search::PathCost;
use crate::verify::{After, Failure, Failures, Greatest, GreatestOfAll, Outcome, PairChange, Swept};

/// The value of `format` in [`SweepRecord`].
pub const SWEEP_FORMAT: &str = "bridgehead.sweep/1";

/// What `schema sweep-line` describes: a line of `--dump`.
pub const SWEEP_LINE_FORMAT: &str = "bridgehead.sweep-line/1";

/// `verify --sweep sites`: what failures of site links and sites do to mail between sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SweepRecord<'a> {
    /// `bridgehead.sweep/1`.
    pub format: &'static str,
    /// Ordered pairs of sites with a transport server that have a route while nothing fails.
    pub routes: u64,
    /// What the answer leaves out, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// Sums over all failures.
    pub totals: TotalsRecord<'a>,
    /// The failures that do the most, the worst first.
    pub worst: Vec<SweptRecord<'a>>,
}

/// Sums over all failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TotalsRecord<'a> {
    /// Failures that were looked at.
    pub failures: u64,
    /// Those that take the route from some pair.
    pub losing: u64,
    /// Those that move some pair and take the route from none.
    pub moving: u64,
    /// Pairs that lose their route.
    pub lost: u64,
    /// Pairs that take another path.
    pub moved: u64,
    /// Pairs that begin or end at a failed site, which are in no other count.
    pub ends: u64,
    /// Site link cost that moved pairs pay more.
    pub extra_cost: u128,
    /// Hops that moved pairs take more; a dearer path may be shorter.
    pub extra_hops: i128,
    /// The most that one pair pays more, and when; absent when nothing moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greatest_cost: Option<GreatestRecord<'a>>,
    /// The most hops that one pair takes more, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greatest_hops: Option<GreatestRecord<'a>>,
}

/// What fails: one site link or two, or a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailedRecord<'a> {
    /// Site links by name.
    Links(Vec<&'a str>),
    /// A site with all its links.
    Site(&'a str),
}

impl<'a> FailedRecord<'a> {
    /// The names of what fails.
    pub fn new(org: &'a Organization, failure: Failure) -> FailedRecord<'a> {
        let link = |link: SiteLinkIdx| org.site_links()[link].name.as_str();
        match failure {
            Failure::Link(one) => FailedRecord::Links(vec![link(one)]),
            Failure::Links(one, other) => FailedRecord::Links(vec![link(one), link(other)]),
            Failure::Site(site) => FailedRecord::Site(org.sites()[site].name.as_str()),
        }
    }
}

/// The most of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GreatestRecord<'a> {
    /// How much more.
    pub by: i128,
    /// The first pair in table order that has it: where its mail comes from, by site.
    pub from: &'a str,
    /// Where it goes.
    pub to: &'a str,
    /// What fails, where that is not said around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedRecord<'a>>,
}

impl<'a> GreatestRecord<'a> {
    fn new<T: Into<i128>>(org: &'a Organization, greatest: Greatest<T>) -> GreatestRecord<'a> {
        GreatestRecord {
            by: greatest.by.into(),
            from: site(org, greatest.pair.0),
            to: site(org, greatest.pair.1),
            failed: None,
        }
    }

    fn of_all<T: Into<i128>>(
        org: &'a Organization,
        failures: &Failures,
        greatest: GreatestOfAll<T>,
    ) -> GreatestRecord<'a> {
        GreatestRecord {
            failed: Some(FailedRecord::new(org, failures.get(greatest.number))),
            ..GreatestRecord::new(org, greatest.greatest)
        }
    }
}

/// What one failure does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SweptRecord<'a> {
    /// What fails.
    pub failed: FailedRecord<'a>,
    /// Pairs that lose their route once it is out of the configuration.
    pub lost: u64,
    /// Pairs that take another path then.
    pub moved: u64,
    /// Pairs that begin or end at the failed site, which are in no other count.
    pub ends: u64,
    /// Site link cost that moved pairs pay more.
    pub extra_cost: u128,
    /// Hops that moved pairs take more.
    pub extra_hops: i128,
    /// The most that one pair pays more; absent when none moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greatest_cost: Option<GreatestRecord<'a>>,
    /// The most hops that one pair takes more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greatest_hops: Option<GreatestRecord<'a>>,
    /// Where mail waits while the failure lasts, by site; as many pairs as are lost or move.
    pub queues: Vec<QueuedRecord<'a>>,
}

/// Mail that waits at a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QueuedRecord<'a> {
    /// The site.
    pub site: &'a str,
    /// Pairs whose mail it holds.
    pub pairs: u64,
}

impl<'a> SweptRecord<'a> {
    /// A failure by name.
    pub fn new(org: &'a Organization, failures: &Failures, swept: &'a Swept) -> SweptRecord<'a> {
        let Outcome {
            lost,
            moved,
            ends,
            extra_cost,
            extra_hops,
            greatest_cost,
            greatest_hops,
            queues,
        } = &swept.outcome;
        let queued = |(at, pairs): &(u32, u64)| QueuedRecord {
            site: site(org, *at),
            pairs: *pairs,
        };
        SweptRecord {
            failed: FailedRecord::new(org, failures.get(swept.number)),
            lost: *lost,
            moved: *moved,
            ends: *ends,
            extra_cost: *extra_cost,
            extra_hops: *extra_hops,
            greatest_cost: greatest_cost.map(|greatest| GreatestRecord::new(org, greatest)),
            greatest_hops: greatest_hops.map(|greatest| GreatestRecord::new(org, greatest)),
            queues: queues.iter().map(queued).collect(),
        }
    }
}

/// One line of `--dump`: a failure, or behind it, if asked for, a pair whose path crosses what fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum LineRecord<'a> {
    /// What a failure does.
    Failure {
        /// Its number: links, sites, pairs of links, each by name, from 0.
        number: u64,
        /// What it does.
        #[serde(flatten)]
        outcome: Box<SweptRecord<'a>>,
    },
    /// What becomes of a pair.
    Pair {
        /// What fails.
        failed: FailedRecord<'a>,
        /// What becomes of it.
        #[serde(flatten)]
        pair: Box<PairRecord<'a>>,
    },
}

/// A pair whose path crosses what fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PairRecord<'a> {
    /// Where mail comes from, by site.
    pub from: &'a str,
    /// Where it goes.
    pub to: &'a str,
    /// Where it waits while the failure lasts.
    pub queued_at: &'a str,
    /// Length of its path with everything there.
    pub before: LengthRecord,
    /// The path that it takes once what fails is out of the configuration; `null`: there is none.
    pub after: Option<AfterRecord<'a>>,
}

/// How long a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LengthRecord {
    /// Sum of site link costs.
    pub cost: u64,
    /// Site links crossed.
    pub hops: u32,
}

impl From<PathCost> for LengthRecord {
    fn from(key: PathCost) -> LengthRecord {
        LengthRecord {
            cost: key.cost,
            hops: key.hops,
        }
    }
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AfterRecord<'a> {
    /// How long it is.
    #[serde(flatten)]
    pub length: LengthRecord,
    /// Its sites, both ends among them.
    pub path: Vec<&'a str>,
    /// Its site links.
    pub links: Vec<&'a str>,
}

impl<'a> PairRecord<'a> {
    pub(super) fn new(org: &'a Organization, pair: &PairChange) -> PairRecord<'a> {
        let name = |site: SiteIdx| org.sites()[site].name.as_str();
        let after = |after: &After| AfterRecord {
            length: after.key.into(),
            path: after.path.iter().map(|site| name(*site)).collect(),
            links: after
                .links
                .iter()
                .map(|link| org.site_links()[*link].name.as_str())
                .collect(),
        };
        PairRecord {
            from: name(pair.from),
            to: name(pair.to),
            queued_at: name(pair.queued_at),
            before: pair.before.into(),
            after: pair.after.as_ref().map(after),
        }
    }
}

impl<'a> SweepRecord<'a> {
    pub(super) fn new(rehearsal: Rehearsal<'a>) -> SweepRecord<'a> {
        let Rehearsal {
            org,
            failures,
            routes,
            sweep,
        } = rehearsal;
        let totals = &sweep.totals;
        SweepRecord {
            format: SWEEP_FORMAT,
            routes,
            assumptions: super::assumptions(org),
            totals: TotalsRecord {
                failures: totals.failures,
                losing: totals.losing,
                moving: totals.moving,
                lost: totals.lost,
                moved: totals.moved,
                ends: totals.ends,
                extra_cost: totals.extra_cost,
                extra_hops: totals.extra_hops,
                greatest_cost: totals
                    .greatest_cost
                    .map(|greatest| GreatestRecord::of_all(org, failures, greatest)),
                greatest_hops: totals
                    .greatest_hops
                    .map(|greatest| GreatestRecord::of_all(org, failures, greatest)),
            },
            worst: sweep
                .worst
                .iter()
                .map(|swept| SweptRecord::new(org, failures, swept))
                .collect(),
        }
    }
}

fn site(org: &Organization, site: u32) -> &str {
    org.sites()[SiteIdx::from_raw(site)].name.as_str()
}
