//! `lint`: what to look at before mail finds it.

use std::cell::RefCell;
use std::path::PathBuf;

use bridgehead::diagnostic::{RuleInfo, Severity};
use bridgehead::lint::{Asked, Ignore, Settings, Stage, accept, lint, rule_info, rule_infos};
use bridgehead::load;
use bridgehead::report::{LintFormat, LintResult, write_lint};
use bridgehead::route::Graphs;
use bridgehead::verify::Bounds;
use clap::{Args, ValueEnum};

use super::Status;
use super::failure::Failure;
use super::input::InputArgs;
use super::messages::Messages;
use super::options::OpenDecisions;
use super::output::Output;
use super::progress::Progress;
use super::verify::LinkStateDecisions;

/// Every rule about what goes wrong in practice; that mail can circle is proved with a witness.
///
/// Ends with status 1 when a finding at or above `--fail-on` is left, with 4 when there is none and not everything could be
/// looked at.
#[derive(Args)]
pub(super) struct Lint {
    /// Topology file, RON or JSON; `-` for standard input.
    #[arg(value_name = "TOPOLOGY", required_unless_present = "explain")]
    topology: Option<PathBuf>,
    #[command(flatten)]
    input: InputArgs,
    /// Print the page of this rule, by code or name; `all` lists the rules.
    #[arg(long, value_name = "CODE", conflicts_with = "topology")]
    explain: Option<String>,
    /// Most connectors that fail at the same time in the search for loops; each direction counts by itself.
    #[arg(long, value_name = "K", default_value_t = 1)]
    max_failures: usize,
    /// Most failure sets that are tried.
    #[arg(long, value_name = "N", default_value_t = Bounds::default().checks_max)]
    max_checks: u64,
    /// Most changes that are tried in search of one that ends every loop; 0: none.
    #[arg(long, value_name = "N", default_value_t = Settings::default().repairs_max)]
    max_repairs: usize,
    /// Most searches over all sites that one rule makes, of 1000 sites; of more sites proportionally fewer, of fewer more.
    #[arg(long, value_name = "N", default_value_t = Settings::default().searches_max)]
    max_searches: usize,
    /// Only this rule, by code or name; may be given several times.
    #[arg(long, value_name = "CODE")]
    select: Vec<String>,
    /// Not this rule; may be given several times.
    #[arg(long, value_name = "CODE")]
    ignore: Vec<String>,
    /// The least severity that makes the status 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    fail_on: Level,
    /// A file with more `lint_ignores`, RON or JSON.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Accept everything that is found: write it to FILE, RON or JSON, for `--baseline`. With `--baseline` its entries are kept
    /// with their reasons, but for unused and expired ones.
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    write_baseline: Option<PathBuf>,
    /// Topology file of before a change: besides, what legacy groups still do by it, and whether mail circles meanwhile.
    #[arg(long, value_name = "OLD")]
    previous: Option<PathBuf>,
    /// The day on which ignores expire, YYYY-MM-DD; without it none does.
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<String>,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
    #[command(flatten)]
    link_state: LinkStateDecisions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Finding by finding.
    Text,
    /// One document, `bridgehead.lint/1`.
    Json,
    /// A log of SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    Info,
    Warning,
    Error,
}

fn date(text: &str) -> Result<String, String> {
    match load::is_date(text) {
        true => Ok(text.to_owned()),
        false => Err("a day is year, month and day: 2026-01-31".to_owned()),
    }
}

