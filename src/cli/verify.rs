//! `verify`: whether mail can circle.

use std::path::{Path, PathBuf};

use bridgehead::diagnostic::{Problem, Span};
use bridgehead::linkstate;
use bridgehead::load::{self, Rejected};
use bridgehead::report::{Findings, InBetween, VerifyFormat, write_certificate, write_checked, write_verify};
use bridgehead::route::Graphs;
use bridgehead::verify::{Bounds, Certificate, Repairs, Setting, Verdict, World, certify, check, repair, skew, verify};
use clap::{Args, ValueEnum};

use super::Status;
use super::failure::Failure;
use super::input::Topology;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;

/// Whether mail can circle: every recipient, every class of messages, every set of failures up to K.
///
/// Ends with status 1 when it can, with 4 when a bound was reached and no loop found.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    topology: Topology,
    /// Most connectors that fail at the same time; each direction counts by itself.
    #[arg(long, value_name = "K", default_value_t = 1)]
    max_failures: usize,
    /// Most failure sets that are tried; more are never taken to be free of loops.
    #[arg(long, value_name = "N", default_value_t = Bounds::default().checks_max)]
    max_checks: u64,
    /// Most changes that are tried in search of one that ends every loop; 0: none.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_repairs: usize,
    /// Topology file of before a change: besides, look for loops while legacy groups still act on it.
    #[arg(long, value_name = "OLD", conflicts_with = "check")]
    previous: Option<PathBuf>,
    /// Write a certificate to FILE: what it takes to check the answer without searching again.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    certificate: Option<PathBuf>,
    /// Instead of searching, hold the certificate in FILE against the topology, with the failures that it is about.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["max_failures", "max_checks", "max_repairs"])]
    check: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
    #[command(flatten)]
    link_state: LinkStateDecisions,
}

/// Open decisions of link state, each with the documented default.
#[derive(Args)]
pub(super) struct LinkStateDecisions {
    /// SMTP connectors without smart hosts can be believed down too.
    #[arg(long, help_heading = "Open decisions")]
    dns_connectors_fail: bool,
    /// A connector is never believed down when its ends are not joined without it, not only at leaf groups.
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
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Loop by loop, each with a lap.
    Text,
    /// One document, `bridgehead.verify/1`.
    Json,
}

impl Verify {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        let Topology { topology, input } = &self.topology;
        let read = [Some(topology), self.previous.as_ref(), self.check.as_ref()];
        let written = self.certificate.clone().map(Output::file);
        for input in read.into_iter().flatten() {
            output.spare(input)?;
            written.as_ref().map_or(Ok(()), |file| file.spare(input))?;
        }
        let (_, org) = input.organization(topology, self.open.name_order(), messages)?;
        let link_state = self.link_state.options();
        if let Some(path) = &self.check {
            let certificate = self.read_certificate(path)?;
            let checked = check(&org, self.open.options(), link_state, &certificate);
            let palette = output.palette();
            let format = self.format.into();
            output.write(|out| write_checked(&certificate, &checked, format, palette, out))?;
            return Ok(match checked.flaws.is_empty() && checked.loops.is_empty() {
                true => Status::Done,
                false => Status::Findings,
            });
        }
        let graphs = Graphs::new(&org);
        let world = World::new(&org, &graphs, self.open.options(), link_state);
        let bounds = Bounds {
            failures_max: self.max_failures,
            checks_max: self.max_checks,
            ..Bounds::default()
        };
        let verification = match written {
            None => verify(&world, bounds, &mut |_, _| {}),
            Some(file) => {
                let (verification, certificate) = certify(&world, bounds, &mut |_, _| {});
                file.write(|out| write_certificate(&certificate, out))?;
                verification
            }
        };
        let setting = Setting {
            options: self.open.options(),
            link_state,
            bounds,
        };
        let repairs = match self.max_repairs {
            0 => Repairs::default(),
            tries => repair(&world, &verification, setting, tries),
        };
        let old = match &self.previous {
            Some(path) => Some(input.organization(path, self.open.name_order(), messages)?.1),
            None => None,
        };
        let old = old.as_ref().map(|old| (old, Graphs::new(old)));
        let old = old
            .as_ref()
            .map(|(old, graphs)| World::new(old, graphs, self.open.options(), link_state));
        let skew = old.as_ref().map(|old| skew(&world, old, bounds));
        let between = old.as_ref().zip(skew.as_ref());
        let findings = Findings {
            between: between.map(|(old, skew)| InBetween { old, skew }),
            verification: &verification,
            repairs: &repairs,
            max_failures: self.max_failures,
        };
        let palette = output.palette();
        output.write(|out| write_verify(&world, findings, self.format.into(), palette, out))?;
        Ok(match verification.verdict() {
            Verdict::LoopFree => Status::Done,
            Verdict::Loops => Status::Findings,
            Verdict::Inconclusive => Status::Inconclusive,
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

impl From<Format> for VerifyFormat {
    fn from(format: Format) -> VerifyFormat {
        match format {
            Format::Text => VerifyFormat::Text,
            Format::Json => VerifyFormat::Json,
        }
    }
}
