//! `merge`: parts of one verification together.

use std::path::PathBuf;

use bridgehead::load;
use bridgehead::model::Organization;
use bridgehead::report::escaped;
use clap::{Args, FromArgMatches as _};

use super::Status;
use super::failure::Failure;
use super::input::bytes;
use super::messages::Messages;
use super::output::Output;
use super::part::{Part, read_file};
use super::verify::Verify;

/// Put the parts of `verify --shard` together: what comes out is what one process would have written.
///
/// Ends as that would have ended, and with status 1, telling everything that is wrong, when a part is missing, there twice, broken, or of
/// something else.
#[derive(Args)]
pub(super) struct Merge {
    /// Files that `verify --shard` wrote, in any order; every part once.
    #[arg(value_name = "PART", required = true)]
    parts: Vec<PathBuf>,
    /// The largest part, such as 2GB.
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "1GB", help_heading = "Input")]
    max_part_size: u64,
}

/// The parts of one verification, in order.
pub(super) struct Parts {
    parts: Vec<(PathBuf, Part)>,
}

impl Merge {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<Status, Failure> {
        for path in &self.parts {
            output.spare(path)?;
        }
        let mut problems = Vec::new();
        let parts = self.read(&mut problems);
        if problems.is_empty() {
            match parts.question() {
                Ok((verify, orgs)) => match verify.put_together(&orgs, &parts, output, messages)? {
                    Ok(status) => return Ok(status),
                    Err(wrong) => problems.extend(wrong),
                },
                Err(problem) => problems.push(problem),
            }
        }
        for problem in &problems {
            messages.error(problem, None);
        }
        Ok(Status::Findings)
    }

    /// Reads all parts and holds their receipts against each other.
    fn read(&self, problems: &mut Vec<String>) -> Parts {
        let mut parts: Vec<(PathBuf, Part)> = Vec::new();
        for path in &self.parts {
            match read_file(path, self.max_part_size).and_then(|bytes| Part::read(&bytes)) {
                Ok(part) => parts.push((path.clone(), part)),
                Err(why) => problems.push(format!("{}: {why}", path.display())),
            }
        }
        let Some((model_path, model)) = parts.first().map(|(path, part)| (path.clone(), part.receipt.clone())) else {
            return Parts { parts };
        };
        parts.retain(|(path, part)| {
            let receipt = &part.receipt;
            let same = receipt.input == model.input && receipt.of == model.of && receipt.all == model.all;
            if !same {
                let why = receipt.objection(&model);
                problems.push(format!("{}: {why}, unlike {}", path.display(), model_path.display()));
            }
            same
        });
        parts.sort_by_key(|(_, part)| part.receipt.part);
        for two in parts.windows(2) {
            let [(first, part), (second, other)] = two else {
                continue;
            };
            if part.receipt.part == other.receipt.part {
                let message = format!("part {} of {} is there twice", part.receipt.part, model.of);
                problems.push(format!(
                    "{}: {message}, {} is it too",
                    second.display(),
                    first.display()
                ));
            }
        }
        let mut next = 1;
        for here in parts
            .iter()
            .map(|(_, part)| part.receipt.part)
            .chain([model.of.saturating_add(1)])
        {
            if next < here {
                let missing = match here - next {
                    1 => format!("part {next} of {} is missing", model.of),
                    _ => format!("parts {next} to {} of {} are missing", here - 1, model.of),
                };
                problems.push(missing);
            }
            next = here.saturating_add(1);
        }
        Parts { parts }
    }
}

impl Parts {
    /// What was asked, and the organizations that it was asked of: the topology, and the older one if there is one.
    fn question(&self) -> Result<(Verify, Vec<Organization>), String> {
        let (path, part) = &self.parts[0];
        let wrong = |why: String| format!("{}: {why}", path.display());
        let command = Verify::augment_args(clap::Command::new("verify").no_binary_name(true));
        let asked = part.receipt.asked.iter().map(String::as_str);
        let matches = command.try_get_matches_from(asked.chain(["-"]));
        let verify = matches.and_then(|matches| Verify::from_arg_matches(&matches));
        let verify = verify.map_err(|error| wrong(format!("its options cannot be read: {}", error.kind())))?;
        let organization = |input: &super::part::Input| {
            let (source, format) = input.source();
            let read = load::organization(&source, format, &verify.limits(), verify.name_order());
            read.map_err(|problems| wrong(format!("its topology has {} problems", problems.len())))
        };
        let orgs: Vec<Organization> = part.inputs.iter().map(organization).collect::<Result<_, String>>()?;
        match orgs.len() == 1 + usize::from(verify.has_previous()) {
            true => Ok((verify, orgs)),
            false => Err(wrong("its topology is missing".to_owned())),
        }
    }

    /// What each part found, in order, each of which has to pass `check`, which is told how many pieces of work it is about.
    pub(super) fn results<T: serde::de::DeserializeOwned>(
        &self,
        all: u64,
        check: impl Fn(&T, std::ops::Range<u64>) -> bool,
    ) -> Result<Vec<T>, Vec<String>> {
        let mut found = Vec::new();
        let mut problems = Vec::new();
        for (path, part) in &self.parts {
            let range = part.receipt.from..part.receipt.to;
            let fits = |results: &T| part.receipt.all == all && check(results, range.clone());
            match part.results::<T>() {
                Ok(results) if fits(&results) => found.push(results),
                Ok(_) => problems.push(format!("{}: its results are of something else", path.display())),
                Err(why) => problems.push(format!("{}: {}", path.display(), escaped(&why))),
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }
}
