//! Arguments, files, exit statuses; one file a command.
//!
//! Results go to standard output or to the file of `-o`, everything else to standard error. Every way of not being done
//! is a [`Failure`], which alone knows its exit status.

mod bench;
mod color;
mod completions;
mod diff;
mod explain;
mod failure;
mod generate;
mod import;
mod input;
mod lint;
mod man;
mod merge;
mod messages;
mod nodes;
mod options;
mod output;
mod part;
mod progress;
mod routes;
mod schema;
mod shard;
mod simulate;
mod stops;
mod sweep;
mod verify;
mod verify_parts;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anstream::AutoStream;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use self::color::Color;
use self::failure::Failure;
use self::messages::Messages;
use self::output::Output;

/// How mail moves through an Exchange organization, why, and what happens when something breaks.
#[derive(Parser)]
#[command(name = "bridgehead", version, propagate_version = true, max_term_width = 100, after_help = STATUSES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const STATUSES: &str = "\
Exit status: 0 done (unreachable and NDR are answers), 1 mail can circle, lint found errors, an \
expectation failed, or parts do not fit together, 2 wrong usage or unknown node, 3 input unreadable or invalid, 4 a stated bound was \
reached and nothing found, 5 output cannot be written.";

/// Starting threads takes time that grows with the square of their number: a thousand wait a second, ten thousand minutes.
const MAX_JOBS: i64 = 1024;

/// What every command takes.
#[derive(Args)]
struct Global {
    /// Write the result to FILE instead of standard output. FILE is replaced at once when all is done, or not at all.
    #[arg(short, long, value_name = "FILE", global = true, help_heading = "Output")]
    output: Option<std::path::PathBuf>,
    /// Only errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    /// Tell on standard error what is done.
    #[arg(short, long, global = true, help_heading = "Output")]
    verbose: bool,
    /// When to use colour. `auto`: on a terminal, unless NO_COLOR is set; CLICOLOR_FORCE (not 0) is obeyed.
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        help_heading = "Output"
    )]
    color: Color,
    /// How messages on standard error are written: for people, or one JSON object a line.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        global = true,
        help_heading = "Output"
    )]
    message_format: MessageFormat,
    /// Threads to use; as many as there are processors unless given. The result does not depend on it.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_JOBS),
          global = true, help_heading = "Output")]
    jobs: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    Text,
    Json,
}

#[derive(Subcommand)]
enum Command {
    Routes(routes::Routes),
    Explain(explain::Explain),
    Diff(diff::Diff),
    Lint(lint::Lint),
    Verify(verify::Verify),
    Merge(merge::Merge),
    Simulate(simulate::Simulate),
    Import(import::Import),
    Bench(bench::Bench),
    Generate(generate::Generate),
    Schema(schema::SchemaOf),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a command that came to its end ended; the numbers are exit statuses (contract, section 2).
#[derive(Clone, Copy)]
enum Status {
    /// Done.
    Done = 0,
    /// A loop was found, an error of lint, or an expectation that was not met.
    Findings = 1,
    /// A bound was reached, and nothing was found.
    Inconclusive = 4,
}

/// Runs the command that the arguments ask for.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &std::env::args_os().collect::<Vec<_>>()),
    };
    let messages = Messages::new(&cli.global);
    match dispatch(&cli, &messages) {
        Ok(status) => ExitCode::from(status as u8),
        Err(failure) => {
            failure.report(&messages);
            failure.status()
        }
    }
}

/// Help and version are results; everything else that clap has to say is wrong usage, and as much a message as any other.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let text = error.render();
    if error.use_stderr() {
        Messages::of_arguments(arguments).usage(&text);
        return ExitCode::from(failure::WRONG_USAGE);
    }
    let mut out = AutoStream::new(std::io::stdout(), Color::Auto.choice(&std::io::stdout()));
    match write!(out, "{}", text.ansi()).and_then(|()| out.flush()) {
        Err(write) => match Failure::output(write) {
            Failure::BrokenPipe => ExitCode::SUCCESS,
            failure => {
                failure.report(&Messages::of_arguments(arguments));
                failure.status()
            }
        },
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn dispatch(cli: &Cli, messages: &Messages) -> Result<Status, Failure> {
    if let Some(jobs) = cli.global.jobs {
        // The pool can be built once, and nothing else does: it fails when the system has no room for so many threads.
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(jobs))
            .build_global()
            .map_err(|error| {
                Failure::usage(format!("{jobs} threads cannot be started: {error}")).help("use fewer `--jobs`")
            })?;
    }
    let output = Output::new(&cli.global);
    match &cli.command {
        Command::Routes(command) => command.run(output, messages)?,
        Command::Explain(command) => command.run(output, messages)?,
        Command::Diff(command) => command.run(output, messages)?,
        Command::Lint(command) => return command.run(output, messages),
        Command::Verify(command) => return command.run(output, messages),
        Command::Merge(command) => return command.run(output, messages),
        Command::Simulate(command) => return command.run(output, messages),
        Command::Import(command) => command.run(output, messages)?,
        Command::Bench(command) => command.run(output, messages)?,
        Command::Generate(command) => command.run(output)?,
        Command::Schema(command) => command.run(output)?,
        Command::Completions(command) => command.run(output, Cli::command())?,
        Command::Man(command) => command.run(output, Cli::command())?,
    }
    Ok(Status::Done)
}
