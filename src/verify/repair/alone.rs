//! What one edit does alone: which witnesses it clears, and whether it makes others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::covers::Tried;
use super::trial::{Loop, Trials};
use super::{Edit, candidates};
use crate::model::{Address, MessageType, Name, Organization, Priority, ServerIdx, WeekMinute};
use crate::verify::classes::Hours;
use crate::verify::search::{alike, verify_for};
use crate::verify::{MessageClass, Recipient, SizeBucket, Verification, Witness, World};

/// That mail for somebody, of one class of the organization before any change, circles when these have failed.
type Listed = (String, Vec<String>, usize);

/// The organization before any change, and its loops.
pub(super) struct Alone<'a> {
    world: &'a World<'a>,
    before: &'a Verification,
    /// The first of classes that no router tells apart: nor does one after an edit.
    classes: BTreeSet<usize>,
    /// By witness, one for each of these classes.
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
        let firsts = alike(world, &before.classes).into_iter().map(|classes| classes[0]);
        let classes: BTreeSet<usize> = firsts.collect();
        let itself = |class: usize| Vec::from_iter(classes.contains(&class).then_some(class));
        let listed = |witness| listed(world, before, witness, itself);
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
            classes,
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
        let places = Places::new(world.org, &found.classes);
        let mut told = true;
        let mut before = vec![Vec::new(); found.classes.len()];
        for class in &self.classes {
            match places.of(&self.before.classes[*class]) {
                Some(after) => before[after].push(*class),
                None => told = false,
            }
        }
        let before = |class: usize| before[class].clone();
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

/// Where a class is among those after a change. No edit makes a limit or a list, so that classes only grow.
struct Places<'a> {
    senders: HashSet<&'a Option<Address>>,
    priorities: BTreeSet<Priority>,
    types: BTreeSet<MessageType>,
    hours: Hours,
    /// By everything but the size: sizes, ascending, and where they are.
    by: HashMap<But<'a>, Vec<(Option<SizeBucket>, usize)>>,
}

/// A class but for its size.
type But<'a> = (&'a Option<Address>, Priority, MessageType, Option<WeekMinute>);

impl<'a> Places<'a> {
    /// O(classes).
    fn new(org: &Organization, after: &'a [MessageClass]) -> Places<'a> {
        let mut by: HashMap<But<'a>, Vec<(Option<SizeBucket>, usize)>> = HashMap::new();
        for (at, class) in after.iter().enumerate() {
            let key = (&class.sender, class.priority, class.message_type, class.at);
            by.entry(key).or_default().push((class.size, at));
        }
        Places {
            senders: after.iter().map(|class| &class.sender).collect(),
            priorities: after.iter().map(|class| class.priority).collect(),
            types: after.iter().map(|class| class.message_type).collect(),
            hours: Hours::of(org),
            by,
        }
    }

    /// Whom no list names any more is like anybody else, and so are priorities and types that nobody looks at any more. O(log sizes).
    fn of(&self, class: &MessageClass) -> Option<usize> {
        let sender = Some(&class.sender).filter(|sender| self.senders.contains(sender));
        let priority = Some(class.priority).filter(|priority| self.priorities.contains(priority));
        let message_type = Some(class.message_type).filter(|of| self.types.contains(of));
        let sizes = self.by.get(&(
            sender.unwrap_or(&None),
            priority.unwrap_or_default(),
            message_type.unwrap_or_default(),
            self.hours.class_of(class.at),
        ))?;
        let size = class.message().size;
        let begun = sizes
            .partition_point(|(bucket, _)| bucket.is_none_or(|bucket| size.is_some_and(|size| bucket.min <= size)));
        let (bucket, at) = sizes[..begun].last()?;
        let fits = bucket.is_none_or(|bucket| bucket.max.is_none_or(|max| size.is_some_and(|size| size <= max)));
        fits.then_some(*at)
    }
}
