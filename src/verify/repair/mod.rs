//! The smallest change that no longer lets mail circle.
//!
//! Changes are tried, not derived: each is made to a copy of the organization, which is verified again, and only what comes
//! out free of loops is offered. Single edits come first, then pairs whose members clear every witness between them, by
//! weight; a suppression on all legacy servers, which is what the vendor recommends (R39, R40), is the last resort. Which
//! edits are worth trying is read off the witnesses.
//!
//! Known gaps: a pair that is lighter than a single edit is not looked for once the single one clears all, nor two edits that
//! work only together, nor three; costs are set to 1 and 100 only; what clears one witness is verified for the recipients that
//! had loops, not for all.

mod candidates;
mod edit;
mod wording;

use std::collections::BTreeSet;

pub(crate) use self::edit::apply as after;
pub use self::edit::{Edit, names_of_connect};
pub use self::wording::{describe, phrase, powershell};
use super::search::verify_for;
use super::{Bounds, Recipient, Verification, Witness, World};
use crate::linkstate;
use crate::model::{Organization, ServerIdx};
use crate::route::{Graphs, Options};

/// Edits that clear every witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What to change, in the order of [`Edit`].
    pub edits: Vec<Edit>,
    /// The organization after it: free of loops within the same bounds.
    pub repaired: Organization,
}

/// What was looked for, and what clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// The lightest of the edits tried that clear every witness; `None`: none do.
    pub all: Option<Repair>,
    /// For each witness, the lightest single edit tried that clears it and makes no other for whom mail circled before, if there is one.
    pub single: Vec<Option<Edit>>,
    /// Everything that was worth trying was tried.
    pub complete: bool,
}

/// How an organization is verified.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Open decisions of routing.
    pub options: Options,
    /// Open decisions of link state.
    pub link_state: linkstate::Options,
    /// How far the search goes.
    pub bounds: Bounds,
}

/// Failure sets that all tries together may take. In an organization of a thousand groups a single try takes thousands.
const CHECKS_MAX: u64 = 200_000;

/// Looks for the lightest repair of what `verification` found in `world`. Tries at most `tries_max` changes, and no more once
/// they have taken 200,000 failure sets together.
///
/// O(tries × verification), most tries being verifications of the recipients with witnesses only.
pub fn repair(world: &World<'_>, verification: &Verification, setting: Setting, tries_max: usize) -> Repairs {
    let search = Search {
        org: world.org,
        setting,
        before: verification,
        witnesses: verification
            .witnesses
            .iter()
            .map(|w| seen(world, verification, w))
            .collect(),
        left: tries_max,
        checks_left: CHECKS_MAX,
    };
    if search.witnesses.is_empty() {
        return Repairs {
            complete: true,
            ..Repairs::default()
        };
    }
    let candidates = candidates::candidates(world, verification);
    search.run(&candidates)
}

/// A witness in terms that survive a change of the organization: whom the mail is for, class, what failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    recipient: String,
    class: usize,
    failed: Vec<String>,
}

fn seen(world: &World<'_>, verification: &Verification, witness: &Witness) -> Seen {
    let believable = world.beliefs.believable();
    let names = witness.failed.iter().map(|position| believable.connector(*position));
    Seen {
        recipient: name_of(world.org, &verification.recipients[witness.recipient]),
        class: witness.class,
        failed: names
            .map(|connector| world.org.connector_name(connector).to_string())
            .collect(),
    }
}

fn name_of(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node) => format!("{:?}:{}", std::mem::discriminant(node), org.node_name(*node)),
        Recipient::AddressSpace { space, .. } => space.clone(),
    }
}

struct Search<'a> {
    org: &'a Organization,
    setting: Setting,
    before: &'a Verification,
    witnesses: Vec<Seen>,
    left: usize,
    checks_left: u64,
}

/// What an edit leaves.
struct Left {
    /// Positions of witnesses that are gone.
    cleared: BTreeSet<usize>,
    /// Nothing is there that was not there before.
    nothing_new: bool,
}

