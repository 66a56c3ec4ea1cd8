//! Trying edits on a copy: what is known to circle is looked at first, so that most of them cost one shortest path.

use std::cell::OnceCell;

use super::candidates::{Before, Suspect};
use super::{Edit, edit};
use crate::linkstate;
use crate::model::{FailureSet, Message, Name, Organization};
use crate::route::{Graphs, Options, View};
use crate::verify::circles;
use crate::verify::scene::{Failed, Scene};
use crate::verify::search::{verify_for, witness};
use crate::verify::{Bounds, Recipient, Verification, Witness, World};

/// A loop in terms that survive a change of the organization. If mail circles in it afterwards, some witness is left: what
/// nobody acts on could only end mail that circles (V16).
#[derive(Clone)]
pub(super) struct Loop {
    recipient: Recipient,
    message: Message,
    failed: Vec<Name>,
}

impl Loop {
    pub(super) fn new(world: &World<'_>, verification: &Verification, witness: &Witness) -> Loop {
        Loop {
            recipient: verification.recipients[witness.recipient].clone(),
            message: verification.classes[witness.class].message(),
            failed: world.connector_names(&witness.failed).cloned().collect(),
        }
    }

    /// How it circles in another organization, if it does.
    pub(super) fn in_world(&self, world: &World<'_>) -> Option<Witness> {
        let all = world.beliefs.believable().all();
        let failed: Failed = (0..)
            .zip(all)
            .filter(|(_, (connector, _))| {
                !self.failed.is_empty() && self.failed.contains(world.org.connector_name(*connector))
            })
            .map(|(position, _)| position)
            .collect();
        let nothing_down = FailureSet::default();
        let view = View::new(world.org, world.graphs, world.options, &self.message, &nothing_down);
        let mut scene = Scene::new(world, &view, &self.recipient);
        let choices = scene.reached(&world.anchors(), &failed);
        let (circles, _) = circles::circles(&choices, &mut 0);
        let (circle, certainty) = circles.into_iter().next()?;
        Some(witness(&choices, &failed, circle, certainty))
    }
}

/// What becomes of all loops after some edits.
pub(super) enum Judged<T> {
    /// None is left.
    Clear(Box<Organization>),
    /// One is, and what was asked about it.
    Left(T),
    /// Some bound of the search was reached.
    Unknown,
}

/// Loops that are looked at before all others.
const KNOWN_MAX: usize = 64;

/// What may still be tried.
pub(super) struct Trials<'a> {
    pub(super) org: &'a Organization,
    /// Open decisions of routing.
    options: Options,
    /// Open decisions of link state.
    link_state: linkstate::Options,
    pub(super) bounds: Bounds,
    /// Changes.
    pub(super) tries_left: usize,
    /// Routers and connectors that are looked at.
    pub(super) steps_left: u64,
    /// Loops that were seen, those that speak against most changes first.
    known: Vec<Loop>,
    /// Some try was not made.
    pub(super) ran_out: bool,
}

impl<'a> Trials<'a> {
    pub(super) fn new(world: &World<'a>, verification: &Verification, bounds: Bounds) -> Trials<'a> {
        let witnesses = verification.witnesses.iter();
        Trials {
            org: world.org,
            options: world.options,
            link_state: world.link_state,
            bounds,
            tries_left: 0,
            steps_left: 0,
            known: witnesses
                .take(KNOWN_MAX)
                .map(|witness| Loop::new(world, verification, witness))
                .collect(),
            ran_out: false,
        }
    }

    /// Shows an organization after some edits, and says how many failure sets were looked at. `None`: no more tries.
    pub(super) fn make<T>(&mut self, edits: &[Edit], see: impl FnOnce(&World<'_>) -> (T, u64)) -> Option<T> {
        if self.tries_left == 0 || self.steps_left == 0 {
            self.ran_out = true;
            return None;
        }
        self.tries_left -= 1;
        let after = edit::apply(self.org, edits);
        let graphs = Graphs::new(&after);
        let world = World::new(&after, &graphs, self.options, self.link_state);
        let size = after.servers().len()
            + after.sites().len()
            + after.connectors().len()
            + after.routing_group_connectors().len();
        let (seen, checked) = see(&world);
        let steps = checked.saturating_add(1).saturating_mul(size as u64);
        self.steps_left = self.steps_left.saturating_sub(steps);
        Some(seen)
    }

    /// Whether edits clear every loop and make no other, whoever the mail is for; and of one that is left what `ask` says.
    /// `None`: no more tries.
    pub(super) fn judge<T>(
        &mut self,
        edits: &[Edit],
        ask: impl FnOnce(&Suspect<'_>, &Before) -> T,
    ) -> Option<Judged<T>> {
        let mut known = std::mem::take(&mut self.known);
        let (org, bounds) = (self.org, self.bounds);
        let judged = self.make(edits, |world| {
            let tell = |found: &Loop, left: &Witness| {
                let suspect = Suspect {
                    world,
                    recipient: &found.recipient,
                    message: found.message.clone(),
                    witness: left,
                    reasons: OnceCell::new(),
                };
                Judged::Left(ask(&suspect, &Before::new(org, world.org)))
            };
            let mut looked = 0;
            for at in 0..known.len() {
                looked += 1;
                if let Some(left) = known[at].in_world(world) {
                    let found = known.remove(at);
                    let judged = tell(&found, &left);
                    known.insert(0, found);
                    return (judged, looked);
                }
            }
            let nobody = &mut |_: usize, _: usize| {};
            let first_only = |_: &Recipient, found: &[Witness]| found.is_empty();
            let found = verify_for(world, bounds, &first_only, nobody, None);
            looked += found.checked;
            let judged = match found.witnesses.first() {
                Some(left) => {
                    let found = Loop::new(world, &found, left);
                    let judged = tell(&found, left);
                    known.insert(0, found);
                    known.truncate(KNOWN_MAX);
                    judged
                }
                None if found.complete() => Judged::Clear(Box::new(world.org.clone())),
                None => Judged::Unknown,
            };
            (judged, looked)
        });
        self.known = known;
        judged
    }

    /// The organization after edits that leave no loop; `None`: they leave one, or there are no more tries.
    pub(super) fn cleared(&mut self, edits: &[Edit]) -> Option<Organization> {
        match self.judge(edits, |_, _| ())? {
            Judged::Clear(after) => Some(*after),
            Judged::Left(()) | Judged::Unknown => None,
        }
    }
}
