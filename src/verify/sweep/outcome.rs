//! What one failure does, and what many do together: plain numbers that add up in any order.

use serde::{Deserialize, Serialize};

use crate::model::{SiteIdx, SiteLinkIdx};
use crate::route::site_search::PathCost;

/// An ordered pair of routers, by position in the arena of sites: where mail comes from and where it goes.
pub type Pair = (u32, u32);

/// The most of something, and the first pair in table order that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greatest<T> {
    /// How much.
    pub by: T,
    /// Who.
    pub pair: Pair,
}

impl<T: Copy + Ord> Greatest<T> {
    /// The greater of the two, and of equal ones that of the earlier pair.
    pub fn or(self, other: Greatest<T>) -> Greatest<T> {
        let greater = other.by > self.by || (other.by == self.by && other.pair < self.pair);
        if greater { other } else { self }
    }
}

/// What a failure does (V35–V38). Pairs are ordered pairs of sites with a transport server that have a route before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Pairs that have no route without what failed.
    pub lost: u64,
    /// Pairs that have another path without it.
    pub moved: u64,
    /// Pairs that begin or end at the failed site: in none of the other counts.
    pub ends: u64,
    /// Site link cost that the moved pairs pay more, all together.
    pub extra_cost: u128,
    /// Hops that the moved pairs take more, all together: a dearer path may be shorter.
    pub extra_hops: i128,
    /// The most that one pair pays more.
    pub greatest_cost: Option<Greatest<u64>>,
    /// The most hops that one pair takes more.
    pub greatest_hops: Option<Greatest<i64>>,
    /// While it lasts: the sites at which mail waits, ascending, each with the number of pairs. They add up to `lost + moved`.
    pub queues: Vec<(u32, u64)>,
}

impl Outcome {
    /// Pairs whose path crosses what failed; those that begin or end at it not counted.
    pub fn affected(&self) -> u64 {
        self.lost + self.moved
    }

    /// `pairs` pairs move from one length to another. `pair` is the first of them in table order.
    pub fn add_moved(&mut self, pairs: u64, before: PathCost, after: PathCost, pair: Pair) {
        if pairs == 0 {
            return;
        }
        let cost = after.cost - before.cost;
        let hops = i64::from(after.hops) - i64::from(before.hops);
        self.moved += pairs;
        self.extra_cost += u128::from(pairs) * u128::from(cost);
        self.extra_hops += i128::from(pairs) * i128::from(hops);
        self.greatest_cost = greater(self.greatest_cost, Some(Greatest { by: cost, pair }));
        self.greatest_hops = greater(self.greatest_hops, Some(Greatest { by: hops, pair }));
    }

    /// Both together, when no pair is in both.
    #[must_use]
    pub fn and(mut self, other: &Outcome) -> Outcome {
        self.lost += other.lost;
        self.moved += other.moved;
        self.ends += other.ends;
        self.extra_cost += other.extra_cost;
        self.extra_hops += other.extra_hops;
        self.greatest_cost = greater(self.greatest_cost, other.greatest_cost);
        self.greatest_hops = greater(self.greatest_hops, other.greatest_hops);
        self.queues.extend_from_slice(&other.queues);
        self.queues.sort_unstable();
        self.queues.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 += if same { later.1 } else { 0 };
            same
        });
        self
    }

    /// The order of [`Sweep::worst`]: more pairs lost, then more extra cost, more extra hops, more pairs moved. What is as bad
    /// keeps the order of the list.
    fn badness(&self) -> (u64, u128, i128, u64) {
        (self.lost, self.extra_cost, self.extra_hops, self.moved)
    }
}

fn greater<T: Copy + Ord>(a: Option<Greatest<T>>, b: Option<Greatest<T>>) -> Option<Greatest<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.or(b)),
        (a, b) => a.or(b),
    }
}

/// A failure and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Its number in [`Failures`](super::Failures).
    pub number: u64,
    /// What it does.
    pub outcome: Outcome,
}

/// The most of something over a whole sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GreatestOfAll<T> {
    /// How much, and the first pair of the first failure that has it.
    pub greatest: Greatest<T>,
    /// That failure.
    pub number: u64,
}

/// Sums over a contiguous list of failures. Two of them add up, whichever comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Failures that were looked at.
    pub failures: u64,
    /// Those that take the route from some pair.
    pub losing: u64,
    /// Those that move some pair and take the route from none.
    pub moving: u64,
    /// Pairs that lose their route, over all failures.
    pub lost: u64,
    /// Pairs that move, over all failures.
    pub moved: u64,
    /// Pairs that begin or end at a failed site, over all sites.
    pub ends: u64,
    /// Extra cost over all failures.
    pub extra_cost: u128,
    /// Extra hops over all failures.
    pub extra_hops: i128,
    /// The most that one pair pays more in one failure.
    pub greatest_cost: Option<GreatestOfAll<u64>>,
    /// The most hops that one pair takes more in one failure.
    pub greatest_hops: Option<GreatestOfAll<i64>>,
}

impl Totals {
    fn of(swept: &Swept) -> Totals {
        let Swept { number, outcome } = swept;
        let number = *number;
        Totals {
            failures: 1,
            losing: u64::from(outcome.lost > 0),
            moving: u64::from(outcome.lost == 0 && outcome.moved > 0),
            lost: outcome.lost,
            moved: outcome.moved,
            ends: outcome.ends,
            extra_cost: outcome.extra_cost,
            extra_hops: outcome.extra_hops,
            greatest_cost: outcome.greatest_cost.map(|greatest| GreatestOfAll { greatest, number }),
            greatest_hops: outcome.greatest_hops.map(|greatest| GreatestOfAll { greatest, number }),
        }
    }

