//! From an argument to an organization.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use bridgehead::diagnostic::Source;
use bridgehead::load::{self, Format, Limits, Rejected};
use bridgehead::model::{LintIgnore, NameOrder, Organization, Scenario, SizeLimit, parse_size};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::messages::Messages;
use super::output::Output;

/// How inputs are read.
#[derive(Args)]
pub(super) struct InputArgs {
    /// Format of the input; told by the extension unless given. Needed for standard input (`-`).
    #[arg(long, value_name = "FORMAT", help_heading = "Input")]
    input_format: Option<InputFormat>,
    /// The largest input, such as 200MB [default: 64MB].
    #[arg(long, value_name = "SIZE", value_parser = bytes, help_heading = "Input")]
    max_input_size: Option<u64>,
    /// Levels of brackets in an input [default: 48].
    #[arg(long, value_name = "N", help_heading = "Input")]
    max_nesting: Option<usize>,
    /// Characters of a name [default: 2048].
    #[arg(long, value_name = "N", help_heading = "Input")]
    max_name_length: Option<usize>,
    /// Sites [default: 100000].
    #[arg(long, value_name = "N", help_heading = "Input")]
    max_sites: Option<usize>,
    /// Site links [default: 1000000].
    #[arg(long, value_name = "N", help_heading = "Input")]
    max_site_links: Option<usize>,
    /// Records of all collections together [default: 2000000].
    #[arg(long, value_name = "N", help_heading = "Input")]
    max_records: Option<usize>,
    #[arg(skip)]
    stdin_taken: Cell<bool>,
}

#[derive(Clone, Copy, ValueEnum)]
enum InputFormat {
    Ron,
    Json,
}

/// A number of bytes as the contract writes sizes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    match parse_size(text) {
        Ok(SizeLimit::Bytes(bytes)) => Ok(bytes),
        _ => Err("a size is digits with B, KB, MB or GB, such as 10MB".to_owned()),
    }
}

