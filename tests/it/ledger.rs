//! The ledger `tests/claims.md`: every rule, class of loops, anchor and decision has a line, and every test that a line names is there.

use std::collections::BTreeMap;
use std::fs;

use super::support::root;
use super::tidy::{relative, rust_files};

/// Every id that needs a line.
fn wanted() -> Vec<String> {
    let rules = (1..=74).map(|n| format!("R{n}"));
    let sections = (1..=16).map(|n| format!("RT-2.{n}"));
    let decisions = (1..=40).map(|n| format!("D{n}"));
    let loops = (1..=9).map(|n| format!("LC{n}"));
    let anchors = [1, 2, 3, 4, 5, 6, 7, 10, 25, 26, 27, 28, 29].map(|n| format!("LS-6.{n}"));
    let about_loops = (1..=40).map(|n| format!("V{n}"));
    let of_routes = rules.chain(sections).chain(decisions);
    of_routes
        .chain(loops)
        .chain(anchors)
        .chain(about_loops)
        .chain(link_state())
        .chain(lint())
        .chain(redundancy_2010())
        .chain(through_time())
        .chain(redundancy_2013())
        .chain(losses_and_duplicates())
        .collect()
}

/// Of shadow redundancy and Safety Net of 2013: criteria and timers.
fn redundancy_2013() -> impl Iterator<Item = String> {
    let criteria = (1..=83).map(|n| format!("S{n}"));
    let sub = ["S34b", "S45b"].map(str::to_owned);
    let supplement = (10..=30).map(|n| format!("X{n}"));
    let timers = std::iter::once(5).chain(8..=19).map(|n| format!("T{n}"));
    criteria.chain(sub).chain(supplement).chain(timers)
}

/// Shadow redundancy of 2010: scenarios, roles on DAG members, other documentation, timers. Two of the scenarios' ids were put
/// between others.
fn redundancy_2010() -> impl Iterator<Item = String> {
    let count = |letter: &'static str, last: u32| (1..=last).map(move |n| format!("SR-{letter}{n}"));
    let between = ["SR-A26b", "SR-A52b"].map(str::to_owned);
    let all = count("A", 60).chain(between).chain(count("D", 42));
    all.chain(count("X", 9)).chain(count("T", 7))
}

/// Of mail through time, whatever the version: what can be set, retries, what has to hold of every run.
fn through_time() -> impl Iterator<Item = String> {
    let settings = (1..=13).map(|n| format!("SR-M{n}"));
    let retries = std::iter::once("SR-T20".to_owned());
    let invariants = (1..=19).map(|n| format!("SR-I{n}"));
    settings.chain(retries).chain(invariants)
}

/// What may be lost and what may come twice, each with its number in the documents.
fn losses_and_duplicates() -> impl Iterator<Item = String> {
    let of_2010 = (1..=12).map(|n| format!("L10-{n}"));
    let of_2013 = (1..=13).map(|n| format!("L13-{n}"));
    let others = ["L07-1", "L-DUPKEY"].map(str::to_owned);
    let twice = (1..=10).map(|n| format!("DUP-{n}"));
    of_2010.chain(of_2013).chain(others).chain(twice)
}

/// Of link state: messages, exemptions, the examples that are about the process, open questions.
fn link_state() -> impl Iterator<Item = String> {
    let messages = (1..=5).map(|n| format!("LS-m{n}"));
    let kept = ["LS-1.1", "LS-1.7"].map(str::to_owned);
    let exemptions = (1..=5).map(|n| format!("LS-1.4.{n}"));
    let examples = [17, 19, 20, 21, 22, 23, 24, 30].map(|n| format!("LS-6.{n}"));
    let questions = (1..=18).map(|n| format!("LS-Q{n}"));
    messages.chain(kept).chain(exemptions).chain(examples).chain(questions)
}

/// The rules of lint, built or not; the last of its routing rules is the event that has no other.
fn lint() -> impl Iterator<Item = String> {
    let coexistence = (1..=30).map(|n| format!("RG{n:03}"));
    let routing = (1..=40).map(|n| format!("RT{n:03}"));
    let redundancy = (1..=8).map(|n| format!("SR{n:03}"));
    let ignores = (1..=2).map(|n| format!("LN{n:03}"));
    coexistence.chain(routing).chain(redundancy).chain(ignores)
}

/// What stands for the name of a test where a case is named.
const JOBS: &str = "every job";

/// What a line of the ledger claims.
#[derive(Debug, PartialEq)]
enum Claim {
    /// These tests show it: path and name.
    Shown(Vec<(String, String)>),
    /// Not modelled, for a reason.
    NotModelled(String),
    /// Not yet, with what brings it.
    Planned(String),
}

