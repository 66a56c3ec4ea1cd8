//! What is told apart, whom mail is for and which messages, and how a loop is listed that is the same in several classes.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::Certainty;
use super::classes::classes_of;
use super::scene::Failed;
use super::search::{in_order, nodes};
use super::{Bound, MessageClass, Recipient, Witness, World, recipients};
use crate::model::Node;

/// All that is looked at one by one.
pub(super) struct ToldApart {
    pub(super) recipients: Vec<Recipient>,
    pub(super) classes: Vec<MessageClass>,
    /// Bounds that were reached in listing them.
    pub(super) reached: BTreeSet<Bound>,
}

impl ToldApart {
    /// The recipients of an organization, and its classes of messages, cut by an older organization too where there is one.
    pub(super) fn new(world: &World<'_>, old: Option<&World<'_>>) -> ToldApart {
        let (recipients, all_recipients) = recipients(world.org);
        let orgs: Vec<_> = std::iter::once(world).chain(old).map(|world| world.org).collect();
        let (classes, all_classes) = classes_of(&orgs, world.options.default_size);
        let bounds = [
            (Bound::AddressClasses, all_recipients),
            (Bound::MessageClasses, all_classes),
        ];
        let reached = bounds.into_iter().filter(|(_, all)| !all);
        ToldApart {
            recipients,
            classes,
            reached: reached.map(|(bound, _)| bound).collect(),
        }
    }
}

impl Witness {
    /// The same as found for a recipient in classes that are alike, ascending.
    pub(super) fn found_for(self, recipient: usize, classes: &[usize]) -> Witness {
        Witness {
            recipient,
            class: classes[0],
            also_in: classes[1..].to_vec(),
            ..self
        }
    }
}

/// Whom, what has failed, who holds the mail, and whether it must circle: what makes a loop the same in another class.
type Same = (usize, Failed, Vec<Node>, Certainty);

/// Loops in the contract's order, each made `listed` of it and of what is told of it besides: one that is the same in several
/// classes stands once, under the first. `found` has lower classes first, and for a recipient, class and set no two loops through the
/// same nodes.
pub(super) fn under_first_class<T: PartialEq, L>(
    found: impl IntoIterator<Item = (Witness, T)>,
    listed: impl Fn(Witness, T) -> L,
) -> Vec<L> {
    let mut merged: BTreeMap<Same, Vec<(Witness, T)>> = BTreeMap::new();
    for (witness, besides) in found {
        let (recipient, failed) = (witness.recipient, witness.failed.clone());
        let key = (recipient, failed, nodes(&witness.circle), witness.certainty);
        let alike = merged.entry(key).or_default();
        match alike.iter_mut().find(|(_, other)| *other == besides) {
            Some((first, _)) => {
                first.also_in.push(witness.class);
                first.also_in.extend(witness.also_in);
                first.also_in.sort_unstable();
            }
            None => alike.push((witness, besides)),
        }
    }
    let mut merged: Vec<(Witness, T)> = merged.into_values().flatten().collect();
    merged.sort_by(|(a, _), (b, _)| in_order(a, b));
    let listed = |(witness, besides)| listed(witness, besides);
    merged.into_iter().map(listed).collect()
}
