//! What one edit does alone: which witnesses it clears, and whether it makes others.

use std::collections::{BTreeMap, BTreeSet};

use super::covers::Tried;
use super::trial::{Loop, Trials};
use super::{Edit, candidates};
use crate::model::{Name, Organization, Priority, ServerIdx, WeekMinute};
use crate::verify::classes::Hours;
use crate::verify::search::verify_for;
use crate::verify::{MessageClass, Recipient, Verification, Witness, World};

/// That mail for somebody, of one class of the organization before any change, circles when these have failed.
type Listed = (String, Vec<String>, usize);

/// The organization before any change, and its loops.
pub(super) struct Alone<'a> {
    world: &'a World<'a>,
    before: &'a Verification,
    /// By witness, one for each class.
    listed: Vec<Vec<Listed>>,
    /// For whom, and with which failures, in any class.
    told: BTreeSet<(String, Vec<String>)>,
    /// For whom and in which class, with which failures.
    all: BTreeMap<(String, usize), Vec<Vec<String>>>,
    recipients: BTreeSet<String>,
    /// For each witness the servers that end it by their silence.
    silencers: Vec<BTreeSet<ServerIdx>>,
}

impl<'a> Alone<'a> {
    pub(super) fn new(world: &'a World<'a>, before: &'a Verification) -> Alone<'a> {
        let listed = |witness| listed(world, before, witness, |class| vec![class]);
        let listed: Vec<Vec<Listed>> = before.witnesses.iter().map(listed).collect();
        let mut told = BTreeSet::new();
        let mut all: BTreeMap<(String, usize), Vec<Vec<String>>> = BTreeMap::new();
        for (recipient, failed, class) in listed.iter().flatten() {
            told.insert((recipient.clone(), failed.clone()));
            all.entry((recipient.clone(), *class)).or_default().push(failed.clone());
        }
        let believable = world.beliefs.believable().all().len();
        let by_position: Vec<Vec<ServerIdx>> = (0..)
            .take(believable)
            .map(|at| candidates::silencers(world, at))
            .collect();
        let silencers = before.witnesses.iter().map(|witness| {
            let failed = witness.failed.iter();
            failed
                .flat_map(|at| by_position[*at as usize].iter().copied())
                .collect()
        });
        Alone {
            world,
            before,
            told,
            all,
            recipients: listed.iter().flatten().map(|(name, ..)| name.clone()).collect(),
            listed,
            silencers: silencers.collect(),
        }
    }

    /// Tries edits in order. For each witness the first that ends it and makes no other is put into `single`.
    pub(super) fn run(&self, edits: Vec<Edit>, trials: &mut Trials<'_>, single: &mut [Option<Edit>]) -> Vec<Tried> {
        let mut tried = Vec::new();
        for edit in edits {
            let one = match edit {
                Edit::Suppress(server) => Some(self.suppressed(server, single)),
                _ => self.changed(edit, trials, single),
            };
            tried.extend(one);
        }
        tried
    }

    /// Nothing has to be tried for a suppression. Where a server is silent, what circles with some failures circled before with
    /// those of them that are still believed; so exactly the witnesses go in which a connector of the server fails, and none is
    /// new.
    fn suppressed(&self, server: ServerIdx, single: &mut [Option<Edit>]) -> Tried {
        let edit = Edit::Suppress(server);
        let witnesses = self.silencers.iter().enumerate();
        let cleared: BTreeSet<usize> = witnesses
            .filter(|(_, silencers)| silencers.contains(&server))
            .map(|(at, _)| at)
            .collect();
        for at in &cleared {
            single[*at].get_or_insert_with(|| edit.clone());
        }
        Tried {
            edit,
            cleared,
            nothing_new: true,
        }
    }

    /// `None`: no more tries.
    fn changed(&self, edit: Edit, trials: &mut Trials<'_>, single: &mut [Option<Edit>]) -> Option<Tried> {
        let bounds = trials.bounds;
        let nobody = &mut |_: usize, _: usize| {};
        let (cleared, nothing_new, ends) = trials.make(std::slice::from_ref(&edit), |world| {
            let circled = |recipient: &Recipient| self.recipients.contains(&name_of(world.org, recipient));
            let these = |recipient: &Recipient, _: &[Witness]| circled(recipient);
            let found = verify_for(world, bounds, &these, nobody, None);
            let mut checked = found.checked;
            let (cleared, mut nothing_new) = self.compare(world, &found);
            let wanted: Vec<usize> = cleared.iter().copied().filter(|at| single[*at].is_none()).collect();
            let mut ends = Vec::new();
            if nothing_new && !wanted.is_empty() {
                // The others, up to the first for whom mail circles now.
                let others = |recipient: &Recipient, found: &[Witness]| found.is_empty() && !circled(recipient);
                let found = verify_for(world, bounds, &others, nobody, None);
                checked += found.checked;
                nothing_new = found.complete() && found.witnesses.is_empty();
                if nothing_new {
                    // A smaller set that may loop hides what this one may.
                    let witness = |at: usize| Loop::new(self.world, self.before, &self.before.witnesses[at]);
                    let gone = |at: &usize| witness(*at).in_world(world).is_none();
                    checked += wanted.len() as u64;
                    ends = wanted.into_iter().filter(gone).collect();
                }
            }
            ((cleared, nothing_new, ends), checked)
        })?;
        for at in ends {
            single[at] = Some(edit.clone());
        }
        Some(Tried {
            edit,
            cleared,
            nothing_new,
        })
    }

    /// Whether a loop was told before any change, and mail of its class circled, if with fewer failures.
    fn is_known(&self, (recipient, failed, class): &Listed) -> bool {
        let sets = self.all.get(&(recipient.clone(), *class));
        let mut sets = sets.into_iter().flatten();
        let told = self.told.contains(&(recipient.clone(), failed.clone()));
        told && sets.any(|set| set.iter().all(|name| failed.contains(name)))
    }

    /// Which witnesses are gone, and whether all that are there were there before.
    fn compare(&self, world: &World<'_>, found: &Verification) -> (BTreeSet<usize>, bool) {
        let classes = positions(&self.before.classes, world.org, &found.classes);
        let told = classes.iter().all(Option::is_some);
        let before = |class: usize| (0..classes.len()).filter(|at| classes[*at] == Some(class)).collect();
        let left = found.witnesses.iter();
        let left: BTreeSet<Listed> = left.flat_map(|witness| listed(world, found, witness, before)).collect();
        let witnesses = self.listed.iter().enumerate();
        let gone = witnesses.filter(|(_, listed)| !listed.iter().any(|one| left.contains(one)));
        (
            gone.map(|(at, _)| at).collect(),
            found.complete() && told && left.iter().all(|one| self.is_known(one)),
        )
    }
}

/// `before`: the classes that a class was before.
fn listed(
    world: &World<'_>,
    verification: &Verification,
    witness: &Witness,
    before: impl Fn(usize) -> Vec<usize>,
) -> Vec<Listed> {
    let name = name_of(world.org, &verification.recipients[witness.recipient]);
    let failed: Vec<String> = world.connector_names(&witness.failed).map(Name::to_string).collect();
    let classes = [witness.class].into_iter().chain(witness.also_in.iter().copied());
    let classes: BTreeSet<usize> = classes.flat_map(before).collect();
    classes
        .into_iter()
        .map(|class| (name.clone(), failed.clone(), class))
        .collect()
}

fn name_of(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node) => format!("{:?}:{}", std::mem::discriminant(node), org.node_name(*node)),
        Recipient::AddressSpace { space, .. } => space.clone(),
    }
}

