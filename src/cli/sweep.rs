//! `verify --sweep`: every failure of a site link or a site.

use std::path::{Path, PathBuf};

use bridgehead::model::Organization;
use bridgehead::report::{Rehearsal, SweepFormat, write_sweep, write_swept};
use bridgehead::route::{Graphs, Options};
use bridgehead::verify::{Engine, Failures, Sweep};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::messages::Messages;
use super::output::Output;
use super::progress::Progress;

/// How failures are swept.
#[derive(Args)]
pub(super) struct SweepArgs {
    /// Instead of looking for loops, let every site link and every site fail, one at a time, and with `--max-failures 2` every two site
    /// links besides: which pairs of sites lose their route, which move and by how much, and where mail waits meanwhile.
    #[arg(long, value_name = "WHAT", help_heading = "Sweep", conflicts_with_all = [
        "max_checks", "max_repairs", "previous", "session_wait", "certificate", "check", "dns_connectors_fail",
        "exempt_without_alternative"])]
    pub(super) sweep: Option<Swept>,
    /// How many of the worst failures are told.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        requires = "sweep",
        help_heading = "Sweep"
    )]
    pub(super) worst: usize,
    /// Besides, write every failure to FILE, one JSON object a line (`schema sweep-line`).
    #[arg(long, value_name = "FILE", requires = "sweep", help_heading = "Sweep")]
    pub(super) dump: Option<PathBuf>,
    /// In that file, behind each failure every pair that loses its route or moves, with the way that it takes instead. It takes two searches from
    /// every site for each failure.
    #[arg(long, requires = "dump", help_heading = "Sweep")]
    pub(super) dump_pairs: bool,
}

/// What fails in a sweep.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Swept {
    /// Site links and sites.
    Sites,
}

/// An organization and what of it is swept.
pub(super) struct Question<'a> {
    pub(super) org: &'a Organization,
    pub(super) graphs: &'a Graphs,
    pub(super) options: Options,
    pub(super) twos: bool,
}

/// Sites of the core of which tables are made: about nine gigabytes.
const CORE_MAX: usize = 16_384;

impl SweepArgs {
    /// Whether two links may fail at the same time.
    pub(super) fn twos(&self, max_failures: usize) -> Result<bool, Failure> {
        match max_failures {
            1 => Ok(false),
            2 => Ok(true),
            n => Err(
                Failure::usage(format!("a sweep has one or two failures at a time, and not {n}"))
                    .help("`--max-failures 1` or `--max-failures 2`"),
            ),
        }
    }

    /// Where every failure is written, if anywhere. That may be neither an input nor the output.
    pub(super) fn dump_file(&self, topology: &Path, output: &Output) -> Result<Option<Output>, Failure> {
        if self.dump.as_deref() == Some(Path::new("-")) {
            let message = "standard output takes the answer and not every failure too";
            return Err(Failure::usage(message).help("name a file for `--dump`"));
        }
        let file = self.dump.clone().map(Output::file);
        if file.as_ref().is_some_and(|file| file.is_same_file(output)) {
            let message = "`--dump` and `-o` name one file";
            return Err(Failure::usage(message).help("the answer and every failure need a file each"));
        }
        file.as_ref().map_or(Ok(()), |file| file.spare(topology))?;
        Ok(file)
    }

    /// Sweeps and writes what was found.
    pub(super) fn run(
        &self,
        question: &Question<'_>,
        dump: Option<Output>,
        format: SweepFormat,
        output: Output,
        messages: &Messages,
    ) -> Result<(), Failure> {
        let engine = question.engine(messages)?;
        let sweep = self.sweep(&engine, question.org, dump, messages)?;
        let palette = output.palette();
        let rehearsal = question.rehearsal(&engine, &sweep);
        output.write(|out| write_sweep(rehearsal, format, palette, out))
    }

    /// Every failure, each written to the file if there is one.
    fn sweep(
        &self,
        engine: &Engine<'_>,
        org: &Organization,
        dump: Option<Output>,
        messages: &Messages,
    ) -> Result<Sweep, Failure> {
        let all = engine.failures().all();
        let mut told = Told::new(messages, all.end);
        let Some(dump) = dump else {
            let swept = engine.sweep(all, self.worst, false, |_, _| {
                told.one_more();
                Ok::<(), std::convert::Infallible>(())
            });
            return Ok(swept.unwrap_or_else(|never| match never {}));
        };
        let mut sweep = Sweep::default();
        dump.write(|out| {
            sweep = engine.sweep(all, self.worst, self.dump_pairs, |swept, pairs| {
                told.one_more();
                write_swept(org, engine.failures(), swept, pairs, out)
            })?;
            Ok(())
        })?;
        Ok(sweep)
    }
}

impl<'a> Question<'a> {
    /// The tables; an error where they would not fit into the memory of usual machines.
    pub(super) fn engine(&self, messages: &Messages) -> Result<Engine<'a>, Failure> {
        let core = Engine::core_sites(self.org, self.graphs);
        if core > CORE_MAX {
            let gigabytes = (core as u64).pow(2) * Engine::BYTES_A_PAIR / 1_000_000_000;
            let message = format!(
                "{core} sites are left when trees are taken off, and tables of them take {gigabytes} GB: at most {CORE_MAX} are swept"
            );
            return Err(Failure::usage(message).help("sweep a file of a part of the organization"));
        }
        let mut progress = Progress::new(messages);
        progress.begin("looking for paths");
        let failures = Failures::new(self.org, self.twos);
        Ok(Engine::new(self.org, self.graphs, self.options, failures))
    }

    pub(super) fn rehearsal<'s>(&self, engine: &'s Engine<'a>, sweep: &'s Sweep) -> Rehearsal<'s>
    where
        'a: 's,
    {
        Rehearsal {
            org: self.org,
            failures: engine.failures(),
            routes: Engine::routes(self.org, self.graphs),
            sweep,
        }
    }
}

/// How many failures are done.
pub(super) struct Told {
    progress: Progress,
    done: usize,
    of: usize,
}

impl Told {
    pub(super) fn new(messages: &Messages, of: u64) -> Told {
        Told {
            progress: Progress::new(messages),
            done: 0,
            of: usize::try_from(of).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn one_more(&mut self) {
        self.done += 1;
        self.progress.tell("sweeping failures", self.done, self.of);
    }
}
