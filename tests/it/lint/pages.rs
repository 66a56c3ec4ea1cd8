//! The page of each rule: its parts, and its examples as tests.

use bridgehead::lint::{RULES, rule_info, rule_infos};
use bridgehead::load::Format;

use super::findings_after;

/// The day on which pages run: what expires in an example has expired.
pub(super) const TODAY: &str = "2010-06-30";

/// The RON block under a heading.
pub(super) fn example<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, after) = page.split_once(&format!("## {heading}\n")).expect("the heading");
    let (_, block) = after.split_once("```ron\n").expect("a block of RON");
    block.split_once("```").expect("the block ends").0
}

/// The file of before the change that the examples make, of a rule about changes.
pub(super) fn before(page: &str) -> Option<&str> {
    page.contains("## Before\n").then(|| example(page, "Before"))
}

/// What is found beside the rule in its wrong example.
fn found_with(page: &str) -> Vec<&str> {
    let line = page.lines().find_map(|line| line.strip_prefix("Found with it: "));
    line.map_or(Vec::new(), |line| line.trim_end_matches('.').split(", ").collect())
}

fn codes(page: &str, heading: &str) -> Vec<&'static str> {
    let text = example(page, heading);
    let findings = findings_after(before(page), text, Format::Ron, Some(TODAY));
    assert!(findings.unchecked.is_empty(), "everything is looked at in\n{text}");
    let mut codes: Vec<&str> = findings.findings.iter().map(|finding| finding.rule.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn wrong_examples_fire_and_right_ones_do_not() {
    let mut faults = Vec::new();
    for rule in rule_infos() {
        let mut expect = found_with(rule.page);
        expect.push(rule.code);
        expect.sort_unstable();
        let wrong = codes(rule.page, "Wrong");
        if wrong != expect {
            faults.push(format!(
                "{}: the wrong example fires {wrong:?} instead of {expect:?}",
                rule.code
            ));
        }
        // The right example is the wrong one after the fix: nothing new may come of it.
        let right = codes(rule.page, "Right");
        if right.iter().any(|code| *code == rule.code || !wrong.contains(code)) {
            faults.push(format!("{}: the right example fires {right:?}", rule.code));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pages_have_their_parts_and_fit_a_terminal() {
    let infos = rule_infos();
    assert_eq!(infos.len(), RULES.len() + 2, "two rules are about ignores");
    assert!(
        infos.windows(2).all(|pair| pair[0].code < pair[1].code),
        "codes ascend and are unique"
    );
    for rule in &infos {
        let mut at = 0;
        let heading = format!("# {} {}\n", rule.code, rule.name);
        assert!(rule.page.starts_with(&heading), "{heading}");
        for part in ["## Why it hurts", "## Wrong", "## Right", "## What to do", "## Source"] {
            let next = rule.page[at..]
                .find(part)
                .unwrap_or_else(|| panic!("{}: no {part}", rule.code));
            at += next;
        }
        for line in rule.page.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", rule.code);
        }
        assert!(rule.summary().len() > 30, "{}", rule.code);
        let is_kebab = rule
            .name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(is_kebab, "{}", rule.name);
        assert_eq!(rule_info(&rule.code.to_lowercase()), Some(*rule));
        assert_eq!(rule_info(rule.name), Some(*rule));
    }
    let mut names: Vec<&str> = infos.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), infos.len(), "names are unique");
}
