//! What a rule found: plain data, so that whoever judges and whoever renders need not know each other.

use super::Span;

/// How bad it is; ascending, so that a threshold is a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Works, and not as somebody probably believes.
    Warning,
    /// Mail is lost, circles or is returned, or the product does not support it.
    Error,
}

impl Severity {
    /// The word that documents and the command line use.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What a finding rests on; ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The file allows it, and what matters besides is not in the file.
    Likely,
    /// It follows from the file by a documented rule.
    Certain,
    /// It was searched for and found, with a witness.
    Proved,
}

impl Confidence {
    /// The word that documents use.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
            Confidence::Proved => "proved",
        }
    }
}

/// What is always the same about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its code, which never changes: `RG001`.
    pub code: &'static str,
    /// Its name, after the problem: `loop-on-failure`.
    pub name: &'static str,
    /// How bad what it finds is, unless a finding says otherwise.
    pub severity: Severity,
    /// What its findings rest on, unless one says otherwise.
    pub confidence: Confidence,
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl RuleInfo {
    /// The first paragraph of the page, on one line: what the rule detects.
    pub fn summary(&self) -> String {
        let paragraphs = self.page.split("\n\n");
        let mut texts = paragraphs.filter(|text| !text.trim_start().starts_with('#'));
        let first = texts.next().unwrap_or_default();
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// What kind of thing a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// The organization as a whole.
    Organization,
    /// A site.
    Site,
    /// A routing group.
    RoutingGroup,
    /// A server.
    Server,
    /// A site link.
    Link,
    /// A connector of either kind.
    Connector,
    /// An address space.
    AddressSpace,
    /// A receive connector, as `SERVER\NAME`.
    ReceiveConnector,
    /// A mailbox database.
    Database,
    /// An entry that ignores findings, by the code it names.
    Ignore,
}

impl SubjectKind {
    /// The word before the colon, as on the command line.
    pub fn word(self) -> &'static str {
        match self {
            SubjectKind::Organization => "organization",
            SubjectKind::Site => "site",
            SubjectKind::RoutingGroup => "rg",
            SubjectKind::Server => "server",
            SubjectKind::Link => "link",
            SubjectKind::Connector => "connector",
            SubjectKind::AddressSpace => "space",
            SubjectKind::ReceiveConnector => "receive",
            SubjectKind::Database => "database",
            SubjectKind::Ignore => "ignore",
        }
    }
}

/// What a finding is about, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name as the file writes it.
    pub name: String,
}

/// `rg:HKG`
impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.name)
    }
}

/// One hand-over of a message that circles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Who hands over.
    pub at: Subject,
    /// The routing-group connector that is crossed; `None` between sites.
    pub connector: Option<String>,
    /// Who takes over.
    pub to: Subject,
    /// Where the connector is written, in the first source; [`Span::NONE`] between sites.
    pub span: Span,
}

/// Mail that circles, found by search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circling {
    /// Whom the mail is for.
    pub recipient: Subject,
    /// Connectors that have failed, by name; none: it circles while all is up.
    pub failed: Vec<String>,
    /// Who holds the message, in order, the first not repeated.
    pub cycle: Vec<Subject>,
    /// Whether no choice leads out: `must`; otherwise `may`.
    pub must: bool,
    /// One lap.
    pub steps: Vec<Handover>,
}

/// A change of the organization, by names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What kind of change, such as `set_cost`.
    pub kind: &'static str,
    /// What is changed.
    pub target: String,
    /// To what; `None` where it goes.
    pub value: Option<String>,
    /// The line that makes the change; `None`: there is none, use the console.
    pub command: Option<String>,
}

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// In words.
    pub advice: String,
    /// As changes, where it is a matter of changing something.
    pub edits: Vec<Edit>,
}

/// Part of a sentence: lowercase, without a final stop.
///
/// Names from the input stand in it as data: renderers escape control characters, and give a fragment that begins with a name
/// no capital letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fragment {
    text: String,
    begins_with_name: bool,
}

impl Fragment {
    /// A fragment that begins with a name from the input.
    pub fn named(text: impl Into<String>) -> Fragment {
        Fragment {
            text: text.into(),
            begins_with_name: true,
        }
    }

    /// A sentence: with a stop, and with a capital letter unless it begins with a name, which stays as it is written.
    pub fn sentence(&self) -> String {
        let mut letters = self.text.chars();
        let first = letters.next().filter(|_| !self.begins_with_name);
        let stop = if self.text.ends_with(['.', '?', '!']) { "" } else { "." };
        match first {
            Some(first) => format!("{}{}{stop}", first.to_uppercase(), letters.as_str()),
            None => format!("{}{stop}", self.text),
        }
    }
}

/// A fragment that begins with a word of ours.
impl<T: Into<String>> From<T> for Fragment {
    fn from(text: T) -> Fragment {
        Fragment {
            text: text.into(),
            begins_with_name: false,
        }
    }
}

impl std::ops::Deref for Fragment {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Fragment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleInfo,
    /// How bad it is here.
    pub severity: Severity,
    /// What it rests on here.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong.
    pub message: Fragment,
    /// What it follows from.
    pub facts: Vec<Fragment>,
    /// Mail that circles, where the rule claims that.
    pub witness: Option<Circling>,
    /// What to do.
    pub remedy: Remedy,
    /// Which of the sources that were read together; 0 when there is only one.
    pub source: usize,
    /// Where in the file; [`Span::NONE`] when the whole input is meant.
    pub span: Span,
}

impl Finding {
    /// A finding of a rule at its own severity, with neither facts nor advice yet.
    pub fn new(rule: RuleInfo, subject: Subject, span: Span, message: impl Into<Fragment>) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            confidence: rule.confidence,
            subject,
            message: message.into(),
            facts: Vec::new(),
            witness: None,
            remedy: Remedy::default(),
            source: 0,
            span,
        }
    }

    /// The same finding with one more thing that it follows from.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<Fragment>) -> Finding {
        self.facts.push(fact.into());
        self
    }

    /// The same finding with advice.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Finding {
        self.remedy.advice = advice.into();
        self
    }

    /// The same finding with one more change that ends it.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Finding {
        self.remedy.edits.push(edit);
        self
    }
}

/// Something that a rule could not look at because a stated bound was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// Which rule.
    pub rule: RuleInfo,
    /// What was not looked at, and what raises the bound.
    pub reason: String,
}

/// Everything that the rules found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Worst first, then by code and subject.
    pub findings: Vec<Finding>,
    /// How many more there are that the file or a baseline accepts.
    pub suppressed: usize,
    /// What was not looked at.
    pub unchecked: Vec<Unchecked>,
    /// How many ignores have a last day.
    pub dated_ignores: usize,
}