impl Lint {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        if let Some(asked) = &self.explain {
            return explain(asked, output);
        }
        let (selected, left_out) = (rules(&self.select)?, rules(&self.ignore)?);
        let wanted =
            |rule: RuleInfo| (selected.is_empty() || selected.contains(&rule.code)) && !left_out.contains(&rule.code);
        // clap asks for one of the two.
        let topology = self.topology.as_ref().expect("a topology, or a rule to explain");
        for input in [Some(topology), self.baseline.as_ref(), self.previous.as_ref()] {
            input.map_or(Ok(()), |input| output.spare(input))?;
        }
        let accepted = self.accepted()?;
        let (source, org) = self.input.organization(topology, self.open.name_order(), messages)?;
        let mut sources = vec![source];
        let own = org.lint_ignores().iter().cloned();
        let mut ignores: Vec<Ignore> = own.map(|entry| Ignore { entry, source: 0 }).collect();
        if let Some(path) = &self.baseline {
            let (source, entries) = self.input.baseline(path)?;
            sources.push(source);
            ignores.extend(entries.into_iter().map(|entry| Ignore { entry, source: 1 }));
        }
        let settings = self.settings();
        let graphs = Graphs::new(&org);
        let old = match &self.previous {
            Some(path) => Some(self.input.organization(path, self.open.name_order(), messages)?.1),
            None => None,
        };
        let old = old.as_ref().map(|old| (old, Graphs::new(old)));
        let progress = RefCell::new(Progress::new(messages));
        let asked = Asked {
            wanted: &wanted,
            ignores: &ignores,
            today: self.today.as_deref(),
            previous: old.as_ref().map(|(old, graphs)| (*old, graphs)),
            progress: &|stage| tell(&mut progress.borrow_mut(), stage),
        };
        let mut findings = lint(&org, &graphs, &settings, asked);
        drop(progress);
        if let Some((path, format)) = accepted {
            let entries = accept(&mut findings, &ignores, self.today.as_deref());
            let text = load::baseline_text(&entries, format);
            Output::file(path.clone()).write(|out| out.write_all(text.as_bytes()))?;
            messages.detail(&format!("{}: {} entries", path.display(), entries.len()));
        }
        let rules = rule_infos();
        let result = LintResult {
            findings: &findings,
            sources: &sources,
            rules: &rules,
            max_failures: self.max_failures,
            today: self.today.as_deref(),
        };
        let palette = output.palette();
        output.write(|out| write_lint(result, self.format.into(), palette, out))?;
        let least: Severity = self.fail_on.into();
        let failed = findings.findings.iter().any(|finding| finding.severity >= least);
        // What a rule could not look at matters where its findings would.
        let missed = findings
            .unchecked
            .iter()
            .any(|unchecked| unchecked.rule.severity >= least);
        Ok(match (failed, missed) {
            (true, _) => Status::Findings,
            (false, true) => Status::Inconclusive,
            (false, false) => Status::Done,
        })
    }
}

impl Lint {
    fn settings(&self) -> Settings {
        Settings {
            routing: self.open.options(),
            link_state: self.link_state.options(),
            bounds: Bounds {
                failures_max: self.max_failures,
                checks_max: self.max_checks,
                ..Bounds::default()
            },
            repairs_max: self.max_repairs,
            searches_max: self.max_searches,
        }
    }

    /// Where the baseline is written, and how. It may be the one that is read, and no other input.
    fn accepted(&self) -> Result<Option<(&PathBuf, load::Format)>, Failure> {
        let Some(path) = &self.write_baseline else {
            return Ok(None);
        };
        for input in [self.topology.as_ref(), self.previous.as_ref()].into_iter().flatten() {
            Output::file(path.clone()).spare(input)?;
        }
        let format = load::Format::of_path(path).ok_or_else(|| {
            let message = format!("the name `{}` doesn't tell the format of the baseline", path.display());
            Failure::usage(message).help("name it *.ron or *.json")
        })?;
        Ok(Some((path, format)))
    }
}

fn tell(progress: &mut Progress, stage: Stage) {
    match stage {
        Stage::Searching { done, of } => progress.tell("looking for loops", done, of),
        Stage::Repairing => progress.begin("trying what would end them"),
        Stage::Changing => progress.begin("looking for loops while the change is news"),
    }
}

/// The codes of the rules that are named.
fn rules(named: &[String]) -> Result<Vec<&'static str>, Failure> {
    named.iter().map(|text| Ok(named_rule(text)?.code)).collect()
}

fn named_rule(text: &str) -> Result<RuleInfo, Failure> {
    rule_info(text).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no rule `{text}`"));
        let infos = rule_infos();
        let known = infos.iter().flat_map(|info| [info.code, info.name]);
        failure.help(match bridgehead::diagnostic::nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`bridgehead lint --explain all` lists the rules".to_owned(),
        })
    })
}

fn explain(asked: &str, output: Output) -> Result<Status, Failure> {
    if asked.eq_ignore_ascii_case("all") {
        output.write(|out| {
            rule_infos()
                .iter()
                .try_for_each(|rule| writeln!(out, "{} {:8} {}", rule.code, rule.severity.word(), rule.name))
        })?;
        return Ok(Status::Done);
    }
    let rule = named_rule(asked)?;
    output.write(|out| {
        out.write_all(rule.page.as_bytes())?;
        let severity = rule.severity.word();
        writeln!(out, "\nSeverity: {severity}. Confidence: {}.", rule.confidence.word())
    })?;
    Ok(Status::Done)
}

impl From<Format> for LintFormat {
    fn from(format: Format) -> LintFormat {
        match format {
            Format::Text => LintFormat::Text,
            Format::Json => LintFormat::Json,
            Format::Sarif => LintFormat::Sarif,
            Format::Github => LintFormat::Github,
        }
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Severity {
        match level {
            Level::Info => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        }
    }
}
