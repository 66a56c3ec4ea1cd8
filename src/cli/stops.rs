//! Servers that `--stop` names, and seeds that `--seeds` does.

use std::ops::Range;
use std::time::Duration;

use bridgehead::model::{Organization, parse_period};
use bridgehead::sim::{Cut, CutKind};

use super::failure::Failure;
use super::nodes::server_called;

const STOP_HELP: &str = "write SERVER@EVENTS:KIND with KIND `same:1min` (back after a minute with what was on its disks), \
`new:4h` (back after four hours with an empty queue database) or `destroy` (never back): HUB-A@17:same:1min";

/// The stops that are asked for, in the order in which they come.
pub(super) fn stops(org: &Organization, texts: &[String]) -> Result<Vec<Cut>, Failure> {
    let mut cuts: Vec<Cut> = texts.iter().map(|text| stop(org, text)).collect::<Result<_, _>>()?;
    // Stable: of two stops at one moment the first one named comes first.
    cuts.sort_by_key(|cut| cut.after);
    Ok(cuts)
}

fn stop(org: &Organization, text: &str) -> Result<Cut, Failure> {
    let wrong = |what: &str| Failure::usage(format!("`--stop {text}` {what}")).help(STOP_HELP);
    // Names may hold an @ and colons; what follows them does not.
    let (server, rest) = text
        .rsplit_once('@')
        .ok_or_else(|| wrong("does not say when the server stops"))?;
    let (after, kind) = rest
        .split_once(':')
        .ok_or_else(|| wrong("does not say what becomes of the server"))?;
    let after = after
        .parse()
        .map_err(|_| wrong(&format!("has `{after}` where a number of events belongs")))?;
    let kind = kind_of(kind).ok_or_else(|| wrong(&format!("has `{kind}` where a kind belongs")))?;
    let server = server_called(org, server)?;
    Ok(Cut { after, server, kind })
}

fn kind_of(text: &str) -> Option<CutKind> {
    if text.eq_ignore_ascii_case("destroy") {
        return Some(CutKind::Destroyed);
    }
    let (kind, away) = text.split_once(':')?;
    let away: Duration = parse_period(away)?;
    match kind {
        _ if kind.eq_ignore_ascii_case("same") => Some(CutKind::SameDatabase(away)),
        _ if kind.eq_ignore_ascii_case("new") => Some(CutKind::NewDatabase(away)),
        _ => None,
    }
}

/// The seeds of `20` (the first twenty) or `100..200` (the last of which is 199).
pub(super) fn seeds(text: &str) -> Result<Range<u64>, &'static str> {
    const WRONG: &str = "it has to be a number of seeds such as 100, or seeds such as 100..200";
    let number = |text: &str| text.parse::<u64>().map_err(|_| WRONG);
    let seeds = match text.split_once("..") {
        Some((from, to)) => number(from)?..number(to)?,
        None => 0..number(text)?,
    };
    match seeds.is_empty() {
        true => Err("there is no seed in it: at least one is needed, such as 1 or 7..8"),
        false => Ok(seeds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_a_stop() {
        let minute = Duration::from_secs(60);
        for (text, kind) in [
            ("destroy", Some(CutKind::Destroyed)),
            ("Destroy", Some(CutKind::Destroyed)),
            ("same:1min", Some(CutKind::SameDatabase(minute))),
            ("NEW:60s", Some(CutKind::NewDatabase(minute))),
            ("same", None),
            ("same:", None),
            ("old:1min", None),
            ("destroy:1min", None),
            ("", None),
        ] {
            assert_eq!(kind_of(text), kind, "{text}");
        }
    }

    #[test]
    fn seeds_are_counted_or_listed() {
        for (text, expected) in [
            ("1", Some(0..1)),
            ("20", Some(0..20)),
            ("7..9", Some(7..9)),
            ("0", None),
            ("9..9", None),
            ("9..7", None),
            ("..", None),
            ("-1", None),
            ("1..2..3", None),
        ] {
            assert_eq!(seeds(text).ok(), expected, "{text}");
        }
    }
}
