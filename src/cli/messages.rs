//! What goes to standard error.

use std::ffi::OsString;
use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use bridgehead::load::Rejected;
use bridgehead::report::record::ProblemRecord;
use bridgehead::report::{self, escaped, write_problems};
use clap::ValueEnum;
use clap::builder::StyledStr;

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
            color: global.color.choice(&std::io::stderr()),
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// What can be told of the arguments when they cannot be parsed.
    pub(super) fn of_arguments(arguments: &[OsString]) -> Messages {
        let value = |option: &str| {
            let arguments = arguments.iter().take_while(|argument| *argument != "--");
            let mut arguments = arguments.map(|argument| argument.to_string_lossy());
            let found = arguments.find_map(|argument| Some(argument.strip_prefix(option)?.to_owned()))?;
            match found.strip_prefix('=') {
                Some(value) => Some(value.to_owned()),
                None if found.is_empty() => arguments.next().map(|value| value.into_owned()),
                None => None,
            }
        };
        let color = value("--color").and_then(|word| Color::from_str(&word, false).ok());
        let format = value("--message-format").and_then(|word| MessageFormat::from_str(&word, false).ok());
        Messages {
            format: format.unwrap_or(MessageFormat::Text),
            color: color.unwrap_or(Color::Auto).choice(&std::io::stderr()),
            quiet: false,
            verbose: false,
        }
    }

    /// Whether somebody may want to read how far a command is.
    pub(super) fn for_people(&self) -> bool {
        self.format == MessageFormat::Text && !self.quiet
    }

    /// Wrong usage, as clap tells it: a line, an empty line, and what to do.
    pub(super) fn usage(&self, text: &StyledStr) {
        if self.format == MessageFormat::Text {
            let mut err = AutoStream::new(std::io::stderr(), self.color);
            let _ = write!(err, "{}", text.ansi());
            return;
        }
        let text = text.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let (message, help) = text.split_once("\n\n").unwrap_or((text, ""));
        self.error(message.trim(), Some(help.trim()).filter(|help| !help.is_empty()));
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

    fn say(&self, level: &'static str, style: anstyle::Style, message: &str, help: Option<&str>) {
        let mut err = AutoStream::new(std::io::stderr(), self.color);
        let _ = match self.format {
            MessageFormat::Json => serde_json::to_writer(&mut err, &ProblemRecord::of_command(level, message, help))
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(err)),
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
