//! The search for loops in pieces that need not know of each other.
//!
//! Sets of failures cannot be dealt out: which ones are tried follows from what smaller ones showed (see [`super`]). But minimal
//! sets are compared within one recipient and class (V22), and so a search never asks what another one found. A piece is one
//! pair of a recipient and classes that no router tells apart, in the order in which all of them are searched one after the other.
//!
//! One thing is shared by all: how many sets may still be tried (`Bounds::checks_max`). A piece is searched as if it were the
//! first, and what it took is written down; where pieces are put together, the one in which the number runs out is searched again
//! with what was left for it, and those after it find nothing left. So the answer is that of one search, whatever was cut.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::black_holes::black_holes;
use super::scene::Router;
use super::search::{Pairs, merge};
use super::{Bound, Bounds, Verification, Witness, World};
use crate::model::Message;

/// What the search for one recipient and some classes found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Failure sets that were tried.
    pub checked: u64,
    /// Shortest-path computations, but for the one that all recipients of the classes share.
    pub path_computations: u64,
    /// Whether that one was asked for.
    pub asked_into_2007: bool,
    /// Bounds that were reached.
    pub reached: BTreeSet<Bound>,
    /// Minimal loops; recipient and classes are those of the piece, and left out.
    pub witnesses: Vec<Witness>,
}

/// Everything that is searched, numbered without gaps.
pub struct Pieces<'w> {
    pairs: Pairs<'w>,
    bounds: Bounds,
}

impl<'w> Pieces<'w> {
    /// The list of an organization. O(classes × connectors).
    pub fn new(world: &'w World<'w>, bounds: Bounds) -> Pieces<'w> {
        Pieces {
            pairs: Pairs::new(world, bounds, false),
            bounds,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.pairs.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Searches pieces one after the other. `progress` is told how many of how many are done.
    ///
    /// # Panics
    /// When the range goes beyond the list.
    pub fn search(&self, range: Range<u64>, progress: &mut dyn FnMut(usize, usize)) -> Vec<Piece> {
        assert!(range.end <= self.len(), "pieces are numbered from 0 to {}", self.len());
        let at = |n: u64| usize::try_from(n).expect("pieces fit in memory");
        let all = at(range.start)..at(range.end);
        let searched = all.clone().map(|number| {
            progress(number - all.start, all.len());
            self.search_one(number, &mut self.bounds.checks_max.clone())
        });
        searched.collect()
    }

    fn message(&self, classes: usize) -> Message {
        self.pairs.classes[self.pairs.alike[classes][0]].message()
    }

    fn search_one(&self, number: usize, left: &mut u64) -> Piece {
        let recipients = self.pairs.recipients.len();
        let message = self.message(number / recipients);
        let view = self.pairs.view(&message);
        let into_2007 = OnceCell::new();
        let recipient = &self.pairs.recipients[number % recipients];
        let (searched, scene) = self.pairs.search(&view, recipient, &into_2007, left);
        let asked_into_2007 = into_2007.get().is_some();
        Piece {
            checked: searched.checked,
            path_computations: scene.path_computations - u64::from(asked_into_2007),
            asked_into_2007,
            reached: searched.reached,
            witnesses: searched.witnesses,
        }
    }

    /// What one search for everything would find, from all pieces in order, black holes besides.
    ///
    /// # Panics
    /// When there are more or fewer pieces, or they do not [fit](Pieces::fits).
    pub fn together(&self, pieces: Vec<Piece>) -> Verification {
        assert_eq!(pieces.len(), self.pairs.len(), "every piece, each once");
        let mut found = self.pairs.nothing_found();
        let mut left = self.bounds.checks_max;
        let mut witnesses = Vec::new();
        let mut pieces = pieces.into_iter().enumerate();
        for classes in &self.pairs.alike {
            let mut asked = false;
            for (recipient, _) in self.pairs.recipients.iter().enumerate() {
                let (number, mut piece) = pieces.next().expect("they were counted");
                if piece.checked > left || piece.reached.contains(&Bound::Checks) {
                    piece = self.search_one(number, &mut left);
                } else {
                    left -= piece.checked;
                }
                found.checked += piece.checked;
                found.path_computations += piece.path_computations;
                found.reached.extend(piece.reached);
                asked |= piece.asked_into_2007;
                let each = piece.witnesses.into_iter();
                witnesses.extend(each.map(|witness| witness.found_for(recipient, classes)));
            }
            found.path_computations += u64::from(asked);
        }
        found.witnesses = merge(witnesses);
        if self.bounds.failures_max > 0 {
            found.black_holes = black_holes(self.pairs.world, &found.recipients, &found.classes);
        }
        found
    }

    /// Whether a piece that was read from somewhere is about things that there are. That they behave so is not checked.
    pub fn fits(&self, piece: &Piece) -> bool {
        let world = self.pairs.world;
        let connectors = world.beliefs.believable().all().len();
        let is_router = |router: &Router| match router {
            Router::Site(site, _) => site.index() < world.org.sites().len(),
            Router::Group(group) => group.index() < world.org.routing_groups().len(),
        };
        let is_connector = |at: usize| at < world.org.routing_group_connectors().len();
        piece.witnesses.iter().all(|witness| {
            !witness.circle.is_empty()
                && witness.circle.len() == witness.steps.len()
                && witness.failed.iter().all(|at| (*at as usize) < connectors)
                && witness.circle.iter().all(is_router)
                && witness.steps.iter().all(|step| {
                    is_router(&step.at)
                        && is_router(&step.to)
                        && step.over.is_none_or(|over| is_connector(over.index()))
                })
        })
    }
}
