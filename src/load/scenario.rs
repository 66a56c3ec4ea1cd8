//! From a scenario file and its topology to what is simulated.

use indexmap::IndexSet;

use super::document::{SCENARIO_FORMAT, ScenarioDocument, TOPOLOGY_FORMAT, TopologyEntry};
use super::resolve::{Ground, scenario_problems};
use super::{At, Format, Limits, Rejected, organization, read, resolve, resolve_scenario};
use crate::diagnostic::{Problem, Source, Span};
use crate::model::{NameOrder, Organization, Scenario};

/// The scenario in `source` without the values that could not be read, and what is wrong with those, in the order of the
/// file; or the one problem that stopped the reading. O(length of the text).
///
/// # Errors
/// A syntax error or a wrong shape.
pub fn read_scenario(
    source: &Source,
    format: Format,
    limits: &Limits,
) -> Result<(ScenarioDocument, Vec<Problem>), Vec<Problem>> {
    let (document, mut problems) = read::read_record::<ScenarioDocument>(source, format, limits)?;
    problems.extend(read::wrong_format(&document.format, SCENARIO_FORMAT));
    if let TopologyEntry::Inline(topology) = &document.topology {
        problems.extend(read::wrong_format(&topology.format, TOPOLOGY_FORMAT).map(in_topology));
    }
    problems.sort_by_key(|problem| problem.span);
    Ok((document, problems))
}

/// The scenario in `source` and its organization. `open` finds the text and the format of the topology file of a path, seen
/// from the scenario.
///
/// # Errors
/// Everything that is wrong with the scenario, then everything that is wrong with the topology where that is another file.
/// Names in the topology are looked up as far as it can be read; in a topology file in which something is wrong, not at all.
pub fn scenario(
    source: &Source,
    format: Format,
    limits: &Limits,
    order: NameOrder,
    open: impl FnOnce(&str) -> Result<(Source, Format), Rejected>,
) -> Result<(Organization, Scenario), Vec<Rejected>> {
    let rejected = |problems| Rejected {
        source: source.clone(),
        problems,
    };
    let (document, unread) = read_scenario(source, format, limits).map_err(|problems| vec![rejected(problems)])?;
    let mut wrong = Vec::new();
    let mut elsewhere = None;
    let organization = match &document.topology {
        TopologyEntry::LeftOut => {
            wrong.push(missing_topology(&document));
            None
        }
        TopologyEntry::Inline(topology) => match resolve(topology, order) {
            Ok(organization) => Some(organization),
            Err(problems) => {
                wrong.extend(problems.into_iter().map(in_topology));
                None
            }
        },
        TopologyEntry::File(path) => match opened(open(&path.value), limits, order) {
            Ok(organization) => Some(organization),
            Err(rejected) => {
                match unopened(path, &rejected) {
                    Some(problem) => wrong.push(problem),
                    None => elsewhere = Some(rejected),
                }
                None
            }
        },
    };
    let resolved = match (&organization, &document.topology) {
        (Some(organization), _) => resolve_scenario(&document, organization),
        (None, TopologyEntry::Inline(topology)) => Err(scenario_problems(&document, Ground::Broken(topology))),
        (None, _) => Err(scenario_problems(&document, Ground::Nothing)),
    };
    let scenario = resolved.map_err(|problems| wrong.extend(problems)).ok();
    let problems = together(unread, wrong);
    match (organization, scenario) {
        (Some(organization), Some(scenario)) if problems.is_empty() => Ok((organization, scenario)),
        _ => {
            let here = (!problems.is_empty()).then(|| rejected(problems));
            Err(here.into_iter().chain(elsewhere).collect())
        }
    }
}

fn opened(
    file: Result<(Source, Format), Rejected>,
    limits: &Limits,
    order: NameOrder,
) -> Result<Organization, Rejected> {
    let (source, format) = file?;
    organization(&source, format, limits, order).map_err(|problems| Rejected { source, problems })
}

/// A problem of the topology, which stands inside the scenario.
fn in_topology(mut problem: Problem) -> Problem {
    problem.path.insert_str(0, "topology.");
    problem
}

fn missing_topology(document: &ScenarioDocument) -> Problem {
    // The bracket: all the rest is not about it.
    let start = document.span.start as usize;
    let problem = Problem::new(
        Span::new(start, start + 1),
        "topology",
        "missing required field `topology`",
    );
    problem.help("write the path of a topology file, or the topology itself")
}

/// What is wrong with a file that holds no text at all: that is told where the scenario names it.
fn unopened(path: &At<String>, rejected: &Rejected) -> Option<Problem> {
    let [problem] = &rejected.problems[..] else {
        return None;
    };
    let whole = problem.span.is_none() && rejected.source.text.is_empty();
    whole.then(|| {
        let message = format!("can't read \"{}\": {}", rejected.source.name, problem.message);
        Problem {
            help: problem.help.clone(),
            ..Problem::new(path.span, "topology", message)
        }
    })
}

/// What could not be read and what is wrong with the rest, in the order of the file. A field whose value could not be read
/// is not called missing as well; nor is a record called empty for want of one.
fn together(unread: Vec<Problem>, wrong: Vec<Problem>) -> Vec<Problem> {
    let mut around: IndexSet<String> = IndexSet::new();
    for problem in &unread {
        let path = problem.path.as_str();
        // In a topology a record is the same as in a file of its own.
        let records = path
            .match_indices(['.', '['])
            .filter(|_| !path.starts_with("topology."));
        around.extend(records.map(|(at, _)| path[..at].to_owned()));
        around.insert(path.to_owned());
    }
    let mut problems = unread;
    problems.extend(wrong.into_iter().filter(|problem| !around.contains(&problem.path)));
    problems.sort_by_key(|problem| problem.span);
    problems
}
