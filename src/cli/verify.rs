//! `verify`: whether mail can circle.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bridgehead::diagnostic::{Problem, Span};
use bridgehead::linkstate::{self, Timers};
use bridgehead::load::{self, Rejected};
use bridgehead::model::{Organization, parse_period};
use bridgehead::report::{
    Findings, InBetween, SweepFormat, VerifyFormat, write_certificate, write_checked, write_verify,
};
use bridgehead::route::Graphs;
use bridgehead::verify::{
    Bounds, Certificate, Flood, Repairs, Skew, Verdict, Verification, World, certify, check, flood, repair, skew,
    verify,
};
use clap::{Args, ValueEnum};

use super::Status;
use super::failure::Failure;
use super::input::Topology;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;
use super::progress::Progress;
use super::shard::ShardArgs;
use super::sweep::{Question, SweepArgs};

/// Whether mail can circle: every recipient, every class of messages, every set of failures up to K.
///
/// Ends with status 1 when it can, with 4 when a bound was reached and no loop found. With `--sweep` it lets site links and sites fail
/// instead, and tells what becomes of mail between sites.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    pub(super) topology: Topology,
    /// Most connectors that fail at the same time; each direction counts by itself. With `--sweep`: most site links.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(super) max_failures: usize,
    /// Most failure sets that are tried; more are never taken to be free of loops.
    #[arg(long, value_name = "N", default_value_t = Bounds::default().checks_max)]
    pub(super) max_checks: u64,
    /// Most changes that are tried in search of one that ends every loop; 0: none.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(super) max_repairs: usize,
    /// Topology file of before a change: besides, look for loops while legacy groups still act on it.
    #[arg(long, value_name = "OLD", conflicts_with = "check")]
    pub(super) previous: Option<PathBuf>,
    /// How long news of a failure waits for the session that carries it to the next group (`30s`, `5min`): besides, loops are
    /// looked for that are there while groups hear one after another. Unless given, sessions open at once.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0s", conflicts_with = "check")]
    pub(super) session_wait: Duration,
    /// Write a certificate to FILE: what it takes to check the answer without searching again.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    certificate: Option<PathBuf>,
    /// Instead of searching, hold the certificate in FILE against the topology, with the failures that it is about.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["max_failures", "max_checks", "max_repairs"])]
    check: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) sweep: SweepArgs,
    #[command(flatten)]
    shard: ShardArgs,
    #[command(flatten)]
    pub(super) open: OpenDecisions,
    #[command(flatten)]
    pub(super) link_state: LinkStateDecisions,
}

/// Open decisions of link state, each with the documented default.
#[derive(Args)]
pub(super) struct LinkStateDecisions {
    /// SMTP connectors without smart hosts can be believed down too.
    #[arg(long, help_heading = "Open decisions")]
    dns_connectors_fail: bool,
    /// A connector is never believed down when no other way leads from its source to its end, not only at leaf groups.
    #[arg(long, help_heading = "Open decisions")]
    exempt_without_alternative: bool,
}

impl LinkStateDecisions {
    pub(super) fn options(&self) -> linkstate::Options {
        linkstate::Options {
            dns_always_up: !self.dns_connectors_fail,
            exempt_without_alternative: self.exempt_without_alternative,
        }
    }

    /// As arguments.
    pub(super) fn asked(&self) -> impl Iterator<Item = String> {
        let flags = [
            (self.dns_connectors_fail, "--dns-connectors-fail"),
            (self.exempt_without_alternative, "--exempt-without-alternative"),
        ];
        flags
            .into_iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| flag.to_owned())
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Loop by loop, each with a lap.
    Text,
    /// One document, `bridgehead.verify/1`; with `--sweep`, `bridgehead.sweep/1`.
    Json,
}

