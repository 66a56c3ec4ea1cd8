//! What goes to standard error.

use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use bridgehead::load::Rejected;
use bridgehead::report::{self, escaped, write_problems};

use super::{Color, Global, MessageFormat};

/// Where messages go and how they look. What cannot be written there is lost: there is nobody left to tell.
pub(super) struct Messages {
    format: MessageFormat,
    color: ColorChoice,
    quiet: bool,
    verbose: bool,
}

const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
const HELP: anstyle::Style = anstyle::AnsiColor::Cyan.on_default().bold();

impl Messages {
    pub(super) fn new(global: &Global) -> Messages {
        Messages {
            format: global.message_format,
            color: match global.color {
                Color::Auto => AutoStream::choice(&std::io::stderr()),
                Color::Always => ColorChoice::Always,
                Color::Never => ColorChoice::Never,
            },
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// An error that has no place in a file.
    pub(super) fn error(&self, message: &str, help: Option<&str>) {
        self.say("error", ERROR, message, help);
    }

    /// Something that everybody should know who does not ask for quiet.
    pub(super) fn note(&self, message: &str) {
        if !self.quiet {
            self.say("note", HELP, message, None);
        }
    }

    /// Something for who asks what is done.
    pub(super) fn detail(&self, message: &str) {
        if self.verbose {
            self.say("note", HELP, message, None);
        }
    }

    /// A text of several lines: as it is for people, as one message for programs.
    pub(super) fn text(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) {
        let mut text = Vec::new();
        // Standard error is where one would complain, and a buffer takes everything.
        let _ = write(&mut text);
        match self.format {
            MessageFormat::Text => {
                let _ = AutoStream::new(std::io::stderr(), self.color).write_all(&text);
            }
            MessageFormat::Json => self.say("note", HELP, &String::from_utf8_lossy(&text), None),
        }
    }

    fn say(&self, level: &str, style: anstyle::Style, message: &str, help: Option<&str>) {
        let mut err = AutoStream::new(std::io::stderr(), self.color);
        let _ = match self.format {
            MessageFormat::Json => {
                let line = serde_json::json!({
                    "format": "bridgehead.problem/1", "level": level, "message": message, "help": help,
                });
                writeln!(err, "{line}")
            }
            MessageFormat::Text => {
                let mut text = format!("{style}{level}{style:#}: {}\n", escaped(message));
                if let Some(help) = help {
                    text.push_str(&format!("  {HELP}help{HELP:#}: {}\n", escaped(help)));
                }
                err.write_all(text.as_bytes())
            }
        };
    }

    /// What is wrong with an input.
    pub(super) fn problems(&self, rejected: &Rejected) {
        let format = match self.format {
            MessageFormat::Json => report::MessageFormat::Json,
            MessageFormat::Text => report::MessageFormat::Text {
                color: self.color != ColorChoice::Never,
            },
        };
        let mut err = AutoStream::new(std::io::stderr(), self.color);
        let _ = write_problems(&mut err, &rejected.source, &rejected.problems, format);
    }
}