    fn add(&mut self, other: &Totals) {
        self.failures += other.failures;
        self.losing += other.losing;
        self.moving += other.moving;
        self.lost += other.lost;
        self.moved += other.moved;
        self.ends += other.ends;
        self.extra_cost += other.extra_cost;
        self.extra_hops += other.extra_hops;
        self.greatest_cost = greatest_of_all(self.greatest_cost, other.greatest_cost);
        self.greatest_hops = greatest_of_all(self.greatest_hops, other.greatest_hops);
    }
}

/// The greater, and of equal ones that of the earlier failure.
fn greatest_of_all<T: Copy + Ord>(
    a: Option<GreatestOfAll<T>>,
    b: Option<GreatestOfAll<T>>,
) -> Option<GreatestOfAll<T>> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    let (by, other) = (x.greatest.by, y.greatest.by);
    let second = other > by || (other == by && y.number < x.number);
    Some(if second { y } else { x })
}

/// What a sweep found: sums, and the failures that do the most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Sums.
    pub totals: Totals,
    /// The worst failures, the worst first: those that lose most pairs, then by extra cost, extra hops and moved pairs, then in
    /// the order of the list. Failures that change nothing are not among them.
    pub worst: Vec<Swept>,
}

impl Sweep {
    /// Adds one more failure, keeping the `most` worst.
    pub fn add(&mut self, swept: Swept, most: usize) {
        self.totals.add(&Totals::of(&swept));
        let full = self.worst.len() >= most;
        let beats_last = self.worst.last().is_none_or(|last| before(&swept, last));
        if swept.outcome.affected() > 0 && most > 0 && (!full || beats_last) {
            let at = self.worst.partition_point(|kept| before(kept, &swept));
            self.worst.insert(at, swept);
            self.worst.truncate(most);
        }
    }

    /// Adds what was found in another part of the list, keeping the `most` worst. The order of the parts does not matter.
    pub fn join(&mut self, other: Sweep, most: usize) {
        self.totals.add(&other.totals);
        self.worst.extend(other.worst);
        self.worst.sort_by(|a, b| before(b, a).cmp(&before(a, b)));
        self.worst.truncate(most);
    }
}

/// Whether `a` stands before `b` among the worst. Total, since numbers differ.
fn before(a: &Swept, b: &Swept) -> bool {
    let (bad, other) = (a.outcome.badness(), b.outcome.badness());
    bad > other || (bad == other && a.number < b.number)
}

/// One pair whose path crosses what failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairChange {
    /// Where mail comes from.
    pub from: SiteIdx,
    /// Where it goes.
    pub to: SiteIdx,
    /// Where it waits while the failure lasts and nobody changes the configuration.
    pub queued_at: SiteIdx,
    /// Length of the path with everything there.
    pub before: PathCost,
    /// The way without what failed; `None`: there is none.
    pub after: Option<After>,
}

/// A way that mail takes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Its length.
    pub key: PathCost,
    /// Its sites, both ends among them.
    pub path: Vec<SiteIdx>,
    /// Its links, in order.
    pub links: Vec<SiteLinkIdx>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(number: u64, lost: u64, cost: u64, pair: Pair) -> Swept {
        let mut outcome = Outcome {
            lost,
            ..Outcome::default()
        };
        let at = |cost| PathCost { cost, hops: 3 };
        outcome.add_moved(cost % 3, at(10), at(10 + cost), pair);
        Swept { number, outcome }
    }

    #[test]
    fn parts_join_in_any_order_to_what_the_whole_gives() {
        let all: Vec<Swept> = (0..60)
            .map(|n| swept(n, (n * 7) % 4, (n * 5) % 11, ((n % 3) as u32, 9)))
            .collect();
        let sum = |part: &[Swept]| {
            let mut sum = Sweep::default();
            part.iter().cloned().for_each(|swept| sum.add(swept, 5));
            sum
        };
        let whole = sum(&all);
        assert_eq!(whole.worst.len(), 5);
        for cuts in [[0, 60], [20, 40], [1, 59], [33, 34]] {
            let mut parts = [&all[..cuts[0]], &all[cuts[0]..cuts[1]], &all[cuts[1]..]].map(sum);
            for turn in 0..3 {
                parts.rotate_left(turn);
                let mut joined = Sweep::default();
                parts.iter().cloned().for_each(|part| joined.join(part, 5));
                assert_eq!(joined, whole, "{cuts:?}, turned by {turn}");
            }
        }
    }

    #[test]
    fn outcomes_of_different_pairs_add_up_with_their_queues() {
        let one = Outcome {
            lost: 2,
            queues: vec![(1, 1), (4, 1)],
            ..Outcome::default()
        };
        let other = Outcome {
            lost: 4,
            queues: vec![(0, 1), (4, 3)],
            ..Outcome::default()
        };
        let both = one.clone().and(&other);
        assert_eq!(both, other.and(&one));
        assert_eq!((both.lost, both.queues), (6, vec![(0, 1), (1, 1), (4, 4)]));
    }
}
