//! Every job of every case through the built binary, as a user would run it; what it prints is a snapshot.
//!
//! A case is a folder of `topologies/` with a file `jobs`: one command line a line, `#` for comments, double quotes around
//! words with blanks. Where a line names no topology file, `topology.ron` is meant. The snapshot of a job lies in
//! `snapshots/<case>/<job>.snap`, named after the words of the line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::root;

/// Folders of `topologies/` that other tests run through.
const CASES_OF_OTHERS: [&str; 3] = ["bad", "reading", "tour"];
/// Folders of `snapshots/` that other tests write.
const SNAPSHOTS_OF_OTHERS: [&str; 3] = ["bad", "cli", "import"];

/// One command line of a case.
struct Job {
    words: Vec<String>,
    /// The line as it stands in the file.
    line: String,
}

/// The words of a line; double quotes hold words with blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.chars().chain([' ']) {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    assert!(!quoted, "a quote is not closed: {line}");
    words
}

impl Job {
    fn new(line: &str) -> Job {
        let mut words = words(line);
        let is_file = |word: &String| word.ends_with(".ron") || word.ends_with(".json");
        if !words.iter().any(is_file) {
            words.insert(1, "topology.ron".to_owned());
        }
        Job {
            words,
            line: line.to_owned(),
        }
    }

    /// The name of its snapshot: the words of the line without what only separates them.
    fn name(&self) -> String {
        let line = self.line.replace(".ron", "").to_lowercase();
        let parts = line.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '@'));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("-").replace('@', "-at-")
    }

    /// What it prints, and its exit status and messages where there is anything to tell.
    fn run(&self, folder: &Path) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_bridgehead"))
            .args(&self.words)
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .output()
            .expect("the binary runs");
        let mut text = format!("$ bridgehead {}\n", self.line);
        text.push_str(&String::from_utf8(output.stdout).expect("UTF-8"));
        let messages = String::from_utf8(output.stderr).expect("UTF-8");
        if !messages.is_empty() {
            text.push_str(&format!("\nstandard error:\n{messages}"));
        }
        match output.status.code() {
            Some(0) => {}
            code => text.push_str(&format!("\nexit status: {code:?}\n")),
        }
        text
    }
}

fn jobs(folder: &Path) -> Vec<Job> {
    let text = fs::read_to_string(folder.join("jobs")).unwrap_or_default();
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(Job::new).collect()
}

fn folders(name: &str, of_others: &[&str]) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root().join(name)).expect("a folder");
    let paths = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut found: Vec<_> = paths
        .map(|path| (name(&path), path))
        .filter(|(name, _)| !of_others.contains(&&**name))
        .collect();
    found.sort();
    found
}

fn cases() -> Vec<(String, PathBuf)> {
    folders("topologies", &CASES_OF_OTHERS)
}

#[test]
fn every_job_prints_what_its_snapshot_says() {
    for (case, folder) in cases() {
        for job in jobs(&folder) {
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(root().join("snapshots").join(&case));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.remove_input_file();
            settings.bind(|| insta::assert_snapshot!(job.name(), job.run(&folder)));
        }
    }
}

#[test]
fn every_case_has_jobs_and_every_topology_is_in_one() {
    let mut faults = Vec::new();
    for (case, folder) in cases() {
        let jobs = jobs(&folder);
        if jobs.is_empty() {
            faults.push(format!("{case} has no job"));
        }
        let names: BTreeSet<String> = jobs.iter().map(Job::name).collect();
        if names.len() != jobs.len() {
            faults.push(format!("{case}: two jobs share the name of a snapshot"));
        }
        let used: BTreeSet<&String> = jobs.iter().flat_map(|job| &job.words).collect();
        for entry in fs::read_dir(&folder).expect("a folder") {
            let file = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            if file.ends_with(".ron") && !used.contains(&file) {
                faults.push(format!("{case}: no job reads {file}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_case_says_what_it_shows() {
    let mut faults = Vec::new();
    for (case, folder) in cases() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "ron") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("text");
            let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
            let has = |word: &str| header.iter().any(|line| line.contains(word));
            let worked_example = ["rw", "rx", "lw"].iter().any(|kind| case.starts_with(kind));
            if header.len() < 5 || (worked_example && !(has("// Source: ") && has("// Answer: "))) {
                faults.push(format!(
                    "{case}/{}",
                    path.file_name().expect("a name").to_string_lossy()
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "a drawing, a source and an answer are missing in {}",
        faults.join(", ")
    );
}

#[test]
fn no_snapshot_is_left_over() {
    let mut faults = Vec::new();
    let cases = cases();
    for (folder, path) in folders("snapshots", &SNAPSHOTS_OF_OTHERS) {
        let case = cases.iter().find(|(case, _)| *case == folder);
        let names: BTreeSet<String> = case
            .iter()
            .flat_map(|(_, folder)| jobs(folder))
            .map(|job| job.name())
            .collect();
        for entry in fs::read_dir(&path).expect("a folder") {
            let file = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            // A rejected change lies beside its snapshot as `.snap.new`; it is no snapshot.
            if file.strip_suffix(".snap").is_some_and(|name| !names.contains(name)) {
                faults.push(format!("snapshots/{folder}/{file}"));
            }
        }
    }
    assert!(faults.is_empty(), "left over: {}", faults.join(", "));
}

#[test]
fn lines_are_split_like_in_a_shell() {
    assert_eq!(
        words("explain --to \"rg:RG B\"  --size 5MB"),
        ["explain", "--to", "rg:RG B", "--size", "5MB"]
    );
    let job = Job::new("explain --from \"Site 1\" --to ann@x.example");
    assert_eq!(job.words[1], "topology.ron");
    assert_eq!(job.name(), "explain-from-site-1-to-ann-at-x.example");
    assert_eq!(Job::new("diff old.ron new.ron").name(), "diff-old-new");
}