impl Search<'_> {
    fn run(mut self, candidates: &[Edit]) -> Repairs {
        let mut repairs = Repairs {
            all: None,
            single: vec![None; self.witnesses.len()],
            complete: true,
        };
        let mut tried = Vec::new();
        for edit in candidates {
            if self.left == 0 {
                repairs.complete = false;
                break;
            }
            let left = self.affected(std::slice::from_ref(edit));
            if left.nothing_new {
                for witness in &left.cleared {
                    repairs.single[*witness].get_or_insert_with(|| edit.clone());
                }
            }
            if left.nothing_new && left.cleared.len() == self.witnesses.len() && repairs.all.is_none() {
                repairs.all = self.repaired(vec![edit.clone()]);
            }
            tried.push((edit, left));
        }
        if repairs.all.is_none() {
            repairs.all = self.pair(&tried, &mut repairs.complete);
        }
        if repairs.all.is_none() {
            repairs.all = self.repaired(self.suppression_everywhere());
        }
        repairs
    }

    /// Two edits that clear every witness between them, the lightest first.
    fn pair(&mut self, tried: &[(&Edit, Left)], complete: &mut bool) -> Option<Repair> {
        let mut pairs = Vec::new();
        for (at, (a, of_a)) in tried.iter().enumerate() {
            for (b, of_b) in &tried[at + 1..] {
                let cleared = of_a.cleared.union(&of_b.cleared).count();
                if cleared == self.witnesses.len() {
                    pairs.push((a.weight() + b.weight(), (*a).clone(), (*b).clone()));
                }
            }
        }
        pairs.sort();
        for (_, a, b) in pairs {
            if self.left == 0 {
                *complete = false;
                return None;
            }
            let edits = vec![a, b];
            let left = self.affected(&edits);
            if left.cleared.len() == self.witnesses.len() && left.nothing_new {
                let repaired = self.repaired(edits);
                if repaired.is_some() {
                    return repaired;
                }
            }
        }
        None
    }

    fn suppression_everywhere(&self) -> Vec<Edit> {
        let servers = self.org.servers().iter_enumerated();
        let legacy =
            servers.filter(|(index, server)| self.org.legacy_group(*index).is_some() && !server.suppression_in_effect);
        legacy.map(|(index, _): (ServerIdx, _)| Edit::Suppress(index)).collect()
    }

    /// What an edit leaves for the recipients that have witnesses.
    fn affected(&mut self, edits: &[Edit]) -> Left {
        self.left = self.left.saturating_sub(1);
        let after = edit::apply(self.org, edits);
        let graphs = Graphs::new(&after);
        let world = World::new(&after, &graphs, self.setting.options, self.setting.link_state);
        let names: BTreeSet<&str> = self
            .witnesses
            .iter()
            .map(|witness| witness.recipient.as_str())
            .collect();
        let wanted = |recipient: &Recipient| names.contains(name_of(&after, recipient).as_str());
        let found = verify_for(&world, self.setting.bounds, &wanted, &mut |_, _| {}, &mut |_, _, _| {});
        self.checks_left = self.checks_left.saturating_sub(found.checked);
        if self.checks_left == 0 {
            self.left = 0;
        }
        let now: BTreeSet<Seen> = found
            .witnesses
            .iter()
            .map(|witness| seen(&world, &found, witness))
            .collect();
        // Classes are numbered anew when a limit or a list is gone.
        let comparable = found.classes == self.before.classes;
        let still = |witness: &Seen| match comparable {
            true => now.contains(witness),
            false => now
                .iter()
                .any(|other| (&other.recipient, &other.failed) == (&witness.recipient, &witness.failed)),
        };
        let known = |witness: &Seen| match comparable {
            true => self.witnesses.contains(witness),
            false => self
                .witnesses
                .iter()
                .any(|other| (&other.recipient, &other.failed) == (&witness.recipient, &witness.failed)),
        };
        let witnesses = self.witnesses.iter().enumerate();
        Left {
            cleared: witnesses
                .filter(|(_, witness)| !still(witness))
                .map(|(at, _)| at)
                .collect(),
            nothing_new: found.complete && now.iter().all(known),
        }
    }

    /// The organization after `edits`, if no mail circles in it any more.
    fn repaired(&self, mut edits: Vec<Edit>) -> Option<Repair> {
        if edits.is_empty() {
            return None;
        }
        edits.sort();
        let after = edit::apply(self.org, &edits);
        let graphs = Graphs::new(&after);
        let world = World::new(&after, &graphs, self.setting.options, self.setting.link_state);
        let found = verify_for(
            &world,
            self.setting.bounds,
            &|_| true,
            &mut |_, _| {},
            &mut |_, _, _| {},
        );
        let clear = found.witnesses.is_empty() && found.complete;
        clear.then_some(Repair { edits, repaired: after })
    }
}
