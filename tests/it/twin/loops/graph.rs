//! The choice graph of one recipient, one message and one set of failures, and the walk through it.

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    Waits,
    Returned,
}

/// What a router may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Hand over to a router, by its position.
    To(usize),
    End(Fate),
}

/// All steps that each router may take.
#[derive(Debug)]
pub(super) struct ChoiceGraph {
    steps: Vec<Vec<Step>>,
}

impl ChoiceGraph {
    pub(super) fn new(steps: Vec<Vec<Step>>) -> Self {
        Self { steps }
    }

    pub(super) fn steps(&self, router: usize) -> &[Step] {
        &self.steps[router]
    }

    /// Every cycle without a repeated router, from its lowest router on.
    pub(super) fn cycles(&self) -> Vec<Vec<usize>> {
        let mut cycles = Vec::new();
        for first in 0..self.steps.len() {
            self.walk(&mut vec![first], &mut cycles);
        }
        cycles.sort();
        cycles.dedup();
        cycles
    }

    /// Follows the message step by step, through every choice, until it is back where it began.
    fn walk(&self, held_by: &mut Vec<usize>, cycles: &mut Vec<Vec<usize>>) {
        let (first, here) = (held_by[0], held_by[held_by.len() - 1]);
        for &step in &self.steps[here] {
            match step {
                Step::To(next) if next == first => cycles.push(held_by.clone()),
                // A cycle through a lower router is found from there.
                Step::To(next) if next > first && !held_by.contains(&next) => {
                    held_by.push(next);
                    self.walk(held_by, cycles);
                    held_by.pop();
                }
                Step::To(_) | Step::End(_) => {}
            }
        }
    }

    /// Whether no sequence of choices from here comes to an end.
    pub(super) fn never_ends(&self, from: usize) -> bool {
        let mut seen = vec![from];
        let mut at = 0;
        while let Some(&here) = seen.get(at) {
            for &step in &self.steps[here] {
                match step {
                    Step::End(_) => return false,
                    Step::To(next) if !seen.contains(&next) => seen.push(next),
                    Step::To(_) => {}
                }
            }
            at += 1;
        }
        true
    }
}
