//! What a run was disturbed by besides its scenario: servers that stop between two events, or the faults of a seed.

use schemars::JsonSchema;
use serde::Serialize;

use super::event::instant;
use super::names::Names;
use super::scenario::words;
use crate::model::{ScenarioEvent, SimTime, period_text};
use crate::sim::{Cut, CutKind, Stage};

/// What disturbs a run besides its scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Disturbed {
    /// Nothing.
    #[default]
    Not,
    /// Servers that stop, each with when that is; in their order.
    Stops(Vec<(Cut, SimTime)>),
    /// The faults of a seed.
    Seed(u64, Vec<ScenarioEvent>),
}

/// A server that stops, and how that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StopRecord<'a> {
    /// Which server.
    pub server: &'a str,
    /// After so many events of the run; what happens at one instant are several.
    pub after: u64,
    /// When that is.
    pub at: u64,
    /// `same`: it comes back with what was on its disks; `new`: with an empty queue database; `destroy`: it never comes back.
    pub kind: &'static str,
    /// How long it is away, in milliseconds; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<u64>,
}

/// A fault by chance, or what mends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FaultRecord {
    /// When.
    pub at: u64,
    /// Its kind, as traces call it.
    pub event: &'static str,
    /// What it is about, in words.
    pub detail: String,
}

/// A stop as `--stop` takes it: `HUB-A@17:same:1min`, `HUB-A@17:new:4h`, `HUB-A@17:destroy`.
pub fn stop_argument(stage: &Stage, cut: &Cut) -> String {
    let server = Names { stage }.server(cut.server);
    let kind = kind(cut.kind);
    let away = away(cut.kind).map_or(String::new(), |away| format!(":{}", period_text(away)));
    format!("{server}@{}:{kind}{away}", cut.after)
}

fn kind(kind: CutKind) -> &'static str {
    match kind {
        CutKind::SameDatabase(_) => "same",
        CutKind::NewDatabase(_) => "new",
        CutKind::Destroyed => "destroy",
    }
}

fn away(kind: CutKind) -> Option<std::time::Duration> {
    match kind {
        CutKind::SameDatabase(away) | CutKind::NewDatabase(away) => Some(away),
        CutKind::Destroyed => None,
    }
}

impl Disturbed {
    /// The arguments that ask for just this.
    pub fn arguments(&self, stage: &Stage) -> Vec<String> {
        match self {
            Disturbed::Not => Vec::new(),
            Disturbed::Stops(stops) => {
                let arguments = |(cut, _): &(Cut, SimTime)| ["--stop".to_owned(), stop_argument(stage, cut)];
                stops.iter().flat_map(arguments).collect()
            }
            Disturbed::Seed(seed, _) => vec!["--seed".to_owned(), seed.to_string()],
        }
    }

    /// The same as a line for a shell.
    pub fn command(&self, stage: &Stage) -> String {
        let arguments = self.arguments(stage);
        let quoted: Vec<String> = arguments.iter().map(|argument| shell_quoted(argument)).collect();
        quoted.join(" ")
    }

    /// A sentence for each thing that happens, without its full stop.
    pub(super) fn sentences(&self, stage: &Stage) -> Vec<String> {
        let names = Names { stage };
        match self {
            Disturbed::Not => Vec::new(),
            Disturbed::Stops(stops) => stops.iter().map(|(cut, at)| stop_text(names, cut, *at)).collect(),
            Disturbed::Seed(_, faults) => {
                let text = |fault: &ScenarioEvent| {
                    let (event, detail) = words(names, &fault.what);
                    format!("{} {event} {detail}", fault.at)
                };
                faults.iter().map(text).collect()
            }
        }
    }

    pub(super) fn seed(&self) -> Option<u64> {
        match self {
            Disturbed::Seed(seed, _) => Some(*seed),
            _ => None,
        }
    }

    pub(super) fn stops<'a>(&self, stage: &'a Stage) -> Vec<StopRecord<'a>> {
        let names = Names { stage };
        let stop = |(cut, at): &(Cut, SimTime)| StopRecord {
            server: names.server(cut.server),
            after: cut.after,
            at: at.ms(),
            kind: kind(cut.kind),
            away: away(cut.kind).and_then(|away| u64::try_from(away.as_millis()).ok()),
        };
        match self {
            Disturbed::Stops(stops) => stops.iter().map(stop).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn faults(&self, stage: &Stage) -> Vec<FaultRecord> {
        let fault = |fault: &ScenarioEvent| {
            let (event, detail) = words(Names { stage }, &fault.what);
            let at = fault.at.ms();
            FaultRecord { at, event, detail }
        };
        match self {
            Disturbed::Seed(_, faults) => faults.iter().map(fault).collect(),
            _ => Vec::new(),
        }
    }
}

/// `HA goes down at 0:00:01, after event 3, and is back after 1min with an empty queue database`.
fn stop_text(names: Names<'_>, cut: &Cut, at: SimTime) -> String {
    let server = names.server(cut.server);
    let when = match cut.after {
        0 => format!("at {}, before anything happens", instant(at.ms())),
        after => format!("at {}, after event {after}", instant(at.ms())),
    };
    match cut.kind {
        CutKind::SameDatabase(away) => {
            format!("{server} goes down {when}, and is back {} later", period_text(away))
        }
        CutKind::NewDatabase(away) => {
            let later = period_text(away);
            format!("{server} goes down {when}, and is back {later} later with an empty queue database")
        }
        CutKind::Destroyed => format!("{server} is destroyed {when}"),
    }
}

/// One word for a POSIX shell and for PowerShell; a quote in it is written as the former has it.
fn shell_quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:@/+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        for (word, quoted) in [
            ("--stop", "--stop"),
            ("HUB-A@17:same:1min", "HUB-A@17:same:1min"),
            ("Hub A@1:destroy", "'Hub A@1:destroy'"),
            ("Hub$(x)@1:destroy", "'Hub$(x)@1:destroy'"),
            ("O'Hara@1:destroy", r"'O'\''Hara@1:destroy'"),
            ("", "''"),
        ] {
            assert_eq!(shell_quoted(word), quoted);
        }
    }
}
