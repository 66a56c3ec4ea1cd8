//! What a certificate is made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of `format` in [`Certificate`].
pub const CERTIFICATE_FORMAT: &str = "bridgehead.certificate/2";

/// What a verification claims, with what it takes to check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `bridgehead.certificate/2`.
    pub format: String,
    /// Most connectors that fail at the same time.
    pub max_failures: usize,
    /// Open decisions that the claims rest on.
    pub decisions: Decisions,
    /// One message of each kind that routers tell apart.
    pub messages: Vec<Letter>,
    /// Least distances from sites where mail may be held.
    pub sites: Vec<FromSite>,
    /// Least distances to routing groups as 2007 and later servers see them.
    pub groups: Vec<ToGroup>,
    /// One for each recipient and each of `messages`.
    pub claims: Vec<Claim>,
}

/// Open decisions that change what may circle, by the options of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// `--legacy-tie names`.
    pub legacy_tie_names: bool,
    /// `--legacy-cost sum`.
    pub legacy_cost_sum: bool,
    /// `--default-size product`.
    pub default_size_product: bool,
    /// `--dns-connectors-fail`.
    pub dns_connectors_fail: bool,
    /// `--exempt-without-alternative`.
    pub exempt_without_alternative: bool,
}

/// A message of a kind that routers tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Size in bytes; `null`: below every limit.
    pub size: Option<u64>,
    /// An address that a list names; `null`: somebody whom none does.
    pub sender: Option<String>,
    /// Priority.
    pub priority: Urgency,
    /// Whether the system wrote it.
    #[serde(rename = "type")]
    pub message_type: Origin,
    /// A minute of the week such as `Mon 08:00`; absent: no connector has windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Priority of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Urgency {
    Low,
    Normal,
    High,
}

/// Whether the system itself wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Origin {
    System,
    NonSystem,
}

/// A cost, and how many hops or connectors it takes at least at that cost.
pub type Distance = (u64, u64);

/// Least distances from one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromSite {
    /// The site.
    pub from: String,
    /// `[cost, hops]` by site in name order; `null`: it can't be reached.
    pub distances: Vec<Option<Distance>>,
}

/// Least distances to one legacy routing group, over connectors between legacy groups alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToGroup {
    /// The group.
    pub to: String,
    /// As 2007 RTM sees it, which leaves out X.400 connectors.
    pub rtm: bool,
    /// `[cost, connectors]` by legacy group in name order; `null`: there is no way from there.
    pub distances: Vec<Option<Distance>>,
}

/// The part of one recipient and one kind of message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Whom the mail is for.
    pub recipient: Whom,
    /// Position in `messages`.
    pub message: usize,
    /// Failure sets that were tried, by the names of the connectors.
    pub sets: Vec<Vec<String>>,
    /// Least costs, each for what a group heads for and believes down.
    pub costs: Vec<Costs>,
}

/// Whom mail is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Anybody at a site.
    Site(String),
    /// Anybody in a legacy routing group.
    RoutingGroup(String),
    /// An external address, `TYPE:VALUE`, that stands for all that the same address spaces fit.
    Address(String),
}

/// As node arguments are written; addresses as they are.
impl std::fmt::Display for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whom::Site(name) => write!(f, "site:{name}"),
            Whom::RoutingGroup(name) => write!(f, "rg:{name}"),
            Whom::Address(address) => f.write_str(address),
        }
    }
}

/// Least costs from every group to the nearest of some ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Groups and what it costs to be there; an empty name is the 2007 group.
    pub ends: Vec<(String, u64)>,
    /// Connectors believed down, by name.
    pub believed: Vec<String>,
    /// By legacy group in name order, the 2007 group last; `null`: no end can be reached.
    pub costs: Vec<Option<u64>>,
}

/// Something in a certificate that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Of which claim, `None` for the certificate as a whole.
    pub recipient: Option<String>,
    /// Of which failure set.
    pub failed: Vec<String>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
}

/// What a certificate comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Failure sets that were held against the organization.
    pub sets: u64,
    /// Recipients and failure sets with which mail can circle, though they were tried as they should be.
    pub loops: Vec<(String, Vec<String>)>,
    /// What does not hold; none: the certificate proves that mail circles with these loops at most.
    pub flaws: Vec<Flaw>,
}
