//! Every way of not being done, and its exit status.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bridgehead::load::Rejected;

use super::messages::Messages;

pub(super) const WRONG_USAGE: u8 = 2;
const BAD_INPUT: u8 = 3;
const CANNOT_WRITE: u8 = 5;

/// Why a command stopped.
pub(super) enum Failure {
    /// The arguments do not fit the input, or each other.
    Usage {
        /// What is wrong: a lowercase fragment.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Inputs that cannot be used.
    Input(Vec<Rejected>),
    /// The result cannot be written.
    Output {
        /// To where; `None`: standard output.
        path: Option<PathBuf>,
        /// Why.
        error: io::Error,
    },
    /// Whoever reads the result has seen enough.
    BrokenPipe,
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>) -> Failure {
        Failure::Usage {
            message: message.into(),
            help: None,
        }
    }

    /// The same failure with advice.
    pub(super) fn help(self, advice: impl Into<String>) -> Failure {
        match self {
            Failure::Usage { message, .. } => Failure::Usage {
                message,
                help: Some(advice.into()),
            },
            other => other,
        }
    }

    /// Standard output could not be written.
    pub(super) fn output(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Output { path: None, error },
        }
    }

    /// `path` could not be written.
    pub(super) fn output_to(path: &Path, error: io::Error) -> Failure {
        Failure::Output {
            path: Some(path.to_owned()),
            error,
        }
    }

    /// Tells why on standard error.
    pub(super) fn report(&self, messages: &Messages) {
        match self {
            Failure::Usage { message, help } => messages.error(message, help.as_deref()),
            Failure::Input(inputs) => inputs.iter().for_each(|input| messages.problems(input)),
            Failure::Output { path, error } => {
                let to = path
                    .as_ref()
                    .map_or("standard output".into(), |path| path.display().to_string());
                messages.error(&format!("cannot write to {to}: {error}"), None);
            }
            Failure::BrokenPipe => {}
        }
    }

    /// The exit status (contract, section 2).
    pub(super) fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Usage { .. } => WRONG_USAGE,
            Failure::Input(_) => BAD_INPUT,
            Failure::Output { .. } => CANNOT_WRITE,
            Failure::BrokenPipe => 0,
        })
    }
}
