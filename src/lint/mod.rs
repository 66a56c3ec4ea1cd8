//! What an administrator should look at before mail finds it: rules over one organization.
//!
//! A rule is one item: a code that never changes, a name after the problem, a severity, a confidence, a page, and a function
//! over [`Facts`] that all rules share. The page is the item's documentation and what `lint --explain` prints; its two
//! examples run as tests. Rules lie in one file a family, and [`RULES`] lists them by code.
//!
//! * `Error`: mail circles, is returned, or cannot get somewhere, or the product does not support it;
//! * `Warning`: it works, and not as somebody probably believes; `Info`: worth knowing.
//! * `Certain`: follows from the file by a documented rule; `Proved`: [`crate::verify`] found a witness; `Likely`: what
//!   matters besides is not in the file.
//!
//! Every rule is sound: it fires only where what its page says is so, and rather stays silent. Rules are near-linear in the
//! size of the file. What is not stops at a bound ([`Settings`]) and says so ([`crate::diagnostic::Unchecked`]). Whether mail
//! can circle is searched once for all rules that claim it.
//!
//! Findings that somebody has decided to live with are taken out by one mechanism ([`Ignore`]), wherever it was written down.
//!
//! This layer makes [`crate::diagnostic::Finding`]s, which are names and sentences. It must not know formats: `report`
//! renders findings and does not know rules.

mod changes;
mod claims;
mod coexistence;
mod connectors;
mod facts;
mod hops;
mod ignores;
mod limits;
mod link_state;
mod loops;
mod offers;
mod proof;
mod redundancy;
mod sites;
mod ties;

pub use facts::{Facts, Settings};
pub use ignores::{EXPIRED_IGNORE, Ignore, UNUSED_IGNORE, accept};

use crate::diagnostic::{Finding, Findings, Fragment, RuleInfo, Span, Unchecked};
use crate::model::{FailureSet, Message, Organization};
use crate::route::{Graphs, View};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What is always the same about it.
    pub info: RuleInfo,
    /// Looks for it.
    check: fn(&Facts<'_>, &mut Found),
}

/// Declares rules: the page of each is read from `pages/CODE.md`, as its documentation and to be printed.
macro_rules! rules {
    ($($code:ident $name:literal $severity:ident $confidence:ident $check:expr;)*) => {$(
        #[doc = include_str!(concat!("pages/", stringify!($code), ".md"))]
        pub(in crate::lint) const $code: crate::lint::Rule = crate::lint::Rule {
            info: crate::diagnostic::RuleInfo {
                code: stringify!($code),
                name: $name,
                severity: crate::diagnostic::Severity::$severity,
                confidence: crate::diagnostic::Confidence::$confidence,
                page: include_str!(concat!("pages/", stringify!($code), ".md")),
            },
            check: $check,
        };
    )*};
}
use rules;

/// A fragment that begins with a name.
macro_rules! named {
    ($($text:tt)*) => { crate::diagnostic::Fragment::named(format!($($text)*)) };
}
use named;

/// What one rule has found so far.
pub struct Found {
    rule: RuleInfo,
    findings: Vec<Finding>,
    unchecked: Vec<Unchecked>,
}

/// What a finding is about, and where that is written.
type About = (crate::diagnostic::Subject, Span);

impl Found {
    /// A finding to be filled in and pushed.
    fn about(&self, (subject, span): About, message: impl Into<Fragment>) -> Finding {
        Finding::new(self.rule, subject, span, message)
    }

    fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A bound was reached.
    fn unchecked(&mut self, reason: impl Into<String>) {
        self.unchecked.push(Unchecked {
            rule: self.rule,
            reason: reason.into(),
        });
    }
}

