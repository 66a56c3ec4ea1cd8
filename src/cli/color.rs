//! Whether to write colours.

use std::io::IsTerminal;

use anstream::ColorChoice;
use clap::ValueEnum;

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// The choice for a stream.
    pub(super) fn choice(self, stream: &impl IsTerminal) -> ColorChoice {
        let wanted = match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => automatic(stream),
        };
        if wanted {
            ColorChoice::Always
        } else {
            ColorChoice::Never
        }
    }
}

/// What the environment asks for: <https://no-color.org> and <https://bixense.com/clicolors>, in the order in which anstream
/// looks at them. anstream takes `CLICOLOR_FORCE=0` for a force; the standard says that it is none.
fn automatic(stream: &impl IsTerminal) -> bool {
    let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|force| !force.is_empty() && force != "0");
    if anstyle_query::no_color() {
        return false;
    }
    match (forced, anstyle_query::clicolor()) {
        (true, _) => true,
        (false, Some(false)) => false,
        (false, asked) => {
            let knows = anstyle_query::term_supports_color() || asked == Some(true) || anstyle_query::is_ci();
            stream.is_terminal() && knows
        }
    }
}