impl InputArgs {
    /// The stated limits, raised as asked for.
    pub(super) fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            max_input_size: self.max_input_size.unwrap_or(default.max_input_size),
            max_nesting: self.max_nesting.unwrap_or(default.max_nesting),
            max_name_length: self.max_name_length.unwrap_or(default.max_name_length),
            max_sites: self.max_sites.unwrap_or(default.max_sites),
            max_site_links: self.max_site_links.unwrap_or(default.max_site_links),
            max_records: self.max_records.unwrap_or(default.max_records),
        }
    }

    /// The limits that were raised, as arguments.
    pub(super) fn asked(&self) -> impl Iterator<Item = String> {
        let default = Limits::default();
        let limits = self.limits();
        let counts = [
            ("--max-nesting", limits.max_nesting, default.max_nesting),
            ("--max-name-length", limits.max_name_length, default.max_name_length),
            ("--max-sites", limits.max_sites, default.max_sites),
            ("--max-site-links", limits.max_site_links, default.max_site_links),
            ("--max-records", limits.max_records, default.max_records),
        ];
        let counts = counts.into_iter().filter(|(_, limit, default)| limit != default);
        let size = self.max_input_size.map(|bytes| format!("--max-input-size={bytes}B"));
        size.into_iter()
            .chain(counts.map(|(option, limit, _)| format!("{option}={limit}")))
    }

    /// The organization that the file at `path` describes, and its text. `-` is standard input.
    pub(super) fn organization(
        &self,
        path: &Path,
        order: NameOrder,
        messages: &Messages,
    ) -> Result<(Source, Organization), Failure> {
        let (source, _, organization) = self.organization_and_format(path, order, messages)?;
        Ok((source, organization))
    }

    /// The same with how the text is written.
    pub(super) fn organization_and_format(
        &self,
        path: &Path,
        order: NameOrder,
        messages: &Messages,
    ) -> Result<(Source, Format, Organization), Failure> {
        let limits = self.limits();
        let (source, format) = self.fetch(path, self.format())?;
        match load::organization(&source, format, &limits, order) {
            Ok(organization) => {
                let (sites, servers) = (organization.sites().len(), organization.servers().len());
                messages.detail(&format!("{}: {sites} sites, {servers} servers", source.name));
                Ok((source, format, organization))
            }
            Err(problems) => Err(rejected(Rejected { source, problems })),
        }
    }

    /// The lint ignores in the baseline at `path`, and its text. Its extension tells the format, `--input-format` that of
    /// standard input alone.
    pub(super) fn baseline(&self, path: &Path) -> Result<(Source, Vec<LintIgnore>), Failure> {
        let format = Format::of_path(path).or_else(|| self.format());
        let (source, format) = self.fetch(path, format)?;
        match load::baseline(&source, format, &self.limits()) {
            Ok(ignores) => Ok((source, ignores)),
            Err(problems) => Err(rejected(Rejected { source, problems })),
        }
    }

    /// The scenario at `path`, its text, and the organization that it is about. `-` is standard input. A topology file that the
    /// scenario names is looked for from the folder of the scenario, from the current one when that is standard input. `output`
    /// may be neither of the two.
    pub(super) fn scenario(
        &self,
        path: &Path,
        order: NameOrder,
        output: &Output,
        messages: &Messages,
    ) -> Result<(Source, Organization, Scenario), Failure> {
        output.spare(path)?;
        let limits = self.limits();
        let mut read_too = None;
        let (source, format) = self.fetch(path, self.format())?;
        let folder = if path == Path::new("-") { None } else { path.parent() };
        let topology = |named: &str| {
            let path = folder.map_or_else(|| PathBuf::from(named), |folder| folder.join(named));
            // `--input-format` is that of the scenario: the extension goes first here.
            let format = Format::of_path(&path).or_else(|| self.format());
            load::fetch_file_of(read_too.insert(path), format, &limits)
        };
        let (organization, scenario) =
            load::scenario(&source, format, &limits, order, topology).map_err(Failure::Input)?;
        read_too.map_or(Ok(()), |topology| output.spare(&topology))?;
        let (sent, events) = (scenario.messages.len(), scenario.events.len());
        messages.detail(&format!("{}: {sent} messages, {events} events", source.name));
        Ok((source, organization, scenario))
    }

    fn format(&self) -> Option<Format> {
        self.input_format.map(|format| match format {
            InputFormat::Ron => Format::Ron,
            InputFormat::Json => Format::Json,
        })
    }

    /// The text at `path` and its format, which the extension tells unless `format` is given. `-` is standard input.
    fn fetch(&self, path: &Path, format: Option<Format>) -> Result<(Source, Format), Failure> {
        let limits = self.limits();
        if path == Path::new("-") {
            let format = format.ok_or_else(|| {
                Failure::usage("standard input has no extension that tells its format")
                    .help("add `--input-format ron` or `--input-format json`")
            })?;
            return Ok((self.standard_input(&limits)?, format));
        }
        load::fetch_file_of(path, format.or_else(|| Format::of_path(path)), &limits).map_err(rejected)
    }

    /// The text of standard input, which can be read once.
    pub(super) fn standard_input(&self, limits: &Limits) -> Result<Source, Failure> {
        if self.stdin_taken.replace(true) {
            return Err(Failure::usage(
                "`-` stands for standard input, which can be read only once",
            ));
        }
        load::fetch("-", std::io::stdin().lock(), limits).map_err(rejected)
    }
}

fn rejected(rejected: Rejected) -> Failure {
    Failure::Input(vec![rejected])
}

/// The topology that a command is about.
#[derive(Args)]
pub(super) struct Topology {
    /// Topology file, RON or JSON; `-` for standard input.
    #[arg(value_name = "TOPOLOGY")]
    pub(super) topology: PathBuf,
    #[command(flatten)]
    pub(super) input: InputArgs,
}
