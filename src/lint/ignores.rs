//! Findings that somebody has decided to live with.
//!
//! Ignores of the topology file and of a baseline file are one mechanism. An ignore names a rule, perhaps a subject, a
//! reason, and perhaps the last day it holds, which is compared with a day that the caller gives and never with a clock: the
//! same input gives the same findings tomorrow.

use super::named;
use crate::diagnostic::{
    Confidence, Finding, Findings, Fragment, RuleInfo, Severity, Span, Subject, SubjectKind, nearest,
};
use crate::model::{LintIgnore, Name};

/// An ignore and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// What it says.
    pub entry: LintIgnore,
    /// Which of the sources that were read together it stands in; 0 is the topology.
    pub source: usize,
}

/// An ignore that takes out nothing.
#[doc = include_str!("pages/LN001.md")]
pub const UNUSED_IGNORE: RuleInfo = RuleInfo {
    code: "LN001",
    name: "unused-ignore",
    severity: Severity::Warning,
    confidence: Confidence::Certain,
    page: include_str!("pages/LN001.md"),
};

/// An ignore whose last day is over.
#[doc = include_str!("pages/LN002.md")]
pub const EXPIRED_IGNORE: RuleInfo = RuleInfo {
    code: "LN002",
    name: "expired-ignore",
    severity: Severity::Warning,
    confidence: Confidence::Certain,
    page: include_str!("pages/LN002.md"),
};

impl Ignore {
    fn is_expired(&self, today: Option<&str>) -> bool {
        // Days are written so that they compare as texts.
        self.entry
            .until
            .as_deref()
            .zip(today)
            .is_some_and(|(until, today)| until < today)
    }

    fn takes_out(&self, finding: &Finding) -> bool {
        let Some(rule) = super::rule_info(&self.entry.code) else {
            return false;
        };
        rule.code == finding.rule.code
            && self.entry.subject.as_deref().is_none_or(|text| {
                let text = Name::fold(text);
                text == Name::fold(&finding.subject.name) || text == Name::fold(&finding.subject.to_string())
            })
    }

    fn about(&self) -> (Subject, Span) {
        let subject = match &self.entry.subject {
            Some(subject) => format!("{} {subject}", self.entry.code),
            None => self.entry.code.clone(),
        };
        let subject = Subject {
            kind: SubjectKind::Ignore,
            name: subject,
        };
        (subject, self.entry.span)
    }
}

/// Takes out what `ignores` accept, and adds what is wrong with them.
///
/// An ignore of a rule that did not run, or that could not look at everything, is not called unused.
pub(super) fn apply(all: &mut Findings, ignores: &[Ignore], today: Option<&str>, wanted: &dyn Fn(RuleInfo) -> bool) {
    all.dated_ignores = ignores.iter().filter(|ignore| ignore.entry.until.is_some()).count();
    let mut used = vec![false; ignores.len()];
    let before = all.findings.len();
    all.findings.retain(|finding| {
        let mut kept = true;
        for (ignore, used) in ignores.iter().zip(&mut used) {
            if !ignore.is_expired(today) && ignore.takes_out(finding) {
                (*used, kept) = (true, false);
            }
        }
        kept
    });
    all.suppressed = before - all.findings.len();
    for (ignore, used) in ignores.iter().zip(used) {
        if ignore.is_expired(today) {
            all.findings
                .extend(Some(expired(ignore)).filter(|_| wanted(EXPIRED_IGNORE)));
        } else if !used && wanted(UNUSED_IGNORE) {
            let rule = super::rule_info(&ignore.entry.code);
            let judged = |rule: RuleInfo| wanted(rule) && all.unchecked.iter().all(|u| u.rule.code != rule.code);
            if rule.is_none_or(judged) {
                all.findings.push(unused(ignore, rule));
            }
        }
    }
}

/// Accepts everything that was found: takes it out of `all`, and returns the entries of a baseline with which a next run finds
/// nothing, by code and subject.
///
/// Entries of the baseline that was read (source 1) stay as they are, with their reasons, unless they are unused or expired. What
/// is wrong with ignores of the topology is not accepted.
pub fn accept(all: &mut Findings, ignores: &[Ignore], today: Option<&str>) -> Vec<LintIgnore> {
    let is_about_ignores = |finding: &Finding| [UNUSED_IGNORE.code, EXPIRED_IGNORE.code].contains(&finding.rule.code);
    let (about_ignores, found): (Vec<Finding>, Vec<Finding>) = all.findings.drain(..).partition(is_about_ignores);
    let done = |ignore: &Ignore| {
        let same = |finding: &Finding| (finding.source, finding.span) == (ignore.source, ignore.entry.span);
        about_ignores.iter().any(same)
    };
    let kept = ignores
        .iter()
        .filter(|ignore| ignore.source == BASELINE && !done(ignore));
    let mut entries: Vec<LintIgnore> = kept.map(|ignore| ignore.entry.clone()).collect();
    all.suppressed += found.len();
    let reason = match today {
        Some(today) => format!("accepted on {today}"),
        None => "accepted when the baseline was written".to_owned(),
    };
    entries.extend(found.into_iter().map(|finding| LintIgnore {
        code: finding.rule.code.to_owned(),
        subject: Some(finding.subject.to_string()),
        reason: Some(reason.clone()),
        until: None,
        span: Span::NONE,
    }));
    let key = |entry: &LintIgnore| (entry.code.clone(), entry.subject.as_deref().map(Name::fold));
    entries.sort_by_cached_key(|entry| {
        (
            key(entry),
            entry.subject.clone(),
            entry.until.clone(),
            entry.reason.clone(),
        )
    });
    // Several findings of a rule may be about one thing.
    entries.dedup_by(|a, b| key(a) == key(b) && (&a.reason, &a.until) == (&b.reason, &b.until));
    all.findings = about_ignores
        .into_iter()
        .filter(|finding| finding.source != BASELINE)
        .collect();
    entries
}

/// Which of the sources is the baseline.
const BASELINE: usize = 1;

fn expired(ignore: &Ignore) -> Finding {
    let until = ignore.entry.until.as_deref().unwrap_or_default();
    let (subject, span) = ignore.about();
    let mut finding = Finding::new(EXPIRED_IGNORE, subject, span, format!("this ignore held until {until}"));
    finding.source = ignore.source;
    let finding = match &ignore.entry.reason {
        Some(reason) => finding.fact(format!("its reason was: {reason}")),
        None => finding,
    };
    finding.advice("look at what it ignored, then delete it or give it a later day")
}

fn unused(ignore: &Ignore, rule: Option<RuleInfo>) -> Finding {
    let code = &ignore.entry.code;
    let (subject, span) = ignore.about();
    let (message, advice) = match (rule, &ignore.entry.subject) {
        (None, _) => {
            let infos = super::rule_infos();
            let known = infos.iter().flat_map(|info| [info.code, info.name]);
            let advice = match nearest(code, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "`bridgehead lint --explain all` lists the rules".to_owned(),
            };
            (Fragment::from(format!("there is no rule {code}")), advice)
        }
        (Some(_), Some(subject)) => (
            named!("{code} finds nothing about {subject}"),
            "delete it: what it ignored is gone, or is called otherwise".to_owned(),
        ),
        (Some(_), None) => (
            named!("{code} finds nothing"),
            "delete it: what it ignored is gone".to_owned(),
        ),
    };
    let mut finding = Finding::new(UNUSED_IGNORE, subject, span, message);
    finding.source = ignore.source;
    finding.advice(advice)
}