/// Where classes are among those after a change.
///
/// Classes are compared with those of their hours only, which are few where hours are many.
fn positions(before: &[MessageClass], org: &Organization, after: &[MessageClass]) -> Vec<Option<usize>> {
    let hours = Hours::of(org);
    let mut by_hours: BTreeMap<Option<WeekMinute>, (Vec<usize>, Vec<&MessageClass>)> = BTreeMap::new();
    for (at, class) in after.iter().enumerate() {
        let (positions, classes) = by_hours.entry(class.at).or_default();
        positions.push(at);
        classes.push(class);
    }
    let place = |class: &MessageClass| {
        let (positions, classes) = by_hours.get(&hours.class_of(class.at))?;
        position(class, classes).map(|at| positions[at])
    };
    before.iter().map(place).collect()
}

/// Where a class is among those after a change at the same hours. No edit makes a limit or a list, so that classes only grow.
fn position(class: &MessageClass, after: &[&MessageClass]) -> Option<usize> {
    let message = class.message();
    let names = |sender: &Option<_>| after.iter().any(|other| other.sender == *sender);
    let sender = class.sender.clone().filter(|sender| names(&Some(sender.clone())));
    let looks_at = |priority: Priority| after.iter().any(|other| other.priority == priority);
    let priority = if looks_at(class.priority) {
        class.priority
    } else {
        Priority::Normal
    };
    let by_type = after.iter().any(|other| other.message_type == class.message_type);
    after.iter().position(|other| {
        let fits = match (other.size, message.size) {
            (None, _) => true,
            (Some(sizes), Some(size)) => sizes.min <= size && sizes.max.is_none_or(|max| size <= max),
            (Some(_), None) => false,
        };
        let same_type = other.message_type == class.message_type || !by_type;
        fits && other.sender == sender && other.priority == priority && same_type
    })
}