/// The id, the words and the claim of a line of the table.
fn parse(line: &str) -> Result<(String, String, Claim), String> {
    let cells: Vec<&str> = line
        .strip_prefix('|')
        .and_then(|line| line.strip_suffix('|'))
        .ok_or("a line is `| id | own words | claim |`")?
        .split('|')
        .map(str::trim)
        .collect();
    let [id, words, claim] = cells[..] else {
        return Err(format!("{} cells instead of 3", cells.len()));
    };
    if words.is_empty() {
        return Err("no words".to_owned());
    }
    let reason = |text: &str| match text.trim() {
        "" => Err("no reason".to_owned()),
        reason => Ok(reason.to_owned()),
    };
    let claim = if let Some(text) = claim.strip_prefix("not modelled:") {
        Claim::NotModelled(reason(text)?)
    } else if let Some(text) = claim.strip_prefix("planned:") {
        Claim::Planned(reason(text)?)
    } else {
        let tests = claim.split(',').map(|test| {
            let test = test.trim();
            // A case is a test too: all that its jobs print is compared.
            if test.starts_with("topologies/") && test.ends_with("/jobs") {
                return Ok((test.to_owned(), JOBS.to_owned()));
            }
            let (file, name) = test
                .split_once("::")
                .ok_or_else(|| format!("`{test}` is no `file.rs::test_name`"))?;
            Ok((file.to_owned(), name.to_owned()))
        });
        Claim::Shown(tests.collect::<Result<_, String>>()?)
    };
    Ok((id.to_owned(), words.to_owned(), claim))
}

/// The names of the functions right under `#[test]`, attributes and comments between them left aside.
fn test_names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut under_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") {
            under_test = true;
        } else if let Some(rest) = line.strip_prefix("fn ").filter(|_| under_test) {
            let name = rest.split(['(', '<']).next().unwrap_or(rest);
            found.push(name.to_owned());
            under_test = false;
        } else if !(line.is_empty() || line.starts_with('#') || line.starts_with("//")) {
            under_test = false;
        }
    }
    found
}

/// Everything that is wrong with a ledger, given the tests there are by file.
fn faults(ledger: &str, tests: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let wanted = wanted();
    for (number, line) in ledger.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
        let number = number + 1;
        if line.starts_with("| id |") || line.starts_with("| --- |") {
            continue;
        }
        let (id, _, claim) = match parse(line) {
            Ok(parsed) => parsed,
            Err(why) => {
                faults.push(format!("line {number}: {why}"));
                continue;
            }
        };
        if !wanted.contains(&id) {
            faults.push(format!(
                "line {number}: {id} is no rule, section, class, anchor or decision"
            ));
        }
        if let Some(first) = lines.insert(id.clone(), number) {
            faults.push(format!("line {number}: {id} has a line already, {first}"));
        }
        if let Claim::Shown(named) = claim {
            for (file, name) in named {
                if !tests.get(&file).is_some_and(|tests| tests.contains(&name)) {
                    faults.push(format!("line {number}: {id} names {file}::{name}, which is not there"));
                }
            }
        }
    }
    let missing = wanted.iter().filter(|id| !lines.contains_key(*id));
    faults.extend(missing.map(|id| format!("{id} has no line")));
    faults
}

fn all_tests() -> BTreeMap<String, Vec<String>> {
    let files = ["tests", "src"].map(|folder| rust_files(&root().join(folder)));
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("text");
        (relative(path), test_names(&text))
    };
    let cases = fs::read_dir(root().join("topologies")).expect("a folder");
    let cases = cases.map(|case| case.expect("an entry").path().join("jobs"));
    let cases = cases
        .filter(|jobs| jobs.is_file())
        .map(|jobs| (relative(&jobs), vec![JOBS.to_owned()]));
    files.iter().flatten().map(read).chain(cases).collect()
}

#[test]
fn every_rule_has_a_line_and_every_test_named_is_there() {
    let ledger = fs::read_to_string(root().join("tests/claims.md")).expect("the ledger");
    let faults = faults(&ledger, &all_tests());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_ledger_check_sees_what_it_should() {
    let source = "#[test] // why\n#[cfg(unix)]\nfn here() {}\nfn helper() {}\n#[test]\n/// Text.\nfn there() {}";
    assert_eq!(test_names(source), ["here", "there"]);
    let tests = BTreeMap::from([("tests/it/a.rs".to_owned(), test_names(source))]);
    let whole: String = wanted()
        .iter()
        .map(|id| format!("| {id} | w | planned: later |\n"))
        .collect();
    assert!(faults(&whole, &tests).is_empty());
    for (line, expect) in [
        ("| R75 | w | planned: later |", "R75 is no rule"),
        ("| R1 | w | planned: later |", "R1 has a line already"),
        (
            "| R1 | w | tests/it/a.rs::helper |",
            "tests/it/a.rs::helper, which is not there",
        ),
        (
            "| R1 | w | tests/it/b.rs::here |",
            "tests/it/b.rs::here, which is not there",
        ),
        (
            "| R1 | w | topologies/none/jobs |",
            "topologies/none/jobs::every job, which is not there",
        ),
        ("| R1 | w | somewhere |", "is no `file.rs::test_name`"),
        ("| R1 | w | not modelled: |", "no reason"),
        ("| R1 |  | planned: later |", "no words"),
        ("| R1 | w |", "2 cells"),
    ] {
        let found = faults(&format!("{whole}{line}\n"), &tests);
        assert!(found.iter().any(|fault| fault.contains(expect)), "{line}: {found:?}");
    }
    let without = whole.replace("| D40 | w | planned: later |\n", "");
    assert_eq!(faults(&without, &tests), ["D40 has no line"]);
    let without = whole.replace("| LS-Q18 | w | planned: later |\n", "");
    assert_eq!(faults(&without, &tests), ["LS-Q18 has no line"]);
    let shown = whole.replace(
        "| R1 | w | planned: later |",
        "| R1 | w | tests/it/a.rs::here, tests/it/a.rs::there |",
    );
    assert!(faults(&shown, &tests).is_empty());
}
