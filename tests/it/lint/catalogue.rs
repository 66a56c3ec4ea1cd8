//! Every rule that there is: it fires on two cases at least, is silent on two close ones, and what it advises, made to the
//! file, ends the finding and brings no other.
//!
//! The page of a rule is one case of each kind: its right example is its wrong one after the fix. [`Rule`] holds the others.
//! Where a finding carries edits, these are made to the file mechanically; where it does not, the case says what the file is
//! like after what the page advises.

use std::collections::BTreeSet;

use bridgehead::diagnostic::{Finding, Findings, Fragment, RuleInfo, Source};
use bridgehead::lint::{rule_info, rule_infos};
use bridgehead::load::{Format, Limits, read as document, to_json};

use super::changes::make;
use super::pages::{TODAY, before, example};
use super::{cases, findings_after};

/// What a rule is held against, beside the examples of its page.
pub(super) struct Rule {
    info: RuleInfo,
    /// The file of before the change, for the cases of a rule about changes.
    previous: Option<String>,
    fires: Vec<Fires>,
    silent: Vec<(String, String)>,
}

/// A case in which a rule fires.
struct Fires {
    why: String,
    text: String,
    /// What the findings are about; not told for the page's example.
    subjects: Option<Vec<String>>,
    /// The file after what is advised; `None`: the findings carry edits.
    fixed: Option<String>,
}

impl Rule {
    pub(super) fn new(code: &str) -> Rule {
        let info = rule_info(code).unwrap_or_else(|| panic!("there is no rule {code}"));
        let wrong = Fires {
            why: "the wrong example of its page".to_owned(),
            text: example(info.page, "Wrong").to_owned(),
            subjects: None,
            fixed: Some(example(info.page, "Right").to_owned()),
        };
        let right = "the right example of its page".to_owned();
        Rule {
            info,
            previous: before(info.page).map(str::to_owned),
            fires: vec![wrong],
            silent: vec![(right, example(info.page, "Right").to_owned())],
        }
    }

    /// It fires about `subjects`, and its findings carry edits.
    pub(super) fn fires(mut self, why: &str, text: impl Into<String>, subjects: &[&str]) -> Rule {
        self.fires.push(Fires {
            why: why.to_owned(),
            text: text.into(),
            subjects: Some(subjects.iter().map(|subject| (*subject).to_owned()).collect()),
            fixed: None,
        });
        self
    }

    /// The case before becomes this when somebody does what is advised.
    pub(super) fn fixed(mut self, text: impl Into<String>) -> Rule {
        self.fires.last_mut().expect("a case").fixed = Some(text.into());
        self
    }

    /// It is silent, though not far from firing.
    pub(super) fn silent(mut self, why: &str, text: impl Into<String>) -> Rule {
        self.silent.push((why.to_owned(), text.into()));
        self
    }

    /// What is wrong with the rule, as far as its cases show.
    fn faults(&self) -> Vec<String> {
        let code = self.info.code;
        let mut faults = Vec::new();
        let distinct = |texts: BTreeSet<&String>| texts.len();
        let firing = distinct(self.fires.iter().map(|case| &case.text).collect());
        let silent = distinct(self.silent.iter().map(|(_, text)| text).collect());
        if firing < 2 || silent < 2 {
            faults.push(format!("{code} has {firing} firing cases and {silent} silent ones"));
        }
        for (why, text) in &self.silent {
            let about: Vec<String> = of_rule(&self.linted(text), code)
                .map(|f| f.subject.to_string())
                .collect();
            if !about.is_empty() {
                faults.push(format!("{code} fires about {about:?}: {why}"));
            }
        }
        for case in &self.fires {
            faults.extend(
                self.faults_of(case)
                    .into_iter()
                    .map(|fault| format!("{code}: {}: {fault}", case.why)),
            );
        }
        faults
    }

    fn linted(&self, text: &str) -> Findings {
        let findings = self.findings(text, Format::Ron);
        assert!(findings.unchecked.is_empty(), "everything is looked at in\n{text}");
        findings
    }

    fn findings(&self, text: &str, format: Format) -> Findings {
        findings_after(self.previous.as_deref(), text, format, Some(TODAY))
    }

