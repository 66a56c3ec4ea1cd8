//! `import`: topology files from what administrators already have.

use std::path::{Path, PathBuf};

use bridgehead::diagnostic::{Problem, Source};
use bridgehead::load::document::Document;
use bridgehead::load::import::{self, EXPORT_SCRIPT, ImportReport};
use bridgehead::load::{self, Rejected};
use bridgehead::report;
use clap::{Args, Subcommand};

use super::failure::Failure;
use super::generate::DocumentFormat;
use super::input::InputArgs;
use super::messages::Messages;
use super::output::Output;

/// A topology file from an export of the directory or of Exchange.
#[derive(Args)]
pub(super) struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Subcommand)]
enum From {
    /// From LDIF files of the configuration partition, such as ldifde or ldapsearch write; exports of
    /// cmdlets may be among them.
    Ldif {
        /// Exports, which are read as one; `-` for standard input.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// From Export-Clixml or ConvertTo-Json files of Exchange cmdlets, in any mix; LDIF files may be
    /// among them.
    Exchange {
        /// Print the PowerShell script that makes the files.
        #[arg(long, conflicts_with_all = ["files", "report", "format"])]
        script: bool,
        /// Exports, which are read as one; `-` for standard input.
        #[arg(value_name = "FILE", required_unless_present = "script")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Args)]
struct How {
    /// Tell on standard error what became of every class of objects, and what has no effect on the topology.
    #[arg(long)]
    report: bool,
    /// How the topology file is written.
    #[arg(long, value_name = "FORMAT", default_value = "ron")]
    format: DocumentFormat,
    #[command(flatten)]
    input: InputArgs,
}

type Importer = fn(&[Source]) -> Result<(Document, ImportReport), Vec<Problem>>;

impl Import {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<(), Failure> {
        match &self.from {
            From::Exchange { script: true, .. } => output.write(|out| out.write_all(EXPORT_SCRIPT.as_bytes())),
            From::Exchange { files, how, .. } => how.run(files, import::exchange, output, messages),
            From::Ldif { files, how } => how.run(files, import::ldif, output, messages),
        }
    }
}

impl How {
    fn run(&self, files: &[PathBuf], importer: Importer, output: Output, messages: &Messages) -> Result<(), Failure> {
        files.iter().try_for_each(|file| output.spare(file))?;
        let sources = self.sources(files)?;
        let (document, told) = match importer(&sources) {
            Ok(imported) => imported,
            Err(problems) => return Err(Failure::Input(by_source(sources, problems))),
        };
        output.write(|out| out.write_all(self.format.text(&document).as_bytes()))?;
        if self.report {
            messages.text(|mut err| report::import::write(&told, &mut err));
        } else {
            let counts = [
                (told.left_out.len(), "left out"),
                (told.conflicts.len(), "in conflict"),
                (told.restrictions.len(), "kinds of restrictions not modelled"),
            ];
            let counts: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            if told.classes.is_empty() {
                messages.note("the files hold no objects");
            }
            if !counts.is_empty() {
                messages.note(&format!("{}: `--report` lists them", counts.join(", ")));
            }
        }
        Ok(())
    }

    /// The texts of all files, or what is wrong with all that cannot be read.
    fn sources(&self, files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
        let limits = self.input.limits();
        let mut sources = Vec::new();
        let mut rejected = Vec::new();
        for path in files {
            let fetched = if path == Path::new("-") {
                self.input.standard_input(&limits)
            } else {
                load::fetch_file(path, &limits).map_err(|input| Failure::Input(vec![input]))
            };
            match fetched {
                Ok(source) => sources.push(source),
                Err(Failure::Input(inputs)) => rejected.extend(inputs),
                Err(failure) => return Err(failure),
            }
        }
        if rejected.is_empty() {
            Ok(sources)
        } else {
            Err(Failure::Input(rejected))
        }
    }
}

/// Problems put to the sources that they are in.
fn by_source(sources: Vec<Source>, problems: Vec<Problem>) -> Vec<Rejected> {
    let mut inputs: Vec<Rejected> = sources
        .into_iter()
        .map(|source| Rejected {
            source,
            problems: Vec::new(),
        })
        .collect();
    for problem in problems {
        if let Some(input) = inputs.get_mut(problem.source) {
            input.problems.push(problem);
        }
    }
    inputs.retain(|input| !input.problems.is_empty());
    inputs
}