impl Verify {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        if let Some(shard) = self.shard.shard()? {
            return self.run_part(shard, output, messages);
        }
        if self.sweep.sweep.is_some() {
            return self.run_sweep(output, messages);
        }
        let Topology { topology, input } = &self.topology;
        let certificate = self.certificate_file(&output)?;
        let (_, org) = input.organization(topology, self.open.name_order(), messages)?;
        if let Some(path) = &self.check {
            return self.hold_against(&org, path, output);
        }
        // Read before the search, which may take long, so that what is wrong with it is told at once.
        let old = match &self.previous {
            Some(path) => Some(input.organization(path, self.open.name_order(), messages)?.1),
            None => None,
        };
        let graphs = Graphs::new(&org);
        let world = World::new(&org, &graphs, self.open.options(), self.link_state.options());
        let mut progress = Progress::new(messages);
        let verification = search(&world, self.bounds(), certificate, &mut progress)?;
        self.conclude(&world, &verification, old.as_ref(), output, progress)
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            failures_max: self.max_failures,
            checks_max: self.max_checks,
            ..Bounds::default()
        }
    }

    /// All that is asked once the search is over, and the answer.
    pub(super) fn conclude(
        &self,
        world: &World<'_>,
        verification: &Verification,
        old: Option<&Organization>,
        output: Output,
        mut progress: Progress,
    ) -> Result<Status, Failure> {
        let (bounds, link_state) = (self.bounds(), self.link_state.options());
        progress.begin("trying what would end them");
        let repairs = match self.max_repairs {
            0 => Repairs::default(),
            tries => repair(world, verification, bounds, tries),
        };
        let old = old.map(|old| (old, Graphs::new(old)));
        let old = old
            .as_ref()
            .map(|(old, graphs)| World::new(old, graphs, self.open.options(), link_state));
        let skew = old.as_ref().map(|old| skew(world, old, bounds));
        let between = old.as_ref().zip(skew.as_ref());
        let timers = Timers {
            options: link_state,
            on_session: Some(self.session_wait),
            ..Timers::default()
        };
        progress.begin("following news");
        let flood = flood(world, &timers, bounds);
        drop(progress);
        let findings = Findings {
            between: between.map(|(old, skew)| InBetween { old, skew }),
            verification,
            repairs: &repairs,
            max_failures: self.max_failures,
            flood: Some(&flood),
        };
        let palette = output.palette();
        output.write(|out| write_verify(world, findings, self.format.into(), palette, out))?;
        Ok(status(verification, skew.as_ref(), &flood))
    }

    /// What is swept of an organization.
    pub(super) fn question<'a>(&self, org: &'a Organization, graphs: &'a Graphs) -> Result<Question<'a>, Failure> {
        Ok(Question {
            org,
            graphs,
            options: self.open.options(),
            twos: self.sweep.twos(self.max_failures)?,
        })
    }

    fn run_sweep(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let Topology { topology, input } = &self.topology;
        output.spare(topology)?;
        self.sweep.twos(self.max_failures)?;
        let dump = self.sweep.dump_file(topology, &output)?;
        let (_, org) = input.organization(topology, self.open.name_order(), messages)?;
        let graphs = Graphs::new(&org);
        let question = self.question(&org, &graphs)?;
        self.sweep.run(&question, dump, self.format.into(), output, messages)?;
        Ok(Status::Done)
    }

    /// Where the certificate is written, if anywhere. Neither that nor the output may be a file that is read.
    fn certificate_file(&self, output: &Output) -> Result<Option<Output>, Failure> {
        if self.certificate.as_deref() == Some(Path::new("-")) {
            let message = "standard output takes the answer and not the certificate too";
            return Err(Failure::usage(message).help("name a file for `--certificate`"));
        }
        let file = self.certificate.clone().map(Output::file);
        let read = [
            Some(&self.topology.topology),
            self.previous.as_ref(),
            self.check.as_ref(),
        ];
        for input in read.into_iter().flatten() {
            output.spare(input)?;
            file.as_ref().map_or(Ok(()), |file| file.spare(input))?;
        }
        Ok(file)
    }

    /// Holds the certificate at `path` against an organization.
    fn hold_against(&self, org: &Organization, path: &Path, output: Output) -> Result<Status, Failure> {
        let certificate = self.read_certificate(path)?;
        let checked = check(org, self.open.options(), self.link_state.options(), &certificate);
        let (palette, format) = (output.palette(), self.format.into());
        output.write(|out| write_checked(&certificate, &checked, format, palette, out))?;
        Ok(match checked.flaws.is_empty() && checked.loops.is_empty() {
            true => Status::Done,
            false => Status::Findings,
        })
    }

    /// The certificate at `path`.
    fn read_certificate(&self, path: &Path) -> Result<Certificate, Failure> {
        let limits = self.topology.input.limits();
        let source = load::fetch_file(path, &limits).map_err(|rejected| Failure::Input(vec![rejected]))?;
        serde_json::from_str(&source.text).map_err(|error| {
            let before: usize = source
                .text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let at = (before + error.column().saturating_sub(1)).min(source.text.len());
            let problem = Problem::new(Span::new(at, at), "", format!("this is no certificate: {error}"));
            let problem = problem.help("`bridgehead verify --certificate FILE` writes one");
            Failure::Input(vec![Rejected {
                source,
                problems: vec![problem],
            }])
        })
    }
}

/// Searches, and writes a certificate where one is asked for.
fn search(
    world: &World<'_>,
    bounds: Bounds,
    certificate: Option<Output>,
    progress: &mut Progress,
) -> Result<Verification, Failure> {
    let mut searched = |done, of| progress.tell("looking for loops", done, of);
    match certificate {
        None => Ok(verify(world, bounds, &mut searched)),
        Some(file) => {
            let (verification, certificate) = certify(world, bounds, &mut searched);
            file.write(|out| write_certificate(&certificate, out))?;
            Ok(verification)
        }
    }
}

fn status(verification: &Verification, skew: Option<&Skew>, flood: &Flood) -> Status {
    // Whoever asks about a change or about news has no answer when a bound came before it, though the settled state is proved.
    let all_tried = flood.complete() && skew.is_none_or(Skew::complete);
    match verification.verdict() {
        Verdict::LoopFree if !all_tried => Status::Inconclusive,
        Verdict::LoopFree => Status::Done,
        Verdict::Loops => Status::Findings,
        Verdict::Inconclusive => Status::Inconclusive,
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_period(text).ok_or("it has to be a duration such as 30s or 5min")
}

impl From<Format> for VerifyFormat {
    fn from(format: Format) -> VerifyFormat {
        match format {
            Format::Text => VerifyFormat::Text,
            Format::Json => VerifyFormat::Json,
        }
    }
}

impl From<Format> for SweepFormat {
    fn from(format: Format) -> SweepFormat {
        match format {
            Format::Text => SweepFormat::Text,
            Format::Json => SweepFormat::Json,
        }
    }
}
