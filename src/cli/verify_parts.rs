//! Parts of a verification: what `verify --shard` does, and what `merge` does with the parts.

use std::ops::Range;

use bridgehead::diagnostic::Source;
use bridgehead::load::{Format as InputFormat, Limits};
use bridgehead::model::{NameOrder, Organization, SiteIdx, period_text};
use bridgehead::report::{Rehearsal, write_sweep};
use bridgehead::route::Graphs;
use bridgehead::verify::{Engine, Failures, Piece, Pieces, Sweep, World};

use super::Status;
use super::failure::Failure;
use super::merge::Parts;
use super::messages::Messages;
use super::options::word;
use super::output::Output;
use super::part::{Input, Plan};
use super::progress::Progress;
use super::shard::Shard;
use super::sweep::{Swept, Told};
use super::verify::Verify;

impl Verify {
    /// Does one part of the work and writes it, unless that was done before.
    pub(super) fn run_part(&self, shard: Shard, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let mut inputs = Vec::new();
        let mut orgs = Vec::new();
        for path in std::iter::once(&self.topology.topology).chain(&self.previous) {
            output.spare(path)?;
            let input = &self.topology.input;
            let (source, format, org): (Source, InputFormat, Organization) =
                input.organization_and_format(path, self.name_order(), messages)?;
            inputs.push(Input::new(&source, format));
            orgs.push(org);
        }
        let org = &orgs[0];
        let graphs = Graphs::new(org);
        let plan = |all: u64| Plan {
            asked: self.asked(),
            inputs,
            shard,
            all,
        };
        if self.sweep.sweep.is_some() {
            let question = self.question(org, &graphs)?;
            let plan = plan(Failures::new(org, question.twos).len());
            if !plan.is_done(&output, messages)? {
                let engine = question.engine(messages)?;
                let range = plan.range();
                let mut told = Told::new(messages, range.end - range.start);
                let sweep = engine.sweep(range, self.sweep.worst, false, |_, _| {
                    told.one_more();
                    Ok::<(), std::convert::Infallible>(())
                });
                plan.write(&sweep.unwrap_or_else(|never| match never {}), output)?;
            }
        } else {
            let world = World::new(org, &graphs, self.open.options(), self.link_state.options());
            let pieces = Pieces::new(&world, self.bounds());
            let plan = plan(pieces.len());
            if !plan.is_done(&output, messages)? {
                let mut progress = Progress::new(messages);
                let found = pieces.search(plan.range(), &mut |done, of| {
                    progress.tell("looking for loops", done, of)
                });
                drop(progress);
                plan.write(&found, output)?;
            }
        }
        Ok(Status::Done)
    }

    /// What one process would have answered, from the parts of it; or what is wrong with them.
    pub(super) fn put_together(
        &self,
        orgs: &[Organization],
        parts: &Parts,
        output: Output,
        messages: &Messages,
    ) -> Result<Result<Status, Vec<String>>, Failure> {
        let org = &orgs[0];
        let graphs = Graphs::new(org);
        if self.sweep.sweep.is_some() {
            let failures = Failures::new(org, self.question(org, &graphs)?.twos);
            let fits = |sweep: &Sweep, range: Range<u64>| sweep_fits(sweep, org, range, self.sweep.worst);
            let found = match parts.results(failures.len(), fits) {
                Ok(found) => found,
                Err(wrong) => return Ok(Err(wrong)),
            };
            let mut sweep = Sweep::default();
            found.into_iter().for_each(|part| sweep.join(part, self.sweep.worst));
            let rehearsal = Rehearsal {
                org,
                failures: &failures,
                routes: Engine::routes(org, &graphs),
                sweep: &sweep,
            };
            let palette = output.palette();
            output.write(|out| write_sweep(rehearsal, self.format.into(), palette, out))?;
            return Ok(Ok(Status::Done));
        }
        let world = World::new(org, &graphs, self.open.options(), self.link_state.options());
        let pieces = Pieces::new(&world, self.bounds());
        let fits = |found: &Vec<Piece>, range: Range<u64>| {
            found.len() as u64 == range.end - range.start && found.iter().all(|piece| pieces.fits(piece))
        };
        let found: Vec<Vec<Piece>> = match parts.results(pieces.len(), fits) {
            Ok(found) => found,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let progress = Progress::new(messages);
        let verification = pieces.together(found.into_iter().flatten().collect());
        self.conclude(&world, &verification, orgs.get(1), output, progress)
            .map(Ok)
    }

    /// Every option that changes the result, one way to write each.
    fn asked(&self) -> Vec<String> {
        let mut asked = vec![
            format!("--max-failures={}", self.max_failures),
            format!("--format={}", word(self.format)),
        ];
        asked.extend(self.open.asked());
        asked.extend(self.topology.input.asked());
        if let Some(what) = self.sweep.sweep {
            asked.push(format!("--sweep={}", word::<Swept>(what)));
            asked.push(format!("--worst={}", self.sweep.worst));
            return asked;
        }
        asked.push(format!("--max-checks={}", self.max_checks));
        asked.push(format!("--max-repairs={}", self.max_repairs));
        asked.push(format!("--session-wait={}", period_text(self.session_wait)));
        // Its text is an input.
        asked.extend(self.previous.as_ref().map(|_| "--previous=-".to_owned()));
        asked.extend(self.link_state.asked());
        asked
    }

    pub(super) fn limits(&self) -> Limits {
        self.topology.input.limits()
    }

    pub(super) fn name_order(&self) -> NameOrder {
        self.open.name_order()
    }

    pub(super) fn has_previous(&self) -> bool {
        self.previous.is_some()
    }
}

/// Whether what a part says of failures is about things that there are.
fn sweep_fits(sweep: &Sweep, org: &Organization, range: Range<u64>, worst: usize) -> bool {
    let is_site = |site: u32| SiteIdx::from_raw(site).index() < org.sites().len();
    let is_pair = |(from, to): (u32, u32)| is_site(from) && is_site(to);
    let totals = &sweep.totals;
    let mosts = totals.greatest_cost.map(|most| (most.number, most.greatest.pair));
    let longest = totals.greatest_hops.map(|most| (most.number, most.greatest.pair));
    totals.failures == range.end - range.start
        && totals
            .losing
            .checked_add(totals.moving)
            .is_some_and(|some| some <= totals.failures)
        && sweep.worst.len() <= worst
        && mosts
            .into_iter()
            .chain(longest)
            .all(|(number, pair)| range.contains(&number) && is_pair(pair))
        && sweep.worst.iter().all(|swept| {
            let outcome = &swept.outcome;
            let cost = outcome.greatest_cost.map(|most| most.pair);
            let hops = outcome.greatest_hops.map(|most| most.pair);
            range.contains(&swept.number)
                && cost.into_iter().chain(hops).all(is_pair)
                && outcome.queues.iter().all(|(site, _)| is_site(*site))
        })
}