    fn faults_of(&self, case: &Fires) -> Vec<String> {
        let before = self.linted(&case.text);
        let findings: Vec<&Finding> = of_rule(&before, self.info.code).collect();
        let about: Vec<String> = findings.iter().map(|finding| finding.subject.to_string()).collect();
        if about.is_empty() || case.subjects.as_ref().is_some_and(|subjects| *subjects != about) {
            return vec![format!("it fires about {about:?}")];
        }
        let mut faults = Vec::new();
        let known = keys(&before);
        let mut hold = |what: &str, after: &Findings, gone: &[&Finding]| {
            let after = keys(after);
            let left = gone
                .iter()
                .map(|finding| key(finding))
                .filter(|key| after.contains(key));
            faults.extend(left.map(|(code, subject)| format!("{what} leaves {code} about {subject}")));
            let new = after.difference(&known);
            faults.extend(new.map(|(code, subject)| format!("{what} brings {code} about {subject}")));
        };
        for finding in &findings {
            let edits = &finding.remedy.edits;
            if !edits.is_empty() {
                let mut file = json(&case.text);
                edits.iter().for_each(|edit| make(&mut file, edit));
                let after = self.findings(&file.to_string(), Format::Json);
                let kinds: Vec<String> = edits
                    .iter()
                    .map(|edit| format!("{} {}", edit.kind, edit.target))
                    .collect();
                hold(&kinds.join(", "), &after, &[finding]);
            } else if case.fixed.is_none() {
                hold("without edits and without a fix, nothing", &before, &[finding]);
            }
        }
        if let Some(fixed) = &case.fixed {
            hold("the fix", &self.linted(fixed), &findings);
        }
        faults
    }
}

fn of_rule<'f>(findings: &'f Findings, code: &'f str) -> impl Iterator<Item = &'f Finding> {
    findings
        .findings
        .iter()
        .filter(move |finding| finding.rule.code == code)
}

fn key(finding: &Finding) -> (&'static str, String) {
    (finding.rule.code, finding.subject.to_string())
}

fn keys(findings: &Findings) -> BTreeSet<(&'static str, String)> {
    findings.findings.iter().map(key).collect()
}

/// A topology in RON as JSON, which is easier to change.
fn json(text: &str) -> serde_json::Value {
    let read = document(&Source::new("topology.ron", text), Format::Ron, &Limits::default()).expect("a topology");
    serde_json::from_str(&to_json(&read)).expect("JSON")
}

#[test]
fn every_rule_fires_is_silent_and_ends_with_its_fix() {
    let rules = cases::all();
    let mut faults: Vec<String> = rules.iter().flat_map(Rule::faults).collect();
    for info in rule_infos() {
        let held = rules.iter().filter(|rule| rule.info.code == info.code).count();
        if held != 1 {
            faults.push(format!("{} has {held} entries in the cases", info.code));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What stands in quotes, in small letters: names, and what is read in any case. Words of the format stay.
fn in_small_letters(text: &str) -> String {
    const PREFERENCES: [&str; 3] = ["PreferRemote", "LocalOnly", "RemoteOnly"];
    let parts = text.split('"').enumerate();
    let small = parts.map(|(at, part)| {
        if at % 2 == 1 && !PREFERENCES.contains(&part) {
            part.to_lowercase()
        } else {
            part.to_owned()
        }
    });
    small.collect::<Vec<_>>().join("\"")
}

/// Names are data: in the cases they begin with a capital letter, and what begins with one does not get it back.
#[test]
fn a_sentence_that_begins_with_a_name_leaves_it_as_it_is_written() {
    let mut names = BTreeSet::new();
    for rule in cases::all() {
        for case in &rule.fires {
            let fragments = |text: &str| -> Vec<Fragment> {
                let findings = rule.findings(text, Format::Ron).findings.into_iter();
                let fragments = findings.flat_map(|finding| [vec![finding.message], finding.facts].concat());
                fragments.collect()
            };
            let is_capital = |text: &str| text.starts_with(char::is_uppercase);
            let as_written = fragments(&case.text);
            let begin_with_name: BTreeSet<String> = as_written
                .iter()
                .filter(|fragment| is_capital(fragment))
                .map(|fragment| fragment.to_lowercase())
                .collect();
            for fragment in fragments(&in_small_letters(&case.text)) {
                if !fragment.starts_with(char::is_lowercase) {
                    continue;
                }
                let keeps = begin_with_name.contains(&fragment.to_lowercase());
                assert_eq!(
                    is_capital(&fragment.sentence()),
                    !keeps,
                    "{}: {fragment}",
                    rule.info.code
                );
                names.extend(keeps.then_some((rule.info.code, fragment.to_string())));
            }
        }
    }
    let rules: BTreeSet<&str> = names.iter().map(|(code, _)| *code).collect();
    assert!(rules.len() > 15, "of {rules:?} alone");
}