/// Every rule that looks at an organization, by code. Those about ignores are [`UNUSED_IGNORE`] and [`EXPIRED_IGNORE`].
pub const RULES: &[Rule] = &[
    loops::RG001,
    loops::RG002,
    link_state::RG003,
    link_state::RG004,
    link_state::RG005,
    coexistence::RG006,
    limits::RG007,
    limits::RG008,
    loops::RG009,
    coexistence::RG010,
    coexistence::RG011,
    coexistence::RG012,
    link_state::RG013,
    link_state::RG014,
    link_state::RG015,
    loops::RG016,
    coexistence::RG017,
    coexistence::RG018,
    coexistence::RG019,
    changes::RG020,
    loops::RG021,
    connectors::RG022,
    hops::RG023,
    coexistence::RG024,
    link_state::RG025,
    loops::RG026,
    coexistence::RG027,
    loops::RG028,
    sites::RT001,
    sites::RT002,
    sites::RT003,
    sites::RT004,
    sites::RT005,
    sites::RT006,
    connectors::RT007,
    connectors::RT008,
    connectors::RT009,
    connectors::RT010,
    connectors::RT011,
    connectors::RT012,
    limits::RT013,
    limits::RT014,
    connectors::RT025,
    connectors::RT026,
    connectors::RT027,
    connectors::RT028,
    sites::RT030,
    sites::RT031,
    sites::RT032,
    limits::RT033,
    connectors::RT034,
    sites::RT035,
    changes::RT036,
    coexistence::RT037,
    coexistence::RT038,
    sites::RT039,
    sites::RT040,
    redundancy::SR001,
    redundancy::SR002,
    redundancy::SR003,
    redundancy::SR004,
    redundancy::SR005,
    redundancy::SR006,
    redundancy::SR007,
    redundancy::SR008,
];

/// What is always the same about each rule, those about ignores included, by code.
pub fn rule_infos() -> Vec<RuleInfo> {
    let mut infos: Vec<RuleInfo> = RULES.iter().map(|rule| rule.info).collect();
    infos.extend([UNUSED_IGNORE, EXPIRED_IGNORE]);
    infos.sort_by_key(|info| info.code);
    infos
}

/// The rule of that code or name, in any case.
pub fn rule_info(text: &str) -> Option<RuleInfo> {
    let is_meant = |info: &RuleInfo| info.code.eq_ignore_ascii_case(text) || info.name.eq_ignore_ascii_case(text);
    rule_infos().into_iter().find(is_meant)
}

/// What is asked beside the organization.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Whether a rule is to run.
    pub wanted: &'a dyn Fn(RuleInfo) -> bool,
    /// What is accepted.
    pub ignores: &'a [Ignore],
    /// The day that ignores are held against; `None`: none has expired.
    pub today: Option<&'a str>,
    /// The organization before a change that legacy groups may not know yet. Rules about changes run only with one.
    pub previous: Option<(&'a Organization, &'a Graphs)>,
    /// Is told, from time to time, how far the search for loops is, which alone may take long.
    pub progress: &'a dyn Fn(Stage),
}

/// How far the search for loops is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many of so many pairs of recipient and class of messages are done.
    Searching {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// Changes are tried, to see which end loops.
    Repairing,
    /// Loops are looked for that are there while a change is news.
    Changing,
}

/// Runs every rule that is wanted, and takes out what is accepted.
///
/// The findings do not depend on the order of the file, but for their places in it. Cost: near-linear without legacy groups;
/// with them, that of [`crate::verify::verify`] and [`crate::verify::repair`], and with an older organization that of
/// [`crate::verify::skew()`].
pub fn lint(org: &Organization, graphs: &Graphs, settings: &Settings, asked: Asked<'_>) -> Findings {
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(org, graphs, settings.routing, &message, &down);
    let facts = Facts::new(&view, settings, asked);
    let wanted = |rule: RuleInfo| {
        let can_run = asked.previous.is_some() || !changes::ABOUT_A_CHANGE.contains(&rule.code);
        can_run && (asked.wanted)(rule)
    };
    let mut all = Findings::default();
    for rule in RULES.iter().filter(|rule| wanted(rule.info)) {
        let mut found = Found {
            rule: rule.info,
            findings: Vec::new(),
            unchecked: Vec::new(),
        };
        (rule.check)(&facts, &mut found);
        all.findings.append(&mut found.findings);
        all.unchecked.append(&mut found.unchecked);
    }
    ignores::apply(&mut all, asked.ignores, asked.today, &wanted);
    all.findings.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| a.rule.code.cmp(b.rule.code))
            .then_with(|| a.subject.kind.cmp(&b.subject.kind))
            .then_with(|| fold(&a.subject.name).cmp(&fold(&b.subject.name)))
            .then_with(|| (&a.message, &a.facts).cmp(&(&b.message, &b.facts)))
            // Two ignores may be alike word by word.
            .then_with(|| (a.source, a.span).cmp(&(b.source, b.span)))
    });
    all
}

fn fold(name: &str) -> String {
    crate::model::Name::fold(name)
}
